//! The schema of a custom resource: whether it is structural, and has nothing that the server does not take (upstream:
//! apiextensions-apiserver `pkg/apiserver/schema/validation.go`, `ValidateCustomResourceDefinitionOpenAPISchema`).

use super::at::At;
use super::errors::Errors;
use crate::api::custom::schema;
use crate::api::field_error::FieldError;
use crate::value::Value;
use std::collections::BTreeSet;

const TYPES: &[&str] = &["array", "boolean", "integer", "number", "object", "string"];

/// What the root may have where the status is written apart.
const AT_ROOT: &[&str] = &[
    "description",
    "type",
    "format",
    "title",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "multipleOf",
    "required",
    "items",
    "properties",
    "externalDocs",
    "example",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
];

/// What the server does not take, and what it says of it.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("id", "id is not supported"),
    ("additionalItems", "additionalItems is not supported"),
    ("patternProperties", "patternProperties is not supported"),
    ("definitions", "definitions is not supported"),
    ("dependencies", "dependencies is not supported"),
    ("$ref", "$ref is not supported"),
];

/// What a schema within another's `allOf`, `anyOf`, `oneOf` or `not` may not say, since it only judges values.
const NOT_NESTED: &[(&str, &str)] = &[
    ("type", "must be empty to be structural"),
    ("additionalProperties", "must be undefined to be structural"),
    ("default", "must be undefined to be structural"),
    ("title", "must be empty to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
    ("x-kubernetes-embedded-resource", "must be false to be structural"),
    ("x-kubernetes-int-or-string", "must be false to be structural"),
    ("x-kubernetes-list-map-keys", "must be empty to be structural"),
    ("x-kubernetes-list-type", "must be undefined to be structural"),
    ("x-kubernetes-map-type", "must be undefined to be structural"),
    ("x-kubernetes-validations", "must be empty to be structural"),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Item,
    Field,
}

/// The validation of a version, which holds a schema.
pub(super) fn validation(at: &At, has_status: bool, errors: &mut Errors) {
    let root = at.field("openAPIV3Schema");
    if root.value.as_object().is_none() {
        return;
    }
    if has_status {
        at_root(&root, errors);
    }
    if root.is("nullable") {
        errors.push(FieldError::forbidden(
            format!("{}.nullable", root.path()),
            "nullable cannot be true at the root",
        ));
    }
    let mut found = Errors::default();
    structure(&root, Level::Root, &mut found);
    complete(&root, root.value, &root, &mut found);
    let mut found = found.finish();
    found.sort_by_cached_key(ToString::to_string);
    if found.is_empty() {
        defaults(&root, errors);
    }
    found.into_iter().for_each(|error| errors.push(error));
    accepted(&root, errors);
}

fn at_root(root: &At, errors: &mut Errors) {
    if !root.str("type").is_empty() && root.str("type") != "object" {
        let why = "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled";
        errors.push(FieldError::invalid(format!("{}.type", root.path()), root.str("type"), why));
    }
    let strange = root.entries().into_iter().any(|(key, at)| is_set(at.value) && !AT_ROOT.contains(&key));
    if strange {
        errors.invalid(root, "only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled");
    }
}

/// Whether Go can tell the value from none.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

/// The rules of a structural schema.
fn structure(at: &At, level: Level, errors: &mut Errors) {
    let ty = at.field("type");
    let items = at.field("items");
    if ty.text() == "array" && !items.is_there() {
        errors.required(&items, "must be specified");
    }
    if items.is_there() {
        structure(&items, Level::Item, errors);
    }
    let properties = at.field("properties");
    for (_, property) in properties.entries() {
        structure(&property, Level::Field, errors);
    }
    let additional = at.field("additionalProperties");
    let is_embedded = at.is("x-kubernetes-embedded-resource");
    if additional.is_there() {
        if level == Level::Root {
            errors.forbidden(&additional, "must not be used at the root");
        }
        if additional.value.as_object().is_some() {
            structure(&additional, Level::Field, errors);
        }
    }
    let is_either = at.is("x-kubernetes-int-or-string");
    if is_either {
        for other in ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] {
            if at.is(other) {
                errors.invalid(&at.field(other), "must be false if x-kubernetes-int-or-string is true");
            }
        }
    }
    values(at, level, is_number_or_text(at), is_first_number_or_text(at), errors);
    if is_embedded && ty.text() != "object" {
        let why = "must be object if x-kubernetes-embedded-resource is true";
        if ty.is_empty() { errors.required(&ty, why) } else { errors.invalid(&ty, why) }
    } else if ty.is_empty() && !is_either && !at.is("x-kubernetes-preserve-unknown-fields") {
        let place = match level {
            Level::Root => "at the root",
            Level::Item => "for specified array items",
            Level::Field => "for specified object fields",
        };
        errors.required(&ty, &format!("must not be empty {place}"));
    }
    if is_embedded && additional.is_there() {
        errors.forbidden(&additional, "must not be used if x-kubernetes-embedded-resource is set");
    }
    if level == Level::Root && !ty.is_empty() && ty.text() != "object" {
        errors.invalid(&ty, "must be object at the root");
    }
    if level == Level::Root || is_embedded {
        metadata(&properties, level, errors);
    }
    if is_embedded && !at.is("x-kubernetes-preserve-unknown-fields") && properties.is_empty() {
        let why = "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
        errors.required(&properties, why);
    }
}

/// What every object has is no business of a schema's, but for its name.
fn metadata(properties: &At, level: Level, errors: &mut Errors) {
    for name in ["kind", "apiVersion"] {
        let at = properties.key(name);
        if at.is_there() && at.str("type") != "string" {
            errors.invalid(&at.field("type"), "must be string");
        }
    }
    let at = properties.key("metadata");
    if !at.is_there() {
        return;
    }
    if at.str("type") != "object" {
        errors.invalid(&at.field("type"), "must be object");
    }
    let is_name = |name: &str| matches!(name, "name" | "generateName");
    let says_more = at.entries().iter().any(|(key, inner)| match *key {
        "type" | "default" | "description" => false,
        "properties" => inner.entries().iter().any(|(name, _)| !is_name(name)),
        _ => is_set(inner.value),
    });
    // A description is one more thing that is said.
    if level == Level::Root && (says_more || at.has("description")) {
        errors.forbidden(
            &at,
            "must not specify anything other than name and generateName, but metadata is implicitly specified",
        );
    }
}

/// `anyOf` an integer and a text, which a number or a text may have though it names types.
fn is_number_or_text(at: &At) -> bool {
    let types = |value: &Value| {
        value
            .as_object()
            .is_some_and(|map| map.len() == 1)
            .then(|| value.get("type")?.as_str().map(str::to_owned))?
    };
    let any: Vec<_> = at.field("anyOf").list().iter().filter_map(types).collect();
    at.field("anyOf").list().len() == 2 && any == ["integer", "string"]
}

fn is_first_number_or_text(at: &At) -> bool {
    let all = at.field("allOf");
    all.items().next().is_some_and(|first| is_number_or_text(&first))
}

/// What a schema says of values beside the structure.
fn values(at: &At, level: Level, skips_any: bool, skips_first: bool, errors: &mut Errors) {
    for word in ["anyOf", "allOf", "oneOf"] {
        if word == "anyOf" && skips_any {
            continue;
        }
        for (i, inner) in at.field(word).items().enumerate() {
            nested(&inner, level, word == "allOf" && i == 0 && skips_first, errors);
        }
    }
    let not = at.field("not");
    if not.is_there() {
        nested(&not, level, false, errors);
    }
}

fn nested(at: &At, level: Level, skips_any: bool, errors: &mut Errors) {
    values(at, level, skips_any, false, errors);
    let items = at.field("items");
    if items.is_there() {
        nested(&items, level, false, errors);
    }
    for (_, property) in at.field("properties").entries() {
        nested(&property, Level::Field, false, errors);
    }
    for (name, why) in NOT_NESTED {
        let at = at.field(name);
        if is_set(at.value) {
            errors.forbidden(&at, why);
        }
    }
    let properties = at.field("properties");
    let metadata = properties.key("metadata");
    if metadata.is_there() {
        errors.forbidden(&metadata, "must not be specified in a nested context");
    }
}

/// What is judged somewhere within has to stand in the structure, too.
fn complete(at: &At, structure: &Value, place: &At, errors: &mut Errors) {
    for word in ["allOf", "anyOf", "oneOf"] {
        for inner in at.field(word).items() {
            nested_complete(&inner, structure, &place.path(), errors);
        }
    }
    let not = at.field("not");
    if not.is_there() {
        nested_complete(&not, structure, &place.path(), errors);
    }
}

fn nested_complete(at: &At, structure: &Value, place: &str, errors: &mut Errors) {
    for word in ["allOf", "anyOf", "oneOf"] {
        for inner in at.field(word).items() {
            nested_complete(&inner, structure, place, errors);
        }
    }
    let not = at.field("not");
    if not.is_there() {
        nested_complete(&not, structure, place, errors);
    }
    let mut step = |inner: &At, found: Option<&Value>, place: String| match found {
        Some(found) => nested_complete(inner, found, &place, errors),
        None => {
            let why = format!("because it is defined in {}", inner.path());
            errors.push(FieldError::required(place, &why));
        }
    };
    let items = at.field("items");
    if items.is_there() {
        step(&items, structure.get("items"), format!("{place}.items"));
    }
    for (key, property) in at.field("properties").entries() {
        let found = structure.get("properties").and_then(|properties| properties.get(key));
        step(&property, found, format!("{place}.properties[{key}]"));
    }
}

/// Defaults that the schema itself would refuse.
fn defaults(at: &At, errors: &mut Errors) {
    let default = at.field("default");
    if default.is_there() {
        let path = default.path();
        let unknown = schema::unknown(at.value, default.value);
        if let Some(unknown) = unknown.first() {
            errors.invalid(&default, format!("must not have unknown fields: {unknown}"));
        }
        for mut error in schema::errors(at.value, default.value) {
            error.path = if error.path.is_empty() { path.clone() } else { format!("{path}.{}", error.path) };
            errors.push(error);
        }
    }
    for word in ["items", "additionalProperties"] {
        let inner = at.field(word);
        if inner.value.as_object().is_some() {
            defaults(&inner, errors);
        }
    }
    for (_, property) in at.field("properties").entries() {
        defaults(&property, errors);
    }
}

/// What the server takes in a schema, wherever it stands.
fn accepted(at: &At, errors: &mut Errors) {
    let ty = at.field("type");
    if !ty.is_empty() && !TYPES.contains(&ty.text()) {
        errors.unsupported(&ty, TYPES);
    }
    for (name, why) in UNSUPPORTED {
        if is_set(at.field(name).value) {
            errors.forbidden(&at.field(name), why);
        }
    }
    if ty.text() == "null" {
        errors.forbidden(&ty, "type cannot be set to null, use nullable as an alternative");
    }
    let items = at.field("items");
    if items.value.as_array().is_some() {
        errors.forbidden(&items, "items must be a schema object and not an array");
    }
    if at.is("uniqueItems") {
        let why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
        errors.forbidden(&at.field("uniqueItems"), why);
    }
    let properties = at.field("properties");
    let additional = at.field("additionalProperties");
    if additional.is_there() && additional.value.as_bool() != Some(true) && !properties.is_empty() {
        errors.forbidden(&additional, "additionalProperties and properties are mutual exclusive");
    }
    if additional.value.as_object().is_some() {
        accepted(&additional, errors);
    }
    properties.entries().iter().for_each(|(_, property)| accepted(property, errors));
    for word in ["allOf", "oneOf", "anyOf"] {
        at.field(word).items().for_each(|inner| accepted(&inner, errors));
    }
    for inner in [at.field("not"), items] {
        if inner.value.as_object().is_some() {
            accepted(&inner, errors);
        }
    }
    let preserves = at.field("x-kubernetes-preserve-unknown-fields");
    if preserves.value.as_bool() == Some(false) {
        errors.invalid(&preserves, "must be true or undefined");
    }
    map_type(at, &ty, errors);
    list_type(at, &ty, errors);
    rules(at, errors);
}

fn map_type(at: &At, ty: &At, errors: &mut Errors) {
    let map = at.field("x-kubernetes-map-type");
    if !map.is_there() {
        return;
    }
    if ty.text() != "object" {
        let why = "must be object if x-kubernetes-map-type is specified";
        if ty.is_empty() { errors.required(ty, why) } else { errors.invalid(ty, why) }
    }
    errors.one_of(&map, &["atomic", "granular"]);
}

fn list_type(at: &At, ty: &At, errors: &mut Errors) {
    let list = at.field("x-kubernetes-list-type");
    let keys = at.field("x-kubernetes-list-map-keys");
    if list.is_there() && ty.text() != "array" {
        let why = "must be array if x-kubernetes-list-type is specified";
        if ty.is_empty() { errors.required(ty, why) } else { errors.invalid(ty, why) }
    }
    let items = at.field("items");
    if list.text() == "set" && items.str("type") == "object" && items.str("x-kubernetes-map-type") != "atomic"
    {
        let map = items.field("x-kubernetes-map-type");
        errors.invalid_as(
            &map,
            Value::Null,
            "must be atomic as item of a list with x-kubernetes-list-type=set",
        );
    }
    errors.one_of(&list, &["atomic", "set", "map"]);
    if !keys.is_empty() && list.text() != "map" {
        let why = "must be map if x-kubernetes-list-map-keys is non-empty";
        if list.is_there() { errors.invalid(&list, why) } else { errors.required(&list, why) }
    }
    if matches!(list.text(), "set" | "map") && items.is("nullable") {
        let why = format!("cannot be nullable when x-kubernetes-list-type is {}", list.text());
        errors.forbidden(&items.field("nullable"), &why);
    }
    if list.text() != "map" {
        return;
    }
    if keys.is_empty() {
        errors.required(&keys, "must not be empty if x-kubernetes-list-type is map");
    }
    if !items.is_there() {
        return errors.required(&items, "must have a schema if x-kubernetes-list-type is map");
    }
    if items.str("type") != "object" {
        let ty = items.field("type");
        return errors.invalid(&ty, "must be object if parent array's x-kubernetes-list-type is map");
    }
    let properties = items.field("properties");
    let required = items.field("required");
    let mut seen = BTreeSet::new();
    for key in keys.list().iter().filter_map(Value::as_str) {
        let property = properties.key(key);
        if !property.is_there() {
            errors.invalid(&keys, "entries must all be names of item properties");
        } else if matches!(property.str("type"), "array" | "object") {
            let why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
            errors.invalid_as(&property.field("type"), items.str("type"), why);
        }
        if !seen.insert(key) {
            errors.invalid(&keys, "must not contain duplicate entries");
        }
        let is_required = required.list().iter().any(|name| name.as_str() == Some(key));
        if property.is_there() && !is_required && !property.has("default") {
            let why = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
            errors.required(&property.field("default"), why);
        }
        if property.is("nullable") {
            let why = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
            errors.forbidden(&property.field("nullable"), why);
        }
    }
}

/// What surrounds a rule in CEL; the rule itself is not read.
fn rules(at: &At, errors: &mut Errors) {
    for rule in at.field("x-kubernetes-validations").items() {
        let message = rule.field("message");
        let breaks = |text: &str| text.trim().contains(['\n', '\r']);
        if rule.str("rule").trim().is_empty() {
            errors.required(&rule.field("rule"), "rule is not specified");
        } else if !message.is_empty() && message.text().trim().is_empty() {
            errors.invalid(&message, "must be non-empty if specified");
        } else if breaks(message.text()) {
            errors.invalid(&message, "must not contain line breaks");
        } else if breaks(rule.str("rule")) && message.text().trim().is_empty() {
            errors.required(&message, "message must be specified if rule contains line breaks");
        }
        let reasons =
            ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
        errors.one_of(&rule.field("reason"), &reasons);
    }
}
