//! Ways for lines between cards: around all other cards, along none of the lines that are drawn already.
//!
//! A way has right angles. It leaves a card at a side or below, and goes in the gaps beside the cards that are in between.

use super::place::Rect;
use crate::scene::paths::polyline;
use crate::scene::shape::Segment;

/// Of the corners.
const CORNER: f32 = 10.0;
/// A way keeps so far from cards that it passes, and from ways that it goes along.
const CLEAR: f32 = 5.0;
/// From a card to the way along its side.
const BESIDE: [f32; 3] = [14.0, 22.0, 30.0];
/// From a row of cards to the way above or below it: in the middle between two rows.
const ABOVE: f32 = 10.0;
/// Gaps that are tried at each side at most, the nearest first.
const MOST_GAPS: usize = 12;
/// What a turn and a crossing cost, as pixels of a longer way.
const TURN: f32 = 40.0;
const CROSSING: f32 = 160.0;
/// What is gained by going along with another line of the same card.
const TOGETHER: f32 = 8.0;
/// A way that crosses more of the others than this is none.
const MOST_CROSSINGS: usize = 2;
/// How often a piece of a way is held against a card or another way at most.
pub(super) const WORK: usize = 1_000_000;

type Point = [f32; 2];

/// The cards of a part of the stage, and the ways between them.
#[derive(Debug)]
pub(super) struct Ways {
    cards: Vec<Rect>,
    /// Left and right of all of it.
    bounds: [f32; 2],
    drawn: Vec<(Rect, Rect, Vec<Point>)>,
    /// What is left of the work, and how many ways were tried.
    left: usize,
    tried: usize,
}

impl Ways {
    /// Between these cards on a stage of this width, with so much work at most; texts that stand alone are among them.
    pub(super) fn new(cards: Vec<Rect>, stage: f32, work: usize) -> Self {
        let left = cards.iter().map(|card| card[0]).fold(f32::MAX, f32::min);
        let right = cards.iter().map(|card| card[0] + card[2]).fold(f32::MIN, f32::max);
        let out = BESIDE[0] + 2.0;
        let bounds = [(left - out).max(CLEAR), (right + out).min(stage - CLEAR)];
        Ways { cards, bounds, drawn: Vec::new(), left: work, tried: 0 }
    }
    /// What is left of the work.
    pub(super) fn left(&self) -> usize {
        self.left
    }
    /// The way from one card to another, and its line; none where each crosses a third card or too many other ways, or where the
    /// work is done. The shortest are tried first.
    pub(super) fn find(&mut self, from: Rect, to: Rect) -> Option<Vec<Segment>> {
        // Where ways may go is found by looking at each card, too.
        self.left = self.left.checked_sub(self.cards.len())?;
        let mut tries: Vec<(f32, Vec<Point>)> =
            self.tries(from, to).into_iter().map(|way| (winding(&way), way)).collect();
        tries.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut best: Option<(f32, Vec<Point>)> = None;
        for (least, way) in tries {
            if best.as_ref().is_some_and(|(cost, _)| *cost <= least - TOGETHER) {
                break;
            }
            let work = (way.len() - 1) * (self.cards.len() + self.drawn.len());
            let Some(left) = self.left.checked_sub(work) else {
                self.left = 0;
                break;
            };
            self.left = left;
            self.tried += 1;
            let cost =
                self.cost(&way, from, to).filter(|cost| best.as_ref().is_none_or(|best| *cost < best.0));
            best = cost.map(|cost| (cost, way)).or(best);
        }
        let (_, points) = best?;
        let path = polyline(&points, CORNER);
        self.drawn.push((from, to, points));
        Some(path)
    }
    /// A way that is drawn whatever it crosses.
    pub(super) fn anyway(&self, from: Rect, to: Rect) -> Option<Vec<Segment>> {
        let tries = self.tries(from, to);
        let shortest = tries.iter().min_by(|a, b| length(a).total_cmp(&length(b)));
        shortest.map(|points| polyline(points, CORNER))
    }
    /// Every way that is thought of.
    fn tries(&self, from: Rect, to: Rect) -> Vec<Vec<Point>> {
        let [right, bottom] = [from[0] + from[2], from[1] + from[3]];
        let [end_x, end_y] = [to[0] + to[2] / 2.0, to[1] + to[3] / 2.0];
        let y = from[1] + from[3] / 2.0;
        let mut tries = Vec::new();
        for (side, is_right) in [(right, true), (from[0], false)] {
            let sign = if is_right { 1.0 } else { -1.0 };
            let near = if is_right { to[0] } else { to[0] + to[2] };
            let gaps = self.gaps(side, is_right);
            // To the side that is near.
            if (near - side) * sign >= 16.0 {
                let lies_beside = (to[1] + 12.0..=to[1] + to[3] - 12.0).contains(&y);
                if lies_beside {
                    tries.push(vec![[side, y], [near, y]]);
                } else {
                    let own = [(side + near) / 2.0].into_iter();
                    let own = own.chain(BESIDE.into_iter().map(|beside| near - sign * beside));
                    for x in own.chain(gaps.iter().copied()) {
                        if (x - side) * sign >= 8.0 && (near - x) * sign >= 8.0 {
                            tries.push(vec![[side, y], [x, y], [x, end_y], [near, end_y]]);
                        }
                    }
                }
            }
            // Into its upper edge, or its lower one.
            for (edge, along) in [(to[1], to[1] - ABOVE), (to[1] + to[3], to[1] + to[3] + ABOVE)] {
                let is_on_the_way = (edge - y) * (edge - along) > 0.0;
                if (end_x - side) * sign >= 8.0 && is_on_the_way {
                    tries.push(vec![[side, y], [end_x, y], [end_x, edge]]);
                }
                for x in gaps.iter().copied().filter(|x| (x - end_x).abs() > 1.0) {
                    tries.push(vec![[side, y], [x, y], [x, along], [end_x, along], [end_x, edge]]);
                }
            }
        }
        if to[1] >= bottom + 30.0 {
            // Beside the line to what it owns, which leaves in the middle.
            for start in [from[0] + from[2] * 0.75, from[0] + from[2] * 0.25] {
                if (to[0] + 12.0..=to[0] + to[2] - 12.0).contains(&start) {
                    tries.push(vec![[start, bottom], [start, to[1]]]);
                }
                for bend in [to[1] - ABOVE, bottom + ABOVE] {
                    tries.push(vec![[start, bottom], [start, bend], [end_x, bend], [end_x, to[1]]]);
                }
            }
        }
        tries
    }
    /// Where a way may go down at a side: beside the cards that are further out.
    fn gaps(&self, side: f32, is_right: bool) -> Vec<f32> {
        let mut gaps: Vec<f32> = self
            .cards
            .iter()
            .flat_map(|card| {
                BESIDE.map(|beside| if is_right { card[0] + card[2] + beside } else { card[0] - beside })
            })
            .filter(|x| if is_right { *x > side + 8.0 } else { *x < side - 8.0 })
            .filter(|x| (self.bounds[0]..=self.bounds[1]).contains(x))
            .map(f32::round)
            .collect();
        gaps.sort_by(|a, b| (a - side).abs().total_cmp(&(b - side).abs()));
        gaps.dedup();
        gaps.truncate(MOST_GAPS);
        gaps
    }
    /// How long and how winding a way is, and what it crosses; none where it may not be taken.
    fn cost(&self, way: &[Point], from: Rect, to: Rect) -> Option<f32> {
        let others = || self.cards.iter().filter(|card| **card != from && **card != to);
        let is_blocked = |pair: &[Point]| others().any(|card| touches(pair[0], pair[1], *card, CLEAR));
        if way.windows(2).any(is_blocked) {
            return None;
        }
        let (mut crossings, mut gain) = (0, 0.0);
        for (other_from, other_to, other) in &self.drawn {
            // Lines of one object are as branches of one.
            if *other_from == from || *other_to == to {
                let goes_along = |pair: &[Point]| {
                    let is_it = |other: &[Point]| is_down(other) && (pair[0][0] - other[0][0]).abs() < 0.5;
                    is_down(pair) && other.windows(2).any(is_it)
                };
                gain = if way.windows(2).any(goes_along) { TOGETHER } else { gain };
                continue;
            }
            for pair in way.windows(2) {
                for other in other.windows(2) {
                    match (is_down(pair), is_down(other)) {
                        (a, b) if a == b => {
                            if touches(pair[0], pair[1], rect_of(other), CLEAR - 1.0) {
                                return None;
                            }
                        }
                        _ => crossings += usize::from(touches(pair[0], pair[1], rect_of(other), 0.0)),
                    }
                }
            }
        }
        let cost = winding(way) + crossings as f32 * CROSSING - gain;
        (crossings <= MOST_CROSSINGS).then_some(cost)
    }
}

fn is_down(pair: &[Point]) -> bool {
    (pair[0][0] - pair[1][0]).abs() < 0.1
}

fn rect_of(pair: &[Point]) -> Rect {
    let [a, b] = [pair[0], pair[1]];
    [a[0].min(b[0]), a[1].min(b[1]), (a[0] - b[0]).abs(), (a[1] - b[1]).abs()]
}

/// Whether a straight line comes nearer to a card than so much.
fn touches(a: Point, b: Point, [x, y, wide, high]: Rect, clear: f32) -> bool {
    a[0].min(b[0]) <= x + wide + clear
        && a[0].max(b[0]) >= x - clear
        && a[1].min(b[1]) <= y + high + clear
        && a[1].max(b[1]) >= y - clear
}

/// How long a way is, and how winding.
fn winding(way: &[Point]) -> f32 {
    length(way) + way.len().saturating_sub(2) as f32 * TURN
}

fn length(way: &[Point]) -> f32 {
    way.windows(2).map(|pair| (pair[0][0] - pair[1][0]).abs() + (pair[0][1] - pair[1][1]).abs()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: Rect = [0.0, 0.0, 100.0, 80.0];

    fn points(cards: &[Rect], to: Rect) -> Option<Vec<Point>> {
        let mut ways = Ways::new([&[FROM, to], cards].concat(), 1_000.0, WORK);
        ways.find(FROM, to)?;
        ways.drawn.pop().map(|(_, _, points)| points)
    }

    #[test]
    fn a_way_is_straight_or_goes_around_or_is_none() {
        let beside = [200.0, 0.0, 100.0, 80.0];
        assert_eq!(points(&[], beside), Some(vec![[100.0, 40.0], [200.0, 40.0]]));
        // A wall has no way through.
        assert_eq!(points(&[[130.0, -60.0, 40.0, 300.0]], beside), None);
        // Below another that is used, too.
        let lower = [200.0, 100.0, 100.0, 80.0];
        let way = points(&[beside], lower);
        assert_eq!(way, Some(vec![[100.0, 40.0], [150.0, 40.0], [150.0, 140.0], [200.0, 140.0]]));
        let below = [0.0, 300.0, 100.0, 80.0];
        assert_eq!(points(&[], below), Some(vec![[75.0, 80.0], [75.0, 300.0]]));
        let around = points(&[[-50.0, 120.0, 200.0, 80.0]], below).expect("a way");
        assert_eq!(around[1..], [[164.0, 40.0], [164.0, 290.0], [50.0, 290.0], [50.0, 300.0]]);
        // There is no room beside the edge of a phone.
        let mut ways =
            Ways::new(vec![[0.0, 0.0, 100.0, 80.0], [0.0, 120.0, 100.0, 80.0], below], 106.0, WORK);
        assert_eq!(ways.find(FROM, below), None);
        assert!(ways.anyway(FROM, below).is_some(), "somebody asks for it");
    }

    /// Cards as in a wall, through which hardly a way goes.
    #[test]
    fn many_cards_are_no_endless_search() {
        let cell = |n: usize| [(n % 20) as f32 * 116.0 + 20.0, (n / 20) as f32 * 92.0, 104.0, 78.0];
        let cards: Vec<Rect> = (0..500).map(cell).collect();
        let tried = |work: usize| {
            let mut ways = Ways::new(cards.clone(), 2_400.0, work);
            for from in &cards[..60] {
                for to in &cards[497..] {
                    ways.find(*from, *to);
                }
            }
            // What is asked for has its line all the same.
            assert!(ways.anyway(cards[0], cards[499]).is_some());
            ways.tried
        };
        assert!(tried(WORK) <= WORK / cards.len(), "{} tried", tried(WORK));
        assert!(tried(usize::MAX) > 10_000, "{} tried where nothing holds them back", tried(usize::MAX));
    }

    #[test]
    fn no_way_lies_on_one_between_other_cards() {
        let [a, b] = [[0.0, 0.0, 100.0, 80.0], [0.0, 100.0, 100.0, 80.0]];
        let [c, d] = [[300.0, 200.0, 100.0, 80.0], [300.0, 300.0, 100.0, 80.0]];
        let mut ways = Ways::new(vec![a, b, c, d], 1_000.0, WORK);
        assert!(ways.find(a, d).is_some() && ways.find(b, c).is_some());
        let down = |points: &[Point]| points[1][0];
        assert!((down(&ways.drawn[0].2) - down(&ways.drawn[1].2)).abs() >= CLEAR - 1.0, "{:?}", ways.drawn);
    }
}
