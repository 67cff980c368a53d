//! The selector of a workload written like a Service's, and the other way round.

use super::{Check, Rule};
use crate::api::layout::{begins_line, column, entry_lines, is_flow, reindent};
use crate::api::subject::{Findings, Mended, Misfit, Strangers};
use crate::manifest::{Diagnostic, Edit, Entry, Fix, Node, NodeKind, Severity, Span, indent_edit};
use crate::msg;
use crate::schema::Type;
use crate::value::Str;

/// Labels that stand directly in a selector that wants them under `matchLabels`.
pub(super) const RULE: Rule = Rule { check: Check::Strangers(flat) };

/// `matchLabels` in a selector that wants the labels themselves.
pub(super) const IN_SERVICE: Rule = Rule { check: Check::Misfit(nested) };

fn flat(strangers: &mut Strangers, findings: &mut Findings) {
    let is_selector = strangers.definition.name == "LabelSelector";
    if !is_selector || strangers.mapping.get("matchLabels").is_some() {
        return;
    }
    let is_label = |entry: &Entry| {
        strangers.is_strange(entry)
            && !matches!(entry.value.kind, NodeKind::Mapping(_) | NodeKind::Sequence(_) | NodeKind::Null)
            && crate::schema::nearest(&entry.key, strangers.definition.field_names()).is_none()
    };
    let count = strangers.entries.iter().take_while(|entry| is_label(entry)).count();
    if count == 0 || count != strangers.entries.iter().filter(|entry| is_label(entry)).count() {
        return;
    }
    let moved: Vec<Entry> = strangers.entries.drain(..count).collect();
    let span = moved.iter().map(Entry::span).reduce(Span::join).unwrap_or_default();
    let keys: Vec<&str> = moved.iter().map(|entry| &*entry.key).collect();
    let text = strangers.text;
    let start = span.start as usize;
    let mut diagnostic = Diagnostic::new(msg!("selector-without-match-labels"), Severity::Error, span)
        .arg("key", keys.join(", "));
    let edits = if is_flow(text, strangers.mapping) {
        vec![Edit::insert(start, "matchLabels: {"), Edit::insert(span.end as usize, "}")]
    } else {
        let mut edits = indent_edit(text, span, 2);
        let line = format!("matchLabels:\n{}", " ".repeat(column(text, start)));
        match begins_line(text, start) {
            // The label's own indentation comes after the new line.
            true => {
                edits.remove(0);
                edits.push(Edit::insert(start, line + "  "));
            }
            false => edits.clear(),
        }
        edits
    };
    if !edits.is_empty() {
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-move-under"), edits).arg("parent", "matchLabels"));
    }
    let answer = strangers.answer(keys);
    findings.refused(strangers.place, diagnostic, answer);
    let entry = Entry {
        key: Str::from("matchLabels"),
        key_span: Span::at(start),
        value: Node { span, kind: NodeKind::Mapping(moved.clone()) },
    };
    strangers.entries.insert(0, entry);
}

fn nested(misfit: &Misfit, findings: &mut Findings) -> Option<Mended> {
    let entry = misfit.entry.filter(|entry| &*entry.key == "matchLabels")?;
    let in_map = matches!(&misfit.field.ty, Type::Map(inner) if **inner == Type::String);
    let labels = misfit.node.entries();
    if !in_map || misfit.field.name != "selector" || labels.is_empty() {
        return None;
    }
    let mut diagnostic = Diagnostic::new(msg!("selector-with-match-labels"), Severity::Error, entry.key_span)
        .arg("owner", misfit.owner.name.trim_end_matches("Spec"));
    if let Some(edit) = unnest(misfit.text, entry) {
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-remove"), vec![edit]).arg("what", "matchLabels"));
    }
    misfit.refused(diagnostic, "object", "string", findings);
    Some(Mended::Doubtful)
}

/// Puts the entries of `matchLabels` in its place.
fn unnest(text: &str, entry: &Entry) -> Option<Edit> {
    let span = entry.span();
    if is_flow(text, &entry.value) {
        let inner = Span::new(entry.value.span.start as usize + 1, entry.value.span.end as usize - 1);
        return begins_line(text, span.start as usize)
            .then(|| block_of_flow(text, inner, column(text, span.start as usize)))
            .map(|lines| Edit::replace(span, lines));
    }
    let lines = entry_lines(text, entry)?;
    let first = entry.value.entries().first()?.key_span.start as usize;
    let inner = Span::new(crate::api::layout::line_start(text, first), lines.end as usize);
    let moved = reindent(inner.slice(text), column(text, first), column(text, span.start as usize));
    Some(Edit::replace(lines, moved))
}

fn block_of_flow(text: &str, inner: Span, indent: usize) -> String {
    let entries: Vec<&str> =
        inner.slice(text).split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
    entries.join(&format!("\n{}", " ".repeat(indent)))
}
