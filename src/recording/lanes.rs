//! A run cut into lanes.
//!
//! A lane is what one thing went through, in order, without the times: the phase of one Pod, one condition
//! with its reason and message, the states of one container, the Events of one object, the conditions of one
//! endpoint, the outputs of one command. Lanes of siblings (the Pods of a ReplicaSet) lie together.

use super::WatchEvent;
use super::mask;
use super::names::{self, Key, Names};
use crate::value::{Value, json};
use std::collections::BTreeMap;

/// What a lane is of: a kind (`pods`, `events`, `commands`), a canonical name, and what of it.
pub type Lane = (String, String, String);

/// What was seen, when, in seconds.
type Seen = (f64, Value);

/// One passage through a lane.
#[derive(Clone, Debug)]
pub struct Passage {
    /// All that was seen, in order, as text: equal texts are equal passages.
    pub said: String,
    /// When each was seen, in seconds since the last act before it.
    pub times: Vec<f64>,
    /// What was seen, and when, in seconds since the beginning.
    pub seen: Vec<(f64, Value)>,
    /// The Namespace and the real name of what it is of.
    pub of: (String, String),
}

/// The lanes of a run, each with its passages in no order that means something.
pub type Lanes = BTreeMap<Lane, Vec<Passage>>;

/// A command, and what it printed.
#[derive(Clone, Copy, Debug)]
pub struct Printed<'a> {
    /// When it began, in seconds.
    pub t: f64,
    /// The line as typed.
    pub line: &'a str,
    /// Its exit code.
    pub exit: Option<i64>,
    /// What it wrote to standard output.
    pub stdout: &'a str,
    /// What it wrote to standard error.
    pub stderr: &'a str,
}

/// A lane that never said anything but this says nothing.
fn is_silent(what: &str, seen: &[Seen]) -> bool {
    let [(_, only)] = seen else { return false };
    match what {
        "finalizers" | "owner" | "taints" => only.as_array().is_some_and(<[Value]>::is_empty),
        "deletion" => only.is_null(),
        "life" => only.as_str() == Some("there"),
        "unschedulable" => only.as_bool() == Some(false),
        _ => false,
    }
}

/// Cuts a run. `acts` are the moments at which something was done, in order.
pub fn cut(watch: &[WatchEvent], acts: &[f64], commands: &[Printed]) -> Lanes {
    let mut cutter = Cutter::new(Names::of(watch));
    watch.iter().for_each(|event| cutter.event(event));
    cutter.finish(acts, commands)
}

/// What lanes are collected for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Object(Key),
    /// A Pod by its real name, in an EndpointSlice.
    Endpoint(Key, String),
}

/// A lane of a subject. Of a counter that climbs 0 1 2 3 a watcher may see 0 2 3: only its turns are kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Counter(String),
    State(String),
}

/// Cuts a run, event by event.
#[derive(Clone, Debug)]
pub struct Cutter {
    names: Names,
    /// What was masked already: the same texts come again and again.
    masked: BTreeMap<String, String>,
    open: BTreeMap<(String, Subject), BTreeMap<Part, Vec<Seen>>>,
    /// Kind, canonical name, Namespace and real name of what Events are about, with the first of each Event.
    told: BTreeMap<(String, String, String, String), Vec<Seen>>,
}

/// The status counters of a kind.
fn counters(resource: &str) -> &'static [&'static str] {
    match resource {
        "deployments" => &[
            "replicas",
            "updatedReplicas",
            "readyReplicas",
            "availableReplicas",
            "unavailableReplicas",
            "terminatingReplicas",
        ],
        "replicasets" => &["replicas", "readyReplicas", "availableReplicas"],
        "statefulsets" => {
            &["replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"]
        }
        "daemonsets" => &[
            "desiredNumberScheduled",
            "currentNumberScheduled",
            "numberReady",
            "updatedNumberScheduled",
            "numberAvailable",
            "numberUnavailable",
            "numberMisscheduled",
        ],
        "jobs" => &["active", "succeeded", "failed", "ready", "terminating"],
        "poddisruptionbudgets" => &["currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"],
        _ => &[],
    }
}

/// Events that tell of the machine rather than of the scenario.
const UNTOLD: [&str; 6] =
    ["Pulling", "CgroupV1", "InvalidDiskCapacity", "NodeAllocatableEnforced", "Starting", "RegisteredNode"];

impl Cutter {
    /// Nothing is cut yet. The names are those of the whole run.
    pub fn new(names: Names) -> Self {
        Self { names, masked: BTreeMap::new(), open: BTreeMap::new(), told: BTreeMap::new() }
    }

    /// The lanes of what was cut.
    pub fn finish(mut self, acts: &[f64], commands: &[Printed]) -> Lanes {
        let printed = self.commands(commands);
        let mut lanes = Lanes::new();
        let mut close = |lane: Lane, of: (String, String), seen: Vec<Seen>| {
            if is_silent(&lane.2, &seen) {
                return;
            }
            let since = |t: f64| {
                let before = acts.partition_point(|act| *act <= t).checked_sub(1);
                t - before.map_or(0.0, |place| acts[place])
            };
            let times = seen.iter().map(|(t, _)| since(*t)).collect();
            let said: Vec<String> = seen.iter().map(|(_, value)| said(value)).collect();
            lanes.entry(lane).or_default().push(Passage { said: said.join(" -> "), times, seen, of });
        };
        let (open, told) = (std::mem::take(&mut self.open), std::mem::take(&mut self.told));
        for ((resource, subject), parts) in open {
            let name = match &subject {
                _ if resource == "nodes" => "<node>".to_owned(),
                Subject::Object(key) => self.names.get(key).to_owned(),
                Subject::Endpoint(key, target) => {
                    let target = self.mask(target);
                    format!("{} -> {target}", self.names.get(key))
                }
            };
            let of = match subject {
                Subject::Object((_, namespace, name)) => (namespace, name),
                Subject::Endpoint((_, namespace, _), target) => (namespace, target),
            };
            for (part, seen) in parts {
                let seen = match part {
                    Part::Counter(_) => turning(seen),
                    Part::State(_) => distinct(seen),
                };
                let (Part::Counter(what) | Part::State(what)) = part;
                close((resource.clone(), name.clone(), what), of.clone(), seen);
            }
        }
        for ((kind, name, namespace, real), seen) in told {
            let lane = ("events".to_owned(), format!("{kind} {name}"), "told".to_owned());
            close(lane, (namespace, real), seen);
        }
        for (command, seen) in printed {
            close(("commands".to_owned(), command, "printed".to_owned()), Default::default(), distinct(seen));
        }
        lanes
    }

    fn mask(&mut self, text: &str) -> String {
        if let Some(masked) = self.masked.get(text) {
            return masked.clone();
        }
        let masked = mask::apply(text, &self.names.replacements);
        self.masked.insert(text.to_owned(), masked.clone());
        masked
    }

    /// What is under `key`, masked; no text is empty text.
    fn masked(&mut self, value: &Value, key: &str) -> Value {
        Value::from(self.mask(text(value, key)))
    }

    /// Cuts what comes next.
    pub fn event(&mut self, event: &WatchEvent) {
        if event.resource == "events" {
            return self.tell(event);
        }
        let Some(key) = names::key(event) else { return };
        let resource = event.resource.as_str();
        let mut seen: Vec<(Part, Value)> = Vec::new();
        let mut state = |what: &str, value: Value| seen.push((Part::State(what.to_owned()), value));
        if event.event == "DELETED" {
            state("life", Value::from("deleted"));
        } else {
            state("life", Value::from("there"));
            let object = &event.object;
            let meta = object.get("metadata").cloned().unwrap_or_default();
            let spec = object.get("spec").cloned().unwrap_or_default();
            let status = object.get("status").cloned().unwrap_or_default();
            state("deletion", meta.get("deletionGracePeriodSeconds").cloned().unwrap_or_default());
            state("finalizers", Value::from(items(&meta, "finalizers").to_vec()));
            let labels = meta.get("labels").map_or_else(|| "{}".to_owned(), json::compact);
            state("labels", Value::from(self.mask(&labels)));
            let owners = items(&meta, "ownerReferences").iter();
            let owners =
                owners.map(|o| Value::from(vec![Value::from(text(o, "kind")), self.masked(o, "name")]));
            state("owner", Value::from(owners.collect::<Vec<_>>()));
            for condition in items(&status, "conditions") {
                let reason = condition.get("reason").cloned().unwrap_or_default();
                let told =
                    vec![Value::from(text(condition, "status")), reason, self.masked(condition, "message")];
                state(&format!("condition {}", text(condition, "type")), Value::from(told));
            }
            for what in ["phase", "reason", "qosClass"] {
                if status.get(what).is_some_and(|value| value.as_object().is_none()) {
                    let value = self.masked(&status, what);
                    state(what, value);
                }
            }
            match resource {
                "pods" => self.pod(&spec, &status, &mut state),
                "endpointslices" => self.slice(event.t, &key, object, &mut state),
                "nodes" => {
                    state("taints", taints(&spec));
                    state("unschedulable", Value::Bool(is_true(&spec, "unschedulable")));
                }
                "services" => {
                    let kept = ["type", "ports", "selector", "externalName", "sessionAffinity"];
                    let kept = kept.map(|f| (f.into(), spec.get(f).cloned().unwrap_or_default()));
                    let kept = Value::from(kept.into_iter().collect::<crate::value::Map>());
                    state("spec", Value::from(self.mask(&json::compact(&kept))));
                }
                "resourcequotas" => state("used", status.get("used").cloned().unwrap_or(Value::object())),
                _ => {}
            }
            counted(resource, &meta, &spec, &status, &mut seen);
        }
        let parts = self.open.entry((event.resource.clone(), Subject::Object(key))).or_default();
        for (part, value) in seen {
            parts.entry(part).or_default().push((event.t, value));
        }
    }

    fn pod(&mut self, spec: &Value, status: &Value, state: &mut impl FnMut(&str, Value)) {
        state("placed", Value::Bool(!text(spec, "nodeName").is_empty()));
        let images = items(spec, "containers").iter().map(|c| c.get("image").cloned().unwrap_or_default());
        state("image", Value::from(images.collect::<Vec<_>>()));
        let init = items(status, "initContainerStatuses").iter();
        for container in init.chain(items(status, "containerStatuses")) {
            let name = text(container, "name");
            let nothing = Value::object();
            let current = container.get("state").and_then(Value::as_object);
            let (what, detail) = match current.and_then(|state| state.iter().next()) {
                Some((what, detail)) => (&**what, detail),
                None => ("waiting", &nothing),
            };
            let of = |key| detail.get(key).cloned().unwrap_or_default();
            let told = vec![Value::from(what), of("reason"), of("exitCode"), self.masked(detail, "message")];
            state(&format!("container {name}"), Value::from(told));
            state(&format!("ready {name}"), Value::Bool(is_true(container, "ready")));
            state(&format!("restarts {name}"), container.get("restartCount").cloned().unwrap_or_default());
        }
    }

    fn slice(&mut self, t: f64, key: &Key, object: &Value, state: &mut impl FnMut(&str, Value)) {
        for endpoint in items(object, "endpoints") {
            let target = endpoint.at(&["targetRef", "name"]).and_then(Value::as_str).unwrap_or("?");
            let of = |key| endpoint.at(&["conditions", key]).cloned().unwrap_or_default();
            let conditions = Value::from(vec![of("ready"), of("serving"), of("terminating")]);
            let subject = Subject::Endpoint(key.clone(), target.to_owned());
            let parts = self.open.entry(("endpoint".to_owned(), subject)).or_default();
            parts.entry(Part::State("conditions".to_owned())).or_default().push((t, conditions));
        }
        let port = |port: &Value| {
            let of = |key| port.get(key).cloned().unwrap_or_default();
            Value::from(vec![Value::from(text(port, "name")), of("port"), of("protocol")])
        };
        state("ports", Value::from(items(object, "ports").iter().map(port).collect::<Vec<_>>()));
    }

    /// An Event: the first time that its object's Events say so.
    fn tell(&mut self, event: &WatchEvent) {
        let object = &event.object;
        if UNTOLD.contains(&text(object, "reason")) {
            return;
        }
        let involved = object.get("involvedObject").cloned().unwrap_or_default();
        let (kind, real) = (text(&involved, "kind"), text(&involved, "name"));
        let name = match self.names.involved(kind, real) {
            Some(name) => name.to_owned(),
            None => self.mask(real),
        };
        let message = text(object, "message").replace("(combined from similar events): ", "");
        let told = vec![
            Value::from(text(object, "type")),
            Value::from(text(object, "reason")),
            Value::from(self.mask(&message)),
        ];
        let told = Value::from(told);
        let namespace = object.at(&["metadata", "namespace"]).and_then(Value::as_str).unwrap_or_default();
        let about = (kind.to_owned(), name, namespace.to_owned(), real.to_owned());
        let seen = self.told.entry(about).or_default();
        if !seen.iter().any(|(_, earlier)| *earlier == told) {
            seen.push((event.t, told));
        }
    }

    /// What each command printed, each time it ran.
    fn commands(&mut self, commands: &[Printed]) -> BTreeMap<String, Vec<Seen>> {
        let mut printed: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
        for command in commands {
            let stderr = command.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
            let seen = Value::from(vec![
                command.exit.map_or(Value::Null, Value::Int),
                Value::from(mask::table(&self.mask(command.stdout))),
                Value::from(self.mask(&stderr)),
            ]);
            printed.entry(self.mask(command.line)).or_default().push((command.t, seen));
        }
        printed
    }
}

/// The counters of an object, in spec and status, and the annotations of a rollout.
fn counted(resource: &str, meta: &Value, spec: &Value, status: &Value, seen: &mut Vec<(Part, Value)>) {
    const ANNOTATIONS: [&str; 4] = [
        "deployment.kubernetes.io/revision",
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
        "kubernetes.io/change-cause",
    ];
    let counters = counters(resource);
    if counters.is_empty() {
        return;
    }
    for what in ["replicas", "parallelism"] {
        if let Some(count) = spec.get(what) {
            seen.push((Part::Counter(format!("spec.{what}")), count.clone()));
        }
    }
    for what in counters {
        let count = status.get(what).and_then(Value::as_int).unwrap_or_default();
        seen.push((Part::Counter(format!("status.{what}")), Value::Int(count)));
    }
    for what in ANNOTATIONS {
        if let Some(value) = meta.at(&["annotations", what]) {
            seen.push((Part::State(what.to_owned()), value.clone()));
        }
    }
}

fn taints(spec: &Value) -> Value {
    let taint =
        |taint: &Value| [text(taint, "key"), text(taint, "value"), text(taint, "effect")].map(str::to_owned);
    let mut taints: Vec<[String; 3]> = items(spec, "taints").iter().map(taint).collect();
    taints.sort();
    Value::from(taints.into_iter().map(|t| Value::from(t.map(Value::from).to_vec())).collect::<Vec<_>>())
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).unwrap_or_default()
}

fn is_true(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// Without the repetitions of what stands.
fn distinct(mut seen: Vec<Seen>) -> Vec<Seen> {
    seen.dedup_by(|later, earlier| later.1 == earlier.1);
    seen
}

/// Of a counter, its first, its turns and its last.
fn turning(seen: Vec<Seen>) -> Vec<Seen> {
    let seen = distinct(seen);
    let count = |at: usize| seen[at].1.as_int().unwrap_or_default();
    let turns = |at: usize| (count(at) > count(at - 1)) != (count(at + 1) > count(at));
    let kept = |at: &usize| *at == 0 || *at + 1 == seen.len() || turns(*at);
    (0..seen.len()).filter(kept).map(|at| seen[at].clone()).collect()
}

/// A value as text, so that different values have different texts.
fn said(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => format!("{text:?}"),
        Value::Array(items) => format!("({})", items.iter().map(said).collect::<Vec<_>>().join(", ")),
        other => json::compact(other),
    }
}
