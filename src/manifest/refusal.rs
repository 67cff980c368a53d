//! What kubectl's own reader says of a document that it cannot read: its words, and the line that it counts.
//!
//! Modelled after go.yaml.in/yaml/v2 (`scannerc.go`, `parserc.go`, and `parser.fail` in `decode.go`, which
//! counts a line less for what the parser notices than for what the scanner does, and names no line where
//! it counted none).

use std::fmt::Write as _;

use super::lines::Line;
use super::yaml::{Event, EventKind, Reason, Stop};
use super::{Entry, Node, NodeKind, doubts};

/// The wording for a stop of the reader in `text`, which is one document.
pub(super) fn wording(text: &str, events: &[Event<'_>], stop: &Stop) -> String {
    let at = stop.at;
    let unknown = events.iter().find_map(|event| match &event.kind {
        EventKind::UnknownAlias(name) => Some(doubts::unknown_alias(text, event.span, name).1.in_full(text)),
        _ => None,
    });
    if let Some(wording) = unknown {
        return wording;
    }
    let begins: &[char] = match stop.reason {
        Reason::StrayBracket
        | Reason::ValueExpected
        | Reason::DashInBrackets
        | Reason::SeparatorExpected(_)
        | Reason::ColonExpected => &['{', '['],
        Reason::TextAfterQuote => &['"', '\''],
        _ => &[],
    };
    // In brackets no key has to be one.
    let required = required_key(text, at, begins).filter(|line| !in_brackets(events, line.start));
    if let Some(line) = required {
        let mut after = std::iter::successors(line.next(text), |line| line.next(text));
        let next = after.find(|line| line.says_something()).map_or(text.len(), |line| line.start);
        return scanner(text, next, "could not find expected ':'");
    }
    match stop.reason {
        Reason::UnexpectedColon => scanner(text, at, "mapping values are not allowed in this context"),
        Reason::ColonExpected => scanner(text, behind_key(text, at), "could not find expected ':'"),
        Reason::KeyExpected => parser(text, at, "did not find expected key"),
        Reason::DashExpected => parser(text, at, "did not find expected '-' indicator"),
        Reason::UnexpectedDash => scanner(text, at, "block sequence entries are not allowed in this context"),
        Reason::SeparatorExpected(_) if is_second_comma(text, at) => {
            parser(text, at, "did not find expected node content")
        }
        // A pair in a list has no brackets of its own.
        Reason::SeparatorExpected('}') if is_in_pair(text, events) => parser(text, at, separator(']')),
        Reason::SeparatorExpected(close) => parser(text, at, separator(close)),
        Reason::MismatchedBracket { wanted, found } => {
            let place = text.get(at..).and_then(|rest| rest.find(found)).map_or(at, |offset| at + offset);
            parser(text, place, separator(wanted))
        }
        Reason::UnclosedBracket(open) => {
            parser(text, text.len(), separator(if open == '[' { ']' } else { '}' }))
        }
        Reason::StrayBracket if !wants_value(text, at) => parser(text, at, in_collection(events)),
        Reason::StrayBracket | Reason::ValueExpected | Reason::DashInBrackets => {
            parser(text, at, "did not find expected node content")
        }
        Reason::UnclosedQuote => scanner(text, text.len(), "found unexpected end of stream"),
        Reason::TextAfterQuote => parser(text, at, in_collection(events)),
        Reason::UnknownEscape => scanner(text, backslash(text, at), "found unknown escape character"),
        Reason::Tab => tab(text, at),
        Reason::ReservedCharacter(_) => scanner(text, at, "found character that cannot start any token"),
        Reason::NameExpected => scanner(text, at, "did not find expected alphabetic or numeric character"),
        Reason::BlockScalarHeader => scanner(text, at, "did not find expected comment or line break"),
        Reason::DocumentStartExpected => parser(text, text.len(), "did not find expected <document start>"),
        Reason::TooDeep => scanner(text, at, "exceeded max depth of 10000"),
        Reason::ControlCharacter => "yaml: control characters are not allowed".to_owned(),
        Reason::Other => parser(text, at, "did not find expected node content"),
    }
}

/// What the scanner says of a place.
pub(super) fn scanner(text: &str, at: usize, problem: &str) -> String {
    match breaks_before(text, at) {
        0 => format!("yaml: {problem}"),
        breaks => format!("yaml: line {}: {problem}", breaks + 1),
    }
}

/// What the parser says of a place.
pub(super) fn parser(text: &str, at: usize, problem: &str) -> String {
    match breaks_before(text, at) {
        0 => format!("yaml: {problem}"),
        breaks => format!("yaml: line {breaks}: {problem}"),
    }
}

fn breaks_before(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    // Every line is handed to the reader with a line break, the last one too.
    let added = usize::from(before.len() == text.len() && !before.is_empty() && !text.ends_with('\n'));
    before.iter().filter(|byte| **byte == b'\n').count() + added
}

fn begins_line(text: &str, at: usize) -> bool {
    let line = Line::at(text, at);
    text.get(line.start..at).is_some_and(|before| before.trim().is_empty())
}

/// Whether something is still to come before `at`: a value of a key or of an entry.
fn wants_value(text: &str, at: usize) -> bool {
    if begins_line(text, at) {
        return follows_colon(text, at);
    }
    let line = Line::at(text, at);
    text.get(line.start..at).is_some_and(|before| before.trim_end().ends_with([':', '-', ',', '[', '{']))
}

fn is_second_comma(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or(text).trim_end();
    text.as_bytes().get(at) == Some(&b',') && before.ends_with([',', '[', '{'])
}

/// The line of `at` where it begins with one of these signs, in the column of the keys or entries around it: the
/// scanner takes what stands there for a key, and insists on its colon (upstream: `yaml_parser_save_simple_key`).
fn required_key<'text>(text: &'text str, at: usize, begins: &[char]) -> Option<Line<'text>> {
    let line = Line::at(text, at);
    let column = line.indent();
    if !line.text.trim_start().starts_with(begins) {
        return None;
    }
    let mut before = said_before(text, line);
    while let Some(previous) = before.filter(|previous| !previous.text.starts_with("---")) {
        // An entry's own keys stand behind its dash.
        let mut columns = vec![previous.indent()];
        let mut body = previous.body().text;
        while let Some(rest) = body.strip_prefix("- ") {
            let inner = rest.trim_start();
            columns.push(columns[columns.len() - 1] + body.len() - inner.len());
            body = inner;
        }
        if columns.contains(&column) {
            return Some(line);
        }
        if columns[0] < column {
            return None;
        }
        before = said_before(text, previous);
    }
    None
}

fn follows_colon(text: &str, at: usize) -> bool {
    said_before(text, Line::at(text, at)).is_some_and(|line| line.body().text.ends_with(':'))
}

/// The line before `line` that says something.
fn said_before<'text>(text: &'text str, line: Line<'text>) -> Option<Line<'text>> {
    let mut before = line.previous(text);
    while let Some(previous) = before.filter(|previous| !previous.says_something()) {
        before = previous.previous(text);
    }
    before
}

/// Whether brackets are open at a place.
fn in_brackets(events: &[Event<'_>], at: usize) -> bool {
    let mut open = Vec::new();
    for event in events.iter().take_while(|event| (event.span.start as usize) < at) {
        match event.kind {
            EventKind::Sequence { flow } | EventKind::Mapping { flow } => open.push(flow),
            EventKind::End => drop(open.pop()),
            _ => {}
        }
    }
    open.last() == Some(&true)
}

/// Whether the innermost open collection is a mapping without braces in a list with brackets: `[a: b]`.
fn is_in_pair(text: &str, events: &[Event<'_>]) -> bool {
    let mut closed = 0usize;
    for event in events.iter().rev() {
        match event.kind {
            EventKind::End => closed += 1,
            EventKind::Sequence { .. } | EventKind::Mapping { .. } if closed > 0 => closed -= 1,
            EventKind::Mapping { flow: true } => {
                return text.as_bytes().get(event.span.start as usize) != Some(&b'{');
            }
            EventKind::Sequence { .. } | EventKind::Mapping { .. } => return false,
            _ => {}
        }
    }
    false
}

/// What the innermost open collection would have wanted.
fn in_collection(events: &[Event<'_>]) -> &'static str {
    let mut closed = 0usize;
    for event in events.iter().rev() {
        match event.kind {
            EventKind::End => closed += 1,
            EventKind::Sequence { .. } | EventKind::Mapping { .. } if closed > 0 => closed -= 1,
            EventKind::Sequence { flow: true } => return separator(']'),
            EventKind::Mapping { flow: true } => return separator('}'),
            EventKind::Sequence { flow: false } => return "did not find expected '-' indicator",
            EventKind::Mapping { flow: false } => return "did not find expected key",
            _ => {}
        }
    }
    "did not find expected <document start>"
}

fn separator(close: char) -> &'static str {
    if close == ']' { "did not find expected ',' or ']'" } else { "did not find expected ',' or '}'" }
}

/// Where the scanner is when it gives up on a key that begins at `at`: behind all that it took for its text, on
/// a later line.
fn behind_key(text: &str, at: usize) -> usize {
    let mut line = Line::at(text, at);
    let column = at - line.start;
    while let Some(next) = line.next(text) {
        let is_blank = next.text.trim().is_empty();
        if !is_blank && (!next.says_something() || next.indent() <= column || next.body().colon().is_some()) {
            return next.start;
        }
        line = next;
    }
    text.len()
}

/// The first backslash of a quoted text that escapes nothing.
pub(super) fn backslash(text: &str, quote: usize) -> usize {
    let mut bytes = text.bytes().enumerate().skip(quote + 1);
    while let Some((at, byte)) = bytes.next() {
        if byte == b'\\' && bytes.next().is_some_and(|(_, escaped)| !is_escape(escaped)) {
            return at;
        }
    }
    quote
}

/// Whether a backslash may stand before it.
pub(super) fn is_escape(byte: u8) -> bool {
    b"0abt\tnvfre \"/\\N_LPxuU\n\r'".contains(&byte)
}

/// A tab is told apart by what it stands in.
pub(super) fn tab(text: &str, at: usize) -> String {
    let mut line = Line::at(text, at);
    while !line.leading().contains('\t') {
        match line.next(text) {
            Some(next) => line = next,
            None => return scanner(text, at, "found character that cannot start any token"),
        }
    }
    let body = said_before(text, line).map_or("", |previous| previous.body().text);
    let problem = if in_block_scalar(text, line) {
        "found a tab character where an indentation space is expected"
    } else if body.is_empty() || body == "---" || body.ends_with([':', '"', '\'', ']', '}']) {
        "found character that cannot start any token"
    } else {
        "found a tab character that violates indentation"
    };
    scanner(text, line.start, problem)
}

/// Whether the line comes after those of a block scalar.
fn in_block_scalar(text: &str, line: Line<'_>) -> bool {
    let mut least = usize::MAX;
    let mut before = said_before(text, line);
    while let Some(previous) = before.filter(|_| least > 0) {
        if previous.indent() < least {
            if previous.is_block_header() {
                return true;
            }
            least = previous.indent();
        }
        before = said_before(text, previous);
    }
    false
}

/// A value in the syntax of Go, as its reader prints keys that it refuses.
pub(super) fn go_syntax(node: &Node, out: &mut String) {
    // Writing to a string cannot fail.
    match &node.kind {
        NodeKind::Null => out.push_str("interface {}(nil)"),
        NodeKind::Bool(value) => drop(write!(out, "{value}")),
        NodeKind::Int(value) => drop(write!(out, "{value}")),
        NodeKind::Float(value) => drop(write!(out, "{value}")),
        NodeKind::String(value) => drop(write!(out, "{value:?}")),
        NodeKind::Sequence(items) => {
            out.push_str("[]interface {}{");
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                go_syntax(item, out);
            }
            out.push('}');
        }
        NodeKind::Mapping(entries) => {
            out.push_str("map[interface {}]interface {}{");
            let mut sorted: Vec<&Entry> = entries.iter().collect();
            sorted.sort_by(|left, right| left.key.cmp(&right.key));
            for (at, entry) in sorted.into_iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                let _ = write!(out, "{:?}:", entry.key);
                go_syntax(&entry.value, out);
            }
            out.push('}');
        }
    }
}
