//! kube-scheduler.

use super::engine::Engine;
use super::event::Caller;
use super::record::RecordId;
use super::request::WatchEvent;
use super::task::Answered;

/// The scheduler's own clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Takes the next Pod of its queue.
    Next,
}

impl Timer {
    /// Whether it goes on by itself for ever and changes nothing that is seen.
    pub fn is_idle(&self) -> bool {
        false
    }
}

/// The scheduler.
#[derive(Clone, Debug, Default)]
pub struct Scheduler {}

impl Scheduler {
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
