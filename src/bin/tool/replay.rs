//! The replay of a recorded scenario: what plays it gives a run, and the run is written in the recording's
//! own form.

use crate::recording::{Act, Command, Recording, Run, Step};
use podium::value::{Map, Value, json};
use std::path::Path;

/// Plays a scenario with a seed: the one place where the tool meets the simulation.
///
/// It takes `about`, `files` and the acts of `run.steps` and nothing that was printed or seen. It gives
/// - a step for each step, in order: a command as [`played`], anything else as it was;
/// - what a watcher of `about.watched_*` sees after t = 0 and until `about.end`;
/// - the answers to requests, where requests were sent.
pub(crate) type Play = fn(&Recording, u64) -> Run;

/// Plays the scenario in `folder` and writes what happened into the folder `out`.
pub(crate) fn folder(folder: &Path, seed: u64, out: &Path, play: Play) -> Result<(), String> {
    let recording = Recording::read(folder).map_err(|error| error.to_string())?;
    write(&play(&recording, seed), out).map_err(|error| format!("{}: {error}", out.display()))
}

/// The seconds of a recording, to the millisecond, from simulated microseconds.
pub(crate) fn seconds(micros: u64) -> f64 {
    (micros.saturating_add(500) / 1000) as f64 / 1000.0
}

/// A recorded command's step as it went in the replay: when it began, and what it printed.
/// `command.line` has the simulated names in it.
pub(crate) fn played(recorded: &Step, t: f64, command: Command) -> Step {
    let mut line = recorded.line.clone();
    line.set(&["t"], Value::Float(t));
    line.set(&["took"], command.took.map_or(Value::Null, Value::Float));
    line.set(&["cmd"], command.line.as_str());
    line.set(&["exit"], command.exit.map_or(Value::Null, Value::Int));
    line.set(&["stdout"], command.stdout.as_str());
    line.set(&["stderr"], command.stderr.as_str());
    Step { t, act: Act::Command(command), line }
}

/// Writes a run into a folder, which is made if it is not there. `requests.jsonl` is written where requests
/// were sent.
pub(crate) fn write(run: &Run, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let lines = |values: &mut dyn Iterator<Item = Value>| -> String {
        values.map(|value| json::compact(&value) + "\n").collect()
    };
    let steps = lines(&mut run.steps.iter().map(|step| step.line.clone()));
    std::fs::write(folder.join("steps.jsonl"), steps)?;
    let watch = run.watch.iter().map(|event| {
        let mut line = Map::new();
        line.push("t", Value::Float(event.t));
        line.push("type", event.event.as_str());
        line.push("resource", event.resource.as_str());
        line.push("object", event.object.clone());
        Value::from(line)
    });
    std::fs::write(folder.join("watch.jsonl"), lines(&mut watch.into_iter()))?;
    if run.steps.iter().any(|step| matches!(step.act, Act::Requests(_))) {
        std::fs::write(folder.join("requests.jsonl"), lines(&mut run.requests.iter().cloned()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{Comparer, Options};

    fn tiny() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/recorded/tiny")
    }

    /// Plays back what was recorded, each command anew.
    fn play_back(recording: &Recording, _seed: u64) -> Run {
        let mut run = recording.run.clone();
        for step in &mut run.steps {
            if let Act::Command(command) = &step.act {
                *step = played(step, step.t + 0.001, command.clone());
            }
        }
        run
    }

    #[test]
    fn what_is_written_reads_as_what_was_played() {
        let out = std::env::temp_dir().join(format!("podium-replay-{}", std::process::id()));
        folder(&tiny(), 1, &out, play_back).expect("played");
        let (recorded, read) = (Run::read(&tiny()).expect("a run"), Run::read(&out).expect("a run"));
        let requests = out.join("requests.jsonl").exists();
        std::fs::remove_dir_all(&out).expect("removed");
        assert!(requests, "requests were sent");
        assert_eq!(read.steps[0].t, 0.001);
        assert_eq!(read.steps[3].line, recorded.steps[3].line, "a note stays as it was");
        let comparison = Comparer::new(Options::default()).compare("tiny", &recorded, &read);
        assert!(comparison.kinds.values().all(|tally| tally.good == tally.all), "{:?}", comparison.kinds);
    }

    #[test]
    fn times_are_to_the_millisecond() {
        assert_eq!(
            [seconds(0), seconds(233_499), seconds(1_233_500), seconds(60_000_000)],
            [0.0, 0.233, 1.234, 60.0]
        );
    }

    #[test]
    fn a_table_of_replays_ends_with_all_of_them() {
        let table = crate::truth::table(Some(&tiny()), 1, Options::default(), play_back).expect("a table");
        assert!(
            table.lines().last().is_some_and(|line| line.starts_with("ALL       50/50 lanes 100.00 %")),
            "{table}"
        );
        let nothing = crate::truth::table(Some(&tiny().join("web.yaml")), 1, Options::default(), play_back);
        assert!(nothing.is_err(), "a file is no folder of scenarios");
    }
}
