//! `kubectl create priorityclass`.

use super::{Verb, new, one_name, send};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};

pub(super) const VERB: Verb = Verb { name: "create priorityclass", aliases: &["create pc"], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let name = one_name(kubectl)?;
    let arguments = kubectl.arguments.clone();
    let policy =
        arguments.text("preemption-policy").cloned().unwrap_or_else(|| "PreemptLowerPriority".into());
    let mut value = new(kubectl, Kind::PriorityClass, &name);
    if let Some(description) = arguments.text("description").filter(|text| !text.is_empty()) {
        value.set(&["description"], description.clone());
    }
    if arguments.is("global-default") {
        value.set(&["globalDefault"], true);
    }
    value.set(&["preemptionPolicy"], policy);
    value.set(&["value"], arguments.number("value").unwrap_or(0));
    send(kubectl, Kind::PriorityClass, value, |status| {
        Problem::Own(format!("failed to create priorityclass: {}", status.message))
    })
}
