//! `kubectl rollout` (upstream: kubectl `cmd/rollout` and `polymorphichelpers`).

mod history;
mod pause;
mod restart;
mod revisions;
mod status;
mod undo;

pub(crate) use undo::without_hash;

use super::Verb;
use crate::api::patch::two_way;
use crate::cluster::request::PatchKind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{list, pairs, text};
use crate::kubectl::resources::{Finder, Info, Infos};
use crate::value::{Map, Value};

/// The verbs of this folder.
pub(super) const VERBS: &[&Verb] =
    &[&history::VERB, &pause::PAUSE, &pause::RESUME, &restart::VERB, &status::VERB, &undo::VERB];

/// Where a ReplicaSet keeps the number of its revision.
const REVISION: &str = "deployment.kubernetes.io/revision";
/// Where an object keeps why it was changed.
const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

/// The objects that are rolled out.
fn find(kubectl: &mut Kubectl) -> Outcome<Infos> {
    let words = kubectl.arguments.words.clone();
    if words.is_empty() && kubectl.arguments.text("filename").is_none() {
        return Err(kubectl.fail("required resource not specified".to_owned()));
    }
    kubectl.find(&words, Finder { kind_means_all: true, reads: true, one_kind: false })
}

/// Changes each object by a strategic patch, and says so.
fn change(
    kubectl: &mut Kubectl,
    done: &str,
    already: impl Fn(&Info) -> Problem,
    changed: impl Fn(&mut Kubectl, &Value) -> Result<Value, String>,
) -> Outcome {
    let found = find(kubectl)?;
    let mut problems = found.problems;
    if found.infos.is_empty() && problems.is_empty() {
        let namespace = kubectl.namespace();
        kubectl.complain(&format!("No resources found in {namespace} namespace."));
    }
    for info in &found.infos {
        let before = info.value();
        let after = match changed(kubectl, &before) {
            Ok(after) => after,
            Err(why) => {
                let resource = info.kind.resource();
                problems.push(Problem::Own(format!("error: {resource} \"{}\" {why}", info.name)));
                continue;
            }
        };
        let patch = two_way(text(&before, &["apiVersion"]), text(&before, &["kind"]), &before, &after);
        if patch.as_object().is_none_or(Map::is_empty) {
            problems.push(already(info));
            continue;
        }
        match kubectl.patch(info.key(), PatchKind::Strategic, patch, "kubectl-rollout")? {
            Ok(value) => kubectl.report(&value, done)?,
            Err(status) => problems.push(Problem::Own(format!("failed to patch: {}", status.message))),
        }
    }
    kubectl.fail_all(problems)
}

/// A workload's selector in kubectl's writing.
pub(crate) fn selector(value: &Value) -> String {
    selector_at(value, &["spec", "selector"])
}

/// A selector that stands elsewhere.
pub(crate) fn selector_at(value: &Value, path: &[&str]) -> String {
    let Some(selector) = value.at(path) else { return String::new() };
    // A ReplicationController's selector is nothing but labels.
    let is_plain = selector.get("matchLabels").is_none() && selector.get("matchExpressions").is_none();
    let labels = if is_plain { pairs(value, path) } else { pairs(selector, &["matchLabels"]) };
    let mut terms: Vec<String> = labels
        .into_iter()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    for term in list(selector, &["matchExpressions"]) {
        let key = text(term, &["key"]);
        let values: Vec<&str> = list(term, &["values"]).iter().filter_map(Value::as_str).collect();
        let values = values.join(",");
        terms.push(match text(term, &["operator"]) {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_owned(),
        });
    }
    terms.join(",")
}
