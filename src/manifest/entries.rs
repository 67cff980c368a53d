//! The entries of a mapping while it is read.

use crate::value::Str;
use std::collections::BTreeMap;

use super::{Entry, Span};

/// The entries of a mapping on the way: the last of a key wins, and looking it up stays fast.
#[derive(Default)]
pub(super) struct Entries {
    list: Vec<Entry>,
    /// The places of those that came through `<<`, where they may be overridden.
    merged: Vec<usize>,
    /// The places of those whose key came again.
    gone: Vec<usize>,
    /// Where each key was last, once there are too many to look through.
    places: BTreeMap<Str, usize>,
}

impl Entries {
    /// From here on a tree of places is faster than looking at each.
    const FEW: usize = 16;

    /// Puts `entry` at the end. An earlier one of its key goes; returns where that stood if it was written
    /// here twice.
    pub(super) fn insert(&mut self, entry: Entry, merged: bool) -> Option<Span> {
        let place = self.list.len();
        let earlier = if place < Self::FEW {
            self.list.iter().rposition(|other| other.key == entry.key)
        } else {
            if self.places.is_empty() {
                let known = self.list.iter().enumerate().map(|(at, other)| (other.key.clone(), at));
                self.places = known.collect();
            }
            self.places.insert(entry.key.clone(), place)
        };
        self.list.push(entry);
        if merged {
            self.merged.push(place);
        }
        let earlier = earlier?;
        self.gone.push(earlier);
        let was_merged = self.merged.binary_search(&earlier).is_ok();
        (!was_merged && !merged).then(|| self.list.get(earlier).map(|entry| entry.key_span)).flatten()
    }

    /// The key of the last entry.
    pub(super) fn last_key(&self) -> Str {
        self.list.last().map_or_else(Str::default, |entry| entry.key.clone())
    }

    /// What is left, in its order.
    pub(super) fn finish(mut self) -> Vec<Entry> {
        if self.gone.is_empty() {
            return self.list;
        }
        self.gone.sort_unstable();
        let all = self.list.into_iter().enumerate();
        all.filter(|(at, _)| self.gone.binary_search(at).is_err()).map(|(_, entry)| entry).collect()
    }
}
