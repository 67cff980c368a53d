//! Requests above limits, and amounts below nothing.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::quantity::Quantity;
use crate::api::subject::{Findings, Subject};
use crate::manifest::{Diagnostic, Edit, Fix, Node, NodeKind, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    let Some(template) = subject.template() else { return };
    for container in template.containers() {
        let Some(resources) = container.node.get("resources") else { continue };
        let path = || format!("{}.resources", container.path());
        for list in ["limits", "requests"] {
            for entry in resources.get(list).map(Node::entries).unwrap_or_default() {
                let Some(amount) = amount(&entry.value) else { continue };
                if amount.is_negative() {
                    let at = format!("{}.{list}[{}]", path(), entry.key);
                    let diagnostic =
                        Diagnostic::new(msg!("negative-amount"), Severity::Error, entry.value.span)
                            .arg("resource", &entry.key)
                            .arg("value", amount.to_string());
                    let error =
                        FieldError::invalid(at, amount.to_string(), "must be greater than or equal to 0");
                    findings.invalid(subject.place, diagnostic, error);
                } else if &*entry.key == "memory" && !amount.is_whole() {
                    milli_bytes(subject, &entry.value, findings);
                }
            }
        }
        above_limits(subject, &path, resources, findings);
    }
}

/// The amount that a value is, as the server reads it.
fn amount(node: &Node) -> Option<Quantity> {
    match &node.kind {
        NodeKind::String(text) => Quantity::parse(text.trim()).ok(),
        NodeKind::Int(number) => Some(Quantity::units(*number)),
        NodeKind::Float(number) => Quantity::parse(&crate::value::json::float(*number)).ok(),
        _ => None,
    }
}

fn above_limits(subject: &Subject, path: &dyn Fn() -> String, resources: &Node, findings: &mut Findings) {
    for entry in resources.get("requests").map(Node::entries).unwrap_or_default() {
        let limit = resources.get("limits").and_then(|limits| limits.get(&entry.key));
        let (Some(request), Some(limit)) = (amount(&entry.value), limit.and_then(amount)) else { continue };
        if request <= limit {
            continue;
        }
        let diagnostic = Diagnostic::new(msg!("request-above-limit"), Severity::Error, entry.value.span)
            .arg("resource", &entry.key)
            .arg("request", request.to_string())
            .arg("limit", limit.to_string());
        let why = format!("must be less than or equal to {} limit of {limit}", entry.key);
        let error = FieldError::invalid(format!("{}.requests", path()), request.to_string(), why);
        findings.invalid(subject.place, diagnostic, error);
    }
}

/// `512m` of memory is half a byte.
fn milli_bytes(subject: &Subject, node: &Node, findings: &mut Findings) {
    let Some(number) = node.as_str().and_then(|text| text.strip_suffix('m')) else { return };
    let written = node.as_str().unwrap_or("");
    let mut diagnostic = Diagnostic::new(msg!("memory-in-thousandths"), Severity::Warning, node.span)
        .arg("value", written)
        .consequence(msg!("container-cannot-start"));
    let meant = format!("{number}Mi");
    if Quantity::parse(&meant).is_ok() {
        let edits = vec![Edit::replace(node.span, meant.clone())];
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", meant));
    }
    findings.report(subject.place, diagnostic);
}
