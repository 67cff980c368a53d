//! A unified diff of lines, as difflib makes it (upstream: pmezard/go-difflib, after Python's): the longest run of
//! equal lines first, then what is left of it and right of it; lines that are too frequent begin no run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::ops::Range;

/// How many lines stay around a change.
const CONTEXT: usize = 3;

/// A list from this length on has lines that are too frequent: more than one in a hundred.
const LONG: usize = 200;

/// A stretch of both lists: equal, or the one in place of the other.
#[derive(Clone)]
struct Stretch {
    is_equal: bool,
    old: Range<usize>,
    new: Range<usize>,
}

/// The diff, one line for each line.
pub(crate) fn diff(old: &[String], new: &[String]) -> String {
    let mut out = String::new();
    for group in groups(stretches(old, new)) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let (was, is) = (range(first.old.start..last.old.end), range(first.new.start..last.new.end));
        _ = writeln!(out, "@@ -{was} +{is} @@");
        for stretch in &group {
            if stretch.is_equal {
                old[stretch.old.clone()].iter().for_each(|line| _ = writeln!(out, " {line}"));
                continue;
            }
            old[stretch.old.clone()].iter().for_each(|line| _ = writeln!(out, "-{line}"));
            new[stretch.new.clone()].iter().for_each(|line| _ = writeln!(out, "+{line}"));
        }
    }
    out
}

/// `first,count`, counted from one.
fn range(lines: Range<usize>) -> String {
    match lines.len() {
        1 => format!("{}", lines.start + 1),
        0 => format!("{},0", lines.start),
        count => format!("{},{count}", lines.start + 1),
    }
}

/// The stretches in groups, each with a few equal lines around its changes.
fn groups(mut stretches: Vec<Stretch>) -> Vec<Vec<Stretch>> {
    if let Some(first) = stretches.first_mut().filter(|first| first.is_equal) {
        let kept = first.old.len().min(CONTEXT);
        (first.old.start, first.new.start) = (first.old.end - kept, first.new.end - kept);
    }
    if let Some(last) = stretches.last_mut().filter(|last| last.is_equal) {
        let kept = last.old.len().min(CONTEXT);
        (last.old.end, last.new.end) = (last.old.start + kept, last.new.start + kept);
    }
    let (mut groups, mut group) = (Vec::new(), Vec::new());
    for mut stretch in stretches {
        if stretch.is_equal && stretch.old.len() > 2 * CONTEXT {
            let (old, new) = (stretch.old.start + CONTEXT, stretch.new.start + CONTEXT);
            group.push(Stretch { is_equal: true, old: stretch.old.start..old, new: stretch.new.start..new });
            groups.push(std::mem::take(&mut group));
            (stretch.old.start, stretch.new.start) = (stretch.old.end - CONTEXT, stretch.new.end - CONTEXT);
        }
        group.push(stretch);
    }
    groups.push(group);
    groups.retain(|group| group.iter().any(|stretch| !stretch.is_equal));
    groups
}

/// Both lists cut into stretches, from the beginning to the end.
fn stretches(old: &[String], new: &[String]) -> Vec<Stretch> {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, line) in new.iter().enumerate() {
        places.entry(line).or_default().push(at);
    }
    if new.len() >= LONG {
        places.retain(|_, places| places.len() <= new.len() / 100 + 1);
    }
    let matcher = Matcher { old, new, places };
    let mut runs = BTreeSet::new();
    let mut queue = vec![(0..old.len(), 0..new.len())];
    while let Some((left, right)) = queue.pop() {
        let (from, to, length) = matcher.longest(left.clone(), right.clone());
        if length > 0 {
            runs.insert((from, to, length));
            queue.push((left.start..from, right.start..to));
            queue.push((from + length..left.end, to + length..right.end));
        }
    }
    runs.insert((old.len(), new.len(), 0));
    let (mut out, mut old_at, mut new_at): (Vec<Stretch>, usize, usize) = (Vec::new(), 0, 0);
    for (from, to, length) in runs {
        if old_at < from || new_at < to {
            out.push(Stretch { is_equal: false, old: old_at..from, new: new_at..to });
        }
        match out.last_mut().filter(|last| last.is_equal && length > 0) {
            // Runs that touch each other are one.
            Some(last) if last.old.end == from && last.new.end == to => {
                (last.old.end, last.new.end) = (from + length, to + length);
            }
            _ if length > 0 => {
                out.push(Stretch { is_equal: true, old: from..from + length, new: to..to + length })
            }
            _ => {}
        }
        (old_at, new_at) = (from + length, to + length);
    }
    out
}

struct Matcher<'l> {
    old: &'l [String],
    new: &'l [String],
    /// Where the lines stand in `new`, without those that are too frequent.
    places: BTreeMap<&'l str, Vec<usize>>,
}

impl Matcher<'_> {
    /// The longest run of equal lines in both ranges; of several the first in `old`, then the first in `new`.
    fn longest(&self, left: Range<usize>, right: Range<usize>) -> (usize, usize, usize) {
        let (mut from, mut to, mut length) = (left.start, right.start, 0);
        let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
        for at in left.clone() {
            let mut next = BTreeMap::new();
            for place in self.places.get(&*self.old[at]).into_iter().flatten().copied() {
                if !right.contains(&place) {
                    continue;
                }
                let before = place.checked_sub(1).and_then(|place| lengths.get(&place)).copied();
                let run = before.unwrap_or(0) + 1;
                next.insert(place, run);
                if run > length {
                    (from, to, length) = (at + 1 - run, place + 1 - run, run);
                }
            }
            lengths = next;
        }
        // What is too frequent to begin a run may still lengthen it.
        while from > left.start && to > right.start && self.old[from - 1] == self.new[to - 1] {
            (from, to, length) = (from - 1, to - 1, length + 1);
        }
        while from + length < left.end
            && to + length < right.end
            && self.old[from + length] == self.new[to + length]
        {
            length += 1;
        }
        (from, to, length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_stand_among_lines_that_stay() {
        let lines = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        for (old, new, expected) in [
            ("abc", "abc", ""),
            ("abc", "axc", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"),
            ("abcdefghij", "abcdefghixj", "@@ -7,4 +7,5 @@\n g\n h\n i\n+x\n j\n"),
            ("", "x", "@@ -0,0 +1 @@\n+x\n"),
            ("1abcdefgh2", "abcdefgh", "@@ -1,4 +1,3 @@\n-1\n a\n b\n c\n@@ -7,4 +6,3 @@\n f\n g\n h\n-2\n"),
        ] {
            assert_eq!(diff(&lines(old), &lines(new)), expected, "{old} to {new}");
        }
    }
}
