//! What the mistake was, where the reader stopped. A mistake is a file here and a line in `ALL`.
//!
//! The reader often notices long after the mistake, so each looks around the place, proposes an edit and has
//! the text read with it: an edit that does not get the reader any further is not offered.

mod brackets;
mod characters;
mod colons;
mod indentation;
mod quotes;
mod tabs;

use std::cell::Cell;

pub(super) use tabs::unnoticed as unnoticed_tabs;

use super::lines::Line;
use super::yaml::{self, Event, EventKind, Reason, Stop};
use super::{Diagnostic, Edit, Severity, Span, apply_edits, refusal, template};
use crate::msg;

/// Where reading stopped, and what was read by then.
pub(super) struct Scene<'a> {
    /// The document.
    pub(super) text: &'a str,
    /// What was read of it.
    pub(super) events: &'a [Event<'a>],
    /// Why it was not read further.
    pub(super) stop: &'a Stop,
    /// How many bytes may still be read to try edits.
    pub(super) work: &'a Cell<usize>,
}

/// A mistake, and what the text is to be read on with.
pub(super) struct Finding {
    /// In the coordinates of the document.
    pub(super) diagnostic: Diagnostic,
    /// Nothing where reading ends here.
    pub(super) repair: Vec<Edit>,
}

impl Finding {
    /// Reads on as if its only fix had been made. With several, the first is taken.
    fn mended(diagnostic: Diagnostic) -> Finding {
        let repair = diagnostic.fixes.first().map(|fix| fix.edits.clone()).unwrap_or_default();
        Finding { diagnostic, repair }
    }

    /// Reads no further.
    fn last(diagnostic: Diagnostic) -> Finding {
        Finding { diagnostic, repair: Vec::new() }
    }
}

/// What looks for one mistake.
type Find = fn(&Scene<'_>) -> Option<Finding>;

/// The mistakes, in the order in which they are looked for.
const ALL: &[Find] = &[
    helm_template,
    tabs::tab_indentation,
    characters::odd_space,
    characters::wide_colon,
    quotes::unclosed_quote,
    brackets::unclosed_bracket,
    brackets::mismatched_bracket,
    brackets::missing_comma,
    quotes::text_after_quote,
    quotes::unknown_escape,
    colons::missing_space,
    colons::missing_colon,
    colons::list_on_key_line,
    indentation::wrong_indentation,
    colons::colon_in_value,
    characters::block_scalar_header,
    characters::unquoted_character,
    characters::directive,
    characters::control_character,
    too_deep,
];

/// Edits for what is no mistake: kubectl's reader takes it, and only ours stops there.
pub(super) fn accommodate(scene: &Scene<'_>) -> Option<Vec<Edit>> {
    tabs::tabs_in_brackets(scene).or_else(|| quotes::escaped_apostrophe(scene))
}

/// What the mistake was; in the words of kubectl where it is none of those known.
pub(super) fn find(scene: &Scene<'_>) -> Finding {
    let found = ALL.iter().find_map(|find| find(scene)).unwrap_or_else(|| {
        let line = scene.line();
        let body = line.body();
        let span = if body.text.is_empty() {
            Span::new(scene.stop.at, scene.stop.at + 1)
        } else {
            Span::new(body.start, body.end())
        };
        let wording = refusal::wording(scene.text, scene.events, scene.stop);
        let problem = wording.rsplit_once(": ").map_or(wording.as_str(), |(_, problem)| problem);
        Finding::last(Diagnostic::new(msg!("yaml-syntax"), Severity::Error, span).arg("problem", problem))
    });
    let consequence = found.diagnostic.consequence.unwrap_or(msg!("kubectl-refuses-file"));
    Finding { diagnostic: found.diagnostic.consequence(consequence), ..found }
}

impl<'a> Scene<'a> {
    /// The line of the stop.
    fn line(&self) -> Line<'a> {
        Line::at(self.text, self.stop.at)
    }

    /// The lines from where the last event before the stop ended to the stop, at most `most` of them.
    fn suspects(&self, most: usize) -> Vec<Line<'a>> {
        let last = self.line();
        let read =
            self.events.iter().rev().map(|event| event.span).find(|span| (span.end as usize) < self.stop.at);
        let mut line = Line::at(self.text, read.map_or(0, |span| span.start as usize));
        let mut lines = Vec::new();
        while line.start <= last.start {
            if line.says_something() {
                lines.push(line);
            }
            match line.next(self.text) {
                Some(next) => line = next,
                None => break,
            }
        }
        lines.drain(..lines.len().saturating_sub(most));
        lines
    }

    /// The next line after `line` that says something.
    fn following(&self, line: Line<'a>) -> Option<Line<'a>> {
        let mut next = line.next(self.text)?;
        while !next.says_something() {
            next = next.next(self.text)?;
        }
        Some(next)
    }

    /// The line before `line` that says something.
    fn preceding(&self, line: Line<'a>) -> Option<Line<'a>> {
        let mut before = line.previous(self.text)?;
        while !before.says_something() {
            before = before.previous(self.text)?;
        }
        Some(before)
    }

    /// Whether the text with `edits` is read past the byte at `until`, a place of the text without them.
    fn reads_past(&self, edits: &[Edit], until: usize) -> bool {
        self.reads(edits, until, &[])
    }

    /// The same, and what begins at each of `starts` is a value or a key of its own there: it did not become
    /// part of a text that goes on from the line above.
    fn reads(&self, edits: &[Edit], until: usize, starts: &[usize]) -> bool {
        self.try_edits(edits, until, starts, false).is_some()
    }

    /// How many bytes at the end are still not read with `edits`; `None` where they do not help.
    fn unread(&self, edits: &[Edit], until: usize, starts: &[usize]) -> Option<usize> {
        self.try_edits(edits, until, starts, true)
    }

    fn try_edits(&self, edits: &[Edit], until: usize, starts: &[usize], to_the_end: bool) -> Option<usize> {
        let left = self.work.get().checked_sub(self.text.len())?;
        self.work.set(left);
        let mended = apply_edits(self.text, edits);
        let moves = moves(edits);
        let moved = |at: usize| {
            let before = moves.partition_point(|(start, ..)| *start <= at);
            let (added, removed) = before
                .checked_sub(1)
                .and_then(|last| moves.get(last))
                .map_or((0, 0), |last| (last.1, last.2));
            (at + added).saturating_sub(removed)
        };
        let target = moved(until);
        let stream = yaml::read_until(&mended, if to_the_end { mended.len() } else { target });
        let begins = |start: &usize| {
            let start = moved(*start);
            let after = stream.events.partition_point(|event| (event.span.start as usize) < start);
            stream.events.get(after).is_some_and(|event| event.span.start as usize == start)
        };
        let stop = stream.stop.as_ref().map(|stop| stop.at).or(stream.rest);
        if stop.is_some_and(|stop| stop <= target) || !starts.iter().all(begins) {
            return None;
        }
        Some(stop.map_or(0, |stop| mended.len().saturating_sub(stop)))
    }

    /// The columns at which the block collections around the stop begin, the innermost first.
    fn levels(&self) -> Vec<Level> {
        let mut levels: Vec<Level> = Vec::new();
        for event in self.events.iter().rev() {
            let sequence = match event.kind {
                EventKind::Sequence { flow: false } => true,
                EventKind::Mapping { flow: false } => false,
                _ => continue,
            };
            let start = event.span.start as usize;
            let column = start - Line::at(self.text, start).start;
            let inner = levels.last();
            // A list may stand at the column of the key that it belongs to.
            if inner.is_none_or(|inner| {
                column < inner.column || column == inner.column && inner.sequence != sequence
            }) {
                levels.push(Level { column, sequence });
            }
            if column == 0 && !sequence {
                break;
            }
        }
        levels
    }
}

/// Where each edit begins, in their order, and how many bytes were put in and taken out up to it.
fn moves(edits: &[Edit]) -> Vec<(usize, usize, usize)> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| edit.span.start);
    let (mut added, mut removed) = (0, 0);
    let moves = sorted.into_iter().map(|edit| {
        added += edit.text.len();
        removed += edit.span.len();
        (edit.span.start as usize, added, removed)
    });
    moves.collect()
}

/// A column that a line of the block could begin at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Level {
    column: usize,
    sequence: bool,
}

fn helm_template(scene: &Scene<'_>) -> Option<Finding> {
    let lines = scene.suspects(4);
    let line =
        lines.iter().copied().chain(scene.following(scene.line())).find(|line| template::is_in(*line))?;
    Some(Finding::last(template::diagnostic(scene.text, line.start)))
}

fn too_deep(scene: &Scene<'_>) -> Option<Finding> {
    if scene.stop.reason != Reason::TooDeep {
        return None;
    }
    let span = Span::new(scene.stop.at, scene.stop.at + 1);
    let diagnostic = Diagnostic::new(msg!("too-deep"), Severity::Error, span).arg("limit", super::MAX_DEPTH);
    Some(Finding::last(diagnostic.consequence(msg!("not-read-further"))))
}
