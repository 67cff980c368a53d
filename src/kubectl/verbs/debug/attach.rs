//! Waiting for the container of `kubectl debug` and attaching to it (upstream: waitForContainer and handleAttachPod).

use super::options::Options;
use super::{LISTS, has, pod_key};
use crate::api::Kind;
use crate::cluster::record::Change;
use crate::cluster::request::{Reason, Status};
use crate::cluster::time::SimTime;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{list, text};
use crate::kubectl::resources::Info;
use crate::kubectl::verbs::{attach, exec, logs};
use crate::value::{Str, Value};

/// Waits until the container runs or has run, and prints what it prints.
pub(super) fn attach(kubectl: &mut Kubectl, options: &Options, pod: &Value, container: &Str) -> Outcome {
    let key = pod_key(kubectl, pod);
    let info = Info {
        kind: Kind::Pod,
        namespace: key.namespace.clone(),
        name: key.name.clone(),
        source: Str::default(),
        value: None,
    };
    let is_over = wait(kubectl, options, &info, container)?;
    let arguments = kubectl.arguments.clone();
    kubectl.arguments.give("namespace", info.namespace.clone());
    if is_over {
        // Its log is all that is left of it.
        logs::print(kubectl, pod, container.clone())?;
    } else {
        if !options.is_quiet {
            kubectl.complain(attach::RECORDED);
        }
        if options.stdin && (options.words.is_empty() || exec::is_bare_shell(&options.words)) {
            let hint = format!(
                "podium: no one types into {container} here: give it commands, as in kubectl exec {} -c {container} -- \
                 ls /",
                info.name
            );
            kubectl.complain(&hint);
        } else {
            logs::follow(kubectl, pod, container.clone())?;
        }
        if options.stdin && options.tty && !options.is_quiet {
            let again = format!("'kubectl attach {} -c {container} -n {} -i -t'", info.name, info.namespace);
            let is_added = has(pod, LISTS[2], container);
            kubectl.line(&match is_added {
                true => format!(
                    "Session ended, the ephemeral container will not be restarted but may be reattached using {again} if it \
                     is still running"
                ),
                false => format!("Session ended, resume using {again} command"),
            });
        }
    }
    kubectl.arguments = arguments;
    Ok(())
}

/// Whether the container has ended already when it is seen first. Why it waits is told each time it is seen to.
fn wait(kubectl: &mut Kubectl, options: &Options, info: &Info, container: &Str) -> Outcome<bool> {
    let (watch, initial) = match kubectl.watch(info)? {
        Ok(opened) => opened,
        Err(status) => return Err(kubectl.fail(Problem::from(status))),
    };
    for pod in &initial {
        if let Some(is_over) = look(kubectl, options, pod, container) {
            return Ok(is_over);
        }
    }
    let (round, ()) = kubectl.shell.program_rounds(());
    loop {
        let Some((change, pod)) = kubectl.next(watch, SimTime::NEVER)? else { return Ok(true) };
        if change == Change::Deleted {
            let gone = Status::new(Reason::NotFound, "pods \"\" not found");
            return Err(kubectl.fail(Problem::from(gone)));
        }
        if let Some(is_over) = look(kubectl, options, &pod, container) {
            return Ok(is_over);
        }
        kubectl.shell.program_round(round, &());
    }
}

fn look(kubectl: &mut Kubectl, options: &Options, pod: &Value, container: &Str) -> Option<bool> {
    let lists = ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"];
    let mut all = lists.iter().flat_map(|field| list(pod, &["status", field]));
    let status = all.find(|status| text(status, &["name"]) == &**container)?;
    let state = status.get("state")?;
    if state.get("running").is_some() || state.get("terminated").is_some() {
        return Some(state.get("terminated").is_some());
    }
    let why = text(state, &["waiting", "message"]);
    if !options.is_quiet && !why.is_empty() {
        kubectl.complain(&format!("Warning: container {container}: {why}"));
    }
    None
}
