//! What all objects have: metadata, owners, conditions, selectors.

pub use super::label_map::Labels;
use crate::typed;
use crate::value::Str;
use crate::words_enum;

typed! {
    /// `metadata`. Times are RFC 3339 text, as in the API.
    pub struct ObjectMeta {
        /// Unique within kind and Namespace.
        name: "name" => Str,
        /// A name's beginning, completed by the server.
        generate_name: "generateName" => Str,
        /// The Namespace.
        namespace: "namespace" => Str,
        /// Unique in time.
        uid: "uid" => Str,
        /// The store's revision at the last change.
        resource_version: "resourceVersion" => Str,
        /// Counts changes of the spec.
        generation: "generation" => i64,
        /// When it was created.
        creation_timestamp: "creationTimestamp" => Str,
        /// When its grace period ends; set once deletion was asked for.
        deletion_timestamp: "deletionTimestamp" => Option<Str>,
        /// The grace period that deletion was asked with, in seconds.
        deletion_grace_period_seconds: "deletionGracePeriodSeconds" => Option<i64>,
        /// What selectors match.
        labels: "labels" => Labels,
        /// What nothing selects by.
        annotations: "annotations" => Labels,
        /// Whom it belongs to.
        owner_references: "ownerReferences" => Vec<OwnerReference>,
        /// What must be done before it may go.
        finalizers: "finalizers" => Vec<Str>,
    }
    /// An owner.
    pub struct OwnerReference {
        /// The owner's version.
        api_version: "apiVersion" => Str,
        /// The owner's kind.
        kind: "kind" => Str,
        /// The owner's name.
        name: "name" => Str,
        /// The owner's uid.
        uid: "uid" => Str,
        /// Whether this owner manages the object.
        controller: "controller" => Option<bool>,
        /// Whether a foreground deletion of the owner waits for the object.
        block_owner_deletion: "blockOwnerDeletion" => Option<bool>,
    }
    /// `selector` of workloads.
    pub struct LabelSelector {
        /// All of these labels.
        match_labels: "matchLabels" => Labels,
        /// And all of these.
        match_expressions: "matchExpressions" => Vec<LabelSelectorRequirement>,
    }
    /// One expression of a selector.
    pub struct LabelSelectorRequirement {
        /// The label's key.
        key: "key" => Str,
        /// `In`, `NotIn`, `Exists`, `DoesNotExist`.
        operator: "operator" => Str,
        /// For `In` and `NotIn`.
        values: "values" => Vec<Str>,
    }
    /// A condition of a status. Not every kind has every time.
    pub struct Condition {
        /// `Ready`, `Available`, ...
        kind: "type" => Str,
        /// Whether it holds.
        status: "status" => Option<ConditionStatus>,
        /// The generation that it was seen at.
        observed_generation: "observedGeneration" => Option<i64>,
        /// One word why.
        reason: "reason" => Str,
        /// A sentence why.
        message: "message" => Str,
        /// When it was last looked at (Pods).
        last_probe_time: "lastProbeTime" => Option<Str>,
        /// When it was last written (Deployments).
        last_update_time: "lastUpdateTime" => Option<Str>,
        /// When the status last changed.
        last_transition_time: "lastTransitionTime" => Option<Str>,
        /// When a kubelet last confirmed it (Nodes).
        last_heartbeat_time: "lastHeartbeatTime" => Option<Str>,
    }
    /// Another object in the same Namespace.
    pub struct ObjectReference {
        /// Its kind.
        kind: "kind" => Str,
        /// Its Namespace.
        namespace: "namespace" => Str,
        /// Its name.
        name: "name" => Str,
        /// Its uid.
        uid: "uid" => Str,
        /// Its version.
        api_version: "apiVersion" => Str,
        /// The resourceVersion that was meant.
        resource_version: "resourceVersion" => Str,
        /// A part of it, as `spec.containers{web}`.
        field_path: "fieldPath" => Str,
    }
}

words_enum! {
    /// Whether a condition holds.
    pub enum ConditionStatus {
        /// It holds.
        True = "True",
        /// It does not.
        False = "False",
        /// Nobody knows.
        Unknown = "Unknown",
    }
}

impl ObjectMeta {
    /// The owner that manages the object.
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.owner_references.iter().find(|owner| owner.controller == Some(true))
    }
    /// Whether deletion was asked for.
    pub fn is_terminating(&self) -> bool {
        self.deletion_timestamp.is_some()
    }
}
