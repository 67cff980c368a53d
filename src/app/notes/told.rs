//! What the first window tells the second.

use super::super::lesson::taught;
use super::super::theatre::Theatre;
use super::super::words::Words;
use podium::timeline::{Beat, Timeline};
use podium::value::{Map, Value, json};

/// So many steps are told ahead.
const AHEAD: usize = 3;

/// So many causes are told.
const CAUSES: usize = 5;

/// How the first window stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Told {
    pub(super) language: String,
    pub(super) theme: String,
    /// The sentence of the moment.
    pub(super) said: String,
    pub(super) clock: String,
    /// The step that is told, and how many there are.
    pub(super) step: usize,
    pub(super) steps: usize,
    /// What a person did that this follows from.
    pub(super) chapter: String,
    pub(super) is_playing: bool,
    /// What has led to it.
    pub(super) why: Vec<String>,
    /// What comes next.
    pub(super) next: Vec<String>,
    /// The lesson that is taught: its name, and the step of it.
    pub(super) lesson: Option<(String, usize)>,
}

/// What has led to a step: the causes of what it tells last, without itself.
fn why(words: Words, timeline: &Timeline, beat: &Beat) -> Vec<String> {
    let Some(last) = beat.records.last() else { return Vec::new() };
    let why = timeline.story().why(timeline.history(), *last);
    let before = why.beats.iter().filter(|other| other.index < beat.index);
    let mut said: Vec<String> =
        before.map(|beat| words.with(beat.say.id, &beat.say.args).to_string()).collect();
    let from = said.len().saturating_sub(CAUSES);
    said.split_off(from)
}

impl Told {
    pub(super) fn of(theatre: &Theatre, words: Words, theme: &str) -> Told {
        let playhead = theatre.playhead();
        let session = theatre.session();
        let timeline = session.timeline();
        let story = timeline.story();
        let at = playhead.sim();
        let say = story.say(at);
        let beat = story.beat_at(at);
        let begun = beat.map_or(0, |beat| beat.index + 1);
        let ahead = story.beats.get(begun..).unwrap_or_default();
        let next = ahead.iter().take(AHEAD).map(|beat| words.with(beat.say.id, &beat.say.args).to_string());
        let chapter = story.chapter_at(at).map(|chapter| words.with(chapter.title.id, &chapter.title.args));
        Told {
            language: words.0.code().to_owned(),
            theme: theme.to_owned(),
            said: words.with(say.id, &say.args).to_string(),
            clock: at.clock(),
            step: begun,
            steps: story.beats.len(),
            chapter: chapter.map(|title| title.to_string()).unwrap_or_default(),
            is_playing: playhead.is_playing(),
            why: beat.map(|beat| why(words, timeline, beat)).unwrap_or_default(),
            next: next.collect(),
            lesson: taught(),
        }
    }
    pub(super) fn to_json(&self) -> String {
        let list = |of: &[String]| of.iter().map(|said| Value::from(said.as_str())).collect::<Vec<Value>>();
        let mut map = Map::new();
        map.insert("language", self.language.as_str());
        map.insert("theme", self.theme.as_str());
        map.insert("said", self.said.as_str());
        map.insert("clock", self.clock.as_str());
        map.insert("step", self.step as i64);
        map.insert("steps", self.steps as i64);
        map.insert("chapter", self.chapter.as_str());
        map.insert("playing", self.is_playing);
        map.insert("why", list(&self.why));
        map.insert("next", list(&self.next));
        if let Some((name, step)) = &self.lesson {
            map.insert("lesson", name.as_str());
            map.insert("lessonStep", *step as i64);
        }
        json::compact(&Value::from(map))
    }
    pub(super) fn read(text: &str) -> Option<Told> {
        let Ok(Value::Object(map)) = json::parse(text) else { return None };
        let said = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let number = |key: &str| map.get(key).and_then(Value::as_int).and_then(|n| usize::try_from(n).ok());
        let list = |key: &str| {
            let of = map.get(key).and_then(Value::as_array).unwrap_or_default();
            of.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Some(Told {
            language: said("language"),
            theme: said("theme"),
            said: said("said"),
            clock: said("clock"),
            step: number("step")?,
            steps: number("steps")?,
            chapter: said("chapter"),
            is_playing: map.get("playing").and_then(Value::as_bool).unwrap_or_default(),
            why: list("why"),
            next: list("next"),
            lesson: number("lessonStep").map(|step| (said("lesson"), step)),
        })
    }
}
