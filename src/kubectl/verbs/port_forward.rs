//! `kubectl port-forward`: it holds the connection until it is interrupted or its Pod is gone (upstream: kubectl
//! `cmd/portforward`). Nothing on the page can send a request through it.

use super::Verb;
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem, Stop};
use crate::kubectl::fields::{list, name, number, text};
use crate::kubectl::resources::Info;
use crate::kubectl::waiting::Found;
use crate::value::{Str, Value};

pub(super) const VERB: Verb = Verb { name: "port-forward", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let words = kubectl.arguments.words.clone();
    let Some((word, ports)) = words.split_first().filter(|(_, ports)| !ports.is_empty()) else {
        return Err(kubectl.misused("TYPE/NAME and list of ports are required for port-forward"));
    };
    let service = match word.split_once('/') {
        Some(_) => match kubectl.resource_and_name(word)? {
            (Kind::Service, name) => {
                let key = kubectl.key(Kind::Service, name);
                kubectl.get(key)?.ok()
            }
            _ => None,
        },
        None => None,
    };
    let pod = match kubectl.pod(word)? {
        Ok(pod) => pod,
        Err(status) => return Err(kubectl.fail(Problem::from(status))),
    };
    let mut pairs = Vec::new();
    for port in ports {
        match pair(port, service.as_ref(), &pod) {
            Ok(pair) => pairs.push(pair),
            Err(why) => return Err(kubectl.fail(why)),
        }
    }
    let phase = text(&pod, &["status", "phase"]);
    if phase != "Running" {
        let why = format!("unable to forward port because pod is not running. Current status={phase}");
        return Err(kubectl.fail(why));
    }
    for (local, remote) in &pairs {
        for address in ["127.0.0.1", "[::1]"] {
            kubectl.line(&format!("Forwarding from {address}:{local} -> {remote}"));
        }
    }
    let key = kubectl.pod_key(&pod);
    let info = Info {
        kind: Kind::Pod,
        namespace: key.namespace.clone(),
        name: key.name.clone(),
        source: Str::default(),
        value: None,
    };
    let is_over = |found: Found| match found {
        Found::Gone => Some(()),
        Found::There(pod) => matches!(text(pod, &["status", "phase"]), "Succeeded" | "Failed").then_some(()),
    };
    kubectl.wait_for(&info, Some(&pod), crate::cluster::time::SimTime::NEVER, is_over)?;
    kubectl.complain("error: lost connection to pod");
    Err(Stop::Exit(1))
}

/// The local port and the container's that `8080:80`, `80` or `http` names.
fn pair(word: &str, service: Option<&Value>, pod: &Value) -> Result<(String, i64), String> {
    let (mut local, mut remote) = word.split_once(':').unwrap_or((word, word));
    let is_same = local == remote;
    if remote.is_empty() {
        return Err("remote port cannot be empty".into());
    }
    let number = match service {
        Some(service) => of_service(service, pod, remote)?,
        None => match remote.parse() {
            Ok(number) => number,
            Err(_) => of_pod(pod, remote)
                .ok_or_else(|| format!("Pod '{}' does not have a named port '{remote}'", name(pod)))?,
        },
    };
    let shown = number.to_string();
    if is_same && remote.parse::<i64>().is_err() {
        remote = &shown;
        local = remote;
    }
    let local = if local.is_empty() { "0" } else { local };
    if !(1..=65_535).contains(&number) {
        return Err(format!(
            "error parsing remote port \"{remote}\": strconv.ParseUint: parsing \"{remote}\": value out of range"
        ));
    }
    let parsed = local.parse::<u16>().map_err(|_| {
        format!(
            "error parsing local port \"{local}\": strconv.ParseUint: parsing \"{local}\": invalid syntax"
        )
    })?;
    Ok((if parsed == 0 { shown.clone() } else { local.to_owned() }, number))
}

fn of_pod(pod: &Value, wanted: &str) -> Option<i64> {
    let containers = list(pod, &["spec", "containers"]).iter();
    let mut ports = containers.flat_map(|container| list(container, &["ports"]));
    ports.find(|port| text(port, &["name"]) == wanted).map(|port| number(port, &["containerPort"]))
}

/// The container's port behind one of a Service's.
fn of_service(service: &Value, pod: &Value, wanted: &str) -> Result<i64, String> {
    let ports = list(service, &["spec", "ports"]);
    let found = match wanted.parse::<i64>() {
        Ok(wanted) => ports
            .iter()
            .find(|port| number(port, &["port"]) == wanted)
            .ok_or_else(|| format!("Service {} does not have a service port {wanted}", name(service)))?,
        Err(_) => ports
            .iter()
            .find(|port| text(port, &["name"]) == wanted)
            .ok_or_else(|| format!("Service '{}' does not have a named port '{wanted}'", name(service)))?,
    };
    match found.get("targetPort") {
        Some(Value::String(named)) => of_pod(pod, named)
            .ok_or_else(|| format!("Pod '{}' does not have a named port '{named}'", name(pod))),
        Some(target) => Ok(target.as_int().unwrap_or_default()),
        None => Ok(number(found, &["port"])),
    }
}
