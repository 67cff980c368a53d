//! Says how many Pods of a PodDisruptionBudget may be evicted (upstream: pkg/controller/disruption/disruption.go).

#[cfg(test)]
mod tests;

use super::int_or_percent::scaled;
use super::{Controller, Outcome, WorkQueue};
use crate::api::conditions::budget::{
    is_condition_up_to_date, selector, selects, set_condition, update_condition,
};
use crate::api::conditions::{find, is_pod_ready, is_pod_terminal};
use crate::api::objects::{Condition, ConditionStatus, Pod, PodDisruptionBudget};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::apiserver::defaults::set_pod_condition;
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::ControllerName;
use crate::cluster::recorder::EventNote;
use crate::cluster::request::{Reason, Request};
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{Micros, SECOND, parse_rfc3339};
use crate::value::{Str, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How long an eviction may take until the Pod is seen as being deleted (upstream: DeletionTimeout, and
/// stalePodDisruptionTimeout for its condition).
const TIMEOUT: Micros = 120 * SECOND;

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct DisruptionController {
    /// What is to be said of Pods that several budgets count, by the budget that was taken.
    notes: BTreeMap<ObjectKey, Vec<EventNote>>,
}

/// What a sync reads.
#[derive(Clone, Debug)]
pub enum Input {
    /// A budget.
    Budget {
        /// The budget.
        budget: Rc<PodDisruptionBudget>,
        /// The Pods that it counts.
        pods: Vec<Rc<Pod>>,
        /// How many its Pods' controllers want, and how many Pods have none; or why that is not known.
        scale: Result<(i32, usize), String>,
        /// What is to be said besides.
        notes: Vec<EventNote>,
    },
    /// A Pod that was to be evicted and is still there.
    Stale(Rc<Pod>),
}

impl Controller for DisruptionController {
    const NAME: ControllerName = ControllerName::Disruption;
    const COMPONENT: &'static str = "controllermanager";
    const WATCHES: &'static [Kind] = &[
        Kind::PodDisruptionBudget,
        Kind::Pod,
        Kind::ReplicaSet,
        Kind::Deployment,
        Kind::StatefulSet,
        Kind::ReplicationController,
    ];
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, cache: &Cache, queue: &mut WorkQueue) {
        match &heard.object {
            Object::PodDisruptionBudget(_) => queue.add(heard.object.key()),
            Object::Pod(pod) => {
                let all = cache.list_typed::<PodDisruptionBudget>(&pod.metadata.namespace);
                let budgets: Vec<_> = all.filter(|budget| selects(budget, pod)).collect();
                if let [first, rest @ ..] = &budgets[..] {
                    let key = Object::PodDisruptionBudget(Rc::clone(first)).key();
                    if !rest.is_empty() {
                        let message = format!(
                            "Pod \"{}\"/\"{}\" matches multiple PodDisruptionBudgets.  Chose \"{}\" arbitrarily.",
                            pod.metadata.namespace, pod.metadata.name, key.name
                        );
                        let note = EventNote::warning(&heard.object, "MultiplePodDisruptionBudgets", message);
                        self.notes.entry(key.clone()).or_default().push(note);
                    }
                    queue.add(key);
                }
                if has_stale_condition(pod) {
                    queue.add_after(heard.object.key(), TIMEOUT);
                }
            }
            _ => {}
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let object = cache.get(key)?;
        if let Some(pod) = object.get::<Pod>() {
            return has_stale_condition(pod).then(|| Input::Stale(pod.clone()));
        }
        let budget = object.get::<PodDisruptionBudget>()?.clone();
        let pods = match selector(&budget) {
            Some(selector) => cache.selected(&key.namespace, |labels| selector.matches(labels)),
            None => Vec::new(),
        };
        let scale = if needs_scale(&budget) { expected_scale(&pods, cache) } else { Ok((0, 0)) };
        Some(Input::Budget { budget, pods, scale, notes: self.notes.remove(key).unwrap_or_default() })
    }
    fn sync(&mut self, _: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        match input {
            Input::Stale(pod) => reset_condition(ask, pod),
            Input::Budget { budget, pods, scale, notes } => {
                notes.iter().for_each(|note| ask.event(note.clone()));
                sync_budget(ask, budget, pods, scale)
            }
        }
    }
}

/// Whether a Pod's condition says that it is to be evicted, and it is not being deleted.
fn has_stale_condition(pod: &Pod) -> bool {
    !pod.metadata.is_terminating()
        && !is_pod_terminal(pod)
        && find(&pod.status.conditions, "DisruptionTarget").is_some_and(|condition| {
            condition.status == Some(ConditionStatus::True) && &*condition.reason != "TerminationByKubelet"
        })
}

fn reset_condition(ask: &mut Ask, pod: &Rc<Pod>) -> Result<Outcome, Suspended> {
    let since = find(&pod.status.conditions, "DisruptionTarget")
        .and_then(|condition| parse_rfc3339(condition.last_transition_time.as_deref()?))
        .unwrap_or(0);
    let left = (since + TIMEOUT).saturating_sub(ask.unix_micros());
    if left > 0 {
        return Ok(Outcome::After(left));
    }
    let reset = Condition {
        kind: "DisruptionTarget".into(),
        status: Some(ConditionStatus::False),
        ..Condition::default()
    };
    let mut new = Pod::clone(pod);
    set_pod_condition(&mut Rc::make_mut(&mut new.status).conditions, reset, &ask.rfc3339());
    Ok(if ask.api(Request::update_status(new))?.is_ok() { Outcome::Done } else { Outcome::Retry })
}

/// Whether a budget speaks of a share, or of what may be missing: of what the Pods' controllers want.
fn needs_scale(budget: &PodDisruptionBudget) -> bool {
    budget.spec.max_unavailable.is_some()
        || matches!(&budget.spec.min_available, Some(Value::String(_)))
}

/// The sum of what the Pods' controllers want, and the number of Pods without one.
fn expected_scale(pods: &[Rc<Pod>], cache: &Cache) -> Result<(i32, usize), String> {
    let (mut scales, mut unmanaged) = (BTreeMap::new(), 0);
    for pod in pods {
        let Some(owner) = pod.metadata.controller() else {
            unmanaged += 1;
            continue;
        };
        if scales.contains_key(&owner.uid) {
            continue;
        }
        let namespace = &pod.metadata.namespace;
        let found = |api_version: &str, kind: &str, name: &Str, uid: &Str| {
            let key = ObjectKey::new(Kind::of(api_version, kind)?, namespace.clone(), name.clone());
            cache.get(&key).filter(|object| object.meta().uid == *uid)
        };
        let kind = Kind::of(&owner.api_version, &owner.kind);
        let is_scaled = matches!(
            kind,
            Some(Kind::ReplicaSet | Kind::Deployment | Kind::StatefulSet | Kind::ReplicationController)
        );
        if let Some(kind) = kind.filter(|_| !is_scaled) {
            return Err(format!("{} does not implement the scale subresource", kind.resource()));
        }
        let own = found(&owner.api_version, &owner.kind, &owner.name, &owner.uid);
        // A ReplicaSet of a Deployment stands for that.
        let above = own
            .and_then(|own| own.meta().controller())
            .filter(|above| &*above.kind == "Deployment")
            .and_then(|above| found(&above.api_version, &above.kind, &above.name, &above.uid));
        match above.or(own) {
            Some(object) => _ = scales.insert(object.meta().uid.clone(), wanted(object)),
            None => return Err(format!("found no controllers for pod \"{}\"", pod.metadata.name)),
        }
    }
    Ok((scales.values().sum(), unmanaged))
}

/// `spec.replicas` of a workload of any kind.
fn wanted(object: &Object) -> i32 {
    match object {
        Object::ReplicaSet(set) => set.spec.replicas.unwrap_or(1),
        Object::Deployment(deployment) => deployment.spec.replicas.unwrap_or(1),
        other => other.encode().at(&["spec", "replicas"]).and_then(Value::as_int).unwrap_or(1) as i32,
    }
}

fn sync_budget(
    ask: &mut Ask,
    budget: &Rc<PodDisruptionBudget>,
    pods: &[Rc<Pod>],
    scale: &Result<(i32, usize), String>,
) -> Result<Outcome, Suspended> {
    let object = Object::PodDisruptionBudget(budget.clone());
    if pods.is_empty() {
        ask.event(EventNote::normal(&object, "NoPods", "No matching pods found"));
    }
    let (expected, unmanaged) = match scale {
        Ok(scale) => *scale,
        Err(why) => {
            let message = format!("Failed to calculate the number of expected pods: {why}");
            ask.event(EventNote::warning(&object, "CalculateExpectedPodCountFailed", message));
            return fail_safe(ask, budget, why);
        }
    };
    if unmanaged > 0 {
        let selector = budget.spec.selector.as_ref().map(printed).unwrap_or_else(|| "nil".into());
        let message = format!(
            "Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value."
        );
        ask.event(EventNote::warning(&object, "UnmanagedPods", message));
    }
    let spec = &budget.spec;
    let share = |value: &Value| scaled(Some(value), expected, true);
    let (expected, desired) = match (&spec.max_unavailable, &spec.min_available) {
        (Some(most), _) => (expected, (expected - share(most)).max(0)),
        (None, Some(Value::String(_))) => (expected, spec.min_available.as_ref().map_or(0, share)),
        (None, Some(least)) => (pods.len() as i32, least.as_int().unwrap_or(0) as i32),
        (None, None) => (0, 0),
    };
    let now = ask.unix_micros();
    let (disrupted, recheck) = disrupted_pods(ask, budget, pods, now);
    let is_healthy = |pod: &&Rc<Pod>| {
        !pod.metadata.is_terminating() && !disrupted.contains_key(&pod.metadata.name) && is_pod_ready(pod)
    };
    let healthy = pods.iter().filter(is_healthy).count() as i32;
    let allowed = if expected <= 0 { 0 } else { (healthy - desired).max(0) };
    let mut new = PodDisruptionBudget::clone(budget);
    let status = &mut new.status;
    status.current_healthy = healthy;
    status.desired_healthy = desired;
    status.expected_pods = expected;
    status.disruptions_allowed = allowed;
    status.disrupted_pods = disrupted;
    status.observed_generation = budget.metadata.generation;
    if new.status != budget.status || !is_condition_up_to_date(budget) {
        update_condition(&mut new, &ask.rfc3339());
        if let Err(error) = ask.api(Request::update_status(new))? {
            return if error.reason == Reason::Conflict {
                Ok(Outcome::Retry)
            } else {
                fail_safe(ask, budget, &error.message)
            };
        }
    }
    Ok(recheck.map_or(Outcome::Done, Outcome::After))
}

/// Those evictions that are let through and not seen yet, and after how long one of them is given up.
fn disrupted_pods(
    ask: &mut Ask,
    budget: &PodDisruptionBudget,
    pods: &[Rc<Pod>],
    now: u64,
) -> (BTreeMap<Str, Str>, Option<Micros>) {
    let (mut left, mut recheck) = (BTreeMap::new(), None);
    if budget.status.disrupted_pods.is_empty() {
        return (left, recheck);
    }
    for pod in pods.iter().filter(|pod| !pod.metadata.is_terminating()) {
        let name = &pod.metadata.name;
        let Some(since) = budget.status.disrupted_pods.get(name) else { continue };
        let until = parse_rfc3339(since).unwrap_or(0) + TIMEOUT;
        if until < now {
            // Upstream names the Namespace twice.
            let namespace = &budget.metadata.namespace;
            let message =
                format!("Pod was expected by PDB {namespace}/{namespace} to be deleted but it wasn't");
            ask.event(EventNote::warning(&Object::Pod(pod.clone()), "NotDeleted", message));
        } else {
            recheck = Some(recheck.map_or(until - now, |other: Micros| other.min(until - now)));
            left.insert(name.clone(), since.clone());
        }
    }
    (left, recheck)
}

/// Lets nothing go where it is not known what may.
fn fail_safe(ask: &mut Ask, budget: &PodDisruptionBudget, why: &str) -> Result<Outcome, Suspended> {
    let mut new = PodDisruptionBudget::clone(budget);
    new.status.disruptions_allowed = 0;
    set_condition(&mut new, ConditionStatus::False, "SyncFailed", why, &ask.rfc3339());
    if new.status == budget.status {
        return Ok(Outcome::Done);
    }
    Ok(if ask.api(Request::update_status(new))?.is_ok() { Outcome::Done } else { Outcome::Retry })
}

/// A selector as Go prints it with `%v`.
fn printed(selector: &crate::api::objects::LabelSelector) -> String {
    let labels: Vec<String> =
        selector.match_labels.iter().map(|(key, value)| format!("{key}: {value},")).collect();
    let expressions: Vec<String> = selector
        .match_expressions
        .iter()
        .map(|expression| {
            let values = expression.values.join(" ");
            format!(
                "{{Key:{},Operator:{},Values:[{values}],}},",
                expression.key, expression.operator
            )
        })
        .collect();
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{}}},MatchExpressions:[]LabelSelectorRequirement{{{}}},}}",
        labels.join(""),
        expressions.join("")
    )
}
