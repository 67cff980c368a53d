//! The recorded rows: every record in order, and under each row's key its versions. `cut` takes the last of them away.

mod cut;

use super::flights::Flights;
use super::row::RowKey;
use super::view::View;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::chance::StableHasher;
use crate::cluster::fault::Fault;
use crate::cluster::record::{Change, Fact, MessageKind, NodeId, Record, RecordId};
use crate::cluster::request::{Subresource, Verb};
use crate::cluster::runtime::{ContainerId, SandboxId};
use crate::cluster::table::Table;
use crate::cluster::time::SimTime;
use crate::kubectl::LAST_APPLIED;
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

/// A row's new state: when, and the record that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// When.
    pub time: SimTime,
    /// Which record.
    pub record: RecordId,
    /// Whether the row is gone with it: what was its object was deleted.
    pub is_end: bool,
}

/// The records of a run, and their indices.
#[derive(Clone, Debug, Default)]
pub struct History {
    records: Vec<Record>,
    /// The versions of each row, row after row as they came to be.
    versions: Vec<Vec<Version>>,
    /// Where a row's versions are.
    places: Table<RowKey, u32>,
    /// The same for what is gone through in the order of the keys: objects and commands.
    order: BTreeMap<RowKey, u32>,
    /// The moments at which something happens that shows, each once.
    moments: Vec<SimTime>,
    messages: Flights<RecordId>,
    requests: Flights<u32>,
    /// Of each request its place among `requests`.
    request_places: BTreeMap<u32, usize>,
    sandboxes: BTreeMap<Str, Vec<SandboxId>>,
    containers: BTreeMap<SandboxId, Vec<ContainerId>>,
    processes: BTreeMap<SandboxId, Vec<(NodeId, u32)>>,
    owned: BTreeMap<Str, BTreeSet<ObjectKey>>,
    /// The objects that `kubectl apply` has left its note in, at any time.
    applied: BTreeSet<ObjectKey>,
    /// The Events about objects of a name, in the order in which they came.
    events: Table<Str, Vec<ObjectKey>>,
    /// The records of decisions, in order.
    decisions: Vec<RecordId>,
    /// The records of what was broken and mended, in order.
    faults: Vec<RecordId>,
    nodes: Vec<Str>,
    /// The records by which nodes were added.
    added_nodes: Vec<RecordId>,
    /// Until when it tells, where more is recorded than may be seen.
    until: Option<SimTime>,
}

/// One step of a chain of causes.
pub type Cause<'a> = &'a Record;

impl History {
    /// A history without records. `nodes` are the nodes' names: `NodeId` is the place.
    pub fn new(nodes: Vec<Str>) -> Self {
        Self { nodes, ..Self::default() }
    }
    /// Adds the records that come next. What is there already is left out, so that a part of the run may be
    /// run again.
    pub fn extend(&mut self, records: impl IntoIterator<Item = Record>) {
        for record in records {
            if record.id.0 as usize == self.records.len() {
                self.push(record);
            }
        }
    }
    fn push(&mut self, record: Record) {
        if let Some(key) = RowKey::of(&record.fact) {
            let place = match self.places.get(&key) {
                Some(place) => *place as usize,
                None => {
                    self.index(&key, &record.fact);
                    let place = self.versions.len();
                    self.places.insert(key.clone(), place as u32);
                    if matches!(key, RowKey::Object(_) | RowKey::Command(_)) {
                        self.order.insert(key.clone(), place as u32);
                    }
                    self.versions.push(Vec::new());
                    place
                }
            };
            self.own(&record, place);
            if let (Fact::Request(number, row), RowKey::Request(_)) = (&record.fact, &key) {
                let until = row.ended.as_ref().map_or(SimTime::NEVER, |(ended, _)| *ended);
                match self.request_places.get(number) {
                    Some(place) => self.requests.end(*place, until),
                    None => {
                        let place = self.requests.push(*number, record.time, until);
                        self.request_places.insert(*number, place);
                    }
                }
            }
            let is_end = matches!(record.fact, Fact::Object { change: Change::Deleted, .. });
            self.versions[place].push(Version { time: record.time, record: record.id, is_end });
        }
        // A machine comes with the first Node of its name.
        if let Fact::Object { object, change: Change::Added } = &record.fact
            && object.kind() == Kind::Node
            && !self.nodes.contains(&object.meta().name)
        {
            self.nodes.push(object.meta().name.clone());
            self.added_nodes.push(record.id);
        }
        if let Fact::Message(message) = &record.fact {
            self.messages.push(record.id, record.time, message.arrives);
        }
        if matches!(record.fact, Fact::Decision(_)) {
            self.decisions.push(record.id);
        }
        if matches!(record.fact, Fact::Fault(_)) {
            self.faults.push(record.id);
        }
        if shows(&record.fact) && self.moments.last() != Some(&record.time) {
            self.moments.push(record.time);
        }
        self.records.push(record);
    }
    /// Notes whom an object belongs to, where that is new, and whether it was applied.
    fn own(&mut self, record: &Record, place: usize) {
        let Fact::Object { object, .. } = &record.fact else { return };
        if is_applied(object) {
            self.applied.insert(object.key());
        }
        let owners = &object.meta().owner_references;
        let last = self.versions[place].last().and_then(|version| self.record(version.record));
        if let Some(Fact::Object { object, .. }) = last.map(|last| &last.fact)
            && object.meta().owner_references == *owners
        {
            return;
        }
        for owner in owners {
            self.owned.entry(owner.uid.clone()).or_default().insert(object.key());
        }
    }
    fn index(&mut self, key: &RowKey, fact: &Fact) {
        match (key, fact) {
            (RowKey::Object(key), Fact::Object { object: Object::Event(event), .. }) => {
                self.events.or_default(event.involved_object.name.clone()).push(key.clone());
            }
            (RowKey::Sandbox(id), Fact::Sandbox(_, Some(row))) => {
                self.sandboxes.entry(row.pod_uid.clone()).or_default().push(*id);
            }
            (RowKey::Container(id), Fact::Container(_, Some(row))) => {
                self.containers.entry(row.sandbox).or_default().push(*id);
            }
            (RowKey::Process(node, pid), Fact::Process(_, _, Some(row))) => {
                self.processes.entry(row.sandbox).or_default().push((*node, *pid));
            }
            _ => {}
        }
    }
    /// Until when it tells, where more is recorded than may be seen.
    pub fn until(&self) -> Option<SimTime> {
        self.until
    }
    /// The state at a time: everything that happened until then, that moment included.
    pub fn at(&self, at: SimTime) -> View<'_> {
        View::new(self, at)
    }
    /// Every record, in order.
    pub fn records(&self) -> &[Record] {
        &self.records
    }
    /// A record.
    pub fn record(&self, id: RecordId) -> Option<&Record> {
        self.records.get(id.0 as usize)
    }
    /// The records after `from` and up to `to`.
    pub fn records_within(&self, from: SimTime, to: SimTime) -> &[Record] {
        let start = self.records.partition_point(|record| record.time <= from);
        let end = self.records.partition_point(|record| record.time <= to);
        &self.records[start..end.max(start)]
    }
    /// When the last record was written.
    pub fn end(&self) -> SimTime {
        self.records.last().map_or(SimTime::ZERO, |record| record.time)
    }
    /// The nodes' names.
    pub fn nodes(&self) -> &[Str] {
        &self.nodes
    }
    /// The versions of a row, in order.
    pub fn versions(&self, key: &RowKey) -> &[Version] {
        self.places.get(key).and_then(|place| self.versions.get(*place as usize)).map_or(&[], Vec::as_slice)
    }
    /// The versions of each object of a kind that there is or was at any time, in the order of their keys.
    pub fn objects(&self, kind: Kind) -> impl Iterator<Item = &[Version]> {
        let first = ObjectKey { kind, namespace: Str::default(), name: Str::default() };
        let rows = self.rows_from(RowKey::Object(first));
        let of_kind = rows.take_while(move |(key, _)| key.object().is_some_and(|key| key.kind == kind));
        of_kind.map(|(_, versions)| versions)
    }
    /// The kinds that definitions have made, as far as there are or were objects of them.
    pub fn custom_kinds(&self) -> Vec<Kind> {
        let last = Kind::all().last().unwrap_or(Kind::first());
        let first = ObjectKey { kind: last, namespace: Str::default(), name: Str::default() };
        let mut kinds: Vec<Kind> = Vec::new();
        let keys = self.rows_from(RowKey::Object(first)).map_while(|(key, _)| key.object());
        for kind in keys.map(|key| key.kind).filter(|kind| kind.is_custom()) {
            if kinds.last() != Some(&kind) {
                kinds.push(kind);
            }
        }
        kinds
    }
    /// The objects or commands whose keys are from `from` on, in order, with their versions.
    pub(super) fn rows_from(&self, from: RowKey) -> impl Iterator<Item = (&RowKey, &[Version])> {
        self.order.range(from..).map(|(key, place)| (key, self.versions[*place as usize].as_slice()))
    }
    /// A record and what it came from, back to what a person did (or to the beginning of the run).
    pub fn causes(&self, id: RecordId) -> impl Iterator<Item = Cause<'_>> {
        std::iter::successors(self.record(id), |record| self.record(record.cause?))
    }
    /// The next moment after `at` at which something happens that shows.
    pub fn next_event(&self, at: SimTime) -> Option<SimTime> {
        self.moments.get(self.moments.partition_point(|moment| *moment <= at)).copied()
    }
    /// The last moment before `at` at which something happened that shows.
    pub fn previous_event(&self, at: SimTime) -> Option<SimTime> {
        let place = self.moments.partition_point(|moment| *moment < at).checked_sub(1)?;
        self.moments.get(place).copied()
    }
    /// The moments after `from` and up to `to` at which something happens that shows.
    pub(super) fn moments_within(&self, from: SimTime, to: SimTime) -> &[SimTime] {
        let start = self.moments.partition_point(|moment| *moment <= from);
        let end = self.moments.partition_point(|moment| *moment <= to);
        &self.moments[start..end.max(start)]
    }
    /// A number that two runs share only where every record is the same, natively and in the browser.
    pub fn digest(&self) -> u64 {
        let mut hasher = StableHasher::new(0);
        for record in &self.records {
            record.hash(&mut hasher);
        }
        hasher.finish()
    }
    /// The records of the decisions up to a time, in order.
    pub(super) fn decisions(&self, at: SimTime) -> &[RecordId] {
        let is_made = |id: &RecordId| self.record(*id).is_some_and(|record| record.time <= at);
        &self.decisions[..self.decisions.partition_point(is_made)]
    }
    /// What was broken and mended in all that is recorded, each with its time, in order.
    pub fn faults(&self) -> impl Iterator<Item = (SimTime, &Fault)> {
        self.faults.iter().filter_map(|id| {
            let record = self.record(*id)?;
            match &record.fact {
                Fact::Fault(fault) => Some((record.time, &**fault)),
                _ => None,
            }
        })
    }
    pub(super) fn messages(&self) -> &Flights<RecordId> {
        &self.messages
    }
    pub(super) fn requests(&self) -> &Flights<u32> {
        &self.requests
    }
    /// All sandboxes that a Pod has at any time.
    pub(crate) fn sandboxes_of(&self, pod_uid: &str) -> &[SandboxId] {
        self.sandboxes.get(pod_uid).map_or(&[], Vec::as_slice)
    }
    /// All containers that a sandbox has at any time.
    pub(crate) fn containers_of(&self, sandbox: SandboxId) -> &[ContainerId] {
        self.containers.get(&sandbox).map_or(&[], Vec::as_slice)
    }
    pub(super) fn processes_of(&self, sandbox: SandboxId) -> &[(NodeId, u32)] {
        self.processes.get(&sandbox).map_or(&[], Vec::as_slice)
    }
    pub(super) fn events_about(&self, name: &Str) -> &[ObjectKey] {
        self.events.get(name).map_or(&[], Vec::as_slice)
    }
    pub(super) fn owned_by(&self, uid: &str) -> Option<&BTreeSet<ObjectKey>> {
        self.owned.get(uid)
    }
    pub(super) fn applied(&self) -> &BTreeSet<ObjectKey> {
        &self.applied
    }
}

/// Whether `kubectl apply` made an object or took it over: it bears its note. A controller copies the note of what it works for
/// into its ControllerRevisions.
pub(super) fn is_applied(object: &Object) -> bool {
    object.meta().annotations.contains_key(LAST_APPLIED) && object.kind() != Kind::ControllerRevision
}

/// Whether a fact shows on the stage: what only keeps the cluster going, what only reads, and Kubernetes' own
/// notes do not. Of a Node shows what others change in it, not what its kubelet reports again and again.
pub fn shows(fact: &Fact) -> bool {
    match fact {
        Fact::Object { object, .. } => !matches!(object.kind(), Kind::Lease | Kind::Event | Kind::Node),
        Fact::Message(message) => match &message.kind {
            MessageKind::Request(request) => {
                let is_report = request.key.kind == Kind::Node
                    && matches!(request.verb, Verb::Patch(..))
                    && request.subresource == Subresource::Status;
                request.is_write() && !is_report && !matches!(request.key.kind, Kind::Lease | Kind::Event)
            }
            MessageKind::Answer(_, refusal) => refusal.is_some(),
            MessageKind::Watch(_, key) => !matches!(key.kind, Kind::Lease | Kind::Event | Kind::Node),
        },
        Fact::Process(..) | Fact::Decision(_) => false,
        Fact::Sandbox(..)
        | Fact::Container(..)
        | Fact::Pull(..)
        | Fact::Signal(..)
        | Fact::Hook(..)
        | Fact::NotSimulated(..)
        | Fact::Rules(..)
        | Fact::Client(..)
        | Fact::Request(..)
        | Fact::CommandBegins(..)
        | Fact::CommandPrints(..)
        | Fact::CommandEnds(..)
        | Fact::Fault(_)
        | Fact::Limit(..) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::{Namespace, NamespaceSpec, ObjectMeta};
    use crate::cluster::Cluster;
    use crate::cluster::event::Caller;
    use crate::cluster::record::{Actor, Change};
    use crate::cluster::request::{DeleteOptions, Request};
    use crate::cluster::setup::Setup;
    use std::rc::Rc;

    /// A Namespace comes to life, and is deleted after two seconds.
    fn records() -> Vec<Record> {
        let mut cluster = Cluster::new(&Setup::with_seed(3));
        let caller = Caller { actor: Actor::Person, task: 0, call: None };
        let metadata = Rc::new(ObjectMeta { name: "shop".into(), ..ObjectMeta::default() });
        let spec = NamespaceSpec { finalizers: vec!["kubernetes".into()], ..NamespaceSpec::default() };
        let namespace = Namespace { metadata, spec, ..Namespace::default() };
        cluster.send(caller, Request::create(namespace), None);
        while cluster.next_time().is_some_and(|next| next < SimTime::millis(2_000)) {
            cluster.step();
        }
        cluster.wait_until(SimTime::millis(2_000));
        let key = ObjectKey::new(Kind::Namespace, "", "shop");
        cluster.send(caller, Request::delete(key, DeleteOptions::default()), None);
        while cluster.next_time().is_some_and(|next| next < SimTime::millis(60_000)) {
            cluster.step();
        }
        cluster.take_records()
    }

    fn history(records: &[Record]) -> History {
        let mut history = History::new(vec!["node-1".into(), "node-2".into()]);
        history.extend(records.iter().cloned());
        history
    }

    /// The objects at a time, by going through every record until then.
    fn replayed(records: &[Record], at: SimTime) -> Vec<Object> {
        let mut objects = BTreeMap::new();
        for record in records.iter().take_while(|record| record.time <= at) {
            match &record.fact {
                Fact::Object { change: Change::Deleted, object } => _ = objects.remove(&object.key()),
                Fact::Object { object, .. } => _ = objects.insert(object.key(), object.clone()),
                _ => {}
            }
        }
        objects.into_values().collect()
    }

    #[test]
    fn the_state_at_any_time_is_what_was_recorded_until_then() {
        let records = records();
        let history = history(&records);
        let times: BTreeSet<SimTime> = records
            .iter()
            .flat_map(|record| [SimTime(record.time.0.saturating_sub(1)), record.time])
            .collect();
        assert!(times.len() > 20);
        for at in times {
            let view = history.at(at);
            let looked_up: Vec<Object> =
                Kind::all().flat_map(|kind| view.objects(kind, None).cloned()).collect();
            assert!(looked_up == replayed(&records, at), "the objects at {at:?}");
            let in_flight: BTreeSet<RecordId> = view.messages().map(|flight| flight.record.id).collect();
            let expected: BTreeSet<RecordId> = records
                .iter()
                .filter(|record| {
                    matches!(&record.fact, Fact::Message(message) if record.time <= at && message.arrives > at)
                })
                .map(|record| record.id)
                .collect();
            assert_eq!(in_flight, expected, "the messages at {at:?}");
        }
    }

    #[test]
    fn what_is_cut_off_leaves_no_trace() {
        let records = records();
        let at = SimTime::millis(2_001);
        let (mut cut, whole) = (history(&records), history(&records));
        cut.truncate(at);
        let kept = records.iter().take_while(|record| record.time <= at).count();
        let fresh = history(&records[..kept]);
        assert_eq!(cut.records(), fresh.records());
        assert_eq!((&cut.order, &cut.versions), (&fresh.order, &fresh.versions));
        assert_eq!(cut.moments, fresh.moments);
        assert_eq!(cut.digest(), fresh.digest());
        assert_ne!(cut.digest(), whole.digest());
        // The rest can be run again, from anywhere before.
        cut.extend(records[kept / 2..].iter().cloned());
        assert_eq!(cut.records(), whole.records());
        assert_eq!(cut.digest(), whole.digest());
    }

    #[test]
    fn what_is_known_until_a_moment_is_a_run_that_ends_there() {
        let records = records();
        let whole = history(&records);
        let mut counts = BTreeSet::new();
        for at in records.iter().step_by(7).map(|record| record.time) {
            let known = whole.known_until(at);
            let fresh = history(&records[..records.partition_point(|record| record.time <= at)]);
            assert_eq!(known.records(), fresh.records());
            assert_eq!((&known.order, &known.versions), (&fresh.order, &fresh.versions), "at {at:?}");
            assert_eq!((&known.moments, known.nodes()), (&fresh.moments, fresh.nodes()), "at {at:?}");
            assert!(known.is_known_of(&whole, at) && known.until() == Some(at));
            counts.insert(known.records().len());
        }
        let half = records.len() / 2;
        assert!(
            counts.range(1..half).count() > 0 && counts.range(half..).count() > 1,
            "{counts:?} of {half}"
        );
    }

    #[test]
    fn events_follow_each_other_both_ways() {
        let history = history(&records());
        let mut forth = Vec::new();
        let mut at = SimTime::ZERO;
        while let Some(next) = history.next_event(at) {
            forth.push(next);
            at = next;
        }
        let mut back = Vec::new();
        at = at + 1;
        while let Some(previous) = history.previous_event(at).filter(|previous| *previous > SimTime::ZERO) {
            back.insert(0, previous);
            at = previous;
        }
        assert!(forth.len() > 5);
        assert_eq!(forth, back);
    }

    #[test]
    fn causes_lead_back_to_the_person() {
        let history = history(&records());
        let account = RowKey::Object(ObjectKey::new(Kind::ServiceAccount, "shop", "default"));
        let made = history.versions(&account)[0];
        let actors: Vec<Actor> = history.causes(made.record).map(|record| record.actor).collect();
        assert_eq!(actors.first(), Some(&Actor::Etcd));
        assert_eq!(actors.last(), Some(&Actor::Person));
        assert!(history.causes(made.record).is_sorted_by(|later, earlier| later.id > earlier.id));
    }
}
