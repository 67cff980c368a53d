//! `cargo xtask shots`: pictures of the page, to look at.

use crate::stage::stage;
use crate::{Command, Outcome, e2e, page, process, project};

pub(crate) const COMMAND: Command = Command {
    name: "shots",
    arguments: "[FRAGMENT...]",
    about: "takes pictures of the page at each URL fragment into target/shots (--help for more)",
    run,
};

fn run(arguments: &[String]) -> Outcome {
    stage("the page, for release", page::build_if_stale)?;
    let mut node = e2e::with_page(&project::e2e().join("shots.mjs"))?;
    node.args(arguments).env("PODIUM_SHOTS", project::target().join("shots"));
    process::run_as_ours(&mut node)
}
