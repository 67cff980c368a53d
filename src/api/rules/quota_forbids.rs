//! Pods that a ResourceQuota or a LimitRange of their Namespace keeps out.

use super::{Check, MAKERS, Rule};
use crate::api::kinds::Kind;
use crate::api::objects::{Container, LimitRange, LimitRangeItem, Object, Pod, ResourceQuota};
use crate::api::quota::{is_in_scope, missing, restricted, usage};
use crate::api::resources::parse;
use crate::api::subject::Findings;
use crate::api::world::{World, Written, place_of, replicas};
use crate::manifest::{Diagnostic, Severity};
use crate::msg;
use std::rc::Rc;

pub(super) const RULE: Rule = Rule { check: Check::Among(MAKERS, check) };

fn check(world: &World, written: &Written, findings: &mut Findings) {
    let mut ranges = world
        .all_in(Kind::LimitRange, written.namespace())
        .filter_map(|(_, object)| object?.get::<LimitRange>());
    for range in ranges.by_ref() {
        for item in range.spec.limits.iter().filter(|item| &*item.kind == "Container") {
            bounds(written, &range.metadata.name, item, findings);
        }
    }
    let has_range = world.all_in(Kind::LimitRange, written.namespace()).next().is_some();
    for (_, object) in world.all_in(Kind::ResourceQuota, written.namespace()) {
        let Some(quota) = object.and_then(Object::get::<ResourceQuota>) else { continue };
        if !has_range {
            counts(written, quota, findings);
        }
    }
}

fn counts(written: &Written, quota: &ResourceQuota, findings: &mut Findings) {
    let Some(spec) = written.pod_spec() else { return };
    let pod = Pod { spec: Rc::new(spec.clone()), ..Pod::default() };
    let object = Object::from(pod.clone());
    if !is_in_scope(quota, &object) {
        return;
    }
    let hard = restricted(&quota.spec.hard, Kind::Pod);
    let span = written.in_pod_spec(&["containers"]).and_then(|all| all.items().first());
    let span = span.map_or(written.span(&["spec"]), |container| place_of(container, &["name"]));
    if let Some(why) = missing(&pod, &hard) {
        let diagnostic = Diagnostic::new(msg!("quota-wants-amounts"), Severity::Warning, span)
            .arg("quota", &quota.metadata.name)
            .arg("problem", why)
            .consequence(msg!("quota-keeps-out"));
        return written.tell(diagnostic, findings);
    }
    let count = replicas(written.object).map_or(1, |count| u32::try_from(count).unwrap_or(0));
    let wanted = usage(&object, &|_, _| false);
    let hard = parse(&quota.spec.hard);
    let too_much = hard.iter().find_map(|(name, hard)| {
        let all = wanted.get(name)?.times(count);
        (all > *hard).then_some((name, hard, all))
    });
    let Some((name, hard, all)) = too_much else { return };
    let diagnostic =
        Diagnostic::new(msg!("quota-too-small"), Severity::Warning, written.span(&["spec", "replicas"]))
            .arg("quota", &quota.metadata.name)
            .arg("resource", name)
            .arg("hard", hard.to_string())
            .arg("all", all.to_string())
            .consequence(msg!("quota-keeps-out"));
    written.tell(diagnostic, findings);
}

/// What a container says itself and a LimitRange does not let it.
fn bounds(written: &Written, range: &str, item: &LimitRangeItem, findings: &mut Findings) {
    let (least, most) = (parse(&item.min), parse(&item.max));
    for (at, container) in written.containers() {
        for (list, amounts) in amounts(container) {
            for (name, amount) in amounts {
                let bound = match (least.get(&name), most.get(&name)) {
                    (Some(least), _) if amount < *least => least,
                    (_, Some(most)) if amount > *most => most,
                    _ => continue,
                };
                let node = at.node.get("resources").and_then(|resources| resources.get(list));
                let Some(node) = node else { continue };
                let diagnostic = Diagnostic::new(
                    msg!("outside-limit-range"),
                    Severity::Warning,
                    place_of(node, &[&*name]),
                )
                .arg("range", range)
                .arg("resource", &name)
                .arg("amount", amount.to_string())
                .arg("bound", bound.to_string())
                .consequence(msg!("range-keeps-out"));
                return written.tell(diagnostic, findings);
            }
        }
    }
}

fn amounts(container: &Container) -> [(&'static str, crate::api::resources::ResourceList); 2] {
    let resources = container.resources.as_ref();
    let list = |requests: bool| {
        resources.map(|own| parse(if requests { &own.requests } else { &own.limits })).unwrap_or_default()
    };
    [("requests", list(true)), ("limits", list(false))]
}
