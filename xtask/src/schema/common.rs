//! The part of the schema that nearly every cluster and manifest needs: a page that has only begun decodes no more.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What is in a cluster from the beginning, and what most manifests make.
const KINDS: &[&str] = &[
    "ConfigMap",
    "Deployment",
    "EndpointSlice",
    "Endpoints",
    "Event",
    "Lease",
    "Namespace",
    "Node",
    "Pod",
    "ReplicaSet",
    "Secret",
    "Service",
    "ServiceAccount",
];

/// A definition: the end of its package, and its name.
type Name<'a> = (&'a str, &'a str);

/// Of the whole text, the definitions of these kinds in stable versions and all that they reach, in the same order.
///
/// # Errors
/// Says what it does not find.
pub(super) fn common(text: &str) -> Result<String, String> {
    let mut definitions: Vec<(Name, &str, Vec<&str>)> = Vec::new();
    let mut package = "";
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('@') {
            package = name;
        } else if line.starts_with(' ') {
            definitions.last_mut().ok_or("a field before the first definition")?.2.push(line);
        } else {
            let name = line.split(' ').next().unwrap_or_default();
            definitions.push(((super::generate::last_two(package), name), package, vec![line]));
        }
    }
    let by_name: BTreeMap<Name, &Vec<&str>> =
        definitions.iter().map(|(name, _, lines)| (*name, lines)).collect();
    let is_stable = |package: &str| package.ends_with(".v1");
    let mut next: Vec<Name> = by_name
        .iter()
        .filter(|((package, name), lines)| {
            is_stable(package) && KINDS.contains(name) && lines[0].contains(" =")
        })
        .map(|(name, _)| *name)
        .collect();
    let mut reached = BTreeSet::new();
    while let Some(name) = next.pop() {
        if !reached.insert(name) {
            continue;
        }
        for field in &by_name[&name][1..] {
            let ty =
                field[1..].split(' ').nth(1).unwrap_or_default().trim_start_matches(['[', ']', '{', '}']);
            let to = ty.rsplit_once('.').unwrap_or((name.0, ty));
            next.extend(by_name.get_key_value(&to).map(|(to, _)| *to));
        }
    }
    let mut out =
        String::from("# Made by `cargo xtask schema` from the whole text; decode.rs tells the format.\n");
    let mut package = "";
    for (_, of, lines) in definitions.iter().filter(|(name, ..)| reached.contains(name)) {
        if package != *of {
            package = of;
            let _ = writeln!(out, "@{package}");
        }
        for line in lines {
            let _ = writeln!(out, "{line}");
        }
    }
    Ok(out)
}
