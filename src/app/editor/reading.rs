//! What was read in the open file: its text, what is wrong in it, and on which line.

use crate::app::theatre::{Theatre, use_session};
use gloo::timers::callback::Timeout;
use podium::api::read::{Read, read_all};
use podium::api::{Kind, Object};
use podium::manifest::{Diagnostic, LineIndex, Severity, Span};
use podium::session::Session;
use podium::value::Str;
use std::rc::Rc;
use yew::{hook, use_effect_with, use_state};

/// How long after a change the files are read again, in milliseconds.
const READ_AFTER: u32 = 120;

/// What files name without making it: what the cluster has already is not missing.
const NAMED: &[Kind] = &[Kind::ConfigMap, Kind::Namespace, Kind::Secret, Kind::Service, Kind::ServiceAccount];

/// A file's text and what was found in it. Compared by identity: it is made anew when something changes.
#[derive(Clone, Debug)]
pub(super) struct Reading(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    text: Str,
    read: Read,
    /// Of each diagnostic its line, from 1.
    on: Vec<usize>,
}

impl PartialEq for Reading {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Reading {
    fn new(text: Str, read: Read) -> Reading {
        let lines = LineIndex::new(&text);
        let line = |diagnostic: &Diagnostic| lines.position(&text, diagnostic.span.start as usize).0;
        let on = read.diagnostics.iter().map(line).collect();
        Reading(Rc::new(Inner { text, read, on }))
    }
    pub(super) fn text(&self) -> &Str {
        &self.0.text
    }
    pub(super) fn read(&self) -> &Read {
        &self.0.read
    }
    /// What was found, with its line from 1.
    pub(super) fn findings(&self) -> impl Iterator<Item = (usize, &Diagnostic)> {
        self.0.on.iter().copied().zip(&self.0.read.diagnostics)
    }
    /// Where the findings stand in a text that may have been changed since: what stands before the change stays, what
    /// stands after it moves, what stands in it is left out until it is read again.
    pub(super) fn placed(&self, text: &str) -> Vec<Placed<'_>> {
        let read = &*self.0.text;
        let (before, after) = unchanged(read, text);
        let lines = LineIndex::new(text);
        let mut placed = Vec::new();
        for (place, diagnostic) in self.0.read.diagnostics.iter().enumerate() {
            if let Some(span) = moved(diagnostic.span, read.len(), text.len(), before, after) {
                let line = lines.position(text, span.start as usize).0;
                placed.push(Placed { place, line, span, diagnostic });
            }
        }
        placed
    }
    /// How many findings have one fix alone, which is certain.
    pub(super) fn certain(&self) -> usize {
        self.findings().filter(|(_, diagnostic)| diagnostic.fixes.len() == 1).count()
    }
}

/// A finding where it stands now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed<'a> {
    /// Its place among the findings.
    pub(super) place: usize,
    /// Its line, from 1.
    pub(super) line: usize,
    pub(super) span: Span,
    pub(super) diagnostic: &'a Diagnostic,
}

/// How many bytes two texts have in common at their beginnings, and at their ends.
fn unchanged(old: &str, new: &str) -> (usize, usize) {
    let same = |(a, b): &(&u8, &u8)| a == b;
    let before = old.as_bytes().iter().zip(new.as_bytes()).take_while(same).count();
    let rest = old.len().min(new.len()) - before;
    let ends = old.as_bytes().iter().rev().zip(new.as_bytes().iter().rev());
    (before, ends.take(rest).take_while(same).count())
}

/// A span of the old text in the new one; none where the change touches it.
fn moved(span: Span, old: usize, new: usize, before: usize, after: usize) -> Option<Span> {
    let (start, end) = (span.start as usize, span.end as usize);
    if end <= before {
        Some(span)
    } else if start >= old - after {
        // Both are at or past the change, so this is not below 0.
        Some(Span::new(start + new - old, end + new - old))
    } else {
        None
    }
}

/// As the attribute `data-severity` has it.
pub(super) fn severity_code(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "note",
    }
}

/// What the session has that decides what is read: its files, which one is open, and what is there already.
#[derive(Clone, PartialEq)]
struct Source {
    files_revision: u64,
    name: Str,
    text: Str,
    existing: Vec<Object>,
}

fn source(session: &Session) -> Source {
    let view = session.timeline().at(session.at());
    let file = session.open_file();
    Source {
        files_revision: session.files_revision(),
        name: file.name.clone(),
        text: file.text.clone(),
        existing: NAMED.iter().flat_map(|kind| view.objects(*kind, None)).cloned().collect(),
    }
}

/// What was read in the open file: at once when it is opened, and a moment after each change. A Service in one
/// file may select the Pods of another, so all are read.
#[hook]
pub(super) fn use_reading(theatre: &Theatre) -> Reading {
    let source = use_session(theatre, source);
    let state = {
        let source = source.clone();
        use_state(move || read(theatre, &source))
    };
    {
        let (state, theatre) = (state.clone(), theatre.clone());
        use_effect_with(source, move |source| {
            let source = source.clone();
            // Reading waits for a pause in the typing; what a button has changed is read before it is seen.
            let timer = if is_typing() {
                Some(Timeout::new(READ_AFTER, move || state.set(read(&theatre, &source))))
            } else {
                state.set(read(&theatre, &source));
                None
            };
            move || drop(timer)
        });
    }
    (*state).clone()
}

/// Whether the focus is in the text.
fn is_typing() -> bool {
    let active = gloo::utils::document().active_element();
    active.is_some_and(|active| active.matches(".code-text").unwrap_or(false))
}

fn read(theatre: &Theatre, source: &Source) -> Reading {
    let session = theatre.session();
    let texts: Vec<&str> = session.files().iter().map(|file| &*file.text).collect();
    let open = session.files().iter().position(|file| file.name == source.name);
    let read = read_all(&texts, &source.existing);
    let read = open.and_then(|open| read.into_iter().nth(open)).unwrap_or_default();
    Reading::new(session.open_file().text.clone(), read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_a_change_keeps_its_place() {
        let old = "kind: Pdo\nspec: x\n";
        let (kind, value) = (Span::new(6, 9), Span::new(16, 17));
        let place = |new: &str, span: Span| {
            let (before, after) = unchanged(old, new);
            moved(span, old.len(), new.len(), before, after).map(|span| span.slice(new).to_owned())
        };
        for (new, first, second) in [
            ("# a\nkind: Pdo\nspec: x\n", Some("Pdo"), Some("x")),
            ("kind: Pdo\na: 1\nspec: x\n", Some("Pdo"), Some("x")),
            ("kind: Pod\nspec: x\n", None, Some("x")),
            ("kind: Pdo\n", Some("Pdo"), None),
        ] {
            assert_eq!(place(new, kind).as_deref(), first, "{new}");
            assert_eq!(place(new, value).as_deref(), second, "{new}");
        }
    }
}
