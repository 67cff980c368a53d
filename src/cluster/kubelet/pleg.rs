//! How a kubelet sees what its runtime does: it looks once a second, and at a Pod right after it has
//! changed something there itself (upstream: pkg/kubelet/pleg/generic.go).

use super::{Kubelet, Timer};
use crate::cluster::engine::Engine;
use crate::cluster::event::Event;
use crate::cluster::latency::Hop;
use crate::cluster::record::{NodeId, RecordId};
use crate::cluster::runtime::{ContainerState, PodRuntimeStatus, Runtime};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::value::Str;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A second, and what looking takes where nothing has changed: the second begins anew when a look is over
/// (upstream: workerLoopIteration).
const PERIOD: Micros = SECOND + 2_600;

/// When the kubelet looks, and who waits for it.
#[derive(Clone, Debug)]
pub(super) struct Pleg {
    /// When a look falls: the next after the last that found something, and the others by periods from it.
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
    /// When the last look began. Looks that nothing made necessary are not carried out: they would have found all
    /// as it was.
    pub(super) fn last_look(&self, now: SimTime) -> Option<SimTime> {
        let Some(since) = now.0.checked_sub(self.phase) else { return self.relisted };
        let passed = since / PERIOD;
        let last = SimTime(self.phase + passed * PERIOD);
        // The one that is due now may not have happened yet.
        if self.due.is_some_and(|due| due <= last) { self.relisted } else { Some(last) }
    }
}

/// What a container or a sandbox does, as far as looking tells it apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Running,
    Exited,
    Unknown,
}

/// Whether it is a sandbox, its number, and what it does: there are so few that they are gone through.
fn seen(status: &PodRuntimeStatus) -> Vec<((bool, u32), Seen)> {
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

/// How many events a difference makes that wake the Pod's worker: something began, ended or vanished while it ran.
fn events(old: &PodRuntimeStatus, new: &PodRuntimeStatus) -> usize {
    let (old, new) = (seen(old), seen(new));
    let changed = new.iter().filter(|found| found.1 != Seen::Unknown && !old.contains(found));
    let is_there = |id| new.iter().any(|found| found.0 == id);
    let vanished = old.iter().filter(|found| found.1 != Seen::Exited && !is_there(found.0));
    changed.count() + vanished.count()
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
        let changed = runtime.take_changed();
        // Each Pod that has changed is inspected, and the second begins after that.
        let takes: Micros =
            changed.keys().map(|uid| engine.latency(Hop::Relist, (self.node, "look", uid))).sum();
        if takes > 0 {
            self.pleg.phase = (engine.now + takes + SECOND).0;
        }
        for (uid, cause) in changed {
            self.observe(engine, runtime, &uid, cause);
        }
        for uid in std::mem::take(&mut self.pleg.waiting) {
            self.try_begin(engine, &uid, Hop::Wake);
        }
    }
    /// Looks at one Pod.
    pub(super) fn relist_pod(&mut self, engine: &mut Engine, runtime: &mut Runtime, uid: &Str) {
        let cause = runtime.take_change(uid);
        self.observe(engine, runtime, uid, cause);
        if self.pleg.waiting.remove(uid) {
            self.try_begin(engine, uid, Hop::Wake);
        }
    }
    fn observe(&mut self, engine: &mut Engine, runtime: &mut Runtime, uid: &Str, cause: Option<RecordId>) {
        if runtime.has_unnoted_end(uid, engine.now) {
            // The next look will see the end.
            runtime.touch(uid, cause);
            self.need_relist(engine);
        }
        let Some(worker) = self.workers.get_mut(uid) else { return };
        let mut status = runtime.pod_status(uid, engine.now);
        if status.ip.is_empty() && !status.sandboxes.is_empty() {
            // A Pod keeps its address in the API until another sandbox has a new one.
            status.ip = worker.cache.ip.clone();
        }
        let events = events(&worker.cache, &status);
        worker.cache = Rc::new(status);
        worker.observed = Some(engine.now);
        // The first event wakes the worker; where it is quick, the next finds it at work and wakes it once more. One that
        // has waited for this look begins with it, so that the first event already finds it at work.
        let has_waited = self.pleg.waiting.contains(uid);
        worker.is_woken_again =
            events > 0 && has_waited || events > 1 && engine.jitter(3, (self.node, "events", uid)) > 0;
        if events > 0 {
            self.update_pod(engine, uid, Hop::Wake, cause);
        }
    }
}
