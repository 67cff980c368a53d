//! A Deployment whose rollout could not go on.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::subject::{Findings, Subject, node_to_value};
use crate::manifest::{Diagnostic, Edit, Fix, Node, NodeKind, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

const PERCENT: &str = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

fn check(subject: &Subject, findings: &mut Findings) {
    let Some(spec) = subject.get(&["spec"]).filter(|_| subject.is(Kind::Deployment)) else { return };
    strategy(subject, spec, findings);
    let int = |name: &str, default: i64| match spec.get(name).map(|node| &node.kind) {
        Some(NodeKind::Int(number)) => *number,
        _ => default,
    };
    let (ready, deadline) = (int("minReadySeconds", 0), int("progressDeadlineSeconds", 600));
    if deadline >= 0 && ready >= deadline {
        let entry = spec.entry("progressDeadlineSeconds").or(spec.entry("minReadySeconds"));
        let span = entry.map_or(spec.span, |entry| entry.value.span);
        let diagnostic = Diagnostic::new(msg!("progress-deadline-too-short"), Severity::Error, span)
            .arg("deadline", deadline)
            .arg("ready", ready);
        let error = FieldError::invalid(
            "spec.progressDeadlineSeconds",
            deadline,
            "must be greater than minReadySeconds",
        );
        findings.invalid(subject.place, diagnostic, error);
    }
}

fn strategy(subject: &Subject, spec: &Node, findings: &mut Findings) {
    let Some(strategy) = spec.get("strategy") else { return };
    let Some(entry) = strategy.entry("rollingUpdate").filter(|entry| !entry.value.is_null()) else { return };
    if strategy.get("type").and_then(Node::as_str) == Some("Recreate") {
        let diagnostic = Diagnostic::new(msg!("rolling-update-of-recreate"), Severity::Error, entry.key_span);
        let why = "may not be specified when strategy `type` is 'Recreate'";
        findings.invalid(
            subject.place,
            diagnostic,
            FieldError::forbidden("spec.strategy.rollingUpdate", why),
        );
        return;
    }
    let bound = |name: &str| entry.value.get(name).filter(|node| !node.is_null());
    let (surge, unavailable) = (bound("maxSurge"), bound("maxUnavailable"));
    for (name, node) in [("maxUnavailable", unavailable), ("maxSurge", surge)] {
        if let Some(node) = node {
            let path = format!("spec.strategy.rollingUpdate.{name}");
            judge(subject, &path, node, name, name == "maxUnavailable", findings);
        }
    }
    if let (Some(surge), Some(unavailable)) = (surge, unavailable)
        && is_zero(surge)
        && is_zero(unavailable)
    {
        let edits = vec![Edit::replace(surge.span, "1")];
        let diagnostic = Diagnostic::new(msg!("rollout-cannot-move"), Severity::Error, unavailable.span)
            .fix(Fix::new(msg!("fix-write-as"), edits).arg("to", "maxSurge: 1"));
        let error = FieldError::invalid(
            "spec.strategy.rollingUpdate.maxUnavailable",
            node_to_value(unavailable),
            "may not be 0 when `maxSurge` is 0",
        );
        findings.invalid(subject.place, diagnostic, error);
    }
}

fn is_zero(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Int(number) => *number == 0,
        NodeKind::String(text) => {
            text.strip_suffix('%').and_then(|number| number.parse::<u64>().ok()) == Some(0)
        }
        _ => false,
    }
}

/// A number that is not negative, or a percentage; `is_share` of all at most 100.
pub(super) fn judge(
    subject: &Subject,
    path: &str,
    node: &Node,
    name: &str,
    is_share: bool,
    findings: &mut Findings,
) {
    let value = node_to_value(node);
    let wrong = |code, why: &str| {
        let diagnostic = Diagnostic::new(code, Severity::Error, node.span)
            .arg("field", name)
            .arg("value", node.span.slice(subject.text))
            .arg("least", 0_i64);
        (diagnostic, FieldError::invalid(path, value.clone(), why))
    };
    let found = match &node.kind {
        NodeKind::Int(number) if *number < 0 => {
            Some(wrong(msg!("below-least"), "must be greater than or equal to 0"))
        }
        NodeKind::String(text) => {
            match text.strip_suffix('%').filter(|digits| !digits.is_empty()).map(str::parse::<u64>) {
                Some(Ok(percent)) if percent > 100 && is_share => {
                    Some(wrong(msg!("percent-above-hundred"), "must not be greater than 100%"))
                }
                Some(Ok(_)) => None,
                _ => Some(wrong(msg!("not-a-percentage"), PERCENT)),
            }
        }
        _ => None,
    };
    if let Some((diagnostic, error)) = found {
        findings.invalid(subject.place, diagnostic, error);
    }
}
