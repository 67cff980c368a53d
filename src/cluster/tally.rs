//! Counts of Pods, so that a sync need not go through all of them.

use crate::api::conditions::{is_pod_active, is_pod_ready, is_pod_terminal};
use crate::api::objects::{Labels, Pod};
use std::collections::BTreeMap;

/// How many Pods there are, and how they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PodCounts {
    /// All.
    pub all: i32,
    /// Those that have ended for good.
    pub ended: i32,
    /// Those whose deletion was asked for.
    pub leaving: i32,
    /// Those of them that have not ended.
    pub terminating: i32,
    /// Those that neither have ended nor are to end.
    pub active: i32,
    /// Those of them that are ready.
    pub ready: i32,
}

impl PodCounts {
    /// Counts a Pod in (1) or out (-1).
    pub fn count(&mut self, pod: &Pod, sign: i32) {
        let (is_leaving, has_ended) = (pod.metadata.is_terminating(), is_pod_terminal(pod));
        let is_active = is_pod_active(pod);
        let one = |is: bool| if is { sign } else { 0 };
        self.all += sign;
        self.ended += one(has_ended);
        self.leaving += one(is_leaving);
        self.terminating += one(is_leaving && !has_ended);
        self.active += one(is_active);
        self.ready += one(is_active && is_pod_ready(pod));
    }
    /// Adds the counts of others.
    pub fn add(&mut self, other: &PodCounts) {
        self.all += other.all;
        self.ended += other.ended;
        self.leaving += other.leaving;
        self.terminating += other.terminating;
        self.active += other.active;
        self.ready += other.ready;
    }
}

/// Pods counted by their labels: those of one workload mostly have the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodTally(BTreeMap<Labels, PodCounts>);

impl PodTally {
    /// Counts a Pod in (1) or out (-1).
    pub fn count(&mut self, pod: &Pod, sign: i32) {
        let labels = &pod.metadata.labels;
        let counts = match self.0.get_mut(labels) {
            Some(counts) => counts,
            None => self.0.entry(labels.clone()).or_default(),
        };
        counts.count(pod, sign);
        if counts.all == 0 {
            self.0.remove(labels);
        }
    }
    /// A Pod has changed.
    pub fn recount(&mut self, old: &Pod, new: &Pod) {
        match self.0.get_mut(&new.metadata.labels).filter(|_| old.metadata.labels == new.metadata.labels) {
            Some(counts) => {
                counts.count(old, -1);
                counts.count(new, 1);
            }
            None => {
                self.count(old, -1);
                self.count(new, 1);
            }
        }
    }
    /// The labels, and how many Pods have just these.
    pub fn by_labels(&self) -> impl Iterator<Item = (&Labels, &PodCounts)> {
        self.0.iter()
    }
    /// All of them.
    pub fn sum(&self) -> PodCounts {
        let mut sum = PodCounts::default();
        self.0.values().for_each(|counts| sum.add(counts));
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::{ObjectMeta, PodPhase, PodStatus};
    use std::rc::Rc;

    fn pod(app: &str, phase: PodPhase, is_leaving: bool) -> Pod {
        let metadata = ObjectMeta {
            labels: Labels::from([("app".into(), app.into())]),
            deletion_timestamp: is_leaving.then(|| "now".into()),
            ..ObjectMeta::default()
        };
        let status = PodStatus { phase: Some(phase), ..PodStatus::default() };
        Pod { metadata: Rc::new(metadata), status: Rc::new(status), ..Pod::default() }
    }

    #[test]
    fn what_is_counted_in_can_be_counted_out() {
        let pods = [
            pod("web", PodPhase::Running, false),
            pod("web", PodPhase::Running, true),
            pod("web", PodPhase::Failed, true),
            pod("db", PodPhase::Pending, false),
        ];
        let mut tally = PodTally::default();
        pods.iter().for_each(|pod| tally.count(pod, 1));
        assert_eq!(tally.by_labels().count(), 2);
        let sum = PodCounts { all: 4, ended: 1, leaving: 2, terminating: 1, active: 2, ready: 0 };
        assert_eq!(tally.sum(), sum);
        let (ready, moved) = (pod("web", PodPhase::Failed, false), pod("db", PodPhase::Running, false));
        tally.recount(&pods[0], &ready);
        assert_eq!((tally.sum().ended, tally.sum().active), (2, 1));
        tally.recount(&ready, &moved);
        tally.recount(&moved, &pods[0]);
        assert_eq!((tally.sum(), tally.by_labels().count()), (sum, 2));
        pods.iter().for_each(|pod| tally.count(pod, -1));
        assert_eq!(tally, PodTally::default());
    }
}
