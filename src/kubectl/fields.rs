//! Reading fields of objects, which verbs see as values.

use crate::value::{Map, Str, Value};

/// The text at a path; empty where there is none.
pub(crate) fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    value.at(path).and_then(Value::as_str).unwrap_or_default()
}

/// The number at a path; 0 where there is none.
pub(crate) fn number(value: &Value, path: &[&str]) -> i64 {
    value.at(path).and_then(Value::as_int).unwrap_or_default()
}

/// Whether the path leads to `true`.
pub(crate) fn is(value: &Value, path: &[&str]) -> bool {
    value.at(path).and_then(Value::as_bool).unwrap_or_default()
}

/// The items at a path; none where there is no list.
pub(crate) fn list<'v>(value: &'v Value, path: &[&str]) -> &'v [Value] {
    value.at(path).and_then(Value::as_array).unwrap_or_default()
}

/// The pairs at a path with their keys in alphabetical order; none where there is no object.
pub(crate) fn pairs<'v>(value: &'v Value, path: &[&str]) -> Vec<(&'v Str, &'v Value)> {
    value.at(path).and_then(Value::as_object).map(Map::sorted).unwrap_or_default()
}

/// The name of an object.
pub(crate) fn name(value: &Value) -> &str {
    text(value, &["metadata", "name"])
}

/// An object of pairs.
pub(crate) fn object<K: Into<Str>, V: Into<Value>>(pairs: impl IntoIterator<Item = (K, V)>) -> Value {
    Value::from(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect::<Map>())
}

/// A value as text, as it stands in a table: texts without quotes.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        other => crate::value::json::compact(other),
    }
}
