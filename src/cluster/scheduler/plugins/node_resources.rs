//! Resources that a node has left (upstream: plugins/noderesources fit.go, least_allocated.go and
//! balanced_allocation.go).

use super::super::node_info::NodeInfo;
use super::super::pod_info::PodInfo;
use super::super::status::{Plugin, Reason, Status};
use super::{Cycle, MOST};

/// What a node lacks for a Pod, with whether the whole node would not be enough.
fn lacks(pod: &PodInfo, node: &NodeInfo) -> Vec<(Reason, bool)> {
    let mut lacks = Vec::new();
    if node.pods.len() as i64 + 1 > node.allowed_pods {
        lacks.push((Reason::Borrowed("Too many pods"), false));
    }
    let wants = &pod.requests.exact;
    if wants.is_zero() {
        return lacks;
    }
    let (used, has) = (&node.requested, &node.allocatable);
    for (reason, wants, used, has) in [
        ("Insufficient cpu", wants.milli_cpu, used.milli_cpu, has.milli_cpu),
        ("Insufficient memory", wants.memory, used.memory, has.memory),
        (
            "Insufficient ephemeral-storage",
            wants.ephemeral_storage,
            used.ephemeral_storage,
            has.ephemeral_storage,
        ),
    ] {
        if wants > 0 && wants > has - used {
            lacks.push((Reason::Borrowed(reason), wants > has));
        }
    }
    for (name, wants) in &wants.scalar {
        if *wants > 0 && *wants > has.scalar(name) - used.scalar(name) {
            lacks.push((Reason::Owned(format!("Insufficient {name}")), *wants > has.scalar(name)));
        }
    }
    lacks
}

pub(super) fn filter(cycle: &Cycle, node: &NodeInfo) -> Result<(), Status> {
    let lacks = lacks(&cycle.pod, node);
    if lacks.is_empty() {
        return Ok(());
    }
    Err(Status {
        plugin: Plugin::NodeResourcesFit,
        is_resolvable: !lacks.iter().any(|(_, is_too_small)| *is_too_small),
        reasons: lacks.into_iter().map(|(reason, _)| reason).collect(),
    })
}

/// Whether a Pod would fit on a node that has no other.
pub(in super::super) fn fits_empty(pod: &PodInfo, node: &NodeInfo) -> bool {
    lacks(pod, node).is_empty()
}

/// The more is left, the better.
pub(super) fn least_allocated(pod: &PodInfo, nodes: &[&NodeInfo]) -> Vec<i64> {
    let free =
        |used: i64, has: i64| (has != 0).then(|| if used > has { 0 } else { (has - used) * MOST / has });
    let score = |node: &&NodeInfo| {
        let cpu = free(node.non_zero_milli_cpu + pod.requests.non_zero_milli_cpu, node.allocatable.milli_cpu);
        let memory = free(node.non_zero_memory + pod.requests.non_zero_memory, node.allocatable.memory);
        match (cpu, memory) {
            (Some(cpu), Some(memory)) => (cpu + memory) / 2,
            (one, other) => one.or(other).unwrap_or(0),
        }
    };
    nodes.iter().map(score).collect()
}

/// The nearer to each other the Pod brings the shares of cpu and memory, the better. None where it asks for neither.
/// The fractions are IEEE divisions, which are the same everywhere.
pub(super) fn balanced_allocation(pod: &PodInfo, nodes: &[&NodeInfo]) -> Option<Vec<i64>> {
    let wants = &pod.requests.exact;
    if wants.milli_cpu == 0 && wants.memory == 0 {
        return None;
    }
    let score = |node: &&NodeInfo| {
        let has = &node.allocatable;
        let balance = |cpu: i64, memory: i64| {
            let apart = match (has.milli_cpu, has.memory) {
                (0, _) | (_, 0) => 0.0,
                (of_cpu, of_memory) => {
                    let cpu = (cpu as f64 / of_cpu as f64).min(1.0);
                    let memory = (memory as f64 / of_memory as f64).min(1.0);
                    ((cpu - memory) / 2.0).abs()
                }
            };
            ((1.0 - apart) * MOST as f64) as i64
        };
        let used = &node.requested;
        let without = balance(used.milli_cpu, used.memory);
        let with = balance(used.milli_cpu + wants.milli_cpu, used.memory + wants.memory);
        MOST / 2 + (MOST / 2 + with - without) / 2
    };
    Some(nodes.iter().map(score).collect())
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{cache_of, filter_all, node, pod_info, pod_with};
    use super::*;

    fn sized(name: &str, allocatable: &str) -> std::rc::Rc<crate::api::objects::Node> {
        node(name, &format!("{{}}\nstatus: {{allocatable: {{{allocatable}}}}}"))
    }

    fn wants(requests: &str) -> String {
        format!("containers: [{{resources: {{requests: {{{requests}}}}}}}]")
    }

    #[test]
    fn a_node_lacks_what_others_have_taken() {
        let there = pod_with(
            "a",
            "{}",
            &format!("nodeName: node-1\n{}", wants("cpu: 1500m, memory: 1Gi, example.com/gpu: 1")),
        );
        let node =
            sized("node-1", "cpu: '2', memory: 2Gi, ephemeral-storage: 1Gi, pods: '2', example.com/gpu: '2'");
        let mut cache = cache_of(&[there], &[node]);
        for (requests, expected) in [
            ("", "-"),
            ("cpu: 500m, memory: 1Gi", "-"),
            ("cpu: 501m", "Insufficient cpu"),
            ("memory: 2Gi", "Insufficient memory"),
            ("cpu: 2, memory: 2Gi", "Insufficient cpu, Insufficient memory"),
            // The whole node is too small: to delete Pods would not help.
            ("cpu: 3", "Insufficient cpu !"),
            ("ephemeral-storage: 2Gi", "Insufficient ephemeral-storage !"),
            ("example.com/gpu: 1", "-"),
            ("example.com/gpu: 2", "Insufficient example.com/gpu"),
            ("example.com/tpu: 1", "Insufficient example.com/tpu !"),
        ] {
            assert_eq!(filter_all(&mut cache, &wants(requests)), expected, "{requests}");
        }
    }

    #[test]
    fn a_node_takes_so_many_pods() {
        let there = pod_with("a", "{}", "nodeName: node-1\ncontainers: [{}]");
        let mut cache = cache_of(&[there], &[sized("node-1", "cpu: '1', memory: 1Gi, pods: '1'")]);
        assert_eq!(filter_all(&mut cache, "containers: [{}]"), "Too many pods");
        assert_eq!(filter_all(&mut cache, &wants("cpu: 2")), "Too many pods, Insufficient cpu !");
    }

    #[test]
    fn the_emptier_node_is_better() {
        let there = pod_with("a", "{}", &format!("nodeName: node-1\n{}", wants("cpu: 1, memory: 1Gi")));
        let size = "cpu: '4', memory: 4Gi, pods: '10'";
        let cache = cache_of(&[there], &[sized("node-1", size), sized("node-2", size)]);
        let nodes: Vec<_> = cache.nodes().collect();
        assert_eq!(least_allocated(&pod_info("web", &wants("cpu: 1, memory: 1Gi")), &nodes), [50, 75]);
        // What says nothing counts as 100m and 200Mi.
        assert_eq!(least_allocated(&pod_info("web", "containers: [{}]"), &nodes), [71, 96]);
    }

    #[test]
    fn a_pod_that_evens_the_shares_is_better() {
        let there = pod_with("a", "{}", &format!("nodeName: node-1\n{}", wants("cpu: 2")));
        let size = "cpu: '4', memory: 4Gi, pods: '10'";
        let cache = cache_of(&[there], &[sized("node-1", size), sized("node-2", size)]);
        let nodes: Vec<_> = cache.nodes().collect();
        // On the first node cpu is ahead by a half: memory evens that.
        assert_eq!(balanced_allocation(&pod_info("web", &wants("memory: 2Gi")), &nodes), Some(vec![87, 62]));
        assert_eq!(
            balanced_allocation(&pod_info("web", &wants("cpu: 1, memory: 1Gi")), &nodes),
            Some(vec![75, 75])
        );
        assert_eq!(balanced_allocation(&pod_info("web", "containers: [{}]"), &nodes), None);
    }
}
