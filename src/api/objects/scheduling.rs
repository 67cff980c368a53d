//! What says where Pods may run and which go first: affinity, topology spread, gates, PriorityClass.

use super::meta::{LabelSelector, LabelSelectorRequirement, ObjectMeta};
use crate::typed;
use crate::value::Str;
use std::rc::Rc;

typed! {
    /// A Pod's wishes about its node and its neighbours.
    pub struct Affinity {
        /// About the node.
        node_affinity: "nodeAffinity" => Option<NodeAffinity>,
        /// About Pods that it wants near.
        pod_affinity: "podAffinity" => Option<PodAffinity>,
        /// About Pods that it wants far.
        pod_anti_affinity: "podAntiAffinity" => Option<PodAffinity>,
    }
    /// Which nodes.
    pub struct NodeAffinity {
        /// Must match.
        required: "requiredDuringSchedulingIgnoredDuringExecution" => Option<NodeSelector>,
        /// Better match.
        preferred: "preferredDuringSchedulingIgnoredDuringExecution" => Vec<PreferredSchedulingTerm>,
    }
    /// Terms of which one must match.
    pub struct NodeSelector {
        /// The terms.
        node_selector_terms: "nodeSelectorTerms" => Vec<NodeSelectorTerm>,
    }
    /// Requirements that all must hold. One without any matches no node.
    pub struct NodeSelectorTerm {
        /// Of labels.
        match_expressions: "matchExpressions" => Vec<LabelSelectorRequirement>,
        /// Of `metadata.name`.
        match_fields: "matchFields" => Vec<LabelSelectorRequirement>,
    }
    /// A term with what it is worth.
    pub struct PreferredSchedulingTerm {
        /// 1 to 100.
        weight: "weight" => i32,
        /// The term.
        preference: "preference" => NodeSelectorTerm,
    }
    /// Terms about other Pods.
    pub struct PodAffinity {
        /// All must hold.
        required: "requiredDuringSchedulingIgnoredDuringExecution" => Vec<PodAffinityTerm>,
        /// Better hold.
        preferred: "preferredDuringSchedulingIgnoredDuringExecution" => Vec<WeightedPodAffinityTerm>,
    }
    /// Pods, and how near is near.
    pub struct PodAffinityTerm {
        /// Their labels; none selects no Pod.
        label_selector: "labelSelector" => Option<LabelSelector>,
        /// Their Namespaces; the Pod's own where nothing is said.
        namespaces: "namespaces" => Vec<Str>,
        /// The label of nodes whose value Pods share that are near each other.
        topology_key: "topologyKey" => Str,
        /// Their Namespaces by label.
        namespace_selector: "namespaceSelector" => Option<LabelSelector>,
        /// Labels of the Pod itself that theirs equal; the API server merges them into the selector.
        match_label_keys: "matchLabelKeys" => Vec<Str>,
        /// Labels of the Pod itself that theirs differ from.
        mismatch_label_keys: "mismatchLabelKeys" => Vec<Str>,
    }
    /// A term with what it is worth.
    pub struct WeightedPodAffinityTerm {
        /// 1 to 100.
        weight: "weight" => i32,
        /// The term.
        pod_affinity_term: "podAffinityTerm" => PodAffinityTerm,
    }
    /// How evenly Pods lie over domains of nodes.
    pub struct TopologySpreadConstraint {
        /// By how many Pods a domain may be ahead of the emptiest.
        max_skew: "maxSkew" => i32,
        /// The label of nodes whose values are the domains.
        topology_key: "topologyKey" => Str,
        /// `DoNotSchedule` or `ScheduleAnyway`.
        when_unsatisfiable: "whenUnsatisfiable" => Str,
        /// Which Pods are counted.
        label_selector: "labelSelector" => Option<LabelSelector>,
        /// With fewer domains than this the emptiest counts as empty.
        min_domains: "minDomains" => Option<i32>,
        /// `Honor` (as where nothing is said) or `Ignore` the Pod's node affinity when nodes are counted.
        node_affinity_policy: "nodeAffinityPolicy" => Str,
        /// `Honor` or `Ignore` (as where nothing is said) taints when nodes are counted.
        node_taints_policy: "nodeTaintsPolicy" => Str,
        /// Labels of the Pod itself that theirs equal.
        match_label_keys: "matchLabelKeys" => Vec<Str>,
    }
    /// A reason why a Pod is not to be scheduled yet.
    pub struct PodSchedulingGate { /// Its name.
        name: "name" => Str, }

    /// A name for a priority.
    pub struct PriorityClass {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// The priority; the higher goes first.
        value: "value" always => i32,
        /// Whether Pods get it that name none.
        global_default: "globalDefault" => bool,
        /// For people.
        description: "description" => Str,
        /// `PreemptLowerPriority` or `Never`.
        preemption_policy: "preemptionPolicy" => Str,
    }
}
