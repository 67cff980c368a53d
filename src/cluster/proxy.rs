//! kube-proxy in iptables mode: the rules that it writes on its node
//! (upstream: pkg/proxy/iptables/proxier.go, pkg/proxy/topology.go).

use super::chance::scale;
use super::controllers::endpoint_slice::SERVICE_NAME;
use super::engine::Engine;
use super::event::Event;
use super::latency::Hop;
use super::record::{Actor, Change, Fact, NodeId, RecordId};
use super::request::WatchEvent;
use super::time::{SECOND, SimTime};
use crate::api::objects::{Endpoint, EndpointSlice, Service};
use crate::api::{Kind, Object, ObjectKey};
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The rules of one Service on one node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServiceRules {
    /// The Service's address.
    pub cluster_ip: Str,
    /// Each of its ports.
    pub ports: Vec<PortRules>,
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
    /// Where connections go, each with an equal chance. None: they are rejected.
    pub endpoints: Vec<RuleEndpoint>,
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

impl PortRules {
    /// The endpoint that a connection goes to at a draw of 64 even bits.
    pub fn choose(&self, bits: u64) -> Option<&RuleEndpoint> {
        if self.endpoints.is_empty() {
            None
        } else {
            self.endpoints.get(scale(bits, self.endpoints.len() as u64) as usize)
        }
    }
}

/// Where the proxy stands between two writings. A first change is written at once, the next ones at most
/// once a second (`minSyncPeriod`).
#[derive(Clone, Debug, Default)]
enum State {
    /// Nothing has changed.
    #[default]
    Idle,
    /// Something has, and it waits for its time.
    Waiting,
    /// It writes: these Services, because of these records.
    Writing(BTreeMap<ObjectKey, Option<RecordId>>),
}

/// A node's kube-proxy.
#[derive(Clone, Debug)]
pub struct KubeProxy {
    /// Its node.
    pub node: NodeId,
    services: BTreeMap<ObjectKey, Rc<Service>>,
    slices: BTreeMap<ObjectKey, BTreeMap<Str, Rc<EndpointSlice>>>,
    dirty: BTreeMap<ObjectKey, Option<RecordId>>,
    state: State,
    /// When it last began to write.
    began: Option<SimTime>,
    rules: BTreeMap<ObjectKey, Rc<ServiceRules>>,
}

impl KubeProxy {
    /// A kube-proxy that knows nothing yet.
    pub fn new(node: NodeId) -> Self {
        Self {
            node,
            services: BTreeMap::new(),
            slices: BTreeMap::new(),
            dirty: BTreeMap::new(),
            state: State::Idle,
            began: None,
            rules: BTreeMap::new(),
        }
    }
    /// The rules of a Service as they stand on the node.
    pub fn rules(&self, service: &ObjectKey) -> Option<&Rc<ServiceRules>> {
        self.rules.get(service)
    }
    /// A watch tells of a change.
    pub fn on_watch(&mut self, engine: &mut Engine, event: WatchEvent, cause: Option<RecordId>) {
        let is_gone = event.change == Change::Deleted;
        let service = match &event.object {
            Object::Service(service) => {
                let key = event.object.key();
                if is_gone {
                    self.services.remove(&key);
                } else {
                    self.services.insert(key.clone(), service.clone());
                }
                key
            }
            Object::EndpointSlice(slice) => {
                let Some(name) = slice.metadata.labels.get(SERVICE_NAME) else { return };
                let key = ObjectKey::new(Kind::Service, slice.metadata.namespace.clone(), name.clone());
                let slices = self.slices.entry(key.clone()).or_default();
                if is_gone {
                    slices.remove(&slice.metadata.name);
                } else {
                    slices.insert(slice.metadata.name.clone(), slice.clone());
                }
                key
            }
            _ => return,
        };
        self.dirty.insert(service, cause);
        self.wait(engine);
    }
    fn wait(&mut self, engine: &mut Engine) {
        if matches!(self.state, State::Idle) && !self.dirty.is_empty() {
            self.state = State::Waiting;
            let at = self.began.map_or(engine.now, |began| (began + SECOND).max(engine.now));
            engine.schedule(at, Event::Proxy(self.node));
        }
    }
    /// It begins to write, or has written.
    pub fn on_timer(&mut self, engine: &mut Engine) {
        match std::mem::take(&mut self.state) {
            State::Idle => {}
            State::Waiting => {
                self.began = Some(engine.now);
                self.state = State::Writing(std::mem::take(&mut self.dirty));
                let at = engine.heard(Hop::ProxySync, ("kube-proxy", self.node), engine.now);
                engine.schedule(at, Event::Proxy(self.node));
            }
            State::Writing(services) => {
                for (key, cause) in services {
                    self.write(engine, &key, cause);
                }
                self.wait(engine);
            }
        }
    }
    fn write(&mut self, engine: &mut Engine, key: &ObjectKey, cause: Option<RecordId>) {
        let rules = self.services.get(key).and_then(|service| self.compute(key, service)).map(Rc::new);
        if self.rules.get(key) == rules.as_ref() {
            return;
        }
        match &rules {
            Some(rules) => _ = self.rules.insert(key.clone(), rules.clone()),
            None => _ = self.rules.remove(key),
        }
        engine.record(
            Actor::KubeProxy(self.node),
            cause,
            Fact::Rules(self.node, Rc::new(key.clone()), rules),
        );
    }
    /// The rules that a Service should have; none for one without an address of its own.
    fn compute(&self, key: &ObjectKey, service: &Service) -> Option<ServiceRules> {
        if service.spec.cluster_ip.is_empty() || &*service.spec.cluster_ip == "None" {
            return None;
        }
        let ports = service.spec.ports.iter().map(|port| PortRules {
            name: port.name.clone(),
            port: port.port as u16,
            node_port: port.node_port as u16,
            endpoints: self.endpoints(key, &port.name),
        });
        Some(ServiceRules { cluster_ip: service.spec.cluster_ip.clone(), ports: ports.collect() })
    }
    /// Ready endpoints; where there is none, those that serve while they terminate.
    fn endpoints(&self, key: &ObjectKey, port_name: &str) -> Vec<RuleEndpoint> {
        let (mut ready, mut serving) = (BTreeSet::new(), BTreeSet::new());
        for slice in self.slices.get(key).into_iter().flat_map(BTreeMap::values) {
            let Some(port) =
                slice.ports.iter().find(|port| &*port.name == port_name).and_then(|port| port.port)
            else {
                continue;
            };
            for endpoint in slice.endpoints.iter() {
                let Some(rule) = rule(endpoint, port as u16) else { continue };
                let conditions = &endpoint.conditions;
                if conditions.ready.unwrap_or(true) {
                    ready.insert(rule);
                } else if conditions.serving == Some(true) && conditions.terminating == Some(true) {
                    serving.insert(rule);
                }
            }
        }
        if ready.is_empty() { serving } else { ready }.into_iter().collect()
    }
}

fn rule(endpoint: &Endpoint, port: u16) -> Option<RuleEndpoint> {
    let target = endpoint.target_ref.as_ref()?;
    let pod = ObjectKey::new(Kind::Pod, target.namespace.clone(), target.name.clone());
    Some(RuleEndpoint { pod, ip: endpoint.addresses.first()?.clone(), port })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::{
        EndpointConditions, EndpointPort, Labels, ObjectMeta, ObjectReference, ServicePort, ServiceSpec,
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
            endpoints: Rc::new(endpoints.iter().map(endpoint).collect()),
            ports: vec![EndpointPort { port: Some(80), ..EndpointPort::default() }],
            ..EndpointSlice::default()
        }
        .into()
    }

    #[test]
    fn a_terminating_endpoint_serves_only_where_no_other_is_ready() {
        let mut engine = Engine::new(1, WallClock { start_unix_micros: 0 });
        let mut proxy = KubeProxy::new(NodeId(0));
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
        // The second writing begins a second after the first.
        assert_eq!(times[0], 1_000);
        assert_eq!(told(slice(&[("one", false, true), ("second", false, true)]), &mut proxy).0, "one second");
    }
}
