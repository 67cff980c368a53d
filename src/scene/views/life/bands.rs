//! What a Pod says of itself, one below the other over the time of its life: phase, kubectl's STATUS, conditions, containers.

use super::super::Stage;
use super::lived::{Lived, Row, Stretch};
use super::machine::clock;
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
/// From one row to the next.
const ROW: f32 = 31.0;
const ROW_NARROW: f32 = 46.0;
const BAR: f32 = 22.0;
const BAR_NARROW: f32 = 8.0;
/// The line with the names of the columns.
const TITLE: f32 = 26.0;
/// More of a kind than these is not drawn: what is left says how many.
const MOST_CONTAINERS: usize = 8;
/// How much is seen of what is still to come.
const FAINT: f32 = 0.3;
/// Stretches of a row that are drawn at most.
const MOST: usize = 90;
/// Between the groups of rows.
const APART: f32 = 12.0;

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
    let (names, values) = if is_narrow { (wide * 0.46, wide * 0.54) } else { columns(lived, shown, wide) };
    let tempo = &stage.story.tempo;
    let end = lived.gone.unwrap_or_else(|| stage.story.end());
    let bands_left = if is_narrow { left } else { left + names + values + 14.0 };
    let axis = Axis {
        from: tempo.stage(lived.from),
        until: tempo.stage(end).max(StageTime(tempo.stage(lived.from).0 + 1)),
        left: bands_left,
        wide: left + wide - bands_left,
    };
    let now = axis.x(stage.at);
    let mut y = top;
    if !is_narrow {
        let title = |key: &str, x: f32, text: String| {
            Shape::text(format!("bands/{key}"), Role::TextMuted, Type::Label, x, top + 12.0, text)
        };
        shapes.push(title("title", left + names, stage.say(msg!("scene.life-now"), &[])));
        shapes.push(title("from", axis.left, clock(lived.from)));
        shapes.push(title("to", axis.left + axis.wide, clock(end)).anchored(Anchor::End));
        // The time at the playhead, where it touches neither of them.
        let (text, font) = (clock(stage.view.at()), Type::Label.font());
        let half = width(&text, font) / 2.0;
        let from = axis.left + width(&clock(lived.from), font) + 8.0;
        let to = axis.left + axis.wide - width(&clock(end), font) - 8.0;
        if stage.at <= axis.until && now - half >= from && now + half <= to {
            let text = Shape::text("bands/at", Role::Text, Type::Label, now, top + 12.0, text);
            shapes.push(text.anchored(Anchor::Middle));
        }
        y += TITLE;
    }
    let first = y;
    // The playhead lies under the words.
    let playhead = shapes.len();
    let mut bars = Vec::new();
    let mut last: Option<&Row> = None;
    for (number, row) in shown.iter().enumerate() {
        if last.is_some_and(|last| std::mem::discriminant(last) != std::mem::discriminant(row))
            && !matches!(row, Row::Status)
        {
            y += APART;
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
        let name = ellipsize(&name, font.font(), names - 10.0);
        shapes.push(Shape::text(format!("{key}/name"), role, font, left, base, name));
        if let Some((text, hue)) = lived.now(row) {
            let hue = if lived.is_there { hue } else { Hue::Quiet };
            let room = values - 26.0;
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
        let (bar_top, bar) = if is_narrow { (y + 27.0, BAR_NARROW) } else { (y, BAR) };
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
        y += if is_narrow { ROW_NARROW } else { ROW };
    }
    if hidden > 0 {
        let more = format!("+{hidden}");
        shapes.push(Shape::text("bands/more", Role::TextMuted, Type::Label, left, y + 14.0, more));
        y += 24.0;
    }
    let is_within = stage.at >= axis.from && stage.at <= axis.until;
    if is_within {
        if is_narrow {
            // A tick on each of the low bars.
            let tops = bars.iter().map(|top| (*top - 3.0, *top + BAR_NARROW + 3.0));
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
            shapes.extend(word(&format!("{key}/{number}"), stretch, [from, wide, top], now));
        }
    }
}

/// What stands in a bar: all of what it says or as much as fits, beside the playhead and not across it; else its mark.
fn word(key: &str, stretch: &Stretch, [from, wide, top]: [f32; 3], now: f32) -> Option<Shape> {
    let font = Type::Label.font();
    let whole = &*stretch.text;
    let how = whole.strip_prefix(ENDED).unwrap_or(whole);
    let last = how.rsplit(" · ").next().unwrap_or(how);
    let first = whole.split(" · ").next().unwrap_or(whole);
    let short = if whole.starts_with(ENDED) { last } else { first };
    let is_crossed = |left: f32, wide: f32| left - 3.0 < now && now < left + wide + 3.0;
    for text in [whole, how, short] {
        let wide_of = width(text, font);
        for left in [from + 7.0, now + 6.0] {
            let fits = left >= from + 6.0 && left + wide_of <= from + wide - 5.0;
            if fits && !is_crossed(left, wide_of) {
                let key = format!("{key}/text");
                return Some(Shape::text(
                    key,
                    Role::TextHue(stretch.hue),
                    Type::Label,
                    left,
                    top + 15.3,
                    text,
                ));
            }
        }
    }
    let state = State::ALL.iter().copied().find(|state| state.hue() == stretch.hue)?;
    let middle = from + wide / 2.0;
    let is_free = wide >= 15.0 && !is_crossed(middle - 5.0, 10.0);
    let path = || glyph(state, [middle, top + BAR / 2.0], 7.0);
    is_free.then(|| Shape::path(format!("{key}/glyph"), Role::Glyph(stretch.hue), path()))
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
