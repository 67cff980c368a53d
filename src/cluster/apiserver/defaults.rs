//! Defaulting: what the API server fills in (upstream: pkg/apis/*/v1/defaults.go).

use super::ApiServer;
use crate::api::Object;
use crate::api::objects::{Condition, ConditionStatus};
use crate::cluster::engine::Engine;
use crate::value::Str;

/// Fills in what a new object left open.
pub fn on_create(server: &ApiServer, engine: &mut Engine, object: &mut Object) {
    _ = (server, engine, object);
}

/// Fills in what a changed object left open.
pub fn on_update(server: &ApiServer, old: &Object, new: &mut Object) {
    _ = (server, old, new);
}

/// Sets a condition, and its time where its status changes.
pub fn set_condition(
    conditions: &mut Vec<Condition>,
    kind: &str,
    status: ConditionStatus,
    now: &Str,
    observed_generation: Option<i64>,
) {
    let observed_generation = observed_generation.filter(|generation| *generation > 0);
    match conditions.iter_mut().find(|condition| &*condition.kind == kind) {
        Some(condition) if condition.status == Some(status) => {
            condition.observed_generation = observed_generation
        }
        Some(condition) => {
            *condition = Condition {
                kind: kind.into(),
                status: Some(status),
                observed_generation,
                last_transition_time: Some(now.clone()),
                ..Condition::default()
            };
        }
        None => conditions.push(Condition {
            kind: kind.into(),
            status: Some(status),
            observed_generation,
            last_transition_time: Some(now.clone()),
            ..Condition::default()
        }),
    }
}
