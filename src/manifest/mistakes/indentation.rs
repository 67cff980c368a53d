//! Lines that begin at a column where nothing around them begins.

use super::{Finding, Scene};
use crate::manifest::lines::Line;
use crate::manifest::yaml::Reason;
use crate::manifest::{Diagnostic, Edit, Fix, Severity, Span, apply_edits, indent_edit};
use crate::msg;

/// A way to move lines so that the text can be read on.
struct Move<'a> {
    /// The line that stands wrong.
    line: Line<'a>,
    /// Where it is to begin.
    column: usize,
    /// How far that is.
    distance: usize,
    edits: Vec<Edit>,
    /// How many bytes at the end are still not read with it.
    unread: usize,
    /// How many lines near it would then stand as nobody writes them.
    odd: usize,
    /// Whether it is not the line of the stop but one before, which the stop is only a consequence of.
    before: bool,
}

/// A line too deep or too shallow among its neighbours. Either the line of the stop is moved, with what belongs
/// to it, to a column of the collections around it; or a line before it that begins at the wrong column already,
/// so that this one could not follow. What lets most of the text be read is right, the shorter way before the
/// longer.
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
    let key = body.key();
    // A sentence with a colon in it is a text, and no key at the wrong place.
    if key.is_some_and(|key| key.contains(' ')) || (key.is_none() && !line.has_dash()) {
        return None;
    }
    let mut moves = moves_of_line(scene, line);
    moves.extend(moves_before(scene, line));
    let moves = best(scene, moves);
    // A second colon on a line is another mistake.
    let is_own_key = body.colon().is_some_and(|colon| colon >= scene.stop.at);
    if moves.is_empty() && reason == Reason::UnexpectedColon && !is_own_key {
        return None;
    }
    let blamed = moves.first().map_or(line, |first| first.line);
    let body = blamed.body();
    let key = body.key();
    let span = Span::new(body.start, key.map_or(body.end(), |key| body.start + key.len()));
    let mut diagnostic = Diagnostic::new(msg!("wrong-indentation"), Severity::Error, span)
        .arg("key", key.unwrap_or(body.text))
        .arg("found", blamed.indent());
    let is_only = moves.len() == 1;
    for Move { column, distance, edits, before, .. } in moves {
        let fix = Fix::new(msg!("fix-indent-to"), edits).arg("spaces", column);
        // A whole level off, the line may as well belong to a key that is missing.
        let is_whole_level = distance % 2 == 0 && reason == Reason::UnexpectedColon && !before;
        diagnostic = diagnostic.fix(if is_only && !is_whole_level { fix } else { fix.uncertain() });
    }
    Some(Finding::mended(diagnostic))
}

/// The line of the stop, alone or with those below that belong to it, to each column around it.
fn moves_of_line<'a>(scene: &Scene<'a>, line: Line<'a>) -> Vec<Move<'a>> {
    let own = Span::new(line.start, line.end());
    let block = block_of(scene, line);
    let mut columns = Vec::new();
    for level in scene.levels() {
        // A dash belongs to a list, or to a key at its own column; a key belongs to a mapping.
        let fits = !level.sequence || line.has_dash();
        if fits && level.column != line.indent() && !columns.contains(&level.column) {
            columns.push(level.column);
        }
    }
    let mut moves = Vec::new();
    for column in columns {
        moves.extend(moved(scene, line, column, block, false));
        if block != own {
            moves.extend(moved(scene, line, column, own, false));
        }
    }
    moves
}

/// The line before that of the stop, and the nearest one that is not as deep, each to where that of the stop
/// could follow it: at its column, inside its list item, or below it.
fn moves_before<'a>(scene: &Scene<'a>, line: Line<'a>) -> Vec<Move<'a>> {
    let Some(above) = scene.preceding(line) else { return Vec::new() };
    let shallower = |than: Line<'a>, step: &dyn Fn(Line<'a>) -> Option<Line<'a>>| {
        let mut other = step(than)?;
        while other.indent() >= line.indent() {
            other = step(other)?;
        }
        Some(other)
    };
    let mut suspects = vec![above];
    suspects.extend(shallower(line, &|other| scene.preceding(other)).filter(|other| *other != above));
    let below = shallower(line, &|other| scene.following(other)).map(Line::indent);
    let mut moves = Vec::new();
    for suspect in suspects {
        let inside = suspect.body().start - suspect.start - suspect.indent();
        let mut columns = vec![line.indent()];
        columns.extend(line.indent().checked_sub(inside));
        columns.extend(below);
        columns.sort_unstable();
        columns.dedup();
        let own = Span::new(suspect.start, suspect.end());
        for column in columns.into_iter().filter(|column| *column != suspect.indent()) {
            moves.extend(moved(scene, suspect, column, own, true));
        }
    }
    moves
}

fn moved<'a>(
    scene: &Scene<'a>,
    line: Line<'a>,
    column: usize,
    block: Span,
    before: bool,
) -> Option<Move<'a>> {
    let by = i32::try_from(column).ok()? - i32::try_from(line.indent()).ok()?;
    let edits = indent_edit(scene.text, block, by);
    let stop = scene.line();
    let until = (block.end as usize).max(stop.end());
    let unread = scene.unread(&edits, until, &[line.body().start, stop.body().start])?;
    let odd = oddities(scene, line, &edits);
    Some(Move { line, column, distance: by.unsigned_abs() as usize, edits, unread, odd, before })
}

/// How many lines near the stop stand, with `edits`, as nobody writes them: a key with nothing below it, or with
/// something that is not one step deeper.
fn oddities(scene: &Scene<'_>, moved: Line<'_>, edits: &[Edit]) -> usize {
    const AROUND: usize = 6;
    let mut first = scene.preceding(moved).unwrap_or(moved);
    let mut last = scene.line();
    for _ in 0..AROUND {
        first = scene.preceding(first).unwrap_or(first);
        last = scene.following(last).unwrap_or(last);
    }
    let step = step(scene, first);
    let window = scene.text.get(first.start..last.end()).unwrap_or("");
    let inside = edits.iter().filter(|edit| last.end() >= edit.span.end as usize);
    let shifted: Vec<Edit> = inside
        .map(|edit| {
            let at = |place: u32| (place as usize).saturating_sub(first.start);
            Edit::replace(Span::new(at(edit.span.start), at(edit.span.end)), edit.text.clone())
        })
        .collect();
    let mended = apply_edits(window, &shifted);
    let lines: Vec<&str> = mended.split('\n').collect();
    let lines: Vec<Line<'_>> =
        lines.into_iter().map(|text| Line { start: 0, text }).filter(|line| line.says_something()).collect();
    let pairs = lines.iter().zip(lines.iter().skip(1));
    pairs
        .filter(|(parent, child)| parent.body().text.ends_with(':') && !is_usual(**parent, **child, step))
        .count()
}

fn is_usual(parent: Line<'_>, child: Line<'_>, step: usize) -> bool {
    let column = parent.body().start;
    child.indent() == column + step || (child.has_dash() && child.indent() == column)
}

/// How many spaces deeper a mapping stands than its key, as this document is written.
fn step(scene: &Scene<'_>, near: Line<'_>) -> usize {
    const LOOK: usize = 64;
    let mut counts = [0usize; 9];
    let mut count = |parent: Line<'_>, child: Line<'_>| {
        let deeper = child.indent().checked_sub(parent.body().start - parent.start);
        if let Some(count) = deeper.filter(|_| !child.has_dash()).and_then(|deeper| counts.get_mut(deeper)) {
            *count += usize::from(parent.body().text.ends_with(':'));
        }
    };
    let (mut above, mut below) = (near, near);
    for _ in 0..LOOK {
        if let Some(line) = scene.preceding(above) {
            count(line, above);
            above = line;
        }
        if let Some(line) = scene.following(below) {
            count(below, line);
            below = line;
        }
    }
    let most = counts.iter().copied().enumerate().skip(1).max_by_key(|(step, count)| (*count, 9 - step));
    most.filter(|(_, count)| *count > 0).map_or(2, |(step, _)| step)
}

/// The moves that let most be read, and of those the likeliest.
fn best<'a>(scene: &Scene<'a>, mut moves: Vec<Move<'a>>) -> Vec<Move<'a>> {
    let unread = moves.iter().map(|one| one.unread).min();
    moves.retain(|one| Some(one.unread) == unread);
    // `labels:` with a line at its own column and more below that is deeper: the first of them is too shallow.
    let is_first_child = |one: &Move<'_>| {
        one.before
            && scene.preceding(one.line).is_some_and(|parent| {
                parent.body().text.ends_with(':')
                    && parent.indent() >= one.line.indent()
                    && one.column > parent.indent()
            })
    };
    if moves.iter().any(is_first_child) {
        moves.retain(is_first_child);
    }
    let least = moves.iter().map(|one| one.odd).min();
    moves.retain(|one| Some(one.odd) == least);
    let nearest = moves.iter().map(|one| one.distance).min();
    moves.retain(|one| Some(one.distance) == nearest);
    if moves.iter().any(|one| !one.before) {
        moves.retain(|one| !one.before);
    } else {
        moves.truncate(1);
    }
    // A line just off its item belongs to the item, not to what is around the list.
    if nearest == Some(1) {
        moves.sort_by_key(|one| std::cmp::Reverse(one.column));
        moves.truncate(1);
    }
    moves.dedup_by_key(|one| one.column);
    moves
}

/// The line and those after it that are as deep or deeper, which move together.
fn block_of(scene: &Scene<'_>, line: Line<'_>) -> Span {
    let mut last = line;
    while let Some(next) = scene.following(last).filter(|next| next.indent() >= line.indent()) {
        last = next;
    }
    Span::new(line.start, last.end())
}
