//! YAML out, as Go's `sigs.k8s.io/yaml` writes it: keys in alphabetical order, lists not indented.

mod scalar;

use super::{Value, json};

/// Writes a document, ending with a line end.
pub fn print(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => node(&mut out, value, 0, true),
        Value::Array(items) if !items.is_empty() => node(&mut out, value, 0, true),
        _ => {
            scalar(&mut out, value, 0);
            out.push('\n');
        }
    }
    out
}

/// Writes a collection; `fresh` says that the cursor stands at the beginning of an indented line.
fn node(out: &mut String, value: &Value, indent: usize, mut fresh: bool) {
    let mut start = |out: &mut String, indent: usize| {
        if !std::mem::replace(&mut fresh, false) || out.is_empty() || out.ends_with('\n') {
            out.extend(std::iter::repeat_n(' ', indent));
        }
    };
    match value {
        Value::Object(map) => {
            for (key, item) in map.sorted() {
                start(out, indent);
                scalar::text(out, key, indent, true);
                out.push(':');
                match item {
                    Value::Object(inner) if !inner.is_empty() => {
                        out.push('\n');
                        node(out, item, indent + 2, true);
                    }
                    Value::Array(inner) if !inner.is_empty() => {
                        out.push('\n');
                        node(out, item, indent, true);
                    }
                    _ => {
                        out.push(' ');
                        scalar(out, item, indent + 2);
                        out.push('\n');
                    }
                }
            }
        }
        Value::Array(items) => {
            for item in items.iter() {
                start(out, indent);
                out.push_str("- ");
                match item {
                    Value::Object(inner) if !inner.is_empty() => node(out, item, indent + 2, true),
                    Value::Array(inner) if !inner.is_empty() => node(out, item, indent + 2, true),
                    _ => {
                        scalar(out, item, indent + 2);
                        out.push('\n');
                    }
                }
            }
        }
        _ => {}
    }
}

fn scalar(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::String(s) => scalar::text(out, s, indent, false),
        other => out.push_str(&json::compact(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Map, Str};

    #[test]
    fn prints_as_kubectl_prints() {
        let value = json::parse(
            r#"{"spec":{"list":[{"b":1,"a":[]},[1,[2]],"x"],"e":{},"args":["- x","a: b","yes","1","1e3","","a\nb\n","*x","<none>","10.0.0.1","2026-01-01T00:00:00Z"]},"kind":"Pod"}"#,
        )
        .expect("valid");
        expect_test::expect![[r#"
            kind: Pod
            spec:
              args:
              - '- x'
              - 'a: b'
              - "yes"
              - "1"
              - "1e3"
              - ""
              - |
                a
                b
              - '*x'
              - <none>
              - 10.0.0.1
              - "2026-01-01T00:00:00Z"
              e: {}
              list:
              - a: []
                b: 1
              - - 1
                - - 2
              - x
        "#]]
        .assert_eq(&print(&value));
    }

    #[test]
    fn text_is_broken_blocked_and_escaped_as_go_does() {
        let long = "trap 'echo proxy TERM; exit 0' TERM; echo proxy up; while true; do sleep 1; done";
        let quoted = format!("a: {long} {long}");
        let texts: [&str; 12] = [
            long,
            &quoted,
            " a\nb",
            "a \nb",
            "a\n b\n",
            "a\tb\n",
            "\u{1F600} x",
            "\n",
            "1:30",
            "1:99",
            "+1",
            "2026-01-0x",
        ];
        let items = texts.map(Value::from).to_vec();
        let value = Value::from([(Str::from("spec"), Value::from(items))].into_iter().collect::<Map>());
        expect_test::expect![[r#"
            spec:
            - trap 'echo proxy TERM; exit 0' TERM; echo proxy up; while true; do sleep 1; done
            - 'a: trap ''echo proxy TERM; exit 0'' TERM; echo proxy up; while true; do sleep 1;
              done trap ''echo proxy TERM; exit 0'' TERM; echo proxy up; while true; do sleep
              1; done'
            - |2-
               a
              b
            - "a \nb"
            - |
              a
               b
            - "a\tb\n"
            - "\U0001F600 x"
            - |2+

            - "1:30"
            - 1:99
            - "+1"
            - 2026-01-0x
        "#]]
        .assert_eq(&print(&value));
    }
}
