//! What was read of documents that come again: while somebody types, all but one of a text are as they were.
//!
//! Kept is what is clean: what the reader of YAML and the rules that look at one object have nothing to mend in. The rules
//! across objects look at all of it each time.

use super::kinds::Kind;
use super::objects::Object;
use super::subject::{Findings, Subject, Where};
use crate::manifest::{Diagnostic, Document, Node, Span};
use crate::schema::Definition;
use crate::value::{Str, Value};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// So many bytes of text are remembered, at most.
const MOST_BYTES: usize = 2 << 20;

/// What was read before. It is handed from reading to reading.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// What the reading before this one has used.
    before: BTreeMap<Str, Rc<Known>>,
    /// What this one has.
    now: BTreeMap<Str, Rc<Known>>,
    bytes: usize,
}

/// A document that is one object, where it stood when it was read.
#[derive(Debug)]
pub(super) struct Known {
    /// Where the document began.
    start: u32,
    root: Rc<Node>,
    /// What the rules have told, which is not worth mending.
    told: Vec<Diagnostic>,
    api_version: Str,
    kind_name: Str,
    kind: Option<Kind>,
    definition: &'static Definition,
    pub(super) value: Value,
    canonical: Value,
    pub(super) object: Option<Object>,
}

impl Known {
    /// What it says, in a document that begins here.
    pub(super) fn root_at(&self, start: u32) -> Rc<Node> {
        match self.moved(start) {
            0 => self.root.clone(),
            by => Rc::new(self.root.moved(by)),
        }
    }

    /// What was told of it, in a document that begins here.
    pub(super) fn told_at(&self, start: u32) -> impl Iterator<Item = Diagnostic> {
        let by = self.moved(start);
        self.told.iter().map(move |told| Diagnostic { span: told.span.moved(by), ..told.clone() })
    }

    fn moved(&self, start: u32) -> i64 {
        i64::from(start) - i64::from(self.start)
    }
}

impl Memory {
    /// A reading begins: what the last one did not use is forgotten.
    pub fn turn(&mut self) {
        self.before = std::mem::take(&mut self.now);
        self.bytes = 0;
    }

    /// What is known of a document with this text.
    pub(super) fn find(&mut self, text: &str) -> Option<Rc<Known>> {
        if let Some(known) = self.now.get(text) {
            return Some(known.clone());
        }
        let (key, known) = self.before.remove_entry(text)?;
        self.bytes += key.len();
        self.now.insert(key, known.clone());
        Some(known)
    }

    /// Whether a document is worth remembering: it says nothing that hangs on what stands before it.
    pub(super) fn wants(&self, document: &Document, text: &str) -> bool {
        self.bytes + text.len() <= MOST_BYTES
            && !document.broken
            && !text.contains('&')
            && !text.contains('*')
    }

    pub(super) fn keep(&mut self, text: &str, known: Known) {
        self.bytes += text.len();
        self.now.insert(Str::own(text), Rc::new(known));
    }
}

/// An object that was read before, where it stands now.
pub(super) fn recalled<'a>(
    (place, text, span): (Where, &'a str, Span),
    root: &'a Node,
    known: &Known,
) -> Subject<'a> {
    Subject {
        place,
        text,
        span,
        root: Cow::Borrowed(root),
        value: known.value.clone(),
        canonical: OnceCell::from(known.canonical.clone()),
        api_version: known.api_version.clone(),
        kind_name: known.kind_name.clone(),
        kind: known.kind,
        definition: known.definition,
        doubts: Vec::new(),
        readable: true,
    }
}

/// What is to be remembered of an object that is a whole document.
pub(super) fn known(
    document: &Document,
    subject: &Subject,
    object: &Option<Object>,
    own: &Findings,
) -> Known {
    Known {
        start: document.span.start,
        root: document.root.clone(),
        told: own.diagnostics.iter().map(|(_, told)| told.clone()).collect(),
        api_version: subject.api_version.clone(),
        kind_name: subject.kind_name.clone(),
        kind: subject.kind,
        definition: subject.definition,
        value: subject.value.clone(),
        canonical: subject.canonical().clone(),
        object: object.clone(),
    }
}
