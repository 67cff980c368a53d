//! Writes functions without their parts, and the parts as functions.

use super::body::Body;
use super::module::Error;
use super::part::Part;
use std::collections::BTreeMap;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{BlockType, Function, Instruction, ValType};
use wasmparser::Operator;

/// Where functions are in the module that is written.
pub(crate) type Indices = BTreeMap<u32, u32>;

/// Writes bodies whose functions have other indices.
pub(crate) struct Mapped<'i> {
    pub(crate) indices: &'i Indices,
}

impl Reencode for Mapped<'_> {
    type Error = std::convert::Infallible;
    fn function_index(&mut self, index: u32) -> Result<u32, wasm_encoder::reencode::Error> {
        Ok(self.indices[&index])
    }
}

fn val_type(ty: wasmparser::ValType) -> Result<ValType, Error> {
    Ok(RoundtripReencoder.val_type(ty)?)
}

/// Adds locals one by one, and counts them in runs.
#[derive(Default)]
struct Added {
    next: u32,
    types: Vec<ValType>,
}

impl Added {
    fn add(&mut self, ty: wasmparser::ValType) -> Result<u32, Error> {
        self.types.push(val_type(ty)?);
        self.next += 1;
        Ok(self.next - 1)
    }
}

/// A function, with calls where its parts were: what calls each of them when its arguments are there.
pub(crate) fn host(
    body: &Body,
    parameters: usize,
    parts: &[Part],
    calls: &[Vec<Instruction<'static>>],
    indices: &Indices,
) -> Result<Function, Error> {
    let mut types = body.locals.clone();
    // The locals of one call serve the next as well.
    let mut spare: BTreeMap<(wasmparser::ValType, usize), u32> = BTreeMap::new();
    let mut code = Vec::new();
    let mut mapped = Mapped { indices };
    let (mut place, mut parts) = (0, parts.iter().zip(calls).peekable());
    while place < body.ops.len() {
        if let Some((part, call)) = parts.next_if(|(part, _)| part.range.start == place) {
            let mut taken: BTreeMap<wasmparser::ValType, usize> = BTreeMap::new();
            let mut local = |ty: wasmparser::ValType| -> Result<u32, Error> {
                let nth = taken.entry(ty).or_default();
                *nth += 1;
                let local = spare.entry((ty, *nth)).or_insert_with(|| {
                    types.push(ty);
                    types.len() as u32 - 1
                });
                Ok(*local)
            };
            site(part, call, &mut code, &mut local)?;
            place = part.range.end;
            continue;
        }
        code.push(mapped.instruction(body.ops[place].operator.clone())?);
        place += 1;
    }
    renumber(&mut code, &types, parameters)
}

/// A function of these instructions, without the locals that only its parts had.
fn renumber(
    code: &mut [Instruction],
    types: &[wasmparser::ValType],
    parameters: usize,
) -> Result<Function, Error> {
    let mut order: Vec<u32> = Vec::new();
    let mut known = vec![false; types.len()];
    for instruction in code.iter() {
        if let Instruction::LocalGet(local) | Instruction::LocalSet(local) | Instruction::LocalTee(local) =
            instruction
            && *local as usize >= parameters
            && !std::mem::replace(&mut known[*local as usize], true)
        {
            order.push(*local);
        }
    }
    order.sort_by_key(|local| (types[*local as usize], *local));
    let first = u32::try_from(parameters)?;
    let places: Indices = (0..first).zip(0..first).chain(order.iter().copied().zip(first..)).collect();
    let added = order.iter().map(|local| val_type(types[*local as usize])).collect::<Result<Vec<_>, _>>()?;
    let mut function = Function::new_with_locals_types(added);
    for instruction in code {
        if let Instruction::LocalGet(local) | Instruction::LocalSet(local) | Instruction::LocalTee(local) =
            instruction
        {
            *local = places[local];
        }
        function.instruction(instruction);
    }
    Ok(function)
}

fn site(
    part: &Part,
    call: &[Instruction<'static>],
    code: &mut Vec<Instruction>,
    local: &mut dyn FnMut(wasmparser::ValType) -> Result<u32, Error>,
) -> Result<(), Error> {
    code.extend(part.reads.iter().map(|local| Instruction::LocalGet(*local)));
    code.extend(call.iter().cloned());
    let sets = part.sets.iter().rev().map(|local| Instruction::LocalSet(*local));
    if part.is_straight() {
        code.extend(sets);
        match part.exits.first() {
            Some(exit) => code.push(Instruction::Br(exit.depth)),
            None if !part.falls => code.push(Instruction::Unreachable),
            None => {}
        }
        return Ok(());
    }
    let mut carried = Vec::new();
    for exit in &part.exits {
        carried.push(exit.values.iter().map(|ty| local(*ty)).collect::<Result<Vec<_>, _>>()?);
    }
    code.extend(carried.iter().flatten().rev().map(|local| Instruction::LocalSet(*local)));
    code.extend(sets);
    let way = local(wasmparser::ValType::I32)?;
    if part.exits.len() > 1 {
        code.push(Instruction::LocalSet(way));
    }
    for (n, (exit, carried)) in part.exits.iter().zip(&carried).enumerate() {
        let is_last = n + 1 == part.exits.len();
        let is_sure = is_last && !part.falls;
        if !is_sure && part.exits.len() > 1 {
            code.push(Instruction::LocalGet(way));
            if !is_last {
                code.push(Instruction::I32Const(i32::try_from(n)? + 1));
                code.push(Instruction::I32Eq);
            }
        }
        let is_if = !is_sure && !carried.is_empty();
        if is_if {
            code.push(Instruction::If(BlockType::Empty));
        }
        code.extend(carried.iter().map(|local| Instruction::LocalGet(*local)));
        code.push(match (is_sure, is_if) {
            (false, false) => Instruction::BrIf(exit.depth),
            (_, is_if) => Instruction::Br(exit.depth + u32::from(is_if)),
        });
        if is_if {
            code.push(Instruction::End);
        }
    }
    Ok(())
}

/// A part as a function.
pub(crate) fn part(body: &Body, part: &Part, indices: &Indices) -> Result<Function, Error> {
    let takes = u32::try_from(part.takes.len())?;
    let mut places: Indices = part.reads.iter().copied().zip(takes..).collect();
    let mut added = Added { next: takes + u32::try_from(part.reads.len())?, types: Vec::new() };
    for op in &body.ops[part.range.clone()] {
        if let Operator::LocalGet { local_index }
        | Operator::LocalSet { local_index }
        | Operator::LocalTee { local_index } = op.operator
            && !places.contains_key(&local_index)
        {
            places.insert(local_index, added.add(body.locals[local_index as usize])?);
        }
    }
    let mut code = Vec::new();
    // Blocks around the part, one for each way out, so that branches to labels outside stay branches.
    let is_straight = part.is_straight();
    let ways = u32::try_from(part.exits.len())?;
    let (mut makes, mut carried, mut way) = (Vec::new(), Vec::new(), 0);
    if !is_straight {
        code.push(Instruction::Block(BlockType::Empty));
        for ty in &part.makes {
            makes.push(added.add(*ty)?);
        }
        for exit in &part.exits {
            carried.push(exit.values.iter().map(|ty| added.add(*ty)).collect::<Result<Vec<_>, _>>()?);
        }
        way = added.add(wasmparser::ValType::I32)?;
    }
    for exit in part.exits.iter().rev() {
        code.push(Instruction::Block(match exit.values[..] {
            [] => BlockType::Empty,
            [ty] => BlockType::Result(val_type(ty)?),
            _ => return Err("a branch with several values".into()),
        }));
    }
    code.extend((0..takes).map(Instruction::LocalGet));
    moved(body, part, &places, indices, &mut code)?;
    if !is_straight {
        if part.falls {
            code.extend(makes.iter().rev().map(|local| Instruction::LocalSet(*local)));
            code.push(Instruction::Br(ways));
        }
        for (n, carried) in (1..=ways).zip(&carried) {
            code.push(Instruction::End);
            code.extend(carried.iter().rev().map(|local| Instruction::LocalSet(*local)));
            code.push(Instruction::I32Const(n.cast_signed()));
            code.push(Instruction::LocalSet(way));
            if n < ways {
                code.push(Instruction::Br(ways - n));
            }
        }
        code.push(Instruction::End);
        code.extend(makes.iter().map(|local| Instruction::LocalGet(*local)));
        code.push(Instruction::LocalGet(way));
    } else if ways > 0 {
        code.push(Instruction::End);
    }
    code.extend(part.sets.iter().map(|local| Instruction::LocalGet(places[local])));
    code.extend(carried.iter().flatten().map(|local| Instruction::LocalGet(*local)));
    code.push(Instruction::End);
    let mut function = Function::new_with_locals_types(added.types);
    for instruction in &code {
        function.instruction(instruction);
    }
    Ok(function)
}

/// The operators of a part, with its own locals and ways out.
fn moved<'a>(
    body: &Body<'a>,
    part: &Part,
    places: &Indices,
    indices: &Indices,
    code: &mut Vec<Instruction<'a>>,
) -> Result<(), Error> {
    let way =
        |depth: u32| part.exits.iter().zip(0..).find(|(exit, _)| exit.depth == depth).map(|(_, way)| way);
    let mut mapped = Mapped { indices };
    let mut nested = 0;
    for op in &body.ops[part.range.clone()] {
        let label = |depth: u32| match depth.checked_sub(nested) {
            Some(outer) => way(outer).map(|way: u32| way + nested).ok_or("a branch to nowhere"),
            None => Ok(depth),
        };
        code.push(match &op.operator {
            Operator::LocalGet { local_index } => Instruction::LocalGet(places[local_index]),
            Operator::LocalSet { local_index } => Instruction::LocalSet(places[local_index]),
            Operator::LocalTee { local_index } => Instruction::LocalTee(places[local_index]),
            Operator::Br { relative_depth } => Instruction::Br(label(*relative_depth)?),
            Operator::BrIf { relative_depth } => Instruction::BrIf(label(*relative_depth)?),
            Operator::BrTable { targets } => {
                let mut labels = Vec::new();
                for depth in targets.targets() {
                    labels.push(label(depth?)?);
                }
                Instruction::BrTable(labels.into(), label(targets.default())?)
            }
            // Its label is the last way out: no other is further out.
            Operator::Return => {
                let last = part.exits.len().checked_sub(1).ok_or("a return to nowhere")?;
                Instruction::Br(u32::try_from(last)? + nested)
            }
            operator => {
                match operator {
                    Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => nested += 1,
                    Operator::End => nested -= 1,
                    _ => {}
                }
                mapped.instruction(operator.clone())?
            }
        });
    }
    Ok(())
}
