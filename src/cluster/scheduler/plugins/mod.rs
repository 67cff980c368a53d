//! The plugins, in the order in which the scheduler runs them (upstream: pkg/scheduler/framework/plugins and
//! apis/config/v1/default_plugins.go). A new filter is a function and a line in `FILTERS`.

pub(super) mod image_locality;
pub(super) mod inter_pod_affinity;
pub(super) mod node_affinity;
pub(super) mod node_ports;
pub(super) mod node_resources;
pub(super) mod pod_topology_spread;
pub(super) mod taint_toleration;
pub(super) mod volumes;

use super::cache::Cache;
use super::node_info::NodeInfo;
use super::pod_info::PodInfo;
use super::status::{Plugin, PluginSet, Reason, Status};
use crate::api::scheduling::is_tolerated;
use crate::value::Str;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The most that a plugin gives a node.
pub(super) const MOST: i64 = 100;

/// What the plugins have found out about a Pod before they look at nodes (upstream: CycleState).
#[derive(Clone, Debug)]
pub(super) struct Cycle {
    pub(super) pod: Rc<PodInfo>,
    has_node_requirements: bool,
    spread: pod_topology_spread::Filter,
    affinity: inter_pod_affinity::Filter,
    volumes: volumes::Filter,
    /// The filters that could reject a node (upstream: those that PreFilter does not skip).
    filters: Vec<Filter>,
}

/// What comes of that.
#[derive(Clone, Debug)]
pub(super) struct PreFiltered {
    pub(super) cycle: Cycle,
    /// The only nodes that come into question, and why; all where there is none.
    pub(super) names: Option<(BTreeSet<Str>, Reason)>,
    /// The plugins that have left nodes out.
    pub(super) plugins: PluginSet,
}

/// Does the work that is the same for every node, or says why no node will do.
pub(super) fn pre_filter(pod: &Rc<PodInfo>, cache: &mut Cache) -> Result<PreFiltered, Status> {
    let names = node_affinity::names(&pod.pod.spec)?;
    let names =
        names.map(|names| (names, Reason::Borrowed("node(s) didn't satisfy plugin(s) [NodeAffinity]")));
    let plugins = if names.is_some() { PluginSet::of(&[Plugin::NodeAffinity]) } else { PluginSet::default() };
    let volumes = volumes::Filter::new(pod, cache)?;
    let mut cycle = Cycle {
        volumes,
        has_node_requirements: crate::api::scheduling::has_node_requirements(&pod.pod.spec),
        spread: pod_topology_spread::Filter::new(pod, cache),
        affinity: inter_pod_affinity::Filter::new(pod, cache),
        pod: pod.clone(),
        filters: Vec::new(),
    };
    cycle.choose_filters();
    Ok(PreFiltered { cycle, names, plugins })
}

impl Cycle {
    /// Takes a Pod as if it were on a node (1), or were not (-1).
    pub(super) fn count(&mut self, pod: &PodInfo, place: usize, by: i64, cache: &mut Cache) {
        self.spread.count(&self.pod, pod, place, by);
        self.affinity.count(&self.pod, pod, place, by, cache);
        self.volumes.count(&self.pod, pod, by);
        self.choose_filters();
    }
    fn choose_filters(&mut self) {
        let chosen = FILTERS.iter().filter(|(plugin, _)| self.may_reject(*plugin));
        self.filters = chosen.map(|(_, filter)| *filter).collect();
    }
    /// Whether the Pod says anything that the plugin looks at. Most Pods say little, and are held against every node.
    fn may_reject(&self, plugin: Plugin) -> bool {
        match plugin {
            Plugin::NodeName => !self.pod.pod.spec.node_name.is_empty(),
            Plugin::NodeAffinity => self.has_node_requirements,
            Plugin::NodePorts => !self.pod.host_ports.is_empty(),
            Plugin::VolumeRestrictions | Plugin::VolumeBinding | Plugin::VolumeZone => {
                !self.volumes.is_empty()
            }
            Plugin::NodeVolumeLimits => false,
            Plugin::PodTopologySpread => !self.spread.is_empty(),
            Plugin::InterPodAffinity => !self.affinity.is_empty(),
            _ => true,
        }
    }
}

pub(super) type Filter = fn(&Cycle, &NodeInfo) -> Result<(), Status>;

pub(super) const FILTERS: &[(Plugin, Filter)] = &[
    (Plugin::NodeUnschedulable, node_unschedulable),
    (Plugin::NodeName, node_name),
    (Plugin::TaintToleration, taint_toleration::filter),
    (Plugin::NodeAffinity, node_affinity::filter),
    (Plugin::NodePorts, node_ports::filter),
    (Plugin::NodeResourcesFit, node_resources::filter),
    (Plugin::VolumeRestrictions, volumes::restrictions),
    (Plugin::NodeVolumeLimits, volumes::limits),
    (Plugin::VolumeBinding, volumes::binding),
    (Plugin::VolumeZone, volumes::zone),
    (Plugin::PodTopologySpread, pod_topology_spread::filter),
    (Plugin::InterPodAffinity, inter_pod_affinity::filter),
];

/// Runs the filters until one rejects the node.
pub(super) fn filter(cycle: &Cycle, node: &NodeInfo) -> Result<(), Status> {
    cycle.filters.iter().try_for_each(|filter| filter(cycle, node))
}

fn node_name(cycle: &Cycle, node: &NodeInfo) -> Result<(), Status> {
    let wanted = &cycle.pod.pod.spec.node_name;
    if !wanted.is_empty() && *wanted != node.node.metadata.name {
        return Err(Status::unresolvable(Plugin::NodeName, "node(s) didn't match the requested node name"));
    }
    Ok(())
}

/// Whether a Pod may run on a cordoned node.
pub(super) fn tolerates_unschedulable(pod: &PodInfo) -> bool {
    let taint = crate::api::objects::Taint {
        key: "node.kubernetes.io/unschedulable".into(),
        effect: "NoSchedule".into(),
        ..Default::default()
    };
    is_tolerated(&taint, &pod.pod.spec.tolerations)
}

fn node_unschedulable(cycle: &Cycle, node: &NodeInfo) -> Result<(), Status> {
    if !node.is_open && node.node.spec.unschedulable && !tolerates_unschedulable(&cycle.pod) {
        return Err(Status::unresolvable(Plugin::NodeUnschedulable, "node(s) were unschedulable"));
    }
    Ok(())
}

/// The plugins that score, as kube-scheduler names them.
pub(super) const SCORES: [&str; 8] = [
    "TaintToleration",
    "NodeAffinity",
    "NodeResourcesFit",
    "VolumeBinding",
    "PodTopologySpread",
    "InterPodAffinity",
    "NodeResourcesBalancedAllocation",
    "ImageLocality",
];

/// A node's weighted scores, in the order of `SCORES`.
pub(super) type Parts = [i16; SCORES.len()];

/// The weighted scores of the nodes at these places, in their order.
pub(super) fn score(cycle: &Cycle, places: &[usize], cache: &mut Cache) -> Vec<Parts> {
    let pod = &cycle.pod;
    let spread = pod_topology_spread::score(pod, places, cache);
    let affinity = inter_pod_affinity::score(pod, places, cache);
    let mut nodes: Vec<&NodeInfo> = Vec::with_capacity(places.len());
    nodes.extend(places.iter().filter_map(|place| cache.at(*place)));
    let mut parts = vec![Parts::default(); places.len()];
    let weighted = [
        (3, taint_toleration::score(pod, &nodes)),
        (2, node_affinity::score(pod, &nodes)),
        (1, Some(node_resources::least_allocated(pod, &nodes))),
        (1, volumes::score(cycle, &nodes)),
        (2, spread),
        (2, affinity),
        (1, node_resources::balanced_allocation(pod, &nodes)),
        (1, image_locality::score(pod, &nodes, cache)),
    ];
    for (plugin, (weight, scores)) in weighted.into_iter().enumerate() {
        let Some(scores) = scores else { continue };
        for (parts, score) in parts.iter_mut().zip(scores) {
            // A score is at most 100, and no weight more than 3.
            parts[plugin] = i16::try_from(weight * score).unwrap_or(i16::MAX);
        }
    }
    parts
}

/// Brings scores to 0 to 100, in reverse where less is better (upstream: helper.DefaultNormalizeScore).
fn normalize(mut scores: Vec<i64>, is_reverse: bool) -> Vec<i64> {
    let most = scores.iter().copied().max().unwrap_or(0).max(0);
    for score in &mut scores {
        *score = if most == 0 { 0 } else { MOST * *score / most };
        if is_reverse {
            *score = MOST - *score;
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cache_of, filter_all, node};
    use super::*;

    #[test]
    fn scores_are_brought_to_a_hundred() {
        assert_eq!(normalize(vec![0, 5, 10], false), [0, 50, 100]);
        assert_eq!(normalize(vec![0, 5, 10], true), [100, 50, 0]);
        assert_eq!(normalize(vec![0, 0], true), [100, 100]);
        assert_eq!(normalize(vec![0, 0], false), [0, 0]);
    }

    #[test]
    fn cordoned_nodes_take_only_what_tolerates_that() {
        let mut cache =
            cache_of(&[], &[node("node-1", "{}\nspec: {unschedulable: true}"), node("node-2", "{}")]);
        assert_eq!(filter_all(&mut cache, "containers: [{}]"), "node(s) were unschedulable ! | -");
        let tolerant =
            "tolerations: [{key: node.kubernetes.io/unschedulable, operator: Exists}]\ncontainers: [{}]";
        assert_eq!(filter_all(&mut cache, tolerant), "- | -");
    }
}
