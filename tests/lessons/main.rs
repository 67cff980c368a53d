//! Every lesson is played in every language: what it tells and its solution reach its goals, and nothing before does.

// It reads the project's own files.
#![allow(clippy::disallowed_methods)]

use podium::cluster::time::{Micros, SECOND, SimTime};
use podium::lesson::{Asking, Block, Goal, Lesson, holds, read};
use podium::session::Session;
use podium::session::rehearsal::Rehearsal;
use podium::words::{Language, text};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;

/// How long somebody watches what comes of a command, where it does not become quiet before.
const WATCHED: Micros = 40 * SECOND;

/// The lesson to begin with for those who write one: it stands in no list.
const START: &str = "start";

fn folder(language: Language) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("static/lessons").join(language.code())
}

/// The names of a language's lessons, in order.
fn names(language: Language) -> Vec<String> {
    let folder = fs::read_dir(folder(language)).expect("the folder of the lessons");
    let mut names: Vec<String> = folder
        .filter_map(|entry| {
            entry.expect("an entry").file_name().to_str()?.strip_suffix(".md").map(str::to_owned)
        })
        .collect();
    names.sort();
    names
}

fn lesson(language: Language, name: &str) -> Lesson {
    let path = folder(language).join(format!("{name}.md"));
    let written = fs::read_to_string(&path).expect("a lesson");
    read(&written).whole().unwrap_or_else(|mistakes| {
        let told = mistakes.iter().fold(String::new(), |mut told, mistake| {
            _ = writeln!(
                told,
                "{}:{}: {}",
                mistake.line,
                mistake.column,
                text(Language::En, mistake.message, &mistake.args)
            );
            told
        });
        panic!("{}:\n{told}", path.display())
    })
}

/// Goes on with a session until this moment, or until it is quiet.
fn watch(session: &mut Session, micros: Micros) {
    let until = session.at() + micros;
    while session.timeline().history().end() < until && session.run(session.at(), 2_000).0 {}
    let end = session.timeline().history().end();
    let is_quiet = session.timeline().story().is_whole && end < until;
    session.show(if is_quiet { end.max(session.at()) } else { until });
}

fn ask(mut asking: Asking) -> Vec<String> {
    loop {
        if let Some(seen) = asking.go_on(1_000) {
            return seen.to_vec();
        }
    }
}

fn is_reached(session: &Session, lesson: &Lesson, goal: &Goal) -> (bool, Vec<String>) {
    let seen = ask(session.ask_goal(lesson, goal));
    assert_eq!(seen.len(), goal.checks.len());
    (goal.checks.iter().zip(&seen).all(|((_, wanted), seen)| holds(wanted, seen)), seen)
}

/// Plays a lesson. Gives what is not as it has to be.
fn play(name: &str, lesson: &Lesson) -> Vec<String> {
    let mut rehearsal = Rehearsal::new(Rc::new(lesson.clone()));
    while rehearsal.go_on(2_000) {}
    assert!(rehearsal.is_done() && !rehearsal.is_cut(), "{name}");
    let steps = rehearsal.steps();
    rehearsal.troubles().iter().map(|trouble| format!("{name}: {trouble:?} {steps:#?}")).collect()
}

/// What two languages have to have in common.
fn shape(lesson: &Lesson) -> String {
    let mut out = format!("{} {} {}\n", lesson.id, lesson.minutes, lesson.view);
    for step in &lesson.steps {
        _ = writeln!(out, "step {} hints, solution {:?}", step.hints.len(), step.solution);
        for block in &step.blocks {
            _ = match block {
                Block::Text(_) => writeln!(out, "text"),
                Block::Aside(_) => writeln!(out, "aside"),
                Block::List(items) => writeln!(out, "list {}", items.len()),
                Block::File(name, text) => writeln!(out, "file {name} {text}"),
                Block::Deed(deed) => writeln!(out, "deed {deed:?}"),
                Block::Question(_, question) => {
                    let values: Vec<&String> = question.choices.iter().map(|(value, _)| value).collect();
                    writeln!(
                        out,
                        "question {:?} {} {:?} {values:?}",
                        question.deeds, question.after, question.look
                    )
                }
                Block::Goal(_, goal) => writeln!(out, "goal {:?}", goal.checks),
            };
        }
    }
    out
}

#[test]
fn every_lesson_is_reached_by_its_solution_and_not_by_its_start() {
    let names = names(Language::En);
    assert!(!names.is_empty());
    let mut wrong = Vec::new();
    for name in names {
        let (english, korean) = (lesson(Language::En, &name), lesson(Language::Ko, &name));
        // What is the same in both need not be played twice; what is not is found here.
        assert_eq!(shape(&english), shape(&korean), "{name}");
        wrong.extend(play(&name, &english));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_list_of_each_language_names_its_lessons() {
    for language in Language::ALL {
        let list = fs::read_to_string(folder(*language).join("list.txt")).expect("the list");
        let line = |name: &String| {
            let lesson = lesson(*language, name);
            format!("{name} {} {} {}\n", lesson.id, lesson.minutes, lesson.title)
        };
        let listed: String = names(*language).iter().filter(|name| *name != START).map(line).collect();
        assert_eq!(list, listed, "{language}");
    }
}

#[test]
fn a_goal_is_asked_at_the_playhead_and_leaves_no_trace() {
    let text = "---\nid: a\ntitle: A\nminutes: 5\nview: life\n---\n## A\n```command\nkubectl create deployment web --image=nginx --replicas=2\n```\n```goal\ntext: Two.\nlook: kubectl get deploy web -o jsonpath={.status.readyReplicas}\nwant: 2\n```\n";
    let lesson = read(text).whole().expect("no mistake");
    let (_, goal) = lesson.steps[0].goals().next().expect("a goal");
    let mut session = Session::of_lesson(&lesson);
    for action in session.actions_of(lesson.steps[0].way()[0]) {
        session.apply(action);
    }
    watch(&mut session, WATCHED);
    let digest = session.timeline().history().digest();
    let end = session.at();
    assert_eq!(is_reached(&session, &lesson, goal), (true, vec!["2".to_owned()]));
    session.show(SimTime::millis(300));
    assert_eq!(is_reached(&session, &lesson, goal), (false, vec![String::new()]));
    session.show(end);
    assert_eq!(session.timeline().history().digest(), digest);
    assert_eq!(session.timeline().branches(), 1);
}
