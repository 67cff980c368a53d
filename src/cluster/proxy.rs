//! kube-proxy in iptables mode: the rules that it writes on its node
//! (upstream: pkg/proxy/iptables/proxier.go, pkg/proxy/topology.go).

mod endpoints;
mod list;

use super::chance::scale;
use super::controllers::endpoint_slice::SERVICE_NAME;
use super::engine::Engine;
use super::event::Event;
use super::latency::Hop;
use super::record::{Actor, Change, Fact, NodeId, RecordId};
use super::request::WatchEvent;
use super::time::{Micros, SECOND, SimTime};
use crate::api::objects::{EndpointSlice, Service};
use crate::api::{Kind, Object, ObjectKey};
use crate::value::{Str, Value};
use endpoints::PortEndpoints;
pub use list::RuleEndpoints;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The rules of one Service on one node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServiceRules {
    /// The Service's address.
    pub cluster_ip: Str,
    /// Each of its ports.
    pub ports: Vec<PortRules>,
    /// How long a client that comes back goes to the same endpoint; none where each connection is by chance
    /// (`sessionAffinity: ClientIP`).
    pub affinity: Option<Micros>,
}

/// The rules of one port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PortRules {
    /// The port's name.
    pub name: Str,
    /// The port on the Service's address.
    pub port: u16,
    /// The port on every node; 0 for none.
    pub node_port: u16,
    /// Where connections to the Service's address go, each with an equal chance. None: see `is_dropped`.
    pub endpoints: RuleEndpoints,
    /// Where connections from outside go: those to the node's port.
    pub external: RuleEndpoints,
    /// Whether there are endpoints on other nodes. Where none is left to go to, connections are rejected; where
    /// others have some that the traffic policy keeps from this node, they are dropped.
    pub has_others: bool,
}

/// Where a rule leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleEndpoint {
    /// The Pod.
    pub pod: ObjectKey,
    /// Its address.
    pub ip: Str,
    /// Its port.
    pub port: u16,
}

/// The endpoint that a connection goes to at a draw of 64 even bits.
pub fn choose(endpoints: &RuleEndpoints, bits: u64) -> Option<&RuleEndpoint> {
    if endpoints.is_empty() { None } else { endpoints.get(scale(bits, endpoints.len() as u64) as usize) }
}

/// Where the proxy stands between two writings. A first change is written at once, the next ones a second after the
/// last were written (`minSyncPeriod`; upstream: pkg/proxy/runner/bounded_frequency_runner.go).
#[derive(Clone, Debug, Default)]
enum State {
    /// Nothing has changed.
    #[default]
    Idle,
    /// Something has, and it waits for its time.
    Waiting,
    /// It writes what it knew when it began: what it hears meanwhile waits for the next time.
    Writing(Vec<Written>),
}

/// The rules of a Service that are being written, and because of which record.
#[derive(Clone, Debug)]
struct Written {
    key: ObjectKey,
    rules: Option<Rc<ServiceRules>>,
    cause: Option<RecordId>,
}

/// A node's kube-proxy.
#[derive(Clone, Debug)]
pub struct KubeProxy {
    /// Its node.
    pub node: NodeId,
    /// The node's name.
    name: Str,
    services: BTreeMap<ObjectKey, Rc<Service>>,
    slices: BTreeMap<ObjectKey, BTreeMap<Str, Rc<EndpointSlice>>>,
    /// What the slices say of each port of a Service, and of that what is on this node. Shared with the copies that states
    /// are looked up in, until it changes.
    endpoints: BTreeMap<ObjectKey, BTreeMap<(Str, bool), Rc<PortEndpoints>>>,
    dirty: BTreeMap<ObjectKey, Option<RecordId>>,
    state: State,
    /// When it had last written.
    wrote: Option<SimTime>,
    rules: BTreeMap<ObjectKey, Rc<ServiceRules>>,
    /// Whether it takes very long.
    pub is_slow: bool,
}

/// How many times longer it takes then.
const SLOWNESS: Micros = 100;

impl KubeProxy {
    /// A kube-proxy that knows nothing yet.
    pub fn new(node: NodeId, name: Str) -> Self {
        Self {
            node,
            name,
            services: BTreeMap::new(),
            slices: BTreeMap::new(),
            endpoints: BTreeMap::new(),
            dirty: BTreeMap::new(),
            state: State::Idle,
            wrote: None,
            rules: BTreeMap::new(),
            is_slow: false,
        }
    }
    /// The rules of a Service as they stand on the node.
    pub fn rules(&self, service: &ObjectKey) -> Option<&Rc<ServiceRules>> {
        self.rules.get(service)
    }
    /// The rules of all Services as they stand on the node.
    pub fn all_rules(&self) -> impl Iterator<Item = (&ObjectKey, &ServiceRules)> {
        self.rules.iter().map(|(service, rules)| (service, &**rules))
    }
    /// A watch tells of a change.
    pub fn on_watch(&mut self, engine: &mut Engine, event: WatchEvent, cause: Option<RecordId>) {
        if let Some(service) = self.learn(event) {
            self.dirty.insert(service, cause);
            self.wait(engine);
        }
    }
    /// It has known of objects for long, and its rules have been there for as long.
    pub fn has_known(&mut self, engine: &mut Engine, objects: Vec<WatchEvent>) {
        let services: BTreeSet<ObjectKey> =
            objects.into_iter().filter_map(|event| self.learn(event)).collect();
        for key in services {
            let rules = self.services.get(&key).cloned().and_then(|service| self.compute(&key, &service));
            self.write(engine, Written { key, rules: rules.map(Rc::new), cause: None });
        }
    }
    /// Takes up a change: of which Service the rules are to be written again.
    fn learn(&mut self, event: WatchEvent) -> Option<ObjectKey> {
        let is_gone = event.change == Change::Deleted;
        match &event.object {
            Object::Service(service) => {
                let key = event.object.key();
                let before = if is_gone {
                    self.services.remove(&key)
                } else {
                    self.services.insert(key.clone(), service.clone())
                };
                // What says nothing of rules does not begin a writing (upstream: pkg/proxy/servicechangetracker.go).
                let is_same = !is_gone && before.is_some_and(|before| before.spec == service.spec);
                (!is_same).then_some(key)
            }
            Object::EndpointSlice(slice) => {
                let name = slice.metadata.labels.get(SERVICE_NAME)?;
                let key = ObjectKey::new(Kind::Service, slice.metadata.namespace.clone(), name.clone());
                let slices = self.slices.entry(key.clone()).or_default();
                let before = if is_gone {
                    slices.remove(&slice.metadata.name)
                } else {
                    slices.insert(slice.metadata.name.clone(), slice.clone())
                };
                // Upstream: esDataChanged in pkg/proxy/endpointslicecache.go.
                let is_same = |before: Rc<EndpointSlice>| {
                    before.endpoints == slice.endpoints && before.ports == slice.ports
                };
                let is_same = !is_gone && before.is_some_and(is_same);
                (!is_same).then_some(key)
            }
            _ => None,
        }
    }
    fn wait(&mut self, engine: &mut Engine) {
        if matches!(self.state, State::Idle) && !self.dirty.is_empty() {
            self.state = State::Waiting;
            let at = self.wrote.map_or(engine.now, |wrote| (wrote + SECOND).max(engine.now));
            engine.schedule(at, Event::Proxy(self.node));
        }
    }
    /// It begins to write, or has written.
    pub fn on_timer(&mut self, engine: &mut Engine) {
        match std::mem::take(&mut self.state) {
            State::Idle => {}
            State::Waiting => {
                let dirty = std::mem::take(&mut self.dirty);
                let written = dirty.into_iter().map(|(key, cause)| {
                    let rules =
                        self.services.get(&key).cloned().and_then(|service| self.compute(&key, &service));
                    if rules.is_none() {
                        self.endpoints.remove(&key);
                    }
                    Written { key, rules: rules.map(Rc::new), cause }
                });
                self.state = State::Writing(written.collect());
                let takes = engine.latency(Hop::ProxySync, ("kube-proxy", self.node));
                let at = engine.now + takes * if self.is_slow { SLOWNESS } else { 1 };
                engine.schedule(at, Event::Proxy(self.node));
            }
            State::Writing(services) => {
                self.wrote = Some(engine.now);
                for written in services {
                    self.write(engine, written);
                }
                self.wait(engine);
            }
        }
    }
    fn write(&mut self, engine: &mut Engine, Written { key, rules, cause }: Written) {
        if self.rules.get(&key) == rules.as_ref() {
            return;
        }
        match &rules {
            Some(rules) => _ = self.rules.insert(key.clone(), rules.clone()),
            None => _ = self.rules.remove(&key),
        }
        engine.record(Actor::KubeProxy(self.node), cause, Fact::Rules(self.node, Rc::new(key), rules));
    }
    /// The rules that a Service should have; none for one without an address of its own.
    fn compute(&mut self, key: &ObjectKey, service: &Service) -> Option<ServiceRules> {
        let spec = &service.spec;
        if spec.cluster_ip.is_empty() || &*spec.cluster_ip == "None" || &*spec.kind == "ExternalName" {
            return None;
        }
        let is_local = |policy: &str| policy == "Local";
        let internal = is_local(&spec.internal_traffic_policy);
        let is_external = matches!(&*spec.kind, "NodePort" | "LoadBalancer");
        let external = is_local(&spec.external_traffic_policy);
        let ports = spec.ports.iter().map(|port| {
            let all = self.endpoints(key, &port.name, false);
            let none = RuleEndpoints::default();
            let local =
                if internal || external { self.endpoints(key, &port.name, true) } else { none.clone() };
            let of = |is_local: bool| if is_local { local.clone() } else { all.clone() };
            PortRules {
                name: port.name.clone(),
                port: port.port as u16,
                node_port: port.node_port as u16,
                endpoints: of(internal),
                external: if is_external { of(external) } else { none },
                has_others: !all.is_empty(),
            }
        });
        let affinity = (&*spec.session_affinity == "ClientIP").then(|| affinity_timeout(service));
        Some(ServiceRules { cluster_ip: spec.cluster_ip.clone(), ports: ports.collect(), affinity })
    }
    /// Where the rules of a port lead: all, or what is on this node.
    fn endpoints(&mut self, key: &ObjectKey, port_name: &Str, local: bool) -> RuleEndpoints {
        let Some(slices) = self.slices.get(key) else { return RuleEndpoints::default() };
        let known = self.endpoints.entry(key.clone()).or_default();
        let known = known.entry((port_name.clone(), local)).or_default();
        Rc::make_mut(known).look(slices, port_name, local.then_some(&*self.name))
    }
}

/// How long a client is kept on its endpoint.
fn affinity_timeout(service: &Service) -> Micros {
    let config = service.spec.extra.as_ref().and_then(|extra| extra.get("sessionAffinityConfig"));
    let seconds =
        config.and_then(|config| config.at(&["clientIP", "timeoutSeconds"])).and_then(Value::as_int);
    seconds.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(10_800) * SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::{
        Endpoint, EndpointConditions, EndpointPort, Labels, ObjectMeta, ObjectReference, ServicePort,
        ServiceSpec,
    };
    use crate::cluster::time::WallClock;

    fn slice(endpoints: &[(&str, bool, bool)]) -> Object {
        let endpoint = |(name, ready, terminating): &(&str, bool, bool)| Endpoint {
            addresses: vec![format!("10.244.1.{}", name.len()).into()],
            conditions: EndpointConditions {
                ready: Some(*ready),
                serving: Some(true),
                terminating: Some(*terminating),
                ..EndpointConditions::default()
            },
            target_ref: Some(ObjectReference {
                namespace: "a".into(),
                name: (*name).into(),
                ..ObjectReference::default()
            }),
            ..Endpoint::default()
        };
        let metadata = ObjectMeta {
            name: "web-x".into(),
            namespace: "a".into(),
            labels: Labels::from([(SERVICE_NAME.into(), "web".into())]),
            ..ObjectMeta::default()
        };
        EndpointSlice {
            metadata: Rc::new(metadata),
            endpoints: Rc::new(endpoints.iter().map(endpoint).map(Rc::new).collect()),
            ports: vec![EndpointPort { port: Some(80), ..EndpointPort::default() }],
            ..EndpointSlice::default()
        }
        .into()
    }

    #[test]
    fn a_terminating_endpoint_serves_only_where_no_other_is_ready() {
        let mut engine = Engine::new(1, WallClock { start_unix_micros: 0 });
        let mut proxy = KubeProxy::new(NodeId(0), "node-1".into());
        let metadata = ObjectMeta { name: "web".into(), namespace: "a".into(), ..ObjectMeta::default() };
        let spec = ServiceSpec {
            cluster_ip: "10.96.0.9".into(),
            ports: vec![ServicePort { port: 80, ..ServicePort::default() }],
            ..ServiceSpec::default()
        };
        let service = Service { metadata: Rc::new(metadata), spec, ..Service::default() };
        let mut told = |object: Object, proxy: &mut KubeProxy| {
            let at = engine.now;
            proxy.on_watch(&mut engine, WatchEvent { change: Change::Added, object, at }, None);
            let mut times = Vec::new();
            while engine.pop().is_some() {
                times.push(engine.now.0 / 1_000);
                proxy.on_timer(&mut engine);
            }
            let key = ObjectKey::new(Kind::Service, "a", "web");
            let pods: Vec<Str> = proxy.rules(&key).map_or(Vec::new(), |rules| {
                rules.ports[0].endpoints.iter().map(|to| to.pod.name.clone()).collect()
            });
            (pods.join(" "), times)
        };
        assert_eq!(told(service.into(), &mut proxy).0, "");
        let (pods, times) = told(slice(&[("one", true, false), ("second", false, true)]), &mut proxy);
        assert_eq!(pods, "one");
        // The second writing begins a second after the first has ended.
        assert!((1_018..1_200).contains(&times[0]), "{times:?}");
        assert_eq!(told(slice(&[("one", false, true), ("second", false, true)]), &mut proxy).0, "one second");
    }

    #[test]
    fn a_local_policy_keeps_to_the_node_and_drops_where_it_has_none() {
        let mut engine = Engine::new(1, WallClock { start_unix_micros: 0 });
        let metadata = ObjectMeta { name: "web".into(), namespace: "a".into(), ..ObjectMeta::default() };
        let spec = ServiceSpec {
            cluster_ip: "10.96.0.9".into(),
            kind: "NodePort".into(),
            session_affinity: "ClientIP".into(),
            external_traffic_policy: "Local".into(),
            ports: vec![ServicePort { port: 80, node_port: 30_080, ..ServicePort::default() }],
            ..ServiceSpec::default()
        };
        let service: Object = Service { metadata: Rc::new(metadata), spec, ..Service::default() }.into();
        let Object::EndpointSlice(mut slice) = slice(&[("one", true, false), ("second", true, false)]) else {
            panic!("a slice")
        };
        let endpoints = &mut Rc::make_mut(&mut slice).endpoints;
        for (endpoint, node) in Rc::make_mut(endpoints).iter_mut().zip(["node-1", "node-2"]) {
            Rc::make_mut(endpoint).node_name = node.into();
        }
        let key = ObjectKey::new(Kind::Service, "a", "web");
        let mut rules = |node: &str| {
            let mut proxy = KubeProxy::new(NodeId(0), node.into());
            for object in [service.clone(), slice.clone().into()] {
                let event = WatchEvent { change: Change::Added, object, at: engine.now };
                proxy.on_watch(&mut engine, event, None);
            }
            while engine.pop().is_some() {
                proxy.on_timer(&mut engine);
            }
            let rules = proxy.rules(&key).cloned().expect("rules");
            let port = &rules.ports[0];
            (port.endpoints.len(), port.external.len(), port.has_others, rules.affinity)
        };
        assert_eq!(rules("node-1"), (2, 1, true, Some(10_800 * SECOND)));
        assert_eq!(rules("node-3"), (2, 0, true, Some(10_800 * SECOND)));
    }
}
