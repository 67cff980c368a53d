//! Flags and words of a command, read as kubectl reads them (upstream: spf13/pflag). Which flags a verb knows, and
//! what they are by themselves, stands in `help/verbs.txt`.

use super::help;
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
    pub(crate) long: &'static str,
    /// After one dash.
    pub(crate) short: Option<char>,
    /// What it is where it is not given, as help shows it: `'none'`, `[]`, `-1`.
    pub(crate) default: &'static str,
    /// Whether help leaves it out: it is to be removed.
    pub(crate) is_deprecated: bool,
}

/// Flags that may stand alone, with the value that they have then (upstream: `NoOptDefVal`).
const ALONE: &[(&str, &str)] = &[("cascade", "background"), ("dry-run", "unchanged"), ("validate", "strict")];

impl Flag {
    /// Reads a flag as the table has it: `o,output=''`, `!record`. A switch that is off has no value there.
    pub(crate) fn of(text: &'static str) -> Self {
        let (text, is_deprecated) = text.strip_prefix('!').map_or((text, false), |rest| (rest, true));
        let (name, default) = text.split_once('=').unwrap_or((text, "false"));
        let (short, long) = match name.split_once(',') {
            Some((short, long)) => (short.chars().next(), long),
            None => (None, name),
        };
        Self { long, short, default, is_deprecated }
    }
    fn takes(&self) -> Takes {
        if let Some((_, alone)) = ALONE.iter().find(|(name, _)| *name == self.long) {
            return Takes::TextOr(alone);
        }
        match self.default {
            "true" | "false" => Takes::Switch,
            number if number.parse::<i64>().is_ok() => Takes::Number,
            span if span.ends_with('s') && span.starts_with(|c: char| c.is_ascii_digit()) => Takes::Time,
            _ => Takes::Text,
        }
    }
    /// Whether it must be given a value.
    pub(crate) fn takes_value(&self) -> bool {
        !matches!(self.takes(), Takes::Switch | Takes::TextOr(_))
    }
    /// Whether `word` is this flag and the next word is its value.
    pub(crate) fn takes_next(&self, word: &str) -> bool {
        let is_it = match word.strip_prefix("--") {
            Some(long) => long == self.long,
            None => self.short.is_some_and(|letter| word == format!("-{letter}")),
        };
        is_it && self.takes_value()
    }
    /// What is said of one that is to be removed.
    fn deprecation(&self) -> String {
        let why = match self.long {
            "cpu-percent" => {
                "Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for \
                 milliCPU)."
            }
            "filename" => "it is ignored by kubectl run and will be removed in a future release",
            long => {
                return format!("Flag --{long} has been deprecated, --{long} will be removed in the future");
            }
        };
        format!("Flag --{} has been deprecated, {why}", self.long)
    }
}

/// What stands behind a verb.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// The words that are no flags, without those of the verb.
    pub(crate) words: Vec<Str>,
    /// How many of them stand before `--`; all where there is none.
    pub(crate) before_dashes: Option<usize>,
    /// What is said of flags that are to be removed.
    pub(crate) deprecations: Vec<String>,
    flags: Vec<(&'static str, Str)>,
}

impl Arguments {
    /// Reads what stands behind a verb. The error is what kubectl says.
    pub(crate) fn read(given: &[Str], verb: &str) -> Result<Self, String> {
        let mut out = Self::default();
        let flags: Vec<Flag> = help::flags(verb).chain(help::global()).collect();
        let known = |find: &dyn Fn(&Flag) -> bool| flags.iter().find(|flag| find(flag)).copied();
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
            if matches!(flag.takes(), Takes::Switch | Takes::TextOr(_)) {
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
        let value: Str = match (value, flag.takes()) {
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
        match flag.takes() {
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
        if flag.is_deprecated {
            self.deprecations.push(flag.deprecation());
        }
        self.flags.push((flag.long, value));
        Ok(())
    }
    /// The value of a flag, where it was given; the last one counts.
    pub(crate) fn text(&self, flag: &str) -> Option<&Str> {
        self.flags.iter().rev().find(|(name, _)| *name == flag).map(|(_, value)| value)
    }
    /// Gives a flag a value, as if it had been given.
    pub(crate) fn give(&mut self, flag: &'static str, value: Str) {
        self.flags.push((flag, value));
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

    fn read(verb: &str, line: &str) -> Result<Arguments, String> {
        let words: Vec<Str> = line.split(' ').map(Str::from).collect();
        Arguments::read(&words, verb)
    }

    #[test]
    fn flags_stand_anywhere() {
        let arguments = read("get", "po -Ao wide web --chunk-size=3 -n shop -- sh -c x").expect("reads");
        assert_eq!(arguments.words.join(" "), "po web sh -c x");
        assert_eq!(arguments.before_dashes, Some(2));
        assert!(arguments.is("all-namespaces"));
        assert_eq!(arguments.text("output").map(|text| &**text), Some("wide"));
        assert_eq!(arguments.number("chunk-size"), Some(3));
        let cascade = read("delete", "po web --cascade").expect("reads");
        assert_eq!(cascade.text("cascade").map(|text| &**text), Some("background"));
        assert_eq!(arguments.text("namespace").map(|text| &**text), Some("shop"));
        assert_eq!(read("get", "-oyaml").expect("reads").text("output").map(|text| &**text), Some("yaml"));
    }

    #[test]
    fn what_is_no_flag_is_said() {
        for (line, why) in [
            ("--imag=x", "unknown flag: --imag"),
            ("-x", "unknown shorthand flag: 'x' in -x"),
            ("--output", "flag needs an argument: --output"),
            ("-o", "flag needs an argument: 'o' in -o"),
            (
                "--chunk-size=x",
                "invalid argument \"x\" for \"--chunk-size\" flag: strconv.ParseInt: parsing \"x\": invalid syntax",
            ),
            (
                "-A=x",
                "invalid argument \"x\" for \"-A, --all-namespaces\" flag: strconv.ParseBool: parsing \"x\": invalid syntax",
            ),
        ] {
            assert_eq!(read("get", line), Err(why.to_owned()), "{line}");
        }
        let why = "invalid argument \"5\" for \"--timeout\" flag: time: invalid duration \"5\"";
        assert_eq!(read("wait", "--timeout=5"), Err(why.to_owned()));
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
