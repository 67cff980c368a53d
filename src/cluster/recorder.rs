//! The Events of the cluster: what components say, and how their recorders write it
//! (upstream: k8s.io/client-go/tools/record and tools/events).

use super::chance::Chance;
use super::record::Actor;
use super::request::{Request, Verb};
use super::time::{Micros, SECOND, SimTime, WallClock};
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
    /// The Events by what they say, and whether the API has them.
    written: BTreeMap<u64, (Rc<Event>, bool)>,
    /// When the allowance about an object would be whole again, by object and type.
    spent: BTreeMap<(Str, Str, bool), SimTime>,
}

/// How many Events of a type about one object go at once, and how long each takes to be allowed again
/// (upstream: EventSourceObjectSpamFilter).
const BURST: u64 = 25;
const REFILL: Micros = 300 * SECOND;

impl Recorder {
    /// The request that writes a note: a new Event, or the old one with a count more. None where there have been
    /// too many about the object.
    pub fn request(
        &mut self,
        note: &EventNote,
        by: Actor,
        component: &str,
        host: &str,
        now: SimTime,
        wall: WallClock,
        chance: &Chance,
    ) -> Option<Request> {
        let is_new_recorder = !note.action.is_empty();
        let is_allowed = is_new_recorder || self.is_allowed(note, now);
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
        if let Some((event, is_written)) = self.written.get_mut(&same) {
            let event = Rc::make_mut(event);
            event.count += 1;
            event.last_timestamp = Some(wall.rfc3339(now));
            if !is_allowed {
                return None;
            }
            if !std::mem::replace(is_written, true) {
                return Some(Request::create(event.clone()));
            }
            let key = ObjectKey::new(Kind::Event, namespace, event.metadata.name.clone());
            let mut change = crate::value::Value::object();
            change.set(&["count"], event.count);
            change.set(&["lastTimestamp"], wall.rfc3339(now));
            return Some(Request::new(Verb::Patch(super::request::PatchKind::Strategic, change), key));
        }
        let name: Str = format!(
            "{}.{:x}",
            note.about.name,
            u64::from(wall.unix_micros(now)) * 1_000 + chance.fixed((same, now)) % 1_000
        )
        .into();
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
        self.written.insert(same, (Rc::new(event.clone()), is_allowed));
        is_allowed.then(|| Request::create(event))
    }
    /// Takes one from the allowance about an object.
    fn is_allowed(&mut self, note: &EventNote, now: SimTime) -> bool {
        let about = &note.about;
        let id = if about.uid.is_empty() { &about.name } else { &about.uid };
        let whole = self.spent.entry((about.namespace.clone(), id.clone(), note.warning)).or_default();
        let next = (*whole).max(now) + REFILL;
        let is_allowed = next.since(now) <= BURST * REFILL;
        if is_allowed {
            *whole = next;
        }
        is_allowed
    }
}

fn source(component: &str, host: &str) -> BTreeMap<Str, Str> {
    let mut source = BTreeMap::from([(Str::from("component"), Str::from(component))]);
    if !host.is_empty() {
        source.insert("host".into(), host.into());
    }
    source
}
