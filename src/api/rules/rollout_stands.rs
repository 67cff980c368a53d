//! Deployments that do not get where they should: their deadline passes before a Pod can be ready, they are paused, or the
//! cluster is too small for all of their Pods.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::objects::{Deployment, Object};
use crate::api::quantity::Quantity;
use crate::api::resources::{parse, pod_requests};
use crate::api::subject::Findings;
use crate::api::world::{World, Written};
use crate::manifest::{Arg, Diagnostic, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(&[Kind::Deployment], check) };

fn check(world: &World, written: &Written, findings: &mut Findings) {
    let Object::Deployment(deployment) = written.object else { return };
    deadline(written, deployment, findings);
    if deployment.spec.paused {
        let span = written.span(&["spec", "paused"]);
        let diagnostic = Diagnostic::new(msg!("deployment-paused"), Severity::Hint, span)
            .arg("name", written.name())
            .consequence(msg!("nothing-is-rolled-out"));
        written.tell(diagnostic, findings);
    }
    room(world, written, deployment, findings);
}

fn deadline(written: &Written, deployment: &Deployment, findings: &mut Findings) {
    let spec = &deployment.spec;
    let deadline = i64::from(spec.progress_deadline_seconds.unwrap_or(600));
    let probes =
        spec.template.spec.containers.iter().filter_map(|container| container.readiness_probe.as_ref());
    let first = probes.map(|probe| i64::from(probe.initial_delay_seconds)).max().unwrap_or(0);
    if first < deadline {
        return;
    }
    let millis = |seconds: i64| Arg::Millis(u64::try_from(seconds).unwrap_or(0).saturating_mul(1000));
    let span = written.span(&["spec", "progressDeadlineSeconds"]);
    let diagnostic = Diagnostic::new(msg!("deadline-before-ready"), Severity::Warning, span)
        .arg("deadline", millis(deadline))
        .arg("first", millis(first))
        .consequence(msg!("rollout-counts-as-failed"));
    written.tell(diagnostic, findings);
}

/// Whether all nodes together have room for all Pods, each of which fits on one.
fn room(world: &World, written: &Written, deployment: &Deployment, findings: &mut Findings) {
    let count = i64::from(deployment.spec.replicas.unwrap_or(1));
    let wanted = pod_requests(&deployment.spec.template.spec);
    if count < 2 || wanted.is_empty() {
        return;
    }
    let nodes: Vec<_> = world.nodes().iter().map(|node| parse(&node.status.allocatable)).collect();
    if nodes.is_empty() || nodes.iter().any(|has| has.is_empty()) {
        return;
    }
    let most = |name: &str, one: Quantity| -> i64 {
        let on = |has: &crate::api::resources::ResourceList| {
            let has = has.get(name).map_or(0, |has| has.milli_value());
            if one.milli_value() > 0 { has / one.milli_value() } else { i64::MAX / 1_000_000 }
        };
        nodes.iter().map(on).sum()
    };
    let short =
        wanted.iter().map(|(name, one)| (name, one, most(name, *one))).find(|(.., most)| *most < count);
    let Some((name, one, most)) = short.filter(|(.., most)| *most > 0) else { return };
    let way = ["spec", "replicas"];
    let span = written.subject.get(&way).map_or(written.span(&way), |node| node.span);
    let diagnostic = Diagnostic::new(msg!("cluster-too-small"), Severity::Warning, span)
        .arg("count", count)
        .arg("amount", one.to_string())
        .arg("resource", name)
        .arg("most", most)
        .consequence(msg!("others-stay-pending"));
    written.tell(diagnostic, findings);
}
