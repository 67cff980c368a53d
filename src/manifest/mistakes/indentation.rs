//! Lines that begin at a column where nothing around them begins.

use super::{Finding, Scene};
use crate::manifest::lines::Line;
use crate::manifest::yaml::Reason;
use crate::manifest::{Diagnostic, Edit, Fix, Severity, Span, indent_edit};
use crate::msg;

/// A line too deep or too shallow among its neighbours. It is moved, with what belongs to it, to the nearest
/// column where it can be read.
pub(super) fn wrong_indentation(scene: &Scene<'_>) -> Option<Finding> {
    let reason = scene.stop.reason;
    if !matches!(
        reason,
        Reason::UnexpectedColon | Reason::KeyExpected | Reason::DashExpected | Reason::UnexpectedDash
    ) {
        return None;
    }
    let line = scene.line();
    let body = line.body();
    let has_dash = line.text.trim_start().starts_with('-');
    let key = body.key();
    // A sentence with a colon in it is a text, and no key at the wrong place.
    if key.is_some_and(|key| key.contains(' ')) || (key.is_none() && !has_dash) {
        return None;
    }
    let found = line.indent();
    let block = block_of(scene, line);
    let mut offers: Vec<(usize, usize, Vec<Edit>)> = Vec::new();
    for level in scene.levels() {
        let column = level.column;
        let distance = column.abs_diff(found);
        // A dash belongs to a list, or to a key at its own column; a key belongs to a mapping.
        if distance == 0
            || (level.sequence && !has_dash)
            || offers.iter().any(|(_, other, _)| *other == column)
        {
            continue;
        }
        let by = i32::try_from(column).ok()? - i32::try_from(found).ok()?;
        let edits = indent_edit(scene.text, block, by);
        if scene.reads(&edits, block.end as usize, &[body.start]) {
            offers.push((distance, column, edits));
        }
    }
    let nearest = offers.iter().map(|(distance, ..)| *distance).min();
    offers.retain(|(distance, ..)| Some(*distance) == nearest);
    // A line just off its item belongs to the item, not to what is around the list.
    if nearest == Some(1) {
        offers.sort_by_key(|(_, column, _)| std::cmp::Reverse(*column));
        offers.truncate(1);
    }
    // A second colon on a line is another mistake.
    let is_own_key = body.colon().is_some_and(|colon| colon >= scene.stop.at);
    if offers.is_empty() && reason == Reason::UnexpectedColon && !is_own_key {
        return None;
    }
    let span = Span::new(body.start, key.map_or(body.end(), |key| body.start + key.len()));
    let mut diagnostic = Diagnostic::new(msg!("wrong-indentation"), Severity::Error, span)
        .arg("key", key.unwrap_or(body.text))
        .arg("found", found);
    for (_, column, edits) in offers {
        diagnostic = diagnostic.fix(Fix::new(msg!("fix-indent-to"), edits).arg("spaces", column));
    }
    Some(Finding::mended(diagnostic))
}

/// The line and those after it that are as deep or deeper, which move together.
fn block_of(scene: &Scene<'_>, line: Line<'_>) -> Span {
    let mut last = line;
    while let Some(next) = scene.following(last).filter(|next| next.indent() >= line.indent()) {
        last = next;
    }
    Span::new(line.start, last.end())
}
