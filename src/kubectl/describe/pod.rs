//! A Pod.

use super::container::containers;
use super::volumes::{tolerations, volumes};
use super::{Text, controller, time};
use crate::kubectl::fields::{list, number, text};
use crate::kubectl::print::age;
use crate::value::Value;

/// Tells a Pod; `now` in microseconds since 1970.
pub(super) fn describe(out: &mut Text, pod: &Value, now: u64) {
    out.head(pod);
    if let Some(priority) = pod.at(&["spec", "priority"]).and_then(Value::as_int) {
        out.line(0, format!("Priority:\t{priority}"));
    }
    for (field, title) in
        [("priorityClassName", "Priority Class Name"), ("serviceAccountName", "Service Account")]
    {
        match text(pod, &["spec", field]) {
            "" => {}
            name => out.line(0, format!("{title}:\t{name}")),
        }
    }
    out.line(
        0,
        match text(pod, &["spec", "nodeName"]) {
            "" => "Node:\t<none>".to_owned(),
            node => format!("Node:\t{node}/{}", text(pod, &["status", "hostIP"])),
        },
    );
    match text(pod, &["status", "startTime"]) {
        "" => {}
        started => out.line(0, format!("Start Time:\t{}", time(started))),
    }
    out.labels_and_annotations(pod);
    status(out, pod, now);
    out.line(0, format!("IP:\t{}", text(pod, &["status", "podIP"])));
    let addresses = list(pod, &["status", "podIPs"]);
    out.line(0, if addresses.is_empty() { "IPs:\t<none>" } else { "IPs:" });
    addresses.iter().for_each(|address| out.line(1, format!("IP:\t{}", text(address, &["ip"]))));
    if let Some(owner) = controller(pod) {
        out.line(0, format!("Controlled By:\t{owner}"));
    }
    match text(pod, &["status", "nominatedNodeName"]) {
        "" => {}
        node => out.line(0, format!("NominatedNodeName:\t{node}")),
    }
    let inits = list(pod, &["spec", "initContainers"]);
    if !inits.is_empty() {
        let statuses = list(pod, &["status", "initContainerStatuses"]);
        containers(out, "Init Containers", inits, Some((pod, statuses)));
    }
    let statuses = list(pod, &["status", "containerStatuses"]);
    containers(out, "Containers", list(pod, &["spec", "containers"]), Some((pod, statuses)));
    let added = list(pod, &["spec", "ephemeralContainers"]);
    if !added.is_empty() {
        let statuses = list(pod, &["status", "ephemeralContainerStatuses"]);
        containers(out, "Ephemeral Containers", added, Some((pod, statuses)));
    }
    conditions(out, pod);
    let spec = pod.get("spec").unwrap_or(&Value::Null);
    volumes(out, spec, "");
    out.line(0, format!("QoS Class:\t{}", text(pod, &["status", "qosClass"])));
    out.labels("Node-Selectors", pod, &["spec", "nodeSelector"]);
    tolerations(out, "Tolerations", spec);
}

fn status(out: &mut Text, pod: &Value, now: u64) {
    let phase = text(pod, &["status", "phase"]);
    match text(pod, &["metadata", "deletionTimestamp"]) {
        "" => out.line(0, format!("Status:\t{phase}")),
        _ if matches!(phase, "Failed" | "Succeeded") => out.line(0, format!("Status:\t{phase}")),
        deleted => {
            out.line(0, format!("Status:\tTerminating (lasts {})", age::since(deleted, now)));
            let grace = number(pod, &["metadata", "deletionGracePeriodSeconds"]);
            out.line(0, format!("Termination Grace Period:\t{grace}s"));
        }
    }
    for (field, title) in [("reason", "Reason"), ("message", "Message")] {
        match text(pod, &["status", field]) {
            "" => {}
            text => out.line(0, format!("{title}:\t{text}")),
        }
    }
}

fn conditions(out: &mut Text, pod: &Value) {
    let conditions = list(pod, &["status", "conditions"]);
    let gates = list(pod, &["spec", "readinessGates"]);
    if !gates.is_empty() {
        out.line(0, "Readiness Gates:\n  Type\tStatus");
        for gate in gates {
            let kind = text(gate, &["conditionType"]);
            let found = conditions.iter().find(|condition| text(condition, &["type"]) == kind);
            out.line(1, format!("{kind} \t{} ", found.map_or("<none>", |found| text(found, &["status"]))));
        }
    }
    if !conditions.is_empty() {
        out.line(0, "Conditions:\n  Type\tStatus");
        for condition in conditions {
            out.line(1, format!("{} \t{} ", text(condition, &["type"]), text(condition, &["status"])));
        }
    }
}
