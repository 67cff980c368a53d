//! `cargo xtask frames`: how long frames take while the page plays, at 300 and at 10,000 Pods, beside an empty page.

use crate::stage::stage;
use crate::{Command, Outcome, e2e, page, process, project};

pub(crate) const COMMAND: Command = Command {
    name: "frames",
    arguments: "",
    about: "measures frames in Chromium while 300 and 10,000 Pods are played, the timeline closed and open",
    run,
};

fn run(_: &[String]) -> Outcome {
    stage("the page, for release", page::build_if_stale)?;
    process::run_as_ours(&mut e2e::with_page(&project::e2e().join("frames.mjs"))?)
}
