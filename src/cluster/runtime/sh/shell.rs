//! What a shell is made of, and what ends, begins or is told to it.

use super::script::{Command, Part, Script, Step, Word};
use super::{Frame, Kind, Saved, Shell, Sink, Streams, Wait, parser};
use crate::cluster::chance::stable_hash;
use crate::cluster::time::SimTime;
use crate::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

impl Shell {
    /// A shell that runs a script with arguments (`$0` first) and an environment.
    pub(in super::super) fn new(
        text: &str,
        arguments: Vec<Str>,
        env: &[(Str, Str)],
        folder: &str,
    ) -> Result<Self, String> {
        Ok(Self::with(parser::parse(text)?, arguments, env, folder))
    }
    pub(super) fn with(script: Rc<Script>, arguments: Vec<Str>, env: &[(Str, Str)], folder: &str) -> Self {
        let mut variables: BTreeMap<Str, Str> = env.iter().cloned().collect();
        for (name, value) in
            [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("HOME", "/root")]
        {
            variables.entry(name.into()).or_insert_with(|| value.into());
        }
        let exported = variables.keys().cloned().collect();
        let mut shell = Self {
            frames: Vec::new(),
            variables,
            exported,
            arguments,
            functions: BTreeMap::new(),
            traps: BTreeMap::new(),
            caught: Vec::new(),
            status: 0,
            folder: folder.into(),
            streams: Streams { input: None, out: Sink::Out, err: Sink::Err },
            buffers: Vec::new(),
            inputs: Vec::new(),
            wait: Wait::None,
            jobs: BTreeMap::new(),
            last_job: None,
            ends_on_error: false,
            exits: None,
            becomes: None,
            has_acted: false,
            sleeps: 0,
            others: 0,
            is_idle: false,
            partial: [String::new(), String::new()],
        };
        shell.begin(script, Kind::Script);
        shell
    }
    /// A program that runs one tool.
    pub(in super::super) fn tool(words: &[Str], env: &[(Str, Str)], folder: &str) -> Self {
        let words = words.iter().map(|word| Word(vec![Part::Text(word.clone(), true)])).collect();
        let command = Command { words, ..Command::default() };
        let script = Rc::new(Script { steps: vec![Step::Command(Rc::new(command))] });
        Self::with(script, Vec::new(), env, folder)
    }
    /// Whether what its next waking does repeats itself unseen.
    pub(in super::super) fn is_idle(&self) -> bool {
        self.is_idle
    }
    pub(super) fn begin(&mut self, script: Rc<Script>, kind: Kind) {
        let frame =
            Frame { script, at: 0, kind, loops: Vec::new(), redirects: Vec::new(), captured: Vec::new() };
        self.frames.push(frame);
    }
    pub(super) fn saved(&self) -> Box<Saved> {
        Box::new(Saved {
            variables: self.variables.clone(),
            folder: self.folder.clone(),
            arguments: self.arguments.clone(),
            streams: self.streams.clone(),
        })
    }
    pub(super) fn restore(&mut self, saved: Saved) {
        self.variables = saved.variables;
        self.folder = saved.folder;
        self.arguments = saved.arguments;
        self.streams = saved.streams;
    }
    /// The variables that a program gets.
    pub(super) fn environment(&self) -> Vec<(Str, Str)> {
        let all = self.variables.iter().filter(|(name, _)| self.exported.contains(*name));
        all.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
    /// A signal comes; false where there is no trap for it.
    pub(in super::super) fn signal(&mut self, signal: i32, now: SimTime) -> bool {
        match self.traps.get(&signal) {
            None => false,
            Some(None) => true,
            Some(Some(_)) => {
                self.caught.push(signal);
                match self.wait.clone() {
                    // `wait` ends at once; a command in the foreground goes on to its end first.
                    Wait::Children(_) => {
                        self.wait = Wait::None;
                        self.status = 128 + signal;
                    }
                    Wait::Round(since, period) => {
                        let rounds = now.since(since) / period + 1;
                        self.wait = Wait::Until(since + rounds * period);
                    }
                    Wait::None
                    | Wait::Until(_)
                    | Wait::Ever
                    | Wait::Foreground(_)
                    | Wait::Network(_)
                    | Wait::Answer(..) => {}
                }
                true
            }
        }
    }
    /// A process that this one started has ended.
    pub(in super::super) fn child_ended(&mut self, pid: u32, code: i32) {
        for (other, ended) in self.jobs.values_mut() {
            if *other == pid {
                *ended = Some(code);
            }
        }
        match &mut self.wait {
            Wait::Foreground(child) if *child == pid => {
                self.status = code;
                self.wait = Wait::None;
            }
            Wait::Children(children) => {
                children.remove(&pid);
                if children.is_empty() {
                    self.status = code;
                    self.wait = Wait::None;
                }
            }
            _ => {}
        }
    }
    /// The state that decides how a loop goes on.
    pub(super) fn signature(&self) -> u64 {
        stable_hash(0, &(&self.variables, self.status, &self.folder, self.jobs.len(), self.frames.len()))
    }
    /// Leaves the frames of the script that `exit` ends: the innermost one with variables of its own, or all.
    pub(super) fn exit(&mut self, code: i32) {
        self.status = code;
        while let Some(frame) = self.frames.last() {
            if matches!(frame.kind, Kind::Subshell(_) | Kind::Capture(_) | Kind::Stage(..)) {
                if let Some(frame) = self.frames.last_mut() {
                    frame.at = frame.script.steps.len();
                    frame.loops.clear();
                }
                return;
            }
            self.frames.pop();
        }
        self.exits = Some(code);
    }
    /// The innermost frame has come to its end.
    pub(super) fn end_frame(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if let Some(streams) = frame.redirects.into_iter().next() {
            self.streams = streams;
        }
        match frame.kind {
            Kind::Script => {}
            Kind::Trap(status) => self.status = status,
            Kind::Function(arguments) => self.arguments = arguments,
            Kind::Subshell(saved) => self.restore(*saved),
            Kind::Capture(saved) => {
                self.restore(*saved);
                let text = self.buffers.pop().unwrap_or_default();
                if let Some(frame) = self.frames.last_mut() {
                    frame.captured.push(text.trim_end_matches('\n').into());
                }
            }
            Kind::Stage(saved, stages, place) => {
                self.restore(*saved);
                let is_last = place + 1 == stages.len();
                if !is_last {
                    let text = self.buffers.pop().unwrap_or_default();
                    self.inputs.push(text);
                    self.begin_stage(stages, place + 1);
                }
            }
        }
    }
    /// Begins a stage of a pipeline, whose input is the newest text.
    pub(super) fn begin_stage(&mut self, stages: Rc<Vec<Rc<Script>>>, place: usize) {
        let saved = self.saved();
        if place > 0 {
            self.streams.input = self.inputs.len().checked_sub(1);
        }
        if place + 1 < stages.len() {
            self.buffers.push(String::new());
            self.streams.out = Sink::Buffer(self.buffers.len() - 1);
        }
        let script = stages[place].clone();
        self.begin(script, Kind::Stage(saved, stages, place));
    }
    /// Begins the next substitution of a step, where one is missing; true where there was one.
    pub(super) fn needs(&mut self, substitutions: &[Rc<Script>]) -> bool {
        let Some(frame) = self.frames.last() else { return false };
        let Some(script) = substitutions.get(frame.captured.len()).cloned() else { return false };
        let saved = self.saved();
        self.buffers.push(String::new());
        self.streams.out = Sink::Buffer(self.buffers.len() - 1);
        self.begin(script, Kind::Capture(saved));
        true
    }
    pub(super) fn captured(&mut self) -> Vec<Str> {
        self.frames.last_mut().map(|frame| std::mem::take(&mut frame.captured)).unwrap_or_default()
    }
}
