//! Writes the deprecated Endpoints of Services, which mirror what EndpointSlices say
//! (upstream: pkg/controller/endpoint).

use super::endpoint_slice::behind::{Behind, News, concerned};
use super::endpoint_slice::reconcile::{hostname_of, ports};
use super::{Controller, Outcome, WorkQueue};
use crate::api::conditions::{is_pod_ready, is_pod_terminal};
use crate::api::objects::{EndpointPort, Endpoints, Labels, ObjectMeta, Pod, Service};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::latency::Hop;
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::request::{DeleteOptions, Request};
use crate::cluster::task::{Ask, Suspended};
use crate::value::{Map, Str, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The most addresses of one object.
const MAX_ADDRESSES: usize = 1_000;
const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const TRIGGER_TIME: &str = "endpoints.kubernetes.io/last-change-trigger-time";
const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";
const HEADLESS: &str = "service.kubernetes.io/headless";

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct EndpointsController {
    /// Shared with the copies that states are looked up in, until it changes.
    seen: BTreeMap<ObjectKey, Rc<Seen>>,
}

/// What it has seen of a Service.
#[derive(Clone, Debug, Default)]
struct Seen {
    behind: Behind,
    addresses: Addresses,
}

/// What a sync reads.
#[derive(Clone, Debug)]
pub enum Input {
    /// The Service is gone, its Endpoints are not.
    Gone,
    /// What they should be, and what they are.
    Wanted(Rc<Endpoints>, Option<Rc<Endpoints>>),
}

impl Controller for EndpointsController {
    const NAME: ControllerName = ControllerName::Endpoints;
    const COMPONENT: &'static str = "endpoint-controller";
    const WATCHES: &'static [Kind] = &[Kind::Service, Kind::Pod, Kind::Endpoints];
    const SYNC: Hop = Hop::EndpointSliceSync;
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, cache: &Cache, queue: &mut WorkQueue) {
        match &heard.object {
            // One that selects nothing, as that of the API server, is no work of it (upstream: syncService).
            Object::Service(service)
                if heard.change == Change::Added && service.spec.selector.is_empty() => {}
            Object::Service(_) => queue.add(heard.object.key()),
            Object::Pod(pod) => {
                for (service, differs) in concerned(heard, pod, cache) {
                    let key = Object::Service(service.clone()).key();
                    if let Some(seen) = self.seen.get_mut(&key) {
                        Rc::make_mut(seen).behind.hear(pod);
                    }
                    if differs {
                        queue.add(key);
                    }
                }
            }
            Object::Endpoints(endpoints) if heard.change == Change::Deleted => {
                let meta = &endpoints.metadata;
                queue.add(ObjectKey::new(Kind::Service, meta.namespace.clone(), meta.name.clone()));
            }
            _ => {}
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let old = cache.typed::<Endpoints>(&key.namespace, &key.name).cloned();
        let Some(service) = cache.typed::<Service>(&key.namespace, &key.name) else {
            self.seen.remove(key);
            return old.map(|_| Input::Gone);
        };
        if service.spec.selector.is_empty() || &*service.spec.kind == "ExternalName" {
            return None;
        }
        let seen = Rc::make_mut(self.seen.entry(key.clone()).or_default());
        let news = seen.behind.look(service, cache);
        seen.addresses.take_in(service, &news);
        Some(Input::Wanted(Rc::new(wanted(service, &seen.addresses, news.trigger_time, old.as_deref())), old))
    }
    fn sync(&mut self, key: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let request = match input {
            Input::Gone => {
                let key = ObjectKey::new(Kind::Endpoints, key.namespace.clone(), key.name.clone());
                Request::delete(key, DeleteOptions::default())
            }
            Input::Wanted(new, None) => Request::create(Endpoints::clone(new)),
            Input::Wanted(new, Some(old)) => {
                if new.subsets == old.subsets && new.metadata.labels == old.metadata.labels {
                    return Ok(Outcome::Done);
                }
                Request::update(Endpoints::clone(new))
            }
        };
        let is_delete = matches!(input, Input::Gone);
        Ok(if ask.api(request)?.is_ok() || is_delete { Outcome::Done } else { Outcome::Retry })
    }
}

/// An address with its Pod.
fn address(service: &Service, pod: &Pod) -> Value {
    let mut out = Map::new();
    out.push("ip", pod.status.pod_ip.clone());
    if let Some(hostname) = hostname_of(service, pod) {
        out.push("hostname", hostname);
    }
    out.push("nodeName", pod.spec.node_name.clone());
    let mut target = Map::new();
    target.push("kind", "Pod");
    target.push("namespace", pod.metadata.namespace.clone());
    target.push("name", pod.metadata.name.clone());
    target.push("uid", pod.metadata.uid.clone());
    out.push("targetRef", Value::from(target));
    Value::from(out)
}

/// Ports as subsets are told apart by, sorted: name, number and protocol.
type PortKey = Rc<Vec<(Str, Option<i32>, Str)>>;

/// The addresses with the same ports by their IPs and the uids of their Pods: those that are ready apart from the others.
type Group = [BTreeMap<(Str, Str), Value>; 2];

/// The address of a Pod.
#[derive(Clone, Debug)]
struct Address {
    is_ready: bool,
    ports: PortKey,
    /// Its IP and the uid of the Pod.
    of: (Str, Str),
    value: Value,
}

/// The addresses behind a Service, kept up Pod by Pod.
#[derive(Clone, Debug, Default)]
struct Addresses {
    /// By the names of the Pods.
    pods: BTreeMap<Str, Address>,
    /// Those that there is room for.
    shown: BTreeSet<Rank>,
    /// The others: every one of them comes after all that are shown.
    hidden: BTreeSet<Rank>,
    /// Those that are shown, as the subsets have them.
    groups: BTreeMap<PortKey, Group>,
}

/// Where there are too many addresses, those that are ready come first: whether one is not, and the name of its Pod.
type Rank = (bool, Str);

impl Addresses {
    /// Takes in what is new.
    fn take_in(&mut self, service: &Service, news: &News) {
        if news.is_all {
            *self = Self::default();
        }
        for (name, pod) in &news.pods {
            if let Some(old) = self.pods.remove(name) {
                self.remove(&old, (!old.is_ready, name.clone()));
            }
            if let Some(new) = pod.as_ref().and_then(|pod| address_of(service, pod)) {
                let rank = (!new.is_ready, name.clone());
                self.pods.insert(name.clone(), new);
                self.add(rank);
            }
        }
    }
    fn add(&mut self, rank: Rank) {
        if self.shown.len() < MAX_ADDRESSES {
            return self.show(rank);
        }
        if self.shown.last().is_none_or(|last| *last < rank) {
            _ = self.hidden.insert(rank);
        } else if let Some(last) = self.shown.pop_last() {
            if let Some(address) = self.pods.get(&last.1) {
                hide(&mut self.groups, address);
            }
            self.hidden.insert(last);
            self.show(rank);
        }
    }
    fn show(&mut self, rank: Rank) {
        if let Some(address) = self.pods.get(&rank.1) {
            let group = self.groups.entry(address.ports.clone()).or_default();
            group[usize::from(rank.0)].insert(address.of.clone(), address.value.clone());
        }
        self.shown.insert(rank);
    }
    /// Takes an address out that is not among the Pods' any more; the next one gets its room.
    fn remove(&mut self, old: &Address, rank: Rank) {
        if self.hidden.remove(&rank) {
            return;
        }
        self.shown.remove(&rank);
        hide(&mut self.groups, old);
        if let Some(next) = self.hidden.pop_first() {
            self.show(next);
        }
    }
    fn is_over_capacity(&self) -> bool {
        self.pods.len() > MAX_ADDRESSES
    }
    fn subsets(&self) -> Vec<Value> {
        self.groups.iter().map(subset).collect()
    }
}

fn hide(groups: &mut BTreeMap<PortKey, Group>, address: &Address) {
    let Some(group) = groups.get_mut(&address.ports) else { return };
    group[usize::from(!address.is_ready)].remove(&address.of);
    if group.iter().all(BTreeMap::is_empty) {
        groups.remove(&address.ports);
    }
}

/// The address of a Pod; none where it has none behind this Service.
fn address_of(service: &Service, pod: &Pod) -> Option<Address> {
    let publish = service.spec.publish_not_ready_addresses;
    let is_out = is_pod_terminal(pod) || pod.status.pod_ip.is_empty();
    if is_out || (!publish && pod.metadata.is_terminating()) {
        return None;
    }
    let ports = ports(service, pod);
    if ports.is_empty() && !service.spec.ports.is_empty() {
        return None;
    }
    let mut key: Vec<_> =
        ports.into_iter().map(|EndpointPort { name, port, protocol, .. }| (name, port, protocol)).collect();
    key.sort();
    Some(Address {
        is_ready: publish || is_pod_ready(pod),
        ports: Rc::new(key),
        of: (pod.status.pod_ip.clone(), pod.metadata.uid.clone()),
        value: address(service, pod),
    })
}

fn subset((ports, [ready, unready]): (&PortKey, &Group)) -> Value {
    let mut out = Map::new();
    for (name, list) in [("addresses", ready), ("notReadyAddresses", unready)] {
        if !list.is_empty() {
            out.push(name, Value::from(list.values().cloned().collect::<Vec<_>>()));
        }
    }
    let port = |(name, port, protocol): &(Str, Option<i32>, Str)| {
        let mut out = Map::new();
        if !name.is_empty() {
            out.push("name", name.clone());
        }
        out.push("port", port.unwrap_or(0));
        out.push("protocol", protocol.clone());
        Value::from(out)
    };
    if !ports.is_empty() {
        out.push("ports", Value::from(ports.iter().map(port).collect::<Vec<_>>()));
    }
    Value::from(out)
}

/// What the Endpoints of a Service should be.
fn wanted(service: &Service, addresses: &Addresses, time: Option<Str>, old: Option<&Endpoints>) -> Endpoints {
    let mut metadata = old.map_or_else(
        || ObjectMeta {
            name: service.metadata.name.clone(),
            namespace: service.metadata.namespace.clone(),
            ..ObjectMeta::default()
        },
        |old| ObjectMeta::clone(&old.metadata),
    );
    metadata.labels = labels(service);
    let mut annotate = |key: &str, value: Option<Str>| match value {
        Some(value) => _ = metadata.annotations.insert(key.into(), value),
        None => _ = metadata.annotations.remove(key),
    };
    annotate(TRIGGER_TIME, time);
    annotate(OVER_CAPACITY, addresses.is_over_capacity().then(|| "truncated".into()));
    Endpoints { metadata: Rc::new(metadata), subsets: addresses.subsets(), ..Endpoints::default() }
}

fn labels(service: &Service) -> Labels {
    let mut labels = service.metadata.labels.clone();
    if &*service.spec.cluster_ip == "None" {
        labels.insert(HEADLESS.into(), Str::default());
    } else {
        labels.remove(HEADLESS);
    }
    labels.insert(MANAGED_BY.into(), "endpoint-controller".into());
    labels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::{Condition, ConditionStatus};
    use crate::cluster::chance::Chance;

    fn pod(n: u64, is_ready: bool) -> Rc<Pod> {
        let (name, uid) = (format!("web-{n:04}").into(), format!("{n}").into());
        let mut pod =
            Pod { metadata: Rc::new(ObjectMeta { name, uid, ..ObjectMeta::default() }), ..Pod::default() };
        let status = Rc::make_mut(&mut pod.status);
        status.pod_ip = format!("10.0.0.{n}").into();
        let ready = if is_ready { ConditionStatus::True } else { ConditionStatus::False };
        status.conditions =
            vec![Condition { kind: "Ready".into(), status: Some(ready), ..Condition::default() }];
        Rc::new(pod)
    }

    #[test]
    fn where_there_are_too_many_those_that_are_ready_come_first() {
        let (mut chance, mut addresses, service) = (Chance::new(1), Addresses::default(), Service::default());
        let mut pods: BTreeMap<Str, (bool, Str)> = BTreeMap::new();
        let mut was_over = [false; 2];
        for round in 0..60 {
            let mut news = News { is_all: false, pods: Vec::new(), trigger_time: None };
            for _ in 0..300 {
                let (n, is_ready) = (chance.below(1_400, "pod"), chance.below(2, "ready") == 0);
                let is_gone = chance.below(if round % 20 < 12 { 5 } else { 2 }, "gone") == 0;
                let pod = pod(n, is_ready);
                let name = pod.metadata.name.clone();
                pods.remove(&name);
                if !is_gone {
                    pods.insert(name.clone(), (!is_ready, pod.status.pod_ip.clone()));
                }
                news.pods.push((name, (!is_gone).then_some(pod)));
            }
            addresses.take_in(&service, &news);
            let mut ranks: Vec<_> = pods.iter().map(|(name, (rank, ip))| (*rank, name, ip)).collect();
            ranks.sort();
            was_over[usize::from(addresses.is_over_capacity())] = true;
            let shown = ranks.iter().take(MAX_ADDRESSES);
            let mut wanted: [Vec<&str>; 2] = [Vec::new(), Vec::new()];
            shown.for_each(|(rank, _, ip)| wanted[usize::from(*rank)].push(ip));
            wanted.iter_mut().for_each(|list| list.sort_unstable());
            let [subset] = &addresses.subsets()[..] else { panic!("one subset") };
            for (name, wanted) in ["addresses", "notReadyAddresses"].into_iter().zip(wanted) {
                let list = subset.at(&[name]).and_then(Value::as_array).unwrap_or_default();
                let ips: Vec<&str> =
                    list.iter().filter_map(|address| address.at(&["ip"])?.as_str()).collect();
                assert_eq!(ips, wanted, "round {round}");
            }
        }
        assert_eq!(was_over, [true; 2]);
    }
}
