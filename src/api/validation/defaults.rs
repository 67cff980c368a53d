//! An object with what is written where nothing was given (upstream: `pkg/apis/*/v1/defaults.go`), from the table of the
//! schema.

use crate::schema::{By, DefaultValue, Definition, FieldDefault, Type, When};
use crate::value::{Map, Value, json};

/// What the defaults of an object depend on.
struct Whole<'a> {
    kind: &'a str,
    on_host: bool,
}

/// The object with its defaults, shared with the given one where nothing is to be added.
pub(super) fn filled(kind: &str, definition: &Definition, object: &Value) -> Value {
    let on_host = object.at(&["spec", "hostNetwork"]).and_then(Value::as_bool) == Some(true);
    fields(definition, object, &Whole { kind, on_host })
}

fn fields(definition: &Definition, value: &Value, whole: &Whole) -> Value {
    let Some(map) = value.as_object() else { return value.clone() };
    let mut out = value.clone();
    // What depends on another field's default comes after it.
    for is_second in [false, true] {
        for (field, defaults) in definition.defaulted() {
            if map.get(field.name).is_some_and(|value| !is_unset(&field.ty, value)) {
                continue;
            }
            let holds = |one: &&FieldDefault| {
                let depends = one.when.iter().any(|when| matches!(when, When::Is(..)));
                one.by == By::Defaulting
                    && (depends || matches!(one.value, DefaultValue::SameAs(_))) == is_second
                    && one.when.iter().all(|when| is_met(when, value, &out, whole))
            };
            let Some(default) = defaults.iter().find(holds) else { continue };
            let value = match default.value {
                DefaultValue::Json(text) => parsed(text),
                DefaultValue::SameAs(other) => out.get(other).cloned(),
            };
            if let Some(value) = value {
                out.set(&[field.name], value);
            }
        }
    }
    let mut changed = Vec::new();
    for (key, old) in out.as_object().into_iter().flat_map(Map::iter) {
        let Some(field) = definition.field(key) else { continue };
        let Some(inner) = field.ty.definition() else { continue };
        let new = inside(&field.ty, inner, old, whole);
        if !same(old, &new) {
            changed.push((field.name, new));
        }
    }
    for (name, new) in changed {
        out.set(&[name], new);
    }
    out
}

/// What a default is: for nearly all, which are a text or a number, no JSON has to be read.
fn parsed(json: &str) -> Option<Value> {
    let text = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match text.filter(|text| !text.contains('\\')) {
        Some(text) => Some(Value::from(text)),
        None => json.parse::<i64>().ok().map(Value::from).or_else(|| json::parse(json).ok()),
    }
}

/// The defaults of what stands in a list, a map or an object.
fn inside(ty: &Type, definition: &Definition, value: &Value, whole: &Whole) -> Value {
    match (ty, value) {
        (Type::Object(_), _) => fields(definition, value, whole),
        (Type::Array(inner), Value::Array(items)) => {
            let new: Vec<Value> = items.iter().map(|item| inside(inner, definition, item, whole)).collect();
            if items.iter().zip(&new).all(|(old, new)| same(old, new)) {
                value.clone()
            } else {
                Value::from(new)
            }
        }
        _ => value.clone(),
    }
}

/// Whether Go cannot tell the value from none.
fn is_unset(ty: &Type, value: &Value) -> bool {
    value.is_null() || (*ty == Type::String && value.as_str() == Some(""))
}

/// Whether nothing was changed: what is shared was not.
fn same(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Array(old), Value::Array(new)) => std::rc::Rc::ptr_eq(old, new),
        (Value::Object(old), Value::Object(new)) => std::rc::Rc::ptr_eq(old, new),
        _ => old == new,
    }
}

fn is_met(when: &When, given: &Value, filled: &Value, whole: &Whole) -> bool {
    let has = |name: &&str| given.get(name).is_some_and(|value| !value.is_null());
    let image = || given.get("image").or(given.get("reference")).and_then(Value::as_str).unwrap_or("");
    match when {
        When::Is(field, values) => {
            filled.get(field).and_then(Value::as_str).is_some_and(|text| values.contains(&text))
        }
        When::NoneOf(fields) => !fields.iter().any(has),
        When::AnyOf(fields) => fields.iter().any(has),
        When::LatestTag => is_latest(image()),
        When::OtherTag => !is_latest(image()),
        When::In(kind) => whole.kind == *kind,
        When::HostNetwork => whole.on_host,
    }
}

/// Whether the image has the tag `latest`, or neither tag nor digest.
fn is_latest(image: &str) -> bool {
    let last = image.rsplit('/').next().unwrap_or(image);
    !image.contains('@') && last.rsplit_once(':').is_none_or(|(_, tag)| tag == "latest")
}
