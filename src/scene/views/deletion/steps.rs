//! How time is shared out along the stage: as it passes, but each step of what goes on can be seen.

use crate::timeline::StageTime;

/// How much of the room least steps take at most.
const MOST_OF_ROOM: f64 = 0.5;

/// Where moments are. As far apart as on the stage, but at least so far; what waits longest pays for it.
pub(super) fn spread(
    [from, until]: [StageTime; 2],
    along: [f32; 2],
    moments: impl Iterator<Item = StageTime>,
    least: f32,
) -> Vec<(StageTime, f32)> {
    let mut stops: Vec<StageTime> = moments.filter(|at| from < *at && *at < until).collect();
    stops.push(until);
    stops.sort_unstable();
    stops.dedup();
    let room = f64::from(along[1] - along[0]);
    let least = f64::from(least).min(room * MOST_OF_ROOM / stops.len() as f64);
    let all = until.since(from).max(1) as f64;
    let starts = std::iter::once(from).chain(stops.iter().copied());
    let wides: Vec<f64> =
        starts.zip(&stops).map(|(start, stop)| stop.since(start) as f64 / all * room).collect();
    let mut part = 1.0;
    // Whoever gets the least leaves less to the others, of which some may then get the least, too.
    for _ in 0..stops.len() {
        let (short, long): (Vec<f64>, Vec<f64>) = wides.iter().partition(|wide| **wide * part < least);
        let left = room - least * short.len() as f64;
        part = left / long.iter().sum::<f64>().max(1.0);
    }
    let mut steps = vec![(from, along[0])];
    let mut sum = 0.0;
    for (stop, wide) in stops.into_iter().zip(wides) {
        sum += (wide * part).max(least);
        steps.push((stop, (along[0] + sum as f32).min(along[1])));
    }
    steps
}

/// Where a moment is between these; before the first and after the last, there.
pub(super) fn place(steps: &[(StageTime, f32)], at: StageTime) -> f32 {
    let after = steps.partition_point(|(moment, _)| *moment <= at);
    match (after.checked_sub(1).and_then(|before| steps.get(before)), steps.get(after)) {
        (Some((from, start)), Some((to, end))) => {
            let part = at.since(*from) as f64 / to.since(*from).max(1) as f64;
            start + (end - start) * part as f32
        }
        (Some((_, edge)), None) | (None, Some((_, edge))) => *edge,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(moments: &[u64], until: u64, least: f32) -> Vec<i32> {
        let moments: Vec<StageTime> = moments.iter().copied().map(StageTime).collect();
        let stage = [StageTime(0), StageTime(until)];
        let steps = spread(stage, [100.0, 1_100.0], moments.iter().copied(), least);
        moments.iter().chain(&stage).map(|at| place(&steps, *at).round() as i32).collect()
    }

    #[test]
    fn what_is_far_enough_apart_is_where_it_passes() {
        assert_eq!(places(&[250, 500], 1_000, 20.0), [350, 600, 100, 1_100]);
        assert_eq!(places(&[], 1_000, 20.0), [100, 1_100]);
    }

    #[test]
    fn each_step_can_be_seen_and_the_wait_pays() {
        // The third has a little more than the least, and keeps it no longer once the others have theirs.
        assert_eq!(places(&[1, 2, 23, 1_000], 1_000, 20.0), [120, 140, 160, 1_100, 100, 1_100]);
    }

    #[test]
    fn many_steps_leave_half_of_the_room_to_the_wait() {
        let moments: Vec<u64> = (1..100).collect();
        let found = places(&moments, 1_000_000, 20.0);
        assert_eq!((found[0], found[98]), (105, 595));
        assert!(found[..99].is_sorted());
    }
}
