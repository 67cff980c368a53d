//! Finds a Chromium on the machine, or installs Debian's.

use std::path::PathBuf;

use crate::{Outcome, process};

/// The names that Chromium and Chrome have on a path.
const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Where they are when they are on no path.
const PLACES: &[&str] = &[
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
];

/// The program, with fonts for Hangul on the machine where it is ours to see to that.
pub(crate) fn find() -> Outcome<PathBuf> {
    let missing = match (installed(), hangul()) {
        (Some(program), true) => return Ok(program),
        (Some(program), false) if !can_install() => return Ok(program),
        (Some(_), false) => &["fonts-noto-cjk"][..],
        (None, true) => &["chromium"][..],
        (None, false) => &["chromium", "fonts-noto-cjk"][..],
    };
    if !can_install() {
        return Err(
            "the browser tests need Chromium: install Chromium or Chrome (on Debian `apt-get install \
                    chromium fonts-noto-cjk`), or name one in the variable CHROMIUM."
                .into(),
        );
    }
    println!("Installing {} through apt-get.", missing.join(" and "));
    process::run(apt_get().arg("update"))?;
    process::run(apt_get().args(["install", "--yes", "--no-install-recommends"]).args(missing))?;
    installed().ok_or_else(|| "Chromium was installed and cannot be found all the same".into())
}

fn installed() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(PathBuf::from(named)).filter(|program| program.is_file());
    }
    on_path(NAMES).or_else(|| PLACES.iter().map(PathBuf::from).find(|place| place.is_file()))
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}

/// Whether the machine can draw Hangul, as far as fontconfig can tell.
fn hangul() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    process::output(process::command("fc-list").arg(":lang=ko")).is_some_and(|fonts| !fonts.is_empty())
}

/// Whether this is root on a Debian.
fn can_install() -> bool {
    on_path(&["apt-get"]).is_some()
        && process::output(process::command("id").arg("-u")).is_some_and(|user| user == "0")
}

fn apt_get() -> std::process::Command {
    let mut apt_get = process::command("apt-get");
    apt_get.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet");
    apt_get
}
