//! One look laid out in time: each object as it was at each moment that it tells of.
//!
//! What an object does not tell is left out of its past: a condition before it last changed, a container before the runs that
//! are known, a count before it was looked at. Counts of ReplicaSets, StatefulSets and Deployments in the past are those of
//! their Pods that are still there. A spec is shown as it is now, since the object was made.

use super::times::{CONTAINERS, created, deletion, moments, of_state, time};
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
    let mut states: Vec<State> = Vec::new();
    for Looked { kind, object, after } in looked {
        let pods = counted.pods(*kind, object);
        let mut known = moments(object);
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
            let state = if at == last { object.clone() } else { as_of(*kind, object, pods, at) };
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
fn as_of(kind: Kind, object: &Value, pods: &[&Value], at: u64) -> Value {
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
        Kind::Pod => pod(&mut out, &status, at),
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

fn pod(out: &mut Value, status: &Value, at: u64) {
    let all = |list: &'static str| items(status, list).iter();
    let states = |container: &Value| {
        ["state", "lastState"].map(|which| container.get(which).cloned().unwrap_or_default())
    };
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
    let taken_up = time(status, "startTime");
    if taken_up.is_some_and(|since| since > at) {
        for key in ["startTime", "hostIP", "hostIPs"] {
            past.remove(key);
        }
    }
    let runs = || all("containerStatuses").flat_map(states);
    let begun = runs().flat_map(|state| of_state(&state).collect::<Vec<_>>()).min();
    let ended = runs().filter_map(|state| time(state.get("terminated")?, "finishedAt")).max();
    // It was started again: it ran before its last two runs, of which alone the times are known.
    let has_run = all("containerStatuses")
        .any(|c| c.get("restartCount").and_then(Value::as_int).unwrap_or(0) > 1)
        && taken_up.is_some_and(|since| since <= at);
    let phase = match (text(status, "phase"), begun) {
        (_, Some(begun)) if begun > at && !has_run => "Pending",
        ("Succeeded" | "Failed", _) if ended.is_some_and(|ended| ended > at) => "Running",
        (phase, Some(_)) => phase,
        (_, None) => "Pending",
    };
    past.insert("phase", phase);
    if !has_run && begun.is_none_or(|begun| begun > at) {
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
            let containers: Vec<Value> = all(list).map(|c| container(c, ready, at)).collect();
            past.insert(list, Value::from(containers));
        }
    }
    out.set(&["status"], Value::from(past));
}

/// An object of which only the status is known.
fn single(status: &Value) -> Map {
    std::iter::once((Str::from("status"), status.clone())).collect()
}

/// A container as it was: in one of its last two runs, between them, or unknown.
fn container(container: &Value, all_ready: bool, at: u64) -> Value {
    let of = |which: &str| container.get(which).cloned().unwrap_or_default();
    let (now, last) = (of("state"), of("lastState"));
    let inner = |state: &Value, which: &str| state.get(which).cloned().unwrap_or_default();
    let restarts = container.get("restartCount").and_then(Value::as_int).unwrap_or(0);
    let begins = |state: &Value| {
        ["running", "terminated"].iter().find_map(|which| time(&inner(state, which), "startedAt"))
    };
    let ends = |state: &Value| time(&inner(state, "terminated"), "finishedAt");
    let is_waiting = begins(&now).is_none() && ends(&now).is_none();
    let mut out = container.clone();
    let nothing = Value::object();
    let run = |state: &Value| {
        let mut running = Map::new();
        if let Some(since) =
            inner(state, "running").get("startedAt").or(inner(state, "terminated").get("startedAt"))
        {
            running.push("startedAt", since.clone());
        }
        let mut out = Map::new();
        out.push("running", Value::from(running));
        Value::from(out)
    };
    // The run before this one is one restart earlier; while it waits, the last run is the newest.
    let earlier = if is_waiting { restarts } else { (restarts - 1).max(0) };
    let (state, before, count) = if ends(&now).or(begins(&now)).is_some_and(|since| since <= at) {
        (now.clone(), last.clone(), restarts)
    } else if begins(&now).is_some_and(|since| since <= at) {
        (run(&now), last.clone(), restarts)
    } else if ends(&last).is_some_and(|ended| ended <= at) {
        if is_waiting {
            (now.clone(), last.clone(), restarts)
        } else {
            (last.clone(), nothing.clone(), earlier)
        }
    } else if begins(&last).is_some_and(|since| since <= at) {
        (run(&last), nothing.clone(), earlier)
    } else {
        // The run before those that are known was one earlier still; how many there had been at a moment is not told.
        (nothing.clone(), nothing, (earlier - 1).max(0))
    };
    let runs = state.get("running").is_some();
    out.set(&["ready"], Value::Bool(runs && all_ready));
    out.set(&["started"], Value::Bool(runs));
    out.set(&["restartCount"], Value::Int(count));
    out.set(&["state"], state);
    out.set(&["lastState"], before);
    out
}
