//! Lessons in a session: what one begins with, what its deeds are, and how its goals and questions are asked.

use super::{Action, File, Session, ViewName};
use crate::cluster::setup::Setup;
use crate::lesson::solved::Solved;
use crate::lesson::{Asking, Deed, Goal, Lesson, Question};
use crate::timeline::Act;
use crate::value::Str;

impl Session {
    /// The session that a lesson begins with.
    pub fn of_lesson(lesson: &Lesson) -> Session {
        let file = |(name, text): (&Str, &Str)| File { name: name.clone(), text: text.clone() };
        let files = lesson.files().into_iter().map(file).collect();
        let mut session = Session::new(Setup::with_seed(1), super::NAMESPACE, files);
        let view = ViewName::ALL.iter().copied().find(|view| view.as_str() == lesson.view);
        session.view = view.unwrap_or(session.view);
        session
    }
    /// What a deed of a lesson is here.
    pub fn actions_of(&self, deed: &Deed) -> Vec<Action> {
        match deed {
            Deed::File(name, text) if self.position(name).is_some() => {
                vec![Action::EditFile(name.clone(), text.clone()), Action::OpenFile(name.clone())]
            }
            Deed::File(name, text) => vec![Action::AddFile(name.clone(), text.clone())],
            Deed::Command(line) => vec![Action::Command(line.clone())],
            Deed::Requests { .. } | Deed::Power { .. } | Deed::Wait(_) => {
                match deed.act(self.timeline.at(self.at)) {
                    Some(Act::Requests(client)) => vec![Action::Requests(client)],
                    Some(Act::Fault(fault)) => vec![Action::Fault(fault)],
                    _ => Vec::new(),
                }
            }
        }
    }
    /// Asks whether a goal is reached at the playhead.
    pub fn ask_goal(&self, lesson: &Lesson, goal: &Goal) -> Asking {
        let looks = goal.checks.iter().map(|(look, _)| look);
        Asking::new(&self.timeline, self.at, &self.texts(), &lesson.files(), (&[], 0), looks)
    }
    /// Asks what the solution of a puzzle has come to at the playhead.
    pub fn ask_solved(&self, lesson: &Lesson) -> Asking {
        Asking::new(&self.timeline, self.at, &self.texts(), &lesson.files(), (&[], 0), Solved::looks(lesson))
    }
    /// Asks what comes of a question at the playhead.
    pub fn ask_question(&self, lesson: &Lesson, question: &Question) -> Asking {
        let first = (&question.deeds, question.after);
        Asking::new(&self.timeline, self.at, &self.texts(), &lesson.files(), first, [&question.look])
    }
    fn texts(&self) -> Vec<(&Str, &Str)> {
        self.files.iter().map(|file| (&file.name, &file.text)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::read;
    use crate::lesson::solved::Given;
    use crate::session::rehearsal::Rehearsal;
    use crate::words::{Language, text};
    use std::rc::Rc;

    /// What came of each step of the puzzle of the 2,500 requests, as whoever opens the link sees it.
    fn solved() -> Vec<Solved> {
        let lesson = read(include_str!("../../static/lessons/en/p1-keep.md")).whole().expect("a lesson");
        let lesson = Rc::new(lesson);
        let mut rehearsal = Rehearsal::new(lesson.clone());
        while rehearsal.go_on(10_000) {}
        let of = |step| {
            let log = rehearsal.after(step).expect("it was played").to_shared().log;
            let given = Given::new("p1-keep".into(), &lesson, log).to_json();
            let given = Given::from_json(&given).expect("what was given");
            let mut session = Session::from_json(&given.log).expect("a session");
            let at = session.at();
            while session.run(at, 10_000).0 {}
            session.show(at);
            let mut asking = session.ask_solved(&lesson);
            let seen = loop {
                if let Some(seen) = asking.go_on(10_000) {
                    break seen.to_vec();
                }
            };
            Solved::of(&lesson, &seen).expect("it was looked at")
        };
        (0..lesson.steps.len()).map(of).collect()
    }

    #[test]
    fn what_came_of_a_puzzle_is_seen_by_whoever_opens_it() {
        let steps = solved();
        assert!(!steps[0].holds && steps[0].requests.is_some_and(|(_, lost)| lost > 0), "{steps:?}");
        assert_eq!(steps[1], Solved { holds: true, requests: Some((2_500, 0)), lines: 5 });
        let said = |language| {
            let (id, args) = steps[1].said();
            text(language, id, &args)
        };
        assert_eq!(said(Language::En), "2,500 requests, 0 lost, 5 lines changed");
        assert_eq!(said(Language::Ko), "요청 2,500개 중 0개 유실, 5줄 변경");
    }
}
