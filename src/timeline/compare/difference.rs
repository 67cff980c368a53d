//! The one difference: what is other in the files, or the seed.

use super::super::line::{Acted, Start};
use super::super::run::Act;
use crate::api::read::values;
use crate::manifest::Arg;
use crate::msg;
use crate::value::{Str, Value, yaml};

crate::words_enum! {
    /// In what two runs differ.
    pub enum Difference {
        /// A `preStop` that waits five seconds; none where there is one.
        PreStop = "preStop",
        /// A `readinessProbe`; none where there is one.
        Readiness = "readinessProbe",
        /// `Recreate` in place of `RollingUpdate`, or the other way round.
        Strategy = "strategy",
        /// Chance.
        Seed = "seed",
    }
}

/// What is said of one of the two runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The message that is its title.
    pub title: &'static str,
    /// The argument of that message.
    pub args: Vec<(&'static str, Arg)>,
    /// How it is written, a line as `lifecycle.preStop.sleep.seconds: 5`; none where it is just not there.
    pub written: Option<Str>,
}

/// The second run, and what is said of both.
#[derive(Clone, Debug)]
pub struct Changed {
    /// What it begins with.
    pub start: Start,
    /// What is done in it.
    pub acts: Vec<Acted>,
    /// The first run and the second.
    pub sides: [Side; 2],
}

/// How long the `preStop` waits that is put in.
const SECONDS: i64 = 5;

impl Difference {
    /// The differences that would change something in a run.
    pub fn possible(start: &Start, acts: &[Acted]) -> Vec<Difference> {
        let documents: Vec<Value> = texts(start, acts).flat_map(|text| values(text)).collect();
        let changes = |difference: &Difference| match difference {
            Difference::Seed => !acts.is_empty(),
            _ => documents.iter().any(|document| {
                difference.found(document).is_some()
                    || difference.change(&mut document.clone(), false).is_some()
            }),
        };
        Self::ALL.iter().copied().filter(changes).collect()
    }
    /// The message with its name.
    pub fn name(self) -> &'static str {
        match self {
            Difference::PreStop => msg!("compare.pre-stop"),
            Difference::Readiness => msg!("compare.readiness"),
            Difference::Strategy => msg!("compare.strategy"),
            Difference::Seed => msg!("compare.seed"),
        }
    }
    /// The run with the difference; none where it would be the same.
    pub fn apply(self, start: &Start, acts: &[Acted]) -> Option<Changed> {
        if acts.is_empty() {
            return None;
        }
        if self == Difference::Seed {
            let mut changed = start.clone();
            changed.setup.seed += 1;
            let side = |seed: u64| Side {
                title: msg!("compare.seed-of"),
                args: vec![("seed", Arg::Number(i64::try_from(seed).unwrap_or(i64::MAX)))],
                written: None,
            };
            let sides = [side(start.setup.seed), side(changed.setup.seed)];
            return Some(Changed { start: changed, acts: acts.to_vec(), sides });
        }
        // What is somewhere is taken away everywhere.
        let found =
            texts(start, acts).flat_map(|text| values(text)).find_map(|document| self.found(&document));
        let mut put_in = None;
        let mut change = |text: &Str| {
            let mut documents = values(text);
            let mut is_changed = false;
            for document in &mut documents {
                if let Some(written) = self.change(document, found.is_some()) {
                    is_changed = true;
                    put_in = put_in.take().or(Some(written));
                }
            }
            is_changed.then(|| -> Str {
                documents.iter().map(yaml::print).collect::<Vec<_>>().join("---\n").into()
            })
        };
        let mut changed = start.clone();
        let mut is_other = false;
        for text in changed.files.values_mut() {
            if let Some(other) = change(text) {
                *text = other;
                is_other = true;
            }
        }
        let mut acts = acts.to_vec();
        for acted in &mut acts {
            if let Act::File(_, Some(text)) = &mut acted.act
                && let Some(other) = change(text)
            {
                *text = other;
                is_other = true;
            }
        }
        is_other.then(|| Changed { start: changed, acts, sides: self.sides(found, put_in) })
    }
    /// The part of a document that it is about.
    fn found(self, document: &Value) -> Option<Value> {
        match self {
            Difference::PreStop => part_of_containers(document, &["lifecycle", "preStop"]),
            Difference::Readiness => part_of_containers(document, &["readinessProbe"]),
            Difference::Strategy => {
                let is_recreate = is(document, "Deployment") && strategy(document) == "Recreate";
                is_recreate.then(|| document.at(&["spec", "strategy"]).cloned()).flatten()
            }
            Difference::Seed => None,
        }
    }
    /// Changes a document; gives what was put into it, where something was changed.
    fn change(self, document: &mut Value, takes_away: bool) -> Option<Value> {
        match self {
            Difference::PreStop => of_containers(document, |container| {
                if takes_away {
                    let mut lifecycle = container.get("lifecycle")?.clone();
                    lifecycle.make_object().remove("preStop")?;
                    let is_empty = lifecycle.as_object().is_some_and(|map| map.is_empty());
                    if is_empty {
                        container.make_object().remove("lifecycle");
                    } else {
                        container.make_object().insert("lifecycle", lifecycle);
                    }
                    return Some(Value::Null);
                }
                // What listens nowhere gets no requests that it could lose.
                first_port(container)?;
                container.set(&["lifecycle", "preStop", "sleep", "seconds"], SECONDS);
                container.at(&["lifecycle", "preStop"]).cloned()
            }),
            Difference::Readiness => of_containers(document, |container| {
                if takes_away {
                    return container.make_object().remove("readinessProbe").map(|_| Value::Null);
                }
                let port = first_port(container)?;
                container.set(&["readinessProbe", "tcpSocket", "port"], port);
                container.set(&["readinessProbe", "periodSeconds"], 1);
                container.get("readinessProbe").cloned()
            }),
            Difference::Strategy if is(document, "Deployment") => {
                let is_recreate = strategy(document) == "Recreate";
                if is_recreate != takes_away {
                    return None;
                }
                let mut other = Value::object();
                other.set(&["type"], if takes_away { "RollingUpdate" } else { "Recreate" });
                document.set(&["spec", "strategy"], other.clone());
                Some(other)
            }
            Difference::Strategy | Difference::Seed => None,
        }
    }
    fn sides(self, found: Option<Value>, put_in: Option<Value>) -> [Side; 2] {
        let name = match self {
            Difference::PreStop => "lifecycle.preStop",
            Difference::Readiness => "readinessProbe",
            Difference::Strategy | Difference::Seed => "strategy",
        };
        let written = |value: &Option<Value>| value.as_ref().and_then(|value| line(name, value));
        if self == Difference::Strategy {
            let kind = |is_recreate: bool| if is_recreate { "Recreate" } else { "RollingUpdate" };
            let side = |is_recreate: bool| Side {
                title: msg!("compare.strategy-of"),
                args: vec![("type", kind(is_recreate).into())],
                written: Some(format!("strategy.type: {}", kind(is_recreate)).into()),
            };
            return [side(found.is_some()), side(found.is_none())];
        }
        let side = |value: &Option<Value>, is_there: bool| Side {
            title: if is_there { msg!("compare.with") } else { msg!("compare.without") },
            args: vec![("what", self.as_str().into())],
            written: if is_there { written(value) } else { None },
        };
        let had_it = found.is_some();
        [side(&found, had_it), side(&put_in, !had_it)]
    }
}

/// The texts that a run reads.
fn texts<'a>(start: &'a Start, acts: &'a [Acted]) -> impl Iterator<Item = &'a Str> {
    let written = acts.iter().filter_map(|acted| match &acted.act {
        Act::File(_, Some(text)) => Some(text),
        _ => None,
    });
    start.files.values().chain(written)
}

fn is(document: &Value, kind: &str) -> bool {
    document.get("kind").and_then(Value::as_str) == Some(kind)
}

/// The type of a Deployment's strategy, which is `RollingUpdate` where nothing is said.
fn strategy(document: &Value) -> &str {
    document.at(&["spec", "strategy", "type"]).and_then(Value::as_str).unwrap_or("RollingUpdate")
}

/// Where the containers of a document's Pods are: of those kinds whose Pods go on for ever and can stand behind a Service.
fn containers_path(document: &Value) -> Option<&'static [&'static str]> {
    match document.get("kind")?.as_str()? {
        "Pod" => Some(&["spec", "containers"]),
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" => {
            Some(&["spec", "template", "spec", "containers"])
        }
        _ => None,
    }
}

fn part_of_containers(document: &Value, path: &[&str]) -> Option<Value> {
    let containers = document.at(containers_path(document)?)?.as_array()?;
    containers.iter().find_map(|container| container.at(path).cloned())
}

/// Changes the containers of a document; gives what the first change has put in.
fn of_containers(document: &mut Value, change: impl Fn(&mut Value) -> Option<Value>) -> Option<Value> {
    let path = containers_path(document)?;
    let mut containers = document.at(path)?.as_array()?.to_vec();
    let mut first = None;
    for container in &mut containers {
        let changed = change(container);
        first = first.or(changed);
    }
    if first.is_some() {
        document.set(path, containers);
    }
    first
}

fn first_port(container: &Value) -> Option<i64> {
    container.get("ports")?.as_array()?.first()?.get("containerPort")?.as_int()
}

/// A part as one line: the way to a leaf and what stands there. What has parts of its own says more than a number beside it.
fn line(name: &str, value: &Value) -> Option<Str> {
    match value {
        Value::Object(map) => {
            let has_parts = |(_, value): &(&Str, &Value)| matches!(value, Value::Object(_) | Value::Array(_));
            let (key, value) = map.iter().find(has_parts).or_else(|| map.iter().next())?;
            line(&format!("{name}.{key}"), value)
        }
        Value::Array(items) => {
            let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            Some(format!("{name}: {}", words.join(" ")).into())
        }
        Value::String(text) => Some(format!("{name}: {text}").into()),
        Value::Int(number) => Some(format!("{name}: {number}").into()),
        Value::Null | Value::Bool(_) | Value::Float(_) => None,
    }
}
