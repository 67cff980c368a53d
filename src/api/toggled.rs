//! A text with a field that is true put into it or taken away; everything else stays as somebody has written it.

use super::layout::{begins_line, entry_lines, insert_first};
use crate::manifest::{Edit, Entry, Node, NodeKind, Span, apply_edits};

/// Whether a mapping says of a field that it is true.
pub fn is_true(mapping: &Node, field: &str) -> bool {
    mapping.get(field).is_some_and(|value| value.kind == NodeKind::Bool(true))
}

/// The text with `field: true` in a mapping, or with the field taken away where it is true. None where there is no way to do
/// that and leave the rest as it is.
pub fn toggled(text: &str, mapping: &Node, field: &str) -> Option<String> {
    let edit = match mapping.entry(field) {
        Some(entry) if is_true(mapping, field) => removed(text, mapping, entry)?,
        Some(entry) => {
            Edit::replace(entry.value.span, if entry.value.span.is_empty() { " true" } else { "true" })
        }
        None => insert_first(text, mapping, &format!("{field}: true\n"))?,
    };
    Some(apply_edits(text, &[edit]))
}

/// The edit that takes an entry away, with its line or with its comma.
fn removed(text: &str, mapping: &Node, entry: &Entry) -> Option<Edit> {
    let place = mapping.entries().iter().position(|other| other.key == entry.key)?;
    let (before, after) = (place.checked_sub(1), mapping.entries().get(place + 1));
    let is_alone_on_its_line = begins_line(text, entry.key_span.start as usize)
        && after.is_none_or(|after| begins_line(text, after.key_span.start as usize));
    if is_alone_on_its_line {
        // A mapping without entries would be null.
        mapping.entries().get(1)?;
        return Some(Edit::replace(entry_lines(text, entry)?, ""));
    }
    let span = match (before.and_then(|place| mapping.entries().get(place)), after) {
        (_, Some(after)) => Span::new(entry.key_span.start as usize, after.key_span.start as usize),
        (Some(before), None) => Span::new(before.span().end as usize, entry.span().end as usize),
        (None, None) => Span::new(entry.key_span.start as usize, entry.span().end as usize),
    };
    Some(Edit::replace(span, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::parse;

    #[test]
    fn a_field_comes_and_goes_and_the_rest_stays() {
        for (without, with) in [
            ("a: 1 # one\nb:\n- 2\n", "x: true\na: 1 # one\nb:\n- 2\n"),
            ("{a: 1, b: 2}\n", "{x: true, a: 1, b: 2}\n"),
            ("{}\n", "{x: true}\n"),
        ] {
            let root = parse(without).documents.remove(0).root;
            assert_eq!(toggled(without, &root, "x").as_deref(), Some(with));
            let root = parse(with).documents.remove(0).root;
            assert!(is_true(&root, "x"));
            assert_eq!(toggled(with, &root, "x").as_deref(), Some(without));
        }
    }

    #[test]
    fn what_says_otherwise_is_made_to_say_so() {
        for (text, expected) in [
            ("a: 1\nx: false # no\n", "a: 1\nx: true # no\n"),
            ("a: 1\nx:\n", "a: 1\nx: true\n"),
            ("{a: 1, x: false}\n", "{a: 1, x: true}\n"),
        ] {
            let root = parse(text).documents.remove(0).root;
            assert_eq!(toggled(text, &root, "x").as_deref(), Some(expected));
        }
        let text = "{a: 1, x: true}\n";
        let root = parse(text).documents.remove(0).root;
        assert_eq!(
            toggled(text, &root, "x").as_deref(),
            Some("{a: 1}\n"),
            "the last one goes with the comma before it"
        );
    }
}
