//! What probes find, and what comes of it.

use super::{check_until, pod};
use crate::cluster::testing::Test;
use crate::cluster::time::SimTime;
use expect_test::expect;

#[test]
fn readiness_comes_and_goes_with_its_probe() {
    let spec = "  containers:
  - name: c
    image: podium/web:1.0
    env: [{name: READY_AFTER_MS, value: '6000'}, {name: READY_FAIL_AFTER_MS, value: '20000'}]
    readinessProbe: {httpGet: {path: /ready, port: 8080}, periodSeconds: 2}
";
    check_until(
        &pod("ready", spec),
        &[],
        29_000,
        expect![[r#"
            0.007 ADDED pod/ready Pending 
            0.031 MODIFIED pod/ready Pending .I..P c-0[ContainerCreating]
            0.512 node-1 sandbox 1 of ready: ready 10.244.1.2
            0.520 MODIFIED pod/ready Pending SI..P c-0[ContainerCreating]
            0.933 node-1 container 1 ready/c#0: created
            0.940 event ready Created: Container created
            1.005 node-1 container 1 ready/c#0: running
            1.012 event ready Started: Container started
            1.017 node-1 container 1 ready/c#0: running :8080
            1.020 MODIFIED pod/ready Running SI..P c-0[running]
            1.028 event ready Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503
            1.767 event ready Unhealthy x2: Readiness probe failed: HTTP probe failed with statuscode: 503
            3.767 event ready Unhealthy x3: Readiness probe failed: HTTP probe failed with statuscode: 503
            5.767 event ready Unhealthy x4: Readiness probe failed: HTTP probe failed with statuscode: 503
            7.768 MODIFIED pod/ready Running SIRCP c+0[running]
            21.767 event ready Unhealthy x5: Readiness probe failed: HTTP probe failed with statuscode: 503
            23.767 event ready Unhealthy x6: Readiness probe failed: HTTP probe failed with statuscode: 503
            25.767 event ready Unhealthy x7: Readiness probe failed: HTTP probe failed with statuscode: 503
            25.768 MODIFIED pod/ready Running SI..P c-0[running]
            25.776 event ready Unhealthy x8: Readiness probe failed: HTTP probe failed with statuscode: 503
            27.776 event ready Unhealthy x9: Readiness probe failed: HTTP probe failed with statuscode: 503
        "#]],
    );
}

#[test]
fn a_container_that_is_not_well_is_restarted() {
    let spec = "  containers:
  - name: c
    image: podium/web:1.0
    env: [{name: HEALTH_FAIL_AFTER_MS, value: '8000'}]
    livenessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 2, failureThreshold: 3}
";
    check_until(
        &pod("live", spec),
        &[],
        16_000,
        expect![[r#"
            0.007 ADDED pod/live Pending 
            0.031 MODIFIED pod/live Pending .I..P c-0[ContainerCreating]
            0.512 node-1 sandbox 1 of live: ready 10.244.1.2
            0.520 MODIFIED pod/live Pending SI..P c-0[ContainerCreating]
            0.933 node-1 container 1 live/c#0: created
            0.940 event live Created: Container created
            1.005 node-1 container 1 live/c#0: running
            1.012 event live Started: Container started
            1.017 node-1 container 1 live/c#0: running :8080
            1.020 MODIFIED pod/live Running SIRCP c+0[running]
            10.340 event live Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 503
            12.340 event live Unhealthy x2: Liveness probe failed: HTTP probe failed with statuscode: 503
            14.340 event live Unhealthy x3: Liveness probe failed: HTTP probe failed with statuscode: 503
            14.347 event live Killing: Container c failed liveness probe, will be restarted
            14.349 node-1 SIGTERM to container 1
            14.350 node-1 container 1 live/c#0: exited 0
            14.391 node-1 container 2 live/c#1: created
            14.399 event live Created x2: Container created
            14.463 node-1 container 2 live/c#1: running
            14.470 event live Started x2: Container started
            14.475 node-1 container 2 live/c#1: running :8080
            14.479 MODIFIED pod/live Running SIRCP c+1[running]
        "#]],
    );
}

#[test]
fn a_pod_that_restarts_nothing_ends_as_a_whole() {
    let spec = "  restartPolicy: Never
  containers:
  - name: c
    image: podium/web:1.0
    env: [{name: HEALTH_AFTER_MS, value: '900000'}]
    startupProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 2, failureThreshold: 2}
";
    let mut test = Test::new();
    test.create(&pod("late", spec));
    test.run_until(SimTime::millis(20_000));
    let seen = test.story(&[crate::api::Kind::Event], SimTime::ZERO);
    let killing: Vec<&str> =
        seen.lines().filter_map(|line| line.split_once("Killing").map(|(_, why)| why)).collect();
    assert_eq!(killing, [": Stopping container c"], "{seen}");
}

#[test]
fn a_restart_waits_only_if_it_would_come_too_soon_once_the_old_one_has_ended() {
    let spec = "  containers:
  - name: c
    image: podium/web:1.0
    env: [{name: HEALTH_FAIL_AFTER_MS, value: '6000'}, {name: IGNORE_SIGNALS, value: '1'}]
    livenessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 2, failureThreshold: 2, terminationGracePeriodSeconds: 3}
";
    let mut test = Test::new();
    test.create(&pod("stuck", spec));
    // It is killed for the third time nine seconds after its second end, and twelve when it may start again.
    test.run_until(SimTime::millis(40_000));
    let seen = test.story(&[crate::api::Kind::Event], SimTime::ZERO);
    assert!(!seen.contains("BackOff"), "{seen}");
    let restarts = test.pod("stuck").map(|pod| pod.status.container_statuses[0].restart_count);
    assert_eq!(restarts, Some(3), "{seen}");
}

#[test]
fn a_probe_of_a_container_that_has_just_ended_finds_no_task() {
    let spec = "  containers:
  - name: c
    image: nginx:1.25
    readinessProbe: {exec: {command: ['true']}, periodSeconds: 1}
";
    // When the probe's second is over within the Pod's last moments is not known here: each tenth of it is tried.
    let seen: String = (0..10_u64)
        .map(|tenth| {
            let mut test = Test::new();
            test.create(&pod("web", spec));
            test.run_until(SimTime::millis(6_000 + tenth * 100));
            test.act(crate::cluster::testing::Act::DeletePod("web", None));
            test.run_until(SimTime::millis(12_000));
            test.story(&[crate::api::Kind::Event], SimTime::ZERO)
        })
        .collect();
    let why = "Readiness probe errored and resulted in unknown state: rpc error: code = NotFound desc = failed to exec in container: failed to load task: no running task found: task ";
    assert!(seen.contains(why), "{seen}");
}

#[test]
fn a_cluster_at_rest_is_quiet_though_probes_go_on() {
    let mut test = Test::new();
    let probe =
        "    readinessProbe: {tcpSocket: {port: 80}}\n    livenessProbe: {exec: {command: ['true']}}\n";
    test.create(&pod("web", &format!("  containers:\n  - name: c\n    image: nginx:1.25\n{probe}")));
    test.run();
    assert!(test.cluster.is_quiet());
    assert!(test.cluster.now() < SimTime::millis(30_000), "{:?}", test.cluster.now());
    assert!(test.pod("web").is_some_and(crate::api::conditions::is_pod_ready));
}

#[test]
fn what_is_not_simulated_in_a_probe_fails_no_pod() {
    let probe = |image: &str, command: &str| {
        let mut test = Test::new();
        let probes = format!(
            "    readinessProbe: {{exec: {{command: {command}}}}}\n    livenessProbe: {{exec: {{command: {command}}}}}\n"
        );
        test.create(&pod("web", &format!("  containers:\n  - name: c\n    image: {image}\n{probes}")));
        test.run_until(SimTime::millis(60_000));
        let web = test.pod("web").expect("a Pod");
        (crate::api::conditions::is_pod_ready(web), web.status.container_statuses[0].restart_count)
    };
    for (image, command) in [
        ("postgres:17", "[pg_isready, -U, postgres]"),
        ("redis:8", "[sh, -c, 'redis-cli ping | grep PONG']"),
        ("mysql:9", "[mysqladmin, ping, -h, 127.0.0.1]"),
        ("ghcr.io/stefanprodan/podinfo:6.9.2", "[podcli, check, http, 'localhost:9898/healthz']"),
    ] {
        assert_eq!(probe(image, command), (true, 0), "{image} {command}");
    }
    // What an image has not, and what says itself that it fails, does fail.
    assert!(!probe("nginx:1.25", "[pg_isready]").0);
    assert!(!probe("redis:8", "['false']").0);
}
