//! Templates and what they give.

use super::{Template, relaxed};
use crate::value::json;

const LIST: &str = r#"{"kind":"List","items":[
    {"metadata":{"name":"web","labels":{"app":"web","example.com/tier":"front"}},"status":{"phase":"Running","n":2,"probe":null,
     "conditions":[{"type":"Ready","status":"True"},{"type":"Initialized","status":"False"}]}},
    {"metadata":{"name":"db"},"status":{"phase":"Pending","n":0,"conditions":[]}}]}"#;

fn filled(template: &str) -> String {
    let value = json::parse(LIST).expect("JSON");
    Template::parse(template).and_then(|template| template.print(&value)).unwrap_or_else(|why| why)
}

#[test]
fn templates_are_filled_in_as_kubectl_fills_them_in() {
    for (template, expected) in [
        ("{.kind}", "List"),
        ("{$.kind} {@.kind}", "List List"),
        ("{.items[*].metadata.name}", "web db"),
        ("{.items[0].metadata.name}-{.items[-1].metadata.name}", "web-db"),
        ("{.items[0:1].metadata.name}|{.items[1:].metadata.name}", "web|db"),
        ("{.items[0].metadata.labels}", r#"{"app":"web","example.com/tier":"front"}"#),
        (r"{.items[0].metadata.labels.example\.com/tier}", "front"),
        (r"{.items[0].metadata.labels['app']}", "web"),
        (r#"{range .items[*]}{.metadata.name}{"\t"}{.status.n}{"\n"}{end}"#, "web\t2\ndb\t0\n"),
        ("{range .items[*]}{.metadata.name}={.nosuch} {end}", "web= db= "),
        (r#"{.items[?(@.status.phase=="Running")].metadata.name}"#, "web"),
        ("{.items[?(@.status.n>1)].metadata.name}", "web"),
        ("{.items[?(@.metadata.labels)].metadata.name}", "web"),
        (r#"{.items[0].status.conditions[?(@.type=="Ready")].status}"#, "True"),
        ("{.items[*]['metadata.name','status.phase']}", "web db Running Pending"),
        ("{..phase}", "Running Pending"),
        ("{.items[0].status.probe}", "null"),
        ("{.nosuch.deep}", ""),
        ("no braces", "no braces"),
        ("{range .items[*]}{range .status.conditions[*]}{.type} {end}{end}", "Ready Initialized "),
        ("{.items[5].metadata}", "array index out of bounds: index 5, length 2"),
        ("{.kind[0]}", "string is not array or slice"),
        ("{.kind", "unclosed action"),
        ("{.items[x]}", "invalid array index x"),
        ("{.items[0}", "unterminated array"),
        ("{end}", "not in range, nothing to end"),
        ("{nosuch}", "unrecognized identifier nosuch"),
    ] {
        assert_eq!(filled(template), expected, "{template}");
    }
}

#[test]
fn paths_may_lack_their_braces() {
    for (path, expected) in [
        ("{.status.phase}", "{.status.phase}"),
        ("{status.phase}", "{.status.phase}"),
        (".status.phase", "{.status.phase}"),
        ("status.phase", "{.status.phase}"),
        ("", ""),
    ] {
        assert_eq!(relaxed(path), Ok(expected.to_owned()), "{path}");
    }
    assert!(relaxed("{.a").is_err_and(|why| why.starts_with("unexpected path string")));
}
