//! Containers and volumes of one Pod that share a name.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::subject::{Findings, Subject};
use crate::manifest::{Diagnostic, Edit, Fix, Node, Severity};
use crate::msg;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    let Some(template) = subject.template() else { return };
    let containers = template.containers();
    let containers = containers.iter().map(|container| (container.path(), container.node));
    unique(subject, containers.collect(), msg!("same-container-twice"), findings);
    let volumes = template.spec().and_then(|spec| spec.get("volumes")).map(Node::items).unwrap_or_default();
    let volumes = volumes.iter().enumerate();
    let volumes = volumes.map(|(i, volume)| (template.at(&format!("spec.volumes[{i}]")), volume));
    unique(subject, volumes.collect(), msg!("same-volume-twice"), findings);
}

fn unique(subject: &Subject, named: Vec<(String, &Node)>, code: &'static str, findings: &mut Findings) {
    let name_of = |node: &Node| node.get("name").and_then(Node::as_str).map(str::to_owned);
    let all: BTreeSet<String> = named.iter().filter_map(|(_, node)| name_of(node)).collect();
    let mut seen = BTreeSet::new();
    let mut given = BTreeSet::new();
    for (path, node) in named {
        let (Some(name), Some(value)) = (name_of(node), node.get("name")) else { continue };
        if name.is_empty() || seen.insert(name.clone()) {
            continue;
        }
        let free =
            (2..100).map(|n| format!("{name}-{n}")).find(|free| !all.contains(free) && !given.contains(free));
        let mut diagnostic = Diagnostic::new(code, Severity::Error, value.span).arg("name", &*name);
        if let Some(free) = free {
            given.insert(free.clone());
            let edits = vec![Edit::replace(value.span, free.clone())];
            diagnostic = diagnostic.fix(Fix::new(msg!("fix-change-to"), edits).arg("to", free));
        }
        findings.invalid(subject.place, diagnostic, FieldError::duplicate(format!("{path}.name"), name));
    }
}
