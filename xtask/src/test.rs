//! `cargo xtask test`: everything that must hold before a change lands.

use crate::browser::CHROMIUM;
use crate::stage::stage;
use crate::{Command, Outcome, e2e, nothing_left, page, process, size, take_flag, tools};

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
    stage("tools", || {
        tools::for_checks()?;
        if fast { Ok(()) } else { tools::for_page() }
    })?;
    stage("format", || cargo(&["fmt", "--all", "--check"]))?;
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
    stage("tests of the library", || cargo(&["test", "--workspace", "--locked"]))?;
    if fast {
        return Ok(());
    }
    stage("the page, for release", page::build)?;
    stage("size of the first load", size::check)?;
    // What takes long by itself is left to `cargo xtask e2e`: all together they would take more than five minutes.
    stage("browser tests", || e2e::run(&CHROMIUM, &["--grep-invert".to_owned(), "@long".to_owned()]))
}

fn cargo(arguments: &[&str]) -> Outcome {
    process::run(process::cargo().args(arguments))
}
