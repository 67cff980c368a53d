//! Who a Pod of a StatefulSet is: its number, its name, its labels, its volumes
//! (upstream: pkg/controller/statefulset/stateful_set_utils.go).

use super::claims;
use crate::api::Object;
use crate::api::objects::{Pod, PodTemplateSpec, StatefulSet, Volume};
use crate::cluster::controllers::pod_control::pod_from_template;
use crate::value::{Str, Value};
use std::rc::Rc;

/// The label with the name of the ControllerRevision that a Pod is of.
pub(super) const REVISION_LABEL: &str = "controller-revision-hash";
const POD_NAME_LABEL: &str = "statefulset.kubernetes.io/pod-name";
const POD_INDEX_LABEL: &str = "apps.kubernetes.io/pod-index";

/// The first number.
pub(super) fn start(set: &StatefulSet) -> i32 {
    set.spec.ordinals.as_ref().map_or(0, |ordinals| ordinals.start)
}

/// The numbers of the Pods that are wanted.
pub(super) fn ordinals(set: &StatefulSet) -> std::ops::Range<i32> {
    start(set)..start(set) + set.spec.replicas.unwrap_or(1)
}

/// The number in the name of a Pod, where it is a name of this StatefulSet.
pub(super) fn ordinal_of(set: &StatefulSet, pod: &str) -> Option<i32> {
    let (parent, digits) = pod.rsplit_once('-')?;
    let is_own = parent == &*set.metadata.name && !digits.is_empty();
    (is_own && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

/// The name of a Pod.
pub(super) fn pod_name(set: &StatefulSet, ordinal: i32) -> Str {
    format!("{}-{ordinal}", set.metadata.name).into()
}

/// The revision that a Pod is of; empty for none.
pub(super) fn revision_of(pod: &Pod) -> &str {
    pod.metadata.labels.get(REVISION_LABEL).map_or("", |revision| revision)
}

/// A new Pod of a revision's template.
pub(super) fn new_pod(
    set: &StatefulSet,
    owner: &Object,
    template: &PodTemplateSpec,
    revision: &str,
    ordinal: i32,
) -> Pod {
    let name = pod_name(set, ordinal);
    let mut pod = pod_from_template(owner, template);
    Rc::make_mut(&mut pod.metadata).labels.insert(REVISION_LABEL.into(), revision.into());
    let spec = Rc::make_mut(&mut pod.spec);
    (spec.hostname, spec.subdomain) = (name, set.spec.service_name.clone());
    give_identity(set, &mut pod, ordinal);
    give_storage(set, &mut pod, ordinal);
    pod
}

/// Gives a Pod the name and the labels of its number.
pub(super) fn give_identity(set: &StatefulSet, pod: &mut Pod, ordinal: i32) {
    let metadata = Rc::make_mut(&mut pod.metadata);
    metadata.name = pod_name(set, ordinal);
    metadata.namespace = set.metadata.namespace.clone();
    metadata.labels.insert(POD_NAME_LABEL.into(), metadata.name.clone());
    metadata.labels.insert(POD_INDEX_LABEL.into(), ordinal.to_string().into());
}

/// Gives a Pod the volumes of its claims, in place of others of their names.
pub(super) fn give_storage(set: &StatefulSet, pod: &mut Pod, ordinal: i32) {
    if set.spec.volume_claim_templates.is_empty() {
        return;
    }
    let templates = claims::templates(set);
    let mut volumes: Vec<Volume> = templates
        .map(|template| {
            let mut source = Value::object();
            source.set(&["claimName"], claims::name(set, template, ordinal));
            Volume { name: template.clone(), persistent_volume_claim: Some(source), ..Volume::default() }
        })
        .collect();
    let spec = Rc::make_mut(&mut pod.spec);
    let others = spec.volumes.drain(..);
    let is_free = |volume: &Volume| claims::templates(set).all(|name| *name != volume.name);
    volumes.extend(others.filter(is_free));
    spec.volumes = volumes;
}

/// Whether a Pod has the name and the label of its number.
pub(super) fn identity_matches(set: &StatefulSet, pod: &Pod) -> bool {
    ordinal_of(set, &pod.metadata.name).is_some_and(|ordinal| pod_name(set, ordinal) == pod.metadata.name)
        && pod.metadata.namespace == set.metadata.namespace
        && pod.metadata.labels.get(POD_NAME_LABEL) == Some(&pod.metadata.name)
}

/// Whether a Pod has the volumes of its claims.
pub(super) fn storage_matches(set: &StatefulSet, pod: &Pod) -> bool {
    let Some(ordinal) = ordinal_of(set, &pod.metadata.name) else { return false };
    claims::templates(set).all(|template| {
        let volume = pod.spec.volumes.iter().find(|volume| volume.name == *template);
        let claim = volume.and_then(|volume| volume.persistent_volume_claim.as_ref());
        let claim = claim.and_then(|claim| claim.get("claimName")?.as_str());
        claim == Some(&*claims::name(set, template, ordinal))
    })
}
