//! What a HorizontalPodAutoscaler scales: it is missing, writes its own replicas, has another autoscaler, or does not
//! say what it asks for.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::layout::entry_lines;
use crate::api::objects::{HorizontalPodAutoscaler, Object};
use crate::api::subject::Findings;
use crate::api::world::{World, Written, template};
use crate::manifest::{Diagnostic, Edit, Fix, Node, Severity};
use crate::msg;
use crate::value::Value;

pub(super) const RULE: Rule = Rule { check: Check::Among(&[Kind::HorizontalPodAutoscaler], check) };

/// The other way round: the workload that writes how many Pods it has though it is scaled.
pub(super) const WITH_REPLICAS: Rule = Rule { check: Check::Among(SCALED, replicas) };

const SCALED: &[Kind] = &[Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet];

fn check(world: &World, written: &Written, findings: &mut Findings) {
    let Object::HorizontalPodAutoscaler(scaler) = written.object else { return };
    let target = &scaler.spec.scale_target_ref;
    let Some(kind) = Kind::of(&target.api_version, &target.kind).filter(|kind| SCALED.contains(kind)) else {
        return;
    };
    let way = ["spec", "scaleTargetRef", "name"];
    let span = written.subject.get(&way).map_or(written.span(&way), |node| node.span);
    if !world.has(kind, written.namespace(), &target.name) {
        let diagnostic = Diagnostic::new(
            msg!("autoscaler-target-missing"),
            world.missing(kind, written.namespace()),
            span,
        )
        .arg("kind", &target.kind)
        .arg("name", &target.name)
        .consequence(msg!("autoscaler-cannot-scale"));
        return written.tell(diagnostic, findings);
    }
    let all = world.scalers(written.namespace(), kind, &target.name);
    if let Some(other) = all.first().filter(|first| **first != written.name()) {
        let diagnostic = Diagnostic::new(msg!("autoscalers-share-target"), Severity::Warning, span)
            .arg("other", *other)
            .arg("name", &target.name)
            .consequence(msg!("autoscalers-do-nothing"));
        written.tell(diagnostic, findings);
    }
    requests(world, written, scaler, kind, findings);
}

/// A share of what is asked for cannot be counted where nothing is asked for.
fn requests(
    world: &World,
    written: &Written,
    scaler: &HorizontalPodAutoscaler,
    kind: Kind,
    findings: &mut Findings,
) {
    let target = world.find(kind, written.namespace(), &scaler.spec.scale_target_ref.name);
    let Some((_, spec)) = target.and_then(template) else { return };
    // A LimitRange may say what containers ask for.
    if world.all_in(Kind::LimitRange, written.namespace()).next().is_some() {
        return;
    }
    let metrics = written.subject.get(&["spec", "metrics"]).map(Node::items).unwrap_or_default();
    let shares = |metric: &Value| {
        let resource = metric.get("resource")?;
        resource.at(&["target", "averageUtilization"])?;
        resource.get("name").and_then(Value::as_str).map(str::to_owned)
    };
    for (place, metric) in scaler.spec.metrics.iter().enumerate() {
        let Some(resource) = shares(metric) else { continue };
        let lacks = spec.containers.iter().find(|container| {
            let resources = container.resources.as_ref();
            !resources.is_some_and(|own| {
                own.requests.contains_key(&*resource) || own.limits.contains_key(&*resource)
            })
        });
        let of_pod = spec.resources.as_ref().is_some_and(|own| own.requests.contains_key(&*resource));
        let Some(container) = lacks.filter(|_| !of_pod) else { continue };
        let span =
            metrics.get(place).and_then(|metric| metric.get("resource")?.get("name")).map(|node| node.span);
        let span = span.unwrap_or_else(|| written.span(&["spec", "targetCPUUtilizationPercentage"]));
        let diagnostic = Diagnostic::new(msg!("autoscaler-without-requests"), Severity::Warning, span)
            .arg("resource", resource)
            .arg("container", &container.name)
            .arg("name", &scaler.spec.scale_target_ref.name)
            .consequence(msg!("autoscaler-cannot-count"));
        written.tell(diagnostic, findings);
    }
}

fn replicas(world: &World, written: &Written, findings: &mut Findings) {
    let Some(entry) = written.subject.get(&["spec"]).and_then(|spec| spec.entry("replicas")) else { return };
    let scalers = world.scalers(written.namespace(), written.object.kind(), written.name());
    let Some(scaler) = scalers.first().filter(|_| !entry.value.is_null()) else { return };
    let mut diagnostic = Diagnostic::new(msg!("replicas-of-autoscaler"), Severity::Hint, entry.key_span)
        .arg("scaler", *scaler)
        .consequence(msg!("apply-scales-back"));
    if let Some(lines) = entry_lines(written.subject.text, entry) {
        let fix = Fix::new(msg!("fix-remove"), vec![Edit::replace(lines, "")]).arg("what", "replicas");
        diagnostic = diagnostic.fix(fix);
    }
    written.tell(diagnostic, findings);
}
