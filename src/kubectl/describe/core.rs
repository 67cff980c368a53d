//! Namespaces, ConfigMaps, Secrets and Nodes.

use super::{Text, time};
use crate::api::quantity::Quantity;
use crate::kubectl::fields::{is, list, name, pairs, plain, text};
use crate::kubectl::print::age;
use crate::value::Value;

/// A Namespace.
pub(super) fn namespace(out: &mut Text, value: &Value) {
    out.line(0, format!("Name:\t{}", name(value)));
    out.labels_and_annotations(value);
    out.line(0, format!("Status:\t{}", text(value, &["status", "phase"])));
    let conditions = list(value, &["status", "conditions"]);
    if !conditions.is_empty() {
        out.line(0, "Conditions:");
        out.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        out.line(1, "----\t------\t------------------\t------\t-------");
    }
    for condition in conditions {
        let [kind, status, reason, message] =
            ["type", "status", "reason", "message"].map(|field| text(condition, &[field]));
        let at = time(text(condition, &["lastTransitionTime"]));
        out.line(1, format!("{kind}\t{status}\t{at}\t{reason}\t{message}"));
    }
}

/// A ConfigMap.
pub(super) fn config_map(out: &mut Text, value: &Value) {
    out.head(value);
    out.labels_and_annotations(value);
    out.line(0, "\nData\n====");
    for (key, text) in pairs(value, &["data"]) {
        out.line(0, format!("{key}:\n----\n{}\n", plain(text)));
    }
    out.line(0, "\nBinaryData\n====");
    for (key, text) in pairs(value, &["binaryData"]) {
        out.line(0, format!("{key}: {} bytes", bytes(&plain(text))));
    }
    out.line(0, "");
}

/// A Secret: how long its texts are.
pub(super) fn secret(out: &mut Text, value: &Value) {
    out.head(value);
    out.labels_and_annotations(value);
    out.line(0, format!("\nType:\t{}", text(value, &["type"])));
    out.line(0, "\nData\n====");
    for (key, text) in pairs(value, &["data"]) {
        out.line(0, format!("{key}:\t{} bytes", bytes(&plain(text))));
    }
}

/// How many bytes a text in base64 stands for.
fn bytes(base64: &str) -> usize {
    base64.trim_end_matches('=').len() * 3 / 4
}

/// A Node with the Pods that run there; `now` in microseconds since 1970.
pub(super) fn node(out: &mut Text, value: &Value, pods: &[Value], now: u64) {
    out.line(0, format!("Name:\t{}", name(value)));
    let labels = pairs(value, &["metadata", "labels"]);
    let roles: Vec<&str> =
        labels.iter().filter_map(|(key, _)| key.strip_prefix("node-role.kubernetes.io/")).collect();
    out.line(0, format!("Roles:\t{}", if roles.is_empty() { "<none>".into() } else { roles.join(",") }));
    out.labels_and_annotations(value);
    out.line(0, format!("CreationTimestamp:\t{}", time(text(value, &["metadata", "creationTimestamp"]))));
    let mut taints: Vec<&Value> = list(value, &["spec", "taints"]).iter().collect();
    taints.sort_by_key(|taint| (text(taint, &["effect"]), text(taint, &["key"])));
    let taint = |taint: &&Value| {
        let [key, value, effect] = ["key", "value", "effect"].map(|field| text(taint, &[field]));
        let equals = if value.is_empty() { "" } else { "=" };
        format!("{key}{equals}{value}:{effect}")
    };
    out.entries("Taints", &taints.iter().map(taint).collect::<Vec<_>>());
    out.line(0, format!("Unschedulable:\t{}", is(value, &["spec", "unschedulable"])));
    let conditions = list(value, &["status", "conditions"]);
    if !conditions.is_empty() {
        out.line(0, "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
        out.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    }
    for condition in conditions {
        let [kind, status, reason, message] =
            ["type", "status", "reason", "message"].map(|field| text(condition, &[field]));
        let [beat, changed] =
            ["lastHeartbeatTime", "lastTransitionTime"].map(|field| time(text(condition, &[field])));
        out.line(1, format!("{kind} \t{status} \t{beat} \t{changed} \t{reason} \t{message}"));
    }
    out.line(0, "Addresses:");
    for address in list(value, &["status", "addresses"]) {
        out.line(1, format!("{}:\t{}", text(address, &["type"]), text(address, &["address"])));
    }
    for (field, title) in [("capacity", "Capacity"), ("allocatable", "Allocatable")] {
        out.line(0, format!("{title}:"));
        for (resource, amount) in pairs(value, &["status", field]) {
            out.line(1, format!("{resource}:\t{}", plain(amount)));
        }
    }
    out.line(0, "System Info:");
    for (field, title) in [
        ("machineID", "Machine ID"),
        ("systemUUID", "System UUID"),
        ("bootID", "Boot ID"),
        ("kernelVersion", "Kernel Version"),
        ("osImage", "OS Image"),
        ("operatingSystem", "Operating System"),
        ("architecture", "Architecture"),
        ("containerRuntimeVersion", "Container Runtime Version"),
        ("kubeletVersion", "Kubelet Version"),
    ] {
        out.line(1, format!("{title}:\t{}", text(value, &["status", "nodeInfo", field])));
    }
    out.line(0, format!("PodCIDR:\t{}", text(value, &["spec", "podCIDR"])));
    let ranges: Vec<String> = list(value, &["spec", "podCIDRs"]).iter().map(plain).collect();
    out.line(0, format!("PodCIDRs:\t{}", ranges.join(",")));
    resources(out, value, pods, now);
}

/// What the Pods of a Node ask for.
fn resources(out: &mut Text, node: &Value, pods: &[Value], now: u64) {
    out.line(0, format!("Non-terminated Pods:\t({} in total)", pods.len()));
    out.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    out.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    let cells = [("requests", "cpu"), ("limits", "cpu"), ("requests", "memory"), ("limits", "memory")];
    let share = |sum: &Sum, resource: &str| {
        let all = node.at(&["status", "allocatable", resource]).map(plain);
        let all = all.and_then(|text| Quantity::parse(&text).ok()).map_or(0, |all| all.milli_value());
        let percent = if all == 0 { 0 } else { sum.milli * 100 / all };
        format!("{} ({percent}%)", sum.text())
    };
    for pod in pods {
        let row = cells.map(|(part, resource)| share(&Sum::of(pod, part, resource), resource));
        let age = age::since(text(pod, &["metadata", "creationTimestamp"]), now);
        let namespace = text(pod, &["metadata", "namespace"]);
        out.line(1, format!("{namespace}\t{}\t\t{}\t{age}", name(pod), row.join("\t")));
    }
    out.line(0, "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)");
    out.line(1, "Resource\tRequests\tLimits");
    out.line(1, "--------\t--------\t------");
    for resource in ["cpu", "memory", "ephemeral-storage"] {
        let total = |part| {
            let all = pods.iter().map(|pod| Sum::of(pod, part, resource));
            all.reduce(Sum::add).unwrap_or_default()
        };
        let (requests, limits) = (total("requests"), total("limits"));
        out.line(1, format!("{resource}\t{}\t{}", share(&requests, resource), share(&limits, resource)));
    }
}

/// A sum of amounts, and how the only one of them was written.
#[derive(Debug, Default)]
struct Sum {
    milli: i64,
    written: Option<String>,
}

impl Sum {
    /// What the containers of a Pod ask for together.
    fn of(pod: &Value, part: &str, resource: &str) -> Self {
        let all = list(pod, &["spec", "containers"]).iter().filter_map(|container| {
            let written = plain(container.at(&["resources", part, resource])?);
            Some(Self { milli: Quantity::parse(&written).ok()?.milli_value(), written: Some(written) })
        });
        all.reduce(Self::add).unwrap_or_default()
    }
    fn add(self, other: Self) -> Self {
        match (self.milli, other.milli) {
            (0, _) => other,
            (_, 0) => self,
            (a, b) => Self { milli: a + b, written: None },
        }
    }
    /// The amount in the largest unit that it is whole in.
    fn text(&self) -> String {
        if let Some(written) = &self.written {
            return written.clone();
        }
        let whole = self.milli / 1_000;
        if self.milli % 1_000 != 0 {
            return format!("{}m", self.milli);
        }
        let units = [(1_i64 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")];
        let unit = units.into_iter().find(|(size, _)| whole != 0 && whole % size == 0);
        unit.map_or_else(|| whole.to_string(), |(size, unit)| format!("{}{unit}", whole / size))
    }
}
