//! Hand-made files, and what kubectl and the server say of them.

use super::Judge;
use podium::value::{Value, json};

/// The cases of `cases.txt`, between lines of `====`: a file, `>>>` and the exit code, then what is printed, errors
/// with a `!` before them. `[doc verdict]` stands at the end for each document.
#[test]
fn files_are_answered_as_the_real_ones_answer_them() {
    let judge = Judge::new();
    let mut wrong = Vec::new();
    for case in include_str!("cases.txt").split("====\n").filter(|case| !case.trim().is_empty()) {
        let (text, expected) = case.split_once(">>>").expect("each case has an answer");
        let text = text.replace('␉', "\t").replace('␍', "\r").replace('⍽', "\u{a0}");
        let told = told(&judge, &text);
        if told.trim() != expected.trim() {
            wrong.push(format!("{text}expected:\n{}\ntold:\n{}", expected.trim(), told.trim()));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n\n"));
}

fn told(judge: &Judge, text: &str) -> String {
    let lines = judge.lines("f.yaml", "f.yaml", &[("f.yaml".into(), text.into())]);
    let lines: Vec<Value> = lines.iter().map(|line| json::parse(line).expect("JSON")).collect();
    let get = |line: &Value, key: &str| line.get(key).and_then(Value::as_str).unwrap_or("null").to_owned();
    let mut out = format!("{}\n", lines[0].get("exit").and_then(Value::as_int).expect("a number"));
    out.push_str(&get(&lines[0], "stdout"));
    for line in get(&lines[0], "stderr").lines() {
        out.push_str(&format!("!{line}\n"));
    }
    for line in &lines {
        out.push_str(&format!("[{} {}]\n", get(line, "doc"), get(line, "verdict")));
    }
    out
}

/// Texts that a person hardly writes: each is answered, and soon.
#[test]
fn whatever_the_file_is_there_is_an_answer() {
    let judge = Judge::new();
    let laughs = format!(
        "a0: &a0 [x,x,x,x,x,x,x,x,x]\n{}",
        (1..12)
            .map(|i| format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 9].join(",")))
            .collect::<String>()
    );
    let files = [
        String::new(),
        "\u{feff}".to_owned(),
        "---\n---\n".to_owned(),
        "\0\0\0".to_owned(),
        "[".repeat(100_000),
        "a: ".repeat(100_000),
        "- ".repeat(100_000),
        format!("{{\"a\":{}", "[".repeat(100_000)),
        laughs,
        "kind: List\napiVersion: v1\nitems: []\n".to_owned(),
        "kind: List\napiVersion: v1\nitems: {}\n".to_owned(),
        "&a [*a]".to_owned(),
        "metadata: 1\nkind: Pod\napiVersion: v1\n".to_owned(),
        "x".repeat(6 << 20),
    ];
    for text in files {
        let lines = judge.lines("f", "f", &[("f".into(), text.as_str().into())]);
        assert!(!lines.is_empty());
        assert!(lines.iter().all(|line| line.is_ascii() && json::parse(line).is_ok()));
    }
    assert_eq!(judge.lines("gone", "gone", &[]).len(), 1, "also of a file that is not there");
}

#[test]
fn the_line_of_a_nesting_that_is_too_deep_is_told() {
    let text = format!("kind: A\nmetadata:\n  name: a\nspec:\n  b: {}\n", "[".repeat(10_001));
    let lines = Judge::new().lines("f", "f", &[("f".into(), text.into())]);
    assert!(lines[0].contains("yaml: line 5: exceeded max depth of 10000"), "{}", lines[0]);
}

#[test]
fn what_is_said_of_a_long_file_is_not_repeated_on_each_of_its_lines() {
    let text: String = (0..700)
        .map(|i| format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{i}}}\n"))
        .collect();
    let lines = Judge::new().lines("f", "f", &[("f".into(), text.into())]);
    assert_eq!(lines.len(), 700);
    assert!(lines[0].contains("configmap/c699 created"), "the first has all of it");
    assert!(lines[1..].iter().all(|line| line.len() < 200 && line.contains("\"exit\":0")), "{}", lines[1]);
}
