//! A Service whose Pods come from workloads that have nothing to do with each other.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::labels::Selector;
use crate::api::objects::{Object, PodSpec};
use crate::api::programs::{official, repository};
use crate::api::subject::Findings;
use crate::api::world::{World, Written};
use crate::manifest::{Diagnostic, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(&[Kind::Service], check) };

fn check(world: &World, written: &Written, findings: &mut Findings) {
    let Object::Service(service) = written.object else { return };
    if service.spec.selector.is_empty() || &*service.spec.kind == "ExternalName" {
        return;
    }
    let selector = Selector::from_labels(&service.spec.selector);
    let makers = world.selected(written.namespace(), &selector);
    let Some((first, others)) = makers.split_first() else { return };
    // Two versions of one program are meant to share a Service.
    let Some(other) = others.iter().find(|other| programs(other.spec) != programs(first.spec)) else {
        return;
    };
    let diagnostic =
        Diagnostic::new(msg!("service-selects-two"), Severity::Warning, written.span(&["spec", "selector"]))
            .arg("service", written.name())
            .arg("selector", selector.to_string())
            .arg("first", first.named())
            .arg("other", other.named())
            .consequence(msg!("requests-go-to-both"));
    written.tell(diagnostic, findings);
}

/// The images without their versions.
fn programs(spec: &PodSpec) -> Vec<&str> {
    let name = |image| official(image).unwrap_or_else(|| repository(image));
    let mut all: Vec<&str> = spec.containers.iter().map(|container| name(&container.image)).collect();
    all.sort_unstable();
    all
}
