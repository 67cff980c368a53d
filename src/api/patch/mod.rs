//! Patches: what `kubectl` computes and what the API server applies, pure on `Value`.
//!
//! `json` has the two of the RFCs, `strategic` applies a strategic merge patch, `diff` makes one
//! (upstream: apimachinery `util/strategicpatch`). Which lists are merged, and by which key, the schema says.

mod diff;
mod json;
mod strategic;

pub use diff::{three_way, two_way};
pub use json::{json_merge, json_patch};
pub use strategic::strategic_merge;

use crate::schema::{Definition, PatchStrategy, Schema, Type};
use crate::value::{Map, Value};

/// Where in an object a map stands: what its fields are.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// It has the fields of a definition.
    Fields(&'static Definition),
    /// It is a map of such values.
    Values(&'static Type),
    /// Nobody knows.
    Free,
}

/// How the value of a field is merged.
#[derive(Clone, Copy, Debug)]
struct Rule {
    /// What it is, or what its items are.
    place: Place,
    /// Its list is merged with another one.
    merges: bool,
    /// It is replaced, though it is a map.
    replaces: bool,
    /// What a patch of it does not have goes away.
    retains_keys: bool,
    /// What tells the items of its list apart.
    key: Option<&'static str>,
}

impl Place {
    /// The place of a whole object.
    fn of(api_version: &str, kind: &str) -> Self {
        Schema::lookup(api_version, kind).map_or(Self::Free, Self::Fields)
    }
    fn of_type(ty: &'static Type) -> Self {
        match ty {
            Type::Object(definition) => Self::Fields(definition.get()),
            Type::Map(inner) => Self::Values(inner),
            Type::Array(inner) => Self::of_type(inner),
            _ => Self::Free,
        }
    }
    fn rule(self, field: &str) -> Rule {
        let plain = |place| Rule { place, merges: false, replaces: false, retains_keys: false, key: None };
        match self {
            Self::Free => plain(Self::Free),
            Self::Values(ty) => plain(Self::of_type(ty)),
            Self::Fields(definition) => {
                let Some(field) = definition.field(field) else { return plain(Self::Free) };
                use PatchStrategy::{Merge, MergeRetainKeys, Replace, RetainKeys};
                let strategy = field.patch_strategy;
                Rule {
                    merges: matches!(strategy, Some(Merge | MergeRetainKeys)),
                    replaces: strategy == Some(Replace),
                    retains_keys: matches!(strategy, Some(RetainKeys | MergeRetainKeys)),
                    key: field.patch_merge_key,
                    place: Self::of_type(&field.ty),
                }
            }
        }
    }
}

/// What a map of a patch is to do: `replace`, `delete`, `merge`.
const DIRECTIVE: &str = "$patch";
/// Which keys of a map stay.
const RETAIN_KEYS: &str = "$retainKeys";
/// Before the name of a list of scalars: those that go.
const DELETE_FROM: &str = "$deleteFromPrimitiveList/";
/// Before the name of a list: the order of its items.
const ORDER: &str = "$setElementOrder/";

/// Whether an item of a list is to be deleted.
fn is_deletion(item: &Value) -> bool {
    item.get(DIRECTIVE).and_then(Value::as_str) == Some("delete")
}

/// Whether two items of a list are the same one: by their key, or as they are.
fn is_same(key: Option<&str>, a: &Value, b: &Value) -> bool {
    match key {
        Some(key) => a.get(key).is_some() && a.get(key) == b.get(key),
        None => a == b,
    }
}

/// The place of an item in a list.
fn position(key: Option<&str>, list: &[Value], item: &Value) -> Option<usize> {
    list.iter().position(|other| is_same(key, other, item))
}

/// A map without any directives.
fn without_directives(value: &Value) -> Option<Value> {
    match value {
        Value::Object(map) if map.contains_key(DIRECTIVE) => None,
        Value::Object(map) => {
            let keep =
                |(key, value): (&crate::value::Str, &Value)| Some((key.clone(), without_directives(value)?));
            Some(Value::from(map.iter().filter_map(keep).collect::<Map>()))
        }
        Value::Array(items) => {
            Some(Value::from(items.iter().filter_map(without_directives).collect::<Vec<_>>()))
        }
        other => Some(other.clone()),
    }
}

#[cfg(test)]
mod tests;
