//! The claims of a StatefulSet's Pods, and who owns them as the retention policy says
//! (upstream: pkg/controller/statefulset/stateful_set_utils.go).

use super::identity::{ordinal_of, ordinals};
use crate::api::Object;
use crate::api::objects::{
    ClaimRetentionPolicy, ObjectMeta, OwnerReference, PersistentVolumeClaim, Pod, StatefulSet,
};
use crate::cluster::controllers::ownership::controller_reference;
use crate::value::Str;
use std::rc::Rc;

/// The names of the claims' templates.
pub(super) fn templates(set: &StatefulSet) -> impl Iterator<Item = &Str> {
    set.spec.volume_claim_templates.iter().map(|template| &template.metadata.name)
}

/// The name of a Pod's claim.
pub(super) fn name(set: &StatefulSet, template: &str, ordinal: i32) -> Str {
    format!("{template}-{}-{ordinal}", set.metadata.name).into()
}

/// The names of a Pod's claims.
pub(super) fn names(set: &StatefulSet, ordinal: i32) -> impl Iterator<Item = Str> {
    templates(set).map(move |template| name(set, template, ordinal))
}

/// The claims that a Pod is to have, as they are made.
pub(super) fn wanted(set: &StatefulSet, ordinal: i32) -> Vec<Object> {
    let made = set.spec.volume_claim_templates.iter().map(|template| {
        let mut metadata = ObjectMeta::clone(&template.metadata);
        metadata.name = name(set, &template.metadata.name, ordinal);
        metadata.namespace = set.metadata.namespace.clone();
        metadata.labels.extend(set.spec.selector.match_labels.clone());
        let claim = PersistentVolumeClaim {
            metadata: Rc::new(metadata),
            spec: template.spec.clone(),
            ..PersistentVolumeClaim::default()
        };
        Object::from(claim)
    });
    made.collect()
}

/// Whether claims that a StatefulSet scales away are deleted, and those of a StatefulSet that is deleted.
fn deletes(set: &StatefulSet) -> (bool, bool) {
    let deletes = |when: fn(&ClaimRetentionPolicy) -> &Str| {
        set.spec
            .persistent_volume_claim_retention_policy
            .as_ref()
            .is_some_and(|policy| &**when(policy) == "Delete")
    };
    (deletes(|policy| &policy.when_scaled), deletes(|policy| &policy.when_deleted))
}

/// Whether claims of Pods that are not wanted any more are deleted.
pub(super) fn deletes_scaled(set: &StatefulSet) -> bool {
    deletes(set).0
}

/// A StatefulSet or a Pod, as the owner of a claim.
#[derive(Clone, Copy)]
struct Owner<'a>(&'a Object);

impl Owner<'_> {
    /// Whether a reference is to an object of this kind and name, be it another of the name.
    fn is_named(self, reference: &OwnerReference) -> bool {
        let (object, meta) = (self.0, self.0.meta());
        reference.api_version == object.api_version()
            && *reference.kind == *object.kind().info().name
            && reference.name == meta.name
    }
    fn owns(self, claim: &Object) -> bool {
        claim.meta().owner_references.iter().any(|reference| reference.uid == self.0.meta().uid)
    }
    /// Whether a claim is of another object of this name, which is gone.
    fn is_stale(self, claim: &Object) -> bool {
        let first = claim.meta().owner_references.iter().find(|reference| self.is_named(reference));
        first.is_some_and(|reference| reference.uid != self.0.meta().uid)
    }
}

/// Whether a claim is of an earlier Pod of this name.
pub(super) fn is_of_earlier_pod(claim: &Object, pod: &Pod) -> bool {
    Owner(&Object::from(pod.clone())).is_stale(claim)
}

/// Whether somebody else manages a claim that the policy would have deleted.
pub(super) fn has_unexpected_controller(claim: &Object, set: &Object, pod: &Object) -> bool {
    if set.get::<StatefulSet>().is_none_or(|set| deletes(set) == (false, false)) {
        return false;
    }
    claim.meta().owner_references.iter().any(|reference| {
        match [Owner(set), Owner(pod)].into_iter().find(|owner| owner.is_named(reference)) {
            Some(Owner(owner)) => reference.uid != owner.meta().uid,
            None => reference.controller == Some(true),
        }
    })
}

/// Who owns a claim by the policy: the StatefulSet, the Pod.
fn wanted_owners(set: &StatefulSet, pod: &Object) -> (bool, bool) {
    let is_scaled_away =
        ordinal_of(set, &pod.meta().name).is_none_or(|ordinal| !ordinals(set).contains(&ordinal));
    match deletes(set) {
        (false, when_deleted) => (when_deleted, false),
        (true, when_deleted) => (when_deleted && !is_scaled_away, is_scaled_away),
    }
}

/// Whether a claim has the owners that the policy gives it. One in an unknown state is left alone.
pub(super) fn is_owner_up_to_date(claim: &Object, set: &Object, pod: &Object) -> bool {
    let Some(typed) = set.get::<StatefulSet>() else { return true };
    let (set_owner, pod_owner) = (Owner(set), Owner(pod));
    if set_owner.is_stale(claim) || pod_owner.is_stale(claim) {
        return true;
    }
    if has_unexpected_controller(claim, set, pod) {
        return !set_owner.owns(claim) && !pod_owner.owns(claim);
    }
    let only_owns = claim.meta().owner_references.iter().any(|reference| {
        (reference.uid == set.meta().uid || reference.uid == pod.meta().uid)
            && reference.controller != Some(true)
    });
    !only_owns && (set_owner.owns(claim), pod_owner.owns(claim)) == wanted_owners(typed, pod)
}

/// Gives a claim the owners that the policy says.
pub(super) fn update_owner(claim: &mut Object, set: &Object, pod: &Object) {
    let Some(typed) = set.get::<StatefulSet>() else { return };
    let is_unexpected = has_unexpected_controller(claim, set, pod);
    let owners = &mut claim.meta_mut().owner_references;
    owners.retain(|reference| !Owner(set).is_named(reference) && !Owner(pod).is_named(reference));
    if is_unexpected {
        return;
    }
    let (by_set, by_pod) = wanted_owners(typed, pod);
    for owner in [by_pod.then_some(pod), by_set.then_some(set)].into_iter().flatten() {
        owners.push(controller_reference(owner));
    }
}
