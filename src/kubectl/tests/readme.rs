//! The table of what there is of kubectl, in both READMEs: it is made here, and held.

// A test reads the project's files; the library does not.
#![allow(clippy::disallowed_methods)]

use crate::kubectl::{help, verbs};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Between these lines the table stands.
const MARKS: (&str, &str) =
    ("<!-- kubectl: UPDATE_EXPECT=1 cargo test --lib readme -->", "<!-- end of kubectl -->");
/// Each README, and what it says there: the heads of the table, and what stands before the commands that are not there.
const PAPERS: [(&str, [&str; 3]); 2] = [
    ("README.md", ["command", "flags that are not there", "Not there, and saying so:"]),
    ("README.ko.md", ["명령", "없는 플래그", "없으며, 없다고 답하는 명령:"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust files below a folder, each with its text.
fn sources(folder: &Path, out: &mut Vec<(PathBuf, String)>) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("it is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| !path.ends_with("tests"))
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).expect("it can be read");
            out.push((path, text));
        }
    }
}

/// Whether the code names a flag of a command: in the files of its verb, where it has files of its own, or in those
/// of all verbs.
fn is_read(sources: &[(PathBuf, String)], command: &str, flag: &str) -> bool {
    let own = command.split(' ').next().unwrap_or_default().replace('-', "_");
    let folder = root().join("src/kubectl/verbs");
    let is_own =
        |path: &Path| path.starts_with(folder.join(&own)) || path == folder.join(format!("{own}.rs"));
    let has_own = sources.iter().any(|(path, _)| is_own(path));
    let literal = format!("\"{flag}\"");
    sources
        .iter()
        .filter(|(path, _)| !has_own || is_own(path) || !path.starts_with(&folder))
        .any(|(_, text)| text.contains(&literal))
}

fn table([command, missing, not_there]: [&str; 3]) -> String {
    let mut all = Vec::new();
    sources(&root().join("src/kubectl"), &mut all);
    let commands = help::commands().filter(|command| !command.name.is_empty());
    let (mut out, mut lacking) = (format!("| {command} | {missing} |\n| --- | --- |\n"), Vec::new());
    for command in commands {
        let name = command.name;
        if !verbs::is_here(name) {
            if !help::is_group(name) {
                lacking.push(format!("`{name}`"));
            }
            continue;
        }
        let flags = help::flags(name).filter(|_| name != "options");
        let flags = flags.filter(|flag| !flag.is_deprecated && !is_read(&all, name, flag.long));
        let flags: Vec<String> = flags.map(|flag| format!("`--{}`", flag.long)).collect();
        _ = writeln!(out, "| `{name}` | {} |", flags.join(", "));
    }
    _ = writeln!(out, "\n{not_there} {}.", lacking.join(", "));
    out
}

#[test]
fn the_readmes_say_what_there_is_of_kubectl() {
    for (name, words) in PAPERS {
        let path = root().join(name);
        let paper = std::fs::read_to_string(&path).expect("it is there");
        let (head, rest) = paper.split_once(MARKS.0).expect("the mark is there");
        let (_, tail) = rest.split_once(MARKS.1).expect("the mark is there");
        let wanted = format!("{head}{}\n\n{}\n{}{tail}", MARKS.0, table(words), MARKS.1);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &wanted).expect("it can be written");
        } else {
            assert_eq!(paper, wanted, "{name}: run `UPDATE_EXPECT=1 cargo test --lib readme`");
        }
    }
}
