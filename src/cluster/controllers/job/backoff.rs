//! How long a Job waits after failures (upstream: pkg/controller/job/backoff_utils.go).

use crate::api::conditions::find;
use crate::api::objects::{ConditionStatus, ContainerStatus, Pod, RestartPolicy};
use crate::cluster::time::{Micros, SECOND, parse_rfc3339};
use std::rc::Rc;

/// The wait after a first failure, doubled with each further one.
const DEFAULT: Micros = 10 * SECOND;
/// The longest wait.
const MOST: Micros = 600 * SECOND;

/// What a Job's next wait follows from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BackoffRecord {
    failures_after_last_success: i32,
    /// In microseconds since 1970.
    last_failure_time: Option<u64>,
}

impl BackoffRecord {
    /// The record after these Pods have ended.
    pub(super) fn with(self, succeeded: &[&Rc<Pod>], failed: &[&Rc<Pod>]) -> Self {
        let mut failures: Vec<u64> = failed.iter().map(|pod| finished_time(pod)).collect();
        failures.sort_unstable();
        let Some(last_success) = succeeded.iter().map(|pod| finished_time(pod)).max() else {
            return match failures.last() {
                None => self,
                Some(last) => Self {
                    failures_after_last_success: self.failures_after_last_success + failures.len() as i32,
                    last_failure_time: Some(*last),
                },
            };
        };
        failures.retain(|failure| *failure > last_success);
        Self { failures_after_last_success: failures.len() as i32, last_failure_time: failures.last().copied() }
    }
    /// How long it still waits.
    pub(super) fn remaining(self, now: u64) -> Micros {
        remaining(self.failures_after_last_success, self.last_failure_time.unwrap_or(0), now)
    }
}

/// How long an index still waits, after the failure of its last Pod.
pub(super) fn remaining_of_index(last_failed: Option<&Rc<Pod>>, now: u64) -> Micros {
    let Some(pod) = last_failed else { return 0 };
    remaining(super::indexed::absolute_failure_count(pod) + 1, finished_time(pod), now)
}

fn remaining(failures: i32, last: u64, now: u64) -> Micros {
    if failures <= 0 {
        return 0;
    }
    let wait = DEFAULT.saturating_mul(1 << (failures - 1).min(20)).min(MOST);
    wait.saturating_sub(now.saturating_sub(last))
}

/// When a Pod ended, in microseconds since 1970: the last of its containers, or else when it was no longer ready, or
/// else when its deletion was asked for.
pub(super) fn finished_time(pod: &Pod) -> u64 {
    let time = |text: Option<&str>| text.and_then(parse_rfc3339);
    let not_ready = || {
        let ready = find(&pod.status.conditions, "Ready").filter(|ready| ready.status == Some(ConditionStatus::False));
        time(ready?.last_transition_time.as_deref())
    };
    let deleted = || {
        let grace = pod.metadata.deletion_grace_period_seconds.unwrap_or(0).max(0) as u64;
        Some(time(pod.metadata.deletion_timestamp.as_deref())?.saturating_sub(grace * SECOND))
    };
    let created = || time(Some(&pod.metadata.creation_timestamp)).unwrap_or(0);
    of_containers(pod).or_else(not_ready).or_else(deleted).unwrap_or_else(created)
}

/// The end of the last container, where all have ended; sidecars end after the others.
fn of_containers(pod: &Pod) -> Option<u64> {
    let is_sidecar = |status: &&ContainerStatus| {
        let container = pod.spec.init_containers.iter().find(|container| container.name == status.name);
        container.is_some_and(|container| container.restart_policy == Some(RestartPolicy::Always))
    };
    let ended = |status: &ContainerStatus| parse_rfc3339(status.state.terminated.as_ref()?.finished_at.as_deref()?);
    let sidecars = pod.status.init_container_statuses.iter().filter(is_sidecar);
    let all: Option<Vec<u64>> = pod.status.container_statuses.iter().chain(sidecars).map(ended).collect();
    all?.into_iter().max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;
    use crate::value::typed::Typed;

    fn ended(second: u32) -> Rc<Pod> {
        let text = format!(
            r#"{{"status":{{"containerStatuses":[{{"name":"c","state":{{"terminated":{{"exitCode":1,"finishedAt":"2026-01-01T00:00:{second:02}Z"}}}}}}]}}}}"#
        );
        Rc::new(Pod::decode(&json::parse(&text).expect("JSON")).expect("a Pod"))
    }

    #[test]
    fn waits_double_and_a_success_ends_them() {
        let start = parse_rfc3339("2026-01-01T00:00:00Z").expect("a time");
        let at = |second: u64| start + second * SECOND;
        let (one, two, three) = (ended(1), ended(2), ended(3));
        let record = BackoffRecord::default().with(&[], &[&one]);
        assert_eq!(record.remaining(at(1)), 10 * SECOND);
        assert_eq!(record.remaining(at(4)), 7 * SECOND);
        assert_eq!(record.remaining(at(12)), 0);
        let record = record.with(&[], &[&three, &two]);
        assert_eq!(record.remaining(at(3)), 40 * SECOND);
        assert_eq!(record.with(&[&three], &[]).remaining(at(3)), 0);
        assert_eq!(record.with(&[&two], &[&one, &three]).remaining(at(3)), 10 * SECOND, "one failure after the success");
        assert_eq!(remaining(30, at(0), at(0)), MOST);
    }

    #[test]
    fn a_pod_that_never_ran_ended_when_it_was_deleted() {
        let text = r#"{"metadata":{"creationTimestamp":"2026-01-01T00:00:00Z","deletionTimestamp":"2026-01-01T00:00:40Z",
            "deletionGracePeriodSeconds":30},"status":{"containerStatuses":[{"name":"c","state":{"waiting":{}}}]}}"#;
        let mut pod = Pod::decode(&json::parse(text).expect("JSON")).expect("a Pod");
        assert_eq!(Some(finished_time(&pod)), parse_rfc3339("2026-01-01T00:00:10Z"));
        Rc::make_mut(&mut pod.metadata).deletion_timestamp = None;
        assert_eq!(Some(finished_time(&pod)), parse_rfc3339("2026-01-01T00:00:00Z"));
    }
}
