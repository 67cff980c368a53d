//! Named predicates on state, shared by lessons, tests, controllers and kubectl.

pub mod budget;

use super::objects::{
    Condition, ConditionStatus, Deployment, Job, Namespace, Node, Pod, PodPhase, ReplicaSet,
};

/// The condition of a type.
pub fn find<'a>(conditions: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| &*condition.kind == kind)
}

/// Whether the condition of a type holds.
pub fn is_true(conditions: &[Condition], kind: &str) -> bool {
    find(conditions, kind).is_some_and(|condition| condition.status == Some(ConditionStatus::True))
}

/// Whether the Pod has a node.
pub fn is_pod_scheduled(pod: &Pod) -> bool {
    !pod.spec.node_name.is_empty()
}

/// Whether the Pod may get requests.
pub fn is_pod_ready(pod: &Pod) -> bool {
    is_true(&pod.status.conditions, "Ready")
}

/// Whether all containers of the Pod are ready, its readiness gates aside.
pub fn are_containers_ready(pod: &Pod) -> bool {
    is_true(&pod.status.conditions, "ContainersReady")
}

/// Whether the Pod's init containers are done.
pub fn is_pod_initialized(pod: &Pod) -> bool {
    is_true(&pod.status.conditions, "Initialized")
}

/// Whether the Pod is in this phase; one without status is Pending.
pub fn is_pod_in_phase(pod: &Pod, phase: PodPhase) -> bool {
    pod.status.phase.unwrap_or(PodPhase::Pending) == phase
}

/// Whether the Pod's containers have ended for good, well or badly.
pub fn is_pod_terminal(pod: &Pod) -> bool {
    is_pod_in_phase(pod, PodPhase::Succeeded) || is_pod_in_phase(pod, PodPhase::Failed)
}

/// Whether the Pod counts for its ReplicaSet: it has not ended and is not being deleted. Upstream's `IsPodActive`.
pub fn is_pod_active(pod: &Pod) -> bool {
    !is_pod_terminal(pod) && !pod.metadata.is_terminating()
}

/// Whether every Pod of the ReplicaSet's spec is there and available, and its status is up to date.
pub fn is_replica_set_completed(replica_set: &ReplicaSet) -> bool {
    let wanted = replica_set.spec.replicas.unwrap_or(1);
    let status = &replica_set.status;
    status.observed_generation >= replica_set.metadata.generation
        && status.replicas == wanted
        && status.available_replicas == wanted
}

/// Whether a rollout is done: every Pod is of the newest template and available, and no old one is left.
/// Upstream's `DeploymentComplete`.
pub fn is_deployment_completed(deployment: &Deployment) -> bool {
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let status = &deployment.status;
    status.updated_replicas == wanted
        && status.replicas == wanted
        && status.available_replicas == wanted
        && status.observed_generation >= deployment.metadata.generation
}

/// Whether enough Pods of the Deployment are available.
pub fn is_deployment_available(deployment: &Deployment) -> bool {
    is_true(&deployment.status.conditions, "Available")
}

/// Whether a rollout has made no progress for too long.
pub fn is_deployment_stuck(deployment: &Deployment) -> bool {
    find(&deployment.status.conditions, "Progressing")
        .is_some_and(|condition| &*condition.reason == "ProgressDeadlineExceeded")
}

/// Whether the Job is over, well or badly.
pub fn is_job_finished(job: &Job) -> bool {
    is_job_complete(job) || is_job_failed(job)
}

/// Whether enough of the Job's Pods have succeeded.
pub fn is_job_complete(job: &Job) -> bool {
    is_true(&job.status.conditions, "Complete")
}

/// Whether the Job has failed.
pub fn is_job_failed(job: &Job) -> bool {
    is_true(&job.status.conditions, "Failed")
}

/// Whether the node's kubelet says that Pods can run there.
pub fn is_node_ready(node: &Node) -> bool {
    is_true(&node.status.conditions, "Ready")
}

/// Whether objects can be created in the Namespace.
pub fn is_namespace_active(namespace: &Namespace) -> bool {
    !namespace.metadata.is_terminating() && &*namespace.status.phase != "Terminating"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{json, typed::Typed};

    fn read<T: Typed>(text: &str) -> T {
        T::decode(&json::parse(text).expect("JSON")).expect("of its type")
    }

    #[test]
    fn pods_are_judged_by_conditions_and_phase() {
        let pod: Pod = read(
            r#"{"spec":{"nodeName":"node-1"},"status":{"phase":"Running","conditions":[
                {"type":"Initialized","status":"True"},{"type":"Ready","status":"False"},{"type":"ContainersReady","status":"Unknown"}]}}"#,
        );
        assert!(is_pod_scheduled(&pod) && is_pod_initialized(&pod) && is_pod_active(&pod));
        assert!(!is_pod_ready(&pod) && !are_containers_ready(&pod) && !is_pod_terminal(&pod));
        let ended: Pod = read(r#"{"status":{"phase":"Failed"}}"#);
        assert!(is_pod_terminal(&ended) && !is_pod_active(&ended));
        let leaving: Pod = read(r#"{"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}}"#);
        assert!(!is_pod_active(&leaving), "a Pod that is being deleted");
        assert!(is_pod_in_phase(&leaving, PodPhase::Pending), "a Pod without status");
    }

    #[test]
    fn a_rollout_is_completed_when_only_new_pods_are_left() {
        let judge = |status: &str| {
            is_deployment_completed(&read(&format!(
                r#"{{"metadata":{{"generation":2}},"spec":{{"replicas":2}},"status":{{{status}}}}}"#
            )))
        };
        let done = r#""observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":2"#;
        assert!(judge(done));
        assert!(
            !judge(&done.replace(r#""observedGeneration":2"#, r#""observedGeneration":1"#)),
            "not seen yet"
        );
        assert!(!judge(&done.replace(r#""replicas":2,"u"#, r#""replicas":3,"u"#)), "an old Pod is left");
        assert!(
            !judge(&done.replace(r#""availableReplicas":2"#, r#""availableReplicas":1"#)),
            "one is missing"
        );
    }
}
