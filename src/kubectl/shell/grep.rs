//! `grep` as GNU's has it: patterns, how they must hold, and what of the lines is printed.

use super::Shell;
use super::filters::{Ended, Given, given};
use crate::cluster::runtime::sh::pattern::Pattern;
use crate::value::Str;
use std::fmt::Write;

/// The letters that take a value, and those that take none.
const VALUED: &str = "eABCm";
const SWITCHES: &str = "EFGHLchilnoqrsvwx";
const USAGE: &str = "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n";

/// How a line is held against the patterns.
struct Look {
    patterns: Vec<Pattern>,
    folds: bool,
    /// Only whole words, only whole lines.
    words: bool,
    lines: bool,
}

impl Look {
    fn new(given: &Given, texts: &str) -> Self {
        let (extended, folds) = (given.has('E'), given.has('i'));
        let pattern = |text: &str| {
            let text = if folds { text.to_lowercase() } else { text.to_owned() };
            if given.has('F') { Pattern::literal(&text) } else { Pattern::parse(&text, extended) }
        };
        let patterns = texts.split('\n').map(pattern).collect();
        Self { patterns, folds, words: given.has('w'), lines: given.has('x') }
    }
    /// Where the patterns are found in a line, from left to right, none within another; as places of its characters.
    fn found(&self, line: &[char]) -> Vec<(usize, usize)> {
        let fold = |c: &char| c.to_lowercase().next().unwrap_or(*c);
        let line: Vec<char> = if self.folds { line.iter().map(fold).collect() } else { line.to_vec() };
        let is_word = |at: usize| line.get(at).is_some_and(|c| c.is_alphanumeric() || *c == '_');
        let holds = |(begin, end): (usize, usize)| {
            let is_line = begin == 0 && end == line.len();
            let is_in_word = is_word(end) || begin > 0 && is_word(begin - 1);
            (!self.lines || is_line) && !(self.words && is_in_word)
        };
        let (mut out, mut at) = (Vec::new(), 0);
        while at <= line.len() {
            let places = self.patterns.iter().filter_map(|pattern| pattern.place(&line, at));
            // The first one counts, and of those that begin there the longest.
            let Some((begin, end)) = places.min_by_key(|(begin, end)| (*begin, usize::MAX - end)) else {
                break;
            };
            if holds((begin, end)) {
                out.push((begin, end));
                at = end.max(begin + 1);
            } else {
                at = begin + 1;
            }
        }
        out
    }
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
    fn print(&self, out: &mut String, look: &Look, text: &str, name: &str) -> usize {
        let has = |flag| self.given.has(flag);
        let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        let found: Vec<Vec<(usize, usize)>> = lines.iter().map(|line| look.found(line)).collect();
        let holding = found.iter().enumerate().filter(|(_, places)| places.is_empty() == has('v'));
        let holding: Vec<usize> = holding.map(|(at, _)| at).take(self.most).collect();
        if has('c') || has('l') || has('L') {
            let file = if name.is_empty() { "(standard input)" } else { name.trim_end_matches(':') };
            if has('c') {
                _ = writeln!(out, "{name}{}", holding.len());
            } else if has('l') != holding.is_empty() {
                _ = writeln!(out, "{file}");
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
            let mut head = if is_context { name.replace(':', "-") } else { name.to_owned() };
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

pub(super) fn run(shell: &mut Shell, name: &str, arguments: &[Str]) -> Ended {
    // Colours are for a terminal that has them.
    let arguments: Vec<Str> = arguments.iter().filter(|word| !word.starts_with("--colo")).cloned().collect();
    let given = given(&arguments, VALUED);
    if let Some(letter) = given.flags.chars().find(|letter| !SWITCHES.contains(*letter)) {
        shell.print_error(&format!("{name}: invalid option -- '{letter}'\n{USAGE}"));
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
        let is_named = names_files || given.has('l') || given.has('L');
        let title = if is_named && **file != *"-" { format!("{file}:") } else { String::new() };
        found += printer.print(&mut out, &look, &text, &title);
    }
    if !given.has('q') {
        shell.print(&out);
    }
    Ok(if is_missing { 2 } else { i32::from(found == 0) })
}
