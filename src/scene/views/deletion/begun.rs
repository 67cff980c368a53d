//! Which deletion is shown: the chosen Pod's, else the last one that has begun.

use crate::api::objects::Pod;
use crate::api::{Kind, ObjectKey};
use crate::cluster::record::{Actor, Change, Fact, MessageKind, Record, RecordId};
use crate::cluster::time::{Micros, SECOND, SimTime};
use crate::scene::shape::Target;
use crate::timeline::{History, RowKey, Version, View};
use crate::value::Str;
use std::rc::Rc;

/// Pods that are deleted because of the same act within this are one go: the first of them stands for all.
const ONE_GO: Micros = 3 * SECOND;

/// The beginning of a Pod's deletion.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun<'a> {
    /// The record that put the deletionTimestamp into the Pod.
    pub(super) record: &'a Record,
    /// The Pod with it.
    pub(super) pod: &'a Rc<Pod>,
    /// The request that asked for it.
    pub(super) asked: Option<&'a Record>,
    /// The command that the request came from, from its beginning.
    pub(super) command: Option<(&'a Str, SimTime)>,
}

impl<'a> Begun<'a> {
    fn new(history: &'a History, record: &'a Record, pod: &'a Rc<Pod>) -> Self {
        let is_request = |record: &&Record| matches!(&record.fact, Fact::Message(message) if matches!(message.kind, MessageKind::Request(_)));
        let asked = history.causes(record.id).find(is_request);
        let command = history.causes(record.id).find_map(|cause| match &cause.fact {
            Fact::CommandBegins(_, line) => Some((line, cause.time)),
            _ => None,
        });
        Self { record, pod, asked, command }
    }
    pub(super) fn key(&self) -> ObjectKey {
        let meta = &self.pod.metadata;
        ObjectKey::new(Kind::Pod, meta.namespace.clone(), meta.name.clone())
    }
    /// When it is first seen: with the command, where kubectl asks for this deletion itself.
    pub(super) fn from(&self) -> SimTime {
        match (self.command, self.asked) {
            (Some((_, began)), Some(Record { actor: Actor::Kubectl(_), .. })) => began,
            (_, Some(asked)) => asked.time,
            _ => self.record.time,
        }
    }
    /// What it goes back to.
    fn root(&self, history: &History) -> Option<RecordId> {
        history.causes(self.record.id).last().map(|record| record.id)
    }
}

/// Every deletion in a row of a Pod, in order: the name can be taken again.
fn all_of<'a>(history: &'a History, versions: &'a [Version]) -> impl Iterator<Item = Begun<'a>> {
    let mut is_ending = false;
    versions.iter().filter_map(move |version| {
        let record = history.record(version.record)?;
        let Fact::Object { change, object } = &record.fact else { return None };
        let pod = object.get::<Pod>()?;
        let was_ending = is_ending;
        is_ending = pod.metadata.is_terminating() && *change != Change::Deleted;
        let begins = pod.metadata.is_terminating() && !was_ending && *change != Change::Deleted;
        begins.then(|| Begun::new(history, record, pod))
    })
}

/// The deletion to be shown; none where there is none yet.
pub(super) fn find<'a>(view: View<'a>, selection: Option<&Target>) -> Option<Begun<'a>> {
    let history = view.history();
    let chosen = match selection {
        Some(Target::Object(key)) if key.kind == Kind::Pod => Some(key),
        Some(Target::Container { pod, .. }) => Some(pod),
        _ => None,
    };
    if let Some(key) = chosen {
        let mut found = None;
        for begun in all_of(history, history.versions(&RowKey::Object(key.clone()))) {
            // One that is still to come is shown, too: it is what was asked for.
            if found.is_none() || begun.from() <= view.at() {
                found = Some(begun);
            }
        }
        if found.is_some() {
            return found;
        }
    }
    let begun: Vec<Begun> = history
        .objects(Kind::Pod)
        .filter(|versions| has_ended(history, versions))
        .flat_map(|versions| all_of(history, versions))
        .filter(|begun| begun.from() <= view.at())
        .collect();
    let last = begun.iter().max_by_key(|begun| begun.record.id)?;
    let root = last.root(history);
    let since = SimTime(last.record.time.0.saturating_sub(ONE_GO));
    let in_one_go = begun.iter().filter(|begun| begun.record.time >= since && begun.root(history) == root);
    in_one_go.min_by_key(|begun| begun.record.id).copied()
}

/// Whether a Pod's row knows a deletion: its last version is one of a Pod that ends, or its name was taken again.
fn has_ended(history: &History, versions: &[Version]) -> bool {
    let is_ending = |version: &Version| {
        history.record(version.record).is_some_and(|record| match &record.fact {
            Fact::Object { object, .. } => object.meta().is_terminating(),
            _ => false,
        })
    };
    versions.iter().rev().any(is_ending)
}
