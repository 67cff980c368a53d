//! ResourceQuota, LimitRange, PodDisruptionBudget, HorizontalPodAutoscaler.

use super::meta::{Condition, LabelSelector, Labels, ObjectMeta};
use crate::typed;
use crate::value::{Str, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

typed! {
    /// How much the objects of a Namespace may ask for together.
    pub struct ResourceQuota {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// The limits.
        spec: "spec" => ResourceQuotaSpec,
        /// What is used.
        status: "status" always => ResourceQuotaStatus,
    }
    /// A quota's spec.
    pub struct ResourceQuotaSpec {
        /// The limit of each resource.
        hard: "hard" => Labels,
        /// What an object must be to be counted: all of these.
        scopes: "scopes" => Vec<Str>,
        /// The same with operators and values.
        scope_selector: "scopeSelector" => Option<ScopeSelector>,
    }
    /// What an object must be to be counted.
    pub struct ScopeSelector {
        /// All of these.
        match_expressions: "matchExpressions" => Vec<ScopedResourceSelectorRequirement>,
    }
    /// One of a quota's scopes.
    pub struct ScopedResourceSelectorRequirement {
        /// The scope.
        scope_name: "scopeName" => Str,
        /// `In`, `NotIn`, `Exists`, `DoesNotExist`.
        operator: "operator" => Str,
        /// For `In` and `NotIn`.
        values: "values" => Vec<Str>,
    }
    /// A quota's status.
    pub struct ResourceQuotaStatus {
        /// The limits that the controller has seen.
        hard: "hard" => Labels,
        /// What is used of each.
        used: "used" => Labels,
    }

    /// Bounds and defaults of what a Pod, a container or a claim asks for.
    pub struct LimitRange {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// The bounds.
        spec: "spec" => LimitRangeSpec,
    }
    /// A LimitRange's spec.
    pub struct LimitRangeSpec {
        /// One for each type.
        limits: "limits" => Vec<LimitRangeItem>,
    }
    /// Bounds and defaults of one type.
    pub struct LimitRangeItem {
        /// `Pod`, `Container`, `PersistentVolumeClaim`.
        kind: "type" => Str,
        /// At most.
        max: "max" => Labels,
        /// At least.
        min: "min" => Labels,
        /// A limit where none is said.
        default: "default" => Labels,
        /// A request where none is said.
        default_request: "defaultRequest" => Labels,
        /// How many times the request the limit may be.
        max_limit_request_ratio: "maxLimitRequestRatio" => Labels,
    }

    /// How many Pods may be evicted.
    pub struct PodDisruptionBudget {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// What must stay.
        spec: "spec" => PodDisruptionBudgetSpec,
        /// What may go.
        status: "status" always => PodDisruptionBudgetStatus,
    }
    /// A budget's spec: one of the two bounds, each a number or a percentage.
    pub struct PodDisruptionBudgetSpec {
        /// So many must stay healthy.
        min_available: "minAvailable" => Option<Value>,
        /// Which Pods are counted; an empty selector counts all.
        selector: "selector" => Option<LabelSelector>,
        /// So many may be away.
        max_unavailable: "maxUnavailable" => Option<Value>,
        /// `IfHealthyBudget` or `AlwaysAllow`: when a Pod that is not ready may be evicted.
        unhealthy_pod_eviction_policy: "unhealthyPodEvictionPolicy" => Str,
    }
    /// A budget's status.
    pub struct PodDisruptionBudgetStatus {
        /// The generation that the controller has seen.
        observed_generation: "observedGeneration" => i64,
        /// Pods whose eviction was let through and is not seen yet, and when.
        disrupted_pods: "disruptedPods" => BTreeMap<Str, Str>,
        /// How many may go now.
        disruptions_allowed: "disruptionsAllowed" always => i32,
        /// How many are healthy.
        current_healthy: "currentHealthy" always => i32,
        /// How many must be.
        desired_healthy: "desiredHealthy" always => i32,
        /// How many there should be.
        expected_pods: "expectedPods" always => i32,
        /// DisruptionAllowed.
        conditions: "conditions" => Vec<Condition>,
    }

    /// Sets the replicas of a workload by what is measured.
    pub struct HorizontalPodAutoscaler {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// What is scaled, and by what.
        spec: "spec" => HorizontalPodAutoscalerSpec,
        /// What came of it.
        status: "status" always => HorizontalPodAutoscalerStatus,
    }
    /// An autoscaler's spec.
    pub struct HorizontalPodAutoscalerSpec {
        /// What is scaled.
        scale_target_ref: "scaleTargetRef" => CrossVersionObjectReference,
        /// At least.
        min_replicas: "minReplicas" => Option<i32>,
        /// At most.
        max_replicas: "maxReplicas" always => i32,
        /// What is measured.
        metrics: "metrics" => Vec<Value>,
        /// How fast.
        behavior: "behavior" => Option<Value>,
    }
    /// An object by kind and name.
    pub struct CrossVersionObjectReference {
        /// Its kind.
        kind: "kind" => Str,
        /// Its name.
        name: "name" => Str,
        /// Its version.
        api_version: "apiVersion" => Str,
    }
    /// An autoscaler's status.
    pub struct HorizontalPodAutoscalerStatus {
        /// The generation that the controller has seen.
        observed_generation: "observedGeneration" => Option<i64>,
        /// When it last scaled.
        last_scale_time: "lastScaleTime" => Option<Str>,
        /// How many there were.
        current_replicas: "currentReplicas" => i32,
        /// How many there should be.
        desired_replicas: "desiredReplicas" always => i32,
        /// What was measured.
        current_metrics: "currentMetrics" always => Vec<Value>,
        /// AbleToScale, ScalingActive, ScalingLimited.
        conditions: "conditions" => Vec<Condition>,
    }
}
