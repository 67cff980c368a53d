//! The admission of ResourceQuotas: a new object is counted before it is stored, or refused
//! (upstream: apiserver/pkg/admission/plugin/resourcequota/controller.go).

use super::ApiServer;
use crate::api::objects::ResourceQuota;
use crate::api::{Kind, Object, ObjectKey, quota, resources};
use crate::cluster::engine::Engine;
use crate::cluster::record::{Change, RecordId};
use crate::cluster::request::Status;
use crate::cluster::time::{SECOND, WallClock, parse_rfc3339};
use std::rc::Rc;

/// Whether a time of an object, so many seconds on, is over at `now` (microseconds since 1970).
pub(in crate::cluster) fn is_past(now: u64) -> impl Fn(&str, i64) -> bool {
    move |time: &str, seconds: i64| {
        parse_rfc3339(time).is_some_and(|time| now > time.saturating_add(seconds.max(0) as u64 * SECOND))
    }
}

/// Whether a change of a kind can use more (upstream: Evaluator.Handles).
fn handles_update(old: &Object, new: &Object) -> bool {
    match (old, new) {
        (Object::Pod(old), Object::Pod(new)) => {
            old.spec.active_deadline_seconds.is_some() != new.spec.active_deadline_seconds.is_some()
        }
        _ => matches!(new.kind(), Kind::Service | Kind::PersistentVolumeClaim),
    }
}

impl ApiServer {
    /// Counts a new object, or one in place of `old`, in every quota of its Namespace.
    pub(super) fn charge_quotas(
        &mut self,
        engine: &mut Engine,
        key: &ObjectKey,
        (old, new): (Option<&Object>, &Object),
        dry_run: bool,
        cause: Option<RecordId>,
    ) -> Result<(), Rc<Status>> {
        if matches!(key.kind, Kind::Event | Kind::Binding) || !key.kind.info().namespaced {
            return Ok(());
        }
        if old.is_some_and(|old| !handles_update(old, new)) {
            return Ok(());
        }
        let now = WallClock::unix_micros(engine.wall, engine.now);
        let mut charged = Vec::new();
        let quotas = self.store.list(Kind::ResourceQuota, Some(&key.namespace));
        for found in quotas.filter_map(|object| object.get::<ResourceQuota>()) {
            match quota::charge(found, new, old, &is_past(now)) {
                Ok(None) => {}
                Ok(Some(used)) => charged.push((found.clone(), used)),
                Err(refusal) => return Err(Status::forbidden(key, &refusal.message(&found.metadata.name))),
            }
        }
        if dry_run {
            return Ok(());
        }
        for (found, used) in charged {
            let mut new = ResourceQuota::clone(&found);
            new.status.used = resources::format(&used);
            self.store.commit(engine, Change::Modified, new.into(), cause);
        }
        Ok(())
    }
}
