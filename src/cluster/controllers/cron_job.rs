//! Makes Jobs by schedule, and deletes old ones (upstream: pkg/controller/cronjob/cronjob_controllerv2.go).

mod schedule;
#[cfg(test)]
mod tests;

use super::ownership::resolve;
use super::{Controller, Outcome, WorkQueue};
use crate::api::conditions::{is_job_complete, is_job_failed, is_job_finished};
use crate::api::objects::{ConcurrencyPolicy, CronJob, Job};
use crate::api::time_zones::TimeZone;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::recorder::{EventNote, reference};
use crate::cluster::request::{DeleteOptions, Propagation, Reason, Request, Status};
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{Micros, parse_rfc3339, rfc1123z};
use crate::value::Str;
use schedule::{job_from_template, job_name, most_recent_schedule_time, next_schedule_time_duration, rfc3339};
use std::rc::Rc;

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct CronJobController;

/// What a sync reads.
#[derive(Clone, Debug)]
pub struct Input {
    cron_job: Rc<CronJob>,
    jobs: Vec<Rc<Job>>,
}

/// A CronJob while it is synced.
struct Sync {
    /// As it is to be written.
    copy: CronJob,
    /// As the store had it, where that was looked up; what changes from then on is not written
    /// (upstream: the copy that syncCronJob goes on with).
    fresh: Option<CronJob>,
    /// Whether the status is to be written.
    changed: bool,
}

/// How a sync ends but for the writing of the status.
enum End {
    After(Micros),
    Done,
    Failed,
}

impl Sync {
    fn now(&mut self) -> &mut CronJob {
        self.fresh.as_mut().unwrap_or(&mut self.copy)
    }
    fn object(&self) -> Object {
        Object::CronJob(Rc::new(self.fresh.as_ref().unwrap_or(&self.copy).clone()))
    }
    fn is_active(&self, uid: &str) -> bool {
        has_active(self.fresh.as_ref().unwrap_or(&self.copy), uid)
    }
    fn forget(&mut self, uid: &str) {
        self.now().status.active.retain(|active| &*active.uid != uid);
    }
}

impl Controller for CronJobController {
    const NAME: ControllerName = ControllerName::CronJob;
    const WATCHES: &'static [Kind] = &[Kind::CronJob, Kind::Job];
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, cache: &Cache, queue: &mut WorkQueue) {
        match &heard.object {
            Object::CronJob(new) => {
                let key = heard.object.key();
                let old = heard.old.as_ref().filter(|_| heard.change == Change::Modified);
                let old = old.and_then(|old| old.get::<CronJob>());
                let is_other = |old: &Rc<CronJob>| old.spec.schedule != new.spec.schedule || old.spec.time_zone != new.spec.time_zone;
                if !old.is_some_and(is_other) {
                    return queue.add(key);
                }
                // A new schedule begins with its next time.
                if let Ok(schedule) = schedule::schedule(new) {
                    let now = queue.unix_micros as i64;
                    queue.add_after(key, next_schedule_time_duration(new, now, &schedule));
                }
            }
            Object::Job(job) => {
                let old = heard.old.as_ref().map(Object::meta).filter(|old| old.controller() != job.metadata.controller());
                let owners = old.and_then(|old| resolve(Kind::CronJob, old, cache)).into_iter().chain(resolve(Kind::CronJob, &job.metadata, cache));
                owners.for_each(|owner| queue.add(owner));
            }
            _ => {}
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let cron_job = cache.get(key)?.get::<CronJob>()?.clone();
        let jobs = cache.controlled_by(&cron_job.metadata.uid).filter_map(|object| object.get::<Job>().cloned());
        Some(Input { jobs: jobs.collect(), cron_job })
    }
    fn sync(&mut self, _: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let mut sync = Sync { copy: CronJob::clone(&input.cron_job), fresh: None, changed: false };
        clean_up(&mut sync, &input.jobs, ask)?;
        let end = sync_cron_job(&mut sync, &input.jobs, ask)?;
        if sync.changed && ask.api(Request::update_status(sync.copy))?.is_err() {
            return Ok(Outcome::Retry);
        }
        Ok(match end {
            End::After(micros) => Outcome::After(micros),
            End::Done => Outcome::Done,
            End::Failed => Outcome::Retry,
        })
    }
}

/// Deletes the oldest of the finished Jobs, where there are more than are kept.
fn clean_up(sync: &mut Sync, jobs: &[Rc<Job>], ask: &mut Ask) -> Result<(), Suspended> {
    let spec = sync.copy.spec.clone();
    let complete: fn(&Job) -> bool = is_job_complete;
    for (limit, is_kind) in [(spec.successful_jobs_history_limit, complete), (spec.failed_jobs_history_limit, is_job_failed)] {
        let Some(limit) = limit else { continue };
        let mut finished: Vec<&Rc<Job>> = jobs.iter().filter(|job| is_kind(job)).collect();
        let surplus = finished.len().saturating_sub(limit.max(0) as usize);
        // Those without a start come last.
        let started = |job: &Job| job.status.start_time.clone();
        finished.sort_by_key(|job| (started(job).is_none(), started(job), job.metadata.name.clone()));
        for job in finished.into_iter().take(surplus) {
            sync.changed |= delete_job(sync, job, ask)?;
        }
    }
    Ok(())
}

/// Deletes a Job with its Pods. False where that fails.
fn delete_job(sync: &mut Sync, job: &Job, ask: &mut Ask) -> Result<bool, Suspended> {
    let meta = &job.metadata;
    let key = ObjectKey::new(Kind::Job, meta.namespace.clone(), meta.name.clone());
    let options = DeleteOptions { propagation: Some(Propagation::Background), ..DeleteOptions::default() };
    let answer = ask.api(Request::delete(key, options))?;
    if let Err(error) = answer {
        ask.event(EventNote::warning(&sync.object(), "FailedDelete", format!("Deleted job: {}", error.message)));
        return Ok(false);
    }
    sync.forget(&meta.uid);
    ask.event(EventNote::normal(&sync.object(), "SuccessfulDelete", format!("Deleted job {}", meta.name)));
    Ok(true)
}

fn get_job(namespace: &str, name: &str, ask: &mut Ask) -> Result<Result<Rc<Job>, Rc<Status>>, Suspended> {
    let key = ObjectKey::new(Kind::Job, namespace, name);
    let missing = Status::not_found(&key);
    let answer = ask.api(Request::get(key))?;
    Ok(answer.and_then(|reply| reply.object().and_then(|object| object.get::<Job>().cloned()).ok_or(missing)))
}

fn sync_cron_job(sync: &mut Sync, jobs: &[Rc<Job>], ask: &mut Ask) -> Result<End, Suspended> {
    let now = ask.unix_micros() as i64;
    for job in jobs {
        if !see_job(sync, job, ask)? {
            return Ok(End::Failed);
        }
    }
    for active in sync.now().status.active.clone() {
        if jobs.iter().any(|job| job.metadata.uid == active.uid) {
            continue;
        }
        match get_job(&active.namespace, &active.name, ask)? {
            // The cache has not heard of it yet.
            Ok(_) => {}
            Err(error) if error.reason == Reason::NotFound => {
                ask.event(EventNote::normal(&sync.object(), "MissingJob", format!("Active job went missing: {}", active.name)));
                sync.forget(&active.uid);
                sync.changed = true;
            }
            Err(_) => return Ok(End::Failed),
        }
    }
    let cron_job = sync.now().clone();
    if cron_job.metadata.is_terminating() {
        return Ok(End::Done);
    }
    if let Some(zone) = cron_job.spec.time_zone.as_deref().filter(|zone| TimeZone::named(zone).is_none()) {
        let message = format!("invalid timeZone: {zone:?}: unknown time zone {zone}");
        ask.event(EventNote::warning(&sync.object(), "UnknownTimeZone", message));
        return Ok(End::Done);
    }
    if cron_job.spec.suspend == Some(true) {
        return Ok(End::Done);
    }
    let schedule = match schedule::schedule(&cron_job) {
        Ok(schedule) => schedule,
        Err(why) => {
            let message = format!("unparseable schedule: {:?} : {why}", &*cron_job.spec.schedule);
            ask.event(EventNote::warning(&sync.object(), "UnparseableSchedule", message));
            return Ok(End::Done);
        }
    };
    let missed = match most_recent_schedule_time(&cron_job, now, &schedule, true) {
        Ok(missed) => missed,
        Err(why) => {
            let message = format!("invalid schedule: {} : {why}", cron_job.spec.schedule);
            ask.event(EventNote::warning(&sync.object(), "InvalidSchedule", message));
            return Ok(End::Done);
        }
    };
    let later = |cron_job: &CronJob| Ok(End::After(next_schedule_time_duration(cron_job, now, &schedule)));
    let Some(scheduled) = missed.most_recent else { return later(&cron_job) };
    if missed.is_many() {
        let message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
        ask.event(EventNote::warning(&sync.object(), "TooManyMissedTimes", message));
    }
    let deadline = cron_job.spec.starting_deadline_seconds.map(|seconds| seconds.saturating_mul(1_000_000));
    if deadline.is_some_and(|deadline| scheduled.saturating_add(deadline) < now) {
        let message = format!("Missed scheduled time to start a job: {}", rfc1123z(scheduled as u64));
        ask.event(EventNote::warning(&sync.object(), "MissSchedule", message));
        return later(&cron_job);
    }
    let name = job_name(&cron_job, scheduled);
    let last = cron_job.status.last_schedule_time.as_deref().and_then(parse_rfc3339);
    if cron_job.status.active.iter().any(|active| active.name == name) || last == Some(scheduled as u64) {
        return later(&cron_job);
    }
    if !heed_concurrency(sync, ask)? {
        return match cron_job.spec.concurrency_policy {
            Some(ConcurrencyPolicy::Forbid) => later(&cron_job),
            _ => Ok(End::Failed),
        };
    }
    let request = Request::create(job_from_template(&Rc::new(cron_job), scheduled));
    let job = match ask.api(request)? {
        Ok(reply) => {
            let Some(job) = reply.object().cloned() else { return Ok(End::Failed) };
            let message = format!("Created job {}", job.meta().name);
            ask.event(EventNote::normal(&sync.object(), "SuccessfulCreate", message));
            job
        }
        Err(error) if error.is_namespace_terminating() => return Ok(End::Failed),
        Err(error) if error.reason == Reason::AlreadyExists => {
            // It was made before, and only the status lacks it, or it is somebody else's.
            let meta = sync.now().metadata.clone();
            let Ok(job) = get_job(&meta.namespace, &name, ask)? else { return Ok(End::Failed) };
            let is_own = job.metadata.controller().is_some_and(|owner| owner.uid == meta.uid);
            if !is_own || sync.is_active(&job.metadata.uid) {
                return Ok(End::Done);
            }
            Object::Job(job)
        }
        Err(error) => {
            ask.event(EventNote::warning(&sync.object(), "FailedCreate", format!("Error creating job: {}", error.message)));
            return Ok(End::Failed);
        }
    };
    let status = &mut sync.now().status;
    status.active.push(reference(&job));
    status.last_schedule_time = Some(rfc3339(scheduled));
    sync.changed = true;
    later(sync.now())
}

/// Takes note of a Job of its own. False where the store cannot be asked.
fn see_job(sync: &mut Sync, job: &Job, ask: &mut Ask) -> Result<bool, Suspended> {
    let (uid, name) = (&job.metadata.uid, &job.metadata.name);
    let is_active = sync.is_active(uid);
    if !is_job_finished(job) {
        if is_active {
            return Ok(true);
        }
        let key = sync.object().key();
        let Ok(reply) = ask.api(Request::get(key))? else { return Ok(false) };
        let fresh = reply.object().and_then(|object| object.get::<CronJob>());
        if let Some(fresh) = fresh.filter(|fresh| has_active(fresh, uid)) {
            sync.fresh = Some(CronJob::clone(fresh));
            return Ok(true);
        }
        let message = format!("Saw a job that the controller did not create or forgot: {name}");
        ask.event(EventNote::warning(&sync.object(), "UnexpectedJob", message));
        return Ok(true);
    }
    if is_active {
        let end = if is_job_complete(job) { "Complete" } else { "Failed" };
        sync.forget(uid);
        ask.event(EventNote::normal(&sync.object(), "SawCompletedJob", format!("Saw completed job: {name}, condition: {end}")));
        sync.changed = true;
    }
    if is_job_complete(job) {
        let last = &mut sync.now().status.last_successful_time;
        let time = |text: &Option<Str>| text.as_deref().and_then(parse_rfc3339);
        if last.is_none() || time(&job.status.completion_time) > time(last) {
            *last = job.status.completion_time.clone();
            sync.changed = true;
        }
    }
    Ok(true)
}

/// Whether the next Job may begin, after the last one was deleted where it is replaced.
fn heed_concurrency(sync: &mut Sync, ask: &mut Ask) -> Result<bool, Suspended> {
    let active = sync.now().status.active.clone();
    match sync.now().spec.concurrency_policy {
        Some(ConcurrencyPolicy::Forbid) if !active.is_empty() => {
            let message = "Not starting job because prior execution is running and concurrency policy is Forbid";
            ask.event(EventNote::normal(&sync.object(), "JobAlreadyActive", message));
            Ok(false)
        }
        Some(ConcurrencyPolicy::Replace) => {
            for job in active {
                let job = match get_job(&job.namespace, &job.name, ask)? {
                    Ok(job) => job,
                    Err(error) => {
                        ask.event(EventNote::warning(&sync.object(), "FailedGet", format!("Get job: {}", error.message)));
                        return Ok(false);
                    }
                };
                if !delete_job(sync, &job, ask)? {
                    return Ok(false);
                }
                sync.changed = true;
            }
            Ok(true)
        }
        _ => Ok(true),
    }
}

fn has_active(cron_job: &CronJob, uid: &str) -> bool {
    cron_job.status.active.iter().any(|active| &*active.uid == uid)
}
