//! `Value`: the one lossless, ordered, shared form of an object's content.
//!
//! Apply, patch, diff, print, jsonpath and hashing work on it. Cloning is a reference count.

mod common;
pub mod json;
pub mod stored;
mod text;
pub mod typed;
pub mod yaml;

use std::hash::{Hash, Hasher};
use std::rc::Rc;
pub use text::Str;

/// What JSON can say, with integers and fractions apart as Kubernetes has them.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number without a fraction.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    String(Str),
    /// A list.
    Array(Rc<Vec<Value>>),
    /// Keys and values in the order in which they were written.
    Object(Rc<Map>),
}

/// An object's keys and values, in order. Equality ignores the order, as JSON does.
#[derive(Clone, Debug, Default)]
pub struct Map(Vec<(Str, Value)>);

impl Map {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }
    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(k, _)| &**k == key).map(|(_, v)| v)
    }
    /// The value under `key`, to be changed in place.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0.iter_mut().find(|(k, _)| &**k == key).map(|(_, v)| v)
    }
    /// Whether `key` is there, be it with `null`.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }
    /// Sets `key`: in its place where it is there, else at the end.
    pub fn insert(&mut self, key: impl Into<Str>, value: impl Into<Value>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some(slot) => slot.1 = value,
            None => self.0.push((key, value)),
        }
    }
    /// Adds `key` at the end without looking whether it is there: for builders that know it is not.
    pub fn push(&mut self, key: impl Into<Str>, value: impl Into<Value>) {
        self.0.push((key.into(), value.into()));
    }
    /// Takes `key` out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.0.iter().position(|(k, _)| &**k == key)?;
        Some(self.0.remove(at).1)
    }
    /// The pairs in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Str, &Value)> + ExactSizeIterator {
        self.0.iter().map(|(k, v)| (k, v))
    }
    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The same pairs with keys in alphabetical order, one level deep.
    pub fn sorted(&self) -> Vec<(&Str, &Value)> {
        let mut pairs: Vec<_> = self.iter().collect();
        pairs.sort_by(|a, b| a.0.cmp(b.0));
        pairs
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(k, v)| other.get(k) == Some(v))
    }
}

impl FromIterator<(Str, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (Str, Value)>>(pairs: I) -> Self {
        let mut map = Self::new();
        for (key, value) in pairs {
            map.insert(key, value);
        }
        map
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => Rc::ptr_eq(a, b) || a == b,
            (Self::Object(a), Self::Object(b)) => Rc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}
impl Eq for Map {}

impl Hash for Map {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for (key, value) in self.sorted() {
            key.hash(state);
            value.hash(state);
        }
    }
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Null => 0u8.hash(state),
            Self::Bool(b) => (1u8, b).hash(state),
            Self::Int(n) => (2u8, n).hash(state),
            Self::Float(f) => (3u8, f.to_bits()).hash(state),
            Self::String(s) => (4u8, s).hash(state),
            Self::Array(items) => (5u8, items).hash(state),
            Self::Object(map) => (6u8, map).hash(state),
        }
    }
}

impl Value {
    /// An empty object.
    pub fn object() -> Self {
        Self::Object(Rc::new(Map::new()))
    }
    /// The value under `key`, where this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_object()?.get(key)
    }
    /// The value at the end of `path`, object by object.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }
    /// The map, where this is an object.
    pub fn as_object(&self) -> Option<&Map> {
        match self {
            Self::Object(map) => Some(map),
            _ => None,
        }
    }
    /// The map to be changed (copied first where it is shared); anything else becomes an object first.
    pub fn make_object(&mut self) -> &mut Map {
        if !matches!(self, Self::Object(_)) {
            *self = Self::object();
        }
        match self {
            Self::Object(map) => Rc::make_mut(map),
            _ => unreachable!("made an object above"),
        }
    }
    /// Sets the value at the end of `path`, making objects on the way.
    pub fn set(&mut self, path: &[&str], value: impl Into<Value>) {
        match path {
            [] => *self = value.into(),
            [first, rest @ ..] => {
                let map = self.make_object();
                if !map.contains_key(first) {
                    map.push(*first, Value::Null);
                }
                if let Some(inner) = map.get_mut(first) {
                    inner.set(rest, value);
                }
            }
        }
    }
    /// The items, where this is a list.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }
    /// The text, where this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
    /// The number, where this is one without a fraction.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(n) => Some(*n),
            Self::Float(f) if f.fract() == 0.0 && f.abs() < 9e15 => Some(*f as i64),
            _ => None,
        }
    }
    /// The truth value, where this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(b) => Some(*b),
            _ => None,
        }
    }
    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}
impl From<Str> for Value {
    fn from(text: Str) -> Self {
        Self::String(text)
    }
}
impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}
impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}
impl From<i32> for Value {
    fn from(n: i32) -> Self {
        Self::Int(n.into())
    }
}
impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::Array(Rc::new(items))
    }
}
impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Object(Rc::new(map))
    }
}
