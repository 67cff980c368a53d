//! A small shell: the line around kubectl. It runs programs, joins them by pipes and keeps their files in
//! memory. What it cannot do, it says, and runs nothing.

mod parse;
mod programs;

use parse::{Joint, Pipeline, Redirect, Simple, parse};

use super::process::{Environment, Files, Kept, Printed};
use crate::cluster::task::{Ask, Suspended};
use crate::value::Str;

/// Where a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// To the person: output, or errors (true).
    Terminal(bool),
    /// Into `Shell::buffers`.
    Buffer(usize),
}

/// A shell that runs one line. It is made anew and runs from the line's beginning whenever an answer has come.
#[derive(Debug)]
pub(crate) struct Shell<'a> {
    /// Its way to ask.
    pub(crate) ask: Ask<'a>,
    /// What it began with.
    pub(crate) environment: &'a Environment,
    /// The files as the line's commands have left them.
    pub(crate) files: Files,
    /// What the terminal keeps, as the line's commands have left it.
    pub(crate) kept: Kept,
    /// What has reached the person so far, from the line's beginning.
    pub(crate) printed: Vec<Printed>,
    /// What the running command reads.
    pub(crate) stdin: Str,
    out: Target,
    err: Target,
    buffers: Vec<String>,
    /// How many programs have been started that take time to start.
    started: u64,
}

impl<'a> Shell<'a> {
    /// A shell at the beginning of its line.
    pub(crate) fn new(ask: Ask<'a>, environment: &'a Environment) -> Self {
        Self {
            ask,
            environment,
            files: environment.files.clone(),
            kept: environment.kept.clone(),
            printed: Vec::new(),
            stdin: Str::default(),
            out: Target::Terminal(false),
            err: Target::Terminal(true),
            buffers: Vec::new(),
            started: 0,
        }
    }
    /// Runs a line and gives its exit code.
    pub(crate) fn run(&mut self, line: &str) -> Result<i32, Suspended> {
        if let Some(command) = on_node(line) {
            let program = command.split_whitespace().next().unwrap_or_default();
            self.print_error(&format!("bash: {program}: command not found\n"));
            return Ok(programs::NOT_FOUND);
        }
        let list = match parse(line) {
            Ok(list) => list,
            Err(why) => {
                self.print_error(&format!("bash: {why}\n"));
                return Ok(if why.ends_with(parse::NOT_SUPPORTED) { programs::NOT_FOUND } else { 2 });
            }
        };
        let mut code = 0;
        for (joint, pipeline) in &list.items {
            let runs = match joint {
                Joint::Then => true,
                Joint::And => code == 0,
                Joint::Or => code != 0,
            };
            if runs {
                code = self.pipeline(pipeline)?;
            }
        }
        Ok(code)
    }
    fn pipeline(&mut self, pipeline: &Pipeline) -> Result<i32, Suspended> {
        let mut code = 0;
        self.stdin = Str::default();
        for (i, command) in pipeline.commands.iter().enumerate() {
            let is_last = i + 1 == pipeline.commands.len();
            let pipe = self.buffer(String::new());
            self.out = if is_last { Target::Terminal(false) } else { pipe };
            self.err = Target::Terminal(true);
            code = self.command(command)?;
            if let Target::Buffer(at) = pipe {
                self.stdin = std::mem::take(&mut self.buffers[at]).into();
            }
        }
        Ok(code)
    }
    fn buffer(&mut self, text: String) -> Target {
        self.buffers.push(text);
        Target::Buffer(self.buffers.len() - 1)
    }
    fn command(&mut self, command: &Simple) -> Result<i32, Suspended> {
        let mut written = Vec::new();
        for redirect in &command.redirects {
            match redirect {
                Redirect::Input(file) => match self.read(file) {
                    Ok(text) => self.stdin = text,
                    Err(why) => {
                        self.print_error(&format!("bash: {file}: {why}\n"));
                        return Ok(1);
                    }
                },
                Redirect::Output { file, added, errors } => {
                    let was = self.files.get(file).filter(|_| *added).map(|text| text.to_string());
                    let target = self.buffer(was.unwrap_or_default());
                    if let Target::Buffer(at) = target {
                        written.push((file.clone(), at));
                    }
                    *(if *errors { &mut self.err } else { &mut self.out }) = target;
                }
                Redirect::ErrorsToOutput => self.err = self.out,
                Redirect::OutputToErrors => self.out = self.err,
            }
        }
        let code = match command.words.split_first() {
            Some((program, arguments)) => programs::run(self, program, arguments)?,
            None => 0,
        };
        for (file, at) in written {
            if &*file != "/dev/null" {
                self.files.insert(file, self.buffers[at].as_str().into());
            }
        }
        Ok(code)
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
            Target::Buffer(at) => self.buffers[at].push_str(text),
            Target::Terminal(is_error) => self.printed.push(Printed { is_error, text: text.into() }),
        }
    }
    /// Bits of chance that belong to the next program of this line that wants some.
    pub(crate) fn chance(&mut self) -> u64 {
        self.started += 1;
        crate::cluster::chance::stable_hash(self.environment.chance, &self.started)
    }
}

/// The command behind `[node-1] `: one that is given on that node and not here.
fn on_node(line: &str) -> Option<&str> {
    let (node, command) = line.strip_prefix('[')?.split_once("] ")?;
    (!node.is_empty() && !node.contains(char::is_whitespace)).then_some(command)
}

/// As the C library says it.
pub(crate) const NO_SUCH_FILE: &str = "No such file or directory";
