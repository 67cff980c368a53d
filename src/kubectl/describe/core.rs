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

/// A Node with its lease (or why there is none) and the Pods that run there; `now` in microseconds since 1970.
pub(super) fn node(out: &mut Text, value: &Value, lease: Result<&Value, &str>, pods: &[Value], now: u64) {
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
    match lease {
        Ok(lease) => {
            out.line(0, "Lease:");
            let unset = |text: String| if text.is_empty() { "<unset>".to_owned() } else { text };
            let at = |field: &str| match text(lease, &["spec", field]) {
                "" => String::new(),
                micros => time(&format!("{}Z", micros.split(['.', 'Z']).next().unwrap_or_default())),
            };
            let holder = text(lease, &["spec", "holderIdentity"]).to_owned();
            out.line(1, format!("HolderIdentity:\t{}", unset(holder)));
            out.line(1, format!("AcquireTime:\t{}", unset(at("acquireTime"))));
            out.line(1, format!("RenewTime:\t{}", unset(at("renewTime"))));
        }
        Err(why) => out.line(0, format!("Lease:\tFailed to get lease: {why}")),
    }
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
    let ranges: Vec<String> = list(value, &["spec", "podCIDRs"]).iter().map(plain).collect();
    for (title, told) in [
        ("PodCIDR", text(value, &["spec", "podCIDR"])),
        ("PodCIDRs", &ranges.join(",")),
        ("ProviderID", text(value, &["spec", "providerID"])),
    ] {
        if !told.is_empty() {
            out.line(0, format!("{title}:\t{told}"));
        }
    }
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
    let total = |part, resource: &str| {
        let all = pods.iter().map(|pod| Sum::of(pod, part, resource));
        all.reduce(Sum::add).unwrap_or_default()
    };
    let allocatable = pairs(node, &["status", "allocatable"]);
    let huge =
        allocatable.iter().map(|(name, _)| -> &str { name }).filter(|name| name.starts_with("hugepages-"));
    for resource in ["cpu", "memory", "ephemeral-storage"].into_iter().chain(huge) {
        let (requests, limits) = (total("requests", resource), total("limits", resource));
        out.line(1, format!("{resource}\t{}\t{}", share(&requests, resource), share(&limits, resource)));
    }
    for (resource, _) in allocatable.iter().filter(|(name, _)| is_extended(name)) {
        let (requests, limits) = (total("requests", resource), total("limits", resource));
        out.line(1, format!("{resource}\t{}\t{}", requests.text(), limits.text()));
    }
}

/// Whether a resource of a Node is none that every Node has.
fn is_extended(resource: &str) -> bool {
    !matches!(resource, "cpu" | "memory" | "ephemeral-storage" | "pods")
        && !resource.starts_with("hugepages-")
}

/// A sum of amounts, and how the only one of them was written.
#[derive(Clone, Debug, Default)]
struct Sum {
    milli: i64,
    written: Option<String>,
}

impl Sum {
    fn read(resources: Option<&Value>, part: &str, resource: &str) -> Self {
        let written = resources.and_then(|all| all.at(&[part, resource])).map(plain).unwrap_or_default();
        match Quantity::parse(&written) {
            Ok(amount) => Self { milli: amount.milli_value(), written: Some(written) },
            Err(_) => Self::default(),
        }
    }
    /// What a Pod asks for: all its containers with its sidecars, or more where an init container asks for more; for
    /// the whole Pod where it says so (upstream: `resourcehelper.PodRequests`).
    fn of(pod: &Value, part: &str, resource: &str) -> Self {
        let whole = Self::read(pod.at(&["spec", "resources"]), part, resource);
        if whole.written.is_some() {
            return whole;
        }
        let of = |container: &Value| Self::read(container.get("resources"), part, resource);
        let together = list(pod, &["spec", "containers"]).iter().map(of);
        let (mut sum, mut beside, mut peak) =
            (together.fold(Self::default(), Self::add), Self::default(), Self::default());
        for init in list(pod, &["spec", "initContainers"]) {
            if text(init, &["restartPolicy"]) == "Always" {
                (sum, beside) = (sum.add(of(init)), beside.add(of(init)));
            } else {
                peak = peak.larger(Self::default().add(of(init)).add(beside.clone()));
            }
        }
        let asked = sum.larger(peak);
        if asked.milli == 0 && part == "limits" {
            return asked;
        }
        asked.add(Self::read(pod.get("spec"), "overhead", resource))
    }
    fn larger(self, other: Self) -> Self {
        if other.milli > self.milli { other } else { self }
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
