//! Services with the EndpointSlices that belong to them: who belongs to whom, and where these cards stand to each other.
//!
//! In a tree a slice stands between its Service and the Pods that it names. A Service that finds nobody has its slice below it.

use super::super::objects::{Life, lives};
use super::cards;
use super::cast::{Reserved, reserved};
use super::endpoints;
use super::place::{CARD_GAPS, Rect};
use super::slots::Times;
use crate::api::objects::{EndpointSlice, ObjectMeta, Service};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::time::SimTime;
use crate::scene::parts::CARD_HEIGHT;
use crate::timeline::View;
use crate::value::Str;
use crate::words::Language;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Names the Service of a slice.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// Services of one group that have cards of their own at most. Where there are more, the last card counts the others.
const MOST_FRONTS: usize = 6;
/// Slices of one Service side by side at most. Where there are more, one card stands for all.
const MOST_SLICES: usize = 3;
/// Between a Service and its slices, with the usual air.
const SLICE_GAP: f32 = 32.0;
const SLICE_GAP_LEAST: f32 = 22.0;

/// A Service with its slices.
#[derive(Debug)]
pub(super) struct Front<'a> {
    pub(super) service: Reserved<'a, Service>,
    /// In the order in which they came.
    pub(super) slices: Vec<Reserved<'a, EndpointSlice>>,
}

impl<'a> Front<'a> {
    /// The slices that are there.
    pub(super) fn slices_now(&self) -> impl Iterator<Item = &'a Rc<EndpointSlice>> {
        self.slices.iter().filter_map(|slice| slice.now)
    }
}

/// The places of a Service and its slices.
#[derive(Clone, Debug)]
pub(super) struct FrontPlan {
    pub(super) service: Rect,
    /// One for each slice, or one for all of them.
    pub(super) slices: Vec<Rect>,
    pub(super) size: [f32; 2],
}

impl FrontPlan {
    pub(super) fn move_by(&mut self, [x, y]: [f32; 2]) {
        for rect in self.slices.iter_mut().chain([&mut self.service]) {
            rect[0] += x;
            rect[1] += y;
        }
    }
}

/// The Service that a slice is of.
pub(super) fn service_of(meta: &ObjectMeta) -> Option<&Str> {
    meta.labels.get(SERVICE_NAME).filter(|name| !name.is_empty())
}

/// Whether a slice is owned by its Service; one that a person wrote only names it.
pub(super) fn is_owned(slice: &EndpointSlice, service: &Service) -> bool {
    let owners = slice.metadata.owner_references.iter();
    owners.filter(|owner| &*owner.kind == "Service").any(|owner| owner.name == service.metadata.name)
}

/// The slices of a chapter that no Service has taken yet.
pub(super) struct Slices<'a>(BTreeMap<(Str, Str), Vec<Life<'a>>>, Vec<Life<'a>>);

impl<'a> Slices<'a> {
    /// Those of the chapter.
    pub(super) fn new(view: View<'a>, times: &Times) -> Self {
        let mut found = Slices(BTreeMap::new(), Vec::new());
        let mut all = lives(view, Kind::EndpointSlice);
        all.retain(|life| life.touches(times.chapter));
        all.sort_by_key(|life| life.from);
        for life in all {
            let meta = life.now.unwrap_or(life.first).meta();
            match service_of(meta) {
                Some(service) => {
                    let key = (meta.namespace.clone(), service.clone());
                    found.0.entry(key).or_default().push(life);
                }
                None => found.1.push(life),
            }
        }
        found
    }
    /// Whether this object is a slice of this Service.
    pub(super) fn has(&self, slice: &ObjectKey, service: &ObjectMeta) -> bool {
        let key = (service.namespace.clone(), service.name.clone());
        slice.kind == Kind::EndpointSlice
            && self.0.get(&key).is_some_and(|lives| lives.iter().any(|life| life.first.key() == *slice))
    }
    /// A Service with the slices that are there while it is. Where a name is taken again, that is one place.
    pub(super) fn front(&mut self, life: &Life<'a>) -> Option<Front<'a>> {
        let service = reserved::<Service>(life)?;
        let key = (service.first.metadata.namespace.clone(), service.first.metadata.name.clone());
        let mut slices: Vec<Reserved<EndpointSlice>> = Vec::new();
        if let Some(found) = self.0.get_mut(&key) {
            let (its, others) = found.drain(..).partition(|slice| slice.touches([life.from, life.until]));
            *found = others;
            let its: Vec<Life> = its;
            for slice in its.iter().filter_map(reserved::<EndpointSlice>) {
                let same = |known: &&mut Reserved<EndpointSlice>| {
                    known.first.metadata.name == slice.first.metadata.name
                };
                match slices.iter_mut().find(same) {
                    Some(known) => known.now = slice.now.or(known.now),
                    None => slices.push(slice),
                }
            }
        }
        Some(Front { service, slices })
    }
    /// Those of no Service that is on the stage, but for the cluster's own: what has been there from the start, and what is of a
    /// Service that has; unless it is chosen.
    pub(super) fn rest(
        self,
        own: &[Life],
        is_chosen: impl Fn(&Object) -> bool,
    ) -> impl Iterator<Item = Life<'a>> {
        let mut own_services: BTreeMap<(&str, &str), Vec<[SimTime; 2]>> = BTreeMap::new();
        for life in own {
            let meta = life.first.meta();
            own_services.entry((&meta.namespace, &meta.name)).or_default().push([life.from, life.until]);
        }
        let mut rest: Vec<Life> = Vec::new();
        for ((namespace, service), slices) in self.0 {
            let lives = own_services.get(&(&*namespace, &*service)).map_or(&[][..], Vec::as_slice);
            let is_own = |slice: &Life| lives.iter().any(|life| slice.touches(*life));
            rest.extend(slices.into_iter().filter(|slice| !is_own(slice)));
        }
        rest.extend(self.1);
        rest.into_iter().filter(move |life| !life.is_from_the_start() || is_chosen(life.first))
    }
}

/// How Services are placed.
#[derive(Clone, Copy)]
pub(super) struct Fronts {
    pub(super) is_narrow: bool,
    pub(super) language: Language,
    pub(super) air: f32,
}

impl Fronts {
    fn gap(self) -> f32 {
        (SLICE_GAP * self.air).max(SLICE_GAP_LEAST)
    }
    /// How wide a Service and its slices are of themselves, with this many endpoints at most; and the widths of the slices'
    /// cards, or of the one that stands for them.
    fn widths(self, front: &Front, most: usize, room: f32) -> (f32, Vec<f32>) {
        if self.is_narrow {
            return (room, front.slices.first().map(|_| room).into_iter().collect());
        }
        let wide = |slice| endpoints::slice_width(slice, most, self.language).min(room);
        let mut slices: Vec<f32> = front.slices.iter().take(MOST_SLICES + 1).map(wide).collect();
        let gaps = CARD_GAPS.across * slices.len().saturating_sub(1) as f32;
        if slices.len() > MOST_SLICES || slices.iter().sum::<f32>() + gaps > room {
            slices.truncate(1);
        }
        (cards::service_width(&front.service, most, self.language).min(room), slices)
    }
    /// A Service below its slices, with room for these where `has_slices`.
    fn above(self, front: &Front, most: usize, room: f32, has_slices: bool) -> FrontPlan {
        let (mut service, mut slices) = self.widths(front, most, room);
        let mut row = row_width(&slices);
        // One stands on the other.
        if let [slice] = slices.as_mut_slice() {
            service = service.max(row);
            (*slice, row) = (service, service);
        }
        let (width, top) =
            (service.max(row), if has_slices { endpoints::SLICE_HEIGHT + self.gap() } else { 0.0 });
        FrontPlan {
            service: [(width - service) / 2.0, top, service, CARD_HEIGHT],
            slices: in_a_row(&slices, (width - row) / 2.0, 0.0),
            size: [width, top + CARD_HEIGHT],
        }
    }
    /// The Services of a group in their places from its own corner, no higher than needed; and how many have none, of which the
    /// last place is.
    pub(super) fn of_group(self, fronts: &[Front], most: usize, room: f32) -> (Vec<FrontPlan>, usize) {
        let shown = if fronts.len() > MOST_FRONTS { MOST_FRONTS - 1 } else { fronts.len() };
        let has_slices = fronts[..shown].iter().any(|front| !front.slices.is_empty());
        let mut plans: Vec<FrontPlan> =
            fronts[..shown].iter().map(|front| self.above(front, most, room, has_slices)).collect();
        let hidden = fronts.len() - shown;
        if let Some(last) = plans.last().filter(|_| hidden > 0) {
            let wide = if self.is_narrow { room } else { cards::TILE_WIDTH.min(room) };
            let high = last.size[1];
            let service = [0.0, high - CARD_HEIGHT, wide, CARD_HEIGHT];
            plans.push(FrontPlan { service, slices: Vec::new(), size: [wide, high] });
        }
        (plans, hidden)
    }
    /// A Service that finds nobody in a cell of this width, its slices below it.
    pub(super) fn alone(self, front: &Front, width: f32, has_slices: bool) -> FrontPlan {
        let mut slices = if has_slices { self.widths(front, LONELY, width).1 } else { Vec::new() };
        if let [slice] = slices.as_mut_slice() {
            *slice = width;
        }
        let top = CARD_HEIGHT + self.gap();
        let high = if slices.is_empty() { CARD_HEIGHT } else { top + endpoints::SLICE_HEIGHT };
        FrontPlan {
            service: [0.0, 0.0, width, CARD_HEIGHT],
            slices: in_a_row(&slices, (width - row_width(&slices)) / 2.0, top),
            size: [width, high],
        }
    }
    /// How wide the cell of a Service that finds nobody is to be.
    pub(super) fn alone_width(self, front: &Front, has_slices: bool) -> f32 {
        let service = cards::service_width(&front.service, LONELY, self.language);
        let slice = front.slices.first().filter(|_| has_slices);
        service.max(slice.map_or(0.0, |slice| endpoints::slice_width(slice, LONELY, self.language)))
    }
}

/// Endpoints that room is left for where it is not known how many Pods there are.
const LONELY: usize = 10;

fn row_width(wide: &[f32]) -> f32 {
    (wide.iter().map(|wide| wide + CARD_GAPS.across).sum::<f32>() - CARD_GAPS.across).max(0.0)
}

fn in_a_row(wide: &[f32], mut left: f32, top: f32) -> Vec<Rect> {
    let place = |wide: &f32| {
        let rect = [left, top, *wide, endpoints::SLICE_HEIGHT];
        left += wide + CARD_GAPS.across;
        rect
    };
    wide.iter().map(place).collect()
}

/// Shapes that the slices of a Service add that finds nobody.
pub(super) const ALONE: usize = 8;

/// Shapes that these Services add to what a group is, about: their slices with the lines to them, and those to their Pods.
pub(super) fn shapes(fronts: &[Front], pods: usize) -> usize {
    let shown = fronts.len().min(MOST_FRONTS);
    let slices = |front: &Front| front.slices.len().min(MOST_SLICES);
    let each = fronts[..shown].iter().map(|front| 10 + slices(front) * (9 + 2 * pods));
    each.sum()
}
