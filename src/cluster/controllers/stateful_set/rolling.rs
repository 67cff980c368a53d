//! Replacing a StatefulSet's Pods by those of a new template, from the highest number down
//! (upstream: updateStatefulSetAfterInvariantEstablished in stateful_set_control.go).

use super::Sync;
use super::identity::revision_of;
use crate::api::objects::{Pod, StatefulSet, StatefulSetStatus};
use crate::cluster::controllers::availability::is_pod_available;
use crate::cluster::controllers::int_or_percent::scaled;
use crate::cluster::controllers::stop::Stop;
use std::rc::Rc;

/// How many Pods an update may have missing.
fn max_unavailable(set: &StatefulSet) -> i32 {
    let rolling = set.spec.update_strategy.rolling_update.as_ref();
    let bound = rolling.and_then(|rolling| rolling.max_unavailable.as_ref());
    scaled(bound, set.spec.replicas.unwrap_or(1), false).max(1)
}

/// The Pods that go now.
fn to_replace<'a>(set: &StatefulSet, replicas: &'a [Rc<Pod>], update: &str, now: u64) -> Vec<&'a Rc<Pod>> {
    let rolling = set.spec.update_strategy.rolling_update.as_ref();
    let first = rolling.and_then(|rolling| rolling.partition).unwrap_or(0).max(0) as usize;
    let is_available = |pod: &Pod| is_pod_available(pod, set.spec.min_ready_seconds, now);
    let is_unavailable = |pod: &Rc<Pod>| !is_available(pod) || pod.metadata.is_terminating();
    let is_old = |pod: &Rc<Pod>| revision_of(pod) != update && !pod.metadata.is_terminating();
    let is_parallel = &*set.spec.pod_management_policy == "Parallel";
    let missing: Vec<&Rc<Pod>> = replicas.iter().filter(|pod| is_unavailable(pod)).collect();
    let can_progress = is_parallel && missing.iter().any(|pod| is_old(pod));
    let left = max_unavailable(set) - missing.len() as i32;
    if left <= 0 && !can_progress {
        return Vec::new();
    }
    let left = left.max(0) as usize;
    let targets = || replicas.iter().skip(first).rev().filter(|pod| is_old(pod));
    if !is_parallel {
        return targets().take(left).collect();
    }
    // First those that serve nobody, then as many others as may be missing.
    let idle = targets().filter(|pod| !is_available(pod));
    idle.chain(targets().filter(|pod| is_available(pod)).take(left)).collect()
}

impl Sync<'_, '_> {
    /// Deletes the Pods whose turn it is: the next sync makes them anew.
    pub(super) fn roll(
        &mut self,
        replicas: &[Rc<Pod>],
        update: &str,
        now: u64,
        status: &mut StatefulSetStatus,
    ) -> Result<(), Stop> {
        for pod in to_replace(&self.set, replicas, update, now) {
            self.delete_pod(pod)?;
            status.current_replicas -= 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::{
        Condition, ConditionStatus, Labels, ObjectMeta, PodPhase, PodStatus, RollingUpdateStatefulSet,
        StatefulSetSpec, StatefulSetUpdateStrategy,
    };
    use crate::value::Value;

    /// `n`: new, `o`: old, each ready; in capitals not ready; `t`: terminating.
    fn pods(states: &str) -> Vec<Rc<Pod>> {
        let pod = |(ordinal, state): (usize, char)| {
            let is_ready = state.is_lowercase() && state != 't';
            let revision = if state.eq_ignore_ascii_case(&'n') { "new" } else { "old" };
            let metadata = ObjectMeta {
                name: format!("db-{ordinal}").into(),
                labels: Labels::from([(super::super::identity::REVISION_LABEL.into(), revision.into())]),
                deletion_timestamp: (state == 't').then(|| "now".into()),
                ..ObjectMeta::default()
            };
            let ready = Condition {
                kind: "Ready".into(),
                status: Some(if is_ready { ConditionStatus::True } else { ConditionStatus::False }),
                ..Condition::default()
            };
            let status =
                PodStatus { phase: Some(PodPhase::Running), conditions: vec![ready], ..PodStatus::default() };
            Rc::new(Pod { metadata: Rc::new(metadata), status: Rc::new(status), ..Pod::default() })
        };
        states.chars().enumerate().map(pod).collect()
    }

    #[test]
    fn who_goes_next() {
        let percent = |text: &str| Value::from(text);
        for (policy, partition, bound, states, expected) in [
            ("OrderedReady", 0, Value::Int(1), "ooo", "2"),
            ("OrderedReady", 0, Value::Int(1), "oot", ""),
            ("OrderedReady", 0, Value::Int(1), "ooN", ""),
            ("OrderedReady", 0, Value::Int(1), "oon", "1"),
            ("OrderedReady", 2, Value::Int(1), "oon", ""),
            ("OrderedReady", 0, Value::Int(2), "oooo", "32"),
            ("OrderedReady", 0, Value::Int(2), "oooO", "3"),
            ("OrderedReady", 0, percent("50%"), "ooooo", "43"),
            ("OrderedReady", 0, percent("10%"), "ooo", "2"),
            ("Parallel", 0, Value::Int(1), "Ooo", "0"),
            ("Parallel", 0, Value::Int(2), "Ooo", "02"),
            ("Parallel", 0, Value::Int(1), "oot", ""),
            ("Parallel", 1, Value::Int(2), "Oooo", "3"),
        ] {
            let rolling = RollingUpdateStatefulSet {
                partition: Some(partition),
                max_unavailable: Some(bound.clone()),
                ..RollingUpdateStatefulSet::default()
            };
            let spec = StatefulSetSpec {
                replicas: Some(states.len() as i32),
                pod_management_policy: policy.into(),
                update_strategy: StatefulSetUpdateStrategy {
                    rolling_update: Some(rolling),
                    ..StatefulSetUpdateStrategy::default()
                },
                ..StatefulSetSpec::default()
            };
            let set = StatefulSet { spec: Rc::new(spec), ..StatefulSet::default() };
            let pods = pods(states);
            let gone: String =
                to_replace(&set, &pods, "new", 0).iter().map(|pod| &pod.metadata.name[3..]).collect();
            assert_eq!(gone, expected, "{policy} from {partition} at most {bound:?} of {states}");
        }
    }
}
