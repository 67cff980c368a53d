//! Lessons are files beside the page, fetched when one is opened.

use super::shelf;
use gloo::net::http::Request;
use podium::lesson::{Lesson, Mistake, read};
use podium::words::Language;
use std::rc::Rc;

/// A line of the list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// The name of its file.
    pub(super) name: String,
    pub(super) id: String,
    pub(super) minutes: usize,
    pub(super) title: String,
}

impl Entry {
    /// Puzzles stand behind the course.
    pub(super) fn is_puzzle(&self) -> bool {
        is_puzzle(&self.name)
    }
}

/// Whether a lesson of the page is a puzzle.
pub(super) fn is_puzzle(name: &str) -> bool {
    name.starts_with('p')
}

/// What has come of asking.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) enum Asked<T> {
    Coming,
    Came(Rc<T>),
    Broken(Rc<Vec<Mistake>>),
    Failed,
}

/// The text of a file of the lessons.
pub(super) async fn text(language: Language, file: &str) -> Option<String> {
    match Request::get(&format!("lessons/{language}/{file}")).send().await {
        Ok(answer) if answer.ok() => answer.text().await.ok(),
        _ => None,
    }
}

pub(super) async fn list(language: Language) -> Asked<Vec<Entry>> {
    let entry = |line: &str| {
        let mut words = line.splitn(4, ' ').map(str::to_owned);
        let (name, id, minutes, title) = (words.next()?, words.next()?, words.next()?, words.next()?);
        Some(Entry { name, id, minutes: minutes.parse().ok()?, title })
    };
    match text(language, "list.txt").await {
        Some(text) => Asked::Came(Rc::new(text.lines().filter_map(entry).collect())),
        None => Asked::Failed,
    }
}

pub(in crate::app) async fn lesson((language, name): (Language, String)) -> Asked<Lesson> {
    let text = if shelf::is_given(&name) || shelf::is_draft(&name) {
        shelf::text(&name)
    } else {
        text(language, &format!("{name}.md")).await
    };
    match text.map(|text| read(&text).whole()) {
        Some(Ok(lesson)) => Asked::Came(Rc::new(lesson)),
        Some(Err(mistakes)) => Asked::Broken(Rc::new(mistakes)),
        None => Asked::Failed,
    }
}
