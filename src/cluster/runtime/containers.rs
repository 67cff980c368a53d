//! Containers: made, started, stopped; their logs.

use super::files::Files;
use super::images::Image;
use super::process::{Ended, Exec, Program, Spawn, signal_name, signal_number};
use super::programs::{self, Started};
use super::site::image_files;
use super::{
    ContainerId, ContainerPhase, ContainerRole, ContainerRow, LinuxNamespace, LinuxNamespaces, ProcessRow,
    Runtime, RuntimeError, RuntimeReply, RuntimeResult, SandboxId, Timer, not_found,
};
use crate::api::objects::{Container as ContainerSpec, Pod, ResourceRequirements, RestartPolicy};
use crate::api::{Kind, ObjectKey};
use crate::cluster::chance::hex_digits;
use crate::cluster::engine::Engine;
use crate::cluster::event::{Caller, Event};
use crate::cluster::latency::Hop;
use crate::cluster::record::{Actor, Fact, RecordId};
use crate::cluster::task::{Answer, Answered};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::value::Str;
use std::collections::VecDeque;
use std::rc::Rc;

/// The most lines of a container's log that are kept.
const LOG_LINES: usize = 500;

/// A line of a container's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was printed.
    pub at: SimTime,
    /// Whether to standard error.
    pub is_error: bool,
    /// The line without its end.
    pub text: Str,
}

/// Somebody who waits for a container's end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    pub(super) number: u32,
    pub(super) caller: Caller,
}

/// The variable that every container is told its host by.
const HOSTNAME: Str = Str::of(&"HOSTNAME");

/// A container.
#[derive(Clone, Debug)]
pub(super) struct Container {
    pub(super) row: Rc<ContainerRow>,
    pub(super) created: SimTime,
    pub(super) image: Rc<Image>,
    pub(super) container_id: Str,
    pub(super) pod: Rc<Pod>,
    /// Its requests and limits as they are now.
    pub(super) resources: Rc<ResourceRequirements>,
    pub(super) env: Rc<Vec<(Str, Str)>>,
    pub(super) start_failed: bool,
    /// Whether it has ended with its node, unseen.
    pub(super) is_lost: bool,
    /// Whether the kernel has ended a process of it for its memory (upstream: containerd's TaskOOM).
    pub(super) oom_killed: bool,
    /// How much memory its programs have taken, as far as that is known, in bytes.
    pub(super) memory: u64,
    /// When the runtime has taken note of its end.
    pub(super) noted_at: SimTime,
    pub(super) last_words: Str,
    pub(super) log: VecDeque<LogLine>,
    pub(super) files: Files,
    pub(super) stops: Vec<Stop>,
}

impl Container {
    /// Its part of the Pod's spec.
    pub(super) fn spec(&self) -> Option<&ContainerSpec> {
        find(&self.pod, &self.row.name)
    }
    /// A variable of its environment.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.env.iter().rev().find(|(key, _)| &**key == name).map(|(_, value)| &**value)
    }
    /// Prints a line.
    pub(super) fn print(&mut self, at: SimTime, is_error: bool, text: &str) {
        if self.log.len() == LOG_LINES {
            self.log.pop_front();
        }
        self.log.push_back(LogLine { at, is_error, text: text.into() });
    }
}

fn find<'a>(pod: &'a Pod, name: &str) -> Option<&'a ContainerSpec> {
    let spec = &pod.spec;
    let mut all = spec.containers.iter().chain(&spec.init_containers).chain(&spec.ephemeral_containers);
    all.find(|container| &*container.name == name)
}

fn role(pod: &Pod, name: &str) -> ContainerRole {
    match pod.spec.init_containers.iter().find(|container| &*container.name == name) {
        None if pod.spec.ephemeral_containers.iter().any(|container| &*container.name == name) => {
            ContainerRole::Ephemeral
        }
        None => ContainerRole::Runtime,
        Some(container) if container.restart_policy == Some(RestartPolicy::Always) => ContainerRole::Sidecar,
        Some(_) => ContainerRole::Init,
    }
}

impl Runtime {
    fn id(&self, number: u32) -> ContainerId {
        ContainerId { node: self.node, number }
    }
    /// Writes a record of a container's new state.
    fn record_container(
        &mut self,
        engine: &mut Engine,
        actor: Actor,
        number: u32,
        cause: Option<RecordId>,
    ) -> Option<RecordId> {
        let row = self.containers.get(&number)?.row.clone();
        let uid = row.pod_uid.clone();
        let record = engine.record(actor, cause, Fact::Container(self.id(number), Some(row)));
        self.touch(&uid, Some(record));
        Some(record)
    }
    #[allow(clippy::too_many_arguments, reason = "the fields of the CRI's own request")]
    pub(super) fn create_container(
        &mut self,
        engine: &mut Engine,
        sandbox: SandboxId,
        pod: Rc<Pod>,
        name: &Str,
        attempt: u32,
        env: Rc<Vec<(Str, Str)>>,
        cause: Option<RecordId>,
    ) -> (RuntimeResult, Option<RecordId>) {
        let Some(spec) = find(&pod, name) else { return (not_found("container"), cause) };
        if !self.sandboxes.get(&sandbox.number).is_some_and(|sandbox| sandbox.row.ready) {
            return (not_found("sandbox"), cause);
        }
        let Some(image) = self.image(&spec.image) else { return (not_found("image"), cause) };
        let program = programs::image_program(&image.name);
        let own_signal = spec.lifecycle.as_ref().and_then(|lifecycle| signal_number(&lifecycle.stop_signal));
        let stop_signal = own_signal.map_or(program.stop_signal, signal_name);
        self.next_container += 1;
        let number = self.next_container;
        let meta = &pod.metadata;
        let row = Rc::new(ContainerRow {
            pod: ObjectKey::new(Kind::Pod, meta.namespace.clone(), meta.name.clone()),
            pod_uid: meta.uid.clone(),
            sandbox,
            name: name.clone(),
            image: spec.image.clone(),
            attempt,
            role: role(&pod, name),
            state: ContainerPhase::Created,
            namespaces: None,
            listens: Vec::new(),
            stop_signal,
            assumed: program.assumed && spec.command.is_empty(),
        });
        let mut hex = [0; 64];
        for (digits, part) in hex.as_chunks_mut::<16>().0.iter_mut().zip(0u32..) {
            *digits = hex_digits(engine.chance.fixed((self.node, "container", number, part)));
        }
        let hex = std::str::from_utf8(&hex).unwrap_or_default();
        if let Err(why) = self.target(&row, spec) {
            let message =
                format!("failed to generate container {hex:?} spec: invalid target container: {why}");
            return (Err(Rc::new(RuntimeError { code: "Unknown", message })), cause);
        }
        let hostname = self.hostname_in(sandbox);
        let mut all: Vec<(Str, Str)> = programs::image_env(&image.name);
        all.reserve_exact(1 + env.len());
        all.push((HOSTNAME, hostname));
        all.extend(env.iter().cloned());
        let resources = find(&pod, name).and_then(|spec| spec.resources.clone()).unwrap_or_default();
        let container = Container {
            row,
            created: engine.now,
            files: image_files(&image.name),
            image,
            container_id: Str::joined(&["containerd://", hex]),
            resources: Rc::new(resources),
            pod: pod.clone(),
            env: Rc::new(all),
            start_failed: false,
            is_lost: false,
            oom_killed: false,
            memory: 0,
            noted_at: SimTime::ZERO,
            last_words: Str::default(),
            log: VecDeque::new(),
            stops: Vec::new(),
        };
        self.containers.insert(number, container);
        self.pods.entry(meta.uid.clone()).or_default().containers.push(number);
        let record = self.record_container(engine, self.actor(), number, cause);
        (Ok(RuntimeReply::Container(self.id(number))), record)
    }
    /// Gives a container other requests and limits (upstream: UpdateContainerResources).
    pub(super) fn update_resources(
        &mut self,
        id: ContainerId,
        resources: Rc<ResourceRequirements>,
        cause: Option<RecordId>,
    ) -> (RuntimeResult, Option<RecordId>) {
        let Some(container) = self.containers.get_mut(&id.number) else {
            return (not_found("container"), cause);
        };
        container.resources = resources;
        let uid = container.row.pod_uid.clone();
        self.touch(&uid, cause);
        (Ok(RuntimeReply::Done), cause)
    }
    pub(super) fn start_container(
        &mut self,
        engine: &mut Engine,
        id: ContainerId,
        cause: Option<RecordId>,
    ) -> (RuntimeResult, Option<RecordId>) {
        let Some(container) = self.containers.get(&id.number) else { return (not_found("container"), cause) };
        let (sandbox, pod) = (container.row.sandbox, container.row.pod.clone());
        let Some(home) = self.sandboxes.get(&sandbox.number).filter(|sandbox| sandbox.row.ready) else {
            return (not_found("sandbox"), cause);
        };
        let (shares_pid, held) = (home.shares_pid, home.row.namespaces);
        let target = match container.spec().map_or(Ok(None), |spec| self.target(&container.row, spec)) {
            Ok(target) => target,
            Err(why) => {
                let message = format!("invalid target container: {why}");
                return (Err(Rc::new(RuntimeError { code: "Unknown", message })), cause);
            }
        };
        let Started { command, program, not_simulated } = match programs::start(container, engine.now) {
            Ok(started) => started,
            Err(why) => return self.start_failed(engine, id, why, cause),
        };
        if not_simulated {
            engine.record(self.actor(), cause, Fact::NotSimulated(id, command.clone()));
        }
        let mnt = self.new_namespace();
        let is_host = held.pid == super::sandbox::HOST.pid;
        let pid_namespace = match target {
            _ if shares_pid || is_host => held.pid,
            Some(target) => target,
            None => self.new_namespace(),
        };
        let namespaces = LinuxNamespaces { pid: pid_namespace, mnt, ..held };
        let pid = self.new_pid(engine);
        let local_pid = self.new_local_pid(pid_namespace, pid);
        if let Some(container) = self.containers.get_mut(&id.number) {
            let row = Rc::make_mut(&mut container.row);
            row.state = ContainerPhase::Running { pid, since: engine.now };
            row.namespaces = Some(namespaces);
            row.assumed |= not_simulated;
        }
        let record = self.record_container(engine, self.actor(), id.number, cause);
        let row = ProcessRow {
            sandbox,
            container: Some(id),
            local_pid,
            parent: 1,
            command,
            since: engine.now,
            namespaces,
        };
        // Its program needs a moment before it does anything: a first probe may find that nobody listens yet.
        let hop = if matches!(program, Program::Server(_)) { Hop::Listen } else { Hop::ProcessStart };
        let after = engine.latency(hop, (self.node, "start", pod));
        self.spawn_after(engine, Spawn { pid, row, program, exec: None }, after, record);
        (Ok(RuntimeReply::Done), record)
    }
    /// The PID namespace of the container that another one aims at, which has to run (upstream: NamespaceMode_TARGET,
    /// containerd's validateTargetContainer).
    fn target(&self, row: &ContainerRow, spec: &ContainerSpec) -> Result<Option<LinuxNamespace>, String> {
        let Some(name) = spec.target() else { return Ok(None) };
        let mut all = self.containers.values().rev();
        let Some(found) = all.find(|one| one.row.sandbox == row.sandbox && &*one.row.name == name) else {
            return Err(format!("container {name:?} does not exist"));
        };
        match found.row.state {
            ContainerPhase::Running { .. } => Ok(found.row.namespaces.map(|namespaces| namespaces.pid)),
            ContainerPhase::Created | ContainerPhase::Exited { .. } => {
                let id = found.container_id.trim_start_matches("containerd://");
                Err(format!("container {id:?} is not running - in state CONTAINER_EXITED"))
            }
        }
    }
    /// A container whose command cannot be run ends before it begins.
    fn start_failed(
        &mut self,
        engine: &mut Engine,
        id: ContainerId,
        why: String,
        cause: Option<RecordId>,
    ) -> (RuntimeResult, Option<RecordId>) {
        let message = format!(
            "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: \
             unable to start container process: {why}"
        );
        if let Some(container) = self.containers.get_mut(&id.number) {
            container.start_failed = true;
            container.last_words = message.as_str().into();
            // The container never ran: the API shows the first moment of 1970.
            Rc::make_mut(&mut container.row).state = ContainerPhase::Exited {
                code: 128,
                since: SimTime::NEVER,
                until: engine.now,
                oom_killed: false,
            };
        }
        let record = self.record_container(engine, self.actor(), id.number, cause);
        (Err(Rc::new(RuntimeError { code: "Unknown", message })), record)
    }
    /// Sends the stop signal, and SIGKILL once the grace is over.
    pub(super) fn stop_container(
        &mut self,
        engine: &mut Engine,
        number: u32,
        caller: Caller,
        id: ContainerId,
        grace: Micros,
        cause: Option<RecordId>,
    ) {
        let Some(pid) = self.first_process(id) else {
            return self.answer(engine, caller, Ok(RuntimeReply::Done), cause);
        };
        let Some(container) = self.containers.get_mut(&id.number) else { return };
        container.stops.push(Stop { number, caller });
        let signal = signal_number(container.row.stop_signal).unwrap_or(15);
        let at = engine.now + grace;
        self.calls.insert(
            number,
            super::Pending { caller, call: super::RuntimeCall::StopContainer(id, grace), cause },
        );
        engine.schedule(at, Event::Runtime(self.node, Timer::Grace(number)));
        self.signal(engine, pid, signal, cause);
    }
    /// The grace of a stop is over: what still runs is killed.
    pub(super) fn grace_is_over(&mut self, engine: &mut Engine, number: u32) {
        let Some(pending) = self.calls.remove(&number) else { return };
        if let Some(pid) = self.limits.remove(&number) {
            return self.exec_takes_too_long(engine, pid, &pending);
        }
        let super::RuntimeCall::StopContainer(id, _) = pending.call else { return };
        if let Some(pid) = self.first_process(id) {
            self.signal(engine, pid, 9, pending.cause);
        }
    }
    /// Somebody kills the first process of a container from outside.
    pub fn kill_container(&mut self, engine: &mut Engine, pod: &ObjectKey, name: &str, cause: RecordId) {
        let pid = self.containers.values().find_map(|container| match container.row.state {
            ContainerPhase::Running { pid, .. }
                if container.row.pod == *pod && (&*container.row.name == name || name.is_empty()) =>
            {
                Some(pid)
            }
            _ => None,
        });
        if let Some(pid) = pid {
            self.signal(engine, pid, 9, Some(cause));
        }
    }
    /// Somebody kills the `pause` of a Pod from outside.
    pub fn kill_pause(&mut self, engine: &mut Engine, pod: &ObjectKey, cause: RecordId) {
        let found = self.sandboxes.values().find(|sandbox| sandbox.row.ready && sandbox.row.pod == *pod);
        if let Some(pid) = found.map(|sandbox| sandbox.row.pause_pid) {
            self.signal(engine, pid, 9, Some(cause));
        }
    }
    /// A container's first process has ended.
    pub(super) fn container_ended(
        &mut self,
        engine: &mut Engine,
        id: ContainerId,
        ended: Ended,
        cause: Option<RecordId>,
    ) -> Option<RecordId> {
        let container = self.containers.get_mut(&id.number)?;
        let row = Rc::make_mut(&mut container.row);
        let ContainerPhase::Running { since, .. } = row.state else { return None };
        let oom_killed = container.oom_killed;
        row.state = ContainerPhase::Exited { code: ended.code(), since, until: engine.now, oom_killed };
        row.listens = Vec::new();
        let stops = std::mem::take(&mut container.stops);
        let path = container.spec().map(|spec| spec.termination_message_path.clone()).unwrap_or_default();
        let from_logs =
            container.spec().is_some_and(|spec| &*spec.termination_message_policy == "FallbackToLogsOnError");
        container.last_words = match container.files.read(&path) {
            Ok(text) if !text.is_empty() => text.chars().take(4_096).collect::<String>().into(),
            _ if from_logs && ended.code() != 0 => {
                let last = container.log.len().saturating_sub(80);
                container
                    .log
                    .iter()
                    .skip(last)
                    .map(|line| format!("{}\n", line.text))
                    .collect::<String>()
                    .into()
            }
            _ => Str::default(),
        };
        let actor = match ended {
            Ended::Code(_) => Actor::Container(id),
            Ended::Signal(_) => self.actor(),
        };
        let pod = self.containers.get(&id.number).map(|container| container.row.pod.clone());
        let at = engine.now + engine.latency(Hop::ProcessExit, (self.node, "exit", pod));
        if let Some(container) = self.containers.get_mut(&id.number) {
            container.noted_at = at;
        }
        let record = self.record_container(engine, actor, id.number, cause);
        for stop in stops {
            self.calls.remove(&stop.number);
            let answered = Answered { at, cause: record, answer: Answer::Runtime(Ok(RuntimeReply::Done)) };
            engine.schedule(at, Event::Answer { caller: stop.caller, answered });
        }
        record
    }
    pub(super) fn remove_container(
        &mut self,
        engine: &mut Engine,
        id: ContainerId,
        cause: Option<RecordId>,
    ) -> (RuntimeResult, Option<RecordId>) {
        if let Some(pid) = self.first_process(id) {
            self.end_process(engine, pid, Ended::Signal(9), cause);
        }
        let Some(container) = self.containers.remove(&id.number) else {
            return (Ok(RuntimeReply::Done), cause);
        };
        let uid = &container.row.pod_uid;
        if let Some(entry) = self.pods.get_mut(uid) {
            entry.containers.retain(|number| *number != id.number);
            if entry.sandboxes.is_empty() && entry.containers.is_empty() {
                self.pods.remove(uid);
            }
        }
        let record = engine.record(self.actor(), cause, Fact::Container(id, None));
        (Ok(RuntimeReply::Done), Some(record))
    }
    /// Runs a further command in a container.
    pub(super) fn exec(
        &mut self,
        engine: &mut Engine,
        caller: Caller,
        id: ContainerId,
        command: &[Str],
        limit: Micros,
        cause: Option<RecordId>,
    ) {
        let is_running = self.first_process(id).is_some();
        let Some(namespaces) =
            self.containers.get(&id.number).and_then(|c| c.row.namespaces).filter(|_| is_running)
        else {
            // Its task is deleted as soon as it has ended, before its status says so.
            let task = self
                .containers
                .get(&id.number)
                .map(|found| found.container_id.trim_start_matches("containerd://"));
            let task = task.unwrap_or_default();
            let message = format!(
                "failed to exec in container: failed to load task: no running task found: task {task} not found"
            );
            let error = Err(Rc::new(RuntimeError { code: "NotFound", message }));
            return self.answer(engine, caller, error, cause);
        };
        let Some(container) = self.containers.get(&id.number) else { return };
        let sandbox = container.row.sandbox;
        let Started { command, program, not_simulated } = match programs::exec(container, command, engine.now)
        {
            Ok(started) => started,
            Err(why) => {
                let mut part =
                    |n: u8| format!("{:016x}", engine.chance.draw((self.node, "exec", id.number, n)));
                let exec: String = (0..4).map(&mut part).collect();
                let message = format!(
                    "failed to exec in container: failed to start exec \"{exec}\": OCI runtime exec failed: exec \
                     failed: unable to start container process: {why}"
                );
                let error = Err(Rc::new(RuntimeError { code: "Unknown", message }));
                return self.answer(engine, caller, error, cause);
            }
        };
        if not_simulated {
            engine.record(self.actor(), cause, Fact::NotSimulated(id, command.clone()));
        }
        let pid = self.new_pid(engine);
        if limit > 0 {
            self.next_call += 1;
            let number = self.next_call;
            let call = super::RuntimeCall::Exec(id, Vec::new(), limit);
            self.calls.insert(number, super::Pending { caller, call, cause });
            self.limits.insert(number, pid);
            engine.schedule(engine.now + limit, Event::Runtime(self.node, Timer::Grace(number)));
        }
        let local_pid = self.new_local_pid(namespaces.pid, pid);
        let row = ProcessRow {
            sandbox,
            container: Some(id),
            local_pid,
            parent: 0,
            command,
            since: engine.now,
            namespaces,
        };
        let exec =
            Some(Exec { caller, is_unknown: not_simulated, output: String::new(), errors: String::new() });
        self.spawn(engine, Spawn { pid, row, program, exec }, cause);
    }
    /// A command in a container has taken as long as it may.
    fn exec_takes_too_long(&mut self, engine: &mut Engine, pid: u32, pending: &super::Pending) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        let Some(exec) = process.exec.take() else { return };
        self.end_process(engine, pid, Ended::Signal(9), pending.cause);
        let super::RuntimeCall::Exec(_, _, limit) = &pending.call else { return };
        let message = format!("command timed out: \"{}\" timed out after {}s", "", limit / SECOND);
        let error = Err(Rc::new(RuntimeError { code: "DeadlineExceeded", message }));
        self.answer(engine, exec.caller, error, pending.cause);
    }
    /// Connects to a port of a container's Pod.
    #[allow(clippy::too_many_arguments, reason = "the fields of the probe's own request")]
    pub(super) fn connect(
        &mut self,
        engine: &mut Engine,
        caller: Caller,
        id: ContainerId,
        port: u16,
        path: Option<&str>,
        limit: Micros,
        cause: Option<RecordId>,
    ) {
        let listener = self
            .containers
            .get(&id.number)
            .and_then(|container| container.row.namespaces)
            .and_then(|namespaces| self.listeners.get(&(namespaces.net, port)))
            .filter(|pid| self.processes.contains_key(pid));
        let Some(&pid) = listener else {
            let error = RuntimeError { code: "Unavailable", message: "connect: connection refused".into() };
            return self.answer(engine, caller, Err(Rc::new(error)), cause);
        };
        let (code, takes) = match (self.processes.get(&pid).map(|process| &process.program), path) {
            (Some(Program::Server(_)), Some(path)) => {
                let (code, takes, _) = self.answer_of(pid, path, engine.now);
                (code, takes)
            }
            _ => (0, 0),
        };
        let (after, result) = if limit > 0 && takes > limit {
            let error =
                RuntimeError { code: "DeadlineExceeded", message: "context deadline exceeded".into() };
            (limit, Err(Rc::new(error)))
        } else {
            (takes, Ok(RuntimeReply::Answered(code)))
        };
        let at = engine.now + after;
        let answered = Answered { at, cause, answer: Answer::Runtime(result) };
        engine.schedule(at, Event::Answer { caller, answered });
    }
    /// Asks for its health over gRPC. Only what nobody knows to be something else speaks it; nothing else ever answers,
    /// and who asks tries until its time is over.
    pub(super) fn ask_health(
        &mut self,
        engine: &mut Engine,
        caller: Caller,
        id: ContainerId,
        port: u16,
        limit: Micros,
        cause: Option<RecordId>,
    ) {
        let container = self.containers.get(&id.number);
        let net = container.and_then(|container| container.row.namespaces).map(|namespaces| namespaces.net);
        let is_there = net.is_some_and(|net| self.listeners.contains_key(&(net, port)));
        if is_there && container.is_some_and(|container| container.row.assumed) {
            return self.answer(engine, caller, Ok(RuntimeReply::Answered(0)), cause);
        }
        let error = RuntimeError { code: "DeadlineExceeded", message: "context deadline exceeded".into() };
        let at = engine.now + limit;
        let answered = Answered { at, cause, answer: Answer::Runtime(Err(Rc::new(error))) };
        engine.schedule(at, Event::Answer { caller, answered });
    }
    /// What a container has printed, by the Pod's uid and the container's id as the API shows it.
    pub fn log_of(&self, pod_uid: &str, container_id: &str) -> impl ExactSizeIterator<Item = &LogLine> {
        let numbers = self.pods.get(pod_uid).map(|entry| &entry.containers[..]).unwrap_or_default();
        let mut found = numbers.iter().filter_map(|number| self.containers.get(number));
        let found = found.find(|container| &*container.container_id == container_id);
        found.map(|found| found.log.iter()).unwrap_or_default()
    }
    /// A grace period in whole seconds as a span.
    pub fn seconds(seconds: i64) -> Micros {
        u64::try_from(seconds).unwrap_or(0) * SECOND
    }
}
