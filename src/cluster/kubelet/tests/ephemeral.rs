//! Ephemeral containers: started once in a Pod that runs, and no part of what it is for.

use super::pod;
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::Subresource;
use crate::cluster::testing::{Act, Test, patch_request};
use crate::cluster::time::SimTime;
use expect_test::expect;

const WEB: &str = "  containers: [{name: web, image: 'nginx:1.25'}]\n";

/// A Pod that has run for a while, with these ephemeral containers.
fn with(spec: &str, containers: &str) -> Test {
    let mut test = Test::new();
    test.create(&pod("web", spec));
    test.run_until(SimTime::millis(5_000));
    let patch = format!(r#"{{"spec":{{"ephemeralContainers":{containers}}}}}"#);
    let key = ObjectKey::new(Kind::Pod, "default", "web");
    test.send(patch_request(key, &patch).at(Subresource::EphemeralContainers));
    test
}

/// What was seen from the fifth second on.
fn seen(test: &mut Test) -> String {
    let trace = test.trace();
    let lines = trace.lines().filter(|line| {
        let second = line.split('.').next().and_then(|second| second.parse::<u64>().ok());
        second.is_some_and(|second| second >= 5) && !line.contains("node-1 pull ")
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn it_sees_the_processes_of_its_target_and_ends_with_the_pod() {
    let mut test = with(
        WEB,
        r#"[{"name":"look","image":"busybox:1.36","command":["sleep","600"],"targetContainerName":"web"}]"#,
    );
    test.run_until(SimTime::millis(8_000));
    test.act(Act::DeletePod("web", Some(1)));
    test.run_until(SimTime::millis(13_000));
    expect![[r#"
        5.004 MODIFIED pod/web Running SIRCP web+0[running]
        5.014 MODIFIED pod/web Running SIRCP web+0[running] look-0[ContainerCreating]
        5.014 event web Pulling: Pulling image "busybox:1.36"
        5.415 event web Pulled: Successfully pulled image "busybox:1.36" in 400ms (400ms including waiting). Image size: 5933294 bytes.
        5.427 node-1 container 2 web/look#0: created
        5.434 event web Created: Container created
        5.499 node-1 container 2 web/look#0: running
        5.499 node-1 process 1916 (7) sleep 600
        5.506 event web Started: Container started
        5.515 MODIFIED pod/web Running SIRCP web+0[running] look-0[running]
        8.004 MODIFIED pod/web Running grace 1 SIRCP web+0[running] look-0[running]
        8.013 event web Killing: Stopping container web
        8.014 MODIFIED pod/web Running grace 1 SIRCP web+0[running] look-0[running]
        8.021 event web Killing: Stopping container look
        8.021 node-1 SIGQUIT to container 1
        8.021 node-1 SIGTERM to container 2
        8.021 node-1 process 1916 ends
        8.021 node-1 container 2 web/look#0: exited 143
        8.022 node-1 process 1892 ends
        8.022 node-1 container 1 web/web#0: exited 0
        8.217 node-1 process 1855 ends
        8.217 node-1 sandbox 1 of web: down 10.244.1.2
        8.225 MODIFIED pod/web Succeeded grace 1 .I..P web-0[Completed 0] look-0[Error 143]
        8.778 MODIFIED pod/web Succeeded grace 0 .I..P web-0[Completed 0] look-0[Error 143]
        8.778 DELETED pod/web Succeeded
        8.835 node-1 container 2: removed
        8.835 node-1 container 1: removed
        8.835 node-1 sandbox 1: removed
    "#]].assert_eq(&seen(&mut test));
}

#[test]
fn it_is_not_started_again_and_changes_nothing_of_its_pod() {
    let mut test = with(WEB, r#"[{"name":"look","image":"busybox:1.36","command":["false"]}]"#);
    test.run_until(SimTime::millis(120_000));
    expect![[r#"
        5.004 MODIFIED pod/web Running SIRCP web+0[running]
        5.014 MODIFIED pod/web Running SIRCP web+0[running] look-0[ContainerCreating]
        5.014 event web Pulling: Pulling image "busybox:1.36"
        5.415 event web Pulled: Successfully pulled image "busybox:1.36" in 400ms (400ms including waiting). Image size: 5933294 bytes.
        5.427 node-1 container 2 web/look#0: created
        5.434 event web Created: Container created
        5.499 node-1 container 2 web/look#0: running
        5.499 node-1 process 1916 (1) false
        5.506 event web Started: Container started
        5.507 node-1 process 1916 ends
        5.507 node-1 container 2 web/look#0: exited 1
        5.515 MODIFIED pod/web Running SIRCP web+0[running] look-0[running]
        5.770 MODIFIED pod/web Running SIRCP web+0[running] look-0[Error 1]
    "#]].assert_eq(&seen(&mut test));
}

#[test]
fn one_whose_target_does_not_run_waits_for_it() {
    let spec = "  initContainers: [{name: init, image: 'busybox:1.36', command: [sleep, '25']}]\n\
                \x20 containers: [{name: app, image: 'busybox:1.36', command: [sh, -c, 'sleep 9; exit 1']}]\n";
    let containers =
        r#"[{"name":"look","image":"busybox:1.36","command":["sleep","600"],"targetContainerName":"app"}]"#;
    let mut test = with(spec, containers);
    test.run_until(SimTime::millis(45_000));
    expect![[r#"
        5.004 MODIFIED pod/web Pending S...P init-0[running] app-0[PodInitializing]
        5.014 MODIFIED pod/web Pending S...P init-0[running] app-0[PodInitializing] look-0[PodInitializing]
        5.014 event web Pulled: Container image "busybox:1.36" already present on machine and can be accessed by the pod
        5.022 event web Failed: Error: unable to find target container app
        17.733 MODIFIED pod/web Pending S...P init-0[running] app-0[PodInitializing] look-0[CreateContainerConfigError]
        17.733 event web Pulled x2: Container image "busybox:1.36" already present on machine and can be accessed by the pod
        17.741 event web Failed x2: Error: unable to find target container app
        26.005 node-1 process 1892 ends
        26.005 node-1 container 1 web/init#0: exited 0
        26.825 MODIFIED pod/web Pending SI..P init+0[Completed 0] app-0[PodInitializing] look-0[CreateContainerConfigError]
        26.825 event web Pulled x3: Container image "busybox:1.36" already present on machine and can be accessed by the pod
        26.832 event web Failed x3: Error: unable to find target container app
        26.839 node-1 container 2 web/app#0: created
        26.840 event web Pulled: Container image "busybox:1.36" already present on machine and can be accessed by the pod
        26.847 event web Created: Container created
        26.911 node-1 container 2 web/app#0: running
        26.911 node-1 process 1916 (1) sh -c sleep 9; exit 1
        26.918 event web Started: Container started
        27.831 MODIFIED pod/web Running SIRCP init+0[Completed 0] app+0[running] look-0[CreateContainerConfigError]
        27.831 event web Pulled x4: Container image "busybox:1.36" already present on machine and can be accessed by the pod
        27.844 node-1 container 3 web/look#0: created
        27.851 event web Created: Container created
        27.916 node-1 container 3 web/look#0: running
        27.916 node-1 process 1985 (7) sleep 600
        27.923 event web Started: Container started
        27.932 MODIFIED pod/web Running SIRCP init+0[Completed 0] app+0[running] look-0[running]
        35.921 node-1 process 1916 ends
        35.921 node-1 container 2 web/app#0: exited 1
        35.921 node-1 process 1985 ends
        35.921 node-1 container 3 web/look#0: exited 137
        36.858 MODIFIED pod/web Running SI..P init+0[Completed 0] app-0[Error 1] look-0[Error 137]
        36.858 event web Pulled x2: Container image "busybox:1.36" already present on machine and can be accessed by the pod
        36.871 node-1 container 4 web/app#1: created
        36.878 event web Created x2: Container created
        36.943 node-1 container 4 web/app#1: running
        36.943 node-1 process 2032 (1) sh -c sleep 9; exit 1
        36.950 event web Started x2: Container started
        36.958 MODIFIED pod/web Running SIRCP init+0[Completed 0] app+1[running] look-0[Error 137]
    "#]].assert_eq(&seen(&mut test));
}

#[test]
fn one_that_cannot_start_is_tried_again() {
    let mut test = with(
        WEB,
        r#"[{"name":"look","image":"busybox:1.36","securityContext":{"runAsNonRoot":true}},
            {"name":"none","image":"nosuch.example/none:1","imagePullPolicy":"Never"}]"#,
    );
    test.run_until(SimTime::millis(40_000));
    expect![[r#"
        5.004 MODIFIED pod/web Running SIRCP web+0[running]
        5.014 MODIFIED pod/web Running SIRCP web+0[running] look-0[ContainerCreating] none-0[ContainerCreating]
        5.014 event web Pulling: Pulling image "busybox:1.36"
        5.415 event web Pulled: Successfully pulled image "busybox:1.36" in 400ms (400ms including waiting). Image size: 5933294 bytes.
        5.422 event web Failed: Error: container has runAsNonRoot and image will run as root (pod: "web_default(1dde72cf-5bfa-4900-a221-8d30a40586ff)", container: look)
        5.429 event web ErrImageNeverPull: Container image "nosuch.example/none:1" is not present with pull policy of Never
        5.437 event web Failed: Error: ErrImageNeverPull
        18.733 MODIFIED pod/web Running SIRCP web+0[running] look-0[CreateContainerConfigError] none-0[ErrImageNeverPull]
        18.733 event web Pulled: Container image "busybox:1.36" already present on machine and can be accessed by the pod
        18.741 event web Failed x2: Error: container has runAsNonRoot and image will run as root (pod: "web_default(1dde72cf-5bfa-4900-a221-8d30a40586ff)", container: look)
        18.748 event web ErrImageNeverPull x2: Container image "nosuch.example/none:1" is not present with pull policy of Never
        18.755 event web Failed x2: Error: ErrImageNeverPull
        31.733 event web Pulled x2: Container image "busybox:1.36" already present on machine and can be accessed by the pod
        31.741 event web Failed x3: Error: container has runAsNonRoot and image will run as root (pod: "web_default(1dde72cf-5bfa-4900-a221-8d30a40586ff)", container: look)
        31.748 event web ErrImageNeverPull x3: Container image "nosuch.example/none:1" is not present with pull policy of Never
        31.755 event web Failed x3: Error: ErrImageNeverPull
    "#]].assert_eq(&seen(&mut test));
}
