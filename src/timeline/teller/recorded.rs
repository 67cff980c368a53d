//! What is told of a recording beside what is told of a run: there objects alone are known, so what happens in containers is read
//! from their status, and what the cluster itself warned of is told as it was written.

use super::nodes::{ends, stays};
use super::objects::{Seen, is_person, kind_name, number, text};
use super::step::Step;
use super::{Begun, Moment, Teller};
use crate::api::conditions::find;
use crate::api::objects::{ConditionStatus, ContainerStatus, Event, Pod, RestartPolicy};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Actor, Change};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::manifest::Arg;
use crate::timeline::row::RowKey;

/// What somebody does within this after the last time is of the same chapter.
const SAME_ACT: Micros = SECOND;
/// A chapter with so many steps is long: it ends with the next wait.
const LONG: usize = 60;
/// And with so many it ends wherever it is.
const LONGEST: usize = 300;
/// What happens so long after the last step does not belong to it: no step waits longer for more of the same.
const QUIET: Micros = 10 * SECOND;
/// So many letters of a warning are told.
const LETTERS: usize = 180;

impl Teller {
    /// A teller of what a real cluster did.
    pub(in crate::timeline) fn recorded() -> Self {
        Self { is_recorded: true, ..Self::default() }
    }
    /// Tells what only a recording tells. True where that is all there is to be told.
    pub(super) fn recorded_object(&mut self, seen: &Seen, object: &Object) -> bool {
        if is_person(seen.actor) && object.kind() != Kind::Event {
            self.somebody_acts(seen);
        } else {
            self.turn_the_page(seen.record.time);
        }
        match object {
            Object::Event(event) => {
                self.warning(seen, event);
                // What was there before anybody looked is no news.
                let was_there = seen.actor == Actor::Etcd && seen.change == Change::Added;
                if seen.change != Change::Deleted && !was_there {
                    self.event(seen.history, seen.record, event);
                }
                true
            }
            Object::Pod(pod) => {
                if let (Change::Modified, Some(old)) = (seen.change, seen.old::<Pod>().cloned()) {
                    self.containers(seen, &old, pod);
                }
                let was_there = seen.actor == Actor::Etcd && seen.change == Change::Added;
                if was_there {
                    self.was_there(seen);
                    self.remember_pod(pod, &seen.key);
                }
                was_there
            }
            _ if seen.actor == Actor::Etcd && seen.change == Change::Added => {
                self.was_there(seen);
                if let Object::ReplicaSet(set) = object {
                    self.remember_wanted(&seen.key, set);
                }
                true
            }
            _ => false,
        }
    }
    /// A chapter begins with what somebody did outside of the cluster.
    fn somebody_acts(&mut self, seen: &Seen) {
        let at = seen.record.time;
        let is_same =
            self.chapters.last().is_some_and(|last| last.is_recorded && at.since(last.at) <= SAME_ACT);
        if !is_same {
            self.chapters.push(Begun { is_recorded: true, ..Begun::new(at, None) });
        }
    }
    /// A chapter of a cluster in which nobody acts would never end: once it is long, the next begins where it is quiet.
    fn turn_the_page(&mut self, at: SimTime) {
        let chapter = self.chapters.len() - 1;
        let begins = self.groups.partition_point(|group| group.chapter < chapter);
        let steps = self.groups.len() - begins;
        let is_quiet = || self.groups.last().is_some_and(|last| at.since(last.last) > QUIET);
        if steps >= LONGEST || steps >= LONG && is_quiet() {
            self.chapters.push(Begun { goes_on: true, ..Begun::new(at, None) });
        }
    }
    fn was_there(&mut self, seen: &Seen) {
        self.tell(seen.record, seen.moment(Step::WasThere, kind_name(&seen.key)));
    }
    /// What Kubernetes warned of, in its own words.
    fn warning(&mut self, seen: &Seen, event: &Event) {
        let about = &event.involved_object;
        // What the objects themselves say is told of them.
        let is_told = matches!(&*event.reason, "FailedScheduling" | "BackOff" | "Failed" | "ResizeDeferred");
        let was_there = seen.actor == Actor::Etcd;
        if &*event.kind != "Warning" || was_there || seen.change != Change::Added || is_told {
            return;
        }
        let Some(kind) = Kind::named(&about.kind) else { return };
        let key = ObjectKey::new(kind, about.namespace.clone(), about.name.clone());
        let mut message: String = event.message.chars().take(LETTERS).collect();
        if message.len() < event.message.len() {
            message.push('…');
        }
        let mut args = kind_name(&key);
        args.extend([("reason", text(&event.reason)), ("message", Arg::from(message.trim()))]);
        let step = Step::Warned(kind, event.reason.clone());
        self.tell(seen.record, Moment::new(step, seen.record.time, key, args));
    }
    /// What the status says of containers that begin and end.
    fn containers(&mut self, seen: &Seen, old: &Pod, pod: &Pod) {
        let init = pod.status.init_container_statuses.iter().map(|status| (status, true));
        let others = pod.status.container_statuses.iter().map(|status| (status, false));
        for (status, is_init) in init.chain(others) {
            let before = old.status.init_container_statuses.iter().chain(&old.status.container_statuses);
            let before = before.into_iter().find(|other| other.name == status.name);
            let is_always = pod.spec.restart_policy.is_none_or(|policy| policy == RestartPolicy::Always);
            self.container_status(seen, (old, pod), (before, status), (is_init, is_always));
        }
    }
    fn container_status(
        &mut self,
        seen: &Seen,
        (old_pod, pod): (&Pod, &Pod),
        (old, status): (Option<&ContainerStatus>, &ContainerStatus),
        (is_init, is_always): (bool, bool),
    ) {
        let (key, record) = (&seen.key, seen.record);
        let cohort = self.memory.cohort(key);
        let running = |status: &ContainerStatus| status.state.running.clone();
        let ended = [&status.state.terminated, &status.last_state.terminated].into_iter().flatten().next();
        let was_ended = old
            .and_then(|old| [&old.state.terminated, &old.last_state.terminated].into_iter().flatten().next());
        let args = |count: i32| {
            vec![("pod", text(&key.name)), ("container", text(&status.name)), ("count", number(count))]
        };
        if let Some(ended) = ended.filter(|ended| {
            was_ended.is_none_or(|was| {
                was.finished_at != ended.finished_at || was.container_id != ended.container_id
            })
        }) {
            let mut args = args(status.restart_count);
            args.push(("code", number(ended.exit_code)));
            let over = ends(pod, (&status.name, ended.exit_code), |name| {
                let other = pod.status.container_statuses.iter().find(|other| other.name == *name)?;
                let (state, ended) = (&other.state, other.state.terminated.as_ref());
                let was_there = state.running.is_some() || ended.is_some() || other.restart_count > 0;
                was_there.then(|| ended.map(|ended| ended.exit_code))
            });
            let left = || stays(has_sandbox(old_pod, pod), pod.spec.host_network);
            args.push(("stays", over.map_or_else(left, Arg::Message)));
            let step = match (self.memory.deletion(key), is_init, ended.exit_code) {
                (Some(deletion), ..) => Some(Step::Ended(deletion.cohort)),
                (None, true, 0) => Some(Step::InitEnds(cohort, status.name.clone())),
                // A Pod that has done its work is told by its phase.
                (None, false, 0) if !is_always => None,
                _ if &*ended.reason == "OOMKilled" => {
                    Some(Step::OutOfMemory(key.clone(), status.name.clone()))
                }
                _ => Some(Step::ContainerDies(key.clone(), status.name.clone())),
            };
            if let Some(step) = step {
                self.tell(record, Moment::new(step, record.time, RowKey::Object(key.clone()), args));
            }
        }
        let begins = running(status).is_some_and(|now| old.and_then(running).as_ref() != Some(&now));
        if begins {
            self.memory.waiting.remove(&(key.clone(), status.name.clone()));
            let step = if status.restart_count > 0 {
                Step::Restarted(key.clone(), status.name.clone())
            } else if is_init {
                Step::InitStarts(cohort, status.name.clone())
            } else {
                Step::ContainersStart(cohort)
            };
            let moment =
                Moment::new(step, record.time, RowKey::Object(key.clone()), args(status.restart_count));
            self.tell(record, moment);
        }
    }
}

/// Whether the sandbox of a Pod is still the same: it says that it has one, and its address is the same.
fn has_sandbox(old: &Pod, pod: &Pod) -> bool {
    let ready = find(&pod.status.conditions, "PodReadyToStartContainers");
    let has_one = ready.is_none_or(|ready| ready.status != Some(ConditionStatus::False));
    has_one && (old.status.pod_ip.is_empty() || old.status.pod_ip == pod.status.pod_ip)
}
