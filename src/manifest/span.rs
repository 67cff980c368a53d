//! Places in a text: byte ranges, and the lines and columns that people count in.

use std::ops::Range;

/// A byte range in the text, half open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The range from `start` to `end`; an `end` before the start makes it empty.
    pub fn new(start: usize, end: usize) -> Span {
        let start = offset(start);
        Span { start, end: offset(end).max(start) }
    }

    /// The empty range at `at`.
    pub fn at(at: usize) -> Span {
        Span::new(at, at)
    }

    /// The same, so many bytes later in a text, or earlier.
    pub fn moved(self, by: i64) -> Span {
        let place = |at: u32| u32::try_from(i64::from(at) + by).unwrap_or(0);
        Span { start: place(self.start), end: place(self.end) }
    }

    /// The smallest range that holds both.
    pub fn join(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The smallest range of whole characters of `text` that holds it.
    pub(super) fn of_characters(self, text: &str) -> Span {
        Span::new(text.floor_char_boundary(self.start as usize), text.ceil_char_boundary(self.end as usize))
    }

    /// Whether the byte at `at` belongs to it; an empty range contains nothing.
    pub fn contains(self, at: usize) -> bool {
        (self.start as usize) <= at && at < (self.end as usize)
    }

    /// The length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The range as an index into a text.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// What stands there in `text`; empty where the range is not one of this text.
    pub fn slice(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or("")
    }
}

/// An offset as a `Span` holds it. `manifest::parse` refuses texts that are longer.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Where the lines of a text begin: byte offset to line and column, and back.
#[derive(Clone, Debug)]
pub struct LineIndex {
    /// The byte at which each line begins; the first is 0.
    starts: Vec<usize>,
    /// Within long lines, some bytes and how many characters of their line stand before them.
    columns: Vec<(usize, usize)>,
}

/// How far apart the places are that are known within a long line.
const STRIDE: usize = 1024;

impl LineIndex {
    /// Reads `text` once. A line ends at `\n`, `\r\n` or a lone `\r`, as YAML counts.
    pub fn new(text: &str) -> LineIndex {
        let bytes = text.as_bytes();
        let (mut starts, mut columns) = (vec![0], Vec::new());
        let mut start = 0;
        for (at, byte) in bytes.iter().enumerate() {
            // Nearly no byte is as small as these.
            if *byte <= b'\r' && (*byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'))) {
                note_columns(bytes, start..at, &mut columns);
                start = at + 1;
                starts.push(start);
            }
        }
        note_columns(bytes, start..bytes.len(), &mut columns);
        LineIndex { starts, columns }
    }

    /// The line and the column of a byte, both from 1, the column in characters. `text` is the one the
    /// index was made from; an offset past its end is taken as its end.
    pub fn position(&self, text: &str, at: usize) -> (usize, usize) {
        let at = at.min(text.len());
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let next = self.columns.partition_point(|known| known.0 <= at);
        let known = next.checked_sub(1).and_then(|last| self.columns.get(last));
        let (from, before) = known.copied().filter(|known| known.0 >= start).unwrap_or((start, 0));
        (line, before + characters(text.as_bytes().get(from..at)) + 1)
    }

    /// The byte at a line and a column, both from 1, the column in characters. A column past the end of the
    /// line is the line's end, a line past the last is the end of the text.
    pub fn offset(&self, text: &str, line: usize, column: usize) -> usize {
        let Some(start) = self.starts.get(line.saturating_sub(1)).copied() else { return text.len() };
        let content = self.line(text, line);
        let skip = column.saturating_sub(1);
        start + content.char_indices().nth(skip).map_or(content.len(), |(at, _)| at)
    }

    /// The text of a line, from 1, without its line break; empty past the last.
    pub fn line<'text>(&self, text: &'text str, line: usize) -> &'text str {
        let Some(start) = self.starts.get(line.saturating_sub(1)).copied() else { return "" };
        let end = self.starts.get(line).copied().unwrap_or(text.len());
        text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }

    /// How many lines there are; a text that ends in a line break has an empty last one.
    pub fn lines(&self) -> usize {
        self.starts.len()
    }
}

/// Places as an editor of the browser counts them, in units of UTF-16 and each line break as one, and back.
#[derive(Clone, Debug)]
pub struct Units {
    /// The byte and the unit at which each line begins, and some within long lines; empty for a text of ASCII whose
    /// lines end in `\n`, where both are the same.
    lines: Vec<(usize, usize)>,
    /// How many bytes the text has.
    length: usize,
}

impl Units {
    /// Reads `text` once.
    pub fn new(text: &str) -> Units {
        let mut lines = Vec::new();
        if !text.is_ascii() || text.contains('\r') {
            let (mut known, mut unit) = (0, 0);
            for (at, units) in counted(text) {
                let begins_line = text.as_bytes().get(at.wrapping_sub(1)) == Some(&b'\n');
                if at == 0 || begins_line || at - known >= STRIDE {
                    known = at;
                    lines.push((at, unit));
                }
                unit += units;
            }
            lines.push((text.len(), unit));
        }
        Units { lines, length: text.len() }
    }

    /// The unit of a byte. `text` is the one that this was made from.
    pub fn unit(&self, text: &str, byte: usize) -> usize {
        let byte = byte.min(self.length);
        let next = self.lines.partition_point(|line| line.0 <= byte);
        let Some((start, unit)) = next.checked_sub(1).and_then(|at| self.lines.get(at)) else { return byte };
        let within = counted(text.get(*start..).unwrap_or("")).take_while(|(at, _)| start + at < byte);
        unit + within.map(|(_, units)| units).sum::<usize>()
    }

    /// The byte of a unit; within a character, the byte that it begins at.
    pub fn byte(&self, text: &str, unit: usize) -> usize {
        let next = self.lines.partition_point(|line| line.1 <= unit);
        let Some((start, begun)) = next.checked_sub(1).and_then(|at| self.lines.get(at)) else {
            return unit.min(self.length);
        };
        let mut units = *begun;
        for (at, count) in counted(text.get(*start..).unwrap_or("")) {
            units += count;
            if units > unit {
                return start + at;
            }
        }
        self.length
    }
}

/// The characters of a text, each with how many units it counts.
fn counted(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let is_half = |at: usize, char: char| char == '\r' && text.as_bytes().get(at + 1) == Some(&b'\n');
    text.char_indices().map(move |(at, char)| (at, if is_half(at, char) { 0 } else { char.len_utf16() }))
}

/// Takes note of the columns of some bytes of a line, where it is long.
fn note_columns(bytes: &[u8], line: Range<usize>, columns: &mut Vec<(usize, usize)>) {
    let (mut from, mut column) = (line.start, 0);
    for at in line.skip(STRIDE).step_by(STRIDE) {
        column += characters(bytes.get(from..at));
        from = at;
        columns.push((at, column));
    }
}

/// How many characters begin in these bytes, so that an offset inside one counts that character.
fn characters(bytes: Option<&[u8]>) -> usize {
    bytes.unwrap_or(&[]).iter().filter(|byte| !is_continuation(**byte)).count()
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_counted_in_characters_and_back() {
        let text = "가나: 다\r\nb: 1\n\nend";
        let index = LineIndex::new(text);
        let cases = [
            ("the first character", 0, (1, 1)),
            ("after two Hangul", 6, (1, 3)),
            ("the value", 8, (1, 5)),
            ("the second line", 13, (2, 1)),
            ("the empty line", 18, (3, 1)),
            ("the last line", 19, (4, 1)),
            ("the end", 22, (4, 4)),
        ];
        for (what, at, position) in cases {
            assert_eq!(index.position(text, at), position, "{what}");
            assert_eq!(index.offset(text, position.0, position.1), at, "{what}, back");
        }
        assert_eq!(index.line(text, 1), "가나: 다");
        assert_eq!(index.lines(), 4);
    }

    #[test]
    fn places_are_counted_as_a_browser_counts_them_and_back() {
        for text in ["a: b\nc", "가: 나\r\n🙂: x\nend", "", "한", "a\r\nb\rc"] {
            let units = Units::new(text);
            for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let unit = text[..at].replace("\r\n", "\n").encode_utf16().count();
                if text[..at].ends_with('\r') && text[at..].starts_with('\n') {
                    continue;
                }
                assert_eq!(units.unit(text, at), unit, "{text:?} {at}");
                let back = units.byte(text, unit);
                assert!(back == at || text[at..].starts_with("\r\n"), "{text:?} {at}, back to {back}");
            }
        }
        let text = "🙂b";
        assert_eq!(Units::new(text).byte(text, 1), 0, "within a character");
        assert_eq!(Units::new(text).byte(text, 99), text.len());
    }

    #[test]
    fn long_lines_are_counted_as_short_ones_are() {
        let text = format!(
            "a: b\r\n{}\r\n{}🙂\n{}",
            "가나: x\r".repeat(700),
            "한 ab🙂".repeat(900),
            "z".repeat(5000)
        );
        let (index, units) = (LineIndex::new(&text), Units::new(&text));
        let (mut line, mut column, mut unit) = (1, 1, 0);
        for (at, character) in text.char_indices() {
            assert_eq!(index.position(&text, at), (line, column), "at {at}");
            assert_eq!(units.unit(&text, at), unit, "at {at}");
            let is_first_of_two = character == '\r' && text[at + 1..].starts_with('\n');
            assert!(is_first_of_two || units.byte(&text, unit) == at, "back to {at}");
            let breaks = character == '\n' || (character == '\r' && !is_first_of_two);
            (line, column) = if breaks { (line + 1, 1) } else { (line, column + 1) };
            unit += if is_first_of_two { 0 } else { character.len_utf16() };
        }
    }

    #[test]
    fn places_outside_the_text_are_its_end() {
        let index = LineIndex::new("a\nbc");
        assert_eq!(index.position("a\nbc", 99), (2, 3));
        assert_eq!(index.offset("a\nbc", 1, 9), 1);
        assert_eq!(index.offset("a\nbc", 9, 1), 4);
    }
}
