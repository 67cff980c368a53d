//! What a controller has asked for and not yet heard of (upstream: ControllerExpectations).

use crate::api::ObjectKey;
use std::collections::{BTreeMap, BTreeSet};

/// What is still to be heard, by owner.
#[derive(Clone, Debug, Default)]
pub(super) struct Expectations {
    owners: BTreeMap<ObjectKey, Expected>,
}

#[derive(Clone, Debug, Default)]
struct Expected {
    creations: i64,
    deletions: BTreeSet<ObjectKey>,
}

impl Expectations {
    /// Whether everything asked for was heard of.
    pub(super) fn are_satisfied(&self, owner: &ObjectKey) -> bool {
        self.owners.get(owner).is_none_or(|expected| expected.creations <= 0 && expected.deletions.is_empty())
    }
    /// So many objects are asked for.
    pub(super) fn expect_creations(&mut self, owner: &ObjectKey, count: usize) {
        self.owners.insert(owner.clone(), Expected { creations: count as i64, ..Expected::default() });
    }
    /// These objects are to be deleted.
    pub(super) fn expect_deletions(&mut self, owner: &ObjectKey, keys: impl IntoIterator<Item = ObjectKey>) {
        self.owners.insert(owner.clone(), Expected { creations: 0, deletions: keys.into_iter().collect() });
    }
    /// So many objects are asked for, and these are to be deleted.
    pub(super) fn expect(
        &mut self,
        owner: &ObjectKey,
        count: usize,
        keys: impl IntoIterator<Item = ObjectKey>,
    ) {
        let expected = Expected { creations: count as i64, deletions: keys.into_iter().collect() };
        self.owners.insert(owner.clone(), expected);
    }
    /// One object has come, or will not.
    pub(super) fn creation_observed(&mut self, owner: &ObjectKey) {
        if let Some(expected) = self.owners.get_mut(owner) {
            expected.creations -= 1;
        }
    }
    /// One object is going, or will not.
    pub(super) fn deletion_observed(&mut self, owner: &ObjectKey, key: &ObjectKey) {
        if let Some(expected) = self.owners.get_mut(owner) {
            expected.deletions.remove(key);
        }
    }
    /// The owner is gone.
    pub(super) fn forget(&mut self, owner: &ObjectKey) {
        self.owners.remove(owner);
    }
}
