//! `sed`: the editor of lines.

use super::Shell;
use super::filters::{Ended, given, input};
use crate::cluster::runtime::sh::pattern::Pattern;
use crate::value::Str;

/// `sed`: `s` with `g`, `i` and `p`, `d` and `p`, for all lines, numbered ones or those with a pattern.
pub(super) fn run(shell: &mut Shell, name: &str, arguments: &[Str]) -> Ended {
    let given = given(arguments, "e");
    let mut words = given.words.clone();
    let mut scripts: Vec<&str> = given.values.iter().map(|(_, value)| *value).collect();
    if scripts.is_empty() {
        if words.is_empty() {
            shell.print_error("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n");
            return Err(1);
        }
        scripts.push(words.remove(0));
    }
    let mut commands = Vec::new();
    for script in scripts.iter().flat_map(|script| split(script)) {
        match edit(&script, given.has('E') || given.has('r')) {
            Some(command) => commands.push(command),
            None => {
                shell.print_error(&format!("podium: sed '{script}' is not here: it knows s, d and p\n"));
                return Err(1);
            }
        }
    }
    let text = input(shell, name, &words)?;
    let count = text.lines().count();
    let (mut out, mut is_inside) = (String::new(), vec![false; commands.len()]);
    for (at, line) in text.lines().enumerate() {
        let (mut line, mut is_deleted) = (line.to_owned(), false);
        for (command, inside) in commands.iter().zip(&mut is_inside) {
            let is_at = |place: &Place, line: &str| match place {
                Place::Line(number) => *number == at + 1,
                Place::Last => at + 1 == count,
                Place::Text(pattern) => pattern.is_in(line),
            };
            let is_meant = match &command.places[..] {
                [] => true,
                [one] => is_at(one, &line),
                [from, to, ..] => {
                    let begins = !*inside && is_at(from, &line);
                    let is_meant = *inside || begins;
                    *inside = is_meant && !(is_at(to, &line) && (!begins || matches!(to, Place::Line(_))));
                    is_meant
                }
            };
            if is_meant == command.is_not {
                continue;
            }
            match &command.edit {
                Edit::Delete => is_deleted = true,
                Edit::Print => out.push_str(&format!("{line}\n")),
                Edit::Replace(pattern, by, flags) => {
                    let new = pattern.replace(&line, by, flags.contains('g'));
                    if flags.contains('p') && new != line {
                        out.push_str(&format!("{new}\n"));
                    }
                    line = new;
                }
            }
        }
        if !is_deleted && !given.has('n') {
            out.push_str(&format!("{line}\n"));
        }
    }
    match words.first().filter(|_| given.has('i')) {
        Some(file) => _ = shell.files.insert((*file).clone(), out.into()),
        None => shell.print(&out),
    }
    Ok(0)
}

enum Place {
    Line(usize),
    Last,
    Text(Pattern),
}

enum Edit {
    Delete,
    Print,
    Replace(Pattern, String, String),
}

struct Editing {
    places: Vec<Place>,
    is_not: bool,
    edit: Edit,
}

/// The commands of a script of sed, which stand in lines or between semicolons.
fn split(script: &str) -> Vec<String> {
    let is_whole = |part: &str| !part.contains("s/") || part.matches('/').count().is_multiple_of(3);
    let mut parts: Vec<String> = Vec::new();
    for part in script.split([';', '\n']) {
        match parts.last_mut().filter(|last| !is_whole(last)) {
            Some(last) => *last += &format!(";{part}"),
            None => parts.push(part.to_owned()),
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn edit(script: &str, extended: bool) -> Option<Editing> {
    let mut rest = script;
    let mut places = Vec::new();
    loop {
        if let Some(inner) = rest.strip_prefix('/') {
            let end = inner.find('/')?;
            places.push(Place::Text(Pattern::parse(&inner[..end], extended)));
            rest = &inner[end + 1..];
        } else if let Some(inner) = rest.strip_prefix('$') {
            places.push(Place::Last);
            rest = inner;
        } else {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                break;
            }
            places.push(Place::Line(rest[..digits].parse().ok()?));
            rest = &rest[digits..];
        }
        match rest.strip_prefix(',') {
            Some(inner) => rest = inner,
            None => break,
        }
    }
    let is_not = rest.starts_with('!');
    let mut chars = rest.trim_start_matches('!').trim_start().chars();
    let edit = match chars.next()? {
        'd' => Edit::Delete,
        'p' => Edit::Print,
        's' => {
            let sign = chars.next()?;
            let mut parts = vec![String::new()];
            while let Some(c) = chars.next() {
                match c {
                    '\\' => match chars.next()? {
                        next if next == sign => parts.last_mut()?.push(sign),
                        next => parts.last_mut()?.extend(['\\', next]),
                    },
                    c if c == sign => parts.push(String::new()),
                    c => parts.last_mut()?.push(c),
                }
            }
            let [pattern, by, flags] = &parts[..] else { return None };
            let pattern = Pattern::parse(pattern, extended);
            return Some(Editing { places, is_not, edit: Edit::Replace(pattern, by.clone(), flags.clone()) });
        }
        _ => return None,
    };
    chars.next().is_none().then_some(Editing { places, is_not, edit })
}
