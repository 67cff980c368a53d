//! YAML out, as Go's `sigs.k8s.io/yaml` writes it: keys in alphabetical order, lists not indented.

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
                text(out, key, indent);
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
        Value::String(s) => text(out, s, indent),
        other => out.push_str(&json::compact(other)),
    }
}

/// Text plain where it stays text when read again, as a block where it has lines, else quoted.
fn text(out: &mut String, s: &str, indent: usize) {
    if s.contains('\n')
        && !s.starts_with([' ', '\n', '\t'])
        && s.chars().all(|c| c == '\n' || !c.is_control())
    {
        out.push_str(if s.ends_with("\n\n") {
            "|+"
        } else if s.ends_with('\n') {
            "|"
        } else {
            "|-"
        });
        for line in s.strip_suffix('\n').unwrap_or(s).split('\n') {
            out.push('\n');
            if !line.is_empty() {
                out.extend(std::iter::repeat_n(' ', indent.max(2)));
                out.push_str(line);
            }
        }
        return;
    }
    if s.chars().any(|c| c.is_control()) {
        out.push_str(&json::compact(&Value::from(s)));
    } else if reads_as_something_else(s) {
        out.push('"');
        out.push_str(&s.replace('\\', "\\\\").replace('"', "\\\""));
        out.push('"');
    } else if needs_quotes(s) {
        out.push('\'');
        out.push_str(&s.replace('\'', "''"));
        out.push('\'');
    } else {
        out.push_str(s);
    }
}

/// Whether plain text would be read as a number, a truth value, null or a time.
fn reads_as_something_else(s: &str) -> bool {
    let lower = s.to_ascii_lowercase();
    // YAML 1.1 knows its words in three writings: `on`, `On` and `ON`.
    let rest = s.get(1..).unwrap_or_default();
    let is_word = !rest.bytes().any(|b| b.is_ascii_uppercase()) || !s.bytes().any(|b| b.is_ascii_lowercase());
    if s.is_empty()
        || is_word
            && matches!(&*lower, "~" | "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n")
    {
        return true;
    }
    if matches!(lower.trim_start_matches(['+', '-']), ".inf" | ".nan") {
        return true;
    }
    let digits = s.trim_start_matches(['+', '-']);
    let is_time = s.len() >= 10
        && s.as_bytes()[4] == b'-'
        && s.as_bytes()[7] == b'-'
        && s[..4].bytes().all(|b| b.is_ascii_digit());
    if is_time {
        return true;
    }
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    let plain = digits.replace('_', "");
    plain.parse::<f64>().is_ok()
        || plain.strip_prefix("0x").is_some_and(|hex| u64::from_str_radix(hex, 16).is_ok())
        || plain.strip_prefix("0b").is_some_and(|bits| u64::from_str_radix(bits, 2).is_ok())
        || plain.strip_prefix("0o").is_some_and(|octal| u64::from_str_radix(octal, 8).is_ok())
        // Numbers in base 60, as YAML 1.1 reads `1:30`.
        || (digits.contains(':') && digits.bytes().all(|b| b.is_ascii_digit() || b == b':' || b == b'.') )
}

fn needs_quotes(s: &str) -> bool {
    let first = s.chars().next().unwrap_or(' ');
    s != s.trim()
        || "!&*{}[],#|>@`\"'%".contains(first)
        || (matches!(first, '-' | '?' | ':') && s[1..].chars().next().is_none_or(|c| c == ' '))
        || s.contains(": ")
        || s.contains(" #")
        || s.ends_with(':')
        || s.starts_with("---")
        || s.starts_with("...")
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
