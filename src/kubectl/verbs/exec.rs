//! `kubectl exec` (upstream: kubectl `cmd/exec`).

use super::Verb;
use crate::cluster::request::{Connect, Reason, Reply, Request, Subresource, Verb as Asked};
use crate::kubectl::command::{Kubectl, Outcome, Problem, Stop};
use crate::kubectl::fields::text;
use crate::value::Str;
use std::rc::Rc;

pub(super) const VERB: Verb = Verb { name: "exec", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let words = kubectl.arguments.words.clone();
    let (word, command) = match kubectl.arguments.before_dashes {
        Some(1) => (words[0].clone(), words[1..].to_vec()),
        Some(0) | None if words.len() < 2 => {
            let why = if words.is_empty() {
                "pod, type/name or --filename must be specified"
            } else {
                "you must specify at least one command for the container"
            };
            return Err(kubectl.fail(why.to_owned()));
        }
        _ => {
            let why = "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead";
            return Err(kubectl.misused(why));
        }
    };
    if command.is_empty() {
        return Err(kubectl.fail("you must specify at least one command for the container".to_owned()));
    }
    let pod = match kubectl.pod(&word)? {
        Ok(pod) => pod,
        Err(status) => return Err(kubectl.fail(Problem::from(status))),
    };
    let phase = text(&pod, &["status", "phase"]);
    if matches!(phase, "Succeeded" | "Failed") {
        let why = format!("cannot exec into a container in a completed pod; current phase is {phase}");
        return Err(kubectl.fail(why));
    }
    let container = kubectl.container(&pod)?;
    if kubectl.arguments.is("stdin") && kubectl.arguments.is("tty") && is_bare_shell(&command) {
        let hint = format!(
            "podium: no one types into {} here: give it a command, as in -- sh -c 'ls /'\n",
            command[0]
        );
        kubectl.shell.print_error(&hint);
        return Err(Stop::Exit(1));
    }
    let connect = Connect { container, command, ..Connect::default() };
    let request = Request::new(Asked::Connect(Rc::new(connect)), kubectl.pod_key(&pod)).at(Subresource::Exec);
    match kubectl.ask(request)? {
        Ok(Reply::Text(out, errors, code)) => {
            kubectl.print(&out);
            kubectl.shell.print_error(&errors);
            if code == 0 {
                return Ok(());
            }
            kubectl.complain(&format!("command terminated with exit code {code}"));
            Err(Stop::Exit(code))
        }
        Ok(_) => Ok(()),
        // What goes wrong on the way to the container comes without the server's reason.
        Err(status) if status.reason == Reason::InternalError => Err(kubectl.fail(status.message.clone())),
        Err(status) => Err(kubectl.fail(Problem::from(status))),
    }
}

/// Whether a command is a shell that reads what somebody types.
pub(super) fn is_bare_shell(command: &[Str]) -> bool {
    matches!(command, [shell] if matches!(shell.rsplit('/').next(), Some("sh" | "bash" | "ash")))
}
