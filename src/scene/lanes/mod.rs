//! The run as lanes over the time of the stage: one for an object, its states as bands and its Events as marks.
//!
//! Only the objects that matter have a lane; the others are counted. Where all of time lies is said by the tempo, so that
//! the lanes run below the playhead as the track does.

mod said;

#[cfg(test)]
mod tests;

use super::measure::{ellipsize_middle, width};
use super::tokens::{Hue, State};
use super::typeface::Type;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Change, Fact};
use crate::cluster::time::{MILLI, Micros, SECOND, SimTime};
use crate::timeline::{Fold, History, StageTime, Story, Tempo, Version};
use crate::value::Str;
use crate::words::{self, Language};
use said::{Said, said};
use std::collections::{BTreeMap, BTreeSet};

/// From one lane to the next, in pixels.
pub const LANE: f32 = 30.0;
/// How high a band is.
pub const BAND: f32 = 16.0;
/// How many lanes there are before somebody asks for more.
pub const MOST: usize = 12;
/// How many there are at most.
pub const ALL: usize = 120;
/// Bands and marks of one lane are no more than these.
const MOST_IN_LANE: usize = 80;
/// Marks that lie nearer than this are one.
const NEAR: f32 = 11.0;
/// Between the lengths of two waits.
const BETWEEN: f32 = 12.0;
/// The signs of waits that are told in one are no nearer than this.
const SIGNS: f32 = 21.0;
/// Waits whose signs are nearer than this have nothing between them that could be told from them.
const NEIGHBOURS: f32 = 30.0;
/// Times of the clock are about so far apart, and each is at most so far from its place to be round.
const TICKS: f32 = 96.0;
const ROUND: f32 = 30.0;
/// Around a word in its band.
const PADDING: f32 = 6.0;
/// The glyph of a state, with the room after it.
const GLYPH: f32 = 16.0;
/// After the end of time.
pub const END: f32 = 10.0;

/// The lanes at a width.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lanes {
    /// Where time begins, from the left.
    pub left: f32,
    /// How much room time has.
    pub wide: f32,
    /// Until when they tell, where more is recorded than may be seen.
    pub until: Option<SimTime>,
    /// Whether only names stand before the lanes, and no kinds.
    pub is_narrow: bool,
    /// The lanes, from the top.
    pub lanes: Vec<Lane>,
    /// How many objects have none.
    pub rest: usize,
}

/// The lane of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// The object.
    pub key: ObjectKey,
    /// Its name as it fits before its lane.
    pub name: Str,
    /// Its states.
    pub bands: Vec<Band>,
    /// Its Events.
    pub marks: Vec<Mark>,
}

/// A state for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// Since when.
    pub at: SimTime,
    /// Where it begins and how wide it is.
    pub x: f32,
    /// How wide it is.
    pub wide: f32,
    /// What the object says; empty where it has no state.
    pub word: Str,
    /// Whether the word has room.
    pub fits: bool,
    /// How it looks.
    pub hue: Hue,
    /// The state whose glyph stands in it.
    pub state: Option<State>,
}

/// One Event, or several that lie too near to be told apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// When the first of them was written.
    pub at: SimTime,
    /// Where it is.
    pub x: f32,
    /// The reason and the message of the first.
    pub reason: Str,
    /// Its sentence.
    pub message: Str,
    /// How many they are.
    pub count: usize,
    /// Whether one of them is a warning.
    pub is_warning: bool,
}

/// A wait that is longer than the stage shows it, or several beside each other that are told in one.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// When each begins, by which it is opened.
    pub from: Vec<SimTime>,
    /// How long they are together.
    pub long: Micros,
    /// The same in words.
    pub word: Str,
    /// Where the middle of the words is.
    pub x: f32,
    /// Where its signs are.
    pub signs: Vec<f32>,
    /// Whether somebody has opened it.
    pub is_open: bool,
}

/// A time of the clock, beside the waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// When it is.
    pub at: SimTime,
    /// Where it is, and the middle of its words.
    pub x: f32,
    /// The same in words.
    pub word: Str,
}

impl Wait {
    /// Half of the room of its words, in the language in which they are longest: what is told in one is so in each.
    fn half(&self) -> f32 {
        let words = Language::ALL.iter().map(|language| words::millis(*language, self.long / MILLI));
        let longest = words.map(|word| width(&word, Type::Label.font())).fold(0.0, f32::max);
        (longest + BETWEEN) / 2.0
    }
    /// From where to where its words and its signs are.
    fn across(&self) -> [f32; 2] {
        let signs = || self.signs.iter().copied();
        let half = self.half();
        [
            signs().map(|sign| sign - SIGNS / 2.0).fold(self.x - half, f32::min),
            signs().map(|sign| sign + SIGNS / 2.0).fold(self.x + half, f32::max),
        ]
    }
    /// Whether the next one lies so near that both are told in one.
    fn is_beside(&self, next: &Wait) -> bool {
        let signs = [self.signs.last(), next.signs.first()].map(|sign| sign.copied());
        let [end, begin] = [signs[0].unwrap_or(self.x), signs[1].unwrap_or(next.x)];
        begin - end < NEIGHBOURS || next.x - next.half() < self.x + self.half()
    }
    /// Takes the next one in.
    fn join(&mut self, next: Wait, language: Language) {
        self.from.extend(next.from);
        self.long += next.long;
        self.word = words::millis(language, self.long / MILLI).into();
        self.signs.extend(next.signs);
        let [first, last] =
            [self.signs.first(), self.signs.last()].map(|sign| sign.copied().unwrap_or(self.x));
        self.x = (first + last) / 2.0;
    }
}

/// What the lanes are made of.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// What is recorded.
    pub history: &'a History,
    /// What is told of it.
    pub story: &'a Story,
    /// The object that is looked at: its family matters most.
    pub chosen: Option<&'a ObjectKey>,
    /// How many lanes there may be.
    pub most: usize,
    /// How wide all is, with the names before the lanes.
    pub wide: f32,
}

/// Where moments are.
struct Axis<'a> {
    tempo: &'a Tempo,
    left: f32,
    wide: f32,
}

impl Axis<'_> {
    fn x(&self, at: SimTime) -> f32 {
        self.x_of(self.tempo.stage(at))
    }
    fn x_of(&self, at: StageTime) -> f32 {
        let whole = self.tempo.duration().0.max(1) as f64;
        self.left + (at.0 as f64 / whole) as f32 * self.wide
    }
}

/// An Event as it was written once.
struct Written<'a> {
    at: SimTime,
    reason: &'a Str,
    message: &'a Str,
    is_warning: bool,
}

/// An object with the versions that it had, and what was written about it.
struct Life<'a> {
    key: ObjectKey,
    versions: &'a [Version],
    written: Vec<Written<'a>>,
    /// The less, the more it matters.
    rank: u8,
    from: SimTime,
}

/// Lays the lanes out.
pub fn lanes(of: Of) -> Lanes {
    let is_narrow = of.wide < 600.0;
    let left = if is_narrow { 133.0 } else { 277.0 };
    let axis = Axis { tempo: &of.story.tempo, left, wide: (of.wide - left - END).max(1.0) };
    let mut lives = lives(of.history);
    rank(&mut lives, of);
    lives.sort_by(|a, b| {
        (a.rank, order(a.key.kind), a.from, &a.key).cmp(&(b.rank, order(b.key.kind), b.from, &b.key))
    });
    let rest = lives.len().saturating_sub(of.most.min(ALL));
    lives.truncate(of.most.min(ALL));
    lives.sort_by(|a, b| {
        let place = |life: &Life| (life.key.namespace.clone(), order(life.key.kind), life.from);
        (place(a), &a.key).cmp(&(place(b), &b.key))
    });
    let room = left - if is_narrow { 32.0 } else { 132.0 };
    let lanes = lives
        .into_iter()
        .map(|life| Lane {
            name: ellipsize_middle(&life.key.name, Type::CodeSmall.font(), room),
            bands: bands(of, &axis, life.versions),
            marks: marks(&axis, &life.written),
            key: life.key,
        })
        .collect();
    Lanes { left, wide: axis.wide, until: of.history.until(), is_narrow, lanes, rest }
}

/// The waits of the lanes that fold, and those that were opened. Those that lie too near to be told apart are one, with their sum;
/// but not what is past and what is to come: `passed` is where the last wait ended that is over.
pub fn waits(tempo: &Tempo, lanes: &Lanes, language: Language, passed: SimTime) -> Vec<Wait> {
    let axis = Axis { tempo, left: lanes.left, wide: lanes.wide };
    let wait = |fold: &Fold, is_open: bool| {
        let (long, x) = (fold.to.since(fold.from), (axis.x_of(fold.at) + axis.x_of(fold.until)) / 2.0);
        let word = words::millis(language, long / MILLI).into();
        Wait { from: vec![fold.from], long, word, x, signs: vec![x], is_open }
    };
    // One that is not over by then would say how long it lasts.
    let is_known = |fold: &&Fold| lanes.until.is_none_or(|until| fold.to <= until);
    let folded = tempo.folds().iter().filter(is_known).map(|fold| wait(fold, false));
    let opened = tempo.opened().iter().filter(is_known).map(|fold| wait(fold, true));
    apart(folded.chain(opened).collect(), [axis.left, axis.left + axis.wide + END], language, passed)
}

/// Where the last wait ended that is over at a moment.
pub fn passed(story: &Story, at: SimTime) -> SimTime {
    let folds = story.tempo.folds().iter().chain(story.tempo.opened());
    folds.map(|fold| fold.to).filter(|to| *to <= at).max().unwrap_or(SimTime::ZERO)
}

/// Times of the clock where no wait is: between its beginning and its end each is as round as it can be near its place.
pub fn ticks(tempo: &Tempo, lanes: &Lanes, waits: &[Wait]) -> Vec<Tick> {
    let axis = Axis { tempo, left: lanes.left, wide: lanes.wide };
    let whole = tempo.duration();
    if lanes.lanes.is_empty() || whole == StageTime(0) {
        return Vec::new();
    }
    let taken: Vec<[f32; 2]> = waits.iter().map(Wait::across).collect();
    let sim = |x: f32| {
        let part = f64::from(((x - axis.left) / axis.wide).clamp(0.0, 1.0));
        tempo.sim(StageTime((part * whole.0 as f64) as u64))
    };
    let (mut ticks, mut end) = (Vec::new(), f32::NEG_INFINITY);
    for place in 0..(axis.wide / TICKS) as u16 {
        let middle = axis.left + (f32::from(place) + 0.5) * TICKS;
        let Some(at) = roundest(sim(middle - ROUND), sim(middle + ROUND)) else { continue };
        let (x, word) = (axis.x(at), Str::from(at.clock()));
        let half = width(&word, Type::Label.font()) / 2.0;
        let is_free = x - half > end + BETWEEN
            && taken
                .iter()
                .all(|[from, to]| x + half + BETWEEN / 2.0 < *from || x - half - BETWEEN / 2.0 > *to);
        let is_within = x - half >= axis.left && x + half <= axis.left + axis.wide;
        if is_free && is_within && lanes.until.is_none_or(|until| at <= until) {
            end = x + half;
            ticks.push(Tick { at, x, word });
        }
    }
    ticks
}

/// The roundest moment between two that the clock can say.
fn roundest(from: SimTime, to: SimTime) -> Option<SimTime> {
    const UNITS: [Micros; 8] =
        [60 * SECOND, 30 * SECOND, 10 * SECOND, 5 * SECOND, SECOND, 500 * MILLI, 200 * MILLI, 100 * MILLI];
    UNITS.iter().map(|unit| SimTime(from.0.div_ceil(*unit) * unit)).find(|at| *at <= to)
}

/// The waits, in the order of time, their words between two ends. Those between which nothing is, or whose words have no room
/// beside each other, are told in one, so that what is told adds up to the clock; one that was opened stays by itself.
fn apart(mut waits: Vec<Wait>, [left, right]: [f32; 2], language: Language, passed: SimTime) -> Vec<Wait> {
    let is_past = |wait: &Wait| wait.from.iter().all(|from| *from < passed);
    waits.sort_by(|a, b| a.x.total_cmp(&b.x));
    let mut told: Vec<Wait> = Vec::new();
    for wait in waits {
        told.push(wait);
        while let [.., before, last] = &told[..]
            && before.is_open == last.is_open
            && is_past(before) == is_past(last)
            && before.is_beside(last)
            && let Some(last) = told.pop()
            && let Some(before) = told.last_mut()
        {
            before.join(last, language);
        }
    }
    // What is left lies beside one that was opened, or at an end.
    let mut end = right + BETWEEN / 2.0;
    for wait in told.iter_mut().rev() {
        wait.x = wait.x.min(end - wait.half());
        end = wait.x - wait.half();
    }
    let (mut begin, mut last) = (left - BETWEEN / 2.0, f32::NEG_INFINITY);
    for wait in &mut told {
        wait.x = wait.x.max(begin + wait.half());
        begin = wait.x + wait.half();
        // Signs do not touch, nor those of the wait before; one stays.
        let first = wait.signs.first().copied();
        wait.signs.retain(|sign| {
            let is_apart = sign - last >= SIGNS;
            if is_apart {
                last = *sign;
            }
            is_apart
        });
        if wait.signs.is_empty() {
            wait.signs.extend(first);
            last = first.unwrap_or(last).max(last);
        }
    }
    told
}

/// Kinds whose objects only keep the books of others, or are told of as marks.
fn is_told(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Event
            | Kind::Lease
            | Kind::Endpoints
            | Kind::EndpointSlice
            | Kind::ServiceAccount
            | Kind::ControllerRevision
            | Kind::PriorityClass
            | Kind::StorageClass
    )
}

/// What every Namespace has from its controllers, and nobody asked for.
fn is_of_every_namespace(key: &ObjectKey) -> bool {
    key.kind == Kind::ConfigMap && &*key.name == "kube-root-ca.crt"
}

/// The place of a kind among the lanes: who makes others stands above them.
fn order(kind: Kind) -> u8 {
    match kind {
        Kind::Namespace => 0,
        Kind::CronJob => 1,
        Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet | Kind::Job | Kind::ReplicationController => 2,
        Kind::ReplicaSet => 3,
        Kind::Pod => 4,
        Kind::Service => 5,
        Kind::Node => 6,
        _ => 7,
    }
}

/// The objects that somebody made, and those of the cluster's own that change.
fn lives(history: &History) -> Vec<Life<'_>> {
    let mut written: BTreeMap<(Str, Str, Str), Vec<Written>> = BTreeMap::new();
    for version in history.objects(Kind::Event).flatten() {
        let Some(Fact::Object { object: Object::Event(event), change: Change::Added | Change::Modified }) =
            history.record(version.record).map(|record| &record.fact)
        else {
            continue;
        };
        let about = &event.involved_object;
        let key = (about.kind.clone(), about.namespace.clone(), about.name.clone());
        written.entry(key).or_default().push(Written {
            at: version.time,
            reason: &event.reason,
            message: &event.message,
            is_warning: &*event.kind == "Warning",
        });
    }
    let mut lives = Vec::new();
    for kind in Kind::all().filter(|kind| is_told(*kind)).chain(history.custom_kinds()) {
        for versions in history.objects(kind) {
            let first = versions.first().and_then(|version| history.record(version.record));
            let Some(Fact::Object { object, .. }) = first.map(|record| &record.fact) else { continue };
            let from = versions.first().map_or(SimTime::ZERO, |version| version.time);
            let key = object.key();
            let about = (Str::from(kind.info().name), key.namespace.clone(), key.name.clone());
            let mut written = written.remove(&about).unwrap_or_default();
            written.sort_by_key(|event| event.at);
            // What was there before anybody did anything matters once it changes.
            let is_of_somebody = from > SimTime::ZERO
                || written.iter().any(|event| event.is_warning)
                || says(history, versions).take(2).count() > 1;
            if is_of_somebody && !is_of_every_namespace(&key) {
                lives.push(Life { key, versions, written, rank: 0, from });
            }
        }
    }
    lives
}

/// What an object says, each time that it says something else; nothing once it is gone.
fn says<'a>(
    history: &'a History,
    versions: &'a [Version],
) -> impl Iterator<Item = (SimTime, Option<Said>)> + use<'a> {
    let mut last: Option<Option<Said>> = None;
    versions.iter().filter_map(move |version| {
        let now = match &history.record(version.record)?.fact {
            Fact::Object { change: Change::Deleted, .. } => None,
            Fact::Object { object, .. } => Some(said(object)),
            _ => return None,
        };
        if last.as_ref() == Some(&now) {
            return None;
        }
        last = Some(now.clone());
        Some((version.time, now))
    })
}

/// The family of what is chosen comes first, then what is in trouble, then what changes much.
fn rank(lives: &mut [Life], of: Of) {
    let family = of.chosen.map(|chosen| family(of.history, chosen)).unwrap_or_default();
    for life in lives {
        let is_in_trouble = life.written.iter().any(|event| event.is_warning);
        life.rank = match () {
            () if family.contains(&life.key) => 0,
            () if is_in_trouble => 1,
            () if matches!(order(life.key.kind), 1..=5) => 2,
            () => 3,
        };
    }
}

/// An object, who made it and what it made, at any time of the run.
fn family(history: &History, chosen: &ObjectKey) -> BTreeSet<ObjectKey> {
    let end = history.at(history.end());
    let mut family = BTreeSet::from([chosen.clone()]);
    let mut up = chosen.clone();
    while let Some((object, _)) = end.last_known(&up)
        && let Some(owner) =
            object.meta().owner_references.iter().find(|owner| owner.controller == Some(true))
        && let Some(kind) = Kind::named(&owner.kind)
    {
        up = ObjectKey::new(kind, up.namespace.clone(), owner.name.clone());
        if !family.insert(up.clone()) {
            break;
        }
    }
    let mut below = vec![chosen.clone()];
    while let Some(key) = below.pop() {
        let Some((object, _)) = end.last_known(&key) else { continue };
        for owned in end.owned_by(&object.meta().uid) {
            if family.insert(owned.key()) {
                below.push(owned.key());
            }
        }
    }
    family
}

fn bands(of: Of, axis: &Axis, versions: &[Version]) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    let mut open = false;
    let close = |bands: &mut Vec<Band>, to: f32| {
        if let Some(last) = bands.last_mut() {
            last.wide = (to - last.x - 1.0).max(2.0);
            let glyph = if last.state.is_some() { GLYPH } else { 0.0 };
            last.fits = width(&last.word, Type::Label.font()) + glyph + 2.0 * PADDING <= last.wide;
        }
    };
    for (at, now) in says(of.history, versions).take(MOST_IN_LANE) {
        let x = axis.x(at);
        if open {
            close(&mut bands, x);
        }
        open = now.is_some();
        if let Some(Said { word, hue, state }) = now {
            bands.push(Band { at, x, wide: 0.0, word, fits: false, hue, state });
        }
    }
    if open {
        close(&mut bands, of.history.until().map_or(axis.left + axis.wide, |until| axis.x(until)));
    }
    bands
}

fn marks(axis: &Axis, written: &[Written]) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for event in written {
        let x = axis.x(event.at);
        let is_full = marks.len() == MOST_IN_LANE;
        match marks.last_mut().filter(|last| x - last.x < NEAR) {
            Some(last) => {
                last.count += 1;
                // A warning is not hidden behind what is as usual.
                if event.is_warning && !last.is_warning {
                    last.is_warning = true;
                    (last.at, last.reason, last.message) =
                        (event.at, event.reason.clone(), event.message.clone());
                }
            }
            None if is_full => break,
            None => marks.push(Mark {
                at: event.at,
                x,
                reason: event.reason.clone(),
                message: event.message.clone(),
                count: 1,
                is_warning: event.is_warning,
            }),
        }
    }
    marks
}
