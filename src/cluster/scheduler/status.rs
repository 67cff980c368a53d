//! What plugins say, and the sentence for a Pod that fits nowhere (upstream: framework Status, Diagnosis, FitError).

use std::borrow::Cow;
use std::collections::BTreeMap;

crate::words_enum! {
    /// The plugins, named as kube-scheduler names them.
    pub enum Plugin {
        /// Holds Pods back that have gates.
        SchedulingGates = "SchedulingGates",
        /// The node is cordoned.
        NodeUnschedulable = "NodeUnschedulable",
        /// The Pod names its node.
        NodeName = "NodeName",
        /// The node has taints.
        TaintToleration = "TaintToleration",
        /// The Pod asks for labels or names of nodes.
        NodeAffinity = "NodeAffinity",
        /// The Pod takes ports of the node.
        NodePorts = "NodePorts",
        /// The Pod asks for resources.
        NodeResourcesFit = "NodeResourcesFit",
        /// Volumes that only one may use.
        VolumeRestrictions = "VolumeRestrictions",
        /// A node takes so many volumes.
        NodeVolumeLimits = "NodeVolumeLimits",
        /// Claims must be bound, or be bindable.
        VolumeBinding = "VolumeBinding",
        /// Volumes are in zones.
        VolumeZone = "VolumeZone",
        /// The Pod wants to lie evenly among its like.
        PodTopologySpread = "PodTopologySpread",
        /// The Pod wants to be near others, or far.
        InterPodAffinity = "InterPodAffinity",
        /// Makes room by deleting Pods of lower priority.
        DefaultPreemption = "DefaultPreemption",
    }
}

/// A set of plugins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PluginSet(u32);

impl PluginSet {
    pub(super) fn of(plugins: &[Plugin]) -> Self {
        plugins.iter().fold(Self::default(), |set, plugin| set.with(*plugin))
    }
    pub(super) fn with(self, plugin: Plugin) -> Self {
        Self(self.0 | 1 << plugin as u32)
    }
    pub(super) fn has(self, plugin: Plugin) -> bool {
        self.0 & (1 << plugin as u32) != 0
    }
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    pub(super) fn iter(self) -> impl Iterator<Item = Plugin> {
        Plugin::ALL.iter().copied().filter(move |plugin| self.has(*plugin))
    }
}

/// A reason in upstream's words.
pub(super) type Reason = Cow<'static, str>;

/// Why a node, or every node, falls out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) plugin: Plugin,
    /// Whether deleting Pods could help (upstream: Unschedulable, not UnschedulableAndUnresolvable).
    pub(super) is_resolvable: bool,
    pub(super) reasons: Vec<Reason>,
}

impl Status {
    /// Deleting Pods could help.
    pub(super) fn unschedulable(plugin: Plugin, reason: impl Into<Reason>) -> Self {
        Self { plugin, is_resolvable: true, reasons: vec![reason.into()] }
    }
    /// Deleting Pods would not help.
    pub(super) fn unresolvable(plugin: Plugin, reason: impl Into<Reason>) -> Self {
        Self { plugin, is_resolvable: false, reasons: vec![reason.into()] }
    }
}

/// What came of looking at the nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Diagnosis {
    /// Of each node that was looked at and fell out, by its place in the cache, why.
    pub(super) nodes: Vec<(usize, Status)>,
    /// Why nodes fell out that were not looked at.
    pub(super) absent: Option<Reason>,
    /// Why the Pod fits nowhere, whatever the nodes.
    pub(super) pre_filter: Option<Status>,
    /// What preemption came to.
    pub(super) post_filter: Option<String>,
    /// The plugins that rejected it: only what concerns one of them is worth another try.
    pub(super) plugins: PluginSet,
}

/// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). preemption: ...`
pub(super) fn fit_error(diagnosis: &Diagnosis, all_nodes: usize) -> String {
    let mut message = format!("0/{all_nodes} nodes are available:");
    if let Some(status) = &diagnosis.pre_filter {
        message = format!("{message} {}.", status.reasons.join(", "));
    } else {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for reason in diagnosis.nodes.iter().flat_map(|(_, status)| &status.reasons) {
            *counts.entry(reason).or_default() += 1;
        }
        let absent = all_nodes - diagnosis.nodes.len().min(all_nodes);
        if let Some(reason) = &diagnosis.absent
            && absent > 0
        {
            *counts.entry(reason).or_default() += absent;
        }
        let mut reasons: Vec<String> =
            counts.into_iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        reasons.sort();
        if !reasons.is_empty() {
            message = format!("{message} {}.", reasons.join(", "));
        }
    }
    if let Some(preemption) = &diagnosis.post_filter {
        message = format!("{message} {preemption}");
    }
    message
}

/// What is said where there is no node at all.
pub(super) const NO_NODES: &str = "no nodes available to schedule pods";

#[cfg(test)]
mod tests {
    use super::*;

    fn status(reasons: &[&'static str]) -> Status {
        let reasons = reasons.iter().map(|reason| Reason::Borrowed(*reason)).collect();
        Status { plugin: Plugin::NodeResourcesFit, is_resolvable: true, reasons }
    }

    #[test]
    fn reasons_are_counted_and_sorted_as_text() {
        let mut diagnosis = Diagnosis::default();
        for node in 0..10 {
            diagnosis.nodes.push((node, status(&["Insufficient cpu"])));
        }
        diagnosis.nodes.push((10, status(&["Insufficient cpu", "Insufficient memory"])));
        diagnosis.nodes.push((11, status(&["node(s) were unschedulable"])));
        diagnosis.nodes.push((12, status(&["node(s) were unschedulable"])));
        diagnosis.post_filter = Some("preemption: none.".into());
        // Counts are compared as text: 11 comes before 2.
        expect_test::expect!["0/13 nodes are available: 1 Insufficient memory, 11 Insufficient cpu, 2 node(s) were unschedulable. preemption: none."]
            .assert_eq(&fit_error(&diagnosis, 13));
    }

    #[test]
    fn nodes_that_were_not_looked_at_are_counted_together() {
        let diagnosis = Diagnosis {
            nodes: vec![(0, status(&["Insufficient cpu"]))],
            absent: Some("node(s) didn't satisfy plugin(s) [NodeAffinity]".into()),
            ..Diagnosis::default()
        };
        expect_test::expect![
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]."
        ]
        .assert_eq(&fit_error(&diagnosis, 3));
    }

    #[test]
    fn what_holds_for_every_node_is_said_once() {
        let diagnosis = Diagnosis {
            pre_filter: Some(Status::unresolvable(
                Plugin::VolumeBinding,
                "pod has unbound immediate PersistentVolumeClaims",
            )),
            post_filter: Some(
                "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.".into(),
            ),
            ..Diagnosis::default()
        };
        expect_test::expect!["0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."]
            .assert_eq(&fit_error(&diagnosis, 2));
    }

    #[test]
    fn a_set_has_what_was_put_in() {
        let set = PluginSet::of(&[Plugin::NodeName, Plugin::InterPodAffinity]);
        assert!(set.has(Plugin::NodeName) && !set.has(Plugin::NodePorts));
        assert_eq!(set.iter().collect::<Vec<_>>(), [Plugin::NodeName, Plugin::InterPodAffinity]);
    }
}
