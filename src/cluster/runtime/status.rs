//! What a runtime tells its kubelet of a Pod (upstream: kubecontainer.PodStatus).

use super::{ContainerId, ContainerPhase, Runtime, SandboxId};
use crate::api::objects::ResourceRequirements;
use crate::cluster::time::SimTime;
use crate::value::Str;
use std::rc::Rc;

/// A sandbox as the kubelet sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxStatus {
    /// Which.
    pub id: SandboxId,
    /// Counts the Pod's sandboxes from 0.
    pub attempt: u32,
    /// Whether `pause` runs.
    pub ready: bool,
    /// The Pod's address in it.
    pub ip: Str,
}

/// What a container does, as the kubelet sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContainerState {
    /// Made, not started.
    Created,
    /// Running.
    Running,
    /// Ended.
    Exited {
        /// Its exit code.
        code: i32,
        /// When.
        finished: SimTime,
        /// `Completed`, `Error`, `OOMKilled`, `StartError`.
        reason: &'static str,
        /// Its last words.
        message: Str,
    },
}

/// A container as the kubelet sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerStatus {
    /// Which.
    pub id: ContainerId,
    /// The sandbox that it lives in.
    pub sandbox: SandboxId,
    /// Its name in the Pod.
    pub name: Str,
    /// Counts the container's starts from 0.
    pub attempt: u32,
    /// The image that its spec named when it was made.
    pub spec_image: Str,
    /// `docker.io/library/nginx:1.25`
    pub image: Str,
    /// `docker.io/library/nginx@sha256:...`
    pub image_id: Str,
    /// `containerd://...`
    pub container_id: Str,
    /// Its requests and limits.
    pub resources: Rc<ResourceRequirements>,
    /// When its first process started; its making where it has none.
    pub started: SimTime,
    /// What it does.
    pub state: ContainerState,
}

impl ContainerStatus {
    /// Whether its first process runs.
    pub fn is_running(&self) -> bool {
        self.state == ContainerState::Running
    }
}

/// A Pod as its runtime knows it, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodRuntimeStatus {
    /// Its sandboxes.
    pub sandboxes: Vec<SandboxStatus>,
    /// Its containers.
    pub containers: Vec<ContainerStatus>,
    /// Its address; empty without a ready sandbox.
    pub ip: Str,
}

impl PodRuntimeStatus {
    /// The newest container of a name.
    pub fn container(&self, name: &str) -> Option<&ContainerStatus> {
        self.containers.iter().find(|container| &*container.name == name)
    }
    /// The newest container of a name in the sandbox that is ready.
    pub fn active_container(&self, name: &str) -> Option<&ContainerStatus> {
        let sandbox = self.ready_sandbox()?.id;
        self.containers.iter().find(|container| container.sandbox == sandbox && &*container.name == name)
    }
    /// The sandbox that is ready, where it is the newest.
    pub fn ready_sandbox(&self) -> Option<&SandboxStatus> {
        self.sandboxes.first().filter(|sandbox| sandbox.ready)
    }
}

impl Runtime {
    /// Whether a container's program will answer differently later though nobody does anything.
    pub fn changes_by_itself(&self, pod_uid: &str, container: &str, now: SimTime) -> bool {
        let Some(entry) = self.pods.get(pod_uid) else { return false };
        entry
            .containers
            .iter()
            .rev()
            .filter_map(|number| self.containers.get(number))
            .find(|found| &*found.row.name == container)
            .and_then(|found| match found.row.state {
                ContainerPhase::Running { pid, .. } => self.processes.get(&pid),
                _ => None,
            })
            .is_some_and(|process| process.program.changes_by_itself(now))
    }
    /// Whether the end of one of a Pod's containers has not been noted yet.
    pub fn has_unnoted_end(&self, uid: &str, now: SimTime) -> bool {
        let numbers = self.pods.get(uid).map(|entry| &entry.containers[..]).unwrap_or_default();
        let mut all = numbers.iter().filter_map(|number| self.containers.get(number));
        all.any(|container| container.noted_at > now)
    }
    /// What there is of a Pod, as far as the runtime has noted it.
    pub fn pod_status(&self, uid: &str, now: SimTime) -> PodRuntimeStatus {
        let Some(entry) = self.pods.get(uid) else { return PodRuntimeStatus::default() };
        let sandboxes: Vec<_> = entry
            .sandboxes
            .iter()
            .rev()
            .filter_map(|number| {
                let row = &self.sandboxes.get(number)?.row;
                let id = SandboxId { node: self.node, number: *number };
                Some(SandboxStatus { id, attempt: row.attempt, ready: row.ready, ip: row.ip.clone() })
            })
            .collect();
        let containers = entry
            .containers
            .iter()
            .rev()
            .filter_map(|number| {
                let container = self.containers.get(number)?;
                let row = &container.row;
                let (started, state) = match row.state {
                    ContainerPhase::Created => (container.created, ContainerState::Created),
                    ContainerPhase::Running { since, .. } => (since, ContainerState::Running),
                    ContainerPhase::Exited { since, .. } if container.noted_at > now => {
                        (since, ContainerState::Running)
                    }
                    ContainerPhase::Exited { code, since, until, oom_killed } => {
                        let reason = match code {
                            _ if container.start_failed => "StartError",
                            _ if container.is_lost => "Unknown",
                            _ if oom_killed => "OOMKilled",
                            0 => "Completed",
                            _ => "Error",
                        };
                        let message = container.last_words.clone();
                        let finished = if container.is_lost { container.noted_at } else { until };
                        (since, ContainerState::Exited { code, finished, reason, message })
                    }
                };
                Some(ContainerStatus {
                    id: ContainerId { node: self.node, number: *number },
                    sandbox: row.sandbox,
                    name: row.name.clone(),
                    attempt: row.attempt,
                    spec_image: row.image.clone(),
                    image: container.image.reference.clone(),
                    image_id: container.image.id.clone(),
                    container_id: container.container_id.clone(),
                    resources: container.resources.clone(),
                    started,
                    state,
                })
            })
            .collect();
        let ip = sandboxes.first().filter(|sandbox| sandbox.ready).map(|sandbox| sandbox.ip.clone());
        PodRuntimeStatus { sandboxes, containers, ip: ip.unwrap_or_default() }
    }
}
