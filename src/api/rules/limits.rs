//! ResourceQuotas that count nothing, and LimitRanges whose bounds contradict each other.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::quantity::Quantity;
use crate::api::subject::{Findings, Subject};
use crate::manifest::{Diagnostic, Entry, Node, Severity};
use crate::msg;
use crate::value::Str;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

/// What a quota counts, besides `count/` of a resource and extended resources (upstream: standardQuotaResources).
const COUNTED: [&str; 19] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "persistentvolumeclaims",
    "configmaps",
    "services.nodeports",
    "services.loadbalancers",
];

fn check(subject: &Subject, findings: &mut Findings) {
    if subject.is(Kind::ResourceQuota) {
        let hard = subject.get(&["spec", "hard"]).map(Node::entries).unwrap_or_default();
        hard.iter().for_each(|entry| quota(subject, entry, findings));
    } else if subject.is(Kind::LimitRange) {
        let items = subject.get(&["spec", "limits"]).map(Node::items).unwrap_or_default();
        items.iter().enumerate().for_each(|(i, item)| limits(subject, i, item, findings));
    }
}

fn quota(subject: &Subject, entry: &Entry, findings: &mut Findings) {
    let (name, path) = (&*entry.key, format!("spec.hard[{}]", entry.key));
    let is_huge = name.starts_with("hugepages-") || name.starts_with("requests.hugepages-");
    if !name.contains('/') && !COUNTED.contains(&name) && !is_huge {
        let diagnostic =
            Diagnostic::new(msg!("not-counted"), Severity::Error, entry.key_span).arg("resource", name);
        let error = FieldError::invalid(path.clone(), name, "must be a standard resource for quota");
        findings.invalid(subject.place, diagnostic, error);
    }
    if let Some(amount) = amount(subject, &entry.value).filter(|amount| amount.is_negative()) {
        let diagnostic = Diagnostic::new(msg!("below-least"), Severity::Error, entry.value.span)
            .arg("field", name)
            .arg("value", amount.to_string())
            .arg("least", 0_i64);
        let why = "must be greater than or equal to 0";
        findings.invalid(subject.place, diagnostic, FieldError::invalid(path, amount.to_string(), why));
    }
}

fn amount(subject: &Subject, node: &Node) -> Option<Quantity> {
    let text = node.as_str().unwrap_or_else(|| node.span.slice(subject.text));
    Quantity::parse(text).ok()
}

fn limits(subject: &Subject, index: usize, item: &Node, findings: &mut Findings) {
    let kind = item.get("type").and_then(Node::as_str).unwrap_or_default();
    if kind == "Pod" {
        for field in ["default", "defaultRequest"] {
            let Some(entry) = item.entry(field).filter(|entry| !entry.value.entries().is_empty()) else {
                continue;
            };
            let diagnostic =
                Diagnostic::new(msg!("default-of-pod"), Severity::Error, entry.key_span).arg("field", field);
            let why = "may not be specified when `type` is 'Pod'";
            let error = FieldError::forbidden(format!("spec.limits[{index}].{field}"), why);
            findings.invalid(subject.place, diagnostic, error);
        }
    }
    const FIELDS: [&str; 4] = ["min", "max", "default", "defaultRequest"];
    let names: BTreeSet<Str> = FIELDS
        .iter()
        .filter_map(|field| item.get(field))
        .flat_map(|node| node.entries().iter().map(|entry| entry.key.clone()))
        .collect();
    for name in &names {
        let of = |field: &str| {
            let node = item.get(field)?.get(name)?;
            Some((amount(subject, node)?, node.span))
        };
        let (min, max, limit, request) = (of("min"), of("max"), of("default"), of("defaultRequest"));
        // The smaller one and the larger one, where that is told, whose value, and both names.
        let pairs = [
            (min, max, "min", min, "min", "max"),
            (min, request, "defaultRequest", request, "min", "default request"),
            (request, max, "defaultRequest", request, "default request", "max"),
            (request, limit, "defaultRequest", request, "default request", "default limit"),
            (min, limit, "default", min, "min", "default"),
            (limit, max, "default", max, "default", "max"),
        ];
        for (small, large, field, shown, small_name, large_name) in pairs {
            let (Some((small, _)), Some((large, _)), Some((shown, _))) = (small, large, shown) else {
                continue;
            };
            if small <= large {
                continue;
            }
            let span = of(field).map_or(item.span, |(_, span)| span);
            let diagnostic = Diagnostic::new(msg!("limits-crossed"), Severity::Error, span)
                .arg("resource", name)
                .arg("small", format!("{small_name} {small}"))
                .arg("large", format!("{large_name} {large}"));
            let path = format!("spec.limits[{index}].{field}[{name}]");
            let why = format!("{small_name} value {small} is greater than {large_name} value {large}");
            findings.invalid(subject.place, diagnostic, FieldError::invalid(path, shown.to_string(), why));
        }
    }
}
