//! Installs what the other chores need beyond Rust and Node, inside the project and once.
//!
//! A stamp beside each tool holds its version; another version in the lock files brings another installation.

use std::path::Path;

use crate::{Command, Outcome, nothing_left, process, project};

/// The newest Trunk that the oldest Rust of the project builds.
const TRUNK: &str = "0.21.14";

/// The oldest Node that the packages from npm run on.
const NODE: u32 = 20;

/// What the page is compiled for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

pub(crate) const COMMAND: Command = Command {
    name: "tools",
    arguments: "",
    about: "installs what the other chores need, which they also do themselves",
    run: |arguments| {
        nothing_left(arguments)?;
        for_checks()?;
        for_page()
    },
};

/// What formatting and clippy need.
pub(crate) fn for_checks() -> Outcome {
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if process::output(process::cargo().args([subcommand, "--version"])).is_none() {
            println!("Installing {component} through rustup.");
            process::run(process::command("rustup").args(["component", "add", component]))?;
        }
    }
    wasm_target()
}

/// What building the page needs: the wasm target, Trunk, wasm-bindgen of the lock file, and the npm packages.
pub(crate) fn for_page() -> Outcome {
    wasm_target()?;
    // Trunk serves plain HTTP on this machine only and finds every tool on its path, so it needs no TLS.
    cargo_install("trunk", TRUNK, "trunk")?;
    cargo_install("wasm-bindgen-cli", &project::locked_version("wasm-bindgen")?, "wasm-bindgen")?;
    let build = project::tools().join("build");
    if build.exists() {
        std::fs::remove_dir_all(&build).map_err(|error| format!("{}: {error}", build.display()))?;
    }
    for_browser()
}

/// What the browser tests and the optimiser need: Node and the npm packages.
pub(crate) fn for_browser() -> Outcome {
    let version = process::output(process::command("node").arg("--version")).unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE => {}
        Some(_) => return Err(format!("Node {NODE} or newer is needed; this is {version}.").into()),
        None => return Err(format!("Node {NODE} or newer is needed and not on the path.").into()),
    }
    npm_packages(&project::e2e())
}

/// The npm packages of a folder's lock file, in that folder.
pub(crate) fn npm_packages(folder: &Path) -> Outcome {
    let lock = project::read(&folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.podium-stamp");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("Installing the npm packages of {} there.", folder.join("package-lock.json").display());
    let mut npm = process::npm();
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder);
    // The browser is the machine's own.
    npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    process::run(&mut npm)?;
    project::write(&stamp, &lock)
}

/// The target that the page is compiled for.
pub(crate) fn wasm_target() -> Outcome {
    target(WASM)
}

/// A target of Rust beside that of this machine.
pub(crate) fn target(name: &str) -> Outcome {
    let sysroot = process::output(process::command("rustc").args(["--print", "sysroot"]))
        .ok_or("rustc is not on the path; install Rust through rustup")?;
    if Path::new(&sysroot).join("lib/rustlib").join(name).exists() {
        return Ok(());
    }
    println!("Installing the target {name} through rustup.");
    process::run(process::command("rustup").args(["target", "add", name]))
}

/// Builds a tool from crates.io into `.tools/bin`, quickly rather than well: it runs for seconds at a time.
fn cargo_install(package: &str, version: &str, program: &str) -> Outcome {
    let tools = project::tools();
    let stamp = tools.join("stamps").join(package);
    let there = tools.join("bin").join(program).with_extension(std::env::consts::EXE_EXTENSION).exists();
    if there && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == version) {
        return Ok(());
    }
    println!("Installing {package} {version} into .tools, once; two cores take some minutes.");
    let install = |locked: bool| {
        let mut cargo = process::cargo();
        cargo.args(["install", package, "--version", version, "--no-default-features", "--force", "--quiet"]);
        cargo.arg("--root").arg(&tools).arg("--target-dir").arg(tools.join("build"));
        if locked {
            cargo.arg("--locked");
        }
        for (setting, value) in [
            ("CODEGEN_UNITS", "16"),
            ("DEBUG", "false"),
            ("LTO", "off"),
            ("OPT_LEVEL", "0"),
            ("STRIP", "true"),
        ] {
            cargo.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
        }
        process::run(&mut cargo)
    };
    // The versions that the tool was released with are the surest, but a registry may lack one of them.
    if install(true).is_err() {
        println!(
            "{package} does not build with its own lock file here; taking the newest of its dependencies."
        );
        install(false)?;
    }
    project::write(&stamp, version)
}
