//! Makes and deletes the Pods of ReplicationControllers, which it sees as ReplicaSets
//! (upstream: pkg/controller/replication).

#[cfg(test)]
mod tests;

use super::replica_set::{BaseController, Replicas};
use crate::api::objects::{
    LabelSelector, ReplicaSet, ReplicaSetSpec, ReplicaSetStatus, ReplicationController,
    ReplicationControllerStatus,
};
use crate::api::{Kind, Object};
use crate::cluster::record::ControllerName;
use std::rc::Rc;

/// The controller.
pub type ReplicationManager = BaseController<ReplicationControllers>;

/// ReplicationControllers.
#[derive(Clone, Debug, Default)]
pub struct ReplicationControllers;

impl Replicas for ReplicationControllers {
    const KIND: Kind = Kind::ReplicationController;
    const NAME: ControllerName = ControllerName::ReplicationController;
    const COMPONENT: &'static str = "replication-controller";
    const WATCHES: &'static [Kind] = &[Kind::ReplicationController, Kind::Pod];
    // Upstream gives it no store of its own writes.
    const OWN_WRITES: &'static [Kind] = &[];
    const COUNTS_TERMINATING: bool = false;
    fn view(object: &Object) -> Option<Rc<ReplicaSet>> {
        let controller = object.get::<ReplicationController>()?;
        let (spec, status) = (&controller.spec, &controller.status);
        let selector = LabelSelector { match_labels: spec.selector.clone(), ..LabelSelector::default() };
        Some(Rc::new(ReplicaSet {
            metadata: controller.metadata.clone(),
            spec: Rc::new(ReplicaSetSpec {
                replicas: spec.replicas,
                min_ready_seconds: spec.min_ready_seconds,
                selector: Rc::new(selector),
                template: spec.template.clone(),
                ..ReplicaSetSpec::default()
            }),
            status: ReplicaSetStatus {
                replicas: status.replicas,
                fully_labeled_replicas: status.fully_labeled_replicas,
                ready_replicas: status.ready_replicas,
                available_replicas: status.available_replicas,
                terminating_replicas: None,
                observed_generation: status.observed_generation,
                conditions: status.conditions.clone(),
                extra: status.extra.clone(),
            },
            ..ReplicaSet::default()
        }))
    }
    fn with_status(object: &Object, status: &ReplicaSetStatus) -> Object {
        let mut object = object.clone();
        if let Object::ReplicationController(controller) = &mut object {
            Rc::<ReplicationController>::make_mut(controller).status = ReplicationControllerStatus {
                replicas: status.replicas,
                fully_labeled_replicas: status.fully_labeled_replicas,
                ready_replicas: status.ready_replicas,
                available_replicas: status.available_replicas,
                observed_generation: status.observed_generation,
                conditions: status.conditions.clone(),
                extra: status.extra.clone(),
            };
        }
        object
    }
}
