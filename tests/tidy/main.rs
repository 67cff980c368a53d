//! The rules of the project that the compiler does not hold. Each finding is a file, a line and what to do.

// It reads the project's own files.
#![allow(clippy::disallowed_methods)]

mod code;
mod imports;
mod tree;

use std::fmt::Write as _;

use tree::{Source, sources};

/// A file longer than this is about more than one thing.
const LINES: usize = 600;

/// The files that may be longer, each with its reason.
const LONG: &[(&str, &str)] = &[];

/// What only the page's binary names: the library is pure.
const BROWSER: &[&str] = &["yew", "gloo", "web_sys", "js_sys", "wasm_bindgen", "wasm_bindgen_futures"];

/// Only this file names the YAML parser, so that another one changes one file.
const YAML: (&str, &str) = ("src/manifest/yaml.rs", "granit_parser");

/// Paths of one machine, which mean nothing on another; split, so that this file does not hold them.
const MACHINE: &[&str] = &[concat!("shared", "/"), concat!("/", "work/"), concat!("/", "root/")];

/// Fails with every finding on a line of its own.
#[track_caller]
fn none(findings: &[String]) {
    let mut text = String::new();
    for finding in findings {
        let _ = write!(text, "\n  {finding}");
    }
    assert!(findings.is_empty(), "{} not tidy:{text}", findings.len());
}

fn rust() -> Vec<Source> {
    sources().into_iter().filter(|source| source.path.ends_with(".rs")).collect()
}

/// Whether a file belongs to the pure library rather than to one of the binaries.
fn is_library(path: &str) -> bool {
    path.starts_with("src/")
        && !["src/main.rs", "src/app/", "src/bin/"].iter().any(|binary| path.starts_with(binary))
}

#[test]
fn every_module_begins_by_saying_what_it_is() {
    let silent = rust().into_iter().filter(|source| !source.text.starts_with("//! "));
    none(
        &silent
            .map(|source| format!("{}:1: begin with `//! ` and what this is", source.path))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn no_file_is_about_more_than_one_thing() {
    let mut findings = Vec::new();
    for source in rust() {
        let lines = source.text.lines().count();
        let excused = LONG.iter().any(|(path, _)| *path == source.path);
        if lines > LINES && !excused {
            findings
                .push(format!("{}:{LINES}: {lines} lines; part it, or give its reason in LONG", source.path));
        }
        if lines <= LINES && excused {
            findings.push(format!("{}:1: {lines} lines; it needs its place in LONG no more", source.path));
        }
    }
    none(&findings);
}

#[test]
fn modules_import_only_from_those_above_them() {
    let library: Vec<Source> = rust().into_iter().filter(|source| is_library(&source.path)).collect();
    let macros = imports::macros(&library);
    let mut findings = Vec::new();
    for source in &library {
        findings.extend(imports::findings(&source.path, &source.text, &macros));
    }
    none(&findings);
}

#[test]
fn the_library_declares_the_house_in_its_order() {
    let lib = rust().into_iter().find(|source| source.path == "src/lib.rs").map(|source| source.text);
    let lib = code::only(&lib.unwrap_or_default());
    let declared: Vec<_> =
        lib.lines().filter_map(|line| line.trim().strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(declared, imports::HOUSE);
}

#[test]
fn the_library_knows_no_browser() {
    let mut findings = Vec::new();
    for source in rust().iter().filter(|source| is_library(&source.path)) {
        for (line, name) in code::names(&source.text) {
            if BROWSER.contains(&name.as_str()) {
                findings.push(format!("{}:{line}: `{name}` belongs to src/app", source.path));
            }
        }
    }
    none(&findings);
}

#[test]
fn one_file_knows_the_yaml_parser() {
    let (file, parser) = YAML;
    let mut findings = Vec::new();
    for source in rust().iter().filter(|source| source.path != file) {
        for (line, _) in code::names(&source.text).into_iter().filter(|(_, name)| name == parser) {
            findings.push(format!("{}:{line}: only {file} names {parser}", source.path));
        }
    }
    none(&findings);
}

#[test]
fn no_file_knows_a_machine() {
    let mut findings = Vec::new();
    for source in sources() {
        for (number, line) in source.text.lines().enumerate() {
            for path in MACHINE {
                let begins =
                    |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "-_/.".contains(c));
                let climbs = |at: usize| line[..at].ends_with("../");
                if line.match_indices(path).any(|(at, _)| begins(at) || climbs(at)) {
                    findings.push(format!("{}:{}: `{path}` is on one machine only", source.path, number + 1));
                }
            }
        }
    }
    none(&findings);
}

#[test]
fn sentences_do_without_the_long_dash() {
    let mut findings = Vec::new();
    for source in sources() {
        let spoken =
            ["src/words/", "src/lesson/", "src/app/"].iter().any(|folder| source.path.starts_with(folder));
        if !spoken && !source.path.ends_with(".md") {
            continue;
        }
        for (number, _) in source.text.lines().enumerate().filter(|(_, line)| line.contains('\u{2014}')) {
            findings.push(format!("{}:{}: say it in two sentences", source.path, number + 1));
        }
    }
    none(&findings);
}
