//! Which changes are worth another try for a Pod, by the plugins that rejected it
//! (upstream: framework/events.go and each plugin's EventsToRegister).

use super::cache::Cache;
use super::node_info::{NodeInfo, conflicts};
use super::plugins::{node_resources, pod_topology_spread, tolerates_unschedulable};
use super::pod_info::{AffinityTerm, PodInfo};
use super::queue::Queued;
use super::status::{Plugin, PluginSet};
use crate::api::objects::{Node, PersistentVolume, StorageClass};
use crate::api::scheduling::{matches_node, untolerated_taint};
use crate::api::volumes::claims_of;
use crate::api::{Kind, Object};
use crate::cluster::record::NodeId;
use std::rc::Rc;

/// What has changed of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodeAction {
    Add,
    Delete,
    Allocatable,
    Label,
    /// Its taints, or that it is not cordoned any more.
    Taint,
}

/// What has changed of a Pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PodAction {
    Add,
    Delete,
    Label,
    ScaleDown,
    Toleration,
    GatesGone,
}

/// A change.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event<'a> {
    Node {
        action: NodeAction,
        old: Option<&'a Rc<Node>>,
        new: Option<&'a Rc<Node>>,
    },
    /// Of a Pod that has a node.
    AssignedPod {
        action: PodAction,
        old: Option<&'a PodInfo>,
        new: Option<&'a PodInfo>,
    },
    /// Of the waiting Pod itself.
    TargetPod {
        action: PodAction,
        old: &'a PodInfo,
        new: &'a PodInfo,
    },
    /// Of a claim, a volume or a class.
    Storage {
        old: Option<&'a Object>,
        new: &'a Object,
    },
}

/// What of a node has changed so that Pods could care (upstream: NodeSchedulingPropertiesChange).
pub(super) fn node_actions(old: Option<&Node>, new: &Node) -> Vec<NodeAction> {
    let Some(old) = old else { return vec![NodeAction::Add] };
    [
        (NodeAction::Taint, old.spec.unschedulable && !new.spec.unschedulable),
        (NodeAction::Allocatable, old.status.allocatable != new.status.allocatable),
        (NodeAction::Label, old.metadata.labels != new.metadata.labels),
        (NodeAction::Taint, old.spec.taints != new.spec.taints),
    ]
    .into_iter()
    .filter_map(|(action, has_changed)| has_changed.then_some(action))
    .collect()
}

/// What of a Pod has changed so that Pods could care (upstream: PodSchedulingPropertiesChange).
pub(super) fn pod_actions(old: &PodInfo, new: &PodInfo) -> Vec<PodAction> {
    let (before, now) = (&old.requests.exact, &new.requests.exact);
    let is_less = now.milli_cpu < before.milli_cpu
        || now.memory < before.memory
        || now.ephemeral_storage < before.ephemeral_storage
        || before.scalar.iter().any(|(name, amount)| now.scalar(name) < *amount);
    let gates = |pod: &PodInfo| pod.pod.spec.scheduling_gates.is_empty();
    [
        (PodAction::Label, old.labels() != new.labels()),
        (PodAction::ScaleDown, is_less),
        (PodAction::GatesGone, gates(new) && !gates(old)),
        (PodAction::Toleration, new.pod.spec.tolerations.len() != old.pod.spec.tolerations.len()),
    ]
    .into_iter()
    .filter_map(|(action, has_changed)| has_changed.then_some(action))
    .collect()
}

/// The plugins that care about a change at all.
pub(super) fn concerned(event: &Event) -> PluginSet {
    use Plugin::*;
    let plugins: &[Plugin] = match event {
        Event::Node { action: NodeAction::Add, .. } => &[
            NodeName,
            NodeUnschedulable,
            TaintToleration,
            NodeAffinity,
            NodePorts,
            NodeResourcesFit,
            VolumeRestrictions,
            NodeVolumeLimits,
            VolumeBinding,
            VolumeZone,
            PodTopologySpread,
            InterPodAffinity,
        ],
        Event::Node { action: NodeAction::Delete, .. } => &[PodTopologySpread],
        Event::Node { action: NodeAction::Allocatable, .. } => &[NodeResourcesFit],
        Event::Node { action: NodeAction::Label, .. } => {
            &[NodeAffinity, VolumeBinding, VolumeZone, PodTopologySpread, InterPodAffinity]
        }
        Event::Node { action: NodeAction::Taint, .. } => {
            &[NodeUnschedulable, TaintToleration, PodTopologySpread]
        }
        Event::AssignedPod { action: PodAction::Add | PodAction::Label, .. } => {
            &[PodTopologySpread, InterPodAffinity]
        }
        Event::AssignedPod { action: PodAction::Delete, .. } => &[
            NodePorts,
            NodeResourcesFit,
            VolumeRestrictions,
            NodeVolumeLimits,
            PodTopologySpread,
            InterPodAffinity,
        ],
        Event::AssignedPod { action: PodAction::ScaleDown, .. } => &[NodeResourcesFit],
        Event::AssignedPod { .. } => &[],
        Event::TargetPod { action: PodAction::Label, .. } => &[PodTopologySpread, InterPodAffinity],
        Event::TargetPod { action: PodAction::ScaleDown, .. } => &[NodeResourcesFit],
        Event::TargetPod { action: PodAction::Toleration, .. } => {
            &[NodeUnschedulable, TaintToleration, PodTopologySpread]
        }
        Event::TargetPod { action: PodAction::GatesGone, .. } => &[SchedulingGates],
        Event::TargetPod { .. } => &[],
        Event::Storage { old, new } => match (new.kind(), old) {
            (Kind::PersistentVolumeClaim, None) => &[VolumeRestrictions, VolumeBinding, VolumeZone],
            (Kind::StorageClass, Some(_)) => &[VolumeBinding],
            _ => &[VolumeBinding, VolumeZone],
        },
    };
    PluginSet::of(plugins)
}

/// Whether a change is worth another try for a Pod that waits (upstream: isPodWorthRequeuing).
pub(super) fn is_worth(queued: &Queued, event: &Event, cache: &Cache) -> bool {
    let concerned = concerned(event).and(queued.rejected_by);
    concerned.iter().any(|plugin| hint(plugin, &queued.pod, event, cache))
}

/// Whether a change could make a plugin let a Pod through that it rejected.
fn hint(plugin: Plugin, pod: &PodInfo, event: &Event, cache: &Cache) -> bool {
    match plugin {
        Plugin::SchedulingGates | Plugin::NodeName => true,
        Plugin::DefaultPreemption => false,
        Plugin::NodeUnschedulable => match event {
            Event::Node { old, new: Some(new), .. } => {
                !new.spec.unschedulable && old.is_none_or(|old| old.spec.unschedulable)
            }
            Event::TargetPod { new, .. } => tolerates_unschedulable(new),
            _ => false,
        },
        Plugin::TaintToleration => match event {
            Event::Node { old, new: Some(new), .. } => {
                let keeps_away =
                    |node: &Node| untolerated_taint(&node.spec.taints, &pod.pod.spec.tolerations).is_some();
                !keeps_away(new) && old.is_none_or(|old| keeps_away(old))
            }
            event => matches!(event, Event::TargetPod { .. }),
        },
        Plugin::NodeAffinity => match event {
            Event::Node { old, new: Some(new), .. } => {
                matches_node(&pod.pod.spec, new) && !old.is_some_and(|old| matches_node(&pod.pod.spec, old))
            }
            _ => false,
        },
        Plugin::NodePorts => match event {
            Event::AssignedPod { old: Some(old), .. } => {
                old.host_ports.iter().any(|a| pod.host_ports.iter().any(|b| conflicts(a, b)))
            }
            event => matches!(event, Event::Node { .. }),
        },
        Plugin::NodeResourcesFit => node_resources_fit(pod, event),
        Plugin::PodTopologySpread => pod_topology_spread(pod, event),
        Plugin::InterPodAffinity => inter_pod_affinity(pod, event, cache),
        Plugin::VolumeRestrictions | Plugin::VolumeBinding | Plugin::VolumeZone => {
            storage(plugin, pod, event)
        }
        Plugin::NodeVolumeLimits => true,
    }
}

fn node_resources_fit(pod: &PodInfo, event: &Event) -> bool {
    match event {
        Event::Node { old, new: Some(new), .. } => {
            let info = |node: &Rc<Node>| NodeInfo::new(NodeId(0), 0, node.clone());
            let new = info(new);
            if !node_resources::fits_empty(pod, &new) {
                return false;
            }
            let Some(old) = old.map(info) else { return true };
            let (wants, before, now) = (&pod.requests.exact, &old.allocatable, &new.allocatable);
            new.allowed_pods > old.allowed_pods
                || (wants.milli_cpu > 0 && now.milli_cpu > before.milli_cpu)
                || (wants.memory > 0 && now.memory > before.memory)
                || (wants.ephemeral_storage > 0 && now.ephemeral_storage > before.ephemeral_storage)
                || wants.scalar.keys().any(|name| now.scalar(name) > before.scalar(name))
        }
        Event::AssignedPod { action: PodAction::ScaleDown, old: Some(old), new: Some(new) } => {
            let (wants, before, now) = (&pod.requests.exact, &old.requests.exact, &new.requests.exact);
            (wants.milli_cpu > 0 && now.milli_cpu < before.milli_cpu)
                || (wants.memory > 0 && now.memory < before.memory)
                || (wants.ephemeral_storage > 0 && now.ephemeral_storage < before.ephemeral_storage)
                || wants.scalar.keys().any(|name| now.scalar(name) < before.scalar(name))
        }
        _ => true,
    }
}

fn pod_topology_spread(pod: &PodInfo, event: &Event) -> bool {
    let constraints = pod_topology_spread::constraints(pod, "DoNotSchedule");
    let has_all =
        |node: &Node| constraints.iter().all(|constraint| node.metadata.labels.contains_key(&constraint.key));
    let selected = |pod: &PodInfo| -> Vec<bool> {
        constraints.iter().map(|constraint| constraint.selects(pod)).collect()
    };
    match event {
        Event::Node { old: Some(old), new: Some(new), .. } => {
            let value = |node: &Node| -> Vec<Option<crate::value::Str>> {
                constraints
                    .iter()
                    .map(|constraint| node.metadata.labels.get(&constraint.key).cloned())
                    .collect()
            };
            has_all(old) != has_all(new)
                || (has_all(new) && (value(old) != value(new) || old.spec.taints != new.spec.taints))
        }
        Event::Node { old, new, .. } => old.or(*new).is_some_and(|node| has_all(node)),
        Event::AssignedPod { old, new, .. } => {
            let is_near = |other: &PodInfo| other.key.namespace == pod.key.namespace;
            match (old, new) {
                (Some(old), Some(new)) => is_near(new) && selected(old) != selected(new),
                (old, new) => {
                    old.or(*new).is_some_and(|other| is_near(other) && selected(other).contains(&true))
                }
            }
        }
        Event::TargetPod { action: PodAction::Toleration, .. } => {
            constraints.iter().any(|constraint| constraint.honors_taints)
        }
        Event::TargetPod { old, new, .. } => selected(old) != selected(new),
        Event::Storage { .. } => false,
    }
}

fn inter_pod_affinity(pod: &PodInfo, event: &Event, cache: &Cache) -> bool {
    let is_about = |term: &AffinityTerm, other: &PodInfo| {
        term.matches(other, cache.namespace_labels(&other.key.namespace))
    };
    let wants =
        |other: &PodInfo| !pod.affinity.is_empty() && pod.affinity.iter().all(|term| is_about(term, other));
    let shuns = |other: &PodInfo| pod.anti_affinity.iter().any(|term| is_about(term, other));
    match event {
        Event::AssignedPod { old: Some(old), new: Some(new), .. } => {
            (!wants(old) && wants(new)) || (shuns(old) && !shuns(new))
        }
        Event::AssignedPod { old: None, new: Some(new), .. } => wants(new),
        Event::AssignedPod { old: Some(old), .. } => {
            shuns(old) || old.anti_affinity.iter().any(|term| is_about(term, pod))
        }
        Event::Node { old, new: Some(new), .. } => {
            let value =
                |node: &Node, term: &AffinityTerm| node.metadata.labels.get(&term.topology_key).cloned();
            let moves = |term: &AffinityTerm| {
                old.is_some_and(|old| value(old, term).is_some() && value(old, term) != value(new, term))
            };
            pod.affinity.iter().any(|term| {
                value(new, term).is_some() && old.is_none_or(|old| value(old, term) != value(new, term))
            }) || pod.anti_affinity.iter().any(|term| old.is_none() || moves(term))
        }
        event => matches!(event, Event::TargetPod { .. }),
    }
}

/// Of claims only a Pod's own are worth a try, of classes those that promise more; of volumes every one.
fn storage(plugin: Plugin, pod: &PodInfo, event: &Event) -> bool {
    let (old, new) = match event {
        Event::Storage { old, new } => (old, new),
        Event::AssignedPod { old: Some(old), .. } => {
            return old.key.namespace == pod.key.namespace
                && old.claims().any(|claim| pod.claims().any(|own| own == claim));
        }
        _ => return true,
    };
    match new {
        Object::PersistentVolumeClaim(claim) => {
            claim.metadata.namespace == pod.key.namespace
                && claims_of(&pod.pod).any(|name| name == claim.metadata.name)
        }
        Object::StorageClass(class) if plugin == Plugin::VolumeZone => class.waits(),
        Object::StorageClass(class) => {
            let places = |class: &StorageClass| {
                class.extra.as_ref().and_then(|extra| extra.get("allowedTopologies")).cloned()
            };
            old.and_then(|old| old.get::<StorageClass>()).is_none_or(|old| places(old) != places(class))
        }
        Object::PersistentVolume(volume) if plugin == Plugin::VolumeZone => {
            let old = old.and_then(|old| old.get::<PersistentVolume>());
            old.is_none_or(|old| old.metadata.labels != volume.metadata.labels)
        }
        _ => true,
    }
}
