//! The way from a text to documents: cut as kubectl cuts it, each read, mended where the mistake is known, and
//! read on.

use crate::value::Str;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::mistakes::{self, Scene};
use super::origin::Origin;
use super::tree::{self, Source};
use super::yaml::{Event, EventKind, Style};
use super::{
    Arg, Diagnostic, Document, Edit, Fix, LineIndex, Node, NodeKind, Parsed, Severity, Span, at_once,
    foreign, json, refusal, template, yaml,
};
use super::{MAX_ALIAS_NODES, MAX_BYTES, MAX_DIAGNOSTICS, MAX_REQUEST_BYTES};
use crate::msg;

/// How many mistakes of a document are read around.
const MAX_REPAIRS: usize = 24;

/// How many bytes are read again, in all, to find out what a mistake was and what comes after it.
const MAX_REREAD_BYTES: usize = 8 * 1024 * 1024;

/// Reads a text. Never fails: what was understood is returned, with what is wrong beside it.
pub fn parse(text: &str) -> Parsed {
    at_once(parse_in_steps(text, &mut async || {}))
}

/// The same with pauses.
pub async fn parse_in_steps(text: &str, pause: &mut impl AsyncFnMut()) -> Parsed {
    parse_recalling(text, &mut |_, _| None, pause).await
}

/// The same where `recall` may know what a document says that has this text and begins at this byte: one that is not read as JSON, and
/// in which there is nothing to tell of.
pub async fn parse_recalling(
    text: &str,
    recall: &mut impl FnMut(&str, u32) -> Option<Rc<Node>>,
    pause: &mut impl AsyncFnMut(),
) -> Parsed {
    let mut parsed = Parsed::default();
    if text.len() > MAX_BYTES {
        let diagnostic = Diagnostic::new(msg!("file-too-large"), Severity::Error, Span::at(0));
        parsed
            .diagnostics
            .push(diagnostic.arg("limit", Arg::bytes(MAX_BYTES)).consequence(msg!("too-large-is-not-read")));
        return parsed;
    }
    if let Some(diagnostic) = utf16(text) {
        parsed.diagnostics.push(diagnostic);
        return parsed;
    }
    let lines = LineIndex::new(text);
    let mut reader = Reader {
        text,
        lines: &lines,
        parsed,
        nodes: MAX_ALIAS_NODES,
        work: Cell::new(MAX_REREAD_BYTES),
        has_template: false,
        is_json: text.trim_start().starts_with('{'),
        is_first: true,
        in_first_part: true,
        separator: None,
    };
    let mut before = Span::at(0);
    for part in parts(text) {
        pause().await;
        reader.separator(part.after_dashes, before);
        before = part.span;
        let mut span = part.span;
        let is_plain = !reader.is_json && reader.separator.is_none();
        if let Some(root) = is_plain.then(|| recall(span.slice(text), span.start)).flatten() {
            reader.is_first = false;
            reader.in_first_part = false;
            reader.keep(span, root, None);
            continue;
        }
        while let Some(rest) = reader.document(span, pause).await {
            span = Span::new(rest, span.end as usize);
        }
        reader.in_first_part = false;
    }
    let mut parsed = reader.parsed;
    foreign::recognise(text, &mut parsed);
    parsed.diagnostics.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.severity));
    parsed
}

/// The document between lines of `---` that the byte at `at` stands in.
pub fn document_at(text: &str, at: usize) -> Span {
    let parts = parts(text);
    let begins = |part: &&Part| part.span.start as usize <= at;
    parts.iter().rev().find(begins).map_or(Span::new(0, text.len()), |part| part.span)
}

/// A part of the text between lines of `---`.
pub(super) struct Part {
    pub(super) span: Span,
    /// What stands on the `---` line before it, other than a comment.
    after_dashes: Option<Span>,
}

/// Cuts at every line that begins with `---`, as kubectl does (apimachinery `util/yaml/decoder.go`), whatever
/// YAML would say about it. Such a line with nothing before it belongs to what follows.
pub(super) fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut after_dashes = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("---") {
            let words = rest.trim();
            let is_wrong = !words.is_empty() && !words.starts_with('#');
            if start < at {
                parts.push(Part { span: Span::new(start, at), after_dashes: after_dashes.take() });
            }
            if start < at || is_wrong {
                start = at + line.len();
            }
            if is_wrong {
                let from = at + line.len() - rest.trim_start().len();
                after_dashes = Some(Span::new(from, from + words.len()));
            }
        }
        at += line.len();
    }
    parts.push(Part { span: Span::new(start, text.len()), after_dashes });
    parts
}

struct Reader<'a> {
    text: &'a str,
    lines: &'a LineIndex,
    parsed: Parsed,
    /// How many nodes aliases may still make.
    nodes: usize,
    work: Cell<usize>,
    has_template: bool,
    /// Whether kubectl tries JSON first: the text begins with a brace, and may hold objects one after another.
    is_json: bool,
    is_first: bool,
    /// Whether no `---` was met yet.
    in_first_part: bool,
    /// What kubectl says of the `---` line before the next document.
    separator: Option<String>,
}

impl Reader<'_> {
    /// Takes note of `words` on a `---` line. kubectl refuses what stands `before` it too.
    fn separator(&mut self, words: Option<Span>, before: Span) {
        let Some(span) = words else { return };
        let words = span.slice(self.text);
        let wording = format!("invalid Yaml document separator: {words}");
        match self
            .parsed
            .documents
            .last_mut()
            .filter(|document| before.contains(document.span.start as usize))
        {
            Some(document) if document.broken => {}
            Some(document) => {
                document.broken = true;
                document.refusal = Some(wording.into());
            }
            None => self.separator = Some(wording),
        }
        let diagnostic = Diagnostic::new(msg!("text-after-dashes"), Severity::Error, span).arg("text", words);
        // The blanks before the words go, so that the line is one of dashes only.
        let dashes = self.text.get(..span.start as usize).map_or("", str::trim_end);
        let gap = Span::new(dashes.len(), span.start as usize);
        let fix = Fix::new(msg!("fix-own-line"), vec![Edit::replace(gap, "\n")]);
        let is_content = words.contains(": ") || words.ends_with(':') || words.starts_with(['{', '[', '-']);
        let fix = if is_content { fix } else { fix.uncertain() };
        self.report(diagnostic.consequence(msg!("kubectl-refuses-file")).fix(fix));
    }

    /// Reads a document; returns where another follows without a `---`.
    async fn document(&mut self, span: Span, pause: &mut impl AsyncFnMut()) -> Option<usize> {
        let base = span.start as usize;
        let given = span.slice(self.text);
        let mut origin = Origin::new(base);
        let mut mended = String::new();
        let mut refusal: Option<String> = None;
        let mut rest = None;
        let mut rounds = 0;
        let mut found = BTreeSet::new();
        let mut is_template = false;
        loop {
            let text = if rounds == 0 { given } else { mended.as_str() };
            let stream = yaml::read_in_steps(text, text.len(), pause).await;
            let repair = stream.stop.as_ref().and_then(|stop| {
                let scene = Scene { text, events: &stream.events, stop, work: &self.work };
                if let Some(edits) = mistakes::accommodate(&scene).filter(|_| self.spend(text.len())) {
                    return Some(edits);
                }
                let finding = mistakes::find(&scene);
                refusal.get_or_insert_with(|| match finding.diagnostic.code {
                    "tab-indentation" => refusal::tab(text, finding.diagnostic.span.start as usize),
                    _ => refusal::wording(text, &stream.events, stop),
                });
                let repair = finding.repair;
                let diagnostic = origin.diagnostic(finding.diagnostic);
                is_template |= diagnostic.code == template::CODE;
                // A mistake that is found again at the same place was not mended.
                let is_new = found.insert((diagnostic.code, diagnostic.span));
                if is_new {
                    self.report(diagnostic);
                }
                let goes_on = is_new && rounds < MAX_REPAIRS && self.spend(text.len());
                (goes_on && !repair.is_empty()).then_some(repair)
            });
            if let Some(repair) = repair {
                mended = origin.mend(text, &repair);
                rounds += 1;
                continue;
            }
            let source = Source {
                text,
                events: &stream.events,
                origin: &origin,
                is_json: self.is_json && self.in_first_part && json::refusal(given).is_none(),
                whole: (self.text, self.lines),
            };
            let mut tree = tree::build(&source, &mut self.nodes);
            is_template |= tree.diagnostics.iter().any(|diagnostic| diagnostic.code == template::CODE);
            if is_template {
                // What a template makes of it is not known, so nothing more can be said about it.
                tree.root.kind = NodeKind::Null;
                tree.diagnostics.retain(|diagnostic| diagnostic.code == template::CODE);
            }
            if refusal.is_none() {
                rest = stream.rest.map(|at| origin.offset(at));
                let read = text.get(..stream.rest.unwrap_or(text.len())).unwrap_or(text);
                if read.contains('\t')
                    && let Some((diagnostic, tab)) = mistakes::unnoticed_tabs(read, &skipped(&stream.events))
                {
                    refusal = Some(refusal::tab(text, tab));
                    self.report(origin.diagnostic(diagnostic));
                }
            }
            let refusal = self.in_full(refusal.take().or(tree.refusal), span);
            for diagnostic in tree.diagnostics {
                self.report(diagnostic);
            }
            self.keep(span, Rc::new(tree.root), refusal);
            break;
        }
        let rest = rest?;
        let following = self.text.get(rest..span.end as usize).unwrap_or("");
        if self.is_json && following.starts_with('{') {
            return Some(rest);
        }
        let end = rest + following.trim_end().len();
        let diagnostic =
            Diagnostic::new(msg!("text-after-document"), Severity::Warning, Span::new(rest, end));
        self.report(diagnostic.consequence(msg!("text-is-ignored")));
        None
    }

    /// What kubectl prints for what its YAML reader says. The first value of a file that might be JSON is
    /// answered as such.
    fn in_full(&mut self, refusal: Option<String>, span: Span) -> Option<String> {
        let asked_as_json = std::mem::replace(&mut self.is_first, false) && self.is_json;
        if let Some(separator) = self.separator.take() {
            return Some(separator);
        }
        let refusal = refusal?;
        let as_json = if asked_as_json { json::refusal(span.slice(self.text)) } else { None };
        Some(as_json.unwrap_or_else(|| format!("error converting YAML to JSON: {refusal}")))
    }

    /// Takes `bytes` of what may be read again; whether there were as many.
    fn spend(&self, bytes: usize) -> bool {
        let left = self.work.get().checked_sub(bytes);
        self.work.set(left.unwrap_or(0));
        left.is_some()
    }

    fn report(&mut self, mut diagnostic: Diagnostic) {
        diagnostic.span = diagnostic.span.of_characters(self.text);
        if diagnostic.code == template::CODE && std::mem::replace(&mut self.has_template, true) {
            return;
        }
        if self.parsed.diagnostics.len() < MAX_DIAGNOSTICS {
            self.parsed.diagnostics.push(diagnostic);
        }
    }

    fn keep(&mut self, span: Span, root: Rc<Node>, refusal: Option<String>) {
        let broken = refusal.is_some();
        if root.is_null() && !broken {
            return;
        }
        if span.len() > MAX_REQUEST_BYTES {
            let diagnostic =
                Diagnostic::new(msg!("document-too-large"), Severity::Warning, Span::at(span.start as usize));
            let diagnostic =
                diagnostic.arg("size", Arg::bytes(span.len())).arg("limit", Arg::bytes(MAX_REQUEST_BYTES));
            self.report(diagnostic.consequence(msg!("server-refuses-size")));
        }
        let index = self.parsed.documents.len();
        let refusal = refusal.map(Str::from);
        self.parsed.documents.push(Document { index, span, root, broken, refusal });
    }
}

/// Where tabs may stand in front of a line: in texts, and in brackets. The flag is whether it is a plain text,
/// which ends before the tabs that follow it.
fn skipped(events: &[Event<'_>]) -> Vec<(Span, bool)> {
    let mut ranges = Vec::new();
    let mut brackets = Vec::new();
    for event in events {
        match &event.kind {
            EventKind::Scalar { style, .. } if brackets.iter().all(Option::is_none) => {
                ranges.push((event.span, *style == Style::Plain && !event.span.is_empty()));
            }
            EventKind::Sequence { flow } | EventKind::Mapping { flow } => {
                brackets.push(flow.then_some(event.span.start));
            }
            EventKind::End => {
                let start = brackets.pop().flatten();
                if let Some(start) = start.filter(|_| brackets.iter().all(Option::is_none)) {
                    ranges.push((Span { start, end: event.span.end }, false));
                }
            }
            _ => {}
        }
    }
    ranges
}

/// A text of UTF-16 that was read as if it were UTF-8: every other byte is zero.
fn utf16(text: &str) -> Option<Diagnostic> {
    const LOOK: usize = 512;
    let looked = text.as_bytes().get(..text.len().min(LOOK)).unwrap_or(&[]);
    let zeros = looked.iter().filter(|byte| **byte == 0).count();
    if looked.len() < 8 || zeros * 3 < looked.len() {
        return None;
    }
    let all = Span::new(0, text.len());
    let plain: String =
        text.chars().filter(|character| !matches!(character, '\0' | '\u{FFFD}' | '\u{FEFF}')).collect();
    let diagnostic = Diagnostic::new(msg!("utf-16"), Severity::Error, Span::at(0));
    // With anything but ASCII in it, the other bytes are lost.
    let is_whole = plain.is_ascii() && plain.bytes().all(|byte| byte >= b' ' || byte.is_ascii_whitespace());
    Some(if is_whole {
        diagnostic.fix(Fix::new(msg!("fix-utf-8"), vec![Edit::replace(all, plain)]))
    } else {
        diagnostic
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{NodeKind, apply_edits};

    #[test]
    fn good_documents_are_read_beside_bad_ones() {
        let parsed = parse("a: [1\n---\n# nothing here\n---\nb: 2\n---\n");
        let broken: Vec<bool> = parsed.documents.iter().map(|document| document.broken).collect();
        assert_eq!(broken, [true, false], "the empty documents are left out");
        let last = parsed.documents.last().expect("two documents");
        assert_eq!(last.root.get("b").map(|node| &node.kind), Some(&NodeKind::Int(2)));
    }

    #[test]
    fn a_place_holds_whole_characters() {
        for text in ["a: [b, \"c\"가]\n", "a: {b: [1]나}\n", "가\"\n나: @다\n", "a: \"b\"가\n"] {
            for diagnostic in parse(text).diagnostics {
                assert!(text.get(diagnostic.span.range()).is_some(), "{text:?}: {diagnostic:?}");
            }
        }
    }

    #[test]
    fn every_mistake_of_the_note_is_read_around() {
        let text = "spec:\n  selector:\n    matchLabels:\n      app:myapp\n  template:\n    metadata:\n      labels:\n      app: myapp\n";
        let parsed = parse(text);
        let [diagnostic] = &parsed.diagnostics[..] else {
            panic!("one diagnostic: {:?}", parsed.diagnostics)
        };
        assert_eq!(diagnostic.code, "missing-space-after-colon");
        let [fix] = &diagnostic.fixes[..] else { panic!("one certain fix") };
        assert!(apply_edits(text, &fix.edits).contains("      app: myapp\n  template:"));
        let metadata = parsed
            .documents
            .first()
            .and_then(|document| document.root.get("spec")?.get("template")?.get("metadata"));
        let metadata = metadata.expect("what follows is read");
        let labels = metadata.get("labels").expect("labels");
        assert!(labels.is_null(), "the labels are one level off");
        assert_eq!(
            &text[..labels.span.start as usize].lines().last().unwrap_or(""),
            &"      labels:",
            "a value that is not there stands behind its colon"
        );
        assert_eq!(metadata.get("app").and_then(|node| node.as_str()), Some("myapp"));
    }
}
