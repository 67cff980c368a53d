//! What tells the time: the playhead, folded waits, moments with their times, and the numbers of the steps.

use super::chart::{Chart, FAINT_NUMBER};
use super::facts::Who;
use super::frame::{FLAG, HEADER, ZIGZAG};
use super::labels::{AIR, Board, Label, Spot, area};
use crate::cluster::record::RecordId;
use crate::cluster::time::SimTime;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::width;
use crate::scene::parts;
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Geometry, Segment, Shape};
use crate::scene::tokens::Hue;
use crate::scene::typeface::Type;
use crate::timeline::{Beat, Branch, RowKey};
use crate::words;

/// How far a fold's zigzag goes for one turn.
const TURN: f32 = 7.0;
/// How many more digits a time is told with at most.
const MOST_DIGITS: usize = 2;
/// Half of the height of the playhead's flag on a phone.
const FLAG_NARROW: f32 = 11.0;
/// Where it begins on a phone how much of the grace period is left.
const LEFT_AT: f32 = 3.0;
/// Half of the height of digits.
const DIGITS: f32 = 4.2;
/// So far the length of a wait gives way to times beside it.
const GIVES_WAY: [f32; 17] =
    [0.0, 3.0, -3.0, 6.0, -6.0, 9.0, -9.0, 13.0, -13.0, 17.0, -17.0, 21.0, -21.0, 26.0, -26.0, 31.0, -31.0];
/// So many of these on a phone.
const GIVES_WAY_NARROW: usize = 7;
/// What matters as much as a signal, or more.
const SIGNALS: u8 = 2;
/// The radius of a step's number.
pub(super) const BADGE: f32 = 11.0;
/// Half of a square within it.
const WITHIN: f32 = 8.0;
/// Where a number may stand, along and across the time from what it is about.
const AROUND: [[f32; 2]; 14] = [
    [0.0, -20.0],
    [0.0, 20.0],
    [14.0, -20.0],
    [-14.0, -20.0],
    [24.0, -20.0],
    [26.0, 0.0],
    [-26.0, 0.0],
    [0.0, -29.0],
    [0.0, 29.0],
    [-9.0, -29.0],
    [9.0, -29.0],
    [-18.0, -29.0],
    [18.0, -29.0],
    [32.0, -20.0],
];
/// The same for what a process does: its signal comes from above.
const AROUND_PROCESS: [[f32; 2]; 6] =
    [[BESIDE_SIGNAL, 26.0], [24.0, -20.0], [26.0, 0.0], [0.0, 26.0], [-24.0, -20.0], [-26.0, 0.0]];
/// The same on a phone, where the name of the signal stands over its arrow, and what comes later is further down.
const AROUND_PROCESS_NARROW: [[f32; 2]; 6] =
    [[24.0, -20.0], [26.0, 0.0], [0.0, 26.0], [40.0, -20.0], [52.0, -20.0], [64.0, -20.0]];
/// So far after its signal stands the number of what a process does, below it.
pub(super) const BESIDE_SIGNAL: f32 = 12.0;

impl Chart<'_, '_> {
    /// How long after the deletionTimestamp was stored a moment is, or how long before; of the first milliseconds, in which
    /// most messages are sent, with their tenths.
    fn since(&self, at: SimTime) -> String {
        let begun = self.facts.begun.record.time;
        let (sign, micros) = if at < begun { ("−", begun.since(at)) } else { ("+", at.since(begun)) };
        let tenths = micros / 100;
        match tenths {
            0 => "0".to_owned(),
            1..100 => format!("{sign}{}", self.millis(tenths, 1)),
            100..10_000 => format!("{sign}{}", self.millis(tenths / 10, 0)),
            _ => format!("{sign}{}", words::millis(self.stage.language, micros / 1_000)),
        }
    }
    /// Milliseconds, as a symbol beside which there is room for nothing longer; the last `decimals` digits are behind the point.
    fn millis(&self, number: u64, decimals: usize) -> String {
        let millis = decimal(number, decimals);
        words::text(self.stage.language, msg!("deletion.at-millis"), &[("millis", millis.as_str().into())])
    }
    /// The same with so many more digits.
    fn since_closely(&self, at: SimTime, more: usize) -> String {
        let micros = at.since(self.facts.begun.record.time);
        match (more, micros) {
            (0, _) | (_, ..10_000) => self.since(at),
            (_, ..1_000_000) => format!("+{}", self.millis(micros / 100, 1)),
            _ => {
                let (unit, decimals) = if more == 1 { (10_000, 2) } else { (1_000, 3) };
                let seconds = decimal(micros / unit, decimals);
                let args = [("seconds", seconds.as_str().into())];
                format!("+{}", words::text(self.stage.language, msg!("unit.seconds"), &args))
            }
        }
    }
    /// Where a wait was left out, everything is torn.
    pub(super) fn folds(&self) -> Vec<Shape> {
        let [top, bottom] = self.frame.across;
        let mut shapes = Vec::new();
        for (place, ([from, to], _)) in self.frame.folds().into_iter().enumerate() {
            let middle = (from + to) / 2.0;
            let (high, turn) = (ZIGZAG, TURN);
            let ground = self.frame.rect([middle - high, middle + high], [top, bottom]);
            shapes.push(Shape::rect(format!("fold/{place}/ground"), Role::FoldGround, ground, 0.0));
            for side in [-high, high] {
                let mut path = vec![Segment::Move(self.frame.point(middle + side, top))];
                let mut across = top;
                let mut out = high / 2.0;
                while across + turn <= bottom {
                    across += turn;
                    path.push(Segment::Line(self.frame.point(middle + side + out, across)));
                    out = -out;
                }
                let line = Shape::path(format!("fold/{place}/{side}"), Role::Fold, path);
                shapes.push(line.faded(0.55));
            }
        }
        shapes
    }
    /// The moments with their times, and how long the waits are that were left out.
    pub(super) fn times(&self) -> Vec<Shape> {
        let facts = self.facts;
        let narrow = self.frame.is_narrow;
        let [width_of_all, height] = self.frame.size;
        let bounds = [2.0, 0.0, width_of_all - 2.0, height];
        let mut shapes = Vec::new();
        let edge = if narrow { self.frame.across[0] } else { self.frame.across[1] };
        let spot = |along: f32| {
            if narrow {
                Spot { at: [edge - 8.0, along + DIGITS], anchor: Anchor::End }
            } else {
                Spot { at: [along, edge + 19.0], anchor: Anchor::Middle }
            }
        };
        let mut labels = Vec::new();
        let mut add = |key: String, rank: u8, role: Role, text: String, spots: Vec<Spot>| {
            labels.push(Label {
                key: key.into(),
                text: text.into(),
                short: None,
                font: Type::Label,
                role,
                rank,
                spots,
                least: None,
            });
        };
        let mut folds = Vec::new();
        for (place, ([from, to], millis)) in self.frame.folds().into_iter().enumerate() {
            let id = if narrow { msg!("scene.fold-short") } else { msg!("scene.fold") };
            let text = self.stage.say(id, &[("time", Arg::Millis(millis))]);
            // A wait is long: beside moments with their times its own length gives way a little.
            folds.push((place, (from + to) / 2.0, text));
        }
        let ends = facts.containers.iter().filter_map(|container| container.ended);
        let signals = facts.containers.iter().flat_map(|container| &container.signals);
        let moments = std::iter::once((1, facts.begun.record.time))
            .chain(facts.gone.map(|gone| (1, gone)))
            .chain(signals.map(|(_, time, _)| (2, *time)))
            .chain(ends.map(|(time, _)| (3, time)))
            .chain(facts.rules.iter().map(|rules| (3, rules.done)))
            .chain(facts.slices.iter().map(|change| (5, change.time)));
        let moments: Vec<(u8, SimTime)> = moments.collect();
        // Two times that are not the same do not look the same, and both are told as closely.
        let is_own = |at: SimTime, more: usize| {
            let text = self.since_closely(at, more);
            moments.iter().all(|(_, other)| *other == at || self.since_closely(*other, more) != text)
        };
        let has_room =
            |text: &str| !narrow || width(text, Type::Label.font()) <= edge - 8.0 - bounds[0] - AIR[0];
        let mut told = Vec::new();
        for (place, (rank, at)) in moments.iter().copied().enumerate() {
            let along = self.frame.time(at);
            let more = (0..MOST_DIGITS).find(|more| is_own(at, *more)).unwrap_or(MOST_DIGITS);
            // Where there is no room for so many digits, there are fewer.
            let texts = (0..=more).rev().map(|more| self.since_closely(at, more));
            let text = texts.into_iter().find(|text| has_room(text)).unwrap_or_else(|| self.since(at));
            if rank <= SIGNALS {
                told.push(area(&text, Type::Label, spot(along)));
            }
            add(format!("time/{place}"), rank, Role::TextMuted, text, vec![spot(along)]);
            let [from, to] = if narrow { [edge - 5.0, edge] } else { [edge, edge + 5.0] };
            let (from, to) = (self.frame.point(along, from), self.frame.point(along, to));
            shapes.push(Shape::line(format!("time/{place}/tick"), Role::GlyphMuted, from, to));
        }
        for (place, middle, text) in folds {
            let mut spots: Vec<Spot> = GIVES_WAY.iter().map(|by| spot(middle + by)).collect();
            if narrow {
                spots.truncate(GIVES_WAY_NARROW);
            } else {
                // When a signal was sent is told, too.
                let covers = |spot: &Spot| {
                    let [left, _, right, _] = area(&text, Type::Label, *spot);
                    told.iter()
                        .filter(|[l, _, r, _]| left - AIR[0] < r + AIR[0] && l - AIR[0] < right + AIR[0])
                        .count()
                };
                spots.sort_by_key(covers);
            }
            add(format!("fold/{place}/time"), if narrow { 4 } else { 0 }, Role::Text, text, spots);
        }
        let placed = Board::new(bounds).place(labels);
        shapes.extend(placed.into_iter().filter(|shape| !self.is_below_flag(shape)));
        shapes
    }
    /// Whether a time would stand below the playhead's flag, which is where the times are on a phone.
    fn is_below_flag(&self, time: &Shape) -> bool {
        let Geometry::Text { y, .. } = &time.geometry else { return false };
        let has_left = self.grace_left().is_some();
        self.frame.is_narrow
            && ((y - DIGITS - self.now).abs() < FLAG_NARROW + DIGITS
                || has_left && (y - DIGITS - self.left_below_flag()).abs() < 3.0 * DIGITS)
    }
    /// How much of the grace period is left now: only the time where there is no room for more beside the columns of a phone.
    fn grace_left(&self) -> Option<String> {
        let said = super::grace_left(self.stage, self.facts)?;
        let room = self.frame.across[0] - LEFT_AT;
        if !self.frame.is_narrow || width(&said, Type::Label.font()) <= room {
            return Some(said);
        }
        Some(words::millis(self.stage.language, self.facts.left(self.stage.view.at())))
    }
    /// Where that is said on a phone: below the flag, or above it where nothing is below.
    fn left_below_flag(&self) -> f32 {
        let by = FLAG_NARROW + 2.0 * DIGITS;
        if self.now + by + DIGITS > self.frame.along[1] { self.now - by } else { self.now + by }
    }
    /// The line at which time stands, and its flag.
    pub(super) fn playhead(&self) -> [Vec<Shape>; 2] {
        if !self.now.is_finite() {
            return [Vec::new(), Vec::new()];
        }
        let text = self.since(self.stage.view.at());
        let wide = width(&text, Type::Strong.font()) + 18.0;
        let [top, bottom] = self.frame.across;
        if self.frame.is_narrow {
            let wide = width(&text, Type::Label.font()) + 10.0;
            let from = [wide + 2.0, self.now];
            let line = Shape::line("playhead/line", Role::Playhead, from, [bottom, self.now]);
            let flag = Shape::rect(
                "playhead/flag",
                Role::PlayheadFlag,
                [2.0, self.now - FLAG_NARROW, wide, 2.0 * FLAG_NARROW],
                FLAG_NARROW,
            );
            let text = Shape::text(
                "playhead/time",
                Role::TextOnBold,
                Type::Label,
                2.0 + wide / 2.0,
                self.now + 4.3,
                text,
            );
            let left = self.grace_left().map(|said| {
                let role = Role::TextOver(Hue::Terminating);
                Shape::text(
                    "playhead/left",
                    role,
                    Type::Label,
                    LEFT_AT,
                    self.left_below_flag() + DIGITS,
                    said,
                )
            });
            return [vec![line], [flag, text.anchored(Anchor::Middle)].into_iter().chain(left).collect()];
        }
        let y = HEADER + 3.0;
        let line =
            Shape::line("playhead/line", Role::Playhead, [self.now, HEADER + FLAG - 6.0], [self.now, bottom]);
        let middle =
            self.now.clamp(wide / 2.0 + 2.0, self.frame.size[0] - wide / 2.0 - 2.0).max(top.min(0.0));
        let flag =
            Shape::rect("playhead/flag", Role::PlayheadFlag, [middle - wide / 2.0, y, wide, 22.0], 11.0);
        let text = Shape::text("playhead/time", Role::TextOnBold, Type::Strong, middle, y + 15.6, text);
        [vec![line], vec![flag, text.anchored(Anchor::Middle)]]
    }
    /// The numbers of the steps, at what they tell of. Gives whether one is told now and ringed.
    pub(super) fn badges(&mut self) -> bool {
        let mut is_ringed = false;
        let now = self.stage.story.beat_at(self.stage.view.at()).map(|beat| beat.index);
        let mut beats: Vec<&Beat> = self.stage.story.beats.iter().collect();
        // The first steps get the nearest places.
        beats.sort_by_key(|beat| beat.number);
        for beat in beats {
            let (Some(number), Some((who, at))) = (beat.number, self.anchor(beat)) else { continue };
            let Some(lane) = self.frame.lane(who) else { continue };
            let mut along = self.frame.time(at);
            let hue = match beat.branch {
                _ if number == 7 => Hue::Failed,
                Some(Branch::Kubelet) => Hue::BranchA,
                Some(Branch::Endpoints) => Hue::BranchB,
                None => Hue::Plain,
            };
            let room = BADGE + 1.0;
            let is_free = |[x, y]: &[f32; 2]| self.board.is_free([x - room, y - room, x + room, y + room]);
            let tries: &[[f32; 2]] = match who {
                Who::Container(_) if self.frame.is_narrow => &AROUND_PROCESS_NARROW,
                Who::Container(_) => &AROUND_PROCESS,
                _ => &AROUND,
            };
            let places = tries.iter().map(|[dx, dy]| self.frame.point(along + dx, lane + dy));
            // On more arrows than one it would look as if it were about them.
            let crossed = |[x, y]: &[f32; 2]| {
                self.board.crossings([x - WITHIN, y - WITHIN, x + WITHIN, y + WITHIN]).saturating_sub(1)
            };
            let mut best = places.filter(is_free).min_by_key(crossed);
            if let Some(at) = self.on_bar(who) {
                best = Some(self.frame.point(at, lane));
            }
            let Some([x, y]) = best else { continue };
            if now == Some(beat.index) {
                // What is told now is not to come, wherever its number has room.
                along = along.min(self.now);
            }
            self.board.take([x - room, y - room, x + room, y + room]);
            let key = format!("step/{}", beat.index);
            let mut shapes = parts::step(&key, hue, [x, y], usize::from(number));
            if now == Some(beat.index) {
                is_ringed = true;
                shapes.push(Shape::circle(format!("{key}/now"), Role::Ring(hue), x, y, BADGE + 3.0));
            }
            let said = words::text(self.stage.language, beat.say.id, &beat.say.args);
            let opacity = if along <= self.now { 1.0 } else { FAINT_NUMBER };
            let group =
                Shape::group(format!("{key}/group"), 0.0, 0.0, shapes).named(format!("{number}. {said}"));
            self.marks.push(group.faded(opacity));
        }
        is_ringed
    }
    /// Where a number has room on the bar of what a process does.
    pub(super) fn on_bar(&self, who: Who) -> Option<f32> {
        let Who::Container(place) = who else { return None };
        let container = self.facts.containers.get(place)?;
        let (asked, _) = container.asked()?;
        let (from, to) = (self.frame.time(asked), self.frame.time(container.ended?.0));
        let least = if self.frame.is_narrow { 40.0 } else { 260.0 };
        let at = from + 22.0;
        let is_whole =
            self.frame.folds().iter().all(|([from, to], _)| ((from + to) / 2.0 - at).abs() > 2.0 * BADGE);
        (to - from >= least && is_whole).then_some(at)
    }
    /// Where a beat happens, as far as it is about this Pod.
    fn anchor(&self, beat: &Beat) -> Option<(Who, SimTime)> {
        let facts = self.facts;
        let has = |id: RecordId| beat.records.contains(&id);
        let signal = |is_kill: bool| {
            facts.containers.iter().enumerate().find_map(|(place, container)| {
                let of = container.signals.iter().find(|(_, _, signal)| (*signal == "SIGKILL") == is_kill)?;
                beat.subjects.contains(&RowKey::Container(container.id)).then_some((place, of.1))
            })
        };
        match beat.number? {
            1 if has(facts.begun.record.id) => {
                Some((Who::ApiServer, facts.begun.asked.map_or(facts.begun.record.time, |asked| asked.time)))
            }
            2 => facts
                .messages
                .iter()
                .find(|sent| has(sent.id) && sent.from == Who::ApiServer)
                .map(|sent| (Who::ApiServer, sent.at)),
            3 => {
                let change = facts.slices.iter().find(|change| has(change.record))?;
                let request = change.request.and_then(|request| facts.message(request));
                Some((Who::Slices, request.map_or(change.time, |sent| sent.at)))
            }
            4 => {
                let change = facts.rules.iter().find(|change| has(change.record))?;
                Some((Who::Proxy(change.node), change.done))
            }
            5 => signal(false).map(|(_, at)| (Who::Kubelet, at)),
            6 => signal(false).map(|(place, at)| (Who::Container(place), at)),
            7 => signal(true).map(|(_, at)| (Who::Kubelet, at)),
            _ => None,
        }
    }
}

/// A number with its last `decimals` digits behind the point.
fn decimal(number: u64, decimals: usize) -> String {
    let unit = 10_u64.pow(u32::try_from(decimals).unwrap_or(0));
    match decimals {
        0 => number.to_string(),
        _ => format!("{}.{:0decimals$}", number / unit, number % unit),
    }
}
