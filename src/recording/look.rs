//! One look laid out in time: each object as it was at each moment that it tells of.
//!
//! What an object does not tell is left out of its past: a condition before it last changed, a container and its restarts before the
//! runs that are known (`runs`), a count before it was looked at. Counts of ReplicaSets, StatefulSets and Deployments in the past are those of
//! their Pods that are still there. A spec is shown as it is now, since the object was made.

use super::runs::{Starts, begins, ends, unknown_runs};
use super::times::{CONTAINERS, created, deletion, moments, time};
use super::{controller, items, text};
use crate::api::Kind;
use crate::value::{Map, Str, Value};
use std::collections::BTreeMap;

/// An object of a look.
#[derive(Clone, Debug)]
pub(super) struct Looked {
    pub(super) kind: Kind,
    pub(super) object: Value,
    /// It is shown after this moment only: until then it was seen before.
    pub(super) after: u64,
}

/// A state of an object, since a moment in microseconds since 1970.
pub(super) struct State {
    pub(super) at: u64,
    pub(super) kind: Kind,
    pub(super) object: Value,
    /// Whether it is the first one of its object.
    pub(super) is_first: bool,
}

/// Kinds whose status counts others: nothing in them says when a count became what it is.
fn is_counted(kind: Kind, object: &Value) -> bool {
    match kind {
        Kind::Job => object.at(&["status", "completionTime"]).is_none(),
        _ => matches!(
            kind,
            Kind::Deployment
                | Kind::ReplicaSet
                | Kind::ReplicationController
                | Kind::StatefulSet
                | Kind::DaemonSet
                | Kind::PodDisruptionBudget
                | Kind::HorizontalPodAutoscaler
                | Kind::ResourceQuota
        ),
    }
}

/// The Pods of a look by the workload that counts them: its kind, Namespace and name.
struct Counted<'a>(BTreeMap<(&'a str, &'a str, &'a str), Vec<&'a Value>>);

impl<'a> Counted<'a> {
    fn of(looked: &'a [Looked]) -> Self {
        let namespace = |object: &'a Value| object.get("metadata").map_or("", |meta| text(meta, "namespace"));
        let name = |object: &'a Value| object.get("metadata").map_or("", |meta| text(meta, "name"));
        let sets = looked.iter().filter(|looked| looked.kind == Kind::ReplicaSet);
        let above: BTreeMap<(&str, &str), (&str, &str)> = sets
            .filter_map(|set| Some(((namespace(&set.object), name(&set.object)), controller(&set.object)?)))
            .collect();
        let mut counted: BTreeMap<_, Vec<&Value>> = BTreeMap::new();
        for pod in looked.iter().filter(|looked| looked.kind == Kind::Pod) {
            let (pod, within) = (&pod.object, namespace(&pod.object));
            let Some((kind, owner)) = controller(pod) else { continue };
            counted.entry((kind, within, owner)).or_default().push(pod);
            if let Some((kind, owner)) = above.get(&(within, owner)) {
                counted.entry((kind, within, owner)).or_default().push(pod);
            }
        }
        Self(counted)
    }
    fn pods<'s>(&'s self, kind: Kind, object: &'a Value) -> &'s [&'a Value] {
        let meta = |key| object.get("metadata").map_or("", |meta| text(meta, key));
        let key = (kind.info().name, meta("namespace"), meta("name"));
        self.0.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// Lays out what one look has found. `end` is when it was taken at the earliest.
pub(super) fn lay_out(looked: &[Looked], end: u64) -> Vec<State> {
    let counted = Counted::of(looked);
    let starts = Starts::of(looked);
    let mut states: Vec<State> = Vec::new();
    for Looked { kind, object, after } in looked {
        let pods = counted.pods(*kind, object);
        let mut known = moments(object);
        if *kind == Kind::Pod {
            known.extend(starts.first_runs(object));
            known.sort_unstable();
        }
        let is_counted = is_counted(*kind, object);
        if is_counted {
            let since = created(object).unwrap_or(0);
            known.extend(pods.iter().flat_map(|pod| moments(pod)).filter(|at| *at >= since));
            known.sort_unstable();
            known.dedup();
        }
        known.retain(|at| *at > *after && *at <= end);
        let last = known.last().copied().filter(|_| !is_counted).unwrap_or(end);
        known.retain(|at| *at < last);
        known.push(last);
        let mut before: Option<Value> = None;
        for at in known {
            let state = if at == last { object.clone() } else { as_of(*kind, object, pods, &starts, at) };
            if before.as_ref() != Some(&state) {
                let is_first = before.is_none() && *after == 0;
                states.push(State { at, kind: *kind, object: state.clone(), is_first });
                before = Some(state);
            }
        }
    }
    states
}

/// What is known of an object as it was at a moment.
fn as_of(kind: Kind, object: &Value, pods: &[&Value], starts: &Starts, at: u64) -> Value {
    let mut out = object.clone();
    if deletion(object).is_some_and(|asked| asked > at) {
        let mut meta = object.get("metadata").cloned().unwrap_or_default();
        for key in ["deletionTimestamp", "deletionGracePeriodSeconds"] {
            meta.make_object().remove(key);
        }
        out.set(&["metadata"], meta);
    }
    let status = object.get("status").cloned().unwrap_or_default();
    match kind {
        Kind::Pod => pod(&mut out, &status, starts, at),
        Kind::Event => {
            if let Some(first) = object.get("firstTimestamp").filter(|first| !first.is_null()).cloned() {
                out.set(&["lastTimestamp"], first);
                out.set(&["count"], Value::Int(1));
            }
        }
        Kind::EndpointSlice => _ = out.make_object().remove("endpoints"),
        Kind::Node => {
            let is_there = |taint: &&Value| time(taint, "timeAdded").is_none_or(|added| added <= at);
            let taints: Vec<Value> = object
                .at(&["spec", "taints"])
                .and_then(Value::as_array)
                .unwrap_or_default()
                .iter()
                .filter(is_there)
                .cloned()
                .collect();
            if !taints.is_empty() || object.at(&["spec", "taints"]).is_some() {
                out.set(&["spec", "taints"], Value::from(taints));
            }
            out.set(&["status", "conditions"], Value::from(conditions(&status, at)));
        }
        _ if is_counted(kind, object) => {
            let mut past = Map::new();
            let told = conditions(&status, at);
            if !told.is_empty() {
                past.push("conditions", Value::from(told));
            }
            if !pods.is_empty() && matches!(kind, Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet) {
                let there = pods.iter().filter(|pod| created(pod).is_some_and(|made| made <= at));
                let stays = |pod: &&&Value| deletion(pod).is_none_or(|asked| asked > at);
                let (all, ready) = there
                    .filter(stays)
                    .fold((0, 0), |(all, ready), pod| (all + 1, ready + i64::from(holds(pod, "Ready", at))));
                past.push("replicas", Value::Int(all));
                past.push("readyReplicas", Value::Int(ready));
            }
            out.set(&["status"], Value::from(past));
        }
        _ if status.get("conditions").is_some() => {
            out.set(&["status", "conditions"], Value::from(conditions(&status, at)));
        }
        _ => {}
    }
    out
}

/// The conditions that were as they are now.
fn conditions(status: &Value, at: u64) -> Vec<Value> {
    let is_known = |condition: &&Value| time(condition, "lastTransitionTime").is_none_or(|since| since <= at);
    items(status, "conditions").iter().filter(is_known).cloned().collect()
}

/// Whether a condition was true.
fn holds(object: &Value, kind: &str, at: u64) -> bool {
    let status = object.get("status").cloned().unwrap_or_default();
    conditions(&status, at)
        .iter()
        .any(|condition| text(condition, "type") == kind && text(condition, "status") == "True")
}

fn pod(out: &mut Value, status: &Value, starts: &Starts, at: u64) {
    let all = |list: &'static str| items(status, list).iter();
    let placed =
        items(status, "conditions").iter().find(|condition| text(condition, "type") == "PodScheduled");
    let placed = placed.filter(|condition| text(condition, "status") == "True");
    if placed.and_then(|condition| time(condition, "lastTransitionTime")).is_some_and(|since| since > at)
        && let Some(mut spec) = out.get("spec").cloned()
    {
        spec.make_object().remove("nodeName");
        out.set(&["spec"], spec);
    }
    let mut past = status.as_object().cloned().unwrap_or_default();
    past.insert("conditions", Value::from(conditions(status, at)));
    if time(status, "startTime").is_some_and(|since| since > at) {
        for key in ["startTime", "hostIP", "hostIPs"] {
            past.remove(key);
        }
    }
    let first = |list, container| starts.first_run(out, list, container);
    let begun = all("containerStatuses").filter_map(|container| first("containerStatuses", container)).min();
    let states = |container: &Value| ["state", "lastState"].map(|key| ends(container.get(key)));
    let ended = all("containerStatuses").flat_map(states).flatten().max();
    let has_begun = begun.is_some_and(|begun| begun <= at);
    let phase = match text(status, "phase") {
        _ if !has_begun => "Pending",
        "Succeeded" | "Failed" if ended.is_some_and(|ended| ended > at) => "Running",
        phase => phase,
    };
    past.insert("phase", phase);
    if !has_begun {
        for key in ["podIP", "podIPs"] {
            past.remove(key);
        }
    }
    for key in ["reason", "message"] {
        past.remove(key);
    }
    for list in CONTAINERS {
        if past.contains_key(list) {
            let ready = holds(&Value::from(single(status)), "ContainersReady", at);
            let containers: Vec<Value> = all(list).map(|c| container(c, first(list, c), ready, at)).collect();
            past.insert(list, Value::from(containers));
        }
    }
    out.set(&["status"], Value::from(past));
}

/// An object of which only the status is known.
fn single(status: &Value) -> Map {
    std::iter::once((Str::from("status"), status.clone())).collect()
}

/// A container as it was: in one of its last two runs, between them, or unknown. `first_run` is when it can have run first.
fn container(container: &Value, first_run: Option<u64>, all_ready: bool, at: u64) -> Value {
    let of = |which: &str| container.get(which).cloned().unwrap_or_default();
    let (now, last) = (of("state"), of("lastState"));
    let restarts = container.get("restartCount").and_then(Value::as_int).unwrap_or(0);
    let is_waiting = begins(Some(&now)).is_none() && ends(Some(&now)).is_none();
    let mut out = container.clone();
    let nothing = Value::object();
    let run = |state: &Value| {
        let mut running = Map::new();
        let since = ["running", "terminated"].iter().find_map(|which| state.at(&[which, "startedAt"]));
        if let Some(since) = since {
            running.push("startedAt", since.clone());
        }
        let mut out = Map::new();
        out.push("running", Value::from(running));
        Value::from(out)
    };
    let has = |moment: Option<u64>| moment.is_some_and(|moment| moment <= at);
    // The run before this one is one restart earlier; while it waits, the last run is the newest.
    let earlier = if is_waiting { restarts } else { restarts.saturating_sub(1).max(0) };
    let (state, before, count) = if has(ends(Some(&now)).or(begins(Some(&now)))) {
        (now.clone(), last.clone(), Some(restarts))
    } else if has(begins(Some(&now))) {
        (run(&now), last.clone(), Some(restarts))
    } else if has(ends(Some(&last))) {
        if is_waiting {
            (now.clone(), last.clone(), Some(restarts))
        } else {
            (last.clone(), nothing.clone(), Some(earlier))
        }
    } else if has(begins(Some(&last))) {
        (run(&last), nothing.clone(), Some(earlier))
    } else {
        // What was before the runs that are known is not told: not even how many of several there had been at a moment.
        let is_known = unknown_runs(container) <= 1 || !has(first_run);
        (nothing.clone(), nothing, is_known.then_some(0))
    };
    let runs = state.get("running").is_some();
    out.set(&["ready"], Value::Bool(runs && all_ready));
    out.set(&["started"], Value::Bool(runs));
    match count {
        Some(count) => out.set(&["restartCount"], Value::Int(count)),
        None => _ = out.make_object().remove("restartCount"),
    }
    out.set(&["state"], state);
    out.set(&["lastState"], before);
    out
}
