//! Which lines of a text are new since the text before it.

/// Past so many lines the texts are only compared from both ends.
const MOST: usize = 600;

/// For each line of `after`, whether it is not in `before` at its place.
pub(super) fn changed(before: &[&str], after: &[&str]) -> Vec<bool> {
    let same = |a: &&&str, b: &&&str| a == b;
    let head = before.iter().zip(after).take_while(|(a, b)| same(a, b)).count();
    let rest = before.len().min(after.len()) - head;
    let tail = before.iter().rev().zip(after.iter().rev()).take(rest).take_while(|(a, b)| same(a, b)).count();
    let (before, middle) = (&before[head..before.len() - tail], &after[head..after.len() - tail]);
    let mut changed = vec![false; after.len()];
    let kept = if before.len().max(middle.len()) > MOST {
        vec![false; middle.len()]
    } else {
        common(before, middle)
    };
    for (place, kept) in kept.into_iter().enumerate() {
        changed[head + place] = !kept;
    }
    changed
}

/// The lines of `after` in a longest common sequence of both.
fn common(before: &[&str], after: &[&str]) -> Vec<bool> {
    let width = after.len() + 1;
    let mut longest = vec![0u16; (before.len() + 1) * width];
    for a in (0..before.len()).rev() {
        for b in (0..after.len()).rev() {
            longest[a * width + b] = if before[a] == after[b] {
                longest[(a + 1) * width + b + 1] + 1
            } else {
                longest[(a + 1) * width + b].max(longest[a * width + b + 1])
            };
        }
    }
    let mut kept = vec![false; after.len()];
    let (mut a, mut b) = (0, 0);
    while a < before.len() && b < after.len() {
        if before[a] == after[b] {
            kept[b] = true;
            (a, b) = (a + 1, b + 1);
        } else if longest[(a + 1) * width + b] >= longest[a * width + b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str, expected: &str) {
        let (before, after): (Vec<&str>, Vec<&str>) =
            (before.split(' ').collect(), after.split(' ').collect());
        let marked: Vec<String> = after
            .iter()
            .zip(changed(&before, &after))
            .map(|(line, new)| format!("{}{line}", if new { "+" } else { "" }))
            .collect();
        assert_eq!(marked.join(" "), expected);
    }

    #[test]
    fn lines_that_came_are_told_from_those_that_stayed() {
        check("a b c", "a b c", "a b c");
        check("a b c", "a x c", "a +x c");
        check("a c", "a b c", "a +b c");
        check("a b c d", "a d", "a d");
        check("a b a c", "b a x a", "b a +x +a");
    }
}
