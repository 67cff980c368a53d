//! Fixtures that say what is expected of them: `fixtures/*.yaml`. Lines that begin with `#!` are written by
//! `UPDATE_EXPECT=1 cargo test` and read by people; everything else is the text.
//!
//! A case begins with `#### its name`. `␇`, `␉`, `␍`, `⍽`, `␀` and `␠` stand for a bell, a tab, a carriage return, a
//! no-break space, a byte order mark and an ideographic space, which nobody would see.

use std::fmt::Write as _;

use expect_test::{expect, expect_file};

use super::*;

const SIGNS: [(char, char); 6] =
    [('␇', '\u{7}'), ('␉', '\t'), ('␍', '\r'), ('⍽', '\u{A0}'), ('␀', '\u{FEFF}'), ('␠', '\u{3000}')];

fn unsigned(text: &str) -> String {
    text.chars()
        .map(|one| SIGNS.iter().find(|(sign, _)| *sign == one).map_or(one, |(_, meant)| *meant))
        .collect()
}

fn signed(text: &str) -> String {
    text.chars()
        .map(|one| SIGNS.iter().find(|(_, meant)| *meant == one).map_or(one, |(sign, _)| *sign))
        .collect()
}

struct Case {
    name: String,
    text: String,
}

const READING: &str = include_str!("fixtures/reading.yaml");
const MISTAKES: &str = include_str!("fixtures/mistakes.yaml");
const DOUBTS: &str = include_str!("fixtures/doubts.yaml");

fn cases(file: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in file.split_inclusive('\n') {
        if let Some(name) = line.strip_prefix("#### ") {
            cases.push(Case { name: name.trim_end().to_owned(), text: String::new() });
        } else if let Some(case) = cases.last_mut().filter(|_| !line.starts_with("#!")) {
            case.text.push_str(&unsigned(line));
        }
    }
    cases
}

fn all_cases() -> impl Iterator<Item = Case> {
    [READING, MISTAKES, DOUBTS].into_iter().flat_map(cases)
}

/// The case with what is said of it.
fn rendered(case: &Case) -> String {
    let text = &case.text;
    let parsed = parse(text);
    let lines = LineIndex::new(text);
    let mut out = format!("#### {}\n", case.name);
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        for diagnostic in &parsed.diagnostics {
            if lines.position(text, diagnostic.span.start as usize).0 == number + 1 {
                let _ = writeln!(out, "#! {}", signed(&described(diagnostic, text, &lines)));
            }
        }
        out.push_str(&signed(line));
        start += line.len();
    }
    assert_eq!(start, text.len());
    for document in &parsed.documents {
        let mut json = String::new();
        write_json(&document.root, &mut json);
        let _ = writeln!(out, "#! {} {}", if document.broken { "broken" } else { "reads" }, signed(&json));
        if let Some(refusal) = &document.refusal {
            let _ = writeln!(out, "#! kubectl: {}", signed(refusal));
        }
    }
    let mended = mended(text);
    if mended != *text {
        for line in mended.lines() {
            let _ = writeln!(out, "#! | {}", signed(line));
        }
    }
    out
}

/// `error 3-12 code key=value; fix label`: the columns are those of the line below.
fn described(diagnostic: &Diagnostic, text: &str, lines: &LineIndex) -> String {
    let (line, column) = lines.position(text, diagnostic.span.start as usize);
    let (end_line, end_column) = lines.position(text, diagnostic.span.end as usize);
    let severity = format!("{:?}", diagnostic.severity).to_lowercase();
    let end = if end_line == line { String::new() } else { format!("+{}:", end_line - line) };
    let mut out = format!("{severity} {column}-{end}{end_column} {}", diagnostic.code);
    let arg = |arg: &Arg| match arg {
        Arg::Text(text) => text.to_string(),
        Arg::Number(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    for (name, value) in &diagnostic.args {
        let _ = write!(out, " {name}={}", arg(value));
    }
    if let Some(consequence) = diagnostic.consequence.filter(|id| *id != "kubectl-refuses-file") {
        let _ = write!(out, "; {consequence}");
    }
    for fix in &diagnostic.fixes {
        let _ = write!(out, "; {}{}", if fix.certain { "" } else { "perhaps " }, fix.label);
        for (name, value) in &fix.args {
            let _ = write!(out, " {name}={}", arg(value));
        }
    }
    out
}

/// The text after every certain fix, one after another.
fn mended(text: &str) -> String {
    const MOST: usize = 32;
    let mut text = text.to_owned();
    for _ in 0..MOST {
        let parsed = parse(&text);
        let fixes = parsed.diagnostics.iter().flat_map(|diagnostic| &diagnostic.fixes);
        let Some(fix) = fixes.into_iter().find(|fix| fix.certain) else { break };
        text = apply_edits(&text, &fix.edits);
    }
    text
}

fn write_json(node: &Node, out: &mut String) {
    match &node.kind {
        NodeKind::Null => out.push_str("null"),
        NodeKind::Bool(value) => drop(write!(out, "{value}")),
        NodeKind::Int(value) => drop(write!(out, "{value}")),
        NodeKind::Float(value) => drop(write!(out, "{value:?}")),
        NodeKind::String(value) => drop(write!(out, "{value:?}")),
        NodeKind::Sequence(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write_json(item, out);
            }
            out.push(']');
        }
        NodeKind::Mapping(entries) => {
            out.push('{');
            for (at, entry) in entries.iter().enumerate() {
                let _ = write!(out, "{}{:?}: ", if at == 0 { "" } else { ", " }, entry.key);
                write_json(&entry.value, out);
            }
            out.push('}');
        }
    }
}

/// The fixture as it should be.
fn expected(file: &str) -> String {
    let head: String = file.split_inclusive('\n').take_while(|line| !line.starts_with("#### ")).collect();
    head + &cases(file).iter().map(rendered).collect::<String>()
}

#[test]
fn mistakes_are_told_apart_and_mended() {
    expect_file!["fixtures/mistakes.yaml"].assert_eq(&expected(MISTAKES));
}

#[test]
fn what_is_right_is_read_as_kubectl_reads_it() {
    expect_file!["fixtures/reading.yaml"].assert_eq(&expected(READING));
}

#[test]
fn doubts_are_told() {
    expect_file!["fixtures/doubts.yaml"].assert_eq(&expected(DOUBTS));
}

/// What the fixtures are after mending must be YAML for others too, and say the same to them.
#[test]
fn others_read_the_same() {
    let mut compared = 0;
    for case in all_cases() {
        let text = mended(&case.text);
        let parsed = parse(&text);
        if parsed.documents.iter().any(|document| document.broken) || case.name.contains("YAML 1.1") {
            continue;
        }
        for document in &parsed.documents {
            // It takes no key twice, no text behind the end, and of JSON not all.
            let Ok(other) = serde_yaml::from_str::<serde_yaml::Value>(
                document.span.slice(&text).trim_start_matches('\u{FEFF}'),
            ) else {
                let known = ["twice", "end of", "JSON"].iter().any(|word| case.name.contains(word));
                assert!(known, "{}: only we read it", case.name);
                continue;
            };
            let mut other = other;
            let merged = other.apply_merge();
            assert!(merged.is_ok() && same(&document.root, &other), "{}: {other:?}", case.name);
            compared += 1;
        }
    }
    assert!(compared > 60, "only {compared} documents were compared");
}

fn same(node: &Node, other: &serde_yaml::Value) -> bool {
    use serde_yaml::Value;
    match (&node.kind, other) {
        (NodeKind::Null, Value::Null) => true,
        (NodeKind::Bool(left), Value::Bool(right)) => left == right,
        (NodeKind::Int(left), Value::Number(right)) => {
            right.as_i64() == Some(*left) || right.as_f64() == Some(*left as f64)
        }
        (NodeKind::Float(left), Value::Number(right)) => right.as_f64() == Some(*left),
        (NodeKind::String(left), Value::String(right)) => **left == **right,
        (NodeKind::Sequence(left), Value::Sequence(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (NodeKind::Mapping(left), Value::Mapping(right)) => {
            let value =
                |key: &str| right.iter().find(|(other, _)| is_key(other, key)).map(|(_, value)| value);
            left.len() == right.len()
                && left.iter().all(|entry| value(&entry.key).is_some_and(|value| same(&entry.value, value)))
        }
        (_, Value::Tagged(tagged)) => same(node, &tagged.value),
        _ => false,
    }
}

fn is_key(other: &serde_yaml::Value, key: &str) -> bool {
    use serde_yaml::Value;
    match other {
        Value::String(text) => text == key,
        Value::Number(number) => number.to_string() == key,
        Value::Bool(value) => value.to_string() == key,
        _ => false,
    }
}

/// Whatever is cut off or left out, reading ends, and every place lies on characters of the text.
#[test]
fn nothing_that_is_typed_breaks_it() {
    for case in all_cases() {
        for (at, letter) in case.text.char_indices() {
            let (before, after) = case.text.split_at(at);
            let rest = after.get(letter.len_utf8()..).unwrap_or("");
            for text in [before.to_owned(), format!("{before}{rest}")] {
                let parsed = parse(&text);
                parsed.documents.iter().for_each(|document| check_places(&document.root, &text));
                for diagnostic in &parsed.diagnostics {
                    check_place(diagnostic.span, &text);
                    for edit in diagnostic.fixes.iter().flat_map(|fix| &fix.edits) {
                        check_place(edit.span, &text);
                    }
                }
            }
        }
    }
}

#[track_caller]
fn check_place(span: Span, text: &str) {
    assert!(text.get(span.range()).is_some(), "{span:?} is no place of {text:?}");
}

fn check_places(node: &Node, text: &str) {
    check_place(node.span, text);
    for entry in node.entries() {
        check_place(entry.key_span, text);
        check_places(&entry.value, text);
    }
    node.items().iter().for_each(|item| check_places(item, text));
}

/// Each says which limit it met, at once.
#[test]
fn hostile_texts_meet_a_limit() {
    let laughs: String =
        (1..20).map(|n| format!("k{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(","))).collect();
    let wide: String = (0..2_000).map(|n| format!("  k{n}: v\n")).collect();
    let cases = [
        ("brackets", "[".repeat(100_000), "too-deep"),
        ("braces", "{a: ".repeat(100_000), "too-deep"),
        ("dashes", "- ".repeat(100_000), "too-deep"),
        ("indentation", (0..1_000).map(|n| format!("{}a:\n", " ".repeat(n))).collect(), "too-deep"),
        ("anchors in anchors", format!("k0: &a0 [x]\n{laughs}"), "too-many-aliases"),
        ("a large anchor, often", format!("a: &a\n{wide}b:\n{}", "- *a\n".repeat(2_000)), "too-many-aliases"),
        ("too long", "#".repeat(MAX_BYTES + 1), "file-too-large"),
    ];
    for (what, text, code) in cases {
        let parsed = parse(&text);
        let codes: Vec<&str> = parsed.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert!(codes.contains(&code), "{what}: {codes:?}");
        assert!(parsed.documents.iter().all(|document| document.broken), "{what} is refused");
    }
}

#[test]
fn a_mistake_that_is_everywhere_is_not_told_without_end() {
    assert_eq!(parse(&"a: 1\n".repeat(5_000)).diagnostics.len(), MAX_DIAGNOSTICS);
}

#[test]
fn utf_16_is_noticed() {
    let text: String = "\u{FFFD}\u{FFFD}kind: Pod\n".chars().flat_map(|letter| [letter, '\0']).collect();
    let parsed = parse(&text);
    assert_eq!(parsed.diagnostics.iter().map(|one| one.code).collect::<Vec<_>>(), ["utf-16"]);
    assert_eq!(mended(&text), "kind: Pod\n");
}

#[test]
fn every_place_is_that_of_what_is_written() {
    let text = "a: &x\n  - \"q\" # c\n  -\nb: |\n  block\n  more\n\nc: {d: [1, 2]}\ne:\nf: *x\n가: plain\n  goes on\n";
    let parsed = parse(text);
    let root = &parsed.documents.first().expect("a document").root;
    let mut out = String::new();
    for entry in root.entries() {
        let _ = writeln!(out, "{:?} {:?}", entry.key_span.slice(text), entry.value.span.slice(text));
        for item in entry.value.items() {
            let _ = writeln!(out, "  {:?}", item.span.slice(text));
        }
    }
    let empty = root.get("e").map(|node| node.span);
    assert_eq!(
        empty,
        Some(Span::at(text.find("e:").expect("it is there") + 2)),
        "an empty value follows its colon"
    );
    expect![[r#"
        "a" "- \"q\" # c\n  -"
          "\"q\""
          ""
        "b" "|\n  block\n  more"
        "c" "{d: [1, 2]}"
        "e" ""
        "f" "- \"q\" # c\n  -"
          "\"q\""
          ""
        "가" "plain\n  goes on"
    "#]]
    .assert_eq(&out);
}
