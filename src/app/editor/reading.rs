//! What was read in the open file: its text, what is wrong in it, and on which line.

use super::slices::{self, Pause};
use crate::app::rest::use_rest;
use crate::app::theatre::{Theatre, use_session};
use podium::api::assist::{Index, Site};
use podium::api::memory::Memory;
use podium::api::read::Read;
use podium::api::{Object, ObjectKey};
use podium::manifest::{Diagnostic, LineIndex, Severity, Span};
use podium::msg;
use podium::session::written::{Written, written};
use podium::session::{File, Session, reading};
use podium::value::Str;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use yew::{hook, use_effect_with, use_mut_ref, use_state, use_state_eq};

/// What takes no longer than so many milliseconds to read is read after every key.
const QUICK: f64 = 30.0;
/// How long after a change the other files are read again, in milliseconds.
const READ_AFTER: u32 = 120;
/// The same where they are long: the page has said by then that it reads.
const READ_LONG_AFTER: u32 = 400;
/// Files of more bytes than this in all take long to read.
const LONG: usize = 300_000;
/// A line of more bytes than this goes on over several screens.
const WIDE: usize = 10_000;

/// A file's text and what was found in it. Compared by identity: it is made anew when something changes.
#[derive(Clone, Debug)]
pub(in crate::app) struct Reading(Rc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    text: Str,
    read: reading::Reading,
    /// The place of the file among the files.
    open: usize,
    /// Of each diagnostic its line, from 1.
    on: Vec<usize>,
    /// What the cluster has.
    existing: Vec<ObjectKey>,
    /// The names in all of it, once somebody has asked.
    index: OnceCell<Index>,
    /// Whether it was read, and not only waits for that.
    is_read: bool,
    /// Whether a line of it is far longer than a screen is wide.
    is_wide: bool,
}

impl PartialEq for Reading {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Reading {
    /// Nothing, until it is read.
    fn nothing(theatre: &Theatre) -> Reading {
        let text = theatre.session().open_file().text.clone();
        Reading(Rc::new(Inner { text, ..Inner::default() }))
    }
    fn new(text: Str, read: reading::Reading, open: usize, existing: Vec<ObjectKey>) -> Reading {
        let lines = LineIndex::new(&text);
        let line = |diagnostic: &Diagnostic| lines.position(&text, diagnostic.span.start as usize).0;
        let on = read.open.diagnostics.iter().map(line).collect();
        let is_wide = text.len() > WIDE && text.split('\n').any(|line| line.len() > WIDE);
        let index = OnceCell::new();
        Reading(Rc::new(Inner { text, read, open, on, existing, index, is_read: true, is_wide }))
    }
    pub(super) fn text(&self) -> &Str {
        &self.0.text
    }
    /// Whether a line of it is far longer than a screen is wide.
    pub(super) fn is_wide(&self) -> bool {
        self.0.is_wide
    }
    pub(super) fn read(&self) -> &Read {
        &self.0.read.open
    }
    /// The names in all files and in the cluster.
    pub(super) fn index(&self) -> &Index {
        self.0.index.get_or_init(|| Index::new(self.0.read.all(self.0.open), &self.0.existing))
    }
    /// Where what stands at a byte of the open file leads.
    pub(super) fn leads(&self, at: usize) -> Vec<Site> {
        self.index().leads(self.0.open, at)
    }
    /// The place of the open file among the files.
    pub(super) fn open(&self) -> usize {
        self.0.open
    }
    /// The object that a byte of the open file belongs to.
    pub(super) fn object_at(&self, at: usize) -> Option<ObjectKey> {
        let read = self.read();
        read.documents.get(read.document_at(at)?)?.key.clone()
    }
    /// Where an object stands in the open file, without the blank lines after it.
    pub(super) fn place_of(&self, key: &ObjectKey) -> Option<Span> {
        let found = self.read().documents.iter().find(|document| document.key.as_ref() == Some(key))?;
        Some(found.node.span)
    }
    /// Where an object stands in the files, or a container of it. `named` are the files of the command that applied it.
    pub(in crate::app) fn written_at(
        &self,
        files: &[File],
        key: &ObjectKey,
        container: Option<&str>,
        named: &[Str],
    ) -> Option<Written> {
        let is_of_them = files.get(self.0.open).is_some_and(|file| file.text == self.0.text);
        let reads = self.0.read.all(self.0.open);
        if self.0.is_read && is_of_them { written(files, reads, key, container, named) } else { None }
    }
    /// The objects of all files, once they have been read.
    pub(in crate::app) fn written(&self) -> Option<&[ObjectKey]> {
        self.0.is_read.then_some(&*self.0.read.written)
    }
    /// What was found, with its line from 1.
    pub(super) fn findings(&self) -> impl Iterator<Item = (usize, &Diagnostic)> {
        self.0.on.iter().copied().zip(&self.read().diagnostics)
    }
    /// Where the findings stand in a text that may have been changed since: what stands before the change stays, what
    /// stands after it moves, what stands in it is left out until it is read again.
    pub(super) fn placed(&self, text: &str) -> Vec<Placed<'_>> {
        let read = &*self.0.text;
        let (before, after) = unchanged(read, text);
        let lines = LineIndex::new(text);
        let mut placed = Vec::new();
        for (place, diagnostic) in self.read().diagnostics.iter().enumerate() {
            if let Some(span) = moved(diagnostic.span, read.len(), text.len(), before, after) {
                let line = lines.position(text, span.start as usize).0;
                placed.push(Placed { place, line, span, diagnostic, alike: Alike::Told(0) });
            }
        }
        fold_alike(&mut placed);
        placed
    }
    /// The same without what was found: somebody is to find it first.
    pub(in crate::app) fn unmarked(&self) -> Reading {
        if !self.0.is_read {
            return self.clone();
        }
        let mut read = self.0.read.clone();
        read.open.diagnostics.clear();
        Reading::new(self.0.text.clone(), read, self.0.open, self.0.existing.clone())
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
    /// Whether it is told, or marked alone because the same was told a few times before it.
    pub(super) alike: Alike,
}

impl Placed<'_> {
    /// Whether it is told, and not only marked.
    pub(super) fn is_told(&self) -> bool {
        self.alike != Alike::Marked
    }
}

/// What becomes of a finding among those that say the same and have no fix of their own, such as every line of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alike {
    /// It is told, and so many further ones are only marked.
    Told(usize),
    /// It is only marked.
    Marked,
}

/// So many findings of one code without a fix are told; the others are marked.
const MOST_ALIKE: usize = 3;

/// Leaves the first few of each sort to be told.
fn fold_alike(placed: &mut [Placed<'_>]) {
    let mut seen: Vec<(&str, usize, usize)> = Vec::new();
    for at in 0..placed.len() {
        let diagnostic = placed[at].diagnostic;
        if !diagnostic.fixes.is_empty() {
            continue;
        }
        let sort = match seen.iter().position(|(code, ..)| *code == diagnostic.code) {
            Some(sort) => sort,
            None => {
                seen.push((diagnostic.code, 0, at));
                seen.len() - 1
            }
        };
        let (_, count, last) = &mut seen[sort];
        *count += 1;
        // The whole of a template is one mistake.
        let most = if diagnostic.code == msg!("helm-template") { 1 } else { MOST_ALIKE };
        if *count > most {
            placed[*last].alike = Alike::Told(*count - most);
            placed[at].alike = Alike::Marked;
        } else {
            *last = at;
        }
    }
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

/// What was read before, which the next reading looks at.
type Kept = Rc<RefCell<Memory>>;

/// What the session has that decides what is read: its files, which one is open, and what is there already.
#[derive(Clone, PartialEq)]
struct Source {
    files_revision: u64,
    open: usize,
    existing: Vec<Object>,
}

fn source(session: &Session) -> Source {
    let view = session.timeline().at(session.at());
    Source {
        files_revision: session.files_revision(),
        open: session.open_place(),
        existing: reading::existing(&view),
    }
}

/// What was read in the open file, and whether it is still being read: at once when it is opened, and a moment after each
/// change. What is so long that reading it is felt is read once the page has said so. Nothing is read before the second half of
/// the page is there: an example plays without.
#[hook]
pub(in crate::app) fn use_reading(theatre: &Theatre) -> (Reading, bool) {
    let source = use_session(theatre, source);
    let can_read = use_rest();
    let state = use_state(|| Reading::nothing(theatre));
    let busy = use_state_eq(|| false);
    let took = use_mut_ref(f64::default);
    let memory = use_mut_ref(Memory::default);
    {
        let (state, busy, theatre) = (state.clone(), busy.clone(), theatre.clone());
        let memory = memory.clone();
        use_effect_with((source, can_read), move |(source, can_read)| {
            let source = source.clone();
            let is_long = is_long(&theatre);
            // The key is seen before its text is read; what takes long waits for a pause in the typing; what a button has
            // changed is read before it is seen.
            let timer = if !*can_read {
                None
            } else if is_long || is_typing() {
                busy.set(is_long);
                let after = match is_long {
                    true => READ_LONG_AFTER,
                    false if *took.borrow() <= QUICK => 0,
                    false => READ_AFTER,
                };
                Some(slices::begin(
                    after,
                    move |pause| read_in_steps(theatre, source, memory, pause),
                    move |done, worked| {
                        state.set(done);
                        took.replace(worked);
                        busy.set(false);
                    },
                ))
            } else {
                state.set(read(&theatre, &source, &memory));
                busy.set(false);
                None
            };
            move || drop(timer)
        });
    }
    ((*state).clone(), *busy)
}

/// Whether the files are so long that reading them is felt.
fn is_long(theatre: &Theatre) -> bool {
    theatre.session().files().iter().map(|file| file.text.len()).sum::<usize>() > LONG
}

/// Whether the focus is in the text.
fn is_typing() -> bool {
    let active = gloo::utils::document().active_element();
    active.is_some_and(|active| active.matches(".code-text, podium-editor").unwrap_or(false))
}

fn read(theatre: &Theatre, source: &Source, memory: &Kept) -> Reading {
    let session = theatre.session();
    let read = reading::read(session.files(), source.open, &source.existing, &mut memory.borrow_mut());
    finished(session.files(), source, read)
}

/// The same in slices, of the files as they are when it begins: what changes them begins another reading.
async fn read_in_steps(theatre: Theatre, source: Source, memory: Kept, mut pause: Pause) -> Reading {
    // What another reading, which is begun before this one ends, does with it does not matter.
    let mut known = memory.borrow().clone();
    let files = theatre.session().files().to_vec();
    let mut pause = async || pause.between_steps().await;
    let read = reading::read_in_steps(&files, source.open, &source.existing, &mut known, &mut pause).await;
    memory.replace(known);
    finished(&files, &source, read)
}

fn finished(files: &[File], source: &Source, read: reading::Reading) -> Reading {
    let text = files.get(source.open).map_or_else(Str::default, |file| file.text.clone());
    Reading::new(text, read, source.open, source.existing.iter().map(Object::key).collect())
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
