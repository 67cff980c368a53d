//! What several views say of objects: their state, how much of their time is left, and their lives.

use super::silence;
use crate::api::conditions;
use crate::api::objects::{ContainerStatus, Pod, PodPhase};
use crate::api::pod_columns::{PodColumns, pod_columns, tells_of_containers};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::Fact;
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::scene::tokens::State;
use crate::timeline::{History, RowKey, Version, View};

/// A Pod as it is seen.
#[derive(Clone, Debug)]
pub(in crate::scene) struct Seen {
    /// How it looks. A container that fails makes its Pod look so, whatever its phase.
    pub(in crate::scene) state: State,
    /// Of which state STATUS is a word: one that is deleted and has ended is still `Completed` or `Error`.
    pub(in crate::scene) said: State,
    /// Whether every container is ready.
    pub(in crate::scene) is_ready: bool,
    /// Whether it is known how its containers are.
    pub(in crate::scene) is_told: bool,
    /// What kubectl prints.
    pub(in crate::scene) columns: PodColumns,
}

/// What stands for a value that is not told.
const NOT_TOLD: &str = "?";

impl Seen {
    /// READY, as it is printed.
    pub(in crate::scene) fn ready_text(&self) -> String {
        if self.is_told { self.columns.ready_text() } else { format!("{NOT_TOLD}/{}", self.columns.total) }
    }
}

/// How a Pod is seen.
pub(in crate::scene) fn seen(pod: &Pod) -> Seen {
    let mut columns = pod_columns(pod);
    let is_told = tells_of_containers(pod);
    if !is_told && !pod.metadata.is_terminating() && !is_in_trouble(pod) {
        columns.status = NOT_TOLD.into();
    }
    let state = match pod.status.phase.unwrap_or(PodPhase::Pending) {
        _ if pod.metadata.is_terminating() => State::Terminating,
        PodPhase::Failed => State::Failed,
        PodPhase::Succeeded => State::Succeeded,
        PodPhase::Unknown => State::Unknown,
        PodPhase::Pending | PodPhase::Running if is_in_trouble(pod) => State::Failed,
        PodPhase::Pending => State::Pending,
        PodPhase::Running if !is_told => State::Unknown,
        PodPhase::Running => State::Running,
    };
    let said = match pod.status.phase {
        Some(PodPhase::Failed) => State::Failed,
        Some(PodPhase::Succeeded) => State::Succeeded,
        _ => state,
    };
    Seen { state, said, is_ready: conditions::are_containers_ready(pod), is_told, columns }
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

/// How much of its grace period a Pod that is being deleted has left, from 1 down to 0; nothing while nobody is there to end it.
pub(super) fn grace_left(view: View, pod: &Pod) -> Option<f32> {
    if !silence::is_ended_by_anybody(view, pod) {
        return None;
    }
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
    for mut versions in history.objects(kind) {
        // Of all that an object was only its first state and the one now are looked up: there may be very many.
        while let Some(begun) = versions.iter().position(|version| !version.is_end) {
            versions = &versions[begun..];
            let ends = versions.iter().position(|version| version.is_end);
            let (life, rest) = versions.split_at(ends.unwrap_or(versions.len()));
            let until = rest.first().map_or(SimTime::NEVER, |end| end.time);
            let passed = life.partition_point(|version| version.time <= view.at());
            let is_there = passed > 0 && until > view.at();
            if let Some(first) = object(history, &life[0]) {
                let now = if is_there { object(history, &life[passed - 1]) } else { None };
                lives.push(Life { first, now, from: life[0].time, until });
            }
            versions = rest;
        }
    }
    lives
}

fn object<'a>(history: &'a History, version: &Version) -> Option<&'a Object> {
    match &history.record(version.record)?.fact {
        Fact::Object { object, .. } => Some(object),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::record::Change;
    use crate::scene::views::testing::play;

    const POD: &str =
        "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: web, image: nginx}]}}";

    /// Of one that runs a look at a cluster may not tell how its containers were: that is neither good nor bad.
    #[test]
    fn what_is_not_told_of_a_pod_is_not_drawn_as_good() {
        let said = |phase: &str, state: &str| {
            let text = format!(
                r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"web"}},"spec":{{"containers":[{{"name":"c","image":"x"}}]}},
                "status":{{"phase":"{phase}","containerStatuses":[{{"name":"c","state":{{{state}}}}}]}}}}"#
            );
            let value = crate::value::json::parse(&text).expect("it is JSON");
            let pod = Object::decode(Kind::Pod, &value).expect("a Pod");
            let seen = seen(pod.get::<Pod>().expect("a Pod"));
            assert_eq!(seen.said, seen.state, "of one that is not deleted");
            (seen.state, seen.columns.status.to_string(), seen.ready_text())
        };
        let is = |state, status: &str, ready: &str| (state, status.to_owned(), ready.to_owned());
        assert_eq!(said("Running", ""), is(State::Unknown, "?", "?/1"));
        assert_eq!(said("Pending", ""), is(State::Pending, "Pending", "0/1"));
        assert_eq!(said("Running", r#""running":{}"#), is(State::Running, "Running", "0/1"));
    }

    /// A name that is taken twice has two lives, and each state is as going through every version gives it.
    #[test]
    fn lives_are_what_every_version_in_turn_gives() {
        let timeline = play(
            &[("web.yaml", POD)],
            &[
                (10, "kubectl apply -f web.yaml"),
                (8_000, "kubectl delete pod web --now"),
                (20_000, "kubectl apply -f web.yaml"),
            ],
        );
        let history = timeline.history();
        for n in 0..=40 {
            let view = history.at(SimTime(history.end().0 * n / 40));
            for kind in [Kind::Pod, Kind::Node, Kind::Namespace] {
                let mut told = Vec::new();
                for versions in history.objects(kind) {
                    let mut is_alive = false;
                    for version in versions {
                        let Fact::Object { change, object } =
                            &history.record(version.record).expect("a record").fact
                        else {
                            continue;
                        };
                        let is_past = version.time <= view.at();
                        let of_now = (is_past && *change != Change::Deleted).then_some(object);
                        if *change == Change::Deleted {
                            let life: &mut (SimTime, SimTime, Option<&Object>) =
                                told.last_mut().expect("a life");
                            life.1 = version.time;
                            life.2 = if is_past { None } else { life.2 };
                            is_alive = false;
                        } else if is_alive {
                            let life = told.last_mut().expect("a life");
                            life.2 = of_now.or(life.2);
                        } else {
                            told.push((version.time, SimTime::NEVER, of_now));
                            is_alive = true;
                        }
                    }
                }
                let found: Vec<_> =
                    lives(view, kind).into_iter().map(|life| (life.from, life.until, life.now)).collect();
                assert_eq!(found, told, "{kind:?} at {:?}", view.at());
            }
        }
        assert_eq!(lives(history.at(history.end()), Kind::Pod).len(), 2);
    }
}
