//! Lessons in a session: what one begins with, what its deeds are, and how its goals and questions are asked.

use super::{Action, File, Session, ViewName};
use crate::cluster::setup::Setup;
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
    /// Asks what comes of a question at the playhead.
    pub fn ask_question(&self, lesson: &Lesson, question: &Question) -> Asking {
        let first = (&question.deeds, question.after);
        Asking::new(&self.timeline, self.at, &self.texts(), &lesson.files(), first, [&question.look])
    }
    fn texts(&self) -> Vec<(&Str, &Str)> {
        self.files.iter().map(|file| (&file.name, &file.text)).collect()
    }
}
