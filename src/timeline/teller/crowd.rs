//! Crowds: where the same happens to many objects, each with a step of its own, it is told once for all of them.
//!
//! A thousand Deployments that are applied at once would be four thousand sentences that say the same.

use super::Group;
use super::step::Step;
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::msg;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// So many steps of a sort in a chapter are told one by one.
const ONE_BY_ONE: usize = 8;
/// How far apart two of a crowd are at most.
const APART: Micros = 3 * SECOND;
/// How much later than the first one of a crowd the last one is at most, so that a long chapter is told in several beats.
const LONGEST: Micros = 10 * SECOND;

/// The message that tells a step of many objects at once; none for a step that is told of each.
pub(super) fn message(group: &Group) -> Option<&'static str> {
    Some(match &group.step {
        Step::ReplicaSetMade(_) => msg!("say.replica-sets-created"),
        Step::PodsMade(_) => msg!("say.pods-created-for-many"),
        Step::PodsRemoved(_) => msg!("say.pods-removed-for-many"),
        Step::Available(_) => msg!("say.deployments-available"),
        Step::Scheduled(_) => msg!("say.pods-scheduled"),
        Step::Unschedulable(_) => msg!("say.pods-unschedulable"),
        Step::Found(_) => msg!("say.kubelets-told"),
        Step::PauseStarts(_) => msg!("say.pauses-started"),
        Step::ContainersStart(_) => msg!("say.containers-started"),
        Step::Runs(_) => msg!("say.pods-running"),
        Step::Ready(_) => msg!("say.pods-ready"),
        Step::AwaitsVolume(_) => msg!("say.pods-await-volumes"),
        Step::AwaitsClaim(_) => msg!("say.pods-await-claims"),
        Step::SandboxEnds(_) => msg!("say.pauses-ended"),
        Step::NotReady(_) => msg!("say.pods-not-ready"),
        Step::Succeeded(_) => msg!("say.pods-succeeded"),
        Step::EndsBadly(_) => msg!("say.pods-failed"),
        Step::SliceMade(_) => msg!("say.slices-created"),
        Step::EndpointsAdded(..) => msg!("say.endpoints-added-for-many"),
        Step::RulesWritten(..) => msg!("say.rules-written-for-many"),
        Step::Told(_, true) => msg!("say.both-told"),
        Step::Told(_, false) => msg!("say.kubelets-told-of-deletion"),
        Step::EndpointsEnding(..) => msg!("say.endpoints-terminating"),
        Step::EndpointsOut(..) => msg!("say.endpoints-removed"),
        Step::RulesLessen(..) => msg!("say.rules-removed-for-many"),
        Step::Signalled(_) => msg!("say.signals-sent"),
        Step::EndsAtOnce(_) => msg!("say.containers-end-at-once"),
        Step::Drains(_) => msg!("say.containers-drain"),
        Step::Ignores(_) => msg!("say.signals-ignored"),
        Step::Ended(_) => msg!("say.containers-ended"),
        Step::Killed(_) => msg!("say.containers-killed"),
        Step::PauseEnds(_) => msg!("say.pauses-ended"),
        Step::Gone(_) => msg!("say.pods-gone"),
        _ => return None,
    })
}

/// The groups of a chapter in the order of their ends, with each crowd as one.
pub(super) fn together<'a>(mut groups: Vec<&'a Group>) -> Vec<Cow<'a, Group>> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for group in &groups {
        if let Some(message) = message(group) {
            *counts.entry(message).or_default() += 1;
        }
    }
    // Each is done at its last moment: in that order, what is said has happened when it has been said.
    groups.sort_by_key(|group| (group.last, group.records.last().copied()));
    let mut told: Vec<Cow<'a, Group>> = Vec::with_capacity(groups.len());
    // The newest crowd of each sort: where it is, and when it began.
    let mut open: BTreeMap<&'static str, (usize, SimTime)> = BTreeMap::new();
    for group in groups {
        let Some(message) = message(group).filter(|message| counts[message] > ONE_BY_ONE) else {
            told.push(Cow::Borrowed(group));
            continue;
        };
        match open.get(message) {
            Some((place, since))
                if group.last.since(told[*place].last) <= APART && group.last.since(*since) <= LONGEST =>
            {
                let crowd = told[*place].to_mut();
                crowd.join(group);
                crowd.crowd = Some(message);
            }
            _ => {
                open.insert(message, (told.len(), group.last));
                told.push(Cow::Borrowed(group));
            }
        }
    }
    told.sort_by_key(|group| (group.last, group.records.last().copied()));
    told
}
