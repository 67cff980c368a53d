//! What templates print, and how what is wrong with one is said.

use super::GoTemplate;
use crate::value::json;

/// What a template prints of a Pod, and its error.
fn filled(template: &str) -> String {
    let pod = json::parse(
        r#"{"kind":"Pod","metadata":{"name":"web","labels":{"a":"b","c":"d"}},"spec":{"n":3,"big":1000000,
            "list":["x","y"],"containers":[{"name":"web","ports":[{"containerPort":80}]},{"name":"log"}]}}"#,
    )
    .expect("JSON");
    match GoTemplate::parse(template) {
        Err(why) => why,
        Ok(template) => match template.fill(&pod) {
            (out, Ok(())) => out,
            (out, Err(why)) => format!("{out}! {why}"),
        },
    }
}

#[test]
fn pieces_are_filled_in() {
    for (template, expected) in [
        ("{{.metadata.name}}", "web"),
        ("{{.nope}} {{.nope.x}}", "<no value> <no value>"),
        ("{{range .spec.containers}}{{.name}} {{end}}", "web log "),
        ("{{range $k, $v := .metadata.labels}}{{$k}}={{$v}};{{end}}", "a=b;c=d;"),
        ("{{range $i, $c := .spec.containers}}{{if $i}}, {{end}}{{$c.name}}{{end}}", "web, log"),
        ("{{range .none}}x{{else}}nothing{{end}}", "nothing"),
        ("{{range .spec.containers}}{{if eq .name \"log\"}}{{break}}{{end}}{{.name}}{{end}}", "web"),
        ("{{with .spec}}{{.n}} {{$.kind}}{{end}}", "3 Pod"),
        ("{{if .nope}}a{{else if .kind}}b{{else}}c{{end}}", "b"),
        ("a {{- /* says nothing */ -}} b", "ab"),
        ("{{(index .spec.containers 1).name}}{{index .metadata.labels \"c\"}}", "logd"),
        ("{{len .spec.list}}{{.spec.list}}{{.metadata.labels}}", "2[x y]map[a:b c:d]"),
        ("{{.spec.big}} {{print 1 2 \"x\"}}", "1e+06 1 2x"),
        (
            "{{printf \"%s|%-5s|%5s|%v|%d|%q\" .kind \"a\" \"b\" .spec.n 7 .kind}}",
            "Pod|a    |    b|3|7|\"Pod\"",
        ),
        ("{{printf \"%d\" .spec.n}}", "%!d(float64=3)"),
        ("{{.kind | printf \"%s %s\" \"a\"}}", "a Pod"),
        ("{{$x := 1}}{{range .spec.list}}{{$x = .}}{{end}}{{$x}}", "y"),
        ("{{and .kind .nope}} {{or .nope .kind}} {{not .nope}}", "<no value> Pod true"),
        ("{{if and (gt (len .spec.list) 1) (ne .kind \"x\")}}yes{{end}}", "yes"),
        ("{{base64decode \"aHVudGVyMg==\"}}", "hunter2"),
        ("{{exists .spec.containers 1 \"name\"}}{{exists .spec.containers 5}}", "truefalse"),
    ] {
        assert_eq!(filled(template), expected, "{template}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    for (template, expected) in [
        ("{{.x", "template: output:1: unclosed action"),
        ("{{foo}}", "template: output:1: function \"foo\" not defined"),
        ("{{if .x}}", "template: output:1: unexpected EOF"),
        ("{{end}}", "template: output:1: unexpected {{end}}"),
        ("{{$x}}", "template: output:1: undefined variable \"$x\""),
        ("{{}}", "template: output:1: missing value for command"),
        (
            "a{{index .spec.list 5}}",
            "a! template: output:1:3: executing \"output\" at <index>: error calling index: index out of range: 5",
        ),
        (
            "{{eq .spec.n 3}}",
            "! template: output:1:2: executing \"output\" at <eq>: error calling eq: incompatible types for comparison",
        ),
    ] {
        assert_eq!(filled(template), expected, "{template}");
    }
}
