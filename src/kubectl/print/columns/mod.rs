//! The columns of each kind in `kubectl get` (upstream: pkg/printers/internalversion/printers.go). A kind is a
//! function and a line in the list; the others have NAME and AGE.

pub(crate) mod batch;
mod core;
mod networking;
mod pod;
mod policy;
mod services;
pub(crate) mod storage;
mod workloads;

use super::age;
use crate::api::Kind;
use crate::kubectl::fields::{name, pairs, text};
use crate::value::Value;

/// A row of a table: a cell for each column.
pub(crate) type Row = Vec<String>;

/// The columns of a kind.
pub(crate) struct Columns {
    /// Their titles, and whether only `-o wide` has them.
    pub(crate) titles: &'static [(&'static str, bool)],
    /// The row of an object; `now` in microseconds since 1970.
    pub(crate) row: fn(&Value, u64) -> Row,
}

const ALWAYS: bool = false;
const WIDE: bool = true;

/// The columns of objects of a kind, or of that part of them which was read in their stead.
pub(crate) fn of(kind: Kind, values: &[Value]) -> Columns {
    match kind {
        _ if values.first().is_some_and(|value| text(value, &["kind"]) == "Scale") => workloads::SCALE,
        Kind::Pod => pod::COLUMNS,
        Kind::Deployment => workloads::DEPLOYMENT,
        Kind::ReplicaSet | Kind::ReplicationController => workloads::REPLICA_SET,
        Kind::Job => batch::JOB,
        Kind::CronJob => batch::CRON_JOB,
        Kind::StatefulSet => workloads::STATEFUL_SET,
        Kind::DaemonSet => workloads::DAEMON_SET,
        Kind::ControllerRevision => workloads::CONTROLLER_REVISION,
        Kind::Service => services::SERVICE,
        Kind::Endpoints => services::ENDPOINTS,
        Kind::EndpointSlice => services::ENDPOINT_SLICE,
        Kind::Namespace => core::NAMESPACE,
        Kind::Node => core::NODE,
        Kind::ConfigMap => core::CONFIG_MAP,
        Kind::Secret => core::SECRET,
        Kind::Event => core::EVENT,
        Kind::PersistentVolume => storage::PERSISTENT_VOLUME,
        Kind::PersistentVolumeClaim => storage::PERSISTENT_VOLUME_CLAIM,
        Kind::StorageClass => storage::STORAGE_CLASS,
        Kind::ResourceQuota => policy::RESOURCE_QUOTA,
        Kind::PodDisruptionBudget => policy::POD_DISRUPTION_BUDGET,
        Kind::HorizontalPodAutoscaler => policy::HORIZONTAL_POD_AUTOSCALER,
        Kind::Ingress => networking::INGRESS,
        Kind::NetworkPolicy => networking::NETWORK_POLICY,
        Kind::Lease => networking::LEASE,
        _ => Columns {
            titles: &[("NAME", ALWAYS), ("AGE", ALWAYS)],
            row: |value, now| vec![name(value).into(), created(value, now)],
        },
    }
}

/// The age of an object.
fn created(value: &Value, now: u64) -> String {
    age::since(text(value, &["metadata", "creationTimestamp"]), now)
}

/// Text, or `<none>` where there is none.
fn or_none(text: &str) -> String {
    if text.is_empty() { "<none>".into() } else { text.into() }
}

/// Labels at a path, as `a=b,c=d`.
pub(crate) fn labels(value: &Value, path: &[&str]) -> String {
    let all = pairs(value, path);
    let all = all.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
    or_none(&all.collect::<Vec<_>>().join(","))
}

/// At most three of many.
fn at_most_three(all: &[String], empty: &str) -> String {
    match all.len() {
        0 => empty.into(),
        1..=3 => all.join(","),
        more => format!("{} + {} more...", all[..3].join(","), more - 3),
    }
}
