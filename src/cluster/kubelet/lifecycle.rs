//! Ending containers, and the hooks at both ends of their lives
//! (upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go, pkg/kubelet/lifecycle).

use super::{Hook, Job, Kill, Kubelet};
use crate::api::objects::{Container, LifecycleHandler, Pod};
use crate::cluster::engine::Engine;
use crate::cluster::record::{Fact, HookKind, RecordId};
use crate::cluster::recorder::EventNote;
use crate::cluster::runtime::{Runtime, RuntimeCall, RuntimeError, RuntimeReply, RuntimeResult};
use crate::cluster::task::{Answer, Ask, Call, Suspended};
use crate::cluster::time::SECOND;
use crate::value::Str;
use std::rc::Rc;

/// What every container gets to end by itself, in seconds, however little is left.
const MINIMUM_GRACE_PERIOD: i64 = 2;

/// A container of a Pod's spec, of whatever sort.
pub(super) fn container<'a>(pod: &'a Pod, name: &str) -> Option<&'a Container> {
    let spec = &pod.spec;
    let mut all = spec.init_containers.iter().chain(&spec.containers).chain(&spec.ephemeral_containers);
    all.find(|container| &*container.name == name)
}

/// `badstart_12-deletion(f6bd22e5-...)`
pub(super) fn full_name(pod: &Pod) -> String {
    format!("{}_{}({})", pod.metadata.name, pod.metadata.namespace, pod.metadata.uid)
}

fn handler<'a>(pod: &'a Pod, name: &str, kind: HookKind) -> Option<&'a LifecycleHandler> {
    let lifecycle = container(pod, name)?.lifecycle.as_ref()?;
    match kind {
        HookKind::PostStart => lifecycle.post_start.as_ref(),
        HookKind::PreStop => lifecycle.pre_stop.as_ref(),
    }
}

impl Kubelet {
    /// A note about a container.
    pub(super) fn note(
        &self,
        pod: &Pod,
        name: &str,
        warning: bool,
        reason: &'static str,
        message: impl Into<String>,
    ) -> EventNote {
        let has = |list: &[Container]| list.iter().any(|container| &*container.name == name);
        let list = match () {
            () if has(&pod.spec.init_containers) => "initContainers",
            () if has(&pod.spec.ephemeral_containers) => "ephemeralContainers",
            () => "containers",
        };
        self.pod_note(pod, warning, reason, message).at(Str::joined(&["spec.", list, "{", name, "}"]))
    }
    /// A note about a Pod.
    pub(super) fn pod_note(
        &self,
        pod: &Pod,
        warning: bool,
        reason: &'static str,
        message: impl Into<String>,
    ) -> EventNote {
        let about = self.workers.get(&pod.metadata.uid).map_or_else(
            || crate::cluster::recorder::reference(&pod.clone().into()),
            |worker| worker.reference.as_ref().clone(),
        );
        EventNote { about, warning, reason, message: message.into(), action: "" }
    }
    /// Ends a container: its preStop hook, the end of those that it serves, its stop signal, SIGKILL (upstream: killContainer).
    pub(super) fn kill_container(&self, kill: &Kill, ask: &mut Ask) -> Result<RuntimeResult, Suspended> {
        ask.event_with(|| self.note(&kill.pod, &kill.name, false, "Killing", &*kill.message));
        let mut grace = kill.grace_period_seconds;
        if grace > 0 && handler(&kill.pod, &kill.name, HookKind::PreStop).is_some() {
            let began = ask.now();
            let hook = Job::Hook(Rc::new(Hook {
                pod: kill.pod.clone(),
                container: kill.container,
                name: kill.name.clone(),
                kind: HookKind::PreStop,
            }));
            // The hook spends the grace period. It is not ended when that is over.
            ask.all(vec![Call::Kubelet(hook, Some(Runtime::seconds(grace)))])?;
            grace -= (ask.now().since(began) / SECOND) as i64;
        }
        if grace > 0 && !kill.after.is_empty() {
            let began = ask.now();
            let turn = Job::Turn(kill.after.clone());
            ask.all(vec![Call::Kubelet(turn, Some(Runtime::seconds(grace)))])?;
            grace -= (ask.now().since(began) / SECOND) as i64;
        }
        let grace = grace.max(MINIMUM_GRACE_PERIOD);
        ask.runtime(RuntimeCall::StopContainer(kill.container, Runtime::seconds(grace)))
    }
    /// Runs a hook; the error has the sentence that its container's status shows.
    pub(super) fn run_hook(&self, hook: &Hook, ask: &mut Ask) -> Result<RuntimeResult, Suspended> {
        let Some(handler) = handler(&hook.pod, &hook.name, hook.kind) else {
            return Ok(Ok(RuntimeReply::Done));
        };
        let result = self.run_handler(hook, handler, ask)?;
        if result.is_err() && hook.kind == HookKind::PreStop {
            ask.event_with(|| {
                self.note(&hook.pod, &hook.name, true, "FailedPreStopHook", "PreStopHook failed")
            });
        }
        Ok(result)
    }
    fn run_handler(
        &self,
        hook: &Hook,
        handler: &LifecycleHandler,
        ask: &mut Ask,
    ) -> Result<RuntimeResult, Suspended> {
        let of = format!("for Container {:?} in Pod {:?} failed", &*hook.name, full_name(&hook.pod));
        if let Some(exec) = &handler.exec {
            let words: Vec<&str> = exec.command.iter().map(|word| &**word).collect();
            let result = ask.runtime(RuntimeCall::Exec(hook.container, exec.command.clone(), 0))?;
            let (error, output) = match result {
                Ok(RuntimeReply::Exited(0, ..)) => {
                    return Ok(Ok(RuntimeReply::Exited(0, "".into(), "".into())));
                }
                Ok(RuntimeReply::Exited(code, output, errors)) => (
                    format!("command '{}' exited with {code}: {errors}", words.join(" ")),
                    format!("{output}{errors}"),
                ),
                Ok(_) => return Ok(result),
                Err(error) => {
                    (format!("rpc error: code = {} desc = {}", error.code, error.message), String::new())
                }
            };
            let message = format!(
                "Exec lifecycle hook ([{}]) {of} - error: {error}, message: {output:?}",
                words.join(" ")
            );
            return Ok(Err(Rc::new(RuntimeError { code: "Unknown", message })));
        }
        if let Some(get) = &handler.http_get {
            let port = super::generate_status::port_of(&hook.pod, &hook.name, &get.port);
            let path = Str::from(if get.path.is_empty() { "/" } else { &*get.path });
            let result = ask.runtime(RuntimeCall::Connect(hook.container, port, Some(path.clone()), 0))?;
            let error = match result {
                Ok(_) => return Ok(result),
                Err(error) => error.message.clone(),
            };
            let message = format!("HTTP lifecycle hook ({path}) {of} - error: {error}");
            return Ok(Err(Rc::new(RuntimeError { code: "Unknown", message })));
        }
        if let Some(sleep) = &handler.sleep {
            ask.sleep(Runtime::seconds(sleep.seconds))?;
        }
        Ok(Ok(RuntimeReply::Done))
    }
    /// Writes a record of a hook's begin or end; gives it, or else what was there.
    pub(super) fn record_hook(
        &self,
        engine: &mut Engine,
        job: &Job,
        result: Option<&RuntimeResult>,
        cause: Option<RecordId>,
    ) -> Option<RecordId> {
        let Job::Hook(hook) = job else { return cause };
        let code = result.map(|result| match result {
            Ok(RuntimeReply::Exited(code, ..)) => *code,
            Ok(_) => 0,
            Err(_) => 1,
        });
        Some(engine.record(self.actor(), cause, Fact::Hook(hook.container, hook.kind, code)))
    }
}

/// What a job gave, where it ended in time.
pub(super) fn result_of(answers: Vec<Answer>) -> Option<RuntimeResult> {
    answers.into_iter().find_map(|answer| match answer {
        Answer::Runtime(result) => Some(result),
        _ => None,
    })
}
