//! Pod, its containers and its status.

use super::meta::{Condition, Labels, ObjectMeta};
use super::scheduling::{Affinity, PodSchedulingGate, TopologySpreadConstraint};
use crate::value::{Str, Value};
use crate::{typed, words_enum};
use std::rc::Rc;

typed! {
    /// A Pod.
    pub struct Pod {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// What is wanted.
        spec: "spec" => Rc<PodSpec>,
        /// What is.
        status: "status" => Rc<PodStatus>,
    }
    /// What a workload's Pods look like.
    pub struct PodTemplateSpec {
        /// Their labels and annotations.
        metadata: "metadata" always => Rc<ObjectMeta>,
        /// Their spec.
        spec: "spec" => Rc<PodSpec>,
    }
    /// A Pod's spec.
    pub struct PodSpec {
        /// What containers may mount.
        volumes: "volumes" => Vec<Volume>,
        /// Run to their end one after the other before the others start; sidecars with `restartPolicy: Always`.
        init_containers: "initContainers" => Vec<Container>,
        /// The runtime containers.
        containers: "containers" => Vec<Container>,
        /// Added to look into a Pod that runs: started once, with the name of the container whose processes they see kept
        /// beside what is modelled.
        ephemeral_containers: "ephemeralContainers" => Vec<Container>,
        /// What happens when a container ends.
        restart_policy: "restartPolicy" => Option<RestartPolicy>,
        /// How long the Pod may take to end, in seconds.
        termination_grace_period_seconds: "terminationGracePeriodSeconds" => Option<i64>,
        /// How long it may run, in seconds.
        active_deadline_seconds: "activeDeadlineSeconds" => Option<i64>,
        /// `ClusterFirst`, ...
        dns_policy: "dnsPolicy" => Str,
        /// Labels that a node must have.
        node_selector: "nodeSelector" => Labels,
        /// Its ServiceAccount.
        service_account_name: "serviceAccountName" => Str,
        /// The old name of the same.
        service_account: "serviceAccount" => Str,
        /// Whether the account's token is mounted.
        automount_service_account_token: "automountServiceAccountToken" => Option<bool>,
        /// The node; empty until it is bound.
        node_name: "nodeName" => Str,
        /// Use the node's network namespace.
        host_network: "hostNetwork" => bool,
        /// Use the node's PID namespace.
        host_pid: "hostPID" => bool,
        /// Use the node's IPC namespace.
        host_ipc: "hostIPC" => bool,
        /// One PID namespace for all containers.
        share_process_namespace: "shareProcessNamespace" => Option<bool>,
        /// Users, groups, ...
        security_context: "securityContext" => Option<Value>,
        /// Its host name where it is not its name.
        hostname: "hostname" => Str,
        /// The Service under whose name its host name is found.
        subdomain: "subdomain" => Str,
        /// Where it may run.
        affinity: "affinity" => Option<Rc<Affinity>>,
        /// Who places it.
        scheduler_name: "schedulerName" => Str,
        /// Taints that it tolerates.
        tolerations: "tolerations" => Vec<Toleration>,
        /// Its priority's name.
        priority_class_name: "priorityClassName" => Str,
        /// Its priority.
        priority: "priority" => Option<i32>,
        /// Whether it may push others out.
        preemption_policy: "preemptionPolicy" => Str,
        /// Whether Services appear in the environment.
        enable_service_links: "enableServiceLinks" => Option<bool>,
        /// What running it costs beside its containers.
        overhead: "overhead" => Labels,
        /// How evenly it wants to lie among its like.
        topology_spread_constraints: "topologySpreadConstraints" => Vec<TopologySpreadConstraint>,
        /// Why it is not to be scheduled yet.
        scheduling_gates: "schedulingGates" => Vec<PodSchedulingGate>,
        /// Requests and limits of all containers together.
        resources: "resources" => Option<ResourceRequirements>,
    }
    /// A taint that is tolerated.
    pub struct Toleration {
        /// Key.
        key: "key" => Str,
        /// `Equal` or `Exists`.
        operator: "operator" => Str,
        /// Value.
        value: "value" => Str,
        /// Effect; empty for all.
        effect: "effect" => Str,
        /// For how long, in seconds.
        toleration_seconds: "tolerationSeconds" => Option<i64>,
    }
    /// A volume; exactly one source.
    pub struct Volume {
        /// Its name in the Pod.
        name: "name" => Str,
        /// An empty folder as long as the Pod lives.
        empty_dir: "emptyDir" => Option<Value>,
        /// Files of a ConfigMap.
        config_map: "configMap" => Option<Value>,
        /// Files of a Secret.
        secret: "secret" => Option<Value>,
        /// What is said of the Pod itself.
        downward_api: "downwardAPI" => Option<Value>,
        /// Several of these in one.
        projected: "projected" => Option<Value>,
        /// A folder of the node.
        host_path: "hostPath" => Option<Value>,
        /// A claim.
        persistent_volume_claim: "persistentVolumeClaim" => Option<Value>,
    }
    /// A container.
    pub struct Container {
        /// Its name.
        name: "name" => Str,
        /// Its image.
        image: "image" => Str,
        /// In place of the image's entry point.
        command: "command" => Vec<Str>,
        /// In place of the image's command.
        args: "args" => Vec<Str>,
        /// Where it starts.
        working_dir: "workingDir" => Str,
        /// Ports that it says it listens on.
        ports: "ports" => Vec<ContainerPort>,
        /// Variables.
        env: "env" => Vec<EnvVar>,
        /// Variables from ConfigMaps and Secrets.
        env_from: "envFrom" => Vec<Value>,
        /// Requests and limits.
        resources: "resources" => Option<ResourceRequirements>,
        /// `Always` makes an init container a sidecar.
        restart_policy: "restartPolicy" => Option<RestartPolicy>,
        /// When it is restarted though its policy says otherwise, by its exit code.
        restart_policy_rules: "restartPolicyRules" => Vec<ContainerRestartRule>,
        /// Where volumes appear.
        volume_mounts: "volumeMounts" => Vec<VolumeMount>,
        /// Whether it is well.
        liveness_probe: "livenessProbe" => Option<Rc<Probe>>,
        /// Whether it can serve.
        readiness_probe: "readinessProbe" => Option<Rc<Probe>>,
        /// Whether it has started.
        startup_probe: "startupProbe" => Option<Rc<Probe>>,
        /// Hooks.
        lifecycle: "lifecycle" => Option<Lifecycle>,
        /// Where it leaves its last words.
        termination_message_path: "terminationMessagePath" => Str,
        /// `File` or `FallbackToLogsOnError`.
        termination_message_policy: "terminationMessagePolicy" => Str,
        /// When the image is pulled.
        image_pull_policy: "imagePullPolicy" => Option<PullPolicy>,
        /// Users, capabilities, ...
        security_context: "securityContext" => Option<Value>,
        /// Whether standard input stays open.
        stdin: "stdin" => bool,
        /// Whether it has a terminal.
        tty: "tty" => bool,
    }
    /// What follows an exit of a container with certain codes.
    pub struct ContainerRestartRule {
        /// `Restart` or `RestartAllContainers`.
        action: "action" => Str,
        /// The codes.
        exit_codes: "exitCodes" => Option<ContainerRestartRuleOnExitCodes>,
    }
    /// Exit codes that a rule is about.
    pub struct ContainerRestartRuleOnExitCodes {
        /// `In` or `NotIn`.
        operator: "operator" => Str,
        /// The codes.
        values: "values" => Vec<i32>,
    }
    /// A port of a container: information only.
    pub struct ContainerPort {
        /// Its name.
        name: "name" => Str,
        /// A port of the node that leads here.
        host_port: "hostPort" => i32,
        /// The port.
        container_port: "containerPort" => i32,
        /// Its protocol.
        protocol: "protocol" => Str,
        /// The node's address that `hostPort` is taken on; all where none is said.
        host_ip: "hostIP" => Str,
    }
    /// A variable.
    pub struct EnvVar {
        /// Its name.
        name: "name" => Str,
        /// Its value.
        value: "value" => Str,
        /// Or where it comes from.
        value_from: "valueFrom" => Option<Value>,
    }
    /// Requests and limits, as quantities.
    pub struct ResourceRequirements {
        /// At most.
        limits: "limits" => Labels,
        /// At least.
        requests: "requests" => Labels,
    }
    /// Where a volume appears in a container.
    pub struct VolumeMount {
        /// The volume.
        name: "name" => Str,
        /// Whether it can be written.
        read_only: "readOnly" => bool,
        /// The folder.
        mount_path: "mountPath" => Str,
        /// A part of the volume.
        sub_path: "subPath" => Str,
    }
    /// A probe.
    pub struct Probe {
        /// Run a command.
        exec: "exec" => Option<ExecAction>,
        /// Ask over HTTP.
        http_get: "httpGet" => Option<HttpGetAction>,
        /// Connect.
        tcp_socket: "tcpSocket" => Option<Value>,
        /// Ask over gRPC.
        grpc: "grpc" => Option<Value>,
        /// Seconds before the first.
        initial_delay_seconds: "initialDelaySeconds" => i32,
        /// Seconds that one may take.
        timeout_seconds: "timeoutSeconds" => i32,
        /// Seconds between two.
        period_seconds: "periodSeconds" => i32,
        /// How many good ones in a row count.
        success_threshold: "successThreshold" => i32,
        /// How many bad ones in a row count.
        failure_threshold: "failureThreshold" => i32,
        /// In place of the Pod's, when a probe ends the container.
        termination_grace_period_seconds: "terminationGracePeriodSeconds" => Option<i64>,
    }
    /// Hooks of a container.
    pub struct Lifecycle {
        /// Right after the start.
        post_start: "postStart" => Option<LifecycleHandler>,
        /// Before the stop signal.
        pre_stop: "preStop" => Option<LifecycleHandler>,
        /// In place of the image's stop signal.
        stop_signal: "stopSignal" => Str,
    }
    /// What a hook does.
    pub struct LifecycleHandler {
        /// Run a command.
        exec: "exec" => Option<ExecAction>,
        /// Ask over HTTP.
        http_get: "httpGet" => Option<HttpGetAction>,
        /// Wait.
        sleep: "sleep" => Option<SleepAction>,
    }
    /// A command in the container.
    pub struct ExecAction { /// Its words.
        command: "command" => Vec<Str>, }
    /// Waiting, in seconds.
    pub struct SleepAction { /// How long.
        seconds: "seconds" => i64, }
    /// A request over HTTP.
    pub struct HttpGetAction {
        /// Its path.
        path: "path" => Str,
        /// Its port, by number or name.
        port: "port" => Value,
        /// In place of the Pod's address.
        host: "host" => Str,
        /// `HTTP` or `HTTPS`.
        scheme: "scheme" => Str,
    }

    /// A Pod's status.
    pub struct PodStatus {
        /// The generation that the kubelet has seen.
        observed_generation: "observedGeneration" => i64,
        /// One of five.
        phase: "phase" => Option<PodPhase>,
        /// PodScheduled, Initialized, ...
        conditions: "conditions" => Vec<Condition>,
        /// A sentence why.
        message: "message" => Str,
        /// One word why.
        reason: "reason" => Str,
        /// Where preemption makes room for it.
        nominated_node_name: "nominatedNodeName" => Str,
        /// The node's address.
        host_ip: "hostIP" => Str,
        /// The same as a list of `{ip}`.
        host_ips: "hostIPs" => Vec<PodIp>,
        /// Its address.
        pod_ip: "podIP" => Str,
        /// The same as a list.
        pod_ips: "podIPs" => Vec<PodIp>,
        /// When the kubelet took it up.
        start_time: "startTime" => Option<Str>,
        /// Of the init containers.
        init_container_statuses: "initContainerStatuses" => Vec<ContainerStatus>,
        /// Of the others.
        container_statuses: "containerStatuses" => Vec<ContainerStatus>,
        /// Of the ephemeral containers.
        ephemeral_container_statuses: "ephemeralContainerStatuses" => Vec<ContainerStatus>,
        /// `Guaranteed`, `Burstable`, `BestEffort`.
        qos_class: "qosClass" => Str,
        /// What the node keeps for it.
        allocated_resources: "allocatedResources" => Labels,
        /// Its requests and limits as they are in force.
        resources: "resources" => Option<Value>,
    }
    /// One address.
    pub struct PodIp { /// The address.
        ip: "ip" => Str, }
    /// A container's status.
    pub struct ContainerStatus {
        /// Its name.
        name: "name" => Str,
        /// What it does now.
        state: "state" always => ContainerState,
        /// How it ended last.
        last_state: "lastState" always => ContainerState,
        /// Whether its readiness probe says so.
        ready: "ready" always => bool,
        /// How often it was started again.
        restart_count: "restartCount" always => i32,
        /// Its image.
        image: "image" always => Str,
        /// The image's digest.
        image_id: "imageID" always => Str,
        /// `containerd://...`.
        container_id: "containerID" => Str,
        /// Whether its startup probe says so.
        started: "started" => Option<bool>,
        /// What the node keeps for it.
        allocated_resources: "allocatedResources" => Labels,
        /// Its requests and limits as they are in force.
        resources: "resources" => Option<Value>,
        /// Its mounts.
        volume_mounts: "volumeMounts" => Option<Value>,
        /// Whom its first process runs as.
        user: "user" => Option<Value>,
        /// The signal that asks it to end, where its spec names one.
        stop_signal: "stopSignal" => Str,
    }
    /// At most one of three.
    pub struct ContainerState {
        /// Not running yet, or not any more for a while.
        waiting: "waiting" => Option<ContainerStateWaiting>,
        /// Running.
        running: "running" => Option<ContainerStateRunning>,
        /// Ended.
        terminated: "terminated" => Option<ContainerStateTerminated>,
    }
    /// Why a container waits.
    pub struct ContainerStateWaiting {
        /// One word.
        reason: "reason" => Str,
        /// A sentence.
        message: "message" => Str,
    }
    /// Since when a container runs.
    pub struct ContainerStateRunning { /// The time.
        started_at: "startedAt" => Option<Str>, }
    /// How a container ended.
    pub struct ContainerStateTerminated {
        /// Its exit code.
        exit_code: "exitCode" always => i32,
        /// The signal, where one ended it.
        signal: "signal" => i32,
        /// `Completed`, `Error`, `OOMKilled`, ...
        reason: "reason" => Str,
        /// Its last words.
        message: "message" => Str,
        /// Since.
        started_at: "startedAt" => Option<Str>,
        /// Until.
        finished_at: "finishedAt" => Option<Str>,
        /// `containerd://...`.
        container_id: "containerID" => Str,
    }
}

impl Container {
    /// The container whose processes an ephemeral one is to see.
    pub fn target(&self) -> Option<&str> {
        self.extra.as_ref()?.get("targetContainerName")?.as_str()
    }
}

words_enum! {
    /// The five phases of a Pod.
    pub enum PodPhase {
        /// Accepted, not all containers have started.
        Pending = "Pending",
        /// Bound, and a container runs or starts.
        Running = "Running",
        /// All containers ended well.
        Succeeded = "Succeeded",
        /// All containers ended, one of them badly.
        Failed = "Failed",
        /// Nothing in this version sets it.
        Unknown = "Unknown",
    }
    /// What happens when a container ends.
    pub enum RestartPolicy {
        /// It is started again.
        Always = "Always",
        /// It is started again where it failed.
        OnFailure = "OnFailure",
        /// It stays as it is.
        Never = "Never",
    }
    /// When an image is pulled.
    pub enum PullPolicy {
        /// Every time.
        Always = "Always",
        /// Where the node lacks it.
        IfNotPresent = "IfNotPresent",
        /// Never.
        Never = "Never",
    }
}
