//! How far a simulated run agrees with a recorded one: agreeing lanes of all lanes of the two together.
//!
//! What a lane is stands in the library's `recording::lanes`, what two runs need not share in its `names` and `mask`. Order
//! between lanes is not compared, for a real cluster races too. A lane that only one of the two has counts
//! against.

#[cfg(test)]
mod tests;

use crate::recording::{self, Act, ReadError, Run};
use podium::recording::lanes::{self, Lane, Lanes, Passage, Printed};
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::ops::AddAssign;
use std::path::Path;

/// A change of an agreeing lane is on time when it is at most so many seconds off...
const SECONDS_OFF: f64 = 1.5;
/// ...or this share of the recorded time since the last act.
const SHARE_OFF: f64 = 0.15;

/// Something counted, of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) good: usize,
    pub(crate) all: usize,
}

impl Tally {
    /// In percent; nothing of nothing is 0.
    pub(crate) fn percent(self) -> f64 {
        100.0 * self.good as f64 / self.all.max(1) as f64
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.good += more.good;
        self.all += more.all;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(&format!("{}/{}", self.good, self.all))
    }
}

/// What to leave out and what to print.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// How many differing lanes of a scenario are printed.
    pub(crate) show: usize,
    /// Kinds of lanes to leave out, as `commands`.
    pub(crate) without: Vec<String>,
    /// Whether the times of hops are set beside each other too.
    pub(crate) latencies: bool,
}

/// Two runs of one scenario, compared.
pub(crate) struct Comparison {
    /// The scenario's name.
    pub(crate) name: String,
    /// Agreeing lanes of all, by kind.
    pub(crate) kinds: BTreeMap<String, Tally>,
    /// Changes in agreeing lanes, commands aside, that came on time.
    pub(crate) on_time: Tally,
    /// The lanes that differ.
    differences: Vec<Difference>,
}

/// A lane in which the two differ: what only the one or only the other went through.
struct Difference {
    lane: Lane,
    recorded: Vec<String>,
    simulated: Vec<String>,
}

/// Compares runs.
pub(crate) struct Comparer {
    options: Options,
}

impl Comparer {
    pub(crate) fn new(options: Options) -> Self {
        Self { options }
    }

    /// Compares a run with the recorded one of the scenario `name`.
    pub(crate) fn compare(&self, name: &str, recorded: &Run, simulated: &Run) -> Comparison {
        let mut recorded = cut(recorded);
        let mut simulated = cut(simulated);
        for kind in &self.options.without {
            let kept = |lane: &Lane, _: &mut _| lane.0 != *kind;
            recorded.retain(kept);
            simulated.retain(kept);
        }
        let mut comparison = Comparison {
            name: name.to_owned(),
            kinds: BTreeMap::new(),
            on_time: Tally::default(),
            differences: Vec::new(),
        };
        comparison.add(&recorded, &simulated);
        comparison
    }

    /// The table of some comparisons, and under each the lanes that were asked for.
    pub(crate) fn report(&self, comparisons: &[Comparison]) -> String {
        let width = comparisons.iter().map(|c| c.name.chars().count()).max().unwrap_or_default().max(3);
        let mut out = String::new();
        let (mut on_time, mut kinds) = (Tally::default(), BTreeMap::new());
        let line = |out: &mut String, name: &str, kinds: &BTreeMap<String, Tally>, on_time: Tally| {
            let lanes = sum(kinds);
            let kinds: Vec<String> = kinds.iter().map(|(kind, tally)| format!("{kind} {tally}")).collect();
            _ = writeln!(
                out,
                "{name:width$}  {lanes:>9} lanes {:6.2} %  {on_time:>11} on time {:6.2} %  {}",
                lanes.percent(),
                on_time.percent(),
                kinds.join(", ")
            );
        };
        for comparison in comparisons {
            line(&mut out, &comparison.name, &comparison.kinds, comparison.on_time);
            for difference in comparison.differences.iter().take(self.options.show) {
                difference.print(&mut out);
            }
            on_time += comparison.on_time;
            for (kind, tally) in &comparison.kinds {
                *kinds.entry(kind.clone()).or_default() += *tally;
            }
        }
        line(&mut out, "ALL", &kinds, on_time);
        out
    }
}

/// Whether a command only looks: what comes after it is not late because of it.
fn reads(command: &str) -> bool {
    const READING: [&str; 12] = [
        "get",
        "describe",
        "logs",
        "events",
        "wait",
        "top",
        "explain",
        "api-",
        "auth",
        "version",
        "cluster-info",
        "rollout status",
    ];
    ["[", "cat ", "lsns"].iter().any(|start| command.starts_with(start))
        || command.strip_prefix("kubectl ").is_some_and(|rest| {
            READING.iter().any(|verb| rest.starts_with(verb)) || rest.starts_with("rollout history")
        })
}

fn is_act(act: &Act) -> bool {
    match act {
        Act::Command(command) => !reads(&command.line),
        Act::Fault(..) | Act::Requests(_) => true,
        Act::Note(_) => false,
    }
}

/// Cuts a run, with what its commands printed.
fn cut(run: &Run) -> Lanes {
    let acts = run.steps.iter().filter(|step| is_act(&step.act)).map(|step| step.t);
    let acts: Vec<f64> = std::iter::once(0.0).chain(acts).collect();
    let printed = run.steps.iter().filter_map(|step| match &step.act {
        Act::Command(command) if command.line.starts_with("kubectl") => Some(Printed {
            t: step.t,
            line: &command.line,
            exit: command.exit,
            stdout: &command.stdout,
            stderr: &command.stderr,
        }),
        _ => None,
    });
    lanes::cut(&run.watch, &acts, &printed.collect::<Vec<_>>())
}

/// All kinds together.
fn sum(kinds: &BTreeMap<String, Tally>) -> Tally {
    kinds.values().fold(Tally::default(), |mut all, tally| {
        all += *tally;
        all
    })
}

/// The passages of a lane by what they say, each with the times of all that say so.
fn by_said<'a>(lanes: &'a Lanes, lane: &Lane) -> BTreeMap<&'a str, Vec<&'a [f64]>> {
    let mut by: BTreeMap<&str, Vec<&[f64]>> = BTreeMap::new();
    for Passage { said, times, .. } in lanes.get(lane).map(Vec::as_slice).unwrap_or_default() {
        by.entry(said).or_default().push(times);
    }
    // Siblings have no order: the quick of the one run are held against the quick of the other.
    let ordered = |a: &&[f64], b: &&[f64]| {
        let unequal = a.iter().zip(b.iter()).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
        unequal.unwrap_or_else(|| a.len().cmp(&b.len()))
    };
    by.values_mut().for_each(|times| times.sort_by(ordered));
    by
}

impl Comparison {
    /// Agreeing lanes of all kinds.
    pub(crate) fn lanes(&self) -> Tally {
        sum(&self.kinds)
    }
    fn add(&mut self, recorded: &Lanes, simulated: &Lanes) {
        let mut all: Vec<&Lane> = recorded.keys().chain(simulated.keys()).collect();
        all.sort();
        all.dedup();
        for lane in all {
            let (ours, theirs) = (by_said(simulated, lane), by_said(recorded, lane));
            let mut agreeing = 0;
            for (said, recorded) in &theirs {
                for (recorded, simulated) in recorded.iter().zip(ours.get(said).into_iter().flatten()) {
                    agreeing += 1;
                    if lane.0 != "commands" {
                        self.time(recorded, simulated);
                    }
                }
            }
            let size = |lanes: &Lanes| lanes.get(lane).map_or(0, Vec::len);
            let tally = Tally { good: agreeing, all: size(recorded).max(size(simulated)) };
            *self.kinds.entry(lane.0.clone()).or_default() += tally;
            if tally.good < tally.all {
                self.differences.push(Difference {
                    lane: lane.clone(),
                    recorded: only(&theirs, &ours),
                    simulated: only(&ours, &theirs),
                });
            }
        }
    }

    fn time(&mut self, recorded: &[f64], simulated: &[f64]) {
        let near = |(t, u): &(&f64, &f64)| (**t - **u).abs() <= SECONDS_OFF.max(SHARE_OFF * **t);
        let good = recorded.iter().zip(simulated).filter(near).count();
        self.on_time += Tally { good, all: recorded.len() };
    }
}

/// What `one` says more often than `other`.
fn only(one: &BTreeMap<&str, Vec<&[f64]>>, other: &BTreeMap<&str, Vec<&[f64]>>) -> Vec<String> {
    let more = |(said, times): (&&str, &Vec<&[f64]>)| {
        let more = times.len().saturating_sub(other.get(said).map_or(0, Vec::len));
        std::iter::repeat_n((*said).to_owned(), more).collect::<Vec<_>>()
    };
    one.iter().flat_map(more).collect()
}

impl Difference {
    /// At most three passages of each run, at most 600 characters of each.
    fn print(&self, out: &mut String) {
        let (kind, name, what) = &self.lane;
        _ = writeln!(out, "  {kind} | {name} | {what}");
        for (who, passages) in [("recorded ", &self.recorded), ("simulated", &self.simulated)] {
            for passage in passages.iter().take(3) {
                _ = writeln!(out, "    {who} {}", passage.chars().take(600).collect::<String>());
            }
        }
    }
}

/// Compares folders on disk: two runs, or two folders of runs that have the same names.
pub(crate) fn folders(recorded: &Path, simulated: &Path, options: Options) -> Result<String, String> {
    let comparer = Comparer::new(options);
    let read = |folder: &Path| Run::read(folder).map_err(|error: ReadError| error.to_string());
    let pairs = if recorded.join("steps.jsonl").is_file() {
        vec![(recorded.to_owned(), simulated.to_owned())]
    } else {
        let scenarios = recording::scenarios(recorded).map_err(|error| error.to_string())?;
        scenarios.into_iter().map(|one| (one.clone(), simulated.join(recording::name(&one)))).collect()
    };
    let mut comparisons = Vec::new();
    for (recorded, simulated) in pairs {
        let (one, other) = (read(&recorded)?, read(&simulated)?);
        comparisons.push(comparer.compare(&recording::name(&recorded), &one, &other));
    }
    Ok(comparer.report(&comparisons))
}
