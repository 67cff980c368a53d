//! Whether a Pod tolerates taints and may run on a node by its labels and name: what the scheduler, the DaemonSet
//! controller and the kubelet ask alike (upstream: k8s.io/component-helpers/scheduling/corev1).

use super::objects::{
    LabelSelectorRequirement, Labels, Node, NodeSelector, NodeSelectorTerm, PodSpec, Taint, Toleration,
};

/// Whether a toleration covers a taint.
pub fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    (toleration.effect.is_empty() || toleration.effect == taint.effect)
        && (toleration.key.is_empty() || toleration.key == taint.key)
        && match &*toleration.operator {
            "" | "Equal" => toleration.value == taint.value,
            operator => operator == "Exists",
        }
}

/// Whether one of the tolerations covers a taint.
pub fn is_tolerated(taint: &Taint, tolerations: &[Toleration]) -> bool {
    tolerations.iter().any(|toleration| tolerates(toleration, taint))
}

/// The first taint with the effect `NoSchedule` or `NoExecute` that no toleration covers.
pub fn untolerated_taint<'a>(taints: &'a [Taint], tolerations: &[Toleration]) -> Option<&'a Taint> {
    taints.iter().find(|taint| {
        matches!(&*taint.effect, "NoSchedule" | "NoExecute") && !is_tolerated(taint, tolerations)
    })
}

/// Whether a Pod asks for anything of its node's labels or name.
pub fn has_node_requirements(spec: &PodSpec) -> bool {
    !spec.node_selector.is_empty() || required_node_selector(spec).is_some()
}

/// What a Pod's node affinity requires.
pub fn required_node_selector(spec: &PodSpec) -> Option<&NodeSelector> {
    spec.affinity.as_ref()?.node_affinity.as_ref()?.required.as_ref()
}

/// Whether a node is what `nodeSelector` and the required node affinity of a Pod ask for.
pub fn matches_node(spec: &PodSpec, node: &Node) -> bool {
    let labels = &node.metadata.labels;
    spec.node_selector.iter().all(|(key, value)| labels.get(key) == Some(value))
        && required_node_selector(spec).is_none_or(|selector| node_selector_matches(selector, node))
}

/// Whether one of a selector's terms matches.
pub fn node_selector_matches(selector: &NodeSelector, node: &Node) -> bool {
    selector.node_selector_terms.iter().any(|term| node_term_matches(term, node))
}

/// Whether all of a term's requirements hold; a term without any matches no node.
pub fn node_term_matches(term: &NodeSelectorTerm, node: &Node) -> bool {
    !(term.match_expressions.is_empty() && term.match_fields.is_empty())
        && term.match_expressions.iter().all(|requirement| label_holds(requirement, &node.metadata.labels))
        && term.match_fields.iter().all(|requirement| field_holds(requirement, node))
}

fn label_holds(requirement: &LabelSelectorRequirement, labels: &Labels) -> bool {
    let value = labels.get(&requirement.key);
    let compared = || {
        let value = value?.parse::<i64>().ok()?;
        Some(value.cmp(&requirement.values.first()?.parse::<i64>().ok()?))
    };
    match &*requirement.operator {
        "In" => value.is_some_and(|value| requirement.values.contains(value)),
        "NotIn" => value.is_none_or(|value| !requirement.values.contains(value)),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => compared().is_some_and(|order| order.is_gt()),
        "Lt" => compared().is_some_and(|order| order.is_lt()),
        _ => false,
    }
}

/// Fields have two operators with one value each, and the only field is the name.
fn field_holds(requirement: &LabelSelectorRequirement, node: &Node) -> bool {
    let [value] = &requirement.values[..] else { return false };
    &*requirement.key == "metadata.name"
        && match &*requirement.operator {
            "In" => node.metadata.name == *value,
            "NotIn" => node.metadata.name != *value,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::{NodeSpec, ObjectMeta};
    use crate::value::Str;
    use std::rc::Rc;

    fn taint(key: &str, value: &str, effect: &str) -> Taint {
        Taint { key: key.into(), value: value.into(), effect: effect.into(), ..Taint::default() }
    }

    fn toleration(key: &str, operator: &str, value: &str, effect: &str) -> Toleration {
        Toleration {
            key: key.into(),
            operator: operator.into(),
            value: value.into(),
            effect: effect.into(),
            ..Toleration::default()
        }
    }

    #[test]
    fn tolerations_cover_taints() {
        for (toleration, is_covered) in [
            (toleration("gpu", "Exists", "", ""), true),
            (toleration("gpu", "Equal", "yes", ""), true),
            (toleration("gpu", "", "yes", ""), true),
            (toleration("gpu", "", "yes", "NoSchedule"), true),
            (toleration("gpu", "", "yes", "NoExecute"), false),
            (toleration("gpu", "Equal", "no", ""), false),
            (toleration("cpu", "Exists", "", ""), false),
            (toleration("", "Exists", "", ""), true),
            (toleration("", "Exists", "", "NoExecute"), false),
            (toleration("gpu", "Lt", "yes", ""), false),
        ] {
            assert_eq!(
                tolerates(&toleration, &taint("gpu", "yes", "NoSchedule")),
                is_covered,
                "{toleration:?}"
            );
        }
    }

    #[test]
    fn only_hard_taints_keep_pods_away() {
        let taints =
            [taint("a", "", "PreferNoSchedule"), taint("b", "", "NoExecute"), taint("c", "", "NoSchedule")];
        assert_eq!(untolerated_taint(&taints, &[]), Some(&taints[1]));
        assert_eq!(untolerated_taint(&taints, &[toleration("b", "Exists", "", "")]), Some(&taints[2]));
        assert_eq!(untolerated_taint(&taints, &[toleration("", "Exists", "", "")]), None);
    }

    fn node(name: &str, labels: &[(&str, &str)]) -> Node {
        let labels = labels.iter().map(|(key, value)| (Str::from(*key), Str::from(*value))).collect();
        Node {
            metadata: Rc::new(ObjectMeta { name: name.into(), labels, ..ObjectMeta::default() }),
            spec: NodeSpec::default(),
            ..Node::default()
        }
    }

    fn requirement(key: &str, operator: &str, values: &[&str]) -> LabelSelectorRequirement {
        LabelSelectorRequirement {
            key: key.into(),
            operator: operator.into(),
            values: values.iter().map(|value| Str::from(*value)).collect(),
            ..LabelSelectorRequirement::default()
        }
    }

    #[test]
    fn requirements_of_nodes_hold_by_operator() {
        let node = node("node-1", &[("zone", "a"), ("cores", "8")]);
        for (key, operator, values, holds) in [
            ("zone", "In", &["a", "b"][..], true),
            ("zone", "In", &["b"], false),
            ("disk", "In", &["ssd"], false),
            ("zone", "NotIn", &["a"], false),
            ("zone", "NotIn", &["b"], true),
            ("disk", "NotIn", &["ssd"], true),
            ("zone", "Exists", &[], true),
            ("disk", "Exists", &[], false),
            ("disk", "DoesNotExist", &[], true),
            ("zone", "DoesNotExist", &[], false),
            ("cores", "Gt", &["4"], true),
            ("cores", "Gt", &["8"], false),
            ("cores", "Lt", &["16"], true),
            ("cores", "Lt", &["8"], false),
            ("zone", "Gt", &["4"], false),
            ("disk", "Lt", &["4"], false),
        ] {
            let term = NodeSelectorTerm {
                match_expressions: vec![requirement(key, operator, values)],
                ..NodeSelectorTerm::default()
            };
            assert_eq!(node_term_matches(&term, &node), holds, "{key} {operator} {values:?}");
        }
    }

    #[test]
    fn fields_are_names_and_empty_terms_match_nothing() {
        let node = node("node-1", &[]);
        let fields = |operator: &str, values: &[&str]| NodeSelectorTerm {
            match_fields: vec![requirement("metadata.name", operator, values)],
            ..NodeSelectorTerm::default()
        };
        assert!(node_term_matches(&fields("In", &["node-1"]), &node));
        assert!(!node_term_matches(&fields("In", &["node-2"]), &node));
        assert!(node_term_matches(&fields("NotIn", &["node-2"]), &node));
        assert!(!node_term_matches(&fields("Exists", &[]), &node));
        assert!(!node_term_matches(&NodeSelectorTerm::default(), &node));
        assert!(!node_selector_matches(&NodeSelector::default(), &node));
        // One of the terms is enough.
        let selector = NodeSelector {
            node_selector_terms: vec![fields("In", &["node-2"]), fields("In", &["node-1"])],
            ..NodeSelector::default()
        };
        assert!(node_selector_matches(&selector, &node));
    }
}
