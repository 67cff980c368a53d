//! Which Pods go first (upstream: ActivePodsWithRanks in pkg/controller/controller_utils.go).

use crate::api::conditions::{find, is_pod_ready};
use crate::api::objects::{Pod, PodPhase};
use crate::cluster::time::{SECOND, parse_rfc3339};
use crate::value::Str;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The `count` Pods that are deleted first. `nodes` says how many related Pods each node has.
pub(super) fn pods_to_delete<'a>(pods: &[&'a Rc<Pod>], nodes: &BTreeMap<Str, usize>, count: usize) -> Vec<&'a Rc<Pod>> {
    let mut ranked: Vec<&'a Rc<Pod>> = pods.to_vec();
    if count < ranked.len() {
        let rank = |pod: &Pod| nodes.get(&pod.spec.node_name).copied().unwrap_or(0);
        let newest = ranked.iter().filter_map(|pod| parse_rfc3339(&pod.metadata.creation_timestamp)).max().unwrap_or(0);
        ranked.sort_by(|a, b| compare(a, b, (rank(a), rank(b)), newest));
    }
    ranked.truncate(count);
    ranked
}

/// Less is deleted first.
fn compare(a: &Pod, b: &Pod, ranks: (usize, usize), now: u64) -> Ordering {
    let unassigned = |pod: &Pod| pod.spec.node_name.is_empty();
    let phase = |pod: &Pod| match pod.status.phase {
        Some(PodPhase::Pending) | None => 0,
        Some(PodPhase::Unknown) => 1,
        _ => 2,
    };
    let cost = |pod: &Pod| -> i32 {
        pod.metadata.annotations.get("controller.kubernetes.io/pod-deletion-cost").and_then(|cost| cost.parse().ok()).unwrap_or(0)
    };
    let ready_since = |pod: &Pod| {
        let ready = find(&pod.status.conditions, "Ready")?;
        parse_rfc3339(ready.last_transition_time.as_deref()?)
    };
    let restarts = |pod: &Pod| pod.status.container_statuses.iter().map(|status| status.restart_count).max().unwrap_or(0);
    // Ages are compared by their order of magnitude.
    let bucket = |since: Option<u64>| since.map_or(0, |since| (now.saturating_sub(since) / SECOND + 1).ilog2() + 1);
    (unassigned(b).cmp(&unassigned(a)))
        .then(phase(a).cmp(&phase(b)))
        .then(is_pod_ready(a).cmp(&is_pod_ready(b)))
        .then(cost(a).cmp(&cost(b)))
        .then(ranks.1.cmp(&ranks.0))
        .then_with(|| if is_pod_ready(a) && is_pod_ready(b) { bucket(ready_since(a)).cmp(&bucket(ready_since(b))) } else { Ordering::Equal })
        .then(restarts(b).cmp(&restarts(a)))
        .then_with(|| {
            let created = |pod: &Pod| parse_rfc3339(&pod.metadata.creation_timestamp);
            bucket(created(a)).cmp(&bucket(created(b)))
        })
        .then_with(|| a.metadata.uid.cmp(&b.metadata.uid))
}
