//! A Pod with the labels that a ReplicaSet looks for: the ReplicaSet takes it for its own.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::subject::Findings;
use crate::api::world::{World, Written, own_selector};
use crate::manifest::{Diagnostic, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(&[Kind::ReplicaSet], check) };

fn check(world: &World, written: &Written, findings: &mut Findings) {
    let Some(selector) = own_selector(written.object) else { return };
    let makers = world.selected(written.namespace(), &selector);
    let Some(pod) = makers.iter().find(|maker| maker.object.kind() == Kind::Pod) else { return };
    let diagnostic =
        Diagnostic::new(msg!("pod-is-adopted"), Severity::Warning, written.span(&["spec", "selector"]))
            .arg("pod", &pod.object.meta().name)
            .arg("name", written.name())
            .consequence(msg!("pod-counts-as-own"));
    written.tell(diagnostic, findings);
}
