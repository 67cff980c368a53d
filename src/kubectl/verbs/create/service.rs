//! `kubectl create service clusterip|nodeport|loadbalancer|externalname`.

use super::{Verb, new, one_name, required, send};
use crate::api::Kind;
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::kubectl::fields::object;
use crate::value::{Str, Value};

pub(super) const CLUSTER_IP: Verb = Verb {
    name: "create service clusterip",
    aliases: &["create svc clusterip"],
    run: |kubectl| run(kubectl, "ClusterIP"),
};

pub(super) const NODE_PORT: Verb = Verb {
    name: "create service nodeport",
    aliases: &["create svc nodeport"],
    run: |kubectl| run(kubectl, "NodePort"),
};

pub(super) const LOAD_BALANCER: Verb = Verb {
    name: "create service loadbalancer",
    aliases: &["create svc loadbalancer"],
    run: |kubectl| run(kubectl, "LoadBalancer"),
};

pub(super) const EXTERNAL_NAME: Verb = Verb {
    name: "create service externalname",
    aliases: &["create svc externalname"],
    run: |kubectl| {
        required(kubectl, &["external-name"])?;
        run(kubectl, "ExternalName")
    },
};

fn run(kubectl: &mut Kubectl, kind: &'static str) -> Outcome {
    let name = one_name(kubectl)?;
    let arguments = kubectl.arguments.clone();
    let address = arguments.text("clusterip").filter(|address| !address.is_empty());
    let is_headless = address.is_some_and(|address| &**address == "None");
    let mut ports = Vec::new();
    for written in arguments.list("tcp") {
        match port(written, arguments.number("node-port").filter(|port| *port != 0)) {
            Ok(port) => ports.push(port),
            Err(why) => return Err(kubectl.fail(why)),
        }
    }
    if ports.is_empty() && kind != "ExternalName" && !is_headless {
        return Err(kubectl.fail("at least one tcp port specifier must be provided".to_owned()));
    }
    if !ports.is_empty() && is_headless {
        return Err(kubectl.fail("can not map ports with clusterip=None".to_owned()));
    }
    let labels = object([("app", name.clone())]);
    let mut value = new(kubectl, Kind::Service, &name);
    value.set(&["metadata", "labels"], labels.clone());
    if let Some(address) = address {
        value.set(&["spec", "clusterIP"], address.clone());
    }
    if let Some(external) = arguments.text("external-name") {
        value.set(&["spec", "externalName"], external.clone());
    }
    if !ports.is_empty() {
        value.set(&["spec", "ports"], ports);
    }
    value.set(&["spec", "selector"], labels);
    value.set(&["spec", "type"], kind);
    value.set(&["status", "loadBalancer"], Value::object());
    send(kubectl, Kind::Service, value, |status| {
        Problem::Own(format!("failed to create {kind} service: {}", status.message))
    })
}

/// `80` or `80:8080` or `80:http`
fn port(written: &str, node_port: Option<i64>) -> Result<Value, String> {
    let (port, target) =
        written.split_once(':').map_or((written, None), |(port, target)| (port, Some(target)));
    // What stands behind a second colon does not count.
    let target = target.map(|target| target.split(':').next().unwrap_or(target));
    let number = port.parse::<u16>().map_err(|_| {
        let why = if port.chars().all(|c| c.is_ascii_digit()) && !port.is_empty() {
            "value out of range"
        } else {
            "invalid syntax"
        };
        format!("strconv.ParseUint: parsing {port:?}: {why}")
    })?;
    let target = match target {
        None => Value::from(i64::from(number)),
        Some(target) => target.parse::<i64>().map_or_else(|_| Value::from(Str::from(target)), Value::from),
    };
    let mut value = object([
        ("name", Value::from(written.replace(':', "-"))),
        ("port", i64::from(number).into()),
        ("protocol", "TCP".into()),
        ("targetPort", target),
    ]);
    if let Some(port) = node_port {
        value.set(&["nodePort"], port);
    }
    Ok(value)
}
