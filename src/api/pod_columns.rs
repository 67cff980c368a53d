//! What `kubectl get pods` prints of a Pod in READY, STATUS and RESTARTS.
//!
//! STATUS is no field: the API server makes it out of the phase, the containers and the deletion each time
//! someone asks (upstream: `printPod` of pkg/printers/internalversion/printers.go).

use super::conditions;
use super::objects::{ContainerStateTerminated, ContainerStatus, Pod, PodPhase, RestartPolicy};
use crate::value::Str;

/// The columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodColumns {
    /// Containers that are ready, of those that are to run on: the first number of READY.
    pub ready: usize,
    /// Those that are to run on: the second number of READY.
    pub total: usize,
    /// STATUS.
    pub status: Str,
    /// How often containers were started again.
    pub restarts: i32,
    /// When the container that ended last did so, as RFC 3339.
    pub last_restart: Option<Str>,
}

impl PodColumns {
    /// READY, as it is printed.
    pub fn ready_text(&self) -> String {
        format!("{}/{}", self.ready, self.total)
    }
}

/// Whether a Pod says how its containers are, so that kubectl's columns say it too. One that runs always does; what is known of the
/// past of one that somebody has looked at once does not.
pub fn tells_of_containers(pod: &Pod) -> bool {
    let is_told = |status: &ContainerStatus| {
        let state = &status.state;
        state.running.is_some() || state.waiting.is_some() || state.terminated.is_some()
    };
    pod.status.phase != Some(PodPhase::Running) || pod.status.container_statuses.iter().all(is_told)
}

/// Restarts, and when the last one became due.
#[derive(Clone, Default)]
struct Restarts {
    count: i32,
    last: Option<Str>,
}

impl Restarts {
    fn add(&mut self, status: &ContainerStatus) {
        self.count += status.restart_count;
        let ended = status.last_state.terminated.as_ref().and_then(|ended| ended.finished_at.clone());
        // RFC 3339 times in UTC sort as text. None comes first.
        self.last = self.last.take().max(ended);
    }
}

/// The columns of a Pod.
pub fn pod_columns(pod: &Pod) -> PodColumns {
    let (spec, status) = (&pod.spec, &pod.status);
    let is_sidecar = |name: &str| {
        spec.init_containers.iter().any(|container| {
            *container.name == *name && container.restart_policy == Some(RestartPolicy::Always)
        })
    };
    let phase = status.phase.unwrap_or(PodPhase::Pending);
    let mut reason = word(phase);
    if !status.reason.is_empty() {
        reason = status.reason.clone();
    }
    if conditions::find(&status.conditions, "PodScheduled")
        .is_some_and(|condition| &*condition.reason == "SchedulingGated")
    {
        reason = Str::of(&"SchedulingGated");
    }
    let sidecars = spec.init_containers.iter().filter(|container| is_sidecar(&container.name)).count();
    let total = spec.containers.len() + sidecars;
    let mut ready = 0;
    let (mut restarts, mut sidecar_restarts) = (Restarts::default(), Restarts::default());
    let mut is_initializing = false;
    for (place, container) in status.init_container_statuses.iter().enumerate() {
        restarts.add(container);
        let is_sidecar = is_sidecar(&container.name);
        if is_sidecar {
            sidecar_restarts.add(container);
        }
        let (waiting, terminated) = (&container.state.waiting, &container.state.terminated);
        if terminated.as_ref().is_some_and(|ended| ended.exit_code == 0) {
            continue;
        }
        if is_sidecar && container.started == Some(true) {
            ready += usize::from(container.ready);
            continue;
        }
        reason = match (terminated, waiting) {
            (Some(ended), _) => format!("Init:{}", how_ended(ended)).into(),
            (None, Some(waiting)) if !waiting.reason.is_empty() && &*waiting.reason != "PodInitializing" => {
                format!("Init:{}", waiting.reason).into()
            }
            _ => format!("Init:{place}/{}", spec.init_containers.len()).into(),
        };
        is_initializing = true;
        break;
    }
    if !is_initializing || conditions::is_pod_initialized(pod) {
        restarts = sidecar_restarts;
        let mut is_any_running = false;
        for container in status.container_statuses.iter().rev() {
            restarts.add(container);
            let state = &container.state;
            match (&state.waiting, &state.terminated) {
                (Some(waiting), _) if !waiting.reason.is_empty() => reason = waiting.reason.clone(),
                (_, Some(ended)) => reason = how_ended(ended),
                _ if container.ready && state.running.is_some() => {
                    is_any_running = true;
                    ready += 1;
                }
                _ => {}
            }
        }
        if &*reason == "Completed" && is_any_running {
            reason = if conditions::is_pod_ready(pod) { Str::of(&"Running") } else { Str::of(&"NotReady") };
        }
    }
    if pod.metadata.is_terminating() {
        if &*status.reason == "NodeLost" {
            reason = Str::of(&"Unknown");
        } else if !conditions::is_pod_terminal(pod) {
            reason = Str::of(&"Terminating");
        }
    }
    PodColumns { ready, total, status: reason, restarts: restarts.count, last_restart: restarts.last }
}

/// A phase as text that takes no memory: the Pods of a large cluster are printed again and again.
fn word(phase: PodPhase) -> Str {
    match phase {
        PodPhase::Pending => Str::of(&"Pending"),
        PodPhase::Running => Str::of(&"Running"),
        PodPhase::Succeeded => Str::of(&"Succeeded"),
        PodPhase::Failed => Str::of(&"Failed"),
        PodPhase::Unknown => Str::of(&"Unknown"),
    }
}

fn how_ended(ended: &ContainerStateTerminated) -> Str {
    if !ended.reason.is_empty() {
        ended.reason.clone()
    } else if ended.signal != 0 {
        format!("Signal:{}", ended.signal).into()
    } else {
        format!("ExitCode:{}", ended.exit_code).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{json, typed::Typed};

    fn columns(spec: &str, status: &str, deleted: bool) -> String {
        let deletion = if deleted { r#""deletionTimestamp":"2026-01-01T00:00:00Z""# } else { "" };
        let text = format!(r#"{{"metadata":{{{deletion}}},"spec":{{{spec}}},"status":{{{status}}}}}"#);
        let pod = Pod::decode(&json::parse(&text).expect("JSON")).expect("a Pod");
        let columns = pod_columns(&pod);
        format!("{} {} {}", columns.ready_text(), columns.status, columns.restarts)
    }

    #[test]
    fn columns_are_what_kubectl_prints() {
        let one = r#""containers":[{"name":"web"}]"#;
        let init = r#""initContainers":[{"name":"a"},{"name":"b"}],"containers":[{"name":"web"}]"#;
        let sidecar =
            r#""initContainers":[{"name":"log","restartPolicy":"Always"}],"containers":[{"name":"web"}]"#;
        let running = r#"{"name":"web","ready":true,"state":{"running":{}}}"#;
        let web = |state: &str| {
            format!(
                r#""phase":"Running","containerStatuses":[{{"name":"web","restartCount":2,"state":{state}}}]"#
            )
        };
        let waits = |reason: &str| web(&format!(r#"{{"waiting":{{"reason":"{reason}"}}}}"#));
        for (spec, status, deleted, expected) in [
            (one, String::new(), false, "0/1 Pending 0"),
            (one, r#""reason":"Evicted","phase":"Failed""#.to_owned(), false, "0/1 Evicted 0"),
            (one, format!(r#""phase":"Running","containerStatuses":[{running}]"#), false, "1/1 Running 0"),
            (one, format!(r#""phase":"Running","containerStatuses":[{running}]"#), true, "1/1 Terminating 0"),
            (one, r#""phase":"Succeeded","containerStatuses":[{"name":"web","state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]"#.to_owned(), true, "0/1 Completed 0"),
            (one, waits("ContainerCreating"), false, "0/1 ContainerCreating 2"),
            (one, waits("CrashLoopBackOff"), false, "0/1 CrashLoopBackOff 2"),
            (one, web(r#"{"terminated":{"exitCode":1,"reason":"Error"}}"#), false, "0/1 Error 2"),
            (one, web(r#"{"terminated":{"exitCode":137,"signal":9}}"#), false, "0/1 Signal:9 2"),
            (one, web(r#"{"terminated":{"exitCode":3}}"#), false, "0/1 ExitCode:3 2"),
            (init, r#""phase":"Pending","initContainerStatuses":[{"name":"a","state":{"terminated":{"exitCode":0}}},{"name":"b","state":{"running":{}}}],"containerStatuses":[{"name":"web","state":{"waiting":{"reason":"PodInitializing"}}}]"#.to_owned(), false, "0/1 Init:1/2 0"),
            (init, r#""phase":"Pending","initContainerStatuses":[{"name":"a","restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]"#.to_owned(), false, "0/1 Init:CrashLoopBackOff 3"),
            (init, r#""phase":"Pending","initContainerStatuses":[{"name":"a","state":{"terminated":{"exitCode":2,"reason":"Error"}}}]"#.to_owned(), false, "0/1 Init:Error 0"),
            (sidecar, format!(r#""phase":"Running","initContainerStatuses":[{{"name":"log","started":true,"ready":true,"restartCount":1,"state":{{"running":{{}}}}}}],"containerStatuses":[{running}]"#), false, "2/2 Running 1"),
        ] {
            assert_eq!(columns(spec, &status, deleted), expected, "{status}");
        }
    }

    #[test]
    fn a_pod_of_which_one_container_is_done_runs_on() {
        let spec = r#""containers":[{"name":"a"},{"name":"b"}]"#;
        let statuses = r#""containerStatuses":[{"name":"a","state":{"terminated":{"exitCode":0,"reason":"Completed"}}},{"name":"b","ready":true,"state":{"running":{}}}]"#;
        assert_eq!(columns(spec, &format!(r#""phase":"Running",{statuses}"#), false), "1/2 NotReady 0");
        let ready = r#""conditions":[{"type":"Ready","status":"True"}]"#;
        assert_eq!(
            columns(spec, &format!(r#""phase":"Running",{ready},{statuses}"#), false),
            "1/2 Running 0"
        );
    }
}
