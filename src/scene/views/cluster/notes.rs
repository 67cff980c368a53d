//! What is noted at a node: its taints, that nothing is heard from it, and that its Pods are as it told them last.

use super::super::Stage;
use super::super::silence::Silence;
use super::cast::Host;
use super::place::{Level, PADDING, Panel, gap};
use super::{line, wires};
use crate::api::objects::Node;
use crate::cluster::fault::Unheard;
use crate::cluster::time::MILLI;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::role::Role;
use crate::scene::shape::Shape;
use crate::scene::tokens::Hue;
use crate::scene::typeface::Type;

/// From one note to the next.
const LINE: f32 = 17.0;

/// Below what a node can give: its taints, as far as they have room in one line.
pub(super) fn tainted(stage: &Stage, host: &Host, wide: f32, above: f32, shapes: &mut Vec<Shape>) {
    let Some(node) = host.node else { return };
    let room = wide - 2.0 * PADDING;
    let (taints, _) = taints(stage, node, room);
    if !taints.is_empty() {
        let (key, role) = (format!("nodes//{}/taints", host.name), Role::TextHue(Hue::Pending));
        shapes.push(line(key, role, Type::Label, [PADDING, above + LINE + 1.0], room, &taints));
    }
}

/// The taints of a node: those that have room in one line, and the others.
fn taints(stage: &Stage, node: &Node, room: f32) -> (String, Vec<String>) {
    // One taint with several effects is told in one.
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for taint in &node.spec.taints {
        let value = if taint.value.is_empty() { String::new() } else { format!("={}", taint.value) };
        let name = format!("{}{value}", taint.key.trim_start_matches("node.kubernetes.io/"));
        match told.iter_mut().find(|(known, _)| *known == name) {
            Some((_, effects)) => effects.push(&taint.effect),
            None => told.push((name, vec![&*taint.effect])),
        }
    }
    let (mut first, mut others) = (String::new(), Vec::new());
    for (name, effects) in told {
        let taint = format!("{name}:{}", effects.join(","));
        let said = stage.say(msg!("cluster.taint"), &[("taint", taint.as_str().into())]);
        let joined = if first.is_empty() { said.clone() } else { format!("{first} · {said}") };
        if first.is_empty() || wires::has_room(&joined, Type::Label, room) {
            first = joined;
        } else {
            others.push(said);
        }
    }
    (first, others)
}

/// Why nobody hears from a node.
pub(super) fn silent(stage: &Stage, host: &Host) -> String {
    match host.silence {
        Some(Silence { why: Unheard::Power, .. }) => stage.say(msg!("deletion.no-power"), &[]),
        Some(silence) => {
            let time = Arg::Millis(stage.view.at().since(silence.from) / MILLI);
            stage.say(msg!("cluster.not-heard"), &[("time", time)])
        }
        None => String::new(),
    }
}

/// Below its Pods: that they are as they were told last, and the taints that have no room below the name.
pub(super) fn below(stage: &Stage, host: &Host, panel: &Panel, level: Level, shapes: &mut Vec<Shape>) {
    let Some(node) = host.node else { return };
    let mut said: Vec<String> = Vec::new();
    if host.silence.is_some() && !host.pods.is_empty() {
        said.push(stage.say(msg!("cluster.last-known"), &[]));
    }
    let [x, y, wide, high] = panel.rect;
    said.extend(taints(stage, node, wide - 2.0 * PADDING).1);
    if said.is_empty() {
        return;
    }
    let above = if matches!(level, Level::Mark(_)) { 27.0 } else { 5.0 };
    let base = panel.requests.map_or(y + high, |base| base - 14.0) - above;
    let (left, room) = (x + PADDING, wide - 2.0 * PADDING);
    let role = Role::TextHue(Hue::Pending);
    let key = |number: usize| format!("nodes//{}/notes/{number}", host.name);
    // A line for each, as far as there is room below the Pods.
    let [_, last, _, cell] = panel.cell(host.pods.len().saturating_sub(1), gap(level));
    let is_crowded = host.pods.is_empty() || matches!(level, Level::Mark(_));
    let under = if is_crowded { panel.pods[1] } else { last + cell };
    let lowest = base - 5.0;
    if !matches!(level, Level::Mark(_)) && lowest - (said.len() - 1) as f32 * LINE - 14.0 >= under {
        for (number, text) in said.iter().rev().enumerate() {
            let at = [left, lowest - number as f32 * LINE];
            shapes.push(line(key(number), role, Type::Label, at, room, text));
        }
        return;
    }
    shapes.push(line(key(0), role, Type::Label, [left, base], room, &said.join(" · ")));
}
