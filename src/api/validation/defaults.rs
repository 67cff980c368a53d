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
    fields(definition, object, &Whole { kind, on_host }).unwrap_or_else(|| object.clone())
}

/// The object with its defaults; none where nothing is to be added.
fn fields(definition: &Definition, value: &Value, whole: &Whole) -> Option<Value> {
    let map = value.as_object()?;
    let mut out = value.clone();
    let mut same = true;
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
                out.make_object().insert(field.name, value);
                same = false;
            }
        }
    }
    let mut changed = Vec::new();
    for (key, old) in out.as_object().into_iter().flat_map(Map::iter) {
        // Most values hold no others.
        if !matches!(old, Value::Object(_) | Value::Array(_)) {
            continue;
        }
        let Some(field) = definition.field(key) else { continue };
        let Some(inner) = field.ty.definition() else { continue };
        if let Some(new) = inside(&field.ty, inner, old, whole) {
            changed.push((key.clone(), new));
        }
    }
    same &= changed.is_empty();
    for (key, new) in changed {
        out.make_object().insert(key, new);
    }
    (!same).then_some(out)
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
fn inside(ty: &Type, definition: &Definition, value: &Value, whole: &Whole) -> Option<Value> {
    match (ty, value) {
        (Type::Object(_), _) => fields(definition, value, whole),
        (Type::Array(inner), Value::Array(items)) => {
            let mut changed: Option<Vec<Value>> = None;
            for (at, item) in items.iter().enumerate() {
                if let Some(new) = inside(inner, definition, item, whole) {
                    changed.get_or_insert_with(|| items.to_vec())[at] = new;
                }
            }
            changed.map(Value::from)
        }
        _ => None,
    }
}

/// Whether Go cannot tell the value from none.
fn is_unset(ty: &Type, value: &Value) -> bool {
    value.is_null() || (*ty == Type::String && value.as_str() == Some(""))
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
