//! What can be read and was hardly meant: a missing space after a colon, quotes and spaces from a word
//! processor, keys that are not what they look like.

use super::lines::{Body, Line};
use super::scalar::Scalar;
use super::{Diagnostic, Edit, Fix, Severity, Span};
use crate::msg;

/// Doubts about a plain value that is `span` of `text`. `key_end` is the end of its key, if it has one.
pub(super) fn scalar(text: &str, span: Span, key_end: Option<usize>) -> Option<Diagnostic> {
    let written = span.slice(text);
    let is_below =
        || key_end.and_then(|end| text.get(end..span.start as usize)).is_some_and(|gap| gap.contains('\n'));
    if written.contains(':') && is_below() {
        // `nginx:1.25` may well be meant; where it is not, whoever expected a mapping there asks.
        let is_version = written
            .split_once(':')
            .is_some_and(|(_, value)| value.starts_with(|first: char| first.is_ascii_digit()));
        return if is_version { None } else { missing_space_after_colon(text, span) };
    }
    if written.is_ascii() {
        return None;
    }
    smart_quotes(written, span)
        .or_else(|| odd_space(written, span, false))
        .or_else(|| wide_colon(written, span))
}

/// Doubts about a plain key, which JSON has as `key`.
pub(super) fn key(text: &str, span: Span, key: &str, scalar: &Scalar) -> Option<Diagnostic> {
    let written = span.slice(text);
    if *scalar != Scalar::String && written != key {
        let fix = Fix::new(msg!("fix-quote"), quote_edits(span, '"')).arg("value", written);
        return Some(
            Diagnostic::new(msg!("key-read-otherwise"), Severity::Warning, span)
                .arg("written", written)
                .arg("key", key)
                .fix(fix),
        );
    }
    if let Some(colon) = (Body { start: span.start as usize, text: written }).tight_colon()
        && text.as_bytes().get(span.end as usize) != Some(&b':')
    {
        // `{app:web}` is a key without a value.
        return Some(missing_space(span, colon, written).consequence(msg!("key-without-value")));
    }
    if written.is_ascii() {
        return None;
    }
    let dash = written.chars().next().filter(|first| matches!(first, '–' | '—' | '−' | '•' | '·'));
    if let Some(dash) =
        dash.filter(|dash| written.get(dash.len_utf8()..).is_some_and(|rest| rest.starts_with(' ')))
    {
        let place = Span::new(span.start as usize, span.start as usize + dash.len_utf8());
        return Some(lookalike(place, dash, "-", "-"));
    }
    smart_quotes(written, span).or_else(|| odd_space(written, span, true))
}

/// Whether the value at `span` is `key:value` without the space, so that it is a string and no mapping; in a
/// value over several lines, whether all its lines are. To be asked where a mapping was expected. `parse` itself
/// tells of it where the value stands on lines of its own.
pub fn missing_space_after_colon(text: &str, span: Span) -> Option<Diagnostic> {
    let written = span.slice(text);
    let mut edits = Vec::new();
    let mut at = span.start as usize;
    let mut first = None;
    for line in written.split_inclusive('\n') {
        if !line.trim().is_empty() {
            let start = at + line.len() - line.trim_start().len();
            let colon = Body { start, text: line.trim() }.tight_colon()?;
            first.get_or_insert((colon, line.trim()));
            edits.push(Edit::insert(colon + 1, " "));
        }
        at += line.len();
    }
    let (colon, line) = first?;
    let mut diagnostic = missing_space(span, colon, line).consequence(msg!("string-where-mapping"));
    if let Some(fix) = diagnostic.fixes.first_mut() {
        fix.edits = edits;
    }
    Some(diagnostic)
}

/// The diagnostic of a colon at `colon` that has no space after it, in the body `line`.
pub(super) fn missing_space(span: Span, colon: usize, line: &str) -> Diagnostic {
    let (key, value) = line.split_once(':').unwrap_or((line, ""));
    Diagnostic::new(msg!("missing-space-after-colon"), Severity::Error, span)
        .arg("key", key)
        .arg("value", value.trim())
        .fix(Fix::new(msg!("fix-insert-space"), vec![Edit::insert(colon + 1, " ")]).arg("key", key))
}

/// What kubectl's reader says. The line is counted only where somebody asks: a text may have such a place on every line.
pub(super) enum Wording {
    Whole(String),
    /// What the scanner says of a place.
    Scanner(usize, &'static str),
}

impl Wording {
    /// In full, for a place in `text`.
    pub(super) fn in_full(self, text: &str) -> String {
        match self {
            Wording::Whole(wording) => wording,
            Wording::Scanner(at, problem) => super::refusal::scanner(text, at, problem),
        }
    }
}

/// An alias without an anchor: its diagnostic, and what kubectl's reader says.
pub(super) fn unknown_alias(text: &str, span: Span, name: &str) -> (Diagnostic, Wording) {
    // The reader of kubectl allows fewer characters, and that is where most of these come from: `*.example.com`.
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
        let diagnostic = Diagnostic::new(msg!("unknown-alias"), Severity::Error, span)
            .arg("name", name)
            .consequence(msg!("kubectl-refuses-file"));
        return (diagnostic, Wording::Whole(format!("yaml: unknown anchor '{name}' referenced")));
    }
    unquoted(text, span, '*')
}

/// A value that begins with a `*` or `&` and cannot be an alias or an anchor: its diagnostic, and what kubectl's
/// reader says.
pub(super) fn unquoted(text: &str, span: Span, sign: char) -> (Diagnostic, Wording) {
    let diagnostic = Diagnostic::new(msg!("unquoted-character"), Severity::Error, span)
        .arg("character", sign.to_string())
        .consequence(msg!("kubectl-refuses-file"))
        .fix(Fix::new(msg!("fix-quote"), quote_edits(span, '"')).arg("value", span.slice(text)));
    let wording = "did not find expected alphabetic or numeric character";
    (diagnostic, Wording::Scanner(span.start as usize, wording))
}

/// `\/` between double quotes: its diagnostic, and what kubectl's reader says.
pub(super) fn escaped_slash(text: &str, span: Span) -> Option<(Diagnostic, Wording)> {
    let written = span.slice(text);
    let mut edits = Vec::new();
    let mut bytes = written.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        if byte == b'\\' && bytes.next().is_some_and(|(_, escaped)| escaped == b'/') {
            let start = span.start as usize + at;
            edits.push(Edit::replace(Span::new(start, start + 1), ""));
        }
    }
    let first = edits.first()?.span.start as usize;
    let diagnostic = Diagnostic::new(msg!("unknown-escape"), Severity::Error, Span::new(first, first + 2))
        .arg("escape", "\\/")
        .consequence(msg!("kubectl-refuses-file"))
        .fix(Fix::new(msg!("fix-remove-character"), edits).arg("character", "\\"));
    Some((diagnostic, Wording::Scanner(first, "found unknown escape character")))
}

/// A sequence or mapping as a key: `{{ .Values.name }}` nearly always.
pub(super) fn collection_as_key(text: &str, span: Span) -> Diagnostic {
    let line = Line::at(text, span.start as usize);
    let from = text.get(span.start as usize..line.end()).unwrap_or("");
    let braces =
        text.get((span.start as usize).saturating_sub(1)..).is_some_and(|rest| rest.starts_with("{{"));
    if (braces || from.starts_with("{{")) && super::template::mark(line.text).is_some() {
        return super::template::diagnostic(text, span.start as usize);
    }
    Diagnostic::new(msg!("key-not-text"), Severity::Error, span)
        .arg("key", from)
        .consequence(msg!("kubectl-refuses-file"))
}

/// Edits that put quotes around `span`.
pub(super) fn quote_edits(span: Span, quote: char) -> Vec<Edit> {
    vec![Edit::insert(span.start as usize, quote), Edit::insert(span.end as usize, quote)]
}

fn smart_quotes(written: &str, span: Span) -> Option<Diagnostic> {
    let first = written.chars().next().filter(|first| is_smart_quote(*first))?;
    let start = span.start as usize;
    let opening = Span::new(start, start + first.len_utf8());
    let diagnostic =
        Diagnostic::new(msg!("smart-quote"), Severity::Warning, span).arg("found", first.to_string());
    // Where the other is missing or something follows it, where it should be is a guess.
    let last =
        written.chars().next_back().filter(|last| is_smart_quote(*last) && written.len() > first.len_utf8());
    let Some(last) = last else { return Some(diagnostic) };
    let inside = written.get(first.len_utf8()..written.len() - last.len_utf8()).unwrap_or("");
    let quote = if inside.contains(['"', '\\']) { "'" } else { "\"" };
    let closing = Span::new(span.end as usize - last.len_utf8(), span.end as usize);
    Some(diagnostic.fix(Fix::new(
        msg!("fix-straight-quotes"),
        vec![Edit::replace(opening, quote), Edit::replace(closing, quote)],
    )))
}

fn is_smart_quote(character: char) -> bool {
    matches!(character, '“' | '”' | '„' | '‟' | '‘' | '’' | '‚' | '‛')
}

/// The spaces that are none in YAML.
pub(super) fn is_odd_space(character: char) -> bool {
    matches!(
        character,
        '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200B}' | '\u{202F}' | '\u{205F}' | '\u{3000}' | '\u{FEFF}'
    )
}

/// Odd spaces at the ends of a value, after a colon in it, or anywhere in a key.
fn odd_space(written: &str, span: Span, anywhere: bool) -> Option<Diagnostic> {
    let mut before = None;
    let last = written.len() - written.chars().next_back().map_or(0, char::len_utf8);
    let mut edits = Vec::new();
    let mut found = None;
    for (at, character) in written.char_indices() {
        let counts = anywhere || at == 0 || at == last || before == Some(':') || !edits.is_empty();
        if is_odd_space(character) && counts {
            let start = span.start as usize + at;
            found.get_or_insert(character);
            edits.push(Edit::replace(Span::new(start, start + character.len_utf8()), space_for(character)));
        }
        before = Some(character);
    }
    found.map(|found| odd_space_diagnostic(found, edits, Severity::Warning))
}

/// What stands where an odd space was meant: nothing for those without a width.
fn space_for(character: char) -> &'static str {
    if matches!(character, '\u{200B}' | '\u{FEFF}') { "" } else { " " }
}

/// The diagnostic of odd spaces that `edits` replace, the first of which is `found`.
fn odd_space_diagnostic(found: char, edits: Vec<Edit>, severity: Severity) -> Diagnostic {
    let span = edits.first().map_or(Span::default(), |edit| edit.span);
    Diagnostic::new(msg!("odd-space"), severity, span)
        .arg("character", format!("U+{:04X}", u32::from(found)))
        .fix(Fix::new(msg!("fix-plain-spaces"), edits))
}

/// The odd spaces of a line outside of its comment, for a line that cannot be read.
pub(super) fn odd_spaces_of_line(line: Line<'_>) -> Option<Diagnostic> {
    let body = line.body();
    let until = body.end() - line.start;
    let odd = |(at, character): (usize, char)| {
        let span = Span::new(line.start + at, line.start + at + character.len_utf8());
        (at < until && is_odd_space(character))
            .then(|| (character, Edit::replace(span, space_for(character))))
    };
    let (found, edits): (Vec<char>, Vec<Edit>) = line.text.char_indices().filter_map(odd).unzip();
    found.first().map(|found| odd_space_diagnostic(*found, edits, Severity::Error))
}

/// `name：web`, the colon of a Korean or Chinese keyboard.
pub(super) fn wide_colon(written: &str, span: Span) -> Option<Diagnostic> {
    let (name, value) = written.split_once('：')?;
    if !super::lines::is_name(name.trim()) {
        return None;
    }
    let start = span.start as usize + name.len();
    let colon = if value.is_empty() || value.starts_with(' ') { ":" } else { ": " };
    Some(lookalike(Span::new(start, start + '：'.len_utf8()), '：', ":", colon))
}

fn lookalike(span: Span, found: char, wanted: &'static str, text: &'static str) -> Diagnostic {
    Diagnostic::new(msg!("lookalike-character"), Severity::Error, span)
        .arg("found", found.to_string())
        .arg("wanted", wanted)
        .fix(Fix::new(msg!("fix-replace-character"), vec![Edit::replace(span, text)]).arg("wanted", wanted))
}
