//! Builds the page with Trunk.

use std::path::Path;
use std::time::SystemTime;

use crate::{Outcome, editor, gallery, process, project, split, tools};

/// What the finished page is made of.
const SOURCES: &[&str] = &[
    "src",
    "static",
    "index.html",
    "editor/build.mjs",
    "editor/src",
    "editor/package-lock.json",
    "Trunk.toml",
    "Cargo.toml",
    "Cargo.lock",
    "xtask/first-load.txt",
    "xtask/src",
];

/// Builds the page for release into `dist/`, installing first what that needs.
pub(crate) fn build() -> Outcome {
    tools::for_page()?;
    process::run(trunk("build").args(["--release", "--cargo-profile", "page"]))?;
    editor::bundle()?;
    split::keep_whole()?;
    split::cut_page()?;
    gallery::write_if_stale()
}

/// Lists the files of `dist/` for `static/offline.js`, which keeps them.
pub(crate) fn list_files() -> Outcome {
    let dist = project::dist();
    let mut names = Vec::new();
    for file in project::files_under(&dist)? {
        let name = file.strip_prefix(&dist).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        // What is for those who work on the page needs no place on anybody's phone.
        let is_kept = !matches!(&*name, "index.html" | "offline.js" | "files.txt" | "podium.html")
            && !name.starts_with("gallery/");
        if is_kept {
            names.push(name + "\n");
        }
    }
    names.sort();
    let list = names.concat();
    // The worker is another one whenever a file is: a browser keeps anew what it finds changed.
    let worker = project::read(&project::root().join("static/offline.js"))?;
    let page = project::hash_of(project::read(&dist.join("index.html"))?.as_bytes());
    let stamp = format!("// {} {page}\n", project::hash_of(list.as_bytes()));
    project::write(&dist.join("offline.js"), &(stamp + &worker))?;
    project::write(&dist.join("files.txt"), &list)
}

/// Builds the page unless what is in `dist/` is newer than everything it is made of.
pub(crate) fn build_if_stale() -> Outcome {
    let built = changed(&project::dist().join("index.html"));
    let newest = SOURCES.iter().filter_map(|source| changed(&project::root().join(source))).max();
    if built.is_some() && built >= newest {
        println!("dist/ is newer than its sources: not built again.");
        return gallery::write_if_stale();
    }
    build()
}

/// Trunk with one of its subcommands.
pub(crate) fn trunk(subcommand: &str) -> std::process::Command {
    let mut trunk = process::command("trunk");
    // Trunk takes only true and false here and refuses the usual 1.
    trunk.env_remove("NO_COLOR").arg(subcommand);
    trunk
}

/// The latest change of a file, or of any file under a folder.
pub(crate) fn changed(path: &Path) -> Option<SystemTime> {
    if path.is_dir() {
        let files = project::files_under(path).unwrap_or_default();
        return files.iter().filter_map(|file| changed(file)).max();
    }
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}
