//! A PriorityClass that is not there: the API server refuses every Pod of it.

use super::{Check, MAKERS, Rule};
use crate::api::kinds::Kind;
use crate::api::subject::Findings;
use crate::api::world::{World, Written};
use crate::manifest::{Diagnostic, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(MAKERS, check) };

fn check(world: &World, written: &Written, findings: &mut Findings) {
    let Some(node) = written.in_pod_spec(&["priorityClassName"]) else { return };
    let Some(name) = node.as_str().filter(|name| !name.is_empty()) else { return };
    // Every cluster has these two.
    let built_in = matches!(name, "system-cluster-critical" | "system-node-critical");
    if built_in || world.has(Kind::PriorityClass, "", name) {
        return;
    }
    let diagnostic = Diagnostic::new(msg!("priority-class-missing"), Severity::Warning, node.span)
        .arg("name", name)
        .consequence(msg!("pods-refused-for-priority"));
    written.tell(diagnostic, findings);
}
