//! The size of what the first load of the page fetches, compressed as a server would, against its limit.

use std::path::{Path, PathBuf};

use crate::{Command, Failure, Outcome, editor, nothing_left, page, process, project, split, stage};

/// Bytes of brotli at its best that the first load may take: what it takes and a little more. The aim is 350,000.
const LIMIT: u64 = 348_000;

/// Bytes that the second half of the wasm may have: what is needed before it has come is compiled on the page's own thread, and
/// Chromium does that with 8 MiB at most.
const REST_LIMIT: u64 = 8 * 1024 * 1024;

/// Bytes of brotli that the editor's script may take, which comes after the first load.
const EDITOR_LIMIT: u64 = 120_000;

pub(crate) const COMMAND: Command = Command {
    name: "size",
    arguments: "",
    about: "weighs what the first load fetches",
    run: |arguments| {
        nothing_left(arguments)?;
        stage::stage("the page, for release", page::build_if_stale)?;
        check()
    },
};

/// Prints what each file of the first load weighs, and what the editor does; fails past a limit.
pub(crate) fn check() -> Outcome {
    let dist = project::dist();
    let first = first_load(&dist)?.iter().map(|file| dist.join(file)).collect::<Vec<PathBuf>>();
    within("the first load", LIMIT, &first)?;
    within("the editor", EDITOR_LIMIT, &editor::built()?)?;
    let rest = split::rest()?;
    let bytes = rest.metadata().map_err(|error| format!("{}: {error}", rest.display()))?.len();
    println!("{bytes:>9} bytes in the second half of the wasm, of {REST_LIMIT} allowed");
    if bytes > REST_LIMIT {
        return Err(format!("the second half is {} bytes over its limit", bytes - REST_LIMIT).into());
    }
    Ok(())
}

/// Prints what each of the files weighs, and fails where they are past the limit together.
fn within(what: &str, limit: u64, files: &[PathBuf]) -> Outcome {
    let mut node = process::command("node");
    node.arg(project::root().join("xtask/brotli.mjs")).args(files);
    let sizes = process::output(&mut node).ok_or("xtask/brotli.mjs failed")?;
    let mut total = 0;
    for (file, line) in files.iter().zip(sizes.lines()) {
        let (plain, brotli) = line.split_once(' ').unwrap_or_default();
        let brotli: u64 = brotli.parse().map_err(|_| format!("not a size: `{line}`"))?;
        let name = file.strip_prefix(project::dist()).unwrap_or(file).display();
        println!("{brotli:>9} of {plain:>9} bytes  {name}");
        total += brotli;
    }
    println!("{total:>9} bytes of brotli in {what}, of {limit} allowed");
    if total > limit {
        return Err(format!("{what} is {} bytes over its limit", total - limit).into());
    }
    Ok(())
}

/// The files that the first load fetches, by their paths in the folder: `index.html`, what it names, what the
/// scripts among these import and what the stylesheets among these name. A browser test holds the list
/// against what is really fetched.
pub(crate) fn first_load(dist: &Path) -> Outcome<Vec<String>> {
    let mut files = vec!["index.html".to_owned()];
    let mut at = 0;
    while at < files.len() {
        let file = files[at].clone();
        let quotes = match file.rsplit('.').next() {
            Some("html") => &[("href=\"", "\""), ("src=\"", "\"")][..],
            Some("css") => &[("url(\"", "\""), ("url('", "'"), ("url(", ")")][..],
            Some("js") => &[(" from \"./", "\""), (" from './", "'")][..],
            _ => &[][..],
        };
        at += 1;
        if quotes.is_empty() {
            continue;
        }
        let text = project::read(&dist.join(&file))?;
        for &(open, close) in quotes {
            for named in text.split(open).skip(1).filter_map(|rest| rest.split(close).next()) {
                let named = named.strip_prefix("./").unwrap_or(named).to_owned();
                if dist.join(&named).is_file() && !files.contains(&named) {
                    files.push(named);
                }
            }
        }
    }
    if files.len() < 3 {
        return Err(Failure::Told(format!("{} names no script and no wasm", dist.join(&files[0]).display())));
    }
    Ok(files)
}
