//! Holds workloads within the bounds of their HorizontalPodAutoscaler, and says that nothing measures
//! (upstream: pkg/controller/podautoscaler/horizontal.go). No metrics server runs, as in a new cluster.

use super::{Controller, Outcome, WorkQueue};
use crate::api::objects::{Condition, ConditionStatus, HorizontalPodAutoscaler};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::recorder::EventNote;
use crate::cluster::request::{PatchKind, Reply, Request, Subresource, Verb};
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{Micros, SECOND};
use crate::value::{Str, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How often an autoscaler looks (upstream: HorizontalPodAutoscalerSyncPeriod).
const PERIOD: Micros = 15 * SECOND;

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct HorizontalPodAutoscalerController {
    /// When each autoscaler looks next by itself, in microseconds since 1970. A look in between is one more.
    due: BTreeMap<ObjectKey, u64>,
}

/// What a sync reads.
#[derive(Clone, Debug)]
pub struct Input {
    autoscaler: Rc<HorizontalPodAutoscaler>,
    /// The names of all autoscalers of its target, where there are several.
    rivals: Vec<Str>,
}

impl Controller for HorizontalPodAutoscalerController {
    const NAME: ControllerName = ControllerName::HorizontalPodAutoscaler;
    const COMPONENT: &'static str = "horizontal-pod-autoscaler";
    const WATCHES: &'static [Kind] = &[Kind::HorizontalPodAutoscaler];
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, _: &Cache, queue: &mut WorkQueue) {
        let key = heard.object.key();
        if heard.change == Change::Deleted {
            self.due.remove(&key);
            return;
        }
        let old = heard.old.as_ref().map(|old| old.meta().generation);
        if old != Some(heard.object.meta().generation) {
            queue.add(key);
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let autoscaler = cache.get(key)?.get::<HorizontalPodAutoscaler>()?.clone();
        let target = &autoscaler.spec.scale_target_ref;
        let all = cache.list_typed::<HorizontalPodAutoscaler>(&key.namespace);
        let same = |other: &&Rc<HorizontalPodAutoscaler>| {
            let other = &other.spec.scale_target_ref;
            other.kind == target.kind && other.name == target.name
        };
        let mut rivals: Vec<Str> = all.filter(same).map(|other| other.metadata.name.clone()).collect();
        if rivals.len() < 2 {
            rivals.clear();
        }
        Some(Input { autoscaler, rivals })
    }
    fn sync(&mut self, key: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        reconcile(ask, input)?;
        let now = ask.unix_micros();
        let is_due = self.due.get(key).is_none_or(|due| *due <= now);
        if ask.once() && is_due {
            self.due.insert(key.clone(), now + PERIOD);
        }
        Ok(if is_due { Outcome::After(PERIOD) } else { Outcome::Done })
    }
}

/// Looks once: scales into the bounds, or says why no number of replicas can be told.
fn reconcile(ask: &mut Ask, input: &Input) -> Result<(), Suspended> {
    let old = &input.autoscaler;
    let object = Object::HorizontalPodAutoscaler(old.clone());
    let mut new = HorizontalPodAutoscaler::clone(old);
    let scale = match scale(ask, old)? {
        Ok(scale) => scale,
        Err(why) => {
            ask.event(EventNote::warning(&object, "FailedGetScale", why.clone()));
            let message = format!("the HPA controller was unable to get the target's current scale: {why}");
            set_condition(ask, &mut new, "AbleToScale", false, "FailedGetScale", message);
            return write_status(ask, old, new);
        }
    };
    let (target, current) = scale;
    let message = "the HPA controller was able to get the target's current scale";
    set_condition(ask, &mut new, "AbleToScale", true, "SucceededGetScale", message.into());
    let (least, most) = (old.spec.min_replicas.unwrap_or(1), old.spec.max_replicas);
    let (desired, reason) = if current == 0 {
        let message = "scaling is disabled since the replica count of the target is zero";
        set_condition(ask, &mut new, "ScalingActive", false, "ScalingDisabled", message.into());
        set_status(&mut new, current, current, Vec::new());
        return write_status(ask, old, new);
    } else if current > most {
        (most, "Current number of replicas above Spec.MaxReplicas")
    } else if current < least {
        (least, "Current number of replicas below Spec.MinReplicas")
    } else {
        let why = compute_replicas(ask, input, &object, &mut new)?;
        // Of a metric that is not known upstream writes an empty status.
        let mut unknown = Value::object();
        unknown.set(&["type"], "");
        let metrics = if input.rivals.is_empty() { vec![unknown; old.spec.metrics.len()] } else { Vec::new() };
        let desired = old.status.desired_replicas;
        set_status(&mut new, current, desired, metrics);
        write_status(ask, old, new)?;
        ask.event(EventNote::warning(&object, "FailedComputeMetricsReplicas", why));
        return Ok(());
    };
    let mut patch = Value::object();
    patch.set(&["spec", "replicas"], desired);
    let request = Request::new(Verb::Patch(PatchKind::Merge, patch), target).at(Subresource::Scale);
    if let Err(error) = ask.api(request)? {
        let message = format!("New size: {desired}; reason: {reason}; error: {}", error.message);
        ask.event(EventNote::warning(&object, "FailedRescale", message));
        let message = format!("the HPA controller was unable to update the target scale: {}", error.message);
        set_condition(ask, &mut new, "AbleToScale", false, "FailedUpdateScale", message);
        set_status(&mut new, current, old.status.desired_replicas, Vec::new());
        return write_status(ask, old, new);
    }
    let message = format!("the HPA controller was able to update the target scale to {desired}");
    set_condition(ask, &mut new, "AbleToScale", true, "SucceededRescale", message);
    let message = format!("New size: {desired}; reason: {reason}");
    ask.event(EventNote::normal(&object, "SuccessfulRescale", message));
    let message = "the HPA controller did not scale the workload to zero";
    set_condition(ask, &mut new, "ScaledToZero", false, "NotScaledToZero", message.into());
    set_status(&mut new, current, desired, Vec::new());
    new.status.last_scale_time = Some(ask.rfc3339());
    write_status(ask, old, new)
}

/// The target and how many replicas it wants, or why that cannot be told.
fn scale(
    ask: &mut Ask,
    autoscaler: &HorizontalPodAutoscaler,
) -> Result<Result<(ObjectKey, i32), String>, Suspended> {
    let target = &autoscaler.spec.scale_target_ref;
    let group = target.api_version.split_once('/').map_or("", |(group, _)| group);
    let Some(kind) = Kind::of(&target.api_version, &target.kind) else {
        return Ok(Err(format!("no matches for kind \"{}\" in group \"{group}\"", target.kind)));
    };
    let key = ObjectKey::new(kind, autoscaler.metadata.namespace.clone(), target.name.clone());
    Ok(match ask.api(Request::get(key.clone()).at(Subresource::Scale))? {
        Ok(Reply::Scale(scale)) => Ok((key, scale.spec)),
        Ok(_) => Err("the server could not find the requested resource".into()),
        Err(error) => Err(error.message.clone()),
    })
}

/// Says of each metric that it cannot be read, and gives the sentence about all of them.
fn compute_replicas(
    ask: &mut Ask,
    input: &Input,
    object: &Object,
    new: &mut HorizontalPodAutoscaler,
) -> Result<String, Suspended> {
    if !input.rivals.is_empty() {
        let namespace = &input.autoscaler.metadata.namespace;
        let selector = target_selector(ask, &input.autoscaler)?;
        let rivals: Vec<String> =
            input.rivals.iter().take(2).map(|name| format!("{namespace}/{name}")).collect();
        let why = format!(
            "pods by selector {selector} are controlled by more than one HPA (e.g. [{}])",
            rivals.join(" ")
        );
        ask.event(EventNote::warning(object, "AmbiguousSelector", why.clone()));
        set_condition(ask, new, "ScalingActive", false, "AmbiguousSelector", why.clone());
        return Ok(why);
    }
    let metrics = &input.autoscaler.spec.metrics;
    let mut first = None;
    for metric in metrics {
        let failure = failure(metric, &input.autoscaler.metadata.namespace);
        ask.event(EventNote::warning(object, failure.reason, failure.why.clone()));
        first.get_or_insert(failure);
    }
    let Some(first) = first else { return Ok(String::new()) };
    let message = format!("the HPA was unable to compute the replica count: {}", first.why);
    set_condition(ask, new, "ScalingActive", false, first.reason, message);
    let count = metrics.len();
    Ok(format!(
        "invalid metrics ({count} invalid out of {count}), first error is: {}: {}",
        first.prefix, first.why
    ))
}

/// Why a metric cannot be read.
struct Failure {
    reason: &'static str,
    why: String,
    /// What stands before it where all metrics are told of together.
    prefix: String,
}

fn failure(metric: &Value, namespace: &str) -> Failure {
    const NOT_FOUND: &str = "the server could not find the requested resource";
    const NO_CUSTOM: &str = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered";
    let text = |path: &[&str]| metric.at(path).and_then(Value::as_str).unwrap_or_default();
    let resource = |source: &str| {
        let name = text(&[source, "name"]);
        let is_amount = metric.at(&[source, "target", "averageValue"]).is_some();
        let what = if is_amount { "usage" } else { "utilization" };
        format!(
            "failed to get {name} {what}: unable to get metrics for resource {name}: unable to fetch metrics from resource metrics API: {NOT_FOUND} (get pods.metrics.k8s.io)"
        )
    };
    match text(&["type"]) {
        "ContainerResource" => Failure {
            reason: "FailedGetContainerResourceMetric",
            why: resource("containerResource"),
            prefix: format!("failed to get {} container metric value", text(&["containerResource", "container"])),
        },
        "Pods" => Failure {
            reason: "FailedGetPodsMetric",
            why: format!("unable to get metric {}: {NO_CUSTOM}", text(&["pods", "metric", "name"])),
            prefix: "failed to get pods metric value".into(),
        },
        "Object" => {
            let about = |field| text(&["object", "describedObject", field]);
            let name = text(&["object", "metric", "name"]);
            Failure {
                reason: "FailedGetObjectMetric",
                why: format!(
                    "unable to get metric {name} on {} {namespace}/{}: {NO_CUSTOM}",
                    about("kind"),
                    about("name")
                ),
                prefix: "failed to get object metric value".into(),
            }
        }
        "External" => {
            let name = text(&["external", "metric", "name"]);
            let start = if metric.at(&["external", "target", "averageValue"]).is_some() {
                format!("failed to get {name} external metric")
            } else {
                format!("failed to get external metric {name}")
            };
            Failure {
                reason: "FailedGetExternalMetric",
                why: format!(
                    "{start}: unable to get external metric {namespace}/{name}/nil: unable to fetch metrics from external metrics API: {NOT_FOUND} (get {name}.external.metrics.k8s.io)"
                ),
                prefix: format!("failed to get {name} external metric value"),
            }
        }
        _ => Failure {
            reason: "FailedGetResourceMetric",
            why: resource("resource"),
            prefix: format!("failed to get {} resource metric value", text(&["resource", "name"])),
        },
    }
}

/// The selector of the target's Pods, as its scale has it.
fn target_selector(ask: &mut Ask, autoscaler: &HorizontalPodAutoscaler) -> Result<String, Suspended> {
    let target = &autoscaler.spec.scale_target_ref;
    let Some(kind) = Kind::of(&target.api_version, &target.kind) else { return Ok(String::new()) };
    let key = ObjectKey::new(kind, autoscaler.metadata.namespace.clone(), target.name.clone());
    let Ok(reply) = ask.api(Request::get(key))? else { return Ok(String::new()) };
    let labels = reply.object().map(Object::encode).and_then(|value| {
        let labels = value.at(&["spec", "selector", "matchLabels"])?.as_object()?.clone();
        let pairs = labels.sorted().into_iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
        Some(pairs.collect::<Vec<_>>().join(","))
    });
    Ok(labels.unwrap_or_default())
}

fn set_status(autoscaler: &mut HorizontalPodAutoscaler, current: i32, desired: i32, metrics: Vec<Value>) {
    let status = &mut autoscaler.status;
    status.observed_generation = Some(autoscaler.metadata.generation);
    (status.current_replicas, status.desired_replicas) = (current, desired);
    status.current_metrics = metrics;
}

fn set_condition(
    ask: &Ask,
    autoscaler: &mut HorizontalPodAutoscaler,
    kind: &str,
    holds: bool,
    reason: &str,
    message: String,
) {
    let status = Some(if holds { ConditionStatus::True } else { ConditionStatus::False });
    let conditions = &mut autoscaler.status.conditions;
    let place = conditions.iter().position(|condition| &*condition.kind == kind).unwrap_or_else(|| {
        conditions.push(Condition { kind: kind.into(), ..Condition::default() });
        conditions.len() - 1
    });
    let condition = &mut conditions[place];
    if condition.status != status {
        condition.last_transition_time = Some(ask.rfc3339());
    }
    (condition.status, condition.reason, condition.message) = (status, reason.into(), message.into());
}

fn write_status(
    ask: &mut Ask,
    old: &Rc<HorizontalPodAutoscaler>,
    new: HorizontalPodAutoscaler,
) -> Result<(), Suspended> {
    if new.status != old.status
        && let Err(error) = ask.api(Request::update_status(new))?
    {
        let object = Object::HorizontalPodAutoscaler(old.clone());
        ask.event(EventNote::warning(&object, "FailedUpdateStatus", error.message.clone()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::Deployment;
    use crate::cluster::testing::{Test, create_request};
    use crate::cluster::time::SimTime;

    const WEB: &str = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":1,
        "selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
        "spec":{"containers":[{"name":"web","image":"nginx:1.25"}]}}}}"#;
    const HPA: &str = r#"{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web"},
        "spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},"minReplicas":2,"maxReplicas":4}}"#;

    #[test]
    fn bounds_act_and_metrics_are_missed() {
        let mut test = Test::new();
        let key = |kind| ObjectKey::new(kind, "default", "web");
        let deployment = key(Kind::Deployment);
        test.ask(create_request(key(Kind::HorizontalPodAutoscaler), HPA)).expect("created");
        test.run_until(SimTime::millis(1_000));
        test.ask(create_request(deployment.clone(), WEB)).expect("created");
        test.run_until(SimTime::millis(20_000));
        let replicas = |test: &Test| {
            let found = test.object(&deployment).and_then(|object| object.get::<Deployment>().cloned());
            found.and_then(|found| found.spec.replicas)
        };
        assert_eq!(replicas(&test), Some(2));
        test.scale("web", 9);
        test.run_until(SimTime::millis(70_000));
        assert_eq!(replicas(&test), Some(4));
        let story = test.story(&[Kind::Event], SimTime::ZERO);
        for said in [
            "web says FailedGetScale: deployments.apps \"web\" not found",
            "web says SuccessfulRescale: New size: 2; reason: Current number of replicas below Spec.MinReplicas",
            "web says SuccessfulRescale: New size: 4; reason: Current number of replicas above Spec.MaxReplicas",
            "web says FailedGetResourceMetric: failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)",
            "web says FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: failed to get cpu utilization",
        ] {
            assert!(story.contains(said), "{said}: {story}");
        }
    }
}
