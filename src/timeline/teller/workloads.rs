//! The moments of StatefulSets, DaemonSets, CronJobs and PodDisruptionBudgets, and of nodes that do not answer.

use super::objects::{Seen, number, owner_key, text};
use super::step::Step;
use super::{Args, Teller};
use crate::api::Kind;
use crate::api::conditions::find;
use crate::api::objects::{ConditionStatus, DaemonSet, Job, Node, Pod, PodDisruptionBudget, StatefulSet};
use crate::cluster::record::{Actor, ControllerName};

/// Why the kubelet ended a Pod that is told as evicted.
const EVICTED: &str = "Evicted";
/// What a node may say that it is short of.
const PRESSURES: [&str; 3] = ["MemoryPressure", "DiskPressure", "PIDPressure"];

impl Teller {
    /// The step of a Pod that a StatefulSet's or a DaemonSet's controller has made, and what it is told of.
    pub(super) fn pod_of_set(pod: &Pod) -> Option<(Step, Args)> {
        let set = |kind| owner_key(&pod.metadata, kind);
        if let Some(set) = set(Kind::StatefulSet) {
            let args = vec![("set", text(&set.name)), ("pod", text(&pod.metadata.name))];
            return Some((Step::StatefulSetMakes(set), args));
        }
        let set = set(Kind::DaemonSet)?;
        let args = vec![("set", text(&set.name)), ("pod", text(&pod.metadata.name))];
        Some((Step::DaemonSetMakes(set), args))
    }

    /// The step of a Pod that a controller takes away, where that is told by what the controller is after.
    pub(super) fn pod_taken_away(actor: Actor, pod: &Pod) -> Option<(Step, Args)> {
        let Actor::Controller(controller) = actor else { return None };
        let set = |kind| owner_key(&pod.metadata, kind);
        let args = |name: &crate::value::Str| vec![("set", text(name))];
        match controller {
            ControllerName::StatefulSet => {
                let set = set(Kind::StatefulSet)?;
                let args = args(&set.name);
                Some((Step::StatefulSetRemoves(set), args))
            }
            ControllerName::DaemonSet => {
                let set = set(Kind::DaemonSet)?;
                let args = args(&set.name);
                Some((Step::DaemonSetRemoves(set), args))
            }
            ControllerName::TaintEviction => Some((
                Step::TaintEvicts(pod.spec.node_name.clone()),
                vec![("node", text(&pod.spec.node_name))],
            )),
            _ => None,
        }
    }

    /// Whether a kubelet has ended a Pod to have enough of something again.
    pub(super) fn is_evicted(pod: &Pod) -> bool {
        &*pod.status.reason == EVICTED
    }

    /// All Pods of a StatefulSet are ready.
    pub(super) fn stateful_set_status(&mut self, seen: &Seen, set: &StatefulSet) {
        let is_done = |set: &StatefulSet| {
            let wanted = set.spec.replicas.unwrap_or(1);
            wanted > 0 && set.status.ready_replicas == wanted && set.status.updated_replicas == wanted
        };
        if is_done(set) && seen.old::<StatefulSet>().is_some_and(|old| !is_done(old)) {
            let args = [("set", text(&seen.key.name)), ("count", number(set.status.ready_replicas))];
            self.tell(seen.record, seen.moment(Step::StatefulSetReady(seen.key.clone()), args));
        }
    }

    /// Each node that is to have a Pod of a DaemonSet has one that is ready.
    pub(super) fn daemon_set_status(&mut self, seen: &Seen, set: &DaemonSet) {
        let is_done = |set: &DaemonSet| {
            let status = &set.status;
            let wanted = status.desired_number_scheduled;
            wanted > 0 && status.number_ready == wanted && status.updated_number_scheduled == wanted
        };
        if is_done(set) && seen.old::<DaemonSet>().is_some_and(|old| !is_done(old)) {
            let args = [("set", text(&seen.key.name)), ("count", number(set.status.number_ready))];
            self.tell(seen.record, seen.moment(Step::DaemonSetReady(seen.key.clone()), args));
        }
    }

    /// A CronJob keeps only so many of its Jobs.
    pub(super) fn job_forgotten(&mut self, seen: &Seen, job: &Job) {
        let Some(cron_job) = owner_key(&job.metadata, Kind::CronJob) else { return };
        let args = [("cron_job", text(&cron_job.name)), ("job", text(&seen.key.name))];
        self.tell(seen.record, seen.moment(Step::CronJobForgets(cron_job), args));
    }

    /// A budget allows disruptions, or no longer does.
    pub(super) fn budget_status(&mut self, seen: &Seen, budget: &PodDisruptionBudget) {
        let Some(old) = seen.old::<PodDisruptionBudget>() else { return };
        let allows = |budget: &PodDisruptionBudget| budget.status.disruptions_allowed > 0;
        let is_first = old.status.observed_generation == 0 && budget.status.observed_generation > 0;
        if !is_first && allows(old) == allows(budget) {
            return;
        }
        let args = [
            ("budget", text(&seen.key.name)),
            ("healthy", number(budget.status.current_healthy)),
            ("wanted", number(budget.status.desired_healthy)),
            ("count", number(budget.status.disruptions_allowed)),
        ];
        self.tell(seen.record, seen.moment(Step::BudgetCounted(seen.key.clone()), args));
    }

    /// A node is no longer heard of, answers again, or is short of something.
    pub(super) fn node_status(&mut self, seen: &Seen, node: &Node) {
        let Some(old) = seen.old::<Node>() else { return };
        let is = |node: &Node, kind: &str, status| {
            find(&node.status.conditions, kind).is_some_and(|condition| condition.status == Some(status))
        };
        let becomes = |kind, status| is(node, kind, status) && !is(old, kind, status);
        let args = vec![("node", text(&seen.key.name))];
        if becomes("Ready", ConditionStatus::Unknown) {
            self.tell(seen.record, seen.moment(Step::NodeUnheard(seen.key.clone()), args));
        } else if becomes("Ready", ConditionStatus::True) {
            self.tell(seen.record, seen.moment(Step::NodeHeard(seen.key.clone()), args));
        } else if let Some(pressure) = PRESSURES.iter().find(|kind| becomes(kind, ConditionStatus::True)) {
            let args = [args, vec![("pressure", (*pressure).into())]].concat();
            self.tell(seen.record, seen.moment(Step::NodePressed(seen.key.clone()), args));
        }
    }
}
