//! Counts Pods that have ended, each once, and says when the Job is over
//! (upstream: trackJobStatusAndRemoveFinalizers in pkg/controller/job/job_controller.go).

use super::indexed::{completion_index, is_indexed};
use super::manage::remove_finalizer;
use super::pod_failure_policy::match_pod_failure_policy;
use super::{Context, JobController, condition, ensure_condition, has_tracking_finalizer, is_pod_failed, success_criteria_met};
use crate::api::objects::{Job, JobStatus, Pod, PodPhase};
use crate::api::{Object, ObjectKey};
use crate::cluster::recorder::EventNote;
use crate::cluster::request::{Reason, Request};
use crate::cluster::task::{Ask, Suspended};
use crate::value::Str;
use std::collections::BTreeSet;
use std::rc::Rc;

/// At most so many Pods wait in the status to be counted.
const MOST_UNCOUNTED: usize = 500;

/// The request went wrong: the sync comes again.
pub(super) struct Failed;

impl JobController {
    /// Writes down which Pods have ended, lets go of them, and counts them then.
    pub(super) fn track_job_status_and_remove_finalizers(
        &mut self,
        key: &ObjectKey,
        context: &mut Context,
        mut needs_flush: bool,
        ask: &mut Ask,
    ) -> Result<Result<(), Failed>, Suspended> {
        let is_indexed = is_indexed(&context.job);
        if is_indexed {
            context.pods.sort_by_key(|pod| completion_index(pod));
        }
        let is_open = |pod: &&Rc<Pod>, context: &Context| {
            has_tracking_finalizer(pod) && !context.expected_removals.contains(&pod.metadata.uid)
        };
        let mut held: BTreeSet<Str> =
            context.pods.iter().filter(|pod| is_open(pod, context)).map(|pod| pod.metadata.uid.clone()).collect();
        let mut job = Job::clone(&context.job);
        needs_flush |= clean_uncounted(&mut job.status, &held);
        let completions = job.spec.completions.unwrap_or(0);
        let (mut released, mut new_indexes, mut is_full) = (Vec::new(), Vec::new(), false);
        for pod in context.pods.iter().filter(|pod| is_open(pod, context)) {
            let failed = is_pod_failed(pod, &job);
            if !can_remove_finalizer(context, &job, pod, failed) {
                continue;
            }
            released.push(pod.clone());
            let uid = &pod.metadata.uid;
            let index = completion_index(pod).filter(|index| *index < completions);
            let uncounted = job.status.uncounted_terminated_pods.get_or_insert_default();
            let is_over = context.finished.as_ref().is_some_and(|finished| &*finished.kind != "SuccessCriteriaMet");
            if pod.status.phase == Some(PodPhase::Succeeded) && !context.uncounted_failed.contains(uid) {
                if is_indexed {
                    // The index says already that it is counted.
                    if let Some(index) = index.filter(|index| !context.previous_indexes.has(*index)) {
                        new_indexes.push(index);
                        needs_flush = true;
                    }
                } else if !context.uncounted_succeeded.contains(uid) {
                    uncounted.succeeded.push(uid.clone());
                    needs_flush = true;
                }
            } else if (failed || is_over)
                && !context.uncounted_failed.contains(uid)
                && (!is_indexed || index.is_some())
                && match_pod_failure_policy(job.spec.pod_failure_policy.as_ref(), pod).counts
            {
                uncounted.failed.push(uid.clone());
                needs_flush = true;
            }
            if new_indexes.len() + uncounted.succeeded.len() + uncounted.failed.len() >= MOST_UNCOUNTED {
                is_full = true;
                break;
            }
        }
        if is_indexed {
            context.succeeded_indexes = context.succeeded_indexes.with(new_indexes);
            let completed: Str = context.succeeded_indexes.to_string().into();
            let failed: Option<Str> = context.failed_indexes.as_ref().map(|failed| failed.to_string().into());
            needs_flush |= job.status.completed_indexes != completed || job.status.failed_indexes != failed;
            job.status.succeeded = context.succeeded_indexes.total();
            (job.status.completed_indexes, job.status.failed_indexes) = (completed, failed);
        }
        let now = ask.rfc3339();
        match &mut context.finished {
            Some(finished) if &*finished.kind == "FailureTarget" => {
                job.status.conditions.push(finished.clone());
                needs_flush = true;
                *finished = condition("Failed", &finished.reason, &finished.message, &now);
            }
            Some(finished) if &*finished.kind == "SuccessCriteriaMet" => {
                if success_criteria_met(&job).is_none() {
                    job.status.conditions.push(finished.clone());
                    needs_flush = true;
                }
                *finished = condition("Complete", &finished.reason, &finished.message, &now);
            }
            _ => {}
        }
        if needs_flush {
            match self.update_job_status(key, job, ask)? {
                Some(written) => job = written,
                None => return Ok(Err(Failed)),
            }
            if ask.once() {
                self.backoff.insert(key.clone(), context.backoff);
            }
            needs_flush = false;
        }
        let gone = self.remove_tracking_finalizers(key, &released, ask)?;
        let is_stuck = gone.len() < released.len();
        held.retain(|uid| !gone.contains(uid));
        needs_flush |= clean_uncounted(&mut job.status, &held);
        if is_stuck {
            if needs_flush {
                self.update_job_status(key, job, ask)?;
            }
            return Ok(Err(Failed));
        }
        let is_finished = !is_full && enact_job_finished(context, &mut job, &ask.rfc3339());
        if needs_flush || is_finished {
            let Some(written) = self.update_job_status(key, job, ask)? else { return Ok(Err(Failed)) };
            if is_finished {
                say_finished(context, &written, ask);
                if ask.once() {
                    self.finished.insert(written.metadata.uid.clone());
                }
            }
        }
        Ok(Ok(()))
    }
    /// Writes the status and gives the Job as it is stored then; none where that fails.
    fn update_job_status(&mut self, key: &ObjectKey, job: Job, ask: &mut Ask) -> Result<Option<Job>, Suspended> {
        let answer = ask.api(Request::update_status(job))?;
        let written = answer.ok().and_then(|reply| reply.object()?.get::<Job>().map(|job| Job::clone(job)));
        if let Some(job) = &written
            && ask.once()
        {
            self.written.insert(key.clone(), (job.metadata.uid.clone(), super::version(&job.metadata)));
        }
        Ok(written)
    }
    /// Takes the finalizer off Pods. Gives the uids of those that have lost it.
    fn remove_tracking_finalizers(&mut self, key: &ObjectKey, pods: &[Rc<Pod>], ask: &mut Ask) -> Result<BTreeSet<Str>, Suspended> {
        let mut gone = BTreeSet::new();
        if pods.is_empty() {
            return Ok(gone);
        }
        if ask.once() {
            let uids = pods.iter().map(|pod| pod.metadata.uid.clone());
            self.expected_removals.entry(key.clone()).or_default().extend(uids);
        }
        let answers = ask.api_all_with(|| pods.iter().map(|pod| remove_finalizer(pod)).collect())?;
        for (pod, answer) in pods.iter().zip(answers) {
            if answer.is_err() && ask.once() {
                self.removal_observed(key, &pod.metadata.uid);
            }
            if answer.is_ok() || answer.is_err_and(|error| error.reason == Reason::NotFound) {
                gone.insert(pod.metadata.uid.clone());
            }
        }
        Ok(gone)
    }
}

/// Whether the Job can let go of a Pod: it is counted, or will be in this sync, and no other Pod needs its annotations.
fn can_remove_finalizer(context: &Context, job: &Job, pod: &Rc<Pod>, failed: bool) -> bool {
    if job.metadata.is_terminating() || context.finished.is_some() || pod.status.phase == Some(PodPhase::Succeeded) {
        return true;
    }
    let is_needed = || {
        let delayed = completion_index(pod).and_then(|index| context.delayed.get(&index));
        delayed.is_some_and(|delayed| delayed.metadata.uid == pod.metadata.uid)
    };
    failed && !is_needed()
}

/// Counts those Pods that have lost their finalizer. True where that changes something.
fn clean_uncounted(status: &mut JobStatus, held: &BTreeSet<Str>) -> bool {
    let Some(uncounted) = &mut status.uncounted_terminated_pods else { return false };
    let mut changed = false;
    for (uids, counter) in [(&mut uncounted.succeeded, &mut status.succeeded), (&mut uncounted.failed, &mut status.failed)] {
        let before = uids.len();
        uids.retain(|uid| held.contains(uid));
        changed |= uids.len() < before;
        *counter += (before - uids.len()) as i32;
    }
    changed
}

/// Gives the Job its last condition, once every Pod is counted and none is on its way out.
fn enact_job_finished(context: &Context, job: &mut Job, now: &Str) -> bool {
    let Some(finished) = &context.finished else { return false };
    let waits = |job: &Job| {
        job.status.uncounted_terminated_pods.as_ref().is_some_and(|pods| !pods.succeeded.is_empty() || !pods.failed.is_empty())
    };
    if waits(job) || context.terminating > 0 {
        return false;
    }
    ensure_condition(&mut job.status.conditions, &finished.kind, true, (&finished.reason, &finished.message), now);
    if &*finished.kind == "Complete" {
        job.status.completion_time = finished.last_transition_time.clone();
    }
    true
}

fn say_finished(context: &Context, job: &Job, ask: &mut Ask) {
    let owner = Object::Job(context.job.clone());
    let Some(finished) = &context.finished else { return };
    if &*finished.kind != "Complete" {
        // The reasons of failures are the controller's own.
        let reason = ["BackoffLimitExceeded", "DeadlineExceeded", "MaxFailedIndexesExceeded", "FailedIndexes", "PodFailurePolicy"];
        let reason = reason.into_iter().find(|reason| **reason == *finished.reason).unwrap_or("Failed");
        return ask.event(EventNote::warning(&owner, reason, finished.message.to_string()));
    }
    if job.spec.completions.is_some_and(|completions| job.status.succeeded > completions) {
        let message = "Too many succeeded pods running after completion count reached";
        ask.event(EventNote::warning(&owner, "TooManySucceededPods", message));
    }
    ask.event(EventNote::normal(&owner, "Completed", "Job completed"));
}
