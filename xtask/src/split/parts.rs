//! Finds the parts of a function that a first visit does not come to.

use super::body::Body;
use super::listing::Hash;
use super::live::Live;
use super::module::{Defined, Error, Module};
use super::part::Part;
use std::ops::Range;
use wasmparser::Operator;

/// Immediates from here on may be addresses, which move.
const ADDRESSES: u64 = 1 << 16;

/// Constants from here on may be places in the table of functions, which move with every function that is added to it.
const TABLE_PLACES: u32 = 1 << 6;

/// A function that stays, with what was found in it.
pub(crate) struct Host<'a> {
    pub(crate) body: Body<'a>,
    pub(crate) parts: Vec<Part>,
}

/// Reads a function and finds its parts: of those that `wanted` takes, the longest. It is asked about a range that begins
/// and ends where a part may.
pub(crate) fn find<'a>(
    module: &Module<'a>,
    function: &Defined<'a>,
    wanted: &mut dyn FnMut(&Body<'a>, Range<usize>) -> bool,
) -> Result<Host<'a>, Error> {
    let body = Body::read(function)?;
    let mut finder =
        Finder { live: Live::of(&body), body, module, function, found: Vec::new(), frames: Vec::new() };
    finder.look(finder.body.whole(), wanted);
    Ok(Host { body: finder.body, parts: finder.found })
}

struct Finder<'m, 'a> {
    module: &'m Module<'a>,
    function: &'m Defined<'a>,
    body: Body<'a>,
    live: Live,
    found: Vec<Part>,
    frames: Vec<usize>,
}

impl<'a> Finder<'_, 'a> {
    fn look(&mut self, sequence: Range<usize>, wanted: &mut dyn FnMut(&Body<'a>, Range<usize>) -> bool) {
        let end = sequence.end;
        let mut place = sequence.start;
        while place < end {
            if let Some(part) = self.part(place, end, wanted) {
                place = part.range.end;
                self.found.push(part);
                continue;
            }
            if self.body.is_frame(place) {
                self.frames.push(place);
                for inside in self.body.inside(place) {
                    self.look(inside, wanted);
                }
                self.frames.pop();
            }
            place = self.body.after(place);
        }
    }
    /// The longest part that begins at a place.
    fn part(
        &self,
        place: usize,
        end: usize,
        wanted: &mut dyn FnMut(&Body<'a>, Range<usize>) -> bool,
    ) -> Option<Part> {
        let ty = &self.module.types[self.function.ty as usize];
        let ranges = ranges(&self.body, place, end).into_iter().rev();
        let mut wanted = ranges.filter(|range| wanted(&self.body, range.clone()));
        wanted.find_map(|range| Part::of(&self.body, &self.live, ty, range, &self.frames))
    }
}

/// The ranges of a sequence that begin at a place and that may be parts, the shortest first.
fn ranges(body: &Body, place: usize, end: usize) -> Vec<Range<usize>> {
    if !body.is_lead(place) {
        return Vec::new();
    }
    let mut ranges = Vec::new();
    let mut next = body.after(place);
    while next < end {
        if body.is_lead(next) {
            ranges.push(place..next);
        }
        next = body.after(next);
    }
    ranges.push(place..end);
    ranges
}

/// All ranges of a function that may be parts, with their hashes.
pub(crate) fn hashes(module: &Module, function: &Defined, body: &Body) -> Vec<(Range<usize>, u32)> {
    let mut all = Vec::new();
    let mut sequences = vec![body.whole()];
    while let Some(sequence) = sequences.pop() {
        for place in body.items(sequence.clone()) {
            let (mut hash, mut at) = (Hash::default(), place);
            for range in ranges(body, place, sequence.end) {
                while at < range.end {
                    hash = mixed(module, function, body, hash, at);
                    at += 1;
                }
                all.push((range, hash.folded()));
            }
            if body.is_frame(place) {
                sequences.extend(body.inside(place));
            }
        }
    }
    all
}

/// What an operator is, whatever its place: neither locals nor addresses.
fn mixed(module: &Module, function: &Defined, body: &Body, hash: Hash, place: usize) -> Hash {
    let op = &body.ops[place];
    let at = (op.offset - function.body.range().start) as usize;
    let hash = hash.on(&function.body.as_bytes()[at..=at]);
    match op.operator {
        Operator::Call { function_index } => {
            let name = module.place(function_index).map_or("", |place| &module.defined[place].name);
            hash.on(name.as_bytes())
        }
        Operator::I32Const { value } if value.unsigned_abs() < TABLE_PLACES => hash.on(&value.to_le_bytes()),
        Operator::I32Load { memarg } | Operator::I32Store { memarg } if memarg.offset < ADDRESSES => {
            hash.on(&memarg.offset.to_le_bytes())
        }
        _ => hash,
    }
}
