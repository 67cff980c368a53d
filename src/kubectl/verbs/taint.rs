//! `kubectl taint` (upstream: kubectl `cmd/taint`).

use super::Verb;
use crate::api::Kind;
use crate::cluster::request::PatchKind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{list, name, object, text};
use crate::kubectl::resources::Finder;
use crate::value::{Map, Str, Value};

pub(super) const VERB: Verb = Verb { name: "taint", aliases: &[], run };

/// A taint of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Taint {
    key: Str,
    value: Str,
    effect: Str,
}

impl Taint {
    fn is(&self, other: &Value) -> bool {
        text(other, &["key"]) == &*self.key && text(other, &["effect"]) == &*self.effect
    }
    fn encode(&self) -> Value {
        let mut out = Map::new();
        for (field, text) in [("key", &self.key), ("value", &self.value), ("effect", &self.effect)] {
            if !text.is_empty() {
                out.push(field, text.clone());
            }
        }
        out.into()
    }
}

fn run(kubectl: &mut Kubectl) -> Outcome {
    let words = kubectl.arguments.words.clone();
    let is_taint = |word: &&Str| word.contains('=') || word.contains(':') || word.ends_with('-');
    let first = words.iter().position(|word| is_taint(&word)).unwrap_or(words.len());
    let (resources, taints) = words.split_at(first);
    if let Some(late) = taints.iter().find(|word| !is_taint(word)) {
        let why = format!("all resources must be specified before taint changes: {late}");
        return Err(kubectl.fail(why));
    }
    let Some(kind) = resources.first() else {
        return Err(kubectl.fail("one or more resources must be specified as <resource> <name>".to_owned()));
    };
    if taints.is_empty() {
        return Err(kubectl.fail("at least one taint update is required".to_owned()));
    }
    let (add, remove) = match parse_all(taints) {
        Ok(parsed) => parsed,
        Err(why) => return Err(kubectl.misused(&why)),
    };
    validate(kubectl, kind, resources, &add, &remove)?;
    let kind_means_all = kubectl.arguments.is("all");
    let found = kubectl.find(resources, Finder { kind_means_all, reads: true, one_kind: true })?;
    let mut problems = found.problems;
    for info in &found.infos {
        let node = info.value();
        let (new, operation) = match change(kubectl, &node, &add, &remove) {
            Ok(changed) => changed,
            Err(why) => {
                problems.push(Problem::Own(why));
                continue;
            }
        };
        let new = if new.is_empty() { Value::Null } else { Value::from(new) };
        let patch = object([("spec", object([("taints", new)]))]);
        if kubectl.is_client_dry_run() {
            kubectl.report_plainly(&crate::api::patch::json_merge(&node, &patch), operation)?;
            continue;
        }
        match kubectl.patch(info.key(), PatchKind::Strategic, patch, "kubectl-taint")? {
            Ok(value) => kubectl.report(&value, operation)?,
            Err(status) => problems.push(status.into()),
        }
    }
    kubectl.fail_all(problems)
}

fn validate(
    kubectl: &mut Kubectl,
    kind: &Str,
    resources: &[Str],
    add: &[Taint],
    remove: &[Taint],
) -> Outcome {
    let word = kind.split('/').next().unwrap_or(kind).to_ascii_lowercase();
    if kubectl.kind(&word)? != Kind::Node {
        let why =
            format!("invalid resource type {}, only node types are supported", kind.to_ascii_lowercase());
        return Err(kubectl.fail(why));
    }
    let both: Vec<String> = add
        .iter()
        .flat_map(|add| {
            remove
                .iter()
                .filter(|gone| gone.key == add.key && (gone.effect.is_empty() || gone.effect == add.effect))
                .map(|gone| format!("{}={}", gone.key, gone.effect))
        })
        .collect();
    if !both.is_empty() {
        let both = both.join(", ");
        let why =
            format!("can not both modify and remove the following taint(s) in the same command: {both}");
        return Err(kubectl.fail(why));
    }
    let (all, selects) = (kubectl.arguments.is("all"), kubectl.arguments.text("selector").is_some());
    if all && selects {
        let why = "setting 'all' parameter with a non empty selector is prohibited";
        return Err(kubectl.fail(why.to_owned()));
    }
    if !all && !selects && resources.len() < 2 {
        let why = "at least one resource name must be specified since 'all' parameter is not set";
        return Err(kubectl.fail(why.to_owned()));
    }
    Ok(())
}

type Parsed = (Vec<Taint>, Vec<Taint>);

/// The taints to be added and those to be removed.
fn parse_all(words: &[Str]) -> Result<Parsed, String> {
    let (mut add, mut remove) = (Vec::<Taint>::new(), Vec::new());
    for word in words {
        if let Some(gone) = word.strip_suffix('-') {
            remove.push(parse(gone)?);
            continue;
        }
        let taint = parse(word)?;
        if taint.effect.is_empty() {
            return Err(format!("invalid taint spec: {word}"));
        }
        if add.iter().any(|other| other.key == taint.key && other.effect == taint.effect) {
            let Taint { key, value, effect } = &taint;
            return Err(format!(
                "duplicated taints with the same key and effect: {{{key} {value} {effect} <nil>}}"
            ));
        }
        add.push(taint);
    }
    Ok((add, remove))
}

/// `key=value:effect`, of which only the key is needed.
fn parse(spec: &str) -> Result<Taint, String> {
    let parts: Vec<&str> = spec.split(':').collect();
    let (pair, effect) = match parts[..] {
        [key] => (key, ""),
        [pair, effect] => (pair, effect),
        _ => return Err(format!("invalid taint spec: {spec}")),
    };
    if parts.len() == 2 && !matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute") {
        return Err(format!("invalid taint effect: {effect}, unsupported taint effect"));
    }
    let (key, value) = if parts.len() == 2 { pair.split_once('=').unwrap_or((pair, "")) } else { (pair, "") };
    if value.contains('=') {
        return Err(format!("invalid taint spec: {spec}"));
    }
    let mut errors = crate::api::names::label_value_errors(value);
    if errors.is_empty() {
        errors = crate::api::names::label_key_errors(key);
    }
    if !errors.is_empty() {
        return Err(format!("invalid taint spec: {spec}, {}", errors.join("; ")));
    }
    Ok(Taint { key: key.into(), value: value.into(), effect: effect.into() })
}

/// A node's new taints, and what was done.
fn change(
    kubectl: &Kubectl,
    node: &Value,
    add: &[Taint],
    remove: &[Taint],
) -> Result<(Vec<Value>, &'static str), String> {
    let old = list(node, &["spec", "taints"]);
    let overwrites = kubectl.arguments.is("overwrite");
    let there: Vec<&str> =
        add.iter().filter(|taint| old.iter().any(|other| taint.is(other))).map(|taint| &*taint.key).collect();
    if !overwrites && !there.is_empty() {
        return Err(format!(
            "node {} already has {} taint(s) with same effect(s) and --overwrite is false",
            name(node),
            there.join(",")
        ));
    }
    let mut new: Vec<Value> = add.iter().map(Taint::encode).collect();
    new.extend(old.iter().filter(|other| !add.iter().any(|taint| taint.is(other))).cloned());
    let is_added = new.len() != old.len();
    let (mut is_removed, mut missing) = (false, Vec::new());
    for gone in remove {
        let before = new.len();
        new.retain(|other| {
            !(text(other, &["key"]) == &*gone.key && (gone.effect.is_empty() || gone.is(other)))
        });
        is_removed = new.len() != before;
        if !is_removed {
            let effect = if gone.effect.is_empty() { String::new() } else { format!(":{}", gone.effect) };
            missing.push(format!("taint \"{}{effect}\" not found", gone.key));
        }
    }
    if let [one] = &missing[..] {
        return Err(one.clone());
    }
    if !missing.is_empty() {
        return Err(format!("[{}]", missing.join(", ")));
    }
    let operation = match (is_added, is_removed) {
        (true, true) => "modified",
        _ if overwrites => "modified",
        (true, false) => "tainted",
        (false, _) => "untainted",
    };
    Ok((new, operation))
}
