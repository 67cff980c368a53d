//! `kubectl rollout undo`: the template of an older revision comes back
//! (upstream: kubectl `polymorphichelpers/rollback.go`).

use super::revisions::{are_kept, group_kind, read};
use super::{Verb, find};
use crate::api::Kind;
use crate::cluster::request::PatchKind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::describe;
use crate::kubectl::fields::{is, object, pairs};
use crate::kubectl::resources::Info;
use crate::kubectl::verbs::apply::{LAST_APPLIED, last_applied, resource_name};
use crate::value::{Map, Str, Value};

pub(super) const VERB: Verb = Verb { name: "rollout undo", aliases: &[], run };

/// Annotations that stay the Deployment's own.
const OWN: [&str; 6] = [
    LAST_APPLIED,
    super::REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

const HASH: &str = "pod-template-hash";

fn run(kubectl: &mut Kubectl) -> Outcome {
    let found = find(kubectl)?;
    let mut problems = found.problems;
    for info in &found.infos {
        if last_applied(&info.value()).is_some() {
            kubectl.complain(&format!(
                "Warning: resource {} was previously managed with 'kubectl apply'. Rolling back will not update \
                 the {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' \
                 operations. Consider using 'kubectl apply' with your previous configuration file instead.",
                resource_name(info)
            ));
        }
        match undo(kubectl, info)? {
            Ok(done) => kubectl.report(&info.value(), &done)?,
            Err(problem) => problems.push(problem),
        }
    }
    kubectl.fail_all(problems)
}

fn undo(kubectl: &mut Kubectl, info: &Info) -> Outcome<Result<String, Problem>> {
    let refused = |why: String| Ok(Err(Problem::Own(why)));
    if !are_kept(info.kind) {
        return refused(format!("no rollbacker has been implemented for \"{}\"", group_kind(info.kind)));
    }
    let (workload, revisions) = match read(kubectl, info)? {
        Ok(read) => read,
        Err(why) => return refused(why),
    };
    let is_deployment = info.kind == Kind::Deployment;
    let wanted = kubectl.arguments.number("to-revision").unwrap_or(0);
    let chosen = match wanted {
        0 => revisions.iter().rev().nth(1),
        wanted => revisions.iter().find(|revision| revision.number == wanted),
    };
    let Some(revision) = chosen else {
        return refused(match wanted {
            0 if is_deployment => format!("no rollout history found for deployment \"{}\"", info.name),
            0 => "no last revision to roll back to".to_owned(),
            wanted => format!("unable to find specified revision {wanted} in history"),
        });
    };
    if kubectl.is_client_dry_run() {
        let mut out = describe::Text::default();
        // Of a Deployment it is the ReplicaSet's template, with its hash.
        let kept = revision.kept.at(&["spec", "template"]).filter(|_| is_deployment);
        describe::pod_template(&mut out, kept.unwrap_or(&revision.template));
        let beginning = if is_deployment { "" } else { "will roll back to " };
        return Ok(Ok(format!("{beginning}{}", out.raw())));
    }
    if is_deployment && is(&workload, &["spec", "paused"]) {
        return refused(
            "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again"
                .into(),
        );
    }
    if Some(&revision.template) == workload.at(&["spec", "template"]) {
        return Ok(Ok(format!("skipped rollback (current template already matches revision {wanted})")));
    }
    let (kind, patch) = if is_deployment {
        let replace = |path: &str, value: Value| {
            object([("op", Value::from("replace")), ("path", path.into()), ("value", value)])
        };
        let patch = vec![
            replace("/spec/template", revision.template.clone()),
            replace("/metadata/annotations", annotations(&workload, &revision.kept)),
        ];
        (PatchKind::Json, Value::from(patch))
    } else {
        (PatchKind::Strategic, revision.kept.get("data").cloned().unwrap_or_default())
    };
    match kubectl.patch(info.key(), kind, patch, "kubectl-rollout")? {
        Ok(_) => Ok(Ok("rolled back".to_owned())),
        Err(status) => refused(format!("failed restoring revision {wanted}: {}", status.message)),
    }
}

/// A ReplicaSet's template without the label that is the ReplicaSet's alone.
pub(crate) fn without_hash(set: &Value) -> Value {
    let mut template = set.at(&["spec", "template"]).cloned().unwrap_or_default();
    let mut labels = template.at(&["metadata", "labels"]).cloned().unwrap_or_default();
    labels.make_object().remove(HASH);
    template.set(&["metadata", "labels"], labels);
    template
}

/// The Deployment's own annotations, and the others as the ReplicaSet has them.
fn annotations(deployment: &Value, set: &Value) -> Value {
    let is_own = |key: &Str| OWN.contains(&&**key);
    let own = pairs(deployment, &["metadata", "annotations"]).into_iter().filter(|(key, _)| is_own(key));
    let others = pairs(set, &["metadata", "annotations"]).into_iter().filter(|(key, _)| !is_own(key));
    Value::from(own.chain(others).map(|(key, value)| (key.clone(), value.clone())).collect::<Map>())
}
