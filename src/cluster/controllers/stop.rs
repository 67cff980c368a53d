//! Why a sync stops before its end.

use crate::cluster::request::{Reason, Status};
use crate::cluster::task::Suspended;
use std::rc::Rc;

/// Why a sync stops before its end.
#[derive(Clone, Debug)]
pub(super) enum Stop {
    /// It waits.
    Suspended,
    /// It failed; it is tried again.
    Failed(Rc<Status>),
}

impl Stop {
    /// A failure that is the controller's own.
    pub(super) fn because(why: impl Into<String>) -> Self {
        Self::Failed(Status::new(Reason::InternalError, why))
    }
}

impl From<Suspended> for Stop {
    fn from(_: Suspended) -> Self {
        Self::Suspended
    }
}

impl From<Rc<Status>> for Stop {
    fn from(error: Rc<Status>) -> Self {
        Self::Failed(error)
    }
}
