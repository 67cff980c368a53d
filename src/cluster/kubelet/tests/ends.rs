//! Pods that end before their time, that a node does not take, and what their containers are told.

use super::{check_until, pod};
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::{PatchKind, Request, Verb};
use crate::cluster::testing::Test;
use crate::cluster::time::SimTime;
use crate::value::json;
use expect_test::expect;

#[test]
fn a_pod_past_its_deadline_fails_after_its_grace() {
    check_until(
        &pod(
            "late",
            "  activeDeadlineSeconds: 5\n  terminationGracePeriodSeconds: 3\n  containers: [{name: c, image: 'busybox:1.36', command: [sleep, '60']}]\n",
        ),
        &[],
        20_000,
        expect![[r#"
            0.007 ADDED pod/late Pending 
            0.031 MODIFIED pod/late Pending .I..P c-0[ContainerCreating]
            0.512 node-1 sandbox 1 of late: ready 10.244.1.2
            0.520 MODIFIED pod/late Pending SI..P c-0[ContainerCreating]
            0.933 node-1 container 1 late/c#0: created
            0.940 event late Created: Container created
            1.005 node-1 container 1 late/c#0: running
            1.012 event late Started: Container started
            1.020 MODIFIED pod/late Running SIRCP c+0[running]
            5.732 event late DeadlineExceeded: Pod was active on the node longer than the specified deadline
            5.733 MODIFIED pod/late Running SI..P c+0[running]
            5.769 event late DeadlineExceeded x2: Pod was active on the node longer than the specified deadline
            5.777 event late Killing: Stopping container c
            5.777 node-1 SIGTERM to container 1
            8.777 node-1 SIGKILL to container 1
            8.777 node-1 container 1 late/c#0: exited 137
            8.972 node-1 sandbox 1 of late: down 10.244.1.2
            8.979 event late DeadlineExceeded x3: Pod was active on the node longer than the specified deadline
            8.980 MODIFIED pod/late Failed .I..P c-0[Error 137]
            9.780 event late DeadlineExceeded x4: Pod was active on the node longer than the specified deadline
        "#]],
    );
}

#[test]
fn a_pod_that_fills_its_volume_is_evicted() {
    check_until(
        &pod(
            "full",
            "  volumes: [{name: d, emptyDir: {sizeLimit: 10Mi}}]\n  containers:\n  - name: c\n    image: busybox:1.36\n    command: [sh, -c, 'head -c 20M /dev/zero > /d/x; sleep 600']\n    volumeMounts: [{name: d, mountPath: /d}]\n",
        ),
        &[],
        90_000,
        expect![[r#"
            0.007 ADDED pod/full Pending 
            0.031 MODIFIED pod/full Pending .I..P c-0[ContainerCreating]
            0.512 node-1 sandbox 1 of full: ready 10.244.1.2
            0.520 MODIFIED pod/full Pending SI..P c-0[ContainerCreating]
            0.933 node-1 container 1 full/c#0: created
            0.940 event full Created: Container created
            1.005 node-1 container 1 full/c#0: running
            1.012 event full Started: Container started
            1.020 MODIFIED pod/full Running SIRCP c+0[running]
            58.836 event full Evicted: Usage of EmptyDir volume "d" exceeds the limit "10Mi". 
            58.907 event full Killing: Stopping container c
            58.908 MODIFIED pod/full Running SI..P c+0[running]
            58.915 node-1 SIGTERM to container 1
            60.915 node-1 SIGKILL to container 1
            60.915 node-1 container 1 full/c#0: exited 137
            61.110 node-1 sandbox 1 of full: down 10.244.1.2
            61.118 MODIFIED pod/full Failed .I..P c-0[Error 137]
        "#]],
    );
}

#[test]
fn a_node_does_not_take_more_than_it_has() {
    check_until(
        &pod(
            "big",
            "  containers: [{name: c, image: 'busybox:1.36', resources: {requests: {cpu: '5', memory: 1Gi}}}]\n",
        ),
        &[],
        5_000,
        expect![[r#"
            0.007 ADDED pod/big Pending 
            0.015 event big OutOfcpu: Node didn't have enough resource: cpu, requested: 5000, used: 0, capacity: 2000
            0.016 MODIFIED pod/big Failed 
        "#]],
    );
}

#[test]
fn a_container_is_restarted_by_its_own_rules() {
    check_until(
        &pod(
            "rules",
            "  restartPolicy: Never\n  volumes: [{name: d, emptyDir: {}}]\n  containers:\n  - name: c\n    image: busybox:1.36\n    command: [sh, -c, 'sleep 1; [ -f /d/x ] && exit 1; touch /d/x; exit 42']\n    restartPolicy: Never\n    restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]\n    volumeMounts: [{name: d, mountPath: /d}]\n",
        ),
        &[],
        8_000,
        expect![[r#"
            0.007 ADDED pod/rules Pending 
            0.031 MODIFIED pod/rules Pending .I..P c-0[ContainerCreating]
            0.512 node-1 sandbox 1 of rules: ready 10.244.1.2
            0.520 MODIFIED pod/rules Pending SI..P c-0[ContainerCreating]
            0.933 node-1 container 1 rules/c#0: created
            0.940 event rules Created: Container created
            1.005 node-1 container 1 rules/c#0: running
            1.012 event rules Started: Container started
            1.020 MODIFIED pod/rules Running SIRCP c+0[running]
            2.014 node-1 container 1 rules/c#0: exited 42
            2.762 MODIFIED pod/rules Running SI..P c-0[Error 42]
            2.776 node-1 container 2 rules/c#1: created
            2.783 event rules Created x2: Container created
            2.848 node-1 container 2 rules/c#1: running
            2.855 event rules Started x2: Container started
            2.863 MODIFIED pod/rules Running SIRCP c+1[running]
            3.857 node-1 container 2 rules/c#1: exited 1
            4.771 MODIFIED pod/rules Running SI..P c-1[Error 1]
            5.944 node-1 sandbox 1 of rules: down 10.244.1.2
            5.952 MODIFIED pod/rules Failed .I..P c-1[Error 1]
        "#]],
    );
}

#[test]
fn a_container_whose_image_changes_is_restarted() {
    let mut test = Test::new();
    test.create(&pod("web", "  containers: [{name: web, image: 'nginx:1.25'}]\n"));
    test.run_until(SimTime::millis(4_000));
    let change = json::parse(r#"{"spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}"#);
    let verb = Verb::Patch(PatchKind::Strategic, change.expect("JSON"));
    test.send(Request::new(verb, ObjectKey::new(Kind::Pod, "default", "web")));
    test.run_until(SimTime::millis(8_000));
    let trace = test.trace();
    let later = trace.lines().skip_while(|line| !line.contains("Killing"));
    let shown: String =
        later.filter(|line| !line.contains(" process ")).map(|line| format!("{line}\n")).collect();
    expect![[r#"
        4.013 event web Killing: Container web definition changed, will be restarted
        4.014 MODIFIED pod/web Running SIRCP web+0[running]
        4.021 node-1 SIGQUIT to container 1
        4.022 node-1 container 1 web/web#0: exited 0
        4.043 node-1 pull nginx:1.27 begins
        4.051 event web Pulling: Pulling image "nginx:1.27"
        4.443 node-1 pull nginx:1.27 ends
        4.450 event web Pulled: Successfully pulled image "nginx:1.27" in 400ms (400ms including waiting). Image size: 5941168 bytes.
        4.463 node-1 container 2 web/web#1: created
        4.471 event web Created x2: Container created
        4.535 node-1 container 2 web/web#1: running
        4.543 event web Started x2: Container started
        4.547 node-1 container 2 web/web#1: running :80
        4.551 MODIFIED pod/web Running SIRCP web+1[running]
    "#]].assert_eq(&shown);
}

#[test]
fn a_container_is_told_of_its_pod_and_of_services() {
    let pod = pod(
        "told",
        "  volumes:\n  - name: p\n    downwardAPI:\n      items:\n      - {path: labels, fieldRef: {fieldPath: metadata.labels}}\n      - {path: memory, resourceFieldRef: {containerName: c, resource: limits.memory, divisor: 1Mi}}\n  containers:\n  - name: c\n    image: busybox:1.36\n    command: [sh, -c, 'cat /p/labels; echo; cat /p/memory; echo; env | grep MY_DB; sleep 60']\n    resources: {limits: {memory: 64Mi}}\n    volumeMounts: [{name: p, mountPath: /p}]\n",
    );
    let pod = pod.replace("{name: told}", "{name: told, labels: {app: told, tier: front}}");
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: my-db}\nspec:\n  clusterIP: 10.96.1.2\n  ports: [{name: sql, port: 3306}]\n";
    let mut test = Test::new();
    test.create(&format!("{service}---\n{pod}"));
    test.run_until(SimTime::millis(5_000));
    expect![[r#"
        app="told"
        tier="front"
        64
        MY_DB_PORT=tcp://10.96.1.2:3306
        MY_DB_PORT_3306_TCP=tcp://10.96.1.2:3306
        MY_DB_PORT_3306_TCP_ADDR=10.96.1.2
        MY_DB_PORT_3306_TCP_PORT=3306
        MY_DB_PORT_3306_TCP_PROTO=tcp
        MY_DB_SERVICE_HOST=10.96.1.2
        MY_DB_SERVICE_PORT=3306
        MY_DB_SERVICE_PORT_SQL=3306"#]]
    .assert_eq(&test.log("told", "c").join("\n"));
}
