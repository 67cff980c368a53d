//! The cluster: the control plane's parts, the nodes with their Pods, and the messages that are under way between them.
//! Beside it stands why the scheduler decided as it did, or the way of requests to a Service.
//!
//! `cast` says who is there, `place` where, `plane` and `hosts` draw them, `wires` what is under way, `reason` and
//! `network` what stands beside, `notes` what is to be noted at a node. All of it is in the records.

mod cast;
mod hosts;
mod network;
mod notes;
mod place;
mod plane;
mod reason;
mod wires;

#[cfg(test)]
mod message_tests;
#[cfg(test)]
mod tests;

use super::Stage;
use crate::api::Kind;
use crate::manifest::Arg;
use crate::scene::measure::ellipsize;
use crate::scene::role::Role;
use crate::scene::shape::{Scene, Shape, Target};
use crate::scene::typeface::Type;
use cast::Cast;
use place::Place;

/// Left, top, width and height.
type Rect = [f32; 4];

/// What stands above all else on a phone is so high, or a multiple of it.
const STEP: f32 = 60.0;

/// Draws the cluster.
pub(super) fn draw(stage: &Stage) -> Scene {
    let cast = Cast::new(stage);
    // On a phone what somebody has asked about stands above all else: below it would be out of sight.
    let is_asked = match stage.selection {
        Some(Target::Object(key)) => matches!(key.kind, Kind::Pod | Kind::Service),
        Some(Target::Container { .. }) => true,
        _ => false,
    };
    let asked = (stage.is_narrow() && is_asked).then(|| {
        let place = Place::new(stage, &cast, Some(0.0));
        let high = panel(stage, &cast, (place.side, 0.0), &mut Vec::new()) - place.side[1];
        // In steps, so that a line more does not move all that is below.
        (high / STEP).ceil() * STEP
    });
    let place = Place::new(stage, &cast, asked.filter(|high| *high > 0.0));
    let mut shapes = Vec::new();
    plane::ground(stage, &place, &mut shapes);
    hosts::ground(stage, &cast, &place, &mut shapes);
    wires::quiet(&cast, &place, &mut shapes);
    let flights = wires::Flights::new(stage, &place);
    flights.lines(&place, &mut shapes);
    plane::draw(stage, &cast, &place, &flights, &mut shapes);
    hosts::draw(stage, &cast, &place, &flights, &mut shapes);
    // Beside the nodes it is as high as they are.
    let least = match asked {
        _ if place.is_beside => place.bottom - place.margin,
        Some(high) => place.side[1] + high,
        None => 0.0,
    };
    let bottom = panel(stage, &cast, (place.side, least), &mut shapes);
    network::ways(stage, &cast, &place, &mut shapes);
    flights.dots(stage, &mut shapes);
    let height = place.bottom.max(bottom + place.margin).max(stage.size[1]);
    Scene { width: stage.size[0], height, shapes }
}

/// What is said of a Service or a Pod, as far down as told at least; gives its lower end.
fn panel(stage: &Stage, cast: &Cast, side: ([f32; 3], f32), shapes: &mut Vec<Shape>) -> f32 {
    match network::subject(stage, cast) {
        Some(service) => network::draw(stage, cast, &service, side, shapes),
        None => reason::draw(stage, cast, side, shapes),
    }
}

/// A count as an argument.
fn count(count: usize) -> Arg {
    Arg::Number(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A text that is cut to its room.
fn line(key: String, role: Role, font: Type, [x, y]: [f32; 2], room: f32, text: &str) -> Shape {
    Shape::text(key, role, font, x, y, ellipsize(text, font.font(), room))
}
