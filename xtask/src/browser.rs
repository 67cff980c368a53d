//! Finds a browser on the machine, or installs Debian's.

use std::path::PathBuf;

use crate::{Outcome, process};

/// A browser that shows the page, or what one needs beside it.
pub(crate) struct Browser {
    /// How people call it.
    name: &'static str,
    /// The variable that may name it, and by which the scripts find it.
    pub(crate) variable: &'static str,
    /// The names that it has on a path.
    names: &'static [&'static str],
    /// Where it is when it is on no path.
    places: &'static [&'static str],
    /// Debian's package.
    package: &'static str,
}

pub(crate) const CHROMIUM: Browser = Browser {
    name: "Chromium",
    variable: "CHROMIUM",
    names: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    places: &[
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "C:/Program Files/Google/Chrome/Application/chrome.exe",
    ],
    package: "chromium",
};

pub(crate) const FIREFOX: Browser = Browser {
    name: "Firefox",
    variable: "FIREFOX",
    names: &["firefox-esr", "firefox"],
    places: &[
        "/Applications/Firefox.app/Contents/MacOS/firefox",
        "C:/Program Files/Mozilla Firefox/firefox.exe",
    ],
    package: "firefox-esr",
};

/// Debian's WebKit is driven by a program of its own, which brings its browser.
pub(crate) const WEBKIT: Browser = Browser {
    name: "WebKitGTK with WebKitWebDriver",
    variable: "WEBKIT",
    names: &["WebKitWebDriver"],
    places: &[],
    package: "webkit2gtk-driver",
};

/// The screen of a browser that has no way to go without one.
pub(crate) const XVFB: Browser =
    Browser { name: "Xvfb", variable: "XVFB", names: &["Xvfb"], places: &[], package: "xvfb" };

impl Browser {
    /// The program, with fonts for Hangul on the machine where it is ours to see to that.
    pub(crate) fn find(&self) -> Outcome<PathBuf> {
        let missing = match (self.installed(), hangul()) {
            (Some(program), true) => return Ok(program),
            (Some(program), false) if !can_install() => return Ok(program),
            (Some(_), false) => &[FONTS][..],
            (None, true) => &[self.package][..],
            (None, false) => &[self.package, FONTS][..],
        };
        let Self { name, package, variable, .. } = self;
        if !can_install() {
            return Err(format!(
                "these browser tests need {name}: install it (on Debian `apt-get install {package} {FONTS}`), or name one \
                 in the variable {variable}."
            )
            .into());
        }
        println!("Installing {} through apt-get.", missing.join(" and "));
        process::run(apt_get().arg("update"))?;
        process::run(apt_get().args(["install", "--yes", "--no-install-recommends"]).args(missing))?;
        self.installed()
            .ok_or_else(|| format!("{name} was installed and cannot be found all the same").into())
    }

    fn installed(&self) -> Option<PathBuf> {
        if let Some(named) = std::env::var_os(self.variable) {
            return Some(PathBuf::from(named)).filter(|program| program.is_file());
        }
        on_path(self.names).or_else(|| self.places.iter().map(PathBuf::from).find(|place| place.is_file()))
    }
}

/// Debian's package of fonts for Hangul.
const FONTS: &str = "fonts-noto-cjk";

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
