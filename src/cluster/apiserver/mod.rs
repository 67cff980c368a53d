//! The API server: admits, checks and stores what is asked, one request at its moment.

pub mod addresses;
pub mod admission;
pub mod defaults;
pub mod delete;
pub(in crate::cluster) mod eviction;
mod leases;
mod limit_ranger;
pub mod patch;
mod pod_strategy;
mod policy;
pub mod priority;
pub(in crate::cluster) mod resource_quota;
pub mod select;
pub(in crate::cluster) mod storage;
pub mod template_generation;
#[cfg(test)]
mod tests;
pub mod validate;
mod write;

use super::engine::Engine;
use super::record::{Actor, RecordId};
use super::request::{ApiResult, Filter, Reply, Request, Response, Status, Subresource, Verb};
use super::store::{Scope, Store};
use crate::api::Object;
use crate::api::objects::{Deployment, ReplicaSet, StatefulSet};
use crate::value::Str;

/// What the API server knows of the cluster besides the store.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The Services' addresses.
    pub services: addresses::ServiceRange,
    /// What every Pod's volume with its account's token holds.
    pub token_volume: crate::value::Value,
}

/// The API server with its store.
#[derive(Clone, Debug)]
pub struct ApiServer {
    /// etcd.
    pub store: Store,
    /// Its settings.
    pub settings: Settings,
}

impl ApiServer {
    /// Carries out a request. `cause` is the record of its sending.
    pub fn handle(
        &mut self,
        engine: &mut Engine,
        actor: Actor,
        request: &Request,
        cause: Option<RecordId>,
    ) -> Response {
        let mut warnings = Vec::new();
        let result = self.carry_out(engine, actor, request, cause, &mut warnings);
        Response { result, warnings }
    }
    fn carry_out(
        &mut self,
        engine: &mut Engine,
        actor: Actor,
        request: &Request,
        cause: Option<RecordId>,
        warnings: &mut Vec<Str>,
    ) -> ApiResult {
        if request.key.kind == crate::api::Kind::Endpoints && matches!(actor, Actor::Kubectl(_)) {
            warnings
                .push("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice".into());
        }
        // Components write what the types allow; what comes from outside is checked whole.
        let is_outside = matches!(actor, Actor::Kubectl(_) | Actor::Person);
        match &request.verb {
            Verb::Get if request.subresource == Subresource::Scale => self.scale(request),
            Verb::Get => self.existing(request).map(Reply::Object),
            Verb::List(filter) => Ok(self.list(request, filter)),
            Verb::Watch(filter, _) => Ok(self.open_watch(actor, request, filter)),
            Verb::Create(body) => self.create(engine, request, body, cause, is_outside),
            Verb::Update(body) => self.update(engine, request, body, cause, is_outside),
            Verb::Patch(kind, patch) => self.patch(engine, request, *kind, patch, cause, is_outside),
            Verb::Apply(_, _) => Err(Status::new(
                super::request::Reason::MethodNotAllowed,
                "server-side apply is not simulated yet",
            )),
            Verb::Delete(options) => self.delete(engine, request, options, cause),
            Verb::DeleteCollection(filter, options) => {
                self.delete_collection(engine, request, filter, options, cause)
            }
            Verb::Connect(_) => {
                Err(Status::new(super::request::Reason::InternalError, "a kubelet answers this"))
            }
        }
    }
    fn existing(&self, request: &Request) -> Result<Object, std::rc::Rc<Status>> {
        self.store.get(&request.key).cloned().ok_or_else(|| Status::not_found(&request.key))
    }
    fn list(&self, request: &Request, filter: &Filter) -> Reply {
        let namespace = Some(&*request.key.namespace).filter(|namespace| !namespace.is_empty());
        let objects =
            self.store.list(request.key.kind, namespace).filter(|object| select::matches(filter, object));
        Reply::List(objects.cloned().collect(), self.store.revision())
    }
    fn open_watch(&mut self, actor: Actor, request: &Request, filter: &Filter) -> Reply {
        let namespace = Some(request.key.namespace.clone()).filter(|namespace| !namespace.is_empty());
        let mut filter = filter.clone();
        if !request.key.name.is_empty() {
            let comma = if filter.fields.is_empty() { "" } else { "," };
            filter.fields = format!("{}{comma}metadata.name={}", filter.fields, request.key.name).into();
        }
        let scope = Scope { kind: request.key.kind, namespace, node_name: None, filter };
        let all = self.store.list(scope.kind, scope.namespace.as_deref());
        let initial = all.filter(|object| scope.has(object)).cloned().collect();
        Reply::Watching(self.store.watch(actor, scope), initial)
    }
    fn scale(&self, request: &Request) -> ApiResult {
        let object = self.existing(request)?;
        let (spec, status) = match &object {
            Object::Deployment(d) => (d.spec.replicas, d.status.replicas),
            Object::ReplicaSet(r) => (r.spec.replicas, r.status.replicas),
            Object::StatefulSet(s) => (s.spec.replicas, s.status.replicas),
            _ => {
                return Err(Status::new(
                    super::request::Reason::NotFound,
                    "the server could not find the requested resource",
                ));
            }
        };
        let resource_version = object.meta().resource_version.clone();
        Ok(Reply::Scale(Box::new(super::request::ScaleReply {
            spec: spec.unwrap_or(1),
            status,
            resource_version,
        })))
    }
}

/// Sets the wanted replicas of a workload; false where it has none.
fn set_replicas(object: &mut Object, replicas: i32) -> bool {
    use std::rc::Rc;
    match object {
        Object::Deployment(inner) => {
            Rc::make_mut(&mut Rc::<Deployment>::make_mut(inner).spec).replicas = Some(replicas)
        }
        Object::ReplicaSet(inner) => {
            Rc::make_mut(&mut Rc::<ReplicaSet>::make_mut(inner).spec).replicas = Some(replicas)
        }
        Object::StatefulSet(inner) => {
            Rc::make_mut(&mut Rc::<StatefulSet>::make_mut(inner).spec).replicas = Some(replicas)
        }
        _ => return false,
    }
    true
}
