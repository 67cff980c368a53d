//! What the recorded commands print: how far they print here what they printed then, scenario by scenario, in a table that
//! a test holds.

use crate::compare::{Comparer, Options, Tally};
use crate::recording::{self, Recording};
use crate::replay::Play;
use std::fmt::Write;
use std::path::Path;

/// What has been reached.
const TABLE: &str = "tests/truth/commands.tsv";
/// The seeds that are played.
const SEEDS: [u64; 3] = [1, 2, 3];

/// What was reached in one scenario, by seed.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    name: String,
    lanes: Vec<Tally>,
}

/// Plays every scenario and counts the commands that print what they printed.
fn played(player: Play) -> Result<Vec<Row>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/truth");
    let comparer = Comparer::new(Options::default());
    let scenarios = recording::scenarios(&folder).map_err(|error| error.to_string())?;
    let row = |scenario: &std::path::PathBuf| {
        let recording = Recording::read(scenario).map_err(|error| error.to_string())?;
        let lanes = SEEDS.iter().map(|seed| {
            let simulated = player(&recording, *seed);
            let mut kinds = comparer.compare(&recording.name, &recording.run, &simulated).kinds;
            kinds.remove("commands").unwrap_or_default()
        });
        Ok(Row { lanes: lanes.collect(), name: recording.name.clone() })
    };
    scenarios.iter().map(row).collect()
}

/// A line a scenario: its name and, by seed, how many of its commands agree of how many.
fn table(rows: &[Row]) -> String {
    let mut out = String::new();
    for row in rows {
        let lanes: Vec<String> = row.lanes.iter().map(Tally::to_string).collect();
        _ = writeln!(out, "{}\t{}", row.name, lanes.join(" "));
    }
    out
}

/// Plays every scenario and writes what was reached.
pub(crate) fn write(player: Play) -> Result<String, String> {
    let table = table(&played(player)?);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    std::fs::write(&path, &table).map_err(|error| format!("{TABLE}: {error}"))?;
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In percent, how many of all commands have to agree with each seed.
    const AIM: f64 = 80.0;

    /// What was reached over all seeds.
    fn all(row: &Row) -> Tally {
        let mut all = Tally::default();
        row.lanes.iter().for_each(|lanes| all += *lanes);
        all
    }

    fn reached() -> Vec<Row> {
        let tally = |text: &str| {
            let (good, all) = text.split_once('/')?;
            Some(Tally { good: good.parse().ok()?, all: all.parse().ok()? })
        };
        let row = |line: &str| {
            let (name, lanes) = line.split_once('\t')?;
            Some(Row { name: name.to_owned(), lanes: lanes.split(' ').map(tally).collect::<Option<_>>()? })
        };
        let table = include_str!("../../../tests/truth/commands.tsv");
        table.lines().map(row).collect::<Option<_>>().expect("the tool has written it")
    }

    #[test]
    fn commands_print_what_the_recorded_ones_printed_as_often_as_they_did() {
        let (now, reached) = (played(crate::play::play).expect("they can be read"), reached());
        let names = |rows: &[Row]| rows.iter().map(|row| row.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&now), names(&reached), "run `cargo xtask fidelity`");
        let mut worse = String::new();
        for (now, was) in now.iter().zip(&reached) {
            let (lanes, floor) = (all(now), all(was));
            if lanes.percent() < floor.percent() {
                _ = writeln!(worse, "{}: {lanes} commands agree over all seeds, it was {floor}", was.name);
            }
        }
        assert!(worse.is_empty(), "`cargo xtask truth NAME --show 90` says where:\n{worse}");
        for (place, seed) in SEEDS.iter().enumerate() {
            let mut all = Tally::default();
            now.iter().for_each(|row| all += row.lanes[place]);
            assert!(all.percent() >= AIM, "seed {seed}: {all}");
        }
    }
}
