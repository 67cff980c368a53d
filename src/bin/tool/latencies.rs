//! How long each hop took in a run, as its watcher saw it, and how far two sets of runs agree in that.
//!
//! The hops are those of `latencies.md`: medians may differ by a factor of two, p90 by a factor of three.

use crate::recording::{Run, WatchEvent};
use podium::value::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

/// By how much a median may differ, as a factor.
const MEDIAN: f64 = 2.0;
/// By how much the time of the slowest tenth may.
const P90: f64 = 3.0;

/// Something that takes time, from one change to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hop {
    CreatedToBound,
    BoundToFirstStatus,
    FirstStatusToSandbox,
    PulledToCreated,
    CreatedToStarted,
    SandboxToRunning,
    RunningToSlice,
    DeletedToSlice,
    DeletedToKilling,
    DeletedToDown,
    DownToGone,
    BoundToScheduled,
    DeploymentToReplicaSet,
    ReplicaSetToPod,
}

impl Hop {
    const fn words(self) -> &'static str {
        match self {
            Self::CreatedToBound => "Pod created -> bound",
            Self::BoundToFirstStatus => "bound -> the kubelet's first status",
            Self::FirstStatusToSandbox => "first status -> sandbox ready",
            Self::PulledToCreated => "Pulled -> Created",
            Self::CreatedToStarted => "Created -> Started",
            Self::SandboxToRunning => "sandbox ready -> Running",
            Self::RunningToSlice => "Running -> ready in the EndpointSlice",
            Self::DeletedToSlice => "deleted -> terminating in the EndpointSlice",
            Self::DeletedToKilling => "deleted -> Killing",
            Self::DeletedToDown => "deleted -> containers and sandbox down",
            Self::DownToGone => "down -> object gone",
            Self::BoundToScheduled => "bound -> Scheduled",
            Self::DeploymentToReplicaSet => "Deployment created -> its ReplicaSet",
            Self::ReplicaSetToPod => "ReplicaSet created -> its first Pod",
        }
    }
}

/// What has been seen of a Pod, each with its time.
#[derive(Default)]
struct PodSeen {
    times: BTreeMap<&'static str, f64>,
}

impl PodSeen {
    fn at(&self, what: &'static str) -> Option<f64> {
        self.times.get(what).copied()
    }
    /// True the first time.
    fn once(&mut self, what: &'static str, t: f64) -> bool {
        let is_new = !self.times.contains_key(what);
        self.times.entry(what).or_insert(t);
        is_new
    }
}

/// The hops of many runs, in seconds.
#[derive(Default)]
pub(crate) struct Latencies {
    hops: BTreeMap<Hop, Vec<f64>>,
}

fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    value.at(path).and_then(Value::as_str).unwrap_or_default()
}

fn condition<'a>(pod: &'a Value, kind: &str) -> Option<&'a str> {
    let all = pod.at(&["status", "conditions"])?.as_array()?;
    Some(text(all.iter().find(|condition| text(condition, &["type"]) == kind)?, &["status"]))
}

/// The name or uid of the first owner.
fn owner<'a>(object: &'a Value, field: &str) -> &'a str {
    let owners = object.at(&["metadata", "ownerReferences"]).and_then(Value::as_array).unwrap_or_default();
    owners.first().map_or("", |owner| text(owner, &[field]))
}

impl Latencies {
    fn add(&mut self, hop: Hop, from: Option<f64>, to: f64) {
        if let Some(from) = from {
            self.hops.entry(hop).or_default().push(to - from);
        }
    }
    /// Takes in what the watcher of a run saw.
    pub(crate) fn add_run(&mut self, run: &Run) {
        let mut pods: BTreeMap<String, PodSeen> = BTreeMap::new();
        let (mut deployments, mut replica_sets) = (BTreeMap::new(), BTreeMap::new());
        for event in run.watch.iter().filter(|event| event.t >= 0.0) {
            let (object, t) = (&event.object, event.t);
            let is_new = event.event == "ADDED";
            match &*event.resource {
                "pods" => {
                    let pod = pods.entry(text(object, &["metadata", "uid"]).into()).or_default();
                    self.see_pod(pod, event);
                    if is_new && let Some(made) = replica_sets.remove(owner(object, "uid")) {
                        self.add(Hop::ReplicaSetToPod, Some(made), t);
                    }
                }
                "events" => {
                    if let Some(pod) = pods.get_mut(text(object, &["involvedObject", "uid"])) {
                        self.see_event(pod, text(object, &["reason"]), t);
                    }
                }
                "endpointslices" => self.see_slice(&mut pods, object, t),
                "deployments" if is_new => {
                    deployments.insert(text(object, &["metadata", "name"]).to_string(), t);
                }
                "replicasets" if is_new => {
                    if let Some(made) = deployments.get(owner(object, "name")).filter(|made| t - **made < 2.0)
                    {
                        self.add(Hop::DeploymentToReplicaSet, Some(*made), t);
                    }
                    replica_sets.insert(text(object, &["metadata", "uid"]).to_string(), t);
                }
                _ => {}
            }
        }
    }
    fn see_pod(&mut self, pod: &mut PodSeen, event: &WatchEvent) {
        let (object, t) = (&event.object, event.t);
        if event.event == "ADDED" {
            pod.once("added", t);
        }
        if !text(object, &["spec", "nodeName"]).is_empty() && pod.once("bound", t) {
            self.add(Hop::CreatedToBound, pod.at("added"), t);
        }
        let sandbox = condition(object, "PodReadyToStartContainers");
        if sandbox.is_some() && pod.once("seen", t) {
            self.add(Hop::BoundToFirstStatus, pod.at("bound"), t);
        }
        if sandbox == Some("True") && pod.once("sandbox", t) {
            self.add(Hop::FirstStatusToSandbox, pod.at("seen").filter(|seen| *seen < t), t);
        }
        let has_inits = object.at(&["spec", "initContainers"]).is_some();
        if text(object, &["status", "phase"]) == "Running" && pod.once("running", t) && !has_inits {
            self.add(Hop::SandboxToRunning, pod.at("sandbox").filter(|ready| *ready < t), t);
        }
        if !text(object, &["metadata", "deletionTimestamp"]).is_empty() {
            pod.once("deleted", t);
        }
        let deleted = pod.at("deleted");
        if deleted.is_some() && sandbox == Some("False") && pod.at("sandbox").is_some() && pod.once("down", t)
        {
            self.add(Hop::DeletedToDown, deleted.filter(|deleted| t - deleted < 2.0), t);
        }
        if event.event == "DELETED" {
            self.add(Hop::DownToGone, pod.at("down"), t);
        }
    }
    fn see_event(&mut self, pod: &mut PodSeen, reason: &str, t: f64) {
        match reason {
            "Killing" if pod.at("deleted").is_some() && pod.once("killing", t) => {
                self.add(Hop::DeletedToKilling, pod.at("deleted"), t);
            }
            "Pulled" if pod.at("sandbox").is_some() => _ = pod.once("pulled", t),
            "Created" if pod.at("pulled").is_some() && pod.once("created", t) => {
                self.add(Hop::PulledToCreated, pod.at("pulled"), t);
            }
            "Started" if pod.at("created").is_some() && pod.once("started", t) => {
                self.add(Hop::CreatedToStarted, pod.at("created"), t);
            }
            "Scheduled" if pod.at("bound").is_some() && pod.once("scheduled", t) => {
                self.add(Hop::BoundToScheduled, pod.at("bound"), t);
            }
            _ => {}
        }
    }
    fn see_slice(&mut self, pods: &mut BTreeMap<String, PodSeen>, slice: &Value, t: f64) {
        let endpoints = slice.get("endpoints").and_then(Value::as_array).unwrap_or_default();
        for endpoint in endpoints {
            let Some(pod) = pods.get_mut(text(endpoint, &["targetRef", "uid"])) else { continue };
            let holds =
                |name: &str| endpoint.at(&["conditions", name]).and_then(Value::as_bool) == Some(true);
            if holds("ready") && pod.at("running").is_some() && pod.once("slice", t) {
                self.add(Hop::RunningToSlice, pod.at("running").filter(|running| t - running < 2.0), t);
            }
            if holds("terminating") && pod.at("deleted").is_some() && pod.once("leaves", t) {
                self.add(Hop::DeletedToSlice, pod.at("deleted"), t);
            }
        }
    }
    /// The milliseconds of a hop at a share of its times.
    fn at(&self, hop: Hop, share: f64) -> f64 {
        let mut times = self.hops.get(&hop).cloned().unwrap_or_default();
        times.sort_by(f64::total_cmp);
        let place = ((share * times.len() as f64) as usize).min(times.len().saturating_sub(1));
        times.get(place).map_or(0.0, |seconds| seconds * 1_000.0)
    }
    /// A table of both: the recorded times, the simulated ones, and whether they are near enough.
    pub(crate) fn beside(&self, simulated: &Self) -> String {
        let mut out = format!(
            "{:45} {:>17}    {:>17}\n",
            "hops in ms: median, p90 (how many)", "recorded", "simulated"
        );
        for hop in self.hops.keys().copied() {
            let count = |of: &Self| of.hops.get(&hop).map_or(0, Vec::len);
            let two = |of: &Self| format!("{:.0}, {:.0} ({})", of.at(hop, 0.5), of.at(hop, 0.9), count(of));
            let verdict = if self.is_near(simulated, hop) { "" } else { "  differs" };
            _ = writeln!(out, "{:45} {:>17}    {:>17}{verdict}", hop.words(), two(self), two(simulated));
        }
        out
    }
    fn is_near(&self, other: &Self, hop: Hop) -> bool {
        let near = |share: f64, factor: f64| {
            let (one, two) = (self.at(hop, share).max(1.0), other.at(hop, share).max(1.0));
            one <= two * factor && two <= one * factor
        };
        near(0.5, MEDIAN) && near(0.9, P90)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use podium::value::json;

    fn run(lines: &[(f64, &str, &str, &str)]) -> Run {
        let watch = lines.iter().map(|(t, event, resource, object)| WatchEvent {
            t: *t,
            event: (*event).into(),
            resource: (*resource).into(),
            object: json::parse(object).expect("JSON"),
        });
        Run { watch: watch.collect(), ..Run::default() }
    }

    #[test]
    fn hops_are_told_beside_each_other() {
        let of = |bound: f64| {
            let mut latencies = Latencies::default();
            latencies.add_run(&run(&[
                (0.0, "ADDED", "pods", r#"{"metadata": {"uid": "a"}, "spec": {}}"#),
                (bound, "MODIFIED", "pods", r#"{"metadata": {"uid": "a"}, "spec": {"nodeName": "n"}}"#),
                (
                    bound + 0.01,
                    "ADDED",
                    "events",
                    r#"{"involvedObject": {"uid": "a"}, "reason": "Scheduled"}"#,
                ),
            ]));
            latencies
        };
        let recorded = of(0.020);
        assert!(!recorded.beside(&of(0.030)).contains("differs"));
        expect_test::expect![[r#"
            hops in ms: median, p90 (how many)                     recorded            simulated
            Pod created -> bound                                 20, 20 (1)           50, 50 (1)  differs
            bound -> Scheduled                                   10, 10 (1)           10, 10 (1)
        "#]]
        .assert_eq(&recorded.beside(&of(0.050)));
    }
}
