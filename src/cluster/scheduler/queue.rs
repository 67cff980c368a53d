//! The Pods that wait for a node: those that are next, those that back off, and those for which something must change
//! first (upstream: pkg/scheduler/backend/queue).

use super::pod_info::PodInfo;
use super::status::{Plugin, PluginSet};
use crate::api::ObjectKey;
use crate::cluster::record::RecordId;
use crate::cluster::time::{Micros, SECOND, SimTime, WallClock};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The wait after a first failure, doubled with each further one (upstream: DefaultPodInitialBackoffDuration).
const FIRST_WAIT: Micros = SECOND;
/// The longest wait (upstream: DefaultPodMaxBackoffDuration).
const LONGEST_WAIT: Micros = 10 * SECOND;
/// Waits end together, at whole seconds (upstream: backoffQOrderingWindowDuration).
pub(super) const WINDOW: Micros = SECOND;
/// After so long a Pod is tried again though nothing that concerns it has changed
/// (upstream: DefaultPodMaxInUnschedulablePodsDuration).
const LONGEST_UNSCHEDULABLE: Micros = 300 * SECOND;
/// So often it is looked for such Pods (upstream: PriorityQueue.Run).
pub(super) const FLUSH_EVERY: Micros = 30 * SECOND;

/// A Pod in the queue.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub(super) pod: Rc<PodInfo>,
    /// Why it is tried (again).
    pub(super) cause: Option<RecordId>,
    /// When it came into the queue, or was last tried.
    since: SimTime,
    /// How often no node was found.
    unschedulable: u32,
    /// How often in a row something went wrong.
    errors: u32,
    /// The plugins that rejected it last.
    pub(super) rejected_by: PluginSet,
    /// The plugin that does not let it into the queue.
    gate: Option<Plugin>,
    /// When its back-off ends.
    backs_off_until: Option<SimTime>,
}

/// The place of a Pod that is next: first the highest priority, then the longest wait.
type ActivePlace = (Reverse<i32>, SimTime, u64);
type BackoffPlace = (SimTime, ActivePlace);

#[derive(Clone, Copy, Debug)]
enum Place {
    Active(ActivePlace),
    /// It backs off, and is taken earlier where nothing else is to be done.
    Backoff(BackoffPlace),
    /// It backs off from an error, to the end.
    ErrorBackoff(BackoffPlace),
    Unschedulable,
}

/// The queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    places: BTreeMap<ObjectKey, Place>,
    active: BTreeMap<ActivePlace, Queued>,
    backoff: BTreeMap<BackoffPlace, Queued>,
    error_backoff: BTreeMap<BackoffPlace, Queued>,
    unschedulable: BTreeMap<ObjectKey, Queued>,
    sequence: u64,
    /// Pods whose victims are not yet deleted: they wait for that.
    pub(super) preempting: BTreeSet<ObjectKey>,
}

/// The whole second that a time lies in, by the clocks on the wall.
fn window(wall: WallClock, at: SimTime) -> SimTime {
    SimTime(at.0.saturating_sub(wall.unix_micros(at) % WINDOW))
}

impl Queue {
    /// A new Pod.
    pub(super) fn add(&mut self, pod: Rc<PodInfo>, now: SimTime, cause: Option<RecordId>) {
        let queued = Queued {
            pod,
            cause,
            since: now,
            unschedulable: 0,
            errors: 0,
            rejected_by: PluginSet::default(),
            gate: None,
            backs_off_until: None,
        };
        self.activate(queued);
    }
    /// Lets a Pod be next, unless a plugin holds it back (upstream: PreEnqueue).
    fn activate(&mut self, mut queued: Queued) {
        self.run_gates(&mut queued);
        if queued.gate.is_some() {
            return self.shelve(queued);
        }
        let place = self.place_of(&queued);
        self.places.insert(queued.pod.key.clone(), Place::Active(place));
        self.active.insert(place, queued);
    }
    fn run_gates(&self, queued: &mut Queued) {
        queued.gate = if !queued.pod.pod.spec.scheduling_gates.is_empty() {
            Some(Plugin::SchedulingGates)
        } else if self.preempting.contains(&queued.pod.key) {
            Some(Plugin::DefaultPreemption)
        } else {
            None
        };
        if let Some(gate) = queued.gate {
            queued.rejected_by = queued.rejected_by.with(gate);
        }
    }
    fn place_of(&mut self, queued: &Queued) -> ActivePlace {
        self.sequence += 1;
        (Reverse(queued.pod.priority()), queued.since, self.sequence)
    }
    fn shelve(&mut self, queued: Queued) {
        self.places.insert(queued.pod.key.clone(), Place::Unschedulable);
        self.unschedulable.insert(queued.pod.key.clone(), queued);
    }
    /// Takes the next Pod. Where none is next, one that backs off is (upstream: SchedulerPopFromBackoffQ).
    pub(super) fn pop(&mut self) -> Option<Queued> {
        let next = self.active.pop_first().map(|(_, queued)| queued);
        let queued = next.or_else(|| Some(self.backoff.pop_first()?.1))?;
        self.places.remove(&queued.pod.key);
        Some(queued)
    }
    /// Whether there is one to take.
    pub(super) fn has_next(&self) -> bool {
        !(self.active.is_empty() && self.backoff.is_empty())
    }
    /// Whether Pods back off.
    pub(super) fn has_backing_off(&self) -> bool {
        !(self.backoff.is_empty() && self.error_backoff.is_empty())
    }
    /// Whether Pods wait for a change.
    pub(super) fn has_unschedulable(&self) -> bool {
        !self.unschedulable.is_empty()
    }
    /// A Pod was tried in vain: no node was found (with the plugins that rejected it), or something went wrong.
    pub(super) fn add_unschedulable(
        &mut self,
        mut queued: Queued,
        rejected_by: PluginSet,
        now: SimTime,
        wall: WallClock,
    ) {
        if self.places.contains_key(&queued.pod.key) {
            return;
        }
        queued.rejected_by = rejected_by;
        (queued.since, queued.backs_off_until, queued.gate) = (now, None, None);
        if rejected_by.is_empty() {
            queued.errors += 1;
            self.requeue(queued, now, wall);
        } else {
            queued.unschedulable += 1;
            queued.errors = 0;
            self.shelve(queued);
        }
    }
    /// Lets a Pod be next once its back-off is over (upstream: requeueEntityWithQueueingStrategy).
    fn requeue(&mut self, mut queued: Queued, now: SimTime, wall: WallClock) {
        let count = if queued.errors > 0 { queued.errors } else { queued.unschedulable };
        if count > 0 {
            let wait = (FIRST_WAIT << (count - 1).min(10)).min(LONGEST_WAIT);
            let until = *queued.backs_off_until.get_or_insert(window(wall, queued.since + wait));
            if until >= window(wall, now) {
                self.run_gates(&mut queued);
                if queued.gate.is_some() {
                    return self.shelve(queued);
                }
                let key = queued.pod.key.clone();
                let place = (until, self.place_of(&queued));
                if queued.rejected_by.is_empty() {
                    self.places.insert(key, Place::ErrorBackoff(place));
                    self.error_backoff.insert(place, queued);
                } else {
                    self.places.insert(key, Place::Backoff(place));
                    self.backoff.insert(place, queued);
                }
                return;
            }
        }
        self.activate(queued);
    }
    /// Lets those be next whose back-off is over (upstream: flushBackoffQCompleted).
    pub(super) fn flush_backoff(&mut self, now: SimTime, wall: WallClock) {
        let until = window(wall, now);
        for queue in [false, true] {
            let from = if queue { &mut self.error_backoff } else { &mut self.backoff };
            let later = from.split_off(&(until, (Reverse(i32::MAX), SimTime::ZERO, 0)));
            let done = std::mem::replace(from, later);
            for (_, queued) in done {
                let place = self.place_of(&queued);
                self.places.insert(queued.pod.key.clone(), Place::Active(place));
                self.active.insert(place, queued);
            }
        }
    }
    /// When the next back-offs end.
    pub(super) fn next_window(now: SimTime, wall: WallClock) -> SimTime {
        window(wall, now) + WINDOW
    }
    /// Tries those again that have waited too long (upstream: flushUnschedulableEntitiesLeftover).
    pub(super) fn flush_unschedulable(&mut self, now: SimTime, wall: WallClock) {
        let is_due = |queued: &Queued| now.since(queued.since) > LONGEST_UNSCHEDULABLE;
        self.requeue_where(|queued| is_due(queued), None, now, wall);
    }
    /// Tries those Pods again that wait and for which it is worth it.
    pub(super) fn requeue_where(
        &mut self,
        mut is_worth: impl FnMut(&Queued) -> bool,
        cause: Option<RecordId>,
        now: SimTime,
        wall: WallClock,
    ) {
        let keys: Vec<ObjectKey> = self
            .unschedulable
            .iter()
            .filter(|(_, queued)| is_worth(queued))
            .map(|(key, _)| key.clone())
            .collect();
        for key in keys {
            self.requeue_one(&key, cause, now, wall);
        }
    }
    /// Tries one again that waits.
    pub(super) fn requeue_one(
        &mut self,
        key: &ObjectKey,
        cause: Option<RecordId>,
        now: SimTime,
        wall: WallClock,
    ) {
        if let Some(mut queued) = self.unschedulable.remove(key) {
            self.places.remove(key);
            queued.cause = cause.or(queued.cause);
            self.requeue(queued, now, wall);
        }
    }
    /// Tries one at once that waits or backs off (upstream: Activate).
    pub(super) fn activate_one(&mut self, key: &ObjectKey) {
        let Some(Place::Unschedulable | Place::Backoff(_) | Place::ErrorBackoff(_)) = self.places.get(key)
        else {
            return;
        };
        if let Some(queued) = self.remove(key) {
            self.activate(queued);
        }
    }
    /// A Pod that waits for a change.
    pub(super) fn waiting(&self, key: &ObjectKey) -> Option<&Queued> {
        self.unschedulable.get(key)
    }
    /// Takes a Pod's newer state. False where it is not in the queue.
    pub(super) fn update(&mut self, pod: &Rc<PodInfo>) -> bool {
        let Some(place) = self.places.get(&pod.key) else { return false };
        let queued = match place {
            Place::Active(place) => self.active.get_mut(place),
            Place::Backoff(place) => self.backoff.get_mut(place),
            Place::ErrorBackoff(place) => self.error_backoff.get_mut(place),
            Place::Unschedulable => self.unschedulable.get_mut(&pod.key),
        };
        if let Some(queued) = queued {
            queued.pod = pod.clone();
        }
        true
    }
    /// Takes a Pod out.
    pub(super) fn remove(&mut self, key: &ObjectKey) -> Option<Queued> {
        match self.places.remove(key)? {
            Place::Active(place) => self.active.remove(&place),
            Place::Backoff(place) => self.backoff.remove(&place),
            Place::ErrorBackoff(place) => self.error_backoff.remove(&place),
            Place::Unschedulable => self.unschedulable.remove(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::pod_info;
    use super::*;

    const WALL: WallClock = WallClock { start_unix_micros: 0 };

    fn pod(name: &str, priority: i32) -> Rc<PodInfo> {
        pod_info(name, &format!("priority: {priority}\ncontainers: [{{}}]"))
    }

    fn names(queue: &mut Queue) -> String {
        let popped = std::iter::from_fn(|| queue.pop()).map(|queued| queued.pod.key.name.to_string());
        popped.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_highest_priority_goes_first_then_the_longest_wait() {
        let mut queue = Queue::default();
        for (name, priority, at) in [("a", 0, 3), ("b", 0, 1), ("c", 10, 2), ("d", -1, 0)] {
            queue.add(pod(name, priority), SimTime::millis(at), None);
        }
        assert_eq!(names(&mut queue), "c b a d");
    }

    /// Fails `times` in a row and says when the Pod could go again, in milliseconds.
    fn wait_after(times: u32, rejected_by: PluginSet) -> u64 {
        let mut queue = Queue::default();
        queue.add(pod("a", 0), SimTime::ZERO, None);
        let mut now = SimTime::ZERO;
        for _ in 0..times {
            let queued = loop {
                queue.flush_backoff(now, WALL);
                match queue.active.pop_first() {
                    Some((_, queued)) => break queued,
                    None => now = now + WINDOW,
                }
            };
            queue.places.clear();
            queue.add_unschedulable(queued, rejected_by, now, WALL);
            queue.requeue_where(|_| true, None, now, WALL);
        }
        let failed = now;
        while queue.active.is_empty() {
            now = now + SECOND;
            queue.flush_backoff(now, WALL);
        }
        now.since(failed) / 1000
    }

    #[test]
    fn waits_double_up_to_ten_seconds() {
        // Back-offs end at whole seconds, and are looked at in the next.
        for rejected_by in [PluginSet::of(&[Plugin::NodeName]), PluginSet::default()] {
            let waits: Vec<u64> = (1..=6).map(|times| wait_after(times, rejected_by)).collect();
            assert_eq!(waits, [2000, 3000, 5000, 9000, 11000, 11000]);
        }
    }

    #[test]
    fn who_backs_off_is_taken_when_nothing_else_is_to_be_done() {
        let mut queue = Queue::default();
        queue.add(pod("a", 0), SimTime::ZERO, None);
        let queued = queue.pop().expect("next");
        queue.add_unschedulable(queued, PluginSet::of(&[Plugin::NodeName]), SimTime::ZERO, WALL);
        assert!(!queue.has_next());
        queue.requeue_where(|_| true, None, SimTime::ZERO, WALL);
        assert!(queue.active.is_empty() && queue.has_next());
        assert_eq!(names(&mut queue), "a");
        // Not so after an error.
        queue.add(pod("b", 0), SimTime::ZERO, None);
        let queued = queue.pop().expect("next");
        queue.add_unschedulable(queued, PluginSet::default(), SimTime::ZERO, WALL);
        assert!(!queue.has_next() && queue.has_backing_off());
    }

    #[test]
    fn gates_hold_pods_back() {
        let mut queue = Queue::default();
        let gated = pod_info("a", "schedulingGates: [{name: quota}]\ncontainers: [{}]");
        queue.add(gated.clone(), SimTime::ZERO, None);
        assert!(!queue.has_next());
        queue.requeue_one(&gated.key, None, SimTime::ZERO, WALL);
        assert!(!queue.has_next());
        queue.update(&pod("a", 0));
        queue.requeue_one(&gated.key, None, SimTime::ZERO, WALL);
        assert_eq!(names(&mut queue), "a");
    }

    #[test]
    fn after_five_minutes_a_pod_is_tried_again() {
        let mut queue = Queue::default();
        queue.add(pod("a", 0), SimTime::ZERO, None);
        let queued = queue.pop().expect("next");
        queue.add_unschedulable(queued, PluginSet::of(&[Plugin::NodeName]), SimTime::ZERO, WALL);
        queue.flush_unschedulable(SimTime::millis(300_000), WALL);
        assert!(!queue.has_next());
        queue.flush_unschedulable(SimTime::millis(330_000), WALL);
        assert_eq!(names(&mut queue), "a");
    }
}
