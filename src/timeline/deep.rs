//! The second depth of the telling: which component does what is told, by which function of upstream's, and which fields
//! it writes or reads. These are names of Kubernetes 1.37.2 and the same in every language.

/// What stands below a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deep {
    /// Who does it, as it calls itself.
    pub component: &'static str,
    /// The function, or several; a method without its receiver where that is clear.
    pub function: &'static str,
    /// The fields, or what stands in their place.
    pub field: &'static str,
}

/// What stands below the sentence of a message; nothing where no code of Kubernetes does it, but a person.
///
/// ```
/// let deep = podium::timeline::deep("say.pod-scheduled").expect("the scheduler does it");
/// assert_eq!((deep.component, deep.field), ("kube-scheduler", "spec.nodeName"));
/// assert_eq!(podium::timeline::deep("say.fault-node"), None);
/// ```
pub fn deep(say: &str) -> Option<Deep> {
    let name = say.strip_prefix("say.")?;
    let (_, component, function, field) = TABLE.iter().find(|(names, ..)| names.contains(&name))?;
    Some(Deep { component, function, field })
}

type Row = (&'static [&'static str], &'static str, &'static str, &'static str);

const TABLE: &[Row] = &[
    (
        &["apply-sent", "apply-sends", "unchanged"],
        "kubectl",
        "applyOneObject",
        "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]",
    ),
    (
        &["command-sent", "command-failed", "command-ended-badly", "command-gave-up"],
        "kubectl",
        "DoRaw",
        "metadata.managedFields[].manager",
    ),
    (
        &["object-created", "objects-created", "objects-being-created"],
        "kube-apiserver",
        "Store.Create",
        "metadata.uid, metadata.creationTimestamp",
    ),
    (
        &["object-changed", "objects-changed"],
        "kube-apiserver",
        "Store.Update",
        "metadata.resourceVersion, metadata.generation",
    ),
    (&["object-refused"], "kube-apiserver", "BeforeCreate", "Status.reason, Status.details.causes"),
    (&["object-missing"], "kube-apiserver", "Store.Get", "Status.reason: NotFound"),
    (
        &["eviction-refused"],
        "kube-apiserver",
        "checkAndDecrement",
        "PodDisruptionBudget status.disruptionsAllowed",
    ),
    (&["object-deleted", "objects-deleted"], "kube-apiserver", "Store.Delete", "metadata.resourceVersion"),
    (
        &["object-held", "objects-held"],
        "kube-apiserver",
        "deletionFinalizersForGarbageCollection",
        "metadata.finalizers, metadata.deletionTimestamp",
    ),
    (&["namespace-created"], "kube-apiserver", "Store.Create", "status.phase"),
    (
        &["service-created", "service-headless-created", "service-alias-created"],
        "kube-apiserver",
        "allocClusterIPs",
        "spec.clusterIP, spec.clusterIPs",
    ),
    (
        &["replica-set-created", "replica-sets-created"],
        "deployment-controller",
        "getNewReplicaSet",
        "metadata.ownerReferences, metadata.labels[pod-template-hash]",
    ),
    (
        &[
            "pods-created",
            "pods-created-apart",
            "pods-created-for-many",
            "pods-removed",
            "pods-removed-apart",
            "pods-removed-for-many",
        ],
        "replicaset-controller",
        "manageReplicas",
        "spec.replicas",
    ),
    (&["replaced"], "replicaset-controller", "manageReplicas", "spec.replicas, status.replicas"),
    (&["pod-created"], "kube-apiserver", "Store.Create", "status.phase: Pending"),
    (&["pod-scheduled", "pods-scheduled"], "kube-scheduler", "schedulePod, bind", "spec.nodeName"),
    (
        &[
            "pod-unschedulable",
            "pods-unschedulable",
            "pod-awaits-volume",
            "pods-await-volumes",
            "pod-awaits-claim",
            "pods-await-claims",
        ],
        "kube-scheduler",
        "handleSchedulingFailure",
        "status.conditions[PodScheduled].reason: Unschedulable",
    ),
    (&["kubelet-told", "kubelets-told"], "kubelet", "HandlePodAdditions", "spec.nodeName"),
    (
        &["pause-started", "pauses-started", "pause-died"],
        "kubelet",
        "createPodSandbox",
        "status.conditions[PodReadyToStartContainers]",
    ),
    (
        &["image-pulling", "image-pulling-everywhere", "image-asked", "image-asked-everywhere"],
        "kubelet",
        "EnsureImageExists",
        "spec.containers[].imagePullPolicy",
    ),
    (&["pods-refused"], "kube-apiserver", "Admit", "status.conditions[ReplicaFailure]"),
    (&["pod-unmounted"], "kubelet", "WaitForAttachAndMount", "spec.volumes"),
    (
        &["container-unmade"],
        "kubelet",
        "generateContainerConfig",
        "status.containerStatuses[].state.waiting.reason: CreateContainerConfigError",
    ),
    (
        &["container-unstarted"],
        "kubelet",
        "startContainer",
        "status.containerStatuses[].state.waiting.reason: RunContainerError",
    ),
    (&["startup-probe-fails"], "kubelet", "doProbe", "spec.containers[].startupProbe"),
    (&["readiness-probe-fails"], "kubelet", "doProbe", "spec.containers[].readinessProbe"),
    (&["liveness-probe-fails"], "kubelet", "doProbe", "spec.containers[].livenessProbe"),
    (&["probe-kills"], "kubelet", "computePodActions", "spec.containers[].livenessProbe.failureThreshold"),
    (
        &["image-failed", "image-tag-unknown"],
        "kubelet",
        "pullImage",
        "status.containerStatuses[].state.waiting.reason: ErrImagePull, ImagePullBackOff",
    ),
    (
        &["container-started", "containers-started"],
        "kubelet",
        "startContainer",
        "status.containerStatuses[].state.running",
    ),
    (
        &["init-container-started", "init-container-done"],
        "kubelet",
        "computeInitContainerActions",
        "status.initContainerStatuses[], status.conditions[Initialized]",
    ),
    (&["pod-running", "pods-running"], "kubelet", "getPhase", "status.phase: Running"),
    (
        &["pod-ready", "pods-ready", "pod-not-ready", "pods-not-ready"],
        "kubelet",
        "GeneratePodReadyCondition",
        "status.conditions[Ready], status.conditions[ContainersReady]",
    ),
    (&["pod-succeeded", "pods-succeeded"], "kubelet", "getPhase", "status.phase: Succeeded"),
    (&["pod-failed", "pods-failed"], "kubelet", "getPhase", "status.phase: Failed"),
    (
        &["pod-evicted", "pods-evicted"],
        "kubelet",
        "evictPod",
        "status.reason: Evicted, status.conditions[DisruptionTarget]",
    ),
    (
        &["deployment-available", "deployments-available"],
        "deployment-controller",
        "calculateStatus",
        "status.availableReplicas, status.conditions[Available]",
    ),
    (&["scaled"], "kube-apiserver", "Store.Update", "spec.replicas"),
    (
        &["rollout-started"],
        "deployment-controller",
        "rolloutRolling",
        "spec.template, metadata.annotations[deployment.kubernetes.io/revision]",
    ),
    (
        &["rollout-up"],
        "deployment-controller",
        "reconcileNewReplicaSet",
        "spec.strategy.rollingUpdate.maxSurge",
    ),
    (
        &["rollout-down"],
        "deployment-controller",
        "reconcileOldReplicaSets",
        "spec.strategy.rollingUpdate.maxUnavailable",
    ),
    (
        &["rollout-done"],
        "deployment-controller",
        "DeploymentComplete",
        "status.updatedReplicas, status.conditions[Progressing]",
    ),
    (
        &["replica-set-adopted"],
        "deployment-controller",
        "ClaimReplicaSets",
        "spec.selector, metadata.ownerReferences",
    ),
    (&["pod-not-bound"], "kube-scheduler", "bindingCycle", "status.conditions[PodScheduled]: SchedulerError"),
    (
        &["claim-awaits-provisioner"],
        "persistentvolume-controller",
        "provisionClaimOperationExternal",
        "spec.storageClassName",
    ),
    (&["rollout-undo"], "kubectl", "DeploymentRollbacker.Rollback", "spec.template"),
    (
        &["job-pods-created", "job-retries"],
        "job-controller",
        "manageJob",
        "spec.parallelism, spec.completions",
    ),
    (&["job-suspended"], "job-controller", "jobSuspended", "spec.suspend, status.conditions[Suspended]"),
    (
        &["job-complete", "job-failed"],
        "job-controller",
        "enactJobFinished",
        "status.conditions[Complete], status.conditions[Failed]",
    ),
    (
        &["cron-job-waits", "cron-job-made-late"],
        "cronjob-controller",
        "syncCronJob",
        "spec.concurrencyPolicy, status.active",
    ),
    (&["cron-job-made"], "cronjob-controller", "syncCronJob", "spec.schedule, status.lastScheduleTime"),
    (
        &["cron-job-forgets", "cron-job-forgets-many"],
        "cronjob-controller",
        "removeOldestJobs",
        "spec.successfulJobsHistoryLimit, spec.failedJobsHistoryLimit",
    ),
    (
        &[
            "stateful-set-makes",
            "stateful-set-makes-many",
            "stateful-set-removes",
            "stateful-set-removes-many",
        ],
        "statefulset-controller",
        "updateStatefulSet",
        "spec.podManagementPolicy, metadata.labels[apps.kubernetes.io/pod-index]",
    ),
    (&["stateful-set-ready"], "statefulset-controller", "updateStatefulSetStatus", "status.readyReplicas"),
    (
        &["daemon-set-makes", "daemon-set-removes"],
        "daemonset-controller",
        "podsShouldBeOnNode",
        "spec.template.spec.affinity.nodeAffinity",
    ),
    (&["daemon-set-ready"], "daemonset-controller", "updateDaemonSetStatus", "status.numberReady"),
    (
        &["budget-counted"],
        "disruption-controller",
        "updatePdbStatus",
        "status.disruptionsAllowed, status.currentHealthy",
    ),
    (
        &["node-unheard"],
        "node-lifecycle-controller",
        "tryUpdateNodeHealth",
        "status.conditions[Ready].status: Unknown",
    ),
    (
        &["pods-unheard"],
        "node-lifecycle-controller",
        "MarkPodsNotReady",
        "status.conditions[Ready].status: False",
    ),
    (&["node-heard"], "kubelet", "tryUpdateNodeStatus", "status.conditions[Ready]"),
    (&["node-cordoned", "node-uncordoned"], "kubectl", "PatchOrReplaceWithContext", "spec.unschedulable"),
    (
        &["node-pressed"],
        "kubelet",
        "MemoryPressureCondition",
        "status.conditions[MemoryPressure], spec.taints",
    ),
    (
        &["taint-evicts"],
        "taint-eviction-controller",
        "deletePodHandler",
        "spec.tolerations[].tolerationSeconds, status.conditions[DisruptionTarget]",
    ),
    (
        &["slice-created", "slice-selects-nothing", "slice-empty", "slices-created"],
        "endpointslice-controller",
        "syncService, Reconcile",
        "endpoints[].addresses, metadata.labels[kubernetes.io/service-name]",
    ),
    (
        &[
            "endpoint-added",
            "endpoints-added",
            "endpoints-added-for-many",
            "endpoint-not-ready",
            "endpoints-not-ready",
            "no-endpoints",
            "endpoint-terminating",
            "endpoints-terminating",
        ],
        "endpointslice-controller",
        "podToEndpoint",
        "endpoints[].conditions.ready, serving, terminating",
    ),
    (&["endpoint-removed", "endpoints-removed"], "endpointslice-controller", "Reconcile", "endpoints[]"),
    (
        &[
            "rules-written",
            "rules-written-everywhere",
            "rules-written-for-many",
            "rules-removed",
            "rules-removed-everywhere",
            "rules-removed-many",
            "rules-removed-for-many",
            "rules-gone",
        ],
        "kube-proxy",
        "syncProxyRules",
        "KUBE-SERVICES, KUBE-SVC-*, KUBE-SEP-*",
    ),
    (
        &[
            "request-answered",
            "request-refused",
            "request-cut",
            "request-timed-out",
            "requests-failed",
            "request-not-listened",
            "requests-not-listened",
            "request-silent",
            "requests-silent",
            "request-cut-short",
            "requests-cut-short",
            "request-to-pod-without-power",
        ],
        "kube-proxy",
        "writeServiceToEndpointRules",
        "KUBE-SVC-* -m statistic --mode random, DNAT",
    ),
    (&["requests-nowhere"], "kube-proxy", "syncProxyRules", "-t filter KUBE-SERVICES -j REJECT"),
    (
        &["request-dropped", "requests-dropped"],
        "kube-proxy",
        "syncProxyRules",
        "-t filter KUBE-SERVICES, KUBE-EXTERNAL-SERVICES -j DROP",
    ),
    (
        &["delete-requested", "delete-requested-many"],
        "kube-apiserver",
        "BeforeDelete",
        "metadata.deletionTimestamp, metadata.deletionGracePeriodSeconds",
    ),
    (&["both-told"], "kube-apiserver", "watchCache.processEvent", "metadata.resourceVersion"),
    (
        &["kubelet-without-power-not-told", "silent-kubelet-not-told", "cut-kubelet-not-told"],
        "kube-apiserver",
        "BeforeDelete",
        "metadata.deletionTimestamp, metadata.deletionGracePeriodSeconds",
    ),
    (
        &["kubelet-told-of-deletion", "kubelets-told-of-deletion"],
        "kubelet",
        "HandlePodUpdates, SyncTerminatingPod",
        "metadata.deletionTimestamp",
    ),
    (
        &["pre-stop-begins", "pre-stops-begin", "pre-stop-ends", "pre-stops-end"],
        "kubelet",
        "executePreStopHook",
        "spec.containers[].lifecycle.preStop",
    ),
    (&["pre-stop-overruns"], "kubelet", "killContainer", "minimumGracePeriodInSeconds: 2"),
    (
        &["signal-sent", "signals-sent"],
        "kubelet",
        "killContainer, StopContainer",
        "spec.terminationGracePeriodSeconds, status.containerStatuses[].stopSignal",
    ),
    (
        &[
            "ends-at-once",
            "containers-end-at-once",
            "container-ended",
            "containers-ended",
            "draining",
            "containers-drain",
            "signal-ignored",
            "signals-ignored",
        ],
        "container runtime",
        "StopContainer",
        "status.containerStatuses[].state.terminated",
    ),
    (
        &["killed", "containers-killed"],
        "container runtime",
        "StopContainer",
        "state.terminated.exitCode: 137",
    ),
    (
        &["pause-ended", "pauses-ended"],
        "kubelet",
        "StopPodSandbox",
        "status.conditions[PodReadyToStartContainers]",
    ),
    (
        &["pod-gone", "pod-gone-for-good", "pods-gone"],
        "kubelet",
        "syncPod, canBeDeleted",
        "metadata.deletionGracePeriodSeconds: 0",
    ),
    (
        &[
            "forced",
            "forced-many",
            "asked-at-once",
            "asked-at-once-many",
            "forced-later",
            "forced-later-many",
            "asked-later",
            "asked-later-many",
        ],
        "kube-apiserver",
        "BeforeDelete",
        "metadata.deletionGracePeriodSeconds: 0",
    ),
    (
        &["finished-removed", "finished-removed-many"],
        "kube-apiserver",
        "podStrategy.CheckGracefulDelete",
        "status.phase: Succeeded, Failed",
    ),
    (
        &["unscheduled-removed", "unscheduled-removed-many"],
        "kube-apiserver",
        "podStrategy.CheckGracefulDelete",
        "spec.nodeName",
    ),
    (
        &["own-grace-none", "own-grace-none-many"],
        "kube-apiserver",
        "podStrategy.CheckGracefulDelete",
        "spec.terminationGracePeriodSeconds: 0",
    ),
    (&["pod-released", "pods-released"], "kube-apiserver", "deleteWithoutFinalizers", "metadata.finalizers"),
    (
        &["owner-deleted", "dependents-deleted", "dependents-marked"],
        "garbage-collector",
        "attemptToDeleteItem",
        "metadata.ownerReferences",
    ),
    (&["dependents-orphaned"], "garbage-collector", "orphanDependents", "metadata.ownerReferences"),
    (&["owners-go"], "garbage-collector", "removeFinalizer", "metadata.finalizers"),
    (
        &["namespace-terminating", "namespace-held", "namespace-gone"],
        "namespace-controller",
        "syncNamespaceFromKey, deleteAllContent",
        "spec.finalizers, status.phase",
    ),
    (&["claim-bound"], "persistentvolume-binder", "bind", "spec.volumeName, spec.claimRef"),
    (&["volume-released"], "persistentvolume-binder", "syncVolume", "status.phase: Released"),
    (
        &["autoscaled"],
        "horizontal-pod-autoscaler",
        "reconcileAutoscaler",
        "spec.replicas, status.desiredReplicas",
    ),
    (
        &["pause-died-for-good"],
        "kubelet",
        "computePodActions, killPod",
        "spec.restartPolicy: Never, metadata.deletionTimestamp",
    ),
    (
        &["container-died", "container-out-of-memory", "container-restarted"],
        "kubelet",
        "computePodActions",
        "status.containerStatuses[].restartCount",
    ),
    (
        &["resize-begins"],
        "kubelet",
        "handlePodResourcesResize, SetAllocatedResources",
        "status.conditions[PodResizeInProgress], status.containerStatuses[].allocatedResources",
    ),
    (
        &["resize-waits"],
        "kubelet",
        "handlePodResourcesResize, canAdmitPod",
        "status.conditions[PodResizePending]",
    ),
    (&["resize-ends"], "kubelet", "doPodResizeAction", "status.containerStatuses[].resources"),
    (
        &["rollout-stalls"],
        "deployment-controller",
        "syncRolloutStatus, DeploymentTimedOut",
        "status.conditions[Progressing]",
    ),
    (
        &["back-off", "back-off-recorded"],
        "kubelet",
        "doBackOff",
        "status.containerStatuses[].state.terminated.finishedAt",
    ),
    (
        &["back-off-shown"],
        "kubelet",
        "generateAPIPodStatus",
        "status.containerStatuses[].state.waiting.reason: CrashLoopBackOff",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::ids;

    /// What a person does, what breaks, what never reaches a rule, and what only says that there is nothing to tell.
    const WITHOUT: [&str; 10] = [
        "say.fault-",
        "say.request-without-power",
        "say.requests-without-power",
        "say.client-begins",
        "say.start",
        "say.quiet",
        "say.rests",
        "say.limit",
        "say.not-simulated",
        "say.recorded-",
    ];

    #[test]
    fn every_sentence_about_the_cluster_has_what_stands_below_it() {
        let missing: Vec<&str> = ids("say.")
            .filter(|id| !WITHOUT.iter().any(|prefix| id.starts_with(prefix)) && deep(id).is_none())
            .collect();
        assert_eq!(missing, Vec::<&str>::new());
    }

    #[test]
    fn the_table_names_each_sentence_once_and_no_other() {
        let mut named: Vec<&str> = TABLE.iter().flat_map(|(names, ..)| names.iter().copied()).collect();
        let known: Vec<&str> = ids("say.").collect();
        for name in &named {
            assert!(known.contains(&format!("say.{name}").as_str()), "there is no say.{name}");
        }
        let count = named.len();
        named.sort_unstable();
        named.dedup();
        assert_eq!(named.len(), count);
    }
}
