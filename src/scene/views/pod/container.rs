//! The card of a container.

use super::super::Stage;
use super::inside::{Inside, Mounted, Part, Sort, Whose};
use super::why;
use crate::api::objects::LifecycleHandler;
use crate::cluster::runtime::{ContainerPhase, ContainerRole};
use crate::cluster::time::MILLI;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, ellipsize_middle, ellipsize_start, width, wrap, wrap_word};
use crate::scene::parts::{badge, tag};
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Shape, Target};
use crate::scene::tokens::{Hue, State, radius};
use crate::scene::typeface::Type;
use crate::value::Str;

/// Lines of a message at most, and of all else.
const MOST_LINES: [usize; 2] = [5, 2];
/// Characters of a message that are looked at: more than its lines have room for.
const MOST_TOLD: usize = 1000;
/// Processes that a card names at most.
const MOST_PROCESSES: usize = 3;
const PADDING: f32 = 14.0;
const WELL: f32 = 28.0;
const WELL_GAP: f32 = 5.0;
/// From the edge of a well to its text: `PodInitializing` stands in one line of a narrow card.
const WELL_INSET: f32 = 6.0;
/// From a line in a well to the next.
const LINE: f32 = 15.0;
/// What runs needs two lines where there is less room.
const FEW: f32 = 220.0;
const TAGS: f32 = 28.0;
/// The end of a folder's path is worth telling from this width on.
const LEAST_PATH: f32 = 28.0;
const FIRST_WELL: f32 = 76.0;
/// The same of what has done its work, on a phone.
const DONE_WELL: f32 = 57.0;

/// The height of a card that is so wide. One that is to listen has the line for it before it does.
pub(super) fn height(stage: &Stage, inside: &Inside, part: &Part, wide: f32, with_namespaces: bool) -> f32 {
    let room = wide - 2.0 * PADDING;
    let wells = wells(stage, inside, part);
    let wells: f32 = wells.iter().map(|well| well_height(&well.lines(room)) + WELL_GAP).sum();
    // Beside others, what waits has the room that it needs when it runs.
    let least = if room < FEW && !with_namespaces { WELL + LINE } else { WELL };
    let wells = wells.max(least + WELL_GAP);
    let listens = part.row.is_some_and(|(_, row)| !row.listens.is_empty());
    let has_ports = listens || part.signal.is_some() || !part.wanted.ports.is_empty();
    let tags = [has_ports, !part.volumes.is_empty(), with_namespaces];
    // On a phone what has done its work gives way to what runs.
    if with_namespaces && part.is_done_init() {
        return DONE_WELL + WELL + 10.0;
    }
    let tags = tags.into_iter().filter(|has| *has).count();
    FIRST_WELL + wells + tags as f32 * TAGS + 10.0
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
    let all = wells(stage, inside, part);
    let own = all.iter().find(|well| !well.is_others).or(all.first());
    let said = own.map(|well| well.text.clone()).unwrap_or_default();
    for (place, well) in all.into_iter().take(if is_short { 1 } else { usize::MAX }).enumerate() {
        let key = |end: &str| format!("{prefix}/line/{place}/{end}");
        let role = if well.is_others { Role::TextMuted } else { Role::Text };
        let lines = if is_short { Well { most: 1, ..well }.lines(room) } else { well.lines(room) };
        let high = well_height(&lines);
        shapes.push(Shape::rect(key("well"), Role::Well, [left, y, room, high], radius::CHIP));
        for (nth, line) in lines.into_iter().enumerate() {
            let key = if nth == 0 { key("text") } else { key(&format!("text/{nth}")) };
            let base = y + 18.5 + nth as f32 * LINE;
            shapes.push(Shape::text(key, role, Type::CodeSmall, left + WELL_INSET, base, line));
        }
        y += high + WELL_GAP;
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
        namespaces(stage, inside, part, &prefix, [left, high - 24.0], &mut shapes);
    }
    let target = Target::Container { pod: inside.key(), name: part.wanted.name.clone() };
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

/// The volumes of a container: each with the claim that it is and the folder where it is. Where these have no room for that, one
/// alone has the end of its folder, and several have their names.
fn volumes(part: &Part, room: f32) -> Vec<String> {
    let name = |mounted: &Mounted| match mounted.claim {
        Some(claim) => format!("PVC {claim}"),
        None => mounted.name.to_string(),
    };
    let whole = |mounted: &Mounted| format!("{} → {}", name(mounted), mounted.path);
    let wide = |text: &String| width(text, Type::Label.font()) + 26.0;
    let texts: Vec<String> = part.volumes.iter().map(whole).collect();
    if texts.iter().map(wide).sum::<f32>() <= room + 6.0 {
        return texts;
    }
    if let [mounted] = &*part.volumes {
        let begin = format!("{} → ", name(mounted));
        let left = room - 22.0 - width(&begin, Type::Label.font());
        let end = ellipsize_start(mounted.path, Type::Label.font(), left.max(0.0));
        if left > LEAST_PATH {
            return vec![format!("{begin}{end}")];
        }
    }
    part.volumes.iter().map(|mounted| mounted.name.to_string()).collect()
}

/// A text that stands in a box of its own, in so many lines at most.
struct Well {
    text: String,
    most: usize,
    /// What of it stands alone, parted within, where all of it has no room.
    word: Option<Str>,
    /// Whether it is another container's, or `pause`.
    is_others: bool,
}

impl Well {
    fn new(text: String) -> Self {
        Self { text, most: MOST_LINES[1], word: None, is_others: false }
    }
    fn lines(&self, room: f32) -> Vec<Str> {
        let (font, room) = (Type::CodeSmall.font(), room - 2.0 * WELL_INSET);
        let text: String = self.text.chars().take(MOST_TOLD).collect();
        let mut lines = wrap(&text, font, room);
        if lines.len() > self.most {
            let parted = self.word.as_deref().and_then(|word| wrap_word(word, font, room));
            if let Some(parted) = parted.filter(|lines| lines.len() <= self.most) {
                return parted;
            }
            let rest = lines.split_off(self.most - 1);
            let rest: Vec<&str> = rest.iter().map(|line| &**line).collect();
            lines.push(ellipsize(&rest.join(" "), font, room));
        }
        lines
    }
}

fn well_height(lines: &[Str]) -> f32 {
    WELL + lines.len().saturating_sub(1) as f32 * LINE
}

/// What runs in a container, or why nothing does. Beside the table of a wide stage all of a message is told.
fn wells(stage: &Stage, inside: &Inside, part: &Part) -> Vec<Well> {
    let waiting = part.status.and_then(|status| status.state.waiting.as_ref());
    let message = waiting
        .filter(|waiting| stage.size[0] < super::BESIDE && !waiting.message.is_empty())
        .map(|waiting| Well { most: MOST_LINES[0], ..Well::new(why::without_pod(&waiting.message)) });
    let waiting = waiting.filter(|waiting| !waiting.reason.is_empty()).map(|waiting| {
        let reason = Arg::Text(waiting.reason.clone());
        let text = stage.say(msg!("scene.container-waits"), &[("reason", reason)]);
        Well { word: Some(waiting.reason.clone()), ..Well::new(text) }
    });
    if let Some(ContainerPhase::Exited { code, since, until, .. }) = part.row.map(|(_, row)| &row.state) {
        let took = until.since(*since) / MILLI;
        let args = [("code", Arg::Number((*code).into())), ("took", Arg::Millis(took))];
        let ended = Well::new(stage.say(msg!("scene.container-ended"), &args));
        let taken = inside.taken_port(part);
        let taken = taken.map(|port| Well::new(format!("bind :{port}: address already in use")));
        return std::iter::once(ended).chain(taken).chain(waiting).chain(message).collect();
    }
    if part.processes.is_empty() {
        let pulls = inside.node.is_some_and(|node| stage.view.pulls(node, &part.wanted.image));
        return match waiting {
            _ if pulls => vec![Well::new(stage.say(msg!("scene.container-pulls"), &[]))],
            Some(waiting) => std::iter::once(waiting).chain(message).collect(),
            None => vec![Well::new(stage.say(msg!("scene.pause-not-yet"), &[]))],
        };
    }
    processes(inside, part)
}

/// The processes that a container sees: its own, and all of the Pod's where the containers share them. Of too many, its own stay.
/// That it sees those of the node besides, where it is in the node's PID namespace, is said of that.
fn processes(inside: &Inside, part: &Part) -> Vec<Well> {
    let own = part.row.map(|(id, _)| id);
    let mut seen: Vec<(bool, u32, &Str)> = match inside.whose(Sort::Pid) {
        Whose::Shared => {
            let all = inside.processes.iter();
            all.map(|(_, row)| (row.container != own, row.local_pid, &row.command)).collect()
        }
        Whose::Own | Whose::Host => {
            part.processes.iter().map(|(pid, command)| (false, *pid, *command)).collect()
        }
    };
    seen.sort();
    let more = if seen.len() > MOST_PROCESSES { seen.len() - MOST_PROCESSES + 1 } else { 0 };
    seen.truncate(seen.len() - more);
    seen.sort_by_key(|(_, pid, _)| *pid);
    let hook = pre_stop(part);
    let first = part.processes.iter().map(|(pid, _)| *pid).min();
    let is_hook = |pid: u32, command: &str| {
        // A shell may have become the command that it was to run.
        let is_its = |hook: &str| {
            hook.strip_suffix(command).is_some_and(|before| before.is_empty() || before.ends_with(' '))
        };
        // The first process of a container is its own.
        first != Some(pid)
            && hook.as_deref().is_some_and(is_its)
            && part.processes.iter().any(|(own, _)| *own == pid)
    };
    let line = |(is_others, pid, command): &(bool, u32, &Str)| {
        let what = if is_hook(*pid, command) { "preStop · " } else { "" };
        Well { is_others: *is_others, ..Well::new(format!("PID {pid} {what}{command}")) }
    };
    let mut lines: Vec<Well> = seen.iter().map(line).collect();
    if more > 0 {
        lines.push(Well { is_others: true, ..Well::new(format!("+{more}")) });
    }
    // What the kubelet does itself is no process of the container.
    let is_command = |handler: &LifecycleHandler| handler.exec.is_some();
    let lifecycle = part.wanted.lifecycle.as_ref();
    let has_process = lifecycle.and_then(|lifecycle| lifecycle.pre_stop.as_ref()).is_some_and(is_command);
    let itself = hook.as_ref().filter(|_| !has_process);
    lines.extend(itself.map(|hook| Well::new(format!("preStop · {hook}"))));
    lines
}

/// What the preStop hook of a container does now.
fn pre_stop(part: &Part) -> Option<String> {
    let handler = part.wanted.lifecycle.as_ref()?.pre_stop.as_ref().filter(|_| part.runs_pre_stop)?;
    if let Some(exec) = &handler.exec {
        let words: Vec<&str> = exec.command.iter().map(|word| &**word).collect();
        return Some(words.join(" "));
    }
    let slept = handler.sleep.as_ref().map(|sleep| format!("sleep {}", sleep.seconds));
    Some(slept.unwrap_or_else(|| "httpGet".to_owned()))
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

/// A chip for each Linux namespace: filled where the containers share it, dashed where it is the container's own, and an outline
/// behind the node's name for it where it is the node's.
fn namespaces(
    stage: &Stage,
    inside: &Inside,
    part: &Part,
    prefix: &str,
    [left, y]: [f32; 2],
    shapes: &mut Vec<Shape>,
) {
    if part.namespaces().is_none() {
        return;
    }
    let hosts = inside.hosts();
    let mut x = left;
    let chip = |x: &mut f32, sort: Sort| {
        let key = format!("{prefix}/namespace/{}", sort.word());
        let wide = width(sort.word(), Type::Label.font()) + 18.0;
        let (frame, text) = match inside.whose(sort) {
            Whose::Own => (Role::BandApart(sort.hue()), Role::TextHue(sort.hue())),
            Whose::Shared => (Role::Chip(sort.hue()), Role::TextOnHue),
            Whose::Host => (Role::CardFrame(sort.hue()), Role::TextHue(sort.hue())),
        };
        let word =
            Shape::text(format!("{key}/text"), text, Type::Label, *x + wide / 2.0, y + 4.3, sort.word());
        let frame = Shape::rect(format!("{key}/chip"), frame, [*x, y - 10.0, wide, 20.0], 10.0);
        *x += wide + 6.0;
        [frame, word.anchored(Anchor::Middle)]
    };
    for sort in Sort::ALL.into_iter().filter(|sort| !hosts.contains(sort)) {
        shapes.extend(chip(&mut x, sort));
    }
    if hosts.is_empty() {
        return;
    }
    let said = stage.say(msg!("scene.host-chips"), &[]);
    let after = x + 4.0 + width(&said, Type::Caption.font()) + 6.0;
    let key = format!("{prefix}/namespace/host");
    shapes.push(Shape::text(key, Role::TextMuted, Type::Caption, x + 4.0, y + 4.3, said));
    x = after;
    for sort in hosts {
        shapes.extend(chip(&mut x, sort));
    }
}
