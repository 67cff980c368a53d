//! `first-load.txt`: the functions that a first visit calls, and of each the parts that it does not come to, as hashes.

use super::body::Body;
use super::module::{Defined, Error, Module};
use super::parts::{Host, find, hashes};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Functions whose names contain one of these are kept whole, reached or not: what they come to hangs on which changes fall into
/// one frame, and on where tables of keys that are hashed by chance happen to put them, so that no number of visits comes to all
/// of it.
const WHOLE: [&str; 3] =
    ["yew::dom_bundle", "std::hash::random::RandomState", "<hashbrown::raw::RawTableInner>"];

/// What the list says of functions of a name.
#[derive(Default)]
struct Listed {
    /// Parts that a first visit does not come to.
    cold: BTreeSet<u32>,
    /// What looks like a part and is come to.
    warm: BTreeSet<u32>,
}

/// The list.
#[derive(Default)]
pub(crate) struct Listing(BTreeMap<u32, Listed>);

impl Listing {
    /// Makes the list of the places that were reached, of all functions one after the other.
    pub(crate) fn make(module: &Module, reached: &BTreeSet<usize>) -> Result<Self, Error> {
        let mut listing = Self::default();
        for name in WHOLE {
            if !module.defined.iter().any(|function| function.name.contains(name)) {
                return Err(format!(
                    "no function is called {name} any more: what hangs on chance has another name"
                )
                .into());
            }
        }
        let mut first = 0;
        for function in &module.defined {
            let is_whole = WHOLE.iter().any(|name| function.name.contains(name));
            if is_whole {
                listing.0.entry(hash(&function.name)).or_default();
            }
            let leads = super::watch::marked(&function.body)?;
            if !is_whole && reached.range(first..first + leads).next().is_some() {
                let listed = listing.0.entry(hash(&function.name)).or_default();
                // How many places were reached before each operator.
                let mut counts = Vec::new();
                let mut is_cold = |body: &Body, range: Range<usize>| {
                    if counts.is_empty() {
                        counts = count(body, first, reached);
                    }
                    counts[range.start] == counts[range.end]
                };
                let host = find(module, function, &mut is_cold)?;
                let all = hashes(module, function, &host.body);
                for (range, hash) in all {
                    if !is_cold(&host.body, range.clone()) {
                        listed.warm.insert(hash);
                    } else if host.parts.iter().any(|part| part.range == range) {
                        listed.cold.insert(hash);
                    }
                }
            }
            first += leads;
        }
        Ok(listing)
    }
    /// Reads the list.
    pub(crate) fn read(text: &str) -> Result<Self, Error> {
        let mut listing = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut hashes = line.split(' ').map(|hash| u32::from_str_radix(hash, 16));
            let name = hashes.next().ok_or("an empty line")??;
            listing.0.entry(name).or_default().cold = hashes.collect::<Result<_, _>>()?;
        }
        Ok(listing)
    }
    /// The list as text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from(
            "# What a first visit calls, by hashes of the functions' names, and of each the parts that it does not come to.\n\
             # Made by `cargo xtask first-load`.\n",
        );
        for (name, listed) in &self.0 {
            text.push_str(&format!("{name:08x}"));
            for cold in listed.cold.difference(&listed.warm) {
                text.push_str(&format!(" {cold:08x}"));
            }
            text.push('\n');
        }
        text
    }
    /// What stays of a function in the first half; nothing if it is not listed.
    pub(crate) fn host<'a>(
        &self,
        module: &Module<'a>,
        function: &Defined<'a>,
    ) -> Result<Option<Host<'a>>, Error> {
        let Some(listed) = self.0.get(&hash(&function.name)) else {
            return Ok(None);
        };
        let mut known: BTreeMap<(usize, usize), u32> = BTreeMap::new();
        let host = find(module, function, &mut |body, range| {
            if listed.cold.is_empty() {
                return false;
            }
            if known.is_empty() {
                known = hashes(module, function, body)
                    .into_iter()
                    .map(|(range, hash)| ((range.start, range.end), hash))
                    .collect();
            }
            known.get(&(range.start, range.end)).is_some_and(|hash| listed.cold.contains(hash))
        })?;
        Ok(Some(host))
    }
}

fn count(body: &Body, first: usize, reached: &BTreeSet<usize>) -> Vec<usize> {
    let (mut lead, mut count, mut counts) = (first, 0, Vec::new());
    for place in 0..body.ops.len() {
        counts.push(count);
        if body.is_lead(place) {
            count += usize::from(reached.contains(&lead));
            lead += 1;
        }
    }
    counts
}

/// FNV-1a, folded to 32 bits in the end: enough to tell some thousand names apart.
#[derive(Clone, Copy)]
pub(crate) struct Hash(u64);

impl Default for Hash {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash {
    /// With more bytes.
    pub(crate) fn on(self, bytes: &[u8]) -> Self {
        Self(bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)))
    }
    /// In 32 bits.
    pub(crate) fn folded(self) -> u32 {
        (self.0 ^ (self.0 >> 32)) as u32
    }
}

fn hash(name: &str) -> u32 {
    Hash::default().on(name.as_bytes()).folded()
}
