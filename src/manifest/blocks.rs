//! Blocks as nearly all manifests are written, read line by line: plain and quoted values that end on their line. The
//! parser knows all of YAML and takes ten times as long; what is written in any other way is left to it, and so is
//! whatever is wrong.

use std::borrow::Cow;

use super::Span;
use super::yaml::{Event, EventKind, Style};

/// A longer document is read in steps.
const MOST_BYTES: usize = 64 * 1024;
/// Deeper collections, and longer keys, may be past a limit of the parser.
const MOST_OPEN: usize = 64;
const MOST_KEY_BYTES: usize = 128;

/// The events of a document that is written so; none of any other, nor of one with a mistake.
pub(super) fn events(text: &str) -> Option<Vec<Event<'_>>> {
    if text.len() > MOST_BYTES || !text.bytes().all(is_usual) {
        return None;
    }
    // A short line is one of twenty bytes, and has two events.
    let mut blocks =
        Blocks { text, events: Vec::with_capacity(text.len() / 8 + 8), open: Vec::new(), lacking: None };
    let mut at = match text.strip_prefix("---") {
        Some(rest) if rest.starts_with('\n') => 4,
        Some(_) => return None,
        None => 0,
    };
    while let Some(rest) = text.as_bytes().get(at..).filter(|rest| !rest.is_empty()) {
        // Lines are too short for a search of several bytes at a time.
        let end = at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let line = Line { bytes: text.as_bytes().get(..end)?, start: at };
        at = end + 1;
        let first = line.skip_spaces(line.start);
        if !matches!(line.byte(first), None | Some(b'#')) {
            blocks.line(line, first)?;
        }
    }
    while blocks.open.pop().is_some() {
        blocks.end(text.len());
    }
    (!blocks.events.is_empty()).then_some(blocks.events)
}

/// Whether a byte belongs to a character that means nothing more than itself, or to a sign of ASCII: of letters beyond ASCII those of
/// East Asia and Hangul.
fn is_usual(byte: u8) -> bool {
    matches!(byte, b'\n' | b' '..=b'~' | 0x80..=0xBF | 0xE4..=0xED)
}

/// A line: the text up to its end, and where it begins.
#[derive(Clone, Copy)]
struct Line<'text> {
    bytes: &'text [u8],
    start: usize,
}

impl Line<'_> {
    fn byte(self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn skip_spaces(self, mut at: usize) -> usize {
        while self.byte(at) == Some(b' ') {
            at += 1;
        }
        at
    }

    /// Whether a blank or the end is here, so that the sign before it is one of structure.
    fn is_blank(self, at: usize) -> bool {
        matches!(self.byte(at), None | Some(b' '))
    }

    fn is_dash(self, at: usize) -> bool {
        self.byte(at) == Some(b'-') && self.is_blank(at + 1)
    }

    /// What stands behind the dash at `at`, or the end of the line.
    fn behind_dash(self, at: usize) -> usize {
        let next = self.skip_spaces(at + 1);
        if self.byte(next) == Some(b'#') { self.bytes.len() } else { next }
    }
}

/// A collection that is not finished.
struct Open {
    column: usize,
    is_sequence: bool,
}

struct Blocks<'text> {
    text: &'text str,
    events: Vec<Event<'text>>,
    open: Vec<Open>,
    /// The place of the value of a key or dash that has none yet.
    lacking: Option<Span>,
}

/// A scalar as it stands on its line.
struct Word {
    /// With its quotes.
    span: Span,
    style: Style,
    /// The colon that makes it a key.
    colon: Option<usize>,
}

impl<'text> Blocks<'text> {
    /// Reads a line whose first character stands at `at`.
    fn line(&mut self, line: Line<'text>, at: usize) -> Option<()> {
        let column = at - line.start;
        let is_dash = line.is_dash(at);
        if column == 0 && matches!(line.bytes.get(at..at + 3), Some(b"---" | b"...")) {
            return None;
        }
        while self.open.last().is_some_and(|open| open.column > column) {
            self.open.pop();
            self.end(at);
        }
        match self.open.last() {
            Some(open) if open.column == column => match (open.is_sequence, is_dash) {
                (false, true) => {
                    // The items of a key may stand below it. As the parser has it, they begin behind their first dash.
                    self.lacking.take()?;
                    self.begin(line.behind_dash(at), column, true)?;
                }
                (true, false) => {
                    self.open.pop();
                    self.end(at);
                    self.open.last().filter(|open| open.column == column && !open.is_sequence)?;
                }
                _ => self.fill(),
            },
            Some(_) => {
                // Without a key or dash before it, a deeper line goes on with a value.
                self.lacking.take()?;
                self.begin(at, column, is_dash)?;
            }
            None if self.events.is_empty() => self.begin(at, column, is_dash)?,
            None => return None,
        }
        self.entry(line, at)
    }

    /// Reads the item or the entry at `at`, whose collection is open.
    fn entry(&mut self, line: Line<'text>, mut at: usize) -> Option<()> {
        while line.is_dash(at) {
            at = line.behind_dash(at);
            if line.byte(at).is_none() {
                self.lacking = Some(Span::at(at));
                return Some(());
            }
            let is_dash = line.is_dash(at);
            if !is_dash {
                let word = word(line, at)?;
                if word.colon.is_none() {
                    self.scalar(&word);
                    return Some(());
                }
            }
            self.begin(at, at - line.start, is_dash)?;
        }
        let key = word(line, at)?;
        let colon = key.colon?;
        self.scalar(&key);
        let value = line.skip_spaces(colon + 1);
        if matches!(line.byte(value), None | Some(b'#')) {
            self.lacking = Some(Span::at(colon));
            return Some(());
        }
        let value = word(line, value).filter(|value| value.colon.is_none())?;
        self.scalar(&value);
        Some(())
    }

    fn begin(&mut self, at: usize, column: usize, is_sequence: bool) -> Option<()> {
        self.open.push(Open { column, is_sequence });
        let kind = match is_sequence {
            true => EventKind::Sequence { flow: false },
            false => EventKind::Mapping { flow: false },
        };
        self.push(Span::at(at), kind);
        (self.open.len() <= MOST_OPEN).then_some(())
    }

    /// Ends the innermost collection before what stands at `at`.
    fn end(&mut self, at: usize) {
        self.fill();
        self.push(Span::at(at), EventKind::End);
    }

    /// A key or dash without a value has nothing.
    fn fill(&mut self) {
        if let Some(span) = self.lacking.take() {
            self.push(span, EventKind::Scalar { text: Cow::Borrowed(""), style: Style::Plain, tag: None });
        }
    }

    fn scalar(&mut self, word: &Word) {
        let quotes = usize::from(word.style != Style::Plain);
        let Span { start, end } = word.span;
        let text = self.text.get(start as usize + quotes..end as usize - quotes).unwrap_or("");
        let text = Cow::Borrowed(text);
        self.push(word.span, EventKind::Scalar { text, style: word.style, tag: None });
    }

    fn push(&mut self, span: Span, kind: EventKind<'text>) {
        self.events.push(Event { span, kind, anchor: None });
    }
}

/// The key or the value that begins at `at` and ends on its line.
fn word(line: Line<'_>, at: usize) -> Option<Word> {
    let first = line.byte(at)?;
    let word = match first {
        b'"' | b'\'' => quoted(line, at, first)?,
        _ => plain(line, at, first)?,
    };
    (word.colon.is_none() || word.span.len() <= MOST_KEY_BYTES).then_some(word)
}

fn quoted(line: Line<'_>, at: usize, quote: u8) -> Option<Word> {
    let rest = line.bytes.get(at + 1..)?;
    let end = at + 1 + rest.iter().position(|byte| *byte == quote || *byte == b'\\')? + 1;
    let style = if quote == b'"' { Style::DoubleQuoted } else { Style::SingleQuoted };
    let span = Span::new(at, end);
    if line.byte(end - 1) != Some(quote) {
        return None;
    }
    if line.byte(end) == Some(b':') && line.is_blank(end + 1) {
        return Some(Word { span, style, colon: Some(end) });
    }
    let next = line.skip_spaces(end);
    let is_over = match line.byte(next) {
        None => true,
        Some(b'#') => next > end,
        _ => false,
    };
    is_over.then_some(Word { span, style, colon: None })
}

fn plain(line: Line<'_>, at: usize, first: u8) -> Option<Word> {
    let begins = match first {
        b'-' => !line.is_blank(at + 1),
        b'_' | b'/' | b'.' | b'(' | b'<' | b'$' | b'^' | b'~' | b'+' | b'=' | b';' => true,
        _ => first.is_ascii_alphanumeric() || !first.is_ascii(),
    };
    if !begins {
        return None;
    }
    // Where the last character that is no blank ends.
    let mut end = at;
    let mut here = at;
    while let Some(byte) = line.byte(here) {
        match byte {
            b' ' => {
                here += 1;
                continue;
            }
            b':' if line.is_blank(here + 1) => {
                let colon = (end == here).then_some(here)?;
                return Some(Word { span: Span::new(at, end), style: Style::Plain, colon: Some(colon) });
            }
            b'#' if end < here => break,
            _ => {}
        }
        here += 1;
        end = here;
    }
    Some(Word { span: Span::new(at, end), style: Style::Plain, colon: None })
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    /// Whether a text is read here; it must then be as the parser reads it.
    #[track_caller]
    fn is_read(text: &str) -> bool {
        let Some(events) = events(text) else { return false };
        let parsed = yaml::parsed(text);
        assert_eq!(parsed.stop, None, "{text:?}");
        assert_eq!(parsed.rest, None, "{text:?}");
        assert_eq!(events, parsed.events, "{text:?}");
        true
    }

    #[test]
    fn what_manifests_are_made_of_is_read() {
        for text in [
            "a: 1\n",
            "---\na:\n  b: x # y\n  c: \"d: e\"\n'f': g#h\n\n# i\n",
            "a:\n- b: 1\n  c:\n  - d\n  -\n- - e\n  - f: -1\ng:\n",
            "- a\n- b:",
            "a:\n  - b:\n    - c:\n  # d\n  - \"\"\ne: http://f.g/h?i=j\n",
            "  a: b\n  c:   d   ",
            "이름: 값 # 말\n",
        ] {
            assert!(is_read(text), "{text:?}");
        }
    }

    #[test]
    fn what_needs_the_parser_is_left_to_it() {
        for text in [
            "",
            "a",
            "# a\n",
            "a: b\n c\n",
            "a: b: c\n",
            "a: [b]\n",
            "a: |\n  b\n",
            "a: &b c\n",
            "a: *b\n",
            "a:\tb\n",
            "a: 'b''c'\n",
            "a: \"b\\n\"\n",
            "a: \"b\n  c\"\n",
            "a: b\r\n",
            "--- a\n",
            "a: b\n---\n",
            "a: b\n...\n",
            "- a\nb: c\n",
            "a:\n  b: c\n d: e\n",
            "? a\n",
            "a: !b c\n",
            "a: b\n- c\n",
            "a:\n  b\n",
            "a : b\n",
            "a: \u{a0}b\n",
            "a: @b\n",
        ] {
            assert!(!is_read(text), "{text:?}");
        }
    }

    /// Lines of chance: most are mistakes, which are left to the parser, and the rest is read as it reads them.
    #[test]
    fn lines_of_chance_are_read_as_the_parser_reads_them() {
        const PIECES: &[&str] = &[
            "a: b",
            "c:",
            "- ",
            "-",
            "d",
            "- e: f",
            "- - ",
            "\"g\": h",
            "'i'",
            "# j",
            " # k",
            "l: \"m\" # n",
            "o: p:q",
            "r: s#t",
            "u : v",
            "",
            " ",
            "w: -x",
            "y: - z",
            ": ",
            "가: 나",
            "~: ",
            "x: 'y' z",
            "-1",
            "<<: a",
            "a:b",
            "\"a\":b",
            "---",
            "...",
            "k: \"\"#",
            "q: ~",
            "/.: +",
        ];
        let mut state = 1u32;
        let mut chance = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % below
        };
        let mut read = 0;
        for _ in 0..60_000 {
            let mut text = String::new();
            for _ in 0..=chance(6) {
                text.push_str(&"      "[..chance(4) * 2 % 7]);
                for _ in 0..=chance(5) / 4 {
                    text.push_str(PIECES[chance(PIECES.len())]);
                }
                text.push('\n');
            }
            if chance(4) == 0 {
                text.pop();
            }
            read += usize::from(is_read(&text));
        }
        assert!(read > 3_000, "{read} were read");
    }
}
