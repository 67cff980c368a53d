//! PersistentVolumes, claims and StorageClasses.

use super::{Text, time};
use crate::api::objects::{BETA_DEFAULT_CLASS, DEFAULT_CLASS};
use crate::kubectl::fields::{is, list, name, pairs, plain, text};
use crate::kubectl::print::age;
use crate::kubectl::print::columns::storage::{access_modes, capacity_and_modes, class};
use crate::value::Value;

/// A list as Go prints it: `[a b]`.
fn printed(value: &Value, path: &[&str]) -> String {
    format!("[{}]", list(value, path).iter().map(plain).collect::<Vec<_>>().join(" "))
}

/// `Terminating (lasts 5s)`, or the phase.
fn status(value: &Value, now: u64) -> String {
    match text(value, &["metadata", "deletionTimestamp"]) {
        "" => text(value, &["status", "phase"]).into(),
        since => format!("Terminating (lasts {})", age::since(since, now)),
    }
}

/// A claim with the Pods that use it; `now` in microseconds since 1970.
pub(super) fn claim(out: &mut Text, value: &Value, pods: &[Value], now: u64) {
    out.head(value);
    out.line(0, format!("StorageClass:\t{}", class(value)));
    out.line(0, format!("Status:\t{}", status(value, now)));
    out.line(0, format!("Volume:\t{}", text(value, &["spec", "volumeName"])));
    out.labels_and_annotations(value);
    out.line(0, format!("Finalizers:\t{}", printed(value, &["metadata", "finalizers"])));
    let [capacity, modes] = capacity_and_modes(value);
    out.line(0, format!("Capacity:\t{capacity}"));
    out.line(0, format!("Access Modes:\t{modes}"));
    out.line(0, format!("VolumeMode:\t{}", text(value, &["spec", "volumeMode"])));
    if let Some(source) = value.at(&["spec", "dataSource"]) {
        out.line(0, "DataSource:");
        for (field, title) in [("apiGroup", "APIGroup"), ("kind", "Kind"), ("name", "Name")] {
            if let Some(value) = source.get(field) {
                out.line(1, format!("{title}:\t{}", plain(value)));
            }
        }
    }
    let uses = |pod: &&Value| {
        let volumes = list(pod, &["spec", "volumes"]);
        volumes.iter().any(|volume| text(volume, &["persistentVolumeClaim", "claimName"]) == name(value))
    };
    out.entries("Used By", &pods.iter().filter(uses).map(|pod| name(pod).to_owned()).collect::<Vec<_>>());
    let conditions = list(value, &["status", "conditions"]);
    if !conditions.is_empty() {
        out.line(0, "Conditions:");
        out.line(1, "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage");
        out.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    }
    for condition in conditions {
        let [kind, status, reason, message] =
            ["type", "status", "reason", "message"].map(|field| text(condition, &[field]));
        let [probed, changed] =
            ["lastProbeTime", "lastTransitionTime"].map(|field| time(text(condition, &[field])));
        out.line(1, format!("{kind} \t{status} \t{probed} \t{changed} \t{reason} \t{message}"));
    }
}

/// A volume; `now` in microseconds since 1970.
pub(super) fn volume(out: &mut Text, value: &Value, now: u64) {
    out.line(0, format!("Name:\t{}", name(value)));
    out.labels_and_annotations(value);
    out.line(0, format!("Finalizers:\t{}", printed(value, &["metadata", "finalizers"])));
    out.line(0, format!("StorageClass:\t{}", class(value)));
    out.line(0, format!("Status:\t{}", status(value, now)));
    match value.at(&["spec", "claimRef"]) {
        Some(claim) => {
            out.line(0, format!("Claim:\t{}/{}", text(claim, &["namespace"]), text(claim, &["name"])));
        }
        None => out.line(0, "Claim:\t"),
    }
    out.line(0, format!("Reclaim Policy:\t{}", text(value, &["spec", "persistentVolumeReclaimPolicy"])));
    out.line(0, format!("Access Modes:\t{}", access_modes(value, &["spec", "accessModes"])));
    out.line(0, format!("VolumeMode:\t{}", text(value, &["spec", "volumeMode"])));
    out.line(0, format!("Capacity:\t{}", text(value, &["spec", "capacity", "storage"])));
    node_affinity(out, value);
    out.line(0, format!("Message:\t{}", text(value, &["status", "message"])));
    out.line(0, "Source:");
    source(out, value);
}

fn node_affinity(out: &mut Text, value: &Value) {
    let Some(affinity) = value.at(&["spec", "nodeAffinity"]) else {
        return out.line(0, "Node Affinity:\t<none>");
    };
    let terms = list(affinity, &["required", "nodeSelectorTerms"]);
    out.line(0, "Node Affinity:\t");
    if terms.is_empty() {
        return out.line(1, "Required Terms:\t<none>");
    }
    out.line(1, "Required Terms:\t");
    for (i, term) in terms.iter().enumerate() {
        let expressions = list(term, &["matchExpressions"]);
        if expressions.is_empty() {
            out.line(2, format!("Term {i}:\t<none>"));
        }
        for (j, expression) in expressions.iter().enumerate() {
            let title = if j == 0 { format!("Term {i}:") } else { String::new() };
            let (key, operator) =
                (text(expression, &["key"]), text(expression, &["operator"]).to_lowercase());
            let values: Vec<String> = list(expression, &["values"]).iter().map(plain).collect();
            let values = if values.is_empty() { String::new() } else { format!(" [{}]", values.join(", ")) };
            out.line(2, format!("{title}\t{key} {operator}{values}"));
        }
    }
}

fn source(out: &mut Text, value: &Value) {
    let own = |kind: &str, path: &str| match value.at(&["spec", kind, path]) {
        Some(value) => plain(value),
        None => String::new(),
    };
    let has = |kind: &str| value.at(&["spec", kind]).is_some();
    if has("hostPath") {
        out.line(1, "Type:\tHostPath (bare host directory volume)");
        out.line(1, format!("Path:\t{}", own("hostPath", "path")));
        out.line(1, format!("HostPathType:\t{}", own("hostPath", "type")));
    } else if has("local") {
        out.line(1, "Type:\tLocalVolume (a persistent volume backed by local storage on a node)");
        out.line(1, format!("Path:\t{}", own("local", "path")));
    } else if has("nfs") {
        out.line(1, "Type:\tNFS (an NFS mount that lasts the lifetime of a pod)");
        out.line(1, format!("Server:\t{}", own("nfs", "server")));
        out.line(1, format!("Path:\t{}", own("nfs", "path")));
        out.line(1, format!("ReadOnly:\t{}", is(value, &["spec", "nfs", "readOnly"])));
    } else if has("csi") {
        out.line(1, "Type:\tCSI (a Container Storage Interface (CSI) volume source)");
        out.line(1, format!("Driver:\t{}", own("csi", "driver")));
        out.line(1, format!("FSType:\t{}", own("csi", "fsType")));
        out.line(1, format!("VolumeHandle:\t{}", own("csi", "volumeHandle")));
        out.line(1, format!("ReadOnly:\t{}", is(value, &["spec", "csi", "readOnly"])));
        let attributes = pairs(value, &["spec", "csi", "volumeAttributes"]);
        let attributes: Vec<String> =
            attributes.iter().map(|(key, value)| format!("{key}={}", plain(value))).collect();
        let first = attributes.first().map_or("<none>", |first| first);
        out.line(1, format!("VolumeAttributes:\t{first}"));
        attributes.iter().skip(1).for_each(|other| out.line(1, format!("\t{other}")));
    } else {
        out.line(1, "<unknown>");
    }
}

/// A class.
pub(super) fn storage_class(out: &mut Text, value: &Value) {
    let on_one_line = |path: &[&str]| {
        let all = pairs(value, path);
        let all: Vec<String> = all.iter().map(|(key, value)| format!("{key}={}", plain(value))).collect();
        if all.is_empty() { "<none>".to_owned() } else { all.join(",") }
    };
    let is_default = [DEFAULT_CLASS, BETA_DEFAULT_CLASS]
        .iter()
        .any(|key| text(value, &["metadata", "annotations", key]) == "true");
    out.line(0, format!("Name:\t{}", name(value)));
    out.line(0, format!("IsDefaultClass:\t{}", if is_default { "Yes" } else { "No" }));
    out.line(0, format!("Annotations:\t{}", on_one_line(&["metadata", "annotations"])));
    out.line(0, format!("Provisioner:\t{}", text(value, &["provisioner"])));
    out.line(0, format!("Parameters:\t{}", on_one_line(&["parameters"])));
    let expands = match value.get("allowVolumeExpansion").and_then(Value::as_bool) {
        Some(true) => "True",
        Some(false) => "False",
        None => "<unset>",
    };
    out.line(0, format!("AllowVolumeExpansion:\t{expands}"));
    let options = list(value, &["mountOptions"]);
    out.line(0, if options.is_empty() { "MountOptions:\t<none>" } else { "MountOptions:" });
    options.iter().for_each(|option| out.line(1, plain(option)));
    out.line(0, format!("ReclaimPolicy:\t{}", text(value, &["reclaimPolicy"])));
    out.line(0, format!("VolumeBindingMode:\t{}", text(value, &["volumeBindingMode"])));
}
