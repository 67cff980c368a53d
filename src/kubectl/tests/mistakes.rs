//! What is given wrong: the answers stand as a kubectl and a server of 1.37.2 gave them.

use super::Terminal;
use expect_test::expect;

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n  selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      containers:\n      - name: web\n        image: nginx:1.25\n";

#[test]
fn what_is_given_wrong_is_answered_as_the_real_one_answers_it() {
    let mut terminal = Terminal::new(&[("web.yaml", DEPLOYMENT)]);
    terminal.check(
        &[
            "kubectl create -f web.yaml",
            "kubectl get",
            "kubectl get deploy --sort-by=.foo",
            "kubectl create clusterrole r --verb=get --non-resource-url=healthz",
            "kubectl create service clusterip s --tcp=80:80:80 --dry-run=client -o jsonpath='{.spec.ports[0].targetPort}'",
            "kubectl label pods --all q=1 -l app=web",
            "kubectl set env deploy/web 1A=2",
            "kubectl delete pod nope --ignore-not-found",
            "kubectl delete pods -l app=none",
            "kubectl auth can-i fly pods",
            "kubectl auth can-i list secrets --as=jane",
            "kubectl diff -f web.yaml",
        ],
        expect![[r#"
            $ kubectl create -f web.yaml
            deployment.apps/web created
            $ kubectl get
            ! You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.
            ! 
            ! error: Required resource not specified.
            ! Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).
            ! See 'kubectl get -h' for help and examples
            = 1
            $ kubectl get deploy --sort-by=.foo
            ! No resources found in shop namespace.
            $ kubectl create clusterrole r --verb=get --non-resource-url=healthz
            ! error: nonResourceURL should start with /
            = 1
            $ kubectl create service clusterip s --tcp=80:80:80 --dry-run=client -o jsonpath='{.spec.ports[0].targetPort}'
            80
            $ kubectl label pods --all q=1 -l app=web
            ! error: cannot set --all and --selector at the same time
            = 1
            $ kubectl set env deploy/web 1A=2
            ! error: "1A" is not a valid key name: a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')
            = 1
            $ kubectl delete pod nope --ignore-not-found
            $ kubectl delete pods -l app=none
            No resources found
            $ kubectl auth can-i fly pods
            ! Warning: verb 'fly' is not a known verb
            ! 
            yes
            $ kubectl auth can-i list secrets --as=jane
            ! podium: --as is not simulated
            = 1
            $ kubectl diff -f web.yaml
        "#]],
    );
}
