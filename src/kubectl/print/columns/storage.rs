//! PersistentVolumes, claims and StorageClasses.

use super::{ALWAYS, Columns, WIDE, created};
use crate::api::objects::{BETA_DEFAULT_CLASS, DEFAULT_CLASS};
use crate::kubectl::fields::{is, list, name, text};
use crate::value::Value;

pub(super) const PERSISTENT_VOLUME: Columns = Columns {
    titles: &[
        ("NAME", ALWAYS),
        ("CAPACITY", ALWAYS),
        ("ACCESS MODES", ALWAYS),
        ("RECLAIM POLICY", ALWAYS),
        ("STATUS", ALWAYS),
        ("CLAIM", ALWAYS),
        ("STORAGECLASS", ALWAYS),
        ("VOLUMEATTRIBUTESCLASS", ALWAYS),
        ("REASON", ALWAYS),
        ("AGE", ALWAYS),
        ("VOLUMEMODE", WIDE),
    ],
    row: |value, now| {
        let claim = value.at(&["spec", "claimRef"]).map_or_else(String::new, |claim| {
            format!("{}/{}", text(claim, &["namespace"]), text(claim, &["name"]))
        });
        vec![
            name(value).into(),
            or_zero(text(value, &["spec", "capacity", "storage"])),
            access_modes(value, &["spec", "accessModes"]),
            text(value, &["spec", "persistentVolumeReclaimPolicy"]).into(),
            phase(value),
            claim,
            class(value),
            or_unset(text(value, &["spec", "volumeAttributesClassName"])),
            text(value, &["status", "reason"]).into(),
            created(value, now),
            or_unset(text(value, &["spec", "volumeMode"])),
        ]
    },
};

pub(super) const PERSISTENT_VOLUME_CLAIM: Columns = Columns {
    titles: &[
        ("NAME", ALWAYS),
        ("STATUS", ALWAYS),
        ("VOLUME", ALWAYS),
        ("CAPACITY", ALWAYS),
        ("ACCESS MODES", ALWAYS),
        ("STORAGECLASS", ALWAYS),
        ("VOLUMEATTRIBUTESCLASS", ALWAYS),
        ("AGE", ALWAYS),
        ("VOLUMEMODE", WIDE),
    ],
    row: |value, now| {
        let volume = text(value, &["spec", "volumeName"]);
        let [capacity, modes] = capacity_and_modes(value);
        vec![
            name(value).into(),
            phase(value),
            volume.into(),
            capacity,
            modes,
            class(value),
            or_unset(text(value, &["spec", "volumeAttributesClassName"])),
            created(value, now),
            or_unset(text(value, &["spec", "volumeMode"])),
        ]
    },
};

pub(super) const STORAGE_CLASS: Columns = Columns {
    titles: &[
        ("NAME", ALWAYS),
        ("PROVISIONER", ALWAYS),
        ("RECLAIMPOLICY", ALWAYS),
        ("VOLUMEBINDINGMODE", ALWAYS),
        ("ALLOWVOLUMEEXPANSION", ALWAYS),
        ("AGE", ALWAYS),
    ],
    row: |value, now| {
        let is_default = [DEFAULT_CLASS, BETA_DEFAULT_CLASS]
            .iter()
            .any(|key| text(value, &["metadata", "annotations", key]) == "true");
        vec![
            format!("{}{}", name(value), if is_default { " (default)" } else { "" }),
            text(value, &["provisioner"]).into(),
            text(value, &["reclaimPolicy"]).into(),
            text(value, &["volumeBindingMode"]).into(),
            is(value, &["allowVolumeExpansion"]).to_string(),
            created(value, now),
        ]
    },
};

/// What a claim has: how much, and how it can be mounted. Nothing while it has no volume.
pub(crate) fn capacity_and_modes(claim: &Value) -> [String; 2] {
    if text(claim, &["spec", "volumeName"]).is_empty() {
        return [String::new(), String::new()];
    }
    let capacity = or_zero(text(claim, &["status", "capacity", "storage"]));
    [capacity, access_modes(claim, &["status", "accessModes"])]
}

/// The class of a volume or a claim.
pub(crate) fn class(value: &Value) -> String {
    let old = text(value, &["metadata", "annotations", "volume.beta.kubernetes.io/storage-class"]);
    if old.is_empty() { text(value, &["spec", "storageClassName"]).into() } else { old.into() }
}

/// Access modes in their short forms and fixed order: `RWO,RWX`.
pub(crate) fn access_modes(value: &Value, path: &[&str]) -> String {
    let has = list(value, path);
    let short = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let modes = short.iter().filter(|(mode, _)| has.iter().any(|has| has.as_str() == Some(mode)));
    modes.map(|(_, short)| *short).collect::<Vec<_>>().join(",")
}

fn phase(value: &Value) -> String {
    let is_terminating = value.at(&["metadata", "deletionTimestamp"]).is_some();
    if is_terminating { "Terminating".into() } else { text(value, &["status", "phase"]).into() }
}

fn or_unset(text: &str) -> String {
    if text.is_empty() { "<unset>".into() } else { text.into() }
}

fn or_zero(amount: &str) -> String {
    if amount.is_empty() { "0".into() } else { amount.into() }
}
