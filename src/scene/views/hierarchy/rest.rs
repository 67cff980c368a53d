//! Where the cards stand that belong to no workload: the Services that find nobody, each with its slices, and then what owns no
//! Pods. In a column beside the workloads as high as these, or in rows.

use super::cards;
use super::fronts::FrontPlan;
use super::homes::Home;
use super::level::Level;
use super::place::{CARD_GAPS, GROUP_GAPS, Placing, Rect};
use crate::scene::layout::flow;
use crate::scene::parts::CARD_HEIGHT;

/// Such cards on the stage at most where workloads are but marks.
const MOST_CARDS: usize = 100;

/// The places of these cards.
#[derive(Debug, Default)]
pub(super) struct RestPlan {
    pub(super) fronts: Vec<FrontPlan>,
    pub(super) plains: Vec<Rect>,
    /// The card for the claims of Pods, or their volumes, that have none of their own.
    pub(super) folded: Option<Rect>,
    /// The card for those that have none of their own, and how many they are.
    pub(super) more: Option<(Rect, usize)>,
    pub(super) size: [f32; 2],
}

impl RestPlan {
    pub(super) fn move_by(&mut self, [x, y]: [f32; 2]) {
        self.fronts.iter_mut().for_each(|front| front.move_by([x, y]));
        let more = self.more.iter_mut().map(|(rect, _)| rect);
        for rect in self.plains.iter_mut().chain(&mut self.folded).chain(more) {
            rect[0] += x;
            rect[1] += y;
        }
    }
}

impl Placing {
    /// Places what belongs to no workload, beside or below boxes of these sizes.
    pub(super) fn rest(self, home: &Home, groups: &[[f32; 2]], room: f32) -> Option<RestPlan> {
        let shown = match self.level {
            Level::Dot(_) => (home.rest() * MOST_CARDS / self.rest.max(MOST_CARDS)).max(1),
            _ => usize::MAX,
        };
        // Where whole workloads are single cards, slices are not told apart from their Services.
        let has_slices = !matches!(self.level, Level::Tile | Level::Dot(_));
        let fronts = self.fronts();
        let services = home.services.iter().map(|front| fronts.alone_width(front, has_slices));
        let plains = home.plains.iter().map(|plain| cards::plain_width(plain, self.language));
        let width = services.chain(plains).fold(0.0, f32::max).min(room);
        let cell = if self.is_narrow { room } else { width };
        let mut items: Vec<FrontPlan> = Vec::new();
        for front in home.services.iter().take(shown) {
            items.push(fronts.alone(front, cell, has_slices));
        }
        let services = items.len();
        let plains = home.plains.len().min(shown - services);
        let card = || FrontPlan {
            service: [0.0, 0.0, cell, CARD_HEIGHT],
            slices: Vec::new(),
            size: [cell, CARD_HEIGHT],
        };
        let has_folded = home.folded.is_some() && home.rest() <= shown;
        let folded = home.folded.filter(|_| !has_folded).map_or(0, |folded| folded.all);
        let hidden = home.services.len() - services + home.plains.len() - plains + folded;
        items.extend((0..plains + usize::from(has_folded) + usize::from(hidden > 0)).map(|_| card()));
        let count = items.len();
        let fitting = ((room + CARD_GAPS.across) / (cell + CARD_GAPS.across)).floor().max(1.0) as usize;
        let even = |columns: usize| count.div_ceil(count.div_ceil(columns).max(1)).max(1);
        let highest = groups.iter().map(|size| size[1]).fold(0.0, f32::max);
        let wide = even(fitting);
        let narrow = (1..wide).find(|columns| size(&items, *columns)[1] <= highest).unwrap_or(wide);
        let height = |columns: usize| {
            let boxes: Vec<[f32; 2]> = groups.iter().copied().chain([size(&items, columns)]).collect();
            flow(&boxes, GROUP_GAPS, room).size[1]
        };
        if count == 0 {
            return None;
        }
        // In a column one more moves none of the others.
        let columns = if height(narrow) <= height(wide) { narrow } else { wide };
        let size = size(&items, columns);
        let mut top = 0.0;
        for row in items.chunks_mut(columns) {
            let mut left = 0.0;
            for item in row.iter_mut() {
                item.move_by([left, top]);
                left += cell + CARD_GAPS.across;
            }
            top += height_of(row) + CARD_GAPS.down;
        }
        let others = items.split_off(services);
        let mut plan = RestPlan { fronts: items, size, ..RestPlan::default() };
        plan.plains = others.iter().map(|item| item.service).collect();
        if hidden > 0 {
            plan.more = plan.plains.pop().map(|rect| (rect, hidden));
        }
        if has_folded {
            plan.folded = plan.plains.pop();
        }
        Some(plan)
    }
}

fn height_of(row: &[FrontPlan]) -> f32 {
    row.iter().map(|item| item.size[1]).fold(0.0, f32::max)
}

/// How large these are in so many columns.
fn size(items: &[FrontPlan], columns: usize) -> [f32; 2] {
    let cell = items.first().map_or(0.0, |item| item.size[0]);
    let wide = items.len().min(columns) as f32 * (cell + CARD_GAPS.across) - CARD_GAPS.across;
    let high: f32 = items.chunks(columns.max(1)).map(|row| height_of(row) + CARD_GAPS.down).sum();
    [wide.max(0.0), (high - CARD_GAPS.down).max(0.0)]
}
