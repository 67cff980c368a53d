//! Requests and limits (upstream: ValidateContainerResourceRequirements and what it calls).

use super::at::At;
use super::errors::Errors;
use crate::api::field_error::FieldError;
use crate::api::names::{label_errors, label_key_errors};
use crate::api::quantity::Quantity;
use crate::value::{Value, json};
use std::collections::BTreeSet;

const NOT_STANDARD: &str = "must be a standard resource type or fully qualified";
/// The resources that are counted in whole numbers.
const WHOLE: &[&str] = &[
    "pods",
    "services",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];
/// Those that a quota can hold.
pub(super) const IN_QUOTA: &[&str] = &[
    "configmaps",
    "cpu",
    "ephemeral-storage",
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "memory",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
    "requests.storage",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
];

/// An amount, written as a text or a number.
pub(super) fn amount(value: &Value) -> Quantity {
    let text = value.as_str().map_or_else(|| json::compact(value), |text| text.trim().to_owned());
    Quantity::parse(&text).unwrap_or_default()
}

fn is_huge(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// Whether the name is Kubernetes' own.
fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

fn is_extended(name: &str) -> bool {
    !is_native(name)
        && !name.starts_with("requests.")
        && label_key_errors(&format!("requests.{name}")).is_empty()
}

/// Whether more may be promised of it than there is.
fn is_overcommitted(name: &str) -> bool {
    is_native(name) && !is_huge(name)
}

/// A name of a resource; whether it is one.
pub(super) fn name(at: &At, name: &str, errors: &mut Errors) -> bool {
    let whys = label_key_errors(name);
    let before = errors.len();
    for why in whys {
        errors.invalid_as(at, name, why);
    }
    // Those that mean something somewhere: what a quota can hold, and what a claim asks for.
    let is_standard = IN_QUOTA.contains(&name)
        || name == "storage"
        || is_huge(name)
        || name.starts_with("requests.hugepages-");
    if errors.len() == before && !name.contains('/') && !is_standard {
        errors.invalid_as(at, name, NOT_STANDARD);
    }
    errors.len() == before
}

/// A resource that a container can ask for.
pub(super) fn container_name(at: &At, text: &str, errors: &mut Errors) {
    name(at, text, errors);
    if !text.contains('/') {
        if !matches!(text, "cpu" | "memory" | "ephemeral-storage") && !is_huge(text) {
            errors.invalid_as(at, text, "must be a standard resource for containers");
        }
    } else if !is_native(text) && !is_extended(text) {
        errors.invalid_as(at, text, "doesn't follow extended resource name standard");
    }
}

/// A resource that a quota can hold.
pub(super) fn quota_name(at: &At, text: &str, errors: &mut Errors) {
    name(at, text, errors);
    let is_known = IN_QUOTA.contains(&text) || is_huge(text) || text.starts_with("requests.hugepages-");
    if !text.contains('/') && !is_known {
        errors.invalid_as(at, text, "must be a standard resource for quota");
    }
}

/// An amount of a resource.
pub(super) fn quantity(at: &At, name: &str, errors: &mut Errors) {
    let amount = amount(at.value);
    if amount.is_negative() {
        errors.invalid_as(at, amount.to_string(), "must be greater than or equal to 0");
    }
    let is_counted = WHOLE.contains(&name) || is_extended(name);
    if is_counted && amount.milli_value() % 1_000 != 0 {
        errors.invalid_as(at, amount.to_string(), "must be an integer");
    }
}

/// Pages come whole.
fn huge(at: &At, name: &str, errors: &mut Errors) {
    let size = amount(&Value::from(name.trim_start_matches("hugepages-"))).value();
    let value = amount(at.value).value();
    if size > 0 && (value < 0 || value % size != 0) {
        let text = amount(at.value).to_string();
        errors.invalid_as(at, &*text, format!("{text} is not positive integer multiple of {name}"));
    }
}

/// What a container asks for and may have. `of_pod` where it is the whole Pod's.
pub(super) fn requirements(at: &At, of_pod: bool, claims: &BTreeSet<&str>, errors: &mut Errors) {
    let (limits, requests) = (at.field("limits"), at.field("requests"));
    let (mut has_compute, mut has_huge) = (false, false);
    let known = |at: &At, text: &str, errors: &mut Errors| {
        if !of_pod {
            container_name(at, text, errors);
        } else if name(at, text, errors) && !matches!(text, "cpu" | "memory") && !is_huge(text) {
            errors.push(FieldError::unsupported(at.path(), text, &["cpu", "hugepages-", "memory"]));
        }
    };
    for (name, limit) in limits.entries() {
        known(&limit, name, errors);
        quantity(&limit, name, errors);
        if is_huge(name) {
            has_huge = true;
            huge(&limit, name, errors);
        }
        has_compute |= matches!(name, "cpu" | "memory");
    }
    for (name, request) in requests.entries() {
        known(&request, name, errors);
        quantity(&request, name, errors);
        let (wanted, limit) = (amount(request.value), limits.key(name));
        if limit.is_there() {
            let most = amount(limit.value);
            if wanted != most && !is_overcommitted(name) {
                errors.invalid_as(
                    &requests,
                    wanted.to_string(),
                    format!("must be equal to {name} limit of {most}"),
                );
            } else if wanted > most {
                let why = format!("must be less than or equal to {name} limit of {most}");
                errors.invalid_as(&requests, wanted.to_string(), why);
            }
        } else if !is_overcommitted(name) {
            errors.required(&limits, "Limit must be set for non overcommitable resources");
        }
        if is_huge(name) {
            has_huge = true;
            huge(&request, name, errors);
        }
        has_compute |= matches!(name, "cpu" | "memory");
    }
    if has_huge && !has_compute {
        errors.forbidden(at, "HugePages require cpu or memory");
    }
    claim_names(&at.field("claims"), claims, errors);
}

fn claim_names(at: &At, known: &BTreeSet<&str>, errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for claim in at.items() {
        let name = claim.str("name");
        if name.is_empty() {
            errors.required(&claim, "");
            continue;
        }
        let request = claim.field("request");
        if !request.is_empty() {
            errors.names(&request, label_errors(request.text()));
        }
        let key = if request.is_empty() { name.to_owned() } else { format!("{name}/{}", request.text()) };
        if !seen.insert(key.clone()) || seen.contains(name) && key != name {
            errors.duplicate(&claim, key);
        }
        if !known.contains(name) {
            let names: Vec<&str> = known.iter().copied().collect();
            let rest = if names.is_empty() {
                " which is empty".to_owned()
            } else {
                format!(": {}", names.join(", "))
            };
            let body = format!(
                "Not found: {}: must be one of the names in pod.spec.resourceClaims{rest}",
                crate::api::check::quoted(name)
            );
            errors.push(FieldError::other(claim.path(), body));
        }
    }
}
