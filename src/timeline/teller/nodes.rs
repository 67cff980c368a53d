//! The moments of what happens on nodes: sandboxes, containers, signals, rules.

use super::memory::Deletion;
use super::objects::{number, text};
use super::step::Step;
use super::{Moment, Teller};
use crate::api::objects::{Container, Pod, RestartPolicy};
use crate::api::{Kind, ObjectKey};
use crate::cluster::fault::Fault;
use crate::cluster::is_own_service;
use crate::cluster::kubelet::restarts_after;
use crate::cluster::proxy::{PortRules, RuleEndpoints, ServiceRules};
use crate::cluster::record::{Fact, HookKind, NodeId, Record};
use crate::cluster::runtime::{
    ContainerId, ContainerPhase, ContainerRole, ContainerRow, SandboxId, SandboxRow,
};
use crate::cluster::time::{MILLI, Micros, SimTime};
use crate::manifest::Arg;
use crate::msg;
use crate::timeline::history::History;
use crate::timeline::row::RowKey;
use crate::value::Str;
use std::collections::BTreeSet;

/// A program that ends within this after its signal is told to end at once.
const AT_ONCE: Micros = 500 * MILLI;

/// The record that gave a row its state before this one.
fn before<'a>(history: &'a History, record: &Record, key: &RowKey) -> Option<&'a Record> {
    let versions = history.versions(key);
    let place = versions.partition_point(|version| version.record < record.id).checked_sub(1)?;
    history.record(versions.get(place)?.record)
}

pub(super) fn node_name(history: &History, node: NodeId) -> Arg {
    history.nodes().get(usize::from(node.0)).map_or_else(|| "".into(), Arg::from)
}

impl Teller {
    pub(super) fn sandbox(
        &mut self,
        history: &History,
        record: &Record,
        id: SandboxId,
        row: Option<&SandboxRow>,
    ) {
        let key = RowKey::Sandbox(id);
        let old = match before(history, record, &key).map(|record| &record.fact) {
            Some(Fact::Sandbox(_, row)) => row.as_deref(),
            _ => None,
        };
        let (was_ready, is_ready) = (old.is_some_and(|old| old.ready), row.is_some_and(|row| row.ready));
        let Some(pod) = row.or(old).map(|row| row.pod.clone()) else { return };
        let args = [
            ("pod", text(&pod.name)),
            ("ip", text(&row.or(old).map(|row| row.ip.clone()).unwrap_or_default())),
        ];
        if is_ready && !was_ready {
            let step = Step::PauseStarts(self.memory.cohort(&pod));
            self.tell(record, Moment::new(step, record.time, key, args));
        } else if was_ready && !is_ready {
            if let Some(place) = self.memory.killed_pauses.iter().position(|killed| *killed == pod) {
                self.memory.killed_pauses.swap_remove(place);
                let policy = history
                    .at(record.time)
                    .get::<Pod>(&pod.namespace, &pod.name)
                    .and_then(|pod| pod.spec.restart_policy);
                let is_last = policy == Some(RestartPolicy::Never) || self.memory.deletion(&pod).is_some();
                let args = args.into_iter().chain([("last", number(is_last))]);
                self.tell(record, Moment::new(Step::PauseDies(pod), record.time, key, args));
            } else if let Some(deletion) = self.memory.deletion(&pod) {
                self.tell(record, Moment::new(Step::PauseEnds(deletion.cohort), record.time, key, args));
            } else if !has_lost_power(history, record) && is_left_alone(history, record, id) {
                let step = Step::SandboxEnds(self.memory.cohort(&pod));
                self.tell(record, Moment::new(step, record.time, key, args));
            }
        }
    }

    pub(super) fn container(
        &mut self,
        history: &History,
        record: &Record,
        id: ContainerId,
        row: Option<&ContainerRow>,
    ) {
        let Some(row) = row else {
            self.memory.containers.remove(&id);
            return;
        };
        let old = match before(history, record, &RowKey::Container(id)).map(|record| &record.fact) {
            Some(Fact::Container(_, row)) => row.as_deref(),
            _ => None,
        };
        let was_running = old.is_some_and(|old| matches!(old.state, ContainerPhase::Running { .. }));
        let key = (row.pod.clone(), row.name.clone());
        if old.is_none() && row.attempt > 0 {
            // One that its kubelet has just ended itself is started by the end before that: after the first there is none to wait for
            // (upstream: kuberuntime_manager.go doBackOff).
            let view = history.at(record.time);
            let is_before = |other: &ContainerRow| other.name == row.name && other.attempt + 1 == row.attempt;
            let before = view.containers_in(row.sandbox).find(|(_, other)| is_before(other));
            let was_killed = before.is_some_and(|(id, _)| view.signals(id).next().is_some());
            if row.attempt > 1 || !was_killed {
                self.memory.count_start(&key, record.time);
            }
        }
        if matches!(row.state, ContainerPhase::Exited { .. }) {
            self.memory.ends.insert(key, record.time);
        }
        match row.state {
            ContainerPhase::Running { .. } if !was_running => self.container_starts(record, id, row),
            // A node without power has told of its end itself, and nobody learns of these.
            ContainerPhase::Exited { .. } if has_lost_power(history, record) => {}
            ContainerPhase::Exited { code, .. } if was_running => {
                self.container_ends(history, record, id, row, code)
            }
            _ => {}
        }
    }

    fn container_starts(&mut self, record: &Record, id: ContainerId, row: &ContainerRow) {
        let cohort = self.memory.cohort(&row.pod);
        let step = match (row.role, row.attempt) {
            (_, 1..) => Step::Restarted(row.pod.clone(), row.name.clone()),
            (ContainerRole::Init, 0) => Step::InitStarts(cohort, row.name.clone()),
            (ContainerRole::Runtime | ContainerRole::Sidecar | ContainerRole::Ephemeral, 0) => {
                Step::ContainersStart(cohort)
            }
        };
        let args =
            [("pod", text(&row.pod.name)), ("container", text(&row.name)), ("count", number(row.attempt))];
        self.memory.waiting.remove(&(row.pod.clone(), row.name.clone()));
        self.memory.unstarted.remove(&(row.pod.clone(), row.name.clone()));
        // It is started again because it has ended: what ends after that is told after that.
        if row.attempt > 0 {
            self.close(&Step::ContainerDies(row.pod.clone(), row.name.clone()));
            self.close(&Step::OutOfMemory(row.pod.clone(), row.name.clone()));
            // That it gets ready again is another thing than that others get ready for the first time.
            self.close(&Step::Ready(cohort));
        }
        self.tell(record, Moment::new(step, record.time, RowKey::Container(id), args));
    }

    fn container_ends(
        &mut self,
        history: &History,
        record: &Record,
        id: ContainerId,
        row: &ContainerRow,
        code: i32,
    ) {
        if is_of_another(history, record, row) {
            return;
        }
        let memory = self.memory.containers.get(&id).copied().unwrap_or_default();
        let mut args =
            vec![("pod", text(&row.pod.name)), ("container", text(&row.name)), ("code", number(code))];
        let Some(deletion) = self.memory.deletion(&row.pod) else {
            self.probe_kills(history, record, id, row);
            let view = history.at(record.time);
            let pod = view.get::<Pod>(&row.pod.namespace, &row.pod.name);
            let policy = pod.and_then(|pod| pod.spec.restart_policy);
            let has_pause = view.sandbox(row.sandbox).is_some_and(|sandbox| sandbox.ready);
            let ended = |name: &Str| {
                let runs = view.containers_in(row.sandbox).map(|(_, row)| row);
                let newest = runs.filter(|other| other.name == *name).max_by_key(|other| other.attempt)?;
                Some(match newest.state {
                    ContainerPhase::Exited { code, .. } => Some(code),
                    _ => None,
                })
            };
            // What its kubelet ends is told by why it does.
            let is_alone = has_pause && view.signals(id).next().is_none();
            let over = pod.filter(|_| is_alone).and_then(|pod| ends(pod, (&row.name, code), ended));
            let is_on_host = pod.is_some_and(|pod| pod.spec.host_network);
            args.push(("stays", over.map_or_else(|| stays(has_pause, is_on_host), Arg::Message)));
            let step = match (row.role, code) {
                (ContainerRole::Init, 0) => Step::InitEnds(self.memory.cohort(&row.pod), row.name.clone()),
                // A Pod that has done its work is told by its phase.
                (_, 0) if policy.is_some_and(|policy| policy != RestartPolicy::Always) => return,
                _ if matches!(row.state, ContainerPhase::Exited { oom_killed: true, .. }) => {
                    Step::OutOfMemory(row.pod.clone(), row.name.clone())
                }
                _ => Step::ContainerDies(row.pod.clone(), row.name.clone()),
            };
            self.tell(record, Moment::new(step, record.time, RowKey::Container(id), args));
            return;
        };
        let cohort = deletion.cohort;
        let Some((asked, signal)) = memory.asked else {
            let step = if memory.is_killed { Step::Killed(cohort) } else { Step::Ended(cohort) };
            self.tell(record, Moment::new(step, record.time, RowKey::Container(id), args));
            return;
        };
        args.push(("signal", signal.into()));
        let step = if memory.is_killed {
            Step::Killed(cohort)
        } else if record.time.since(asked) <= AT_ONCE {
            Step::EndsAtOnce(cohort)
        } else {
            // It drains until just before it ends.
            let until = SimTime(record.time.0 - 1);
            let args = args.iter().cloned().chain([("left", Arg::Millis(deletion.left(until)))]);
            self.tell(record, Moment::new(Step::Drains(cohort), until, RowKey::Container(id), args));
            Step::Ended(cohort)
        };
        self.tell(record, Moment::new(step, record.time, RowKey::Container(id), args));
    }

    pub(super) fn signal(
        &mut self,
        history: &History,
        record: &Record,
        id: ContainerId,
        signal: &'static str,
    ) {
        let Some(row) = history.at(record.time).container(id) else { return };
        let Some(deletion) = self.memory.under_way(&row.pod, record.time) else { return };
        let memory = self.memory.containers.entry(id).or_default();
        let before = *memory;
        if signal == "SIGKILL" {
            memory.is_killed = true;
        } else {
            memory.asked = Some((record.time, signal));
        }
        memory.hook = None;
        let mut args =
            vec![("pod", text(&row.pod.name)), ("container", text(&row.name)), ("signal", signal.into())];
        let subject = RowKey::Container(id);
        let just_before = SimTime(record.time.0.saturating_sub(1));
        if before.hook.is_some() {
            let step = Step::HookOverruns(deletion.cohort);
            self.tell(record, Moment::new(step, just_before, subject.clone(), args.clone()));
        }
        if signal != "SIGKILL" {
            self.tell(record, Moment::new(Step::Signalled(deletion.cohort), record.time, subject, args));
            return;
        }
        if let Some((_, signal)) = before.asked.filter(|(asked, _)| record.time.since(*asked) > AT_ONCE) {
            let mut args = args.clone();
            args.retain(|(name, _)| *name != "signal");
            args.push(("signal", signal.into()));
            let step = Step::Ignores(deletion.cohort);
            self.tell(record, Moment::new(step, just_before, subject.clone(), args));
        }
        args.push(("grace", Arg::Millis(deletion.grace / MILLI)));
        self.tell(record, Moment::new(Step::Killed(deletion.cohort), record.time, subject, args));
    }

    pub(super) fn hook(
        &mut self,
        history: &History,
        record: &Record,
        id: ContainerId,
        kind: HookKind,
        code: Option<i32>,
    ) {
        let Some(row) = history.at(record.time).container(id) else { return };
        if kind != HookKind::PreStop {
            return;
        }
        let Some(deletion) = self.memory.under_way(&row.pod, record.time) else { return };
        let Deletion { cohort, at, grace, .. } = deletion;
        let memory = self.memory.containers.entry(id).or_default();
        let step = match code {
            None => {
                memory.hook = Some(record.time);
                Step::HookBegins(cohort)
            }
            Some(_) if memory.hook.take().is_none() => return,
            Some(_) if record.time >= at + grace => Step::HookOverruns(cohort),
            Some(_) => Step::HookEnds(cohort),
        };
        let args = [
            ("pod", text(&row.pod.name)),
            ("container", text(&row.name)),
            ("left", Arg::Millis(deletion.left(record.time))),
        ];
        self.tell(record, Moment::new(step, record.time, RowKey::Container(id), args));
    }

    pub(super) fn not_simulated(
        &mut self,
        history: &History,
        record: &Record,
        id: ContainerId,
        command: &Str,
    ) {
        let Some(row) = history.at(record.time).container(id) else { return };
        let step = Step::NotSimulated(row.pod.clone(), command.clone());
        let args = [("pod", text(&row.pod.name)), ("container", text(&row.name)), ("command", text(command))];
        self.tell(record, Moment::new(step, record.time, RowKey::Container(id), args));
    }

    pub(super) fn pull(
        &mut self,
        history: &History,
        record: &Record,
        node: NodeId,
        image: &Str,
        begins: bool,
    ) {
        let pull = (node, image.clone());
        if begins {
            self.memory.pulls.insert(pull, record.time);
        } else if self.memory.pulls.remove(&pull).is_some() {
            let pull = (node, image.clone());
            let step = match self.memory.images.contains(&pull) {
                true if self.memory.always.contains(&pull) => Step::AsksAgain(image.clone()),
                // It has waited in line for what another Pod has brought.
                true => return,
                false => Step::Pulling(image.clone()),
            };
            let args = [("image", text(image)), ("node", node_name(history, node))];
            self.tell(record, Moment::new(step, record.time, RowKey::Pull(node, image.clone()), args));
        }
    }

    pub(super) fn rules(
        &mut self,
        history: &History,
        record: &Record,
        node: NodeId,
        service: &ObjectKey,
        rules: Option<&ServiceRules>,
    ) {
        // What stood there before the run is no news, nor is what leads to the API server.
        if record.time == SimTime::ZERO || is_own_service(service) {
            return;
        }
        let key = RowKey::Rules(node, service.clone());
        // A node that has booted has none until its kube-proxy writes them.
        let booted = self.memory.booted.get(&node).copied().unwrap_or_default();
        let old = before(history, record, &key).filter(|old| old.time >= booted);
        let old = match old.map(|record| &record.fact) {
            Some(Fact::Rules(_, _, rules)) => rules.as_deref(),
            _ => None,
        };
        fn ports(rules: Option<&ServiceRules>) -> &[PortRules] {
            rules.map_or(&[], |rules| &rules.ports)
        }
        let (was, is) = (ports(old), ports(rules));
        let mut args = vec![
            ("service", text(&service.name)),
            ("count", pods(is).into()),
            ("node", node_name(history, node)),
        ];
        let step = if rules.is_none() {
            Step::RulesGone(service.clone())
        } else if let Some(out) = first_without(was, is) {
            args.push(("pod", text(&out.name)));
            match self.memory.deletion(out) {
                Some(deletion) => {
                    let deleted = self.groups.get(deletion.cohort).map_or(1, |group| group.subjects.len());
                    args.push(("deleted", deleted.into()));
                    Step::RulesLessen(service.clone(), deletion.cohort)
                }
                None => Step::RulesWritten(service.clone(), self.memory.cohort(out)),
            }
        } else if let Some(new) = first_without(is, was) {
            Step::RulesWritten(service.clone(), self.memory.cohort(new))
        } else {
            return;
        };
        self.tell(record, Moment::new(step, record.time, key, args));
    }

    pub(super) fn fault(&mut self, history: &History, record: &Record, fault: &Fault) {
        self.memory.silence(fault, record.time);
        if let Fault::NodeReturns(node) = fault {
            self.memory.booted.insert(*node, record.time);
        }
        let (subject, args) = match fault {
            Fault::KillContainer(pod, container) => {
                (Some(pod.clone()), vec![("pod", text(&pod.name)), ("container", text(container))])
            }
            Fault::KillPause(pod) => {
                self.memory.killed_pauses.push(pod.clone());
                (Some(pod.clone()), vec![("pod", text(&pod.name))])
            }
            Fault::KubeletStops(node)
            | Fault::KubeletResumes(node)
            | Fault::NodeDies(node)
            | Fault::NodeReturns(node)
            | Fault::Partition(node)
            | Fault::PartitionEnds(node)
            | Fault::ProxySlow(node)
            | Fault::ProxyMended(node)
            | Fault::Shortage(node, _)
            | Fault::ShortageEnds(node, _) => {
                let name = history.at(record.time).node_name(*node);
                (Some(ObjectKey::new(Kind::Node, "", name)), vec![("node", name.into())])
            }
            Fault::ImageGone(image) | Fault::ImageBack(image) => (None, vec![("image", text(image))]),
            Fault::ApiServerStops | Fault::ApiServerStarts | Fault::Registry(_) => (None, Vec::new()),
        };
        let step = Step::Fault(super::say::fault(fault));
        self.tell(record, Moment { step, time: record.time, subject: subject.map(RowKey::Object), args });
    }

    pub(super) fn limit(&mut self, record: &Record, what: &'static str, limit: u64) {
        let args = vec![("what", what.into()), ("limit", number(limit))];
        let step = Step::Limit(record.id);
        self.tell(record, Moment { step, time: record.time, subject: None, args });
    }
}

/// What stays of a Pod when a container of it ends: with `pause`, the Linux namespaces and the address go too.
pub(super) fn stays(has_pause: bool, is_on_host: bool) -> Arg {
    Arg::Message(match (has_pause, is_on_host) {
        (true, _) => msg!("stays.with-pause"),
        (false, false) => msg!("stays.without-pause"),
        (false, true) => msg!("stays.without-pause-on-host"),
    })
}

/// What is said of a Pod whose container has ended and is not started again: whether another runs on in it, or `pause` ends, too. None
/// where it is started again. `ended` gives how a container is: with which exit code it has ended, or that it has not, or nothing
/// where it was never there.
pub(super) fn ends(
    pod: &Pod,
    (name, code): (&Str, i32),
    ended: impl Fn(&Str) -> Option<Option<i32>>,
) -> Option<&'static str> {
    let (init, containers) = (&pod.spec.init_containers, &pod.spec.containers);
    let own = init.iter().chain(containers).find(|container| container.name == *name)?;
    if restarts_after(pod, own, code) {
        return None;
    }
    // Where an init container has failed for good, nothing is started after it.
    let is_init = init.iter().any(|container| container.name == *name);
    let goes_on = |container: &Container| match ended(&container.name) {
        Some(Some(code)) => restarts_after(pod, container, code),
        Some(None) => true,
        None => !is_init,
    };
    let is_any = containers.iter().any(|other| other.name != *name && goes_on(other));
    Some(if is_any { msg!("stays.others") } else { msg!("stays.ends") })
}

/// Whether the Pod of a sandbox is there and nothing runs in that sandbox any more.
fn is_left_alone(history: &History, record: &Record, id: SandboxId) -> bool {
    let view = history.at(record.time);
    let is_there = view.sandbox(id).is_some_and(|sandbox| {
        let pod = view.get::<Pod>(&sandbox.pod.namespace, &sandbox.pod.name);
        pod.is_some_and(|pod| pod.metadata.uid == sandbox.pod_uid)
    });
    is_there && view.containers_in(id).all(|(_, row)| matches!(row.state, ContainerPhase::Exited { .. }))
}

/// Whether a container is of a Pod that is gone, and another Pod has its name now.
fn is_of_another(history: &History, record: &Record, row: &ContainerRow) -> bool {
    let view = history.at(record.time);
    let (sandbox, pod) = (view.sandbox(row.sandbox), view.get::<Pod>(&row.pod.namespace, &row.pod.name));
    sandbox.zip(pod).is_some_and(|(sandbox, pod)| sandbox.pod_uid != pod.metadata.uid)
}

/// Whether something ended because its node lost its power: the fault is among the nearest causes.
fn has_lost_power(history: &History, record: &Record) -> bool {
    let causes = std::iter::successors(record.cause, |cause| history.record(*cause)?.cause);
    causes
        .take(4)
        .filter_map(|cause| history.record(cause))
        .any(|cause| matches!(&cause.fact, Fact::Fault(fault) if matches!(**fault, Fault::NodeDies(_))))
}

/// How many Pods the rules of these ports lead to.
fn pods(ports: &[PortRules]) -> usize {
    if let [only] = ports {
        return only.endpoints.pods();
    }
    let endpoints = ports.iter().flat_map(|port| port.endpoints.iter());
    endpoints.map(|endpoint| &endpoint.pod).collect::<BTreeSet<_>>().len()
}

/// The first Pod that the rules of these ports lead to and those of the others do not. What they share is not gone through.
fn first_without<'a>(ports: &'a [PortRules], others: &[PortRules]) -> Option<&'a ObjectKey> {
    let none = RuleEndpoints::default();
    let leads = |pod: &ObjectKey| others.iter().any(|other| other.endpoints.leads_to(pod));
    let first_of = |(place, port): (usize, &'a PortRules)| {
        let before = others.get(place).map_or(&none, |other| &other.endpoints);
        let mut new = port.endpoints.not_shared_with(before);
        new.find(|endpoint| !leads(&endpoint.pod)).map(|endpoint| &endpoint.pod)
    };
    ports.iter().enumerate().filter_map(first_of).min()
}
