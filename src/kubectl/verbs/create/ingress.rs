//! `kubectl create ingress`.

use super::{Verb, new, one_name, send};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::{list, object, text};
use crate::value::{Str, Value};

pub(super) const VERB: Verb = Verb { name: "create ingress", aliases: &["create ing"], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    let name = one_name(kubectl)?;
    let arguments = kubectl.arguments.clone();
    let backend = arguments.text("default-backend").filter(|backend| !backend.is_empty());
    if backend.is_none() && arguments.text("rule").is_none() {
        let why = "not enough information provided: every ingress has to either specify a default-backend (which \
            catches all traffic) or a list of rules (which catch specific paths)";
        return Err(kubectl.fail(why.to_owned()));
    }
    let (mut rules, mut tls): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    for written in arguments.texts("rule") {
        if add(written, &mut rules, &mut tls).is_none() {
            let why = format!(
                "rule {written} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]"
            );
            return Err(kubectl.fail(why));
        }
    }
    let mut value = new(kubectl, Kind::Ingress, &name);
    for annotation in arguments.texts("annotation") {
        let Some((key, text)) = annotation.split_once('=') else {
            let why = format!("annotation {annotation} is invalid and should be in format key=[value]");
            return Err(kubectl.fail(why));
        };
        value.set(&["metadata", "annotations", key], text);
    }
    if let Some(backend) = backend {
        let Some((service, port)) = backend.split_once(':') else {
            let why = format!("default-backend should be in format servicename:serviceport, got {backend}");
            return Err(kubectl.fail(why));
        };
        value.set(&["spec", "defaultBackend"], to(service, port));
    }
    if let Some(class) = arguments.text("class").filter(|class| !class.is_empty()) {
        value.set(&["spec", "ingressClassName"], class.clone());
    }
    if !rules.is_empty() {
        value.set(&["spec", "rules"], rules);
    }
    if !tls.is_empty() {
        value.set(&["spec", "tls"], tls);
    }
    value.set(&["status", "loadBalancer"], Value::object());
    send(kubectl, Kind::Ingress, value, |status| {
        Problem::Own(format!("failed to create ingress: {}", status.message))
    })
}

fn to(service: &str, port: &str) -> Value {
    let port = match port.parse::<i64>() {
        Ok(number) => object([("number", number)]),
        Err(_) => object([("name", port)]),
    };
    object([("service", object([("name", Value::from(Str::from(service))), ("port", port)]))])
}

/// Adds `host/path=service:port[,tls[=secret]]`; paths of one host stand together.
fn add(written: &str, rules: &mut Vec<Value>, tls: &mut Vec<Value>) -> Option<()> {
    let mut parts = written.split(',');
    let (place, backend) = parts.next()?.split_once('=')?;
    let (host, path) = place.split_once('/')?;
    let (service, port) =
        backend.split_once(':').filter(|(service, port)| !service.is_empty() && !port.is_empty())?;
    let path = format!("/{path}");
    let (path, kind) = match path.strip_suffix('*') {
        Some(path) => (path.to_owned(), "Prefix"),
        None => (path, "Exact"),
    };
    let entry = object([
        ("backend", to(service, port)),
        ("path", Value::from(path)),
        ("pathType", Value::from(kind)),
    ]);
    match rules.iter_mut().find(|rule| text(rule, &["host"]) == host) {
        Some(rule) => {
            let mut paths = list(rule, &["http", "paths"]).to_vec();
            paths.push(entry);
            rule.set(&["http", "paths"], paths);
        }
        None => {
            let mut rule = Value::object();
            if !host.is_empty() {
                rule.set(&["host"], host);
            }
            rule.set(&["http", "paths"], vec![entry]);
            rules.push(rule);
        }
    }
    for option in parts {
        let (name, secret) = option.split_once('=').map_or((option, ""), |(name, secret)| (name, secret));
        if name != "tls" {
            return None;
        }
        let mut entry = Value::object();
        if !host.is_empty() {
            entry.set(&["hosts"], vec![Value::from(Str::from(host))]);
        }
        if !secret.is_empty() {
            entry.set(&["secretName"], secret);
        }
        tls.push(entry);
    }
    Some(())
}
