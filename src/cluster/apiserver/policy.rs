//! Defaults of quotas, LimitRanges, budgets and autoscalers
//! (upstream: pkg/apis/core/v1/defaults.go, pkg/apis/autoscaling/v2/defaults.go, pkg/registry/policy).

use crate::api::objects::{HorizontalPodAutoscaler, LimitRange};
use crate::api::{Kind, Object};
use crate::value::{Value, json};
use std::rc::Rc;

/// What an autoscaler measures that says nothing: the cpu that its Pods use of what they ask for.
const DEFAULT_METRICS: &str = r#"[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}]"#;
/// How fast an autoscaler acts that says something about it.
const SCALE_UP: &str = r#"{"stabilizationWindowSeconds":0,"selectPolicy":"Max","policies":[
    {"type":"Pods","value":4,"periodSeconds":15},{"type":"Percent","value":100,"periodSeconds":15}]}"#;
const SCALE_DOWN: &str =
    r#"{"selectPolicy":"Max","policies":[{"type":"Percent","value":100,"periodSeconds":15}]}"#;

/// A client cannot give a new object its status.
pub(super) fn on_create(object: &mut Object) {
    match object {
        Object::ResourceQuota(inner) => Rc::make_mut(inner).status = Default::default(),
        Object::PodDisruptionBudget(inner) => Rc::make_mut(inner).status = Default::default(),
        Object::HorizontalPodAutoscaler(inner) => Rc::make_mut(inner).status = Default::default(),
        _ => {}
    }
}

/// Derives a container's defaults from each other: the limit from the maximum, the request from the limit or the
/// minimum.
pub(super) fn limit_range(range: &mut LimitRange) {
    for item in range.spec.limits.iter_mut().filter(|item| &*item.kind == "Container") {
        for (name, amount) in &item.max {
            item.default.entry(name.clone()).or_insert_with(|| amount.clone());
        }
        for (name, amount) in item.default.iter().chain(&item.min) {
            item.default_request.entry(name.clone()).or_insert_with(|| amount.clone());
        }
    }
}

/// Fills in what an autoscaler leaves open.
pub(super) fn autoscaler(autoscaler: &mut HorizontalPodAutoscaler) {
    let spec = &mut autoscaler.spec;
    spec.min_replicas.get_or_insert(1);
    if spec.metrics.is_empty() {
        let default = json::parse(DEFAULT_METRICS).unwrap_or_default();
        spec.metrics = default.as_array().map(<[Value]>::to_vec).unwrap_or_default();
    }
    if let Some(behavior) = &mut spec.behavior {
        for (key, default) in [("scaleUp", SCALE_UP), ("scaleDown", SCALE_DOWN)] {
            let mut rules = json::parse(default).unwrap_or_default();
            let written = behavior.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
            for (name, value) in written.iter().filter(|(_, value)| !value.is_null()) {
                rules.set(&[name], value.clone());
            }
            behavior.set(&[key], rules);
        }
    }
}

/// An object in the version that is stored: an autoscaler of autoscaling/v1 says its one metric in a field of its
/// own (upstream: pkg/apis/autoscaling/v1/conversion.go).
pub(super) fn stored(kind: Kind, value: &Value) -> Value {
    let share = value.at(&["spec", "targetCPUUtilizationPercentage"]).cloned();
    let Some(share) = share.filter(|_| kind == Kind::HorizontalPodAutoscaler) else { return value.clone() };
    let mut value = value.clone();
    value.set(&["apiVersion"], kind.api_version());
    if let Some(spec) = value.make_object().get_mut("spec") {
        spec.make_object().remove("targetCPUUtilizationPercentage");
    }
    if !share.is_null() && value.at(&["spec", "metrics"]).is_none() {
        let mut metric = Value::object();
        metric.set(&["type"], "Resource");
        metric.set(&["resource", "name"], "cpu");
        metric.set(&["resource", "target", "type"], "Utilization");
        metric.set(&["resource", "target", "averageUtilization"], share);
        value.set(&["spec", "metrics"], vec![metric]);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::typed::Typed;

    #[test]
    fn a_limit_range_completes_itself() {
        let text = r#"{"spec":{"limits":[{"type":"Container","max":{"cpu":"2"},"min":{"memory":"8Mi"}},{"type":"Pod","max":{"cpu":"4"}}]}}"#;
        let mut range = LimitRange::decode(&json::parse(text).expect("JSON")).expect("a LimitRange");
        limit_range(&mut range);
        let item = |at: usize| json::compact(&range.spec.limits[at].encode());
        assert_eq!(
            item(0),
            r#"{"default":{"cpu":"2"},"defaultRequest":{"cpu":"2","memory":"8Mi"},"max":{"cpu":"2"},"min":{"memory":"8Mi"},"type":"Container"}"#
        );
        assert_eq!(item(1), r#"{"max":{"cpu":"4"},"type":"Pod"}"#);
    }

    #[test]
    fn an_old_autoscaler_is_stored_as_a_new_one() {
        let old =
            r#"{"apiVersion":"autoscaling/v1","spec":{"maxReplicas":5,"targetCPUUtilizationPercentage":50}}"#;
        let new = stored(Kind::HorizontalPodAutoscaler, &json::parse(old).expect("JSON"));
        assert_eq!(
            json::compact(&new),
            r#"{"apiVersion":"autoscaling/v2","spec":{"maxReplicas":5,"metrics":[{"resource":{"name":"cpu","target":{"averageUtilization":50,"type":"Utilization"}},"type":"Resource"}]}}"#
        );
    }

    #[test]
    fn an_autoscaler_says_what_it_does() {
        let text = r#"{"spec":{"maxReplicas":5,"behavior":{"scaleDown":{"stabilizationWindowSeconds":60}}}}"#;
        let mut hpa = HorizontalPodAutoscaler::decode(&json::parse(text).expect("JSON")).expect("an HPA");
        autoscaler(&mut hpa);
        assert_eq!(hpa.spec.min_replicas, Some(1));
        assert_eq!(hpa.spec.metrics.len(), 1);
        let down = hpa.spec.behavior.as_ref().and_then(|behavior| behavior.get("scaleDown").cloned());
        assert_eq!(
            down.map(|down| json::compact(&down)).as_deref(),
            Some(
                r#"{"policies":[{"periodSeconds":15,"type":"Percent","value":100}],"selectPolicy":"Max","stabilizationWindowSeconds":60}"#
            )
        );
    }
}
