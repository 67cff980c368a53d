//! Changes and what is said of them.

use super::update_errors;
use crate::api::Kind;
use crate::value::json;

#[test]
fn what_may_not_change_is_told_in_upstreams_words() {
    for (kind, old, new, expected) in [
        (
            Kind::Deployment,
            r#"{"spec":{"selector":{"matchLabels":{"app":"web"}}}}"#,
            r#"{"spec":{"selector":{"matchLabels":{"app":"other"},"matchExpressions":[{"key":"a","operator":"Exists"}]}}}"#,
            r#"spec.selector: Invalid value: {"matchLabels":{"app":"other"},"matchExpressions":[{"key":"a","operator":"Exists"}]}: field is immutable"#,
        ),
        (
            Kind::StatefulSet,
            r#"{"spec":{"serviceName":"s","replicas":1}}"#,
            r#"{"spec":{"serviceName":"other","replicas":2}}"#,
            r#"spec.serviceName: Invalid value: "other": field is immutable"#,
        ),
        (
            Kind::Job,
            r#"{"spec":{"completions":1}}"#,
            r#"{"spec":{"completions":3}}"#,
            "spec.completions: Invalid value: 3: field is immutable",
        ),
        (
            Kind::Job,
            r#"{"spec":{"completionMode":"Indexed","completions":1,"parallelism":1}}"#,
            r#"{"spec":{"completionMode":"Indexed","completions":3,"parallelism":2}}"#,
            "spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism",
        ),
        (
            Kind::Job,
            r#"{"spec":{"suspend":true,"template":{"spec":{}}}}"#,
            r#"{"spec":{"suspend":false,"template":{"spec":{"nodeSelector":{"a":"b"}}}}}"#,
            "",
        ),
        (
            Kind::Secret,
            r#"{"type":"a"}"#,
            r#"{"type":"b"}"#,
            r#"type: Invalid value: "b": field is immutable"#,
        ),
        (
            Kind::ConfigMap,
            r#"{"immutable":true,"data":{"a":"1"}}"#,
            r#"{"data":{"a":"2"}}"#,
            "immutable: Forbidden: field is immutable when `immutable` is set\n\
             data: Forbidden: field is immutable when `immutable` is set",
        ),
        (
            Kind::Service,
            r#"{"spec":{"type":"ClusterIP","clusterIPs":["10.96.0.9"]}}"#,
            r#"{"spec":{"type":"ClusterIP","clusterIPs":["10.96.1.1"]}}"#,
            r#"spec.clusterIPs[0]: Invalid value: ["10.96.1.1"]: may not change once set"#,
        ),
        (
            Kind::CustomResourceDefinition,
            r#"{"spec":{"group":"a.b","scope":"Cluster","names":{"plural":"boxes","kind":"Box"}},"status":{"conditions":[{"type":"Established","status":"True"}]}}"#,
            r#"{"spec":{"group":"c.d","scope":"Namespaced","names":{"plural":"cups","kind":"Cup"}}}"#,
            "spec.scope: Invalid value: \"Namespaced\": field is immutable\n\
             spec.names.kind: Invalid value: \"Cup\": field is immutable\n\
             spec.group: Invalid value: \"c.d\": field is immutable\n\
             spec.names.plural: Invalid value: \"cups\": field is immutable",
        ),
        (
            Kind::CustomResourceDefinition,
            r#"{"spec":{"scope":"Cluster","names":{"plural":"boxes","kind":"Box"}}}"#,
            r#"{"spec":{"scope":"Namespaced","names":{"plural":"boxes","kind":"Cup"}}}"#,
            "",
        ),
        (
            Kind::RoleBinding,
            r#"{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"a"}}"#,
            r#"{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"b"}}"#,
            r#"roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"b"}: field is immutable"#,
        ),
        (
            Kind::PriorityClass,
            r#"{"value":1}"#,
            r#"{"value":2}"#,
            "value: Forbidden: may not be changed in an update.",
        ),
        (
            Kind::Pod,
            r#"{"metadata":{"deletionTimestamp":"x","finalizers":["a/b"]},"spec":{}}"#,
            r#"{"metadata":{"deletionTimestamp":"x","finalizers":["a/b","c/d"]},"spec":{}}"#,
            r#"metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}"#,
        ),
        (
            Kind::Pod,
            r#"{"spec":{"containers":[{"name":"a","image":"x"}],"activeDeadlineSeconds":5}}"#,
            r#"{"spec":{"containers":[{"name":"a","image":"y"}],"activeDeadlineSeconds":6}}"#,
            "spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value",
        ),
        (
            Kind::Pod,
            r#"{"spec":{"containers":[{"name":"a","image":"x"}]}}"#,
            r#"{"spec":{"containers":[{"name":"a","image":"y"}],"activeDeadlineSeconds":6,"tolerations":[{"key":"k"}]}}"#,
            "",
        ),
        (
            Kind::Pod,
            r#"{"spec":{"containers":[{"name":"a"}]}}"#,
            r#"{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}"#,
            "spec.containers: Forbidden: pod updates may not add or remove containers",
        ),
        (
            Kind::PersistentVolumeClaim,
            r#"{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}"#,
            r#"{"spec":{"accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"1Gi"}}}}"#,
            "spec: Forbidden: spec is immutable after creation except resources.requests and \
             volumeAttributesClassName for bound claims\n@@ -1,6 +1,6 @@\n {\n  \"AccessModes\": [\n-  \
             \"ReadWriteOnce\"\n+  \"ReadWriteMany\"\n  ],\n  \"Selector\": null,\n  \"Resources\": {\n",
        ),
        (
            Kind::PersistentVolumeClaim,
            r#"{"spec":{"volumeName":"disk","resources":{"requests":{"storage":"2Gi"}}},"status":{"phase":"Bound","capacity":{"storage":"2Gi"}}}"#,
            r#"{"spec":{"volumeName":"disk","resources":{"requests":{"storage":"3Gi"}}},"status":{"phase":"Bound","capacity":{"storage":"2Gi"}}}"#,
            "",
        ),
        (
            Kind::PersistentVolumeClaim,
            r#"{"spec":{"volumeName":"disk","resources":{"requests":{"storage":"2Gi"}}},"status":{"phase":"Bound","capacity":{"storage":"2Gi"}}}"#,
            r#"{"spec":{"volumeName":"disk","resources":{"requests":{"storage":"1Gi"}}},"status":{"phase":"Bound","capacity":{"storage":"2Gi"}}}"#,
            "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity",
        ),
    ] {
        let (old, new) = (json::parse(old).expect("JSON"), json::parse(new).expect("JSON"));
        let errors: Vec<String> = update_errors(kind, &old, &new).iter().map(ToString::to_string).collect();
        assert_eq!(errors.join("\n"), expected, "{kind}");
    }
}

#[test]
fn a_pod_that_changes_elsewhere_is_told_where() {
    let pod = |ports: &str| {
        json::parse(&format!(
            r#"{{"spec":{{"containers":[{{"name":"p","image":"nginx"{ports}}}],"restartPolicy":"Always"}}}}"#
        ))
        .expect("JSON")
    };
    let errors =
        update_errors(Kind::Pod, &pod(""), &pod(r#","ports":[{"containerPort":80,"protocol":"TCP"}]"#));
    let text = errors[0].to_string();
    assert!(
        text.ends_with(
            "(allow it to be set to 1 if it was previously negative)\n@@ -8,7 +8,15 @@\n    \"Command\": null,\n    \
             \"Args\": null,\n    \"WorkingDir\": \"\",\n-   \"Ports\": null,\n+   \"Ports\": [\n+    {\n+     \
             \"Name\": \"\",\n+     \"HostPort\": 0,\n+     \"ContainerPort\": 80,\n+     \"Protocol\": \"TCP\",\n+     \
             \"HostIP\": \"\"\n+    }\n+   ],\n    \"EnvFrom\": null,\n    \"Env\": null,\n    \"Resources\": {\n"
        ),
        "{text}"
    );
}

#[test]
fn mirror_pods_and_those_of_windows_are_not_resized() {
    for (old, expected) in [
        (
            r#"{"metadata":{"annotations":{"kubernetes.io/config.mirror":"x"}},"spec":{}}"#,
            ": Forbidden: static pods cannot be resized",
        ),
        (r#"{"spec":{"os":{"name":"windows"}}}"#, ": Forbidden: windows pods cannot be resized"),
        (r#"{"spec":{"os":{"name":"linux"}}}"#, ""),
    ] {
        let old = json::parse(old).expect("JSON");
        let errors = super::resize_errors(&old, &old, Vec::new());
        let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(said.join("\n"), expected);
    }
}
