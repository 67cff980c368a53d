//! `cargo xtask fuzz`: the targets of `fuzz/` with inputs of chance, natively and without a nightly compiler.

use crate::{Command, Failure, Outcome, process};

pub(crate) const COMMAND: Command = Command {
    name: "fuzz",
    arguments: "read|check|apply [--seed N] [--minutes N]",
    about: "feeds a target with what chance makes of fuzz/corpus, until it breaks or the time is over",
    run,
};

fn run(arguments: &[String]) -> Outcome {
    if arguments.is_empty() {
        return Err(Failure::Told("it takes a target: read, check or apply".into()));
    }
    let mut cargo = process::cargo();
    // Built as the tests are: there a sum that overflows is told of.
    cargo
        .args(["run", "--quiet", "--package", "podium", "--bin", "podium-tool", "--", "fuzz"])
        .args(arguments);
    process::run(&mut cargo)
}
