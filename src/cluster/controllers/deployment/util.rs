//! Revisions, annotations, bounds (upstream: pkg/controller/deployment/util/deployment_util.go).

use crate::api::objects::{Deployment, DeploymentStatus, Labels, PodTemplateSpec, ReplicaSet};
use crate::cluster::chance::{safe_encode, stable_hash};
use crate::value::typed::Typed;
use crate::value::{Str, Value, json};
use std::rc::Rc;

/// The label that tells ReplicaSets of one Deployment apart.
pub(super) const HASH_LABEL: &str = "pod-template-hash";
/// Which rollout a ReplicaSet is of.
pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";
/// Which rollouts it was of before.
pub(super) const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
/// How many Pods the Deployment wanted when it last scaled the ReplicaSet.
pub(super) const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
/// How many Pods the Deployment allowed then.
pub(super) const MAX: &str = "deployment.kubernetes.io/max-replicas";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
const ROLLBACK_TO: &str = "deprecated.deployment.rollback.to";

/// How many Pods are wanted.
pub(super) fn wanted(deployment: &Deployment) -> i32 {
    deployment.spec.replicas.unwrap_or(1)
}

/// How many Pods a ReplicaSet's spec wants.
pub(super) fn spec_replicas(replica_set: &ReplicaSet) -> i32 {
    replica_set.spec.replicas.unwrap_or(1)
}

/// What several ReplicaSets' specs want together.
pub(super) fn spec_replicas_of<'a>(sets: impl IntoIterator<Item = &'a Rc<ReplicaSet>>) -> i32 {
    sets.into_iter().map(|set| spec_replicas(set)).sum()
}

/// What several ReplicaSets have available together.
pub(super) fn available_of<'a>(sets: impl IntoIterator<Item = &'a Rc<ReplicaSet>>) -> i32 {
    sets.into_iter().map(|set| set.status.available_replicas).sum()
}

/// A number or a percentage of `total`.
pub(in crate::cluster::controllers) fn scaled(value: Option<&Value>, total: i32, rounds_up: bool) -> i32 {
    match value {
        Some(Value::Int(n)) => i32::try_from(*n).unwrap_or(0),
        Some(Value::String(text)) => {
            let percent: i64 = text.strip_suffix('%').and_then(|digits| digits.parse().ok()).unwrap_or(0);
            let product = percent * i64::from(total);
            (if rounds_up { (product + 99) / 100 } else { product / 100 }) as i32
        }
        _ => 0,
    }
}

/// Surge (rounded up) and unavailability (rounded down); where both come to 0, one may be unavailable.
fn fenceposts(deployment: &Deployment) -> (i32, i32) {
    let rolling = deployment.spec.strategy.rolling_update.as_ref();
    let total = wanted(deployment);
    let surge = scaled(rolling.and_then(|rolling| rolling.max_surge.as_ref()), total, true);
    let unavailable = scaled(rolling.and_then(|rolling| rolling.max_unavailable.as_ref()), total, false);
    if surge == 0 && unavailable == 0 { (0, 1) } else { (surge, unavailable) }
}

fn is_rolling(deployment: &Deployment) -> bool {
    &*deployment.spec.strategy.kind == "RollingUpdate"
}

/// How many Pods there may be above what is wanted.
pub(super) fn max_surge(deployment: &Deployment) -> i32 {
    if is_rolling(deployment) { fenceposts(deployment).0 } else { 0 }
}

/// How many Pods may be missing.
pub(super) fn max_unavailable(deployment: &Deployment) -> i32 {
    if !is_rolling(deployment) || wanted(deployment) == 0 { 0 } else { fenceposts(deployment).1.min(wanted(deployment)) }
}

/// The template without the label that the controller adds.
fn without_hash(template: &PodTemplateSpec) -> PodTemplateSpec {
    let mut template = template.clone();
    Rc::make_mut(&mut template.metadata).labels.remove(HASH_LABEL);
    template
}

/// Whether a ReplicaSet has the Deployment's template.
pub(super) fn has_template(replica_set: &ReplicaSet, deployment: &Deployment) -> bool {
    without_hash(&replica_set.spec.template) == without_hash(&deployment.spec.template)
}

/// The ReplicaSet of the newest template; of several the oldest.
pub(super) fn find_new_replica_set(deployment: &Deployment, sets: &[Rc<ReplicaSet>]) -> Option<Rc<ReplicaSet>> {
    let mut sorted: Vec<_> = sets.iter().collect();
    sorted.sort_by(|a, b| by_creation(a, b));
    sorted.into_iter().find(|set| has_template(set, deployment)).cloned()
}

/// Older first, then by name.
pub(super) fn by_creation(a: &Rc<ReplicaSet>, b: &Rc<ReplicaSet>) -> std::cmp::Ordering {
    (&a.metadata.creation_timestamp, &a.metadata.name).cmp(&(&b.metadata.creation_timestamp, &b.metadata.name))
}

/// The hash of a template in letters. Its digits are this simulation's own: they say which template, not what
/// a real cluster would print.
pub(super) fn template_hash(template: &PodTemplateSpec, collisions: Option<i32>) -> String {
    // Of what it says, not of how it is held: a field more that a template may have changes no name.
    let hash = stable_hash(0, &(json::compact(&template.encode()), collisions.unwrap_or(0))) as u32;
    safe_encode(&hash.to_string())
}

/// The revision that an object is annotated with; 0 for none.
pub(super) fn revision(annotations: &Labels) -> i64 {
    annotations.get(REVISION).and_then(|revision| revision.parse().ok()).unwrap_or(0)
}

/// The highest revision of any ReplicaSet.
pub(super) fn max_revision<'a>(sets: impl IntoIterator<Item = &'a Rc<ReplicaSet>>) -> i64 {
    sets.into_iter().map(|set| revision(&set.metadata.annotations)).max().unwrap_or(0)
}

/// Annotations of a Deployment that its ReplicaSets do not get.
fn is_kept_back(key: &str) -> bool {
    matches!(key, LAST_APPLIED | REVISION | REVISION_HISTORY | DESIRED | MAX | ROLLBACK_TO)
}

/// Gives the newest ReplicaSet its annotations. True where one has changed.
pub(super) fn set_new_annotations(deployment: &Deployment, annotations: &mut Labels, new_revision: i64, exists: bool) -> bool {
    let mut has_changed = copy_annotations(deployment, annotations);
    let old = revision(annotations);
    if old < new_revision {
        annotations.insert(REVISION.into(), new_revision.to_string().into());
        if old > 0 {
            let history = match annotations.get(REVISION_HISTORY) {
                Some(history) if history.split(',').any(|known| known == old.to_string()) => history.to_string(),
                Some(history) if !history.is_empty() => format!("{history},{old}"),
                _ => old.to_string(),
            };
            annotations.insert(REVISION_HISTORY.into(), history.into());
        }
        has_changed = true;
    }
    if !exists {
        has_changed |= set_replicas_annotations(annotations, wanted(deployment), wanted(deployment) + max_surge(deployment));
    }
    has_changed
}

fn copy_annotations(deployment: &Deployment, annotations: &mut Labels) -> bool {
    let mut has_changed = false;
    for (key, value) in deployment.metadata.annotations.iter().filter(|(key, _)| !is_kept_back(key)) {
        has_changed |= annotations.insert(key.clone(), value.clone()).as_ref() != Some(value);
    }
    has_changed
}

/// Notes how many Pods were wanted and allowed. True where that has changed.
pub(super) fn set_replicas_annotations(annotations: &mut Labels, desired: i32, max: i32) -> bool {
    let mut has_changed = false;
    for (key, value) in [(DESIRED, desired), (MAX, max)] {
        let value: Str = value.to_string().into();
        has_changed |= annotations.insert(key.into(), value.clone()) != Some(value);
    }
    has_changed
}

/// What a number annotation says.
pub(super) fn number(annotations: &Labels, key: &str) -> Option<i32> {
    annotations.get(key)?.parse().ok()
}

/// How many Pods the newest ReplicaSet may have now (upstream: NewRSNewReplicas).
pub(super) fn new_replicas(deployment: &Deployment, all: &[Rc<ReplicaSet>], new: &ReplicaSet) -> i32 {
    if !is_rolling(deployment) {
        return wanted(deployment);
    }
    let most = wanted(deployment) + max_surge(deployment);
    let now = spec_replicas_of(all);
    if now >= most {
        return spec_replicas(new);
    }
    spec_replicas(new) + (most - now).min(wanted(deployment) - spec_replicas(new))
}

/// Whether the newest ReplicaSet alone has all that is wanted.
pub(super) fn is_saturated(deployment: &Deployment, new: Option<&Rc<ReplicaSet>>) -> bool {
    new.is_some_and(|new| {
        spec_replicas(new) == wanted(deployment)
            && number(&new.metadata.annotations, DESIRED) == Some(wanted(deployment))
            && new.status.available_replicas == wanted(deployment)
    })
}

/// Whether a status says that the rollout is done (upstream: DeploymentComplete).
pub(super) fn is_complete(deployment: &Deployment, status: &DeploymentStatus) -> bool {
    let wanted = wanted(deployment);
    status.updated_replicas == wanted
        && status.replicas == wanted
        && status.available_replicas == wanted
        && status.observed_generation >= deployment.metadata.generation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surge_rounds_up_and_unavailability_down() {
        let quarter = Value::from("25%");
        for (total, surge, unavailable) in [(3, 1, 0), (4, 1, 1), (6, 2, 1), (10, 3, 2)] {
            assert_eq!(scaled(Some(&quarter), total, true), surge);
            assert_eq!(scaled(Some(&quarter), total, false), unavailable);
        }
        assert_eq!(scaled(Some(&Value::Int(2)), 10, true), 2);
    }
}
