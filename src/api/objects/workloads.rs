//! StatefulSet, DaemonSet and the ControllerRevisions that they remember their templates by.

use super::meta::{Condition, LabelSelector, ObjectMeta};
use super::pod::PodTemplateSpec;
use super::storage::PersistentVolumeClaim;
use crate::typed;
use crate::value::{Str, Value};
use std::rc::Rc;

typed! {
    /// A StatefulSet.
    pub struct StatefulSet {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// What is wanted.
        spec: "spec" => Rc<StatefulSetSpec>,
        /// What is.
        status: "status" always => StatefulSetStatus,
    }
    /// A StatefulSet's spec.
    pub struct StatefulSetSpec {
        /// How many Pods.
        replicas: "replicas" => Option<i32>,
        /// Which Pods are its own.
        selector: "selector" => Rc<LabelSelector>,
        /// What they look like.
        template: "template" => Rc<PodTemplateSpec>,
        /// Claims that each Pod has for itself, as they are to be made.
        volume_claim_templates: "volumeClaimTemplates" => Vec<PersistentVolumeClaim>,
        /// The headless Service that gives the Pods their names.
        service_name: "serviceName" => Str,
        /// `OrderedReady` or `Parallel`.
        pod_management_policy: "podManagementPolicy" => Str,
        /// How Pods are replaced.
        update_strategy: "updateStrategy" => StatefulSetUpdateStrategy,
        /// How many old ControllerRevisions are kept.
        revision_history_limit: "revisionHistoryLimit" => Option<i32>,
        /// How long a Pod must be ready to count as available.
        min_ready_seconds: "minReadySeconds" => i32,
        /// What becomes of claims that are not used any more.
        persistent_volume_claim_retention_policy: "persistentVolumeClaimRetentionPolicy" => Option<ClaimRetentionPolicy>,
        /// How Pods are numbered.
        ordinals: "ordinals" => Option<StatefulSetOrdinals>,
    }
    /// How a StatefulSet's Pods are replaced.
    pub struct StatefulSetUpdateStrategy {
        /// `RollingUpdate` or `OnDelete`.
        kind: "type" => Str,
        /// The bounds of a rolling update.
        rolling_update: "rollingUpdate" => Option<RollingUpdateStatefulSet>,
    }
    /// The bounds of a StatefulSet's rolling update.
    pub struct RollingUpdateStatefulSet {
        /// Only Pods from this ordinal on are replaced.
        partition: "partition" => Option<i32>,
        /// How many may be missing: a number or a percentage, rounded down.
        max_unavailable: "maxUnavailable" => Option<Value>,
    }
    /// `Retain` or `Delete` (upstream: StatefulSetPersistentVolumeClaimRetentionPolicy).
    pub struct ClaimRetentionPolicy {
        /// When the StatefulSet is deleted.
        when_deleted: "whenDeleted" => Str,
        /// When it is scaled down.
        when_scaled: "whenScaled" => Str,
    }
    /// How Pods are numbered.
    pub struct StatefulSetOrdinals {
        /// The first number.
        start: "start" always => i32,
    }
    /// A StatefulSet's status.
    pub struct StatefulSetStatus {
        /// The generation that the controller has seen.
        observed_generation: "observedGeneration" => i64,
        /// Pods that exist.
        replicas: "replicas" always => i32,
        /// Those that are ready.
        ready_replicas: "readyReplicas" => i32,
        /// Those of the current revision that are not terminating.
        current_replicas: "currentReplicas" => i32,
        /// Those of the update revision that are not terminating.
        updated_replicas: "updatedReplicas" => i32,
        /// The ControllerRevision that a rolling update began with.
        current_revision: "currentRevision" => Str,
        /// The ControllerRevision of the template.
        update_revision: "updateRevision" => Str,
        /// Counts collisions of revisions' hashes.
        collision_count: "collisionCount" => Option<i32>,
        /// None in this version.
        conditions: "conditions" => Vec<Condition>,
        /// Those that were ready long enough.
        available_replicas: "availableReplicas" always => i32,
    }

    /// A DaemonSet.
    pub struct DaemonSet {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// What is wanted.
        spec: "spec" => Rc<DaemonSetSpec>,
        /// What is.
        status: "status" always => DaemonSetStatus,
    }
    /// A DaemonSet's spec.
    pub struct DaemonSetSpec {
        /// Which Pods are its own.
        selector: "selector" => Rc<LabelSelector>,
        /// What they look like.
        template: "template" => Rc<PodTemplateSpec>,
        /// How they are replaced.
        update_strategy: "updateStrategy" => DaemonSetUpdateStrategy,
        /// How long a Pod must be ready to count as available.
        min_ready_seconds: "minReadySeconds" => i32,
        /// How many old ControllerRevisions are kept.
        revision_history_limit: "revisionHistoryLimit" => Option<i32>,
    }
    /// How a DaemonSet's Pods are replaced.
    pub struct DaemonSetUpdateStrategy {
        /// `RollingUpdate` or `OnDelete`.
        kind: "type" => Str,
        /// The bounds of a rolling update.
        rolling_update: "rollingUpdate" => Option<RollingUpdateDaemonSet>,
    }
    /// Bounds, each a number or a percentage of the nodes, rounded up.
    pub struct RollingUpdateDaemonSet {
        /// How many nodes may be without.
        max_unavailable: "maxUnavailable" => Option<Value>,
        /// How many nodes may have two.
        max_surge: "maxSurge" => Option<Value>,
    }
    /// A DaemonSet's status: each counts nodes.
    pub struct DaemonSetStatus {
        /// That should have a Pod and have one.
        current_number_scheduled: "currentNumberScheduled" always => i32,
        /// That should have none and have one.
        number_misscheduled: "numberMisscheduled" always => i32,
        /// That should have a Pod.
        desired_number_scheduled: "desiredNumberScheduled" always => i32,
        /// Whose Pod is ready.
        number_ready: "numberReady" always => i32,
        /// The generation that the controller has seen.
        observed_generation: "observedGeneration" => i64,
        /// Whose Pod is of the template as it is.
        updated_number_scheduled: "updatedNumberScheduled" => i32,
        /// Whose Pod was ready long enough.
        number_available: "numberAvailable" => i32,
        /// That should have a Pod and have none that is available.
        number_unavailable: "numberUnavailable" => i32,
        /// Counts collisions of templates' hashes.
        collision_count: "collisionCount" => Option<i32>,
        /// None in this version.
        conditions: "conditions" => Vec<Condition>,
    }

    /// A template as it once was, kept by the workload whose it is.
    pub struct ControllerRevision {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// A patch that brings the template back.
        data: "data" => Value,
        /// Its number: the highest is the newest.
        revision: "revision" always => i64,
    }
}
