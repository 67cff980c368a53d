//! A strategic merge patch is made: of two states of an object, or of three, as `kubectl apply` does.

use super::strategic::Merge;
use super::{DELETE_FROM, DIRECTIVE, ORDER, Place, RETAIN_KEYS, Rule, position};
use crate::value::{Map, Value};

/// What of a difference counts.
#[derive(Clone, Copy)]
struct Counts {
    /// What only the first has is removed.
    deletions: bool,
    /// What the second has other or more is set.
    changes: bool,
    /// Lists come with their order.
    order: bool,
    /// Maps come with the keys that stay.
    retained: bool,
}

/// The patch that makes `modified` of `original`; an empty object where they are alike.
pub fn two_way(api_version: &str, kind: &str, original: &Value, modified: &Value) -> Value {
    let counts = Counts { deletions: true, changes: true, order: true, retained: false };
    diff(Place::of(api_version, kind), original, modified, counts)
}

/// The patch of `kubectl apply`: what `modified` sets and `current` has not, and what `original` had set and
/// `modified` no longer does. The error is that of patches that do not go together.
pub fn three_way(
    api_version: &str,
    kind: &str,
    original: &Value,
    modified: &Value,
    current: &Value,
) -> Result<Value, String> {
    let place = Place::of(api_version, kind);
    let only = |deletions| Counts { deletions, changes: !deletions, order: true, retained: false };
    let delta = diff(place, current, modified, only(false));
    let gone = diff(place, original, modified, only(true));
    Merge { onto_patch: true }.value(place, &gone, &delta)
}

fn diff(place: Place, original: &Value, modified: &Value, counts: Counts) -> Value {
    let nothing = Map::new();
    let original = original.as_object().unwrap_or(&nothing);
    Value::from(diff_maps(place, original, modified.as_object().unwrap_or(&nothing), counts))
}

fn diff_maps(place: Place, original: &Map, modified: &Map, counts: Counts) -> Map {
    let mut patch = Map::new();
    for (key, old) in original.iter() {
        let Some(new) = modified.get(key) else {
            if counts.deletions {
                patch.insert(key.clone(), Value::Null);
            }
            continue;
        };
        let rule = place.rule(key);
        let counts = Counts { retained: rule.retains_keys, ..counts };
        match (old, new) {
            (Value::Object(old), Value::Object(new)) if !rule.replaces => {
                let inner = diff_maps(rule.place, old, new, counts);
                if !inner.is_empty() {
                    patch.insert(key.clone(), inner);
                }
            }
            (Value::Array(old), Value::Array(new)) if rule.merges => {
                diff_lists(rule, key, old, new, counts, &mut patch);
            }
            (old, new) if counts.changes && old != new => patch.insert(key.clone(), new.clone()),
            _ => {}
        }
    }
    if counts.changes {
        for (key, new) in modified.iter().filter(|(key, _)| !original.contains_key(key)) {
            patch.insert(key.clone(), new.clone());
        }
    }
    if counts.retained {
        let mut kept: Vec<_> =
            modified.iter().filter(|(_, value)| !value.is_null()).map(|(key, _)| key.clone()).collect();
        kept.sort();
        let has_more = original.iter().any(|(key, value)| !value.is_null() && !modified.contains_key(key));
        if !kept.is_empty() && (!patch.is_empty() || has_more) {
            patch.insert(RETAIN_KEYS, kept.into_iter().map(Value::from).collect::<Vec<_>>());
        }
    }
    patch
}

fn diff_lists(rule: Rule, field: &str, old: &[Value], new: &[Value], counts: Counts, patch: &mut Map) {
    if old.is_empty() {
        if !new.is_empty() && counts.changes {
            patch.insert(field, new.to_vec());
        }
        return;
    }
    let is_of_maps = old.iter().chain(new).any(|item| item.as_object().is_some());
    let Some(key) = rule.key.filter(|_| is_of_maps) else {
        let added: Vec<Value> =
            new.iter().filter(|item| counts.changes && !old.contains(item)).cloned().collect();
        let gone: Vec<Value> =
            old.iter().filter(|item| counts.deletions && !new.contains(item)).cloned().collect();
        let is_ordered = counts.order && ((counts.changes && old != new) || !gone.is_empty());
        if !added.is_empty() {
            patch.insert(field, added);
        }
        if !gone.is_empty() {
            patch.insert(format!("{DELETE_FROM}{field}"), gone);
        }
        if is_ordered {
            patch.insert(format!("{ORDER}{field}"), new.to_vec());
        }
        return;
    };
    let mut items = Vec::new();
    for (place, item) in new.iter().enumerate() {
        // Of several with one key the first is held against the first, and so on.
        let is_same = |other: &&Value| other.get(key) == item.get(key);
        let before = new[..place].iter().filter(is_same).count();
        match old.iter().filter(is_same).nth(before) {
            Some(was) => {
                let nothing = Map::new();
                let (was, is) = (was.as_object().unwrap_or(&nothing), item.as_object().unwrap_or(&nothing));
                let mut inner = diff_maps(rule.place, was, is, counts);
                if !inner.is_empty() {
                    inner.insert(key, is.get(key).cloned().unwrap_or_default());
                    items.push(Value::from(inner));
                }
            }
            None if counts.changes => items.push(item.clone()),
            None => {}
        }
    }
    if counts.deletions {
        for item in old.iter().filter(|item| position(Some(key), new, item).is_none()) {
            let mut gone = Map::new();
            gone.push(DIRECTIVE, "delete");
            gone.push(key, item.get(key).cloned().unwrap_or_default());
            items.push(Value::from(gone));
        }
    }
    let is_moved = old.len() != new.len() || old.iter().zip(new).any(|(a, b)| a.get(key) != b.get(key));
    let is_ordered = counts.order && (!items.is_empty() || (counts.changes && is_moved));
    if !items.is_empty() {
        patch.insert(field, items);
    }
    if is_ordered {
        let only_key = |item: &Value| {
            let mut map = Map::new();
            map.push(key, item.get(key).cloned().unwrap_or_default());
            Value::from(map)
        };
        patch.insert(format!("{ORDER}{field}"), new.iter().map(only_key).collect::<Vec<_>>());
    }
}
