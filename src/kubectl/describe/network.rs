//! Ingresses, IngressClasses, NetworkPolicies and Endpoints.

use super::Text;
use crate::kubectl::fields::{list, name, number, plain, text};
use crate::value::Value;

/// What stands behind an Ingress: `Ok` with the endpoints of a Service, or why it cannot be told.
pub(super) type Behind = Result<String, String>;

/// The backend of an Ingress: `web:80 (10.244.1.2:80)`.
pub(super) fn backend(backend: &Value, behind: Option<&Behind>) -> String {
    if let Some(service) = backend.get("service") {
        let port = service.get("port").map_or_else(String::new, |port| match number(port, &["number"]) {
            0 => text(port, &["name"]).to_owned(),
            number => number.to_string(),
        });
        let told = format!("{}:{port}", text(service, &["name"]));
        return match behind {
            Some(Ok(endpoints)) => format!("{told} ({endpoints})"),
            Some(Err(why)) => format!("{told} (<error: {why}>)"),
            None => told,
        };
    }
    let Some(resource) = backend.get("resource") else { return String::new() };
    let group = resource.get("apiGroup").map_or("<none>".into(), plain);
    format!("APIGroup: {group}, Kind: {}, Name: {}", text(resource, &["kind"]), text(resource, &["name"]))
}

/// The backends that an Ingress names, the default one first.
pub(super) fn backends(ingress: &Value) -> impl Iterator<Item = &Value> {
    let rules = list(ingress, &["spec", "rules"]).iter();
    let paths = rules.flat_map(|rule| list(rule, &["http", "paths"])).filter_map(|path| path.get("backend"));
    ingress.at(&["spec", "defaultBackend"]).into_iter().chain(paths)
}

/// An Ingress; what stands behind each of its backends is told in their order.
pub(super) fn ingress(out: &mut Text, value: &Value, behind: &[Behind]) {
    out.line(0, format!("Name:\t{}", name(value)));
    out.labels("Labels", value, &["metadata", "labels"]);
    out.line(0, format!("Namespace:\t{}", text(value, &["metadata", "namespace"])));
    let balancers = list(value, &["status", "loadBalancer", "ingress"]).iter();
    let mut addresses: Vec<&str> = balancers
        .map(|at| Some(text(at, &["ip"])).filter(|ip| !ip.is_empty()).unwrap_or(text(at, &["hostname"])))
        .filter(|address| !address.is_empty())
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    out.line(0, format!("Address:\t{}", addresses.join(",")));
    let class = value.at(&["spec", "ingressClassName"]).map_or("<none>".into(), plain);
    out.line(0, format!("Ingress Class:\t{class}"));
    let mut behind = behind.iter();
    let default = value.at(&["spec", "defaultBackend"]);
    let default = default.map_or("<default>".into(), |default| backend(default, behind.next()));
    out.line(0, format!("Default backend:\t{default}"));
    let tls = list(value, &["spec", "tls"]);
    if !tls.is_empty() {
        out.line(0, "TLS:");
    }
    for tls in tls {
        let hosts: Vec<String> = list(tls, &["hosts"]).iter().map(plain).collect();
        out.line(
            1,
            match text(tls, &["secretName"]) {
                "" => format!("SNI routes {}", hosts.join(",")),
                secret => format!("{secret} terminates {}", hosts.join(",")),
            },
        );
    }
    out.line(0, "Rules:\n  Host\tPath\tBackends");
    out.line(1, "----\t----\t--------");
    let mut has_rules = false;
    for rule in list(value, &["spec", "rules"]).iter().filter(|rule| rule.get("http").is_some()) {
        has_rules = true;
        let host = Some(text(rule, &["host"])).filter(|host| !host.is_empty()).unwrap_or("*");
        out.line(1, format!("{host}\t"));
        for path in list(rule, &["http", "paths"]) {
            let told = path.get("backend").map_or_else(String::new, |to| backend(to, behind.next()));
            out.line(2, format!("\t{} \t{told}", text(path, &["path"])));
        }
    }
    if !has_rules {
        out.line(1, format!("*\t*\t{default}"));
    }
    out.annotations("Annotations", value);
}

/// An IngressClass.
pub(super) fn ingress_class(out: &mut Text, value: &Value) {
    out.line(0, format!("Name:\t{}", name(value)));
    out.labels_and_annotations(value);
    out.line(0, format!("Controller:\t{}", text(value, &["spec", "controller"])));
    let Some(parameters) = value.at(&["spec", "parameters"]) else { return };
    out.line(0, "Parameters:");
    if let Some(group) = parameters.get("apiGroup") {
        out.line(1, format!("APIGroup:\t{}", plain(group)));
    }
    out.line(1, format!("Kind:\t{}", text(parameters, &["kind"])));
    out.line(1, format!("Name:\t{}", text(parameters, &["name"])));
}

/// A NetworkPolicy.
pub(super) fn network_policy(out: &mut Text, value: &Value) {
    out.head(value);
    let created =
        text(value, &["metadata", "creationTimestamp"]).replace('T', " ").replace('Z', " +0000 UTC");
    out.line(0, format!("Created on:\t{created}"));
    out.labels_and_annotations(value);
    out.line(0, "Spec:");
    let spec = value.get("spec").unwrap_or(value);
    let selected = match spec.get("podSelector").map(super::selector_text) {
        Some(selector) if selector != "<none>" => selector,
        _ => "<none> (Allowing the specific traffic to all pods in this namespace)".to_owned(),
    };
    out.line(1, format!("PodSelector:     {selected}"));
    let types: Vec<String> = list(spec, &["policyTypes"]).iter().map(plain).collect();
    for (kind, way, field, peers) in
        [("Ingress", "ingress", "ingress", "from"), ("Egress", "egress", "egress", "to")]
    {
        if types.iter().any(|known| known == kind) {
            out.line(1, format!("Allowing {way} traffic:"));
            rules(out, way, list(spec, &[field]), peers);
        } else {
            out.line(1, format!("Not affecting {way} traffic"));
        }
    }
    let types = if types.is_empty() { "<none>".to_owned() } else { types.join(", ") };
    out.line(1, format!("Policy Types: {types}"));
}

/// The rules of a NetworkPolicy for one way.
fn rules(out: &mut Text, way: &str, rules: &[Value], peers: &str) {
    let mut line = |level: usize, text: String| out.line(level, format!("    {text}"));
    if rules.is_empty() {
        return line(0, format!("<none> (Selected pods are isolated for {way} connectivity)"));
    }
    let (title, whence) = if peers == "from" { ("From", "source") } else { ("To", "destination") };
    for (place, rule) in rules.iter().enumerate() {
        let ports = list(rule, &["ports"]);
        if ports.is_empty() {
            line(0, "To Port: <any> (traffic allowed to all ports)".to_owned());
        }
        for port in ports {
            let protocol = port.get("protocol").map_or("TCP".into(), plain);
            let number = port.get("port").map_or("<nil>".into(), plain);
            line(
                0,
                match port.get("endPort") {
                    None => format!("To Port: {number}/{protocol}"),
                    Some(end) => format!("To Port Range: {number}-{}/{protocol}", plain(end)),
                },
            );
        }
        let all = list(rule, &[peers]);
        if all.is_empty() {
            line(0, format!("{title}: <any> (traffic not restricted by {whence})"));
        }
        for peer in all {
            line(0, format!("{title}:"));
            for (field, name) in [("namespaceSelector", "NamespaceSelector"), ("podSelector", "PodSelector")]
            {
                if let Some(selector) = peer.get(field) {
                    line(1, format!("{name}: {}", super::selector_text(selector)));
                }
            }
            if let Some(block) = peer.get("ipBlock") {
                let except: Vec<String> = list(block, &["except"]).iter().map(plain).collect();
                line(1, "IPBlock:".to_owned());
                line(2, format!("CIDR: {}", text(block, &["cidr"])));
                line(2, format!("Except: {}", except.join(", ")));
            }
        }
        if place + 1 < rules.len() {
            line(0, "----------".to_owned());
        }
    }
}

/// Endpoints.
pub(super) fn endpoints(out: &mut Text, value: &Value) {
    out.head(value);
    out.labels_and_annotations(value);
    out.line(0, "Subsets:");
    for subset in list(value, &["subsets"]) {
        let addresses = |field: &str| {
            let all: Vec<&str> = list(subset, &[field]).iter().map(|at| text(at, &["ip"])).collect();
            if all.is_empty() { "<none>".to_owned() } else { all.join(",") }
        };
        out.line(1, format!("Addresses:\t{}", addresses("addresses")));
        out.line(1, format!("NotReadyAddresses:\t{}", addresses("notReadyAddresses")));
        let ports = list(subset, &["ports"]);
        if !ports.is_empty() {
            out.line(1, "Ports:");
            out.line(2, "Name\tPort\tProtocol");
            out.line(2, "----\t----\t--------");
        }
        for port in ports {
            let own = Some(text(port, &["name"])).filter(|name| !name.is_empty()).unwrap_or("<unset>");
            out.line(2, format!("{own}\t{}\t{}", number(port, &["port"]), text(port, &["protocol"])));
        }
        out.line(0, "");
    }
}
