//! What a template can call: Go's own functions, and kubectl's `exists` and `base64decode`.

use super::{Datum, evaluate::index};
use crate::value::Value;
use std::cmp::Ordering;

/// The functions by name.
pub(super) const FUNCTIONS: &[&str] = &[
    "and",
    "or",
    "not",
    "len",
    "index",
    "print",
    "printf",
    "println",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "exists",
    "base64decode",
    "html",
    "js",
    "urlquery",
    "slice",
    "call",
];

/// Whether a value counts as true (upstream: `IsTrue`).
pub(super) fn is_true(value: &Datum) -> bool {
    match value {
        Datum::Missing | Datum::Value(Value::Null) => false,
        Datum::Int(number) => *number != 0,
        Datum::Value(Value::Bool(is)) => *is,
        Datum::Value(Value::Int(number)) => *number != 0,
        Datum::Value(Value::Float(number)) => *number != 0.0,
        Datum::Value(Value::String(text)) => !text.is_empty(),
        Datum::Value(Value::Array(items)) => !items.is_empty(),
        Datum::Value(Value::Object(map)) => !map.is_empty(),
    }
}

/// Go's name of a value's type.
pub(super) fn type_name(value: &Datum) -> &'static str {
    match value {
        Datum::Missing | Datum::Value(Value::Null) => "nil",
        Datum::Int(_) => "int",
        Datum::Value(Value::Bool(_)) => "bool",
        Datum::Value(Value::Int(_) | Value::Float(_)) => "float64",
        Datum::Value(Value::String(_)) => "string",
        Datum::Value(Value::Array(_)) => "[]interface {}",
        Datum::Value(Value::Object(_)) => "map[string]interface {}",
    }
}

/// A value as it is printed: what is missing says so.
pub(super) fn text(value: &Datum) -> String {
    match value {
        Datum::Missing | Datum::Value(Value::Null) => "<no value>".into(),
        Datum::Int(number) => number.to_string(),
        Datum::Value(value) => inner(value),
    }
}

/// A value as Go's `%v` prints it. Numbers are fractions, which get an exponent from a million on where their digits end.
fn inner(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".into(),
        Value::Bool(is) => is.to_string(),
        Value::Int(number) => fraction(*number as f64),
        Value::Float(number) => fraction(*number),
        Value::String(text) => text.to_string(),
        Value::Array(items) => format!("[{}]", items.iter().map(inner).collect::<Vec<_>>().join(" ")),
        Value::Object(map) => {
            let pairs: Vec<String> =
                map.sorted().into_iter().map(|(key, value)| format!("{key}:{}", inner(value))).collect();
            format!("map[{}]", pairs.join(" "))
        }
    }
}

fn fraction(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e21).contains(&size) || size >= 1e6 {
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    format!("{number}")
}

fn number(value: &Datum) -> Option<f64> {
    match value {
        Datum::Int(number) => Some(*number as f64),
        Datum::Value(Value::Int(number)) => Some(*number as f64),
        Datum::Value(Value::Float(number)) => Some(*number),
        _ => None,
    }
}

/// How two values of one type stand to each other; an error where the types differ.
fn compare(a: &Datum, b: &Datum) -> Result<Option<Ordering>, String> {
    let kinds = (type_name(a), type_name(b));
    match kinds {
        ("nil", "nil") => Ok(Some(Ordering::Equal)),
        ("nil", _) | (_, "nil") => Ok(None),
        (a_kind, b_kind) if a_kind != b_kind => {
            Err("error calling {name}: incompatible types for comparison".into())
        }
        ("bool", _) => Ok(if a == b { Some(Ordering::Equal) } else { None }),
        ("string", _) => Ok(Some(text(a).cmp(&text(b)))),
        ("int" | "float64", _) => Ok(number(a).partial_cmp(&number(b))),
        _ => Err("error calling {name}: non-comparable type".into()),
    }
}

/// Calls a function. In an error `{name}` stands for its name.
pub(super) fn call(name: &str, arguments: &[Datum]) -> Result<Datum, String> {
    let wrong_count =
        |want: &str| Err(format!("wrong number of args for {name}: want {want} got {}", arguments.len()));
    let truth = |is: bool| Ok(Datum::Value(Value::Bool(is)));
    let text_of = |text: String| Ok(Datum::Value(Value::from(text)));
    match (name, arguments) {
        ("and" | "or", []) => wrong_count("at least 1"),
        ("and" | "or", [.., last]) => Ok(last.clone()),
        ("not", [value]) => truth(!is_true(value)),
        ("len", [value]) => match value {
            Datum::Value(Value::String(text)) => Ok(Datum::Int(text.len() as i64)),
            Datum::Value(Value::Array(items)) => Ok(Datum::Int(items.len() as i64)),
            Datum::Value(Value::Object(map)) => Ok(Datum::Int(map.len() as i64)),
            Datum::Missing | Datum::Value(Value::Null) => Err("error calling len: len of nil pointer".into()),
            other => Err(format!("error calling len: len of type {}", type_name(other))),
        },
        ("index", [value, places @ ..]) => {
            places.iter().try_fold(value.clone(), |value, at| index(&value, at))
        }
        ("exists", [value, places @ ..]) => {
            let found = places.iter().try_fold(value.clone(), |value, at| index(&value, at));
            truth(found.is_ok_and(|found| found != Datum::Missing))
        }
        ("print", all) => {
            let mut out = String::new();
            for (at, value) in all.iter().enumerate() {
                // A blank stands between two that are no texts.
                let is_text = |value: &Datum| type_name(value) == "string";
                if at > 0 && !is_text(value) && !is_text(&all[at - 1]) {
                    out.push(' ');
                }
                out.push_str(&text(value));
            }
            text_of(out)
        }
        ("println", all) => text_of(all.iter().map(text).collect::<Vec<_>>().join(" ") + "\n"),
        ("printf", [Datum::Value(Value::String(format)), rest @ ..]) => text_of(printf(format, rest)),
        ("eq", [first, rest @ ..]) if !rest.is_empty() => {
            for other in rest {
                if compare(first, other)? == Some(Ordering::Equal) {
                    return truth(true);
                }
            }
            truth(false)
        }
        ("ne", [a, b]) => truth(compare(a, b)? != Some(Ordering::Equal)),
        ("lt", [a, b]) => truth(compare(a, b)? == Some(Ordering::Less)),
        ("le", [a, b]) => truth(matches!(compare(a, b)?, Some(Ordering::Less | Ordering::Equal))),
        ("gt", [a, b]) => truth(compare(a, b)? == Some(Ordering::Greater)),
        ("ge", [a, b]) => truth(matches!(compare(a, b)?, Some(Ordering::Greater | Ordering::Equal))),
        ("base64decode", [Datum::Value(Value::String(text))]) => {
            match crate::kubectl::verbs::from_base64(text) {
                Some(bytes) => text_of(String::from_utf8_lossy(&bytes).into_owned()),
                None => Err("error calling base64decode: base64 decode failed: illegal base64 data".into()),
            }
        }
        ("html" | "js" | "urlquery" | "slice" | "call", _) => {
            Err("error calling {name}: it is not simulated".into())
        }
        _ => wrong_count(if matches!(name, "not" | "len" | "base64decode") { "1" } else { "2" }),
    }
}

/// As Go's `fmt.Sprintf`: the verbs that templates use.
fn printf(format: &str, arguments: &[Datum]) -> String {
    let mut out = String::new();
    let (mut arguments, mut characters) = (arguments.iter(), format.chars().peekable());
    while let Some(c) = characters.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = String::new();
        while let Some(c) =
            characters.next_if(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | '#' | ' '))
        {
            spec.push(c);
        }
        let Some(verb) = characters.next() else {
            out.push_str("%!(NOVERB)");
            break;
        };
        if verb == '%' {
            out.push('%');
            continue;
        }
        let Some(value) = arguments.next() else {
            out.push_str(&format!("%!{verb}(MISSING)"));
            continue;
        };
        let shown = verbed(verb, &spec, value);
        let width = spec.trim_start_matches(['-', '+', '#', ' ']).split('.').next().unwrap_or_default();
        let (is_zero, width) = (width.starts_with('0'), width.parse::<usize>().unwrap_or(0).min(WIDEST));
        let gap = width.saturating_sub(shown.chars().count());
        let fill = if is_zero && !spec.starts_with('-') { "0" } else { " " }.repeat(gap);
        out.push_str(&if spec.starts_with('-') {
            format!("{shown}{fill}")
        } else {
            format!("{fill}{shown}")
        });
    }
    let extra: Vec<String> = arguments.map(|value| format!("{}={}", type_name(value), text(value))).collect();
    if !extra.is_empty() {
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    out
}

/// The widest that a value is printed, in characters: nobody reads more, and a browser must hold it.
const WIDEST: usize = 1_000;

fn verbed(verb: char, spec: &str, value: &Datum) -> String {
    let precision = spec.split_once('.').map(|(_, digits)| digits.parse::<usize>().unwrap_or(0).min(WIDEST));
    let shown = match value {
        Datum::Missing | Datum::Value(Value::Null) => "<nil>".to_owned(),
        value => text(value),
    };
    match (verb, type_name(value)) {
        ('v', _) | ('s', "string" | "[]interface {}" | "map[string]interface {}") => match precision {
            Some(most) if verb == 's' => shown.chars().take(most).collect(),
            _ => shown,
        },
        ('q', "string") => crate::api::check::quoted(&shown),
        ('d', "int") | ('t', "bool") => shown,
        ('T', kind) => kind.to_owned(),
        ('f' | 'g' | 'e', "float64") => {
            format!(
                "{:.*}",
                precision.unwrap_or(if verb == 'f' { 6 } else { 0 }),
                number(value).unwrap_or_default()
            )
        }
        ('x', "int") => number(value).map_or(shown, |number| format!("{:x}", number as i64)),
        (verb, "nil") => format!("%!{verb}(<nil>)"),
        (verb, kind) => format!("%!{verb}({kind}={shown})"),
    }
}
