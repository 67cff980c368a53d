//! Builds the page with Trunk.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::{Outcome, editor, gallery, process, project, split, tools};

/// What the finished page is made of, but for the list by which it is cut.
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
    "xtask/src",
];

/// Builds the page for release into `dist/`, installing first what that needs.
pub(crate) fn build() -> Outcome {
    // What is changed while it is being built is not in it.
    let sources = sources()?;
    compile()?;
    process::run(trunk("build").args(["--release", "--cargo-profile", "page"]))?;
    editor::bundle()?;
    split::keep_whole()?;
    split::cut_page()?;
    note(&sources)?;
    gallery::write_if_stale()
}

/// Compiles the page, and installs meanwhile what else it needs: Trunk finds done what it would ask Cargo for, and most of that
/// keeps one core only.
fn compile() -> Outcome {
    tools::wasm_target()?;
    let mut cargo = process::cargo();
    cargo.args(["build", "--package", "podium", "--bin", "podium", "--features", "page", "--locked"]);
    let mut compiling = process::begin(cargo.args(["--target", tools::WASM, "--profile", "page"]))?;
    let installed = tools::for_page();
    let compiled = compiling.wait().map_err(|error| format!("the page: {error}"))?;
    installed?;
    if compiled.success() { Ok(()) } else { Err("the page does not compile".into()) }
}

/// Where it is noted what the page in `dist/` is made of.
fn stamp() -> PathBuf {
    project::target().join("page.stamp")
}

/// A hash of all that the page is made of, as it is now, but for the list.
fn sources() -> Outcome<String> {
    let mut all = Vec::new();
    for source in SOURCES {
        let path = project::root().join(source);
        let files = if path.is_dir() { project::files_under(&path)? } else { vec![path] };
        for file in files {
            let bytes = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            all.extend(file.to_string_lossy().bytes().chain(bytes));
        }
    }
    Ok(project::hash_of(&all))
}

/// Notes that the page in `dist/` is made of these sources, and cut by the list as it is now.
fn note(sources: &str) -> Outcome {
    let list = project::read(&split::listing())?;
    project::write(&stamp(), &format!("{sources} {}\n", project::hash_of(list.as_bytes())))
}

/// Notes that the page in `dist/` has been cut again, by the list as it is now.
pub(crate) fn note_list() -> Outcome {
    let noted = project::read(&stamp())?;
    note(noted.split(' ').next().unwrap_or_default())
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

/// Builds the page unless what is in `dist/` is made of all that is here, as it is now.
pub(crate) fn build_if_stale() -> Outcome {
    let list = project::hash_of(project::read(&split::listing())?.as_bytes());
    let now = format!("{} {list}\n", sources()?);
    let is_there = project::dist().join("index.html").is_file();
    if is_there && std::fs::read_to_string(stamp()).is_ok_and(|noted| noted == now) {
        println!("dist/ is made of these sources: not built again.");
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
