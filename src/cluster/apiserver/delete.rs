//! Deletion: grace for Pods, finalizers, propagation (upstream: apiserver's generic registry store).

use super::{ApiServer, select};
use crate::api::conditions::is_pod_terminal;
use crate::api::objects::{Namespace, ObjectMeta, Pod};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::engine::Engine;
use crate::cluster::record::{Change, RecordId};
use crate::cluster::request::{ApiResult, DeleteOptions, Filter, Propagation, Reply, Request, Status};
use crate::cluster::time::{SECOND, SimTime};
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
        if request.key.kind == Kind::Namespace && IMMORTAL.contains(&&*request.key.name) {
            return Err(Status::forbidden(&request.key, "this namespace may not be deleted"));
        }
        self.preconditions(&request.key, &old, options)?;
        if request.dry_run {
            return Ok(Reply::Object(old));
        }
        self.begin_deletion(engine, old, options, cause)
    }
    /// Refuses a deletion of another object, or of another version of it, than was meant.
    pub(super) fn preconditions(
        &self,
        key: &ObjectKey,
        old: &Object,
        options: &DeleteOptions,
    ) -> Result<(), Rc<Status>> {
        let meta = old.meta();
        if let Some(uid) = options.uid.as_ref().filter(|uid| **uid != meta.uid) {
            let why = format!(
                "the UID in the precondition ({uid}) does not match the UID in record ({}). The object might have been deleted and then recreated",
                meta.uid
            );
            return Err(Status::conflict(key, &why));
        }
        if let Some(version) =
            options.resource_version.as_ref().filter(|version| **version != meta.resource_version)
        {
            let why = format!(
                "the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({}). The object might have been modified",
                meta.resource_version
            );
            return Err(Status::conflict(key, &why));
        }
        Ok(())
    }
    pub(super) fn begin_deletion(
        &mut self,
        engine: &mut Engine,
        old: Object,
        options: &DeleteOptions,
        cause: Option<RecordId>,
    ) -> ApiResult {
        let mut new = old.clone();
        let grace = match before_delete(engine, &mut new, options) {
            Graceful::Pending => return Ok(Reply::Object(old)),
            Graceful::Seconds(seconds) => Some(seconds),
            Graceful::No => None,
        };
        if old.kind() == Kind::CustomResourceDefinition && !old.meta().is_terminating() {
            super::custom::terminate(&mut new, &engine.wall.rfc3339(engine.now));
        }
        let finalizers = finalizers_after(&new, options.propagation);
        let is_held = !finalizers.is_empty() || is_held(&old);
        new.meta_mut().finalizers = finalizers;
        if let Object::Namespace(namespace) = &mut new {
            terminate(engine, Rc::make_mut(namespace));
        } else if is_held && grace.is_none() {
            mark_as_deleting(engine, new.meta_mut());
        }
        let is_over = !is_held && grace.unwrap_or(0) == 0;
        // What is not held and knows no grace is gone as it was.
        let (mut last, mut cause) = (old.clone(), cause);
        if (grace.is_some() || is_held) && new != old {
            let (object, seen) = self.store.commit(engine, Change::Modified, new, cause);
            (last, cause) = (object, Some(seen));
            self.note_definition(engine, &last.key(), cause);
        }
        if is_over {
            last = self.store.commit(engine, Change::Deleted, last, cause).0;
            self.miss_own_service(engine, &last.key());
        }
        Ok(Reply::Object(last))
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

/// Namespaces that a cluster cannot do without (upstream: plugin/pkg/admission/namespace/lifecycle).
const IMMORTAL: [&str; 3] = ["default", "kube-public", "kube-system"];

/// Whether a deletion gives grace.
enum Graceful {
    /// The kind knows none, or it was used up.
    No,
    /// So many seconds.
    Seconds(i64),
    /// It is under way, and nothing changes.
    Pending,
}

/// Gives a Pod its grace, or shortens it (upstream: apiserver's rest.BeforeDelete). Only Pods have one.
fn before_delete(engine: &Engine, object: &mut Object, options: &DeleteOptions) -> Graceful {
    let Object::Pod(pod) = object else { return Graceful::No };
    let asked = options.grace_period_seconds.map(|seconds| if seconds < 0 { 1 } else { seconds });
    let now = engine.now;
    let Some(until) = &pod.metadata.deletion_timestamp else {
        let seconds = grace_period(pod, asked);
        let meta = Rc::make_mut(&mut Rc::make_mut(pod).metadata);
        meta.deletion_timestamp = Some(engine.wall.rfc3339(now + (seconds as u64).saturating_mul(SECOND)));
        meta.deletion_grace_period_seconds = Some(seconds);
        meta.generation += i64::from(meta.generation > 0);
        return Graceful::Seconds(seconds);
    };
    let was = pod.metadata.deletion_grace_period_seconds.unwrap_or(0);
    if was == 0 {
        return Graceful::No;
    }
    // A second deletion can only shorten it, and not to a moment that is over.
    let Some(mut seconds) = asked.filter(|seconds| *seconds < was) else { return Graceful::Pending };
    let until = engine.wall.parse(until).unwrap_or(now);
    let mut next = SimTime(until.0.saturating_sub(((was - seconds) as u64).saturating_mul(SECOND)));
    if next < now {
        next = now;
        seconds = seconds.min(1);
    }
    let meta = Rc::make_mut(&mut Rc::make_mut(pod).metadata);
    meta.deletion_timestamp = Some(engine.wall.rfc3339(next));
    meta.deletion_grace_period_seconds = Some(seconds);
    Graceful::Seconds(seconds)
}

/// The grace of a Pod's first deletion in seconds. One that is nowhere or has ended gets none
/// (upstream: pkg/registry/core/pod/strategy.go CheckGracefulDelete).
fn grace_period(pod: &Pod, asked: Option<i64>) -> i64 {
    if pod.spec.node_name.is_empty() || is_pod_terminal(pod) {
        return 0;
    }
    let seconds = asked.or(pod.spec.termination_grace_period_seconds).unwrap_or(0);
    if seconds < 0 { 1 } else { seconds }
}

/// What is held is deleted from now on.
fn mark_as_deleting(engine: &Engine, meta: &mut ObjectMeta) {
    let now = engine.wall.rfc3339(engine.now);
    if meta.deletion_timestamp.is_none() {
        meta.generation += i64::from(meta.generation > 0);
    }
    if meta.deletion_timestamp.as_ref().is_none_or(|until| *until > now) {
        meta.deletion_timestamp = Some(now);
    }
    meta.deletion_grace_period_seconds = Some(0);
}

/// A Namespace is emptied from now on (upstream: pkg/registry/core/namespace/storage).
fn terminate(engine: &Engine, namespace: &mut Namespace) {
    if !namespace.metadata.is_terminating() {
        Rc::make_mut(&mut namespace.metadata).deletion_timestamp = Some(engine.wall.rfc3339(engine.now));
    }
    namespace.status.phase = "Terminating".into();
}

/// What holds an object once its deletion has been asked for. A Job's dependents stay where nothing else is asked
/// for (upstream: DefaultGarbageCollectionPolicy of batch/v1).
fn finalizers_after(object: &Object, propagation: Option<Propagation>) -> Vec<Str> {
    let mut finalizers = object.meta().finalizers.clone();
    let holds = |name: &str| finalizers.iter().any(|finalizer| &**finalizer == name);
    let propagation = match propagation {
        None if object.kind() == Kind::Job && !holds(FOREGROUND) => Some(Propagation::Orphan),
        asked => asked,
    };
    let wanted = match propagation {
        Some(Propagation::Foreground) => Some(FOREGROUND),
        Some(Propagation::Orphan) => Some(ORPHAN),
        Some(Propagation::Background) | None => None,
    };
    if propagation.is_some() {
        finalizers
            .retain(|finalizer| Some(&**finalizer) == wanted || !matches!(&**finalizer, FOREGROUND | ORPHAN));
    }
    // Of custom kinds the collector knows nothing here: none of them waits for what it owns.
    let wanted = wanted.filter(|_| !object.kind().is_custom());
    if let Some(wanted) = wanted
        && !finalizers.iter().any(|finalizer| &**finalizer == wanted)
    {
        finalizers.push(wanted.into());
    }
    finalizers
}
