//! `awk`: conditions, and the fields that are printed.

use super::Shell;
use super::filters::{Ended, given, input};
use crate::cluster::runtime::sh::pattern::Pattern;
use crate::value::Str;
use std::fmt::Write;

/// `awk`: patterns (`/x/`, `NR>1`, `$3=="Running"`) with `{print ...}` of fields and texts.
pub(super) fn run(shell: &mut Shell, name: &str, arguments: &[Str]) -> Ended {
    let given = given(arguments, "Fv");
    let Some((program, files)) = given.words.split_first() else {
        shell.print_error("usage: awk [-F fs] 'prog' [file ...]\n");
        return Err(2);
    };
    let unknown = format!("podium: awk '{program}' is not here: it knows conditions and print\n");
    let (condition, action) = match program.split_once('{') {
        Some((condition, action)) => match action.trim_end().strip_suffix('}') {
            Some(action) => (condition.trim(), action.trim()),
            None => {
                shell.print_error(&unknown);
                return Err(2);
            }
        },
        None => (program.trim(), "print"),
    };
    let printed = action.strip_prefix("print").map(|rest| rest.trim().trim_end_matches(';').trim());
    let Some(printed) = printed.filter(|printed| !printed.contains(['{', ';', '('])) else {
        shell.print_error(&unknown);
        return Err(2);
    };
    let text = input(shell, name, files)?;
    let sign = given.value('F').map(|sign| sign.replace("\\t", "\t"));
    let count = text.lines().count();
    let mut out = String::new();
    for (at, line) in text.lines().enumerate() {
        let fields: Vec<&str> = match &sign {
            Some(sign) => line.split(sign.as_str()).collect(),
            None => line.split_whitespace().collect(),
        };
        let value = |word: &str| -> String {
            let word = word.trim();
            match word {
                "NR" => (at + 1).to_string(),
                "NF" => fields.len().to_string(),
                "$0" => line.to_owned(),
                "$NF" => fields.last().copied().unwrap_or_default().to_owned(),
                _ => match (
                    word.strip_prefix('$').and_then(|n| n.parse::<usize>().ok()),
                    word.strip_prefix('"'),
                ) {
                    (Some(n), _) => {
                        n.checked_sub(1).and_then(|n| fields.get(n)).copied().unwrap_or_default().into()
                    }
                    (_, Some(text)) => text.trim_end_matches('"').replace("\\t", "\t").replace("\\n", "\n"),
                    _ => word.to_owned(),
                },
            }
        };
        let is_met = match condition {
            "" => true,
            "END" => at + 1 == count,
            "BEGIN" => at == 0,
            _ => condition.split("||").any(|any| any.split("&&").all(|one| holds(one.trim(), line, &value))),
        };
        if is_met {
            let shown: Vec<String> = match printed {
                "" => vec![line.to_owned()],
                list => {
                    items(list).iter().map(|joined| joined.iter().map(|item| value(item)).collect()).collect()
                }
            };
            _ = writeln!(out, "{}", shown.join(" "));
        }
    }
    shell.print(&out);
    Ok(0)
}

/// What `print` prints: for each of its parts, what is joined. A text begins with its quote.
fn items(list: &str) -> Vec<Vec<String>> {
    let mut parts = vec![Vec::new()];
    let mut chars = list.chars().peekable();
    while let Some(c) = chars.next() {
        let mut item = String::from(c);
        match c {
            ',' => {
                parts.push(Vec::new());
                continue;
            }
            c if c.is_whitespace() => continue,
            '"' => item.extend(chars.by_ref().take_while(|c| *c != '"')),
            _ => {
                while let Some(c) = chars.next_if(|c| !c.is_whitespace() && !matches!(c, '"' | ',')) {
                    item.push(c);
                }
            }
        }
        if let Some(last) = parts.last_mut() {
            last.push(item);
        }
    }
    parts
}

fn holds(condition: &str, line: &str, value: &dyn Fn(&str) -> String) -> bool {
    let inner = |text: &str| text.trim().trim_matches('/').to_owned();
    if condition.starts_with('/') {
        return Pattern::parse(&inner(condition), true).is_in(line);
    }
    if let Some(rest) = condition.strip_prefix("!/") {
        return !Pattern::parse(&inner(rest), true).is_in(line);
    }
    for (sign, is_met) in [
        ("!~", (|a, b| !Pattern::parse(b, true).is_in(a)) as fn(&str, &str) -> bool),
        ("~", |a, b| Pattern::parse(b, true).is_in(a)),
        ("==", |a, b| a == b),
        ("!=", |a, b| a != b),
        (">=", |a, b| number(a) >= number(b)),
        ("<=", |a, b| number(a) <= number(b)),
        (">", |a, b| number(a) > number(b)),
        ("<", |a, b| number(a) < number(b)),
    ] {
        if let Some((left, right)) = condition.split_once(sign) {
            let right = if sign.ends_with('~') { inner(right) } else { value(right) };
            return is_met(&value(left), &right);
        }
    }
    !matches!(&*value(condition), "" | "0")
}

fn number(text: &str) -> f64 {
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-')).unwrap_or(text.len());
    text[..end].parse().unwrap_or(0.0)
}
