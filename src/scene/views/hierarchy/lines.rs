//! The lines of the hierarchy: from owners to what they own, and from EndpointSlices to the Pods that they name.

use super::super::Stage;
use super::binds::is_chosen;
use super::cards::key;
use super::cast::Group;
use super::endpoints::{self, EndpointState};
use super::fronts::{Front, FrontPlan, is_owned};
use super::level::Level;
use super::place::{BranchPlan, GroupPlan, POD_GAP, Rect, TRAY, TRAY_COUNTS};
use super::slots::Branch;
use crate::api::Kind;
use crate::api::objects::ObjectMeta;
use crate::scene::parts::arrow;
use crate::scene::paths::{glyph, polyline, swoop};
use crate::scene::role::Role;
use crate::scene::shape::{Segment, Shape};
use crate::scene::tokens::{Hue, State};
use std::collections::BTreeMap;

const CORNER: f32 = 10.0;
/// So much of the gap between two rows of Pods is below the line of their owner: above it are the lines to the endpoints.
const BELOW_OWNER: f32 = 0.3;

pub(super) fn top_of([x, y, wide, _]: Rect) -> [f32; 2] {
    [x + wide / 2.0, y]
}

pub(super) fn bottom_of([x, y, wide, high]: Rect) -> [f32; 2] {
    [x + wide / 2.0, y + high]
}

/// The tray around a branch's Pods.
pub(super) fn tray(plan: &BranchPlan) -> Rect {
    let [x, y, wide, high] = plan.pods;
    let width = (wide + 2.0 * TRAY).max(plan.tray);
    [x + (wide - width) / 2.0, y - TRAY, width, high + TRAY + TRAY_COUNTS]
}

/// From a Deployment to its ReplicaSets, and from these to their Pods.
pub(super) fn owners(level: Level, group: &Group, plan: &GroupPlan, shapes: &mut Vec<Shape>) {
    let current = super::current(group);
    let from = plan.deployment.filter(|_| group.is_head_there());
    let hue = if group.cron_job.is_some() { Hue::of_kind(Kind::Job) } else { Hue::ReplicaSet };
    let mut lines = Vec::new();
    for (place, branch) in group.branches.iter().enumerate() {
        let Some(branch_plan) = plan.branches.get(place).and_then(Option::as_ref) else { continue };
        let Some((set, card)) = branch.set.as_ref().and_then(|set| set.now).zip(branch_plan.card) else {
            continue;
        };
        let key = key(set.kind(), set.meta());
        let is_current = current.is_none_or(|current| current == place);
        if let Some(from) = from {
            lines.push((is_current, format!("{key}/from-owner"), owner_path(from, card, plan)));
        }
        pods(level, branch, branch_plan, card, is_current, &key, shapes);
    }
    if let (Some(from), Some(folded)) = (from, plan.folded) {
        let has_folded = group.branches.iter().zip(&plan.branches).any(|(branch, place)| {
            place.is_none() && branch.set.as_ref().is_some_and(|set| set.now.is_some())
        });
        if let Some(deployment) = group.deployment.as_ref().filter(|_| has_folded) {
            let key = key(Kind::Deployment, &deployment.first.metadata);
            lines.push((false, format!("{key}/older/from-owner"), owner_path(from, folded, plan)));
        }
    }
    // The line to the current one lies above the others.
    lines.sort_by_key(|(is_current, ..)| *is_current);
    for (is_current, key, path) in lines {
        if is_current {
            shapes.extend(arrow(&key, Role::EdgeOwner(hue), hue, path));
        } else {
            shapes.push(Shape::path(format!("{key}/line"), Role::EdgeOwnerQuiet(hue), path));
        }
    }
}

fn owner_path(from: Rect, to: Rect, plan: &GroupPlan) -> Vec<Segment> {
    let facts_beside = plan.facts_beside;
    if plan.is_narrow {
        let x = from[0] + 7.0;
        let y = to[1] + to[3] / 2.0;
        return polyline(&[[x, from[1] + from[3]], [x, y], [to[0], y]], CORNER);
    }
    let (from, to) = (bottom_of(from), top_of(to));
    // Below the facts, where these stand beside the line.
    let bend = from[1] + (to[1] - from[1]) * if facts_beside { 0.52 } else { 0.7 };
    polyline(&[from, [from[0], bend], [to[0], bend], to], CORNER)
}

/// One line with a branch to each Pod that is there, or to their tray.
fn pods(
    level: Level,
    branch: &Branch,
    plan: &BranchPlan,
    card: Rect,
    is_current: bool,
    key: &str,
    shapes: &mut Vec<Shape>,
) {
    if branch.pods.is_empty() {
        return;
    }
    let role = if is_current { Role::EdgeOwner(Hue::Pod) } else { Role::EdgeOwnerQuiet(Hue::Pod) };
    let from = bottom_of(card);
    let mut path = Vec::new();
    if level.has_tray() {
        path.extend([Segment::Move(from), Segment::Line(top_of(tray(plan)))]);
    } else {
        let columns = plan.grid.columns.max(1);
        let gap = plan.pods[1] - from[1];
        let first_bend = from[1] + gap.min(POD_GAP) * 0.55;
        let rows = branch.pods.iter().map(|(slot, _)| slot / columns);
        let last_row = rows.max().unwrap_or(0);
        // Below the first row the line goes on between two columns, or at their left where there is no such gap.
        let is_even = columns.is_multiple_of(2);
        let aside = if is_even { from[0] } else { plan.pods[0] - 12.0 };
        let bend = |row: usize| {
            let top = plan.cell(row * columns)[1];
            if row == 0 { first_bend } else { top - plan.grid.gaps.down * BELOW_OWNER }
        };
        if last_row > 0 {
            // The last branch turns off where the line ends.
            let low = bend(last_row) - CORNER;
            path.extend(polyline(&[from, [from[0], first_bend], [aside, first_bend], [aside, low]], CORNER));
        }
        for (slot, _) in &branch.pods {
            let row = slot / columns;
            let to = top_of(plan.cell(*slot));
            let start = if row == 0 { from } else { [aside, bend(row) - plan.grid.gaps.down * 0.5] };
            let y = bend(row);
            path.extend(polyline(&[start, [start[0], y], [to[0], y], to], CORNER));
        }
    }
    shapes.push(Shape::path(format!("{key}/to-pods"), role, path));
}

/// From a Service to its slices: each is owned by it, or only names it where a person wrote it.
pub(super) fn slices(front: &Front, plan: &FrontPlan, shapes: &mut Vec<Shape>) {
    let Some(service) = front.service.now else { return };
    for (slices, rect) in endpoints::shown(front, plan) {
        let key = endpoints::key(&slices[0].metadata);
        let is_below = rect[1] > plan.service[1];
        let [from, to] = match is_below {
            true => [bottom_of(plan.service), top_of(rect)],
            false => [top_of(plan.service), bottom_of(rect)],
        };
        // Where it is beside the middle, it stands beside others.
        let path = if (from[0] - to[0]).abs() < 1.0 {
            polyline(&[from, to], 0.0)
        } else {
            let bend = (from[1] + to[1]) / 2.0;
            polyline(&[from, [from[0], bend], [to[0], bend], to], CORNER)
        };
        if slices.iter().all(|slice| is_owned(slice, service)) {
            shapes.extend(arrow(
                &format!("{key}/from-owner"),
                Role::EdgeOwner(Hue::Service),
                Hue::Service,
                path,
            ));
        } else {
            shapes.push(Shape::path(format!("{key}/names-service"), Role::EdgeSelects(Hue::Service), path));
        }
    }
}

/// From the slices of each Service to the Pods that they name as endpoints.
pub(super) fn endpoints(
    stage: &Stage,
    level: Level,
    group: &Group,
    plan: &GroupPlan,
    shapes: &mut Vec<Shape>,
) {
    let highest = plan.fronts.first().map_or(0.0, |front| front.service[1]);
    for (front, front_plan) in group.services.iter().zip(&plan.fronts) {
        slices(front, front_plan, shapes);
        // From a lower row it would go through the cards above it: there it is drawn for who asks for it.
        let is_lower = front_plan.service[1] > highest + 1.0;
        for (slices, rect) in endpoints::shown(front, front_plan) {
            let service = &front.service.first.metadata;
            let is_chosen = |kind, meta: &ObjectMeta| is_chosen(stage, kind, &meta.namespace, &meta.name);
            let is_asked_for = || {
                let mut slices = slices.iter().map(|slice| &slice.metadata);
                is_chosen(Kind::Service, service) || slices.any(|meta| is_chosen(Kind::EndpointSlice, meta))
            };
            if is_lower && !is_asked_for() {
                continue;
            }
            let key = endpoints::key(&slices[0].metadata);
            named(&key, rect, &endpoints::by_pod(slices), level, group, plan, shapes);
        }
    }
}

/// From one slice to the Pods that it names.
fn named(
    key: &str,
    slice: Rect,
    states: &BTreeMap<&str, EndpointState>,
    level: Level,
    group: &Group,
    plan: &GroupPlan,
    shapes: &mut Vec<Shape>,
) {
    let from = top_of(slice);
    let branches = group.branches.iter().zip(&plan.branches);
    let branches: Vec<(&Branch, &BranchPlan)> =
        branches.filter_map(|(branch, plan)| Some((branch, plan.as_ref()?))).collect();
    for (place, (branch, branch_plan)) in branches.iter().enumerate() {
        let behind: Vec<(usize, &str, EndpointState)> = branch
            .pods
            .iter()
            .filter_map(|(slot, pod)| {
                let name = &*pod.metadata.name;
                Some((*slot, name, *states.get(name)?))
            })
            .collect();
        // On a narrow stage a line to Pods further up would run through those below them.
        let is_near = !plan.is_narrow || place + 1 == branches.len();
        if level.is_card() && is_near {
            rows_of(key, slice, plan.is_narrow, (branch, branch_plan), &behind, shapes);
        } else if level.is_card() {
            for (slot, name, state) in behind {
                let at = bottom_of(branch_plan.cell(slot));
                shapes.extend(end(&format!("{key}/at/{name}"), [at[0], at[1] + 6.0], state));
            }
        } else if let Some(best) = behind.iter().map(|(.., state)| *state).min().filter(|_| is_near) {
            let set = branch.set.as_ref().map_or("-", |set| &set.first.meta().name);
            let to = bottom_of(tray(branch_plan));
            shapes.extend(relation(&format!("{key}/to/{set}"), from, to, best));
        }
    }
}

/// Below the Pods of a row, where the line to its endpoints runs; between this row and the line to the owner.
const BUS: f32 = 11.0;

/// At the right of the Pods, where the line to those of upper rows goes up; and where they reach to the frame of a phone's stage.
const RIGHT: f32 = 8.0;
const RIGHT_LEAST: f32 = 5.0;

/// From a slice to each of its endpoints: to those of the lowest row at once, to those above by a line that goes up at their right, so
/// that it goes through none of them and is not taken for that of their owner.
fn rows_of(
    key: &str,
    slice: Rect,
    is_narrow: bool,
    (branch, plan): (&Branch, &BranchPlan),
    behind: &[(usize, &str, EndpointState)],
    shapes: &mut Vec<Shape>,
) {
    let from = top_of(slice);
    let row = |slot: usize| slot / plan.grid.columns.max(1);
    let lowest = branch.pods.iter().map(|(slot, _)| row(*slot)).max().unwrap_or(0);
    let (low, high): (Vec<_>, Vec<_>) = behind.iter().copied().partition(|(slot, ..)| row(*slot) == lowest);
    for (slot, name, state) in low {
        let to = bottom_of(plan.cell(slot));
        shapes.extend(relation(&format!("{key}/to/{name}"), from, to, state));
    }
    let bus = |slot: usize| bottom_of(plan.cell(slot))[1] + BUS;
    let Some(top) = high.iter().map(|(slot, ..)| bus(*slot)).reduce(f32::min) else { return };
    let right = plan.pods[0] + plan.pods[2];
    // On a narrow stage their owner's card is as wide as all of it.
    let is_close = is_narrow && plan.card.is_some_and(|[x, _, wide, _]| x + wide < right + RIGHT);
    let x = right + if is_close { RIGHT_LEAST } else { RIGHT };
    let best = high.iter().map(|(.., state)| *state).min();
    let role = Role::EdgeSelects(hue(best.unwrap_or(EndpointState::Ready)));
    let under = bottom_of(plan.cell(lowest * plan.grid.columns.max(1)))[1] + 2.0 * BUS;
    // From the end of the slice's card that is near, so that it goes through few of the lines to the lowest row.
    let start = x.min(slice[0] + slice[2] - 6.0).max(from[0]);
    let trunk = if start == x {
        polyline(&[[x, from[1]], [x, top]], 0.0)
    } else {
        polyline(&[[start, from[1]], [start, under], [x, under], [x, top]], CORNER)
    };
    let set = branch.set.as_ref().map_or("-", |set| &set.first.meta().name);
    shapes.push(Shape::path(format!("{key}/to/{set}"), role, trunk));
    for (slot, name, state) in high {
        let (key, at, y) = (format!("{key}/to/{name}"), bottom_of(plan.cell(slot)), bus(slot));
        let (hue, role) = (hue(state), Role::EdgeSelects(hue(state)));
        if state == EndpointState::Ready {
            let path = polyline(&[[x, y], [at[0], y], [at[0], at[1] + 3.0]], 4.0);
            shapes.extend(arrow(&key, role, hue, path));
        } else {
            let aside = if at[0] < x { 9.0 } else { -9.0 };
            let path = polyline(&[[x, y], [at[0] + aside, y]], 0.0);
            shapes.push(Shape::path(format!("{key}/line"), role, path));
            shapes.extend(end(&key, [at[0], at[1] + 8.0], state));
        }
    }
}

/// The dotted line from a slice to a Pod: with an arrow where requests go, with a cross where the Pod ends, with
/// an open circle where it is not ready.
fn relation(key: &str, from: [f32; 2], to: [f32; 2], state: EndpointState) -> Vec<Shape> {
    let hue = hue(state);
    match state {
        EndpointState::Ready => arrow(key, Role::EdgeSelects(hue), hue, swoop(from, [to[0], to[1] + 3.0])),
        EndpointState::NotReady | EndpointState::Terminating => {
            let path = swoop(from, [to[0], to[1] + 14.0]);
            let line = Shape::path(format!("{key}/line"), Role::EdgeSelects(hue), path);
            [vec![line], end(key, [to[0], to[1] + 9.0], state)].concat()
        }
    }
}

fn hue(state: EndpointState) -> Hue {
    match state {
        EndpointState::Ready => Hue::Service,
        EndpointState::NotReady => Hue::Quiet,
        EndpointState::Terminating => Hue::Terminating,
    }
}

/// The end of a relation by its state.
fn end(key: &str, [x, y]: [f32; 2], state: EndpointState) -> Vec<Shape> {
    let hue = hue(state);
    vec![match state {
        EndpointState::Ready => Shape::circle(format!("{key}/end"), Role::MessageDot(hue), x, y, 4.0),
        EndpointState::NotReady => Shape::circle(format!("{key}/end"), Role::CardFrame(hue), x, y, 4.0),
        EndpointState::Terminating => {
            Shape::path(format!("{key}/end"), Role::Glyph(hue), glyph(State::Terminating, [x, y], 14.0))
        }
    }]
}
