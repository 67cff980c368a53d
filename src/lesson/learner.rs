//! How far a learner has come, as it is kept and exported.

use super::Lesson;
use crate::value::{Map, Str, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The version of what is kept. An older one is always read.
const VERSION: i64 = 1;

/// What was answered to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The choice.
    pub chosen: usize,
    /// The choice that the run has shown to be right.
    pub right: usize,
}

/// How far somebody has come in a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learner {
    /// The step that is open.
    pub step: usize,
    /// The goals that were reached, by their places in the lesson. Whatever is done later, they stay so.
    pub goals: BTreeSet<usize>,
    /// What was answered, by the places of the questions.
    pub answers: BTreeMap<usize, Answer>,
    /// How many hints were shown, by step.
    pub hints: BTreeMap<usize, usize>,
    /// Whether every goal was reached.
    pub is_done: bool,
}

impl Learner {
    /// A goal is reached.
    pub fn reach(&mut self, lesson: &Lesson, goal: usize) {
        self.goals.insert(goal);
        self.is_done |= self.goals.len() == lesson.goal_count();
    }
}

/// How far somebody has come in every lesson that was begun, by the lessons' ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress(BTreeMap<String, Learner>);

impl Progress {
    /// How far in a lesson; at its beginning where it was never opened.
    pub fn of(&self, id: &str) -> Learner {
        self.0.get(id).cloned().unwrap_or_default()
    }
    /// Whether a lesson was begun.
    pub fn has(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }
    /// Takes over how far somebody has come.
    pub fn put(&mut self, id: &str, learner: Learner) {
        self.0.insert(id.to_owned(), learner);
    }
    /// Whether nothing was begun.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Writes it.
    pub fn to_json(&self) -> String {
        let mut lessons = Map::new();
        for (id, learner) in &self.0 {
            let mut out = Map::new();
            out.push("step", number(learner.step));
            out.push("goals", learner.goals.iter().map(|goal| number(*goal)).collect::<Vec<_>>());
            let answer = |(question, answer): (&usize, &Answer)| {
                Value::from(vec![number(*question), number(answer.chosen), number(answer.right)])
            };
            out.push("answers", learner.answers.iter().map(answer).collect::<Vec<_>>());
            let hint = |(step, count): (&usize, &usize)| Value::from(vec![number(*step), number(*count)]);
            out.push("hints", learner.hints.iter().map(hint).collect::<Vec<_>>());
            out.push("done", learner.is_done);
            lessons.push(Str::from(id.as_str()), Value::from(out));
        }
        let mut log = Map::new();
        log.push("podiumLessons", VERSION);
        log.push("lessons", Value::from(lessons));
        json::compact(&Value::from(log))
    }
    /// Reads what was written; none where it is something else, or of a newer version.
    pub fn from_json(text: &str) -> Option<Self> {
        let log = json::parse(text).ok()?;
        let version = log.get("podiumLessons").and_then(Value::as_int)?;
        let Some(Value::Object(lessons)) = log.get("lessons") else { return None };
        if !(1..=VERSION).contains(&version) {
            return None;
        }
        let lessons = lessons.iter().map(|(id, learner)| Some((id.to_string(), read(learner)?)));
        Some(Self(lessons.collect::<Option<_>>()?))
    }
}

fn number(number: usize) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

fn read(value: &Value) -> Option<Learner> {
    let whole = |value: &Value| usize::try_from(value.as_int()?).ok();
    let list = |key: &str| value.get(key)?.as_array();
    let row = |row: &Value| row.as_array()?.iter().map(whole).collect::<Option<Vec<usize>>>();
    let answer = |value: &Value| match row(value)?[..] {
        [question, chosen, right] => Some((question, Answer { chosen, right })),
        _ => None,
    };
    let hint = |value: &Value| match row(value)?[..] {
        [step, count] => Some((step, count)),
        _ => None,
    };
    Some(Learner {
        step: whole(value.get("step")?)?,
        goals: list("goals")?.iter().map(whole).collect::<Option<_>>()?,
        answers: list("answers")?.iter().map(answer).collect::<Option<_>>()?,
        hints: list("hints")?.iter().map(hint).collect::<Option<_>>()?,
        is_done: value.get("done")? == &Value::Bool(true),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_nothing_else_is() {
        let mut progress = Progress::default();
        let learner = Learner {
            step: 2,
            goals: [0, 3].into(),
            answers: [(1, Answer { chosen: 0, right: 2 })].into(),
            hints: [(2, 1)].into(),
            is_done: true,
        };
        progress.put("kinds", learner.clone());
        let text = progress.to_json();
        assert_eq!(Progress::from_json(&text), Some(progress.clone()));
        assert_eq!((progress.of("kinds"), progress.of("other")), (learner, Learner::default()));
        assert_eq!(
            Progress::from_json(&text.replace("Lessons\":1", "Lessons\":2")),
            None,
            "of a newer version"
        );
        assert_eq!(Progress::from_json("{\"podium\":1}"), None);
        assert_eq!(Progress::from_json(&text.replace("[[1,0,2]]", "[[1,0]]")), None);
    }
}
