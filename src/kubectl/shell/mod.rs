//! A small shell: the line around kubectl. It reads what the shell in containers reads, runs programs, joins them
//! by pipes and keeps their files in memory. What it cannot do, it says.
//!
//! It is run from the line's beginning whenever an answer has come, so what it holds is data, and loops go on from
//! their last round.

mod awk;
mod filters;
mod grep;
mod known;
mod programs;
mod sed;
mod test;

use super::process::{Environment, Files, Kept, Printed};
use crate::cluster::runtime::sh::expand::{self, Host};
use crate::cluster::runtime::sh::parser::{self, parse};
use crate::cluster::runtime::sh::script::{Command, Redirect, Script, Step, Target as Leads, Word};
use crate::cluster::task::{Ask, Suspended};
use crate::value::Str;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

pub use known::{Unknown, unknown};

/// Where a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// To the person: output, or errors (true).
    Terminal(bool),
    /// Into `State::buffers`.
    Buffer(usize),
    /// Nowhere.
    Null,
}

/// Where a command reads and prints.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Streams {
    stdin: Str,
    out: Target,
    err: Target,
    /// Files that are written once the redirection ends, each with its buffer.
    written: Vec<(Str, usize)>,
}

/// Why a script does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// `exit`
    Exit,
    /// `return`
    Return,
    /// `break` (true) or `continue`, of so many loops.
    Leave(usize, bool),
}

/// What a shell holds: all of it is in a loop's state.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// The files as the line's commands have left them.
    pub(crate) files: Files,
    /// What the terminal keeps, as the line's commands have left it.
    pub(crate) kept: Kept,
    /// What the running command reads.
    pub(crate) stdin: Str,
    out: Target,
    err: Target,
    written: Vec<(Str, usize)>,
    buffers: Vec<String>,
    /// How many programs have been started that take time to start.
    started: u64,
    /// How many pieces of output there were.
    printed: usize,
    status: i32,
    flow: Option<Flow>,
    functions: BTreeMap<Str, Rc<Script>>,
    arguments: Vec<Str>,
}

/// A shell that runs one line. It is made anew and runs from the line's beginning whenever an answer has come.
#[derive(Debug)]
pub(crate) struct Shell<'a> {
    /// Its way to ask.
    pub(crate) ask: Ask<'a>,
    /// What it began with.
    pub(crate) environment: &'a Environment,
    /// What has newly reached the person.
    pub(crate) new: Vec<Printed>,
    /// How many pieces of output had reached the person before.
    known: usize,
    /// How many rounds of loops were gone through without waiting.
    rounds: u32,
    state: State,
}

impl Deref for Shell<'_> {
    type Target = State;
    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Shell<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

/// A loop under way.
#[derive(Clone, Debug)]
struct Loop {
    next: usize,
    end: usize,
    /// Of a `for`: its variable, its items and the next one's place.
    items: Option<(Str, Rc<Vec<Str>>, usize)>,
    /// Where its state is noted.
    place: usize,
}

/// A script under way.
#[derive(Clone, Debug, Default)]
struct Running {
    at: usize,
    loops: Vec<Loop>,
    redirects: Vec<Streams>,
}

/// A loop may go round so often without waiting.
const MAX_ROUNDS: u32 = 50_000;
/// How deep scripts may be within one another.
const MAX_DEPTH: usize = 100;

/// Whether the terminal waits for another line before it runs this one.
pub fn is_unfinished(line: &str) -> bool {
    parser::is_unfinished(line)
}

impl<'a> Shell<'a> {
    /// A shell at the beginning of its line, of whose output so many pieces are known.
    pub(crate) fn new(ask: Ask<'a>, environment: &'a Environment, known: usize) -> Self {
        let state = State {
            files: environment.files.clone(),
            kept: environment.kept.clone(),
            stdin: Str::default(),
            out: Target::Terminal(false),
            err: Target::Terminal(true),
            written: Vec::new(),
            buffers: Vec::new(),
            started: 0,
            printed: 0,
            status: 0,
            flow: None,
            functions: BTreeMap::new(),
            arguments: Vec::new(),
        };
        Self { ask, environment, new: Vec::new(), known, rounds: 0, state }
    }
    /// How many pieces of output there are, and what the shell leaves.
    pub(crate) fn into_parts(self) -> (Ask<'a>, Vec<Printed>, State) {
        (self.ask, self.new, self.state)
    }
    /// Runs a line and gives its exit code.
    pub(crate) fn run(&mut self, line: &str) -> Result<i32, Suspended> {
        if let Some(command) = on_node(line) {
            let program = command.split_whitespace().next().unwrap_or_default();
            self.print_error(&format!("bash: {program}: command not found\n"));
            return Ok(programs::NOT_FOUND);
        }
        match parse(line) {
            Ok(script) => self.script(&script, 0)?,
            Err(why) => {
                // The sentence as bash has it.
                let why = match why.strip_prefix("syntax error: unexpected \"") {
                    Some(token) => {
                        format!("syntax error near unexpected token `{}'", token.trim_end_matches('"'))
                    }
                    None => why,
                };
                self.print_error(&format!("bash: {why}\n"));
                self.status = 2;
            }
        }
        Ok(self.status)
    }
    /// Whether there is a program of this name.
    pub(crate) fn has_program(&self, name: &str) -> bool {
        programs::is_here(name)
    }
    fn script(&mut self, script: &Script, depth: usize) -> Result<(), Suspended> {
        if depth > MAX_DEPTH {
            self.stop("podium: too deep\n");
            return Ok(());
        }
        let mut run = Running::default();
        while let Some(step) = script.steps.get(run.at) {
            if !self.goes_on(&mut run) {
                break;
            }
            run.at += 1;
            match step {
                Step::Command(command) => self.command(command, depth)?,
                Step::Jump(to) => run.at = *to,
                Step::JumpIf(is_zero, to) if (self.status == 0) == *is_zero => run.at = *to,
                Step::JumpIf(..) => {}
                Step::Not => self.status = i32::from(self.status == 0),
                Step::Succeed => self.status = 0,
                Step::Loop { next, end } => {
                    run.loops.push(Loop { next: *next, end: *end, items: None, place: 0 });
                    self.begin_rounds(&mut run);
                }
                Step::For { variable, items, next, end } => {
                    let captured = self.captured(&items.substitutions, depth)?;
                    let items = Rc::new(expand::words(self, &items.words, &captured));
                    let items = Some((variable.clone(), items, 0));
                    run.loops.push(Loop { next: *next, end: *end, items, place: 0 });
                    self.begin_rounds(&mut run);
                }
                Step::Round => self.round(&run),
                Step::Next => {
                    self.round(&run);
                    let Some(Loop { items: Some((variable, items, place)), end, .. }) = run.loops.last_mut()
                    else {
                        continue;
                    };
                    match items.get(*place) {
                        Some(item) => {
                            *place += 1;
                            let (variable, item) = (variable.clone(), item.clone());
                            self.kept.variables.insert(variable, item);
                        }
                        None => {
                            run.at = *end;
                            run.loops.pop();
                        }
                    }
                }
                Step::EndLoop => _ = run.loops.pop(),
                Step::Case { word, arms, end } => {
                    let captured = self.captured(&word.substitutions, depth)?;
                    let text = word.words.first().map(|word| expand::one_text(self, word, &captured));
                    let text = text.unwrap_or_default();
                    let fits = |pattern: &Word| expand::matches(&expand::pattern(self, pattern), &text);
                    let found = arms.iter().find(|(patterns, _)| patterns.words.iter().any(fits));
                    let at = found.map(|(_, at)| *at);
                    if at.is_none() {
                        self.status = 0;
                    }
                    run.at = at.unwrap_or(*end);
                }
                Step::Background(_, text) => {
                    self.print_error(&format!("podium: {text} &: jobs in the background are not here\n"));
                    self.status = programs::NOT_FOUND;
                }
                Step::Subshell(script) => self.apart(script, depth)?,
                Step::Pipeline(stages) => self.pipeline(stages, depth)?,
                Step::Redirect(redirects, substitutions) => {
                    let captured = self.captured(substitutions, depth)?;
                    run.redirects.push(self.streams());
                    if let Err(why) = self.redirect(redirects, &captured) {
                        self.print_error(&format!("bash: {why}\n"));
                        self.status = 1;
                    }
                }
                Step::EndRedirect => {
                    if let Some(streams) = run.redirects.pop() {
                        self.end_redirects(streams);
                    }
                }
                Step::Function(name, body) => {
                    self.functions.insert(name.clone(), body.clone());
                    self.status = 0;
                }
            }
        }
        self.goes_on(&mut run);
        while let Some(streams) = run.redirects.pop() {
            self.end_redirects(streams);
        }
        Ok(())
    }
    /// Takes `break` and `continue` into account; false where the script ends here.
    fn goes_on(&mut self, run: &mut Running) -> bool {
        let Some(Flow::Leave(count, is_break)) = self.flow else { return self.flow.is_none() };
        for n in 0..count {
            let Some(last) = run.loops.last() else { break };
            if !is_break && n + 1 == count {
                run.at = last.next;
            } else {
                run.at = last.end;
                run.loops.pop();
            }
        }
        self.flow = None;
        true
    }
    /// A loop begins, or goes on from its last round.
    fn begin_rounds(&mut self, run: &mut Running) {
        let first = (self.state.clone(), run.clone());
        let (place, (state, running)) = self.ask.rounds(|| first);
        (self.state, *run) = (state, running);
        if let Some(last) = run.loops.last_mut() {
            last.place = place;
        }
    }
    /// Another round of a loop begins.
    fn round(&mut self, run: &Running) {
        self.rounds += 1;
        if self.rounds > MAX_ROUNDS {
            self.stop(&format!(
                "podium: a loop went round {MAX_ROUNDS} times and never waited. A sleep in it lets the time go on.\n"
            ));
            return;
        }
        if let Some(last) = run.loops.last() {
            let (state, running) = (&self.state, Running { at: run.at - 1, ..run.clone() });
            self.ask.round(last.place, || (state.clone(), running));
        }
    }
    /// Begins the rounds of a program: its state, as the last round left it, and its place for `program_round`.
    pub(crate) fn program_rounds<T: Clone + 'static>(&mut self, first: T) -> (usize, T) {
        let shell = self.state.clone();
        let (place, (state, own)) = self.ask.rounds(|| (shell, first));
        self.state = state;
        (place, own)
    }
    /// Another round of a program begins with this state.
    pub(crate) fn program_round<T: Clone + 'static>(&mut self, place: usize, own: &T) {
        self.program_round_with(place, || own.clone());
    }
    /// The same with a state that is made only where it is noted.
    pub(crate) fn program_round_with<T: Clone + 'static>(&mut self, place: usize, own: impl FnOnce() -> T) {
        let state = &self.state;
        self.ask.round(place, || (state.clone(), own()));
    }
    /// Says why the line ends here.
    fn stop(&mut self, why: &str) {
        self.print_error(why);
        self.status = 1;
        self.flow = Some(Flow::Exit);
    }
    /// Runs a script whose variables nobody else sees.
    fn apart(&mut self, script: &Script, depth: usize) -> Result<(), Suspended> {
        let variables = self.kept.variables.clone();
        self.script(script, depth + 1)?;
        self.kept.variables = variables;
        self.flow = None;
        Ok(())
    }
    fn pipeline(&mut self, stages: &[Rc<Script>], depth: usize) -> Result<(), Suspended> {
        let (stdin, out) = (self.stdin.clone(), self.out);
        for (place, stage) in stages.iter().enumerate() {
            let is_last = place + 1 == stages.len();
            let pipe = self.buffer(String::new());
            self.out = if is_last { out } else { Target::Buffer(pipe) };
            self.apart(stage, depth)?;
            if !is_last {
                self.stdin = std::mem::take(&mut self.buffers[pipe]).into();
            }
        }
        (self.stdin, self.out) = (stdin, out);
        Ok(())
    }
    /// What scripts print that stand in the place of words.
    fn captured(&mut self, scripts: &[Rc<Script>], depth: usize) -> Result<Vec<Str>, Suspended> {
        let mut captured = Vec::new();
        for script in scripts {
            let (out, buffer) = (self.out, self.buffer(String::new()));
            self.out = Target::Buffer(buffer);
            self.apart(script, depth)?;
            self.out = out;
            captured.push(std::mem::take(&mut self.buffers[buffer]).trim_end_matches('\n').into());
        }
        Ok(captured)
    }
    fn buffer(&mut self, text: String) -> usize {
        self.buffers.push(text);
        self.buffers.len() - 1
    }
    fn command(&mut self, command: &Command, depth: usize) -> Result<(), Suspended> {
        let captured = self.captured(&command.substitutions, depth)?;
        let mut words = expand::words(self, &command.words, &captured);
        let streams = self.streams();
        if let Err(why) = self.redirect(&command.redirects, &captured) {
            self.end_redirects(streams);
            self.print_error(&format!("bash: {why}\n"));
            self.status = 1;
            return Ok(());
        }
        let before = self.kept.variables.clone();
        for (name, word) in &command.assignments {
            let value = expand::one_text(self, word, &captured);
            self.kept.variables.insert(name.clone(), value);
        }
        if let Some(alias) = words.first().and_then(|first| self.kept.aliases.get(first)).cloned() {
            words.splice(..1, alias.split_whitespace().map(Str::from));
        }
        match words.split_first() {
            // The status of an assignment is that of what it captured.
            None if captured.is_empty() => self.status = 0,
            None => {}
            Some((name, arguments)) => {
                if let Some(body) = self.functions.get(name).cloned() {
                    let old = std::mem::replace(&mut self.arguments, arguments.to_vec());
                    self.script(&body, depth + 1)?;
                    self.arguments = old;
                    self.flow = self.flow.filter(|flow| *flow != Flow::Return);
                } else {
                    self.status = programs::run(self, name, arguments)?;
                }
                if !command.assignments.is_empty() {
                    self.kept.variables = before;
                }
            }
        }
        // What a program has read of a loop's input stays read.
        let reads_elsewhere = command.redirects.iter().any(|redirect| redirect.fd == 0);
        let stdin = if reads_elsewhere { streams.stdin.clone() } else { self.stdin.clone() };
        self.end_redirects(Streams { stdin, ..streams });
        Ok(())
    }
    fn streams(&mut self) -> Streams {
        let written = std::mem::take(&mut self.written);
        Streams { stdin: self.stdin.clone(), out: self.out, err: self.err, written }
    }
    /// Leads input and output elsewhere. The error is what the shell says.
    fn redirect(&mut self, redirects: &[Redirect], captured: &[Str]) -> Result<(), String> {
        for redirect in redirects {
            let target = match &redirect.to {
                Leads::File(word, appends) => {
                    let file = expand::one_text(self, word, captured);
                    let file: Str = file.strip_prefix("./").unwrap_or(&file).into();
                    match &*file {
                        "" => return Err(": No such file or directory".into()),
                        "/dev/null" => Target::Null,
                        "/dev/stderr" => self.err,
                        "/dev/stdout" => self.out,
                        _ => {
                            let was = self.files.get(&file).filter(|_| *appends).map(|text| text.to_string());
                            let buffer = self.buffer(was.unwrap_or_default());
                            self.written.push((file, buffer));
                            Target::Buffer(buffer)
                        }
                    }
                }
                Leads::From(word) => {
                    let file = expand::one_text(self, word, captured);
                    self.stdin = self.read(&file).map_err(|why| format!("{file}: {why}"))?;
                    continue;
                }
                Leads::Here(word) => {
                    self.stdin = expand::one_text(self, word, captured);
                    continue;
                }
                Leads::Same(2) => self.err,
                Leads::Same(_) => self.out,
                Leads::Closed => Target::Null,
            };
            // 12 is `&>`: both.
            if redirect.fd != 2 {
                self.out = target;
            }
            if matches!(redirect.fd, 2 | 12) {
                self.err = target;
            }
        }
        Ok(())
    }
    fn end_redirects(&mut self, before: Streams) {
        for (file, buffer) in std::mem::replace(&mut self.written, before.written) {
            let text = Str::from(self.buffers[buffer].as_str());
            self.files.insert(file, text);
        }
        (self.stdin, self.out, self.err) = (before.stdin, before.out, before.err);
    }
    /// The text of a file; the error is why there is none.
    pub(crate) fn read(&self, file: &str) -> Result<Str, &'static str> {
        match file {
            "-" | "/dev/stdin" => Ok(self.stdin.clone()),
            "/dev/null" => Ok(Str::default()),
            _ => self.files.get(file.strip_prefix("./").unwrap_or(file)).cloned().ok_or(NO_SUCH_FILE),
        }
    }
    /// Prints where the running command prints.
    pub(crate) fn print(&mut self, text: &str) {
        self.write(self.out, text);
    }
    /// Prints where its errors go.
    pub(crate) fn print_error(&mut self, text: &str) {
        self.write(self.err, text);
    }
    fn write(&mut self, target: Target, text: &str) {
        match target {
            _ if text.is_empty() => {}
            Target::Null => {}
            Target::Buffer(at) => self.buffers[at].push_str(text),
            Target::Terminal(is_error) => {
                self.printed += 1;
                if self.printed > self.known {
                    self.new.push(Printed { is_error, text: text.into() });
                }
            }
        }
    }
    /// Bits of chance that belong to the next program of this line that wants some.
    pub(crate) fn chance(&mut self) -> u64 {
        self.started += 1;
        crate::cluster::chance::stable_hash(self.environment.chance, &self.started)
    }
}

impl Host for Shell<'_> {
    fn variable(&self, name: &str) -> Option<Str> {
        Some(match name {
            "?" => self.status.to_string().into(),
            "#" => self.arguments.len().to_string().into(),
            "@" | "*" => self.arguments.join(" ").into(),
            "0" => "bash".into(),
            _ => match (name.parse::<usize>(), self.kept.variables.get(name)) {
                (Ok(place), _) => self.arguments.get(place.checked_sub(1)?)?.clone(),
                (_, Some(value)) => value.clone(),
                _ => match name {
                    "HOME" | "PWD" => "/home/podium".into(),
                    "USER" => "podium".into(),
                    _ => return None,
                },
            },
        })
    }
    fn set(&mut self, name: &str, value: Str) {
        self.kept.variables.insert(name.into(), value);
    }
    fn arguments(&self) -> Vec<Str> {
        self.arguments.clone()
    }
    fn fail(&mut self, why: &str) {
        self.stop(&format!("bash: {why}\n"));
    }
    fn names(&self, folder: &str) -> Vec<String> {
        programs::names(&self.files, folder)
    }
}

/// The command behind `[node-1] `: one that is given on that node and not here.
fn on_node(line: &str) -> Option<&str> {
    let (node, command) = line.strip_prefix('[')?.split_once("] ")?;
    (!node.is_empty() && !node.contains(char::is_whitespace)).then_some(command)
}

/// As the C library says it.
pub(crate) const NO_SUCH_FILE: &str = "No such file or directory";
