//! A port of the node that several Pods of one workload want: a node has it once.

use super::{Check, Rule};
use crate::api::kinds::Kind;
use crate::api::subject::Findings;
use crate::api::world::{World, Written, place_of, replicas};
use crate::manifest::{Diagnostic, Node, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(KINDS, check) };

const KINDS: &[Kind] = &[Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet, Kind::Job];

fn check(world: &World, written: &Written, findings: &mut Findings) {
    let (nodes, Some(count)) = (world.nodes().len(), replicas(written.object)) else { return };
    let count = usize::try_from(count).unwrap_or(0);
    if nodes == 0 || count <= nodes {
        return;
    }
    let on_host = written.pod_spec().is_some_and(|spec| spec.host_network);
    let wanted = |port: &&Node| {
        let has = |field: &str| port.get(field).is_some_and(|node| !node.is_null());
        has("hostPort") || (on_host && has("containerPort"))
    };
    let containers = written.containers();
    let ports =
        containers.iter().flat_map(|(at, _)| at.node.get("ports").map(Node::items).unwrap_or_default());
    let Some(port) = ports.into_iter().find(wanted) else { return };
    let diagnostic = Diagnostic::new(
        msg!("host-port-with-replicas"),
        Severity::Warning,
        place_of(port, &["hostPort", "containerPort"]),
    )
    .arg("count", count)
    .arg("nodes", nodes)
    .consequence(msg!("pods-wait-for-port"));
    written.tell(diagnostic, findings);
}
