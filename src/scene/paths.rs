//! Paths that views share: edges between cards, heads of arrows, rings and the glyphs of states.
//!
//! Only arithmetic and square roots, which are the same on every platform.

use super::shape::Segment;
use super::tokens::State;

/// Length of an arrow's head in pixels.
const HEAD_LENGTH: f32 = 11.0;

/// Half of its width.
const HEAD_HALF: f32 = 5.0;

/// A line that goes down, across at `bend` and down again, its corners round.
pub fn elbow(from: [f32; 2], to: [f32; 2], bend: f32, radius: f32) -> Vec<Segment> {
    let across = to[0] - from[0];
    let room = [across.abs() / 2.0, (bend - from[1]).abs(), (to[1] - bend).abs()];
    let radius = room.into_iter().fold(radius, f32::min);
    if radius < 0.5 {
        return vec![
            Segment::Move(from),
            Segment::Line([from[0], bend]),
            Segment::Line([to[0], bend]),
            Segment::Line(to),
        ];
    }
    let side = radius.copysign(across);
    let (before, after) = (radius.copysign(bend - from[1]), radius.copysign(to[1] - bend));
    vec![
        Segment::Move(from),
        Segment::Line([from[0], bend - before]),
        Segment::Quad([from[0], bend], [from[0] + side, bend]),
        Segment::Line([to[0] - side, bend]),
        Segment::Quad([to[0], bend], [to[0], bend + after]),
        Segment::Line(to),
    ]
}

/// A line through points, its corners round. A point on the way of two others is no corner.
pub fn polyline(points: &[[f32; 2]], radius: f32) -> Vec<Segment> {
    let Some((first, rest)) = points.split_first() else { return Vec::new() };
    let mut path = vec![Segment::Move(*first)];
    let mut before = *first;
    for (place, point) in rest.iter().enumerate() {
        match rest.get(place + 1) {
            Some(next) => {
                let (came, leaves) = (distance(before, *point), distance(*point, *next));
                let radius = radius.min(came / 2.0).min(leaves / 2.0);
                if radius >= 0.5 {
                    path.push(Segment::Line(towards(*point, before, radius)));
                    path.push(Segment::Quad(*point, towards(*point, *next, radius)));
                } else if came >= 0.01 {
                    path.push(Segment::Line(*point));
                }
            }
            None => path.push(Segment::Line(*point)),
        }
        before = *point;
    }
    path
}

fn distance(from: [f32; 2], to: [f32; 2]) -> f32 {
    let [x, y] = [to[0] - from[0], to[1] - from[1]];
    (x * x + y * y).sqrt()
}

/// The point so many pixels from one point to another.
fn towards(from: [f32; 2], to: [f32; 2], pixels: f32) -> [f32; 2] {
    let part = pixels / distance(from, to).max(0.01);
    [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * part)
}

/// A curve that leaves and arrives vertically.
pub fn swoop(from: [f32; 2], to: [f32; 2]) -> Vec<Segment> {
    let reach = (to[1] - from[1]) * 0.6;
    vec![Segment::Move(from), Segment::Cubic([from[0], from[1] + reach], [to[0], to[1] - reach], to)]
}

/// Cuts a path short so that the head of an arrow fits at its end, and gives that head.
///
/// Nothing where the path has no length there.
pub fn arrow_head(path: &mut [Segment]) -> Option<Vec<Segment>> {
    let before = path.len().checked_sub(2).and_then(|at| end(path[at]));
    let last = path.last_mut()?;
    let (towards, tip) = match last {
        Segment::Line(to) => (before?, to),
        Segment::Quad(control, to) | Segment::Cubic(_, control, to) => (*control, to),
        Segment::Move(_) | Segment::Arc { .. } | Segment::Close => return None,
    };
    let [x, y] = [tip[0] - towards[0], tip[1] - towards[1]];
    let length = (x * x + y * y).sqrt();
    if length < 0.01 {
        return None;
    }
    let [x, y] = [x / length, y / length];
    let point = *tip;
    let base = [point[0] - x * HEAD_LENGTH, point[1] - y * HEAD_LENGTH];
    // One pixel into the head, so that no gap is seen between them.
    *tip = [base[0] + x, base[1] + y];
    Some(vec![
        Segment::Move(point),
        Segment::Line([base[0] - y * HEAD_HALF, base[1] + x * HEAD_HALF]),
        Segment::Line([base[0] + y * HEAD_HALF, base[1] - x * HEAD_HALF]),
        Segment::Close,
    ])
}

fn end(segment: Segment) -> Option<[f32; 2]> {
    match segment {
        Segment::Move(to)
        | Segment::Line(to)
        | Segment::Quad(_, to)
        | Segment::Cubic(_, _, to)
        | Segment::Arc { to, .. } => Some(to),
        Segment::Close => None,
    }
}

/// The part of a ring that is left when it runs down: clockwise from the top, all of it at 1, nothing at 0.
pub fn ring([x, y]: [f32; 2], radius: f32, left: f32) -> Vec<Segment> {
    let left = left.clamp(0.0, 1.0);
    let at = |turn: f32| {
        let [cos, sin] = unit(turn);
        [x + radius * sin, y - radius * cos]
    };
    let arc = |large, to| Segment::Arc { radius, large, clockwise: true, to };
    if left > 0.999 {
        // An arc has no way to end where it begins.
        vec![Segment::Move(at(0.0)), arc(false, at(0.5)), arc(false, at(0.0))]
    } else if left < 0.001 {
        Vec::new()
    } else {
        vec![Segment::Move(at(0.0)), arc(left > 0.5, at(left))]
    }
}

/// Cosine and sine of a part of a whole turn.
fn unit(turn: f32) -> [f32; 2] {
    let quarters = turn * 4.0;
    let whole = quarters.round();
    // At most an eighth of a turn either way, where few terms of the series are exact enough for a pixel.
    let angle = (quarters - whole) * std::f32::consts::FRAC_PI_2;
    let square = angle * angle;
    let sin = angle * (1.0 - square / 6.0 * (1.0 - square / 20.0));
    let cos = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0));
    match (whole as i32).rem_euclid(4) {
        0 => [cos, sin],
        1 => [-sin, cos],
        2 => [-cos, -sin],
        _ => [sin, -cos],
    }
}

/// The glyph of a state, to be stroked, within a circle of this radius.
pub fn glyph(state: State, [x, y]: [f32; 2], radius: f32) -> Vec<Segment> {
    let at = |dx: f32, dy: f32| [x + dx * radius, y + dy * radius];
    let line =
        |from: [f32; 2], to: [f32; 2]| [Segment::Move(at(from[0], from[1])), Segment::Line(at(to[0], to[1]))];
    // A line this short with round ends is a dot.
    let dot = |dx: f32, dy: f32| line([dx, dy], [dx + 0.01, dy]);
    match state {
        State::Running => {
            vec![
                Segment::Move(at(-0.4, 0.04)),
                Segment::Line(at(-0.12, 0.32)),
                Segment::Line(at(0.42, -0.28)),
            ]
        }
        // Done is drawn as a flag on its pole, so that it is not taken for running.
        State::Succeeded => vec![
            Segment::Move(at(-0.28, 0.5)),
            Segment::Line(at(-0.28, -0.46)),
            Segment::Line(at(0.38, -0.2)),
            Segment::Line(at(-0.28, 0.08)),
        ],
        State::Pending => [dot(-0.42, 0.0), dot(0.0, 0.0), dot(0.42, 0.0)].concat(),
        State::Failed => [line([0.0, -0.5], [0.0, 0.08]), dot(0.0, 0.46)].concat(),
        State::Unknown => {
            let hook = [
                Segment::Move(at(-0.28, -0.24)),
                Segment::Quad(at(-0.26, -0.54), at(0.02, -0.54)),
                Segment::Quad(at(0.3, -0.52), at(0.3, -0.24)),
                Segment::Quad(at(0.28, -0.06), at(0.0, 0.1)),
            ];
            [&hook[..], &dot(0.0, 0.5)].concat()
        }
        State::Terminating => [line([-0.3, -0.3], [0.3, 0.3]), line([-0.3, 0.3], [0.3, -0.3])].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::shape::path_data;

    #[test]
    fn an_elbow_keeps_its_corners_within_its_legs() {
        for (to, bend, expected) in [
            ([100.0, 60.0], 30.0, "M0 0L0 20Q0 30 10 30L90 30Q100 30 100 40L100 60"),
            ([-100.0, 60.0], 30.0, "M0 0L0 20Q0 30 -10 30L-90 30Q-100 30 -100 40L-100 60"),
            ([8.0, 60.0], 30.0, "M0 0L0 26Q0 30 4 30L4 30Q8 30 8 34L8 60"),
            ([0.0, 60.0], 30.0, "M0 0L0 30L0 30L0 60"),
            ([100.0, -60.0], -30.0, "M0 0L0 -20Q0 -30 10 -30L90 -30Q100 -30 100 -40L100 -60"),
        ] {
            assert_eq!(path_data(&elbow([0.0, 0.0], to, bend, 10.0)), expected);
        }
    }

    #[test]
    fn a_polyline_rounds_its_corners() {
        for (points, expected) in [
            (&[[0.0, 0.0], [0.0, 50.0], [30.0, 50.0]][..], "M0 0L0 40Q0 50 10 50L30 50"),
            (&[[0.0, 0.0], [0.0, 8.0], [30.0, 8.0]], "M0 0L0 4Q0 8 4 8L30 8"),
            (&[[0.0, 0.0], [0.0, 8.0], [0.0, 8.0], [0.0, 30.0]], "M0 0L0 8L0 30"),
            (&[], ""),
        ] {
            assert_eq!(path_data(&polyline(points, 10.0)), expected);
        }
    }

    #[test]
    fn a_head_points_along_the_end_of_its_line() {
        let mut line = [Segment::Move([0.0, 0.0]), Segment::Line([0.0, 100.0])];
        let head = arrow_head(&mut line).expect("the line has a length");
        assert_eq!(path_data(&line), "M0 0L0 90");
        assert_eq!(path_data(&head), "M0 100L-5 89L5 89Z");
        let mut curve = swoop([0.0, 100.0], [50.0, 0.0]);
        let head = arrow_head(&mut curve).expect("the curve has a length");
        assert_eq!(path_data(&head), "M50 0L55 11L45 11Z");
        let mut nothing = [Segment::Move([3.0, 3.0]), Segment::Line([3.0, 3.0])];
        assert_eq!(arrow_head(&mut nothing), None);
    }

    #[test]
    fn a_ring_runs_down_clockwise() {
        for (left, expected) in [
            (1.0, "M0 -10A10 10 0 0 1 0 10A10 10 0 0 1 0 -10"),
            (0.75, "M0 -10A10 10 0 1 1 -10 0"),
            (0.625, "M0 -10A10 10 0 1 1 -7.07 7.07"),
            (0.5, "M0 -10A10 10 0 0 1 0 10"),
            (0.25, "M0 -10A10 10 0 0 1 10 0"),
            (0.125, "M0 -10A10 10 0 0 1 7.07 -7.07"),
            (0.0, ""),
            (-1.0, ""),
        ] {
            assert_eq!(path_data(&ring([0.0, 0.0], 10.0, left)), expected, "{left}");
        }
    }

    #[test]
    fn no_two_states_share_a_glyph_and_each_stays_in_its_circle() {
        let mut seen = Vec::new();
        for state in State::ALL {
            let path = glyph(state, [0.0, 0.0], 10.0);
            for segment in &path {
                let [x, y] = end(*segment).expect("glyphs are not closed");
                assert!(x * x + y * y < 64.0, "{state:?} leaves its circle at {x} {y}");
            }
            seen.push(path_data(&path));
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), State::ALL.len());
    }
}
