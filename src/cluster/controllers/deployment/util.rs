//! Revisions, annotations, bounds (upstream: pkg/controller/deployment/util/deployment_util.go).

use crate::api::objects::{Deployment, DeploymentStatus, Labels, PodTemplateSpec, ReplicaSet};
use crate::cluster::controllers::int_or_percent::scaled;
use crate::value::Str;
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
/// How long the list of old revisions may be.
const LONGEST_HISTORY: usize = 2_000;
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// To which revision a Deployment is to go back.
pub(super) const ROLLBACK_TO: &str = "deprecated.deployment.rollback.to";

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

/// Surge (rounded up) and unavailability (rounded down); where both come to 0, one may be unavailable.
fn fenceposts(deployment: &Deployment) -> (i32, i32) {
    let rolling = deployment.spec.strategy.rolling_update.as_ref();
    let total = wanted(deployment);
    let surge = scaled(rolling.and_then(|rolling| rolling.max_surge.as_ref()), total, true);
    let unavailable = scaled(rolling.and_then(|rolling| rolling.max_unavailable.as_ref()), total, false);
    if surge == 0 && unavailable == 0 { (0, 1) } else { (surge, unavailable) }
}

/// Whether a rollout replaces Pods bit by bit.
pub(super) fn is_rolling(deployment: &Deployment) -> bool {
    &*deployment.spec.strategy.kind == "RollingUpdate"
}

/// How many Pods there may be above what is wanted.
pub(super) fn max_surge(deployment: &Deployment) -> i32 {
    if is_rolling(deployment) { fenceposts(deployment).0 } else { 0 }
}

/// How many Pods may be missing.
pub(super) fn max_unavailable(deployment: &Deployment) -> i32 {
    if !is_rolling(deployment) || wanted(deployment) == 0 {
        0
    } else {
        fenceposts(deployment).1.min(wanted(deployment))
    }
}

/// The template without the label that the controller adds.
pub(super) fn without_hash(template: &PodTemplateSpec) -> PodTemplateSpec {
    let mut template = template.clone();
    Rc::make_mut(&mut template.metadata).labels.remove(HASH_LABEL);
    template
}

/// Whether a ReplicaSet has the Deployment's template, but for the label that the controller adds.
pub(super) fn has_template(replica_set: &ReplicaSet, deployment: &Deployment) -> bool {
    fn labels(template: &PodTemplateSpec) -> impl Iterator<Item = (&Str, &Str)> {
        template.metadata.labels.iter().filter(|(key, _)| &***key != HASH_LABEL)
    }
    // A copy of a map takes long, and every sync asks this of every ReplicaSet.
    fn rest(template: &PodTemplateSpec) -> PodTemplateSpec {
        let mut template = template.clone();
        Rc::make_mut(&mut template.metadata).labels = Labels::new();
        template
    }
    let (ours, theirs) = (&replica_set.spec.template, &deployment.spec.template);
    labels(ours).eq(labels(theirs)) && rest(ours) == rest(theirs)
}

/// The ReplicaSet of the newest template; of several the oldest.
pub(super) fn find_new_replica_set(
    deployment: &Deployment,
    sets: &[Rc<ReplicaSet>],
) -> Option<Rc<ReplicaSet>> {
    let mut sorted: Vec<_> = sets.iter().collect();
    sorted.sort_by(|a, b| by_creation(a, b));
    sorted.into_iter().find(|set| has_template(set, deployment)).cloned()
}

/// Older first, then by name.
pub(super) fn by_creation(a: &Rc<ReplicaSet>, b: &Rc<ReplicaSet>) -> std::cmp::Ordering {
    (&a.metadata.creation_timestamp, &a.metadata.name)
        .cmp(&(&b.metadata.creation_timestamp, &b.metadata.name))
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
pub(super) fn is_kept_back(key: &str) -> bool {
    matches!(key, LAST_APPLIED | REVISION | REVISION_HISTORY | DESIRED | MAX | ROLLBACK_TO)
}

/// Gives the newest ReplicaSet its annotations. True where one has changed.
pub(super) fn set_new_annotations(
    deployment: &Deployment,
    annotations: &mut Labels,
    new_revision: i64,
    exists: bool,
) -> bool {
    let mut has_changed = copy_annotations(deployment, annotations);
    let old = match annotations.get(REVISION).map(|old| (old.clone(), old.parse::<i64>())) {
        // What is not a number is left as it is.
        Some((old, Err(_))) if !old.is_empty() => return false,
        Some((old, number)) => Some((old, number.unwrap_or(0))),
        None => None,
    };
    if old.as_ref().is_none_or(|(_, number)| *number < new_revision) {
        annotations.insert(REVISION.into(), new_revision.to_string().into());
        if let Some((old, _)) = old {
            // The template is back: the revision that it was is not forgotten.
            let history = annotations.get(REVISION_HISTORY).map_or("", |history| history);
            if let Some(history) = longer_history(history, &old) {
                annotations.insert(REVISION_HISTORY.into(), history.into());
            }
        }
        has_changed = true;
    }
    if !exists {
        has_changed |= set_replicas_annotations(
            annotations,
            wanted(deployment),
            wanted(deployment) + max_surge(deployment),
        );
    }
    has_changed
}

/// The list of old revisions with one more; the oldest fall out where it grows too long. None where one alone is.
fn longer_history(history: &str, old: &str) -> Option<String> {
    if history.is_empty() {
        return Some(old.to_owned());
    }
    let mut kept = history;
    while kept.len() + old.len() + 1 > LONGEST_HISTORY {
        match kept.split_once(',') {
            Some((_, rest)) => kept = rest,
            None if old.len() <= LONGEST_HISTORY => return Some(old.to_owned()),
            None => return None,
        }
    }
    Some(format!("{kept},{old}"))
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
    fn the_history_of_revisions_forgets_the_oldest() {
        assert_eq!(longer_history("", "1").as_deref(), Some("1"));
        assert_eq!(longer_history("1,3", "5").as_deref(), Some("1,3,5"));
        let long = (100..600).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
        let longer = longer_history(&long, "600").expect("fits");
        assert!(longer.starts_with("101,") && longer.ends_with(",600") && longer.len() <= LONGEST_HISTORY);
    }

    #[test]
    fn a_revision_only_grows() {
        let annotate = |before: &[(&str, &str)], new_revision: i64| {
            let mut annotations: Labels =
                before.iter().map(|(key, value)| (Str::from(*key), Str::from(*value))).collect();
            let has_changed =
                set_new_annotations(&Deployment::default(), &mut annotations, new_revision, true);
            let told = [REVISION, REVISION_HISTORY].map(|key| annotations.get(key).map_or("", |value| value));
            (has_changed, told.join(" "))
        };
        assert_eq!(annotate(&[], 1), (true, "1 ".to_owned()));
        assert_eq!(annotate(&[(REVISION, "1")], 3), (true, "3 1".to_owned()));
        assert_eq!(annotate(&[(REVISION, "3"), (REVISION_HISTORY, "1")], 5), (true, "5 1,3".to_owned()));
        assert_eq!(annotate(&[(REVISION, "5")], 4), (false, "5 ".to_owned()));
        assert_eq!(annotate(&[(REVISION, "x")], 4), (false, "x ".to_owned()));
    }
}
