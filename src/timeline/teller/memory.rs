//! What the teller remembers between records.

use super::step::Cohort;
use crate::api::ObjectKey;
use crate::cluster::fault::{Fault, Silences, Unheard};
use crate::cluster::record::{ClientId, NodeId, RecordId};
use crate::cluster::runtime::ContainerId;
use crate::cluster::time::{MILLI, Micros, SECOND, SimTime};
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};

/// A Pod's deletion under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deletion {
    /// The Pods that are deleted together.
    pub(super) cohort: Cohort,
    /// Since when its grace period is counted: it was asked for, or a kubelet that was silent begins with it.
    pub(super) at: SimTime,
    /// Its grace period.
    pub(super) grace: Micros,
    /// The node whose kubelet has not heard of it: the grace period is counted once it does.
    pub(super) unheard: Option<NodeId>,
    /// Whether its kubelet was silent and may hear of it now: what it does first for it begins the grace period.
    pub(super) is_late: bool,
}

impl Deletion {
    /// How many milliseconds of the grace period are left at a time.
    pub(super) fn left(&self, at: SimTime) -> u64 {
        // To the tenth of a second, as it is told: the hops between are not worth a digit.
        let left = (self.at + self.grace).since(at) / (SECOND / 1_000);
        (left + 50) / 100 * 100
    }
}

/// A Pod.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PodMemory {
    /// The Pods that were made together.
    pub(super) cohort: Cohort,
    pub(super) deletion: Option<Deletion>,
}

/// A ReplicaSet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ReplicaSetMemory {
    pub(super) wanted: i32,
    /// Its Pods that are not terminating.
    pub(super) active: i32,
    /// Whether it has had as many as it wants since it wants so many.
    pub(super) was_full: bool,
}

/// A command.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CommandMemory {
    /// When its first request reached the API server, and the chapter in which that is told.
    pub(super) sent: Option<(SimTime, usize)>,
    /// Whether the API server took a change, and whether it refused one.
    pub(super) has_changed: bool,
    pub(super) was_refused: bool,
}

/// Requests to a Service that fail, until they are answered again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failing {
    /// When the last of them had failed.
    pub(super) failed: SimTime,
    /// Whether it is told that they are answered again.
    pub(super) is_over: bool,
}

/// A container that is to end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ContainerMemory {
    /// The signal that asked it to end.
    pub(super) asked: Option<(SimTime, &'static str)>,
    pub(super) is_killed: bool,
    /// Since when its preStop hook runs.
    pub(super) hook: Option<SimTime>,
}

/// Everything remembered.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    pub(super) pods: BTreeMap<ObjectKey, PodMemory>,
    pub(super) replica_sets: BTreeMap<ObjectKey, ReplicaSetMemory>,
    /// The records that put a deletionTimestamp into a Pod.
    pub(super) deletions: BTreeMap<RecordId, ObjectKey>,
    pub(super) commands: BTreeMap<ClientId, CommandMemory>,
    pub(super) containers: BTreeMap<ContainerId, ContainerMemory>,
    /// The containers that wait before they are started again, since that was told, by their Pod.
    pub(super) waiting: BTreeSet<(ObjectKey, Str)>,
    /// How long each container that was started again waits before the next time, in milliseconds, and since when.
    pub(super) waits: BTreeMap<(ObjectKey, Str), (u64, SimTime)>,
    /// When each container has ended last.
    pub(super) ends: BTreeMap<(ObjectKey, Str), SimTime>,
    /// The containers of which the last start has failed.
    pub(super) unstarted: BTreeSet<(ObjectKey, Str)>,
    /// What has gone wrong and was told, by its object.
    pub(super) troubles: BTreeSet<(ObjectKey, Str)>,
    /// The images that are known to be on a node.
    pub(super) images: BTreeSet<(NodeId, Str)>,
    /// The images that are asked for whether they are there or not, by node.
    pub(super) always: BTreeSet<(NodeId, Str)>,
    /// Pulls under way.
    pub(super) pulls: BTreeMap<(NodeId, Str), SimTime>,
    /// The nodes whose kubelet hears nothing now, or did not.
    pub(super) silences: BTreeMap<NodeId, Silences>,
    /// When each node that had lost its power has booted.
    pub(super) booted: BTreeMap<NodeId, SimTime>,
    /// Requests that fail, by their Service and the message that tells of all but the first.
    pub(super) failing: BTreeMap<(ObjectKey, &'static str), Failing>,
    /// The Pods whose `pause` somebody has killed.
    pub(super) killed_pauses: Vec<ObjectKey>,
}

/// How many milliseconds the kubelet waits before it starts a container once more where it ends, after a start that came after the
/// end before it: 10 s at first, then twice as long up to five minutes, and from the beginning where it ran for twice as long as that
/// (upstream: kuberuntime_manager.go doBackOff, client-go/util/flowcontrol Backoff.Next).
fn next_wait(before: Option<(u64, SimTime)>, ended: SimTime) -> u64 {
    const FIRST: u64 = 10_000;
    const LONGEST: u64 = 300_000;
    match before {
        Some((wait, started)) if ended.since(started) / MILLI <= 2 * LONGEST => (2 * wait).min(LONGEST),
        _ => FIRST,
    }
}

impl Memory {
    /// A container is started once more: it waits longer the next time.
    pub(super) fn count_start(&mut self, container: &(ObjectKey, Str), at: SimTime) {
        let ended = self.ends.get(container).copied().unwrap_or(at);
        let wait = next_wait(self.waits.get(container).copied(), ended);
        self.waits.insert(container.clone(), (wait, at));
    }
    /// A Pod is gone: one that is made anew under its name begins anew.
    pub(super) fn forget(&mut self, pod: &ObjectKey) {
        self.waiting.retain(|(other, _)| other != pod);
        self.waits.retain(|(other, _), _| other != pod);
        self.ends.retain(|(other, _), _| other != pod);
        self.unstarted.retain(|(other, _)| other != pod);
        self.troubles.retain(|(other, _)| other != pod);
    }
    /// The Pods that this one was made with.
    pub(super) fn cohort(&self, pod: &ObjectKey) -> Cohort {
        self.pods.get(pod).map_or(0, |pod| pod.cohort)
    }
    /// Why a node's kubelet hears nothing now.
    pub(super) fn unheard(&self, node: NodeId) -> Option<Unheard> {
        self.silences.get(&node)?.why()
    }
    /// Something silences a node, or no longer does. Where its kubelet hears again, the deletions that it has missed begin
    /// for it once it has heard of them.
    pub(super) fn silence(&mut self, fault: &Fault, at: SimTime) {
        let Some((node, why, begins)) = fault.silence() else { return };
        self.silences.entry(node).or_default().change(why, begins);
        if self.unheard(node).is_some() {
            return;
        }
        for deletion in self.pods.values_mut().filter_map(|pod| pod.deletion.as_mut()) {
            if deletion.unheard == Some(node) {
                (deletion.at, deletion.unheard, deletion.is_late) = (at, None, true);
            }
        }
    }
    /// The deletion of a Pod for which its kubelet does something.
    pub(super) fn under_way(&mut self, pod: &ObjectKey, at: SimTime) -> Option<Deletion> {
        let deletion = self.pods.get_mut(pod)?.deletion.as_mut()?;
        if std::mem::take(&mut deletion.is_late) {
            deletion.at = at;
        }
        Some(*deletion)
    }
    /// A Pod's deletion.
    pub(super) fn deletion(&self, pod: &ObjectKey) -> Option<Deletion> {
        self.pods.get(pod)?.deletion
    }
}

#[test]
fn a_back_off_begins_anew_where_a_container_has_run_for_ten_minutes() {
    let minute = |count: u64| SimTime(count * 60 * 1_000 * MILLI);
    for (before, ended, seconds) in [
        (None, minute(0), 10),
        (Some((10_000, minute(0))), minute(1), 20),
        (Some((300_000, minute(0))), minute(10), 300),
        (Some((300_000, minute(0))), minute(11), 10),
    ] {
        assert_eq!(next_wait(before, ended), seconds * 1_000, "{before:?}, ended at {ended:?}");
    }
}
