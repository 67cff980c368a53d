//! Text that objects say again and again: it is found here and takes no memory.

use super::Str;

/// The text itself. What is missing here costs memory and nothing else.
const TEXTS: &[&str] = &[
    // Kinds and versions.
    "v1",
    "apps/v1",
    "batch/v1",
    "discovery.k8s.io/v1",
    "Pod",
    "Node",
    "Job",
    "CronJob",
    "Service",
    "Namespace",
    "DaemonSet",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "EndpointSlice",
    "PersistentVolumeClaim",
    // Phases, types and words of status.
    "Pending",
    "Running",
    "Succeeded",
    "Failed",
    "Completed",
    "Error",
    "Ready",
    "Initialized",
    "PodScheduled",
    "ContainersReady",
    "PodReadyToStartContainers",
    "PodSandboxNotReady",
    "ContainersNotReady",
    "ContainersNotInitialized",
    "ContainerCreating",
    "PodInitializing",
    "PodCompleted",
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "Unschedulable",
    "DisruptionTarget",
    "Available",
    "Progressing",
    "NewReplicaSetAvailable",
    "ReplicaSetUpdated",
    "MinimumReplicasAvailable",
    "MinimumReplicasUnavailable",
    "Deployment does not have minimum availability.",
    "Deployment has minimum availability.",
    // Quality of service, policies.
    "BestEffort",
    "Burstable",
    "Guaranteed",
    "Always",
    "OnFailure",
    "Never",
    "IfNotPresent",
    "File",
    "Disabled",
    "ClusterFirst",
    "ClusterIP",
    "Cluster",
    "Local",
    "None",
    "IPv4",
    "SingleStack",
    "TCP",
    "UDP",
    "HTTP",
    "RollingUpdate",
    "Recreate",
    "PreemptLowerPriority",
    "Exists",
    "Equal",
    "NoExecute",
    "NoSchedule",
    "True",
    "False",
    "Unknown",
    "http",
    "https",
    "app",
    "name",
    // Where things lie.
    "default",
    "kube-system",
    "default-scheduler",
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
    "/dev/termination-log",
    "/var/run/secrets/kubernetes.io/serviceaccount",
    "pod-template-hash",
    "kubernetes.io/hostname",
    "kubernetes.io/service-name",
    "endpointslice.kubernetes.io/managed-by",
    "endpointslice-controller.k8s.io",
    "endpoints.kubernetes.io/last-change-trigger-time",
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "kubectl.kubernetes.io/last-applied-configuration",
    // Events.
    "Normal",
    "Warning",
    "Scheduled",
    "FailedScheduling",
    "Pulling",
    "Pulled",
    "Created",
    "Started",
    "Killing",
    "BackOff",
    "Unhealthy",
    "SuccessfulCreate",
    "SuccessfulDelete",
    "ScalingReplicaSet",
    "Binding",
    "Scheduling",
    "Container created",
    "Container started",
    "kubelet",
    "component",
    "host",
    "default-scheduler-control-plane",
    "replicaset-controller",
    "deployment-controller",
    // Keys of objects that are kept as they are.
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    "status",
    "linux",
    "uid",
    "gid",
    "supplementalGroups",
    "target",
    "mountPath",
    "readOnly",
    "recursiveReadOnly",
    "lastProbeTime",
    "requests",
    "limits",
    "count",
    "message",
    "lastTimestamp",
    "ownerReferences",
    "100m",
    "cpu",
    "memory",
];

const LONGEST: usize = 48;
const SLOTS: usize = 1_024;

/// Places in `TEXTS`, one more than there, at their hashes; where a slot is taken the next one serves.
const PLACES: [u8; SLOTS] = {
    assert!(TEXTS.len() < u8::MAX as usize);
    let mut places = [0; SLOTS];
    let mut n = 0;
    while n < TEXTS.len() {
        assert!(TEXTS[n].len() <= LONGEST);
        let mut slot = slot(TEXTS[n].as_bytes());
        while places[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        places[slot] = n as u8 + 1;
        n += 1;
    }
    places
};

/// Up to eight bytes as a number; what lies past the end counts as 0.
const fn word(bytes: &[u8]) -> u64 {
    let (mut word, mut n) = (0u64, 0);
    while n < 8 && n < bytes.len() {
        word |= (bytes[n] as u64) << (8 * n);
        n += 1;
    }
    word
}

/// Where a text would stand: by its ends and its length.
const fn slot(bytes: &[u8]) -> usize {
    let length = bytes.len();
    let (first, last) = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (word(bytes), 0),
    };
    let mixed =
        (first ^ last.rotate_left(29)).wrapping_add(length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 54) as usize
}

/// The text without memory of its own, where it is one of these.
pub(super) fn find(text: &str) -> Option<Str> {
    if text.len() > LONGEST {
        return None;
    }
    let mut slot = slot(text.as_bytes());
    loop {
        let known = TEXTS.get(usize::from(PLACES[slot]).checked_sub(1)?)?;
        if *known == text {
            return Some(Str::of(known));
        }
        slot = (slot + 1) % SLOTS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_found_and_no_other() {
        for text in TEXTS {
            assert_eq!(find(text).as_deref(), Some(*text));
        }
        for text in
            ["", "Read", "Ready!", "web-7d4b75cb6d-abcde", "deployment.kubernetes.io/revision-history"]
        {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
