//! What is told comes in the order in which one follows from the other, and not before it happens.

use super::breaking_tests::{acted_with, command};
use super::tests::told;
use crate::cluster::fault::Fault;
use crate::cluster::record::NodeId;
use crate::cluster::time::{SECOND, SimTime};
use crate::timeline::Act;

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

#[test]
fn what_follows_from_a_step_is_told_after_it() {
    for seed in 1..=12 {
        let timeline = acted_with(seed, SHOP, vec![(10, command("kubectl drain node-1 --force"))], 60);
        let (story, history) = (timeline.story(), timeline.history());
        let said = told(story);
        let mut last: Vec<&str> = Vec::new();
        for (place, beat) in story.beats.iter().enumerate() {
            for earlier in story.beats[..place].iter().filter(|earlier| earlier.chapter == beat.chapter) {
                let causes =
                    earlier.records.iter().flat_map(|id| history.causes(*id).map(|record| record.id));
                let mut causes: Vec<_> = causes.collect();
                causes.retain(|cause| beat.records.contains(cause) && !earlier.records.contains(cause));
                // A command that goes on asks again because of what it was told, and a controller makes its Pods in one go.
                let is_one = earlier.say.id == "say.command-sent" || beat.say.id == "say.pods-created";
                if !causes.is_empty() && !is_one {
                    last.extend([earlier.say.id, beat.say.id]);
                }
            }
        }
        assert_eq!(last, Vec::<&str>::new(), "seed {seed}:\n{said}");
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
