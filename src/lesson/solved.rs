//! A puzzle that somebody has solved, to be given to others: which one, and the log of the session. What came of it is not
//! written: it is looked for in the run, by whoever gives it and by whoever gets it.

use super::{Lesson, Look, holds};
use crate::cluster::sha256::digest;
use crate::manifest::Arg;
use crate::msg;
use crate::value::{Map, Value, json};

/// The version of what is given. An older one is always read.
const VERSION: i64 = 1;

/// A solved puzzle as it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The name of the puzzle's file.
    pub lesson: String,
    /// The log of the session, at the moment at which its goals are reached.
    pub log: String,
    /// What tells the puzzle from other versions of it; empty where an older Podium has written it.
    pub version: String,
}

/// Why it is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenError {
    /// It cannot be read.
    Broken,
    /// A later Podium has written it.
    Newer,
}

impl Given {
    /// A puzzle of this name, as it is solved.
    pub fn new(name: String, lesson: &Lesson, log: String) -> Given {
        Given { lesson: name, log, version: version(lesson) }
    }
    /// Whether it was solved in another version of the puzzle.
    pub fn is_of_another(&self, lesson: &Lesson) -> bool {
        !self.version.is_empty() && self.version != version(lesson)
    }
    /// As it is given.
    pub fn to_json(&self) -> String {
        let mut map = Map::new();
        map.insert("podiumResult", VERSION);
        map.insert("lesson", self.lesson.as_str());
        map.insert("log", self.log.as_str());
        if !self.version.is_empty() {
            map.insert("version", self.version.as_str());
        }
        json::compact(&Value::from(map))
    }
    /// Reads what was given.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, or a later Podium has written it.
    pub fn from_json(text: &str) -> Result<Given, GivenError> {
        let Ok(Value::Object(map)) = json::parse(text) else { return Err(GivenError::Broken) };
        let said = |key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
        match map.get("podiumResult").and_then(Value::as_int) {
            Some(VERSION) => {}
            Some(version) if version > VERSION => return Err(GivenError::Newer),
            _ => return Err(GivenError::Broken),
        }
        let lesson = said("lesson").filter(|name| is_name(name)).ok_or(GivenError::Broken)?;
        let log = said("log").ok_or(GivenError::Broken)?;
        Ok(Given { lesson, log, version: said("version").unwrap_or_default() })
    }
}

/// What tells a puzzle from other versions of it, in every language the same: its files and its last goals.
fn version(lesson: &Lesson) -> String {
    let told = format!("{:?} {:?}", lesson.files(), goals(lesson).collect::<Vec<_>>());
    digest(told.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a text can be the name of a lesson's file: it becomes a part of an address.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// What a solution has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Solved {
    /// Whether the goals of the last step hold.
    pub holds: bool,
    /// How many requests were answered of those that were sent last, and how many were lost, where the puzzle is about that.
    pub requests: Option<(u64, u64)>,
    /// How many lines of the puzzle's files are others.
    pub lines: u64,
}

impl Solved {
    /// What is to be looked at for it: what the goals of the last step look at, then what came of it.
    pub fn looks(lesson: &Lesson) -> Vec<&Look> {
        goals(lesson).map(|(look, _)| look).chain(&[Look::Served, Look::Lost, Look::LinesChanged]).collect()
    }
    /// What was seen in these looks.
    pub fn of(lesson: &Lesson, seen: &[String]) -> Option<Solved> {
        let (goals_seen, after) = seen.split_at_checked(goals(lesson).count())?;
        let [served, lost, lines] = after else { return None };
        let number = |text: &String| text.parse().ok();
        let is_about_requests = goals(lesson).any(|(look, _)| matches!(look, Look::Served | Look::Lost));
        Some(Solved {
            holds: goals(lesson).zip(goals_seen).all(|((_, wanted), seen)| holds(wanted, seen)),
            requests: if is_about_requests { Some((number(served)?, number(lost)?)) } else { None },
            lines: number(lines)?,
        })
    }
    /// What is said of it: a message and its arguments.
    pub fn said(&self) -> (&'static str, Vec<(&'static str, Arg)>) {
        let number = |number: u64| Arg::Number(i64::try_from(number).unwrap_or(i64::MAX));
        let lines = ("lines", number(self.lines));
        match self.requests {
            Some((served, lost)) => {
                let sent = thousands(served + lost);
                (
                    msg!("lesson.result-requests"),
                    vec![("sent", sent.as_str().into()), ("lost", number(lost)), lines],
                )
            }
            None => (msg!("lesson.result-lines"), vec![lines]),
        }
    }
}

/// What the goals of the last step look at, and what that has to give.
fn goals(lesson: &Lesson) -> impl Iterator<Item = &(Look, super::Wanted)> {
    lesson.steps.last().into_iter().flat_map(|step| step.goals()).flat_map(|(_, goal)| &goal.checks)
}

/// A number with its thousands parted: `2,500`.
fn thousands(number: u64) -> String {
    match number / 1_000 {
        0 => number.to_string(),
        more => format!("{},{:03}", thousands(more), number % 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_comes_back_and_nothing_else_does() {
        let puzzle = |text: &str| crate::lesson::read(text).whole().expect("a lesson");
        let en = include_str!("../../static/lessons/en/p1-keep.md");
        let ko = include_str!("../../static/lessons/ko/p1-keep.md");
        let given = Given::new("p1-keep".into(), &puzzle(en), "{\"podium\":1}".into());
        assert_eq!(Given::from_json(&given.to_json()), Ok(given.clone()));
        // In another language it is the same puzzle, with another file another one; an older link does not say of which it is.
        assert!(!given.is_of_another(&puzzle(en)) && !given.is_of_another(&puzzle(ko)));
        assert!(given.is_of_another(&puzzle(&en.replace("replicas: 3", "replicas: 5"))));
        let old = "{\"podiumResult\":1,\"lesson\":\"p1-keep\",\"log\":\"\"}";
        assert_eq!(Given::from_json(old).map(|given| given.is_of_another(&puzzle(en))), Ok(false));
        for (text, error) in [
            ("", GivenError::Broken),
            ("{\"podium\":1}", GivenError::Broken),
            ("{\"podiumResult\":1,\"lesson\":\"../x\",\"log\":\"\"}", GivenError::Broken),
            ("{\"podiumResult\":1,\"lesson\":\"p1\"}", GivenError::Broken),
            ("{\"podiumResult\":2}", GivenError::Newer),
        ] {
            assert_eq!(Given::from_json(text), Err(error), "{text}");
        }
    }

    #[test]
    fn thousands_are_parted() {
        let all = [0, 999, 1_000, 2_500, 1_002_003].map(thousands);
        assert_eq!(all, ["0", "999", "1,000", "2,500", "1,002,003"]);
    }
}
