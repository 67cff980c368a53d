//! etcd: every object under its key, one revision for each change, and the watches on them.

use super::engine::Engine;
use super::event::Event;
use super::keys::KeysByKind;
use super::latency::Hop;
use super::record::{Actor, Change, Fact, Message, MessageKind, RecordId};
use super::request::{WatchEvent, WatchId};
use super::table::{SortedTable, Table};
use super::time::{Micros, SECOND, SimTime};
use crate::api::{Kind, Object, ObjectKey};
use crate::value::Str;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// What a watch sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The kind.
    pub kind: Kind,
    /// One Namespace; none for all.
    pub namespace: Option<Str>,
    /// Only Pods of this node, or this Node itself.
    pub node_name: Option<Str>,
    /// What a client from outside selects, beyond that.
    pub filter: super::request::Filter,
}

impl Scope {
    /// All objects of a kind.
    pub fn all(kind: Kind) -> Self {
        Self { kind, namespace: None, node_name: None, filter: super::request::Filter::default() }
    }
    /// Whether an object is in it.
    pub fn has(&self, object: &Object) -> bool {
        let meta = object.meta();
        self.namespace.as_ref().is_none_or(|namespace| *namespace == meta.namespace)
            && self.node_name.as_ref().is_none_or(|node| node_of(object) == Some(node))
            && super::apiserver::select::matches(&self.filter, object)
    }
}

/// The node that an object belongs to or is.
fn node_of(object: &Object) -> Option<&Str> {
    match object {
        Object::Pod(pod) => Some(&pod.spec.node_name),
        Object::Node(node) => Some(&node.metadata.name),
        _ => None,
    }
}

#[derive(Clone, Debug)]
struct Watch {
    owner: Actor,
    scope: Scope,
    /// Changes that are on their way, each with its record of the message.
    pending: VecDeque<(WatchEvent, Option<RecordId>)>,
    /// When the last of them arrives: a watch keeps its order.
    last: SimTime,
}

/// How long an Event stays after it was written last (upstream: `--event-ttl` of the API server).
const EVENT_TTL: Micros = 3_600 * SECOND;

/// etcd with its watches.
#[derive(Clone, Debug, Default)]
pub struct Store {
    objects: Table<ObjectKey, Object>,
    keys: KeysByKind,
    revision: u64,
    watches: SortedTable<WatchId, Watch>,
    by_kind: BTreeMap<Kind, Vec<WatchId>>,
    by_node: Table<(Kind, Str), WatchId>,
    next_watch: u32,
    /// When Events were written, in order, each with the revision that it got.
    events: VecDeque<(SimTime, Rc<ObjectKey>, u64)>,
}

impl Store {
    /// The revision of the newest change.
    pub fn revision(&self) -> u64 {
        self.revision
    }
    /// The object under a key.
    pub fn get(&self, key: &ObjectKey) -> Option<&Object> {
        self.objects.get(key)
    }
    /// All objects of a kind, in one Namespace or in all, in the order of their keys.
    pub fn list<'a>(&'a self, kind: Kind, namespace: Option<&'a str>) -> impl Iterator<Item = &'a Object> {
        self.keys.list(kind, namespace).filter_map(|key| self.objects.get(key))
    }
    /// Every object.
    pub fn all(&self) -> impl Iterator<Item = &Object> {
        self.keys.all().filter_map(|key| self.objects.get(key))
    }
    /// Writes a change, gives the object its revision and tells the watches. Gives the record.
    pub fn commit(
        &mut self,
        engine: &mut Engine,
        change: Change,
        mut object: Object,
        cause: Option<RecordId>,
    ) -> (Object, RecordId) {
        self.revision += 1;
        object.meta_mut().resource_version = self.revision.into();
        let key = object.key();
        let old = match change {
            Change::Deleted => self.objects.remove(&key),
            Change::Added | Change::Modified => self.objects.insert(key.clone(), object.clone()),
        };
        match (change, &old) {
            (Change::Deleted, _) => self.keys.remove(&key),
            (Change::Added | Change::Modified, None) => self.keys.add(key.clone()),
            (Change::Added | Change::Modified, Some(_)) => {}
        }
        let record = engine.record(Actor::Etcd, cause, Fact::Object { change, object: object.clone() });
        let key = Rc::new(key);
        self.tell(engine, change, &object, old.as_ref(), &key, record);
        if key.kind == Kind::Event && change != Change::Deleted {
            self.events.push_back((engine.now, key, self.revision));
        }
        (object, record)
    }
    /// Takes away the Events whose time is over, unless they were written again meanwhile.
    pub(super) fn expire_events(&mut self, engine: &mut Engine) {
        while let Some((_, key, revision)) =
            self.events.pop_front_if(|(written, ..)| *written + EVENT_TTL <= engine.now)
        {
            let is_last = |event: &&Object| *event.meta().resource_version == *revision.to_string();
            if let Some(event) = self.get(&key).filter(is_last).cloned() {
                self.commit(engine, Change::Deleted, event, None);
            }
        }
    }
    fn tell(
        &mut self,
        engine: &mut Engine,
        change: Change,
        object: &Object,
        old: Option<&Object>,
        key: &Rc<ObjectKey>,
        record: RecordId,
    ) {
        let node = node_of(object).filter(|node| !node.is_empty());
        let node = node.and_then(|node| self.by_node.get(&(key.kind, node.clone()))).copied();
        let watches: Vec<WatchId> =
            self.by_kind.get(&key.kind).into_iter().flatten().copied().chain(node).collect();
        for id in watches {
            let Some(watch) = self.watches.get_mut(&id) else { continue };
            let was = old.is_some_and(|old| watch.scope.has(old));
            let is = change != Change::Deleted && watch.scope.has(object);
            let seen = match (was, is) {
                (false, true) => Change::Added,
                (true, true) => Change::Modified,
                (true, false) => Change::Deleted,
                (false, false) => continue,
            };
            let at = engine.heard(Hop::Watch, (watch.owner, key), watch.last);
            watch.last = at;
            let message =
                Message { to: watch.owner, arrives: at, kind: MessageKind::Watch(seen, key.clone()) };
            let cause = engine.record(Actor::ApiServer, Some(record), Fact::Message(message));
            // What a watch does not see any more it is told of as it last saw it.
            let object = match old {
                Some(old) if seen == Change::Deleted && change != Change::Deleted => {
                    let mut last = old.clone();
                    last.meta_mut().resource_version = object.meta().resource_version.clone();
                    last
                }
                _ => object.clone(),
            };
            watch.pending.push_back((WatchEvent { change: seen, object, at }, Some(cause)));
            engine.schedule(at, Event::Watch(id));
        }
    }
    /// Replaces an object without a word: what is renewed every few seconds is no news. One that is not there stays so.
    pub(super) fn replace_quietly(&mut self, mut object: Object) {
        self.revision += 1;
        object.meta_mut().resource_version = self.revision.into();
        if let Some(old) = self.objects.get_mut(&object.key()) {
            *old = object;
        }
    }
    /// Opens a watch on what changes from now on.
    pub fn watch(&mut self, owner: Actor, scope: Scope) -> WatchId {
        self.next_watch += 1;
        let id = WatchId(self.next_watch);
        match (&scope.node_name, owner) {
            (Some(node), Actor::Kubelet(_)) => _ = self.by_node.insert((scope.kind, node.clone()), id),
            _ => self.by_kind.entry(scope.kind).or_default().push(id),
        }
        self.watches.insert(id, Watch { owner, scope, pending: VecDeque::new(), last: SimTime::ZERO });
        id
    }
    /// Whose a watch is.
    pub fn owner(&self, id: WatchId) -> Option<Actor> {
        self.watches.get(&id).map(|watch| watch.owner)
    }
    /// Closes a watch.
    pub fn unwatch(&mut self, id: WatchId) {
        let Some(watch) = self.watches.remove(&id) else { return };
        if let Some(node) = watch.scope.node_name {
            let key = (watch.scope.kind, node);
            if self.by_node.get(&key) == Some(&id) {
                self.by_node.remove(&key);
            }
        }
        for list in self.by_kind.values_mut() {
            list.retain(|other| *other != id);
        }
    }
    /// Closes all watches of a component.
    pub fn unwatch_all(&mut self, owner: Actor) {
        let own = self.watches.iter().filter(|(_, watch)| watch.owner == owner).map(|(id, _)| *id);
        own.collect::<Vec<_>>().into_iter().for_each(|id| self.unwatch(id));
    }
    /// The next change that a watch tells of, its owner, and the record of the message.
    pub fn next_event(&mut self, id: WatchId) -> Option<(Actor, WatchEvent, Option<RecordId>)> {
        let watch = self.watches.get_mut(&id)?;
        let (event, cause) = watch.pending.pop_front()?;
        Some((watch.owner, event, cause))
    }
}

#[cfg(test)]
mod tests {
    use crate::api::Kind;
    use crate::cluster::testing::Test;
    use crate::cluster::time::SimTime;

    #[test]
    fn an_event_goes_an_hour_after_it_was_written_last() {
        let mut test = Test::new();
        for (name, image) in [("well", "nginx:1.27"), ("ill", "nginx:1.161")] {
            test.create(&format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: c, image: '{image}'}}]}}"
            ));
        }
        let reasons = |test: &Test, name: &str| -> Vec<String> {
            let all = test.cluster.server.store.list(Kind::Event, None);
            let events = all.filter_map(|object| object.get::<crate::api::objects::Event>());
            let mut found: Vec<String> = events
                .filter(|event| &*event.involved_object.name == name)
                .map(|event| event.reason.to_string())
                .collect();
            found.sort();
            found.dedup();
            found
        };
        test.run_until(SimTime::millis(3_590_000));
        assert_eq!(reasons(&test, "well"), ["Created", "Pulled", "Pulling", "Scheduled", "Started"]);
        // It is gone with the next request that the API server gets.
        test.run_until(SimTime::millis(4_000_000));
        assert_eq!(reasons(&test, "well"), Vec::<String>::new());
        assert_eq!(reasons(&test, "ill"), ["BackOff", "Failed"], "what is written again stays");
    }
}
