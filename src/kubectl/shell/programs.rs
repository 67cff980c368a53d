//! The programs beside kubectl: what the shell does itself, and what others do.

use super::filters::{self, given};
use super::{Flow, NO_SUCH_FILE, Shell};
use crate::cluster::runtime::sh::expand;
use crate::cluster::runtime::sh::tools::{date, echo, printf, seq};
use crate::cluster::task::Suspended;
use crate::cluster::time::{MILLI, SECOND};
use crate::kubectl::process::Files;
use crate::value::Str;

/// The exit code of what is not there.
pub(super) const NOT_FOUND: i32 = 127;

/// What the programs of this shell are called; `help` lists them.
const NAMES: &[&str] = &[
    "alias", "awk", "base64", "cat", "clear", "cp", "cut", "date", "echo", "export", "grep", "head",
    "history", "kubectl", "ls", "node", "printf", "rm", "sed", "seq", "sleep", "sort", "tail", "tee", "test",
    "touch", "tr", "uniq", "watch", "wc", "xargs",
];

/// What people look for and what is there in its stead.
const HINTS: &[(&[&str], &str)] = &[
    (&["vi", "vim", "nano", "emacs", "code"], "files are changed in the editor of the page"),
    (
        &["docker", "podman", "nerdctl"],
        "the stage shows the containers of a Pod, and node node-1 -- crictl ps those of a node",
    ),
    (
        &["ssh", "iptables", "iptables-save", "lsns", "ps", "crictl"],
        "that is a command for a node: node node-1 -- iptables-save, lsns, ps -ef, crictl pods",
    ),
    (
        &["curl", "wget", "ping", "nslookup"],
        "there is no network here, but in a Pod: kubectl exec POD -- wget -qO- URL",
    ),
    (&["minikube", "kind", "kubeadm", "k3d"], "a cluster runs here already: kubectl get nodes"),
    (&["helm"], "a file takes what helm template prints"),
    (&["kustomize"], "kubectl builds it: kubectl kustomize FOLDER"),
    (&["jq", "yq"], "kubectl has -o jsonpath and custom-columns"),
    (&["cd", "mkdir"], "all files lie in one folder"),
];

/// Clears the terminal.
const FORM_FEED: &str = "\u{c}";

/// The names in a folder of the files.
pub(super) fn names(files: &Files, folder: &str) -> Vec<String> {
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    let inside = |name: &Str| -> Option<String> {
        let rest = match folder {
            "" | "." => name,
            folder => name.strip_prefix(folder)?.strip_prefix('/')?,
        };
        rest.split('/').next().map(str::to_owned)
    };
    let mut names: Vec<String> = files.keys().filter_map(inside).collect();
    names.dedup();
    names
}

/// Runs a program by its name.
pub(super) fn run(shell: &mut Shell, name: &str, arguments: &[Str]) -> Result<i32, Suspended> {
    let first = arguments.first().map_or("", |word| &**word);
    let number = |or: i32| first.parse::<i32>().unwrap_or(or);
    Ok(match name {
        "kubectl" | "k" => return crate::kubectl::verbs::kubectl(shell, arguments),
        "sleep" => return sleep(shell, arguments),
        "watch" => return watch(shell, arguments),
        "node" => return on_node(shell, arguments),
        "xargs" => return xargs(shell, arguments),
        "true" | ":" | "set" => 0,
        "false" => 1,
        "echo" => print(shell, &echo(arguments)),
        "printf" => print(shell, &printf(arguments)),
        "seq" => print(shell, &seq(&arguments.iter().collect::<Vec<_>>())),
        "date" => {
            let (wall, now) = (shell.ask.wall(), shell.ask.now());
            print(shell, &format!("{}\n", date(wall, now, &arguments.iter().collect::<Vec<_>>())))
        }
        "pwd" => print(shell, "/home/podium\n"),
        "whoami" => print(shell, "podium\n"),
        "hostname" => print(shell, "podium\n"),
        "clear" => print(shell, FORM_FEED),
        "help" => print(shell, &format!("{}\n", NAMES.join(" "))),
        "history" => {
            let lines = shell.kept.history.iter().enumerate();
            let text: String = lines.map(|(at, line)| format!("{:5}  {line}\n", at + 1)).collect();
            print(shell, &text)
        }
        "ls" => list(shell, arguments),
        "touch" | "rm" => change_files(shell, name, arguments),
        "cp" => copy(shell, arguments),
        "exit" => {
            shell.flow = Some(Flow::Exit);
            number(shell.status) & 0xff
        }
        "return" => {
            shell.flow = Some(Flow::Return);
            number(shell.status)
        }
        "break" | "continue" => {
            shell.flow = Some(Flow::Leave(usize::try_from(number(1)).unwrap_or(1).max(1), name == "break"));
            0
        }
        "export" | "declare" | "local" | "readonly" => {
            for (name, value) in arguments.iter().filter_map(|word| word.split_once('=')) {
                shell.kept.variables.insert(name.into(), value.into());
            }
            0
        }
        "unset" => {
            arguments.iter().for_each(|name| _ = shell.kept.variables.remove(name));
            0
        }
        "env" | "printenv" => {
            let all = shell.kept.variables.iter();
            let text: String = all.map(|(name, value)| format!("{name}={value}\n")).collect();
            print(shell, &text)
        }
        "alias" => alias(shell, arguments),
        "unalias" => {
            arguments.iter().for_each(|name| _ = shell.kept.aliases.remove(name));
            0
        }
        "let" => {
            let value = expand::arithmetic(shell, &arguments.join(" "));
            i32::from(value.unwrap_or(0) == 0)
        }
        "eval" => {
            let line = arguments.join(" ");
            return shell.run(&line);
        }
        "read" => read_line(shell, arguments),
        "test" | "[" | "[[" => {
            let inner = match arguments.split_last() {
                Some((last, inner)) if name != "test" && matches!(&**last, "]" | "]]") => inner,
                _ if name == "test" => arguments,
                _ => {
                    shell.print_error(&format!("bash: {name}: missing `]'\n"));
                    return Ok(2);
                }
            };
            match super::test::holds(shell, inner) {
                Ok(holds) => i32::from(!holds),
                Err(why) => {
                    shell.print_error(&format!("bash: {name}: {why}\n"));
                    2
                }
            }
        }
        "which" | "type" => {
            let is_here = is_here(first);
            if is_here {
                shell.print(&format!("/usr/bin/{first}\n"));
            }
            i32::from(!is_here)
        }
        _ => match filters::run(shell, name, arguments) {
            Some(code) => code,
            None => not_found(shell, name),
        },
    })
}

/// Whether there is a program of this name.
pub(super) fn is_here(name: &str) -> bool {
    NAMES.contains(&name) || matches!(name, "true" | "false")
}

/// Whether the shell does what has this name without listing it among its programs.
pub(super) fn is_built_in(name: &str) -> bool {
    [
        ":", "[", "[[", "break", "continue", "declare", "env", "eval", "exit", "hostname", "k", "let",
        "local", "printenv", "pwd", "read", "readonly", "return", "set", "type", "unalias", "unset", "which",
        "whoami",
    ]
    .contains(&name)
}

fn print(shell: &mut Shell, text: &str) -> i32 {
    shell.print(text);
    0
}

fn not_found(shell: &mut Shell, name: &str) -> i32 {
    shell.print_error(&format!("bash: {name}: command not found\n"));
    if let Some((_, hint)) = HINTS.iter().find(|(names, _)| names.contains(&name)) {
        shell.print_error(&format!("podium: {hint}\n"));
    } else if let Some(near) = crate::schema::nearest(name, NAMES.iter().copied()) {
        shell.print_error(&format!("podium: perhaps {}\n", near.name));
    }
    NOT_FOUND
}

fn list(shell: &mut Shell, arguments: &[Str]) -> i32 {
    let given = given(arguments, "");
    let mut code = 0;
    let here = Str::from(".");
    let folders = if given.words.is_empty() { vec![&here] } else { given.words.clone() };
    for folder in folders {
        let found = match shell.files.contains_key(folder) {
            true => vec![folder.to_string()],
            false => names(&shell.files, folder),
        };
        if found.is_empty() && &**folder != "." {
            shell.print_error(&format!("ls: cannot access '{folder}': {NO_SUCH_FILE}\n"));
            code = 2;
        }
        let all: String = found
            .iter()
            .filter(|name| given.has('a') || !name.starts_with('.'))
            .map(|name| {
                let size = shell.files.get(&**name).map_or(0, |text| text.len());
                if given.has('l') {
                    format!("-rw-r--r-- 1 podium podium {size:6} {name}\n")
                } else {
                    format!("{name}\n")
                }
            })
            .collect();
        shell.print(&all);
    }
    code
}

fn change_files(shell: &mut Shell, name: &str, arguments: &[Str]) -> i32 {
    let given = given(arguments, "");
    let mut code = 0;
    for file in given.words.iter().copied() {
        if name == "touch" {
            shell.files.entry(file.clone()).or_default();
        } else if shell.files.remove(file).is_none() && !given.has('f') {
            shell.print_error(&format!("rm: cannot remove '{file}': {NO_SUCH_FILE}\n"));
            code = 1;
        }
    }
    code
}

/// `cp`: files under another name, or in a folder.
fn copy(shell: &mut Shell, arguments: &[Str]) -> i32 {
    let given = given(arguments, "");
    let (target, sources) = match &given.words[..] {
        [] => {
            shell.print_error("cp: missing file operand\n");
            return 1;
        }
        [one] => {
            shell.print_error(&format!("cp: missing destination file operand after '{one}'\n"));
            return 1;
        }
        [sources @ .., target] => ((*target).clone(), sources),
    };
    let is_folder = target.ends_with('/') || !names(&shell.files, &target).is_empty();
    if sources.len() > 1 && !is_folder {
        shell.print_error(&format!("cp: target '{target}': {NO_SUCH_FILE}\n"));
        return 1;
    }
    let mut code = 0;
    for source in sources {
        let Ok(text) = shell.read(source) else {
            shell.print_error(&format!("cp: cannot stat '{source}': {NO_SUCH_FILE}\n"));
            code = 1;
            continue;
        };
        let target = target.trim_start_matches("./").trim_end_matches('/');
        let to = match (is_folder, source.rsplit('/').next().unwrap_or(source)) {
            (true, last) if matches!(target, "" | ".") => last.to_owned(),
            (true, last) => format!("{target}/{last}"),
            (false, _) => target.to_owned(),
        };
        shell.files.insert(to.into(), text);
    }
    code
}

fn alias(shell: &mut Shell, arguments: &[Str]) -> i32 {
    let mut code = 0;
    if arguments.is_empty() {
        let all = shell.kept.aliases.iter();
        let text: String = all.map(|(name, value)| format!("alias {name}='{value}'\n")).collect();
        shell.print(&text);
    }
    for word in arguments {
        match (word.split_once('='), shell.kept.aliases.get(word)) {
            (Some((name, value)), _) => _ = shell.kept.aliases.insert(name.into(), value.into()),
            (None, Some(value)) => {
                let text = format!("alias {word}='{value}'\n");
                shell.print(&text);
            }
            (None, None) => {
                shell.print_error(&format!("bash: alias: {word}: not found\n"));
                code = 1;
            }
        }
    }
    code
}

fn read_line(shell: &mut Shell, arguments: &[Str]) -> i32 {
    let names: Vec<&Str> = arguments.iter().filter(|word| !word.starts_with('-')).collect();
    if shell.stdin.is_empty() {
        return 1;
    }
    let (line, rest) = match shell.stdin.split_once('\n') {
        Some((line, rest)) => (Str::from(line), Str::from(rest)),
        None => (shell.stdin.clone(), Str::default()),
    };
    shell.stdin = rest;
    let mut left = line.trim();
    for (at, name) in names.iter().enumerate() {
        let end = if at + 1 < names.len() {
            left.find(char::is_whitespace).unwrap_or(left.len())
        } else {
            left.len()
        };
        shell.kept.variables.insert((*name).clone(), left[..end].into());
        left = left[end..].trim_start();
    }
    0
}

/// A time as `sleep` takes it.
fn micros(text: &str) -> Option<u64> {
    let (number, unit) = match text.chars().last()? {
        'm' => (&text[..text.len() - 1], 60.0),
        'h' => (&text[..text.len() - 1], 3_600.0),
        's' => (&text[..text.len() - 1], 1.0),
        _ => (text, 1.0),
    };
    let seconds = number.parse::<f64>().ok()? * unit;
    (0.0..1e9).contains(&seconds).then_some((seconds * SECOND as f64) as u64)
}

fn sleep(shell: &mut Shell, arguments: &[Str]) -> Result<i32, Suspended> {
    let Some(time) = arguments.first() else {
        shell.print_error("sleep: missing operand\nTry 'sleep --help' for more information.\n");
        return Ok(1);
    };
    match micros(time) {
        Some(micros) => shell.ask.sleep(micros).map(|()| 0),
        None => {
            let help = "Try 'sleep --help' for more information.";
            shell.print_error(&format!("sleep: invalid time interval '{time}'\n{help}\n"));
            Ok(1)
        }
    }
}

/// `watch`: runs a command again and again, each time on a clear terminal, until it is interrupted.
fn watch(shell: &mut Shell, arguments: &[Str]) -> Result<i32, Suspended> {
    let mut rest = arguments;
    let mut seconds = Str::from("2");
    while let Some((flag, behind)) = rest.split_first().filter(|(flag, _)| flag.starts_with('-')) {
        rest = behind;
        match flag.strip_prefix("-n").or_else(|| flag.strip_prefix("--interval=")) {
            Some("") => {
                seconds = rest.first().cloned().unwrap_or_default();
                rest = rest.get(1..).unwrap_or_default();
            }
            Some(value) => seconds = value.into(),
            None => {}
        }
    }
    let Some(every) = micros(&seconds).filter(|_| !rest.is_empty()) else {
        shell.print_error("Usage: watch [-n SECONDS] COMMAND\n");
        return Ok(1);
    };
    let line = rest.join(" ");
    let (place, ()) = shell.program_rounds(());
    loop {
        let time = date(shell.ask.wall(), shell.ask.now(), &[]);
        let tenths = every / (100 * MILLI);
        let every_seconds = format!("{}.{}", tenths / 10, tenths % 10);
        shell.print(&format!("{FORM_FEED}Every {every_seconds}s: {line}    {time}\n\n"));
        shell.run(&line)?;
        shell.ask.sleep(every)?;
        shell.program_round(place, &());
    }
}

/// `node NODE -- COMMAND`: a command on a node, as if one were logged in there.
fn on_node(shell: &mut Shell, arguments: &[Str]) -> Result<i32, Suspended> {
    let (name, command) = match arguments {
        [name, dashes, command @ ..] if &**dashes == "--" => (name, command),
        [name, command @ ..] if !command.is_empty() => (name, command),
        _ => {
            shell.print_error("Usage: node NODE -- COMMAND\n");
            return Ok(1);
        }
    };
    match shell.ask.node(name.clone(), command.to_vec())? {
        Some(printed) => {
            shell.print(&printed.out);
            shell.print_error(&printed.errors);
            Ok(printed.code)
        }
        None => {
            shell.print_error(&format!("podium: there is no node {name}\n"));
            Ok(255)
        }
    }
}

/// `xargs`: a command with the words of standard input behind it.
fn xargs(shell: &mut Shell, arguments: &[Str]) -> Result<i32, Suspended> {
    let given_words = shell.stdin.clone();
    let (mut rest, mut at_once, mut sign, mut skips_none) = (arguments, usize::MAX, None, false);
    while let Some((flag, behind)) = rest.split_first().filter(|(flag, _)| flag.starts_with('-')) {
        rest = behind;
        let value = |rest: &mut &[Str]| {
            if flag.len() > 2 {
                return Str::from(&flag[2..]);
            }
            let value = rest.first().cloned().unwrap_or_default();
            *rest = rest.get(1..).unwrap_or_default();
            value
        };
        match flag.get(..2) {
            Some("-n") => at_once = value(&mut rest).parse().unwrap_or(1),
            Some("-I") => (sign, at_once) = (Some(value(&mut rest)), 1),
            Some("-r") => skips_none = true,
            _ => {}
        }
    }
    let command = rest.first().cloned().unwrap_or_else(|| "echo".into());
    let words: Vec<Str> = match sign {
        Some(_) => {
            given_words.lines().map(|line| Str::from(line.trim())).filter(|line| !line.is_empty()).collect()
        }
        None => given_words.split_whitespace().map(Str::from).collect(),
    };
    if words.is_empty() && (skips_none || sign.is_some()) {
        return Ok(0);
    }
    shell.stdin = Str::default();
    let mut code = 0;
    let none: &[Str] = &[];
    let chunks: Vec<&[Str]> =
        if words.is_empty() { vec![none] } else { words.chunks(at_once.max(1)).collect() };
    for chunk in chunks {
        let fixed = rest.get(1..).unwrap_or_default();
        let arguments: Vec<Str> = match &sign {
            Some(sign) => {
                let word = chunk.first().map_or("", |word| word);
                fixed.iter().map(|argument| argument.replace(&**sign, word).into()).collect()
            }
            None => fixed.iter().chain(chunk).cloned().collect(),
        };
        if run(shell, &command, &arguments)? != 0 {
            code = 123;
        }
    }
    Ok(code)
}
