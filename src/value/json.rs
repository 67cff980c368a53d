//! JSON: reading through serde_json, writing as Go's `encoding/json` writes.

use super::{Map, Str, Value};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt::{self, Write};

/// Reads one JSON text. The error says line and column.
pub fn parse(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Writes on one line with keys in alphabetical order, as kubectl writes the last-applied annotation
/// (without its line end) and Go marshals maps.
pub fn compact(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, COMPACT, 0);
    out
}

/// Writes with four blanks of indentation and keys in alphabetical order, as `kubectl -o json` prints.
pub fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, Style { indent: Some(4), sorts: true }, 0);
    out
}

/// The same with the keys in their own order, as Go writes a struct.
pub fn pretty_in_order(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, Style { indent: Some(4), sorts: false }, 0);
    out
}

/// On one line with the keys in their own order, as Go writes a struct.
pub fn compact_in_order(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, Style { indent: None, sorts: false }, 0);
    out
}

/// How it is written.
#[derive(Clone, Copy)]
struct Style {
    /// Blanks of indentation; none for one line.
    indent: Option<usize>,
    /// Whether keys come in alphabetical order.
    sorts: bool,
}

const COMPACT: Style = Style { indent: None, sorts: true };

fn write(out: &mut String, value: &Value, style: Style, depth: usize) {
    let line = |out: &mut String, depth: usize| {
        if let Some(width) = style.indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', width * depth));
        }
    };
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(n) => _ = write!(out, "{n}"),
        Value::Float(f) => out.push_str(&float(*f)),
        Value::String(text) => quote(out, text),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                line(out, depth + 1);
                write(out, item, style, depth + 1);
            }
            line(out, depth);
            out.push(']');
        }
        Value::Object(map) if map.is_empty() => out.push_str("{}"),
        Value::Object(map) => {
            out.push('{');
            let entries = if style.sorts { map.sorted() } else { map.iter().collect() };
            for (i, (key, item)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                line(out, depth + 1);
                quote(out, key);
                out.push_str(if style.indent.is_some() { ": " } else { ":" });
                write(out, item, style, depth + 1);
            }
            line(out, depth);
            out.push('}');
        }
    }
}

/// A fraction as Go prints it: shortest digits, an exponent below 1e-6 and from 1e21.
pub fn float(f: f64) -> String {
    let size = f.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{f:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent:0>2}"),
            Some((digits, exponent)) => format!("{digits}e-{:0>2}", &exponent[1..]),
            None => text,
        };
    }
    format!("{f}")
}

/// Quotes as Go does: `<`, `>`, `&` and the line separators are escaped too.
fn quote(out: &mut String, text: &str) {
    out.push('"');
    // What stands as it is is taken over in whole stretches: a text of megabytes is kept after each pause in the typing.
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x8 => "\\b",
            0xc => "\\f",
            b'<' => "\\u003c",
            b'>' => "\\u003e",
            b'&' => "\\u0026",
            0xe2 if text[at..].starts_with('\u{2028}') => "\\u2028",
            0xe2 if text[at..].starts_with('\u{2029}') => "\\u2029",
            ..0x20 => "",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        match escaped {
            "" => _ = write!(out, "\\u{byte:04x}"),
            escaped => out.push_str(escaped),
        }
        // The line separators are the only ones of three bytes.
        from = at + if byte == 0xe2 { 3 } else { 1 };
    }
    out.push_str(&text[from..]);
    out.push('"');
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;
    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E: Error>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Bool(b))
    }
    fn visit_i64<E: Error>(self, n: i64) -> Result<Value, E> {
        Ok(Value::Int(n))
    }
    fn visit_u64<E: Error>(self, n: u64) -> Result<Value, E> {
        Ok(i64::try_from(n).map_or(Value::Float(n as f64), Value::Int))
    }
    fn visit_f64<E: Error>(self, f: f64) -> Result<Value, E> {
        Ok(Value::Float(f))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::from(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, value)) = pairs.next_entry::<String, Value>()? {
            map.insert(Str::from(key), value);
        }
        Ok(Value::from(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_as_go_writes() {
        let value = parse(r#"{"b":[1,2.5,-0.0000001,1e21],"a":"<é\u0001\n>","c":{},"d":[],"e":null}"#)
            .expect("valid");
        assert_eq!(
            compact(&value),
            r#"{"a":"\u003cé\u0001\n\u003e","b":[1,2.5,-1e-07,1e+21],"c":{},"d":[],"e":null}"#
        );
        let text = "\u{0}\t\\\"\u{1f}&\u{2028}…\u{2029}€\u{7f}";
        let written = "\"\\u0000\\t\\\\\\\"\\u001f\\u0026\\u2028…\\u2029€\u{7f}\"";
        assert_eq!(compact(&Value::from(text)), written);
        assert_eq!(parse(written).expect("valid"), Value::from(text));
        assert_eq!(pretty(&parse(r#"{"a":[1]}"#).expect("valid")), "{\n    \"a\": [\n        1\n    ]\n}");
    }
}
