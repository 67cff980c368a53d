//! Edits to the text of a manifest that keep its layout: where an entry's lines begin and end, how far a
//! mapping is indented, and what a new entry looks like there.

use crate::manifest::{Edit, Entry, Node, NodeKind, Span};

/// The byte at which the line of `at` begins.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// The byte after the line of `at`, its line break included.
pub(crate) fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |end| at + end + 1)
}

/// How many bytes stand before `at` on its line.
pub(crate) fn column(text: &str, at: usize) -> usize {
    at - line_start(text, at)
}

/// Whether nothing but spaces stands before `at` on its line.
pub(crate) fn begins_line(text: &str, at: usize) -> bool {
    text.get(line_start(text, at)..at).is_some_and(|before| before.bytes().all(|byte| byte == b' '))
}

/// Whether a collection is written in braces or brackets.
pub(crate) fn is_flow(text: &str, node: &Node) -> bool {
    matches!(text.as_bytes().get(node.span.start as usize), Some(b'{' | b'['))
        && matches!(node.kind, NodeKind::Mapping(_) | NodeKind::Sequence(_))
}

/// The text as a plain YAML scalar, or quoted where it would be read as something else.
pub(crate) fn scalar(text: &str) -> String {
    let printed = crate::value::yaml::print(&crate::value::Value::from(text));
    let printed = printed.trim_end_matches('\n');
    if printed.contains('\n') {
        crate::value::json::compact(&crate::value::Value::from(text))
    } else {
        printed.to_owned()
    }
}

/// The whole lines of an entry that begins its line: from the line of its key to the line on which its value
/// ends.
pub(crate) fn entry_lines(text: &str, entry: &Entry) -> Option<Span> {
    let span = entry.span();
    let start = span.start as usize;
    begins_line(text, start).then(|| {
        let last = (span.end as usize).max(start + 1) - 1;
        Span::new(line_start(text, start), line_end(text, last))
    })
}

/// The edit that adds an entry, written as lines without indentation, before `entry` of a mapping in block
/// style.
pub(crate) fn insert_before(text: &str, entry: &Entry, lines: &str) -> Edit {
    let at = entry.key_span.start as usize;
    let indent = " ".repeat(column(text, at));
    let mut added = String::new();
    for line in lines.lines() {
        added.push_str(line);
        added.push('\n');
        added.push_str(&indent);
    }
    Edit::insert(at, added)
}

/// The edit that adds an entry at the beginning of a mapping. In a mapping in braces the entry has to be one
/// line. None for a mapping without entries in block style, which does not exist.
pub(crate) fn insert_first(text: &str, mapping: &Node, lines: &str) -> Option<Edit> {
    let first = mapping.entries().first();
    if is_flow(text, mapping) {
        let comma = if first.is_some() { ", " } else { "" };
        let line = lines.trim_end();
        let at = mapping.span.start as usize + 1;
        return (!line.contains('\n')).then(|| Edit::insert(at, format!("{line}{comma}")));
    }
    first.map(|first| insert_before(text, first, lines))
}

/// Lines moved so that their first begins at column `to`; blank lines stay.
pub(crate) fn reindent(lines: &str, from: usize, to: usize) -> String {
    let mut out = String::with_capacity(lines.len() + 16);
    for line in lines.split_inclusive('\n') {
        let kept = line.trim_start_matches(' ');
        let indent = line.len() - kept.len();
        if !kept.trim().is_empty() {
            out.extend(std::iter::repeat_n(' ', (indent + to).saturating_sub(from)));
        }
        out.push_str(kept);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{apply_edits, parse};
    use std::rc::Rc;

    fn root(text: &str) -> Rc<Node> {
        parse(text).documents.remove(0).root
    }

    #[test]
    fn entries_are_added_in_the_layout_of_their_mapping() {
        for (text, first) in [
            ("a: 1\nb: 2\n", "x: 0\na: 1\nb: 2\n"),
            ("a: 1", "x: 0\na: 1"),
            ("{a: 1}\n", "{x: 0, a: 1}\n"),
            ("{}\n", "{x: 0}\n"),
        ] {
            let mapping = root(text);
            let edit = insert_first(text, &mapping, "x: 0\n").expect("there is a place");
            assert_eq!(apply_edits(text, &[edit]), first, "in {text:?}");
        }
        let text = "- a: 1\n  b: 2\n";
        let item = root(text).items()[0].clone();
        let edit = insert_first(text, &item, "x:\n  y: 0\n").expect("there is a place");
        assert_eq!(apply_edits(text, &[edit]), "- x:\n    y: 0\n  a: 1\n  b: 2\n", "in an item");
    }

    #[test]
    fn lines_are_moved_together() {
        assert_eq!(reindent("  a:\n    b: 1\n\n  c: 2\n", 2, 4), "    a:\n      b: 1\n\n    c: 2\n");
        assert_eq!(reindent("    a:\n      b: 1\n", 4, 0), "a:\n  b: 1\n");
    }

    #[test]
    fn scalars_are_quoted_where_they_have_to_be() {
        for (text, written) in
            [("web", "web"), ("80", "\"80\""), ("yes", "\"yes\""), ("a: b", "'a: b'"), ("a\nb", "\"a\\nb\"")]
        {
            assert_eq!(scalar(text), written);
        }
    }
}
