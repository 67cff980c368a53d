//! `kubectl replace` (upstream: kubectl `cmd/replace`).

use super::Verb;
use super::apply::{sourced, with_last_applied};
use crate::cluster::request::{Body, DeleteOptions, Propagation, Reason, Request, Verb as Asked};
use crate::cluster::time::SimTime;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::text;
use crate::kubectl::resources::Info;
use crate::kubectl::rounds::Log;
use crate::kubectl::waiting::{Awaited, Found};
use std::rc::Rc;

pub(super) const VERB: Verb = Verb { name: "replace", aliases: &[], run };

const MANAGER: &str = "kubectl-replace";

fn run(kubectl: &mut Kubectl) -> Outcome {
    let is_forced = kubectl.arguments.is("force");
    for flag in ["grace-period", "timeout"] {
        let is_given = kubectl.arguments.text(flag).is_some_and(|value| &**value != "-1" && &**value != "0s");
        if is_given && !is_forced {
            return Err(kubectl.fail(format!("--{flag} must have --force specified")));
        }
    }
    if kubectl.arguments.text("filename").is_none() {
        return Err(kubectl.fail("must specify one of -f and -k".to_owned()));
    }
    if is_forced && (kubectl.is_client_dry_run() || kubectl.is_server_dry_run()) {
        return Err(kubectl.fail("--dry-run can not be used when --force is set".to_owned()));
    }
    if is_forced {
        return force(kubectl);
    }
    let begin = |kubectl: &mut Kubectl| {
        let found = kubectl.manifests_to_send()?;
        Ok((found.infos, Log::from(found.problems)))
    };
    let problems = kubectl.each(begin, |kubectl, info, problems| {
        if let Err(problem) = replace(kubectl, info)? {
            problems.push(problem);
        }
        Ok(())
    })?;
    kubectl.fail_all(problems.to_vec())
}

fn saved(kubectl: &Kubectl, info: &Info) -> crate::value::Value {
    let value = info.value();
    let has = super::apply::last_applied(&value).is_some();
    if kubectl.arguments.is("save-config") || has { with_last_applied(&value) } else { value }
}

fn manager(kubectl: &Kubectl) -> crate::value::Str {
    kubectl.arguments.text("field-manager").cloned().unwrap_or_else(|| MANAGER.into())
}

/// Puts an object in the place of the one that is there, whatever version that has.
fn replace(kubectl: &mut Kubectl, info: &Info) -> Outcome<Result<(), Problem>> {
    let mut value = saved(kubectl, info);
    if kubectl.is_client_dry_run() {
        kubectl.report(&value, "replaced")?;
        return Ok(Ok(()));
    }
    let subresource = kubectl.subresource()?;
    if text(&value, &["metadata", "resourceVersion"]).is_empty()
        && let Ok(current) = kubectl.ask_object(Request::get(info.key()).at(subresource))?
    {
        let version = text(&current, &["metadata", "resourceVersion"]).to_owned();
        value.set(&["metadata", "resourceVersion"], version);
    }
    let request = Request {
        field_manager: Some(manager(kubectl)),
        dry_run: kubectl.is_server_dry_run(),
        ..Request::new(Asked::Update(Body::Value(value)), info.key())
    };
    match kubectl.ask_object(request.at(subresource))? {
        Ok(value) => kubectl.report(&value, "replaced")?,
        Err(status) => return Ok(Err(sourced("replacing", info, status))),
    }
    Ok(Ok(()))
}

/// Deletes the objects, waits until they are gone, and makes them anew.
fn force(kubectl: &mut Kubectl) -> Outcome {
    let grace = match kubectl.arguments.number("grace-period").filter(|grace| *grace >= 0) {
        Some(0) => Some(1),
        grace => grace,
    };
    let options = DeleteOptions {
        grace_period_seconds: grace,
        propagation: Some(Propagation::Background),
        ..DeleteOptions::default()
    };
    let begin = |kubectl: &mut Kubectl| {
        let found = kubectl.manifests_to_send()?;
        kubectl.fail_all(found.problems)?;
        let infos: Rc<[Info]> = found.infos.into();
        Ok((infos.to_vec(), (infos, Log::default())))
    };
    let (infos, problems) = kubectl.each(begin, |kubectl, info, (_, problems)| {
        match kubectl.delete(info.key(), options.clone())? {
            Ok(_) => super::delete::say(kubectl, info, "deleted"),
            Err(status) if status.reason == Reason::NotFound => {}
            Err(status) => problems.push(sourced("deleting", info, status)),
        }
        Ok(())
    })?;
    kubectl.fail_all(problems.to_vec())?;
    let now = kubectl.shell.ask.now();
    let timeout = kubectl.arguments.time("timeout").filter(|time| *time > 0);
    let until = timeout.map_or(SimTime::NEVER, |timeout| now + timeout);
    kubectl.each(
        |_| Ok((infos.to_vec(), ())),
        |kubectl, info, ()| {
            let gone = |found: Found| matches!(found, Found::Gone).then_some(());
            match kubectl.wait_for(info, None, until, gone)? {
                Awaited::Met(()) => Ok(()),
                Awaited::Failed(status) => Err(kubectl.fail(Problem::from(status))),
                Awaited::TimedOut => Err(kubectl.fail("timed out waiting for the condition".to_owned())),
            }
        },
    )?;
    kubectl.each(
        |_| Ok((infos.to_vec(), ())),
        |kubectl, info, ()| {
            let value = saved(kubectl, info);
            match kubectl.create(info.key(), value, MANAGER)? {
                Ok(value) => kubectl.report(&value, "replaced"),
                Err(status) => Err(kubectl.fail(Problem::from(status))),
            }
        },
    )?;
    if infos.is_empty() {
        return Err(kubectl.fail("no objects passed to replace".to_owned()));
    }
    Ok(())
}
