//! What `lsns` shows on the node of the Linux namespaces that the Pod's processes are in.

use std::collections::BTreeMap;

use super::super::Stage;
use super::inside::{Inside, Part, Sort, Whose};
use crate::cluster::runtime::{LinuxNamespace, ProcessRow};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, width};
use crate::scene::role::Role;
use crate::scene::shape::{Anchor, Shape};
use crate::scene::tokens::radius;
use crate::scene::typeface::Type;
use std::rc::Rc;

const ROW: f32 = 27.0;
const HEAD: f32 = 66.0;
const PADDING: f32 = 14.0;
/// Distances between columns.
const GAP: f32 = 12.0;
const GAP_NARROW: f32 = 8.0;
/// Who `pause` runs as: what its image says.
const PAUSE_USER: &str = "65535";

/// A line of the table.
struct Line<'a> {
    number: LinuxNamespace,
    sort: Sort,
    whose: Whose,
    /// How many of the Pod's processes are in it.
    processes: usize,
    /// The first of them: the node's pid and its command line.
    pid: u32,
    user: String,
    command: &'a str,
}

fn lines<'a>(inside: &Inside<'a>) -> Vec<Line<'a>> {
    let mut found: BTreeMap<(LinuxNamespace, Sort), Vec<(u32, &'a Rc<ProcessRow>)>> = BTreeMap::new();
    for (pid, process) in &inside.processes {
        for sort in Sort::ALL {
            let number = sort.of(&process.namespaces);
            found.entry((number, sort)).or_default().push((*pid, process));
        }
    }
    found
        .into_iter()
        .filter_map(|((number, sort), processes)| {
            let (pid, first) = processes.iter().min_by_key(|(pid, _)| *pid)?;
            let (processes, pid, command) = (processes.len(), *pid, &*first.command);
            let (whose, user) = (inside.whose(sort), user(inside, first));
            Some(Line { number, sort, whose, processes, pid, user, command })
        })
        .collect()
}

/// Who a process runs as, as the node names it: `pause` has its image's user, who has no name on a node, containers the one
/// that the Pod asks for, else root, as the kubelet here takes every image to have it.
fn user(inside: &Inside, process: &ProcessRow) -> String {
    if process.container.is_none() {
        return PAUSE_USER.to_owned();
    }
    let is_its = |part: &&Part| part.row.map(|(id, _)| id) == process.container;
    let container =
        inside.containers.iter().find(is_its).and_then(|part| part.wanted.security_context.as_ref());
    let contexts = [container, inside.pod.spec.security_context.as_ref()];
    let asked = contexts.into_iter().flatten().find_map(|context| context.get("runAsUser")?.as_int());
    match asked {
        None | Some(0) => "root".to_owned(),
        Some(number) => number.to_string(),
    }
}

/// The height of the table with all its lines.
pub(super) fn height(inside: &Inside) -> f32 {
    HEAD + lines(inside).len().max(2) as f32 * ROW + 40.0
}

/// Draws the table.
pub(super) fn draw(stage: &Stage, inside: &Inside, [x, y, wide, high]: [f32; 4], shapes: &mut Vec<Shape>) {
    let meta = &inside.pod.metadata;
    let prefix = format!("pods/{}/{}/lsns", meta.namespace, meta.name);
    let key = |part: &str| format!("{prefix}/{part}");
    let node = inside.pod.spec.node_name.clone();
    let (left, right) = (x + PADDING, x + wide - PADDING);
    shapes.push(Shape::rect(key("panel"), Role::Panel, [x, y, wide, high], radius::PANEL));
    if node.is_empty() {
        return;
    }
    let title = stage.say(msg!("scene.lsns"), &[("node", Arg::Text(node))]);
    let title = ellipsize(&title, Type::CodeStrong.font(), right - left);
    shapes.push(Shape::text(key("title"), Role::Text, Type::CodeStrong, left, y + 28.0, title));
    let font = Type::CodeSmall.font();
    let digits = |count: usize| width(&"0".repeat(count), font);
    let gap = if stage.is_narrow() { GAP_NARROW } else { GAP };
    let starts = {
        let mut at = left;
        // What is a number stands at the right of its column.
        [10, 4, 6, 5, 5].map(|count| {
            let start = at;
            at += digits(count) + gap;
            [start, start + digits(count)]
        })
    };
    let [ns, sort, processes, pid, user] = starts;
    let command = user[1] + gap;
    let base = y + 52.0;
    for (part, [start, end], is_number) in [
        ("NS", ns, true),
        ("TYPE", sort, false),
        ("NPROCS", processes, true),
        ("PID", pid, true),
        ("USER", user, false),
        ("COMMAND", [command; 2], false),
    ] {
        let (at, anchor) = if is_number { (end, Anchor::End) } else { (start, Anchor::Start) };
        let head = Shape::text(key(part), Role::TextMuted, Type::CodeSmall, at, base, part);
        shapes.push(head.anchored(anchor));
    }
    let lines = lines(inside);
    if lines.is_empty() {
        let text = stage.say(msg!("scene.no-process"), &[]);
        let text = ellipsize(&text, Type::Caption.font(), right - left);
        shapes.push(Shape::text(key("none"), Role::TextMuted, Type::Caption, left, y + HEAD + 18.0, text));
        return;
    }
    let fitting = ((high - HEAD - 40.0) / ROW).floor().max(1.0) as usize;
    let shown = if lines.len() > fitting { fitting - 1 } else { lines.len() };
    for (place, line) in lines.iter().take(shown).enumerate() {
        let top = y + HEAD + place as f32 * ROW;
        let key = |part: &str| format!("{prefix}/{}/{}/{part}", line.sort.word(), line.number.0);
        let base = top + 17.0;
        let is_hosts = line.whose == Whose::Host;
        if !is_hosts {
            let ground = [x + 6.0, top, wide - 12.0, ROW - 3.0];
            shapes.push(Shape::rect(key("ground"), Role::Tint(line.sort.hue()), ground, 6.0));
        }
        let end = |part: &str, role, at: f32, text: String| {
            Shape::text(key(part), role, Type::CodeSmall, at, base, text).anchored(Anchor::End)
        };
        let ink = if is_hosts { Role::TextMuted } else { Role::Text };
        shapes.push(end("ns", ink, ns[1], line.number.0.to_string()));
        let word = line.sort.word();
        shapes.push(Shape::text(
            key("type"),
            Role::TextHue(line.sort.hue()),
            Type::CodeStrong,
            sort[0],
            base,
            word,
        ));
        // How many processes of the node itself are in it is not known here.
        let count = if is_hosts { format!("{}+", line.processes) } else { line.processes.to_string() };
        shapes.push(end("nprocs", ink, processes[1], count));
        let (pid_text, user_text, said) = if is_hosts {
            ("…".to_owned(), "…".to_owned(), stage.say(msg!("scene.lsns-host"), &[]))
        } else {
            (line.pid.to_string(), line.user.clone(), line.command.to_owned())
        };
        shapes.push(end("pid", ink, pid[1], pid_text));
        let user_text = ellipsize(&user_text, font, user[1] - user[0]);
        shapes.push(Shape::text(key("user"), ink, Type::CodeSmall, user[0], base, user_text));
        let said = ellipsize(&said, font, right - command);
        shapes.push(Shape::text(key("command"), ink, Type::CodeSmall, command, base, said));
    }
    if shown < lines.len() {
        let text = format!("+{}", lines.len() - shown);
        let base = y + HEAD + shown as f32 * ROW + 17.0;
        shapes.push(Shape::text(key("more"), Role::TextMuted, Type::CodeSmall, left, base, text));
    }
    let note = stage.say(msg!("scene.lsns-of-pod"), &[]);
    let note = ellipsize(&note, Type::Caption.font(), right - left);
    let base = (y + HEAD + lines.len() as f32 * ROW + 22.0).min(y + high - 14.0);
    shapes.push(Shape::text(key("note"), Role::TextMuted, Type::Caption, left, base, note));
}
