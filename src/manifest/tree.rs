//! Events to a tree: anchors and merge keys are resolved as kubectl's reader resolves them, within limits.

use crate::value::Str;
use std::collections::BTreeMap;

use super::doubts::Wording;
use super::entries::Entries;
use super::origin::Origin;
use super::scalar::{self, Refused, Scalar};
use super::yaml::{Event, EventKind, Style, Tag};
use super::{
    Diagnostic, Entry, LineIndex, MAX_DEPTH, MAX_DIAGNOSTICS, Node, NodeKind, Severity, Span, doubts, refusal,
};
use crate::msg;

/// A document as a tree, and what was noticed on the way.
pub(super) struct Tree {
    /// What it says.
    pub(super) root: Node,
    /// In the coordinates of the whole text.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What kubectl's reader says where it refuses a document that is YAML as such.
    pub(super) refusal: Option<String>,
}

/// What the tree is made of.
pub(super) struct Source<'a> {
    /// The text that the events were read from.
    pub(super) text: &'a str,
    /// What was read.
    pub(super) events: &'a [Event<'a>],
    /// Where that text stands in the whole one.
    pub(super) origin: &'a Origin,
    /// Whether kubectl reads it as JSON.
    pub(super) is_json: bool,
    /// The whole text, and its lines.
    pub(super) whole: (&'a str, &'a LineIndex),
}

/// Builds the tree. `budget` is how many nodes aliases may still make; it goes down.
pub(super) fn build(source: &Source<'_>, budget: &mut usize) -> Tree {
    let mut builder = Builder {
        source,
        at: 0,
        depth: 0,
        anchors: BTreeMap::new(),
        open: Vec::new(),
        in_alias: false,
        is_value: false,
        budget,
        diagnostics: Vec::new(),
        refusal: None,
        limited: false,
    };
    let root = builder.node(0);
    let Builder { diagnostics, refusal, .. } = builder;
    Tree { root, diagnostics, refusal }
}

struct Builder<'a, 'b> {
    source: &'b Source<'a>,
    /// The event that is next.
    at: usize,
    depth: usize,
    /// The event that each anchor stands before.
    anchors: BTreeMap<usize, usize>,
    /// The anchors whose values are not finished.
    open: Vec<usize>,
    /// Whether this is a value that was told of already, where its anchor stands.
    in_alias: bool,
    /// Whether the next node is the value of a key.
    is_value: bool,
    budget: &'b mut usize,
    diagnostics: Vec<Diagnostic>,
    refusal: Option<String>,
    limited: bool,
}

impl<'a> Builder<'a, '_> {
    fn event(&self) -> Option<&'a Event<'a>> {
        self.source.events.get(self.at)
    }

    fn span(&self, span: Span) -> Span {
        self.source.origin.span(span)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.may_report() {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether what is noticed here is still told: not a second time, and not without end.
    fn may_report(&self) -> bool {
        !self.in_alias && self.diagnostics.len() < MAX_DIAGNOSTICS
    }

    /// Notes why kubectl refuses the document, unless it has a reason already.
    fn refuse(&mut self, wording: String) {
        self.refusal.get_or_insert(wording);
    }

    fn refuse_as(&mut self, wording: Wording) {
        let text = self.source.text;
        self.refusal.get_or_insert_with(|| wording.in_full(text));
    }

    /// The value of a key that ended at `before`.
    fn value(&mut self, before: usize) -> Node {
        self.is_value = true;
        self.node(before)
    }

    /// The next value. `before` is the byte where what precedes it ended.
    fn node(&mut self, before: usize) -> Node {
        let is_value = std::mem::take(&mut self.is_value);
        let Some(event) = self.event() else { return self.nothing(before) };
        if matches!(event.kind, EventKind::End) {
            return self.nothing(before);
        }
        if self.in_alias {
            if *self.budget == 0 {
                self.skip();
                return self.too_many(event.span);
            }
            *self.budget -= 1;
        }
        if let Some((anchor, place)) = event.anchor {
            self.anchors.insert(anchor, self.at);
            self.open.push(anchor);
            if let Some(node) = self.anchor_that_is_a_value(event, place) {
                self.open.pop();
                return node;
            }
        }
        let node = match &event.kind {
            EventKind::Scalar { text, style, tag } => {
                self.at += 1;
                if *style == Style::Plain && self.may_report() {
                    let doubt = doubts::scalar(self.source.text, event.span, is_value.then_some(before));
                    self.diagnostics.extend(doubt.map(|doubt| self.source.origin.diagnostic(doubt)));
                }
                self.scalar(event.span, text, *style, *tag, before)
            }
            EventKind::Sequence { .. } | EventKind::Mapping { .. } if self.depth >= MAX_DEPTH => {
                self.skip();
                self.limit(msg!("too-deep"), event.span, MAX_DEPTH)
            }
            EventKind::Sequence { flow } => self.sequence(event.span, *flow),
            EventKind::Mapping { flow } => self.mapping(event.span, *flow),
            EventKind::Alias(anchor) => {
                self.at += 1;
                self.alias(event.span, *anchor)
            }
            EventKind::UnknownAlias(name) => {
                self.at += 1;
                let diagnostic = doubts::unknown_alias(self.source.text, event.span, name);
                self.refuse_as(diagnostic.1);
                self.report(self.source.origin.diagnostic(diagnostic.0));
                let written = event.span.slice(self.source.text);
                Node { span: self.span(event.span), kind: NodeKind::String(written.into()) }
            }
            EventKind::End => self.nothing(before),
        };
        if event.anchor.is_some() {
            self.open.pop();
        }
        node
    }

    /// `&web.yaml`: a text that was meant as such. kubectl's reader does not take it for an anchor.
    fn anchor_that_is_a_value(&mut self, event: &Event<'_>, place: Span) -> Option<Node> {
        let written = place.slice(self.source.text);
        let name = written.trim_start_matches('&');
        let is_empty = matches!(event.kind, EventKind::Scalar { .. }) && event.span.is_empty();
        let end =
            name.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != '-')?;
        // What may follow a name for it is text for us; nobody writes that on purpose.
        if !is_empty || name.get(end..)?.starts_with(['?', ':', ',', ']', '}', '%', '@', '`']) {
            return None;
        }
        self.at += 1;
        let (diagnostic, wording) = doubts::unquoted(self.source.text, place, '&');
        self.refuse_as(wording);
        self.report(self.source.origin.diagnostic(diagnostic));
        Some(Node { span: self.span(place), kind: NodeKind::String(written.into()) })
    }

    fn nothing(&self, before: usize) -> Node {
        Node { span: self.span(Span::at(before)), kind: NodeKind::Null }
    }

    fn scalar(&mut self, span: Span, text: &str, style: Style, tag: Option<Tag>, before: usize) -> Node {
        let place = self.written(span, style, before);
        self.check_escapes(span, style);
        let kind = scalar::resolve(text, style == Style::Plain, tag)
            .and_then(|scalar| scalar::to_json(text, scalar));
        let kind = kind.unwrap_or_else(|refused| {
            self.refused_scalar(refused, text, place);
            NodeKind::String(text.into())
        });
        Node { span: self.span(place), kind }
    }

    /// Where a scalar stands, with the `|` of a block scalar and without the line breaks after it.
    fn written(&self, span: Span, style: Style, before: usize) -> Span {
        let text = self.source.text;
        let start = span.start as usize;
        if span.is_empty() && text.as_bytes().get(start) == Some(&b':') {
            return Span::at(start + 1);
        }
        if style != Style::Block {
            return span;
        }
        let Some(start) = block_header(text, before) else { return span };
        let end = text.get(..span.end as usize).map_or(start, |upto| upto.trim_end().len());
        Span::new(start, end.max(start + 1))
    }

    /// `\/` is an escape of JSON and of our reader; kubectl's YAML reader does not know it.
    fn check_escapes(&mut self, span: Span, style: Style) {
        if style != Style::DoubleQuoted || self.source.is_json {
            return;
        }
        if let Some((diagnostic, wording)) = doubts::escaped_slash(self.source.text, span) {
            self.refuse_as(wording);
            self.report(self.source.origin.diagnostic(diagnostic));
        }
    }

    fn refused_scalar(&mut self, refused: Refused, text: &str, place: Span) {
        let span = self.span(place);
        let (wording, diagnostic) = match refused {
            Refused::Tag(found, wanted) => (
                format!("yaml: cannot decode {found} `{text}` as a {wanted}"),
                Diagnostic::new(msg!("tag-does-not-fit"), Severity::Error, span).arg("tag", wanted),
            ),
            Refused::Binary => (
                "yaml: !!binary value contains invalid base64 data".to_owned(),
                Diagnostic::new(msg!("tag-does-not-fit"), Severity::Error, span).arg("tag", "!!binary"),
            ),
            Refused::NotJson(number) => (
                format!("json: unsupported value: {number}"),
                Diagnostic::new(msg!("number-not-in-json"), Severity::Error, span).arg("value", text),
            ),
        };
        self.refuse(wording);
        self.report(diagnostic.consequence(msg!("kubectl-refuses-file")));
    }

    fn sequence(&mut self, start: Span, flow: bool) -> Node {
        self.at += 1;
        self.depth += 1;
        let mut items = Vec::new();
        let mut before = start.end as usize;
        loop {
            match self.event() {
                None => break,
                Some(event) if matches!(event.kind, EventKind::End) => {
                    if flow {
                        before = event.span.end as usize;
                    }
                    self.at += 1;
                    break;
                }
                Some(event) => {
                    let item = event.span.end as usize;
                    items.push(self.node(before));
                    before = self.end_of_previous().max(item);
                }
            }
        }
        self.depth -= 1;
        Node { span: self.span(self.collection(start, before)), kind: NodeKind::Sequence(items) }
    }

    /// The end of the event before the next, which is where the next value may begin to be looked for.
    fn end_of_previous(&self) -> usize {
        self.source.events.get(self.at.wrapping_sub(1)).map_or(0, |event| event.span.end as usize)
    }

    /// From the first byte of a collection to the end of what was last in it.
    fn collection(&self, start: Span, end: usize) -> Span {
        let upto = self.source.text.get(..end).map_or(end, |upto| upto.trim_end().len());
        Span::new(start.start as usize, upto)
    }

    fn mapping(&mut self, start: Span, flow: bool) -> Node {
        self.at += 1;
        self.depth += 1;
        let mut entries = Entries::default();
        let mut before = start.end as usize;
        while let Some(event) = self.event() {
            if matches!(event.kind, EventKind::End) {
                if flow {
                    before = event.span.end as usize;
                }
                self.at += 1;
                break;
            }
            let key = self.key(event);
            let key_end = self.end_of_previous().max(event.span.end as usize);
            let values = self.at;
            match key {
                Key::Merge => {
                    let value = self.value(key_end);
                    self.merge(&mut entries, value, event.span, values);
                }
                Key::Name(name) => {
                    let value = self.value(key_end);
                    let entry = Entry { key: name, key_span: self.span(event.span), value };
                    if let Some(first) = entries.insert(entry, false) {
                        self.duplicate(first, event.span, &entries);
                    }
                }
                Key::Unsupported(key) => {
                    let value = self.value(key_end);
                    let mut wording = format!("unsupported map key of type: {key}, value: ");
                    refusal::go_syntax(&value, &mut wording);
                    self.refuse(wording);
                }
                Key::Refused => {
                    self.value(key_end);
                }
            }
            before = self.end_of_previous().max(key_end);
        }
        self.depth -= 1;
        let span = self.span(self.collection(start, before));
        Node { span, kind: NodeKind::Mapping(entries.finish()) }
    }

    fn duplicate(&mut self, first: Span, again: Span, entries: &Entries) {
        if !self.may_report() {
            return;
        }
        let span = self.span(again);
        let key = entries.last_key();
        let (text, lines) = self.source.whole;
        let (line, _) = lines.position(text, first.start as usize);
        self.report(
            Diagnostic::new(msg!("duplicate-key"), Severity::Warning, span)
                .arg("key", &key)
                .arg("line", line)
                .consequence(msg!("last-value-wins")),
        );
    }

    fn key(&mut self, event: &'a Event<'a>) -> Key {
        let EventKind::Scalar { text, style, tag } = &event.kind else {
            return self.other_key(event);
        };
        let plain = *style == Style::Plain;
        self.check_escapes(event.span, *style);
        if &**text == "<<" && ((plain && tag.is_none()) || *tag == Some(Tag::Merge)) {
            self.at += 1;
            return Key::Merge;
        }
        if let Some((anchor, _)) = event.anchor {
            self.anchors.insert(anchor, self.at);
        }
        self.at += 1;
        let scalar = match scalar::resolve(text, plain, *tag) {
            Ok(scalar) => scalar,
            Err(refused) => {
                self.refused_scalar(refused, text, event.span);
                return Key::Refused;
            }
        };
        let Some(key) = scalar::to_key(text, &scalar) else {
            let code = if event.span.is_empty() { msg!("missing-key") } else { msg!("key-not-text") };
            // A colon right after an empty value ends the mapping for kubectl's reader.
            if event.span.is_empty() && self.follows_nothing() {
                self.refuse(refusal::parser(
                    self.source.text,
                    event.span.start as usize,
                    "did not find expected key",
                ));
            }
            let diagnostic = Diagnostic::new(code, Severity::Error, self.span(event.span));
            self.report(diagnostic.arg("key", &**text).consequence(msg!("kubectl-refuses-file")));
            return Key::Unsupported(match scalar {
                Scalar::Unsigned(number) => format!("uint64, key: {number:#x}"),
                _ => "%!s(<nil>), key: <nil>".to_owned(),
            });
        };
        if plain && self.may_report() {
            let origin = self.source.origin;
            let doubt = doubts::key(self.source.text, event.span, &key, &scalar);
            self.diagnostics.extend(doubt.map(|doubt| origin.diagnostic(doubt)));
        }
        Key::Name(key)
    }

    /// Whether what stands before the event that was just taken is a value that is not there.
    fn follows_nothing(&self) -> bool {
        let before = self.at.checked_sub(2).and_then(|at| self.source.events.get(at));
        before.is_none_or(|event| matches!(event.kind, EventKind::Scalar { .. }) && event.span.is_empty())
    }

    /// A key that is no scalar: an alias of one, or a collection, which kubectl refuses.
    fn other_key(&mut self, event: &'a Event<'a>) -> Key {
        let node = self.node(event.span.end as usize);
        match (&event.kind, &node.kind) {
            (EventKind::Alias(_), NodeKind::String(text)) => return Key::Name(text.clone()),
            (EventKind::Alias(_), NodeKind::Int(number)) => return Key::Name(number.to_string().into()),
            (EventKind::Alias(_), NodeKind::Bool(value)) => return Key::Name(value.to_string().into()),
            (EventKind::UnknownAlias(_), _) => return Key::Refused,
            _ => {}
        }
        let mut wording = "yaml: invalid map key: ".to_owned();
        refusal::go_syntax(&node, &mut wording);
        self.refuse(wording);
        let diagnostic = doubts::collection_as_key(self.source.text, event.span);
        self.report(self.source.origin.diagnostic(diagnostic));
        Key::Refused
    }

    fn alias(&mut self, span: Span, anchor: usize) -> Node {
        let name = span.slice(self.source.text).trim_start_matches('*').to_owned();
        let Some(target) = self.anchors.get(&anchor).copied() else { return self.nothing(span.end as usize) };
        if self.open.contains(&anchor) {
            self.refuse(format!("yaml: anchor '{name}' value contains itself"));
            let diagnostic = Diagnostic::new(msg!("alias-of-itself"), Severity::Error, self.span(span));
            self.report(diagnostic.arg("name", name).consequence(msg!("kubectl-refuses-file")));
            return self.nothing(span.end as usize);
        }
        let back = self.at;
        let outer = std::mem::replace(&mut self.in_alias, true);
        self.at = target;
        let before = target.checked_sub(1).and_then(|at| self.source.events.get(at));
        // Without budget not even the way to the anchor is gone, which may be long.
        let node = match *self.budget {
            0 => self.too_many(span),
            _ => self.node(before.map_or(0, |event| event.span.end as usize)),
        };
        self.in_alias = outer;
        self.at = back;
        if self.limited && !outer && self.diagnostics.iter().all(|seen| seen.code != msg!("too-many-aliases"))
        {
            let diagnostic = Diagnostic::new(msg!("too-many-aliases"), Severity::Error, self.span(span));
            self.report(
                diagnostic.arg("limit", super::MAX_ALIAS_NODES).consequence(msg!("kubectl-refuses-file")),
            );
        }
        node
    }

    /// Puts the entries of a `<<` value in: over what stands before them, under what comes after.
    fn merge(&mut self, entries: &mut Entries, value: Node, key: Span, event: usize) {
        let written = self.source.events.get(event).map(|event| &event.kind);
        let values = match value.kind {
            NodeKind::Mapping(merged) => vec![merged],
            // An alias of a sequence is not taken, though a sequence of aliases is.
            NodeKind::Sequence(items) if matches!(written, Some(EventKind::Sequence { .. })) => {
                let mut values = Vec::new();
                for item in items {
                    let NodeKind::Mapping(merged) = item.kind else { return self.merge_refused(key) };
                    values.push(merged);
                }
                values
            }
            _ => return self.merge_refused(key),
        };
        // The first of a list has the last word.
        for entry in values.into_iter().rev().flatten() {
            entries.insert(entry, true);
        }
    }

    fn merge_refused(&mut self, key: Span) {
        self.refuse("yaml: map merge requires map or sequence of maps as the value".to_owned());
        let diagnostic = Diagnostic::new(msg!("merge-not-mapping"), Severity::Error, self.span(key));
        self.report(diagnostic.consequence(msg!("kubectl-refuses-file")));
    }

    fn too_many(&mut self, span: Span) -> Node {
        self.limited = true;
        self.refuse("yaml: document contains excessive aliasing".to_owned());
        Node { span: self.span(span), kind: NodeKind::Null }
    }

    fn limit(&mut self, code: &'static str, span: Span, limit: usize) -> Node {
        let span = self.span(span);
        self.refuse(format!("yaml: exceeded max depth of {limit}"));
        if self.diagnostics.iter().all(|seen| seen.code != code) {
            let diagnostic = Diagnostic::new(code, Severity::Error, span).arg("limit", limit);
            self.diagnostics.push(diagnostic.consequence(msg!("not-read-further")));
        }
        Node { span, kind: NodeKind::Null }
    }

    /// Passes over the next value.
    fn skip(&mut self) {
        let mut open = 0usize;
        while let Some(event) = self.event() {
            self.at += 1;
            match event.kind {
                EventKind::Sequence { .. } | EventKind::Mapping { .. } => open += 1,
                EventKind::End => open = open.saturating_sub(1),
                _ => {}
            }
            if open == 0 {
                break;
            }
        }
    }
}

enum Key {
    Name(Str),
    /// `<<`
    Merge,
    /// No key that JSON could have; how Go prints it.
    Unsupported(String),
    Refused,
}

/// The first byte of the `|` or `>` of the block scalar that follows `before`.
fn block_header(text: &str, before: usize) -> Option<usize> {
    let mut rest = text.get(before..)?;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n', ':', '?', ',']);
        let first = rest.bytes().next()?;
        match first {
            b'|' | b'>' => return Some(text.len() - rest.len()),
            b'#' => rest = rest.split_once('\n')?.1,
            // A dash of a sequence, an anchor or a tag stands before it.
            b'-' | b'&' | b'!' => rest = rest.get(rest.find([' ', '\t', '\n'])?..)?,
            _ => return None,
        }
    }
}
