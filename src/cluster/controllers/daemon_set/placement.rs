//! On which nodes a DaemonSet's Pods should be, and what is missing or too much there
//! (upstream: podsShouldBeOnNode and NodeShouldRunDaemonPod in daemon_controller.go).

use super::template::{HASH_LABEL, target_node};
use super::{BackOff, FIRST_WAIT, LONGEST_WAIT, update};
use crate::api::conditions::{is_pod_in_phase, is_pod_ready, is_pod_terminal};
use crate::api::objects::{DaemonSet, Node, Pod, PodPhase, PodSpec};
use crate::api::scheduling::{is_tolerated, matches_node, untolerated_taint};
use crate::cluster::controllers::availability::is_pod_available;
use crate::cluster::time::{Micros, SimTime};
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A DaemonSet's Pods by their nodes.
pub(super) type NodePods = BTreeMap<Str, Vec<Rc<Pod>>>;

/// Whether a Pod should be on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    /// One that is not there yet is made.
    pub(super) runs: bool,
    /// One that is there may stay.
    pub(super) stays: bool,
}

/// Whether a Pod of this spec, its tolerations included, should be on a node.
pub(super) fn should_run(node: &Node, spec: &PodSpec) -> Placed {
    let is_elsewhere = !spec.node_name.is_empty() && spec.node_name != node.metadata.name;
    if is_elsewhere || !matches_node(spec, node) {
        return Placed { runs: false, stays: false };
    }
    let taints = &node.spec.taints;
    let evicts = |taint: &&crate::api::objects::Taint| {
        &*taint.effect == "NoExecute" && !is_tolerated(taint, &spec.tolerations)
    };
    Placed {
        runs: untolerated_taint(taints, &spec.tolerations).is_none(),
        stays: !taints.iter().any(|taint| evicts(&taint)),
    }
}

/// Pods by the nodes that they are on or were made for. Those that have ended and are being deleted are somebody
/// else's business.
pub(super) fn by_node(pods: &[Rc<Pod>]) -> NodePods {
    let mut nodes = NodePods::new();
    for pod in pods {
        if !(is_pod_terminal(pod) && pod.metadata.is_terminating())
            && let Some(node) = target_node(pod)
        {
            nodes.entry(node.clone()).or_default().push(pod.clone());
        }
    }
    nodes
}

/// Those that are bound first, then the older.
pub(super) fn sort_by_age(pods: &mut [Rc<Pod>]) {
    pods.sort_by_key(|pod| {
        let meta = &pod.metadata;
        (pod.spec.node_name.is_empty(), meta.creation_timestamp.clone(), meta.name.clone())
    });
}

/// What is to be done.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// A Pod is made for each of these nodes.
    pub(super) nodes: Vec<Str>,
    /// These Pods are deleted.
    pub(super) pods: Vec<Rc<Pod>>,
    /// These of them have ended.
    pub(super) ended: Vec<Rc<Pod>>,
    /// On these nodes one has failed: the next is left alone for so long.
    pub(super) failing: Vec<(Str, Micros)>,
    /// When to look again at those that are left alone.
    pub(super) again: Option<Micros>,
}

/// What a DaemonSet's Pods are judged by.
pub(super) struct View<'a> {
    pub(super) set: &'a DaemonSet,
    /// The hash of the template as it is.
    pub(super) hash: &'a str,
    /// The spec of the Pods with their tolerations.
    pub(super) spec: &'a PodSpec,
    pub(super) failing: &'a BTreeMap<Str, BackOff>,
    pub(super) now: SimTime,
    /// The same in microseconds since 1970.
    pub(super) unix_now: u64,
}

impl View<'_> {
    pub(super) fn is_available(&self, pod: &Pod) -> bool {
        is_pod_available(pod, self.set.spec.min_ready_seconds, self.unix_now)
    }
    /// What is missing or too much on the nodes.
    pub(super) fn plan(&self, nodes: &[Rc<Node>], pods: &NodePods) -> Plan {
        let mut plan = Plan::default();
        for node in nodes {
            let placed = should_run(node, self.spec);
            let name = &node.metadata.name;
            let there = pods.get(name).map_or(&[][..], |pods| pods);
            if placed.runs && there.is_empty() {
                plan.nodes.push(name.clone());
            } else if placed.stays {
                self.plan_kept(name, there, placed.runs, &mut plan);
            } else {
                plan.pods.extend(there.iter().filter(|pod| !pod.metadata.is_terminating()).cloned());
            }
        }
        // What was made for a node that is gone is never bound, so nobody else deletes it.
        let known: BTreeSet<&Str> = nodes.iter().map(|node| &node.metadata.name).collect();
        let lost = pods.iter().filter(|(node, _)| !known.contains(node)).flat_map(|(_, pods)| pods);
        plan.pods.extend(lost.filter(|pod| pod.spec.node_name.is_empty()).cloned());
        plan
    }
    /// On a node where one may be: those that have ended go, and all but one of the others.
    fn plan_kept(&self, node: &Str, there: &[Rc<Pod>], runs: bool, plan: &mut Plan) {
        let mut running = Vec::new();
        for pod in there.iter().filter(|pod| !pod.metadata.is_terminating()) {
            if is_pod_in_phase(pod, PodPhase::Failed) {
                match self.back_off(node) {
                    Ok(next) => plan.failing.push((node.clone(), next)),
                    Err(wait) => {
                        plan.again = Some(plan.again.map_or(wait, |again| again.min(wait)));
                        continue;
                    }
                }
            } else if !is_pod_in_phase(pod, PodPhase::Succeeded) {
                running.push(pod.clone());
                continue;
            }
            plan.ended.push(pod.clone());
            plan.pods.push(pod.clone());
        }
        sort_by_age(&mut running);
        if !update::allows_surge(self.set) {
            plan.pods.extend(running.into_iter().skip(1));
        } else if running.is_empty() && runs {
            plan.nodes.push(node.clone());
        } else if running.len() > 1 {
            self.plan_surge(&running, plan);
        }
    }
    /// Where there may be two for a while: a new one that is not ready, and an old one that is.
    fn plan_surge(&self, running: &[Rc<Pod>], plan: &mut Plan) {
        let is_new =
            |pod: &&Rc<Pod>| pod.metadata.labels.get(HASH_LABEL).is_some_and(|hash| &**hash == self.hash);
        let (new, old): (Vec<_>, Vec<_>) = running.iter().partition(is_new);
        if let (Some(new), Some(old)) = (new.first(), old.first())
            && (!is_pod_ready(old) || self.is_available(new))
        {
            plan.pods.push(Rc::clone(old));
        }
        plan.pods.extend(new.into_iter().skip(1).chain(old.into_iter().skip(1)).cloned());
    }
    /// The next wait, or how long this one lasts where it is not over.
    fn back_off(&self, node: &Str) -> Result<Micros, Micros> {
        let generation = self.set.status.observed_generation;
        let last = self.failing.get(node).filter(|last| last.generation == generation);
        match last.map(|last| (last.wait, self.now.since(last.since))) {
            Some((_, since)) if since > 2 * LONGEST_WAIT => Ok(FIRST_WAIT),
            Some((wait, since)) if since < wait => Err(wait),
            Some((wait, _)) => Ok((2 * wait).min(LONGEST_WAIT)),
            None => Ok(FIRST_WAIT),
        }
    }
}
