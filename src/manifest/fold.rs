//! What of a text can be folded away: everything below a key or a dash that goes on over several lines.

use super::{Node, NodeKind, Span};

/// The ranges that can be folded, in the order of the text: each from the end of the line that stays to the end of the
/// last line that goes.
pub fn folds<'a>(text: &str, roots: impl IntoIterator<Item = &'a Node>) -> Vec<Span> {
    let mut found = Vec::new();
    for root in roots {
        inside(text, root, &mut found);
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn inside(text: &str, node: &Node, found: &mut Vec<Span>) {
    for entry in node.entries() {
        // What came through an alias is folded where its anchor is.
        if entry.value.span.start >= entry.key_span.end {
            push(text, entry.key_span.end, entry.value.span, found);
            inside(text, &entry.value, found);
        }
    }
    for item in node
        .items()
        .iter()
        .filter(|item| node.span.start <= item.span.start && item.span.end <= node.span.end)
    {
        if matches!(item.kind, NodeKind::Mapping(_) | NodeKind::Sequence(_)) {
            push(text, item.span.start, item.span, found);
        }
        inside(text, item, found);
    }
}

fn push(text: &str, stays: u32, value: Span, found: &mut Vec<Span>) {
    let (stays, end) = (stays as usize, value.end as usize);
    let Some(line) = text.get(stays..end).and_then(|rest| rest.find('\n')) else { return };
    let line = stays + line;
    let from = text.get(..line).map_or(line, |before| before.trim_end_matches('\r').len());
    let to = text.get(..end).map_or(end, |upto| upto.trim_end().len());
    if from < to && to > line {
        found.push(Span::new(from, to));
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn what_goes_on_over_several_lines_can_be_folded() {
        let text = "kind: Pod\nspec:\n  containers:\n  - name: a\n    image: b\n  - name: c\nrun: |\n  one\n  two\n\nend: {a: 1,\n  b: 2}\n";
        let documents = parse(text).documents;
        let folded: Vec<&str> = folds(text, documents.iter().map(|document| &*document.root))
            .iter()
            .map(|span| span.slice(text))
            .collect();
        assert_eq!(
            folded,
            [
                "\n  containers:\n  - name: a\n    image: b\n  - name: c",
                "\n  - name: a\n    image: b\n  - name: c",
                "\n    image: b",
                "\n  one\n  two",
                "\n  b: 2}",
            ]
        );
    }
}
