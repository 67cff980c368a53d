//! `kubectl create job`, of an image or of a CronJob.

use super::{Verb, new, one_name, send};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{name as name_of, object, text};
use crate::value::{Map, Str, Value};

pub(super) const VERB: Verb = Verb { name: "create job", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let name = one_name(kubectl)?;
    let given = |flag| kubectl.arguments.text(flag).cloned().filter(|text| !text.is_empty());
    let (image, from) = (given("image"), given("from"));
    let command = kubectl.arguments.words[1..].to_vec();
    let mut value = new(kubectl, Kind::Job, &name);
    match (image, from) {
        (Some(image), None) => value.set(&["spec", "template"], template(&name, image, command, "Never")),
        (None, Some(_)) if !command.is_empty() => {
            return Err(kubectl.fail("cannot specify --from and command".to_owned()));
        }
        (None, Some(from)) => of_cron_job(kubectl, &mut value, &from)?,
        _ => return Err(kubectl.fail("either --image or --from must be specified".to_owned())),
    }
    value.set(&["status"], Value::object());
    send(kubectl, Kind::Job, value, |status| {
        Problem::Own(format!("failed to create job: {}", status.message))
    })
}

/// A Pod's template with one container, which is called as the object is.
pub(super) fn template(name: &Str, image: Str, command: Vec<Str>, restart_policy: &str) -> Value {
    let mut container = object([("name", name.clone()), ("image", image)]);
    if !command.is_empty() {
        container.set(&["command"], command.into_iter().map(Value::from).collect::<Vec<_>>());
    }
    container.set(&["resources"], Value::object());
    let mut template = Value::object();
    template.set(&["metadata"], Value::object());
    template.set(&["spec", "containers"], vec![container]);
    template.set(&["spec", "restartPolicy"], restart_policy);
    template
}

/// The Job that a CronJob would make, and that belongs to it.
fn of_cron_job(kubectl: &mut Kubectl, value: &mut Value, from: &str) -> Outcome {
    let (kind, name) = kubectl.resource_and_name(from)?;
    let key = kubectl.key(kind, name);
    let cron_job = match kubectl.get(key)? {
        Ok(cron_job) => cron_job,
        Err(status) => return Err(kubectl.fail(Problem::from(status))),
    };
    if kind != Kind::CronJob {
        return Err(kubectl.fail(format!("unknown object type *{}.{kind}", kind.info().version)));
    }
    let template =
        |field: &str| cron_job.at(&["spec", "jobTemplate", "metadata", field]).and_then(Value::as_object);
    let mut annotations = Map::new();
    annotations.push("cronjob.kubernetes.io/instantiate", "manual");
    for (key, value) in template("annotations").into_iter().flat_map(Map::iter) {
        annotations.insert(key.clone(), value.clone());
    }
    value.set(&["metadata", "annotations"], Value::from(annotations));
    if let Some(labels) = template("labels") {
        value.set(&["metadata", "labels"], Value::from(labels.clone()));
    }
    let mut owner = object([("apiVersion", "batch/v1"), ("kind", "CronJob"), ("name", name_of(&cron_job))]);
    owner.set(&["uid"], text(&cron_job, &["metadata", "uid"]));
    owner.set(&["controller"], true);
    value.set(&["metadata", "ownerReferences"], vec![owner]);
    if let Some(spec) = cron_job.at(&["spec", "jobTemplate", "spec"]) {
        value.set(&["spec"], spec.clone());
        if spec.at(&["template", "metadata"]).is_none() {
            value.set(&["spec", "template", "metadata"], Value::object());
        }
    }
    Ok(())
}
