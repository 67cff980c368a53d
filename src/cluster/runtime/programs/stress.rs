//! Programs that take memory and a processor's time, to see what comes of it: `stress`, `stress-ng`, and the `stress` of
//! Kubernetes' documentation, which is another one (upstream: github.com/vishh/stress).
//!
//! Each is one process here, and what it takes of a processor changes nothing.

use super::super::Runtime;
use super::super::process::{Ended, Next};
use super::super::sh::bytes;
use crate::api::quantity::Quantity;
use crate::cluster::engine::Engine;
use crate::cluster::time::{MILLI, Micros, SECOND, SimTime};
use crate::value::Str;

/// How fast memory is taken and written to, in bytes a second.
const SPEED: u64 = 1_500_000_000;
/// What a worker takes where nobody says how much.
const DEFAULT_BYTES: u64 = 256 << 20;
/// After so long stress-ng ends where nobody says when.
const DEFAULT_RUN: Micros = 86_400 * SECOND;
/// What one step of the documentation's `stress` takes beside its sleep.
const STEP: Micros = 60;

/// Which of them it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Stress,
    StressNg,
    OfDocumentation,
}

/// How much memory is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Amount {
    Bytes(u64),
    /// So many hundredths of the node's.
    Percent(u64),
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    New,
    Taking { until: SimTime },
    Holding,
}

/// A program that takes memory.
#[derive(Clone, Debug)]
pub(in super::super) struct Stress {
    tool: Tool,
    /// What it prints at once and when it has all.
    says: Vec<String>,
    says_then: Option<String>,
    wants: Amount,
    /// How long taking all of it takes; by its size where none is said.
    takes: Option<Micros>,
    /// When it has run long enough, after its start.
    runs: Option<Micros>,
    started: SimTime,
    phase: Phase,
    /// The code with which it ends as soon as it goes on.
    ends: Option<i32>,
}

/// A span as these programs read it: `10`, `10s`, `2m`, `1h`, `1d`; `1ms` and `1us` in Go.
fn span(text: &str) -> Option<Micros> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let unit = match &text[digits..] {
        "us" => 1,
        "ms" => MILLI,
        "" | "s" => SECOND,
        "m" => 60 * SECOND,
        "h" => 3_600 * SECOND,
        "d" => 86_400 * SECOND,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(unit)
}

impl Stress {
    /// Reads a command line.
    pub(super) fn new(words: &[Str], is_of_documentation: bool, now: SimTime) -> Self {
        let tool = match words.first().map(|first| first.rsplit('/').next().unwrap_or(first)) {
            _ if is_of_documentation => Tool::OfDocumentation,
            Some("stress-ng") => Tool::StressNg,
            _ => Tool::Stress,
        };
        let mut read = Self {
            tool,
            says: Vec::new(),
            says_then: None,
            wants: Amount::Bytes(0),
            takes: None,
            runs: None,
            started: now,
            phase: Phase::New,
            ends: None,
        };
        let words = words.get(1..).unwrap_or_default();
        match tool {
            Tool::OfDocumentation => read.of_documentation(words),
            Tool::Stress | Tool::StressNg => read.hogs(words),
        }
        read
    }
    /// What the documentation's `stress` is told, as Go's flags are.
    fn of_documentation(&mut self, words: &[Str]) {
        let flag = |name: &str, otherwise: &str| -> Str {
            let mut words = words.iter();
            let mut found: Str = otherwise.into();
            while let Some(word) = words.next() {
                let word = word.trim_start_matches('-');
                if word == name {
                    found = words.next().cloned().unwrap_or_default();
                } else if let Some(value) = word.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
                    found = value.into();
                }
            }
            found
        };
        let (total, step, sleep) =
            (flag("mem-total", "0"), flag("mem-alloc-size", "4Ki"), flag("mem-alloc-sleep", "1ms"));
        let number =
            |text: &str| Quantity::parse(text).ok().and_then(|size| u64::try_from(size.value()).ok());
        let (Some(wanted), Some(each), Some(rest), Ok(cpus)) =
            (number(&total), number(&step), span(&sleep), flag("cpus", "0").parse::<usize>())
        else {
            // Its flags end it with Go's code for a usage that is wrong.
            self.ends = Some(2);
            return;
        };
        let mut line = |at: u32, text: String| self.says.push(format!("main.go:{at}] {text}"));
        line(
            26,
            format!(
                "Allocating {total:?} memory, in {step:?} chunks, with a {sleep} sleep between allocations"
            ),
        );
        for _ in 0..cpus.min(64) {
            line(39, "Spawning a thread to consume CPU".into());
        }
        self.says_then = Some(format!("main.go:29] Allocated {total:?} memory"));
        self.wants = Amount::Bytes(wanted);
        self.takes = Some((wanted / each.max(1)).saturating_mul(rest + STEP));
    }
    /// What `stress` and `stress-ng` are told: how many workers of each kind, what each takes, how long.
    fn hogs(&mut self, words: &[Str]) {
        let is_ng = self.tool == Tool::StressNg;
        let number = |text: &str, count: &mut u64| text.parse().map(|number| *count = number).is_ok();
        let (mut counts, mut each, mut words) = ([0u64; 4], Amount::Bytes(DEFAULT_BYTES), words.iter());
        // Whether stress-ng has been told what to do: it has hundreds of other stressors, and takes 0 workers for as many as the node has
        // processors.
        let mut is_told = false;
        while let Some(word) = words.next() {
            let (name, inner) =
                word.split_once('=').map_or((&**word, None), |(name, value)| (name, Some(value)));
            let mut value = || inner.or_else(|| words.next().map(|next| &**next)).unwrap_or_default();
            let is_read = match name {
                "-c" | "--cpu" => number(value(), &mut counts[0]),
                "-i" | "--io" => number(value(), &mut counts[1]),
                "-m" | "--vm" => number(value(), &mut counts[2]),
                "-d" | "--hdd" => number(value(), &mut counts[3]),
                "--vm-bytes" => {
                    let text = value().to_ascii_uppercase();
                    let percent = text.strip_suffix('%').filter(|_| is_ng).and_then(|text| text.parse().ok());
                    let found = percent.map(Amount::Percent).or_else(|| bytes(&text).map(Amount::Bytes));
                    found.map(|found| each = found).is_some()
                }
                "-t" | "--timeout" => {
                    let found = span(value());
                    self.runs = found.filter(|span| *span > 0);
                    found.is_some()
                }
                "--vm-hang" | "--vm-stride" | "--hdd-bytes" | "-b" | "--backoff" => !value().is_empty(),
                "--vm-keep" | "-v" | "--verbose" | "-q" | "--quiet" => true,
                // What the others take of memory is not known here.
                _ => {
                    is_told |= word.starts_with("--");
                    is_ng
                }
            };
            is_told |=
                is_ng && matches!(name, "-c" | "--cpu" | "-i" | "--io" | "-m" | "--vm" | "-d" | "--hdd");
            if is_ng && matches!(name, "-m" | "--vm") {
                counts[2] = counts[2].max(1);
            }
            if !is_read {
                self.says.push(format!("FAIL: unrecognized option: {word}"));
                self.ends = Some(1);
                return;
            }
        }
        let [cpu, io, vm, hdd] = counts;
        if counts == [0; 4] && !is_told {
            self.says.push("Usage: stress [OPTION [ARG]] ...".into());
            self.ends = Some(0);
            return;
        }
        // Each worker of stress takes so much, and all of stress-ng's together.
        let workers = if is_ng { vm.min(1) } else { vm };
        self.wants = match each {
            Amount::Bytes(bytes) => Amount::Bytes(bytes.saturating_mul(workers)),
            Amount::Percent(percent) => Amount::Percent(percent.saturating_mul(workers)),
        };
        if is_ng {
            let runs = *self.runs.get_or_insert(DEFAULT_RUN) / SECOND;
            self.says.push(format!("info:  setting to a {runs} secs run per stressor"));
            let kinds = [(cpu, "cpu"), (io, "io"), (vm, "vm"), (hdd, "hdd")];
            let kinds: Vec<String> = kinds
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, name)| format!("{count} {name}"))
                .collect();
            // How many workers or which others there are is not known here, and nothing is said of them.
            if !kinds.is_empty() {
                self.says.push(format!("info:  dispatching hogs: {}", kinds.join(", ")));
            }
        } else {
            self.says.push(format!("info: dispatching hogs: {cpu} cpu, {io} io, {vm} vm, {hdd} hdd"));
        }
    }
    /// What it has taken, in bytes.
    pub(in super::super) fn holds(&self, memory: u64) -> u64 {
        if self.phase == Phase::Holding { self.wanted(memory) } else { 0 }
    }
    fn wanted(&self, memory: u64) -> u64 {
        match self.wants {
            Amount::Bytes(bytes) => bytes,
            Amount::Percent(percent) => part(memory, percent, 100),
        }
    }
    /// It gets a signal, as the first process of its PID namespace or as another; false where it has no handler for it.
    pub(in super::super) fn signal(&mut self, signal: i32, is_first: bool) -> bool {
        let code = match (self.tool, signal) {
            // Go's runtime ends a first process that way which no signal could end.
            (Tool::OfDocumentation, 1 | 2 | 15) if is_first => 2,
            (Tool::StressNg, 2 | 14 | 15) => 0,
            _ => return false,
        };
        self.ends = Some(code);
        true
    }
}

impl Runtime {
    /// A program that takes memory goes on.
    pub(in super::super) fn run_stress(
        &mut self,
        engine: &mut Engine,
        pid: u32,
        stress: &mut Stress,
    ) -> Next {
        let now = engine.now;
        if stress.phase == Phase::New {
            for said in std::mem::take(&mut stress.says) {
                self.say_of_stress(engine, pid, stress.tool, &said);
            }
        }
        if let Some(code) = stress.ends {
            return Next::Exit(code);
        }
        let wanted = stress.wanted(self.memory);
        let room = self.memory_left(pid);
        match stress.phase {
            Phase::New => {
                let end = stress.runs.map(|runs| stress.started + runs);
                let all = stress.takes.unwrap_or_else(|| part(SECOND, wanted, SPEED));
                let until = now + part(all, wanted.min(room), wanted);
                stress.phase = Phase::Taking { until };
                return Next::Until(end.map_or(until, |end| until.min(end)));
            }
            // Its time is over before it has all.
            Phase::Taking { until } if until > now => {
                if stress.runs.is_none_or(|runs| stress.started + runs > now) {
                    return Next::Until(until);
                }
            }
            Phase::Taking { .. } if wanted > room => {
                self.out_of_memory(engine, pid);
                return Next::Signal;
            }
            Phase::Taking { .. } => {
                stress.phase = Phase::Holding;
                self.takes_memory(pid, wanted);
                if let Some(said) = stress.says_then.take() {
                    self.say_of_stress(engine, pid, stress.tool, &said);
                }
            }
            Phase::Holding => {}
        }
        match stress.runs.map(|runs| stress.started + runs) {
            Some(end) if end <= now => {
                let seconds = now.since(stress.started) / SECOND;
                let said = match stress.tool {
                    Tool::StressNg => format!("info:  successful run completed in {seconds}.00 secs"),
                    Tool::Stress | Tool::OfDocumentation => {
                        format!("info: successful run completed in {seconds}s")
                    }
                };
                self.say_of_stress(engine, pid, stress.tool, &said);
                Next::Exit(0)
            }
            Some(end) => Next::Until(end),
            None => Next::Signal,
        }
    }
    fn say_of_stress(&mut self, engine: &Engine, pid: u32, tool: Tool, text: &str) {
        let local = self.processes.get(&pid).map_or(1, |process| process.row.local_pid);
        let line = match (tool, text.split_once(": ")) {
            (Tool::OfDocumentation, _) => {
                // The date of glog: month, day, time.
                let at = engine.wall.rfc3339_micro(engine.now);
                let digits = |from, to| at.get(from..to).unwrap_or_default();
                format!("I{}{} {}{local:>8} {text}", digits(5, 7), digits(8, 10), digits(11, 26))
            }
            (_, None) => text.to_owned(),
            (Tool::Stress, Some((level, rest))) => format!("stress: {level}: [{local}] {rest}"),
            (Tool::StressNg, Some((level, rest))) => {
                format!("stress-ng: {level}:  [{local}] {}", rest.trim_start())
            }
        };
        self.print(engine, pid, false, &line);
    }
    /// A process has got more than its container or its node has: the kernel kills all of the container
    /// (upstream: memory.oom.group, which the kubelet sets, see singleProcessOOMKill).
    pub(in super::super) fn out_of_memory(&mut self, engine: &mut Engine, pid: u32) {
        let Some(process) = self.processes.get(&pid) else { return };
        let (container, cause) = (process.row.container, process.cause);
        if let Some(container) = container.and_then(|id| self.containers.get_mut(&id.number)) {
            container.oom_killed = true;
        }
        let first = container.and_then(|id| self.first_process(id)).unwrap_or(pid);
        self.end_process(engine, first, Ended::Signal(9), cause);
    }
}

/// What so many of `of` parts come to.
fn part(all: u64, parts: u64, of: u64) -> u64 {
    (u128::from(all) * u128::from(parts) / u128::from(of.max(1))) as u64
}
