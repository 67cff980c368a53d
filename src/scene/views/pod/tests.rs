//! What the inside of a Pod shows: of Pods that share much, little and nothing with their node.

use super::super::testing::{SIZES, check_fit, outline, play, scene};
use super::inside::Sort;
use crate::api::objects::Pod;
use crate::api::{Kind, ObjectKey};
use crate::cluster::time::SimTime;
use crate::scene::fit::PRESENTED;
use crate::scene::role::Role;
use crate::scene::shape::{Geometry, Scene, Target};
use crate::scene::tokens::{Hue, State};
use crate::timeline::Timeline;
use crate::words::Language;
use std::collections::BTreeMap;

const PODS: &str = "apiVersion: v1
kind: Pod
metadata: {name: full, labels: {app: web}}
spec:
  volumes: [{name: logs, emptyDir: {}}]
  initContainers:
  - {name: wait-db, image: 'busybox:1.36', command: [sh, -c, 'sleep 2; exit 0']}
  - {name: log-agent, image: 'busybox:1.36', command: [sleep, '3600'], restartPolicy: Always,
     volumeMounts: [{name: logs, mountPath: /logs}]}
  containers:
  - {name: nginx, image: 'nginx:1.25', ports: [{containerPort: 80}], volumeMounts: [{name: logs, mountPath: /var/log}]}
---
apiVersion: v1
kind: Pod
metadata: {name: plain}
spec: {containers: [{name: web, image: 'nginx:1.25', ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: shares}
spec:
  shareProcessNamespace: true
  volumes: [{name: data, emptyDir: {}}]
  containers:
  - {name: web, image: 'nginx:1.25', ports: [{containerPort: 80}], volumeMounts: [{name: data, mountPath: /data}]}
  - {name: shell, image: 'busybox:1.36', command: [sleep, '3600']}
---
apiVersion: v1
kind: Pod
metadata: {name: host}
spec:
  hostNetwork: true
  hostPID: true
  hostIPC: true
  containers: [{name: web, image: 'nginx:1.25', ports: [{containerPort: 80}]}]
---
apiVersion: v1
kind: Pod
metadata: {name: ends-again-and-again-with-a-name-that-has-no-end}
spec: {containers: [{name: web, image: 'busybox:1.36', command: [sh, -c, 'sleep 1; exit 1']}]}
---
apiVersion: v1
kind: Pod
metadata: {name: nowhere}
spec:
  nodeSelector: {no: where}
  containers:
  - {name: a, image: 'busybox:1.36'}
  - {name: b, image: 'busybox:1.36'}
  - {name: c, image: 'busybox:1.36'}
  - {name: d, image: 'busybox:1.36'}
  - {name: e, image: 'busybox:1.36'}
  - {name: f, image: 'busybox:1.36'}
";

fn run() -> Timeline {
    play(&[("pods.yaml", PODS)], &[(0, "kubectl apply -f pods.yaml"), (20_000, "kubectl delete pod plain")])
}

fn target(pod: &str) -> Target {
    Target::Object(ObjectKey::new(Kind::Pod, "default", pod))
}

fn drawn(line: &Timeline, pod: &str, at: SimTime) -> Scene {
    scene("pod", line.history(), line.story(), at, SIZES[0], Language::En, Some(&target(pod)))
}

#[test]
fn a_pod_can_be_read_at_every_moment() {
    let line = run();
    let mut at = SimTime::ZERO;
    let mut moments = 0;
    while let Some(next) = line.history().next_event(at).filter(|next| next.as_seconds() < 60.0) {
        at = next.max(at + 40_000);
        moments += 1;
        for pod in
            ["full", "plain", "shares", "host", "ends-again-and-again-with-a-name-that-has-no-end", "nowhere"]
        {
            for size in SIZES {
                let language = Language::ALL[moments % Language::ALL.len()];
                let scene =
                    scene("pod", line.history(), line.story(), at, size, language, Some(&target(pod)));
                check_fit(&scene, &format!("{pod} at {} in {language}, {}", at.as_seconds(), size[0]));
            }
        }
    }
    assert!(moments > 40, "{moments}");
}

fn role(scene: &Scene, end: &str) -> Option<Role> {
    let mut role = None;
    scene.for_each(&mut |shape| {
        if shape.key.ends_with(end) {
            role = Some(shape.role);
        }
    });
    role
}

#[test]
fn bands_say_whose_each_namespace_is() {
    let line = run();
    // For each Pod: which sorts pause holds for all containers.
    for (pod, shared) in [
        ("plain", vec![Sort::Net, Sort::Ipc, Sort::Uts]),
        ("shares", vec![Sort::Pid, Sort::Net, Sort::Ipc, Sort::Uts]),
        ("host", vec![]),
    ] {
        let scene = drawn(&line, pod, SimTime::millis(15_000));
        for sort in Sort::ALL {
            let end = |part: &str| format!("/namespace/{}/{part}", sort.word());
            let expected =
                if shared.contains(&sort) { Role::Band(sort.hue()) } else { Role::BandApart(sort.hue()) };
            assert_eq!(role(&scene, &end("band")), Some(expected), "{pod} {sort:?}");
            assert_eq!(role(&scene, &end("post")).is_some(), shared.contains(&sort), "{pod} {sort:?}");
        }
        let text = outline(&scene);
        assert_eq!(
            text.contains("Linux namespaces shared with the node: net, ipc, uts, pid"),
            pod == "host",
            "{text}"
        );
        assert_eq!(text.contains("curl localhost:80"), pod == "shares", "{text}");
        assert_eq!(text.contains("Why does each see the other’s processes?"), pod == "shares", "{text}");
        assert_eq!(text.contains("volume data mounted"), pod == "shares", "{text}");
    }
}

#[test]
fn pause_comes_first_and_then_each_container_in_its_turn() {
    let line = run();
    let history = line.history();
    let mut seen: Vec<&str> = Vec::new();
    let mut at = SimTime::ZERO;
    while let Some(next) = history.next_event(at).filter(|next| next.as_seconds() < 20.0) {
        at = next;
        let scene = drawn(&line, "full", at);
        for (what, is_there) in [
            ("nothing", role(&scene, "/net/band") == Some(Role::Ghost(Sort::Net.hue()))),
            ("pause", role(&scene, "/pause/bar") == Some(Role::PauseBar)),
            ("bands", role(&scene, "/net/band") == Some(Role::Band(Sort::Net.hue()))),
            ("wait-db", role(&scene, "wait-db/pin/line").is_some()),
            ("log-agent", role(&scene, "log-agent/pin/line").is_some()),
            ("nginx", role(&scene, "nginx/pin/line").is_some()),
        ] {
            if is_there && !seen.contains(&what) {
                seen.push(what);
            }
        }
    }
    assert_eq!(seen, ["nothing", "pause", "bands", "wait-db", "log-agent", "nginx"]);
    let text = outline(&drawn(&line, "full", SimTime::millis(15_000)));
    for said in ["INIT · done", "SIDECAR", ":80 LISTEN", "volume logs in several", "phase Running"] {
        assert!(text.contains(said), "`{said}` is not in\n{text}");
    }
}

/// The size of a phone.
const PHONE: [f32; 2] = SIZES[SIZES.len() - 1];

fn on_phone(line: &Timeline, pod: &str, at: u64, language: Language) -> Scene {
    let at = SimTime::millis(at);
    scene("pod", line.history(), line.story(), at, PHONE, language, Some(&target(pod)))
}

#[test]
fn on_a_phone_what_is_the_nodes_looks_otherwise_than_what_the_pod_shares() {
    let line = run();
    for language in Language::ALL {
        for (pod, role_of) in [("shares", Role::Chip as fn(_) -> _), ("host", Role::CardFrame as fn(_) -> _)]
        {
            let scene = on_phone(&line, pod, 15_000, *language);
            for sort in [Sort::Pid, Sort::Net, Sort::Ipc, Sort::Uts] {
                let chip = role(&scene, &format!("web/namespace/{}/chip", sort.word()));
                assert_eq!(chip, Some(role_of(sort.hue())), "{pod} {sort:?}");
            }
            assert_eq!(role(&scene, "node/namespaces").is_some(), pod == "host", "{pod} in {language}");
        }
    }
    let text = outline(&drawn(&line, "host", SimTime::millis(15_000)));
    assert!(text.contains("with all its processes: hostPID"), "{text}");
    assert!(text.contains("Why no address of its own?"), "{text}");
}

#[test]
fn a_container_that_waits_says_what_it_waits_for() {
    const CRASHES: &str = "ends-again-and-again-with-a-name-that-has-no-end";
    let line =
        play(&[("pods.yaml", PODS)], &[(0, "kubectl apply -f pods.yaml"), (300_000, "kubectl get pods")]);
    // The kubelet says that a container waits with its next look at it, which comes before the end of long waits alone.
    let waits =
        |at: &u64| outline(&drawn(&line, CRASHES, SimTime::millis(*at))).contains("The next start is");
    let at = (5_000..300_000).step_by(1_000).find(waits).expect("it waits");
    let pod = line.at(SimTime::millis(at)).get::<Pod>("default", CRASHES).expect("the Pod");
    let small = outline(&on_phone(&line, CRASHES, at, Language::En));
    let large = outline(&drawn(&line, CRASHES, SimTime::millis(at)));
    for text in [&small, &large] {
        assert!(text.contains("back-off "), "{text}");
        assert!(text.contains("The wait doubles") && text.contains("The next start is"), "{text}");
        assert!(!text.contains(&pod.metadata.uid[..8]), "{text}");
    }
    // Why no node takes a Pod stands above its containers.
    let small = outline(&on_phone(&line, "nowhere", 15_000, Language::En));
    let [why, card] = ["Unschedulable", "RUNTIME"].map(|text| small.find(text).expect(text));
    assert!(why < card, "{small}");
    assert!(small.contains("What helps: a node that has the labels"), "{small}");
    // So it does where the table is below.
    let at = SimTime::millis(15_000);
    for size in [[758.0, 690.0], PRESENTED] {
        for language in Language::ALL {
            let drawn =
                scene("pod", line.history(), line.story(), at, size, *language, Some(&target("nowhere")));
            check_fit(&drawn, &format!("{language}, {}", size[0]));
            let text = outline(&drawn);
            let [why, card] = ["Unschedulable", "[Pod nowhere"].map(|part| text.find(part).expect(part));
            assert!(why < card, "{text}");
            assert_eq!(text.matches("Unschedulable").count(), 1, "{text}");
        }
    }
}

#[test]
fn why_a_container_waits_is_whole_in_a_narrow_card() {
    const MANY: &str = "
apiVersion: v1
kind: Pod
metadata: {name: many}
spec:
  initContainers:
  - {name: first, image: 'busybox:1.36', command: [sh, -c, 'sleep 2']}
  - {name: second, image: 'busybox:1.36', command: [sh, -c, 'sleep 2']}
  containers:
  - {name: a, image: 'busybox:1.36', command: [sleep, '3600']}
  - {name: b, image: 'busybox:1.36', command: [sleep, '3600']}
  - {name: c, image: 'busybox:1.36', command: [sleep, '3600']}
";
    let line = play(&[("many.yaml", MANY)], &[(0, "kubectl apply -f many.yaml")]);
    let at = (100..10_000).step_by(100).map(SimTime::millis);
    let mut told = 0;
    for at in at {
        for (language, wide) in Language::ALL.iter().zip([700.0, 764.0]) {
            let size = [wide, 690.0];
            let drawn =
                scene("pod", line.history(), line.story(), at, size, *language, Some(&target("many")));
            let mut wells: BTreeMap<String, String> = BTreeMap::new();
            drawn.for_each(&mut |shape| {
                if let (Some((card, _)), Geometry::Text { text, .. }) =
                    (shape.key.split_once("/line/0/text"), &shape.geometry)
                {
                    wells.entry(card.to_owned()).or_default().push_str(text);
                }
            });
            let waiting = wells.values().filter(|text| text.contains("PodInit"));
            told += waiting.inspect(|text| assert!(text.ends_with("PodInitializing"), "{text}")).count();
        }
    }
    assert!(told > 10, "{told}");
}

#[test]
fn while_pre_stop_runs_its_process_and_the_time_that_is_left_are_told() {
    const ENDS: &str = "
apiVersion: v1
kind: Pod
metadata: {name: ends}
spec:
  containers:
  - name: web
    image: nginx:1.25
    lifecycle: {preStop: {exec: {command: [sh, -c, 'sleep 5']}}}
";
    let line = play(
        &[("ends.yaml", ENDS)],
        &[(0, "kubectl apply -f ends.yaml"), (10_000, "kubectl delete pod ends")],
    );
    let at = SimTime::millis(12_500);
    let text = outline(&drawn(&line, "ends", at));
    for said in ["preStop · ", "grace period: 28 s left", "28 of 30 seconds", "How long does it still have?"]
    {
        assert!(text.contains(said), "`{said}` is not in\n{text}");
    }
    // Both round the same way.
    let mut seconds = Vec::new();
    for at in (10_500..13_500).step_by(250) {
        let text = outline(&drawn(&line, "ends", SimTime::millis(at)));
        let of = |from: &str, to: &str| {
            let (before, _) = text.split_once(to)?;
            before.rsplit_once(from).map(|(_, number)| number.to_owned())
        };
        let [head, panel] = [of("grace period: ", " s left"), of("deleted: ", " of 30 seconds")];
        assert_eq!(head, panel, "at {at}: {text}");
        seconds.extend(head);
    }
    assert!(seconds.len() > 8, "{seconds:?}");
    let before = outline(&drawn(&line, "ends", SimTime::millis(9_000)));
    assert!(!before.contains("preStop") && !before.contains(" left"), "{before}");
    for size in SIZES {
        let scene = scene("pod", line.history(), line.story(), at, size, Language::Ko, Some(&target("ends")));
        check_fit(&scene, &format!("{}", size[0]));
    }
}

#[test]
fn the_table_counts_the_processes_that_run() {
    let line = run();
    let view = line.at(SimTime::millis(15_000));
    for pod in view.all::<Pod>() {
        let scene = drawn(&line, &pod.metadata.name, SimTime::millis(15_000));
        let mut counts = Vec::new();
        scene.for_each(&mut |shape| {
            if let crate::scene::Geometry::Text { text, .. } = &shape.geometry
                && shape.key.contains("/lsns/mnt/")
                && shape.key.ends_with("/nprocs")
            {
                counts.push(text.parse::<usize>().expect("a number"));
            }
        });
        // Every process is in one mount namespace, and in no other.
        let running: usize = view.sandboxes_of(pod).map(|(id, _)| view.processes_in(id).count()).sum();
        assert_eq!(counts.iter().sum::<usize>(), running, "{}", pod.metadata.name);
    }
}

#[test]
fn without_a_choice_a_pod_that_is_there_is_shown() {
    let line = run();
    let at =
        |at| scene("pod", line.history(), line.story(), SimTime::millis(at), SIZES[0], Language::En, None);
    let empty = outline(&at(0));
    for part in ["There is no Pod to look into", "NODE", "POD", "pause", "Network"] {
        assert!(empty.contains(part), "`{part}` is not in\n{empty}");
    }
    assert!(outline(&at(15_000)).contains("[Pod full"), "the one with the most to see");
}

#[test]
fn what_one_container_writes_is_led_to_the_one_that_reads_it() {
    const TWO: &str = "
apiVersion: v1
kind: Pod
metadata: {name: two}
spec:
  containers:
  - {name: one, image: 'busybox:1.36', command: [sleep, '3600']}
  - {name: other, image: 'busybox:1.36', command: [sleep, '3600']}
";
    let exec = |container: &str, what: &str| format!("kubectl exec two -c {container} -- {what}");
    for (path, is_shared) in [("/dev/shm/note", true), ("/tmp/note", false)] {
        let write = exec("one", &format!("sh -c 'echo hi > {path}'"));
        let read = exec("other", &format!("cat {path}"));
        let line = play(
            &[("two.yaml", TWO)],
            &[
                (0, "kubectl apply -f two.yaml"),
                (10_000, &write),
                (12_000, &read),
                (14_000, "kubectl get pods"),
            ],
        );
        let drawn = drawn(&line, "two", SimTime::millis(13_900));
        check_fit(&drawn, path);
        let text = outline(&drawn);
        assert!(text.contains(&format!("$ {read}")), "{text}");
        let has = |key: &str| drawn.shapes.iter().any(|shape| &*shape.key == key);
        assert_eq!((has("exchange/head"), has("exchange/none")), (is_shared, !is_shared), "{path}");
        let comes = drawn.shapes.iter().find(|shape| &*shape.key == "together/1/comes");
        let Some(Geometry::Text { text: comes, .. }) = comes.map(|shape| &shape.geometry) else {
            panic!("what came of it is not said: {text}")
        };
        assert_eq!(&**comes == "hi", is_shared, "{comes}");
    }
}

/// The role of a text that ends so.
fn look(scene: &Scene, said: &str) -> Vec<Role> {
    let mut roles = Vec::new();
    scene.for_each(&mut |shape| {
        if matches!(&shape.geometry, Geometry::Text { text, .. } if text.ends_with(said)) {
            roles.push(shape.role);
        }
    });
    roles
}

#[test]
fn what_a_container_sees_of_others_stands_back() {
    let line = run();
    let shares = drawn(&line, "shares", SimTime::millis(15_000));
    for (said, roles) in [
        ("PID 1 /pause", vec![Role::TextMuted, Role::TextMuted]),
        ("sleep 3600", vec![Role::TextMuted, Role::Text, Role::Text]),
    ] {
        // The last is of the table.
        let looks = look(&shares, said);
        assert_eq!(looks, roles, "{said}");
    }
    // `pause` has another number on the node than in its namespace.
    assert!(outline(&shares).contains(" on the node · "), "{}", outline(&shares));
}

#[test]
fn what_is_the_nodes_is_told_as_the_nodes() {
    let line = run();
    let text = outline(&drawn(&line, "host", SimTime::millis(15_000)));
    assert!(text.contains("the node’s IP "), "{text}");
    assert_eq!(text.matches("all its processes").count(), 1, "{text}");
    let text = outline(&drawn(&line, "shares", SimTime::millis(15_000)));
    assert!(text.contains("Linux namespaces of its own: net, ipc, uts, pid, mnt"), "{text}");
    assert!(!text.contains("the node’s IP"), "{text}");
}

#[test]
fn a_pod_that_is_deleted_looks_so() {
    let line = play(
        &[("pods.yaml", PODS)],
        &[(0, "kubectl apply -f pods.yaml"), (20_000, "kubectl delete pod full --wait=false")],
    );
    for (at, is_ending) in [(15_000, false), (22_000, true)] {
        for size in SIZES {
            let at = SimTime::millis(at);
            let scene =
                scene("pod", line.history(), line.story(), at, size, Language::En, Some(&target("full")));
            check_fit(&scene, &format!("{}", size[0]));
            let frame = if is_ending {
                Role::CardFrameDashed(State::Terminating.hue())
            } else {
                Role::FrameStrong(Hue::Pod)
            };
            assert_eq!(role(&scene, "/full/frame"), Some(frame), "{}", size[0]);
            assert_eq!(role(&scene, "/full/state/ring").is_some(), is_ending, "{}", size[0]);
            let grace = role(&scene, "/full/grace");
            assert_eq!(grace.is_some(), is_ending, "{}", outline(&scene));
            assert!(grace.is_none_or(|role| role == Role::TextHue(Hue::Terminating)), "{grace:?}");
        }
    }
}

#[test]
fn what_has_no_card_is_told_as_waiting_or_ended_and_words_of_kubectl_are_whole() {
    const FIVE: &str = "
apiVersion: v1
kind: Pod
metadata: {name: five}
spec:
  volumes: [{name: data, emptyDir: {}}]
  initContainers:
  - {name: one, image: 'busybox:1.36', command: [sh, -c, 'sleep 3'], volumeMounts: [{name: data, mountPath: /data}]}
  - {name: two, image: 'busybox:1.36', command: [sh, -c, 'sleep 3'], volumeMounts: [{name: data, mountPath: /data}]}
  containers:
  - {name: web, image: 'nginx:1.25', ports: [{containerPort: 80}]}
  - {name: b, image: 'busybox:1.36', command: [sleep, '3600']}
  - {name: c, image: 'busybox:1.36', command: [sleep, '3600']}
";
    let line =
        play(&[("five.yaml", FIVE)], &[(0, "kubectl apply -f five.yaml"), (20_000, "kubectl get pods")]);
    for (at, told) in [(3_000, "2 wait"), (19_000, "2 ended")] {
        let text = outline(&drawn(&line, "five", SimTime::millis(at)));
        assert!(text.contains(&format!(" {told}\n")), "{text}");
        assert_eq!(text.contains(" PodInitializing\n"), at == 3_000, "{text}");
        // A part of a word.
        assert!(!text.contains(" Initializing\n"), "{text}");
        assert_eq!(text.contains("so localhost answers."), at != 3_000, "{text}");
        assert!(text.contains("volume data in several"), "{text}");
    }
    // What comes of it stands on the line of the command.
    let scene = drawn(&line, "five", SimTime::millis(19_000));
    assert!(role(&scene, "together/0/comes").is_some(), "{}", outline(&scene));
}

#[test]
fn a_finished_pod_has_lost_the_address_that_its_status_names() {
    const ONCE: &str = "
apiVersion: v1
kind: Pod
metadata: {name: once}
spec:
  restartPolicy: Never
  containers: [{name: work, image: 'busybox:1.36', command: [sleep, '3']}]
";
    let line = play(&[("pods.yaml", ONCE)], &[(0, "kubectl apply -f pods.yaml")]);
    for (at, said) in
        [(500, "no address yet"), (3_000, "eth0 10.244."), (12_000, "gone with pause: it was 10.244.")]
    {
        for size in SIZES {
            let at = SimTime::millis(at);
            let scene =
                scene("pod", line.history(), line.story(), at, size, Language::En, Some(&target("once")));
            check_fit(&scene, &format!("{}", size[0]));
            assert!(outline(&scene).contains(said), "{at:?} {}: {}", size[0], outline(&scene));
        }
    }
}

#[test]
fn a_finished_pod_that_is_deleted_says_so_in_the_hue_of_its_end() {
    const ONCE: &str = "
apiVersion: v1
kind: Pod
metadata: {name: once, finalizers: [example.com/held]}
spec:
  restartPolicy: Never
  containers: [{name: work, image: 'busybox:1.36', command: [sleep, '3']}]
";
    let commands = [(0, "kubectl apply -f pods.yaml"), (20_000, "kubectl delete pod once --wait=false")];
    let line = play(&[("pods.yaml", ONCE)], &commands);
    let scene = drawn(&line, "once", SimTime::millis(25_000));
    assert!(look(&scene, "STATUS Completed").contains(&Role::TextHue(Hue::Succeeded)), "{}", outline(&scene));
}

#[test]
fn a_chosen_pod_that_is_gone_gives_way_to_one_of_its_owner_and_else_is_said_to_be_gone() {
    const TWO: &str = "
apiVersion: v1
kind: Pod
metadata: {name: bare}
spec: {containers: [{name: web, image: 'nginx:1.25'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: other}
spec: {containers: [{name: a, image: 'nginx:1.25'}, {name: b, image: 'busybox:1.36', command: [sleep, '3600']}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 1
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: web, image: 'nginx:1.25'}]}
";
    let line = play(
        &[("two.yaml", TWO)],
        &[
            (0, "kubectl apply -f two.yaml"),
            (10_000, "kubectl delete pod bare"),
            (20_000, "kubectl delete pod -l app=shop"),
            (40_000, "kubectl get pods"),
        ],
    );
    let pods = line.history().at(SimTime::millis(9_000));
    let shop = pods.all::<Pod>().find(|pod| pod.metadata.name.starts_with("shop")).expect("it is there");
    for (name, there, gone) in [
        ("bare", "[Pod bare", "Pod bare is gone"),
        (&*shop.metadata.name, "[Pod shop", &*format!("in place of {}", shop.metadata.name)),
    ] {
        let chosen = Target::Object(ObjectKey::new(Kind::Pod, "default", name));
        for size in SIZES {
            for language in Language::ALL {
                let at = |at| {
                    let at = SimTime::millis(at);
                    scene("pod", line.history(), line.story(), at, size, *language, Some(&chosen))
                };
                let after = at(39_000);
                check_fit(&after, &format!("{name} is gone, {size:?}, {language:?}"));
                if *language == Language::En {
                    let (before, after) = (outline(&at(9_000)), outline(&after));
                    assert!(before.contains(there) && !before.contains(gone), "{before}");
                    assert!(after.contains(gone) && !after.contains("[Pod other"), "{after}");
                }
            }
        }
    }
}
