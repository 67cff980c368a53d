//! Recreate (upstream: pkg/controller/deployment/recreate.go).

use super::util::wanted;
use super::{Stop, Sync};
use crate::api::objects::ReplicaSet;
use crate::cluster::controllers::Outcome;
use std::rc::Rc;

impl Sync<'_, '_> {
    pub(super) fn rollout_recreate(&mut self) -> Result<Outcome, Stop> {
        let new = self.new_replica_set(false)?;
        let mut has_scaled = false;
        for old in self.active_old_sets(new.as_ref()) {
            has_scaled |= self.scale_replica_set_to(&old, 0)?.is_some();
        }
        if has_scaled || self.old_pods_run(new.as_ref()) {
            return self.sync_rollout_status(new.as_ref());
        }
        let new = match new {
            Some(new) => Some(new),
            None => self.new_replica_set(true)?,
        };
        if let Some(new) = &new {
            self.scale_replica_set_to(new, wanted(&self.deployment))?;
        }
        if super::util::is_complete(&self.deployment, &self.deployment.status.clone()) {
            self.clean_up(new.as_ref())?;
        }
        self.sync_rollout_status(new.as_ref())
    }
    /// Whether a Pod of an old template has not ended.
    fn old_pods_run(&self, new: Option<&Rc<ReplicaSet>>) -> bool {
        self.old_sets(new)
            .iter()
            .any(|set| set.status.replicas > 0 || self.running.contains(&set.metadata.uid))
    }
}
