//! Quotes that do not close, that close too early, and backslashes in them.

use super::{Finding, Scene};
use crate::manifest::lines::Line;
use crate::manifest::refusal::{backslash, is_escape};
use crate::manifest::yaml::Reason;
use crate::manifest::{Diagnostic, Edit, Fix, Severity, Span};
use crate::msg;

/// A quote that is closed by the end of the document, or by the next quote some lines on.
pub(super) fn unclosed_quote(scene: &Scene<'_>) -> Option<Finding> {
    let open = match scene.stop.reason {
        Reason::UnclosedQuote => scene.stop.at,
        Reason::TextAfterQuote
        | Reason::UnexpectedColon
        | Reason::SeparatorExpected(_)
        | Reason::UnknownEscape => opening_quote(scene)?,
        _ => return None,
    };
    let line = Line::at(scene.text, open);
    let quote = scene.text.get(open..)?.chars().next()?;
    // Closed on its own line, it is another mistake.
    let inside = scene.text.get(open + 1..line.end())?;
    if inside.contains(quote) || (scene.stop.reason != Reason::UnclosedQuote && line == scene.line()) {
        return None;
    }
    let content = inside.split(" #").next().unwrap_or(inside).trim_end();
    let mut end = open + 1 + content.len();
    // In brackets the closing ones come after the quote.
    if line.text.get(..open - line.start).is_some_and(|before| before.contains(['[', '{'])) {
        end -= content.len() - content.trim_end_matches([']', '}', ',']).len();
    }
    let edits = vec![Edit::insert(end, quote)];
    let diagnostic = Diagnostic::new(msg!("unclosed-quote"), Severity::Error, Span::new(open, open + 1))
        .arg("quote", quote.to_string());
    if !scene.reads_past(&edits, line.end()) {
        return (scene.stop.reason == Reason::UnclosedQuote).then(|| Finding::last(diagnostic));
    }
    Some(Finding::mended(
        diagnostic.fix(Fix::new(msg!("fix-close-quote"), edits).arg("quote", quote.to_string())),
    ))
}

/// The first quote after what was read, which is the one that the reader is in.
fn opening_quote(scene: &Scene<'_>) -> Option<usize> {
    let read = scene.events.last().map_or(0, |event| event.span.end as usize);
    let between = scene.text.get(read..scene.stop.at)?;
    let found = between.find(['"', '\''])?;
    Some(read + found)
}

/// Something right behind a closing quote: `"a" b`, `'it's'`.
pub(super) fn text_after_quote(scene: &Scene<'_>) -> Option<Finding> {
    if scene.stop.reason != Reason::TextAfterQuote {
        return None;
    }
    let line = scene.line();
    let body = line.body();
    let span = Span::new(scene.stop.at, body.end().max(scene.stop.at + 1));
    let diagnostic =
        Diagnostic::new(msg!("text-after-quote"), Severity::Error, span).arg("text", span.slice(scene.text));
    let Some(open) = opening_quote(scene).filter(|open| line.start <= *open) else {
        return Some(Finding::last(diagnostic));
    };
    let value = scene.text.get(open..body.end()).unwrap_or("");
    let Some(edits) = requote(open, value).filter(|edits| scene.reads_past(edits, line.end())) else {
        return Some(Finding::last(diagnostic));
    };
    Some(Finding::mended(diagnostic.fix(Fix::new(msg!("fix-requote"), edits).arg("value", value))))
}

/// A value that was meant as one text, in quotes that do not occur in it.
fn requote(open: usize, value: &str) -> Option<Vec<Edit>> {
    let quote = value.chars().next()?;
    let end = open + value.len();
    let inside = value.get(1..)?.strip_suffix(quote);
    let whole = inside.unwrap_or(value);
    let other = if quote == '\'' { '"' } else { '\'' };
    if whole.contains(other) || value.contains('\\') {
        return None;
    }
    let inserted = other.to_string();
    Some(match inside {
        // The outermost quotes were meant as such, those within were not.
        Some(_) => vec![
            Edit::replace(Span::new(open, open + 1), inserted.clone()),
            Edit::replace(Span::new(end - 1, end), inserted),
        ],
        // `"a" b`: all of it is the text.
        None => vec![Edit::insert(open, inserted.clone()), Edit::insert(end, inserted)],
    })
}

/// `"it\'s"`, which kubectl's reader takes and ours does not: edits that leave the backslash out, for a stop that
/// it caused.
pub(super) fn escaped_apostrophe(scene: &Scene<'_>) -> Option<Vec<Edit>> {
    if scene.stop.reason != Reason::UnknownEscape {
        return None;
    }
    let mut edits = Vec::new();
    let mut bytes = scene.text.bytes().enumerate().skip(scene.stop.at + 1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' if bytes.next().is_some_and(|(_, escaped)| escaped == b'\'') => {
                edits.push(Edit::replace(Span::new(at, at + 1), ""));
            }
            _ => {}
        }
    }
    (!edits.is_empty()).then_some(edits)
}

/// `"C:\dir"`: a backslash before something that is no escape.
pub(super) fn unknown_escape(scene: &Scene<'_>) -> Option<Finding> {
    if scene.stop.reason != Reason::UnknownEscape {
        return None;
    }
    let first = backslash(scene.text, scene.stop.at);
    let length = 1 + scene.text.get(first + 1..)?.chars().next().map_or(0, char::len_utf8);
    let span = Span::new(first, first + length);
    let diagnostic =
        Diagnostic::new(msg!("unknown-escape"), Severity::Error, span).arg("escape", span.slice(scene.text));
    let mut edits = Vec::new();
    let mut bytes = scene.text.bytes().enumerate().skip(scene.stop.at + 1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' if bytes.next().is_some_and(|(_, escaped)| !is_escape(escaped)) => {
                edits.push(Edit::insert(at, "\\"));
            }
            _ => {}
        }
    }
    if edits.is_empty() || !scene.reads_past(&edits, Line::at(scene.text, first).end()) {
        return Some(Finding::last(diagnostic));
    }
    Some(Finding::mended(diagnostic.fix(Fix::new(msg!("fix-double-backslash"), edits))))
}
