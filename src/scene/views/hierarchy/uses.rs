//! What a Pod takes from ConfigMaps, Secrets, ServiceAccounts and claims.

use crate::api::objects::{ObjectMeta, Pod, PodSpec, StatefulSet};
use crate::api::volumes::claims_of;
use crate::api::{Kind, ObjectKey};
use crate::value::{Str, Value};
use std::collections::BTreeMap;

/// Who uses something: a workload, a Pod that nobody made, or one that has a claim for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct User {
    pub(super) name: Str,
    pub(super) kind: Kind,
    pub(super) is_there: bool,
}

/// What is used, and by whom.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// The users by name and kind, and whether each is there.
    all: BTreeMap<ObjectKey, BTreeMap<(Str, Kind), bool>>,
    /// The claims that only Pods name, and who makes the first of these.
    of_pods: BTreeMap<ObjectKey, ObjectKey>,
    /// What the claims of a StatefulSet's Pods are called before their numbers.
    templates: Vec<(String, ObjectKey)>,
}

/// What every Pod has, and what therefore says nothing about one.
const EVERYWHERE: [(Kind, &str); 2] =
    [(Kind::ConfigMap, "kube-root-ca.crt"), (Kind::ServiceAccount, "default")];

impl Uses {
    /// Notes what a Pod's spec uses, which is that of this object or of its Pods.
    pub(super) fn note(&mut self, meta: &ObjectMeta, kind: Kind, spec: &PodSpec, is_there: bool) {
        for (used, name) in used(spec) {
            if !name.is_empty() && !EVERYWHERE.contains(&(used, name)) {
                self.add(ObjectKey::new(used, meta.namespace.clone(), name), &meta.name, kind, is_there);
            }
        }
    }
    fn add(&mut self, what: ObjectKey, name: &Str, kind: Kind, is_there: bool) {
        *self.all.entry(what).or_default().entry((name.clone(), kind)).or_default() |= is_there;
    }
    /// Notes the claims of a Pod that no workload names: once all workloads are noted.
    pub(super) fn note_claims(&mut self, pod: &Pod, owner: Option<&ObjectKey>, is_there: bool) {
        let meta = &pod.metadata;
        for name in claims_of(pod) {
            let claim = ObjectKey::new(Kind::PersistentVolumeClaim, meta.namespace.clone(), name);
            let mut users = self.all.get(&claim).into_iter().flatten();
            if users.all(|((_, kind), _)| *kind == Kind::Pod) {
                let maker = || ObjectKey::new(Kind::Pod, meta.namespace.clone(), meta.name.clone());
                let maker = owner.cloned().unwrap_or_else(maker);
                self.of_pods.entry(claim.clone()).or_insert(maker);
                self.add(claim, &meta.name, Kind::Pod, is_there);
            }
        }
    }
    /// Notes what the claims of a StatefulSet's Pods are called: they stay when a Pod is scaled away.
    pub(super) fn note_templates(&mut self, set: &StatefulSet) {
        let meta = &set.metadata;
        let key = ObjectKey::new(Kind::StatefulSet, meta.namespace.clone(), meta.name.clone());
        for template in &set.spec.volume_claim_templates {
            self.templates.push((format!("{}-{}-", template.metadata.name, meta.name), key.clone()));
        }
    }
    /// Whose Pods a claim is for, which each have one for itself.
    pub(super) fn maker_of(&self, claim: &ObjectKey) -> Option<ObjectKey> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_its = |(begin, set): &&(String, ObjectKey)| {
            claim.kind == Kind::PersistentVolumeClaim
                && set.namespace == claim.namespace
                && claim.name.strip_prefix(&**begin).is_some_and(is_number)
        };
        let set = || self.templates.iter().find(is_its).map(|(_, set)| set);
        self.of_pods.get(claim).or_else(set).cloned()
    }
    /// Who uses this object, by name.
    pub(super) fn users_of(&self, object: &ObjectKey) -> Vec<User> {
        let users = self.all.get(object).into_iter().flatten();
        users
            .map(|((name, kind), is_there)| User { name: name.clone(), kind: *kind, is_there: *is_there })
            .collect()
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
