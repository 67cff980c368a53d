//! Every chore of the project: `cargo xtask NAME`.
//!
//! One file a chore and one line in [`COMMANDS`]. Nothing here depends on the library, so that a library that
//! does not compile can still be looked at, and the standard library is all it needs, so that the first
//! command on a bare machine starts in seconds.

// The library is pure; its tools read clocks, files and the environment.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod bench;
mod browser;
mod dist;
mod e2e;
mod editor;
mod fonts;
mod frames;
mod fuzz;
mod gallery;
mod internal;
mod laws;
mod native;
mod page;
mod process;
mod project;
mod schema;
mod serve;
mod server;
mod shots;
mod size;
mod split;
mod stage;
mod test;
mod tools;
mod webkit;

use std::process::ExitCode;

/// How a chore can end other than well.
enum Failure {
    /// Something went wrong; the text is for the person at the terminal.
    Told(String),
    /// A program that was run has said what went wrong; its exit code goes through.
    Exit(u8),
}

impl From<String> for Failure {
    fn from(text: String) -> Failure {
        Failure::Told(text)
    }
}

impl From<&str> for Failure {
    fn from(text: &str) -> Failure {
        Failure::Told(text.to_owned())
    }
}

type Outcome<T = ()> = Result<T, Failure>;

/// A chore: what follows `cargo xtask`.
struct Command {
    name: &'static str,
    /// Its arguments, as its line of the help shows them.
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Outcome,
}

/// Every chore, in the order of the help.
const COMMANDS: &[Command] = &[
    serve::COMMAND,
    test::COMMAND,
    dist::COMMAND,
    e2e::COMMAND,
    webkit::COMMAND,
    shots::COMMAND,
    frames::COMMAND,
    gallery::COMMAND,
    size::COMMAND,
    split::FIRST_LOAD,
    split::SPLIT,
    tools::COMMAND,
    fonts::COMMAND,
    native::CHECK,
    native::REPLAY,
    native::TRUTH,
    native::FIDELITY,
    native::SCENES,
    fuzz::COMMAND,
    laws::COMMAND,
    bench::COMMAND,
    schema::COMMAND,
    internal::COMMAND,
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        let asked_for_help = matches!(name.as_str(), "" | "help" | "-h" | "--help");
        if !asked_for_help {
            eprintln!("There is no `cargo xtask {name}`.\n");
        }
        help();
        return if asked_for_help { ExitCode::SUCCESS } else { ExitCode::from(2) };
    };
    match (command.run)(&rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Exit(code)) => ExitCode::from(code),
        Err(Failure::Told(text)) => {
            eprintln!("\ncargo xtask {name}: {text}");
            ExitCode::FAILURE
        }
    }
}

fn help() {
    println!("cargo xtask NAME\n");
    for command in COMMANDS {
        println!("  {:<28} {}", format!("{} {}", command.name, command.arguments), command.about);
    }
}

/// Takes `--name` out of the arguments and says whether it was there.
fn take_flag(arguments: &mut Vec<String>, name: &str) -> bool {
    let before = arguments.len();
    arguments.retain(|argument| argument != name);
    arguments.len() < before
}

/// Takes `--name VALUE` or `--name=VALUE` out of the arguments.
fn take_option(arguments: &mut Vec<String>, name: &str) -> Outcome<Option<String>> {
    let joined = format!("{name}=");
    if let Some(at) = arguments.iter().position(|argument| argument.starts_with(&joined)) {
        return Ok(Some(arguments.remove(at).split_off(joined.len())));
    }
    let Some(at) = arguments.iter().position(|argument| argument == name) else { return Ok(None) };
    if at + 1 >= arguments.len() {
        return Err(format!("{name} needs a value").into());
    }
    arguments.remove(at);
    Ok(Some(arguments.remove(at)))
}

/// Refuses arguments that nothing has taken.
fn nothing_left(arguments: &[String]) -> Outcome {
    match arguments.first() {
        None => Ok(()),
        Some(argument) => Err(format!("`{argument}` is not understood here").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn flags_and_options_are_taken_wherever_they_stand() {
        let mut given = arguments("a --dev --port 81 b --host=here");
        assert!(take_flag(&mut given, "--dev"));
        assert!(!take_flag(&mut given, "--dev"));
        assert!(matches!(take_option(&mut given, "--port"), Ok(Some(port)) if port == "81"));
        assert!(matches!(take_option(&mut given, "--host"), Ok(Some(host)) if host == "here"));
        assert!(matches!(take_option(&mut given, "--port"), Ok(None)));
        assert_eq!(given, ["a", "b"]);
    }

    #[test]
    fn an_option_without_its_value_is_refused() {
        assert!(take_option(&mut arguments("--port"), "--port").is_err());
    }

    #[test]
    fn no_two_chores_share_a_name() {
        let mut names: Vec<_> = COMMANDS.iter().map(|command| command.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), COMMANDS.len());
    }
}
