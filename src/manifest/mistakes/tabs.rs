//! Tabs where a line begins.

use super::{Finding, Scene};
use crate::manifest::lines::Line;
use crate::manifest::yaml::Reason;
use crate::manifest::{Diagnostic, Edit, Fix, Severity, Span};
use crate::msg;

/// A line that is indented with a tab, near the stop. The fix is for all such lines of the document.
pub(super) fn tab_indentation(scene: &Scene<'_>) -> Option<Finding> {
    let near = |line: &Line<'_>| line.leading().contains('\t');
    let mut lines = scene.suspects(8);
    lines.extend(scene.line().next(scene.text));
    let first = lines.into_iter().find(near)?;
    let tab = first.start + first.leading().find('\t')?;
    let span = Span::new(tab, tab + first.leading().len() - (tab - first.start));
    let tabbed = tabbed_lines(scene.text);
    let diagnostic =
        Diagnostic::new(msg!("tab-indentation"), Severity::Error, span).arg("lines", tabbed.len().max(1));
    let until = first.end();
    let starts: Vec<usize> =
        tabbed.iter().map(|line| line.body().start).filter(|start| *start <= until).collect();
    let attempts = [2, 4, 8, 1, 0].into_iter().filter_map(|width| {
        let edits: Vec<Edit> = tabbed.iter().map(|line| spaces_for_tabs(*line, width)).collect();
        Some((scene.unread(&edits, until, &starts)?, width, edits))
    });
    // Of those that let as much be read, the first is taken.
    if let Some((_, width, edits)) = attempts.min_by_key(|(unread, ..)| *unread) {
        let fix = Fix::new(msg!("fix-tabs-to-spaces"), edits).arg("lines", tabbed.len()).arg("width", width);
        return Some(Finding::mended(diagnostic.fix(fix)));
    }
    (scene.stop.reason == Reason::Tab).then(|| Finding::last(diagnostic))
}

/// Tabs in front of lines within brackets, which kubectl's reader takes and ours does not: edits that make
/// spaces of them, for a stop that they caused.
pub(super) fn tabs_in_brackets(scene: &Scene<'_>) -> Option<Vec<Edit>> {
    if scene.stop.reason != Reason::Tab {
        return None;
    }
    let open = super::brackets::opening_bracket(scene)?;
    let mut edits = Vec::new();
    let mut line = Line::at(scene.text, open);
    while let Some(next) = line.next(scene.text) {
        line = next;
        if line.leading().contains('\t') {
            edits.push(spaces_for_tabs(line, 1));
        }
        if line.start > scene.stop.at && super::brackets::closes_before(scene.text, open, line.end()) {
            break;
        }
    }
    (!edits.is_empty()).then_some(edits)
}

/// Tabs that our reader takes and kubectl's does not: on lines that are blank or a comment, and right behind a
/// dash. `skip` are the ranges in which they may stand: texts, and what is in brackets.
pub(in crate::manifest) fn unnoticed(text: &str, skip: &[(Span, bool)]) -> Option<(Diagnostic, usize)> {
    let mut edits = Vec::new();
    let mut next = Some(Line::at(text, 0));
    while let Some(line) = next {
        next = line.next(text);
        let Some(tab) = line.leading().find('\t').map(|tab| line.start + tab) else { continue };
        let before = skip.partition_point(|(span, _)| (span.start as usize) < tab);
        let last = before.checked_sub(1).and_then(|last| skip.get(last));
        let allowed = last.is_some_and(|(span, plain)| {
            // Behind a plain text, a tab that is deep enough belongs to it.
            let indent =
                Line::at(text, span.start as usize).body().start - Line::at(text, span.start as usize).start;
            tab < span.end as usize || (*plain && tab - line.start > indent)
        });
        if !allowed {
            let blank = line.text.trim().is_empty();
            let all = Span::new(line.start, line.start + line.leading().len());
            edits.push(if blank { Edit::replace(all, "") } else { spaces_for_tabs(line, 2) });
        }
    }
    let first = edits.first()?.span;
    let tab = first.start as usize + first.slice(text).find('\t')?;
    let diagnostic =
        Diagnostic::new(msg!("tab-indentation"), Severity::Error, Span::new(tab, first.end as usize))
            .arg("lines", edits.len());
    let fix =
        Fix::new(msg!("fix-tabs-to-spaces"), edits.clone()).arg("lines", edits.len()).arg("width", 2usize);
    Some((diagnostic.consequence(msg!("kubectl-refuses-file")).fix(fix), tab))
}

/// The lines that begin with a tab among their spaces, without those inside block scalars.
fn tabbed_lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut block: Option<usize> = None;
    let mut next = Some(Line::at(text, 0));
    while let Some(line) = next {
        next = line.next(text);
        if line.text.trim().is_empty() {
            continue;
        }
        if block.is_some_and(|indent| line.indent() > indent) {
            continue;
        }
        block = line.is_block_header().then(|| line.indent());
        if line.leading().contains('\t') {
            lines.push(line);
        }
    }
    lines
}

fn spaces_for_tabs(line: Line<'_>, width: usize) -> Edit {
    let leading = line.leading();
    let spaces: usize = leading.chars().map(|character| if character == '\t' { width } else { 1 }).sum();
    Edit::replace(Span::new(line.start, line.start + leading.len()), " ".repeat(spaces))
}
