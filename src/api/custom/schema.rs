//! A value against the schema of a definition (upstream: `kube-openapi/pkg/validation/validate`, apiextensions-apiserver's
//! `pruning`, `defaulting` and `listtype`). Rules in CEL are not evaluated.

use super::formats;
use super::pattern::Pattern;
use crate::api::check::quoted;
use crate::api::field_error::FieldError;
use crate::value::{Map, Value, json};
use std::cell::Cell;
use std::collections::BTreeSet;

/// How deep a value is looked into; what is read is no deeper.
const MOST_DEPTH: usize = 1_000;
/// As many values are looked at in one go: a schema can be written so that little makes very much.
const MOST_VISITS: usize = 200_000;
/// As many findings are told, at most.
const MOST_FOUND: usize = 1_000;
/// As many keys that are compared, or steps of a pattern, count as one value.
const SMALL: usize = 1_000;

/// How much more may be looked at.
struct Budget(Cell<usize>);

impl Budget {
    fn new() -> Self {
        Self(Cell::new(MOST_VISITS))
    }

    /// Whether this much may still be done. Once it may not, nothing more is looked at.
    fn allows(&self, cost: usize) -> bool {
        let left = self.0.get().checked_sub(cost);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Whether nothing more is looked at.
    fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

/// What a value takes by itself: its keys are looked for among those of the schema.
fn cost(schema: &Value, value: &Value) -> usize {
    let count = |name: &str| match schema.get(name) {
        Some(Value::Object(map)) => map.len(),
        Some(Value::Array(items)) => items.len(),
        _ => 0,
    };
    let keys = value.as_object().map_or(0, Map::len);
    let looked_up = keys.saturating_mul(count("properties") + count("required") + 1);
    1 + count("enum") + count("required") + looked_up / SMALL
}

/// What is wrong with a value, in the words of the API server.
pub(crate) fn errors(schema: &Value, value: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let budget = Budget::new();
    judge(schema, value, "", 0, (&budget, &mut errors));
    lists(schema, value, "", (&budget, &mut errors));
    errors.truncate(MOST_FOUND);
    errors
}

/// The fields of a value that the schema does not have, by key, level by level.
pub(crate) fn unknown(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    strange(schema, value, "", (&Budget::new(), &mut found));
    found
}

/// The value without the fields that the schema does not have. What every object has stays.
pub(crate) fn pruned(schema: &Value, value: &Value) -> Value {
    let Value::Object(map) = value else { return value.clone() };
    let kept = map.iter().filter_map(|(key, inner)| match &**key {
        "apiVersion" | "kind" | "metadata" => Some((key.clone(), inner.clone())),
        _ => Some((key.clone(), kept(schema, key, inner)?)),
    });
    Value::from(kept.collect::<Map>())
}

/// What a schema keeps of what stands at a key; none where it does not have the key.
fn kept(schema: &Value, key: &str, value: &Value) -> Option<Value> {
    let is_embedded = is(schema, "x-kubernetes-embedded-resource");
    match of_key(schema, key) {
        Some(inner) => Some(kept_within(inner, value)),
        None if keeps_unknown(schema) => Some(value.clone()),
        None if is_embedded && matches!(key, "apiVersion" | "kind" | "metadata") => Some(value.clone()),
        None => None,
    }
}

fn kept_within(schema: &Value, value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter_map(|(key, inner)| Some((key.clone(), kept(schema, key, inner)?)));
            Value::from(kept.collect::<Map>())
        }
        Value::Array(items) => match schema.get("items") {
            Some(inner) => Value::from(items.iter().map(|item| kept_within(inner, item)).collect::<Vec<_>>()),
            None => value.clone(),
        },
        _ => value.clone(),
    }
}

/// The value with what the schema says where nothing was given; as it is where that would be too much.
pub(crate) fn defaulted(schema: &Value, value: &Value) -> Value {
    filled(schema, value, &Budget::new()).unwrap_or_else(|| value.clone())
}

fn filled(schema: &Value, value: &Value, budget: &Budget) -> Option<Value> {
    if !budget.allows(cost(schema, value)) {
        return None;
    }
    Some(match value {
        Value::Object(map) => {
            let properties = entries(schema, "properties").count();
            // Each property is looked for among the keys, and each key among the properties.
            let looked_up = properties.saturating_mul(properties + map.len());
            if !budget.allows(properties / 10 + looked_up / SMALL) {
                return None;
            }
            let mut out: Map = (**map).clone();
            for (key, property) in entries(schema, "properties") {
                let default = property.get("default");
                let is_nullable = is(property, "nullable");
                let is_missing = out.get(key).is_none_or(|old| old.is_null() && !is_nullable);
                if let Some(default) = default.filter(|_| is_missing) {
                    out.insert(key.clone(), default.clone());
                }
            }
            let filled = out.iter().map(|(key, old)| {
                let new = match of_key(schema, key) {
                    Some(inner) => filled(inner, old, budget)?,
                    None => old.clone(),
                };
                Some((key.clone(), new))
            });
            Value::from(filled.collect::<Option<Map>>()?)
        }
        Value::Array(items) => match schema.get("items") {
            Some(inner) => {
                let filled = items.iter().map(|item| filled(inner, item, budget));
                Value::from(filled.collect::<Option<Vec<_>>>()?)
            }
            None => value.clone(),
        },
        _ => value.clone(),
    })
}

/// The schema of what a key has.
pub(super) fn of_key<'a>(schema: &'a Value, key: &str) -> Option<&'a Value> {
    let property = schema.get("properties").and_then(|properties| properties.get(key));
    property.or_else(|| schema.get("additionalProperties").filter(|inner| inner.as_object().is_some()))
}

/// Whether a schema keeps keys that it does not name.
pub(super) fn keeps_unknown(schema: &Value) -> bool {
    is(schema, "x-kubernetes-preserve-unknown-fields") || is(schema, "additionalProperties")
}

fn is(schema: &Value, name: &str) -> bool {
    schema.get(name).and_then(Value::as_bool) == Some(true)
}

fn entries<'a>(schema: &'a Value, name: &str) -> impl Iterator<Item = (&'a crate::value::Str, &'a Value)> {
    schema.get(name).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn within(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn strange(schema: &Value, value: &Value, path: &str, (budget, found): (&Budget, &mut Vec<String>)) {
    if found.len() >= MOST_FOUND || !budget.allows(cost(schema, value)) {
        return;
    }
    match value {
        Value::Object(map) => {
            let is_embedded = is(schema, "x-kubernetes-embedded-resource");
            for (key, inner) in map.sorted() {
                let at = within(path, key);
                match of_key(schema, key) {
                    Some(schema) => strange(schema, inner, &at, (budget, found)),
                    None if keeps_unknown(schema) => {}
                    None if is_embedded && matches!(&**key, "apiVersion" | "kind" | "metadata") => {}
                    None if found.len() >= MOST_FOUND => return,
                    None => found.push(at),
                }
            }
        }
        Value::Array(items) => {
            let Some(schema) = schema.get("items") else { return };
            for (i, item) in items.iter().enumerate() {
                strange(schema, item, &format!("{path}[{i}]"), (budget, found));
            }
        }
        _ => {}
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) => "integer",
        Value::Float(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The types that a value may have; none where it may have any.
fn types(schema: &Value) -> Vec<&str> {
    if is(schema, "x-kubernetes-int-or-string") {
        return vec!["integer", "string"];
    }
    schema.get("type").and_then(Value::as_str).filter(|ty| !ty.is_empty()).into_iter().collect()
}

/// What may still be done, and what was found.
type Found<'a> = (&'a Budget, &'a mut Vec<FieldError>);

/// Appends what is wrong with a value, and with what is in it.
fn judge(schema: &Value, value: &Value, path: &str, depth: usize, (budget, errors): Found) {
    if depth > MOST_DEPTH || errors.len() >= MOST_FOUND || !budget.allows(cost(schema, value)) {
        return;
    }
    let types = types(schema);
    let found = type_of(value);
    if value.is_null() && is(schema, "nullable") {
        return;
    }
    let fits =
        types.is_empty() || types.contains(&found) || (found == "integer" && types.contains(&"number"));
    if !fits {
        let why = format!("{path} in body must be of type {}: {}", types.join(","), quoted(found));
        errors.push(FieldError::invalid(path, found, why));
    }
    if !value.is_null() {
        several(schema, value, path, depth, (budget, errors));
        match value {
            Value::String(text) => of_text(schema, text, path, (budget, errors)),
            Value::Int(number) => of_number(schema, *number as f64, value, path, errors),
            Value::Float(number) => of_number(schema, *number, value, path, errors),
            Value::Array(items) => of_list(schema, items, path, depth, (budget, errors)),
            _ => {}
        }
    }
    of_enum(schema, value, path, errors);
    if let Value::Object(map) = value {
        of_map(schema, map, path, depth, (budget, errors));
    }
}

fn several(schema: &Value, value: &Value, path: &str, depth: usize, (budget, errors): Found) {
    let list = |word: &str| schema.get(word).and_then(Value::as_array).unwrap_or_default();
    let tried = |inner: &Value| {
        let mut found = Vec::new();
        judge(inner, value, path, depth + 1, (budget, &mut found));
        found
    };
    // The server knows no place of these.
    let mut told = |why: String| {
        // What was not looked at to its end says nothing.
        if !budget.is_spent() {
            errors.push(FieldError::invalid("<nil>", "", why));
        }
    };
    let mut best: Vec<FieldError> = Vec::new();
    let any = list("anyOf");
    if !any.is_empty() {
        let mut failures: Vec<Vec<FieldError>> = any.iter().map(tried).collect();
        if failures.iter().all(|failed| !failed.is_empty()) {
            told(format!("{} must validate at least one schema (anyOf)", quoted(path)));
            best.append(&mut failures.swap_remove(0));
        }
    }
    let one = list("oneOf");
    if !one.is_empty() {
        let failures: Vec<Vec<FieldError>> = one.iter().map(tried).collect();
        match failures.iter().filter(|failed| failed.is_empty()).count() {
            1 => {}
            0 => {
                told(format!(
                    "{} must validate one and only one schema (oneOf). Found none valid",
                    quoted(path)
                ));
                best.extend(failures.into_iter().next().unwrap_or_default());
            }
            valid => told(format!(
                "{} must validate one and only one schema (oneOf). Found {valid} valid alternatives",
                quoted(path)
            )),
        }
    }
    let failures: Vec<FieldError> = list("allOf").iter().flat_map(tried).collect();
    if !failures.is_empty() {
        told(format!("{} must validate all the schemas (allOf)", quoted(path)));
        best.extend(failures);
    }
    if schema.get("not").is_some_and(|inner| inner.as_object().is_some() && tried(inner).is_empty()) {
        told(format!("{} must not validate the schema (not)", quoted(path)));
    }
    errors.append(&mut best);
}

fn count(schema: &Value, name: &str) -> Option<usize> {
    schema.get(name).and_then(Value::as_int).and_then(|count| usize::try_from(count).ok())
}

fn of_text(schema: &Value, text: &str, path: &str, (budget, errors): Found) {
    let length = text.chars().count();
    if let Some(most) = count(schema, "maxLength").filter(|most| length > *most) {
        errors.push(FieldError::too_long(path, most));
    }
    if let Some(least) = count(schema, "minLength").filter(|least| length < *least) {
        let why = format!("{path} in body should be at least {least} chars long");
        errors.push(FieldError::invalid(path, text, why));
    }
    // A pattern that is not understood refuses nothing.
    if let Some(written) = schema.get("pattern").and_then(Value::as_str).filter(|written| !written.is_empty())
        && budget.allows(written.len() / 100)
        && let Some(pattern) = Pattern::new(written)
        && budget.allows(pattern.work(text) / SMALL)
        && pattern.is_match(text) == Some(false)
    {
        errors.push(FieldError::invalid(path, text, format!("{path} in body should match '{written}'")));
    }
    let is_text = !types(schema).iter().any(|ty| matches!(*ty, "integer" | "number"));
    if let Some(format) = schema.get("format").and_then(Value::as_str).filter(|_| is_text)
        && !formats::is_of(format, text)
    {
        let why = format!("{path} in body must be of type {format}: {}", quoted(text));
        errors.push(FieldError::invalid(path, text, why));
    }
}

fn of_number(schema: &Value, number: f64, value: &Value, path: &str, errors: &mut Vec<FieldError>) {
    let bound = |name: &str| match schema.get(name)? {
        Value::Int(bound) => Some((*bound as f64, bound.to_string())),
        Value::Float(bound) => Some((*bound, json::compact(&Value::Float(*bound)))),
        _ => None,
    };
    let mut told = |why: String| errors.push(FieldError::invalid(path, value.clone(), why));
    if let Some((factor, written)) = bound("multipleOf")
        && factor > 0.0
        && number % factor != 0.0
    {
        told(format!("{path} in body should be a multiple of {written}"));
    }
    if let Some((most, written)) = bound("maximum") {
        let is_over = if is(schema, "exclusiveMaximum") { number >= most } else { number > most };
        let equal = if is(schema, "exclusiveMaximum") { "" } else { " or equal to" };
        if is_over {
            told(format!("{path} in body should be less than{equal} {written}"));
        }
    }
    if let Some((least, written)) = bound("minimum") {
        let is_under = if is(schema, "exclusiveMinimum") { number <= least } else { number < least };
        let equal = if is(schema, "exclusiveMinimum") { "" } else { " or equal to" };
        if is_under {
            told(format!("{path} in body should be greater than{equal} {written}"));
        }
    }
}

fn of_enum(schema: &Value, value: &Value, path: &str, errors: &mut Vec<FieldError>) {
    let allowed = schema.get("enum").and_then(Value::as_array).unwrap_or_default();
    if allowed.is_empty() || allowed.contains(value) {
        return;
    }
    let written = |value: &Value| match value {
        Value::String(text) => quoted(text),
        other => quoted(&json::compact(other)),
    };
    let supported: Vec<String> = allowed.iter().map(written).collect();
    let printed = match value {
        Value::String(text) => quoted(text),
        other => json::compact(other),
    };
    let words = format!("Unsupported value: {printed}: supported values: {}", supported.join(", "));
    errors.push(FieldError::other(path, words));
}

fn of_list(schema: &Value, items: &[Value], path: &str, depth: usize, (budget, errors): Found) {
    if let Some(inner) = schema.get("items") {
        for (i, item) in items.iter().enumerate() {
            judge(inner, item, &format!("{path}[{i}]"), depth + 1, (budget, errors));
        }
    }
    let size = items.len();
    if let Some(least) = count(schema, "minItems").filter(|least| size < *least) {
        let why = format!("{path} in body should have at least {least} items");
        errors.push(FieldError::invalid(path, size as i64, why));
    }
    if let Some(most) = count(schema, "maxItems").filter(|most| size > *most) {
        errors.push(FieldError::other(path, format!("Too many: {size}: must have at most {most} items")));
    }
}

fn of_map(schema: &Value, map: &Map, path: &str, depth: usize, (budget, errors): Found) {
    let size = map.len();
    if let Some(least) = count(schema, "minProperties").filter(|least| size < *least) {
        let why = format!("{path} in body should have at least {least} properties");
        errors.push(FieldError::invalid(path, size as i64, why));
    }
    if let Some(most) = count(schema, "maxProperties").filter(|most| size > *most) {
        errors.push(FieldError::other(path, format!("Too many: {size}: must have at most {most} items")));
    }
    for (key, inner) in map.iter() {
        if let Some(schema) = of_key(schema, key) {
            judge(schema, inner, &within(path, key), depth + 1, (budget, errors));
        }
    }
    let required = schema.get("required").and_then(Value::as_array).unwrap_or_default();
    for name in required.iter().filter_map(Value::as_str).filter(|name| map.get(name).is_none()) {
        errors.push(FieldError::required(within(path, name), ""));
    }
}

/// Lists that are sets, or maps by keys of their items, say nothing twice.
fn lists(schema: &Value, value: &Value, path: &str, (budget, errors): Found) {
    if errors.len() >= MOST_FOUND || !budget.allows(cost(schema, value)) {
        return;
    }
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter() {
                if let Some(schema) = of_key(schema, key) {
                    lists(schema, inner, &within(path, key), (budget, errors));
                }
            }
        }
        Value::Array(items) => {
            let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array).unwrap_or_default();
            let told = |item: &Value| match schema.get("x-kubernetes-list-type").and_then(Value::as_str) {
                Some("set") => Some(item.clone()),
                Some("map") => {
                    let mut said = Map::new();
                    for key in keys.iter().filter_map(Value::as_str) {
                        said.insert(key, item.get(key)?.clone());
                    }
                    Some(Value::from(said))
                }
                _ => None,
            };
            let mut said = BTreeSet::new();
            for (i, item) in items.iter().enumerate().take_while(|_| budget.allows(keys.len() / 10)) {
                if let Some(told) = told(item)
                    && !said.insert(json::compact(&told))
                    && errors.len() < MOST_FOUND
                {
                    errors.push(FieldError::duplicate(format!("{path}[{i}]"), told));
                }
            }
            if let Some(inner) = schema.get("items") {
                for (i, item) in items.iter().enumerate() {
                    lists(inner, item, &format!("{path}[{i}]"), (budget, errors));
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = r#"{"type":"object","required":["spec"],"properties":{"spec":{"type":"object","required":["cron"],
"properties":{"cron":{"type":"string","pattern":"^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$"},
"replicas":{"type":"integer","minimum":1,"maximum":10,"default":1},"mode":{"type":"string","enum":["Fast","Slow"]},
"port":{"x-kubernetes-int-or-string":true},"note":{"type":"string","nullable":true,"maxLength":3},
"free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
"labels":{"type":"object","additionalProperties":{"type":"string"}},
"hosts":{"type":"array","minItems":1,"items":{"type":"string"},"x-kubernetes-list-type":"set"}}}}}"#;

    #[track_caller]
    fn check(spec: &str, expected: &[&str]) {
        let parse = |text: &str| json::parse(text).expect("JSON");
        let (schema, value) = (parse(SCHEMA), parse(&format!(r#"{{"spec":{spec}}}"#)));
        let mut said: Vec<String> =
            unknown(&schema, &value).into_iter().map(|field| format!("unknown {field}")).collect();
        said.extend(errors(&schema, &defaulted(&schema, &value)).iter().map(ToString::to_string));
        assert_eq!(said, expected, "{spec}");
    }

    #[test]
    fn a_value_is_held_against_its_schema_in_the_words_of_the_server() {
        check(r#"{"cron":"* * * * */5"}"#, &[]);
        check(
            r#"{"cron":"* * * *","replicas":15}"#,
            &[
                r#"spec.cron: Invalid value: "* * * *": spec.cron in body should match '^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$'"#,
                "spec.replicas: Invalid value: 15: spec.replicas in body should be less than or equal to 10",
            ],
        );
        check(
            r#"{"replicas":"two","mode":"fast","note":null,"port":"http","colour":1}"#,
            &[
                "unknown spec.colour",
                r#"spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string""#,
                r#"spec.mode: Unsupported value: "fast": supported values: "Fast", "Slow""#,
                "spec.cron: Required value",
            ],
        );
        check(
            r#"{"cron":"1 1 1 1 1","port":1.5,"note":"four","free":{"x":{"y":1}},"labels":{"a":1},"hosts":["a","b","a"]}"#,
            &[
                r#"spec.port: Invalid value: "number": spec.port in body must be of type integer,string: "number""#,
                "spec.note: Too long: may not be more than 3 bytes",
                r#"spec.labels.a: Invalid value: "integer": spec.labels.a in body must be of type string: "integer""#,
                r#"spec.hosts[2]: Duplicate value: "a""#,
            ],
        );
    }

    #[test]
    fn what_a_schema_makes_of_little_has_an_end() {
        let parse = |text: &str| json::parse(text).expect("JSON");
        let properties: Vec<String> =
            (0..2_000).map(|i| format!(r#""p{i}":{{"type":"string","default":"x"}}"#)).collect();
        let many = properties.join(",");
        let schema = parse(&format!(
            r#"{{"properties":{{"list":{{"items":{{"type":"object","required":["a"],"properties":{{{many}}}}}}}}}}}"#
        ));
        let value = parse(&format!(r#"{{"list":[{}]}}"#, vec![r#"{"b":1}"#; 20_000].join(",")));
        assert_eq!(defaulted(&schema, &value), value);
        assert_eq!(errors(&schema, &value).len(), MOST_FOUND);
        assert_eq!(unknown(&schema, &value).len(), MOST_FOUND);
    }

    #[test]
    fn a_long_set_and_its_objects_say_nothing_twice() {
        let parse = |text: &str| json::parse(text).expect("JSON");
        let schema = parse(r#"{"type":"array","x-kubernetes-list-type":"set"}"#);
        let numbers: Vec<String> = (0..50_000).map(|i| i.to_string()).collect();
        assert!(errors(&schema, &parse(&format!("[{}]", numbers.join(",")))).is_empty());
        assert_eq!(errors(&schema, &parse(r#"[{"a":1,"b":2},{"b":2,"a":1}]"#)).len(), 1);
    }
}
