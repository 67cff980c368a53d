//! Rust text without what is not code: comments, strings and characters.

/// The text with every comment, string and character literal blanked. Lines stay where they are.
pub(crate) fn only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_end(&chars, at);
        if end > at {
            out.extend(chars[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
            at = end;
        } else {
            // An identifier is taken whole, so that its last letter starts no raw string.
            let start = at;
            while at < chars.len() && is_name(chars[at]) {
                at += 1;
            }
            at = at.max(start + 1);
            out.extend(&chars[start..at]);
        }
    }
    out
}

/// Every name in the code, with its line.
pub(crate) fn names(text: &str) -> Vec<(usize, String)> {
    let mut names = Vec::new();
    for (number, line) in only(text).lines().enumerate() {
        let words = line.split(|c: char| !is_name(c)).filter(|word| !word.is_empty());
        names.extend(words.map(|word| (number + 1, word.to_owned())));
    }
    names
}

pub(crate) fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where the comment or literal that starts here ends; `at` itself where none starts.
fn literal_end(chars: &[char], at: usize) -> usize {
    let next = |ahead: usize| chars.get(at + ahead).copied().unwrap_or(' ');
    match (chars[at], next(1)) {
        ('/', '/') => (at..chars.len()).find(|&i| chars[i] == '\n').unwrap_or(chars.len()),
        ('/', '*') => {
            let mut depth = 0;
            let mut i = at;
            while i < chars.len() {
                match (chars[i], chars.get(i + 1)) {
                    ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
                    ('*', Some('/')) => (depth, i) = (depth - 1, i + 2),
                    _ => i += 1,
                }
                if depth == 0 {
                    break;
                }
            }
            i
        }
        ('"', _) => quoted_end(chars, at + 1, '"'),
        ('b' | 'c', '"') => quoted_end(chars, at + 2, '"'),
        ('b', '\'') => quoted_end(chars, at + 2, '\''),
        ('r', '"' | '#') => raw_end(chars, at + 1).unwrap_or(at),
        ('b' | 'c', 'r') => raw_end(chars, at + 2).unwrap_or(at),
        // A lifetime is not closed after one character.
        ('\'', '\\') => quoted_end(chars, at + 1, '\''),
        ('\'', _) if next(2) == '\'' => at + 3,
        _ => at,
    }
}

fn quoted_end(chars: &[char], mut at: usize, close: char) -> usize {
    while at < chars.len() && chars[at] != close {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

/// Where a raw string ends whose hashes start here; `None` for a raw identifier.
fn raw_end(chars: &[char], at: usize) -> Option<usize> {
    let hashes = chars[at..].iter().take_while(|&&c| c == '#').count();
    if chars.get(at + hashes) != Some(&'"') {
        return None;
    }
    let body = at + hashes + 1;
    let closes =
        |i: &usize| chars[*i] == '"' && chars[i + 1..].iter().take_while(|&&c| c == '#').count() >= hashes;
    Some((body..chars.len()).find(closes).map_or(chars.len(), |i| i + 1 + hashes))
}

#[test]
fn only_code_is_left() {
    let text = "let a = \"crate::x \\\" y\"; // crate::z\nlet b: &'a str = r#\"q\"w\"#; /* a /* b */ c */ d('\\'', '\"')";
    let names: Vec<String> = names(text).into_iter().map(|(line, name)| format!("{line}{name}")).collect();
    assert_eq!(names.join(" "), "1let 1a 2let 2b 2a 2str 2d");
}
