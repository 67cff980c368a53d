//! `kubectl rollout history`.

use super::revisions::{Revision, are_kept, group_kind, read};
use super::{CHANGE_CAUSE, Verb, find};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::describe;
use crate::kubectl::print::tabs;
use crate::kubectl::resources::Info;
use crate::value::Value;
use std::fmt::Write;

pub(super) const VERB: Verb = Verb { name: "rollout history", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let wanted = kubectl.arguments.number("revision").unwrap_or(0);
    if wanted < 0 {
        return Err(kubectl.fail(format!("revision must be a positive integer: {wanted}")));
    }
    let found = find(kubectl)?;
    let mut problems = found.problems;
    for info in &found.infos {
        if let Err(problem) = history(kubectl, info, wanted)? {
            problems.push(problem);
        }
    }
    kubectl.fail_all(problems)
}

fn history(kubectl: &mut Kubectl, info: &Info, wanted: i64) -> Outcome<Result<(), Problem>> {
    if !are_kept(info.kind) {
        let kind = group_kind(info.kind);
        return Ok(Err(Problem::Own(format!("no history viewer has been implemented for \"{kind}\""))));
    }
    let (workload, mut revisions) = match read(kubectl, info)? {
        Ok(read) => read,
        Err(why) => return Ok(Err(Problem::Own(why))),
    };
    let has_none = revisions.is_empty();
    if wanted > 0 {
        revisions.retain(|revision| revision.number == wanted);
        if revisions.is_empty() && !has_none {
            return Ok(Err(Problem::Own("unable to find the specified revision".into())));
        }
    }
    if kubectl.arguments.text("output").is_some() {
        for revision in &revisions {
            kubectl.report(&applied(info.kind, &workload, revision), "")?;
        }
        return Ok(Ok(()));
    }
    let text = match &revisions[..] {
        [] => "\nNo rollout history found.".to_owned(),
        [revision] if wanted > 0 => {
            let mut out = describe::Text::default();
            describe::pod_template(&mut out, &told(info.kind, revision));
            format!("with revision #{wanted}\n{}", out.raw())
        }
        revisions => format!("\n{}", overview(revisions)),
    };
    kubectl.report(&info.value(), &text)?;
    Ok(Ok(()))
}

fn overview(revisions: &[Revision]) -> String {
    let mut out = String::from("REVISION\tCHANGE-CAUSE\n");
    for revision in revisions {
        let cause = if revision.cause().is_empty() { "<none>" } else { revision.cause() };
        _ = writeln!(out, "{}\t{cause}", revision.number);
    }
    tabs::align(&out, 0, 2)
}

/// The template as it is told: a ReplicaSet's has its hash, and why it came about.
fn told(kind: Kind, revision: &Revision) -> Value {
    if kind != Kind::Deployment {
        return revision.template.clone();
    }
    let mut template = revision.kept.at(&["spec", "template"]).cloned().unwrap_or_default();
    if !revision.cause().is_empty() {
        template.set(&["metadata", "annotations", CHANGE_CAUSE], revision.cause());
    }
    template
}

/// What `-o` prints of a revision: the ReplicaSet, or the workload with the template of then.
fn applied(kind: Kind, workload: &Value, revision: &Revision) -> Value {
    if kind == Kind::Deployment {
        return revision.kept.clone();
    }
    let mut workload = workload.clone();
    workload.set(&["spec", "template"], revision.template.clone());
    workload
}
