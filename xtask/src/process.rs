//! Runs other programs, and says which when they fail.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::{Failure, Outcome, project};

/// A command in the project's folder, with the installed tools before everything else on its path.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut folders = vec![project::tools().join("bin"), project::e2e().join("node_modules/.bin")];
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut command = Command::new(program);
    command.current_dir(project::root());
    if let Ok(path) = std::env::join_paths(folders) {
        command.env("PATH", path);
    }
    command
}

/// Cargo, the one that runs this.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// npm, under the name it has on this system.
pub(crate) fn npm() -> Command {
    command(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// This program, for another of its chores beside this one.
pub(crate) fn this() -> Outcome<Command> {
    Ok(command(std::env::current_exe().map_err(|error| format!("this program is not found: {error}"))?))
}

/// Begins a command; what it prints is seen.
pub(crate) fn begin(command: &mut Command) -> Outcome<Child> {
    command.stdin(Stdio::null());
    command.spawn().map_err(|error| Failure::Told(format!("{}: {error}", name(command))))
}

/// Begins a command whose messages go into a file.
pub(crate) fn begin_logged(command: &mut Command, log: &Path) -> Outcome<Child> {
    let told = |error: std::io::Error| Failure::Told(format!("{}: {error}", log.display()));
    project::write(log, "")?;
    let open = || std::fs::OpenOptions::new().append(true).open(log).map_err(told);
    begin(command.stdout(open()?).stderr(open()?))
}

/// Runs a command to its end; what it prints is seen.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|error| Failure::Told(format!("{}: {error}", name(command))))?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", name(command)).into()) }
}

/// Runs a command whose messages stand for themselves: its exit code becomes ours.
pub(crate) fn run_as_ours(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|error| Failure::Told(format!("{}: {error}", name(command))))?;
    match status.code() {
        Some(0) => Ok(()),
        Some(code) => Err(Failure::Exit(u8::try_from(code).unwrap_or(1))),
        None => Err(format!("{} ended with {status}", name(command)).into()),
    }
}

/// What a command prints, or nothing if it is not there or fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned())
}

/// The command as a person would type it, shortened.
fn name(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let mut text = program.to_string_lossy().into_owned();
    for argument in command.get_args().take(4) {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    format!("`{text}`")
}
