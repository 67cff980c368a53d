//! Deletion: grace for Pods, finalizers, propagation (upstream: apiserver's generic registry store).

use super::{ApiServer, select};
use crate::api::Object;
use crate::api::objects::{Namespace, Pod, PodPhase};
use crate::cluster::engine::Engine;
use crate::cluster::record::{Change, RecordId};
use crate::cluster::request::{ApiResult, DeleteOptions, Filter, Propagation, Reply, Request, Status};
use crate::cluster::time::SECOND;
use crate::value::Str;
use std::rc::Rc;

/// Held by the garbage collector until all dependents that block are gone.
pub const FOREGROUND: &str = "foregroundDeletion";
/// Held by the garbage collector until all dependents are released.
pub const ORPHAN: &str = "orphan";

/// Whether an object has something that keeps it beyond `metadata.finalizers`.
pub(super) fn is_held(object: &Object) -> bool {
    object.get::<Namespace>().is_some_and(|namespace| !namespace.spec.finalizers.is_empty())
}

impl ApiServer {
    pub(super) fn delete(
        &mut self,
        engine: &mut Engine,
        request: &Request,
        options: &DeleteOptions,
        cause: Option<RecordId>,
    ) -> ApiResult {
        let old = self.existing(request)?;
        let meta = old.meta();
        if let Some(uid) = options.uid.as_ref().filter(|uid| **uid != meta.uid) {
            let why =
                format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {}", meta.uid);
            return Err(Status::conflict(&request.key, &why));
        }
        if let Some(version) =
            options.resource_version.as_ref().filter(|version| **version != meta.resource_version)
        {
            let why = format!(
                "Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {}",
                meta.resource_version
            );
            return Err(Status::conflict(&request.key, &why));
        }
        if request.dry_run {
            return Ok(Reply::Object(old));
        }
        self.begin_deletion(engine, old, options, cause)
    }
    fn begin_deletion(
        &mut self,
        engine: &mut Engine,
        old: Object,
        options: &DeleteOptions,
        cause: Option<RecordId>,
    ) -> ApiResult {
        let mut new = old.clone();
        let grace = grace_period(&old, options);
        let finalizers = finalizers_after(&old, options.propagation);
        let is_waiting = !finalizers.is_empty() || is_held(&old) || grace > 0;
        // A Pod is seen without grace before it is gone, also where nothing holds it.
        let is_seen = old.get::<Pod>().is_some() && old.meta().deletion_grace_period_seconds != Some(0);
        if !is_waiting && !is_seen {
            let (object, _) = self.store.commit(engine, Change::Deleted, new, cause);
            return Ok(Reply::Object(object));
        }
        let was = old.meta().deletion_grace_period_seconds;
        let meta = new.meta_mut();
        meta.finalizers = finalizers;
        // A second deletion can only shorten the grace.
        if old.meta().deletion_timestamp.is_none() || was.is_some_and(|was| grace < was) {
            let span = grace.max(0) as u64 * SECOND;
            meta.deletion_timestamp = Some(engine.wall.rfc3339(engine.now + span));
            if old.meta().deletion_timestamp.is_none() && meta.generation > 0 {
                meta.generation += 1;
            }
            meta.deletion_grace_period_seconds = Some(grace);
        }
        if let Object::Namespace(namespace) = &mut new {
            Rc::make_mut(namespace).status.phase = "Terminating".into();
            Rc::make_mut(&mut Rc::make_mut(namespace).metadata).deletion_grace_period_seconds = None;
        }
        if new == old {
            return Ok(Reply::Object(new));
        }
        let (object, seen) = self.store.commit(engine, Change::Modified, new, cause);
        if is_waiting {
            return Ok(Reply::Object(object));
        }
        let (object, _) = self.store.commit(engine, Change::Deleted, object, Some(seen));
        Ok(Reply::Object(object))
    }
    pub(super) fn delete_collection(
        &mut self,
        engine: &mut Engine,
        request: &Request,
        filter: &Filter,
        options: &DeleteOptions,
        cause: Option<RecordId>,
    ) -> ApiResult {
        let namespace = Some(&*request.key.namespace).filter(|namespace| !namespace.is_empty());
        let all: Vec<Object> = self
            .store
            .list(request.key.kind, namespace)
            .filter(|object| select::matches(filter, object))
            .cloned()
            .collect();
        for object in &all {
            self.begin_deletion(engine, object.clone(), options, cause)?;
        }
        Ok(Reply::List(all, self.store.revision()))
    }
}

/// The grace period that a deletion gives, in seconds. Only Pods have one; a Pod that is nowhere or has
/// ended gets none (upstream: pkg/registry/core/pod/strategy.go CheckGracefulDelete).
fn grace_period(object: &Object, options: &DeleteOptions) -> i64 {
    let Some(pod) = object.get::<Pod>() else { return 0 };
    if pod.spec.node_name.is_empty()
        || matches!(pod.status.phase, Some(PodPhase::Succeeded | PodPhase::Failed))
    {
        return 0;
    }
    options.grace_period_seconds.or(pod.spec.termination_grace_period_seconds).unwrap_or(30).max(0)
}

fn finalizers_after(object: &Object, propagation: Option<Propagation>) -> Vec<Str> {
    let mut finalizers = object.meta().finalizers.clone();
    let wanted = match propagation {
        Some(Propagation::Foreground) => Some(FOREGROUND),
        Some(Propagation::Orphan) => Some(ORPHAN),
        Some(Propagation::Background) | None => None,
    };
    if propagation.is_some() {
        finalizers
            .retain(|finalizer| Some(&**finalizer) == wanted || !matches!(&**finalizer, FOREGROUND | ORPHAN));
    }
    if let Some(wanted) = wanted
        && !finalizers.iter().any(|finalizer| &**finalizer == wanted)
    {
        finalizers.push(wanted.into());
    }
    finalizers
}
