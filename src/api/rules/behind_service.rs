//! What Pods behind a Service need so that no request is lost: a readiness probe while they start, time to be taken out of
//! the rules before they end, and others that are there meanwhile.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::labels::Selector;
use crate::api::objects::{Container, Deployment, Object};
use crate::api::programs::{Known, known};
use crate::api::subject::Findings;
use crate::api::world::{World, Written, place_of, template};
use crate::manifest::{Diagnostic, Severity};
use crate::msg;
use crate::value::Value;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule { check: Check::Across(check) };

fn check(world: &World, findings: &mut Findings) {
    let mut behind: BTreeSet<(Kind, &str, &str)> = BTreeSet::new();
    for (namespace, _, service) in world.all(Kind::Service) {
        let Some(Object::Service(service)) = service else { continue };
        let spec = &service.spec;
        // Nobody is kept from a Pod that is not ready where its Service says so.
        if spec.selector.is_empty() || &*spec.kind == "ExternalName" || spec.publish_not_ready_addresses {
            continue;
        }
        for maker in world.selected(namespace, &Selector::from_labels(&spec.selector)) {
            behind.insert((maker.object.kind(), namespace, &maker.object.meta().name));
        }
    }
    for written in world.written(&[Kind::Deployment]) {
        let Object::Deployment(deployment) = written.object else { continue };
        let is_behind = behind.contains(&(Kind::Deployment, written.namespace(), written.name()));
        if is_behind && starts(&written, findings) {
            ends(world, &written, deployment, findings);
        }
    }
}

/// A Pod without a readiness probe gets requests as soon as its program has started; servers that listen within a moment
/// can do without. Whether there is nothing to say: one thing is told after the other.
fn starts(written: &Written, findings: &mut Findings) -> bool {
    let Some((_, spec)) = template(written.object) else { return false };
    if spec.containers.iter().any(|container| container.readiness_probe.is_some()) {
        return true;
    }
    let containers = written.containers();
    let Some((at, container)) = containers.iter().find(|(at, container)| {
        !at.init && serves(container, spec.containers.len()) && known(container) != Known::Server
    }) else {
        return false;
    };
    let diagnostic =
        Diagnostic::new(msg!("no-readiness-probe"), Severity::Hint, place_of(at.node, &["name"]))
            .arg("container", &container.name)
            .consequence(msg!("requests-before-ready"));
    written.tell(diagnostic, findings);
    false
}

/// Whether requests may go to a container: the only one, or one that says that it listens.
fn serves(container: &Container, of: usize) -> bool {
    of == 1 || !container.ports.is_empty()
}

fn ends(world: &World, written: &Written, deployment: &Deployment, findings: &mut Findings) {
    let spec = &deployment.spec;
    let count = world.settled(written.namespace(), written.object).unwrap_or(1);
    if count == 0 {
        return;
    }
    if &*spec.strategy.kind == "Recreate" {
        let span = written
            .subject
            .get(&["spec", "strategy", "type"])
            .map_or(written.span(&["spec"]), |node| node.span);
        let diagnostic = Diagnostic::new(msg!("recreate-behind-service"), Severity::Hint, span)
            .consequence(msg!("requests-lost-between"));
        return written.tell(diagnostic, findings);
    }
    let bound = |value: &Value, up: bool| match value {
        Value::Int(number) => *number,
        Value::String(text) => {
            let percent = text.strip_suffix('%').and_then(|digits| digits.parse::<i64>().ok()).unwrap_or(0);
            (percent * count + if up { 99 } else { 0 }) / 100
        }
        _ => 0,
    };
    let bounds = spec.strategy.rolling_update.as_ref();
    let away = bounds
        .and_then(|bounds| bounds.max_unavailable.as_ref())
        .map_or(count / 4, |value| bound(value, false));
    let more = bounds
        .and_then(|bounds| bounds.max_surge.as_ref())
        .map_or((count + 3) / 4, |value| bound(value, true));
    if away >= count || (more == 0 && count == 1) {
        let way = ["spec", "strategy", "rollingUpdate", "maxUnavailable"];
        let span = written.subject.get(&way).map_or(written.span(&way), |node| node.span);
        let diagnostic = Diagnostic::new(msg!("rollout-leaves-none"), Severity::Warning, span)
            .arg("count", count)
            .consequence(msg!("requests-lost-between"));
        return written.tell(diagnostic, findings);
    }
    let pods = &spec.template.spec;
    if pods
        .containers
        .iter()
        .any(|container| container.lifecycle.as_ref().is_some_and(|own| own.pre_stop.is_some()))
    {
        return;
    }
    let containers = written.containers();
    let Some((at, container)) =
        containers.iter().find(|(at, container)| !at.init && serves(container, pods.containers.len()))
    else {
        return;
    };
    let diagnostic = Diagnostic::new(msg!("no-pre-stop"), Severity::Hint, place_of(at.node, &["name"]))
        .arg("container", &container.name)
        .consequence(msg!("requests-after-end"));
    written.tell(diagnostic, findings);
}
