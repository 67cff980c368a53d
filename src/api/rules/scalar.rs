//! Values of the wrong type: a text for a number, a number for a text, and what no other rule knows better.

use super::{Check, Rule};
use crate::api::mend::fits;
use crate::api::path::Step;
use crate::api::subject::{Findings, Mended, Misfit, node_to_value};
use crate::manifest::{Arg, Diagnostic, Edit, Fix, Node, NodeKind, Severity, Span};
use crate::msg;
use crate::schema::Type;
use crate::value::{Value, json};

pub(super) const RULE: Rule = Rule { check: Check::Misfit(check) };

fn check(misfit: &Misfit, findings: &mut Findings) -> Option<Mended> {
    let node = misfit.node;
    let written = node.span.slice(misfit.text);
    let meant = match (misfit.ty, &node.kind) {
        // As it was written, not as YAML read it: `0022`, `1.10`, `yes`.
        (Type::String, NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Float(_)) if !written.is_empty() => {
            Some((json::compact(&written.into()), NodeKind::String(written.into())))
        }
        (ty, NodeKind::String(text)) => {
            unquoted(ty, text).map(|meant| (json::compact(&node_to_value(&meant)), meant.kind))
        }
        _ => None,
    };
    let mut diagnostic = Diagnostic::new(msg!("wrong-type"), Severity::Error, node.span)
        .arg("field", name(misfit))
        .arg("expected", Arg::Message(expected(misfit.ty)))
        .arg("found", Arg::Message(found(node)))
        .arg("value", written.lines().next().unwrap_or(""));
    if let (Type::String, Some(Step::Key(key))) = (misfit.ty, misfit.path.last())
        && matches!(misfit.field.name, "labels" | "matchLabels" | "annotations" | "selector" | "nodeSelector")
        && meant.is_some()
    {
        diagnostic.code = msg!("label-not-text");
        diagnostic = diagnostic.arg("key", key);
    }
    let mended = meant.map(|(text, kind)| {
        let edits = vec![Edit::replace(node.span, text.clone())];
        diagnostic.fixes.push(Fix::new(msg!("fix-change-to"), edits).arg("to", text));
        Node { span: node.span, kind }
    });
    let value = node_to_value(node);
    match crate::api::check::scalar_error(misfit.ty, &value) {
        Some(error) => findings.refused(misfit.place, diagnostic, error),
        None => misfit.refused(diagnostic, &go_found(misfit, &value), &go_expected(misfit), findings),
    }
    Some(mended.map_or(Mended::Doubtful, Mended::As))
}

/// What a text in quotes would be without them, where that is what is wanted.
fn unquoted(ty: &Type, text: &str) -> Option<Node> {
    let text = text.trim();
    let kind = match (ty, text) {
        (Type::Boolean, "true" | "yes" | "on") => NodeKind::Bool(true),
        (Type::Boolean, "false" | "no" | "off") => NodeKind::Bool(false),
        (Type::Integer(_), _) => NodeKind::Int(text.parse().ok()?),
        (Type::Number, _) => NodeKind::Float(text.parse().ok().filter(|number: &f64| number.is_finite())?),
        _ => return None,
    };
    let node = Node { span: Span::default(), kind };
    fits(ty, &node).then_some(node)
}

fn name(misfit: &Misfit) -> String {
    match misfit.path.last() {
        Some(Step::Key(key)) => format!("{}.{key}", misfit.field.name),
        Some(Step::Item(index)) => format!("{}[{index}]", misfit.field.name),
        _ => misfit.field.name.to_owned(),
    }
}

fn expected(ty: &Type) -> &'static str {
    match ty {
        Type::String => msg!("type-string"),
        Type::Integer(_) => msg!("type-integer"),
        Type::Number => msg!("type-number"),
        Type::Boolean => msg!("type-boolean"),
        Type::Array(_) => msg!("type-array"),
        Type::Object(_) | Type::Map(_) | Type::RawExtension | Type::Any => msg!("type-object"),
        Type::IntOrString => msg!("type-int-or-string"),
        Type::Quantity => msg!("type-quantity"),
        Type::Time | Type::MicroTime => msg!("type-time"),
        Type::Bytes => msg!("type-base64"),
    }
}

fn found(node: &Node) -> &'static str {
    match node.kind {
        NodeKind::Null => msg!("type-null"),
        NodeKind::Bool(_) => msg!("type-boolean"),
        NodeKind::Int(_) => msg!("type-integer"),
        NodeKind::Float(_) => msg!("type-number"),
        NodeKind::String(_) => msg!("type-string"),
        NodeKind::Sequence(_) => msg!("type-array"),
        NodeKind::Mapping(_) => msg!("type-object"),
    }
}

/// What Go's decoder calls what it found.
fn go_found(misfit: &Misfit, value: &Value) -> String {
    let kind = match &misfit.node.kind {
        NodeKind::Bool(_) => "bool",
        NodeKind::Int(_) | NodeKind::Float(_)
            if matches!(misfit.ty, Type::Integer(_) | Type::IntOrString) =>
        {
            return format!("number {}", json::compact(value));
        }
        NodeKind::Int(_) | NodeKind::Float(_) => "number",
        NodeKind::Sequence(_) => "array",
        NodeKind::Mapping(_) => "object",
        NodeKind::String(_) => "string",
        NodeKind::Null => "null",
    };
    kind.to_owned()
}

/// What Go's decoder calls what it wants.
fn go_expected(misfit: &Misfit) -> String {
    match misfit.ty {
        Type::IntOrString => "int32".to_owned(),
        Type::Time | Type::MicroTime => "string".to_owned(),
        _ => misfit.expected(),
    }
}
