//! The environment as Docker Compose writes it: as a mapping, or as `NAME=value`.

use super::{Check, Rule};
use crate::api::layout::{begins_line, column, entry_lines, is_flow, line_start, scalar};
use crate::api::subject::{Findings, Mended, Misfit};
use crate::manifest::{Diagnostic, Edit, Entry, Fix, Node, NodeKind, Severity, Span};
use crate::msg;
use crate::schema::{Definition, Type};
use crate::value::Str;

/// `env: {NAME: value}`
pub(super) const AS_MAP: Rule = Rule { check: Check::Misfit(as_map) };

/// `- NAME=value`
pub(super) const AS_STRINGS: Rule = Rule { check: Check::Misfit(as_string) };

fn is_variable(definition: &Definition) -> bool {
    definition.name == "EnvVar"
}

fn as_map(misfit: &Misfit, findings: &mut Findings) -> Option<Mended> {
    let Type::Array(inner) = misfit.ty else { return None };
    let Type::Object(definition) = **inner else { return None };
    let variables = misfit.node.entries();
    if !is_variable(definition.get())
        || variables.is_empty()
        || variables.iter().any(|entry| is_collection(&entry.value))
    {
        return None;
    }
    let text = misfit.text;
    let mut diagnostic = Diagnostic::new(msg!("env-as-mapping"), Severity::Error, misfit.node.span);
    let first = variables[0].key_span.start as usize;
    if !is_flow(text, misfit.node)
        && begins_line(text, first)
        && variables.iter().all(|entry| entry_lines(text, entry).is_some())
    {
        let indent = " ".repeat(column(text, first));
        let items: Vec<String> = variables
            .iter()
            .map(|entry| {
                format!(
                    "{indent}- name: {}\n{indent}  value: {}",
                    scalar(&entry.key),
                    quoted(text, &entry.value)
                )
            })
            .collect();
        let place = Span::new(line_start(text, first), misfit.node.span.end as usize);
        diagnostic =
            diagnostic.fix(Fix::new(msg!("fix-write-list"), vec![Edit::replace(place, items.join("\n"))]));
    }
    misfit.refused(diagnostic, "object", &misfit.expected(), findings);
    let items =
        variables.iter().map(|entry| variable(misfit.node.span, &entry.key, text_of(text, &entry.value)));
    Some(Mended::As(Node { span: misfit.node.span, kind: NodeKind::Sequence(items.collect()) }))
}

fn as_string(misfit: &Misfit, findings: &mut Findings) -> Option<Mended> {
    let Type::Object(definition) = misfit.ty else { return None };
    let (name, value) = misfit.node.as_str()?.split_once('=')?;
    if !is_variable(definition.get()) || name.is_empty() || name.contains(char::is_whitespace) {
        return None;
    }
    let span = misfit.node.span;
    let indent = " ".repeat(column(misfit.text, span.start as usize));
    let value_text = crate::value::json::compact(&value.into());
    let written = format!("name: {}\n{indent}value: {value_text}", scalar(name));
    let diagnostic = Diagnostic::new(msg!("env-as-text"), Severity::Error, span)
        .arg("name", name)
        .fix(Fix::new(msg!("fix-write-name-value"), vec![Edit::replace(span, written)]).arg("name", name));
    misfit.refused(diagnostic, "string", &misfit.expected(), findings);
    Some(Mended::As(variable(span, name, value.to_owned())))
}

fn is_collection(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Mapping(_) | NodeKind::Sequence(_))
}

/// A value as a text in YAML: numbers and truth values as they were written, in quotes.
fn quoted(text: &str, node: &Node) -> String {
    match node.kind {
        NodeKind::String(_) => node.span.slice(text).to_owned(),
        _ => crate::value::json::compact(&node.span.slice(text).into()),
    }
}

fn text_of(text: &str, node: &Node) -> String {
    node.as_str().unwrap_or_else(|| node.span.slice(text)).to_owned()
}

fn variable(span: Span, name: &str, value: String) -> Node {
    let entry = |key: &str, value: &str| Entry {
        key: Str::from(key),
        key_span: span,
        value: Node { span, kind: NodeKind::String(value.into()) },
    };
    Node { span, kind: NodeKind::Mapping(vec![entry("name", name), entry("value", &value)]) }
}
