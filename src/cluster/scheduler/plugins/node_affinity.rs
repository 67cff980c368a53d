//! Labels and names of nodes that a Pod asks for (upstream: plugins/nodeaffinity).

use super::super::node_info::NodeInfo;
use super::super::pod_info::PodInfo;
use super::super::status::{Plugin, Status};
use super::{Cycle, normalize};
use crate::api::objects::PodSpec;
use crate::api::scheduling::{matches_node, node_term_matches, required_node_selector};
use crate::value::Str;
use std::collections::BTreeSet;

/// The only nodes that come into question, where each of the terms names some.
pub(super) fn names(spec: &PodSpec) -> Result<Option<BTreeSet<Str>>, Status> {
    let terms = required_node_selector(spec).map_or(&[][..], |selector| &selector.node_selector_terms);
    let mut all = BTreeSet::new();
    for term in terms {
        let named = term
            .match_fields
            .iter()
            .filter(|field| &*field.key == "metadata.name" && &*field.operator == "In")
            .map(|field| field.values.iter().cloned().collect::<BTreeSet<_>>())
            .reduce(|a, b| a.intersection(&b).cloned().collect());
        let Some(named) = named else { return Ok(None) };
        all.extend(named);
    }
    if terms.is_empty() {
        return Ok(None);
    }
    if all.is_empty() {
        return Err(Status::unresolvable(Plugin::NodeAffinity, "pod affinity terms conflict"));
    }
    Ok(Some(all))
}

pub(super) fn filter(cycle: &Cycle, node: &NodeInfo) -> Result<(), Status> {
    if !cycle.has_node_requirements || matches_node(&cycle.pod.pod.spec, &node.node) {
        return Ok(());
    }
    Err(Status::unresolvable(Plugin::NodeAffinity, "node(s) didn't match Pod's node affinity/selector"))
}

/// The more preferred terms match, the better. None where the Pod prefers nothing.
pub(super) fn score(pod: &PodInfo, nodes: &[&NodeInfo]) -> Option<Vec<i64>> {
    let terms = &pod.pod.spec.affinity.as_ref()?.node_affinity.as_ref()?.preferred;
    if terms.is_empty() {
        return None;
    }
    let worth = |node: &&NodeInfo| {
        let matching = terms.iter().filter(|term| node_term_matches(&term.preference, &node.node));
        matching.map(|term| i64::from(term.weight)).sum()
    };
    Some(normalize(nodes.iter().map(worth).collect(), false))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{cache_of, diagnose, filter_all, node, pod_info};
    use super::*;

    const ELSEWHERE: &str = "node(s) didn't match Pod's node affinity/selector !";

    #[test]
    fn selectors_and_required_terms_choose_nodes() {
        let mut cache = cache_of(
            &[],
            &[node("node-1", "labels: {disk: ssd, zone: a}"), node("node-2", "labels: {zone: b}")],
        );
        let affinity = |terms: &str| {
            format!(
                "affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{terms}]}}}}}}\ncontainers: [{{}}]"
            )
        };
        let term = |key: &str, operator: &str, values: &str| {
            format!("{{matchExpressions: [{{key: {key}, operator: {operator}, values: [{values}]}}]}}")
        };
        for (spec, expected) in [
            ("nodeSelector: {disk: ssd}\ncontainers: [{}]".to_string(), ["-", ELSEWHERE]),
            ("nodeSelector: {disk: ssd, zone: b}\ncontainers: [{}]".into(), [ELSEWHERE, ELSEWHERE]),
            (affinity(&term("zone", "In", "a, c")), ["-", ELSEWHERE]),
            (affinity(&term("disk", "DoesNotExist", "")), [ELSEWHERE, "-"]),
            (affinity(&format!("{}, {}", term("zone", "In", "a"), term("zone", "In", "b"))), ["-", "-"]),
            (
                format!("nodeSelector: {{disk: ssd}}\n{}", affinity(&term("zone", "In", "b"))),
                [ELSEWHERE, ELSEWHERE],
            ),
        ] {
            assert_eq!(filter_all(&mut cache, &spec), expected.join(" | "), "{spec}");
        }
    }

    #[test]
    fn a_pod_that_names_its_node_is_tried_there_alone() {
        let mut cache =
            cache_of(&[], &[node("node-1", "{}"), node("node-2", "{}\nspec: {unschedulable: true}")]);
        let named = |names: &str| {
            format!(
                "affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{{matchFields: [{names}]}}]}}}}}}\ncontainers: [{{}}]"
            )
        };
        let is = |name: &str| format!("{{key: metadata.name, operator: In, values: [{name}]}}");
        expect_test::expect!["0/2 nodes are available: 1 node(s) didn't satisfy plugin(s) [NodeAffinity], 1 node(s) were unschedulable. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."]
            .assert_eq(&diagnose(&mut cache, &named(&is("node-2"))));
        expect_test::expect!["0/2 nodes are available: 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."]
            .assert_eq(&diagnose(&mut cache, &named(&is("node-3"))));
        expect_test::expect!["0/2 nodes are available: pod affinity terms conflict. not found"]
            .assert_eq(&diagnose(&mut cache, &named(&format!("{}, {}", is("node-1"), is("node-2")))));
    }

    #[test]
    fn preferred_terms_add_up() {
        let cache = cache_of(
            &[],
            &[
                node("both", "labels: {disk: ssd, zone: a}"),
                node("one", "labels: {zone: a}"),
                node("none", "{}"),
            ],
        );
        let term = |weight: i32, key: &str| {
            format!(
                "{{weight: {weight}, preference: {{matchExpressions: [{{key: {key}, operator: Exists}}]}}}}"
            )
        };
        let spec = format!(
            "affinity: {{nodeAffinity: {{preferredDuringSchedulingIgnoredDuringExecution: [{}, {}]}}}}\ncontainers: [{{}}]",
            term(1, "zone"),
            term(3, "disk")
        );
        let nodes: Vec<_> = cache.nodes().collect();
        assert_eq!(score(&pod_info("web", &spec), &nodes), Some(vec![100, 25, 0]));
        assert_eq!(score(&pod_info("web", "containers: [{}]"), &nodes), None);
    }
}
