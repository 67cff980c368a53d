//! Waiting for an object to be as it should: it is read, then watched (upstream: `cache.ListWatch` with
//! `sendInitialEvents`, and kubectl `cmd/wait`).

use super::command::{Kubectl, Outcome};
use super::process::FOREVER;
use super::resources::Info;
use crate::api::ObjectKey;
use crate::cluster::record::Change;
use crate::cluster::request::{Filter, Reason, Reply, Request, Status, Verb, WatchId};
use crate::cluster::time::SimTime;
use crate::value::Value;
use std::rc::Rc;

/// What is seen of an object that is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found<'v> {
    /// It is there, like this.
    There(&'v Value),
    /// It is not there.
    Gone,
}

/// How waiting ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Awaited<T> {
    /// It is as it should be.
    Met(T),
    /// The time is over.
    TimedOut,
    /// The server could not be asked.
    Failed(Rc<Status>),
}

impl Kubectl<'_, '_> {
    /// Waits until `met` gives something of the object, at most until `until`. What is known of it is not read again.
    pub(crate) fn wait_for<T>(
        &mut self,
        info: &Info,
        known: Option<&Value>,
        until: SimTime,
        met: impl Fn(Found) -> Option<T>,
    ) -> Outcome<Awaited<T>> {
        let read = match known {
            Some(value) => Ok(value.clone()),
            None => self.ask_object(Request::get(info.key()))?,
        };
        match read {
            Ok(value) => {
                if let Some(found) = met(Found::There(&value)) {
                    return Ok(Awaited::Met(found));
                }
            }
            Err(status) if status.reason == Reason::NotFound => {
                if let Some(found) = met(Found::Gone) {
                    return Ok(Awaited::Met(found));
                }
            }
            Err(status) => return Ok(Awaited::Failed(status)),
        }
        let (watch, initial) = match self.watch(info)? {
            Ok(opened) => opened,
            Err(status) => return Ok(Awaited::Failed(status)),
        };
        let now = initial.first().map_or(Found::Gone, Found::There);
        if let Some(found) = met(now) {
            return Ok(Awaited::Met(found));
        }
        let (round, ()) = self.shell.program_rounds(());
        loop {
            let Some((change, value)) = self.next(watch, until)? else { return Ok(Awaited::TimedOut) };
            let seen = if change == Change::Deleted { Found::Gone } else { Found::There(&value) };
            if let Some(found) = met(seen) {
                return Ok(Awaited::Met(found));
            }
            self.shell.program_round(round, &());
        }
    }
    /// Opens a watch on one object. Gives the object as it is then, where it is there.
    pub(crate) fn watch(&mut self, info: &Info) -> Outcome<Result<(WatchId, Vec<Value>), Rc<Status>>> {
        let filter = Filter { fields: format!("metadata.name={}", info.name).into(), ..Filter::default() };
        let key = ObjectKey::new(info.kind, info.namespace.clone(), "");
        let result = self.ask(Request::new(Verb::Watch(filter, 0), key))?;
        Ok(result.and_then(|reply| match reply {
            Reply::Watching(watch, initial) => {
                Ok((watch, initial.iter().map(crate::api::Object::encode).collect()))
            }
            _ => Err(Status::new(Reason::InternalError, "the server opened no watch")),
        }))
    }
    /// The next change that a watch tells of; none once the time is over.
    pub(crate) fn next(&mut self, watch: WatchId, until: SimTime) -> Outcome<Option<(Change, Value)>> {
        let now = self.shell.ask.now();
        if until <= now {
            return Ok(None);
        }
        let wait = if until == SimTime::NEVER { FOREVER } else { until - now };
        let event = self.shell.ask.watch_next(watch, wait)?;
        Ok(event.map(|event| (event.change, event.object.encode())))
    }
}
