//! The addresses and node ports of Services (upstream: pkg/registry/core/service/{ipallocator,portallocator}).

use super::ApiServer;
use crate::api::objects::{Service, ServiceSpec};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::chance::scale;
use crate::cluster::engine::Engine;
use crate::cluster::request::{Reason, Status};
use crate::value::{Str, Value, json};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::rc::Rc;

/// The Services' addresses. The first ones are kept for those that people choose themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceRange {
    base: u32,
    bits: u32,
}

/// The node ports; the first 86 of them are kept for those that people choose themselves.
const PORTS: std::ops::Range<u32> = 30_000..32_768;
const KEPT_PORTS: u32 = 86;

impl ServiceRange {
    /// Reads `10.96.0.0/16`. None where it is no range of IPv4 addresses with room for some.
    pub fn parse(cidr: &str) -> Option<Self> {
        let (address, bits) = cidr.split_once('/')?;
        let (address, bits) = (address.parse::<Ipv4Addr>().ok()?, bits.parse::<u32>().ok()?);
        let mask = u32::MAX.checked_shl(32 - bits.clamp(1, 32))?;
        (1..=30).contains(&bits).then_some(Self { base: u32::from(address) & mask, bits })
    }
    /// Whether two ranges have an address in common.
    pub fn overlaps(self, other: Self) -> bool {
        (self.base ^ other.base) >> (32 - self.bits.min(other.bits)) == 0
    }
    /// How many Services can have an address: all but the first and the last one of the range.
    fn size(self) -> u32 {
        (1u32 << (32 - self.bits)).saturating_sub(2)
    }
    /// How many of the first are given only to those that ask for them (upstream: calculateRangeOffset).
    fn kept(self) -> u32 {
        let all = 1u32 << (32 - self.bits);
        if all <= 16 { 0 } else { (all / 16).clamp(16, 256).min(self.size()) }
    }
    /// The address of the API server's own Service.
    pub fn first(self) -> Str {
        self.nth(0).to_string().into()
    }
    fn has(self, address: Ipv4Addr) -> bool {
        (1..=self.size()).contains(&u32::from(address).wrapping_sub(self.base))
    }
    fn nth(self, n: u32) -> Ipv4Addr {
        Ipv4Addr::from(self.base.wrapping_add(1).wrapping_add(n))
    }
    /// A free address, from a place by chance on; of the kept ones only where there is no other.
    fn free(self, bits: u64, taken: &BTreeSet<Str>) -> Option<Str> {
        let (kept, size) = (self.kept(), self.size());
        turn(kept..size, bits)
            .chain(turn(0..kept, bits))
            .map(|n| Str::from(self.nth(n).to_string()))
            .find(|address| !taken.contains(address))
    }
}

impl Default for ServiceRange {
    /// 10.96.0.0/16
    fn default() -> Self {
        Self { base: u32::from(Ipv4Addr::new(10, 96, 0, 0)), bits: 16 }
    }
}

impl std::fmt::Display for ServiceRange {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(self.base), self.bits)
    }
}

/// The numbers of a range, from a place by chance on and round again.
fn turn(range: std::ops::Range<u32>, bits: u64) -> impl Iterator<Item = u32> {
    let size = range.end.saturating_sub(range.start);
    let first = if size == 0 { 0 } else { scale(bits, size.into()) as u32 };
    (0..size).map(move |n| range.start + (first + n) % size)
}

/// Gives a new Service its address and its node ports.
pub(super) fn on_create(
    server: &ApiServer,
    engine: &mut Engine,
    key: &ObjectKey,
    object: &mut Object,
) -> Result<(), Rc<Status>> {
    match object {
        Object::Service(service) => allocate(server, engine, key, Rc::make_mut(service), None),
        _ => Ok(()),
    }
}

/// Keeps what a Service was given, and gives it what its new type needs.
pub(super) fn on_update(
    server: &ApiServer,
    engine: &mut Engine,
    old: &Object,
    new: &mut Object,
) -> Result<(), Rc<Status>> {
    let (Object::Service(old), Object::Service(new)) = (old, new) else { return Ok(()) };
    let key = Object::Service(old.clone()).key();
    let new = Rc::make_mut(new);
    if new.spec.cluster_ip.is_empty() && &*new.spec.kind != "ExternalName" {
        new.spec.cluster_ip = old.spec.cluster_ip.clone();
    }
    for port in &mut new.spec.ports {
        if port.node_port == 0
            && let Some(before) = old.spec.ports.iter().find(|before| before.port == port.port)
        {
            port.node_port = before.node_port;
        }
    }
    // What is for its old type only goes, unless it was changed as well (upstream: dropTypeDependentFields).
    let is_open = |service: &Service| {
        let spec = &service.spec;
        has_node_ports(service) || &*spec.kind == "ClusterIP" && !spec.external_ips.is_empty()
    };
    let policy = &mut new.spec.external_traffic_policy;
    if is_open(old) && *policy == old.spec.external_traffic_policy {
        let before = std::mem::take(policy);
        if is_open(new) {
            new.spec.external_traffic_policy = before;
        }
    }
    allocate(server, engine, &key, new, Some(old))
}

fn has_node_ports(service: &Service) -> bool {
    matches!(&*service.spec.kind, "NodePort" | "LoadBalancer")
}

fn allocate(
    server: &ApiServer,
    engine: &mut Engine,
    key: &ObjectKey,
    service: &mut Service,
    old: Option<&Service>,
) -> Result<(), Rc<Status>> {
    let has_ports = has_node_ports(service);
    let spec = &mut service.spec;
    if !has_ports {
        spec.ports.iter_mut().for_each(|port| port.node_port = 0);
    }
    if &*spec.kind == "ExternalName" {
        (spec.cluster_ip, spec.cluster_ips) = (Str::default(), Vec::new());
        return Ok(());
    }
    check_families(key, spec)?;
    let others: Vec<&Rc<Service>> = server
        .store
        .list(Kind::Service, None)
        .filter_map(|object| object.get::<Service>())
        .filter(|other| (&other.metadata.namespace, &other.metadata.name) != (&key.namespace, &key.name))
        .collect();
    let taken: BTreeSet<Str> = others.iter().map(|other| other.spec.cluster_ip.clone()).collect();
    // That one which is given does not change is checked with all that may not change.
    let is_chosen = &*spec.cluster_ip != "None" && old.is_none_or(|old| old.spec.cluster_ip.is_empty());
    if spec.cluster_ip.is_empty() {
        let bits = engine.chance.draw(("clusterIP", key));
        spec.cluster_ip = server.settings.services.free(bits, &taken).ok_or_else(|| {
            let why = format!("failed to allocate a serviceIP for Service {:?}: range is full", &*key.name);
            Status::new(Reason::InternalError, format!("Internal error occurred: {why}"))
        })?;
    } else if is_chosen {
        check_address(server, key, &spec.cluster_ip, &taken)?;
    }
    spec.cluster_ips = vec![spec.cluster_ip.clone()];
    if spec.ip_families.is_empty() {
        spec.ip_families = vec!["IPv4".into()];
    }
    if spec.ip_family_policy.is_empty() {
        spec.ip_family_policy = "SingleStack".into();
    }
    if !has_ports {
        return Ok(());
    }
    let mut taken: BTreeSet<i32> =
        others.iter().flat_map(|other| &other.spec.ports).map(|port| port.node_port).collect();
    for (place, port) in service.spec.ports.iter_mut().enumerate() {
        let invalid = |why: &str| {
            let why = format!("spec.ports[{place}].nodePort: Invalid value: {}: {why}", port.node_port);
            Status::invalid(key, vec![why])
        };
        if port.node_port != 0 {
            if !u32::try_from(port.node_port).is_ok_and(|number| PORTS.contains(&number)) {
                let valid = format!("{}-{}", PORTS.start, PORTS.end - 1);
                return Err(invalid(&format!(
                    "provided port is not in the valid range. The range of valid ports is {valid}"
                )));
            }
            if !taken.insert(port.node_port) {
                return Err(invalid("provided port is already allocated"));
            }
            continue;
        }
        let bits = engine.chance.draw(("nodePort", key, place));
        let free = turn(PORTS.start + KEPT_PORTS..PORTS.end, bits)
            .chain(turn(PORTS.start..PORTS.start + KEPT_PORTS, bits))
            .map(|number| number as i32)
            .find(|number| !taken.contains(number));
        port.node_port = free.ok_or_else(|| {
            let why = "Internal error occurred: failed to allocate a nodePort: range is full";
            Status::new(Reason::InternalError, why)
        })?;
        taken.insert(port.node_port);
    }
    Ok(())
}

/// Refuses what only a cluster with addresses of both families has (upstream: `initIPFamilyFields`).
fn check_families(key: &ObjectKey, spec: &ServiceSpec) -> Result<(), Rc<Status>> {
    if &*spec.cluster_ip == "None" && spec.selector.is_empty() {
        return Ok(());
    }
    let mut whys = Vec::new();
    if &*spec.ip_family_policy == "RequireDualStack" {
        whys.push(
            "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for \
             dual-stack services"
                .to_owned(),
        );
    }
    for (place, family) in spec.ip_families.iter().enumerate().filter(|(_, family)| &***family == "IPv6") {
        whys.push(format!(
            "spec.ipFamilies[{place}]: Invalid value: \"{family}\": not configured on this cluster"
        ));
    }
    if whys.is_empty() { Ok(()) } else { Err(Status::invalid(key, whys)) }
}

/// Refuses an address that somebody chose and that cannot be given.
fn check_address(
    server: &ApiServer,
    key: &ObjectKey,
    address: &Str,
    taken: &BTreeSet<Str>,
) -> Result<(), Rc<Status>> {
    let range = server.settings.services;
    if address.parse::<std::net::Ipv6Addr>().is_ok() {
        let why = format!(
            "spec.clusterIPs[0]: Invalid value: [\"{address}\"]: IPv6 is not configured on this cluster"
        );
        return Err(Status::invalid(key, vec![why]));
    }
    let why = match address.parse::<Ipv4Addr>() {
        Ok(ip) if range.has(ip) && !taken.contains(address) => return Ok(()),
        Ok(ip) if range.has(ip) => "provided IP is already allocated",
        _ => &format!(
            "the provided IP ({address}) is not in the valid range. The range of valid IPs is {range}"
        ),
    };
    let asked = json::compact(&Value::from(vec![Value::from(address.clone())]));
    let why = format!("spec.clusterIPs: Invalid value: {asked}: failed to allocate IP {address}: {why}");
    Err(Status::invalid(key, vec![why]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_addresses_are_kept_for_those_who_ask() {
        let range = ServiceRange::parse("10.96.0.0/16").expect("valid");
        assert_eq!((range.size(), range.kept(), range.to_string()), (65_534, 256, "10.96.0.0/16".into()));
        let none = BTreeSet::new();
        assert_eq!(range.free(0, &none).as_deref(), Some("10.96.1.1"));
        assert_eq!(range.free(u64::MAX, &none).as_deref(), Some("10.96.255.254"));
        for (address, expected) in [("10.96.0.1", true), ("10.96.255.255", false), ("10.95.0.1", false)] {
            assert_eq!(range.has(address.parse().expect("valid")), expected, "{address}");
        }
        // A small range is given out to the last, then no more.
        let small = ServiceRange::parse("10.0.0.0/29").expect("valid");
        let mut taken = BTreeSet::new();
        while let Some(address) = small.free(7 << 60, &taken) {
            taken.insert(address);
        }
        assert_eq!(
            taken.iter().map(|address| &**address).collect::<Vec<_>>().join(" "),
            "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 10.0.0.6"
        );
        for cidr in ["", "10.96.0.0", "10.96.0.0/40", "x/16", "fd00::/108"] {
            assert_eq!(ServiceRange::parse(cidr), None, "{cidr}");
        }
    }
}
