//! Why a Pod is where it is: which node fell out at which filter, and the scores where more than one was left.

use super::super::Stage;
use super::cast::Cast;
use super::{count, line};
use crate::api::objects::{Event, Pod};
use crate::api::{Kind, ObjectKey};
use crate::cluster::record::{Decision, NodeId};
use crate::cluster::scheduler::{SCORE_NAMES, filter_names};
use crate::cluster::time::SimTime;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, ellipsize_middle, width, wrap};
use crate::scene::paths::glyph;
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Shape, Target};
use crate::scene::tokens::{Hue, State, radius};
use crate::scene::typeface::Type;
use crate::value::Str;

const PADDING: f32 = 18.0;
const ROW: f32 = 21.0;
/// More nodes than these are counted, not listed.
const MOST_COLUMNS: usize = 3;
/// From one line of a text to the next.
const LINE: f32 = 17.0;

/// A decision of the scheduler.
#[derive(Clone, Copy)]
struct Chose<'a> {
    at: SimTime,
    pod: &'a ObjectKey,
    filtered: &'a [(NodeId, &'static str, Str)],
    scores: &'a [(NodeId, i64)],
    parts: &'a [[i16; SCORE_NAMES.len()]],
    chosen: Option<NodeId>,
}

/// The decision about the chosen Pod, else the last one about a Pod that is there, or about any where none is.
fn decision<'a>(stage: &Stage<'a>) -> Option<Chose<'a>> {
    let chosen = match stage.selection {
        Some(Target::Object(key)) if key.kind == Kind::Pod => Some(key),
        Some(Target::Container { pod, .. }) => Some(pod),
        _ => None,
    };
    match chosen {
        Some(key) => decisions(stage).find(|chose| chose.pod == key),
        None => {
            let of_any = decisions(stage).find(|chose| stage.view.object(chose.pod).is_some());
            of_any.or_else(|| decisions(stage).next().filter(|_| stage.view.all::<Pod>().next().is_none()))
        }
    }
}

/// The scheduler's decisions, the last one first.
fn decisions<'a>(stage: &Stage<'a>) -> impl Iterator<Item = Chose<'a>> + use<'a> {
    stage.view.decisions().filter_map(|(record, decision)| match decision {
        Decision::Scheduled { pod, filtered, scores, parts, chosen } => {
            Some(Chose { at: record.time, pod, filtered, scores, parts, chosen: *chosen })
        }
        _ => None,
    })
}

/// Why only one node was tried.
enum Only {
    /// Preemption nominated it.
    Nominated,
    /// The Pod names it.
    Named,
}

/// Why not each node was tried, where that is so.
fn only(stage: &Stage, chose: &Chose, nodes: &[NodeId]) -> Option<Only> {
    let is_tried = |node: &NodeId| {
        chose.filtered.iter().any(|(tried, ..)| tried == node)
            || chose.scores.iter().any(|(tried, _)| tried == node)
    };
    if chose.scores.len() != 1 || nodes.iter().all(is_tried) {
        return None;
    }
    let pod = stage.view.history().at(chose.at).get::<Pod>(&chose.pod.namespace, &chose.pod.name);
    let chosen = chose.chosen.map(|node| stage.view.node_name(node))?;
    match pod {
        Some(pod) if *pod.status.nominated_node_name == *chosen => Some(Only::Nominated),
        _ => Some(Only::Named),
    }
}

/// The Pods that had to go for this one: the scheduler says so at each of them.
fn victims(stage: &Stage, chose: &Chose) -> Vec<Str> {
    let pod = stage.view.history().at(chose.at).get::<Pod>(&chose.pod.namespace, &chose.pod.name);
    let Some(uid) = pod.map(|pod| &pod.metadata.uid) else { return Vec::new() };
    let preempted = stage.view.all::<Event>().filter(|event| &*event.reason == "Preempted");
    let by_this = preempted.filter(|event| event.message.contains(&**uid));
    by_this.map(|event| event.involved_object.name.clone()).collect()
}

/// What is written, from above downwards.
struct Writer<'a, 'b> {
    stage: &'a Stage<'b>,
    x: f32,
    y: f32,
    wide: f32,
    shapes: Vec<Shape>,
}

impl Writer<'_, '_> {
    fn text(&mut self, key: &str, role: Role, font: Type, text: &str) {
        let room = self.wide - 2.0 * PADDING;
        let at = [self.x + PADDING, self.y];
        self.shapes.push(line(format!("why/{key}"), role, font, at, room, text));
    }
    fn wrapped(&mut self, key: &str, role: Role, font: Type, text: &str, room: f32) {
        for (number, part) in wrap(text, font.font(), room).iter().enumerate() {
            self.text(&format!("{key}/{number}"), role, font, part);
            self.y += LINE;
        }
    }
    fn heading(&mut self, key: &str, text: &str) {
        self.text(key, Role::TextMuted, Type::Eyebrow, text);
        let y = self.y + 7.0;
        let ends = [[self.x + PADDING, y], [self.x + self.wide - PADDING, y]];
        self.shapes.push(Shape::line(format!("why/{key}/line"), Role::Divider, ends[0], ends[1]));
    }
    /// The middle of a column, counted from the right.
    fn column(&self, number: usize) -> f32 {
        self.x + self.wide - PADDING - 28.0 - number as f32 * 60.0
    }
}

/// Draws it, as far down as `least` at least, and gives its lower end.
pub(super) fn draw(
    stage: &Stage,
    cast: &Cast,
    ([x, y, wide], least): ([f32; 3], f32),
    shapes: &mut Vec<Shape>,
) -> f32 {
    let mut writer = Writer { stage, x, y: y + 26.0, wide, shapes: Vec::new() };
    let decision = decision(stage);
    let is_none = decision.is_some_and(|chose| chose.chosen.is_none());
    let title = if is_none { msg!("cluster.why-none") } else { msg!("cluster.why-here") };
    writer.text("title", Role::TextMuted, Type::Eyebrow, &stage.say(title, &[]));
    match decision {
        Some(chose) => write(&mut writer, cast, chose),
        None => {
            writer.y += 26.0;
            let said = stage.say(msg!("cluster.nothing-scheduled"), &[]);
            writer.wrapped("nothing", Role::TextMuted, Type::Body, &said, wide - 2.0 * PADDING);
            writer.y -= LINE;
        }
    }
    let bottom = least.max(writer.y + 18.0);
    shapes.push(Shape::rect("why/frame", Role::Panel, [x, y, wide, bottom - y], radius::PANEL));
    shapes.extend(writer.shapes);
    bottom
}

fn write(writer: &mut Writer, cast: &Cast, chose: Chose) {
    let stage = writer.stage;
    let room = writer.wide - 2.0 * PADDING;
    writer.y += 25.0;
    let name = ellipsize_middle(&chose.pod.name, Type::Name.font(), room);
    let at = [writer.x + PADDING, writer.y];
    let text = Shape::text("why/pod", Role::Text, Type::Name, 0.0, 0.0, name);
    let group = Shape::group("why/pod/group", at[0], at[1], vec![text]);
    let spoken = format!("Pod {}", chose.pod.name);
    writer.shapes.push(group.opening(Target::Object(chose.pod.clone()), spoken));
    writer.y += 21.0;
    let how = stage.say(msg!("cluster.how-scheduled"), &[]);
    writer.wrapped("how", Role::TextMuted, Type::Caption, &how, room);
    writer.y += 12.0;
    let mut nodes: Vec<NodeId> = chose.filtered.iter().map(|(node, ..)| *node).collect();
    nodes.extend(chose.scores.iter().map(|(node, _)| *node));
    let is_none_tried = nodes.is_empty();
    // A node that was not tried has a column, too: it did not fall out at a filter.
    if cast.hosts.len() <= MOST_COLUMNS {
        nodes.extend(cast.hosts.iter().filter(|host| host.node.is_some()).map(|host| host.id));
    }
    nodes.sort_unstable();
    nodes.dedup();
    if is_none_tried {
        let said = stage.say(msg!("cluster.no-node-tried"), &[]);
        writer.wrapped("none", Role::Text, Type::Body, &said, room);
    } else if nodes.len() <= MOST_COLUMNS {
        columns(writer, chose, &nodes);
    } else {
        funnel(writer, chose, nodes.len());
    }
    verdict(writer, chose, &nodes);
}

/// A column for each node.
fn columns(writer: &mut Writer, chose: Chose, nodes: &[NodeId]) {
    let stage = writer.stage;
    let said = stage.say(msg!("cluster.filter"), &[]);
    writer.heading("filter", &said);
    for (number, node) in nodes.iter().rev().enumerate() {
        let name = ellipsize_middle(stage.view.node_name(*node), Type::CodeSmall.font(), 56.0);
        let (at, y) = (writer.column(number), writer.y);
        let text = Shape::text(format!("why/node/{}", node.0), Role::TextMuted, Type::CodeSmall, at, y, name);
        writer.shapes.push(text.anchored(Anchor::Middle));
    }
    writer.y += 5.0;
    let label = writer.column(nodes.len() - 1) - 34.0 - writer.x - PADDING;
    let out: Vec<Option<&str>> = nodes
        .iter()
        .map(|node| chose.filtered.iter().find(|(at, ..)| at == node).map(|(_, plugin, _)| *plugin))
        .collect();
    let is_tried = |node: &NodeId| {
        chose.filtered.iter().any(|(tried, ..)| tried == node)
            || chose.scores.iter().any(|(tried, _)| tried == node)
    };
    let mut gone: Vec<bool> = nodes.iter().map(|node| !is_tried(node)).collect();
    for (row, filter) in filter_names().enumerate() {
        // What every node would have to pass after all have fallen out was never run.
        if gone.iter().all(|gone| *gone) {
            break;
        }
        writer.y += ROW;
        let font = Type::Body;
        let text = ellipsize(filter, font.font(), label);
        let at = [writer.x + PADDING, writer.y];
        writer.shapes.push(Shape::text(format!("why/filter/{row}"), Role::Text, font, at[0], at[1], text));
        for (number, node) in nodes.iter().enumerate() {
            let at = [writer.column(nodes.len() - 1 - number), writer.y - 4.5];
            let key = format!("why/filter/{row}/{}", node.0);
            if gone[number] {
                let ends = [[at[0] - 4.0, at[1]], [at[0] + 4.0, at[1]]];
                writer.shapes.push(Shape::line(key, Role::GlyphMuted, ends[0], ends[1]));
            } else if out[number] == Some(filter) {
                gone[number] = true;
                let path = glyph(State::Terminating, at, 15.0);
                let said =
                    stage.say(msg!("cluster.falls-out"), &[("node", stage.view.node_name(*node).into())]);
                writer.shapes.push(Shape::path(key, Role::RequestFailed(Hue::Failed), path).named(said));
            } else {
                let path = glyph(State::Running, at, 11.0);
                writer.shapes.push(Shape::path(key, Role::Glyph(Hue::Running), path));
            }
        }
    }
    writer.y += 28.0;
    if chose.parts.is_empty() {
        return;
    }
    let said = stage.say(msg!("cluster.score"), &[]);
    writer.heading("score", &said);
    writer.y += 5.0;
    let best = chose.scores.iter().map(|(_, score)| *score).max().unwrap_or(0);
    let mut row = |key: &str, name: &str, font: Type, values: &[Option<i64>], best: i64| {
        writer.y += ROW;
        let at = [writer.x + PADDING, writer.y];
        let text = ellipsize(name, font.font(), label);
        writer.shapes.push(Shape::text(format!("why/score/{key}"), Role::Text, font, at[0], at[1], text));
        for (number, value) in values.iter().enumerate() {
            let at = writer.column(nodes.len() - 1 - number) + 16.0;
            let is_best = *value == Some(best);
            let (role, font) =
                if is_best { (Role::Text, Type::CodeStrong) } else { (Role::TextMuted, Type::Code) };
            let text = value.map_or_else(|| "-".to_owned(), |value| value.to_string());
            let key = format!("why/score/{key}/{number}");
            writer.shapes.push(Shape::text(key, role, font, at, writer.y, text).anchored(Anchor::End));
        }
    };
    let place = |node: &NodeId| chose.scores.iter().position(|(at, _)| at == node);
    for (plugin, name) in SCORE_NAMES.iter().enumerate() {
        let part = |node: &NodeId| Some(i64::from(chose.parts.get(place(node)?)?[plugin]));
        let values: Vec<Option<i64>> = nodes.iter().map(part).collect();
        let best = values.iter().flatten().copied().max().unwrap_or(0);
        // A plugin that gives nobody anything decides nothing.
        if best > 0 {
            row(name, name, Type::Body, &values, best);
        }
    }
    let sums: Vec<Option<i64>> = nodes.iter().map(|node| Some(chose.scores.get(place(node)?)?.1)).collect();
    let sum = stage.say(msg!("cluster.sum"), &[]);
    row("sum", &sum, Type::Strong, &sums, best);
    writer.y += 26.0;
}

/// Of many nodes: how many are left after each filter at which some fell out.
fn funnel(writer: &mut Writer, chose: Chose, all: usize) {
    let stage = writer.stage;
    let said = stage.say(msg!("cluster.filter"), &[]);
    writer.heading("filter", &said);
    writer.y += 5.0;
    let mut left = all;
    let right = writer.x + writer.wide - PADDING;
    for (row, filter) in filter_names().enumerate() {
        let out = chose.filtered.iter().filter(|(_, plugin, _)| *plugin == filter).count();
        if left == 0 {
            break;
        }
        writer.y += ROW;
        let counts = if out == 0 { left.to_string() } else { format!("{left} → {}", left - out) };
        left -= out;
        let room = writer.wide - 2.0 * PADDING - width(&counts, Type::CodeStrong.font()) - 10.0;
        let at = [writer.x + PADDING, writer.y];
        let text = ellipsize(filter, Type::Body.font(), room);
        let key = format!("why/filter/{row}");
        writer.shapes.push(Shape::text(key.clone(), Role::Text, Type::Body, at[0], at[1], text));
        let (role, font) = if out == 0 {
            (Role::TextMuted, Type::Code)
        } else {
            (Role::TextHue(Hue::Failed), Type::CodeStrong)
        };
        let text = Shape::text(format!("{key}/left"), role, font, right, writer.y, counts);
        writer.shapes.push(text.anchored(Anchor::End));
    }
    writer.y += 28.0;
}

/// What it came to, and what was said of the nodes that fell out.
fn verdict(writer: &mut Writer, chose: Chose, nodes: &[NodeId]) {
    let stage = writer.stage;
    let node = chose.chosen.map_or("", |node| stage.view.node_name(node));
    let best = chose.scores.iter().map(|(_, score)| *score).max();
    let ties = chose.scores.iter().filter(|(_, score)| Some(*score) == best).count();
    let args = [("node", Arg::from(node))];
    let only = only(stage, &chose, nodes);
    let said = match chose.scores.len() {
        1 if matches!(only, Some(Only::Nominated)) => stage.say(msg!("cluster.nominated"), &args),
        1 if matches!(only, Some(Only::Named)) => stage.say(msg!("cluster.named"), &args),
        0 => stage.say(msg!("cluster.none-left"), &[]),
        1 => stage.say(msg!("cluster.one-left"), &args),
        _ if ties > 1 => {
            let sum = Arg::Number(best.unwrap_or(0));
            stage.say(msg!("cluster.tie"), &[("node", node.into()), ("count", count(ties)), ("sum", sum)])
        }
        _ => stage.say(msg!("cluster.best"), &args),
    };
    let room = writer.wide - 2.0 * PADDING - 24.0;
    let lines = wrap(&said, Type::Strong.font(), room);
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for (.., reason) in chose.filtered {
        match reasons.iter_mut().find(|(known, _)| *known == &**reason) {
            Some((_, count)) => *count += 1,
            None => reasons.push((reason, 1)),
        }
    }
    reasons.truncate(3);
    let mut texts: Vec<(Role, Type, Str)> =
        lines.into_iter().map(|line| (Role::Text, Type::Strong, line)).collect();
    let mut more = |said: String| {
        let lines = wrap(&said, Type::Caption.font(), room);
        texts.extend(lines.into_iter().map(|line| (Role::TextMuted, Type::Caption, line)));
    };
    if matches!(only, Some(Only::Nominated)) {
        let before = decisions(stage).find(|before| before.pod == chose.pod && before.chosen.is_none());
        if let Some((_, plugin, reason)) = before.and_then(|before| before.filtered.first()) {
            let args = [("filter", Arg::from(*plugin)), ("reason", Arg::Text(reason.clone()))];
            more(stage.say(msg!("cluster.first-try"), &args));
        }
        for victim in victims(stage, &chose).into_iter().take(2) {
            more(stage.say(msg!("cluster.preempted"), &[("pod", Arg::Text(victim))]));
        }
    }
    for (reason, count) in reasons {
        let said = format!("{count} {reason}");
        let lines = wrap(&said, Type::Caption.font(), room);
        texts.extend(lines.into_iter().map(|line| (Role::TextMuted, Type::Caption, line)));
    }
    let high = texts.len() as f32 * LINE + 19.0;
    let rect = [writer.x + PADDING, writer.y - 12.0, writer.wide - 2.0 * PADDING, high];
    let role = if chose.chosen.is_some() { Role::Well } else { Role::Tint(Hue::Failed) };
    writer.shapes.push(Shape::rect("why/verdict", role, rect, radius::CHIP));
    let mut y = rect[1] + 21.0;
    for (number, (role, font, text)) in texts.into_iter().enumerate() {
        let key = format!("why/verdict/{number}");
        writer.shapes.push(Shape::text(key, role, font, rect[0] + 12.0, y, text));
        y += LINE;
    }
    writer.y = rect[1] + high;
}
