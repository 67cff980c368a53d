//! Inside a Pod: `pause` and the Linux namespaces that it holds, the containers that join them, and what `lsns`
//! shows of it. All of it is what the node's container runtime recorded.

mod bands;
mod container;
mod empty;
mod exchange;
mod inside;
mod lsns;
mod together;
mod why;

#[cfg(test)]
mod tests;

use super::Stage;
use super::objects::grace_left;
use crate::cluster::runtime::{ContainerPhase, ContainerRole};
use crate::cluster::time::SECOND;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, ellipsize_middle, width};
use crate::scene::parts::{badge, tag};
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Scene, Shape, Target};
use crate::scene::tokens::{Hue, State, radius};
use crate::scene::typeface::Type;
use crate::value::Str;
use inside::{Inside, Part, Sort, Whose};
use together::together;

/// Around everything.
const MARGIN: f32 = 20.0;
const MARGIN_NARROW: f32 = 10.0;
/// Above and below, where the height is needed.
const LEAST_MARGIN: f32 = 8.0;
/// Stages lower than this have lower bands.
const LOW: f32 = 680.0;
/// Stages as wide as this have the table beside the node.
const BESIDE: f32 = 960.0;
const TABLE: f32 = 400.0;
/// Between containers.
const GAP: f32 = 12.0;
/// The lines with the names of node and Pod.
const NODE_TITLE: f32 = 42.0;
const POD_TITLE: f32 = 66.0;
const NODE_TITLE_NARROW: f32 = 38.0;
const POD_TITLE_NARROW: f32 = 70.0;
/// The line of a phone with the Linux namespaces that are the node's.
const HOSTS_NARROW: f32 = 18.0;
/// Within the node's and the Pod's frame.
const PADDING: f32 = 20.0;
const PADDING_NARROW: f32 = 8.0;
/// From the containers to the bands.
const JOINTS: f32 = 26.0;
/// Containers that stand side by side at most, by the room that each needs.
const LEAST_CARD: f32 = 124.0;

/// Draws the inside of a Pod, or of what a Pod would be where there is none.
pub(super) fn draw(stage: &Stage) -> Scene {
    let [width, height] = stage.size;
    let Some(inside) = Inside::new(stage) else { return empty::draw(stage) };
    let mut shapes = Vec::new();
    let bottom = if stage.is_narrow() {
        narrow(stage, &inside, &mut shapes)
    } else {
        wide(stage, &inside, &mut shapes)
    };
    Scene { width, height: height.max(bottom), shapes }
}

fn wide(stage: &Stage, inside: &Inside, shapes: &mut Vec<Shape>) -> f32 {
    let [stage_width, stage_height] = stage.size;
    let is_beside = stage_width >= BESIDE;
    let node_width = stage_width - 2.0 * MARGIN - if is_beside { TABLE + 18.0 } else { 0.0 };
    let pod_left = MARGIN + PADDING;
    let pod_width = node_width - 2.0 * PADDING;
    let inner_left = pod_left + PADDING;
    let inner = pod_width - 2.0 * PADDING;
    let fitting = ((inner + GAP) / (LEAST_CARD + GAP)).floor().max(1.0) as usize;
    let count = inside.containers.len();
    let columns = count.min(fitting);
    let card_width = (inner + GAP) / columns.max(1) as f32 - GAP;
    // As high as the highest of them.
    let heights =
        inside.containers.iter().map(|part| container::height(stage, inside, part, card_width, false));
    let card_height = heights.fold(0.0, f32::max);
    // By the stage alone, so that nothing moves while containers come.
    let is_low = stage_height < LOW;
    let bands = bands::height(is_low);
    let padding = if is_low { 14.0 } else { PADDING };
    let title = POD_TITLE + parted(stage, inside, pod_width, PADDING);
    let pod_height = title + card_height + JOINTS + bands + padding;
    let said = together(stage, inside);
    let room = [pod_left + 4.0, MARGIN + node_width - padding];
    let below = if said.is_empty() { padding } else { 18.0 + together::height(&said, room[1] - room[0]) };
    let node_title = if is_low { NODE_TITLE_NARROW } else { NODE_TITLE };
    // Where the table is below, why no node takes it stands where its node would be named: it would be out of sight there.
    let is_refused = !is_beside && why::refused(inside).is_some();
    let above = node_title - 24.0;
    let node_title = node_title + if is_refused { refused_height(stage, inside, node_width) } else { 0.0 };
    let node_height = node_title + pod_height + below;
    let table_height = lsns::height(inside);
    // Not by what is in it, so that nothing moves when a sentence comes below.
    let top = LEAST_MARGIN;
    let node = [MARGIN, top, node_width, node_height];
    node_frame(stage, inside, node, shapes);
    if is_refused {
        why::draw(stage, inside, [MARGIN, top + above, node_width, f32::INFINITY], false, shapes);
    }
    let pod = [pod_left, top + node_title, pod_width, pod_height];
    pod_frame(stage, inside, pod, PADDING, shapes);

    let card_top = pod[1] + title;
    let shown = shown(inside, if count > fitting { fitting - 1 } else { count });
    let left_of = |place: usize| inner_left + place as f32 * (card_width + GAP);
    let place = bands::Place {
        is_narrow: false,
        is_low,
        left: inner_left,
        right: inner_left + inner,
        top: card_top + card_height + JOINTS,
        host_right: node[0] + node[2] - 6.0,
        labels: bands::labels_room(stage, inside, inner, shown.len()),
    };
    bands::draw(stage, inside, &place, shapes);
    let bottoms: Vec<[f32; 2]> =
        (0..shown.len()).map(|place| [left_of(place) + card_width / 2.0, card_top + card_height]).collect();
    let pins = bands::pins(inside, &shown, &place, &bottoms, shapes);
    let pins: Vec<(&str, f32)> = shown.iter().map(|part| &*part.wanted.name).zip(pins).collect();
    shapes.extend(exchange::way(inside, &exchange::executed(stage, inside), &place, &pins));
    for (place, part) in shown.iter().enumerate() {
        let card = container::draw(stage, inside, part, [card_width, card_height], false);
        shapes.push(at(card, [left_of(place), card_top]));
    }
    if shown.len() < count {
        let rect = [left_of(shown.len()), card_top, card_width, card_height];
        others(stage, inside, &shown, rect, shapes);
    }
    together::draw(&said, room, pod[1] + pod[3], shapes);
    if is_refused {
        return node[1] + node[3] + LEAST_MARGIN;
    }
    // Before there is a node, nothing is listed, and the answer stands alone.
    let listed = if inside.pod.spec.node_name.is_empty() { 0.0 } else { table_height };
    let table = if is_beside {
        [MARGIN + node_width + 18.0, top, TABLE, node_height]
    } else {
        let high = table_height.max(listed + why::height(stage, inside, node_width));
        [MARGIN, top + node_height + 18.0, node_width, high]
    };
    lsns::draw(stage, inside, table, shapes);
    let room = [table[0], table[1] + listed, table[2], table[3] - listed];
    why::draw(stage, inside, room, listed > 0.0, shapes);
    let bottom = (table[1] + table[3]).max(node[1] + node[3]);
    bottom + LEAST_MARGIN
}

/// Room below the title of the node for why no node takes the Pod.
fn refused_height(stage: &Stage, inside: &Inside, wide: f32) -> f32 {
    (why::height(stage, inside, wide) - 34.0).max(0.0)
}

/// The containers that have a card where there is room for so many: those that have done their work give way first, then
/// those that are still to come.
fn shown<'p, 'a>(inside: &'p Inside<'a>, most: usize) -> Vec<&'p Part<'a>> {
    let rank = |part: &Part| match part.row.map(|(_, row)| &row.state) {
        Some(ContainerPhase::Exited { .. }) if part.role == ContainerRole::Init => 2,
        Some(_) => 0,
        None => 1,
    };
    let mut places: Vec<usize> = (0..inside.containers.len()).collect();
    places.sort_by_key(|place| (rank(&inside.containers[*place]), *place));
    places.truncate(most);
    places.sort_unstable();
    places.into_iter().map(|place| &inside.containers[place]).collect()
}

fn narrow(stage: &Stage, inside: &Inside, shapes: &mut Vec<Shape>) -> f32 {
    let width = stage.size[0];
    let node_width = width - 2.0 * MARGIN_NARROW;
    let pod_left = MARGIN_NARROW + PADDING_NARROW;
    let pod_width = node_width - 2.0 * PADDING_NARROW;
    let inner_left = pod_left + PADDING_NARROW + 2.0;
    let inner = pod_width - 2.0 * (PADDING_NARROW + 2.0);
    let heights = inside.containers.iter().map(|part| container::height(stage, inside, part, inner, true));
    let cards: f32 = heights.map(|height| height + GAP).sum();
    let bands = bands::height(true);
    let head = POD_TITLE_NARROW + parted(stage, inside, pod_width, PADDING_NARROW + 4.0);
    // What somebody has just had executed stands above the containers, where it is seen.
    let said = together(stage, inside);
    let is_executed = said.iter().any(|said| said.is_executed);
    let said_height = together::height(&said, inner);
    let title = head + if is_executed { said_height + 10.0 } else { 0.0 };
    let pod_height = title + cards + bands + PADDING_NARROW + 4.0;
    let top = MARGIN_NARROW;
    let is_below = !said.is_empty() && !is_executed;
    let below = if is_below { 14.0 + said_height } else { PADDING_NARROW };
    // Why no node takes it stands where its node would be named.
    let is_refused = why::refused(inside).is_some();
    let refused = if is_refused { refused_height(stage, inside, node_width) } else { 0.0 };
    let hosts = if inside.hosts().is_empty() { 0.0 } else { HOSTS_NARROW };
    let node_title = NODE_TITLE_NARROW + hosts + refused;
    let node = [MARGIN_NARROW, top, node_width, node_title + pod_height + below];
    node_frame(stage, inside, node, shapes);
    if is_refused {
        let above = top + NODE_TITLE_NARROW + hosts - 24.0;
        why::draw(stage, inside, [MARGIN_NARROW, above, node_width, f32::INFINITY], false, shapes);
    }
    let pod = [pod_left, top + node_title, pod_width, pod_height];
    pod_frame(stage, inside, pod, PADDING_NARROW + 4.0, shapes);
    let mut y = pod[1] + title;
    let mut cards = Vec::new();
    for part in &inside.containers {
        let card_height = container::height(stage, inside, part, inner, true);
        let card = container::draw(stage, inside, part, [inner, card_height], true);
        cards.push(at(card, [inner_left, y]));
        y += card_height + GAP;
    }
    let place = bands::Place {
        is_narrow: true,
        is_low: true,
        left: inner_left,
        right: inner_left + inner,
        top: y,
        host_right: node[0] + node[2] - 3.0,
        labels: inner,
    };
    bands::draw(stage, inside, &place, shapes);
    shapes.extend(cards);
    let under = if is_executed { pod[1] + head - 7.0 } else { pod[1] + pod[3] };
    together::draw(&said, [inner_left, inner_left + inner], under, shapes);
    let table_top = node[1] + node[3] + 12.0;
    if is_refused {
        return node[1] + node[3] + MARGIN_NARROW;
    }
    // Before there is a node, nothing is listed.
    let mut y = table_top;
    if !inside.pod.spec.node_name.is_empty() {
        let table = [MARGIN_NARROW, table_top, node_width, lsns::height(inside)];
        lsns::draw(stage, inside, table, shapes);
        y += table[3];
    }
    let room = [MARGIN_NARROW, y - 24.0, node_width, f32::INFINITY];
    y + (why::draw(stage, inside, room, false, shapes) - 24.0).max(MARGIN_NARROW)
}

/// The containers without a card: how they stand where all stand alike, and each with its state.
fn others(
    stage: &Stage,
    inside: &Inside,
    shown: &[&Part],
    [x, y, wide, high]: [f32; 4],
    shapes: &mut Vec<Shape>,
) {
    shapes.push(Shape::rect("more/frame", Role::Ghost(Hue::Quiet), [x, y, wide, high], radius::CARD));
    let is_hidden = |part: &&Part| shown.iter().all(|other| other.wanted.name != part.wanted.name);
    let hidden: Vec<&Part> = inside.containers.iter().filter(is_hidden).collect();
    let count = [("count", Arg::Number(i64::try_from(hidden.len()).unwrap_or(i64::MAX)))];
    let text = match () {
        () if hidden.iter().all(|part| part.row.is_none()) => stage.say(msg!("scene.others-wait"), &count),
        () if hidden.iter().all(|part| part.has_ended()) => stage.say(msg!("scene.others-ended"), &count),
        () => format!("+{}", hidden.len()),
    };
    shapes.push(Shape::text("more/text", Role::TextMuted, Type::Heading, x + 14.0, y + 28.0, text));
    let fitting = ((high - 48.0) / 24.0).floor().max(0.0) as usize;
    for (place, part) in hidden.into_iter().take(fitting).enumerate() {
        let base = y + 54.0 + place as f32 * 24.0;
        let key = format!("more/{}", part.wanted.name);
        shapes.extend(badge(&key, part.state(), [x + 21.0, base - 4.2], 7.0, None));
        let name = ellipsize_middle(&part.wanted.name, Type::CodeSmall.font(), wide - 48.0);
        shapes.push(Shape::text(format!("{key}/name"), Role::Text, Type::CodeSmall, x + 34.0, base, name));
    }
}

/// The same group at another place.
fn at(mut group: Shape, place: [f32; 2]) -> Shape {
    if let crate::scene::Geometry::Group { x, y, .. } = &mut group.geometry {
        [*x, *y] = place;
    }
    group
}

fn node_frame(stage: &Stage, inside: &Inside, rect: [f32; 4], shapes: &mut Vec<Shape>) {
    let [x, y, wide, _] = rect;
    let base = y + 27.0;
    let has_node = !inside.pod.spec.node_name.is_empty();
    let frame = if has_node { Role::PanelDashed } else { Role::Ghost(Hue::Quiet) };
    shapes.push(Shape::rect("node/frame", frame, rect, radius::PANEL));
    let (left, right) = (x + 18.0, x + wide - 18.0);
    let eyebrow = stage.say(msg!("scene.node"), &[]);
    let after = left + width(&eyebrow, Type::Eyebrow.font()) + 8.0;
    shapes.push(Shape::text("node/eyebrow", Role::TextMuted, Type::Eyebrow, left, base, eyebrow));
    let node = &inside.pod.spec.node_name;
    let (name, role, font) = if has_node {
        (node.to_string(), Role::Text, Type::NameSmall)
    } else {
        (stage.say(msg!("scene.waits-for-node"), &[]), Role::TextMuted, Type::Caption)
    };
    let hosts = inside.hosts();
    let list = |is_host: bool| {
        let of = |sort: &Sort| hosts.contains(sort) == is_host;
        let all = [Sort::Net, Sort::Ipc, Sort::Uts, Sort::Pid, Sort::Mnt];
        all.into_iter().filter(of).map(Sort::word).collect::<Vec<&str>>().join(", ")
    };
    let (id, words) = if hosts.is_empty() {
        (msg!("scene.own-namespaces"), list(false))
    } else {
        (msg!("scene.host-namespaces"), list(true))
    };
    let said = stage.say(id, &[("list", words.as_str().into())]);
    let needed = width(&said, Type::Caption.font());
    // What is the node's is said in any case: on a phone below its name, else the name makes room.
    let (is_hosts, is_below) = (!hosts.is_empty(), !hosts.is_empty() && stage.is_narrow());
    let room = right - after - if is_hosts && !is_below { needed + 24.0 } else { 0.0 };
    let name = ellipsize(&name, font.font(), room);
    let end = after + width(&name, font.font()) + 24.0;
    shapes.push(Shape::text("node/name", role, font, after, base + 0.5, name));
    if inside.held().is_none() {
        return;
    }
    let text =
        |x, y, said: String| Shape::text("node/namespaces", Role::TextMuted, Type::Caption, x, y, said);
    if is_below {
        shapes.push(text(left, base + HOSTS_NARROW, said));
    } else if needed <= right - end + 0.5 {
        shapes.push(text(right, base, said).anchored(Anchor::End));
    }
}

/// Room for the longest STATUS that most Pods ever have, and for an address that is still to come: what stands below the head stays
/// where it is.
const LONGEST: [&str; 2] = ["STATUS ContainerCreating", "10.244.10.10"];

/// Room that the head of the Pod needs besides, where its name, STATUS and address do not fit in one line.
fn parted(stage: &Stage, inside: &Inside, wide: f32, padding: f32) -> f32 {
    let wide_of = |text: &str, ty: Type| width(text, ty.font());
    let status = format!("STATUS {}", inside.seen.columns.status);
    let longest = address_said(stage, inside, LONGEST[1].into());
    let needed = wide_of(&stage.say(msg!("scene.pod"), &[]), Type::Eyebrow)
        + wide_of(&inside.pod.metadata.name, Type::NameLarge)
        + wide_of(&status, Type::Label).max(wide_of(LONGEST[0], Type::Label))
        + wide_of(&address(stage, inside), Type::NameSmall).max(wide_of(&longest, Type::NameSmall))
        + 55.0;
    if needed <= wide - 2.0 * padding { 0.0 } else { 24.0 }
}

/// The Pod's address: its own, or that of the node, which is told as such.
fn address(stage: &Stage, inside: &Inside) -> String {
    let Some(row) = inside.held() else { return String::new() };
    let is_hosts = inside.whose(Sort::Net) == Whose::Host;
    let ip = if row.ip.is_empty() && is_hosts { &inside.pod.status.host_ip } else { &row.ip };
    if ip.is_empty() { String::new() } else { address_said(stage, inside, ip.clone()) }
}

/// An address as the Pod has it.
fn address_said(stage: &Stage, inside: &Inside, ip: Str) -> String {
    match inside.whose(Sort::Net) {
        Whose::Host => stage.say(msg!("scene.ip-of-node"), &[("ip", Arg::Text(ip))]),
        Whose::Own | Whose::Shared => ip.to_string(),
    }
}

fn pod_frame(stage: &Stage, inside: &Inside, rect: [f32; 4], padding: f32, shapes: &mut Vec<Shape>) {
    let [x, y, wide, high] = rect;
    let (left, right) = (padding, wide - padding);
    let meta = &inside.pod.metadata;
    let key = |part: &str| format!("pods/{}/{}/{part}", meta.namespace, meta.name);
    let columns = &inside.seen.columns;
    let hue = inside.seen.state.hue();
    // As everywhere, what is being deleted has a dashed frame in its hue.
    let is_ending = inside.seen.state == State::Terminating;
    let look = if is_ending { Role::CardFrameDashed(hue) } else { Role::FrameStrong(Hue::Pod) };
    let frame = Shape::rect(key("frame"), look, [0.0, 0.0, wide, high], radius::PANEL + 4.0);
    let eyebrow = stage.say(msg!("scene.pod"), &[]);
    let name_left = left + width(&eyebrow, Type::Eyebrow.font()) + 9.0;
    let ip = address(stage, inside);
    let ip_width = if ip.is_empty() { 0.0 } else { width(&ip, Type::NameSmall.font()) + 14.0 };
    // kubectl's word is told from the phase, which stands below.
    let status = format!("STATUS {}", columns.status);
    let is_parted = parted(stage, inside, wide, padding) > 0.0;
    // The name of the Pod comes first; what does not fit beside it stands below.
    let room = right - name_left;
    let has_room = width(&meta.name, Type::NameLarge.font()) + ip_width <= room;
    let room = if has_room { room - ip_width } else { room };
    let name = ellipsize_middle(&meta.name, Type::NameLarge.font(), room.max(60.0));
    let tag_left = name_left + width(&name, Type::NameLarge.font()) + 12.0;
    let mut inner = vec![
        frame,
        Shape::text(key("eyebrow"), Role::TextHue(Hue::Pod), Type::Eyebrow, left, 31.0, eyebrow),
        Shape::text(key("name"), Role::Text, Type::NameLarge, name_left, 32.0, name),
    ];
    let instead = |gone: &Str| stage.say(msg!("scene.instead-of"), &[("pod", Arg::Text(gone.clone()))]);
    let mut facts: Vec<String> = inside.instead_of.map(instead).into_iter().collect();
    facts.extend([
        format!("phase {}", inside.pod.status.phase.map_or("Pending", |phase| phase.as_str())),
        format!("READY {}", columns.ready_text()),
        format!("RESTARTS {}", columns.restarts),
    ]);
    let (status_at, facts_at) = if is_parted { ([left, 54.0], 80.0) } else { ([tag_left, 26.5], 53.0) };
    let (tag, status_wide) = tag(&key("status"), inside.seen.said.hue(), status_at, &status);
    inner.extend(tag);
    let ip_at = if has_room { 31.5 } else { facts_at };
    let facts_room = right - left - if has_room { 0.0 } else { ip_width };
    let facts = ellipsize(&facts.join(" · "), Type::Caption.font(), facts_room);
    let after_facts = left + width(&facts, Type::Caption.font()) + 12.0;
    let mark_at = status_at[0] + status_wide + 18.0;
    if is_ending {
        let left = grace_left(stage.view, inside.pod);
        inner.extend(badge(&key("state"), State::Terminating, [mark_at, status_at[1]], 8.0, left));
    }
    // How long it still has stands beside STATUS, else behind the facts, where there is room for all of that.
    if let Some([left, _]) = inside.grace(stage.view) {
        let left = left.div_ceil(SECOND).saturating_mul(1_000);
        let said = stage.say(msg!("scene.grace-period-left"), &[("time", Arg::Millis(left))]);
        let needed = width(&said, Type::Label.font());
        let beside = if is_parted { right } else { right - ip_width };
        let spots =
            [([mark_at + 18.0, status_at[1] + 4.3], beside), ([after_facts, facts_at], padding + facts_room)];
        let spot = spots.into_iter().find(|([x, _], end)| x + needed <= *end);
        inner.extend(
            spot.map(|([x, y], _)| Shape::text(key("grace"), Role::TextHue(hue), Type::Label, x, y, said)),
        );
    }
    inner.push(Shape::text(key("facts"), Role::TextMuted, Type::Caption, left, facts_at, facts));
    if !ip.is_empty() {
        let ip = Shape::text(key("ip"), Role::TextHue(Hue::Net), Type::NameSmall, right, ip_at, ip);
        inner.push(ip.anchored(Anchor::End));
    }
    let number = |number: usize| Arg::Number(i64::try_from(number).unwrap_or(i64::MAX));
    let spoken = stage.say(
        msg!("scene.spoken-pod"),
        &[
            ("pod", Arg::Text(meta.name.clone())),
            ("status", Arg::Text(columns.status.clone())),
            ("ready", number(columns.ready)),
            ("wanted", number(columns.total)),
        ],
    );
    let group = Shape::group(key("group"), x, y, inner);
    shapes.push(group.opening(Target::Object(inside.key()), spoken));
}
