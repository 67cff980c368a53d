//! A PodDisruptionBudget whose bounds contradict each other, or are none.

use super::{Check, Rule, rollout};
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::subject::{Findings, Subject, node_to_value};
use crate::manifest::{Diagnostic, Node, Severity};
use crate::msg;
use crate::value::{Value, json};

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    let Some(spec) = subject.get(&["spec"]).filter(|_| subject.is(Kind::PodDisruptionBudget)) else { return };
    let bound = |name: &str| spec.entry(name).filter(|entry| !entry.value.is_null());
    let (least, most) = (bound("minAvailable"), bound("maxUnavailable"));
    if let (Some(least), Some(most)) = (least, most) {
        let later = if least.key_span.start < most.key_span.start { most } else { least };
        let diagnostic = Diagnostic::new(msg!("only-one-of"), Severity::Error, later.key_span)
            .arg("fields", "minAvailable, maxUnavailable");
        let error = FieldError::invalid("spec", "", "minAvailable and maxUnavailable cannot be both set")
            .with_value(printed(spec));
        findings.invalid(subject.place, diagnostic, error);
    }
    for entry in [least, most].into_iter().flatten() {
        rollout::judge(subject, &format!("spec.{}", entry.key), &entry.value, &entry.key, true, findings);
    }
}

/// The spec as the server prints it: its own type, whose fields have Go's names.
fn printed(spec: &Node) -> String {
    let fields = [
        ("MinAvailable", "minAvailable"),
        ("Selector", "selector"),
        ("MaxUnavailable", "maxUnavailable"),
        ("UnhealthyPodEvictionPolicy", "unhealthyPodEvictionPolicy"),
    ];
    let parts: Vec<String> = fields
        .iter()
        .map(|(name, field)| {
            let value = spec.get(field).map_or(Value::Null, node_to_value);
            format!("\"{name}\":{}", json::compact(&value))
        })
        .collect();
    format!("{{{}}}", parts.join(","))
}
