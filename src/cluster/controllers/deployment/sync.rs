//! Scaling, ReplicaSets and their clean-up (upstream: pkg/controller/deployment/sync.go).

use super::progress::{PROGRESSING, TIMED_OUT, calculate_status, condition, set_condition};
use super::rollback::rollback_to;
use super::util::{
    DESIRED, HASH_LABEL, MAX, by_creation, find_new_replica_set, has_template, is_saturated, max_revision,
    max_surge, new_replicas, number, set_new_annotations, set_replicas_annotations, spec_replicas,
    spec_replicas_of, wanted,
};
use super::{Stop, Sync};
use crate::api::Object;
use crate::api::conditions::find;
use crate::api::objects::{
    ConditionStatus, Deployment, LabelSelector, ObjectMeta, PodTemplateSpec, ReplicaSet, ReplicaSetSpec,
};
use crate::cluster::controllers::Outcome;
use crate::cluster::controllers::ownership::controller_reference;
use crate::cluster::controllers::template_hash::template_hash;
use crate::cluster::recorder::EventNote;
use crate::cluster::request::{DeleteOptions, Reason, Request};
use std::rc::Rc;

impl Sync<'_, '_> {
    /// The Deployment is being deleted: only its status is kept up to date.
    pub(super) fn sync_status_only(&mut self) -> Result<Outcome, Stop> {
        let new = self.new_replica_set(false)?;
        self.sync_deployment_status(new.as_ref())
    }
    /// Scales without a rollout (upstream: sync).
    pub(super) fn sync(&mut self) -> Result<Outcome, Stop> {
        let new = self.new_replica_set(false)?;
        self.scale(new.as_ref())?;
        if self.deployment.spec.paused && rollback_to(&self.deployment).is_none() {
            self.clean_up(new.as_ref())?;
        }
        self.sync_deployment_status(new.as_ref())
    }
    fn sync_deployment_status(&mut self, new: Option<&Rc<ReplicaSet>>) -> Result<Outcome, Stop> {
        let status = calculate_status(&self.deployment, &self.replica_sets, new, &self.ask.rfc3339());
        if status != self.deployment.status {
            let deployment = Deployment { status, ..Deployment::clone(&self.deployment) };
            self.write_status(deployment)?;
        }
        Ok(Outcome::Done)
    }
    /// Notes in `Progressing` that a rollout was paused or goes on.
    pub(super) fn check_paused_conditions(&mut self) -> Result<(), Stop> {
        if !self.has_deadline() {
            return Ok(());
        }
        let current = find(&self.deployment.status.conditions, PROGRESSING);
        if current.is_some_and(|current| &*current.reason == TIMED_OUT) {
            return Ok(());
        }
        let is_noted = current.is_some_and(|current| &*current.reason == "DeploymentPaused");
        let (reason, message) = match (self.deployment.spec.paused, is_noted) {
            (true, false) => ("DeploymentPaused", "Deployment is paused"),
            (false, true) => ("DeploymentResumed", "Deployment is resumed"),
            _ => return Ok(()),
        };
        let mut deployment = Deployment::clone(&self.deployment);
        let next = condition(&self.ask.rfc3339(), PROGRESSING, ConditionStatus::Unknown, reason, message);
        set_condition(&mut deployment.status, next);
        self.write_status(deployment)
    }
    /// Whether the wanted number has changed since a ReplicaSet was last scaled.
    pub(super) fn is_scaling_event(&self) -> bool {
        self.replica_sets.iter().filter(|set| spec_replicas(set) > 0).any(|set| {
            number(&set.metadata.annotations, DESIRED)
                .is_some_and(|desired| desired != wanted(&self.deployment))
        })
    }
    /// The ReplicaSet of the newest template, made where it is missing and `create` (upstream: getNewReplicaSet).
    pub(super) fn new_replica_set(&mut self, create: bool) -> Result<Option<Rc<ReplicaSet>>, Stop> {
        let existing = find_new_replica_set(&self.deployment, &self.replica_sets);
        let old = self
            .replica_sets
            .iter()
            .filter(|set| existing.as_ref().is_none_or(|new| new.metadata.uid != set.metadata.uid));
        let new_revision = max_revision(old) + 1;
        if let Some(existing) = existing {
            let mut set = ReplicaSet::clone(&existing);
            let has_changed = set_new_annotations(
                &self.deployment,
                &mut Rc::make_mut(&mut set.metadata).annotations,
                new_revision,
                true,
            );
            if has_changed || set.spec.min_ready_seconds != self.deployment.spec.min_ready_seconds {
                Rc::make_mut(&mut set.spec).min_ready_seconds = self.deployment.spec.min_ready_seconds;
                let set = self.write_replica_set(set)?;
                if let Some(old) =
                    self.replica_sets.iter_mut().find(|old| old.metadata.uid == set.metadata.uid)
                {
                    *old = set.clone();
                }
                return Ok(Some(set));
            }
            let revision = super::util::revision(&existing.metadata.annotations);
            let mut deployment = Deployment::clone(&self.deployment);
            let mut needs_update = set_revision(&mut deployment, revision);
            if self.has_deadline() && find(&deployment.status.conditions, PROGRESSING).is_none() {
                let message = format!("Found new replica set \"{}\"", existing.metadata.name);
                let found = condition(
                    &self.ask.rfc3339(),
                    PROGRESSING,
                    ConditionStatus::True,
                    "FoundNewReplicaSet",
                    message,
                );
                set_condition(&mut deployment.status, found);
                needs_update = true;
            }
            if needs_update {
                self.write_both(deployment)?;
            }
            return Ok(Some(existing));
        }
        if !create {
            return Ok(None);
        }
        let set = self.create_replica_set(new_revision)?;
        Ok(Some(set))
    }
    fn create_replica_set(&mut self, new_revision: i64) -> Result<Rc<ReplicaSet>, Stop> {
        let set = self.make_replica_set(new_revision);
        let (name, replicas) = (set.metadata.name.clone(), spec_replicas(&set));
        let mut is_there = false;
        let made = 'made: {
            match self.ask.api(Request::create(set.clone()))? {
                Ok(reply) => reply.object().and_then(|object| object.get::<ReplicaSet>().cloned()),
                Err(error) if error.reason == Reason::AlreadyExists => {
                    let there = self.ask.api(Request::get(Object::from(set.clone()).key()))??;
                    let there = there.object().and_then(|object| object.get::<ReplicaSet>().cloned());
                    let is_own = |there: &Rc<ReplicaSet>| {
                        let owner = there.metadata.controller();
                        owner.is_some_and(|owner| owner.uid == self.deployment.metadata.uid)
                            && has_template(there, &self.deployment)
                    };
                    is_there = there.as_ref().is_some_and(is_own);
                    if is_there {
                        // The cache did not have it yet.
                        break 'made there;
                    }
                    // Somebody else's of this name: the hash must differ next time.
                    let mut deployment = Deployment::clone(&self.deployment);
                    deployment.status.collision_count =
                        Some(deployment.status.collision_count.unwrap_or(0) + 1);
                    self.write_status(deployment)?;
                    return Err(Stop::Failed(error));
                }
                Err(error) => {
                    if !error.is_namespace_terminating() {
                        let message =
                            format!("Failed to create new replica set \"{name}\": {}", error.message);
                        if self.has_deadline() {
                            let failed = condition(
                                &self.ask.rfc3339(),
                                PROGRESSING,
                                ConditionStatus::False,
                                "ReplicaSetCreateError",
                                message.clone(),
                            );
                            let mut deployment = Deployment::clone(&self.deployment);
                            set_condition(&mut deployment.status, failed);
                            // That the ReplicaSet is missing is worse than a status that is not written.
                            if let Err(Stop::Suspended) = self.write_status(deployment) {
                                return Err(Stop::Suspended);
                            }
                        }
                        self.ask.event(EventNote::warning(
                            &Object::Deployment(self.deployment.clone()),
                            "ReplicaSetCreateError",
                            message,
                        ));
                    }
                    return Err(Stop::Failed(error));
                }
            }
        };
        let made = made.unwrap_or_else(|| Rc::new(set));
        self.replica_sets.push(made.clone());
        if !is_there && replicas > 0 {
            self.say_scaled(&name, 0, replicas);
        }
        let revision = super::util::revision(&made.metadata.annotations);
        let mut deployment = Deployment::clone(&self.deployment);
        let mut needs_update = set_revision(&mut deployment, revision);
        if !is_there && self.has_deadline() {
            let message = format!("Created new replica set \"{name}\"");
            let created = condition(
                &self.ask.rfc3339(),
                PROGRESSING,
                ConditionStatus::True,
                "NewReplicaSetCreated",
                message,
            );
            set_condition(&mut deployment.status, created);
            needs_update = true;
        }
        if needs_update {
            self.write_both(deployment)?;
        }
        Ok(made)
    }
    /// Writes annotations and status in one version. Upstream's UpdateStatus does the same: the status
    /// subresource of a Deployment takes annotations too.
    fn write_both(&mut self, deployment: Deployment) -> Result<(), Stop> {
        self.write_status(deployment)
    }
    fn make_replica_set(&self, new_revision: i64) -> ReplicaSet {
        let spec = &self.deployment.spec;
        let hash = template_hash(&spec.template, self.deployment.status.collision_count);
        let with_hash = |labels: &crate::api::objects::Labels| {
            let mut labels = labels.clone();
            labels.insert(HASH_LABEL.into(), hash.as_str().into());
            labels
        };
        let labels = with_hash(&spec.template.metadata.labels);
        let template_meta =
            ObjectMeta { labels: labels.clone(), ..ObjectMeta::clone(&spec.template.metadata) };
        let template =
            PodTemplateSpec { metadata: Rc::new(template_meta), ..PodTemplateSpec::clone(&spec.template) };
        let selector = LabelSelector {
            match_labels: with_hash(&spec.selector.match_labels),
            ..LabelSelector::clone(&spec.selector)
        };
        let mut metadata = ObjectMeta {
            name: replica_set_name(&self.deployment.metadata.name, &hash).into(),
            namespace: self.deployment.metadata.namespace.clone(),
            labels,
            owner_references: vec![controller_reference(&Object::Deployment(self.deployment.clone()))],
            ..ObjectMeta::default()
        };
        let mut set_spec = ReplicaSetSpec {
            replicas: Some(0),
            min_ready_seconds: spec.min_ready_seconds,
            selector: Rc::new(selector),
            template: Rc::new(template),
            ..ReplicaSetSpec::default()
        };
        let mut set = ReplicaSet {
            metadata: Rc::new(metadata.clone()),
            spec: Rc::new(set_spec.clone()),
            ..ReplicaSet::default()
        };
        let mut all = self.replica_sets.clone();
        all.push(Rc::new(set.clone()));
        set_spec.replicas = Some(new_replicas(&self.deployment, &all, &set));
        set_new_annotations(&self.deployment, &mut metadata.annotations, new_revision, false);
        set.metadata = Rc::new(metadata);
        set.spec = Rc::new(set_spec);
        set
    }
    pub(super) fn write_replica_set(&mut self, set: ReplicaSet) -> Result<Rc<ReplicaSet>, Stop> {
        let reply = self.ask.api(Request::update(set))??;
        reply.object().and_then(|object| object.get::<ReplicaSet>()).cloned().ok_or(Stop::Suspended)
    }
    fn say_scaled(&mut self, name: &str, from: i32, to: i32) {
        let way = if to > from { "up" } else { "down" };
        let message = format!("Scaled {way} replica set {name} from {from} to {to}");
        self.ask.event(EventNote::normal(
            &Object::Deployment(self.deployment.clone()),
            "ScalingReplicaSet",
            message,
        ));
    }
    /// Sets what a ReplicaSet wants, and notes what was wanted and allowed (upstream: scaleReplicaSet). The rest of
    /// the sync goes on with the ReplicaSets as they were read, as upstream does: its status is of before. Gives
    /// the ReplicaSet as it is now, where its number has changed.
    pub(super) fn scale_replica_set(
        &mut self,
        set: &Rc<ReplicaSet>,
        replicas: i32,
    ) -> Result<Option<Rc<ReplicaSet>>, Stop> {
        let was = spec_replicas(set);
        let mut new = ReplicaSet::clone(set);
        let (desired, max) =
            (wanted(&self.deployment), wanted(&self.deployment) + max_surge(&self.deployment));
        let annotations_change =
            set_replicas_annotations(&mut Rc::make_mut(&mut new.metadata).annotations, desired, max);
        if was == replicas && !annotations_change {
            return Ok(None);
        }
        Rc::make_mut(&mut new.spec).replicas = Some(replicas);
        let new = self.write_replica_set(new)?;
        if was == replicas {
            return Ok(None);
        }
        self.say_scaled(&set.metadata.name, was, replicas);
        Ok(Some(new))
    }
    /// The same, only where the number differs.
    pub(super) fn scale_replica_set_to(
        &mut self,
        set: &Rc<ReplicaSet>,
        replicas: i32,
    ) -> Result<Option<Rc<ReplicaSet>>, Stop> {
        if spec_replicas(set) == replicas { Ok(None) } else { self.scale_replica_set(set, replicas) }
    }
    /// Spreads a new number over the ReplicaSets, in proportion where several are active (upstream: scale).
    fn scale(&mut self, new: Option<&Rc<ReplicaSet>>) -> Result<(), Stop> {
        let active: Vec<Rc<ReplicaSet>> =
            self.replica_sets.iter().filter(|set| spec_replicas(set) > 0).cloned().collect();
        let only = match &active[..] {
            [] => new.cloned().or_else(|| self.replica_sets.iter().max_by(|a, b| by_creation(a, b)).cloned()),
            [one] => Some(one.clone()),
            _ => None,
        };
        if let Some(only) = only {
            if spec_replicas(&only) != wanted(&self.deployment) {
                self.scale_replica_set(&only, wanted(&self.deployment))?;
            }
            return Ok(());
        }
        if is_saturated(&self.deployment, new) {
            for old in self.active_old_sets(new) {
                self.scale_replica_set(&old, 0)?;
            }
            return Ok(());
        }
        if &*self.deployment.spec.strategy.kind != "RollingUpdate" {
            return Ok(());
        }
        self.scale_in_proportion(active)
    }
    fn scale_in_proportion(&mut self, mut active: Vec<Rc<ReplicaSet>>) -> Result<(), Stop> {
        let total = spec_replicas_of(&active);
        let allowed = if wanted(&self.deployment) > 0 {
            wanted(&self.deployment) + max_surge(&self.deployment)
        } else {
            0
        };
        let to_add = allowed - total;
        // The larger first; of equal ones the newer where Pods are added, the older where they go.
        active.sort_by(|a, b| {
            spec_replicas(b)
                .cmp(&spec_replicas(a))
                .then_with(|| if to_add >= 0 { by_creation(b, a) } else { by_creation(a, b) })
        });
        let mut added = 0;
        let mut sizes: Vec<i32> = active
            .iter()
            .map(|set| {
                if to_add == 0 {
                    return spec_replicas(set);
                }
                let share = self.proportion(set, to_add, added);
                added += share;
                spec_replicas(set) + share
            })
            .collect();
        if to_add != 0 && !sizes.is_empty() {
            sizes[0] = (sizes[0] + to_add - added).max(0);
        }
        for (set, size) in active.iter().zip(sizes) {
            self.scale_replica_set(set, size)?;
        }
        Ok(())
    }
    /// A ReplicaSet's share of what is added or taken (upstream: GetReplicaSetProportion).
    fn proportion(&self, set: &ReplicaSet, to_add: i32, added: i32) -> i32 {
        if spec_replicas(set) == 0 || to_add == added {
            return 0;
        }
        let share = fraction(set, &self.deployment);
        let left = to_add - added;
        if to_add > 0 { share.min(left) } else { share.max(left) }
    }
    /// Deletes old ReplicaSets beyond the limit (upstream: cleanupDeployment).
    pub(super) fn clean_up(&mut self, new: Option<&Rc<ReplicaSet>>) -> Result<(), Stop> {
        let Some(limit) = self.deployment.spec.revision_history_limit.filter(|limit| *limit != i32::MAX)
        else {
            return Ok(());
        };
        let mut old: Vec<Rc<ReplicaSet>> =
            self.old_sets(new).into_iter().filter(|set| !set.metadata.is_terminating()).cloned().collect();
        let surplus = old.len() as i32 - limit.max(0);
        if surplus <= 0 {
            return Ok(());
        }
        old.sort_by(|a, b| {
            let revision = |set: &Rc<ReplicaSet>| super::util::revision(&set.metadata.annotations);
            revision(a).cmp(&revision(b)).then_with(|| by_creation(a, b))
        });
        for set in old.iter().take(surplus as usize) {
            let is_idle = set.status.replicas == 0
                && spec_replicas(set) == 0
                && set.metadata.generation <= set.status.observed_generation;
            if is_idle {
                match self
                    .ask
                    .api(Request::delete(Object::ReplicaSet(set.clone()).key(), DeleteOptions::default()))?
                {
                    Err(error) if error.reason != Reason::NotFound => return Err(error.into()),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// How much larger or smaller a ReplicaSet is to become with the Deployment (upstream: getReplicaSetFraction).
fn fraction(set: &ReplicaSet, deployment: &Deployment) -> i32 {
    if wanted(deployment) == 0 {
        return -spec_replicas(set);
    }
    let now = i64::from(wanted(deployment) + max_surge(deployment));
    // Somebody may have taken the annotation away; then what there is stands for it.
    let before = number(&set.metadata.annotations, MAX).filter(|max| *max != 0);
    let before = i64::from(before.unwrap_or(deployment.status.replicas));
    if before == 0 {
        return 0;
    }
    // Rounded half away from zero, as math.Round does.
    let product = i64::from(spec_replicas(set)) * now;
    let size = (2 * product.abs() + before.abs()) / (2 * before.abs()) * product.signum() * before.signum();
    size as i32 - spec_replicas(set)
}

/// A ReplicaSet's name, cut where it would be too long for a name.
fn replica_set_name(deployment: &str, hash: &str) -> String {
    const LONGEST_NAME: usize = 253;
    let longest = LONGEST_NAME - 1 - hash.len();
    format!("{}-{hash}", &deployment[..deployment.len().min(longest)])
}

fn set_revision(deployment: &mut Deployment, revision: i64) -> bool {
    let text: crate::value::Str = revision.to_string().into();
    if deployment.metadata.annotations.get(super::util::REVISION) == Some(&text) {
        return false;
    }
    Rc::make_mut(&mut deployment.metadata).annotations.insert(super::util::REVISION.into(), text);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::objects::{DeploymentSpec, DeploymentStrategy, Labels, RollingUpdateDeployment};
    use crate::value::Value;

    #[test]
    fn a_share_is_in_proportion_to_what_was_allowed_before() {
        for (wanted, surge, has, max, status, expected) in [
            (20, 0, 10, "10", 10, 10),
            (20, 0, 5, "10", 10, 5),
            (15, 5, 8, "15", 15, 3),
            (0, 2, 4, "12", 4, -4),
            (5, 0, 7, "10", 10, -3),
            (20, 0, 5, "", 10, 5),
            (20, 0, 5, "", 0, 0),
        ] {
            let rolling =
                RollingUpdateDeployment { max_surge: Some(Value::Int(surge)), ..Default::default() };
            let strategy = DeploymentStrategy {
                kind: "RollingUpdate".into(),
                rolling_update: Some(rolling),
                ..DeploymentStrategy::default()
            };
            let spec = DeploymentSpec { replicas: Some(wanted), strategy, ..DeploymentSpec::default() };
            let mut deployment = Deployment { spec: Rc::new(spec), ..Deployment::default() };
            deployment.status.replicas = status;
            let annotations = match max {
                "" => Labels::new(),
                max => Labels::from([(MAX.into(), max.into())]),
            };
            let metadata = Rc::new(ObjectMeta { annotations, ..ObjectMeta::default() });
            let spec = Rc::new(ReplicaSetSpec { replicas: Some(has), ..ReplicaSetSpec::default() });
            let set = ReplicaSet { metadata, spec, ..ReplicaSet::default() };
            assert_eq!(fraction(&set, &deployment), expected, "{wanted} + {surge}, {has} of {max:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut() {
        assert_eq!(replica_set_name("web", "abc"), "web-abc");
        assert_eq!(replica_set_name(&"x".repeat(253), "abc").len(), 253);
    }
}
