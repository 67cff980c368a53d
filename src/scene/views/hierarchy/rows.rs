//! Boxes in rows: as a field of marks, and as rows that are centred.

use super::cards;
use super::place::{CARD_GAPS, GROUP_GAPS, TRAY_COUNTS};
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
