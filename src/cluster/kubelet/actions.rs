//! What is to be done for a Pod: from what its runtime has to what its spec wants
//! (upstream: computePodActions in pkg/kubelet/kuberuntime/kuberuntime_manager.go).

use super::resize::restarts;
use crate::api::objects::{Container, Pod, ResourceRequirements, RestartPolicy};
use crate::cluster::runtime::{ContainerId, ContainerState, ContainerStatus, PodRuntimeStatus, SandboxId};
use crate::value::Str;

/// A container that is to end though its Pod goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ToKill {
    pub(super) container: ContainerId,
    pub(super) name: Str,
    pub(super) message: Str,
    pub(super) grace_period_seconds: i64,
}

/// What a sync of a Pod does, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PodActions {
    /// End all that runs, the sandbox too.
    pub(super) kill_pod: bool,
    /// End these containers.
    pub(super) kill: Vec<ToKill>,
    /// Make a sandbox, the so-manieth.
    pub(super) create_sandbox: Option<u32>,
    /// The sandbox that is there.
    pub(super) sandbox: Option<SandboxId>,
    /// Start these ephemeral containers.
    pub(super) start_ephemeral: Vec<Str>,
    /// Start these init containers.
    pub(super) start_init: Vec<Str>,
    /// Give these containers what their specs say now.
    pub(super) resize: Vec<(ContainerId, Str)>,
    /// Start these containers.
    pub(super) start: Vec<Str>,
}

/// Whether an init container runs beside the others.
pub(super) fn is_sidecar(container: &Container) -> bool {
    container.restart_policy == Some(RestartPolicy::Always)
}

fn has_failed(status: &ContainerStatus) -> bool {
    matches!(status.state, ContainerState::Exited { code, .. } if code != 0)
}

fn has_succeeded(status: &ContainerStatus) -> bool {
    matches!(status.state, ContainerState::Exited { code: 0, .. })
}

/// Whether one of a container's own rules is about an exit with this code
/// (upstream: FindMatchingContainerRestartRule).
fn has_rule(container: &Container, code: i32) -> bool {
    container.restart_policy_rules.iter().any(|rule| {
        rule.exit_codes.as_ref().is_some_and(|codes| match &*codes.operator {
            "In" => codes.values.contains(&code),
            "NotIn" => !codes.values.contains(&code),
            _ => false,
        })
    })
}

/// Whether an exit with this code is followed by another start (upstream: ContainerShouldRestart).
pub(crate) fn restarts_after(pod: &Pod, container: &Container, code: i32) -> bool {
    if container.restart_policy.is_some() && has_rule(container, code) {
        return true;
    }
    match container.restart_policy.or(pod.spec.restart_policy).unwrap_or(RestartPolicy::Always) {
        RestartPolicy::Always => true,
        RestartPolicy::OnFailure => code != 0,
        RestartPolicy::Never => false,
    }
}

/// Whether a container is to be started (again) (upstream: ShouldContainerBeRestarted).
pub(super) fn should_be_restarted(pod: &Pod, container: &Container, status: &PodRuntimeStatus) -> bool {
    if pod.metadata.is_terminating() {
        return false;
    }
    match status.container(&container.name).map(|found| &found.state) {
        None | Some(ContainerState::Created) => true,
        Some(ContainerState::Running) => false,
        Some(ContainerState::Exited { code, .. }) => restarts_after(pod, container, *code),
    }
}

/// Whether a new sandbox is needed: which attempt it is, and why (upstream: PodSandboxChanged).
pub(super) fn new_sandbox(pod: &Pod, status: &PodRuntimeStatus) -> Option<(u32, &'static str)> {
    let Some(newest) = status.sandboxes.first() else { return Some((0, "no pod sandbox exists")) };
    if status.sandboxes.iter().filter(|sandbox| sandbox.ready).count() > 1 {
        return Some((newest.attempt + 1, "multiple pod sandboxes are ready"));
    }
    if !newest.ready {
        return Some((newest.attempt + 1, "pod sandbox is not ready"));
    }
    if newest.ip.is_empty() && !pod.spec.host_network {
        return Some((newest.attempt + 1, "pod sandbox has no IP address"));
    }
    None
}

/// How a container that runs is, as far as its probes say.
pub(super) enum Health {
    /// It goes on.
    Well,
    /// Its startup probe has not succeeded yet.
    Starting,
    /// It is to end: why, and with how many seconds of grace.
    Unwell(&'static str, i64),
}

/// What the probes say of a container that runs.
pub(super) type Ask<'a> = &'a dyn Fn(&Container, &ContainerStatus) -> Health;

fn spec_grace(pod: &Pod) -> i64 {
    pod.spec.termination_grace_period_seconds.unwrap_or(30)
}

/// What a sync of a Pod does.
pub(super) fn compute_pod_actions(pod: &Pod, status: &PodRuntimeStatus, health: Ask) -> PodActions {
    let spec = &pod.spec;
    let policy = spec.restart_policy.unwrap_or(RestartPolicy::Always);
    let mut actions =
        PodActions { sandbox: status.sandboxes.first().map(|sandbox| sandbox.id), ..PodActions::default() };
    if let Some((attempt, _)) = new_sandbox(pod, status) {
        actions.kill_pod = true;
        if policy == RestartPolicy::Never && attempt != 0 && !status.containers.is_empty() {
            return actions;
        }
        let start: Vec<Str> = spec
            .containers
            .iter()
            .filter(|container| {
                !(container.restart_policy.unwrap_or(policy) == RestartPolicy::OnFailure
                    && status.container(&container.name).is_some_and(has_succeeded))
            })
            .map(|container| container.name.clone())
            .collect();
        let is_initialized =
            spec.containers.iter().any(|container| status.container(&container.name).is_some());
        if start.is_empty() && is_initialized {
            return actions;
        }
        actions.create_sandbox = Some(attempt);
        match spec.init_containers.first() {
            Some(first) => actions.start_init = vec![first.name.clone()],
            None => actions.start = start,
        }
        return actions;
    }
    // They are started once, whether or not the Pod is initialized.
    let ephemeral = spec.ephemeral_containers.iter().map(|container| &container.name);
    actions.start_ephemeral = ephemeral.filter(|name| status.container(name).is_none()).cloned().collect();
    let is_initialized = init_container_actions(pod, status, health, &mut actions);
    if actions.kill_pod || !is_initialized {
        return actions;
    }
    let mut kept = 0;
    for container in &spec.containers {
        let found = status.container(&container.name);
        let Some(running) = found.filter(|found| found.state == ContainerState::Running) else {
            if should_be_restarted(pod, container, status) {
                actions.start.push(container.name.clone());
            }
            continue;
        };
        let has_changed = running.spec_image != container.image;
        let (why, grace_period_seconds) = match health(container, running) {
            // What its image is to be counts, whatever the probes and the policy say.
            _ if has_changed => ("definition changed", spec_grace(pod)),
            Health::Unwell(why, grace_period_seconds) => (why, grace_period_seconds),
            Health::Well | Health::Starting => {
                if !resize_action(pod, container, running, &mut actions) {
                    kept += 1;
                } else {
                    actions.start.push(container.name.clone());
                }
                continue;
            }
        };
        let restarts = has_changed || container.restart_policy.unwrap_or(policy) != RestartPolicy::Never;
        let message = if restarts {
            format!("Container {} {why}, will be restarted", container.name)
        } else {
            format!("Container {} {why}", container.name)
        };
        if restarts {
            actions.start.push(container.name.clone());
        }
        let name = container.name.clone();
        actions.kill.push(ToKill {
            container: running.id,
            name,
            message: message.into(),
            grace_period_seconds,
        });
    }
    if kept == 0 && actions.start.is_empty() {
        actions.kill_pod = true;
        actions.start_init.clear();
    }
    actions
}

/// Whether a container that runs has other resources than its spec.
pub(super) fn is_resized(container: &Container, running: &ContainerStatus) -> bool {
    match &container.resources {
        Some(own) => *own != *running.resources,
        None => *running.resources != ResourceRequirements::default(),
    }
}

/// Gives a container that runs what its spec says, or ends it for that: whether it is to be started again
/// (upstream: computePodResizeAction).
fn resize_action(
    pod: &Pod,
    container: &Container,
    running: &ContainerStatus,
    actions: &mut PodActions,
) -> bool {
    if !is_resized(container, running) {
        return false;
    }
    let restarts = restarts(container, &running.resources);
    let name = container.name.clone();
    if restarts {
        let message = format!("Container {name} resize requires restart").into();
        let grace_period_seconds = spec_grace(pod);
        actions.kill.push(ToKill { container: running.id, name, message, grace_period_seconds });
    } else {
        actions.resize.push((running.id, name));
    }
    restarts
}

/// The part of the init containers; whether the Pod is initialized (upstream: computeInitContainerActions).
fn init_container_actions(
    pod: &Pod,
    status: &PodRuntimeStatus,
    health: Ask,
    actions: &mut PodActions,
) -> bool {
    let all = &pod.spec.init_containers;
    if all.is_empty() {
        return true;
    }
    let mut is_initialized =
        pod.spec.containers.iter().any(|container| status.active_container(&container.name).is_some());
    let mut was_initialized = is_initialized;
    let mut start: Vec<usize> = Vec::new();
    for (i, container) in all.iter().enumerate().rev() {
        let is_last = i + 1 == all.len();
        let Some(found) = status.active_container(&container.name) else {
            if was_initialized && is_sidecar(container) {
                start.push(i);
            }
            continue;
        };
        if was_initialized && !is_sidecar(container) {
            continue;
        }
        match &found.state {
            ContainerState::Created => start.push(i),
            ContainerState::Running if !is_sidecar(container) => {
                resize_action(pod, container, found, actions);
            }
            ContainerState::Running if found.spec_image != container.image => {
                let message = format!("Init container {} definition changed", container.name).into();
                let grace_period_seconds = spec_grace(pod);
                let name = container.name.clone();
                actions.kill.push(ToKill { container: found.id, name, message, grace_period_seconds });
                start.push(i);
                is_initialized |= is_last;
            }
            ContainerState::Running => match health(container, found) {
                // What follows it waits.
                Health::Starting => {}
                Health::Unwell(why, grace_period_seconds) => {
                    let message = format!("Init container {} {why}", container.name).into();
                    let name = container.name.clone();
                    actions.kill.push(ToKill { container: found.id, name, message, grace_period_seconds });
                    start.push(i);
                }
                Health::Well if is_sidecar(container) && resize_action(pod, container, found, actions) => {
                    start.push(i);
                }
                Health::Well if is_last => is_initialized = true,
                Health::Well if !was_initialized => start.push(i + 1),
                Health::Well => {}
            },
            ContainerState::Exited { .. } if is_sidecar(container) => start.push(i),
            ContainerState::Exited { .. } if has_failed(found) => {
                if !should_be_restarted(pod, container, status) {
                    actions.kill_pod = true;
                    actions.start_init.clear();
                    return false;
                }
                start.push(i);
            }
            ContainerState::Exited { .. } if is_last => is_initialized = true,
            ContainerState::Exited { .. } => start.push(i + 1),
        }
        was_initialized = true;
    }
    if !was_initialized {
        start.push(0);
    }
    actions.start_init = start.into_iter().rev().filter_map(|i| Some(all.get(i)?.name.clone())).collect();
    is_initialized
}
