//! The scores, in whole numbers (upstream: noderesources, podtopologyspread and tainttoleration plugins).
//! Simplified: a Pod spreads away from the Pods of its own controller; images are as good as everywhere.

use super::node_info::{NodeInfo, requests};
use crate::api::objects::Pod;
use crate::api::scheduling::is_tolerated;

const MOST: i64 = 100;

/// The sum of the weighted scores of each node that is left, in their order.
pub(super) fn run(pod: &Pod, nodes: &[&NodeInfo]) -> Vec<i64> {
    let wants = requests(pod);
    let spread = normalize(nodes.iter().map(|info| siblings(pod, info)).collect());
    let tolerates = normalize(nodes.iter().map(|info| prefer_no_schedule(pod, info)).collect());
    nodes
        .iter()
        .zip(spread.into_iter().zip(tolerates))
        .map(|(info, (spread, tolerates))| {
            let cpu =
                (info.requested.non_zero.milli_cpu + wants.non_zero.milli_cpu, info.allocatable.milli_cpu);
            let memory = (info.requested.non_zero.memory + wants.non_zero.memory, info.allocatable.memory);
            let least = (free(cpu) + free(memory)) / 2;
            // The nearer to each other the shares of both are, the better.
            let apart = (share(cpu) - share(memory)).abs() / 2;
            least + (MOST - apart) + 2 * spread + 3 * tolerates
        })
        .collect()
}

fn free((used, has): (i64, i64)) -> i64 {
    if has == 0 || used > has { 0 } else { (has - used) * MOST / has }
}

fn share((used, has): (i64, i64)) -> i64 {
    if has == 0 { MOST } else { (used * MOST / has).min(MOST) }
}

/// Pods of the same controller on the node.
fn siblings(pod: &Pod, info: &NodeInfo) -> i64 {
    pod.metadata.controller().and_then(|owner| info.by_owner.get(&owner.uid)).copied().unwrap_or(0)
}

/// Taints that only ask to stay away.
fn prefer_no_schedule(pod: &Pod, info: &NodeInfo) -> i64 {
    let counts = |taint: &&crate::api::objects::Taint| {
        &*taint.effect == "PreferNoSchedule" && !is_tolerated(taint, &pod.spec.tolerations)
    };
    info.node.spec.taints.iter().filter(counts).count() as i64
}

/// Turns counts, of which less is better, into scores of 0 to 100.
fn normalize(counts: Vec<i64>) -> Vec<i64> {
    let most = counts.iter().copied().max().unwrap_or(0);
    counts.into_iter().map(|count| if most == 0 { MOST } else { MOST * (most - count) / most }).collect()
}
