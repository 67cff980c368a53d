//! What is told comes in the order in which one follows from the other, and not before it happens.

use super::breaking_tests::{acted_with, command};
use super::tests::told;
use crate::cluster::fault::Fault;
use crate::cluster::record::NodeId;
use crate::cluster::time::{SECOND, SimTime};
use crate::timeline::{Act, Timeline};
use expect_test::expect;

const SHOP: &str = "
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-0}
spec: {capacity: {storage: 2Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /disks/0}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk-1}
spec: {capacity: {storage: 2Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /disks/1}}
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
      containers:
      - {name: postgres, image: 'postgres:16', volumeMounts: [{name: data, mountPath: /data}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: web, image: 'nginx:1.27'}]}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: shop}
spec: {minAvailable: 2, selector: {matchLabels: {app: shop}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: count}
spec:
  completions: 4
  parallelism: 2
  template:
    spec:
      restartPolicy: Never
      containers: [{name: count, image: 'busybox:1.36', command: [sh, -c, 'sleep 2']}]
";

/// The steps of a story that are told before one that they follow from.
fn told_too_early(timeline: &Timeline) -> Vec<&'static str> {
    let (story, history) = (timeline.story(), timeline.history());
    let mut found = Vec::new();
    for (place, beat) in story.beats.iter().enumerate() {
        for earlier in story.beats[..place].iter().filter(|earlier| earlier.chapter == beat.chapter) {
            let causes = earlier.records.iter().flat_map(|id| history.causes(*id).map(|record| record.id));
            let mut causes: Vec<_> = causes.collect();
            causes.retain(|cause| beat.records.contains(cause) && !earlier.records.contains(cause));
            // A command that goes on asks again because of what it was told.
            let is_one = earlier.say.id == "say.command-sent";
            if !causes.is_empty() && !is_one {
                found.extend([earlier.say.id, beat.say.id]);
            }
        }
    }
    found
}

#[test]
fn what_follows_from_a_step_is_told_after_it() {
    for seed in 1..=12 {
        let timeline = acted_with(seed, SHOP, vec![(10, command("kubectl drain node-1 --force"))], 60);
        assert_eq!(told_too_early(&timeline), Vec::<&str>::new(), "seed {seed}:\n{}", told(timeline.story()));
    }
}

#[test]
fn a_rollout_beside_a_job_of_many_pods_is_told_in_its_order() {
    let many = SHOP.replace("completions: 4", "completions: 40");
    for seed in 1..=12 {
        let rolls = command("kubectl set image deployment/shop web=nginx:1.29");
        let timeline = acted_with(seed, &many, vec![(10, rolls)], 60);
        assert_eq!(told_too_early(&timeline), Vec::<&str>::new(), "seed {seed}:\n{}", told(timeline.story()));
    }
}

#[test]
fn while_a_wait_passes_the_sentence_before_it_stays() {
    let timeline = acted_with(1, SHOP, vec![(20, Act::Fault(Fault::KubeletStops(NodeId(1))))], 100);
    let story = timeline.story();
    told(story);
    let beat = story.beats.iter().find(|beat| beat.say.id == "say.node-unheard").expect("it is told");
    let before = &story.beats[beat.index - 1];
    assert!(beat.to.since(before.to) > 30 * SECOND);
    for (at, said) in [
        (before.to + SECOND, before.say.id),
        (SimTime(beat.to.0 - SECOND), before.say.id),
        (beat.to, beat.say.id),
    ] {
        assert_eq!(story.say(at).id, said, "{at:?}");
    }
}

#[test]
fn a_back_off_is_told_when_it_begins_and_an_image_that_is_there_is_not_missing() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: loop}
spec:
  nodeName: node-1
  containers: [{name: main, image: busybox, command: [sh, -c, 'sleep 3; exit 1']}]
";
    let timeline = acted_with(1, yaml, Vec::new(), 60);
    let clocked: Vec<String> = told(timeline.story())
        .lines()
        .skip(1)
        .zip(&timeline.story().beats)
        .map(|(said, beat)| format!("{} {}", beat.to.clock(), said.trim()))
        .collect();
    expect![[r#"
        00:00.2 kubectl reads app.yaml and sends one object to the API server.
        00:00.2 Pod loop is stored, but it has no node yet. It is Pending.
        00:00.2 The kubelet on node-1 watches for Pods with its name, and finds Pod loop.
        00:00.7 pause starts first in Pod loop. It holds the Linux namespaces net, ipc and uts, and sleeps.
        00:01.2 node-1 does not have the image busybox yet, so its container runtime pulls it.
        00:01.3 The container main starts and joins the Linux namespaces that pause holds.
        00:01.3 Every container of Pod loop is ready, so its condition Ready is True.
        00:04.3 main in Pod loop has ended with exit code 1. The Pod stays: its name, IP and pause too.
        00:04.8 node-1 has the image busybox already. The imagePullPolicy of the container is Always, so the registry is asked again whether it is the newest.
        00:04.9 The kubelet starts main again inside the same Pod. That is restart 1.
        00:04.9 Every container of Pod loop is ready, so its condition Ready is True.
        00:07.9 main in Pod loop has ended with exit code 1. The Pod stays: its name, IP and pause too.
        00:08.7 main has ended again, so the kubelet does not try again at once. This time it waits 10 s. The wait doubles each time, up to 5 min.
        00:18.7 node-1 has the image busybox already. The imagePullPolicy of the container is Always, so the registry is asked again whether it is the newest.
        00:18.7 The kubelet looks at Pod loop again. Only now does the status of main say CrashLoopBackOff, with the wait of 10 s.
        00:18.8 The kubelet starts main again inside the same Pod. That is restart 2.
        00:18.8 Every container of Pod loop is ready, so its condition Ready is True.
        00:21.8 main in Pod loop has ended with exit code 1. The Pod stays: its name, IP and pause too.
        00:22.8 main has ended again, so the kubelet does not try again at once. This time it waits 20 s. The wait doubles each time, up to 5 min.
        00:48.7 The kubelet looks at Pod loop again. Only now does the status of main say CrashLoopBackOff, with the wait of 20 s.
        00:48.8 node-1 has the image busybox already. The imagePullPolicy of the container is Always, so the registry is asked again whether it is the newest.
        00:48.9 The kubelet starts main again inside the same Pod. That is restart 3.
        00:49.0 Every container of Pod loop is ready, so its condition Ready is True.
        00:51.9 main in Pod loop has ended with exit code 1. The Pod stays: its name, IP and pause too.
        00:52.9 main has ended again, so the kubelet does not try again at once. This time it waits 40 s. The wait doubles each time, up to 5 min.
        01:47.7 node-1 has the image busybox already. The imagePullPolicy of the container is Always, so the registry is asked again whether it is the newest.
        01:47.7 The kubelet looks at Pod loop again. Only now does the status of main say CrashLoopBackOff, with the wait of 40 s.
        01:47.8 The kubelet starts main again inside the same Pod. That is restart 4.
        01:47.9 Every container of Pod loop is ready, so its condition Ready is True.
        01:50.9 main in Pod loop has ended with exit code 1. The Pod stays: its name, IP and pause too.
        01:51.0 main has ended again, so the kubelet does not try again at once. This time it waits 1 min 20 s. The wait doubles each time, up to 5 min.
        03:01.7 The kubelet looks at Pod loop again. Only now does the status of main say CrashLoopBackOff, with the wait of 1 min 20 s.
        03:13.7 node-1 has the image busybox already. The imagePullPolicy of the container is Always, so the registry is asked again whether it is the newest.
        03:13.8 The kubelet starts main again inside the same Pod. That is restart 5.
        03:13.8 Every container of Pod loop is ready, so its condition Ready is True.
        03:16.8 main in Pod loop has ended with exit code 1. The Pod stays: its name, IP and pause too.
        03:17.3 main has ended again, so the kubelet does not try again at once. This time it waits 2 min 40 s. The wait doubles each time, up to 5 min.
        04:28.7 The kubelet looks at Pod loop again. Only now does the status of main say CrashLoopBackOff, with the wait of 2 min 40 s.
        06:05.8 node-1 has the image busybox already. The imagePullPolicy of the container is Always, so the registry is asked again whether it is the newest.
        06:05.9 The kubelet starts main again inside the same Pod. That is restart 6.
        06:05.9 Every container of Pod loop is ready, so its condition Ready is True.
        06:08.9 main in Pod loop has ended with exit code 1. The Pod stays: its name, IP and pause too.
        06:09.7 main has ended again, so the kubelet does not try again at once. This time it waits 5 min. The wait doubles each time, up to 5 min.
        07:31.7 The kubelet looks at Pod loop again. Only now does the status of main say CrashLoopBackOff, with the wait of 5 min."#]].assert_eq(&clocked.join("\n"));
}

#[test]
fn a_resize_is_told_from_the_request_to_its_end() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  nodeName: node-1
  containers: [{name: web, image: 'nginx:1.27', resources: {requests: {cpu: 200m}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: big}
spec:
  nodeName: node-1
  containers: [{name: web, image: 'nginx:1.27', resources: {requests: {cpu: 1200m}}}]
";
    let patch = |cpu: &str| {
        let resources = format!(r#"{{"requests":{{"cpu":"{cpu}"}}}}"#);
        let patch = format!(r#"{{"spec":{{"containers":[{{"name":"web","resources":{resources}}}]}}}}"#);
        command(&format!("kubectl patch pod web --subresource resize --patch '{patch}'"))
    };
    let timeline = acted_with(1, yaml, vec![(9, patch("300m")), (15, patch("1500m"))], 30);
    let ids = timeline.story().beats.iter().filter(|beat| beat.chapter > 1).map(|beat| beat.say.id);
    expect![[r#"
        say.command-sent
        say.object-changed
        say.resize-begins
        say.resize-ends
        say.command-sent
        say.object-changed
        say.resize-waits"#]]
    .assert_eq(&ids.collect::<Vec<_>>().join("\n"));
}

#[test]
fn an_owner_deleted_in_the_foreground_is_told_step_by_step() {
    let acts = vec![(9, command("kubectl delete deployment web --cascade=foreground --wait=false"))];
    let timeline = acted_with(1, super::tests::DEPLOYMENT, acts, 60);
    let told = told(timeline.story());
    let after = told.split("# web is deleted").nth(1).expect("it is");
    expect![[r#"

           kubectl delete deployment web --cascade=foreground --wait=false goes to the API server.
           The API server keeps the Deployment web for now, and only marks it as deleted: its finalizers come first (foregroundDeletion).
           The garbage collector deletes one dependent that has dependents too: it is only marked, and goes after its own.
        1  The API server does not remove the 3 Pods. It writes a deletionTimestamp into each.
        2  The kubelets of their nodes learn that 3 Pods are to end. No Service has them as endpoints, so steps 3 and 4 fall away for them.
        5A The kubelets have their container runtimes send SIGQUIT to PID 1 of 3 containers. The API server sends no signal.
        6A 3 containers end at once on SIGQUIT.
         A No container is left in 3 Pods, so pause ends there too. Their Linux namespaces go with it.
         A The kubelets ask for the last deletion. Now 3 Pods are gone from etcd.
           The garbage collector is done with the dependents, so 2 owners that waited for it go.
    "#]].assert_eq(after);
}

#[test]
fn of_pods_that_are_deleted_together_each_is_told_as_the_endpoint_that_it_is_or_not() {
    let one =
        |name: &str| super::tests::DEPLOYMENT.replace("web", name).replace("replicas: 3", "replicas: 2");
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: b}\nspec: {selector: {app: bb}, ports: [{port: 80}]}\n";
    let yaml = format!("{}---{}---\n{service}", one("aa"), one("bb"));
    let acts = vec![(9, command("kubectl delete pods --all --wait=false"))];
    let timeline = acted_with(1, &yaml, acts, 30);
    let beats = timeline.story().beats.iter().filter(|beat| beat.chapter > 1 && beat.number == Some(2));
    let said: Vec<(&str, usize)> = beats.map(|beat| (beat.say.id, beat.subjects.len())).collect();
    assert_eq!(
        said,
        [("say.kubelets-told-of-deletion", 2), ("say.both-told", 2)],
        "{}",
        told(timeline.story())
    );
}

#[test]
fn what_another_finalizer_holds_is_not_said_to_wait_for_dependents() {
    let yaml = "
apiVersion: v1
kind: ConfigMap
metadata: {name: owned, finalizers: [example.com/hold]}
";
    let own = "kubectl patch configmap owned --type merge --patch '{\"metadata\":{\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"name\":\"nobody\",\"uid\":\"none\"}]}}'";
    let timeline = acted_with(1, yaml, vec![(5, command(own))], 60);
    let ids: Vec<&str> = timeline.story().beats.iter().map(|beat| beat.say.id).collect();
    assert!(ids.contains(&"say.object-held") && !ids.contains(&"say.dependents-marked"), "{ids:?}");
}
