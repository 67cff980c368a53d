//! Podium for a terminal.
//!
//! Exit codes: 0, 1 where it could not do what was asked, 2 where what was asked is not understood.

// A tool reads files and arguments; the library does not.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod check;
mod commands;
mod compare;
mod digest;
mod fidelity;
mod fuzz;
mod gallery;
mod kubectl;
mod latencies;
mod play;
#[cfg(test)]
mod predictions;
mod recording;
mod replay;
mod scenes;
mod truth;
mod widths;

use podium::session::examples;
use std::path::Path;
use std::process::ExitCode;

/// Something the tool does.
struct Verb {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
}

/// Why a verb did not do it.
enum Failure {
    /// The arguments are not understood.
    Usage(String),
    /// They are, but it did not go.
    Failed(String),
}

/// Everything it does.
const VERBS: &[Verb] = &[
    Verb {
        name: "check",
        arguments: "FILE...",
        about: "judges each file as kubectl and the API server do, a line of JSON for each document",
        run: |files| {
            check::print(files);
            Ok(())
        },
    },
    Verb {
        name: "compare",
        arguments: "RECORDED SIMULATED [--show N] [--without KIND]...",
        about: "says how far a simulated run (or a folder of them) agrees with the recorded one",
        run: |arguments| {
            let (folders, options) = compare_arguments(arguments)?;
            let [recorded, simulated] = folders.as_slice() else {
                return Err(Failure::Usage("it takes two folders".into()));
            };
            print!(
                "{}",
                compare::folders(Path::new(recorded), Path::new(simulated), options)
                    .map_err(Failure::Failed)?
            );
            Ok(())
        },
    },
    Verb {
        name: "digest",
        arguments: "",
        about: "prints the fingerprint of each example's run, which the page's help shows as well",
        run: |_| {
            print!("{}", digest::table());
            Ok(())
        },
    },
    Verb {
        name: "fidelity",
        arguments: "",
        about: "plays the recorded scenarios with three seeds and writes what agrees into FIDELITY.md and for the page, and what commands print into tests/truth",
        run: |_| {
            commands::write(play::play).map_err(Failure::Failed)?;
            print!("{}", fidelity::write(play::play).map_err(Failure::Failed)?);
            Ok(())
        },
    },
    Verb {
        name: "first-visit",
        arguments: "OUT",
        about: "simulates what a first visit shows and writes it as it stands in src/session/examples/first-visit.run",
        run: |arguments| match arguments {
            [out] => {
                let run = examples::first_visit().map_err(|error| Failure::Failed(error.into()))?;
                std::fs::write(out, run).map_err(|error| Failure::Failed(format!("{out}: {error}")))
            }
            _ => Err(Failure::Usage("it takes one file".into())),
        },
    },
    Verb {
        name: "fuzz",
        arguments: "read|check|apply [--seed N] [--minutes N] [CORPUS]",
        about: "feeds a target of fuzz/ with what chance makes of a corpus, until something breaks",
        run: |arguments| fuzz::run(arguments),
    },
    Verb {
        name: "gallery",
        arguments: "OUT",
        about: "writes what the page's gallery plays: each recording that its list names, as the log of a session",
        run: |arguments| match arguments {
            [out] => gallery::write(Path::new(out)).map(|_| ()).map_err(Failure::Failed),
            _ => Err(Failure::Usage("it takes one folder".into())),
        },
    },
    Verb {
        name: "kubectl",
        arguments: "[--files DIR] [--requests] LINE... | --cases DIR | --recorded-requests FILE",
        about: "gives commands to a fresh cluster, or compares recorded ones with what they print or ask for here",
        run: commands,
    },
    Verb {
        name: "replay",
        arguments: "[--seed N] DIR OUT",
        about: "plays a recorded scenario and writes what happened",
        run: |arguments| {
            let (folders, seed, _) = replay_arguments(arguments)?;
            let [recorded, out] = folders.as_slice() else {
                return Err(Failure::Usage("it takes two folders".into()));
            };
            replay::folder(Path::new(recorded), seed, Path::new(out), play::play).map_err(Failure::Failed)
        },
    },
    Verb {
        name: "scenes",
        arguments: "[--seed N] [--each N] DIR",
        about: "draws every view of every recorded scenario at each step (or each N-th), and says what is not fit to be seen",
        run: scenes,
    },
    Verb {
        name: "truth",
        arguments: "[--seed N] [DIR] [--show N] [--without KIND]... [--latencies]",
        about: "replays every recorded scenario and compares, with --latencies the times of hops too",
        run: |arguments| {
            let (folders, seed, options) = replay_arguments(arguments)?;
            let folder = match folders.as_slice() {
                [] => None,
                [folder] => Some(Path::new(folder)),
                _ => return Err(Failure::Usage("it takes one folder".into())),
            };
            print!("{}", truth::table(folder, seed, options, play::play).map_err(Failure::Failed)?);
            Ok(())
        },
    },
    Verb {
        name: "widths",
        arguments: "",
        about: "prints how wide the library takes texts to be, for a browser to be held against",
        run: |_| {
            print!("{}", widths::table());
            Ok(())
        },
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        eprint!("{}", usage());
        return ExitCode::from(2);
    };
    if ["help", "--help", "-h"].contains(&name.as_str()) {
        print!("{}", usage());
        return ExitCode::SUCCESS;
    }
    let Some(verb) = VERBS.iter().find(|verb| verb.name == name) else {
        eprint!("podium-tool: there is no {name:?}\n{}", usage());
        return ExitCode::from(2);
    };
    match (verb.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(why)) => {
            eprintln!("podium-tool {name}: {why}\nusage: podium-tool {name} {}", verb.arguments);
            ExitCode::from(2)
        }
        Err(Failure::Failed(why)) => {
            eprintln!("podium-tool {name}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    let verb =
        |verb: &Verb| format!("  podium-tool {} {}\n      {}\n", verb.name, verb.arguments, verb.about);
    format!("usage:\n{}", VERBS.iter().map(verb).collect::<String>())
}

/// The words of the arguments of a replay, its seed, and what a comparison is told.
fn replay_arguments(arguments: &[String]) -> Result<(Vec<String>, u64, compare::Options), Failure> {
    let mut rest = arguments.to_vec();
    let mut seed = 1;
    if let Some(at) = rest.iter().position(|word| word == "--seed") {
        let value = rest.get(at + 1).ok_or_else(|| Failure::Usage("--seed takes a value".into()))?;
        seed = value.parse().map_err(|_| Failure::Usage(format!("{value:?} is no number")))?;
        rest.drain(at..at + 2);
    }
    let (words, options) = compare_arguments(&rest)?;
    Ok((words, seed, options))
}

/// Looks at the views of recorded scenarios.
fn scenes(arguments: &[String]) -> Result<(), Failure> {
    let mut look = scenes::Look { seed: 1, each: 1 };
    let mut folder = None;
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let mut number = || {
            let value = rest.next().and_then(|value| value.parse::<u64>().ok());
            value.ok_or_else(|| Failure::Usage(format!("{word} takes a number")))
        };
        match word.as_str() {
            "--seed" => look.seed = number()?,
            "--each" => look.each = usize::try_from(number()?).unwrap_or(1),
            _ => folder = Some(Path::new(word)),
        }
    }
    let folder = folder.ok_or_else(|| Failure::Usage("it takes a folder".into()))?;
    let (count, wrong) = scenes::table(folder, look).map_err(Failure::Failed)?;
    print!("{wrong}");
    println!("{count} scenes");
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Failed("some are not fit to be seen".into())) }
}

/// Gives commands, or compares recorded ones.
fn commands(arguments: &[String]) -> Result<(), Failure> {
    let (mut lines, mut folder, mut shows) = (Vec::new(), None, false);
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let mut path = || rest.next().map(Path::new).ok_or(Failure::Usage(format!("{word} takes a path")));
        match word.as_str() {
            "--files" => folder = Some(path()?),
            "--requests" => shows = true,
            "--cases" => {
                print!("{}", kubectl::compare(path()?).map_err(Failure::Failed)?);
                return Ok(());
            }
            "--recorded-requests" => {
                print!("{}", kubectl::requests(path()?).map_err(Failure::Failed)?);
                return Ok(());
            }
            _ => lines.push(word.clone()),
        }
    }
    print!("{}", kubectl::give(&lines, folder, shows).map_err(Failure::Failed)?);
    Ok(())
}

/// The words of the arguments, and what a comparison is told.
fn compare_arguments(arguments: &[String]) -> Result<(Vec<String>, compare::Options), Failure> {
    let (mut words, mut options) = (Vec::new(), compare::Options::default());
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| Failure::Usage(format!("{word} takes a value")));
        match word.as_str() {
            "--show" => {
                let count = value()?;
                let count = count.parse().map_err(|_| Failure::Usage(format!("{count:?} is no number")))?;
                options.show = count;
            }
            "--latencies" => options.latencies = true,
            "--without" => options.without.push(value()?.clone()),
            flag if flag.starts_with('-') => return Err(Failure::Usage(format!("there is no {flag}"))),
            _ => words.push(word.clone()),
        }
    }
    Ok((words, options))
}
