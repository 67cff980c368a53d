//! What the hierarchy shows between objects that do not own each other: EndpointSlices between Services and Pods, and who uses
//! which ConfigMap, Secret or claim.

use super::super::testing::{SIZES, check_fit, outline, places, play, scene};
use super::endpoints::{EndpointState, Tally, endpoint_state};
use super::tests::{written, written_at};
use crate::api::objects::{Endpoint, EndpointConditions, EndpointSlice};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::time::SimTime;
use crate::scene::shape::{Geometry, MOST_SHAPES, Scene, Segment, Target};
use crate::timeline::{Story, Timeline};
use crate::words::Language;
use expect_test::expect;

const SETTINGS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n";
const LOGIN: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData: {password: x}\n";
const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n";

/// A Deployment of so many Pods with this in the spec of each, and in its container.
fn web(replicas: usize, spec: &str, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: {replicas}\n  \
         selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    \
         spec: {{{spec}containers: [{{name: web, image: 'nginx:1.25'{container}}}]}}\n"
    )
}

pub(super) fn applied(documents: &[&str]) -> Timeline {
    play(&[("all.yaml", &documents.join("---\n"))], &[(0, "kubectl apply -f all.yaml")])
}

pub(super) fn at_the_end(timeline: &Timeline, size: [f32; 2], selection: Option<&Target>) -> Scene {
    let (history, story) = (timeline.history(), timeline.story());
    let scene = scene("hierarchy", history, story, story.end(), size, Language::En, selection);
    check_fit(&scene, "the end");
    scene
}

pub(super) fn object(kind: Kind, name: &str) -> Target {
    Target::Object(ObjectKey::new(kind, "default", name))
}

/// The keys of the lines that have this in them.
pub(super) fn lines(scene: &Scene, what: &str) -> Vec<String> {
    let mut found = Vec::new();
    scene.for_each(&mut |shape| {
        if shape.key.contains(what) && shape.key.ends_with("/line") {
            found.push(shape.key.trim_end_matches("/line").to_owned());
        }
    });
    found
}

#[test]
fn between_two_rows_of_pods_the_lines_to_owner_and_slice_are_apart() {
    let timeline = applied(&[&web(3, "", ""), SERVICE]);
    let drawn = at_the_end(&timeline, SIZES[1], None);
    let level = |end: &str| {
        let mut found = Vec::new();
        drawn.for_each(&mut |shape| {
            let Geometry::Path(path) = &shape.geometry else { return };
            if !shape.key.contains(end) {
                return;
            }
            let at = |segment: &Segment| match segment {
                Segment::Move(at) | Segment::Line(at) | Segment::Quad(_, at) => Some(*at),
                _ => None,
            };
            let points: Vec<[f32; 2]> = path.iter().filter_map(at).collect();
            // The foot of an arrow is none.
            let across = |pair: &&[[f32; 2]]| {
                (pair[0][1] - pair[1][1]).abs() < 0.1 && (pair[0][0] - pair[1][0]).abs() > 12.0
            };
            found.extend(points.windows(2).filter(across).map(|pair| pair[0][1]));
        });
        found
    };
    let (owner, slice) = (level("/to-pods"), level("/to/web-"));
    assert!(!owner.is_empty() && !slice.is_empty(), "{owner:?} {slice:?}");
    for line in &owner {
        assert!(slice.iter().all(|other| (line - other).abs() >= 8.0), "{owner:?} {slice:?}");
    }
}

#[test]
fn a_slice_stands_between_its_service_and_the_pods() {
    let timeline = applied(&[&web(3, "", ""), SERVICE]);
    for size in SIZES {
        let drawn = at_the_end(&timeline, size, None);
        let places = places(&drawn);
        let height = |kind: &str| {
            let is_its = |key: &&String| key.starts_with(kind) && key.ends_with("/group");
            let all = places.keys().filter(is_its).map(|key| places[key][1]);
            all.fold(0.0, f32::max)
        };
        let heights = ["pods/", "endpointslices/", "services/"].map(height);
        assert!(heights.is_sorted_by(|a, b| a + 40.0 < *b), "{heights:?}");
        assert_eq!(lines(&drawn, "/from-owner").iter().filter(|key| key.starts_with("endpoint")).count(), 1);
        assert_eq!(lines(&drawn, "services/"), [""; 0], "a Service sends nothing by itself");
        let target = |shape: &&crate::scene::shape::Shape| matches!(&shape.target, Some(Target::Object(key)) if key.kind == Kind::EndpointSlice);
        let slice = drawn.shapes.iter().find(target).expect("it can be chosen");
        assert!(slice.name.as_deref().is_some_and(|name| name.ends_with(", 3 of 3 ready")), "{slice:?}");
    }
    let wide = outline(&at_the_end(&timeline, SIZES[0], None));
    expect![[r#"
        1170 x 690
        ~ replicasets/default/web-599978bdb5/to-pods
        ~ replicasets/default/web-599978bdb5/from-owner/line
        ~ replicasets/default/web-599978bdb5/from-owner/head
        ~ endpointslices/default/web-nfv6m/from-owner/line
        ~ endpointslices/default/web-nfv6m/from-owner/head
        ~ endpointslices/default/web-nfv6m/to/web-599978bdb5-hztc5/line
        ~ endpointslices/default/web-nfv6m/to/web-599978bdb5-hztc5/head
        ~ endpointslices/default/web-nfv6m/to/web-599978bdb5-sgprg/line
        ~ endpointslices/default/web-nfv6m/to/web-599978bdb5-sgprg/head
        ~ endpointslices/default/web-nfv6m/to/web-599978bdb5-qsnqb/line
        ~ endpointslices/default/web-nfv6m/to/web-599978bdb5-qsnqb/head
        407,27 [Deployment web, 3 of 3 Pods ready]
          444,51 DEPLOYMENT
          425,72 web
          425,92 RollingUpdate · maxSurge 25% · maxUnavailable 25%
        779,61 [-]
          779,61 3 / 3 ready
          779,81 3 updated · revision 1
        460,169 [ReplicaSet web-599978bdb5, 3 of 3 Pods ready]
          497,193 REPLICASET · revision 1
          478,214 web-599978bdb5
          478,234 replicas 3 · nginx:1.25
        319,303 [Pod web-599978bdb5-hztc5, Running, 1 of 1 containers ready]
          332,326 …-hztc5
          341,353 nginx:1.25
          340,378 pause
          332,406 Running
          474,406 1/1
        501,303 [Pod web-599978bdb5-sgprg, Running, 1 of 1 containers ready]
          514,326 …-sgprg
          523,353 nginx:1.25
          522,378 pause
          514,406 Running
          656,406 1/1
        683,303 [Pod web-599978bdb5-qsnqb, Running, 1 of 1 containers ready]
          696,326 …-qsnqb
          705,353 nginx:1.25
          704,378 pause
          696,406 Running
          838,406 1/1
        433,493 [EndpointSlice web-nfv6m, 3 of 3 ready]
          468,513 ENDPOINTSLICE
          574,514 web-nfv6m
          449,532 3 of 3 ready
        433,575 [Service web, 3 ready endpoints]
          470,599 SERVICE · ClusterIP 10.96.225.244
          451,620 web
          451,640 selector app=web → 3 ready endpoints
    "#]]
    .assert_eq(&wide);
}

#[test]
fn a_slice_says_what_its_endpoints_are() {
    let endpoint = |name: &str, conditions: &str| {
        format!(
            r#"{{"addresses":["10.0.0.1"],"conditions":{{{conditions}}},"targetRef":{{"kind":"Pod","name":"{name}"}}}}"#
        )
    };
    let ready = r#""ready":true,"serving":true,"terminating":false"#;
    let not_yet = r#""ready":false,"serving":false,"terminating":false"#;
    let serving = r#""ready":false,"serving":true,"terminating":true"#;
    let ending = r#""ready":false,"serving":false,"terminating":true"#;
    let published = r#""ready":true,"serving":true,"terminating":true"#;
    let published_in_trouble = r#""ready":true,"serving":false,"terminating":true"#;
    for (endpoints, english, korean) in [
        (vec![], "no endpoints", "엔드포인트 없음"),
        (vec![("a", ready), ("b", ready)], "2 of 2 ready", "2개 중 2개 준비됨"),
        (vec![("a", ready), ("b", not_yet)], "1 of 2 ready", "2개 중 1개 준비됨"),
        // Nobody has said anything: upstream takes it as ready.
        (vec![("a", "")], "1 of 1 ready", "1개 중 1개 준비됨"),
        (
            vec![("a", ready), ("b", serving), ("c", ending)],
            "1 of 3 ready · 2 terminating, 1 of them serving",
            "3개 중 1개 준비됨 · 종료 중 2개, 그중 응답 가능 1개",
        ),
        // Its Service publishes what is not ready, too.
        (
            vec![("a", published), ("b", published_in_trouble)],
            "2 of 2 ready · 2 terminating, 1 of them serving",
            "2개 중 2개 준비됨 · 종료 중 2개, 그중 응답 가능 1개",
        ),
        // In a slice of each family.
        (vec![("a", ready), ("a", ready)], "1 of 1 ready", "1개 중 1개 준비됨"),
    ] {
        let endpoints: Vec<String> = endpoints.iter().map(|(name, said)| endpoint(name, said)).collect();
        let text = format!(
            r#"{{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{{"name":"web-1"}},"endpoints":[{}]}}"#,
            endpoints.join(",")
        );
        let value = crate::value::json::parse(&text).expect("JSON");
        let slice = Object::decode(Kind::EndpointSlice, &value).expect("a slice");
        let slice = slice.get::<EndpointSlice>().expect("a slice");
        let tally = Tally::of([&**slice]);
        assert_eq!([tally.says(Language::En), tally.says(Language::Ko)], [english, korean]);
    }
}

#[test]
fn a_service_that_finds_nobody_has_its_slice_below_it() {
    let nobody = SERVICE.replace("name: web", "name: nobody").replace("app: web", "app: nobody");
    let outside = SERVICE.replace("name: web", "name: outside").replace("selector: {app: web}, ", "");
    let external = "apiVersion: v1\nkind: Service\nmetadata: {name: external}\nspec: {type: ExternalName, externalName: example.com}\n";
    let slice = "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n\
        metadata: {name: outside-1, labels: {kubernetes.io/service-name: outside}}\naddressType: IPv4\n\
        endpoints: [{addresses: [192.0.2.1]}, {addresses: [192.0.2.2], conditions: {ready: false}}]\n";
    let alone = "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: alone}\naddressType: IPv4\nendpoints: []\n";
    let timeline = applied(&[&web(1, "", ""), &nobody, &outside, external, slice, alone]);
    for size in SIZES {
        let drawn = at_the_end(&timeline, size, None);
        let text = outline(&drawn);
        let places = places(&drawn);
        let of = |key: &str| places.iter().find(|(found, _)| found.starts_with(key)).map(|(_, at)| *at);
        for name in ["nobody", "outside"] {
            let service = of(&format!("services/default/{name}/")).expect("a Service");
            let slice = of(&format!("endpointslices/default/{name}-")).expect("a slice");
            assert!(slice[1] > service[1] + 90.0 && slice[1] < service[1] + 140.0, "{name}: {text}");
        }
        assert!(text.contains("no endpoints") && text.contains("1 of 2 ready"), "{text}");
        assert_eq!(of("endpointslices/default/external"), None);
        // What a person wrote is not owned by the Service that it names, and one that names none stands alone.
        let owned = lines(&drawn, "/from-owner").into_iter().filter(|key| key.starts_with("endpoint"));
        assert_eq!(owned.filter(|key| key.contains("nobody")).count(), 1);
        assert!(text.contains("[EndpointSlice alone]"), "{text}");
        assert_eq!(lines(&drawn, "endpointslices/").len(), 1, "no slice lists a Pod");
    }
}

#[test]
fn who_uses_something_has_a_line_to_it() {
    let (config, secret) = ("configmaps/default/settings", "secrets/default/login");
    let volume = |source: &str| format!("volumes: [{{name: v, {source}}}], ");
    for (spec, container, used) in [
        (String::new(), ", envFrom: [{configMapRef: {name: settings}}]", config),
        (String::new(), ", envFrom: [{secretRef: {name: login}}]", secret),
        (String::new(), ", env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: a}}}]", config),
        (
            String::new(),
            ", env: [{name: A, valueFrom: {secretKeyRef: {name: login, key: password}}}]",
            secret,
        ),
        (volume("configMap: {name: settings}"), "", config),
        (volume("secret: {secretName: login}"), "", secret),
        (volume("projected: {sources: [{configMap: {name: settings}}]}"), "", config),
        (volume("projected: {sources: [{secret: {name: login}}]}"), "", secret),
        ("imagePullSecrets: [{name: login}], ".to_owned(), "", secret),
        // What is not there has no line.
        (String::new(), ", envFrom: [{configMapRef: {name: missing, optional: true}}]", ""),
        (volume("configMap: {name: missing, optional: true}"), "", ""),
    ] {
        let timeline = applied(&[SETTINGS, LOGIN, &web(2, &spec, container)]);
        let drawn = at_the_end(&timeline, SIZES[0], None);
        let found = lines(&drawn, "/used-by/");
        if used.is_empty() {
            assert_eq!(found, [""; 0], "{spec}{container}");
        } else {
            assert_eq!(found, [format!("{used}/used-by/deployments/web")], "{spec}{container}");
            assert!(outline(&drawn).contains("used by web"), "{spec}{container}");
        }
    }
}

#[test]
fn a_pod_has_lines_to_what_it_mounts() {
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n\
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: one}\nspec:\n  volumes: [{name: d, persistentVolumeClaim: {claimName: data}}, \
        {name: s, configMap: {name: settings}}]\n  containers: [{name: web, image: nginx}]\n";
    let drawn = at_the_end(&applied(&[claim, SETTINGS, pod]), SIZES[0], None);
    assert_eq!(
        lines(&drawn, "/used-by/"),
        [
            "configmaps/default/settings/used-by/pods/one",
            "persistentvolumeclaims/default/data/used-by/pods/one"
        ]
    );
}

#[test]
fn a_line_that_would_cross_a_card_is_drawn_for_who_asks() {
    let uses = ", envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: login}}]";
    let timeline = applied(&[SETTINGS, LOGIN, &web(3, "", uses), SERVICE]);
    let phone =
        |chosen: Option<Target>| lines(&at_the_end(&timeline, SIZES[1], chosen.as_ref()), "/used-by/");
    assert_eq!(phone(None), [""; 0], "below each other there is no way");
    assert_eq!(phone(Some(object(Kind::Secret, "login"))), ["secrets/default/login/used-by/deployments/web"]);
    assert_eq!(phone(Some(object(Kind::Deployment, "web"))).len(), 2);
    assert_eq!(lines(&at_the_end(&timeline, SIZES[0], None), "/used-by/").len(), 2);
}

#[test]
fn what_comes_to_be_used_moves_nothing() {
    let uses = ", envFrom: [{configMapRef: {name: settings}}, {configMapRef: {name: extra, optional: true}}]";
    let all = [SETTINGS, &web(3, "", uses), SERVICE].join("---\n");
    let extra = SETTINGS.replace("settings", "extra");
    let timeline = play(
        &[("all.yaml", &all), ("extra.yaml", &extra)],
        &[(0, "kubectl apply -f all.yaml"), (20_000, "kubectl apply -f extra.yaml")],
    );
    let (history, story) = (timeline.history(), timeline.story());
    for size in SIZES {
        let at = |time| places(&scene("hierarchy", history, story, time, size, Language::En, None));
        let [before, after] = [at(SimTime::millis(19_000)), at(story.end())];
        assert_eq!(after.len(), before.len() + 1);
        for (key, place) in &before {
            assert_eq!(after[key], *place, "{key}");
        }
    }
}

#[test]
fn many_services_fold() {
    let of = |app: &str| -> Vec<String> {
        (0..100)
            .map(|n| {
                SERVICE
                    .replace("name: web", &format!("name: s{n}"))
                    .replace("app: web", &format!("app: {app}"))
            })
            .collect()
    };
    let documents = |services: &[String]| [&[web(3, "", "")], services].concat().join("---\n");
    let finds = applied(&[&documents(&of("web"))]);
    let nobody = applied(&[&documents(&of("nobody"))]);
    for size in SIZES {
        let drawn = at_the_end(&finds, size, None);
        assert!(outline(&drawn).contains("+95"), "{}", outline(&drawn));
        assert!(drawn.count() < 600, "{}", drawn.count());
        at_the_end(&nobody, size, None);
    }
    // The fifth stands below the others.
    let fifth = |chosen: Option<Target>| {
        let drawn = at_the_end(&finds, SIZES[0], chosen.as_ref());
        lines(&drawn, "endpointslices/default/s4-").iter().filter(|key| key.contains("/to/")).count()
    };
    assert_eq!(fifth(None), 0, "no line goes through the cards above it");
    assert!(fifth(Some(object(Kind::Service, "s4"))) > 0);
}

#[test]
fn thousands_of_endpoints_are_one_card() {
    let mut objects = vec![
        r#"{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web"},"spec":{"replicas":10000}}"#
            .to_owned(),
        r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"selector":{"app":"web"}}}"#
            .to_owned(),
    ];
    for slice in 0..100 {
        let mut endpoints = Vec::new();
        for pod in slice * 100..(slice + 1) * 100 {
            objects.push(format!(
                r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"web-{pod}","labels":{{"app":"web"}},"ownerReferences":[{{"kind":"ReplicaSet","name":"web","controller":true}}]}},"status":{{"phase":"Running"}}}}"#
            ));
            endpoints.push(format!(
                r#"{{"addresses":["10.0.0.1"],"conditions":{{"ready":{}}},"targetRef":{{"kind":"Pod","name":"web-{pod}"}}}}"#,
                pod % 10 > 0
            ));
        }
        objects.push(format!(
            r#"{{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{{"name":"web-{slice}","labels":{{"kubernetes.io/service-name":"web"}},"ownerReferences":[{{"kind":"Service","name":"web"}}]}},"endpoints":[{}]}}"#,
            endpoints.join(",")
        ));
    }
    let history = written(&objects.iter().map(String::as_str).collect::<Vec<_>>());
    for size in SIZES {
        let drawn =
            scene("hierarchy", &history, &Story::default(), SimTime(1_000_000), size, Language::En, None);
        check_fit(&drawn, "a crowd");
        let text = outline(&drawn);
        assert!(text.contains("web-0 +99") && text.contains("9000 of 10000 ready"), "{text}");
        assert!(drawn.count() <= MOST_SHAPES);
        let listed: Vec<String> =
            lines(&drawn, "endpointslices/").into_iter().filter(|key| key.contains("/to/")).collect();
        assert_eq!(listed, ["endpointslices/default/web-0/to/web"]);
    }
}

/// How an endpoint is drawn by its conditions: what is ready gets requests, be it that its Pod ends.
#[test]
fn an_endpoint_is_ready_as_its_condition_says() {
    use EndpointState::{NotReady, Ready, Terminating};
    for (ready, terminating, state) in [
        (Some(true), Some(false), Ready),
        (Some(true), None, Ready),
        (None, None, Ready),
        (Some(false), Some(false), NotReady),
        (Some(false), None, NotReady),
        (Some(false), Some(true), Terminating),
        // Its Service has publishNotReadyAddresses.
        (Some(true), Some(true), Ready),
        (None, Some(true), Ready),
    ] {
        let conditions = EndpointConditions { ready, terminating, ..EndpointConditions::default() };
        let endpoint = Endpoint { conditions, ..Endpoint::default() };
        assert_eq!(endpoint_state(&endpoint), state, "{ready:?} {terminating:?}");
    }
}

/// Of Services that are there from the start and their slices nothing is drawn, be it that a slice is made anew; who asks for one
/// sees both.
#[test]
fn a_slice_of_the_clusters_own_service_is_drawn_for_who_asks() {
    let service = |name: &str| {
        format!(r#"{{"apiVersion":"v1","kind":"Service","metadata":{{"name":"{name}"}},"spec":{{}}}}"#)
    };
    let slice = |name: &str, of: &str| {
        format!(
            r#"{{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{{"name":"{name}","labels":{{"kubernetes.io/service-name":"{of}"}}}},"endpoints":[]}}"#
        )
    };
    let history = written_at(&[
        (0, &service("own")),
        (0, &slice("own-old", "own")),
        (0, &slice("orphan-old", "nobody")),
        (1, &service("mine")),
        (2, &slice("mine-1", "mine")),
        (3, &slice("own-new", "own")),
        (4, &slice("orphan-new", "nobody")),
    ]);
    let shown = |chosen: Option<Target>| -> Vec<String> {
        let (story, at) = (Story::default(), SimTime(1_000_000));
        let scene = scene("hierarchy", &history, &story, at, SIZES[0], Language::En, chosen.as_ref());
        check_fit(&scene, "slices");
        let names = scene.shapes.iter().filter_map(|shape| match &shape.target {
            Some(Target::Object(key)) => Some(key.name.to_string()),
            _ => None,
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    };
    let usual = ["mine", "mine-1", "orphan-new"];
    let with = |more: &[&str]| -> Vec<String> {
        let mut names: Vec<String> = usual.iter().chain(more).map(|name| (*name).to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(shown(None), with(&[]));
    for (kind, name, more) in [
        // One card stands for both of its slices.
        (Kind::Service, "own", &["own", "own-old"][..]),
        (Kind::EndpointSlice, "own-old", &["own", "own-old"]),
        (Kind::EndpointSlice, "own-new", &["own", "own-old"]),
        (Kind::EndpointSlice, "orphan-old", &["orphan-old"]),
        (Kind::EndpointSlice, "orphan-new", &[]),
    ] {
        assert_eq!(shown(Some(object(kind, name))), with(more), "{name}");
    }
}

/// Sixty workloads that use the same three things: no more is searched than there is time for.
#[test]
fn many_users_of_one_thing_are_no_endless_search() {
    let uses = r#"[{"configMapRef":{"name":"a"}},{"configMapRef":{"name":"b"}},{"secretRef":{"name":"c"}}]"#;
    let used = |kind: &str, name: &str| {
        format!(r#"{{"apiVersion":"v1","kind":"{kind}","metadata":{{"name":"{name}"}}}}"#)
    };
    let mut objects = vec![used("ConfigMap", "a"), used("ConfigMap", "b"), used("Secret", "c")];
    objects.extend((0..60).map(|n| {
        format!(
            r#"{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"w{n}"}},"spec":{{"template":{{"spec":{{"containers":[{{"name":"c","envFrom":{uses}}}]}}}}}}}}"#
        )
    }));
    let history = written(&objects.iter().map(String::as_str).collect::<Vec<_>>());
    for size in SIZES {
        let drawn = |chosen: Option<Target>| {
            let (story, at) = (Story::default(), SimTime(1_000_000));
            let scene = scene("hierarchy", &history, &story, at, size, Language::En, chosen.as_ref());
            check_fit(&scene, "many users");
            lines(&scene, "/used-by/").len()
        };
        let [usual, asked] = [None, Some(object(Kind::Secret, "c"))].map(drawn);
        assert!(usual <= 40, "{usual}");
        assert!(asked >= 60, "{asked}: each of its users is shown to who asks");
    }
}
