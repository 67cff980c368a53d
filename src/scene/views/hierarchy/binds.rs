//! From workloads and Pods to what they use, and from a claim to the volume that it is bound to: dotted lines, where they cross no
//! card, or where somebody has chosen one of the two. That something is used stands on its card in any case.

use super::super::Stage;
use super::cast::{Cast, Plain};
use super::homes::Home;
use super::level::Level;
use super::lines::tray;
use super::place::{BranchPlan, FACTS, HomePlan, Plan, Rect};
use super::slots::Branch;
use super::ways::{WORK, Ways};
use crate::api::objects::PersistentVolume;
use crate::api::volumes::is_bound_to;
use crate::api::{Kind, Object, ObjectKey};
use crate::scene::parts::{CARD_HEIGHT, arrow};
use crate::scene::role::Role;
use crate::scene::shape::{Segment, Shape, Target};
use crate::scene::tokens::Hue;
use std::collections::{BTreeMap, BTreeSet};

/// Lines of one Namespace at most, and those from claims to volumes.
const MOST_LINES: usize = 40;
/// How much is seen of a line that nobody asks for.
const QUIET: f32 = 0.65;
/// The head of a Namespace's frame.
const TITLE: f32 = 34.0;

/// The cards of a Namespace that own nothing and are there, each with its place.
fn plains<'a>(home: &'a Home, plan: &'a HomePlan) -> impl Iterator<Item = (&'a Plain<'a>, &'a Object, Rect)> {
    let placed = home.plains.iter().zip(&plan.rest.plains);
    placed.filter_map(|(plain, rect)| Some((plain, plain.now?, *rect)))
}

/// Whether somebody has chosen this object.
pub(super) fn is_chosen(stage: &Stage, kind: Kind, namespace: &str, name: &str) -> bool {
    matches!(stage.selection, Some(Target::Object(key))
        if key.kind == kind && *key.namespace == *namespace && *key.name == *name)
}

fn draw(key: &str, path: Vec<Segment>, is_chosen: bool, shapes: &mut Vec<Shape>) {
    let hue = Hue::of_kind(Kind::ConfigMap);
    let seen = if is_chosen { 1.0 } else { QUIET };
    shapes.extend(arrow(key, Role::EdgeSelects(hue), hue, path).into_iter().map(|shape| shape.faded(seen)));
}

/// From those in a Namespace who use something to what they use. Of the work that there is, gives what is left.
pub(super) fn uses(
    stage: &Stage,
    whole: &Plan,
    is_silent: bool,
    (home, plan): (&Home, &HomePlan),
    work: usize,
    shapes: &mut Vec<Shape>,
) -> usize {
    let level = whole.level;
    let is_used = home.plains.iter().any(|plain| plain.now.is_some() && !plain.used_by.is_empty());
    if !is_used || matches!(level, Level::Tile | Level::Dot(_)) {
        return work;
    }
    let users = users(level, home, plan);
    let mut ways = Ways::new(cards(stage, level, is_silent, home, plan), whole.size[0], work);
    let mut drawn = 0;
    for (plain, object, to) in plains(home, plan) {
        let ObjectKey { kind, namespace, name } = object.key();
        // A volume has its line from its claim.
        if kind == Kind::PersistentVolume {
            continue;
        }
        for user in &plain.used_by {
            let Some(from) = users.get(&(user.kind, &*user.name)).copied() else { continue };
            let is_chosen = is_chosen(stage, kind, &namespace, &name)
                || is_chosen(stage, user.kind, &namespace, &user.name);
            if drawn >= MOST_LINES && !is_chosen {
                continue;
            }
            let found = ways.find(from, to);
            let path = found.or_else(|| if is_chosen { ways.anyway(from, to) } else { None });
            let Some(path) = path else { continue };
            drawn += 1;
            let used = kind.info().plural;
            let key = format!("{used}/{namespace}/{name}/used-by/{}/{}", user.kind.info().plural, user.name);
            draw(&key, path, is_chosen, shapes);
        }
    }
    ways.left()
}

/// The volume that a claim is bound to, or that is kept for it. What is released of an earlier claim of the name is not.
fn volume_of<'a>(claim: &Object, volumes: &[(&'a PersistentVolume, Rect)]) -> Option<(&'a str, Rect)> {
    let Object::PersistentVolumeClaim(claim) = claim else { return None };
    let wanted = &claim.spec.volume_name;
    let is_its = |volume: &PersistentVolume| {
        is_bound_to(volume, claim) && (wanted.is_empty() || *wanted == volume.metadata.name)
    };
    let found = volumes.iter().find(|(volume, _)| is_its(volume));
    found.map(|(volume, rect)| (&*volume.metadata.name, *rect))
}

/// From each claim to its volume, which belongs to the whole cluster.
pub(super) fn volumes(stage: &Stage, cast: &Cast, plan: &Plan, shapes: &mut Vec<Shape>) {
    let homes = || cast.namespaces.iter().zip(&plan.homes);
    let mut kept: BTreeMap<(&str, &str), Vec<(&PersistentVolume, Rect)>> = BTreeMap::new();
    for (_, object, rect) in homes().flat_map(|(home, plan)| plains(home, plan)) {
        if let Object::PersistentVolume(volume) = object
            && let Some(claim) = &volume.spec.claim_ref
        {
            kept.entry((&claim.namespace, &claim.name)).or_default().push((volume, rect));
        }
    }
    if kept.is_empty() || matches!(plan.level, Level::Tile | Level::Dot(_)) {
        return;
    }
    let is_silent = !cast.silent.is_empty();
    let all = homes().flat_map(|(home, home_plan)| cards(stage, plan.level, is_silent, home, home_plan));
    let mut ways = Ways::new(all.collect(), plan.size[0], WORK);
    let mut drawn = 0;
    let claims = homes().flat_map(|(home, plan)| plains(home, plan));
    for (_, object, from) in claims.filter(|(_, object, _)| object.kind() == Kind::PersistentVolumeClaim) {
        let meta = object.meta();
        let volumes = kept.get(&(&*meta.namespace, &*meta.name)).map_or(&[][..], Vec::as_slice);
        let Some((volume, to)) = volume_of(object, volumes) else { continue };
        let is_chosen = is_chosen(stage, object.kind(), &meta.namespace, &meta.name)
            || is_chosen(stage, Kind::PersistentVolume, "", volume);
        if drawn >= MOST_LINES && !is_chosen {
            continue;
        }
        let path = ways.find(from, to).or_else(|| if is_chosen { ways.anyway(from, to) } else { None });
        if let Some(path) = path {
            drawn += 1;
            let key = format!("persistentvolumeclaims/{}/{}/to-volume", meta.namespace, meta.name);
            draw(&key, path, is_chosen, shapes);
        }
    }
}

/// The cards of those who may use something.
fn users<'a>(level: Level, home: &'a Home, plan: &HomePlan) -> BTreeMap<(Kind, &'a str), Rect> {
    let mut users = BTreeMap::new();
    let all = home.plains.iter().flat_map(|plain| &plain.used_by);
    let pods: BTreeSet<&str> = all.filter(|user| user.kind == Kind::Pod).map(|user| &*user.name).collect();
    for (group, group_plan) in home.groups.iter().zip(&plan.groups) {
        let head = match (&group.deployment, &group.cron_job) {
            (Some(deployment), _) => deployment.now.map(|now| (Kind::Deployment, &*now.metadata.name)),
            (None, Some(job)) => job.now.map(|now| (now.kind(), &*now.meta().name)),
            (None, None) => None,
        };
        users.extend(head.zip(group_plan.deployment));
        for (branch, branch_plan) in group.branches.iter().zip(&group_plan.branches) {
            let Some(branch_plan) = branch_plan else { continue };
            let maker = branch.set.as_ref().and_then(|set| set.now);
            users.extend(maker.map(|now| (now.kind(), &*now.meta().name)).zip(branch_plan.card));
            for (slot, pod) in &branch.pods {
                let name = &*pod.metadata.name;
                if pods.contains(name) {
                    users.insert((Kind::Pod, name), pod_card(level, branch, branch_plan, *slot));
                }
            }
        }
    }
    users
}

/// Where the line of a Pod begins: at its card, or at the tray that it is in.
fn pod_card(level: Level, branch: &Branch, plan: &BranchPlan, slot: usize) -> Rect {
    match level {
        Level::Card(_) => plan.cell(slot),
        Level::Chip if branch.set.is_none() => plan.cell(slot),
        _ => tray(plan),
    }
}

/// Everything in a Namespace that a line is not to cross.
fn cards(stage: &Stage, level: Level, is_silent: bool, home: &Home, plan: &HomePlan) -> Vec<Rect> {
    let mut cards: Vec<Rect> = plan.more.iter().chain(&plan.rest.more).map(|(rect, _)| *rect).collect();
    // Beside the words in the head of a frame a line may go through it.
    let is_ending = home.now.is_some_and(|object| object.meta().is_terminating());
    let said = super::title_end(stage, home);
    let said = |wide: f32| if is_ending || is_silent { wide } else { said.min(wide) };
    cards.extend(plan.frame.map(|[x, y, wide, _]| [x, y, said(wide), TITLE]));
    cards.extend(plains(home, plan).map(|(_, _, rect)| rect));
    for (front, front_plan) in home.services.iter().zip(&plan.rest.fronts) {
        cards.extend(front.service.now.map(|_| front_plan.service));
        cards.extend(&front_plan.slices);
    }
    for (group, group_plan) in home.groups.iter().zip(&plan.groups) {
        if group.is_head_there() || matches!(level, Level::Tile) {
            cards.extend(group_plan.deployment);
        }
        if group.deployment.as_ref().is_some_and(|deployment| deployment.now.is_some()) {
            let [x, y] = group_plan.facts;
            cards.push([x, y - CARD_HEIGHT / 5.0, FACTS - 30.0, CARD_HEIGHT / 2.0]);
        }
        cards.extend(group_plan.folded);
        for (branch, branch_plan) in group.branches.iter().zip(&group_plan.branches) {
            let Some(branch_plan) = branch_plan else { continue };
            cards.extend(
                branch_plan.card.filter(|_| branch.set.as_ref().is_some_and(|set| set.now.is_some())),
            );
            let mut pods: Vec<Rect> =
                branch.pods.iter().map(|(slot, _)| pod_card(level, branch, branch_plan, *slot)).collect();
            pods.dedup();
            cards.extend(pods);
        }
        for front in &group_plan.fronts {
            cards.push(front.service);
            cards.extend(&front.slices);
        }
    }
    cards
}
