//! What somebody can ask about, whether it is there at a moment, and the record that says why it is as it is.

use super::history::Version;
use super::row::RowKey;
use super::view::View;
use crate::api::ObjectKey;
use crate::api::objects::Pod;
use crate::cluster::record::{Fact, NodeId, Record, RecordId};
use crate::cluster::runtime::ContainerId;
use crate::cluster::time::SimTime;
use crate::value::Str;

/// What can be chosen, on the stage or beside it, and asked why it is as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Target {
    /// An object of the cluster.
    Object(ObjectKey),
    /// A container of a Pod.
    Container { pod: ObjectKey, name: Str },
    /// A process, by its node and the node's own pid.
    Process { node: NodeId, pid: u32 },
    /// A message between two parts of the cluster, by its record.
    Message(RecordId),
    /// A request to a Service, by its number.
    Request(u32),
}

impl Target {
    /// The object that it is, or that it is a part of. A process, a message and a request are known by their records alone.
    pub fn object(&self) -> Option<&ObjectKey> {
        match self {
            Self::Object(key) | Self::Container { pod: key, .. } => Some(key),
            Self::Process { .. } | Self::Message(_) | Self::Request(_) => None,
        }
    }
}

/// Whether something is there at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    There,
    /// It was.
    Gone {
        /// Since when it is not.
        since: SimTime,
        /// The last moment at which it was.
        last: SimTime,
    },
    /// It will be.
    ToCome {
        /// From when on.
        from: SimTime,
    },
    /// As far as is recorded it never is.
    Never,
}

impl<'a> View<'a> {
    /// The record whose causes say why something is as it is: the one that gave it its state. Of what is gone that is the one by
    /// which it went; of a container that has ended the one by which it ended, not the one by which it was cleared away.
    pub fn asked(&self, target: &Target) -> Option<&'a Record> {
        match target {
            Target::Object(key) => self.row(&RowKey::Object(key.clone())),
            Target::Container { pod, name } => {
                let row = self.container_of(pod, name).and_then(|id| self.last_state(id));
                row.or_else(|| self.row(&RowKey::Object(pod.clone())))
            }
            Target::Process { node, pid } => self.row(&RowKey::Process(*node, *pid)),
            Target::Message(id) => {
                let record = self.history().record(*id)?;
                (matches!(record.fact, Fact::Message(_)) && record.time <= self.at()).then_some(record)
            }
            Target::Request(number) => self.row(&RowKey::Request(*number)),
        }
    }
    /// Whether it is there, and where not, when it was or will be.
    pub fn presence(&self, target: &Target) -> Presence {
        let key = match target {
            Target::Object(key) | Target::Container { pod: key, .. } => RowKey::Object(key.clone()),
            Target::Process { node, pid } => RowKey::Process(*node, *pid),
            Target::Request(number) => RowKey::Request(*number),
            Target::Message(id) => return self.presence_of_message(*id),
        };
        let versions = self.history().versions(&key);
        let Some(first) = versions.first() else { return Presence::Never };
        let Some(now) = self.versions(&key).last() else {
            return Presence::ToCome { from: first.time };
        };
        match self.is_end(now) {
            true => Presence::gone(now.time),
            false => Presence::There,
        }
    }
    fn is_end(&self, version: &Version) -> bool {
        let record = self.history().record(version.record);
        version.is_end || record.is_some_and(|record| matches!(record.fact, Fact::Process(_, _, None)))
    }
    fn presence_of_message(&self, id: RecordId) -> Presence {
        let Some(record) = self.history().record(id) else { return Presence::Never };
        match &record.fact {
            Fact::Message(_) if record.time > self.at() => Presence::ToCome { from: record.time },
            Fact::Message(message) if message.arrives > self.at() => Presence::There,
            Fact::Message(message) => Presence::gone(message.arrives),
            _ => Presence::Never,
        }
    }
    /// The container of a name that a Pod had last, whether it is still there or not.
    pub fn container_of(&self, pod: &ObjectKey, name: &str) -> Option<ContainerId> {
        let (object, _) = self.last_known(pod)?;
        let history = self.history();
        let sandboxes = history.sandboxes_of(&object.meta().uid).iter();
        let begun = sandboxes.flat_map(|sandbox| history.containers_of(*sandbox)).filter_map(|id| {
            let first = self.versions(&RowKey::Container(*id)).first()?;
            match &history.record(first.record)?.fact {
                Fact::Container(_, Some(row)) if *row.name == *name => Some((first.record, *id)),
                _ => None,
            }
        });
        begun.max_by_key(|(record, _)| *record).map(|(_, id)| id)
    }
    /// The record of the last state that a container had.
    pub(super) fn last_state(&self, id: ContainerId) -> Option<&'a Record> {
        let versions = self.versions(&RowKey::Container(id)).iter().rev();
        let mut records = versions.filter_map(|version| self.history().record(version.record));
        records.find(|record| matches!(record.fact, Fact::Container(_, Some(_))))
    }
    /// The processes that a Pod's containers have, or that one of them has, each with its node.
    pub fn processes_of(&self, pod: &Pod, container: Option<&str>) -> Vec<Target> {
        let mut found = Vec::new();
        for (sandbox, _) in self.sandboxes_of(pod) {
            for (pid, row) in self.processes_in(sandbox) {
                let own = row.container.and_then(|id| self.container(id)).map(|row| &*row.name);
                if container.is_none() || own == container {
                    found.push(Target::Process { node: sandbox.node, pid });
                }
            }
        }
        found
    }
}

impl Presence {
    fn gone(since: SimTime) -> Self {
        Self::Gone { since, last: SimTime(since.0.saturating_sub(1)) }
    }
}
