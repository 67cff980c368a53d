//! How true the simulation is: what has been reached in each recorded scenario, as a table that a test holds, that FIDELITY.md
//! shows, and that the page shows.

use crate::compare::{Comparer, Options, Tally};
use crate::recording::{self, Recording};
use crate::replay::Play;
use podium::words::{Language, fidelity, text};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What has been reached, for the test and for the page.
const TABLE: &str = "static/fidelity.tsv";
/// Where people read it.
const PAPER: &str = "FIDELITY.md";
/// Between these lines the paper is written by the tool.
const MARKS: (&str, &str) = ("<!-- measured: cargo xtask fidelity -->", "<!-- end of what is measured -->");
/// How far two recordings of the real cluster agree, in percent of their lanes, by scenario.
const SELF_AGREEMENT: &str = include_str!("../../../tests/truth/self-agreement.tsv");
/// The seeds that are played.
const SEEDS: [u64; 3] = [1, 2, 3];

/// What was reached in one scenario.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    name: String,
    /// Agreeing lanes of all, by seed.
    lanes: Vec<Tally>,
    /// Changes on time of all, over all seeds.
    on_time: Tally,
    /// In percent, how far two recordings of the real cluster agree, where there are two.
    itself: Option<f64>,
    /// Agreeing lanes of all, by kind, over all seeds.
    kinds: BTreeMap<String, Tally>,
}

impl Row {
    /// In percent, over all seeds.
    fn percent(&self) -> f64 {
        let mut all = Tally::default();
        self.lanes.iter().for_each(|lanes| all += *lanes);
        all.percent()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Plays a scenario with some seeds.
fn play(scenario: &Path, seeds: &[u64], play: Play) -> Result<Row, String> {
    let comparer = Comparer::new(Options { without: vec!["commands".into()], ..Options::default() });
    let recording = Recording::read(scenario).map_err(|error| error.to_string())?;
    let itself =
        SELF_AGREEMENT.lines().find_map(|line| line.strip_prefix(&recording.name)?.trim().parse().ok());
    let mut row = Row {
        name: recording.name.clone(),
        lanes: Vec::new(),
        on_time: Tally::default(),
        itself,
        kinds: BTreeMap::new(),
    };
    for seed in seeds {
        let comparison = comparer.compare(&recording.name, &recording.run, &play(&recording, *seed));
        row.lanes.push(comparison.lanes());
        row.on_time += comparison.on_time;
        for (kind, tally) in comparison.kinds {
            *row.kinds.entry(kind).or_default() += tally;
        }
    }
    Ok(row)
}

/// The recordings that come with the project.
fn scenarios() -> Result<Vec<PathBuf>, String> {
    recording::scenarios(&root().join("tests/truth")).map_err(|error| error.to_string())
}

/// Plays every scenario and writes what was reached.
pub(crate) fn write(player: Play) -> Result<String, String> {
    let rows =
        scenarios()?.iter().map(|scenario| play(scenario, &SEEDS, player)).collect::<Result<Vec<_>, _>>()?;
    let save = |name: &str, text: String| {
        std::fs::write(root().join(name), text).map_err(|error| format!("{name}: {error}"))
    };
    let table = table(&rows);
    let paper = std::fs::read_to_string(root().join(PAPER)).map_err(|error| format!("{PAPER}: {error}"))?;
    save(PAPER, with_measured(&paper, &measured(&rows))?)?;
    save(TABLE, table.clone())?;
    Ok(table)
}

/// In place of a figure where a scenario was recorded once.
const ONCE: &str = "-";

/// A line a scenario: name, lanes of each seed, changes on time, the real cluster with itself, kinds; parted by tabs.
fn table(rows: &[Row]) -> String {
    let mut out = String::new();
    for row in rows {
        let lanes: Vec<String> = row.lanes.iter().map(Tally::to_string).collect();
        let kinds: Vec<String> = row.kinds.iter().map(|(kind, tally)| format!("{kind} {tally}")).collect();
        let (lanes, kinds) = (lanes.join(" "), kinds.join(", "));
        let itself = row.itself.map_or(ONCE.to_owned(), |itself| format!("{itself:.1}"));
        _ = writeln!(out, "{}\t{lanes}\t{}\t{itself}\t{kinds}", row.name, row.on_time);
    }
    out
}

/// The table as it was written last.
#[cfg(test)]
fn read(text: &str) -> Option<Vec<Row>> {
    let tally = |text: &str| {
        let (good, all) = text.trim().split_once('/')?;
        Some(Tally { good: good.parse().ok()?, all: all.parse().ok()? })
    };
    let row = |line: &str| {
        let mut cells = line.split('\t');
        Some(Row {
            name: cells.next()?.to_owned(),
            lanes: cells.next()?.split(' ').map(tally).collect::<Option<_>>()?,
            on_time: tally(cells.next()?)?,
            itself: match cells.next()? {
                ONCE => None,
                itself => Some(itself.parse().ok()?),
            },
            kinds: cells
                .next()?
                .split(", ")
                .map(|kind| kind.split_once(' ').and_then(|(kind, n)| Some((kind.to_owned(), tally(n)?))))
                .collect::<Option<_>>()?,
        })
    };
    text.lines().map(row).collect()
}

/// The part of the paper that is measured.
fn measured(rows: &[Row]) -> String {
    let say = |id: &str| text(Language::En, id, &[]);
    let mut out = String::from(
        "| scenario | lanes that agree | on time | the real cluster with itself | what does not agree |\n| --- | --- | --- | --- | --- |\n",
    );
    let (mut lanes, mut on_time) = (Tally::default(), Tally::default());
    for row in rows {
        let lacking: Vec<String> = row
            .kinds
            .iter()
            .filter(|(_, tally)| tally.good < tally.all)
            .map(|(kind, tally)| format!("{kind} {} of {}", tally.all - tally.good, tally.all))
            .collect();
        _ = writeln!(
            out,
            "| {} | {:.1} % | {:.1} % | {} | {} |",
            say(&format!("fidelity.{}", row.name)),
            row.percent(),
            row.on_time.percent(),
            row.itself.map_or(ONCE.to_owned(), |itself| format!("{itself:.1} %")),
            lacking.join(", ")
        );
        row.lanes.iter().for_each(|tally| lanes += *tally);
        on_time += row.on_time;
    }
    _ = writeln!(out, "| **all** | **{:.1} %** | **{:.1} %** | | |", lanes.percent(), on_time.percent());
    out.push_str("\n## Simplified\n\n");
    for id in fidelity::SIMPLIFIED {
        _ = writeln!(out, "- {}", say(id));
    }
    out
}

fn with_measured(paper: &str, measured: &str) -> Result<String, String> {
    let parts = paper.split_once(MARKS.0).and_then(|(head, rest)| Some((head, rest.split_once(MARKS.1)?.1)));
    let (head, tail) =
        parts.ok_or_else(|| format!("{PAPER} lacks the lines between which the tool writes"))?;
    Ok(format!("{head}{}\n\n{measured}\n{}{tail}", MARKS.0, MARKS.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached() -> Vec<Row> {
        read(include_str!("../../../static/fidelity.tsv")).expect("the tool has written it")
    }

    #[test]
    fn no_scenario_agrees_less_than_it_did() {
        let mut worse = String::new();
        let scenarios = scenarios().expect("they are there");
        let reached = reached();
        assert_eq!(scenarios.len(), reached.len(), "run `cargo xtask fidelity`");
        for (scenario, reached) in scenarios.iter().zip(&reached) {
            let now = play(scenario, &SEEDS, crate::play::play).expect("it can be read");
            assert_eq!(now.name, reached.name);
            for (seed, (now, was)) in SEEDS.iter().zip(now.lanes.iter().zip(&reached.lanes)) {
                if now.percent() < was.percent() {
                    _ = writeln!(worse, "{} with seed {seed}: {now} lanes agree, it was {was}", reached.name);
                }
            }
        }
        assert!(worse.is_empty(), "`cargo xtask truth NAME --show 20` says where:\n{worse}");
    }

    #[test]
    fn the_paper_says_what_the_table_says() {
        let paper = include_str!("../../../FIDELITY.md");
        assert_eq!(
            with_measured(paper, &measured(&reached())).as_deref(),
            Ok(paper),
            "run `cargo xtask fidelity`"
        );
    }

    #[test]
    fn every_scenario_has_its_words() {
        for row in reached() {
            let id = format!("fidelity.{}", row.name);
            for language in Language::ALL {
                assert!(!text(*language, &id, &[]).contains('['), "{id}");
            }
        }
    }
}
