//! Every message that code names exists, and every message that exists is named.

// It reads the project's own files.
#![allow(clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::path::Path;

use expect_test::expect;
use podium::manifest::Arg;
use podium::words::{Language, OPEN_FAMILIES, arguments, ids};

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
fn every_message_is_named_in_code() {
    let named = named();
    let wrong: Vec<String> = ids("")
        .filter(|id| !named.contains_key(*id) && !OPEN_FAMILIES.iter().any(|family| id.starts_with(family)))
        .map(str::to_owned)
        .collect();
    assert!(wrong.is_empty(), "no code names these messages:\n{}", wrong.join("\n"));
}

/// The messages of everything that is found in a text, with consequences and fixes, in both languages.
fn said(text: &str) -> String {
    let mut out = String::new();
    let mut say = |mark: &str, id: &str, args: &[(&'static str, Arg)]| {
        for language in Language::ALL {
            for name in arguments(*language, id) {
                assert!(args.iter().any(|(given, _)| *given == name), "{id} is not given {name}");
            }
            out.push_str(&format!("{mark}{}\n", podium::words::text(*language, id, args)));
        }
    };
    for found in podium::manifest::parse(text).diagnostics {
        say("", found.code, &found.args);
        found.consequence.iter().for_each(|consequence| say("  ", consequence, &found.args));
        found.fixes.iter().for_each(|fix| say("  > ", fix.label, &fix.args));
    }
    out
}

#[test]
fn mistakes_in_yaml_give_what_their_messages_want() {
    let texts = [
        "a:\n\tb: 1\n",
        "a: \"b\nc: 1\n",
        "a: \"b\" c\n",
        "a: \"\\d\"\n",
        "a: [b\n",
        "a: [b}\n",
        "a: b]\nc: ]\n",
        "a: {b: \"1\" c: 2}\n",
        "a:\n    b: 1\n  c: 2\n",
        "a:\n  app:web\n",
        "a:\n  b: 1\n  c\n  d: 2\n",
        "a: b: c\n",
        "a: - b\n",
        "a: 1\na: 2\n",
        ": 1\n",
        "18446744073709551615: 1\n",
        "on: 1\n",
        "a: “b”\n",
        "a:\u{a0}b\n",
        "a：b\n",
        "a: \u{7}b\n",
        "a: @b\n",
        "a: | b\n",
        "%YAML 1.2\n---\na: 1\n",
        "a: {{ .b }}\n",
        "--- a: 1\n",
        "a: *b\n",
        "a: *.b\n",
        "a: &b [*b]\n",
        "<<: 1\n",
        "a: !!int x\n",
        "a: .inf\n",
        "{app:web}\n",
        "– a: 1\n",
    ];
    for text in texts {
        assert_ne!(said(text), "", "nothing is found in {text:?}");
    }
}

#[test]
fn a_mistake_is_said_with_what_comes_of_it_and_how_to_mend_it() {
    expect![[r#"
        콜론 뒤에 공백이 없습니다. “app:web”은 필드와 값이 아니라 문자열 하나입니다.
        A space is missing after the colon: “app:web” is one string, not a field with a value.
          API 서버는 필드가 올 자리에 문자열 하나를 받고 오브젝트를 거부합니다.
          The API server gets one string where it wants fields, and refuses the object.
          > app: 뒤에 공백 넣기
          > Put a space after app:
    "#]]
    .assert_eq(&said("matchLabels:\n  app:web\n"));
}
