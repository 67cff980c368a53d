//! Custom resources: the API server accepts the names of a definition, serves its kind from then on, and deletes what it has of
//! the kind before the definition goes (upstream: apiextensions-apiserver `pkg/controller` and `pkg/apiserver`).

use super::{ApiServer, validate, write};
use crate::api::check::{cannot_be_handled, metadata_error, read_as};
use crate::api::custom::definition::{Definition, no_names, with_names};
use crate::api::custom::schema;
use crate::api::objects::Dynamic;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::engine::Engine;
use crate::cluster::event::Event;
use crate::cluster::latency::Hop;
use crate::cluster::record::{Change, RecordId};
use crate::cluster::request::{DeleteOptions, PatchKind, Reason, Request, Status, Verb};
use crate::cluster::time::{MILLI, Micros, SECOND};
use crate::value::{Map, Str, Value};
use std::collections::BTreeSet;
use std::rc::Rc;

/// Held until all objects of the kind are gone.
const CLEANUP: &str = "customresourcecleanup.apiextensions.k8s.io";
/// What the controllers of definitions take beyond hearing of a change and writing their own.
const NAMING: Micros = 10 * MILLI;
/// How long the objects of a kind are left alone between two looks at them, where some are held.
const NEXT_LOOK: Micros = 5 * SECOND;

impl ApiServer {
    /// What the server knows of a custom kind; none where it serves no such kind.
    pub(super) fn definition(&self, kind: Kind) -> Option<Definition> {
        let name = kind.resource();
        let found = self.store.get(&ObjectKey::new(Kind::CustomResourceDefinition, "", name))?;
        Definition::established(&found.encode()).filter(|definition| definition.kind() == Some(kind))
    }
    /// Refuses what is asked of a custom kind that is not served, and a new object of one that is going.
    pub(super) fn admit_custom(&self, request: &Request) -> Result<(), Rc<Status>> {
        let kind = request.key.kind;
        if !kind.is_custom() {
            return Ok(());
        }
        if self.definition(kind).is_none() {
            let verb = match request.verb {
                Verb::Create(_) => "post",
                Verb::Update(_) => "put",
                Verb::Patch(..) | Verb::Apply(..) => "patch",
                Verb::Delete(_) | Verb::DeleteCollection(..) => "delete",
                _ => "get",
            };
            let asked = if request.key.name.is_empty() || verb == "post" {
                kind.resource()
            } else {
                format!("{} {}", kind.resource(), request.key.name)
            };
            let why = format!("the server could not find the requested resource ({verb} {asked})");
            return Err(Status::new(Reason::NotFound, why));
        }
        let definition = ObjectKey::new(Kind::CustomResourceDefinition, "", kind.resource());
        let is_going = self.store.get(&definition).is_some_and(|object| object.meta().is_terminating());
        if is_going && matches!(request.verb, Verb::Create(_)) {
            let why = "create not allowed while custom resource definition is terminating";
            return Err(Status::new(Reason::MethodNotAllowed, why));
        }
        Ok(())
    }
    /// Whether the status of a kind's objects is written by itself.
    pub(super) fn has_status(&self, kind: Kind) -> bool {
        if !kind.is_custom() {
            return write::has_status(kind);
        }
        let definition = self.definition(kind);
        definition.and_then(|it| Some(it.preferred()?.has_status)).unwrap_or(false)
    }
    /// Whether a custom kind has the scale that Podium knows: replicas in the spec.
    pub(super) fn has_scale(&self, kind: Kind) -> bool {
        let definition = self.definition(kind);
        let scale = definition.as_ref().and_then(|it| it.preferred()?.scale.as_ref());
        scale.is_some_and(|[wanted, counted, _]| {
            &**wanted == ".spec.replicas" && &**counted == ".status.replicas"
        })
    }
    /// Reads an object of a custom kind by its schema. What is not in the schema is refused, or left out with a warning.
    pub(super) fn decode_custom(
        &self,
        request: &Request,
        value: &Value,
        warnings: &mut Vec<Str>,
    ) -> Result<Object, Rc<Status>> {
        let kind = request.key.kind;
        let name = kind.info().name;
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        let (api_version, written) = (text("apiVersion"), text("kind"));
        let definition = self.definition(kind).unwrap_or_default();
        let asked = api_version.split_once('/').and_then(|(_, version)| definition.version(version));
        let Some(version) = asked.or_else(|| definition.preferred()) else {
            return Err(super::no_such_resource());
        };
        if written != name {
            let why = format!("kind in object is {written}, not {name}");
            return Err(Status::new(Reason::BadRequest, read_as(written, api_version, name, &why)));
        }
        if let Some(why) = metadata_error(value) {
            return Err(Status::new(Reason::BadRequest, cannot_be_handled(name, api_version, &why)));
        }
        let unknown: Vec<String> = schema::unknown(&version.schema, value)
            .into_iter()
            .filter(|path| !matches!(path.split(['.', '[']).next(), Some("apiVersion" | "kind" | "metadata")))
            .map(|path| format!("unknown field {path:?}"))
            .collect();
        if !unknown.is_empty() && is_lenient(request) {
            warnings.extend(unknown.into_iter().map(Str::from));
        } else if !unknown.is_empty() {
            let why = format!("strict decoding error: {}", unknown.join(", "));
            return Err(Status::new(Reason::BadRequest, cannot_be_handled(name, api_version, &why)));
        }
        if let Some(warning) = &version.deprecation {
            warnings.push(warning.as_str().into());
        }
        let mut value = version.stored(value);
        value.set(&["apiVersion"], kind.api_version());
        write::decode(kind, &value)
    }
    /// What the validation says of an object as it is to be stored.
    pub(super) fn errors(&self, object: &Object) -> Vec<String> {
        let kind = object.kind();
        if !kind.is_custom() {
            return validate::errors(object);
        }
        let definition = self.definition(kind).unwrap_or_default();
        let version = definition.preferred();
        version.map(|version| version.errors(&object.meta().name, &object.encode())).unwrap_or_default()
    }
    /// A definition was written: its names are looked at soon, or what it has made is deleted.
    pub(super) fn note_definition(&self, engine: &mut Engine, key: &ObjectKey, cause: Option<RecordId>) {
        if key.kind == Kind::CustomResourceDefinition {
            plan(engine, key, NAMING, cause);
        }
    }
    /// The next step of the controllers of definitions.
    pub(in crate::cluster) fn on_definition(
        &mut self,
        engine: &mut Engine,
        key: &ObjectKey,
        cause: Option<RecordId>,
    ) {
        let Some(Object::Dynamic(old)) = self.store.get(key).cloned() else { return };
        if old.metadata.is_terminating() {
            return self.clean_up(engine, key, &old, cause);
        }
        let mut new = Dynamic::clone(&old);
        let mut value = Object::Dynamic(old.clone()).encode();
        let now = engine.wall.rfc3339(engine.now);
        let wanted = value.at(&["spec", "names"]).cloned().unwrap_or_default();
        let accepted = value.at(&["status", "acceptedNames"]).cloned().unwrap_or_default();
        let (accepted, conflict) = self.accepted(&value, wanted, accepted);
        let state = |value: &Value| condition(value, "Established").map(|it| text(&it, "reason"));
        let was = state(&value);
        value.set(&["status", "acceptedNames"], accepted);
        match &conflict {
            Some((reason, message)) => {
                set_condition(&mut value, "NamesAccepted", ("False", reason, message), &now);
                if was.as_deref() != Some("InitialNamesAccepted") {
                    let why = ("False", "NotAccepted", "not all names are accepted");
                    set_condition(&mut value, "Established", why, &now);
                }
            }
            None => {
                let are_new =
                    condition(&value, "NamesAccepted").is_none_or(|it| text(&it, "status") != "True");
                let accepted = ("True", "NoConflicts", "no conflicts found");
                set_condition(&mut value, "NamesAccepted", accepted, &now);
                let message = "the initial names have been accepted";
                if are_new && was.as_deref() != Some("InitialNamesAccepted") {
                    set_condition(&mut value, "Established", ("False", "Installing", message), &now);
                } else if was.as_deref() == Some("Installing") {
                    let established = ("True", "InitialNamesAccepted", message);
                    set_condition(&mut value, "Established", established, &now);
                }
            }
        }
        let mut content = Map::clone(&new.content);
        content.insert("status", value.get("status").cloned().unwrap_or_default());
        new.content = Rc::new(content);
        if new.content != old.content {
            let (_, record) =
                self.store.commit(engine, Change::Modified, Object::Dynamic(Rc::new(new)), cause);
            plan(engine, key, 0, Some(record));
        }
    }
    /// The names that are accepted, and why not all of them are.
    fn accepted(&self, object: &Value, wanted: Value, accepted: Value) -> (Value, Option<(String, String)>) {
        let group = object.at(&["spec", "group"]).cloned();
        let own = object.at(&["metadata", "name"]).cloned();
        let (mut resources, mut kinds) = (BTreeSet::new(), BTreeSet::new());
        for other in self.store.list(Kind::CustomResourceDefinition, None).map(Object::encode) {
            if other.at(&["metadata", "name"]).cloned() == own
                || other.at(&["spec", "group"]).cloned() != group
            {
                continue;
            }
            let name = |key: &str| other.at(&["status", "acceptedNames", key]).and_then(Value::as_str);
            let short = other.at(&["status", "acceptedNames", "shortNames"]).and_then(Value::as_array);
            let short = short.unwrap_or_default().iter().filter_map(Value::as_str);
            resources
                .extend(["plural", "singular"].into_iter().filter_map(name).chain(short).map(str::to_owned));
            kinds.extend(["kind", "listKind"].into_iter().filter_map(name).map(str::to_owned));
        }
        let mut out = accepted;
        let mut conflict = None;
        for (key, reason, taken) in [
            ("plural", "PluralConflict", &resources),
            ("singular", "SingularConflict", &resources),
            ("shortNames", "ShortNamesConflict", &resources),
            ("kind", "KindConflict", &kinds),
            ("listKind", "ListKindConflict", &kinds),
        ] {
            let Some(value) = wanted.get(key) else {
                out.make_object().remove(key);
                continue;
            };
            let names: Vec<&str> = match value {
                Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
                other => other.as_str().into_iter().collect(),
            };
            let twice: Vec<String> = names
                .iter()
                .filter(|name| taken.contains(**name))
                .map(|name| format!("{name:?} is already in use"))
                .collect();
            match &twice[..] {
                [] => out.set(&[key], value.clone()),
                _ => conflict = Some((reason.to_owned(), twice.join(", "))),
            }
        }
        match wanted.get("categories") {
            Some(categories) => out.set(&["categories"], categories.clone()),
            None => _ = out.make_object().remove("categories"),
        }
        (out, conflict)
    }
    /// Deletes the objects of a kind whose definition is going; once none is left, the definition is gone.
    fn clean_up(&mut self, engine: &mut Engine, key: &ObjectKey, old: &Rc<Dynamic>, cause: Option<RecordId>) {
        if !old.metadata.finalizers.iter().any(|held| &**held == CLEANUP) {
            return;
        }
        let mut value = Object::Dynamic(old.clone()).encode();
        let reason = condition(&value, "Terminating").map(|it| text(&it, "reason"));
        if reason.as_deref() == Some("InstanceDeletionPending") {
            let now = engine.wall.rfc3339(engine.now);
            let going = ("True", "InstanceDeletionInProgress", "CustomResource deletion is in progress");
            set_condition(&mut value, "Terminating", going, &now);
            let mut new = Dynamic::clone(old);
            Rc::make_mut(&mut new.content).insert("status", value.get("status").cloned().unwrap_or_default());
            let (_, record) =
                self.store.commit(engine, Change::Modified, Object::Dynamic(Rc::new(new)), cause);
            return plan(engine, key, NAMING, Some(record));
        }
        let kind = Definition::established(&value).and_then(|definition| definition.stored_kind());
        let all = |server: &Self| -> Vec<Object> {
            kind.map(|kind| server.store.list(kind, None).cloned().collect()).unwrap_or_default()
        };
        for object in all(self) {
            if !object.meta().is_terminating() {
                _ = self.begin_deletion(engine, object, &DeleteOptions::default(), cause);
            }
        }
        if !all(self).is_empty() {
            return plan(engine, key, NEXT_LOOK, cause);
        }
        let held: Vec<Str> =
            old.metadata.finalizers.iter().filter(|held| &***held != CLEANUP).cloned().collect();
        let change = if held.is_empty() { Change::Deleted } else { Change::Modified };
        let mut last = Dynamic::clone(old);
        if !held.is_empty() {
            Rc::make_mut(&mut last.metadata).finalizers = held;
        }
        self.store.commit(engine, change, Object::Dynamic(Rc::new(last)), cause);
    }
}

/// Whether unknown fields are left out with a warning, as the server does it where kubectl asks for no more
/// (`fieldValidation`): kubectl asks to have them refused in whole objects.
fn is_lenient(request: &Request) -> bool {
    let is_patch = matches!(request.verb, Verb::Patch(PatchKind::Json | PatchKind::Merge, _));
    is_patch && request.field_manager.as_deref() != Some("kubectl-client-side-apply")
}

/// Has the controllers of definitions look at one soon.
fn plan(engine: &mut Engine, key: &ObjectKey, after: Micros, cause: Option<RecordId>) {
    let heard = engine.latency(Hop::Watch, ("definition", key));
    let written = engine.latency(Hop::Commit, ("definition", key));
    engine.schedule(engine.now + after + heard + written, Event::Definition(Rc::new(key.clone()), cause));
}

/// Gives a new definition what the server fills in, and the status of one that nobody has looked at.
pub(super) fn prepare(object: &mut Object) {
    let Object::Dynamic(inner) = object else { return };
    let content = Rc::make_mut(&mut Rc::make_mut(inner).content);
    let spec = with_names(&content.get("spec").cloned().unwrap_or_default());
    let stored = storage_versions(&spec);
    let mut status = Value::object();
    status.set(&["acceptedNames"], no_names());
    status.set(&["conditions"], Value::Null);
    status.set(&["storedVersions"], stored);
    content.insert("spec", spec);
    content.insert("status", status);
}

/// The versions that a definition has its objects stored in: one, where it is right.
fn storage_versions(spec: &Value) -> Vec<Value> {
    let versions = spec.get("versions").and_then(Value::as_array).unwrap_or_default();
    let is_stored = |version: &&Value| version.get("storage").and_then(Value::as_bool) == Some(true);
    versions.iter().filter(is_stored).filter_map(|version| version.get("name").cloned()).collect()
}

/// Fills in what a definition that is written again leaves out, and the version that its objects are stored in from now on.
pub(super) fn complete(object: &mut Object) {
    let Object::Dynamic(inner) = object else { return };
    let content = Rc::make_mut(&mut Rc::make_mut(inner).content);
    let spec = with_names(&content.get("spec").cloned().unwrap_or_default());
    let mut status = content.get("status").cloned().unwrap_or_default();
    let stored = status.get("storedVersions").and_then(Value::as_array).unwrap_or_default().to_vec();
    let new: Vec<Value> =
        storage_versions(&spec).into_iter().filter(|version| !stored.contains(version)).collect();
    if !new.is_empty() {
        status.set(&["storedVersions"], [stored, new].concat());
        content.insert("status", status);
    }
    content.insert("spec", spec);
}

/// Marks a definition that is to go: it is held until its objects are gone (upstream: apiextensions-apiserver
/// `registry/customresourcedefinition`).
pub(super) fn terminate(object: &mut Object, now: &Str) {
    let mut value = object.encode();
    let Object::Dynamic(inner) = object else { return };
    let inner = Rc::make_mut(inner);
    let meta = Rc::make_mut(&mut inner.metadata);
    if !meta.finalizers.iter().any(|held| &**held == CLEANUP) {
        meta.finalizers.push(CLEANUP.into());
    }
    let message = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon";
    set_condition(&mut value, "Terminating", ("True", "InstanceDeletionPending", message), now);
    Rc::make_mut(&mut inner.content).insert("status", value.get("status").cloned().unwrap_or_default());
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn condition(value: &Value, kind: &str) -> Option<Value> {
    let all = value.at(&["status", "conditions"])?.as_array()?;
    all.iter().find(|condition| condition.get("type").and_then(Value::as_str) == Some(kind)).cloned()
}

/// Says of a condition how it stands; when that is new, since when.
fn set_condition(value: &mut Value, kind: &str, (status, reason, message): (&str, &str, &str), now: &Str) {
    let path = ["status", "conditions"];
    let mut all = value.at(&path).and_then(Value::as_array).map(<[Value]>::to_vec).unwrap_or_default();
    let place = all.iter().position(|condition| text(condition, "type") == kind);
    let since = place.filter(|place| text(&all[*place], "status") == status);
    let since = since.and_then(|place| all[place].get("lastTransitionTime").cloned());
    let mut new = Map::new();
    new.push("lastTransitionTime", since.unwrap_or_else(|| Value::from(now.clone())));
    for (key, word) in [("message", message), ("reason", reason), ("status", status), ("type", kind)] {
        new.push(key, word);
    }
    match place {
        Some(place) => all[place] = Value::from(new),
        None => all.push(Value::from(new)),
    }
    value.set(&path, all);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    fn read(kind: Kind, text: &str) -> Object {
        write::decode(kind, &json::parse(text).expect("JSON")).unwrap_or_else(|why| panic!("{why:?}"))
    }

    const GOING: &str = r#"{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
"metadata":{"name":"cups.going.test","uid":"1-2","deletionTimestamp":"2026-01-01T00:00:00Z",
"finalizers":["customresourcecleanup.apiextensions.k8s.io"]},
"spec":{"group":"going.test","scope":"Cluster","names":{"plural":"cups","kind":"Cup"},
"versions":[{"name":"v1","served":false,"storage":false},{"name":"v2","served":false,"storage":true}]},
"status":{"acceptedNames":{"plural":"cups","kind":"Cup"},"storedVersions":["v1"],"conditions":[
{"type":"Established","status":"True"},
{"type":"Terminating","status":"True","reason":"InstanceDeletionInProgress"}]}}"#;

    #[test]
    fn a_version_that_is_stored_from_now_on_is_told() {
        let mut object = read(Kind::CustomResourceDefinition, GOING);
        complete(&mut object);
        complete(&mut object);
        let told = object.encode().at(&["status", "storedVersions"]).map(json::compact);
        assert_eq!(told.as_deref(), Some(r#"["v1","v2"]"#));
    }
}
