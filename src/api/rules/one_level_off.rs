//! Entries that stand beside the field that they belong into: one level off.
//!
//! ```yaml
//! labels:
//! app: web
//! ```

use super::{Check, Rule};
use crate::api::layout::{begins_line, column};
use crate::api::subject::{Findings, Strangers};
use crate::manifest::{Diagnostic, Entry, Fix, Node, NodeKind, Severity, Span, indent_edit};
use crate::msg;
use crate::schema::Type;

pub(super) const RULE: Rule = Rule { check: Check::Strangers(check) };

fn check(strangers: &mut Strangers, findings: &mut Findings) {
    let mut at = 0;
    while at < strangers.entries.len() {
        let moved = belonging(strangers, at);
        if moved > 0 {
            tell(strangers, at, moved, findings);
        }
        at += 1;
    }
}

/// How many of the entries after the one at `at` belong into it.
fn belonging(strangers: &Strangers, at: usize) -> usize {
    let Some(parent) = strangers.entries.get(at) else { return 0 };
    let Some(field) = strangers.definition.field(&parent.key) else { return 0 };
    // An empty value, and not a written null.
    if !parent.value.is_null()
        || !parent.value.span.is_empty()
        || !matches!(field.ty, Type::Object(_) | Type::Map(_))
    {
        return 0;
    }
    let depth = column(strangers.text, parent.key_span.start as usize);
    strangers.entries[at + 1..]
        .iter()
        .take_while(|entry| {
            strangers.is_strange(entry)
                && belongs(&field.ty, entry)
                && column(strangers.text, entry.key_span.start as usize) == depth
                && begins_line(strangers.text, entry.key_span.start as usize)
        })
        .count()
}

fn belongs(ty: &Type, entry: &Entry) -> bool {
    match ty {
        Type::Object(definition) => definition.field(&entry.key).is_some(),
        Type::Map(inner) => match **inner {
            Type::Object(_) | Type::Map(_) => matches!(entry.value.kind, NodeKind::Mapping(_)),
            _ => !matches!(entry.value.kind, NodeKind::Mapping(_) | NodeKind::Sequence(_) | NodeKind::Null),
        },
        _ => false,
    }
}

fn tell(strangers: &mut Strangers, at: usize, count: usize, findings: &mut Findings) {
    let moved: Vec<Entry> = strangers.entries.drain(at + 1..=at + count).collect();
    let Some(parent) = strangers.entries.get_mut(at) else { return };
    let spans = moved.iter().map(Entry::span);
    let span = spans.reduce(Span::join).unwrap_or_default();
    let keys: Vec<&str> = moved.iter().map(|entry| &*entry.key).collect();
    let parent_key = parent.key.clone();
    parent.value = Node { span, kind: NodeKind::Mapping(moved.clone()) };
    let diagnostic = Diagnostic::new(msg!("one-level-off"), Severity::Error, span)
        .arg("key", keys.join(", "))
        .arg("parent", &parent_key)
        .arg("spaces", 2_i64)
        .fix(Fix::new(msg!("fix-indent"), indent_edit(strangers.text, span, 2)).arg("spaces", 2_i64));
    let answer = strangers.answer(keys);
    findings.refused(strangers.place, diagnostic, answer);
}
