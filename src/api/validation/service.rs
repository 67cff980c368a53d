//! Services and their endpoints (upstream: validateService, ValidateEndpoints, ValidateEndpointSlice).

use super::at::At;
use super::errors::Errors;
use super::{container, formats, meta, shapes};
use crate::api::field_error::FieldError;
use crate::api::names::{label_errors, label_key_errors, label_value_errors, subdomain_errors};
use crate::value::Value;
use std::collections::BTreeSet;

const PROTOCOLS: &[&str] = &["SCTP", "TCP", "UDP"];
const BALANCED_ONLY: &str = "may only be used when `type` is 'LoadBalancer'";

/// A Service.
pub(super) fn service(root: &At, errors: &mut Errors) {
    let at = root.field("spec");
    let kind = at.str("type");
    // The address and the list of addresses are one thing.
    let addresses = addresses(&at);
    let list = addresses.as_array().unwrap_or_default();
    let is_headless = list.first().and_then(Value::as_str) == Some("None");
    let ports = at.field("ports");
    if ports.is_empty() && !is_headless && kind != "ExternalName" {
        errors.required(&ports, "");
    }
    match kind {
        "LoadBalancer" | "NodePort" if is_headless => {
            let why = format!("may not be set to 'None' for {kind} services");
            errors.push(FieldError::invalid("spec.clusterIPs[0]", "None", why));
        }
        "ExternalName" => external_name(&at, list.is_empty(), errors),
        _ => {}
    }
    each_port(&ports, is_headless, errors);
    meta::labels(&at.field("selector"), errors);
    affinity(&at, errors);
    if kind != "ExternalName" {
        cluster_ips(&at, &addresses, is_headless, errors);
    }
    for address in at.field("externalIPs").items() {
        let whys = formats::ip(address.text());
        if whys.is_empty() {
            errors.names(&address, formats::endpoint_ip(address.text()));
        }
        for why in whys {
            errors.invalid(&address, why);
        }
    }
    errors.one_of(&at.field("type"), &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
    if kind == "ClusterIP" {
        for port in ports.items().filter(|port| port.int("nodePort").unwrap_or(0) != 0) {
            errors.forbidden(&port.field("nodePort"), "may not be used when `type` is 'ClusterIP'");
        }
    }
    twice(&ports, errors);
    ranges(root, kind, errors);
    let allocates = at.field("allocateLoadBalancerNodePorts");
    if allocates.is_there() && kind != "LoadBalancer" {
        errors.forbidden(&allocates, BALANCED_ONLY);
    }
    let class = at.field("loadBalancerClass");
    if class.is_there() {
        match kind {
            "LoadBalancer" => errors.names(&class, label_key_errors(class.text())),
            _ => errors.forbidden(&class, BALANCED_ONLY),
        }
    }
    policies(&at, kind, errors);
    errors.one_of(&at.field("trafficDistribution"), &["PreferClose", "PreferSameZone", "PreferSameNode"]);
}

/// All addresses of a Service.
fn addresses(at: &At) -> Value {
    let list = at.field("clusterIPs");
    if list.is_empty() && !at.str("clusterIP").is_empty() {
        return Value::from(vec![Value::from(at.str("clusterIP"))]);
    }
    list.value.clone()
}

fn external_name(at: &At, has_no_address: bool, errors: &mut Errors) {
    let why = "may not be set for ExternalName services";
    if !has_no_address {
        errors.forbidden(&at.field("clusterIPs"), why);
    }
    if !at.field("ipFamilies").is_empty() {
        errors.forbidden(&at.field("ipFamilies"), why);
    }
    if at.has("ipFamilyPolicy") {
        errors.forbidden(&at.field("ipFamilyPolicy"), why);
    }
    let field = at.field("externalName");
    let name = field.text().strip_suffix('.').unwrap_or(field.text());
    if name.is_empty() {
        errors.required(&field, "");
    }
    for why in if name.is_empty() { Vec::new() } else { subdomain_errors(name) } {
        errors.invalid_as(&field, name, why);
    }
}

fn each_port(ports: &At, _is_headless: bool, errors: &mut Errors) {
    let mut names = BTreeSet::new();
    for port in ports.items() {
        let name = port.field("name");
        if name.is_empty() {
            if ports.list().len() > 1 {
                errors.required(&name, "");
            }
        } else {
            errors.names(&name, label_errors(name.text()));
            if !names.insert(port.str("name").to_owned()) {
                errors.duplicate(&name, name.text());
            }
        }
        let number = port.int("port").unwrap_or(0);
        errors.range(&port.field("port"), 1, 65_535);
        errors.one_of(&port.field("protocol"), PROTOCOLS);
        let target = port.field("targetPort");
        match target.value {
            // What is not given is the port.
            Value::Null | Value::Int(0) => {
                if let Some(why) = formats::port(number) {
                    errors.invalid_as(&target, number, why);
                }
            }
            Value::String(text) if text.is_empty() => {
                if let Some(why) = formats::port(number) {
                    errors.invalid_as(&target, number, why);
                }
            }
            _ => container::port_or_name(&target, errors),
        }
        let protocol = port.field("appProtocol");
        if protocol.is_there() {
            errors.names(&protocol, label_key_errors(protocol.text()));
        }
    }
}

fn affinity(at: &At, errors: &mut Errors) {
    const WHEN: &str = "when session affinity type is ClientIP";
    let kind = at.field("sessionAffinity");
    errors.one_of(&kind, &["ClientIP", "None"]);
    let config = at.field("sessionAffinityConfig");
    // Where there is no affinity, the defaults take its configuration away.
    if kind.text() != "ClientIP" {
        return;
    }
    let client = config.field("clientIP");
    let timeout = client.field("timeoutSeconds");
    if let Some(missing) = [&config, &client, &timeout].into_iter().find(|at| !at.is_there()) {
        return errors.required(missing, WHEN);
    }
    if !(1..=86_400).contains(&timeout.value.as_int().unwrap_or(0)) {
        errors.invalid(&timeout, "must be greater than 0 and less than 86400");
    }
}

fn cluster_ips(at: &At, addresses: &Value, is_headless: bool, errors: &mut Errors) {
    let list = at.field("clusterIPs");
    let place = |i: usize| format!("{}[{i}]", list.path());
    let items = addresses.as_array().unwrap_or_default();
    let texts: Vec<&str> = items.iter().map(|item| item.as_str().unwrap_or("")).collect();
    let first = at.str("clusterIP");
    let whole = |errors: &mut Errors, why: &str| errors.invalid_as(&list, addresses.clone(), why);
    if !first.is_empty() && texts.first() != Some(&first) {
        whole(errors, "first value must match `clusterIP`");
    }
    if first.is_empty() && !list.is_empty() {
        whole(errors, "must be empty when `clusterIP` is not specified");
    }
    let mut seen = BTreeSet::new();
    let families = at.field("ipFamilies");
    for family in families.items() {
        if !matches!(family.text(), "IPv4" | "IPv6") {
            errors.unsupported(&family, &["IPv4", "IPv6"]);
        }
        if !seen.insert(family.text().to_owned()) {
            errors.duplicate(&family, family.text());
        }
    }
    errors.one_of(&at.field("ipFamilyPolicy"), &["PreferDualStack", "RequireDualStack", "SingleStack"]);
    let mut is_wrong = false;
    for (i, text) in texts.iter().enumerate() {
        if i == 0 && *text == "None" {
            if texts.len() > 1 {
                is_wrong = true;
                whole(errors, "'None' must be the first and only value");
            }
            continue;
        }
        for why in formats::ip(text) {
            is_wrong = true;
            errors.push(FieldError::invalid(place(i), *text, why));
        }
    }
    if texts.len() > 2 {
        whole(errors, "may only hold up to 2 values");
    }
    if is_wrong {
        return;
    }
    let six: Vec<bool> = texts.iter().map(|text| formats::is_ipv6(text)).collect();
    if texts.len() > 1 && six.iter().all(|it| *it == six[0]) {
        whole(errors, "may specify no more than one IP for each IP family");
    }
    if is_headless {
        return;
    }
    for (i, (family, is_six)) in families.items().zip(&six).enumerate() {
        let expected = match (family.text(), is_six) {
            ("IPv4", true) => "IPv4",
            ("IPv6", false) => "IPv6",
            _ => continue,
        };
        let why = format!("expected an {expected} value as indicated by `ipFamilies[{i}]`");
        errors.push(FieldError::invalid(place(i), texts[i], why));
    }
}

fn twice(ports: &At, errors: &mut Errors) {
    let mut nodes = BTreeSet::new();
    for port in ports.items() {
        let node = port.int("nodePort").unwrap_or(0);
        if node != 0 && !nodes.insert((port.str("protocol").to_owned(), node)) {
            errors.duplicate(&port.field("nodePort"), node);
        }
    }
    let mut numbers = BTreeSet::new();
    for port in ports.items() {
        let (protocol, number) = (port.str("protocol"), port.int("port").unwrap_or(0));
        if !numbers.insert((protocol.to_owned(), number)) {
            let mut key = Value::object();
            key.set(&["protocol"], protocol);
            key.set(&["port"], number);
            let printed = crate::api::internal::compact("ServicePort", &key);
            errors.push(FieldError::duplicate(port.path(), Value::Null).with_value(printed));
        }
    }
}

fn ranges(root: &At, kind: &str, errors: &mut Errors) {
    const ANNOTATION: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";
    let spec = root.field("spec");
    let ranges = spec.field("loadBalancerSourceRanges");
    if !ranges.is_empty() {
        // Upstream writes it so.
        let place = ranges.named("LoadBalancerSourceRanges");
        if kind != "LoadBalancer" {
            errors.forbidden(&place, BALANCED_ONLY);
        }
        for range in place.items() {
            let text = range.text().trim();
            if let Some(why) = formats::cidr(text) {
                errors.invalid_as(&range, text, why);
            }
        }
        return;
    }
    let metadata = root.field("metadata");
    let annotations = metadata.field("annotations");
    let given = annotations.key(ANNOTATION);
    if given.is_there() {
        if kind != "LoadBalancer" {
            errors.forbidden(&given, BALANCED_ONLY);
        }
        for text in given.text().split(',').map(str::trim).filter(|_| !given.text().trim().is_empty()) {
            if let Some(why) = formats::cidr(text) {
                errors.invalid_as(&given, text, why);
            }
        }
    }
}

fn policies(at: &At, kind: &str, errors: &mut Errors) {
    let external = at.field("externalTrafficPolicy");
    let has_address = !at.field("externalIPs").is_empty();
    let is_external = matches!(kind, "LoadBalancer" | "NodePort") || (kind == "ClusterIP" && has_address);
    if !is_external {
        if !external.is_empty() {
            errors.invalid(&external, "may only be set for externally-accessible services");
        }
    } else if external.is_there() {
        errors.one_of(&external, &["Cluster", "Local"]);
    }
    let check = at.field("healthCheckNodePort");
    let number = check.value.as_int().unwrap_or(0);
    if kind == "LoadBalancer" && external.text() == "Local" {
        if number != 0 {
            errors.range(&check, 1, 65_535);
        }
    } else if number != 0 {
        let why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
        errors.invalid(&check, why);
    }
    errors.one_of(&at.field("internalTrafficPolicy"), &["Cluster", "Local"]);
}

/// Endpoints.
pub(super) fn endpoints(root: &At, errors: &mut Errors) {
    for subset in root.field("subsets").items() {
        let lists = [subset.field("addresses"), subset.field("notReadyAddresses")];
        if lists.iter().all(At::is_empty) {
            errors.required(&subset, "must specify `addresses` or `notReadyAddresses`");
        }
        for address in lists.iter().flat_map(At::items) {
            let ip = address.field("ip");
            for why in formats::ip(ip.text()) {
                errors.invalid(&ip, why);
            }
            for name in ["hostname", "nodeName"] {
                let field = address.field(name);
                if !field.is_empty() {
                    let whys = if name == "hostname" {
                        label_errors(field.text())
                    } else {
                        subdomain_errors(field.text())
                    };
                    errors.names(&field, whys);
                }
            }
            errors.names(&ip, formats::endpoint_ip(ip.text()));
        }
        let ports = subset.field("ports");
        for port in ports.items() {
            let name = port.field("name");
            match name.text() {
                "" if ports.list().len() > 1 => errors.required(&name, ""),
                "" => {}
                text => errors.names(&name, label_errors(text)),
            }
            errors.range(&port.field("port"), 1, 65_535);
            errors.one_of(&port.field("protocol"), PROTOCOLS);
            let protocol = port.field("appProtocol");
            if protocol.is_there() {
                errors.names(&protocol, label_key_errors(protocol.text()));
            }
        }
    }
}

/// An EndpointSlice.
pub(super) fn endpoint_slice(root: &At, errors: &mut Errors) {
    const TYPES: &[&str] = &["FQDN", "IPv4", "IPv6"];
    let kind = root.field("addressType");
    if kind.is_empty() {
        errors.required_late(&kind);
    } else if !TYPES.contains(&kind.text()) {
        errors.push_late(FieldError::unsupported(kind.path(), kind.text(), TYPES));
    }
    let ports = root.field("ports");
    let mut names = BTreeSet::new();
    for port in ports.items() {
        let name = port.field("name");
        if !name.is_empty() {
            errors.names(&name, label_errors(name.text()));
        }
        if !names.insert(port.str("name").to_owned()) {
            errors.duplicate(&name, name.text());
        }
        errors.one_of(&port.field("protocol"), PROTOCOLS);
        shapes::check("EndpointSlicePort", &port, errors);
    }
    let endpoints = root.field("endpoints");
    errors.too_many(&endpoints, 1_000);
    for endpoint in endpoints.items() {
        let addresses = endpoint.field("addresses");
        if addresses.is_empty() {
            errors.required_late(&addresses);
        }
        for address in addresses.items() {
            slice_address(&addresses, &address, kind.text(), errors);
        }
        shapes::check("Endpoint", &endpoint, errors);
        meta::labels(&endpoint.field("deprecatedTopology"), errors);
        let hints = endpoint.field("hints");
        for (list, form) in
            [("forZones", label_value_errors as fn(&str) -> Vec<String>), ("forNodes", subdomain_errors)]
        {
            let mut seen = BTreeSet::new();
            for hint in hints.field(list).items() {
                let name = hint.field("name");
                if !seen.insert(hint.str("name").to_owned()) {
                    errors.duplicate(&name, name.text());
                }
                errors.names(&name, form(name.text()));
            }
        }
    }
}

fn slice_address(list: &At, at: &At, kind: &str, errors: &mut Errors) {
    let text = at.text();
    if kind == "FQDN" {
        if text.is_empty() {
            return errors.required(at, "");
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let whys = subdomain_errors(name);
        if !whys.is_empty() {
            return errors.invalid_as(at, name, whys.join(","));
        }
        if !name.contains('.') {
            return errors.invalid_as(
                at,
                name,
                "should be a domain with at least two segments separated by dots",
            );
        }
        return;
    }
    let whys = formats::ip(text);
    if whys.is_empty() {
        if (kind == "IPv6") != formats::is_ipv6(text) {
            errors.invalid_as(list, text, format!("must be an {kind} address"));
        }
        errors.names(at, formats::endpoint_ip(text));
    }
    for why in whys {
        errors.invalid(at, why);
    }
}
