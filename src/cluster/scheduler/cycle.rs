//! One scheduling cycle: which nodes are left, which of them is the best (upstream: pkg/scheduler/schedule_one.go).

use super::cache::Cache;
use super::node_info::NodeInfo;
use super::nominator::Nominator;
use super::plugins::{Cycle, Parts, PreFiltered, filter, pre_filter, score};
use super::pod_info::PodInfo;
use super::status::{Diagnosis, Status};
use crate::value::Str;
use std::rc::Rc;

/// With fewer nodes than this all are looked at (upstream: minFeasibleNodesToFind).
const LEAST_TO_FIND: usize = 100;
/// Of very many nodes so many percent are found at least (upstream: minFeasibleNodesPercentageToFind).
const LEAST_PERCENT: usize = 5;

/// How many nodes that fit are enough (upstream: numFeasibleNodesToFind with percentageOfNodesToScore 0).
pub(super) fn enough_nodes(all: usize) -> usize {
    if all < LEAST_TO_FIND {
        return all;
    }
    let percent = 50usize.saturating_sub(all / 125).max(LEAST_PERCENT);
    (all * percent / 100).max(LEAST_TO_FIND)
}

/// A node with its score.
pub(super) type Scored = (usize, i64);

/// What a cycle comes to.
pub(super) struct Scheduled {
    /// The nodes that are left, by their places, with their scores; one alone has none.
    pub(super) left: Vec<Scored>,
    /// The same by plugin, in the same order; empty where no more than one node is left.
    pub(super) parts: Vec<Parts>,
    pub(super) diagnosis: Diagnosis,
    /// What the plugins found out; none where one of them said that no node will do.
    pub(super) cycle: Option<Cycle>,
}

/// Runs the filters twice: as if the Pods were there that were promised the node and go first, and without them.
pub(super) fn filter_with_nominated(
    cycle: &Cycle,
    node: &NodeInfo,
    cache: &mut Cache,
    nominator: &Nominator,
) -> Result<(), Status> {
    if !nominator.is_empty() {
        let first =
            |info: &Rc<PodInfo>| info.priority() >= cycle.pod.priority() && info.uid() != cycle.pod.uid();
        let promised = nominator.pods_on(&node.node.metadata.name).filter_map(|key| cache.pod(key));
        let promised: Vec<_> = promised.map(|known| known.info.clone()).filter(first).collect();
        if !promised.is_empty() {
            let (mut cycle, mut node) = (cycle.clone(), node.clone());
            for info in &promised {
                node.add_pod(info);
                cycle.count(info, node.place, 1, cache);
            }
            filter(&cycle, &node)?;
        }
    }
    filter(cycle, node)
}

/// Filters `places` from the `start`th on until enough are left. Gives those that are, and how many were looked at.
fn find(
    cycle: &Cycle,
    places: &[usize],
    start: usize,
    cache: &mut Cache,
    nominator: &Nominator,
    diagnosis: &mut Diagnosis,
) -> (Vec<usize>, usize) {
    let enough = enough_nodes(places.len());
    let (mut left, mut looked_at) = (Vec::new(), 0);
    let (last, first) = places.split_at(start % places.len().max(1));
    for place in first.iter().chain(last).copied() {
        if left.len() == enough {
            break;
        }
        let Some(node) = cache.at(place) else { continue };
        let is_promised = || nominator.pods_on(&node.node.metadata.name).next().is_some();
        let result = if nominator.is_empty() || !is_promised() {
            filter(cycle, node)
        } else {
            let node = node.clone();
            filter_with_nominated(cycle, &node, cache, nominator)
        };
        looked_at += 1;
        match result {
            Ok(()) => left.push(place),
            Err(status) => {
                diagnosis.plugins = diagnosis.plugins.with(status.plugin);
                diagnosis.nodes.push((place, status));
            }
        }
    }
    (left, looked_at)
}

/// Finds the nodes that are left and their scores. `start` is where the last cycle left off; it moves on.
pub(super) fn schedule(
    pod: &Rc<PodInfo>,
    cache: &mut Cache,
    nominator: &Nominator,
    start: &mut usize,
) -> Scheduled {
    let mut diagnosis = Diagnosis::default();
    let PreFiltered { cycle, names, plugins } = match pre_filter(pod, cache) {
        Ok(found) => found,
        Err(status) => {
            diagnosis.plugins = diagnosis.plugins.with(status.plugin);
            diagnosis.pre_filter = Some(status);
            return Scheduled { left: Vec::new(), parts: Vec::new(), diagnosis, cycle: None };
        }
    };
    diagnosis.plugins = plugins;
    // The node that the Pod was promised is likely the one: it is tried before all others.
    let promised = &pod.pod.status.nominated_node_name;
    let promised =
        nominator.node_of(&pod.key).or_else(|| Some(promised.clone()).filter(|name| !name.is_empty()));
    if let Some(node) = promised.and_then(|name: Str| cache.node(&name).cloned())
        && filter_with_nominated(&cycle, &node, cache, nominator).is_ok()
    {
        let left = vec![(node.place, 0)];
        return Scheduled { left, parts: Vec::new(), diagnosis, cycle: Some(cycle) };
    }
    let mut places = cache.order().to_vec();
    let all = places.len();
    if let Some((names, reason)) = names {
        places.retain(|place| cache.at(*place).is_some_and(|node| names.contains(&node.node.metadata.name)));
        diagnosis.absent = Some(reason);
    }
    let (left, looked_at) = find(&cycle, &places, *start, cache, nominator, &mut diagnosis);
    *start = (*start + looked_at) % all.max(1);
    let parts = if left.len() < 2 { Vec::new() } else { score(&cycle, &left, cache) };
    let sum =
        |place| parts.get(place).map_or(0, |parts: &Parts| parts.iter().map(|part| i64::from(*part)).sum());
    let left = left.into_iter().enumerate().map(|(place, node)| (node, sum(place))).collect();
    Scheduled { left, parts, diagnosis, cycle: Some(cycle) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cache, pod_info};
    use super::*;

    #[test]
    fn of_many_nodes_a_part_is_enough() {
        for (all, enough) in
            [(1, 1), (99, 99), (100, 100), (200, 100), (400, 188), (1000, 420), (5000, 500), (6000, 300)]
        {
            assert_eq!(enough_nodes(all), enough, "{all}");
        }
    }

    #[test]
    fn each_cycle_begins_where_the_last_left_off() {
        let names: Vec<String> = (0..150).map(|n| format!("node-{n:03}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut cache = cache(&names);
        let (mut start, nominator) = (0, Nominator::default());
        let pod = pod_info("web", "containers: [{}]");
        let first = schedule(&pod, &mut cache, &nominator, &mut start);
        assert_eq!((first.left.len(), first.left[0].0, start), (100, 0, 100));
        let second = schedule(&pod, &mut cache, &nominator, &mut start);
        assert_eq!((second.left.len(), second.left[0].0, start), (100, 100, 50));
    }
}
