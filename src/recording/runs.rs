//! The runs of a container: of its last two a Pod tells the times; when it ran first, the Events of its kubelet may still tell.

use super::look::Looked;
use super::times::{CONTAINERS, created, of_state, time};
use super::{items, text};
use crate::api::Kind;
use crate::value::Value;
use std::collections::BTreeMap;

/// When a state began to run.
pub(super) fn begins(state: Option<&Value>) -> Option<u64> {
    ["running", "terminated"].iter().find_map(|which| time(state?.get(which)?, "startedAt"))
}

/// When a state ended.
pub(super) fn ends(state: Option<&Value>) -> Option<u64> {
    time(state?.get("terminated")?, "finishedAt")
}

/// How many runs a container had before those that it tells of.
pub(super) fn unknown_runs(container: &Value) -> i64 {
    let restarts = container.get("restartCount").and_then(Value::as_int).unwrap_or(0);
    let has_run = |which| {
        let state = container.get(which);
        begins(state).or(ends(state)).is_some()
    };
    // While it waits, its last run is the newest.
    let known = i64::from(has_run("state") && has_run("lastState"));
    restarts.saturating_sub(known).max(0)
}

/// The Events that tell of a container's starts: of each when it was first, and how often it was.
#[derive(Default)]
pub(super) struct Starts<'a>(BTreeMap<(&'a str, &'a str), BTreeMap<&'a str, (u64, i64)>>);

impl<'a> Starts<'a> {
    pub(super) fn of(looked: &'a [Looked]) -> Self {
        let mut starts = Self::default();
        for Looked { object, .. } in looked.iter().filter(|looked| looked.kind == Kind::Event) {
            let (Some(about), Some(meta)) = (object.get("involvedObject"), object.get("metadata")) else {
                continue;
            };
            let first = time(object, "firstTimestamp").or_else(|| time(object, "eventTime"));
            if let Some(first) = first.filter(|_| text(object, "reason") == "Started") {
                let count = object.get("count").or_else(|| object.at(&["series", "count"]));
                let count = count.and_then(Value::as_int).unwrap_or(1);
                // Of two looks at an Event the later one has it all.
                let of = starts.0.entry((text(about, "uid"), text(about, "fieldPath"))).or_default();
                of.insert(text(meta, "name"), (first, count));
            }
        }
        starts
    }
    /// When a container of one of a Pod's lists can have run first; none where it has never run. What it does not tell, Events do,
    /// where there is one for each of its starts: older ones may be gone. Else it was when its kubelet took the Pod up.
    pub(super) fn first_run(&self, pod: &Value, list: &str, container: &Value) -> Option<u64> {
        let known = ["state", "lastState"].into_iter().filter_map(|which| container.get(which));
        let known = known.flat_map(of_state).min();
        if unknown_runs(container) == 0 {
            return known;
        }
        let uid = pod.get("metadata").map_or("", |meta| text(meta, "uid"));
        let field = match list {
            "initContainerStatuses" => "initContainers",
            "ephemeralContainerStatuses" => "ephemeralContainers",
            _ => "containers",
        };
        let path = format!("spec.{field}{{{}}}", text(container, "name"));
        let told = self.0.get(&(uid, &*path)).into_iter().flat_map(BTreeMap::values);
        let starts: i64 = told.clone().fold(0, |all, (_, count)| count.saturating_add(all));
        let restarts = container.get("restartCount").and_then(Value::as_int).unwrap_or(0);
        let told = told.map(|(first, _)| *first).min().filter(|_| starts > restarts);
        let taken_up = || time(pod.get("status")?, "startTime").or_else(|| created(pod));
        told.or_else(taken_up).into_iter().chain(known).min()
    }
    /// When each of a Pod's containers can have run first, where it does not tell that itself.
    pub(super) fn first_runs(&self, pod: &Value) -> Vec<u64> {
        let status = pod.get("status").cloned().unwrap_or_default();
        let of = |list: &'static str| {
            let containers = items(&status, list).iter().filter(|container| unknown_runs(container) > 0);
            containers.filter_map(|container| self.first_run(pod, list, container)).collect::<Vec<_>>()
        };
        CONTAINERS.into_iter().flat_map(of).collect()
    }
}
