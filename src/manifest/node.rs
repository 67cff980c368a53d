//! The tree that a manifest is read into. It knows where everything stands, and nothing of Kubernetes.

use crate::value::Str;
use std::rc::Rc;

use super::{Diagnostic, Span};

/// What `parse` understood of a text.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The documents that say something, in their order. Empty ones, and those of comments only, are left
    /// out, as kubectl leaves them out.
    pub documents: Vec<Document>,
    /// What is wrong or doubtful, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether the text is no manifest at all, but something else that was recognised.
    pub is_foreign: bool,
}

/// One document of a text.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its place in `Parsed::documents`, from 0.
    pub index: usize,
    /// The whole of it, up to the next `---` line; a `---` that begins the text belongs to the first.
    pub span: Span,
    /// What it says.
    pub root: Rc<Node>,
    /// Whether kubectl refuses to read it. The tree then holds what was understood: all of it where the
    /// mistake could be read around, else what stood before it.
    pub broken: bool,
    /// What kubectl says of a broken document, in its own words: what follows `error: error parsing FILE: `.
    pub refusal: Option<Str>,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value as written, without anchor, tag and comments. A value that is not there has an empty span
    /// at the end of its `:` or `-`. One that came through an alias stands where its anchor is.
    pub span: Span,
    /// The value.
    pub kind: NodeKind,
}

/// A value as kubectl reads it: YAML 1.1 scalars that went through JSON. `yes` is a boolean, `017` is 15,
/// `1.0` is the integer 1.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// `null`, `~`, or nothing at all.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number without a fraction that fits.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A string, however it was quoted.
    String(Str),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping in the order of the text. No key is there twice: the last one won.
    Mapping(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key as JSON has it; `on:` is the key `true`.
    pub key: Str,
    /// The key as written, with its quotes.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Entry {
    fn moved(&self, by: i64) -> Entry {
        Entry { key: self.key.clone(), key_span: self.key_span.moved(by), value: self.value.moved(by) }
    }

    /// From the key to the end of its value.
    pub fn span(&self) -> Span {
        // The value of an alias stands elsewhere, so only what follows the key counts.
        let end = if self.value.span.start >= self.key_span.end { self.value.span.end } else { 0 };
        Span { start: self.key_span.start, end: self.key_span.end.max(end) }
    }
}

impl Node {
    /// The same, so many bytes later in a text, or earlier.
    pub fn moved(&self, by: i64) -> Node {
        let kind = match &self.kind {
            NodeKind::Sequence(items) => {
                NodeKind::Sequence(items.iter().map(|item| item.moved(by)).collect())
            }
            NodeKind::Mapping(entries) => {
                NodeKind::Mapping(entries.iter().map(|entry| entry.moved(by)).collect())
            }
            scalar => scalar.clone(),
        };
        Node { span: self.span.moved(by), kind }
    }

    /// The entries of a mapping, and none of anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            NodeKind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a sequence, and none of anything else.
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            NodeKind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The entry of a mapping under `key`.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| &*entry.key == key)
    }

    /// The value of a mapping under `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is null, written or not.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, NodeKind::Null)
    }
}
