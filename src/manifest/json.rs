//! What kubectl says of a file that begins with a brace and is neither JSON nor YAML: the words are those of
//! Go's JSON decoder (`encoding/json/scanner.go`), which it asks first.

/// The words for the first value of `text`, or `None` if it is JSON.
pub(super) fn refusal(text: &str) -> Option<String> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, open: Vec::new() };
    match scanner.scan() {
        Ok(()) => None,
        Err(None) => Some("unexpected EOF".to_owned()),
        Err(Some(context)) => {
            let character = text.get(scanner.at..).and_then(|rest| rest.chars().next()).unwrap_or('\0');
            Some(format!(
                "json: offset {}: invalid character {} {context}",
                scanner.at + 1,
                quoted(character)
            ))
        }
    }
}

/// What `encoding/json` says of a text that is no JSON.
pub(crate) fn go_error(text: &str) -> Option<String> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, open: Vec::new() };
    let context = match scanner.scan() {
        Err(None) => return Some("unexpected end of JSON input".to_owned()),
        Err(Some(context)) => context,
        Ok(()) => match scanner.next() {
            Ok(_) => "after top-level value".to_owned(),
            Err(_) => return None,
        },
    };
    let character = text.get(scanner.at..).and_then(|rest| rest.chars().next()).unwrap_or('\0');
    Some(format!("invalid character {} {context}", quoted(character)))
}

/// A character as Go's decoder prints it.
fn quoted(character: char) -> String {
    match character {
        '\'' => r"'\''".to_owned(),
        '"' => "'\"'".to_owned(),
        '\\' => r"'\\'".to_owned(),
        '\n' => r"'\n'".to_owned(),
        '\t' => r"'\t'".to_owned(),
        '\r' => r"'\r'".to_owned(),
        // The decoder looks at bytes.
        other if !other.is_ascii() => {
            let mut bytes = [0; 4];
            let first = other.encode_utf8(&mut bytes).bytes().next().unwrap_or(0);
            format!("'{}'", char::from(first))
        }
        other if other.is_control() => format!(r"'\x{:02x}'", u32::from(other)),
        other => format!("'{other}'"),
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The closing signs of what is open.
    open: Vec<u8>,
}

/// `None` where the text ended too early, else what was looked for.
type Problem = Option<String>;

impl Scanner<'_> {
    fn scan(&mut self) -> Result<(), Problem> {
        self.value()?;
        while let Some(close) = self.open.last().copied() {
            match (self.next()?, close) {
                (byte, _) if byte == close => {
                    self.at += 1;
                    self.open.pop();
                }
                (b',', b'}') => {
                    self.at += 1;
                    self.key()?;
                }
                (b',', _) => {
                    self.at += 1;
                    self.value()?;
                }
                (_, b'}') => return Err(Some("after object key:value pair".to_owned())),
                _ => return Err(Some("after array element".to_owned())),
            }
        }
        Ok(())
    }

    /// The next byte that is no space.
    fn next(&mut self) -> Result<u8, Problem> {
        while let Some(byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Ok(*byte);
            }
            self.at += 1;
        }
        Err(None)
    }

    /// A key, its colon and the beginning of its value.
    fn key(&mut self) -> Result<(), Problem> {
        if self.next()? != b'"' {
            return Err(Some("looking for beginning of object key string".to_owned()));
        }
        self.string()?;
        if self.next()? != b':' {
            return Err(Some("after object key".to_owned()));
        }
        self.at += 1;
        self.value()
    }

    /// A scalar, or the beginning of a collection up to its first scalar.
    fn value(&mut self) -> Result<(), Problem> {
        loop {
            match self.next()? {
                b'{' => {
                    self.at += 1;
                    self.open.push(b'}');
                    return if self.next()? == b'}' { Ok(()) } else { self.key() };
                }
                b'[' => {
                    self.at += 1;
                    self.open.push(b']');
                    if self.next()? == b']' {
                        return Ok(());
                    }
                }
                b'"' => return self.string(),
                b't' => return self.literal("true"),
                b'f' => return self.literal("false"),
                b'n' => return self.literal("null"),
                b'-' | b'0'..=b'9' => return self.number(),
                _ => return Err(Some("looking for beginning of value".to_owned())),
            }
        }
    }

    fn string(&mut self) -> Result<(), Problem> {
        self.at += 1;
        loop {
            match self.bytes.get(self.at).ok_or(None)? {
                b'"' => break,
                b'\\' => {
                    self.at += 1;
                    match self.bytes.get(self.at).ok_or(None)? {
                        b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => {}
                        b'u' => self.hexadecimal()?,
                        _ => return Err(Some("in string escape code".to_owned())),
                    }
                }
                byte if *byte < 0x20 => return Err(Some("in string literal".to_owned())),
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        Ok(())
    }

    fn hexadecimal(&mut self) -> Result<(), Problem> {
        for _ in 0..4 {
            self.at += 1;
            if !self.bytes.get(self.at).ok_or(None)?.is_ascii_hexdigit() {
                return Err(Some("in \\u hexadecimal character escape".to_owned()));
            }
        }
        Ok(())
    }

    fn literal(&mut self, word: &str) -> Result<(), Problem> {
        for expected in word.bytes() {
            if *self.bytes.get(self.at).ok_or(None)? != expected {
                return Err(Some(format!("in literal {word} (expecting '{}')", char::from(expected))));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Problem> {
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        match self.bytes.get(self.at).ok_or(None)? {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits(),
            _ => return Err(Some("in numeric literal".to_owned())),
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            if !self.bytes.get(self.at).ok_or(None)?.is_ascii_digit() {
                return Err(Some("after decimal point in numeric literal".to_owned()));
            }
            self.digits();
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !self.bytes.get(self.at).ok_or(None)?.is_ascii_digit() {
                return Err(Some("in exponent of numeric literal".to_owned()));
            }
            self.digits();
        }
        Ok(())
    }

    fn digits(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Taken from the real decoder.
    #[test]
    fn it_says_what_go_says() {
        let cases = [
            ("{\"a\": [1, -2.5e3, true, null, \"\\u00e9\"], \"b\": {}} x", None),
            (
                "{{- if .x }}",
                Some("json: offset 2: invalid character '{' looking for beginning of object key string"),
            ),
            (
                "{\"a\": 1 \"b\": 2}",
                Some("json: offset 9: invalid character '\"' after object key:value pair"),
            ),
            ("{\"a\": \"x}\n", Some("json: offset 10: invalid character '\\n' in string literal")),
            ("{\"a\": 1\n", Some("unexpected EOF")),
            (
                "{\"a\": 1,}",
                Some("json: offset 9: invalid character '}' looking for beginning of object key string"),
            ),
            ("{\"a\": tru}", Some("json: offset 10: invalid character '}' in literal true (expecting 'e')")),
            ("{\"a\": [1 2]}", Some("json: offset 10: invalid character '2' after array element")),
            (
                "{'a': 1}",
                Some("json: offset 2: invalid character '\\'' looking for beginning of object key string"),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(refusal(text).as_deref(), expected, "{text}");
        }
    }
}
