//! The nodes: kubelet and kube-proxy, capacity, Pods, and what became of the requests that start there.

use super::super::Stage;
use super::super::hierarchy::mark;
use super::super::objects::grace_left;
use super::super::silence::as_last_known;
use super::cast::{Cast, Host, There};
use super::network::served_by;
use super::place::{Level, PADDING, Panel, Place, TALL_CHIP, Who, gap};
use super::plane::spoken;
use super::wires::{self, Flights};
use super::{count, line, notes};
use crate::api::conditions;
use crate::api::objects::{Container, Labels, Node};
use crate::api::quantity::Quantity;
use crate::api::resources::{Amounts, container_requests, sum_requests};
use crate::api::{Kind, ObjectKey};
use crate::cluster::traffic::{Outcome, RequestRow};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize_middle, pod_name, width};
use crate::scene::parts::{PodCard, badge};
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Segment, Shape, Target};
use crate::scene::tokens::{Hue, State, radius};
use crate::scene::typeface::Type;
use crate::value::Str;
use std::rc::Rc;

/// The name of a Service is cut to no less than this.
const LEAST_NAME: f32 = 44.0;

/// Thousandths of cores.
#[derive(Clone, Copy, Debug, Default)]
struct Cpu(i64);

impl Amounts for Cpu {
    fn plus(&mut self, other: &Self) {
        self.0 = self.0.saturating_add(other.0);
    }
    fn raise_to(&mut self, other: &Self) {
        self.0 = self.0.max(other.0);
    }
    fn set_all(&mut self, list: &Labels) {
        if let Some(quantity) = list.get("cpu").and_then(|text| Quantity::parse(text).ok()) {
            self.0 = quantity.milli_value();
        }
    }
}

/// How many Pods take a place on a node: what has finished takes none (upstream's `NodeInfo`, and `Non-terminated Pods` of
/// `kubectl describe node`).
fn placed(host: &Host) -> usize {
    host.pods.iter().filter(|there| !conditions::is_pod_terminal(there.pod)).count()
}

/// What the Pods of a node ask for of its cores, and how many it gives.
fn cores(host: &Host) -> [i64; 2] {
    let mut asked = Cpu::default();
    let counts = |there: &&There| !conditions::is_pod_terminal(there.pod);
    for there in host.pods.iter().filter(counts) {
        asked.plus(&sum_requests(&there.pod.spec, |container: &Container| container_requests(container)));
    }
    let all = host.node.map_or(0, |node| Cpu::of(&node.status.allocatable).0);
    [asked.0, all]
}

fn cores_text(millis: i64) -> String {
    match (millis / 1_000, millis % 1_000 / 10) {
        (whole, 0) => whole.to_string(),
        (whole, rest) if rest % 10 == 0 => format!("{whole}.{}", rest / 10),
        (whole, rest) => format!("{whole}.{rest:02}"),
    }
}

/// How a node is: nothing where all is well.
fn trouble(node: &Node) -> Option<(Hue, &'static str)> {
    if !conditions::is_node_ready(node) {
        return Some((Hue::Failed, "NotReady"));
    }
    node.spec.unschedulable.then_some((Hue::Pending, "SchedulingDisabled"))
}

/// The panels of the nodes.
pub(super) fn ground(stage: &Stage, cast: &Cast, place: &Place, shapes: &mut Vec<Shape>) {
    for (host, panel) in cast.hosts.iter().zip(&place.panels) {
        let Some(node) = host.node else { continue };
        let key = |part: &str| format!("nodes//{}/{part}", host.name);
        let [x, y, wide, high] = panel.rect;
        let frame = match trouble(node) {
            Some((hue, _)) => Role::CardFrameDashed(hue),
            None => Role::Panel,
        };
        let target = Target::Object(ObjectKey::new(Kind::Node, "", host.name));
        let mut inside = vec![Shape::rect(key("frame"), frame, [0.0, 0.0, wide, high], radius::PANEL)];
        if place.level == Level::Tile {
            tile(host, wide, &mut inside);
        } else {
            head(stage, host, node, wide, place.is_parted(wide), &mut inside);
        }
        let args = [("name", Arg::Text(host.name.into())), ("count", count(host.pods.len()))];
        let said = stage.say(msg!("cluster.spoken-node"), &args);
        shapes.push(Shape::group(key("group"), x, y, inside).opening(target, said));
    }
    if cast.hosts.len() > place.panels.len() {
        let more = count(cast.hosts.len() - place.panels.len());
        let said = stage.say(msg!("cluster.more-nodes"), &[("count", more)]);
        let at = [place.plane[0], place.bottom - 10.0];
        shapes.push(line("nodes/more".into(), Role::TextMuted, Type::Body, at, place.plane[2], &said));
    }
}

fn bar(key: &str, [x, y, wide]: [f32; 3], [used, all]: [i64; 2], shapes: &mut Vec<Shape>) {
    let part = (used as f32 / all.max(1) as f32).clamp(0.0, 1.0);
    let hue = if part > 0.95 { Hue::Pending } else { Hue::Running };
    shapes.push(Shape::rect(format!("{key}/room"), Role::Well, [x, y, wide, 8.0], 4.0));
    if used > 0 {
        shapes.push(Shape::rect(
            format!("{key}/used"),
            Role::Bar(hue),
            [x, y, (wide * part).max(3.0), 8.0],
            4.0,
        ));
    }
}

/// A node's name, its state and its capacity.
fn head(stage: &Stage, host: &Host, node: &Node, wide: f32, is_narrow: bool, shapes: &mut Vec<Shape>) {
    let key = |part: &str| format!("nodes//{}/{part}", host.name);
    let base = 66.0;
    let eyebrow = stage.say(msg!("scene.node"), &[]);
    let after = PADDING + width(&eyebrow, Type::Eyebrow.font()) + 9.0;
    shapes.push(Shape::text(key("eyebrow"), Role::TextMuted, Type::Eyebrow, PADDING, base, eyebrow));
    // Capacity stands at the right, or in a line of its own.
    let [used, all] = cores(host);
    let most = node.status.allocatable.get("pods").and_then(|text| text.parse().ok()).unwrap_or(0_i64);
    let args = [("count", count(placed(host))), ("most", Arg::Number(most))];
    let pods = stage.say(msg!("cluster.pods-of"), &args);
    let args = [("used", Arg::from(cores_text(used).as_str())), ("all", cores_text(all).as_str().into())];
    let cpu = stage.say(msg!("cluster.cpu-requested"), &args);
    let gauge = 44.0;
    let line_base = if is_narrow { base + 22.0 } else { base };
    let mut right = wide - PADDING;
    // A word about its state matters more than its processors.
    let word_wide = trouble(node).map_or(0.0, |(_, word)| width(word, Type::Label.font()) + 10.0);
    // Where there is little room the bar goes first, then how many Pods there may be.
    let few = stage.say(msg!("cluster.pods"), &[("count", count(placed(host)))]);
    // A name that is long gives way to what is said beside it.
    let named = width(host.name, Type::Name.font()).min(58.0) + 12.0;
    // In a line of their own they begin where the name does.
    let begins = if is_narrow { PADDING } else { after + named + word_wide };
    let fits = |pods: &str, cpu: &str, bar: f32| {
        let wide = |text: &str| width(text, Type::CodeSmall.font());
        right - wide(pods) - 14.0 - bar - wide(cpu) > begins
    };
    let (pods, has_cpu, has_bar) = match () {
        () if fits(&pods, &cpu, gauge + 8.0) => (pods, true, true),
        () if fits(&pods, &cpu, 0.0) => (pods, true, false),
        () if fits(&few, &cpu, 0.0) => (few, true, false),
        () => (pods, false, false),
    };
    let cpu_wide = width(&cpu, Type::CodeSmall.font());
    let pods_wide = width(&pods, Type::CodeSmall.font());
    shapes.push(
        Shape::text(key("pods"), Role::TextMuted, Type::CodeSmall, right, line_base, pods)
            .anchored(Anchor::End),
    );
    right -= pods_wide + 14.0;
    let mut name_room = wide - PADDING - after;
    if has_cpu {
        let text_end = if has_bar { right - gauge - 8.0 } else { right };
        let at = if is_narrow { PADDING } else { text_end - cpu_wide };
        if has_bar {
            bar(&key("cpu"), [at + cpu_wide + 8.0, line_base - 8.0, gauge], [used, all], shapes);
        }
        shapes.push(Shape::text(key("cpu/text"), Role::TextMuted, Type::CodeSmall, at, line_base, cpu));
        right = at - 12.0;
    } else {
        right += 2.0;
    }
    if !is_narrow {
        name_room = right - after;
    }
    let tag = trouble(node).filter(|(_, word)| width(word, Type::Label.font()) + 60.0 < name_room);
    if let Some((_, word)) = tag {
        name_room -= width(word, Type::Label.font()) + 10.0;
    }
    let name = ellipsize_middle(host.name, Type::Name.font(), name_room);
    let name_wide = width(&name, Type::Name.font());
    shapes.push(Shape::text(key("name"), Role::Text, Type::Name, after, base, name));
    if let Some((hue, word)) = tag {
        let at = after + name_wide + 10.0;
        shapes.push(Shape::text(key("state"), Role::TextHue(hue), Type::Label, at, base, word));
    }
    notes::tainted(stage, host, wide, line_base, shapes);
}

/// A node as a tile: its name, how many Pods it has, and in which states.
fn tile(host: &Host, wide: f32, shapes: &mut Vec<Shape>) {
    let key = |part: &str| format!("nodes//{}/{part}", host.name);
    let room = wide - 24.0;
    let name = ellipsize_middle(host.name, Type::NameSmall.font(), room);
    shapes.push(Shape::text(key("name"), Role::Text, Type::NameSmall, 12.0, 23.0, name));
    let word = host.node.and_then(|node| trouble(node)).map(|(_, word)| word);
    let said = word.map_or_else(|| format!("{} Pod", host.pods.len()), str::to_owned);
    shapes.push(line(key("said"), Role::TextMuted, Type::Caption, [12.0, 41.0], room, &said));
    let mut left = 12.0;
    for (state, number) in by_state(host) {
        let part = room * number as f32 / host.pods.len().max(1) as f32;
        let rect = [left, 50.0, (part - 1.0).max(1.0), 6.0];
        shapes.push(Shape::rect(key(state.hue().class()), Role::Bar(state.hue()), rect, 2.0));
        left += part;
    }
}

/// How many Pods are in which state; those that run come first, and then those to be looked at.
fn by_state(host: &Host) -> impl Iterator<Item = (State, usize)> {
    let states =
        [State::Running, State::Failed, State::Pending, State::Terminating, State::Succeeded, State::Unknown];
    let count = |state| host.pods.iter().filter(|there| there.seen.state == state).count();
    states.map(|state| (state, count(state))).into_iter().filter(|(_, count)| *count > 0)
}

/// What is on the nodes.
pub(super) fn draw(stage: &Stage, cast: &Cast, place: &Place, flights: &Flights, shapes: &mut Vec<Shape>) {
    if place.level == Level::Tile {
        return;
    }
    let service = served_by(stage, cast);
    for seat in &place.seats {
        let (id, word, hue) = match seat.who {
            Who::Kubelet(id) => (id, "kubelet", Hue::BranchA),
            Who::Proxy(id) => (id, "kube-proxy", Hue::BranchB),
            _ => continue,
        };
        let Some(host) = cast.host(id).filter(|host| host.node.is_some()) else { continue };
        let is_silent = cast.is_silent(seat.who);
        let leads = service.as_ref().filter(|_| matches!(seat.who, Who::Proxy(_)));
        let leads = leads.map(|service| proxy(stage, id, service));
        let said = match &leads {
            _ if is_silent => notes::silent(stage, host),
            Some(leads) => leads.whole(),
            None if matches!(seat.who, Who::Kubelet(_)) => kubelet(stage, host),
            None => String::new(),
        };
        let key = |part: &str| format!("{}/{part}", wires::name(seat.who));
        let [x, y, wide, high] = seat.rect;
        let (ground, hue) =
            if is_silent { (Role::CardFrameDashed(Hue::Failed), Hue::Quiet) } else { (Role::Well, hue) };
        let mut inside = vec![Shape::rect(key("ground"), ground, [0.0, 0.0, wide, high], radius::CHIP)];
        if flights.touches(seat.who) && !is_silent {
            inside.push(Shape::rect(key("active"), Role::Joins(hue), [0.0, 0.0, wide, high], radius::CHIP));
        }
        let word_wide = width(word, Type::Strong.font());
        inside.push(Shape::text(key("name"), Role::TextHue(hue), Type::Strong, 11.0, 19.5, word));
        let room = wide - word_wide - 34.0;
        if room > 34.0 {
            let text = match leads {
                Some(leads) if !is_silent => leads.within(room),
                // A time that is cut in its middle is another time.
                _ if is_silent && width(&said, Type::Caption.font()) > room => {
                    stage.say(msg!("deletion.kubelet-silent-short"), &[]).into()
                }
                _ => ellipsize_middle(&said, Type::Caption.font(), room),
            };
            let said = Shape::text(key("said"), Role::TextMuted, Type::Caption, wide - 11.0, 19.5, text);
            inside.push(said.anchored(Anchor::End));
        }
        let name = format!("{}: {said}", wires::spoken(stage, seat.who));
        shapes.push(Shape::group(key("group"), x, y, inside).named(name));
        flights.label(seat, shapes);
    }
    for (host, panel) in cast.hosts.iter().zip(&place.panels) {
        // What is known of a node that is silent is what it said last.
        let mut drawn = Vec::new();
        pods(stage, host, panel, place.level, &mut drawn);
        if host.silence.is_some() {
            drawn = drawn.into_iter().map(as_last_known).collect();
        }
        shapes.extend(drawn);
        notes::below(stage, host, panel, place.level, shapes);
        if let (Some(base), Some(_)) = (panel.requests, host.node) {
            requests(stage, host, panel, base, shapes);
        }
    }
}

/// What a kubelet does: images that it pulls, or how many Pods it has.
fn kubelet(stage: &Stage, host: &Host) -> String {
    let images = host.pods.iter().flat_map(|there| there.pod.spec.containers.iter());
    let pulled = images.map(|container| &container.image).find(|image| stage.view.pulls(host.id, image));
    match pulled {
        Some(image) => stage.say(msg!("cluster.pulls"), &[("image", Arg::Text(image.clone()))]),
        None => stage.say(msg!("cluster.pods"), &[("count", count(host.pods.len()))]),
    }
}

/// Where a kube-proxy's rules lead.
struct Leads {
    /// The name of the Service.
    service: Str,
    /// How many endpoints stand behind it, as a number and in words.
    number: String,
    endpoints: String,
}

fn proxy(stage: &Stage, node: crate::cluster::record::NodeId, service: &ObjectKey) -> Leads {
    let rules = stage.view.rules(node, service);
    let endpoints = rules.and_then(|rules| rules.ports.first()).map_or(0, |port| port.endpoints.len());
    let said = stage.say(msg!("cluster.endpoints"), &[("count", count(endpoints))]);
    Leads { service: service.name.clone(), number: endpoints.to_string(), endpoints: said }
}

impl Leads {
    fn whole(&self) -> String {
        format!("{} → {}", self.service, self.endpoints)
    }
    /// As it fits. What is counted is said before the name is cut, and how many there are matters more than all of its letters.
    fn within(self, room: f32) -> Str {
        let font = Type::Caption.font();
        let brief = format!("{} → {}", self.service, self.number);
        let number = format!("→ {}", self.number);
        let left = room - width(&format!(" {number}"), font);
        let cut = format!("{} {number}", ellipsize_middle(&self.service, font, left));
        let fitting = [self.whole(), brief].into_iter().find(|text| width(text, font) <= room);
        // Of a name something is left to be known by, or nothing.
        let fitting = fitting.or_else(|| (left >= LEAST_NAME).then_some(cut));
        let fitting = fitting.or_else(|| (width(&self.endpoints, font) <= room).then_some(self.endpoints));
        fitting.unwrap_or(number).into()
    }
}

fn pods(stage: &Stage, host: &Host, panel: &Panel, level: Level, shapes: &mut Vec<Shape>) {
    let gap = gap(level);
    match level {
        Level::Card => {
            for (number, there) in host.pods.iter().enumerate() {
                let (key, target, said) = spoken(stage, there);
                let [x, y, wide, _] = panel.cell(number, gap);
                let card = card(stage, there, &key).draw(wide);
                shapes.push(Shape::group(format!("{key}/group"), x, y, card).opening(target, said));
            }
        }
        Level::Chip => {
            for (number, there) in host.pods.iter().enumerate() {
                let (key, target, said) = spoken(stage, there);
                let [x, y, wide, high] = panel.cell(number, gap);
                let chip = chip(stage, there, &key, [wide, high]);
                shapes.push(Shape::group(format!("{key}/group"), x, y, chip).opening(target, said));
            }
        }
        Level::Mark(1) => {
            for (number, there) in host.pods.iter().enumerate() {
                let (key, target, said) = spoken(stage, there);
                let [x, y, side, _] = panel.cell(number, gap);
                let at = [x + side / 2.0, y + side / 2.0];
                let mark = mark(&key, there.seen.state, there.seen.is_ready, at, side);
                shapes.push(mark.opening(target, said));
            }
        }
        Level::Mark(each) => {
            let mut number = 0;
            for (state, of_state) in by_state(host) {
                for nth in 0..of_state.div_ceil(each) {
                    let [x, y, side, _] = panel.cell(number, gap);
                    let key = format!("nodes//{}/{}/{nth}", host.name, state.hue().class());
                    shapes.push(mark(&key, state, true, [x + side / 2.0, y + side / 2.0], side));
                    number += 1;
                }
            }
        }
        Level::Tile => {}
    }
    if let Level::Mark(each) = level {
        let words: Vec<String> = by_state(host).map(|(state, count)| format!("{count} {state:?}")).collect();
        let mut said = words.join(" · ");
        if each > 1 {
            said = format!("{said} · {}", stage.say(msg!("scene.mark-stands"), &[("count", count(each))]));
        }
        let base = panel.requests.map_or(panel.rect[1] + panel.rect[3], |base| base - 14.0) - 12.0;
        let at = [panel.rect[0] + PADDING, base];
        let key = format!("nodes//{}/states", host.name);
        shapes.push(line(key, Role::TextMuted, Type::Caption, at, panel.rect[2] - 2.0 * PADDING, &said));
    }
}

fn card(stage: &Stage, there: &There, key: &str) -> PodCard {
    let pod = there.pod;
    let mut containers: Vec<Str> =
        pod.spec.containers.iter().map(|container| container.image.clone()).collect();
    if containers.len() > 3 {
        let more = containers.len() - 2;
        containers.truncate(2);
        containers.push(format!("+{more}").into());
    }
    PodCard {
        key: key.into(),
        name: pod.metadata.name.clone(),
        state: there.seen.state,
        said: there.seen.said,
        ready: there.seen.is_ready,
        status: there.seen.columns.status.clone(),
        ready_count: there.seen.ready_text().into(),
        restarts: there.seen.columns.restarts,
        containers,
        pause: stage.view.sandboxes_of(pod).any(|(_, sandbox)| sandbox.ready),
        waits: None,
        grace_left: grace(stage, there),
    }
}

fn grace(stage: &Stage, there: &There) -> Option<f32> {
    if there.seen.state == State::Terminating { grace_left(stage.view, there.pod) } else { None }
}

fn chip(stage: &Stage, there: &There, key: &str, [wide, high]: [f32; 2]) -> Vec<Shape> {
    let state = there.seen.state;
    let is_settled =
        matches!(state, State::Succeeded | State::Failed) || (state == State::Running && there.seen.is_ready);
    let hue = state.hue();
    let frame = if is_settled { Role::CardFrame(hue) } else { Role::CardFrameDashed(hue) };
    let mut shapes = vec![Shape::rect(format!("{key}/frame"), frame, [0.0, 0.0, wide, high], radius::CHIP)];
    let said = there.seen.said;
    shapes.extend(badge(&format!("{key}/state"), said, [16.0, high / 2.0], 7.0, grace(stage, there)));
    let room = wide - 36.0;
    let name = pod_name(&there.pod.metadata.name, Type::CodeSmall.font(), room);
    let is_tall = high >= TALL_CHIP[1];
    let base = if is_tall { 19.0 } else { high / 2.0 + 4.2 };
    shapes.push(Shape::text(format!("{key}/name"), Role::Text, Type::CodeSmall, 30.0, base, name));
    if is_tall {
        let columns = &there.seen.columns;
        let base = base + 17.0;
        let status = ellipsize_middle(&columns.status, Type::Label.font(), room);
        let ready = columns.ready_text();
        let both = width(&status, Type::Label.font()) + width(&ready, Type::CodeSmall.font()) + 10.0;
        let role = Role::TextHue(said.hue());
        shapes.push(Shape::text(format!("{key}/status"), role, Type::Label, 30.0, base, status));
        if both < room {
            let (key, at) = (format!("{key}/ready"), wide - 8.0);
            let text = Shape::text(key, Role::TextMuted, Type::CodeSmall, at, base, ready);
            shapes.push(text.anchored(Anchor::End));
        }
    }
    shapes
}

/// So long back requests are shown.
const SHOWN: u64 = 10 * crate::cluster::time::SECOND;

/// The requests from a node within the last seconds: answered, lost, or under way; the newest at the right.
fn requests(stage: &Stage, host: &Host, panel: &Panel, base: f32, shapes: &mut Vec<Shape>) {
    let key = |part: &str| format!("nodes//{}/requests/{part}", host.name);
    let [x, _, wide, _] = panel.rect;
    let room = wide - 2.0 * PADDING;
    let left = x + PADDING;
    let said = stage.say(msg!("cluster.requests-from"), &[]);
    shapes.push(line(key("said"), Role::TextMuted, Type::Caption, [left, base], room, &said));
    let most = (room / 13.0).floor().max(1.0) as usize;
    let sent: Vec<(u32, &Rc<RequestRow>)> =
        stage.view.requests_within(SHOWN).filter(|(_, row)| row.from == host.id).collect();
    // All are counted, also those that have no room.
    let ended = || sent.iter().filter_map(|(_, row)| Some(&row.ended.as_ref()?.1));
    let served = ended().filter(|outcome| matches!(outcome, Outcome::Served(_))).count();
    let lost = ended().count() - served;
    for (number, (id, row)) in sent.iter().take(most).rev().enumerate() {
        let [cx, cy] = [left + 5.0 + number as f32 * 13.0, base + 13.0];
        let key = key(&id.to_string());
        shapes.push(match &row.ended {
            None => Shape::circle(key, Role::CardFrame(Hue::Service), cx, cy, 3.8),
            Some((_, Outcome::Served(_))) => Shape::circle(key, Role::RequestOk(Hue::Running), cx, cy, 4.0),
            Some(_) => {
                let arm = 4.0;
                let cross = [
                    Segment::Move([cx - arm, cy - arm]),
                    Segment::Line([cx + arm, cy + arm]),
                    Segment::Move([cx - arm, cy + arm]),
                    Segment::Line([cx + arm, cy - arm]),
                ];
                Shape::path(key, Role::RequestFailed(Hue::Failed), cross.to_vec())
            }
        });
    }
    if sent.is_empty() {
        let none = stage.say(msg!("cluster.no-requests"), &[]);
        let at = [left, base + 18.0];
        shapes.push(line(key("counts"), Role::TextMuted, Type::Caption, at, room, &none));
        return;
    }
    let open = sent.len() - served - lost;
    let args = [("served", count(served)), ("lost", count(lost)), ("open", count(open))];
    let id = if open > 0 { msg!("cluster.requests-open") } else { msg!("cluster.requests-of") };
    let said = stage.say(id, &args);
    shapes.push(line(key("counts"), Role::TextMuted, Type::Caption, [left, base + 34.0], room, &said));
}
