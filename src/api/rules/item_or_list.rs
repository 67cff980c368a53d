//! One thing where a list is wanted, or a list where one thing is wanted.

use super::{Check, Rule};
use crate::api::layout::{begins_line, column, is_flow, line_start};
use crate::api::mend::fits;
use crate::api::subject::{Findings, Mended, Misfit};
use crate::manifest::{Diagnostic, Edit, Entry, Fix, Node, NodeKind, Severity, Span, indent_edit};
use crate::msg;
use crate::schema::Type;

pub(super) const RULE: Rule = Rule { check: Check::Misfit(check) };

fn check(misfit: &Misfit, findings: &mut Findings) -> Option<Mended> {
    match (misfit.ty, &misfit.node.kind) {
        (Type::Array(inner), NodeKind::Mapping(entries)) => {
            let Type::Object(definition) = **inner else { return None };
            let known = entries.iter().any(|entry| definition.field(&entry.key).is_some());
            if known { Some(missing_dash(misfit, findings)) } else { None }
        }
        (Type::Array(inner), _) if fits(inner, misfit.node) => Some(bare_item(misfit, findings)),
        (Type::Map(inner), NodeKind::Sequence(items)) => {
            let all = items.iter().all(|item| {
                !item.entries().is_empty() && item.entries().iter().all(|entry| fits(inner, &entry.value))
            });
            if all && !items.is_empty() { Some(dashes(misfit, items, findings)) } else { None }
        }
        (Type::Object(definition), NodeKind::Sequence(items)) => match items.as_slice() {
            [item] if item.entries().iter().any(|entry| definition.field(&entry.key).is_some()) => {
                Some(dashes(misfit, items, findings))
            }
            _ => None,
        },
        _ => None,
    }
}

/// `containers:` with the fields of one container below it.
fn missing_dash(misfit: &Misfit, findings: &mut Findings) -> Mended {
    let (text, node) = (misfit.text, misfit.node);
    let mut diagnostic =
        Diagnostic::new(msg!("missing-dash"), Severity::Error, node.span).arg("field", misfit.field.name);
    let first = node.entries().first().map_or(0, |entry| entry.key_span.start as usize);
    if is_flow(text, node) {
        let edits =
            vec![Edit::insert(node.span.start as usize, "["), Edit::insert(node.span.end as usize, "]")];
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-make-list"), edits));
    } else if begins_line(text, first) {
        let mut edits = indent_edit(text, Span::new(first, node.span.end as usize), 2);
        if let Some(edit) = edits.first_mut() {
            *edit = Edit::insert(first, "- ");
        }
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-make-list"), edits));
    }
    misfit.refused(diagnostic, "object", &misfit.expected(), findings);
    Mended::As(Node { span: node.span, kind: NodeKind::Sequence(vec![node.clone()]) })
}

/// `command: sleep`.
fn bare_item(misfit: &Misfit, findings: &mut Findings) -> Mended {
    let node = misfit.node;
    let written = node.span.slice(misfit.text);
    let found = match node.kind {
        NodeKind::String(_) => "string",
        NodeKind::Bool(_) => "bool",
        _ => "number",
    };
    let mut diagnostic =
        Diagnostic::new(msg!("text-for-list"), Severity::Error, node.span).arg("field", misfit.field.name);
    let one_line = !written.contains('\n') && !written.is_empty();
    let words: Vec<&str> = node.as_str().unwrap_or("").split_whitespace().collect();
    let list = |items: &[&str]| {
        let items: Vec<String> =
            items.iter().map(|item| crate::value::json::compact(&(*item).into())).collect();
        format!("[{}]", items.join(", "))
    };
    if let (true, [_, _, ..]) = (one_line, words.as_slice()) {
        // Several words: each an item, or all one; for a command, a program with arguments or a line for a shell.
        let whole = node.as_str().unwrap_or("");
        let other = if misfit.field.name == "command" { list(&["sh", "-c", whole]) } else { list(&[whole]) };
        for written in [list(&words), other] {
            let edits = vec![Edit::replace(node.span, written.clone())];
            diagnostic = diagnostic.fix(Fix::new(msg!("fix-write-as"), edits).arg("to", written));
        }
    } else if one_line {
        let edits =
            vec![Edit::insert(node.span.start as usize, "["), Edit::insert(node.span.end as usize, "]")];
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-write-as"), edits).arg("to", format!("[{written}]")));
    }
    misfit.refused(diagnostic, found, &misfit.expected(), findings);
    Mended::As(Node { span: node.span, kind: NodeKind::Sequence(vec![node.clone()]) })
}

/// `labels:` with a dash before each label.
fn dashes(misfit: &Misfit, items: &[Node], findings: &mut Findings) -> Mended {
    let node = misfit.node;
    let mut diagnostic =
        Diagnostic::new(msg!("list-for-mapping"), Severity::Error, node.span).arg("field", misfit.field.name);
    if let Some(edits) = without_dashes(misfit, items) {
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-remove-dashes"), edits));
    }
    misfit.refused(diagnostic, "array", &misfit.expected(), findings);
    let entries: Vec<Entry> = items.iter().flat_map(Node::entries).cloned().collect();
    Mended::As(Node { span: node.span, kind: NodeKind::Mapping(entries) })
}

fn without_dashes(misfit: &Misfit, items: &[Node]) -> Option<Vec<Edit>> {
    let (text, entry) = (misfit.text, misfit.entry?);
    if is_flow(text, misfit.node) {
        return None;
    }
    let parent = column(text, entry.key_span.start as usize);
    let mut edits = Vec::new();
    for item in items {
        if is_flow(text, item) {
            return None;
        }
        let first = item.entries().first()?.key_span.start as usize;
        let line = line_start(text, first);
        let before = text.get(line..first)?;
        if before.trim() != "-" {
            return None;
        }
        // `- app` becomes `  app`, which is deep enough unless the dash stood below its parent.
        let dash = line + before.find('-')?;
        edits.push(Edit::replace(Span::new(dash, dash + 1), " "));
        if first - line <= parent {
            return None;
        }
    }
    Some(edits)
}
