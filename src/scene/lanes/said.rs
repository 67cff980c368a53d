//! What an object says of itself in a word, as its lane shows it.

use crate::api::Object;
use crate::api::objects::{Condition, ConditionStatus};
use crate::scene::tokens::{Hue, State};
use crate::scene::views::objects::seen;
use crate::value::Str;

/// A word for a state, how it looks, and the state whose glyph stands beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) word: Str,
    pub(super) hue: Hue,
    pub(super) state: Option<State>,
}

impl Said {
    fn of(word: impl Into<Str>, state: State) -> Self {
        Self { word: word.into(), hue: state.hue(), state: Some(state) }
    }
}

/// What an object says. An object that has no state is simply there: it has no word.
pub(super) fn said(object: &Object) -> Said {
    if let Object::Pod(pod) = object {
        let seen = seen(pod);
        let is_settled = seen.is_ready || seen.state != State::Running;
        let state = if is_settled { seen.state } else { State::Pending };
        return Said::of(seen.columns.status, state);
    }
    if object.meta().is_terminating() {
        return Said::of("Terminating", State::Terminating);
    }
    match object {
        Object::Deployment(it) => counted(it.status.ready_replicas, it.spec.replicas),
        Object::ReplicaSet(it) => counted(it.status.ready_replicas, it.spec.replicas),
        Object::StatefulSet(it) => counted(it.status.ready_replicas, it.spec.replicas),
        Object::ReplicationController(it) => counted(it.status.ready_replicas, it.spec.replicas),
        Object::DaemonSet(it) => counted(it.status.number_ready, Some(it.status.desired_number_scheduled)),
        Object::Job(it) => job(&it.status.conditions, it.status.active),
        Object::Node(it) => match ready(&it.status.conditions) {
            Some(ConditionStatus::True) => Said::of("Ready", State::Running),
            Some(ConditionStatus::False) => Said::of("NotReady", State::Failed),
            _ => Said::of("Unknown", State::Unknown),
        },
        Object::Namespace(it) => phase(&it.status.phase),
        Object::PersistentVolume(it) => phase(&it.status.phase),
        Object::PersistentVolumeClaim(it) => phase(&it.status.phase),
        _ => Said { word: Str::default(), hue: Hue::Quiet, state: None },
    }
}

/// So many Pods are ready of so many.
fn counted(ready: i32, wanted: Option<i32>) -> Said {
    let wanted = wanted.unwrap_or(1);
    let state = match (ready, wanted) {
        (0, 0) => State::Succeeded,
        _ if ready >= wanted => State::Running,
        _ => State::Pending,
    };
    let hue = if (ready, wanted) == (0, 0) { Hue::Quiet } else { state.hue() };
    Said { word: format!("{ready}/{wanted}").into(), hue, state: (hue != Hue::Quiet).then_some(state) }
}

fn ready(conditions: &[Condition]) -> Option<ConditionStatus> {
    conditions.iter().find(|condition| &*condition.kind == "Ready")?.status
}

fn job(conditions: &[Condition], active: i32) -> Said {
    let holds = |kind: &str| {
        conditions.iter().any(|it| &*it.kind == kind && it.status == Some(ConditionStatus::True))
    };
    if holds("Complete") {
        Said::of("Complete", State::Succeeded)
    } else if holds("Failed") {
        Said::of("Failed", State::Failed)
    } else if holds("Suspended") {
        Said::of("Suspended", State::Unknown)
    } else {
        Said::of(format!("{active} active"), if active > 0 { State::Running } else { State::Pending })
    }
}

fn phase(phase: &Str) -> Said {
    let state = match &**phase {
        "" | "Pending" => State::Pending,
        "Active" | "Bound" | "Available" => State::Running,
        "Released" => State::Unknown,
        "Failed" | "Lost" => State::Failed,
        _ => State::Terminating,
    };
    Said::of(if phase.is_empty() { "Pending" } else { &**phase }, state)
}
