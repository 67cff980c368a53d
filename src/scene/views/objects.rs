//! What several views say of objects: their state, how much of their time is left, and their lives.

use crate::api::conditions;
use crate::api::objects::{ContainerStatus, Pod, PodPhase};
use crate::api::pod_columns::{PodColumns, pod_columns};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Change, Fact};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::scene::tokens::State;
use crate::timeline::{RowKey, View};

/// A Pod as it is seen.
#[derive(Clone, Debug)]
pub(in crate::scene) struct Seen {
    /// How it looks. A container that fails makes its Pod look so, whatever its phase.
    pub(in crate::scene) state: State,
    /// Whether every container is ready.
    pub(in crate::scene) is_ready: bool,
    /// What kubectl prints.
    pub(in crate::scene) columns: PodColumns,
}

/// How a Pod is seen.
pub(in crate::scene) fn seen(pod: &Pod) -> Seen {
    let columns = pod_columns(pod);
    let state = match pod.status.phase.unwrap_or(PodPhase::Pending) {
        _ if pod.metadata.is_terminating() => State::Terminating,
        PodPhase::Failed => State::Failed,
        PodPhase::Succeeded => State::Succeeded,
        PodPhase::Unknown => State::Unknown,
        PodPhase::Pending | PodPhase::Running if is_in_trouble(pod) => State::Failed,
        PodPhase::Pending => State::Pending,
        PodPhase::Running => State::Running,
    };
    Seen { state, is_ready: conditions::are_containers_ready(pod), columns }
}

/// Whether one of the Pod's containers has failed and is not running again.
fn is_in_trouble(pod: &Pod) -> bool {
    let has_failed = |status: &ContainerStatus| {
        let (waiting, ended) = (&status.state.waiting, &status.state.terminated);
        let waits_for_nothing = |reason: &str| matches!(reason, "" | "ContainerCreating" | "PodInitializing");
        waiting.as_ref().is_some_and(|waiting| !waits_for_nothing(&waiting.reason))
            || ended.as_ref().is_some_and(|ended| ended.exit_code != 0)
    };
    let statuses = [&pod.status.init_container_statuses, &pod.status.container_statuses];
    statuses.into_iter().flatten().any(has_failed)
}

/// How much of its grace period a Pod that is being deleted has left, from 1 down to 0.
pub(super) fn grace_left(view: View, pod: &Pod) -> Option<f32> {
    let [left, grace] = grace_span(view, pod)?;
    // A hundredth is finer than a ring on a card shows.
    Some((u128::from(left) * 100 / u128::from(grace.max(1))) as f32 / 100.0)
}

/// How much time a Pod that is being deleted has left, and its whole grace period. A recorded Pod may have any number there.
pub(super) fn grace_span(view: View, pod: &Pod) -> Option<[Micros; 2]> {
    let grace = u64::try_from(pod.metadata.deletion_grace_period_seconds?).ok()?.saturating_mul(SECOND);
    let since = deleted_since(view, pod)?;
    Some([grace.saturating_sub(view.at().since(since)), grace])
}

/// When the grace period that a Pod has now was given.
fn deleted_since(view: View, pod: &Pod) -> Option<SimTime> {
    let meta = &pod.metadata;
    let key = ObjectKey::new(Kind::Pod, meta.namespace.clone(), meta.name.clone());
    let versions = view.versions(&RowKey::Object(key));
    let is_same = |object: &Object| {
        let other = object.meta();
        other.uid == meta.uid
            && other.deletion_timestamp == meta.deletion_timestamp
            && other.deletion_grace_period_seconds == meta.deletion_grace_period_seconds
    };
    let of_this_grace =
        versions.iter().rev().map_while(|version| match &view.history().record(version.record)?.fact {
            Fact::Object { object, .. } if is_same(object) => Some(version.time),
            _ => None,
        });
    of_this_grace.last()
}

/// One life of an object: a name can be taken again.
#[derive(Clone, Debug)]
pub(super) struct Life<'a> {
    /// Its first state.
    pub(super) first: &'a Object,
    /// Its state now, where it is there.
    pub(super) now: Option<&'a Object>,
    /// Since when it is there.
    pub(super) from: SimTime,
    /// Until when.
    pub(super) until: SimTime,
}

impl Life<'_> {
    /// Whether it is there at any moment of a stretch of time.
    pub(super) fn touches(&self, [from, to]: [SimTime; 2]) -> bool {
        self.from <= to && self.until > from
    }
    /// Whether it was there before anybody did anything.
    pub(super) fn is_from_the_start(&self) -> bool {
        self.from == SimTime::ZERO
    }
}

/// The lives of all objects of a kind in the whole recorded run, in the order of their keys.
pub(super) fn lives<'a>(view: View<'a>, kind: Kind) -> Vec<Life<'a>> {
    let mut lives: Vec<Life<'a>> = Vec::new();
    let history = view.history();
    for versions in history.objects(kind) {
        let mut is_alive = false;
        for version in versions {
            let Some(Fact::Object { change, object }) = history.record(version.record).map(|r| &r.fact)
            else {
                continue;
            };
            let is_past = version.time <= view.at();
            match (change, lives.last_mut().filter(|_| is_alive)) {
                (Change::Deleted, Some(life)) => {
                    life.until = version.time;
                    if is_past {
                        life.now = None;
                    }
                    is_alive = false;
                }
                (Change::Deleted, None) => {}
                (Change::Added | Change::Modified, Some(life)) => {
                    if is_past {
                        life.now = Some(object);
                    }
                }
                (Change::Added | Change::Modified, None) => {
                    let (from, until) = (version.time, SimTime::NEVER);
                    lives.push(Life { first: object, now: is_past.then_some(object), from, until });
                    is_alive = true;
                }
            }
        }
    }
    lives
}
