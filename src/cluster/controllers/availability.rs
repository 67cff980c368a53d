//! Whether Pods were ready for long enough (upstream: IsPodAvailable in pkg/api/v1/pod/util.go and
//! FindMinNextPodAvailabilityCheck in pkg/controller/controller_utils.go).

use crate::api::conditions::{find, is_pod_ready};
use crate::api::objects::Pod;
use crate::cluster::time::{Micros, SECOND, parse_rfc3339};
use std::rc::Rc;

/// Whether a Pod was ready for so many seconds, where the clock shows so many microseconds since 1970.
pub(super) fn is_pod_available(pod: &Pod, min_ready_seconds: i32, now_unix: u64) -> bool {
    if !is_pod_ready(pod) || min_ready_seconds <= 0 {
        return is_pod_ready(pod);
    }
    available_at(pod, min_ready_seconds).is_some_and(|at| at <= now_unix)
}

/// When a ready Pod is available, in microseconds since 1970.
fn available_at(pod: &Pod, min_ready_seconds: i32) -> Option<u64> {
    let ready = find(&pod.status.conditions, "Ready")?;
    Some(parse_rfc3339(ready.last_transition_time.as_deref()?)? + min_ready_seconds as u64 * SECOND)
}

/// When to look again whether a Pod that is ready now has become available; none where none will.
pub(super) fn next_availability_check(
    pods: &[Rc<Pod>],
    min_ready_seconds: i32,
    now_unix: u64,
) -> Option<Micros> {
    let ready = pods.iter().filter(|pod| min_ready_seconds > 0 && is_pod_ready(pod));
    let times = ready.filter_map(|pod| available_at(pod, min_ready_seconds));
    Some(times.filter(|at| *at > now_unix).min()? - now_unix)
}

/// How long to wait for Pods that are ready and not available yet.
pub(super) fn availability_wait(pods: &[Rc<Pod>], min_ready_seconds: i32, now_unix: u64) -> Micros {
    let fallback = min_ready_seconds.max(0) as u64 * SECOND;
    next_availability_check(pods, min_ready_seconds, now_unix).unwrap_or(fallback)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::{Condition, ConditionStatus, PodStatus};

    #[test]
    fn the_next_look_is_when_the_first_becomes_available() {
        let pod = |since: Option<&str>| {
            let ready = since.map(|since| Condition {
                kind: "Ready".into(),
                status: Some(ConditionStatus::True),
                last_transition_time: Some(since.into()),
                ..Condition::default()
            });
            let status = PodStatus { conditions: ready.into_iter().collect(), ..PodStatus::default() };
            Rc::new(Pod { status: Rc::new(status), ..Pod::default() })
        };
        let pods = [pod(None), pod(Some("1970-01-01T00:00:01Z")), pod(Some("1970-01-01T00:00:04Z"))];
        let available = |now: u64| pods.iter().filter(|pod| is_pod_available(pod, 10, now * SECOND)).count();
        assert_eq!([5, 11, 14].map(available), [0, 1, 2]);
        assert_eq!(next_availability_check(&pods, 10, 5 * SECOND), Some(6 * SECOND));
        assert_eq!(next_availability_check(&pods, 10, 11 * SECOND), Some(3 * SECOND));
        assert_eq!(next_availability_check(&pods, 10, 20 * SECOND), None);
        assert_eq!(availability_wait(&pods, 10, 20 * SECOND), 10 * SECOND);
    }
}
