//! The Events of the cluster: what components say, and how their recorders write it
//! (upstream: k8s.io/client-go/tools/record and tools/events).

use super::chance::stable_hash;
use super::engine::Engine;
use super::event::Caller;
use super::record::{Actor, RecordId};
use super::request::{PatchKind, Reason, Request, Verb};
use super::table::Table;
use super::task::{Answer, Answered};
use super::time::{Micros, SECOND, SimTime};
use crate::api::objects::{Event, Labels, ObjectMeta, ObjectReference};
use crate::api::{Kind, Object, ObjectKey};
use crate::value::{Str, Value};
use std::collections::VecDeque;
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

/// How many Events of a type about one object go at once, and how long each takes to be allowed again
/// (upstream: EventSourceObjectSpamFilter).
const BURST: u64 = 25;
const REFILL: Micros = 300 * SECOND;
/// So many Events that differ in their message alone, each within so long of the one before it, are combined
/// (upstream: EventAggregator).
const SIMILAR: usize = 10;
const SIMILAR_FOR: Micros = 600 * SECOND;
/// What waits beyond this is lost (upstream: maxQueuedEvents).
const LONGEST_QUEUE: usize = 1_000;
/// How long an Event of the new recorder counts as the same without being seen again (upstream: finishTime).
const SERIES_FOR: Micros = 360 * SECOND;

/// An Event that waits to be written, when it was said, and why.
#[derive(Clone, Debug)]
struct Said {
    event: Event,
    at: SimTime,
    cause: Option<RecordId>,
}

/// The Event that is being written: its creation, or a change of it that creates it where it is gone.
#[derive(Clone, Debug)]
struct Writing {
    event: Rc<Event>,
    change: Option<Value>,
    /// How often the API server was not reached.
    failures: u32,
}

/// After how long a write is tried again that did not reach the API server, and how often
/// (upstream: defaultSleepDuration, maxTriesPerEvent).
const RETRY: Micros = 10 * SECOND;
const MAX_TRIES: u32 = 12;

/// What was seen of an Event before.
#[derive(Clone, Debug)]
struct Seen {
    name: Str,
    first: Option<Str>,
    count: i32,
}

/// What was seen of Events that differ in their message alone.
#[derive(Clone, Debug, Default)]
struct Similar {
    /// In alphabetical order.
    messages: Vec<Str>,
    last: SimTime,
}

/// An Event of the new recorder.
#[derive(Clone, Debug)]
struct Series {
    event: Rc<Event>,
    count: i32,
    last: SimTime,
}

/// A component's recorder. It writes one Event after the other, and counts up what it has written before.
#[derive(Clone, Debug)]
pub struct Recorder {
    actor: Actor,
    component: Str,
    host: Str,
    /// Which instance of the component an Event of the new recorder says that it comes from.
    instance: Str,
    /// What the older Events say that they come from.
    source: Labels,
    waiting: VecDeque<Said>,
    writing: Option<Writing>,
    seen: Table<u64, Seen>,
    similar: Table<u64, Similar>,
    /// When the allowance about an object would be whole again.
    spent: Table<u64, SimTime>,
    series: Table<u64, Series>,
}

impl Recorder {
    /// The task under which its requests are answered.
    pub const TASK: u32 = u32::MAX;

    /// The recorder of a component, on a node where it has one.
    pub fn new(actor: Actor, component: impl Into<Str>, host: impl Into<Str>) -> Self {
        let (component, host) = (component.into(), host.into());
        let mut source = Labels::from([("component".into(), component.clone())]);
        if !host.is_empty() {
            source.insert("host".into(), host.clone());
        }
        let instance = Str::joined(&[&component, "-control-plane"]);
        Self {
            actor,
            component,
            host,
            instance,
            source,
            waiting: VecDeque::new(),
            writing: None,
            seen: Table::default(),
            similar: Table::default(),
            spent: Table::default(),
            series: Table::default(),
        }
    }
    /// Says something about an object.
    pub fn record(&mut self, engine: &mut Engine, note: EventNote, cause: Option<RecordId>) {
        let is_new = !note.action.is_empty();
        let event = self.event(engine, note);
        if is_new {
            return self.record_in_series(engine, event, cause);
        }
        if self.waiting.len() < LONGEST_QUEUE {
            self.waiting.push_back(Said { event, at: engine.now, cause });
            self.write_next(engine);
        }
    }
    /// What it has written is answered: the next one follows.
    pub fn on_answer(&mut self, engine: &mut Engine, answered: &Answered) {
        let Some(Writing { event, change, failures }) = self.writing.take() else { return };
        let cause = answered.cause;
        match &answered.answer {
            Answer::Slept => return self.write(engine, event, change, failures, cause),
            Answer::Api(response)
                if response
                    .result
                    .as_ref()
                    .is_err_and(|error| error.reason == Reason::ServiceUnavailable)
                    && failures + 1 < MAX_TRIES =>
            {
                self.writing = Some(Writing { event, change, failures: failures + 1 });
                let at = engine.now + RETRY;
                let caller = Caller { actor: self.actor, task: Self::TASK, call: Some(0) };
                let answered = Answered { at, cause, answer: Answer::Slept };
                engine.schedule(at, super::event::Event::Answer { caller, answered });
                return;
            }
            _ => {}
        }
        if let Answer::Api(response) = &answered.answer
            && change.is_some()
            && response.result.as_ref().is_err_and(|error| error.reason == Reason::NotFound)
        {
            return self.write(engine, event, None, 0, cause);
        }
        self.write_next(engine);
    }
    fn event(&self, engine: &Engine, note: EventNote) -> Event {
        let EventNote { about, warning, reason, message, action } = note;
        let namespace: Str =
            if about.namespace.is_empty() { "default".into() } else { about.namespace.clone() };
        let is_new = !action.is_empty();
        let time = (!is_new).then(|| engine.wall.rfc3339(engine.now));
        let name = event_name(engine, &about.name, (&about.uid, reason, &message));
        Event {
            metadata: Rc::new(ObjectMeta { name, namespace, ..ObjectMeta::default() }),
            involved_object: about,
            reason: reason.into(),
            message: message.into(),
            kind: if warning { "Warning" } else { "Normal" }.into(),
            action: action.into(),
            source: if is_new { Labels::new() } else { self.source.clone() },
            first_timestamp: time.clone(),
            last_timestamp: time,
            count: i32::from(!is_new),
            event_time: is_new.then(|| engine.wall.rfc3339_micro(engine.now)),
            reporting_component: self.component.clone(),
            reporting_instance: if is_new { self.instance.clone() } else { self.host.clone() },
            ..Event::default()
        }
    }
    /// Takes Events up until one is to be written.
    fn write_next(&mut self, engine: &mut Engine) {
        while self.writing.is_none()
            && let Some(Said { event, at, cause }) = self.waiting.pop_front()
        {
            let (event, key) = self.aggregate(engine, event);
            let (event, change) = self.observe(event, key);
            if self.is_allowed(&event, at) {
                self.write(engine, Rc::new(event), change, 0, cause);
            }
        }
    }
    fn write(
        &mut self,
        engine: &mut Engine,
        event: Rc<Event>,
        change: Option<Value>,
        failures: u32,
        cause: Option<RecordId>,
    ) {
        let request = match change.clone() {
            Some(change) => {
                let meta = &event.metadata;
                let key = ObjectKey::new(Kind::Event, meta.namespace.clone(), meta.name.clone());
                Request::new(Verb::Patch(PatchKind::Strategic, change), key)
            }
            None => Request::create(event.clone()),
        };
        self.writing = Some(Writing { event, change, failures });
        engine.send(Caller { actor: self.actor, task: Self::TASK, call: Some(0) }, request, cause);
    }
    /// The Event itself, or the one that stands for all that are like it; and what it is counted under.
    fn aggregate(&mut self, engine: &Engine, event: Event) -> (Event, u64) {
        let about = &event.involved_object;
        let alike = stable_hash(1, &(&about.kind, &about.uid, &about.name, &event.kind, &event.reason));
        let same = stable_hash(2, &(alike, &about.field_path, &event.message));
        let similar = self.similar.or_default(alike);
        if engine.now.since(similar.last) > SIMILAR_FOR {
            similar.messages.clear();
        }
        if let Err(place) = similar.messages.binary_search(&event.message) {
            similar.messages.insert(place, event.message.clone());
        }
        similar.last = engine.now;
        if similar.messages.len() < SIMILAR {
            return (event, same);
        }
        similar.messages.remove(0);
        let now = Some(engine.wall.rfc3339(engine.now));
        let name = event_name(engine, &about.name, (&about.uid, alike));
        let combined = Event {
            metadata: Rc::new(ObjectMeta { name, ..ObjectMeta::clone(&event.metadata) }),
            message: format!("(combined from similar events): {}", event.message).into(),
            first_timestamp: now.clone(),
            last_timestamp: now,
            reporting_component: Str::default(),
            reporting_instance: Str::default(),
            ..event
        };
        (combined, alike)
    }
    /// Counts an Event. Where it was seen before, it is that one with a count more, and how to change it.
    fn observe(&mut self, mut event: Event, key: u64) -> (Event, Option<Value>) {
        let change = self.seen.get(&key).map(|seen| {
            Rc::make_mut(&mut event.metadata).name = seen.name.clone();
            event.first_timestamp = seen.first.clone();
            event.count = seen.count + 1;
            let mut change = Value::object();
            change.set(&["count"], event.count);
            change.set(&["lastTimestamp"], event.last_timestamp.clone().unwrap_or_default());
            change.set(&["message"], event.message.clone());
            change
        });
        let name = event.metadata.name.clone();
        self.seen.insert(key, Seen { name, first: event.first_timestamp.clone(), count: event.count });
        (event, change)
    }
    /// Takes one from the allowance about an object.
    fn is_allowed(&mut self, event: &Event, now: SimTime) -> bool {
        let about = &event.involved_object;
        let key = stable_hash(3, &(&about.kind, &about.namespace, &about.name, &about.uid, &event.kind));
        let whole = self.spent.or_default(key);
        let next = (*whole).max(now) + REFILL;
        let is_allowed = next.since(now) <= BURST * REFILL;
        if is_allowed {
            *whole = next;
        }
        is_allowed
    }
    /// As the new recorder does: at once; a second one makes a series of it, further ones are only counted.
    fn record_in_series(&mut self, engine: &mut Engine, event: Event, cause: Option<RecordId>) {
        let caller = Caller { actor: self.actor, task: Self::TASK, call: None };
        let about = &event.involved_object;
        let key = stable_hash(
            4,
            &(&about.uid, &about.name, &about.resource_version, &event.kind, &event.action, &event.reason),
        );
        if let Some(series) = self.series.get_mut(&key)
            && engine.now.since(series.last) <= SERIES_FOR
        {
            series.count += 1;
            series.last = engine.now;
            if series.count == 2 {
                let meta = &series.event.metadata;
                let key = ObjectKey::new(Kind::Event, meta.namespace.clone(), meta.name.clone());
                let mut change = Value::object();
                change.set(&["series", "count"], 2i64);
                change.set(&["series", "lastObservedTime"], engine.wall.rfc3339_micro(engine.now));
                engine.send(caller, Request::new(Verb::Patch(PatchKind::Strategic, change), key), cause);
            }
            return;
        }
        let event = Rc::new(event);
        self.series.insert(key, Series { event: event.clone(), count: 1, last: engine.now });
        engine.send(caller, Request::create(event), cause);
    }
}

/// An object's name and the time in nanoseconds, of which the simulation knows the microseconds.
fn event_name(engine: &Engine, about: &str, what: impl std::hash::Hash) -> Str {
    let nanos = engine.chance.fixed(("event", what, engine.now)) % 1_000;
    let nanos = engine.wall.unix_micros(engine.now) * 1_000 + nanos;
    // Without the zeros at the beginning.
    let count = (u64::BITS - nanos.leading_zeros()).div_ceil(4).max(1) as usize;
    let digits = super::chance::hex_digits(nanos);
    Str::joined(&[about, ".", std::str::from_utf8(&digits[16 - count..]).unwrap_or_default()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::event::Event as Happening;
    use crate::cluster::request::{Body, Reply, Response, Status};
    use crate::cluster::time::WallClock;

    fn about(name: &str) -> ObjectReference {
        ObjectReference {
            kind: "Pod".into(),
            name: name.into(),
            uid: name.into(),
            ..ObjectReference::default()
        }
    }

    /// Says each sentence at its second, answers what is written, and gives what was written.
    fn written(notes: &[(u64, &str)], action: &'static str, is_there: bool) -> Vec<String> {
        let mut engine = Engine::new(1, WallClock { start_unix_micros: 0 });
        let mut recorder = Recorder::new(Actor::Person, "kubelet", "node-1");
        let mut lines = Vec::new();
        for (second, message) in notes {
            engine.now = engine.now.max(SimTime(second * SECOND));
            let (about, message) = (about("web"), message.to_string());
            let note = EventNote { about, warning: false, reason: "Pulled", message, action };
            recorder.record(&mut engine, note, None);
            while let Some(happens) = engine.pop() {
                let Happening::Arrive { request, caller, .. } = happens else { continue };
                let mut result = Ok(Reply::Success);
                lines.push(match &request.verb {
                    Verb::Create(Body::Typed(Object::Event(event))) => {
                        format!("create x{} {}", event.count, event.message)
                    }
                    Verb::Patch(_, change) => {
                        if !is_there {
                            result = Err(Status::not_found(&request.key));
                        }
                        format!("patch {}", crate::value::json::compact(change))
                    }
                    verb => format!("{verb:?}"),
                });
                let answer = Answer::Api(Response { result, warnings: Vec::new() });
                if caller.call.is_some() {
                    let at = engine.now;
                    recorder.on_answer(&mut engine, &Answered { at, cause: None, answer });
                }
            }
        }
        lines
    }

    #[test]
    fn what_is_the_same_counts_up() {
        expect_test::expect![[r#"
            create x1 pulled
            patch {"count":2,"lastTimestamp":"1970-01-01T00:00:05Z","message":"pulled"}"#]]
        .assert_eq(&written(&[(1, "pulled"), (5, "pulled")], "", true).join("\n"));
        expect_test::expect![[r#"
            create x1 pulled
            patch {"count":2,"lastTimestamp":"1970-01-01T00:00:05Z","message":"pulled"}
            create x2 pulled"#]]
        .assert_eq(&written(&[(1, "pulled"), (5, "pulled")], "", false).join("\n"));
    }

    #[test]
    fn what_is_alike_is_combined() {
        let messages = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
        let notes: Vec<(u64, &str)> = (1..).zip(messages).collect();
        expect_test::expect![[r#"
            create x1 i
            create x1 (combined from similar events): j
            patch {"count":2,"lastTimestamp":"1970-01-01T00:00:11Z","message":"(combined from similar events): k"}"#]]
        .assert_eq(&written(&notes, "", true)[8..].join("\n"));
        // Ten minutes later all is forgotten.
        let later: Vec<(u64, &str)> = (1..).map(|n| n * 601).zip(messages).collect();
        assert!(
            written(&later, "", true).iter().all(|line| line.starts_with("create x1 ") && line.len() == 11)
        );
    }

    #[test]
    fn too_many_about_one_object_are_not_written() {
        let often: Vec<(u64, &str)> = (1..=30).map(|n| (n, "again")).collect();
        assert_eq!(written(&often, "", true).len(), 25);
        let later: Vec<(u64, &str)> = often.into_iter().chain([(400, "again")]).collect();
        let last = written(&later, "", true).pop().expect("written");
        assert!(last.starts_with(r#"patch {"count":31,"#), "{last}");
    }

    #[test]
    fn the_new_recorder_makes_a_series_of_the_second() {
        let notes = [(1, "0/2 nodes"), (2, "0/2 nodes"), (3, "0/2 nodes"), (500, "0/2 nodes")];
        expect_test::expect![[r#"
            create x0 0/2 nodes
            patch {"series":{"count":2,"lastObservedTime":"1970-01-01T00:00:02.000000Z"}}
            create x0 0/2 nodes"#]]
        .assert_eq(&written(&notes, "Scheduling", true).join("\n"));
    }
}
