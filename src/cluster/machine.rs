//! A machine: what runs on every node, and how it comes up, at the beginning of a run, when a Node is added, and when
//! it boots again.

use super::apiserver::ApiServer;
use super::engine::Engine;
use super::event::Event;
use super::kubelet::Kubelet;
use super::proxy::KubeProxy;
use super::record::{Actor, Change, NodeId, RecordId};
use super::request::{Reply, Response, WatchEvent};
use super::runtime::Runtime;
use super::setup::{NodeSetup, Registry};
use super::store::Scope;
use super::{Cluster, Node};
use crate::api::objects::{Node as NodeObject, Pod};
use crate::api::{Kind, ObjectKey};
use crate::value::Str;
use std::rc::Rc;

/// So many nodes a cluster has at most.
const MOST_NODES: usize = 1_000;

/// When what runs on a node began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begun {
    /// Long before the run.
    LongAgo,
    /// Now.
    Now,
}

impl Node {
    /// A machine with what runs on every node.
    pub(super) fn new(
        engine: &Engine,
        id: NodeId,
        setup: &NodeSetup,
        registry: &Rc<Registry>,
        images: &[Str],
    ) -> Self {
        let mut runtime = Runtime::new(id, setup, registry.clone());
        images.iter().for_each(|image| runtime.seed_image(engine, image));
        Self {
            name: setup.name.clone(),
            kubelet: Kubelet::new(id, setup, engine),
            runtime,
            proxy: KubeProxy::new(id, setup.name.clone()),
            is_off: false,
        }
    }
    /// Its kubelet and its kube-proxy reach the API server for the first time: they open their watches, and take up
    /// what is there already.
    pub(super) fn bring_up(
        &mut self,
        engine: &mut Engine,
        server: &mut ApiServer,
        begun: Begun,
        cause: Option<RecordId>,
    ) {
        let id = self.kubelet.node;
        for kind in [Kind::Pod, Kind::Node] {
            let scope = Scope { node_name: Some(self.name.clone()), ..Scope::all(kind) };
            server.store.watch(Actor::Kubelet(id), scope);
        }
        let rules = [Kind::Service, Kind::EndpointSlice];
        for kind in rules {
            server.store.watch(Actor::KubeProxy(id), Scope::all(kind));
        }
        let store = &server.store;
        self.kubelet.set_api_address(&server.settings.services.first());
        let key = ObjectKey::new(Kind::Node, "", self.name.clone());
        let object = store.get(&key).and_then(|object| object.get::<NodeObject>()).cloned();
        match (begun, object) {
            (Begun::Now, object) => self.kubelet.come_up(engine, &self.runtime, object),
            (Begun::LongAgo, Some(object)) => {
                self.kubelet.know_node(object);
                self.kubelet.start_reporting(engine, &self.runtime);
            }
            (Begun::LongAgo, None) => {}
        }
        let mut known = Vec::new();
        for object in rules.into_iter().flat_map(|kind| store.list(kind, None)) {
            let event = WatchEvent { change: Change::Added, object: object.clone(), at: engine.now };
            self.kubelet.on_service(&event);
            match begun {
                Begun::Now => self.proxy.on_watch(engine, event, cause),
                Begun::LongAgo => known.push(event),
            }
        }
        self.proxy.has_known(engine, known);
        let pods = store.list(Kind::Pod, None).filter_map(|object| object.get::<Pod>());
        let pods: Vec<Rc<Pod>> = pods.filter(|pod| pod.spec.node_name == self.name).cloned().collect();
        self.kubelet.take_pods(engine, &mut self.runtime, &pods, cause);
    }
    /// It boots: its kubelet and its kube-proxy know nothing any more.
    fn reboot(&mut self, engine: &Engine) {
        self.is_off = false;
        self.runtime.come_up(engine.now);
        self.kubelet = self.kubelet.reboot(engine);
        self.proxy = KubeProxy::new(self.kubelet.node, self.name.clone());
    }
}

/// Whether a node is without power.
pub(super) fn is_off(nodes: &[Node], id: NodeId) -> bool {
    nodes.get(usize::from(id.0)).is_some_and(|node| node.is_off)
}

impl Cluster {
    /// Somebody has made a Node: a machine stands behind it from now on, where none of its name does. It has what
    /// the Node's status says, or else what the others have.
    pub(super) fn add_machine(&mut self, response: &Response) {
        let Ok(Reply::Object(object)) = &response.result else { return };
        let Some(node) = object.get::<NodeObject>() else { return };
        let name = &node.metadata.name;
        if self.nodes.iter().any(|machine| machine.name == *name) || self.nodes.len() >= MOST_NODES {
            return;
        }
        let others: Vec<Rc<NodeSetup>> = self.nodes.iter().map(|node| node.kubelet.setup().clone()).collect();
        let setup = NodeSetup::of(node, &others, self.server.settings.services);
        let id = NodeId(self.nodes.len() as u16);
        let mut machine = Node::new(&self.engine, id, &setup, &self.registry, &self.images);
        if let Some(other) = self.nodes.first() {
            machine.runtime.asks_the_registry_of(&other.runtime);
        }
        machine.bring_up(&mut self.engine, &mut self.server, Begun::Now, None);
        self.scheduler.know_machine(name, id);
        self.nodes.push(machine);
    }
    /// A node boots. What its kubelet and its kube-proxy have to do they hear once they reach the API server.
    pub(super) fn boot(&mut self, id: NodeId, cause: RecordId) {
        let Some(node) = self.nodes.get_mut(usize::from(id.0)) else { return };
        node.reboot(&self.engine);
        node.kubelet.come_up(&mut self.engine, &node.runtime, None);
        self.outage.is_to_list(id, cause);
        self.list(id);
    }
    /// What runs on a node that has booted lists what is its own, where it reaches the API server.
    pub(super) fn list(&mut self, id: NodeId) {
        if !self.reaches(Actor::Kubelet(id)) {
            return;
        }
        let Some(cause) = self.outage.lists(id) else { return };
        let Some(node) = self.nodes.get_mut(usize::from(id.0)) else { return };
        node.bring_up(&mut self.engine, &mut self.server, Begun::Now, Some(cause));
        node.kubelet.on_runtime(&mut self.engine, &mut node.runtime);
    }
    /// What runs on a node that has booted tries again to list, after a while.
    pub(super) fn list_after(&mut self, id: NodeId, wait: super::time::Micros) {
        self.engine.schedule(self.engine.now + wait, Event::List(id));
    }
}
