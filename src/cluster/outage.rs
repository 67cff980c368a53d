//! Who reaches the API server, and what becomes of requests and watches of those who do not.
//!
//! While the API server is down it refuses connections at once; from behind a partition nothing comes back, and a
//! client gives up after a while. A watch that breaks is opened again by its reflector after a back-off of 0.8 to
//! 1.6 s, and tells then what was missed (upstream: client-go/tools/cache/reflector.go).

use super::event::{Caller, Event};
use super::fault::{Fault, RegistryState};
use super::machine::is_off;
use super::record::{Actor, Fact, NodeId, RecordId};
use super::request::{Reason, Request, Response, Status, WatchId};
use super::task::{Answer, Answered};
use super::time::{MILLI, Micros, SECOND};
use super::{Cluster, Node};
use crate::api::Kind;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Where the API server listens.
pub const API_SERVER: &str = "172.30.0.10:6443";
/// After how long a client gives up that gets no answer (upstream: net.Dialer's 30 s; for what a kubelet says of its
/// node, the 10 s of its heartbeat client).
const DIAL_TIMEOUT: Micros = 30 * SECOND;
const HEARTBEAT_TIMEOUT: Micros = 10 * SECOND;
/// A reflector's first back-off, to which chance adds as much again.
const BACK_OFF: Micros = 800 * MILLI;

/// What is cut off.
#[derive(Clone, Debug, Default)]
pub(super) struct Outage {
    is_down: bool,
    cut_off: BTreeSet<NodeId>,
    /// Watches with changes that could not be told, and how many.
    stalled: BTreeMap<WatchId, u32>,
    /// The nodes that have booted and have not yet reached the API server, and because of what.
    to_list: BTreeMap<NodeId, RecordId>,
}

fn node_of(actor: Actor) -> Option<NodeId> {
    match actor {
        Actor::Kubelet(node) | Actor::KubeProxy(node) | Actor::Runtime(node) => Some(node),
        _ => None,
    }
}

impl Outage {
    /// A node has booted: it has to list what is its own.
    pub(super) fn is_to_list(&mut self, node: NodeId, cause: RecordId) {
        self.to_list.insert(node, cause);
    }
    /// A node lists what is its own, where it has to: because of what.
    pub(super) fn lists(&mut self, node: NodeId) -> Option<RecordId> {
        self.to_list.remove(&node)
    }
    /// Whether it is the node that cannot reach it, and not that there is none.
    pub(super) fn is_down(&self) -> bool {
        self.is_down
    }
}

impl Cluster {
    /// Whether a node is without power.
    pub(super) fn is_off(&self, node: NodeId) -> bool {
        is_off(&self.nodes, node)
    }
    /// Whether an actor and the API server reach each other.
    pub(super) fn reaches(&self, actor: Actor) -> bool {
        let is_cut_off = |node| self.outage.cut_off.contains(&node) || self.is_off(node);
        !self.outage.is_down && !node_of(actor).is_some_and(is_cut_off)
    }
    /// A request does not reach the API server: its client hears so at once, or after a while.
    pub(super) fn fail(&mut self, caller: Caller, request: &Rc<Request>, cause: Option<RecordId>) {
        let (why, after) = if self.outage.is_down {
            ("connect: connection refused", 0)
        } else if request.key.kind == Kind::Node {
            ("i/o timeout", HEARTBEAT_TIMEOUT)
        } else {
            ("i/o timeout", DIAL_TIMEOUT)
        };
        let message = format!("dial tcp {API_SERVER}: {why}");
        let response =
            Response { result: Err(Status::new(Reason::ServiceUnavailable, message)), warnings: Vec::new() };
        let at = self.engine.now + after;
        let answered = Answered { at, cause, answer: Answer::Api(response) };
        self.engine.schedule(at, Event::Answer { caller, answered });
    }
    /// Keeps a change for later where its watcher cannot be told; true where it is kept.
    pub(super) fn stall(&mut self, watch: WatchId) -> bool {
        let is_cut = self.server.store.owner(watch).is_some_and(|owner| !self.reaches(owner));
        if is_cut {
            *self.outage.stalled.entry(watch).or_default() += 1;
        }
        is_cut
    }
    /// Tells the watchers that can be reached again what they have missed.
    fn reconnect(&mut self) {
        for (watch, count) in std::mem::take(&mut self.outage.stalled) {
            let Some(owner) = self.server.store.owner(watch) else { continue };
            if !self.reaches(owner) {
                self.outage.stalled.insert(watch, count);
                continue;
            }
            let wait = BACK_OFF + self.engine.jitter(BACK_OFF, ("reconnects", owner, watch));
            for _ in 0..count {
                self.engine.schedule(self.engine.now + wait, Event::Watch(watch));
            }
        }
        let waiting: Vec<NodeId> = self.outage.to_list.keys().copied().collect();
        for node in waiting {
            let wait = BACK_OFF + self.engine.jitter(BACK_OFF, ("lists", node));
            self.list_after(node, wait);
        }
    }
    /// Breaks or mends something.
    pub fn fault(&mut self, fault: &Fault) {
        let cause = self.engine.record(Actor::Person, None, Fact::Fault(Rc::new(fault.clone())));
        match fault {
            Fault::KillContainer(pod, container) => self.on_runtimes(|node, engine| {
                node.runtime.kill_container(engine, pod, container, cause);
            }),
            Fault::KillPause(pod) => {
                self.on_runtimes(|node, engine| node.runtime.kill_pause(engine, pod, cause));
            }
            Fault::KubeletStops(id) => {
                if let Some((node, engine)) = self.node(*id) {
                    node.kubelet.stop(engine);
                }
            }
            Fault::KubeletResumes(id) => {
                if let Some((node, engine)) = self.node(*id) {
                    node.kubelet.resume(engine, &mut node.runtime);
                    node.kubelet.on_runtime(engine, &mut node.runtime);
                }
            }
            Fault::NodeDies(id) => self.node_dies(*id, cause),
            Fault::NodeReturns(id) => {
                if self.is_off(*id) {
                    self.boot(*id, cause);
                }
            }
            Fault::Partition(id) => {
                self.outage.cut_off.insert(*id);
                if let Some((node, engine)) = self.node(*id) {
                    node.kubelet.expect_missed_lease(engine);
                }
            }
            Fault::PartitionEnds(id) => {
                self.outage.cut_off.remove(id);
                self.reconnect();
            }
            Fault::ApiServerStops => self.outage.is_down = true,
            Fault::ApiServerStarts => {
                self.outage.is_down = false;
                let now = self.engine.now;
                // Its controllers have lost their leases meanwhile and begin anew.
                self.manager.node_lifecycle(&mut self.engine, |controller| controller.begin_anew(now));
                self.reconnect();
            }
            Fault::ProxySlow(id) | Fault::ProxyMended(id) => {
                if let Some((node, _)) = self.node(*id) {
                    node.proxy.is_slow = matches!(fault, Fault::ProxySlow(_));
                }
            }
            Fault::Shortage(id, shortage) | Fault::ShortageEnds(id, shortage) => {
                let begins = matches!(fault, Fault::Shortage(..));
                if let Some((node, engine)) = self.node(*id) {
                    node.kubelet.on_shortage(engine, &node.runtime, *shortage, begins);
                }
            }
            Fault::ImageGone(image) => self.on_runtimes(|node, _| node.runtime.lose_image(image)),
            Fault::ImageBack(image) => self.on_runtimes(|node, _| node.runtime.find_image(image)),
            Fault::Registry(state) => {
                let state: RegistryState = *state;
                self.on_runtimes(|node, _| node.runtime.registry_is(state));
            }
        }
    }
    fn node(&mut self, id: NodeId) -> Option<(&mut Node, &mut super::Engine)> {
        Some((self.nodes.get_mut(usize::from(id.0))?, &mut self.engine))
    }
    fn on_runtimes(&mut self, mut change: impl FnMut(&mut Node, &mut super::Engine)) {
        for node in &mut self.nodes {
            change(node, &mut self.engine);
            node.kubelet.on_runtime(&mut self.engine, &mut node.runtime);
        }
    }
    fn node_dies(&mut self, id: NodeId, cause: RecordId) {
        if self.is_off(id) {
            return;
        }
        // Its watches break with it, with all that they have not told.
        for owner in [Actor::Kubelet(id), Actor::KubeProxy(id)] {
            self.server.store.unwatch_all(owner);
        }
        self.outage.to_list.remove(&id);
        if let Some((node, engine)) = self.node(id) {
            node.is_off = true;
            node.runtime.lose_power(engine, cause);
            node.kubelet.expect_missed_lease(engine);
        }
    }
}
