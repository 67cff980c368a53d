//! Hand-made cases: a manifest and what the server says of it.

use super::errors;
use crate::api::kinds::Kind;
use crate::api::node_to_value;
use crate::manifest::parse;
use crate::schema::Schema;

/// What a manifest without mistakes of spelling is told, a line for each error.
fn told(text: &str) -> String {
    let parsed = parse(text);
    let value = node_to_value(&parsed.documents[0].root);
    let field = |key| value.get(key).and_then(|value| value.as_str()).unwrap_or("");
    let (api_version, kind) = (field("apiVersion"), field("kind"));
    let definition = Schema::lookup(api_version, kind).expect("a built-in kind");
    let found = errors(Kind::of(api_version, kind), kind, definition, &value);
    found.iter().map(|error| format!("{error}\n")).collect()
}

/// The cases of `cases.txt`: a manifest, `>>>`, what is told of it, and a line of `---` between two.
#[test]
fn the_server_says_what_it_says() {
    let mut wrong = Vec::new();
    for case in include_str!("cases.txt").split("\n---\n") {
        let (text, expected) = case.split_once(">>>").expect("each case has an answer");
        let told = told(text);
        if told.trim() != expected.trim() {
            wrong.push(format!("{text}expected:\n{}\ntold:\n{told}", expected.trim()));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n\n"));
}
