//! The body of a function as the tree that it is: sequences of operators, and frames in them.

use super::module::{Defined, Error};
use std::collections::BTreeMap;
use std::ops::Range;
use wasmparser::{BlockType, FrameKind, Operator, ValType};

/// A body.
#[derive(Debug)]
pub(crate) struct Body<'a> {
    /// The types of its locals, parameters first.
    pub(crate) locals: Vec<ValType>,
    /// Its operators, the last `end` included.
    pub(crate) ops: Vec<Op<'a>>,
    /// The operands that wait before an operator, of the places where a part may begin or end.
    pub(crate) stacks: BTreeMap<usize, Vec<Option<ValType>>>,
}

/// An operator in its place.
#[derive(Debug)]
pub(crate) struct Op<'a> {
    pub(crate) operator: Operator<'a>,
    /// Where its bytes begin.
    pub(crate) offset: u64,
    /// How many operands there are before it.
    pub(crate) height: u32,
    /// How many of them it takes.
    pub(crate) takes: u32,
    /// Whether control can come here.
    pub(crate) is_reached: bool,
    /// Of `block`, `loop` and `if`: the place of its `end`. Of `else`: the same.
    pub(crate) end: usize,
    /// Of `if` with one: the place of its `else`.
    pub(crate) other: Option<usize>,
}

/// The places at which control can come from elsewhere than from the operator before, or go on from a branch that was
/// not taken: whether such a place was reached tells of all operators up to the next.
pub(crate) fn is_lead(before: Option<&Operator>) -> bool {
    matches!(
        before,
        None | Some(Operator::If { .. } | Operator::Else | Operator::BrIf { .. } | Operator::End)
    )
}

impl<'a> Body<'a> {
    /// Reads the body of a function.
    pub(crate) fn read(function: &Defined<'a>) -> Result<Self, Error> {
        let mut validator = function.validator();
        let mut locals_reader = function.body.get_locals_reader()?;
        for _ in 0..locals_reader.get_count() {
            let offset = locals_reader.original_position();
            let (count, ty) = locals_reader.read()?;
            validator.define_locals(offset, count, ty)?;
        }
        let locals =
            (0..validator.len_locals()).filter_map(|local| validator.get_local_type(local)).collect();
        let mut body = Self { locals, ops: Vec::new(), stacks: BTreeMap::new() };
        let mut open: Vec<usize> = Vec::new();
        for operator in function.body.get_operators_reader()?.into_iter_with_offsets() {
            let (operator, offset) = operator?;
            let place = body.ops.len();
            let height = validator.operand_stack_height();
            let is_end = matches!(operator, Operator::End | Operator::Else);
            if is_end || is_lead(body.ops.last().map(|op| &op.operator)) {
                let stack =
                    (0..height as usize).rev().map(|depth| validator.get_operand_type(depth).flatten());
                body.stacks.insert(place, stack.collect());
            }
            let (takes, _) = operator.operator_arity(&validator).ok_or("an operator of unknown arity")?;
            let is_reached = validator.get_control_frame(0).is_some_and(|frame| !frame.unreachable);
            validator.op(offset, &operator)?;
            let mut op = Op { operator, offset, height, takes, is_reached, end: 0, other: None };
            match op.operator {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => open.push(place),
                Operator::Else => {
                    let frame = *open.last().ok_or("an else without an if")?;
                    body.ops[frame].other = Some(place);
                }
                Operator::End => {
                    if let Some(frame) = open.pop() {
                        body.ops[frame].end = place;
                        if let Some(other) = body.ops[frame].other {
                            body.ops[other].end = place;
                        }
                    }
                    op.end = place;
                }
                _ => {}
            }
            body.ops.push(op);
        }
        Ok(body)
    }
    /// The sequence of the function itself.
    pub(crate) fn whole(&self) -> Range<usize> {
        0..self.ops.len() - 1
    }
    /// Whether control can come to a place from elsewhere than from the operator before.
    pub(crate) fn is_lead(&self, place: usize) -> bool {
        is_lead(place.checked_sub(1).map(|before| &self.ops[before].operator))
    }
    /// Whether a frame begins here.
    pub(crate) fn is_frame(&self, place: usize) -> bool {
        matches!(
            self.ops[place].operator,
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. }
        )
    }
    /// The place after an operator, or after the whole frame that begins with it.
    pub(crate) fn after(&self, place: usize) -> usize {
        if self.is_frame(place) { self.ops[place].end + 1 } else { place + 1 }
    }
    /// The operators and frames of a sequence, by where they begin.
    pub(crate) fn items(&self, sequence: Range<usize>) -> Vec<usize> {
        let (mut items, mut place) = (Vec::new(), sequence.start);
        while place < sequence.end {
            items.push(place);
            place = self.after(place);
        }
        items
    }
    /// The sequences directly in a frame.
    pub(crate) fn inside(&self, frame: usize) -> Vec<Range<usize>> {
        let Op { end, other, .. } = self.ops[frame];
        let mut inside = vec![];
        inside.push(frame + 1..other.unwrap_or(end));
        inside.extend(other.map(|other| other + 1..end));
        inside
    }
    /// How many bytes operators take.
    pub(crate) fn bytes(&self, range: Range<usize>) -> u64 {
        self.ops[range.end].offset - self.ops[range.start].offset
    }
}

/// The type and the kind of a frame that begins with an operator.
pub(crate) fn frame(operator: &Operator) -> Option<(BlockType, FrameKind)> {
    match operator {
        Operator::Block { blockty } => Some((*blockty, FrameKind::Block)),
        Operator::Loop { blockty } => Some((*blockty, FrameKind::Loop)),
        Operator::If { blockty } => Some((*blockty, FrameKind::If)),
        _ => None,
    }
}
