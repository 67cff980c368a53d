//! Eviction under pressure: a kubelet whose node is short of memory or disk says so, ends Pods one after the other,
//! the worst first, and takes no new ones
//! (upstream: synchronize and Admit in pkg/kubelet/eviction/eviction_manager.go, the ranking in helpers.go).
//!
//! A shortage is a fault: something beside the Pods takes so much that a little less than the threshold is left.
//! What Pods take and give back after that counts.

use super::super::pod_workers::{Stage, Worker};
use super::super::{Kubelet, Timer};
use super::MONITOR;
use crate::api::conditions::is_pod_terminal;
use crate::api::objects::{Container, Pod};
use crate::api::quantity::Quantity;
use crate::api::scheduling::is_tolerated;
use crate::api::taints;
use crate::cluster::chance::scale;
use crate::cluster::engine::Engine;
use crate::cluster::event::Event;
use crate::cluster::fault::Shortage;
use crate::cluster::runtime::{ContainerState, Runtime};
use crate::cluster::setup::{binary, eviction_disk};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::value::{Str, Value};
use std::collections::BTreeMap;

/// How long a condition stays after it was seen last (upstream: evictionPressureTransitionPeriod).
const TRANSITION: Micros = 300 * SECOND;
/// How often the manager looks whether an evicted Pod is gone, and after how long it goes on without
/// (upstream: podCleanupPollFreq; podCleanupTimeout after the at least 10 s of killPodNow).
const CLEANUP_POLL: Micros = SECOND;
const CLEANUP_TIMEOUT: Micros = 40 * SECOND;
/// Bytes are taken in pages and blocks of this size.
const PAGE: u64 = 4_096;
/// What a container takes of memory at least, and how much more by chance; what its log and its root take anyway.
const RESIDENT: u64 = 16 << 20;
const RESIDENT_MORE: u64 = 16 << 20;
const ROOT: u64 = 7 * PAGE;

/// What is short, and what was done about it.
#[derive(Clone, Debug)]
pub(in crate::cluster::kubelet) struct Pressures {
    /// What Pods and what is free come to, in bytes, of what is short.
    left: BTreeMap<Shortage, i64>,
    /// When each threshold was met last, within the transition period.
    seen: BTreeMap<Shortage, SimTime>,
    /// When the manager looks next.
    next: SimTime,
    /// The evicted Pod that it waits for, and until when.
    waits_for: Option<(Str, SimTime)>,
}

impl Default for Pressures {
    fn default() -> Self {
        Self { left: BTreeMap::new(), seen: BTreeMap::new(), next: SimTime::NEVER, waits_for: None }
    }
}

impl Pressures {
    /// What is still short after the node has booted: its disk is as full as before.
    pub(in crate::cluster::kubelet) fn after_boot(&self) -> Self {
        let mut new = Self::default();
        new.left.extend(self.left.get(&Shortage::Disk).map(|left| (Shortage::Disk, *left)));
        new
    }
    pub(in crate::cluster::kubelet) fn holds(&self, shortage: Shortage) -> bool {
        self.seen.contains_key(&shortage)
    }
}

impl Shortage {
    /// The resource as messages name it (upstream: signalToResource).
    const fn resource(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Disk => "ephemeral-storage",
        }
    }
    /// The condition of the node (upstream: signalToNodeCondition).
    const fn condition(self) -> &'static str {
        match self {
            Self::Memory => "MemoryPressure",
            Self::Disk => "DiskPressure",
        }
    }
    /// Below so many bytes Pods are evicted (upstream: DefaultEvictionHard).
    fn threshold(self) -> i64 {
        match self {
            Self::Memory => 100 << 20,
            Self::Disk => eviction_disk(),
        }
    }
    /// How much less than that a shortage leaves, and how much less still by chance.
    const fn lack(self) -> (u64, u64) {
        match self {
            Self::Memory => (24 << 20, 16 << 20),
            Self::Disk => (512 << 20, 512 << 20),
        }
    }
    /// Its place among the amounts that a Pod asks for.
    const fn place(self) -> usize {
        match self {
            Self::Memory => 1,
            Self::Disk => 2,
        }
    }
}

/// Whether a Pod matters so much that it is neither evicted nor turned down (upstream: IsCriticalPod).
pub(in crate::cluster::kubelet) fn is_critical(pod: &Pod) -> bool {
    const SYSTEM_CRITICAL: i32 = 2_000_000_000;
    pod.spec.priority.unwrap_or(0) >= SYSTEM_CRITICAL
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn amount(list: Option<&crate::api::objects::Labels>, resource: &str) -> Option<i64> {
    Some(Quantity::parse(list?.get(resource)?).ok()?.value())
}

/// The containers of a Pod that use something: those that have been made, for memory those that run.
fn using(worker: &Worker, shortage: Shortage) -> impl Iterator<Item = &Container> {
    let spec = &worker.pod.spec;
    spec.containers.iter().chain(&spec.init_containers).filter(move |container| {
        let found = worker.cache.container(&container.name);
        found.is_some_and(|found| shortage == Shortage::Disk || found.state == ContainerState::Running)
    })
}

impl Kubelet {
    /// What a container uses, in bytes. Nobody measures memory, so it is a size of the usual kind, and what its programs
    /// are known to have taken.
    fn container_usage(
        &self,
        engine: &Engine,
        runtime: &Runtime,
        pod: &Pod,
        container: &Container,
        shortage: Shortage,
    ) -> i64 {
        let uid = &pod.metadata.uid;
        match shortage {
            Shortage::Memory => {
                let more = scale(engine.chance.fixed((uid, &container.name, "memory")), RESIDENT_MORE);
                let limits = container.resources.as_ref().map(|resources| &resources.limits);
                let limit = amount(limits, "memory").unwrap_or(i64::MAX);
                let taken = runtime.memory_taken(uid, &container.name);
                signed(RESIDENT + more / PAGE * PAGE + taken).min(limit)
            }
            Shortage::Disk => {
                let written = runtime.root_usage(uid, &container.name);
                signed(ROOT + written.div_ceil(PAGE) * PAGE)
            }
        }
    }
    /// What a Pod uses, in bytes.
    fn pod_usage(&self, engine: &Engine, runtime: &Runtime, worker: &Worker, shortage: Shortage) -> i64 {
        let pod = &worker.pod;
        let containers: i64 = using(worker, shortage)
            .map(|container| self.container_usage(engine, runtime, pod, container, shortage))
            .sum();
        if shortage == Shortage::Memory {
            return containers;
        }
        let on_disk = |dir: &Value| dir.get("medium").and_then(Value::as_str) != Some("Memory");
        let volumes = pod.spec.volumes.iter().filter(|volume| volume.empty_dir.as_ref().is_some_and(on_disk));
        let volumes = volumes.map(|volume| signed(runtime.volume_usage(&pod.metadata.uid, &volume.name)));
        containers + volumes.sum::<i64>()
    }
    /// What all Pods use, in bytes.
    fn used(&self, engine: &Engine, runtime: &Runtime, shortage: Shortage) -> i64 {
        let all = self.workers.values().filter(|worker| worker.could_have_running_containers());
        all.map(|worker| self.pod_usage(engine, runtime, worker, shortage)).sum()
    }
    /// Something beside the Pods takes what the node has, or no longer does.
    pub(in crate::cluster) fn on_shortage(
        &mut self,
        engine: &mut Engine,
        runtime: &Runtime,
        shortage: Shortage,
        begins: bool,
    ) {
        if begins {
            let (least, more) = shortage.lack();
            let lack = least + engine.jitter(more, (self.node, "shortage", shortage)) / PAGE * PAGE;
            let free = (shortage.threshold() - signed(lack)) / signed(PAGE) * signed(PAGE);
            let used = self.used(engine, runtime, shortage);
            self.pressures.left.insert(shortage, free + used);
        } else {
            self.pressures.left.remove(&shortage);
        }
        self.begin_monitor(engine);
    }
    /// The eviction manager begins to look where something is short.
    pub(in crate::cluster::kubelet) fn begin_monitor(&mut self, engine: &mut Engine) {
        if self.pressures.left.is_empty() {
            return;
        }
        if self.pressures.next == SimTime::NEVER {
            let phase = engine.chance.fixed((self.node, "evictions")) % MONITOR;
            self.pressures.next = super::next_tick(SimTime(engine.now.0 + 1), phase, MONITOR);
        }
        // One that was thought to be idle no longer is.
        engine.schedule(self.pressures.next, Event::Kubelet(self.node, Timer::Monitor(false)));
    }
    fn plan_monitor(&mut self, engine: &mut Engine, after: Micros, is_idle: bool) {
        self.pressures.next = engine.now + after;
        engine.schedule(self.pressures.next, Event::Kubelet(self.node, Timer::Monitor(is_idle)));
    }
    /// The eviction manager looks at what its node is short of (upstream: synchronize).
    pub(in crate::cluster::kubelet) fn synchronize(&mut self, engine: &mut Engine, runtime: &Runtime) {
        let now = engine.now;
        if self.pressures.next != now {
            return;
        }
        self.pressures.next = SimTime::NEVER;
        if let Some((uid, until)) = self.pressures.waits_for.take() {
            let is_there = self.workers.get(&uid).is_some_and(|worker| worker.stage != Stage::Finished);
            if is_there && now < until {
                self.pressures.waits_for = Some((uid, until));
                return self.plan_monitor(engine, CLEANUP_POLL, false);
            }
        }
        let free = |(shortage, left): (&Shortage, &i64)| {
            let free = left - self.used(engine, runtime, *shortage);
            (free < shortage.threshold()).then_some((*shortage, free))
        };
        // Memory comes before all else.
        let met: Vec<(Shortage, i64)> = self.pressures.left.iter().filter_map(free).collect();
        self.pressures.seen.extend(met.iter().map(|(shortage, _)| (*shortage, now)));
        self.pressures.seen.retain(|_, seen| now.since(*seen) < TRANSITION);
        self.report.pressure.memory = self.pressures.holds(Shortage::Memory);
        self.report.pressure.disk = self.pressures.holds(Shortage::Disk);
        if let Some((shortage, free)) = met.first().copied()
            && let Some(uid) = self.reclaim(engine, runtime, shortage, free)
        {
            self.pressures.waits_for = Some((uid, now + CLEANUP_TIMEOUT));
            return self.plan_monitor(engine, CLEANUP_POLL, false);
        }
        let is_settled = met.len() == self.pressures.seen.len() && self.has_told_pressure();
        if !(is_settled && self.pressures.left.is_empty()) {
            self.plan_monitor(engine, MONITOR, is_settled);
        }
    }
    /// Evicts one Pod; its uid.
    fn reclaim(
        &mut self,
        engine: &mut Engine,
        runtime: &Runtime,
        shortage: Shortage,
        free: i64,
    ) -> Option<Str> {
        if let Some(node) = self.report.node.clone() {
            let message = format!("Attempting to reclaim {}", shortage.resource());
            self.say(engine, &node, true, "EvictionThresholdMet", message);
        }
        for uid in self.ranked(engine, runtime, shortage) {
            let Some(worker) = self.workers.get(&uid) else { continue };
            let message = self.eviction_message(engine, runtime, worker, shortage, free);
            if self.evict_pod(engine, &uid, message.into(), true) {
                return Some(uid);
            }
        }
        None
    }
    /// The Pods that may be evicted, the worst first: those of which nothing is known, those that use more than they
    /// asked for, those that matter least, those that are most above what they asked for
    /// (upstream: rankMemoryPressure, rankDiskPressureFunc).
    fn ranked(&self, engine: &Engine, runtime: &Runtime, shortage: Shortage) -> Vec<Str> {
        let active = self.workers.values().filter(|worker| {
            worker.is_syncing() && !is_pod_terminal(&worker.pod) && !worker.pod.metadata.is_terminating()
        });
        let mut all: Vec<_> = active
            .map(|worker| {
                let is_known = !worker.cache.sandboxes.is_empty();
                let over =
                    self.pod_usage(engine, runtime, worker, shortage) - worker.requests[shortage.place()];
                let priority = worker.pod.spec.priority.unwrap_or(0);
                ((is_known, over <= 0, priority, -over), worker.pod.metadata.uid.clone())
            })
            .collect();
        all.sort();
        all.into_iter().map(|(_, uid)| uid).collect()
    }
    /// What an evicted Pod is told (upstream: evictionMessage).
    fn eviction_message(
        &self,
        engine: &Engine,
        runtime: &Runtime,
        worker: &Worker,
        shortage: Shortage,
        free: i64,
    ) -> String {
        let resource = shortage.resource();
        let mut message = format!(
            "The node was low on resource: {resource}. Threshold quantity: {}, available: {}. ",
            binary(shortage.threshold()),
            binary(free)
        );
        for container in using(worker, shortage) {
            let usage = self.container_usage(engine, runtime, &worker.pod, container, shortage);
            let requests = container.resources.as_ref().map(|resources| &resources.requests);
            if usage > amount(requests, resource).unwrap_or(0) {
                let request = requests.and_then(|requests| requests.get(resource)).map_or("0", |text| text);
                message.push_str(&format!(
                    "Container {} was using {}, request is {request}, has larger consumption of {resource}. ",
                    container.name,
                    binary(usage)
                ));
            }
        }
        message
    }
    /// Why a new Pod is not let in while the node is short of something (upstream: managerImpl.Admit).
    pub(in crate::cluster::kubelet) fn refuses_under_pressure(&self, pod: &Pod) -> Option<String> {
        let seen = &self.pressures.seen;
        if seen.is_empty() || is_critical(pod) {
            return None;
        }
        if !seen.contains_key(&Shortage::Disk) {
            let taint = taints::taint(taints::MEMORY_PRESSURE, taints::NO_SCHEDULE);
            let tolerates = is_tolerated(&taint, &pod.spec.tolerations);
            if &*pod.status.qos_class != "BestEffort" || tolerates {
                return None;
            }
        }
        let conditions: Vec<&str> = seen.keys().map(|shortage| shortage.condition()).collect();
        Some(format!("The node had condition: [{}]. ", conditions.join(" ")))
    }
}
