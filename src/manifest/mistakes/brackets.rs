//! Brackets and braces that do not close, close wrongly, or miss a comma.

use super::{Finding, Scene};
use crate::manifest::lines::Line;
use crate::manifest::yaml::{EventKind, Reason};
use crate::manifest::{Diagnostic, Edit, Fix, Severity, Span};
use crate::msg;

/// A bracket that nothing closes.
pub(super) fn unclosed_bracket(scene: &Scene<'_>) -> Option<Finding> {
    if !matches!(scene.stop.reason, Reason::UnclosedBracket(_) | Reason::SeparatorExpected(_)) {
        return None;
    }
    let open = opening_bracket(scene)?;
    let line = Line::at(scene.text, open);
    let missing = unclosed_in(scene.text.get(open..line.end())?);
    let sign = scene.text.get(open..)?.chars().next()?;
    let diagnostic = Diagnostic::new(msg!("unclosed-bracket"), Severity::Error, Span::new(open, open + 1))
        .arg("bracket", sign.to_string());
    let offer = |at: usize, missing: String| {
        let fix = Fix::new(msg!("fix-close-bracket"), vec![Edit::insert(at, missing.clone())])
            .arg("bracket", missing);
        Finding::mended(diagnostic.clone().fix(fix))
    };
    if !missing.is_empty() {
        let at = line.body().end();
        if scene.reads_past(&[Edit::insert(at, missing.clone())], line.end()) && !continues(scene, line) {
            return Some(offer(at, missing));
        }
    }
    // The list went on over the lines below that are indented deeper.
    let mut last = line;
    while let Some(next) = scene.following(last).filter(|next| next.indent() > line.indent()) {
        last = next;
    }
    let missing = unclosed_in(scene.text.get(open..last.end())?);
    let at = last.body().end();
    if last != line
        && !missing.is_empty()
        && scene.reads_past(&[Edit::insert(at, missing.clone())], last.end())
    {
        return Some(offer(at, missing));
    }
    matches!(scene.stop.reason, Reason::UnclosedBracket(_)).then(|| Finding::last(diagnostic))
}

/// Whether the line after an unclosed one is deeper, so that the brackets may close further down.
fn continues(scene: &Scene<'_>, line: Line<'_>) -> bool {
    let ends_open = line.body().text.ends_with([',', '[', '{']);
    ends_open && scene.following(line).is_some_and(|next| next.indent() > line.indent())
}

/// Whether the bracket at `open` is closed before `end`.
pub(super) fn closes_before(text: &str, open: usize, end: usize) -> bool {
    text.get(open..end).is_some_and(|inside| unclosed_in(inside).is_empty())
}

/// The outermost bracket that is open at the stop.
pub(super) fn opening_bracket(scene: &Scene<'_>) -> Option<usize> {
    let mut open = Vec::new();
    for event in scene.events {
        match event.kind {
            EventKind::Sequence { flow } | EventKind::Mapping { flow } => {
                open.push(flow.then_some(event.span.start as usize));
            }
            EventKind::End => {
                open.pop();
            }
            _ => {}
        }
    }
    if let Some(outermost) = open.into_iter().flatten().next() {
        return Some(outermost);
    }
    // The reader was not at its event yet.
    let read = scene.events.last().map_or(0, |event| event.span.end as usize);
    let line = scene.line();
    let found = scene.text.get(read..line.end().max(read))?.find(['[', '{'])?;
    Some(read + found)
}

/// The brackets that would close what `text` opens, in order.
fn unclosed_in(text: &str) -> String {
    let mut missing = Vec::new();
    let mut quote = None;
    let mut before = ' ';
    for character in text.chars() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(character),
            (None, '[') => missing.push(']'),
            (None, '{') => missing.push('}'),
            (None, ']' | '}') => {
                missing.pop();
            }
            (None, '#') if before.is_whitespace() => break,
            _ => {}
        }
        before = character;
    }
    missing.iter().rev().collect()
}

/// `[1, 2}`: a bracket that the other kind closes.
pub(super) fn mismatched_bracket(scene: &Scene<'_>) -> Option<Finding> {
    let Reason::MismatchedBracket { wanted, found } = scene.stop.reason else {
        return stray_bracket(scene);
    };
    let at = scene.stop.at + scene.text.get(scene.stop.at..)?.find(found)?;
    let span = Span::new(at, at + 1);
    let diagnostic = Diagnostic::new(msg!("mismatched-bracket"), Severity::Error, span)
        .arg("found", found.to_string())
        .arg("wanted", wanted.to_string());
    let edits = vec![Edit::replace(span, wanted)];
    if !scene.reads_past(&edits, at + 1) {
        return Some(Finding::last(diagnostic));
    }
    let fix = Fix::new(msg!("fix-replace-character"), edits).arg("wanted", wanted.to_string());
    Some(Finding::mended(diagnostic.fix(fix)))
}

fn stray_bracket(scene: &Scene<'_>) -> Option<Finding> {
    if scene.stop.reason != Reason::StrayBracket {
        return None;
    }
    let span = Span::new(scene.stop.at, scene.stop.at + 1);
    let bracket = span.slice(scene.text);
    let diagnostic = Diagnostic::new(msg!("stray-bracket"), Severity::Error, span).arg("bracket", bracket);
    let edits = vec![Edit::replace(span, "")];
    if !scene.reads_past(&edits, scene.line().end()) {
        return Some(Finding::last(diagnostic));
    }
    Some(Finding::mended(
        diagnostic.fix(Fix::new(msg!("fix-remove-character"), edits).arg("character", bracket)),
    ))
}

/// `{"a": 1 "b": 2}`: two entries without a comma.
pub(super) fn missing_comma(scene: &Scene<'_>) -> Option<Finding> {
    if !matches!(scene.stop.reason, Reason::SeparatorExpected(_) | Reason::TextAfterQuote) {
        return None;
    }
    opening_bracket(scene).filter(|open| *open < scene.stop.at)?;
    // The comma belongs before the token that the stop is at, or that it is behind: a key before its colon.
    let upto = scene.text.get(..scene.stop.at)?.trim_end();
    let token = match upto.chars().next_back()? {
        quote @ ('"' | '\'') => upto.get(..upto.len() - 1)?.rfind(quote)?,
        _ => upto.rfind([' ', '\n']).map_or(0, |space| space + 1),
    };
    let is_colon = scene.text.get(scene.stop.at..)?.starts_with(':');
    let start = if is_colon { token } else { scene.stop.at };
    let at = scene.text.get(..start)?.trim_end().len();
    let edits = vec![Edit::insert(at, ",")];
    if scene.text.get(..at)?.ends_with([',', '[', '{', ':'])
        || !scene.reads(&edits, scene.stop.at + 1, &[start])
    {
        return None;
    }
    let diagnostic =
        Diagnostic::new(msg!("missing-comma"), Severity::Error, Span::new(at.saturating_sub(1), at));
    Some(Finding::mended(diagnostic.fix(Fix::new(msg!("fix-insert-comma"), edits))))
}
