//! What the API server warns of in an object that it takes (upstream: `WarningsOnCreate` of the strategies and
//! `pkg/api/*/warnings.go`). It stands in the header `Warning` of the answer.

use super::at::At;
use super::{core, resources};
use crate::api::check::quoted;
use crate::api::kinds::Kind;
use crate::api::names::{label_errors, label_value_errors};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Labels of nodes that have another name now.
const OLD_LABELS: &[(&str, &str)] = &[
    ("app.kubernetes.io/created-by", "deprecated since v1.9"),
    ("beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"),
    (
        "beta.kubernetes.io/instance-type",
        "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
    ),
    ("beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"),
    (
        "failure-domain.beta.kubernetes.io/region",
        "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    ),
    (
        "failure-domain.beta.kubernetes.io/zone",
        "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
    ),
    ("node-role.kubernetes.io/master", "use \"node-role.kubernetes.io/control-plane\" instead"),
    (
        "scheduler.alpha.kubernetes.io/preferAvoidPods",
        "deprecated since v1.22; use Taints and Tolerations instead",
    ),
];
/// Volumes that go, and how upstream writes their place.
const OLD_VOLUMES: &[(&str, &str, &str)] = &[
    ("photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
    ("scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"),
];
const OLD_ANNOTATIONS: &[(&str, &str)] = &[
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        "non-functional in v1.16+; use the \"priorityClassName\" field instead",
    ),
    ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    (
        "security.alpha.kubernetes.io/unsafe-sysctls",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
];
const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";
const OLD_CLASS: &str = "deprecated since v1.8; use \"storageClassName\" attribute instead";

/// The warnings of a new object, as it was stored.
pub(crate) fn warnings(kind: Kind, object: &Value) -> Vec<String> {
    let root = At::root(object);
    let (metadata, spec) = (root.field("metadata"), root.field("spec"));
    let annotations = metadata.field("annotations");
    let mut out = Vec::new();
    let whys = label_errors(metadata.str("name"));
    if !whys.is_empty() {
        let of = match kind {
            Kind::Pod => "the Pod's hostname",
            Kind::Deployment | Kind::ReplicaSet | Kind::ReplicationController | Kind::Job | Kind::CronJob => {
                "Pod names and hostnames"
            }
            _ => "",
        };
        if !of.is_empty() {
            out.push(format!(
                "metadata.name: this is used in {of}, which can result in surprising behavior; a DNS label is recommended: [{}]",
                whys.join(" ")
            ));
        }
    }
    of_content(kind, &root, &mut out);
    if kind == Kind::Ingress {
        const CLASS: &str = "kubernetes.io/ingress.class";
        if annotations.has(CLASS) && !spec.has("ingressClassName") {
            out.push(format!(
                "annotation {} is deprecated, please use 'spec.ingressClassName' instead",
                quoted(CLASS)
            ));
        }
    }
    out
}

/// The warnings of a changed object: Pods are spared them, and a template only has them where the spec has changed
/// (upstream: `WarningsOnUpdate` of the strategies).
pub(crate) fn warnings_on_update(kind: Kind, old: &Value, new: &Value) -> Vec<String> {
    let generation = |object: &Value| object.at(&["metadata", "generation"]).and_then(Value::as_int);
    let is_template = matches!(
        kind,
        Kind::PodTemplate
            | Kind::Deployment
            | Kind::ReplicaSet
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::ReplicationController
            | Kind::Job
            | Kind::CronJob
    );
    let mut out = Vec::new();
    if kind != Kind::Pod && !(is_template && generation(old) == generation(new)) {
        of_content(kind, &At::root(new), &mut out);
    }
    out
}

/// What is warned of whenever the object is written.
fn of_content(kind: Kind, root: &At, out: &mut Vec<String>) {
    let (metadata, spec) = (root.field("metadata"), root.field("spec"));
    let annotations = metadata.field("annotations");
    match kind {
        Kind::Pod => pod(root, out),
        Kind::PodTemplate => pod(&root.field("template"), out),
        Kind::CronJob => {
            let template = spec.field("jobTemplate");
            pod(&template.field("spec").field("template"), out);
        }
        Kind::Deployment
        | Kind::ReplicaSet
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::ReplicationController
        | Kind::Job => pod(&spec.field("template"), out),
        Kind::Endpoints => {
            out.push(
                "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice".to_owned(),
            );
        }
        Kind::Service => service(root, out),
        Kind::PersistentVolumeClaim => {
            if annotations.has(CLASS_ANNOTATION) {
                out.push(format!("{}: {OLD_CLASS}", annotations.key(CLASS_ANNOTATION).path()));
            }
            claim(&spec, out);
        }
        Kind::PersistentVolume => volume(root, out),
        Kind::Secret if root.str("type") == "kubernetes.io/tls" => {
            let certificate = core::decoded(root.field("data").str("tls.crt"));
            if !String::from_utf8_lossy(&certificate).contains("-----BEGIN ") {
                out.push("tls: failed to find any PEM data in certificate input".to_owned());
            }
        }
        _ => {}
    }
    if kind == Kind::StatefulSet {
        spec.field("volumeClaimTemplates").items().for_each(|template| claim(&template.field("spec"), out));
    }
}

/// An amount of bytes that is no whole number.
fn fraction(list: &At, name: &str, out: &mut Vec<String>) {
    let at = list.key(name);
    let amount = resources::amount(at.value);
    if at.is_there() && amount.milli_value() % 1_000 != 0 {
        let amount = quoted(&amount.to_string());
        out.push(format!("{}: fractional byte value {amount} is invalid, must be an integer", at.path()));
    }
}

fn claim(spec: &At, out: &mut Vec<String>) {
    let resources = spec.field("resources");
    for list in ["requests", "limits"] {
        fraction(&resources.field(list), "storage", out);
    }
}

fn old_label(key: &str) -> Option<&'static str> {
    OLD_LABELS.iter().find(|(old, _)| *old == key).map(|(_, why)| *why)
}

fn node_term(term: &At, is_loose: bool, out: &mut Vec<String>) {
    for expression in term.field("matchExpressions").items() {
        let key = expression.field("key");
        if let Some(why) = old_label(key.text()) {
            out.push(format!("{}: {} is {why}", key.path(), key.text()));
        }
        for value in expression.field("values").items().filter(|_| is_loose) {
            for why in label_value_errors(value.text()) {
                out.push(format!("{}: {} is invalid, {why}", value.path(), value.text()));
            }
        }
    }
}

/// A Pod, or a template.
fn pod(at: &At, out: &mut Vec<String>) {
    const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
    const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
    const NULL_SELECTOR: &str = "a null labelSelector results in matching no pod";
    let (metadata, spec) = (at.field("metadata"), at.field("spec"));
    for (key, label) in spec.field("nodeSelector").entries() {
        if let Some(why) = old_label(key) {
            out.push(format!("{}: {why}", label.path()));
        }
    }
    let affinity = spec.field("affinity");
    let nodes = affinity.field("nodeAffinity");
    nodes.field(REQUIRED).field("nodeSelectorTerms").items().for_each(|term| node_term(&term, false, out));
    nodes.field(PREFERRED).items().for_each(|term| node_term(&term.field("preference"), true, out));
    for constraint in spec.field("topologySpreadConstraints").items() {
        let (key, selector) = (constraint.field("topologyKey"), constraint.field("labelSelector"));
        if let Some(why) = old_label(key.text()) {
            out.push(format!("{}: {} is {why}", key.path(), key.text()));
        }
        if !selector.is_there() {
            out.push(format!("{}: {NULL_SELECTOR}", selector.path()));
        }
    }
    let annotations = metadata.field("annotations");
    for (key, why) in OLD_ANNOTATIONS.iter().filter(|(key, _)| annotations.has(key)) {
        out.push(format!("{}: {why}", annotations.key(key).path()));
    }
    for volume in spec.field("volumes").items() {
        for (name, place, why) in OLD_VOLUMES.iter().filter(|(name, ..)| volume.has(name)) {
            out.push(format!("{}: {why}", volume.field(name).named(place).path()));
        }
        claim(&volume.field("ephemeral").field("volumeClaimTemplate").field("spec"), out);
    }
    let mut seen = BTreeSet::new();
    for alias in spec.field("hostAliases").items() {
        if !seen.insert(alias.str("ip").to_owned()) {
            out.push(format!("{}: duplicate ip {}", alias.field("ip").path(), quoted(alias.str("ip"))));
        }
    }
    let mut seen = BTreeSet::new();
    let secrets = spec.field("imagePullSecrets");
    for secret in secrets.items() {
        if !seen.insert(secret.str("name").to_owned()) {
            out.push(format!(
                "{}: duplicate name {}",
                secret.field("name").path(),
                quoted(secret.str("name"))
            ));
        }
    }
    for secret in secrets.items().filter(|secret| secret.str("name").is_empty()) {
        out.push(format!("{}: invalid empty name \"\"", secret.field("name").path()));
    }
    for name in ["memory", "ephemeral-storage"] {
        fraction(&spec.field("overhead"), name, out);
    }
    containers(&spec, out);
    let grace = spec.field("terminationGracePeriodSeconds");
    // A Pod itself is given the default before anyone looks at it.
    if grace.value.as_int().is_some_and(|seconds| seconds < 0) && !at.path().is_empty() {
        out.push(format!(
            "{}: must be >= 0; negative values are invalid and will be treated as 1",
            grace.path()
        ));
    }
    for name in ["podAffinity", "podAntiAffinity"] {
        let pods = affinity.field(name);
        for term in pods.field(REQUIRED).items().filter(|term| !term.has("labelSelector")) {
            out.push(format!("{}: {NULL_SELECTOR}", term.field("labelSelector").path()));
        }
        for term in pods.field(PREFERRED).items() {
            let term = term.field("podAffinityTerm");
            if !term.has("labelSelector") {
                out.push(format!("{}: {NULL_SELECTOR}", term.field("labelSelector").path()));
            }
        }
    }
}

fn containers(spec: &At, out: &mut Vec<String>) {
    let lists = [spec.field("initContainers"), spec.field("containers")];
    for container in lists.iter().flat_map(At::items) {
        let resources = container.field("resources");
        for name in ["memory", "ephemeral-storage"] {
            for list in ["limits", "requests"] {
                fraction(&resources.field(list), name, out);
            }
        }
        let mut seen = BTreeSet::new();
        for variable in container.field("env").items() {
            let (name, value) = (variable.str("name"), variable.str("value"));
            let reference = format!("$({name})");
            let hides = variable.has("valueFrom") || value == reference || !value.contains(&reference);
            if !seen.insert(name.to_owned()) && hides {
                let name = quoted(name);
                out.push(format!(
                    "{}: hides previous definition of {name}, which may be dropped when using apply",
                    variable.path()
                ));
            }
        }
    }
    let mut ports: BTreeMap<(i64, String), Vec<(String, String, i64)>> = BTreeMap::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut about_names = Vec::new();
    for port in lists.iter().flat_map(At::items).flat_map(|container| {
        // What is looked at has to outlive the container's place.
        container.field("ports").items().map(|port| (port.path(), port.value.clone())).collect::<Vec<_>>()
    }) {
        let (path, value) = port;
        let port = At::root(&value);
        let protocol = if port.str("protocol").is_empty() { "TCP" } else { port.str("protocol") };
        let (ip, host) = (port.str("hostIP").to_owned(), port.int("hostPort").unwrap_or(0));
        let others = ports.entry((port.int("containerPort").unwrap_or(0), protocol.to_owned())).or_default();
        for (other, other_ip, other_host) in others.iter() {
            let what = if ip == *other_ip && host == *other_host {
                "duplicate"
            } else if host == 0 || *other_host == 0 {
                "overlapping"
            } else if host == *other_host && (ip.is_empty() != other_ip.is_empty()) {
                "dangerously ambiguous"
            } else {
                continue;
            };
            out.push(format!("{path}: {what} port definition with {other}"));
        }
        others.push((path.clone(), ip, host));
        let name = port.str("name");
        match names.get(name) {
            _ if name.is_empty() => {}
            Some(other) => about_names.push(format!(
                "{path}: duplicate port name {} with {other}, services and probes that select ports by name will use {other}",
                quoted(name)
            )),
            None => _ = names.insert(name.to_owned(), path),
        }
    }
    out.append(&mut about_names);
}

fn service(root: &At, out: &mut Vec<String>) {
    let spec = root.field("spec");
    let (kind, is_headless) = (spec.str("type"), spec.str("clusterIP") == "None");
    let addresses = spec.field("externalIPs");
    if is_headless {
        for (is_given, name) in [
            (!spec.str("loadBalancerIP").is_empty(), "loadBalancerIP"),
            (!addresses.is_empty(), "externalIPs"),
            (!matches!(spec.str("sessionAffinity"), "" | "None"), "SessionAffinity"),
        ] {
            if is_given {
                out.push(format!("spec.{name} is ignored for headless services"));
            }
        }
    }
    let is_external = kind == "ExternalName";
    if !addresses.is_empty() && !is_headless && !is_external {
        out.push(
            "spec.externalIPs is deprecated and may no longer be implemented in some clusters".to_owned(),
        );
    }
    if is_external && !addresses.is_empty() {
        out.push("spec.externalIPs is ignored when spec.type is \"ExternalName\"".to_owned());
    }
    if !is_external && !spec.str("externalName").is_empty() {
        out.push("spec.externalName is ignored when spec.type is not \"ExternalName\"".to_owned());
    }
    if spec.str("trafficDistribution") == "PreferClose" {
        out.push(
            "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"".to_owned(),
        );
    }
}

fn volume(root: &At, out: &mut Vec<String>) {
    let (metadata, spec) = (root.field("metadata"), root.field("spec"));
    let annotations = metadata.field("annotations");
    for (key, why) in [
        (CLASS_ANNOTATION, OLD_CLASS),
        (
            "volume.beta.kubernetes.io/mount-options",
            "deprecated since v1.31; use \"mountOptions\" attribute instead",
        ),
    ] {
        if annotations.has(key) {
            out.push(format!("{}: {why}", annotations.key(key).path()));
        }
    }
    if spec.str("persistentVolumeReclaimPolicy") == "Recycle" {
        out.push("spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.".to_owned());
    }
    for (name, place, why) in OLD_VOLUMES.iter().filter(|(name, ..)| spec.has(name)) {
        out.push(format!("{}: {why}", spec.field(name).named(place).path()));
    }
}
