//! `kubectl cordon` and `kubectl uncordon` (upstream: kubectl `cmd/drain` and `drain/cordon.go`).

use super::Verb;
use crate::cluster::request::PatchKind;
use crate::kubectl::command::{Kubectl, Outcome};
use crate::kubectl::fields::{is, object};
use crate::kubectl::resources::{Finder, Info};
use crate::value::{Str, Value};

pub(super) const CORDON: Verb = Verb {
    name: "cordon",
    aliases: &[],
    run: |kubectl| {
        let nodes = nodes(kubectl)?;
        cordon_or_uncordon(kubectl, &nodes, true)
    },
};

pub(super) const UNCORDON: Verb = Verb {
    name: "uncordon",
    aliases: &[],
    run: |kubectl| {
        let nodes = nodes(kubectl)?;
        cordon_or_uncordon(kubectl, &nodes, false)
    },
};

/// The nodes that the command is about.
pub(super) fn nodes(kubectl: &mut Kubectl) -> Outcome<Vec<Info>> {
    let words = kubectl.arguments.words.clone();
    let has_selector = kubectl.arguments.text("selector").is_some();
    if words.is_empty() && !has_selector {
        let usage = format!("USAGE: {} NODE [flags]", kubectl.verb.name);
        return Err(kubectl.misused(&usage));
    }
    if !words.is_empty() && has_selector {
        return Err(kubectl.misused("error: cannot specify both a node name and a --selector option"));
    }
    let mut resources = Vec::new();
    if !words.iter().any(|word| word.contains('/')) {
        resources.push(Str::from("nodes"));
    }
    resources.extend(words);
    let found = kubectl.find(&resources, Finder { reads: true, one_kind: true, ..Finder::default() })?;
    if let Some(problem) = found.problems.into_iter().next() {
        return Err(kubectl.fail(problem));
    }
    if let Some(other) = found.infos.iter().find(|info| info.kind != crate::api::Kind::Node) {
        let why = format!("error: expected resource of type node, got {:?}", other.kind.resource());
        return Err(kubectl.fail(why));
    }
    Ok(found.infos)
}

/// Marks nodes as closed or open to new Pods.
pub(super) fn cordon_or_uncordon(kubectl: &mut Kubectl, nodes: &[Info], desired: bool) -> Outcome {
    let word = if desired { "cordon" } else { "uncordon" };
    for info in nodes {
        let value = info.value();
        if is(&value, &["spec", "unschedulable"]) == desired {
            kubectl.report(&value, &format!("already {word}ed"))?;
            continue;
        }
        if !kubectl.is_client_dry_run() {
            let wanted = if desired { Value::Bool(true) } else { Value::Null };
            let patch = object([("spec", object([("unschedulable", wanted)]))]);
            if let Err(status) = kubectl.patch(info.key(), PatchKind::Strategic, patch, "kubectl-cordon")? {
                let why = format!("error: unable to {word} node {:?}: {}", &*info.name, status.message);
                kubectl.complain(&why);
                continue;
            }
        }
        kubectl.report(&value, &format!("{word}ed"))?;
    }
    Ok(())
}
