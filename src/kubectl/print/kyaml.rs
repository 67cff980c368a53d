//! `-o kyaml`: YAML with braces and quotes (upstream: sigs.k8s.io/yaml `kyaml`).

use crate::value::Value;

/// Writes a document behind its head, ending with a line end.
pub(crate) fn print(value: &Value, sorts: bool) -> String {
    let mut out = String::from("---\n");
    node(&mut out, value, 0, sorts);
    out.push('\n');
    out
}

fn indent(out: &mut String, level: usize) {
    out.extend(std::iter::repeat_n("  ", level));
}

fn node(out: &mut String, value: &Value, level: usize, sorts: bool) {
    match value {
        Value::String(text) => quoted(out, text, level + 1),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Array(items)
            if items.iter().all(|item| matches!(item, Value::Array(_) | Value::Object(_))) =>
        {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                node(out, item, level, sorts);
            }
            out.push(']');
        }
        Value::Array(items) => {
            out.push_str("[\n");
            for item in items.iter() {
                indent(out, level + 1);
                node(out, item, level + 1, sorts);
                out.push_str(",\n");
            }
            indent(out, level);
            out.push(']');
        }
        Value::Object(map) if map.is_empty() => out.push_str("{}"),
        Value::Object(map) => {
            out.push_str("{\n");
            let entries = if sorts { map.sorted() } else { map.iter().collect() };
            for (key, item) in entries {
                indent(out, level + 1);
                if needs_quotes(key) {
                    out.push('"');
                    key.chars().for_each(|c| escaped(out, c, false));
                    out.push('"');
                } else {
                    out.push_str(key);
                }
                out.push_str(": ");
                node(out, item, level + 1, sorts);
                out.push_str(",\n");
            }
            indent(out, level);
            out.push('}');
        }
        other => out.push_str(&crate::value::json::compact(other)),
    }
}

/// A text in quotes. Several lines are folded, each with a blank before it, or a backslash where it begins with a blank.
fn quoted(out: &mut String, text: &str, level: usize) {
    out.push('"');
    if !text.contains('\n') {
        text.chars().for_each(|c| escaped(out, c, true));
        out.push('"');
        return;
    }
    out.push_str("\\\n");
    for line in text.split_inclusive('\n') {
        indent(out, level);
        out.push(if line.starts_with(|c: char| c.is_whitespace() && c != '\n') { '\\' } else { ' ' });
        line.trim_end_matches('\n').chars().for_each(|c| escaped(out, c, true));
        out.push_str(if line.ends_with('\n') { "\\n\\\n" } else { "\\\n" });
    }
    indent(out, level);
    out.push('"');
}

fn escaped(out: &mut String, c: char, keeps_tabs: bool) {
    match c {
        '"' | '\\' => out.extend(['\\', c]),
        '\t' if keeps_tabs => out.push(c),
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\0' => out.push_str("\\0"),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{b}' => out.push_str("\\v"),
        '\u{c}' => out.push_str("\\f"),
        '\u{1b}' => out.push_str("\\e"),
        '\u{85}' => out.push_str("\\N"),
        '\u{a0}' => out.push_str("\\_"),
        '\u{2028}' => out.push_str("\\L"),
        '\u{2029}' => out.push_str("\\P"),
        c if (c as u32) < 0x20 || c as u32 == 0x7f => out.push_str(&format!("\\x{:02x}", c as u32)),
        c => out.push(c),
    }
}

/// Whether a key must be quoted: something else than letters, digits and `_` (inside also `-`, `.` and `/`), or what might
/// be read as no text.
fn needs_quotes(key: &str) -> bool {
    let last = key.chars().count().saturating_sub(1);
    let is_plain = |(at, c): (usize, char)| {
        c.is_alphanumeric() || c == '_' || (at > 0 && at < last && matches!(c, '-' | '.' | '/'))
    };
    key.is_empty() || is_ambiguous(key) || !key.chars().enumerate().all(is_plain)
}

fn is_ambiguous(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    let number = key.replace('_', "");
    let digits = number.trim_start_matches("0x").trim_start_matches("0o").trim_start_matches("0b");
    let is_hex = number.starts_with("0x") && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let is_date = || {
        let mut parts = key.split('-').map(|part| part.parse::<u32>().is_ok());
        key.find('-') == Some(4)
            && parts.by_ref().take(3).filter(|is| *is).count() == 3
            && parts.next().is_none()
    };
    matches!(&*lower, "null" | "~" | "true" | "y" | "yes" | "on" | "t" | "false" | "n" | "no" | "off" | "f")
        || number.parse::<f64>().is_ok()
        || is_hex
        || (digits.len() < number.len() && digits.parse::<u64>().is_ok())
        || is_date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    #[test]
    fn it_has_braces_and_quotes() {
        let value = json::parse(
            r#"{"a":1,"b":[{"c":"x y"},{}],"d":["1",null],"e":"one\n  two","yes":{},"a.b/c":true,"-x":"\"q\""}"#,
        )
        .expect("JSON");
        expect_test::expect![[r#"
            ---
            {
              a: 1,
              b: [{
                c: "x y",
              }, {}],
              d: [
                "1",
                null,
              ],
              e: "\
                 one\n\
                \  two\
                ",
              "yes": {},
              a.b/c: true,
              "-x": "\"q\"",
            }
        "#]]
        .assert_eq(&print(&value, false));
    }
}
