//! Boxes in rows: as a field of marks, and as rows that are centred; and which of them stand in one column or in one card.

use super::cards;
use super::cast::{Cast, Group};
use super::place::{CARD_GAPS, GROUP_GAPS, Plan, TRAY_COUNTS};
use crate::scene::layout::{Gaps, Placed, flow};

/// Places so many marks close to each other, with the line that counts them above, and then what else there is.
/// Gives the base of that line, too.
pub(super) fn dots(boxes: &[[f32; 2]], marks: usize, room: f32) -> (Placed, f32) {
    let (marks, others) = boxes.split_at(marks);
    let mut placed = flow(marks, Gaps { across: 5.0, down: 5.0 }, room);
    // The line that counts has its room above them, however few they are.
    placed.corners.iter_mut().for_each(|corner| corner[1] += TRAY_COUNTS);
    placed.size = [placed.size[0].max(cards::COUNTS_LEAST.min(room)), placed.size[1] + TRAY_COUNTS];
    let base = TRAY_COUNTS - 12.0;
    if !others.is_empty() {
        let below = flow(others, GROUP_GAPS, room);
        let top = placed.size[1] + CARD_GAPS.down;
        placed.corners.extend(below.corners.iter().map(|[x, y]| [*x, y + top]));
        placed.size = [placed.size[0].max(below.size[0]), top + below.size[1]];
    }
    (placed, base)
}

/// Places boxes in rows; where height is scarce, low ones stand below each other beside a high one, if that takes less of it. The
/// `loose` one, of Pods that nobody made, stands below no other: it would seem to be owned by that.
pub(super) fn placed_boxes(
    sizes: &[[f32; 2]],
    loose: Option<usize>,
    room: f32,
    is_scarce: bool,
) -> (Vec<[f32; 2]>, [f32; 2]) {
    let rows = centred_rows(sizes, GROUP_GAPS, room);
    if !is_scarce {
        return rows;
    }
    let highest = sizes.iter().map(|size| size[1]).fold(0.0, f32::max);
    let gap = GROUP_GAPS.down * 0.5;
    // The boxes of each column, and how large that is.
    let mut columns: Vec<(Vec<usize>, [f32; 2])> = Vec::new();
    for (place, [wide, high]) in sizes.iter().copied().enumerate() {
        match columns.last_mut() {
            Some((boxes, size)) if size[1] + gap + high <= highest * 1.15 => {
                boxes.insert(if loose == Some(place) { 0 } else { boxes.len() }, place);
                *size = [size[0].max(wide), size[1] + gap + high];
            }
            _ => columns.push((vec![place], [wide, high])),
        }
    }
    let outer: Vec<[f32; 2]> = columns.iter().map(|(_, size)| *size).collect();
    let gaps = Gaps { across: GROUP_GAPS.across * 0.5, down: gap };
    let (corners, size) = centred_rows(&outer, gaps, room);
    if size[1] >= rows.1[1] || size[0] > room + 0.5 {
        return rows;
    }
    let mut placed = vec![[0.0, 0.0]; sizes.len()];
    for ((boxes, [column, _]), [x, y]) in columns.iter().zip(corners) {
        let mut top = y;
        for place in boxes {
            placed[*place] = [x + (column - sizes[*place][0]) / 2.0, top];
            top += sizes[*place][1] + gap;
        }
    }
    (placed, size)
}

/// Places boxes in rows no wider than `room`, each row centred. Gives the corners and the size of all of it.
pub(super) fn centred_rows(sizes: &[[f32; 2]], gaps: Gaps, room: f32) -> (Vec<[f32; 2]>, [f32; 2]) {
    let placed = flow(sizes, gaps, room);
    let mut corners = placed.corners;
    let mut start = 0;
    while start < corners.len() {
        let end = (start..corners.len()).find(|at| corners[*at][1] > corners[start][1]);
        let end = end.unwrap_or(corners.len());
        let width = corners[end - 1][0] + sizes[end - 1][0];
        corners[start..end].iter_mut().for_each(|corner| corner[0] += (placed.size[0] - width) / 2.0);
        start = end;
    }
    (corners, placed.size)
}

impl Plan {
    /// Whether several Pods of one owner stand in one column.
    pub(super) fn has_a_column(&self, cast: &Cast) -> bool {
        let plans = self.homes.iter().flat_map(|home| &home.groups).flat_map(|group| &group.branches);
        let branches = cast.namespaces.iter().flat_map(|home| &home.groups).flat_map(|group| &group.branches);
        plans.zip(branches).any(|(plan, branch)| {
            branch.slots > 1 && plan.as_ref().is_some_and(|plan| plan.grid.columns == 1)
        })
    }
}

/// Which branches are folded into one card: those without Pods but for the newest ReplicaSet and the one before it.
pub(super) fn folded(group: &Group) -> Vec<bool> {
    let empty: Vec<usize> =
        (0..group.branches.len()).filter(|place| group.branches[*place].slots == 0).collect();
    let last = group.branches.len().saturating_sub(1);
    let old: Vec<usize> = empty.into_iter().filter(|place| *place != last).collect();
    let folds = if old.len() > 2 && group.deployment.is_some() { &old[..old.len() - 1] } else { &[] };
    (0..group.branches.len()).map(|place| folds.contains(&place)).collect()
}
