//! The taints that tell of a node's conditions (upstream: doNoScheduleTaintingPass, doNoExecuteTaintingPass,
//! processTaintBaseEviction, reconcileNodeLabels).

use super::zones::Zones;
use super::{Input, NodeLifecycleController, ready_status};
use crate::api::objects::{ConditionStatus, Node, Taint};
use crate::api::taints::{self, NO_EXECUTE, NO_SCHEDULE, has, is_same, taint};
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::{PatchKind, Reason, Request, Verb};
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::MILLI;
use crate::value::typed::Typed;
use crate::value::{Str, Value};
use std::rc::Rc;

/// Which condition in which state is which taint (upstream: nodeConditionToTaintKeyStatusMap).
const CONDITION_TAINTS: &[(&str, ConditionStatus, &str)] = &[
    ("Ready", ConditionStatus::False, taints::NOT_READY),
    ("Ready", ConditionStatus::Unknown, taints::UNREACHABLE),
    ("MemoryPressure", ConditionStatus::True, taints::MEMORY_PRESSURE),
    ("DiskPressure", ConditionStatus::True, taints::DISK_PRESSURE),
    ("NetworkUnavailable", ConditionStatus::True, taints::NETWORK_UNAVAILABLE),
    ("PIDPressure", ConditionStatus::True, taints::PID_PRESSURE),
];

/// Labels whose old name gets the value of the new one.
const OLD_LABELS: [(&str, &str); 2] =
    [("kubernetes.io/os", "beta.kubernetes.io/os"), ("kubernetes.io/arch", "beta.kubernetes.io/arch")];

/// The zone that a node is in (upstream: GetZoneKey).
pub(super) fn zone(node: &Node) -> Str {
    let label = |key: &str| node.metadata.labels.get(key).cloned().unwrap_or_default();
    let (region, zone) = (label("topology.kubernetes.io/region"), label("topology.kubernetes.io/zone"));
    if region.is_empty() && zone.is_empty() { Str::default() } else { format!("{region}:\0:{zone}").into() }
}

/// Whether a change of a node may change its NoSchedule taints or its labels.
pub(super) fn concerns_no_schedule(old: &Node, new: &Node) -> bool {
    let states = |node: &Node| {
        let conditions = node.status.conditions.iter();
        conditions.map(|condition| (condition.kind.clone(), condition.status)).collect::<Vec<_>>()
    };
    old.spec != new.spec || old.metadata.labels != new.metadata.labels || states(old) != states(new)
}

/// Whether a NoExecute taint is missing or too much.
pub(super) fn needs_eviction(node: &Node, status: ConditionStatus, zones: &Zones) -> bool {
    let list = &node.spec.taints;
    let (not_ready, unreachable) =
        (has(list, taints::NOT_READY, NO_EXECUTE), has(list, taints::UNREACHABLE, NO_EXECUTE));
    if zones.is_disrupted() {
        return not_ready || unreachable;
    }
    match status {
        ConditionStatus::True => not_ready || unreachable,
        ConditionStatus::False => unreachable || !not_ready,
        ConditionStatus::Unknown => not_ready || !unreachable,
    }
}

/// Writes the taints that conditions and a cordon ask for, and the old names of labels.
pub(super) fn no_schedule_pass(node: &Rc<Node>, ask: &mut Ask) -> Result<bool, Suspended> {
    let mut wanted: Vec<Taint> = Vec::new();
    for condition in &node.status.conditions {
        let matching = CONDITION_TAINTS
            .iter()
            .find(|(kind, status, _)| *kind == &*condition.kind && condition.status == Some(*status));
        wanted.extend(matching.map(|(.., key)| taint(key, NO_SCHEDULE)));
    }
    if node.spec.unschedulable {
        wanted.push(taint(taints::UNSCHEDULABLE, NO_SCHEDULE));
    }
    let is_ours = |taint: &&Taint| {
        &*taint.effect == NO_SCHEDULE
            && (&*taint.key == taints::UNSCHEDULABLE
                || CONDITION_TAINTS.iter().any(|(.., key)| *key == &*taint.key))
    };
    let there: Vec<&Taint> = node.spec.taints.iter().filter(is_ours).collect();
    let add: Vec<Taint> =
        wanted.iter().filter(|taint| !there.iter().any(|other| is_same(other, taint))).cloned().collect();
    let remove: Vec<Taint> = there
        .into_iter()
        .filter(|taint| !wanted.iter().any(|other| is_same(other, taint)))
        .cloned()
        .collect();
    Ok(swap_taints(node, add, &remove, ask)? && reconcile_labels(node, ask)?)
}

fn reconcile_labels(node: &Node, ask: &mut Ask) -> Result<bool, Suspended> {
    let labels = &node.metadata.labels;
    let mut patch = Value::object();
    let mut is_needed = false;
    for (new, old) in OLD_LABELS {
        if let Some(value) = labels.get(new)
            && labels.get(old) != Some(value)
        {
            patch.set(&["metadata", "labels", old], value.clone());
            is_needed = true;
        }
    }
    if !is_needed {
        return Ok(true);
    }
    let key = ObjectKey::new(Kind::Node, "", node.metadata.name.clone());
    Ok(ask.api(Request::new(Verb::Patch(PatchKind::Strategic, patch), key))?.is_ok())
}

/// Adds taints, then removes others, each as one change (upstream: SwapNodeControllerTaint).
fn swap_taints(
    node: &Rc<Node>,
    mut add: Vec<Taint>,
    remove: &[Taint],
    ask: &mut Ask,
) -> Result<bool, Suspended> {
    let now = ask.rfc3339();
    add.iter_mut().for_each(|taint| taint.time_added = Some(now.clone()));
    let adds = |list: &[Taint]| {
        let kept = list.iter().filter(|taint| !add.iter().any(|new| is_same(new, taint)));
        kept.chain(&add).cloned().collect::<Vec<_>>()
    };
    if !add.is_empty() && !change_taints(node, adds, ask)? {
        return Ok(false);
    }
    let removes = |list: &[Taint]| {
        let kept = list.iter().filter(|taint| !remove.iter().any(|old| is_same(old, taint)));
        kept.cloned().collect::<Vec<_>>()
    };
    Ok(remove.is_empty() || change_taints(node, removes, ask)?)
}

/// Changes a node's taints as it has them now, and again where that has changed meanwhile.
fn change_taints(
    node: &Node,
    change: impl Fn(&[Taint]) -> Vec<Taint>,
    ask: &mut Ask,
) -> Result<bool, Suspended> {
    let key = ObjectKey::new(Kind::Node, "", node.metadata.name.clone());
    for attempt in 0..5 {
        if attempt > 0 {
            ask.sleep(100 * MILLI)?;
        }
        let fresh = match ask.api(Request::get(key.clone()))? {
            Ok(reply) => reply.object().and_then(|object| object.get::<Node>()).cloned(),
            Err(error) if error.reason == Reason::NotFound => return Ok(true),
            Err(_) => None,
        };
        let Some(fresh) = fresh else { continue };
        let new = change(&fresh.spec.taints);
        if new == fresh.spec.taints {
            return Ok(true);
        }
        let mut patch = Value::object();
        patch.set(&["metadata", "resourceVersion"], fresh.metadata.resource_version.clone());
        let list = Value::from(new.iter().map(Typed::encode).collect::<Vec<_>>());
        patch.set(&["spec", "taints"], if new.is_empty() { Value::Null } else { list });
        if ask.api(Request::new(Verb::Patch(PatchKind::Strategic, patch), key.clone()))?.is_ok() {
            return Ok(true);
        }
    }
    Ok(false)
}

impl NodeLifecycleController {
    /// A node that is not ready is to be given up, one that is ready is not
    /// (upstream: processTaintBaseEviction).
    pub(super) fn process_taint_base_eviction(
        &mut self,
        node: &Rc<Node>,
        input: &Input,
        ask: &mut Ask,
    ) -> Result<(), Suspended> {
        let status = ready_status(node);
        if input.is_disrupted || status == ConditionStatus::True {
            self.mark_node_as_reachable(node, ask)?;
            return Ok(());
        }
        let (key, other) = match status {
            ConditionStatus::False => (taints::NOT_READY, taints::UNREACHABLE),
            _ => (taints::UNREACHABLE, taints::NOT_READY),
        };
        if has(&node.spec.taints, other, NO_EXECUTE) {
            swap_taints(node, vec![taint(key, NO_EXECUTE)], &[taint(other, NO_EXECUTE)], ask)?;
        } else if ask.once() {
            let is_tainted = has(&node.spec.taints, key, NO_EXECUTE);
            self.zones.mark_for_tainting(zone(node), &node.metadata.name, is_tainted);
        }
        Ok(())
    }
    /// Takes the NoExecute taints off a node (upstream: markNodeAsReachable).
    pub(super) fn mark_node_as_reachable(
        &mut self,
        node: &Rc<Node>,
        ask: &mut Ask,
    ) -> Result<bool, Suspended> {
        for key in [taints::UNREACHABLE, taints::NOT_READY] {
            let gone = [taint(key, NO_EXECUTE)];
            if has(&node.spec.taints, key, NO_EXECUTE) && !swap_taints(node, Vec::new(), &gone, ask)? {
                return Ok(false);
            }
        }
        if ask.once() {
            self.zones.forget(&node.metadata.name);
        }
        Ok(true)
    }
    /// Puts the NoExecute taint on a node whose turn it is (upstream: doNoExecuteTaintingPass).
    pub(super) fn no_execute_pass(&mut self, node: &Rc<Node>, ask: &mut Ask) -> Result<bool, Suspended> {
        let (key, other) = match ready_status(node) {
            ConditionStatus::True => return Ok(true),
            ConditionStatus::False => (taints::NOT_READY, taints::UNREACHABLE),
            ConditionStatus::Unknown => (taints::UNREACHABLE, taints::NOT_READY),
        };
        if has(&node.spec.taints, key, NO_EXECUTE) {
            return Ok(true);
        }
        swap_taints(node, vec![taint(key, NO_EXECUTE)], &[taint(other, NO_EXECUTE)], ask)
    }
}
