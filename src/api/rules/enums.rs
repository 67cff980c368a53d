//! Words that are none of those that a field takes.

use super::{Check, Rule};
use crate::api::check::quoted;
use crate::api::field_error::FieldError;
use crate::api::subject::{Findings, Place, Subject, node_to_value};
use crate::manifest::{Diagnostic, Edit, Fix, Node, NodeKind, Severity};
use crate::msg;
use crate::schema::nearest;

pub(super) const RULE: Rule = Rule { check: Check::Field(check) };

fn check(subject: &Subject, place: &Place, findings: &mut Findings) {
    let allowed = place.field.enum_values;
    if allowed.is_empty() {
        return;
    }
    match &place.node.kind {
        NodeKind::String(_) => judge(subject, place, place.node, None, allowed, findings),
        NodeKind::Sequence(items) => {
            for (i, item) in items.iter().enumerate() {
                judge(subject, place, item, Some(i), allowed, findings);
            }
        }
        _ => {}
    }
}

fn judge(
    subject: &Subject,
    place: &Place,
    node: &Node,
    index: Option<usize>,
    allowed: &'static [&'static str],
    findings: &mut Findings,
) {
    // An empty word is the default.
    let Some(word) = node.as_str().filter(|word| !word.is_empty() && !allowed.contains(word)) else { return };
    let mut diagnostic = Diagnostic::new(msg!("wrong-enum"), Severity::Error, node.span)
        .arg("field", place.field.name)
        .arg("value", word)
        .arg("allowed", allowed.join(", "));
    let near = || nearest(word, allowed.iter().copied()).filter(|near| near.unique).map(|near| near.name);
    if let Some(near) = abbreviated(word, allowed).or_else(near).or_else(|| begun(word, allowed)) {
        let edits = vec![Edit::replace(node.span, near)];
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", near));
    }
    findings.invalid(subject.place, diagnostic, error(place, node, word, index, allowed));
}

/// `RWO`: the capitals of a word.
fn abbreviated(word: &str, allowed: &[&'static str]) -> Option<&'static str> {
    let capitals = |word: &str| word.chars().filter(char::is_ascii_uppercase).collect::<String>();
    let mut matching = allowed.iter().filter(|allowed| word.len() > 1 && capitals(allowed) == word);
    matching.next().copied()
}

/// `Rolling`: the only word that begins so.
fn begun(word: &str, allowed: &[&'static str]) -> Option<&'static str> {
    let mut begun = allowed.iter().filter(|allowed| allowed.starts_with(word));
    let first = begun.next().filter(|_| word.len() > 2)?;
    begun.next().is_none().then_some(*first)
}

/// The error of the server, which has some words and places of its own.
fn error(
    place: &Place,
    node: &Node,
    word: &str,
    index: Option<usize>,
    allowed: &'static [&'static str],
) -> FieldError {
    let path = place.path.to_string();
    let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
    match (place.owner.name, place.field.name) {
        ("DeploymentStrategy", "type") => {
            FieldError::unsupported(parent, word, allowed).with_value(strategy(word))
        }
        ("StatefulSetUpdateStrategy" | "DaemonSetUpdateStrategy", "type") => {
            FieldError::invalid(parent, word, "must be 'RollingUpdate' or 'OnDelete'")
                .with_value(strategy(word))
        }
        ("StatefulSetSpec", "podManagementPolicy") => {
            FieldError::invalid(path, word, "must be 'OrderedReady' or 'Parallel'")
        }
        ("LabelSelectorRequirement", "operator") => {
            FieldError::invalid(path, word, "not a valid selector operator")
        }
        (_, "accessModes") => FieldError::unsupported(path, word, allowed),
        _ => {
            let at = index.map_or(path.clone(), |index| format!("{path}[{index}]"));
            FieldError::unsupported(at, node_to_value(node), allowed)
        }
    }
}

/// How the server prints a strategy.
fn strategy(word: &str) -> String {
    format!("{{\"Type\":{},\"RollingUpdate\":null}}", quoted(word))
}
