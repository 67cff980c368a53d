//! `kubectl set` and what it sets (upstream: kubectl `cmd/set`).

mod env;
mod image;
mod resources;
mod selector;
mod service_account;
mod subject;

pub(super) use image::pod_spec;

use super::Verb;
use crate::api::patch::two_way;
use crate::cluster::request::PatchKind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::text;
use crate::kubectl::resources::{Finder, Info};
use crate::value::{Map, Str, Value};

/// The verbs of this folder.
pub(super) const VERBS: &[&Verb] =
    &[&env::VERB, &image::VERB, &resources::VERB, &selector::VERB, &service_account::VERB, &subject::VERB];

/// The objects that the words name, as the server has them; with `--local` as the files have them.
fn find(kubectl: &mut Kubectl, words: &[Str]) -> Outcome<(Vec<Info>, Vec<Problem>)> {
    let reads = !kubectl.arguments.is("local");
    let kind_means_all = kubectl.arguments.is("all");
    let found = kubectl.find(words, Finder { kind_means_all, reads, one_kind: false })?;
    Ok((found.infos, found.problems))
}

/// Changes each object by a strategic patch, and says so. `failed` is what stands before the server's refusal.
fn change(
    kubectl: &mut Kubectl,
    infos: &[Info],
    mut problems: Vec<Problem>,
    (done, failed): (&str, &str),
    mut changed: impl FnMut(&mut Kubectl, &Value, &mut Vec<Problem>) -> Outcome<Result<Value, String>>,
) -> Outcome {
    for info in infos {
        let before = info.value();
        let after = match changed(kubectl, &before, &mut problems)? {
            Ok(after) => after,
            Err(why) => {
                let title = crate::kubectl::verbs::apply::resource_name(info);
                problems.push(Problem::Own(format!("error: {title} {why}\n")));
                continue;
            }
        };
        let patch = two_way(text(&before, &["apiVersion"]), text(&before, &["kind"]), &before, &after);
        if patch.as_object().is_none_or(Map::is_empty) {
            continue;
        }
        if kubectl.arguments.is("local") || kubectl.is_client_dry_run() {
            kubectl.report(&after, done)?;
            continue;
        }
        match kubectl.patch(info.key(), PatchKind::Strategic, patch, "kubectl-set")? {
            Ok(value) => kubectl.report(&value, done)?,
            Err(status) => problems.push(Problem::Own(format!("{failed} {}", status.message))),
        }
    }
    kubectl.fail_all(problems)
}

/// What is said of an object that has no Pod's spec.
fn no_template(value: &Value) -> String {
    let (version, kind) = (text(value, &["apiVersion"]), text(value, &["kind"]));
    let version = version.rsplit('/').next().unwrap_or(version);
    format!("the object is not a pod or does not have a pod template: *{version}.{kind}")
}

/// Changes the containers that `--containers` names, of both lists; false where there is none.
fn each_container(
    kubectl: &Kubectl,
    value: &mut Value,
    path: &[&str],
    mut change: impl FnMut(&mut Value),
) -> bool {
    let pattern = kubectl.arguments.text("containers").cloned().unwrap_or_else(|| "*".into());
    let mut is_found = false;
    for list in ["containers", "initContainers"] {
        let path: Vec<&str> = path.iter().copied().chain([list]).collect();
        let Some(items) = value.at(&path).and_then(Value::as_array) else { continue };
        let mut items = items.to_vec();
        for item in items.iter_mut().filter(|item| matches(&pattern, text(item, &["name"]))) {
            change(item);
            is_found = true;
        }
        value.set(&path, items);
    }
    is_found
}

/// Whether a name fits a pattern with `*`.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, behind)) => name.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).any(|at| rest.is_char_boundary(at) && matches(behind, &rest[at..]))
        }),
    }
}

/// The words without the last one, which is what is set.
fn last_word(words: &[Str]) -> Option<(Vec<Str>, Str)> {
    words.split_last().map(|(last, before)| (before.to_vec(), last.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_stars() {
        for (pattern, name, expected) in [
            ("*", "web", true),
            ("web", "web", true),
            ("w*b", "web", true),
            ("w*", "db", false),
            ("*b", "web", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
