//! What a machine's processor shares among the calls that work it: a Pod that starts alone starts quickly, and eight at once
//! take each several times as long.

use super::engine::{Engine, Place};
use super::event::Event;
use super::record::NodeId;
use super::runtime::Timer;
use super::time::{Micros, SimTime};
use std::collections::{BTreeMap, BTreeSet};

/// A machine has two cores and carries two nodes, as the recorded one did. A fifth goes to all else that runs there: what
/// is left for the runtimes' calls, in tenths of a core.
const CAPACITY: u64 = 16;
const CORE: u64 = 10;
const NODES: u16 = 2;

/// The work that is under way on a machine. All calls get equal shares of the processor, so that one number says how much
/// each has had: a call is over when that has grown by its work.
#[derive(Clone, Debug, Default)]
pub(super) struct Effort {
    /// What a call would have had that was there from the beginning, in micros of a whole core.
    served: Micros,
    /// As of when.
    since: SimTime,
    /// How much that is when each call is over.
    due: BTreeMap<(NodeId, u32), Micros>,
    /// The same in their order.
    order: BTreeSet<(Micros, NodeId, u32)>,
    /// The end of the call that ends first.
    next: Option<Place>,
}

impl Effort {
    /// What all calls that are under way ask for; each gets a whole core at most.
    fn asked(&self) -> u64 {
        (self.due.len() as u64 * CORE).max(CAPACITY)
    }
    /// Counts what was done until now.
    fn advance(&mut self, now: SimTime) {
        self.served += now.since(self.since) * CAPACITY / self.asked();
        self.since = now;
    }
    fn add(&mut self, call: (NodeId, u32), work: Micros) {
        let due = self.served + work;
        self.due.insert(call, due);
        self.order.insert((due, call.0, call.1));
    }
    fn remove(&mut self, call: (NodeId, u32)) {
        if let Some(due) = self.due.remove(&call) {
            self.order.remove(&(due, call.0, call.1));
        }
    }
    /// The call that ends first, and how long that takes while all this goes on.
    fn first(&self) -> Option<(Micros, NodeId, u32)> {
        let (due, node, call) = *self.order.first()?;
        Some(((due.saturating_sub(self.served) * self.asked()).div_ceil(CAPACITY), node, call))
    }
}

impl Engine {
    /// A call of a node's runtime begins that works the processor for so long.
    pub(super) fn begin_work(&mut self, node: NodeId, call: u32, work: Micros) {
        let now = self.now;
        let effort = self.efforts.entry(node.0 / NODES).or_default();
        effort.advance(now);
        effort.add((node, call), work);
        self.plan_work(node);
    }
    /// A call is over, whether it worked the processor or not.
    pub(super) fn end_work(&mut self, node: NodeId, call: u32) {
        let now = self.now;
        let Some(effort) = self.efforts.get_mut(&(node.0 / NODES)) else { return };
        if !effort.due.contains_key(&(node, call)) {
            return;
        }
        effort.advance(now);
        effort.remove((node, call));
        // It was the next, and has come.
        effort.next = None;
        self.plan_work(node);
    }
    /// All that is under way on a node is lost.
    pub(super) fn lose_work(&mut self, node: NodeId) {
        let now = self.now;
        let Some(effort) = self.efforts.get_mut(&(node.0 / NODES)) else { return };
        effort.advance(now);
        let lost: Vec<_> = effort.due.keys().copied().filter(|(other, _)| *other == node).collect();
        lost.into_iter().for_each(|call| effort.remove(call));
        self.plan_work(node);
    }
    fn plan_work(&mut self, node: NodeId) {
        let Some(effort) = self.efforts.get_mut(&(node.0 / NODES)) else { return };
        let before = effort.next.take();
        let next = effort.first();
        if let Some(place) = before {
            self.withdraw(place);
        }
        let Some((takes, of, call)) = next else { return };
        let place = self.schedule(self.now + takes, Event::Runtime(of, Timer::Call(call)));
        if let Some(effort) = self.efforts.get_mut(&(node.0 / NODES)) {
            effort.next = Some(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::time::WallClock;

    /// When each of these calls ends: its node, when it begins, and how much work it is.
    fn ends(calls: &[(u16, u64, Micros)]) -> Vec<u64> {
        let mut engine = Engine::new(1, WallClock { start_unix_micros: 0 });
        let mut ends = vec![0; calls.len()];
        let mut waiting = calls.iter().enumerate().peekable();
        loop {
            while let Some((number, (node, _, work))) =
                waiting.next_if(|(_, (_, begin, _))| engine.next_time().is_none_or(|next| next.0 > *begin))
            {
                engine.now = SimTime(engine.now.0.max(calls[number].1));
                engine.begin_work(NodeId(*node), number as u32, *work);
            }
            let Some(Event::Runtime(node, Timer::Call(call))) = engine.pop() else { return ends };
            engine.end_work(node, call);
            ends[call as usize] = engine.now.0;
        }
    }

    #[test]
    fn two_cores_are_shared_by_what_goes_on_at_once() {
        assert_eq!(ends(&[(0, 0, 160)]), [160]);
        // Two ask for more than there is left.
        assert_eq!(ends(&[(0, 0, 160), (1, 0, 160)]), [200, 200]);
        // Four take two and a half times as long each; the short one is over first, and the others gain by it.
        assert_eq!(ends(&[(0, 0, 160), (0, 0, 160), (1, 0, 160), (1, 0, 80)]), [350, 350, 350, 200]);
        // One that comes later slows the others from then on.
        assert_eq!(ends(&[(0, 0, 160), (0, 0, 160), (1, 50, 160)]), [275, 275, 315]);
        // A third node is on another machine.
        assert_eq!(ends(&[(0, 0, 160), (1, 0, 160), (2, 0, 160)]), [200, 200, 160]);
    }

    #[test]
    fn what_a_node_loses_slows_nothing_any_more() {
        let mut engine = Engine::new(1, WallClock { start_unix_micros: 0 });
        for (node, call) in [(0, 1), (0, 2), (1, 3), (1, 4)] {
            engine.begin_work(NodeId(node), call, 100);
        }
        engine.lose_work(NodeId(0));
        assert!(matches!(engine.pop(), Some(Event::Runtime(NodeId(1), Timer::Call(3)))));
        // Two are left, which ask for more than there is.
        assert_eq!(engine.now.0, 125);
    }
}
