//! RollingUpdate (upstream: pkg/controller/deployment/rolling.go).

use super::util::{available_of, max_unavailable, new_replicas, spec_replicas, spec_replicas_of, wanted};
use super::{Stop, Sync};
use crate::api::objects::ReplicaSet;
use crate::cluster::controllers::Outcome;
use std::rc::Rc;

impl Sync<'_, '_> {
    pub(super) fn rollout_rolling(&mut self) -> Result<Outcome, Stop> {
        let new = self.new_replica_set(true)?;
        if let Some(new) = &new
            && (self.reconcile_new(new)? || self.reconcile_old_or_not(new)?)
        {
            return self.sync_rollout_status(Some(new));
        }
        if super::util::is_complete(&self.deployment, &self.deployment.status.clone()) {
            self.clean_up(new.as_ref())?;
        }
        self.sync_rollout_status(new.as_ref())
    }
    fn reconcile_new(&mut self, new: &Rc<ReplicaSet>) -> Result<bool, Stop> {
        let (has, wants) = (spec_replicas(new), wanted(&self.deployment));
        if has == wants {
            return Ok(false);
        }
        if has > wants {
            return Ok(self.scale_replica_set_to(new, wants)?.is_some());
        }
        let next = new_replicas(&self.deployment, &self.replica_sets, new);
        Ok(self.scale_replica_set_to(new, next)?.is_some())
    }
    /// Scales old ReplicaSets down. Where one has changed meanwhile, the next sync does it.
    fn reconcile_old_or_not(&mut self, new: &Rc<ReplicaSet>) -> Result<bool, Stop> {
        match self.reconcile_old(new) {
            Err(Stop::Failed(_)) => Ok(false),
            result => result,
        }
    }
    fn reconcile_old(&mut self, new: &Rc<ReplicaSet>) -> Result<bool, Stop> {
        let old: Vec<Rc<ReplicaSet>> = self.active_old_sets(Some(new));
        let old_pods = spec_replicas_of(&old);
        if old_pods == 0 {
            return Ok(false);
        }
        let least = wanted(&self.deployment) - max_unavailable(&self.deployment);
        let new_unavailable = spec_replicas(new) - new.status.available_replicas;
        let may_go = spec_replicas_of(&self.replica_sets) - least - new_unavailable;
        if may_go <= 0 {
            return Ok(false);
        }
        let (old, cleaned) = self.clean_up_unhealthy(old, may_go)?;
        let scaled = self.scale_down_old(&old, least)?;
        Ok(cleaned + scaled > 0)
    }
    /// Old Pods that are not available go first: they serve nobody.
    fn clean_up_unhealthy(
        &mut self,
        mut old: Vec<Rc<ReplicaSet>>,
        most: i32,
    ) -> Result<(Vec<Rc<ReplicaSet>>, i32), Stop> {
        old.sort_by(super::util::by_creation);
        let mut total = 0;
        for set in &mut old {
            if total >= most {
                break;
            }
            if spec_replicas(set) == 0 || spec_replicas(set) == set.status.available_replicas {
                continue;
            }
            let count = (most - total).min(spec_replicas(set) - set.status.available_replicas);
            let next = spec_replicas(set) - count;
            if count < 0 {
                continue;
            }
            if let Some(scaled) = self.scale_replica_set_to(set, next)? {
                *set = scaled;
            }
            total += count;
        }
        Ok((old, total))
    }
    fn scale_down_old(&mut self, old: &[Rc<ReplicaSet>], least: i32) -> Result<i32, Stop> {
        let available = available_of(&self.replica_sets);
        if available <= least {
            return Ok(0);
        }
        let mut sorted = old.to_vec();
        sorted.sort_by(super::util::by_creation);
        let (mut total, most) = (0, available - least);
        for set in &sorted {
            if total >= most {
                break;
            }
            if spec_replicas(set) == 0 {
                continue;
            }
            let count = spec_replicas(set).min(most - total);
            self.scale_replica_set_to(set, spec_replicas(set) - count)?;
            total += count;
        }
        Ok(total)
    }
}
