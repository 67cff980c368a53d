//! Pods that no node of the cluster can take: by its labels, or by what it has.

use super::{Check, MAKERS, Rule};
use crate::api::objects::{Node, PodSpec};
use crate::api::resources::{parse, pod_requests};
use crate::api::scheduling::{has_node_requirements, matches_node};
use crate::api::subject::Findings;
use crate::api::world::{World, Written, place_of};
use crate::manifest::{Diagnostic, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(MAKERS, check) };

fn check(world: &World, written: &Written, findings: &mut Findings) {
    let Some(spec) = written.pod_spec() else { return };
    let nodes = world.nodes();
    if nodes.is_empty() || !spec.node_name.is_empty() {
        return;
    }
    labels(spec, nodes, written, findings);
    amounts(spec, nodes, written, findings);
}

fn labels(spec: &PodSpec, nodes: &[&Node], written: &Written, findings: &mut Findings) {
    if !has_node_requirements(spec) || nodes.iter().any(|node| matches_node(spec, node)) {
        return;
    }
    let Some(pod) = written.in_pod_spec(&[]) else { return };
    let diagnostic = Diagnostic::new(
        msg!("no-node-has-labels"),
        Severity::Warning,
        place_of(pod, &["nodeSelector", "affinity"]),
    )
    .arg("nodes", nodes.len())
    .consequence(msg!("pods-stay-pending"));
    written.tell(diagnostic, findings);
}

/// What is asked for and even an empty node does not have.
fn amounts(spec: &PodSpec, nodes: &[&Node], written: &Written, findings: &mut Findings) {
    let wanted = pod_requests(spec);
    let fits = |node: &&Node| {
        let has = parse(&node.status.allocatable);
        // A node that has not said what it has may have enough.
        has.is_empty()
            || wanted
                .iter()
                .all(|(name, amount)| amount.is_zero() || has.get(name).is_some_and(|has| amount <= has))
    };
    if wanted.is_empty() || nodes.iter().any(fits) {
        return;
    }
    let most =
        |name: &str| nodes.iter().filter_map(|node| parse(&node.status.allocatable).get(name).copied()).max();
    let above = wanted.iter().find(|(name, amount)| most(name).is_none_or(|most| **amount > most));
    let Some((name, amount)) = above.or(wanted.iter().next()) else { return };
    let containers = written.containers();
    let has_it = |node: &crate::manifest::Node| {
        let resources = node.get("resources")?;
        let list = resources.get("requests").or_else(|| resources.get("limits"))?;
        Some(place_of(list, &[&**name]))
    };
    let span = containers.iter().rev().find_map(|(at, _)| has_it(at.node));
    let diagnostic = Diagnostic::new(
        msg!("request-above-every-node"),
        Severity::Warning,
        span.unwrap_or(written.span(&["spec"])),
    )
    .arg("resource", name)
    .arg("amount", amount.to_string())
    .arg("most", most(name).map_or_else(|| "0".to_owned(), |most| most.to_string()))
    .consequence(msg!("pods-stay-pending"));
    written.tell(diagnostic, findings);
}
