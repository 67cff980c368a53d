//! The five phases of a Pod as a machine of states: where it is, what it has passed, and what could come.

use super::super::Stage;
use super::super::objects::grace_span;
use super::super::silence::is_ended_by_anybody;
use super::lived::{Lived, phase, state};
use crate::api::objects::{PodPhase, RestartPolicy};
use crate::cluster::time::{SECOND, SimTime};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, width, wrap, wrap_evenly};
use crate::scene::parts::{arrow, badge};
use crate::scene::paths::{glyph, polyline};
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

const HIGH: f32 = 56.0;
/// Less than this is a tablet's width.
const TIGHT: f32 = 900.0;
/// A label of an arrow has no more lines than these.
const MOST_LINES: usize = 3;
/// On a phone, between two phases.
const GAP_NARROW: f32 = 26.0;
const ALL: [PodPhase; 5] =
    [PodPhase::Pending, PodPhase::Running, PodPhase::Succeeded, PodPhase::Failed, PodPhase::Unknown];

/// Draws it from a corner in a width, and gives how high it is. Without a Pod it has no phase.
pub(super) fn draw(
    stage: &Stage,
    lived: Option<&Lived>,
    [left, top]: [f32; 2],
    wide: f32,
    shapes: &mut Vec<Shape>,
) -> f32 {
    if stage.is_narrow() {
        return narrow(stage, lived, [left, top], wide, shapes);
    }
    // The last column has room for what is to be said of its phase. On a tablet that stands below, in a line.
    let is_tight = wide < TIGHT;
    let box_wide = if is_tight { (wide * 0.24).min(176.0) } else { (wide * 0.165).clamp(168.0, 190.0) };
    let [tree, aside] = if is_tight { [wide, 0.0] } else { [wide * 0.74, wide * 0.23] };
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
    let bend = right(running) + gap * 0.2;
    edge(
        stage,
        lived,
        [PodPhase::Pending, PodPhase::Running],
        &[[right(pending), mid(pending)], [running[0], mid(running)]],
        shapes,
    );
    let mut ends = [(PodPhase::Succeeded, succeeded), (PodPhase::Failed, failed)];
    // The way that was gone lies on the other one.
    ends.sort_by_key(|(to, _)| is_gone(stage, lived, [PodPhase::Running, *to]));
    for (to, rect) in ends {
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
    let label = |key: &str, text: &str, [x, y]: [f32; 2], room: f32, shapes: &mut Vec<Shape>| {
        let font = Type::Caption.font();
        let lines = wrap_evenly(text, font, room);
        if lines.len() > MOST_LINES || text.split_whitespace().any(|word| width(word, font) > room) {
            return;
        }
        let last = lines.len().saturating_sub(1);
        for (place, line) in lines.into_iter().enumerate() {
            let y = y - (last - place) as f32 * 15.0;
            let key = format!("machine/label/{key}/{place}");
            let text = Shape::text(key, Role::TextMuted, Type::Caption, x, y, line);
            shapes.push(text.anchored(Anchor::Middle));
        }
    };
    let between = (right(pending) + running[0]) / 2.0;
    label("runs", &runs(stage, lived), [between, mid(pending) - 8.0], gap - 16.0, shapes);
    let after = (bend + succeeded[0]) / 2.0;
    let room = succeeded[0] - bend - 16.0;
    let [well, badly] = [msg!("scene.life-ends-well"), msg!("scene.life-ends-badly")];
    label("well", &stage.say(well, &[]), [after, mid(succeeded) - 8.0], room, shapes);
    label("badly", &stage.say(badly, &[]), [after, mid(failed) - 8.0], room, shapes);
    let far = running[0] - pending[0] - box_wide / 2.0 - 20.0;
    let refused = [pending[0] + box_wide / 2.0 + 10.0 + far / 2.0, below - 8.0];
    label("refused", &never_ran(stage, lived, far), refused, far, shapes);
    let boxes = if is_tight { 4 } else { 5 };
    for (phase, rect) in ALL.into_iter().zip(rects).take(boxes) {
        phase_box(stage, lived, phase, rect, shapes);
    }
    let room = if is_tight { wide } else { unknown[0] - left - 24.0 };
    // Once it is deleted, nothing of it is started again: then its time matters.
    let policy = lived.map(|lived| grace(stage, lived).unwrap_or_else(|| policy(stage, lived)));
    let policy = policy.unwrap_or_default();
    let mut bottom = said("policy", &policy, [left, lower + HIGH + 24.0], room, shapes);
    if is_tight {
        bottom = unknown_line(stage, [left, bottom + 4.0], wide, shapes);
    } else {
        let text = stage.say(msg!("scene.life-unknown"), &[]);
        bottom = bottom.max(said("unknown", &text, [unknown[0], unknown[1] + HIGH + 20.0], aside, shapes));
    }
    bottom - 7.0 - top
}

/// A sentence in lines from its first base line; gives where the line after the last would be.
fn said(key: &str, text: &str, [x, y]: [f32; 2], room: f32, shapes: &mut Vec<Shape>) -> f32 {
    let lines = wrap(text, Type::Caption.font(), room);
    let count = lines.len();
    for (number, line) in lines.into_iter().enumerate() {
        let key = format!("machine/{key}/{number}");
        shapes.push(Shape::text(key, Role::TextMuted, Type::Caption, x, y + number as f32 * 17.0, line));
    }
    y + count as f32 * 17.0
}

/// The phase that nothing sets, where there is no room for a box of it; gives where the line after it would be.
fn unknown_line(stage: &Stage, [x, y]: [f32; 2], wide: f32, shapes: &mut Vec<Shape>) -> f32 {
    let name = PodPhase::Unknown.as_str();
    let text = format!("{name}: {}", stage.say(msg!("scene.life-unknown"), &[]));
    let mark = Shape::circle("machine/Unknown/mark", Role::CardFrame(Hue::Quiet), x + 7.0, y - 4.5, 6.0);
    shapes.push(mark);
    said("unknown", &text, [x + 22.0, y], wide - 22.0, shapes)
}

/// On a phone: how it begins above, how it ends below.
fn narrow(
    stage: &Stage,
    lived: Option<&Lived>,
    [left, top]: [f32; 2],
    wide: f32,
    shapes: &mut Vec<Shape>,
) -> f32 {
    let half = (wide - GAP_NARROW) / 2.0;
    let (right, under) = (left + half + GAP_NARROW, top + HIGH + GAP_NARROW);
    let rects = [
        [left, top, half, HIGH],
        [right, top, half, HIGH],
        [right, under, half, HIGH],
        [left, under, half, HIGH],
    ];
    let [pending, running, succeeded, failed] = rects;
    let bottom = top + HIGH;
    let down = |rect: [f32; 4], part: f32| rect[0] + half * part;
    let level = top + HIGH / 2.0;
    let begins = [[pending[0] + half, level], [running[0], level]];
    edge(stage, lived, [PodPhase::Pending, PodPhase::Running], &begins, shapes);
    let well = [[down(running, 0.6), bottom], [down(succeeded, 0.6), under]];
    edge(stage, lived, [PodPhase::Running, PodPhase::Succeeded], &well, shapes);
    let bend = bottom + GAP_NARROW * 0.4;
    let badly = [
        [down(running, 0.25), bottom],
        [down(running, 0.25), bend],
        [down(failed, 0.75), bend],
        [down(failed, 0.75), under],
    ];
    edge(stage, lived, [PodPhase::Running, PodPhase::Failed], &badly, shapes);
    // The way of a Pod that never ran.
    let never = [[down(pending, 0.3), bottom], [down(failed, 0.3), under]];
    edge(stage, lived, [PodPhase::Pending, PodPhase::Failed], &never, shapes);
    for (phase, rect) in ALL.into_iter().zip(rects) {
        phase_box(stage, lived, phase, rect, shapes);
    }
    let Some(lived) = lived else { return under + HIGH - top };
    let base = under + HIGH + 20.0;
    let restarts = lived.pod.spec.restart_policy.unwrap_or(RestartPolicy::Always);
    let text = grace(stage, lived).unwrap_or_else(|| format!("restartPolicy: {}", restarts.as_str()));
    let text = ellipsize(&text, Type::Caption.font(), wide);
    shapes.push(Shape::text("machine/restarts", Role::TextMuted, Type::Caption, left, base, text));
    base - top
}

/// What stands below all else on a phone; gives how high it is.
pub(super) fn below(
    stage: &Stage,
    lived: Option<&Lived>,
    [left, top]: [f32; 2],
    wide: f32,
    shapes: &mut Vec<Shape>,
) -> f32 {
    let policy = lived.map(|lived| policy(stage, lived)).unwrap_or_default();
    let y = said("policy", &policy, [left, top + 14.0], wide, shapes);
    unknown_line(stage, [left, y + 4.0], wide, shapes) - top
}

/// How much time a Pod has left that is being deleted.
fn grace(stage: &Stage, lived: &Lived) -> Option<String> {
    let meta = &lived.pod.metadata;
    if !lived.is_there || !meta.is_terminating() {
        return None;
    }
    if !is_ended_by_anybody(stage.view, lived.pod) {
        return Some(stage.say(msg!("cluster.life-unheard"), &[]));
    }
    let grace = meta.deletion_grace_period_seconds?;
    let [left, _] = grace_span(stage.view, lived.pod)?;
    let left = left.div_ceil(SECOND);
    let args =
        [("left", Arg::Number(i64::try_from(left).unwrap_or(i64::MAX))), ("grace", Arg::Number(grace))];
    Some(stage.say(msg!("cluster.life-grace"), &args))
}

/// When a Pod runs: its init containers come first.
fn runs(stage: &Stage, lived: Option<&Lived>) -> String {
    let is_plain = lived.is_some_and(|lived| lived.pod.spec.init_containers.is_empty());
    stage.say(if is_plain { msg!("scene.life-runs") } else { msg!("scene.life-runs-after-init") }, &[])
}

/// Whether a Pod has no node yet: the API server removes such a one at once, and no kubelet refuses or ends it.
fn is_without_node(lived: Option<&Lived>) -> bool {
    lived.is_some_and(|lived| lived.pod.spec.node_name.is_empty())
}

/// How a Pod fails that never ran. An init container that fails ends it only where nothing is started again.
fn never_ran(stage: &Stage, lived: Option<&Lived>, room: f32) -> String {
    if is_without_node(lived) {
        return stage.say(msg!("scene.life-needs-node"), &[]);
    }
    let can_init_fail = lived.is_none_or(|lived| {
        let spec = &lived.pod.spec;
        !spec.init_containers.is_empty() && spec.restart_policy == Some(RestartPolicy::Never)
    });
    let whole = stage.say(msg!("scene.life-init-failed"), &[]);
    if can_init_fail && width(&whole, Type::Caption.font()) <= room {
        return whole;
    }
    stage.say(msg!("scene.life-never-ran"), &[])
}

fn is_always(lived: &Lived) -> bool {
    matches!(lived.pod.spec.restart_policy, None | Some(RestartPolicy::Always))
}

fn policy(stage: &Stage, lived: &Lived) -> String {
    let spec = &lived.pod.spec;
    match spec.restart_policy {
        None | Some(RestartPolicy::Always) => match spec.active_deadline_seconds {
            Some(seconds) => {
                stage.say(msg!("scene.life-always-deadline"), &[("seconds", Arg::Number(seconds))])
            }
            None => stage.say(msg!("scene.life-always"), &[]),
        },
        Some(RestartPolicy::OnFailure) => stage.say(msg!("scene.life-on-failure"), &[]),
        Some(RestartPolicy::Never) => stage.say(msg!("scene.life-never"), &[]),
    }
}

fn place(stage: &Stage, lived: Option<&Lived>, of: PodPhase) -> Place {
    let Some(lived) = lived else { return Place::Not };
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

/// Whether the Pod went from one phase to another.
fn is_gone(stage: &Stage, lived: Option<&Lived>, [from, to]: [PodPhase; 2]) -> bool {
    let phases = lived.map(|lived| lived.phases(stage.view.at())).unwrap_or_default();
    phases.windows(2).any(|pair| (pair[0].0, pair[1].0) == (from, to))
}

/// An arrow from one phase to another: a line where it was gone, dashes where it may be.
fn edge(
    stage: &Stage,
    lived: Option<&Lived>,
    [from, to]: [PodPhase; 2],
    path: &[[f32; 2]],
    shapes: &mut Vec<Shape>,
) {
    let is_gone = is_gone(stage, lived, [from, to]);
    let could = lived.is_some_and(|lived| lived.is_there && phase(lived.pod) == from && follows(from, to));
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
    lived: Option<&Lived>,
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
        Place::Could => Role::CardFrameDashed(Hue::Quiet),
        Place::Not => Role::Ghost(Hue::Quiet),
    };
    let rect = [0.0, 0.0, wide, high];
    let mut inside = vec![Shape::rect(key("frame"), frame, rect, radius::CARD)];
    if place == Place::Now {
        inside.push(Shape::rect(key("tint"), Role::Tint(hue), rect, radius::CARD));
    }
    let middle = [24.0, high / 2.0];
    let is_reached = matches!(place, Place::Now | Place::Passed);
    if is_reached {
        inside.extend(badge(&key("state"), state(of), middle, 10.0, None));
    } else {
        inside.push(Shape::circle(key("mark"), Role::CardFrame(Hue::Quiet), middle[0], middle[1], 9.0));
    }
    // What could come is no more than an outline: a Pod that is well has failed nowhere.
    if place == Place::Could {
        inside.push(Shape::path(key("glyph"), Role::GlyphMuted, glyph(state(of), middle, 9.0)));
    }
    let role = if is_reached { Role::Text } else { Role::TextMuted };
    inside.push(Shape::text(key("name"), role, Type::Name, 44.0, high / 2.0 - 3.0, of.as_str()));
    let said = standing(stage, lived, of, place, wide - 52.0);
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

/// What is said of a phase in its box: since when the Pod is in it, when it was, or what would have to happen.
fn standing(stage: &Stage, lived: Option<&Lived>, of: PodPhase, place: Place, room: f32) -> String {
    let phases = lived.map(|lived| lived.phases(stage.view.at())).unwrap_or_default();
    let spent = phases.into_iter().rfind(|(phase, ..)| *phase == of);
    let is_always = lived.is_some_and(is_always);
    let now = lived.map(|lived| phase(lived.pod));
    let whole = |id| Some(stage.say(id, &[])).filter(|said| width(said, Type::Caption.font()) <= room);
    match (place, spent) {
        (Place::Now, Some((_, from, _))) => {
            stage.say(msg!("scene.life-since"), &[("time", Arg::from(from.clock()))])
        }
        (Place::Passed, Some((_, from, to))) => {
            let whole = format!("{} – {}", from.clock(), to.map_or_else(String::new, SimTime::clock));
            if width(&whole, Type::Caption.font()) <= room {
                whole
            } else {
                // When it began is where the one before it ended.
                format!("– {}", to.map_or_else(String::new, SimTime::clock))
            }
        }
        // What ends is started again: such a Pod ends only where somebody ends it.
        (Place::Could, _) if is_always && of == PodPhase::Succeeded => {
            stage.say(msg!("cluster.life-only-deleted"), &[])
        }
        (Place::Could, _) if of == PodPhase::Failed && is_without_node(lived) => {
            stage.say(msg!("scene.life-needs-node"), &[])
        }
        // Before it runs, the arrow that leads there says by what.
        (Place::Could, _) if is_always && of == PodPhase::Failed && now == Some(PodPhase::Pending) => {
            let whole = whole(msg!("scene.life-never-ran"));
            whole.unwrap_or_else(|| stage.say(msg!("scene.life-never-ran-short"), &[]))
        }
        (Place::Could, _) if is_always && of == PodPhase::Failed => {
            let whole = whole(msg!("cluster.life-if-ended"));
            whole.unwrap_or_else(|| stage.say(msg!("cluster.life-if-ended-short"), &[]))
        }
        (Place::Could, _) => stage.say(msg!("scene.life-could"), &[]),
        _ if of == PodPhase::Unknown => stage.say(msg!("scene.life-never-set"), &[]),
        _ => stage.say(msg!("scene.life-not"), &[]),
    }
}
