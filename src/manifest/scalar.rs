//! What a scalar is: YAML 1.1 as kubectl's reader (go.yaml.in/yaml/v2, `resolve.go`) has it, and then what is
//! left of it in JSON.

use crate::value::Str;
use std::borrow::Cow;

use super::NodeKind;
use super::yaml::Tag;

/// A scalar that kubectl refuses.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refused {
    /// A tag that does not fit: what the value is, and what the tag says.
    Tag(&'static str, &'static str),
    /// `!!binary` with something that is not base64.
    Binary,
    /// `.inf` or `.nan`, which JSON does not have, as Go writes it.
    NotJson(&'static str),
}

/// A scalar before JSON: what a key is made of too.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    /// A whole number past `i64`.
    Unsigned(u64),
    Float(f64),
    String,
    /// What `!!binary` holds.
    Binary(String),
}

/// What `text` is. `plain` is whether it stood without quotes.
pub(super) fn resolve(text: &str, plain: bool, tag: Option<Tag>) -> Result<Scalar, Refused> {
    let Some(tag) = tag else { return Ok(if plain { resolve_plain(text, true) } else { Scalar::String }) };
    let wanted = match tag {
        Tag::Str | Tag::Merge | Tag::Other => return Ok(Scalar::String),
        Tag::Binary => return decode_base64(text).map(Scalar::Binary).ok_or(Refused::Binary),
        Tag::Bool => "!!bool",
        Tag::Int => "!!int",
        Tag::Float => "!!float",
        Tag::Null => "!!null",
        Tag::Timestamp => "!!timestamp",
    };
    let timestamp = tag == Tag::Timestamp && is_timestamp(text);
    let value = if timestamp { Scalar::String } else { resolve_plain(text, false) };
    let found = match value {
        Scalar::Null => "!!null",
        Scalar::Bool(_) => "!!bool",
        Scalar::Int(number) if tag == Tag::Float => return Ok(Scalar::Float(number as f64)),
        Scalar::Int(_) | Scalar::Unsigned(_) => "!!int",
        Scalar::Float(_) => "!!float",
        Scalar::String if timestamp => "!!timestamp",
        Scalar::String | Scalar::Binary(_) => "!!str",
    };
    if found == wanted { Ok(value) } else { Err(Refused::Tag(found, wanted)) }
}

/// The value as JSON has it: a number without a fraction becomes a whole one.
pub(super) fn to_json(text: &str, scalar: Scalar) -> Result<NodeKind, Refused> {
    Ok(match scalar {
        Scalar::Null => NodeKind::Null,
        Scalar::Bool(value) => NodeKind::Bool(value),
        Scalar::Int(value) => NodeKind::Int(value),
        Scalar::Unsigned(value) => NodeKind::Float(value as f64),
        Scalar::Float(value) if value.is_nan() => return Err(Refused::NotJson("NaN")),
        Scalar::Float(value) if value.is_infinite() => {
            return Err(Refused::NotJson(if value > 0.0 { "+Inf" } else { "-Inf" }));
        }
        Scalar::Float(value) => whole(value).map_or(NodeKind::Float(value), NodeKind::Int),
        Scalar::String => NodeKind::String(text.into()),
        Scalar::Binary(value) => NodeKind::String(value.into()),
    })
}

/// The key as JSON has it. `None` where kubectl refuses it: `null`, and numbers past `i64`.
pub(super) fn to_key(text: &str, scalar: &Scalar) -> Option<Str> {
    Some(match scalar {
        Scalar::Null | Scalar::Unsigned(_) => return None,
        Scalar::Bool(true) => "true".into(),
        Scalar::Bool(false) => "false".into(),
        Scalar::Int(value) => value.to_string().into(),
        Scalar::Float(value) if value.is_nan() => ".nan".into(),
        Scalar::Float(value) if value.is_infinite() => if *value > 0.0 { ".inf" } else { "-.inf" }.into(),
        Scalar::Float(value) => float_key(*value).into(),
        Scalar::String => text.into(),
        Scalar::Binary(value) => value.as_str().into(),
    })
}

/// A float as the `%g` of Go writes it with the precision of 32 bits, which is what happens to keys.
fn float_key(value: f64) -> String {
    let digits = format!("{:e}", value as f32);
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // Go changes to the exponent below 1e-4 and from 1e6 on where the shortest form is asked for.
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    format!("{}", value as f32)
}

/// The whole number that JSON makes of it, if it is one: Go writes no fraction below 1e21.
fn whole(value: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (value.fract() == 0.0 && (-LIMIT..LIMIT).contains(&value)).then_some(value as i64)
}

fn resolve_plain(text: &str, timestamps: bool) -> Scalar {
    let Some(first) = text.bytes().next() else { return Scalar::Null };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => named(text),
        b'.' => match text {
            ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" => Scalar::Float(f64::INFINITY),
            _ => go_parse_float(text).map_or(Scalar::String, Scalar::Float),
        },
        b'+' | b'-' | b'0'..=b'9' => match text {
            "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
            "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
            _ if timestamps && is_timestamp(text) => Scalar::String,
            _ => number(text),
        },
        _ => Scalar::String,
    }
}

fn named(text: &str) -> Scalar {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        _ => Scalar::String,
    }
}

fn number(text: &str) -> Scalar {
    let plain = if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    if let Some(value) = go_parse_int(&plain) {
        return value;
    }
    if is_yaml_float(&plain)
        && let Ok(value) = plain.parse::<f64>()
        && value.is_finite()
    {
        return Scalar::Float(value);
    }
    Scalar::String
}

/// `strconv.ParseInt(text, 0, 64)`, then `ParseUint`: the base is read from the prefix, and a leading 0 is
/// octal.
fn go_parse_int(text: &str) -> Option<Scalar> {
    let (negative, signed, digits) = match text.as_bytes().first()? {
        b'-' => (true, true, text.get(1..)?),
        b'+' => (false, true, text.get(1..)?),
        _ => (false, false, text),
    };
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    // A second sign is none of Go's digits, but Rust would read it.
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = u64::from_str_radix(digits, base).ok()?;
    if negative {
        let value = 0i128 - i128::from(value);
        return i64::try_from(value).ok().map(Scalar::Int);
    }
    match i64::try_from(value) {
        Ok(value) => Some(Scalar::Int(value)),
        // Only `ParseInt` reads a sign.
        Err(_) if signed => None,
        Err(_) => Some(Scalar::Unsigned(value)),
    }
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_yaml_float(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (text, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    (!before.is_empty() || !after.is_empty())
        && digits(before)
        && digits(after)
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

/// `strconv.ParseFloat` of a text that begins with a dot. Underscores may stand between digits.
fn go_parse_float(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let lone =
        |(at, byte): (usize, &u8)| *byte == b'_' && !(is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)));
    let plain = text.replace('_', "");
    if bytes.iter().enumerate().any(lone) || !is_yaml_float(&plain) {
        return None;
    }
    plain.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// Whether it is one of the dates that the reader keeps as text (`parseTimestamp`). The fields are only
/// checked for their form and range, since they decide nothing but that it is no number.
fn is_timestamp(text: &str) -> bool {
    if text.as_bytes().get(4) != Some(&b'-') {
        return false;
    }
    let mut fields = text.splitn(2, ['T', 't', ' ']);
    let date = fields.next().unwrap_or("");
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let within = |part: &str, low: u32, high: u32| {
        (1..=2).contains(&part.len()) && part.parse::<u32>().is_ok_and(|value| (low..=high).contains(&value))
    };
    year.len() == 4
        && year.bytes().all(|byte| byte.is_ascii_digit())
        && within(month, 1, 12)
        && within(day, 1, 31)
        && fields.next().is_none_or(|time| time.as_bytes().first().is_some_and(u8::is_ascii_digit))
}

/// Base64 with padding, as `base64.StdEncoding` reads it; bytes that are no UTF-8 become U+FFFD, as in JSON.
fn decode_base64(text: &str) -> Option<String> {
    let symbols: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    if !symbols.len().is_multiple_of(4) {
        return None;
    }
    let padding = symbols.iter().rev().take_while(|byte| **byte == b'=').count();
    let payload = symbols.get(..symbols.len() - padding).filter(|_| padding <= 2)?;
    let mut bytes = Vec::with_capacity(symbols.len() / 4 * 3);
    let (mut held, mut bits) = (0u32, 0);
    for symbol in payload {
        let value = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'a'..=b'z' => symbol - b'a' + 26,
            b'0'..=b'9' => symbol - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(value)) & 0xFFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xFF) as u8);
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        let scalar = resolve(text, true, None).expect("no tag, no refusal");
        match to_json(text, scalar) {
            Ok(NodeKind::Null) => "null".to_owned(),
            Ok(NodeKind::Bool(value)) => value.to_string(),
            Ok(NodeKind::Int(value)) => value.to_string(),
            Ok(NodeKind::Float(value)) => format!("{value:?}"),
            Ok(NodeKind::String(value)) => format!("{value:?}"),
            Ok(other) => format!("{other:?}"),
            Err(refused) => format!("{refused:?}"),
        }
    }

    /// What kubectl sends for each, taken from the real reader.
    #[test]
    fn plain_scalars_are_what_kubectl_sends() {
        let cases = [
            ("", "null"),
            ("~", "null"),
            ("Null", "null"),
            ("nULL", "\"nULL\""),
            ("y", "true"),
            ("Off", "false"),
            ("oN", "\"oN\""),
            ("0o17", "15"),
            ("017", "15"),
            ("-017", "-15"),
            ("0888", "888"),
            ("0x1F", "31"),
            ("0b101", "5"),
            ("-0b101", "-5"),
            ("1_000", "1000"),
            ("_1", "\"_1\""),
            ("+12", "12"),
            ("--1", "\"--1\""),
            ("0x", "\"0x\""),
            ("0x+1", "\"0x+1\""),
            ("1e3", "1000"),
            ("1.0", "1"),
            ("1.10", "1.1"),
            ("-.5", "-0.5"),
            (".5", "0.5"),
            (".", "\".\""),
            (".5_0", "0.5"),
            ("._5", "\"._5\""),
            ("..", "\"..\""),
            ("5.", "5"),
            ("1e", "\"1e\""),
            ("1.2.3", "\"1.2.3\""),
            ("100m", "\"100m\""),
            ("9223372036854775807", "9223372036854775807"),
            ("9223372036854775808", "9.223372036854776e18"),
            ("+9223372036854775808", "9.223372036854776e18"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("1e400", "\"1e400\""),
            ("12:30", "\"12:30\""),
            ("2024-01-02", "\"2024-01-02\""),
            ("2024-01-02T03:04:05Z", "\"2024-01-02T03:04:05Z\""),
            (".inf", "NotJson(\"+Inf\")"),
            ("-.INF", "NotJson(\"-Inf\")"),
            (".NaN", "NotJson(\"NaN\")"),
        ];
        for (text, expected) in cases {
            assert_eq!(json(text), expected, "{text:?}");
        }
    }

    #[test]
    fn tags_say_what_a_scalar_is() {
        let cases: [(&str, bool, Tag, Result<Scalar, Refused>); 8] = [
            ("12", true, Tag::Str, Ok(Scalar::String)),
            ("12", false, Tag::Int, Ok(Scalar::Int(12))),
            ("12", true, Tag::Float, Ok(Scalar::Float(12.0))),
            ("x", true, Tag::Int, Err(Refused::Tag("!!str", "!!int"))),
            ("yes", false, Tag::Bool, Ok(Scalar::Bool(true))),
            ("aGk=", true, Tag::Binary, Ok(Scalar::Binary("hi".to_owned()))),
            ("aGk", true, Tag::Binary, Err(Refused::Binary)),
            ("12", true, Tag::Other, Ok(Scalar::String)),
        ];
        for (text, plain, tag, expected) in cases {
            assert_eq!(resolve(text, plain, Some(tag)), expected, "{tag:?} {text}");
        }
    }

    #[test]
    fn keys_become_text() {
        let cases = [
            ("on", Some("true")),
            ("1", Some("1")),
            ("1.50", Some("1.5")),
            ("1e30", Some("1e+30")),
            ("0.00001", Some("1e-05")),
            ("100000000.5", Some("1e+08")),
            ("100000.5", Some("100000.5")),
            (".inf", Some(".inf")),
            ("~", None),
            ("18446744073709551615", None),
        ];
        for (text, expected) in cases {
            let scalar = resolve(text, true, None).expect("no tag, no refusal");
            assert_eq!(to_key(text, &scalar).as_deref(), expected, "{text}");
        }
    }
}
