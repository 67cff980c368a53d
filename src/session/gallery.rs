//! The gallery: each view in each state worth seeing, as lines of a list that lies beside the page (`static/gallery/list.txt`).
//!
//! A line says what is shown, of which run, and when: `view | run | moment | selected | English | Korean`. A run is an
//! example of the picker, a recording of the tests by its name, or `-` for a cluster in which nothing was done;
//! ` @4 kubectl ...` behind it is given four seconds after its beginning. A moment is `start`, `end`, `computing`, a time in
//! seconds, or words that find it, with ` + 0.2` for so much later. Selected is an object as `Pod web-*`, the first of that
//! name then; in the comparison it is what differs.

use super::{Session, ViewName};
use crate::api::{Kind, ObjectKey};
use crate::cluster::record::Fact;
use crate::cluster::setup::Setup;
use crate::cluster::time::{Micros, SimTime};
use crate::timeline::compare::Difference;
use crate::timeline::find::Index;
use crate::timeline::{Act, Acted, Start, Timeline};
use crate::value::Str;
use crate::words::Language;

/// What the list calls the lanes of the timeline, which are no view.
const LANES: &str = "timeline";

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The view; none for the lanes of the timeline.
    pub view: Option<ViewName>,
    /// What is played.
    pub run: Played,
    /// When it is looked at.
    pub moment: Moment,
    /// What is selected.
    pub selected: Option<Selected>,
    /// What differs in a comparison.
    pub difference: Option<Difference>,
    /// Commands that are given besides, and when.
    pub more: Vec<(SimTime, Str)>,
    english: String,
    korean: String,
}

/// What is played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Played {
    /// Nothing.
    Nothing,
    /// An example of the picker.
    Example(&'static str),
    /// A recording, by its name.
    Recording(String),
}

/// When a run is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before anything is done.
    Start,
    /// Once nothing happens any more, or where the recording ends.
    End,
    /// While it is still being computed.
    Computing,
    /// At a time.
    At(SimTime),
    /// When words find it, or so much later.
    Found(String, Micros),
}

/// An object by its kind and the beginning of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    kind: Kind,
    name: String,
    /// Whether the name may go on.
    is_open: bool,
}

/// The lines of a list. Comments and what is malformed are left out.
pub fn read(list: &str) -> Vec<Shown> {
    list.lines().filter_map(line).collect()
}

fn line(text: &str) -> Option<Shown> {
    let parts: Vec<&str> = text.split(" | ").map(str::trim).collect();
    let [view, run, moment, selected, english, korean] = parts[..] else { return None };
    let view = match ViewName::ALL.iter().find(|known| known.as_str() == view) {
        Some(view) => Some(*view),
        None if view == LANES => None,
        None => return None,
    };
    let mut run = run.split(" @");
    let played = match run.next()? {
        "-" => Played::Nothing,
        name => match super::examples::named(name) {
            Some(example) => Played::Example(example.id),
            None => Played::Recording(name.to_owned()),
        },
    };
    let more = run.map(|command| {
        let (seconds, command) = command.split_once(' ')?;
        Some((SimTime(micros(seconds)?), Str::from(command)))
    });
    let difference = Difference::ALL.iter().copied().find(|difference| difference.as_str() == selected);
    Some(Shown {
        view,
        run: played,
        moment: read_moment(moment),
        selected: if difference.is_some() { None } else { read_selected(selected) },
        difference,
        more: more.collect::<Option<Vec<_>>>()?,
        english: english.to_owned(),
        korean: korean.to_owned(),
    })
}

fn micros(seconds: &str) -> Option<Micros> {
    let seconds: f64 = seconds.parse().ok()?;
    Some((seconds.max(0.0) * 1_000_000.0).round() as Micros)
}

fn read_moment(text: &str) -> Moment {
    match text {
        "start" => Moment::Start,
        "end" => Moment::End,
        "computing" => Moment::Computing,
        _ => match (micros(text), text.rsplit_once(" + ")) {
            (Some(at), _) => Moment::At(SimTime(at)),
            (None, Some((words, later))) => Moment::Found(words.to_owned(), micros(later).unwrap_or(0)),
            (None, None) => Moment::Found(text.to_owned(), 0),
        },
    }
}

fn read_selected(text: &str) -> Option<Selected> {
    let (kind, name) = text.split_once(' ')?;
    let stem = name.strip_suffix('*');
    Some(Selected {
        kind: Kind::named(kind)?,
        name: stem.unwrap_or(name).to_owned(),
        is_open: stem.is_some(),
    })
}

impl Shown {
    /// The sentence below it.
    pub fn caption(&self, language: Language) -> &str {
        match language {
            Language::Ko => &self.korean,
            Language::En => &self.english,
        }
    }
    /// Whether both are of one run.
    pub fn is_of_run(&self, other: &Shown) -> bool {
        self.run == other.run && self.more == other.more
    }
    /// The session, nothing of which is recorded yet; of a recording it is told as the log of one. None where that cannot
    /// be read.
    pub fn session(&self, recording: Option<&str>) -> Option<Session> {
        let mut session = match &self.run {
            Played::Nothing => Session::default(),
            Played::Example(id) => {
                let mut session = Session::default();
                super::examples::named(id)?.load(&mut session);
                session
            }
            Played::Recording(_) => Session::from_json(recording?).ok()?,
        };
        if !self.more.is_empty() {
            let more = self.more.iter().map(|(at, line)| Acted { at: *at, act: Act::Command(line.clone()) });
            let mut acts: Vec<Acted> = session.timeline.acts().iter().cloned().chain(more).collect();
            acts.sort_by_key(|acted| acted.at);
            session.play(acts);
        }
        let last = session.timeline.acts().last().map_or(SimTime::ZERO, |acted| acted.at);
        session.at = session.at.max(last);
        Some(session)
    }
    /// Puts the playhead where it is to be, shows the view and selects. The run is recorded by then, for a playhead at its end; false
    /// where it has no such moment or object.
    pub fn settle(&self, session: &mut Session) -> bool {
        let timeline = &session.timeline;
        let is_bounded = matches!(self.run, Played::Recording(_));
        let found = match &self.moment {
            Moment::Start | Moment::Computing => Some(SimTime::ZERO),
            Moment::End if is_bounded => Some(session.at),
            Moment::End => Some(timeline.story().end()),
            Moment::At(at) => Some(*at),
            Moment::Found(words, later) => {
                let index = Index::new(timeline.history(), timeline.story());
                index.find(words).first().map(|moment| moment.at + *later)
            }
        };
        let at = found.unwrap_or(timeline.story().end());
        let selected = self.selected.as_ref().map(|selected| selected.found(timeline, at));
        let is_there = found.is_some() && selected.as_ref().is_none_or(Option::is_some);
        session.selected = selected.flatten();
        session.view = self.view.unwrap_or(ViewName::Hierarchy);
        session.show(at);
        is_there
    }
}

impl Selected {
    /// The first object of that name that was there until then.
    fn found(&self, timeline: &Timeline, at: SimTime) -> Option<ObjectKey> {
        let is_it = |key: &ObjectKey| {
            if self.is_open { key.name.starts_with(&*self.name) } else { *key.name == *self.name }
        };
        let versions = timeline.history().objects(self.kind);
        let began = versions.filter_map(|versions| {
            let first = versions.first().filter(|first| first.time <= at)?;
            let Fact::Object { object, .. } = &timeline.history().record(first.record)?.fact else {
                return None;
            };
            Some((first.time, object.key())).filter(|(_, key)| is_it(key))
        });
        began.min().map(|(_, key)| key)
    }
}

impl Session {
    /// A session in which so much was done, looked at at its end.
    pub fn of_acts(
        setup: Setup,
        namespace: &str,
        files: Vec<super::File>,
        acts: Vec<Acted>,
        end: SimTime,
    ) -> Self {
        let given = files.iter().map(|file| Acted {
            at: SimTime::ZERO,
            act: Act::File(file.name.clone(), Some(file.text.clone())),
        });
        let acts = given.chain(acts).collect();
        let mut session = Session::new(setup, namespace, files);
        session.play(acts);
        session.at = end;
        session
    }
    /// Begins anew with these acts.
    fn play(&mut self, acts: Vec<Acted>) {
        let start = Start { ..self.timeline.start().clone() };
        self.timeline = Timeline::restore(start, vec![(acts, None)], 0);
    }
}
