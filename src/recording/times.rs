//! The times that an object tells of itself, in microseconds since 1970.

use super::{items, text};
use crate::cluster::time::{SECOND, parse_rfc3339};
use crate::value::Value;

/// The lists of a Pod's containers in its status.
pub(super) const CONTAINERS: [&str; 3] =
    ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"];

/// A time under a key.
pub(super) fn time(value: &Value, key: &str) -> Option<u64> {
    parse_rfc3339(value.get(key)?.as_str()?)
}

fn part<'a>(object: &'a Value, key: &str) -> &'a Value {
    const NOTHING: &Value = &Value::Null;
    object.get(key).unwrap_or(NOTHING)
}

/// When it was made.
pub(super) fn created(object: &Value) -> Option<u64> {
    time(part(object, "metadata"), "creationTimestamp")
}

/// When its deletion was asked for: its grace period ends at the deletionTimestamp.
pub(super) fn deletion(object: &Value) -> Option<u64> {
    let meta = part(object, "metadata");
    let grace = meta.get("deletionGracePeriodSeconds").and_then(Value::as_int).unwrap_or(0);
    Some(time(meta, "deletionTimestamp")?.saturating_sub(u64::try_from(grace).unwrap_or(0) * SECOND))
}

/// When a container's state began and ended.
pub(super) fn of_state(state: &Value) -> impl Iterator<Item = u64> {
    let inner = ["running", "terminated"].into_iter().filter_map(|which| state.get(which));
    let times = inner.flat_map(|inner| [time(inner, "startedAt"), time(inner, "finishedAt")]);
    times.flatten().collect::<Vec<_>>().into_iter()
}

/// The moments at which it became what it is, as far as it tells them.
pub(super) fn moments(object: &Value) -> Vec<u64> {
    let (status, spec) = (part(object, "status"), part(object, "spec"));
    let mut times: Vec<u64> = created(object).into_iter().chain(deletion(object)).collect();
    times.extend(items(status, "conditions").iter().filter_map(|c| time(c, "lastTransitionTime")));
    for container in CONTAINERS.iter().flat_map(|list| items(status, list)) {
        times.extend(of_state(part(container, "state")));
        times.extend(of_state(part(container, "lastState")));
    }
    times.extend(["startTime", "completionTime"].into_iter().filter_map(|key| time(status, key)));
    times.extend(items(spec, "taints").iter().filter_map(|taint| time(taint, "timeAdded")));
    if text(object, "kind") == "Event" {
        times.extend(
            ["firstTimestamp", "lastTimestamp", "eventTime"].into_iter().filter_map(|key| time(object, key)),
        );
        times.extend(time(part(object, "series"), "lastObservedTime"));
    }
    // Why the endpoints were written last.
    let trigger = object.at(&["metadata", "annotations", "endpoints.kubernetes.io/last-change-trigger-time"]);
    times.extend(trigger.and_then(Value::as_str).and_then(parse_rfc3339));
    times.sort_unstable();
    times.dedup();
    times
}

/// The newest time that it tells of anything: it was so no earlier.
pub(super) fn newest(object: &Value) -> Option<u64> {
    let status = part(object, "status");
    let conditions = items(status, "conditions").iter();
    let looked = conditions.flat_map(|condition| {
        ["lastUpdateTime", "lastProbeTime", "lastHeartbeatTime"].map(|key| time(condition, key))
    });
    let written = items(part(object, "metadata"), "managedFields").iter().map(|field| time(field, "time"));
    let more = ["lastScheduleTime", "lastSuccessfulTime", "lastScaleTime"].map(|key| time(status, key));
    moments(object).into_iter().chain(looked.chain(written).chain(more).flatten()).max()
}
