//! The same text, laid out anew: two spaces for each level, one behind each dash and colon. Comments stay, and so do
//! lists as far in as the person has them: under their key, or two spaces further.

use super::lines::{BLANK, Line};
use super::read::parts;
use super::yaml::{self, EventKind, Style};
use super::{Diagnostic, NodeKind, Parsed, Severity, Span, parse};
use std::fmt;

/// How much further in a level is.
const STEP: usize = 2;

/// Why a text is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFormatted {
    /// It cannot be read, so nobody knows what it means.
    Broken,
    /// Laid out anew it would say something else.
    Ambiguous,
}

impl fmt::Display for NotFormatted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotFormatted::Broken => "it cannot be read",
            NotFormatted::Ambiguous => "it would say something else",
        })
    }
}

/// The text laid out anew.
///
/// ```
/// use podium::manifest::{NotFormatted, format};
///
/// let text = "spec:\n    containers:\n        -   name: a   # one\n            image: b\n";
/// assert_eq!(format(text).as_deref(), Ok("spec:\n  containers:\n    - name: a   # one\n      image: b\n"));
/// assert_eq!(format("a: [1\n"), Err(NotFormatted::Broken));
/// ```
pub fn format(text: &str) -> Result<String, NotFormatted> {
    let before = parse(text);
    if is_broken(&before) {
        return Err(NotFormatted::Broken);
    }
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for part in parts(text) {
        // The lines of dashes between documents.
        out.push_str(text.get(done..part.span.start as usize).unwrap_or(""));
        Layout::of(part.span.slice(text)).print(&mut out);
        done = part.span.end as usize;
    }
    let after = parse(&out);
    let mut pairs = before.documents.iter().zip(&after.documents);
    let same = before.documents.len() == after.documents.len()
        && !is_broken(&after)
        && pairs.all(|(a, b)| says_same(&a.root, &b.root));
    if same { Ok(out) } else { Err(NotFormatted::Ambiguous) }
}

/// Whether something in it cannot be read.
fn is_broken(parsed: &Parsed) -> bool {
    let is_error = |found: &Diagnostic| found.severity == Severity::Error;
    parsed.documents.iter().any(|document| document.broken) || parsed.diagnostics.iter().any(is_error)
}

fn says_same(a: &super::Node, b: &super::Node) -> bool {
    match (&a.kind, &b.kind) {
        (NodeKind::Sequence(a), NodeKind::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| says_same(a, b))
        }
        (NodeKind::Mapping(a), NodeKind::Mapping(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| a.key == b.key && says_same(&a.value, &b.value))
        }
        (a, b) => a == b,
    }
}

/// A collection that a line may go on with.
#[derive(Clone, Copy, Debug)]
struct Level {
    is_list: bool,
    /// Its column before and after.
    old: usize,
    new: usize,
}

/// A line that goes on with what an earlier one began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    /// A text after `|` or `>`; whether it says itself how far in it is.
    Block { fixed: bool },
    /// A text in quotes, whose blanks at the ends of lines count for nothing.
    Text,
    /// Brackets.
    Brackets,
}

struct Layout<'a> {
    text: &'a str,
    /// Where several lines belong to one value, in their order.
    within: Vec<(Span, Within)>,
    levels: Vec<Level>,
}

impl<'a> Layout<'a> {
    fn of(text: &'a str) -> Layout<'a> {
        let mut within = Vec::new();
        let mut brackets: Vec<Option<u32>> = Vec::new();
        for event in &yaml::read(text).events {
            match &event.kind {
                EventKind::Scalar { style, .. } if brackets.iter().all(Option::is_none) => {
                    let kind = match style {
                        Style::Block => {
                            let header = text.get(..event.span.start as usize).unwrap_or("").trim_end();
                            let header = header.rsplit(['\n', ' ']).next().unwrap_or("");
                            Within::Block { fixed: header.contains(|c: char| c.is_ascii_digit()) }
                        }
                        _ => Within::Text,
                    };
                    // The lines after a block's last belong to what follows.
                    let (start, end) = (event.span.start as usize, event.span.end as usize);
                    let end = text.get(start..end).map_or(end, |written| start + written.trim_end().len());
                    within.push((Span::new(start, end), kind));
                }
                EventKind::Sequence { flow } | EventKind::Mapping { flow } => {
                    brackets.push(flow.then_some(event.span.start));
                }
                EventKind::End => {
                    let start = brackets.pop().flatten();
                    if let Some(start) = start.filter(|_| brackets.iter().all(Option::is_none)) {
                        within.push((Span { start, end: event.span.end }, Within::Brackets));
                    }
                }
                _ => {}
            }
        }
        Layout { text, within, levels: Vec::new() }
    }

    /// What a line that begins at `at` goes on with.
    fn within(&self, at: usize) -> Option<Within> {
        let next = self.within.partition_point(|(span, _)| span.start as usize <= at);
        let (span, within) = self.within.get(next.checked_sub(1)?)?;
        // The first line of a block begins where its text does.
        let begins_before = (span.start as usize) < at || matches!(within, Within::Block { .. });
        (begins_before && at < span.end as usize).then_some(*within)
    }

    fn print(mut self, out: &mut String) {
        // The lines of comments that wait for the line they belong to.
        let mut waiting: Vec<Line<'a>> = Vec::new();
        // By how much the line before moved, and where its value belongs to.
        let (mut moved, mut owner) = (0isize, 0);
        let mut block: Option<isize> = None;
        let mut line = Some(Line::at(self.text, 0));
        while let Some(now) = line {
            line = now.next(self.text).filter(|next| next.start < self.text.len());
            let content = now.start + now.leading().len();
            let within = self.within(now.start).or_else(|| {
                // A block's text begins at its first letter.
                self.within(content).filter(|within| matches!(within, Within::Block { .. }))
            });
            if let Some(within) = within {
                flush(&mut waiting, None, out);
                let by = match within {
                    Within::Block { fixed: false } if !now.text.trim().is_empty() => {
                        *block.get_or_insert((owner + STEP) as isize - now.indent() as isize)
                    }
                    Within::Block { fixed: false } => block.unwrap_or(moved),
                    _ => moved,
                };
                shifted(now.text, by, !matches!(within, Within::Block { .. }), out);
                continue;
            }
            block = None;
            if now.text.trim().is_empty() || now.text.trim_start_matches(BLANK).starts_with('#') {
                waiting.push(now);
                continue;
            }
            if now.text.starts_with("---") || now.text.starts_with("...") || now.text.starts_with('%') {
                flush(&mut waiting, None, out);
                out.push_str(now.text.trim_end());
                out.push('\n');
                self.levels.clear();
                continue;
            }
            let mut printed = String::new();
            let column = self.line(now, &mut printed, &mut owner);
            moved = column as isize - now.indent() as isize;
            flush(&mut waiting, Some((now.indent(), column)), out);
            out.push_str(printed.trim_end_matches(BLANK));
            out.push('\n');
        }
        flush(&mut waiting, None, out);
        if !self.text.ends_with('\n') && out.ends_with('\n') {
            out.pop();
        }
    }

    /// Prints a line that begins something; gives the column that it begins at. `owner` becomes the column of the
    /// innermost key or dash on it.
    fn line(&mut self, line: Line<'a>, printed: &mut String, owner: &mut usize) -> usize {
        let mut rest = line.text.trim_start_matches(BLANK);
        let mut first = None;
        let mut after_dash = None;
        loop {
            let old = line.text.len() - rest.len();
            let is_dash =
                rest.strip_prefix('-').is_some_and(|after| after.is_empty() || after.starts_with(BLANK));
            let body = Line { start: 0, text: rest }.body();
            let is_key = !is_dash && body.colon().is_some() && !rest.starts_with(['{', '[']);
            if !is_dash && !is_key {
                // A value alone: an item, or a text that goes on below its key.
                let new = after_dash.unwrap_or_else(|| self.inner(old));
                first.get_or_insert(new);
                pad(printed, new);
                printed.push_str(rest);
                return first.unwrap_or(new);
            }
            let new = self.level(old, is_dash, after_dash);
            first.get_or_insert(new);
            *owner = new;
            pad(printed, new);
            if is_key {
                printed.push_str(&one_blank(rest, body.colon().unwrap_or(0)));
                return first.unwrap_or(new);
            }
            printed.push('-');
            rest = rest.get(1..).unwrap_or("").trim_start_matches(BLANK);
            if rest.is_empty() {
                return first.unwrap_or(new);
            }
            after_dash = Some(new + STEP);
        }
    }

    /// The new column of a key or a dash at `old`.
    fn level(&mut self, old: usize, is_list: bool, after_dash: Option<usize>) -> usize {
        while let Some(top) = self.levels.last() {
            // A list may stand as far in as its key; the next key ends it.
            let ends = top.old > old || (top.old == old && top.is_list && !is_list);
            if !ends {
                break;
            }
            self.levels.pop();
        }
        let new = match self.levels.last() {
            Some(top) if top.old == old && top.is_list == is_list => return top.new,
            _ if after_dash.is_some() => after_dash.unwrap_or(0),
            Some(top) if top.old == old => top.new,
            Some(top) => top.new + STEP,
            None => 0,
        };
        self.levels.push(Level { is_list, old, new });
        new
    }

    /// The new column of a value that stands alone on a line.
    fn inner(&self, old: usize) -> usize {
        self.levels.iter().rev().find(|level| level.old < old).map_or(0, |level| level.new + STEP)
    }
}

/// Prints the comments that waited: with the line they stand before where they begin as far in as it.
fn flush(waiting: &mut Vec<Line<'_>>, next: Option<(usize, usize)>, out: &mut String) {
    for line in waiting.drain(..) {
        let text = line.text.trim();
        if !text.is_empty() {
            let column = match next {
                Some((old, new)) => (line.indent() + new).saturating_sub(old),
                None => line.indent(),
            };
            pad(out, column);
            out.push_str(text);
        }
        out.push('\n');
    }
}

/// Adds blanks up to a column of the line that is being printed.
fn pad(out: &mut String, column: usize) {
    let begun = out.rfind('\n').map_or(0, |end| end + 1);
    let at = out.len() - begun;
    out.extend(std::iter::repeat_n(' ', column.saturating_sub(at)));
}

/// A line that goes on, further in or out by so much.
fn shifted(line: &str, by: isize, trims: bool, out: &mut String) {
    let content = line.trim_start_matches(' ');
    let indent = (line.len() - content.len()).saturating_add_signed(by);
    let content = if trims { content.trim_end_matches(BLANK) } else { content };
    if !content.is_empty() {
        out.extend(std::iter::repeat_n(' ', indent));
        out.push_str(content);
    } else if !trims {
        out.extend(std::iter::repeat_n(' ', line.len().saturating_add_signed(by).min(line.len())));
    }
    out.push('\n');
}

/// The line with one blank behind the colon of its key; a comment stays as far away as it was.
fn one_blank(line: &str, colon: usize) -> String {
    let (key, value) = line.split_at_checked(colon + 1).unwrap_or((line, ""));
    let trimmed = value.trim_start_matches(BLANK);
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return line.to_owned();
    }
    format!("{} {trimmed}", key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(format(text).as_deref(), Ok(expected), "{text}");
        assert_eq!(format(expected).as_deref(), Ok(expected), "once more: {expected}");
    }

    #[test]
    fn levels_are_two_spaces_and_lists_stay_where_they_are() {
        check("a:\n    b:\n        c:   1\n    d: 2\n", "a:\n  b:\n    c: 1\n  d: 2\n");
        check("a:\n    - b: 1\n      c:\n      - d\n", "a:\n  - b: 1\n    c:\n    - d\n");
        check("a:\n-   b: 1\n    c: 2\n", "a:\n- b: 1\n  c: 2\n");
        check("- - a\n  - b\n-\n    c: 1\n", "- - a\n  - b\n-\n  c: 1\n");
        check("a: 1", "a: 1");
    }

    #[test]
    fn texts_move_with_their_keys() {
        check(
            "a:\n    b: |\n            x\n              y\n\n            z\n    c: 1\n",
            "a:\n  b: |\n    x\n      y\n\n    z\n  c: 1\n",
        );
        check("a:\n    b: \"x\n        y\"\n", "a:\n  b: \"x\n      y\"\n");
        check("a:\n    - |\n      x\n", "a:\n  - |\n    x\n");
        check("a:\n    b: {c: 1,\n      d: 2}\n", "a:\n  b: {c: 1,\n    d: 2}\n");
        check("a:\n    b: x\n      y\n", "a:\n  b: x\n    y\n");
    }

    #[test]
    fn comments_and_documents_stay() {
        check(
            "# one\na:\n    # two\n    b: 1   # three\n\n# four\n---\nc:\n    d: 1\n",
            "# one\na:\n  # two\n  b: 1   # three\n\n# four\n---\nc:\n  d: 1\n",
        );
    }

    #[test]
    fn what_cannot_be_read_is_left_as_it_is() {
        for text in ["a: [1\n", "a: b: c\n", "\ta: 1\n"] {
            assert_eq!(format(text), Err(NotFormatted::Broken), "{text:?}");
        }
    }

    #[test]
    fn what_could_not_be_read_any_more_is_left_as_it_is() {
        let note = "   $ kubectl # A note\n\nText with `code` and a [link](x).\n\n```yaml\napiVersion: v1\nkind: Service\n\
            metadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n```\n\n    $ kubectl get pods\n";
        assert_eq!(format(note), Err(NotFormatted::Ambiguous));
    }
}
