//! What is patched, made and applied, in JSON without quotes around plain words: `{a: 1}`.

use super::*;
use crate::value::json;

/// Reads JSON whose keys and plain words need no quotes.
fn v(text: &str) -> Value {
    let mut out = String::new();
    let mut word = String::new();
    let flush = |out: &mut String, word: &mut String| {
        let is_bare = word.parse::<f64>().is_ok() || matches!(&**word, "" | "null" | "true" | "false");
        out.push_str(&if is_bare { word.clone() } else { format!("\"{word}\"") });
        word.clear();
    };
    for c in text.chars() {
        match c {
            '{' | '}' | '[' | ']' | ',' | ' ' => {
                flush(&mut out, &mut word);
                out.push(c);
            }
            ':' => {
                flush(&mut out, &mut word);
                out.push(':');
            }
            c => word.push(c),
        }
    }
    flush(&mut out, &mut word);
    json::parse(&out).unwrap_or_else(|why| panic!("{out}: {why}"))
}

const POD: (&str, &str) = ("v1", "Pod");
const DEPLOYMENT: (&str, &str) = ("apps/v1", "Deployment");

#[test]
fn of_several_with_one_key_each_is_held_against_its_own() {
    let ports = |second: &str| {
        v(&format!(
            "{{spec: {{ports: [{{port: 53, protocol: TCP}}, {{port: 53, protocol: UDP, name: {second}}}]}}}}"
        ))
    };
    assert_eq!(two_way("v1", "Service", &ports("a"), &ports("a")), v("{}"));
    let patch = v("{spec: {ports: [{name: b, port: 53}], $setElementOrder/ports: [{port: 53}, {port: 53}]}}");
    assert_eq!(two_way("v1", "Service", &ports("a"), &ports("b")), patch);
}

#[test]
fn merge_patches_replace_lists_and_remove_nulls() {
    for (object, patch, expected) in [
        ("{a: 1, b: {c: 2, d: 3}}", "{a: null, b: {c: 4}}", "{b: {c: 4, d: 3}}"),
        ("{l: [1, 2]}", "{l: [3]}", "{l: [3]}"),
        ("{a: 1}", "{b: {c: null, d: 1}}", "{a: 1, b: {d: 1}}"),
        ("{a: 1}", "7", "7"),
    ] {
        assert_eq!(json_merge(&v(object), &v(patch)), v(expected), "{object} with {patch}");
    }
}

#[test]
fn operations_change_what_their_path_names() {
    let operation = |op: &str, rest: &str| v(&format!("[{{op: {op}, {rest}}}]"));
    for (object, patch, expected) in [
        ("{a: 1}", operation("add", "path: /b, value: 2"), Ok("{a: 1, b: 2}")),
        ("{l: [1, 3]}", operation("add", "path: /l/1, value: 2"), Ok("{l: [1, 2, 3]}")),
        ("{l: [1]}", operation("add", "path: /l/-, value: 2"), Ok("{l: [1, 2]}")),
        ("{a: {b: 1}}", operation("remove", "path: /a/b"), Ok("{a: {}}")),
        ("{a: {x/y: 1}}", operation("replace", "path: /a/x~1y, value: 2"), Ok("{a: {x/y: 2}}")),
        ("{a: 1}", operation("move", "from: /a, path: /b"), Ok("{b: 1}")),
        ("{a: 1}", operation("copy", "from: /a, path: /b"), Ok("{a: 1, b: 1}")),
        ("{a: 1}", operation("test", "path: /a, value: 1"), Ok("{a: 1}")),
        ("{a: 1}", operation("test", "path: /a, value: 2"), Err("testing value /a failed: test failed")),
        (
            "{a: 1}",
            operation("replace", "path: /b, value: 2"),
            Err("replace operation does not apply: doc is missing key: /b: missing value"),
        ),
        (
            "{a: 1}",
            operation("remove", "path: /b"),
            Err("remove operation does not apply: Unable to remove nonexistent key: b: missing value"),
        ),
    ] {
        let found = json_patch(&v(object), &patch);
        assert_eq!(found, expected.map(v).map_err(str::to_owned), "{object}");
    }
}

#[test]
fn strategic_patches_merge_lists_by_their_keys() {
    let containers = |list: &str| format!("{{spec: {{containers: [{list}]}}}}");
    for (object, patch, expected) in [
        (
            containers("{name: a, image: x}, {name: b, image: y}"),
            containers("{name: b, image: z}"),
            containers("{name: a, image: x}, {name: b, image: z}"),
        ),
        (
            containers("{name: a, image: x}"),
            containers("{name: b, image: y}"),
            containers("{name: b, image: y}, {name: a, image: x}"),
        ),
        (
            containers("{name: a}, {name: b}"),
            containers("{name: a, $patch: delete}"),
            containers("{name: b}"),
        ),
        (containers("{name: a}, {name: b}"), containers("{name: c}, {$patch: replace}"), containers("{name: c}")),
        (
            containers("{name: a, command: [x, y]}"),
            containers("{name: a, command: [z]}"),
            containers("{name: a, command: [z]}"),
        ),
        (
            containers("{name: a}, {name: b}, {name: c}"),
            "{spec: {$setElementOrder/containers: [{name: c}, {name: a}]}}".to_owned(),
            containers("{name: b}, {name: c}, {name: a}"),
        ),
        (
            "{metadata: {finalizers: [a, b], labels: {x: 1}}}".to_owned(),
            "{metadata: {$deleteFromPrimitiveList/finalizers: [a], finalizers: [c], labels: {x: null, y: 2}}}".to_owned(),
            "{metadata: {finalizers: [c, b], labels: {y: 2}}}".to_owned(),
        ),
        ("{metadata: {finalizers: [a]}}".to_owned(), "{metadata: {finalizers: null}}".to_owned(), "{metadata: {}}".to_owned()),
        ("{spec: {nodeSelector: {a: 1}}}".to_owned(), "{spec: {nodeSelector: {$patch: replace, b: 2}}}".to_owned(), "{spec: {nodeSelector: {b: 2}}}".to_owned()),
        ("{}".to_owned(), "{spec: {hostname: x, subdomain: null}}".to_owned(), "{spec: {hostname: x}}".to_owned()),
    ] {
        let found = strategic_merge(POD.0, POD.1, &v(&object), &v(&patch));
        assert_eq!(found, Ok(v(&expected)), "{object} with {patch}");
    }
    let why = strategic_merge(POD.0, POD.1, &v(&containers("{name: a}")), &v(&containers("{image: x}")));
    assert_eq!(why, Err("map: {\"image\":\"x\"} does not contain declared merge key: name".to_owned()));
}

#[test]
fn what_a_strategy_does_not_retain_goes() {
    let strategy = |inner: &str| v(&format!("{{spec: {{strategy: {{{inner}}}}}}}"));
    let current = strategy("type: RollingUpdate, rollingUpdate: {maxSurge: 1}");
    let patch = three_way(DEPLOYMENT.0, DEPLOYMENT.1, &v("{}"), &strategy("type: Recreate"), &current);
    assert_eq!(patch, Ok(strategy("$retainKeys: [type], type: Recreate")));
    let after = strategic_merge(DEPLOYMENT.0, DEPLOYMENT.1, &current, &patch.expect("it is made"));
    assert_eq!(after, Ok(strategy("type: Recreate")));
}

/// A patch of three states, and that it makes of the current one what is expected.
#[track_caller]
fn check_three(original: &str, modified: &str, current: &str, patch: &str, after: &str) {
    let (api_version, kind) = DEPLOYMENT;
    let made =
        three_way(api_version, kind, &v(original), &v(modified), &v(current)).expect("they go together");
    assert_eq!(json::compact(&made), json::compact(&v(patch)));
    let found = strategic_merge(api_version, kind, &v(current), &made).expect("it applies");
    assert_eq!(json::compact(&found), json::compact(&v(after)));
}

#[test]
fn applying_again_keeps_what_others_have_set() {
    check_three(
        "{spec: {replicas: 3}}",
        "{spec: {replicas: 3}}",
        "{spec: {replicas: 3, paused: true}}",
        "{}",
        "{spec: {replicas: 3, paused: true}}",
    );
    check_three(
        "{metadata: {labels: {a: 1, b: 2}}}",
        "{metadata: {labels: {a: 3}}}",
        "{metadata: {labels: {a: 1, b: 2, c: 4}}}",
        "{metadata: {labels: {a: 3, b: null}}}",
        "{metadata: {labels: {a: 3, c: 4}}}",
    );
    // Replicas that the file no longer sets go back to their default.
    check_three(
        "{spec: {replicas: 3}}",
        "{spec: {}}",
        "{spec: {replicas: 5}}",
        "{spec: {replicas: null}}",
        "{spec: {}}",
    );
}

#[test]
fn applying_takes_back_a_container_and_keeps_an_injected_one() {
    let spec = |list: &str| format!("{{spec: {{template: {{spec: {{containers: [{list}]}}}}}}}}");
    check_three(
        &spec("{name: a, image: x}, {name: b, image: y}"),
        &spec("{name: a, image: z}"),
        &spec("{name: a, image: x, tty: false}, {name: b, image: y}, {name: mesh, image: m}"),
        "{spec: {template: {spec: {$setElementOrder/containers: [{name: a}], containers: [{name: a, image: z}, {$patch: delete, name: b}]}}}}",
        &spec("{name: a, image: z, tty: false}, {name: mesh, image: m}"),
    );
}

#[test]
fn two_states_give_a_patch_that_leads_from_one_to_the_other() {
    let (api_version, kind) = POD;
    for (original, modified) in [
        ("{metadata: {labels: {a: 1}}}", "{metadata: {labels: {b: 1}}}"),
        ("{metadata: {finalizers: [a, b]}}", "{metadata: {finalizers: [b, c]}}"),
        (
            "{spec: {containers: [{name: a, env: [{name: x, value: y}]}]}}",
            "{spec: {containers: [{name: b}, {name: a, env: [{name: z}]}]}}",
        ),
        (
            "{spec: {volumes: [{name: a, emptyDir: {}}]}}",
            "{spec: {volumes: [{name: a, hostPath: {path: x}}]}}",
        ),
        ("{spec: {containers: [{name: a}, {name: b}]}}", "{spec: {containers: [{name: b}, {name: a}]}}"),
    ] {
        let patch = two_way(api_version, kind, &v(original), &v(modified));
        let found = strategic_merge(api_version, kind, &v(original), &patch);
        assert_eq!(found, Ok(v(modified)), "{original} by {}", json::compact(&patch));
        assert_eq!(two_way(api_version, kind, &v(original), &v(original)), v("{}"));
    }
}
