//! What is heard of nodes, and what follows where it is too little
//! (upstream: monitorNodeHealth, tryUpdateNodeHealth; pkg/controller/util/node MarkPodsNotReady).

use super::{
    GRACE_PERIOD, Input, NodeLifecycleController, Pass, STARTUP_GRACE_PERIOD, ready, ready_status, taints,
};
use crate::api::conditions::is_true;
use crate::api::objects::{Condition, ConditionStatus, Lease, Node, ObjectReference, Pod};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::controllers::WorkQueue;
use crate::cluster::informer::Cache;
use crate::cluster::recorder::EventNote;
use crate::cluster::request::{Reason, Request};
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::SimTime;
use crate::value::Str;
use std::rc::Rc;

/// The Namespace of the leases of nodes.
pub(in crate::cluster) const NODE_LEASES: &str = "kube-node-lease";

/// What was last heard of a node (upstream: nodeHealthData).
#[derive(Clone, Debug, Default)]
pub(super) struct NodeHealth {
    /// When the controller last saw something new of it.
    probe: SimTime,
    /// The heartbeat that its condition `Ready` had then.
    heartbeat: Option<Str>,
    /// Whether it was ready then.
    pub(super) ready: Option<ConditionStatus>,
    /// The lease that was seen then.
    lease: Option<SimTime>,
    /// Whether it has said nothing for longer than its grace period.
    pub(super) is_overdue: bool,
}

/// The conditions that become Unknown.
const CONDITIONS: [&str; 4] = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

impl NodeLifecycleController {
    /// Looks at all nodes, and has looked after those where something is to be done.
    pub(super) fn monitor_node_health(&mut self, now: SimTime, cache: &Cache, queue: &mut WorkQueue) {
        self.changed.clear();
        let mut states = Vec::new();
        let mut count = 0;
        for node in cache.list(Kind::Node, None).filter_map(|object| object.get::<Node>()) {
            count += 1;
            let name = &node.metadata.name;
            if !self.known.contains_key(name) {
                queue.add(Pass::Health.key(name));
            }
            let is_overdue = self.observe(node, now);
            let status = if is_overdue { ConditionStatus::Unknown } else { ready_status(node) };
            states.push((name.clone(), taints::zone(node), status));
            let is_retry = self.retry.contains(name) && ready_status(node) != ConditionStatus::True;
            let is_late = is_overdue && ready_status(node) != ConditionStatus::Unknown;
            if is_late || is_retry || taints::needs_eviction(node, status, &self.zones) {
                queue.add(Pass::Health.key(name));
            } else if ready_status(node) == ConditionStatus::Unknown {
                self.late.remove(name);
            }
        }
        if count < self.known.len() {
            let is_gone = |name: &&Str| cache.typed::<Node>("", name).is_none();
            let gone = self.known.iter().map(|(name, _)| name).filter(is_gone);
            gone.for_each(|name| queue.add(Pass::Health.key(name)));
        }
        self.handle_disruption(now, &states, queue);
        for (node, after) in self.zones.take_due(now) {
            queue.add_after(Pass::NoExecute.key(&node), after);
        }
    }
    /// Notes what is new of a node; true where its grace period is over.
    fn observe(&mut self, node: &Node, now: SimTime) -> bool {
        let name = &node.metadata.name;
        let condition = ready(node);
        let heartbeat = condition.and_then(|condition| condition.last_heartbeat_time.clone());
        let lease = self.leases.get(name).copied();
        let is_new = !self.health.contains_key(name);
        if is_new {
            self.health.insert(name.clone(), NodeHealth::default());
        }
        let Some(health) = self.health.get_mut(name) else { return false };
        if is_new || health.heartbeat != heartbeat || lease > health.lease {
            health.probe = now;
        }
        (health.heartbeat, health.lease) = (heartbeat, lease);
        health.ready = condition.and_then(|condition| condition.status);
        let grace = if condition.is_some() { GRACE_PERIOD } else { STARTUP_GRACE_PERIOD };
        health.is_overdue = now > health.probe + grace;
        health.is_overdue
    }
    /// All nodes were lost, and some are back, or the control plane was: each node gets its whole grace period again.
    pub(in crate::cluster) fn begin_anew(&mut self, now: SimTime) {
        self.health.change_each(|health| health.probe = now);
    }
    /// What a look at all nodes has found about one of them.
    pub(super) fn health_pass(
        &mut self,
        node: &Rc<Node>,
        input: &Input,
        ask: &mut Ask,
    ) -> Result<bool, Suspended> {
        let name = &node.metadata.name;
        if input.is_new {
            if ask.once() {
                self.known.insert(name.clone(), node.metadata.uid.clone());
            }
            let message = format!("Node {name} event: Registered Node {name} in Controller");
            ask.event(about_node(name, &input.uid, "RegisteredNode", message));
            if !self.mark_node_as_reachable(node, ask)? {
                return Ok(false);
            }
        }
        let was_ready = ready_status(node) == ConditionStatus::True;
        let mut current = node.clone();
        if input.is_overdue {
            match self.give_up(node, input, ask)? {
                Some(given_up) => current = given_up,
                None => return Ok(true),
            }
        }
        let is_ready = ready_status(&current) == ConditionStatus::True;
        self.process_taint_base_eviction(&current, input, ask)?;
        let is_lost = was_ready && !is_ready;
        if is_lost {
            let message = format!("Node {name} status is now: NodeNotReady");
            ask.event(about_node(name, &input.uid, "NodeNotReady", message));
        }
        let is_marked = if is_lost || (input.is_retry && !was_ready) {
            mark_pods_not_ready(&input.pods, ask)?
        } else {
            true
        };
        if ask.once() {
            if is_marked {
                self.retry.remove(name);
            } else {
                self.retry.insert(name.clone());
            }
        }
        // What could not be marked is tried again at the next look.
        Ok(true)
    }
    /// Nothing was heard for too long: its conditions become Unknown. None where that turns out to be wrong, or
    /// cannot be written.
    fn give_up(
        &mut self,
        node: &Rc<Node>,
        input: &Input,
        ask: &mut Ask,
    ) -> Result<Option<Rc<Node>>, Suspended> {
        let name = &node.metadata.name;
        let lease = ObjectKey::new(Kind::Lease, NODE_LEASES, name.clone());
        match ask.api(Request::get(lease))? {
            Ok(reply) => {
                let renewed = reply.object().and_then(|object| object.get::<Lease>()).and_then(|lease| lease.spec.renew_time.clone());
                let known = input.lease.map(|at| ask.wall().rfc3339_micro(at));
                if renewed != known {
                    return Ok(None);
                }
            }
            Err(error) if error.reason == Reason::NotFound => {}
            Err(_) => return Ok(None),
        }
        let now = ask.rfc3339();
        let mut current = node.clone();
        // A write that comes between is read and tried again.
        for _ in 0..5 {
            let mut new = Node::clone(&current);
            for kind in CONDITIONS {
                make_unknown(&mut new, kind, &now);
            }
            if ready(&new) == ready(&current) {
                return Ok(Some(current));
            }
            match ask.api(Request::update_status(new.clone()))? {
                Ok(reply) => {
                    let updated = reply.object().and_then(|object| object.get::<Node>()).cloned();
                    return Ok(Some(updated.unwrap_or_else(|| Rc::new(new))));
                }
                Err(error) if error.reason == Reason::NotFound => return Ok(None),
                Err(_) => {}
            }
            ask.sleep(20 * crate::cluster::time::MILLI)?;
            let fresh = ask.api(Request::get(ObjectKey::new(Kind::Node, "", name.clone())))?;
            match fresh.ok().and_then(|reply| reply.object().and_then(|object| object.get::<Node>().cloned())) {
                Some(fresh) => current = fresh,
                None => return Ok(None),
            }
        }
        Ok(None)
    }
    /// A node is gone.
    pub(super) fn forget_node(&mut self, name: &Str, input: &Input, ask: &mut Ask) -> bool {
        if ask.once() {
            self.known.remove(name);
            self.health.remove(name);
            self.leases.remove(name);
            self.zones.forget(name);
        }
        let message = format!("Node {name} event: Removing Node {name} from Controller");
        ask.event(about_node(name, &input.uid, "RemovingNode", message));
        true
    }
}

/// A condition becomes Unknown; one that was never there is made.
fn make_unknown(node: &mut Node, kind: &str, now: &Str) {
    let created = node.metadata.creation_timestamp.clone();
    let conditions = &mut node.status.conditions;
    match conditions.iter_mut().find(|condition| &*condition.kind == kind) {
        Some(condition) if condition.status == Some(ConditionStatus::Unknown) => {}
        Some(condition) => {
            condition.status = Some(ConditionStatus::Unknown);
            condition.reason = "NodeStatusUnknown".into();
            condition.message = "Kubelet stopped posting node status.".into();
            condition.last_transition_time = Some(now.clone());
        }
        None => conditions.push(Condition {
            kind: kind.into(),
            status: Some(ConditionStatus::Unknown),
            reason: "NodeStatusNeverUpdated".into(),
            message: "Kubelet never posted node status.".into(),
            last_heartbeat_time: Some(created),
            last_transition_time: Some(now.clone()),
            ..Condition::default()
        }),
    }
}

/// Says something about a node as the controllers of nodes do: by name and uid.
fn about_node(name: &Str, uid: &Str, reason: &'static str, message: String) -> EventNote {
    let about = ObjectReference {
        kind: "Node".into(),
        name: name.clone(),
        uid: uid.clone(),
        api_version: "v1".into(),
        ..ObjectReference::default()
    };
    EventNote { about, warning: false, reason, message, action: "" }
}

/// The Pods of a node that is lost are no longer ready, whatever they do. False where one could not be marked.
pub(super) fn mark_pods_not_ready(pods: &[Rc<Pod>], ask: &mut Ask) -> Result<bool, Suspended> {
    let mut is_done = true;
    for pod in pods.iter().filter(|pod| is_true(&pod.status.conditions, "Ready")) {
        let mut new = Pod::clone(pod);
        let now = ask.rfc3339();
        let conditions = &mut Rc::make_mut(&mut new.status).conditions;
        for condition in conditions.iter_mut().filter(|condition| &*condition.kind == "Ready") {
            condition.status = Some(ConditionStatus::False);
            condition.last_transition_time = Some(now.clone());
        }
        let object = Object::from(new.clone());
        match ask.api(Request::update_status(new))? {
            Ok(_) => {}
            Err(error) if error.reason == Reason::NotFound => continue,
            Err(_) => is_done = false,
        }
        ask.event(EventNote::warning(&object, "NodeNotReady", "Node is not ready"));
    }
    Ok(is_done)
}
