//! Flags and words of a command, read as kubectl reads them (upstream: spf13/pflag).

use crate::cluster::time::{MILLI, Micros, SECOND};
use crate::value::Str;

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Nothing, or `=true` and `=false`.
    Switch,
    /// A text.
    Text,
    /// A text; this one where the flag stands alone.
    TextOr(&'static str),
    /// A whole number.
    Number,
    /// A span of time, as `30s`.
    Time,
}

/// A flag that a verb knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flag {
    /// After two dashes.
    long: &'static str,
    /// After one dash.
    short: Option<char>,
    takes: Takes,
}

/// A flag with a long name only.
pub(crate) const fn flag(long: &'static str, takes: Takes) -> Flag {
    Flag { long, short: None, takes }
}

/// A flag with a long and a short name.
pub(crate) const fn short(long: &'static str, short: char, takes: Takes) -> Flag {
    Flag { long, short: Some(short), takes }
}

impl Flag {
    /// Whether `word` is this flag and the next word is its value.
    pub(crate) fn takes_next(&self, word: &str) -> bool {
        let is_it = match word.strip_prefix("--") {
            Some(long) => long == self.long,
            None => self.short.is_some_and(|letter| word == format!("-{letter}")),
        };
        is_it && !matches!(self.takes, Takes::Switch | Takes::TextOr(_))
    }
}

/// The flags of every verb that mean something here.
pub(crate) const GLOBAL: &[Flag] = &[
    short("namespace", 'n', Takes::Text),
    short("help", 'h', Takes::Switch),
    flag("context", Takes::Text),
    flag("kubeconfig", Takes::Text),
    flag("request-timeout", Takes::Text),
    short("v", 'v', Takes::Number),
    flag("warnings-as-errors", Takes::Switch),
];

/// What stands behind a verb.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// The words that are no flags, without those of the verb.
    pub(crate) words: Vec<Str>,
    /// How many of them stand before `--`; all where there is none.
    pub(crate) before_dashes: Option<usize>,
    flags: Vec<(&'static str, Str)>,
}

impl Arguments {
    /// Reads what stands behind a verb that knows `flags`. The error is what kubectl says.
    pub(crate) fn read(given: &[Str], flags: &[Flag]) -> Result<Self, String> {
        let mut out = Self::default();
        let known =
            |find: &dyn Fn(&Flag) -> bool| flags.iter().chain(GLOBAL).find(|flag| find(flag)).copied();
        let mut given = given.iter();
        while let Some(word) = given.next() {
            if &**word == "--" {
                out.before_dashes = Some(out.words.len());
                out.words.extend(given.cloned());
                break;
            }
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v)));
                let flag =
                    known(&|flag| flag.long == name).ok_or_else(|| format!("unknown flag: --{name}"))?;
                let missing = || format!("flag needs an argument: --{name}");
                out.take(flag, value, &mut given, missing)?;
            } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                out.letters(letters, &known, &mut given)?;
            } else {
                out.words.push(word.clone());
            }
        }
        Ok(out)
    }
    /// Short flags in a row, the last of them with its value.
    fn letters<'a>(
        &mut self,
        letters: &str,
        known: &dyn Fn(&dyn Fn(&Flag) -> bool) -> Option<Flag>,
        given: &mut impl Iterator<Item = &'a Str>,
    ) -> Result<(), String> {
        let mut rest = letters;
        while let Some(letter) = rest.chars().next() {
            let flag = known(&|flag| flag.short == Some(letter))
                .ok_or_else(|| format!("unknown shorthand flag: '{letter}' in -{letters}"))?;
            rest = &rest[letter.len_utf8()..];
            if let Some(value) = rest.strip_prefix('=') {
                return self.take(flag, Some(value), given, String::new);
            }
            if matches!(flag.takes, Takes::Switch | Takes::TextOr(_)) {
                self.take(flag, None, given, String::new)?;
                continue;
            }
            let value = Some(rest).filter(|rest| !rest.is_empty());
            return self
                .take(flag, value, given, || format!("flag needs an argument: '{letter}' in -{letters}"));
        }
        Ok(())
    }
    fn take<'a>(
        &mut self,
        flag: Flag,
        value: Option<&str>,
        given: &mut impl Iterator<Item = &'a Str>,
        missing: impl Fn() -> String,
    ) -> Result<(), String> {
        let value: Str = match (value, flag.takes) {
            (Some(value), _) => value.into(),
            (None, Takes::Switch) => "true".into(),
            (None, Takes::TextOr(alone)) => alone.into(),
            (None, _) => given.next().cloned().ok_or_else(missing)?,
        };
        let name = match flag.short {
            Some(letter) => format!("-{letter}, --{}", flag.long),
            None => format!("--{}", flag.long),
        };
        let invalid = |why: String| format!("invalid argument \"{value}\" for \"{name}\" flag: {why}");
        match flag.takes {
            Takes::Switch if switch(&value).is_none() => {
                return Err(invalid(format!("strconv.ParseBool: parsing \"{value}\": invalid syntax")));
            }
            Takes::Number if value.parse::<i64>().is_err() => {
                return Err(invalid(format!("strconv.ParseInt: parsing \"{value}\": invalid syntax")));
            }
            Takes::Time if duration(&value).is_none() => {
                return Err(invalid(format!("time: invalid duration \"{value}\"")));
            }
            _ => {}
        }
        self.flags.push((flag.long, value));
        Ok(())
    }
    /// The value of a flag, where it was given; the last one counts.
    pub(crate) fn text(&self, flag: &str) -> Option<&Str> {
        self.flags.iter().rev().find(|(name, _)| *name == flag).map(|(_, value)| value)
    }
    /// Takes a flag out, as if it had not been given.
    pub(crate) fn forget(&mut self, flag: &str) {
        self.flags.retain(|(name, _)| *name != flag);
    }
    /// Every value of a flag that may stand several times.
    pub(crate) fn texts<'a>(&'a self, flag: &'a str) -> impl Iterator<Item = &'a Str> {
        self.flags.iter().filter(move |(name, _)| *name == flag).map(|(_, value)| value)
    }
    /// The values of a flag that may stand several times and hold several values with commas.
    pub(crate) fn list<'a>(&'a self, flag: &'a str) -> impl Iterator<Item = &'a str> {
        self.texts(flag).flat_map(|value| value.split(',')).filter(|value| !value.is_empty())
    }
    /// Whether a switch was given.
    pub(crate) fn is(&self, flag: &str) -> bool {
        self.text(flag).and_then(|value| switch(value)).unwrap_or(false)
    }
    /// Whether a switch that is on by itself was not turned off.
    pub(crate) fn is_not_off(&self, flag: &str) -> bool {
        self.text(flag).and_then(|value| switch(value)).unwrap_or(true)
    }
    /// The number of a flag.
    pub(crate) fn number(&self, flag: &str) -> Option<i64> {
        self.text(flag).and_then(|value| value.parse().ok())
    }
    /// The span of time of a flag.
    pub(crate) fn time(&self, flag: &str) -> Option<Micros> {
        self.text(flag).and_then(|value| duration(value))
    }
}

/// As Go's `strconv.ParseBool`.
fn switch(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// As Go's `time.ParseDuration`: numbers with units. A sign makes the span none at all.
pub(crate) fn duration(text: &str) -> Option<Micros> {
    if text == "0" {
        return Some(0);
    }
    let (mut rest, is_negative) = match text.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    let mut sum = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let units: [(&str, Micros); 6] =
            [("ms", MILLI), ("us", 1), ("µs", 1), ("h", 3_600 * SECOND), ("m", 60 * SECOND), ("s", SECOND)];
        let (unit, micros) = units.into_iter().find(|(unit, _)| rest.starts_with(unit))?;
        sum += number * micros as f64;
        rest = &rest[unit.len()..];
    }
    (!text.is_empty()).then_some(if is_negative { 0 } else { sum as Micros })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: &[Flag] = &[
        short("all-namespaces", 'A', Takes::Switch),
        short("output", 'o', Takes::Text),
        flag("replicas", Takes::Number),
        flag("cascade", Takes::TextOr("background")),
        flag("timeout", Takes::Time),
    ];

    fn read(line: &str) -> Result<Arguments, String> {
        let words: Vec<Str> = line.split(' ').map(Str::from).collect();
        Arguments::read(&words, FLAGS)
    }

    #[test]
    fn flags_stand_anywhere() {
        let arguments = read("po -Ao wide web --replicas=3 --cascade -n shop -- sh -c x").expect("reads");
        assert_eq!(arguments.words.join(" "), "po web sh -c x");
        assert_eq!(arguments.before_dashes, Some(2));
        assert!(arguments.is("all-namespaces"));
        assert_eq!(arguments.text("output").map(|text| &**text), Some("wide"));
        assert_eq!(arguments.number("replicas"), Some(3));
        assert_eq!(arguments.text("cascade").map(|text| &**text), Some("background"));
        assert_eq!(arguments.text("namespace").map(|text| &**text), Some("shop"));
        assert_eq!(read("-oyaml").expect("reads").text("output").map(|text| &**text), Some("yaml"));
    }

    #[test]
    fn what_is_no_flag_is_said() {
        for (line, why) in [
            ("--imag=x", "unknown flag: --imag"),
            ("-x", "unknown shorthand flag: 'x' in -x"),
            ("--output", "flag needs an argument: --output"),
            ("-o", "flag needs an argument: 'o' in -o"),
            (
                "--replicas=x",
                "invalid argument \"x\" for \"--replicas\" flag: strconv.ParseInt: parsing \"x\": invalid syntax",
            ),
            (
                "-A=x",
                "invalid argument \"x\" for \"-A, --all-namespaces\" flag: strconv.ParseBool: parsing \"x\": invalid syntax",
            ),
            ("--timeout=5", "invalid argument \"5\" for \"--timeout\" flag: time: invalid duration \"5\""),
        ] {
            assert_eq!(read(line), Err(why.to_owned()), "{line}");
        }
    }

    #[test]
    fn spans_read_as_go_reads_them() {
        for (text, micros) in [
            ("30s", Some(30 * SECOND)),
            ("1m30s", Some(90 * SECOND)),
            ("1.5s", Some(1_500 * MILLI)),
            ("200ms", Some(200 * MILLI)),
            ("0", Some(0)),
            ("-1s", Some(0)),
            ("5", None),
            ("", None),
            ("s", None),
        ] {
            assert_eq!(duration(text), micros, "{text}");
        }
    }
}
