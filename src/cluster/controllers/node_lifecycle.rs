//! Watches over nodes: what is not heard of becomes Unknown, conditions become taints, and the Pods of a lost
//! node are marked as not ready (upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go).

mod health;
mod taints;
mod zones;

use super::{Controller, Outcome, WorkQueue};
use crate::api::conditions::find;
use crate::api::objects::{Condition, ConditionStatus, Node, Pod};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::table::{SortedTable, Table};
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::value::Str;
use health::NodeHealth;
use std::collections::BTreeSet;
use std::rc::Rc;
use zones::Zones;

/// How long a node that was ready may say nothing (upstream: nodeMonitorGracePeriod).
const GRACE_PERIOD: Micros = 50 * SECOND;
/// How long a node that has never said anything may say nothing (upstream: nodeStartupGracePeriod).
const STARTUP_GRACE_PERIOD: Micros = 60 * SECOND;

/// What is done about a node or a Pod: upstream has a queue or a loop for each. The first letter of a key's
/// Namespace tells them apart, since a Node has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    /// Conditions and cordons become NoSchedule taints, and labels are made alike.
    NoSchedule,
    /// A node that is not ready gets its NoExecute taint.
    NoExecute,
    /// Looks after what a look at all nodes has found.
    Health,
    /// A Pod that was placed on a node that is not ready.
    Pod,
}

impl Pass {
    const fn word(self) -> &'static str {
        match self {
            Self::NoSchedule | Self::Pod => "",
            Self::NoExecute => "no-execute",
            Self::Health => "health",
        }
    }
    fn key(self, node: &Str) -> ObjectKey {
        ObjectKey { kind: Kind::Node, namespace: self.word().into(), name: node.clone() }
    }
    fn of(key: &ObjectKey) -> Self {
        match (key.kind, &*key.namespace) {
            (Kind::Pod, _) => Self::Pod,
            (_, "no-execute") => Self::NoExecute,
            (_, "health") => Self::Health,
            _ => Self::NoSchedule,
        }
    }
}

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct NodeLifecycleController {
    /// What was last heard of each node.
    health: SortedTable<Str, NodeHealth>,
    /// The nodes that it knows, with their uids.
    known: SortedTable<Str, Str>,
    /// When each node's lease was last renewed.
    leases: Table<Str, SimTime>,
    /// The nodes that have not renewed their leases in time, until they are Unknown.
    late: BTreeSet<Str>,
    /// The nodes that have become not ready since all nodes were last looked at.
    changed: BTreeSet<Str>,
    /// The nodes whose Pods could not all be marked.
    retry: BTreeSet<Str>,
    zones: Zones,
    /// Keys that a sync wants looked at.
    wanted: Vec<ObjectKey>,
}

/// What a sync reads.
#[derive(Clone, Debug)]
pub struct Input {
    /// None where it is gone.
    node: Option<Rc<Node>>,
    pods: Vec<Rc<Pod>>,
    /// Whether the grace period is over.
    is_overdue: bool,
    /// What the controller knows of the lease.
    lease: Option<SimTime>,
    /// Whether it is new, or gone, since all nodes were last looked at.
    is_new: bool,
    is_retry: bool,
    /// Whether no node is ready: then none is given up.
    is_disrupted: bool,
    /// The uid that it was known by.
    uid: Str,
}

/// The condition `Ready` of a node.
fn ready(node: &Node) -> Option<&Condition> {
    find(&node.status.conditions, "Ready")
}

/// Whether a node is ready; Unknown where it has never said.
fn ready_status(node: &Node) -> ConditionStatus {
    ready(node).and_then(|condition| condition.status).unwrap_or(ConditionStatus::Unknown)
}

impl NodeLifecycleController {
    /// A lease was renewed. Leases are not watched one by one: that would be most of what happens in a cluster.
    pub(in crate::cluster) fn renewed(&mut self, node: &Str, at: SimTime) {
        self.leases.insert(node.clone(), at);
        self.late.remove(node);
    }
    /// A lease was not renewed in its time.
    pub(in crate::cluster) fn missed(&mut self, node: &Str) {
        if self.known.contains_key(node) {
            self.late.insert(node.clone());
        }
    }
    /// A node that was there before the run began.
    pub(in crate::cluster) fn know(&mut self, node: &Str, uid: &Str) {
        self.known.insert(node.clone(), uid.clone());
    }
    /// Whether a node of which nothing is heard has still to be given up.
    pub(in crate::cluster) fn is_waiting_for(&self, node: &str) -> bool {
        self.late.contains(node)
    }
    fn gather_node(&mut self, pass: Pass, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let name = &key.name;
        let node = cache.typed::<Node>("", name).cloned();
        if node.is_none() && pass != Pass::Health {
            return None;
        }
        let (is_known, is_there) = (self.known.contains_key(name), node.is_some());
        let uid = match &node {
            Some(node) => node.metadata.uid.clone(),
            None => self.known.get(name)?.clone(),
        };
        Some(Input {
            pods: if pass == Pass::Health { cache.pods_on(name).cloned().collect() } else { Vec::new() },
            is_overdue: self.health.get(name).is_some_and(|health| health.is_overdue),
            lease: self.leases.get(name).copied(),
            is_new: is_known != is_there,
            is_retry: self.retry.contains(name),
            is_disrupted: self.zones.is_disrupted(),
            node,
            uid,
        })
    }
}

impl Controller for NodeLifecycleController {
    const NAME: ControllerName = ControllerName::NodeLifecycle;
    const COMPONENT: &'static str = "node-controller";
    const WATCHES: &'static [Kind] = &[Kind::Node, Kind::Pod];
    const WORKERS: usize = 20;
    // Upstream waits 5 s after each look has ended (wait.UntilWithContext), and a look takes some milliseconds.
    const TICK: Option<Micros> = Some(5 * SECOND + 5 * crate::cluster::time::MILLI);
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, _: &Cache, queue: &mut WorkQueue) {
        match &heard.object {
            Object::Node(node) => {
                let name = &node.metadata.name;
                if heard.change == Change::Deleted {
                    self.late.remove(name);
                    self.retry.remove(name);
                    // The next look at all nodes misses it.
                    self.changed.insert(name.clone());
                    return;
                }
                let old = heard.old.as_ref().and_then(|old| old.get::<Node>());
                if old.is_none_or(|old| taints::concerns_no_schedule(old, node)) {
                    queue.add(Pass::NoSchedule.key(name));
                }
                if ready_status(node) != ConditionStatus::True && ready(node).is_some() {
                    // The next look at all nodes has something to do.
                    self.changed.insert(name.clone());
                }
            }
            Object::Pod(pod) if heard.change != Change::Deleted => {
                let was = heard.old.as_ref().and_then(|old| old.get::<Pod>()).map(|old| &old.spec.node_name);
                let name = &pod.spec.node_name;
                let is_lost = self.health.get(name).is_some_and(|health| health.ready != Some(ConditionStatus::True));
                if is_lost && was != Some(name) {
                    queue.add(heard.object.key());
                }
            }
            _ => {}
        }
    }
    fn on_tick(&mut self, now: SimTime, cache: &Cache, queue: &mut WorkQueue) {
        self.monitor_node_health(now, cache, queue);
    }
    fn is_waiting(&self) -> bool {
        !self.late.is_empty() || !self.changed.is_empty() || !self.retry.is_empty()
    }
    fn after_sync(&mut self, now: SimTime, queue: &mut WorkQueue) {
        self.wanted.drain(..).for_each(|key| queue.add(key));
        for (node, after) in self.zones.take_due(now) {
            queue.add_after(Pass::NoExecute.key(&node), after);
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let pass = Pass::of(key);
        if pass != Pass::Pod {
            return self.gather_node(pass, key, cache);
        }
        let pod = cache.typed::<Pod>(&key.namespace, &key.name)?.clone();
        let node = Pass::Health.key(&pod.spec.node_name);
        let is_lost = self.health.get(&node.name)?.ready != Some(ConditionStatus::True);
        let input = self.gather_node(Pass::NoSchedule, &node, cache)?;
        is_lost.then_some(Input { pods: vec![pod], ..input })
    }
    fn sync(&mut self, key: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let is_done = match (Pass::of(key), &input.node) {
            (Pass::NoSchedule, Some(node)) => taints::no_schedule_pass(node, ask)?,
            (Pass::NoExecute, Some(node)) => self.no_execute_pass(node, ask)?,
            (Pass::Pod, Some(_)) => health::mark_pods_not_ready(&input.pods, ask)?,
            (Pass::Health, Some(node)) => self.health_pass(node, input, ask)?,
            (_, None) => self.forget_node(&key.name, input, ask),
        };
        Ok(if is_done { Outcome::Done } else { Outcome::Retry })
    }
}
