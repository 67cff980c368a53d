//! What the hierarchy shows of claims: which Pods use them, to which volumes they are bound, and how many have cards.

use super::super::testing::{SIZES, check_fit, outline, places, play, scene};
use super::relation_tests::{applied, at_the_end, lines, object};
use super::tests::written;
use crate::api::Kind;
use crate::cluster::time::SimTime;
use crate::scene::shape::{MOST_SHAPES, Scene, Target};
use crate::timeline::Story;
use crate::words::Language;

/// A StatefulSet of so many Pods that have a claim each.
fn db(replicas: usize) -> String {
    format!(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: db}}\nspec:\n  replicas: {replicas}\n  serviceName: db\n  \
         podManagementPolicy: Parallel\n  selector: {{matchLabels: {{app: db}}}}\n  template:\n    \
         metadata: {{labels: {{app: db}}}}\n    spec: {{containers: [{{name: db, image: 'nginx:1.25'}}]}}\n  \
         volumeClaimTemplates:\n  - metadata: {{name: data}}\n    \
         spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}\n"
    )
}

fn drawn(objects: &[String], size: [f32; 2], selection: Option<&Target>) -> Scene {
    let history = written(&objects.iter().map(String::as_str).collect::<Vec<_>>());
    let at = SimTime(1_000_000);
    let scene = scene("hierarchy", &history, &Story::default(), at, size, Language::En, selection);
    check_fit(&scene, "claims");
    scene
}

fn claim(name: &str, uid: &str, volume: &str) -> String {
    format!(
        r#"{{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{{"name":"{name}","uid":"{uid}"}},"spec":{{"volumeName":"{volume}"}}}}"#
    )
}

fn volume(name: &str, claim: &str) -> String {
    format!(
        r#"{{"apiVersion":"v1","kind":"PersistentVolume","metadata":{{"name":"{name}"}},"spec":{{"claimRef":{{"namespace":"default",{claim}}}}}}}"#
    )
}

/// A Pod with this in its list of volumes.
fn pod(name: &str, owner: &str, volume: &str) -> String {
    let owner = match owner.split_once('/') {
        Some((kind, name)) => {
            format!(r#","ownerReferences":[{{"kind":"{kind}","name":"{name}","controller":true}}]"#)
        }
        None => String::new(),
    };
    format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}"{owner}}},"spec":{{"volumes":[{{"name":"data",{volume}}}],"containers":[{{"name":"c"}}]}},"status":{{"phase":"Running"}}}}"#
    )
}

#[test]
fn a_claim_is_joined_to_the_volume_that_is_its_own() {
    let user = pod("one", "", r#""persistentVolumeClaim":{"claimName":"data"}"#);
    let (of_this, of_earlier, of_any) =
        (r#""name":"data","uid":"2""#, r#""name":"data","uid":"1""#, r#""name":"data""#);
    for (volumes, bound, to) in [
        (vec![("a", of_this)], "", Some("a")),
        // Released: its claim is gone, and one of the same name was made.
        (vec![("a", of_earlier)], "", None),
        (vec![("a", of_earlier), ("b", of_this)], "b", Some("b")),
        // A person keeps it for the name.
        (vec![("a", of_any)], "", Some("a")),
        (vec![("a", of_any), ("b", of_this)], "b", Some("b")),
        (vec![("a", of_any)], "b", None),
        (vec![("a", r#""name":"other","uid":"2""#)], "", None),
    ] {
        let mut objects = vec![user.clone(), claim("data", "2", bound)];
        objects.extend(volumes.iter().map(|(name, claim)| volume(name, claim)));
        let chosen = object(Kind::PersistentVolumeClaim, "data");
        let found = lines(&drawn(&objects, SIZES[0], None), "/to-volume");
        let expected: Vec<&str> =
            to.map(|_| "persistentvolumeclaims/default/data/to-volume").into_iter().collect();
        assert_eq!(found, expected, "{volumes:?} {bound}");
        assert_eq!(lines(&drawn(&objects, SIZES[1], Some(&chosen)), "/to-volume"), expected, "{volumes:?}");
    }
}

#[test]
fn each_pod_of_a_stateful_set_has_a_line_to_its_claim() {
    let timeline = applied(&[&db(3)]);
    let drawn = at_the_end(&timeline, SIZES[0], None);
    let text = outline(&drawn);
    for number in 0..3 {
        assert!(text.contains(&format!("used by db-{number}")), "{text}");
    }
    let found = lines(&drawn, "/used-by/");
    assert!(!found.is_empty(), "{text}");
    for key in &found {
        let number = key.chars().last().expect("a number");
        assert_eq!(*key, format!("persistentvolumeclaims/default/data-db-{number}/used-by/pods/db-{number}"));
    }
    // Whoever asks sees each.
    for number in 0..3 {
        let chosen = object(Kind::PersistentVolumeClaim, &format!("data-db-{number}"));
        for size in SIZES {
            let drawn = at_the_end(&timeline, size, Some(&chosen));
            let key = format!("persistentvolumeclaims/default/data-db-{number}/used-by/pods/db-{number}");
            assert!(lines(&drawn, "/used-by/").contains(&key), "{key} on {}", size[0]);
        }
    }
}

#[test]
fn a_claim_that_stays_when_its_pod_is_scaled_away_is_used_by_nobody() {
    let timeline = play(
        &[("db.yaml", &db(2))],
        &[
            (0, "kubectl apply -f db.yaml"),
            (20_000, "kubectl scale statefulset db --replicas=1"),
            (60_000, "kubectl label statefulset db a=b"),
        ],
    );
    let text = outline(&at_the_end(&timeline, SIZES[0], None));
    assert!(text.contains("data-db-1") && text.contains("used by db-0"), "{text}");
    assert!(!text.contains("used by db-1"), "{text}");
}

#[test]
fn a_claim_made_for_a_volume_of_one_pod_is_used_by_it() {
    let ephemeral = r#""ephemeral":{"volumeClaimTemplate":{"spec":{}}}"#;
    let set = r#"{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web"},"spec":{"replicas":2,"template":{"spec":{"volumes":[{"name":"data","ephemeral":{}}],"containers":[{"name":"c"}]}}}}"#;
    let mut objects = vec![set.to_owned(), pod("lone", "", ephemeral), claim("lone-data", "9", "")];
    for name in ["web-1", "web-2"] {
        objects.extend([pod(name, "ReplicaSet/web", ephemeral), claim(&format!("{name}-data"), name, "")]);
    }
    let text = outline(&drawn(&objects, SIZES[0], None));
    for name in ["lone", "web-1", "web-2"] {
        assert!(text.contains(&format!("used by {name}\n")), "{name}: {text}");
        let chosen = object(Kind::PersistentVolumeClaim, &format!("{name}-data"));
        let key = format!("persistentvolumeclaims/default/{name}-data/used-by/pods/{name}");
        assert!(lines(&drawn(&objects, SIZES[0], Some(&chosen)), "/used-by/").contains(&key), "{key}");
    }
}

/// A StatefulSet of so many Pods, each with a claim and that with a volume.
fn with_volumes(name: &str, replicas: usize) -> Vec<String> {
    let mut objects = vec![format!(
        r#"{{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{{"name":"{name}"}},"spec":{{"replicas":{replicas},"template":{{"spec":{{"containers":[{{"name":"c"}}]}}}},"volumeClaimTemplates":[{{"metadata":{{"name":"data"}}}}]}}}}"#
    )];
    for number in 0..replicas {
        let used = format!("data-{name}-{number}");
        let (kept, source) =
            (format!("pv-{name}-{number}"), format!(r#""persistentVolumeClaim":{{"claimName":"{used}"}}"#));
        objects.push(pod(&format!("{name}-{number}"), &format!("StatefulSet/{name}"), &source));
        objects.push(claim(&used, &used, &kept));
        objects.push(volume(&kept, &format!(r#""name":"{used}","uid":"{used}""#)));
    }
    objects
}

/// The names of the cards of a kind.
fn cards(scene: &Scene, plural: &str) -> Vec<String> {
    let groups = places(scene).into_keys().filter(|key| key.starts_with(plural));
    groups.filter_map(|key| Some(key.strip_suffix("/group")?.rsplit('/').next()?.to_owned())).collect()
}

#[test]
fn the_claims_of_many_pods_fold() {
    for replicas in [6, 7, 100, 1_500] {
        let objects = with_volumes("db", replicas);
        for size in SIZES {
            let scene = drawn(&objects, size, None);
            assert!(scene.count() <= MOST_SHAPES);
            let text = outline(&scene);
            let shown = if replicas > 6 { 5 } else { 6 };
            for plural in ["persistentvolumeclaims/", "persistentvolumes/"] {
                assert_eq!(cards(&scene, plural).len(), shown, "{text}");
            }
            let more = text.matches(&format!("+{}\n", replicas - shown)).count();
            assert_eq!(more, if replicas > 6 { 2 } else { 0 }, "{text}");
            // The one that is asked for has its card.
            let last = format!("data-db-{}", replicas - 1);
            let chosen = object(Kind::PersistentVolumeClaim, &last);
            let asked = drawn(&objects, size, Some(&chosen));
            assert!(cards(&asked, "persistentvolumeclaims/").contains(&last), "{}", outline(&asked));
        }
    }
}

#[test]
fn each_owner_has_cards_for_some_of_its_claims() {
    let objects = [with_volumes("a", 5), with_volumes("b", 5)].concat();
    let found = cards(&drawn(&objects, SIZES[0], None), "persistentvolumeclaims/");
    assert_eq!(found, ["data-a-0", "data-a-1", "data-a-2", "data-b-0", "data-b-1"]);
}
