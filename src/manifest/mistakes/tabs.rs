//! Tabs where a line begins.

use super::{Finding, Scene};
use crate::manifest::lines::Line;
use crate::manifest::yaml::Reason;
use crate::manifest::{Diagnostic, Edit, Fix, Severity, Span};

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
        Diagnostic::new("tab-indentation", Severity::Error, span).arg("lines", tabbed.len().max(1));
    let until = first.end();
    for width in [2, 4, 8, 1] {
        let edits: Vec<Edit> = tabbed.iter().map(|line| spaces_for_tabs(*line, width)).collect();
        if scene.reads_past(&edits, until) {
            let label = Fix::new("fix-tabs-to-spaces", edits).arg("lines", tabbed.len()).arg("width", width);
            return Some(Finding::mended(diagnostic.fix(label)));
        }
    }
    (scene.stop.reason == Reason::Tab).then(|| Finding::last(diagnostic))
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
        block = is_block_header(line).then(|| line.indent());
        if line.leading().contains('\t') {
            lines.push(line);
        }
    }
    lines
}

/// Whether a block scalar begins at the end of the line.
fn is_block_header(line: Line<'_>) -> bool {
    let body = line.body().text;
    let header = body.rsplit(' ').next().unwrap_or("");
    header.starts_with(['|', '>'])
        && header.bytes().skip(1).all(|byte| matches!(byte, b'+' | b'-' | b'0'..=b'9'))
        && (body.len() == header.len() || body.contains(':') || line.text.trim_start().starts_with('-'))
}

fn spaces_for_tabs(line: Line<'_>, width: usize) -> Edit {
    let leading = line.leading();
    let spaces: usize = leading.chars().map(|character| if character == '\t' { width } else { 1 }).sum();
    Edit::replace(Span::new(line.start, line.start + leading.len()), " ".repeat(spaces))
}
