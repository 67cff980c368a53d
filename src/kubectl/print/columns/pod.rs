//! Pods.

use super::{ALWAYS, Columns, Row, WIDE, created, or_none};
use crate::api::objects::Pod;
use crate::api::pod_columns::pod_columns;
use crate::cluster::time::parse_rfc3339;
use crate::kubectl::fields::{list, name, text};
use crate::kubectl::print::age;
use crate::value::Value;
use crate::value::typed::Typed;

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

fn row(pod: &Value, now: u64) -> Row {
    // What the server gave decodes; an empty Pod is the row of one that does not.
    let columns = pod_columns(&Pod::decode(pod).unwrap_or_default());
    let restarts = match columns.last_restart.as_deref().and_then(parse_rfc3339) {
        Some(last) if columns.restarts > 0 => {
            format!("{} ({} ago)", columns.restarts, age::human(now as i64 - last as i64))
        }
        _ => columns.restarts.to_string(),
    };
    let gates = list(pod, &["spec", "readinessGates"]);
    let open = gates.iter().filter(|gate| holds(pod, text(gate, &["conditionType"]))).count();
    vec![
        name(pod).into(),
        columns.ready_text(),
        columns.status.to_string(),
        restarts,
        created(pod, now),
        or_none(list(pod, &["status", "podIPs"]).first().map_or("", |ip| text(ip, &["ip"]))),
        or_none(text(pod, &["spec", "nodeName"])),
        or_none(text(pod, &["status", "nominatedNodeName"])),
        if gates.is_empty() { "<none>".into() } else { format!("{open}/{}", gates.len()) },
    ]
}

/// Whether a condition of the Pod holds.
fn holds(pod: &Value, kind: &str) -> bool {
    list(pod, &["status", "conditions"])
        .iter()
        .any(|condition| text(condition, &["type"]) == kind && text(condition, &["status"]) == "True")
}
