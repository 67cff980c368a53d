//! The card of a container.

use super::super::Stage;
use super::inside::{Inside, Mounted, Part, Sort, Whose};
use crate::cluster::runtime::{ContainerPhase, ContainerRole};
use crate::cluster::time::MILLI;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, ellipsize_middle, width, wrap};
use crate::scene::parts::{badge, tag};
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Shape, Target};
use crate::scene::tokens::{Hue, State, radius};
use crate::scene::typeface::Type;
use crate::value::Str;

/// What stands beside the cards of a phone.
const AROUND_NARROW: f32 = 56.0;
/// Lines of a message at most.
const MOST_LINES: usize = 3;
/// Characters of a message that are looked at: more than its lines have room for.
const MOST_TOLD: usize = 1000;
/// Processes that a card names at most.
const MOST_PROCESSES: usize = 3;
const PADDING: f32 = 14.0;
const WELL: f32 = 28.0;
const WELL_GAP: f32 = 5.0;
const TAGS: f32 = 28.0;
const FIRST_WELL: f32 = 76.0;
/// The same of what has done its work, on a phone.
const DONE_WELL: f32 = 57.0;

/// The height of a card. One that is to listen has the line for it before it does.
pub(super) fn height(stage: &Stage, inside: &Inside, part: &Part, with_namespaces: bool) -> f32 {
    let processes = wells(stage, inside, part).len().max(1);
    let listens = part.row.is_some_and(|(_, row)| !row.listens.is_empty());
    let has_ports = listens || part.signal.is_some() || !part.wanted.ports.is_empty();
    let tags = [has_ports, !part.volumes.is_empty(), with_namespaces];
    // On a phone what has done its work gives way to what runs.
    if with_namespaces && part.is_done_init() {
        return DONE_WELL + WELL + 10.0;
    }
    let tags = tags.into_iter().filter(|has| *has).count();
    FIRST_WELL + processes as f32 * (WELL + WELL_GAP) + tags as f32 * TAGS + 10.0
}

/// Draws a card from its upper left corner.
pub(super) fn draw(
    stage: &Stage,
    inside: &Inside,
    part: &Part,
    size: [f32; 2],
    with_namespaces: bool,
) -> Shape {
    let pod = &inside.pod.metadata;
    let prefix = format!("pods/{}/{}/{}", pod.namespace, pod.name, part.wanted.name);
    let key = |end: &str| format!("{prefix}/{end}");
    let state = part.state();
    let hue = state.hue();
    let [wide, high] = size;
    let (left, right) = (PADDING, wide - PADDING);
    let is_settled = matches!(state, State::Running | State::Succeeded | State::Failed);
    let frame = if is_settled { Role::CardFrame(hue) } else { Role::CardFrameDashed(hue) };
    let room = right - left;
    let eyebrow = eyebrow(stage, part);
    let mut shapes = vec![
        Shape::rect(key("frame"), frame, [0.0, 0.0, wide, high], radius::CARD),
        Shape::text(
            key("eyebrow"),
            Role::TextHue(hue),
            Type::Eyebrow,
            left,
            25.0,
            ellipsize(&eyebrow, Type::Eyebrow.font(), room - 24.0),
        ),
        Shape::text(
            key("name"),
            Role::Text,
            Type::Name,
            left,
            47.0,
            ellipsize_middle(&part.wanted.name, Type::Name.font(), room),
        ),
    ];
    shapes.extend(badge(&key("state"), state, [right - 7.0, 21.0], 8.0, None));
    let mut image = part.wanted.image.to_string();
    if part.row.is_some_and(|(_, row)| row.assumed) {
        image = format!("{image} · {}", stage.say(msg!("scene.assumed"), &[]));
    }
    let image = ellipsize_middle(&image, Type::CodeSmall.font(), room);
    let is_short = with_namespaces && part.is_done_init();
    if !is_short {
        shapes.push(Shape::text(key("image"), Role::TextMuted, Type::CodeSmall, left, 66.0, image));
    }
    let mut y = if is_short { DONE_WELL } else { FIRST_WELL };
    for (place, line) in wells(stage, inside, part).into_iter().enumerate() {
        let key = |end: &str| format!("{prefix}/line/{place}/{end}");
        shapes.push(Shape::rect(key("well"), Role::Well, [left, y, room, WELL], radius::CHIP));
        let line = ellipsize(&line, Type::CodeSmall.font(), room - 18.0);
        shapes.push(Shape::text(key("text"), Role::Text, Type::CodeSmall, left + 9.0, y + 18.5, line));
        y += WELL + WELL_GAP;
    }
    let mut tags = Tags { shapes: &mut shapes, prefix: &prefix, left, x: left, right, y: y + TAGS / 2.0 };
    if let Some((_, row)) = part.row.filter(|(_, row)| !row.listens.is_empty()) {
        for port in &row.listens {
            let text = stage.say(msg!("scene.listens"), &[("port", Arg::Number((*port).into()))]);
            tags.add(Hue::Net, &text);
        }
    }
    if let Some(signal) = part.signal {
        tags.add(Hue::Terminating, signal);
    }
    tags.next();
    for text in volumes(part, room).into_iter().filter(|_| !is_short) {
        tags.add(Hue::Volume, &text);
    }
    tags.next();
    if with_namespaces {
        namespaces(inside, part, &prefix, [left, high - 24.0], &mut shapes);
    }
    let target = Target::Container { pod: inside.key(), name: part.wanted.name.clone() };
    let said = wells(stage, inside, part).into_iter().next().unwrap_or_default();
    let name = format!("{eyebrow} {}: {said}", part.wanted.name);
    Shape::group(key("group"), 0.0, 0.0, shapes).opening(target, name)
}

fn eyebrow(stage: &Stage, part: &Part) -> String {
    let is_done = matches!(part.row.map(|(_, row)| &row.state), Some(ContainerPhase::Exited { code: 0, .. }));
    let mut text = stage.say(
        match part.role {
            ContainerRole::Init if is_done => msg!("scene.init-done"),
            ContainerRole::Init => msg!("scene.init"),
            ContainerRole::Sidecar => msg!("scene.sidecar"),
            ContainerRole::Runtime => msg!("scene.runtime"),
            ContainerRole::Ephemeral => msg!("scene.ephemeral"),
        },
        &[],
    );
    if let Some(attempt) = part.row.map(|(_, row)| row.attempt).filter(|attempt| *attempt > 0) {
        let restarts = stage.say(msg!("scene.restarts"), &[("count", Arg::Number(attempt.into()))]);
        text = format!("{text} · {restarts}");
    }
    text
}

/// The volumes of a container: each with the claim that it is and the folder where it is, or by their names alone where these
/// have no room for that.
fn volumes(part: &Part, room: f32) -> Vec<String> {
    let whole = |mounted: &Mounted| match mounted.claim {
        Some(claim) => format!("PVC {claim} → {}", mounted.path),
        None => format!("{} → {}", mounted.name, mounted.path),
    };
    let wide = |text: &String| width(text, Type::Label.font()) + 26.0;
    let texts: Vec<String> = part.volumes.iter().map(whole).collect();
    if texts.iter().map(wide).sum::<f32>() <= room + 6.0 {
        return texts;
    }
    part.volumes.iter().map(|mounted| mounted.name.to_string()).collect()
}

/// What a message says, in lines on a phone; beside the table of a wider stage all of it is told.
fn told(stage: &Stage, message: &str) -> Vec<String> {
    if !stage.is_narrow() {
        return Vec::new();
    }
    let room = stage.size[0] - AROUND_NARROW - 2.0 * PADDING - 18.0;
    let message: String = message.chars().take(MOST_TOLD).collect();
    let lines = wrap(&message, Type::CodeSmall.font(), room);
    lines.into_iter().take(MOST_LINES).map(|line| line.to_string()).collect()
}

/// What runs in a container, or why nothing does.
fn wells(stage: &Stage, inside: &Inside, part: &Part) -> Vec<String> {
    let waiting = part.status.and_then(|status| status.state.waiting.as_ref());
    let message = waiting.map_or_else(Vec::new, |waiting| told(stage, &waiting.message));
    let waiting = waiting.filter(|waiting| !waiting.reason.is_empty()).map(|waiting| {
        stage.say(msg!("scene.container-waits"), &[("reason", Arg::Text(waiting.reason.clone()))])
    });
    if let Some(ContainerPhase::Exited { code, since, until, .. }) = part.row.map(|(_, row)| &row.state) {
        let took = until.since(*since) / MILLI;
        let args = [("code", Arg::Number((*code).into())), ("took", Arg::Millis(took))];
        let ended = stage.say(msg!("scene.container-ended"), &args);
        let taken = inside.taken_port(part).map(|port| format!("bind :{port}: address already in use"));
        return std::iter::once(ended).chain(taken).chain(waiting).chain(message).collect();
    }
    if part.processes.is_empty() {
        let pulls = inside.node.is_some_and(|node| stage.view.pulls(node, &part.wanted.image));
        return match waiting {
            _ if pulls => vec![stage.say(msg!("scene.container-pulls"), &[])],
            Some(waiting) => std::iter::once(waiting).chain(message).collect(),
            None => vec![stage.say(msg!("scene.pause-not-yet"), &[])],
        };
    }
    // Where the containers share it, each sees all processes of the Pod.
    let mut seen: Vec<(u32, &Str)> = match inside.whose(Sort::Pid) {
        Whose::Shared => inside.processes.iter().map(|(_, row)| (row.local_pid, &row.command)).collect(),
        Whose::Own | Whose::Host => part.processes.clone(),
    };
    seen.sort();
    let mut lines: Vec<String> = seen.iter().map(|(pid, command)| format!("PID {pid} {command}")).collect();
    if lines.len() > MOST_PROCESSES {
        let more = lines.len() - MOST_PROCESSES + 1;
        lines.truncate(MOST_PROCESSES - 1);
        lines.push(format!("+{more}"));
    }
    lines
}

/// Tags that flow in one line; those that do not fit are left out for one that says so.
struct Tags<'a> {
    shapes: &'a mut Vec<Shape>,
    prefix: &'a str,
    left: f32,
    x: f32,
    right: f32,
    y: f32,
}

impl Tags<'_> {
    fn add(&mut self, hue: Hue, text: &str) {
        let key = format!("{}/tag/{}/{text}", self.prefix, hue.class());
        let room = self.right - self.x;
        let text =
            if self.x == self.left { ellipsize(text, Type::Label.font(), room - 20.0) } else { text.into() };
        if width(&text, Type::Label.font()) + 20.0 > room {
            return;
        }
        let (shapes, wide) = tag(&key, hue, [self.x, self.y], &text);
        self.shapes.extend(shapes);
        self.x += wide + 6.0;
    }
    /// Goes to the next line, where this one has anything.
    fn next(&mut self) {
        if self.x > self.left {
            self.y += TAGS;
            self.x = self.left;
        }
    }
}

/// A chip for each Linux namespace: filled where it is shared, an outline where it is the container's own.
fn namespaces(inside: &Inside, part: &Part, prefix: &str, [left, y]: [f32; 2], shapes: &mut Vec<Shape>) {
    if part.namespaces().is_none() {
        return;
    }
    let mut x = left;
    for sort in Sort::ALL {
        let key = format!("{prefix}/namespace/{}", sort.word());
        let wide = width(sort.word(), Type::Label.font()) + 18.0;
        let (frame, text) = match inside.whose(sort) {
            Whose::Own => (Role::BandApart(sort.hue()), Role::TextHue(sort.hue())),
            Whose::Shared | Whose::Host => (Role::Chip(sort.hue()), Role::TextOnHue),
        };
        shapes.push(Shape::rect(format!("{key}/chip"), frame, [x, y - 10.0, wide, 20.0], 10.0));
        let word =
            Shape::text(format!("{key}/text"), text, Type::Label, x + wide / 2.0, y + 4.3, sort.word());
        shapes.push(word.anchored(Anchor::Middle));
        x += wide + 6.0;
    }
}
