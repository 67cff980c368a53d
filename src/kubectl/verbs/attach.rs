//! `kubectl attach`: what a container prints from now on (upstream: kubectl `cmd/attach`). Nobody types into it here.

use super::Verb;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::text;

pub(super) const VERB: Verb = Verb { name: "attach", aliases: &[], run };

/// What is said before anything is typed.
pub(super) const RECORDED: &str = "All commands and output from this session will be recorded in container logs, including \
    credentials and sensitive information passed through the command prompt.\nIf you don't see a command prompt, try \
    pressing enter.";

fn run(kubectl: &mut Kubectl) -> Outcome {
    let words = kubectl.arguments.words.clone();
    let word = match &words[..] {
        [] => return Err(kubectl.fail("at least 1 argument is required for attach".to_owned())),
        [word] => word.to_string(),
        [kind, name] => format!("{kind}/{name}"),
        many => {
            let why = format!(
                "expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {}: [{}]",
                many.len(),
                many.join(" ")
            );
            return Err(kubectl.fail(why));
        }
    };
    let pod = match kubectl.pod(&word)? {
        Ok(pod) => pod,
        Err(status) => return Err(kubectl.fail(Problem::from(status))),
    };
    let phase = text(&pod, &["status", "phase"]);
    if matches!(phase, "Succeeded" | "Failed") {
        let why = format!("cannot attach a container in a completed pod; current phase is {phase}");
        return Err(kubectl.fail(why));
    }
    let container = match kubectl.container_or(&pod) {
        Ok(container) => container,
        Err(why) => return Err(kubectl.fail(format!("cannot attach to the container: {why}"))),
    };
    if kubectl.arguments.is("stdin") {
        return Err(kubectl.not_here("typing into a container (--stdin)"));
    }
    if !kubectl.arguments.is("quiet") {
        kubectl.complain(RECORDED);
    }
    super::logs::follow(kubectl, &pod, container)
}
