//! The simulated control plane: a discrete-event simulation with one clock, one seed and one totally
//! ordered queue. Every step leaves records. It reads no clock and no chance but its own, and does not
//! know that it is drawn.

pub mod apiserver;
pub mod chance;
pub mod controllers;
pub mod dial;
pub mod dns;
mod effort;
pub mod engine;
pub mod event;
pub mod fault;
#[cfg(test)]
mod fault_tests;
mod http;
pub mod informer;
pub mod keys;
pub mod kubelet;
pub mod latency;
mod machine;
pub mod outage;
pub mod proxy;
pub mod record;
pub mod recorder;
pub mod request;
pub mod runtime;
pub mod scheduler;
mod seed;
pub mod setup;
pub(crate) mod sha256;
pub mod store;
mod stored;
pub mod table;
pub mod tally;
pub mod task;
#[cfg(test)]
pub(crate) mod testing;
pub mod time;
pub mod traffic;

use crate::api::Kind;
use crate::api::objects::Pod;
use apiserver::ApiServer;
use controllers::ControllerManager;
use engine::Engine;
use event::{Caller, Event};
use kubelet::Kubelet;
use latency::Hop;
use outage::Outage;
use proxy::KubeProxy;
use record::{Actor, ClientId, Fact, Message, MessageKind, NodeId, Record, RecordId};
use request::{
    ApiResult, Connect, Reason, Reply, Request, Response, Status, Subresource, Verb, WatchEvent, WatchId,
};
use runtime::Runtime;
use scheduler::Scheduler;
pub(crate) use seed::is_own_service;
use setup::Setup;
use std::rc::Rc;
use task::{Answer, Answered};
use time::{Micros, SimTime};

/// A node: its kubelet, its runtime, its kube-proxy.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name.
    pub name: crate::value::Str,
    /// Its kubelet.
    pub kubelet: Kubelet,
    /// Its runtime.
    pub runtime: Runtime,
    /// Its kube-proxy.
    pub proxy: KubeProxy,
    /// Whether it has no power: nothing leads through it, and nobody on it sends anything.
    pub is_off: bool,
}

/// What a client outside the cluster hears.
#[derive(Clone, Debug)]
pub enum Told {
    /// An answer to its question.
    Answer(Caller, Answered),
    /// A change that one of its watches tells of.
    Watch(ClientId, WatchId, WatchEvent, Option<RecordId>),
}

/// The cluster. A clone is a fork: it goes on by itself.
#[derive(Clone, Debug)]
pub struct Cluster {
    engine: Engine,
    server: ApiServer,
    manager: ControllerManager,
    scheduler: Scheduler,
    nodes: Vec<Node>,
    traffic: traffic::Traffic,
    outage: Outage,
    /// Whether somebody answers for the cluster's names.
    has_dns: bool,
    registry: Rc<setup::Registry>,
    images: Rc<Vec<crate::value::Str>>,
    told: Vec<Told>,
}

impl Cluster {
    /// Now.
    pub fn now(&self) -> SimTime {
        self.engine.now
    }
    /// What the clocks on the wall show.
    pub fn wall(&self) -> time::WallClock {
        self.engine.wall
    }
    /// When the next event is due.
    pub fn next_time(&self) -> Option<SimTime> {
        self.engine.next_time()
    }
    /// Whether something comes of itself later than so long from now that may change something.
    pub fn plans_beyond(&self, span: Micros) -> bool {
        self.engine.plans_beyond(span)
    }
    /// Whether nothing is to happen but what goes on by itself for ever.
    pub fn is_quiet(&self) -> bool {
        self.engine.is_quiet()
    }
    /// How many records it has written.
    pub fn record_count(&self) -> u32 {
        self.engine.next_record().0
    }
    /// The records written since this was last asked.
    pub fn take_records(&mut self) -> Vec<Record> {
        self.engine.take_records()
    }
    /// The names of the nodes, in order: `NodeId` is the place.
    pub fn node_names(&self) -> Vec<crate::value::Str> {
        self.nodes.iter().map(|node| node.name.clone()).collect()
    }
    /// What clients outside have been told since this was last asked.
    pub fn take_told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }
    /// Moves the clock on where nothing happens until then.
    pub fn wait_until(&mut self, at: SimTime) {
        if self.next_time().is_none_or(|next| next >= at) {
            self.engine.now = self.engine.now.max(at);
        }
    }
    /// Writes a record of what happens outside: commands and their output.
    pub fn record(&mut self, actor: Actor, cause: Option<RecordId>, fact: Fact) -> RecordId {
        self.engine.record(actor, cause, fact)
    }
    /// A client outside asks the API server.
    pub fn send(&mut self, caller: Caller, request: Request, cause: Option<RecordId>) {
        self.engine.send(caller, request, cause);
    }
    /// A client outside waits: it is told `Answer::Slept` at its time.
    pub fn sleep(&mut self, caller: Caller, micros: time::Micros, cause: Option<RecordId>) {
        let at = self.engine.now + micros;
        let answered = Answered { at, cause, answer: Answer::Slept };
        self.engine.schedule(at, Event::Answer { caller, answered });
    }
    /// Somebody who is logged in on a node gives a command there: it is told what that prints.
    pub fn on_node(
        &mut self,
        caller: Caller,
        name: &str,
        command: &[crate::value::Str],
        cause: Option<RecordId>,
    ) {
        let at = runtime::Moment { now: self.engine.now, wall: self.engine.wall };
        let node = self.nodes.iter().find(|node| &*node.name == name);
        let printed = node.map(|node| node.runtime.on_node(&node.proxy, at, command));
        let at = self.engine.now + self.engine.latency(Hop::ProcessStart, (caller.actor, name));
        let answered = Answered { at, cause, answer: Answer::Node(printed) };
        self.engine.schedule(at, Event::Answer { caller, answered });
    }
    /// A client outside closes a watch.
    pub fn unwatch(&mut self, watch: WatchId) {
        self.server.store.unwatch(watch);
    }
    /// How long a hop takes a client outside.
    pub fn latency(&mut self, hop: Hop, who: impl std::hash::Hash) -> time::Micros {
        self.engine.latency(hop, who)
    }
    /// A client begins to send requests to a Service. Gives its number.
    pub fn send_requests(&mut self, client: traffic::Client) -> u32 {
        self.traffic.begin(&mut self.engine, client)
    }
    /// Lets the next event happen; false where there is none.
    pub fn step(&mut self) -> bool {
        let Some(event) = self.engine.pop() else { return false };
        match event {
            Event::Leave { caller, request, cause } => self.engine.leave(caller, request, cause),
            Event::Arrive { caller, request, cause } => self.arrive(caller, &request, cause),
            Event::Answer { caller, answered } => self.answer(caller, answered),
            Event::Definition(..) | Event::OwnService if self.outage.is_down() => {
                self.engine.schedule(self.engine.now + time::SECOND, event);
            }
            Event::Definition(key, cause) => self.server.on_definition(&mut self.engine, &key, cause),
            Event::OwnService => self.server.keep_own_service(&mut self.engine),
            Event::Watch(id) => {
                if self.stall(id) {
                    return true;
                }
                if let Some((owner, event, cause)) = self.server.store.next_event(id) {
                    self.hear(owner, id, event, cause);
                }
            }
            Event::Enqueue(name, key) => self.manager.enqueue(&mut self.engine, name, &key),
            Event::Work(name) => self.manager.work(&mut self.engine, name),
            Event::Tick(name, _) => self.manager.tick(&mut self.engine, name),
            Event::Scheduler(timer) => self.scheduler.on_timer(&mut self.engine, timer),
            Event::Kubelet(node, kubelet::Timer::Lease(_)) => self.renew_lease(node),
            Event::Kubelet(node, _) | Event::Runtime(node, _) | Event::Proxy(node) | Event::Dial(node, _)
                if self.is_off(node) => {}
            Event::Kubelet(node, timer) => {
                if let Some(node) = self.nodes.get_mut(usize::from(node.0)) {
                    node.kubelet.on_timer(&mut self.engine, &mut node.runtime, timer);
                    node.kubelet.on_runtime(&mut self.engine, &mut node.runtime);
                }
            }
            Event::Runtime(node, timer) => {
                if let Some(node) = self.nodes.get_mut(usize::from(node.0)) {
                    node.runtime.on_timer(&mut self.engine, timer);
                    node.kubelet.on_runtime(&mut self.engine, &mut node.runtime);
                }
            }
            Event::List(node) => self.list(node),
            Event::Proxy(node) => {
                if let Some(node) = self.nodes.get_mut(usize::from(node.0)) {
                    node.proxy.on_timer(&mut self.engine);
                }
            }
            Event::Dial(node, pid) => self.dial(node, pid),
            Event::Traffic(timer) => self.traffic.on_timer(&mut self.engine, &self.nodes, timer),
        }
        true
    }
    /// A kubelet renews its lease where it can.
    fn renew_lease(&mut self, id: NodeId) {
        let is_reached = self.reaches(Actor::Kubelet(id));
        let Some(node) = self.nodes.get_mut(usize::from(id.0)) else { return };
        if !node.kubelet.is_lease_due(self.engine.now) {
            return;
        }
        let (name, now) = (node.name.clone(), self.engine.now);
        let is_renewed = is_reached && !node.kubelet.is_stopped();
        if is_renewed {
            self.server.renew_lease(&mut self.engine, &name);
        }
        let is_seen = !self.outage.is_down();
        self.manager.node_lifecycle(&mut self.engine, |controller| match is_renewed {
            true => controller.renewed(&name, now),
            false if is_seen => controller.missed(&name),
            false => {}
        });
        let is_idle = !self.manager.is_waiting_for(&name);
        let period = node.kubelet.lease_period(&mut self.engine);
        node.kubelet.plan_lease(&mut self.engine, period, is_idle);
    }
    fn arrive(&mut self, caller: Caller, request: &Rc<Request>, cause: Option<RecordId>) {
        if !self.reaches(caller.actor) {
            return self.fail(caller, request, cause);
        }
        let result = match &request.verb {
            Verb::Connect(connect) => match self.connect(caller, request, connect, cause) {
                Some(result) => result,
                None => return,
            },
            _ => {
                let response = self.server.handle(&mut self.engine, caller.actor, request, cause);
                let is_read_by_pods = matches!(request.key.kind, Kind::ConfigMap | Kind::Secret);
                if is_read_by_pods && request.is_write() && response.result.is_ok() {
                    for node in &mut self.nodes {
                        node.kubelet.on_config(&mut self.engine, &request.key);
                    }
                }
                let makes = matches!(request.verb, Verb::Create(_) | Verb::Apply(..)) && request.is_write();
                if request.key.kind == Kind::Node && makes {
                    self.add_machine(&response);
                }
                return self.reply(caller, request, response, cause);
            }
        };
        self.reply(caller, request, Response { result, warnings: Vec::new() }, cause);
    }
    /// Hands a request for a container to the kubelet of its Pod's node. None where the answer comes later.
    fn connect(
        &mut self,
        caller: Caller,
        request: &Rc<Request>,
        connect: &Connect,
        cause: Option<RecordId>,
    ) -> Option<ApiResult> {
        let Some(pod) = self.server.store.get(&request.key).and_then(|object| object.get::<Pod>()).cloned()
        else {
            return Some(Err(Status::not_found(&request.key)));
        };
        if let Err(status) = kubelet::server::container_name(&pod, connect) {
            return Some(Err(status));
        }
        let Some(place) = self.nodes.iter().position(|node| node.name == pod.spec.node_name) else {
            // Without a node there is no log yet; a command has nowhere to run.
            if request.subresource == Subresource::Log {
                return Some(Ok(Reply::Text("".into(), "".into(), 0)));
            }
            let message = format!("pod {} does not have a host assigned", pod.metadata.name);
            return Some(Err(Status::new(Reason::BadRequest, message)));
        };
        let is_reached = self.reaches(Actor::Kubelet(NodeId(place as u16)));
        let Node { kubelet, runtime, .. } = &mut self.nodes[place];
        if kubelet.is_stopped() || !is_reached {
            let message = format!("dial tcp {}:10250: i/o timeout", kubelet.address());
            return Some(Err(Status::new(Reason::InternalError, message)));
        }
        kubelet.connect(&mut self.engine, runtime, caller, request, &pod, connect, cause)
    }
    /// Sends an answer on its way back.
    fn reply(&mut self, caller: Caller, request: &Request, response: Response, cause: Option<RecordId>) {
        let at = self.engine.heard(Hop::Network, (caller.actor, &request.key), self.engine.now);
        let kind = MessageKind::Answer(request.key.clone(), response.result.as_ref().err().cloned());
        let cause = self.engine.record(
            Actor::ApiServer,
            cause,
            Fact::Message(Message { to: caller.actor, arrives: at, kind }),
        );
        let answered = Answered { at, cause: Some(cause), answer: Answer::Api(response) };
        self.engine.schedule(at, Event::Answer { caller, answered });
    }
    fn answer(&mut self, caller: Caller, answered: Answered) {
        match caller.actor {
            Actor::Controller(name) => self.manager.on_answer(&mut self.engine, name, caller, answered),
            Actor::Scheduler => self.scheduler.on_answer(&mut self.engine, caller, answered),
            Actor::Kubelet(node) if self.is_off(node) => {}
            Actor::Kubelet(NodeId(node)) => {
                if let Some(node) = self.nodes.get_mut(usize::from(node)) {
                    node.kubelet.on_answer(&mut self.engine, &mut node.runtime, caller, answered);
                    node.kubelet.on_runtime(&mut self.engine, &mut node.runtime);
                    for done in node.kubelet.take_finished() {
                        let response = Response { result: done.result, warnings: Vec::new() };
                        self.reply(done.caller, &done.request, response, done.cause);
                    }
                }
            }
            Actor::Kubectl(_) | Actor::Person => self.told.push(Told::Answer(caller, answered)),
            Actor::ApiServer
            | Actor::Etcd
            | Actor::Runtime(_)
            | Actor::KubeProxy(_)
            | Actor::Container(_)
            | Actor::Traffic(_) => {}
        }
    }
    fn hear(&mut self, owner: Actor, watch: WatchId, event: WatchEvent, cause: Option<RecordId>) {
        match owner {
            Actor::Controller(_) => self.manager.on_watch(&mut self.engine, event, cause),
            Actor::Scheduler => self.scheduler.on_watch(&mut self.engine, event, cause),
            Actor::Kubelet(NodeId(node)) => {
                if let Some(node) = self.nodes.get_mut(usize::from(node)) {
                    node.kubelet.on_watch(&mut self.engine, &mut node.runtime, event, cause);
                    node.kubelet.on_runtime(&mut self.engine, &mut node.runtime);
                }
            }
            Actor::KubeProxy(NodeId(node)) => {
                if let Some(node) = self.nodes.get_mut(usize::from(node)) {
                    node.kubelet.on_service(&event);
                    node.proxy.on_watch(&mut self.engine, event, cause);
                }
            }
            Actor::Kubectl(client) => self.told.push(Told::Watch(client, watch, event, cause)),
            Actor::Person
            | Actor::ApiServer
            | Actor::Etcd
            | Actor::Runtime(_)
            | Actor::Container(_)
            | Actor::Traffic(_) => {}
        }
    }
    /// A cluster that has just come up.
    pub fn new(setup: &Setup) -> Self {
        seed::cluster(setup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::{Namespace, ObjectMeta};

    #[test]
    fn a_new_namespace_gets_its_service_account() {
        let mut cluster = Cluster::new(&Setup::with_seed(1));
        cluster.take_records();
        let metadata = Rc::new(ObjectMeta { name: "shop".into(), ..ObjectMeta::default() });
        let caller = Caller { actor: Actor::Person, task: 0, call: Some(0) };
        cluster.send(caller, Request::create(Namespace { metadata, ..Namespace::default() }), None);
        while !cluster.is_quiet() && cluster.step() {}
        let records = cluster.take_records();
        let made = records.iter().find(|record| {
            matches!(&record.fact, Fact::Object { object, .. } if object.kind() == Kind::ServiceAccount && &*object.meta().namespace == "shop")
        });
        let made = made.expect("the controller makes it");
        // The chain of causes goes back to the person's request.
        let mut causes = vec![made.actor];
        let mut at = made.cause;
        while let Some(record) = at.and_then(|id| records.iter().find(|record| record.id == id)) {
            causes.push(record.actor);
            at = record.cause;
        }
        assert_eq!(causes.last(), Some(&Actor::Person));
        assert!(cluster.is_quiet());
        assert!(matches!(cluster.take_told()[0], Told::Answer(..)));
    }
}
