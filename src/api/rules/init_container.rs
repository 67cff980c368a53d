//! Probes and hooks of init containers, which end and so cannot have them; sidecars can.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::subject::{Findings, Subject};
use crate::manifest::{Diagnostic, Node, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    let Some(template) = subject.template() else { return };
    for container in template.containers().iter().filter(|container| container.init) {
        if container.node.get("restartPolicy").and_then(Node::as_str) == Some("Always") {
            continue;
        }
        for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
            let Some(entry) = container.node.entry(field).filter(|entry| !entry.value.is_null()) else {
                continue;
            };
            let diagnostic =
                Diagnostic::new(msg!("probe-of-init-container"), Severity::Error, entry.key_span)
                    .arg("field", field);
            let why = "may not be set for init containers without restartPolicy=Always";
            let error = FieldError::forbidden(format!("{}.{field}", container.path()), why);
            findings.invalid(subject.place, diagnostic, error);
        }
    }
}
