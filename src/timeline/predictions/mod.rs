//! Predictions: what a class can be asked before a step that surprises.
//!
//! Each is made of what is recorded. The question is put at the end of the step before, when nothing of its answer shows; the
//! right choice is looked up in the records that come after it. Where they do not tell it yet, or chance alone decides it,
//! nothing is asked. `doomed`, `requests`, `ending`, `placing`, `changes` and `after` know one or two kinds each.

mod after;
mod changes;
mod doomed;
mod ending;
mod own;
mod placing;
mod requests;

use super::beats::{Beat, Sentence, Story};
use super::branches::Timeline;
use super::history::History;
use super::row::RowKey;
use super::view::View;
use crate::api::objects::Pod;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Fact, Record};
use crate::cluster::runtime::{ContainerId, ContainerPhase};
use crate::cluster::time::{MILLI, Micros, SimTime};
use crate::manifest::Arg;
pub use own::Own;
use std::rc::Rc;

crate::words_enum! {
    /// What is asked.
    pub enum PredictionKind {
        /// Which Pod a ReplicaSet deletes.
        GoesFirst = "goes-first",
        /// How many requests fail.
        Lost = "lost",
        /// Whether a change of a Deployment replaces its Pods.
        Replaces = "replaces",
        /// Whether a container ends by itself.
        Ends = "ends",
        /// How long a Service still sends requests to a Pod that is deleted.
        Reached = "reached",
        /// What comes after a container has ended.
        Restarts = "restarts",
        /// What comes in the place of a Pod that is deleted.
        Successor = "successor",
        /// On which node a Pod is placed, or whether none takes it.
        Node = "node",
        /// What kubectl prints under STATUS.
        Status = "status",
        /// What somebody has written. No run gives it.
        Own = "own",
    }
}

impl PredictionKind {
    /// The kind of this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What it says.
    pub say: Sentence,
    /// Why it is right, or why it is not.
    pub why: Sentence,
}

/// A question about what comes next.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// What it is about.
    pub kind: PredictionKind,
    /// The beat before which it is asked.
    pub beat: usize,
    /// When it is asked: nothing of the answer has happened then.
    pub at: SimTime,
    /// When its answer has happened.
    pub known: SimTime,
    /// The question.
    pub ask: Sentence,
    /// Two to four choices.
    pub choices: Vec<Choice>,
    /// The place of the right one.
    pub right: usize,
}

/// What somebody has decided about the questions of a run: at a step, that one is asked, or that none is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Within the step before which it is asked, or at its beginning.
    pub at: SimTime,
    /// What is asked there.
    pub what: Wanted,
}

/// What is asked before a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing.
    Nothing,
    /// What the run gives.
    Made(PredictionKind),
    /// What somebody has written.
    Own(Own),
}

/// How many beats lie between two questions at least.
const APART: usize = 6;
/// How often one kind is asked in a run at most.
const MOST_OF_A_KIND: usize = 2;
/// How many choices there are at most.
const MOST_CHOICES: usize = 4;

/// Every question that can be asked before a beat, the one first that surprises most.
pub fn before(timeline: &Timeline, beat: &Beat) -> Vec<Prediction> {
    let asked = About { timeline, story: timeline.story(), history: timeline.history(), beat };
    if !can_ask(beat) {
        return Vec::new();
    }
    let made = [
        doomed::goes_first(&asked),
        requests::lost(&asked),
        changes::replaces(&asked),
        ending::ends(&asked),
        requests::reached(&asked),
        after::restarts(&asked),
        after::successor(&asked),
        placing::node(&asked),
        after::status(&asked),
    ];
    let is_sound = |made: &Prediction| {
        made.known > made.at
            && (2..=MOST_CHOICES).contains(&made.choices.len())
            && made.right < made.choices.len()
    };
    made.into_iter().flatten().filter(is_sound).collect()
}

/// Whether something can be asked before a beat: where its whole step is over before it is told there is nothing to stop for.
pub fn can_ask(beat: &Beat) -> bool {
    beat.from > SimTime::ZERO
}

/// The questions that are asked of themselves: those that surprise most, none near another, and none of a kind twice in a row.
pub fn of_themselves(timeline: &Timeline) -> Vec<Prediction> {
    let mut made: Vec<Prediction> =
        timeline.story().beats.iter().flat_map(|beat| before(timeline, beat)).collect();
    made.sort_by_key(|one| (one.kind, one.beat));
    let mut taken: Vec<Prediction> = Vec::new();
    // First one of each kind, so that a run that repeats itself does not ask the same all along.
    for most in 1..=MOST_OF_A_KIND {
        for one in &made {
            let of_kind = taken.iter().filter(|other| other.kind == one.kind);
            let before = taken.iter().filter(|other| other.beat <= one.beat).max_by_key(|other| other.beat);
            let after = taken.iter().filter(|other| other.beat > one.beat).min_by_key(|other| other.beat);
            let is_near = |other: &&Prediction| other.beat.abs_diff(one.beat) < APART;
            let is_same = |other: &&Prediction| other.kind == one.kind;
            let neighbours = || before.iter().chain(&after);
            if of_kind.count() < most && !neighbours().any(is_near) && !neighbours().any(is_same) {
                taken.push(one.clone());
            }
        }
    }
    taken.sort_by_key(|one| one.beat);
    taken
}

/// The questions that are asked in a run: those that somebody has placed, and, where `by_themselves`, the others but at the
/// steps where somebody wants none.
pub fn asked(timeline: &Timeline, placed: &[Placed], by_themselves: bool) -> Vec<Prediction> {
    let beat_of = |placed: &Placed| timeline.story().beats.iter().find(|beat| placed.is_at(beat));
    let mut asked: Vec<Prediction> = if by_themselves { of_themselves(timeline) } else { Vec::new() };
    for placed in placed {
        let Some(beat) = beat_of(placed) else { continue };
        asked.retain(|one| one.beat != beat.index);
        asked.extend(match &placed.what {
            Wanted::Nothing => None,
            Wanted::Made(kind) => before(timeline, beat).into_iter().find(|one| one.kind == *kind),
            Wanted::Own(own) => can_ask(beat).then(|| own.before(beat)),
        });
    }
    asked.sort_by_key(|one| one.beat);
    asked
}

impl Placed {
    /// Whether it is about the question before this beat.
    pub fn is_at(&self, beat: &Beat) -> bool {
        (beat.from..beat.to).contains(&self.at)
    }
}

/// What a question is made of.
struct About<'a> {
    timeline: &'a Timeline,
    story: &'a Story,
    history: &'a History,
    /// The beat before which it is to be asked.
    beat: &'a Beat,
}

/// A Pod that the API server marks as deleted.
struct Marked<'a> {
    record: &'a Record,
    pod: &'a Rc<Pod>,
    key: ObjectKey,
}

/// A container's end.
#[derive(Clone, Copy)]
struct End {
    at: SimTime,
    code: i32,
}

impl<'a> About<'a> {
    /// The state when it is asked.
    fn view(&self) -> View<'a> {
        self.history.at(self.beat.from)
    }
    fn is(&self, ids: &[&str]) -> bool {
        ids.contains(&self.beat.say.id)
    }
    /// The records of the beat that come after the question.
    fn records(&self) -> impl Iterator<Item = &'a Record> + use<'a> {
        let (history, from) = (self.history, self.beat.from);
        let records = self.beat.records.iter().filter_map(move |id| history.record(*id));
        records.filter(move |record| record.time > from)
    }
    /// The Pods that the beat marks as deleted.
    fn marked(&self) -> Vec<Marked<'a>> {
        let view = self.view();
        let marked = self.records().filter_map(|record| match &record.fact {
            Fact::Object { object: Object::Pod(pod), .. } if pod.metadata.is_terminating() => {
                let key = ObjectKey::new(Kind::Pod, &*pod.metadata.namespace, &*pod.metadata.name);
                let was = view.get::<Pod>(&key.namespace, &key.name)?;
                (!was.metadata.is_terminating()).then_some(Marked { record, pod, key })
            }
            _ => None,
        });
        marked.collect()
    }
    /// Whether all is recorded that comes before the next act, and when that ends.
    fn chapter_end(&self) -> Option<SimTime> {
        let is_over = self.story.is_whole || self.beat.chapter + 1 < self.story.chapters.len();
        self.story.chapters.get(self.beat.chapter).filter(|_| is_over).map(|chapter| chapter.to)
    }
    /// The versions of a row after the question, each with its record.
    fn later(&self, key: &RowKey) -> impl Iterator<Item = &'a Record> + use<'a> {
        let (history, from) = (self.history, self.beat.from);
        let versions = history.versions(key);
        let first = versions.partition_point(|version| version.time <= from);
        versions[first..].iter().filter_map(move |version| history.record(version.record))
    }
    /// When a container ends, and how.
    fn end_of(&self, id: ContainerId) -> Option<End> {
        self.later(&RowKey::Container(id)).find_map(|record| match &record.fact {
            Fact::Container(_, Some(row)) => match row.state {
                ContainerPhase::Exited { code, .. } => Some(End { at: record.time, code }),
                _ => None,
            },
            _ => None,
        })
    }
    /// The container that a Pod has, where it has exactly one that runs.
    fn only_container(&self, pod: &Pod) -> Option<ContainerId> {
        let view = self.view();
        let mut running = view
            .sandboxes_of(pod)
            .flat_map(|(id, _)| view.containers_in(id))
            .filter(|(_, row)| matches!(row.state, ContainerPhase::Running { .. }));
        let (id, _) = running.next()?;
        running.next().is_none().then_some(id)
    }
    fn prediction(
        &self,
        kind: PredictionKind,
        known: SimTime,
        ask: Sentence,
        choices: Vec<Choice>,
        right: usize,
    ) -> Option<Prediction> {
        let (beat, at) = (self.beat.index, self.beat.from);
        Some(Prediction { kind, beat, at, known, ask, choices, right })
    }
}

/// The choices of a list with the one that is right: `why` is what explains it.
fn choices<const N: usize>(
    say: [(&'static str, &'static str); N],
    right: usize,
    why: Sentence,
    args: &[(&'static str, Arg)],
) -> Vec<Choice> {
    let made = say.into_iter().enumerate().map(|(place, (say, wrong))| Choice {
        say: Sentence::new(say, args.iter().cloned()),
        why: if place == right { why.clone() } else { Sentence::new(wrong, args.iter().cloned()) },
    });
    made.collect()
}

fn span(micros: Micros) -> Arg {
    Arg::Millis(micros / MILLI)
}
