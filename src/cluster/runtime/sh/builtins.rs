//! Commands: what the shell does itself, functions, and how other programs are found.

mod test;

use super::super::files::absolute;
use super::super::process::{Program, SIGNALS, signal_number};
use super::super::programs::{self, Found};
use super::script::{Command, Redirect, Target};
use super::{Engine, FORK, Kind, Outcome, Runtime, Shell, Sink, Wait, parser};
use crate::value::Str;
use std::collections::BTreeSet;

impl Runtime {
    pub(super) fn run_command(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        command: &Command,
        captured: &[Str],
    ) {
        let words = self.expand_words(engine, pid, shell, &command.words, captured);
        let before = shell.streams.clone();
        if !command.redirects.is_empty()
            && let Err(why) = self.redirect(engine, pid, shell, &command.redirects, captured)
        {
            shell.streams = before;
            self.say(engine, pid, shell, true, &format!("sh: {why}\n"));
            return self.after(shell, command, 1);
        }
        let mut replaced = Vec::new();
        for (name, word) in &command.assignments {
            let value = self.expand_one(engine, pid, shell, word, captured);
            let old = shell.variables.insert(name.clone(), value);
            let was_exported = words.is_empty() || !shell.exported.insert(name.clone());
            replaced.push((name.clone(), old, was_exported));
        }
        let Some(name) = words.first().cloned() else {
            shell.streams = before;
            // The status of a bare assignment is that of its substitution.
            let status = if command.substitutions.is_empty() { 0 } else { shell.status };
            return self.after(shell, command, status);
        };
        if let Some(body) = shell.functions.get(&name).cloned() {
            let mut arguments = vec![shell.arguments.first().cloned().unwrap_or_default()];
            arguments.extend(words.into_iter().skip(1));
            let old = std::mem::replace(&mut shell.arguments, arguments);
            shell.begin(body, Kind::Function(old));
            if let Some(frame) = shell.frames.last_mut() {
                frame.redirects.push(before);
            }
            return;
        }
        let is_exec = &*name == "exec";
        let outcome = self.built_in(engine, pid, shell, &words, command);
        if !(is_exec && words.len() == 1) {
            shell.streams = before;
        }
        for (name, old, was_exported) in replaced {
            if !was_exported {
                shell.exported.remove(&name);
            }
            match old {
                Some(old) => _ = shell.variables.insert(name, old),
                None => _ = shell.variables.remove(&name),
            }
        }
        match outcome {
            Outcome::Status(status) => self.after(shell, command, status),
            Outcome::Waits => {}
        }
    }
    fn after(&self, shell: &mut Shell, command: &Command, status: i32) {
        if shell.exits.is_some() {
            return;
        }
        shell.status = status;
        if shell.ends_on_error && status != 0 && !command.is_tested {
            shell.exit(status);
        }
    }
    /// Redirects the shell's streams; the error is what the shell says.
    pub(super) fn redirect(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        redirects: &[Redirect],
        captured: &[Str],
    ) -> Result<(), String> {
        for redirect in redirects {
            match &redirect.to {
                Target::File(word, appends) => {
                    let path = self.expand_one(engine, pid, shell, word, captured);
                    let sink = self.sink(pid, shell, &path, *appends)?;
                    // 12 is `&>`: both outputs.
                    if matches!(redirect.fd, 1 | 12) {
                        shell.streams.out = sink.clone();
                    }
                    if matches!(redirect.fd, 2 | 12) {
                        shell.streams.err = sink;
                    }
                }
                Target::From(word) => {
                    let path = self.expand_one(engine, pid, shell, word, captured);
                    let text = self
                        .read_file(pid, &absolute(&shell.folder, &path))
                        .map_err(|_| format!("can't open {path}: no such file"))?;
                    shell.inputs.push(text.to_string());
                    shell.streams.input = Some(shell.inputs.len() - 1);
                }
                Target::Here(word) => {
                    let text = self.expand_one(engine, pid, shell, word, captured);
                    shell.inputs.push(text.to_string());
                    shell.streams.input = Some(shell.inputs.len() - 1);
                }
                Target::Same(other) => {
                    let sink =
                        if *other == 2 { shell.streams.err.clone() } else { shell.streams.out.clone() };
                    if redirect.fd == 2 { shell.streams.err = sink } else { shell.streams.out = sink }
                }
                Target::Closed => match redirect.fd {
                    0 => shell.streams.input = None,
                    1 => shell.streams.out = Sink::Null,
                    _ => shell.streams.err = Sink::Null,
                },
            }
        }
        Ok(())
    }
    fn sink(&mut self, pid: u32, shell: &mut Shell, path: &str, appends: bool) -> Result<Sink, String> {
        let full = absolute(&shell.folder, path);
        Ok(match &*full {
            "/dev/null" => Sink::Null,
            "/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1" | "/proc/1/fd/1" | "/dev/tty" => Sink::Out,
            "/dev/stderr" | "/dev/fd/2" | "/proc/self/fd/2" | "/proc/1/fd/2" => Sink::Err,
            _ => {
                shell.has_acted = true;
                self.write_file(pid, &full, "", appends).map_err(|why| {
                    format!(
                        "can't create {path}: {}",
                        why.replace("No such file or directory", "nonexistent directory")
                    )
                })?;
                Sink::File(full.into())
            }
        })
    }
    fn built_in(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        words: &[Str],
        command: &Command,
    ) -> Outcome {
        use Outcome::{Status, Waits};
        let arguments = &words[1..];
        let first = arguments.first().map_or("", |word| &**word);
        let number = first.parse::<i32>();
        match &*words[0] {
            ":" | "true" => return Status(0),
            "false" => return Status(1),
            "exit" => {
                let code = number.map_or(shell.status, |code| code & 0xff);
                shell.exit(code);
                return Waits;
            }
            "return" => {
                let code = number.unwrap_or(shell.status);
                if let Some(at) =
                    shell.frames.iter().rposition(|frame| matches!(frame.kind, Kind::Function(_)))
                {
                    while shell.frames.len() > at + 1 {
                        shell.end_frame();
                    }
                    shell.end_frame();
                }
                return Status(code);
            }
            "break" | "continue" => {
                let count = number.unwrap_or(1).max(1);
                let is_break = &*words[0] == "break";
                let Some(frame) = shell.frames.last_mut() else { return Status(0) };
                for n in 0..count {
                    let Some(last) = frame.loops.last() else { break };
                    if !is_break && n + 1 == count {
                        frame.at = last.next;
                    } else {
                        frame.at = last.end;
                        frame.loops.pop();
                    }
                }
                return Status(0);
            }
            "set" => {
                for word in arguments {
                    match &**word {
                        "--" => {
                            let rest = arguments.iter().skip_while(|word| &***word != "--").skip(1).cloned();
                            shell.arguments.truncate(1);
                            shell.arguments.extend(rest);
                            break;
                        }
                        flags if flags.starts_with('-') && flags.contains('e') => shell.ends_on_error = true,
                        flags if flags.starts_with('+') && flags.contains('e') => shell.ends_on_error = false,
                        _ => {}
                    }
                }
                return Status(0);
            }
            "export" | "readonly" | "local" => {
                for word in arguments {
                    let (name, value) = word.split_once('=').map_or((&**word, None), |(n, v)| (n, Some(v)));
                    if let Some(value) = value {
                        shell.variables.insert(name.into(), value.into());
                    }
                    if &*words[0] == "export" {
                        shell.exported.insert(name.into());
                    }
                }
                return Status(0);
            }
            "unset" => {
                for word in arguments {
                    shell.variables.remove(word);
                    shell.functions.remove(word);
                }
                return Status(0);
            }
            "shift" => {
                let count = number.unwrap_or(1).max(0) as usize;
                if count + 1 > shell.arguments.len() {
                    return Status(1);
                }
                shell.arguments.drain(1..=count);
                return Status(0);
            }
            "cd" => {
                let home = shell.variables.get("HOME").cloned().unwrap_or_default();
                let to = absolute(&shell.folder, if first.is_empty() { &home } else { first });
                if !self.is_folder(pid, &to) {
                    let why = format!("sh: cd: can't cd to {first}: No such file or directory\n");
                    self.say(engine, pid, shell, true, &why);
                    return Status(2);
                }
                shell.folder = to.into();
                return Status(0);
            }
            "umask" | "ulimit" | "hash" => return Status(0),
            "let" => {
                let value = self.value_of(engine, pid, shell, &arguments.join(" "));
                return Status(i32::from(value.unwrap_or(0) == 0));
            }
            "eval" => match parser::parse(&arguments.join(" ")) {
                Ok(script) => {
                    shell.begin(script, Kind::Script);
                    return Waits;
                }
                Err(why) => {
                    self.say(engine, pid, shell, true, &format!("sh: {why}\n"));
                    return Status(2);
                }
            },
            "." | "source" => {
                let read = self.read_file(pid, &absolute(&shell.folder, first));
                match read
                    .map_err(|_| format!("can't open '{first}': No such file or directory"))
                    .and_then(|text| parser::parse(&text))
                {
                    Ok(script) => {
                        shell.begin(script, Kind::Script);
                        return Waits;
                    }
                    Err(why) => {
                        self.say(engine, pid, shell, true, &format!("sh: {why}\n"));
                        return Status(2);
                    }
                }
            }
            "trap" => return Status(self.trap(engine, pid, shell, arguments)),
            "wait" => return self.wait_for(shell, arguments),
            "kill" => return Status(self.kill_command(engine, pid, shell, arguments)),
            "read" => return Status(self.read_line(pid, shell, arguments)),
            "test" | "[" | "[[" => {
                shell.others += 1;
                let inner = match arguments.split_last() {
                    Some((last, inner)) if matches!(&**last, "]" | "]]") => inner,
                    _ if &*words[0] == "test" => arguments,
                    _ => {
                        self.say(engine, pid, shell, true, "sh: missing ]\n");
                        return Status(2);
                    }
                };
                return Status(match self.test(pid, shell, inner) {
                    Ok(holds) => i32::from(!holds),
                    Err(why) => {
                        self.say(engine, pid, shell, true, &format!("sh: {why}\n"));
                        2
                    }
                });
            }
            "exec" if arguments.is_empty() => return Status(0),
            "exec" => {
                shell.becomes = Some(arguments.to_vec());
                return Waits;
            }
            "command" if first == "-v" || first == "-V" => {
                let Some(name) = arguments.get(1) else { return Status(127) };
                let is_there = shell.functions.contains_key(name) || self.has_command(pid, name);
                if is_there {
                    self.say(engine, pid, shell, false, &format!("{name}\n"));
                }
                return Status(if is_there { 0 } else { 127 });
            }
            "command" => return self.built_in(engine, pid, shell, arguments, command),
            _ => {}
        }
        self.run_program(engine, pid, shell, words, command)
    }
    /// A program that is not the shell's own.
    fn run_program(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        words: &[Str],
        command: &Command,
    ) -> Outcome {
        use Outcome::{Status, Waits};
        let name = &words[0];
        let Some(container) = self.container_of(pid) else { return Status(127) };
        match programs::find(container, name) {
            Found::Tool(tool) => {
                let is_sleep = tool == "sleep";
                shell.sleeps += u32::from(is_sleep);
                shell.others += u32::from(!is_sleep);
                if is_sleep {
                    return self.sleep(engine, pid, shell, &words[1..]);
                }
                self.run_tool(engine, pid, shell, tool, &words[1..])
            }
            Found::Program if command.is_last && shell.frames.len() == 1 && shell.traps.is_empty() => {
                shell.becomes = Some(words.to_vec());
                Waits
            }
            Found::Program => {
                shell.has_acted = true;
                let env = shell.environment();
                let started = programs::program(container, words, &env, &shell.folder, engine.now);
                match started {
                    Ok(program) => self.foreground(engine, pid, shell, program, words),
                    Err(why) => {
                        self.say(engine, pid, shell, true, &format!("sh: {name}: {why}\n"));
                        Status(127)
                    }
                }
            }
            Found::File => {
                // A script of one's own: it runs in a shell of its own.
                let path = absolute(&shell.folder, name);
                let text = self.read_file(pid, &path).unwrap_or_default();
                match Shell::new(&text, words.to_vec(), &shell.environment(), &shell.folder) {
                    Ok(other) => self.foreground(engine, pid, shell, Program::Shell(Box::new(other)), words),
                    Err(why) => {
                        self.say(engine, pid, shell, true, &format!("{name}: {why}\n"));
                        Status(2)
                    }
                }
            }
            Found::NotSimulated => {
                self.not_simulated(engine, pid, &words.join(" "));
                self.say(engine, pid, shell, true, &format!("sh: {name}: not simulated\n"));
                Status(127)
            }
            Found::Nothing => {
                self.say(engine, pid, shell, true, &format!("sh: {name}: not found\n"));
                Status(127)
            }
        }
    }
    fn foreground(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        shell: &mut Shell,
        program: Program,
        words: &[Str],
    ) -> Outcome {
        let Some((_, child)) = self.fork(engine, pid, program, words.join(" ").into()) else {
            return Outcome::Status(127);
        };
        if !self.processes.contains_key(&child) {
            // It has ended already; its status came to no one who waited.
            return Outcome::Status(self.last_exit);
        }
        shell.wait = Wait::Foreground(child);
        Outcome::Waits
    }
    fn sleep(&mut self, engine: &mut Engine, pid: u32, shell: &mut Shell, arguments: &[Str]) -> Outcome {
        match programs::sleep_time(arguments) {
            Err(()) => {
                let what = arguments.first().map_or("", |word| &**word);
                self.say(engine, pid, shell, true, &format!("sleep: invalid number '{what}'\n"));
                Outcome::Status(1)
            }
            Ok(None) => {
                shell.wait = Wait::Ever;
                Outcome::Waits
            }
            Ok(Some(micros)) => {
                let span = micros + FORK;
                let rests = shell.others == 0 && shell.sleeps == 1;
                let is_still = shell
                    .frames
                    .last()
                    .and_then(|frame| frame.loops.last())
                    .is_some_and(|last| last.rests && rests && shell.is_idle);
                shell.wait =
                    if is_still { Wait::Round(engine.now, span) } else { Wait::Until(engine.now + span) };
                Outcome::Waits
            }
        }
    }
    fn trap(&mut self, engine: &mut Engine, pid: u32, shell: &mut Shell, arguments: &[Str]) -> i32 {
        let Some((action, names)) = arguments.split_first() else { return 0 };
        // `trap - TERM` and `trap 15` take the trap away.
        let (action, names) = if names.is_empty() { (None, arguments) } else { (Some(action), names) };
        for name in names {
            let number = match &**name {
                "EXIT" | "exit" | "0" => Some(0),
                name => signal_number(name),
            };
            let Some(number) = number else {
                self.say(
                    engine,
                    pid,
                    shell,
                    true,
                    &format!("sh: trap: {name}: invalid signal specification\n"),
                );
                return 1;
            };
            match action.map(|action| &**action) {
                None | Some("-") => _ = shell.traps.remove(&number),
                Some("") => _ = shell.traps.insert(number, None),
                Some(action) => match parser::parse(action) {
                    Ok(script) => _ = shell.traps.insert(number, Some(script)),
                    Err(why) => {
                        self.say(engine, pid, shell, true, &format!("sh: {why}\n"));
                        return 2;
                    }
                },
            }
        }
        0
    }
    fn wait_for(&mut self, shell: &mut Shell, arguments: &[Str]) -> Outcome {
        let wanted: Vec<u32> = if arguments.is_empty() {
            shell.jobs.keys().copied().collect()
        } else {
            arguments.iter().filter_map(|word| word.trim_start_matches('%').parse().ok()).collect()
        };
        let mut children = BTreeSet::new();
        let mut status = 0;
        for local in wanted {
            match shell.jobs.get(&local) {
                Some((pid, None)) => _ = children.insert(*pid),
                Some((_, Some(code))) => {
                    status = if arguments.is_empty() { 0 } else { *code };
                    shell.jobs.remove(&local);
                }
                None => status = 127,
            }
        }
        if children.is_empty() {
            return Outcome::Status(status);
        }
        shell.wait = Wait::Children(children);
        Outcome::Waits
    }
    fn kill_command(&mut self, engine: &mut Engine, pid: u32, shell: &mut Shell, arguments: &[Str]) -> i32 {
        let mut signal = 15;
        let mut targets = arguments;
        if let Some((first, rest)) = arguments.split_first() {
            if &**first == "-l" {
                let names: Vec<String> =
                    SIGNALS.iter().map(|(number, name)| format!("{number:2}) {}\n", &name[3..])).collect();
                self.say(engine, pid, shell, false, &names.concat());
                return 0;
            }
            let named = if &**first == "-s" { rest.first().cloned() } else { Some(first.clone()) };
            if first.starts_with('-') {
                let Some(number) = named.as_deref().and_then(signal_number) else {
                    self.say(engine, pid, shell, true, &format!("sh: bad signal name '{first}'\n"));
                    return 1;
                };
                signal = number;
                targets = if &**first == "-s" { rest.get(1..).unwrap_or_default() } else { rest };
            }
        }
        shell.has_acted = true;
        let mut status = 0;
        for target in targets {
            let local = target.trim_start_matches('%').parse::<u32>();
            if !local.is_ok_and(|local| self.kill_local(engine, pid, shell, local, signal)) {
                self.say(
                    engine,
                    pid,
                    shell,
                    true,
                    &format!("sh: can't kill pid {target}: No such process\n"),
                );
                status = 1;
            }
        }
        status
    }
    fn read_line(&mut self, pid: u32, shell: &mut Shell, arguments: &[Str]) -> i32 {
        _ = pid;
        let names: Vec<&Str> = arguments.iter().filter(|word| !word.starts_with('-')).collect();
        let Some(input) = shell.streams.input.and_then(|place| shell.inputs.get_mut(place)) else { return 1 };
        if input.is_empty() {
            return 1;
        }
        let (line, rest) = input
            .split_once('\n')
            .map_or((input.clone(), String::new()), |(line, rest)| (line.into(), rest.into()));
        *input = rest;
        let mut fields = line.trim().splitn(names.len().max(1), char::is_whitespace);
        for name in names {
            let value = fields.next().unwrap_or_default().trim();
            shell.variables.insert(name.clone(), value.into());
        }
        0
    }
}
