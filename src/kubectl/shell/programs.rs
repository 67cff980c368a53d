//! The programs beside kubectl: each a function and a line in the list.

use super::Shell;
use crate::cluster::task::Suspended;
use crate::cluster::time::SECOND;
use crate::value::Str;

/// A program: what it does with its arguments, and its exit code.
type Program = fn(&mut Shell, &[Str]) -> Result<i32, Suspended>;

/// Every program.
const PROGRAMS: &[(&str, Program)] = &[
    ("cat", cat),
    ("echo", echo),
    ("false", |_, _| Ok(1)),
    ("grep", grep),
    ("head", |shell, arguments| ends(shell, arguments, "head")),
    ("kubectl", crate::kubectl::verbs::kubectl),
    ("sleep", sleep),
    ("sort", sort),
    ("tail", |shell, arguments| ends(shell, arguments, "tail")),
    ("true", |_, _| Ok(0)),
    ("wc", wc),
];

/// The exit code of what is not there.
pub(super) const NOT_FOUND: i32 = 127;

/// Runs a program by its name.
pub(super) fn run(shell: &mut Shell, name: &str, arguments: &[Str]) -> Result<i32, Suspended> {
    match PROGRAMS.iter().find(|(known, _)| *known == name) {
        Some((_, program)) => program(shell, arguments),
        None => {
            shell.print_error(&format!("bash: {name}: command not found\n"));
            Ok(NOT_FOUND)
        }
    }
}

fn cat(shell: &mut Shell, arguments: &[Str]) -> Result<i32, Suspended> {
    let mut code = 0;
    let standard_input = [Str::from("-")];
    for file in if arguments.is_empty() { &standard_input } else { arguments } {
        match shell.read(file) {
            Ok(text) => shell.print(&text),
            Err(why) => {
                shell.print_error(&format!("cat: {file}: {why}\n"));
                code = 1;
            }
        }
    }
    Ok(code)
}

fn echo(shell: &mut Shell, arguments: &[Str]) -> Result<i32, Suspended> {
    let (words, end) = match arguments.split_first() {
        Some((first, rest)) if &**first == "-n" => (rest, ""),
        _ => (arguments, "\n"),
    };
    shell.print(&format!("{}{end}", words.join(" ")));
    Ok(0)
}

/// The lines of the files that are named, or of standard input.
fn input(shell: &mut Shell, program: &str, files: &[&Str]) -> Result<String, i32> {
    let mut text = String::new();
    if files.is_empty() {
        text.push_str(&shell.stdin.clone());
    }
    for file in files {
        match shell.read(file) {
            Ok(read) => text.push_str(&read),
            Err(why) => {
                shell.print_error(&format!("{program}: cannot open '{file}' for reading: {why}\n"));
                return Err(1);
            }
        }
    }
    Ok(text)
}

/// `head` and `tail`: so many lines of the beginning or the end (`-3`, `-n 3`, of `tail` also `-n +2`).
fn ends(shell: &mut Shell, arguments: &[Str], program: &str) -> Result<i32, Suspended> {
    let (mut count, mut files, mut words) = (Str::from("10"), Vec::new(), arguments.iter());
    while let Some(word) = words.next() {
        match word.strip_prefix('-') {
            Some("n") => count = words.next().cloned().unwrap_or_default(),
            Some(number) => count = number.strip_prefix('n').unwrap_or(number).into(),
            None => files.push(word),
        }
    }
    let Ok(number) = count.trim_start_matches('+').parse::<usize>() else {
        shell.print_error(&format!("{program}: invalid number of lines: '{count}'\n"));
        return Ok(1);
    };
    let text = match input(shell, program, &files) {
        Ok(text) => text,
        Err(code) => return Ok(code),
    };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let shown = match program {
        "head" => &lines[..number.min(lines.len())],
        _ if count.starts_with('+') => &lines[number.saturating_sub(1).min(lines.len())..],
        _ => &lines[lines.len().saturating_sub(number)..],
    };
    shell.print(&shown.concat());
    Ok(0)
}

/// `sort`, and `-r`, `-u`.
fn sort(shell: &mut Shell, arguments: &[Str]) -> Result<i32, Suspended> {
    let (flags, files): (Vec<&Str>, Vec<&Str>) =
        arguments.iter().partition(|word| word.len() > 1 && word.starts_with('-'));
    let text = match input(shell, "sort", &files) {
        Ok(text) => text,
        Err(code) => return Ok(code),
    };
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    if flags.iter().any(|flag| flag.contains('u')) {
        lines.dedup();
    }
    if flags.iter().any(|flag| flag.contains('r')) {
        lines.reverse();
    }
    shell.print(&lines.iter().map(|line| format!("{line}\n")).collect::<String>());
    Ok(0)
}

/// `wc -l`: how many lines there are; without it words and bytes too.
fn wc(shell: &mut Shell, arguments: &[Str]) -> Result<i32, Suspended> {
    let (flags, files): (Vec<&Str>, Vec<&Str>) =
        arguments.iter().partition(|word| word.len() > 1 && word.starts_with('-'));
    let text = match input(shell, "wc", &files) {
        Ok(text) => text,
        Err(code) => return Ok(code),
    };
    let lines = text.matches('\n').count();
    let counts = if flags.iter().any(|flag| flag.contains('l')) {
        format!("{lines}")
    } else {
        format!("{lines:>7} {:>7} {:>7}", text.split_whitespace().count(), text.len())
    };
    let name = files.first().map_or_else(String::new, |file| format!(" {file}"));
    shell.print(&format!("{counts}{name}\n"));
    Ok(0)
}

fn sleep(shell: &mut Shell, arguments: &[Str]) -> Result<i32, Suspended> {
    let Some(time) = arguments.first() else {
        shell.print_error("sleep: missing operand\nTry 'sleep --help' for more information.\n");
        return Ok(1);
    };
    let seconds = time.strip_suffix('s').unwrap_or(time).parse::<f64>().ok();
    match seconds.filter(|seconds| (0.0..1e9).contains(seconds)) {
        Some(seconds) => shell.ask.sleep((seconds * SECOND as f64) as u64).map(|()| 0),
        None => {
            let help = "Try 'sleep --help' for more information.";
            shell.print_error(&format!("sleep: invalid time interval '{time}'\n{help}\n"));
            Ok(1)
        }
    }
}

/// `grep`: lines that match, of standard input or files. Patterns are texts joined by `|` (`\|` without `-E`),
/// with `.`, `.*`, `^` and `$`.
fn grep(shell: &mut Shell, arguments: &[Str]) -> Result<i32, Suspended> {
    let (mut extended, mut inverted, mut any_case, mut count) = (false, false, false, false);
    let mut words = Vec::new();
    for argument in arguments {
        match argument.strip_prefix('-').filter(|flags| !flags.is_empty()) {
            Some(flags) => {
                for flag in flags.chars() {
                    match flag {
                        'E' => extended = true,
                        'v' => inverted = true,
                        'i' => any_case = true,
                        'c' => count = true,
                        other => {
                            shell.print_error(&format!("grep: invalid option -- '{other}'\n"));
                            return Ok(2);
                        }
                    }
                }
            }
            None => words.push(argument),
        }
    }
    let Some((pattern, files)) = words.split_first() else {
        shell.print_error("Usage: grep [OPTION]... PATTERNS [FILE]...\n");
        return Ok(2);
    };
    let fold = |text: &str| if any_case { text.to_lowercase() } else { text.to_string() };
    let pattern = fold(pattern);
    let alternatives: Vec<&str> =
        if extended { pattern.split('|').collect() } else { pattern.split("\\|").collect() };
    let mut texts = Vec::new();
    for file in files {
        match shell.read(file) {
            Ok(text) => texts.push(text),
            Err(why) => shell.print_error(&format!("grep: {file}: {why}\n")),
        }
    }
    if files.is_empty() {
        texts.push(shell.stdin.clone());
    }
    let mut found = String::new();
    for line in texts.iter().flat_map(|text| text.lines()) {
        let folded = fold(line);
        if alternatives.iter().any(|pattern| matches(pattern, &folded)) != inverted {
            found.push_str(line);
            found.push('\n');
        }
    }
    let lines = found.lines().count();
    shell.print(&if count { format!("{lines}\n") } else { found });
    Ok(i32::from(lines == 0))
}

/// Whether a pattern of plain text, `.`, `*` after either, `^` and `$` is somewhere in a line.
fn matches(pattern: &str, line: &str) -> bool {
    let characters: Vec<char> = pattern.chars().collect();
    let line: Vec<char> = line.chars().collect();
    match characters.split_first() {
        Some(('^', rest)) => here(rest, &line),
        _ => (0..=line.len()).any(|from| here(&characters, &line[from..])),
    }
}

/// Whether a pattern matches from the beginning of a text (after Kernighan and Pike).
fn here(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => true,
        ['$'] => text.is_empty(),
        ['\\', c, rest @ ..] => text.first() == Some(c) && here(rest, &text[1..]),
        [c, '*', rest @ ..] => {
            let run = text.iter().take_while(|t| *c == '.' || *t == c).count();
            (0..=run).any(|n| here(rest, &text[n..]))
        }
        [c, rest @ ..] => text.first().is_some_and(|t| *c == '.' || t == c) && here(rest, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_grep_matches() {
        for (pattern, line, expected) in [
            ("web", "pod/web-1", true),
            ("^web", "pod/web-1", false),
            ("web$", "pod/web", true),
            ("w.b", "wob", true),
            ("a.*c", "xabbcx", true),
            ("ab*c", "ac", true),
            ("1\\.2", "1x2", false),
            ("", "anything", true),
        ] {
            assert_eq!(matches(pattern, line), expected, "{pattern} in {line}");
        }
    }
}
