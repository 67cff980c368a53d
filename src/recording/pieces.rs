//! The pieces of a text: JSON objects one after the other, and in place of a list its items.

use std::ops::Range;

/// What comes next in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// An object, by its bytes.
    Object(Range<usize>),
    /// A line that is no JSON.
    Line(Range<usize>),
    /// An object that does not end.
    Cut(usize),
}

/// Goes through a text, one piece at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces {
    at: usize,
    /// Whether it is among the items of a list.
    is_within: bool,
}

impl Pieces {
    /// How far it has come, in bytes.
    pub(super) fn at(&self) -> usize {
        self.at
    }
    /// The next piece; none at the end.
    pub(super) fn next(&mut self, text: &[u8]) -> Option<Piece> {
        loop {
            self.at += text[self.at..]
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace() || **byte == b',')
                .count();
            match text.get(self.at)? {
                b'{' => {
                    let begin = self.at;
                    match scan(text, begin, !self.is_within) {
                        Scanned::End(end) => {
                            self.at = end;
                            return Some(Piece::Object(begin..end));
                        }
                        Scanned::Items(at) => (self.at, self.is_within) = (at, true),
                        Scanned::Never => {
                            self.at = text.len();
                            return Some(Piece::Cut(begin));
                        }
                    }
                }
                b'[' if !self.is_within => (self.at, self.is_within) = (self.at + 1, true),
                b']' if self.is_within => {
                    self.at = rest_of_list(text, self.at + 1);
                    self.is_within = false;
                }
                _ => {
                    let begin = self.at;
                    let line = text[begin..].iter().take_while(|byte| **byte != b'\n').count();
                    self.at = begin + line.max(1);
                    return Some(Piece::Line(begin..self.at));
                }
            }
        }
    }
}

/// Behind the object that a list's items stand in: what follows them is its own `kind` and `metadata`.
fn rest_of_list(text: &[u8], at: usize) -> usize {
    let (mut at, mut depth, mut begin) = (at, 0_usize, at);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                at = string(text, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' if depth == 0 => return at + 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            // A list that stands alone has nothing behind it.
            b'\n' if depth == 0 && text[begin..at].iter().all(u8::is_ascii_whitespace) => begin = at,
            _ => {}
        }
        at += 1;
    }
    begin
}

enum Scanned {
    /// The object ends here.
    End(usize),
    /// It is a list, whose first item may begin here.
    Items(usize),
    /// The text ends before it does.
    Never,
}

/// Looks for the end of the object that begins at `begin`, or for its items.
fn scan(text: &[u8], begin: usize, has_items: bool) -> Scanned {
    let (mut at, mut depth) = (begin, 0_usize);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                let end = string(text, at);
                if has_items && depth == 1 && text.get(at..end) == Some(b"\"items\"") {
                    let mut rest =
                        text[end..].iter().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace());
                    if let (Some((_, b':')), Some((open, b'['))) = (rest.next(), rest.next()) {
                        return Scanned::Items(end + open + 1);
                    }
                }
                at = end;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Scanned::End(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    Scanned::Never
}

/// Behind the string that begins here.
fn string(text: &[u8], begin: usize) -> usize {
    let mut at = begin + 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let mut pieces = Pieces::default();
        let next = || pieces.next(text.as_bytes());
        std::iter::from_fn(next)
            .map(|piece| match piece {
                Piece::Object(range) => text[range].to_owned(),
                Piece::Line(range) => format!("line {}", &text[range]),
                Piece::Cut(at) => format!("cut at {at}"),
            })
            .collect()
    }

    #[test]
    fn objects_and_items_are_pieces() {
        for (text, pieces) in [
            ("{\"a\":1}\n{\"b\":\"}{\\\"\"}", vec!["{\"a\":1}", "{\"b\":\"}{\\\"\"}"]),
            (
                "{\"kind\":\"List\",\"items\" : [ {\"a\":{}}, {\"b\":[]} ],\"metadata\":{\"x\":\"}\"}}\n{\"c\":1}",
                vec!["{\"a\":{}}", "{\"b\":[]}", "{\"c\":1}"],
            ),
            ("[{\"a\":1},{\"items\":[]}]", vec!["{\"a\":1}", "{\"items\":[]}"]),
            ("Warning: old\n{\"a\":1}", vec!["line Warning: old", "{\"a\":1}"]),
            ("{\"items\":[]}", vec![]),
            ("{\"a\":1}{\"b\":", vec!["{\"a\":1}", "cut at 7"]),
            ("{\"items\":[{\"a\":1},{\"b\"", vec!["{\"a\":1}", "cut at 18"]),
            ("", vec![]),
        ] {
            assert_eq!(told(text), pieces, "{text}");
        }
    }
}
