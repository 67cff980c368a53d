//! Fields below which the line of their parent is missing, so that they stand in what comes before it.
//!
//! ```yaml
//! metadata:
//!   name: web
//!   containers:
//! ```

use super::{Check, Rule};
use crate::api::layout::{begins_line, column, is_flow, line_start};
use crate::api::path::Step;
use crate::api::subject::{Findings, Strangers};
use crate::manifest::{Diagnostic, Edit, Entry, Fix, Severity, Span};
use crate::msg;
use crate::schema::{Field, Type, nearest};

pub(super) const RULE: Rule = Rule { check: Check::Strangers(check) };

fn check(strangers: &mut Strangers, findings: &mut Findings) {
    // What follows the last field that is known, to the end.
    let known =
        strangers.entries.iter().rposition(|entry| !strangers.is_strange(entry)).map_or(0, |at| at + 1);
    let lost = &strangers.entries[known..];
    let Some(first) = lost.first() else { return };
    let text = strangers.text;
    let start = first.key_span.start as usize;
    let misspelt = |entry: &Entry| nearest(&entry.key, strangers.definition.field_names()).is_some();
    if is_flow(text, strangers.mapping) || !begins_line(text, start) || lost.iter().any(misspelt) {
        return;
    }
    let Some((field, parent_column)) = parent(strangers, lost) else { return };
    if parent_column >= column(text, start) {
        return;
    }
    let keys: Vec<&str> = lost.iter().map(|entry| &*entry.key).collect();
    let answer = strangers.answer(keys.iter().copied());
    let span = lost.iter().map(|entry| entry.key_span).reduce(Span::join).unwrap_or(first.key_span);
    let edit =
        Edit::insert(line_start(text, start), format!("{}{}:\n", " ".repeat(parent_column), field.name));
    let line = format!("{}:", field.name);
    let diagnostic = Diagnostic::new(msg!("missing-parent"), Severity::Error, span)
        .arg("key", keys.join(", "))
        .arg("parent", field.name)
        .fix(Fix::new(msg!("fix-add-field"), vec![edit]).arg("field", line));
    let path = strangers.path.to_string();
    let outside = path.rsplit_once('.').map_or(String::new(), |(outside, _)| format!("{outside}."));
    findings.refused(strangers.place, diagnostic, answer);
    strangers.doubts.push(format!("{outside}{}", field.name));
    strangers.entries.truncate(known);
}

/// The field beside this mapping that is missing and knows all of these, and the column where it would begin.
fn parent(strangers: &Strangers, lost: &[Entry]) -> Option<(&'static Field, usize)> {
    let Some(Step::Field(definition, own)) = strangers.path.last() else { return None };
    let outside = strangers.path.outside(strangers.root.0)?;
    let own = outside.entry(own)?;
    let knows_all = |field: &&'static Field| match &field.ty {
        Type::Object(inner) => lost.iter().all(|entry| inner.get().field(&entry.key).is_some()),
        _ => false,
    };
    let mut missing =
        definition.fields.iter().filter(|field| field.name != "status" && outside.get(field.name).is_none());
    // A single field may be known in many places: only the great ones are likely to lack their line.
    let likely = |field: &&'static Field| lost.len() > 1 || matches!(field.name, "spec" | "template");
    let field = missing.find(|field| likely(field) && knows_all(field))?;
    let column = column(strangers.text, own.key_span.start as usize);
    begins_line(strangers.text, own.key_span.start as usize).then_some((field, column))
}
