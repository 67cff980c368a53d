//! Where everything stands: trees side by side on a wide stage, one below the other on a narrow one.
//!
//! How large Pods are drawn, and the rows, stay the same in a chapter (`choose`); within a row what is there stands together.

use super::cards;
use super::cast::{Cast, Group};
use super::choose::TIGHT;
use super::fronts::{FrontPlan, Fronts};
use super::homes::Home;
use super::level::Level;
use super::rest::RestPlan;
use super::rows::{centred_rows, dots, folded, placed_boxes};
use super::slots::Branch;
use crate::scene::layout::{Gaps, Grid};
use crate::scene::parts::CARD_HEIGHT;
use crate::words::Language;

/// Left, top, width, height.
pub(super) type Rect = [f32; 4];

/// The places of everything.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) level: Level,
    pub(super) size: [f32; 2],
    /// How high what is on it is, without what is around.
    pub(super) high: f32,
    /// Whether something stands outside of it.
    pub(super) is_too_wide: bool,
    /// One for each Namespace.
    pub(super) homes: Vec<HomePlan>,
}

/// The places of what is in a Namespace.
#[derive(Debug, Default)]
pub(super) struct HomePlan {
    /// Its frame; none where there is but one.
    pub(super) frame: Option<Rect>,
    pub(super) groups: Vec<GroupPlan>,
    /// The card for the workloads that have none of their own, and how many they are.
    pub(super) more: Option<(Rect, usize)>,
    /// Where the line begins that counts the workloads, where each is a mark.
    pub(super) counts: Option<[f32; 2]>,
    /// What belongs to no workload.
    pub(super) rest: RestPlan,
}

/// The places of a group.
#[derive(Debug, Default)]
pub(super) struct GroupPlan {
    pub(super) size: [f32; 2],
    /// The card of the workload, or of the CronJob.
    pub(super) deployment: Option<Rect>,
    /// Where its facts begin.
    pub(super) facts: [f32; 2],
    /// Whether the facts are beside the card, not below it.
    pub(super) facts_beside: bool,
    /// The card that stands for the older ReplicaSets without Pods.
    pub(super) folded: Option<Rect>,
    /// One for each branch; none for what is folded.
    pub(super) branches: Vec<Option<BranchPlan>>,
    /// The Services below everything else.
    pub(super) fronts: Vec<FrontPlan>,
    /// How many Services have no place of their own; then the last place is for the card that counts them.
    pub(super) more_fronts: usize,
    /// Whether what is owned stands below its owner's left edge.
    pub(super) is_narrow: bool,
}

/// The places of a ReplicaSet and its Pods.
#[derive(Debug)]
pub(super) struct BranchPlan {
    pub(super) card: Option<Rect>,
    /// Where its Pods are.
    pub(super) pods: Rect,
    pub(super) grid: Grid,
    /// How wide the tray around them is at least.
    pub(super) tray: f32,
}

impl BranchPlan {
    /// The place of a slot.
    pub(super) fn cell(&self, slot: usize) -> Rect {
        let [x, y] = self.grid.corner(slot);
        [self.pods[0] + x, self.pods[1] + y, self.grid.cell[0], self.grid.cell[1]]
    }
}

/// How wide a group is whose parts stand below each other on a wide stage.
const COLUMN: f32 = 360.0;
/// Around everything, and above it at most.
const MARGIN: f32 = 24.0;
const MARGIN_NARROW: f32 = 10.0;
const TOP_MOST: f32 = 150.0;
/// Between branches.
const BRANCH_GAP: f32 = 40.0;
/// Between groups.
pub(super) const GROUP_GAPS: Gaps = Gaps { across: 56.0, down: 44.0 };
/// From a Deployment to its ReplicaSets, and where nothing stands beside the line.
const OWNER_GAP: f32 = 64.0;
const OWNER_GAP_LEAST: f32 = 36.0;
/// From a ReplicaSet to its Pods.
pub(super) const POD_GAP: f32 = 56.0;
/// From a ReplicaSet to the tray of its Pods.
const TRAY_GAP: f32 = 34.0;
/// From Pods to Services.
const SERVICE_GAP: f32 = 72.0;
/// Between cards that stand in a row.
pub(super) const CARD_GAPS: Gaps = Gaps { across: 20.0, down: 20.0 };
/// Within the frame of a Namespace.
const FRAME: f32 = 20.0;
const FRAME_NARROW: f32 = 8.0;
/// The line with the Namespace's name.
const FRAME_TITLE: f32 = 42.0;
const FRAME_SAID: f32 = 18.0;
/// Around the marks of a tray, and below them the line that counts.
pub(super) const TRAY: f32 = 12.0;
pub(super) const TRAY_COUNTS: f32 = 26.0;
/// How far what is owned is moved in on a narrow stage.
const INDENT: f32 = 16.0;
/// Room for the facts beside a Deployment, and for those below it, on either side of the line that they stand beside.
pub(super) const FACTS: f32 = 190.0;
pub(super) const FACTS_BELOW: f32 = 176.0;

/// Workloads that get a card of their own at most.
pub(super) const MOST_TILES: usize = 220;
/// Workloads that get a mark of their own at most.
const MOST_DOTS: usize = 1_600;

/// A way to place everything.
#[derive(Clone, Copy)]
pub(super) struct Placing {
    pub(super) level: Level,
    /// Columns of Pods at most.
    pub(super) cap: usize,
    pub(super) air: f32,
    /// How many groups and cards there are in all, and how many of these belong to no workload.
    pub(super) groups: usize,
    pub(super) rest: usize,
    pub(super) is_narrow: bool,
    pub(super) language: Language,
    /// The size of the stage.
    pub(super) stage: [f32; 2],
    /// How high all of it is that the chapter brings: by that it stands in the middle, and stays there while others come.
    pub(super) highest: f32,
}

impl Placing {
    /// Places those who are there now. Three Pods in a row can be wider than four in two rows: then they stand in as few columns
    /// as they must.
    pub(super) fn now(mut self, cast: &Cast) -> Plan {
        let mut plan = self.cast(cast);
        let widest =
            plan.homes.iter().flat_map(|home| &home.groups).flat_map(|group| &group.branches).flatten();
        self.cap = self.cap.min(widest.map(|branch| branch.grid.columns).max().unwrap_or(1));
        while plan.is_too_wide && self.cap > 1 {
            self.cap -= 1;
            plan = self.cast(cast);
        }
        plan
    }
    /// Places the cast.
    pub(super) fn cast(self, cast: &Cast) -> Plan {
        let margin = if self.is_narrow { MARGIN_NARROW } else { MARGIN };
        let room = self.stage[0] - 2.0 * margin;
        let is_framed = match cast.namespaces.as_slice() {
            [only] => !matches!(&*only.name, "" | "default"),
            _ => true,
        };
        // On a phone it is said below the name of the Namespace that a node is silent.
        let title = FRAME_TITLE + if self.is_narrow && cast.has_faults { FRAME_SAID } else { 0.0 };
        let mut homes: Vec<(HomePlan, [f32; 2])> =
            cast.namespaces.iter().map(|home| self.home(home, room, is_framed.then_some(title))).collect();
        let sizes: Vec<[f32; 2]> = homes.iter().map(|(_, size)| *size).collect();
        let (corners, size) = centred_rows(&sizes, Gaps { across: 28.0, down: 24.0 }, room);
        for ((home, _), [x, y]) in homes.iter_mut().zip(corners) {
            home.move_by([x, y]);
        }
        let edge = margin * self.air.min(1.0);
        // A phone's stage grows with what is there.
        let whole = if self.is_narrow { size[1] } else { size[1].max(self.highest) };
        let height = (whole + 2.0 * edge).max(self.stage[1]);
        let spare = height - size[1].max(self.highest);
        // A little above the middle, where a picture seems to hang in it.
        let least = if height > self.stage[1] { edge } else { edge.min(spare.max(0.0) / 2.0) };
        let top = (spare * 0.42).clamp(least, TOP_MOST.max(margin));
        for (home, _) in &mut homes {
            home.move_by([(self.stage[0] - size[0]) / 2.0, top]);
        }
        let (is_too_wide, high) = (size[0] > room + 0.5, size[1]);
        let size = [self.stage[0], height.max(top + size[1] + edge)];
        Plan {
            level: self.level,
            size,
            high,
            is_too_wide,
            homes: homes.into_iter().map(|(home, _)| home).collect(),
        }
    }
    fn home(self, home: &Home, room: f32, title: Option<f32>) -> (HomePlan, [f32; 2]) {
        let frame = if self.is_narrow { FRAME_NARROW } else { FRAME };
        let room = if title.is_some() { room - 2.0 * frame } else { room };
        let mut plan = HomePlan::default();
        let beside = !self.is_narrow && home.groups.len() == 1 && home.rest() == 0;
        let shown = match self.level {
            Level::Tile => (home.groups.len() * MOST_TILES / self.groups.max(MOST_TILES)).max(1),
            Level::Dot(_) => (home.groups.len() * MOST_DOTS / self.groups.max(MOST_DOTS)).max(1),
            _ => usize::MAX,
        };
        let groups = home.groups.iter().take(shown);
        plan.groups = groups.map(|group| self.group(group, room, beside)).collect();
        let hidden = home.groups.len() - plan.groups.len();
        let mut boxes: Vec<[f32; 2]> = plan.groups.iter().map(|group| group.size).collect();
        if hidden > 0 {
            boxes.push([cards::TILE_WIDTH.min(room), CARD_HEIGHT]);
        }
        let rest = self.rest(home, &boxes, room);
        boxes.extend(rest.as_ref().map(|rest| rest.size));
        let (corners, mut size) = match self.level {
            // As a field of marks, from the left: a new one moves no other.
            Level::Dot(_) => {
                let (placed, base) = dots(&boxes, plan.groups.len(), room);
                plan.counts = (!plan.groups.is_empty()).then_some([0.0, base]);
                (placed.corners, placed.size)
            }
            _ => {
                let loose = home.groups.iter().position(Group::is_loose);
                placed_boxes(&boxes, loose, room, !self.is_narrow && self.air <= TIGHT)
            }
        };
        for (group, corner) in plan.groups.iter_mut().zip(&corners) {
            group.move_by(*corner);
        }
        if let Some([x, y]) = corners.get(plan.groups.len()).filter(|_| hidden > 0) {
            plan.more = Some(([*x, *y, cards::TILE_WIDTH.min(room), CARD_HEIGHT], hidden));
        }
        if let (Some(mut rest), Some(corner)) = (rest, corners.last()) {
            rest.move_by(*corner);
            plan.rest = rest;
        }
        if let Some(title) = title {
            let inner = size[0].max(cards::home_title_width(&home.name).min(room));
            plan.move_by([frame + (inner - size[0]) / 2.0, title]);
            size = [inner + 2.0 * frame, size[1] + title + if size[1] > 0.0 { frame } else { 0.0 }];
            plan.frame = Some([0.0, 0.0, size[0], size[1]]);
        }
        (plan, size)
    }
    /// How Services are placed.
    pub(super) fn fronts(self) -> Fronts {
        Fronts { is_narrow: self.is_narrow, language: self.language, air: self.air }
    }
    fn group(self, group: &Group, room: f32, beside: bool) -> GroupPlan {
        match self.level {
            Level::Tile => return self.whole(group, [cards::TILE_WIDTH.min(room), cards::TILE_HEIGHT]),
            Level::Dot(side) => return self.whole(group, [f32::from(side); 2]),
            _ => {}
        }
        if self.is_narrow {
            return self.narrow(group, room);
        }
        let plan = self.wide(group, room, beside);
        // What has no room side by side, as the Jobs of a CronJob, stands below each other as on a phone.
        if plan.size[0] > room + 0.5 && group.branches.len() > 1 {
            return self.narrow(group, COLUMN.min(room));
        }
        plan
    }
    /// The size of a branch's Pods with their tray, and their grid.
    fn pods(self, branch: &Branch, room: f32) -> ([f32; 2], Grid) {
        let level = self.level;
        let (cell, gaps) = (level.cell(branch), level.gaps(branch, self.is_narrow));
        let inset = if level.has_tray() { TRAY } else { 0.0 };
        let widest = self.cap as f32 * (cell[0] + gaps.across) - gaps.across;
        let grid = Grid::new(level.cells(branch), cell, gaps, (room - 2.0 * inset).min(widest));
        let size = match level {
            _ if branch.slots == 0 => [0.0, 0.0],
            _ if level.has_tray() => {
                let least = cards::tray_least(branch.slots).min(room);
                [(grid.size[0] + 2.0 * TRAY).max(least), grid.size[1] + TRAY + TRAY_COUNTS]
            }
            _ => grid.size,
        };
        (size, grid)
    }
    fn wide(self, group: &Group, room: f32, beside: bool) -> GroupPlan {
        let card = cards::head_width(group, self.language).min(room);
        // A CronJob has no facts that would need room below it.
        let beside = group.deployment.is_none() || beside && card + 2.0 * FACTS <= room;
        let mut plan = GroupPlan { facts_beside: beside, ..GroupPlan::default() };
        let is_folded = folded(group);
        let mut left = 0.0;
        let owner_gap = self.air * if self.level.is_card() { POD_GAP } else { TRAY_GAP };
        if is_folded.contains(&true) {
            plan.folded = Some([0.0, 0.0, cards::FOLDED_WIDTH, CARD_HEIGHT]);
            left = cards::FOLDED_WIDTH + BRANCH_GAP;
        }
        let mut height: f32 = 0.0;
        for (branch, is_folded) in group.branches.iter().zip(&is_folded) {
            if *is_folded {
                plan.branches.push(None);
                continue;
            }
            let (pods, grid) = self.pods(branch, room);
            let card = branch
                .set
                .as_ref()
                .map(|set| cards::maker_width(set, branch, self.language).min(room.max(120.0)));
            let width = pods[0].max(card.unwrap_or(0.0));
            let top = if card.is_some() { CARD_HEIGHT + owner_gap } else { 0.0 };
            let inset = if self.level.has_tray() { (pods[0] - grid.size[0]) / 2.0 } else { 0.0 };
            let inset_top = if self.level.has_tray() { TRAY } else { 0.0 };
            plan.branches.push(Some(BranchPlan {
                card: card.map(|card| [left + (width - card) / 2.0, 0.0, card, CARD_HEIGHT]),
                pods: [left + (width - pods[0]) / 2.0 + inset, top + inset_top, grid.size[0], grid.size[1]],
                grid,
                tray: cards::tray_least(branch.slots).min(room),
            }));
            let branch_height = if branch.slots == 0 { CARD_HEIGHT } else { top + pods[1] };
            height = height.max(branch_height);
            left += width + BRANCH_GAP;
        }
        let mut size = [(left - BRANCH_GAP).max(0.0), height];
        if group.has_head() {
            let facts = if beside && group.deployment.is_some() { FACTS } else { 0.0 };
            // Where there is no branch yet, no room is left below.
            let least = if beside { OWNER_GAP_LEAST } else { OWNER_GAP };
            let top = CARD_HEIGHT + if height > 0.0 { least.max(OWNER_GAP * self.air) } else { 32.0 };
            let below = if group.deployment.is_some() { 2.0 * FACTS_BELOW } else { 0.0 };
            let width = size[0].max(card + 2.0 * facts).max(below);
            plan.move_by([(width - size[0]) / 2.0, top]);
            let x = (width - card) / 2.0;
            plan.deployment = Some([x, 0.0, card, CARD_HEIGHT]);
            plan.facts = if beside {
                [x + card + 16.0, CARD_HEIGHT / 2.0 - 5.0]
            } else {
                [x + card / 2.0 + 12.0, CARD_HEIGHT + 20.0]
            };
            size = [width, top + height];
        }
        plan.size = size;
        self.services(group, &mut plan, room);
        plan
    }
    /// Puts the Services below everything else.
    fn services(self, group: &Group, plan: &mut GroupPlan, room: f32) {
        let most: usize = group.branches.iter().map(|branch| branch.slots).sum();
        let (mut fronts, more) = self.fronts().of_group(&group.services, most, room);
        if fronts.is_empty() {
            return;
        }
        let sizes: Vec<[f32; 2]> = fronts.iter().map(|front| front.size).collect();
        let (corners, size) = centred_rows(&sizes, CARD_GAPS, room);
        let top = if plan.size[1] > 0.0 { plan.size[1] + SERVICE_GAP * self.air } else { 0.0 };
        let width = plan.size[0].max(size[0]);
        plan.move_by([(width - plan.size[0]) / 2.0, 0.0]);
        for (front, [x, y]) in fronts.iter_mut().zip(corners) {
            front.move_by([x + (width - size[0]) / 2.0, y + top]);
        }
        (plan.fronts, plan.more_fronts) = (fronts, more);
        plan.size = [width, top + size[1]];
    }
    fn narrow(self, group: &Group, room: f32) -> GroupPlan {
        let mut plan = GroupPlan { is_narrow: true, ..GroupPlan::default() };
        let mut top = 0.0;
        let indent = if group.has_head() { INDENT } else { 0.0 };
        let room_below = room - indent;
        if group.has_head() {
            plan.deployment = Some([0.0, 0.0, room, CARD_HEIGHT]);
            plan.facts = [indent + 12.0, CARD_HEIGHT + 20.0];
            top = CARD_HEIGHT + if group.deployment.is_some() { 36.0 } else { 20.0 };
        }
        let is_folded = folded(group);
        if is_folded.contains(&true) {
            plan.folded = Some([indent, top, room_below, CARD_HEIGHT]);
            top += CARD_HEIGHT + 20.0;
        }
        for (branch, is_folded) in group.branches.iter().zip(&is_folded) {
            if *is_folded {
                plan.branches.push(None);
                continue;
            }
            let card = branch.set.as_ref().map(|_| [indent, top, room_below, CARD_HEIGHT]);
            if card.is_some() {
                top += CARD_HEIGHT;
            }
            let (pods, grid) = self.pods(branch, room_below);
            if branch.slots > 0 && card.is_some() {
                top += if self.level.is_card() { POD_GAP - 16.0 } else { TRAY_GAP - 10.0 };
            }
            let inset_top = if self.level.has_tray() { TRAY } else { 0.0 };
            let x = indent + (room_below - grid.size[0]) / 2.0;
            let rect = [x, top + inset_top, grid.size[0], grid.size[1]];
            let tray = cards::tray_least(branch.slots).min(room_below);
            plan.branches.push(Some(BranchPlan { card, pods: rect, grid, tray }));
            top += pods[1] + 22.0;
        }
        plan.size = [room, (top - 22.0).max(0.0)];
        self.services(group, &mut plan, room_below);
        // What finds the Pods stands below them, not below the Deployment.
        plan.fronts.iter_mut().for_each(|front| front.move_by([indent / 2.0, 0.0]));
        plan
    }
    /// A workload as one thing of a size.
    fn whole(self, group: &Group, size: [f32; 2]) -> GroupPlan {
        let mut plan = GroupPlan { is_narrow: self.is_narrow, ..GroupPlan::default() };
        plan.branches = group.branches.iter().map(|_| None).collect();
        plan.deployment = Some([0.0, 0.0, size[0], size[1]]);
        plan.size = size;
        plan
    }
}

fn shift(rect: &mut Rect, by: [f32; 2]) {
    rect[0] += by[0];
    rect[1] += by[1];
}

impl HomePlan {
    fn move_by(&mut self, by: [f32; 2]) {
        let more = self.more.iter_mut().map(|(rect, _)| rect);
        self.frame.iter_mut().chain(more).for_each(|rect| shift(rect, by));
        self.rest.move_by(by);
        self.groups.iter_mut().for_each(|group| group.move_by(by));
        if let Some([x, y]) = &mut self.counts {
            (*x, *y) = (*x + by[0], *y + by[1]);
        }
    }
}

impl GroupPlan {
    fn move_by(&mut self, by: [f32; 2]) {
        let cards = self.deployment.iter_mut().chain(&mut self.folded);
        cards.for_each(|rect| shift(rect, by));
        self.fronts.iter_mut().for_each(|front| front.move_by(by));
        self.facts = [self.facts[0] + by[0], self.facts[1] + by[1]];
        for branch in self.branches.iter_mut().flatten() {
            branch.card.iter_mut().for_each(|rect| shift(rect, by));
            shift(&mut branch.pods, by);
        }
    }
}
