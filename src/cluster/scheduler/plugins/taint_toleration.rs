//! Taints that Pods tolerate or not (upstream: plugins/tainttoleration).

use super::super::node_info::NodeInfo;
use super::super::pod_info::PodInfo;
use super::super::status::{Plugin, Status};
use super::{Cycle, MOST, normalize};
use crate::api::objects::Toleration;
use crate::api::scheduling::{is_tolerated, untolerated_taint};

pub(super) fn filter(cycle: &Cycle, node: &NodeInfo) -> Result<(), Status> {
    if node.is_open {
        return Ok(());
    }
    match untolerated_taint(&node.node.spec.taints, &cycle.pod.pod.spec.tolerations) {
        Some(_) => Err(Status::unresolvable(Plugin::TaintToleration, "node(s) had untolerated taint(s)")),
        None => Ok(()),
    }
}

/// The fewer taints that only ask to stay away, the better; where no node has a taint, all are equally good.
pub(super) fn score(pod: &PodInfo, nodes: &[&NodeInfo]) -> Option<Vec<i64>> {
    if nodes.iter().all(|node| node.is_open) {
        return Some(vec![MOST; nodes.len()]);
    }
    let tolerations: Vec<Toleration> = pod
        .pod
        .spec
        .tolerations
        .iter()
        .filter(|toleration| toleration.effect.is_empty() || &*toleration.effect == "PreferNoSchedule")
        .cloned()
        .collect();
    let count = |node: &&NodeInfo| {
        if node.is_open {
            return 0;
        }
        let taints = node.node.spec.taints.iter();
        taints
            .filter(|taint| &*taint.effect == "PreferNoSchedule" && !is_tolerated(taint, &tolerations))
            .count() as i64
    };
    Some(normalize(nodes.iter().map(count).collect(), true))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{cache_of, filter_all, node, pod_info};
    use super::*;

    #[test]
    fn taints_keep_away_what_does_not_tolerate_them() {
        let taint = |effect: &str| {
            node(effect, &format!("{{}}\nspec: {{taints: [{{key: gpu, value: 'yes', effect: {effect}}}]}}"))
        };
        let mut cache = cache_of(&[], &[taint("NoSchedule"), taint("PreferNoSchedule"), taint("NoExecute")]);
        let untolerated = "node(s) had untolerated taint(s) !";
        for (tolerations, expected) in [
            ("[]", [untolerated, "-", untolerated]),
            ("[{key: gpu, operator: Exists}]", ["-", "-", "-"]),
            ("[{key: gpu, value: 'yes', effect: NoSchedule}]", ["-", "-", untolerated]),
            ("[{key: gpu, value: 'no'}]", [untolerated, "-", untolerated]),
        ] {
            let spec = format!("tolerations: {tolerations}\ncontainers: [{{}}]");
            assert_eq!(filter_all(&mut cache, &spec), expected.join(" | "), "{tolerations}");
        }
    }

    #[test]
    fn fewer_soft_taints_are_better() {
        let soft = "{key: a, effect: PreferNoSchedule}, {key: b, effect: PreferNoSchedule}";
        let cache = cache_of(
            &[],
            &[
                node("none", "{}"),
                node("one", "{}\nspec: {taints: [{key: a, effect: PreferNoSchedule}]}"),
                node("two", &format!("{{}}\nspec: {{taints: [{soft}]}}")),
            ],
        );
        let nodes: Vec<_> = cache.nodes().collect();
        let pod =
            |tolerations: &str| pod_info("web", &format!("tolerations: {tolerations}\ncontainers: [{{}}]"));
        assert_eq!(score(&pod("[]"), &nodes), Some(vec![100, 50, 0]));
        assert_eq!(score(&pod("[{key: a, operator: Exists}]"), &nodes), Some(vec![100, 100, 0]));
        // A toleration of another effect does not count here.
        assert_eq!(
            score(&pod("[{key: a, operator: Exists, effect: NoSchedule}]"), &nodes),
            Some(vec![100, 50, 0])
        );
    }
}
