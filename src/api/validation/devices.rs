//! Devices that are allocated dynamically (upstream: pkg/apis/resource/validation). Expressions in CEL are not read.

use super::at::At;
use super::errors::Errors;
use super::{formats, meta};
use crate::api::field_error::FieldError;
use crate::api::names::{label_errors, subdomain_errors};
use crate::value::Value;
use std::collections::BTreeSet;

const WHICH_REQUEST: &str =
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
const IDENTIFIER: &str = "a valid C identifier must start with alphabetic character or '_', followed by a string of \
     alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is \
     '[A-Za-z_][A-Za-z0-9_]*')";

/// The spec of a ResourceClaim.
pub(super) fn claim(spec: &At, errors: &mut Errors) {
    let devices = spec.field("devices");
    let requests = devices.field("requests");
    for request in requests.items() {
        self::request(&request, errors);
    }
    for constraint in devices.field("constraints").items() {
        references(&constraint, &requests, errors);
        let (same, other) = (constraint.field("matchAttribute"), constraint.field("distinctAttribute"));
        if same.is_there() || other.is_there() {
            let named = if same.is_there() { &same } else { &other };
            full_name(named, errors);
        } else {
            let why = "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple fields are set";
            errors.required(&constraint, why);
        }
    }
    for config in devices.field("config").items() {
        references(&config, &requests, errors);
        configuration(&config, errors);
    }
    let mut names = BTreeSet::new();
    for request in requests.items() {
        if !names.insert(request.str("name").to_owned()) {
            errors.push_late(FieldError::duplicate(request.path(), request.value.clone()));
        }
    }
}

/// The spec of a ResourceClaimTemplate.
pub(super) fn claim_template(spec: &At, errors: &mut Errors) {
    let metadata = spec.field("metadata");
    meta::annotations(&metadata.field("annotations"), errors);
    meta::labels(&metadata.field("labels"), errors);
    claim(&spec.field("spec"), errors);
}

/// The spec of a DeviceClass.
pub(super) fn class(spec: &At, errors: &mut Errors) {
    selectors(&spec.field("selectors"), errors);
    for config in spec.field("config").items() {
        configuration(&config, errors);
    }
}

fn request(at: &At, errors: &mut Errors) {
    let name = at.field("name");
    errors.names(&name, label_errors(name.text()));
    let (exactly, first) = (at.field("exactly"), at.field("firstAvailable"));
    match (exactly.is_there(), !first.is_empty()) {
        (false, false) => errors.required(at, "exactly one of `exactly` or `firstAvailable` is required"),
        (true, true) => {
            let why = "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set";
            errors.invalid_as(at, Value::Null, why);
        }
        (true, false) => wish(&exactly, errors),
        (false, true) => {
            for one in first.items() {
                let name = one.field("name");
                errors.names(&name, label_errors(name.text()));
                wish(&one, errors);
            }
        }
    }
}

/// Which devices, and how many of them.
fn wish(at: &At, errors: &mut Errors) {
    let class = at.field("deviceClassName");
    match class.text() {
        "" => errors.required(&class, ""),
        text => errors.names(&class, subdomain_errors(text)),
    }
    selectors(&at.field("selectors"), errors);
    let (mode, count) = (at.field("allocationMode"), at.field("count"));
    let number = count.value.as_int();
    match mode.text() {
        "All" if number.unwrap_or(0) != 0 => {
            errors.invalid(&count, "must not be specified when allocationMode is 'All'");
        }
        "All" => {}
        "" | "ExactCount" if number.unwrap_or(1) <= 0 => {
            errors.invalid(&count, "must be greater than zero");
        }
        "" | "ExactCount" => {}
        other => {
            errors.push_late(FieldError::unsupported(mode.path(), other, &["All", "ExactCount"]));
        }
    }
}

fn selectors(at: &At, errors: &mut Errors) {
    for selector in at.items().filter(|selector| !selector.has("cel")) {
        errors.required(&selector.field("cel"), "");
    }
}

/// The requests that something is about.
fn references(at: &At, requests: &At, errors: &mut Errors) {
    for name in at.field("requests").items() {
        let mut parts = name.text().split('/');
        let (first, second, more) = (parts.next().unwrap_or(""), parts.next(), parts.next());
        if more.is_none() {
            for part in [Some(first), second].into_iter().flatten() {
                errors.names(&name, label_errors(part));
            }
        }
        let is_known = requests.items().filter(|request| request.str("name") == first).any(|request| {
            let below = request.field("firstAvailable");
            second.is_none_or(|second| below.items().any(|one| one.str("name") == second))
        });
        if more.is_some() || !is_known {
            errors.invalid(&name, WHICH_REQUEST);
        }
    }
}

fn configuration(at: &At, errors: &mut Errors) {
    let opaque = at.field("opaque");
    if !opaque.is_there() {
        return errors.required(&opaque, "");
    }
    let parameters = opaque.field("parameters");
    if !parameters.is_there() {
        errors.required(&parameters, "");
    } else if parameters.value.as_object().is_none() {
        errors.invalid_as(&parameters, "<value omitted>", "must be a valid JSON object");
    }
    let driver = opaque.field("driver");
    if driver.is_empty() {
        errors.required_late(&driver);
    }
}

/// A domain and a name in it.
fn full_name(at: &At, errors: &mut Errors) {
    let (domain, name) = match at.text().split_once('/') {
        Some((domain, name)) => (Some(domain), name),
        None => (None, at.text()),
    };
    if !is_identifier(name) {
        errors.push_late(FieldError::invalid(at.path(), at.text(), IDENTIFIER));
    }
    match domain {
        Some(domain) => {
            for why in subdomain_errors(domain) {
                errors.push_late(FieldError::invalid(at.path(), at.text(), why));
            }
        }
        None => errors.push_late(FieldError::invalid(
            at.path(),
            at.text(),
            "a fully qualified name must be a domain and a name separated by a slash",
        )),
    }
}

fn is_identifier(text: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !text.is_empty() && text.bytes().all(is_good) && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// The spec of a ResourceSlice.
pub(super) fn slice(spec: &At, errors: &mut Errors) {
    let driver = spec.field("driver");
    match driver.text() {
        "" => errors.required(&driver, ""),
        text => errors.names(&driver, formats::lower_subdomain(text)),
    }
    pool(&spec.field("pool"), errors);
    let node = spec.field("nodeName");
    let mut given = Vec::new();
    if node.is_there() {
        if node.is_empty() {
            errors.invalid(&node, "must be either unset or set to a non-empty string");
        } else {
            given.push("`nodeName`");
            errors.names(&node, subdomain_errors(node.text()));
        }
    }
    if spec.has("nodeSelector") {
        given.push("`nodeSelector`");
    }
    for (name, shown) in [("allNodes", "`allNodes`"), ("perDeviceNodeSelection", "`perDeviceNodeSelection`")]
    {
        match spec.is(name) {
            true => given.push(shown),
            false if spec.has(name) => {
                errors.invalid(&spec.field(name), "must be either unset or set to true");
            }
            false => {}
        }
    }
    let one = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
    match given.len() {
        0 => errors.required(spec, one),
        1 => {}
        _ => errors.invalid_as(
            spec,
            format!("{{{}}}", given.join(", ")),
            format!("{one}, but multiple fields are set"),
        ),
    }
    if spec.has("sharedCounters") && spec.has("devices") {
        errors.invalid_as(spec, "", "only one of `sharedCounters` or `devices` is allowed");
    }
    let mut names = BTreeSet::new();
    for device in spec.field("devices").items() {
        self::device(&device, errors);
        if !names.insert(device.str("name").to_owned()) {
            errors.duplicate(&device, device.str("name"));
        }
    }
}

fn pool(at: &At, errors: &mut Errors) {
    let name = at.field("name");
    if name.is_empty() {
        errors.required(&name, "");
    } else {
        for part in name.text().split('/') {
            errors.names(&name, subdomain_errors(part));
        }
    }
    let (count, generation) = (at.field("resourceSliceCount"), at.field("generation"));
    let number = count.value.as_int().unwrap_or(0);
    if number <= 0 {
        errors.invalid_as(&count, number, "must be greater than zero");
    }
    if generation.value.as_int().unwrap_or(0) < 0 {
        errors.invalid(&generation, "must be greater than or equal to zero");
    }
}

fn device(at: &At, errors: &mut Errors) {
    let name = at.field("name");
    errors.names(&name, label_errors(name.text()));
    for list in ["attributes", "capacity"] {
        let map = at.field(list);
        for (key, _) in map.entries() {
            let (domain, name) =
                key.split_once('/').map_or((None, key), |(domain, name)| (Some(domain), name));
            for why in domain.map(subdomain_errors).unwrap_or_default() {
                errors.invalid_as(&map, key, why);
            }
            if !is_identifier(name) {
                errors.invalid_as(&map, key, IDENTIFIER);
            }
        }
    }
    let attributes = at.field("attributes");
    for (_, attribute) in attributes.entries() {
        let all = ["int", "bool", "string", "version", "ints", "bools", "strings", "versions"];
        let given: Vec<&str> = all.into_iter().filter(|name| attribute.has(name)).collect();
        let named = "`int`, `bool`, `string`, `version`, `ints`, `bools`, `strings`, `versions`";
        let (value, which) = match given.len() {
            1 => continue,
            0 => (String::new(), "one of"),
            _ => (format!("{{{}}}", given.join(", ")), "exactly one of"),
        };
        let why = format!("must specify {which}: {named}");
        errors.push_late(FieldError::invalid(attribute.path(), value, why));
    }
    let own = ["nodeName", "nodeSelector", "allNodes"].iter().any(|name| at.has(name));
    let chosen = "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to \
                  true in the ResourceSlice spec";
    if own && !at.up().and_then(|devices| devices.up()).is_some_and(|spec| spec.is("perDeviceNodeSelection"))
    {
        errors.invalid_as(at, Value::Null, chosen);
    }
}
