//! Clients that send requests to a Service.

use super::record::NodeId;
use super::time::SimTime;
use crate::api::ObjectKey;
use crate::value::Str;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestRow {
    /// The client, by its number in the run.
    pub client: u32,
    /// The Service.
    pub service: ObjectKey,
    /// The node that it starts on.
    pub from: NodeId,
    /// When it was sent.
    pub sent: SimTime,
    /// The endpoint that the node's rules chose: Pod, address and port.
    pub endpoint: Option<(ObjectKey, Str, u16)>,
    /// When and how it ended; none while it is under way.
    pub ended: Option<(SimTime, Outcome)>,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Answered, by which Pod.
    Served(Str),
    /// Nobody listened, or the Service has no endpoint.
    Refused,
    /// No answer came in time.
    TimedOut,
    /// The server ended while it answered.
    CutOff,
}

/// A client's own clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timer {
    /// A client sends its next request.
    Send(u32),
    /// A request ends.
    End(u32),
}
