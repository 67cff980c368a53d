//! What the slices of a Service should hold, kept up Pod by Pod, and which of them are known to hold it: of a hundred
//! slices one is looked at again when one Pod has changed.

use super::behind::News;
use super::reconcile::{endpoint, ports};
use crate::api::conditions::is_pod_terminal;
use crate::api::objects::{Endpoint, EndpointPort, EndpointSlice, Pod, Service};
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Ports as slices are told apart by: name, protocol and number.
pub(super) type PortKey = Rc<Vec<(Str, Str, Option<i32>)>>;

/// What tells these ports apart from others.
pub(super) fn port_key(ports: &[EndpointPort]) -> PortKey {
    Rc::new(ports.iter().map(|port| (port.name.clone(), port.protocol.clone(), port.port)).collect())
}

/// What should stand in the slices of a Service.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    groups: BTreeMap<PortKey, Group>,
    /// The group and the uid of each Pod that has an endpoint, by its name.
    pods: BTreeMap<Str, (PortKey, Str)>,
    /// The slices that are right as they are here, by their names, with their groups.
    right: BTreeMap<Str, (Rc<EndpointSlice>, PortKey)>,
}

/// The endpoints with the same ports.
#[derive(Clone, Debug, Default)]
struct Group {
    ports: Vec<EndpointPort>,
    /// By the uids of their Pods.
    endpoints: BTreeMap<Str, Rc<Endpoint>>,
    /// Those that stand in a slice that is right, with its name.
    placed: BTreeMap<Str, Str>,
    /// The others.
    loose: BTreeSet<Str>,
}

impl Wanted {
    /// Takes in what is new.
    pub(super) fn take_in(&mut self, service: &Service, news: &News) {
        if news.is_all {
            *self = Self::default();
        }
        for (name, pod) in &news.pods {
            let new = pod.as_ref().filter(|pod| has_endpoint(pod)).map(|pod| {
                let ports = ports(service, pod);
                (port_key(&ports), ports, pod.metadata.uid.clone(), endpoint(service, pod))
            });
            self.put(name, new);
        }
    }
    fn put(&mut self, name: &Str, new: Option<(PortKey, Vec<EndpointPort>, Str, Endpoint)>) {
        if let Some((key, uid)) = self.pods.get(name) {
            let old = self.groups.get(key).and_then(|group| group.endpoints.get(uid));
            let is_same = |(new, _, to, endpoint): &(PortKey, _, Str, Endpoint)| new == key && to == uid && Some(endpoint) == old.map(|old| &**old);
            if new.as_ref().is_some_and(is_same) {
                return;
            }
        }
        if let Some((key, uid)) = self.pods.remove(name) {
            self.take_out(&key, &uid);
        }
        let Some((key, ports, uid, endpoint)) = new else { return };
        let group = self.groups.entry(key.clone()).or_insert_with(|| Group { ports, ..Group::default() });
        group.loose.insert(uid.clone());
        group.endpoints.insert(uid.clone(), Rc::new(endpoint));
        self.pods.insert(name.clone(), (key, uid));
    }
    fn take_out(&mut self, key: &PortKey, uid: &Str) {
        let Some(group) = self.groups.get_mut(key) else { return };
        group.endpoints.remove(uid);
        if let Some(slice) = group.placed.get(uid).cloned() {
            self.doubt(&slice);
        } else {
            group.loose.remove(uid);
        }
        if self.groups.get(key).is_some_and(|group| group.endpoints.is_empty()) {
            self.groups.remove(key);
        }
    }
    /// A slice may be wrong now: what stands in it is loose until it is looked at again.
    fn doubt(&mut self, name: &Str) {
        let Some((slice, key)) = self.right.remove(name) else { return };
        let Some(group) = self.groups.get_mut(&key) else { return };
        for target in slice.endpoints.iter().filter_map(|endpoint| endpoint.target_ref.as_ref()) {
            group.placed.remove(&target.uid);
            if group.endpoints.contains_key(&target.uid) {
                group.loose.insert(target.uid.clone());
            }
        }
    }
    /// Only slices that are as they were when they were found right are still right.
    pub(super) fn doubt_all_but(&mut self, slices: &[Rc<EndpointSlice>]) {
        let there = |seen: &Rc<EndpointSlice>| slices.iter().any(|slice| Rc::ptr_eq(slice, seen));
        let others: Vec<Str> = self.right.iter().filter(|(_, (seen, _))| !there(seen)).map(|(name, _)| name.clone()).collect();
        others.iter().for_each(|name| self.doubt(name));
    }
    /// A slice is right as it is.
    pub(super) fn trust(&mut self, key: &PortKey, slice: &Rc<EndpointSlice>) {
        let name = &slice.metadata.name;
        let Some(group) = self.groups.get_mut(key) else { return };
        for target in slice.endpoints.iter().filter_map(|endpoint| endpoint.target_ref.as_ref()) {
            group.loose.remove(&target.uid);
            group.placed.insert(target.uid.clone(), name.clone());
        }
        self.right.insert(name.clone(), (slice.clone(), key.clone()));
    }
    /// Whether a slice was found right.
    pub(super) fn is_right(&self, slice: &EndpointSlice) -> bool {
        self.right.contains_key(&slice.metadata.name)
    }
    /// The endpoints of a group that stand in no slice that is right, by the uids of their Pods.
    pub(super) fn loose(&self, key: &PortKey) -> BTreeMap<Str, Rc<Endpoint>> {
        let group = self.groups.get(key);
        let of = |group: &'_ Group| {
            let with = |uid: &Str| Some((uid.clone(), group.endpoints.get(uid)?.clone()));
            group.loose.iter().filter_map(with).collect()
        };
        group.map(of).unwrap_or_default()
    }
    /// What tells the groups apart, in their order.
    pub(super) fn keys(&self) -> Vec<PortKey> {
        self.groups.keys().cloned().collect()
    }
    /// Whether there are endpoints with these ports.
    pub(super) fn has_group(&self, key: &PortKey) -> bool {
        self.groups.contains_key(key)
    }
    /// The ports of a group.
    pub(super) fn ports(&self, key: &PortKey) -> Vec<EndpointPort> {
        self.groups.get(key).map(|group| group.ports.clone()).unwrap_or_default()
    }
    /// Whether there is no endpoint.
    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

/// Whether a Pod is an endpoint at all.
fn has_endpoint(pod: &Pod) -> bool {
    !is_pod_terminal(pod) && !pod.status.pod_ip.is_empty() && !pod.spec.node_name.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Object;
    use crate::api::objects::{Condition, ConditionStatus, Container, ContainerPort, ObjectMeta, ServicePort};
    use crate::cluster::chance::Chance;
    use crate::cluster::controllers::endpoint_slice::reconcile::reconcile;
    use crate::cluster::request::{Body, Request, Verb};

    fn service() -> Rc<Service> {
        let metadata = ObjectMeta { name: "web".into(), namespace: "default".into(), ..ObjectMeta::default() };
        let mut service = Service { metadata: Rc::new(metadata), ..Service::default() };
        let port = ServicePort { port: 80, target_port: "http".into(), ..ServicePort::default() };
        service.spec.ports = vec![port];
        Rc::new(service)
    }
    /// A Pod with one of two ports and one of three addresses, sometimes none, ready or not; now and then another of the
    /// same name.
    fn pod(name: &Str, chance: &mut Chance) -> Rc<Pod> {
        let mut draw = |bound: u64| chance.below(bound, "pod");
        let uid = format!("{name}-{}", draw(2)).into();
        let metadata = ObjectMeta { name: name.clone(), namespace: "default".into(), uid, ..ObjectMeta::default() };
        let mut pod = Pod { metadata: Rc::new(metadata), ..Pod::default() };
        let address = draw(4);
        let status = if draw(2) == 0 { ConditionStatus::True } else { ConditionStatus::False };
        let of = Rc::make_mut(&mut pod.status);
        if address > 0 {
            of.pod_ip = format!("10.0.{address}.{}", name.len()).into();
        }
        of.conditions = vec![Condition { kind: "Ready".into(), status: Some(status), ..Condition::default() }];
        let http = ContainerPort { name: "http".into(), container_port: [80, 8080][draw(2) as usize], ..ContainerPort::default() };
        let spec = Rc::make_mut(&mut pod.spec);
        spec.node_name = "node-1".into();
        spec.containers = vec![Container { ports: vec![http], ..Container::default() }];
        Rc::new(pod)
    }
    /// Does what was asked, as the API server would.
    fn carry_out(requests: Vec<Request>, slices: &mut BTreeMap<Str, Rc<EndpointSlice>>, made: &mut u32) {
        for Request { verb, key, .. } in requests {
            match verb {
                Verb::Create(Body::Typed(Object::EndpointSlice(slice))) => {
                    *made += 1;
                    let mut slice = EndpointSlice::clone(&slice);
                    Rc::make_mut(&mut slice.metadata).name = format!("web-{made}").into();
                    slices.insert(slice.metadata.name.clone(), Rc::new(slice));
                }
                Verb::Update(Body::Typed(Object::EndpointSlice(slice))) => _ = slices.insert(slice.metadata.name.clone(), slice),
                Verb::Delete(_) => _ = slices.remove(&key.name),
                other => panic!("nothing else is asked: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_kept_up_plans_the_same_as_what_is_made_anew() {
        for seed in 0..5 {
            let (mut chance, service) = (Chance::new(seed), service());
            let (mut pods, mut slices, mut made) = (BTreeMap::new(), BTreeMap::new(), 0);
            let mut kept = Wanted::default();
            for step in 0..40 {
                let mut changed = Vec::new();
                for _ in 0..chance.below(90, "changes") {
                    let name = Str::from(format!("web-{}", chance.below(460, "name")));
                    let new = (chance.below(8, "gone") > 0).then(|| pod(&name, &mut chance));
                    match &new {
                        Some(pod) => _ = pods.insert(name.clone(), pod.clone()),
                        None => _ = pods.remove(&name),
                    }
                    changed.push((name, new));
                }
                let news = News { is_all: false, pods: changed, trigger_time: None };
                kept.take_in(&service, &news);
                let all = pods.iter().map(|(name, pod)| (name.clone(), Some(pod.clone()))).collect();
                let mut fresh = Wanted::default();
                fresh.take_in(&service, &News { is_all: true, pods: all, trigger_time: None });
                let list: Vec<_> = slices.values().cloned().collect();
                let planned = reconcile(&service, None, &mut kept, &list);
                assert_eq!(planned, reconcile(&service, None, &mut fresh, &list), "seed {seed}, step {step}");
                // Now and then a write is lost, or somebody empties a slice.
                if chance.below(5, "lost") > 0 {
                    carry_out(planned, &mut slices, &mut made);
                }
                if chance.below(7, "emptied") == 0 && let Some(first) = slices.values_mut().next() {
                    Rc::make_mut(&mut Rc::make_mut(first).endpoints).clear();
                }
            }
            assert!(made > 2, "seed {seed} has slices to keep");
        }
    }
}
