//! `cargo xtask laws`: the laws of the cluster in more sessions of chance than the tests look at.

use crate::{Command, Failure, Outcome, nothing_left, process};

pub(crate) const COMMAND: Command = Command {
    name: "laws",
    arguments: "[--seeds N|FROM..TO]",
    about: "plays sessions of chance, 1,000 where nobody says how many, and checks the laws in them",
    run,
};

fn run(arguments: &[String]) -> Outcome {
    let (seeds, rest) = match arguments {
        [flag, seeds, rest @ ..] if flag == "--seeds" => (seeds.as_str(), rest),
        rest => ("1000", rest),
    };
    nothing_left(rest)?;
    let is_number = |text: &str| text.parse::<u64>().is_ok();
    if !seeds.split_once("..").map_or_else(|| is_number(seeds), |(from, to)| is_number(from) && is_number(to))
    {
        return Err(Failure::Told(format!("{seeds:?} is no number, nor two with dots between")));
    }
    let mut cargo = process::cargo();
    cargo.args(["test", "--release", "--package", "podium", "--test", "laws"]).env("LAWS_SEEDS", seeds);
    process::run(&mut cargo)
}
