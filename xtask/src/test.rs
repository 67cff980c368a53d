//! `cargo xtask test`: everything that must hold before a change lands.

use crate::browser::CHROMIUM;
use crate::stage::stage;
use crate::{Command, Outcome, e2e, nothing_left, process, project, take_flag, tools};

pub(crate) const COMMAND: Command = Command {
    name: "test",
    arguments: "[--fast]",
    about: "runs every check; with --fast only those without a browser",
    run,
};

fn run(arguments: &[String]) -> Outcome {
    let mut arguments = arguments.to_vec();
    let fast = take_flag(&mut arguments, "--fast");
    nothing_left(&arguments)?;
    stage("tools", tools::for_checks)?;
    stage("format", || cargo(&["fmt", "--all", "--check"]))?;
    if fast {
        return library();
    }
    // The page and its tools are built by one core most of the time, and wait for no file lock that the library's checks hold for
    // long.
    let log = project::target().join("page.log");
    let mut page = process::begin_logged(process::this()?.arg("size"), &log)?;
    println!("\n== The page is built meanwhile; what that prints is in {} and follows.", log.display());
    let library = library();
    if library.is_err() {
        println!("\n== The page is still being built; Ctrl+C ends that.");
    }
    let built = page.wait().map_err(|error| format!("the page: {error}"))?;
    library?;
    print!("{}", project::read(&log)?);
    if !built.success() {
        return Err("the page was not built, or is too large".into());
    }
    // What takes long by itself is left to `cargo xtask e2e`: all together they would take more than five minutes.
    stage("browser tests", || e2e::run(&CHROMIUM, &["--grep-invert".to_owned(), "@long".to_owned()]))
}

/// Every check that needs no page.
fn library() -> Outcome {
    stage("clippy", || {
        let features = ["--features", "xtask/schema,xtask/split"];
        let all = ["clippy", "--workspace", "--all-targets", "--locked"];
        cargo(&[&all[..], &features, &["--", "--deny", "warnings"]].concat())
    })?;
    stage("clippy of the page", || {
        let page = ["--package", "podium", "--bin", "podium", "--features", "page"];
        let target = ["--target", "wasm32-unknown-unknown", "--locked", "--", "--deny", "warnings"];
        cargo(&[&["clippy"][..], &page, &target].concat())
    })?;
    stage("tests of the library", || cargo(&["test", "--workspace", "--locked"]))
}

fn cargo(arguments: &[&str]) -> Outcome {
    process::run(process::cargo().args(arguments))
}
