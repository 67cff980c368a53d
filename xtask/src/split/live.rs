//! Which locals of a function are still read, before a place and after a branch to a label.

use super::body::{Body, frame};
use std::collections::BTreeMap;
use std::ops::Range;
use wasmparser::{FrameKind, Operator};

/// A set of locals.
#[derive(Clone, Debug, Default)]
pub(crate) struct Locals(Vec<u64>);

impl Locals {
    /// Adds a local.
    pub(crate) fn insert(&mut self, local: u32) {
        let word = local as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (local % 64);
    }
    /// Adds all locals of another set.
    pub(crate) fn extend(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }
    /// The locals that are in both.
    pub(crate) fn common(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| one & other).collect())
    }
    /// The locals in order.
    pub(crate) fn list(&self) -> Vec<u32> {
        let bits =
            self.0.iter().zip(0_u32..).flat_map(|(word, n)| (0..64).map(move |bit| (word, n * 64 + bit)));
        bits.filter(|(word, local)| *word >> (local % 64) & 1 == 1).map(|(_, local)| local).collect()
    }
    fn has_all(&self, other: &Self) -> bool {
        other.0.iter().enumerate().all(|(n, word)| word & !self.0.get(n).unwrap_or(&0) == 0)
    }
    fn remove(&mut self, local: u32) {
        if let Some(word) = self.0.get_mut(local as usize / 64) {
            *word &= !(1 << (local % 64));
        }
    }
}

/// What is read later, of a whole function.
#[derive(Debug, Default)]
pub(crate) struct Live {
    /// Before the places at which a part may begin or end.
    pub(crate) before: BTreeMap<usize, Locals>,
    /// After a branch to a frame.
    pub(crate) at_label: BTreeMap<usize, Locals>,
}

impl Live {
    /// Looks through a function.
    pub(crate) fn of(body: &Body) -> Self {
        let mut live = Self::default();
        let whole = body.whole();
        live.before.insert(whole.end, Locals::default());
        flow(body, whole, Locals::default(), &mut vec![Locals::default()], &mut live);
        live
    }
}

/// What is read from the beginning of a sequence on, where `out` is read after it and `labels` after branches out of it,
/// outermost first; the first is what is read after the function returns.
pub(crate) fn flow(
    body: &Body,
    sequence: Range<usize>,
    out: Locals,
    labels: &mut Vec<Locals>,
    live: &mut Live,
) -> Locals {
    let mut now = out;
    live.before.insert(sequence.end, now.clone());
    for place in body.items(sequence).into_iter().rev() {
        let target = |labels: &[Locals], depth: u32| labels[labels.len() - 1 - depth as usize].clone();
        match &body.ops[place].operator {
            Operator::LocalGet { local_index } => now.insert(*local_index),
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                now.remove(*local_index)
            }
            Operator::Br { relative_depth } => now = target(labels, *relative_depth),
            Operator::BrIf { relative_depth } => now.extend(&target(labels, *relative_depth)),
            Operator::BrTable { targets } => {
                now = target(labels, targets.default());
                for depth in targets.targets().flatten() {
                    now.extend(&target(labels, depth));
                }
            }
            Operator::Return => now = labels[0].clone(),
            Operator::Unreachable => now = Locals::default(),
            operator => {
                if let Some((_, kind)) = frame(operator) {
                    now = through(body, place, kind, &now, labels, live);
                }
            }
        }
        if body.is_lead(place) {
            live.before.insert(place, now.clone());
        }
    }
    now
}

fn through(
    body: &Body,
    place: usize,
    kind: FrameKind,
    after: &Locals,
    labels: &mut Vec<Locals>,
    live: &mut Live,
) -> Locals {
    let sequences = body.inside(place);
    let mut before = Locals::default();
    if kind == FrameKind::Loop {
        // What the loop reads at its head is read after a branch to it.
        loop {
            labels.push(before.clone());
            let again = flow(body, sequences[0].clone(), after.clone(), labels, live);
            labels.pop();
            if before.has_all(&again) {
                break;
            }
            before.extend(&again);
        }
        live.at_label.insert(place, before.clone());
        return before;
    }
    labels.push(after.clone());
    live.at_label.insert(place, after.clone());
    if kind == FrameKind::If && sequences.len() == 1 {
        before.extend(after);
    }
    for sequence in sequences {
        let inside = flow(body, sequence, after.clone(), labels, live);
        before.extend(&inside);
    }
    labels.pop();
    before
}
