//! The events of the queue. A new one makes the compiler list the places that must know it.

use super::record::{Actor, ControllerName, NodeId, RecordId};
use super::request::{Request, WatchId};
use super::task::Answered;
use crate::api::ObjectKey;
use std::rc::Rc;

/// Who waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Caller {
    /// The component.
    pub actor: Actor,
    /// Which of its tasks.
    pub task: u32,
    /// Which of the task's questions; none where the answer is thrown away.
    pub call: Option<u32>,
}

/// The tasks of a kubelet from this number on stand for connections from outside.
pub const CONNECT_TASKS: u32 = 1 << 30;

impl Caller {
    /// Whether somebody outside waits for it, as `kubectl exec` does, and no probe or hook.
    pub fn is_connected(self) -> bool {
        self.task & CONNECT_TASKS != 0
    }
}

/// Something that is to happen.
#[derive(Clone, Debug)]
pub enum Event {
    /// A request sets out that had to wait for its client's rate.
    Leave {
        /// Who asks.
        caller: Caller,
        /// What.
        request: Rc<Request>,
        /// Because of which record.
        cause: Option<RecordId>,
    },
    /// The API server carries out a request.
    Arrive {
        /// Who asked.
        caller: Caller,
        /// What.
        request: Rc<Request>,
        /// The record of its sending.
        cause: Option<RecordId>,
    },
    /// An answer reaches who asked.
    Answer {
        /// Who asked.
        caller: Caller,
        /// The answer.
        answered: Answered,
    },
    /// The API server's own controllers look at a CustomResourceDefinition, because of a record.
    Definition(Rc<ObjectKey>, Option<RecordId>),
    /// The API server looks whether its own Service is there.
    OwnService,
    /// A watch tells its owner of its next change.
    Watch(WatchId),
    /// A controller's key is due.
    Enqueue(ControllerName, Rc<ObjectKey>),
    /// A controller's worker takes a key.
    Work(ControllerName),
    /// A controller looks at everything, as it does again and again; true where nothing will come of it.
    Tick(ControllerName, bool),
    /// The scheduler takes a Pod, or looks at those that wait.
    Scheduler(super::scheduler::Timer),
    /// A kubelet's own clock.
    Kubelet(NodeId, super::kubelet::Timer),
    /// A runtime's own clock.
    Runtime(NodeId, super::runtime::Timer),
    /// What runs on a node that has booted lists what is its own.
    List(NodeId),
    /// A kube-proxy writes its rules.
    Proxy(NodeId),
    /// A process of a node asks something of the network.
    Dial(NodeId, u32),
    /// A client sends its next request, or one ends.
    Traffic(super::traffic::Timer),
}

impl Event {
    /// Whether it comes because its time has come, and not because of something that happens just now, and may change something.
    pub fn stirs(&self) -> bool {
        match self {
            Self::Leave { .. }
            | Self::Arrive { .. }
            | Self::Answer { .. }
            | Self::Watch(_)
            | Self::Work(_) => false,
            Self::Definition(..)
            | Self::OwnService
            | Self::Enqueue(..)
            | Self::Tick(..)
            | Self::Scheduler(_)
            | Self::Kubelet(..)
            | Self::Runtime(..)
            | Self::List(_)
            | Self::Proxy(_)
            | Self::Dial(..)
            | Self::Traffic(_) => !self.is_idle(),
        }
    }
    /// Whether it goes on by itself for ever and changes nothing that is seen.
    pub fn is_idle(&self) -> bool {
        match self {
            Self::Kubelet(_, timer) => timer.is_idle(),
            Self::Runtime(_, timer) => timer.is_idle(),
            Self::Scheduler(timer) => timer.is_idle(),
            Self::Tick(_, is_idle) => *is_idle,
            Self::Leave { .. }
            | Self::Arrive { .. }
            | Self::Answer { .. }
            | Self::Definition(..)
            | Self::OwnService
            | Self::Watch(_)
            | Self::Enqueue(..)
            | Self::Work(_) => false,
            Self::List(_) | Self::Proxy(_) | Self::Dial(..) | Self::Traffic(_) => false,
        }
    }
}
