//! Ports of containers: numbers out of range, names that are none.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::names::port_name_errors;
use crate::api::subject::{ContainerAt, Findings, Subject};
use crate::manifest::{Diagnostic, Edit, Fix, Node, NodeKind, Severity};
use crate::msg;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

/// What the server says of a port that is none.
pub(super) const RANGE: &str = "must be between 1 and 65535, inclusive";

fn check(subject: &Subject, findings: &mut Findings) {
    let Some(template) = subject.template() else { return };
    let host_network = template.spec().and_then(|spec| spec.get("hostNetwork"));
    let host_network = host_network.is_some_and(|node| matches!(node.kind, NodeKind::Bool(true)));
    for container in template.containers() {
        let mut names = BTreeSet::new();
        let ports = container.node.get("ports").map(Node::items).unwrap_or_default();
        for (i, port) in ports.iter().enumerate() {
            let path = || format!("{}.ports[{i}]", container.path());
            name(subject, &path, port, &mut names, findings);
            number(subject, &path, port, host_network, findings);
        }
        probes(subject, &container, findings);
    }
}

fn name(
    subject: &Subject,
    path: &dyn Fn() -> String,
    port: &Node,
    names: &mut BTreeSet<String>,
    findings: &mut Findings,
) {
    let Some(node) = port.get("name") else { return };
    let Some(name) = node.as_str().filter(|name| !name.is_empty()) else { return };
    let path = format!("{}.name", path());
    let errors = port_name_errors(name);
    if let Some(first) = errors.first() {
        findings.invalid(
            subject.place,
            invalid_name(node, name),
            FieldError::invalid(&*path, name, first.clone()),
        );
        errors[1..].iter().for_each(|more| {
            findings.errors.push((subject.place, FieldError::invalid(&*path, name, more.clone())));
        });
    } else if !names.insert(name.to_owned()) {
        findings.invalid(subject.place, same_name(node, name, names), FieldError::duplicate(path, name));
    }
}

/// A name of a port that another has, and one that is free.
pub(super) fn same_name(node: &Node, name: &str, names: &mut BTreeSet<String>) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(msg!("same-port-name-twice"), Severity::Error, node.span).arg("name", name);
    let kept = name.get(..name.len().min(12)).unwrap_or("").trim_end_matches('-');
    let free = (2..100).map(|n| format!("{kept}-{n}")).find(|free| !names.contains(free));
    let Some(free) = free.filter(|free| port_name_errors(free).is_empty()) else { return diagnostic };
    names.insert(free.clone());
    let edits = vec![Edit::replace(node.span, free.clone())];
    diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", free))
}

/// A name of a port that is none, and the one that was meant.
pub(super) fn invalid_name(node: &Node, name: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new(msg!("invalid-port-name"), Severity::Error, node.span).arg("name", name);
    let meant =
        crate::api::names::mended_name(name, false, 15).filter(|meant| port_name_errors(meant).is_empty());
    match meant {
        Some(meant) => {
            let edits = vec![Edit::replace(node.span, meant.clone())];
            diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", meant))
        }
        None => diagnostic,
    }
}

fn number(
    subject: &Subject,
    path: &dyn Fn() -> String,
    port: &Node,
    host_network: bool,
    findings: &mut Findings,
) {
    let int = |name: &str| match port.get(name).map(|node| (node, &node.kind)) {
        Some((node, NodeKind::Int(number))) => Some((node, *number)),
        _ => None,
    };
    let container_port = int("containerPort");
    if let Some((node, number)) = container_port
        && !(1..=65535).contains(&number)
    {
        // A port of 0 is one that is missing, to the server.
        let at = format!("{}.containerPort", path());
        let error = match number {
            0 => FieldError::required(at, ""),
            _ => FieldError::invalid(at, number, RANGE),
        };
        findings.invalid(subject.place, out_of_range(node, number), error);
    }
    let Some((node, number)) = int("hostPort").filter(|(_, number)| *number != 0) else { return };
    let at = format!("{}.hostPort", path());
    if !(1..=65535).contains(&number) {
        findings.invalid(subject.place, out_of_range(node, number), FieldError::invalid(at, number, RANGE));
    } else if host_network && container_port.is_some_and(|(_, port)| port != number) {
        let port = container_port.map_or(0, |(_, port)| port);
        let edits = vec![Edit::replace(node.span, port.to_string())];
        let diagnostic = Diagnostic::new(msg!("host-port-differs"), Severity::Error, node.span)
            .arg("port", port)
            .arg("value", number)
            .fix(Fix::new(msg!("fix-change-to"), edits).arg("to", port));
        let why = "must match `containerPort` when `hostNetwork` is true";
        findings.invalid(subject.place, diagnostic, FieldError::invalid(at, number, why));
    }
}

/// A number that is no port.
pub(super) fn out_of_range(node: &Node, number: i64) -> Diagnostic {
    Diagnostic::new(msg!("invalid-port"), Severity::Error, node.span).arg("value", number)
}

/// The ports that probes and hooks ask.
fn probes(subject: &Subject, container: &ContainerAt, findings: &mut Findings) {
    const WAYS: &[&[&str]] = &[
        &["livenessProbe"],
        &["readinessProbe"],
        &["startupProbe"],
        &["lifecycle", "postStart"],
        &["lifecycle", "preStop"],
    ];
    for way in WAYS {
        let Some(handler) = way.iter().try_fold(container.node, |node, key| node.get(key)) else { continue };
        for action in ["httpGet", "tcpSocket"] {
            let Some(node) = handler.get(action).and_then(|action| action.get("port")) else { continue };
            let at = || format!("{}.{}.{action}.port", container.path(), way.join("."));
            match &node.kind {
                NodeKind::Int(number) if !(1..=65535).contains(number) => {
                    let error = FieldError::invalid(at(), *number, RANGE);
                    findings.invalid(subject.place, out_of_range(node, *number), error);
                }
                NodeKind::String(name) => named(subject, container, node, name, &at, findings),
                _ => {}
            }
        }
    }
}

fn named(
    subject: &Subject,
    container: &ContainerAt,
    node: &Node,
    name: &str,
    at: &dyn Fn() -> String,
    findings: &mut Findings,
) {
    if let Some(first) = port_name_errors(name).first() {
        // A number in quotes is a name.
        let number = name.parse::<u16>().ok().filter(|number| *number > 0);
        let diagnostic = match number {
            Some(number) => Diagnostic::new(msg!("port-in-quotes"), Severity::Error, node.span)
                .arg("value", i64::from(number))
                .fix(
                    Fix::new(msg!("fix-change-to"), vec![Edit::replace(node.span, number.to_string())])
                        .arg("to", i64::from(number)),
                ),
            None => invalid_name(node, name),
        };
        findings.invalid(subject.place, diagnostic, FieldError::invalid(at(), name, first.clone()));
        return;
    }
    let ports = container.node.get("ports").map(Node::items).unwrap_or_default();
    let names = || ports.iter().filter_map(|port| port.get("name").and_then(Node::as_str));
    if names().any(|known| known == name) || subject.is_doubtful(&container.path()) {
        return;
    }
    let mut diagnostic = Diagnostic::new(msg!("port-name-unknown"), Severity::Warning, node.span)
        .arg("port", name)
        .consequence(msg!("probe-fails"));
    if let Some(near) = crate::schema::nearest(name, names()).filter(|near| near.unique) {
        let edits = vec![Edit::replace(node.span, near.name)];
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", near.name));
    }
    findings.report(subject.place, diagnostic);
}
