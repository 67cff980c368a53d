//! `cargo xtask e2e`: the browser tests, against the finished page.

use std::path::Path;

use crate::browser::{Browser, CHROMIUM, FIREFOX};
use crate::stage::stage;
use crate::{Command, Outcome, page, process, project, server, size, take_flag, tools};

pub(crate) const COMMAND: Command = Command {
    name: "e2e",
    arguments: "[--firefox] [PATTERN...]",
    about: "runs the browser tests in Chromium or Firefox, all or those whose file or line matches, on a fresh page",
    run: |arguments| {
        let mut arguments = arguments.to_vec();
        let browser = if take_flag(&mut arguments, "--firefox") { &FIREFOX } else { &CHROMIUM };
        stage("the page, for release", page::build_if_stale)?;
        stage("browser tests", || run(browser, &arguments))
    },
};

/// Runs Playwright on what is in `dist/`; the arguments are its own.
pub(crate) fn run(browser: &Browser, arguments: &[String]) -> Outcome {
    let cli = project::e2e().join("node_modules/@playwright/test/cli.js");
    let first_load = size::first_load(&project::dist())?.join("\n");
    // The page is held against what the library says natively.
    let (digests, widths) = (natively("digest")?, natively("widths")?);
    let mut node = in_browsers(&[browser], &cli)?;
    node.arg("test")
        .args(arguments)
        .env("PODIUM_FIRST_LOAD", first_load)
        .env("PODIUM_DIGESTS", digests)
        .env("PODIUM_WIDTHS", widths);
    if browser.variable == CHROMIUM.variable {
        // A worker's tests have one context, emptied between them, so that its renderer keeps the compiled wasm: a fifth less
        // of the processor. Playwright has this for editors; were it taken away, each test would have its own again.
        node.env("PW_TEST_REUSE_CONTEXT", "1");
    }
    process::run_as_ours(&mut node)
}

/// What a verb of the native tool prints. It is not built for release: the library's tests have built it just before.
pub(crate) fn natively(verb: &str) -> Outcome<String> {
    let mut tool = process::cargo();
    tool.args(["run", "--quiet", "--locked", "--package", "podium", "--bin", "podium-tool", "--", verb]);
    process::output(&mut tool).ok_or_else(|| format!("`podium-tool {verb}` failed").into())
}

/// A script for Node that finds the page in `PODIUM_URL`, below another path in `PODIUM_URL_ELSEWHERE`, and Chromium in
/// `CHROMIUM`.
pub(crate) fn with_page(script: &Path) -> Outcome<std::process::Command> {
    in_browsers(&[&CHROMIUM], script)
}

/// The same with other programs, each in the variable that is its.
pub(crate) fn in_browsers(browsers: &[&Browser], script: &Path) -> Outcome<std::process::Command> {
    tools::for_browser()?;
    let programs = browsers
        .iter()
        .map(|browser| browser.find().map(|program| (browser.variable, program)))
        .collect::<Outcome<Vec<_>>>()?;
    let listener = server::listen(0)?;
    let url = server::address(&listener)?;
    let elsewhere = url.trim_end_matches('/').to_owned() + server::ELSEWHERE;
    std::thread::spawn(move || server::serve(&listener, &project::dist()));
    let mut node = process::command("node");
    node.arg(script).current_dir(project::e2e());
    node.envs(programs).env("PODIUM_URL", url).env("PODIUM_URL_ELSEWHERE", elsewhere);
    // Node warns when both are set, and some terminals set both.
    node.env_remove("NO_COLOR");
    Ok(node)
}
