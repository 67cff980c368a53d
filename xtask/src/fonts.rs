//! `cargo xtask fonts`: makes the fonts of the page and the tables that the layout measures text with.
//!
//! Run by hand when a version or the set of characters changes; what it makes is committed.

use crate::{Command, Outcome, nothing_left, process, project};

pub(crate) const COMMAND: Command = Command {
    name: "fonts",
    arguments: "",
    about: "cuts the fonts to static/fonts and their widths to src/scene/advances.rs (needs Python 3)",
    run,
};

/// Each npm package with its version, and the folder it is unpacked into.
const PACKAGES: [(&str, &str); 2] =
    [("inter-ui@4.1.1", "inter"), ("@fontsource-variable/jetbrains-mono@5.3.0", "mono")];

/// What cuts and packs fonts.
const PYTHON_PACKAGES: [&str; 2] = ["fonttools==4.68.0", "brotli==1.2.1"];

fn run(arguments: &[String]) -> Outcome {
    nothing_left(arguments)?;
    let work = project::tools().join("fonts");
    let python = work.join(if cfg!(windows) { "venv/Scripts/python.exe" } else { "venv/bin/python" });
    if !python.exists() {
        process::run(process::command("python3").args(["-m", "venv"]).arg(work.join("venv")))?;
    }
    process::run(process::command(&python).args(["-m", "pip", "install", "--quiet"]).args(PYTHON_PACKAGES))?;
    for (package, folder) in PACKAGES {
        let folder = work.join(folder);
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut npm = process::npm();
        let archive = process::output(npm.args(["pack", "--silent", package]).current_dir(&folder))
            .ok_or_else(|| format!("npm could not fetch {package}"))?;
        process::run(process::command("tar").args(["-xzf", &archive]).current_dir(&folder))?;
    }
    let root = project::root();
    process::run(
        process::command(&python)
            .arg(root.join("xtask/fonts.py"))
            .arg(&work)
            .arg(root.join("static/fonts"))
            .arg(root.join("src/scene/advances.rs")),
    )?;
    process::run(process::cargo().args(["fmt", "--package", "podium"]))
}
