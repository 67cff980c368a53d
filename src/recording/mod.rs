//! What a real cluster did, as somebody has recorded it: read, laid out in time, and held against the simulation of the same
//! manifests.
//!
//! - A [`Reader`] goes through the texts piece by piece (`pieces`): JSON objects one after the other, or the items of lists.
//!   Each is an event of a watch, an object as one look found it, or nothing that is known here. It ends with a [`Recording`].
//! - A [`Recording`] is its events in the order of time, each with the whole object as it was then, and the `records` that a
//!   [`History`](crate::timeline::History) is filled with. So the views, the teller and the inspector show it as they show a run.
//! - A [`Live`](live::Live) makes a recording that grows of what a cluster's API server lists and tells to watches.
//! - [`Again`] simulates the same manifests and finds the first [`Difference`], lane by lane (`lanes`, `names`, `mask`).
//!
//! What always holds:
//!
//! - No moment is invented. A change stands at the time at which the watcher saw it ([`Source::Timed`]), or at one that the
//!   object itself tells, to the second ([`Source::Watch`], [`Source::Look`]). What an object does not tell of its past is left
//!   out of its past.
//! - The events are in the order of time, and the last one about an object holds it as it was recorded, whole.
//! - A record's actor is told by what changed (`actors`). There are no requests, messages, processes or signals in it.
//! - Nothing is asked of a cluster, and nothing is done to one: a recording only passes by.

mod actors;
mod again;
pub mod asked;
mod difference;
pub mod lanes;
pub mod live;
mod look;
pub mod mask;
pub mod names;
mod pieces;
mod read;
mod rows;
mod runs;
mod times;
pub mod watch;

#[cfg(test)]
mod tests;

use crate::cluster::record::Record;
use crate::cluster::setup::{NodeSetup, Setup};
use crate::cluster::time::{SimTime, WallClock};
use crate::kubectl::Files;
use crate::msg;
use crate::timeline::{Start, Timeline};
use crate::value::{Map, Str, Value, json};
pub use again::Again;
pub use difference::{Difference, Outcome};
pub use read::{ReadError, Reader, is_recorded, part};

/// The most that is read, in bytes.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;

/// One event of a watch.
#[derive(Clone, Debug, PartialEq)]
pub struct WatchEvent {
    /// When it was seen, in seconds since the beginning.
    pub t: f64,
    /// `ADDED`, `MODIFIED` or `DELETED`.
    pub event: String,
    /// The plural, as `pods`.
    pub resource: String,
    /// The object as it was then.
    pub object: Value,
}

/// Where the times of a recording come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The watcher has written down when it saw each event.
    Timed,
    /// A watch without times: an event stands at the newest time that its object tells.
    Watch,
    /// Objects as they were once: what they tell of their past is laid out in time.
    Look,
}

/// What a cluster did.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Where its times come from.
    pub source: Source,
    /// What the clocks showed at its beginning.
    pub wall: WallClock,
    /// When it ends.
    pub end: SimTime,
    /// The events, in the order of time.
    pub watch: Vec<WatchEvent>,
    /// How many objects it is about.
    pub objects: usize,
    /// How many pieces were left out: of kinds that are not known, or no objects at all.
    pub left_out: usize,
    /// Whether its last piece was cut off.
    pub is_cut: bool,
    /// The nodes that it names.
    pub nodes: Vec<Str>,
    /// Whether it grows: the cluster is watched now.
    pub is_live: bool,
    records: Vec<Record>,
}

/// Of a recording there is one: whoever has the same has it.
impl PartialEq for Recording {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Recording {}

impl Recording {
    /// The line of time that shows it.
    pub fn timeline(&self) -> Timeline {
        let nodes = self.nodes.iter().enumerate();
        let setup = Setup {
            wall: self.wall,
            nodes: nodes.map(|(place, name)| NodeSetup::named(name.clone(), place + 1)).collect(),
            ..Setup::with_seed(1)
        };
        let start = Start { setup, namespace: self.namespace(), files: Files::new() };
        Timeline::recorded(start, self.opening(), self.nodes.clone(), self.records.clone(), self.end)
    }
    /// The message that says what begins with it.
    fn opening(&self) -> &'static str {
        match self.source {
            _ if self.is_live => msg!("say.recorded-begins-live"),
            Source::Timed => msg!("say.recorded-begins"),
            Source::Watch => msg!("say.recorded-begins-untimed"),
            Source::Look => msg!("say.recorded-begins-look"),
        }
    }
    /// It as a text that can be read again: a line for each event, with its time. The first line and the last say what the
    /// clocks showed: no object of a cluster where little happens would tell that.
    pub fn to_lines(&self) -> String {
        let mut out = String::new();
        let mut add = |t: f64, pairs: &mut dyn FnMut(&mut Map)| {
            let mut line = Map::new();
            line.push("t", Value::Float((t * 1e6).round() / 1e6));
            pairs(&mut line);
            out += &json::compact_in_order(&Value::from(line));
            out.push('\n');
        };
        let clock = |at: SimTime| move |line: &mut Map| line.push("clock", self.wall.rfc3339_micro(at));
        add(0.0, &mut clock(SimTime::ZERO));
        for event in &self.watch {
            add(event.t, &mut |line| {
                line.push("type", event.event.as_str());
                line.push("resource", event.resource.as_str());
                line.push("object", event.object.clone());
            });
        }
        add(self.end.as_seconds(), &mut clock(self.end));
        out
    }
    /// The Namespace that most of its events are in.
    fn namespace(&self) -> Str {
        let mut counts = std::collections::BTreeMap::new();
        for event in &self.watch {
            if let Some(namespace) = event.object.at(&["metadata", "namespace"]).and_then(Value::as_str) {
                *counts.entry(namespace).or_insert(0) += 1;
            }
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        most.map_or("default", |(namespace, _)| namespace).into()
    }
}

/// A simulated moment of seconds since the beginning.
fn moment(t: f64) -> SimTime {
    SimTime((t.max(0.0) * 1_000_000.0).round() as u64)
}

/// What is under a key as text; empty where there is none.
fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// What is under a key as a list; empty where there is none.
fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).unwrap_or_default()
}

/// The owner that manages an object: its kind and its name.
fn controller(object: &Value) -> Option<(&str, &str)> {
    let owners = object.at(&["metadata", "ownerReferences"]).and_then(Value::as_array)?;
    let owner = owners.iter().find(|owner| owner.get("controller").and_then(Value::as_bool) == Some(true))?;
    Some((text(owner, "kind"), text(owner, "name")))
}
