//! Which of the names that exist somebody may have meant.

/// The nearest of some candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Near<'a> {
    /// The candidate.
    pub name: &'a str,
    /// How many letters are wrong; 0 if only case, hyphens or underscores differ.
    pub distance: usize,
    /// Whether no other candidate is equally near.
    pub unique: bool,
}

/// The candidate that `name` was probably meant to be, if one is near enough: one wrong letter in three, and
/// never more than three. Case, hyphens and underscores count only between candidates that are equally near
/// without them. Of several, the first in alphabetical order.
///
/// A name that is itself a candidate is its own nearest.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<Near<'a>> {
    let folded = fold(name);
    let mut limit = (folded.len() / 3).clamp(1, 3);
    // A single letter is near to everything.
    if folded.len() < 2 {
        limit = 0;
    }
    let exact: Vec<char> = name.chars().collect();
    let mut best: Option<(usize, usize, Near<'a>)> = None;
    for candidate in candidates {
        let Some(near) = bounded(&folded, &fold(candidate), limit) else { continue };
        let letters: Vec<char> = candidate.chars().collect();
        let spelled = bounded(&exact, &letters, usize::MAX).unwrap_or(usize::MAX);
        let found = Near { name: candidate, distance: near, unique: true };
        match &mut best {
            Some((distance, spelling, kept)) if (*distance, *spelling) == (near, spelled) => {
                if kept.name != candidate {
                    kept.unique = false;
                    kept.name = kept.name.min(candidate);
                }
            }
            Some((distance, spelling, _)) if (*distance, *spelling) < (near, spelled) => {}
            _ => {
                limit = near;
                best = Some((near, spelled, found));
            }
        }
    }
    best.map(|(_, _, near)| near)
}

/// How many letters must be inserted, deleted, replaced or swapped with their neighbour to make one text the
/// other (the optimal string alignment form of the Damerau–Levenshtein distance).
pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    bounded(&a, &b, usize::MAX).unwrap_or(usize::MAX)
}

/// The distance, unless it is more than `limit`.
fn bounded(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, &from) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, &to) in b.iter().enumerate() {
            let mut cost = (above[j] + usize::from(from != to)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && from == b[j - 1] && a[i - 1] == to {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        // A swap reaches back two rows: only when both are past the limit is all that follows.
        if row.iter().chain(&above).all(|&cost| cost > limit) {
            return None;
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().filter(|&distance| distance <= limit)
}

fn fold(name: &str) -> Vec<char> {
    name.chars()
        .filter(|letter| !matches!(letter, '-' | '_'))
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_counts_inserted_deleted_replaced_and_swapped_letters() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("Deloyment", "Deployment", 1),
            ("lables", "labels", 1),
            ("replcias", "replicas", 1),
            ("kitten", "sitting", 3),
            ("ca", "abc", 3),
            ("파드", "포드", 1),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn the_nearest_name_is_found_within_its_bound() {
        let fields = [
            "args",
            "command",
            "env",
            "envFrom",
            "image",
            "imagePullPolicy",
            "name",
            "ports",
            "volumeMounts",
        ];
        for (name, expected) in [
            ("imag", Some("image")),
            ("iamge", Some("image")),
            ("evn", Some("env")),
            ("port", Some("ports")),
            ("volumeMount", Some("volumeMounts")),
            ("ImagePullpolicy", Some("imagePullPolicy")),
            ("image-pull-policy", Some("imagePullPolicy")),
            ("imagePullPolciy", Some("imagePullPolicy")),
            ("env", Some("env")),
            ("e", None),
            ("", None),
            ("restartPolicy", None),
            ("label", None),
        ] {
            assert_eq!(nearest(name, fields).map(|near| near.name), expected, "{name}");
        }
    }

    #[test]
    fn candidates_equally_near_are_not_unique() {
        let ambiguous = nearest("hostIPD", ["hostPID", "hostIPC", "hostPorts"]);
        assert_eq!(ambiguous, Some(Near { name: "hostIPC", distance: 1, unique: false }));
        let named_twice = nearest("Pdo", ["Pod", "Job", "Pod"]);
        assert_eq!(named_twice, Some(Near { name: "Pod", distance: 1, unique: true }));
        let by_case = nearest("configmap", ["Configmap", "ConfigMap"]);
        assert_eq!(by_case, Some(Near { name: "Configmap", distance: 0, unique: true }));
    }

    #[test]
    fn the_bound_gives_the_same_as_no_bound() {
        let names = ["", "a", "ab", "ba", "abc", "acb", "cab", "labels", "lables", "spec", "sepc", "status"];
        for a in names {
            for b in names {
                let letters = |text: &str| text.chars().collect::<Vec<_>>();
                let full = distance(a, b);
                for limit in 0..6 {
                    let expected = (full <= limit).then_some(full);
                    assert_eq!(bounded(&letters(a), &letters(b), limit), expected, "{a} {b} {limit}");
                }
            }
        }
    }
}
