//! A ReplicaSet's status (upstream: pkg/controller/replicaset/replica_set_utils.go).

use super::Replicas;
use crate::api::Object;
use crate::api::conditions::{find, is_pod_active};
use crate::api::objects::{Condition, ConditionStatus, Labels, Pod, ReplicaSet, ReplicaSetStatus};
use crate::cluster::controllers::availability::is_pod_available;
use crate::cluster::request::{Reason, Request};
use crate::cluster::tally::PodCounts;
use crate::cluster::task::{Ask, Suspended};
use std::rc::Rc;

/// What a status counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) pods: PodCounts,
    /// The active ones with all labels of the template.
    pub(super) fully_labeled: i32,
    /// The active ones that have been ready for long enough.
    pub(super) available: i32,
}

/// Whether a Pod with these labels has all of the template.
pub(super) fn is_fully_labeled(replica_set: &ReplicaSet, labels: &Labels) -> bool {
    replica_set.spec.template.metadata.labels.iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// Counts Pods, where the clock shows so many microseconds since 1970.
pub(super) fn count(replica_set: &ReplicaSet, pods: &[Rc<Pod>], now_unix: u64) -> Counts {
    let mut counts = Counts::default();
    for pod in pods {
        counts.pods.count(pod, 1);
        if is_pod_active(pod) {
            counts.fully_labeled += i32::from(is_fully_labeled(replica_set, &pod.metadata.labels));
            counts.available +=
                i32::from(is_pod_available(pod, replica_set.spec.min_ready_seconds, now_unix));
        }
    }
    counts
}

/// The status as the Pods have it.
pub(super) fn calculate_status(
    replica_set: &ReplicaSet,
    counts: &Counts,
    error: Option<&str>,
    ask: &Ask,
) -> ReplicaSetStatus {
    let mut status = ReplicaSetStatus {
        conditions: replica_set.status.conditions.clone(),
        observed_generation: replica_set.metadata.generation,
        terminating_replicas: Some(counts.pods.terminating),
        replicas: counts.pods.active,
        fully_labeled_replicas: counts.fully_labeled,
        ready_replicas: counts.pods.ready,
        available_replicas: counts.available,
        extra: replica_set.status.extra.clone(),
    };
    let failed = find(&status.conditions, "ReplicaFailure").is_some();
    match error {
        Some(message) if !failed => {
            let is_creating = status.replicas < replica_set.spec.replicas.unwrap_or(1);
            status.conditions.push(Condition {
                kind: "ReplicaFailure".into(),
                status: Some(ConditionStatus::True),
                reason: if is_creating { "FailedCreate" } else { "FailedDelete" }.into(),
                message: message.into(),
                last_transition_time: Some(ask.rfc3339()),
                ..Condition::default()
            });
        }
        None if failed => status.conditions.retain(|condition| &*condition.kind != "ReplicaFailure"),
        _ => {}
    }
    status
}

/// Writes the status where it has changed; once again from the store where the object has. None where it failed.
pub(super) fn update_replica_set_status<R: Replicas>(
    ask: &mut Ask,
    owner: &Object,
    status: ReplicaSetStatus,
) -> Result<Option<Rc<ReplicaSet>>, Suspended> {
    let Some(view) = R::view(owner) else { return Ok(None) };
    if view.status == status && view.metadata.generation == status.observed_generation {
        return Ok(Some(view));
    }
    let mut current = owner.clone();
    for _ in 0..2 {
        match ask.api(Request::update_status(R::with_status(&current, &status)))? {
            Ok(reply) => return Ok(reply.object().and_then(R::view)),
            Err(error) if error.reason == Reason::NotFound => return Ok(R::view(&current)),
            Err(_) => {}
        }
        match ask.api(Request::get(current.key()))? {
            Ok(reply) => match reply.object() {
                Some(fresh) => current = fresh.clone(),
                None => return Ok(None),
            },
            Err(error) if error.reason == Reason::NotFound => return Ok(R::view(&current)),
            Err(_) => return Ok(None),
        }
    }
    Ok(None)
}
