//! What becomes of words: variables, substitutions, expressions, fields, file names.

use super::script::{Operator, Part, Word};
use super::{Runtime, Shell, arithmetic};
use crate::cluster::engine::Engine;
use crate::value::Str;

/// A field while it is built: its text, and the same as a pattern in which quoted letters stand for themselves.
#[derive(Default)]
struct Field {
    text: String,
    pattern: String,
    is_glob: bool,
    is_there: bool,
}

impl Field {
    fn push(&mut self, text: &str, is_quoted: bool) {
        self.text.push_str(text);
        for c in text.chars() {
            let is_special = matches!(c, '*' | '?' | '[' | '\\');
            if is_special && is_quoted {
                self.pattern.push('\\');
            }
            self.is_glob |= is_special && !is_quoted && c != '\\';
            self.pattern.push(c);
        }
        self.is_there |= is_quoted || !text.is_empty();
    }
}

/// Whether a text fits a pattern of `*`, `?`, `[...]` and letters.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // The places in the pattern that the text so far can lead to.
    let mut places = vec![false; pattern.len() + 1];
    places[0] = true;
    pass_stars(&pattern, &mut places);
    for c in text {
        let mut next = vec![false; pattern.len() + 1];
        for at in (0..pattern.len()).filter(|at| places[*at]) {
            if pattern[at] == '*' {
                next[at] = true;
            } else if let Some(after) = one(&pattern, at, c) {
                next[after] = true;
            }
        }
        pass_stars(&pattern, &mut next);
        places = next;
    }
    places[pattern.len()]
}

fn pass_stars(pattern: &[char], places: &mut [bool]) {
    for at in 0..pattern.len() {
        if places[at] && pattern[at] == '*' {
            places[at + 1] = true;
        }
    }
}

/// Where a pattern goes on after one letter, where that fits.
fn one(pattern: &[char], at: usize, c: char) -> Option<usize> {
    match pattern[at] {
        '?' => Some(at + 1),
        '\\' if at + 1 < pattern.len() => (pattern[at + 1] == c).then_some(at + 2),
        '[' => {
            let end = pattern[at + 1..].iter().skip(1).position(|c| *c == ']').map(|n| at + 2 + n)?;
            let inner = &pattern[at + 1..end];
            let (is_negated, inner) = match inner.first() {
                Some('!' | '^') => (true, &inner[1..]),
                _ => (false, inner),
            };
            let mut found = false;
            let mut i = 0;
            while i < inner.len() {
                if i + 2 < inner.len() && inner[i + 1] == '-' {
                    found |= (inner[i]..=inner[i + 2]).contains(&c);
                    i += 3;
                } else {
                    found |= inner[i] == c;
                    i += 1;
                }
            }
            (found != is_negated).then_some(end + 1)
        }
        other => (other == c).then_some(at + 1),
    }
}

/// What becoming of words asks of a shell.
pub(crate) trait Host {
    /// A variable's value; none where it is not set.
    fn variable(&self, name: &str) -> Option<Str>;
    /// Gives a variable a value.
    fn set(&mut self, name: &str, value: Str);
    /// The arguments, without the name of what runs.
    fn arguments(&self) -> Vec<Str>;
    /// Says what is wrong, and ends what runs.
    fn fail(&mut self, why: &str);
    /// The names in a folder, as it was written.
    fn names(&self, folder: &str) -> Vec<String>;
}

/// A pattern of `case`, whose words hold no substitutions.
pub(crate) fn pattern(host: &dyn Host, word: &Word) -> String {
    let mut field = Field::default();
    for part in &word.0 {
        match part {
            Part::Text(text, is_quoted) => field.push(text, *is_quoted),
            Part::Variable(name, _, is_quoted) => {
                field.push(&host.variable(name).unwrap_or_default(), *is_quoted);
            }
            _ => {}
        }
    }
    field.pattern
}

/// The fields of words.
pub(crate) fn words(host: &mut dyn Host, words: &[Word], captured: &[Str]) -> Vec<Str> {
    let mut out: Vec<Str> = Vec::new();
    for word in words {
        for field in fields(host, word, captured) {
            let found = if field.is_glob { paths(host, &field.pattern) } else { Vec::new() };
            if found.is_empty() {
                out.push(field.text.into());
            } else {
                out.extend(found);
            }
        }
    }
    out
}

/// A word as one text.
pub(crate) fn one_text(host: &mut dyn Host, word: &Word, captured: &[Str]) -> Str {
    let fields = fields(host, &quoted(word), captured);
    fields.into_iter().map(|field| field.text).collect::<Vec<_>>().join(" ").into()
}

fn fields(host: &mut dyn Host, word: &Word, captured: &[Str]) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut field = Field::default();
    let separators = host.variable("IFS");
    let is_separator = |c: char| separators.as_ref().map_or(c.is_ascii_whitespace(), |all| all.contains(c));
    let split = |text: &str, field: &mut Field, fields: &mut Vec<Field>| {
        let mut rest = text;
        while let Some(at) = rest.find(is_separator) {
            field.push(&rest[..at], false);
            if field.is_there {
                fields.push(std::mem::take(field));
            }
            rest = rest[at..].trim_start_matches(is_separator);
        }
        field.push(rest, false);
    };
    for part in &word.0 {
        match part {
            Part::Text(text, is_quoted) => field.push(text, *is_quoted),
            Part::Home => field.push(&host.variable("HOME").unwrap_or_default(), true),
            Part::Variable(name, None, true) if &**name == "@" => {
                for (i, argument) in host.arguments().iter().enumerate() {
                    if i > 0 {
                        fields.push(std::mem::take(&mut field));
                    }
                    field.push(argument, true);
                }
            }
            Part::Variable(name, operator, is_quoted) => {
                let value = value_of(host, name, operator.as_ref(), captured);
                if *is_quoted { field.push(&value, true) } else { split(&value, &mut field, &mut fields) }
            }
            Part::Length(name) => {
                let value = host.variable(name).unwrap_or_default();
                field.push(&value.chars().count().to_string(), false);
            }
            Part::Substitution(place, is_quoted) => {
                let value = captured.get(*place).cloned().unwrap_or_default();
                if *is_quoted { field.push(&value, true) } else { split(&value, &mut field, &mut fields) }
            }
            Part::Arithmetic(expression) => {
                let text = one_text(host, expression, captured);
                match arithmetic(host, &text) {
                    Ok(value) => field.push(&value.to_string(), false),
                    Err(why) => host.fail(&why),
                }
            }
        }
    }
    if field.is_there {
        fields.push(field);
    }
    fields
}

/// The value of an expression, with an assignment where it is one.
pub(crate) fn arithmetic(host: &mut dyn Host, text: &str) -> Result<i64, String> {
    let lookup = |host: &dyn Host, text: &str| {
        let of = |name: &str| host.variable(name).and_then(|value| value.trim().parse().ok()).unwrap_or(0);
        arithmetic::evaluate(text, &of)
    };
    let trimmed = text.trim();
    for (step, by) in [("++", 1), ("--", -1)] {
        let name = trimmed.strip_suffix(step).or_else(|| trimmed.strip_prefix(step)).map(str::trim);
        if let Some(name) = name.filter(|name| super::parser::is_name(name)) {
            let old = lookup(host, name)?;
            host.set(name, (old + by).to_string().into());
            return Ok(if trimmed.ends_with(step) { old } else { old + by });
        }
    }
    if let Some((left, right)) = trimmed.split_once('=').filter(|(_, right)| !right.starts_with('=')) {
        let left = left.trim();
        let name = left.trim_end_matches(['+', '-', '*', '/', '%']).trim();
        if super::parser::is_name(name) {
            let operator = &left[name.len()..].trim();
            let right = lookup(host, right)?;
            let value = if operator.is_empty() {
                right
            } else {
                lookup(host, &format!("{name} {operator} ({right})"))?
            };
            host.set(name, value.to_string().into());
            return Ok(value);
        }
    }
    lookup(host, text)
}

fn value_of(host: &mut dyn Host, name: &Str, operator: Option<&(Operator, Word)>, captured: &[Str]) -> Str {
    let value = host.variable(name);
    let Some((operator, word)) = operator else { return value.unwrap_or_default() };
    let is_set = |with_empty: bool| value.as_ref().is_some_and(|value| !(with_empty && value.is_empty()));
    match *operator {
        Operator::Default(with_empty) if !is_set(with_empty) => one_text(host, word, captured),
        Operator::Assign(with_empty) if !is_set(with_empty) => {
            let value = one_text(host, word, captured);
            host.set(name, value.clone());
            value
        }
        Operator::Alternative(with_empty) => {
            if is_set(with_empty) {
                one_text(host, word, captured)
            } else {
                Str::default()
            }
        }
        Operator::Error(with_empty) if !is_set(with_empty) => {
            let why = one_text(host, word, captured);
            let why = if why.is_empty() { "parameter not set" } else { &*why };
            host.fail(&format!("{name}: {why}"));
            Str::default()
        }
        Operator::Suffix(longest) | Operator::Prefix(longest) => {
            let value = value.unwrap_or_default();
            let pattern = pattern(host, word);
            let mut cuts: Vec<usize> = value.char_indices().map(|(at, _)| at).chain([value.len()]).collect();
            let is_suffix = matches!(operator, Operator::Suffix(_));
            if is_suffix != longest {
                cuts.reverse();
            }
            let found = cuts
                .into_iter()
                .find(|cut| matches(&pattern, if is_suffix { &value[*cut..] } else { &value[..*cut] }));
            match found {
                Some(cut) if is_suffix => value[..cut].into(),
                Some(cut) => value[cut..].into(),
                None => value,
            }
        }
        Operator::Default(_) | Operator::Assign(_) | Operator::Error(_) => value.unwrap_or_default(),
    }
}

/// The paths that fit a pattern, in order.
fn paths(host: &dyn Host, pattern: &str) -> Vec<Str> {
    let (folder, last) = pattern.rsplit_once('/').map_or(("", pattern), |(folder, last)| (folder, last));
    if folder.contains(['*', '?', '[']) {
        return Vec::new();
    }
    let place = if pattern.starts_with('/') && folder.is_empty() { "/" } else { folder };
    let prefix = if pattern.contains('/') { format!("{folder}/") } else { String::new() };
    host.names(place)
        .into_iter()
        .filter(|name| !name.starts_with('.') || last.starts_with('.'))
        .filter(|name| matches(last, name))
        .map(|name| format!("{prefix}{name}").into())
        .collect()
}

impl Shell {
    /// A variable's value; none where it is not set.
    pub(super) fn variable(&self, name: &str, local_pid: u32) -> Option<Str> {
        Some(match name {
            "?" => self.status.to_string().into(),
            "$" => local_pid.to_string().into(),
            "!" => self.last_job?.to_string().into(),
            "#" => self.arguments.len().saturating_sub(1).to_string().into(),
            "@" | "*" => self.arguments.get(1..).unwrap_or_default().join(" ").into(),
            "-" => if self.ends_on_error { "e" } else { "" }.into(),
            _ => match name.parse::<usize>() {
                Ok(place) => self.arguments.get(place)?.clone(),
                Err(_) => self.variables.get(name)?.clone(),
            },
        })
    }
}

/// A shell in a container.
struct Inside<'a> {
    runtime: &'a mut Runtime,
    engine: &'a mut Engine,
    pid: u32,
    shell: &'a mut Shell,
}

impl Host for Inside<'_> {
    fn variable(&self, name: &str) -> Option<Str> {
        let local_pid = self.runtime.processes.get(&self.pid).map_or(0, |process| process.row.local_pid);
        self.shell.variable(name, local_pid)
    }
    fn set(&mut self, name: &str, value: Str) {
        self.shell.variables.insert(name.into(), value);
    }
    fn arguments(&self) -> Vec<Str> {
        self.shell.arguments.get(1..).unwrap_or_default().to_vec()
    }
    fn fail(&mut self, why: &str) {
        self.runtime.say(self.engine, self.pid, self.shell, true, &format!("sh: {why}\n"));
        self.shell.exit(2);
    }
    fn names(&self, folder: &str) -> Vec<String> {
        let folder = super::super::files::absolute(&self.shell.folder, folder);
        self.runtime.list_folder(self.pid, &folder)
    }
}

impl Runtime {
    /// The fields of words.
    pub(super) fn expand_words(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        list: &[Word],
        captured: &[Str],
    ) -> Vec<Str> {
        words(&mut Inside { runtime: self, engine, pid, shell }, list, captured)
    }
    /// A word as one text.
    pub(super) fn expand_one(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        word: &Word,
        captured: &[Str],
    ) -> Str {
        one_text(&mut Inside { runtime: self, engine, pid, shell }, word, captured)
    }
    /// Whether a text fits one of the patterns of `case`.
    pub(super) fn fits(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        patterns: &[Word],
        text: &str,
    ) -> bool {
        let host = Inside { runtime: self, engine, pid, shell };
        patterns.iter().any(|word| matches(&pattern(&host, word), text))
    }
    /// The value of an expression, with an assignment where it is one.
    pub(super) fn value_of(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        text: &str,
    ) -> Result<i64, String> {
        arithmetic(&mut Inside { runtime: self, engine, pid, shell }, text)
    }
}

/// A word whose parts are all quoted: it becomes one field.
fn quoted(word: &Word) -> Word {
    Word(
        word.0
            .iter()
            .map(|part| match part {
                Part::Text(text, _) => Part::Text(text.clone(), true),
                Part::Variable(name, operator, _) => Part::Variable(
                    if &**name == "@" { "*".into() } else { name.clone() },
                    operator.clone(),
                    true,
                ),
                Part::Substitution(place, _) => Part::Substitution(*place, true),
                other => other.clone(),
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_the_shell_fits_them() {
        for (pattern, text, expected) in [
            ("*.html", "index.html", true),
            ("*.html", "index.htm", false),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("*a*b*", "xxaxxbxx", true),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
