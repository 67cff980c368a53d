//! What reaches into a container: `cp`, `attach`, `port-forward`; and what `apply` keeps.

use super::Terminal;
use expect_test::expect;

const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  restartPolicy: Never
  containers:
  - name: web
    image: busybox:1.36
    command: [sh, -c, 'sleep 8; echo bye']
    ports: [{name: http, containerPort: 80}]
";

#[test]
fn files_go_in_and_out_and_what_is_followed_ends() {
    Terminal::new(&[("pod.yaml", POD), ("a.txt", "it's\nhere\n")]).check(
        &[
            "kubectl apply -f pod.yaml; kubectl wait pod/web --for=condition=Ready",
            "kubectl cp a.txt web:/tmp/; kubectl exec web -- cat /tmp/a.txt",
            "kubectl cp web:/tmp/a.txt b.txt && cat b.txt",
            "kubectl cp nope web:/tmp/; kubectl cp a b; kubectl cp web:/x y",
            "kubectl apply view-last-applied pod/web -o json | head -n 4",
            "kubectl port-forward web 8080:nope; kubectl port-forward web",
            "kubectl attach web; kubectl attach web",
            "kubectl port-forward web 8080:http",
        ],
        expect![[r#"
            $ kubectl apply -f pod.yaml; kubectl wait pod/web --for=condition=Ready
            pod/web created
            pod/web condition met
            $ kubectl cp a.txt web:/tmp/; kubectl exec web -- cat /tmp/a.txt
            it's
            here
            $ kubectl cp web:/tmp/a.txt b.txt && cat b.txt
            it's
            here
            $ kubectl cp nope web:/tmp/; kubectl cp a b; kubectl cp web:/x y
            ! error: nope doesn't exist in local filesystem
            ! error: one of src or dest must be a remote file specification
            ! tar: can't open '/x': No such file or directory
            ! command terminated with exit code 1
            = 1
            $ kubectl apply view-last-applied pod/web -o json | head -n 4
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
            $ kubectl port-forward web 8080:nope; kubectl port-forward web
            ! error: Pod 'web' does not have a named port 'nope'
            ! error: TYPE/NAME and list of ports are required for port-forward
            ! See 'kubectl port-forward -h' for help and examples
            = 1
            $ kubectl attach web; kubectl attach web
            ! All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.
            ! If you don't see a command prompt, try pressing enter.
            bye
            ! All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.
            ! If you don't see a command prompt, try pressing enter.
            $ kubectl port-forward web 8080:http
            Forwarding from 127.0.0.1:8080 -> 80
            Forwarding from [::1]:8080 -> 80
            ! error: lost connection to pod
            = 1
        "#]],
    );
}

#[test]
fn a_port_is_forwarded_until_its_pod_ends() {
    Terminal::new(&[("pod.yaml", POD)]).check(
        &[
            "kubectl apply -f pod.yaml; kubectl wait pod/web --for=condition=Ready",
            "kubectl port-forward web 8080:http",
        ],
        expect![[r#"
            $ kubectl apply -f pod.yaml; kubectl wait pod/web --for=condition=Ready
            pod/web created
            pod/web condition met
            $ kubectl port-forward web 8080:http
            Forwarding from 127.0.0.1:8080 -> 80
            Forwarding from [::1]:8080 -> 80
            ! error: lost connection to pod
            = 1
        "#]],
    );
}
