//! What the API server says of an object as it came: does it decode, and does it have fields that its kind
//! does not know. In the server's words.
//!
//! Modelled on `sigs.k8s.io/json` (Go's decoder, strict on unknown fields) and apimachinery's wording.

use super::field_error::FieldError;
use super::go;
use super::kinds::Kind;
use super::quantity::{FORMAT_ERROR, Quantity};
use super::validation;
use crate::schema::{Definition, Field, IntegerFormat, Schema, Type};
use crate::value::{Map, Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The decoder gives up telling unknown fields after this many.
const MOST_STRICT_ERRORS: usize = 100;

/// The fields of an object that its kind does not know, in the order and the words of the API server: `unknown
/// field "spec.containers[0].imag"`. The server joins them by `, ` and puts `strict decoding error: ` before
/// them. None for a kind that is not built in.
///
/// The order is by key, level by level, since kubectl sorts keys before it sends them.
pub fn strict_errors(kind: &str, api_version: &str, object: &Value) -> Vec<String> {
    let Some(definition) = Schema::lookup(api_version, kind) else { return Vec::new() };
    let mut decoder = Decoder::default();
    _ = decoder.object(definition, object);
    decoder.unknown
}

/// Why an object does not decode into its kind, in the API server's words: `json: cannot unmarshal string into
/// Go struct field DeploymentSpec.spec.replicas of type int32`. Such an error hides all unknown fields, and
/// only the first is told. None where it decodes, and for a kind that is not built in.
pub fn decode_error(kind: &str, api_version: &str, object: &Value) -> Option<String> {
    Decoder::default().run(Schema::lookup(api_version, kind)?, object)
}

/// Why kubectl itself does not decode an object's metadata, which it does before it sends anything.
pub fn metadata_error(object: &Value) -> Option<String> {
    let metadata = object.get("metadata")?;
    let definition = Schema::definition("meta.v1.ObjectMeta")?;
    let mut decoder = Decoder::default();
    match metadata {
        Value::Null => None,
        Value::Object(_) => {
            decoder.path.push("metadata".to_owned());
            decoder.run(definition, metadata)
        }
        other => Some(format!(
            "json: cannot unmarshal {} into Go struct field metadataOnlyObject.metadata of type v1.ObjectMeta",
            go_kind(other)
        )),
    }
}

/// What the API server's validation says of an object that decodes, each error once.
///
/// What only the cluster can tell (a Namespace that is missing, a port of a node that is taken) is not here, nor
/// what compares with an older version of the object.
pub fn validation_errors(kind: &str, api_version: &str, object: &Value) -> Vec<FieldError> {
    let Some(definition) = Schema::lookup(api_version, kind) else { return Vec::new() };
    let mut errors = validation::errors(Kind::of(api_version, kind), kind, definition, object);
    let mut said = BTreeSet::new();
    errors.retain(|error| said.insert(error.to_string()));
    errors
}

/// What the API server warns of in a new object, in the header of its answer.
pub fn warnings(kind: Kind, object: &Value) -> Vec<String> {
    validation::warnings(kind, object)
}

/// What the API server warns of in an object that was changed.
pub fn warnings_on_update(kind: Kind, old: &Value, new: &Value) -> Vec<String> {
    validation::warnings_on_update(kind, old, new)
}

/// An object as the API server writes it again after decoding it: amounts in their canonical form (`0.5` as
/// `500m`), nothing where `null` was written. As it is, where it does not decode or its kind is not built in.
pub fn canonical(kind: &str, api_version: &str, object: &Value) -> Value {
    let definition = Schema::lookup(api_version, kind);
    definition.and_then(|definition| canonical_fields(definition, object)).unwrap_or_else(|| object.clone())
}

/// The object in canonical form; none where it is in it, so that what needs no change is shared.
fn canonical_fields(definition: &Definition, value: &Value) -> Option<Value> {
    canonical_entries(value, |key, value| canonical_value(&definition.field(key)?.ty, value))
}

/// The object with what `change` makes of its values, and without those that are `null`; none where that is the same.
fn canonical_entries(value: &Value, change: impl Fn(&str, &Value) -> Option<Value>) -> Option<Value> {
    let Value::Object(map) = value else { return None };
    let mut changed: Option<Map> = None;
    for (at, (key, old)) in map.iter().enumerate() {
        let new = if old.is_null() { None } else { change(key, old) };
        if changed.is_none() && (old.is_null() || new.is_some()) {
            changed = Some(map.iter().take(at).map(|(key, value)| (key.clone(), value.clone())).collect());
        }
        if let Some(changed) = changed.as_mut().filter(|_| !old.is_null()) {
            changed.push(key.clone(), new.unwrap_or_else(|| old.clone()));
        }
    }
    changed.map(Value::from)
}

fn canonical_value(ty: &Type, value: &Value) -> Option<Value> {
    match (ty, value) {
        (Type::Object(definition), Value::Object(_)) => canonical_fields(definition.get(), value),
        (Type::Map(inner), Value::Object(_)) => {
            canonical_entries(value, |_, value| canonical_value(inner, value))
        }
        (Type::Array(inner), Value::Array(items)) => {
            let mut changed: Option<Vec<Value>> = None;
            for (at, item) in items.iter().enumerate() {
                if let Some(new) = canonical_value(inner, item) {
                    changed.get_or_insert_with(|| items.to_vec())[at] = new;
                }
            }
            changed.map(Value::from)
        }
        (Type::Quantity, Value::String(text)) => {
            let quantity = Quantity::parse(text.trim()).ok()?.to_string();
            (*quantity != **text).then(|| Value::from(quantity))
        }
        (Type::Quantity, Value::Int(_) | Value::Float(_)) => {
            Some(Value::from(Quantity::parse(&json::compact(value)).ok()?.to_string()))
        }
        _ => None,
    }
}

/// `no matches for kind "Deloyment" in version "apps/v1"`: what discovery says of a kind that is not served.
pub fn no_matches(kind: &str, api_version: &str) -> String {
    format!("no matches for kind {} in version {}", quoted(kind), quoted(api_version))
}

/// What the server makes of an error of the decoder: `Pod in version "v1" cannot be handled as a Pod: ...`.
pub fn cannot_be_handled(kind: &str, api_version: &str, error: &str) -> String {
    read_as(kind, api_version, kind, error)
}

/// The same, of an object that calls its kind `written` and came where objects of `kind` are taken.
pub fn read_as(written: &str, api_version: &str, kind: &str, error: &str) -> String {
    let version = api_version.rsplit('/').next().unwrap_or(api_version);
    format!("{written} in version \"{version}\" cannot be handled as a {kind}: {error}")
}

/// What the server says of a kind that it has under another name only.
pub fn not_registered(kind: &str, api_version: &str) -> String {
    let scheme = "pkg/runtime/scheme.go:111";
    format!(
        "no kind {} is registered for version {} in scheme \"{scheme}\"",
        quoted(kind),
        quoted(api_version)
    )
}

/// What the decoder of Go calls the kind of a value, with the number itself where it has a fraction or an
/// exponent.
fn go_kind(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "bool".into(),
        Value::Int(_) | Value::Float(_) => "number".into(),
        Value::String(_) => "string".into(),
        Value::Array(_) => "array".into(),
        Value::Object(_) => "object".into(),
    }
}

/// The same where a number of another size is taken: the number stands there.
fn found_number(value: &Value) -> String {
    match value {
        Value::Int(_) | Value::Float(_) => format!("number {}", json::compact(value)),
        other => go_kind(other),
    }
}

/// What the decoder says of a scalar of the right kind that its type refuses: an amount, a time, base64. None
/// where it is fine.
pub(crate) fn scalar_error(ty: &Type, value: &Value) -> Option<String> {
    match (ty, value) {
        (Type::Quantity, Value::String(text)) => Quantity::parse(text.trim()).err().map(str::to_owned),
        (Type::Quantity, Value::Int(_) | Value::Float(_) | Value::Null) => None,
        (Type::Quantity, _) => Some(FORMAT_ERROR.to_owned()),
        (Type::Time, Value::String(text)) => go::check_time(text, false).err(),
        (Type::MicroTime, Value::String(text)) => go::check_time(text, true).err(),
        (Type::Bytes, Value::String(text)) => {
            go::check_base64(text).err().map(|at| format!("illegal base64 data at input byte {at}"))
        }
        _ => None,
    }
}

/// Whether a number is one of this format.
pub(crate) fn fits(format: IntegerFormat, number: i64) -> bool {
    match format {
        IntegerFormat::Int32 => i32::try_from(number).is_ok(),
        IntegerFormat::Int64 => true,
    }
}

/// What Go says of a value that is of another kind than its place. `path` is the way there as Go has it, fields
/// and embedded structs, without indices and keys; `owner` the struct that has the last of these fields.
pub(crate) fn unmarshal_error(found: &str, owner: &str, path: &str, expected: &str) -> String {
    let place = if path.is_empty() { "value".to_owned() } else { format!("struct field {owner}.{path}") };
    format!("json: cannot unmarshal {found} into Go {place} of type {expected}")
}

/// A walk over an object as Go's decoder walks.
#[derive(Default)]
struct Decoder {
    /// As in `unknown field "..."`, with indices.
    strict_path: String,
    /// As Go has it, without indices.
    path: Vec<String>,
    /// The first error that decoding goes on after.
    saved: Option<String>,
    unknown: Vec<String>,
}

/// An error that decoding stops at.
struct Stop(String);

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    owner: &'a Definition,
    field: &'a Field,
}

impl Decoder {
    fn run(&mut self, definition: &Definition, value: &Value) -> Option<String> {
        match self.object(definition, value) {
            Err(Stop(error)) => Some(error),
            Ok(()) => self.saved.take(),
        }
    }

    fn object(&mut self, definition: &Definition, value: &Value) -> Result<(), Stop> {
        match value {
            Value::Null => Ok(()),
            Value::Object(map) => self.fields(definition, map),
            other => {
                self.save(unmarshal_error(&go_kind(other), "", "", &format!("v1.{}", definition.name)));
                Ok(())
            }
        }
    }

    fn fields(&mut self, definition: &Definition, map: &Map) -> Result<(), Stop> {
        for (key, value) in map.sorted() {
            let length = self.strict_path.len();
            if length > 0 {
                self.strict_path.push('.');
            }
            self.strict_path.push_str(key);
            match definition.field(key) {
                None => self.strict(),
                Some(field) => {
                    let depth = self.path.len();
                    self.path.extend(go::embedded(definition, key).map(str::to_owned));
                    self.path.push(field.name.to_owned());
                    let place = Place { owner: definition, field };
                    let done = self.value(place, &field.ty, value, &|| go::type_name(definition, field));
                    self.path.truncate(depth);
                    done?;
                }
            }
            self.strict_path.truncate(length);
        }
        Ok(())
    }

    fn value(
        &mut self,
        place: Place,
        ty: &Type,
        value: &Value,
        name: &dyn Fn() -> String,
    ) -> Result<(), Stop> {
        match (ty, value) {
            (Type::Any | Type::RawExtension, _) => Ok(()),
            (Type::Quantity, _) => scalar_error(ty, value).map_or(Ok(()), |error| Err(Stop(error))),
            (_, Value::Null) => Ok(()),
            (Type::Object(definition), Value::Object(map)) => self.fields(definition.get(), map),
            (Type::Array(inner), Value::Array(items)) => {
                for (i, item) in items.iter().enumerate() {
                    let length = self.strict_path.len();
                    _ = write!(self.strict_path, "[{i}]");
                    let done = self
                        .value(place, inner, item, &|| go::inner_type_name(place.owner, place.field, inner));
                    self.strict_path.truncate(length);
                    done?;
                }
                Ok(())
            }
            (Type::Map(inner), Value::Object(map)) => {
                for (key, item) in map.sorted() {
                    let length = self.strict_path.len();
                    _ = write!(self.strict_path, ".{key}");
                    let done = self
                        .value(place, inner, item, &|| go::inner_type_name(place.owner, place.field, inner));
                    self.strict_path.truncate(length);
                    done?;
                }
                Ok(())
            }
            (Type::Time | Type::MicroTime, Value::String(_)) => {
                scalar_error(ty, value).map_or(Ok(()), |error| Err(Stop(error)))
            }
            (Type::Bytes, Value::String(_)) => {
                if let Some(error) = scalar_error(ty, value) {
                    self.save(error);
                }
                Ok(())
            }
            // Go takes a list as the bytes themselves.
            (Type::Bytes, Value::Array(items)) => {
                for item in items.iter().filter(|item| !item.is_null()) {
                    if !matches!(item, Value::Int(0..=255)) {
                        self.save(self.mismatch(place, &found_number(item), "uint8"));
                    }
                }
                Ok(())
            }
            (Type::String, Value::String(_))
            | (Type::Boolean, Value::Bool(_))
            | (Type::Number, Value::Int(_) | Value::Float(_))
            | (Type::IntOrString, Value::String(_)) => Ok(()),
            (Type::Integer(format), Value::Int(number)) if fits(*format, *number) => Ok(()),
            (Type::IntOrString, Value::Int(number)) if fits(IntegerFormat::Int32, *number) => Ok(()),
            (Type::Integer(_), Value::Int(_) | Value::Float(_)) => {
                self.save(self.mismatch(place, &found_number(value), &name()));
                Ok(())
            }
            // The type decodes itself, and its error ends it all.
            (Type::IntOrString, _) => Err(Stop(self.mismatch(place, &found_number(value), "int32"))),
            (Type::Time | Type::MicroTime, _) => Err(Stop(self.mismatch(place, &go_kind(value), "string"))),
            _ => {
                self.save(self.mismatch(place, &go_kind(value), &name()));
                Ok(())
            }
        }
    }

    fn mismatch(&self, place: Place, found: &str, expected: &str) -> String {
        unmarshal_error(found, place.owner.name, &self.path.join("."), expected)
    }

    fn save(&mut self, error: String) {
        self.saved.get_or_insert(error);
    }

    fn strict(&mut self) {
        let error = format!("unknown field {}", quoted(&self.strict_path));
        if self.unknown.len() < MOST_STRICT_ERRORS {
            self.unknown.push(error);
        }
    }
}

/// A text as Go's `%q` prints it, quotes included.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        // Go prints what is visible, and the plain space.
        let hidden = c.is_control()
            || (c.is_whitespace() && c != ' ')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}');
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if hidden => _ = write!(out, "\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    fn said(object: &str) -> String {
        let object = json::parse(object).expect("JSON");
        let text = |key: &str| object.get(key).and_then(Value::as_str).expect("is there").to_owned();
        let (kind, api_version) = (text("kind"), text("apiVersion"));
        decode_error(&kind, &api_version, &object)
            .unwrap_or_else(|| strict_errors(&kind, &api_version, &object).join(", "))
    }

    #[test]
    fn a_pod_is_refused_in_the_words_of_the_server() {
        for (pod, expected) in [
            (r#""spec":{"containers":[{"name":"c"}]}"#, ""),
            (r#""spec":{"containers":[{"name":"c","env":null}],"volumes":null}"#, ""),
            (
                r#""spec":{"containers":[{"prots":[],"imag":"x"}]},"foo":1"#,
                r#"unknown field "foo", unknown field "spec.containers[0].imag", unknown field "spec.containers[0].prots""#,
            ),
            (r#""spec":{"\u00a0image":"x"}"#, r#"unknown field "spec.\u00a0image""#),
            (
                r#""spec":{"containers":[{"env":[{"value":true}]}]}"#,
                "json: cannot unmarshal bool into Go struct field EnvVar.spec.containers.env.value of type string",
            ),
            (
                r#""spec":{"containers":{"name":"c"}}"#,
                "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
            ),
            (
                r#""spec":{"containers":[{"command":"sleep 1"}]}"#,
                "json: cannot unmarshal string into Go struct field Container.spec.containers.command of type []string",
            ),
            (
                r#""spec":{"containers":[{"command":["sleep",1]}]}"#,
                "json: cannot unmarshal number into Go struct field Container.spec.containers.command of type string",
            ),
            (
                r#""spec":"x""#,
                "json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec",
            ),
            (
                r#""spec":{"volumes":[{"fc":{"lun":"2"}}]}"#,
                "json: cannot unmarshal string into Go struct field FCVolumeSource.spec.volumes.VolumeSource.fc.lun of type int32",
            ),
            (
                r#""spec":{"containers":[{"resources":{"limits":{"memory":"1GB"}}}]},"metadata":{"name":1}"#,
                FORMAT_ERROR,
            ),
            (
                r#""metadata":{"creationTimestamp":"yesterday"}"#,
                r#"parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006""#,
            ),
        ] {
            assert_eq!(said(&format!(r#"{{"apiVersion":"v1","kind":"Pod",{pod}}}"#)), expected, "{pod}");
        }
    }

    #[test]
    fn other_kinds_are_refused_in_the_words_of_the_server() {
        for (object, expected) in [
            (
                r#"{"apiVersion":"apps/v1","kind":"Deployment","spec":{"replicas":3.5}}"#,
                "json: cannot unmarshal number 3.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
            ),
            (
                r#"{"apiVersion":"apps/v1","kind":"Deployment","spec":{"selector":{"matchLabels":"app:web"}}}"#,
                "json: cannot unmarshal string into Go struct field LabelSelector.spec.selector.matchLabels of type map[string]string",
            ),
            (
                r#"{"apiVersion":"v1","kind":"Service","spec":{"ports":[{"targetPort":8.5}]}}"#,
                "json: cannot unmarshal number 8.5 into Go struct field ServicePort.spec.ports.targetPort of type int32",
            ),
            (
                r#"{"apiVersion":"v1","kind":"Service","spec":{"selector":{"matchLabels":{"app":"web"}}}}"#,
                "json: cannot unmarshal object into Go struct field ServiceSpec.spec.selector of type string",
            ),
            (
                r#"{"apiVersion":"v1","kind":"Secret","data":{"x":"not base64!"}}"#,
                "illegal base64 data at input byte 3",
            ),
            (
                r#"{"apiVersion":"v1","kind":"Secret","data":{"x":1}}"#,
                "json: cannot unmarshal number into Go struct field Secret.data of type []uint8",
            ),
        ] {
            assert_eq!(said(object), expected, "{object}");
        }
    }

    #[test]
    fn amounts_are_written_again_in_canonical_form() {
        let pod = |resources: &str, rest: &str| {
            json::parse(&format!(
                r#"{{"spec":{{"containers":[{{"name":"c"{rest},"resources":{resources}}}]}}}}"#
            ))
            .expect("JSON")
        };
        let written =
            pod(r#"{"limits":{"cpu":0.5,"memory":"1024Mi"},"requests":{"cpu":2}}"#, r#","env":null"#);
        let stored = pod(r#"{"limits":{"cpu":"500m","memory":"1Gi"},"requests":{"cpu":"2"}}"#, "");
        assert_eq!(canonical("Pod", "v1", &written), stored);
        let Value::Object(again) = canonical("Pod", "v1", &stored) else { panic!("still an object") };
        assert!(matches!(&stored, Value::Object(map) if Rc::ptr_eq(map, &again)), "nothing is copied");
    }

    #[test]
    fn kubectl_refuses_metadata_itself() {
        for (object, expected) in [
            (r#"{"metadata":{"name":"web"}}"#, None),
            (
                r#"{"metadata":{"labels":{"x":true}}}"#,
                Some(
                    "json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string",
                ),
            ),
            (
                r#"{"metadata":[{"name":"web"}]}"#,
                Some(
                    "json: cannot unmarshal array into Go struct field metadataOnlyObject.metadata of type v1.ObjectMeta",
                ),
            ),
        ] {
            let object = json::parse(object).expect("JSON");
            assert_eq!(metadata_error(&object).as_deref(), expected, "{object:?}");
        }
    }

    /// Each entry is looked at once: were it compared with all before it, this would be noticed by how long it takes.
    #[test]
    fn a_long_list_costs_as_much_as_it_is_long() {
        let versions: Vec<String> = (0..50_000).map(|i| format!("\"v{i}\"")).collect();
        let text = format!(
            r#"{{"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration","metadata":{{"name":"w"}},
            "webhooks":[{{"name":"a.b.c","sideEffects":"None","clientConfig":{{"url":"https://a.b"}},
            "admissionReviewVersions":[{},"v1","v1"]}}]}}"#,
            versions.join(",")
        );
        let object = json::parse(&text).expect("JSON");
        let kind = "ValidatingWebhookConfiguration";
        let errors = validation_errors(kind, "admissionregistration.k8s.io/v1", &object);
        let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let why = "Invalid value: \"v1\": duplicate version";
        let at = |i: usize| format!("webhooks[0].admissionReviewVersions[{i}]: {why}");
        assert_eq!(said, [at(50_000), at(50_001)]);
    }
}
