//! Small tools that only print: `echo`, `printf`, `seq`, `tr` and `date`.

use crate::cluster::time::{SECOND, SimTime, WallClock};
use crate::value::Str;

/// The letters that `\n` and the like stand for.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\u{7}'),
            Some('e') => out.push('\u{1b}'),
            Some('\\') => out.push('\\'),
            Some('0') => {
                let mut value = 0;
                for _ in 0..3 {
                    let Some(digit) = chars.peek().and_then(|c| c.to_digit(8)) else { break };
                    value = value * 8 + digit;
                    chars.next();
                }
                out.extend(char::from_u32(value));
            }
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

pub(crate) fn echo(words: &[Str]) -> String {
    let flags = words.iter().take_while(|word| {
        word.strip_prefix('-').is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| "neE".contains(c)))
    });
    let flags: Vec<&Str> = flags.collect();
    let has = |flag: char| flags.iter().any(|word| word.contains(flag));
    let text = words[flags.len()..].join(" ");
    let text = if has('e') { unescape(&text) } else { text };
    if has('n') { text } else { text + "\n" }
}

pub(crate) fn printf(words: &[Str]) -> String {
    let Some((format, arguments)) = words.split_first() else { return String::new() };
    let format = unescape(format);
    let mut arguments = arguments.iter();
    let mut out = String::new();
    loop {
        let before = arguments.len();
        let mut chars = format.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let mut spec = String::new();
            while let Some(c) = chars.next_if(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | '+' | ' ')) {
                spec.push(c);
            }
            let kind = chars.next().unwrap_or('%');
            if kind == '%' {
                out.push('%');
                continue;
            }
            let argument = arguments.next().map_or("", |word| &**word);
            let number = || argument.trim().parse::<i64>().unwrap_or(0);
            let text = match kind {
                'd' | 'i' | 'u' => number().to_string(),
                'x' => format!("{:x}", number()),
                'o' => format!("{:o}", number()),
                'c' => argument.chars().take(1).collect(),
                'b' => unescape(argument),
                _ => argument.to_string(),
            };
            let is_left = spec.starts_with('-');
            let fill = if spec.starts_with('0') && !is_left { '0' } else { ' ' };
            let width: usize =
                spec.trim_start_matches('-').split('.').next().and_then(|w| w.parse().ok()).unwrap_or(0);
            let missing = width.min(1_000).saturating_sub(text.chars().count());
            let padding: String = std::iter::repeat_n(fill, missing).collect();
            if is_left {
                out.push_str(&text);
                out.push_str(&padding);
            } else {
                out.push_str(&padding);
                out.push_str(&text);
            }
        }
        if arguments.len() == 0 || arguments.len() == before {
            return out;
        }
    }
}

pub(crate) fn seq(operands: &[&Str]) -> String {
    let numbers: Vec<i64> = operands.iter().filter_map(|word| word.parse().ok()).collect();
    let (from, by, to) = match numbers[..] {
        [to] => (1, 1, to),
        [from, to] => (from, 1, to),
        [from, by, to] => (from, by, to),
        _ => return String::new(),
    };
    let mut out = String::new();
    let mut n = from;
    for _ in 0..10_000 {
        if by == 0 || (by > 0 && n > to) || (by < 0 && n < to) {
            break;
        }
        out.push_str(&format!("{n}\n"));
        n += by;
    }
    out
}

pub(crate) fn translate(text: &str, sets: &[Str], deletes: bool) -> String {
    let expand = |set: &str| {
        let chars: Vec<char> = unescape(set).chars().collect();
        let mut out = Vec::new();
        let mut i = 0;
        while i < chars.len() {
            if i + 2 < chars.len() && chars[i + 1] == '-' {
                out.extend(chars[i]..=chars[i + 2]);
                i += 3;
            } else {
                out.push(chars[i]);
                i += 1;
            }
        }
        out
    };
    let from = sets.first().map(|set| expand(set)).unwrap_or_default();
    let to = sets.get(1).map(|set| expand(set)).unwrap_or_default();
    text.chars()
        .filter_map(|c| match from.iter().position(|other| *other == c) {
            None => Some(c),
            Some(_) if deletes => None,
            Some(place) => Some(to.get(place).or(to.last()).copied().unwrap_or(c)),
        })
        .collect()
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

pub(crate) fn date(wall: WallClock, now: SimTime, operands: &[&Str]) -> String {
    let c = wall.calendar(now);
    let ((y, mo, d), (h, mi, s)) = (c.date, c.time);
    let month = MONTHS[(mo as usize - 1) % 12];
    let day = DAYS[c.weekday as usize % 7];
    let Some(format) = operands.iter().find_map(|word| word.strip_prefix('+')) else {
        return format!("{day} {month} {d:2} {h:02}:{mi:02}:{s:02} UTC {y}");
    };
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('s') => out.push_str(&(wall.unix_micros(now) / SECOND).to_string()),
            Some('Y') => out.push_str(&format!("{y:04}")),
            Some('m') => out.push_str(&format!("{mo:02}")),
            Some('d') => out.push_str(&format!("{d:02}")),
            Some('H') => out.push_str(&format!("{h:02}")),
            Some('M') => out.push_str(&format!("{mi:02}")),
            Some('S') => out.push_str(&format!("{s:02}")),
            Some('T') => out.push_str(&format!("{h:02}:{mi:02}:{s:02}")),
            Some('F') => out.push_str(&format!("{y:04}-{mo:02}-{d:02}")),
            Some('Z') => out.push_str("UTC"),
            Some('z') => out.push_str("+0000"),
            Some('a') => out.push_str(day),
            Some('b') => out.push_str(month),
            Some('N') => out.push_str(&format!("{:09}", wall.unix_micros(now) % SECOND * 1_000)),
            Some(other) => out.extend(['%', other]),
            None => out.push('%'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_tools_print_as_busybox_does() {
        let words = |text: &str| text.split(' ').map(Str::from).collect::<Vec<_>>();
        assert_eq!(echo(&words("-n a b")), "a b");
        assert_eq!(echo(&words("-e a\\tb")), "a\tb\n");
        assert_eq!(printf(&words("%s=%03d\\n a 7 b 8")), "a=007\nb=008\n");
        assert_eq!(printf(&words("%-3s|%3s| a b")), "a  |  b|");
        assert_eq!(seq(&[&"2".into(), &"4".into()]), "2\n3\n4\n");
        assert_eq!(translate("abc", &["a-c".into(), "A-C".into()], false), "ABC");
    }
}
