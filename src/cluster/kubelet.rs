//! A node's kubelet.

use super::engine::Engine;
use super::event::Caller;
use super::record::{NodeId, RecordId};
use super::request::WatchEvent;
use super::task::Answered;

/// A kubelet's own clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Looks at what its runtime does (upstream: PLEG).
    Relist,
}

impl Timer {
    /// Whether it goes on by itself for ever and changes nothing that is seen.
    pub fn is_idle(&self) -> bool {
        match self {
            Self::Relist => true,
        }
    }
}

/// A kubelet.
#[derive(Clone, Debug)]
pub struct Kubelet {
    /// Its node.
    pub node: NodeId,
}

impl Kubelet {
    /// A watch tells of a change.
    pub fn on_watch(&mut self, engine: &mut Engine, event: WatchEvent, cause: Option<RecordId>) {
        _ = (engine, event, cause);
    }
    /// Its clock rings.
    pub fn on_timer(&mut self, engine: &mut Engine, timer: Timer) {
        _ = (engine, timer);
    }
    /// A question is answered.
    pub fn on_answer(&mut self, engine: &mut Engine, caller: Caller, answered: Answered) {
        _ = (engine, caller, answered);
    }
}
