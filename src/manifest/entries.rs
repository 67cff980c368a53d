//! The entries of a mapping while it is read.

use crate::value::Str;
use std::collections::BTreeMap;

use super::{Entry, Span};

struct Slot {
    entry: Entry,
    /// Whether it came through `<<`, where it may be overridden.
    merged: bool,
}

/// The entries of a mapping on the way: the last of a key wins, and looking it up stays fast.
#[derive(Default)]
pub(super) struct Entries {
    list: Vec<Option<Slot>>,
    /// Where each key is, once there are too many to look through.
    places: BTreeMap<Str, usize>,
}

impl Entries {
    /// From here on a tree of places is faster than looking at each.
    const FEW: usize = 16;

    /// Puts `entry` at the end. An earlier one of its key goes; returns where that stood if it was written
    /// here twice.
    pub(super) fn insert(&mut self, entry: Entry, merged: bool) -> Option<Span> {
        let key = entry.key.clone();
        let place = self.list.len();
        let known = |(at, slot): (usize, &Option<Slot>)| Some((slot.as_ref()?.entry.key.clone(), at));
        let earlier = if place < Self::FEW {
            self.list.iter().position(|slot| slot.as_ref().is_some_and(|other| other.entry.key == key))
        } else {
            if self.places.is_empty() {
                self.places = self.list.iter().enumerate().filter_map(known).collect();
            }
            self.places.insert(key, place)
        };
        self.list.push(Some(Slot { entry, merged }));
        let earlier = earlier.and_then(|at| self.list.get_mut(at)).and_then(Option::take)?;
        (!earlier.merged && !merged).then_some(earlier.entry.key_span)
    }

    /// The key of the last entry.
    pub(super) fn last_key(&self) -> Str {
        self.list.last().and_then(Option::as_ref).map_or_else(|| "".into(), |slot| slot.entry.key.clone())
    }

    /// What is left, in its order.
    pub(super) fn finish(self) -> Vec<Entry> {
        self.list.into_iter().flatten().map(|slot| slot.entry).collect()
    }
}
