//! A Deployment's status and its conditions
//! (upstream: pkg/controller/deployment/{sync,progress}.go, util for conditions).

use super::util::{available_of, is_complete, max_unavailable, spec_replicas, spec_replicas_of, wanted};
use super::{Stop, Sync};
use crate::api::conditions::find;
use crate::api::objects::{Condition, ConditionStatus, Deployment, DeploymentStatus, ReplicaSet};
use crate::cluster::controllers::{Controller, Outcome};
use crate::cluster::time::{SECOND, parse_rfc3339};
use crate::value::Str;
use std::rc::Rc;

const AVAILABLE: &str = "Available";
pub(super) const PROGRESSING: &str = "Progressing";
const REPLICA_FAILURE: &str = "ReplicaFailure";
pub(super) const TIMED_OUT: &str = "ProgressDeadlineExceeded";

/// Sets a condition as upstream's SetDeploymentCondition: where status and reason stand already nothing
/// changes, else it moves to the end; its transition time is kept where the status is the same.
pub(super) fn set_condition(status: &mut DeploymentStatus, mut condition: Condition) {
    if let Some(old) = find(&status.conditions, &condition.kind) {
        if old.status == condition.status && old.reason == condition.reason {
            return;
        }
        if old.status == condition.status {
            condition.last_transition_time = old.last_transition_time.clone();
        }
    }
    status.conditions.retain(|old| old.kind != condition.kind);
    status.conditions.push(condition);
}

/// A condition that begins now.
pub(super) fn condition(
    now: &Str,
    kind: &str,
    status: ConditionStatus,
    reason: &str,
    message: impl Into<Str>,
) -> Condition {
    Condition {
        kind: kind.into(),
        status: Some(status),
        reason: reason.into(),
        message: message.into(),
        last_update_time: Some(now.clone()),
        last_transition_time: Some(now.clone()),
        ..Condition::default()
    }
}

/// The counts and `Available`.
pub(super) fn calculate_status(
    deployment: &Deployment,
    all: &[Rc<ReplicaSet>],
    new: Option<&Rc<ReplicaSet>>,
    now: &Str,
) -> DeploymentStatus {
    let available = available_of(all);
    let mut status = DeploymentStatus {
        observed_generation: deployment.metadata.generation,
        replicas: all.iter().map(|set| set.status.replicas).sum(),
        updated_replicas: new.map_or(0, |new| new.status.replicas),
        ready_replicas: all.iter().map(|set| set.status.ready_replicas).sum(),
        available_replicas: available,
        unavailable_replicas: (spec_replicas_of(all) - available).max(0),
        terminating_replicas: Some(all.iter().map(|set| set.status.terminating_replicas.unwrap_or(0)).sum()),
        conditions: deployment.status.conditions.clone(),
        collision_count: deployment.status.collision_count,
        extra: deployment.status.extra.clone(),
    };
    let is_available = available >= wanted(deployment) - max_unavailable(deployment);
    set_condition(
        &mut status,
        if is_available {
            condition(
                now,
                AVAILABLE,
                ConditionStatus::True,
                "MinimumReplicasAvailable",
                "Deployment has minimum availability.",
            )
        } else {
            condition(
                now,
                AVAILABLE,
                ConditionStatus::False,
                "MinimumReplicasUnavailable",
                "Deployment does not have minimum availability.",
            )
        },
    );
    status
}

/// Whether a status shows progress over the Deployment's own (upstream: DeploymentProgressing).
fn is_progressing(deployment: &Deployment, new: &DeploymentStatus) -> bool {
    let (old, old_replicas) =
        (&deployment.status, deployment.status.replicas - deployment.status.updated_replicas);
    new.updated_replicas > old.updated_replicas
        || new.replicas - new.updated_replicas < old_replicas
        || new.ready_replicas > old.ready_replicas
        || new.available_replicas > old.available_replicas
}

impl Sync<'_, '_> {
    /// When a rollout without progress has failed, in microseconds since 1970.
    fn deadline(&self, condition: &Condition) -> Option<u64> {
        let seconds =
            self.deployment.spec.progress_deadline_seconds.filter(|seconds| *seconds != i32::MAX)?;
        Some(parse_rfc3339(condition.last_update_time.as_deref()?)? + seconds.max(0) as u64 * SECOND)
    }
    pub(super) fn has_deadline(&self) -> bool {
        self.deployment.spec.progress_deadline_seconds.is_some_and(|seconds| seconds != i32::MAX)
    }
    /// Whether the rollout has failed by its deadline (upstream: DeploymentTimedOut).
    fn has_timed_out(&self, new: &DeploymentStatus) -> bool {
        let Some(progressing) = find(&new.conditions, PROGRESSING) else { return false };
        if &*progressing.reason == "NewReplicaSetAvailable" {
            return false;
        }
        &*progressing.reason == TIMED_OUT
            || self.deadline(progressing).is_some_and(|deadline| deadline < self.ask.unix_micros())
    }
    /// Brings the status up to date in a rollout (upstream: syncRolloutStatus).
    pub(super) fn sync_rollout_status(&mut self, new: Option<&Rc<ReplicaSet>>) -> Result<Outcome, Stop> {
        let now = self.ask.rfc3339();
        let mut status = calculate_status(&self.deployment, &self.replica_sets, new, &now);
        if !self.has_deadline() {
            status.conditions.retain(|condition| &*condition.kind != PROGRESSING);
        }
        let current = find(&self.deployment.status.conditions, PROGRESSING).cloned();
        let is_complete_rollout = status.replicas == status.updated_replicas
            && current.as_ref().is_some_and(|current| &*current.reason == "NewReplicaSetAvailable");
        if self.has_deadline() && !is_complete_rollout {
            let name = &self.deployment.metadata.name;
            let about = |what: &str| match new {
                Some(new) => format!("ReplicaSet \"{}\" {what}", new.metadata.name),
                None => format!("Deployment \"{name}\" {what}"),
            };
            use ConditionStatus::{False, True};
            if is_complete(&self.deployment, &status) {
                set_condition(
                    &mut status,
                    condition(
                        &now,
                        PROGRESSING,
                        True,
                        "NewReplicaSetAvailable",
                        about("has successfully progressed."),
                    ),
                );
            } else if is_progressing(&self.deployment, &status) {
                let mut next =
                    condition(&now, PROGRESSING, True, "ReplicaSetUpdated", about("is progressing."));
                if let Some(current) = current {
                    if current.status == Some(True) {
                        next.last_transition_time = current.last_transition_time;
                    }
                    status.conditions.retain(|condition| &*condition.kind != PROGRESSING);
                }
                set_condition(&mut status, next);
            } else if self.has_timed_out(&status) {
                set_condition(
                    &mut status,
                    condition(&now, PROGRESSING, False, TIMED_OUT, about("has timed out progressing.")),
                );
            }
        }
        match self.replica_failure(new) {
            Some(failure) => set_condition(&mut status, failure),
            None => status.conditions.retain(|condition| &*condition.kind != REPLICA_FAILURE),
        }
        if status == self.deployment.status {
            return Ok(self.requeue_stuck(&status));
        }
        let deployment = Deployment { status, ..Deployment::clone(&self.deployment) };
        self.write_status(deployment)?;
        Ok(Outcome::Done)
    }
    /// The failure of a ReplicaSet to make or delete Pods, the newest first.
    fn replica_failure(&self, new: Option<&Rc<ReplicaSet>>) -> Option<Condition> {
        let failed = new
            .into_iter()
            .chain(self.replica_sets.iter())
            .find_map(|set| find(&set.status.conditions, REPLICA_FAILURE))?;
        let time = failed.last_transition_time.clone().unwrap_or_default();
        Some(condition(
            &time,
            REPLICA_FAILURE,
            failed.status.unwrap_or(ConditionStatus::True),
            &failed.reason,
            failed.message.clone(),
        ))
    }
    /// Comes back when the deadline is over (upstream: requeueStuckDeployment).
    fn requeue_stuck(&self, status: &DeploymentStatus) -> Outcome {
        let Some(current) = find(&self.deployment.status.conditions, PROGRESSING) else {
            return Outcome::Done;
        };
        if is_complete(&self.deployment, status) {
            return Outcome::Settled;
        }
        if !self.has_deadline() || &*current.reason == TIMED_OUT {
            return Outcome::Done;
        }
        let left =
            self.deadline(current).map_or(0, |deadline| deadline.saturating_sub(self.ask.unix_micros()));
        // A second more, so that the deadline is over then.
        Outcome::After(if left < SECOND { super::DeploymentController::BACK_OFF } else { left + SECOND })
    }
    /// Whether old ReplicaSets still want Pods: used by those that wait for their end.
    pub(super) fn old_sets<'a>(&'a self, new: Option<&Rc<ReplicaSet>>) -> Vec<&'a Rc<ReplicaSet>> {
        let uid = new.map(|new| new.metadata.uid.clone());
        self.replica_sets.iter().filter(|set| Some(&set.metadata.uid) != uid.as_ref()).collect()
    }
    /// Old ReplicaSets that want Pods.
    pub(super) fn active_old_sets(&self, new: Option<&Rc<ReplicaSet>>) -> Vec<Rc<ReplicaSet>> {
        self.old_sets(new).into_iter().filter(|set| spec_replicas(set) > 0).cloned().collect()
    }
}
