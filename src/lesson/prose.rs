//! What of Markdown stands within a line: code, and what is bold.

/// A text of a lesson.
pub type Prose = Vec<Inline>;

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// As it is.
    Text(String),
    /// Between backquotes.
    Code(String),
    /// Between two asterisks.
    Strong(String),
}

/// A text in pieces. A mark that is not closed is a sign like any other.
pub(super) fn prose(text: &str) -> Prose {
    let mut out: Prose = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let marked = between(rest, "`").map(|(inner, after)| (Inline::Code(inner.to_owned()), after));
        let marked = marked
            .or_else(|| between(rest, "**").map(|(inner, after)| (Inline::Strong(inner.to_owned()), after)));
        match marked {
            Some((piece, after)) => {
                if !plain.is_empty() {
                    out.push(Inline::Text(std::mem::take(&mut plain)));
                }
                out.push(piece);
                rest = after;
            }
            None => {
                plain.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    if !plain.is_empty() {
        out.push(Inline::Text(plain));
    }
    out
}

/// What stands between two marks at the beginning, and what comes after.
fn between<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(mark)?.split_once(mark).filter(|(inner, _)| !inner.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_bold_are_found_and_an_open_mark_is_a_sign() {
        let (text, code) = (|text: &str| Inline::Text(text.into()), |text: &str| Inline::Code(text.into()));
        assert_eq!(prose("a `b` c"), [text("a "), code("b"), text(" c")]);
        assert_eq!(prose("**a**`b**`"), [Inline::Strong("a".into()), code("b**")]);
        assert_eq!(prose("2 * 3 ` 4"), [text("2 * 3 ` 4")]);
    }
}
