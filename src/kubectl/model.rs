//! What kubectl itself holds against OpenAPI's definitions before it sends anything: only lists, since the server looks at
//! everything else (upstream: kubectl `pkg/validation`, kube-openapi `pkg/util/proto/validation`, and `HasSupport` of
//! cli-runtime's `queryParamVerifierV3`, which finds that a list is nothing to PATCH).

use crate::schema::{Definition, Schema, Type};
use crate::value::Value;

/// What is no object at all.
const NO_OBJECT: &str = "invalid object to validate";

/// What is wrong with the two lines that say what an object is.
pub(super) fn kind_errors(value: &Value) -> Vec<String> {
    let Value::Object(map) = value else { return vec![NO_OBJECT.to_owned()] };
    let wrong = |key: &str| match map.get(key) {
        None | Some(Value::Null) => Some(format!("{key} not set")),
        Some(Value::String(text)) if text.is_empty() => Some(format!("{key} not set")),
        Some(Value::String(_)) => None,
        Some(_) => Some(format!("{key} isn't string type")),
    };
    let errors: Vec<String> = ["apiVersion", "kind"].into_iter().filter_map(wrong).collect();
    match map.get("apiVersion").and_then(Value::as_str) {
        Some(text) if errors.is_empty() && text.matches('/').count() > 1 => {
            vec![format!("unexpected GroupVersion string: {text}")]
        }
        _ => errors,
    }
}

/// What is wrong with a list and with what is in it, each error once. Nothing of an object that is no list.
pub(super) fn errors(value: &Value) -> Vec<String> {
    let (version, kind) = identity(value);
    let mut errors = Vec::new();
    if (version, kind) == ("v1", "List") {
        let Some(items) = value.get("items").and_then(Value::as_array) else {
            return vec![NO_OBJECT.to_owned()];
        };
        for item in items {
            let wrong = kind_errors(item);
            if wrong.is_empty() {
                let (version, kind) = identity(item);
                object(version, kind, item, &mut errors);
            }
            errors.extend(wrong);
        }
    } else if kind.ends_with("List") {
        object(version, kind, value, &mut errors);
    }
    let mut once: Vec<String> = Vec::new();
    for error in errors {
        if !once.contains(&error) {
            once.push(error);
        }
    }
    once
}

fn identity(value: &Value) -> (&str, &str) {
    let text = |key| value.get(key).and_then(Value::as_str).unwrap_or_default();
    (text("apiVersion"), text("kind"))
}

/// An object of a kind that is known; of others nothing is said.
fn object(version: &str, kind: &str, value: &Value, errors: &mut Vec<String>) {
    if let Some(definition) = Schema::lookup(version, kind) {
        let mut walk = Walk { path: kind.to_owned(), errors };
        walk.fields(definition, value);
    }
}

struct Walk<'a> {
    path: String,
    errors: &'a mut Vec<String>,
}

impl Walk<'_> {
    fn wrong(&mut self, why: &str) {
        self.errors.push(format!("ValidationError({}): {why}", self.path));
    }

    fn wrong_type(&mut self, schema: &str, found: &str, wanted: &str) {
        self.wrong(&format!("invalid type for {schema}: got \"{found}\", expected \"{wanted}\""));
    }

    /// Goes on with what stands under the next step.
    fn below(&mut self, step: &str, go: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push_str(step);
        go(self);
        self.path.truncate(length);
    }

    fn fields(&mut self, definition: &Definition, value: &Value) {
        let name = format!("{}.{}", definition.package, definition.name);
        let Value::Object(map) = value else { return self.wrong_type(&name, type_name(value), "map") };
        for (key, value) in map.sorted() {
            match definition.field(key) {
                _ if value.is_null() => {}
                Some(field) => {
                    let schema = format!("{name}.{key}");
                    self.below(&format!(".{key}"), |walk| walk.value(&field.ty, &schema, value));
                }
                None => self.wrong(&format!("unknown field \"{key}\" in {name}")),
            }
        }
        for field in definition.required() {
            if map.get(field.name).is_none_or(Value::is_null) {
                self.wrong(&format!("missing required field \"{}\" in {name}", field.name));
            }
        }
    }

    fn value(&mut self, ty: &Type, schema: &str, value: &Value) {
        match ty {
            Type::Object(definition) => self.fields(definition.get(), value),
            Type::Array(inner) => {
                let Value::Array(items) = value else {
                    return self.wrong_type(schema, type_name(value), "array");
                };
                for (i, item) in items.iter().enumerate() {
                    self.below(&format!("[{i}]"), |walk| {
                        if item.is_null() {
                            let place = walk.path.clone();
                            walk.wrong(&format!("unknown object type \"nil\" in {place}"));
                        } else {
                            walk.value(inner, schema, item);
                        }
                    });
                }
            }
            Type::Map(inner) => {
                let Value::Object(map) = value else {
                    return self.wrong_type(schema, type_name(value), "map");
                };
                for (key, value) in map.sorted() {
                    self.below(&format!(".{key}"), |walk| {
                        if value.is_null() {
                            walk.errors.push(format!("unknown object type \"nil\" in {}", walk.path));
                        } else {
                            walk.value(inner, schema, value);
                        }
                    });
                }
            }
            Type::Integer(_) => self.scalar(schema, value, "integer", is_number(value)),
            Type::Number => self.scalar(schema, value, "number", is_number(value)),
            Type::Boolean => self.scalar(schema, value, "boolean", matches!(value, Value::Bool(_))),
            // A number or a boolean is taken for a text here.
            Type::String | Type::Bytes => self.scalar(schema, value, "string", is_scalar(value)),
            Type::IntOrString => self.named(value, "util.intstr.IntOrString"),
            Type::Quantity => self.named(value, "api.resource.Quantity"),
            Type::Time => self.named(value, "apis.meta.v1.Time"),
            Type::MicroTime => self.named(value, "apis.meta.v1.MicroTime"),
            Type::RawExtension | Type::Any => {}
        }
    }

    fn scalar(&mut self, schema: &str, value: &Value, wanted: &str, is_right: bool) {
        if !is_right {
            self.wrong_type(schema, type_name(value), wanted);
        }
    }

    /// A text that has a definition of its own.
    fn named(&mut self, value: &Value, name: &str) {
        self.scalar(&format!("io.k8s.apimachinery.pkg.{name}"), value, "string", is_scalar(value));
    }
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Float(_))
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

/// What a value is, in OpenAPI's words.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "nil",
        Value::Bool(_) => "boolean",
        Value::Int(_) => "integer",
        Value::Float(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "map",
    }
}

#[cfg(test)]
mod tests {
    use super::errors;
    use crate::value::json;

    fn told(json: &str) -> String {
        errors(&json::parse(json).expect("JSON")).join("\n")
    }

    #[test]
    fn what_is_in_a_list_is_held_against_its_definition() {
        let list = told(
            r#"{"apiVersion": "v1", "kind": "List", "items": [
                {"apiVersion": "v1", "kind": "Pod", "spec": {"foo": 1}},
                {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [null,
                    {"name": 1, "ports": [{"containerPort": "80"}], "resources": {"limits": {"cpu": []}}}]}},
                {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": 1, "b": null, "c": {}}, "metadata": []},
                {"kind": "Pod"},
                {"apiVersion": "example.com/v1", "kind": "Shop", "spec": 1}]}"#,
        );
        let wanted = r#"ValidationError(Pod.spec): unknown field "foo" in io.k8s.api.core.v1.PodSpec
ValidationError(Pod.spec): missing required field "containers" in io.k8s.api.core.v1.PodSpec
ValidationError(Pod.spec.containers[0]): unknown object type "nil" in Pod.spec.containers[0]
ValidationError(Pod.spec.containers[1].ports[0].containerPort): invalid type for io.k8s.api.core.v1.ContainerPort.containerPort: got "string", expected "integer"
ValidationError(Pod.spec.containers[1].resources.limits.cpu): invalid type for io.k8s.apimachinery.pkg.api.resource.Quantity: got "array", expected "string"
unknown object type "nil" in ConfigMap.data.b
ValidationError(ConfigMap.data.c): invalid type for io.k8s.api.core.v1.ConfigMap.data: got "map", expected "string"
ValidationError(ConfigMap.metadata): invalid type for io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta: got "array", expected "map"
apiVersion not set"#;
        assert_eq!(list, wanted);
    }

    #[test]
    fn a_list_of_one_kind_too_and_nothing_else() {
        let list = told(
            r#"{"apiVersion": "v1", "kind": "PodList", "items": [{"metadata": {"name": "a"}, "spec": {"containers": [], "x": 1}}]}"#,
        );
        let wanted =
            "ValidationError(PodList.items[0].spec): unknown field \"x\" in io.k8s.api.core.v1.PodSpec";
        assert_eq!(list, wanted);
        assert_eq!(told(r#"{"apiVersion": "v1", "kind": "Pod", "spec": {"x": 1}}"#), "");
        assert_eq!(told(r#"{"apiVersion": "v1", "kind": "List"}"#), "invalid object to validate");
    }
}
