//! Which fields name an object, and of which kind.

use crate::api::kinds::Kind;
use crate::manifest::Node;
use crate::schema::Definition;

/// A definition and a field of it that holds the name of an object.
const NAMES: &[(&str, &str, Kind)] = &[
    ("ConfigMapEnvSource", "name", Kind::ConfigMap),
    ("ConfigMapKeySelector", "name", Kind::ConfigMap),
    ("ConfigMapProjection", "name", Kind::ConfigMap),
    ("ConfigMapVolumeSource", "name", Kind::ConfigMap),
    ("IngressServiceBackend", "name", Kind::Service),
    ("IngressSpec", "ingressClassName", Kind::IngressClass),
    ("IngressTLS", "secretName", Kind::Secret),
    ("LocalObjectReference", "name", Kind::Secret),
    ("ObjectMeta", "namespace", Kind::Namespace),
    ("PersistentVolumeClaimSpec", "storageClassName", Kind::StorageClass),
    ("PersistentVolumeClaimSpec", "volumeName", Kind::PersistentVolume),
    ("PersistentVolumeClaimVolumeSource", "claimName", Kind::PersistentVolumeClaim),
    ("PersistentVolumeSpec", "storageClassName", Kind::StorageClass),
    ("PodSpec", "nodeName", Kind::Node),
    ("PodSpec", "priorityClassName", Kind::PriorityClass),
    ("PodSpec", "runtimeClassName", Kind::RuntimeClass),
    ("PodSpec", "serviceAccountName", Kind::ServiceAccount),
    ("SecretEnvSource", "name", Kind::Secret),
    ("SecretKeySelector", "name", Kind::Secret),
    ("SecretProjection", "name", Kind::Secret),
    ("SecretVolumeSource", "secretName", Kind::Secret),
    ("StatefulSetSpec", "serviceName", Kind::Service),
];

/// Definitions that say beside the name which kind it is of.
const KIND_BESIDE: &[&str] = &[
    "CrossVersionObjectReference",
    "ObjectReference",
    "RoleRef",
    "Subject",
    "TypedLocalObjectReference",
    "TypedObjectReference",
];

/// The kind of the object that a field names. `holder` is the mapping that the field stands in.
pub(super) fn named_kind(owner: &Definition, field: &str, holder: &Node) -> Option<Kind> {
    let found = NAMES.iter().find(|(definition, name, _)| *definition == owner.name && *name == field);
    if let Some((.., kind)) = found {
        return Some(*kind);
    }
    let beside = field == "name" && KIND_BESIDE.contains(&owner.name);
    beside.then(|| holder.get("kind").and_then(Node::as_str).and_then(Kind::named)).flatten()
}

/// Whether a field holds one key of the ConfigMap or Secret that is named beside it.
pub(super) fn names_key(owner: &Definition, field: &str) -> bool {
    field == "key" && matches!(owner.name, "ConfigMapKeySelector" | "SecretKeySelector")
}

/// Whether a field selects Pods by their labels.
pub(super) fn selects_pods(owner: &Definition, field: &str) -> bool {
    matches!(
        (owner.name, field),
        ("ServiceSpec" | "ReplicationControllerSpec", "selector") | ("LabelSelector", "matchLabels")
    )
}

/// Whether a field names a port of the container that it stands in.
pub(super) fn names_own_port(owner: &Definition, field: &str) -> bool {
    field == "port" && matches!(owner.name, "HTTPGetAction" | "TCPSocketAction")
}

/// Whether a field names a volume of the Pod that it stands in.
pub(super) fn names_volume(owner: &Definition, field: &str) -> bool {
    field == "name" && matches!(owner.name, "VolumeDevice" | "VolumeMount")
}
