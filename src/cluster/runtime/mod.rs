//! A node's container runtime: sandboxes with `pause`, containers, their processes and Linux namespaces.

mod containers;
mod files;
mod images;
mod network;
mod on_node;
mod process;
mod programs;
mod reach;
mod sandbox;
pub(crate) mod sh;
mod site;
mod status;

use super::engine::Engine;
use super::event::{Caller, Event};
use super::latency::Hop;
use super::record::{Actor, NodeId, RecordId};
use super::setup::{NodeSetup, Registry};
use super::table::Table;
use super::task::{Answer, Answered};
use super::time::{Micros, SimTime};
use crate::api::objects::{Pod, ResourceRequirements};
use crate::api::quantity::Quantity;
use crate::api::{Kind, ObjectKey};
use crate::value::Str;
use containers::Container;
pub use containers::LogLine;
pub use images::{ImageName, check_image_name, image_name};
pub use on_node::{Moment, Printed};
use process::Process;
pub use reach::Reach;
pub use sandbox::HOST;
use sandbox::Sandbox;
pub use status::{ContainerState, ContainerStatus, PodRuntimeStatus, SandboxStatus};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

/// A sandbox, by its number on its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SandboxId {
    /// The node.
    pub node: NodeId,
    /// Counts from 1.
    pub number: u32,
}

/// A container, by its number on its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerId {
    /// The node.
    pub node: NodeId,
    /// Counts from 1.
    pub number: u32,
}

/// A Linux namespace by its inode, as `lsns` shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinuxNamespace(pub u64);

/// The Linux namespaces that a process is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinuxNamespaces {
    /// Network: addresses, ports, routes.
    pub net: LinuxNamespace,
    /// Shared memory, semaphores, queues.
    pub ipc: LinuxNamespace,
    /// The host name.
    pub uts: LinuxNamespace,
    /// Process numbers.
    pub pid: LinuxNamespace,
    /// Mounts.
    pub mnt: LinuxNamespace,
}

/// A Pod's sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SandboxRow {
    /// The Pod.
    pub pod: ObjectKey,
    /// The Pod's uid.
    pub pod_uid: Str,
    /// Counts the Pod's sandboxes from 0.
    pub attempt: u32,
    /// Whether `pause` runs.
    pub ready: bool,
    /// The Pod's address; empty for one in the host's network until it is known.
    pub ip: Str,
    /// The node's pid of `pause`.
    pub pause_pid: u32,
    /// What `pause` holds.
    pub namespaces: LinuxNamespaces,
}

/// Which kind of container it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContainerRole {
    /// Runs to its end before the others start.
    Init,
    /// An init container with `restartPolicy: Always`.
    Sidecar,
    /// The application.
    Runtime,
    /// Somebody looks into the Pod with it.
    Ephemeral,
}

/// A container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ContainerRow {
    /// The Pod.
    pub pod: ObjectKey,
    /// The Pod's uid.
    pub pod_uid: Str,
    /// The sandbox that it lives in.
    pub sandbox: SandboxId,
    /// Its name in the Pod.
    pub name: Str,
    /// Its image.
    pub image: Str,
    /// Counts the container's starts from 0.
    pub attempt: u32,
    /// Its role.
    pub role: ContainerRole,
    /// What it does.
    pub state: ContainerPhase,
    /// The Linux namespaces of its first process; none before it has one.
    pub namespaces: Option<LinuxNamespaces>,
    /// Ports that it listens on now.
    pub listens: Vec<u16>,
    /// The signal that asks it to end.
    pub stop_signal: &'static str,
    /// Whether its program is not known and taken for a server on its container ports.
    pub assumed: bool,
}

/// The life of a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ContainerPhase {
    /// Made, not started.
    Created,
    /// Running.
    Running {
        /// The node's pid of its first process.
        pid: u32,
        /// Since when.
        since: SimTime,
    },
    /// Ended.
    Exited {
        /// Its exit code: 128 and the signal's number where a signal ended it.
        code: i32,
        /// Since when it ran.
        since: SimTime,
        /// Until when.
        until: SimTime,
        /// Whether the kernel ended it for its memory.
        oom_killed: bool,
    },
}

/// A process on a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProcessRow {
    /// The sandbox that it belongs to.
    pub sandbox: SandboxId,
    /// Its container; none for `pause`.
    pub container: Option<ContainerId>,
    /// Its number inside its PID namespace.
    pub local_pid: u32,
    /// The node's pid of its parent.
    pub parent: u32,
    /// Its command line.
    pub command: Str,
    /// Since when it runs.
    pub since: SimTime,
    /// Its Linux namespaces.
    pub namespaces: LinuxNamespaces,
}

/// What a kubelet asks of its runtime (upstream: k8s.io/cri-api).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RuntimeCall {
    /// Starts `pause` in new Linux namespaces and gives the Pod its address.
    RunPodSandbox(Rc<Pod>, u32),
    /// Ends `pause` and takes the address back.
    StopPodSandbox(SandboxId),
    /// Forgets the sandbox.
    RemovePodSandbox(SandboxId),
    /// Whether the node has an image.
    ImageStatus(Str),
    /// Fetches an image for a Pod.
    PullImage(Str),
    /// Makes a container: the Pod, the container's name, its attempt, its environment.
    CreateContainer(SandboxId, Rc<Pod>, Str, u32, Rc<Vec<(Str, Str)>>),
    /// Starts its first process.
    StartContainer(ContainerId),
    /// Gives it other requests and limits.
    UpdateContainerResources(ContainerId, Rc<ResourceRequirements>),
    /// Sends its stop signal, and SIGKILL after so long.
    StopContainer(ContainerId, Micros),
    /// Forgets the container.
    RemoveContainer(ContainerId),
    /// Runs a command in it, for at most so long (0: without end).
    Exec(ContainerId, Vec<Str>, Micros),
    /// Asks for its health over gRPC at a port of the Pod, for at most so long.
    AskHealth(ContainerId, u16, Micros),
    /// Connects to a port of the Pod, and asks for a path where there is one, for at most so long.
    Connect(ContainerId, u16, Option<Str>, Micros),
}

impl RuntimeCall {
    /// Whether it works the processor, and does not wait for others.
    fn is_work(&self) -> bool {
        match self {
            Self::RunPodSandbox(..)
            | Self::StopPodSandbox(_)
            | Self::RemovePodSandbox(_)
            | Self::CreateContainer(..)
            | Self::StartContainer(_)
            | Self::UpdateContainerResources(..)
            | Self::RemoveContainer(_) => true,
            Self::ImageStatus(_)
            | Self::PullImage(_)
            | Self::StopContainer(..)
            | Self::Exec(..)
            | Self::AskHealth(..)
            | Self::Connect(..) => false,
        }
    }
}

/// What came of it. An error has upstream's code name and sentence.
pub type RuntimeResult = Result<RuntimeReply, Rc<RuntimeError>>;

/// What a call gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RuntimeReply {
    /// Nothing to say.
    Done,
    /// The sandbox and its address.
    Sandbox(SandboxId, Str),
    /// The container.
    Container(ContainerId),
    /// Whether it is there.
    Image(bool),
    /// The image: its size in bytes, and how long the pull itself took.
    Pulled(u64, Micros),
    /// A command's exit code, and what it printed to standard output and to standard error.
    Exited(i32, Str, Str),
    /// An HTTP answer's code; 0 for a bare connection.
    Answered(u16),
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RuntimeError {
    /// `NotFound`, `Unknown`, `DeadlineExceeded`, `Unavailable`, ...
    pub code: &'static str,
    /// The sentence.
    pub message: String,
}

/// A runtime's own clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timer {
    /// A call has taken its time.
    Call(u32),
    /// A process goes on; true where it does again, unseen, what it did before.
    Process(u32, bool),
    /// The grace of a stop of a container is over.
    Grace(u32),
}

impl Timer {
    /// Whether it goes on by itself for ever and changes nothing that is seen.
    pub fn is_idle(&self) -> bool {
        match self {
            Self::Process(_, is_idle) => *is_idle,
            Self::Call(_) | Self::Grace(_) => false,
        }
    }
}

/// A call under way.
#[derive(Clone, Debug)]
struct Pending {
    caller: Caller,
    call: RuntimeCall,
    cause: Option<RecordId>,
}

/// What the runtime knows of a Pod.
#[derive(Clone, Debug, Default)]
struct PodEntry {
    sandboxes: Vec<u32>,
    containers: Vec<u32>,
    /// The files of its volumes.
    volumes: BTreeMap<Str, files::Files>,
    /// The folders of the node that others of its volumes are, by their paths.
    folders: BTreeMap<Str, Str>,
}

/// A node's runtime.
#[derive(Clone, Debug)]
pub struct Runtime {
    /// Its node.
    pub node: NodeId,
    name: Str,
    /// The node's own address.
    host_address: Str,
    /// The node's memory in bytes.
    memory: u64,
    addresses: sandbox::Addresses,
    registry: Rc<Registry>,
    images: images::Images,
    sandboxes: BTreeMap<u32, Sandbox>,
    containers: BTreeMap<u32, Container>,
    processes: BTreeMap<u32, Process>,
    pods: BTreeMap<Str, PodEntry>,
    /// The files of the node's own folders that volumes are, by their paths: they outlive every Pod.
    folders: BTreeMap<Str, files::Files>,
    /// Which process listens on which port of which network namespace.
    listeners: BTreeMap<(LinuxNamespace, u16), u32>,
    /// The newest number inside each PID namespace.
    local_pids: BTreeMap<LinuxNamespace, u32>,
    calls: Table<u32, Pending>,
    pulls: VecDeque<u32>,
    /// The processes of commands that may take only so long, by the call.
    limits: BTreeMap<u32, u32>,
    changed: BTreeMap<Str, Option<RecordId>>,
    /// The Pods whose processes have written files.
    written: BTreeSet<Str>,
    next_call: u32,
    next_sandbox: u32,
    next_container: u32,
    next_pid: u32,
    next_inode: u64,
    /// The exit code of the process that ended last.
    last_exit: i32,
}

impl Runtime {
    /// The runtime of a node that has just come up.
    pub fn new(node: NodeId, setup: &NodeSetup, registry: Rc<Registry>) -> Self {
        Self {
            node,
            name: setup.name.clone(),
            host_address: setup.address.clone(),
            memory: Quantity::parse(&setup.memory)
                .ok()
                .and_then(|size| u64::try_from(size.value()).ok())
                .unwrap_or(0),
            addresses: sandbox::Addresses::new(&setup.pod_cidr),
            registry,
            images: images::Images::default(),
            sandboxes: BTreeMap::new(),
            containers: BTreeMap::new(),
            processes: BTreeMap::new(),
            pods: BTreeMap::new(),
            folders: BTreeMap::new(),
            listeners: BTreeMap::new(),
            local_pids: BTreeMap::new(),
            calls: Table::default(),
            pulls: VecDeque::new(),
            limits: BTreeMap::new(),
            changed: BTreeMap::new(),
            written: BTreeSet::new(),
            next_call: 0,
            next_sandbox: 0,
            next_container: 0,
            next_pid: 1_800,
            next_inode: 4_026_532_300,
            last_exit: 0,
        }
    }
    /// The node loses its power: every process ends, and nobody is told. What is on its disk stays
    /// (containers and sandboxes, which a runtime finds ended when it comes up again).
    pub fn lose_power(&mut self, engine: &mut Engine, cause: RecordId) {
        self.calls = Table::default();
        engine.lose_work(self.node);
        self.pulls.clear();
        self.limits.clear();
        self.lose_processes(engine, cause);
        for container in self.containers.values_mut() {
            container.noted_at = SimTime::ZERO;
            container.stops.clear();
        }
    }
    /// It comes up again with its node: what it knew to run and finds no process of has ended now, as far as it can tell
    /// (upstream: containerd internal/cri/server/restart.go loadContainer).
    pub fn come_up(&mut self, now: SimTime) {
        for container in self.containers.values_mut().filter(|container| container.is_lost) {
            if container.noted_at == SimTime::ZERO {
                container.noted_at = now;
            }
        }
    }
    /// The Pods that it knows of, by their uids.
    pub fn pod_uids(&self) -> impl Iterator<Item = &Str> {
        self.pods.keys()
    }
    /// Whom records name.
    fn actor(&self) -> Actor {
        Actor::Runtime(self.node)
    }
    /// The Pods whose sandboxes or containers have changed since this was last asked, each with the record of the change.
    pub fn take_changed(&mut self) -> BTreeMap<Str, Option<RecordId>> {
        std::mem::take(&mut self.changed)
    }
    /// Whether a Pod has changed since that was last asked: the record of the change.
    pub fn take_change(&mut self, uid: &Str) -> Option<RecordId> {
        self.changed.remove(uid).flatten()
    }
    /// Whether any Pod has changed since that was last asked.
    pub fn has_changed(&self) -> bool {
        !self.changed.is_empty()
    }
    /// Takes a kubelet's call. Its answer comes as `Event::Answer`.
    pub fn call(&mut self, engine: &mut Engine, caller: Caller, call: RuntimeCall, cause: Option<RecordId>) {
        let hop = match &call {
            RuntimeCall::RunPodSandbox(..) => Hop::RunPodSandbox,
            RuntimeCall::StopPodSandbox(_) => Hop::StopPodSandbox,
            RuntimeCall::ImageStatus(_) => Hop::Connect,
            RuntimeCall::PullImage(_) => Hop::PullImage,
            RuntimeCall::CreateContainer(..) => Hop::CreateContainer,
            RuntimeCall::UpdateContainerResources(..) => Hop::CreateContainer,
            RuntimeCall::StartContainer(_) => Hop::StartContainer,
            RuntimeCall::StopContainer(..) => Hop::SendSignal,
            RuntimeCall::RemovePodSandbox(_) | RuntimeCall::RemoveContainer(_) => Hop::RemoveContainer,
            RuntimeCall::Exec(..) => Hop::Exec,
            RuntimeCall::Connect(..) | RuntimeCall::AskHealth(..) => Hop::Probe,
        };
        let pod = self.subject(&call);
        self.next_call += 1;
        let number = self.next_call;
        let is_pull = matches!(call, RuntimeCall::PullImage(_));
        let is_work = call.is_work();
        self.calls.insert(number, Pending { caller, call, cause });
        if is_pull {
            // Images are pulled one after the other (serializeImagePulls).
            self.pulls.push_back(number);
            if self.pulls.len() == 1 {
                self.begin_pull(engine, number);
            }
            return;
        }
        let takes = engine.latency(hop, (self.node, "cri", pod));
        if is_work {
            engine.begin_work(self.node, number, takes);
        } else {
            engine.schedule(engine.now + takes, Event::Runtime(self.node, Timer::Call(number)));
        }
    }
    /// The Pod that a call is about; none for one about an image, or about what is gone.
    fn subject(&self, call: &RuntimeCall) -> Option<ObjectKey> {
        let of_container = |id: &ContainerId| Some(self.containers.get(&id.number)?.row.pod.clone());
        match call {
            RuntimeCall::RunPodSandbox(pod, _) | RuntimeCall::CreateContainer(_, pod, ..) => {
                let meta = &pod.metadata;
                Some(ObjectKey::new(Kind::Pod, meta.namespace.clone(), meta.name.clone()))
            }
            RuntimeCall::StopPodSandbox(id) | RuntimeCall::RemovePodSandbox(id) => {
                Some(self.sandboxes.get(&id.number)?.row.pod.clone())
            }
            RuntimeCall::StartContainer(id)
            | RuntimeCall::UpdateContainerResources(id, _)
            | RuntimeCall::StopContainer(id, _)
            | RuntimeCall::RemoveContainer(id)
            | RuntimeCall::Exec(id, ..)
            | RuntimeCall::AskHealth(id, ..)
            | RuntimeCall::Connect(id, ..) => of_container(id),
            RuntimeCall::ImageStatus(_) | RuntimeCall::PullImage(_) => None,
        }
    }
    /// A clock of the runtime rings.
    pub fn on_timer(&mut self, engine: &mut Engine, timer: Timer) {
        match timer {
            Timer::Call(number) => {
                engine.end_work(self.node, number);
                let Some(pending) = self.calls.remove(&number) else { return };
                self.carry_out(engine, number, pending);
            }
            Timer::Process(pid, _) => self.wake(engine, pid),
            Timer::Grace(number) => self.grace_is_over(engine, number),
        }
    }
    fn carry_out(&mut self, engine: &mut Engine, number: u32, pending: Pending) {
        let Pending { caller, call, cause } = pending;
        let (result, cause) = match call {
            RuntimeCall::RunPodSandbox(pod, attempt) => self.run_pod_sandbox(engine, &pod, attempt, cause),
            RuntimeCall::StopPodSandbox(id) => self.stop_pod_sandbox(engine, id, cause),
            RuntimeCall::RemovePodSandbox(id) => self.remove_pod_sandbox(engine, id, cause),
            RuntimeCall::ImageStatus(name) => (Ok(RuntimeReply::Image(self.has_image(&name))), cause),
            RuntimeCall::PullImage(name) => self.end_pull(engine, &name, cause),
            RuntimeCall::CreateContainer(sandbox, pod, name, attempt, env) => {
                self.create_container(engine, sandbox, pod, &name, attempt, env, cause)
            }
            RuntimeCall::StartContainer(id) => self.start_container(engine, id, cause),
            RuntimeCall::UpdateContainerResources(id, resources) => {
                self.update_resources(id, resources, cause)
            }
            RuntimeCall::StopContainer(id, grace) => {
                return self.stop_container(engine, number, caller, id, grace, cause);
            }
            RuntimeCall::RemoveContainer(id) => self.remove_container(engine, id, cause),
            RuntimeCall::Exec(id, command, limit) => {
                return self.exec(engine, caller, id, &command, limit, cause);
            }
            RuntimeCall::AskHealth(id, port, limit) => {
                return self.ask_health(engine, caller, id, port, limit, cause);
            }
            RuntimeCall::Connect(id, port, path, limit) => {
                return self.connect(engine, caller, id, port, path.as_deref(), limit, cause);
            }
        };
        self.answer(engine, caller, result, cause);
    }
    fn answer(&self, engine: &mut Engine, caller: Caller, result: RuntimeResult, cause: Option<RecordId>) {
        let answered = Answered { at: engine.now, cause, answer: Answer::Runtime(result) };
        engine.schedule(engine.now, Event::Answer { caller, answered });
    }
    /// Notes that a Pod's sandboxes or containers have changed.
    pub fn touch(&mut self, uid: &Str, cause: Option<RecordId>) {
        self.changed.insert(uid.clone(), cause);
    }
}

fn not_found(what: &str) -> RuntimeResult {
    Err(Rc::new(RuntimeError { code: "NotFound", message: format!("{what}: not found") }))
}
