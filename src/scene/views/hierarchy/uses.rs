//! What a Pod takes from ConfigMaps, Secrets, ServiceAccounts and claims.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::Kind;
use crate::api::objects::PodSpec;
use crate::value::{Str, Value};

/// An object that a Pod uses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use {
    pub(super) kind: Kind,
    pub(super) namespace: Str,
    pub(super) name: Str,
}

/// What every Pod has, and what therefore says nothing about one.
const EVERYWHERE: [(Kind, &str); 2] =
    [(Kind::ConfigMap, "kube-root-ca.crt"), (Kind::ServiceAccount, "default")];

/// Notes what a Pod's spec uses, under the name of who uses it.
pub(super) fn uses(namespace: &Str, spec: &PodSpec, user: &Str, used: &mut BTreeMap<Use, BTreeSet<Str>>) {
    let mut add = |kind: Kind, name: &str| {
        if !name.is_empty() && !EVERYWHERE.contains(&(kind, name)) {
            let what = Use { kind, namespace: namespace.clone(), name: name.into() };
            used.entry(what).or_default().insert(user.clone());
        }
    };
    add(Kind::ServiceAccount, &spec.service_account_name);
    let text = |value: &Value, path: &[&str]| -> Option<Str> {
        value.at(path).and_then(Value::as_str).map(Str::from)
    };
    let mut both = |value: &Value, config_map: [&str; 2], secret: [&str; 2]| {
        for (kind, path) in [(Kind::ConfigMap, config_map), (Kind::Secret, secret)] {
            if let Some(name) = text(value, &path) {
                add(kind, &name);
            }
        }
    };
    for volume in &spec.volumes {
        let sources = volume.projected.iter().filter_map(|projected| projected.get("sources")?.as_array());
        for source in sources.flatten() {
            both(source, ["configMap", "name"], ["secret", "name"]);
        }
    }
    for container in spec.init_containers.iter().chain(&spec.containers) {
        for value in container.env.iter().filter_map(|variable| variable.value_from.as_ref()) {
            both(value, ["configMapKeyRef", "name"], ["secretKeyRef", "name"]);
        }
        for value in &container.env_from {
            both(value, ["configMapRef", "name"], ["secretRef", "name"]);
        }
    }
    for volume in &spec.volumes {
        if let Some(name) = volume.config_map.as_ref().and_then(|source| text(source, &["name"])) {
            add(Kind::ConfigMap, &name);
        }
        if let Some(name) = volume.secret.as_ref().and_then(|source| text(source, &["secretName"])) {
            add(Kind::Secret, &name);
        }
        if let Some(name) =
            volume.persistent_volume_claim.as_ref().and_then(|source| text(source, &["claimName"]))
        {
            add(Kind::PersistentVolumeClaim, &name);
        }
    }
}
