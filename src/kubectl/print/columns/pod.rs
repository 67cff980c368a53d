//! Pods.

use super::{ALWAYS, Columns, Row, WIDE, created, or_none};
use crate::cluster::time::parse_rfc3339;
use crate::kubectl::fields::{is, list, name, number, text};
use crate::kubectl::print::age;
use crate::value::Value;

pub(super) const COLUMNS: Columns = Columns {
    titles: &[
        ("NAME", ALWAYS),
        ("READY", ALWAYS),
        ("STATUS", ALWAYS),
        ("RESTARTS", ALWAYS),
        ("AGE", ALWAYS),
        ("IP", WIDE),
        ("NODE", WIDE),
        ("NOMINATED NODE", WIDE),
        ("READINESS GATES", WIDE),
    ],
    row,
};

/// What the columns READY, STATUS and RESTARTS say.
#[derive(Debug, Default)]
struct Summary {
    ready: usize,
    total: usize,
    status: String,
    restarts: i64,
    /// When a container last ended, in microseconds since 1970.
    last_restart: Option<u64>,
}

/// The column STATUS of a Pod.
pub(crate) fn status(pod: &Value) -> String {
    summary(pod).status
}

fn row(pod: &Value, now: u64) -> Row {
    let summary = summary(pod);
    let restarts = match summary.last_restart {
        Some(last) if summary.restarts > 0 => {
            format!("{} ({} ago)", summary.restarts, age::human(now as i64 - last as i64))
        }
        _ => summary.restarts.to_string(),
    };
    let gates = list(pod, &["spec", "readinessGates"]);
    let open = gates.iter().filter(|gate| has(pod, text(gate, &["conditionType"]))).count();
    vec![
        name(pod).into(),
        format!("{}/{}", summary.ready, summary.total),
        summary.status,
        restarts,
        created(pod, now),
        or_none(list(pod, &["status", "podIPs"]).first().map_or("", |ip| text(ip, &["ip"]))),
        or_none(text(pod, &["spec", "nodeName"])),
        or_none(text(pod, &["status", "nominatedNodeName"])),
        if gates.is_empty() { "<none>".into() } else { format!("{open}/{}", gates.len()) },
    ]
}

/// Whether a condition of the Pod holds.
fn has(pod: &Value, kind: &str) -> bool {
    list(pod, &["status", "conditions"])
        .iter()
        .any(|condition| text(condition, &["type"]) == kind && text(condition, &["status"]) == "True")
}

fn summary(pod: &Value) -> Summary {
    let phase = text(pod, &["status", "phase"]);
    let reason = text(pod, &["status", "reason"]);
    let inits = list(pod, &["spec", "initContainers"]);
    let is_sidecar = |name: &str| {
        inits.iter().any(|init| text(init, &["name"]) == name && text(init, &["restartPolicy"]) == "Always")
    };
    let sidecars = inits.iter().filter(|init| text(init, &["restartPolicy"]) == "Always").count();
    let mut out = Summary {
        total: list(pod, &["spec", "containers"]).len() + sidecars,
        status: if reason.is_empty() { phase } else { reason }.to_owned(),
        ..Summary::default()
    };
    let is_gated = list(pod, &["status", "conditions"]).iter().any(|condition| {
        text(condition, &["type"]) == "PodScheduled" && text(condition, &["reason"]) == "SchedulingGated"
    });
    if is_gated {
        out.status = "SchedulingGated".into();
    }
    let mut of_sidecars = (0, None);
    let mut is_initializing = false;
    for (i, container) in list(pod, &["status", "initContainerStatuses"]).iter().enumerate() {
        out.count(container);
        let is_sidecar = is_sidecar(text(container, &["name"]));
        if is_sidecar {
            of_sidecars.0 += number(container, &["restartCount"]);
            of_sidecars.1 = of_sidecars.1.max(ended_before(container));
        }
        let terminated = container.at(&["state", "terminated"]);
        let waiting = text(container, &["state", "waiting", "reason"]);
        if terminated.is_some_and(|terminated| number(terminated, &["exitCode"]) == 0) {
            continue;
        }
        if is_sidecar && is(container, &["started"]) {
            out.ready += usize::from(is(container, &["ready"]));
            continue;
        }
        out.status = match terminated {
            Some(terminated) => format!("Init:{}", how(terminated)),
            None if !waiting.is_empty() && waiting != "PodInitializing" => format!("Init:{waiting}"),
            None => format!("Init:{i}/{}", inits.len()),
        };
        is_initializing = true;
        break;
    }
    if !is_initializing || has(pod, "Initialized") {
        (out.restarts, out.last_restart) = of_sidecars;
        out.running_containers(pod);
    }
    if pod.at(&["metadata", "deletionTimestamp"]).is_some() {
        if reason == "NodeLost" {
            out.status = "Unknown".into();
        } else if !matches!(phase, "Succeeded" | "Failed") {
            out.status = "Terminating".into();
        }
    }
    out
}

impl Summary {
    fn count(&mut self, container: &Value) {
        self.restarts += number(container, &["restartCount"]);
        self.last_restart = self.last_restart.max(ended_before(container));
    }
    fn running_containers(&mut self, pod: &Value) {
        let mut is_running = false;
        for container in list(pod, &["status", "containerStatuses"]).iter().rev() {
            self.count(container);
            let waiting = text(container, &["state", "waiting", "reason"]);
            if !waiting.is_empty() {
                self.status = waiting.into();
            } else if let Some(terminated) = container.at(&["state", "terminated"]) {
                self.status = how(terminated);
            } else if is(container, &["ready"]) && container.at(&["state", "running"]).is_some() {
                is_running = true;
                self.ready += 1;
            }
        }
        if self.status == "Completed" && is_running {
            self.status = if has(pod, "Ready") { "Running" } else { "NotReady" }.into();
        }
    }
}

/// How a container ended.
fn how(terminated: &Value) -> String {
    match (text(terminated, &["reason"]), number(terminated, &["signal"])) {
        ("", 0) => format!("ExitCode:{}", number(terminated, &["exitCode"])),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.into(),
    }
}

/// When a container ended before its last restart.
fn ended_before(container: &Value) -> Option<u64> {
    parse_rfc3339(text(container, &["lastState", "terminated", "finishedAt"]))
}
