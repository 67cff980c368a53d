//! What somebody has had executed in the containers of the Pod: a file that one writes and another reads shows what they have
//! together.

use super::super::Stage;
use super::bands::Place;
use super::inside::{Inside, Sort};
use crate::scene::parts::arrow;
use crate::scene::paths::{glyph, polyline};
use crate::scene::role::Role;
use crate::scene::shape::Shape;
use crate::scene::tokens::{Hue, State};
use crate::timeline::CommandView;

/// Commands that are shown at most: who writes, and who reads.
const MOST: usize = 2;
/// Where the runtime mounts the shared memory of the sandbox.
const MEMORY: &str = "/dev/shm";

/// A command that was executed in a container of the Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Executed {
    /// As it was typed.
    pub(super) line: String,
    /// The first line that it has printed.
    pub(super) printed: String,
    /// Whether it has failed.
    pub(super) has_failed: bool,
    /// The place of its container among those of the Pod.
    container: usize,
    /// The file that it writes or reads, as a path in what holds it.
    file: Option<(Deed, Held)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Writes,
    Reads,
}

/// What holds a file, and its path there.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Held {
    Memory(String),
    Volume(String, String),
    Own(usize, String),
}

/// The last commands that were executed in the Pod, the oldest first.
pub(super) fn executed(stage: &Stage, inside: &Inside) -> Vec<Executed> {
    let mut all: Vec<Executed> = stage.view.commands().filter_map(|command| of(inside, &command)).collect();
    all.split_off(all.len().saturating_sub(MOST))
}

/// Where a command is to be executed, as its words say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Asked<'a> {
    pod: &'a str,
    namespace: Option<&'a str>,
    container: Option<&'a str>,
}

/// What stands between `kubectl exec` and the command: the Pod is the first word that is neither a flag nor the value of one.
fn asked(head: &str) -> Asked<'_> {
    let mut asked = Asked::default();
    let mut words = head.split_whitespace();
    while let Some(word) = words.next() {
        let (flag, value) = word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value)));
        match flag {
            "-c" | "--container" => asked.container = value.or_else(|| words.next()),
            "-n" | "--namespace" => asked.namespace = value.or_else(|| words.next()),
            _ if flag.starts_with('-') || !asked.pod.is_empty() => {}
            _ => asked.pod = word.strip_prefix("pod/").unwrap_or(word),
        }
    }
    asked
}

fn of(inside: &Inside, command: &CommandView) -> Option<Executed> {
    let (head, does) = command.line.strip_prefix("kubectl exec ")?.split_once(" -- ")?;
    let asked = asked(head);
    let meta = &inside.pod.metadata;
    // Which Namespace the context of kubectl had is not recorded.
    let is_it = *asked.pod == *meta.name && *asked.namespace.unwrap_or("default") == *meta.namespace;
    let name = match asked.container {
        Some(name) => name,
        None => &*inside.pod.spec.containers.first()?.name,
    };
    let container = inside.containers.iter().position(|part| *part.wanted.name == *name)?;
    let printed = command.printed().flat_map(|(_, text)| text.lines()).next().unwrap_or_default().to_owned();
    is_it.then(|| Executed {
        line: format!("$ {}", command.line),
        printed,
        has_failed: command.ended.is_some_and(|(_, code)| code != 0),
        container,
        file: file(inside, container, does),
    })
}

fn file(inside: &Inside, container: usize, does: &str) -> Option<(Deed, Held)> {
    let (deed, path) = match (does.strip_prefix("cat "), does.rsplit_once('>')) {
        (_, Some((_, path))) => (Deed::Writes, path),
        (Some(path), None) => (Deed::Reads, path),
        (None, None) => return None,
    };
    let path = path.trim().trim_end_matches(['\'', '"']);
    let below = |folder: &str| {
        let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
        rest.starts_with('/').then(|| rest.to_owned())
    };
    let mounts = inside.containers.get(container)?.wanted.volume_mounts.iter();
    let mount = mounts
        .filter_map(|mount| Some((mount.mount_path.len(), mount, below(&mount.mount_path)?)))
        .max_by_key(|(length, ..)| *length);
    let held = match (mount, below(MEMORY)) {
        (Some((_, mount, rest)), _) => {
            Held::Volume(mount.name.to_string(), format!("{}{rest}", mount.sub_path))
        }
        (None, Some(rest)) => Held::Memory(rest),
        (None, None) => Held::Own(container, path.to_owned()),
    };
    Some((deed, held))
}

/// From who has written to who has read, over the band of what they have together, as it came out. `pins` are the places of the
/// containers' pins by their names.
pub(super) fn way(inside: &Inside, commands: &[Executed], place: &Place, pins: &[(&str, f32)]) -> Vec<Shape> {
    let [written, read] = commands else { return Vec::new() };
    let (Some((Deed::Writes, held)), Some((Deed::Reads, found))) = (&written.file, &read.file) else {
        return Vec::new();
    };
    let path = |held: &Held| match held {
        Held::Memory(path) | Held::Volume(_, path) | Held::Own(_, path) => path.clone(),
    };
    if written.container == read.container || path(held) != path(found) {
        return Vec::new();
    }
    let x = |container: usize| {
        let name = &*inside.containers.get(container)?.wanted.name;
        pins.iter().find(|(pin, _)| *pin == name).map(|(_, x)| *x)
    };
    let (Some(from), Some(to)) = (x(written.container), x(read.container)) else { return Vec::new() };
    let sort = if matches!(held, Held::Memory(_)) { Sort::Ipc } else { Sort::Mnt };
    let number = Sort::ALL.iter().position(|other| *other == sort).unwrap_or(0);
    let middle = place.middle(number);
    let above = middle - 13.0;
    let hue = if sort == Sort::Ipc { Hue::Ipc } else { Hue::Volume };
    if held == found && !read.has_failed {
        let points = [[from, middle - 6.0], [from, above], [to, above], [to, middle - 5.0]];
        return arrow("exchange", Role::EdgeOwner(hue), hue, polyline(&points, 5.0));
    }
    // What each has of its own, the other does not find.
    let aside = if to > from { -16.0 } else { 16.0 };
    let points = [[from, middle - 6.0], [from, above], [to + aside, above]];
    vec![
        Shape::path("exchange/line", Role::EdgeSelects(Hue::Failed), polyline(&points, 5.0)),
        Shape::path(
            "exchange/none",
            Role::RequestFailed(Hue::Failed),
            glyph(State::Terminating, [to + aside / 2.0, above], 12.0),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pod_is_the_first_word_that_is_no_flag_nor_the_value_of_one() {
        let of = |head| {
            let Asked { pod, namespace, container } = asked(head);
            (pod, namespace, container)
        };
        for (head, expected) in [
            ("db -c web", ("db", None, Some("web"))),
            ("-c web db", ("db", None, Some("web"))),
            ("-it -n shop pod/db", ("db", Some("shop"), None)),
            ("--container=web --namespace=shop db", ("db", Some("shop"), Some("web"))),
            ("-c", ("", None, None)),
        ] {
            assert_eq!(of(head), expected, "{head}");
        }
    }
}
