//! What changes objects that are there: replace, set, autoscale, scale, diff, and what the server refuses.

use super::Terminal;
use expect_test::expect;

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n  selector:\n    matchLabels: {app: web}\n  template:\n    metadata:\n      labels: {app: web}\n    spec:\n      containers:\n      - name: web\n        image: nginx:1.25\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: p\n    image: nginx:1.25\n";

#[test]
fn what_is_set_is_patched() {
    let mut terminal = Terminal::new(&[("web.yaml", DEPLOYMENT)]);
    let show = "kubectl get deploy web -o jsonpath='{.spec.template.spec}' | head -1";
    terminal.check(
        &[
            "kubectl apply -f web.yaml",
            "kubectl set env deploy/web COLOR=blue SIZE=2",
            "kubectl set env deploy/web SIZE- COLOR=red",
            "kubectl set env deploy/web --list",
            "kubectl set env deploy/web COLOR=blue --overwrite=false",
            "kubectl set resources deploy web --limits=cpu=200m,memory=64Mi --requests=cpu=100m",
            "kubectl set sa deploy/web bot",
            "kubectl set image deploy/web nosuch=nginx",
            "kubectl set image deploy/web '*=nginx:1.27'",
            show,
            "kubectl set resources deploy web",
            "kubectl set selector cm kube-root-ca.crt a=b",
        ],
        expect![[r#"
            $ kubectl apply -f web.yaml
            deployment.apps/web created
            $ kubectl set env deploy/web COLOR=blue SIZE=2
            deployment.apps/web env updated
            $ kubectl set env deploy/web SIZE- COLOR=red
            deployment.apps/web env updated
            $ kubectl set env deploy/web --list
            # Deployment web, container web
            COLOR=red
            $ kubectl set env deploy/web COLOR=blue --overwrite=false
            ! error: deployments/web 'COLOR' already has a value (red), and --overwrite is false
            = 1
            $ kubectl set resources deploy web --limits=cpu=200m,memory=64Mi --requests=cpu=100m
            deployment.apps/web resource requirements updated
            $ kubectl set sa deploy/web bot
            deployment.apps/web serviceaccount updated
            $ kubectl set image deploy/web nosuch=nginx
            ! error: unable to find container named "nosuch"
            = 1
            $ kubectl set image deploy/web '*=nginx:1.27'
            deployment.apps/web image updated
            $ kubectl get deploy web -o jsonpath='{.spec.template.spec}' | head -1
            {"containers":[{"env":[{"name":"COLOR","value":"red"}],"image":"nginx:1.27","imagePullPolicy":"IfNotPresent","name":"web","resources":{"limits":{"cpu":"200m","memory":"64Mi"},"requests":{"cpu":"100m"}},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],"dnsPolicy":"ClusterFirst","restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},"serviceAccount":"bot","serviceAccountName":"bot","terminationGracePeriodSeconds":30}
            $ kubectl set resources deploy web
            ! error: you must specify an update to requests or limits (in the form of --requests/--limits)
            = 1
            $ kubectl set selector cm kube-root-ca.crt a=b
            ! error: setting a selector is only supported for Services
            = 1
        "#]],
    );
}

#[test]
fn what_may_not_change_is_refused() {
    let mut terminal = Terminal::new(&[
        ("web.yaml", DEPLOYMENT),
        ("other.yaml", &DEPLOYMENT.replace("app: web", "app: other")),
        ("pod.yaml", POD),
        ("ports.yaml", &POD.replace("nginx:1.25", "nginx:1.25\n    ports: [{containerPort: 80}]")),
        ("two.yaml", &format!("{POD}  - name: q\n    image: nginx:1.25\n")),
    ]);
    terminal.check(
        &[
            "kubectl apply -f web.yaml -f pod.yaml",
            "kubectl diff -f web.yaml",
            "kubectl diff -f other.yaml",
            "kubectl apply -f other.yaml",
            "kubectl apply -f ports.yaml",
            "kubectl apply -f two.yaml",
            "kubectl replace -f two.yaml",
            "kubectl replace -f web.yaml",
            "kubectl replace --force -f pod.yaml",
            "kubectl scale deploy web --replicas=2 --current-replicas=3",
            "kubectl scale deploy web --replicas=2 --current-replicas=1",
            "kubectl scale cm kube-root-ca.crt --replicas=2",
            "kubectl autoscale deploy web --min=3 --max=1",
            "kubectl autoscale deploy web --max=3 --cpu=70%",
            "kubectl autoscale pod p --max=3",
            "kubectl get po --field-selector=spec.nosuch=1",
            "kubectl get po -l 'a in ('",
            "kubectl delete po p --wait=false",
        ],
        expect![[r#"
            $ kubectl apply -f web.yaml -f pod.yaml
            deployment.apps/web created
            pod/p created
            $ kubectl diff -f web.yaml
            $ kubectl diff -f other.yaml
            ! The Deployment "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable
            = 2
            $ kubectl apply -f other.yaml
            ! The Deployment "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable
            = 1
            $ kubectl apply -f ports.yaml
            ! The Pod "p" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)
            ! @@ -100,7 +100,15 @@
            !     "Command": null,
            !     "Args": null,
            !     "WorkingDir": "",
            ! -   "Ports": null,
            ! +   "Ports": [
            ! +    {
            ! +     "Name": "",
            ! +     "HostPort": 0,
            ! +     "ContainerPort": 80,
            ! +     "Protocol": "TCP",
            ! +     "HostIP": ""
            ! +    }
            ! +   ],
            !     "EnvFrom": null,
            !     "Env": null,
            !     "Resources": {
            ! 
            = 1
            $ kubectl apply -f two.yaml
            ! The Pod "p" is invalid: spec.containers: Forbidden: pod updates may not add or remove containers
            = 1
            $ kubectl replace -f two.yaml
            ! The Pod "p" is invalid: spec.containers: Forbidden: pod updates may not add or remove containers
            = 1
            $ kubectl replace -f web.yaml
            deployment.apps/web replaced
            $ kubectl replace --force -f pod.yaml
            pod "p" deleted from shop namespace
            pod/p replaced
            $ kubectl scale deploy web --replicas=2 --current-replicas=3
            ! error: Expected replicas to be 3, was 1
            = 1
            $ kubectl scale deploy web --replicas=2 --current-replicas=1
            deployment.apps/web scaled
            $ kubectl scale cm kube-root-ca.crt --replicas=2
            ! Error from server (NotFound): the server could not find the requested resource
            = 1
            $ kubectl autoscale deploy web --min=3 --max=1
            ! error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: 1, min: 3
            = 1
            $ kubectl autoscale deploy web --max=3 --cpu=70%
            horizontalpodautoscaler.autoscaling/web autoscaled
            $ kubectl autoscale pod p --max=3
            ! error: cannot autoscale a Pod: could not find scale subresource for /v1, Resource=pods in discovery information
            = 1
            $ kubectl get po --field-selector=spec.nosuch=1
            ! Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.nosuch=1": field label not supported: spec.nosuch
            = 1
            $ kubectl get po -l 'a in ('
            ! Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "a in (", field selector "": unable to parse requirement: found '', expected: ',', ')' or identifier
            = 1
            $ kubectl delete po p --wait=false
            pod "p" deleted from shop namespace
        "#]],
    );
}

#[test]
fn a_changed_template_is_warned_of_again_and_nothing_else_is() {
    let twice = "        env:\n        - {name: A, value: a}\n        - {name: A, value: b}\n";
    let pod = format!("{POD}{}", twice.replace("        ", "    "));
    let mut terminal = Terminal::new(&[("web.yaml", &format!("{DEPLOYMENT}{twice}")), ("pod.yaml", &pod)]);
    terminal.check(
        &[
            "kubectl apply -f web.yaml",
            "kubectl set image deploy/web web=nginx:1.27",
            "kubectl annotate deploy web a=b",
            "kubectl scale deploy web --replicas=2",
            "kubectl apply -f pod.yaml",
            "kubectl label pod p a=b",
        ],
        expect![[r#"
            $ kubectl apply -f web.yaml
            ! Warning: spec.template.spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply
            deployment.apps/web created
            $ kubectl set image deploy/web web=nginx:1.27
            ! Warning: spec.template.spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply
            deployment.apps/web image updated
            $ kubectl annotate deploy web a=b
            ! Warning: spec.template.spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply
            deployment.apps/web annotated
            $ kubectl scale deploy web --replicas=2
            deployment.apps/web scaled
            $ kubectl apply -f pod.yaml
            ! Warning: spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply
            pod/p created
            $ kubectl label pod p a=b
            pod/p labeled
        "#]],
    );
}

#[test]
fn an_object_is_edited_by_the_editor_that_is_named() {
    let mut terminal = Terminal::new(&[("web.yaml", DEPLOYMENT), ("p.yaml", POD)]);
    terminal.check(
        &[
            "kubectl apply -f web.yaml -f p.yaml",
            "EDITOR=true kubectl edit deploy web",
            "KUBE_EDITOR='sed -i s/1.25/1.27/' kubectl edit deploy web --output-patch",
            "kubectl get deploy web -o jsonpath='{.spec.template.spec.containers[0].image}{\"\\n\"}'",
            "KUBE_EDITOR='sed -i s/1.25/1.27/' kubectl edit deploy/web pod/p",
            "KUBE_EDITOR=\"sed -i 's/replicas: 1/replicas: many/'\" kubectl edit deploy web",
            "KUBE_EDITOR=\"sed -i 's/restartPolicy:.*/restartPolicy: Never/'\" kubectl edit pod p",
            "KUBE_EDITOR='sed -i s/image/im\\\\:/' kubectl edit deploy web",
            "KUBE_EDITOR=\"sed -i 's/^  name: web/  name: web2/'\" kubectl edit deploy web",
            "KUBE_EDITOR='sed -i s/schedulerName/schedulerNam/;s/restartPolicy/restartPolice/' kubectl edit deploy web",
            "KUBE_EDITOR=\"sed -i 's/^kind.*/kind: [/'\" kubectl edit deploy web",
            "KUBE_EDITOR=nosuch kubectl edit pod p",
            "KUBE_EDITOR=false kubectl edit pod p",
            "KUBE_EDITOR='cp /dev/null' kubectl edit pod p",
            "kubectl edit pod nosuch",
            "KUBE_EDITOR=vi kubectl edit pod p",
            "kubectl edit deploy web",
            "head -8 kubectl-edit-deployment-web.yaml",
            "sed -i 's/replicas: 1/replicas: 2/' kubectl-edit-deployment-web.yaml",
            "KUBE_EDITOR='cp kubectl-edit-deployment-web.yaml' kubectl edit deployment.apps/web",
            "kubectl get deploy web",
        ],
        expect![[r#"
            $ kubectl apply -f web.yaml -f p.yaml
            deployment.apps/web created
            pod/p created
            $ EDITOR=true kubectl edit deploy web
            ! Edit cancelled, no changes made.
            $ KUBE_EDITOR='sed -i s/1.25/1.27/' kubectl edit deploy web --output-patch
            Patch: {"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"annotations\":{},\"name\":\"web\",\"namespace\":\"shop\"},\"spec\":{\"replicas\":1,\"selector\":{\"matchLabels\":{\"app\":\"web\"}},\"template\":{\"metadata\":{\"labels\":{\"app\":\"web\"}},\"spec\":{\"containers\":[{\"image\":\"nginx:1.27\",\"name\":\"web\"}]}}}}\n"}},"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"web"}],"containers":[{"image":"nginx:1.27","name":"web"}]}}}}
            deployment.apps/web edited
            $ kubectl get deploy web -o jsonpath='{.spec.template.spec.containers[0].image}{"\n"}'
            nginx:1.27
            $ KUBE_EDITOR='sed -i s/1.25/1.27/' kubectl edit deploy/web pod/p
            deployment.apps/web skipped
            pod/p edited
            $ KUBE_EDITOR="sed -i 's/replicas: 1/replicas: many/'" kubectl edit deploy web
            ! error: deployments.apps "web" could not be patched: Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32
            ! You can run `kubectl replace -f /tmp/kubectl-edit-4093518945.yaml` to try this update again.
            = 1
            $ KUBE_EDITOR="sed -i 's/restartPolicy:.*/restartPolicy: Never/'" kubectl edit pod p
            ! error: pods "p" is invalid
            ! A copy of your changes has been stored to "/tmp/kubectl-edit-3734263507.yaml"
            ! error: Edit cancelled, no valid changes were saved.
            = 1
            $ KUBE_EDITOR='sed -i s/image/im\\:/' kubectl edit deploy web
            ! error: deployments.apps "web" could not be patched: Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.template.spec.containers[0].im:", unknown field "spec.template.spec.containers[0].im:PullPolicy"
            ! You can run `kubectl replace -f /tmp/kubectl-edit-599132913.yaml` to try this update again.
            = 1
            $ KUBE_EDITOR="sed -i 's/^  name: web/  name: web2/'" kubectl edit deploy web
            ! A copy of your changes has been stored to "/tmp/kubectl-edit-3542712327.yaml"
            ! error: At least one of apiVersion, kind and name was changed
            = 1
            $ KUBE_EDITOR='sed -i s/schedulerName/schedulerNam/;s/restartPolicy/restartPolice/' kubectl edit deploy web
            ! error: deployments.apps "web" could not be patched: Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.template.spec.restartPolice", unknown field "spec.template.spec.schedulerNam"
            ! You can run `kubectl replace -f /tmp/kubectl-edit-767239902.yaml` to try this update again.
            = 1
            $ KUBE_EDITOR="sed -i 's/^kind.*/kind: [/'" kubectl edit deploy web
            ! A copy of your changes has been stored to "/tmp/kubectl-edit-3034964206.yaml"
            ! error: Edit cancelled, no valid changes were saved.
            = 1
            $ KUBE_EDITOR=nosuch kubectl edit pod p
            ! error: unable to launch the editor "nosuch"
            = 1
            $ KUBE_EDITOR=false kubectl edit pod p
            ! error: there was a problem with the editor "false"
            = 1
            $ KUBE_EDITOR='cp /dev/null' kubectl edit pod p
            ! Edit cancelled, saved file was empty.
            $ kubectl edit pod nosuch
            ! Error from server (NotFound): pods "nosuch" not found
            = 1
            $ KUBE_EDITOR=vi kubectl edit pod p
            ! podium: pod/p lies open in the editor of the page as kubectl-edit-pod-p.yaml. Change it there, then save it with:
            ! KUBE_EDITOR='cp kubectl-edit-pod-p.yaml' kubectl edit pod/p
            $ kubectl edit deploy web
            ! podium: deployment.apps/web lies open in the editor of the page as kubectl-edit-deployment-web.yaml. Change it there, then save it with:
            ! KUBE_EDITOR='cp kubectl-edit-deployment-web.yaml' kubectl edit deployment.apps/web
            $ head -8 kubectl-edit-deployment-web.yaml
            # Please edit the object below. Lines beginning with a '#' will be ignored,
            # and an empty file will abort the edit. If an error occurs while saving this file will be
            # reopened with the relevant failures.
            #
            # podium: save it with: KUBE_EDITOR='cp kubectl-edit-deployment-web.yaml' kubectl edit deployment.apps/web
            #
            apiVersion: apps/v1
            kind: Deployment
            $ sed -i 's/replicas: 1/replicas: 2/' kubectl-edit-deployment-web.yaml
            $ KUBE_EDITOR='cp kubectl-edit-deployment-web.yaml' kubectl edit deployment.apps/web
            deployment.apps/web edited
            $ kubectl get deploy web
            NAME   READY   UP-TO-DATE   AVAILABLE   AGE
            web    1/2     2            1           2s
        "#]],
    );
}

#[test]
fn a_part_of_an_object_is_read_and_changed_by_itself() {
    let mut terminal = Terminal::new(&[("web.yaml", DEPLOYMENT)]);
    terminal.check(
        &[
            "kubectl apply -f web.yaml",
            "kubectl rollout status deploy/web",
            "kubectl get deploy web --subresource=scale",
            "kubectl get deploy web --subresource=scale -o yaml | grep -v -e uid -e resourceVersion -e creationTimestamp",
            "kubectl patch deploy web --subresource=scale --type=merge -p '{\"spec\":{\"replicas\":0}}'",
            "kubectl get deploy/web --subresource scale -o jsonpath='{.spec}'",
            "kubectl get deploy web --subresource=status -o name",
            "kubectl get deploy --subresource=status",
            "kubectl get deploy web --subresource=nosuch",
            "kubectl get cm kube-root-ca.crt --subresource=status",
            "kubectl get cm kube-root-ca.crt --subresource=scale",
            "kubectl patch deploy web --subresource=status --type=merge -p '{\"status\":{\"replicas\":7},\"spec\":{\"paused\":true}}' -o jsonpath='{.status.replicas} {.spec.paused}'",
        ],
        expect![[r#"
            $ kubectl apply -f web.yaml
            deployment.apps/web created
            $ kubectl rollout status deploy/web
            Waiting for deployment "web" rollout to finish: 0 of 1 updated replicas are available...
            deployment "web" successfully rolled out
            $ kubectl get deploy web --subresource=scale
            NAME   DESIRED   AVAILABLE   AGE
            web    1         1           1s
            $ kubectl get deploy web --subresource=scale -o yaml | grep -v -e uid -e resourceVersion -e creationTimestamp
            apiVersion: autoscaling/v1
            kind: Scale
            metadata:
              name: web
              namespace: shop
            spec:
              replicas: 1
            status:
              replicas: 1
              selector: app=web
            $ kubectl patch deploy web --subresource=scale --type=merge -p '{"spec":{"replicas":0}}'
            scale.autoscaling/web patched
            $ kubectl get deploy/web --subresource scale -o jsonpath='{.spec}'
            {}
            $ kubectl get deploy web --subresource=status -o name
            deployment.apps/web
            $ kubectl get deploy --subresource=status
            ! error: subresource cannot be used when bulk resources are specified
            = 1
            $ kubectl get deploy web --subresource=nosuch
            ! Error from server (NotFound): the server could not find the requested resource
            = 1
            $ kubectl get cm kube-root-ca.crt --subresource=status
            ! Error from server (NotFound): the server could not find the requested resource
            = 1
            $ kubectl get cm kube-root-ca.crt --subresource=scale
            ! Error from server (NotFound): the server could not find the requested resource
            = 1
            $ kubectl patch deploy web --subresource=status --type=merge -p '{"status":{"replicas":7},"spec":{"paused":true}}' -o jsonpath='{.status.replicas} {.spec.paused}'
            7 
        "#]],
    );
}

#[test]
fn a_template_may_insist_on_what_it_names() {
    let mut terminal = Terminal::new(&[("web.yaml", DEPLOYMENT)]);
    terminal.check(
        &[
            "kubectl apply -f web.yaml",
            "kubectl get -f web.yaml -o jsonpath='{.spec.nosuch}|'",
            "kubectl get -f web.yaml -o jsonpath='{.spec.nosuch}|' --allow-missing-template-keys=false 2>&1 | head -1 | cut -c1-120",
            "kubectl get -f web.yaml -o go-template='{{.spec.nosuch}}|'",
            "kubectl get -f web.yaml -o go-template='{{.spec.nosuch}}|' --allow-missing-template-keys=false 2>&1 | tail -1",
        ],
        expect![[r#"
            $ kubectl apply -f web.yaml
            deployment.apps/web created
            $ kubectl get -f web.yaml -o jsonpath='{.spec.nosuch}|'
            |
            $ kubectl get -f web.yaml -o jsonpath='{.spec.nosuch}|' --allow-missing-template-keys=false 2>&1 | head -1 | cut -c1-120
            error: error executing jsonpath "{.spec.nosuch}|": Error executing template: nosuch is not found. Printing more informat
            $ kubectl get -f web.yaml -o go-template='{{.spec.nosuch}}|'
            <no value>|
            $ kubectl get -f web.yaml -o go-template='{{.spec.nosuch}}|' --allow-missing-template-keys=false 2>&1 | tail -1
            error: error executing template "{{.spec.nosuch}}|": template: output:1:7: executing "output" at <.spec.nosuch>: map has no entry for key "nosuch"
        "#]],
    );
}

#[test]
fn a_service_loses_what_was_for_its_old_type_and_a_slice_has_a_protocol() {
    let slice = "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: own}\naddressType: IPv4\nports: [{port: 5432}]\nendpoints: [{addresses: [10.9.9.9]}]\n";
    let mut terminal = Terminal::new(&[("slice.yaml", slice)]);
    let shown = "kubectl get svc np -o jsonpath='{.spec.type} {.spec.ports} {.spec.externalTrafficPolicy}'";
    terminal.check(
        &[
            "kubectl create service nodeport np --tcp=80:80",
            r#"kubectl patch svc np -p '{"spec":{"type":"ClusterIP","externalTrafficPolicy":"Local"}}'"#,
            r#"kubectl patch svc np -p '{"spec":{"type":"ClusterIP"}}'"#,
            shown,
            "kubectl apply -f slice.yaml",
            "kubectl get endpointslice own -o jsonpath='{.ports} {.endpoints}'",
        ],
        expect![[r#"
            $ kubectl create service nodeport np --tcp=80:80
            service/np created
            $ kubectl patch svc np -p '{"spec":{"type":"ClusterIP","externalTrafficPolicy":"Local"}}'
            ! The Service "np" is invalid: spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services
            = 1
            $ kubectl patch svc np -p '{"spec":{"type":"ClusterIP"}}'
            service/np patched
            $ kubectl get svc np -o jsonpath='{.spec.type} {.spec.ports} {.spec.externalTrafficPolicy}'
            ClusterIP [{"name":"80-80","port":80,"protocol":"TCP","targetPort":80}] 
            $ kubectl apply -f slice.yaml
            endpointslice.discovery.k8s.io/own created
            $ kubectl get endpointslice own -o jsonpath='{.ports} {.endpoints}'
            [{"name":"","port":5432,"protocol":"TCP"}] [{"addresses":["10.9.9.9"],"conditions":{}}]
        "#]],
    );
}

#[test]
fn a_pod_is_resized_through_a_subresource() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: p\n    image: nginx:1.25\n    resources: {requests: {cpu: 300m, memory: 32Mi}}\n";
    let mut terminal = Terminal::new(&[("p.yaml", pod)]);
    let resize = |name: &str, resources: &str| {
        let spec = format!(r#"{{"spec":{{"containers":[{{"name":"{name}","resources":{resources}}}]}}}}"#);
        format!("kubectl patch pod {name} --subresource=resize -p '{spec}'")
    };
    let commands = [
        "kubectl apply -f p.yaml".to_owned(),
        "kubectl wait --for=condition=Ready pod/p".to_owned(),
        resize("p", r#"{"requests":{"cpu":"400m"}}"#),
        "sleep 2; kubectl get pod p -o jsonpath='{.metadata.generation} {.status.containerStatuses[0].resources}'"
            .to_owned(),
        resize("p", r#"{"requests":{"cpu":null}}"#),
        resize("p", r#"{"requests":{"cpu":"400m"},"limits":{"cpu":"400m","memory":"32Mi"}}"#),
        resize("p", r#"{"requests":{"ephemeral-storage":"1Gi"}}"#),
        resize("p", r#"{"requests":{"cpu":"640"}}"#),
        resize("q", r#"{"requests":{"cpu":"1"}}"#),
        "kubectl patch deploy p --subresource=resize -p '{}'".to_owned(),
    ];
    terminal.check(&commands.each_ref().map(|command| &**command), expect![[r#"
        $ kubectl apply -f p.yaml
        pod/p created
        $ kubectl wait --for=condition=Ready pod/p
        pod/p condition met
        $ kubectl patch pod p --subresource=resize -p '{"spec":{"containers":[{"name":"p","resources":{"requests":{"cpu":"400m"}}}]}}'
        pod/p patched
        $ sleep 2; kubectl get pod p -o jsonpath='{.metadata.generation} {.status.containerStatuses[0].resources}'
        2 {"requests":{"cpu":"400m","memory":"32Mi"}}
        $ kubectl patch pod p --subresource=resize -p '{"spec":{"containers":[{"name":"p","resources":{"requests":{"cpu":null}}}]}}'
        ! The Pod "p" is invalid: spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed
        = 1
        $ kubectl patch pod p --subresource=resize -p '{"spec":{"containers":[{"name":"p","resources":{"requests":{"cpu":"400m"},"limits":{"cpu":"400m","memory":"32Mi"}}}]}}'
        ! The Pod "p" is invalid: spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing
        = 1
        $ kubectl patch pod p --subresource=resize -p '{"spec":{"containers":[{"name":"p","resources":{"requests":{"ephemeral-storage":"1Gi"}}}]}}'
        ! The Pod "p" is invalid: spec: Forbidden: only cpu and memory resources are mutable
        = 1
        $ kubectl patch pod p --subresource=resize -p '{"spec":{"containers":[{"name":"p","resources":{"requests":{"cpu":"640"}}}]}}'
        ! Error from server (Forbidden): pods "p" is forbidden: node didn't have enough allocatable resources: cpu, requested: 640000, allocatable: 2000
        = 1
        $ kubectl patch pod q --subresource=resize -p '{"spec":{"containers":[{"name":"q","resources":{"requests":{"cpu":"1"}}}]}}'
        ! Error from server (NotFound): pods "q" not found
        = 1
        $ kubectl patch deploy p --subresource=resize -p '{}'
        ! Error from server (NotFound): the server could not find the requested resource
        = 1
    "#]]);
}

#[test]
fn what_stands_against_emptying_a_node_is_a_list() {
    let proj = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  volumes:\n  - name: all\n    projected: {sources: [{serviceAccountToken: {path: sa}}]}\n  containers:\n  - name: p\n    image: busybox:1.36\n    command: [sleep, '3600']\n    volumeMounts: [{name: all, mountPath: /all}]\n";
    let mut terminal = Terminal::new(&[("p.yaml", proj)]);
    terminal.check(
        &[
            "kubectl apply -f p.yaml",
            "kubectl wait --for=condition=Ready pod/p",
            "kubectl exec p -- ls /all",
            "kubectl drain node-1 node-2 --ignore-daemonsets",
        ],
        expect![[r#"
            $ kubectl apply -f p.yaml
            pod/p created
            $ kubectl wait --for=condition=Ready pod/p
            pod/p condition met
            $ kubectl exec p -- ls /all
            sa
            $ kubectl drain node-1 node-2 --ignore-daemonsets
            node/node-1 cordoned
            node/node-2 cordoned
            node/node-1 drained
            ! error: unable to drain node "node-2" due to error: cannot delete Pods that declare no controller (use --force to override): shop/p, continuing command...
            ! There are pending nodes to be drained:
            !  node-2
            ! cannot delete Pods that declare no controller (use --force to override): shop/p
            = 1
        "#]],
    );
}
