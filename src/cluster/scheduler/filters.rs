//! The filters, in the order in which the scheduler runs them
//! (upstream: pkg/scheduler/framework/plugins). A new one is a function and a line in `FILTERS`.

use super::node_info::{NodeInfo, host_ports, requests};
use crate::api::objects::{Pod, Taint};
use crate::api::scheduling::{is_tolerated, matches_node, untolerated_taint};

/// Why a node falls out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rejection {
    /// The filter's name.
    pub(super) filter: &'static str,
    /// Its reasons.
    pub(super) reasons: Vec<String>,
    /// Whether deleting Pods of the node could help.
    pub(super) is_resolvable: bool,
}

type Filter = fn(&Pod, &NodeInfo) -> Result<(), (Vec<String>, bool)>;

const FILTERS: &[(&str, Filter)] = &[
    ("NodeUnschedulable", node_unschedulable),
    ("NodeName", node_name),
    ("TaintToleration", taint_toleration),
    ("NodeAffinity", node_affinity),
    ("NodePorts", node_ports),
    ("NodeResourcesFit", node_resources_fit),
];

/// Runs the filters until one rejects the node.
pub(super) fn run(pod: &Pod, info: &NodeInfo) -> Result<(), Rejection> {
    FILTERS.iter().try_for_each(|(filter, run)| {
        run(pod, info).map_err(|(reasons, is_resolvable)| Rejection { filter, reasons, is_resolvable })
    })
}

fn because(reason: &str, is_resolvable: bool) -> Result<(), (Vec<String>, bool)> {
    Err((vec![reason.into()], is_resolvable))
}

fn node_unschedulable(pod: &Pod, info: &NodeInfo) -> Result<(), (Vec<String>, bool)> {
    let taint = Taint {
        key: "node.kubernetes.io/unschedulable".into(),
        effect: "NoSchedule".into(),
        ..Taint::default()
    };
    if info.node.spec.unschedulable && !is_tolerated(&taint, &pod.spec.tolerations) {
        return because("node(s) were unschedulable", false);
    }
    Ok(())
}

fn node_name(pod: &Pod, info: &NodeInfo) -> Result<(), (Vec<String>, bool)> {
    if !pod.spec.node_name.is_empty() && pod.spec.node_name != info.node.metadata.name {
        return because("node(s) didn't match the requested node name", false);
    }
    Ok(())
}

fn taint_toleration(pod: &Pod, info: &NodeInfo) -> Result<(), (Vec<String>, bool)> {
    match untolerated_taint(&info.node.spec.taints, &pod.spec.tolerations) {
        Some(_) => because("node(s) had untolerated taint(s)", false),
        None => Ok(()),
    }
}

fn node_affinity(pod: &Pod, info: &NodeInfo) -> Result<(), (Vec<String>, bool)> {
    if matches_node(&pod.spec, &info.node) {
        return Ok(());
    }
    because("node(s) didn't match Pod's node affinity/selector", false)
}

fn node_ports(pod: &Pod, info: &NodeInfo) -> Result<(), (Vec<String>, bool)> {
    if host_ports(pod).any(|port| info.ports.contains_key(&port)) {
        return because("node(s) didn't have free ports for the requested pod ports", true);
    }
    Ok(())
}

fn node_resources_fit(pod: &Pod, info: &NodeInfo) -> Result<(), (Vec<String>, bool)> {
    let (wants, used, has) = (requests(pod).exact, info.requested.exact, info.allocatable);
    let (mut reasons, mut is_resolvable) = (Vec::new(), true);
    if info.pods + 1 > info.allowed_pods {
        reasons.push("Too many pods".to_string());
    }
    for (name, wants, used, has) in [
        ("cpu", wants.milli_cpu, used.milli_cpu, has.milli_cpu),
        ("memory", wants.memory, used.memory, has.memory),
        ("ephemeral-storage", wants.ephemeral_storage, used.ephemeral_storage, has.ephemeral_storage),
    ] {
        if wants > 0 && wants > has - used {
            reasons.push(format!("Insufficient {name}"));
            is_resolvable &= wants <= has;
        }
    }
    if reasons.is_empty() { Ok(()) } else { Err((reasons, is_resolvable)) }
}

/// The sentence for a Pod that fits nowhere (upstream: framework.FitError).
pub(super) fn unschedulable_message(rejections: &[Rejection], nodes: usize) -> String {
    if nodes == 0 {
        return "no nodes available to schedule pods".into();
    }
    let counted = |reasons: Vec<&str>| {
        let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
        for reason in reasons {
            *counts.entry(reason).or_default() += 1;
        }
        let mut parts: Vec<String> =
            counts.into_iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        parts.sort();
        parts.join(", ")
    };
    let reasons =
        counted(rejections.iter().flat_map(|rejection| &rejection.reasons).map(|reason| &**reason).collect());
    let preemption = counted(
        rejections
            .iter()
            .map(|rejection| {
                if rejection.is_resolvable {
                    "No preemption victims found for incoming pod"
                } else {
                    "Preemption is not helpful for scheduling"
                }
            })
            .collect(),
    );
    format!(
        "0/{nodes} nodes are available: {reasons}. preemption: 0/{nodes} nodes are available: {preemption}."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_that_fits_nowhere_hears_why() {
        let rejection = |reason: &str, is_resolvable| Rejection {
            filter: "x",
            reasons: vec![reason.into()],
            is_resolvable,
        };
        let message = unschedulable_message(
            &[
                rejection("node(s) were unschedulable", false),
                rejection("node(s) had untolerated taint(s)", false),
            ],
            2,
        );
        expect_test::expect!["0/2 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."]
            .assert_eq(&message);
        let message = unschedulable_message(&[rejection("Insufficient cpu", true)], 1);
        expect_test::expect!["0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."]
            .assert_eq(&message);
    }
}
