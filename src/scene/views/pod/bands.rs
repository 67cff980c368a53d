//! The Linux namespaces as bands across the Pod: those that `pause` holds for all containers, those that each has
//! of its own, and those of the node. Lines go from each container into its own, posts from `pause` up to what it
//! holds.

use super::super::Stage;
use super::inside::{Inside, Part, Sort, Whose};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, width};
use crate::scene::paths::polyline;
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Shape};
use crate::scene::tokens::radius;
use crate::scene::typeface::Type;
use crate::value::Str;

/// How high a band is, from one to the next, and how high `pause` is; the same where there is little height, as on a phone.
const SIZES: [f32; 3] = [41.0, 46.0, 42.0];
const SIZES_LOW: [f32; 3] = [36.0, 41.0, 38.0];
/// Room for what is said of a band, at least.
const LABELS: f32 = 246.0;
/// Pins lie so far apart that the number beside one does not touch the next.
const PINS: f32 = 112.0;
/// Room for the posts.
const POSTS: f32 = 100.0;

fn sizes(is_low: bool) -> [f32; 3] {
    if is_low { SIZES_LOW } else { SIZES }
}

/// The height of all bands and `pause`.
pub(super) fn height(is_low: bool) -> f32 {
    let [_, apart, pause] = sizes(is_low);
    Sort::ALL.len() as f32 * apart + 9.0 + pause
}

/// Left and right of the bands, the top of the first, and the right edge that the node's own reach to.
pub(super) struct Place {
    pub(super) is_narrow: bool,
    /// Whether there is little height.
    pub(super) is_low: bool,
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) top: f32,
    pub(super) host_right: f32,
    /// Room for what is said of each.
    pub(super) labels: f32,
}

/// As much room as the longest has that is said of a band, as far as so many pins leave it.
pub(super) fn labels_room(stage: &Stage, inside: &Inside, wide: f32, pins: usize) -> f32 {
    let longest = Sort::ALL
        .into_iter()
        .flat_map(|sort| details(stage, inside, sort))
        .map(|said| width(&said, Type::Caption.font()))
        .fold(0.0, f32::max);
    let chip = width("mnt", Type::Label.font()) + 18.0;
    let left = wide - POSTS - 22.0 - pins.saturating_sub(1) as f32 * PINS;
    (longest + chip + 30.0).min(left).max(LABELS)
}

impl Place {
    fn y(&self, place: usize) -> f32 {
        self.top + place as f32 * sizes(self.is_low)[1]
    }
    /// The middle of a band.
    pub(super) fn middle(&self, place: usize) -> f32 {
        self.y(place) + sizes(self.is_low)[0] / 2.0
    }
    /// Where `pause` is.
    pub(super) fn pause(&self) -> [f32; 4] {
        let top = self.y(Sort::ALL.len()) + 9.0;
        [self.left, top, self.right - self.left, sizes(self.is_low)[2]]
    }
}

/// Draws the bands and `pause`.
pub(super) fn draw(stage: &Stage, inside: &Inside, place: &Place, shapes: &mut Vec<Shape>) {
    let is_narrow = place.is_narrow;
    let [high, ..] = sizes(place.is_low);
    let held = inside.held();
    for (number, sort) in Sort::ALL.into_iter().enumerate() {
        let whose = inside.whose(sort);
        let right = if whose == Whose::Host { place.host_right } else { place.right };
        let rect = [place.left, place.y(number), right - place.left, high];
        let role = match (held, whose) {
            (None, _) => Role::Ghost(sort.hue()),
            (Some(_), Whose::Shared) => Role::Band(sort.hue()),
            (Some(_), Whose::Own | Whose::Host) => Role::BandApart(sort.hue()),
        };
        let key = key(inside, sort);
        shapes.push(Shape::rect(format!("{key}/band"), role, rect, high / 2.0));
        let room = if is_narrow { rect[2] } else { place.labels };
        labels(stage, inside, sort, [rect[0], place.middle(number), room], place.is_low, shapes);
    }
    if held.is_some() && !is_narrow {
        posts(inside, place, shapes);
    }
    pause(stage, inside, place.pause(), shapes);
}

fn key(inside: &Inside, sort: Sort) -> String {
    let meta = &inside.pod.metadata;
    format!("pods/{}/{}/namespace/{}", meta.namespace, meta.name, sort.word())
}

/// What is said of a band: its sort, what that is, its number where there is but one, and whose it is.
fn labels(
    stage: &Stage,
    inside: &Inside,
    sort: Sort,
    [left, middle, room]: [f32; 3],
    is_low: bool,
    shapes: &mut Vec<Shape>,
) {
    let key = key(inside, sort);
    let hue = sort.hue();
    let whose = inside.whose(sort);
    let held = inside.held();
    // One that is not made yet is an outline.
    let (frame, text) = match held {
        Some(_) => (Role::Chip(hue), Role::TextOnHue),
        None => (Role::BandApart(hue), Role::TextHue(hue)),
    };
    let chip = width("mnt", Type::Label.font()) + 18.0;
    let rect = [left + 8.0, middle - 10.5, chip, 21.0];
    shapes.push(Shape::rect(format!("{key}/chip"), frame, rect, 10.5));
    let word = Shape::text(
        format!("{key}/word"),
        text,
        Type::Label,
        left + 8.0 + chip / 2.0,
        middle + 4.3,
        sort.word(),
    );
    shapes.push(word.anchored(Anchor::Middle));
    let left = left + chip + 18.0;
    let room = room - chip - 26.0;
    // In a low band the two lines stand nearer to each other.
    let [above, below] = if is_low { [-3.5, 12.0] } else { [-3.0, 13.5] };
    let title = title(stage, sort);
    let after = width(&title, Type::Strong.font()) + 10.0;
    shapes.push(Shape::text(
        format!("{key}/title"),
        Role::TextHue(hue),
        Type::Strong,
        left,
        middle + above,
        title,
    ));
    if let Some(row) = held.filter(|_| whose != Whose::Own) {
        let number = sort.of(&row.namespaces).0.to_string();
        shapes.push(Shape::text(
            format!("{key}/number"),
            Role::TextMuted,
            Type::CodeSmall,
            left + after,
            middle + above,
            number,
        ));
    }
    let detail = fitting(&details(stage, inside, sort), Type::Caption, room);
    shapes.push(Shape::text(
        format!("{key}/detail"),
        Role::TextMuted,
        Type::Caption,
        left,
        middle + below,
        detail,
    ));
}

/// What a sort of Linux namespace is for.
pub(super) fn title(stage: &Stage, sort: Sort) -> String {
    let id = match sort {
        Sort::Mnt => msg!("scene.mnt"),
        Sort::Pid => msg!("scene.pid"),
        Sort::Net => msg!("scene.net"),
        Sort::Ipc => msg!("scene.ipc"),
        Sort::Uts => msg!("scene.uts"),
    };
    stage.say(id, &[])
}

/// The first of these that has room; of the last, as much as fits.
fn fitting(said: &[String], ty: Type, room: f32) -> Str {
    let whole = said.iter().find(|said| width(said, ty.font()) <= room);
    ellipsize(whole.or(said.last()).map_or("", |said| said), ty.font(), room)
}

/// What is said of the Linux namespaces of a sort, from the longest to the shortest.
fn details(stage: &Stage, inside: &Inside, sort: Sort) -> Vec<String> {
    let volumes = |ids: [&str; 2], volumes: &[Str]| {
        let volumes = volumes.join(", ");
        ids.map(|id| stage.say(id, &[("volumes", volumes.as_str().into())])).to_vec()
    };
    match (sort, inside.whose(sort), &*inside.shared_volumes, &*inside.single_volumes) {
        (Sort::Mnt, _, [], []) => vec![stage.say(msg!("scene.mnt-apart"), &[])],
        (Sort::Mnt, _, [], single) => {
            volumes([msg!("scene.mnt-mounted"), msg!("scene.mnt-mounted-short")], single)
        }
        (Sort::Mnt, _, shared, _) => {
            volumes([msg!("scene.mnt-volumes"), msg!("scene.mnt-volumes-short")], shared)
        }
        (Sort::Pid, Whose::Host, ..) => {
            [msg!("scene.pid-host-all"), msg!("scene.pid-host")].map(|id| stage.say(id, &[])).to_vec()
        }
        _ => vec![detail(stage, inside, sort)],
    }
}

/// The same of a sort of which there is one thing to say.
fn detail(stage: &Stage, inside: &Inside, sort: Sort) -> String {
    let ip = inside.held().map(|row| row.ip.clone()).filter(|ip| !ip.is_empty());
    match (sort, inside.whose(sort)) {
        (Sort::Net, Whose::Host) => stage.say(msg!("scene.net-host"), &[]),
        (Sort::Net, _) => match ip {
            Some(ip) => stage.say(msg!("scene.net-detail"), &[("ip", Arg::Text(ip))]),
            None if inside.pod.status.pod_ip.is_empty() => stage.say(msg!("scene.net-detail-before"), &[]),
            // The status still names it.
            None => {
                let ip = Arg::Text(inside.pod.status.pod_ip.clone());
                stage.say(msg!("scene.net-detail-after"), &[("ip", ip)])
            }
        },
        (Sort::Ipc, Whose::Host) => stage.say(msg!("scene.ipc-host"), &[]),
        (Sort::Ipc, _) => stage.say(msg!("scene.ipc-detail"), &[]),
        (Sort::Uts, Whose::Host) => {
            let node = inside.pod.spec.node_name.clone();
            stage.say(msg!("scene.uts-host"), &[("name", Arg::Text(node))])
        }
        (Sort::Uts, _) => {
            let (spec, meta) = (&inside.pod.spec, &inside.pod.metadata);
            let name = if spec.hostname.is_empty() { &meta.name } else { &spec.hostname };
            stage.say(msg!("scene.uts-detail"), &[("name", Arg::Text(name.clone()))])
        }
        (Sort::Pid, Whose::Own) => stage.say(msg!("scene.pid-apart"), &[]),
        (Sort::Pid, Whose::Shared) => stage.say(msg!("scene.pid-shared"), &[]),
        (Sort::Pid, Whose::Host) => stage.say(msg!("scene.pid-host"), &[]),
        (Sort::Mnt, _) => stage.say(msg!("scene.mnt-apart"), &[]),
    }
}

/// From `pause` up to each namespace that it holds.
fn posts(inside: &Inside, place: &Place, shapes: &mut Vec<Shape>) {
    let held = Sort::ALL.into_iter().enumerate().filter(|(_, sort)| inside.whose(*sort) == Whose::Shared);
    for (turn, (number, sort)) in held.enumerate() {
        let x = place.right - 24.0 - turn as f32 * 24.0;
        let y = place.middle(number);
        let key = key(inside, sort);
        shapes.push(Shape::line(
            format!("{key}/post"),
            Role::Post(sort.hue()),
            [x, y],
            [x, place.pause()[1]],
        ));
        shapes.push(Shape::circle(format!("{key}/held"), Role::MessageDot(sort.hue()), x, y, 5.0));
    }
}

/// From each container down into its namespaces. `cards` are the middles of the containers' lower edges. Gives where each goes
/// down.
pub(super) fn pins(
    inside: &Inside,
    parts: &[&Part],
    place: &Place,
    cards: &[[f32; 2]],
    shapes: &mut Vec<Shape>,
) -> Vec<f32> {
    let last = place.right - POSTS - 8.0;
    let first = place.left + place.labels + 14.0;
    let apart = ((last - first) / cards.len().saturating_sub(1).max(1) as f32).min(PINS);
    let mut xs: Vec<f32> = Vec::new();
    for [x, _] in cards {
        let least = xs.last().map_or(first, |before| before + apart);
        xs.push(x.max(least));
    }
    // What went too far to the right comes back.
    for (turn, x) in xs.iter_mut().rev().enumerate() {
        *x = x.min(last - turn as f32 * apart);
    }
    for (turn, (part, (from, x))) in parts.iter().zip(cards.iter().zip(&xs)).enumerate() {
        let Some(namespaces) = part.namespaces() else { continue };
        let key = format!("{}/pin", part.wanted.name);
        // Lines that go aside do so one below the other, the first at the lowest, and so do not cross.
        let lanes = (cards.len() - turn) as f32 / (cards.len() + 1) as f32;
        let lane = from[1] + (place.top - from[1]) * lanes;
        let end = place.middle(Sort::ALL.len() - 1);
        let path = if (x - from[0]).abs() < 1.0 {
            polyline(&[*from, [from[0], end]], 8.0)
        } else {
            polyline(&[*from, [from[0], lane], [*x, lane], [*x, end]], 8.0)
        };
        shapes.push(Shape::path(format!("{key}/line"), Role::Joins(part.state().hue()), path));
        for (number, sort) in Sort::ALL.into_iter().enumerate() {
            let (y, hue) = (place.middle(number), sort.hue());
            let key = format!("{key}/{}", sort.word());
            if inside.whose(sort) == Whose::Own {
                shapes.push(Shape::circle(format!("{key}/own"), Role::CardFrame(hue), *x, y, 5.0));
                let number = sort.of(&namespaces).0.to_string();
                let text = ellipsize(&number, Type::CodeSmall.font(), apart - 22.0);
                shapes.push(Shape::text(
                    format!("{key}/number"),
                    Role::TextHue(hue),
                    Type::CodeSmall,
                    x + 10.0,
                    y + 4.2,
                    text,
                ));
            } else {
                shapes.push(Shape::circle(format!("{key}/joined"), Role::MessageDot(hue), *x, y, 5.0));
            }
        }
    }
    xs
}

/// The block at the bottom.
fn pause(stage: &Stage, inside: &Inside, rect: [f32; 4], shapes: &mut Vec<Shape>) {
    let [x, y, wide, high] = rect;
    let meta = &inside.pod.metadata;
    let key = |part: &str| format!("pods/{}/{}/pause/{part}", meta.namespace, meta.name);
    let base = y + high / 2.0 + 5.5;
    let name = width("pause", Type::NameLarge.font());
    let (frame, texts, said) = match (inside.held(), inside.sandbox) {
        (Some(row), _) => {
            // Within its PID namespace it has another number.
            let pid = [("pid", Arg::Number(row.pause_pid.into()))];
            let ids = [msg!("scene.pause-detail"), msg!("scene.pause-short"), msg!("scene.pause-least")];
            let said = ids.map(|id| stage.say(id, &pid)).to_vec();
            (Role::PauseBar, [Role::TextOnSlab, Role::TextOnSlabMuted], said)
        }
        (None, Some(_)) => (
            Role::Ghost(crate::scene::Hue::Quiet),
            [Role::TextMuted; 2],
            vec![stage.say(msg!("scene.pause-ended"), &[])],
        ),
        (None, None) => (
            Role::Ghost(crate::scene::Hue::Quiet),
            [Role::TextMuted; 2],
            vec![stage.say(msg!("scene.pause-not-yet"), &[])],
        ),
    };
    shapes.push(Shape::rect(key("bar"), frame, rect, radius::CARD));
    shapes.push(Shape::text(key("name"), texts[0], Type::NameLarge, x + 18.0, base, "pause"));
    let left = x + 18.0 + name + 18.0;
    let sleeps = inside.held().is_some();
    let end = x + wide - 18.0 - if sleeps { 34.0 } else { 0.0 };
    let said = fitting(&said, Type::Body, end - left);
    shapes.push(Shape::text(key("detail"), texts[1], Type::Body, left, base - 0.5, said));
    if sleeps {
        let text =
            Shape::text(key("sleeps"), Role::TextOnSlabMuted, Type::Strong, x + wide - 18.0, base, "zZ");
        shapes.push(text.anchored(Anchor::End));
    }
}
