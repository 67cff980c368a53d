//! `cargo xtask dist`: the page as a folder for any static server, or as one file for none.

use crate::stage::stage;
use crate::{Command, Outcome, nothing_left, page, process, project, size, take_flag};

pub(crate) const COMMAND: Command = Command {
    name: "dist",
    arguments: "[--single]",
    about: "leaves the page in dist/, for any static server at any path; --single: one file too, which opens from a disk",
    run,
};

fn run(arguments: &[String]) -> Outcome {
    let mut arguments = arguments.to_vec();
    let is_single = take_flag(&mut arguments, "--single");
    nothing_left(&arguments)?;
    stage("the page, for release", page::build)?;
    stage("size of the first load", size::check)?;
    println!("\nThe page is in {}.", project::dist().display());
    if is_single {
        stage("the page as one file", || {
            let mut node = process::command("node");
            node.arg(project::root().join("xtask/single.mjs"));
            node.arg(project::dist()).arg(project::dist().join("podium.html"));
            process::run(&mut node)
        })?;
    }
    Ok(())
}
