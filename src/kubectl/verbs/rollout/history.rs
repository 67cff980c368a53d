//! `kubectl rollout history`.

use super::{CHANGE_CAUSE, FILENAME, OUTPUT, SELECTOR, Verb, find, revisions};
use crate::api::Kind;
use crate::cluster::request::Request;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::describe;
use crate::kubectl::fields::text;
use crate::kubectl::flags::{Takes, flag};
use crate::kubectl::print::tabs;
use crate::kubectl::resources::Info;
use crate::value::Value;
use std::fmt::Write;

pub(super) const VERB: Verb = Verb {
    name: "rollout history",
    aliases: &[],
    flags: &[FILENAME, SELECTOR, OUTPUT, flag("revision", Takes::Number)],
    run,
};

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
    let wanted = kubectl.arguments.number("revision").unwrap_or(0);
    if revisions.is_empty() {
        return Ok(Ok("\nNo rollout history found.".into()));
    }
    if wanted > 0 {
        let Some((_, set)) = revisions.iter().find(|(revision, _)| *revision == wanted) else {
            return Ok(Err(Problem::Own("unable to find the specified revision".into())));
        };
        let mut template = set.at(&["spec", "template"]).cloned().unwrap_or_default();
        if let Some(cause) = set.at(&["metadata", "annotations", CHANGE_CAUSE]) {
            template.set(&["metadata", "annotations", CHANGE_CAUSE], cause.clone());
        }
        let mut out = describe::Text::default();
        describe::pod_template(&mut out, &template);
        return Ok(Ok(format!("with revision #{wanted}\n{}", out.raw())));
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
