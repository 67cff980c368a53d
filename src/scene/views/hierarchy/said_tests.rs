//! What stands on the cards of the hierarchy and beside them, of states that are easily said wrongly.

use super::super::testing::{SIZES, check_fit, outline, scene};
use super::tests::{ROLLOUT, written};
use crate::cluster::time::SimTime;
use crate::scene::role::Role;
use crate::scene::shape::{Geometry, Scene};
use crate::scene::tokens::Hue;
use crate::timeline::Story;
use crate::words::Language;

fn drawn(objects: &[&str], size: [f32; 2], language: Language) -> Scene {
    let scene = scene(
        "hierarchy",
        &written(objects),
        &Story::default(),
        SimTime::millis(1_000),
        size,
        language,
        None,
    );
    check_fit(&scene, "what is said");
    scene
}

/// The role of what says this.
fn role_of(scene: &Scene, said: &str) -> Option<Role> {
    let mut found = None;
    scene.for_each(&mut |shape| {
        if matches!(&shape.geometry, Geometry::Text { text, .. } if &**text == said) {
            found = Some(shape.role);
        }
    });
    found
}

fn deployment(meta: &str, status: &str) -> String {
    format!(
        r#"{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"web",{meta}
            "annotations":{{"deployment.kubernetes.io/revision":"1"}}}},"spec":{{"replicas":3}},"status":{{{status}}}}}"#
    )
}

fn replica_set(meta: &str, status: &str) -> String {
    format!(
        r#"{{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{{"name":"web-a",{meta}
            "annotations":{{"deployment.kubernetes.io/revision":"1"}},
            "ownerReferences":[{{"kind":"Deployment","name":"web","controller":true}}]}},
            "spec":{{"replicas":3,"template":{{"spec":{{"containers":[{{"name":"web","image":"nginx:1.25"}}]}}}}}},
            "status":{{{status}}}}}"#
    )
}

fn pod(name: &str, kind: &str, owner: &str, meta: &str, status: &str) -> String {
    format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}",{meta}
            "ownerReferences":[{{"kind":"{kind}","name":"{owner}","controller":true}}]}},
            "spec":{{"containers":[{{"name":"web","image":"nginx:1.25"}}]}},"status":{{{status}}}}}"#
    )
}

const DELETED: &str = r#""deletionTimestamp":"2026-01-01T00:00:30Z","deletionGracePeriodSeconds":30,"#;

/// The Pods of an earlier rollout still end, and nothing is replaced.
#[test]
fn a_scale_while_old_pods_still_end_is_no_rollout() {
    let is_drawn = |objects: &[&str]| {
        drawn(objects, SIZES[0], Language::En).shapes.iter().any(|shape| &*shape.key == "rollout")
    };
    assert!(is_drawn(ROLLOUT));
    let ended: Vec<String> = ROLLOUT
        .iter()
        .map(|text| text.replace(r#""status":{"replicas":2,"#, r#""status":{"replicas":0,"#))
        .collect();
    assert!(!is_drawn(&ended.iter().map(String::as_str).collect::<Vec<_>>()));
}

#[test]
fn what_ends_says_how_many_there_are_and_were_to_be() {
    let namespace = r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default","deletionTimestamp":"2026-01-01T00:00:00Z"}}"#;
    let (there, gone) =
        (r#""replicas":0,"terminatingReplicas":2"#, r#""unavailableReplicas":3,"terminatingReplicas":2"#);
    let pods = ["web-a-aaaaa", "web-a-bbbbb"]
        .map(|name| pod(name, "ReplicaSet", "web-a", DELETED, r#""phase":"Running""#));
    // Its Namespace is terminating, or it itself is; and neither.
    for (namespace, meta, replicas) in [
        (Some(namespace), "", "replicas 0 / 3"),
        (None, DELETED, "replicas 0 / 3"),
        (None, "", "replicas 0 → 3"),
    ] {
        let (deployment, set) = (deployment(meta, gone), replica_set(meta, there));
        let mut objects: Vec<&str> = vec![&deployment, &set, &pods[0], &pods[1]];
        objects.extend(namespace);
        for size in SIZES {
            for (language, terminating) in
                [(Language::En, "· 2 terminating"), (Language::Ko, "· 2개 종료 중")]
            {
                let scene = drawn(&objects, size, language);
                let text = outline(&scene);
                assert!(text.contains(replicas) && !text.contains('…') || size == SIZES[0], "{text}");
                assert_eq!(role_of(&scene, terminating), Some(Role::TextHue(Hue::Terminating)), "{text}");
                // The image where there is room beside `Terminating`.
                let has_image = text.contains(&format!("{replicas} · nginx:1.25"));
                assert!(has_image || meta == DELETED && size == SIZES[0], "{text}");
            }
        }
    }
}

#[test]
fn a_deleted_pod_that_has_ended_is_counted_as_completed() {
    let status = r#""phase":"Succeeded","containerStatuses":[{"name":"web","state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]"#;
    let (deployment, set) = (deployment("", ""), replica_set("", ""));
    let ended = pod("web-a-aaaaa", "ReplicaSet", "web-a", DELETED, status);
    let ends = pod("web-a-bbbbb", "ReplicaSet", "web-a", DELETED, r#""phase":"Running""#);
    // As cards, and as chips with their counts.
    for (size, words) in
        [([1170.0, 900.0], ["Completed", "Terminating"]), ([1170.0, 375.0], ["1 Completed", "1 Terminating"])]
    {
        let scene = drawn(&[&deployment, &set, &ended, &ends], size, Language::En);
        let hues = words.map(|word| role_of(&scene, word));
        assert_eq!(hues, [Hue::Succeeded, Hue::Terminating].map(|hue| Some(Role::TextHue(hue))), "{size:?}");
        let mut looks = Vec::new();
        scene.for_each(&mut |shape| {
            let parts = ["/frame", "/state/mark"].iter().any(|part| shape.key.ends_with(part));
            if parts && shape.key.starts_with("pods/default/web-a-aaaaa") {
                looks.push(shape.role);
            }
        });
        let expected = [Role::CardFrameDashed(Hue::Terminating), Role::StateMark(Hue::Succeeded)];
        assert_eq!(looks, expected, "it is being deleted, and has ended");
    }
}

#[test]
fn why_there_are_no_pods_and_why_a_pod_has_no_node_is_said() {
    let failure =
        r#""replicas":0,"conditions":[{"type":"ReplicaFailure","status":"True","reason":"FailedCreate"}]"#;
    let (deployment, set) = (deployment("", ""), replica_set("", failure));
    for size in SIZES {
        let scene = drawn(&[&deployment, &set], size, Language::Ko);
        assert_eq!(role_of(&scene, "FailedCreate"), Some(Role::TextHue(Hue::Failed)));
        assert!(outline(&scene).contains(" replicas 0 → 3\n"), "{}", outline(&scene));
    }
    let waiting = |status: &str| {
        pod(
            "toobig",
            "Node",
            "none",
            "",
            &format!(r#""phase":"Pending","conditions":[{{"type":"PodScheduled",{status}}}]"#),
        )
    };
    for (status, said) in
        [(r#""status":"False","reason":"Unschedulable""#, true), (r#""status":"True""#, false)]
    {
        let scene = drawn(&[&waiting(status)], SIZES[0], Language::En);
        let expected = said.then_some(Role::TextHue(Hue::Pending));
        assert_eq!(role_of(&scene, "Unschedulable"), expected, "{}", outline(&scene));
    }
}

#[test]
fn a_job_of_which_pods_only_fail_has_no_green_mark() {
    let job = |status: &str| {
        format!(
            r#"{{"apiVersion":"batch/v1","kind":"Job","metadata":{{"name":"fails"}},
                "spec":{{"completions":1,"template":{{"spec":{{"containers":[{{"name":"c","image":"busybox:1.36"}}]}}}}}},
                "status":{{{status}}}}}"#
        )
    };
    let failed = pod("fails-aaaaa", "Job", "fails", "", r#""phase":"Failed""#);
    let runs = pod("fails-bbbbb", "Job", "fails", "", r#""phase":"Running""#);
    let both = vec![failed.clone(), runs.clone()];
    let done = vec![failed.clone(), pod("fails-ccccc", "Job", "fails", "", r#""phase":"Succeeded""#)];
    for (status, pods, hue, said) in [
        (r#""active":1,"failed":1"#, vec![failed], Hue::Pending, "completions 0/1 · active 1 · failed 1"),
        (r#""active":1,"failed":1"#, done, Hue::Running, "completions 0/1 · active 1 · failed 1"),
        (r#""active":1,"failed":1"#, both, Hue::Running, "completions 0/1 · active 1 · failed 1"),
        (r#""active":1"#, vec![runs], Hue::Running, "completions 0/1 · busybox:1.36"),
    ] {
        for size in SIZES {
            let job = job(status);
            let mut objects: Vec<&str> = vec![&job];
            objects.extend(pods.iter().map(String::as_str));
            let scene = drawn(&objects, size, Language::En);
            let mut mark = None;
            scene.for_each(&mut |shape| {
                if &*shape.key == "jobs/default/fails/state/mark" {
                    mark = Some(shape.role);
                }
            });
            assert_eq!(mark, Some(Role::StateMark(hue)), "{status}");
            assert!(outline(&scene).contains(said), "{}", outline(&scene));
        }
    }
}
