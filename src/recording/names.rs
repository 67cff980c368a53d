//! What to call an object whose name is random: after its owner.
//!
//! `web-749df4ccc5` becomes `web~@1` (the first ReplicaSet of `web`), its Pods `web~@1~#` (all alike: which of
//! them came first is chance), `web-svc-x7k2p` becomes `web-svc~`.

use super::WatchEvent;
use crate::value::Value;
use std::collections::BTreeMap;

/// Resource, namespace, name.
pub type Key = (String, String, String);

/// The canonical names of a run's objects.
#[derive(Clone, Debug)]
pub struct Names {
    canonical: BTreeMap<Key, String>,
    /// The first canonical name of what Events call so: a name, and the first letters of a kind.
    involved: BTreeMap<(String, String), String>,
    /// Real names and what stands for them in texts, the longest first.
    pub replacements: Vec<(String, String)>,
}

/// The key of an event's object; none where it has no name.
pub fn key(event: &WatchEvent) -> Option<Key> {
    let text = |key| event.object.at(&["metadata", key]).and_then(Value::as_str);
    Some((event.resource.clone(), text("namespace").unwrap_or_default().into(), text("name")?.into()))
}

/// Resources in the order in which owners come before what they own.
fn depth(resource: &str) -> u8 {
    match resource {
        "replicasets" | "jobs" | "controllerrevisions" => 1,
        "pods" | "endpointslices" => 2,
        "events" => 3,
        _ => 0,
    }
}

impl Names {
    /// The names of all that these events show.
    pub fn of(events: &[WatchEvent]) -> Self {
        let mut names = Self { canonical: BTreeMap::new(), involved: BTreeMap::new(), replacements: vec![] };
        // The first object of a namespace and name, whatever it is: an owner is looked up so.
        let mut owners: BTreeMap<(String, String), String> = BTreeMap::new();
        let mut children: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut ordered: Vec<&WatchEvent> = events.iter().collect();
        ordered.sort_by_key(|event| depth(&event.resource));
        for event in ordered {
            let Some(key) = key(event) else { continue };
            if names.canonical.contains_key(&key) {
                continue;
            }
            let (resource, namespace, name) = &key;
            let canonical = Self::canonical(event, name, |owner| {
                let up = owners.get(&(namespace.clone(), owner.to_owned()));
                let up = up.cloned().unwrap_or_else(|| owner.to_owned());
                let count = children.entry((resource.clone(), up.clone())).or_default();
                (up, count)
            });
            let called =
                (name.clone(), resource.trim_end_matches('s').to_lowercase().chars().take(6).collect());
            names.involved.entry(called).or_insert_with(|| canonical.clone());
            if resource != "events" {
                owners.entry((namespace.clone(), name.clone())).or_insert_with(|| canonical.clone());
                let pair = (name.clone(), canonical.clone());
                if *name != canonical && !names.replacements.contains(&pair) {
                    names.replacements.push(pair);
                }
            }
            names.canonical.insert(key, canonical);
        }
        names.finish();
        names
    }

    /// The hashes at the end of names stand alone too, as labels; they are replaced after the names.
    fn finish(&mut self) {
        let mut hashes = Vec::new();
        for (name, canonical) in &self.replacements {
            let last = name.rsplit_once('-').map_or("", |(_, last)| last);
            if canonical.contains("~@") && (6..=10).contains(&last.len()) && last.bytes().all(is_suffix) {
                let pair = (last.to_owned(), "<hash>".to_owned());
                if !hashes.contains(&pair) {
                    hashes.push(pair);
                }
            }
        }
        self.replacements.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        hashes.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        self.replacements.extend(hashes);
    }

    /// What to call the object of `event`. `above` tells its owner's canonical name and counts its children.
    fn canonical<'a>(
        event: &WatchEvent,
        name: &str,
        above: impl FnOnce(&str) -> (String, &'a mut usize),
    ) -> String {
        let meta = |key| event.object.at(&["metadata", key]);
        let generated = meta("generateName").and_then(Value::as_str).is_some_and(|prefix| !prefix.is_empty());
        let text = |value: &Value, key| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let references = meta("ownerReferences").and_then(Value::as_array).unwrap_or_default();
        let owner = references.iter().find(|o| o.get("controller").and_then(Value::as_bool) == Some(true));
        let owner = owner.map(|owner| (text(owner, "kind"), text(owner, "name")));
        let names_after = ["Deployment", "CronJob", "StatefulSet", "DaemonSet"];
        let pod = event.resource == "pods";
        match owner {
            Some((kind, owner))
                if (generated || names_after.contains(&kind.as_str())) && name.starts_with(&owner) =>
            {
                let (up, count) = above(&owner);
                if kind == "StatefulSet" && pod {
                    return up + &name[owner.len()..];
                }
                *count += 1;
                let index =
                    event.object.at(&["metadata", "labels", "batch.kubernetes.io/job-completion-index"]);
                match (pod, index) {
                    (false, _) => format!("{up}~@{count}"),
                    (true, None) => format!("{up}~#"),
                    (true, Some(_)) => format!("{up}-{}~#", name.rsplit('-').nth(1).unwrap_or_default()),
                }
            }
            _ if generated || event.resource == "endpointslices" => match name.rsplit_once('-') {
                Some((stem, end)) if end.len() == 5 && end.bytes().all(is_suffix) => format!("{stem}~"),
                _ => name.to_owned(),
            },
            _ => name.to_owned(),
        }
    }

    /// What the object is called.
    pub fn get<'a>(&'a self, key: &'a Key) -> &'a str {
        self.canonical.get(key).map_or(&key.2, String::as_str)
    }

    /// What the object is called that an Event is about, if the run shows one of that name.
    pub fn involved(&self, kind: &str, name: &str) -> Option<&str> {
        let kind = kind.to_lowercase().chars().take(6).collect();
        self.involved.get(&(name.to_owned(), kind)).map(String::as_str)
    }
}

fn is_suffix(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}
