//! `kubectl rollout history`.

use super::{CHANGE_CAUSE, FILENAME, OUTPUT, SELECTOR, Verb, find, revisions};
use crate::api::Kind;
use crate::cluster::request::Request;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::text;
use crate::kubectl::print::tabs;
use crate::kubectl::resources::Info;
use crate::value::Value;
use std::fmt::Write;

pub(super) const VERB: Verb =
    Verb { name: "rollout history", aliases: &[], flags: &[FILENAME, SELECTOR, OUTPUT], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let found = find(kubectl)?;
    let mut problems = found.problems;
    for info in &found.infos {
        match history(kubectl, info)? {
            Ok(text) => kubectl.report(&info.value(), &text)?,
            Err(problem) => problems.push(problem),
        }
    }
    kubectl.fail_all(problems)
}

fn history(kubectl: &mut Kubectl, info: &Info) -> Outcome<Result<String, Problem>> {
    if info.kind != Kind::Deployment {
        let kind = format!("{}.{}", info.kind, info.kind.info().group);
        let kind = kind.trim_end_matches('.');
        return Ok(Err(Problem::Own(format!("no history viewer has been implemented for \"{kind}\""))));
    }
    let deployment = match kubectl.ask_object(Request::get(info.key()))? {
        Ok(deployment) => deployment,
        Err(status) => return Ok(Err(status.into())),
    };
    let revisions = revisions(kubectl, &deployment)?;
    if revisions.is_empty() {
        return Ok(Ok("\nNo rollout history found.".into()));
    }
    let mut out = String::from("REVISION\tCHANGE-CAUSE\n");
    for (revision, set) in &revisions {
        _ = writeln!(out, "{revision}\t{}", cause(set));
    }
    Ok(Ok(format!("\n{}", tabs::align(&out, 0, 2))))
}

/// Why a revision came about.
fn cause(set: &Value) -> &str {
    match text(set, &["metadata", "annotations", CHANGE_CAUSE]) {
        "" => "<none>",
        cause => cause,
    }
}
