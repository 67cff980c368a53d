//! The requests to the Pod's Services while it ends: where each went and what came of it.

use super::super::Stage;
use super::chart::FAINT;
use super::facts::{Facts, Who};
use super::frame::Frame;
use crate::api::ObjectKey;
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::cluster::traffic::Outcome;
use crate::msg;
use crate::scene::role::Role;
use crate::scene::shape::{Segment, Shape, Target};
use crate::scene::tokens::Hue;
use crate::timeline::{History, View};
use std::collections::{BTreeMap, BTreeSet};

/// How long before the deletion and after its end requests are looked for.
const AROUND: Micros = 30 * SECOND;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Served,
    /// The process that was answering it ended.
    CutOff,
    /// Nobody took it.
    Lost,
}

impl From<&Outcome> for Ending {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Served(_) => Self::Served,
            Outcome::CutOff => Self::CutOff,
            Outcome::Refused | Outcome::TimedOut => Self::Lost,
        }
    }
}

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// Its number in the run.
    pub(super) number: u32,
    pub(super) at: SimTime,
    /// When and how it ended.
    pub(super) ended: Option<(SimTime, Ending)>,
    /// Whether it went to the Pod that ends.
    pub(super) to_pod: bool,
    /// Whether it went there though its EndpointSlice said already that rules are to be without it.
    pub(super) is_late: bool,
}

/// The requests, from the first to the last that has a place.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    pub(super) all: Vec<Sent>,
}

impl Requests {
    pub(super) fn new(view: View, facts: &Facts) -> Self {
        let history: &History = view.history();
        let services: BTreeSet<&ObjectKey> = facts.slices.iter().map(|change| &change.service).collect();
        let (from, until) = (facts.begun.from(), facts.end + AROUND);
        let end = history.at(until);
        let span = until.since(from) + 1;
        let out = facts.slices.iter().find(|change| change.takes_out()).map(|change| change.time);
        let mut all: Vec<Sent> = end
            .requests_within(span)
            .filter(|(_, row)| services.contains(&row.service))
            .map(|(number, row)| {
                let to_pod = row.endpoint.as_ref().is_some_and(|endpoint| endpoint.pod == facts.pod);
                Sent {
                    number,
                    at: row.sent,
                    ended: row.ended.as_ref().map(|(at, outcome)| (*at, Ending::from(outcome))),
                    to_pod,
                    is_late: to_pod && out.is_some_and(|out| row.sent >= out),
                }
            })
            .collect();
        all.reverse();
        Self { all }
    }
    /// When the last request was answered that a process of the Pod had begun before it was asked to end: it is seen that this was
    /// after its signal.
    pub(super) fn finished(&self, facts: &Facts) -> Option<SimTime> {
        let spans = || {
            facts.containers.iter().filter_map(|container| Some((container.asked()?.0, container.ended?.0)))
        };
        let served = self.all.iter().filter(|sent| sent.to_pod).filter_map(|sent| match sent.ended? {
            (at, Ending::Served) => Some((sent.at, at)),
            _ => None,
        });
        let is_in = |(sent, at): &(SimTime, SimTime)| {
            spans().any(|(asked, ended)| *sent < asked && asked < *at && *at < ended)
        };
        served.filter(is_in).map(|(_, at)| at).max()
    }
    /// The requests to the Pod that were not answered, each with when and how it failed.
    pub(super) fn lost(&self) -> impl Iterator<Item = (&Sent, SimTime, Ending)> {
        let to_pod = self.all.iter().filter(|sent| sent.to_pod);
        let failed = to_pod.filter_map(|sent| Some((sent, sent.ended?.0, sent.ended?.1)));
        failed.filter(|(.., ending)| *ending != Ending::Served)
    }
}

/// Half of a mark.
const RADIUS: f32 = 3.7;
/// Marks of one row are at least so far apart.
const APART: f32 = 8.0;
/// The rows of those that go elsewhere and of those that go to the Pod, from the middle of the lane.
pub(super) const ROWS: [f32; 2] = [-2.0, 20.0];
pub(super) const ROWS_NARROW: [f32; 2] = [-6.0, 6.0];

/// A mark at a place of a row, where a request ended.
#[derive(Clone, Copy, Debug)]
struct Mark {
    number: u32,
    /// Where it was sent, and where it ended.
    along: [f32; 2],
    row: usize,
    is_served: bool,
    is_late: bool,
    /// Whether its end is not on the chart: it has no mark then.
    is_open: bool,
}

/// Draws each request as a line from its sending to its end, and there a mark. Where they are too many, some stand for their
/// neighbours, those that failed first.
pub(super) fn draw(stage: &Stage, frame: &Frame, requests: &Requests, now: f32) -> Vec<Shape> {
    let Some(lane) = frame.lane(Who::Requests) else { return Vec::new() };
    let rows = if frame.is_narrow { ROWS_NARROW } else { ROWS };
    let mut marks: BTreeMap<(usize, i32), Mark> = BTreeMap::new();
    for sent in &requests.all {
        if !frame.holds(stage.story.tempo.stage(sent.at)) {
            continue;
        }
        // One that never ended goes on past what is drawn.
        let (ended, ending) = sent.ended.unwrap_or((SimTime::NEVER, Ending::Served));
        let along = [frame.time(sent.at), frame.time(ended)];
        let row = usize::from(sent.to_pod);
        let is_served = ending == Ending::Served;
        let is_open = ended == SimTime::NEVER || !frame.holds(stage.story.tempo.stage(ended));
        let mark = Mark { number: sent.number, along, row, is_served, is_late: sent.is_late, is_open };
        // Each that is open is a line of its own.
        let place = (row, (along[usize::from(!is_open)] / APART) as i32 * if is_open { -1 } else { 1 });
        let stands_for = marks.get(&place).is_none_or(|known| known.is_served && !is_served);
        if stands_for {
            marks.insert(place, mark);
        }
    }
    let mut failed = Vec::new();
    let mut paths: BTreeMap<(&'static str, bool), Vec<Segment>> = BTreeMap::new();
    for mark in marks.values() {
        let [sent, ended] = mark.along;
        let across = lane + rows[mark.row];
        let mut add =
            |what, is_past, path: Vec<Segment>| paths.entry((what, is_past)).or_default().extend(path);
        let mut way = |is_past, from: f32, to: f32| {
            if to - from > 1.0 {
                let ends = [from, to].map(|along| frame.point(along, across));
                add("way", is_past, vec![Segment::Move(ends[0]), Segment::Line(ends[1])]);
            }
        };
        way(true, sent, ended.min(now));
        way(false, sent.max(now), ended);
        if mark.is_open {
            continue;
        }
        let (center, is_past) = (frame.point(ended, across), ended <= now);
        match (mark.is_served, is_past) {
            (true, _) => add("ok", is_past, disc(center, RADIUS)),
            (false, false) => add("failed", is_past, cross(center)),
            // Of one that has failed by now it can be asked why.
            (false, true) => failed.push(asked(stage, mark.number, center)),
        }
        if mark.is_late {
            add("late", is_past, disc(center, RADIUS + 3.0));
        }
    }
    let shape = |((what, is_past), path)| {
        let role = match what {
            "ok" => Role::RequestOk(Hue::Running),
            "failed" => Role::RequestFailed(Hue::Failed),
            "way" => Role::Message(Hue::Service),
            _ => Role::Glyph(Hue::Terminating),
        };
        let part = if is_past { "" } else { "/to-come" };
        let opacity = if is_past { 1.0 } else { FAINT };
        Shape::path(format!("requests/{what}{part}"), role, path).faded(opacity)
    };
    paths.into_iter().map(shape).chain(failed).collect()
}

/// The mark of a request that has failed, to be chosen.
fn asked(stage: &Stage, number: u32, [x, y]: [f32; 2]) -> Shape {
    let key = format!("requests/{number}");
    let half = APART / 2.0 + 3.0;
    let hit = [x - half, y - half, 2.0 * half, 2.0 * half];
    let shapes = vec![
        Shape::rect(format!("{key}/hit"), Role::Hit, hit, 0.0),
        Shape::path(format!("{key}/failed"), Role::RequestFailed(Hue::Failed), cross([x, y])),
    ];
    let name = stage.say(msg!("why.request"), &[("number", i64::from(number).into())]);
    Shape::group(key, 0.0, 0.0, shapes).opening(Target::Request(number), name)
}

fn disc([x, y]: [f32; 2], radius: f32) -> Vec<Segment> {
    let arc = |to| Segment::Arc { radius, large: false, clockwise: true, to };
    vec![Segment::Move([x, y - radius]), arc([x, y + radius]), arc([x, y - radius])]
}

fn cross([x, y]: [f32; 2]) -> Vec<Segment> {
    let r = RADIUS;
    vec![
        Segment::Move([x - r, y - r]),
        Segment::Line([x + r, y + r]),
        Segment::Move([x - r, y + r]),
        Segment::Line([x + r, y - r]),
    ]
}
