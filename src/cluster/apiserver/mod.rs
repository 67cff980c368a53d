//! The API server: admits, checks and stores what is asked, one request at its moment.

pub mod addresses;
pub mod admission;
mod apply;
mod custom;
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
mod scale;
pub mod select;
pub(in crate::cluster) mod storage;
pub mod template_generation;
#[cfg(test)]
mod tests;
pub mod validate;
mod write;

use super::engine::Engine;
use super::record::{Actor, RecordId};
use super::request::{self, ApiResult, Filter, Reason, Reply, Request, Response, Status, Subresource, Verb};
use super::store::{Scope, Store};
use crate::api::check::warnings_on_update;
use crate::api::{Kind, Object};
use crate::value::Str;
use std::rc::Rc;

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
    /// Who owns which fields of the objects that came from outside.
    owners: apply::Owners,
}

impl ApiServer {
    /// An API server with nothing stored.
    pub fn new(settings: Settings) -> Self {
        Self { store: Store::default(), settings, owners: apply::Owners::new() }
    }
    /// Carries out a request. `cause` is the record of its sending.
    pub fn handle(
        &mut self,
        engine: &mut Engine,
        actor: Actor,
        request: &Request,
        cause: Option<RecordId>,
    ) -> Response {
        self.store.expire_events(engine);
        let mut warnings = Vec::new();
        let is_outside = matches!(actor, Actor::Kubectl(_) | Actor::Person);
        let keeps = self.keeps_owners(request, is_outside);
        let old = if keeps { self.store.get(&request.key).cloned() } else { None };
        let is_change = matches!(request.verb, Verb::Update(_) | Verb::Patch(..) | Verb::Apply(..))
            && request.subresource == Subresource::None
            && matches!(actor, Actor::Kubectl(_));
        let before = if is_change { self.store.get(&request.key).cloned() } else { None };
        let mut result = self.carry_out(engine, actor, request, cause, &mut warnings);
        if let (Some(before), Ok(Reply::Object(after))) = (&before, &result) {
            let found = warnings_on_update(request.key.kind, &before.encode(), &after.encode());
            warnings.extend(found.into_iter().map(Str::from));
        }
        if keeps && let Ok(reply) = &result {
            self.note_owner(engine, actor, request, old.as_ref(), reply);
        }
        if is_outside {
            result = result.map(|reply| self.answered(reply));
        }
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
        if request.key.kind == Kind::Endpoints && matches!(actor, Actor::Kubectl(_)) {
            warnings
                .push("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice".into());
        }
        // Components write what the types allow; what comes from outside is checked whole.
        let is_outside = matches!(actor, Actor::Kubectl(_) | Actor::Person);
        self.admit_custom(request)?;
        match &request.verb {
            _ if request.subresource == Subresource::Status && !self.has_status(request.key.kind) => {
                Err(no_such_resource())
            }
            _ if matches!(request.subresource, Subresource::EphemeralContainers | Subresource::Resize)
                && request.key.kind != Kind::Pod =>
            {
                Err(no_such_resource())
            }
            Verb::Get if request.subresource == Subresource::Scale => self.scale(request),
            Verb::Get => self.existing(request).map(Reply::Object),
            Verb::List(filter) => {
                select::check(request.key.kind, filter)?;
                Ok(self.list(request, filter))
            }
            Verb::Watch(filter, _) => {
                select::check(request.key.kind, filter)?;
                Ok(self.open_watch(actor, request, filter))
            }
            Verb::Create(body) => self.create(engine, request, body, cause, is_outside, warnings),
            Verb::Update(body) => self.update(engine, request, body, cause, is_outside, warnings),
            Verb::Patch(kind, patch) => {
                self.patch(engine, request, (*kind, patch), cause, is_outside, warnings)
            }
            Verb::Apply(config, force) => {
                self.apply(engine, request, (config, *force), cause, is_outside, warnings)
            }
            Verb::Delete(options) => self.delete(engine, request, options, cause),
            Verb::DeleteCollection(filter, options) => {
                select::check(request.key.kind, filter)?;
                self.delete_collection(engine, request, filter, options, cause)
            }
            // Discovery tells of what is defined, besides what is built in.
            Verb::Raw(_, path) if path.starts_with(request::GROUPS) => {
                let definitions = self.store.list(Kind::CustomResourceDefinition, None).cloned().collect();
                Ok(Reply::List(definitions, self.store.revision()))
            }
            Verb::Raw(..) => Ok(Reply::Success),
            Verb::Connect(_) => Err(Status::new(Reason::InternalError, "a kubelet answers this")),
        }
    }
    fn existing(&self, request: &Request) -> Result<Object, Rc<Status>> {
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
        if request.key.kind.is_custom() && !self.has_scale(request.key.kind) {
            return Err(no_such_resource());
        }
        scale::reply(&self.existing(request)?).ok_or_else(no_such_resource)
    }
}

/// What is said of a subresource that a kind does not have.
fn no_such_resource() -> Rc<Status> {
    Status::new(Reason::NotFound, "the server could not find the requested resource")
}
