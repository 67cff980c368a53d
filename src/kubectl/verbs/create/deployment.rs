//! `kubectl create deployment`.

use super::{Verb, new, one_name, send};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::object;
use crate::value::{Str, Value};

pub(super) const VERB: Verb = Verb { name: "create deployment", aliases: &["create deploy"], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let images: Vec<Str> = kubectl.arguments.list("image").map(Str::from).collect();
    if images.is_empty() {
        return Err(kubectl.fail("required flag(s) \"image\" not set".to_owned()));
    }
    let name = one_name(kubectl)?;
    let command: Vec<Value> = kubectl.arguments.words[1..].iter().cloned().map(Value::from).collect();
    if images.len() > 1 && !command.is_empty() {
        return Err(kubectl.fail("cannot specify multiple --image options and command".to_owned()));
    }
    let mut containers = Vec::new();
    for image in images {
        let mut container =
            object([("name", Value::from(container_name(kubectl, &image))), ("image", image.into())]);
        if !command.is_empty() {
            container.set(&["command"], command.clone());
        }
        container.set(&["resources"], Value::object());
        containers.push(container);
    }
    if let Some(port) = kubectl.arguments.number("port").filter(|port| *port >= 0) {
        containers[0].set(&["ports"], vec![object([("containerPort", port)])]);
    }
    let labels = object([("app", name.clone())]);
    let mut value = new(kubectl, Kind::Deployment, &name);
    value.set(&["metadata", "labels"], labels.clone());
    value.set(&["spec", "replicas"], kubectl.arguments.number("replicas").unwrap_or(1));
    value.set(&["spec", "selector", "matchLabels"], labels.clone());
    value.set(&["spec", "strategy"], Value::object());
    value.set(&["spec", "template", "metadata", "labels"], labels);
    value.set(&["spec", "template", "spec", "containers"], containers);
    value.set(&["status"], Value::object());
    send(kubectl, Kind::Deployment, value, |status| {
        Problem::Own(format!("failed to create deployment: {}", status.message))
    })
}

/// A container's name after its image: the last part without tag and digest.
fn container_name(kubectl: &mut Kubectl, image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    let name = last.split(['@', ':']).next().unwrap_or(last);
    if name.contains(['_', '.']) {
        let suffix = crate::cluster::chance::suffix(kubectl.shell.chance(), 5);
        return format!("{}-{suffix}", name.replace(['_', '.'], "-"));
    }
    name.to_owned()
}
