//! Before anything is deleted: how to begin, and the lanes that are to come.

use super::super::Stage;
use super::facts::Who;
use super::frame::{COLUMN_NAMES, INDENT, MARGIN};
use super::names;
use crate::api::objects::Pod;
use crate::msg;
use crate::scene::measure::{ellipsize, ellipsize_middle, width, wrap_evenly};
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Scene, Shape};
use crate::scene::typeface::Type;

/// Lines that say how to begin are no longer than this.
const MOST_OF_LINE: f32 = 560.0;
/// The baseline of the title.
const TITLE: f32 = 40.0;
/// Between what is said and the lanes.
const AIR: f32 = 24.0;
/// A lane that is to come is at most so high.
const MOST_LANE: f32 = 46.0;
/// What is seen of the lanes at the least.
const LEAST_LANE: f32 = COLUMN_NAMES + 24.0;
/// Below the lanes, where the stage is high enough for it: what lies over it there.
const BELOW: f32 = 62.0;
const HIGH_ENOUGH: f32 = 400.0;

/// Says how to begin, above the lanes that are to come.
pub(super) fn draw(stage: &Stage) -> Scene {
    let [wide, high] = stage.size;
    let (mut shapes, until) = how_to_begin(stage);
    let below = if high >= HIGH_ENOUGH { BELOW } else { MARGIN };
    // Where there is less room than that, as on a phone at 200 %, the scene goes on below it.
    let high = high.max(until + AIR + LEAST_LANE + below);
    let along = [until + AIR, high - below];
    shapes.extend(if stage.is_narrow() { columns(stage, along) } else { rows(stage, along) });
    Scene { width: wide, height: high, shapes }
}

/// How to begin, and where that ends.
fn how_to_begin(stage: &Stage) -> (Vec<Shape>, f32) {
    let [wide, _] = stage.size;
    let pod = stage.view.all::<Pod>().find(|pod| !pod.metadata.is_terminating());
    let middle = wide / 2.0;
    let mut y = TITLE;
    let room = wide - 2.0 * MARGIN;
    let line = |key: &str, role, font: Type, y: f32, text: &str| {
        let text = ellipsize(text, font.font(), room);
        Shape::text(key, role, font, middle, y, text).anchored(Anchor::Middle)
    };
    let title = stage.say(msg!("scene.nothing-deleted"), &[]);
    let mut shapes = vec![line("empty/title", Role::Text, Type::Heading, y, &title)];
    // Without a Pod the first thing to do is another.
    let how = if pod.is_some() { msg!("scene.how-to-delete") } else { msg!("scene.first-a-pod") };
    let lines = wrap_evenly(&stage.say(how, &[]), Type::Body.font(), room.min(MOST_OF_LINE));
    for (nth, text) in lines.iter().enumerate() {
        y += if nth == 0 { 28.0 } else { 22.0 };
        shapes.push(line(&format!("empty/{nth}"), Role::TextMuted, Type::Body, y, text));
    }
    let Some(pod) = pod else { return (shapes, y) };
    let meta = &pod.metadata;
    let namespace = match &*meta.namespace {
        "" | "default" => String::new(),
        other => format!(" -n {other}"),
    };
    // It is to be read and typed, so it does not look like something to be pressed.
    let command = format!("$ kubectl delete pod {}{namespace}", meta.name);
    let command = ellipsize_middle(&command, Type::CodeStrong.font(), room);
    y += 34.0;
    shapes.push(line("empty/command", Role::TextMuted, Type::CodeStrong, y, &command));
    (shapes, y)
}

/// The lanes that there will be: whose each is, for its colour, and its name.
fn lanes(stage: &Stage) -> [(Who, String); 9] {
    let say = |id| stage.say(id, &[]);
    [
        (Who::Requester, say(msg!("scene.lane-kubectl"))),
        (Who::ApiServer, say(msg!("scene.lane-api-server"))),
        (Who::Etcd, say(msg!("scene.lane-etcd"))),
        (Who::Slices, say(msg!("scene.lane-endpoint-slice"))),
        (Who::Slices, names::PROXY.to_owned()),
        (Who::Kubelet, names::KUBELET.to_owned()),
        (Who::Container(0), names::FIRST_PROCESS.to_owned()),
        (Who::Pause, say(msg!("scene.lane-pause"))),
        (Who::Requests, say(msg!("scene.lane-requests"))),
    ]
}

/// The lanes below each other, with their names at the left.
fn rows(stage: &Stage, [top, bottom]: [f32; 2]) -> Vec<Shape> {
    let right = stage.size[0] - MARGIN;
    let lanes = lanes(stage);
    let high = ((bottom - top) / lanes.len() as f32).min(MOST_LANE);
    let names = lanes.iter().map(|(_, name)| width(name, Type::Strong.font())).fold(0.0, f32::max);
    let names = MARGIN + INDENT + names.ceil();
    let mut shapes = Vec::new();
    for (place, (who, name)) in lanes.into_iter().enumerate() {
        let key = |part: &str| format!("empty/lane/{place}/{part}");
        let y = top + high * place as f32;
        if place % 2 == 0 {
            shapes.push(Shape::rect(key("ground"), Role::LaneGround, [MARGIN, y, right - MARGIN, high], 0.0));
        }
        let (hue, middle) = (names::hue(who), y + high / 2.0);
        shapes.push(Shape::line(
            key("line"),
            Role::LaneLine(hue),
            [names + 20.0, middle],
            [right - MARGIN, middle],
        ));
        let text = Shape::text(key("name"), Role::TextHue(hue), Type::Strong, names, middle + 4.6, name);
        shapes.push(text.anchored(Anchor::End));
    }
    shapes
}

/// The lanes side by side, those of one part of the cluster in one column, with their names at the top.
fn columns(stage: &Stage, [top, bottom]: [f32; 2]) -> Vec<Shape> {
    let say = |id| stage.say(id, &[]);
    let columns = [
        (Who::ApiServer, say(msg!("scene.lane-api-server")), say(msg!("scene.lane-etcd"))),
        (Who::Slices, names::SLICES_SHORT.to_owned(), names::PROXY.to_owned()),
        (Who::Kubelet, names::KUBELET.to_owned(), String::new()),
        (Who::Container(0), names::FIRST_PROCESS.to_owned(), say(msg!("scene.lane-pause"))),
        (Who::Requests, say(msg!("scene.lane-requests")), String::new()),
    ];
    let named = |name: &str| width(name, Type::Label.font());
    let wides = columns.each_ref().map(|(_, name, more)| named(name).max(named(more)));
    let room = stage.size[0] - 2.0 * MARGIN;
    let air = ((room - wides.iter().sum::<f32>()) / columns.len() as f32).max(0.0);
    let mut shapes = Vec::new();
    let mut x = MARGIN;
    for (place, ((who, name, more), wide)) in columns.into_iter().zip(wides).enumerate() {
        let key = |part: &str| format!("empty/lane/{place}/{part}");
        let hue = names::hue(who);
        if place % 2 == 0 {
            let area = [x, top, wide + air, bottom - top];
            shapes.push(Shape::rect(key("ground"), Role::LaneGround, area, 0.0));
        }
        let (left, middle) = (x + air / 2.0, x + (wide + air) / 2.0);
        shapes.push(Shape::line(
            key("line"),
            Role::LaneLine(hue),
            [middle, top + COLUMN_NAMES + 8.0],
            [middle, bottom - 8.0],
        ));
        shapes.push(Shape::text(key("name"), Role::TextHue(hue), Type::Label, left, top + 14.0, name));
        if !more.is_empty() {
            shapes.push(Shape::text(key("more"), Role::TextMuted, Type::Label, left, top + 29.0, more));
        }
        x += wide + air;
    }
    shapes
}
