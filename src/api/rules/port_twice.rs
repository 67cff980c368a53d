//! Two containers of one Pod that listen on the same port: they share one network.

use super::{Check, Rule};
use crate::api::subject::{Findings, Subject};
use crate::manifest::{Diagnostic, Node, NodeKind, Severity};
use crate::msg;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    let Some(template) = subject.template() else { return };
    let mut taken: BTreeMap<(i64, &str), &str> = BTreeMap::new();
    for container in template.containers() {
        let text = |node: &'_ Node, key: &str| node.get(key).and_then(Node::as_str).map(str::to_owned);
        // An init container has ended before the others start, unless it is a sidecar.
        if container.init && text(container.node, "restartPolicy").as_deref() != Some("Always") {
            continue;
        }
        let name = container.node.get("name").and_then(Node::as_str).unwrap_or("");
        for port in container.node.get("ports").map(Node::items).unwrap_or_default() {
            let Some((node, NodeKind::Int(number))) =
                port.get("containerPort").map(|node| (node, &node.kind))
            else {
                continue;
            };
            let protocol = port.get("protocol").and_then(Node::as_str).unwrap_or("TCP");
            let first = *taken.entry((*number, protocol)).or_insert(name);
            if first != name {
                let diagnostic = Diagnostic::new(msg!("port-twice-in-pod"), Severity::Warning, node.span)
                    .arg("port", *number)
                    .arg("first", first)
                    .consequence(msg!("second-container-dies"));
                findings.report(subject.place, diagnostic);
            }
        }
    }
}
