//! Zones: how fast nodes are given up, and when none is, since it is rather the control plane that is cut off
//! (upstream: handleDisruption, ComputeZoneState, nodelifecycle/scheduler/rate_limited_queue.go).

use super::{NodeLifecycleController, Pass};
use crate::api::objects::ConditionStatus;
use crate::cluster::controllers::WorkQueue;
use crate::cluster::time::{MILLI, Micros, SECOND, SimTime};
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// One node is given up in so long (upstream: evictionLimiterQPS 0.1).
const INTERVAL: Micros = 10 * SECOND;
/// The same in a zone of which most is lost, where it is large (upstream: secondaryEvictionLimiterQPS 0.01).
const SLOW_INTERVAL: Micros = 100 * SECOND;
/// A zone is large that has more nodes (upstream: largeClusterThreshold).
const LARGE: usize = 50;
/// How often the queues are looked at (upstream: NodeEvictionPeriod).
const PERIOD: Micros = 100 * MILLI;

/// How a zone is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Nothing was seen of it yet.
    #[default]
    Initial,
    /// Few nodes are lost.
    Normal,
    /// More than two, and at least 55 %, are lost.
    PartialDisruption,
    /// All are.
    FullDisruption,
}

#[derive(Clone, Debug)]
struct Zone {
    state: State,
    /// How long lies between two nodes; none where none is given up.
    interval: Option<Micros>,
    /// When the next may be.
    next: SimTime,
    queue: VecDeque<Str>,
}

impl Default for Zone {
    fn default() -> Self {
        Self { state: State::Initial, interval: Some(INTERVAL), next: SimTime::ZERO, queue: VecDeque::new() }
    }
}

/// All zones.
#[derive(Clone, Debug, Default)]
pub(super) struct Zones {
    zones: BTreeMap<Str, Zone>,
    /// The nodes that were given up, or are about to be.
    marked: BTreeSet<Str>,
    is_disrupted: bool,
}

impl Zones {
    /// Whether no node of any zone is ready.
    pub(super) fn is_disrupted(&self) -> bool {
        self.is_disrupted
    }
    /// A node is to be given up in its turn. One that has lost its taint again takes another turn.
    pub(super) fn mark_for_tainting(&mut self, zone: Str, node: &Str, is_tainted: bool) {
        if !is_tainted {
            self.forget(node);
        }
        if self.marked.insert(node.clone()) {
            self.zones.entry(zone).or_default().queue.push_back(node.clone());
        }
    }
    /// A node is not to be given up.
    pub(super) fn forget(&mut self, node: &Str) {
        if self.marked.remove(node) {
            self.zones.values_mut().for_each(|zone| zone.queue.retain(|other| other != node));
        }
    }
    /// The nodes whose turn can be told now, and how long each waits.
    pub(super) fn take_due(&mut self, now: SimTime) -> Vec<(Str, Micros)> {
        let mut due = Vec::new();
        for zone in self.zones.values_mut() {
            let Some(interval) = zone.interval else { continue };
            while let Some(node) = zone.queue.pop_front() {
                let at = zone.next.max(now);
                zone.next = at + interval;
                due.push((node, at.since(now) + PERIOD / 2));
            }
        }
        due
    }
}

impl NodeLifecycleController {
    /// Holds the states of all zones against what they were at the last look.
    pub(super) fn handle_disruption(
        &mut self,
        now: SimTime,
        nodes: &[(Str, Str, ConditionStatus)],
        queue: &mut WorkQueue,
    ) {
        let mut counts: BTreeMap<Str, (usize, usize)> = BTreeMap::new();
        for (_, zone, status) in nodes {
            let (ready, lost) = counts.entry(zone.clone()).or_default();
            if *status == ConditionStatus::True { *ready += 1 } else { *lost += 1 }
        }
        self.zones.zones.retain(|name, _| counts.contains_key(name));
        let states: BTreeMap<Str, (State, usize)> = counts
            .into_iter()
            .map(|(zone, (ready, lost))| (zone, (zone_state(ready, lost), ready + lost)))
            .collect();
        let is_full = states.values().all(|(state, _)| *state == State::FullDisruption);
        let was_full = std::mem::replace(&mut self.zones.is_disrupted, is_full && !states.is_empty());
        let is_full = self.zones.is_disrupted;
        for (name, (state, size)) in states {
            let zone = self.zones.zones.entry(name).or_default();
            if zone.state == state && was_full == is_full {
                continue;
            }
            zone.state = state;
            zone.interval = match state {
                _ if is_full => None,
                State::PartialDisruption if size > LARGE => Some(SLOW_INTERVAL),
                State::PartialDisruption => None,
                _ => Some(INTERVAL),
            };
        }
        if is_full && !was_full {
            nodes.iter().for_each(|(node, ..)| queue.add(Pass::Health.key(node)));
        }
        if was_full && !is_full {
            self.begin_anew(now);
        }
    }
}

fn zone_state(ready: usize, lost: usize) -> State {
    if ready == 0 && lost > 0 {
        State::FullDisruption
    } else if lost > 2 && lost * 100 >= (lost + ready) * 55 {
        State::PartialDisruption
    } else {
        State::Normal
    }
}
