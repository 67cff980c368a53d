//! `kubectl expose` (upstream: kubectl `cmd/expose`).

use super::Verb;
use super::apply::with_last_applied;
use super::run::labels;
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome};
use crate::kubectl::fields::{list, number, object, pairs, text};
use crate::kubectl::resources::{Finder, Info};
use crate::value::{Map, Str, Value};

pub(super) const VERB: Verb = Verb { name: "expose", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let words = kubectl.arguments.words.clone();
    // Here `--selector` is the new Service's and selects nothing.
    let arguments = kubectl.arguments.clone();
    kubectl.arguments.forget("selector");
    let is_file = arguments.text("filename").is_some();
    let found = kubectl.find(&words, Finder { reads: !is_file, ..Finder::default() })?;
    kubectl.arguments = arguments;
    kubectl.fail_all(found.problems)?;
    for info in &found.infos {
        let service = match service(kubectl, info) {
            Ok(service) => service,
            Err(why) => return Err(kubectl.fail(why)),
        };
        expose(kubectl, service)?;
    }
    Ok(())
}

fn expose(kubectl: &mut Kubectl, mut service: Value) -> Outcome {
    if kubectl.is_client_dry_run() {
        if let Some(namespace) = kubectl.arguments.text("namespace") {
            service.set(&["metadata", "namespace"], namespace.clone());
        }
        return kubectl.report(&service, "exposed");
    }
    if kubectl.arguments.is("save-config") {
        service = with_last_applied(&service);
    }
    let key = kubectl.key(Kind::Service, crate::kubectl::fields::name(&service));
    match kubectl.create(key, service, "kubectl-expose")? {
        Ok(value) => kubectl.report(&value, "exposed"),
        Err(status) => Err(kubectl.fail(status)),
    }
}

/// The Service that an object is exposed by.
fn service(kubectl: &Kubectl, info: &Info) -> Result<Value, String> {
    let arguments = &kubectl.arguments;
    let given = |flag: &str| arguments.text(flag).map(|text| &**text).filter(|text| !text.is_empty());
    let value = info.value();
    let selector = match given("selector") {
        Some(selector) => object(labels(selector)?),
        None => selector(info.kind, &value)?,
    };
    let spec: &[&str] = if info.kind == Kind::Pod { &["spec"] } else { &["spec", "template", "spec"] };
    let found = match info.kind {
        Kind::Service => ports(list(&value, &["spec", "ports"]), "port"),
        _ => {
            let containers = value.at(spec).map_or(&[][..], |spec| list(spec, &["containers"]));
            containers.iter().flat_map(|c| ports(list(c, &["ports"]), "containerPort")).collect()
        }
    };
    let mut wanted: Vec<String> = match given("port") {
        Some(port) => port.split(',').map(str::to_owned).collect(),
        None => found.iter().map(|(port, _)| port.to_string()).collect(),
    };
    wanted.dedup();
    if wanted.is_empty() && given("cluster-ip") != Some("None") {
        return Err("couldn't find port via --port flag or introspection".into());
    }
    let mut list = Vec::new();
    for (i, port) in wanted.iter().enumerate() {
        let number: i64 =
            port.parse().map_err(|_| format!("strconv.Atoi: parsing \"{port}\": invalid syntax"))?;
        let introspected =
            || found.iter().find(|(port, _)| *port == number).map(|(_, protocol)| protocol.as_str());
        let protocol = given("protocol").or_else(introspected).unwrap_or("TCP");
        let target = match given("target-port") {
            Some(target) => target.parse::<i64>().map_or_else(|_| target.into(), Value::from),
            None => number.into(),
        };
        let mut item =
            object([("port", Value::from(number)), ("protocol", protocol.into()), ("targetPort", target)]);
        if wanted.len() > 1 {
            item.set(&["name"], format!("port-{}", i + 1));
        }
        list.push(item);
    }
    let mut service = object([("apiVersion", "v1"), ("kind", "Service")]);
    service
        .set(&["metadata", "name"], given("name").unwrap_or(&info.name.chars().take(63).collect::<String>()));
    let own = match given("labels") {
        Some(text) => object(labels(text)?),
        None => value.at(&["metadata", "labels"]).cloned().unwrap_or_default(),
    };
    if own.as_object().is_some_and(|labels| !labels.is_empty()) {
        service.set(&["metadata", "labels"], own);
    }
    service.set(&["spec", "ports"], list);
    service.set(&["spec", "selector"], selector);
    for (flag, field) in
        [("type", "type"), ("cluster-ip", "clusterIP"), ("session-affinity", "sessionAffinity")]
    {
        if let Some(text) = given(flag) {
            service.set(&["spec", field], text);
        }
    }
    if let Some(address) = given("external-ip") {
        service.set(&["spec", "externalIPs"], vec![Value::from(address)]);
    }
    service.set(&["status", "loadBalancer"], Value::object());
    Ok(service)
}

/// The ports of a list with their protocols, each once.
fn ports(items: &[Value], field: &str) -> Vec<(i64, String)> {
    let mut out: Vec<(i64, String)> = Vec::new();
    for item in items {
        let port = number(item, &[field]);
        if !out.iter().any(|(other, _)| *other == port) {
            let protocol = Some(text(item, &["protocol"])).filter(|protocol| !protocol.is_empty());
            out.push((port, protocol.unwrap_or("TCP").to_owned()));
        }
    }
    out
}

/// The labels that the Pods of an object have.
fn selector(kind: Kind, value: &Value) -> Result<Value, String> {
    let (path, missing): (&[&str], &str) = match kind {
        Kind::Pod => (&["metadata", "labels"], "the pod has no labels and cannot be exposed"),
        Kind::Service => (&["spec", "selector"], "the service has no pod selector set"),
        Kind::ReplicationController => (&["spec", "selector"], "the replication controller has no selector"),
        Kind::Deployment => (
            &["spec", "selector", "matchLabels"],
            "invalid deployment: no selectors, therefore cannot be exposed",
        ),
        Kind::ReplicaSet => (
            &["spec", "selector", "matchLabels"],
            "invalid replicaset: no selectors, therefore cannot be exposed",
        ),
        other => {
            let group = other.info().group;
            let dot = if group.is_empty() { "" } else { "." };
            return Err(format!("cannot expose a {other}{dot}{group}"));
        }
    };
    let labels: Map =
        pairs(value, path).into_iter().map(|(key, value)| (Str::clone(key), value.clone())).collect();
    if labels.is_empty() {
        return Err(format!("couldn't retrieve selectors via --selector flag or introspection: {missing}"));
    }
    Ok(labels.into())
}
