//! The engine: one clock, one queue in total order (time, then sequence), one log of records.

use super::chance::Chance;
use super::effort::Effort;
use super::event::{Caller, Event};
use super::latency::Hop;
use super::record::{Actor, ControllerName, Fact, Message, MessageKind, Record, RecordId};
use super::request::{Request, Subresource, Verb};
use super::table::Table;
use super::task::{Answered, Call, Issued};
use super::time::{MILLI, Micros, SECOND, SimTime, WallClock};
use crate::api::Kind;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::rc::Rc;

/// Something that is to happen, in its place.
#[derive(Clone, Debug)]
struct Queued {
    at: SimTime,
    sequence: u64,
    /// Where the event is kept: the queue moves its entries about, and events are large.
    slot: u32,
}

impl PartialEq for Queued {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.sequence) == (other.at, other.sequence)
    }
}
impl Eq for Queued {}
impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Queued {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.sequence).cmp(&(other.at, other.sequence))
    }
}

/// An event's place in the queue, by which it can be withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(SimTime, u64);

/// A client's limit of requests a second (upstream: client-go's token bucket).
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    /// When the next request may go, were the burst used up.
    next: SimTime,
}

/// What a record takes in WebAssembly with all that it holds, and with what the cluster keeps for it.
const BYTES_A_RECORD: usize = 640;
/// From so many records on room is made for the next ones.
const MANY_RECORDS: u32 = 512;

/// Takes the memory for the next records at once and gives it back to the allocator: a quarter more each time. Page by
/// page, as it comes otherwise, the browser collects garbage with every megabyte that a WebAssembly grows by.
fn make_room(records: u32) {
    let quarter = 1 << records.max(MANY_RECORDS).ilog2().saturating_sub(2);
    if records >= MANY_RECORDS && records.is_multiple_of(quarter) {
        drop(std::hint::black_box(Vec::<u8>::with_capacity(quarter as usize * BYTES_A_RECORD)));
    }
}

/// Changes that are made at the same time make each other slower: past so many no further.
const MOST_WRITES: u64 = 8;
/// How long the control plane's machine stays as busy as it is.
const PACE: Micros = 50 * MILLI;
/// A work's own place spreads around the machine's over all places divided by this.
const NEAR: i64 = 5;

/// What every part of the cluster needs to act.
#[derive(Clone, Debug)]
pub struct Engine {
    /// Now.
    pub now: SimTime,
    /// What the clocks on the wall show.
    pub wall: WallClock,
    /// Chance.
    pub chance: Chance,
    queue: BinaryHeap<Reverse<Queued>>,
    /// The events of the queue, and the slots that are free.
    events: Vec<Option<Event>>,
    free: Vec<u32>,
    sequence: u64,
    /// Events of the queue that are not to happen any more, in the queue's order. None of them is the next.
    withdrawn: BTreeSet<(SimTime, u64)>,
    log: Vec<Record>,
    next_record: u32,
    /// Of each client; true for that of a component which writes its Events.
    buckets: Table<(Actor, bool), Bucket>,
    /// When each component's last Event is written: its recorder writes one after the other.
    recorders: BTreeMap<Actor, SimTime>,
    /// Events of the queue that go on by themselves for ever: leases, probes, resyncs.
    idle: usize,
    /// What the machines' processors are at work on.
    pub(super) efforts: BTreeMap<u16, Effort>,
    /// How many changes the API server is at work on.
    writes: u64,
    /// Whether every hop takes its median: for tests whose traces other draws must not change.
    is_steady: bool,
    /// How busy the machine is, and in which window.
    pace: (u64, u64),
}

/// Even bits that are near others, by even bits of their own: what would be past an end is as far from it inside.
fn near(bits: u64, own: u64) -> u64 {
    let from_middle = (own ^ 1 << 63) as i64;
    let (at, is_past) = bits.overflowing_add_signed(from_middle / NEAR);
    if is_past { !at } else { at }
}

impl Engine {
    /// An engine at time 0.
    pub fn new(seed: u64, wall: WallClock) -> Self {
        Self {
            now: SimTime::ZERO,
            wall,
            chance: Chance::new(seed),
            queue: BinaryHeap::new(),
            events: Vec::new(),
            free: Vec::new(),
            sequence: 0,
            withdrawn: BTreeSet::new(),
            log: Vec::new(),
            next_record: 0,
            buckets: Table::default(),
            recorders: BTreeMap::new(),
            idle: 0,
            efforts: BTreeMap::new(),
            writes: 0,
            is_steady: false,
            pace: (u64::MAX, 0),
        }
    }
    /// Puts an event into the queue. What is due already happens now, after what is queued for now.
    pub fn schedule(&mut self, at: SimTime, event: Event) -> Place {
        self.sequence += 1;
        self.idle += usize::from(event.is_idle());
        let slot = match self.free.pop() {
            Some(slot) => {
                self.events[slot as usize] = Some(event);
                slot
            }
            None => {
                self.events.push(Some(event));
                self.events.len() as u32 - 1
            }
        };
        let at = at.max(self.now);
        self.queue.push(Reverse(Queued { at, sequence: self.sequence, slot }));
        Place(at, self.sequence)
    }
    /// Takes an event back that does not go on by itself for ever; one that has happened stays so.
    pub fn withdraw(&mut self, Place(at, sequence): Place) {
        let is_ahead = |next: &Reverse<Queued>| (next.0.at, next.0.sequence) <= (at, sequence);
        if self.queue.peek().is_some_and(is_ahead) {
            self.withdrawn.insert((at, sequence));
            self.forget_withdrawn();
        }
    }
    fn forget_withdrawn(&mut self) {
        while let Some(Reverse(queued)) = self.queue.peek()
            && self.withdrawn.first() == Some(&(queued.at, queued.sequence))
        {
            self.withdrawn.pop_first();
            if let Some(Reverse(queued)) = self.queue.pop() {
                self.take_event(queued.slot);
            }
        }
    }
    fn take_event(&mut self, slot: u32) -> Option<Event> {
        self.free.push(slot);
        self.events[slot as usize].take()
    }
    /// When the next event is due.
    pub fn next_time(&self) -> Option<SimTime> {
        self.queue.peek().map(|Reverse(queued)| queued.at)
    }
    /// Whether something comes of itself later than so long from now, because its time will have come, and may change something.
    pub fn plans_beyond(&self, span: Micros) -> bool {
        let from = self.now + span;
        let stirs = |queued: &Queued| {
            let event = self.events.get(queued.slot as usize).and_then(Option::as_ref);
            event.is_some_and(Event::stirs) && !self.withdrawn.contains(&(queued.at, queued.sequence))
        };
        self.queue.iter().any(|Reverse(queued)| queued.at > from && stirs(queued))
    }
    /// Whether nothing is to happen but what goes on by itself for ever.
    pub fn is_quiet(&self) -> bool {
        self.queue.len() == self.idle + self.withdrawn.len()
    }
    /// Takes the next event and moves the clock to it.
    pub fn pop(&mut self) -> Option<Event> {
        let Reverse(queued) = self.queue.pop()?;
        self.now = queued.at;
        let event = self.take_event(queued.slot)?;
        self.idle -= usize::from(event.is_idle());
        if let Event::Arrive { request, .. } = &event {
            self.writes -= u64::from(request.is_write());
        }
        self.forget_withdrawn();
        Some(event)
    }
    /// Writes a record of this moment.
    pub fn record(&mut self, actor: Actor, cause: Option<RecordId>, fact: Fact) -> RecordId {
        let id = RecordId(self.next_record);
        self.next_record += 1;
        self.log.push(Record { id, time: self.now, actor, cause, fact });
        if cfg!(target_family = "wasm") {
            make_room(self.next_record);
        }
        id
    }
    /// The records written since this was last asked.
    pub fn take_records(&mut self) -> Vec<Record> {
        // As much room again: the next ones are mostly as many.
        let room = Vec::with_capacity(self.log.len());
        std::mem::replace(&mut self.log, room)
    }
    /// The place of the next record.
    pub fn next_record(&self) -> RecordId {
        RecordId(self.next_record)
    }
    /// How long a hop takes this time.
    pub fn latency(&mut self, hop: Hop, who: impl std::hash::Hash) -> Micros {
        if self.is_steady {
            return hop.at(1 << 63);
        }
        let own = self.chance.draw((hop, who));
        hop.at(if hop.is_shared() { near(self.pace(), own) } else { own })
    }
    /// How busy the control plane's machine is at this moment, as even bits: what it does at the same time takes alike long.
    fn pace(&mut self) -> u64 {
        let window = self.now.0 / PACE;
        if self.pace.0 != window {
            self.pace = (window, self.chance.fixed(("pace", window)));
        }
        self.pace.1
    }
    /// A share of `span` by chance: what is added to a wait so that not all end together.
    pub fn jitter(&mut self, span: Micros, who: impl std::hash::Hash) -> Micros {
        let bits = if self.is_steady { 1 << 63 } else { self.chance.draw(who) };
        super::chance::scale(bits, span.max(1))
    }
    /// Lets every hop take its median from now on.
    #[cfg(test)]
    pub(crate) fn be_steady(&mut self) {
        self.is_steady = true;
    }
    /// When a client may send its next request: at once within its burst, then at its rate. Kubelets and the
    /// scheduler write their Events by a client of their own.
    fn admitted(&mut self, actor: Actor, kind: Kind) -> SimTime {
        let (per_second, burst) = match actor {
            // kube-controller-manager gives these two more (upstream: cmd/kube-controller-manager/app/core.go).
            Actor::Controller(ControllerName::Namespace) => (400, 3_000),
            Actor::Controller(ControllerName::GarbageCollector) => (40, 30),
            Actor::Controller(_) => (20, 30),
            Actor::Scheduler | Actor::Kubelet(_) => (50, 100),
            Actor::KubeProxy(_) => (5, 10),
            _ => return self.now,
        };
        let (now, interval) = (self.now, SECOND / per_second);
        let is_apart = kind == Kind::Event && matches!(actor, Actor::Scheduler | Actor::Kubelet(_));
        let bucket = self.buckets.or_default((actor, is_apart));
        // The time at which an empty bucket would have been full again, `burst` intervals ahead at most.
        bucket.next = bucket.next.max(now) + interval;
        let full = interval * burst;
        SimTime(bucket.next.0.saturating_sub(full)).max(now)
    }
    /// Sends a request to the API server, as soon as the client's rate allows. Its answer comes to `caller` as
    /// `Event::Answer`.
    pub fn send(&mut self, caller: Caller, request: Request, cause: Option<RecordId>) {
        let at = self.admitted(caller.actor, request.key.kind);
        let request = Rc::new(request);
        if at > self.now {
            self.schedule(at, Event::Leave { caller, request, cause });
        } else {
            self.leave(caller, request, cause);
        }
    }
    /// A request sets out.
    pub(super) fn leave(&mut self, caller: Caller, request: Rc<Request>, cause: Option<RecordId>) {
        let (actor, key) = (caller.actor, &request.key);
        let arrives = self.now + self.latency(Hop::Network, (actor, key));
        let mut work = self.latency(if request.is_write() { Hop::Commit } else { Hop::Read }, (actor, key));
        if request.is_write() && !self.is_steady {
            work += work * self.writes.min(MOST_WRITES) / 2;
        }
        self.writes += u64::from(request.is_write());
        let message = Message { to: Actor::ApiServer, arrives, kind: MessageKind::Request(request.clone()) };
        let cause = Some(self.record(actor, cause, Fact::Message(message)));
        let mut done = arrives + work;
        let is_new = matches!(request.verb, Verb::Create(_)) && request.subresource == Subresource::None;
        if request.key.kind == Kind::Pod && is_new {
            done = done + self.latency(Hop::AdmitPod, (actor, key));
        }
        if request.key.kind == Kind::Event {
            done = done + self.latency(Hop::Recorder, actor);
            let last = self.recorders.entry(actor).or_default();
            done = done.max(*last + 1);
            *last = done;
        }
        self.schedule(done, Event::Arrive { caller, request, cause });
    }
    /// Asks on behalf of a task what it has newly asked. Events go to `recorded`, runtime calls to `runtime`.
    pub fn issue(
        &mut self,
        actor: Actor,
        task: u32,
        issued: Vec<Issued>,
        mut other: impl FnMut(&mut Self, Caller, Call, Option<RecordId>),
    ) {
        for Issued { call, what, cause } in issued {
            let caller = Caller { actor, task, call };
            match what {
                Call::Api(request) => self.send(caller, request, cause),
                Call::Sleep(micros) => {
                    let at = self.now + micros;
                    let answered = Answered { at, cause, answer: super::task::Answer::Slept };
                    self.schedule(at, Event::Answer { caller, answered });
                }
                what => other(self, caller, what, cause),
            }
        }
    }
    /// The time at which a watcher or a caller hears of something that happens now.
    pub fn heard(&mut self, hop: Hop, who: impl std::hash::Hash, not_before: SimTime) -> SimTime {
        (self.now + self.latency(hop, who)).max(not_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_that_are_near_others_stay_within_the_ends_and_are_even() {
        assert_eq!(near(1 << 63, 1 << 63), 1 << 63);
        assert_eq!(near(0, 0), u64::MAX / 10 - 1);
        assert!(near(u64::MAX, u64::MAX) < u64::MAX - u64::MAX / 11);
        let (mut chance, mut tenths) = (Chance::new(1), [0; 10]);
        for draw in 0..10_000 {
            let at = near(chance.draw(("others", draw)), chance.draw(("own", draw)));
            tenths[super::super::chance::scale(at, 10) as usize] += 1;
        }
        assert!(tenths.iter().all(|count| (900..1_100).contains(count)), "{tenths:?}");
    }
}
