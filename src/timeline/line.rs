//! One line of a run: what was done in it, and what has been recorded of it so far.
//!
//! It is recorded by one loop, whether it is new, goes on, or begins in the middle of another: so a fork is
//! what a fresh run with the same acts would be. Nothing is simulated before something has to be recorded or done: a run that
//! was stored whole is shown without that.

use super::beats::Story;
use super::history::History;
use super::made::{Made, StandsFor};
use super::run::{Act, Run};
use super::teller::Teller;
use crate::api::objects::CronJob;
use crate::cluster::chance::stable_hash;
use crate::cluster::record::{ClientId, Record};
use crate::cluster::setup::Setup;
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::kubectl::Files;
use crate::value::Str;
use crate::value::stored::{Reader, Stored, Writer};
use std::collections::BTreeSet;
use std::rc::Rc;

/// What a run begins with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Start {
    /// Nodes, seed, images.
    pub setup: Setup,
    /// The Namespace of kubectl's context.
    pub namespace: Str,
    /// The files that commands read.
    pub files: Files,
}

impl Start {
    /// The run at its beginning.
    fn run(&self) -> Run {
        Run::new(&self.setup, self.namespace.clone(), self.files.clone())
    }
}

/// Something that a person did, and when.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Acted {
    /// When.
    pub at: SimTime,
    /// What.
    pub act: Act,
}

/// How far ahead of the playhead a run is recorded that never becomes quiet: ten minutes, and a little more, so
/// that a controller that comes back after ten minutes, and finds that all is well, has done so.
pub const AHEAD: Micros = 605 * SECOND;
/// Where nothing is told for so long in a run that never becomes quiet, playing stops.
const NOTHING_TOLD: Micros = 600 * SECOND;
/// What is tried again and again is so at least this often, as a rule: the scheduler and a kubelet wait five minutes at most, and some
/// seconds more. What is to come later than that is a plan, as the end of a `sleep` of an hour.
const TRIED_AGAIN: Micros = 330 * SECOND;
/// A run holds about so many records: each takes some 640 bytes of the browser's memory with all that it holds. What would come
/// after them is not recorded. Two hours of a cluster that never rests have a small part of it.
pub const MOST_RECORDS: u32 = 1_000_000;
/// How many events of the cluster lie between two checkpoints at first.
const APART: usize = 5_000;
/// How many checkpoints are kept.
const CHECKPOINTS: usize = 16;

/// A moment from which the run can go on again.
#[derive(Clone, Debug)]
struct Checkpoint {
    run: Run,
    teller: Teller,
    /// How many acts were done.
    done: usize,
}

/// A run that has begun.
#[derive(Clone, Debug)]
struct Begun {
    run: Run,
    checkpoints: Vec<Checkpoint>,
    /// Events of the cluster since the last checkpoint.
    since: usize,
}

/// A line of a run.
#[derive(Clone, Debug)]
pub(super) struct Line {
    start: Rc<Start>,
    acts: Vec<Acted>,
    begun: Option<Begun>,
    /// The same line, recorded anew behind what was stored of it: what is done in it need not wait for that.
    ahead: Option<Box<Line>>,
    teller: Teller,
    history: History,
    /// Of each act that was done how many records there were before it.
    before: Vec<usize>,
    /// The furthest point that was shown.
    shown: SimTime,
    story: Story,
    /// How many records the story tells of.
    told: usize,
    /// Whether nothing is to come any more but what goes on by itself for ever.
    is_whole: bool,
    /// Whether it holds as many records as a run can, so that it does not go on.
    is_full: bool,
    /// So many.
    most: u32,
    /// Where the waits begin that somebody has opened.
    opened: Vec<SimTime>,
    /// Of what a real cluster did, when its recording ends: nothing is simulated in such a line, and nothing is done.
    recorded_until: Option<SimTime>,
    /// What is said at the beginning of such a line.
    opening: Option<&'static str>,
    /// Where its acts were done in another run: what the names of chance in them stand for.
    stands_for: StandsFor,
    /// The acts that name what is not there in this run.
    missed: BTreeSet<usize>,
}

impl Line {
    /// A line in which nothing is recorded yet. The acts are done when their times come.
    pub(super) fn new(start: Rc<Start>, acts: Vec<Acted>) -> Self {
        let history = History::new(start.setup.nodes.iter().map(|node| node.name.clone()).collect());
        Self {
            start,
            acts,
            begun: None,
            ahead: None,
            teller: Teller::default(),
            history,
            before: Vec::new(),
            shown: SimTime::ZERO,
            story: Story::default(),
            told: 0,
            is_whole: false,
            is_full: false,
            most: MOST_RECORDS,
            opened: Vec::new(),
            recorded_until: None,
            opening: None,
            stands_for: StandsFor::default(),
            missed: BTreeSet::new(),
        }
    }
    /// A line in which is done again what was done in another run, with what the names of chance stood for there.
    pub(super) fn again(start: Rc<Start>, acts: Vec<Acted>, stands_for: StandsFor) -> Self {
        Self { stands_for, ..Self::new(start, acts) }
    }
    /// A line that holds what a real cluster did, whole from the beginning.
    pub(super) fn recorded(
        start: Rc<Start>,
        opening: &'static str,
        nodes: Vec<Str>,
        records: Vec<Record>,
        end: SimTime,
    ) -> Self {
        let mut line = Self::new(start, Vec::new());
        line.opening = Some(opening);
        line.history = History::new(nodes);
        line.history.extend(records);
        (line.teller, line.is_whole, line.recorded_until) = (Teller::recorded(), true, Some(end));
        line.teller.hear(&line.history);
        line.tell();
        line
    }
    /// What is recorded, to be stored; none where that is not the whole run, or where its commands have left more than records:
    /// files, another Namespace of the context.
    pub(super) fn store(&self) -> Option<Vec<u8>> {
        let run = self.run()?;
        let given = |(name, text): (&Str, &Str)| {
            let is_it = |acted: &Acted| matches!(&acted.act, Act::File(given, Some(said)) if given == name && said == text);
            self.acts.iter().any(is_it)
        };
        let leaves_nothing = run.files().iter().all(given) && *run.namespace() == self.start.namespace;
        if !self.is_whole || !leaves_nothing || run.running().next().is_some() {
            return None;
        }
        let mut to = Writer::default();
        to.number(self.fingerprint());
        self.before.write(&mut to);
        to.number(self.history.records().len() as u64);
        self.history.records().iter().for_each(|record| record.write(&mut to));
        Some(to.into_bytes())
    }
    /// Takes what was stored of this very run for what is recorded, where nothing is yet. It has not begun by that. False where
    /// the bytes are not of such a run.
    pub(super) fn recall(&mut self, bytes: &'static [u8]) -> bool {
        let mut from = Reader::new(bytes);
        if self.begun.is_some() || self.told > 0 || from.number() != Some(self.fingerprint()) {
            return false;
        }
        let stored = <(Vec<usize>, Vec<Record>)>::read(&mut from);
        let Some((before, records)) = stored.filter(|_| from.is_at_end()) else { return false };
        let mut records = records.into_iter();
        for (acted, before) in self.acts.iter().zip(&before) {
            let next = before.saturating_sub(self.history.records().len());
            self.history.extend(records.by_ref().take(next));
            self.teller.hear(&self.history);
            self.teller.begin_chapter(acted.at, &acted.act);
        }
        self.history.extend(records);
        self.teller.hear(&self.history);
        (self.before, self.is_whole) = (before, true);
        self.tell();
        true
    }
    /// A number that two lines share only where they begin with the same and do the same.
    fn fingerprint(&self) -> u64 {
        stable_hash(self.start.setup.seed, &(&*self.start, &self.acts))
    }
    /// Records anew what was only stored, for a playhead at `playhead` and at most `budget` events of the cluster. True where more is
    /// to be done for it now.
    pub(super) fn prepare(&mut self, playhead: SimTime, budget: usize) -> bool {
        if self.is_recorded() || !self.is_whole || self.begun.is_some() {
            return false;
        }
        let fresh = || Box::new(Self::new(self.start.clone(), self.acts.clone()));
        self.ahead.get_or_insert_with(fresh).go_on(playhead, budget)
    }
    /// Begins the run, where it has not begun. What was stored of it is recorded anew.
    fn begin(&mut self) -> &mut Begun {
        if let Some(ahead) = self.ahead.take() {
            (self.begun, self.teller) = (ahead.begun, ahead.teller);
            (self.history, self.before) = (ahead.history, ahead.before);
        }
        self.begun.get_or_insert_with(|| {
            let mut run = self.start.run();
            self.history = History::new(run.cluster().node_names());
            self.history.extend(run.take_records());
            self.teller = Teller::default();
            self.teller.hear(&self.history);
            self.before.clear();
            let first = Checkpoint { run: run.clone(), teller: self.teller.clone(), done: 0 };
            Begun { run, checkpoints: vec![first], since: 0 }
        })
    }
    /// Grows by what a real cluster did since, in a line that holds what it did before. Until `end` nothing more has
    /// happened. What is told already is told no more, but for the last chapter.
    pub(super) fn grow(&mut self, records: Vec<Record>, end: SimTime) {
        self.history.extend(records);
        self.teller.hear(&self.history);
        self.recorded_until = self.recorded_until.map(|until| until.max(end));
        self.is_whole = false;
        let end = self.recorded_until.unwrap_or_default().max(self.history.end());
        self.teller.go_on(&mut self.story, &self.history, end);
        self.story.is_whole = false;
        self.opened.iter().for_each(|from| self.story.tempo.open(*from));
        self.told = self.history.records().len();
    }
    /// It holds no more than so many records.
    #[cfg(test)]
    pub(super) fn hold(&mut self, most: u32) {
        self.most = most;
    }
    pub(super) fn is_recorded(&self) -> bool {
        self.recorded_until.is_some()
    }
    pub(super) fn acts(&self) -> &[Acted] {
        &self.acts
    }
    pub(super) fn missed(&self) -> &BTreeSet<usize> {
        &self.missed
    }
    pub(super) fn run(&self) -> Option<&Run> {
        self.begun.as_ref().map(|begun| &begun.run)
    }
    pub(super) fn history(&self) -> &History {
        &self.history
    }
    pub(super) fn story(&self) -> &Story {
        &self.story
    }
    pub(super) fn shown(&self) -> SimTime {
        self.shown
    }
    /// The playhead has been there.
    pub(super) fn show(&mut self, at: SimTime) {
        self.shown = self.shown.max(at);
    }
    /// Goes on recording: at most `budget` events of the cluster, and no further than is needed for a playhead
    /// at `playhead`. True where more is to be done now.
    pub(super) fn record(&mut self, playhead: SimTime, budget: usize) -> bool {
        if self.is_recorded() || self.is_whole && self.begun.is_none() {
            return false;
        }
        let horizon = playhead + AHEAD;
        let is_more = self.go_on(horizon, budget);
        // To tell takes as long as there is to tell: while the run is still recorded, it is told again each time that
        // it has grown by an eighth; once it is recorded far enough, only where there is something new.
        let records = self.history.records().len();
        let is_new = records != self.told
            || (self.is_whole, self.is_full) != (self.story.is_whole, self.story.is_full);
        let is_due = if is_more { records >= self.told + self.told / 8 } else { is_new };
        if is_due {
            self.tell();
        }
        is_more
    }
    fn go_on(&mut self, horizon: SimTime, mut budget: usize) -> bool {
        loop {
            let act = self.acts.get(self.done()).map(|acted| acted.at);
            let until = act.map_or(horizon, |act| act.min(horizon));
            let run = &mut self.begin().run;
            let is_whole = act.is_none() && run.is_quiet();
            let is_far = act.is_none_or(|act| act > horizon) && run.now() >= horizon;
            let is_due = run.next_time().is_some_and(|next| next <= until);
            self.is_whole = is_whole;
            if is_whole || is_far {
                self.take();
                return false;
            }
            if is_due {
                if self.begun.as_ref().is_some_and(|begun| begun.run.cluster().record_count() >= self.most) {
                    self.is_full = true;
                    self.take();
                    return false;
                }
                if budget == 0 {
                    self.take();
                    return true;
                }
                budget -= 1;
                self.step();
                continue;
            }
            self.begin().run.advance(until, 0);
            if act == Some(until) {
                self.act_next();
            }
        }
    }
    fn step(&mut self) {
        let begun = self.begin();
        begun.run.step();
        begun.since += 1;
        let since = begun.since;
        // The longer the run, the further they lie apart: each is a copy of all that there is.
        if since >= APART.max(self.history.records().len() / (CHECKPOINTS / 2)) {
            self.take();
            self.keep();
        }
    }
    /// How many acts were done.
    fn done(&self) -> usize {
        self.before.len()
    }
    /// Does the next act at its time, which is now.
    fn act_next(&mut self) -> Option<ClientId> {
        self.take();
        let Acted { at, mut act } = self.acts.get(self.done())?.clone();
        let place = self.done();
        if self.stands_for.is_in(place) {
            let is_there;
            (act, is_there) = self.stands_for.act(
                place,
                &act,
                &Made::of(self.history.records().get(..self.made()).unwrap_or_default()),
            );
            if !is_there {
                self.missed.insert(place);
            }
        }
        let is_file = matches!(act, Act::File(..));
        self.teller.begin_chapter(at, &act);
        let made = self.made();
        self.before.push(made);
        let client = self.begin().run.act(act);
        self.take();
        if !is_file {
            self.keep();
        }
        client
    }
    /// Takes over what has been recorded.
    fn take(&mut self) {
        let records = self.begin().run.take_records();
        self.history.extend(records);
        let made = self.made();
        self.teller.hear_first(&self.history, made);
    }
    /// How many records the run has made. In the history there are more where it goes again from a checkpoint to a moment that was
    /// recorded already.
    fn made(&self) -> usize {
        self.run().map_or(0, |run| run.cluster().record_count() as usize)
    }
    /// Where the run has come to rest though it never becomes quiet. What is told later by a plan, as a CronJob's Jobs, is waited
    /// for.
    fn rests(&self) -> Option<SimTime> {
        let run = self.run()?;
        let rests = self.story.beats.last()?.to + NOTHING_TOLD;
        let is_planned = |cron: &Rc<CronJob>| cron.spec.suspend != Some(true);
        (!self.is_whole
            && self.done() == self.acts.len()
            && rests <= self.story.end()
            && !run.cluster().plans_beyond(TRIED_AGAIN)
            && !self.history.at(run.now()).all::<CronJob>().any(is_planned))
        .then_some(rests)
    }
    fn tell(&mut self) {
        // The clock of the run may be further, but nothing has happened since.
        let end = self.recorded_until.unwrap_or_default().max(self.history.end());
        self.story = self.teller.story(&self.history, end);
        self.story.is_whole = self.is_whole;
        self.story.is_full = self.is_full;
        self.story.opening = self.opening;
        self.story.rests = self.rests();
        self.opened.iter().for_each(|from| self.story.tempo.open(*from));
        self.told = self.history.records().len();
    }
    /// Opens the wait that begins at a moment, or folds it again.
    pub(super) fn unfold(&mut self, from: SimTime) {
        let known = self.opened.len();
        self.opened.retain(|opened| *opened != from);
        if self.opened.len() == known {
            self.opened.push(from);
        }
        self.tell();
    }
    fn keep(&mut self) {
        let (teller, done) = (self.teller.clone(), self.done());
        let Begun { run, checkpoints, since } = self.begin();
        if checkpoints.len() == CHECKPOINTS {
            // Every second one goes, so that those that are left lie twice as far apart; the first stays.
            let mut place = 0;
            checkpoints.retain(|_| {
                place += 1;
                place % 2 == 1
            });
        }
        checkpoints.push(Checkpoint { run: run.clone(), teller, done });
        *since = 0;
    }
    /// Goes back to a moment: what was recorded after it and what was done after it is gone.
    pub(super) fn rewind(&mut self, at: SimTime) {
        self.begin();
        self.acts.truncate(self.acts.partition_point(|acted| acted.at <= at));
        let (acts, done) = (self.acts.len(), self.done());
        let Begun { run, checkpoints, since } = self.begin();
        if run.now() > at || done > acts {
            while checkpoints.len() > 1
                && checkpoints.last().is_some_and(|last| last.run.now() > at || last.done > acts)
            {
                checkpoints.pop();
            }
            if let Some(last) = checkpoints.last().cloned() {
                (*run, *since) = (last.run, 0);
                self.teller = last.teller;
                self.before.truncate(last.done);
            }
            self.history.truncate(at);
        }
        while self.go_until(at) {}
        self.shown = self.shown.min(at);
        self.is_whole = false;
        self.is_full = false;
        self.told = 0;
    }
    /// A copy of the run at a moment not after `at`, and what is done in it from then until `at`.
    pub(super) fn run_before(&self, at: SimTime) -> (Run, &[Acted]) {
        let until = self.acts.partition_point(|acted| acted.at <= at);
        let is_before = |run: &Run, done: usize| run.now() <= at && done <= until;
        let Some(Begun { run, checkpoints, .. }) = &self.begun else {
            return match &self.ahead {
                Some(ahead) => ahead.run_before(at),
                None => (self.start.run(), &self.acts[..until]),
            };
        };
        let kept = checkpoints.iter().rfind(|kept| is_before(&kept.run, kept.done));
        match kept {
            Some(kept) if !is_before(run, self.done()) => (kept.run.clone(), &self.acts[kept.done..until]),
            // The first checkpoint is the beginning, so without one nothing has happened yet.
            _ => (run.clone(), &self.acts[self.done().min(until)..until]),
        }
    }
    /// Runs on until `at` without looking further; true where more is to be done.
    fn go_until(&mut self, at: SimTime) -> bool {
        let next = self.acts.get(self.done()).map_or(at, |acted| acted.at);
        while self.begin().run.next_time().is_some_and(|due| due <= next) {
            self.step();
        }
        self.begin().run.advance(next, 0);
        if self.done() < self.acts.len() {
            self.act_next();
            return true;
        }
        self.take();
        false
    }
    /// Does something at a moment that nothing was done after. What was recorded after it is discarded.
    pub(super) fn act(&mut self, at: SimTime, act: Act) -> Option<ClientId> {
        self.rewind(at);
        self.acts.push(Acted { at, act });
        let client = self.act_next();
        self.show(at);
        self.tell();
        client
    }
}
