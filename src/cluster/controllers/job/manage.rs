//! How many Pods run: makes and deletes them (upstream: manageJob in pkg/controller/job/job_controller.go).

use super::indexed::{add_failure_counts, add_index_variables, completion_index, first_pending_indexes, generate_name, is_indexed};
use super::{Context, JobController, TRACKING_FINALIZER, backoff, has_tracking_finalizer, indexed, only_replaces_failed};
use crate::api::conditions::{find, is_pod_ready};
use crate::api::objects::{Job, Pod, PodPhase};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::controllers::pod_control::{pod_from_template, say_created, say_deleted};
use crate::cluster::request::{DeleteOptions, PatchKind, Reason, Request, Verb};
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{Micros, SECOND, parse_rfc3339};
use crate::value::Value;
use std::cmp::Ordering;
use std::rc::Rc;

/// At most so many Pods are made or deleted in one sync.
const MOST_PER_SYNC: usize = 500;

/// What came of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Managed {
    /// Pods that are active now.
    pub(super) active: i32,
    /// Whether something went wrong.
    pub(super) failed: bool,
    /// How long until Pods may be made, where they have to wait.
    pub(super) wait: Option<Micros>,
}

/// Takes the Job's finalizer off a Pod.
pub(super) fn remove_finalizer(pod: &Pod) -> Request {
    let mut patch = Value::object();
    let finalizers = vec![Value::from(TRACKING_FINALIZER)];
    patch.set(&["metadata", "$deleteFromPrimitiveList/finalizers"], finalizers);
    Request::new(Verb::Patch(PatchKind::Strategic, patch), key_of(pod))
}

pub(super) fn key_of(pod: &Pod) -> ObjectKey {
    ObjectKey::new(Kind::Pod, pod.metadata.namespace.clone(), pod.metadata.name.clone())
}

impl JobController {
    /// Brings the number of active Pods to what the Job wants.
    pub(super) fn manage_job(&mut self, key: &ObjectKey, context: &mut Context, ask: &mut Ask) -> Result<Managed, Suspended> {
        let (job, active) = (context.job.clone(), context.active.len() as i32);
        let suspended = super::is_suspended(&job);
        let parallelism = job.spec.parallelism.unwrap_or(1);
        let wanted = match job.spec.completions {
            _ if suspended => 0,
            // Once one Pod has succeeded, those that run are left alone.
            None if context.succeeded > 0 => active,
            None => parallelism,
            Some(completions) => (completions - context.succeeded).clamp(0, parallelism.max(0)),
        };
        let mut doomed = active_pods_for_removal(&job, &context.active, (active - wanted).max(0) as usize);
        if !suspended {
            doomed.truncate(MOST_PER_SYNC);
        }
        if suspended || !doomed.is_empty() {
            return self.delete_pods(key, context, &doomed, ask);
        }
        let terminating = if only_replaces_failed(&job) { context.terminating } else { 0 };
        let missing = (wanted - terminating - active).clamp(0, MOST_PER_SYNC as i32) as usize;
        if missing == 0 {
            return Ok(Managed { active, ..Managed::default() });
        }
        let now = ask.unix_micros();
        let per_index = job.spec.backoff_limit_per_index.is_some();
        let mut wait = if per_index { 0 } else { context.backoff.remaining(now) };
        let mut indexes: Vec<Option<i32>> = vec![None; missing];
        if wait == 0 && is_indexed(&job) {
            let pending = first_pending_indexes(context, missing, job.spec.completions.unwrap_or(0));
            let remaining = |index: &i32| backoff::remaining_of_index(context.delayed.get(index), now);
            let ready: Vec<i32> = pending.iter().copied().filter(|index| !per_index || remaining(index) == 0).collect();
            if ready.is_empty() {
                wait = pending.iter().map(remaining).min().unwrap_or(0);
            }
            indexes = ready.into_iter().map(Some).collect();
        }
        if wait > 0 {
            return Ok(Managed { active, wait: Some(wait.max(SECOND)), ..Managed::default() });
        }
        self.create_pods(key, context, &indexes, ask)
    }
    /// Makes Pods in batches of 1, 2, 4 ...: if the first fails, not all are tried.
    fn create_pods(&mut self, key: &ObjectKey, context: &Context, indexes: &[Option<i32>], ask: &mut Ask) -> Result<Managed, Suspended> {
        let owner = Object::Job(context.job.clone());
        let mut managed = Managed { active: context.active.len() as i32 + indexes.len() as i32, ..Managed::default() };
        if ask.once() {
            self.expectations.expect_creations(key, indexes.len());
        }
        let template = new_pod(&context.job, &owner);
        let (mut left, mut batch) = (indexes, 1);
        while !left.is_empty() {
            let (now, later) = left.split_at(batch.min(left.len()));
            let requests = now.iter().map(|index| Request::create(with_index(&template, context, *index)));
            let answers = ask.api_all_with(|| requests.collect())?;
            for answer in &answers {
                say_created(ask, &owner, answer);
                if answer.as_ref().is_err_and(|error| !error.is_namespace_terminating()) {
                    if ask.once() {
                        self.expectations.creation_observed(key);
                    }
                    managed.active -= 1;
                    managed.failed = true;
                }
            }
            if managed.failed {
                if ask.once() {
                    later.iter().for_each(|_| self.expectations.creation_observed(key));
                }
                managed.active -= later.len() as i32;
                break;
            }
            (left, batch) = (later, batch * 2);
        }
        Ok(managed)
    }
    /// Lets go of Pods and deletes them.
    fn delete_pods(&mut self, key: &ObjectKey, context: &mut Context, doomed: &[Rc<Pod>], ask: &mut Ask) -> Result<Managed, Suspended> {
        let owner = Object::Job(context.job.clone());
        if ask.once() {
            self.expectations.expect_deletions(key, doomed.iter().map(|pod| key_of(pod)));
        }
        let held: Vec<bool> = doomed.iter().map(|pod| has_tracking_finalizer(pod)).collect();
        let patches = doomed.iter().filter(|pod| has_tracking_finalizer(pod)).map(|pod| remove_finalizer(pod));
        let mut patched = ask.api_all_with(|| patches.collect())?.into_iter();
        let freed: Vec<_> = held.iter().map(|held| if *held { patched.next() } else { None }).collect();
        let is_free = |at: &usize| freed[*at].as_ref().is_none_or(Result::is_ok);
        let deleting: Vec<usize> = (0..doomed.len()).filter(is_free).collect();
        let deletions = deleting.iter().map(|at| Request::delete(key_of(&doomed[*at]), DeleteOptions::default()));
        let mut deleted = ask.api_all_with(|| deletions.collect())?.into_iter();
        let mut managed = Managed { active: context.active.len() as i32, ..Managed::default() };
        for (at, pod) in doomed.iter().enumerate() {
            let answer = match &freed[at] {
                Some(Err(error)) => Err(error.clone()),
                _ => match deleted.next() {
                    Some(answer) => {
                        say_deleted(ask, &owner, &pod.metadata.name, &answer);
                        answer
                    }
                    None => continue,
                },
            };
            if answer.is_err() && ask.once() {
                self.expectations.deletion_observed(key, &key_of(pod));
            }
            if answer.is_err_and(|error| error.reason != Reason::NotFound) {
                managed.failed = true;
            } else {
                managed.active -= 1;
                context.terminating += 1;
            }
            context.ready -= i32::from(is_pod_ready(pod));
        }
        Ok(managed)
    }
    /// Deletes the Pods of a Job that has finished; their finalizers stay until they are counted. Gives how many went,
    /// and whether one could not.
    pub(super) fn delete_active_pods(&mut self, context: &mut Context, ask: &mut Ask) -> Result<(i32, bool), Suspended> {
        let owner = Object::Job(context.job.clone());
        let pods = context.active.clone();
        let deletions = pods.iter().map(|pod| Request::delete(key_of(pod), DeleteOptions::default()));
        let answers = if pods.is_empty() { Vec::new() } else { ask.api_all_with(|| deletions.collect())? };
        let (mut gone, mut failed) = (0, false);
        for (pod, answer) in pods.iter().zip(&answers) {
            say_deleted(ask, &owner, &pod.metadata.name, answer);
            match answer {
                Err(error) if error.reason != Reason::NotFound => failed = true,
                _ => gone += 1,
            }
            context.ready -= i32::from(is_pod_ready(pod));
        }
        context.terminating += gone;
        Ok((gone, failed))
    }
}

/// A new Pod of the Job, without an index.
fn new_pod(job: &Job, owner: &Object) -> Pod {
    let mut pod = pod_from_template(owner, &job.spec.template);
    let finalizers = &mut Rc::make_mut(&mut pod.metadata).finalizers;
    if !finalizers.iter().any(|held| &**held == TRACKING_FINALIZER) {
        finalizers.push(TRACKING_FINALIZER.into());
    }
    if is_indexed(job) {
        add_index_variables(Rc::make_mut(&mut pod.spec));
    }
    pod
}

/// The Pod of an index: its annotations, its label and its host name.
fn with_index(template: &Pod, context: &Context, index: Option<i32>) -> Pod {
    let mut pod = template.clone();
    let Some(index) = index else { return pod };
    let job = &context.job;
    let metadata = Rc::make_mut(&mut pod.metadata);
    metadata.generate_name = generate_name(&job.metadata.name, index);
    metadata.annotations.insert(indexed::COMPLETION_INDEX.into(), index.to_string().into());
    metadata.labels.insert(indexed::COMPLETION_INDEX.into(), index.to_string().into());
    if job.spec.backoff_limit_per_index.is_some() {
        add_failure_counts(&mut metadata.annotations, job, context.delayed.get(&index));
    }
    Rc::make_mut(&mut pod.spec).hostname = format!("{}-{index}", job.metadata.name).into();
    pod
}

/// The Pods that are too many: those without a valid index of their own, then those that have come the least far.
fn active_pods_for_removal(job: &Job, pods: &[Rc<Pod>], at_least: usize) -> Vec<Rc<Pod>> {
    let (mut doomed, mut left) = (Vec::new(), Vec::new());
    if is_indexed(job) {
        let completions = job.spec.completions.unwrap_or(0);
        let mut sorted = pods.to_vec();
        sorted.sort_by_key(|pod| completion_index(pod));
        for same in sorted.chunk_by(|a, b| completion_index(a) == completion_index(b)) {
            let is_valid = completion_index(&same[0]).is_some_and(|index| index < completions);
            let mut same = same.to_vec();
            same.sort_by(|a, b| compare(a, b));
            left.extend(is_valid.then(|| same.pop()).flatten());
            doomed.extend(same);
        }
    } else {
        left = pods.to_vec();
    }
    if doomed.len() < at_least {
        left.sort_by(|a, b| compare(a, b));
        let more = at_least - doomed.len();
        doomed.extend(left.into_iter().take(more));
    }
    doomed
}

/// Less is deleted first (upstream: ActivePods in pkg/controller/controller_utils.go).
fn compare(a: &Pod, b: &Pod) -> Ordering {
    let phase = |pod: &Pod| match pod.status.phase {
        Some(PodPhase::Pending) | None => 0,
        Some(PodPhase::Unknown) => 1,
        _ => 2,
    };
    let ready_since = |pod: &Pod| parse_rfc3339(find(&pod.status.conditions, "Ready")?.last_transition_time.as_deref()?);
    let restarts = |pod: &Pod| pod.status.container_statuses.iter().map(|status| status.restart_count).max().unwrap_or(0);
    let is_ready = is_pod_ready(a) && is_pod_ready(b);
    (a.spec.node_name.is_empty().cmp(&b.spec.node_name.is_empty()).reverse())
        .then(phase(a).cmp(&phase(b)))
        .then(is_pod_ready(a).cmp(&is_pod_ready(b)))
        .then_with(|| if is_ready { ready_since(b).cmp(&ready_since(a)) } else { Ordering::Equal })
        .then(restarts(b).cmp(&restarts(a)))
        .then_with(|| b.metadata.creation_timestamp.cmp(&a.metadata.creation_timestamp))
}
