//! What is told together, and what has come of some of it before all of it was done: then it is told in parts, so that no
//! effect is told before its cause.

use super::step::Step;
use super::{Group, Told};
use crate::cluster::record::RecordId;
use crate::timeline::history::History;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// So far are causes looked for.
const NEAR: usize = 40;
/// So often are parts looked at again.
const ROUNDS: usize = 4;
/// Among so many groups that end while one goes on, none is looked for that follows from it: where so much is told, it is told
/// of crowds.
const MOST: usize = 60;

impl Step {
    /// Whether it happens to one after the other, each by itself.
    fn is_of_each(&self) -> bool {
        matches!(
            self,
            Self::Created(..)
                | Self::Changed(_)
                | Self::Scheduled(_)
                | Self::Found(_)
                | Self::PauseStarts(_)
                | Self::Pulling(_)
                | Self::AsksAgain(_)
                | Self::ContainersStart(_)
                | Self::Runs(_)
                | Self::Ready(_)
                | Self::Told(..)
                | Self::Deleted(_)
                | Self::PodsMade(_)
                | Self::PodsRemoved(_)
                | Self::Signalled(_)
                | Self::EndsAtOnce(_)
                | Self::Drains(_)
                | Self::Ended(_)
                | Self::Killed(_)
                | Self::PauseEnds(_)
                | Self::SandboxEnds(_)
                | Self::EndsBadly(_)
                | Self::Succeeded(_)
                | Self::NotReady(_)
                | Self::TaintEvicts(_)
                | Self::InitEnds(..)
                | Self::Gone(_)
        )
    }
}

impl Group {
    /// Whether all that it tells of is known one by one.
    fn can_part(&self) -> bool {
        self.step.is_of_each() && self.told.len() == self.records.len() && self.told.len() > 1
    }
    /// The part of it that these moments are.
    fn part(&self, told: Vec<Told>) -> Option<Self> {
        let (first, last) = (told.first()?, told.last()?);
        let end = told.iter().map(|told| told.time).max()?;
        let mut part = Self {
            step: self.step.clone(),
            chapter: self.chapter,
            last: end,
            heard: end,
            records: told.iter().map(|told| told.record).collect(),
            subjects: Default::default(),
            known: BTreeSet::new(),
            args: first.args.clone(),
            last_args: last.args.clone(),
            crowd: self.crowd.filter(|_| told.len() > 1),
            told: Default::default(),
        };
        told.iter().for_each(|told| part.add(told.subject.clone()));
        part.told = Rc::new(told);
        Some(part)
    }
    /// What its moments came of.
    fn causes(&self, history: &History) -> BTreeSet<RecordId> {
        let nearest = |told: &Told| history.causes(told.record).take(NEAR).map(|record| record.id);
        self.told.iter().flat_map(nearest).collect()
    }
    /// Whether it follows from some of these moments: it was caused by one, or happens to the same after it.
    fn follows(&self, causes: &BTreeSet<RecordId>, from: &[Told]) -> bool {
        let is_same = |told: &Told| {
            told.subject.is_some()
                && self.told.iter().any(|later| later.subject == told.subject && later.time > told.time)
        };
        from.iter().any(|told| causes.contains(&told.record) || is_same(told))
    }
}

/// Parts those of a chapter's groups, which stand in the order of their ends, from which another follows that ends before them. A
/// part may follow from some of a group of which all together did not.
pub(super) fn part<'a>(history: &History, mut groups: Vec<Cow<'a, Group>>) -> Vec<Cow<'a, Group>> {
    for _ in 0..ROUNDS {
        let count = groups.len();
        groups = part_once(history, groups);
        if groups.len() == count {
            break;
        }
    }
    groups
}

fn part_once<'a>(history: &History, groups: Vec<Cow<'a, Group>>) -> Vec<Cow<'a, Group>> {
    let mut parted: Vec<Cow<'a, Group>> = Vec::with_capacity(groups.len());
    let causes: Vec<OnceCell<BTreeSet<RecordId>>> = vec![OnceCell::new(); groups.len()];
    for group in &groups {
        let Some(begins) = group.told.iter().map(|told| told.time).min().filter(|_| group.can_part()) else {
            parted.push(group.clone());
            continue;
        };
        let from = groups.partition_point(|other| other.last < begins);
        let until = groups.partition_point(|other| other.last < group.last);
        let within = groups.get(from..until).filter(|within| within.len() <= MOST).unwrap_or_default();
        let known = causes.get(from..until).unwrap_or_default();
        if within.is_empty() {
            parted.push(group.clone());
            continue;
        }
        let mut rest = group.told.to_vec();
        for (other, causes) in within.iter().zip(known) {
            let (done, later): (Vec<Told>, Vec<Told>) =
                rest.iter().cloned().partition(|told| told.time <= other.last);
            if later.is_empty() || !other.follows(causes.get_or_init(|| other.causes(history)), &done) {
                continue;
            }
            parted.extend(group.part(done).map(Cow::Owned));
            rest = later;
        }
        if rest.len() == group.told.len() {
            parted.push(group.clone());
        } else {
            parted.extend(group.part(rest).map(Cow::Owned));
        }
    }
    parted.sort_by_key(|group| (group.last, group.records.last().copied()));
    parted
}
