//! Taints of Nodes: the keys that Kubernetes itself uses
//! (upstream: k8s.io/api/core/v1/well_known_taints.go).

use super::objects::Taint;

/// The node's kubelet says that it is not ready.
pub const NOT_READY: &str = "node.kubernetes.io/not-ready";
/// Nothing is heard of the node's kubelet.
pub const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
/// The node is cordoned.
pub const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";
/// The node is short of memory.
pub const MEMORY_PRESSURE: &str = "node.kubernetes.io/memory-pressure";
/// The node is short of disk.
pub const DISK_PRESSURE: &str = "node.kubernetes.io/disk-pressure";
/// The node is short of process numbers.
pub const PID_PRESSURE: &str = "node.kubernetes.io/pid-pressure";
/// The node's network is not set up.
pub const NETWORK_UNAVAILABLE: &str = "node.kubernetes.io/network-unavailable";
/// Somebody says that the node is shut down for good.
pub const OUT_OF_SERVICE: &str = "node.kubernetes.io/out-of-service";

/// New Pods stay away.
pub const NO_SCHEDULE: &str = "NoSchedule";
/// Pods that are there have to go too.
pub const NO_EXECUTE: &str = "NoExecute";

/// A taint without a value.
pub fn taint(key: &str, effect: &str) -> Taint {
    Taint { key: key.into(), effect: effect.into(), ..Taint::default() }
}

/// Whether two taints are the same one: a node has one of each key and effect.
pub fn is_same(a: &Taint, b: &Taint) -> bool {
    a.key == b.key && a.effect == b.effect
}

/// Whether a node has a taint.
pub fn has(taints: &[Taint], key: &str, effect: &str) -> bool {
    taints.iter().any(|taint| &*taint.key == key && &*taint.effect == effect)
}
