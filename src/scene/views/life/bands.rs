//! What a Pod says of itself, one below the other over the time of its life: phase, kubectl's STATUS, conditions, containers.

use super::super::Stage;
use super::super::folds::{Span, folds};
use super::lived::{Lived, Row, Stretch};
use crate::cluster::time::SimTime;
use crate::msg;
use crate::scene::measure::{ellipsize, width};
use crate::scene::parts::tag;
use crate::scene::paths::glyph;
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Shape};
use crate::scene::tokens::{Hue, State, radius};
use crate::scene::typeface::Type;
use crate::timeline::StageTime;

/// What stands before the reason and the exit code of a container that has ended.
const ENDED: &str = "terminated · ";
/// What stands before the reason of a container that waits.
const WAITS: &str = "waiting · ";
/// From one row to the next: at most and at least, on a phone, and where the bars have the whole width below their names.
const ROW: f32 = 31.0;
const ROW_LEAST: f32 = 24.0;
/// The last condition, Ready, is above the edge of a phone's stage.
pub(super) const ROW_NARROW: f32 = 32.0;
const ROW_TALL: f32 = 56.0;
const BAR: f32 = 22.0;
/// On a phone, from the top of a row to its bar, and how high that is.
pub(super) const BAR_NARROW: [f32; 2] = [23.0, 6.0];
/// The line with the names of the columns and the times.
const TITLE: f32 = 29.0;
/// Between the times at least.
const BESIDE: f32 = 8.0;
/// From their top to the marks of folds below them.
const FOLD_TOP: f32 = 16.0;
/// More of a kind than these is not drawn: what is left says how many.
const MOST_CONTAINERS: usize = 8;
/// How much is seen of what is still to come.
const FAINT: f32 = 0.3;
/// A mark needs so much.
const GLYPH: f32 = 11.0;
/// Stretches of a row that are drawn at most.
const MOST: usize = 90;
/// Between the groups of rows.
const APART: f32 = 12.0;
const APART_NARROW: f32 = 8.0;
/// Below all rows.
pub(super) const BELOW: f32 = 10.0;
/// Less than this is a tablet's width.
const TIGHT: f32 = 900.0;

/// How rows stand.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rows {
    /// From one to the next.
    apart: f32,
    /// From the top of a row to its bar, and how high that is.
    bar: [f32; 2],
    /// Whether the bars have the whole width, below names and values.
    is_below: bool,
}

impl Rows {
    /// By the stage and how many there are, so that nothing moves.
    fn new(stage: &Stage, count: usize, groups: usize, wide: f32, top: f32) -> Self {
        if stage.is_narrow() {
            return Self { apart: ROW_NARROW, bar: BAR_NARROW, is_below: true };
        }
        let room = stage.size[1] - top - TITLE - BELOW - groups as f32 * APART;
        let count = count.max(1) as f32;
        if wide < TIGHT && count * ROW_TALL <= room {
            return Self { apart: ROW_TALL, bar: [26.0, BAR], is_below: true };
        }
        let apart = (room / count).clamp(ROW_LEAST, ROW);
        Self { apart, bar: [0.0, BAR.min(apart - 4.0)], is_below: false }
    }
}

/// Where time is.
struct Axis {
    from: StageTime,
    until: StageTime,
    left: f32,
    wide: f32,
}

impl Axis {
    fn x(&self, at: StageTime) -> f32 {
        let whole = self.until.since(self.from).max(1) as f64;
        let at = at.0.clamp(self.from.0, self.until.0);
        self.left + (at.saturating_sub(self.from.0) as f64 / whole) as f32 * self.wide
    }
}

/// Draws the rows from a corner in a width, and gives how high they are.
pub(super) fn draw(
    stage: &Stage,
    lived: &Lived,
    [left, top]: [f32; 2],
    wide: f32,
    shapes: &mut Vec<Shape>,
) -> f32 {
    let is_narrow = stage.is_narrow();
    let rows = lived.rows();
    let containers = rows.iter().filter(|row| matches!(row, Row::Container(_))).count();
    let hidden = if containers > MOST_CONTAINERS { containers - MOST_CONTAINERS + 1 } else { 0 };
    let shown = &rows[..rows.len() - hidden];
    let groups = shown.windows(2).filter(|pair| is_parted(&pair[0], &pair[1])).count();
    let place = Rows::new(stage, shown.len(), groups, wide, top);
    let (names, values) = if is_narrow { (wide * 0.47, wide * 0.53) } else { columns(lived, shown, wide) };
    let tempo = &stage.story.tempo;
    let end = lived.gone.unwrap_or_else(|| stage.no_later(stage.story.end()));
    let bands_left = if place.is_below { left } else { left + names + values + 14.0 };
    let axis = Axis {
        from: tempo.stage(lived.from),
        until: tempo.stage(end).max(StageTime(tempo.stage(lived.from).0 + 1)),
        left: bands_left,
        wide: left + wide - bands_left,
    };
    let now = axis.x(stage.at);
    let mut y = top;
    let title = |key: &str, x: f32, text: String| {
        Shape::text(format!("bands/{key}"), Role::TextMuted, Type::Label, x, top + 12.0, text)
    };
    if !place.is_below {
        let id = if lived.is_gone(stage) { msg!("scene.life-last") } else { msg!("scene.life-now") };
        shapes.push(title("title", left + names, stage.say(id, &[])));
    }
    // The time at the playhead, and those of both ends.
    let (text, font) = (stage.view.at().clock(), Type::Label.font());
    let half = width(&text, font) / 2.0;
    let right = axis.left + axis.wide;
    let is_within = stage.at >= axis.from && stage.at <= axis.until;
    let [first, last] = [lived.from.clock(), end.clock()];
    // It stands at the playhead, and one of the ends gives way to it.
    let at = now.max(axis.left + half).min(right - half);
    if !is_within || axis.left + width(&first, font) + BESIDE <= at - half {
        shapes.push(title("from", axis.left, first));
    }
    if !is_within || at + half + BESIDE <= right - width(&last, font) {
        shapes.push(title("to", right, last).anchored(Anchor::End));
    }
    if is_within {
        let text = Shape::text("bands/at", Role::Text, Type::Label, at, top + 12.0, text);
        shapes.push(text.anchored(Anchor::Middle));
    }
    let span = Span { time: [axis.from, axis.until], ends: [axis.left, right] };
    // A wait before a change is not told of together with one after it.
    let changes = shown.iter().flat_map(|row| lived.stretches(row)).map(|stretch| tempo.stage(stretch.from));
    let changes: Vec<StageTime> = changes.collect();
    let at = is_within.then_some(now);
    shapes.extend(folds(stage, "bands/fold", &span, top + FOLD_TOP, at, &changes, true));
    y += TITLE;
    let first = y;
    // The playhead lies under the words.
    let playhead = shapes.len();
    let mut bars = Vec::new();
    let mut last: Option<&Row> = None;
    for (number, row) in shown.iter().enumerate() {
        if last.is_some_and(|last| is_parted(last, row)) {
            y += if is_narrow { APART_NARROW } else { APART };
        }
        last = Some(row);
        let key = format!("bands/{number}");
        let (name, role, font) = match row {
            Row::Status => ("STATUS".to_owned(), Role::Text, Type::Strong),
            Row::Phase => ("phase".to_owned(), Role::Text, Type::Strong),
            Row::Condition(kind) => (kind.to_string(), Role::TextMuted, Type::Label),
            Row::Container(name) => (name.to_string(), Role::Text, Type::NameSmall),
        };
        let base = y + 15.5;
        let name = ellipsize(&name, font.font(), names - 4.0);
        shapes.push(Shape::text(format!("{key}/name"), role, font, left, base, name));
        if let Some((text, hue)) = lived.now(row) {
            let hue = if lived.is_there { hue } else { Hue::Quiet };
            let room = values - 20.0;
            // How it ended matters more than that it did.
            let text = match text.strip_prefix(ENDED) {
                Some(how) if width(&text, Type::Label.font()) > room => how,
                _ => &text,
            };
            let text = ellipsize(text, Type::Label.font(), room);
            shapes.extend(tag(&format!("{key}/now"), hue, [left + names, y + 11.0], &text).0);
        } else {
            let none = Shape::text(
                format!("{key}/none"),
                Role::TextMuted,
                Type::Label,
                left + names + 10.0,
                base,
                "-",
            );
            shapes.push(none);
        }
        let (bar_top, bar) = (y + place.bar[0], place.bar[1]);
        bars.push(bar_top);
        band(
            stage,
            &key,
            &lived.stretches(row),
            &axis,
            [bar_top, bar],
            [now, f32::from(u8::from(!is_narrow))],
            end,
            shapes,
        );
        y += place.apart;
    }
    if hidden > 0 {
        let more = format!("+{hidden}");
        shapes.push(Shape::text("bands/more", Role::TextMuted, Type::Label, left, y + 14.0, more));
        y += 24.0;
    }
    if is_within {
        if place.is_below {
            // A tick on each bar: names and values stand between them.
            let tops = bars.iter().map(|top| (*top - 2.0, *top + place.bar[1] + 2.0));
            let ticks = tops.enumerate().map(|(place, (from, to))| {
                Shape::line(format!("bands/playhead/{place}"), Role::Playhead, [now, from], [now, to])
            });
            shapes.extend(ticks);
        } else {
            let line = Shape::line("bands/playhead", Role::Playhead, [now, first - 6.0], [now, y - 2.0]);
            shapes.insert(playhead, line);
        }
    }
    y - top
}

/// Whether there is room between two rows: between phase and STATUS, which are often taken for the same, there is none.
fn is_parted(before: &Row, row: &Row) -> bool {
    std::mem::discriminant(before) != std::mem::discriminant(row) && !matches!(row, Row::Status)
}

/// The values of a row over time. `now` is where the playhead is, and whether words stand in the bars.
#[allow(clippy::too_many_arguments)]
fn band(
    stage: &Stage,
    key: &str,
    stretches: &[Stretch],
    axis: &Axis,
    [top, high]: [f32; 2],
    [now, has_words]: [f32; 2],
    end: SimTime,
    shapes: &mut Vec<Shape>,
) {
    let tempo = &stage.story.tempo;
    for (number, stretch) in stretches.iter().enumerate().take(MOST) {
        let from = axis.x(tempo.stage(stretch.from));
        let to = axis.x(tempo.stage(stretch.to.unwrap_or(end)));
        let wide = (to - from - 1.5).max(1.0);
        let role = if has_words > 0.0 { Role::Span(stretch.hue) } else { Role::Bar(stretch.hue) };
        let bar = |part: &str, left: f32, wide: f32| {
            let rect = [left, top, wide, high];
            Shape::rect(format!("{key}/{number}{part}"), role, rect, radius::CHIP.min(high / 2.0))
        };
        // What is still to come is faint; its words are as easy to read as all others.
        let known = (now - from).clamp(0.0, wide);
        if known < wide {
            shapes.push(bar("/to-come", from + known, wide - known).faded(FAINT));
        }
        if known > 0.0 {
            shapes.push(bar("", from, known));
        }
        if has_words > 0.0 {
            shapes.extend(word(&format!("{key}/{number}"), stretch, [from, wide, top, high], now));
        }
    }
}

/// What stands in a bar: all of what it says or as much as fits, else its mark. It stands where it is already so, before the
/// playhead; only what has hardly begun says it behind.
fn word(key: &str, stretch: &Stretch, [from, wide, top, high]: [f32; 4], now: f32) -> Option<Shape> {
    let font = Type::Label.font();
    let whole = &*stretch.text;
    let is_trouble = stretch.hue == Hue::Failed;
    let how = whole.strip_prefix(ENDED).or(whole.strip_prefix(WAITS)).unwrap_or(whole);
    let last = how.rsplit(" · ").next().unwrap_or(how);
    let first = whole.split(" · ").next().unwrap_or(whole);
    // That it waits does not tell one trouble from another.
    let is_last = whole.starts_with(ENDED) || is_trouble && whole.starts_with(WAITS);
    let short = if is_last { last } else { first };
    let to = from + wide;
    let [left, right] = match () {
        () if now <= from || now >= to => [from, to],
        () if now - from >= GLYPH => [from, now],
        () => [now, to],
    };
    let base = top + high / 2.0 + 4.3;
    for text in [whole, how, short] {
        if left + 7.0 + width(text, font) <= right - 5.0 {
            let (key, role) = (format!("{key}/text"), Role::TextHue(stretch.hue));
            return Some(Shape::text(key, role, Type::Label, left + 7.0, base, text));
        }
    }
    let state = match stretch.hue {
        // It only waits until it is tried again.
        Hue::Failed if whole.ends_with("BackOff") => State::Pending,
        hue => State::ALL.into_iter().find(|state| state.hue() == hue)?,
    };
    let middle = [(left + right) / 2.0, top + high / 2.0];
    let has_room = right - left >= GLYPH;
    has_room.then(|| Shape::path(format!("{key}/glyph"), Role::Glyph(stretch.hue), glyph(state, middle, 7.0)))
}

/// How wide the names are, and what is said now: by all that is ever said, so that nothing moves.
fn columns(lived: &Lived, rows: &[Row], wide: f32) -> (f32, f32) {
    let font = Type::Label.font();
    let mut widest = [0.0_f32; 2];
    for row in rows {
        let name = match row {
            Row::Condition(kind) => width(kind, font),
            Row::Container(name) => width(name, Type::NameSmall.font()),
            Row::Status | Row::Phase => width("STATUS", Type::Strong.font()),
        };
        let said = lived.stretches(row);
        let how =
            said.iter().map(|stretch| width(stretch.text.strip_prefix(ENDED).unwrap_or(&stretch.text), font));
        widest = [widest[0].max(name), how.fold(widest[1], f32::max)];
    }
    ((widest[0] + 16.0).clamp(120.0, wide * 0.3), (widest[1] + 34.0).clamp(120.0, wide * 0.34))
}
