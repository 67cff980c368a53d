//! A StatefulSet's status (upstream: stateful_set_control.go and stateful_set_status_updater.go).

use super::Sync;
use super::identity::revision_of;
use crate::api::conditions::{is_pod_in_phase, is_pod_ready};
use crate::api::objects::{ControllerRevision, Pod, PodPhase, StatefulSet, StatefulSetStatus};
use crate::cluster::controllers::availability::is_pod_available;
use crate::cluster::controllers::stop::Stop;
use crate::cluster::request::{Reason, Request};
use crate::cluster::time::MILLI;
use std::rc::Rc;

/// How often a status that met another change is written, and the wait between two (upstream: retry.DefaultRetry).
const TRIES: usize = 5;
const WAIT: u64 = 10 * MILLI;

/// Whether the API server has the Pod: one that is only planned has no phase.
pub(super) fn is_created(pod: &Pod) -> bool {
    pod.status.phase.is_some()
}

/// Whether a Pod runs and is ready.
pub(super) fn is_running_and_ready(pod: &Pod) -> bool {
    is_pod_in_phase(pod, PodPhase::Running) && is_pod_ready(pod)
}

/// The status as the Pods have it.
pub(super) fn calculate_status(
    set: &StatefulSet,
    pods: &[Rc<Pod>],
    current: &ControllerRevision,
    update: &ControllerRevision,
    collision_count: i32,
    now: u64,
) -> StatefulSetStatus {
    let mut status = StatefulSetStatus {
        observed_generation: set.metadata.generation,
        current_revision: current.metadata.name.clone(),
        update_revision: update.metadata.name.clone(),
        collision_count: Some(collision_count),
        conditions: set.status.conditions.clone(),
        extra: set.status.extra.clone(),
        ..StatefulSetStatus::default()
    };
    for pod in pods.iter().filter(|pod| is_created(pod)) {
        status.replicas += 1;
        if is_running_and_ready(pod) {
            status.ready_replicas += 1;
            status.available_replicas += i32::from(is_pod_available(pod, set.spec.min_ready_seconds, now));
        }
        if !pod.metadata.is_terminating() {
            status.current_replicas += i32::from(revision_of(pod) == &*status.current_revision);
            status.updated_replicas += i32::from(revision_of(pod) == &*status.update_revision);
        }
    }
    status
}

/// A rolling update is complete when every Pod is of the update revision and ready.
fn complete_update(set: &StatefulSet, status: &mut StatefulSetStatus) {
    let wanted = set.spec.replicas.unwrap_or(1);
    if [status.updated_replicas, status.ready_replicas, status.replicas] == [wanted; 3] {
        status.current_replicas = status.updated_replicas;
        status.current_revision = status.update_revision.clone();
    }
}

/// Whether a status says something new.
fn is_inconsistent(old: &StatefulSetStatus, new: &StatefulSetStatus) -> bool {
    let told = |status: &StatefulSetStatus| StatefulSetStatus {
        observed_generation: 0,
        collision_count: None,
        extra: None,
        ..status.clone()
    };
    new.observed_generation > old.observed_generation || told(old) != told(new)
}

impl Sync<'_, '_> {
    /// Writes the status, where it says something new. Gives it as it is written.
    pub(super) fn update_status(&mut self, mut status: StatefulSetStatus) -> Result<StatefulSetStatus, Stop> {
        complete_update(&self.set, &mut status);
        if !is_inconsistent(&self.set.status, &status) {
            return Ok(status);
        }
        let mut current = self.set.clone();
        for attempt in 1..=TRIES {
            let new = StatefulSet { status: status.clone(), ..StatefulSet::clone(&current) };
            match self.ask.api(Request::update_status(new))? {
                Err(error) if error.reason == Reason::Conflict && attempt < TRIES => self.ask.sleep(WAIT)?,
                answer => {
                    answer?;
                    break;
                }
            }
            let reply = self.ask.api(Request::get(self.owner.key()))??;
            if let Some(fresh) = reply.object().and_then(|object| object.get::<StatefulSet>()) {
                current = fresh.clone();
            }
        }
        Ok(status)
    }
}
