//! Kinds that are checked and kept, but that nothing acts on yet.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::objects::Object;
use crate::api::subject::{Findings, Subject};
use crate::manifest::{Diagnostic, Node, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    // Of a definition the API server itself makes what follows.
    if subject.kind.is_some_and(|kind| Object::is_simulated(kind) || kind == Kind::CustomResourceDefinition) {
        return;
    }
    let span = subject.root.get("kind").map_or(subject.root.span, |node: &Node| node.span);
    let diagnostic = Diagnostic::new(msg!("not-simulated"), Severity::Hint, span)
        .arg("kind", &subject.kind_name)
        .consequence(msg!("kept-not-simulated"));
    findings.report(subject.place, diagnostic);
}
