//! Runs the Pods of Jobs to their end (upstream: pkg/controller/job/job_controller.go).
//!
//! Upstream's second queue, of Pods that have lost their Job and still hold its finalizer, is this one's keys of kind
//! Pod.

mod backoff;
mod indexed;
mod manage;
mod pod_failure_policy;
mod success_policy;
#[cfg(test)]
mod tests;
mod tracking;

use super::expectations::Expectations;
use super::ownership::{claim_where, resolve};
use super::stop::Stop;
use super::{Controller, Outcome, WorkQueue};
use crate::api::conditions::{find, is_job_finished, is_pod_active, is_pod_ready, is_pod_terminal, is_true};
use crate::api::labels::Selector;
use crate::api::objects::{
    Condition, ConditionStatus, Job, LabelSelector, ObjectMeta, Pod, PodPhase, PodReplacementPolicy, RestartPolicy,
};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::recorder::EventNote;
use crate::cluster::request::Reason;
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{Micros, SECOND, parse_rfc3339};
use crate::value::Str;
use backoff::BackoffRecord;
use indexed::{Intervals, completion_index, is_indexed};
use pod_failure_policy::match_pod_failure_policy;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Held by Pods until their Job has counted them.
const TRACKING_FINALIZER: &str = "batch.kubernetes.io/job-tracking";
/// The name by which `spec.managedBy` means this controller.
const CONTROLLER: &str = "kubernetes.io/job-controller";
/// Changes of Pods and of the status are looked at together, so long after the first.
const BATCH_PERIOD: Micros = SECOND;

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct JobController {
    expectations: Expectations,
    /// By Job: the uids of Pods whose finalizer is being removed.
    expected_removals: BTreeMap<ObjectKey, BTreeSet<Str>>,
    backoff: BTreeMap<ObjectKey, BackoffRecord>,
    /// The uids of Jobs whose end is written and not heard of yet.
    finished: BTreeSet<Str>,
    /// The uid and the version of each Job that was written last (upstream: the consistency store).
    written: BTreeMap<ObjectKey, (Str, u64)>,
}

/// What a sync reads.
#[derive(Clone, Debug)]
pub enum Input {
    /// A Job.
    Job(Box<JobInput>),
    /// A Pod that has lost its Job and still holds the finalizer.
    Orphan(Rc<Pod>),
}

/// What the sync of a Job reads.
#[derive(Clone, Debug)]
pub struct JobInput {
    job: Rc<Job>,
    /// Pods that it manages or might take up.
    candidates: Vec<Object>,
    /// Whether everything asked for before was heard of.
    needs_sync: bool,
    expected_removals: BTreeSet<Str>,
    backoff: BackoffRecord,
    /// Whether the cache lags behind what was written.
    is_stale: bool,
}

/// What a sync works with (upstream: syncJobCtx).
#[derive(Debug)]
struct Context {
    job: Rc<Job>,
    pods: Vec<Rc<Pod>>,
    active: Vec<Rc<Pod>>,
    finished: Option<Condition>,
    succeeded: i32,
    previous_indexes: Intervals,
    succeeded_indexes: Intervals,
    failed_indexes: Option<Intervals>,
    backoff: BackoffRecord,
    expected_removals: BTreeSet<Str>,
    uncounted_succeeded: BTreeSet<Str>,
    uncounted_failed: BTreeSet<Str>,
    /// By index: the failed Pod that stays until another takes its annotations over.
    delayed: BTreeMap<i32, Rc<Pod>>,
    terminating: i32,
    ready: i32,
}

impl Controller for JobController {
    const NAME: ControllerName = ControllerName::Job;
    const WATCHES: &'static [Kind] = &[Kind::Job, Kind::Pod];
    const BACK_OFF: Micros = SECOND;
    const MOST_BACK_OFF: Micros = 60 * SECOND;
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, cache: &Cache, queue: &mut WorkQueue) {
        match &heard.object {
            Object::Job(job) => self.on_job(heard, job, cache, queue),
            Object::Pod(pod) => self.on_pod(heard, pod, cache, queue),
            _ => {}
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        if key.kind == Kind::Pod {
            let pod = cache.get(key)?.get::<Pod>()?;
            return (has_tracking_finalizer(pod) && is_orphan(pod, cache)).then(|| Input::Orphan(pod.clone()));
        }
        let Some(job) = cache.get(key).and_then(|object| object.get::<Job>()).cloned() else {
            self.forget(key);
            return None;
        };
        let uid = &job.metadata.uid;
        if is_managed_elsewhere(&job) {
            return None;
        }
        if is_job_finished(&job) {
            self.backoff.remove(key);
            self.written.remove(key);
            self.finished.remove(uid);
            return None;
        }
        if self.finished.contains(uid) {
            return None;
        }
        let candidates = cache.candidates(&job.metadata, Kind::Pod).cloned().collect();
        let written = self.written.get(key).filter(|(written, _)| written == uid);
        Some(Input::Job(Box::new(JobInput {
            is_stale: written.is_some_and(|(_, written)| *written > version(&job.metadata)),
            job,
            candidates,
            needs_sync: self.expectations.are_satisfied(key),
            expected_removals: self.expected_removals.get(key).cloned().unwrap_or_default(),
            backoff: self.backoff.get(key).copied().unwrap_or_default(),
        })))
    }
    fn sync(&mut self, key: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        match input {
            Input::Job(input) if input.is_stale => Ok(Outcome::Retry),
            Input::Job(input) => self.sync_job(key, input, ask),
            Input::Orphan(pod) => Ok(match ask.api(manage::remove_finalizer(pod))? {
                Err(error) if error.reason != Reason::NotFound => Outcome::Retry,
                _ => Outcome::Done,
            }),
        }
    }
}

impl JobController {
    fn on_job(&mut self, heard: &Heard, job: &Rc<Job>, cache: &Cache, queue: &mut WorkQueue) {
        let key = heard.object.key();
        let generation = heard.old.as_ref().map(|old| old.meta().generation);
        if heard.change == Change::Deleted {
            self.finished.remove(&job.metadata.uid);
            self.written.remove(&key);
            self.expectations.forget(&key);
            self.backoff.remove(&key);
            orphans_of(job, cache).for_each(|pod| queue.add(pod));
        } else if heard.change == Change::Modified && is_job_finished(job) {
            // Every Pod was let go before; this is for those that were not.
            return orphans_of(job, cache).for_each(|pod| queue.add(pod));
        } else if generation == Some(job.metadata.generation) {
            return queue.add_after(key, BATCH_PERIOD);
        }
        queue.add(key);
    }
    fn on_pod(&mut self, heard: &Heard, pod: &Rc<Pod>, cache: &Cache, queue: &mut WorkQueue) {
        let (key, meta) = (heard.object.key(), &pod.metadata);
        let owner = resolve(Kind::Job, meta, cache);
        let is_held = has_tracking_finalizer(pod);
        if heard.change == Change::Deleted || meta.is_terminating() {
            let is_over = |job: &ObjectKey| cache.get(job).and_then(|job| job.get::<Job>()).is_none_or(|job| is_job_finished(job));
            match owner.filter(|owner| !is_over(owner)) {
                // What another controller manages holds no Job's finalizer.
                None if is_held => queue.add(key),
                None => {}
                Some(owner) => {
                    self.expectations.deletion_observed(&owner, &key);
                    if heard.change == Change::Deleted || !is_held {
                        self.removal_observed(&owner, &meta.uid);
                    }
                    queue.add_after(owner, BATCH_PERIOD);
                }
            }
            return;
        }
        let old = heard.old.as_ref().map(Object::meta);
        let is_other_owner = old.is_some_and(|old| old.controller() != meta.controller());
        if let Some(was) = old.filter(|_| is_other_owner).and_then(|old| resolve(Kind::Job, old, cache)) {
            if !is_held {
                self.removal_observed(&was, &meta.uid);
            }
            queue.add_after(was, BATCH_PERIOD);
        }
        if let Some(owner) = owner {
            if heard.change == Change::Added {
                self.expectations.creation_observed(&owner);
            } else if !is_held {
                self.removal_observed(&owner, &meta.uid);
            }
            return queue.add_after(owner, BATCH_PERIOD);
        }
        if meta.controller().is_some() {
            return;
        }
        if is_held {
            queue.add(key);
        }
        if old.is_none_or(|old| old.labels != meta.labels) || is_other_owner {
            for job in cache.list_typed::<Job>(&meta.namespace) {
                if selector_of(job).is_some_and(|selector| selector.matches(&meta.labels)) {
                    let key = ObjectKey::new(Kind::Job, meta.namespace.clone(), job.metadata.name.clone());
                    queue.add_after(key, BATCH_PERIOD);
                }
            }
        }
    }
    fn removal_observed(&mut self, job: &ObjectKey, uid: &Str) {
        if let Some(uids) = self.expected_removals.get_mut(job) {
            uids.remove(uid);
        }
    }
    fn forget(&mut self, key: &ObjectKey) {
        self.expectations.forget(key);
        self.expected_removals.remove(key);
        self.backoff.remove(key);
        self.written.remove(key);
    }
    fn sync_job(&mut self, key: &ObjectKey, input: &JobInput, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let Some(selector) = selector_of(&input.job) else { return Ok(Outcome::Done) };
        let owner = Object::Job(input.job.clone());
        let matches = |meta: &ObjectMeta| selector.matches(&meta.labels);
        let claimed = match claim_where(ask, &owner, &input.candidates, Some(TRACKING_FINALIZER), matches) {
            Ok(claimed) => claimed,
            Err(Stop::Suspended) => return Err(Suspended),
            Err(Stop::Failed(_)) => return Ok(Outcome::Retry),
        };
        let mut context = context(input, claimed.iter().filter_map(|object| object.get::<Pod>().cloned()).collect());
        let mut wait: Option<Micros> = None;
        let mut job = Job::clone(&input.job);
        job.status.uncounted_terminated_pods.get_or_insert_default();
        if job.status.start_time.is_none() && !is_suspended(&job) {
            job.status.start_time = Some(ask.rfc3339());
        }
        context.job = Rc::new(job);
        self.judge(&mut context, input, &mut wait, ask);
        let mut failed = false;
        let mut active = context.active.len() as i32;
        let mut changed = false;
        if context.finished.is_some() {
            let (gone, stuck) = self.delete_active_pods(&mut context, ask)?;
            if gone != active || !input.needs_sync {
                // Some finalizers may remain, or Pods that were not heard of.
                context.finished = None;
            }
            active -= gone;
            failed = stuck;
        } else {
            let manages = input.needs_sync && !context.job.metadata.is_terminating();
            if manages {
                let managed = self.manage_job(key, &mut context, ask)?;
                (active, failed) = (managed.active, managed.failed);
                wait = managed.wait.into_iter().chain(wait).min();
            }
            let is_complete = active == 0
                && match context.job.spec.completions {
                    None => context.succeeded > 0,
                    Some(completions) => context.succeeded >= completions,
                };
            if is_complete {
                let message = "Reached expected number of succeeded pods";
                context.finished = Some(condition("SuccessCriteriaMet", "CompletionsReached", message, &ask.rfc3339()));
            } else if manages {
                changed = suspend_or_resume(&mut context, ask);
            }
        }
        let mut job = Job::clone(&context.job);
        let (ready, terminating) = (Some(context.ready), Some(context.terminating));
        changed |= active != job.status.active || ready != job.status.ready || terminating != job.status.terminating;
        (job.status.active, job.status.ready, job.status.terminating) = (active, ready, terminating);
        context.job = Rc::new(job);
        let tracked = self.track_job_status_and_remove_finalizers(key, &mut context, changed, ask)?;
        Ok(match wait {
            _ if failed || tracked.is_err() => Outcome::Retry,
            Some(wait) => Outcome::After(wait),
            None => Outcome::Done,
        })
    }
    /// Looks for the end of the Job: what was decided before, then failures, then success by policy.
    fn judge(&self, context: &mut Context, input: &JobInput, wait: &mut Option<Micros>, ask: &Ask) {
        let (job, now) = (context.job.clone(), ask.rfc3339());
        let (new_succeeded, new_failed) = new_finished_pods(context);
        let counts = |pod: &&&Rc<Pod>| match_pod_failure_policy(job.spec.pod_failure_policy.as_ref(), pod).counts;
        let failures = job.status.failed + new_failed.iter().filter(counts).count() as i32 + context.uncounted_failed.len() as i32;
        let succeeded = job.status.succeeded + new_succeeded.len() as i32 + context.uncounted_succeeded.len() as i32;
        let backoff = input.backoff.with(&new_succeeded, &new_failed);
        (context.succeeded, context.backoff) = (succeeded, backoff);
        let target = |reason: &str, message: &str| Some(condition("FailureTarget", reason, message, &now));
        context.finished = success_criteria_met(&job).cloned();
        if context.finished.is_none() {
            let decided = find(&job.status.conditions, "FailureTarget").filter(|target| target.status == Some(ConditionStatus::True));
            context.finished = match decided {
                Some(decided) => Some(condition("Failed", &decided.reason, &decided.message, &now)),
                None => fail_job_message(&job, &context.pods).and_then(|why| target("PodFailurePolicy", &why)),
            };
        }
        if context.finished.is_none() {
            let limit = job.spec.backoff_limit.unwrap_or(6);
            let left = deadline_left(&job, ask.unix_micros());
            if failures > limit || past_backoff_limit_on_failure(&job, &context.pods) {
                context.finished = target("BackoffLimitExceeded", "Job has reached the specified backoff limit");
            } else if left == Some(0) {
                context.finished = target("DeadlineExceeded", "Job was active longer than specified deadline");
            } else {
                *wait = left;
            }
        }
        let Some(completions) = job.spec.completions.filter(|_| is_indexed(&job)) else { return };
        (context.previous_indexes, context.succeeded_indexes) = indexed::calculate_succeeded_indexes(&job, &context.pods);
        context.succeeded = context.succeeded_indexes.total();
        if job.spec.backoff_limit_per_index.is_some() {
            let failed = indexed::calculate_failed_indexes(&job, &context.pods);
            let total = failed.total();
            if context.finished.is_none() {
                if job.spec.max_failed_indexes.is_some_and(|most| total > most) {
                    context.finished =
                        target("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
                } else if total > 0 && total + context.succeeded >= completions {
                    context.finished = target("FailedIndexes", "Job has failed indexes");
                }
            }
            context.failed_indexes = Some(failed);
            context.delayed = indexed::pods_with_delayed_deletion(context);
        }
        if context.finished.is_none() {
            let met = success_policy::match_success_policy(job.spec.success_policy.as_ref(), completions, &context.succeeded_indexes);
            context.finished = met.map(|message| condition("SuccessCriteriaMet", "SuccessPolicy", &message, &now));
        }
    }
}

fn context(input: &JobInput, pods: Vec<Rc<Pod>>) -> Context {
    let active: Vec<Rc<Pod>> = pods.iter().filter(|pod| is_pod_active(pod)).cloned().collect();
    let uncounted = input.job.status.uncounted_terminated_pods.clone().unwrap_or_default();
    let is_terminating = |pod: &&Rc<Pod>| pod.metadata.is_terminating() && !is_pod_terminal(pod);
    Context {
        job: input.job.clone(),
        ready: active.iter().filter(|pod| is_pod_ready(pod)).count() as i32,
        terminating: pods.iter().filter(is_terminating).count() as i32,
        active,
        pods,
        finished: None,
        succeeded: 0,
        previous_indexes: Intervals::default(),
        succeeded_indexes: Intervals::default(),
        failed_indexes: None,
        backoff: input.backoff,
        expected_removals: input.expected_removals.clone(),
        uncounted_succeeded: uncounted.succeeded.into_iter().collect(),
        uncounted_failed: uncounted.failed.into_iter().collect(),
        delayed: BTreeMap::new(),
    }
}

/// Says that the Job stands still, or goes on. True where that is new.
fn suspend_or_resume(context: &mut Context, ask: &mut Ask) -> bool {
    let suspended = is_suspended(&context.job);
    let words = if suspended { ("JobSuspended", "Job suspended") } else { ("JobResumed", "Job resumed") };
    let now = ask.rfc3339();
    let mut job = Job::clone(&context.job);
    if !ensure_condition(&mut job.status.conditions, "Suspended", suspended, words, &now) {
        return false;
    }
    // The time before does not count for the deadline.
    job.status.start_time = (!suspended).then_some(now);
    let reason = if suspended { "Suspended" } else { "Resumed" };
    ask.event(EventNote::normal(&Object::Job(context.job.clone()), reason, words.1));
    context.job = Rc::new(job);
    true
}

/// A condition that holds from now on.
fn condition(kind: &str, reason: &str, message: &str, now: &Str) -> Condition {
    Condition {
        kind: kind.into(),
        status: Some(ConditionStatus::True),
        reason: reason.into(),
        message: message.into(),
        last_probe_time: Some(now.clone()),
        last_transition_time: Some(now.clone()),
        ..Condition::default()
    }
}

/// Sets a condition in its place; one that never held is not added to say that it does not. True where it changes.
fn ensure_condition(conditions: &mut Vec<Condition>, kind: &str, holds: bool, words: (&str, &str), now: &Str) -> bool {
    let status = if holds { ConditionStatus::True } else { ConditionStatus::False };
    let new = Condition { status: Some(status), ..condition(kind, words.0, words.1, now) };
    match conditions.iter_mut().find(|condition| &*condition.kind == kind) {
        Some(old) if old.status == new.status && old.reason == new.reason && old.message == new.message => false,
        Some(old) => {
            *old = new;
            true
        }
        None if holds => {
            conditions.push(new);
            true
        }
        None => false,
    }
}

fn success_criteria_met(job: &Job) -> Option<&Condition> {
    let conditions = &job.status.conditions;
    find(conditions, "SuccessCriteriaMet").filter(|_| is_true(conditions, "SuccessCriteriaMet"))
}

fn is_suspended(job: &Job) -> bool {
    job.spec.suspend == Some(true)
}

fn only_replaces_failed(job: &Job) -> bool {
    job.spec.pod_replacement_policy == Some(PodReplacementPolicy::Failed)
}

fn has_tracking_finalizer(pod: &Pod) -> bool {
    pod.metadata.finalizers.iter().any(|held| &**held == TRACKING_FINALIZER)
}

fn is_managed_elsewhere(job: &Job) -> bool {
    job.spec.managed_by.as_deref().is_some_and(|by| by != CONTROLLER)
}

/// Whether a Pod counts as failed: one that is being deleted may never come so far.
fn is_pod_failed(pod: &Pod, job: &Job) -> bool {
    match pod.status.phase {
        Some(PodPhase::Failed) => true,
        Some(PodPhase::Succeeded) => false,
        _ => !only_replaces_failed(job) && pod.metadata.is_terminating(),
    }
}

fn version(meta: &ObjectMeta) -> u64 {
    meta.resource_version.parse().unwrap_or(0)
}

fn selector_of(job: &Job) -> Option<Selector> {
    let nothing = LabelSelector::default();
    Selector::from_label_selector(job.spec.selector.as_ref().unwrap_or(&nothing)).ok().filter(|selector| !selector.is_everything())
}

/// Whether no Job will let go of a Pod.
fn is_orphan(pod: &Pod, cache: &Cache) -> bool {
    let Some(owner) = pod.metadata.controller() else { return true };
    if !Kind::Job.is(&owner.api_version, &owner.kind) {
        return false;
    }
    let job = cache.typed::<Job>(&pod.metadata.namespace, &owner.name).filter(|job| job.metadata.uid == owner.uid);
    job.is_none_or(|job| !is_managed_elsewhere(job) && is_job_finished(job))
}

/// The Pods of a Job that still hold its finalizer.
fn orphans_of<'a>(job: &'a Job, cache: &'a Cache) -> impl Iterator<Item = ObjectKey> + 'a {
    let selector = selector_of(job);
    let is_selected = move |pod: &Pod| selector.as_ref().is_some_and(|selector| selector.matches(&pod.metadata.labels));
    let all = cache.candidates(&job.metadata, Kind::Pod);
    let held = all.filter(move |object| object.get::<Pod>().is_some_and(|pod| has_tracking_finalizer(pod) && is_selected(pod)));
    held.map(Object::key)
}

/// Pods that have ended and are not counted yet: those that succeeded, those that failed.
fn new_finished_pods(context: &Context) -> (Vec<&Rc<Pod>>, Vec<&Rc<Pod>>) {
    let completions = context.job.spec.completions.unwrap_or(0);
    let is_valid = |pod: &&Rc<Pod>, uncounted: &BTreeSet<Str>| {
        has_tracking_finalizer(pod)
            && !uncounted.contains(&pod.metadata.uid)
            && !context.expected_removals.contains(&pod.metadata.uid)
            && (!is_indexed(&context.job) || completion_index(pod).is_some_and(|index| index < completions))
    };
    let succeeded = context.pods.iter().filter(|pod| is_valid(pod, &context.uncounted_succeeded));
    let failed = context.pods.iter().filter(|pod| is_valid(pod, &context.uncounted_failed));
    (
        succeeded.filter(|pod| pod.status.phase == Some(PodPhase::Succeeded)).collect(),
        failed.filter(|pod| is_pod_failed(pod, &context.job)).collect(),
    )
}

fn fail_job_message(job: &Job, pods: &[Rc<Pod>]) -> Option<String> {
    let policy = job.spec.pod_failure_policy.as_ref()?;
    pods.iter().filter(|pod| is_pod_failed(pod, job)).find_map(|pod| match_pod_failure_policy(Some(policy), pod).fails_job)
}

/// Whether the containers of Pods that restart them were restarted too often.
fn past_backoff_limit_on_failure(job: &Job, pods: &[Rc<Pod>]) -> bool {
    if job.spec.template.spec.restart_policy != Some(RestartPolicy::OnFailure) {
        return false;
    }
    let restarts = |pod: &Rc<Pod>| -> i32 {
        let status = &pod.status;
        status.init_container_statuses.iter().chain(&status.container_statuses).map(|status| status.restart_count).sum()
    };
    let total: i32 = pods.iter().filter(|pod| !is_pod_terminal(pod)).map(restarts).sum();
    total >= job.spec.backoff_limit.unwrap_or(6).max(1)
}

/// How much is left of the time that a Job may be active; none where it may be for ever, or stands still.
fn deadline_left(job: &Job, now: u64) -> Option<Micros> {
    let deadline = job.spec.active_deadline_seconds.filter(|_| !is_suspended(job))?;
    let since = parse_rfc3339(job.status.start_time.as_deref()?)?;
    Some((since + deadline.max(0) as u64 * SECOND).saturating_sub(now))
}
