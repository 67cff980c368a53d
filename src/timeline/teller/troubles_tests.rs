//! What goes wrong is told with its cause, and before what comes of it.

use super::breaking_tests::{acted_with, command};
use crate::cluster::fault::Fault;
use crate::cluster::record::NodeId;
use crate::timeline::{Act, Timeline};
use crate::words::{Language, text};
use expect_test::{Expect, expect};

/// What is told of these, without what is told of every Pod that begins.
#[track_caller]
fn check(timeline: &Timeline, ids: &[&str], expect: Expect) {
    let of = |id: &str| ids.iter().any(|named| id == format!("say.{named}"));
    let beats = timeline.story().beats.iter().filter(|beat| of(beat.say.id));
    let said = beats
        .map(|beat| format!("{} {}\n", beat.to.clock(), text(Language::En, beat.say.id, &beat.say.args)));
    expect.assert_eq(&said.collect::<String>());
}

#[test]
fn a_probe_that_fails_is_the_cause_of_a_restart() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: live}
spec: {containers: [{name: web, image: 'nginx:1.27', livenessProbe: {httpGet: {path: /nope, port: 80}, periodSeconds: 5},
  readinessProbe: {httpGet: {path: /, port: 80}}}]}
---
apiVersion: v1
kind: Pod
metadata: {name: never}
spec: {containers: [{name: web, image: 'nginx:1.27', readinessProbe: {httpGet: {path: /healthz, port: 80}, periodSeconds: 2}}]}
";
    let ids = [
        "liveness-probe-fails",
        "readiness-probe-fails",
        "probe-kills",
        "container-died",
        "container-restarted",
        "pod-not-ready",
        "back-off",
        "back-off-shown",
    ];
    check(
        &acted_with(1, yaml, Vec::new(), 100),
        &ids,
        expect![[r#"
            00:03.8 The readiness probe of web in Pod never fails: HTTP probe failed with statuscode: 404. Until it succeeds, the Pod is not ready.
            00:05.5 The liveness probe of web in Pod live fails: HTTP probe failed with statuscode: 404. After 3 failures in a row the kubelet ends the container.
            00:15.5 The liveness probe of web in Pod live has failed 3 times in a row, so the kubelet ends the container and starts it again.
            00:15.5 web in Pod live has ended with exit code 0. The Pod stays: its name, IP and pause too.
            00:15.7 The kubelet starts web again inside the same Pod. That is restart 1.
            00:30.5 The liveness probe of web in Pod live has failed 3 times in a row, so the kubelet ends the container and starts it again.
            00:30.5 web in Pod live has ended with exit code 0. The Pod stays: its name, IP and pause too.
            00:30.6 The kubelet starts web again inside the same Pod. That is restart 2.
            00:45.5 The liveness probe of web in Pod live has failed 3 times in a row, so the kubelet ends the container and starts it again.
            00:45.5 web in Pod live has ended with exit code 0. The Pod stays: its name, IP and pause too.
            00:45.6 The kubelet starts web again inside the same Pod. That is restart 3.
            01:00.5 The liveness probe of web in Pod live has failed 3 times in a row, so the kubelet ends the container and starts it again.
            01:00.5 web in Pod live has ended with exit code 0. The Pod stays: its name, IP and pause too.
            01:00.6 web has ended again, so the kubelet does not try again at once. This time it waits 20 s. The wait doubles each time, up to 5 min.
            01:01.3 The kubelet looks at Pod live again. Only now does the status of web say CrashLoopBackOff, with the wait of 20 s.
            01:28.2 The kubelet starts web again inside the same Pod. That is restart 4.
            01:40.5 The liveness probe of web in Pod live has failed 3 times in a row, so the kubelet ends the container and starts it again.
            01:40.5 web in Pod live has ended with exit code 0. The Pod stays: its name, IP and pause too.
            01:40.6 The kubelet starts web again inside the same Pod. That is restart 5.
            01:55.5 The liveness probe of web in Pod live has failed 3 times in a row, so the kubelet ends the container and starts it again.
            01:55.5 web in Pod live has ended with exit code 0. The Pod stays: its name, IP and pause too.
            01:55.6 web has ended again, so the kubelet does not try again at once. This time it waits 1 min 20 s. The wait doubles each time, up to 5 min.
            01:56.5 The kubelet looks at Pod live again. Only now does the status of web say CrashLoopBackOff, with the wait of 1 min 20 s.
            03:18.2 The kubelet starts web again inside the same Pod. That is restart 6.
            03:30.6 The liveness probe of web in Pod live has failed 3 times in a row, so the kubelet ends the container and starts it again.
            03:30.6 web in Pod live has ended with exit code 0. The Pod stays: its name, IP and pause too.
            03:30.7 The kubelet looks at Pod live again. Only now does the status of web say CrashLoopBackOff, with the wait of 2 min 40 s.
            06:13.0 The kubelet starts web again inside the same Pod. That is restart 7.
            06:25.5 The liveness probe of web in Pod live has failed 3 times in a row, so the kubelet ends the container and starts it again.
            06:25.5 web in Pod live has ended with exit code 0. The Pod stays: its name, IP and pause too.
            06:26.2 The kubelet looks at Pod live again. Only now does the status of web say CrashLoopBackOff, with the wait of 5 min.
        "#]],
    );
}

#[test]
fn what_keeps_pods_from_running_is_told_once() {
    let yaml = "
apiVersion: v1
kind: ResourceQuota
metadata: {name: few}
spec: {hard: {pods: '5'}}
---
apiVersion: v1
kind: Pod
metadata: {name: mounts}
spec: {volumes: [{name: keys, secret: {secretName: keys}}], containers: [{name: web, image: 'nginx:1.27', volumeMounts: [{name: keys, mountPath: /keys}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: asks}
spec: {containers: [{name: web, image: 'nginx:1.27', envFrom: [{configMapRef: {name: settings}}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: lacks}
spec: {containers: [{name: web, image: 'nginx:1.27', command: [nosuchthing]}]}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: elsewhere}
provisioner: disks.example.com
volumeBindingMode: Immediate
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {storageClassName: elsewhere, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'nginx:1.27'}]}}
";
    let ids = [
        "pods-created",
        "pods-created-apart",
        "pods-refused",
        "pod-unmounted",
        "container-unmade",
        "container-unstarted",
        "back-off",
        "claim-awaits-provisioner",
    ];
    check(
        &acted_with(1, yaml, Vec::new(), 30),
        &ids,
        expect![[r#"
        00:00.2 The claim data waits for a volume from disks.example.com, which does not run here: its Pods wait with it.
        00:00.2 The ReplicaSet web-7dc455c86 wants 3 Pods and sees fewer, so its controller makes 2.
        00:00.2 The API server refuses a Pod that the ReplicaSet web-7dc455c86 wants: exceeded quota: few, requested: pods=1, used: pods=5, limited: pods=5. Its controller tries again later.
        00:00.5 The kubelet cannot mount the volumes of Pod mounts: secret "keys" not found. The containers wait, and it tries again.
        00:01.2 The container runtime cannot start web of Pod lacks: exec: "nosuchthing": executable file not found in $PATH.
        00:02.2 The kubelet cannot make web of Pod asks: configmap "settings" not found. It tries again.
        00:02.8 web could not start, so the kubelet does not try again at once. This time it waits 10 s. The wait doubles each time, up to 5 min.
    "#]],
    );
}

#[test]
fn jobs_that_are_tried_again_and_held_back_are_told_so() {
    let yaml = "
apiVersion: batch/v1
kind: Job
metadata: {name: fails}
spec: {backoffLimit: 1, template: {spec: {restartPolicy: Never, containers: [{name: work, image: 'busybox:1.36', command: [sh, -c, 'exit 3']}]}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: tick}
spec:
  schedule: '* * * * *'
  concurrencyPolicy: Forbid
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: work, image: 'busybox:1.36', command: [sleep, '80']}]}}}}
";
    let ids = ["job-retries", "job-failed", "cron-job-made", "cron-job-made-late", "cron-job-waits"];
    check(
        &acted_with(1, yaml, Vec::new(), 160),
        &ids,
        expect![[r#"
            00:11.0 One Pod of the Job fails has failed, so its controller makes another: its backoffLimit allows one failure.
            00:15.5 The Job fails has failed: BackoffLimitExceeded. Its controller makes no more Pods.
            01:00.1 A time in the schedule of the CronJob tick has come, so its controller makes the Job tick-29925361.
            02:00.1 A time in the schedule of the CronJob tick has come, but its last Job still runs, and concurrencyPolicy is Forbid: none is made now.
            02:23.6 Nothing keeps the CronJob tick any longer, so its controller makes the Job tick-29925362 now: its time had come before.
            03:00.1 A time in the schedule of the CronJob tick has come, but its last Job still runs, and concurrencyPolicy is Forbid: none is made now.
            03:46.4 Nothing keeps the CronJob tick any longer, so its controller makes the Job tick-29925363 now: its time had come before.
            04:00.1 A time in the schedule of the CronJob tick has come, but its last Job still runs, and concurrencyPolicy is Forbid: none is made now.
            05:00.1 A time in the schedule of the CronJob tick has come, but its last Job still runs, and concurrencyPolicy is Forbid: none is made now.
            05:09.6 Nothing keeps the CronJob tick any longer, so its controller makes the Job tick-29925365 now: its time had come before.
            06:00.1 A time in the schedule of the CronJob tick has come, but its last Job still runs, and concurrencyPolicy is Forbid: none is made now.
            06:33.2 Nothing keeps the CronJob tick any longer, so its controller makes the Job tick-29925366 now: its time had come before.
            07:56.4 Nothing keeps the CronJob tick any longer, so its controller makes the Job tick-29925367 now: its time had come before.
            09:19.3 Nothing keeps the CronJob tick any longer, so its controller makes the Job tick-29925369 now: its time had come before.
            10:42.5 Nothing keeps the CronJob tick any longer, so its controller makes the Job tick-29925370 now: its time had come before.
            12:00.1 A time in the schedule of the CronJob tick has come, but its last Job still runs, and concurrencyPolicy is Forbid: none is made now.
            12:05.7 Nothing keeps the CronJob tick any longer, so its controller makes the Job tick-29925372 now: its time had come before.
        "#]],
    );
}

#[test]
fn owners_and_namespaces_are_told_of_as_they_come_and_go() {
    let yaml = "
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: held, namespace: shop, finalizers: [example.com/hold]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'nginx:1.27'}]}}
";
    let acts = vec![
        (10, command("kubectl delete deployment web --cascade=orphan")),
        (20, command("kubectl apply -f app.yaml")),
        (30, command("kubectl delete namespace shop --wait=false")),
        (50, command("kubectl cordon node-1")),
        (60, command("kubectl uncordon node-1")),
        (70, Act::Fault(Fault::NodeDies(NodeId(1)))),
        (80, Act::Fault(Fault::NodeReturns(NodeId(1)))),
    ];
    let ids = [
        "dependents-orphaned",
        "replica-set-adopted",
        "namespace-held",
        "node-cordoned",
        "node-uncordoned",
        "service-headless-created",
        "object-held",
        "rules-lessened",
    ];
    check(
        &acted_with(1, yaml, acts, 100),
        &ids,
        expect![[r#"
        00:00.2 The Service web is headless: it gets no address, and no node has rules for it. The DNS of the cluster answers with the addresses of its Pods.
        00:10.0 The API server keeps the Deployment web for now, and only marks it as deleted: its finalizers come first (orphan).
        00:10.0 The owner goes without its dependents: the garbage collector takes it out of the ownerReferences of one object, which stays.
        00:20.1 The Deployment web selects the ReplicaSet web-7dc455c86, which nobody owns, and its controller takes it as its own.
        00:35.1 The Namespace shop stays Terminating: finalizers hold what is in it (example.com/hold in 1 resource instances). It goes once they are taken away.
        00:50.0 node-1 is cordoned: its spec.unschedulable is true, so the scheduler gives it no new Pods. Those that are there stay.
        01:00.0 node-1 is no longer cordoned: the scheduler may give it Pods again.
    "#]],
    );
}

#[test]
fn what_somebody_kills_is_not_ended_by_its_probe() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: live}
spec: {containers: [{name: web, image: 'nginx:1.27', livenessProbe: {httpGet: {path: /nope, port: 80}, periodSeconds: 5, failureThreshold: 100}}]}
";
    let key = crate::api::ObjectKey::new(crate::api::Kind::Pod, "default", "live");
    let acts = vec![
        (20, Act::Fault(Fault::KillContainer(key, "web".into()))),
        (60, command("kubectl exec live -- sh -c 'kill 1'")),
    ];
    let ids = ["liveness-probe-fails", "probe-kills", "container-died"];
    check(
        &acted_with(1, yaml, acts, 100),
        &ids,
        expect![[r#"
        00:05.5 The liveness probe of web in Pod live fails: HTTP probe failed with statuscode: 404. After 100 failures in a row the kubelet ends the container.
        00:20.0 web in Pod live has ended with exit code 137. The Pod stays: its name, IP and pause too.
        01:00.1 web in Pod live has ended with exit code 0. The Pod stays: its name, IP and pause too.
    "#]],
    );
}
