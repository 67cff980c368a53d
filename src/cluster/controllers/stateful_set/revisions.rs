//! Which ControllerRevisions a StatefulSet has: the current one, that of the update, the old ones
//! (upstream: stateful_set_control.go).

use super::Sync;
use super::identity::revision_of;
use crate::api::objects::{ControllerRevision, Pod};
use crate::cluster::controllers::history;
use crate::cluster::controllers::stop::Stop;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The revision that an update began with, that of the template, and how often a hash has collided.
pub(super) struct Revisions {
    pub(super) current: Rc<ControllerRevision>,
    pub(super) update: Rc<ControllerRevision>,
    pub(super) collision_count: i32,
}

impl Sync<'_, '_> {
    /// Finds the revision of the template among the sorted ones, or makes it.
    pub(super) fn revisions(&mut self, sorted: &[Rc<ControllerRevision>]) -> Result<Revisions, Stop> {
        let mut collision_count = self.set.status.collision_count.unwrap_or(0);
        let next = sorted.last().map_or(1, |last| last.revision + 1);
        let template = &self.set.spec.template;
        let data = history::patch_of(template);
        let wanted =
            history::new_revision(&self.owner, &template.metadata.labels, data, next, collision_count);
        let update = match sorted.iter().rfind(|revision| revision.data == wanted.data) {
            // An older template is back.
            Some(equal) if sorted.last().is_some_and(|last| last.data != equal.data) => {
                history::renumber(self.ask, equal, next)?
            }
            Some(_) => sorted[sorted.len() - 1].clone(),
            None => history::create(self.ask, &self.owner, &wanted, &mut collision_count)?,
        };
        let current =
            sorted.iter().find(|revision| revision.metadata.name == self.set.status.current_revision);
        Ok(Revisions { current: current.unwrap_or(&update).clone(), update, collision_count })
    }
    /// Deletes the oldest revisions that no Pod is of, beyond the limit.
    pub(super) fn truncate_history(
        &mut self,
        pods: &[Rc<Pod>],
        sorted: &[Rc<ControllerRevision>],
        revisions: &Revisions,
    ) -> Result<(), Stop> {
        let mut live: BTreeSet<&str> = pods.iter().map(|pod| revision_of(pod)).collect();
        live.extend([&*revisions.current.metadata.name, &*revisions.update.metadata.name]);
        let old: Vec<_> = sorted.iter().filter(|revision| !live.contains(&*revision.metadata.name)).collect();
        let Ok(limit) = usize::try_from(self.set.spec.revision_history_limit.unwrap_or(10)) else {
            return Ok(());
        };
        for revision in &old[..old.len().saturating_sub(limit)] {
            history::delete(self.ask, revision)?;
        }
        Ok(())
    }
}
