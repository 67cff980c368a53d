//! A recording that grows: messages of watches, lists that are asked for again, and what is told of it.

use crate::api::{Kind, ObjectKey};
use crate::cluster::record::{Actor, Change, Fact, Record};
use crate::cluster::time::{SECOND, SimTime};
use crate::recording::MAX_BYTES;
use crate::recording::live::{Grown, HELD, Heard, KINDS, Live, Page, list_path, watch_path};
use crate::recording::watch::Watch;
use crate::value::Value;

/// When it begins: 2026-11-29 10:00:00.
const BEGINS: u64 = 1_795_946_400 * SECOND;

fn object(kind: &str, name: &str, revision: u32, more: &str) -> String {
    let api_version = if kind == "Deployment" || kind == "ReplicaSet" { "apps/v1" } else { "v1" };
    format!(
        r#"{{"apiVersion":"{api_version}","kind":"{kind}","metadata":{{"name":"{name}","namespace":"shop","uid":"{name}",
        "resourceVersion":"{revision}","creationTimestamp":"2026-11-29T09:00:00Z","managedFields":[{{"manager":"x"}}]{more}}}}}"#
    )
}

fn said(event: &str, object: &str) -> String {
    format!(r#"{{"type":"{event}","object":{object}}}"#)
}

fn page(objects: &[String]) -> Page {
    let answer = format!(r#"{{"metadata":{{"resourceVersion":"7"}},"items":[{}]}}"#, objects.join(","));
    Page::read(Kind::Pod, &answer).expect("it is a list")
}

fn live(objects: &[String]) -> Live {
    let page = page(objects);
    Live::begin(vec![(Kind::Pod, page.objects, page.revision)], BEGINS)
}

fn told(records: &[Record]) -> Vec<String> {
    let told = records.iter().filter_map(|record| match &record.fact {
        Fact::Object { change, object } => Some((record, change, object)),
        _ => None,
    });
    told.map(|(record, change, object)| {
        let change = match change {
            Change::Added => "+",
            Change::Modified => "~",
            Change::Deleted => "-",
        };
        format!("{} {change}{}", record.time.0 / 1_000, object.meta().name)
    })
    .collect()
}

#[test]
fn messages_of_a_watch_become_moments() {
    let after = |seconds: f64| BEGINS + (seconds * 1e6) as u64;
    for (messages, heard, expected, revision) in [
        // What is there is modified, what is new is added, and what is gone is deleted.
        (
            vec![
                said("MODIFIED", &object("Pod", "a", 8, "")),
                said("ADDED", &object("Pod", "b", 9, "")),
                said("DELETED", &object("Pod", "a", 10, "")),
            ],
            Heard::Goes,
            vec!["1000 ~a", "1000 +b", "1000 -a"],
            "10",
        ),
        // Another object of the name has taken its place while nobody looked.
        (
            vec![said("MODIFIED", &object("Pod", "a", 8, "").replace(r#""uid":"a""#, r#""uid":"b""#))],
            Heard::Goes,
            vec!["1000 -a", "1000 +a"],
            "8",
        ),
        // A bookmark moves the revision, and nothing else.
        (
            vec![r#"{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"42"}}}"#.to_owned()],
            Heard::Goes,
            vec![],
            "42",
        ),
        // What was told already, and the deletion of what nobody knew.
        (vec![said("ADDED", &object("Pod", "a", 7, ""))], Heard::Goes, vec!["1000 ~a"], "7"),
        (vec![said("DELETED", &object("Pod", "z", 12, ""))], Heard::Goes, vec![], "12"),
        (
            vec![r#"{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old resource version"}}"#.to_owned()],
            Heard::Gone,
            vec![],
            "7",
        ),
        (
            vec![r#"{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcd is away"}}"#.to_owned()],
            Heard::Ends("etcd is away".to_owned()),
            vec![],
            "7",
        ),
        (vec!["{\"type\":\"ADDED\",\"obj".to_owned()], Heard::Ends("no JSON".to_owned()), vec![], "7"),
        // Several watches tell one deed in any order: it is laid out as it was written.
        (
            vec![said("ADDED", &object("Pod", "later", 31, "")), said("ADDED", &object("Pod", "earlier", 30, ""))],
            Heard::Goes,
            vec!["1000 +earlier", "1000 +later"],
            "30",
        ),
    ] {
        let mut live = live(&[object("Pod", "a", 5, "")]);
        let last = messages.iter().map(|message| live.hear(Kind::Pod, message, after(1.0))).last();
        assert_eq!(last, Some(heard), "{messages:?}");
        assert_eq!(live.revision(Kind::Pod), revision, "{messages:?}");
        assert_eq!(told(&live.grow(after(1.2)).records), [""; 0], "it is still held");
        let grown = live.grow(after(1.5));
        assert_eq!(told(&grown.records), expected, "{messages:?}");
        assert_eq!(grown.end, SimTime::millis(1_000));
    }
}

#[test]
fn a_list_that_is_asked_for_again_tells_what_was_missed() {
    let mut live =
        live(&[object("Pod", "stays", 1, ""), object("Pod", "changes", 2, ""), object("Pod", "goes", 3, "")]);
    let again = page(&[
        object("Pod", "stays", 1, ""),
        object("Pod", "changes", 9, ""),
        object("Pod", "comes", 8, ""),
    ]);
    live.list_again(Kind::Pod, again.objects, again.revision, BEGINS + 5 * SECOND);
    let grown = live.grow(BEGINS + 5 * SECOND + HELD);
    assert_eq!(told(&grown.records), ["5000 -goes", "5000 +comes", "5000 ~changes"]);
    assert_eq!(live.objects(), 3);
}

#[test]
fn a_list_gives_its_objects_their_kind_and_says_what_is_left() {
    let answer = r#"{"kind":"DeploymentList","apiVersion":"apps/v1","metadata":{"resourceVersion":"7","continue":"abc",
        "remainingItemCount":12},"items":[{"metadata":{"name":"web","managedFields":[]}}]}"#;
    let page = Page::read(Kind::Deployment, answer).expect("it is a list");
    assert_eq!((&*page.revision, &*page.next, page.left), ("7", "abc", 12));
    let object = &page.objects[0];
    assert_eq!(object.get("kind").and_then(Value::as_str), Some("Deployment"));
    assert_eq!(object.get("apiVersion").and_then(Value::as_str), Some("apps/v1"));
    assert_eq!(object.at(&["metadata", "managedFields"]), None);
    let empty =
        Page::read(Kind::Pod, r#"{"metadata":{"resourceVersion":"1"},"items":null}"#).expect("it is a list");
    assert_eq!(empty.objects, []);
    assert_eq!(Page::read(Kind::Pod, "<!DOCTYPE html>"), None);
    assert_eq!(list_path(Kind::Deployment, "", ""), "/apis/apps/v1/deployments?limit=500");
    assert_eq!(list_path(Kind::Pod, "shop", "abc"), "/api/v1/namespaces/shop/pods?limit=500&continue=abc");
    let watch = watch_path(Kind::Pod, "", "7");
    assert_eq!(watch, "/api/v1/pods?allowWatchBookmarks=true&watch=true&resourceVersion=7");
    assert!(!KINDS.contains(&Kind::Secret), "what is in Secrets is never asked for");
}

#[test]
fn an_event_that_comes_with_a_deletion_says_who_deletes() {
    let owned = r#","ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web","uid":"web","controller":true}]"#;
    let doomed =
        format!(r#"{owned},"deletionTimestamp":"2026-11-29T10:00:31Z","deletionGracePeriodSeconds":30"#);
    let mut live = live(&[object("Pod", "web-1", 5, owned)]);
    live.hear(Kind::Pod, &said("MODIFIED", &object("Pod", "web-1", 8, &doomed)), BEGINS + SECOND);
    let note = r#"{"apiVersion":"v1","kind":"Event","metadata":{"name":"e","namespace":"shop","resourceVersion":"9"},
        "involvedObject":{"kind":"ReplicaSet","namespace":"shop","name":"web"},"reason":"SuccessfulDelete",
        "message":"Deleted pod: web-1","source":{"component":"replicaset-controller"},"type":"Normal"}"#;
    live.hear(Kind::Event, &said("ADDED", note), BEGINS + SECOND + HELD / 2);
    let grown = live.grow(BEGINS + 2 * SECOND);
    assert!(matches!(grown.records[0].actor, Actor::Controller(_)), "{:?}", grown.records[0].actor);
}

/// Somebody makes Pods, one after the other, for ten minutes.
fn busy(live: &mut Live, from: u64, to: u64, mut grown: impl FnMut(&mut Live, Grown)) {
    for n in from..to {
        let at = BEGINS + n * 15 * SECOND;
        live.hear(Kind::Pod, &said("ADDED", &object("Pod", &format!("p-{n}"), 100 + n as u32, "")), at);
        if n % 3 == 0 {
            let deleted = object("Pod", &format!("p-{}", n - 2), 100 + n as u32, "");
            live.hear(Kind::Pod, &said("DELETED", &deleted), at + SECOND);
        }
        let news = live.grow(at + 2 * SECOND);
        grown(live, news);
    }
}

#[test]
fn what_grows_step_by_step_is_what_is_read_at_once() {
    let mut live = live(&[object("Pod", "a", 5, "")]);
    let mut timeline = live.recording(true).timeline();
    assert_eq!(timeline.story().say(SimTime::ZERO).id, "say.recorded-begins-live");
    let mut steps = 0;
    busy(&mut live, 1, 40, |_, grown| {
        timeline.grow(grown.records, grown.end);
        steps += 1;
    });
    assert_eq!(steps, 39);
    let whole = live.recording(false);
    let ended = whole.timeline();
    timeline.grow(Vec::new(), whole.end);
    let (grown, whole_story) = (timeline.story(), ended.story());
    assert_eq!(timeline.history().digest(), ended.history().digest());
    assert_eq!(grown.beats, whole_story.beats);
    assert_eq!(grown.chapters, whole_story.chapters);
    assert_eq!(grown.tempo, whole_story.tempo);
    assert!(grown.chapters.len() > 10);
    // It can be kept as a file, and read again.
    let again = super::read(&whole.to_lines()).expect("it can be read");
    assert_eq!((again.watch.len(), again.objects), (whole.watch.len(), whole.objects));
    assert_eq!((again.end, again.wall.start_unix_micros, again.left_out), (whole.end, BEGINS, 0));
}

#[test]
fn a_quiet_cluster_keeps_its_clock_in_a_file() {
    // What there is was made an hour before, and nothing has happened since.
    let mut live = live(&[object("Pod", "a", 5, "")]);
    live.grow(BEGINS + 90 * SECOND + HELD);
    let whole = live.recording(false);
    let again = super::read(&whole.to_lines()).expect("it can be read");
    assert_eq!((again.wall.start_unix_micros, again.end), (BEGINS, SimTime::millis(90_000)));
    let (was, is) = (whole.timeline(), again.timeline());
    assert_eq!(was.history().digest(), is.history().digest());
    assert_eq!(was.story().beats, is.story().beats);
}

#[test]
fn a_kind_that_is_listed_late_was_there_already() {
    let mut live = live(&[]);
    let large = format!(r#","annotations":{{"blob":"{}"}}"#, "x".repeat(10_000));
    live.hear(Kind::Pod, &said("ADDED", &object("Pod", "a", 3, &large)), BEGINS + SECOND);
    live.grow(BEGINS + 2 * SECOND);
    let objects = Page::read(
        Kind::Deployment,
        r#"{"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"web","namespace":"shop",
            "creationTimestamp":"2026-11-29T09:00:00Z","resourceVersion":"4"}}]}"#,
    );
    let page = objects.expect("it is a list");
    live.list_again(Kind::Deployment, page.objects, page.revision, BEGINS + 5 * SECOND);
    let grown = live.grow(BEGINS + 6 * SECOND);
    assert_eq!(told(&grown.records), ["5000 +web"]);
    // As what was there at the beginning: nobody has made it just now.
    assert_eq!(grown.records[0].actor, Actor::Etcd);
    assert_eq!(live.revision(Kind::Deployment), "9");
    assert!(live.is_longer(10_000) && !live.is_longer(20_000));
    // That stays so once the moments before it are forgotten.
    assert_eq!(live.forget(), Some(SECOND));
    let records = live.recording(true).records;
    assert_eq!(told(&records), ["0 +a", "4000 +web"]);
    let web = records.iter().find(|record| record.time == SimTime::millis(4_000));
    assert_eq!(web.map(|record| record.actor), Some(Actor::Etcd));
    assert_eq!(live.revision(Kind::Deployment), "9");
}

#[test]
fn old_events_that_a_list_brings_again_are_no_news() {
    let note = |name: &str, time: &str| {
        format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"shop","resourceVersion":"3","creationTimestamp":"{time}"}},
            "involvedObject":{{"kind":"Pod","namespace":"shop","name":"a"}},"reason":"Pulled","message":"m","type":"Normal",
            "firstTimestamp":"{time}","lastTimestamp":"{time}"}}"#
        )
    };
    let list = |notes: &[String]| {
        let answer = format!(r#"{{"metadata":{{"resourceVersion":"9"}},"items":[{}]}}"#, notes.join(","));
        Page::read(Kind::Event, &answer).expect("it is a list")
    };
    let first = list(&[note("known", "2026-11-29T09:59:00Z")]);
    let mut live = Live::begin(vec![(Kind::Event, first.objects, first.revision)], BEGINS);
    let again = list(&[
        note("known", "2026-11-29T09:59:00Z"),
        note("cut-off", "2026-11-29T09:30:00Z"),
        note("missed", "2026-11-29T10:00:04Z"),
    ]);
    live.list_again(Kind::Event, again.objects, again.revision, BEGINS + 10 * SECOND);
    assert_eq!(told(&live.grow(BEGINS + 11 * SECOND).records), ["10000 +missed"]);
    // It is known all the same: that it goes is no news of an object that nobody has seen.
    let rest = list(&[note("missed", "2026-11-29T10:00:04Z")]);
    live.list_again(Kind::Event, rest.objects, rest.revision, BEGINS + 20 * SECOND);
    assert!(told(&live.grow(BEGINS + 21 * SECOND).records).contains(&"20000 -known".to_owned()));
}

#[test]
fn a_watch_waits_longer_each_time_begins_with_a_list_and_is_not_silent_for_long() {
    let mut watch = Watch::listed();
    watch.opens(0.0);
    watch.opened(10.0);
    assert!(!watch.is_lost() && !watch.is_silent(180_009.0));
    // A bookmark comes about every minute: without one it leads nowhere any more.
    watch.told(&Heard::Goes, 60_000.0);
    assert!(!watch.is_silent(239_999.0) && watch.is_silent(240_000.0));
    let waits: Vec<u32> = (0..7).map(|_| watch.ended()).collect();
    assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000]);
    assert!(watch.is_lost() && watch.begins_with_list());
    watch.list_came();
    watch.opens(300_000.0);
    watch.opened(300_010.0);
    assert!(!watch.is_lost() && !watch.begins_with_list());
    // One that opens and is closed at once has not come further; one that tells something has.
    assert_eq!(watch.ended(), 20_000);
    watch.told(&Heard::Goes, 310_000.0);
    assert_eq!(watch.ended(), 500);
    watch.told(&Heard::Gone, 311_000.0);
    assert!(watch.begins_with_list());
    assert!(Watch::unlisted().begins_with_list());
}

#[test]
fn to_tell_on_tells_no_more_than_the_last_chapter_again() {
    // What nobody does alone makes no chapter: once it is long, the page is turned.
    let owned = r#","ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"j","uid":"j","controller":true}]"#;
    let mut live = live(&[object("Pod", "a", 5, "")]);
    let mut timeline = live.recording(true).timeline();
    let mut longest = 0;
    for n in 1..400_u32 {
        let at = BEGINS + u64::from(n) * 15 * SECOND;
        live.hear(Kind::Pod, &said("ADDED", &object("Pod", &format!("p-{n}"), 100 + n, owned)), at);
        let grown = live.grow(at + SECOND);
        timeline.grow(grown.records, grown.end);
        let last = timeline.story().chapters.last().map_or(0, |chapter| chapter.beats.len());
        longest = longest.max(last);
    }
    let story = timeline.story();
    assert!(story.beats.len() > 100, "{}", story.beats.len());
    assert!((20..=80).contains(&longest), "the longest chapter has {longest} beats");
}

#[test]
fn what_is_too_much_is_forgotten_from_its_beginning() {
    let blob = |n: u32| format!(r#","annotations":{{"blob":"{}"}}"#, "x".repeat(400_000 + n as usize));
    let mut live = live(&[object("Pod", "a", 5, "")]);
    let mut changes = 0;
    while !live.is_full() {
        changes += 1;
        assert!(changes < 200, "it is never full");
        let at = BEGINS + u64::from(changes) * SECOND;
        live.hear(Kind::Pod, &said("MODIFIED", &object("Pod", "a", 5 + changes, &blob(changes))), at);
        live.grow(at + HELD);
    }
    let before = live.recording(true);
    let newest = before.watch.last().cloned().expect("there are events");
    let moved = live.forget().expect("what is left is less than what may be held");
    let after = live.recording(true);
    assert!(!live.is_full());
    assert_eq!(after.wall.start_unix_micros, before.wall.start_unix_micros + moved);
    assert_eq!(after.end, SimTime(before.end.0 - moved));
    let last = after.watch.last().expect("there are events");
    assert_eq!(last.object, newest.object);
    assert!((last.t - (newest.t - moved as f64 / SECOND as f64)).abs() < 1e-6);
    assert!((before.watch.len() / 3..before.watch.len()).contains(&after.watch.len()));
    let view = after.timeline();
    assert!(view.at(SimTime::ZERO).object(&ObjectKey::new(Kind::Pod, "shop", "a")).is_some());
    // As long as what there is leaves room, it goes on and on.
    for n in changes + 1..4 * changes {
        let at = BEGINS + u64::from(n) * SECOND;
        live.hear(Kind::Pod, &said("MODIFIED", &object("Pod", "a", 5 + n, &blob(n))), at);
        live.grow(at + HELD);
        assert!(!live.is_full() || live.forget().is_some(), "{n}");
    }
    // Where what there is now is too much already, it cannot go on: that is said before it begins.
    let many: Vec<String> = (0..60).map(|n| object("Pod", &format!("p-{n}"), n, &blob(n))).collect();
    let mut live = self::live(&many);
    assert!(live.is_full() && MAX_BYTES < 60 * 400_000);
    assert_eq!(live.forget(), None);
    assert!(live.is_too_large().is_some_and(|bytes| bytes > MAX_BYTES));
    let some: Vec<String> = (0..20).map(|n| object("Pod", &format!("p-{n}"), n, &blob(n))).collect();
    let mut live = self::live(&some);
    assert_eq!(live.is_too_large(), None);
    // With nearly half of it taken from the beginning on, there is still something to forget.
    let mut changes = 0;
    while !live.is_full() {
        changes += 1;
        let at = BEGINS + u64::from(changes) * SECOND;
        live.hear(Kind::Pod, &said("MODIFIED", &object("Pod", "p-0", 99 + changes, &blob(changes))), at);
        live.grow(at + HELD);
    }
    assert!(live.forget().is_some() && !live.is_full());
}
