//! What is wrong in a text, and the edits that mend it. Ids and arguments only: the sentences are written
//! elsewhere, in each language.

use crate::value::Str;

use super::Span;

/// One mistake, or something doubtful.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Which mistake it is, in kebab case; also the id of its message.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where it stands.
    pub span: Span,
    /// What the message is about, by the names that the message uses.
    pub args: Vec<(&'static str, Arg)>,
    /// The id of the message that says what kubectl or the cluster would do, with the same arguments.
    pub consequence: Option<&'static str>,
    /// How to mend it; of several fixes one has to be chosen.
    pub fixes: Vec<Fix>,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// kubectl or the API server refuses it.
    Error,
    /// It is accepted, and does something that was hardly meant.
    Warning,
    /// It is good to know.
    Hint,
}

/// A way to mend a mistake.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// The id of the message on its button.
    pub label: &'static str,
    /// What that message is about.
    pub args: Vec<(&'static str, Arg)>,
    /// What it changes in the text that was read.
    pub edits: Vec<Edit>,
    /// Whether it is what was meant as far as anyone can tell, so that it may be applied together with others
    /// without being looked at.
    pub certain: bool,
}

/// A replacement in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What goes away; an empty span only inserts.
    pub span: Span,
    /// What comes in its place.
    pub text: String,
}

/// The id of a message, as code writes it; a test holds that the message exists.
#[macro_export]
macro_rules! msg {
    ($id:literal) => {
        $id
    };
}

/// An argument of a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arg {
    /// A name, a value, a piece of the text.
    Text(Str),
    /// A number, so that a message can choose its plural.
    Number(i64),
    /// A length of time in milliseconds, which each language prints with its units.
    Millis(u64),
    /// A size in bytes, which is printed with its unit.
    Bytes(u64),
    /// The id of another message, printed in its place with the same arguments.
    Message(&'static str),
}

impl Arg {
    /// A size in bytes.
    pub fn bytes(size: usize) -> Arg {
        Arg::Bytes(u64::try_from(size).unwrap_or(u64::MAX))
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Arg {
        Arg::Text(text.into())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Arg {
        Arg::Text(text.into())
    }
}

impl From<&Str> for Arg {
    fn from(text: &Str) -> Arg {
        Arg::Text(text.clone())
    }
}

impl From<i64> for Arg {
    fn from(number: i64) -> Arg {
        Arg::Number(number)
    }
}

impl From<usize> for Arg {
    fn from(number: usize) -> Arg {
        Arg::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl Diagnostic {
    /// A diagnostic without arguments, consequence and fixes.
    pub fn new(code: &'static str, severity: Severity, span: Span) -> Diagnostic {
        Diagnostic { code, severity, span, args: Vec::new(), consequence: None, fixes: Vec::new() }
    }

    /// The same with one more argument.
    pub fn arg(mut self, name: &'static str, arg: impl Into<Arg>) -> Diagnostic {
        self.args.push((name, arg.into()));
        self
    }

    /// The same with what the cluster would do.
    pub fn consequence(mut self, id: &'static str) -> Diagnostic {
        self.consequence = Some(id);
        self
    }

    /// The same with one more fix.
    pub fn fix(mut self, fix: Fix) -> Diagnostic {
        self.fixes.push(fix);
        self
    }
}

impl Fix {
    /// A certain fix without arguments.
    pub fn new(label: &'static str, edits: Vec<Edit>) -> Fix {
        Fix { label, args: Vec::new(), edits, certain: true }
    }

    /// The same as a guess.
    pub fn uncertain(mut self) -> Fix {
        self.certain = false;
        self
    }

    /// The same with one more argument.
    pub fn arg(mut self, name: &'static str, arg: impl Into<Arg>) -> Fix {
        self.args.push((name, arg.into()));
        self
    }
}

impl Edit {
    /// Puts `text` in the place of `span`.
    pub fn replace(span: Span, text: impl Into<String>) -> Edit {
        Edit { span, text: text.into() }
    }

    /// Puts `text` before the byte at `at`.
    pub fn insert(at: usize, text: impl Into<String>) -> Edit {
        Edit { span: Span::at(at), text: text.into() }
    }
}

/// The text with all the edits made, in whatever order they come. An edit that overlaps one before it, or
/// that does not lie on characters of this text, is left out.
pub fn apply_edits(text: &str, edits: &[Edit]) -> String {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| edit.span);
    let mut result =
        String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut done = 0;
    for edit in sorted {
        let range = edit.span.range();
        let Some(kept) = text.get(done..range.start) else { continue };
        if text.get(range.clone()).is_none() {
            continue;
        }
        result.push_str(kept);
        result.push_str(&edit.text);
        done = range.end;
    }
    result.push_str(text.get(done..).unwrap_or(""));
    result
}

/// The edits that move whole lines to the right (`by` spaces), or to the left (at most as far as they are
/// indented by spaces): every line that `span` touches and that is not blank.
pub fn indent_edit(text: &str, span: Span, by: i32) -> Vec<Edit> {
    let start = text.get(..span.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    // A span that ends where a line begins does not touch that line.
    let last = (span.end as usize).max(span.start as usize + 1) - 1;
    let mut edits = Vec::new();
    let mut at = start;
    for line in text.get(start..).unwrap_or("").split_inclusive('\n') {
        if at > last && at > start {
            break;
        }
        if !line.trim().is_empty() {
            let width = by.unsigned_abs() as usize;
            if by >= 0 {
                edits.push(Edit::insert(at, " ".repeat(width)));
            } else {
                let indented = line.bytes().take_while(|byte| *byte == b' ').count();
                edits.push(Edit::replace(Span::new(at, at + width.min(indented)), ""));
            }
        }
        at += line.len();
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_made_in_the_order_of_the_text() {
        let edits = [Edit::insert(5, "!"), Edit::replace(Span::new(0, 1), "A"), Edit::insert(0, ">")];
        assert_eq!(apply_edits("abcde", &edits), ">Abcde!");
    }

    #[test]
    fn edits_that_overlap_or_cut_a_character_are_left_out() {
        assert_eq!(
            apply_edits("abc", &[Edit::replace(Span::new(0, 2), "x"), Edit::insert(1, "y")]),
            "xc",
            "overlapping"
        );
        assert_eq!(apply_edits("가", &[Edit::insert(1, "y")]), "가", "inside a character");
        assert_eq!(apply_edits("a", &[Edit::insert(9, "y")]), "a", "past the end");
    }

    #[test]
    fn whole_lines_are_shifted() {
        let text = "a:\n  b:\n\n    c: 1\nd: 2\n";
        let block = Span::new(5, 18);
        assert_eq!(apply_edits(text, &indent_edit(text, block, 2)), "a:\n    b:\n\n      c: 1\nd: 2\n");
        assert_eq!(apply_edits(text, &indent_edit(text, block, -2)), "a:\nb:\n\n  c: 1\nd: 2\n");
        assert_eq!(apply_edits(text, &indent_edit(text, block, -9)), "a:\nb:\n\nc: 1\nd: 2\n");
        assert_eq!(apply_edits(text, &indent_edit(text, Span::at(0), 1)), " a:\n  b:\n\n    c: 1\nd: 2\n");
    }
}
