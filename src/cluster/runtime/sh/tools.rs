//! The small tools that scripts use: they do their work at once.

mod network;
mod text;

pub(super) use network::Caller;
pub(crate) use text::{date, echo, printf, seq, translate};

use super::super::files::absolute;
use super::pattern::Pattern;
use super::{Engine, Outcome, Runtime, Shell, Wait, memory};
use crate::value::Str;

/// The names of the tools, as they are found in `PATH`.
pub(in super::super) const TOOLS: &[&str] = &[
    "[",
    "kill",
    "test",
    "arch",
    "basename",
    "cat",
    "chmod",
    "chown",
    "cp",
    "cut",
    "date",
    "dd",
    "dirname",
    "echo",
    "env",
    "fallocate",
    "false",
    "grep",
    "head",
    "hostname",
    "id",
    "ip",
    "ls",
    "mkdir",
    "mv",
    "nproc",
    "nslookup",
    "printenv",
    "printf",
    "ps",
    "pwd",
    "rm",
    "rmdir",
    "seq",
    "sleep",
    "sort",
    "sync",
    "tail",
    "tee",
    "touch",
    "tr",
    "true",
    "truncate",
    "uname",
    "uniq",
    "wc",
    "wget",
    "which",
    "whoami",
    "yes",
];

/// Tools that a busybox has and that are not simulated.
pub(in super::super) const OTHERS: &[&str] = &[
    "adduser",
    "ash",
    "awk",
    "base64",
    "df",
    "diff",
    "dmesg",
    "du",
    "expr",
    "find",
    "free",
    "gunzip",
    "gzip",
    "httpd",
    "ifconfig",
    "kill",
    "killall",
    "less",
    "ln",
    "md5sum",
    "more",
    "mount",
    "nc",
    "netstat",
    "nohup",
    "ping",
    "pgrep",
    "pkill",
    "route",
    "sed",
    "sha256sum",
    "stat",
    "stty",
    "su",
    "tar",
    "telnet",
    "time",
    "timeout",
    "top",
    "traceroute",
    "umount",
    "unzip",
    "uptime",
    "vi",
    "watch",
    "xargs",
    "zcat",
];

impl Runtime {
    /// Runs a tool.
    pub(super) fn run_tool(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        tool: &'static str,
        words: &[Str],
    ) -> Outcome {
        let (flags, operands): (Vec<&Str>, Vec<&Str>) =
            words.iter().partition(|word| word.starts_with('-') && word.len() > 1 && !is_number(word));
        let has = |flag: char| flags.iter().any(|word| !word.starts_with("--") && word[1..].contains(flag));
        let (mut out, mut status) = (String::new(), 0);
        match tool {
            "true" => {}
            "false" => status = 1,
            "echo" => out = echo(words),
            "printf" => out = printf(words),
            "pwd" => out = format!("{}\n", if shell.folder.is_empty() { "/" } else { &*shell.folder }),
            "hostname" => out = format!("{}\n", self.hostname_of(pid)),
            "ip" if operands.first().is_some_and(|word| ["a", "addr", "address"].contains(&&***word)) => {
                out = self.ip_addr(pid).unwrap_or_default();
            }
            "ip" => {
                self.not_simulated(engine, pid, "ip");
                status = 127;
            }
            "whoami" => out = "root\n".into(),
            "id" if has('u') => out = "0\n".into(),
            "id" => out = "uid=0(root) gid=0(root) groups=0(root)\n".into(),
            "arch" => out = "x86_64\n".into(),
            "nproc" => out = "2\n".into(),
            "uname" if has('a') => {
                out = format!(
                    "Linux {} 6.1.0 #1 SMP PREEMPT_DYNAMIC x86_64 GNU/Linux\n",
                    self.hostname_of(pid)
                );
            }
            "uname" if has('n') => out = format!("{}\n", self.hostname_of(pid)),
            "uname" if has('r') => out = "6.1.0\n".into(),
            "uname" if has('m') => out = "x86_64\n".into(),
            "uname" => out = "Linux\n".into(),
            "date" => out = format!("{}\n", date(engine.wall, engine.now, &operands)),
            "env" | "printenv" => {
                let all = shell.environment();
                match operands.first().filter(|_| tool == "printenv") {
                    None => out = all.iter().map(|(name, value)| format!("{name}={value}\n")).collect(),
                    Some(name) => match all.iter().find(|(key, _)| key == *name) {
                        Some((_, value)) => out = format!("{value}\n"),
                        None => status = 1,
                    },
                }
            }
            "basename" => {
                let path = operands.first().map_or("", |path| path.trim_end_matches('/'));
                let name = path.rsplit('/').next().unwrap_or_default();
                let name = operands.get(1).and_then(|suffix| name.strip_suffix(&***suffix)).unwrap_or(name);
                out = format!("{name}\n");
            }
            "dirname" => {
                let path = operands.first().map_or("", |path| &***path);
                let parent = path
                    .rsplit_once('/')
                    .map_or(".", |(parent, _)| if parent.is_empty() { "/" } else { parent });
                out = format!("{parent}\n");
            }
            "which" => {
                for name in operands {
                    match TOOLS.contains(&&**name) {
                        true => out.push_str(&format!("/bin/{name}\n")),
                        false => status = 1,
                    }
                }
            }
            "seq" => out = seq(&operands),
            "sync" | "chmod" | "chown" => {}
            "ps" => out = self.process_list(pid),
            "ls" => (out, status) = self.list_files(engine, pid, shell, &operands, has('a')),
            "cat" | "head" | "tail" | "wc" | "sort" | "uniq" | "grep" | "cut" | "tr" | "tee" => {
                return self.filter(engine, pid, shell, tool, words);
            }
            "touch" | "rm" | "rmdir" | "mkdir" | "cp" | "mv" => {
                shell.has_acted = true;
                status = self.change_files(
                    engine,
                    pid,
                    shell,
                    tool,
                    &operands,
                    (has('p'), has('r') || has('R'), has('f')),
                );
            }
            "dd" => return self.dd(engine, pid, shell, words),
            "truncate" | "fallocate" => status = self.resize_files(engine, pid, shell, tool, words),
            "wget" | "curl" | "nslookup" => return self.network_tool(engine, pid, shell, tool, words),
            "yes" => {
                // It would print for ever: nobody waits for that here.
                self.not_simulated(engine, pid, "yes");
                status = 127;
            }
            _ => status = 127,
        }
        self.say(engine, pid, shell, false, &out);
        Outcome::Status(status)
    }
    /// Prints what a tool complains of.
    pub(super) fn complain(&mut self, engine: &mut Engine, pid: u32, shell: &mut Shell, text: String) {
        self.say(engine, pid, shell, true, &format!("{text}\n"));
    }
    fn change_files(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        tool: &str,
        operands: &[&Str],
        (parents, recursive, force): (bool, bool, bool),
    ) -> i32 {
        let mut status = 0;
        if matches!(tool, "cp" | "mv") {
            let [from, to] = operands else {
                self.complain(engine, pid, shell, format!("{tool}: missing file operand"));
                return 1;
            };
            let (source, mut target) = (absolute(&shell.folder, from), absolute(&shell.folder, to));
            if self.is_folder(pid, &target) {
                target = format!("{target}/{}", source.rsplit('/').next().unwrap_or_default());
            }
            let done =
                self.read_file(pid, &source).and_then(|text| self.write_file(pid, &target, &text, false));
            if let Err(why) = done {
                self.complain(engine, pid, shell, format!("{tool}: can't stat '{from}': {why}"));
                return 1;
            }
            if tool == "mv" {
                _ = self.remove_file(pid, &source, false);
            }
            return 0;
        }
        for name in operands {
            let path = absolute(&shell.folder, name);
            let done = match tool {
                "touch" => self.write_file(pid, &path, "", true),
                "mkdir" => self.make_folder(pid, &path, parents),
                _ => self.remove_file(pid, &path, recursive || tool == "rmdir"),
            };
            if let Err(why) = done
                && !(tool == "rm" && force)
            {
                let what = match tool {
                    "mkdir" => format!("mkdir: can't create directory '{name}': {why}"),
                    "touch" => format!("touch: {name}: {why}"),
                    _ => format!("{tool}: can't remove '{name}': {why}"),
                };
                self.complain(engine, pid, shell, what);
                status = 1;
            }
        }
        status
    }
    fn list_files(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        operands: &[&Str],
        all: bool,
    ) -> (String, i32) {
        let (mut out, mut status) = (String::new(), 0);
        let here = Str::from(".");
        let operands = if operands.is_empty() { &[&here][..] } else { operands };
        for name in operands {
            let path = absolute(&shell.folder, name);
            if self.is_folder(pid, &path) {
                for name in self.list_folder(pid, &path) {
                    if all || !name.starts_with('.') {
                        out.push_str(&format!("{name}\n"));
                    }
                }
            } else if self.read_file(pid, &path).is_ok() {
                out.push_str(&format!("{name}\n"));
            } else {
                self.complain(engine, pid, shell, format!("ls: {name}: No such file or directory"));
                status = 1;
            }
        }
        (out, status)
    }
    /// Tools that read their input or files and print what they make of it.
    fn filter(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        tool: &str,
        words: &[Str],
    ) -> Outcome {
        let mut flags = String::new();
        let mut count = None;
        let (mut fields, mut delimiter) = (None, '\t');
        let mut operands: Vec<Str> = Vec::new();
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            match &**word {
                "-n" | "-c" if matches!(tool, "head" | "tail") => {
                    count = rest.next().and_then(|n| memory::bytes(n)).and_then(|n| i64::try_from(n).ok());
                }
                "-f" if tool == "cut" => fields = rest.next().and_then(|n| n.parse::<usize>().ok()),
                "-d" if tool == "cut" => {
                    delimiter = rest.next().and_then(|d| d.chars().next()).unwrap_or('\t')
                }
                word if word.starts_with("-n") && matches!(tool, "head" | "tail") => {
                    count = word[2..].parse().ok()
                }
                word if word.starts_with("-f") && tool == "cut" => fields = word[2..].parse().ok(),
                word if word.starts_with("-d") && tool == "cut" => {
                    delimiter = word[2..].chars().next().unwrap_or('\t')
                }
                word if word.starts_with('-') && is_number(word) && matches!(tool, "head" | "tail") => {
                    count = word[1..].parse().ok();
                }
                word if word.starts_with('-') && word.len() > 1 => flags.push_str(&word[1..]),
                _ => operands.push(word.clone()),
            }
        }
        if operands.iter().any(|name| &**name == "/dev/zero") {
            return self.read_zeros(engine, pid, shell, tool, count);
        }
        let pattern = (tool == "grep" && !operands.is_empty()).then(|| operands.remove(0));
        let sets: Vec<Str> = if tool == "tr" { std::mem::take(&mut operands) } else { Vec::new() };
        let files = if tool == "tee" { std::mem::take(&mut operands) } else { Vec::new() };
        let mut text = String::new();
        let mut status = 0;
        if operands.is_empty() {
            let input = shell.streams.input.and_then(|place| shell.inputs.get_mut(place));
            text = input.map(std::mem::take).unwrap_or_default();
        }
        for name in &operands {
            let path = absolute(&shell.folder, name);
            if &*path == "/dev/null" {
                continue;
            }
            match self.read_file(pid, &path) {
                Ok(content) => text.push_str(&content),
                Err(why) => {
                    let what = if tool == "cat" { "cat: can't open" } else { tool };
                    self.complain(engine, pid, shell, format!("{what} '{name}': {why}"));
                    status = 1;
                }
            }
        }
        let lines = || text.lines().map(str::to_string).collect::<Vec<_>>();
        let joined = |lines: Vec<String>| lines.into_iter().map(|line| line + "\n").collect::<String>();
        let out = match tool {
            "cat" => text.clone(),
            "tee" => {
                shell.has_acted = true;
                for name in &files {
                    let path = absolute(&shell.folder, name);
                    _ = self.write_file(pid, &path, &text, flags.contains('a'));
                }
                text.clone()
            }
            "head" => {
                let n = usize::try_from(count.unwrap_or(10)).unwrap_or(0);
                joined(lines().into_iter().take(n).collect())
            }
            "tail" => {
                let all = lines();
                let n = usize::try_from(count.unwrap_or(10)).unwrap_or(0);
                joined(all[all.len().saturating_sub(n)..].to_vec())
            }
            "wc" => {
                let (l, w, c) = (text.matches('\n').count(), text.split_whitespace().count(), text.len());
                match () {
                    () if flags.contains('l') => format!("{l}\n"),
                    () if flags.contains('w') => format!("{w}\n"),
                    () if flags.contains('c') => format!("{c}\n"),
                    () => format!("{l:7} {w:7} {c:7}\n"),
                }
            }
            "sort" => {
                let mut all = lines();
                if flags.contains('n') {
                    all.sort_by_key(|line| line.trim().parse::<i64>().unwrap_or(0));
                } else {
                    all.sort();
                }
                if flags.contains('r') {
                    all.reverse();
                }
                if flags.contains('u') {
                    all.dedup();
                }
                joined(all)
            }
            "uniq" => {
                let mut all = lines();
                all.dedup();
                joined(all)
            }
            "cut" => {
                let n = fields.unwrap_or(1).max(1) - 1;
                joined(
                    lines()
                        .iter()
                        .map(|line| line.split(delimiter).nth(n).unwrap_or_default().to_string())
                        .collect(),
                )
            }
            "tr" => translate(&text, &sets, flags.contains('d')),
            _ => {
                let pattern = pattern.unwrap_or_default();
                let (ignores_case, inverts) = (flags.contains('i'), flags.contains('v'));
                let fold = |text: &str| if ignores_case { text.to_lowercase() } else { text.to_owned() };
                let pattern = Pattern::parse(&fold(&pattern), flags.contains('E'));
                let found: Vec<String> =
                    lines().into_iter().filter(|line| pattern.is_in(&fold(line)) != inverts).collect();
                status = i32::from(found.is_empty());
                match () {
                    () if flags.contains('q') => String::new(),
                    () if flags.contains('c') => format!("{}\n", found.len()),
                    () => joined(found),
                }
            }
        };
        self.say(engine, pid, shell, false, &out);
        if tool == "tail" && (flags.contains('f') || flags.contains('F')) {
            shell.wait = Wait::Ever;
            return Outcome::Waits;
        }
        Outcome::Status(status)
    }
    fn process_list(&self, pid: u32) -> String {
        let mut out = String::from("PID   USER     COMMAND\n");
        let Some(process) = self.processes.get(&pid) else { return out };
        let namespace = process.row.namespaces.pid;
        let mut rows: Vec<(u32, &str, &str)> = self
            .processes
            .values()
            .filter(|other| other.row.namespaces.pid == namespace)
            .map(|other| {
                let user = if other.row.container.is_none() { "65535" } else { "root" };
                (other.row.local_pid, user, &*other.row.command)
            })
            .collect();
        rows.sort_unstable();
        for (local, user, command) in rows {
            out.push_str(&format!("{local:5} {user:8} {command}\n"));
        }
        out
    }
}

fn is_number(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
}
