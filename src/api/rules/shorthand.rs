//! One word or number where a mapping is wanted, of which it is a field: `- 80` for `- containerPort: 80`,
//! `strategy: Recreate` for `type: Recreate`, `- regcred` for `- name: regcred`.

use super::{Check, Rule};
use crate::api::layout::column;
use crate::api::mend::fits;
use crate::api::subject::{Findings, Mended, Misfit};
use crate::manifest::{Diagnostic, Edit, Entry, Fix, Node, NodeKind, Severity};
use crate::msg;
use crate::schema::{Definition, Field, Type};
use crate::value::Str;

pub(super) const RULE: Rule = Rule { check: Check::Misfit(check) };

fn check(misfit: &Misfit, findings: &mut Findings) -> Option<Mended> {
    let Type::Object(definition) = misfit.ty else { return None };
    let node = misfit.node;
    let found = match node.kind {
        NodeKind::String(_) => "string",
        NodeKind::Int(_) => "number",
        _ => return None,
    };
    let field = meant(definition.get(), node)?;
    let text = misfit.text;
    let written = node.span.slice(text);
    // Beside its key the value has to go to a line of its own.
    let replacement = match misfit.entry {
        Some(entry) if !in_flow(text, entry) => {
            let indent = column(text, entry.key_span.start as usize) + 2;
            format!("\n{}{}: {written}", " ".repeat(indent), field.name)
        }
        Some(_) => format!("{{{}: {written}}}", field.name),
        None => format!("{}: {written}", field.name),
    };
    let place = match misfit.entry {
        Some(entry) if !in_flow(text, entry) => {
            crate::manifest::Span::new(after_colon(text, entry), node.span.end as usize)
        }
        _ => node.span,
    };
    let diagnostic = Diagnostic::new(msg!("shorthand"), Severity::Error, node.span)
        .arg("field", misfit.field.name)
        .arg("value", written)
        .arg("right", field.name)
        .fix(
            Fix::new(msg!("fix-write-as"), vec![Edit::replace(place, replacement)])
                .arg("to", format!("{}: {written}", field.name)),
        );
    misfit.refused(diagnostic, found, &misfit.expected(), findings);
    let entry = Entry { key: Str::from(field.name), key_span: node.span, value: node.clone() };
    Some(Mended::As(Node { span: node.span, kind: NodeKind::Mapping(vec![entry]) }))
}

/// The field that a bare value is of, where that is plain.
fn meant(definition: &'static Definition, node: &Node) -> Option<&'static Field> {
    let takes = |field: &&Field| fits(&field.ty, node) && !matches!(field.ty, Type::Any | Type::RawExtension);
    if let Some(word) = node.as_str() {
        let mut by_word = definition.fields.iter().filter(|field| field.enum_values.contains(&word));
        if let (Some(field), None) = (by_word.next(), by_word.next()) {
            return Some(field);
        }
    }
    match (definition.name, &node.kind) {
        ("ContainerPort", NodeKind::Int(_)) => definition.field("containerPort"),
        ("ServicePort", NodeKind::Int(_)) => definition.field("port"),
        ("LocalObjectReference" | "SecretReference", NodeKind::String(_)) => definition.field("name"),
        _ => {
            // Of a single field, or of the only one that is required.
            let mut required = definition.required();
            match (definition.fields.as_slice(), required.next(), required.next()) {
                ([only], ..) => Some(only).filter(takes),
                (_, Some(field), None) if field.name == "name" => Some(field).filter(takes),
                _ => None,
            }
        }
    }
}

fn in_flow(text: &str, entry: &Entry) -> bool {
    !crate::api::layout::begins_line(text, entry.key_span.start as usize)
        && !text
            .get(
                crate::api::layout::line_start(text, entry.key_span.start as usize)
                    ..entry.key_span.start as usize,
            )
            .is_some_and(|before| before.trim_start().trim_start_matches("- ").trim().is_empty())
}

fn after_colon(text: &str, entry: &Entry) -> usize {
    let from = entry.key_span.end as usize;
    text.get(from..).and_then(|rest| rest.find(':')).map_or(from, |at| from + at + 1)
}
