//! What is done with the text of a lesson that somebody writes or was given: how it is kept, copied and called.

use super::read::{Read, read};

/// What is to be done with a text that was just typed, so that nothing that anybody has typed is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// It is kept already.
    Kept,
    /// It takes the place of what is kept.
    Put,
    /// Somebody else, in another tab, has changed what is kept: it becomes a draft of its own.
    Apart,
}

/// What is to be done with `text`, when `known` is what was kept here last, and `kept` is what is kept now.
pub fn keeping(known: &str, kept: Option<&str>, text: &str) -> Keeping {
    match kept {
        Some(kept) if kept == text => Keeping::Kept,
        Some(kept) if kept != known => Keeping::Apart,
        // What was thrown away elsewhere is still written here.
        Some(_) | None => Keeping::Put,
    }
}

/// A name for a lesson by its text: the same for the same text, and hardly ever for another (FNV-1a).
pub fn mark(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// The text of a copy: its id says that it is one, so that both are kept apart.
pub fn copied(text: &str) -> String {
    let id = text.lines().take_while(|line| !line.starts_with('#')).find(|line| line.starts_with("id:"));
    match id {
        Some(line) => text.replacen(line, &format!("{}-copy", line.trim_end()), 1),
        None => text.to_owned(),
    }
}

/// The name of the file that a lesson is saved as.
pub fn file_name(text: &str) -> String {
    let Read { lesson, .. } = read(text);
    let is_plain = |c: &char| c.is_alphanumeric() || *c == '-';
    let name: String = lesson.id.chars().filter(is_plain).take(60).collect();
    if name.is_empty() { "lesson.md".to_owned() } else { format!("{name}.md") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_typed_in_any_tab_is_lost() {
        for (known, kept, text, expected) in [
            ("a", Some("a"), "ab", Keeping::Put),
            ("a", Some("ab"), "ab", Keeping::Kept),
            ("a", Some("other"), "ab", Keeping::Apart),
            ("a", Some("other"), "other", Keeping::Kept),
            ("a", None, "ab", Keeping::Put),
            ("a", Some(""), "ab", Keeping::Apart),
            ("", None, "a", Keeping::Put),
        ] {
            assert_eq!(keeping(known, kept, text), expected, "{known:?} {kept:?} {text:?}");
        }
        // Two tabs have the same draft, and each goes on: both texts are kept.
        let (known, mut shelf) = ("a", vec![("draft", "a".to_owned())]);
        assert_eq!(keeping(known, Some(&shelf[0].1), "a1"), Keeping::Put);
        shelf[0].1 = "a1".to_owned();
        assert_eq!(keeping(known, Some(&shelf[0].1), "a2"), Keeping::Apart);
    }

    #[test]
    fn a_copy_has_an_id_of_its_own() {
        let copy = copied("---\nid: kinds\ntitle: A\n---\n## id: B\n");
        assert_eq!(copy, "---\nid: kinds-copy\ntitle: A\n---\n## id: B\n");
        assert_eq!(copied("## A\nid: b\n"), "## A\nid: b\n");
    }

    #[test]
    fn names_are_plain_and_follow_the_text() {
        assert_eq!(file_name("---\nid: 나의-lesson\n---\n## A\n"), "나의-lesson.md");
        assert_eq!(file_name("---\nid: ../a b\n---\n## A\n"), "ab.md");
        assert_eq!(file_name("no lesson"), "lesson.md");
        assert_eq!((mark(""), mark("a") == mark("b")), ("cbf29ce484222325".to_owned(), false));
    }
}
