//! Laws of the cluster, held in sessions of chance: random manifests, commands and faults, then everything is mended.
//!
//! A case is a number. The fixed ones have once found a mistake; the others are counted from 0. A case that fails
//! prints its number and the fewest acts that still fail. `cargo xtask laws --seeds N` looks at more.

// It reads how many cases there are to be.
#![allow(clippy::disallowed_methods)]

mod always;
mod case;
mod draw;
mod manifests;
mod rollout;
mod same;
mod settled;

use always::Seen;
use case::{Case, Mood};
use podium::timeline::Acted;
use rollout::Rollouts;
use std::fmt::Write;

/// Cases that once found a mistake.
const FOUND: &[u64] = &[8, 118, 130];

/// How many others are looked at where nobody says it.
const CASES: u64 = 12;

/// The cases: `LAWS_SEEDS=100` looks at a hundred, `LAWS_SEEDS=7..8` at the eighth alone.
fn seeds() -> Vec<u64> {
    let said = std::env::var("LAWS_SEEDS").ok();
    let number =
        |text: &str| text.trim().parse::<u64>().expect("LAWS_SEEDS is a number, or two with dots between");
    match said.as_deref().map(|said| said.split_once("..").ok_or(said)) {
        None => FOUND.iter().copied().chain(0..CASES).collect(),
        Some(Ok((from, to))) => (number(from)..number(to)).collect(),
        Some(Err(count)) => (0..number(count)).collect(),
    }
}

/// What is wrong in a case; nothing where all laws hold.
fn broken(case: &Case) -> Option<String> {
    let history = case.play();
    let mut seen = Seen::default();
    let mut rollouts = Rollouts::new(case.mood == Mood::Rollouts);
    for record in history.records() {
        if let Err(why) = seen.next(record).and_then(|()| rollouts.next(record)) {
            return Some(format!("at {:?}: {}: {why}", record.time, always::subject(record)));
        }
    }
    settled::findings(case, &history).into_iter().next()
}

/// The fewest acts that still fail, in their order: first the shortest beginning, then each one that is not needed is
/// left out.
fn shrunk(case: &Case, fails: impl Fn(&Case) -> Option<String>) -> Case {
    let mut acts: Vec<Acted> = case.acts.clone();
    let is_failing = |acts: &[Acted]| fails(&case.with(acts.to_vec())).is_some();
    while let Some((_, fewer)) = acts.split_last().filter(|(_, fewer)| is_failing(fewer)) {
        acts = fewer.to_vec();
    }
    let mut place = 0;
    while place < acts.len() {
        let mut fewer = acts.clone();
        fewer.remove(place);
        if is_failing(&fewer) {
            acts = fewer;
        } else {
            place += 1;
        }
    }
    case.with(acts)
}

/// Fails with every case that breaks a law.
#[track_caller]
fn hold(seeds: &[u64], fails: impl Fn(&Case) -> Option<String>) {
    let mut report = String::new();
    for seed in seeds {
        let case = Case::new(*seed);
        if fails(&case).is_some() {
            let least = shrunk(&case, &fails);
            let why = fails(&least).unwrap_or_default();
            _ = writeln!(report, "seed {seed} ({:?}): {why}\n{}", case.mood, least.told());
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn what_always_holds_holds_and_in_the_end_every_workload_is_what_its_spec_says() {
    hold(&seeds(), broken);
}

#[test]
fn a_session_has_one_course_however_it_is_played_or_looked_at() {
    let seeds = seeds();
    // Each is played many times, so that there are fewer.
    let few = seeds.len().div_ceil(3);
    hold(&seeds[..few], |case| same::findings(case).into_iter().next());
}
