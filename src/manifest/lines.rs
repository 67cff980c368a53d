//! A line of YAML as a person sees it: its indentation, its dashes, its key. It guesses from the line alone,
//! which is good enough around a mistake, where the reader proper has given up.

/// What YAML takes for blank. Other spaces are text to it.
pub(super) const BLANK: [char; 2] = [' ', '\t'];

/// A line of a text, without its line break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'text> {
    /// The byte at which it begins.
    pub(super) start: usize,
    /// What it says.
    pub(super) text: &'text str,
}

impl<'text> Line<'text> {
    /// The line that the byte at `at` is in.
    pub(super) fn at(text: &'text str, at: usize) -> Line<'text> {
        let at = at.min(text.len());
        let bytes = text.as_bytes();
        let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let start =
            bytes.get(..at).and_then(|before| before.iter().rposition(is_break)).map_or(0, |at| at + 1);
        let end = bytes
            .get(at..)
            .and_then(|after| after.iter().position(is_break))
            .map_or(text.len(), |to| at + to);
        Line { start, text: text.get(start..end).unwrap_or("") }
    }

    /// The byte after its last, where the line break is.
    pub(super) fn end(self) -> usize {
        self.start + self.text.len()
    }

    /// The line after it.
    pub(super) fn next(self, text: &'text str) -> Option<Line<'text>> {
        let rest = text.get(self.end()..)?;
        let line_break = if rest.starts_with("\r\n") { 2 } else { 1 };
        (rest.len() >= line_break).then(|| Line::at(text, self.end() + line_break))
    }

    /// The line before it.
    pub(super) fn previous(self, text: &'text str) -> Option<Line<'text>> {
        let before = text.get(..self.start)?;
        let line_break = if before.ends_with("\r\n") { 2 } else { 1 };
        let end = before.len().checked_sub(line_break)?;
        Some(Line::at(text, end))
    }

    /// How many spaces it begins with.
    pub(super) fn indent(self) -> usize {
        self.text.bytes().take_while(|byte| *byte == b' ').count()
    }

    /// The spaces and tabs that it begins with.
    pub(super) fn leading(self) -> &'text str {
        let rest = self.text.trim_start_matches(BLANK);
        self.text.get(..self.text.len() - rest.len()).unwrap_or("")
    }

    /// Whether it says something: it is neither blank nor only a comment.
    pub(super) fn says_something(self) -> bool {
        let rest = self.text.trim_start_matches(BLANK);
        !rest.is_empty() && !rest.starts_with('#')
    }

    /// Whether it is an item of a list.
    pub(super) fn has_dash(self) -> bool {
        let rest = self.text.trim_start_matches(BLANK);
        rest.strip_prefix('-').is_some_and(|after| after.is_empty() || after.starts_with(BLANK))
    }

    /// Whether a block scalar begins at its end.
    pub(super) fn is_block_header(self) -> bool {
        let body = self.body().text;
        let header = body.rsplit(' ').next().unwrap_or("");
        header.starts_with(['|', '>'])
            && header.bytes().skip(1).all(|byte| matches!(byte, b'+' | b'-' | b'0'..=b'9'))
            && (body.len() == header.len() || body.contains(':') || self.text.trim_start().starts_with('-'))
    }

    /// What it says after its indentation and its dashes, without a comment.
    pub(super) fn body(self) -> Body<'text> {
        let mut rest = self.text.trim_start_matches(BLANK);
        while let Some(after) = rest.strip_prefix('-')
            && (after.is_empty() || after.starts_with(BLANK))
        {
            rest = after.trim_start_matches(BLANK);
        }
        let start = self.end() - rest.len();
        Body { start, text: without_comment(rest).trim_end_matches(BLANK) }
    }
}

/// What a line says, and where that begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Body<'text> {
    /// The byte at which it begins.
    pub(super) start: usize,
    /// What it says.
    pub(super) text: &'text str,
}

impl<'text> Body<'text> {
    /// The byte after its last.
    pub(super) fn end(self) -> usize {
        self.start + self.text.len()
    }

    /// The place of the colon that ends its key, if it has one.
    pub(super) fn colon(self) -> Option<usize> {
        let quoted = match self.text.bytes().next() {
            Some(quote @ (b'"' | b'\'')) => {
                let inside = self.text.get(1..)?;
                inside.find(char::from(quote))? + 2
            }
            _ => 0,
        };
        let rest = self.text.get(quoted..)?;
        let found = rest.match_indices(':').map(|(at, _)| at).find(|at| {
            let after = rest.as_bytes().get(at + 1);
            matches!(after, None | Some(b' ' | b'\t'))
        })?;
        // Past a closing quote only the colon can come.
        (quoted == 0 || rest.get(..found)?.trim().is_empty()).then_some(self.start + quoted + found)
    }

    /// Its key as written, if it has one.
    pub(super) fn key(self) -> Option<&'text str> {
        let colon = self.colon()?;
        self.text.get(..colon - self.start).map(str::trim_end)
    }

    /// The place of a colon that should have a space after it: the body looks like `key:value`.
    pub(super) fn tight_colon(self) -> Option<usize> {
        let (key, value) = self.text.split_once(':')?;
        if self.colon().is_some() {
            return None;
        }
        let is_value = value.contains(char::is_alphanumeric) && !value.starts_with([':', '/', '\\']);
        (is_name(key) && is_value).then_some(self.start + key.len())
    }
}

/// Whether it could be the name of a field or of a label.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/'))
}

/// The text before its comment.
fn without_comment(text: &str) -> &str {
    let mut quote = None;
    let mut before = b' ';
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'"' | b'\'') if matches!(before, b' ' | b'\t' | b'[' | b'{' | b',') => quote = Some(byte),
            // A quote that nothing closes is closed by its line here, so its comment is not seen as one.
            (None, b'#') if matches!(before, b' ' | b'\t') => return text.get(..at).unwrap_or(text),
            _ => {}
        }
        before = byte;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart() {
        let cases = [
            ("  name: web  # the name", "name: web", Some("name"), None),
            ("  - - name: web", "name: web", Some("name"), None),
            ("app:myapp", "app:myapp", None, Some("app")),
            ("url: http://x", "url: http://x", Some("url"), None),
            ("http://x", "http://x", None, None),
            ("\"a b\": 1", "\"a b\": 1", Some("\"a b\""), None),
            ("-x", "-x", None, None),
            ("\"#\" # c", "\"#\"", None, None),
            ("std::vector", "std::vector", None, None),
            ("a b:c", "a b:c", None, None),
            ("", "", None, None),
        ];
        for (text, body, key, tight) in cases {
            let line = Line::at(text, 0).body();
            assert_eq!(line.text, body, "{text:?}");
            assert_eq!(line.key(), key, "key of {text:?}");
            let before = |colon: usize| text.get(line.start..colon).unwrap_or("");
            assert_eq!(line.tight_colon().map(before), tight, "tight colon of {text:?}");
        }
    }

    #[test]
    fn lines_follow_one_another_whatever_breaks_them() {
        for text in ["a\nb\n", "a\r\nb\r\n", "a\rb\r"] {
            let first = Line::at(text, 0);
            let second = first.next(text).expect("a second line");
            let third = second.next(text).expect("an empty third line");
            assert_eq!((first.text, second.text, third.text), ("a", "b", ""), "{text:?}");
            assert_eq!(third.next(text), None, "{text:?}");
            assert_eq!(third.previous(text), Some(second), "{text:?}");
            assert_eq!(first.previous(text), None, "{text:?}");
        }
    }
}
