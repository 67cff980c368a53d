//! Tasks: work with waiting in it, written as one straight function.
//!
//! A controller's sync, a kubelet's sync of a Pod or a kubectl command asks, waits for the answer and
//! goes on. To stay data, such a task is run from its beginning whenever an answer has come: each
//! question that was answered before gives its answer at once, the first new one suspends. So a task
//! reads only its input and its answers, and says `once` before it changes anything of its own.
//!
//! A task that goes round and round would take longer with every round. It notes its state at a round's beginning
//! (`Ask::round`): what was asked before is forgotten, and it goes on from there.

use super::kubelet::Job;
use super::record::RecordId;
use super::recorder::EventNote;
use super::request::{ApiResult, Request, Response, WatchEvent, WatchId};
use super::runtime::{Printed, RuntimeCall, RuntimeResult};
use super::time::{Micros, SimTime, WallClock};
use crate::value::Str;
use std::any::Any;
use std::rc::Rc;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// To the API server.
    Api(Request),
    /// To the node's container runtime (kubelets only).
    Runtime(RuntimeCall),
    /// To the clock: answered after so long.
    Sleep(Micros),
    /// To a watch: its next event; none where none comes within so long.
    WatchNext(WatchId, Micros),
    /// To a kubelet's other workers (kubelets only): answered with what came of it, or `Slept` where it
    /// takes longer than the time that is given.
    Kubelet(Job, Option<Micros>),
    /// To a node's own shell, past the API server (whoever is logged in there): a command.
    Node(Str, Vec<Str>),
    /// Writes an Event; never answered.
    Event(EventNote),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Of the API server.
    Api(Response),
    /// Of the container runtime.
    Runtime(RuntimeResult),
    /// Of a node's shell; none where there is no such node, or it is off.
    Node(Option<Printed>),
    /// The time is over.
    Slept,
    /// What a watch told; none where the time is over.
    Watched(Option<WatchEvent>),
}

/// The task waits for an answer: every function between the question and the task's top hands this on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspended;

/// What came to a task: when, because of which record, and the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// When.
    pub at: SimTime,
    /// The record of the answer.
    pub cause: Option<RecordId>,
    /// The answer.
    pub answer: Answer,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Slot {
    /// Passed once; nothing to wait for.
    Passed,
    /// One question, and its answer.
    One(Option<Answered>),
    /// Questions that were asked together, the answers so far, and how many are missing.
    Asked(Vec<Option<Answered>>, usize),
    /// A loop's state at the beginning of its last round, with the task's clock and cause then.
    Round(State, SimTime, Option<RecordId>),
}

/// The state of a loop: what the task noted.
#[derive(Clone, Debug)]
struct State(Rc<dyn Any>);

/// Two states are the same where they are one.
impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for State {}

/// How many bits of a question's number are its place among those that were asked together.
const PLACE_BITS: u32 = 12;

/// What a task has asked and been told so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    started: SimTime,
    cause: Option<RecordId>,
    slots: Vec<Slot>,
    /// How many slots were forgotten: questions are numbered on, so that a late answer meets no other question.
    forgotten: usize,
}

impl Journal {
    /// The journal of a task that begins.
    pub fn new(started: SimTime, cause: Option<RecordId>) -> Self {
        Self { started, cause, slots: Vec::new(), forgotten: 0 }
    }
    /// Why the task began.
    pub fn cause(&self) -> Option<RecordId> {
        self.cause
    }
    /// When the task began.
    pub fn started(&self) -> SimTime {
        self.started
    }
    /// How many of its questions the task goes through when it is run again.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }
    /// The number of a slot's first question.
    fn number(&self, slot: usize) -> u32 {
        ((slot + self.forgotten) as u32) << PLACE_BITS
    }
    /// Takes the answer to question `call` (as `Issued` numbers it). True where the task can go on.
    pub fn answer(&mut self, call: u32, answered: Answered) -> bool {
        let place = (call & ((1 << PLACE_BITS) - 1)) as usize;
        let Some(slot) = ((call >> PLACE_BITS) as usize).checked_sub(self.forgotten) else { return false };
        match self.slots.get_mut(slot) {
            Some(Slot::One(answer)) if answer.is_none() => {
                *answer = Some(answered);
                true
            }
            Some(Slot::Asked(answers, missing)) => {
                if let Some(place) = answers.get_mut(place)
                    && place.replace(answered).is_none()
                {
                    *missing -= 1;
                }
                *missing == 0
            }
            Some(Slot::Passed | Slot::One(_) | Slot::Round(..)) | None => false,
        }
    }
}

/// A question that has just been asked, with its number. Its answer goes to `Journal::answer` under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Its number; none for what is never answered.
    pub call: Option<u32>,
    /// What is asked.
    pub what: Call,
    /// Because of which record.
    pub cause: Option<RecordId>,
}

/// A task's way to ask.
#[derive(Debug)]
pub struct Ask<'a> {
    journal: &'a mut Journal,
    slot: usize,
    now: SimTime,
    wall: WallClock,
    cause: Option<RecordId>,
    issued: Vec<Issued>,
}

impl<'a> Ask<'a> {
    /// Runs a task from its beginning with what its journal knows.
    pub fn new(journal: &'a mut Journal, wall: WallClock) -> Self {
        let (now, cause) = (journal.started, journal.cause);
        Self { journal, slot: 0, now, wall, cause, issued: Vec::new() }
    }
    /// What was newly asked in this run, in order.
    pub fn into_issued(self) -> Vec<Issued> {
        self.issued
    }
    /// The moment of the last answer that was used: what the task's own clock shows.
    pub fn now(&self) -> SimTime {
        self.now
    }
    /// What the clock on the wall shows then, as objects have it.
    pub fn rfc3339(&self) -> Str {
        self.wall.rfc3339(self.now)
    }
    /// The clock on the wall.
    pub fn wall(&self) -> WallClock {
        self.wall
    }
    /// The same in microseconds since 1970.
    pub fn unix_micros(&self) -> u64 {
        self.wall.unix_micros(self.now)
    }
    /// The record of the last answer that was used.
    pub fn cause(&self) -> Option<RecordId> {
        self.cause
    }
    /// Begins a loop whose first round has this state. Gives its place, for `round`, and the state to go on with:
    /// that of the last round that was noted.
    pub fn rounds<T: Clone + 'static>(&mut self, first: impl FnOnce() -> T) -> (usize, T) {
        let place = self.slot;
        self.slot += 1;
        if place == self.journal.slots.len() {
            let state = State(Rc::new(first()));
            self.journal.slots.push(Slot::Round(state, self.now, self.cause));
        }
        match &self.journal.slots[place] {
            Slot::Round(state, now, cause) => {
                (self.now, self.cause) = (*now, *cause);
                match state.0.downcast_ref::<T>() {
                    Some(state) => (place, state.clone()),
                    // A task asks the same questions in the same order: the state is its own.
                    None => unreachable!("the loop has another state"),
                }
            }
            _ => unreachable!("a loop begins where a question was asked"),
        }
    }
    /// What is made but once, however often the task is run from its beginning.
    pub fn kept<T: Clone + 'static>(&mut self, make: impl FnOnce() -> T) -> T {
        self.rounds(make).1
    }
    /// Begins another round of a loop: what its rounds have asked is forgotten, and the task goes on from here.
    pub fn round<T: Clone + 'static>(&mut self, place: usize, state: impl FnOnce() -> T) {
        let forgotten = self.journal.slots.len() - (place + 1);
        // A round that asked nothing is gone through again, and so is one that was noted: its answers are still to
        // be read.
        if forgotten == 0 || self.slot < self.journal.slots.len() {
            return;
        }
        self.journal.slots.truncate(place + 1);
        self.journal.forgotten += forgotten;
        self.journal.slots[place] = Slot::Round(State(Rc::new(state())), self.now, self.cause);
        self.slot = place + 1;
    }
    /// True the first time that the task comes by here. What changes anything but answers stands behind this.
    pub fn once(&mut self) -> bool {
        let new = self.slot == self.journal.slots.len();
        if new {
            self.journal.slots.push(Slot::Passed);
        }
        self.slot += 1;
        new
    }
    /// Asks without waiting; an answer is thrown away.
    pub fn fire(&mut self, what: Call) {
        if self.once() {
            self.issued.push(Issued { call: None, what, cause: self.cause });
        }
    }
    /// Writes an Event.
    pub fn event(&mut self, note: EventNote) {
        self.fire(Call::Event(note));
    }
    /// Writes an Event that is put into words only where it was not written before.
    pub fn event_with(&mut self, note: impl FnOnce() -> EventNote) {
        if self.once() {
            self.issued.push(Issued { call: None, what: Call::Event(note()), cause: self.cause });
        }
    }
    /// Asks several things at once and waits for all answers, which come in the order of the questions.
    pub fn all(&mut self, calls: Vec<Call>) -> Result<Vec<Answer>, Suspended> {
        self.all_with(|| calls)
    }
    /// The same with questions that are made only where they were not asked before.
    pub fn all_with(&mut self, calls: impl FnOnce() -> Vec<Call>) -> Result<Vec<Answer>, Suspended> {
        let slot = self.slot;
        self.slot += 1;
        if slot == self.journal.slots.len() {
            let calls = calls();
            self.journal.slots.push(Slot::Asked(vec![None; calls.len()], calls.len()));
            for (place, what) in calls.into_iter().enumerate() {
                let call = Some(self.journal.number(slot) | place as u32);
                self.issued.push(Issued { call, what, cause: self.cause });
            }
        }
        let Slot::Asked(answers, 0) = &self.journal.slots[slot] else { return Err(Suspended) };
        let mut out = Vec::with_capacity(answers.len());
        for answered in answers {
            let Answered { at, cause, answer } = answered.as_ref().ok_or(Suspended)?;
            if *at >= self.now {
                (self.now, self.cause) = (*at, cause.or(self.cause));
            }
            out.push(answer.clone());
        }
        Ok(out)
    }
    /// The moment, the cause and the answer of a question; asks it where it was not asked before.
    fn one(&mut self, call: impl FnOnce() -> Call) -> Result<Answer, Suspended> {
        let slot = self.slot;
        self.slot += 1;
        if slot == self.journal.slots.len() {
            self.journal.slots.push(Slot::One(None));
            let number = Some(self.journal.number(slot));
            self.issued.push(Issued { call: number, what: call(), cause: self.cause });
        }
        let Some(Slot::One(Some(answered))) = self.journal.slots.get(slot) else { return Err(Suspended) };
        if answered.at >= self.now {
            (self.now, self.cause) = (answered.at, answered.cause.or(self.cause));
        }
        Ok(answered.answer.clone())
    }
    /// Asks the API server.
    pub fn api(&mut self, request: Request) -> Result<ApiResult, Suspended> {
        Ok(self.api_with_warnings(request)?.result)
    }
    /// The same with a request that is made only where it was not sent before.
    pub fn api_with(&mut self, request: impl FnOnce() -> Request) -> Result<ApiResult, Suspended> {
        match self.one(|| Call::Api(request()))? {
            Answer::Api(response) => Ok(response.result),
            _ => Err(Suspended),
        }
    }
    /// Asks the API server, and hears its warnings.
    pub fn api_with_warnings(&mut self, request: Request) -> Result<Response, Suspended> {
        match self.one(|| Call::Api(request))? {
            Answer::Api(response) => Ok(response),
            _ => Err(Suspended),
        }
    }
    /// Asks the API server several things at once.
    pub fn api_all(&mut self, requests: Vec<Request>) -> Result<Vec<ApiResult>, Suspended> {
        self.api_all_with(|| requests)
    }
    /// The same with requests that are made only where they were not sent before.
    pub fn api_all_with(
        &mut self,
        requests: impl FnOnce() -> Vec<Request>,
    ) -> Result<Vec<ApiResult>, Suspended> {
        let answers = self.all_with(|| requests().into_iter().map(Call::Api).collect())?;
        Ok(answers
            .into_iter()
            .filter_map(|answer| match answer {
                Answer::Api(response) => Some(response.result),
                _ => None,
            })
            .collect())
    }
    /// Asks the container runtime.
    pub fn runtime(&mut self, call: RuntimeCall) -> Result<RuntimeResult, Suspended> {
        match self.one(|| Call::Runtime(call))? {
            Answer::Runtime(result) => Ok(result),
            _ => Err(Suspended),
        }
    }
    /// Gives a command on a node.
    pub fn node(&mut self, node: Str, command: Vec<Str>) -> Result<Option<Printed>, Suspended> {
        match self.one(|| Call::Node(node, command))? {
            Answer::Node(printed) => Ok(printed),
            _ => Err(Suspended),
        }
    }
    /// Waits.
    pub fn sleep(&mut self, micros: Micros) -> Result<(), Suspended> {
        self.one(|| Call::Sleep(micros)).map(|_| ())
    }
    /// Waits for the next event of a watch, at most `micros`.
    pub fn watch_next(&mut self, watch: WatchId, micros: Micros) -> Result<Option<WatchEvent>, Suspended> {
        match self.one(|| Call::WatchNext(watch, micros))? {
            Answer::Watched(event) => Ok(event),
            _ => Err(Suspended),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slept(at: u64) -> Answered {
        Answered { at: SimTime::millis(at), cause: None, answer: Answer::Slept }
    }

    #[test]
    fn a_task_goes_on_where_it_waited() {
        let task = |ask: &mut Ask, log: &mut Vec<&str>| -> Result<SimTime, Suspended> {
            if ask.once() {
                log.push("begins");
            }
            ask.sleep(5)?;
            if ask.once() {
                log.push("goes on");
            }
            ask.all(vec![Call::Sleep(1), Call::Sleep(2)])?;
            Ok(ask.now())
        };
        let (mut journal, mut log) = (Journal::new(SimTime::ZERO, None), Vec::new());
        let mut ask = Ask::new(&mut journal, WallClock { start_unix_micros: 0 });
        assert_eq!(task(&mut ask, &mut log), Err(Suspended));
        let first: Vec<_> = ask.into_issued().iter().filter_map(|issued| issued.call).collect();
        assert_eq!(first.len(), 1);
        assert!(journal.answer(first[0], slept(5)));
        let mut ask = Ask::new(&mut journal, WallClock { start_unix_micros: 0 });
        assert_eq!(task(&mut ask, &mut log), Err(Suspended));
        let two: Vec<_> = ask.into_issued().iter().filter_map(|issued| issued.call).collect();
        assert!(!journal.answer(two[1], slept(9)));
        assert!(journal.answer(two[0], slept(7)));
        let mut ask = Ask::new(&mut journal, WallClock { start_unix_micros: 0 });
        assert_eq!(task(&mut ask, &mut log), Ok(SimTime::millis(9)));
        assert!(ask.into_issued().is_empty());
        assert_eq!(log, ["begins", "goes on"]);
    }

    #[test]
    fn a_loop_goes_on_from_its_last_round() {
        let task = |ask: &mut Ask, rounds: &mut u32| -> Result<u32, Suspended> {
            ask.sleep(1)?;
            let (place, mut count) = ask.rounds(|| 0);
            while count < 5 {
                *rounds += 1;
                ask.sleep(2)?;
                count += 1;
                ask.round(place, || count);
            }
            Ok(count)
        };
        let (mut journal, mut rounds, mut first) = (Journal::new(SimTime::ZERO, None), 0, None);
        for at in 1.. {
            let mut ask = Ask::new(&mut journal, WallClock { start_unix_micros: 0 });
            let done = task(&mut ask, &mut rounds);
            let issued = ask.into_issued();
            if done == Ok(5) {
                break;
            }
            let call = issued.first().and_then(|issued| issued.call).expect("it asks");
            assert!(journal.answer(call, slept(at)));
            // An answer that comes twice, or late, meets no other question.
            assert!(!journal.answer(*first.get_or_insert(call), slept(at)));
            assert!(journal.slots.len() <= 3);
        }
        assert_eq!(rounds, 10);
    }
}
