//! Going back to an older template by the annotation that was once `spec.rollbackTo`
//! (upstream: pkg/controller/deployment/rollback.go). kubectl does it by itself.

use super::util::{ROLLBACK_TO, has_template, is_kept_back, revision, without_hash};
use super::{Stop, Sync};
use crate::api::Object;
use crate::api::objects::{Deployment, ReplicaSet};
use crate::cluster::controllers::Outcome;
use crate::cluster::recorder::EventNote;
use crate::cluster::request::Request;
use std::rc::Rc;

/// The revision that a Deployment is to go back to; 0 for the last one.
pub(super) fn rollback_to(deployment: &Deployment) -> Option<i64> {
    deployment.metadata.annotations.get(ROLLBACK_TO)?.parse().ok()
}

impl Sync<'_, '_> {
    /// Goes back, and takes the wish for it away in any case.
    pub(super) fn rollback(&mut self, to: i64) -> Result<Outcome, Stop> {
        self.new_replica_set(true)?;
        let mut revisions: Vec<i64> =
            self.replica_sets.iter().map(|set| revision(&set.metadata.annotations)).collect();
        revisions.sort_unstable();
        let wanted = if to > 0 { to } else { revisions.iter().rev().nth(1).copied().unwrap_or(0) };
        if wanted == 0 {
            return self.give_up("Unable to find last revision.");
        }
        let chosen =
            self.replica_sets.iter().find(|set| revision(&set.metadata.annotations) == wanted).cloned();
        let Some(chosen) = chosen else {
            return self.give_up("Unable to find the revision to rollback to.");
        };
        let name = self.deployment.metadata.name.clone();
        if has_template(&chosen, &self.deployment) {
            let what =
                format!("The rollback revision contains the same template as current deployment \"{name}\"");
            self.warn("DeploymentRollbackTemplateUnchanged", &what);
            return self.clear_rollback_to(Deployment::clone(&self.deployment));
        }
        self.clear_rollback_to(with_template_of(&self.deployment, &chosen))?;
        let what = format!("Rolled back deployment \"{name}\" to revision {wanted}");
        let owner = Object::Deployment(self.deployment.clone());
        self.ask.event(EventNote::normal(&owner, "DeploymentRollback", what));
        Ok(Outcome::Done)
    }
    fn warn(&mut self, reason: &'static str, what: &str) {
        self.ask.event(EventNote::warning(&Object::Deployment(self.deployment.clone()), reason, what));
    }
    fn give_up(&mut self, why: &str) -> Result<Outcome, Stop> {
        self.warn("DeploymentRollbackRevisionNotFound", why);
        self.clear_rollback_to(Deployment::clone(&self.deployment))
    }
    fn clear_rollback_to(&mut self, mut deployment: Deployment) -> Result<Outcome, Stop> {
        Rc::make_mut(&mut deployment.metadata).annotations.remove(ROLLBACK_TO);
        self.ask.api(Request::update(deployment))??;
        Ok(Outcome::Done)
    }
}

/// The Deployment with a ReplicaSet's template, and with its annotations but for those that are the Deployment's own.
fn with_template_of(deployment: &Deployment, set: &ReplicaSet) -> Deployment {
    let mut deployment = deployment.clone();
    Rc::make_mut(&mut deployment.spec).template = Rc::new(without_hash(&set.spec.template));
    let annotations = &mut Rc::make_mut(&mut deployment.metadata).annotations;
    annotations.retain(|key, _| is_kept_back(key));
    let others = set.metadata.annotations.iter().filter(|(key, _)| !is_kept_back(key));
    annotations.extend(others.map(|(key, value)| (key.clone(), value.clone())));
    deployment
}
