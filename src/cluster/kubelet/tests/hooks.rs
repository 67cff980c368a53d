//! Hooks that run after a container started and before it stops.

use super::{check_until, pod};
use crate::cluster::testing::{Act, Test};
use crate::cluster::time::SimTime;
use expect_test::expect;

#[test]
fn a_post_start_hook_that_fails_ends_its_container() {
    check_until(
        &pod(
            "badstart",
            "  containers:\n  - {name: b, image: 'nginx:1.25', lifecycle: {postStart: {exec: {command: ['false']}}}}\n",
        ),
        &[],
        16_000,
        expect![[r#"
            0.007 ADDED pod/badstart Pending 
            0.031 MODIFIED pod/badstart Pending .I..P b-0[ContainerCreating]
            0.512 node-1 sandbox 1 of badstart: ready 10.244.1.2
            0.520 MODIFIED pod/badstart Pending SI..P b-0[ContainerCreating]
            0.933 node-1 container 1 badstart/b#0: created
            0.940 event badstart Created: Container created
            1.005 node-1 container 1 badstart/b#0: running
            1.005 node-1 PostStart of container 1 begins
            1.012 event badstart Started: Container started
            1.017 node-1 container 1 badstart/b#0: running :80
            1.070 node-1 PostStart of container 1 ends 1
            1.077 event badstart FailedPostStartHook: PostStartHook failed
            1.084 event badstart Killing: FailedPostStartHook
            1.085 node-1 SIGQUIT to container 1
            1.086 node-1 container 1 badstart/b#0: exited 0
            1.760 MODIFIED pod/badstart Running SI..P b-0[PostStartHookError]
            1.773 node-1 container 2 badstart/b#1: created
            1.780 event badstart Created x2: Container created
            1.845 node-1 container 2 badstart/b#1: running
            1.845 node-1 PostStart of container 2 begins
            1.852 event badstart Started x2: Container started
            1.857 node-1 container 2 badstart/b#1: running :80
            1.910 node-1 PostStart of container 2 ends 1
            1.917 event badstart FailedPostStartHook x2: PostStartHook failed
            1.924 event badstart Killing x2: FailedPostStartHook
            1.925 node-1 SIGQUIT to container 2
            1.926 node-1 container 2 badstart/b#1: exited 0
            2.765 event badstart BackOff: Back-off restarting failed container b in pod badstart_default(2d57c8dc-a9e1-4a5a-92a8-3723561ea5a5)
            2.766 MODIFIED pod/badstart Running SI..P b-1[PostStartHookError]
            3.771 event badstart BackOff x2: Back-off restarting failed container b in pod badstart_default(2d57c8dc-a9e1-4a5a-92a8-3723561ea5a5)
            3.772 MODIFIED pod/badstart Running SI..P b-1[CrashLoopBackOff]
            14.746 node-1 container 3 badstart/b#2: created
            14.753 event badstart Created x3: Container created
            14.818 node-1 container 3 badstart/b#2: running
            14.818 node-1 PostStart of container 3 begins
            14.825 event badstart Started x3: Container started
            14.830 node-1 container 3 badstart/b#2: running :80
            14.883 node-1 PostStart of container 3 ends 1
            14.890 event badstart FailedPostStartHook x3: PostStartHook failed
            14.898 event badstart Killing x3: FailedPostStartHook
            14.898 node-1 SIGQUIT to container 3
            14.899 node-1 container 3 badstart/b#2: exited 0
            15.805 event badstart BackOff x3: Back-off restarting failed container b in pod badstart_default(2d57c8dc-a9e1-4a5a-92a8-3723561ea5a5)
            15.806 MODIFIED pod/badstart Running SI..P b-2[PostStartHookError]
        "#]],
    );
}

#[test]
fn a_pre_stop_hook_spends_the_grace_period_and_two_seconds_more_are_left() {
    let spec = "  terminationGracePeriodSeconds: 4
  containers:
  - name: b
    image: busybox:1.36
    command: [sh, -c, \"trap 'sleep 1; exit 0' TERM; while true; do sleep 1; done\"]
    lifecycle: {preStop: {exec: {command: [sh, -c, sleep 60]}}}
";
    check_until(
        &pod("overrun", spec),
        &[(6_000, Act::DeletePod("overrun", None))],
        20_000,
        expect![[r#"
            0.007 ADDED pod/overrun Pending 
            0.031 MODIFIED pod/overrun Pending .I..P b-0[ContainerCreating]
            0.512 node-1 sandbox 1 of overrun: ready 10.244.1.2
            0.520 MODIFIED pod/overrun Pending SI..P b-0[ContainerCreating]
            0.933 node-1 container 1 overrun/b#0: created
            0.940 event overrun Created: Container created
            1.005 node-1 container 1 overrun/b#0: running
            1.012 event overrun Started: Container started
            1.020 MODIFIED pod/overrun Running SIRCP b+0[running]
            6.004 MODIFIED pod/overrun Running grace 4 SIRCP b+0[running]
            6.006 node-1 PreStop of container 1 begins
            6.013 event overrun Killing: Stopping container b
            6.014 MODIFIED pod/overrun Running grace 4 SIRCP b+0[running]
            10.021 node-1 SIGTERM to container 1
            11.028 node-1 container 1 overrun/b#0: exited 0
            11.033 node-1 PreStop of container 1 ends 1
            11.040 event overrun FailedPreStopHook: PreStopHook failed
            11.223 node-1 sandbox 1 of overrun: down 10.244.1.2
            11.231 MODIFIED pod/overrun Succeeded grace 4 .I..P b-0[Completed 0]
            11.786 MODIFIED pod/overrun Succeeded grace 0 .I..P b-0[Completed 0]
            11.786 DELETED pod/overrun Succeeded
        "#]],
    );
}

#[test]
fn nginx_is_asked_to_quit_by_its_own_program() {
    let ended = |command: &str| {
        let mut test = Test::new();
        let spec = format!(
            "  containers:\n  - name: c\n    image: nginx:1.25\n    lifecycle: {{preStop: {{exec: {{command: {command}}}}}}}\n"
        );
        test.create(&pod("web", &spec));
        test.run_until(SimTime::millis(5_000));
        test.act(Act::DeletePod("web", None));
        test.run_until(SimTime::millis(60_000));
        assert!(test.pod("web").is_none(), "{command}");
        test.story(&[crate::api::Kind::Event], SimTime::ZERO)
    };
    for command in ["[/usr/sbin/nginx, -s, quit]", "[nginx, -s, stop]", "[sh, -c, 'sleep 1; nginx -s quit']"]
    {
        let story = ended(command);
        assert!(!story.contains("FailedPreStopHook"), "{command}: {story}");
    }
    assert!(ended("[/bin/nginx-quit]").contains("FailedPreStopHook"));
}

/// What becomes of a Pod with two sidecars from its deletion on; the hook of the first takes so many seconds, that of the last one.
fn sidecars(grace: u32, first: u32, on_term: &str) -> String {
    let sidecar = |name: &str, seconds: u32| {
        format!(
            "  - {{name: {name}, image: 'busybox:1.36', restartPolicy: Always, command: [sh, -c, \"trap 'exit 0' TERM; while true; do sleep 1; done\"], lifecycle: {{preStop: {{sleep: {{seconds: {seconds}}}}}}}}}\n"
        )
    };
    let main = format!("trap '{on_term}' TERM; while true; do sleep 1; done");
    let spec = format!(
        "  terminationGracePeriodSeconds: {grace}\n  initContainers:\n{}{}  containers:\n  - {{name: main, image: 'busybox:1.36', command: [sh, -c, \"{main}\"]}}\n",
        sidecar("first", first),
        sidecar("last", 1),
    );
    let mut test = Test::new();
    test.create(&pod("app", &spec));
    test.run_until(SimTime::millis(10_000));
    test.act(Act::DeletePod("app", None));
    test.run_until(SimTime::millis(30_000));
    let is_shown = |line: &&str| {
        line.split('.').next().and_then(|second| second.trim().parse::<u32>().ok()) >= Some(10)
            && ["PreStop", "SIG", "exited", "Killing", "sandbox", "DELETED"]
                .iter()
                .any(|word| line.contains(word))
    };
    test.trace().lines().filter(is_shown).map(|line| format!("{line}\n")).collect()
}

#[test]
fn hooks_of_sidecars_run_at_once_and_their_signals_wait_for_their_turn() {
    expect![[r#"
        10.006 node-1 PreStop of container 1 begins
        10.006 node-1 PreStop of container 2 begins
        10.013 event app Killing: Stopping container first
        10.021 event app Killing: Stopping container last
        10.021 node-1 SIGTERM to container 3
        10.028 event app Killing: Stopping container main
        11.006 node-1 PreStop of container 2 ends 0
        13.229 node-1 container 3 app/main#0: exited 0
        13.264 node-1 SIGTERM to container 2
        14.133 node-1 container 2 app/last#0: exited 0
        15.006 node-1 PreStop of container 1 ends 0
        15.021 node-1 SIGTERM to container 1
        15.034 node-1 container 1 app/first#0: exited 0
        15.229 node-1 sandbox 1 of app: down 10.244.1.2
        15.803 DELETED pod/app Succeeded
        15.879 node-1 sandbox 1: removed
    "#]]
    .assert_eq(&sidecars(20, 5, "sleep 3; exit 0"));
}

#[test]
fn a_sidecar_waits_for_its_turn_no_longer_than_its_grace_period() {
    expect![[r#"
        10.006 node-1 PreStop of container 1 begins
        10.006 node-1 PreStop of container 2 begins
        10.013 event app Killing: Stopping container first
        10.021 event app Killing: Stopping container last
        10.021 node-1 SIGTERM to container 3
        10.028 event app Killing: Stopping container main
        11.006 node-1 PreStop of container 2 ends 0
        13.006 node-1 PreStop of container 1 ends 0
        14.021 node-1 SIGKILL to container 3
        14.021 node-1 container 3 app/main#0: exited 137
        14.021 node-1 SIGTERM to container 2
        14.021 node-1 SIGTERM to container 1
        14.032 node-1 container 1 app/first#0: exited 0
        14.133 node-1 container 2 app/last#0: exited 0
        14.328 node-1 sandbox 1 of app: down 10.244.1.2
        14.794 DELETED pod/app Failed
        14.870 node-1 sandbox 1: removed
    "#]]
    .assert_eq(&sidecars(4, 3, "true"));
}
