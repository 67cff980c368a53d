//! Bringing a Pod to what its spec wants, and taking it down
//! (upstream: SyncPod and SyncTerminatingPod in pkg/kubelet).

use super::actions::{PodActions, compute_pod_actions, is_sidecar};
use super::lifecycle::{container, full_name, result_of};
use super::pod_workers::Reason;
use super::volumes::Retry;
use super::{Hook, Job, Kill, Kubelet};
use crate::api::objects::{Container, Pod, PodPhase, PullPolicy};
use crate::cluster::engine::Engine;
use crate::cluster::latency::Hop;
use crate::cluster::record::{HookKind, RecordId};
use crate::cluster::runtime::{
    ContainerId, ContainerState, PodRuntimeStatus, Runtime, RuntimeCall, RuntimeError, RuntimeReply,
    SandboxId, check_image_name,
};
use crate::cluster::task::{Ask, Call, Suspended};
use crate::cluster::time::{MILLI, Micros, SimTime, go_duration};
use crate::value::{Str, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A container that has ended before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    finished: SimTime,
    /// How long it waits since then, where it has been started again before.
    backoff: Option<super::backoff::Entry>,
}

/// What a sync of a Pod works on: all that it reads, gathered when it begins.
#[derive(Clone, Debug)]
pub(super) struct SyncInput {
    pod: Rc<Pod>,
    status: Rc<PodRuntimeStatus>,
    actions: PodActions,
    /// How long the volumes take at first, and how they are tried again; none where they are there.
    mount: Option<(Micros, Retry)>,
    /// Whether what volumes show has changed.
    is_outdated: bool,
    /// The containers that have ended before, each with when the last did.
    ended: BTreeMap<Str, Ended>,
    /// The images whose pull waits, with what the last one came to.
    image_backoffs: BTreeMap<Str, Str>,
}

/// What the end of a Pod works on.
#[derive(Clone, Debug)]
pub(super) struct TerminatingInput {
    pod: Rc<Pod>,
    status: Rc<PodRuntimeStatus>,
    grace_period: i64,
}

/// How a sync begins.
pub(super) enum Begun {
    /// There is something to look at.
    Sync(Rc<SyncInput>),
    /// The Pod has ended by itself.
    Ended,
}

/// What a sync came to.
#[derive(Clone, Debug, Default)]
pub(super) struct SyncResult {
    /// Whether it has changed anything in the runtime.
    pub(super) is_changed: bool,
    /// Whether it has given a container other resources: then it is looked at again.
    pub(super) is_resized: bool,
    /// The containers that it wanted to start, each with the reason why it could not.
    pub(super) started: Vec<(Str, Option<Reason>)>,
    /// Whether something else failed.
    failed: bool,
    /// When the first back-off is over.
    pub(super) retry_at: Option<SimTime>,
}

impl SyncResult {
    /// Whether anything failed.
    pub(super) fn has_failed(&self) -> bool {
        self.failed || self.started.iter().any(|(_, reason)| reason.is_some())
    }
}

/// Why a container must not run as root though it would (upstream: verifyRunAsNonRoot).
fn runs_as_root(pod: &Pod, spec: &Container) -> Option<String> {
    let of = |field: &str| {
        let own = spec.security_context.as_ref().and_then(|context| context.get(field));
        own.or_else(|| pod.spec.security_context.as_ref().and_then(|context| context.get(field)))
    };
    if of("runAsNonRoot").and_then(Value::as_bool) != Some(true) {
        return None;
    }
    let which = format!("(pod: {:?}, container: {})", full_name(pod), spec.name);
    match of("runAsUser").and_then(Value::as_int) {
        Some(0) => Some(format!("container's runAsUser breaks non-root policy {which}")),
        Some(_) => None,
        None => Some(format!("container has runAsNonRoot and image will run as root {which}")),
    }
}

/// Why an ephemeral container cannot see whose processes it is to see (upstream: getTargetID).
fn lacks_target(status: &PodRuntimeStatus, spec: &Container) -> Option<String> {
    let name = spec.target().filter(|name| status.container(name).is_none())?;
    Some(format!("unable to find target container {name}"))
}

/// `rpc error: code = NotFound desc = ...`
fn rpc_error(error: &RuntimeError) -> String {
    format!("rpc error: code = {} desc = {}", error.code, error.message)
}

impl Kubelet {
    /// The status of the Pod is written, and what is to be done decided.
    pub(super) fn begin_sync(&mut self, engine: &mut Engine, uid: &Str, cause: Option<RecordId>) -> Begun {
        let Some(worker) = self.workers.get(uid) else { return Begun::Ended };
        let (pod, status) = (worker.pod.clone(), worker.cache.clone());
        let (has_volumes, retry) = (worker.has_volumes, worker.retry);
        self.note_resize(engine, &pod, &status, cause);
        let generated = self.generate_pod_status(&pod, &status, false);
        let phase = generated.phase;
        self.set_pod_status(engine, uid, generated, cause);
        self.tell_deadline(engine, uid, cause);
        self.note_deadline(engine, uid);
        if matches!(phase, Some(PodPhase::Succeeded | PodPhase::Failed)) {
            return Begun::Ended;
        }
        self.trigger_readiness(engine, uid);
        let probes = &self.probes;
        let health = |spec: &Container, found: &_| probes.health(&pod, spec, found);
        let actions = compute_pod_actions(&pod, &status, &health);
        let usual = engine.latency(Hop::MountVolumes, (self.node, uid));
        let mount = (!has_volumes).then(|| (retry.first(engine.now, usual), retry));
        if let Some((first, _)) = mount {
            self.add_probes(engine, &pod, engine.now + first);
        }
        let is_outdated =
            self.workers.get_mut(uid).is_some_and(|worker| std::mem::take(&mut worker.is_outdated));
        let mut ended = BTreeMap::new();
        let mut image_backoffs = BTreeMap::new();
        for name in actions.start_ephemeral.iter().chain(&actions.start_init).chain(&actions.start) {
            let key = (uid.clone(), name.clone());
            // The newest that has ended counts, though another may still run.
            let last = status.containers.iter().filter(|found| found.name == *name).find_map(|found| {
                match found.state {
                    ContainerState::Exited { finished, .. } => Some(finished),
                    ContainerState::Created | ContainerState::Running => None,
                }
            });
            if let Some(finished) = last {
                let backoff = self.backoff.entry(&key);
                ended.insert(name.clone(), Ended { finished, backoff });
            }
            if let Some(image) = container(&pod, name).map(|container| container.image.clone())
                && let Some(last) = self.backoff.image_in_force(uid, &image, engine.now)
            {
                image_backoffs.insert(image, last);
            }
        }
        Begun::Sync(Rc::new(SyncInput { pod, status, actions, mount, is_outdated, ended, image_backoffs }))
    }
    /// Does what is to be done.
    pub(super) fn sync_pod(
        &mut self,
        runtime: &mut Runtime,
        input: &SyncInput,
        ask: &mut Ask,
    ) -> Result<SyncResult, Suspended> {
        let SyncInput { pod, status, actions, mount, .. } = input;
        let uid = &pod.metadata.uid;
        let mut result = SyncResult::default();
        if let Some((first, retry)) = mount {
            if !self.mount_volumes(runtime, pod, *first, *retry, ask)? {
                result.failed = true;
                return Ok(result);
            }
            if let Some(worker) = self.workers.get_mut(uid) {
                worker.has_volumes = true;
            }
        } else if input.is_outdated {
            self.set_up(runtime, pod, ask)?;
        }
        if actions.create_sandbox.is_some() && actions.sandbox.is_some() {
            let why = "Pod sandbox changed, it will be killed and re-created.";
            ask.event_with(|| self.pod_note(pod, false, "SandboxChanged", why));
        }
        if actions.kill_pod {
            let grace = pod.spec.termination_grace_period_seconds.unwrap_or(30);
            result.is_changed |= self.kill_pod(pod, status, grace, ask)?;
        }
        // What ends with its Pod is not ended for a reason of its own besides.
        for kill in actions.kill.iter().filter(|_| !actions.kill_pod) {
            result.is_changed = true;
            let kill = Kill {
                pod: pod.clone(),
                container: kill.container,
                name: kill.name.clone(),
                message: kill.message.clone(),
                grace_period_seconds: kill.grace_period_seconds,
                after: Rc::default(),
            };
            ask.all(vec![Call::Kubelet(Job::Kill(Rc::new(kill)), None)])?;
        }
        let mut sandbox = actions.sandbox.map(|id| (id, status.ip.clone()));
        if let Some(attempt) = actions.create_sandbox {
            match ask.runtime(RuntimeCall::RunPodSandbox(pod.clone(), attempt))? {
                Ok(RuntimeReply::Sandbox(id, ip)) => {
                    result.is_changed = true;
                    sandbox = Some((id, ip));
                    if ask.once() {
                        self.on_pod_sandbox_ready(pod, ask.now(), ask.cause());
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    let why = if error.code == "Config" { error.message.clone() } else { rpc_error(&error) };
                    let message = format!("Failed to create pod sandbox: {why}");
                    ask.event_with(|| self.pod_note(pod, true, "FailedCreatePodSandBox", message));
                    result.failed = true;
                    return Ok(result);
                }
            }
        }
        let Some((sandbox, ip)) = sandbox else { return Ok(result) };
        for name in actions.start_ephemeral.iter().chain(&actions.start_init) {
            let Some(spec) = container(pod, name) else { continue };
            let reason = self.start_with_backoff(input, spec, sandbox, &ip, &mut result, ask)?;
            let has_failed = reason.is_some();
            result.started.push((name.clone(), reason));
            if has_failed && !is_sidecar(spec) && !actions.start_ephemeral.contains(name) {
                return Ok(result);
            }
        }
        for (id, name) in &actions.resize {
            let resources = container(pod, name).and_then(|spec| spec.resources.clone()).unwrap_or_default();
            let call = RuntimeCall::UpdateContainerResources(*id, Rc::new(resources));
            result.is_resized |= ask.runtime(call)?.is_ok();
            result.is_changed |= result.is_resized;
        }
        for name in &actions.start {
            let Some(spec) = container(pod, name) else { continue };
            let reason = self.start_with_backoff(input, spec, sandbox, &ip, &mut result, ask)?;
            result.started.push((name.clone(), reason));
        }
        Ok(result)
    }
    /// Starts a container unless its restart has to wait.
    fn start_with_backoff(
        &mut self,
        input: &SyncInput,
        spec: &Container,
        sandbox: SandboxId,
        ip: &Str,
        result: &mut SyncResult,
        ask: &mut Ask,
    ) -> Result<Option<Reason>, Suspended> {
        let pod = &input.pod;
        // Whether it waits is judged as it is to start: what is killed first, in the same sync, may take its grace.
        let (ended, now) = (input.ended.get(&spec.name), ask.now());
        let wait = ended.and_then(|ended| ended.backoff?.in_force(ended.finished, now));
        if let (Some(ended), Some(wait)) = (ended, wait) {
            let until = ended.finished + wait;
            let named = full_name(pod);
            let why = format!("Back-off restarting failed container {} in pod {named}", spec.name);
            ask.event_with(|| self.note(pod, &spec.name, true, "BackOff", why));
            result.retry_at = Some(result.retry_at.map_or(until, |at| at.min(until)));
            let seconds = go_duration(wait);
            let message = format!("back-off {seconds} restarting failed container={} pod={named}", spec.name);
            return Ok(Some(Reason { reason: "CrashLoopBackOff", message: message.into() }));
        }
        if let Some(ended) = ended
            && ask.once()
        {
            self.backoff.next((pod.metadata.uid.clone(), spec.name.clone()), ended.finished, now);
        }
        result.is_changed = true;
        let started = self.start_container(input, spec, sandbox, ip, ask)?;
        Ok(started.err())
    }
    /// Gets the image, makes the container, starts it and runs its postStart hook
    /// (upstream: startContainer).
    fn start_container(
        &mut self,
        input: &SyncInput,
        spec: &Container,
        sandbox: SandboxId,
        ip: &Str,
        ask: &mut Ask,
    ) -> Result<Result<(), Reason>, Suspended> {
        let pod = &input.pod;
        let fail =
            |reason: &'static str, message: String| Ok(Err(Reason { reason, message: message.into() }));
        if let Err(reason) = self.ensure_image_exists(input, spec, ask)? {
            ask.event_with(|| {
                self.note(pod, &spec.name, true, "Failed", format!("Error: {}", reason.reason))
            });
            return Ok(Err(reason));
        }
        let attempt = input.status.container(&spec.name).map_or(0, |last| last.attempt + 1);
        let refused = lacks_target(&input.status, spec).or_else(|| runs_as_root(pod, spec));
        let env = match refused.map_or_else(|| self.environment(pod, spec, ip, ask), |why| Ok(Err(why)))? {
            Ok(env) => Rc::new(env),
            Err(why) => {
                ask.event_with(|| self.note(pod, &spec.name, true, "Failed", format!("Error: {why}")));
                return fail("CreateContainerConfigError", why);
            }
        };
        let created =
            ask.runtime(RuntimeCall::CreateContainer(sandbox, pod.clone(), spec.name.clone(), attempt, env))?;
        let id = match created {
            Ok(RuntimeReply::Container(id)) => id,
            Ok(_) => return Ok(Ok(())),
            Err(error) => {
                let message = rpc_error(&error);
                ask.event_with(|| {
                    self.note(pod, &spec.name, true, "Failed", format!("Error: {}", error.message))
                });
                return fail("CreateContainerError", message);
            }
        };
        ask.event_with(|| self.note(pod, &spec.name, false, "Created", "Container created"));
        if let Err(error) = ask.runtime(RuntimeCall::StartContainer(id))? {
            ask.event_with(|| {
                self.note(pod, &spec.name, true, "Failed", format!("Error: {}", error.message))
            });
            return fail("RunContainerError", error.message.clone());
        }
        ask.event_with(|| self.note(pod, &spec.name, false, "Started", "Container started"));
        if spec.lifecycle.as_ref().is_some_and(|lifecycle| lifecycle.post_start.is_some()) {
            let hook =
                Hook { pod: pod.clone(), container: id, name: spec.name.clone(), kind: HookKind::PostStart };
            let answers = ask.all(vec![Call::Kubelet(Job::Hook(Rc::new(hook)), None)])?;
            if let Some(Err(error)) = result_of(answers) {
                ask.event_with(|| {
                    self.note(pod, &spec.name, true, "FailedPostStartHook", "PostStartHook failed")
                });
                let kill = Kill {
                    pod: pod.clone(),
                    container: id,
                    name: spec.name.clone(),
                    message: "FailedPostStartHook".into(),
                    grace_period_seconds: pod.spec.termination_grace_period_seconds.unwrap_or(30),
                    after: Rc::default(),
                };
                ask.all(vec![Call::Kubelet(Job::Kill(Rc::new(kill)), None)])?;
                return fail("PostStartHookError", error.message.clone());
            }
        }
        Ok(Ok(()))
    }
    /// Sees to it that the node has a container's image (upstream: EnsureImageExists).
    fn ensure_image_exists(
        &mut self,
        input: &SyncInput,
        spec: &Container,
        ask: &mut Ask,
    ) -> Result<Result<(), Reason>, Suspended> {
        let (pod, image) = (&input.pod, &spec.image);
        let fail =
            |reason: &'static str, message: String| Ok(Err(Reason { reason, message: message.into() }));
        if let Err(error) = check_image_name(image) {
            let tagged =
                if image.contains([':', '@']) { image.to_string() } else { format!("{image}:latest") };
            let message = format!(
                "Failed to apply default image tag {tagged:?}: couldn't parse image name {tagged:?}: {error}"
            );
            ask.event_with(|| self.note(pod, &spec.name, true, "InspectFailed", message.clone()));
            return fail("InvalidImageName", message);
        }
        let is_there =
            matches!(ask.runtime(RuntimeCall::ImageStatus(image.clone()))?, Ok(RuntimeReply::Image(true)));
        let policy = spec.image_pull_policy.unwrap_or(PullPolicy::IfNotPresent);
        if policy == PullPolicy::Never && !is_there {
            let message = format!("Container image {image:?} is not present with pull policy of Never");
            ask.event_with(|| self.note(pod, &spec.name, true, "ErrImageNeverPull", message.clone()));
            return fail("ErrImageNeverPull", message);
        }
        if is_there && policy != PullPolicy::Always {
            ask.event_with(|| {
                let message = format!(
                    "Container image {image:?} already present on machine and can be accessed by the pod"
                );
                self.note(pod, &spec.name, false, "Pulled", message)
            });
            return Ok(Ok(()));
        }
        if let Some(last) = input.image_backoffs.get(image) {
            let message = format!("Back-off pulling image {image:?}");
            ask.event_with(|| self.note(pod, &spec.name, false, "BackOff", message.clone()));
            return fail("ImagePullBackOff", format!("{message}: {last}"));
        }
        ask.event_with(|| self.note(pod, &spec.name, false, "Pulling", format!("Pulling image {image:?}")));
        let began = ask.now();
        match ask.runtime(RuntimeCall::PullImage(image.clone()))? {
            Ok(RuntimeReply::Pulled(size, took)) => {
                let whole = ask.now().since(began);
                ask.event_with(|| {
                    let message = format!(
                        "Successfully pulled image {image:?} in {} ({} including waiting). Image size: {size} bytes.",
                        go_duration(took - took % MILLI),
                        go_duration(whole - whole % MILLI),
                    );
                    self.note(pod, &spec.name, false, "Pulled", message)
                });
                Ok(Ok(()))
            }
            Ok(_) => Ok(Ok(())),
            Err(error) => {
                let error = rpc_error(&error);
                let message = format!("Failed to pull image {image:?}: {error}");
                ask.event_with(|| self.note(pod, &spec.name, true, "Failed", message));
                if ask.once() {
                    let last = format!("ErrImagePull: {error}").into();
                    self.backoff.image_failed(&pod.metadata.uid, image, last, ask.now());
                }
                fail("ErrImagePull", error)
            }
        }
    }
    /// Ends all that runs of a Pod, then its sandboxes; whether there was anything
    /// (upstream: killPodWithSyncResult).
    fn kill_pod(
        &mut self,
        pod: &Rc<Pod>,
        status: &PodRuntimeStatus,
        grace_period_seconds: i64,
        ask: &mut Ask,
    ) -> Result<bool, Suspended> {
        let running = |container: &Container| {
            let mut found = status.containers.iter().filter(|found| found.name == container.name);
            Some(found.find(|found| found.state == ContainerState::Running)?.id)
        };
        let kill = |container: &Container, after: Rc<[ContainerId]>| {
            let kill = Kill {
                pod: pod.clone(),
                container: running(container)?,
                name: container.name.clone(),
                message: format!("Stopping container {}", container.name).into(),
                grace_period_seconds,
                after,
            };
            Some(Call::Kubelet(Job::Kill(Rc::new(kill)), None))
        };
        let spec = &pod.spec;
        let containers: Vec<ContainerId> = spec.containers.iter().filter_map(running).collect();
        let mut kills: Vec<Call> = Vec::new();
        let mut next = None;
        for init in spec.init_containers.iter().rev() {
            // A sidecar ends after the containers and the next sidecar.
            let is_sidecar = is_sidecar(init);
            let before = containers.iter().copied().chain(next).filter(|_| is_sidecar);
            kills.extend(kill(init, before.collect()));
            if is_sidecar {
                next = running(init);
            }
        }
        kills.reverse();
        let others = spec.containers.iter().chain(&spec.ephemeral_containers);
        kills.extend(others.filter_map(|container| kill(container, Rc::default())));
        let mut has_killed = !kills.is_empty();
        if has_killed {
            ask.all(kills)?;
        }
        for sandbox in &status.sandboxes {
            has_killed = true;
            _ = ask.runtime(RuntimeCall::StopPodSandbox(sandbox.id))?;
        }
        Ok(has_killed)
    }
    /// The end of a Pod begins: its status is written once more.
    pub(super) fn begin_terminating(
        &mut self,
        engine: &mut Engine,
        uid: &Str,
        cause: Option<RecordId>,
    ) -> Option<TerminatingInput> {
        let worker = self.workers.get(uid)?;
        let (pod, status) = (worker.pod.clone(), worker.cache.clone());
        let grace_period = worker.grace_period.unwrap_or(30);
        let generated = self.generate_pod_status(&pod, &status, false);
        self.set_pod_status(engine, uid, generated, cause);
        self.tell_deadline(engine, uid, cause);
        self.remove_probes(uid, false);
        Some(TerminatingInput { pod, status, grace_period })
    }
    /// Ends a Pod's containers and its sandbox, and writes how they ended.
    pub(super) fn sync_terminating_pod(
        &mut self,
        input: &TerminatingInput,
        runtime: &Runtime,
        ask: &mut Ask,
    ) -> Result<(), Suspended> {
        self.kill_pod(&input.pod, &input.status, input.grace_period, ask)?;
        if let Some(note) = self.deadline_note(&input.pod.metadata.uid) {
            ask.event(note);
        }
        if ask.once() {
            let uid = &input.pod.metadata.uid;
            let mut status = runtime.pod_status(uid, ask.now());
            status.ip = input.status.ip.clone();
            let pod = self.workers.get(uid).map_or_else(|| input.pod.clone(), |worker| worker.pod.clone());
            let generated = self.generate_pod_status(&pod, &status, true);
            self.keep_pod_status(uid, generated, ask.now(), ask.cause());
            if let Some(worker) = self.workers.get_mut(uid) {
                worker.cache = Rc::new(status);
            }
        }
        Ok(())
    }
    /// What remains is that the API may forget the Pod.
    pub(super) fn write_terminal_status(&mut self, engine: &mut Engine, uid: &Str, cause: Option<RecordId>) {
        let Some(worker) = self.workers.get(uid) else { return };
        let (pod, status) = (worker.pod.clone(), worker.cache.clone());
        let mut generated = self.generate_pod_status(&pod, &status, true);
        super::generate_status::terminate(&pod, &mut generated);
        if let Some(worker) = self.workers.get_mut(uid) {
            worker.is_finished = true;
        }
        self.set_pod_status(engine, uid, generated, cause);
        self.tell_deadline(engine, uid, cause);
    }
}
