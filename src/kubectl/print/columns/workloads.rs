//! Workloads and the revisions of their templates.

use super::{ALWAYS, Columns, WIDE, created};
use crate::api::Kind;
use crate::kubectl::fields::{is, list, name, number, text};
use crate::kubectl::verbs::selector;
use crate::value::Value;

pub(super) const DEPLOYMENT: Columns = Columns {
    titles: &[
        ("NAME", ALWAYS),
        ("READY", ALWAYS),
        ("UP-TO-DATE", ALWAYS),
        ("AVAILABLE", ALWAYS),
        ("AGE", ALWAYS),
        ("CONTAINERS", WIDE),
        ("IMAGES", WIDE),
        ("SELECTOR", WIDE),
    ],
    row: |value, now| {
        let status = |field| number(value, &["status", field]);
        let [containers, images] = containers(value);
        vec![
            name(value).into(),
            format!("{}/{}", status("readyReplicas"), number(value, &["spec", "replicas"])),
            status("updatedReplicas").to_string(),
            status("availableReplicas").to_string(),
            created(value, now),
            containers,
            images,
            selector_or_none(value),
        ]
    },
};

/// Of an `autoscaling/v1` Scale.
pub(super) const SCALE: Columns = Columns {
    titles: &[("NAME", ALWAYS), ("DESIRED", ALWAYS), ("AVAILABLE", ALWAYS), ("AGE", ALWAYS)],
    row: |value, now| {
        vec![
            name(value).into(),
            number(value, &["spec", "replicas"]).to_string(),
            number(value, &["status", "replicas"]).to_string(),
            created(value, now),
        ]
    },
};

pub(super) const REPLICA_SET: Columns = Columns {
    titles: &[
        ("NAME", ALWAYS),
        ("DESIRED", ALWAYS),
        ("CURRENT", ALWAYS),
        ("READY", ALWAYS),
        ("AGE", ALWAYS),
        ("CONTAINERS", WIDE),
        ("IMAGES", WIDE),
        ("SELECTOR", WIDE),
    ],
    row: |value, now| {
        let [containers, images] = containers(value);
        vec![
            name(value).into(),
            number(value, &["spec", "replicas"]).to_string(),
            number(value, &["status", "replicas"]).to_string(),
            number(value, &["status", "readyReplicas"]).to_string(),
            created(value, now),
            containers,
            images,
            selector_or_none(value),
        ]
    },
};

pub(super) const STATEFUL_SET: Columns = Columns {
    titles: &[("NAME", ALWAYS), ("READY", ALWAYS), ("AGE", ALWAYS), ("CONTAINERS", WIDE), ("IMAGES", WIDE)],
    row: |value, now| {
        let [containers, images] = containers(value);
        let (ready, wanted) = (["status", "readyReplicas"], ["spec", "replicas"]);
        vec![
            name(value).into(),
            format!("{}/{}", number(value, &ready), number(value, &wanted)),
            created(value, now),
            containers,
            images,
        ]
    },
};

pub(super) const DAEMON_SET: Columns = Columns {
    titles: &[
        ("NAME", ALWAYS),
        ("DESIRED", ALWAYS),
        ("CURRENT", ALWAYS),
        ("READY", ALWAYS),
        ("UP-TO-DATE", ALWAYS),
        ("AVAILABLE", ALWAYS),
        ("NODE SELECTOR", ALWAYS),
        ("AGE", ALWAYS),
        ("CONTAINERS", WIDE),
        ("IMAGES", WIDE),
        ("SELECTOR", WIDE),
    ],
    row: |value, now| {
        let status = |field| number(value, &["status", field]).to_string();
        let [containers, images] = containers(value);
        vec![
            name(value).into(),
            status("desiredNumberScheduled"),
            status("currentNumberScheduled"),
            status("numberReady"),
            status("updatedNumberScheduled"),
            status("numberAvailable"),
            super::labels(value, &["spec", "template", "spec", "nodeSelector"]),
            created(value, now),
            containers,
            images,
            selector_or_none(value),
        ]
    },
};

pub(super) const CONTROLLER_REVISION: Columns = Columns {
    titles: &[("NAME", ALWAYS), ("CONTROLLER", ALWAYS), ("REVISION", ALWAYS), ("AGE", ALWAYS)],
    row: |value, now| {
        let is_controller = |owner: &&Value| is(owner, &["controller"]);
        let owner = list(value, &["metadata", "ownerReferences"]).iter().find(is_controller);
        let owner = owner.map_or("<none>".to_owned(), |owner| {
            let kind = Kind::of(text(owner, &["apiVersion"]), text(owner, &["kind"]));
            format!("{}/{}", kind.map(Kind::singular).unwrap_or_default(), text(owner, &["name"]))
        });
        vec![name(value).into(), owner, number(value, &["revision"]).to_string(), created(value, now)]
    },
};

/// The names and the images of a template's containers.
fn containers(value: &Value) -> [String; 2] {
    containers_of(value, &["spec", "template", "spec", "containers"])
}

/// The names and the images of the containers at a path.
pub(super) fn containers_of(value: &Value, path: &[&str]) -> [String; 2] {
    let all = list(value, path);
    ["name", "image"].map(|field| all.iter().map(|item| text(item, &[field])).collect::<Vec<_>>().join(","))
}

fn selector_or_none(value: &Value) -> String {
    super::or_none(&selector(value))
}
