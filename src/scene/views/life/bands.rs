//! What a Pod says of itself, one below the other over the time of its life: phase, kubectl's STATUS, conditions, containers.

use super::super::Stage;
use super::lived::{Lived, Row, Stretch};
use super::machine::clock;
use crate::cluster::time::SimTime;
use crate::msg;
use crate::scene::measure::{ellipsize, width};
use crate::scene::parts::tag;
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Shape};
use crate::scene::tokens::{Hue, radius};
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
    let (names, values) = if is_narrow {
        (wide * 0.46, wide * 0.54)
    } else {
        ((wide * 0.19).clamp(150.0, 210.0), (wide * 0.2).clamp(150.0, 230.0))
    };
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
        y += TITLE;
    }
    let first = y;
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
        let (from, to) = (if is_narrow { first } else { first - 6.0 }, y - 2.0);
        if !is_narrow {
            shapes.push(Shape::line("bands/playhead", Role::Playhead, [now, from], [now, to]));
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
        let is_to_come = from > now;
        let rect = [from, top, wide, high];
        let role = if has_words > 0.0 { Role::Span(stretch.hue) } else { Role::Bar(stretch.hue) };
        let shape = Shape::rect(format!("{key}/{number}"), role, rect, radius::CHIP.min(high / 2.0));
        shapes.push(if is_to_come { shape.faded(FAINT) } else { shape });
        let room = wide - 14.0;
        if has_words > 0.0 && width(&stretch.text, Type::Label.font()) <= room {
            let text = Shape::text(
                format!("{key}/{number}/text"),
                Role::TextHue(stretch.hue),
                Type::Label,
                from + 7.0,
                top + 15.3,
                stretch.text.clone(),
            );
            shapes.push(if is_to_come { text.faded(0.6) } else { text });
        }
    }
}
