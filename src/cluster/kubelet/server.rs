//! What is asked of a kubelet through the API server: a container's log, and commands in it
//! (upstream: pkg/kubelet/server, LogLocation and ExecLocation in pkg/registry/core/pod).

use super::Kubelet;
use crate::api::objects::{ContainerStatus, Pod};
use crate::cluster::engine::Engine;
use crate::cluster::event::{CONNECT_TASKS, Caller};
use crate::cluster::record::RecordId;
use crate::cluster::request::{ApiResult, Connect, Reason, Reply, Request, Status, Subresource};
use crate::cluster::runtime::{Runtime, RuntimeCall, RuntimeReply};
use crate::cluster::task::{Answer, Answered};
use crate::value::Str;
use std::rc::Rc;

/// A request that a kubelet answers in time.
#[derive(Clone, Debug)]
pub(super) struct Connected {
    caller: Caller,
    request: Rc<Request>,
}

/// An answer that goes back through the API server.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Who asked.
    pub caller: Caller,
    /// What.
    pub request: Rc<Request>,
    /// What came of it.
    pub result: ApiResult,
    /// The record of its end.
    pub cause: Option<RecordId>,
}

/// The container that a request means, or what the API server says instead.
pub fn container_name(pod: &Pod, connect: &Connect) -> Result<Str, Rc<Status>> {
    let bad = |message: String| Err(Status::new(Reason::BadRequest, message));
    let names = |list: &[crate::api::objects::Container]| {
        list.iter().map(|container| &*container.name).collect::<Vec<_>>().join(" ")
    };
    let name = &pod.metadata.name;
    let (inits, containers) = (&pod.spec.init_containers, &pod.spec.containers);
    if connect.container.is_empty() {
        return match &containers[..] {
            [one] => Ok(one.name.clone()),
            _ => {
                let of_inits = if inits.is_empty() {
                    String::new()
                } else {
                    format!(" or one of the init containers: [{}]", names(inits))
                };
                bad(format!(
                    "a container name must be specified for pod {name}, choose one of: [{}]{of_inits}",
                    names(containers)
                ))
            }
        };
    }
    let ephemeral = &pod.spec.ephemeral_containers;
    if inits.iter().chain(containers).chain(ephemeral).any(|container| container.name == connect.container) {
        return Ok(connect.container.clone());
    }
    bad(format!("container {} is not valid for pod {name}", connect.container))
}

/// Which of a container's logs is meant, by the id of the container (upstream: validateContainerLogStatus).
fn log_id(pod: &Str, name: &str, status: Option<&ContainerStatus>, previous: bool) -> Result<Str, String> {
    let of = format!("container {name:?} in pod {:?}", &**pod);
    let Some(status) = status else { return Err(format!("{of} is not available")) };
    let last = status.last_state.terminated.as_ref().map(|ended| ended.container_id.clone());
    let last = last.filter(|id| !id.is_empty());
    let state = &status.state;
    if previous {
        return last.ok_or_else(|| format!("previous terminated {of} not found"));
    }
    if state.running.is_some() {
        return Ok(status.container_id.clone());
    }
    if let Some(ended) = &state.terminated {
        let own = Some(ended.container_id.clone()).filter(|id| !id.is_empty());
        return own.or(last).ok_or_else(|| format!("{of} is terminated"));
    }
    if let Some(id) = last {
        return Ok(id);
    }
    let reason = state.waiting.as_ref().map_or("", |waiting| &*waiting.reason);
    Err(match reason {
        "ErrImagePull" => format!("{of} is waiting to start: image can't be pulled"),
        "ImagePullBackOff" => format!("{of} is waiting to start: trying and failing to pull image"),
        reason => format!("{of} is waiting to start: {reason}"),
    })
}

impl Kubelet {
    /// Takes a request for a container. None where its answer comes later, through `take_finished`.
    pub fn connect(
        &mut self,
        engine: &mut Engine,
        runtime: &mut Runtime,
        caller: Caller,
        request: &Rc<Request>,
        pod: &Pod,
        connect: &Connect,
        cause: Option<RecordId>,
    ) -> Option<ApiResult> {
        let name = match container_name(pod, connect) {
            Ok(name) => name,
            Err(status) => return Some(Err(status)),
        };
        if self.held.is_some() {
            let host = &self.address;
            let message =
                format!("error dialing backend: dial tcp {host}:10250: connect: connection refused");
            return Some(Err(Status::new(Reason::InternalError, message)));
        }
        if request.subresource == Subresource::Log || connect.command.is_empty() {
            return Some(self.read_log(engine, runtime, pod, &name, connect));
        }
        let status = runtime.pod_status(&pod.metadata.uid, engine.now);
        let Some(id) = status.container(&name).filter(|found| found.is_running()).map(|found| found.id)
        else {
            let message = format!("unable to upgrade connection: container not found ({:?})", &*name);
            return Some(Err(Status::new(Reason::InternalError, message)));
        };
        self.next_connected += 1;
        let number = self.next_connected;
        self.connected.insert(number, Connected { caller, request: request.clone() });
        let caller = Caller { actor: self.actor(), task: CONNECT_TASKS | number, call: Some(0) };
        runtime.call(engine, caller, RuntimeCall::Exec(id, connect.command.clone(), 0), cause);
        None
    }
    fn read_log(
        &self,
        engine: &Engine,
        runtime: &Runtime,
        pod: &Pod,
        name: &Str,
        connect: &Connect,
    ) -> ApiResult {
        let known = self.workers.get(&pod.metadata.uid).and_then(|worker| worker.status.as_deref());
        let status = known.unwrap_or(&pod.status);
        let others = status.init_container_statuses.iter().chain(&status.ephemeral_container_statuses);
        let mut all = status.container_statuses.iter().chain(others);
        let found = all.find(|status| status.name == *name);
        let id = log_id(&pod.metadata.name, name, found, connect.previous)
            .map_err(|message| Status::new(Reason::BadRequest, message))?;
        let lines = runtime.log_of(&pod.metadata.uid, &id);
        let skipped = connect.tail.map_or(0, |tail| lines.len().saturating_sub(tail as usize));
        let shown = lines.skip(skipped.max(connect.skip as usize));
        let shown = shown.filter(|line| connect.since.is_none_or(|since| line.at >= since));
        let text: String = shown
            .map(|line| match connect.timestamps {
                // The runtime writes nanoseconds.
                true => {
                    let time = engine.wall.rfc3339_micro(line.at);
                    format!("{}000Z {}\n", time.trim_end_matches('Z'), line.text)
                }
                false => format!("{}\n", line.text),
            })
            .collect();
        let goes_on = found.is_some_and(|status| status.state.running.is_some()) && !connect.previous;
        Ok(Reply::Text(text.into(), Str::default(), i32::from(goes_on)))
    }
    /// A command in a container has ended.
    pub(super) fn on_connected(&mut self, number: u32, answered: Answered) {
        let Some(Connected { caller, request }) = self.connected.remove(&number) else { return };
        let Answer::Runtime(result) = answered.answer else { return };
        let result = match result {
            Ok(RuntimeReply::Exited(code, out, errors)) => Ok(Reply::Text(out, errors, code)),
            Ok(_) => Ok(Reply::Text(Str::default(), Str::default(), 0)),
            Err(error) => Err(Status::new(
                Reason::InternalError,
                // Once by the kubelet, once by the API server.
                format!(
                    "Internal error occurred: Internal error occurred: error executing command in container: {}",
                    error.message
                ),
            )),
        };
        self.finished.push(Finished { caller, request, result, cause: answered.cause });
    }
    /// The answers that are ready since this was last asked.
    pub fn take_finished(&mut self) -> Vec<Finished> {
        std::mem::take(&mut self.finished)
    }
}
