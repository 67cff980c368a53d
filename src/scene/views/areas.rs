//! Counts over time as areas on top of each other: how many Pods are how at each moment.

use crate::cluster::time::SimTime;
use crate::scene::role::Role;
use crate::scene::shape::{Segment, Shape};

/// A count over time: from each moment on it is so much. The first moment is before what is drawn.
pub(super) type Counts = Vec<(SimTime, u32)>;

/// A count at a moment.
pub(super) fn count_at(counts: &Counts, at: SimTime) -> u32 {
    let place = counts.partition_point(|(time, _)| *time <= at).checked_sub(1);
    place.map_or(0, |place| counts[place].1)
}

/// Counts how many of some stretches of time there are at each moment.
pub(super) fn count(stretches: impl IntoIterator<Item = [SimTime; 2]>) -> Counts {
    let mut changes: Vec<(SimTime, i32)> =
        stretches.into_iter().flat_map(|[from, to]| [(from, 1), (to, -1)]).collect();
    changes.sort_unstable();
    let mut counts: Counts = Vec::new();
    let mut count = 0i32;
    for (at, by) in changes.into_iter().filter(|(at, _)| *at != SimTime::NEVER) {
        count += by;
        let now = count.max(0).unsigned_abs();
        match counts.last_mut() {
            Some(last) if last.0 == at => last.1 = now,
            _ => counts.push((at, now)),
        }
    }
    counts
}

/// Where counts are drawn.
pub(super) struct Ground<'a> {
    /// Where a moment is.
    pub(super) x: &'a dyn Fn(SimTime) -> f32,
    /// From when to when.
    pub(super) span: [SimTime; 2],
    /// Where nothing is, which is below.
    pub(super) base: f32,
    /// How high one is.
    pub(super) each: f32,
}

/// Draws the layers on top of each other, the first at the bottom.
pub(super) fn areas(key: &str, layers: &[(Role, &Counts)], ground: &Ground) -> Vec<Shape> {
    let [from, to] = ground.span;
    let mut moments: Vec<SimTime> = layers
        .iter()
        .flat_map(|(_, counts)| counts.iter().map(|(at, _)| *at))
        .filter(|at| *at > from && *at < to)
        .collect();
    moments.push(from);
    moments.sort_unstable();
    moments.dedup();
    let mut below: Vec<u32> = vec![0; moments.len()];
    let mut shapes = Vec::new();
    for (place, (role, counts)) in layers.iter().enumerate() {
        let above: Vec<u32> =
            moments.iter().zip(&below).map(|(at, below)| below + count_at(counts, *at)).collect();
        let mut segments = Vec::new();
        let mut from = 0;
        while from < moments.len() {
            // Where there is nothing of a layer, there is no edge of it either.
            let is_there = |at: &usize| above[*at] != below[*at];
            let Some(first) = (from..moments.len()).find(is_there) else { break };
            let end = (first..moments.len()).find(|at| !is_there(at)).unwrap_or(moments.len());
            let until = moments.get(end).copied().unwrap_or(to);
            let mut path = edge(&moments[first..end], &above[first..end], until, ground);
            let mut back = edge(&moments[first..end], &below[first..end], until, ground);
            back.reverse();
            path.append(&mut back);
            let mut points = path.into_iter();
            segments.extend(points.next().map(Segment::Move));
            segments.extend(points.map(Segment::Line).chain([Segment::Close]));
            from = end;
        }
        if !segments.is_empty() {
            shapes.push(Shape::path(format!("{key}/{place}"), *role, segments));
        }
        below = above;
    }
    shapes
}

/// The corners of a line that goes up and down in steps.
fn edge(moments: &[SimTime], counts: &[u32], to: SimTime, ground: &Ground) -> Vec<[f32; 2]> {
    let ends = moments.iter().skip(1).copied().chain([to]);
    let steps = moments.iter().zip(ends).zip(counts);
    steps
        .flat_map(|((from, until), count)| {
            let y = ground.base - *count as f32 * ground.each;
            [[(ground.x)(*from), y], [(ground.x)(until), y]]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_counted_at_each_moment() {
        let at = SimTime::millis;
        let counts = count([[at(1), at(5)], [at(2), SimTime::NEVER], [at(2), at(3)]]);
        assert_eq!(counts, [(at(1), 1), (at(2), 3), (at(3), 2), (at(5), 1)]);
        assert_eq!([0, 2, 4, 9].map(|millis| count_at(&counts, at(millis))), [0, 3, 2, 1]);
    }

    #[test]
    fn areas_stand_on_each_other() {
        let at = SimTime::millis;
        let ground = Ground { x: &|at| at.0 as f32 / 1_000.0, span: [at(0), at(10)], base: 50.0, each: 10.0 };
        let (one, two) = (vec![(at(0), 1)], vec![(at(4), 2)]);
        let shapes = areas("a", &[(Role::Well, &one), (Role::Panel, &two)], &ground);
        let paths: Vec<String> = shapes
            .iter()
            .map(|shape| match &shape.geometry {
                crate::scene::Geometry::Path(path) => crate::scene::shape::path_data(path),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(paths[0], "M0 40L4 40L4 40L10 40L10 50L4 50L4 50L0 50Z");
        assert_eq!(paths[1], "M4 20L10 20L10 40L4 40Z", "only where there is any");
    }
}
