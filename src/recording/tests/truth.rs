//! Recordings of a real cluster.

use super::read;
use crate::api::pod_columns::tells_of_containers;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::time::{SECOND, SimTime};
use crate::recording::times::{moments, newest};
use crate::recording::{Again, Outcome, Recording, Source, moment};
use crate::value::{Map, Value, json};
use crate::words::{Language, text};
use expect_test::expect;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Read;
use std::rc::Rc;

/// The watch of a recording of `tests/truth`.
fn watch_of(name: &str) -> String {
    let path = format!("{}/tests/truth/{name}.tar.gz", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::File::open(path).expect("it is there");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let entries = archive.entries().expect("an archive").map(|entry| entry.expect("an entry"));
    let mut watch = String::new();
    for mut entry in entries {
        if entry.path().is_ok_and(|path| path.ends_with("watch.jsonl")) {
            entry.read_to_string(&mut watch).expect("text");
        }
    }
    watch
}

/// The lines of a watch.
fn lines(watch: &str) -> impl Iterator<Item = Value> {
    watch.lines().map(|line| json::parse(line).expect("a line is JSON"))
}

fn key(object: &Value) -> ObjectKey {
    let kind = Kind::of(super::super::text(object, "apiVersion"), super::super::text(object, "kind"))
        .expect("known");
    Object::decode(kind, object).expect("an object").key()
}

/// What `kubectl get -o json` would have printed at the end of a watch.
fn look_at_the_end(watch: &str) -> String {
    let mut objects = BTreeMap::new();
    for line in lines(watch) {
        let object = line.get("object").expect("an object").clone();
        match line.get("type").and_then(Value::as_str) {
            Some("DELETED") => _ = objects.remove(&key(&object)),
            _ => _ = objects.insert(key(&object), object),
        }
    }
    let mut list = Map::new();
    list.push("apiVersion", "v1");
    list.push("items", Value::from(objects.into_values().collect::<Vec<_>>()));
    list.push("kind", "List");
    json::pretty(&Value::from(list))
}

/// What `kubectl get --watch --output-watch-events -o json` would have printed.
fn without_times(watch: &str) -> String {
    let printed = lines(watch).map(|line| {
        let mut event = Map::new();
        event.push("type", line.get("type").cloned().unwrap_or_default());
        event.push("object", line.get("object").cloned().unwrap_or_default());
        json::pretty(&Value::from(event))
    });
    printed.collect::<Vec<_>>().join("\n")
}

/// Everything that is told of a recording.
fn told(recording: &Recording) -> String {
    let timeline = recording.timeline();
    let mut out = String::new();
    for chapter in &timeline.story().chapters {
        let title = text(Language::En, chapter.title.id, &chapter.title.args);
        _ = writeln!(out, "{:.1} # {title}", chapter.from.as_seconds());
        for beat in &timeline.story().beats[chapter.beats.clone()] {
            let said = text(Language::En, beat.say.id, &beat.say.args);
            _ = writeln!(out, "{:.1} {said}", beat.to.as_seconds());
        }
    }
    out
}

/// Where a recording differs first.
fn differs(recording: Recording) -> String {
    let mut again = Again::new(Rc::new(recording));
    while again.run(10_000) {}
    match again.outcome().expect("it is done") {
        Outcome::Differs(found) => {
            let said = text(Language::En, found.say.id, &found.say.args);
            format!("{:.1} {said}", found.at.as_seconds())
        }
        Outcome::Same(_) => "the same".to_owned(),
        Outcome::NoManifests => "no manifests".to_owned(),
    }
}

#[test]
fn a_bad_rollout_is_told() {
    let recording = read(&watch_of("21-bad-rollout")).expect("it can be read");
    expect![[r#"
        0.0 # Before
        0.1 # web comes to life
        0.1 The API server checks the Deployment web, and etcd stores it.
        0.1 The Deployment web does not make Pods itself. Its controller makes the ReplicaSet web-749df4ccc5, which is to keep 4 Pods.
        0.1 The ReplicaSet web-749df4ccc5 wants 4 Pods and sees none, so its controller makes 4.
        0.2 The scheduler gives each of the 4 Pods a node. It starts nothing itself.
        1.1 4 containers start and join the Linux namespaces that pause holds.
        1.1 4 Pods get ready, and the condition Ready becomes True.
        1.1 The Deployment web has all it asks for: 4 Pods are ready.
        2.2 # web rolls out
        2.2 The API server takes the change to Deployment web, and etcd stores it.
        2.2 The Pod template of web has changed. Its controller makes a new ReplicaSet for it, revision 2.
        2.3 The old ReplicaSet web-749df4ccc5 shrinks from 4 to 3.
        2.3 The ReplicaSet web-749df4ccc5 wants 3 Pods and sees 4, so its controller deletes one.
        2.3 The new ReplicaSet web-567f48d65b grows from 1 to 2.
        2.4 The ReplicaSet web-567f48d65b wants 2 Pods and sees none, so its controller makes 2.
        2.4 The scheduler gives each of the 2 Pods a node. It starts nothing itself.
        2.6 web has ended with exit code 0.
        3.2 The image nginx:9.99 cannot be pulled. The kubelet waits and tries again, longer each time.
        3.3 The kubelet asks for the last deletion, with a grace period of 0. Now Pod web-749df4ccc5-mbdtd is gone from etcd.
        22.6 web has not got on for 20 s, its progressDeadlineSeconds: Progressing is False with ProgressDeadlineExceeded. Nothing is undone, and what runs goes on.
        23.3 # Somebody changes something
        23.3 The API server takes the change to Deployment web, and etcd stores it.
        23.3 The old ReplicaSet web-567f48d65b shrinks from 2 to 0.
        23.3 The ReplicaSet web-567f48d65b wants no Pod and sees 2, so its controller deletes 2.
        23.4 The new ReplicaSet web-749df4ccc5 grows from 3 to 4.
        23.5 The ReplicaSet web-749df4ccc5 wants 4 Pods and sees 3, so its controller makes one.
        23.6 The scheduler looks at each node and writes node-2 into Pod web-749df4ccc5-mj8lg. It starts nothing itself.
        24.3 The container web starts and joins the Linux namespaces that pause holds.
        24.3 Every container of Pod web-749df4ccc5-mj8lg is ready, so its condition Ready is True.
        24.3 The Deployment web has all it asks for: 4 Pods are ready.
        24.4 2 containers have ended.
        24.5 The kubelets ask for the last deletion. Now 2 Pods are gone from etcd.
    "#]].assert_eq(&told(&recording));
}

#[test]
fn what_heals_itself_is_told() {
    let recording = read(&watch_of("05-self-healing")).expect("it can be read");
    expect![[r#"
        0.0 # Before
        0.2 # web comes to life
        0.2 The API server checks the Deployment web, and etcd stores it.
        0.2 The Deployment web does not make Pods itself. Its controller makes the ReplicaSet web-749df4ccc5, which is to keep 2 Pods.
        0.2 The ReplicaSet web-749df4ccc5 wants 2 Pods and sees none, so its controller makes 2.
        0.2 The scheduler gives each of the 2 Pods a node. It starts nothing itself.
        1.0 2 containers start and join the Linux namespaces that pause holds.
        1.0 2 Pods get ready, and the condition Ready becomes True.
        1.0 The Deployment web has all it asks for: 2 Pods are ready.
        2.2 # web-749df4ccc5-2dqz9 is deleted
        2.2 The API server does not remove Pod web-749df4ccc5-2dqz9. It writes a deletionTimestamp and a grace period of 30 s into it.
        2.2 The ReplicaSet web-749df4ccc5 has a Pod too few, so its controller makes another: web-749df4ccc5-v4kzq. Its name and its IP are new.
        2.2 The scheduler looks at each node and writes node-1 into Pod web-749df4ccc5-v4kzq. It starts nothing itself.
        2.3 web has ended with exit code 0.
        2.6 The kubelet asks for the last deletion, with a grace period of 0. Now Pod web-749df4ccc5-2dqz9 is gone from etcd.
        2.8 The container web starts and joins the Linux namespaces that pause holds.
        2.8 Every container of Pod web-749df4ccc5-v4kzq is ready, so its condition Ready is True.
        3.9 web in Pod web-749df4ccc5-cj9lq has ended with exit code 0. The Pod stays: its name, IP and pause too.
        4.1 The kubelet starts web again inside the same Pod. That is restart 1.
        4.1 Every container of Pod web-749df4ccc5-cj9lq is ready, so its condition Ready is True.
        4.1 The Deployment web has all it asks for: 2 Pods are ready.
        7.9 web has ended again, so the kubelet does not start it at once. It waits 10 s the first time. The wait doubles each time, up to 5 min.
        7.9 web in Pod web-749df4ccc5-cj9lq has ended with exit code 0. The Pod stays: its name, IP and pause too.
        20.1 The kubelet starts web again inside the same Pod. That is restart 2.
        20.1 Every container of Pod web-749df4ccc5-cj9lq is ready, so its condition Ready is True.
        20.1 The Deployment web has all it asks for: 2 Pods are ready.
        21.2 web has ended again, so the kubelet does not start it at once. It waits 10 s the first time. The wait doubles each time, up to 5 min.
        22.0 The kubelet looks at Pod web-749df4ccc5-cj9lq again. Only now does the status of web say CrashLoopBackOff, with the wait of 20 s.
        22.0 web in Pod web-749df4ccc5-cj9lq has ended with exit code 0. pause is gone, and the IP with it. The Pod stays as an object: its name, node and volumes.
        45.1 The kubelet starts web again inside the same Pod. That is restart 3.
        45.1 Every container of Pod web-749df4ccc5-cj9lq is ready, so its condition Ready is True.
        45.1 The Deployment web has all it asks for: 2 Pods are ready.
        45.4 # Somebody changes something
        45.4 The API server takes the change to Pod web-749df4ccc5-v4kzq, and etcd stores it.
        45.5 The ReplicaSet web-749df4ccc5 has a Pod too few, so its controller makes another: web-749df4ccc5-k772g. Its name and its IP are new.
        45.5 The scheduler looks at each node and writes node-1 into Pod web-749df4ccc5-k772g. It starts nothing itself.
        46.0 The container web starts and joins the Linux namespaces that pause holds.
        46.0 Every container of Pod web-749df4ccc5-k772g is ready, so its condition Ready is True.
        46.0 The Deployment web has all it asks for: 2 Pods are ready.
        49.6 # Somebody changes something
        49.6 The API server takes the change to Pod web-749df4ccc5-v4kzq, and etcd stores it.
        49.6 The ReplicaSet web-749df4ccc5 wants 2 Pods and sees 3, so its controller deletes one.
        49.7 The Deployment web has all it asks for: 2 Pods are ready.
        49.8 web has ended with exit code 0.
        50.8 The kubelet asks for the last deletion, with a grace period of 0. Now Pod web-749df4ccc5-k772g is gone from etcd.
    "#]].assert_eq(&told(&recording));
}

#[test]
fn the_state_at_a_time_is_what_was_recorded_until_then() {
    for name in ["05-self-healing", "17-node-goes-silent"] {
        let watch = watch_of(name);
        let recording = read(&watch).expect("it can be read");
        let timeline = recording.timeline();
        let mut state: BTreeMap<ObjectKey, Object> = BTreeMap::new();
        let all: Vec<Value> = lines(&watch).collect();
        for (place, line) in all.iter().enumerate() {
            let object = line.get("object").expect("an object");
            let decoded = Object::decode(key(object).kind, object).expect("an object");
            match line.get("type").and_then(Value::as_str) {
                Some("DELETED") => _ = state.remove(&key(object)),
                _ => _ = state.insert(key(object), decoded),
            }
            let seconds = |line: &Value| match line.get("t") {
                Some(Value::Float(t)) => *t,
                Some(Value::Int(t)) => *t as f64,
                _ => panic!("a watch has times"),
            };
            let at = moment(seconds(line));
            if all.get(place + 1).is_some_and(|next| moment(seconds(next)) == at) || place % 5 != 0 {
                continue;
            }
            let view = timeline.at(at);
            let shown: BTreeMap<ObjectKey, Object> = Kind::all()
                .flat_map(|kind| view.objects(kind, None))
                .map(|object| (object.key(), object.clone()))
                .collect();
            assert!(shown == state, "{name} at {at:?}");
        }
        assert_eq!(recording.end, timeline.story().end(), "{name} is shown to its end");
    }
}

#[test]
fn the_first_difference_is_what_was_done_to_the_cluster() {
    let mut found = String::new();
    for name in ["05-self-healing", "10-restart-policy", "17-node-goes-silent", "20-oom", "21-bad-rollout"] {
        let recording = read(&watch_of(name)).expect("it can be read");
        _ = writeln!(found, "{name}: {}", differs(recording));
    }
    expect![[r#"
        05-self-healing: 2.2 Pod web-749df4ccc5-2dqz9 is to be deleted. In the simulation nobody asks for that.
        10-restart-policy: the same
        17-node-goes-silent: 55.9 Node node-2: condition Ready is “Unknown”. In the simulation it is “True”.
        20-oom: the same
        21-bad-rollout: the same
    "#]].assert_eq(&found);
}

#[test]
fn one_look_invents_no_moment() {
    for name in ["05-self-healing", "21-bad-rollout", "09-job"] {
        let look = look_at_the_end(&watch_of(name));
        let recording = read(&look).expect("it can be read");
        assert_eq!(recording.source, Source::Look);
        let mut known: Vec<u64> = Vec::new();
        for event in &recording.watch {
            known.extend(moments(&event.object));
            known.extend(newest(&event.object));
        }
        for event in &recording.watch {
            let at = recording.wall.unix_micros(moment(event.t));
            assert!(known.contains(&at), "{name}: {} at {}", key(&event.object).name, event.t);
        }
        // At its end it shows what was seen, whole.
        let timeline = recording.timeline();
        let view = timeline.at(recording.end);
        for item in json::parse(&look).expect("a list").get("items").and_then(Value::as_array).expect("items")
        {
            let seen = Object::decode(key(item).kind, item).expect("an object");
            assert!(view.object(&key(item)) == Some(&seen), "{name}: {:?}", key(item));
        }
    }
}

#[test]
fn one_look_tells_the_past_as_far_as_it_is_known() {
    let recording = read(&look_at_the_end(&watch_of("05-self-healing"))).expect("it can be read");
    expect![[r#"
        0.0 # Before
        0.0 # web comes to life
        0.0 The API server checks the Deployment web, and etcd stores it.
        0.0 The Deployment web does not make Pods itself. Its controller makes the ReplicaSet web-749df4ccc5, which is to keep 2 Pods.
        0.0 The ReplicaSet web-749df4ccc5 wants 2 Pods and sees fewer, so its controller makes one.
        2.0 The ReplicaSet web-749df4ccc5 wants 2 Pods and sees one, so its controller makes one.
        7.0 web has ended again, so the kubelet does not start it at once. It waits 10 s the first time. The wait doubles each time, up to 5 min.
        19.0 The kubelet starts web again inside the same Pod. That is restart 2.
        20.0 web in Pod web-749df4ccc5-cj9lq has ended with exit code 0. The Pod stays: its name, IP and pause too.
        21.0 web has ended again, so the kubelet does not start it at once. It waits 10 s the first time. The wait doubles each time, up to 5 min.
        44.0 The kubelet starts web again inside the same Pod. That is restart 3.
        44.0 Every container of Pod web-749df4ccc5-cj9lq is ready, so its condition Ready is True.
        49.0 The Deployment web has all it asks for: 2 Pods are ready.
    "#]].assert_eq(&told(&recording));
    // The container that was started three times: its last two runs are known, and what was before them is not.
    let timeline = recording.timeline();
    let mut lived = String::new();
    let pod = timeline
        .at(recording.end)
        .all::<crate::api::objects::Pod>()
        .find(|pod| pod.status.container_statuses.iter().any(|status| status.restart_count == 3));
    let pod = pod.expect("it is there").metadata.clone();
    for at in (0..=recording.end.0 / SECOND).map(|second| SimTime(second * SECOND)) {
        let view = timeline.at(at);
        let Some(pod) = view.get::<crate::api::objects::Pod>(&pod.namespace, &pod.name) else { continue };
        let status = &pod.status.container_statuses[0];
        let state = match (&status.state.running, &status.state.terminated, &status.state.waiting) {
            (Some(_), ..) => "running".to_owned(),
            (_, Some(ended), _) => format!("ended with {}", ended.exit_code),
            (.., Some(waiting)) => format!("waits: {}", waiting.reason),
            _ => "not known".to_owned(),
        };
        let restarts = if tells_of_containers(pod) { status.restart_count.to_string() } else { "?".into() };
        let line = format!("{state}, restarts {restarts}, {:?}\n", pod.status.phase);
        if !lived.ends_with(&line) {
            _ = write!(lived, "{} {line}", at.0 / SECOND);
        }
    }
    expect![[r#"
        0 not known, restarts ?, Some(Running)
        19 running, restarts 2, Some(Running)
        20 ended with 0, restarts 2, Some(Running)
        44 running, restarts 3, Some(Running)
    "#]]
    .assert_eq(&lived);
}

#[test]
fn a_watch_without_times_stands_at_what_its_objects_tell() {
    // With a tag that could be there the simulation pulls what the registry did not have.
    let watch = watch_of("21-bad-rollout").replace("nginx:9.99", "nginx:1.26");
    let recording = read(&without_times(&watch)).expect("it can be read");
    assert_eq!(recording.source, Source::Watch);
    let timed = read(&watch).expect("it can be read");
    // In the order in which it was seen, never earlier than what it tells, and no more than a second away from when it was seen
    // while something happens.
    assert!(recording.watch.is_sorted_by(|one, other| one.t <= other.t));
    for event in &recording.watch {
        let told = newest(&event.object).expect("it tells a time");
        assert!(recording.wall.unix_micros(moment(event.t)) >= told);
    }
    let ends = [recording.wall.unix_micros(recording.end), timed.wall.unix_micros(timed.end)];
    assert!(ends[0].abs_diff(ends[1]) <= 2 * SECOND, "{ends:?}");
    expect!["3.0 Pod web-567f48d65b-7n566: container web is “waiting · ErrImagePull”. In the simulation it is “running”."].assert_eq(&differs(recording));
}

/// What a look has found holds when it was taken: what it tells since the Pod was made is no difference at that moment yet, in which
/// nothing is ready in the simulation either.
#[test]
fn one_look_differs_when_the_simulation_has_come_to_something_else() {
    let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"cart","namespace":"shop","creationTimestamp":"2026-01-05T10:00:00Z"},
"spec":{"nodeName":"worker-1","containers":[{"name":"c","image":"nginx:1.27"}]},
"status":{"phase":"Running","startTime":"2026-01-05T10:00:00Z","containerStatuses":[{"name":"c","image":"nginx:1.27","ready":false,"restartCount":0,
"state":{"running":{"startedAt":"2026-01-05T10:00:10Z"}}}]}}"#;
    let event = r#"{"apiVersion":"v1","kind":"Event","metadata":{"name":"cart.1","namespace":"shop","creationTimestamp":"2026-01-05T10:01:00Z"},
"involvedObject":{"kind":"Pod","name":"cart","namespace":"shop"},"reason":"Pulled","type":"Normal","firstTimestamp":"2026-01-05T10:01:00Z","lastTimestamp":"2026-01-05T10:01:00Z"}"#;
    let recording = read(&format!("{pod}\n{event}\n")).expect("it can be read");
    assert_eq!(recording.source, Source::Look);
    let told = differs(recording);
    assert!(told.contains("ready c is “false”"), "{told}");
    assert!(!told.starts_with("0.0 "), "{told}");
}
