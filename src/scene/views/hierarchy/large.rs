//! Where there is little on a wide stage: it is placed on a smaller one, which the page shows larger.

use super::cast::Cast;
use super::choose::among;
use super::level::Level;
use super::place::{Placing, Plan};

/// By how much a stage with little on it may be drawn larger, from much to little: as on the page, where a scene narrower than
/// its room is enlarged.
const ENLARGED: [f32; 5] = [1.6, 1.45, 1.3, 1.2, 1.1];
/// A stage is no narrower than this for that.
const LEAST_ENLARGED: f32 = 720.0;

/// How the cast is placed on a smaller stage, and by how much that is smaller: as small as there still is room for cards of full
/// size in the same rows with air around them. None where all of the stage is needed.
pub(super) fn enlarged(cast: &Cast, usual: Placing) -> Option<(f32, Placing)> {
    let full = &Level::ALL[..1];
    if usual.is_narrow || cast.namespaces.is_empty() || !full.contains(&usual.level) {
        return None;
    }
    let rows = |plan: &Plan| -> Vec<(usize, bool)> {
        let groups = plan.homes.iter().flat_map(|home| &home.groups);
        groups
            .flat_map(|group| {
                let branches = group.branches.iter().flatten();
                branches.map(|branch| (branch.grid.columns, group.facts_beside))
            })
            .collect()
    };
    let as_usual = rows(&usual.cast(cast));
    ENLARGED.into_iter().find_map(|by| {
        let stage = usual.stage.map(|side| side / by);
        let placing =
            (stage[0] >= LEAST_ENLARGED).then(|| among(full, None, cast, stage, false, usual.language))?;
        let plan = placing.cast(cast);
        let is_roomy = full.contains(&placing.level)
            && placing.air >= 1.0
            && plan.size[1] <= stage[1] + 0.5
            && rows(&plan) == as_usual;
        is_roomy.then_some((by, placing))
    })
}
