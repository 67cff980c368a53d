//! Places for labels: the first that is free, in the order of their importance. What has no room is said in two lines, else cut,
//! or not said at all.

use crate::scene::measure::{ellipsize, width, wrap};
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Shape};
use crate::scene::typeface::Type;
use crate::value::Str;

/// Left, top, right, bottom.
pub(super) type Area = [f32; 4];

/// A place for a text: a point of its baseline.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) at: [f32; 2],
    pub(super) anchor: Anchor,
}

/// A text that looks for a place.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub(super) key: Str,
    pub(super) text: Str,
    /// What is said where there is no room for all of it.
    pub(super) short: Option<Str>,
    pub(super) font: Type,
    pub(super) role: Role,
    /// The lower, the sooner it is placed.
    pub(super) rank: u8,
    /// Where it may stand, the best first.
    pub(super) spots: Vec<Spot>,
    /// The least width that it may be cut to; none where it is said whole or not at all.
    pub(super) least: Option<f32>,
}

/// What is taken already.
#[derive(Clone, Debug)]
pub(super) struct Board {
    bounds: Area,
    taken: Vec<Area>,
    lines: Vec<[[f32; 2]; 2]>,
}

/// Between a text and whatever is beside it.
pub(super) const AIR: [f32; 2] = [3.0, 1.5];
/// A line through a label costs as much as so many spots further down its list.
const CROSSING: usize = 30;
/// More lines than one make it look as if a label belonged to another of them; only what matters most may stand so.
const MOST_CROSSINGS: usize = 1;
/// What matters less than this may not stand across more.
const MATTERS_MOST: u8 = 2;
/// To be said in several lines costs as much as so many spots further down the list.
const PARTED: usize = 10;
/// The same for what stands for all of a text.
const SHORTENED: usize = 12;
/// Between the parts of a text, each of which can have a line.
const DOT: &str = " · ";
/// A text that is shorter than this is not parted: a number stays with its unit.
const PARTED_FROM: f32 = 80.0;
/// From one line of a label to the next, in sizes of its letters.
const LEADING: f32 = 1.2;
/// What is less important than this is not said at all where it could only stand across a line.
const ACROSS: u8 = 4;
/// A line that comes nearer to a label than this goes through it.
const NEAR: f32 = 3.0;

/// The area of a text.
pub(super) fn area(text: &str, font: Type, spot: Spot) -> Area {
    let (wide, size) = (width(text, font.font()), font.font().size);
    let [x, y] = spot.at;
    let left = match spot.anchor {
        Anchor::Start => x,
        Anchor::Middle => x - wide / 2.0,
        Anchor::End => x - wide,
    };
    [left, y - size * 0.78, left + wide, y + size * 0.24]
}

impl Board {
    pub(super) fn new(bounds: Area) -> Self {
        Self { bounds, taken: Vec::new(), lines: Vec::new() }
    }
    /// Nothing may stand there.
    pub(super) fn take(&mut self, area: Area) {
        self.taken.push(area);
    }
    /// What stands across this is read less well.
    pub(super) fn cross(&mut self, from: [f32; 2], to: [f32; 2]) {
        self.lines.push([from, to]);
    }
    /// Whether an area is free.
    pub(super) fn is_free(&self, [left, top, right, bottom]: Area) -> bool {
        let [l, t, r, b] = self.bounds;
        let is_within = left >= l && top >= t && right <= r && bottom <= b;
        is_within
            && self.taken.iter().all(|[l, t, r, b]| right <= *l || left >= *r || bottom <= *t || top >= *b)
    }
    /// How many lines go through an area.
    pub(super) fn crossings(&self, area: Area) -> usize {
        self.lines.iter().filter(|[from, to]| crosses(area, *from, *to)).count()
    }
    /// Places labels, the most important first.
    pub(super) fn place(&mut self, mut labels: Vec<Label>) -> Vec<Shape> {
        labels.sort_by_key(|label| label.rank);
        labels.into_iter().flat_map(|label| self.place_one(label)).collect()
    }
    fn place_one(&mut self, label: Label) -> Vec<Shape> {
        let whole = self.best(&label, vec![label.text.clone()], 0);
        let parted = parted(&label).and_then(|lines| self.best(&label, lines, PARTED));
        let short = label.short.as_ref().and_then(|short| self.best(&label, vec![short.clone()], SHORTENED));
        let best = whole.into_iter().chain(parted).chain(short).min_by_key(|place| place.cost);
        let best =
            best.or_else(|| shorter(&label).into_iter().find_map(|text| self.best(&label, vec![text], 0)));
        let Some(place) = best else { return Vec::new() };
        self.take(place.area);
        let [x, mut y] = place.spot.at;
        let mut shapes = Vec::new();
        for (nth, text) in place.lines.into_iter().enumerate() {
            let key = if nth == 0 { label.key.clone() } else { format!("{}/{nth}", label.key).into() };
            shapes.push(Shape::text(key, label.role, label.font, x, y, text).anchored(place.spot.anchor));
            y += label.font.font().size * LEADING;
        }
        shapes
    }
    /// The best place for a label in these lines.
    fn best(&self, label: &Label, lines: Vec<Str>, more_cost: usize) -> Option<Place> {
        let more = (lines.len() - 1) as f32 * label.font.font().size * LEADING;
        // A second line stands below the spot, or the first above it.
        let rises = if more > 0.0 { vec![0.0, more] } else { vec![0.0] };
        let spots = label.spots.iter().enumerate().flat_map(|(place, spot)| {
            rises.iter().map(move |rise| {
                let [x, y] = spot.at;
                (place, Spot { at: [x, y - rise], ..*spot })
            })
        });
        let most = if label.rank < MATTERS_MOST { usize::MAX } else { MOST_CROSSINGS };
        let free = spots.filter_map(|(place, spot)| {
            let areas = lines.iter().map(|text| area(text, label.font, spot));
            let [l, t, r, b] = areas.reduce(|[l, t, r, b], [l2, _, r2, _]| [l.min(l2), t, r.max(r2), b])?;
            let b = b + more;
            let wanted = [l - AIR[0], t - AIR[1], r + AIR[0], b + AIR[1]];
            // Air may be outside of the bounds, letters not.
            let [left, top, right, bottom] = self.bounds;
            let clamped = [
                wanted[0].max(left.min(l)),
                wanted[1].max(top.min(t)),
                wanted[2].min(right.max(r)),
                wanted[3].min(bottom.max(b)),
            ];
            let crossings = self.crossings([l - NEAR, t, r + NEAR, b]);
            let may_cross = label.rank < ACROSS && crossings <= most;
            let may_stand = self.is_free(clamped) && (crossings == 0 || may_cross);
            may_stand.then_some((place + CROSSING * crossings + more_cost, spot, wanted))
        });
        let (cost, spot, area) = free.min_by_key(|(cost, ..)| *cost)?;
        Some(Place { cost, spot, area, lines })
    }
}

/// A place that was found for a label.
#[derive(Clone, Debug)]
struct Place {
    cost: usize,
    spot: Spot,
    area: Area,
    lines: Vec<Str>,
}

/// A text in several lines, where it may be: one for each of its parts, else two, parted between words.
fn parted(label: &Label) -> Option<Vec<Str>> {
    let (text, font) = (&*label.text, label.font.font());
    let whole = width(text, font);
    if label.least.is_none() || whole < PARTED_FROM {
        return None;
    }
    if text.contains(DOT) {
        return Some(text.split(DOT).map(Str::from).collect());
    }
    let two = wrap(text, font, whole * 0.62);
    (two.len() == 2 && two.join(" ") == text).then_some(two)
}

/// What can be said in the place of all of a text, where it may be less: its first part, or its beginning.
fn shorter(label: &Label) -> Vec<Str> {
    let Some(least) = label.least else { return Vec::new() };
    if let Some((first, _)) = label.text.split_once(DOT) {
        return vec![first.into()];
    }
    let font = label.font.font();
    let whole = width(&label.text, font);
    let rooms = [0.8_f32, 0.6, 0.45].map(|part| whole * part).into_iter().filter(|room| *room >= least);
    rooms.map(|room| ellipsize(&label.text, font, room)).collect()
}

/// Whether a straight line goes through an area.
fn crosses([left, top, right, bottom]: Area, from: [f32; 2], to: [f32; 2]) -> bool {
    // The part of the line that is within all four sides, as it is cut by one after the other.
    let (mut first, mut last) = (0.0_f32, 1.0_f32);
    for (start, along, low, high) in
        [(from[0], to[0] - from[0], left, right), (from[1], to[1] - from[1], top, bottom)]
    {
        if along.abs() < 0.001 {
            if start < low || start > high {
                return false;
            }
            continue;
        }
        let (one, other) = ((low - start) / along, (high - start) / along);
        first = first.max(one.min(other));
        last = last.min(one.max(other));
    }
    first < last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::shape::Geometry;

    fn label(key: &str, text: &str, rank: u8, spots: &[[f32; 2]]) -> Label {
        let spots = spots.iter().map(|at| Spot { at: *at, anchor: Anchor::Start }).collect();
        Label {
            key: key.into(),
            text: text.into(),
            short: None,
            font: Type::CodeSmall,
            role: Role::Text,
            rank,
            spots,
            least: None,
        }
    }

    fn placed(shapes: &[Shape]) -> Vec<(String, [f32; 2])> {
        let text = |shape: &Shape| match &shape.geometry {
            Geometry::Text { x, y, text, .. } => (text.to_string(), [*x, *y]),
            other => panic!("{other:?} is no text"),
        };
        shapes.iter().map(text).collect()
    }

    #[test]
    fn the_more_important_label_gets_the_place_and_the_other_its_second_or_none() {
        let mut board = Board::new([0.0, 0.0, 200.0, 100.0]);
        let shapes = board.place(vec![
            label("c", "third", 3, &[[10.0, 20.0]]),
            label("b", "second", 2, &[[10.0, 20.0], [10.0, 60.0]]),
            label("a", "first", 1, &[[10.0, 20.0]]),
            label("d", "outside", 1, &[[190.0, 20.0]]),
        ]);
        let expected = [("first".to_owned(), [10.0, 20.0]), ("second".to_owned(), [10.0, 60.0])];
        assert_eq!(placed(&shapes), expected);
    }

    #[test]
    fn a_label_keeps_away_from_lines_where_it_can_and_takes_two_lines_or_is_cut_where_it_may_be() {
        let mut board = Board::new([0.0, 0.0, 100.0, 100.0]);
        board.cross([0.0, 0.0], [100.0, 36.0]);
        let mut long = label("b", "a text that is long", 2, &[[10.0, 90.0]]);
        long.least = Some(30.0);
        let mut longer = label("c", "oneverylongword", 3, &[[10.0, 20.0]]);
        longer.least = Some(30.0);
        let short = label("a", "short", 1, &[[30.0, 20.0], [30.0, 60.0]]);
        let expected = [("short", [30.0, 60.0]), ("a text that", [10.0, 75.6]), ("is long", [10.0, 90.0])];
        let shapes = board.place(vec![short, long]);
        assert_eq!(placed(&shapes), expected.map(|(text, at)| (text.to_owned(), at)));
        let mut board = Board::new([0.0, 0.0, 90.0, 100.0]);
        assert_eq!(placed(&board.place(vec![longer])), [("oneveryl…".to_owned(), [10.0, 20.0])]);
    }

    #[test]
    fn a_text_in_parts_has_a_line_for_each_or_is_its_first_and_a_number_stays_with_its_unit() {
        let placed_in = |right: f32, bottom: f32, text: &str| {
            let mut label = label("a", text, 2, &[[10.0, 20.0]]);
            label.least = Some(30.0);
            placed(&Board::new([0.0, 0.0, right, bottom]).place(vec![label]))
                .into_iter()
                .map(|(text, _)| text)
                .collect::<Vec<_>>()
        };
        let text = "ready=false · terminating=true";
        assert_eq!(placed_in(400.0, 100.0, text), [text]);
        assert_eq!(placed_in(150.0, 100.0, text), ["ready=false", "terminating=true"]);
        assert_eq!(placed_in(150.0, 24.0, text), ["ready=false"]);
        assert!(!placed_in(60.0, 100.0, "24.9 s left").contains(&"s left".to_owned()));
    }

    #[test]
    fn a_label_stands_in_two_lines_before_it_stands_across_one_and_across_two_not_at_all() {
        let mut board = Board::new([0.0, 0.0, 400.0, 100.0]);
        board.cross([150.0, 0.0], [150.0, 100.0]);
        let mut told = label("a", "ready=false · terminating=true", 2, &[[10.0, 40.0]]);
        told.least = Some(30.0);
        assert_eq!(board.clone().place(vec![told.clone()]).len(), 2);
        let whole = Label { least: None, ..told };
        assert_eq!(board.clone().place(vec![whole.clone()]).len(), 1);
        board.cross([100.0, 0.0], [100.0, 100.0]);
        assert_eq!(board.place(vec![whole]), []);
    }

    #[test]
    fn a_line_crosses_what_it_goes_through() {
        for (from, to, expected) in [
            ([0.0, 0.0], [30.0, 30.0], true),
            ([0.0, 15.0], [30.0, 15.0], true),
            ([15.0, 0.0], [15.0, 5.0], false),
            ([0.0, 30.0], [5.0, 0.0], false),
            ([12.0, 12.0], [13.0, 13.0], true),
        ] {
            assert_eq!(crosses([10.0, 10.0, 20.0, 20.0], from, to), expected, "{from:?} to {to:?}");
        }
    }
}
