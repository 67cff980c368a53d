//! `kubectl debug`, against what the real one printed (1.37.2): flags that do not go together, ephemeral containers, copies,
//! and Pods on nodes.

use super::Terminal;
use expect_test::expect;

const WEB: &str = "
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
  annotations: {note: hello}
spec:
  terminationGracePeriodSeconds: 2
  containers:
  - name: app
    image: nginx:1.27
    ports: [{containerPort: 80}]
    readinessProbe: {httpGet: {path: /, port: 80}}
";

/// A Pod whose containers do not run as root.
const OLD: &str = "
apiVersion: v1
kind: Pod
metadata:
  name: old
  labels: {app: old}
  annotations: {note: hello}
spec:
  terminationGracePeriodSeconds: 2
  securityContext: {runAsUser: 1000}
  initContainers:
  - {name: first, image: 'busybox:1.36', command: [sh, -c, 'true']}
  containers:
  - name: app
    image: busybox:1.36
    command: [sleep, '3000']
    readinessProbe: {exec: {command: ['true']}}
  - {name: side, image: 'busybox:1.36', command: [sleep, '3000']}
";

const CUSTOM: &str = "
env:
- {name: X, value: '1'}
securityContext: {runAsUser: 0}
";

fn terminal() -> Terminal {
    let files = [
        ("web.yaml", WEB),
        ("old.yaml", OLD),
        ("custom.yaml", CUSTOM),
        ("image.yaml", "image: a\n"),
        ("limits.yaml", "resources: {limits: {cpu: 100m}}\n"),
    ];
    let mut terminal = Terminal::new(&files);
    let started = terminal
        .run("kubectl apply -f web.yaml -f old.yaml > out; kubectl wait pod web old --for=condition=Ready");
    assert_eq!(started, "pod/web condition met\npod/old condition met\n");
    terminal
}

#[test]
fn flags_that_do_not_go_together_are_said() {
    const EACH: &[(&str, &str)] = &[
        ("", "error: you must specify --image when not using --copy-to."),
        ("web", "error: you must specify --image when not using --copy-to."),
        ("--image=b", "error: NAME or filename is required for debug"),
        ("web --image=busybox:1.36 -t", "error: -i/--stdin is required for containers with -t/--tty=true"),
        ("web --image=busybox:1.36 --profile=foo", "error: unknown profile: foo"),
        (
            "web --image=busybox:1.36 --profile=legacy --replace",
            "error: --replace may only be used with --copy-to.",
        ),
        ("web --image=Bad::", "error: invalid image name \"Bad::\": invalid reference format"),
        (
            "web --image=busybox:1.36 --copy-to=x --target=app",
            "error: --target is incompatible with --copy-to. Use --share-processes instead.",
        ),
        ("web --copy-to=x", "error: you must specify --image, --set-image or command arguments."),
        (
            "web --copy-to=x -- sh",
            "error: you must specify an existing container or a new image when specifying args.",
        ),
        ("web --same-node --image=busybox:1.36", "error: --same-node may only be used with --copy-to."),
        ("web --set-image=app=nginx", "error: --set-image may only be used with --copy-to."),
        (
            "web --copy-to=x --set-image=app=B::",
            "error: invalid image name \"B::\" for container \"app\": invalid reference format",
        ),
        ("web --image=busybox:1.36 --image-pull-policy=Foo", "error: invalid image pull policy: Foo"),
        (
            "web --attach",
            "error: you must specify --container or create a new container using --image in order to attach.",
        ),
        ("nope --image=busybox:1.36", "Error from server (NotFound): pods \"nope\" not found"),
        ("node/nope --image=busybox:1.36", "Error from server (NotFound): nodes \"nope\" not found"),
        ("deploy/x --image=busybox:1.36", "Error from server (NotFound): deployments.apps \"x\" not found"),
        ("cm/kube-root-ca.crt --image=busybox:1.36", "error: \"/v1, Kind=ConfigMap\" not supported by debug"),
        (
            "web --image=busybox:1.36 -f web.yaml",
            "error: resource/name arguments cannot be provided when a path is specified",
        ),
        (
            "web --image=busybox:1.36 --custom=image.yaml",
            "error: name, command, image, lifecycle and volume devices are not modifiable via custom profile",
        ),
        (
            "web --image=busybox:1.36 --custom=limits.yaml -c x",
            "The Pod \"web\" is invalid: spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container",
        ),
        (
            "web --image=busybox:1.36 --custom=none.yaml",
            "error: must pass a container spec json file for custom profile: open none.yaml: no such file or directory",
        ),
        (
            "web --image=busybox:1.36 -c app",
            "The Pod \"web\" is invalid: spec.ephemeralContainers[0].name: Duplicate value: \"app\"",
        ),
    ];
    let mut terminal = terminal();
    for (given, why) in EACH {
        assert_eq!(terminal.run(&format!("kubectl debug {given}")), format!("! {why}\n= 1\n"), "{given}");
    }
    let env = terminal.run("kubectl debug web --image=a --env=x");
    assert!(
        env.starts_with(
            "! error: invalid argument \"x\" for \"--env\" flag: x must be formatted as key=value\n"
        ),
        "{env}"
    );
    // A Pod of a file that has no securityContext is more than the real one can bear.
    let panics = "! panic: runtime error: invalid memory address or nil pointer dereference\n= 2\n";
    assert_eq!(terminal.run("kubectl debug -f web.yaml --image=a -c x"), panics);
}

#[test]
fn an_ephemeral_container_looks_into_its_pod() {
    terminal().check(
        &[
            "kubectl debug web --image=busybox:1.36 --attach=false --target=nope",
            "kubectl debug web --image=busybox:1.36 --target=app -c one -- sleep 1000; sleep 3",
            "kubectl exec web -c one -- ps",
            "kubectl exec web -- ps | head -n 3; kubectl exec web -c nope -- ps; kubectl logs web -c nope",
            "kubectl exec web -c one -- wget -qO- localhost",
            "kubectl exec web -c one -- hostname",
            "kubectl get pod web -o jsonpath='{.metadata.generation}{.spec.ephemeralContainers}'",
            "kubectl get pod web -o jsonpath='{.status.ephemeralContainerStatuses[0].ready} {.status.phase}'; kubectl get pod web | cut -c1-30",
            "kubectl debug web --image=busybox:1.36 -c one -- sleep 1000",
            "kubectl debug web --image=busybox:1.36 --attach -c two -- sh -c 'echo hi; sleep 4; echo ho; sleep 2'",
            "kubectl debug web --image=busybox:1.36 -i -q --env=A=b,C=d --arguments-only -- echo foo",
            "kubectl debug web -it --image=busybox:1.36",
            "kubectl debug web --image=busybox:1.36 --profile=sysadmin -c sys --custom=custom.yaml -- false; sleep 2",
            "kubectl exec web -c sys -- ls; kubectl logs web --all-containers | wc -l",
            "kubectl describe pod web | sed -n '/^Ephemeral/,/^Conditions/p' | grep -v containerd | head -n 20",
            "kubectl get events --field-selector involvedObject.name=web -o jsonpath='{range .items[*]}{.reason} {.involvedObject.fieldPath}{\"\\n\"}{end}'",
        ],
        expect![[r#"
            $ kubectl debug web --image=busybox:1.36 --attach=false --target=nope
            Targeting container "nope". If you don't see processes from this container it may be because the container runtime doesn't support this feature.
            Defaulting debug container name to debugger-vnlqv.
            ! The Pod "web" is invalid: spec.ephemeralContainers[0].targetContainerName: Not found: "nope"
            = 1
            $ kubectl debug web --image=busybox:1.36 --target=app -c one -- sleep 1000; sleep 3
            Targeting container "app". If you don't see processes from this container it may be because the container runtime doesn't support this feature.
            $ kubectl exec web -c one -- ps
            PID   USER     COMMAND
                1 root     nginx -g daemon off;
                7 root     sleep 1000
               13 root     ps
            $ kubectl exec web -- ps | head -n 3; kubectl exec web -c nope -- ps; kubectl logs web -c nope
            ! Defaulted container "app" out of: app, one (ephem)
            PID   USER     COMMAND
                1 root     nginx -g daemon off;
                7 root     sleep 1000
            ! error: container nope is not valid for pod web out of: app, one (ephem)
            ! error: container nope is not valid for pod web out of: app, one (ephem)
            = 1
            $ kubectl exec web -c one -- wget -qO- localhost
            web 1.27
            $ kubectl exec web -c one -- hostname
            web
            $ kubectl get pod web -o jsonpath='{.metadata.generation}{.spec.ephemeralContainers}'
            2[{"command":["sleep","1000"],"image":"busybox:1.36","imagePullPolicy":"IfNotPresent","name":"one","resources":{},"securityContext":{"capabilities":{"add":["SYS_PTRACE"]}},"targetContainerName":"app","terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}]
            $ kubectl get pod web -o jsonpath='{.status.ephemeralContainerStatuses[0].ready} {.status.phase}'; kubectl get pod web | cut -c1-30
            false Running
            NAME   READY   STATUS    RESTA
            web    1/1     Running   0    
            $ kubectl debug web --image=busybox:1.36 -c one -- sleep 1000
            ! The Pod "web" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "one" may not be changed
            ! @@ -30,6 +30,7 @@
            !   "SecurityContext": {
            !    "Capabilities": {
            !     "Add": [
            ! +    "SYS_PTRACE",
            !      "SYS_PTRACE"
            !     ],
            !     "Drop": null
            ! 
            = 1
            $ kubectl debug web --image=busybox:1.36 --attach -c two -- sh -c 'echo hi; sleep 4; echo ho; sleep 2'
            ! All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.
            ! If you don't see a command prompt, try pressing enter.
            hi
            ho
            $ kubectl debug web --image=busybox:1.36 -i -q --env=A=b,C=d --arguments-only -- echo foo
            foo
            $ kubectl debug web -it --image=busybox:1.36
            Defaulting debug container name to debugger-x4gcw.
            ! All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.
            ! If you don't see a command prompt, try pressing enter.
            ! podium: no one types into debugger-x4gcw here: give it commands, as in kubectl exec web -c debugger-x4gcw -- ls /
            Session ended, the ephemeral container will not be restarted but may be reattached using 'kubectl attach web -c debugger-x4gcw -n shop -i -t' if it is still running
            $ kubectl debug web --image=busybox:1.36 --profile=sysadmin -c sys --custom=custom.yaml -- false; sleep 2
            $ kubectl exec web -c sys -- ls; kubectl logs web --all-containers | wc -l
            ! error: unable to upgrade connection: container not found ("sys")
            4
            $ kubectl describe pod web | sed -n '/^Ephemeral/,/^Conditions/p' | grep -v containerd | head -n 20
            Ephemeral Containers:
              one:
                Image:         busybox:1.36
                Image ID:      docker.io/library/busybox@sha256:0abe6cbe0b868e4d796f9ba89f49e8aed00571b40bde8283774e072d147ef500
                Port:          <none>
                Host Port:     <none>
                Command:
                  sleep
                  1000
                State:          Running
                  Started:      Tue, 24 Nov 2026 12:00:03 +0000
                Ready:          False
                Restart Count:  0
                Environment:    <none>
                Mounts:         <none>
              two:
                Image:         busybox:1.36
                Image ID:      docker.io/library/busybox@sha256:0abe6cbe0b868e4d796f9ba89f49e8aed00571b40bde8283774e072d147ef500
                Port:          <none>
                Host Port:     <none>
            $ kubectl get events --field-selector involvedObject.name=web -o jsonpath='{range .items[*]}{.reason} {.involvedObject.fieldPath}{"\n"}{end}'
            Scheduled 
            Pulling spec.containers{app}
            Pulled spec.containers{app}
            Created spec.containers{app}
            Started spec.containers{app}
            Pulling spec.ephemeralContainers{one}
            Pulled spec.ephemeralContainers{one}
            Created spec.ephemeralContainers{one}
            Started spec.ephemeralContainers{one}
            Pulled spec.ephemeralContainers{two}
            Created spec.ephemeralContainers{two}
            Started spec.ephemeralContainers{two}
            Pulled spec.ephemeralContainers{debugger-k8wfd}
            Created spec.ephemeralContainers{debugger-k8wfd}
            Started spec.ephemeralContainers{debugger-k8wfd}
            Pulled spec.ephemeralContainers{debugger-x4gcw}
            Created spec.ephemeralContainers{debugger-x4gcw}
            Started spec.ephemeralContainers{debugger-x4gcw}
            Pulled spec.ephemeralContainers{sys}
            Created spec.ephemeralContainers{sys}
            Started spec.ephemeralContainers{sys}
        "#]],
    );
}

#[test]
fn what_the_subresource_refuses() {
    let mut terminal = terminal();
    terminal.run("kubectl debug web --image=busybox:1.36 -c one -- sleep 1000");
    terminal.check(
        &[
            r#"kubectl patch pod web --subresource=ephemeralcontainers -p '{"spec":{"ephemeralContainers":[{"name":"two","image":"busybox:1.36","ports":[{"containerPort":80}],"livenessProbe":{"exec":{"command":["a"]}},"lifecycle":{"preStop":{"exec":{"command":["a"]}}},"resources":{"limits":{"cpu":1}},"volumeMounts":[{"name":"no","mountPath":"/a","subPath":"x"}],"restartPolicy":"Always"}]}}'"#,
            r#"kubectl patch pod web --subresource=ephemeralcontainers --type=json -p '[{"op":"remove","path":"/spec/ephemeralContainers/0"}]'"#,
            r#"kubectl patch pod web --subresource=ephemeralcontainers --type=json -p '[{"op":"replace","path":"/spec/ephemeralContainers/0/image","value":"x"}]'"#,
            r#"kubectl patch pod web -p '{"spec":{"ephemeralContainers":[{"name":"five","image":"busybox:1.36"}]}}' 2>&1 | sed -n '2,6p'"#,
            r#"kubectl patch pod web --subresource=ephemeralcontainers -p '{"metadata":{"labels":{"a":"b"}},"spec":{"ephemeralContainers":[{"name":"Six","image":""}]}}'"#,
            r#"kubectl patch pod web --subresource=ephemeralcontainers -p '{"metadata":{"labels":{"a":"b"}},"spec":{"ephemeralContainers":[{"name":"seven","image":"busybox:1.36"}]}}'; kubectl label pod web b=c; kubectl get pod web --show-labels | cut -c40-"#,
            "kubectl get pod web -o yaml | sed 's/name: web$/name: new/' | grep -v resourceVersion | kubectl create -f -",
        ],
        expect![[r#"
            $ kubectl patch pod web --subresource=ephemeralcontainers -p '{"spec":{"ephemeralContainers":[{"name":"two","image":"busybox:1.36","ports":[{"containerPort":80}],"livenessProbe":{"exec":{"command":["a"]}},"lifecycle":{"preStop":{"exec":{"command":["a"]}}},"resources":{"limits":{"cpu":1}},"volumeMounts":[{"name":"no","mountPath":"/a","subPath":"x"}],"restartPolicy":"Always"}]}}'
            ! The Pod "web" is invalid: 
            ! * spec.ephemeralContainers[0].volumeMounts[0].name: Not found: "no"
            ! * spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container
            ! * spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container
            ! * spec.ephemeralContainers[0].restartPolicy: Forbidden: cannot be set for an Ephemeral Container
            ! * spec.ephemeralContainers[0].livenessProbe: Forbidden: cannot be set for an Ephemeral Container
            ! * spec.ephemeralContainers[0].lifecycle: Forbidden: cannot be set for an Ephemeral Container
            ! * spec.ephemeralContainers[0].volumeMounts[0].subPath: Forbidden: cannot be set for an Ephemeral Container
            = 1
            $ kubectl patch pod web --subresource=ephemeralcontainers --type=json -p '[{"op":"remove","path":"/spec/ephemeralContainers/0"}]'
            ! The Pod "web" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "one" may not be removed
            ! 
            = 1
            $ kubectl patch pod web --subresource=ephemeralcontainers --type=json -p '[{"op":"replace","path":"/spec/ephemeralContainers/0/image","value":"x"}]'
            ! The Pod "web" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "one" may not be changed
            ! @@ -1,6 +1,6 @@
            !  {
            !   "Name": "one",
            ! - "Image": "busybox:1.36",
            ! + "Image": "x",
            !   "Command": [
            !    "sleep",
            !    "1000"
            ! 
            = 1
            $ kubectl patch pod web -p '{"spec":{"ephemeralContainers":[{"name":"five","image":"busybox:1.36"}]}}' 2>&1 | sed -n '2,6p'
            @@ -165,6 +165,38 @@
              ],
              "EphemeralContainers": [
               {
            +   "Name": "five",
            $ kubectl patch pod web --subresource=ephemeralcontainers -p '{"metadata":{"labels":{"a":"b"}},"spec":{"ephemeralContainers":[{"name":"Six","image":""}]}}'
            ! The Pod "web" is invalid: 
            ! * spec.ephemeralContainers[0].name: Invalid value: "Six": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
            ! * spec.ephemeralContainers[0].image: Required value
            = 1
            $ kubectl patch pod web --subresource=ephemeralcontainers -p '{"metadata":{"labels":{"a":"b"}},"spec":{"ephemeralContainers":[{"name":"seven","image":"busybox:1.36"}]}}'; kubectl label pod web b=c; kubectl get pod web --show-labels | cut -c40-
            pod/web patched
            pod/web labeled
               LABELS
               app=web,b=c
            $ kubectl get pod web -o yaml | sed 's/name: web$/name: new/' | grep -v resourceVersion | kubectl create -f -
            ! The Pod "new" is invalid: spec.ephemeralContainers: Forbidden: cannot be set on create
            = 1
        "#]],
    );
}

#[test]
fn a_copy_has_one_more_container_or_other_images() {
    terminal().check(
        &[
            "kubectl debug old --image=busybox:1.36 --copy-to=c1 -c dbg -v=6 -- sleep 1000 2>&1 | sed 's/^I.*Response/Response/; s/ milli.*//' | grep -v loader",
            "kubectl debug old --copy-to=c2 --set-image=*=busybox:1.37,side=nginx:1.27 --share-processes=false",
            "kubectl debug old --copy-to=c3 -c app --env=A=b --keep-labels --keep-annotations --keep-readiness --keep-init-containers=false --same-node -- sleep 30",
            "kubectl debug old --copy-to=c4 -it --image=busybox:1.36 --replace --quiet --profile=baseline -- echo there",
            "kubectl debug old --copy-to=c5 --image=busybox:1.36",
            "sleep 9; kubectl get pods --show-labels --no-headers | cut -d' ' -f1,2,3,4,5,6,7,8,9,10",
            "for p in c1 c2 c3; do kubectl get pod $p -o jsonpath='{.metadata.labels} {.metadata.annotations.note} {.spec.shareProcessNamespace} {.spec.initContainers[*].name}{\"\\n\"}{range .spec.containers[*]}{.name} {.image} {.command} {.readinessProbe.exec} {.env} {.securityContext}{\"\\n\"}{end}'; done",
            "kubectl exec c1 -c dbg -- ps",
        ],
        expect![[r#"
            $ kubectl debug old --image=busybox:1.36 --copy-to=c1 -c dbg -v=6 -- sleep 1000 2>&1 | sed 's/^I.*Response/Response/; s/ milli.*//' | grep -v loader
            Response" verb="GET" url="https://172.30.0.10:6443/api/v1/namespaces/shop/pods/old" status="200 OK"
            Warning: Non-root user is configured for the entire target Pod, and some capabilities granted by debug profile may not work. Please consider using "--custom" with a custom profile that specifies "securityContext.runAsUser: 0".
            Response" verb="POST" url="https://172.30.0.10:6443/api/v1/namespaces/shop/pods" status="201 Created"
            $ kubectl debug old --copy-to=c2 --set-image=*=busybox:1.37,side=nginx:1.27 --share-processes=false
            $ kubectl debug old --copy-to=c3 -c app --env=A=b --keep-labels --keep-annotations --keep-readiness --keep-init-containers=false --same-node -- sleep 30
            ! Warning: Non-root user is configured for the entire target Pod, and some capabilities granted by debug profile may not work. Please consider using "--custom" with a custom profile that specifies "securityContext.runAsUser: 0".
            $ kubectl debug old --copy-to=c4 -it --image=busybox:1.36 --replace --quiet --profile=baseline -- echo there
            there
            $ kubectl debug old --copy-to=c5 --image=busybox:1.36
            ! Error from server (NotFound): pods "old" not found
            = 1
            $ sleep 9; kubectl get pods --show-labels --no-headers | cut -d' ' -f1,2,3,4,5,6,7,8,9,10
            c1    3/3   Running  
            c2    2/2   Running  
            c3    2/2   Running  
            c4    2/3   NotReady  
            web   1/1   Running   
            $ for p in c1 c2 c3; do kubectl get pod $p -o jsonpath='{.metadata.labels} {.metadata.annotations.note} {.spec.shareProcessNamespace} {.spec.initContainers[*].name}{"\n"}{range .spec.containers[*]}{.name} {.image} {.command} {.readinessProbe.exec} {.env} {.securityContext}{"\n"}{end}'; done
              true first
            app busybox:1.36 ["sleep","3000"]   
            side busybox:1.36 ["sleep","3000"]   
            dbg busybox:1.36 ["sleep","1000"]   {"capabilities":{"add":["SYS_PTRACE"]}}
            {"app":"old"} hello false first
            app busybox:1.37 ["sleep","3000"] {"command":["true"]}  
            side nginx:1.27 ["sleep","3000"]   
            {"app":"old"} hello true 
            app busybox:1.36 ["sleep","30"] {"command":["true"]} [{"name":"A","value":"b"}] {"capabilities":{"add":["SYS_PTRACE"]}}
            side busybox:1.36 ["sleep","3000"]   
            $ kubectl exec c1 -c dbg -- ps
            PID   USER     COMMAND
                1 65535    /pause
               13 root     sleep 3000
               19 root     sleep 3000
               25 root     sleep 1000
               31 root     ps
        "#]],
    );
}

#[test]
fn a_pod_on_a_node_is_in_its_namespaces() {
    terminal().check(
        &[
            "kubectl debug node/node-1 --image=busybox:1.36 -v=6 -- sleep 30 2>&1 | sed 's/^I.*Response/Response/; s/ milli.*//' | grep -v loader",
            "kubectl debug node/node-1 --image=busybox:1.36 --profile=sysadmin -it -- sh -c 'echo hi; hostname; sleep 3'",
            "kubectl debug node/node-1 --image=busybox:1.36 --profile=restricted -c zz; sleep 5",
            "kubectl get pods -l app.kubernetes.io/managed-by=kubectl-debug --no-headers | cut -c1-60",
            "kubectl get pods -l app.kubernetes.io/managed-by=kubectl-debug -o jsonpath='{range .items[*]}{.spec.hostNetwork} {.spec.hostPID} {.spec.hostIPC} {.spec.restartPolicy} {.spec.tolerations} {.spec.volumes[0]} {.spec.containers[0].securityContext} {.spec.containers[0].volumeMounts[0]}{\"\\n\"}{end}'",
        ],
        expect![[r#"
            $ kubectl debug node/node-1 --image=busybox:1.36 -v=6 -- sleep 30 2>&1 | sed 's/^I.*Response/Response/; s/ milli.*//' | grep -v loader
            Response" verb="GET" url="https://172.30.0.10:6443/api/v1/nodes/node-1" status="200 OK"
            Creating debugging pod node-debugger-node-1-vnlqv with container debugger on node node-1.
            Response" verb="POST" url="https://172.30.0.10:6443/api/v1/namespaces/shop/pods" status="201 Created"
            $ kubectl debug node/node-1 --image=busybox:1.36 --profile=sysadmin -it -- sh -c 'echo hi; hostname; sleep 3'
            Creating debugging pod node-debugger-node-1-v2cbv with container debugger on node node-1.
            ! All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.
            ! If you don't see a command prompt, try pressing enter.
            hi
            node-1
            Session ended, resume using 'kubectl attach node-debugger-node-1-v2cbv -c debugger -n shop -i -t' command
            $ kubectl debug node/node-1 --image=busybox:1.36 --profile=restricted -c zz; sleep 5
            Creating debugging pod node-debugger-node-1-d42x4 with container zz on node node-1.
            $ kubectl get pods -l app.kubernetes.io/managed-by=kubectl-debug --no-headers | cut -c1-60
            node-debugger-node-1-d42x4   0/1   CreateContainerConfigErro
            node-debugger-node-1-v2cbv   0/1   Completed                
            node-debugger-node-1-vnlqv   1/1   Running                  
            $ kubectl get pods -l app.kubernetes.io/managed-by=kubectl-debug -o jsonpath='{range .items[*]}{.spec.hostNetwork} {.spec.hostPID} {.spec.hostIPC} {.spec.restartPolicy} {.spec.tolerations} {.spec.volumes[0]} {.spec.containers[0].securityContext} {.spec.containers[0].volumeMounts[0]}{"\n"}{end}'
               Never [{"operator":"Exists"}] {"name":"kube-api-access-cvxtg","projected":{"defaultMode":420,"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},{"configMap":{"items":[{"key":"ca.crt","path":"ca.crt"}],"name":"kube-root-ca.crt"}},{"downwardAPI":{"items":[{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"},"path":"namespace"}]}}]}} {"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}} {"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount","name":"kube-api-access-cvxtg","readOnly":true}
            true true true Never [{"operator":"Exists"}] {"hostPath":{"path":"/","type":""},"name":"host-root"} {"privileged":true} {"mountPath":"/host","name":"host-root"}
            true true true Never [{"operator":"Exists"}] {"hostPath":{"path":"/","type":""},"name":"host-root"}  {"mountPath":"/host","name":"host-root"}
        "#]],
    );
}
