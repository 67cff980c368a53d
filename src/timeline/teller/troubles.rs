//! What goes wrong before a container runs, or while it does, and is told of by an Event or a status alone: Pods that are refused,
//! volumes that are not mounted, containers that cannot be made, probes that fail.

use super::objects::{number, text};
use super::step::Step;
use super::{Moment, Teller};
use crate::api::conditions::is_pod_ready;
use crate::api::objects::{Container, ContainerStatus, Event, Pod, Probe, RestartPolicy};
use crate::api::{Kind, ObjectKey};
use crate::cluster::record::{Fact, Record};
use crate::cluster::runtime::{ContainerId, ContainerRow};
use crate::cluster::time::SECOND;
use crate::msg;
use crate::timeline::history::History;
use crate::value::Str;
use std::rc::Rc;

/// The probes, as Events call them.
const PROBES: [(&str, fn(&Container) -> &Option<Rc<Probe>>, &str); 3] = [
    ("Startup", |container| &container.startup_probe, msg!("say.startup-probe-fails")),
    ("Readiness", |container| &container.readiness_probe, msg!("say.readiness-probe-fails")),
    ("Liveness", |container| &container.liveness_probe, msg!("say.liveness-probe-fails")),
];

/// So many failures in a row count where nothing else is said.
const FAILURES: i32 = 3;

/// So many causes of a signal are looked at for who has sent it.
const NEAR: usize = 8;

/// The container that an Event is about.
fn container_of(event: &Event) -> Option<&str> {
    let path = &event.involved_object.field_path;
    path.strip_suffix('}').and_then(|path| path.split_once('{')).map(|(_, name)| name)
}

/// What is remembered of an object.
fn trouble(key: &ObjectKey, what: &str, of: &str) -> (ObjectKey, Str) {
    (key.clone(), Str::joined(&[what, " ", of]))
}

/// How many failures in a row count.
fn failures(container: &Container, of: fn(&Container) -> &Option<Rc<Probe>>) -> i32 {
    let threshold = of(container).as_ref().map_or(0, |probe| probe.failure_threshold);
    if threshold > 0 { threshold } else { FAILURES }
}

impl Teller {
    /// An Event of something that goes wrong. What repeats is told once.
    pub(super) fn trouble(&mut self, history: &History, record: &Record, event: &Event) {
        let about = &event.involved_object;
        let Some(kind) = Kind::named(&about.kind) else { return };
        let key = ObjectKey::new(kind, about.namespace.clone(), about.name.clone());
        match (&*event.reason, kind) {
            // A CronJob makes no Pods itself.
            ("FailedCreate", kind) if kind != Kind::CronJob => {
                let why = event.message.split_once("is forbidden: ").map_or(&*event.message, |(_, why)| why);
                if self.is_new(&key, "refused", why) {
                    let args =
                        [("kind", kind.info().name.into()), ("name", text(&key.name)), ("why", why.into())];
                    self.tell(record, Moment::new(Step::PodsRefused(key.clone()), record.time, key, args));
                }
            }
            ("JobAlreadyActive", Kind::CronJob) => {
                // It says so again whenever it looks.
                let minute = (record.time.0 / (60 * SECOND)).to_string();
                if self.is_new(&key, "active", &minute) {
                    let args = [("cron_job", text(&key.name))];
                    self.tell(record, Moment::new(Step::CronJobWaits(key.clone()), record.time, key, args));
                }
            }
            ("ExternalProvisioning", Kind::PersistentVolumeClaim) if self.is_new(&key, "provisioner", "") => {
                let provisioner = event.message.split('\'').nth(1).unwrap_or_default();
                let args = [("claim", text(&key.name)), ("provisioner", provisioner.into())];
                let step = Step::AwaitsProvisioner(key.clone());
                self.tell(record, Moment::new(step, record.time, key, args));
            }
            ("Failed", Kind::Pod) if event.message.contains("unable to start container process: ") => {
                self.unstarted(record, event, key);
            }
            ("FailedMount", Kind::Pod) if self.is_new(&key, "mount", "") => {
                let why = event.message.split_once(" : ").map_or(&*event.message, |(_, why)| why);
                let args = [("pod", text(&key.name)), ("why", why.into())];
                let step = Step::Unmounted(self.memory.cohort(&key));
                self.tell(record, Moment::new(step, record.time, key, args));
            }
            ("Unhealthy", Kind::Pod) => self.probed(history, record, event, key),
            _ => {}
        }
    }
    /// A probe has failed.
    fn probed(&mut self, history: &History, record: &Record, event: &Event, key: ObjectKey) {
        let view = history.at(record.time);
        let pod = view.get::<Pod>(&key.namespace, &key.name);
        let (Some(name), Some(pod)) = (container_of(event), pod) else { return };
        let mut all = pod.spec.init_containers.iter().chain(&pod.spec.containers);
        let Some(container) = all.find(|container| &*container.name == name) else { return };
        let cohort = self.memory.cohort(&key);
        let mut args = vec![("pod", text(&key.name)), ("container", name.into())];
        let failed = PROBES.iter().find_map(|(probe, of, id)| {
            let why = event.message.strip_prefix(probe)?.strip_prefix(" probe failed: ")?;
            Some((*probe, *of, *id, why))
        });
        let Some((probe, of, id, why)) = failed else { return };
        // One that is ready stays so until it has failed often enough, which is told then; and one that has just begun to run fails
        // once or twice as a rule.
        let is_usual = is_pod_ready(pod) || event.count < failures(container, of);
        if probe == "Readiness" && is_usual || !self.is_new(&key, probe, name) {
            return;
        }
        args.extend([("why", why.into()), ("failures", number(failures(container, of)))]);
        self.tell(record, Moment::new(Step::ProbeFails(cohort, name.into(), id), record.time, key, args));
    }
    /// A container has ended because its kubelet asked it to, and its Pod stays: a probe has failed as often as counts, if it is known
    /// to fail. The kubelet's Event about it may be left out, as it says too much.
    pub(super) fn probe_kills(
        &mut self,
        history: &History,
        record: &Record,
        id: ContainerId,
        row: &ContainerRow,
    ) {
        let view = history.at(record.time);
        let asked = view.signals(id).next();
        let (Some((at, _)), Some(pod)) = (asked, view.get::<Pod>(&row.pod.namespace, &row.pod.name)) else {
            return;
        };
        let mut all = pod.spec.init_containers.iter().chain(&pod.spec.containers);
        let Some(container) = all.find(|container| container.name == row.name) else { return };
        // One with another image is replaced for that, and somebody may have ended it.
        let mut causes = history.causes(record.id).take(NEAR);
        let sender = causes.find(|cause| matches!(cause.fact, Fact::Signal(..))).and_then(|_| causes.next());
        let is_somebody =
            sender.is_some_and(|cause| matches!(cause.fact, Fact::Fault(_) | Fact::Process(..)));
        if container.image != row.image || is_somebody {
            return;
        }
        let fails = |probe: &str| self.memory.troubles.contains(&trouble(&row.pod, probe, &row.name));
        let Some((probe, of, _)) = PROBES.iter().find(|(probe, ..)| *probe != "Readiness" && fails(probe))
        else {
            return;
        };
        let is_last = pod.spec.restart_policy == Some(RestartPolicy::Never);
        let args = [
            ("pod", text(&row.pod.name)),
            ("container", text(&row.name)),
            ("probe", probe.to_lowercase().as_str().into()),
            ("failures", number(failures(container, *of))),
            ("again", number(!is_last)),
        ];
        let step = Step::ProbeKills(row.pod.clone(), row.name.clone());
        self.tell(record, Moment::new(step, at, row.pod.clone(), args));
    }
    /// A container newly waits for what it cannot be made from.
    pub(super) fn unmade(&mut self, record: &Record, key: &ObjectKey, status: &ContainerStatus) {
        let why = status.state.waiting.as_ref().map_or("", |waiting| &*waiting.message);
        if self.is_recorded || why.is_empty() || !self.is_new(key, "made", &status.name) {
            return;
        }
        let args = [("pod", text(&key.name)), ("container", text(&status.name)), ("why", why.into())];
        let step = Step::Unmade(self.memory.cohort(key), status.name.clone());
        self.tell(record, Moment::new(step, record.time, key.clone(), args));
    }
    /// The runtime could not start what a container is to run.
    fn unstarted(&mut self, record: &Record, event: &Event, key: ObjectKey) {
        let Some(name) = container_of(event) else { return };
        self.memory.unstarted.insert((key.clone(), name.into()));
        if !self.is_new(&key, "start", name) {
            return;
        }
        let (_, why) = event.message.rsplit_once("process: ").unwrap_or(("", &event.message));
        let args = [("pod", text(&key.name)), ("container", name.into()), ("why", why.into())];
        let step = Step::Unstarted(self.memory.cohort(&key), name.into());
        self.tell(record, Moment::new(step, record.time, key, args));
    }
    /// Whether this was not told of an object yet.
    fn is_new(&mut self, key: &ObjectKey, what: &str, of: &str) -> bool {
        self.memory.troubles.insert(trouble(key, what, of))
    }
}
