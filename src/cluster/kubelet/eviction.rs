//! Pods that end though their spec would let them run: past their deadline, with more on the disk than they may, or
//! because their node is short of something
//! (upstream: pkg/kubelet/active_deadline.go, pkg/kubelet/eviction/eviction_manager.go).

pub(super) mod pressure;

use super::{Kubelet, Timer};
use crate::api::objects::{Pod, PodPhase};
use crate::api::quantity::Quantity;
use crate::cluster::engine::Engine;
use crate::cluster::event::Event;
use crate::cluster::latency::Hop;
use crate::cluster::record::RecordId;
use crate::cluster::recorder::EventNote;
use crate::cluster::runtime::Runtime;
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::value::{Str, Value};
use std::rc::Rc;

/// How often the eviction manager looks (upstream: evictionMonitoringPeriod).
const MONITOR: Micros = 10 * SECOND;
/// How often what a Pod's volumes take is counted (upstream: volumeStatsAggPeriod); up to as long again by chance.
const COUNT_VOLUMES: Micros = 60 * SECOND;

/// Why a Pod ends before its time, as its status says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Evicted {
    pub(super) reason: &'static str,
    pub(super) message: Str,
    /// In place of its grace period, in seconds.
    pub(super) grace_period: Option<i64>,
    /// Whether its condition DisruptionTarget says so as well.
    pub(super) is_disrupted: bool,
}

/// The grace period of a Pod that is evicted at once, in seconds (upstream: immediateEvictionGracePeriodSeconds).
const IMMEDIATE: i64 = 1;

/// What upstream says of a Pod that its node no longer bears, and of one past its deadline.
pub(super) const EVICTED: &str = "Evicted";
const DEADLINE_EXCEEDED: &str = "DeadlineExceeded";
const PAST_DEADLINE: &str = "Pod was active on the node longer than the specified deadline";

/// When a clock that rings each `period` rings next, from `now` on.
fn next_tick(now: SimTime, phase: Micros, period: Micros) -> SimTime {
    SimTime(phase + now.0.saturating_sub(phase).div_ceil(period) * period)
}

fn size_limit(volume: &Value) -> Option<Quantity> {
    let limit = volume.get("sizeLimit")?;
    let quantity = match limit.as_int() {
        Some(number) => Quantity::units(number),
        None => Quantity::parse(limit.as_str()?).ok()?,
    };
    (quantity.value() > 0).then_some(quantity)
}

fn ephemeral_limit(limits: &crate::api::objects::Labels) -> Option<Quantity> {
    Quantity::parse(limits.get("ephemeral-storage")?).ok().filter(|limit| limit.value() > 0)
}

/// Why a Pod takes more of the disk than it may, and whether it is a volume that does.
fn takes_too_much(pod: &Pod, runtime: &Runtime) -> Option<(String, bool)> {
    let uid = &pod.metadata.uid;
    let over = |used: u64, limit: Quantity| i64::try_from(used).is_ok_and(|used| used > limit.value());
    let on_disk = |volume: &Value| volume.get("medium").and_then(Value::as_str) != Some("Memory");
    let empty_dirs = || {
        pod.spec
            .volumes
            .iter()
            .filter_map(|volume| Some((volume, volume.empty_dir.as_ref()?)))
            .filter(|(_, dir)| on_disk(dir))
    };
    for (volume, dir) in empty_dirs() {
        if let Some(limit) = size_limit(dir)
            && over(runtime.volume_usage(uid, &volume.name), limit)
        {
            return Some((
                format!("Usage of EmptyDir volume {:?} exceeds the limit \"{limit}\". ", &*volume.name),
                true,
            ));
        }
    }
    let mut total: Option<Quantity> = None;
    let mut used: u64 =
        empty_dirs().map(|(volume, _)| runtime.volume_usage(uid, &volume.name)).fold(0, u64::saturating_add);
    let mut too_much = None;
    for container in &pod.spec.containers {
        let own = runtime.root_usage(uid, &container.name);
        used = used.saturating_add(own);
        let Some(limit) =
            container.resources.as_ref().and_then(|resources| ephemeral_limit(&resources.limits))
        else {
            continue;
        };
        total = Some(total.map_or(limit, |total| total + limit));
        if over(own, limit) {
            too_much.get_or_insert_with(|| {
                format!(
                    "Container {} exceeded its local ephemeral storage limit \"{limit}\". ",
                    container.name
                )
            });
        }
    }
    if let Some(total) = total.filter(|total| over(used, *total)) {
        let why =
            format!("Pod ephemeral local storage usage exceeds the total limit of containers {total}. ");
        return Some((why, false));
    }
    too_much.map(|why| (why, false))
}

impl Kubelet {
    /// A Pod has begun: its deadline, where it has one, is noted.
    pub(super) fn note_deadline(&mut self, engine: &mut Engine, uid: &Str) {
        let Some(worker) = self.workers.get(uid) else { return };
        let Some(seconds) = worker.pod.spec.active_deadline_seconds else { return };
        if self.deadlines.contains_key(uid) || worker.evicted.is_some() {
            return;
        }
        let started = worker.status.as_ref().and_then(|status| status.start_time.clone());
        let Some(started) = started.and_then(|at| self.wall.parse(&at)) else { return };
        self.deadlines.insert(uid.clone(), started + Runtime::seconds(seconds));
        self.schedule_sync_tick(engine);
    }
    /// The Pods whose deadline has passed end (upstream: ShouldSync and ShouldEvict).
    pub(super) fn check_deadlines(&mut self, engine: &mut Engine) {
        let due: Vec<Str> =
            self.deadlines.iter().filter(|(_, at)| **at <= engine.now).map(|(uid, _)| uid.clone()).collect();
        for uid in due {
            self.deadlines.remove(&uid);
            let evicted = Evicted {
                reason: DEADLINE_EXCEEDED,
                message: PAST_DEADLINE.into(),
                grace_period: None,
                is_disrupted: false,
            };
            if self.mark(&uid, evicted) {
                self.update_pod(engine, &uid, Hop::Wake, None);
            }
        }
    }
    /// Each status of a Pod past its deadline is told.
    pub(super) fn tell_deadline(&mut self, engine: &mut Engine, uid: &Str, cause: Option<RecordId>) {
        if let Some(note) = self.deadline_note(uid) {
            self.write_event(engine, note, cause);
        }
    }
    /// What is told of a Pod past its deadline.
    pub(super) fn deadline_note(&self, uid: &Str) -> Option<EventNote> {
        let worker = self.workers.get(uid)?;
        let is_past = worker.evicted.as_ref().is_some_and(|evicted| evicted.reason == DEADLINE_EXCEEDED);
        is_past.then(|| self.pod_note(&worker.pod, false, DEADLINE_EXCEEDED, PAST_DEADLINE))
    }
    fn mark(&mut self, uid: &Str, evicted: Evicted) -> bool {
        let Some(worker) = self.workers.get_mut(uid) else { return false };
        let phase = worker.status.as_ref().and_then(|status| status.phase);
        let is_over = matches!(phase, Some(PodPhase::Succeeded | PodPhase::Failed));
        if is_over || worker.evicted.is_some() || !worker.is_syncing() {
            return false;
        }
        worker.evicted = Some(Rc::new(evicted));
        true
    }
    /// Files have been written: a Pod that takes more than it may is seen at the next count.
    pub(super) fn on_disk(&mut self, engine: &mut Engine, runtime: &mut Runtime) {
        for uid in runtime.take_written() {
            let Some(worker) = self.workers.get(&uid) else { continue };
            let Some((_, is_volume)) = takes_too_much(&worker.pod, runtime) else { continue };
            if !self.counted.insert(uid.clone()) {
                continue;
            }
            let volumes = engine.chance.fixed((self.node, "volumes")) % COUNT_VOLUMES;
            let monitor = engine.chance.fixed((self.node, "evictions")) % MONITOR;
            let mut at = engine.now;
            if is_volume {
                // The first count of a Pod's volumes is at the next minute of the node, the next ones at least a minute apart.
                let mut count = next_tick(worker.added, volumes, COUNT_VOLUMES);
                while count < engine.now {
                    count = count + COUNT_VOLUMES + engine.jitter(COUNT_VOLUMES, (self.node, "count", &uid));
                }
                at = count;
            }
            let at = next_tick(at + 1, monitor, MONITOR);
            engine.schedule(at, Event::Kubelet(self.node, Timer::Evict(uid)));
        }
    }
    /// The eviction manager looks at a Pod.
    pub(super) fn on_evict(&mut self, engine: &mut Engine, runtime: &Runtime, uid: &Str) {
        self.counted.remove(uid);
        let Some(worker) = self.workers.get(uid) else { return };
        let pod = worker.pod.clone();
        if let Some((message, _)) = takes_too_much(&pod, runtime) {
            self.evict_pod(engine, uid, message.into(), false);
        }
    }
    /// Ends a Pod at once, unless it matters too much (upstream: evictPod); true where it does.
    fn evict_pod(&mut self, engine: &mut Engine, uid: &Str, message: Str, is_disrupted: bool) -> bool {
        let Some(pod) = self.workers.get(uid).map(|worker| worker.pod.clone()) else { return false };
        if pressure::is_critical(&pod) {
            return false;
        }
        let evicted = Evicted {
            reason: EVICTED,
            message: message.clone(),
            grace_period: Some(IMMEDIATE),
            is_disrupted,
        };
        if !self.mark(uid, evicted) {
            return false;
        }
        let note = self.pod_note(&pod, true, EVICTED, &*message);
        self.write_event(engine, note, None);
        self.end_pod(engine, uid);
        true
    }
}
