//! Logs and commands in containers: what a client asks of a Pod's kubelet through the API server
//! (upstream: pkg/kubelet/kubelet_pods.go, `validateContainerLogStatus` and `RunInContainer`).

use super::Cluster;
use super::event::Caller;
use super::record::RecordId;
use super::request::{Connect, Reason, Reply, Request, Response, Status, Subresource};
use super::runtime::{Runtime, RuntimeCall, RuntimeReply, RuntimeResult};
use crate::api::objects::{ContainerStatus, Pod};
use crate::value::Str;
use std::rc::Rc;

/// What is to be done for a request that connects.
enum Way {
    /// It is answered.
    Answered(Result<Reply, Rc<Status>>),
    /// Its answer comes from a node's runtime.
    UnderWay,
}

impl Cluster {
    /// Passes a request on to the kubelet of the Pod's node.
    pub(super) fn connect(
        &mut self,
        caller: Caller,
        request: &Request,
        connect: &Connect,
        cause: Option<RecordId>,
    ) {
        match self.kubelet_answer(caller, request, connect, cause) {
            Way::Answered(result) => {
                self.reply(caller, request, Response { result, warnings: Vec::new() }, cause);
            }
            Way::UnderWay => {}
        }
    }
    fn kubelet_answer(
        &mut self,
        caller: Caller,
        request: &Request,
        connect: &Connect,
        cause: Option<RecordId>,
    ) -> Way {
        let refused = |why: String| Way::Answered(Err(Status::new(Reason::BadRequest, why)));
        let found = self.server.store.get(&request.key).and_then(|object| object.get::<Pod>()).cloned();
        let Some(pod) = found else { return Way::Answered(Err(Status::not_found(&request.key))) };
        let name = if connect.container.is_empty() {
            pod.spec.containers.first().map(|container| container.name.clone()).unwrap_or_default()
        } else {
            connect.container.clone()
        };
        let (engine, nodes) = (&mut self.engine, &mut self.nodes);
        let Some(node) = nodes.iter_mut().find(|node| node.name == pod.spec.node_name) else {
            return refused(format!("pod {} does not have a host assigned", pod.metadata.name));
        };
        if request.subresource == Subresource::Exec {
            let status = node.runtime.pod_status(&pod.metadata.uid);
            let Some(container) = status.active_container(&name) else {
                let why = format!("unable to upgrade connection: container not found (\"{name}\")");
                return Way::Answered(Err(Status::new(Reason::InternalError, why)));
            };
            let call = RuntimeCall::Exec(container.id, connect.command.clone(), 0);
            node.runtime.call(engine, caller, call, cause);
            return Way::UnderWay;
        }
        match log(&node.runtime, &pod, &name, connect) {
            Ok(text) => Way::Answered(Ok(Reply::Text(text, Str::default(), 0))),
            Err(why) => refused(why),
        }
    }
}

/// What a command in a container gave, as the API server hands it on.
pub(super) fn exec_response(result: RuntimeResult) -> Response {
    let result = match result {
        Ok(RuntimeReply::Exited(code, out, errors)) => Ok(Reply::Text(out, errors, code)),
        Ok(_) => Err(Status::new(Reason::InternalError, "the runtime ran no command")),
        Err(error) => {
            let why = format!(
                "Internal error occurred: Internal error occurred: error executing command in container: {}",
                error.message
            );
            Err(Status::new(Reason::InternalError, why))
        }
    };
    Response { result, warnings: Vec::new() }
}

/// What a container has printed, or why there is nothing to be had.
fn log(runtime: &Runtime, pod: &Pod, name: &Str, connect: &Connect) -> Result<Str, String> {
    let pod_name = &pod.metadata.name;
    let status = &pod.status;
    let mut statuses = status.container_statuses.iter().chain(&status.init_container_statuses);
    let Some(container) = statuses.find(|container| container.name == *name) else {
        return Err(format!("container \"{name}\" in pod \"{pod_name}\" is not available"));
    };
    if connect.previous && container.last_state.terminated.is_none() {
        return Err(format!("previous terminated container \"{name}\" in pod \"{pod_name}\" not found"));
    }
    if let Some(why) = waits(container) {
        return Err(format!("container \"{name}\" in pod \"{pod_name}\" is waiting to start: {why}"));
    }
    let lines: Vec<&Str> = runtime
        .log(&pod.metadata.uid, name, connect.previous)
        .into_iter()
        .flatten()
        .map(|line| &line.text)
        .collect();
    let tail = connect.tail.map_or(lines.len(), |tail| (tail as usize).min(lines.len()));
    Ok(lines[lines.len() - tail..].iter().map(|line| format!("{line}\n")).collect::<String>().into())
}

/// Why a container has not printed anything yet, where it has not even started.
fn waits(container: &ContainerStatus) -> Option<&str> {
    let waiting = container.state.waiting.as_ref()?;
    if container.last_state.terminated.is_some() {
        return None;
    }
    Some(match &*waiting.reason {
        "ErrImagePull" => "image can't be pulled",
        "ImagePullBackOff" => "trying and failing to pull image",
        reason => reason,
    })
}
