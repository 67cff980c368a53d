//! A part of a function that can be a function of its own: a run of operators and frames in a sequence, what it takes and
//! gives, and how it is left.

use super::body::{Body, frame};
use super::live::{Live, Locals, flow};
use std::ops::Range;
use wasmparser::{BlockType, FrameKind, FuncType, Operator, ValType};

/// What a call of a part costs beside its arguments, about: a number and the call.
const CALL: u64 = 6;
/// More ways out than these are not told apart.
const EXITS: usize = 4;

/// A part.
#[derive(Debug)]
pub(crate) struct Part {
    /// Its operators.
    pub(crate) range: Range<usize>,
    /// The operands that it takes.
    pub(crate) takes: Vec<ValType>,
    /// The locals that it reads.
    pub(crate) reads: Vec<u32>,
    /// The operands that it leaves where control goes on behind it.
    pub(crate) makes: Vec<ValType>,
    /// The locals that it changes and that are read later.
    pub(crate) sets: Vec<u32>,
    /// Whether control goes on behind it.
    pub(crate) falls: bool,
    /// The labels outside of it that it branches to.
    pub(crate) exits: Vec<Exit>,
}

/// A way out of a part.
#[derive(Debug)]
pub(crate) struct Exit {
    /// The label, as the sequence sees it that the part is in.
    pub(crate) depth: u32,
    /// The operands that a branch to it carries.
    pub(crate) values: Vec<ValType>,
}

impl Part {
    /// The part in a range of a sequence in frames, outermost first; nothing if it uses what cannot be moved, or is too small.
    pub(crate) fn of(
        body: &Body,
        live: &Live,
        ty: &FuncType,
        range: Range<usize>,
        frames: &[usize],
    ) -> Option<Self> {
        let outside = u32::try_from(frames.len()).ok()?;
        let mut depths = Vec::new();
        let mut set = Locals::default();
        let mut nested = 0_u32;
        for op in &body.ops[range.clone()] {
            let mut leaves = |depth: u32| depths.extend(depth.checked_sub(nested));
            match &op.operator {
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    set.insert(*local_index)
                }
                Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                    leaves(*relative_depth)
                }
                Operator::BrTable { targets } => {
                    leaves(targets.default());
                    for depth in targets.targets() {
                        leaves(depth.ok()?);
                    }
                }
                Operator::Return => leaves(outside + nested),
                Operator::End => nested -= 1,
                Operator::TryTable { .. } | Operator::BrOnNull { .. } | Operator::BrOnNonNull { .. } => {
                    return None;
                }
                operator if frame(operator).is_some() => nested += 1,
                _ => {}
            }
        }
        depths.sort_unstable();
        depths.dedup();
        if depths.len() > EXITS {
            return None;
        }
        let mut exits = Vec::new();
        let mut read_later = Locals::default();
        for depth in depths {
            let values = if depth == outside {
                ty.results().to_vec()
            } else {
                let at = frames[frames.len() - 1 - depth as usize];
                read_later.extend(live.at_label.get(&at)?);
                match frame(&body.ops[at].operator)? {
                    (BlockType::Empty, _) | (BlockType::Type(_), FrameKind::Loop) => Vec::new(),
                    (BlockType::Type(value), _) => vec![value],
                    (BlockType::FuncType(_), _) => return None,
                }
            };
            exits.push(Exit { depth, values });
        }
        let falls = body.ops[range.end].is_reached;
        if falls {
            read_later.extend(live.before.get(&range.end)?);
        }
        let sets = set.common(&read_later);
        let mut labels = vec![sets.clone(); frames.len() + 1];
        let reads = flow(body, range.clone(), sets.clone(), &mut labels, &mut Live::default());

        let start = body.ops[range.start].height;
        let lowest = body.items(range.clone()).into_iter().map(|place| &body.ops[place]);
        let lowest = lowest.filter(|op| op.is_reached).filter_map(|op| op.height.checked_sub(op.takes));
        let lowest = lowest.min().unwrap_or(start).min(start) as usize;
        let operands = |place: usize| {
            body.stacks.get(&place)?.get(lowest..)?.iter().copied().collect::<Option<Vec<_>>>()
        };
        let takes = operands(range.start)?;
        let makes = if falls { operands(range.end)? } else { Vec::new() };
        let by_type = |locals: &Locals| {
            let mut locals = locals.list();
            locals.sort_by_key(|local| (body.locals[*local as usize], *local));
            locals
        };
        let part = Self { takes, reads: by_type(&reads), makes, sets: by_type(&sets), falls, exits, range };
        (body.bytes(part.range.clone()) > part.cost()).then_some(part)
    }
    /// Whether the one way out is told by where the call stands, and not by a number.
    pub(crate) fn is_straight(&self) -> bool {
        usize::from(self.falls) + self.exits.len() <= 1
    }
    /// The types of what it is called with.
    pub(crate) fn parameters(&self, body: &Body) -> Vec<ValType> {
        let locals = self.reads.iter().map(|local| body.locals[*local as usize]);
        self.takes.iter().copied().chain(locals).collect()
    }
    /// The types of what it gives: operands, the number of the way out, locals, and what the ways out carry.
    pub(crate) fn results(&self, body: &Body) -> Vec<ValType> {
        let locals = self.sets.iter().map(|local| body.locals[*local as usize]);
        let carried = self.exits.iter().flat_map(|exit| exit.values.iter().copied());
        if self.is_straight() {
            return self.makes.iter().copied().chain(carried).chain(locals).collect();
        }
        self.makes.iter().copied().chain([ValType::I32]).chain(locals).chain(carried).collect()
    }
    /// The bytes that stay in its place, about.
    fn cost(&self) -> u64 {
        let ways = if self.is_straight() { 1 } else { 5 * self.exits.len() };
        CALL + 2 * (self.reads.len() + self.sets.len()) as u64 + ways as u64
    }
}
