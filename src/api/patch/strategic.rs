//! A strategic merge patch is applied: maps are merged, lists by their keys, directives obeyed.

use super::{
    DELETE_FROM, DIRECTIVE, ORDER, Place, RETAIN_KEYS, Rule, is_deletion, position, without_directives,
};
use crate::value::{Map, Str, Value};

/// The object after the patch. The error is upstream's, for a patch that cannot be applied.
pub fn strategic_merge(
    api_version: &str,
    kind: &str,
    object: &Value,
    patch: &Value,
) -> Result<Value, String> {
    Merge { onto_patch: false }.value(Place::of(api_version, kind), object, patch)
}

/// A merge.
pub(super) struct Merge {
    /// Whether the patch is merged into another patch, which keeps all directives and nulls.
    pub(super) onto_patch: bool,
}

impl Merge {
    /// Merges two maps that are given as values.
    pub(super) fn value(&self, place: Place, original: &Value, patch: &Value) -> Result<Value, String> {
        let Value::Object(patch) = patch else {
            return Err("a strategic merge patch must be an object".into());
        };
        let nothing = Map::new();
        Ok(Value::from(self.map(place, original.as_object().unwrap_or(&nothing), patch)?))
    }
    fn map(&self, place: Place, original: &Map, patch: &Map) -> Result<Map, String> {
        match patch.get(DIRECTIVE).map(|directive| directive.as_str().unwrap_or_default()) {
            Some("replace") => {
                let mut out = patch.clone();
                out.remove(DIRECTIVE);
                return Ok(out);
            }
            Some("delete") => return Ok(Map::new()),
            Some(other) => return Err(format!("unknown patch type: {other}")),
            None => {}
        }
        let mut out = original.clone();
        if let Some(keys) = patch.get(RETAIN_KEYS) {
            if self.onto_patch {
                if !out.contains_key(RETAIN_KEYS) {
                    out.push(RETAIN_KEYS, keys.clone());
                }
            } else {
                let keys = keys.as_array().unwrap_or_default();
                let stays = |key: &Str| keys.iter().any(|kept| kept.as_str() == Some(key));
                let kept = original.iter().filter(|(key, _)| stays(key));
                out = kept.map(|(key, value)| (key.clone(), value.clone())).collect();
            }
        }
        for (key, order) in patch.iter() {
            if let Some(field) = key.strip_prefix(ORDER) {
                self.ordered(place.rule(field), &mut out, patch, field, key, order)?;
            }
        }
        for (key, new) in patch.iter() {
            let is_done = patch.contains_key(&format!("{ORDER}{key}"));
            if is_done || &**key == RETAIN_KEYS || key.starts_with(ORDER) {
                continue;
            }
            self.field(place, &mut out, key, new)?;
        }
        Ok(out)
    }
    fn field(&self, place: Place, out: &mut Map, key: &Str, new: &Value) -> Result<(), String> {
        if let Some(field) = key.strip_prefix(DELETE_FROM) {
            if self.onto_patch {
                out.insert(key.clone(), new.clone());
            } else if let (Some(Value::Array(old)), Some(gone)) = (out.get(field), new.as_array()) {
                let kept: Vec<Value> = old.iter().filter(|item| !gone.contains(item)).cloned().collect();
                out.insert(field, kept);
            }
            return Ok(());
        }
        if new.is_null() {
            out.remove(key);
            if self.onto_patch {
                out.push(key.clone(), Value::Null);
            }
            return Ok(());
        }
        let rule = place.rule(key);
        let merged = match (out.get(key), new) {
            (Some(Value::Object(_)), Value::Object(_)) if rule.replaces => Some(new.clone()),
            (Some(Value::Object(old)), Value::Object(new)) => {
                Some(Value::from(self.map(rule.place, old, new)?))
            }
            (Some(Value::Array(old)), Value::Array(new)) => Some(Value::from(self.list(rule, old, new)?)),
            _ if self.onto_patch => Some(new.clone()),
            _ => without_directives(new).map(|new| without_nulls(&new)),
        };
        match merged {
            Some(merged) => out.insert(key.clone(), merged),
            None => _ = out.remove(key),
        }
        Ok(())
    }
    /// Merges a list whose order the patch gives.
    fn ordered(
        &self,
        rule: Rule,
        out: &mut Map,
        patch: &Map,
        field: &str,
        directive: &Str,
        order: &Value,
    ) -> Result<(), String> {
        if self.onto_patch && !out.contains_key(directive) {
            out.push(directive.clone(), order.clone());
        }
        let order = order.as_array().ok_or("cannot accept a $setElementOrder that is no list")?;
        let old = out.get(field).and_then(Value::as_array).map(<[Value]>::to_vec);
        let new = patch.get(field).and_then(Value::as_array);
        let merged = match (&old, new) {
            (Some(old), Some(new)) => self.list(rule, old, new)?,
            (Some(old), None) => old.clone(),
            (None, Some(new)) => new.iter().filter_map(without_directives).collect(),
            (None, None) => return Ok(()),
        };
        out.insert(field, in_order(rule.key, merged, order, old.as_deref().unwrap_or_default()));
        Ok(())
    }
    fn list(&self, rule: Rule, old: &[Value], new: &[Value]) -> Result<Vec<Value>, String> {
        if !rule.merges {
            return Ok(new.to_vec());
        }
        let Some(key) = rule.key.filter(|_| old.iter().chain(new).any(|item| item.as_object().is_some()))
        else {
            let mut merged: Vec<Value> = Vec::new();
            for item in old.iter().chain(new) {
                if !merged.contains(item) {
                    merged.push(item.clone());
                }
            }
            return Ok(in_order(None, merged, new, old));
        };
        let is_special = |item: &&Value| !self.onto_patch && item.get(DIRECTIVE).is_some();
        let is_replaced = |item: &Value| item.get(DIRECTIVE).and_then(Value::as_str) == Some("replace");
        if !self.onto_patch && new.iter().any(is_replaced) {
            return Ok(new.iter().filter(|item| item.get(DIRECTIVE).is_none()).cloned().collect());
        }
        let mut merged = old.to_vec();
        for item in new.iter().filter(is_special) {
            if !is_deletion(item) {
                return Err(format!(
                    "unknown patch type: {}",
                    item.get(DIRECTIVE).and_then(Value::as_str).unwrap_or_default()
                ));
            }
            let wanted =
                item.get(key).ok_or_else(|| format!("delete patch type with no merge key {key} defined"))?;
            merged.retain(|old| old.get(key) != Some(wanted));
        }
        let plain: Vec<Value> = new.iter().filter(|item| !is_special(item)).cloned().collect();
        for item in &plain {
            if item.get(key).is_none() {
                return Err(format!(
                    "map: {} does not contain declared merge key: {key}",
                    crate::value::json::compact(item)
                ));
            }
            match position(Some(key), &merged, item) {
                Some(at) => merged[at] = self.value(rule.place, &merged[at], item)?,
                None if self.onto_patch => merged.push(item.clone()),
                None => merged.extend(without_directives(item).map(|item| without_nulls(&item))),
            }
        }
        Ok(in_order(Some(key), merged, &plain, old))
    }
}

/// A value without the keys that are `null`: what is not there cannot be removed.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(_, value)| !value.is_null());
            Value::from(kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect::<Map>())
        }
        Value::Array(items) => Value::from(items.iter().map(without_nulls).collect::<Vec<_>>()),
        other => other.clone(),
    }
}

/// Items in the order of the patch; those that only the object has keep their order, and stand before the
/// items of the patch that they stood before.
fn in_order(key: Option<&str>, items: Vec<Value>, order: &[Value], old: &[Value]) -> Vec<Value> {
    let (mut ours, theirs): (Vec<Value>, Vec<Value>) =
        items.into_iter().partition(|item| position(key, order, item).is_some());
    ours.sort_by_key(|item| position(key, order, item));
    let mut theirs = theirs.into_iter().peekable();
    let mut out = Vec::with_capacity(ours.len() + theirs.len());
    for item in ours {
        let place = position(key, old, &item);
        while let Some(their) = theirs
            .next_if(|their| position(key, old, their).zip(place).is_some_and(|(their, ours)| their < ours))
        {
            out.push(their);
        }
        out.push(item);
    }
    out.extend(theirs);
    out
}
