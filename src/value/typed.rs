//! Typed objects over `Value`: what is modelled becomes a field, the rest is kept.
//!
//! The law: value to typed to value is the identity (as JSON, where keys have no order). A field that is
//! absent takes its type's default and is not written again; a field that was written with its default
//! (`replicas: null`, `volumes: []`) is kept in `extra` so that it is.

use super::{Map, Str, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A value that is not of the type that its field has. `path` is built from the inside out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeError {
    /// Where, as `spec.containers[0].image`.
    pub path: String,
    /// What was expected, as Go names it: `string`, `int32`, `bool`, `[]string`, `map[string]string`, a struct's name.
    pub expected: &'static str,
    /// What was found, as JSON names it: `string`, `number`, `bool`, `array`, `object`.
    pub found: &'static str,
}

impl TypeError {
    /// The error of a value itself.
    pub fn new(expected: &'static str, value: &Value) -> Self {
        let found = match value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) | Value::Float(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        Self { path: String::new(), expected, found }
    }
    /// The same error, seen from a field further out.
    pub fn under(mut self, step: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{step}{dot}{}", self.path);
        self
    }
}

/// A type that can stand in a field.
pub trait Typed: Default + PartialEq {
    /// Reads a value that is not `null`.
    fn decode(value: &Value) -> Result<Self, TypeError>;
    /// Writes it.
    fn encode(&self) -> Value;
}

impl Typed for Value {
    fn decode(value: &Value) -> Result<Self, TypeError> {
        Ok(value.clone())
    }
    fn encode(&self) -> Value {
        self.clone()
    }
}

impl Typed for bool {
    fn decode(value: &Value) -> Result<Self, TypeError> {
        value.as_bool().ok_or_else(|| TypeError::new("bool", value))
    }
    fn encode(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Typed for i64 {
    fn decode(value: &Value) -> Result<Self, TypeError> {
        value.as_int().ok_or_else(|| TypeError::new("int64", value))
    }
    fn encode(&self) -> Value {
        Value::Int(*self)
    }
}

impl Typed for i32 {
    fn decode(value: &Value) -> Result<Self, TypeError> {
        value.as_int().and_then(|n| i32::try_from(n).ok()).ok_or_else(|| TypeError::new("int32", value))
    }
    fn encode(&self) -> Value {
        Value::Int((*self).into())
    }
}

impl Typed for Str {
    fn decode(value: &Value) -> Result<Self, TypeError> {
        match value {
            Value::String(text) => Ok(text.clone()),
            _ => Err(TypeError::new("string", value)),
        }
    }
    fn encode(&self) -> Value {
        Value::String(self.clone())
    }
}

impl<T: Typed> Typed for Option<T> {
    fn decode(value: &Value) -> Result<Self, TypeError> {
        T::decode(value).map(Some)
    }
    fn encode(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::encode)
    }
}

impl<T: Typed> Typed for Rc<T> {
    fn decode(value: &Value) -> Result<Self, TypeError> {
        T::decode(value).map(Rc::new)
    }
    fn encode(&self) -> Value {
        T::encode(self)
    }
}

impl<T: Typed> Typed for Vec<T> {
    fn decode(value: &Value) -> Result<Self, TypeError> {
        let items = value.as_array().ok_or_else(|| TypeError::new("array", value))?;
        items
            .iter()
            .enumerate()
            .map(|(i, item)| T::decode(item).map_err(|error| error.under(&format!("[{i}]"))))
            .collect()
    }
    fn encode(&self) -> Value {
        // Go writes a list that is nil as null; only fields that are always written show it.
        if self.is_empty() {
            Value::Null
        } else {
            Value::from(self.iter().map(T::encode).collect::<Vec<_>>())
        }
    }
}

impl<T: Typed> Typed for BTreeMap<Str, T> {
    fn decode(value: &Value) -> Result<Self, TypeError> {
        let map = value.as_object().ok_or_else(|| TypeError::new("map", value))?;
        map.iter()
            .map(|(key, item)| Ok((key.clone(), T::decode(item).map_err(|error| error.under(key))?)))
            .collect()
    }
    fn encode(&self) -> Value {
        Value::from(self.iter().map(|(key, item)| (key.clone(), item.encode())).collect::<Map>())
    }
}

/// What a struct did not model, or what was written though it is the default.
pub type Extra = Option<Rc<Map>>;

/// Defines structs that are `Typed`. `name: "key" => Type` is left out where it is its default; with
/// `always` (for what a component writes whole, as a status) it is written then too.
#[macro_export]
macro_rules! typed {
    ($( $(#[$meta:meta])* pub struct $name:ident { $( $(#[$doc:meta])* $field:ident : $key:literal $($always:ident)? => $type:ty ),* $(,)? } )+) => { $(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name {
            $( $(#[$doc])* pub $field: $type, )*
            /// What is not modelled, kept as it was written.
            pub extra: $crate::value::typed::Extra,
        }
        impl $crate::value::typed::Typed for $name {
            fn decode(value: &$crate::value::Value) -> Result<Self, $crate::value::typed::TypeError> {
                let map = value.as_object().ok_or_else(|| $crate::value::typed::TypeError::new(stringify!($name), value))?;
                let mut out = Self::default();
                let mut extra = $crate::value::Map::new();
                for (key, item) in map.iter() {
                    match &**key {
                        $( $key => {
                            if !item.is_null() {
                                out.$field = <$type as $crate::value::typed::Typed>::decode(item).map_err(|error| error.under($key))?;
                            }
                            if out.$field == <$type as Default>::default() {
                                extra.push(key.clone(), item.clone());
                            }
                        } )*
                        _ => extra.push(key.clone(), item.clone()),
                    }
                }
                if !extra.is_empty() {
                    out.extra = Some(std::rc::Rc::new(extra));
                }
                Ok(out)
            }
            fn encode(&self) -> $crate::value::Value {
                let mut map = $crate::value::Map::new();
                $(
                    // What was written as its default stays as it was written.
                    #[allow(unused_variables)]
                    let is_kept = || self.extra.as_ref().is_some_and(|extra| extra.contains_key($key));
                    if self.$field != <$type as Default>::default() $( || ($crate::typed!(@ $always) && !is_kept()) )? {
                        map.push($key, <$type as $crate::value::typed::Typed>::encode(&self.$field));
                    }
                )*
                if let Some(extra) = &self.extra {
                    for (key, item) in extra.iter() {
                        if !map.contains_key(key) {
                            map.push(key.clone(), item.clone());
                        }
                    }
                }
                $crate::value::Value::from(map)
            }
        }
        impl $crate::value::stored::Stored for $name {
            fn write(&self, to: &mut $crate::value::stored::Writer) {
                let mut is_there = 0u64;
                $( is_there = is_there << 1 | u64::from(self.$field != <$type as Default>::default()); )*
                to.number(is_there << 1 | u64::from(self.extra.is_some()));
                $( if self.$field != <$type as Default>::default() {
                    $crate::value::stored::Stored::write(&self.$field, to);
                } )*
                self.extra.iter().for_each(|extra| $crate::value::stored::Stored::write(extra, to));
            }
            fn read(from: &mut $crate::value::stored::Reader) -> Option<Self> {
                let mut out = Self::default();
                let is_there = from.number()?;
                let mut place = [$( stringify!($field) ),*].len();
                $(
                    if is_there >> place & 1 == 1 {
                        out.$field = $crate::value::stored::Stored::read(from)?;
                    }
                    place -= 1;
                )*
                if is_there >> place & 1 == 1 {
                    out.extra = Some($crate::value::stored::Stored::read(from)?);
                }
                Some(out)
            }
        }
    )+ };
    (@ always) => { true };
}

/// Defines an enum of the words that a string field takes.
#[macro_export]
macro_rules! words_enum {
    ($( $(#[$meta:meta])* pub enum $name:ident { $( $(#[$doc:meta])* $variant:ident = $word:literal ),+ $(,)? } )+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$doc])* $variant ),+ }
        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),+ ];
            /// The word as Kubernetes writes it.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word ),+ }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl $crate::value::typed::Typed for Option<$name> {
            fn decode(value: &$crate::value::Value) -> Result<Self, $crate::value::typed::TypeError> {
                match value.as_str() {
                    $( Some($word) => Ok(Some($name::$variant)), )+
                    _ => Err($crate::value::typed::TypeError::new(stringify!($name), value)),
                }
            }
            fn encode(&self) -> $crate::value::Value {
                self.map_or($crate::value::Value::Null, |word| $crate::value::Value::from(word.as_str()))
            }
        }
        impl $crate::value::stored::Stored for $name {
            fn write(&self, to: &mut $crate::value::stored::Writer) {
                to.number(*self as u64);
            }
            fn read(from: &mut $crate::value::stored::Reader) -> Option<Self> {
                Self::ALL.get(from.number()? as usize).copied()
            }
        }
    )+ };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    crate::typed! {
        /// For the test.
        #[allow(unreachable_pub)]
        pub struct Sample { name: "name" => Str, replicas: "replicas" => Option<i32>, items: "items" => Vec<i32>, ready: "ready" always => bool }
    }

    #[test]
    fn value_to_typed_to_value_is_the_identity() {
        for text in [
            r#"{"name":"a","replicas":0,"items":[1,2],"ready":false,"other":{"x":null}}"#,
            r#"{"name":"","replicas":null,"items":[],"ready":true}"#,
        ] {
            let value = json::parse(text).expect("valid");
            assert_eq!(Sample::decode(&value).expect("decodes").encode(), value);
        }
    }

    #[test]
    fn a_wrong_type_says_where() {
        let value = json::parse(r#"{"items":[1,"b"]}"#).expect("valid");
        let error = Sample::decode(&value).expect_err("b is no number");
        assert_eq!((&*error.path, error.expected, error.found), ("items[1]", "int32", "string"));
    }
}
