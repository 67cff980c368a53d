//! `grep`: patterns, how they must hold, and what of the lines is printed.

use super::Shell;
use super::filters::{Ended, Given, given};
use crate::cluster::runtime::sh::pattern::Pattern;
use crate::value::Str;
use std::fmt::Write;

/// The letters that take a value, those that take none, and those of GNU's that are not there.
const VALUED: &str = "eABCm";
const SWITCHES: &str = "EFGHLchilnoqrsvwx";
const NOT_HERE: &str = "abdDfIPRTuUyzZ";
/// What stands for a letter.
const LONG: &[(&str, char)] = &[
    ("count", 'c'),
    ("extended-regexp", 'E'),
    ("fixed-strings", 'F'),
    ("files-with-matches", 'l'),
    ("ignore-case", 'i'),
    ("invert-match", 'v'),
    ("line-number", 'n'),
    ("line-regexp", 'x'),
    ("no-filename", 'h'),
    ("no-messages", 's'),
    ("only-matching", 'o'),
    ("quiet", 'q'),
    ("silent", 'q'),
    ("word-regexp", 'w'),
];
const USAGE: &str = "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n";

/// How a line is held against the patterns.
struct Look {
    patterns: Vec<Pattern>,
    folds: bool,
    /// Only whole words, only whole lines.
    words: bool,
    lines: bool,
    /// Whether more than the first place of a line counts.
    all: bool,
}

impl Look {
    fn new(given: &Given, texts: &str) -> Self {
        let (extended, folds) = (given.has('E'), given.has('i'));
        let pattern = |text: &str| {
            let text = if folds { folded(text) } else { text.to_owned() };
            if given.has('F') { Pattern::literal(&text) } else { Pattern::parse(&text, extended) }
        };
        let patterns = texts.split('\n').map(pattern).collect();
        Self { patterns, folds, words: given.has('w'), lines: given.has('x'), all: given.has('o') }
    }
    /// Where the patterns are found in a line, from left to right, none within another; as places of its characters.
    fn found(&self, line: &[char]) -> Vec<(usize, usize)> {
        let fold = |c: &char| c.to_lowercase().next().unwrap_or(*c);
        let line: Vec<char> = if self.folds { line.iter().map(fold).collect() } else { line.to_vec() };
        if self.lines {
            let is_whole = |pattern: &Pattern| pattern.longest(&line, 0) == Some(line.len());
            return if self.patterns.iter().any(is_whole) { vec![(0, line.len())] } else { Vec::new() };
        }
        let is_word = |at: usize| line.get(at).is_some_and(|c| c.is_alphanumeric() || *c == '_');
        let (mut out, mut at) = (Vec::new(), 0);
        while at <= line.len() {
            let places = self.patterns.iter().filter_map(|pattern| pattern.place(&line, at));
            // The first one counts, and of those that begin there the longest.
            let Some((begin, end)) = places.min_by_key(|(begin, end)| (*begin, usize::MAX - end)) else {
                break;
            };
            let is_in_word = is_word(end) || begin > 0 && is_word(begin - 1);
            if self.words && is_in_word {
                at = begin + 1;
                continue;
            }
            out.push((begin, end));
            if !self.all {
                break;
            }
            at = end.max(begin + 1);
        }
        out
    }
}

/// A pattern in small letters, but for those that a backslash makes a sign.
fn folded(text: &str) -> String {
    let mut is_quoted = false;
    let letters = text.chars().map(|c| {
        let letter = if is_quoted { c } else { c.to_lowercase().next().unwrap_or(c) };
        is_quoted = c == '\\' && !is_quoted;
        letter
    });
    letters.collect()
}

/// What is printed of the lines of a text, and how many hold.
struct Printer<'g> {
    given: &'g Given<'g>,
    before: usize,
    behind: usize,
    /// Whether groups of lines are kept apart.
    separates: bool,
    most: usize,
}

impl Printer<'_> {
    /// `name` is the file's, where it is told.
    fn print(&self, out: &mut String, look: &Look, text: &str, name: Option<&str>) -> usize {
        let has = |flag| self.given.has(flag);
        let head = |mark: char| name.map_or_else(String::new, |name| format!("{name}{mark}"));
        let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        let found: Vec<Vec<(usize, usize)>> = lines.iter().map(|line| look.found(line)).collect();
        let holding = found.iter().enumerate().filter(|(_, places)| places.is_empty() == has('v'));
        let holding: Vec<usize> = holding.map(|(at, _)| at).take(self.most).collect();
        if has('c') || has('l') || has('L') {
            if has('c') {
                _ = writeln!(out, "{}{}", head(':'), holding.len());
            } else if has('l') != holding.is_empty() {
                _ = writeln!(out, "{}", name.unwrap_or_default());
            }
            return holding.len();
        }
        let mut shown = vec![false; lines.len()];
        for at in &holding {
            shown[at.saturating_sub(self.before)..(at + self.behind + 1).min(lines.len())].fill(true);
        }
        let mut last = None;
        for at in (0..lines.len()).filter(|at| shown[*at]) {
            // What surrounds a line stands behind dashes, and groups that do not touch are kept apart.
            let is_context = holding.binary_search(&at).is_err();
            if self.separates && !out.is_empty() && last.is_none_or(|last| last + 1 < at) {
                out.push_str("--\n");
            }
            last = Some(at);
            let mark = if is_context { '-' } else { ':' };
            let mut head = head(mark);
            if has('n') {
                _ = write!(head, "{}{mark}", at + 1);
            }
            if !has('o') {
                _ = writeln!(out, "{head}{}", lines[at].iter().collect::<String>());
            } else if !is_context && !has('v') {
                for (begin, end) in found[at].iter().filter(|(begin, end)| end > begin) {
                    _ = writeln!(out, "{head}{}", lines[at][*begin..*end].iter().collect::<String>());
                }
            }
        }
        holding.len()
    }
}

/// The arguments with the letters that long options stand for. Colours are for a terminal that has them.
fn short(arguments: &[Str]) -> Result<Vec<Str>, Str> {
    let options = arguments.iter().take_while(|word| &***word != "--").count();
    let mut out = Vec::new();
    for word in &arguments[..options] {
        match word.strip_prefix("--") {
            Some(long) if long.starts_with("colo") => {}
            Some(long) => match LONG.iter().find(|(name, _)| *name == long) {
                Some((_, letter)) => out.push(format!("-{letter}").into()),
                None => return Err(word.clone()),
            },
            None => out.push(word.clone()),
        }
    }
    out.extend_from_slice(&arguments[options..]);
    Ok(out)
}

pub(super) fn run(shell: &mut Shell, name: &str, arguments: &[Str]) -> Ended {
    let arguments = match short(arguments) {
        Ok(arguments) => arguments,
        Err(word) => {
            shell.print_error(&format!("podium: {name} {word} is not simulated\n"));
            return Err(2);
        }
    };
    let given = given(&arguments, VALUED);
    if let Some(letter) = given.flags.chars().find(|letter| !SWITCHES.contains(*letter)) {
        shell.print_error(&match NOT_HERE.contains(letter) {
            true => format!("podium: {name} -{letter} is not simulated\n"),
            false => format!("{name}: invalid option -- '{letter}'\n{USAGE}"),
        });
        return Err(2);
    }
    let mut files = given.words.clone();
    let texts: Vec<&str> = given.all('e').collect();
    let texts = match texts.is_empty() {
        true if files.is_empty() => {
            shell.print_error(USAGE);
            return Err(2);
        }
        true => files.remove(0).to_string(),
        false => texts.join("\n"),
    };
    let look = Look::new(&given, &texts);
    let number = |flag| given.value(flag).and_then(|value| value.parse::<usize>().ok());
    let around = number('C').unwrap_or(0);
    let printer = Printer {
        given: &given,
        before: number('B').unwrap_or(around),
        behind: number('A').unwrap_or(around),
        separates: ['A', 'B', 'C'].into_iter().any(|flag| given.value(flag).is_some()),
        most: number('m').unwrap_or(usize::MAX),
    };
    let names_files = !given.has('h') && (files.len() > 1 || given.has('r') || given.has('H'));
    let is_named = names_files || given.has('l') || given.has('L');
    let stdin = Str::from("-");
    if files.is_empty() {
        files.push(&stdin);
    }
    let (mut out, mut found, mut is_missing) = (String::new(), 0, false);
    for file in files {
        let text = match shell.read(file) {
            Ok(text) => text,
            Err(why) => {
                if !given.has('s') {
                    shell.print_error(&format!("{name}: {file}: {why}\n"));
                }
                is_missing = true;
                continue;
            }
        };
        let title = if &**file == "-" { "(standard input)" } else { &**file };
        found += printer.print(&mut out, &look, &text, is_named.then_some(title));
    }
    if given.has('q') {
        return Ok(if found > 0 { 0 } else { 1 + i32::from(is_missing) });
    }
    shell.print(&out);
    Ok(if is_missing { 2 } else { i32::from(found == 0) })
}
