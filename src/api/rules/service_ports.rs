//! The ports of a Service.

use super::port::{RANGE, invalid_name, out_of_range, same_name};
use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::layout::insert_first;
use crate::api::names::{label_errors, port_name_errors};
use crate::api::subject::{Findings, Subject};
use crate::manifest::{Diagnostic, Edit, Fix, Node, NodeKind, Severity};
use crate::msg;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    let Some(spec) = subject.get(&["spec"]).filter(|_| subject.is(Kind::Service)) else { return };
    let word = |key: &str| spec.get(key).and_then(Node::as_str).unwrap_or("");
    let external = word("type") == "ExternalName";
    if external {
        if word("externalName").is_empty() && !subject.is_doubtful("spec.externalName") {
            let span = spec.entry("type").map_or(spec.span, |entry| entry.key_span);
            let diagnostic = Diagnostic::new(msg!("missing-field"), Severity::Error, span)
                .arg("field", "externalName")
                .arg("parent", "spec");
            findings.invalid(subject.place, diagnostic, FieldError::required("spec.externalName", ""));
        }
        return;
    }
    let ports = spec.get("ports").map(Node::items).unwrap_or_default();
    if ports.is_empty() {
        if word("clusterIP") != "None" && !subject.is_doubtful("spec.ports") && !spec.is_null() {
            let entry = spec.entry("ports").or(spec.entries().first());
            let diagnostic = Diagnostic::new(
                msg!("missing-field"),
                Severity::Error,
                entry.map_or(spec.span, |entry| entry.key_span),
            )
            .arg("field", "ports")
            .arg("parent", "spec");
            findings.invalid(subject.place, diagnostic, FieldError::required("spec.ports", ""));
        }
        return;
    }
    let (mut names, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for (i, port) in ports.iter().enumerate() {
        let path = format!("spec.ports[{i}]");
        name(subject, &path, port, ports.len() > 1, &mut names, findings);
        number(subject, &path, port, findings);
        node_port(subject, &path, port, matches!(word("type"), "" | "ClusterIP"), findings);
        let protocol = port.get("protocol").and_then(Node::as_str).unwrap_or("TCP").to_owned();
        if let Some(node) = port.get("port")
            && let NodeKind::Int(number) = node.kind
            && !numbers.insert((number, protocol.clone()))
        {
            let diagnostic = Diagnostic::new(msg!("same-service-port-twice"), Severity::Error, node.span)
                .arg("port", number);
            let error = FieldError::duplicate(path, "")
                .with_value(format!("{{\"Protocol\":\"{protocol}\",\"Port\":{number}}}"));
            findings.invalid(subject.place, diagnostic, error);
        }
    }
}

fn name(
    subject: &Subject,
    path: &str,
    port: &Node,
    several: bool,
    names: &mut BTreeSet<String>,
    findings: &mut Findings,
) {
    let path = format!("{path}.name");
    let written = port.get("name");
    let Some((node, name)) =
        written.and_then(|node| Some((node, node.as_str().filter(|name| !name.is_empty())?)))
    else {
        let missing = written.is_none_or(|node| matches!(node.kind, NodeKind::Null | NodeKind::String(_)));
        if several && missing && !subject.is_doubtful(&path) {
            let span = port.entries().first().map_or(port.span, |entry| entry.key_span);
            let mut diagnostic = Diagnostic::new(msg!("service-port-without-name"), Severity::Error, span);
            if let (None, Some(edit)) = (written, name_edit(subject, port)) {
                diagnostic =
                    diagnostic.fix(Fix::new(msg!("fix-add-field"), vec![edit.1]).arg("field", edit.0));
            }
            findings.invalid(subject.place, diagnostic, FieldError::required(path, ""));
        }
        return;
    };
    if let Some(first) = label_errors(name).first() {
        findings.invalid(
            subject.place,
            invalid_name(node, name),
            FieldError::invalid(path, name, first.clone()),
        );
    } else if !names.insert(name.to_owned()) {
        findings.invalid(subject.place, same_name(node, name, names), FieldError::duplicate(path, name));
    }
}

/// A name after the port, which no other of the Service has.
fn name_edit(subject: &Subject, port: &Node) -> Option<(String, Edit)> {
    let NodeKind::Int(number) = port.get("port")?.kind else { return None };
    let protocol = port.get("protocol").and_then(Node::as_str).unwrap_or("TCP").to_ascii_lowercase();
    let line = match number {
        80 if protocol == "tcp" => "name: http".to_owned(),
        443 if protocol == "tcp" => "name: https".to_owned(),
        number => format!("name: {protocol}-{number}"),
    };
    let edit = insert_first(subject.text, port, &line)?;
    Some((line, edit))
}

fn number(subject: &Subject, path: &str, port: &Node, findings: &mut Findings) {
    let in_range = |number: i64| (1..=65535).contains(&number);
    let number = port.get("port").map(|node| (node, &node.kind));
    if let Some((node, NodeKind::Int(number))) = number
        && !in_range(*number)
    {
        let error = FieldError::invalid(format!("{path}.port"), *number, RANGE);
        findings.invalid(subject.place, out_of_range(node, *number), error);
        if port.get("targetPort").is_none() {
            findings
                .errors
                .push((subject.place, FieldError::invalid(format!("{path}.targetPort"), *number, RANGE)));
        }
    }
    let Some(target) = port.get("targetPort") else { return };
    let at = format!("{path}.targetPort");
    match &target.kind {
        // 0 is the default.
        NodeKind::Int(number) if !in_range(*number) && *number != 0 => {
            findings.invalid(
                subject.place,
                out_of_range(target, *number),
                FieldError::invalid(at, *number, RANGE),
            );
        }
        NodeKind::String(name) if !name.is_empty() => {
            let errors = port_name_errors(name);
            let Some(first) = errors.first() else { return };
            let diagnostic = match name.parse::<u16>() {
                Ok(number) => Diagnostic::new(msg!("port-in-quotes"), Severity::Error, target.span)
                    .arg("value", i64::from(number))
                    .fix(
                        Fix::new(msg!("fix-change-to"), vec![Edit::replace(target.span, number.to_string())])
                            .arg("to", i64::from(number)),
                    ),
                Err(_) => invalid_name(target, name),
            };
            findings.invalid(subject.place, diagnostic, FieldError::invalid(&*at, &**name, first.clone()));
            errors[1..].iter().for_each(|more| {
                findings.errors.push((subject.place, FieldError::invalid(&*at, &**name, more.clone())));
            });
        }
        _ => {}
    }
}

fn node_port(subject: &Subject, path: &str, port: &Node, cluster_ip: bool, findings: &mut Findings) {
    let Some(node) = port.get("nodePort") else { return };
    let NodeKind::Int(number) = node.kind else { return };
    if number == 0 {
        return;
    }
    let at = format!("{path}.nodePort");
    if cluster_ip {
        let diagnostic = Diagnostic::new(msg!("node-port-of-cluster-ip"), Severity::Error, node.span);
        let error = FieldError::forbidden(at, "may not be used when `type` is 'ClusterIP'");
        findings.invalid(subject.place, diagnostic, error);
    } else if !(30_000..=32_767).contains(&number) {
        let diagnostic =
            Diagnostic::new(msg!("node-port-out-of-range"), Severity::Error, node.span).arg("value", number);
        let why = "provided port is not in the valid range. The range of valid ports is 30000-32767";
        findings.invalid(subject.place, diagnostic, FieldError::invalid(at, number, why));
    }
}
