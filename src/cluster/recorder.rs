//! The Events of the cluster: what components say, and how their recorders write it
//! (upstream: k8s.io/client-go/tools/record and tools/events).

use super::chance::Chance;
use super::record::Actor;
use super::request::{Body, Request, Verb};
use super::time::{SimTime, WallClock};
use crate::api::objects::{Event, ObjectMeta, ObjectReference};
use crate::api::{Kind, Object, ObjectKey};
use crate::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a component says about an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventNote {
    /// The object.
    pub about: ObjectReference,
    /// Whether it is a `Warning` (else `Normal`).
    pub warning: bool,
    /// One word.
    pub reason: &'static str,
    /// A sentence.
    pub message: String,
    /// What was done: only of the new recorder, which the scheduler uses.
    pub action: &'static str,
}

impl EventNote {
    /// A note about an object.
    pub fn normal(object: &Object, reason: &'static str, message: impl Into<String>) -> Self {
        Self { about: reference(object), warning: false, reason, message: message.into(), action: "" }
    }
    /// A warning about an object.
    pub fn warning(object: &Object, reason: &'static str, message: impl Into<String>) -> Self {
        Self { warning: true, ..Self::normal(object, reason, message) }
    }
    /// The same about a part of the object, as `spec.containers{web}`.
    pub fn at(mut self, field_path: impl Into<Str>) -> Self {
        self.about.field_path = field_path.into();
        self
    }
}

/// A reference to an object as it is now.
pub fn reference(object: &Object) -> ObjectReference {
    let meta = object.meta();
    ObjectReference {
        kind: object.kind().info().name.into(),
        namespace: meta.namespace.clone(),
        name: meta.name.clone(),
        uid: meta.uid.clone(),
        api_version: object.api_version(),
        resource_version: meta.resource_version.clone(),
        ..ObjectReference::default()
    }
}

/// A component's recorder: the Events that it wrote, so that the same one again counts up.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    written: BTreeMap<u64, (Rc<Event>, Vec<SimTime>)>,
}

impl Recorder {
    /// The request that writes a note: a new Event, or the old one with a count more.
    pub fn request(
        &mut self,
        note: &EventNote,
        by: Actor,
        component: &str,
        host: &str,
        now: SimTime,
        wall: WallClock,
        chance: &Chance,
    ) -> Request {
        let same = chance.fixed((
            by,
            &note.about.uid,
            &note.about.name,
            &note.about.field_path,
            note.reason,
            &note.message,
            note.warning,
        ));
        let namespace: Str =
            if note.about.namespace.is_empty() { "default".into() } else { note.about.namespace.clone() };
        if let Some((event, _)) = self.written.get_mut(&same) {
            let event = Rc::make_mut(event);
            event.count += 1;
            event.last_timestamp = Some(wall.rfc3339(now));
            let key = ObjectKey::new(Kind::Event, namespace, event.metadata.name.clone());
            let mut change = crate::value::Value::object();
            change.set(&["count"], event.count);
            change.set(&["lastTimestamp"], wall.rfc3339(now));
            return Request::new(Verb::Patch(super::request::PatchKind::Strategic, change), key);
        }
        let name: Str = format!(
            "{}.{:x}",
            note.about.name,
            u64::from(wall.unix_micros(now)) * 1_000 + chance.fixed((same, now)) % 1_000
        )
        .into();
        let is_new_recorder = !note.action.is_empty();
        let time = Some(wall.rfc3339(now));
        let event = Event {
            metadata: Rc::new(ObjectMeta {
                name: name.clone(),
                namespace: namespace.clone(),
                ..ObjectMeta::default()
            }),
            involved_object: note.about.clone(),
            reason: note.reason.into(),
            message: note.message.as_str().into(),
            kind: if note.warning { "Warning" } else { "Normal" }.into(),
            action: note.action.into(),
            source: if is_new_recorder { BTreeMap::new() } else { source(component, host) },
            first_timestamp: if is_new_recorder { None } else { time.clone() },
            last_timestamp: if is_new_recorder { None } else { time },
            count: i32::from(!is_new_recorder),
            event_time: is_new_recorder.then(|| wall.rfc3339_micro(now)),
            reporting_component: component.into(),
            reporting_instance: if is_new_recorder {
                format!("{component}-control-plane").into()
            } else {
                host.into()
            },
            ..Event::default()
        };
        self.written.insert(same, (Rc::new(event.clone()), vec![now]));
        let key = ObjectKey::new(Kind::Event, namespace, name);
        Request::new(Verb::Create(Body::Typed(event.into())), key)
    }
}

fn source(component: &str, host: &str) -> BTreeMap<Str, Str> {
    let mut source = BTreeMap::from([(Str::from("component"), Str::from(component))]);
    if !host.is_empty() {
        source.insert("host".into(), host.into());
    }
    source
}
