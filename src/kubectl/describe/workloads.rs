//! Workloads and their templates.

use super::container::containers;
use super::volumes::{tolerations, volumes};
use super::{Text, conditions, controller, time};
use crate::kubectl::fields::{list, name, number, plain, text};
use crate::kubectl::verbs::selector;
use crate::value::Value;

/// A Deployment with its ReplicaSets.
pub(super) fn deployment(out: &mut Text, value: &Value, sets: &[Value]) {
    out.head(value);
    out.line(0, format!("CreationTimestamp:\t{}", time(text(value, &["metadata", "creationTimestamp"]))));
    out.labels_and_annotations(value);
    out.line(0, format!("Selector:\t{}", selector(value)));
    let status = |field| number(value, &["status", field]);
    out.line(
        0,
        format!(
            "Replicas:\t{} desired | {} updated | {} total | {} available | {} unavailable",
            number(value, &["spec", "replicas"]),
            status("updatedReplicas"),
            status("replicas"),
            status("availableReplicas"),
            status("unavailableReplicas")
        ),
    );
    out.line(0, format!("StrategyType:\t{}", text(value, &["spec", "strategy", "type"])));
    out.line(0, format!("MinReadySeconds:\t{}", number(value, &["spec", "minReadySeconds"])));
    if let Some(bounds) = value.at(&["spec", "strategy", "rollingUpdate"]) {
        let bound = |field| bounds.get(field).map(plain).unwrap_or_default();
        let (unavailable, surge) = (bound("maxUnavailable"), bound("maxSurge"));
        out.line(0, format!("RollingUpdateStrategy:\t{unavailable} max unavailable, {surge} max surge"));
    }
    pod_template(out, value.at(&["spec", "template"]).unwrap_or(&Value::Null));
    conditions(out, value);
    replica_sets(out, value, sets);
}

/// The old ReplicaSets, and the one of the template as it is.
fn replica_sets(out: &mut Text, deployment: &Value, sets: &[Value]) {
    let template = deployment.at(&["spec", "template"]);
    let is_new = |set: &&Value| Some(&crate::kubectl::verbs::without_hash(set)) == template;
    let new = sets.iter().find(is_new);
    let old: Vec<&Value> = sets.iter().filter(|set| new.is_none_or(|new| name(new) != name(set))).collect();
    if sets.is_empty() {
        return;
    }
    let told = |sets: &[&Value]| {
        let one = |set: &&Value| {
            let (are, wanted) = (number(set, &["status", "replicas"]), number(set, &["spec", "replicas"]));
            format!("{} ({are}/{wanted} replicas created)", name(set))
        };
        let all: Vec<String> = sets.iter().map(one).collect();
        if all.is_empty() { "<none>".to_owned() } else { all.join(", ") }
    };
    out.line(0, format!("OldReplicaSets:\t{}", told(&old)));
    out.line(0, format!("NewReplicaSet:\t{}", told(&new.into_iter().collect::<Vec<_>>())));
}

/// A ReplicaSet with its Pods.
pub(super) fn replica_set(out: &mut Text, value: &Value, pods: &[Value]) {
    out.head(value);
    out.line(0, format!("Selector:\t{}", selector(value)));
    out.labels_and_annotations(value);
    if let Some(owner) = controller(value) {
        out.line(0, format!("Controlled By:\t{owner}"));
    }
    let (are, wanted) = (number(value, &["status", "replicas"]), number(value, &["spec", "replicas"]));
    out.line(0, format!("Replicas:\t{are} current / {wanted} desired"));
    pods_status(out, pods);
    pod_template(out, value.at(&["spec", "template"]).unwrap_or(&Value::Null));
    conditions(out, value);
}

fn pods_status(out: &mut Text, pods: &[Value]) {
    let in_phase = |phase| pods.iter().filter(|pod| text(pod, &["status", "phase"]) == phase).count();
    out.line(
        0,
        format!(
            "Pods Status:\t{} Running / {} Waiting / {} Succeeded / {} Failed",
            in_phase("Running"),
            in_phase("Pending"),
            in_phase("Succeeded"),
            in_phase("Failed")
        ),
    );
}

/// A StatefulSet with its Pods.
pub(super) fn stateful_set(out: &mut Text, value: &Value, pods: &[Value]) {
    out.head(value);
    out.line(0, format!("CreationTimestamp:\t{}", time(text(value, &["metadata", "creationTimestamp"]))));
    out.line(0, format!("Selector:\t{}", selector(value)));
    out.labels_and_annotations(value);
    for (title, field) in [("Service Name", "serviceName"), ("Pod Management Policy", "podManagementPolicy")]
    {
        match text(value, &["spec", field]) {
            "" => {}
            said => out.line(0, format!("{title}:\t{said}")),
        }
    }
    let (wanted, are) = (number(value, &["spec", "replicas"]), number(value, &["status", "replicas"]));
    out.line(0, format!("Replicas:\t{wanted} desired | {are} total"));
    out.line(0, format!("Update Strategy:\t{}", text(value, &["spec", "updateStrategy", "type"])));
    if let Some(rolling) = value.at(&["spec", "updateStrategy", "rollingUpdate"])
        && let Some(partition) = rolling.get("partition")
    {
        out.line(1, format!("Partition:\t{}", plain(partition)));
        if let Some(bound) = rolling.get("maxUnavailable") {
            out.line(1, format!("MaxUnavailable:\t{}", plain(bound)));
        }
    }
    if let Some(policy) = value.at(&["spec", "persistentVolumeClaimRetentionPolicy"]) {
        out.line(0, "Persistent Volume Claim Retention Policy:");
        out.line(1, format!("WhenDeleted:\t{}", text(policy, &["whenDeleted"])));
        out.line(1, format!("WhenScaled:\t{}", text(policy, &["whenScaled"])));
    }
    pods_status(out, pods);
    pod_template(out, value.at(&["spec", "template"]).unwrap_or(&Value::Null));
    claim_templates(out, list(value, &["spec", "volumeClaimTemplates"]));
}

fn claim_templates(out: &mut Text, templates: &[Value]) {
    if templates.is_empty() {
        return out.line(0, "Volume Claims:\t<none>");
    }
    out.line(0, "Volume Claims:");
    for claim in templates {
        out.line(1, format!("Name:\t{}", name(claim)));
        out.line(1, format!("StorageClass:\t{}", text(claim, &["spec", "storageClassName"])));
        out.labels("  Labels", claim, &["metadata", "labels"]);
        out.annotations("  Annotations", claim);
        let capacity = claim.at(&["spec", "resources", "requests", "storage"]).map(plain);
        out.line(1, format!("Capacity:\t{}", capacity.unwrap_or_else(|| "<default>".to_owned())));
        let modes: Vec<String> = list(claim, &["spec", "accessModes"]).iter().map(plain).collect();
        out.line(1, format!("Access Modes:\t[{}]", modes.join(" ")));
    }
}

/// A DaemonSet with its Pods.
pub(super) fn daemon_set(out: &mut Text, value: &Value, pods: &[Value]) {
    out.head(value);
    out.line(0, format!("Selector:\t{}", selector(value)));
    let nodes = crate::kubectl::print::columns::labels(value, &["spec", "template", "spec", "nodeSelector"]);
    out.line(0, format!("Node-Selector:\t{nodes}"));
    out.labels_and_annotations(value);
    for (title, field) in [
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ] {
        out.line(0, format!("{title}: {}", number(value, &["status", field])));
    }
    pods_status(out, pods);
    pod_template(out, value.at(&["spec", "template"]).unwrap_or(&Value::Null));
}

/// A Pod's template.
pub(crate) fn pod_template(out: &mut Text, template: &Value) {
    out.line(0, "Pod Template:");
    out.labels("  Labels", template, &["metadata", "labels"]);
    if template.at(&["metadata", "annotations"]).is_some() {
        out.annotations("  Annotations", template);
    }
    let spec = template.get("spec").unwrap_or(&Value::Null);
    match text(spec, &["serviceAccountName"]) {
        "" => {}
        account => out.line(1, format!("Service Account:\t{account}")),
    }
    let inits = list(spec, &["initContainers"]);
    if !inits.is_empty() {
        containers(out, "Init Containers", inits, None);
    }
    containers(out, "Containers", list(spec, &["containers"]), None);
    volumes(out, spec, "  ");
    match text(spec, &["priorityClassName"]) {
        "" => {}
        class => out.line(1, format!("Priority Class Name:\t{class}")),
    }
    out.labels("  Node-Selectors", spec, &["nodeSelector"]);
    tolerations(out, "  Tolerations", spec);
}
