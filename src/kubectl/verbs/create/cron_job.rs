//! `kubectl create cronjob`.

use super::job::template;
use super::{Verb, new, one_name, send};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::value::{Str, Value};

pub(super) const VERB: Verb = Verb { name: "create cronjob", aliases: &["create cj"], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let text = |flag| kubectl.arguments.text(flag).cloned();
    let missing: Vec<&str> = ["image", "schedule"].into_iter().filter(|flag| text(flag).is_none()).collect();
    if !missing.is_empty() {
        let missing = missing.iter().map(|flag| format!("\"{flag}\"")).collect::<Vec<_>>().join(", ");
        return Err(kubectl.fail(format!("required flag(s) {missing} not set")));
    }
    let (image, schedule) = (text("image").unwrap_or_default(), text("schedule").unwrap_or_default());
    let restart: Str = text("restart").filter(|text| !text.is_empty()).unwrap_or_else(|| "OnFailure".into());
    let name = one_name(kubectl)?;
    let command = kubectl.arguments.words[1..].to_vec();
    let mut value = new(kubectl, Kind::CronJob, &name);
    value.set(&["spec", "schedule"], schedule);
    value.set(&["spec", "jobTemplate", "metadata", "name"], name.clone());
    value.set(&["spec", "jobTemplate", "spec", "template"], template(&name, image, command, &restart));
    value.set(&["status"], Value::object());
    send(kubectl, Kind::CronJob, value, |status| {
        Problem::Own(format!("failed to create cronjob: {}", status.message))
    })
}
