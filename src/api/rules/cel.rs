//! Rules in CEL, which the API server evaluates and Podium does not: of a definition's schema, and of admission policies.

use super::{Check, Rule};
use crate::api::custom::definition::RULES;
use crate::api::kinds::Kind;
use crate::api::subject::{Findings, Subject};
use crate::manifest::{Diagnostic, Node, NodeKind, Severity, Span};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    let span = match subject.kind {
        Some(Kind::CustomResourceDefinition) => subject.root.get("spec").and_then(first_rules),
        Some(Kind::ValidatingAdmissionPolicy | Kind::MutatingAdmissionPolicy) => {
            let spec = subject.root.entry("spec").map(|entry| entry.key_span);
            Some(spec.unwrap_or(subject.root.span))
        }
        _ => None,
    };
    if let Some(span) = span {
        let diagnostic = Diagnostic::new(msg!("rules-not-evaluated"), Severity::Hint, span)
            .arg("kind", &subject.kind_name)
            .consequence(msg!("server-evaluates-rules"));
        findings.report(subject.place, diagnostic);
    }
}

/// Where the first rules stand in a part of a definition.
fn first_rules(node: &Node) -> Option<Span> {
    match &node.kind {
        NodeKind::Mapping(entries) => entries.iter().find_map(|entry| {
            let is_it = &*entry.key == RULES;
            if is_it { Some(entry.key_span) } else { first_rules(&entry.value) }
        }),
        NodeKind::Sequence(items) => items.iter().find_map(first_rules),
        _ => None,
    }
}
