//! The same object with its keys in another order: YAML's mappings have none.

use super::{Entry, Node, NodeKind, Span, parse};

/// The text with the keys of every mapping of its documents in another order; none where nothing can be moved. Lists keep
/// their order, which means something, and so does what stands in braces. The same `seed` gives the same order.
///
/// ```
/// use podium::manifest::shuffle;
///
/// assert_eq!(shuffle("a: 1\nb: 2\n", 1).as_deref(), Some("b: 2\na: 1\n"));
/// assert_eq!(shuffle("a: 1\n", 1), None);
/// ```
pub fn shuffle(text: &str, seed: u64) -> Option<String> {
    let before = parse(text);
    if before.documents.iter().any(|document| document.broken) {
        return None;
    }
    let mut shuffler = Shuffler { text, state: seed };
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for document in &before.documents {
        let span = document.root.span;
        out.push_str(text.get(done..span.start as usize)?);
        out.push_str(&shuffler.node(&document.root));
        done = span.end as usize;
    }
    out.push_str(text.get(done..)?);
    let after = parse(&out);
    let same = before.documents.len() == after.documents.len()
        && before
            .documents
            .iter()
            .zip(&after.documents)
            .all(|(a, b)| !b.broken && means_same(&a.root, &b.root));
    (same && out != text).then_some(out)
}

fn means_same(a: &Node, b: &Node) -> bool {
    match (&a.kind, &b.kind) {
        (NodeKind::Sequence(a), NodeKind::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| means_same(a, b))
        }
        (NodeKind::Mapping(entries), NodeKind::Mapping(others)) => {
            entries.len() == others.len()
                && entries
                    .iter()
                    .all(|entry| b.get(&entry.key).is_some_and(|other| means_same(&entry.value, other)))
        }
        (a, b) => a == b,
    }
}

struct Shuffler<'a> {
    text: &'a str,
    state: u64,
}

impl Shuffler<'_> {
    fn slice(&self, from: u32, to: u32) -> &str {
        Span { start: from, end: to.max(from) }.slice(self.text)
    }

    /// A number below `limit`, from a linear congruence: what comes out need only look unordered.
    fn draw(&mut self, limit: usize) -> usize {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.state >> 33).unwrap_or(0) % limit.max(1)
    }

    /// What a value says, its mappings in another order.
    fn node(&mut self, node: &Node) -> String {
        let written = node.span.slice(self.text);
        match &node.kind {
            NodeKind::Mapping(entries) if !written.starts_with('{') => self.mapping(node, entries),
            NodeKind::Sequence(items) if !written.starts_with('[') => {
                let mut out = String::new();
                let mut done = node.span.start;
                for item in items {
                    out.push_str(self.slice(done, item.span.start));
                    out.push_str(&self.node(item));
                    done = item.span.end;
                }
                out.push_str(self.slice(done, node.span.end));
                out
            }
            _ => written.to_owned(),
        }
    }

    /// The byte at which the line of `at` ends.
    fn line_end(&self, at: u32) -> u32 {
        let rest = self.text.get(at as usize..).unwrap_or("");
        at + u32::try_from(rest.find(['\n', '\r']).unwrap_or(rest.len())).unwrap_or(0)
    }

    fn mapping(&mut self, node: &Node, entries: &[Entry]) -> String {
        // A comment goes with the entry that it stands behind; the last one's is not a part of the mapping.
        let may_move = self.slice(node.span.end, self.line_end(node.span.end)).trim().is_empty();
        // In the order of the text; what stands between the lines of two entries stays between them.
        let mut parts = Vec::new();
        let mut gaps = Vec::new();
        let mut done = node.span.start;
        for entry in entries {
            gaps.push(self.slice(done, entry.key_span.start).to_owned());
            let value = self.node(&entry.value);
            done = self.line_end(entry.value.span.end).min(node.span.end.max(entry.value.span.end));
            let (key, comment) = (
                self.slice(entry.key_span.start, entry.value.span.start),
                self.slice(entry.value.span.end, done),
            );
            parts.push(format!("{key}{value}{comment}"));
        }
        let last = self.slice(done, node.span.end).to_owned();
        for at in (1..parts.len()).rev().filter(|_| may_move) {
            let other = self.draw(at + 1);
            parts.swap(at, other);
        }
        let mut out = String::new();
        for (gap, part) in gaps.iter().zip(&parts) {
            out.push_str(gap);
            out.push_str(part);
        }
        out + &last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: &str = "# a Pod\napiVersion: v1\nkind: Pod\nmetadata:\n  name: a # the name\nspec:\n  containers:\n  - name: one\n    image: b\n    args: [x, y]\n  - name: two\n    image: c\n";

    #[test]
    fn the_order_is_another_and_the_object_the_same() {
        let mut orders = std::collections::BTreeSet::new();
        for seed in 0..20 {
            let Some(other) = shuffle(POD, seed) else { continue };
            let (a, b) = (parse(POD), parse(&other));
            assert!(means_same(&a.documents[0].root, &b.documents[0].root), "{other}");
            assert!(other.find("one") < other.find("two"), "lists keep their order: {other}");
            assert_eq!(other.len(), POD.len(), "{other}");
            orders.insert(other);
        }
        assert!(orders.len() > 10);
    }

    #[test]
    fn what_would_mean_something_else_stays() {
        for text in ["a: &x 1\nb: *x\n", "a: [1\n", "{a: 1, b: 2}\n", "- a\n- b\n", ""] {
            for seed in 0..4 {
                let other = shuffle(text, seed);
                assert!(
                    other.as_ref().is_none_or(|other| !parse(other).documents[0].broken),
                    "{text:?} {other:?}"
                );
            }
        }
    }
}
