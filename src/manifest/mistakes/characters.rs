//! Characters that YAML keeps for itself, and those that only look like the ones it needs.

use super::{Finding, Scene};
use crate::manifest::lines::Line;
use crate::manifest::yaml::Reason;
use crate::manifest::{Diagnostic, Edit, Fix, Severity, Span, doubts};
use crate::msg;

/// No-break spaces and the like, near the stop, that reading stops at.
pub(super) fn odd_space(scene: &Scene<'_>) -> Option<Finding> {
    scene.suspects(8).into_iter().find_map(|line| {
        let diagnostic = doubts::odd_spaces_of_line(line)?;
        let fix = diagnostic.fixes.first()?;
        scene.reads_past(&fix.edits, line.end()).then(|| Finding::mended(diagnostic))
    })
}

/// The wide colon of a Korean, Chinese or Japanese keyboard.
pub(super) fn wide_colon(scene: &Scene<'_>) -> Option<Finding> {
    scene.suspects(8).into_iter().find_map(|line| {
        let body = line.body();
        let diagnostic = doubts::wide_colon(body.text, Span::new(body.start, body.end()))?;
        let fix = diagnostic.fixes.first()?;
        scene.reads_past(&fix.edits, line.end()).then(|| Finding::mended(diagnostic))
    })
}

/// `key: |text`: the text of a block scalar begins on the line below.
pub(super) fn block_scalar_header(scene: &Scene<'_>) -> Option<Finding> {
    if scene.stop.reason != Reason::BlockScalarHeader {
        return None;
    }
    let end = scene.line().body().end().max(scene.stop.at + 1);
    let span = Span::new(scene.stop.at, end);
    let sign = scene.text.get(scene.stop.at..scene.stop.at + 1)?;
    let diagnostic = Diagnostic::new(msg!("block-scalar-header"), Severity::Error, span).arg("sign", sign);
    let value = span.slice(scene.text);
    let edits = doubts::quote_edits(span, '"');
    // Without lines below that belong to it, it was meant as it stands.
    let until = scene.following(scene.line()).map_or(end, |next| next.end());
    if value.contains(['"', '\\']) || !scene.reads_past(&edits, until) {
        let repair = vec![Edit::replace(Span::new(scene.stop.at + 1, end), "")];
        return Some(Finding { diagnostic, repair });
    }
    Some(Finding::mended(diagnostic.fix(Fix::new(msg!("fix-quote"), edits).arg("value", value))))
}

/// `%YAML 1.2`, which kubectl cannot read since it cuts at the `---` after it.
pub(super) fn directive(scene: &Scene<'_>) -> Option<Finding> {
    if scene.stop.reason != Reason::DocumentStartExpected {
        return None;
    }
    let mut line = Line::at(scene.text, 0);
    while !line.text.starts_with('%') {
        line = line.next(scene.text)?;
    }
    let end = line.next(scene.text).map_or(line.end(), |next| next.start);
    let edits = vec![Edit::replace(Span::new(line.start, end), "")];
    let diagnostic =
        Diagnostic::new(msg!("yaml-directive"), Severity::Error, Span::new(line.start, line.end()));
    Some(Finding::mended(diagnostic.fix(Fix::new(msg!("fix-remove-line"), edits))))
}

/// A value that begins with one of YAML's own characters: `@`, a backtick, `%`, `*`, `&`, `!`.
pub(super) fn unquoted_character(scene: &Scene<'_>) -> Option<Finding> {
    if !matches!(scene.stop.reason, Reason::ReservedCharacter(_) | Reason::NameExpected | Reason::Other) {
        return None;
    }
    let at = scene.stop.at;
    let character = scene.text.get(at..)?.chars().next()?;
    if !matches!(character, '@' | '`' | '%' | '*' | '&' | '!') {
        return None;
    }
    let line = scene.line();
    let rest = scene.text.get(at..line.body().end().max(at + 1))?;
    let in_brackets = scene.text.get(line.start..at).is_some_and(|before| before.contains(['[', '{']));
    let value = if in_brackets { rest.split([',', ']', '}']).next().unwrap_or(rest) } else { rest };
    let value = value.trim_end();
    let span = Span::new(at, at + value.len());
    let diagnostic = Diagnostic::new(msg!("unquoted-character"), Severity::Error, span)
        .arg("character", character.to_string());
    let quote = if value.contains(['"', '\\']) { '\'' } else { '"' };
    let edits = doubts::quote_edits(span, quote);
    if value.contains(quote) || !scene.reads_past(&edits, line.end()) {
        return Some(Finding::last(diagnostic));
    }
    Some(Finding::mended(diagnostic.fix(Fix::new(msg!("fix-quote"), edits).arg("value", value))))
}

/// A character that no text has, such as U+0007.
pub(super) fn control_character(scene: &Scene<'_>) -> Option<Finding> {
    if scene.stop.reason != Reason::ControlCharacter {
        return None;
    }
    let rest = scene.text.get(scene.stop.at..)?;
    let is_one = |character: &char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
    let (offset, character) = rest.char_indices().find(|(_, character)| is_one(character))?;
    let at = scene.stop.at + offset;
    let span = Span::new(at, at + character.len_utf8());
    let diagnostic = Diagnostic::new(msg!("control-character"), Severity::Error, span)
        .arg("character", format!("U+{:04X}", u32::from(character)));
    let edits = vec![Edit::replace(span, "")];
    if !scene.reads_past(&edits, at) {
        return Some(Finding::last(diagnostic));
    }
    let fix = Fix::new(msg!("fix-remove-character"), edits)
        .arg("character", format!("U+{:04X}", u32::from(character)));
    Some(Finding::mended(diagnostic.fix(fix)))
}
