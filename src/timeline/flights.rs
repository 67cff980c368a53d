//! Things that are under way for a while, found by any moment of it.

use crate::cluster::time::SimTime;

/// Spans of time in the order of their beginnings. Which of them cover a moment is found without looking at
/// those that were over long before.
#[derive(Clone, Debug)]
pub(super) struct Flights<T> {
    spans: Vec<Span<T>>,
}

#[derive(Clone, Debug)]
struct Span<T> {
    what: T,
    from: SimTime,
    until: SimTime,
    /// The latest end of this one and all before it.
    latest: SimTime,
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self { spans: Vec::new() }
    }
}

impl<T: Copy + PartialEq> Flights<T> {
    /// Adds a span that begins no earlier than those before it, and gives its place.
    pub(super) fn push(&mut self, what: T, from: SimTime, until: SimTime) -> usize {
        let latest = self.spans.last().map_or(until, |last| last.latest.max(until));
        self.spans.push(Span { what, from, until, latest });
        self.spans.len() - 1
    }
    /// Gives the span at a place another end.
    pub(super) fn end(&mut self, place: usize, until: SimTime) {
        let Some(span) = self.spans.get_mut(place) else { return };
        span.until = until;
        let mut latest = place.checked_sub(1).map_or(SimTime::ZERO, |before| self.spans[before].latest);
        for span in &mut self.spans[place..] {
            latest = latest.max(span.until);
            span.latest = latest;
        }
    }
    /// Takes the last span away.
    pub(super) fn pop(&mut self) {
        self.spans.pop();
    }
    /// What is under way at `at`: begun, not over. The newest comes first.
    pub(super) fn under_way(&self, at: SimTime) -> impl Iterator<Item = T> {
        self.begun(at)
            .iter()
            .rev()
            .take_while(move |span| span.latest > at)
            .filter(move |span| span.until > at)
            .map(|span| span.what)
    }
    /// What had begun after `since` and by `at`. The newest comes first.
    pub(super) fn begun_within(&self, since: SimTime, at: SimTime) -> impl Iterator<Item = T> {
        self.begun(at).iter().rev().take_while(move |span| span.from > since).map(|span| span.what)
    }
    fn begun(&self, at: SimTime) -> &[Span<T>] {
        &self.spans[..self.spans.partition_point(|span| span.from <= at)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_finds_what_covers_it() {
        let mut flights = Flights::default();
        for (what, from, until) in [(1, 0, 100), (2, 10, 20), (3, 15, 18), (4, 30, 40)] {
            flights.push(what, SimTime(from), SimTime(until));
        }
        let at = |flights: &Flights<i32>, at| flights.under_way(SimTime(at)).collect::<Vec<_>>();
        assert_eq!(at(&flights, 16), [3, 2, 1]);
        assert_eq!(at(&flights, 18), [2, 1]);
        assert_eq!(at(&flights, 35), [4, 1]);
        // An end that comes later changes what covers the moments between.
        flights.end(0, SimTime(12));
        assert_eq!(at(&flights, 35), [4]);
        assert_eq!(at(&flights, 11), [2, 1]);
        assert_eq!(flights.begun_within(SimTime(10), SimTime(30)).collect::<Vec<_>>(), [4, 3]);
    }
}
