//! Why what makes Pods, or anything else with conditions, does not come further.

use super::{last_warning, pods, says};
use crate::api::conditions::is_pod_ready;
use crate::api::objects::{Condition, ConditionStatus, Pod, PodPhase};
use crate::api::{Kind, Object};
use crate::manifest::Arg;
use crate::msg;
use crate::timeline::{Sentence, View};
use std::rc::Rc;

/// Conditions that say what is wrong by holding, and by not holding.
const BAD: [&str; 6] =
    ["ReplicaFailure", "Failed", "FailureTarget", "MemoryPressure", "DiskPressure", "PIDPressure"];
const GOOD: [&str; 2] = ["Progressing", "Ready"];

pub(super) fn of(view: View, object: &Object) -> Vec<Sentence> {
    let Some(Missing { conditions, is_behind }) = missing(object) else { return Vec::new() };
    let mut said: Vec<Sentence> = conditions
        .iter()
        .filter(|condition| match condition.status {
            Some(ConditionStatus::True) => BAD.contains(&&*condition.kind),
            Some(ConditionStatus::False | ConditionStatus::Unknown) => GOOD.contains(&&*condition.kind),
            None => false,
        })
        .filter_map(|condition| says(&condition.reason, &condition.message))
        .collect();
    if !is_behind {
        return said;
    }
    if said.is_empty() {
        // Those that keep no condition of it say it in an Event.
        said.extend(last_warning(view, object));
    }
    let mut unready: Vec<&Rc<Pod>> = Vec::new();
    pods_of(view, object, &mut unready);
    let is_done = |pod: &Pod| pod.status.phase == Some(PodPhase::Succeeded);
    unready.retain(|pod| !is_pod_ready(pod) && !is_done(pod) && !pod.metadata.is_terminating());
    let told = unready.iter().map(|pod| (pod, pods::of(view, pod))).find(|(_, said)| !said.is_empty());
    if let Some((pod, reasons)) = told {
        let args = [("count", Arg::from(unready.len())), ("pod", (&pod.metadata.name).into())];
        said.push(Sentence::new(msg!("why.its-pods"), args));
        said.extend(reasons);
    }
    said
}

/// What a workload says of itself.
struct Missing<'a> {
    conditions: &'a [Condition],
    /// Whether it has fewer Pods that are ready than it wants.
    is_behind: bool,
}

fn missing(object: &Object) -> Option<Missing<'_>> {
    let of = |conditions, wanted: i32, ready: i32| Some(Missing { conditions, is_behind: ready < wanted });
    match object {
        Object::Deployment(it) => {
            let wanted = it.spec.replicas.unwrap_or(1);
            of(&it.status.conditions, wanted, it.status.available_replicas.min(it.status.updated_replicas))
        }
        Object::ReplicaSet(it) => {
            of(&it.status.conditions, it.spec.replicas.unwrap_or(1), it.status.available_replicas)
        }
        Object::StatefulSet(it) => {
            of(&it.status.conditions, it.spec.replicas.unwrap_or(1), it.status.ready_replicas)
        }
        Object::DaemonSet(it) => {
            of(&it.status.conditions, it.status.desired_number_scheduled, it.status.number_ready)
        }
        Object::Job(it) => {
            let is_over = it.status.completion_time.is_some() || it.spec.suspend == Some(true);
            let wanted = if is_over { 0 } else { 1 };
            of(&it.status.conditions, wanted, it.status.ready.unwrap_or(0))
        }
        Object::Node(it) => of(&it.status.conditions, 0, 0),
        _ => None,
    }
}

/// The Pods that it has made, or that what it has made has made.
fn pods_of<'a>(view: View<'a>, object: &Object, found: &mut Vec<&'a Rc<Pod>>) {
    for owned in view.owned_by(&object.meta().uid) {
        match owned {
            Object::Pod(pod) => found.push(pod),
            other if other.kind() == Kind::ReplicaSet => pods_of(view, other, found),
            _ => {}
        }
    }
}
