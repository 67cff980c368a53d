//! The smaller kinds of the core group and others (upstream: pkg/apis/core/validation, scheduling, node).

use super::at::At;
use super::errors::Errors;
use super::{affinity, formats, meta, resources};
use crate::api::field_error::FieldError;
use crate::api::names::{config_key_errors, label_errors, label_key_errors};
use crate::api::quantity::Quantity;
use crate::value::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const MOST_DATA: usize = 1 << 20;
const HIGHEST: i64 = 1_000_000_000;
const SCOPES: &[&str] = &[
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "PriorityClass",
    "Terminating",
    "VolumeAttributesClass",
];
const PAIRS: [[&str; 2]; 2] = [["BestEffort", "NotBestEffort"], ["NotTerminating", "Terminating"]];

/// How many bytes base64 stands for.
fn decoded_length(text: &str) -> usize {
    let text = text.trim_end_matches(['=', '\n', '\r']);
    text.bytes().filter(|byte| !byte.is_ascii_whitespace()).count() * 3 / 4
}

/// A ConfigMap.
pub(super) fn config_map(root: &At, errors: &mut Errors) {
    let (data, binary) = (root.field("data"), root.field("binaryData"));
    let mut size = 0;
    for (key, value) in data.entries() {
        for why in config_key_errors(key) {
            errors.invalid_as(&value, key, why);
        }
        if binary.has(key) {
            errors.invalid_as(&value, key, "duplicate of key present in binaryData");
        }
        size += value.text().len();
    }
    for (key, value) in binary.entries() {
        for why in config_key_errors(key) {
            errors.invalid_as(&value, key, why);
        }
        size += decoded_length(value.text());
    }
    if size > MOST_DATA {
        errors.push(FieldError::too_long("[]", MOST_DATA));
    }
}

/// A Secret.
pub(super) fn secret(root: &At, errors: &mut Errors) {
    let (data, plain) = (root.field("data"), root.field("stringData"));
    // Plain texts become data before they are looked at.
    let keys: BTreeSet<&str> =
        data.entries().into_iter().chain(plain.entries()).map(|(key, _)| key).collect();
    let mut size = 0;
    for key in &keys {
        for why in config_key_errors(key) {
            errors.invalid_as(&data.key(key), *key, why);
        }
        size += if plain.has(key) { plain.str(key).len() } else { decoded_length(data.str(key)) };
    }
    if size > MOST_DATA {
        errors.push(FieldError::too_long(data.path(), MOST_DATA));
    }
    let missing = |key: &str, errors: &mut Errors| {
        if !keys.contains(key) {
            errors.required(&data.key(key), "");
        }
    };
    match root.str("type") {
        "kubernetes.io/service-account-token" => {
            const NAME: &str = "kubernetes.io/service-account.name";
            let metadata = root.field("metadata");
            let annotations = metadata.field("annotations");
            if annotations.key(NAME).is_empty() {
                errors.required(&annotations.key(NAME), "");
            }
        }
        "kubernetes.io/dockercfg" => docker(".dockercfg", &data, &plain, errors),
        "kubernetes.io/dockerconfigjson" => docker(".dockerconfigjson", &data, &plain, errors),
        "kubernetes.io/basic-auth" if !keys.contains("username") && !keys.contains("password") => {
            missing("username", errors);
            missing("password", errors);
        }
        "kubernetes.io/ssh-auth"
            if plain.str("ssh-privatekey").is_empty() && data.str("ssh-privatekey").is_empty() =>
        {
            errors.required(&data.key("ssh-privatekey"), "");
        }
        "kubernetes.io/tls" => {
            missing("tls.crt", errors);
            missing("tls.key", errors);
        }
        _ => {}
    }
}

/// Credentials for a registry are an object of JSON.
fn docker(key: &str, data: &At, plain: &At, errors: &mut Errors) {
    let place = data.key(key);
    let text = if plain.has(key) { plain.str(key).as_bytes().to_vec() } else { decoded(place.text()) };
    if !place.is_there() && !plain.has(key) {
        return errors.required(&place, "");
    }
    let text = String::from_utf8_lossy(&text);
    if let Some(why) = crate::manifest::go_json_error(&text) {
        errors.invalid_as(&place, "<secret contents redacted>", why);
    } else if let Ok(value) = json::parse(&text)
        && value.as_object().is_none()
        && !value.is_null()
    {
        let found = match value {
            Value::Array(_) => "array",
            Value::String(_) => "string",
            Value::Bool(_) => "bool",
            _ => "number",
        };
        let why = format!("json: cannot unmarshal {found} into Go value of type map[string]interface {{}}");
        errors.invalid_as(&place, "<secret contents redacted>", why);
    }
}

/// What base64 stands for; nothing where it is none.
pub(super) fn decoded(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bits, mut count, mut out) = (0_u32, 0, Vec::new());
    for value in text.bytes().filter_map(digit) {
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

/// A Namespace.
pub(super) fn namespace(root: &At, errors: &mut Errors) {
    let spec = root.field("spec");
    let list = spec.field("finalizers");
    for item in list.items() {
        for why in label_key_errors(item.text()) {
            errors.invalid_as(&list, item.text(), why);
        }
        if !item.text().contains('/')
            && !matches!(item.text(), "kubernetes" | "orphan" | "foregroundDeletion")
        {
            let why = "name is neither a standard finalizer name nor is it fully qualified";
            errors.invalid_as(&list, item.text(), why);
        }
    }
    pod_security(&root.field("metadata").field("labels"), errors);
}

/// An Event: it stands beside what it is about (upstream: legacyValidateEvent).
pub(super) fn event(root: &At, errors: &mut Errors) {
    if !root.field("eventTime").is_empty() {
        return;
    }
    let (metadata, about) = (root.field("metadata"), root.field("involvedObject"));
    let (own, place) = (metadata.str("namespace"), about.field("namespace"));
    let is_beside = match place.text() {
        "" => matches!(own, "" | "default"),
        namespace => namespace == own,
    };
    if !is_beside {
        errors.invalid(&place, "does not match event.namespace");
    }
}

/// The labels that say how safe Pods have to be (upstream: pod-security-admission's `PolicyToEvaluate`). That is
/// admission's, which comes last.
fn pod_security(labels: &At, errors: &mut Errors) {
    if errors.len() > 0 {
        return;
    }
    for mode in ["enforce", "audit", "warn"] {
        let key = format!("pod-security.kubernetes.io/{mode}");
        let level = labels.key(&key);
        if level.is_there() && !matches!(level.text(), "privileged" | "baseline" | "restricted") {
            errors.invalid(&level, "must be one of privileged, baseline, restricted");
        }
        let key = format!("{key}-version");
        let version = labels.key(&key);
        let is_minor =
            |minor: &str| minor == "0" || (!minor.starts_with(['0', '+']) && minor.parse::<u32>().is_ok());
        let is_version =
            version.text() == "latest" || version.text().strip_prefix("v1.").is_some_and(is_minor);
        if version.is_there() && !is_version {
            errors.invalid(&version, "must be \"latest\" or \"v1.x\"");
        }
    }
}

/// A Node.
pub(super) fn node(root: &At, errors: &mut Errors) {
    let metadata = root.field("metadata");
    let spec = root.field("spec");
    let taints = spec.field("taints");
    // Upstream says that the taints stand in the metadata.
    let place = At::root(taints.value);
    let mut found = Errors::default();
    affinity::taints(&place, &mut found);
    let mut pairs = BTreeSet::new();
    for taint in place.items() {
        let pair = (taint.str("key").to_owned(), taint.str("effect").to_owned());
        if !pairs.insert(pair) {
            let text = |name: &str| crate::api::check::quoted(taint.str(name));
            let (key, value, effect) = (text("key"), text("value"), text("effect"));
            let added = match taint.str("timeAdded") {
                "" => "null".to_owned(),
                _ => text("timeAdded"),
            };
            let printed =
                format!("{{\"Key\":{key},\"Value\":{value},\"Effect\":{effect},\"TimeAdded\":{added}}}");
            let body = format!("Duplicate value: {printed}: taints must be unique by key and effect pair");
            found.push(FieldError::other(taint.path(), body));
        }
    }
    for error in found.finish() {
        let path = format!("{}.taints{}", metadata.path(), error.path);
        errors.push(FieldError { path, ..error });
    }
    let ranges = spec.field("podCIDRs");
    let first = spec.field("podCIDR");
    // The older field is the first of the list.
    if !first.is_empty() && ranges.list().first().and_then(Value::as_str) != Some(first.text()) {
        let place = ranges.item(0);
        if let Some(why) = formats::cidr(first.text()) {
            errors.invalid_as(&place, first.text(), why);
        }
    }
    for range in ranges.items() {
        if let Some(why) = formats::cidr(range.text()) {
            errors.invalid(&range, why);
        }
    }
}

/// A PriorityClass.
pub(super) fn priority_class(root: &At, errors: &mut Errors) {
    let metadata = root.field("metadata");
    let value = root.int("value").unwrap_or(0);
    if metadata.str("name").starts_with("system-") {
        let name = metadata.str("name");
        let known = [("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000)];
        let error = match known.iter().find(|(known, _)| *known == name) {
            None => format!("{name} is not a known system priority class"),
            Some((_, known)) if *known != value => {
                format!("value of {name} PriorityClass must be {known}")
            }
            Some(_) if root.is("globalDefault") => {
                format!("globalDefault of {name} PriorityClass must be false")
            }
            Some(_) => return,
        };
        let why = format!(
            "priority class names with 'system-' prefix are reserved for system use only. error: {error}"
        );
        errors.forbidden(&metadata.field("name"), &why);
    } else if value > HIGHEST {
        let why = format!("maximum allowed value of a user defined priority is {HIGHEST}");
        errors.forbidden(&root.field("value"), &why);
    }
    errors.one_of(&root.field("preemptionPolicy"), &["PreemptLowerPriority", "Never"]);
}

/// A RuntimeClass.
pub(super) fn runtime_class(root: &At, errors: &mut Errors) {
    let handler = root.field("handler");
    if handler.is_empty() {
        errors.required_late(&handler);
    } else {
        for why in label_errors(handler.text()) {
            errors.push_late(FieldError::invalid(handler.path(), handler.text(), why));
        }
    }
    let overhead = root.field("overhead");
    for (name, amount) in overhead.field("podFixed").entries() {
        let limits = overhead.field("limits");
        let place = limits.key(name);
        resources::container_name(&place, name, errors);
        if resources::amount(amount.value).is_negative() {
            errors.invalid_as(&place, amount.text(), "must be greater than or equal to 0");
        }
    }
    let scheduling = root.field("scheduling");
    meta::labels(&scheduling.field("nodeSelector"), errors);
    affinity::tolerations(&scheduling.field("tolerations"), errors);
}

/// A ResourceQuota.
pub(super) fn resource_quota(at: &At, errors: &mut Errors) {
    let hard = at.field("hard");
    for (name, amount) in hard.entries() {
        resources::quota_name(&amount, name, errors);
        resources::quantity(&amount, name, errors);
    }
    let names: Vec<&str> = hard.entries().into_iter().map(|(name, _)| name).collect();
    let fits = |scope: &str, name: &str| !resources::IN_QUOTA.contains(&name) || fits(scope, name);
    let scopes = at.field("scopes");
    let mut given = BTreeSet::new();
    for scope in scopes.items() {
        if !SCOPES.contains(&scope.text()) {
            errors.invalid(&scopes, "unsupported scope");
        }
        for _ in names.iter().filter(|name| !fits(scope.text(), name)) {
            errors.invalid(&scopes, "unsupported scope applied to resource");
        }
        given.insert(scope.text().to_owned());
    }
    for _ in PAIRS.iter().filter(|pair| pair.iter().all(|scope| given.contains(*scope))) {
        errors.invalid(&scopes, "conflicting scopes");
    }
    let selector = at.field("scopeSelector");
    let place = selector.field("matchExpressions");
    for requirement in place.items() {
        let (scope, operator) = (requirement.str("scopeName"), requirement.str("operator"));
        let values = requirement.field("values");
        if !SCOPES.contains(&scope) {
            errors.invalid_as(&place.field("scopeName"), scope, "unsupported scope");
        }
        for _ in names.iter().filter(|name| !fits(scope, name)) {
            errors.invalid_struct(&place, "ScopeSelector", "unsupported scope applied to resource");
        }
        if SCOPES.contains(&scope)
            && !matches!(scope, "PriorityClass" | "VolumeAttributesClass")
            && operator != "Exists"
        {
            let why = "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
            errors.invalid_as(&place.field("operator"), operator, why);
        }
        match operator {
            "In" | "NotIn" if values.is_empty() => {
                let why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
                errors.required(&place.field("values"), why);
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
                errors.invalid_as(&place.field("values"), values.value.clone(), why);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => errors.invalid_as(&place.field("operator"), operator, "not a valid selector operator"),
        }
    }
}

/// Whether a scope can narrow what is counted of a resource.
fn fits(scope: &str, name: &str) -> bool {
    let compute = matches!(
        name,
        "cpu" | "memory" | "limits.cpu" | "limits.memory" | "requests.cpu" | "requests.memory"
    );
    match scope {
        "BestEffort" => name == "pods",
        "VolumeAttributesClass" => matches!(name, "persistentvolumeclaims" | "requests.storage"),
        _ if SCOPES.contains(&scope) => name == "pods" || compute,
        _ => true,
    }
}

/// A LimitRange.
pub(super) fn limit_range(at: &At, errors: &mut Errors) {
    let mut types = BTreeSet::new();
    for limit in at.field("limits").items() {
        let field = limit.field("type");
        let kind = field.text();
        let whys = label_key_errors(kind);
        if whys.is_empty()
            && !matches!(kind, "Pod" | "Container" | "PersistentVolumeClaim")
            && !kind.contains('/')
        {
            errors.invalid(&field, "must be a standard limit type or fully qualified");
        }
        errors.names(&field, whys);
        if !types.insert(kind.to_owned()) {
            errors.duplicate(&field, kind);
        }
        one_limit(&limit, kind, errors);
    }
}

fn one_limit(limit: &At, kind: &str, errors: &mut Errors) {
    let mut lists: BTreeMap<&str, BTreeMap<String, Quantity>> = BTreeMap::new();
    for list in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
        let given = limit.field(list);
        if kind == "Pod" && matches!(list, "default" | "defaultRequest") {
            if !given.is_empty() {
                errors.forbidden(&given, "may not be specified when `type` is 'Pod'");
            }
            continue;
        }
        if list == "maxLimitRequestRatio" && kind == "PersistentVolumeClaim" {
            let has = |list: &str| limit.field(list).has("storage");
            if !has("min") && !has("max") {
                let why = "either minimum or maximum storage value is required, but neither was provided";
                errors.required(&limit.field("limits"), why);
            }
        }
        for (name, amount) in given.entries() {
            if matches!(kind, "Pod" | "Container") {
                resources::container_name(&amount, name, errors);
            } else {
                resources::name(&amount, name, errors);
            }
            lists.entry(list).or_default().insert(name.to_owned(), resources::amount(amount.value));
        }
    }
    let keys: BTreeSet<String> = lists.values().flat_map(BTreeMap::keys).cloned().collect();
    for key in keys {
        let get = |list: &str| lists.get(list).and_then(|list| list.get(&key)).copied();
        let mut wrong = |list: &str, value: Quantity, why: String| {
            let path = format!("{}.{list}[{key}]", limit.path());
            errors.push(FieldError::invalid(path, value.to_string(), why));
        };
        let (min, max, limit, request) = (get("min"), get("max"), get("default"), get("defaultRequest"));
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            wrong("min", min, format!("min value {min} is greater than max value {max}"));
        }
        if let (Some(request), Some(min)) = (request, min)
            && min > request
        {
            let why = format!("min value {min} is greater than default request value {request}");
            wrong("defaultRequest", request, why);
        }
        if let (Some(request), Some(max)) = (request, max)
            && request > max
        {
            let why = format!("default request value {request} is greater than max value {max}");
            wrong("defaultRequest", request, why);
        }
        if let (Some(request), Some(limit)) = (request, limit)
            && request > limit
        {
            let why = format!("default request value {request} is greater than default limit value {limit}");
            wrong("defaultRequest", request, why);
        }
        if let (Some(limit), Some(min)) = (limit, min)
            && min > limit
        {
            wrong("default", min, format!("min value {min} is greater than default value {limit}"));
        }
        if let (Some(limit), Some(max)) = (limit, max)
            && limit > max
        {
            wrong("default", max, format!("default value {limit} is greater than max value {max}"));
        }
        if let Some(ratio) = get("maxLimitRequestRatio") {
            if ratio < Quantity::units(1) {
                wrong("maxLimitRequestRatio", ratio, format!("ratio {ratio} is less than 1"));
            }
            if let (Some(min), Some(max)) = (min, max) {
                // In thousandths: what is compared is max/min.
                let (low, high) = (i128::from(min.milli_value()), i128::from(max.milli_value()));
                if low > 0 && i128::from(ratio.milli_value()) * low > high * 1_000 {
                    let millionths = (high * 1_000_000 + low / 2) / low;
                    let limit = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
                    let why = format!("ratio {ratio} is greater than max/min = {limit}");
                    wrong("maxLimitRequestRatio", ratio, why);
                }
            }
        }
    }
}
