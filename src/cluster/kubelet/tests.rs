//! Pods from their creation to their end, as their traces show it.

mod ends;
mod ephemeral;
mod hooks;
mod memory;
mod probes;
mod resize;

use crate::api::objects::Pod;
use crate::api::{Kind, ObjectKey};
use crate::cluster::fault::Fault;
use crate::cluster::testing::{Act, Test, check_trace, patch_request};
use crate::cluster::time::SimTime;
use expect_test::{Expect, expect};

/// A Pod on the first node.
fn pod(name: &str, spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  nodeName: node-1\n{spec}")
}

/// What happens to Pods until a time in milliseconds, without processes and what the runtime forgets.
#[track_caller]
fn check_until(yaml: &str, acts: &[(u64, Act)], until: u64, expect: Expect) {
    let mut test = Test::new();
    test.create(yaml);
    for (at, act) in acts {
        test.run_until(SimTime::millis(*at));
        test.act(act.clone());
    }
    test.run_until(SimTime::millis(until));
    let is_shown =
        |line: &&str| ![" process ", " pull ", "Pull", "removed"].iter().any(|word| line.contains(word));
    let shown: String = test.trace().lines().filter(is_shown).map(|line| format!("{line}\n")).collect();
    expect.assert_eq(&shown);
}

#[test]
fn a_pod_starts_and_is_deleted() {
    check_trace(
        &pod("web", "  containers: [{name: web, image: 'nginx:1.25'}]\n"),
        &[(6_000, Act::DeletePod("web", None))],
        expect![[r#"
            0.007 ADDED pod/web Pending 
            0.031 MODIFIED pod/web Pending .I..P web-0[ContainerCreating]
            0.512 node-1 sandbox 1 of web: ready 10.244.1.2
            0.512 node-1 process 1855 (1) /pause
            0.513 node-1 pull nginx:1.25 begins
            0.520 MODIFIED pod/web Pending SI..P web-0[ContainerCreating]
            0.520 event web Pulling: Pulling image "nginx:1.25"
            0.913 node-1 pull nginx:1.25 ends
            0.920 event web Pulled: Successfully pulled image "nginx:1.25" in 400ms (400ms including waiting). Image size: 5938603 bytes.
            0.933 node-1 container 1 web/web#0: created
            0.940 event web Created: Container created
            1.005 node-1 container 1 web/web#0: running
            1.005 node-1 process 1892 (1) nginx -g daemon off;
            1.012 event web Started: Container started
            1.017 node-1 container 1 web/web#0: running :80
            1.020 MODIFIED pod/web Running SIRCP web+0[running]
            6.004 MODIFIED pod/web Running grace 30 SIRCP web+0[running]
            6.013 event web Killing: Stopping container web
            6.014 MODIFIED pod/web Running grace 30 SIRCP web+0[running]
            6.021 node-1 SIGQUIT to container 1
            6.022 node-1 process 1892 ends
            6.022 node-1 container 1 web/web#0: exited 0
            6.217 node-1 process 1855 ends
            6.217 node-1 sandbox 1 of web: down 10.244.1.2
            6.225 MODIFIED pod/web Succeeded grace 30 .I..P web-0[Completed 0]
            6.773 MODIFIED pod/web Succeeded grace 0 .I..P web-0[Completed 0]
            6.773 DELETED pod/web Succeeded
            6.811 node-1 container 1: removed
            6.811 node-1 sandbox 1: removed
        "#]],
    );
}

#[test]
fn a_container_that_ends_is_restarted_with_growing_waits() {
    check_until(
        &pod(
            "crash",
            "  containers: [{name: c, image: 'busybox:1.36', command: [sh, -c, 'sleep 2; exit 3']}]\n",
        ),
        &[],
        48_000,
        expect![[r#"
            0.007 ADDED pod/crash Pending 
            0.031 MODIFIED pod/crash Pending .I..P c-0[ContainerCreating]
            0.512 node-1 sandbox 1 of crash: ready 10.244.1.2
            0.520 MODIFIED pod/crash Pending SI..P c-0[ContainerCreating]
            0.933 node-1 container 1 crash/c#0: created
            0.940 event crash Created: Container created
            1.005 node-1 container 1 crash/c#0: running
            1.012 event crash Started: Container started
            1.020 MODIFIED pod/crash Running SIRCP c+0[running]
            3.014 node-1 container 1 crash/c#0: exited 3
            3.765 MODIFIED pod/crash Running SI..P c-0[Error 3]
            3.778 node-1 container 2 crash/c#1: created
            3.785 event crash Created x2: Container created
            3.850 node-1 container 2 crash/c#1: running
            3.857 event crash Started x2: Container started
            3.866 MODIFIED pod/crash Running SIRCP c+1[running]
            5.860 node-1 container 2 crash/c#1: exited 3
            6.775 event crash BackOff: Back-off restarting failed container c in pod crash_default(dc40f6df-6001-4a4d-a3bf-09209ffe95b2)
            6.776 MODIFIED pod/crash Running SI..P c-1[Error 3]
            18.733 MODIFIED pod/crash Running SI..P c-1[CrashLoopBackOff]
            18.746 node-1 container 3 crash/c#2: created
            18.753 event crash Created x3: Container created
            18.818 node-1 container 3 crash/c#2: running
            18.825 event crash Started x3: Container started
            18.834 MODIFIED pod/crash Running SIRCP c+2[running]
            20.828 node-1 container 3 crash/c#2: exited 3
            21.821 event crash BackOff x2: Back-off restarting failed container c in pod crash_default(dc40f6df-6001-4a4d-a3bf-09209ffe95b2)
            21.822 MODIFIED pod/crash Running SI..P c-2[Error 3]
            45.733 MODIFIED pod/crash Running SI..P c-2[CrashLoopBackOff]
            45.746 node-1 container 4 crash/c#3: created
            45.753 event crash Created x4: Container created
            45.818 node-1 container 4 crash/c#3: running
            45.825 event crash Started x4: Container started
            45.834 MODIFIED pod/crash Running SIRCP c+3[running]
            47.828 node-1 container 4 crash/c#3: exited 3
            47.892 event crash BackOff x3: Back-off restarting failed container c in pod crash_default(dc40f6df-6001-4a4d-a3bf-09209ffe95b2)
            47.893 MODIFIED pod/crash Running SI..P c-3[Error 3]
        "#]],
    );
}

#[test]
fn a_pod_that_is_not_restarted_fails_once_all_its_containers_have_ended() {
    check_until(
        &pod(
            "never",
            "  restartPolicy: Never\n  containers:\n  - {name: short, image: 'busybox:1.36', command: [sh, -c, 'sleep 2; exit 1']}\n  - {name: long, image: 'busybox:1.36', command: [sh, -c, 'sleep 12']}\n",
        ),
        &[],
        40_000,
        expect![[r#"
            0.007 ADDED pod/never Pending 
            0.031 MODIFIED pod/never Pending .I..P long-0[ContainerCreating] short-0[ContainerCreating]
            0.512 node-1 sandbox 1 of never: ready 10.244.1.2
            0.520 MODIFIED pod/never Pending SI..P long-0[ContainerCreating] short-0[ContainerCreating]
            0.933 node-1 container 1 never/short#0: created
            0.940 event never Created: Container created
            1.005 node-1 container 1 never/short#0: running
            1.012 event never Started: Container started
            1.026 node-1 container 2 never/long#0: created
            1.033 event never Created: Container created
            1.098 node-1 container 2 never/long#0: running
            1.105 event never Started: Container started
            1.114 MODIFIED pod/never Running SIRCP long+0[running] short+0[running]
            3.014 node-1 container 1 never/short#0: exited 1
            3.765 MODIFIED pod/never Running SI..P long+0[running] short-0[Error 1]
            13.108 node-1 container 2 never/long#0: exited 0
            13.794 MODIFIED pod/never Running SI..P long-0[Completed 0] short-0[Error 1]
            14.967 node-1 sandbox 1 of never: down 10.244.1.2
            14.975 MODIFIED pod/never Failed .I..P long-0[Completed 0] short-0[Error 1]
        "#]],
    );
}

#[test]
fn a_second_deletion_does_not_hasten_what_has_begun() {
    let spec = "  containers: [{name: b, image: 'busybox:1.36', command: [sh, -c, 'while true; do sleep 1; done']}]\n";
    let acts = [(6_000, Act::DeletePod("slow", None)), (8_000, Act::DeletePod("slow", Some(3)))];
    check_until(
        &pod("slow", spec),
        &acts,
        50_000,
        expect![[r#"
            0.007 ADDED pod/slow Pending 
            0.031 MODIFIED pod/slow Pending .I..P b-0[ContainerCreating]
            0.512 node-1 sandbox 1 of slow: ready 10.244.1.2
            0.520 MODIFIED pod/slow Pending SI..P b-0[ContainerCreating]
            0.933 node-1 container 1 slow/b#0: created
            0.940 event slow Created: Container created
            1.005 node-1 container 1 slow/b#0: running
            1.012 event slow Started: Container started
            1.020 MODIFIED pod/slow Running SIRCP b+0[running]
            6.004 MODIFIED pod/slow Running grace 30 SIRCP b+0[running]
            6.013 event slow Killing: Stopping container b
            6.014 MODIFIED pod/slow Running grace 30 SIRCP b+0[running]
            6.021 node-1 SIGTERM to container 1
            8.004 MODIFIED pod/slow Running grace 3 SIRCP b+0[running]
            36.021 node-1 SIGKILL to container 1
            36.021 node-1 container 1 slow/b#0: exited 137
            36.216 node-1 sandbox 1 of slow: down 10.244.1.2
            36.224 MODIFIED pod/slow Failed grace 3 .I..P b-0[Error 137]
            36.851 MODIFIED pod/slow Failed grace 0 .I..P b-0[Error 137]
            36.851 DELETED pod/slow Failed
        "#]],
    );
}

#[test]
fn a_pod_that_is_deleted_by_force_is_killed_on_its_node_afterwards() {
    let spec = "  containers: [{name: b, image: 'busybox:1.36', command: [sh, -c, 'while true; do sleep 1; done']}]\n";
    check_until(
        &pod("force", spec),
        &[(6_000, Act::DeletePod("force", Some(0)))],
        50_000,
        expect![[r#"
            0.007 ADDED pod/force Pending 
            0.031 MODIFIED pod/force Pending .I..P b-0[ContainerCreating]
            0.512 node-1 sandbox 1 of force: ready 10.244.1.2
            0.520 MODIFIED pod/force Pending SI..P b-0[ContainerCreating]
            0.933 node-1 container 1 force/b#0: created
            0.940 event force Created: Container created
            1.005 node-1 container 1 force/b#0: running
            1.012 event force Started: Container started
            1.020 MODIFIED pod/force Running SIRCP b+0[running]
            6.004 MODIFIED pod/force Running grace 0 SIRCP b+0[running]
            6.004 DELETED pod/force Running
            6.013 event force Killing: Stopping container b
            6.021 node-1 SIGTERM to container 1
            8.021 node-1 SIGKILL to container 1
            8.021 node-1 container 1 force/b#0: exited 137
            8.216 node-1 sandbox 1 of force: down 10.244.1.2
        "#]],
    );
}

#[test]
fn without_pause_the_pod_gets_another_sandbox_and_address() {
    let key = ObjectKey::new(Kind::Pod, "default", "web");
    check_until(
        &pod("web", "  containers: [{name: web, image: 'nginx:1.25'}]\n"),
        &[(6_000, Act::Fault(Fault::KillPause(key)))],
        9_000,
        expect![[r#"
            0.007 ADDED pod/web Pending 
            0.031 MODIFIED pod/web Pending .I..P web-0[ContainerCreating]
            0.512 node-1 sandbox 1 of web: ready 10.244.1.2
            0.520 MODIFIED pod/web Pending SI..P web-0[ContainerCreating]
            0.933 node-1 container 1 web/web#0: created
            0.940 event web Created: Container created
            1.005 node-1 container 1 web/web#0: running
            1.012 event web Started: Container started
            1.017 node-1 container 1 web/web#0: running :80
            1.020 MODIFIED pod/web Running SIRCP web+0[running]
            6.000 node-1 sandbox 1 of web: down 10.244.1.2
            6.772 event web SandboxChanged: Pod sandbox changed, it will be killed and re-created.
            6.773 MODIFIED pod/web Running .IRCP web+0[running]
            6.779 event web Killing: Stopping container web
            6.780 node-1 SIGQUIT to container 1
            6.781 node-1 container 1 web/web#0: exited 0
            7.163 node-1 sandbox 2 of web: ready 10.244.1.3
            7.171 MODIFIED pod/web Running SIRCP web+0[running]
            7.184 node-1 container 2 web/web#1: created
            7.191 event web Created x2: Container created
            7.256 node-1 container 2 web/web#1: running
            7.263 event web Started x2: Container started
            7.268 node-1 container 2 web/web#1: running :80
            7.272 MODIFIED pod/web Running SIRCP web+1[running]
        "#]],
    );
}

#[test]
fn an_image_that_is_not_there_is_tried_again_and_again() {
    let mut test = Test::new();
    test.act(Act::Fault(Fault::ImageGone("nginx:9.99".into())));
    test.create(&pod("badtag", "  containers: [{name: b, image: 'nginx:9.99'}]\n"));
    test.run_until(SimTime::millis(30_000));
    expect![[r#"
        0.007 ADDED pod/badtag Pending 
        0.031 MODIFIED pod/badtag Pending .I..P b-0[ContainerCreating]
        0.512 node-1 sandbox 1 of badtag: ready 10.244.1.2
        0.512 node-1 process 1855 (1) /pause
        0.513 node-1 pull nginx:9.99 begins
        0.520 MODIFIED pod/badtag Pending SI..P b-0[ContainerCreating]
        0.520 event badtag Pulling: Pulling image "nginx:9.99"
        0.533 node-1 pull nginx:9.99 ends
        0.540 event badtag Failed: Failed to pull image "nginx:9.99": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:9.99": failed to resolve image: docker.io/library/nginx:9.99: not found
        0.547 event badtag Failed: Error: ErrImagePull
        0.754 MODIFIED pod/badtag Pending SI..P b-0[ErrImagePull]
        0.754 event badtag BackOff: Back-off pulling image "nginx:9.99"
        0.761 event badtag Failed: Error: ImagePullBackOff
        13.726 node-1 pull nginx:9.99 begins
        13.733 MODIFIED pod/badtag Pending SI..P b-0[ImagePullBackOff]
        13.733 event badtag Pulling x2: Pulling image "nginx:9.99"
        13.746 node-1 pull nginx:9.99 ends
        13.753 event badtag Failed x2: Failed to pull image "nginx:9.99": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:9.99": failed to resolve image: docker.io/library/nginx:9.99: not found
        13.761 event badtag Failed x2: Error: ErrImagePull
        26.733 MODIFIED pod/badtag Pending SI..P b-0[ErrImagePull]
        26.733 event badtag BackOff x2: Back-off pulling image "nginx:9.99"
        26.741 event badtag Failed x2: Error: ImagePullBackOff
    "#]].assert_eq(&test.trace());
}

#[test]
fn a_tag_that_is_taken_as_missing_can_be_put_into_the_registry() {
    let mut test = Test::new();
    test.create(&pod("slip", "  containers: [{name: b, image: 'nginx:1.161'}]\n"));
    test.create(&pod("unknown", "  containers: [{name: b, image: 'mycorp/app:1.161'}]\n"));
    let cannot_pull = |test: &Test, name: &str| {
        let status = &test.pod(name).expect("the Pod").status.container_statuses[0];
        let waiting = status.state.waiting.as_ref().map(|waiting| &*waiting.reason);
        matches!(waiting, Some("ErrImagePull" | "ImagePullBackOff"))
    };
    test.run_until(SimTime::millis(10_000));
    assert!(cannot_pull(&test, "slip"));
    assert!(!cannot_pull(&test, "unknown"), "of an image that nobody knows every tag is there");
    test.act(Act::Fault(Fault::ImageBack("nginx:1.161".into())));
    test.run_until(SimTime::millis(60_000));
    assert!(!cannot_pull(&test, "slip"));
    test.act(Act::Fault(Fault::ImageGone("nginx:1.161".into())));
    test.create(&pod("late", "  containers: [{name: b, image: 'nginx:1.161', imagePullPolicy: Always}]\n"));
    test.run_until(SimTime::millis(70_000));
    assert!(cannot_pull(&test, "late"));
}

#[test]
fn a_port_is_taken_once_in_a_pod() {
    check_until(
        &pod("port", "  containers: [{name: a, image: 'nginx:1.25'}, {name: b, image: 'nginx:1.27'}]\n"),
        &[],
        4_000,
        expect![[r#"
            0.007 ADDED pod/port Pending 
            0.031 MODIFIED pod/port Pending .I..P a-0[ContainerCreating] b-0[ContainerCreating]
            0.512 node-1 sandbox 1 of port: ready 10.244.1.2
            0.520 MODIFIED pod/port Pending SI..P a-0[ContainerCreating] b-0[ContainerCreating]
            0.933 node-1 container 1 port/a#0: created
            0.940 event port Created: Container created
            1.005 node-1 container 1 port/a#0: running
            1.012 event port Started: Container started
            1.017 node-1 container 1 port/a#0: running :80
            1.426 node-1 container 2 port/b#0: created
            1.433 event port Created: Container created
            1.498 node-1 container 2 port/b#0: running
            1.505 event port Started: Container started
            1.510 node-1 container 2 port/b#0: exited 1
            1.514 MODIFIED pod/port Running SIRCP a+0[running] b+0[running]
            1.760 MODIFIED pod/port Running SI..P a+0[running] b-0[Error 1]
            1.773 node-1 container 3 port/b#1: created
            1.780 event port Created x2: Container created
            1.845 node-1 container 3 port/b#1: running
            1.852 event port Started x2: Container started
            1.857 node-1 container 3 port/b#1: exited 1
            1.861 MODIFIED pod/port Running SIRCP a+0[running] b+1[running]
            2.765 event port BackOff: Back-off restarting failed container b in pod port_default(fcf6ec0b-7135-46c0-8309-13f48eca193f)
            2.766 MODIFIED pod/port Running SI..P a+0[running] b-1[Error 1]
            3.771 event port BackOff x2: Back-off restarting failed container b in pod port_default(fcf6ec0b-7135-46c0-8309-13f48eca193f)
            3.772 MODIFIED pod/port Running SI..P a+0[running] b-1[CrashLoopBackOff]
        "#]],
    );
}

#[test]
fn init_containers_run_in_turn_and_sidecars_end_last() {
    let spec = "  volumes: [{name: shared, emptyDir: {}}]
  initContainers:
  - name: fetch
    image: busybox:1.36
    command: [sh, -c, 'sleep 2; echo hello > /data/index.html']
    volumeMounts: [{name: shared, mountPath: /data}]
  - name: proxy
    image: busybox:1.36
    restartPolicy: Always
    command: [sh, -c, \"trap 'exit 0' TERM; while true; do sleep 1; done\"]
    startupProbe: {exec: {command: ['true']}, periodSeconds: 1}
  - {name: migrate, image: 'busybox:1.36', command: [sh, -c, 'sleep 2']}
  containers:
  - {name: web, image: 'nginx:1.25'}
  - name: helper
    image: busybox:1.36
    command: [sh, -c, \"cat /data/index.html; trap 'exit 0' TERM; while true; do sleep 1; done\"]
    volumeMounts: [{name: shared, mountPath: /data}]
";
    check_until(
        &pod("app", spec),
        &[(12_500, Act::DeletePod("app", None))],
        20_000,
        expect![[r#"
            0.007 ADDED pod/app Pending 
            0.031 MODIFIED pod/app Pending ....P fetch-0[PodInitializing] proxy-0[PodInitializing] migrate-0[PodInitializing] helper-0[PodInitializing] web-0[PodInitializing]
            0.512 node-1 sandbox 1 of app: ready 10.244.1.2
            0.520 MODIFIED pod/app Pending S...P fetch-0[PodInitializing] proxy-0[PodInitializing] migrate-0[PodInitializing] helper-0[PodInitializing] web-0[PodInitializing]
            0.933 node-1 container 1 app/fetch#0: created
            0.940 event app Created: Container created
            1.005 node-1 container 1 app/fetch#0: running
            1.012 event app Started: Container started
            1.020 MODIFIED pod/app Pending S...P fetch-0[running] proxy-0[PodInitializing] migrate-0[PodInitializing] helper-0[PodInitializing] web-0[PodInitializing]
            3.014 node-1 container 1 app/fetch#0: exited 0
            3.765 MODIFIED pod/app Pending S...P fetch+0[Completed 0] proxy-0[PodInitializing] migrate-0[PodInitializing] helper-0[PodInitializing] web-0[PodInitializing]
            3.778 node-1 container 2 app/proxy#0: created
            3.785 event app Created: Container created
            3.850 node-1 container 2 app/proxy#0: running
            3.857 event app Started: Container started
            3.866 MODIFIED pod/app Pending S...P fetch+0[Completed 0] proxy-0[running] migrate-0[PodInitializing] helper-0[PodInitializing] web-0[PodInitializing]
            4.398 MODIFIED pod/app Pending S...P fetch+0[Completed 0] proxy-0[running] migrate-0[PodInitializing] helper-0[PodInitializing] web-0[PodInitializing]
            4.771 MODIFIED pod/app Pending S...P fetch+0[Completed 0] proxy+0[running] migrate-0[PodInitializing] helper-0[PodInitializing] web-0[PodInitializing]
            4.784 node-1 container 3 app/migrate#0: created
            4.791 event app Created: Container created
            4.856 node-1 container 3 app/migrate#0: running
            4.863 event app Started: Container started
            4.872 MODIFIED pod/app Pending S...P fetch+0[Completed 0] proxy+0[running] migrate-0[running] helper-0[PodInitializing] web-0[PodInitializing]
            6.866 node-1 container 3 app/migrate#0: exited 0
            7.779 MODIFIED pod/app Pending SI..P fetch+0[Completed 0] proxy+0[running] migrate+0[Completed 0] helper-0[PodInitializing] web-0[PodInitializing]
            8.192 node-1 container 4 app/web#0: created
            8.199 event app Created: Container created
            8.264 node-1 container 4 app/web#0: running
            8.271 event app Started: Container started
            8.276 node-1 container 4 app/web#0: running :80
            8.285 node-1 container 5 app/helper#0: created
            8.292 event app Created: Container created
            8.357 node-1 container 5 app/helper#0: running
            8.364 event app Started: Container started
            8.373 MODIFIED pod/app Running SIRCP fetch+0[Completed 0] proxy+0[running] migrate+0[Completed 0] helper+0[running] web+0[running]
            12.504 MODIFIED pod/app Running grace 30 SIRCP fetch+0[Completed 0] proxy+0[running] migrate+0[Completed 0] helper+0[running] web+0[running]
            12.513 event app Killing: Stopping container proxy
            12.514 MODIFIED pod/app Running grace 30 SIRCP fetch+0[Completed 0] proxy+0[running] migrate+0[Completed 0] helper+0[running] web+0[running]
            12.521 event app Killing: Stopping container web
            12.521 node-1 SIGQUIT to container 4
            12.521 node-1 SIGTERM to container 5
            12.522 node-1 container 4 app/web#0: exited 0
            12.528 event app Killing: Stopping container helper
            13.373 node-1 container 5 app/helper#0: exited 0
            13.408 node-1 SIGTERM to container 2
            13.873 node-1 container 2 app/proxy#0: exited 0
            14.068 node-1 sandbox 1 of app: down 10.244.1.2
            14.076 MODIFIED pod/app Succeeded grace 30 .I..P fetch+0[Completed 0] proxy-0[Completed 0] migrate+0[Completed 0] helper-0[Completed 0] web-0[Completed 0]
            14.807 MODIFIED pod/app Succeeded grace 0 .I..P fetch+0[Completed 0] proxy-0[Completed 0] migrate+0[Completed 0] helper-0[Completed 0] web-0[Completed 0]
            14.807 DELETED pod/app Succeeded
        "#]],
    );
}

#[test]
fn logs_and_commands_go_through_the_api_server() {
    use crate::cluster::Told;
    use crate::cluster::request::{Connect, Reply, Request, Subresource, Verb};
    use crate::cluster::task::Answer;
    use std::rc::Rc;
    let mut test = Test::new();
    test.create(&pod(
        "box",
        "  containers: [{name: box, image: 'busybox:1.36', command: [sh, -c, 'echo one; echo two; sleep 600']}]\n",
    ));
    test.run_until(SimTime::millis(5_000));
    let mut ask = |subresource, container: &str, command: &[&str], tail| {
        let connect = Connect {
            container: container.into(),
            command: command.iter().map(|word| (*word).into()).collect(),
            tail,
            ..Connect::default()
        };
        let key = ObjectKey::new(Kind::Pod, "default", "box");
        test.send(Request::new(Verb::Connect(Rc::new(connect)), key).at(subresource));
        let until = test.cluster.now() + 2_000_000;
        test.run_until(until);
        match test.told().pop() {
            Some(Told::Answer(_, answered)) => match answered.answer {
                Answer::Api(response) => match response.result {
                    Ok(Reply::Text(out, errors, code)) => format!("{out}|{errors}|{code}"),
                    Ok(_) => "?".to_string(),
                    Err(status) => format!("{}: {}", status.reason, status.message),
                },
                _ => "?".to_string(),
            },
            _ => "nothing".to_string(),
        }
    };
    assert_eq!(ask(Subresource::Log, "", &[], None), "one\ntwo\n||1");
    assert_eq!(ask(Subresource::Log, "box", &[], Some(1)), "two\n||1");
    assert_eq!(ask(Subresource::Log, "no", &[], None), "BadRequest: container no is not valid for pod box");
    assert_eq!(
        ask(Subresource::Exec, "", &["ps"], None),
        "PID   USER     COMMAND\n    1 root     sh -c echo one; echo two; sleep 600\n    7 root     ps\n||0"
    );
    assert_eq!(
        ask(Subresource::Exec, "", &["sh", "-c", "ls /none; exit 4"], None),
        "|ls: /none: No such file or directory\n|4"
    );
    assert!(ask(Subresource::Exec, "", &["nosuch"], None).contains("executable file not found in $PATH"));
}

#[test]
fn a_change_of_a_config_map_does_not_delay_a_restart() {
    let key = ObjectKey::new(Kind::ConfigMap, "default", "settings");
    let restarts = |changes: bool| {
        let mut test = Test::new();
        test.create("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n");
        test.create(&pod(
            "crash",
            "  volumes: [{name: v, configMap: {name: settings}}]\n  containers: [{name: c, image: 'busybox:1.36', command: [sh, -c, 'sleep 2; exit 3'], volumeMounts: [{name: v, mountPath: /v}]}]\n",
        ));
        test.run_until(SimTime::millis(10_000));
        if changes {
            test.send(patch_request(key.clone(), r#"{"data":{"a":"c"}}"#));
        }
        test.run_until(SimTime::millis(48_000));
        let found = test.cluster.server.store.get(&ObjectKey::new(Kind::Pod, "default", "crash")).cloned();
        let found = found.and_then(|object| object.get::<Pod>().cloned()).expect("there");
        found.status.container_statuses[0].restart_count
    };
    assert!(restarts(false) > 1);
    assert_eq!(restarts(true), restarts(false));
}
