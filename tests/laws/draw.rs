//! Chance for the generator: a draw is a hash of the seed and of what it is for, so that nothing depends on the
//! order in which things are drawn.

use podium::cluster::chance::{scale, stable_hash};

/// The draws of one seed for one purpose.
#[derive(Clone, Copy)]
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(stable_hash(seed, &"laws"))
    }
    /// The draws for a part of it.
    pub(crate) fn of(self, what: &str, number: u64) -> Self {
        Self(stable_hash(self.0, &(what, number)))
    }
    /// A number below `bound`, which is not 0.
    pub(crate) fn below(self, what: &str, bound: u64) -> u64 {
        scale(self.of(what, 0).0, bound)
    }
    /// One of these, which are not none.
    pub(crate) fn pick<'a, T: ?Sized>(self, what: &str, from: &[&'a T]) -> &'a T {
        from[self.below(what, from.len() as u64) as usize]
    }
    /// Whether it is one of `percent` cases of a hundred.
    pub(crate) fn chance(self, what: &str, percent: u64) -> bool {
        self.below(what, 100) < percent
    }
}
