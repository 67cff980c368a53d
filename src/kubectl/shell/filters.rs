//! Programs that read lines and print what they make of them.

use super::Shell;
use crate::cluster::runtime::sh::tools::translate;
use crate::value::Str;

/// The arguments of a program: flags, those with values, and the rest.
pub(super) struct Given<'w> {
    pub(super) flags: String,
    pub(super) values: Vec<(char, &'w str)>,
    pub(super) words: Vec<&'w Str>,
}

/// Reads arguments; the letters in `valued` take a value.
pub(super) fn given<'w>(arguments: &'w [Str], valued: &str) -> Given<'w> {
    let mut out = Given { flags: String::new(), values: Vec::new(), words: Vec::new() };
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            out.words.push(word);
            continue;
        };
        if &**word == "--" {
            out.words.extend(rest);
            break;
        }
        for (at, letter) in letters.char_indices() {
            if !valued.contains(letter) {
                out.flags.push(letter);
                continue;
            }
            let behind = &letters[at + letter.len_utf8()..];
            let value = if behind.is_empty() { rest.next().map_or("", |word| word) } else { behind };
            out.values.push((letter, value));
            break;
        }
    }
    out
}

impl Given<'_> {
    pub(super) fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }
    pub(super) fn value(&self, flag: char) -> Option<&str> {
        self.all(flag).next()
    }
    /// The values of a flag that may be given more than once.
    pub(super) fn all(&self, flag: char) -> impl Iterator<Item = &str> {
        self.values.iter().filter(move |(letter, _)| *letter == flag).map(|(_, value)| *value)
    }
}

/// The text of the files that are named, or of standard input; the exit code where one cannot be read.
pub(super) fn input(shell: &mut Shell, program: &str, files: &[&Str]) -> Result<String, i32> {
    if files.is_empty() {
        return Ok(shell.stdin.to_string());
    }
    let mut text = String::new();
    for file in files {
        match shell.read(file) {
            Ok(read) => text.push_str(&read),
            Err(why) => {
                shell.print_error(&format!("{program}: {file}: {why}\n"));
                return Err(1);
            }
        }
    }
    Ok(text)
}

/// Runs one of these programs, or none where the name is another's.
pub(super) fn run(shell: &mut Shell, name: &str, arguments: &[Str]) -> Option<i32> {
    let filter = match name {
        "cat" => cat,
        "grep" => super::grep::run,
        "head" | "tail" => ends,
        "sort" => sort,
        "uniq" => uniq,
        "wc" => wc,
        "cut" => cut,
        "tr" => tr,
        "tee" => tee,
        "sed" => super::sed::run,
        "awk" => super::awk::run,
        "base64" => base64,
        _ => return None,
    };
    Some(filter(shell, name, arguments).unwrap_or_else(|code| code))
}

fn lines(text: &str, each: impl Fn(&str) -> String) -> String {
    text.lines().map(|line| each(line) + "\n").collect()
}

/// An exit code, also where a program gives up.
pub(super) type Ended = Result<i32, i32>;

fn cat(shell: &mut Shell, name: &str, arguments: &[Str]) -> Ended {
    let given = given(arguments, "");
    let mut code = 0;
    let stdin = Str::from("-");
    let files = if given.words.is_empty() { vec![&stdin] } else { given.words.clone() };
    for file in files {
        match shell.read(file) {
            Ok(text) if given.has('n') => {
                let mut number = 0;
                let text: String = text
                    .lines()
                    .map(|line| {
                        number += 1;
                        format!("{number:6}\t{line}\n")
                    })
                    .collect();
                shell.print(&text);
            }
            Ok(text) => shell.print(&text),
            Err(why) => {
                shell.print_error(&format!("{name}: {file}: {why}\n"));
                code = 1;
            }
        }
    }
    Ok(code)
}

/// `head` and `tail`: so many lines of the beginning or the end (`-3`, `-n 3`, `-n +2`).
fn ends(shell: &mut Shell, name: &str, arguments: &[Str]) -> Ended {
    let is_number = |word: &Str| word.starts_with('-') && word[1..].parse::<usize>().is_ok();
    let arguments: Vec<Str> = arguments
        .iter()
        .map(|word| if is_number(word) { format!("-n{}", &word[1..]).into() } else { word.clone() })
        .collect();
    let given = given(&arguments, "nc");
    let count = given.value('n').or(given.value('c')).unwrap_or("10");
    let Ok(number) = count.trim_start_matches(['+', '-']).parse::<usize>() else {
        shell.print_error(&format!("{name}: invalid number of lines: '{count}'\n"));
        return Err(1);
    };
    let text = input(shell, name, &given.words)?;
    let pieces: Vec<&str> = match given.value('c') {
        Some(_) => text.split_inclusive(|_| true).collect(),
        None => text.split_inclusive('\n').collect(),
    };
    let shown = match name {
        "head" if count.starts_with('-') => &pieces[..pieces.len().saturating_sub(number)],
        "head" => &pieces[..number.min(pieces.len())],
        _ if count.starts_with('+') => &pieces[number.saturating_sub(1).min(pieces.len())..],
        _ => &pieces[pieces.len().saturating_sub(number)..],
    };
    shell.print(&shown.concat());
    Ok(0)
}

fn sort(shell: &mut Shell, name: &str, arguments: &[Str]) -> Ended {
    let given = given(arguments, "kt");
    let text = input(shell, name, &given.words)?;
    let mut all: Vec<&str> = text.lines().collect();
    let field = given
        .value('k')
        .and_then(|key| key.split([',', '.']).next()?.trim_end_matches('n').parse::<usize>().ok());
    let key = |line: &str| -> String {
        let Some(field) = field else { return line.to_owned() };
        let found = match given.value('t') {
            Some(sign) => line.split(sign).nth(field.max(1) - 1),
            None => line.split_whitespace().nth(field.max(1) - 1),
        };
        found.unwrap_or_default().to_owned()
    };
    let number = |line: &str| {
        let text = key(line);
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').unwrap_or(text.len());
        text[..end].parse::<f64>().unwrap_or(0.0)
    };
    if given.has('n') {
        all.sort_by(|a, b| number(a).total_cmp(&number(b)).then_with(|| a.cmp(b)));
    } else {
        all.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.cmp(b)));
    }
    if given.has('u') {
        all.dedup();
    }
    if given.has('r') {
        all.reverse();
    }
    shell.print(&lines(&all.join("\n"), str::to_owned));
    Ok(0)
}

fn uniq(shell: &mut Shell, name: &str, arguments: &[Str]) -> Ended {
    let given = given(arguments, "");
    let text = input(shell, name, &given.words)?;
    let mut counted: Vec<(usize, &str)> = Vec::new();
    for line in text.lines() {
        match counted.last_mut().filter(|(_, last)| *last == line) {
            Some((count, _)) => *count += 1,
            None => counted.push((1, line)),
        }
    }
    let mut out = String::new();
    for (count, line) in counted {
        let is_shown = !(given.has('d') && count < 2 || given.has('u') && count > 1);
        let number = if given.has('c') { format!("{count:7} ") } else { String::new() };
        out.push_str(&if is_shown { format!("{number}{line}\n") } else { String::new() });
    }
    shell.print(&out);
    Ok(0)
}

fn wc(shell: &mut Shell, name: &str, arguments: &[Str]) -> Ended {
    let given = given(arguments, "");
    let text = input(shell, name, &given.words)?;
    let all = [('l', text.matches('\n').count()), ('w', text.split_whitespace().count()), ('c', text.len())];
    let asked: Vec<usize> =
        all.iter().filter(|(flag, _)| given.has(*flag)).map(|(_, count)| *count).collect();
    let counts = match &asked[..] {
        [one] => one.to_string(),
        [] => all.iter().map(|(_, count)| format!("{count:>7}")).collect::<Vec<_>>().join(" "),
        some => some.iter().map(|count| format!("{count:>7}")).collect::<Vec<_>>().join(" "),
    };
    let file = given.words.first().map_or_else(String::new, |file| format!(" {file}"));
    shell.print(&format!("{counts}{file}\n"));
    Ok(0)
}

/// The places that `1,3-5,7-` names, in order.
fn places(text: &str, length: usize) -> Vec<usize> {
    let mut all: Vec<usize> = text
        .split(',')
        .flat_map(|part| {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let from = from.parse::<usize>().unwrap_or(1).max(1);
            let to = if to.is_empty() { length } else { to.parse().unwrap_or(from) };
            (from..=to.min(length)).map(|place| place - 1)
        })
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn cut(shell: &mut Shell, name: &str, arguments: &[Str]) -> Ended {
    let given = given(arguments, "dfcb");
    let text = input(shell, name, &given.words)?;
    let delimiter = given.value('d').unwrap_or("\t");
    let out = lines(&text, |line| {
        if let Some(list) = given.value('c').or(given.value('b')) {
            let chars: Vec<char> = line.chars().collect();
            return places(list, chars.len()).into_iter().map(|place| chars[place]).collect();
        }
        let fields: Vec<&str> = line.split(delimiter).collect();
        if fields.len() == 1 {
            return line.to_owned();
        }
        let kept = places(given.value('f').unwrap_or("1"), fields.len());
        kept.into_iter().map(|place| fields[place]).collect::<Vec<_>>().join(delimiter)
    });
    shell.print(&out);
    Ok(0)
}

fn tr(shell: &mut Shell, _: &str, arguments: &[Str]) -> Ended {
    let given = given(arguments, "");
    let sets: Vec<Str> = given.words.iter().map(|word| (*word).clone()).collect();
    let mut out = if given.has('s') && sets.len() == 1 {
        shell.stdin.to_string()
    } else {
        translate(&shell.stdin, &sets, given.has('d'))
    };
    if given.has('s') {
        let squeezed: Vec<char> = sets.last().map(|set| set.chars().collect()).unwrap_or_default();
        let mut last = None;
        out.retain(|c| last.replace(c) != Some(c) || !squeezed.contains(&c));
    }
    shell.print(&out);
    Ok(0)
}

fn tee(shell: &mut Shell, _: &str, arguments: &[Str]) -> Ended {
    let given = given(arguments, "");
    let text = shell.stdin.clone();
    for file in &given.words {
        let was = shell.files.get(*file).filter(|_| given.has('a')).cloned().unwrap_or_default();
        shell.files.insert((*file).clone(), format!("{was}{text}").into());
    }
    shell.print(&text);
    Ok(0)
}

fn base64(shell: &mut Shell, name: &str, arguments: &[Str]) -> Ended {
    let given = given(arguments, "w");
    let text = input(shell, name, &given.words)?;
    if !(given.has('d') || given.has('D')) {
        let out = crate::kubectl::verbs::base64(text.as_bytes());
        shell.print(&format!("{out}\n"));
        return Ok(0);
    }
    let Some(bytes) = crate::kubectl::verbs::from_base64(&text) else {
        shell.print_error("base64: invalid input\n");
        return Err(1);
    };
    shell.print(&String::from_utf8_lossy(&bytes));
    Ok(0)
}
