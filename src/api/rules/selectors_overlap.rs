//! Two workloads that select the same Pods.

use super::{Check, Rule, SERVERS};
use crate::api::subject::Findings;
use crate::api::world::{World, Written, own_selector};
use crate::manifest::{Diagnostic, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(SERVERS, check) };

fn check(world: &World, written: &Written, findings: &mut Findings) {
    let Some(selector) = own_selector(written.object) else { return };
    let makers = world.selected(written.namespace(), &selector);
    let other = makers.iter().find(|maker| {
        let key = |kind, name: &str| (kind, name.to_owned());
        let own = key(written.object.kind(), written.name());
        // What only makes Pods that end selects by a label of its own.
        SERVERS.contains(&maker.object.kind()) && key(maker.object.kind(), &maker.object.meta().name) != own
    });
    let Some(other) = other else { return };
    let diagnostic =
        Diagnostic::new(msg!("selectors-overlap"), Severity::Warning, written.span(&["spec", "selector"]))
            .arg("selector", selector.to_string())
            .arg("other", other.named())
            .consequence(msg!("workloads-mix"));
    written.tell(diagnostic, findings);
}
