//! What `-v` tells of requests, and what an administrator may.

use super::Terminal;
use expect_test::expect;

#[test]
fn requests_are_logged() {
    let masked =
        "2>&1 | sed 's/[0-9][0-9]:[0-9][0-9]:[0-9.]* *[0-9]*/T/; s/milliseconds=[0-9]*/milliseconds=N/'";
    let lines = ["get po -v=6", "get po none -v=7", "create ns x -v=8"];
    let lines: Vec<String> = lines.iter().map(|line| format!("kubectl {line} {masked}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    Terminal::new(&[]).check(&lines, expect![[r#"
        $ kubectl get po -v=6 2>&1 | sed 's/[0-9][0-9]:[0-9][0-9]:[0-9.]* *[0-9]*/T/; s/milliseconds=[0-9]*/milliseconds=N/'
        I1124 T loader.go:408] Config loaded from file:  /home/podium/.kube/config
        I1124 T round_trippers.go:632] "Response" verb="GET" url="https://172.30.0.10:6443/api/v1/namespaces/shop/pods?limit=500" status="200 OK" milliseconds=N
        No resources found in shop namespace.
        $ kubectl get po none -v=7 2>&1 | sed 's/[0-9][0-9]:[0-9][0-9]:[0-9.]* *[0-9]*/T/; s/milliseconds=[0-9]*/milliseconds=N/'
        I1124 T loader.go:408] Config loaded from file:  /home/podium/.kube/config
        I1124 T round_trippers.go:527] "Request" verb="GET" url="https://172.30.0.10:6443/api/v1/namespaces/shop/pods/none" headers=<
        	Accept: application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json
        	User-Agent: kubectl/v1.37.2 (linux/amd64)
         >
        I1124 T round_trippers.go:632] "Response" status="404 Not Found" milliseconds=N
        I1124 T round_trippers.go:527] "Request" verb="GET" url="https://172.30.0.10:6443/api/v1/namespaces/shop" headers=<
        	Accept: application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json
        	User-Agent: kubectl/v1.37.2 (linux/amd64)
         >
        I1124 T round_trippers.go:632] "Response" status="200 OK" milliseconds=N
        Error from server (NotFound): pods "none" not found
        $ kubectl create ns x -v=8 2>&1 | sed 's/[0-9][0-9]:[0-9][0-9]:[0-9.]* *[0-9]*/T/; s/milliseconds=[0-9]*/milliseconds=N/'
        I1124 T loader.go:408] Config loaded from file:  /home/podium/.kube/config
        I1124 T request.go:896] "Request Body" body="{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"x\"},\"spec\":{},\"status\":{}}"
        I1124 T round_trippers.go:527] "Request" verb="POST" url="https://172.30.0.10:6443/api/v1/namespaces?fieldManager=kubectl-create&fieldValidation=Strict" headers=<
        	Accept: application/json
        	Content-Type: application/json
        	User-Agent: kubectl/v1.37.2 (linux/amd64)
         >
        I1124 T round_trippers.go:632] "Response" status="201 Created" headers=<
        	Cache-Control: no-cache, private
        	Content-Type: application/json
         > milliseconds=N
        I1124 T request.go:1208] "Response Body" body="{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"creationTimestamp\":\"2026-11-24T12:00:00Z\",\"labels\":{\"kubernetes.io/metadata.name\":\"x\"},\"managedFields\":[{\"apiVersion\":\"v1\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:metadata\":{\"f:labels\":{\"f:kubernetes.io/metadata.name\":{}}},\"f:spec\":{\"f:finalizers\":{}}},\"manager\":\"kubectl-create\",\"operation\":\"Update\",\"time\":\"2026-11-24T12:00:00Z\"}],\"name\":\"x\",\"resourceVersion\":\"25\",\"uid\":\"aed805d0-5524-4f59-9127-fa2faadb30a6\"},\"spec\":{\"finalizers\":[\"kubernetes\"]},\"status\":{\"phase\":\"Active\"}}"
        namespace/x created
    "#]]);
}

#[test]
fn subjects_are_set_and_rules_listed() {
    Terminal::new(&[]).check(
        &[
            "kubectl create rolebinding rb --role=r --user=jane",
            "kubectl set subject rolebinding rb --user=jane,bob --serviceaccount=:bot",
            "kubectl describe rolebinding rb | tail -4",
            "kubectl set subject rolebinding rb",
            "kubectl set subject rolebinding rb --serviceaccount=bot",
            "kubectl auth can-i --list | head -4",
        ],
        expect![[r#"
            $ kubectl create rolebinding rb --role=r --user=jane
            rolebinding.rbac.authorization.k8s.io/rb created
            $ kubectl set subject rolebinding rb --user=jane,bob --serviceaccount=:bot
            rolebinding.rbac.authorization.k8s.io/rb subjects updated
            $ kubectl describe rolebinding rb | tail -4
              ----            ----  ---------
              User            jane  
              User            bob   
              ServiceAccount  bot   shop
            $ kubectl set subject rolebinding rb
            ! error: you must specify at least one value of user, group or serviceaccount
            = 1
            $ kubectl set subject rolebinding rb --serviceaccount=bot
            ! error: serviceaccount must be <namespace>:<name>
            = 1
            $ kubectl auth can-i --list | head -4
            Resources                                       Non-Resource URLs   Resource Names   Verbs
            *.*                                             []                  []               [*]
                                                            [*]                 []               [*]
            selfsubjectreviews.authentication.k8s.io        []                  []               [create]
        "#]],
    );
}
