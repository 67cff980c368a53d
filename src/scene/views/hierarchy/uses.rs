//! What a Pod takes from ConfigMaps, Secrets, ServiceAccounts and claims.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::objects::{ObjectMeta, PodSpec};
use crate::api::{Kind, ObjectKey};
use crate::value::{Str, Value};

/// Who uses something: a workload, or a Pod that nobody made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct User {
    pub(super) name: Str,
    pub(super) kind: Kind,
}

/// What is used, and by whom.
#[derive(Debug, Default)]
pub(super) struct Uses(BTreeMap<ObjectKey, BTreeSet<User>>);

/// What every Pod has, and what therefore says nothing about one.
const EVERYWHERE: [(Kind, &str); 2] =
    [(Kind::ConfigMap, "kube-root-ca.crt"), (Kind::ServiceAccount, "default")];

impl Uses {
    /// Notes what a Pod's spec uses, which is that of this object or of its Pods.
    pub(super) fn note(&mut self, meta: &ObjectMeta, kind: Kind, spec: &PodSpec) {
        let user = User { name: meta.name.clone(), kind };
        for (kind, name) in used(spec) {
            if !name.is_empty() && !EVERYWHERE.contains(&(kind, name)) {
                let what = ObjectKey::new(kind, meta.namespace.clone(), name);
                self.0.entry(what).or_default().insert(user.clone());
            }
        }
    }
    /// Who uses this object, by name.
    pub(super) fn users_of(&self, object: &ObjectKey) -> Vec<User> {
        self.0.get(object).map(|users| users.iter().cloned().collect()).unwrap_or_default()
    }
}

/// The objects that a spec names, each as often as it does.
fn used<'a>(spec: &'a PodSpec) -> Vec<(Kind, &'a str)> {
    fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
        value.at(path).and_then(Value::as_str)
    }
    let mut found: Vec<(Kind, &str)> = vec![(Kind::ServiceAccount, &spec.service_account_name)];
    let mut add = |kind: Kind, name: Option<&'a str>| found.extend(name.map(|name| (kind, name)));
    // Not modelled, and kept as it was written.
    let secrets = spec.extra.as_ref().and_then(|extra| extra.get("imagePullSecrets")?.as_array());
    for secret in secrets.into_iter().flatten() {
        add(Kind::Secret, text(secret, &["name"]));
    }
    for volume in &spec.volumes {
        for source in volume.projected.iter().filter_map(|source| source.get("sources")?.as_array()).flatten()
        {
            add(Kind::ConfigMap, text(source, &["configMap", "name"]));
            add(Kind::Secret, text(source, &["secret", "name"]));
        }
        for (kind, source, field) in [
            (Kind::ConfigMap, &volume.config_map, "name"),
            (Kind::Secret, &volume.secret, "secretName"),
            (Kind::PersistentVolumeClaim, &volume.persistent_volume_claim, "claimName"),
        ] {
            add(kind, source.as_ref().and_then(|source| text(source, &[field])));
        }
    }
    let lists = [&spec.init_containers, &spec.containers, &spec.ephemeral_containers];
    for container in lists.into_iter().flatten() {
        for value in container.env.iter().filter_map(|variable| variable.value_from.as_ref()) {
            add(Kind::ConfigMap, text(value, &["configMapKeyRef", "name"]));
            add(Kind::Secret, text(value, &["secretKeyRef", "name"]));
        }
        for value in &container.env_from {
            add(Kind::ConfigMap, text(value, &["configMapRef", "name"]));
            add(Kind::Secret, text(value, &["secretRef", "name"]));
        }
    }
    found
}
