//! The replicas of a workload by themselves: the subresource `scale` (upstream: the ScaleREST of each workload).

use crate::api::labels::Selector;
use crate::api::objects::{Deployment, ReplicaSet};
use crate::api::{Kind, Object};
use crate::cluster::request::{Reason, Reply, ScaleReply, Status};
use crate::value::Value;
use std::rc::Rc;

/// How many replicas a workload wants and has; none for what cannot be scaled.
pub(super) fn replicas(object: &Object) -> Option<(i32, i32)> {
    match object {
        Object::Deployment(inner) => Some((inner.spec.replicas.unwrap_or(1), inner.status.replicas)),
        Object::ReplicaSet(inner) => Some((inner.spec.replicas.unwrap_or(1), inner.status.replicas)),
        other
            if matches!(other.kind(), Kind::StatefulSet | Kind::ReplicationController | Kind::Custom(_)) =>
        {
            let value = other.encode();
            let number = |part| value.at(&[part, "replicas"]).and_then(Value::as_int);
            let number = |part| number(part).and_then(|number| i32::try_from(number).ok());
            Some((number("spec").unwrap_or(1), number("status").unwrap_or(0)))
        }
        _ => None,
    }
}

/// The workload with other replicas.
pub(super) fn with_replicas(object: &Object, replicas: i32) -> Result<Object, Rc<Status>> {
    let mut object = object.clone();
    match &mut object {
        Object::Deployment(inner) => {
            Rc::make_mut(&mut Rc::<Deployment>::make_mut(inner).spec).replicas = Some(replicas);
        }
        Object::ReplicaSet(inner) => {
            Rc::make_mut(&mut Rc::<ReplicaSet>::make_mut(inner).spec).replicas = Some(replicas);
        }
        other => {
            let mut value = other.encode();
            value.set(&["spec", "replicas"], replicas);
            return Object::decode(other.kind(), &value)
                .map_err(|error| Status::new(Reason::InternalError, error.found));
        }
    }
    Ok(object)
}

/// What is told of a workload's scale.
pub(super) fn reply(object: &Object) -> Option<Reply> {
    let (spec, status) = replicas(object)?;
    let selector = match object {
        Object::Deployment(inner) => Selector::from_label_selector(&inner.spec.selector),
        Object::ReplicaSet(inner) => Selector::from_label_selector(&inner.spec.selector),
        Object::StatefulSet(inner) => Selector::from_label_selector(&inner.spec.selector),
        Object::ReplicationController(inner) => Ok(Selector::from_labels(&inner.spec.selector)),
        Object::Dynamic(_) => Ok(Selector::from_labels(&Default::default())),
        _ => return None,
    };
    let selector = selector.map(|selector| selector.to_string().into()).unwrap_or_default();
    Some(Reply::Scale(Box::new(ScaleReply { spec, status, selector, of: object.clone() })))
}
