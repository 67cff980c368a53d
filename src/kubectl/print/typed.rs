//! Objects as kubectl's own types write them: the fields in the order of the Go structs, and zero values where a
//! struct always writes them. What a server gave is printed as it came; what kubectl made itself is typed.
//!
//! `structs.txt` has a line a struct: its fields in order, each with what stands there where nothing was set.

use crate::schema::{Definition, Schema, Type};
use crate::value::{Map, Value, json};

const STRUCTS: &str = include_str!("structs.txt");

/// The fields of a struct in order, each with its zero where it is always written.
fn fields(of: &Definition) -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    let line = STRUCTS.lines().find_map(|line| line.strip_prefix(of.name)?.strip_prefix(' '));
    line.unwrap_or_default().split(' ').map(|field| match field.split_once('=') {
        Some((name, zero)) => (name, Some(zero)),
        None => (field, None),
    })
}

/// Does something with an object and everything in it, the inner first.
fn walk(ty: &Type, value: &Value, each: &dyn Fn(&Definition, Map) -> Map) -> Value {
    match (ty, value) {
        (Type::Object(reference), Value::Object(_)) => definition(reference.get(), value, each),
        (Type::Array(inner), Value::Array(items)) => {
            Value::from(items.iter().map(|item| walk(inner, item, each)).collect::<Vec<_>>())
        }
        (Type::Map(inner), Value::Object(map)) => {
            let entries = map.sorted().into_iter();
            Value::from(entries.map(|(key, value)| (key.clone(), walk(inner, value, each))).collect::<Map>())
        }
        _ => value.clone(),
    }
}

fn definition(of: &Definition, value: &Value, each: &dyn Fn(&Definition, Map) -> Map) -> Value {
    let Value::Object(map) = value else { return value.clone() };
    let entries = map.sorted().into_iter().map(|(key, value)| {
        let value = of.field(key).map_or_else(|| value.clone(), |field| walk(&field.ty, value, each));
        (key.clone(), value)
    });
    Value::from(each(of, entries.collect()))
}

fn of_kind(value: &Value) -> Option<&'static Definition> {
    let text = |key| value.get(key).and_then(Value::as_str);
    Schema::lookup(text("apiVersion")?, text("kind")?)
}

/// The object with its fields in the order of the Go structs.
pub(crate) fn ordered(value: &Value) -> Value {
    let order = |of: &Definition, mut map: Map| {
        let mut out = Map::new();
        for (name, _) in fields(of) {
            if let Some(value) = map.remove(name) {
                out.push(name, value);
            }
        }
        for (key, value) in map.iter() {
            out.push(key.clone(), value.clone());
        }
        out
    };
    of_kind(value).map_or_else(|| value.clone(), |kind| definition(kind, value, &order))
}

/// The object with the zero values that its Go structs always write.
pub(crate) fn with_zeros(value: &Value) -> Value {
    let fill = |of: &Definition, mut map: Map| {
        for (name, zero) in fields(of) {
            if let Some(zero) = zero
                && !map.contains_key(name)
            {
                let zero = json::parse(zero).unwrap_or_default();
                // What is inside is written whole as well.
                let inner = of.field(name).and_then(|field| match &field.ty {
                    Type::Object(reference) => Some(reference.get()),
                    _ => None,
                });
                let zero = inner.map_or(zero.clone(), |inner| {
                    let zeros = fields(inner).filter_map(|(name, zero)| Some((name, zero?)));
                    Value::from(
                        zeros
                            .map(|(name, zero)| (name.into(), json::parse(zero).unwrap_or_default()))
                            .collect::<Map>(),
                    )
                });
                map.insert(name, zero);
            }
        }
        map
    };
    of_kind(value).map_or_else(|| value.clone(), |kind| definition(kind, value, &fill))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structs_are_those_of_the_schema() {
        for line in STRUCTS.lines() {
            let name = line.split(' ').next().unwrap_or_default();
            let mut known = Schema::definitions().iter().filter(|of| of.name == name);
            let of = known.next().unwrap_or_else(|| panic!("{name} is not in the schema"));
            for (field, zero) in fields(of) {
                assert!(zero.is_none_or(|zero| json::parse(zero).is_ok()), "{name}.{field}");
            }
        }
    }

    #[test]
    fn an_object_is_written_as_go_writes_it() {
        let value = json::parse(
            r#"{"apiVersion":"v1","kind":"Service","metadata":{"labels":{"b":"1","a":"2"},"name":"s"},
            "spec":{"ports":[{"port":80}]}}"#,
        );
        let value = value.expect("JSON");
        assert_eq!(
            json::compact(&ordered(&with_zeros(&value))).replace('"', ""),
            "{apiVersion:v1,kind:Service,metadata:{labels:{a:2,b:1},name:s},spec:{ports:[{port:80,targetPort:0}]},\
             status:{loadBalancer:{}}}"
        );
        assert!(
            json::pretty_in_order(&ordered(&value))
                .starts_with("{\n    \"kind\": \"Service\",\n    \"apiVersion\": \"v1\"")
        );
    }
}
