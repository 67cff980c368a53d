//! Ingresses and policies of the network (upstream: pkg/apis/networking/validation).

use super::at::At;
use super::errors::Errors;
use super::{container, formats, meta};
use crate::api::field_error::FieldError;
use crate::api::names::{label_errors, path_segment_errors, port_name_errors, subdomain_errors};
use crate::value::Value;

const ABSOLUTE: &str = "must be an absolute path";

/// An Ingress.
pub(super) fn ingress(root: &At, errors: &mut Errors) {
    const ANNOTATION: &str = "kubernetes.io/ingress.class";
    let at = root.field("spec");
    let (rules, backend) = (at.field("rules"), at.field("defaultBackend"));
    if rules.is_empty() && !backend.is_there() {
        let value = if rules.is_there() { rules.value.clone() } else { Value::Null };
        errors.invalid_as(&at, value, "either `defaultBackend` or `rules` must be specified");
    }
    if backend.is_there() {
        ingress_backend(&backend, errors);
    }
    for rule in rules.items() {
        let host = rule.field("host");
        if !host.is_empty() {
            if formats::is_ip(host.text()) {
                errors.invalid(&host, "must be a DNS name, not an IP address");
            }
            errors.names(&host, domain(host.text()));
        }
        let http = rule.field("http");
        if http.is_there() {
            let paths = http.field("paths");
            if paths.is_empty() {
                errors.required(&paths, "");
            }
            paths.items().for_each(|path| ingress_path(&path, errors));
        }
    }
    for tls in at.field("tls").items() {
        for host in tls.field("hosts").items() {
            errors.names(&host, domain(host.text()));
        }
        let secret = tls.field("secretName");
        if !secret.is_empty() {
            errors.names(&secret, subdomain_errors(secret.text()));
        }
    }
    let class = at.field("ingressClassName");
    if class.is_there() {
        errors.names(&class, subdomain_errors(class.text()));
    }
    let metadata = root.field("metadata");
    let old = metadata.field("annotations");
    let old = old.key(ANNOTATION);
    if old.is_there() && class.is_there() && old.text() != class.text() {
        let place = format!("annotations.{ANNOTATION}");
        let why = "must match `ingressClassName` when both are specified";
        errors.push(FieldError::invalid(place, old.text(), why));
    }
}

/// A name of a host, or of all hosts of a domain.
fn domain(text: &str) -> Vec<String> {
    if text.contains('*') { formats::wildcard(text) } else { subdomain_errors(text) }
}

fn ingress_path(at: &At, errors: &mut Errors) {
    let (kind, path) = (at.field("pathType"), at.field("path"));
    let text = path.text();
    match kind.text() {
        "" if !kind.is_there() => return errors.required(&kind, "pathType must be specified"),
        "Exact" | "Prefix" => {
            if !text.starts_with('/') {
                errors.invalid(&path, ABSOLUTE);
            }
            for part in ["//", "/./", "/../", "%2f", "%2F"] {
                if text.contains(part) {
                    errors.invalid(&path, format!("must not contain '{part}'"));
                }
            }
            for end in ["/..", "/."] {
                if text.ends_with(end) {
                    errors.invalid(&path, format!("cannot end with '{end}'"));
                }
            }
        }
        "ImplementationSpecific" => {
            if !text.is_empty() && !text.starts_with('/') {
                errors.invalid(&path, ABSOLUTE);
            }
        }
        _ => errors.unsupported(&kind, &["Exact", "ImplementationSpecific", "Prefix"]),
    }
    ingress_backend(&at.field("backend"), errors);
}

fn ingress_backend(at: &At, errors: &mut Errors) {
    let (resource, service) = (at.field("resource"), at.field("service"));
    match (resource.is_there(), service.is_there()) {
        (true, true) => errors.invalid_as(at, "", "cannot set both resource and service backends"),
        (true, false) => parameters(&resource, false, errors),
        (false, true) => {
            let name = service.field("name");
            match name.text() {
                "" => errors.required(&name, ""),
                text => errors.names(&name, label_errors(text)),
            }
            let port = service.field("port");
            let (by_name, number) = (port.field("name"), port.field("number"));
            match (!by_name.is_empty(), number.value.as_int().unwrap_or(0) != 0) {
                (true, true) => errors.invalid_as(at, "", "cannot set both port name & port number"),
                (true, false) => errors.names(&by_name, port_name_errors(by_name.text())),
                (false, true) => errors.range(&number, 1, 65_535),
                (false, false) => errors.required(at, "port name or number is required"),
            }
        }
        (false, false) => errors.invalid_as(at, "", "resource or service backend is required"),
    }
}

/// An object that is named by its kind. Where `is_late`, what is missing is told at the end.
fn parameters(at: &At, is_late: bool, errors: &mut Errors) {
    let group = at.field("apiGroup");
    if group.is_there() {
        errors.names(&group, subdomain_errors(group.text()));
    }
    for name in ["kind", "name"] {
        let field = at.field(name);
        match field.text() {
            "" if is_late => errors.required_late(&field),
            "" => errors.required(&field, ""),
            text => errors.names(&field, path_segment_errors(text)),
        }
    }
}

/// An IngressClass.
pub(super) fn ingress_class(at: &At, errors: &mut Errors) {
    let controller = at.field("controller");
    if controller.text().len() > 250 {
        errors.push(FieldError::too_long(controller.path(), 250));
    }
    if controller.is_empty() {
        errors.required(&controller, "");
    } else {
        for (value, why) in formats::domain_path(controller.text()) {
            errors.invalid_as(&controller, value, why);
        }
    }
    let given = at.field("parameters");
    if !given.is_there() {
        return;
    }
    parameters(&given, true, errors);
    let (scope, namespace) = (given.field("scope"), given.field("namespace"));
    match scope.text() {
        "Namespace" if !namespace.is_there() => {
            errors.required(&namespace, "`parameters.scope` is set to 'Namespace'");
        }
        "Namespace" => errors.names(&namespace, label_errors(namespace.text())),
        "Cluster" if namespace.is_there() => {
            errors.forbidden(&namespace, "`parameters.scope` is set to 'Cluster'");
        }
        "Cluster" => {}
        _ => errors.unsupported(&scope, &["Cluster", "Namespace"]),
    }
}

/// A NetworkPolicy.
pub(super) fn network_policy(at: &At, errors: &mut Errors) {
    meta::selector(&at.field("podSelector"), errors);
    for (list, peers) in [("ingress", "from"), ("egress", "to")] {
        for rule in at.field(list).items() {
            rule.field("ports").items().for_each(|port| policy_port(&port, errors));
            rule.field(peers).items().for_each(|peer| policy_peer(&peer, errors));
        }
    }
    let types = at.field("policyTypes");
    if types.list().len() > 2 {
        return errors.invalid(&types, "may not specify more than two policyTypes");
    }
    for kind in types.items().filter(|kind| !matches!(kind.text(), "Ingress" | "Egress")) {
        errors.unsupported(&kind, &["Ingress", "Egress"]);
    }
}

fn policy_port(at: &At, errors: &mut Errors) {
    errors.one_of(&at.field("protocol"), &["TCP", "UDP", "SCTP"]);
    let (port, end) = (at.field("port"), at.field("endPort"));
    let last = end.value.as_int();
    match port.value {
        Value::Null if end.is_there() => {
            errors.invalid(&end, "may not be specified when `port` is not specified");
        }
        Value::Null => {}
        Value::Int(first) => {
            errors.range(&port, 1, 65_535);
            if last.is_some_and(|last| last < *first) {
                errors.invalid(&end, "must be greater than or equal to `port`");
            }
            if end.is_there() {
                errors.range(&end, 1, 65_535);
            }
        }
        _ => {
            if end.is_there() {
                errors.invalid(&end, "may not be specified when `port` is non-numeric");
            }
            container::port_or_name(&port, errors);
        }
    }
}

fn policy_peer(at: &At, errors: &mut Errors) {
    let (pods, namespaces, block) =
        (at.field("podSelector"), at.field("namespaceSelector"), at.field("ipBlock"));
    meta::selector(&pods, errors);
    meta::selector(&namespaces, errors);
    if block.is_there() {
        ip_block(&block, errors);
    }
    let count = [&pods, &namespaces, &block].into_iter().filter(|peer| peer.is_there()).count();
    if count == 0 {
        errors.required(at, "must specify a peer");
    } else if count > 1 && block.is_there() {
        errors.forbidden(at, "may not specify both ipBlock and another peer");
    }
}

fn ip_block(at: &At, errors: &mut Errors) {
    let cidr = at.field("cidr");
    if cidr.is_empty() {
        return errors.required_late(&cidr);
    }
    if let Some(why) = formats::cidr(cidr.text()) {
        errors.invalid(&cidr, why);
    }
    let Some((is_v6, bits, length)) = formats::cidr_parts(cidr.text()) else { return };
    for except in at.field("except").items() {
        if let Some(why) = formats::cidr(except.text()) {
            errors.invalid(&except, why);
        }
        let Some((other_v6, other, other_length)) = formats::cidr_parts(except.text()) else { continue };
        let is_within = is_v6 == other_v6
            && formats::masked(is_v6, other, length) == formats::masked(is_v6, bits, length)
            && length < other_length;
        if !is_within {
            errors.invalid(&except, "must be a strict subset of `cidr`");
        }
    }
}

/// An address that a Service has.
pub(super) fn ip_address(root: &At, errors: &mut Errors) {
    let metadata = root.field("metadata");
    let name = metadata.field("name");
    errors.names(&name, formats::ip(name.text()).into_iter().map(str::to_owned).collect());
    let spec = root.field("spec");
    let parent = spec.field("parentRef");
    if !parent.is_there() {
        return errors.required_late(&parent);
    }
    for name in ["resource", "name"] {
        if parent.str(name).is_empty() {
            errors.required_late(&parent.field(name));
        }
    }
}

/// The ranges that Services have their addresses from.
pub(super) fn service_cidr(spec: &At, errors: &mut Errors) {
    let ranges = spec.field("cidrs");
    match ranges.list().len() {
        0 => return errors.required(&ranges, "at least one CIDR required"),
        1 | 2 => {}
        _ => {
            // Upstream prints the struct that the list stands in.
            let mut whole = Value::object();
            whole.set(&["CIDRs"], ranges.value.clone());
            return errors.invalid_as(&ranges, whole, "may only hold up to 2 values");
        }
    }
    for range in ranges.items() {
        if let Some(why) = formats::cidr(range.text()) {
            errors.invalid(&range, why);
        }
    }
    let families: Vec<bool> =
        ranges.items().filter_map(|range| Some(formats::cidr_parts(range.text())?.0)).collect();
    if families.len() == 2 && families[0] == families[1] {
        let why = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
        errors.invalid(&ranges, why);
    }
}
