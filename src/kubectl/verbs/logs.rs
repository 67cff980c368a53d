//! `kubectl logs` (upstream: kubectl `cmd/logs`).

use super::Verb;
use crate::api::Kind;
use crate::cluster::request::{Connect, Filter, Reason, Reply, Request, Subresource, Verb as Asked};
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{list, name, text};
use crate::value::{Str, Value};
use std::rc::Rc;

pub(super) const VERB: Verb = Verb { name: "logs", aliases: &[], run };

const USAGE: &str = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required \
    argument for the logs command";

fn run(kubectl: &mut Kubectl) -> Outcome {
    let words = kubectl.arguments.words.clone();
    if kubectl.arguments.is("follow") {
        return Err(kubectl.fail("following a log (-f) is not simulated yet".to_owned()));
    }
    let selector = kubectl.arguments.text("selector").cloned();
    let pods = match (&words[..], selector) {
        ([], Some(labels)) => of_selector(kubectl, labels)?,
        ([_], Some(_)) => return Err(kubectl.misused("only a selector (-l) or a POD name is allowed")),
        ([word] | [word, _], None) => vec![of_word(kubectl, word)?],
        _ => return Err(kubectl.misused(USAGE)),
    };
    for pod in &pods {
        let containers = match (words.get(1), kubectl.arguments.is("all-containers")) {
            (Some(container), _) => vec![container.clone()],
            (None, true) => all(pod),
            (None, false) => vec![kubectl.container(pod)?],
        };
        for container in containers {
            print(kubectl, pod, container)?;
        }
    }
    Ok(())
}

fn of_word(kubectl: &mut Kubectl, word: &Str) -> Outcome<Value> {
    match kubectl.pod(word)? {
        Ok(pod) => Ok(pod),
        Err(status) if status.reason == Reason::NotFound => {
            let namespace = kubectl.namespace();
            let why =
                format!("error from server (NotFound): {} in namespace \"{namespace}\"", status.message);
            Err(kubectl.fail(why))
        }
        Err(status) => Err(kubectl.fail(Problem::from(status))),
    }
}

fn of_selector(kubectl: &mut Kubectl, labels: Str) -> Outcome<Vec<Value>> {
    let filter = Filter { labels, ..Filter::default() };
    let namespace = kubectl.namespace();
    match kubectl.list(Kind::Pod, namespace.clone(), filter)? {
        Ok(pods) => {
            if pods.is_empty() {
                kubectl.complain(&format!("No resources found in {namespace} namespace."));
            }
            Ok(pods)
        }
        Err(status) => Err(kubectl.fail(Problem::from(status))),
    }
}

/// Every container, init containers first.
fn all(pod: &Value) -> Vec<Str> {
    let of = |field| list(pod, &["spec", field]).iter().map(|container| text(container, &["name"]).into());
    of("initContainers").chain(of("containers")).collect()
}

fn print(kubectl: &mut Kubectl, pod: &Value, container: Str) -> Outcome {
    let tail = match kubectl.arguments.number("tail") {
        Some(tail) => u32::try_from(tail).ok(),
        // With a selector only the ends of many logs are shown.
        None => kubectl.arguments.text("selector").map(|_| 10),
    };
    let connect = Connect {
        container: container.clone(),
        command: Vec::new(),
        previous: kubectl.arguments.is("previous"),
        tail,
    };
    let request = Request::new(Asked::Connect(Rc::new(connect)), kubectl.pod_key(pod)).at(Subresource::Log);
    match kubectl.ask(request)? {
        Ok(Reply::Text(log, _, _)) if kubectl.arguments.is("prefix") => {
            let prefix = format!("[pod/{}/{container}] ", name(pod));
            let lines: String = log.lines().map(|line| format!("{prefix}{line}\n")).collect();
            kubectl.print(&lines);
        }
        Ok(Reply::Text(log, _, _)) => kubectl.print(&log),
        Ok(_) => {}
        Err(status) => return Err(kubectl.fail(Problem::from(status))),
    }
    Ok(())
}
