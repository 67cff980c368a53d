//! Namespaces, Nodes, ConfigMaps, Secrets and Events.

use super::{ALWAYS, Columns, WIDE, created, or_none};
use crate::kubectl::fields::{is, list, name, number, pairs, text};
use crate::kubectl::print::age;

pub(super) const NAMESPACE: Columns = Columns {
    titles: &[("NAME", ALWAYS), ("STATUS", ALWAYS), ("AGE", ALWAYS)],
    row: |value, now| vec![name(value).into(), text(value, &["status", "phase"]).into(), created(value, now)],
};

pub(super) const NODE: Columns = Columns {
    titles: &[
        ("NAME", ALWAYS),
        ("STATUS", ALWAYS),
        ("ROLES", ALWAYS),
        ("AGE", ALWAYS),
        ("VERSION", ALWAYS),
        ("INTERNAL-IP", WIDE),
        ("EXTERNAL-IP", WIDE),
        ("OS-IMAGE", WIDE),
        ("KERNEL-VERSION", WIDE),
        ("CONTAINER-RUNTIME", WIDE),
    ],
    row: |value, now| {
        let ready = list(value, &["status", "conditions"])
            .iter()
            .find(|condition| text(condition, &["type"]) == "Ready")
            .map(|condition| text(condition, &["status"]));
        let mut status = match ready {
            Some("True") => "Ready",
            Some(_) => "NotReady",
            None => "Unknown",
        }
        .to_owned();
        if is(value, &["spec", "unschedulable"]) {
            status.push_str(",SchedulingDisabled");
        }
        let roles = pairs(value, &["metadata", "labels"]);
        let roles = roles.iter().filter_map(|(key, _)| key.strip_prefix("node-role.kubernetes.io/"));
        let address = |kind: &str| {
            let mut all = list(value, &["status", "addresses"]).iter();
            or_none(all.find(|a| text(a, &["type"]) == kind).map_or("", |a| text(a, &["address"])))
        };
        let info = |field| match text(value, &["status", "nodeInfo", field]) {
            "" => "<unknown>".to_owned(),
            text => text.to_owned(),
        };
        let kernel = match text(value, &["status", "nodeInfo", "architecture"]) {
            "" => info("kernelVersion"),
            architecture => format!("{} ({architecture})", info("kernelVersion")),
        };
        vec![
            name(value).into(),
            status,
            or_none(&roles.collect::<Vec<_>>().join(",")),
            created(value, now),
            text(value, &["status", "nodeInfo", "kubeletVersion"]).into(),
            address("InternalIP"),
            address("ExternalIP"),
            info("osImage"),
            kernel,
            info("containerRuntimeVersion"),
        ]
    },
};

pub(super) const CONFIG_MAP: Columns = Columns {
    titles: &[("NAME", ALWAYS), ("DATA", ALWAYS), ("AGE", ALWAYS)],
    row: |value, now| {
        let keys = pairs(value, &["data"]).len() + pairs(value, &["binaryData"]).len();
        vec![name(value).into(), keys.to_string(), created(value, now)]
    },
};

pub(super) const SECRET: Columns = Columns {
    titles: &[("NAME", ALWAYS), ("TYPE", ALWAYS), ("DATA", ALWAYS), ("AGE", ALWAYS)],
    row: |value, now| {
        let keys = pairs(value, &["data"]).len();
        vec![name(value).into(), text(value, &["type"]).into(), keys.to_string(), created(value, now)]
    },
};

pub(super) const EVENT: Columns = Columns {
    titles: &[
        ("LAST SEEN", ALWAYS),
        ("TYPE", ALWAYS),
        ("REASON", ALWAYS),
        ("OBJECT", ALWAYS),
        ("SUBOBJECT", WIDE),
        ("SOURCE", WIDE),
        ("MESSAGE", ALWAYS),
        ("FIRST SEEN", WIDE),
        ("COUNT", WIDE),
        ("NAME", WIDE),
    ],
    row: |event, now| {
        let seen = |field| match text(event, &[field]) {
            "" => None,
            time => Some(age::since(time, now)),
        };
        let first = seen("firstTimestamp").or_else(|| seen("eventTime")).unwrap_or("<unknown>".into());
        let last = seen("lastTimestamp").unwrap_or_else(|| first.clone());
        let kind = text(event, &["involvedObject", "kind"]).to_ascii_lowercase();
        let object = match text(event, &["involvedObject", "name"]) {
            "" => kind,
            name => format!("{kind}/{name}"),
        };
        let source = match (text(event, &["source", "component"]), text(event, &["source", "host"])) {
            ("", _) => text(event, &["reportingComponent"]).to_owned(),
            (component, "") => component.to_owned(),
            (component, host) => format!("{component}, {host}"),
        };
        vec![
            last,
            text(event, &["type"]).into(),
            text(event, &["reason"]).into(),
            object,
            text(event, &["involvedObject", "fieldPath"]).into(),
            source,
            text(event, &["message"]).trim().into(),
            first,
            number(event, &["count"]).max(1).to_string(),
            name(event).into(),
        ]
    },
};
