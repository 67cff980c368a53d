//! The moments of Pods as etcd holds them: made, placed, ready, failing, deleted.

use super::memory::{Deletion, PodMemory};
use super::messages::is_endpoint;
use super::objects::{Seen, held, is_person, kind_name, number, owner_key, text};
use super::step::{AtOnce, Class, Cohort, Step};
use super::{Moment, Teller};
use crate::api::conditions::{find, is_pod_ready, is_pod_terminal};
use crate::api::objects::{ConditionStatus, ContainerStatus, Event, Job, Pod, PodPhase, PullPolicy};
use crate::api::{Kind, ObjectKey, tags};
use crate::cluster::record::{Actor, ControllerName, Fact, NodeId, Record};
use crate::cluster::runtime::{ContainerPhase, ContainerRole};
use crate::cluster::time::{MILLI, Micros, SECOND};
use crate::manifest::Arg;
use crate::timeline::history::History;
use crate::value::Str;

/// So long after a container has ended its kubelet's Event about that is late, in microseconds.
const LATE: Micros = 8 * SECOND;

impl Teller {
    pub(super) fn pod_added(&mut self, seen: &Seen, pod: &Pod) {
        let &Seen { record, actor, ref key, .. } = seen;
        let owner = |kind| owner_key(&pod.metadata, kind).filter(|_| matches!(actor, Actor::Controller(_)));
        let mut args = vec![("pod", text(&key.name))];
        let step = match (owner(Kind::ReplicaSet), owner(Kind::Job)) {
            // A recording without ReplicaSets does not say how many one wants.
            (Some(owner), _) if self.is_recorded && !self.memory.replica_sets.contains_key(&owner) => {
                Step::Created(actor, Class::Pod)
            }
            (Some(owner), _) => {
                let set = self.memory.replica_sets.entry(owner.clone()).or_default();
                args.extend([
                    ("replica_set", text(&owner.name)),
                    ("wanted", number(set.wanted)),
                    ("seen", number(set.active)),
                ]);
                let was_full = set.was_full;
                set.active += 1;
                set.was_full |= set.active >= set.wanted;
                if was_full { Step::Replaced(owner) } else { Step::PodsMade(owner) }
            }
            (None, Some(owner)) => {
                args.push(("job", text(&owner.name)));
                let view = seen.history.at(record.time);
                let job = view.get::<Job>(&owner.namespace, &owner.name);
                match job.map(|job| (job.status.failed, job.spec.backoff_limit.unwrap_or(6))) {
                    Some((failed @ 1.., limit)) => {
                        args.extend([("failed", number(failed)), ("limit", number(limit))]);
                        Step::JobRetries(owner)
                    }
                    _ => Step::JobPodsMade(owner),
                }
            }
            (None, None) => match Self::pod_of_set(pod).filter(|_| matches!(actor, Actor::Controller(_))) {
                Some((step, of_set)) => {
                    args = of_set;
                    step
                }
                None => Step::Created(actor, Class::Pod),
            },
        };
        let cohort = self.tell(record, seen.moment(step, args));
        self.memory.pods.insert(key.clone(), PodMemory { cohort, ..PodMemory::default() });
    }

    /// A Pod that was there before anybody looked counts for its owner.
    pub(super) fn remember_pod(&mut self, pod: &Pod, key: &ObjectKey) {
        let cohort = self.groups_told();
        self.memory.pods.insert(key.clone(), PodMemory { cohort, ..PodMemory::default() });
        let owner = owner_key(&pod.metadata, Kind::ReplicaSet).filter(|_| !pod.metadata.is_terminating());
        if let Some(set) = owner.and_then(|owner| self.memory.replica_sets.get_mut(&owner)) {
            set.active += 1;
            set.was_full |= set.active >= set.wanted;
        }
    }

    pub(super) fn pod_modified(&mut self, seen: &Seen, pod: &Pod) {
        let &Seen { record, actor, ref key, .. } = seen;
        let Some(old) = seen.old::<Pod>() else { return };
        let cohort = self.memory.cohort(key);
        let is_terminal = is_pod_terminal(pod) && !is_pod_terminal(old);
        self.owner_changes(old, pod);
        if pod.metadata.is_terminating() {
            if !old.metadata.is_terminating() {
                self.pod_terminating(seen, pod);
            }
            return;
        }
        let (phase, was_ready) = (pod.status.phase, is_pod_ready(old));
        let mut args = vec![("pod", text(&key.name))];
        let step = if old.spec.node_name.is_empty() && !pod.spec.node_name.is_empty() {
            args.push(("node", text(&pod.spec.node_name)));
            Step::Scheduled(cohort)
        } else if let Some(step) =
            unplaced(pod, cohort).filter(|step| unplaced(old, cohort).as_ref() != Some(step))
        {
            args.extend(why_unplaced(pod).map(|why| ("why", why.as_str().into())));
            step
        } else if is_terminal && phase == Some(PodPhase::Succeeded) {
            Step::Succeeded(cohort)
        } else if is_terminal && Self::is_evicted(pod) {
            args.push(("node", text(&pod.spec.node_name)));
            Step::Evicted(pod.spec.node_name.clone())
        } else if is_terminal {
            Step::EndsBadly(cohort)
        } else if is_pod_ready(pod) && !was_ready {
            // What its kubelet still says of a container that has ended meanwhile is no news.
            if has_ended(seen.history, record, pod) {
                return;
            }
            Step::Ready(cohort)
        } else if was_ready && actor == Actor::Controller(ControllerName::NodeLifecycle) {
            args.push(("node", text(&pod.spec.node_name)));
            Step::Unheard(pod.spec.node_name.clone())
        } else if was_ready && !is_pod_ready(pod) && do_all_run(pod) && restarts(pod) == restarts(old) {
            Step::NotReady(cohort)
        } else if phase != old.status.phase && phase == Some(PodPhase::Running) {
            Step::Runs(cohort)
        } else if is_person(actor) {
            // That it is evicted is told by its deletion, which follows.
            if is_to_be_evicted(pod) && !is_to_be_evicted(old) {
                return;
            }
            args = kind_name(key);
            Step::Changed(actor)
        } else {
            return self.waiting(record, key, old, pod);
        };
        self.tell(record, seen.moment(step, args));
    }

    /// A Pod that is released or adopted counts for another ReplicaSet.
    fn owner_changes(&mut self, old: &Pod, pod: &Pod) {
        let owner = |pod: &Pod| owner_key(&pod.metadata, Kind::ReplicaSet);
        let (was, is) = (owner(old), owner(pod));
        if was == is || old.metadata.is_terminating() {
            return;
        }
        for (owner, more) in [(was, -1), (is, 1)] {
            if let Some(owner) = owner {
                self.memory.replica_sets.entry(owner).or_default().active += more;
            }
        }
    }

    /// Containers that newly wait because something went wrong.
    fn waiting(&mut self, record: &Record, key: &ObjectKey, old: &Pod, pod: &Pod) {
        let statuses = |pod: &Pod| -> Vec<ContainerStatus> {
            pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses).cloned().collect()
        };
        let reason =
            |status: &ContainerStatus| status.state.waiting.as_ref().map(|waiting| waiting.reason.clone());
        let before = statuses(old);
        for status in statuses(pod) {
            let (Some(now), was) =
                (reason(&status), before.iter().find(|other| other.name == status.name).and_then(reason))
            else {
                continue;
            };
            let is_new = was.as_deref() != Some(&*now);
            let cohort = self.memory.cohort(key);
            match &*now {
                "CrashLoopBackOff" if is_new => {
                    let message = status.state.waiting.as_ref().map_or("", |waiting| &*waiting.message);
                    let args = [
                        ("pod", text(&key.name)),
                        ("container", text(&status.name)),
                        ("delay", Arg::Millis(back_off_millis(message))),
                    ];
                    let step = Step::BackOffShown(key.clone(), status.name.clone());
                    self.tell(record, Moment::new(step, record.time, key.clone(), args));
                }
                "ErrImagePull" | "InvalidImageName" | "ErrImageNeverPull" if is_new => {
                    let spec = &pod.spec;
                    let image = spec.init_containers.iter().chain(&spec.containers);
                    let image = image
                        .filter(|container| container.name == status.name)
                        .map(|c| c.image.clone())
                        .next();
                    let image = image.unwrap_or_else(|| status.image.clone());
                    // The registry has said so: it could be asked.
                    let waiting = status.state.waiting.as_ref();
                    let is_not_found = waiting.is_some_and(|waiting| waiting.message.ends_with("not found"));
                    let is_assumed = !self.is_recorded && is_not_found && tags::is_missing(&image);
                    let step = if is_assumed {
                        Step::TagUnknown(cohort, image.clone())
                    } else {
                        Step::PullFails(cohort, image.clone())
                    };
                    let args = [("pod", text(&key.name)), ("image", text(&image))];
                    self.tell(record, Moment::new(step, record.time, key.clone(), args));
                }
                "CreateContainerConfigError" | "CreateContainerError" if is_new => {
                    self.unmade(record, key, &status);
                }
                _ => {}
            }
        }
    }

    /// What the kubelet says of a container. That it does not start one again at once it says long before the Pod's status shows it:
    /// the status is written before the kubelet looks what is to be done.
    pub(super) fn event(&mut self, history: &History, record: &Record, event: &Event) {
        let about = &event.involved_object;
        let pod = ObjectKey::new(Kind::Pod, about.namespace.clone(), about.name.clone());
        let resize = match &*event.reason {
            "ResizeStarted" => Some(Step::ResizeBegins(pod.clone())),
            "ResizeDeferred" => Some(Step::ResizeWaits(pod.clone())),
            "ResizeCompleted" => Some(Step::ResizeEnds(pod.clone())),
            _ => None,
        };
        if let Some(step) = resize {
            let args = [("pod", text(&pod.name))];
            self.tell(record, Moment::new(step, record.time, pod, args));
            return;
        }
        let name = about.field_path.strip_suffix('}').and_then(|path| path.split_once('{'));
        let Some((_, name)) = name else { return };
        if let "Pulling" | "Pulled" = &*event.reason
            && let Some((image, is_always)) = image(history, record, &pod, name)
        {
            if &*event.reason == "Pulled" {
                self.memory.images.insert(image);
            } else if is_always {
                self.memory.always.insert(image);
            }
        }
        let is_back_off = &*event.reason == "BackOff" && event.message.starts_with("Back-off restarting");
        if !is_back_off || !self.memory.waiting.insert((pod.clone(), name.into())) {
            return;
        }
        let container = (pod.clone(), Str::from(name));
        // Of many Events some are left out, and one that comes late says what was so long before.
        if self.memory.ends.get(&container).is_some_and(|ended| record.time.since(*ended) > LATE) {
            return;
        }
        let mut args = vec![("pod", text(&pod.name)), ("container", name.into())];
        // A recording may begin in the middle of it.
        if !self.is_recorded {
            let wait = self.memory.waits.get(&container).map_or(0, |(wait, _)| *wait);
            let has_run = !self.memory.unstarted.contains(&container);
            args.extend([("delay", Arg::Millis(wait)), ("run", number(has_run))]);
        }
        let step = Step::BacksOff(pod.clone(), name.into());
        self.tell(record, Moment::new(step, record.time, pod, args));
    }

    fn pod_terminating(&mut self, seen: &Seen, pod: &Pod) {
        let &Seen { record, actor, ref key, .. } = seen;
        let seconds = pod.metadata.deletion_grace_period_seconds.unwrap_or(0).max(0);
        let grace = u64::try_from(seconds).unwrap_or(0).saturating_mul(SECOND);
        let mut args = vec![("pod", text(&key.name)), ("grace", Arg::Millis(grace / MILLI))];
        let owner = owner_key(&pod.metadata, Kind::ReplicaSet);
        let mut step = match grace {
            // Without finalizers it would be gone at once.
            0 if !pod.metadata.finalizers.is_empty() => {
                args.extend(held(key, &pod.metadata));
                Step::Held(actor)
            }
            0 => Step::Forced(actor, at_once(seen, pod)),
            _ => Step::Deleted(actor),
        };
        if let Some(owner) = owner {
            let set = self.memory.replica_sets.entry(owner.clone()).or_default();
            args.extend([
                ("replica_set", text(&owner.name)),
                ("wanted", number(set.wanted)),
                ("seen", number(set.active)),
            ]);
            set.active = (set.active - 1).max(0);
            if actor == Actor::Controller(ControllerName::ReplicaSet) {
                step = Step::PodsRemoved(owner);
            }
        }
        if grace > 0
            && let Some((taken, of_set)) = Self::pod_taken_away(actor, pod)
        {
            step = taken;
            args.extend(of_set);
        }
        let cohort = self.tell(record, seen.moment(step, args));
        let node = seen.history.at(record.time).node(&pod.spec.node_name);
        let unheard = node.filter(|node| self.memory.unheard(*node).is_some());
        let memory = self.memory.pods.entry(key.clone()).or_default();
        memory.deletion = Some(Deletion { cohort, at: record.time, grace, unheard, is_late: false });
        self.memory.deletions.insert(record.id, key.clone());
        if let Some(node) = unheard.filter(|_| grace > 0 && !is_endpoint(seen.history, record, key)) {
            let moment = self.not_told(seen.history, (node, cohort), key.clone(), (record.time, false));
            self.tell(record, moment);
        }
    }

    pub(super) fn pod_deleted(&mut self, seen: &Seen, pod: &Pod) {
        let &Seen { actor, ref key, .. } = seen;
        let is_kubelet = matches!(actor, Actor::Kubelet(_)) || self.is_recorded;
        self.memory.forget(key);
        let was_held = seen.old::<Pod>().is_some_and(|old| {
            let meta = &old.metadata;
            meta.deletion_grace_period_seconds == Some(0) && !meta.finalizers.is_empty()
        });
        let step = match self.memory.deletion(key) {
            Some(_) if was_held => Step::Released(actor),
            // What is removed at once is one step, and it is told already.
            Some(Deletion { grace: 0, .. }) => return,
            Some(_) if !is_kubelet => Step::ForcedLater(actor, asked_for(seen)),
            Some(deletion) => Step::Gone(deletion.cohort),
            // Its deletionTimestamp came and went between two lists of a watch, or between two looks: nobody has seen it.
            None if self.is_recorded && (is_pod_terminal(pod) || pod.spec.node_name.is_empty()) => {
                Step::Forced(actor, at_once(seen, pod))
            }
            None => Step::Gone(self.memory.cohort(key)),
        };
        let is_owned = pod.metadata.controller().is_some();
        let args = [("pod", text(&key.name)), ("owned", number(is_owned))];
        self.tell(seen.record, seen.moment(step, args));
    }
}

/// Whether somebody has asked for its eviction.
fn is_to_be_evicted(pod: &Pod) -> bool {
    find(&pod.status.conditions, "DisruptionTarget")
        .is_some_and(|target| &*target.reason == "EvictionByEvictionAPI")
}

/// Whether one of its containers that are to run beside each other has ended, and is not started again yet.
fn has_ended(history: &History, record: &Record, pod: &Pod) -> bool {
    let view = history.at(record.time);
    let Some((sandbox, _)) = view.sandboxes_of(pod).last() else { return false };
    let runs = || view.containers_in(sandbox).filter(|(_, row)| row.role != ContainerRole::Init);
    runs().any(|(_, row)| {
        let is_newest = runs().all(|(_, other)| other.name != row.name || other.attempt <= row.attempt);
        is_newest && matches!(row.state, ContainerPhase::Exited { .. })
    })
}

/// Why a Pod is given no time to end (upstream: pkg/registry/core/pod/strategy.go CheckGracefulDelete).
fn at_once(seen: &Seen, pod: &Pod) -> AtOnce {
    if pod.spec.node_name.is_empty() {
        AtOnce::NoNode
    } else if is_pod_terminal(pod) {
        AtOnce::Finished
    } else {
        match asked_for(seen) {
            AtOnce::Asked if pod.spec.termination_grace_period_seconds == Some(0) => AtOnce::Own,
            asked => asked,
        }
    }
}

/// The image of a container, with its node, and whether it is asked for though it is there.
fn image(history: &History, record: &Record, pod: &ObjectKey, name: &str) -> Option<((NodeId, Str), bool)> {
    let view = history.at(record.time);
    let spec = &view.get::<Pod>(&pod.namespace, &pod.name)?.spec;
    let mut all = spec.init_containers.iter().chain(&spec.containers).chain(&spec.ephemeral_containers);
    let container = all.find(|container| &*container.name == name)?;
    let is_always = container.image_pull_policy == Some(PullPolicy::Always);
    Some(((view.node(&spec.node_name)?, container.image.clone()), is_always))
}

/// How a request says that a Pod is to be removed at once.
fn asked_for(seen: &Seen) -> AtOnce {
    let line = seen.history.causes(seen.record.id).find_map(|cause| match &cause.fact {
        Fact::CommandBegins(_, line) if is_person(seen.actor) => Some(line),
        _ => None,
    });
    let is_forced = line.is_some_and(|line| {
        let mut words = line.split_whitespace();
        words.any(|word| word == "delete") && words.any(|word| word == "--force" || word == "--force=true")
    });
    if is_forced { AtOnce::Forced } else { AtOnce::Asked }
}

fn restarts(pod: &Pod) -> i32 {
    pod.status.container_statuses.iter().map(|status| status.restart_count).sum()
}

fn do_all_run(pod: &Pod) -> bool {
    pod.status.container_statuses.iter().all(|status| status.state.running.is_some())
}

/// What the scheduler says of a Pod that it has not placed: of nodes that do not fit what counts them, without preemption.
fn why_unplaced(pod: &Pod) -> Option<String> {
    let message = &find(&pod.status.conditions, "PodScheduled")?.message;
    let (_, why) = message.split_once("nodes are available: ").unwrap_or(("", message));
    let (why, _) = why.split_once(" preemption: ").unwrap_or((why, ""));
    Some(why.trim_end_matches(['.', ' ']).to_owned())
}

/// Why the scheduler has not placed a Pod, as its condition says: not every reason lies with the nodes.
fn unplaced(pod: &Pod, cohort: Cohort) -> Option<Step> {
    let condition = find(&pod.status.conditions, "PodScheduled")
        .filter(|condition| condition.status == Some(ConditionStatus::False))?;
    // Its gates are as they were when it was made.
    if &*condition.reason == "SchedulingGated" {
        return None;
    }
    let says = |text| condition.message.contains(text);
    Some(if &*condition.reason == "SchedulerError" {
        Step::NotBound(cohort)
    } else if says("pod has unbound immediate PersistentVolumeClaims") {
        Step::AwaitsVolume(cohort)
    } else if says("persistentvolumeclaim \"") && says("\" not found") {
        Step::AwaitsClaim(cohort)
    } else {
        Step::Unschedulable(cohort)
    })
}

/// The time in a message such as `back-off 1m20s restarting failed container=web ...`.
fn back_off_millis(message: &str) -> u64 {
    let span = message.split_whitespace().nth(1).unwrap_or("");
    let (mut seconds, mut digits) = (0, 0);
    for c in span.chars() {
        match (c.to_digit(10), c) {
            (Some(digit), _) => digits = digits * 10 + u64::from(digit),
            (None, 'm') => (seconds, digits) = (seconds + digits * 60, 0),
            (None, 's') => (seconds, digits) = (seconds + digits, 0),
            _ => return 0,
        }
    }
    seconds * 1_000
}

#[test]
fn a_back_off_is_read_out_of_its_message() {
    for (message, seconds) in [
        ("back-off 10s restarting", 10),
        ("back-off 1m20s restarting", 80),
        ("back-off 5m0s restarting", 300),
        ("", 0),
    ] {
        assert_eq!(back_off_millis(message), seconds * 1_000, "{message}");
    }
}
