//! Every message that code names exists, and every message that exists is named.

// It reads the project's own files.
#![allow(clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::path::Path;

use podium::words::{OPEN_FAMILIES, ids};

/// The ids in `msg!("…")` of all code, and the files they stand in.
fn named() -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).expect("the folder is there");
        for path in entries.map(|entry| entry.expect("the folder can be read").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let code = std::fs::read_to_string(&path).expect("the file can be read");
                for id in ids_in(&code) {
                    named.insert(id, path.display().to_string());
                }
            }
        }
    }
    named
}

fn ids_in(code: &str) -> Vec<String> {
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: Vec<&str> = lines.collect();
    // The id may stand in the line after the bracket.
    let calls = code.join("\n");
    let arguments = calls.split(concat!("msg", "!(")).skip(1).map(str::trim_start);
    arguments.filter_map(|rest| Some(rest.strip_prefix('"')?.split_once('"')?.0.to_owned())).collect()
}

#[test]
fn ids_are_found_in_code() {
    let call = concat!("msg", "!");
    let code = format!("{call}(\"a\"), {call}(\n    \"b\",\n)\n// {call}(\"c\")\n{call}(id) {call}(\"d\")");
    assert_eq!(ids_in(&code), ["a", "b", "d"], "in two lines, and not in comments");
}

#[test]
fn code_names_only_messages_that_exist() {
    let known: Vec<&str> = ids("").collect();
    let wrong: Vec<String> = named()
        .into_iter()
        .filter(|(id, _)| !known.contains(&id.as_str()))
        .map(|(id, file)| format!("{id} in {file}"))
        .collect();
    assert!(wrong.is_empty(), "no message has these ids:\n{}", wrong.join("\n"));
}

#[test]
#[ignore = "strict: until the code that speaks has landed"]
fn every_message_is_named_in_code() {
    let named = named();
    let wrong: Vec<String> = ids("")
        .filter(|id| !named.contains_key(*id) && !OPEN_FAMILIES.iter().any(|family| id.starts_with(family)))
        .map(str::to_owned)
        .collect();
    assert!(wrong.is_empty(), "no code names these messages:\n{}", wrong.join("\n"));
}
