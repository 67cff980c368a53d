//! The filters, in the order in which the scheduler runs them
//! (upstream: pkg/scheduler/framework/plugins). A new one is a function and a line in `FILTERS`.

use super::node_info::{NodeInfo, host_ports, requests};
use crate::api::objects::{Labels, Node, Pod, Taint, Toleration};
use crate::value::{Str, Value};

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

/// Whether one of the tolerations covers a taint.
pub(super) fn is_tolerated(taint: &Taint, tolerations: &[Toleration]) -> bool {
    tolerations.iter().any(|toleration| {
        (toleration.effect.is_empty() || toleration.effect == taint.effect)
            && (toleration.key.is_empty() || toleration.key == taint.key)
            && match &*toleration.operator {
                "Exists" => true,
                _ => !toleration.key.is_empty() && toleration.value == taint.value,
            }
    })
}

fn taint_toleration(pod: &Pod, info: &NodeInfo) -> Result<(), (Vec<String>, bool)> {
    let hinders = |taint: &&Taint| {
        matches!(&*taint.effect, "NoSchedule" | "NoExecute") && !is_tolerated(taint, &pod.spec.tolerations)
    };
    match info.node.spec.taints.iter().find(hinders) {
        Some(_) => because("node(s) had untolerated taint(s)", false),
        None => Ok(()),
    }
}

fn node_affinity(pod: &Pod, info: &NodeInfo) -> Result<(), (Vec<String>, bool)> {
    let labels = &info.node.metadata.labels;
    let is_selected = pod.spec.node_selector.iter().all(|(key, value)| labels.get(key) == Some(value));
    let required = pod
        .spec
        .affinity
        .as_ref()
        .and_then(|affinity| {
            affinity.at(&[
                "nodeAffinity",
                "requiredDuringSchedulingIgnoredDuringExecution",
                "nodeSelectorTerms",
            ])
        })
        .and_then(Value::as_array);
    if is_selected && required.is_none_or(|terms| terms.iter().any(|term| term_matches(term, &info.node))) {
        return Ok(());
    }
    because("node(s) didn't match Pod's node affinity/selector", false)
}

/// Whether a term of a node selector matches; one without any expression matches nothing.
fn term_matches(term: &Value, node: &Node) -> bool {
    let list = |key: &str| term.get(key).and_then(Value::as_array).unwrap_or_default();
    let (expressions, fields) = (list("matchExpressions"), list("matchFields"));
    let name = Labels::from([(Str::from("metadata.name"), node.metadata.name.clone())]);
    !(expressions.is_empty() && fields.is_empty())
        && expressions.iter().all(|expression| expression_matches(expression, &node.metadata.labels))
        && fields.iter().all(|expression| expression_matches(expression, &name))
}

fn expression_matches(expression: &Value, labels: &Labels) -> bool {
    let key = expression.get("key").and_then(Value::as_str).unwrap_or_default();
    let values: Vec<&str> = expression
        .get("values")
        .and_then(Value::as_array)
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let has = labels.get(key).map(|value| &**value);
    let compared = || Some((has?.parse::<i64>().ok()?, values.first()?.parse::<i64>().ok()?));
    match expression.get("operator").and_then(Value::as_str).unwrap_or_default() {
        "In" => has.is_some_and(|has| values.contains(&has)),
        "NotIn" => has.is_none_or(|has| !values.contains(&has)),
        "Exists" => has.is_some(),
        "DoesNotExist" => has.is_none(),
        "Gt" => compared().is_some_and(|(has, than)| has > than),
        "Lt" => compared().is_some_and(|(has, than)| has < than),
        _ => false,
    }
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

    #[test]
    fn tolerations_cover_taints() {
        let taint = |key: &str, value: &str| Taint {
            key: key.into(),
            value: value.into(),
            effect: "NoSchedule".into(),
            ..Taint::default()
        };
        let toleration = |key: &str, operator: &str, value: &str| Toleration {
            key: key.into(),
            operator: operator.into(),
            value: value.into(),
            ..Toleration::default()
        };
        for (tolerations, expected) in [
            (vec![toleration("gpu", "Exists", "")], true),
            (vec![toleration("gpu", "Equal", "yes")], true),
            (vec![toleration("gpu", "", "yes")], true),
            (vec![toleration("gpu", "Equal", "no")], false),
            (vec![toleration("", "Exists", "")], true),
            (vec![], false),
        ] {
            assert_eq!(is_tolerated(&taint("gpu", "yes"), &tolerations), expected, "{tolerations:?}");
        }
    }
}
