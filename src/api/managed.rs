//! Which fields an object has, as those who write it own them (upstream: structured-merge-diff, as the API server
//! uses it for `managedFields` and server-side apply).

use super::check::canonical;
use crate::schema::{Definition, Field, ListType, Schema, Type};
use crate::value::{Map, Str, Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[cfg(test)]
mod tests;

/// The way to a field, as `fieldsV1` writes its parts: `f:spec`, `k:{"name":"web"}`, `v:"a"`.
pub(crate) type Path = Vec<Str>;

/// Fields.
pub(crate) type Paths = BTreeSet<Path>;

/// Fields with their values; an item of a list stands with its own path too.
type Fields = BTreeMap<Path, Value>;

/// What an object, an item or a map's value is.
#[derive(Clone, Copy)]
enum Place {
    Fields(&'static Definition),
    /// A map, and what its values are.
    Values(&'static Type),
    /// A list whose items have keys.
    Items(&'static Type, &'static [&'static str]),
    /// A list of scalars, each once.
    Set,
    /// An object of no type that is known here: as `Free`, but for its metadata, which all objects have alike.
    Object,
    /// Of no type that is known here: maps field by field, all else as a whole (upstream: DeducedParseableType).
    Free,
    /// Owned as a whole.
    Whole,
}

impl Place {
    fn of(api_version: &str, kind: &str) -> Self {
        Schema::lookup(api_version, kind).map_or(Self::Object, Self::Fields)
    }
    fn of_type(ty: &'static Type) -> Self {
        match ty {
            Type::Object(definition) if !definition.get().atomic => Self::Fields(definition.get()),
            Type::Map(inner) => Self::Values(inner),
            _ => Self::Whole,
        }
    }
    fn of_field(field: &'static Field) -> Self {
        match (&field.ty, field.list_type) {
            _ if field.atomic => Self::Whole,
            (Type::Array(inner), Some(ListType::Map)) => Self::Items(inner, &field.list_map_keys),
            (Type::Array(_), Some(ListType::Set)) => Self::Set,
            (Type::Array(_), _) => Self::Whole,
            (ty, _) => Self::of_type(ty),
        }
    }
    /// What stands under a key of it.
    fn under(self, key: &str) -> Self {
        match self {
            Self::Fields(definition) => definition.field(key).map_or(Self::Whole, Self::of_field),
            Self::Values(inner) => Self::of_type(inner),
            Self::Object if key == "metadata" => {
                Schema::definition("meta.v1.ObjectMeta").map_or(Self::Free, Self::Fields)
            }
            Self::Object | Self::Free => Self::Free,
            Self::Items(..) | Self::Set | Self::Whole => Self::Whole,
        }
    }
}

/// The part of a path for an item of a list with keys. A key that is not written has its default, of which there is
/// one: `protocol: TCP`.
fn item(keys: &[&str], value: &Value) -> Str {
    let keys = keys.iter().filter_map(|key| {
        let value = value.get(key).cloned().or_else(|| (*key == "protocol").then(|| Value::from("TCP")))?;
        Some((Str::from(*key), value))
    });
    format!("k:{}", json::compact(&Value::from(keys.collect::<Map>()))).into()
}

fn joined(path: &[Str], part: impl Into<Str>) -> Path {
    path.iter().cloned().chain([part.into()]).collect()
}

fn flatten(place: Place, value: &Value, path: &[Str], out: &mut Fields) {
    match (place, value) {
        (Place::Fields(_) | Place::Values(_) | Place::Object | Place::Free, Value::Object(map))
            if !map.is_empty() =>
        {
            for (key, value) in map.iter() {
                let path = joined(path, format!("f:{key}"));
                flatten(place.under(key), value, &path, out);
            }
        }
        (Place::Items(inner, keys), Value::Array(items)) if !items.is_empty() => {
            for value in items.iter() {
                let path = joined(path, item(keys, value));
                flatten(Place::of_type(inner), value, &path, out);
                out.entry(path).or_default();
            }
        }
        (Place::Set, Value::Array(items)) if !items.is_empty() => {
            for value in items.iter() {
                out.insert(joined(path, format!("v:{}", json::compact(value))), Value::Null);
            }
        }
        (_, value) if !path.is_empty() => _ = out.insert(path.to_vec(), value.clone()),
        _ => {}
    }
}

/// What nobody owns (upstream: stripMetaManager).
fn is_nobodys(path: &[Str]) -> bool {
    const META: [&str; 10] = [
        "f:name",
        "f:namespace",
        "f:creationTimestamp",
        "f:selfLink",
        "f:uid",
        "f:clusterName",
        "f:generation",
        "f:managedFields",
        "f:resourceVersion",
        "f:deletionTimestamp",
    ];
    match path {
        [first, ..] if matches!(&**first, "f:apiVersion" | "f:kind") => true,
        [first, second, ..] if &**first == "f:metadata" => META.contains(&&**second),
        [first] => &**first == "f:metadata",
        _ => false,
    }
}

fn fields(api_version: &str, kind: &str, object: &Value) -> Fields {
    let mut out = Fields::new();
    let object = canonical(kind, api_version, object);
    flatten(Place::of(api_version, kind), &object, &[], &mut out);
    out.retain(|path, _| !is_nobodys(path));
    out
}

/// The fields of an object.
pub(crate) fn paths(api_version: &str, kind: &str, object: &Value) -> Paths {
    fields(api_version, kind, object).into_keys().collect()
}

/// The fields that another version of an object has new or otherwise, and those that it does not have any more.
pub(crate) fn changed(api_version: &str, kind: &str, old: &Value, new: &Value) -> (Paths, Paths) {
    let (old, new) = (fields(api_version, kind, old), fields(api_version, kind, new));
    let is_changed = |(path, value): &(&Path, &Value)| old.get(*path) != Some(*value);
    let changed = new.iter().filter(is_changed).map(|(path, _)| path.clone()).collect();
    let removed = old.keys().filter(|path| !new.contains_key(*path)).cloned().collect();
    (changed, removed)
}

/// An object with what an applier says of it.
pub(crate) fn merged(api_version: &str, kind: &str, live: &Value, config: &Value) -> Value {
    merge(Place::of(api_version, kind), live, &canonical(kind, api_version, config))
}

fn merge(place: Place, live: &Value, config: &Value) -> Value {
    match (place, live, config) {
        (
            Place::Fields(_) | Place::Values(_) | Place::Object | Place::Free,
            Value::Object(live),
            Value::Object(config),
        ) => {
            let mut out = Map::clone(live);
            for (key, value) in config.iter() {
                let merged = match live.get(key) {
                    Some(live) => merge(place.under(key), live, value),
                    None => value.clone(),
                };
                out.insert(key.clone(), merged);
            }
            Value::from(out)
        }
        (Place::Items(inner, keys), Value::Array(live), Value::Array(config)) => {
            let mut out = live.to_vec();
            for value in config.iter() {
                let key = item(keys, value);
                match out.iter_mut().find(|other| item(keys, other) == key) {
                    Some(other) => *other = merge(Place::of_type(inner), other, value),
                    None => out.push(value.clone()),
                }
            }
            Value::from(out)
        }
        (Place::Set, Value::Array(live), Value::Array(config)) => {
            let mut out = live.to_vec();
            out.extend(config.iter().filter(|value| !live.contains(value)).cloned());
            Value::from(out)
        }
        (_, _, config) => config.clone(),
    }
}

/// An object without fields that nobody wants any more. What holds only such fields goes too, unless it is among
/// `kept`.
pub(crate) fn without(api_version: &str, kind: &str, object: &Value, gone: &Paths, kept: &Paths) -> Value {
    let place = Place::of(api_version, kind);
    prune(place, object, &[], gone, kept).unwrap_or_else(Value::object)
}

/// Whether one of the fields lies at a path or below it.
fn has_below(fields: &Paths, path: &[Str]) -> bool {
    fields.range(path.to_vec()..).next().is_some_and(|next| next.starts_with(path))
}

fn prune(place: Place, value: &Value, path: &[Str], gone: &Paths, kept: &Paths) -> Option<Value> {
    if gone.contains(path) && !has_below(kept, path) {
        return None;
    }
    if !has_below(gone, path) {
        return Some(value.clone());
    }
    let is_left = |is_empty: bool| !is_empty || has_below(kept, path) || path.len() < 2;
    match (place, value) {
        (Place::Fields(_) | Place::Values(_) | Place::Object | Place::Free, Value::Object(map)) => {
            let kept = map.iter().filter_map(|(key, value)| {
                let path = joined(path, format!("f:{key}"));
                Some((key.clone(), prune(place.under(key), value, &path, gone, kept)?))
            });
            let out: Map = kept.collect();
            is_left(out.is_empty()).then(|| Value::from(out))
        }
        (Place::Items(inner, keys), Value::Array(items)) => {
            let kept = items.iter().filter_map(|value| {
                prune(Place::of_type(inner), value, &joined(path, item(keys, value)), gone, kept)
            });
            let out: Vec<Value> = kept.collect();
            is_left(out.is_empty()).then(|| Value::from(out))
        }
        (Place::Set, Value::Array(items)) => {
            let is_gone =
                |value: &&Value| gone.contains(&joined(path, format!("v:{}", json::compact(value))));
            let out: Vec<Value> = items.iter().filter(|value| !is_gone(value)).cloned().collect();
            is_left(out.is_empty()).then(|| Value::from(out))
        }
        (_, value) => Some(value.clone()),
    }
}

/// A path as errors write it: `.spec.template.spec.containers[name="web"].image`.
pub(crate) fn written(path: &[Str]) -> String {
    let mut out = String::new();
    for part in path {
        if let Some(field) = part.strip_prefix("f:") {
            out.push('.');
            out.push_str(field);
        } else if let Some(value) = part.strip_prefix("v:") {
            out.push_str(&format!("[={value}]"));
        } else if let Some(Ok(Value::Object(keys))) = part.strip_prefix("k:").map(json::parse) {
            let keys =
                keys.sorted().into_iter().map(|(key, value)| format!("{key}={}", json::compact(value)));
            out.push_str(&format!("[{}]", keys.collect::<Vec<_>>().join(",")));
        }
    }
    out
}

/// Fields as `fieldsV1` has them.
pub(crate) fn encode(paths: &Paths) -> Value {
    fn node(paths: &[&[Str]]) -> Value {
        let mut out = Map::new();
        if paths.len() > 1 && paths.iter().any(|path| path.is_empty()) {
            out.push(".", Value::object());
        }
        let mut rest: Vec<&[Str]> = paths.iter().copied().filter(|path| !path.is_empty()).collect();
        while let Some(first) = rest.first().map(|path| path[0].clone()) {
            let (same, others): (Vec<&[Str]>, Vec<&[Str]>) = rest.iter().partition(|path| path[0] == first);
            let below: Vec<&[Str]> = same.iter().map(|path| &path[1..]).collect();
            out.insert(first, node(&below));
            rest = others;
        }
        Value::from(out)
    }
    node(&paths.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// Fields from `fieldsV1`.
pub(crate) fn decode(value: &Value) -> Paths {
    fn node(value: &Value, path: &[Str], out: &mut Paths) {
        let Some(map) = value.as_object() else { return };
        if map.is_empty() && !path.is_empty() {
            out.insert(path.to_vec());
        }
        for (key, value) in map.iter() {
            if &**key == "." {
                out.insert(path.to_vec());
            } else {
                node(value, &joined(path, key.clone()), out);
            }
        }
    }
    let mut out = Paths::new();
    node(value, &[], &mut out);
    out
}
