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
    name: Str,
    text: Str,
    lines: LineIndex,
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
    fn new(name: Str, text: Str, read: Read) -> Reading {
        let lines = LineIndex::new(&text);
        let line = |diagnostic: &Diagnostic| lines.position(&text, diagnostic.span.start as usize).0;
        let on = read.diagnostics.iter().map(line).collect();
        Reading(Rc::new(Inner { name, text, lines, read, on }))
    }
    pub(super) fn text(&self) -> &Str {
        &self.0.text
    }
    pub(super) fn read(&self) -> &Read {
        &self.0.read
    }
    pub(super) fn lines(&self) -> &LineIndex {
        &self.0.lines
    }
    /// What was found, with its line from 1.
    pub(super) fn findings(&self) -> impl Iterator<Item = (usize, &Diagnostic)> {
        self.0.on.iter().copied().zip(&self.0.read.diagnostics)
    }
    pub(super) fn is_clean(&self) -> bool {
        self.0.on.is_empty()
    }
    pub(super) fn marks(&self) -> Vec<(Span, Severity)> {
        self.findings().map(|(_, diagnostic)| (diagnostic.span, diagnostic.severity)).collect()
    }
    /// The worst that was found on a line.
    pub(super) fn severity(&self, line: usize) -> Option<Severity> {
        self.findings().filter(|(found, _)| *found == line).map(|(_, diagnostic)| diagnostic.severity).min()
    }
    /// How many findings have one fix alone, which is certain.
    pub(super) fn certain(&self) -> usize {
        self.findings().filter(|(_, diagnostic)| diagnostic.fixes.len() == 1).count()
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
            let after = if state.0.name == source.name { READ_AFTER } else { 0 };
            let source = source.clone();
            let timer = Timeout::new(after, move || state.set(read(&theatre, &source)));
            move || drop(timer)
        });
    }
    (*state).clone()
}

fn read(theatre: &Theatre, source: &Source) -> Reading {
    let session = theatre.session();
    let texts: Vec<&str> = session.files().iter().map(|file| &*file.text).collect();
    let open = session.files().iter().position(|file| file.name == source.name);
    let read = read_all(&texts, &source.existing);
    let read = open.and_then(|open| read.into_iter().nth(open)).unwrap_or_default();
    Reading::new(source.name.clone(), session.open_file().text.clone(), read)
}
