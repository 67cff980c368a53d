//! A value and the way to it. The way is written only where something is wrong.

use crate::value::Value;
use std::fmt::Write;

/// What stands where nothing does.
const NOTHING: &Value = &Value::Null;

/// A value of an object, with the values that it stands in.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    /// The value; null where there is none.
    pub(super) value: &'a Value,
    up: Option<&'a At<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Item(usize),
    Key(&'a str),
}

impl<'a> At<'a> {
    /// The whole object.
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, up: None, step: Step::Field("") }
    }
    /// A field of it.
    pub(super) fn field<'s>(&'s self, name: &'s str) -> At<'s> {
        At { value: self.value.get(name).unwrap_or(NOTHING), up: Some(self), step: Step::Field(name) }
    }
    /// The entry of a map.
    pub(super) fn key<'s>(&'s self, key: &'s str) -> At<'s> {
        At { value: self.value.get(key).unwrap_or(NOTHING), up: Some(self), step: Step::Key(key) }
    }
    /// The items of the list.
    pub(super) fn items<'s>(&'s self) -> impl Iterator<Item = At<'s>> {
        self.list().iter().enumerate().map(|(i, value)| At { value, up: Some(self), step: Step::Item(i) })
    }
    /// The place of an item that need not be there.
    pub(super) fn item(&self, i: usize) -> At<'_> {
        At { value: self.list().get(i).unwrap_or(NOTHING), up: Some(self), step: Step::Item(i) }
    }
    /// The entries of the map, by key.
    pub(super) fn entries<'s>(&'s self) -> Vec<(&'s str, At<'s>)> {
        let map = self.value.as_object().map(|map| map.sorted()).unwrap_or_default();
        let entry = |(key, value): (&'s crate::value::Str, &'s Value)| {
            (&**key, At { value, up: Some(self), step: Step::Key(key) })
        };
        map.into_iter().map(entry).collect()
    }
    /// What it stands in.
    pub(super) fn up(&self) -> Option<&'a At<'a>> {
        self.up
    }
    /// The same value at another place, as upstream has some by mistake.
    pub(super) fn named(self, name: &'a str) -> Self {
        At { value: self.value, up: self.up, step: Step::Field(name) }
    }
    /// Another value at the same place.
    pub(super) fn with(self, value: &'a Value) -> Self {
        Self { value, ..self }
    }
    /// Whether there is something.
    pub(super) fn is_there(&self) -> bool {
        !self.value.is_null()
    }
    /// Whether a field is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value.get(name).is_some_and(|value| !value.is_null())
    }
    /// The text; empty where there is none.
    pub(super) fn text(&self) -> &'a str {
        self.value.as_str().unwrap_or("")
    }
    /// The text of a field.
    pub(super) fn str(&self, name: &str) -> &'a str {
        self.value.get(name).and_then(Value::as_str).unwrap_or("")
    }
    /// The number of a field.
    pub(super) fn int(&self, name: &str) -> Option<i64> {
        self.value.get(name).and_then(Value::as_int)
    }
    /// Whether a field is true.
    pub(super) fn is(&self, name: &str) -> bool {
        self.value.get(name).and_then(Value::as_bool) == Some(true)
    }
    /// The list.
    pub(super) fn list(&self) -> &'a [Value] {
        self.value.as_array().unwrap_or_default()
    }
    /// Whether a text, list or map has nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        match self.value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => false,
        }
    }
    /// The way: `spec.containers[0].name`.
    pub(super) fn path(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }
    fn write(&self, out: &mut String) {
        let Some(up) = self.up else { return };
        up.write(out);
        _ = match self.step {
            Step::Field(name) if out.is_empty() => write!(out, "{name}"),
            Step::Field(name) => write!(out, ".{name}"),
            Step::Item(i) => write!(out, "[{i}]"),
            Step::Key(key) => write!(out, "[{key}]"),
        };
    }
}
