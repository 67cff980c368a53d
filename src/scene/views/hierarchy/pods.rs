//! The Pods of a branch: as cards, as chips with their names, as marks, or counted on the card of their workload.

use std::rc::Rc;

use super::super::Stage;
use super::super::objects::{Seen, grace_left, seen};
use super::super::silence::as_last_known;
use super::cards;
use super::cast::{Group, MOST_IMAGES, images};
use super::level::Level;
use super::lines::tray;
use super::place::{BranchPlan, GroupPlan, Rect, TRAY};
use super::slots::Branch;
use crate::api::conditions;
use crate::api::objects::{ConditionStatus, Pod};
use crate::api::{Kind, Object, ObjectKey};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize_middle, pod_name, width};
use crate::scene::parts::{Card, PodCard, Stage as Life, badge};
use crate::scene::role::Role;
use crate::scene::shape::{Segment, Shape, Target};
use crate::scene::tokens::{State, radius};
use crate::scene::typeface::Type;
use crate::value::Str;

/// Draws a branch's Pods; `silent` are the nodes that nobody hears from.
pub(super) fn draw(
    stage: &Stage,
    level: Level,
    silent: &[&str],
    branch: &Branch,
    plan: &BranchPlan,
    shapes: &mut Vec<Shape>,
) {
    let pods: Vec<(usize, &Rc<Pod>, Seen)> =
        branch.pods.iter().map(|(slot, pod)| (*slot, *pod, seen(pod))).collect();
    if level.has_tray() && !pods.is_empty() {
        counts(stage, level, branch, plan, &pods, shapes);
    }
    match level {
        Level::Card(_) => {
            for (slot, pod, seen) in pods {
                let [x, y, wide, _] = plan.cell(slot);
                let card = card(stage, pod, &seen, branch.images);
                let group = Shape::group(format!("{}/group", card.key), x, y, card.draw(wide));
                shapes.push(opening(stage, silent, group, pod, &seen));
            }
        }
        Level::Chip => {
            for (slot, pod, seen) in pods {
                let group = chip(stage, pod, &seen, plan.cell(slot));
                shapes.push(opening(stage, silent, group, pod, &seen));
            }
        }
        Level::Mark(1, _) => {
            for (slot, pod, seen) in pods {
                let [x, y, side, _] = plan.cell(slot);
                let centre = [x + side / 2.0, y + side / 2.0];
                let mark = mark(&pod_key(pod), seen.said, seen.is_ready, centre, side);
                shapes.push(opening(stage, silent, mark, pod, &seen));
            }
        }
        Level::Mark(each, _) => {
            let mut place = 0;
            for (state, count) in by_state(&pods) {
                for number in 0..count.div_ceil(each) {
                    let [x, y, side, _] = plan.cell(place);
                    let key = format!("{}/mark/{}/{number}", branch_key(branch), state.hue().class());
                    shapes.push(mark(&key, state, true, [x + side / 2.0, y + side / 2.0], side));
                    place += 1;
                }
            }
        }
        Level::Tile | Level::Dot(_) => {}
    }
}

fn pod_key(pod: &Rc<Pod>) -> String {
    format!("pods/{}/{}", pod.metadata.namespace, pod.metadata.name)
}

fn branch_key(branch: &Branch) -> String {
    match (&branch.set, branch.pods.first()) {
        (Some(set), _) => cards::key(set.first.kind(), set.first.meta()),
        (None, Some((_, pod))) => format!("pods/{}", pod.metadata.namespace),
        (None, None) => "pods".to_owned(),
    }
}

fn opening(stage: &Stage, silent: &[&str], shape: Shape, pod: &Rc<Pod>, seen: &Seen) -> Shape {
    let meta = &pod.metadata;
    let number = |number: usize| Arg::Number(i64::try_from(number).unwrap_or(i64::MAX));
    let args = [
        ("pod", Arg::Text(meta.name.clone())),
        ("status", Arg::Text(seen.columns.status.clone())),
        ("ready", number(seen.columns.ready)),
        ("wanted", number(seen.columns.total)),
    ];
    let key = ObjectKey { kind: Kind::Pod, namespace: meta.namespace.clone(), name: meta.name.clone() };
    // What is known of it is what its node said last.
    let is_last_known = silent.contains(&&*pod.spec.node_name);
    let shape = if is_last_known { as_last_known(shape) } else { shape };
    let said = if seen.is_told { msg!("scene.spoken-pod") } else { msg!("scene.spoken-pod-untold") };
    let mut spoken = stage.say(said, &args);
    if seen.columns.restarts > 0 {
        let count = Arg::Number(seen.columns.restarts.into());
        spoken = format!("{spoken}, {}", stage.say(msg!("scene.restarts"), &[("count", count)]));
    }
    shape.opening(Target::Object(key), spoken)
}

/// A Pod's card with so many images at most.
fn card(stage: &Stage, pod: &Rc<Pod>, seen: &Seen, most: usize) -> PodCard {
    let mut containers: Vec<Str> = images(&pod.spec).cloned().collect();
    let most = most.min(MOST_IMAGES);
    if containers.len() > most {
        let more = containers.len() - most + 1;
        containers.truncate(most - 1);
        containers.push(format!("+{more}").into());
    }
    // kubectl says no more than `Pending` of one that the scheduler has found no node for.
    let waits = conditions::find(&pod.status.conditions, "PodScheduled")
        .filter(|condition| {
            condition.status == Some(ConditionStatus::False) && condition.reason != seen.columns.status
        })
        .map(|condition| condition.reason.clone());
    let has_pause = stage.view.sandboxes_of(pod).any(|(_, sandbox)| sandbox.ready);
    PodCard {
        key: pod_key(pod).into(),
        name: pod.metadata.name.clone(),
        state: seen.state,
        said: seen.said,
        ready: seen.is_ready,
        status: seen.columns.status.clone(),
        ready_count: seen.ready_text().into(),
        restarts: seen.columns.restarts,
        containers,
        pause: has_pause,
        waits,
        grace_left: if seen.state == State::Terminating { grace_left(stage.view, pod) } else { None },
    }
}

fn chip(stage: &Stage, pod: &Rc<Pod>, seen: &Seen, [x, y, wide, high]: Rect) -> Shape {
    let key = pod_key(pod);
    let is_settled = matches!(seen.state, State::Succeeded | State::Failed)
        || (seen.state == State::Running && seen.is_ready);
    let hue = seen.state.hue();
    let frame = if is_settled { Role::CardFrame(hue) } else { Role::CardFrameDashed(hue) };
    let mut shapes = vec![Shape::rect(format!("{key}/frame"), frame, [0.0, 0.0, wide, high], radius::CHIP)];
    let left = if seen.state == State::Terminating { grace_left(stage.view, pod) } else { None };
    shapes.extend(badge(
        &format!("{key}/state"),
        seen.said,
        [14.0, high / 2.0],
        if left.is_some() { 6.0 } else { 7.0 },
        left,
    ));
    let font = Type::CodeSmall;
    let name = pod_name(&pod.metadata.name, font.font(), wide - 30.0 - 6.0);
    shapes.push(Shape::text(format!("{key}/name"), Role::Text, font, 30.0, high / 2.0 + 4.2, name));
    Shape::group(format!("{key}/group"), x, y, shapes)
}

/// A Pod as one shape: each state has a form of its own, so that colour is not all that tells them apart.
pub(in super::super) fn mark(key: &str, state: State, is_ready: bool, [x, y]: [f32; 2], side: f32) -> Shape {
    let hue = state.hue();
    let half = side / 2.0;
    let key = format!("{key}/mark");
    let square = |role, inset: f32| {
        let side = side - 2.0 * inset;
        Shape::rect(key.clone(), role, [x - half + inset, y - half + inset, side, side], 3.0)
    };
    let closed = |points: &[[f32; 2]]| {
        let mut path: Vec<Segment> = Vec::new();
        for (place, [dx, dy]) in points.iter().enumerate() {
            let to = [x + dx * half, y + dy * half];
            path.push(if place == 0 { Segment::Move(to) } else { Segment::Line(to) });
        }
        path.push(Segment::Close);
        Shape::path(key.clone(), Role::StateMark(hue), path)
    };
    match state {
        State::Running if is_ready => square(Role::StateMark(hue), 0.5),
        State::Running => square(Role::CardFrame(hue), 1.5),
        State::Pending => Shape::circle(key, Role::CardFrame(hue), x, y, half - 1.5),
        State::Succeeded => closed(&[[0.0, -1.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]),
        State::Failed => closed(&[[0.0, -0.95], [1.0, 0.85], [-1.0, 0.85]]),
        State::Unknown => Shape::circle(key, Role::StateMark(hue), x, y, half - 3.0),
        State::Terminating => {
            let cross = [
                Segment::Move([x - half + 2.0, y - half + 2.0]),
                Segment::Line([x + half - 2.0, y + half - 2.0]),
                Segment::Move([x - half + 2.0, y + half - 2.0]),
                Segment::Line([x + half - 2.0, y - half + 2.0]),
            ];
            Shape::path(key, Role::Ring(hue), cross.to_vec())
        }
    }
}

/// Those that run come first, and then those to be looked at.
const ORDER: [State; 6] =
    [State::Running, State::Failed, State::Pending, State::Terminating, State::Succeeded, State::Unknown];

/// How many Pods there are of each state, in the order of states.
fn by_state(pods: &[(usize, &Rc<Pod>, Seen)]) -> Vec<(State, usize)> {
    let count = |state| pods.iter().filter(|(.., seen)| seen.said == state).count();
    ORDER.into_iter().map(|state| (state, count(state))).filter(|(_, count)| *count > 0).collect()
}

/// How many Pods kubectl prints which STATUS of, in the order of states; of one state the most frequent first.
fn by_status<'p>(pods: &'p [(usize, &Rc<Pod>, Seen)]) -> Vec<(State, &'p Str, usize)> {
    let mut counts: Vec<(usize, &Str, usize)> = Vec::new();
    for (.., seen) in pods {
        let rank = ORDER.iter().position(|state| *state == seen.said).unwrap_or(ORDER.len());
        let status = &seen.columns.status;
        match counts.iter_mut().find(|(_, known, _)| *known == status) {
            // Of one word that Pods of two states have, such as Error, the first state gives the colour.
            Some((first, _, count)) => (*first, *count) = (rank.min(*first), *count + 1),
            None => counts.push((rank, status, 1)),
        }
    }
    counts.sort_by_key(|(rank, status, count)| (*rank, std::cmp::Reverse(*count), *status));
    counts.into_iter().map(|(rank, status, count)| (ORDER[rank], status, count)).collect()
}

pub(super) fn state_word(state: State) -> &'static str {
    match state {
        State::Pending => "Pending",
        State::Running => "Running",
        State::Succeeded => "Succeeded",
        State::Failed => "Failed",
        State::Unknown => "Unknown",
        State::Terminating => "Terminating",
    }
}

/// Room for how many more there are.
const MORE: f32 = 30.0;
/// Between two counts.
const COUNTS_APART: f32 = 10.0;

/// The tray below the marks, with the line that counts them.
fn counts(
    stage: &Stage,
    level: Level,
    branch: &Branch,
    plan: &BranchPlan,
    pods: &[(usize, &Rc<Pod>, Seen)],
    shapes: &mut Vec<Shape>,
) {
    let [x, y, wide, high] = tray(plan);
    let key = format!("{}/tray", branch_key(branch));
    shapes.push(Shape::rect(format!("{key}/ground"), Role::Panel, [x, y, wide, high], radius::CARD));
    let base = y + high - 9.0;
    let (first, end) = (x + 14.0, x + wide - 12.0);
    let counts = by_status(pods);
    // A Pod that nobody made is known by its name alone.
    let name = match pods {
        [(_, pod, _)] if branch.set.is_none() => Some(&pod.metadata.name),
        _ => None,
    };
    let said = |status: &str, count: usize, is_whole: bool| match (name, is_whole) {
        (Some(name), _) => {
            let after = format!(" {status}");
            let room = end - first - 16.0 - width(&after, Type::Label.font());
            format!("{}{after}", ellipsize_middle(name, Type::Label.font(), room.max(30.0)))
        }
        (None, true) => format!("{count} {status}"),
        (None, false) => count.to_string(),
    };
    let needs = |words: usize| -> f32 {
        let from = counts.len() - words.min(counts.len());
        let each = counts.iter().enumerate().map(|(place, (_, status, count))| {
            width(&said(status, *count, place >= from), Type::Label.font()) + 16.0 + COUNTS_APART
        });
        each.sum::<f32>() - COUNTS_APART
    };
    // Where not all words have room, those give way first that say that all is well; each state keeps its mark.
    let words = (0..=counts.len()).rev().find(|words| first + needs(*words) <= end).unwrap_or(0);
    // A tray that is wider than its Pods has them in its middle, and so the line below them, where nothing else is in it.
    let is_alone = matches!(level, Level::Chip | Level::Mark(1, _)) && wide > plan.pods[2] + 2.0 * TRAY + 0.5;
    let spare = if is_alone { end - first - needs(words) } else { 0.0 };
    let mut left = first + (spare / 2.0).max(0.0);
    let silent = counts.len() - words;
    let mut hidden = pods.len();
    for (place, (state, status, count)) in counts.iter().enumerate() {
        let text = said(status, *count, place >= silent);
        let room = width(&text, Type::Label.font()) + 16.0;
        // What there is no room for is counted in the last words.
        let more = if *count == hidden { 0.0 } else { MORE };
        if left + room + more > end && words == 0 {
            break;
        }
        hidden -= count;
        let state = *state;
        let key = format!("{key}/{status}");
        let at = [left + 5.0, base - 4.2];
        match level {
            Level::Chip => shapes.extend(badge(&key, state, at, 6.0, None)),
            _ => shapes.push(mark(&key, state, true, at, 10.0)),
        }
        shapes.push(Shape::text(
            format!("{key}/count"),
            Role::TextHue(state.hue()),
            Type::Label,
            left + 16.0,
            base,
            text,
        ));
        left += room + COUNTS_APART;
    }
    if hidden > 0 {
        let text = format!("+{hidden}");
        shapes.push(Shape::text(format!("{key}/more"), Role::TextMuted, Type::Label, left, base, text));
        left += MORE;
    }
    if let Level::Mark(each @ 2.., _) = level {
        let count = Arg::Number(i64::try_from(each).unwrap_or(i64::MAX));
        let text = stage.say(msg!("scene.mark-stands"), &[("count", count)]);
        if left + width(&text, Type::Caption.font()) <= end {
            let text = Shape::text(format!("{key}/each"), Role::TextMuted, Type::Caption, end, base, text);
            shapes.push(text.anchored(crate::scene::shape::Anchor::End));
        }
    }
}

/// The object that a group is of.
pub(super) fn head(group: &Group) -> Option<Object> {
    if let Some(job) = &group.cron_job {
        return job.now.cloned();
    }
    match (&group.deployment, group.branches.first(), group.services.first()) {
        (Some(deployment), ..) => deployment.now.map(|now| Object::from(now.clone())),
        (None, Some(branch), _) => branch.set.as_ref().and_then(|maker| maker.now).cloned(),
        (None, None, service) => {
            service.and_then(|front| front.service.now).map(|now| Object::from(now.clone()))
        }
    }
}

/// A whole workload as one card: its name, and how many of its Pods are in which state.
pub(super) fn tile(stage: &Stage, group: &Group, plan: &GroupPlan, shapes: &mut Vec<Shape>) {
    let Some([x, y, wide, _]) = plan.deployment else { return };
    let pods: Vec<(usize, &Rc<Pod>, Seen)> = group
        .branches
        .iter()
        .flat_map(|branch| &branch.pods)
        .map(|(slot, pod)| (*slot, *pod, seen(pod)))
        .collect();
    let object = head(group);
    if object.is_none() && pods.is_empty() {
        return;
    }
    let counts: Vec<String> =
        by_status(&pods).into_iter().map(|(_, status, count)| format!("{count} {status}")).collect();
    let first = group.branches.first();
    let key = object
        .as_ref()
        .map(|object| cards::key(object.kind(), object.meta()))
        .or(first.map(branch_key))
        .unwrap_or_default();
    let card = Card {
        key: key.into(),
        kind: Some(object.as_ref().map_or(Kind::Pod, Object::kind)),
        stage: Life::Settled,
        eyebrow: object
            .as_ref()
            .map_or_else(
                || stage.say(msg!("scene.pod"), &[]),
                |object| object.kind().info().name.to_ascii_uppercase(),
            )
            .into(),
        name: object.as_ref().map_or_else(|| "·".into(), |object| object.meta().name.clone()),
        caption: counts.join(" · ").into(),
        state: None,
    };
    let mut inside = card.draw(wide);
    let states = by_state(&pods);
    let total: usize = states.iter().map(|(_, count)| count).sum();
    let room = wide - 36.0;
    let mut left = 18.0;
    for (state, count) in states {
        let part = room * count as f32 / total.max(1) as f32;
        let role = Role::Bar(state.hue());
        inside.push(Shape::rect(
            format!("{}/share/{}", card.key, state.hue().class()),
            role,
            [left, 84.0, (part - 1.0).max(1.0), 6.0],
            2.0,
        ));
        left += part;
    }
    let shape = Shape::group(format!("{}/group", card.key), x, y, inside);
    shapes.push(match object {
        Some(object) => {
            let spoken = format!("{} {}, {}", object.kind(), object.meta().name, counts.join(", "));
            shape.opening(Target::Object(object.key()), spoken)
        }
        None => shape,
    });
}
