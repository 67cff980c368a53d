//! Fields and who owns them.

use super::*;

fn value(text: &str) -> Value {
    json::parse(text).expect("JSON")
}

fn text(paths: &Paths) -> Vec<String> {
    paths.iter().map(|path| written(path)).collect()
}

const LIVE: &str = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{"a":"1"},"finalizers":["x/y"]},
    "spec":{"replicas":3,"template":{"spec":{"containers":[
    {"name":"web","image":"nginx:1","ports":[{"containerPort":80}],"args":["a"]},{"name":"side","image":"x"}]}}}}"#;

#[test]
fn an_object_has_fields() {
    let paths = paths("apps/v1", "Deployment", &value(LIVE));
    assert_eq!(
        text(&paths),
        [
            r#".metadata.finalizers[="x/y"]"#,
            ".metadata.labels.a",
            ".spec.replicas",
            r#".spec.template.spec.containers[name="side"]"#,
            r#".spec.template.spec.containers[name="side"].image"#,
            r#".spec.template.spec.containers[name="side"].name"#,
            r#".spec.template.spec.containers[name="web"]"#,
            r#".spec.template.spec.containers[name="web"].args"#,
            r#".spec.template.spec.containers[name="web"].image"#,
            r#".spec.template.spec.containers[name="web"].name"#,
            r#".spec.template.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"]"#,
            r#".spec.template.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"].containerPort"#,
        ]
    );
    assert_eq!(decode(&encode(&paths)), paths);
    let image = &encode(&paths);
    let image = image.at(&["f:spec", "f:template", "f:spec", "f:containers", r#"k:{"name":"side"}"#]);
    assert_eq!(image.map(json::compact).as_deref(), Some(r#"{".":{},"f:image":{},"f:name":{}}"#));
}

#[test]
fn what_is_applied_is_merged_and_what_is_not_wanted_any_more_goes() {
    let live = value(LIVE);
    let config = value(
        r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"labels":{"b":"2"}},"spec":{"replicas":5,"template":{"spec":
        {"containers":[{"name":"web","image":"nginx:2"},{"name":"new","image":"y"}]}}}}"#,
    );
    let new = merged("apps/v1", "Deployment", &live, &config);
    let (changed, removed) = changed("apps/v1", "Deployment", &live, &new);
    assert_eq!(
        text(&changed),
        [
            ".metadata.labels.b",
            ".spec.replicas",
            r#".spec.template.spec.containers[name="new"]"#,
            r#".spec.template.spec.containers[name="new"].image"#,
            r#".spec.template.spec.containers[name="new"].name"#,
            r#".spec.template.spec.containers[name="web"].image"#,
        ]
    );
    assert!(removed.is_empty());
    let gone: Paths = paths("apps/v1", "Deployment", &live)
        .into_iter()
        .filter(|path| written(path).contains("side") || written(path).contains("labels"))
        .collect();
    let kept = paths("apps/v1", "Deployment", &config);
    let left = without("apps/v1", "Deployment", &live, &gone, &kept);
    let names = left.at(&["spec", "template", "spec", "containers"]).map(json::compact);
    assert_eq!(
        names.as_deref(),
        Some(r#"[{"args":["a"],"image":"nginx:1","name":"web","ports":[{"containerPort":80}]}]"#)
    );
    assert_eq!(
        left.at(&["metadata"]).map(json::compact).as_deref(),
        Some(r#"{"finalizers":["x/y"],"labels":{},"name":"web"}"#)
    );
}
