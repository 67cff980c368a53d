//! `kubectl scale` (upstream: kubectl `cmd/scale`).

use super::Verb;
use crate::cluster::request::{PatchKind, Reason, Reply, Request, Status, Subresource, Verb as Asked};
use crate::cluster::time::SECOND;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::object;
use crate::kubectl::resources::{Finder, Info};
use std::rc::Rc;

pub(super) const VERB: Verb = Verb { name: "scale", aliases: &[], run };

/// How often a scale is tried again that met another change: once a second for five minutes.
const TRIES: usize = 300;

fn run(kubectl: &mut Kubectl) -> Outcome {
    let Some(replicas) = kubectl.arguments.number("replicas") else {
        return Err(kubectl.fail("required flag(s) \"replicas\" not set".to_owned()));
    };
    if replicas < 0 {
        let why = "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0";
        return Err(kubectl.fail(why.to_owned()));
    }
    let words = kubectl.arguments.words.clone();
    let kind_means_all = kubectl.arguments.is("all");
    let found = kubectl.find(&words, Finder { kind_means_all, reads: true, one_kind: false })?;
    if found.infos.is_empty() && found.problems.is_empty() {
        return Err(kubectl.fail("no objects passed to scale".to_owned()));
    }
    for info in &found.infos {
        if !kubectl.is_client_dry_run() {
            scale(kubectl, info, replicas)?;
        }
        let mut value = info.value();
        if kubectl.is_client_dry_run() && value.at(&["spec"]).is_some() {
            value.set(&["spec", "replicas"], replicas);
        }
        kubectl.report(&value, "scaled")?;
    }
    kubectl.fail_all(found.problems)
}

fn scale(kubectl: &mut Kubectl, info: &Info, replicas: i64) -> Outcome {
    for _ in 0..TRIES {
        check_precondition(kubectl, info)?;
        let patch = object([("spec", object([("replicas", replicas)]))]);
        let request = Request::new(Asked::Patch(PatchKind::Merge, patch), info.key()).at(Subresource::Scale);
        let request = Request { dry_run: kubectl.is_server_dry_run(), ..request };
        match kubectl.ask(request)? {
            Ok(_) => return wait(kubectl, info, replicas),
            Err(status) if status.reason == Reason::Conflict => kubectl.shell.ask.sleep(SECOND)?,
            Err(status) => return Err(kubectl.fail(status)),
        }
    }
    Err(kubectl.fail("timed out waiting for the condition".to_owned()))
}

/// What the scale says: wanted replicas, those that are, and its version.
fn current(kubectl: &mut Kubectl, info: &Info) -> Outcome<Result<(i64, i64, String), Rc<Status>>> {
    let result = kubectl.ask(Request::get(info.key()).at(Subresource::Scale))?;
    Ok(result.and_then(|reply| match reply {
        Reply::Scale(scale) => {
            Ok((scale.spec.into(), scale.status.into(), scale.of.meta().resource_version.to_string()))
        }
        _ => Err(Status::new(Reason::InternalError, "the server gave no scale")),
    }))
}

fn check_precondition(kubectl: &mut Kubectl, info: &Info) -> Outcome {
    let size = kubectl.arguments.number("current-replicas").filter(|size| *size >= 0);
    let version = kubectl.arguments.text("resource-version").cloned();
    if size.is_none() && version.is_none() {
        return Ok(());
    }
    let (replicas, _, is) = match current(kubectl, info)? {
        Ok(scale) => scale,
        Err(status) => return Err(kubectl.fail(Problem::from(status))),
    };
    if let Some(size) = size.filter(|size| *size != replicas) {
        return Err(kubectl.fail(format!("Expected replicas to be {size}, was {replicas}")));
    }
    match version.filter(|version| **version != *is) {
        Some(version) => Err(kubectl.fail(format!("Expected resource version to be {version}, was {is}"))),
        None => Ok(()),
    }
}

/// With `--timeout`: looks once a second whether the replicas are there.
fn wait(kubectl: &mut Kubectl, info: &Info, replicas: i64) -> Outcome {
    let Some(timeout) = kubectl.arguments.time("timeout").filter(|timeout| *timeout > 0) else {
        return Ok(());
    };
    let until = kubectl.shell.ask.now() + timeout;
    loop {
        match current(kubectl, info)? {
            Ok((wanted, are, _)) if wanted != replicas || are == replicas => return Ok(()),
            Ok(_) => {}
            Err(status) => return Err(kubectl.fail(Problem::from(status))),
        }
        if kubectl.shell.ask.now() + SECOND > until {
            return Err(kubectl.fail(format!("timed out waiting for \"{}\" to be synced", info.name)));
        }
        kubectl.shell.ask.sleep(SECOND)?;
    }
}
