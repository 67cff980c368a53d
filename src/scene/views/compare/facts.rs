//! What happens in one of the two runs within the time that is looked at: the lives of its Pods, and its requests.

use super::super::objects::{lives, seen};
use crate::api::objects::Pod;
use crate::api::{Kind, ObjectKey};
use crate::cluster::record::{Change, Fact, HookKind};
use crate::cluster::time::{Micros, SimTime};
use crate::cluster::traffic::Outcome;
use crate::scene::tokens::State;
use crate::timeline::compare::Settling;
use crate::timeline::{History, RowKey};
use crate::value::Str;

/// How a Pod is for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stretch {
    pub(super) from: SimTime,
    pub(super) to: SimTime,
    pub(super) state: State,
    pub(super) is_ready: bool,
}

/// A Pod.
#[derive(Clone, Debug)]
pub(super) struct PodLane {
    pub(super) key: ObjectKey,
    pub(super) stretches: Vec<Stretch>,
    /// Its preStop hooks, each from when to when.
    pub(super) hooks: Vec<[SimTime; 2]>,
    /// The signals that its containers got, each at its time.
    pub(super) signals: Vec<SimTime>,
}

impl PodLane {
    /// When it came and when it went.
    pub(super) fn life(&self) -> [SimTime; 2] {
        let ends = self.stretches.first().zip(self.stretches.last());
        ends.map_or([SimTime::ZERO; 2], |(first, last)| [first.from, last.to])
    }
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) at: SimTime,
    /// When and how it ended; none while it is under way at the end of what is recorded.
    pub(super) ended: Option<(SimTime, Ending)>,
    pub(super) pod: Option<ObjectKey>,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Served,
    Refused,
    TimedOut,
    CutOff,
}

impl Sent {
    /// Whether it was lost.
    pub(super) fn is_lost(&self) -> bool {
        self.ended.is_some_and(|(_, ending)| ending != Ending::Served)
    }
}

/// What happens in a run.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// In the order in which they came.
    pub(super) pods: Vec<PodLane>,
    /// In the order in which they were sent.
    pub(super) requests: Vec<Sent>,
    /// How long after the last act all Pods were settled; none where they were not in what is recorded.
    pub(super) settled: Option<Micros>,
    /// Whether all of the run is recorded.
    pub(super) is_whole: bool,
    /// Whether acts are still to come that are not recorded: when the Pods will be settled is not known then.
    pub(super) is_to_come: bool,
}

impl Facts {
    pub(super) fn new(history: &History, span: [SimTime; 2]) -> Self {
        let view = history.at(history.end());
        let lives = lives(view, Kind::Pod);
        let mut pods: Vec<PodLane> = lives
            .iter()
            .filter(|life| life.touches(span))
            .filter_map(|life| pod_lane(history, life.first.get::<Pod>()?, [life.from, life.until]))
            .collect();
        pods.sort_by(|a, b| (a.life()[0], &a.key).cmp(&(b.life()[0], &b.key)));
        let mut requests: Vec<Sent> = view
            .requests_within(history.end().since(span[0]))
            .filter(|(_, row)| row.sent <= span[1])
            .map(|(_, row)| Sent {
                at: row.sent,
                ended: row.ended.as_ref().map(|(at, outcome)| (*at, ending(outcome))),
                pod: row.endpoint.as_ref().map(|endpoint| endpoint.pod.clone()),
            })
            .collect();
        requests.reverse();
        Self { pods, requests, settled: None, is_whole: false, is_to_come: false }
    }
    /// The same, with when its Pods were settled: counted from the last act on, in the way the seeds are counted.
    pub(super) fn settling(mut self, history: &History, last: SimTime, is_whole: bool) -> Self {
        let mut settling = Settling::new(last);
        let end = settling.end();
        history
            .records()
            .iter()
            .take_while(|record| record.time <= end)
            .for_each(|record| settling.hear(record));
        let is_over = is_whole && history.end() <= end;
        self.is_whole = is_whole;
        self.is_to_come = !is_whole && history.end() < last;
        let until = if is_over { SimTime::NEVER } else { history.end() };
        self.settled = settling.settled(until).filter(|_| !self.is_to_come);
        self
    }
    /// When a Pod changed last; before that nothing has come to rest.
    pub(super) fn last_change(&self) -> Option<SimTime> {
        let changes = self
            .pods
            .iter()
            .flat_map(|pod| pod.stretches.iter().flat_map(|stretch| [stretch.from, stretch.to]));
        changes.filter(|at| *at != SimTime::NEVER).max()
    }
}

fn ending(outcome: &Outcome) -> Ending {
    match outcome {
        Outcome::Served(_) => Ending::Served,
        Outcome::Refused => Ending::Refused,
        Outcome::TimedOut => Ending::TimedOut,
        Outcome::CutOff => Ending::CutOff,
    }
}

fn pod_lane(history: &History, first: &Pod, [from, until]: [SimTime; 2]) -> Option<PodLane> {
    let (namespace, name): (&Str, &Str) = (&first.metadata.namespace, &first.metadata.name);
    let key = ObjectKey::new(Kind::Pod, namespace.clone(), name.clone());
    let mut stretches: Vec<Stretch> = Vec::new();
    for version in history.versions(&RowKey::Object(key.clone())) {
        if version.time < from || version.time > until {
            continue;
        }
        let Some(Fact::Object { object, change }) = history.record(version.record).map(|r| &r.fact) else {
            continue;
        };
        if let Some(last) = stretches.last_mut() {
            last.to = version.time;
        }
        if *change == Change::Deleted {
            break;
        }
        let seen = seen(object.get::<Pod>()?);
        let is_same = |last: &&mut Stretch| last.state == seen.state && last.is_ready == seen.is_ready;
        match stretches.last_mut().filter(is_same) {
            Some(last) => last.to = SimTime::NEVER,
            None => stretches.push(Stretch {
                from: version.time,
                to: SimTime::NEVER,
                state: seen.state,
                is_ready: seen.is_ready,
            }),
        }
    }
    // While it ends it still has what its last moments are told by.
    let terminating = stretches.iter().find(|stretch| stretch.state == State::Terminating);
    let (mut hooks, mut signals) = (Vec::new(), Vec::new());
    if let Some(ending) = terminating {
        let then = history.at(ending.from);
        let end = history.at(until.min(history.end()));
        for (sandbox, _) in then.sandboxes_of(first) {
            for (container, _) in then.containers_in(sandbox) {
                let of_hook = history.versions(&RowKey::Hook(container, HookKind::PreStop));
                if let Some(begun) = of_hook.first() {
                    let ended = of_hook.get(1).map_or(ending.to, |version| version.time);
                    hooks.push([begun.time, ended]);
                }
                signals.extend(end.signals(container).map(|(at, _)| at).filter(|at| *at >= ending.from));
            }
        }
    }
    Some(PodLane { key, stretches, hooks, signals })
}
