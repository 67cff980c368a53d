//! Faults: what breaks, by a person's hand.

use super::record::NodeId;
use crate::api::ObjectKey;
use crate::value::Str;

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
    /// An image can no longer be pulled.
    ImageGone(Str),
}
