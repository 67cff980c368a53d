//! The glyph of each kind: lines beside its name, so that a kind is known by its form as well as by its hue and its word.

use super::shape::Segment;
use crate::api::Kind;

/// The side of the square that they are drawn in here.
const GRID: f32 = 16.0;

/// A part of a glyph, in the square's own units.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    /// From point to point.
    Line(&'static [[f32; 2]]),
    /// A rectangle: left, top, width, height.
    Box([f32; 4]),
    /// A circle.
    Ring([f32; 2], f32),
}

use Part::{Box, Line, Ring};

/// What the glyph of a kind is made of. Kinds that are never on the stage share one.
fn parts(kind: Kind) -> &'static [Part] {
    match kind {
        // It rolls out.
        Kind::Deployment => &[
            Line(&[[8.0, 11.0], [8.0, 2.0]]),
            Line(&[[4.5, 5.5], [8.0, 2.0], [11.5, 5.5]]),
            Line(&[[2.0, 14.0], [14.0, 14.0]]),
        ],
        // Copies of one.
        Kind::ReplicaSet => &[Box([2.0, 2.0, 9.0, 9.0]), Line(&[[14.0, 5.0], [14.0, 14.0], [5.0, 14.0]])],
        Kind::ReplicationController => &[
            Box([2.0, 2.0, 9.0, 9.0]),
            Line(&[[14.0, 5.0], [14.0, 14.0], [5.0, 14.0]]),
            Line(&[[5.0, 6.5], [8.0, 6.5]]),
        ],
        // A container above `pause`, as on a Pod's card.
        Kind::Pod => {
            &[Box([2.0, 2.0, 12.0, 12.0]), Box([5.0, 5.0, 6.0, 2.5]), Line(&[[5.0, 11.0], [11.0, 11.0]])]
        }
        // One after the other.
        Kind::StatefulSet => {
            &[Box([2.0, 10.0, 3.4, 4.0]), Box([6.3, 6.0, 3.4, 8.0]), Box([10.6, 2.0, 3.4, 12.0])]
        }
        // One on each node.
        Kind::DaemonSet => &[
            Box([2.2, 4.0, 4.4, 4.4]),
            Box([9.4, 4.0, 4.4, 4.4]),
            Line(&[[1.8, 12.0], [7.0, 12.0]]),
            Line(&[[9.0, 12.0], [14.2, 12.0]]),
        ],
        // It runs to an end.
        Kind::Job => {
            &[Line(&[[3.0, 3.0], [11.0, 8.0], [3.0, 13.0], [3.0, 3.0]]), Line(&[[13.5, 3.0], [13.5, 13.0]])]
        }
        Kind::CronJob => &[Ring([8.0, 8.0], 6.0), Line(&[[8.0, 4.5], [8.0, 8.0], [10.5, 9.5]])],
        // From one address to many.
        Kind::Service => &[
            Ring([3.5, 8.0], 1.7),
            Line(&[[5.2, 8.0], [13.8, 8.0]]),
            Line(&[[13.0, 3.0], [8.6, 8.0], [13.0, 13.0]]),
        ],
        // A list of addresses.
        Kind::EndpointSlice => &[
            Ring([3.4, 3.6], 1.2),
            Line(&[[7.0, 3.6], [14.0, 3.6]]),
            Ring([3.4, 8.0], 1.2),
            Line(&[[7.0, 8.0], [14.0, 8.0]]),
            Ring([3.4, 12.4], 1.2),
            Line(&[[7.0, 12.4], [14.0, 12.4]]),
        ],
        Kind::Endpoints => &[
            Ring([3.4, 5.0], 1.2),
            Line(&[[7.0, 5.0], [14.0, 5.0]]),
            Ring([3.4, 11.0], 1.2),
            Line(&[[7.0, 11.0], [14.0, 11.0]]),
        ],
        // From outside in.
        Kind::Ingress => &[
            Line(&[[2.0, 8.0], [10.0, 8.0]]),
            Line(&[[7.0, 5.0], [10.0, 8.0], [7.0, 11.0]]),
            Line(&[[9.0, 2.0], [14.0, 2.0], [14.0, 14.0], [9.0, 14.0]]),
        ],
        // A shield.
        Kind::NetworkPolicy => {
            &[Line(&[[8.0, 2.0], [13.5, 4.0], [13.5, 8.0], [8.0, 14.0], [2.5, 8.0], [2.5, 4.0], [8.0, 2.0]])]
        }
        // What is set.
        Kind::ConfigMap => &[
            Line(&[[2.0, 5.0], [4.2, 5.0]]),
            Ring([6.0, 5.0], 1.8),
            Line(&[[7.8, 5.0], [14.0, 5.0]]),
            Line(&[[2.0, 11.0], [8.2, 11.0]]),
            Ring([10.0, 11.0], 1.8),
            Line(&[[11.8, 11.0], [14.0, 11.0]]),
        ],
        // A lock.
        Kind::Secret => &[
            Box([3.0, 7.0, 10.0, 7.0]),
            Line(&[[5.0, 7.0], [5.0, 4.0], [6.5, 2.0], [9.5, 2.0], [11.0, 4.0], [11.0, 7.0]]),
        ],
        // Who asks.
        Kind::ServiceAccount => {
            &[Ring([8.0, 5.0], 3.0), Line(&[[2.5, 14.0], [4.0, 10.8], [12.0, 10.8], [13.5, 14.0]])]
        }
        // A ticket for a volume.
        Kind::PersistentVolumeClaim => &[Line(&[
            [2.0, 4.0],
            [14.0, 4.0],
            [14.0, 6.8],
            [12.6, 8.0],
            [14.0, 9.2],
            [14.0, 12.0],
            [2.0, 12.0],
            [2.0, 9.2],
            [3.4, 8.0],
            [2.0, 6.8],
            [2.0, 4.0],
        ])],
        // A disk.
        Kind::PersistentVolume => &[
            Line(&[[2.5, 4.0], [5.0, 2.0], [11.0, 2.0], [13.5, 4.0], [11.0, 6.0], [5.0, 6.0], [2.5, 4.0]]),
            Line(&[[2.5, 4.0], [2.5, 12.0], [5.0, 14.0], [11.0, 14.0], [13.5, 12.0], [13.5, 4.0]]),
        ],
        Kind::StorageClass => &[
            Line(&[[8.0, 2.0], [14.0, 5.0], [8.0, 8.0], [2.0, 5.0], [8.0, 2.0]]),
            Line(&[[2.0, 8.0], [8.0, 11.0], [14.0, 8.0]]),
            Line(&[[2.0, 11.0], [8.0, 14.0], [14.0, 11.0]]),
        ],
        // A frame around other things.
        Kind::Namespace => &[
            Line(&[[2.0, 5.5], [2.0, 2.0], [5.5, 2.0]]),
            Line(&[[10.5, 2.0], [14.0, 2.0], [14.0, 5.5]]),
            Line(&[[14.0, 10.5], [14.0, 14.0], [10.5, 14.0]]),
            Line(&[[5.5, 14.0], [2.0, 14.0], [2.0, 10.5]]),
        ],
        // A machine.
        Kind::Node => &[
            Box([2.0, 3.0, 12.0, 4.4]),
            Box([2.0, 8.8, 12.0, 4.4]),
            Line(&[[4.8, 5.2], [5.6, 5.2]]),
            Line(&[[4.8, 11.0], [5.6, 11.0]]),
        ],
        // More or fewer.
        Kind::HorizontalPodAutoscaler => &[
            Line(&[[2.0, 8.0], [14.0, 8.0]]),
            Line(&[[5.0, 5.0], [2.0, 8.0], [5.0, 11.0]]),
            Line(&[[11.0, 5.0], [14.0, 8.0], [11.0, 11.0]]),
        ],
        // Not below a line.
        Kind::PodDisruptionBudget => &[
            Line(&[[8.0, 2.0], [8.0, 9.0]]),
            Line(&[[5.0, 6.0], [8.0, 9.0], [11.0, 6.0]]),
            Line(&[[2.0, 12.0], [14.0, 12.0]]),
        ],
        // A gauge.
        Kind::ResourceQuota => &[
            Line(&[[2.0, 12.0], [2.8, 7.5], [5.2, 4.8], [8.0, 4.0], [10.8, 4.8], [13.2, 7.5], [14.0, 12.0]]),
            Line(&[[8.0, 12.0], [10.6, 8.0]]),
        ],
        // Between two bounds.
        Kind::LimitRange => &[
            Line(&[[3.0, 2.5], [3.0, 13.5]]),
            Line(&[[13.0, 2.5], [13.0, 13.5]]),
            Line(&[[3.0, 8.0], [13.0, 8.0]]),
        ],
        // A flag.
        Kind::PriorityClass => &[Line(&[[4.0, 14.0], [4.0, 2.0], [13.0, 5.0], [4.0, 8.0]])],
        _ => &[Line(&[[8.0, 2.0], [14.0, 8.0], [8.0, 14.0], [2.0, 8.0], [8.0, 2.0]])],
    }
}

/// The glyph of a kind in a square of this side, from its upper left corner, as lines to be stroked.
pub fn emblem(kind: Kind, [x, y]: [f32; 2], side: f32) -> Vec<Segment> {
    let unit = side / GRID;
    let at = |[dx, dy]: [f32; 2]| [x + dx * unit, y + dy * unit];
    let mut path = Vec::new();
    for part in parts(kind) {
        match *part {
            Line(points) => {
                let ends_where_it_began = points.first() == points.last();
                for (place, point) in points.iter().enumerate() {
                    path.push(match place {
                        0 => Segment::Move(at(*point)),
                        _ if ends_where_it_began && place + 1 == points.len() => Segment::Close,
                        _ => Segment::Line(at(*point)),
                    });
                }
            }
            Box([left, top, wide, high]) => path.extend([
                Segment::Move(at([left, top])),
                Segment::Line(at([left + wide, top])),
                Segment::Line(at([left + wide, top + high])),
                Segment::Line(at([left, top + high])),
                Segment::Close,
            ]),
            Ring([middle, high], radius) => {
                let arc =
                    |to| Segment::Arc { radius: radius * unit, large: false, clockwise: true, to: at(to) };
                path.extend([
                    Segment::Move(at([middle, high - radius])),
                    arc([middle, high + radius]),
                    arc([middle, high - radius]),
                ]);
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kinds that are drawn as cards, lanes or on the map of kinds.
    const OWN: [Kind; 26] = [
        Kind::Deployment,
        Kind::ReplicaSet,
        Kind::ReplicationController,
        Kind::Pod,
        Kind::StatefulSet,
        Kind::DaemonSet,
        Kind::Job,
        Kind::CronJob,
        Kind::Service,
        Kind::EndpointSlice,
        Kind::Endpoints,
        Kind::Ingress,
        Kind::NetworkPolicy,
        Kind::ConfigMap,
        Kind::Secret,
        Kind::ServiceAccount,
        Kind::PersistentVolumeClaim,
        Kind::PersistentVolume,
        Kind::StorageClass,
        Kind::Namespace,
        Kind::Node,
        Kind::HorizontalPodAutoscaler,
        Kind::PodDisruptionBudget,
        Kind::ResourceQuota,
        Kind::LimitRange,
        Kind::PriorityClass,
    ];

    #[test]
    fn a_kind_has_a_glyph_of_its_own() {
        for (place, kind) in OWN.iter().enumerate() {
            assert_ne!(parts(*kind), parts(Kind::Lease), "{kind} has the one that others share");
            for other in &OWN[..place] {
                assert_ne!(parts(*kind), parts(*other), "{kind} and {other} look the same");
            }
        }
    }

    #[test]
    fn a_glyph_stays_in_its_square() {
        let is_in = |value: f32| (1.5..=14.5).contains(&value);
        for kind in OWN.into_iter().chain([Kind::Lease]) {
            for part in parts(kind) {
                let stays = match *part {
                    Line(points) => points.iter().flatten().all(|value| is_in(*value)),
                    Box([left, top, wide, high]) => {
                        [left, top, left + wide, top + high].into_iter().all(is_in)
                    }
                    Ring([x, y], radius) => {
                        [x - radius, x + radius, y - radius, y + radius].into_iter().all(is_in)
                    }
                };
                assert!(stays, "{kind}: {part:?}");
            }
        }
    }
}
