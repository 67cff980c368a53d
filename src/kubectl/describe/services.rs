//! Services and EndpointSlices.

use super::Text;
use crate::kubectl::fields::{list, number, plain, text};
use crate::kubectl::print::columns;
use crate::value::Value;

/// A Service with its slices.
pub(super) fn service(out: &mut Text, value: &Value, slices: &[Value]) {
    out.head(value);
    out.labels_and_annotations(value);
    out.line(0, format!("Selector:\t{}", columns::labels(value, &["spec", "selector"])));
    let spec = |field| text(value, &["spec", field]);
    let joined = |field| {
        let all: Vec<&str> = list(value, &["spec", field]).iter().filter_map(Value::as_str).collect();
        if all.is_empty() { "<none>".to_owned() } else { all.join(",") }
    };
    out.line(0, format!("Type:\t{}", spec("type")));
    if !spec("ipFamilyPolicy").is_empty() {
        out.line(0, format!("IP Family Policy:\t{}", spec("ipFamilyPolicy")));
    }
    out.line(0, format!("IP Families:\t{}", joined("ipFamilies")));
    out.line(0, format!("IP:\t{}", spec("clusterIP")));
    out.line(0, format!("IPs:\t{}", joined("clusterIPs")));
    if value.at(&["spec", "externalIPs"]).is_some() {
        out.line(0, format!("External IPs:\t{}", joined("externalIPs")));
    }
    if !spec("loadBalancerIP").is_empty() {
        out.line(0, format!("Desired LoadBalancer IP:\t{}", spec("loadBalancerIP")));
    }
    if !spec("externalName").is_empty() {
        out.line(0, format!("External Name:\t{}", spec("externalName")));
    }
    let balancers: Vec<String> = list(value, &["status", "loadBalancer", "ingress"])
        .iter()
        .map(|at| match (text(at, &["ip"]), text(at, &["ipMode"])) {
            ("", _) => text(at, &["hostname"]).to_owned(),
            (ip, "") => ip.to_owned(),
            (ip, mode) => format!("{ip} ({mode})"),
        })
        .collect();
    if !balancers.is_empty() {
        out.line(0, format!("LoadBalancer Ingress:\t{}", balancers.join(", ")));
    }
    for port in list(value, &["spec", "ports"]) {
        let own = text(port, &["name"]);
        let (name, protocol) = (if own.is_empty() { "<unset>" } else { own }, text(port, &["protocol"]));
        out.line(0, format!("Port:\t{name}\t{}/{protocol}", number(port, &["port"])));
        let target = port.get("targetPort").map(plain).unwrap_or_default();
        out.line(0, format!("TargetPort:\t{target}/{protocol}"));
        if let Some(protocol) = port.get("appProtocol") {
            out.line(0, format!("AppProtocol:\t{}", plain(protocol)));
        }
        if number(port, &["nodePort"]) > 0 {
            out.line(0, format!("NodePort:\t{name}\t{}/{protocol}", number(port, &["nodePort"])));
        }
        out.line(0, format!("Endpoints:\t{}", endpoints(slices, own)));
    }
    out.line(0, format!("Session Affinity:\t{}", spec("sessionAffinity")));
    for (field, title) in [
        ("externalTrafficPolicy", "External Traffic Policy"),
        ("internalTrafficPolicy", "Internal Traffic Policy"),
    ] {
        if !spec(field).is_empty() {
            out.line(0, format!("{title}:\t{}", spec(field)));
        }
    }
    if number(value, &["spec", "healthCheckNodePort"]) > 0 {
        let port = number(value, &["spec", "healthCheckNodePort"]);
        out.line(0, format!("HealthCheck NodePort:\t{port}"));
    }
    if value.at(&["spec", "loadBalancerSourceRanges"]).is_some() {
        out.line(0, format!("LoadBalancer Source Ranges:\t{}", joined("loadBalancerSourceRanges")));
    }
    if !spec("trafficDistribution").is_empty() {
        out.line(0, format!("Traffic Distribution:\t{}", spec("trafficDistribution")));
    }
}

/// The ready endpoints behind the port of a Service that a backend names.
pub(super) fn endpoints_behind(service: &Value, port: &Value, slices: &[Value]) -> String {
    let is_it = |own: &&Value| match number(port, &["number"]) {
        0 => text(own, &["name"]) == text(port, &["name"]),
        wanted => number(own, &["port"]) == wanted,
    };
    let own = list(service, &["spec", "ports"]).iter().find(is_it);
    endpoints(slices, own.map_or("", |own| text(own, &["name"])))
}

/// The ready endpoints behind a port, at most three.
fn endpoints(slices: &[Value], port_name: &str) -> String {
    if slices.is_empty() {
        return "<none>".into();
    }
    let mut all = Vec::new();
    for slice in slices {
        for port in list(slice, &["ports"]).iter().filter(|port| text(port, &["name"]) == port_name) {
            for endpoint in list(slice, &["endpoints"]) {
                let is_ready = endpoint.at(&["conditions", "ready"]).and_then(Value::as_bool).unwrap_or(true);
                if let Some(address) = list(endpoint, &["addresses"]).first().filter(|_| is_ready) {
                    all.push(format!("{}:{}", plain(address), number(port, &["port"])));
                }
            }
        }
    }
    match all.len() {
        0..=3 => all.join(","),
        more => format!("{} + {} more...", all[..3].join(","), more - 3),
    }
}

/// An EndpointSlice.
pub(super) fn endpoint_slice(out: &mut Text, value: &Value) {
    out.head(value);
    out.labels_and_annotations(value);
    out.line(0, format!("AddressType:\t{}", text(value, &["addressType"])));
    let ports = list(value, &["ports"]);
    if ports.is_empty() {
        out.line(0, "Ports: <unset>");
    } else {
        out.line(0, "Ports:");
        out.line(1, "Name\tPort\tProtocol");
        out.line(1, "----\t----\t--------");
    }
    for port in ports {
        let name = Some(text(port, &["name"])).filter(|name| !name.is_empty()).unwrap_or("<unset>");
        let number = port.get("port").map(plain).unwrap_or("<unset>".into());
        out.line(1, format!("{name}\t{number}\t{}", text(port, &["protocol"])));
    }
    let all = list(value, &["endpoints"]);
    out.line(0, if all.is_empty() { "Endpoints: <none>" } else { "Endpoints:" });
    for endpoint in all {
        let unset = |path: &[&str]| endpoint.at(path).map(plain).unwrap_or("<unset>".into());
        let addresses: Vec<String> = list(endpoint, &["addresses"]).iter().map(plain).collect();
        out.line(1, format!("- Addresses:\t{}", addresses.join(", ")));
        out.line(2, "Conditions:");
        out.line(3, format!("Ready:\t{}", unset(&["conditions", "ready"])));
        out.line(2, format!("Hostname:\t{}", unset(&["hostname"])));
        if let Some(target) = endpoint.get("targetRef") {
            out.line(2, format!("TargetRef:\t{}/{}", text(target, &["kind"]), text(target, &["name"])));
        }
        out.line(2, format!("NodeName:\t{}", unset(&["nodeName"])));
        out.line(2, format!("Zone:\t{}", unset(&["zone"])));
    }
}
