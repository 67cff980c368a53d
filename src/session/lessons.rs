//! Lessons in a session: what one begins with, what its deeds are, and how its goals and questions are asked.

use super::{Action, File, Session, ViewName};
use crate::api::read::read;
use crate::api::{Kind, ObjectKey};
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
            Deed::Command(line) => {
                let about = self.pod_of(line).map(|pod| Action::Select(Some(pod)));
                about.into_iter().chain([Action::Command(line.clone())]).collect()
            }
            Deed::Requests { .. } | Deed::Power { .. } | Deed::Wait(_) => {
                match deed.act(self.timeline.at(self.at)) {
                    Some(Act::Requests(client)) => vec![Action::Requests(client)],
                    Some(Act::Fault(fault)) => vec![Action::Fault(fault)],
                    _ => Vec::new(),
                }
            }
        }
    }
    /// The Pod that a command is about, where the view shows one Pod alone: what is told of it then is seen. It is the first that the
    /// line names, that of a file with no other Pod in it, or the one that it makes. None where it is about none, or about many.
    fn pod_of(&self, line: &str) -> Option<ObjectKey> {
        if !matches!(self.view, ViewName::Pod | ViewName::Life) {
            return None;
        }
        let view = self.timeline.at(self.at);
        let (mut namespace, mut file, mut called) = (self.timeline.namespace().clone(), None, Vec::new());
        // What a command is about stands before what it runs in a container.
        let mut words = line.split_whitespace().take_while(|word| *word != "--");
        let mut before = "";
        while let Some(word) = words.next() {
            if word.starts_with('-') {
                let (flag, value) =
                    word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value)));
                let mut value = || value.or_else(|| words.next());
                match flag {
                    "-n" | "--namespace" => namespace = value().map_or(namespace, Str::from),
                    "-f" | "--filename" => file = value(),
                    "-c" | "--container" | "-l" | "--selector" | "-o" | "--output" | "--image" => _ = value(),
                    _ => {}
                }
                continue;
            }
            // What is called so is not always a Pod.
            let is_pod = Kind::from_resource(before).is_none_or(|kind| kind == Kind::Pod);
            let is_made = std::mem::replace(&mut before, word) == "run";
            let name = word.strip_prefix("pod/").or_else(|| word.strip_prefix("pods/")).unwrap_or(word);
            called.extend(is_pod.then_some((name, is_made)));
        }
        if let Some(file) = file {
            let file = self.files.iter().find(|other| *other.name == *file)?;
            return self.only_pod_in(&file.text);
        }
        called.into_iter().find_map(|(name, is_made)| {
            let pod = ObjectKey::new(Kind::Pod, namespace.clone(), name);
            (is_made || view.object(&pod).is_some()).then_some(pod)
        })
    }
    /// The Pod in a text that has one and no more.
    fn only_pod_in(&self, text: &str) -> Option<ObjectKey> {
        let keys = read(text).documents.into_iter().filter_map(|document| document.key);
        let mut pods = keys.filter(|key| key.kind == Kind::Pod);
        pods.next().filter(|_| pods.next().is_none())
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
    use crate::cluster::time::SECOND;
    use crate::lesson::read;
    use crate::lesson::solved::Given;
    use crate::session::rehearsal::Rehearsal;
    use crate::words::{Language, text};
    use expect_test::expect;
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
    fn a_view_of_one_pod_shows_the_one_that_a_command_is_about() {
        let lesson = read(include_str!("../../static/lessons/en/04-pause.md")).whole().expect("a lesson");
        let mut session = Session::of_lesson(&lesson);
        let mut shown = Vec::new();
        let mut give = |session: &mut Session, line: &str| {
            for action in session.actions_of(&Deed::Command(line.into())) {
                session.apply(action);
            }
            let at = session.at() + 60 * SECOND;
            while session.run(at, 10_000).0 {}
            session.show(at);
            shown.push(format!("{line}: {}", session.selected().map_or("none", |pod| &pod.name)));
        };
        for (name, text) in lesson.files() {
            session.apply(Action::AddFile(name.clone(), text.clone()));
        }
        for line in [
            "kubectl get pods",
            "kubectl apply -f pair.yaml",
            "kubectl exec pair -c tool -- ps",
            "kubectl apply -f twins.yaml",
            "kubectl get nodes",
            "kubectl logs pod/pair -c tool",
            "kubectl run --image nginx:1.27.0 third",
            "kubectl exec pair -c tool -- sh -c twins",
            "kubectl get service twins",
            "kubectl get pod pair --namespace other",
        ] {
            give(&mut session, line);
        }
        let both = lesson.files().iter().map(|(_, text)| text.to_string()).collect::<Vec<_>>().join("---\n");
        session.apply(Action::AddFile("both.yaml".into(), both.into()));
        give(&mut session, "kubectl apply -f both.yaml");
        // Where many are shown, nothing is chosen.
        session.apply(Action::View(ViewName::Hierarchy));
        give(&mut session, "kubectl get pod twins");
        expect![[r#"
            kubectl get pods: none
            kubectl apply -f pair.yaml: pair
            kubectl exec pair -c tool -- ps: pair
            kubectl apply -f twins.yaml: twins
            kubectl get nodes: twins
            kubectl logs pod/pair -c tool: pair
            kubectl run --image nginx:1.27.0 third: third
            kubectl exec pair -c tool -- sh -c twins: pair
            kubectl get service twins: pair
            kubectl get pod pair --namespace other: pair
            kubectl apply -f both.yaml: pair
            kubectl get pod twins: pair"#]]
        .assert_eq(&shown.join("\n"));
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
