//! The OpenAPI definitions as the compact text that `src/schema/decode.rs` reads.
//!
//! What this does not know it refuses: a new keyword in a new version of Kubernetes must be given a place in
//! the text, not be dropped in silence.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

type Object = Map<String, Value>;

/// Definitions that stand for one value and not for fields, and the word for each.
const SCALARS: &[(&str, &str)] = &[
    ("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON", "any"),
    ("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray", "any"),
    ("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool", "any"),
    ("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray", "any"),
    ("io.k8s.apimachinery.pkg.api.resource.Quantity", "quantity"),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1", "raw"),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime", "microtime"),
    ("io.k8s.apimachinery.pkg.apis.meta.v1.Time", "time"),
    ("io.k8s.apimachinery.pkg.runtime.RawExtension", "raw"),
    ("io.k8s.apimachinery.pkg.util.intstr.IntOrString", "int-or-string"),
];

/// Phrases by which a description says that its field or definition is deprecated. That an annotation is
/// deprecated, which some descriptions mention, is not among them.
const DEPRECATED: &[&str] = &[
    "Deprecated: ",
    "DEPRECATED: ",
    "This API is deprecated",
    "This field is deprecated",
    "and now is deprecated",
    "considered as deprecated",
    "is the deprecated field",
];

/// The text for the file `_definitions.json` of kubernetes-validate.
///
/// It holds every definition that an object or a list of objects reaches; replies of discovery and options of
/// requests, which have no `metadata`, are left out.
///
/// # Errors
/// Says what in the document has no place in the text.
pub(super) fn generate(document: &str, origin: &str) -> Result<String, String> {
    let document: Value = serde_json::from_str(document).map_err(|error| error.to_string())?;
    let all = document.get("$defs").and_then(Value::as_object).ok_or("the document has no $defs")?;
    let mut packages: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for name in reachable(all)? {
        let (package, short) = split(name)?;
        packages.entry(package).or_default().insert(short);
    }
    let mut shorts = BTreeSet::new();
    for package in packages.keys() {
        if !shorts.insert(last_two(package)) {
            return Err(format!("two packages end in {}", last_two(package)));
        }
    }
    let mut out = format!("# Made by `cargo xtask schema` from {origin}; decode.rs tells the format.\n");
    for (package, names) in &packages {
        let _ = writeln!(out, "@{package}");
        for name in names {
            let full = format!("{package}.{name}");
            definition(&mut out, package, name, object(&all[&full])?)
                .map_err(|why| format!("{full}: {why}"))?;
        }
    }
    Ok(out)
}

/// The names of the definitions that are worth keeping, without the scalars.
fn reachable(all: &Object) -> Result<BTreeSet<&str>, String> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&str> = Vec::new();
    for (name, value) in all {
        if is_kind(object(value)?)? {
            next.push(name);
        }
    }
    while let Some(name) = next.pop() {
        if scalar(name).is_some() || !reached.insert(name) {
            continue;
        }
        let value = all.get(name).ok_or_else(|| format!("no definition {name}"))?;
        for mut value in properties(object(value)?)?.into_values() {
            while let Some(inner) = value.get("items").or_else(|| value.get("additionalProperties")) {
                value = object(inner)?;
            }
            if let Some(target) = reference(value)? {
                next.push(target);
            }
        }
    }
    Ok(reached)
}

/// Whether the definition is of an object or of a list of objects, and not of an option or a reply.
fn is_kind(definition: &Object) -> Result<bool, String> {
    Ok(definition.contains_key("x-kubernetes-group-version-kind")
        && properties(definition)?.contains_key("metadata"))
}

fn definition(out: &mut String, package: &str, name: &str, value: &Object) -> Result<(), String> {
    const KNOWN: &[&str] = &[
        "description",
        "properties",
        "required",
        "type",
        "x-kubernetes-group-version-kind",
        "x-kubernetes-map-type",
        // Which field a discriminator names: what a field is for, which the schema does not know.
        "x-kubernetes-unions",
    ];
    only(value, KNOWN)?;
    plain(name)?;
    out.push_str(name);
    if is_kind(value)? {
        for kind in array(&value["x-kubernetes-group-version-kind"])? {
            let kind = object(kind)?;
            let (group, version) = (string(&kind["group"])?, string(&kind["version"])?);
            if string(&kind["kind"])? != name {
                return Err(format!("it is the kind {}", kind["kind"]));
            }
            let slash = if group.is_empty() { "" } else { "/" };
            let _ = write!(out, " ={group}{slash}{version}");
        }
    }
    map_type(out, value)?;
    deprecated(out, value);
    out.push('\n');
    let required: BTreeSet<&str> = match value.get("required") {
        Some(names) => array(names)?.iter().map(string).collect::<Result<_, _>>()?,
        None => BTreeSet::new(),
    };
    let fields = properties(value)?;
    if let Some(name) = required.iter().find(|name| !fields.contains_key(*name)) {
        return Err(format!("{name} is required but not there"));
    }
    for (field, value) in fields {
        field_line(out, package, field, required.contains(field), value)
            .map_err(|why| format!("{field}: {why}"))?;
    }
    Ok(())
}

fn field_line(
    out: &mut String,
    package: &str,
    name: &str,
    required: bool,
    value: &Object,
) -> Result<(), String> {
    const KNOWN: &[&str] = &[
        "$ref",
        "additionalProperties",
        "description",
        "enum",
        "format",
        "items",
        "type",
        "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type",
        "x-kubernetes-map-type",
        "x-kubernetes-patch-merge-key",
        "x-kubernetes-patch-strategy",
    ];
    only(value, KNOWN)?;
    plain(name)?;
    // The package adds the one value of each kind's own apiVersion and kind; OpenAPI itself lists no values.
    if value.contains_key("enum") && name != "apiVersion" && name != "kind" {
        return Err("it lists values, which the text has no place for yet".to_owned());
    }
    let _ = write!(out, " {name}{}", if required { "*" } else { "" });
    let type_name = type_name(package, value)?;
    let mut attributes = String::new();
    match value.get("x-kubernetes-list-type").map(string).transpose()? {
        None => {}
        Some(list_type @ ("atomic" | "set")) => {
            let _ = write!(attributes, " {list_type}");
        }
        Some("map") => {
            let keys = array(value.get("x-kubernetes-list-map-keys").ok_or("a map list without keys")?)?;
            let keys: Vec<&str> = keys.iter().map(string).collect::<Result<_, _>>()?;
            let _ = write!(attributes, " map={}", keys.join(","));
        }
        Some(other) => return Err(format!("list type {other}")),
    }
    map_type(&mut attributes, value)?;
    if let Some(strategy) = value.get("x-kubernetes-patch-strategy") {
        let _ = write!(attributes, " patch={}", string(strategy)?);
    }
    if let Some(key) = value.get("x-kubernetes-patch-merge-key") {
        let _ = write!(attributes, " key={}", string(key)?);
    }
    deprecated(&mut attributes, value);
    // Most fields are plain strings: they say nothing.
    if type_name != "string" || !attributes.is_empty() {
        let _ = write!(out, " {type_name}{attributes}");
    }
    out.push('\n');
    Ok(())
}

/// The type as the text writes it: `string`, `[]Container`, `{}quantity`, `meta.v1.ObjectMeta`.
fn type_name(package: &str, value: &Object) -> Result<String, String> {
    if let Some(target) = reference(value)? {
        if let Some(word) = scalar(target) {
            return Ok(word.to_owned());
        }
        let (owner, name) = split(target)?;
        return Ok(if owner == package { name.to_owned() } else { format!("{}.{name}", last_two(owner)) });
    }
    // `["string", "null"]` is how the package says that null is accepted, as it is for every optional field.
    let kind = match value.get("type") {
        Some(Value::Array(kinds)) => kinds.first().map(string).transpose()?,
        Some(kind) => Some(string(kind)?),
        None => None,
    };
    let format = value.get("format").map(string).transpose()?;
    Ok(match (kind, format) {
        (Some("array"), None) => {
            let items = value.get("items").ok_or("an array of what?")?;
            format!("[]{}", type_name(package, object(items)?)?)
        }
        (Some("object"), None) => match value.get("additionalProperties") {
            Some(inner) => format!("{{}}{}", type_name(package, object(inner)?)?),
            None => "raw".to_owned(),
        },
        (Some("string"), None) => "string".to_owned(),
        (Some("string"), Some("byte")) => "byte".to_owned(),
        (Some("integer"), Some(format @ ("int32" | "int64"))) => format.to_owned(),
        (Some("number"), Some("double")) => "double".to_owned(),
        (Some("boolean"), None) => "boolean".to_owned(),
        other => return Err(format!("type and format {other:?}")),
    })
}

fn map_type(out: &mut String, value: &Object) -> Result<(), String> {
    match value.get("x-kubernetes-map-type").map(string).transpose()? {
        // Granular is what a map is anyway.
        None | Some("granular") => Ok(()),
        Some("atomic") => {
            out.push_str(" atomic");
            Ok(())
        }
        Some(other) => Err(format!("map type {other}")),
    }
}

fn deprecated(out: &mut String, value: &Object) {
    let description = value.get("description").and_then(Value::as_str).unwrap_or_default();
    if description.starts_with("Deprecated") || DEPRECATED.iter().any(|phrase| description.contains(phrase)) {
        out.push_str(" deprecated");
    }
}

fn scalar(name: &str) -> Option<&'static str> {
    SCALARS.iter().find(|(scalar, _)| *scalar == name).map(|(_, word)| *word)
}

fn reference(value: &Object) -> Result<Option<&str>, String> {
    let Some(target) = value.get("$ref") else { return Ok(None) };
    let target = string(target)?;
    target.strip_prefix("#/$defs/").map(Some).ok_or_else(|| format!("reference {target}"))
}

/// The fields by name, in the order of the text, which the reader searches by halves.
fn properties(definition: &Object) -> Result<BTreeMap<&str, &Object>, String> {
    let Some(properties) = definition.get("properties") else { return Ok(BTreeMap::new()) };
    object(properties)?.iter().map(|(name, field)| Ok((name.as_str(), object(field)?))).collect()
}

/// The package and the name of `io.k8s.api.core.v1.Pod`.
fn split(name: &str) -> Result<(&str, &str), String> {
    name.rsplit_once('.').ok_or_else(|| format!("no package in {name}"))
}

/// `core.v1` of `io.k8s.api.core.v1`, which tells the packages apart.
/// The end of a package that no other shares.
pub(super) fn last_two(package: &str) -> &str {
    match package.rmatch_indices('.').nth(1) {
        Some((at, _)) => &package[at + 1..],
        None => package,
    }
}

/// The text separates by spaces and marks by a star.
fn plain(name: &str) -> Result<(), String> {
    match name.find([' ', '*', '\n', '=']) {
        Some(_) => Err(format!("the name {name:?}")),
        None => Ok(()),
    }
}

fn only(value: &Object, known: &[&str]) -> Result<(), String> {
    match value.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("the keyword {key} is not known")),
        None => Ok(()),
    }
}

fn object(value: &Value) -> Result<&Object, String> {
    value.as_object().ok_or_else(|| format!("no object: {value}"))
}

fn array(value: &Value) -> Result<&Vec<Value>, String> {
    value.as_array().ok_or_else(|| format!("no array: {value}"))
}

fn string(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("no string: {value}"))
}
