//! How large Pods are drawn, how many stand side by side and how much air there is: as large as there is room for all that the
//! chapter brings. A picture that goes on below the stage anyway may do so a little further, so that few Pods keep their cards.

use super::cast::{Cast, Group};
use super::fronts;
use super::homes::Home;
use super::level::Level;
use super::place::{MOST_TILES, Placing};
use super::slots::Branch;
use crate::scene::shape::MOST_SHAPES;
use crate::words::Language;

/// How much room there is between the rows of a tree, from much to little.
const AIRS: [f32; 4] = [1.35, 1.0, 0.75, TIGHT];
pub(super) const TIGHT: f32 = 0.5;

/// Shapes that a group is beside its Pods, about.
const GROUP_SHAPES: usize = 34;

/// So many Pods of one owner, below each other on a phone, still are a group that is seen as one.
const MOST_CHIPS: usize = 24;
/// Up to so many Pods of each owner are few.
const FEW: usize = 12;
/// Up to so many owners of Pods are few.
const FEW_OWNERS: usize = 24;
/// How much higher than the stage they may stand as cards: no higher than must be.
const HIGHER: [f32; 6] = [1.15, 1.5, 2.0, 2.6, 3.4, 4.4];

/// How the cast of a chapter is placed on a stage of this size, be it that they are all there at once.
/// Where a rollout `follows` below, Pods that have no room as cards are chips, so that it is not far from them.
pub(super) fn choose(
    cast: &Cast,
    stage: [f32; 2],
    follows: bool,
    is_narrow: bool,
    language: Language,
) -> Placing {
    let found = among(&Level::ALL, None, cast, stage, is_narrow, language);
    let branches = || cast.namespaces.iter().flat_map(|home| &home.groups).flat_map(|group| &group.branches);
    let is_few = || branches().count() <= FEW_OWNERS && branches().all(|branch| branch.slots <= FEW);
    // Marks say nothing but a state, and tiles not even what belongs to what.
    let is_coarse = !found.level.is_card() && found.level != Level::Chip;
    let goes_on = || found.cast(cast).size[1] > stage[1] + 0.5;
    if is_narrow || found.level.is_card() || !is_few() || !(is_coarse || goes_on()) {
        return found;
    }
    let (cards, chips) = (&Level::ALL[..2], &Level::ALL[2..3]);
    let tries: &[&[Level]] = if follows { &[chips] } else { &[cards, chips] };
    let higher = tries.iter().find_map(|levels| {
        // How high they have to be is asked once, and each height then is the least that there is room in.
        let least = lowest(levels, cast, stage, is_narrow, language)?;
        let higher = HIGHER.into_iter().find(|higher| least <= stage[1] * higher)?;
        let found = among(levels, Some(stage[1] * higher), cast, stage, is_narrow, language);
        levels.contains(&found.level).then_some(found)
    });
    higher.unwrap_or(found)
}

/// How high the lowest placing at some levels is that is not too wide.
fn lowest(
    levels: &[Level],
    cast: &Cast,
    stage: [f32; 2],
    is_narrow: bool,
    language: Language,
) -> Option<f32> {
    let (groups, rest) = counts(cast);
    // The least air that what goes on below has.
    let air = AIRS.into_iter().filter(|air| *air > TIGHT).fold(f32::INFINITY, f32::min);
    let plans = levels.iter().flat_map(|&level| {
        caps(cast, level).map(move |cap| {
            Placing { level, cap, air, groups, rest, is_narrow, language, stage, highest: 0.0 }.cast(cast)
        })
    });
    plans.filter(|plan| !plan.is_too_wide).map(|plan| plan.size[1]).reduce(f32::min)
}

/// How many groups there are, with the rest that has no Pods, and that rest.
fn counts(cast: &Cast) -> (usize, usize) {
    let rest: usize = cast.namespaces.iter().map(Home::rest).sum();
    (cast.namespaces.iter().map(|home| home.groups.len()).sum::<usize>() + rest, rest)
}

/// How many Pods may stand side by side: the fewer, the more owners stand side by side and the more Pods below each other.
fn caps(cast: &Cast, level: Level) -> impl Iterator<Item = usize> + Clone + use<> {
    let branches = cast.namespaces.iter().flat_map(|home| &home.groups).flat_map(|group| &group.branches);
    let most = branches.map(|branch| level.cells(branch)).max().unwrap_or(1).max(1);
    (1..=most).rev().filter(move |cap| *cap <= 12 || *cap == most || cap.is_multiple_of(5))
}

/// The same among some levels, and no higher than this where it is said: where it fits at none of them, the coarsest that there is.
pub(super) fn among(
    levels: &[Level],
    highest: Option<f32>,
    cast: &Cast,
    stage: [f32; 2],
    is_narrow: bool,
    language: Language,
) -> Placing {
    let (groups, rest) = counts(cast);
    let branches = || cast.namespaces.iter().flat_map(|home| &home.groups).flat_map(|group| &group.branches);
    let placing =
        |level, cap, air| Placing { level, cap, air, groups, rest, is_narrow, language, stage, highest: 0.0 };
    // What stands above and below the Pods may be higher than the stage by itself.
    let least = placing(Level::Mark(1_000, 14), usize::MAX, TIGHT).cast(cast).size[1];
    // Each Pod's card has a line from each slice that names it.
    let services = |level: Level| -> usize {
        let of_group = |group: &Group| {
            let lines = |branch: &Branch| if level.is_card() { branch.slots } else { 1 };
            fronts::shapes(&group.services, group.branches.iter().map(lines).sum())
        };
        let of_home = |home: &Home| -> usize {
            home.groups.iter().map(of_group).sum::<usize>() + home.services.len() * fronts::ALONE
        };
        cast.namespaces.iter().map(of_home).sum()
    };
    for &level in levels {
        let pods: usize = branches().map(|branch| level.cells(branch) * level.shapes()).sum();
        let fits = match level {
            Level::Tile => groups <= MOST_TILES,
            Level::Dot(_) => true,
            Level::Chip if is_narrow && branches().any(|branch| branch.slots > MOST_CHIPS) => false,
            _ => pods + services(level) + groups * GROUP_SHAPES <= MOST_SHAPES,
        };
        if !fits {
            continue;
        }
        let room = if matches!(level, Level::Dot(_)) { stage[1] } else { stage[1].max(least) };
        let allowed = highest.unwrap_or(room * level.allowance(is_narrow));
        // The tightest is for what has found its level and is higher than the stage all the same. What goes on below needs no
        // more than the usual air.
        let airs = AIRS.into_iter().filter(|air| *air > TIGHT && (highest.is_none() || *air <= 1.0));
        let mut tries =
            caps(cast, level).flat_map(|cap| airs.clone().map(move |air| placing(level, cap, air)));
        let fits = |placing: &Placing| {
            let plan = placing.cast(cast);
            // On a phone two narrower cards side by side are better than one column of wide ones.
            let is_thin = is_narrow && level == Level::ALL[0] && plan.has_a_column(cast);
            plan.size[1] <= allowed && !plan.is_too_wide && !is_thin
        };
        if let Some(placing) = tries.find(fits) {
            // What is moved anyway keeps its air.
            let keeps_air = is_narrow || highest.is_some();
            return if keeps_air { placing } else { placing.tightened(cast) }.settled(cast);
        }
    }
    placing(Level::Dot(11), 1, 1.0)
}

impl Placing {
    /// The same with less air between the rows, where it is higher than the stage.
    fn tightened(self, cast: &Cast) -> Self {
        let mut tighter = AIRS.into_iter().filter(|air| *air <= self.air).map(|air| Self { air, ..self });
        tighter.find(|at| at.cast(cast).size[1] <= self.stage[1]).unwrap_or(Self { air: TIGHT, ..self })
    }
    fn settled(self, cast: &Cast) -> Self {
        Self { highest: self.cast(cast).high, ..self }
    }
}
