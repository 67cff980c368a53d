//! The names of the rows that a run changes.

use crate::api::ObjectKey;
use crate::cluster::record::{ClientId, Fact, HookKind, NodeId};
use crate::cluster::runtime::{ContainerId, SandboxId};
use crate::value::Str;

/// What a record gives a new state to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    /// An object in etcd.
    Object(ObjectKey),
    /// A Pod's sandbox on a node.
    Sandbox(SandboxId),
    /// A container on a node.
    Container(ContainerId),
    /// A process, by its node and the node's own pid.
    Process(NodeId, u32),
    /// A Service's rules on a node.
    Rules(NodeId, ObjectKey),
    /// An image that a node pulls or has pulled.
    Pull(NodeId, Str),
    /// A hook of a container.
    Hook(ContainerId, HookKind),
    /// The signals that reached a container.
    Signals(ContainerId),
    /// A request to a Service, by its number.
    Request(u32),
    /// A command.
    Command(ClientId),
}

impl RowKey {
    /// What a fact gives a new state to; none for what only passes by.
    pub fn of(fact: &Fact) -> Option<RowKey> {
        Some(match fact {
            Fact::Object { object, .. } => Self::Object(object.key()),
            Fact::Sandbox(id, _) => Self::Sandbox(*id),
            Fact::Container(id, _) => Self::Container(*id),
            Fact::Process(node, pid, _) => Self::Process(*node, *pid),
            Fact::Pull(node, image, _) => Self::Pull(*node, image.clone()),
            Fact::Signal(id, _) => Self::Signals(*id),
            Fact::Hook(id, kind, _) => Self::Hook(*id, *kind),
            Fact::Rules(node, service, _) => Self::Rules(*node, service.as_ref().clone()),
            Fact::Request(number, _) => Self::Request(*number),
            Fact::CommandBegins(client, _)
            | Fact::CommandPrints(client, ..)
            | Fact::CommandEnds(client, _) => Self::Command(*client),
            Fact::Message(_)
            | Fact::NotSimulated(..)
            | Fact::Decision(_)
            | Fact::Client(..)
            | Fact::Fault(_)
            | Fact::Limit(..) => return None,
        })
    }
    /// The object, where it is one.
    pub fn object(&self) -> Option<&ObjectKey> {
        match self {
            Self::Object(key) => Some(key),
            _ => None,
        }
    }
}

impl From<ObjectKey> for RowKey {
    fn from(key: ObjectKey) -> Self {
        Self::Object(key)
    }
}
