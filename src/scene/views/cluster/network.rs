//! The network: the way of a request from its node through that node's rules to a Pod, and which endpoints are in the
//! slices and in each node's rules by now.

use super::super::Stage;
use super::cast::Cast;
use super::place::{Level, Panel, Place, gap};
use super::wires::{along, part};
use super::{Rect, count, line};
use crate::api::{Kind, ObjectKey};
use crate::cluster::record::{Fact, NodeId};
use crate::cluster::time::SECOND;
use crate::cluster::traffic::{Outcome, RequestRow};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, ellipsize_middle, pod_name, width, wrap};
use crate::scene::parts::badge;
use crate::scene::paths::{glyph, polyline};
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Shape, Target};
use crate::scene::tokens::{Hue, State, radius};
use crate::scene::typeface::Type;
use crate::timeline::{RowKey, View};
use crate::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

/// More requests under way than these are not drawn at once.
const MOST_WAYS: usize = 40;
/// More endpoints than these are counted, not listed.
const MOST_ENDPOINTS: usize = 12;
const MOST_COLUMNS: usize = 2;
/// More chains of endpoints than these are not drawn.
const MOST_CHAINS: usize = 6;
/// So far in stand the chains of endpoints, and so many chances are told of at most.
const INDENT: f32 = 14.0;
const MOST_SHARES: usize = 4;
const PADDING: f32 = 18.0;
const ROW: f32 = 23.0;
/// Requests within this make their Service what the stage is about.
const LATELY: u64 = 10 * SECOND;

/// The Service that is chosen, or that got requests lately while no Pod is chosen.
pub(super) fn subject(stage: &Stage, cast: &Cast) -> Option<ObjectKey> {
    match stage.selection {
        Some(Target::Object(key)) if key.kind == Kind::Service => Some(key.clone()),
        Some(Target::Object(key)) if key.kind == Kind::Pod => None,
        Some(Target::Container { .. }) => None,
        _ if !cast.has_requests => None,
        _ => stage.view.requests_within(LATELY).next().map(|(_, row)| row.service.clone()),
    }
}

/// The Service whose rules stand at each kube-proxy: the chosen one, the one that got requests last, or the first with a
/// selector.
pub(super) fn served_by(stage: &Stage, cast: &Cast) -> Option<ObjectKey> {
    use crate::api::objects::Service;
    subject(stage, cast).or_else(|| {
        let service = stage.view.all::<Service>().find(|service| !service.spec.selector.is_empty())?;
        let meta = &service.metadata;
        Some(ObjectKey::new(Kind::Service, meta.namespace.clone(), meta.name.clone()))
    })
}

/// An endpoint, wherever it is known.
#[derive(Clone, Debug, Default)]
struct Known {
    pod: Str,
    /// Whether the slices hold it, and whether they say that it is ready and that it ends.
    slice: Option<(bool, bool)>,
    /// Whether each node's rules lead there.
    rules: Vec<bool>,
}

/// The endpoints by address and port.
fn endpoints(view: View, service: &ObjectKey, nodes: usize) -> BTreeMap<(Str, u16), Known> {
    let mut known: BTreeMap<(Str, u16), Known> = BTreeMap::new();
    for slice in view.slices_of(&service.namespace, &service.name) {
        let port = slice.ports.first().and_then(|port| port.port).unwrap_or(0);
        for endpoint in slice.endpoints.iter() {
            let Some(address) = endpoint.addresses.first() else { continue };
            let conditions = &endpoint.conditions;
            let state = (conditions.ready.unwrap_or(true), conditions.terminating.unwrap_or(false));
            let pod = endpoint.target_ref.as_ref().map_or_else(|| address.clone(), |pod| pod.name.clone());
            let port = u16::try_from(port).unwrap_or(0);
            known.insert(
                (address.clone(), port),
                Known { pod, slice: Some(state), rules: vec![false; nodes] },
            );
        }
    }
    for node in 0..nodes {
        let id = NodeId(u16::try_from(node).unwrap_or(u16::MAX));
        let rules = view.rules(id, service).and_then(|rules| rules.ports.first());
        for endpoint in rules.into_iter().flat_map(|port| port.endpoints.iter()) {
            let entry = known.entry((endpoint.ip.clone(), endpoint.port)).or_insert_with(|| Known {
                pod: endpoint.pod.name.clone(),
                slice: None,
                rules: vec![false; nodes],
            });
            entry.rules[node] = true;
        }
    }
    known
}

/// Draws what stands beside, as far down as `least` at least: the chains of the rules, and who knows which endpoint. Gives its
/// lower end.
pub(super) fn draw(
    stage: &Stage,
    cast: &Cast,
    service: &ObjectKey,
    ([x, y, wide], least): ([f32; 3], f32),
    shapes: &mut Vec<Shape>,
) -> f32 {
    let view = stage.view;
    let (left, right, room) = (x + PADDING, x + wide - PADDING, wide - 2.0 * PADDING);
    let mut inside = Vec::new();
    let mut base = y + 26.0;
    let title = stage.say(msg!("cluster.requests-to"), &[]);
    inside.push(line("way/title".into(), Role::TextMuted, Type::Eyebrow, [left, base], room, &title));
    base += 25.0;
    let name = ellipsize_middle(&service.name, Type::Name.font(), room);
    let text = Shape::text("way/service", Role::Text, Type::Name, 0.0, 0.0, name);
    let group = Shape::group("way/service/group", left, base, vec![text]);
    inside.push(group.opening(Target::Object(service.clone()), format!("Service {}", service.name)));
    base += 21.0;
    let how = stage.say(msg!("cluster.how-sent"), &[]);
    for (number, text) in wrap(&how, Type::Caption.font(), room).into_iter().enumerate() {
        inside.push(Shape::text(
            format!("way/how/{number}"),
            Role::TextMuted,
            Type::Caption,
            left,
            base,
            text,
        ));
        base += 17.0;
    }
    base += 14.0;
    chains(stage, service, [left, right], &mut base, &mut inside);
    base += 12.0;
    let nodes = cast.hosts.len();
    let known = endpoints(view, service, nodes);
    // Who knows of them: the slices, and each node's rules.
    let columns: Vec<usize> = (0..nodes.min(MOST_COLUMNS)).collect();
    let column = |number: usize| right - 26.0 - (columns.len() - number) as f32 * 56.0;
    let said = stage.say(msg!("cluster.endpoint"), &[]);
    inside.push(line("way/endpoint".into(), Role::TextMuted, Type::Eyebrow, [left, base], room * 0.5, &said));
    let mut head = |number: usize, text: &str| {
        let text = ellipsize_middle(text, Type::CodeSmall.font(), 52.0);
        let key = format!("way/head/{number}");
        let text = Shape::text(key, Role::TextMuted, Type::CodeSmall, column(number), base, text);
        inside.push(text.anchored(Anchor::Middle));
    };
    let slice = stage.say(msg!("cluster.slice"), &[]);
    head(0, &slice);
    for node in &columns {
        head(node + 1, cast.hosts[*node].name);
    }
    let under = base + 7.0;
    inside.push(Shape::line("way/endpoint/line", Role::Divider, [left, under], [right, under]));
    base += 5.0;
    if known.is_empty() {
        base += ROW;
        let none = stage.say(msg!("cluster.no-endpoint"), &[]);
        inside.push(line("way/none".into(), Role::TextMuted, Type::Body, [left, base], room, &none));
    }
    let name_room = column(0) - 30.0 - left;
    for (number, known) in known.values().take(MOST_ENDPOINTS).enumerate() {
        base += ROW;
        let is_ending = known.slice.is_none_or(|(_, ends)| ends);
        let role = if is_ending { Role::TextMuted } else { Role::Text };
        let pod = pod_name(&known.pod, Type::Code.font(), name_room);
        inside.push(Shape::text(format!("way/pod/{number}"), role, Type::Code, left, base, pod));
        let mut sign = |place: usize, state: Option<State>| {
            let at = [column(place), base - 4.5];
            let key = format!("way/pod/{number}/{place}");
            let said = match state {
                Some(State::Terminating) => msg!("cluster.knows-ending"),
                Some(State::Pending) => msg!("cluster.knows-not-ready"),
                Some(_) => msg!("cluster.knows-ready"),
                None => msg!("cluster.knows-not"),
            };
            let who = if place == 0 { slice.as_str() } else { cast.hosts[columns[place - 1]].name };
            let spoken = stage.say(said, &[("who", who.into()), ("pod", Arg::Text(known.pod.clone()))]);
            let shape = match state {
                // As at its Pod: a cross alone would read as that it is not there.
                Some(State::Terminating) => {
                    let mark = badge(&key, State::Terminating, at, 7.0, None);
                    Shape::group(format!("{key}/group"), 0.0, 0.0, mark)
                }
                Some(state) => Shape::path(key, Role::Glyph(state.hue()), glyph(state, at, 11.0)),
                None => Shape::line(key, Role::GlyphMuted, [at[0] - 4.0, at[1]], [at[0] + 4.0, at[1]]),
            };
            inside.push(shape.named(spoken));
        };
        sign(
            0,
            known.slice.map(|(ready, ends)| match (ready, ends) {
                (_, true) => State::Terminating,
                (true, _) => State::Running,
                (false, _) => State::Pending,
            }),
        );
        for node in &columns {
            sign(node + 1, known.rules.get(*node).is_some_and(|leads| *leads).then_some(State::Running));
        }
    }
    if known.len() > MOST_ENDPOINTS {
        base += ROW;
        let more =
            stage.say(msg!("cluster.more-endpoints"), &[("count", count(known.len() - MOST_ENDPOINTS))]);
        inside.push(line("way/more".into(), Role::TextMuted, Type::Caption, [left, base], room, &more));
    }
    base += 16.0;
    last(stage, service, [left, room], &mut base, &mut inside);
    let bottom = least.max(base + 6.0);
    shapes.push(Shape::rect("way/frame", Role::Panel, [x, y, wide, bottom - y], radius::PANEL));
    shapes.extend(inside);
    bottom
}

/// The chains that a request goes through on the node where it starts.
fn chains(
    stage: &Stage,
    service: &ObjectKey,
    [left, right]: [f32; 2],
    base: &mut f32,
    shapes: &mut Vec<Shape>,
) {
    let last = newest(stage, service);
    let node = last.map_or(NodeId(0), |(_, row)| row.from);
    let rules = stage.view.rules(node, service);
    let port = rules.and_then(|rules| rules.ports.first());
    let args = [("node", Arg::from(stage.view.node_name(node)))];
    let said = stage.say(msg!("cluster.chains-on"), &args);
    let room = right - left;
    shapes.push(line("way/chains".into(), Role::TextMuted, Type::Eyebrow, [left, *base], room, &said));
    *base += 12.0;
    let (Some(rules), Some(port)) = (rules, port) else {
        *base += 18.0;
        let none = stage.say(msg!("cluster.no-rules"), &[]);
        shapes.push(line("way/no-rules".into(), Role::TextMuted, Type::Body, [left, *base], room, &none));
        *base += 16.0;
        return;
    };
    let ways = port.endpoints.len();
    let to = last.and_then(|(_, row)| row.endpoint.as_ref());
    let chance = match ways {
        0 => stage.say(msg!("cluster.no-endpoint"), &[]),
        1 => stage.say(msg!("cluster.only-one"), &[]),
        ways => stage.say(msg!("cluster.one-of"), &[("count", count(ways))]),
    };
    let mut steps = vec![
        ("KUBE-SERVICES", vec![format!("{}:{}", rules.cluster_ip, port.port)]),
        ("KUBE-SVC", vec![chance]),
    ];
    // A chain for each endpoint, known by its Pod where there is room.
    for to in port.endpoints.iter().take(MOST_CHAINS) {
        let there = format!("{}:{}", to.ip, to.port);
        let pod = pod_name(&to.pod.name, Type::CodeSmall.font(), 48.0);
        let whole = format!("{pod} DNAT {there}");
        steps.push(("KUBE-SEP", vec![whole, format!("{pod} {there}"), format!("DNAT {there}")]));
    }
    let taken = to.and_then(|to| port.endpoints.iter().position(|end| end.pod == to.pod)).map(|at| at + 2);
    let is_shown = taken.is_some_and(|number| number < steps.len());
    let high = 30.0;
    let trunk = left + INDENT / 2.0;
    let mut forks = 0.0;
    for (number, (chain, said)) in steps.iter().enumerate() {
        let key = |part: &str| format!("way/chain/{number}/{part}");
        let [left, room] = if number < 2 { [left, room] } else { [left + INDENT, room - INDENT] };
        let rect: Rect = [left, *base, room, high];
        if number >= 2 && (taken == Some(number) || !is_shown) {
            // From KUBE-SVC to the one that was chosen last; where none is seen that was, how they hang together.
            let way = [[trunk, forks], [trunk, *base + high / 2.0], [left, *base + high / 2.0]];
            let (key, role) = match is_shown {
                true => ("way/chain/chosen".to_owned(), Role::Message(Hue::BranchB)),
                false => (key("branch"), Role::Divider),
            };
            shapes.push(Shape::path(key, role, polyline(&way, 4.0)));
        }
        shapes.push(Shape::rect(key("ground"), Role::Well, rect, radius::CHIP));
        if taken == Some(number) {
            // The last request went there.
            shapes.push(Shape::rect(key("taken"), Role::Joins(Hue::Service), rect, radius::CHIP));
        }
        let role = Role::TextHue(Hue::BranchB);
        shapes.push(Shape::text(key("name"), role, Type::CodeStrong, left + 10.0, *base + 19.5, *chain));
        let beside = width(chain, Type::CodeStrong.font()) + 26.0;
        let font = Type::CodeSmall.font();
        let whole = said.iter().find(|text| width(text, font) <= room - beside).or(said.last());
        let text = ellipsize(whole.map_or("", String::as_str), font, room - beside);
        let text = Shape::text(key("said"), Role::Text, Type::CodeSmall, right - 10.0, *base + 19.5, text);
        shapes.push(text.anchored(Anchor::End));
        *base += high;
        if number == 0 {
            let ends = [[trunk, *base], [trunk, *base + 8.0]];
            let role = if is_shown { Role::Message(Hue::BranchB) } else { Role::Divider };
            shapes.push(Shape::line(key("down"), role, ends[0], ends[1]));
            *base += 8.0;
        } else if number == 1 && steps.len() > 2 {
            forks = *base;
            *base += 4.0;
            // Who was here before goes where it was, whatever the chances are.
            if rules.affinity.is_none() {
                shares(stage, ways, [left + INDENT, right], base, shapes);
            }
            *base += 6.0;
        } else {
            *base += 3.0;
        }
    }
    if ways > MOST_CHAINS {
        *base += 15.0;
        let more = format!("+{}", ways - MOST_CHAINS);
        let at = [left + INDENT, *base];
        shapes.push(Shape::text("way/chain/more", Role::TextMuted, Type::Caption, at[0], at[1], more));
    }
    *base += 18.0;
}

/// By which chance the rules of KUBE-SVC take each chain: one after the other, each of what those before it have left.
fn shares(stage: &Stage, ways: usize, [left, right]: [f32; 2], base: &mut f32, shapes: &mut Vec<Shape>) {
    if ways < 2 {
        return;
    }
    let mut shares: Vec<String> = (2..=ways).rev().map(|left| format!("1/{left}")).collect();
    if shares.len() > MOST_SHARES {
        shares[1] = "…".to_owned();
        shares.drain(2..shares.len() - 1);
    }
    let args = [("shares", Arg::from(shares.join(", ").as_str()))];
    let said = stage.say(msg!("cluster.shares"), &args);
    for (number, text) in wrap(&said, Type::Caption.font(), right - left).into_iter().enumerate() {
        *base += 15.0;
        let key = format!("way/shares/{number}");
        shapes.push(Shape::text(key, Role::TextMuted, Type::Caption, left, *base, text));
    }
}

/// The newest request to a Service.
fn newest<'a>(stage: &Stage<'a>, service: &ObjectKey) -> Option<(u32, &'a Rc<RequestRow>)> {
    stage.view.requests_within(LATELY).find(|(_, row)| row.service == *service)
}

/// What came of the request that ended last.
fn last(stage: &Stage, service: &ObjectKey, [left, room]: [f32; 2], base: &mut f32, shapes: &mut Vec<Shape>) {
    let mut of_service = stage.view.requests_within(LATELY).filter(|(_, row)| row.service == *service);
    let Some((_, row)) = of_service.find(|(_, row)| row.ended.is_some()) else { return };
    let Some((_, outcome)) = &row.ended else { return };
    *base += 16.0;
    let nowhere = || Arg::from(&*stage.say(msg!("cluster.no-endpoint"), &[]));
    let pod = row.endpoint.as_ref().map_or_else(nowhere, |to| Arg::Text(to.pod.name.clone()));
    let from = ("node", Arg::from(stage.view.node_name(row.from)));
    let pod = ("pod", pod);
    let (hue, said) = match outcome {
        Outcome::Served(code) => {
            let code = ("code", Arg::Number((*code).into()));
            (Hue::Running, stage.say(msg!("cluster.answered"), &[from, pod, code]))
        }
        Outcome::Refused => (Hue::Failed, stage.say(msg!("cluster.refused"), &[from, pod])),
        Outcome::TimedOut => (Hue::Failed, stage.say(msg!("cluster.timed-out"), &[from, pod])),
        Outcome::CutOff => (Hue::Failed, stage.say(msg!("cluster.cut-off"), &[from, pod])),
    };
    for (number, text) in wrap(&said, Type::Caption.font(), room).into_iter().enumerate() {
        let key = format!("way/last/{number}");
        shapes.push(Shape::text(key, Role::TextHue(hue), Type::Caption, left, *base, text));
        *base += 17.0;
    }
    *base -= 7.0;
}

/// The requests under way: from those that start on their node to the Pod that its rules chose. They do not touch kube-proxy,
/// which only writes the rules.
pub(super) fn ways(stage: &Stage, cast: &Cast, place: &Place, shapes: &mut Vec<Shape>) {
    if matches!(place.level, Level::Tile | Level::Mark(2..)) {
        return;
    }
    let mut targets: BTreeMap<&ObjectKey, (&Panel, Rect)> = BTreeMap::new();
    let rows: Vec<(u32, &Rc<RequestRow>)> = stage.view.requests().take(MOST_WAYS).collect();
    for (_, row) in &rows {
        let Some(endpoint) = &row.endpoint else { continue };
        for (host, panel) in cast.hosts.iter().zip(&place.panels) {
            let found = host.pods.iter().position(|there| {
                let meta = &there.pod.metadata;
                meta.name == endpoint.pod.name && meta.namespace == endpoint.pod.namespace
            });
            if let Some(number) = found {
                targets.insert(&endpoint.pod, (panel, panel.cell(number, gap(place.level))));
            }
        }
    }
    for (number, row) in rows.iter().rev() {
        let Some(from) = place.panel(row.from) else { continue };
        let Some(base) = from.requests else { continue };
        let to = row.endpoint.as_ref().and_then(|to| targets.get(&to.pod)).copied();
        // Beside all that is written there is room for a line up and down.
        let aside = |panel: &Panel| panel.rect[0] + 7.0;
        let start = [aside(from), base - 4.0];
        let mut way = vec![start];
        if let Some((panel, [x, y, _, high])) = to {
            if (panel.rect[0] - from.rect[0]).abs() > 0.5 {
                // Below the upper one of the two there is room for a line across.
                let below = |panel: &Panel| panel.rect[1] + panel.rect[3] + 6.0;
                let across = below(from).min(below(panel));
                way.extend([[start[0], across], [aside(panel), across]]);
            }
            // Then between the columns, and into the Pod from its side.
            let (aside, gutter) = (aside(panel), x - gap(place.level) / 2.0);
            let (above, middle) = (panel.pods[1] - 7.0, y + high / 2.0);
            if gutter - aside > gap(place.level) + 2.0 {
                way.extend([[aside, above], [gutter, above], [gutter, middle], [x, middle]]);
            } else {
                way.extend([[aside, middle], [x, middle]]);
            }
        } else {
            way.push([start[0], base + 13.0]);
        }
        let ends = stage.view.history().versions(&RowKey::Request(*number)).last();
        let ends = ends.and_then(|version| match &stage.view.history().record(version.record)?.fact {
            Fact::Request(_, row) => row.ended.as_ref().map(|(at, _)| *at),
            _ => None,
        });
        let at = along(&way, part(stage, row.sent, ends.unwrap_or(row.sent + SECOND)));
        let key = format!("way/request/{number}");
        let line = Shape::path(format!("{key}/line"), Role::EdgeSelects(Hue::Service), polyline(&way, 8.0));
        shapes.push(line.faded(0.7));
        let args = [
            ("node", Arg::from(stage.view.node_name(row.from))),
            ("service", Arg::Text(row.service.name.clone())),
            ("pod", row.endpoint.as_ref().map_or(Arg::from("-"), |to| Arg::Text(to.pod.name.clone()))),
        ];
        let dot = Shape::circle(key, Role::MessageDot(Hue::Service), at[0], at[1], 4.5);
        shapes.push(dot.opening(Target::Request(*number), stage.say(msg!("cluster.spoken-request"), &args)));
    }
}
