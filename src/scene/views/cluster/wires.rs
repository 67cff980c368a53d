//! The messages under way, each at its time: between what it set out and its arrival, both as they were recorded.

use super::super::Stage;
use super::cast::Cast;
use super::place::{Place, Seat, Who};
use super::{Rect, count};
use crate::api::Kind;
use crate::cluster::record::{Actor, Change, Fact, Message, MessageKind, Record};
use crate::cluster::request::Request;
use crate::cluster::time::SimTime;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, ellipsize_middle, width};
use crate::scene::paths::polyline;
use crate::scene::role::Role;
use crate::scene::shape::{Segment, Shape, Target};
use crate::scene::tokens::Hue;
use crate::scene::typeface::Type;
use crate::timeline::shows;

/// More messages than these are not drawn at once.
const MOST: usize = 120;
const CORNER: f32 = 8.0;
/// Messages nearer than this are at one place.
const SAME: f32 = 4.0;
/// From one to the next at one place, and from the first to the last at most.
const STEP: f32 = 9.0;
const MOST_APART: f32 = 45.0;

/// A message under way.
#[derive(Clone, Debug)]
struct Flight<'a> {
    record: &'a Record,
    message: &'a Message,
    who: Who,
    /// Whether it goes to the API server.
    is_up: bool,
    /// Whether it is more than what keeps the cluster going.
    is_telling: bool,
    at: [f32; 2],
}

/// The messages under way; the newest comes first.
#[derive(Clone, Debug)]
pub(super) struct Flights<'a> {
    all: Vec<Flight<'a>>,
    pub(super) count: usize,
}

/// Whether a message only keeps the cluster going, and tells nothing of what somebody asked for: leases, Events, reports of nodes.
/// They are always under way, so they are neither drawn nor counted. What a person asks for with kubectl is none of it.
fn is_upkeep(record: &Record, other: Actor) -> bool {
    let kind = match &record.fact {
        Fact::Message(message) => match &message.kind {
            MessageKind::Request(request) => request.key.kind,
            MessageKind::Answer(key, _) | MessageKind::Watch(_, key) => key.kind,
        },
        _ => return false,
    };
    let is_asked = matches!(other, Actor::Kubectl(_));
    !is_asked && !shows(&record.fact) && matches!(kind, Kind::Lease | Kind::Event | Kind::Node)
}

/// The hue of an actor.
pub(super) fn hue(who: Who) -> Hue {
    use crate::cluster::record::ControllerName as Name;
    match who {
        Who::Client => Hue::Plain,
        Who::ApiServer | Who::Etcd => Hue::Server,
        Who::Scheduler => Hue::Scheduler,
        Who::Controller(Name::Deployment) => Hue::Deployment,
        Who::Controller(Name::ReplicaSet) => Hue::ReplicaSet,
        Who::Controller(Name::EndpointSlice) | Who::Proxy(_) => Hue::BranchB,
        Who::Controller(_) | Who::Others => Hue::Quiet,
        Who::Kubelet(_) => Hue::BranchA,
    }
}

/// Every line, quietly. To who does not answer it is dashed, but for what it has together with others.
pub(super) fn quiet(cast: &Cast, place: &Place, shapes: &mut Vec<Shape>) {
    let own = |way: &[[f32; 2]]| way.len().saturating_sub(2);
    let path = |is_silent: bool| -> Vec<Segment> {
        let ways = place.seats.iter().filter_map(|seat| match (is_silent, cast.is_silent(seat.who)) {
            (true, true) => Some(&seat.way[own(&seat.way)..]),
            (false, true) => Some(&seat.way[..seat.way.len().min(own(&seat.way) + 1)]),
            (false, false) => Some(&seat.way[..]),
            (true, false) => None,
        });
        ways.flat_map(|way| polyline(way, CORNER)).collect()
    };
    shapes.push(Shape::path("wires", Role::Divider, path(false)));
    let silent = path(true);
    if !silent.is_empty() {
        shapes.push(Shape::path("wires/silent", Role::EdgeSelects(Hue::Failed), silent).faded(0.6));
    }
}

impl<'a> Flights<'a> {
    pub(super) fn new(stage: &Stage<'a>, place: &Place) -> Self {
        let (mut all, mut ways) = (Vec::new(), Vec::new());
        let mut under_way = 0;
        for flight in stage.view.messages() {
            let (record, message) = (flight.record, flight.message);
            let is_up = message.to == Actor::ApiServer;
            let other = if is_up { record.actor } else { message.to };
            let Some(seat) = place.seat_of_actor(other).filter(|_| !is_upkeep(record, other)) else {
                continue;
            };
            under_way += 1;
            if all.len() == MOST {
                continue;
            }
            let part = part(stage, record.time, message.arrives);
            let part = if is_up { 1.0 - part } else { part };
            let at = along(&seat.way, part);
            ways.push((&seat.way[..], part));
            all.push(Flight { record, message, who: seat.who, is_up, is_telling: shows(&record.fact), at });
        }
        part_ways(&mut all, &ways);
        Self { all, count: under_way }
    }
    /// Whether a message that tells something goes to or from somebody.
    pub(super) fn touches(&self, who: Who) -> bool {
        match who {
            Who::ApiServer => self.all.iter().any(|flight| flight.is_telling),
            _ => self.all.iter().any(|flight| flight.is_telling && flight.who == who),
        }
    }
    /// The lines that messages are on.
    pub(super) fn lines(&self, place: &Place, shapes: &mut Vec<Shape>) {
        for seat in &place.seats {
            if let Some(flight) = self.newest(seat.who) {
                let path = polyline(&seat.way, CORNER);
                let line = Shape::path(format!("wire/{}", name(seat.who)), Role::Message(flight.hue()), path);
                shapes.push(line.faded(0.6));
            }
        }
    }
    fn newest(&self, who: Who) -> Option<&Flight<'a>> {
        self.all.iter().find(|flight| flight.who == who && flight.is_telling)
    }
    /// The messages themselves.
    pub(super) fn dots(&self, stage: &Stage, shapes: &mut Vec<Shape>) {
        for flight in self.all.iter().rev() {
            let [x, y] = flight.at;
            let radius = if flight.is_telling { 6.0 } else { 3.5 };
            let key = format!("message/{}", flight.record.id.0);
            let dot = Shape::circle(key, Role::MessageDot(flight.hue()), x, y, radius);
            let dot = if flight.is_telling {
                let [first, second] = flight.says();
                let (from, to) = if flight.is_up {
                    (spoken(stage, flight.who), spoken(stage, Who::ApiServer))
                } else {
                    (spoken(stage, Who::ApiServer), spoken(stage, flight.who))
                };
                let what = Arg::Text(format!("{first} {second}").into());
                let args = [("from", from.into()), ("to", to.into()), ("what", what)];
                let target = Target::Message(flight.record.id);
                dot.opening(target, stage.say(msg!("scene.spoken-message"), &args))
            } else {
                dot.faded(0.55)
            };
            shapes.push(dot);
        }
    }
    /// What is said of the newest message to or from somebody, at its line.
    pub(super) fn label(&self, seat: &Seat, shapes: &mut Vec<Shape>) {
        let (Some([x, y, room]), Some(flight)) = (seat.label, self.newest(seat.who)) else { return };
        let [first, second] = flight.says();
        let key = |part: &str| format!("wire/{}/{part}", name(seat.who));
        let first = ellipsize(&first, Type::Label.font(), room);
        let second = ellipsize_middle(&second, Type::CodeSmall.font(), room);
        let role = Role::TextHue(flight.hue());
        shapes.push(Shape::text(key("what"), role, Type::Label, x, y, first));
        if !second.is_empty() {
            // The line at which client and etcd are passes between the two.
            let down = if matches!(seat.who, Who::Client | Who::Etcd) { 38.0 } else { 14.5 };
            shapes.push(Shape::text(key("which"), Role::TextMuted, Type::CodeSmall, x, y + down, second));
        }
    }
}

impl Flight<'_> {
    fn hue(&self) -> Hue {
        match &self.message.kind {
            MessageKind::Answer(_, Some(_)) => Hue::Failed,
            // One that has no card of its own keeps its hue.
            MessageKind::Request(_) => match self.record.actor {
                Actor::Controller(name) => hue(Who::Controller(name)),
                _ => hue(self.who),
            },
            MessageKind::Answer(..) | MessageKind::Watch(..) => Hue::Server,
        }
    }
    /// What it is, and what it is about.
    fn says(&self) -> [String; 2] {
        match &self.message.kind {
            MessageKind::Request(request) => says(request),
            MessageKind::Answer(key, refusal) => {
                let what = refusal.as_ref().map_or_else(
                    || "200 OK".to_owned(),
                    |status| format!("{} {}", status.reason.code(), status.reason.as_str()),
                );
                [what, format!("{}/{}", key.kind.info().plural, key.name)]
            }
            MessageKind::Watch(change, key) => {
                [format!("watch: {}", change.as_str()), format!("{}/{}", key.kind.info().plural, key.name)]
            }
        }
    }
}

/// A request's method, and the end of its path.
pub(super) fn says(request: &Request) -> [String; 2] {
    let (method, path) = request.http();
    let path = path.split('?').next().unwrap_or_default();
    let plural = request.key.kind.info().plural;
    let at = path.find(&format!("/{plural}")).map_or(path, |at| &path[at + 1..]);
    [method.to_owned(), at.to_owned()]
}

/// How far something has come that set out and arrives at these times: the stage's own time moves it.
pub(super) fn part(stage: &Stage, from: SimTime, to: SimTime) -> f32 {
    let tempo = &stage.story.tempo;
    let (begun, ends) = (tempo.stage(from), tempo.stage(to));
    let whole = ends.since(begun);
    let (gone, whole) = if whole > 0 {
        (stage.at.since(begun), whole)
    } else {
        (stage.view.at().since(from), to.since(from).max(1))
    };
    (gone as f32 / whole as f32).clamp(0.0, 1.0)
}

/// The point so far along a way.
pub(super) fn along(way: &[[f32; 2]], part: f32) -> [f32; 2] {
    let mut left = length(way) * part;
    for pair in way.windows(2) {
        let step = length(pair);
        if left <= step {
            let part = left / step.max(0.01);
            return [0, 1].map(|axis| pair[0][axis] + (pair[1][axis] - pair[0][axis]) * part);
        }
        left -= step;
    }
    way.last().copied().unwrap_or_default()
}

/// How long a way is, which may go anywhere.
fn length(way: &[[f32; 2]]) -> f32 {
    let step = |pair: &[[f32; 2]]| [0, 1].map(|axis| pair[1][axis] - pair[0][axis]);
    way.windows(2).map(step).map(|[x, y]| (x * x + y * y).sqrt()).sum()
}

/// What somebody is called, in keys.
pub(super) fn name(who: Who) -> String {
    match who {
        Who::Client => "kubectl".into(),
        Who::ApiServer => "kube-apiserver".into(),
        Who::Etcd => "etcd".into(),
        Who::Scheduler => "kube-scheduler".into(),
        Who::Controller(name) => name.as_str().into(),
        Who::Others => "kube-controller-manager".into(),
        Who::Kubelet(node) => format!("kubelet/{}", node.0),
        Who::Proxy(node) => format!("kube-proxy/{}", node.0),
    }
}

/// What somebody is called by those who speak.
pub(super) fn spoken(stage: &Stage, who: Who) -> String {
    match who {
        Who::Kubelet(node) => {
            stage.say(msg!("scene.lane-kubelet"), &[("node", stage.view.node_name(node).into())])
        }
        Who::Proxy(node) => {
            stage.say(msg!("scene.lane-kube-proxy"), &[("node", stage.view.node_name(node).into())])
        }
        other => name(other),
    }
}

/// A part of the control plane.
pub(super) struct Part<'a> {
    pub(super) who: Who,
    pub(super) eyebrow: &'a str,
    pub(super) name: &'a str,
    pub(super) caption: &'a str,
    pub(super) hue: Hue,
    pub(super) is_active: bool,
}

/// Messages at one place stand one behind the other there, each on its own way, so that as many are seen as are told of and
/// none is on what stands beside its line. `ways` says of each how far along which way it is.
fn part_ways(flights: &mut [Flight], ways: &[(&[[f32; 2]], f32)]) {
    let mut places: Vec<([f32; 2], Vec<usize>)> = Vec::new();
    for (number, flight) in flights.iter().enumerate() {
        let is_here = |at: [f32; 2]| (0..2).all(|axis| (at[axis] - flight.at[axis]).abs() < SAME);
        match places.iter_mut().find(|(at, _)| is_here(*at)) {
            Some((_, here)) => here.push(number),
            None => places.push((flight.at, vec![number])),
        }
    }
    for (_, here) in places {
        if here.len() < 2 {
            continue;
        }
        let others = (here.len() - 1) as f32;
        // None goes beyond an end of its way: all of them stand before it.
        let ends = here.iter().map(|number| {
            let (way, part) = ways[*number];
            let whole = length(way);
            [whole * part, whole * (1.0 - part), whole]
        });
        let [before, behind, whole] =
            ends.fold([f32::MAX; 3], |least, ends| [0, 1, 2].map(|end| least[end].min(ends[end])));
        let apart = (STEP * others).min(MOST_APART).min(whole);
        let first = (-apart / 2.0).max(-before).min(behind - apart);
        for (nth, number) in here.into_iter().enumerate() {
            let (way, part) = ways[number];
            let whole = length(way).max(0.01);
            let by = first + apart * nth as f32 / others;
            flights[number].at = along(way, (part + by / whole).clamp(0.0, 1.0));
        }
    }
}

/// How much room a text has in a card so wide.
pub(super) fn text_room(wide: f32) -> f32 {
    wide - 26.0
}

impl Part<'_> {
    /// Its card.
    pub(super) fn draw(&self, [x, y, wide, high]: Rect) -> Shape {
        let key = |part: &str| format!("part/{}/{part}", name(self.who));
        let hue = self.hue;
        let frame = if self.is_active { Role::FrameStrong(hue) } else { Role::CardFrame(hue) };
        let is_low = high < 60.0;
        let room = text_room(wide);
        let mut shapes = vec![
            Shape::rect(key("shade"), Role::CardShade, [-1.0, 1.0, wide + 2.0, high + 2.5], 11.0),
            Shape::rect(key("frame"), frame, [0.0, 0.0, wide, high], 10.0),
            Shape::rect(key("accent"), Role::CardAccent(hue), [0.0, 10.0, 4.0, high - 20.0], 2.0),
        ];
        let mut base = if is_low { 21.0 } else { 20.0 };
        if !is_low {
            let text = ellipsize(self.eyebrow, Type::Eyebrow.font(), room);
            shapes.push(Shape::text(key("eyebrow"), Role::TextHue(hue), Type::Eyebrow, 14.0, base, text));
            base += 18.0;
        }
        let text = ellipsize(self.name, Type::Strong.font(), room);
        shapes.push(Shape::text(key("name"), Role::Text, Type::Strong, 14.0, base, text));
        let text = ellipsize_middle(self.caption, Type::Caption.font(), room);
        let down = if is_low { 18.0 } else { 17.0 };
        shapes.push(Shape::text(key("caption"), Role::TextMuted, Type::Caption, 14.0, base + down, text));
        let said = format!("{} {}", self.name, self.caption);
        Shape::group(key("group"), x, y, shapes).named(said.trim())
    }
}

/// What a change did to which object.
pub(super) fn change(change: Change, plural: &str, name: &str) -> String {
    format!("{plural}/{name} {}", change.as_str())
}

/// How many messages are under way, in words.
pub(super) fn under_way(stage: &Stage, flights: &Flights) -> String {
    stage.say(msg!("cluster.under-way"), &[("count", count(flights.count))])
}

/// Whether a text has room.
pub(super) fn has_room(text: &str, font: Type, room: f32) -> bool {
    width(text, font.font()) <= room
}
