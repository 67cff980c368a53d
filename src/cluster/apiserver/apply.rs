//! Who owns which field of an object, and server-side apply (upstream: apimachinery `util/managedfields`).
//!
//! Only objects that came from outside have owners written down, beside the store and not in them: components read
//! nothing of it. An object that a component made belongs to `before-first-apply` when it is first applied, as
//! upstream has it of objects from before there were owners.

use super::ApiServer;
use super::write::{decode, has_changed};
use crate::api::managed::{self, Paths};
use crate::api::{Object, ObjectKey};
use crate::cluster::engine::Engine;
use crate::cluster::record::{Actor, RecordId};
use crate::cluster::request::{
    ApiResult, Body, PatchKind, Reason, Reply, Request, Status, Subresource, Verb,
};
use crate::value::{Map, Str, Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Where an object keeps its owners when it is shown.
const FIELD: &str = "managedFields";
/// Where kubectl keeps what was last applied on its side.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Somebody who writes an object, in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Manager {
    name: Str,
    /// By server-side apply, and not otherwise.
    applies: bool,
    api_version: Str,
    subresource: Str,
    time: Str,
    paths: Paths,
}

/// Those who write one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Managers {
    uid: Str,
    all: Vec<Manager>,
}

/// Those who write objects, where that is written down.
pub(super) type Owners = BTreeMap<ObjectKey, Rc<Managers>>;

impl Manager {
    fn is(&self, other: &Self) -> bool {
        let who = |manager: &Self| (manager.name.clone(), manager.applies, manager.subresource.clone());
        who(self) == who(other) && (self.applies || self.api_version == other.api_version)
    }
    fn encode(&self) -> Value {
        let mut out = Map::new();
        out.push("apiVersion", self.api_version.clone());
        out.push("fieldsType", "FieldsV1");
        out.push("fieldsV1", managed::encode(&self.paths));
        out.push("manager", self.name.clone());
        out.push("operation", if self.applies { "Apply" } else { "Update" });
        if !self.subresource.is_empty() {
            out.push("subresource", self.subresource.clone());
        }
        out.push("time", self.time.clone());
        Value::from(out)
    }
    fn decode(value: &Value) -> Self {
        let text = |key| Str::from(value.get(key).and_then(Value::as_str).unwrap_or_default());
        Self {
            name: text("manager"),
            applies: &*text("operation") == "Apply",
            api_version: text("apiVersion"),
            subresource: text("subresource"),
            time: text("time"),
            paths: value.get("fieldsV1").map(managed::decode).unwrap_or_default(),
        }
    }
    /// As a conflict names it.
    fn written(&self) -> String {
        let mut out = format!("{:?}", &*self.name);
        if !self.subresource.is_empty() {
            out.push_str(&format!(" with subresource {:?}", &*self.subresource));
        }
        if !self.applies {
            out.push_str(&format!(" using {}", self.api_version));
        }
        out
    }
}

/// Takes the owners out of an object that came with them.
pub(super) fn strip(object: &mut Object) -> Option<Vec<Value>> {
    object.meta().extra.as_ref()?.get(FIELD)?;
    let meta = object.meta_mut();
    let mut extra = meta.extra.as_deref().cloned().unwrap_or_default();
    let owners = extra.remove(FIELD)?;
    meta.extra = (!extra.is_empty()).then(|| Rc::new(extra));
    owners.as_array().map(<[Value]>::to_vec)
}

/// Who writes, where the request does not say it: the client's name.
fn client(actor: Actor) -> &'static str {
    match actor {
        Actor::Controller(_) => "kube-controller-manager",
        Actor::Scheduler => "kube-scheduler",
        Actor::Kubelet(_) => "kubelet",
        _ => "kubectl",
    }
}

fn subresource(request: &Request) -> &'static str {
    match request.subresource {
        Subresource::Status => "status",
        Subresource::Scale => "scale",
        Subresource::EphemeralContainers => "ephemeralcontainers",
        Subresource::Resize => "resize",
        _ => "",
    }
}

/// Without what this way of writing cannot change.
fn own(paths: Paths, request: &Request) -> Paths {
    let is_status = request.subresource == Subresource::Status;
    paths
        .into_iter()
        .filter(|path| (path.first().is_some_and(|first| &**first == "f:status")) == is_status)
        .collect()
}

impl ApiServer {
    /// The owners of an object, where they are written down.
    fn owners(&self, object: &Object) -> Option<&Rc<Managers>> {
        self.owners.get(&object.key()).filter(|managers| managers.uid == object.meta().uid)
    }
    /// An object with its owners, as clients get it.
    pub(super) fn shown(&self, mut object: Object) -> Object {
        if let Some(managers) = self.owners(&object) {
            let all: Vec<Value> = managers.all.iter().map(Manager::encode).collect();
            let meta = object.meta_mut();
            let mut extra = meta.extra.as_deref().cloned().unwrap_or_default();
            extra.insert(FIELD, all);
            meta.extra = Some(Rc::new(extra));
        }
        object
    }
    /// An answer with the owners of its objects.
    pub(super) fn answered(&self, reply: Reply) -> Reply {
        match reply {
            Reply::Object(object) => Reply::Object(self.shown(object)),
            Reply::List(objects, revision) => {
                Reply::List(objects.into_iter().map(|object| self.shown(object)).collect(), revision)
            }
            other => other,
        }
    }
    /// Whether it is to be written down who has written.
    pub(super) fn keeps_owners(&self, request: &Request, is_outside: bool) -> bool {
        let writes = matches!(request.verb, Verb::Create(_) | Verb::Update(_) | Verb::Patch(..));
        let is_status = request.subresource == Subresource::Status && !is_outside;
        let is_known = is_outside || self.owners.contains_key(&*request.key);
        writes && is_known && !is_status && !request.dry_run
    }
    /// Writes down what somebody has changed: it is theirs now.
    pub(super) fn note_owner(
        &mut self,
        engine: &Engine,
        actor: Actor,
        request: &Request,
        old: Option<&Object>,
        reply: &Reply,
    ) {
        let key = match reply {
            Reply::Object(object) => object.key(),
            _ => ObjectKey::clone(&request.key),
        };
        let Some(new) = self.store.get(&key).cloned() else {
            self.owners.remove(&key);
            return;
        };
        if let Some(all) = self.given(request, old) {
            self.owners.insert(key, Rc::new(Managers { uid: new.meta().uid.clone(), all }));
            return;
        }
        if old.is_some_and(|old| old.meta().resource_version == new.meta().resource_version) {
            return;
        }
        let known = self.owners(&new).map(|managers| managers.all.clone());
        if known.is_none() && old.is_some() {
            return;
        }
        let mut all = known.unwrap_or_default();
        let (version, kind) = (new.api_version(), key.kind.info().name);
        let before = old.map(Object::encode).unwrap_or_default();
        let (changed, removed) = managed::changed(&version, kind, &before, &new.encode());
        let changed = own(changed, request);
        let name = request.field_manager.clone().unwrap_or_else(|| client(actor).into());
        let mut writer = Manager {
            name,
            applies: false,
            api_version: version,
            subresource: subresource(request).into(),
            time: engine.wall.rfc3339(engine.now),
            paths: Paths::new(),
        };
        for manager in &mut all {
            let takes = if manager.is(&writer) { &removed } else { &changed };
            manager.paths.retain(|path| !takes.contains(path) && !removed.contains(path));
        }
        match all.iter_mut().find(|manager| manager.is(&writer)) {
            Some(manager) => {
                manager.paths.extend(changed);
                manager.time = writer.time;
            }
            None => {
                writer.paths = changed;
                all.push(writer);
            }
        }
        all.retain(|manager| !manager.paths.is_empty());
        self.owners.insert(key, Rc::new(Managers { uid: new.meta().uid.clone(), all }));
    }
    /// The owners that a request itself gives an object.
    fn given(&self, request: &Request, old: Option<&Object>) -> Option<Vec<Manager>> {
        let entries = match &request.verb {
            Verb::Patch(PatchKind::Json, ops) if json::compact(ops).contains("/metadata/managedFields") => {
                let old = self.shown(old?.clone()).encode();
                let new = super::patch::apply(request.key.kind, PatchKind::Json, &old, ops).ok()?;
                new.at(&["metadata", FIELD])?.as_array()?.to_vec()
            }
            Verb::Update(Body::Value(value)) => value.at(&["metadata", FIELD])?.as_array()?.to_vec(),
            _ => return None,
        };
        (!entries.is_empty()).then(|| entries.iter().map(Manager::decode).collect())
    }
    /// Server-side apply: the object becomes what the applier says of it, and loses what it said before and does
    /// not say any more.
    pub(super) fn apply(
        &mut self,
        engine: &mut Engine,
        request: &Request,
        (config, force): (&Value, bool),
        cause: Option<RecordId>,
        is_outside: bool,
        warnings: &mut Vec<Str>,
    ) -> ApiResult {
        let Some(name) = request.field_manager.clone().filter(|name| !name.is_empty()) else {
            let why = "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch";
            return Err(Status::new(Reason::Invalid, why));
        };
        let config = &super::policy::stored(request.key.kind, config);
        if request.key.kind.is_custom() {
            self.decode_custom(request, config, warnings)?;
        } else {
            super::validate::decodes(request.key.kind, config)?;
        }
        if config.at(&["metadata", FIELD]).is_some_and(|value| !value.is_null()) {
            return Err(Status::new(Reason::BadRequest, "metadata.managedFields must be nil"));
        }
        let kind = request.key.kind.info().name;
        let preferred = request.key.kind.api_version();
        let version = config.get("apiVersion").and_then(Value::as_str).unwrap_or(&preferred).to_owned();
        let applier = Manager {
            name,
            applies: true,
            api_version: version.as_str().into(),
            subresource: subresource(request).into(),
            time: engine.wall.rfc3339(engine.now),
            paths: own(managed::paths(&version, kind, config), request),
        };
        let Some(old) = self.store.get(&request.key).cloned() else {
            let reply = self.create(
                engine,
                request,
                &Body::Value(config.clone()),
                cause,
                is_outside,
                &mut Vec::new(),
            )?;
            if let (Reply::Object(object), false) = (&reply, request.dry_run) {
                let managers = Managers { uid: object.meta().uid.clone(), all: vec![applier] };
                self.owners.insert(object.key(), Rc::new(managers));
            }
            return Ok(reply);
        };
        let wanted = config.at(&["metadata", "resourceVersion"]).and_then(Value::as_str).unwrap_or_default();
        if !wanted.is_empty() && *wanted != *old.meta().resource_version {
            return Err(has_changed(&request.key));
        }
        let live = old.encode();
        let mut all = match self.owners(&old) {
            Some(managers) => managers.all.clone(),
            None => vec![Manager {
                name: "before-first-apply".into(),
                applies: false,
                paths: managed::paths(&version, kind, &live),
                subresource: Str::default(),
                ..applier.clone()
            }],
        };
        let place = all.iter().position(|manager| manager.is(&applier));
        let last = place.map(|place| std::mem::take(&mut all[place].paths)).unwrap_or_default();
        let wanted = applier.paths.clone();
        match place {
            Some(place) => all[place] = applier.clone(),
            None => all.push(applier.clone()),
        }
        let kept: Paths = all.iter().flat_map(|manager| manager.paths.iter().cloned()).collect();
        let gone: Paths = last.into_iter().filter(|path| !kept.contains(path)).collect();
        let merged = managed::merged(&version, kind, &live, config);
        let merged = managed::without(&version, kind, &merged, &gone, &kept);
        let (changed, removed) = managed::changed(&version, kind, &live, &merged);
        let is_lenient = &*applier.name == "kubectl";
        let free = if is_lenient { applied_by_client(&version, kind, &live) } else { Paths::new() };
        let mut conflicts = Vec::new();
        for manager in all.iter_mut().filter(|manager| !manager.is(&applier)) {
            let clash: Vec<_> = manager
                .paths
                .iter()
                .filter(|path| changed.contains(*path) && wanted.contains(*path) && !free.contains(*path))
                .map(|path| managed::written(path))
                .collect();
            if !clash.is_empty() {
                conflicts.push((manager.written(), clash));
            }
            manager.paths.retain(|path| !changed.contains(path));
        }
        if !conflicts.is_empty() && !force {
            return Err(conflict(conflicts));
        }
        for manager in &mut all {
            manager.paths.retain(|path| !removed.contains(path));
        }
        all.retain(|manager| !manager.paths.is_empty());
        let merged = noted(merged, config, is_lenient);
        let new = if request.key.kind.is_custom() {
            self.decode_custom(request, &merged, &mut Vec::new())?
        } else {
            decode(request.key.kind, &merged)?
        };
        let reply = self.replace(engine, request, &old, new, cause, is_outside)?;
        if !request.dry_run {
            self.owners.insert(old.key(), Rc::new(Managers { uid: old.meta().uid.clone(), all }));
        }
        Ok(reply)
    }
}

/// The fields that client-side apply has set and that are still so: kubectl may take them over.
fn applied_by_client(version: &str, kind: &str, live: &Value) -> Paths {
    let last = live.at(&["metadata", "annotations", LAST_APPLIED]).and_then(Value::as_str);
    let Some(Ok(last)) = last.map(json::parse) else { return Paths::new() };
    let (differs, _) = managed::changed(version, kind, live, &last);
    managed::paths(version, kind, &last).into_iter().filter(|path| !differs.contains(path)).collect()
}

/// Keeps kubectl's own note of what was last applied true, where there is one (upstream: lastAppliedUpdater).
fn noted(mut object: Value, config: &Value, is_kubectl: bool) -> Value {
    let path = ["metadata", "annotations", LAST_APPLIED];
    if is_kubectl && object.at(&path).is_some() {
        object.set(&path, json::compact(config) + "\n");
    }
    object
}

/// What is said of fields that others own.
fn conflict(mut conflicts: Vec<(String, Vec<String>)>) -> Rc<Status> {
    let count: usize = conflicts.iter().map(|(_, paths)| paths.len()).sum();
    if let ([(manager, paths)], 1) = (&conflicts[..], count) {
        let why = format!("Apply failed with 1 conflict: conflict with {manager}: {}", paths[0]);
        return Status::new(Reason::Conflict, why);
    }
    conflicts.sort();
    let mut lines = Vec::new();
    for (manager, paths) in conflicts {
        lines.push(format!("conflicts with {manager}:"));
        lines.extend(paths.into_iter().map(|path| format!("- {path}")));
    }
    Status::new(Reason::Conflict, format!("Apply failed with {count} conflicts: {}", lines.join("\n")))
}
