//! A Pod's deletion: who tells whom, what ends when, and what its clients notice. Both branches, side by side.
//!
//! `begun` says which deletion, `facts`, `messages` and `requests` what happened in it, `frame` where time and lanes are,
//! `steps` how it is shared out, `header`, `chart`, `branches`, `processes` and `times` draw it, and `labels` finds
//! places for what is said, of those that `spots` offers. Before there is a deletion, `empty` says how to begin.

mod begun;
mod branches;
mod chart;
mod empty;
mod facts;
mod frame;
mod header;
mod labels;
mod messages;
mod names;
mod processes;
mod requests;
mod spots;
mod steps;
mod times;

#[cfg(test)]
mod coming_up_tests;
#[cfg(test)]
mod said_tests;
#[cfg(test)]
mod tests;

use super::Stage;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, width};
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, PINNED, Scene, Shape};
use crate::scene::tokens::Hue;
use crate::scene::typeface::Type;
use chart::Chart;
use facts::{Facts, Who};
use frame::{Band, COLUMN_NAMES, Frame, INDENT, MARGIN};
use labels::Board;
use requests::{ROWS, Requests};

/// Draws a deletion.
pub(super) fn draw(stage: &Stage) -> Scene {
    let Some(begun) = begun::find(stage.view, stage.selection) else { return empty::draw(stage) };
    let facts = Facts::new(stage.view, begun);
    let requests = Requests::new(stage.view, &facts);
    let frame = Frame::new(stage, &facts, &requests);
    let now = if frame.holds(stage.at) {
        frame.within_folds(frame.stage_at(stage.at))
    } else if stage.view.at() < begun.from() {
        f32::NEG_INFINITY
    } else {
        f32::INFINITY
    };
    let mut chart = Chart {
        stage,
        facts: &facts,
        frame: &frame,
        requests: &requests,
        now,
        bars: Vec::new(),
        lines: Vec::new(),
        marks: Vec::new(),
        labels: Vec::new(),
        board: Board::new(frame.bounds()),
    };
    chart.draw();
    let is_ringed = chart.badges();
    let mut shapes = header::draw(stage, &facts, &frame, is_ringed);
    let mut names = Vec::new();
    for (place, band) in frame.bands.iter().enumerate() {
        shapes.extend(lane(&chart, place, band));
        names.extend(lane_name(&chart, place, band));
    }
    if frame.is_narrow {
        // They are read before the chart, also where they are drawn over it.
        let ground = [0.0, 0.0, frame.size[0], COLUMN_NAMES + 4.0];
        names.insert(0, Shape::rect("pinned/ground", Role::FoldGround, ground, 0.0));
        shapes.push(Shape::group(PINNED, 0.0, frame.names_top(), names));
    } else {
        shapes.append(&mut names);
    }
    let labels = std::mem::take(&mut chart.labels);
    let labels = chart.board.place(labels);
    let [line, flag] = chart.playhead();
    let (folds, times) = (chart.folds(), chart.times());
    shapes.extend(chart.bars);
    shapes.extend(folds);
    shapes.extend(requests::draw(stage, &frame, &requests, now));
    shapes.extend(line);
    shapes.extend(chart.lines);
    shapes.extend(chart.marks);
    shapes.extend(labels);
    shapes.extend(times);
    shapes.extend(flag);
    Scene { width: frame.size[0], height: frame.size[1], shapes }
}

/// A lane: its ground and its lines.
fn lane(chart: &Chart, place: usize, band: &Band) -> Vec<Shape> {
    let frame = chart.frame;
    let key = |part: &str| format!("lane/{place}/{part}");
    let [from, to] = band.across;
    let mut shapes = Vec::new();
    if place.is_multiple_of(2) {
        let along = if frame.is_narrow {
            [frame.names_top(), frame.size[1] - 4.0]
        } else {
            [MARGIN, frame.size[0] - MARGIN]
        };
        shapes.push(Shape::rect(key("ground"), Role::LaneGround, frame.rect(along, band.across), 0.0));
    }
    let own = frame.lanes.iter().filter(|lane| lane.at > from && lane.at < to);
    for (nth, lane) in own.enumerate() {
        let rows = if lane.who == Who::Requests && !frame.is_narrow { ROWS.to_vec() } else { vec![0.0] };
        for (row, offset) in rows.into_iter().enumerate() {
            let at = lane.at + offset;
            let (start, end) = (frame.point(frame.along[0], at), frame.point(frame.along[1], at));
            let role = Role::LaneLine(names::hue(lane.who));
            shapes.push(Shape::line(key(&format!("line/{nth}/{row}")), role, start, end));
        }
    }
    shapes
}

/// The name of a lane, in a group that opens what it is of: where time runs downwards, from where names begin.
fn lane_name(chart: &Chart, place: usize, band: &Band) -> Option<Shape> {
    let (stage, facts, frame) = (chart.stage, chart.facts, chart.frame);
    let key = |part: &str| format!("lane/{place}/{part}");
    let name = names::who(stage, facts, band.who);
    let mut words = if frame.is_narrow {
        column_name(chart, band, &key, &name)
    } else {
        row_name(chart, band, &key, &name)
    };
    if words.is_empty() {
        return None;
    }
    if frame.is_narrow && place.is_multiple_of(2) {
        let [from, to] = band.across;
        let ground = [from, 0.0, to - from, COLUMN_NAMES + 4.0];
        words.insert(0, Shape::rect(key("name-ground"), Role::LaneGround, ground, 0.0));
    }
    let group = Shape::group(key("group"), 0.0, 0.0, words);
    Some(match chart.target(band.who) {
        Some(target) => group.opening(target, name),
        None => group.named(name),
    })
}

/// The name of a row, with what is said of it now below.
fn row_name(chart: &Chart, band: &Band, key: &impl Fn(&str) -> String, name: &str) -> Vec<Shape> {
    let (stage, facts) = (chart.stage, chart.facts);
    let middle = (band.across[0] + band.across[1]) / 2.0;
    let room = chart.frame.names;
    let right = MARGIN + INDENT + room;
    let text = |part: &str, role, font: Type, y: f32, text: &str| {
        let text = ellipsize(text, font.font(), room);
        Shape::text(key(part), role, font, right, y, text).anchored(Anchor::End)
    };
    let hue = names::hue(band.who);
    if band.who == Who::Requests {
        let row = |part: &str, id, offset: f32| {
            text(part, Role::TextMuted, Type::Caption, middle + offset + 4.2, &stage.say(id, &[]))
        };
        return vec![
            text("name", Role::TextHue(hue), Type::Strong, middle - 17.0, name),
            row("others", msg!("scene.requests-elsewhere"), ROWS[0] + 2.0),
            row("this", msg!("scene.requests-here"), ROWS[1]),
        ];
    }
    let now = match band.who {
        Who::Kubelet => grace_left(stage, facts),
        Who::Proxy(_) if chart.frame.folded_proxies > 0 && chart.frame.is_last_proxy(band.who) => {
            let count = i64::try_from(chart.frame.folded_proxies).unwrap_or(i64::MAX);
            Some(stage.say(msg!("scene.more-proxies"), &[("count", Arg::Number(count))]))
        }
        _ => None,
    };
    let up = if now.is_some() { 6.0 } else { 0.0 };
    let mut shapes = vec![text("name", Role::TextHue(hue), Type::Strong, middle + 4.6 - up, name)];
    if let Some(now) = now {
        let role = if band.who == Who::Kubelet { Role::TextHue(Hue::Terminating) } else { Role::TextMuted };
        shapes.push(text("now", role, Type::Label, middle + 14.0, &now));
    }
    shapes
}

/// How much of the grace period is left now; nothing before and after.
fn grace_left(stage: &Stage, facts: &Facts) -> Option<String> {
    let at = stage.view.at();
    let ended = facts.all_ended().is_some_and(|ended| ended <= at);
    if at < facts.begun.record.time.max(facts.counts_from()) || ended || facts.grace == 0 {
        return None;
    }
    Some(stage.say(msg!("scene.grace-left"), &[("time", Arg::Millis(facts.left(at)))]))
}

/// The name of a column, in two lines.
fn column_name(chart: &Chart, band: &Band, key: &impl Fn(&str) -> String, name: &str) -> Vec<Shape> {
    let (stage, facts) = (chart.stage, chart.facts);
    let [left, right] = band.across;
    let node = facts.node.map_or("", |node| stage.view.node_name(node));
    let (first, second) = match band.who {
        Who::Slices => (names::SLICES_SHORT.to_owned(), names::PROXY.to_owned()),
        Who::Kubelet => (names::KUBELET.to_owned(), node.to_owned()),
        // The column holds all of them, from left to right, and after them `pause`.
        Who::Container(_) => {
            let names: Vec<&str> = facts.containers.iter().map(|container| &*container.name).collect();
            let whole = "PID 1 · pause";
            let second = match facts.pause {
                Some(_) if width(whole, Type::Label.font()) > right - left - 6.0 => "pause",
                Some(_) => whole,
                None => names::FIRST_PROCESS,
            };
            (names.join(" "), second.to_owned())
        }
        Who::Pause | Who::Requests => (name.to_owned(), String::new()),
        _ => (name.to_owned(), "etcd".to_owned()),
    };
    let room = right - left - if band.who == Who::Requests { 4.0 } else { 6.0 };
    let text = |part: &str, role, y: f32, text: &str| {
        let text = ellipsize(text, Type::Label.font(), room);
        let (x, anchor) =
            if band.who == Who::Requests { (right - 2.0, Anchor::End) } else { (left + 4.0, Anchor::Start) };
        Shape::text(key(part), role, Type::Label, x, y, text).anchored(anchor)
    };
    let mut shapes = vec![text("name", Role::TextHue(names::hue(band.who)), 14.0, &first)];
    if !second.is_empty() {
        shapes.push(text("more", Role::TextMuted, 29.0, &second));
    }
    shapes
}
