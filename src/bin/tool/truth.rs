//! Every recorded scenario, replayed and compared.

use crate::compare::{Comparer, Options};
use crate::latencies::Latencies;
use crate::recording::{self, Act, Recording, Step};
use crate::replay::Play;
use std::path::{Path, PathBuf};

/// The recordings that come with the project, where they do.
pub(crate) const OWN: &str = "tests/truth";

/// Replays each scenario in `folder` (or the one that it is) and gives the table. No folder is the project's own.
pub(crate) fn table(
    folder: Option<&Path>,
    seed: u64,
    options: Options,
    play: Play,
) -> Result<String, String> {
    let folder = folder.unwrap_or(Path::new(OWN));
    let with_latencies = options.latencies;
    let comparer = Comparer::new(options);
    let (mut recorded, mut replayed) = (Latencies::default(), Latencies::default());
    let mut comparisons = Vec::new();
    for scenario in scenarios(folder)? {
        let recording = Recording::read(&scenario).map_err(|error| error.to_string())?;
        let simulated = play(&recording, seed);
        // While a node is silent, times say how long it was.
        let is_silent = |step: &Step| matches!(&step.act, Act::Fault(name, _) if name == "kubelet-stops");
        if with_latencies && !recording.run.steps.iter().any(is_silent) {
            recorded.add_run(&recording.run);
            replayed.add_run(&simulated);
        }
        comparisons.push(comparer.compare(&recording.name, &recording.run, &simulated));
    }
    if comparisons.is_empty() {
        return Err(format!("{}: no scenario there", folder.display()));
    }
    let mut report = comparer.report(&comparisons);
    if with_latencies {
        report.push_str(&recorded.beside(&replayed));
    }
    Ok(report)
}

/// The scenarios in a folder, or the one that it is.
pub(crate) fn scenarios(folder: &Path) -> Result<Vec<PathBuf>, String> {
    if folder.join("steps.jsonl").is_file() {
        return Ok(vec![folder.to_owned()]);
    }
    recording::scenarios(folder).map_err(|error| error.to_string())
}
