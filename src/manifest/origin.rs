//! Where a text that was mended for reading on stands in the text that was given.

use super::{Diagnostic, Edit, Span};

/// From a place in a mended piece of the text to the place in the whole, unmended one.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    /// Where the piece begins.
    base: usize,
    /// One list of pieces for each round of mending, the first round first.
    rounds: Vec<Vec<Piece>>,
}

/// A run of bytes that a round of mending kept, or put in.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Where it begins after the round.
    after: usize,
    /// Where it begins before the round.
    before: usize,
    /// How many bytes of the text before the round it stands for.
    length: usize,
}

impl Origin {
    /// A piece that begins at `base`, as it stands.
    pub(super) fn new(base: usize) -> Origin {
        Origin { base, rounds: Vec::new() }
    }

    /// The text with these edits made, none overlapping, and from then on places are those of that text.
    pub(super) fn mend(&mut self, text: &str, edits: &[Edit]) -> String {
        let mut sorted: Vec<&Edit> = edits.iter().collect();
        sorted.sort_by_key(|edit| edit.span);
        let mut pieces = Vec::with_capacity(sorted.len() * 2 + 1);
        let mut mended = String::with_capacity(text.len() + 64);
        let mut done = 0;
        for edit in sorted {
            let range = edit.span.range();
            let Some(kept) = text.get(done..range.start) else { continue };
            if text.get(range.clone()).is_none() {
                continue;
            }
            pieces.push(Piece { after: mended.len(), before: done, length: kept.len() });
            mended.push_str(kept);
            pieces.push(Piece { after: mended.len(), before: range.start, length: range.len() });
            mended.push_str(&edit.text);
            done = range.end;
        }
        let rest = text.get(done..).unwrap_or("");
        pieces.push(Piece { after: mended.len(), before: done, length: rest.len() });
        mended.push_str(rest);
        self.rounds.push(pieces);
        mended
    }

    /// The place of a byte.
    pub(super) fn offset(&self, at: usize) -> usize {
        self.base
            + self.rounds.iter().rev().fold(at, |at, pieces| {
                let next = pieces.partition_point(|piece| piece.after <= at);
                match next.checked_sub(1).and_then(|last| pieces.get(last)) {
                    Some(piece) => piece.before + (at - piece.after).min(piece.length),
                    None => at,
                }
            })
    }

    /// The place of a range.
    pub(super) fn span(&self, span: Span) -> Span {
        Span::new(self.offset(span.start as usize), self.offset(span.end as usize))
    }

    /// The diagnostic with all its places moved.
    pub(super) fn diagnostic(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.span = self.span(diagnostic.span);
        for edit in diagnostic.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
            edit.span = self.span(edit.span);
        }
        diagnostic
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_again_after_several_rounds() {
        let mut origin = Origin::new(100);
        let once = origin.mend("a:b\n\tc:d\n", &[Edit::insert(2, " "), Edit::replace(Span::new(4, 5), "  ")]);
        assert_eq!(once, "a: b\n  c:d\n");
        let twice = origin.mend(&once, &[Edit::insert(9, " ")]);
        assert_eq!(twice, "a: b\n  c: d\n");
        let cases = [("a", 0, 100), ("b", 3, 102), ("the tab", 5, 104), ("c", 7, 105), ("d", 10, 107)];
        for (what, at, place) in cases {
            assert_eq!(origin.offset(at), place, "{what}");
        }
    }
}
