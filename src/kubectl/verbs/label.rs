//! `kubectl label` and `kubectl annotate` (upstream: kubectl `cmd/label` and `cmd/annotate`).

use super::Verb;
use crate::cluster::request::PatchKind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{object, pairs, text};
use crate::kubectl::pairs::{Pairs, read};
use crate::kubectl::resources::Finder;
use crate::value::{Map, Value};

pub(super) const LABEL: Verb = Verb {
    name: "label",
    aliases: &[],
    run: |kubectl| run(kubectl, &Field { name: "labels", what: "label", done: "labeled" }),
};

pub(super) const ANNOTATE: Verb = Verb {
    name: "annotate",
    aliases: &[],
    run: |kubectl| run(kubectl, &Field { name: "annotations", what: "annotation", done: "annotated" }),
};

/// What of the metadata is changed.
struct Field {
    name: &'static str,
    what: &'static str,
    done: &'static str,
}

fn run(kubectl: &mut Kubectl, field: &Field) -> Outcome {
    let changes = match read(&kubectl.arguments.words, field.what, true) {
        Ok(changes) => changes,
        Err(why) => return Err(kubectl.fail(why)),
    };
    for flag in ["selector", "field-selector"] {
        let is_given = kubectl.arguments.text(flag).is_some_and(|text| !text.is_empty());
        if kubectl.arguments.is("all") && is_given {
            return Err(kubectl.fail(format!("cannot set --all and --{flag} at the same time")));
        }
    }
    let lists = kubectl.arguments.is("list");
    if changes.resources.is_empty() && kubectl.arguments.text("filename").is_none() {
        let why = "one or more resources must be specified as <resource> <name> or <resource>/<name>";
        return Err(kubectl.fail(why.to_owned()));
    }
    if changes.new.is_empty() && changes.removed.is_empty() && !lists {
        return Err(kubectl.fail(format!("at least one {} update is required", field.what)));
    }
    if changes.removed.iter().any(|key| changes.new.iter().any(|(other, _)| other == key)) {
        let why = match field.what {
            "label" => "can not both modify and remove a label in the same command".to_owned(),
            _ => {
                let both = changes.removed.join(", ");
                format!(
                    "can not both modify and remove the following annotation(s) in the same command: {both}"
                )
            }
        };
        return Err(kubectl.fail(why));
    }
    let kind_means_all = kubectl.arguments.is("all");
    let found = kubectl.find(&changes.resources, Finder { kind_means_all, reads: true, one_kind: false })?;
    if !found.is_single
        && kubectl.arguments.text("resource-version").is_some_and(|version| !version.is_empty())
    {
        return Err(kubectl.fail("--resource-version may only be used with a single resource".to_owned()));
    }
    let mut problems = found.problems;
    for info in &found.infos {
        let value = info.value();
        if lists {
            list(kubectl, &value, field, found.is_single);
            continue;
        }
        match change(kubectl, &value, &changes, field) {
            Err(why) => problems.push(Problem::Own(why)),
            Ok((None, done)) => kubectl.report(&value, done)?,
            Ok((Some(patch), done)) if kubectl.is_client_dry_run() || kubectl.arguments.is("local") => {
                kubectl.report(&crate::api::patch::json_merge(&value, &patch), done)?;
            }
            Ok((Some(patch), done)) => {
                let manager = if field.what == "label" { "kubectl-label" } else { "kubectl-annotate" };
                match kubectl.patch(info.key(), PatchKind::Merge, patch, manager)? {
                    Ok(value) => kubectl.report(&value, done)?,
                    Err(status) => problems.push(status.into()),
                }
            }
        }
    }
    kubectl.fail_all(problems)
}

fn list(kubectl: &mut Kubectl, value: &Value, field: &Field, is_single: bool) {
    let indent = if is_single { "" } else { " " };
    if !is_single {
        let version = text(value, &["apiVersion"]);
        let group = version.split_once('/').map_or("", |(group, _)| group);
        let (kind, name) = (text(value, &["kind"]), text(value, &["metadata", "name"]));
        kubectl.line(&format!("Listing {} for {kind}.{group}/{name}:", field.name));
    }
    for (key, value) in pairs(value, &["metadata", field.name]) {
        kubectl.line(&format!("{indent}{key}={}", value.as_str().unwrap_or_default()));
    }
}

/// The merge patch, where anything changes, and what is said of it.
fn change(
    kubectl: &mut Kubectl,
    value: &Value,
    changes: &Pairs,
    field: &Field,
) -> Result<(Option<Value>, &'static str), String> {
    let is_label = field.what == "label";
    let current = |key: &str| value.at(&["metadata", field.name, key]).and_then(Value::as_str);
    if !kubectl.arguments.is("overwrite") {
        let clashes: Vec<String> = changes
            .new
            .iter()
            .filter(|(key, _)| is_label || &**key != "kubernetes.io/change-cause")
            .filter_map(|(key, new)| {
                let old = current(key).filter(|old| **old != **new)?;
                Some(format!("'{key}' already has a value ({old})"))
            })
            .collect();
        if let Some(first) = clashes.first() {
            return Err(if is_label {
                format!("{first}, and --overwrite is false")
            } else {
                format!(
                    "--overwrite is false but found the following declared annotation(s): {}",
                    clashes.join("; ")
                )
            });
        }
    }
    if is_label {
        for (key, value) in &changes.new {
            let errors = crate::api::names::label_value_errors(value);
            if !errors.is_empty() {
                return Err(format!("invalid label value: \"{key}={value}\": {}", errors.join(";")));
            }
        }
    }
    let mut patch = Map::new();
    let (mut added, mut removed) = (false, false);
    for (key, new) in changes.new.iter().filter(|(key, new)| current(key) != Some(&**new)) {
        patch.insert(key.clone(), new.clone());
        added = true;
    }
    for key in &changes.removed {
        if current(key).is_some() {
            patch.insert(key.clone(), Value::Null);
            removed = true;
        } else if is_label && !kubectl.is_client_dry_run() && !kubectl.arguments.is("local") {
            kubectl.line(&format!("label \"{key}\" not found."));
        }
    }
    let done = match (is_label, added, removed) {
        (false, ..) => field.done,
        (true, true, true) => "modified",
        (true, true, false) => field.done,
        (true, false, true) => "unlabeled",
        (true, false, false) => "not labeled",
    };
    if patch.is_empty() {
        return Ok((None, done));
    }
    let mut metadata = Map::new();
    if let Some(version) = kubectl.arguments.text("resource-version") {
        metadata.push("resourceVersion", version.clone());
    } else if text(value, &["metadata", "name"]).is_empty() {
        return Err("resource name must be provided".into());
    }
    metadata.push(field.name, patch);
    Ok((Some(object([("metadata", metadata)])), done))
}
