//! Pods of controllers: made from a template, and the Events about it
//! (upstream: RealPodControl in pkg/controller/controller_utils.go).

use super::ownership::controller_reference;
use crate::api::Object;
use crate::api::objects::{ObjectMeta, Pod, PodTemplateSpec};
use crate::cluster::recorder::EventNote;
use crate::cluster::request::{ApiResult, Reason};
use crate::cluster::task::Ask;
use std::rc::Rc;

/// A new Pod of an owner (upstream: GetPodFromTemplate).
pub(super) fn pod_from_template(owner: &Object, template: &PodTemplateSpec) -> Pod {
    let metadata = ObjectMeta {
        generate_name: format!("{}-", owner.meta().name).into(),
        namespace: owner.meta().namespace.clone(),
        labels: template.metadata.labels.clone(),
        annotations: template.metadata.annotations.clone(),
        finalizers: template.metadata.finalizers.clone(),
        owner_references: vec![controller_reference(owner)],
        ..ObjectMeta::default()
    };
    Pod { metadata: Rc::new(metadata), spec: template.spec.clone(), ..Pod::default() }
}

/// Says of an owner that it has made a Pod, or why not.
pub(super) fn say_created(ask: &mut Ask, owner: &Object, answer: &ApiResult) {
    match answer {
        Ok(reply) => {
            let name = reply.object().map_or("", |pod| &*pod.meta().name);
            ask.event_with(|| EventNote::normal(owner, "SuccessfulCreate", format!("Created pod: {name}")));
        }
        Err(error) if error.is_namespace_terminating() => {}
        Err(error) => {
            let message = || format!("Error creating: {}", error.message);
            ask.event_with(|| EventNote::warning(owner, "FailedCreate", message()));
        }
    }
}

/// Says of an owner that it has deleted a Pod, or why not; nothing of one that was gone.
pub(super) fn say_deleted(ask: &mut Ask, owner: &Object, pod: &str, answer: &ApiResult) {
    match answer {
        Ok(_) => {
            ask.event_with(|| EventNote::normal(owner, "SuccessfulDelete", format!("Deleted pod: {pod}")));
        }
        Err(error) if error.reason == Reason::NotFound => {}
        Err(error) => {
            let message = || format!("Error deleting: {}", error.message);
            ask.event_with(|| EventNote::warning(owner, "FailedDelete", message()));
        }
    }
}
