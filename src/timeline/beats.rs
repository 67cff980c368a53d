//! What is told: chapters, and in them beats, each a step that one sentence tells.

use super::history::History;
use super::row::RowKey;
use super::tempo::Tempo;
use crate::cluster::record::{ClientId, RecordId};
use crate::cluster::time::{SECOND, SimTime};
use crate::manifest::Arg;
use crate::msg;
use std::ops::Range;
use std::rc::Rc;

/// What is said: a message's id and its arguments. Its text is in `words`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// The message.
    pub id: &'static str,
    /// What it is told of.
    pub args: Vec<(&'static str, Arg)>,
}

impl Sentence {
    /// A sentence.
    pub fn new(id: &'static str, args: impl IntoIterator<Item = (&'static str, Arg)>) -> Self {
        Self { id, args: args.into_iter().collect() }
    }
}

/// The two branches of a deletion. Neither waits for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Branch {
    /// A: the kubelet, its runtime, the processes.
    Kubelet,
    /// B: the EndpointSlice controller, kube-proxy, the rules.
    Endpoints,
}

/// A step that one sentence tells: the moments after `from`, up to `to`. At `to` what is said is so.
#[derive(Clone, Debug, PartialEq)]
pub struct Beat {
    /// Its place among all beats.
    pub index: usize,
    /// The chapter that it is in.
    pub chapter: usize,
    /// The end of the beat before it, or the beginning of its chapter.
    pub from: SimTime,
    /// When the step begins to be told: where a wait lies before it, that has passed by then.
    pub begins: SimTime,
    /// The moment at which the step is done.
    pub to: SimTime,
    /// The step of a deletion that it is, from 1 to 7.
    pub number: Option<u8>,
    /// The branch of a deletion that it is in.
    pub branch: Option<Branch>,
    /// The records that it tells of, in order. Others may lie between them.
    pub records: Vec<RecordId>,
    /// What it happens to, in the order in which it does: shared, for of a large cluster that is very much.
    pub subjects: Rc<Vec<RowKey>>,
    /// What is said.
    pub say: Sentence,
}

/// What a person did, and what followed until the next act.
#[derive(Clone, Debug, PartialEq)]
pub struct Chapter {
    /// Its place; the first is what was before anybody acted.
    pub index: usize,
    /// When it begins.
    pub from: SimTime,
    /// When the next one begins; of the last one, the end of what is recorded.
    pub to: SimTime,
    /// Its beats.
    pub beats: Range<usize>,
    /// The command that it begins with, where it is one.
    pub command: Option<ClientId>,
    /// What it is called.
    pub title: Sentence,
}

/// What a record comes to when it is told: chapters, beats, and the tempo that they are played in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Story {
    /// The chapters, in order.
    pub chapters: Vec<Chapter>,
    /// The beats, in order. They do not overlap.
    pub beats: Vec<Beat>,
    /// The tempo.
    pub tempo: Tempo,
    /// Whether nothing is to come any more but what goes on by itself for ever.
    pub is_whole: bool,
    /// Whether more would come, and is not recorded: the run holds as much as it can.
    pub is_full: bool,
    /// What is said before the first beat, where that is not the beginning of a cluster.
    pub opening: Option<&'static str>,
    /// Where nothing has been told for long though the cluster never becomes quiet: what is left is tried and looked at again and
    /// again. None in a run that becomes quiet, and before that is known.
    pub rests: Option<SimTime>,
}

/// How far a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// To another act of a person.
    Chapter,
    /// To the end of another beat.
    Beat,
    /// To another moment at which something shows.
    Event,
    /// To another full second of the simulated time.
    Second,
}

impl Story {
    /// Forgets the last chapter, which may have grown. Gives its place; 0 where nothing is told yet.
    pub(super) fn forget_last(&mut self) -> usize {
        let Some(last) = self.chapters.pop() else { return 0 };
        self.beats.truncate(last.beats.start);
        self.tempo.go_back(self.beats.last().map_or(SimTime::ZERO, |beat| beat.to).max(last.from));
        last.index
    }
    /// Whether nothing more is recorded.
    pub fn is_over(&self) -> bool {
        self.is_whole || self.is_full
    }
    /// The beat that is told at a time; none before the first one of the run. While a wait passes, that is the one before it.
    pub fn beat_at(&self, at: SimTime) -> Option<&Beat> {
        let begun = self.beats.partition_point(|beat| beat.begins < at);
        self.beats.get(begun.checked_sub(1)?)
    }
    /// What is said at a time: of its beat, of the beginning before the first one, and of the end.
    pub fn say(&self, at: SimTime) -> Sentence {
        match self.beat_at(at) {
            Some(beat) if self.is_whole && at >= self.end() && at > beat.to => {
                Sentence::new(msg!("say.quiet"), [])
            }
            Some(_) if self.rests.is_some_and(|rests| at >= rests) => Sentence::new(msg!("say.rests"), []),
            Some(beat) => beat.say.clone(),
            None => Sentence::new(self.opening(), []),
        }
    }
    /// What is said before the first beat.
    pub fn opening(&self) -> &'static str {
        self.opening.unwrap_or(msg!("say.start"))
    }
    /// The chapter at a time. At the moment of an act it is still the one before.
    pub fn chapter_at(&self, at: SimTime) -> Option<&Chapter> {
        let begun = self.chapters.partition_point(|chapter| chapter.from < at);
        self.chapters.get(begun.saturating_sub(1))
    }
    /// The end of what can be played.
    pub fn end(&self) -> SimTime {
        self.tempo.end()
    }
    /// The end of what there is to be told. Of a run that never becomes quiet that is its last beat: what goes on by itself
    /// for ever has no end to go to.
    pub fn end_of_telling(&self) -> SimTime {
        match self.beats.last() {
            Some(beat) if !self.is_whole => beat.to,
            _ => self.end(),
        }
    }
    /// Where a step from `at` leads; none where there is nothing further that way.
    pub fn step(&self, history: &History, at: SimTime, grain: Grain, is_forward: bool) -> Option<SimTime> {
        let ends: Vec<SimTime> = match grain {
            Grain::Event if is_forward => {
                return history.next_event(at).filter(|next| *next <= self.end());
            }
            Grain::Event => {
                return history.previous_event(at).or((at > SimTime::ZERO).then_some(SimTime::ZERO));
            }
            Grain::Second => {
                let to = if is_forward {
                    (at.0 / SECOND + 1) * SECOND
                } else {
                    at.0.saturating_sub(1) / SECOND * SECOND
                };
                let to = SimTime(to).min(self.end());
                return (to != at).then_some(to);
            }
            Grain::Beat => self.beats.iter().map(|beat| beat.to).collect(),
            Grain::Chapter => self.chapters.iter().map(|chapter| chapter.from).collect(),
        };
        if is_forward {
            ends.into_iter().find(|end| *end > at).or((at < self.end()).then(|| self.end()))
        } else {
            ends.into_iter().rfind(|end| *end < at).or((at > SimTime::ZERO).then_some(SimTime::ZERO))
        }
    }
}
