//! Deployment, ReplicaSet and the older ReplicationController.

use super::label_map::Labels;
use super::meta::{Condition, LabelSelector, ObjectMeta};
use super::pod::PodTemplateSpec;
use crate::typed;
use crate::value::{Str, Value};
use std::rc::Rc;

typed! {
    /// A Deployment.
    pub struct Deployment {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// What is wanted.
        spec: "spec" => Rc<DeploymentSpec>,
        /// What is.
        status: "status" always => DeploymentStatus,
    }
    /// A Deployment's spec.
    pub struct DeploymentSpec {
        /// How many Pods.
        replicas: "replicas" => Option<i32>,
        /// Which Pods are its own.
        selector: "selector" => Rc<LabelSelector>,
        /// What they look like.
        template: "template" => Rc<PodTemplateSpec>,
        /// How they are replaced.
        strategy: "strategy" => DeploymentStrategy,
        /// How long a Pod must be ready to count as available.
        min_ready_seconds: "minReadySeconds" => i32,
        /// How many old ReplicaSets are kept.
        revision_history_limit: "revisionHistoryLimit" => Option<i32>,
        /// Whether a rollout stands still.
        paused: "paused" => bool,
        /// After how many seconds without progress a rollout has failed.
        progress_deadline_seconds: "progressDeadlineSeconds" => Option<i32>,
    }
    /// How Pods are replaced.
    pub struct DeploymentStrategy {
        /// `RollingUpdate` or `Recreate`.
        kind: "type" => Str,
        /// The bounds of a rolling update.
        rolling_update: "rollingUpdate" => Option<RollingUpdateDeployment>,
    }
    /// Bounds, each a number or a percentage.
    pub struct RollingUpdateDeployment {
        /// Rounded down.
        max_unavailable: "maxUnavailable" => Option<Value>,
        /// Rounded up.
        max_surge: "maxSurge" => Option<Value>,
    }
    /// A Deployment's status.
    pub struct DeploymentStatus {
        /// The generation that the controller has seen.
        observed_generation: "observedGeneration" => i64,
        /// Pods that are not terminating.
        replicas: "replicas" => i32,
        /// Those of the newest template.
        updated_replicas: "updatedReplicas" => i32,
        /// Those that are ready.
        ready_replicas: "readyReplicas" => i32,
        /// Those that were ready long enough.
        available_replicas: "availableReplicas" => i32,
        /// Those that are wanted and not available.
        unavailable_replicas: "unavailableReplicas" => i32,
        /// Those that are being deleted.
        terminating_replicas: "terminatingReplicas" => Option<i32>,
        /// Available, Progressing, ReplicaFailure.
        conditions: "conditions" => Vec<Condition>,
        /// Counts collisions of template hashes.
        collision_count: "collisionCount" => Option<i32>,
    }

    /// A ReplicaSet.
    pub struct ReplicaSet {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// What is wanted.
        spec: "spec" => Rc<ReplicaSetSpec>,
        /// What is.
        status: "status" always => ReplicaSetStatus,
    }
    /// A ReplicaSet's spec.
    pub struct ReplicaSetSpec {
        /// How many Pods.
        replicas: "replicas" => Option<i32>,
        /// How long a Pod must be ready to count as available.
        min_ready_seconds: "minReadySeconds" => i32,
        /// Which Pods are its own.
        selector: "selector" => Rc<LabelSelector>,
        /// What they look like.
        template: "template" => Rc<PodTemplateSpec>,
    }
    /// A ReplicaSet's status.
    pub struct ReplicaSetStatus {
        /// Pods that are not terminating.
        replicas: "replicas" always => i32,
        /// Those whose labels are the template's.
        fully_labeled_replicas: "fullyLabeledReplicas" => i32,
        /// Those that are ready.
        ready_replicas: "readyReplicas" => i32,
        /// Those that were ready long enough.
        available_replicas: "availableReplicas" => i32,
        /// Those that are being deleted.
        terminating_replicas: "terminatingReplicas" => Option<i32>,
        /// The generation that the controller has seen.
        observed_generation: "observedGeneration" => i64,
        /// ReplicaFailure.
        conditions: "conditions" => Vec<Condition>,
    }

    /// A ReplicationController.
    pub struct ReplicationController {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// What is wanted.
        spec: "spec" => Rc<ReplicationControllerSpec>,
        /// What is.
        status: "status" always => ReplicationControllerStatus,
    }
    /// A ReplicationController's spec.
    pub struct ReplicationControllerSpec {
        /// How many Pods.
        replicas: "replicas" => Option<i32>,
        /// How long a Pod must be ready to count as available.
        min_ready_seconds: "minReadySeconds" => i32,
        /// The labels of its own Pods.
        selector: "selector" => Labels,
        /// What they look like.
        template: "template" => Rc<PodTemplateSpec>,
    }
    /// A ReplicationController's status.
    pub struct ReplicationControllerStatus {
        /// Pods that are not terminating.
        replicas: "replicas" always => i32,
        /// Those whose labels are the template's.
        fully_labeled_replicas: "fullyLabeledReplicas" => i32,
        /// Those that are ready.
        ready_replicas: "readyReplicas" => i32,
        /// Those that were ready long enough.
        available_replicas: "availableReplicas" => i32,
        /// The generation that the controller has seen.
        observed_generation: "observedGeneration" => i64,
        /// ReplicaFailure.
        conditions: "conditions" => Vec<Condition>,
    }
}
