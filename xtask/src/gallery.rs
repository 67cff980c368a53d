//! `cargo xtask gallery`: pictures of all that the page's gallery shows, to look at; and the runs that it plays.

use std::path::Path;

use crate::stage::stage;
use crate::{Command, Outcome, e2e, page, process, project};

/// What the runs are made of.
const SOURCES: &[&str] = &["tests/truth", "static/gallery"];

pub(crate) const COMMAND: Command = Command {
    name: "gallery",
    arguments: "[--theme dark] [--lang en] [--size 390x844] [--only WORDS]",
    about: "takes pictures of every line of the gallery into target/gallery, in each size, theme and language or only in these",
    run,
};

fn run(arguments: &[String]) -> Outcome {
    stage("the page, for release", page::build_if_stale)?;
    let mut node = e2e::with_page(&project::e2e().join("gallery.mjs"))?;
    node.args(arguments).env("PODIUM_GALLERY", project::target().join("gallery"));
    process::run_as_ours(&mut node)
}

/// Writes into `dist/` the recordings that the gallery plays, unless they are there and newer than what they are made of.
pub(crate) fn write_if_stale() -> Outcome {
    let folder = project::dist().join("gallery");
    let written = project::files_under(&folder)?
        .iter()
        .filter(|file| is_run(file))
        .filter_map(|file| page::changed(file))
        .min();
    let newest = SOURCES.iter().filter_map(|source| page::changed(&project::root().join(source))).max();
    if written.is_some() && written >= newest {
        return Ok(());
    }
    let mut tool = process::cargo();
    tool.args(["run", "--quiet", "--locked", "--package", "podium", "--bin", "podium-tool", "--", "gallery"]);
    process::run(tool.arg(folder))
}

fn is_run(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "json")
}
