//! What the pieces of a text are, for whoever colours it: as the reader reads them, and past a mistake as the lines look.

use super::lines::{BLANK, Line};
use super::read::parts;
use super::scalar::{self, Scalar};
use super::yaml::{self, EventKind, Style, Tag};
use super::{Span, read::Part};

/// Past so many bytes before the place that is looked at, lines are judged by their looks: reading would take too long
/// for every key that is pressed.
const MAX_READ: usize = 400_000;

/// What a piece of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// The key of a mapping.
    Key,
    /// A text, quoted or not.
    String,
    /// A number.
    Number,
    /// A boolean as YAML 1.1 has them: `yes` is one.
    Boolean,
    /// `null` or `~`.
    Null,
    /// From `#` to the end of the line.
    Comment,
    /// An anchor, an alias or a tag.
    Anchor,
    /// Dashes, colons, commas, brackets, and the `|` of a block scalar.
    Punctuation,
    /// What can stand nowhere.
    Error,
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where it stands; never empty.
    pub span: Span,
    /// What it is.
    pub kind: TokenKind,
}

/// The pieces of a text that touch the bytes from `within.start` to `within.end`, in their order; none overlaps another.
pub fn tokens(text: &str, within: Span) -> Vec<Token> {
    let mut found = Tokens { text, within, list: Vec::new(), done: 0 };
    let mut before = 0;
    for Part { span, .. } in parts(text) {
        // A `---` line with words on it belongs to no part.
        found.lines(Span::new(before, span.start as usize));
        before = span.end as usize;
        if span.end < within.start {
            continue;
        }
        if span.start > within.end {
            break;
        }
        if (within.end.min(span.end) - span.start) as usize > MAX_READ {
            found.lines(span);
        } else {
            found.part(span);
        }
    }
    found.list
}

struct Tokens<'a> {
    text: &'a str,
    within: Span,
    list: Vec<Token>,
    /// Up to where everything was looked at.
    done: usize,
}

impl Tokens<'_> {
    fn add(&mut self, from: usize, to: usize, kind: TokenKind) {
        let span = Span::new(from, to);
        if from < to && span.start <= self.within.end && span.end >= self.within.start {
            self.list.push(Token { span, kind });
        }
    }

    /// The pieces of a document.
    fn part(&mut self, part: Span) {
        let base = part.start as usize;
        let given = part.slice(self.text);
        let stream =
            yaml::read_until(given, (self.within.end as usize).saturating_sub(base).min(given.len()));
        // Of each open collection, whether a key is next; none for a sequence.
        let mut open: Vec<Option<bool>> = Vec::new();
        self.done = base;
        for event in &stream.events {
            let (start, end) = (base + event.span.start as usize, base + event.span.end as usize);
            if let EventKind::End = event.kind {
                open.pop();
                continue;
            }
            let is_key = open.last().copied().flatten() == Some(true);
            if let Some(Some(key)) = open.last_mut() {
                *key = !*key;
            }
            match &event.kind {
                EventKind::Sequence { .. } => open.push(None),
                EventKind::Mapping { .. } => open.push(Some(true)),
                EventKind::Scalar { text, style, tag } if start < end => {
                    let kind = if is_key { TokenKind::Key } else { value_kind(text, *style, *tag) };
                    self.gap(start);
                    let end = if *style == Style::Block { self.trimmed(start, end) } else { end };
                    self.add(start, end, kind);
                    self.done = end;
                }
                EventKind::Alias(_) | EventKind::UnknownAlias(_) => {
                    self.gap(start);
                    self.add(start, end, TokenKind::Anchor);
                    self.done = end;
                }
                EventKind::Scalar { .. } | EventKind::End => {}
            }
        }
        let end = part.end as usize;
        if stream.stop.is_some() || stream.rest.is_some() {
            // What was read ends somewhere in a line, which says nothing more of itself.
            let line = self.text.get(self.done..end).and_then(|rest| rest.find('\n'));
            let next = line.map_or(end, |at| self.done + at + 1);
            self.gap(if self.done > base { next } else { base });
            self.lines(Span::new(self.done, end));
        } else {
            self.gap(end.min((self.within.end as usize).max(self.done)));
        }
    }

    /// The end without the line breaks before it.
    fn trimmed(&self, start: usize, end: usize) -> usize {
        self.text.get(start..end).map_or(end, |written| start + written.trim_end().len())
    }

    /// What stands between values: punctuation, comments, anchors and tags.
    fn gap(&mut self, to: usize) {
        let mut at = self.done;
        let text = self.text;
        while let Some(char) = text.get(at..to).and_then(|rest| rest.chars().next()) {
            let rest = text.get(at..to).unwrap_or("");
            let until = |stop: fn(char) -> bool| rest.find(stop).unwrap_or(rest.len());
            let (length, kind) = match char {
                '#' => (until(|c| matches!(c, '\n' | '\r')), Some(TokenKind::Comment)),
                '&' | '*' | '!' => {
                    (until(|c| c.is_whitespace() || matches!(c, ',' | ']' | '}')), Some(TokenKind::Anchor))
                }
                '|' | '>' => (until(char::is_whitespace), Some(TokenKind::Punctuation)),
                '-' | ':' | '?' | ',' | '[' | ']' | '{' | '}' | '.' | '%' => {
                    let same = rest.len() - rest.trim_start_matches(char).len();
                    (same, Some(TokenKind::Punctuation))
                }
                _ if char.is_whitespace() || char == '\u{feff}' => (char.len_utf8(), None),
                _ => (until(char::is_whitespace), Some(TokenKind::Error)),
            };
            let length = length.max(char.len_utf8());
            if let Some(kind) = kind {
                self.add(at, at + length, kind);
            }
            at += length;
        }
        self.done = self.done.max(to);
    }

    /// Lines by their looks: dashes, a key, a value, a comment.
    fn lines(&mut self, span: Span) {
        let end = span.end as usize;
        let mut at = (span.start as usize).max((self.within.start as usize).min(end));
        at = Line::at(self.text, at).start.max(span.start as usize);
        while at < end && at <= self.within.end as usize {
            let line = Line::at(self.text, at);
            self.line(Line { start: at, text: self.text.get(at..line.end()).unwrap_or("") });
            let Some(next) = line.next(self.text) else { break };
            at = next.start;
        }
        self.done = self.done.max(end);
    }

    fn line(&mut self, line: Line<'_>) {
        let body = line.body();
        self.done = line.start;
        if body.text.is_empty() || body.text.starts_with("---") {
            self.gap(line.end());
            return;
        }
        self.gap(body.start);
        let mut value = body.start;
        if let Some(colon) = body.colon() {
            let key = self.text.get(body.start..colon).unwrap_or("").trim_end();
            self.add(body.start, body.start + key.len(), TokenKind::Key);
            self.add(colon, colon + 1, TokenKind::Punctuation);
            value = colon + 1;
        }
        let written = self.text.get(value..body.end()).unwrap_or("");
        let lead = written.len() - written.trim_start_matches(BLANK).len();
        let (start, written) = (value + lead, written.trim_matches(BLANK));
        let style = if written.starts_with(['"', '\'']) { Style::DoubleQuoted } else { Style::Plain };
        if written.starts_with(['[', '{', '&', '*', '!', '|', '>']) {
            self.add(start, body.end(), TokenKind::Punctuation);
        } else {
            self.add(start, body.end(), value_kind(written, style, None));
        }
        self.done = body.end();
        self.gap(line.end());
    }
}

fn value_kind(text: &str, style: Style, tag: Option<Tag>) -> TokenKind {
    match scalar::resolve(text, style == Style::Plain, tag) {
        Ok(Scalar::Null) => TokenKind::Null,
        Ok(Scalar::Bool(_)) => TokenKind::Boolean,
        Ok(Scalar::Int(_) | Scalar::Unsigned(_) | Scalar::Float(_)) => TokenKind::Number,
        Ok(Scalar::String | Scalar::Binary(_)) => TokenKind::String,
        Err(_) => TokenKind::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let written: Vec<String> = tokens(text, Span::new(0, text.len()))
            .iter()
            .map(|token| {
                let kind = match token.kind {
                    TokenKind::Key => "key",
                    TokenKind::String => "string",
                    TokenKind::Number => "number",
                    TokenKind::Boolean => "boolean",
                    TokenKind::Null => "null",
                    TokenKind::Comment => "comment",
                    TokenKind::Anchor => "anchor",
                    TokenKind::Punctuation => "",
                    TokenKind::Error => "error",
                };
                format!("{kind}`{}`", token.span.slice(text))
            })
            .collect();
        assert_eq!(written.join(" "), expected, "{text}");
    }

    #[test]
    fn pieces_are_what_the_reader_takes_them_for() {
        check("a: b # c", "key`a` `:` string`b` comment`# c`");
        check(
            "a: yes\nb: 017\nc: ~\nd: \"1\"\n",
            "key`a` `:` boolean`yes` key`b` `:` number`017` key`c` `:` null`~` key`d` `:` string`\"1\"`",
        );
        check(
            "- a: &x 1\n- *x\n- !!str 1",
            "`-` key`a` `:` anchor`&x` number`1` `-` anchor`*x` `-` anchor`!!str` string`1`",
        );
        check("a: {b: [1, c]}", "key`a` `:` `{` key`b` `:` `[` number`1` `,` string`c` `]` `}`");
        check(
            "a: |\n  x: y\n  # no comment\n# one\nb:\n",
            "key`a` `:` `|` string`x: y\n  # no comment` comment`# one` key`b` `:`",
        );
        check("---\na: 1\n---\n# c\n", "`---` key`a` `:` number`1` `---` comment`# c`");
        check("가: 나", "key`가` `:` string`나`");
    }

    #[test]
    fn past_a_mistake_lines_are_what_they_look_like() {
        check(
            "a: 1\nb: c: d\ne: true # f\n",
            "key`a` `:` number`1` key`b` `:` string`c` `:` error`d` key`e` `:` boolean`true` comment`# f`",
        );
        check("a: @b\nc: 1\n", "key`a` `:` error`@b` key`c` `:` number`1`");
        check("a: \"b\nc: 1\n", "key`a` `:` error`\"b` key`c` `:` number`1`");
    }

    #[test]
    fn only_what_is_looked_at_is_told() {
        let text = "a: 1\n---\nb: 2\n---\nc: 3\n";
        let told: Vec<&str> =
            tokens(text, Span::new(10, 12)).iter().map(|token| token.span.slice(text)).collect();
        assert_eq!(told, ["b", ":", "2"], "what only touches is told too");
    }
}
