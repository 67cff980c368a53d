//! The ReplicaSets of a rollout over time: how many Pods of each are available at each moment, and how many are there beside.

use super::super::Stage;
use super::super::areas::{Counts, count_at};
use crate::api::conditions::{is_pod_ready, is_pod_terminal};
use crate::api::objects::{Pod, ReplicaSet};
use crate::api::{Kind, ObjectKey};
use crate::cluster::record::{Change, Fact};
use crate::cluster::time::SimTime;
use crate::timeline::{History, RowKey, Version};

/// Up to so many Pods are looked at one by one.
pub(super) const ONE_BY_ONE: usize = 400;

/// A ReplicaSet over time.
pub(super) struct Set<'a> {
    pub(super) revision: Option<&'a str>,
    pub(super) available: Counts,
    /// Pods that are there and not available.
    pub(super) others: Counts,
}

pub(super) fn set<'a>(stage: &Stage<'a>, key: ObjectKey, revision: Option<&'a str>) -> Set<'a> {
    let history = stage.view.history();
    let mut set = Set { revision, available: Counts::new(), others: Counts::new() };
    for version in history.versions(&RowKey::Object(key)) {
        let Some(Fact::Object { object, change }) = history.record(version.record).map(|r| &r.fact) else {
            continue;
        };
        let Some(status) = object.get::<ReplicaSet>().map(|set| &set.status) else { continue };
        let number = |count: i32| if *change == Change::Deleted { 0 } else { count.max(0).unsigned_abs() };
        let (all, available) = (number(status.replicas), number(status.available_replicas));
        set.available.push((version.time, available));
        set.others.push((version.time, all.saturating_sub(available)));
    }
    set
}

/// The same of the Pods of ReplicaSets themselves. `keys` are those of the sets.
pub(super) fn counted(history: &History, keys: &[ObjectKey], sets: &mut [Set]) {
    let mut changes: Vec<Vec<(SimTime, [i32; 2])>> = vec![Vec::new(); sets.len()];
    let pod_at = |version: &Version| match &history.record(version.record)?.fact {
        Fact::Object { object, change } => Some((object.get::<Pod>()?, *change)),
        _ => None,
    };
    let place_of = |pod: &Pod| {
        let owner = pod.metadata.controller()?;
        keys.iter().position(|key| {
            owner.name == key.name
                && *owner.kind == *key.kind.info().name
                && pod.metadata.namespace == key.namespace
        })
    };
    for versions in history.objects(Kind::Pod) {
        // Whose a Pod was at first says enough to leave out those of others; one that is let go no longer counts.
        let Some(place) = versions.first().and_then(pod_at).and_then(|(pod, _)| place_of(pod)) else {
            continue;
        };
        let mut was = [0, 0];
        for (version, (pod, change)) in
            versions.iter().filter_map(|version| Some((version, pod_at(version)?)))
        {
            let is_there = change != Change::Deleted
                && !pod.metadata.is_terminating()
                && !is_pod_terminal(pod)
                && place_of(pod) == Some(place);
            let is_ready = is_there && is_pod_ready(pod);
            let is = [i32::from(is_ready), i32::from(is_there && !is_ready)];
            if is != was {
                changes[place].push((version.time, [is[0] - was[0], is[1] - was[1]]));
                was = is;
            }
        }
    }
    for (set, mut changes) in sets.iter_mut().zip(changes) {
        changes.sort_by_key(|(time, _)| *time);
        let mut now = [0_i32; 2];
        (set.available, set.others) = (Counts::new(), Counts::new());
        for (time, [available, others]) in changes {
            now = [now[0] + available, now[1] + others];
            set.available.push((time, now[0].max(0).unsigned_abs()));
            set.others.push((time, now[1].max(0).unsigned_abs()));
        }
    }
}

/// For how long the last of some sets is as high on the others below it, and how many Pods of it and below it there are.
pub(super) fn even(sets: &[Set], [from, to]: [SimTime; 2]) -> Vec<([SimTime; 2], [u32; 2])> {
    let mut moments: Vec<SimTime> = sets
        .iter()
        .flat_map(|set| set.available.iter().map(|(at, _)| *at))
        .filter(|at| *at > from && *at < to)
        .chain([from, to])
        .collect();
    moments.sort_unstable();
    moments.dedup();
    let mut stretches: Vec<([SimTime; 2], [u32; 2])> = Vec::new();
    for (from, to) in moments.iter().zip(moments.iter().skip(1)) {
        let mut counts = sets.iter().rev().map(|set| count_at(&set.available, *from));
        let counts = [counts.next().unwrap_or(0), counts.sum()];
        match stretches.last_mut() {
            Some((span, same)) if *same == counts => span[1] = *to,
            _ => stretches.push(([*from, *to], counts)),
        }
    }
    stretches
}

/// How many Pods there are at once at most.
pub(super) fn highest(sets: &[Set], [from, to]: [SimTime; 2]) -> u32 {
    let all = || sets.iter().flat_map(|set| [&set.available, &set.others]);
    let moments = all().flatten().map(|(at, _)| *at).filter(|at| *at >= from && *at <= to).chain([from]);
    let sum = |at: SimTime| all().map(|counts| count_at(counts, at)).sum();
    moments.map(sum).max().unwrap_or(0)
}
