//! Create, update and patch: decode, default, admit, check, store.

use super::apply::strip;
use super::{
    ApiServer, addresses, admission, custom, defaults, limit_ranger, patch, pod_strategy, policy, priority,
    storage, template_generation, validate,
};
use crate::api::check::{cannot_be_handled, canonical};
use crate::api::objects::{Condition, ConditionStatus, Deployment, Namespace, ObjectMeta, Pod, Service};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::chance::{suffix, uuid};
use crate::cluster::engine::Engine;
use crate::cluster::event::Event;
use crate::cluster::record::{Change, RecordId};
use crate::cluster::request::{ApiResult, Body, PatchKind, Reason, Reply, Request, Status, Subresource};
use crate::cluster::seed::{is_own_service, own_service};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::value::{Str, Value, json};
use std::rc::Rc;

impl ApiServer {
    pub(super) fn create(
        &mut self,
        engine: &mut Engine,
        request: &Request,
        body: &Body,
        cause: Option<RecordId>,
        is_outside: bool,
        warnings: &mut Vec<Str>,
    ) -> ApiResult {
        match request.subresource {
            Subresource::Binding => return self.bind(engine, request, body, cause),
            Subresource::Eviction => return self.evict(engine, request, body, cause),
            _ => {}
        }
        let mut object = self.decode(request, body, warnings)?;
        strip(&mut object);
        let wanted = object.meta().namespace.clone();
        if !wanted.is_empty() && wanted != request.key.namespace {
            return Err(Status::new(
                Reason::BadRequest,
                "the namespace of the provided object does not match the namespace sent on the request",
            ));
        }
        let now = engine.wall.rfc3339(engine.now);
        let meta = object.meta_mut();
        meta.namespace = request.key.namespace.clone();
        meta.creation_timestamp = now;
        meta.deletion_timestamp = None;
        meta.deletion_grace_period_seconds = None;
        meta.resource_version = Str::default();
        meta.generation = i64::from(has_generation(request.key.kind));
        let is_generated = meta.name.is_empty() && !meta.generate_name.is_empty();
        // A generated name that is taken is drawn anew.
        for _ in 0..MOST_NAMES {
            name_it(engine, request.key.kind, object.meta_mut(), is_generated);
            if !is_generated || self.store.get(&object.key()).is_none() {
                break;
            }
        }
        let key = object.key();
        if let Object::Dynamic(inner) = &mut object
            && self.has_status(key.kind)
        {
            Rc::make_mut(&mut Rc::make_mut(inner).content).remove("status");
        }
        defaults::on_create(&mut object);
        if let Object::Pod(pod) = &mut object {
            pod_strategy::prepare_for_create(Rc::make_mut(pod), &engine.wall.rfc3339(engine.now));
        }
        template_generation::on_create(&mut object);
        admission::on_create(self, engine, &mut object)?;
        let errors = if is_outside { self.errors(&object) } else { Vec::new() };
        if !errors.is_empty() {
            return Err(Status::invalid(&key, errors));
        }
        if key.kind == Kind::CustomResourceDefinition {
            custom::prepare(&mut object);
        }
        addresses::on_create(self, engine, &key, &mut object)?;
        limit_ranger::validate(self, &key, &object)?;
        self.charge_quotas(engine, &key, (None, &object), request.dry_run, cause)?;
        if self.store.get(&key).is_some() {
            return Err(Status::already_exists(&key));
        }
        if request.dry_run {
            return Ok(Reply::Object(object));
        }
        let (object, record) = self.store.commit(engine, Change::Added, object, cause);
        self.note_definition(engine, &key, Some(record));
        Ok(Reply::Object(object))
    }
    /// Reads what came, strictly where it came from outside.
    fn decode(&self, request: &Request, body: &Body, warnings: &mut Vec<Str>) -> Result<Object, Rc<Status>> {
        match body {
            Body::Typed(object) => Ok(object.clone()),
            Body::Value(value) if request.key.kind.is_custom() => {
                self.decode_custom(request, value, warnings)
            }
            Body::Value(value) => {
                validate::decodes(request.key.kind, value)?;
                decode(request.key.kind, &policy::stored(request.key.kind, value))
            }
        }
    }
    pub(super) fn update(
        &mut self,
        engine: &mut Engine,
        request: &Request,
        body: &Body,
        cause: Option<RecordId>,
        is_outside: bool,
        warnings: &mut Vec<Str>,
    ) -> ApiResult {
        let old = self.existing(request)?;
        if request.subresource == Subresource::Scale {
            let Body::Value(scale) = body else {
                return Err(Status::new(Reason::BadRequest, "a scale is expected"));
            };
            return self.set_scale(engine, request, &old, scale, cause, is_outside);
        }
        let mut new = self.decode(request, body, warnings)?;
        strip(&mut new);
        let uid = &new.meta().uid;
        if !uid.is_empty() && *uid != old.meta().uid {
            return Err(another_uid(&request.key, uid, &old));
        }
        same_version(&request.key, &old, &new)?;
        new = match request.subresource {
            Subresource::Status => storage::with_time_of_phase(engine, &old, only_status(&old, &new)),
            Subresource::Finalize => only_finalizers(&old, &new),
            Subresource::EphemeralContainers => pod_strategy::only_ephemeral_containers(&old, &new),
            Subresource::Resize => pod_strategy::only_resources(&old, &new),
            _ => new,
        };
        self.replace(engine, request, &old, new, cause, is_outside)
    }
    pub(super) fn patch(
        &mut self,
        engine: &mut Engine,
        request: &Request,
        (kind, body): (PatchKind, &Value),
        cause: Option<RecordId>,
        is_outside: bool,
        warnings: &mut Vec<Str>,
    ) -> ApiResult {
        let old = self.existing(request)?;
        if request.subresource == Subresource::Scale {
            return self.set_scale(engine, request, &old, body, cause, is_outside);
        }
        let shown = if is_outside { self.shown(old.clone()).encode() } else { old.encode() };
        let value = patch::apply(request.key.kind, kind, &shown, body)?;
        let value = policy::stored(request.key.kind, &value);
        let mut new = if request.key.kind.is_custom() {
            self.decode_custom(request, &value, warnings)?
        } else {
            if is_outside {
                validate::decodes(request.key.kind, &value)?;
            }
            decode(request.key.kind, &value)?
        };
        strip(&mut new);
        same_version(&request.key, &old, &new)?;
        if new.meta().uid != old.meta().uid {
            let uid = json::compact(&Value::from(new.meta().uid.clone()));
            let why = format!("metadata.uid: Invalid value: {uid}: field is immutable");
            return Err(Status::invalid(&old.key(), vec![why]));
        }
        if request.subresource == Subresource::Status {
            new = only_status(&old, &new);
        }
        if request.subresource == Subresource::EphemeralContainers {
            new = pod_strategy::only_ephemeral_containers(&old, &new);
        }
        if request.subresource == Subresource::Resize {
            new = pod_strategy::only_resources(&old, &new);
        }
        self.replace(engine, request, &old, new, cause, is_outside)
    }
    /// Gives a workload the replicas of a scale, or of a patch of one (upstream: the ScaleREST of each workload).
    fn set_scale(
        &mut self,
        engine: &mut Engine,
        request: &Request,
        old: &Object,
        scale: &Value,
        cause: Option<RecordId>,
        is_outside: bool,
    ) -> ApiResult {
        let version = scale.at(&["metadata", "resourceVersion"]).and_then(Value::as_str).unwrap_or_default();
        if !version.is_empty() && *version != *old.meta().resource_version {
            return Err(has_changed(&request.key));
        }
        if request.key.kind.is_custom() && !self.has_scale(request.key.kind) {
            return Err(super::no_such_resource());
        }
        let Some((was, _)) = super::scale::replicas(old) else { return Err(super::no_such_resource()) };
        let wanted = scale.at(&["spec", "replicas"]).and_then(Value::as_int);
        let wanted = wanted.map_or(Some(was), |wanted| i32::try_from(wanted).ok()).unwrap_or(-1);
        if wanted < 0 {
            let why = format!(
                "Scale.autoscaling {:?} is invalid: spec.replicas: Invalid value: {wanted}: must be greater than or equal to 0",
                &*request.key.name
            );
            let cause = why.split_once(" is invalid: ").map(|(_, cause)| cause.to_owned());
            return Err(Rc::new(Status {
                reason: Reason::Invalid,
                message: why.clone(),
                causes: cause.into_iter().collect(),
            }));
        }
        let new = super::scale::with_replicas(old, wanted)?;
        let reply = self.replace(engine, request, old, new, cause, is_outside)?;
        let changed = reply.object().unwrap_or(old);
        super::scale::reply(changed).ok_or_else(super::no_such_resource)
    }
    /// Stores the new state of an object; nothing is written where nothing has changed.
    pub(super) fn replace(
        &mut self,
        engine: &mut Engine,
        request: &Request,
        old: &Object,
        mut new: Object,
        cause: Option<RecordId>,
        is_outside: bool,
    ) -> ApiResult {
        let key = old.key();
        {
            // What only the server writes stays as it was.
            let (was, meta) = (old.meta().clone(), new.meta_mut());
            meta.uid = was.uid.clone();
            meta.creation_timestamp = was.creation_timestamp.clone();
            meta.deletion_timestamp = was.deletion_timestamp.clone();
            meta.deletion_grace_period_seconds = was.deletion_grace_period_seconds;
            meta.generation = was.generation;
            meta.resource_version = was.resource_version.clone();
        }
        if matches!(
            request.subresource,
            Subresource::None | Subresource::Scale | Subresource::EphemeralContainers | Subresource::Resize
        ) {
            if self.has_status(key.kind) {
                new = with_status(&new, old);
            }
            if key.kind == Kind::CustomResourceDefinition {
                custom::complete(&mut new);
            }
            defaults::on_write(&mut new);
            admission::on_update(old, &mut new);
            template_generation::on_update(old, &mut new);
            addresses::on_update(self, engine, old, &mut new)?;
            priority::only_one_default(self, &new)?;
            let mut errors = Vec::new();
            if request.subresource == Subresource::EphemeralContainers {
                errors = validate::ephemeral_changes(old, &new);
            } else if request.subresource == Subresource::Resize {
                errors = validate::resize_changes(old, &new);
            } else if is_outside && new != *old {
                errors.extend(self.errors(&new));
                errors.extend(validate::changes(old, &new));
            }
            if !errors.is_empty() {
                return Err(Status::invalid(&key, errors));
            }
            if key.kind == Kind::PersistentVolumeClaim && !old.meta().is_terminating() {
                limit_ranger::validate(self, &key, &new)?;
            }
            if request.subresource == Subresource::Resize && new != *old {
                limit_ranger::validate(self, &key, &new)?;
                pod_strategy::admit_resize(self, &key, &new)?;
            }
            storage::admit_update(self, old, &new)?;
            self.charge_quotas(engine, &key, (Some(old), &new), request.dry_run, cause)?;
            if has_generation(key.kind) && spec_changed(old, &new) {
                new.meta_mut().generation += 1;
            }
        }
        if request.subresource == Subresource::Status {
            let errors = validate::status_changes(old, &new);
            if !errors.is_empty() {
                return Err(Status::invalid(&key, errors));
            }
        }
        if request.dry_run {
            return Ok(Reply::Object(new));
        }
        // What was only held until now is gone: watches see it as it was before.
        let was = old.meta();
        let is_over = was.is_terminating()
            && was.deletion_grace_period_seconds.unwrap_or(0) == 0
            && new.meta().finalizers.is_empty()
            && !super::delete::is_held(&new);
        if is_over {
            self.store.commit(engine, Change::Deleted, old.clone(), cause);
            self.miss_own_service(engine, &key);
            return Ok(Reply::Object(new));
        }
        if new == *old {
            return Ok(Reply::Object(new));
        }
        let (object, record) = self.store.commit(engine, Change::Modified, new, cause);
        self.note_definition(engine, &key, Some(record));
        Ok(Reply::Object(object))
    }
    /// Gives a Pod its node (upstream: pkg/registry/core/pod/storage BindingREST).
    fn bind(
        &mut self,
        engine: &mut Engine,
        request: &Request,
        body: &Body,
        cause: Option<RecordId>,
    ) -> ApiResult {
        let old = self.existing(request)?;
        let Body::Value(binding) = body else {
            return Err(Status::new(Reason::BadRequest, "a binding is expected"));
        };
        let text = |path: &[&str]| binding.at(path).and_then(Value::as_str).unwrap_or_default();
        let (node, uid) = (text(&["target", "name"]), text(&["metadata", "uid"]));
        let Some(pod) = old.get::<Pod>() else { return Err(Status::not_found(&request.key)) };
        let name = &pod.metadata.name;
        if !uid.is_empty() && *uid != *pod.metadata.uid {
            return Err(another_uid(&request.key, uid, &old));
        }
        let refused = |why: String| {
            let message = format!("Operation cannot be fulfilled on pods/binding \"{name}\": {why}");
            Err(Status::new(Reason::Conflict, message))
        };
        if pod.metadata.is_terminating() {
            return refused(format!("pod {name} is being deleted, cannot be assigned to a host"));
        }
        if !pod.spec.node_name.is_empty() {
            return refused(format!("pod {name} is already assigned to node {:?}", &*pod.spec.node_name));
        }
        let mut pod = Pod::clone(pod);
        Rc::make_mut(&mut pod.spec).node_name = node.into();
        // A promise is kept now (upstream: ClearingNominatedNodeNameAfterBinding).
        if !pod.status.nominated_node_name.is_empty() {
            Rc::make_mut(&mut pod.status).nominated_node_name = Str::default();
        }
        let now = engine.wall.rfc3339(engine.now);
        let scheduled = Condition {
            kind: "PodScheduled".into(),
            status: Some(ConditionStatus::True),
            ..Condition::default()
        };
        defaults::set_pod_condition(&mut Rc::make_mut(&mut pod.status).conditions, scheduled, &now);
        self.store.commit(engine, Change::Modified, pod.into(), cause);
        Ok(Reply::Success)
    }
    /// Puts an object there before the run begins: no admission, no request.
    pub fn seed(&mut self, engine: &mut Engine, mut object: Object) -> Object {
        let bits = engine.chance.fixed(("seeded", object.key()));
        let now = engine.wall.rfc3339(engine.now);
        let meta = object.meta_mut();
        meta.uid = uuid(bits, !bits);
        meta.creation_timestamp = now;
        self.store.commit(engine, Change::Added, object, None).0
    }
    /// Where its own Service is gone, or what says where that leads, it is made again when it is looked for next
    /// (upstream: pkg/controlplane/controller/kubernetesservice, Controller.RunKubernetesService).
    pub(super) fn miss_own_service(&self, engine: &mut Engine, key: &ObjectKey) {
        if !is_own_service(key) {
            return;
        }
        let phase = engine.chance.fixed("own Service") % OWN_SERVICE_EVERY;
        let next = engine.now.0.checked_sub(phase).map_or(0, |since| since / OWN_SERVICE_EVERY + 1);
        engine.schedule(SimTime(phase + next * OWN_SERVICE_EVERY), Event::OwnService);
    }
    /// Makes again what is missing of its own Service, unless another Service has taken its address: then it looks again.
    pub(in crate::cluster) fn keep_own_service(&mut self, engine: &mut Engine) {
        let address = self.settings.services.first();
        for mut object in own_service(self.settings.services) {
            let key = object.key();
            if self.store.get(&key).is_none() {
                let has_it = |service: &Object| {
                    !is_own_service(&service.key())
                        && service.get::<Service>().is_some_and(|service| service.spec.cluster_ip == address)
                };
                if self.store.list(Kind::Service, None).any(has_it) {
                    self.miss_own_service(engine, &key);
                    return;
                }
                let now = engine.wall.rfc3339(engine.now);
                let meta = object.meta_mut();
                name_it(engine, key.kind, meta, false);
                meta.creation_timestamp = now;
                self.store.commit(engine, Change::Added, object, None);
            }
        }
    }
    /// The Namespace that a key lies in, where it exists.
    pub(super) fn namespace_of(&self, key: &ObjectKey) -> Option<&Rc<Namespace>> {
        self.store.get(&ObjectKey::new(Kind::Namespace, "", key.namespace.clone()))?.get::<Namespace>()
    }
}

/// How often the API server looks for its own Service, in microseconds.
const OWN_SERVICE_EVERY: Micros = 10 * SECOND;

/// How often a generated name is drawn at most.
const MOST_NAMES: usize = 8;

/// Gives a new object its uid, and its name where that is generated.
fn name_it(engine: &mut Engine, kind: Kind, meta: &mut ObjectMeta, is_generated: bool) {
    let name = if is_generated { Str::default() } else { meta.name.clone() };
    let bits = engine.chance.draw(("uid", kind, &meta.namespace, name, &meta.generate_name));
    if is_generated {
        meta.name = Str::joined(&[&meta.generate_name, &suffix(bits, 5)]);
    }
    meta.uid = uuid(bits, !bits);
}

fn another_uid(key: &ObjectKey, asked: &str, old: &Object) -> Rc<Status> {
    let why =
        format!("Precondition failed: UID in precondition: {asked}, UID in object meta: {}", old.meta().uid);
    Status::conflict(key, &why)
}

/// Refuses a change of a version that is not the newest any more.
fn same_version(key: &ObjectKey, old: &Object, new: &Object) -> Result<(), Rc<Status>> {
    let version = &new.meta().resource_version;
    if version.is_empty() || *version == old.meta().resource_version {
        return Ok(());
    }
    Err(has_changed(key))
}

pub(super) fn has_changed(key: &ObjectKey) -> Rc<Status> {
    let why = "the object has been modified; please apply your changes to the latest version and try again";
    Status::conflict(key, why)
}

/// The typed object. What the schema lets through and the types do not is answered in the words of the validation, or else
/// in the types' own.
pub(super) fn decode(kind: Kind, value: &Value) -> Result<Object, Rc<Status>> {
    // Quantities may be numbers; `null` says nothing.
    let value = canonical(kind.info().name, &kind.api_version(), value);
    Object::decode(kind, &value).map_err(|error| {
        let errors = validate::errors_of(kind, &value);
        if !errors.is_empty() {
            let metadata = value.get("metadata");
            let text =
                |name| metadata.and_then(|it| it.get(name)).and_then(Value::as_str).unwrap_or_default();
            return Status::invalid(&ObjectKey::new(kind, text("namespace"), text("name")), errors);
        }
        let why = format!(
            "json: cannot unmarshal {} into Go struct field {kind}.{} of type {}",
            error.found, error.path, error.expected
        );
        Status::new(Reason::BadRequest, cannot_be_handled(kind.info().name, &kind.api_version(), &why))
    })
}

/// Kinds whose spec is counted in `metadata.generation`.
fn has_generation(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::ConfigMap
            | Kind::Secret
            | Kind::Service
            | Kind::Endpoints
            | Kind::Event
            | Kind::Namespace
            | Kind::Node
            | Kind::ServiceAccount
            | Kind::PersistentVolume
            | Kind::PersistentVolumeClaim
            | Kind::ResourceQuota
            | Kind::LimitRange
            | Kind::Lease
            | Kind::ControllerRevision
            | Kind::Role
            | Kind::RoleBinding
            | Kind::ClusterRole
            | Kind::ClusterRoleBinding
            | Kind::StorageClass
    )
}

/// Kinds with a status subresource: the object itself cannot change it.
pub(super) fn has_status(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Pod
            | Kind::Deployment
            | Kind::ReplicaSet
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::ReplicationController
            | Kind::Job
            | Kind::CronJob
            | Kind::HorizontalPodAutoscaler
            | Kind::PodDisruptionBudget
            | Kind::Service
            | Kind::Ingress
            | Kind::Namespace
            | Kind::Node
            | Kind::PersistentVolume
            | Kind::PersistentVolumeClaim
            | Kind::ResourceQuota
            | Kind::CustomResourceDefinition
            | Kind::APIService
            | Kind::CertificateSigningRequest
            | Kind::FlowSchema
            | Kind::PriorityLevelConfiguration
            | Kind::ResourceClaim
            | Kind::ServiceCIDR
            | Kind::VolumeAttachment
    )
}

fn spec_changed(old: &Object, new: &Object) -> bool {
    match (old, new) {
        (Object::Pod(a), Object::Pod(b)) => a.spec != b.spec,
        (Object::Deployment(a), Object::Deployment(b)) => {
            a.spec != b.spec || a.metadata.annotations != b.metadata.annotations
        }
        (Object::ReplicaSet(a), Object::ReplicaSet(b)) => a.spec != b.spec,
        (Object::ReplicationController(a), Object::ReplicationController(b)) => a.spec != b.spec,
        (Object::Job(a), Object::Job(b)) => a.spec != b.spec,
        (Object::CronJob(a), Object::CronJob(b)) => a.spec != b.spec,
        (Object::StatefulSet(a), Object::StatefulSet(b)) => a.spec != b.spec,
        (Object::DaemonSet(a), Object::DaemonSet(b)) => a.spec != b.spec,
        (Object::EndpointSlice(a), Object::EndpointSlice(b)) => {
            // The generation counts everything but annotations and what the server writes.
            a.endpoints != b.endpoints || a.ports != b.ports || a.metadata.labels != b.metadata.labels
        }
        (Object::PodDisruptionBudget(a), Object::PodDisruptionBudget(b)) => a.spec != b.spec,
        (Object::HorizontalPodAutoscaler(a), Object::HorizontalPodAutoscaler(b)) => a.spec != b.spec,
        (Object::Dynamic(a), Object::Dynamic(b)) => a.content.get("spec") != b.content.get("spec"),
        _ => old.encode().get("spec") != new.encode().get("spec"),
    }
}

/// What the status subresource writes: the status, and of a Deployment its annotations too, since
/// upstream's strategy keeps only spec and labels.
fn only_status(old: &Object, new: &Object) -> Object {
    let mut out = with_status(old, new);
    if old.get::<Deployment>().is_some() {
        out.meta_mut().annotations = new.meta().annotations.clone();
    }
    out
}

/// What a Namespace's finalize subresource writes.
fn only_finalizers(old: &Object, new: &Object) -> Object {
    match (old.clone(), new) {
        (Object::Namespace(mut namespace), Object::Namespace(new)) => {
            Rc::make_mut(&mut namespace).spec.finalizers = new.spec.finalizers.clone();
            Object::Namespace(namespace)
        }
        (old, _) => old,
    }
}

/// `base` with the status of `other`.
fn with_status(base: &Object, other: &Object) -> Object {
    let mut out = base.clone();
    match (&mut out, other) {
        (Object::Pod(a), Object::Pod(b)) => Rc::make_mut(a).status = b.status.clone(),
        (Object::Deployment(a), Object::Deployment(b)) => Rc::make_mut(a).status = b.status.clone(),
        (Object::ReplicaSet(a), Object::ReplicaSet(b)) => Rc::make_mut(a).status = b.status.clone(),
        (Object::ReplicationController(a), Object::ReplicationController(b)) => {
            Rc::make_mut(a).status = b.status.clone()
        }
        (Object::Job(a), Object::Job(b)) => Rc::make_mut(a).status = b.status.clone(),
        (Object::CronJob(a), Object::CronJob(b)) => Rc::make_mut(a).status = b.status.clone(),
        (Object::StatefulSet(a), Object::StatefulSet(b)) => Rc::make_mut(a).status = b.status.clone(),
        (Object::DaemonSet(a), Object::DaemonSet(b)) => Rc::make_mut(a).status = b.status.clone(),
        (Object::Service(a), Object::Service(b)) => Rc::make_mut(a).status = b.status.clone(),
        (Object::Namespace(a), Object::Namespace(b)) => Rc::make_mut(a).status = b.status.clone(),
        (Object::Node(a), Object::Node(b)) => Rc::make_mut(a).status = b.status.clone(),
        (Object::PersistentVolume(a), Object::PersistentVolume(b)) => {
            Rc::make_mut(a).status = b.status.clone()
        }
        (Object::PersistentVolumeClaim(a), Object::PersistentVolumeClaim(b)) => {
            Rc::make_mut(a).status = b.status.clone()
        }
        (Object::ResourceQuota(a), Object::ResourceQuota(b)) => Rc::make_mut(a).status = b.status.clone(),
        (Object::PodDisruptionBudget(a), Object::PodDisruptionBudget(b)) => {
            Rc::make_mut(a).status = b.status.clone()
        }
        (Object::HorizontalPodAutoscaler(a), Object::HorizontalPodAutoscaler(b)) => {
            Rc::make_mut(a).status = b.status.clone()
        }
        (Object::Dynamic(a), Object::Dynamic(b)) => {
            let content = Rc::make_mut(&mut Rc::make_mut(a).content);
            content.remove("status");
            if let Some(status) = b.content.get("status") {
                content.insert("status", status.clone());
            }
        }
        _ => {}
    }
    out
}
