//! `kubectl delete` (upstream: kubectl `cmd/delete`).

use super::Verb;
use super::apply::sourced;
use crate::cluster::request::{DeleteOptions, Propagation, Reason, Reply};
use crate::cluster::time::SimTime;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::text;
use crate::kubectl::resources::{Finder, Info};
use crate::kubectl::rounds::Log;
use crate::kubectl::waiting::{Awaited, Found};
use crate::value::Str;

pub(super) const VERB: Verb = Verb { name: "delete", aliases: &[], run };

/// How the command deletes.
struct Plan {
    options: DeleteOptions,
    is_forced: bool,
}

impl Plan {
    /// The word for what was done.
    fn done(&self) -> &'static str {
        if self.is_forced { "force deleted" } else { "deleted" }
    }
}

fn run(kubectl: &mut Kubectl) -> Outcome {
    let plan = plan(kubectl)?;
    let words = kubectl.arguments.words.clone();
    let ignores_missing = match kubectl.arguments.text("ignore-not-found") {
        Some(_) => kubectl.arguments.is("ignore-not-found"),
        None => kubectl.arguments.is("all") || kubectl.filter() != Default::default(),
    };
    let begin = |kubectl: &mut Kubectl| {
        let found = kubectl.find(&words, Finder::default())?;
        if kubectl.arguments.text("namespace").is_some()
            && !kubectl.arguments.is("all-namespaces")
            && found.infos.iter().any(|info| !info.kind.info().namespaced)
        {
            kubectl
                .complain("Warning: deleting cluster-scoped resources, not scoped to the provided namespace");
        }
        Ok((found.infos, (Log::default(), Log::from(found.problems))))
    };
    let (deleted, problems) = kubectl.each(begin, |kubectl, info, (deleted, problems)| {
        if kubectl.is_client_dry_run() {
            say(kubectl, info, plan.done());
            return Ok(());
        }
        match kubectl.delete(info.key(), plan.options.clone())? {
            Ok(reply) => {
                say(kubectl, info, plan.done());
                let uid = match &reply {
                    Reply::Object(object) => object.meta().uid.clone(),
                    _ => Str::default(),
                };
                deleted.push((info.clone(), uid));
            }
            Err(status) if ignores_missing && status.reason == Reason::NotFound => {}
            Err(status) => problems.push(sourced("deleting", info, status)),
        }
        Ok(())
    })?;
    kubectl.fail_all(problems.to_vec())?;
    if kubectl.is_client_dry_run() || kubectl.is_server_dry_run() {
        return Ok(());
    }
    if deleted.is_empty()
        && !kubectl.arguments.is("ignore-not-found")
        && kubectl.arguments.text("filename").is_none()
    {
        kubectl.line("No resources found");
        return Ok(());
    }
    if kubectl.arguments.is_not_off("wait") {
        wait(kubectl, &deleted)?;
    }
    Ok(())
}

fn plan(kubectl: &mut Kubectl) -> Outcome<Plan> {
    if let Some(output) = kubectl.arguments.text("output").cloned()
        && !matches!(&*output, "" | "name")
    {
        return Err(kubectl.fail(format!("unexpected -o output mode: {output}. We only support '-o name'")));
    }
    let is_forced = kubectl.arguments.is("force");
    let mut grace = kubectl.arguments.number("grace-period").filter(|grace| *grace >= 0);
    if kubectl.arguments.is("now") {
        if grace.is_some() {
            return Err(kubectl.fail("--now and --grace-period cannot be specified together".to_owned()));
        }
        grace = Some(1);
    }
    match grace {
        // Only --force takes a Pod away before its kubelet has stopped it.
        Some(0) if !is_forced => grace = Some(1),
        None if is_forced => grace = Some(0),
        Some(1..) if is_forced => {
            let why = "--force and --grace-period greater than 0 cannot be specified together";
            return Err(kubectl.fail(why.to_owned()));
        }
        _ => {}
    }
    let propagation = match kubectl.arguments.text("cascade").map(|word| &**word) {
        None | Some("background" | "true") => Propagation::Background,
        Some("foreground") => Propagation::Foreground,
        Some("orphan" | "false") => Propagation::Orphan,
        Some(other) => {
            let why = format!(
                "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
            );
            return Err(kubectl.fail(why));
        }
    };
    for flag in ["selector", "field-selector"] {
        if kubectl.arguments.is("all") && kubectl.arguments.text(flag).is_some() {
            return Err(kubectl.fail(match flag {
                // The objects are looked for before the flags are held against one another.
                "selector" => "setting 'all' parameter but found a non empty selector. ".to_owned(),
                flag => format!("cannot set --all and --{flag} at the same time"),
            }));
        }
    }
    if is_forced && grace == Some(0) {
        kubectl.complain(
            "Warning: Immediate deletion does not wait for confirmation that the running resource has been \
             terminated. The resource may continue to run on the cluster indefinitely.",
        );
    }
    let options = DeleteOptions {
        grace_period_seconds: grace,
        propagation: Some(propagation),
        ..DeleteOptions::default()
    };
    Ok(Plan { options, is_forced: is_forced && grace == Some(0) })
}

/// Says what was done with an object.
pub(super) fn say(kubectl: &mut Kubectl, info: &Info, done: &str) {
    if kubectl.arguments.text("output").is_some_and(|output| &**output == "name") {
        return kubectl.line(&info.title());
    }
    let place =
        if info.namespace.is_empty() { String::new() } else { format!(" from {} namespace", info.namespace) };
    let dry_run = if kubectl.is_client_dry_run() {
        " (dry run)"
    } else if kubectl.is_server_dry_run() {
        " (server dry run)"
    } else {
        ""
    };
    kubectl.line(&format!("{} \"{}\" {done}{place}{dry_run}", info.kind.singular(), info.name));
}

/// Waits until every object is gone, or another one has its name.
fn wait(kubectl: &mut Kubectl, deleted: &Log<(Info, Str)>) -> Outcome {
    let now = kubectl.shell.ask.now();
    let timeout = kubectl.arguments.time("timeout").filter(|time| *time > 0);
    let until = timeout.map_or(SimTime::NEVER, |timeout| now + timeout);
    kubectl.each(
        |_| Ok((deleted.to_vec(), ())),
        |kubectl, (info, uid), ()| {
            let is_other =
                |value: &crate::value::Value| !uid.is_empty() && text(value, &["metadata", "uid"]) != &**uid;
            let gone = kubectl.wait_for(info, None, until, |found| match found {
                Found::Gone => Some(()),
                Found::There(value) => is_other(value).then_some(()),
            })?;
            match gone {
                Awaited::Met(()) => {}
                Awaited::Failed(status) => return Err(kubectl.fail(Problem::from(status))),
                Awaited::TimedOut => {
                    let title = super::apply::resource_name(info);
                    return Err(kubectl.fail(format!("timed out waiting for the condition on {title}")));
                }
            }
            Ok(())
        },
    )
}
