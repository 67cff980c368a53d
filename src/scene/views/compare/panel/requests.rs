//! The requests of a run: a mark for each that was lost, and dots for those that were served.

use super::super::facts::Sent;
use super::Panel;
use crate::msg;
use crate::scene::measure::{ellipsize, width};
use crate::scene::role::Role;
use crate::scene::shape::{Segment, Shape};
use crate::scene::tokens::Hue;
use crate::scene::typeface::Type;
use std::collections::BTreeMap;

/// Marks of requests are so far apart, in so many rows.
pub(super) const APART: f32 = 7.0;
const ROWS: usize = 3;
const MARK: f32 = 2.9;
/// A mark may stand so many places aside of its own: less than its own width, so that none leaves its time.
const MOST_ASIDE: i32 = 2;

/// How a request stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Served,
    /// It is under way.
    Open,
    Lost,
}

impl Panel<'_, '_> {
    /// How a request stands: one that was sent and has not ended by now is open, one that is still to come is drawn under the
    /// veil as it will end.
    pub(super) fn fate(&self, sent: &Sent) -> Fate {
        let is_open = sent.ended.is_none_or(|(ended, _)| sent.at <= self.now() && ended > self.now());
        match (is_open, sent.is_lost()) {
            (true, _) => Fate::Open,
            (_, true) => Fate::Lost,
            (_, false) => Fate::Served,
        }
    }
    /// The requests, one beside the other, and those that were lost in a region.
    pub(super) fn draw_requests(&self, y: f32, shapes: &mut Vec<Shape>) {
        let high = self.columns.heights.requests;
        let middle = y + high / 2.0;
        let name = self.stage.say(msg!("compare.requests"), &[]);
        let narrow = self.columns.is_narrow;
        let x = if narrow { 8.0 } else { 16.0 };
        let name = ellipsize(&name, Type::Strong.font(), self.columns.chart[0] - x - 4.0);
        let key = self.key("requests/name");
        shapes.push(Shape::text(key, Role::TextHue(Hue::Service), Type::Strong, x, middle + 4.5, name));
        let of = |fate| self.run.facts.requests.iter().filter(move |sent| self.fate(sent) == fate);
        let lost: Vec<&Sent> = of(Fate::Lost).collect();
        if let (Some(first), Some(last)) = (lost.first(), lost.last()) {
            let (from, to) = (self.x(first.at) - 9.0, self.x(last.at) + 9.0);
            let area = [from, y + 3.0, to - from, high - 6.0];
            shapes.push(Shape::rect(self.key("requests/where"), Role::Region(Hue::Failed), area, 8.0));
        }
        // Those that were lost come first, so that one alone is seen; where they are dense a mark stands for its neighbours, as one
        // that was served does.
        let mut marks: BTreeMap<i32, Fate> = BTreeMap::new();
        let place = |sent: &Sent| (self.x(sent.at) / APART * ROWS as f32) as i32;
        for fate in [Fate::Lost, Fate::Open, Fate::Served] {
            for sent in of(fate) {
                let near = if fate == Fate::Served { 0 } else { MOST_ASIDE };
                let own = place(sent);
                let mut places = (0..=near).flat_map(|aside| [own - aside, own + aside]);
                if let Some(free) = places.find(|place| !marks.contains_key(place)) {
                    marks.insert(free, fate);
                }
            }
        }
        let has_all = marks.len() >= self.run.facts.requests.len();
        let said = self.stage.say(msg!("compare.dots"), &[]);
        let is_said = width(&said, Type::Caption.font()) <= self.columns.chart[0] - x - 4.0;
        if is_said && !has_all {
            let key = self.key("requests/dots");
            shapes.push(Shape::text(key, Role::TextMuted, Type::Caption, x, middle + 18.0, said));
        }
        let mut paths: [Vec<Segment>; 3] = Default::default();
        for (place, fate) in marks {
            let row = place.rem_euclid(ROWS as i32) as f32 - 1.0;
            let center = [(place as f32 + 0.5) * APART / ROWS as f32, middle + row * 9.0];
            paths[fate as usize].extend(match fate {
                Fate::Lost => cross(center, MARK + 0.7),
                Fate::Open | Fate::Served => disc(center, MARK),
            });
        }
        let [served, open, lost] = paths;
        for (part, role, path) in [
            ("served", Role::RequestOk(Hue::Running), served),
            ("open", Role::CardFrame(Hue::Service), open),
            ("lost", Role::RequestFailed(Hue::Failed), lost),
        ] {
            if !path.is_empty() {
                shapes.push(Shape::path(self.key(&format!("requests/{part}")), role, path));
            }
        }
    }
}

fn disc([x, y]: [f32; 2], radius: f32) -> Vec<Segment> {
    let arc = |to| Segment::Arc { radius, large: false, clockwise: true, to };
    vec![Segment::Move([x, y - radius]), arc([x, y + radius]), arc([x, y - radius])]
}

pub(super) fn cross([x, y]: [f32; 2], r: f32) -> Vec<Segment> {
    vec![
        Segment::Move([x - r, y - r]),
        Segment::Line([x + r, y + r]),
        Segment::Move([x - r, y + r]),
        Segment::Line([x + r, y - r]),
    ]
}
