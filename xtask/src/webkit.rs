//! `cargo xtask webkit`: a third engine, that of Safari. Playwright does not drive the WebKit that Debian has, so a script of its
//! own does, over WebDriver.

use crate::browser::{WEBKIT, XVFB};
use crate::stage::stage;
use crate::{Command, Outcome, e2e, page, process, project};

pub(crate) const COMMAND: Command = Command {
    name: "webkit",
    arguments: "[PART OF A STEP...]",
    about: "does in WebKitGTK what a person does on the page, all or the steps so named; pictures of failures in target/webkit",
    run,
};

fn run(arguments: &[String]) -> Outcome {
    stage("the page, for release", page::build_if_stale)?;
    stage("the page in WebKit", || {
        let mut node = e2e::in_browsers(&[&WEBKIT, &XVFB], &project::e2e().join("webkit.mjs"))?;
        node.args(arguments)
            .env("PODIUM_DIGESTS", e2e::natively("digest")?)
            .env("PODIUM_PICTURES", project::target().join("webkit"));
        process::run_as_ours(&mut node)
    })
}
