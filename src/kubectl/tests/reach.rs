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

#[test]
fn a_process_reaches_what_the_rules_of_its_node_lead_to() {
    let mut terminal = Terminal::new(&[]);
    terminal.check(
        &[
            "kubectl create deployment web --image=nginx:1.25 --replicas=2",
            "kubectl expose deployment web --port=80",
            "kubectl create service clusterip empty --tcp=80",
            "kubectl run box --image=busybox:1.36 -- sleep infinity",
            "kubectl wait --for=condition=Available deploy/web --timeout=60s",
            "kubectl wait --for=condition=Ready pod/box --timeout=60s",
            "sleep 5",
            "kubectl exec box -- wget -qO- http://web",
            "kubectl exec box -- wget -O- http://web.shop",
            "kubectl exec box -- wget -q http://web.shop.svc.cluster.local/",
            "kubectl exec box -- cat index.html",
            "kubectl exec box -- wget -qO- -T 2 http://web:81",
            "kubectl exec box -- wget -qO- http://empty",
            "kubectl exec box -- wget -qO- http://nosuch:8080",
            "kubectl exec box -- wget -qO- http://web.nosuch",
            "kubectl exec box -- wget -qO- http://example.com",
            "kubectl exec box -- wget -qO- -T 3 http://10.9.9.9",
            "kubectl exec box -- sh -c 'wget -qO- web > out; wc -l out; for i in 1 2; do wget -qO- web/healthz; done | sort | uniq; echo $?'",
            "kubectl exec box -- nslookup web",
            "kubectl exec box -- nslookup web.shop.svc.cluster.local",
            "kubectl exec box -- nslookup web.shop",
            "kubectl exec box -- nslookup example.com",
            "kubectl exec box -- curl web",
            "kubectl exec deploy/web -- curl -s -o /dev/null -w '%{http_code}\\n' http://web",
            "kubectl exec deploy/web -- curl -sS nosuch",
            "kubectl exec deploy/web -- curl -s -m 2 http://empty:81",
            "kubectl exec deploy/web -- curl http://empty",
            "kubectl exec deploy/web -- curl http://localhost",
        ],
        expect![[r#"
            $ kubectl create deployment web --image=nginx:1.25 --replicas=2
            deployment.apps/web created
            $ kubectl expose deployment web --port=80
            service/web exposed
            $ kubectl create service clusterip empty --tcp=80
            service/empty created
            $ kubectl run box --image=busybox:1.36 -- sleep infinity
            pod/box created
            $ kubectl wait --for=condition=Available deploy/web --timeout=60s
            deployment.apps/web condition met
            $ kubectl wait --for=condition=Ready pod/box --timeout=60s
            pod/box condition met
            $ sleep 5
            $ kubectl exec box -- wget -qO- http://web
            web-845bd9c4bf-cwj4j 1.25
            $ kubectl exec box -- wget -O- http://web.shop
            web-845bd9c4bf-4ppbl 1.25
            ! Connecting to web.shop (10.96.187.112:80)
            ! writing to stdout
            ! -                    100% |********************************|    26  0:00:00 ETA
            ! written to stdout
            $ kubectl exec box -- wget -q http://web.shop.svc.cluster.local/
            $ kubectl exec box -- cat index.html
            web-845bd9c4bf-4ppbl 1.25
            $ kubectl exec box -- wget -qO- -T 2 http://web:81
            ! wget: download timed out
            ! command terminated with exit code 1
            = 1
            $ kubectl exec box -- wget -qO- http://empty
            ! wget: can't connect to remote host (10.96.141.239): Connection refused
            ! command terminated with exit code 1
            = 1
            $ kubectl exec box -- wget -qO- http://nosuch:8080
            ! wget: bad address 'nosuch:8080'
            ! command terminated with exit code 1
            = 1
            $ kubectl exec box -- wget -qO- http://web.nosuch
            ! wget: web.nosuch: not simulated: it lies outside the cluster
            ! command terminated with exit code 127
            = 127
            $ kubectl exec box -- wget -qO- http://example.com
            ! wget: example.com: not simulated: it lies outside the cluster
            ! command terminated with exit code 127
            = 127
            $ kubectl exec box -- wget -qO- -T 3 http://10.9.9.9
            ! wget: download timed out
            ! command terminated with exit code 1
            = 1
            $ kubectl exec box -- sh -c 'wget -qO- web > out; wc -l out; for i in 1 2; do wget -qO- web/healthz; done | sort | uniq; echo $?'
            1
            0
            ! wget: server returned error: HTTP/1.1 404 Not Found
            ! wget: server returned error: HTTP/1.1 404 Not Found
            $ kubectl exec box -- nslookup web
            Server:		10.96.0.10
            Address:	10.96.0.10:53

            Name:	web.shop.svc.cluster.local
            Address: 10.96.187.112

            ** server can't find web.svc.cluster.local: NXDOMAIN

            ** server can't find web.cluster.local: NXDOMAIN


            ** server can't find web.svc.cluster.local: NXDOMAIN

            ** server can't find web.cluster.local: NXDOMAIN

            ! command terminated with exit code 1
            = 1
            $ kubectl exec box -- nslookup web.shop.svc.cluster.local
            Server:		10.96.0.10
            Address:	10.96.0.10:53

            Name:	web.shop.svc.cluster.local
            Address: 10.96.187.112


            $ kubectl exec box -- nslookup web.shop
            Server:		10.96.0.10
            Address:	10.96.0.10:53

            ** server can't find web.shop: NXDOMAIN

            ** server can't find web.shop: NXDOMAIN

            ! command terminated with exit code 1
            = 1
            $ kubectl exec box -- nslookup example.com
            ! nslookup: example.com: not simulated: it lies outside the cluster
            ! command terminated with exit code 127
            = 127
            $ kubectl exec box -- curl web
            ! error: Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "a176f95bd2ab13926a406f207a308438deb2c0a9948348b3a7591870c20518ae": OCI runtime exec failed: exec failed: unable to start container process: exec: "curl": executable file not found in $PATH
            = 1
            $ kubectl exec deploy/web -- curl -s -o /dev/null -w '%{http_code}\n' http://web
            200
            $ kubectl exec deploy/web -- curl -sS nosuch
            ! curl: (6) Could not resolve host: nosuch
            ! command terminated with exit code 6
            = 6
            $ kubectl exec deploy/web -- curl -s -m 2 http://empty:81
            ! command terminated with exit code 28
            = 28
            $ kubectl exec deploy/web -- curl http://empty
            !   % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
            !                                  Dload  Upload   Total   Spent    Left  Speed
            !   0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0
            ! curl: (7) Failed to connect to empty port 80 after 3 ms: Couldn't connect to server
            ! command terminated with exit code 7
            = 7
            $ kubectl exec deploy/web -- curl http://localhost
            web-845bd9c4bf-4ppbl 1.25
            !   % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
            !                                  Dload  Upload   Total   Spent    Left  Speed
            ! 100    26  100    26    0     0  26000      0 --:--:-- --:--:-- --:--:-- 26000
        "#]],
    );
}

const STATEFUL: &str = "
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: 'nginx:1.25'}]
---
apiVersion: v1
kind: Service
metadata: {name: out}
spec: {type: NodePort, selector: {app: db}, ports: [{port: 8080, targetPort: 80, nodePort: 30080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: host}
spec:
  hostNetwork: true
  nodeName: node-2
  containers: [{name: host, image: 'nginx:1.25'}]
";

#[test]
fn hosts_of_a_headless_service_have_names_and_nodes_have_ports() {
    let mut terminal = Terminal::new(&[("db.yaml", STATEFUL)]);
    terminal.check(
        &[
            "kubectl apply -f db.yaml",
            "kubectl rollout status sts/db",
            "sleep 5",
            "kubectl exec db-0 -- wget -qO- http://db-1.db",
            "kubectl exec db-0 -- wget -qO- http://db-1.db.shop.svc",
            "kubectl exec db-0 -- wget -qO- http://db-7.db",
            "kubectl exec db-0 -- sh -c 'nslookup db.shop.svc.cluster.local | grep -c Address:'",
            "kubectl exec db-0 -- wget -qO- http://$(kubectl get pod db-1 -o jsonpath='{.status.podIP}')",
            "kubectl exec db-0 -- wget -q -O /dev/null http://out:8080 && echo well",
            "NODE=$(kubectl get node node-2 -o jsonpath='{.status.addresses[0].address}')",
            "kubectl exec db-0 -- wget -q -O /dev/null http://$NODE:30080 && echo well",
            "kubectl exec db-0 -- wget -qO- http://$NODE",
            "kubectl exec db-0 -- wget -qO- http://$NODE:81",
            "kubectl exec host -- wget -qO- http://db",
        ],
        expect![[r#"
            $ kubectl apply -f db.yaml
            service/db created
            statefulset.apps/db created
            service/out created
            pod/host created
            $ kubectl rollout status sts/db
            Waiting for 2 pods to be ready...
            Waiting for 1 pods to be ready...
            Waiting for 1 pods to be ready...
            partitioned roll out complete: 2 new pods have been updated...
            $ sleep 5
            $ kubectl exec db-0 -- wget -qO- http://db-1.db
            db-1 1.25
            $ kubectl exec db-0 -- wget -qO- http://db-1.db.shop.svc
            db-1 1.25
            $ kubectl exec db-0 -- wget -qO- http://db-7.db
            ! wget: bad address 'db-7.db'
            ! command terminated with exit code 1
            = 1
            $ kubectl exec db-0 -- sh -c 'nslookup db.shop.svc.cluster.local | grep -c Address:'
            3
            $ kubectl exec db-0 -- wget -qO- http://$(kubectl get pod db-1 -o jsonpath='{.status.podIP}')
            db-1 1.25
            $ kubectl exec db-0 -- wget -q -O /dev/null http://out:8080 && echo well
            well
            $ NODE=$(kubectl get node node-2 -o jsonpath='{.status.addresses[0].address}')
            $ kubectl exec db-0 -- wget -q -O /dev/null http://$NODE:30080 && echo well
            well
            $ kubectl exec db-0 -- wget -qO- http://$NODE
            node-2 1.25
            $ kubectl exec db-0 -- wget -qO- http://$NODE:81
            ! wget: can't connect to remote host (172.30.0.12): Connection refused
            ! command terminated with exit code 1
            = 1
            $ kubectl exec host -- wget -qO- http://db
            ! wget: bad address 'db'
            ! command terminated with exit code 1
            = 1
        "#]],
    );
}

#[test]
fn nginx_and_httpd_give_the_files_of_their_folder() {
    let yaml = "
apiVersion: v1
kind: ConfigMap
metadata: {name: pages}
data: {index.html: 'hello from a ConfigMap'}
---
apiVersion: v1
kind: Pod
metadata: {name: own}
spec: {containers: [{name: web, image: 'nginx:1.27'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: mapped}
spec:
  volumes: [{name: pages, configMap: {name: pages}}]
  containers: [{name: web, image: 'nginx:1.27', volumeMounts: [{name: pages, mountPath: /usr/share/nginx/html}]}]
---
apiVersion: v1
kind: Pod
metadata: {name: empty}
spec:
  volumes: [{name: pages, emptyDir: {}}]
  containers: [{name: web, image: 'nginx:1.27', volumeMounts: [{name: pages, mountPath: /usr/share/nginx/html}]}]
---
apiVersion: v1
kind: Pod
metadata: {name: disk}
spec:
  volumes: [{name: pages, hostPath: {path: /pages}}]
  containers: [{name: web, image: 'httpd:2.4', volumeMounts: [{name: pages, mountPath: /usr/local/apache2/htdocs}]}]
---
apiVersion: v1
kind: Pod
metadata: {name: set}
spec:
  volumes: [{name: conf, configMap: {name: pages}}]
  containers: [{name: web, image: 'nginx:1.27', volumeMounts: [{name: conf, mountPath: /etc/nginx/conf.d}]}]
";
    Terminal::new(&[("web.yaml", yaml)]).check(
        &[
            "kubectl apply -f web.yaml > out; kubectl wait pod --all --for=condition=Ready > out",
            "for pod in own mapped empty disk set; do kubectl exec $pod -- wget -qO- localhost; done",
            "for pod in own mapped empty disk set; do kubectl exec $pod -- wget -qO- localhost/healthz; done",
            "kubectl exec own -- sh -c 'echo well > /usr/share/nginx/html/healthz; wget -qO- localhost/healthz?full=1'",
            "kubectl exec own -- sh -c 'rm /usr/share/nginx/html/index.html; wget -qO- localhost'",
        ],
        expect![[r#"
            $ kubectl apply -f web.yaml > out; kubectl wait pod --all --for=condition=Ready > out
            $ for pod in own mapped empty disk set; do kubectl exec $pod -- wget -qO- localhost; done
            own 1.27
            hello from a ConfigMap
            ! wget: server returned error: HTTP/1.1 403 Forbidden
            ! command terminated with exit code 1
            disk 
            set 1.27
            $ for pod in own mapped empty disk set; do kubectl exec $pod -- wget -qO- localhost/healthz; done
            ! wget: server returned error: HTTP/1.1 404 Not Found
            ! command terminated with exit code 1
            ! wget: server returned error: HTTP/1.1 404 Not Found
            ! command terminated with exit code 1
            ! wget: server returned error: HTTP/1.1 404 Not Found
            ! command terminated with exit code 1
            ok
            ok
            $ kubectl exec own -- sh -c 'echo well > /usr/share/nginx/html/healthz; wget -qO- localhost/healthz?full=1'
            well
            $ kubectl exec own -- sh -c 'rm /usr/share/nginx/html/index.html; wget -qO- localhost'
            ! wget: server returned error: HTTP/1.1 403 Forbidden
            ! command terminated with exit code 1
            = 1
        "#]],
    );
}
