//! `kubectl logs` (upstream: kubectl `cmd/logs`).

use super::Verb;
use crate::api::Kind;
use crate::cluster::request::{Connect, Filter, Reason, Reply, Request, Subresource, Verb as Asked};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{list, name, text};
use crate::value::{Str, Value};
use std::rc::Rc;

pub(super) const VERB: Verb = Verb { name: "logs", aliases: &[], run };

const USAGE: &str = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required \
    argument for the logs command";

fn run(kubectl: &mut Kubectl) -> Outcome {
    let words = kubectl.arguments.words.clone();
    since(kubectl)?;
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

/// Every container, init containers first and ephemeral ones last.
fn all(pod: &Value) -> Vec<Str> {
    let of = |field| list(pod, &["spec", field]).iter().map(|container| text(container, &["name"]).into());
    of("initContainers").chain(of("containers")).chain(of("ephemeralContainers")).collect()
}

/// Since when lines count: a span back from now, or a time.
fn since(kubectl: &mut Kubectl) -> Outcome<Option<SimTime>> {
    let ask = &kubectl.shell.ask;
    if let Some(span) = kubectl.arguments.time("since").filter(|span| *span > 0) {
        return Ok(Some(SimTime(ask.now().0.saturating_sub(span))));
    }
    let Some(text) = kubectl.arguments.text("since-time").cloned() else { return Ok(None) };
    match ask.wall().parse(&text) {
        Some(at) => Ok(Some(at)),
        None => {
            let why = format!(
                "parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{text}\" as \"2006\""
            );
            Err(kubectl.fail(why))
        }
    }
}

/// How often a log that is followed is looked at.
const LOOK: Micros = SECOND;

/// Prints what a container prints from now on, until it ends.
pub(super) fn follow(kubectl: &mut Kubectl, pod: &Value, container: Str) -> Outcome {
    let since = kubectl.shell.ask.rfc3339();
    kubectl.arguments.give("follow", "true".into());
    kubectl.arguments.give("since-time", since);
    print(kubectl, pod, container)
}

/// Prints what a container has printed, as the flags of the command say.
pub(super) fn print(kubectl: &mut Kubectl, pod: &Value, container: Str) -> Outcome {
    let follows = kubectl.arguments.is("follow");
    let tail = match kubectl.arguments.number("tail") {
        Some(tail) => u32::try_from(tail).ok(),
        // With a selector only the ends of many logs are shown.
        None => kubectl.arguments.text("selector").map(|_| 10),
    };
    let connect = Connect {
        container: container.clone(),
        previous: kubectl.arguments.is("previous"),
        tail: tail.filter(|_| !follows),
        since: since(kubectl)?,
        timestamps: kubectl.arguments.is("timestamps"),
        ..Connect::default()
    };
    let prefix = match kubectl.arguments.is("prefix") || kubectl.arguments.is("all-pods") {
        true => format!("[pod/{}/{container}] ", name(pod)),
        false => String::new(),
    };
    // How many lines are known, and how many of the first ones are to be shown.
    let (round, (mut known, mut tail)) = kubectl.shell.program_rounds((0, tail));
    loop {
        let connect = Connect { skip: known, ..connect.clone() };
        let request =
            Request::new(Asked::Connect(Rc::new(connect)), kubectl.pod_key(pod)).at(Subresource::Log);
        let (log, goes_on) = match kubectl.ask(request)? {
            Ok(Reply::Text(log, _, code)) => (log, code == 1),
            Ok(_) => return Ok(()),
            // A Pod that is gone ends what followed it.
            Err(_) if known > 0 => return Ok(()),
            Err(status) => return Err(kubectl.fail(Problem::from(status))),
        };
        let lines: Vec<&str> = log.lines().collect();
        let first =
            tail.take().filter(|_| follows).map_or(0, |tail| lines.len().saturating_sub(tail as usize));
        let text: String = lines[first..].iter().map(|line| format!("{prefix}{line}\n")).collect();
        let most = kubectl.arguments.number("limit-bytes").and_then(|most| usize::try_from(most).ok());
        let end = most.filter(|most| *most > 0 && text.is_char_boundary(*most)).unwrap_or(text.len());
        kubectl.print(text.get(..end).unwrap_or(&text));
        known += u32::try_from(lines.len()).unwrap_or(0);
        if !follows || !goes_on {
            return Ok(());
        }
        kubectl.shell.ask.sleep(LOOK)?;
        kubectl.shell.program_round(round, &(known, tail));
    }
}
