//! `cargo xtask dist`: the page as a folder for any static server.

use crate::stage::stage;
use crate::{Command, Outcome, nothing_left, page, project, size};

pub(crate) const COMMAND: Command = Command {
    name: "dist",
    arguments: "",
    about: "leaves the page in dist/, for any static server at any path",
    run,
};

fn run(arguments: &[String]) -> Outcome {
    nothing_left(arguments)?;
    stage("the page, for release", page::build)?;
    stage("size of the first load", size::check)?;
    println!("\nThe page is in {}.", project::dist().display());
    Ok(())
}
