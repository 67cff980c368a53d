//! What was read in a file: the text, what is wrong in it, and on which line.

use podium::manifest::{Diagnostic, LineIndex, Severity, Span};
use podium::value::Str;
use std::rc::Rc;

/// A file's text and what was found in it. Compared by identity: it is made anew when the text changes.
#[derive(Clone, Debug)]
pub(crate) struct Reading(Rc<Read>);

#[derive(Debug)]
struct Read {
    text: Str,
    lines: LineIndex,
    /// In the order of the text, each with its line from 1.
    findings: Vec<(usize, Diagnostic)>,
}

impl PartialEq for Reading {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Reading {
    pub(crate) fn new(text: Str, diagnostics: Vec<Diagnostic>) -> Reading {
        let lines = LineIndex::new(&text);
        let line = |diagnostic: &Diagnostic| lines.position(&text, diagnostic.span.start as usize).0;
        let findings = diagnostics.into_iter().map(|diagnostic| (line(&diagnostic), diagnostic)).collect();
        Reading(Rc::new(Read { text, lines, findings }))
    }
    pub(crate) fn text(&self) -> &Str {
        &self.0.text
    }
    pub(super) fn lines(&self) -> &LineIndex {
        &self.0.lines
    }
    /// What was found, with its line from 1.
    pub(super) fn findings(&self) -> &[(usize, Diagnostic)] {
        &self.0.findings
    }
    pub(super) fn marks(&self) -> Vec<(Span, Severity)> {
        self.0.findings.iter().map(|(_, diagnostic)| (diagnostic.span, diagnostic.severity)).collect()
    }
    /// The worst that was found on a line.
    pub(super) fn severity(&self, line: usize) -> Option<Severity> {
        let on_line = self.0.findings.iter().filter(|(found, _)| *found == line);
        on_line.map(|(_, diagnostic)| diagnostic.severity).min()
    }
    /// How many findings have one fix alone, which is certain.
    pub(super) fn certain(&self) -> usize {
        self.0.findings.iter().filter(|(_, diagnostic)| diagnostic.fixes.len() == 1).count()
    }
}

/// As the attribute `data-severity` has it.
pub(super) fn severity_code(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "note",
    }
}
