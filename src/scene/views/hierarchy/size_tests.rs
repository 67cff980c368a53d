//! How large Pods are drawn: little is drawn large, and few keep their cards where the picture goes on below the stage.

use super::super::testing::{SIZES, check_fit, outline, places, play, scene};
use super::tests::SHOP;
use crate::api::Kind;
use crate::cluster::time::SimTime;
use crate::scene::fit::PRESENTED;
use crate::words::Language;
use std::collections::BTreeMap;

#[test]
fn little_is_drawn_large_and_stays_as_large_while_others_come() {
    let pods = |count: usize| {
        let pod = |number: usize| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: web-{number}}}\nspec: {{containers: [{{name: web, image: 'nginx:1.25'}}]}}\n"
            )
        };
        (0..count).map(pod).collect::<Vec<_>>().join("---\n")
    };
    let mut widths = Vec::new();
    for count in [1, 4, 12] {
        let timeline = play(&[("web.yaml", &pods(count))], &[(0, "kubectl apply -f web.yaml")]);
        let (history, story) = (timeline.history(), timeline.story());
        let mut seen: Option<([f32; 2], BTreeMap<String, f32>)> = None;
        for beat in &story.beats {
            let scene = scene("hierarchy", history, story, beat.to, SIZES[0], Language::En, None);
            check_fit(&scene, &format!("{count} Pods at beat {}", beat.index));
            let rows: BTreeMap<String, f32> =
                places(&scene).into_iter().map(|(key, [_, y])| (key, y)).collect();
            if let Some((size, before)) = &seen {
                assert_eq!(*size, [scene.width, scene.height], "{count} Pods at beat {}", beat.index);
                for (key, y) in before {
                    assert!(rows.get(key).is_none_or(|row| row == y), "{key} at beat {}", beat.index);
                }
            }
            seen = Some(([scene.width, scene.height], rows));
        }
        widths.push(seen.expect("it is told").0[0]);
    }
    assert!(widths[0] < 800.0, "one Pod is large: {widths:?}");
    assert!(widths.is_sorted(), "the more there is, the smaller it is drawn: {widths:?}");
    // On a phone there is no room for that.
    let timeline = play(&[("web.yaml", &pods(1))], &[(0, "kubectl apply -f web.yaml")]);
    let (history, story) = (timeline.history(), timeline.story());
    let scene = scene("hierarchy", history, story, story.end(), SIZES[1], Language::En, None);
    assert_eq!(scene.width, SIZES[1][0]);
}

/// What a Namespace has that is like another's.
fn shop(namespace: &str, replicas: usize) -> String {
    let web = &SHOP[SHOP.rfind("apiVersion: apps/v1").expect("a Deployment")..];
    let web = web.replace(", envFrom: [{configMapRef: {name: settings}}]", "");
    let web =
        web.replace("metadata: {name: web}", &format!("metadata: {{name: web, namespace: {namespace}}}"));
    let web = web.replace("replicas: 3", &format!("replicas: {replicas}"));
    format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {namespace}}}\n---\n{web}")
}

#[test]
fn few_pods_of_several_namespaces_are_cards_though_they_go_on_below() {
    let both = [shop("dev", 3), shop("prod", 3)].join("---\n");
    let timeline = play(&[("shop.yaml", &both)], &[(0, "kubectl apply -f shop.yaml")]);
    let (history, story) = (timeline.history(), timeline.story());
    // The others are a stage beside which the inspector is open, and one before a room.
    for size in SIZES.into_iter().chain([[758.0, 690.0], PRESENTED]) {
        let mut seen: Option<(f32, BTreeMap<String, f32>)> = None;
        for beat in &story.beats {
            let scene = scene("hierarchy", history, story, beat.to, size, Language::En, None);
            check_fit(&scene, &format!("beat {} at {}", beat.index, size[0]));
            let rows: BTreeMap<String, f32> =
                places(&scene).into_iter().map(|(key, [_, y])| (key, y)).collect();
            if let Some((height, before)) = seen.filter(|_| size[0] > 640.0) {
                assert_eq!(height, scene.height, "beat {} at {}", beat.index, size[0]);
                for (key, y) in before {
                    assert!(rows.get(&key).is_none_or(|row| *row == y), "{key} at beat {}", beat.index);
                }
            }
            seen = Some((scene.height, rows));
        }
        let last = scene("hierarchy", history, story, story.end(), size, Language::En, None);
        let text = outline(&last);
        // The stage before a room would go on too far.
        if size != PRESENTED {
            assert_eq!(text.matches(" 1/1\n").count(), 6, "each is a card: {text}");
            assert!(last.height <= size[1] * 3.0, "{} on {size:?}", last.height);
        }
    }
    // Where less air between the rows makes up for it, they are cards as well.
    let timeline = play(&[("shop.yaml", &shop("dev", 3))], &[(0, "kubectl apply -f shop.yaml")]);
    let (history, story) = (timeline.history(), timeline.story());
    let last = scene("hierarchy", history, story, story.end(), [1170.0, 640.0], Language::En, None);
    assert_eq!(outline(&last).matches(" 1/1\n").count(), 3, "{}", outline(&last));
    assert!(last.height <= 640.5, "{}", last.height);
    // A crowd beside them is what decides.
    let crowd = [shop("dev", 3), shop("prod", 60)].join("---\n");
    let timeline = play(&[("shop.yaml", &crowd)], &[(0, "kubectl apply -f shop.yaml")]);
    let (history, story) = (timeline.history(), timeline.story());
    let last = scene("hierarchy", history, story, story.end(), SIZES[0], Language::En, None);
    assert_eq!(outline(&last).matches(" 1/1\n").count(), 0, "{}", outline(&last));
}

/// A workload of each sort, with few Pods each.
const PARTS: &str = "apiVersion: apps/v1
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
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 3
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: 'postgres:16'}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: count}
spec:
  completions: 2
  template:
    spec: {restartPolicy: Never, containers: [{name: count, image: 'busybox:1.36', command: [sleep, '3']}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: tick}
spec:
  schedule: '*/1 * * * *'
  jobTemplate:
    spec:
      template:
        spec: {restartPolicy: OnFailure, containers: [{name: tick, image: 'busybox:1.36', command: [sh, -c, 'exit 1']}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: 'fluent/fluentd:v1.16'}]}
";

#[test]
fn few_small_workloads_keep_their_pods_and_their_service() {
    // The longer the chapter, the more Jobs its CronJob makes.
    for minutes in [1, 2, 4] {
        let end = minutes * 60_000 + 10_000;
        let timeline = play(
            &[("parts.yaml", PARTS)],
            &[(0, "kubectl apply -f parts.yaml"), (end, "kubectl scale deployment/shop --replicas=4")],
        );
        for size in SIZES {
            let at = SimTime::millis(end - 100);
            let scene =
                scene("hierarchy", timeline.history(), timeline.story(), at, size, Language::En, None);
            check_fit(&scene, &format!("{minutes} min, {size:?}"));
            let text = outline(&scene);
            let pods = timeline.history().at(at).objects(Kind::Pod, None).count();
            assert_eq!(text.matches("[Pod ").count(), pods, "{minutes} min, {size:?}: {text}");
            assert!(text.contains("[Service shop"), "{minutes} min, {size:?}: {text}");
        }
    }
}
