//! `kubectl create job` and `kubectl create cronjob`.

use super::{DRY_RUN, OUTPUT, SAVE_CONFIG, VALIDATE, Verb, new, one_name, required, send};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{object, text};
use crate::kubectl::flags::{Takes, flag};
use crate::value::{Str, Value};

pub(super) const JOB: Verb = Verb {
    name: "create job",
    aliases: &[],
    flags: &[flag("image", Takes::Text), flag("from", Takes::Text), OUTPUT, DRY_RUN, SAVE_CONFIG, VALIDATE],
    run: job,
};

pub(super) const CRON_JOB: Verb = Verb {
    name: "create cronjob",
    aliases: &["create cj"],
    flags: &[
        flag("image", Takes::Text),
        flag("schedule", Takes::Text),
        flag("restart", Takes::Text),
        OUTPUT,
        DRY_RUN,
        SAVE_CONFIG,
        VALIDATE,
    ],
    run: cron_job,
};

fn job(kubectl: &mut Kubectl) -> Outcome {
    let name = one_name(kubectl)?;
    let given = |flag| kubectl.arguments.text(flag).cloned().filter(|text: &Str| !text.is_empty());
    let (image, from) = (given("image"), given("from"));
    let command = kubectl.arguments.words[1..].to_vec();
    let mut value = new(kubectl, Kind::Job, &name);
    match (image, from) {
        (None, None) => {
            return Err(kubectl.fail("either --image or --from must be specified".to_owned()));
        }
        (Some(_), Some(_)) => {
            return Err(kubectl.fail("cannot specify --image and --from".to_owned()));
        }
        (None, Some(_)) if !command.is_empty() => {
            return Err(kubectl.fail("cannot specify --from and command".to_owned()));
        }
        (Some(image), None) => {
            value.set(&["spec", "template"], template(&name, image, &command, "Never"));
        }
        (None, Some(from)) => instantiate(kubectl, &from, &mut value)?,
    }
    value.set(&["status"], Value::object());
    send(kubectl, Kind::Job, value, |status| {
        Problem::Own(format!("failed to create job: {}", status.message))
    })
}

/// What a CronJob would make, made by hand.
fn instantiate(kubectl: &mut Kubectl, from: &str, value: &mut Value) -> Outcome {
    let (kind, name) = kubectl.resource_and_name(from)?;
    if kind != Kind::CronJob {
        let why = format!("unknown object type *v1.{}", kind.info().name);
        return Err(kubectl.fail(why));
    }
    let key = kubectl.key(kind, name);
    let cron = match kubectl.get(key)? {
        Ok(cron) => cron,
        Err(status) => return Err(kubectl.fail(Problem::from(status))),
    };
    let part = |path: &[&str]| cron.at(path).cloned().filter(|value| !value.is_null());
    let mut annotations = part(&["spec", "jobTemplate", "metadata", "annotations"]).unwrap_or_default();
    annotations.set(&["cronjob.kubernetes.io/instantiate"], "manual");
    value.set(&["metadata", "annotations"], annotations);
    if let Some(labels) = part(&["spec", "jobTemplate", "metadata", "labels"]) {
        value.set(&["metadata", "labels"], labels);
    }
    let owner = object([
        ("apiVersion", Value::from("batch/v1")),
        ("kind", "CronJob".into()),
        ("name", text(&cron, &["metadata", "name"]).into()),
        ("uid", text(&cron, &["metadata", "uid"]).into()),
        ("controller", true.into()),
    ]);
    value.set(&["metadata", "ownerReferences"], vec![owner]);
    if let Some(spec) = part(&["spec", "jobTemplate", "spec"]) {
        value.set(&["spec"], spec);
    }
    Ok(())
}

fn cron_job(kubectl: &mut Kubectl) -> Outcome {
    required(kubectl, &["image", "schedule"])?;
    let name = one_name(kubectl)?;
    let text = |flag| kubectl.arguments.text(flag).cloned().unwrap_or_default();
    let restart = Some(text("restart")).filter(|restart| !restart.is_empty());
    let command = kubectl.arguments.words[1..].to_vec();
    let template = template(&name, text("image"), &command, restart.as_deref().unwrap_or("OnFailure"));
    let schedule = text("schedule");
    let mut value = new(kubectl, Kind::CronJob, &name);
    value.set(&["spec", "jobTemplate", "metadata", "name"], name);
    value.set(&["spec", "jobTemplate", "spec", "template"], template);
    value.set(&["spec", "schedule"], schedule);
    value.set(&["status"], Value::object());
    send(kubectl, Kind::CronJob, value, |status| {
        Problem::Own(format!("failed to create cronjob: {}", status.message))
    })
}

fn template(name: &Str, image: Str, command: &[Str], restart: &str) -> Value {
    let mut container = object([("name", Value::from(name.clone())), ("image", image.into())]);
    if !command.is_empty() {
        container.set(&["command"], command.iter().cloned().map(Value::from).collect::<Vec<_>>());
    }
    container.set(&["resources"], Value::object());
    let mut template = object([("metadata", Value::object())]);
    template.set(&["spec", "containers"], vec![container]);
    template.set(&["spec", "restartPolicy"], restart);
    template
}
