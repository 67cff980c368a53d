//! Reads the text that `cargo xtask schema` writes.
//!
//! ```text
//! @io.k8s.api.apps.v1                                          the definitions of a package follow
//! Deployment =apps/v1                                          a definition and the API version of its kind
//!  spec* DeploymentSpec                                        a required field and its type
//! ReplicaSetStatus
//!  conditions []ReplicaSetCondition map=type patch=merge key=type
//! ```
//!
//! A field without a type is a plain string. Types are words (`int32`, `quantity`), names of definitions of
//! the same package, names with the end of another package (`meta.v1.ObjectMeta`), and `[]` or `{}` before
//! one of these for a list or a map. After the type come `atomic`, `set` or `map=KEYS`, `patch=STRATEGY`,
//! `key=MERGE_KEY` and `deprecated`; a definition may be `atomic` or `deprecated`, too. Packages, definitions
//! and fields are sorted by name.

use super::{
    Definition, Field, IntegerFormat, Kind, ListType, PatchStrategy, Reference, Schema, Type, enums,
};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The text of the built-in kinds.
pub(super) const DATA: &str = include_str!("kubernetes-1.37.txt");

/// The text of the part that most manifests need.
pub(super) const COMMON: &str = include_str!("kubernetes-1.37-common.txt");

/// Every definition's place by the end of its package and its name.
type Places<'a> = BTreeMap<(&'a str, &'a str), Reference>;

/// Decodes a whole text. References to its definitions have a mark.
///
/// # Errors
/// Says which line cannot be read.
pub(super) fn decode(text: &'static str, mark: u16) -> Result<Schema, String> {
    let places = places(text, mark)?;
    let mut kinds = Vec::new();
    let mut definitions: Vec<Definition> = Vec::with_capacity(places.len());
    let mut package = "";
    for (number, line) in text.lines().enumerate() {
        let read = if let Some(field) = line.strip_prefix(' ') {
            let definition = definitions.last_mut().ok_or("a field before the first definition");
            definition.and_then(|definition| {
                let field = read_field(field, definition, &places)?;
                definition.fields.push(field);
                Ok(())
            })
        } else if let Some(name) = line.strip_prefix('@') {
            package = name;
            Ok(())
        } else if line.starts_with('#') {
            Ok(())
        } else {
            read_definition(line, package, &places, &mut kinds).map(|definition| definitions.push(definition))
        };
        read.map_err(|why| format!("line {}: {why}", number + 1))?;
    }
    kinds.sort_by_key(|kind| (kind.kind, kind.group(), Reverse(stability(kind.version()))));
    Ok(Schema { kinds, definitions })
}

/// A first pass over the text: a field may name a definition that comes later.
fn places(text: &str, mark: u16) -> Result<Places<'_>, String> {
    let mut places = Places::new();
    let mut package = "";
    for line in text.lines().filter(|line| !line.starts_with([' ', '#'])) {
        if let Some(name) = line.strip_prefix('@') {
            package = short_package(name);
        } else {
            let name = line.split(' ').next().unwrap_or_default();
            let place = u16::try_from(places.len()).ok().filter(|place| *place < Reference::COMMON);
            let place = place.ok_or("too many definitions")?;
            if places.insert((package, name), Reference(place | mark)).is_some() {
                return Err(format!("{package}.{name} stands twice"));
            }
        }
    }
    Ok(places)
}

fn read_definition(
    line: &'static str,
    package: &'static str,
    places: &Places<'_>,
    kinds: &mut Vec<Kind>,
) -> Result<Definition, &'static str> {
    let mut words = line.split(' ');
    let name = words.next().unwrap_or_default();
    let place = *places.get(&(short_package(package), name)).ok_or("a definition that was not counted")?;
    let mut definition = Definition {
        package,
        name,
        fields: Vec::new(),
        atomic: false,
        deprecated: false,
        begins: OnceLock::new(),
        defaulted: OnceLock::new(),
    };
    for word in words {
        if let Some(api_version) = word.strip_prefix('=') {
            kinds.push(Kind { api_version, kind: name, definition: place });
        } else {
            match word {
                "atomic" => definition.atomic = true,
                "deprecated" => definition.deprecated = true,
                _ => return Err("an unknown word"),
            }
        }
    }
    Ok(definition)
}

fn read_field(line: &'static str, owner: &Definition, places: &Places<'_>) -> Result<Field, &'static str> {
    let mut words = line.split(' ');
    let name = words.next().unwrap_or_default();
    let required = name.ends_with('*');
    let name = name.trim_end_matches('*');
    if owner.fields.last().is_some_and(|last| last.name >= name) {
        return Err("a field out of order");
    }
    let ty = read_type(words.next().unwrap_or("string"), owner, places)?;
    let mut field = Field {
        name,
        required,
        deprecated: false,
        atomic: false,
        list_type: None,
        list_map_keys: Vec::new(),
        patch_strategy: None,
        patch_merge_key: None,
        enum_values: enums::of(owner.go_group(), owner.name, name),
        ty,
    };
    for word in words {
        match word.split_once('=').unwrap_or((word, "")) {
            ("atomic", "") => match field.ty {
                Type::Object(_) | Type::Map(_) | Type::RawExtension => field.atomic = true,
                // Bytes are a list in OpenAPI's eyes.
                _ => field.list_type = Some(ListType::Atomic),
            },
            ("set", "") => field.list_type = Some(ListType::Set),
            ("map", keys) => {
                field.list_type = Some(ListType::Map);
                field.list_map_keys = keys.split(',').collect();
            }
            ("patch", "merge") => field.patch_strategy = Some(PatchStrategy::Merge),
            ("patch", "replace") => field.patch_strategy = Some(PatchStrategy::Replace),
            ("patch", "retainKeys") => field.patch_strategy = Some(PatchStrategy::RetainKeys),
            ("patch", "merge,retainKeys") => field.patch_strategy = Some(PatchStrategy::MergeRetainKeys),
            ("key", key) => field.patch_merge_key = Some(key),
            ("deprecated", "") => field.deprecated = true,
            _ => return Err("an unknown word"),
        }
    }
    Ok(field)
}

fn read_type(word: &str, owner: &Definition, places: &Places<'_>) -> Result<Type, &'static str> {
    if let Some(inner) = word.strip_prefix("[]") {
        return Ok(Type::Array(Box::new(read_type(inner, owner, places)?)));
    }
    if let Some(inner) = word.strip_prefix("{}") {
        return Ok(Type::Map(Box::new(read_type(inner, owner, places)?)));
    }
    Ok(match word {
        "any" => Type::Any,
        "boolean" => Type::Boolean,
        "byte" => Type::Bytes,
        "double" => Type::Number,
        "int-or-string" => Type::IntOrString,
        "int32" => Type::Integer(IntegerFormat::Int32),
        "int64" => Type::Integer(IntegerFormat::Int64),
        "microtime" => Type::MicroTime,
        "quantity" => Type::Quantity,
        "raw" => Type::RawExtension,
        "string" => Type::String,
        "time" => Type::Time,
        name => {
            let place = name.rsplit_once('.').unwrap_or((owner.short_package(), name));
            Type::Object(*places.get(&place).ok_or("an unknown type")?)
        }
    })
}

/// `core.v1` of `io.k8s.api.core.v1`.
pub(super) fn short_package(package: &str) -> &str {
    package.rmatch_indices('.').nth(1).map_or(package, |(at, _)| &package[at + 1..])
}

/// Kubernetes' order of versions: stable before beta before alpha, then the higher number.
fn stability(version: &str) -> (u8, u32, u32) {
    let number = |text: &str| text.parse().unwrap_or(0);
    let version = version.trim_start_matches('v');
    if let Some((major, minor)) = version.split_once("alpha") {
        (0, number(major), number(minor))
    } else if let Some((major, minor)) = version.split_once("beta") {
        (1, number(major), number(minor))
    } else {
        (2, number(version), 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &'static str, why: &str) {
        assert_eq!(decode(text, 0).err().as_deref(), Some(why), "{text}");
    }

    #[test]
    fn a_broken_text_is_refused_with_its_line() {
        refused(" a\n", "line 1: a field before the first definition");
        refused("@a.v1\nA\n b\n a\n", "line 4: a field out of order");
        refused("@a.v1\nA\n a []Nothing\n", "line 3: an unknown type");
        refused("@a.v1\nA\n a string sett\n", "line 3: an unknown word");
        refused("@a.v1\nA\nA\n", "a.v1.A stands twice");
    }

    #[test]
    fn stable_versions_come_before_beta_and_alpha_and_higher_numbers_first() {
        let mut versions = ["v1alpha2", "v1beta1", "v1", "v2beta2", "v2", "v1beta2", "v10"];
        versions.sort_by_key(|version| Reverse(stability(version)));
        assert_eq!(versions, ["v10", "v2", "v1", "v2beta2", "v1beta2", "v1beta1", "v1alpha2"]);
    }
}
