//! How large Pods are drawn: as cards, as chips with their names, as single marks, and at last as one mark for many.

use super::cards;
use super::slots::Branch;
use crate::scene::layout::Gaps;
use crate::scene::parts::{POD_WIDTH, PodCard};

/// How Pods are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// A card each, of this width in pixels.
    Card(u16),
    /// A chip with its name each.
    Chip,
    /// A mark for so many, of this side in pixels.
    Mark(usize, u8),
    /// Whole workloads are single cards.
    Tile,
    /// Whole workloads are single marks of this side in pixels.
    Dot(u8),
}

impl Level {
    /// Coarser and coarser.
    pub(super) const ALL: [Level; 15] = [
        Level::Card(POD_WIDTH as u16),
        Level::Card(144),
        Level::Chip,
        Level::Mark(1, 22),
        Level::Mark(1, 18),
        Level::Mark(1, 14),
        Level::Mark(1, 11),
        Level::Mark(10, 14),
        Level::Mark(100, 18),
        Level::Mark(1_000, 22),
        Level::Tile,
        Level::Dot(26),
        Level::Dot(20),
        Level::Dot(15),
        Level::Dot(11),
    ];
    pub(super) fn cell(self, branch: &Branch) -> [f32; 2] {
        match self {
            Level::Card(width) => [f32::from(width), PodCard::height(branch.images)],
            Level::Chip => [cards::CHIP_WIDTH, cards::CHIP_HEIGHT],
            Level::Mark(_, side) => [f32::from(side); 2],
            Level::Tile | Level::Dot(_) => [0.0; 2],
        }
    }
    pub(super) fn gaps(self, branch: &Branch, is_narrow: bool) -> Gaps {
        let across = if is_narrow { 8.0 } else { 14.0 };
        match self {
            // Lines to the rows below pass between the rows, and on a narrow stage between two columns.
            Level::Card(_) if branch.set.is_none() => Gaps { across, down: 20.0 },
            Level::Card(_) if is_narrow => Gaps { across: 16.0, down: 30.0 },
            Level::Card(_) => Gaps { across, down: 34.0 },
            Level::Chip => Gaps { across: 8.0, down: 8.0 },
            Level::Mark(..) | Level::Tile | Level::Dot(_) => Gaps { across: 5.0, down: 5.0 },
        }
    }
    /// How many cells a branch has.
    pub(super) fn cells(self, branch: &Branch) -> usize {
        match self {
            Level::Card(_) | Level::Chip => branch.slots,
            // Each state has marks of its own, of which the last stands for fewer.
            Level::Mark(each, _) if each > 1 => branch.slots.div_ceil(each) + 2,
            Level::Mark(..) => branch.slots,
            Level::Tile | Level::Dot(_) => 0,
        }
    }
    pub(super) fn is_card(self) -> bool {
        matches!(self, Level::Card(_))
    }
    pub(super) fn has_tray(self) -> bool {
        matches!(self, Level::Chip | Level::Mark(..))
    }
    /// How many shapes a Pod is at most.
    pub(super) fn shapes(self) -> usize {
        match self {
            Level::Card(_) => 16,
            Level::Chip => 5,
            Level::Mark(..) | Level::Tile | Level::Dot(_) => 1,
        }
    }
    /// How much higher than the stage the scene may be.
    pub(super) fn allowance(self, is_narrow: bool) -> f32 {
        match (self, is_narrow) {
            (Level::Card(_), true) => 2.2,
            (Level::Chip, true) => 2.6,
            (Level::Mark(1, 22), true) => 2.0,
            (Level::Mark(1, 11) | Level::Mark(100.., _), _) | (Level::Tile | Level::Dot(_), true) => 3.0,
            (Level::Mark(10, _), _) => 1.5,
            (Level::Chip, false) => 1.1,
            (Level::Tile, false) => 1.3,
            // So much less air makes up for.
            (Level::Card(_), false) => 1.06,
            (Level::Mark(..) | Level::Dot(_), _) => 1.0,
        }
    }
}
