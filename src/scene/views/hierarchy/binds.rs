//! From a Pod to the claims that it mounts, and from a claim to the volume that it is bound to: dotted lines, where they cross
//! nothing.

use super::cast::{Cast, Home};
use super::lines::{bottom_of, top_of};
use super::place::{HomePlan, Plan, Rect};
use crate::api::{Kind, Object};
use crate::scene::parts::arrow;
use crate::scene::paths::polyline;
use crate::scene::role::Role;
use crate::scene::shape::{Segment, Shape};
use crate::scene::tokens::Hue;
use crate::value::Str;

const CORNER: f32 = 10.0;

/// The cards of a Namespace that own nothing and are there, each with its place.
fn plains<'a>(home: &'a Home, plan: &'a HomePlan) -> impl Iterator<Item = (&'a Object, &'a [Str], Rect)> {
    let rects = plan.rest.iter().skip(home.services.len());
    home.plains.iter().zip(rects).filter_map(|(plain, rect)| Some((plain.now?, &*plain.used_by, *rect)))
}

/// Draws the lines of the whole cast.
pub(super) fn draw(cast: &Cast, plan: &Plan, shapes: &mut Vec<Shape>) {
    let hue = Hue::of_kind(Kind::PersistentVolumeClaim);
    let homes = || cast.namespaces.iter().zip(&plan.homes);
    for (home, home_plan) in homes() {
        for (object, used_by, to) in plains(home, home_plan) {
            let Object::PersistentVolumeClaim(claim) = object else { continue };
            let key = format!("persistentvolumeclaims/{}/{}", claim.metadata.namespace, claim.metadata.name);
            if let Some(path) = user(home, home_plan, used_by, plan).and_then(|from| between(from, to)) {
                shapes.extend(arrow(&format!("{key}/from-pod"), Role::EdgeSelects(hue), hue, path));
            }
            let is_its = |object: &Object| match object {
                Object::PersistentVolume(volume) => volume.spec.claim_ref.as_ref().is_some_and(|bound| {
                    bound.name == claim.metadata.name && bound.namespace == claim.metadata.namespace
                }),
                _ => false,
            };
            let mut volumes = homes().flat_map(|(home, plan)| plains(home, plan));
            let volume = volumes.find(|(object, ..)| is_its(object));
            if let Some(path) = volume.and_then(|(.., volume)| between(to, volume)) {
                shapes.extend(arrow(&format!("{key}/to-volume"), Role::EdgeSelects(hue), hue, path));
            }
        }
    }
}

/// The card of the Pod that uses something, where nothing else stands beside it.
fn user(home: &Home, home_plan: &HomePlan, used_by: &[Str], plan: &Plan) -> Option<Rect> {
    let ([group], [group_plan], true) = (&*home.groups, &*home_plan.groups, plan.level.is_card()) else {
        return None;
    };
    let branches = group.branches.iter().zip(&group_plan.branches);
    let mut pods =
        branches.filter_map(|(branch, plan)| Some((branch, plan.as_ref()?))).flat_map(|(branch, plan)| {
            branch.pods.iter().map(|(slot, pod)| (&pod.metadata.name, plan.cell(*slot)))
        });
    pods.find(|(name, _)| used_by.contains(name)).map(|(_, rect)| rect)
}

/// From a card to one at its right, or to one below it.
fn between(from: Rect, to: Rect) -> Option<Vec<Segment>> {
    let right = from[0] + from[2];
    if to[0] >= right + 12.0 {
        let (start, end) = ([right, from[1] + from[3] / 2.0], [to[0], to[1] + to[3] / 2.0]);
        let bend = (start[0] + end[0]) / 2.0;
        return Some(polyline(&[start, [bend, start[1]], [bend, end[1]], end], CORNER));
    }
    (to[1] >= from[1] + from[3] + 8.0).then(|| {
        let (start, end) = (bottom_of(from), top_of(to));
        let bend = end[1] - 10.0;
        polyline(&[start, [start[0], bend], [end[0], bend], end], CORNER)
    })
}
