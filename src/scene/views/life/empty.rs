//! The life of no Pod: the phases, and below them in outline what a Pod says of itself over time.

use super::super::Stage;
use super::bands::{BAR_NARROW, BELOW, ROW_NARROW};
use super::lived::CONDITIONS;
use super::machine;
use crate::api::Kind;
use crate::msg;
use crate::scene::measure::{width, wrap_evenly};
use crate::scene::role::Role;
use crate::scene::shape::Shape;
use crate::scene::tokens::{Hue, radius};
use crate::scene::typeface::Type;

/// From one row to the next: at most and at least.
const ROW: f32 = 31.0;
const ROW_LEAST: f32 = 24.0;
/// Between the groups of rows, and above all of them.
const APART: f32 = 12.0;
const ABOVE: f32 = 28.0;

/// Draws it from its left edge in a width; gives where it ends.
pub(super) fn draw(stage: &Stage, left: f32, room: f32, scene: &mut Vec<Shape>) -> f32 {
    let (font, mut shapes) = (Type::Heading, Vec::new());
    let mut y = 36.0;
    let had_some = stage.view.history().objects(Kind::Pod).next().is_some();
    let why = if had_some { msg!("scene.no-pod-now") } else { msg!("scene.life-none") };
    let lines = wrap_evenly(&stage.say(why, &[]), font.font(), room);
    for (number, line) in lines.into_iter().enumerate() {
        shapes.push(Shape::text(format!("empty/{number}"), Role::Text, font, left, y, line));
        y += 22.0;
    }
    y += 8.0;
    y += machine::draw(stage, None, [left, y], room, &mut shapes);
    y += rows(stage, [left, y], room, &mut shapes);
    if stage.is_narrow() {
        y += machine::below(stage, None, [left, y], room, &mut shapes);
    }
    scene.push(Shape::group("empty/life", 0.0, 0.0, shapes));
    y
}

/// What a Pod will say of itself, as far as there is room for it; gives how high that is.
fn rows(stage: &Stage, [left, top]: [f32; 2], wide: f32, shapes: &mut Vec<Shape>) -> f32 {
    let container = stage.say(msg!("scene.life-container"), &[]);
    let groups: [&[&str]; 3] = [&["phase", "STATUS"], &CONDITIONS, &[&container]];
    let count = groups.iter().map(|group| group.len()).sum::<usize>() as f32;
    let is_narrow = stage.is_narrow();
    let room = stage.size[1] - top - ABOVE - 2.0 * APART - BELOW;
    let apart = if is_narrow { ROW_NARROW } else { (room / count).min(ROW) };
    if apart < ROW_LEAST {
        return 0.0;
    }
    let look = |group: usize| if group == 0 { Type::Strong } else { Type::Label };
    let names =
        groups.iter().enumerate().flat_map(|(group, names)| names.iter().map(move |name| (group, name)));
    let widest = names.map(|(group, name)| width(name, look(group).font())).fold(0.0, f32::max) + 24.0;
    let mut y = top + ABOVE;
    let line = [left, top + ABOVE / 2.0];
    shapes.push(Shape::line("empty/divider", Role::Divider, line, [left + wide, line[1]]));
    for (group, names) in groups.iter().enumerate() {
        let role = if group == 0 { Role::Text } else { Role::TextMuted };
        for name in *names {
            let key = format!("empty/row/{name}");
            let bar = if is_narrow {
                [left, y + BAR_NARROW[0], wide, BAR_NARROW[1]]
            } else {
                [left + widest, y, wide - widest, apart - 9.0]
            };
            shapes.push(Shape::text(format!("{key}/name"), role, look(group), left, y + 15.5, *name));
            shapes.push(Shape::rect(key, Role::Ghost(Hue::Quiet), bar, radius::CHIP.min(bar[3] / 2.0)));
            y += apart;
        }
        y += APART;
    }
    y - APART - top
}
