//! Pods from their creation to their end, as their traces show it.

use crate::cluster::testing::{Act, check_trace};
use expect_test::expect;

#[test]
fn a_pod_starts_and_is_deleted() {
    check_trace(
        "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  nodeName: node-1
  containers:
  - {name: web, image: nginx:1.25}
",
        &[(6_000, Act::DeletePod("web", None))],
        expect![[r#"
                0.003 ADDED pod/web Pending 
                0.019 MODIFIED pod/web Pending .I..P web-0[ContainerCreating]
                0.534 node-1 sandbox 1 of web: ready 10.244.1.2
                0.534 node-1 process 1855 (1) /pause
                0.535 node-1 pull nginx:1.25 begins
                0.538 event web Pulling: Pulling image "nginx:1.25"
                0.541 MODIFIED pod/web Pending SI..P web-0[ContainerCreating]
                0.935 node-1 pull nginx:1.25 ends
                0.938 event web Pulled: Successfully pulled image "nginx:1.25" in 400ms (400ms including waiting). Image size: 5938603 bytes.
                0.961 node-1 container 1 web/web#0: created
                0.964 event web Created: Container created
                1.066 node-1 container 1 web/web#0: running
                1.066 node-1 process 1892 (1) nginx -g daemon off;
                1.066 node-1 container 1 web/web#0: running :80
                1.069 event web Started: Container started
                1.087 MODIFIED pod/web Running SIRCP web+0[running]
                6.003 MODIFIED pod/web Running grace 30 SIRCP web+0[running]
                6.015 event web Killing: Stopping container web
                6.019 MODIFIED pod/web Running grace 30 SIRCP web+0[running]
                6.028 node-1 SIGQUIT to container 1
                6.028 node-1 process 1892 ends
                6.028 node-1 container 1 web/web#0: exited 0
                6.130 node-1 process 1855 ends
                6.130 node-1 sandbox 1 of web: down 10.244.1.2
                6.137 MODIFIED pod/web Succeeded grace 30 .I..P web-0[Completed 0]
                7.058 MODIFIED pod/web Succeeded grace 0 .I..P web-0[Completed 0]
                7.058 DELETED pod/web Succeeded
                7.088 node-1 container 1: removed
                7.088 node-1 sandbox 1: removed
        "#]],
    );
}
