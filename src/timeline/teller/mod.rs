//! The teller: it hears records one after the other and makes chapters and beats of them.
//!
//! A record that matters becomes a moment of a [`Step`]; moments of the same step that are near in time are one
//! group, and each group is a beat. `objects`, `workloads`, `pods`, `messages`, `nodes` and `requests` know the moments, `say` the sentences.

mod crowd;
mod memory;
mod messages;
mod nodes;
mod objects;
mod parting;
mod pods;
mod recorded;
mod requests;
mod say;
mod step;
mod troubles;
mod workloads;

use super::beats::{Beat, Chapter, Story};
use super::history::History;
use super::row::RowKey;
use super::run::Act;
use super::tempo::FOLDS_OVER;
use crate::cluster::record::{ClientId, Fact, Record, RecordId};
use crate::cluster::time::{MILLI, Micros, SimTime};
use crate::manifest::Arg;
use memory::Memory;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use step::Step;

/// What a sentence is told of.
type Args = Vec<(&'static str, Arg)>;

/// Something that happened and can be told.
struct Moment {
    step: Step,
    /// When it is done: for a message when it arrives.
    time: SimTime,
    /// What it happens to.
    subject: Option<RowKey>,
    args: Args,
}

impl Moment {
    fn new(
        step: Step,
        time: SimTime,
        subject: impl Into<RowKey>,
        args: impl IntoIterator<Item = (&'static str, Arg)>,
    ) -> Self {
        Self { step, time, subject: Some(subject.into()), args: args.into_iter().collect() }
    }
}

/// A moment of a group.
#[derive(Clone, Debug)]
struct Told {
    record: RecordId,
    time: SimTime,
    subject: Option<RowKey>,
    args: Args,
}

/// Moments of one step that are told together.
#[derive(Clone, Debug)]
struct Group {
    step: Step,
    chapter: usize,
    /// The last of its moments that told anything new.
    last: SimTime,
    /// The last of all.
    heard: SimTime,
    records: Vec<RecordId>,
    subjects: Rc<Vec<RowKey>>,
    /// The same, to see whether one is there.
    known: BTreeSet<RowKey>,
    /// What its first and its last moment are told of.
    args: Args,
    last_args: Args,
    /// The message that tells it, where many steps are told as one.
    crowd: Option<&'static str>,
    /// Its moments one by one, where they are few enough to be told in parts; shared with the checkpoints of the run.
    told: Rc<Vec<Told>>,
}

impl Group {
    /// Takes over what another group of the same sort tells of.
    fn join(&mut self, other: &Group) {
        self.last = self.last.max(other.last);
        self.heard = self.heard.max(other.heard);
        self.records.extend(&other.records);
        self.last_args.clone_from(&other.last_args);
        for subject in other.subjects.iter() {
            self.add(Some(subject.clone()));
        }
        let few = FEW.saturating_sub(self.told.len());
        Rc::make_mut(&mut self.told).extend(other.told.iter().take(few).cloned());
    }
    fn add(&mut self, subject: Option<RowKey>) {
        if let Some(subject) = subject
            && self.known.insert(subject.clone())
        {
            Rc::make_mut(&mut self.subjects).push(subject);
        }
    }
}

/// The beginning of a chapter.
#[derive(Clone, Debug)]
struct Begun {
    at: SimTime,
    act: Option<Act>,
    /// The command, once it is known.
    command: Option<ClientId>,
    /// Whether somebody did something in a real cluster; what exactly was not recorded.
    is_recorded: bool,
    /// Whether it only goes on what was told before, in a recording of which a chapter would be too long.
    goes_on: bool,
}

impl Begun {
    fn new(at: SimTime, act: Option<Act>) -> Self {
        Self { at, act, command: None, is_recorded: false, goes_on: false }
    }
}

/// What the teller has heard.
#[derive(Clone, Debug)]
pub(super) struct Teller {
    /// How many records it has heard.
    heard: usize,
    chapters: Vec<Begun>,
    groups: Vec<Group>,
    /// The newest group of each step.
    open: BTreeMap<Step, usize>,
    memory: Memory,
    /// Whether it hears what a real cluster did: then a change has no request that it came from.
    is_recorded: bool,
}

impl Default for Teller {
    fn default() -> Self {
        Self {
            heard: 0,
            chapters: vec![Begun::new(SimTime::ZERO, None)],
            groups: Vec::new(),
            open: BTreeMap::new(),
            memory: Memory::default(),
            is_recorded: false,
        }
    }
}

/// How many moments of a beat the tempo makes room for at most.
const ROOM: usize = 10;
/// Of so many moments of a group is known what each tells of.
const FEW: usize = 16;
/// From so many objects on a beat takes longer.
const MANY: usize = 50;
/// How long the stage shows what happens after the last beat of a chapter, for each moment of it.
const TAIL: Micros = 120 * MILLI;

impl Teller {
    /// A person does something: a chapter begins, unless it only concerns files or a command that runs.
    pub(super) fn begin_chapter(&mut self, at: SimTime, act: &Act) {
        match act {
            Act::File(..) | Act::Interrupt(_) => {}
            Act::Command(_) | Act::Fault(_) | Act::Requests(_) => {
                self.chapters.push(Begun::new(at, Some(act.clone())));
            }
        }
    }
    /// Hears the records that it has not heard yet.
    pub(super) fn hear(&mut self, history: &History) {
        self.hear_first(history, usize::MAX);
    }
    /// The same of the first `count`: what is recorded after them may be of acts that it has not heard of.
    pub(super) fn hear_first(&mut self, history: &History, count: usize) {
        let count = count.min(history.records().len());
        for record in history.records().get(self.heard..count).unwrap_or_default() {
            self.heard += 1;
            self.hear_record(history, record);
        }
    }
    fn hear_record(&mut self, history: &History, record: &Record) {
        match &record.fact {
            Fact::Object { change, object } => self.object(history, record, *change, object),
            Fact::Message(message) => self.message(history, record, message),
            Fact::CommandBegins(client, _) => {
                if let Some(chapter) = self.chapters.last_mut() {
                    chapter.command = chapter.command.or(Some(*client));
                }
            }
            Fact::CommandPrints(..) => {}
            Fact::CommandEnds(client, code) => self.command_ends(history, record, *client, *code),
            Fact::Sandbox(id, row) => self.sandbox(history, record, *id, row.as_deref()),
            Fact::Container(id, row) => self.container(history, record, *id, row.as_deref()),
            Fact::Pull(node, image, begins) => self.pull(history, record, *node, image, *begins),
            Fact::Signal(id, signal) => self.signal(history, record, *id, signal),
            Fact::Hook(id, kind, code) => self.hook(history, record, *id, *kind, *code),
            Fact::NotSimulated(id, command) => self.not_simulated(history, record, *id, command),
            Fact::Rules(node, service, rules) => {
                self.rules(history, record, *node, service, rules.as_deref())
            }
            Fact::Client(_, client) => self.client(history, record, client),
            Fact::Request(number, row) => self.request(history, record, *number, row),
            Fact::Fault(fault) => self.fault(history, record, fault),
            Fact::Limit(what, limit) => self.limit(record, what, *limit),
            Fact::Process(..) | Fact::Decision(_) => {}
        }
    }
    /// Adds a moment to the group that it belongs to, or begins one. Gives the group's place.
    fn tell(&mut self, record: &Record, moment: Moment) -> usize {
        let Moment { step, time, subject, args } = moment;
        let chapter = self.chapters.len() - 1;
        let told = Told { record: record.id, time, subject: subject.clone(), args: args.clone() };
        if let Some(place) = self.open.get(&step) {
            let group = &mut self.groups[*place];
            if group.chapter == chapter && time.since(group.heard) <= step.window() {
                group.heard = group.heard.max(time);
                // The same answer to what is only asked again is nothing new.
                if !(step.is_asked_again() && args == group.last_args) {
                    group.last = group.last.max(time);
                }
                group.records.push(record.id);
                group.last_args = args;
                group.add(subject);
                if group.told.len() < FEW {
                    Rc::make_mut(&mut group.told).push(told);
                }
                return *place;
            }
        }
        let place = self.groups.len();
        let mut group = Group {
            step: step.clone(),
            chapter,
            last: time,
            heard: time,
            records: vec![record.id],
            subjects: Rc::default(),
            known: BTreeSet::new(),
            last_args: args.clone(),
            args,
            crowd: None,
            told: Rc::new(vec![told]),
        };
        group.add(subject);
        self.groups.push(group);
        self.open.insert(step, place);
        place
    }
    /// What comes of a step from now on is told apart from what has come of it.
    fn close(&mut self, step: &Step) {
        self.open.remove(step);
    }
    /// How many groups there are: the place of the newest stands for what was made together.
    fn groups_told(&self) -> usize {
        self.groups.len().saturating_sub(1)
    }
    /// Whether a step is told already in this chapter.
    fn is_told(&self, step: &Step) -> bool {
        self.open.get(step).is_some_and(|place| self.groups[*place].chapter == self.chapters.len() - 1)
    }
    /// What has been heard, as chapters and beats, until `end`.
    pub(super) fn story(&self, history: &History, end: SimTime) -> Story {
        let mut story = Story::default();
        self.go_on(&mut story, history, end);
        story
    }
    /// Tells on until `end` where a story of less was told already. Only its last chapter is told again: none before it
    /// grows any more.
    pub(super) fn go_on(&self, story: &mut Story, history: &History, end: SimTime) {
        let told = story.forget_last();
        let mut by_chapter: Vec<Vec<&Group>> = vec![Vec::new(); self.chapters.len() - told];
        for group in &self.groups[self.groups.partition_point(|group| group.chapter < told)..] {
            by_chapter[group.chapter - told].push(group);
        }
        for (begun, groups) in self.chapters.iter().skip(told).zip(by_chapter) {
            let index = story.chapters.len();
            let to = self.chapters.get(index + 1).map_or(end.max(begun.at), |next| next.at);
            let groups = crowd::together(groups);
            let (first, title) = (story.beats.len(), say::title(begun, &groups));
            let groups = parting::part(history, groups);
            let mut told = Vec::new();
            for group in &groups {
                let group: &Group = group;
                let from = story.end().max(begun.at);
                // A beat is never empty, so that two that end at the same moment are both told.
                let until = group.last.min(to).max(from + 1);
                let kind = std::mem::discriminant(&group.step);
                let is_again = told.contains(&kind);
                if !is_again {
                    told.push(kind);
                }
                let begins = begins(history, group);
                let is_wait = begins.since(from) > FOLDS_OVER && !group.step.tells_of_the_wait();
                // At its end it is told.
                let begins = if is_wait { begins.min(SimTime(until.0 - 1)) } else { from };
                story.tempo.play(until, &room(history, group), group.step.stage(is_again) * pace(group));
                story.beats.push(Beat {
                    index: story.beats.len(),
                    chapter: index,
                    from,
                    begins,
                    to: until,
                    number: group.step.number(),
                    branch: group.step.branch(),
                    records: group.records.clone(),
                    subjects: group.subjects.clone(),
                    say: say::sentence(history, group),
                });
            }
            let moments = sampled(history.moments_within(story.end(), to), ROOM);
            story.tempo.play(to, &moments, TAIL * (moments.len() as u64 + 2));
            story.chapters.push(Chapter {
                index,
                from: begun.at,
                to,
                beats: first..story.beats.len(),
                command: begun.command,
                title,
            });
        }
    }
}

/// When the first of what is told began: of what came by a message, when that was sent.
fn begins(history: &History, group: &Group) -> SimTime {
    let Some(first) = group.records.first().and_then(|id| history.record(*id)) else { return group.last };
    let by = first.cause.and_then(|cause| history.record(cause));
    by.filter(|by| matches!(by.fact, Fact::Message(_))).map_or(first.time, |by| by.time)
}

/// How many times as long a beat takes on the stage that tells of many: more is to be seen in it.
fn pace(group: &Group) -> u64 {
    if group.subjects.len() > MANY { 2 } else { 1 }
}

/// The moments within a beat at which something of it is to be seen: those of its records, and of the messages
/// that its first and its last came by.
fn room(history: &History, group: &Group) -> Vec<SimTime> {
    let mut moments: Vec<SimTime> = Vec::new();
    for id in [group.records.first(), group.records.last()].into_iter().flatten() {
        for record in history.causes(*id).take(ROOM) {
            moments.push(record.time);
            if let Fact::Message(message) = &record.fact {
                moments.push(message.arrives);
            }
        }
    }
    moments.sort_unstable();
    moments.dedup();
    // The newest are those that the beat is about; older ones lie before it.
    let chain = moments.split_off(moments.len().saturating_sub(ROOM));
    let some = sampled(&group.records, ROOM).into_iter().filter_map(|id| history.record(id));
    chain.into_iter().chain(some.map(|record| record.time)).collect()
}

/// At most so many of them, evenly.
fn sampled<T: Copy>(all: &[T], most: usize) -> Vec<T> {
    let every = all.len().div_ceil(most).max(1);
    all.iter().copied().step_by(every).collect()
}

#[cfg(test)]
mod breaking_tests;
#[cfg(test)]
mod order_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod troubles_tests;
