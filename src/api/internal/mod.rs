//! Values as the API server's internal types print them: every field by its Go name, those that are not set too
//! (upstream: `field.Invalid` and `diff.Diff` with the structs of `pkg/apis/*/types.go`).

mod unified;

pub(crate) use unified::diff as unified_diff;

use crate::value::{Map, Str, Value, json};

/// A line for each struct: its name, then its fields, each with a sign for what it is (`cargo xtask internal`).
const TABLE: &str = include_str!("kubernetes-1.37.txt");

/// A value of an internal struct on one line, as Go marshals it.
pub(crate) fn compact(of: &str, value: &Value) -> String {
    let mut out = String::new();
    tree(of, value).write(&mut out, None);
    out
}

/// The same for a list of them.
pub(crate) fn compact_list(of: &str, values: &[Value]) -> String {
    let items: Vec<String> = values.iter().map(|value| compact(of, value)).collect();
    format!("[{}]", items.join(","))
}

/// What differs between two values of an internal struct, as a unified diff of their JSON (upstream:
/// apimachinery `util/diff`).
pub(crate) fn diff(of: &str, old: &Value, new: &Value) -> String {
    let lines = |value: &Value| {
        let mut out = String::new();
        tree(of, value).write(&mut out, Some(0));
        out.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    unified::diff(&lines(old), &lines(new))
}

/// JSON whose fields stand in the order of a Go struct.
enum Tree {
    /// Written already.
    Leaf(String),
    List(Vec<Tree>),
    Fields(Vec<(Str, Tree)>),
}

impl Tree {
    /// Writes it on one line, or with one blank a level where `depth` says how deep it is.
    fn write(&self, out: &mut String, depth: Option<usize>) {
        let (inner, colon) = (depth.map(|depth| depth + 1), if depth.is_some() { ": " } else { ":" });
        let line = |out: &mut String, depth: Option<usize>| {
            if let Some(depth) = depth {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', depth));
            }
        };
        match self {
            Self::Leaf(text) => out.push_str(text),
            Self::List(items) if items.is_empty() => out.push_str("[]"),
            Self::Fields(fields) if fields.is_empty() => out.push_str("{}"),
            Self::List(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    out.push_str(if i > 0 { "," } else { "" });
                    line(out, inner);
                    item.write(out, inner);
                }
                line(out, depth);
                out.push(']');
            }
            Self::Fields(fields) => {
                out.push('{');
                for (i, (name, field)) in fields.iter().enumerate() {
                    out.push_str(if i > 0 { "," } else { "" });
                    line(out, inner);
                    out.push_str(&json::compact(&Value::from(name.clone())));
                    out.push_str(colon);
                    field.write(out, inner);
                }
                line(out, depth);
                out.push('}');
            }
        }
    }
}

/// A value without a struct of its own: maps by their keys.
fn plain(value: &Value) -> Tree {
    match value {
        Value::Array(items) => Tree::List(items.iter().map(plain).collect()),
        Value::Object(map) => {
            Tree::Fields(map.sorted().into_iter().map(|(key, value)| (key.clone(), plain(value))).collect())
        }
        other => Tree::Leaf(json::compact(other)),
    }
}

fn tree(of: &str, value: &Value) -> Tree {
    let empty = Map::new();
    let mut fields = Vec::new();
    add(of, value.as_object().unwrap_or(&empty), &mut fields);
    Tree::Fields(fields)
}

/// Adds the fields of a struct: what is embedded stands among the others.
fn add(of: &str, map: &Map, out: &mut Vec<(Str, Tree)>) {
    let line = TABLE.lines().find_map(|line| line.strip_prefix(of)?.strip_prefix(' '));
    for word in line.into_iter().flat_map(|line| line.split(' ')) {
        let (is_optional, word) = match word.strip_prefix('-') {
            Some(word) => (true, word),
            None => (false, word),
        };
        let Some(at) = word.find(|c: char| !c.is_ascii_alphanumeric()) else { continue };
        let (name, sign, of) = (&word[..at], &word[at..=at], &word[at + 1..]);
        if sign == "+" {
            match (of, map.get("metadata")) {
                ("ObjectMeta", Some(Value::Object(metadata))) => add(of, metadata, out),
                ("ObjectMeta", _) => {}
                _ => add(of, map, out),
            }
            continue;
        }
        // What is optional and empty is left out, as Go leaves it out.
        let is_left_out = |value: &Value| match value {
            Value::Null => true,
            Value::Array(items) => is_optional && sign == "[" && items.is_empty(),
            Value::Object(fields) => is_optional && sign == "{" && fields.is_empty(),
            _ => false,
        };
        let value = external(name, map).filter(|value| !is_left_out(value));
        if value.is_some() || !is_optional {
            out.push((name.into(), field(sign, of, value)));
        }
    }
}

/// The value that an internal field has in the version that people write: under the same name but for its case.
fn external<'v>(name: &str, map: &'v Map) -> Option<&'v Value> {
    let name = match name {
        "DeprecatedServiceAccount" => "serviceAccount",
        name => name,
    };
    map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn field(sign: &str, of: &str, value: Option<&Value>) -> Tree {
    match (sign, value) {
        ("=", value) => tree(of, value.unwrap_or(&Value::Null)),
        ("[", Some(Value::Array(items))) if !of.is_empty() => {
            Tree::List(items.iter().map(|item| tree(of, item)).collect())
        }
        ("*", Some(value)) if !of.is_empty() => tree(of, value),
        (_, Some(value)) => plain(value),
        ("\"", None) => Tree::Leaf("\"\"".into()),
        ("#", None) => Tree::Leaf("0".into()),
        ("?", None) => Tree::Leaf("false".into()),
        ("~", None) => Tree::Leaf("\"0\"".into()),
        (_, None) => Tree::Leaf("null".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_struct_of_the_table_is_there() {
        for line in TABLE.lines() {
            for word in line.split(' ').skip(1) {
                let at = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').expect("a sign");
                let of = &word[at + 1..];
                let is_there = |line: &str| line.split(' ').next() == Some(of);
                assert!(of.is_empty() || TABLE.lines().any(is_there), "{word} of {line}");
            }
        }
    }

    #[test]
    fn a_template_is_printed_as_go_marshals_it() {
        let template = json::parse(
            r#"{"metadata":{"labels":{"job-name":"j"}},"spec":{"containers":[{"name":"c","image":"z",
            "ports":[{"containerPort":80,"protocol":"TCP"}],"resources":{}}],"securityContext":{},
            "tolerations":[{"key":"a","operator":"Exists"}],"nodeSelector":{"b":"2","a":"1"}}}"#,
        )
        .expect("JSON");
        let text = compact("PodTemplateSpec", &template);
        for part in [
            r#"{"labels":{"job-name":"j"},"Spec":{"Volumes":null,"InitContainers":null,"Containers":[{"Name":"c","Image":"z","Command":null,"#,
            r#""Ports":[{"Name":"","HostPort":0,"ContainerPort":80,"Protocol":"TCP","HostIP":""}],"#,
            r#""Resources":{"Limits":null,"Requests":null,"Claims":null},"#,
            r#""NodeSelector":{"a":"1","b":"2"},"ServiceAccountName":"","DeprecatedServiceAccount":"","#,
            r#""SecurityContext":{"SELinuxOptions":null,"#,
            r#""Tolerations":[{"Key":"a","Operator":"Exists","Value":"","Effect":"","TolerationSeconds":null}],"#,
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
