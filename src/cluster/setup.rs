//! What a run begins with.

use super::apiserver::addresses::ServiceRange;
use super::time::WallClock;
use crate::api::objects::{Labels, Node};
use crate::api::quantity::Quantity;
use crate::value::Str;
use std::net::Ipv4Addr;
use std::rc::Rc;

/// A node at the beginning.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeSetup {
    /// Its name.
    pub name: Str,
    /// Its address.
    pub address: Str,
    /// The range of its Pods' addresses, as `10.244.1.0/24`.
    pub pod_cidr: Str,
    /// Cores.
    pub cpu: u32,
    /// Memory, as a quantity.
    pub memory: Str,
    /// How many Pods it takes.
    pub pods: u32,
}

/// What of a node's memory Pods may not ask for: below that its kubelet evicts
/// (upstream: the default of `evictionHard`, `memory.available<100Mi`).
const EVICTION_MEMORY: i64 = 100 << 20;
/// A node's disk in bytes.
const DISK: i64 = 100 << 30;
/// What a kernel leaves of a machine's 24 GiB, as recorded.
const MEMORY: &str = "24683656Ki";

impl NodeSetup {
    /// What a node has that is added while the cluster runs, where nobody says it: the same as the others.
    pub fn named(name: impl Into<Str>, place: usize) -> Self {
        let address = place + 10;
        Self {
            name: name.into(),
            address: format!("172.30.{}.{}", address >> 8, address & 255).into(),
            pod_cidr: format!("10.{}.{}.0/24", 244 + (place >> 8), place & 255).into(),
            cpu: 2,
            memory: MEMORY.into(),
            pods: 110,
        }
    }
    /// The machine behind a Node that somebody makes: as the Node says, or else as the others are. What has an address
    /// or a range that the Services or another machine have gets the next free one.
    pub fn of(node: &Node, others: &[Rc<Self>], services: ServiceRange) -> Self {
        let range = |cidr: &str| ServiceRange::parse(cidr);
        let mut ranges: Vec<ServiceRange> =
            others.iter().filter_map(|other| range(&other.pod_cidr)).collect();
        ranges.push(services);
        let is_free_range =
            |cidr: &Str| range(cidr).is_some_and(|range| !ranges.iter().any(|taken| taken.overlaps(range)));
        let is_free_address = |address: &Str| {
            address.parse::<Ipv4Addr>().is_ok() && others.iter().all(|other| other.address != *address)
        };
        let places = others.len() + 1..;
        let named = |place| Self::named(node.metadata.name.clone(), place);
        let free =
            places.map(named).find(|setup| is_free_range(&setup.pod_cidr) && is_free_address(&setup.address));
        let setup = free.unwrap_or_else(|| named(others.len() + 1));
        let status = &node.status;
        let quantity = |name: &str| status.capacity.get(name).or_else(|| status.allocatable.get(name));
        let number = |name: &str| {
            quantity(name)
                .and_then(|text| Quantity::parse(text).ok())
                .and_then(|quantity| u32::try_from(quantity.value()).ok())
        };
        let address = status.addresses.iter().find(|address| &*address.kind == "InternalIP");
        Self {
            address: address
                .map(|address| &address.address)
                .filter(|address| is_free_address(address))
                .cloned()
                .unwrap_or(setup.address),
            pod_cidr: Some(&node.spec.pod_cidr)
                .filter(|cidr| is_free_range(cidr))
                .cloned()
                .unwrap_or(setup.pod_cidr),
            cpu: number("cpu").unwrap_or(setup.cpu),
            memory: quantity("memory").cloned().unwrap_or(setup.memory),
            pods: number("pods").unwrap_or(setup.pods),
            ..setup
        }
    }
    fn quantities(&self, memory: Str, disk: i64) -> Labels {
        [
            ("cpu", self.cpu.to_string().into()),
            ("ephemeral-storage", disk.to_string().into()),
            ("hugepages-1Gi", "0".into()),
            ("hugepages-2Mi", "0".into()),
            ("memory", memory),
            ("pods", self.pods.to_string().into()),
        ]
        .map(|(key, value): (&str, Str)| (Str::from(key), value))
        .into()
    }
    /// What it has.
    pub fn capacity(&self) -> Labels {
        self.quantities(self.memory.clone(), DISK)
    }
    /// What of it Pods may ask for.
    pub fn allocatable(&self) -> Labels {
        let memory = Quantity::parse(&self.memory).map_or(0, Quantity::value);
        self.quantities(binary((memory - EVICTION_MEMORY).max(0)).into(), DISK - eviction_disk())
    }
}

/// What of a node's disk Pods may not ask for: below that its kubelet evicts (upstream: `nodefs.available<10%`, where the share is a
/// float of 32 bits).
pub(super) fn eviction_disk() -> i64 {
    (DISK as f64 * f64::from(0.1_f32)) as i64
}

/// A number of bytes with the largest suffix that leaves no fraction.
pub(super) fn binary(bytes: i64) -> String {
    let suffixes = [("Gi", 30), ("Mi", 20), ("Ki", 10)];
    let fitting = suffixes.iter().find(|(_, shift)| bytes > 0 && bytes % (1 << shift) == 0);
    fitting.map_or_else(|| bytes.to_string(), |(suffix, shift)| format!("{}{suffix}", bytes >> shift))
}

/// Which images there are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Registry {
    /// Every image that could exist is pulled (`api::tags`).
    Open,
    /// Only these, as `nginx:1.25`.
    Closed(Vec<Str>),
}

/// What a run begins with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Setup {
    /// Chance.
    pub seed: u64,
    /// What the clocks show at the beginning.
    pub wall: WallClock,
    /// The nodes.
    pub nodes: Vec<NodeSetup>,
    /// The images.
    pub registry: Registry,
    /// The images that each node has already, where the registry knows them.
    pub images: Vec<Str>,
    /// Namespaces that are there besides Kubernetes' own, with their ServiceAccounts.
    pub namespaces: Vec<Str>,
    /// The range of the Services' addresses, as `10.96.0.0/16`.
    pub service_cidr: Str,
    /// Whether the cluster's names are answered, as CoreDNS does.
    pub has_dns: bool,
}

impl Setup {
    /// Two nodes of two cores, an open registry.
    pub fn with_seed(seed: u64) -> Self {
        let node = |n: usize| NodeSetup::named(format!("node-{n}"), n);
        Self {
            seed,
            wall: WallClock { start_unix_micros: 1_795_521_600_000_000 },
            nodes: vec![node(1), node(2)],
            registry: Registry::Open,
            images: Vec::new(),
            namespaces: Vec::new(),
            service_cidr: "10.96.0.0/16".into(),
            has_dns: true,
        }
    }
}
