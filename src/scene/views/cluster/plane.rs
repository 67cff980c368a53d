//! The control plane: who asks, who answers, who stores, and those who watch.

use super::super::Stage;
use super::cast::{Cast, There};
use super::place::{PADDING, Place, Who};
use super::wires::{self, Flights, Part, has_room, says};
use super::{count, line};
use crate::api::{Kind, ObjectKey};
use crate::cluster::record::{Actor, ControllerName, Fact, MessageKind, Record};
use crate::cluster::request::Request;
use crate::cluster::time::SimTime;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{self, pod_name, width};
use crate::scene::parts::badge;
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Shape, Target};
use crate::scene::tokens::{Hue, radius};
use crate::scene::typeface::Type;
use crate::timeline::shows;
use std::collections::BTreeMap;

/// So many records back it is looked for what somebody did last.
const BACK: usize = 6_000;

/// The panel.
pub(super) fn ground(stage: &Stage, place: &Place, shapes: &mut Vec<Shape>) {
    let [x, y, wide, _] = place.plane;
    let title = stage.say(msg!("cluster.control-plane"), &[]);
    let after = width(&title, Type::Eyebrow.font()) + 24.0;
    shapes.push(Shape::rect("plane/frame", Role::Panel, place.plane, radius::PANEL));
    shapes.push(Shape::text("plane/title", Role::TextMuted, Type::Eyebrow, x + PADDING, y + 25.0, title));
    let said = stage.say(msg!("cluster.who-talks"), &[]);
    if has_room(&said, Type::Caption, wide - 2.0 * PADDING - after) {
        let said =
            Shape::text("plane/said", Role::TextMuted, Type::Caption, x + wide - PADDING, y + 25.0, said);
        shapes.push(said.anchored(Anchor::End));
    }
}

/// What each part did last, as far as that is not long ago, and what etcd holds last.
struct Last<'a> {
    requests: BTreeMap<Actor, &'a Record>,
    stored: Option<&'a Record>,
}

impl<'a> Last<'a> {
    fn new(stage: &Stage<'a>) -> Self {
        let view = stage.view;
        let records = view.history().records_within(SimTime::ZERO, view.at());
        let mut last = Self { requests: BTreeMap::new(), stored: None };
        for record in records.iter().rev().take(BACK).filter(|record| shows(&record.fact)) {
            match &record.fact {
                Fact::Object { .. } => _ = last.stored.get_or_insert(record),
                Fact::Message(message) if matches!(message.kind, MessageKind::Request(_)) => {
                    last.requests.entry(record.actor).or_insert(record);
                }
                _ => {}
            }
        }
        last
    }
    /// The request that one of these sent last, as it fits, and who that was.
    fn request(&self, is: impl Fn(Actor) -> bool, room: f32) -> Option<(Actor, String)> {
        let sent = self.requests.iter().filter(|(actor, _)| is(**actor)).map(|(_, record)| record);
        let last = sent.max_by_key(|record| record.id)?;
        match &last.fact {
            Fact::Message(message) => match &message.kind {
                MessageKind::Request(request) => Some((last.actor, in_short(request, room))),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A request without the name of its object: `PUT deployments/status`; where that has no room `PUT deployments`, since most that a
/// controller writes are statuses, or `POST …/eviction`.
fn in_short(request: &Request, room: f32) -> String {
    let [method, path] = says(request);
    let name = format!("/{}", request.key.name);
    let path = path.replacen(if request.key.name.is_empty() { "" } else { &name }, "", 1);
    let whole = format!("{method} {path}");
    match path.rsplit_once('/') {
        Some((kind, "status")) if !has_room(&whole, Type::Caption, room) => format!("{method} {kind}"),
        Some((_, end)) if !has_room(&whole, Type::Caption, room) => format!("{method} …/{end}"),
        _ => whole,
    }
}

/// The cards, and the Pods without a node.
pub(super) fn draw(stage: &Stage, cast: &Cast, place: &Place, flights: &Flights, shapes: &mut Vec<Shape>) {
    let last = Last::new(stage);
    let own: Vec<ControllerName> = place
        .seats
        .iter()
        .filter_map(|seat| match seat.who {
            Who::Controller(name) => Some(name),
            _ => None,
        })
        .collect();
    let controller = stage.say(msg!("cluster.controller"), &[]);
    let others = stage.say(msg!("cluster.others"), &[]);
    let others_short = stage.say(msg!("cluster.others-short"), &[]);
    for seat in &place.seats {
        let who = seat.who;
        let mut hue = wires::hue(who);
        let room = wires::text_room(seat.rect[2]);
        let (eyebrow, name, caption) = match who {
            Who::Client => {
                let command = stage.view.commands().last();
                let said = command.map_or_else(
                    || stage.say(msg!("cluster.no-command"), &[]),
                    |command| {
                        let line = command.line.trim_start_matches("kubectl ");
                        measure::command(line, Type::Caption.font(), room).to_string()
                    },
                );
                (stage.say(msg!("cluster.client"), &[]), "kubectl".to_owned(), said)
            }
            Who::ApiServer => {
                let said = wires::under_way(stage, flights);
                ("KUBE-APISERVER".to_owned(), stage.say(msg!("scene.lane-api-server"), &[]), said)
            }
            Who::Etcd => {
                ("ETCD".to_owned(), "etcd".to_owned(), last.stored.map_or_else(String::new, revision(stage)))
            }
            Who::Scheduler => {
                let said = stage.say(msg!("cluster.waiting"), &[("count", count(cast.queued))]);
                (stage.say(msg!("cluster.scheduler"), &[]), "kube-scheduler".to_owned(), said)
            }
            Who::Controller(name) => {
                let said = last.request(|actor| actor == Actor::Controller(name), room);
                let said = said.map_or_else(String::new, |(_, said)| said);
                (controller.clone(), title(name), said)
            }
            Who::Others => {
                let is = |actor| matches!(actor, Actor::Controller(name) if !own.contains(&name));
                // Who acts is named. The mirror of EndpointSlices for old clients is told where nobody else does anything.
                let but_mirror = |actor| is(actor) && actor != Actor::Controller(ControllerName::Endpoints);
                match last.request(but_mirror, room).or_else(|| last.request(is, room)) {
                    Some((Actor::Controller(name), said)) => {
                        // It is one as those with a card of their own, and looks as it does there.
                        hue = wires::hue(Who::Controller(name));
                        let others = format!("+ {}", others_short.to_uppercase());
                        let long = format!("{controller} {others}");
                        let is_long = has_room(&long, Type::Eyebrow, room);
                        (if is_long { long } else { others }, title(name), said)
                    }
                    _ => (controller.clone(), others.clone(), String::new()),
                }
            }
            Who::Kubelet(_) | Who::Proxy(_) => continue,
        };
        let is_active = flights.touches(who);
        let part = Part { who, eyebrow: &eyebrow, name: &name, caption: &caption, hue, is_active };
        shapes.push(part.draw(seat.rect));
        flights.label(seat, shapes);
    }
    stored(stage, place, &last, flights, shapes);
    shelf(stage, cast, place, shapes);
}

/// What etcd holds: its revision.
fn revision<'a>(stage: &'a Stage) -> impl Fn(&Record) -> String + 'a {
    |record| match &record.fact {
        Fact::Object { object, .. } => {
            let revision = Arg::Text(object.meta().resource_version.clone());
            stage.say(msg!("cluster.revision"), &[("revision", revision)])
        }
        _ => String::new(),
    }
}

/// Beside the line to etcd: what was stored last. Nothing sets out there that takes its time, so nothing moves.
fn stored(stage: &Stage, place: &Place, last: &Last, flights: &Flights, shapes: &mut Vec<Shape>) {
    let (Some(seat), Some(record)) = (place.seat_of(Who::Etcd), last.stored) else { return };
    let (Some([x, y, room]), Fact::Object { change, object }) = (seat.label, &record.fact) else { return };
    if flights.touches(Who::Etcd) {
        return;
    }
    let what = wires::change(*change, object.kind().info().plural, &object.meta().name);
    let said = stage.say(msg!("cluster.stored"), &[]);
    shapes.push(line("stored/said".into(), Role::TextMuted, Type::Label, [x, y], room, &said));
    let what = measure::ellipsize_middle(&what, Type::CodeSmall.font(), room);
    shapes.push(Shape::text("stored/what", Role::TextMuted, Type::CodeSmall, x, y + 38.0, what));
}

/// A controller's name without its second half, as its kind is written.
fn title(name: ControllerName) -> String {
    match name {
        ControllerName::GarbageCollector => "garbage-collector".into(),
        ControllerName::NodeLifecycle => "node-lifecycle".into(),
        ControllerName::TaintEviction => "taint-eviction".into(),
        ControllerName::Disruption => "disruption".into(),
        ControllerName::PersistentVolumeBinder => "persistentvolume-binder".into(),
        other => {
            let short = other.as_str().trim_end_matches("-controller").replace('-', "");
            let kind = Kind::all().find(|kind| kind.info().name.eq_ignore_ascii_case(&short));
            kind.map_or(short, |kind| kind.info().name.to_owned())
        }
    }
}

/// The Pods without a node, as far as there is room.
fn shelf(stage: &Stage, cast: &Cast, place: &Place, shapes: &mut Vec<Shape>) {
    let [x, y, wide, high] = place.shelf;
    shapes.push(Shape::rect("shelf/ground", Role::Well, place.shelf, radius::CHIP));
    let said = stage.say(msg!("cluster.without-node"), &[]);
    let base = y + high / 2.0 + 4.3;
    shapes.push(line("shelf/said".into(), Role::TextMuted, Type::Label, [x + 12.0, base], wide, &said));
    let mut left = x + 12.0 + width(&said, Type::Label.font()) + 14.0;
    let end = x + wide - 12.0;
    if cast.waiting.is_empty() {
        let none = stage.say(msg!("cluster.none"), &[]);
        let at = [left, base];
        shapes.push(line("shelf/none".into(), Role::TextMuted, Type::Caption, at, end - left, &none));
        return;
    }
    let font = Type::CodeSmall;
    // The chosen one is never among those that are counted.
    let is_chosen = |there: &&There| match stage.selection {
        Some(Target::Object(key)) => {
            key.kind == Kind::Pod
                && key.name == there.pod.metadata.name
                && key.namespace == there.pod.metadata.namespace
        }
        _ => false,
    };
    let (chosen, rest): (Vec<&There>, Vec<&There>) = cast.waiting.iter().partition(is_chosen);
    for (number, there) in chosen.into_iter().chain(rest).enumerate() {
        let rest = cast.waiting.len() - number - 1;
        let keep = if rest > 0 { 56.0 } else { 0.0 };
        // The first one is named, however little room there is.
        let room = if number == 0 { (end - left - keep - 24.0).min(240.0) } else { 240.0 };
        let name = pod_name(&there.pod.metadata.name, font.font(), room);
        let named = 24.0 + width(&name, font.font());
        // One that names a node that there is not waits for nobody.
        let nowhere = nowhere(stage, there, end - left - keep - named);
        let needed = named + nowhere.as_ref().map_or(0.0, |said| 6.0 + width(said, Type::Caption.font()));
        if left + needed + keep > end {
            let sign = if number == 0 { "" } else { "+" };
            let more = format!("{sign}{}", rest + 1);
            shapes.push(Shape::text("shelf/more", Role::TextMuted, Type::Label, left, base, more));
            return;
        }
        let (key, target, spoken) = spoken(stage, there);
        let mut inside = badge(&format!("{key}/state"), there.seen.said, [8.0, 0.0], 7.0, None);
        inside.push(Shape::text(format!("{key}/name"), Role::Text, font, 20.0, 4.2, name));
        if let Some(said) = nowhere {
            let key = format!("{key}/nowhere");
            inside.push(Shape::text(key, Role::TextHue(Hue::Failed), Type::Caption, named + 2.0, 4.2, said));
        }
        let group = Shape::group(format!("{key}/group"), left, y + high / 2.0, inside);
        shapes.push(group.opening(target, spoken));
        left += needed + 14.0;
    }
}

/// Where a Pod was sent that names a node that there is not, as it fits; nothing of any other.
fn nowhere(stage: &Stage, there: &There, room: f32) -> Option<String> {
    let node = &there.pod.spec.node_name;
    if node.is_empty() {
        return None;
    }
    let said = stage.say(msg!("cluster.no-such-node"), &[("node", Arg::Text(node.clone()))]);
    [said, format!("→ {node}")].into_iter().find(|said| has_room(said, Type::Caption, room - 6.0))
}

/// A Pod's key, what a click on it opens, and what is said of it.
pub(super) fn spoken(stage: &Stage, there: &There) -> (String, Target, String) {
    let meta = &there.pod.metadata;
    let columns = &there.seen.columns;
    let args = [
        ("pod", Arg::Text(meta.name.clone())),
        ("status", Arg::Text(columns.status.clone())),
        ("ready", count(columns.ready)),
        ("wanted", count(columns.total)),
    ];
    let key = ObjectKey::new(Kind::Pod, meta.namespace.clone(), meta.name.clone());
    let said = stage.say(msg!("scene.spoken-pod"), &args);
    (format!("pods/{}/{}", meta.namespace, meta.name), Target::Object(key), said)
}
