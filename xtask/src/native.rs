//! The chores that the project's own native tool does: built for release, arguments and exit code go through.

use crate::{Command, Outcome, process, project};

pub(crate) const CHECK: Command = Command {
    name: "check",
    arguments: "FILE...",
    about: "judges each file as kubectl and the API server do: a line of JSON for each document",
    run: |arguments| run("check", arguments),
};

pub(crate) const REPLAY: Command = Command {
    name: "replay",
    arguments: "[--seed N] DIR OUT",
    about: "plays a recorded scenario and writes what happened",
    run: |arguments| run("replay", arguments),
};

pub(crate) const TRUTH: Command = Command {
    name: "truth",
    arguments: "[DIR]",
    about: "replays every recorded scenario and compares",
    run: |arguments| run("truth", arguments),
};

pub(crate) const FIDELITY: Command = Command {
    name: "fidelity",
    arguments: "",
    about: "replays the project's own recordings and writes what agrees into FIDELITY.md and for the page",
    run: |arguments| run("fidelity", arguments),
};

pub(crate) const SCENES: Command = Command {
    name: "scenes",
    arguments: "[--seed N] [--each N] DIR",
    about: "draws every view of every recorded scenario, step by step, and says what is not fit to be seen",
    run: |arguments| run("scenes", arguments),
};

/// Builds the tool, then runs it where the caller stands: its paths are the caller's.
fn run(name: &str, arguments: &[String]) -> Outcome {
    let manifest = project::root().join("Cargo.toml");
    let tool = |verb: &str| {
        let mut cargo = process::cargo();
        cargo.args([verb, "--release", "--package", "podium", "--bin", "podium-tool"]);
        cargo.arg("--manifest-path").arg(&manifest);
        cargo
    };
    // Two steps, so that a long build is seen and the run is not spoken over.
    process::run(&mut tool("build"))?;
    let mut run = tool("run");
    run.arg("--quiet");
    if let Ok(here) = std::env::current_dir() {
        run.current_dir(here);
    }
    process::run_as_ours(run.arg("--").arg(name).args(arguments))
}
