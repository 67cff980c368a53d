//! Colons: without a space, missing, one too many, and a list on the line of its key.

use super::{Finding, Scene};
use crate::manifest::lines::{Line, is_name};
use crate::manifest::yaml::Reason;
use crate::manifest::{Diagnostic, Edit, Fix, Severity, Span, doubts};
use crate::msg;

/// How many lines before the stop a mistake is looked for in.
const NEAR: usize = 12;

fn concerns_keys(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::UnexpectedColon | Reason::ColonExpected | Reason::KeyExpected | Reason::DashExpected
    )
}

/// `key:value` on a line among others.
pub(super) fn missing_space(scene: &Scene<'_>) -> Option<Finding> {
    if !concerns_keys(scene.stop.reason) {
        return None;
    }
    scene.suspects(NEAR).into_iter().find_map(|line| {
        let body = line.body();
        let colon = body.tight_colon()?;
        let edits = [Edit::insert(colon + 1, " ")];
        let span = Span::new(body.start, body.end());
        scene
            .reads_past(&edits, end_with_next(scene, line))
            .then(|| Finding::mended(doubts::missing_space(span, colon, body.text)))
    })
}

/// To the end of the next line's key, where a wrong guess would show.
fn end_with_next(scene: &Scene<'_>, line: Line<'_>) -> usize {
    let own = line.end();
    if line.start < scene.line().start { own.max(scene.stop.at) } else { own }
}

/// `kind Deployment`, or `metadata` with its keys below.
pub(super) fn missing_colon(scene: &Scene<'_>) -> Option<Finding> {
    if !concerns_keys(scene.stop.reason) {
        return None;
    }
    scene.suspects(NEAR).into_iter().find_map(|line| {
        let body = line.body();
        if body.colon().is_some() || body.text.contains(':') {
            return None;
        }
        let (key, value) = body.text.split_once(' ').unwrap_or((body.text, ""));
        let deeper = || scene.following(line).is_some_and(|next| next.indent() >= line.indent());
        // One word more is a value; several are a text that goes on from the line above.
        if !is_name(key) || value.trim().contains(' ') || (value.is_empty() && !deeper()) {
            return None;
        }
        let at = body.start + key.len();
        let edits = vec![Edit::insert(at, ":")];
        if !scene.reads_past(&edits, end_with_next(scene, line)) {
            return None;
        }
        let span = Span::new(body.start, body.end());
        let diagnostic = Diagnostic::new(msg!("missing-colon"), Severity::Error, span).arg("key", key);
        Some(Finding::mended(diagnostic.fix(Fix::new(msg!("fix-insert-colon"), edits).arg("key", key))))
    })
}

/// `ports: - containerPort: 80`
pub(super) fn list_on_key_line(scene: &Scene<'_>) -> Option<Finding> {
    if scene.stop.reason != Reason::UnexpectedDash {
        return None;
    }
    let line = scene.line();
    let body = line.body();
    let key = body.key()?;
    let colon = body.colon().filter(|colon| *colon < scene.stop.at)?;
    let span = Span::new(scene.stop.at, scene.stop.at + 1);
    let diagnostic = Diagnostic::new(msg!("list-on-key-line"), Severity::Error, span).arg("key", key);
    let indent = body.start - line.start + 2;
    let gap = Span::new(colon + 1, scene.stop.at);
    let edits = vec![Edit::replace(gap, format!("\n{}", " ".repeat(indent)))];
    if !scene.reads_past(&edits, line.end()) {
        return Some(Finding::last(diagnostic));
    }
    Some(Finding::mended(diagnostic.fix(Fix::new(msg!("fix-list-on-its-own-line"), edits))))
}

/// `message: Error: it broke`
pub(super) fn colon_in_value(scene: &Scene<'_>) -> Option<Finding> {
    if scene.stop.reason != Reason::UnexpectedColon {
        return None;
    }
    let line = scene.line();
    let body = line.body();
    let colon = body.colon().filter(|colon| *colon < scene.stop.at)?;
    let after = scene.text.get(colon + 1..body.end())?;
    let start = colon + 1 + after.len() - after.trim_start().len();
    let value = Span::new(start, body.end());
    let written = value.slice(scene.text);
    let diagnostic =
        Diagnostic::new(msg!("colon-in-value"), Severity::Error, Span::new(scene.stop.at, scene.stop.at + 1))
            .arg("value", written);
    let quote = if written.contains(['"', '\\']) { '\'' } else { '"' };
    let edits = doubts::quote_edits(value, quote);
    if written.contains(quote) || !scene.reads_past(&edits, line.end()) {
        return Some(Finding::last(diagnostic));
    }
    let fix = Fix::new(msg!("fix-quote"), edits).arg("value", written);
    // `metadata: labels:` is two keys on a line rather than a text.
    Some(Finding::mended(diagnostic.fix(if written.ends_with(':') { fix.uncertain() } else { fix })))
}
