//! `kubectl run` (upstream: kubectl `cmd/run`).

use super::Verb;
use super::apply::with_last_applied;
use crate::api::Kind;
use crate::api::patch::{json_merge, json_patch, strategic_merge};
use crate::cluster::runtime::check_image_name;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::object;
use crate::value::{Str, Value, json};

pub(super) const VERB: Verb = Verb { name: "run", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    if kubectl.arguments.text("image").is_none() {
        return Err(kubectl.fail("required flag(s) \"image\" not set".to_owned()));
    }
    let arguments = kubectl.arguments.clone();
    let name = match arguments.words.first() {
        Some(name) if arguments.before_dashes != Some(0) => name.clone(),
        _ => return Err(kubectl.fail("NAME is required for run".to_owned())),
    };
    let image = arguments.text("image").cloned().unwrap_or_default();
    if check_image_name(&image).is_err() {
        return Err(kubectl.fail(format!("invalid image name \"{image}\": invalid reference format")));
    }
    let attaches = ["attach", "stdin", "tty"].iter().any(|flag| arguments.is(flag));
    if attaches && (kubectl.is_client_dry_run() || kubectl.is_server_dry_run()) {
        let options = "attached containers options (--attach, --stdin, or --tty)";
        return Err(kubectl.fail(format!("--dry-run=[server|client] can't be used with {options}")));
    }
    if arguments.is("rm") && !attaches {
        return Err(kubectl.fail("--rm should only be used for attached containers".to_owned()));
    }
    if attaches {
        return Err(kubectl.not_here("attaching to a container (--attach, --stdin, --tty, --rm)"));
    }
    if arguments.is("expose") && arguments.text("port").is_none() {
        return Err(kubectl.fail("--port must be set when exposing a service".to_owned()));
    }
    let given = match labels(arguments.text("labels").map_or("", |labels| labels)) {
        Ok(labels) => labels,
        Err(why) => return Err(kubectl.fail(why)),
    };
    let labels = if given.is_empty() { vec![("run".into(), name.clone())] } else { given.clone() };
    let pod = match pod(kubectl, &name, &labels) {
        Ok(pod) => pod,
        Err(why) => return Err(kubectl.fail(why)),
    };
    let mut made = vec![make(kubectl, Kind::Pod, &name, pod)?];
    if arguments.is("expose") {
        let port = arguments.number("port").unwrap_or_default();
        let mut service = object([("apiVersion", "v1"), ("kind", "Service")]);
        service.set(&["metadata", "name"], name.clone());
        if !given.is_empty() {
            service.set(&["metadata", "labels"], object(given));
        }
        let ports = vec![object([
            ("port", Value::from(port)),
            ("protocol", "TCP".into()),
            ("targetPort", port.into()),
        ])];
        service.set(&["spec", "ports"], ports);
        service.set(&["spec", "selector"], object(labels));
        service.set(&["status", "loadBalancer"], Value::object());
        made.push(make(kubectl, Kind::Service, &name, service)?);
    }
    for value in made {
        kubectl.report(&value, "created")?;
    }
    Ok(())
}

fn make(kubectl: &mut Kubectl, kind: Kind, name: &Str, mut value: Value) -> Outcome<Value> {
    if kubectl.is_client_dry_run() {
        if let Some(namespace) = kubectl.arguments.text("namespace") {
            value.set(&["metadata", "namespace"], namespace.clone());
        }
        return Ok(value);
    }
    if kubectl.arguments.is("save-config") {
        value = with_last_applied(&value);
    }
    let key = kubectl.key(kind, name.clone());
    match kubectl.create(key, value, "kubectl-run")? {
        Ok(value) => Ok(value),
        Err(status) => Err(kubectl.fail(Problem::from(status))),
    }
}

fn pod(kubectl: &Kubectl, name: &Str, labels: &[(Str, Str)]) -> Result<Value, String> {
    let arguments = &kubectl.arguments;
    let text = |flag: &str| arguments.text(flag).map_or("", |text| text);
    let mut container = object([("name", name.clone()), ("image", text("image").into())]);
    if !text("port").is_empty() {
        let port: i64 = text("port").parse().map_err(|_| "--port must be a number")?;
        container.set(&["ports"], vec![object([("containerPort", port)])]);
    }
    let env: Vec<Value> = arguments
        .texts("env")
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(object([("name", name), ("value", value)])),
            _ => Err(format!("invalid env: {pair}")),
        })
        .collect::<Result<_, _>>()?;
    if !env.is_empty() {
        container.set(&["env"], env);
    }
    let words: Vec<Value> = arguments.words[1..].iter().cloned().map(Value::from).collect();
    if !words.is_empty() {
        container.set(&[if arguments.is("command") { "command" } else { "args" }], words);
    }
    match text("image-pull-policy") {
        "" => {}
        policy @ ("Always" | "IfNotPresent" | "Never") => container.set(&["imagePullPolicy"], policy),
        other => {
            let valid = "valid values are: Always, IfNotPresent, Never";
            return Err(format!("invalid image pull policy: {other}, {valid}"));
        }
    }
    container.set(&["resources"], Value::object());
    if arguments.is("privileged") {
        container.set(&["securityContext", "privileged"], true);
    }
    let restart = match text("restart") {
        "" => "Always",
        policy @ ("Always" | "OnFailure" | "Never") => policy,
        other => {
            let valid = "valid values are: Always, OnFailure, Never";
            return Err(format!("invalid restart policy: {other}, {valid}"));
        }
    };
    let mut pod = object([("apiVersion", "v1"), ("kind", "Pod")]);
    pod.set(&["metadata", "name"], name.clone());
    pod.set(&["metadata", "labels"], object(labels.iter().cloned()));
    let annotations = crate::kubectl::pairs::read(
        &arguments.texts("annotations").cloned().collect::<Vec<_>>(),
        "annotations",
        false,
    )?;
    if !annotations.new.is_empty() {
        pod.set(&["metadata", "annotations"], object(annotations.new));
    }
    pod.set(&["spec", "containers"], vec![container]);
    pod.set(&["spec", "dnsPolicy"], "ClusterFirst");
    pod.set(&["spec", "restartPolicy"], restart);
    pod.set(&["status"], Value::object());
    match text("overrides") {
        "" => Ok(pod),
        overrides => {
            let patch = json::parse(overrides)?;
            match text("override-type") {
                "json" => json_patch(&pod, &patch),
                "strategic" => strategic_merge("v1", "Pod", &pod, &patch),
                _ => Ok(json_merge(&pod, &patch)),
            }
        }
    }
}

/// `a=b,c=d`
pub(super) fn labels(text: &str) -> Result<Vec<(Str, Str)>, String> {
    let pairs = text.split(',').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| match pair.split_once('=') {
            Some(("", _)) => Err("unexpected empty label key".to_owned()),
            Some((key, value)) if !value.contains('=') => Ok((key.into(), value.into())),
            _ => Err(format!("unexpected label spec: {pair}")),
        })
        .collect()
}
