//! The headless Service that gives the Pods of a StatefulSet their names: it is missing, or has an address of its own.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::objects::Object;
use crate::api::subject::Findings;
use crate::api::world::{World, Written};
use crate::manifest::{Diagnostic, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(&[Kind::StatefulSet], check) };

fn check(world: &World, written: &Written, findings: &mut Findings) {
    let Some(node) = written.subject.get(&["spec", "serviceName"]) else { return };
    let Some(name) = node.as_str().filter(|name| !name.is_empty()) else { return };
    let mut severity = Severity::Warning;
    let code = match world.find(Kind::Service, written.namespace(), name) {
        Some(Object::Service(service)) if &*service.spec.cluster_ip != "None" => {
            msg!("service-of-set-not-headless")
        }
        None if !world.has(Kind::Service, written.namespace(), name) => {
            severity = world.missing(Kind::Service, written.namespace());
            msg!("service-of-set-missing")
        }
        _ => return,
    };
    let diagnostic = Diagnostic::new(code, severity, node.span)
        .arg("name", name)
        .arg("pod", format!("{}-0.{name}", written.name()))
        .consequence(msg!("pods-have-no-names"));
    written.tell(diagnostic, findings);
}
