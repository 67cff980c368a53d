//! What is offered at places of texts, and what a text is once an offer is taken.

use super::*;
use crate::api::read::read;

fn offered(text: &str) -> Option<(String, Completion)> {
    let at = text.find('|').expect("a cursor");
    let text = text.replacen('|', "", 1);
    let index = Index::new([&read(&text)], &[]);
    complete(&text, at, &index).map(|found| (text, found))
}

/// The first offers, and the word that they replace.
#[track_caller]
fn check(text: &str, expected: &str) {
    let told = offered(text).map_or_else(String::new, |(text, found)| {
        let labels: Vec<&str> = found.items.iter().take(6).map(|item| item.label.as_str()).collect();
        format!("`{}` {}", found.span.slice(&text), labels.join(" "))
    });
    assert_eq!(told, expected, "{text}");
}

/// The text after the offer of this label is taken.
#[track_caller]
fn takes(text: &str, label: &str, expected: &str) {
    let (text, found) = offered(text).expect("offers");
    let item = found.items.iter().find(|item| item.label == label).expect("the offer");
    let mut taken = text.clone();
    taken.replace_range(found.span.range(), &item.insert);
    assert_eq!(taken, expected, "{text}");
}

const POD: &str = "apiVersion: v1\nkind: Pod\n";

#[test]
fn an_object_begins_with_its_heads() {
    check("|", "`` apiVersion kind metadata");
    check("apiVersion: v1\nki|", "`ki` kind metadata");
    check("apiVersion: |\nkind: Deployment\n", "`` apps/v1");
    check(
        "apiVersion: apps/v1\nkind: |",
        "`` ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    );
    check(&format!("{POD}|\n"), "`` metadata spec");
    check(&format!("{POD}---\n|\n"), "`` apiVersion kind metadata");
}

#[test]
fn fields_are_those_that_are_not_there_the_required_first() {
    let pod = format!("{POD}spec:\n  containers:\n  - name: a\n    im|\n    ports: []\n");
    check(&pod, "`im` args command env envFrom image imagePullPolicy");
    check(
        &format!("{POD}spec:\n  |\n"),
        "`` containers activeDeadlineSeconds affinity automountServiceAccountToken dnsConfig dnsPolicy",
    );
    check(&format!("{POD}spec:\n  containers:\n  - |\n"), "`` name args command env envFrom image");
    check(&format!("{POD}spec:\n  containers:\n    |\n"), "`` name args command env envFrom image");
    check(
        &format!("{POD}spec:\n  containers:\n  - name: a\n    securityContext: {{pr|}}\n"),
        "`pr` allowPrivilegeEscalation appArmorProfile capabilities privileged procMount readOnlyRootFilesystem",
    );
    check(&format!("{POD}metadata:\n  |\n"), "`` name annotations finalizers generateName labels namespace");
    check(&format!("{POD}spec:\n  containers:\n  - name: a # im|\n"), "");
    check(&format!("{POD}spec:\n  containers:\n  - command:\n    - |\n"), "");
    check("apiVersion: v1\nkind: Pdo\nspec:\n  |\n", "");
}

#[test]
fn values_are_those_that_the_field_may_have() {
    let container = |rest: &str| format!("{POD}spec:\n  containers:\n  - name: a\n    {rest}\n");
    check(&container("imagePullPolicy: |"), "`` Always IfNotPresent Never");
    check(&container("tty: t|"), "`t` true false");
    check(&format!("{POD}spec:\n  restartPolicy: On|\n"), "`On` Always OnFailure Never");
    check(&format!("{POD}spec:\n  terminationGracePeriodSeconds: |\n"), "`` 30");
    check(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nspec:\n  accessModes:\n  - |\n",
        "`` ReadOnlyMany ReadWriteMany ReadWriteOnce ReadWriteOncePod",
    );
    check(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nspec:\n  accessModes: [|]\n",
        "`` ReadOnlyMany ReadWriteMany ReadWriteOnce ReadWriteOncePod",
    );
    check(&container("image: |"), "");
}

#[test]
fn names_are_those_that_are_in_the_text() {
    let others = "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  mode: fast\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    metadata:\n      labels:\n        app: web\n    spec:\n      containers:\n      - name: a\n        ports:\n        - name: http\n          containerPort: 80\n";
    let reference = |rest: &str| {
        format!(
            "{POD}spec:\n  containers:\n  - name: a\n    env:\n    - name: A\n      valueFrom:\n        configMapKeyRef:\n          {rest}\n{others}"
        )
    };
    check(&reference("name: |"), "`` settings");
    check(&reference("name: settings\n          key: |"), "`` mode");
    let service = |rest: &str| format!("apiVersion: v1\nkind: Service\nspec:\n  {rest}\n{others}");
    check(&service("selector:\n    |"), "`` app");
    check(&service("selector:\n    app: |"), "`` web");
    check(&service("selector:\n    app: web\n  ports:\n  - port: 80\n    targetPort: |"), "`` http");
    check(
        &format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nspec:\n  scaleTargetRef:\n    kind: Deployment\n    name: |\n{others}"
        ),
        "`` web",
    );
    check(
        &format!(
            "{POD}spec:\n  containers:\n  - name: a\n    volumeMounts:\n    - name: |\n  volumes:\n  - name: data\n"
        ),
        "`` data",
    );
    check(
        &format!(
            "{POD}spec:\n  containers:\n  - name: a\n    ports:\n    - name: http\n    livenessProbe:\n      httpGet:\n        port: |\n"
        ),
        "`` http",
    );
}

#[test]
fn what_is_put_in_is_as_far_in_as_it_must_be() {
    takes(&format!("{POD}spec:\n  con|\n"), "containers", &format!("{POD}spec:\n  containers:\n  - \n"));
    takes(
        &format!("{POD}spec:\n  volumes:\n    - name: a\n  con|\n"),
        "containers",
        &format!("{POD}spec:\n  volumes:\n    - name: a\n  containers:\n    - \n"),
    );
    takes(
        &format!("{POD}spec:\n  containers:\n  - res|\n"),
        "resources",
        &format!("{POD}spec:\n  containers:\n  - resources:\n      \n"),
    );
    takes(
        &format!("{POD}spec:\n  containers:\n    |\n"),
        "name",
        &format!("{POD}spec:\n  containers:\n    - name: \n"),
    );
    takes(
        &format!("{POD}spec:\n  host|: true\n"),
        "hostNetwork",
        &format!("{POD}spec:\n  hostNetwork: true\n"),
    );
    takes(
        &format!("{POD}spec:\n  nodeName: n\n  restart|\n"),
        "restartPolicy",
        &format!("{POD}spec:\n  nodeName: n\n  restartPolicy: \n"),
    );
}
