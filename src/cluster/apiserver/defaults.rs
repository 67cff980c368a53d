//! Defaulting: what the API server fills in (upstream: pkg/apis/{core,apps,batch}/v1/defaults.go).

mod batch;

use crate::api::objects::{
    Condition, Container, DaemonSet, Deployment, Namespace, PersistentVolumeClaim, PodSpec, PodStatus,
    PodTemplateSpec, Probe, PullPolicy, ReplicaSet, ReplicationController, ResourceRequirements,
    RestartPolicy, RollingUpdateDeployment, Secret, Service, StatefulSet,
};
use crate::api::{Object, objects::PodPhase};
use crate::value::{Map, Str, Value};
use std::rc::Rc;

/// Fills in what a new object left open.
pub fn on_create(object: &mut Object) {
    if let Object::Job(job) = object {
        // Before the defaults: the labels that the template gets are the Job's too where it has none.
        batch::generate_selector(Rc::make_mut(job));
    }
    on_write(object);
    super::policy::on_create(object);
    match object {
        Object::Pod(pod) => {
            let pod = Rc::make_mut(pod);
            // A client cannot give a new Pod a status.
            let status = PodStatus {
                phase: Some(PodPhase::Pending),
                qos_class: qos_class(&pod.spec).into(),
                ..PodStatus::default()
            };
            pod.status = Rc::new(status);
            pod.extra = None;
        }
        Object::Deployment(deployment) => Rc::make_mut(deployment).status = Default::default(),
        Object::ReplicaSet(set) => Rc::make_mut(set).status = Default::default(),
        Object::ReplicationController(inner) => Rc::make_mut(inner).status = Default::default(),
        Object::Job(job) => Rc::make_mut(job).status = Default::default(),
        Object::CronJob(cron_job) => Rc::make_mut(cron_job).status = Default::default(),
        Object::StatefulSet(set) => Rc::make_mut(set).status = Default::default(),
        Object::DaemonSet(set) => Rc::make_mut(set).status = Default::default(),
        Object::Service(service) => {
            let mut status = Value::object();
            status.set(&["loadBalancer"], Value::object());
            Rc::make_mut(service).status = status;
        }
        Object::Namespace(namespace) => {
            let namespace: &mut Namespace = Rc::make_mut(namespace);
            if !namespace.spec.finalizers.iter().any(|finalizer| &**finalizer == "kubernetes") {
                namespace.spec.finalizers.push("kubernetes".into());
            }
            namespace.status.phase = "Active".into();
            let metadata = Rc::make_mut(&mut namespace.metadata);
            metadata.labels.insert("kubernetes.io/metadata.name".into(), metadata.name.clone());
        }
        _ => {}
    }
}

/// Fills in what any written object left open.
pub fn on_write(object: &mut Object) {
    match object {
        Object::Pod(pod) => {
            let spec = Rc::make_mut(&mut Rc::make_mut(pod).spec);
            pod_spec(spec);
            if spec.termination_grace_period_seconds.is_some_and(|seconds| seconds < 0) {
                spec.termination_grace_period_seconds = Some(1);
            }
            spec.enable_service_links.get_or_insert(true);
            for container in spec.init_containers.iter_mut().chain(&mut spec.containers) {
                requests_from_limits(container);
            }
        }
        Object::Deployment(inner) => deployment(Rc::make_mut(inner)),
        Object::ReplicaSet(inner) => {
            let set: &mut ReplicaSet = Rc::make_mut(inner);
            let spec = Rc::make_mut(&mut set.spec);
            spec.replicas.get_or_insert(1);
            pod_spec(Rc::make_mut(&mut Rc::make_mut(&mut spec.template).spec));
        }
        Object::ReplicationController(inner) => replication_controller(Rc::make_mut(inner)),
        Object::Job(inner) => batch::job(Rc::make_mut(inner)),
        Object::CronJob(inner) => batch::cron_job(Rc::make_mut(inner)),
        Object::StatefulSet(inner) => stateful_set(Rc::make_mut(inner)),
        Object::DaemonSet(inner) => daemon_set(Rc::make_mut(inner)),
        Object::Service(inner) => service(Rc::make_mut(inner)),
        Object::EndpointSlice(inner) if inner.ports.iter().any(|port| port.protocol.is_empty()) => {
            Rc::make_mut(inner).ports.iter_mut().for_each(|port| or(&mut port.protocol, "TCP"));
        }
        Object::PriorityClass(inner) => {
            or(&mut Rc::make_mut(inner).preemption_policy, "PreemptLowerPriority");
        }
        Object::Secret(inner) => {
            let secret: &mut Secret = Rc::make_mut(inner);
            or(&mut secret.kind, "Opaque");
            for (key, text) in std::mem::take(&mut secret.string_data) {
                secret.data.insert(key, base64(text.as_bytes()).into());
            }
        }
        Object::PersistentVolume(inner) => super::storage::volume(Rc::make_mut(inner)),
        Object::PersistentVolumeClaim(inner) => super::storage::claim(Rc::make_mut(inner)),
        Object::StorageClass(inner) => super::storage::class(Rc::make_mut(inner)),
        Object::LimitRange(inner) => super::policy::limit_range(Rc::make_mut(inner)),
        Object::HorizontalPodAutoscaler(inner) => super::policy::autoscaler(Rc::make_mut(inner)),
        _ => {}
    }
}

fn or(text: &mut Str, default: &str) {
    if text.is_empty() {
        *text = default.into();
    }
}

/// Its Pods' labels are its own and its selector where it has none (upstream: SetDefaults_ReplicationController).
fn replication_controller(controller: &mut ReplicationController) {
    let spec = Rc::make_mut(&mut controller.spec);
    spec.replicas.get_or_insert(1);
    // A template that is not there stays so, and is required.
    if *spec.template != PodTemplateSpec::default() {
        pod_spec(Rc::make_mut(&mut Rc::make_mut(&mut spec.template).spec));
    }
    let labels = &spec.template.metadata.labels;
    if spec.selector.is_empty() {
        spec.selector = labels.clone();
    }
    if controller.metadata.labels.is_empty() && !labels.is_empty() {
        Rc::make_mut(&mut controller.metadata).labels = labels.clone();
    }
}

fn deployment(deployment: &mut Deployment) {
    let spec = Rc::make_mut(&mut deployment.spec);
    spec.replicas.get_or_insert(1);
    or(&mut spec.strategy.kind, "RollingUpdate");
    if &*spec.strategy.kind == "RollingUpdate" {
        let rolling = spec.strategy.rolling_update.get_or_insert_with(RollingUpdateDeployment::default);
        rolling.max_unavailable.get_or_insert_with(|| Value::from("25%"));
        rolling.max_surge.get_or_insert_with(|| Value::from("25%"));
    }
    spec.revision_history_limit.get_or_insert(10);
    spec.progress_deadline_seconds.get_or_insert(600);
    pod_spec(Rc::make_mut(&mut Rc::make_mut(&mut spec.template).spec));
}

fn stateful_set(set: &mut StatefulSet) {
    let spec = Rc::make_mut(&mut set.spec);
    or(&mut spec.pod_management_policy, "OrderedReady");
    let strategy = &mut spec.update_strategy;
    if strategy.kind.is_empty() {
        strategy.kind = "RollingUpdate".into();
        strategy.rolling_update.get_or_insert_default();
    }
    if &*strategy.kind == "RollingUpdate"
        && let Some(rolling) = &mut strategy.rolling_update
    {
        rolling.partition.get_or_insert(0);
        rolling.max_unavailable.get_or_insert_with(|| Value::from(1i64));
    }
    let policy = spec.persistent_volume_claim_retention_policy.get_or_insert_default();
    or(&mut policy.when_deleted, "Retain");
    or(&mut policy.when_scaled, "Retain");
    spec.replicas.get_or_insert(1);
    spec.revision_history_limit.get_or_insert(10);
    for claim in &mut spec.volume_claim_templates {
        claim_template(claim);
    }
    pod_spec(Rc::make_mut(&mut Rc::make_mut(&mut spec.template).spec));
}

/// A claim inside a StatefulSet says its kind, and has the phase that claims begin with.
fn claim_template(claim: &mut PersistentVolumeClaim) {
    super::storage::claim(claim);
    let mut said = claim.extra.as_deref().cloned().unwrap_or_default();
    said.insert("apiVersion", "v1");
    said.insert("kind", "PersistentVolumeClaim");
    claim.extra = Some(Rc::new(said));
}

fn daemon_set(set: &mut DaemonSet) {
    let spec = Rc::make_mut(&mut set.spec);
    or(&mut spec.update_strategy.kind, "RollingUpdate");
    if &*spec.update_strategy.kind == "RollingUpdate" {
        let rolling = spec.update_strategy.rolling_update.get_or_insert_default();
        rolling.max_unavailable.get_or_insert_with(|| Value::from(1i64));
        rolling.max_surge.get_or_insert_with(|| Value::from(0i64));
    }
    spec.revision_history_limit.get_or_insert(10);
    pod_spec(Rc::make_mut(&mut Rc::make_mut(&mut spec.template).spec));
}

fn service(service: &mut Service) {
    let spec = &mut service.spec;
    or(&mut spec.session_affinity, "None");
    or(&mut spec.kind, "ClusterIP");
    for port in &mut spec.ports {
        or(&mut port.protocol, "TCP");
        if matches!(port.target_port, Value::Null) || port.target_port == Value::Int(0) {
            port.target_port = Value::from(port.port);
        }
    }
    if &*spec.kind != "ExternalName" {
        or(&mut spec.internal_traffic_policy, "Cluster");
    }
    if matches!(&*spec.kind, "NodePort" | "LoadBalancer") {
        or(&mut spec.external_traffic_policy, "Cluster");
    }
}

/// What Pods and templates of Pods have alike.
fn pod_spec(spec: &mut PodSpec) {
    spec.restart_policy.get_or_insert(RestartPolicy::Always);
    spec.termination_grace_period_seconds.get_or_insert(30);
    or(&mut spec.dns_policy, "ClusterFirst");
    spec.security_context.get_or_insert_with(Value::object);
    or(&mut spec.scheduler_name, "default-scheduler");
    // The old name of the field is read where the new one says nothing, and written beside it.
    if spec.service_account_name.is_empty() {
        spec.service_account_name = spec.service_account.clone();
    }
    if spec.service_account.is_empty() {
        spec.service_account = spec.service_account_name.clone();
    }
    for container in spec.init_containers.iter_mut().chain(&mut spec.containers) {
        // Upstream drops it as long as the feature gate ContainerStopSignals is off, as it is by default.
        if let Some(lifecycle) = &mut container.lifecycle {
            lifecycle.stop_signal = Str::default();
        }
    }
    for volume in &mut spec.volumes {
        for source in
            [&mut volume.config_map, &mut volume.secret, &mut volume.projected, &mut volume.downward_api]
                .into_iter()
                .flatten()
        {
            if source.get("defaultMode").is_none() {
                source.set(&["defaultMode"], 420i64);
            }
        }
        let has_source = volume.empty_dir.is_some()
            || volume.config_map.is_some()
            || volume.secret.is_some()
            || volume.projected.is_some()
            || volume.downward_api.is_some()
            || volume.host_path.is_some()
            || volume.persistent_volume_claim.is_some()
            || volume.extra.is_some();
        if !has_source {
            volume.empty_dir = Some(Value::object());
        }
        if let Some(path) = &mut volume.host_path
            && path.get("type").is_none()
        {
            path.set(&["type"], "");
        }
    }
    let host_network = spec.host_network;
    let all =
        spec.init_containers.iter_mut().chain(&mut spec.containers).chain(&mut spec.ephemeral_containers);
    for container in all {
        self::container(container, host_network);
    }
}

fn container(container: &mut Container, host_network: bool) {
    for port in &mut container.ports {
        or(&mut port.protocol, "TCP");
        if host_network && port.host_port == 0 {
            port.host_port = port.container_port;
        }
    }
    container.resources.get_or_insert_with(ResourceRequirements::default);
    or(&mut container.termination_message_path, "/dev/termination-log");
    or(&mut container.termination_message_policy, "File");
    if container.image_pull_policy.is_none() {
        container.image_pull_policy =
            Some(if is_latest(&container.image) { PullPolicy::Always } else { PullPolicy::IfNotPresent });
    }
    for probe in [&mut container.liveness_probe, &mut container.readiness_probe, &mut container.startup_probe]
        .into_iter()
        .flatten()
    {
        self::probe(Rc::make_mut(probe));
    }
    if let Some(lifecycle) = &mut container.lifecycle {
        for get in [&mut lifecycle.post_start, &mut lifecycle.pre_stop]
            .into_iter()
            .flatten()
            .filter_map(|hook| hook.http_get.as_mut())
        {
            or(&mut get.path, "/");
            or(&mut get.scheme, "HTTP");
        }
    }
}

fn probe(probe: &mut Probe) {
    for (number, default) in [
        (&mut probe.timeout_seconds, 1),
        (&mut probe.period_seconds, 10),
        (&mut probe.success_threshold, 1),
        (&mut probe.failure_threshold, 3),
    ] {
        if *number == 0 {
            *number = default;
        }
    }
    if let Some(get) = &mut probe.http_get {
        or(&mut get.path, "/");
        or(&mut get.scheme, "HTTP");
    }
}

/// A limit without a request is a request too.
fn requests_from_limits(container: &mut Container) {
    if let Some(resources) = &mut container.resources {
        for (name, limit) in resources.limits.clone() {
            resources.requests.entry(name).or_insert(limit);
        }
    }
}

/// Whether an image reference has the tag `latest`, or none and no digest.
fn is_latest(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

/// `Guaranteed`, `Burstable` or `BestEffort` (upstream: pkg/apis/core/v1/helper/qos).
pub fn qos_class(spec: &PodSpec) -> &'static str {
    let (mut any, mut all_equal) = (false, true);
    for container in spec.init_containers.iter().chain(&spec.containers) {
        let Some(resources) = &container.resources else {
            all_equal = false;
            continue;
        };
        for name in ["cpu", "memory"] {
            let (request, limit) = (resources.requests.get(name), resources.limits.get(name));
            any |= request.is_some() || limit.is_some();
            all_equal &= limit.is_some() && (request == limit || request.is_none());
        }
    }
    match (any, all_equal) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

/// RFC 4648.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0u32, |word, byte| (word << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            if place <= chunk.len() {
                out.push(char::from(LETTERS[(word >> (18 - 6 * place)) as usize & 63]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

/// Sets a condition of a Pod in its place, and its time where its status changes
/// (upstream: podutil.UpdatePodCondition).
pub fn set_pod_condition(conditions: &mut Vec<Condition>, condition: Condition, now: &Str) {
    let probed = Map::from_iter([(Str::from("lastProbeTime"), Value::Null)]);
    let mut condition =
        Condition { last_transition_time: Some(now.clone()), extra: Some(Rc::new(probed)), ..condition };
    match conditions.iter_mut().find(|old| old.kind == condition.kind) {
        None => conditions.push(condition),
        Some(old) => {
            if old.status == condition.status {
                condition.last_transition_time = old.last_transition_time.clone();
            }
            *old = condition;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_latest_is_pulled_always() {
        for (image, expected) in [
            ("nginx", true),
            ("nginx:latest", true),
            ("nginx:1.25", false),
            ("registry:5000/nginx", true),
            ("registry:5000/nginx:1", false),
            ("nginx@sha256:abc", false),
        ] {
            assert_eq!(is_latest(image), expected, "{image}");
        }
    }

    #[test]
    fn base64_pads() {
        for (text, expected) in
            [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("password", "cGFzc3dvcmQ=")]
        {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }
}
