//! The inside of a Pod where there is none, or the chosen one is gone: its parts in outline, each with its name, and what makes one.

use super::super::Stage;
use super::bands;
use super::inside::{Sort, gone};
use super::{GAP, MARGIN, MARGIN_NARROW};
use crate::api::Kind;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize_middle, width, wrap};
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Scene, Shape};
use crate::scene::tokens::{Hue, radius};
use crate::scene::typeface::Type;

/// The widest that the picture is.
const MOST: f32 = 640.0;
/// The line with the name of a frame.
const TITLE: f32 = 40.0;
const CARD: f32 = 72.0;
const BAND: f32 = 34.0;
const PAUSE: f32 = 40.0;
const PADDING: f32 = 14.0;

/// Draws it.
pub(super) fn draw(stage: &Stage) -> Scene {
    let [width, height] = stage.size;
    let margin = if stage.is_narrow() { MARGIN_NARROW } else { MARGIN };
    let wide = (width - 2.0 * margin).min(MOST);
    let left = (width - wide) / 2.0;
    let mut shapes = Vec::new();
    let mut y = margin + 24.0;
    let gone = gone(stage);
    let title = match gone {
        Some(gone) => stage.say(msg!("scene.pod-gone"), &[("pod", Arg::Text(gone.metadata.name.clone()))]),
        None => stage.say(msg!("scene.no-pod"), &[]),
    };
    let title = ellipsize_middle(&title, Type::Heading.font(), wide);
    let title = Shape::text("empty/title", Role::Text, Type::Heading, width / 2.0, y, title);
    shapes.push(title.anchored(Anchor::Middle));
    let had_some = stage.view.history().objects(Kind::Pod).next().is_some();
    let how = match gone {
        Some(_) => msg!("scene.pod-gone-now"),
        None if had_some => msg!("scene.no-pod-now"),
        None => msg!("scene.how-to-pod"),
    };
    for (nth, line) in wrap(&stage.say(how, &[]), Type::Body.font(), wide).iter().enumerate() {
        y += if nth == 0 { 26.0 } else { 22.0 };
        let key = format!("empty/{nth}");
        let line = Shape::text(key, Role::TextMuted, Type::Body, width / 2.0, y, line.clone());
        shapes.push(line.anchored(Anchor::Middle));
    }
    y += 22.0;
    let bands = Sort::ALL.len() as f32 * (BAND + 6.0);
    let pod = TITLE + CARD + GAP + bands + PAUSE + PADDING;
    let node = [left, y, wide, TITLE + pod + PADDING];
    frame(stage, "node", msg!("scene.node"), Hue::Quiet, node, radius::PANEL, &mut shapes);
    let pod = [left + PADDING, y + TITLE, wide - 2.0 * PADDING, pod];
    frame(stage, "pod", msg!("scene.pod"), Hue::Pod, pod, radius::PANEL + 4.0, &mut shapes);
    let (inner, room) = (pod[0] + PADDING, pod[2] - 2.0 * PADDING);
    y = pod[1] + TITLE;
    let card = (room - GAP) / 2.0;
    for (key, turn) in [("one", 0.0), ("other", 1.0)] {
        let rect = [inner + turn * (card + GAP), y, card, CARD];
        frame(stage, key, msg!("scene.runtime"), Hue::Quiet, rect, radius::CARD, &mut shapes);
    }
    y += CARD + GAP;
    for sort in Sort::ALL {
        band(stage, sort, [inner, y, room, BAND], &mut shapes);
        y += BAND + 6.0;
    }
    let pause = [inner, y, room, PAUSE];
    shapes.push(Shape::rect("empty/pause", Role::Ghost(Hue::Quiet), pause, radius::CARD));
    let base = y + PAUSE / 2.0 + 5.5;
    shapes.push(Shape::text("empty/pause/name", Role::TextMuted, Type::Name, inner + 18.0, base, "pause"));
    let bottom = node[1] + node[3] + margin;
    Scene { width, height: height.max(bottom), shapes }
}

fn frame(
    stage: &Stage,
    key: &str,
    name: &str,
    hue: Hue,
    rect: [f32; 4],
    radius: f32,
    shapes: &mut Vec<Shape>,
) {
    let [x, y, ..] = rect;
    shapes.push(Shape::rect(format!("empty/{key}/frame"), Role::Ghost(hue), rect, radius));
    let (key, name) = (format!("empty/{key}/name"), stage.say(name, &[]));
    shapes.push(Shape::text(key, Role::TextMuted, Type::Eyebrow, x + 16.0, y + 26.0, name));
}

fn band(stage: &Stage, sort: Sort, rect: [f32; 4], shapes: &mut Vec<Shape>) {
    let [x, y, _, high] = rect;
    let key = |part: &str| format!("empty/{}/{part}", sort.word());
    shapes.push(Shape::rect(key("band"), Role::Ghost(sort.hue()), rect, high / 2.0));
    let base = y + high / 2.0 + 4.5;
    let after = x + 18.0 + width("mnt", Type::Strong.font()) + 16.0;
    shapes.push(Shape::text(
        key("word"),
        Role::TextHue(sort.hue()),
        Type::Strong,
        x + 18.0,
        base,
        sort.word(),
    ));
    let title = bands::title(stage, sort);
    shapes.push(Shape::text(key("title"), Role::TextMuted, Type::Caption, after, base, title));
}
