//! Deletes Jobs that finished long enough ago (upstream: pkg/controller/ttlafterfinished).

use super::{Controller, Outcome, WorkQueue};
use crate::api::conditions::is_job_finished;
use crate::api::objects::{ConditionStatus, Job};
use crate::api::{Kind, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::request::{DeleteOptions, Propagation, Reason, Request};
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::{Micros, SECOND, parse_rfc3339};
use std::rc::Rc;

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct TtlAfterFinishedController;

impl Controller for TtlAfterFinishedController {
    const NAME: ControllerName = ControllerName::TtlAfterFinished;
    const WATCHES: &'static [Kind] = &[Kind::Job];
    type Input = Rc<Job>;

    fn on_change(&mut self, heard: &Heard, _: &Cache, queue: &mut WorkQueue) {
        let Some(job) = heard.object.get::<Job>() else { return };
        if heard.change != Change::Deleted && needs_cleanup(job) {
            queue.add(heard.object.key());
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Rc<Job>> {
        cache.get(key)?.get::<Job>().cloned()
    }
    fn sync(&mut self, key: &ObjectKey, job: &Rc<Job>, ask: &mut Ask) -> Result<Outcome, Suspended> {
        match time_left(job, ask.unix_micros()) {
            None => return Ok(Outcome::Done),
            Some(left) if left > 0 => return Ok(Outcome::After(left)),
            Some(_) => {}
        }
        // It may have been changed meanwhile: what the store has decides.
        let fresh = match ask.api(Request::get(key.clone()))? {
            Err(error) if error.reason == Reason::NotFound => return Ok(Outcome::Done),
            Err(_) => return Ok(Outcome::Retry),
            Ok(reply) => reply.object().and_then(|object| object.get::<Job>()).cloned(),
        };
        let Some(fresh) = fresh else { return Ok(Outcome::Done) };
        match time_left(&fresh, ask.unix_micros()) {
            None => return Ok(Outcome::Done),
            Some(left) if left > 0 => return Ok(Outcome::After(left)),
            Some(_) => {}
        }
        let options = DeleteOptions {
            propagation: Some(Propagation::Foreground),
            uid: Some(fresh.metadata.uid.clone()),
            ..DeleteOptions::default()
        };
        Ok(if ask.api(Request::delete(key.clone(), options))?.is_ok() { Outcome::Done } else { Outcome::Retry })
    }
}

fn needs_cleanup(job: &Job) -> bool {
    job.spec.ttl_seconds_after_finished.is_some() && is_job_finished(job) && !job.metadata.is_terminating()
}

/// How long a finished Job is still kept; none where it is kept for ever.
fn time_left(job: &Job, now: u64) -> Option<Micros> {
    let ttl = job.spec.ttl_seconds_after_finished.filter(|_| needs_cleanup(job))?;
    let is_end = |kind: &str| matches!(kind, "Complete" | "Failed");
    let ended = job.status.conditions.iter().find(|end| is_end(&end.kind) && end.status == Some(ConditionStatus::True))?;
    let since = parse_rfc3339(ended.last_transition_time.as_deref()?)?;
    Some((since + ttl.max(0) as u64 * SECOND).saturating_sub(now))
}
