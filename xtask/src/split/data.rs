//! What lies in memory from the beginning: which constants the first half may read, and which can come with the second.
//!
//! The linker tells by relocations which constant an operator or another constant refers to. Whatever code of the first half
//! reads it reaches by a number in this code that is an address, and from there by addresses in the constants that it finds:
//! what cannot be reached so is read by the second half alone.

use super::module::Error;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use wasmparser::{
    DataKind, FunctionBody, KnownCustom, Linking, Operator, Parser, Payload, RelocationEntry, RelocationType,
    SymbolInfo,
};

/// What is shorter between two constants that stay is zeros there: to begin anew costs more.
const SHORT: usize = 128;

/// A run of bytes in memory.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    /// Its address.
    pub(crate) at: u32,
    /// The bytes.
    pub(crate) bytes: Vec<u8>,
}

impl Segment {
    fn range(&self) -> Range<u32> {
        self.at..self.at + self.bytes.len() as u32
    }
}

/// A constant or a variable.
#[derive(Debug)]
struct Symbol {
    range: Range<u32>,
    /// The segment that it is in.
    segment: usize,
    /// The symbols that it refers to.
    refers: Vec<usize>,
}

/// What lies in memory.
#[derive(Debug, Default)]
pub(crate) struct Data {
    segments: Vec<Segment>,
    /// Of each segment, whether nothing ever changes what is in it.
    constant: Vec<bool>,
    symbols: Vec<Symbol>,
    /// The symbols by where they begin, each with the furthest end of it and those before.
    order: Vec<(usize, u32)>,
    /// The addresses in code, with the symbols that are meant.
    meant: BTreeMap<u32, BTreeSet<usize>>,
    /// The numbers in code that would be addresses, and are none.
    numbers: BTreeSet<u32>,
}

impl Data {
    /// Reads what the linker wrote.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        let mut data = Self::default();
        // The place of each section in the file, and the relocations by the number of the section.
        let (mut sections, mut relocations) = (Vec::new(), Vec::new());
        let mut named: BTreeMap<u32, usize> = BTreeMap::new();
        let mut starts = Vec::new();
        let mut bodies = Vec::new();
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            if let Some((_, range)) = payload.as_section() {
                sections.push(range.start);
            }
            match payload {
                Payload::CodeSectionEntry(body) => bodies.push(body),
                Payload::DataSection(section) => {
                    for segment in section {
                        let segment = segment?;
                        starts.push(segment.range.end - segment.data.len() as u64);
                        data.segments.push(active(&segment)?);
                    }
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Reloc(reloc) => {
                        for entry in reloc.entries() {
                            relocations.push((reloc.section_index() as usize, entry?));
                        }
                    }
                    KnownCustom::Linking(linking) => {
                        for subsection in linking {
                            match subsection? {
                                Linking::SegmentInfo(segments) => {
                                    for segment in segments {
                                        data.constant.push(segment?.name.starts_with(".rodata"));
                                    }
                                }
                                Linking::SymbolTable(symbols) => {
                                    for (index, symbol) in symbols.into_iter().enumerate() {
                                        if let SymbolInfo::Data { symbol: Some(symbol), .. } = symbol? {
                                            named.insert(index as u32, data.symbols.len());
                                            data.define(symbol)?;
                                        }
                                    }
                                }
                                _ => {}
                            }
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        if relocations.is_empty() {
            return Err("the linker wrote no relocations".into());
        }
        data.sort();
        // Of numbers in code: which are addresses of what.
        let mut in_code = BTreeMap::new();
        for (section, entry) in relocations {
            let Some(symbol) = named.get(&entry.index).copied() else { continue };
            let at = sections.get(section).ok_or("a relocation in no section")? + u64::from(entry.offset);
            match entry.ty {
                RelocationType::MemoryAddrLeb | RelocationType::MemoryAddrSleb => {
                    _ = in_code.insert(at, (symbol, entry))
                }
                RelocationType::MemoryAddrI32 => data.refer(at, symbol, &starts)?,
                other => return Err(format!("a relocation that is not known: {other:?}").into()),
            }
        }
        data.look(&bodies, &in_code)?;
        Ok(data)
    }
    fn define(&mut self, symbol: wasmparser::DefinedDataSymbol) -> Result<(), Error> {
        let segment = symbol.index as usize;
        let start = self.segments.get(segment).ok_or("a symbol in no segment")?.at + symbol.offset;
        self.symbols.push(Symbol { range: start..start + symbol.size, segment, refers: Vec::new() });
        Ok(())
    }
    /// Notes that the constant at a place in the file refers to another.
    fn refer(&mut self, at: u64, to: usize, starts: &[u64]) -> Result<(), Error> {
        let segment =
            starts.partition_point(|start| *start <= at).checked_sub(1).ok_or("a reference from nowhere")?;
        let address = self.segments[segment].at + u32::try_from(at - starts[segment])?;
        let from: Vec<usize> = self.holding(address).collect();
        if from.is_empty() {
            return Err(format!("a reference at {address} that belongs to nothing").into());
        }
        for from in from {
            self.symbols[from].refers.push(to);
        }
        Ok(())
    }
    fn is_constant(&self, symbol: usize) -> bool {
        self.constant.get(self.symbols[symbol].segment) == Some(&true)
    }
    fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.symbols.len()).collect();
        order.sort_by_key(|symbol| self.symbols[*symbol].range.start);
        let mut furthest = 0;
        for symbol in order {
            furthest = furthest.max(self.symbols[symbol].range.end);
            self.order.push((symbol, furthest));
        }
    }
    /// The symbols that an address is in.
    fn holding(&self, address: u32) -> impl Iterator<Item = usize> {
        let behind = self.order.partition_point(|(symbol, _)| self.symbols[*symbol].range.start <= address);
        let before = self.order[..behind].iter().rev();
        let near = before.take_while(move |(_, furthest)| *furthest > address).map(|(symbol, _)| *symbol);
        near.filter(move |symbol| self.symbols[*symbol].range.contains(&address))
    }
    /// Whether a number could be an address of something here.
    fn is_near(&self, number: u32) -> bool {
        let first = self.segments.first().map_or(0, |segment| segment.at);
        let last = self.segments.last().map_or(0, |segment| segment.range().end);
        (first..=last).contains(&number)
    }
    fn look(
        &mut self,
        bodies: &[FunctionBody],
        in_code: &BTreeMap<u64, (usize, RelocationEntry)>,
    ) -> Result<(), Error> {
        for body in bodies {
            let mut operators = body.get_operators_reader()?.into_iter_with_offsets().peekable();
            while let Some(operator) = operators.next() {
                let (operator, from) = operator?;
                let to = match operators.peek() {
                    Some(Ok((_, next))) => *next,
                    _ => body.range().end,
                };
                if let Some((_, (symbol, entry))) = in_code.range(from..to).next() {
                    let address = i64::from(self.symbols[*symbol].range.start) + entry.addend;
                    self.meant.entry(u32::try_from(address)?).or_default().insert(*symbol);
                } else {
                    self.numbers.extend(numbers(&operator));
                }
            }
        }
        Ok(())
    }
    /// Whether a segment is what the linker wrote there.
    pub(crate) fn has(&self, segment: &Segment) -> bool {
        let bytes = self.segments.iter().find_map(|own| {
            let from = segment.at.checked_sub(own.at)? as usize;
            own.bytes.get(from..from + segment.bytes.len())
        });
        bytes == Some(&segment.bytes)
    }
    /// What lies in memory when the first half begins, and what the second half adds, where code of the first half has
    /// these numbers in it.
    pub(crate) fn cut(&self, numbers: &BTreeSet<u32>) -> (Vec<Segment>, Vec<Segment>) {
        let mut stays = vec![false; self.symbols.len()];
        let mut next: Vec<usize> = Vec::new();
        for number in numbers.iter().filter(|number| self.is_near(**number)) {
            match self.meant.get(number) {
                Some(symbols) => next.extend(symbols),
                None if self.numbers.contains(number) => {}
                // An optimiser made it of an address and a number: what is on both sides of it may be meant.
                None => next.extend(self.around(*number)),
            }
        }
        next.extend((0..self.symbols.len()).filter(|symbol| !self.is_constant(*symbol)));
        while let Some(symbol) = next.pop() {
            if !std::mem::replace(&mut stays[symbol], true) {
                next.extend(&self.symbols[symbol].refers);
            }
        }
        let goes = |address: u32| {
            let mut here = self.holding(address).peekable();
            here.peek().is_some() && here.all(|symbol| !stays[symbol])
        };
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        for segment in &self.segments {
            let marks: Vec<bool> = segment.range().map(goes).collect();
            for run in runs(&marks, false, SHORT) {
                let here = run.clone().map(|n| if marks[n] { 0 } else { segment.bytes[n] });
                first.push(Segment { at: segment.at + run.start as u32, bytes: here.collect() });
            }
            for run in runs(&marks, true, 0) {
                let bytes = segment.bytes[run.clone()].to_vec();
                rest.push(Segment { at: segment.at + run.start as u32, bytes });
            }
        }
        (first, rest)
    }
    fn around(&self, number: u32) -> Vec<usize> {
        let before = self
            .order
            .iter()
            .rev()
            .map(|(symbol, _)| *symbol)
            .find(|symbol| self.symbols[*symbol].range.end <= number);
        let behind = self
            .order
            .iter()
            .map(|(symbol, _)| *symbol)
            .find(|symbol| self.symbols[*symbol].range.start > number);
        self.holding(number).chain(before).chain(behind).collect()
    }
}

/// Runs of a mark; what is short between two of them is in one with them.
fn runs(marks: &[bool], of: bool, short: usize) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < marks.len() {
        let end = at + marks[at..].iter().take_while(|mark| **mark == marks[at]).count();
        match runs.last_mut() {
            _ if marks[at] != of => {}
            Some(last) if at - last.end < short => last.end = end,
            _ => runs.push(at..end),
        }
        at = end;
    }
    runs
}

/// The numbers in an operator that may be addresses: an optimiser puts two into one.
pub(crate) fn numbers(operator: &Operator) -> impl Iterator<Item = u32> {
    let (low, high) = match operator {
        Operator::I32Const { value } => (Some(value.cast_unsigned()), None),
        Operator::I64Const { value } => (Some(*value as u32), Some((value >> 32) as u32)),
        Operator::I32Load { memarg }
        | Operator::I64Load { memarg }
        | Operator::F32Load { memarg }
        | Operator::F64Load { memarg }
        | Operator::I32Load8S { memarg }
        | Operator::I32Load8U { memarg }
        | Operator::I32Load16S { memarg }
        | Operator::I32Load16U { memarg }
        | Operator::I64Load8S { memarg }
        | Operator::I64Load8U { memarg }
        | Operator::I64Load16S { memarg }
        | Operator::I64Load16U { memarg }
        | Operator::I64Load32S { memarg }
        | Operator::I64Load32U { memarg } => (Some(memarg.offset as u32), None),
        _ => (None, None),
    };
    low.into_iter().chain(high)
}

/// What a segment puts where.
pub(crate) fn active(segment: &wasmparser::Data) -> Result<Segment, Error> {
    let DataKind::Active { memory_index: 0, offset_expr } = &segment.kind else {
        return Err("memory that does not begin as data says".into());
    };
    let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
        return Err("data whose address is no constant".into());
    };
    Ok(Segment { at: value.cast_unsigned(), bytes: segment.data.to_vec() })
}
