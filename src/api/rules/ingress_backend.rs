//! The backend of an Ingress as `networking.k8s.io/v1beta1` had it, under a version that has it otherwise.

use super::{Check, Rule};
use crate::api::layout::{column, is_flow};
use crate::api::subject::{Findings, Strangers};
use crate::manifest::{Diagnostic, Edit, Entry, Fix, Node, NodeKind, Severity, Span};
use crate::msg;
use crate::value::Str;

pub(super) const RULE: Rule = Rule { check: Check::Strangers(check) };

fn check(strangers: &mut Strangers, findings: &mut Findings) {
    if strangers.definition.name != "IngressBackend" || strangers.mapping.get("service").is_some() {
        return;
    }
    let find = |key: &str| strangers.entries.iter().find(|entry| &*entry.key == key).cloned();
    let (Some(name), Some(port)) = (find("serviceName"), find("servicePort")) else { return };
    let is_scalar = |node: &Node| matches!(node.kind, NodeKind::String(_) | NodeKind::Int(_));
    if !is_scalar(&name.value) || !is_scalar(&port.value) {
        return;
    }
    let text = strangers.text;
    let by = if matches!(port.value.kind, NodeKind::Int(_)) { "number" } else { "name" };
    let (name_text, port_text) = (name.value.span.slice(text), port.value.span.slice(text));
    let span = name.span().join(port.span());
    let alone = strangers.entries.len() == 2;
    let replacement = if is_flow(text, strangers.mapping) {
        format!("service: {{name: {name_text}, port: {{{by}: {port_text}}}}}")
    } else {
        let indent = " ".repeat(column(text, span.start as usize));
        format!("service:\n{indent}  name: {name_text}\n{indent}  port:\n{indent}    {by}: {port_text}")
    };
    let mut diagnostic = Diagnostic::new(msg!("old-ingress-backend"), Severity::Error, span);
    if alone {
        let edits = vec![Edit::replace(span, replacement)];
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", "service"));
    }
    let answer = strangers.answer(["serviceName", "servicePort"]);
    findings.refused(strangers.place, diagnostic, answer);
    let service = mended(span, &name, &port, by);
    strangers.entries.retain(|entry| !matches!(&*entry.key, "serviceName" | "servicePort"));
    strangers.entries.push(service);
}

fn mended(span: Span, name: &Entry, port: &Entry, by: &str) -> Entry {
    let mapping = |entries: Vec<Entry>| Node { span, kind: NodeKind::Mapping(entries) };
    let entry = |key: &str, key_span: Span, value: Node| Entry { key: Str::from(key), key_span, value };
    let port = mapping(vec![entry(by, port.key_span, port.value.clone())]);
    let fields = vec![entry("name", name.key_span, name.value.clone()), entry("port", name.key_span, port)];
    entry("service", name.key_span, mapping(fields))
}
