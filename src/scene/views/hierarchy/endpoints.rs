//! What an EndpointSlice says: which of its endpoints are ready, and which end; and its card.

use super::cast::Reserved;
use super::fronts::{Front, FrontPlan};
use super::place::Rect;
use crate::api::Kind;
use crate::api::objects::{Endpoint, EndpointSlice, ObjectMeta};
use crate::manifest::Arg;
use crate::msg;
use crate::scene::measure::{ellipsize, ellipsize_middle, width};
use crate::scene::parts::{EMBLEM_ROOM, emblem_before};
use crate::scene::role::Role;
use crate::scene::shape::Shape;
use crate::scene::tokens::{Hue, radius};
use crate::scene::typeface::Type;
use crate::words::{Language, text};
use std::collections::BTreeMap;

/// Height of a slice's card in pixels.
pub(super) const SLICE_HEIGHT: f32 = 50.0;
/// From its edges to its texts.
const PADDING: f32 = 16.0;
/// From the kind to the name beside it.
const APART: f32 = 9.0;
/// Its width.
const LEAST: f32 = 200.0;
const MOST: f32 = 340.0;
/// What it is.
const EYEBROW: &str = "ENDPOINTSLICE";

/// Whether an endpoint gets requests; and where it gets none, whether its Pod ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EndpointState {
    Ready,
    NotReady,
    Terminating,
}

/// The state of an endpoint by its conditions.
pub(super) fn endpoint_state(endpoint: &Endpoint) -> EndpointState {
    let conditions = &endpoint.conditions;
    match (conditions.ready, conditions.terminating) {
        // Upstream: an unknown state counts as ready. One that ends is ready where its Service publishes what is not.
        (Some(true) | None, _) => EndpointState::Ready,
        (Some(false), Some(true)) => EndpointState::Terminating,
        (Some(false), _) => EndpointState::NotReady,
    }
}

/// The name of the Pod behind an endpoint.
fn pod_of(endpoint: &Endpoint) -> Option<&str> {
    endpoint.target_ref.as_ref().filter(|target| &*target.kind == "Pod").map(|target| &*target.name)
}

/// The states of the endpoints of some slices by the names of their Pods: there may be thousands.
pub(super) fn by_pod<'a>(
    slices: impl IntoIterator<Item = &'a EndpointSlice>,
) -> BTreeMap<&'a str, EndpointState> {
    let endpoints = slices.into_iter().flat_map(|slice| slice.endpoints.iter());
    endpoints.filter_map(|endpoint| Some((pod_of(endpoint)?, endpoint_state(endpoint)))).collect()
}

/// How many endpoints there are of which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) all: usize,
    pub(super) ready: usize,
    pub(super) terminating: usize,
    /// Of those that end: how many still answer.
    pub(super) serving: usize,
}

impl Tally {
    /// Of these slices together. A Pod that has an address of each family is in two of them and counts once.
    pub(super) fn of<'a>(slices: impl IntoIterator<Item = &'a EndpointSlice>) -> Self {
        let mut each: BTreeMap<&str, &Endpoint> = BTreeMap::new();
        for endpoint in slices.into_iter().flat_map(|slice| slice.endpoints.iter()) {
            let address = endpoint.addresses.first().map_or("", |address| address);
            each.insert(pod_of(endpoint).unwrap_or(address), endpoint);
        }
        let mut tally = Tally { all: each.len(), ..Tally::default() };
        for endpoint in each.into_values() {
            tally.ready += usize::from(endpoint_state(endpoint) == EndpointState::Ready);
            if endpoint.conditions.terminating == Some(true) {
                tally.terminating += 1;
                tally.serving += usize::from(endpoint.conditions.serving == Some(true));
            }
        }
        tally
    }
    /// In words.
    pub(super) fn says(self, language: Language) -> String {
        let number = |number: usize| Arg::Number(i64::try_from(number).unwrap_or(i64::MAX));
        if self.all == 0 {
            return text(language, msg!("scene.slice-empty"), &[]);
        }
        let args = [("ready", number(self.ready)), ("count", number(self.all))];
        let ready = text(language, msg!("scene.slice-ready"), &args);
        if self.terminating == 0 {
            return ready;
        }
        let args = [("count", number(self.terminating)), ("serving", number(self.serving))];
        let id = match self.serving {
            0 => msg!("scene.slice-terminating"),
            serving if serving == self.terminating => msg!("scene.slice-serving"),
            _ => msg!("scene.slice-some-serving"),
        };
        format!("{ready} · {}", text(language, id, &args))
    }
}

/// The beginning of the keys of a slice's shapes.
pub(super) fn key(meta: &ObjectMeta) -> String {
    super::cards::key(Kind::EndpointSlice, meta)
}

/// The width of a slice's card, be it that it has so many endpoints.
pub(super) fn slice_width(place: &Reserved<EndpointSlice>, most: usize, language: Language) -> f32 {
    let most = most.clamp(2, 1_000);
    let said = [0, most - 1, most].map(|serving| {
        let said = Tally { all: most, ready: most, terminating: most, serving }.says(language);
        width(&said, Type::Caption.font())
    });
    let said = said.into_iter().fold(0.0, f32::max);
    let head = EMBLEM_ROOM
        + width(EYEBROW, Type::Eyebrow.font())
        + APART
        + width(&place.first.metadata.name, Type::NameSmall.font());
    let wide = || (head.max(said) + 2.0 * PADDING).ceil().clamp(LEAST, MOST);
    *place.wide.get_or_init(wide)
}

/// The card of a slice, or the one that stands for several, by the first of them: its shapes from its corner, and what a screen
/// reader says.
pub(super) fn card(slices: &[&EndpointSlice], wide: f32, language: Language) -> Option<(Vec<Shape>, String)> {
    let meta = &slices.first()?.metadata;
    let tally = Tally::of(slices.iter().copied());
    let begin = key(meta);
    let key = |part: &str| format!("{begin}/{part}");
    let (hue, is_ending) = (Hue::Service, meta.is_terminating());
    let frame = match tally {
        _ if is_ending => Role::CardFrameDashed(hue),
        Tally { all: 0, .. } => Role::CardFrameQuiet,
        Tally { ready: 0, .. } => Role::CardFrameDashed(hue),
        _ => Role::CardFrame(hue),
    };
    let name = match slices.len() - 1 {
        0 => meta.name.to_string(),
        more => format!("{} +{more}", meta.name),
    };
    let said = tally.says(language);
    let spoken = text(
        language,
        msg!("scene.spoken-slice"),
        &[("name", name.as_str().into()), ("what", said.as_str().into())],
    );
    let left = PADDING + EMBLEM_ROOM;
    let after = left + width(EYEBROW, Type::Eyebrow.font()) + APART;
    let name = ellipsize_middle(&name, Type::NameSmall.font(), wide - PADDING - after);
    let said = ellipsize(&said, Type::Caption.font(), wide - 2.0 * PADDING);
    let ink = if tally.all == 0 { Role::TextMuted } else { Role::Text };
    let shapes = vec![
        Shape::rect(key("frame"), frame, [0.0, 0.0, wide, SLICE_HEIGHT], radius::CARD),
        Shape::rect(key("accent"), Role::CardAccent(hue), [0.0, 10.0, 4.0, SLICE_HEIGHT - 20.0], 2.0)
            .faded(if tally.all == 0 { 0.4 } else { 1.0 }),
        Shape::text(key("eyebrow"), Role::TextHue(hue), Type::Eyebrow, left, 20.5, EYEBROW),
        emblem_before(key("kind"), Kind::EndpointSlice, [PADDING, 20.5]),
        Shape::text(key("name"), ink, Type::NameSmall, after, 21.0, name),
        Shape::text(key("caption"), Role::TextMuted, Type::Caption, PADDING, 39.0, said),
    ];
    Some((shapes, spoken))
}

/// The slices of a Service that are there, each at its place; all of them at the one place that stands for them.
pub(super) fn shown<'a>(front: &Front<'a>, plan: &FrontPlan) -> Vec<(Vec<&'a EndpointSlice>, Rect)> {
    let all = || front.slices_now().map(|slice| &**slice);
    match *plan.slices {
        [] => Vec::new(),
        [rect] => {
            let all: Vec<&EndpointSlice> = all().collect();
            if all.is_empty() { Vec::new() } else { vec![(all, rect)] }
        }
        ref places => {
            let placed = front.slices.iter().zip(places);
            placed.filter_map(|(slice, rect)| Some((vec![&**slice.now?], *rect))).collect()
        }
    }
}

/// How many endpoints of a Service are ready.
pub(super) fn ready(front: &Front) -> usize {
    Tally::of(front.slices_now().map(|slice| &**slice)).ready
}
