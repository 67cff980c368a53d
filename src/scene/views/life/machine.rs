//! The five phases of a Pod as a machine of states: where it is, what it has passed, and what could come.

use super::super::Stage;
use super::lived::{Lived, phase, state};
use crate::api::objects::{PodPhase, RestartPolicy};
use crate::cluster::time::{MILLI, SECOND, SimTime};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, width, wrap};
use crate::scene::parts::{arrow, badge};
use crate::scene::paths::polyline;
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Shape};
use crate::scene::tokens::{Hue, radius};
use crate::scene::typeface::Type;

/// How a phase stands to the Pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Now,
    Passed,
    Could,
    /// It cannot be any more, or never is.
    Not,
}

/// Which phases can follow.
fn follows(from: PodPhase, to: PodPhase) -> bool {
    use PodPhase::{Failed, Pending, Running, Succeeded};
    matches!((from, to), (Pending, Running | Succeeded | Failed) | (Running, Succeeded | Failed))
}

/// A time of the run, as the clock of the page shows it.
pub(super) fn clock(at: SimTime) -> String {
    let seconds = at.0 / SECOND;
    format!("{:02}:{:02}.{}", seconds / 60, seconds % 60, at.0 / (100 * MILLI) % 10)
}

const HIGH: f32 = 56.0;
const ALL: [PodPhase; 5] =
    [PodPhase::Pending, PodPhase::Running, PodPhase::Succeeded, PodPhase::Failed, PodPhase::Unknown];

/// Draws it from a corner in a width, and gives how high it is.
pub(super) fn draw(
    stage: &Stage,
    lived: &Lived,
    [left, top]: [f32; 2],
    wide: f32,
    shapes: &mut Vec<Shape>,
) -> f32 {
    if stage.is_narrow() {
        return narrow(stage, lived, [left, top], wide, shapes);
    }
    let box_wide = (wide * 0.155).clamp(128.0, 190.0);
    // The last column has room for what is to be said of its phase.
    let [tree, aside] = [wide * 0.74, wide * 0.23];
    let gap = (tree - 3.0 * box_wide) / 2.0;
    let column = |number: f32| left + number * (box_wide + gap);
    let (upper, middle, lower) = (top, top + 46.0, top + 92.0);
    let rects = [
        [column(0.0), middle, box_wide, HIGH],
        [column(1.0), middle, box_wide, HIGH],
        [column(2.0), upper, box_wide, HIGH],
        [column(2.0), lower, box_wide, HIGH],
        [left + wide - aside, upper, box_wide.min(aside), HIGH],
    ];
    let mid = |rect: [f32; 4]| rect[1] + HIGH / 2.0;
    let right = |rect: [f32; 4]| rect[0] + rect[2];
    let [pending, running, succeeded, failed, unknown] = rects;
    let bend = right(running) + gap * 0.45;
    edge(
        stage,
        lived,
        [PodPhase::Pending, PodPhase::Running],
        &[[right(pending), mid(pending)], [running[0], mid(running)]],
        shapes,
    );
    for (to, rect) in [(PodPhase::Succeeded, succeeded), (PodPhase::Failed, failed)] {
        let path =
            [[right(running), mid(running)], [bend, mid(running)], [bend, mid(rect)], [rect[0], mid(rect)]];
        edge(stage, lived, [PodPhase::Running, to], &path, shapes);
    }
    // A Pod can fail without ever having run: no room on its node, or evicted before.
    let below = failed[1] + HIGH - 12.0;
    let under = [
        [pending[0] + box_wide / 2.0, pending[1] + HIGH],
        [pending[0] + box_wide / 2.0, below],
        [failed[0], below],
    ];
    edge(stage, lived, [PodPhase::Pending, PodPhase::Failed], &under, shapes);
    let label = |key: &str, text: String, [x, y]: [f32; 2], room: f32, shapes: &mut Vec<Shape>| {
        if width(&text, Type::Caption.font()) <= room {
            let text =
                Shape::text(format!("machine/label/{key}"), Role::TextMuted, Type::Caption, x, y, text);
            shapes.push(text.anchored(Anchor::Middle));
        }
    };
    let between = (right(pending) + running[0]) / 2.0;
    label("runs", stage.say(msg!("scene.life-runs"), &[]), [between, mid(pending) - 8.0], gap - 16.0, shapes);
    let after = (bend + succeeded[0]) / 2.0;
    let room = succeeded[0] - bend - 14.0;
    label("well", stage.say(msg!("scene.life-ends-well"), &[]), [after, mid(succeeded) - 8.0], room, shapes);
    label("badly", stage.say(msg!("scene.life-ends-badly"), &[]), [after, mid(failed) - 8.0], room, shapes);
    let far = running[0] - pending[0] - box_wide / 2.0 - 20.0;
    let refused = [pending[0] + box_wide / 2.0 + 10.0 + far / 2.0, below - 8.0];
    label("refused", stage.say(msg!("scene.life-never-ran"), &[]), refused, far, shapes);
    for (phase, rect) in ALL.into_iter().zip(rects) {
        phase_box(stage, lived, phase, rect, shapes);
    }
    let mut bottom = lower + HIGH + 34.0;
    let said = stage.say(msg!("scene.life-unknown"), &[]);
    for (number, line) in wrap(&said, Type::Caption.font(), aside).into_iter().enumerate() {
        let y = unknown[1] + HIGH + 20.0 + number as f32 * 17.0;
        let key = format!("machine/unknown/{number}");
        shapes.push(Shape::text(key, Role::TextMuted, Type::Caption, unknown[0], y, line));
        bottom = bottom.max(y + 10.0);
    }
    let policy = policy(stage, lived);
    let room = unknown[0] - left - 24.0;
    let y = lower + HIGH + 24.0;
    shapes.push(Shape::text(
        "machine/policy",
        Role::TextMuted,
        Type::Caption,
        left,
        y,
        ellipsize(&policy, Type::Caption.font(), room),
    ));
    bottom - top
}

fn narrow(stage: &Stage, lived: &Lived, [left, top]: [f32; 2], wide: f32, shapes: &mut Vec<Shape>) -> f32 {
    let (gap, half) = (26.0, (wide - 12.0) / 2.0);
    let row = |number: f32| top + number * (HIGH + gap);
    let rects = [
        [left, row(0.0), wide, HIGH],
        [left, row(1.0), wide, HIGH],
        [left, row(2.0), half, HIGH],
        [left + half + 12.0, row(2.0), half, HIGH],
        [left, row(3.0), wide, HIGH],
    ];
    let bottom = |rect: [f32; 4]| rect[1] + HIGH;
    let x = left + wide / 2.0;
    edge(
        stage,
        lived,
        [PodPhase::Pending, PodPhase::Running],
        &[[x, bottom(rects[0])], [x, rects[1][1]]],
        shapes,
    );
    for (to, rect) in [(PodPhase::Succeeded, rects[2]), (PodPhase::Failed, rects[3])] {
        let x = rect[0] + half / 2.0;
        edge(stage, lived, [PodPhase::Running, to], &[[x, bottom(rects[1])], [x, rect[1]]], shapes);
    }
    for (phase, rect) in ALL.into_iter().zip(rects) {
        phase_box(stage, lived, phase, rect, shapes);
    }
    let mut y = bottom(rects[4]) + 20.0;
    let texts = [("unknown", stage.say(msg!("scene.life-unknown"), &[])), ("policy", policy(stage, lived))];
    for (key, text) in texts {
        for (number, line) in wrap(&text, Type::Caption.font(), wide).into_iter().enumerate() {
            shapes.push(Shape::text(
                format!("machine/{key}/{number}"),
                Role::TextMuted,
                Type::Caption,
                left,
                y,
                line,
            ));
            y += 17.0;
        }
        y += 7.0;
    }
    y - top
}

fn policy(stage: &Stage, lived: &Lived) -> String {
    match lived.pod.spec.restart_policy {
        None | Some(RestartPolicy::Always) => stage.say(msg!("scene.life-always"), &[]),
        Some(RestartPolicy::OnFailure) => stage.say(msg!("scene.life-on-failure"), &[]),
        Some(RestartPolicy::Never) => stage.say(msg!("scene.life-never"), &[]),
    }
}

fn place(stage: &Stage, lived: &Lived, of: PodPhase) -> Place {
    let at = stage.view.at();
    let now = phase(lived.pod);
    if of == now && lived.is_there {
        return Place::Now;
    }
    if lived.phases(at).iter().any(|(phase, ..)| *phase == of) {
        return Place::Passed;
    }
    if lived.is_there && follows(now, of) { Place::Could } else { Place::Not }
}

/// An arrow from one phase to another: a line where it was gone, dashes where it may be.
fn edge(stage: &Stage, lived: &Lived, [from, to]: [PodPhase; 2], path: &[[f32; 2]], shapes: &mut Vec<Shape>) {
    let phases = lived.phases(stage.view.at());
    let is_gone = phases.windows(2).any(|pair| (pair[0].0, pair[1].0) == (from, to));
    let now = phase(lived.pod);
    let could = lived.is_there && now == from && follows(from, to);
    let key = format!("machine/{}/{}", from.as_str(), to.as_str());
    let (hue, role) = match (is_gone, could) {
        (true, _) => (state(to).hue(), Role::EdgeOwner(state(to).hue())),
        (false, true) => (Hue::Plain, Role::EdgeSelects(Hue::Plain)),
        _ => (Hue::Quiet, Role::EdgeSelects(Hue::Quiet)),
    };
    shapes.extend(arrow(&key, role, hue, polyline(path, 10.0)));
}

fn phase_box(
    stage: &Stage,
    lived: &Lived,
    of: PodPhase,
    [x, y, wide, high]: [f32; 4],
    shapes: &mut Vec<Shape>,
) {
    let place = place(stage, lived, of);
    let hue = state(of).hue();
    let key = |part: &str| format!("machine/{}/{part}", of.as_str());
    let frame = match place {
        Place::Now => Role::FrameStrong(hue),
        Place::Passed => Role::CardFrame(hue),
        Place::Could => Role::CardFrameDashed(hue),
        Place::Not => Role::Ghost(Hue::Quiet),
    };
    let rect = [0.0, 0.0, wide, high];
    let mut inside = vec![Shape::rect(key("frame"), frame, rect, radius::CARD)];
    if place == Place::Now {
        inside.push(Shape::rect(key("tint"), Role::Tint(hue), rect, radius::CARD));
    }
    if place == Place::Not {
        inside.push(Shape::circle(key("mark"), Role::CardFrame(Hue::Quiet), 24.0, high / 2.0, 9.0));
    } else {
        inside.extend(badge(&key("state"), state(of), [24.0, high / 2.0], 10.0, None));
    }
    let role = if place == Place::Not { Role::TextMuted } else { Role::Text };
    inside.push(Shape::text(key("name"), role, Type::Name, 44.0, high / 2.0 - 3.0, of.as_str()));
    let spent = lived.phases(stage.view.at()).into_iter().rfind(|(phase, ..)| *phase == of);
    let said = match (place, spent) {
        (Place::Now, Some((_, from, _))) => {
            stage.say(msg!("scene.life-since"), &[("time", Arg::from(clock(from)))])
        }
        (Place::Passed, Some((_, from, to))) => {
            format!("{} – {}", clock(from), to.map_or_else(String::new, clock))
        }
        (Place::Could, _) => stage.say(msg!("scene.life-could"), &[]),
        _ if of == PodPhase::Unknown => stage.say(msg!("scene.life-never-set"), &[]),
        _ => stage.say(msg!("scene.life-not"), &[]),
    };
    let said = ellipsize(&said, Type::Caption.font(), wide - 52.0);
    inside.push(Shape::text(
        key("said"),
        Role::TextMuted,
        Type::Caption,
        44.0,
        high / 2.0 + 16.0,
        said.clone(),
    ));
    let group = Shape::group(key("group"), x, y, inside);
    shapes.push(group.named(format!("{}: {said}", of.as_str())));
}
