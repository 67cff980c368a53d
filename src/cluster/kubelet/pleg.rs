//! How a kubelet sees what its runtime does: it looks once a second, and at a Pod right after it has
//! changed something there itself (upstream: pkg/kubelet/pleg/generic.go).

use super::{Kubelet, Timer};
use crate::cluster::engine::Engine;
use crate::cluster::event::Event;
use crate::cluster::record::{NodeId, RecordId};
use crate::cluster::runtime::{ContainerState, PodRuntimeStatus, Runtime};
use crate::cluster::time::{MILLI, Micros, SECOND, SimTime};
use crate::value::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A second, and what looking takes.
const PERIOD: Micros = SECOND + 4 * MILLI;

/// When the kubelet looks, and who waits for it.
#[derive(Clone, Debug)]
pub(super) struct Pleg {
    /// When the node's looks fall.
    phase: Micros,
    /// When the last began.
    pub(super) relisted: Option<SimTime>,
    /// When the next is due; none where nothing makes one necessary.
    due: Option<SimTime>,
    /// The workers that wait for it.
    pub(super) waiting: BTreeSet<Str>,
}

impl Pleg {
    pub(super) fn new(node: NodeId, engine: &Engine) -> Self {
        let phase = engine.chance.fixed((node, "relist")) % PERIOD;
        Self { phase, relisted: None, due: None, waiting: BTreeSet::new() }
    }
}

/// What a container or a sandbox does, as far as looking tells it apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Running,
    Exited,
    Unknown,
}

fn seen(status: &PodRuntimeStatus) -> BTreeMap<(bool, u32), Seen> {
    let sandboxes = status
        .sandboxes
        .iter()
        .map(|sandbox| ((true, sandbox.id.number), if sandbox.ready { Seen::Running } else { Seen::Exited }));
    let containers = status.containers.iter().map(|container| {
        let seen = match container.state {
            ContainerState::Created => Seen::Unknown,
            ContainerState::Running => Seen::Running,
            ContainerState::Exited { .. } => Seen::Exited,
        };
        ((false, container.id.number), seen)
    });
    sandboxes.chain(containers).collect()
}

/// Whether a difference wakes the Pod's worker: something began, ended or vanished while it ran.
fn is_worth_a_sync(old: &PodRuntimeStatus, new: &PodRuntimeStatus) -> bool {
    let (old, new) = (seen(old), seen(new));
    let changed = new.iter().any(|(id, seen)| *seen != Seen::Unknown && old.get(id) != Some(seen));
    changed || old.iter().any(|(id, seen)| *seen != Seen::Exited && !new.contains_key(id))
}

impl Kubelet {
    /// Makes sure that the next look happens.
    pub(super) fn need_relist(&mut self, engine: &mut Engine) {
        if self.pleg.due.is_some() {
            return;
        }
        let after = (engine.now.0 + 1).saturating_sub(self.pleg.phase).div_ceil(PERIOD);
        let at = SimTime(self.pleg.phase + after * PERIOD);
        self.pleg.due = Some(at);
        engine.schedule(at, Event::Kubelet(self.node, Timer::Relist));
    }
    /// Looks at all Pods that have changed.
    pub(super) fn relist(&mut self, engine: &mut Engine, runtime: &mut Runtime) {
        self.pleg.due = None;
        self.pleg.relisted = Some(engine.now);
        for (uid, cause) in runtime.take_changed() {
            self.observe(engine, runtime, &uid, cause);
        }
        for uid in std::mem::take(&mut self.pleg.waiting) {
            self.try_begin(engine, &uid);
        }
    }
    /// Looks at one Pod.
    pub(super) fn relist_pod(&mut self, engine: &mut Engine, runtime: &mut Runtime, uid: &Str) {
        let cause = runtime.take_change(uid);
        self.observe(engine, runtime, uid, cause);
        if self.pleg.waiting.remove(uid) {
            self.try_begin(engine, uid);
        }
    }
    fn observe(&mut self, engine: &mut Engine, runtime: &Runtime, uid: &Str, cause: Option<RecordId>) {
        let Some(worker) = self.workers.get_mut(uid) else { return };
        let mut status = runtime.pod_status(uid);
        if status.ip.is_empty() && !status.sandboxes.is_empty() {
            // A Pod keeps its address in the API until another sandbox has a new one.
            status.ip = worker.cache.ip.clone();
        }
        let is_worth = is_worth_a_sync(&worker.cache, &status);
        worker.cache = Rc::new(status);
        worker.observed = Some(engine.now);
        if is_worth {
            self.update_pod(engine, uid, cause);
        }
    }
}
