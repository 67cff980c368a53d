//! Tolerations that contradict themselves.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::subject::{Block, Findings, Subject};
use crate::manifest::{Diagnostic, Node, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Block(check) };

fn check(subject: &Subject, block: &Block, findings: &mut Findings) {
    if block.definition.name != "Toleration" || block.definition.go_group() != "core" {
        return;
    }
    let text = |name: &str| block.node.get(name).and_then(Node::as_str).unwrap_or("");
    let (operator, value) = (text("operator"), text("value"));
    if operator == "Exists" && !value.is_empty() {
        let span = block.node.get("value").map_or(block.node.span, |node| node.span);
        let diagnostic =
            Diagnostic::new(msg!("toleration-with-value"), Severity::Error, span).arg("value", value);
        let why = "value must be empty when `operator` is 'Exists'";
        findings.invalid(
            subject.place,
            diagnostic,
            FieldError::invalid(block.path.field("operator"), value, why),
        );
    } else if operator != "Exists" && text("key").is_empty() && !subject.is_doubtful(&block.path.field("key"))
    {
        let span = block.node.entries().first().map_or(block.node.span, |entry| entry.key_span);
        let diagnostic = Diagnostic::new(msg!("toleration-without-key"), Severity::Error, span);
        let why =
            "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
        findings.invalid(
            subject.place,
            diagnostic,
            FieldError::invalid(block.path.field("operator"), operator, why),
        );
    }
}
