//! A node's container runtime: sandboxes with `pause`, containers, their processes and Linux namespaces.

use super::record::NodeId;
use super::time::{Micros, SimTime};
use crate::api::ObjectKey;
use crate::api::objects::Pod;
use crate::value::Str;
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
    /// Fetches an image for a Pod.
    PullImage(Str),
    /// Makes a container: the Pod, the container's name, its attempt, its environment.
    CreateContainer(SandboxId, Rc<Pod>, Str, u32, Rc<Vec<(Str, Str)>>),
    /// Starts its first process.
    StartContainer(ContainerId),
    /// Sends its stop signal, and SIGKILL after so long.
    StopContainer(ContainerId, Micros),
    /// Forgets the container.
    RemoveContainer(ContainerId),
    /// Runs a command in it, for at most so long (0: without end).
    Exec(ContainerId, Vec<Str>, Micros),
    /// Connects to a port of the Pod, and asks for a path where there is one, for at most so long.
    Connect(ContainerId, u16, Option<Str>, Micros),
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
    /// The image: its size in bytes, and how long the pull itself took.
    Pulled(u64, Micros),
    /// A command's exit code and what it printed.
    Exited(i32, Str),
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
    /// A process goes on.
    Process(u32),
}

impl Timer {
    /// Whether it goes on by itself for ever and changes nothing that is seen.
    pub fn is_idle(&self) -> bool {
        false
    }
}

/// A node's runtime.
#[derive(Clone, Debug)]
pub struct Runtime {
    /// Its node.
    pub node: NodeId,
}
