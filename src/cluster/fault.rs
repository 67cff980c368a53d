//! Faults: what breaks, by a person's hand, and how it is mended.

use super::record::NodeId;
use crate::api::ObjectKey;
use crate::value::Str;
use std::collections::BTreeSet;

/// Something that breaks or is mended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A container's first process is killed.
    KillContainer(ObjectKey, Str),
    /// A Pod's `pause` is killed.
    KillPause(ObjectKey),
    /// A kubelet stops answering; its containers run on.
    KubeletStops(NodeId),
    /// It goes on.
    KubeletResumes(NodeId),
    /// A node loses its power: everything on it ends.
    NodeDies(NodeId),
    /// It boots again.
    NodeReturns(NodeId),
    /// A node and the control plane no longer reach each other; its Pods still reach others.
    Partition(NodeId),
    /// They do again.
    PartitionEnds(NodeId),
    /// A node's kube-proxy takes very long to write its rules.
    ProxySlow(NodeId),
    /// It is as quick as before.
    ProxyMended(NodeId),
    /// The API server ends. What runs goes on.
    ApiServerStops,
    /// It is there again.
    ApiServerStarts,
    /// An image can no longer be pulled.
    ImageGone(Str),
    /// It can, again or because it was put into the registry.
    ImageBack(Str),
    /// The image registry changes its ways.
    Registry(RegistryState),
    /// Something beside the Pods takes so much of a node that it is short of it.
    Shortage(NodeId, Shortage),
    /// It no longer does.
    ShortageEnds(NodeId, Shortage),
}

/// Why nobody hears from a node, the gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unheard {
    /// Only its kubelet stands still.
    Kubelet,
    /// Nothing reaches it, and it runs on.
    Cut,
    /// It has no power.
    Power,
}

/// What keeps a node silent now: it is heard again when nothing of it is left.
#[derive(Clone, Debug, Default)]
pub struct Silences(BTreeSet<Unheard>);

impl Silences {
    /// Something breaks or is mended at the node.
    pub fn change(&mut self, why: Unheard, begins: bool) {
        if begins {
            self.0.insert(why);
            return;
        }
        if self.0.remove(&why) && why == Unheard::Power {
            // A node that has booted has a new kubelet.
            self.0.remove(&Unheard::Kubelet);
        }
    }
    /// The gravest reason; none where the node is heard.
    pub fn why(&self) -> Option<Unheard> {
        self.0.last().copied()
    }
}

impl Fault {
    /// Whom nobody hears any more and why, or who is heard again (then the last is false).
    pub fn silence(&self) -> Option<(NodeId, Unheard, bool)> {
        Some(match self {
            Self::KubeletStops(node) => (*node, Unheard::Kubelet, true),
            Self::KubeletResumes(node) => (*node, Unheard::Kubelet, false),
            Self::Partition(node) => (*node, Unheard::Cut, true),
            Self::PartitionEnds(node) => (*node, Unheard::Cut, false),
            Self::NodeDies(node) => (*node, Unheard::Power, true),
            Self::NodeReturns(node) => (*node, Unheard::Power, false),
            _ => return None,
        })
    }
}

crate::words_enum! {
    /// What a node can be short of, in the order in which a kubelet takes it back.
    pub enum Shortage {
        /// Memory.
        Memory = "memory",
        /// Its disk.
        Disk = "disk",
    }
}

crate::words_enum! {
    /// How the image registry answers.
    pub enum RegistryState {
        /// As it should.
        Up = "up",
        /// Very slowly.
        Slow = "slow",
        /// Not at all.
        Down = "down",
    }
}
