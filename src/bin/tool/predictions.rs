//! Every question that can be asked of the examples and the recordings: whether the run that follows bears its answer out.

use crate::play;
use crate::recording::Recording;
use crate::truth;
use expect_test::expect;
use podium::api::objects::{Pod, ReplicaSet};
use podium::api::pod_columns::pod_columns;
use podium::api::{Kind, ObjectKey};
use podium::cluster::record::{Change, Fact};
use podium::cluster::runtime::ContainerPhase;
use podium::cluster::time::SimTime;
use podium::cluster::traffic::Outcome;
use podium::manifest::Arg;
use podium::session::{Action, Session, examples};
use podium::timeline::predictions::{Prediction, PredictionKind, before, of_themselves};
use podium::timeline::{RowKey, Timeline};
use podium::words::{Language, text};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

fn example(id: &'static str) -> Session {
    let mut session = Session::default();
    session.apply(Action::LoadExample(id));
    while session.run(session.at(), usize::MAX).0 {}
    session
}

fn arg(one: &Prediction, choice: Option<usize>, name: &str) -> String {
    let args = choice.map_or(&one.ask.args, |choice| &one.choices[choice].say.args);
    match args.iter().find(|(other, _)| *other == name) {
        Some((_, Arg::Text(text))) => text.to_string(),
        Some((_, Arg::Number(number))) => number.to_string(),
        _ => String::new(),
    }
}

/// A Pod of this name, as it is at a time.
fn pod<'a>(timeline: &'a Timeline, name: &str, at: SimTime) -> Option<&'a Pod> {
    timeline.at(at).all::<Pod>().find(|pod| *pod.metadata.name == *name).map(|pod| &**pod)
}

/// What the records say of the question, found in another way than the question itself has: the place of the right choice.
fn borne_out(timeline: &Timeline, one: &Prediction) -> bool {
    let (history, view) = (timeline.history(), timeline.at(one.known));
    let name = arg(one, None, "pod");
    match one.kind {
        PredictionKind::GoesFirst => (0..one.choices.len()).all(|choice| {
            let pod = pod(timeline, &arg(one, Some(choice), "pod"), one.known);
            pod.is_none_or(|pod| pod.metadata.is_terminating()) == (choice == one.right)
        }),
        PredictionKind::Lost => {
            let story = timeline.story();
            let until = story.chapters[story.beats[one.beat].chapter].to;
            let mut rows = BTreeMap::new();
            for record in history.records() {
                if let Fact::Request(number, row) = &record.fact {
                    rows.insert(*number, row.clone());
                }
            }
            let sent = rows.values().filter(|row| row.sent > one.at && row.sent <= until);
            let failed = sent.filter(|row| !matches!(row.ended, Some((_, Outcome::Served(_))))).count();
            let right = match failed {
                0 => 0,
                1..=5 => 1,
                6..=20 => 2,
                _ => 3,
            };
            right == one.right
        }
        PredictionKind::Replaces => {
            let deployment = arg(one, None, "deployment");
            let hashes = |at: SimTime| {
                let sets = timeline.at(at);
                let sets = sets.all::<ReplicaSet>().filter(|set| set.spec.replicas.unwrap_or(0) > 0);
                let of = sets
                    .filter(|set| set.metadata.controller().is_some_and(|owner| *owner.name == *deployment));
                of.map(|set| set.metadata.name.clone()).collect::<Vec<_>>()
            };
            let was = hashes(one.at);
            let is_other = hashes(one.known).iter().any(|name| !was.contains(name));
            is_other == (one.right == 0)
        }
        PredictionKind::Ends => {
            let mut codes =
                history.records_within(one.at, one.known).iter().filter_map(|record| match &record.fact {
                    Fact::Container(_, Some(row))
                        if *row.pod.name == *name && *row.name == *arg(one, None, "container") =>
                    {
                        match row.state {
                            ContainerPhase::Exited { code, .. } => Some(code),
                            _ => None,
                        }
                    }
                    _ => None,
                });
            (codes.next_back() == Some(137)) == (one.right == 2)
        }
        PredictionKind::Reached => {
            // At the container's end, does any rule lead there?
            let ended =
                history.records_within(one.at, one.known).iter().find_map(|record| match &record.fact {
                    Fact::Container(_, Some(row))
                        if *row.pod.name == *name && matches!(row.state, ContainerPhase::Exited { .. }) =>
                    {
                        Some((record.time, row.pod.clone()))
                    }
                    _ => None,
                });
            let Some((ended, key)) = ended else { return false };
            let at = timeline.at(ended);
            let service = ObjectKey::new(Kind::Service, &*key.namespace, &*arg(one, None, "service"));
            let leads = (0..history.nodes().len()).any(|node| {
                let rules = at.rules(podium::cluster::record::NodeId(node as u16), &service);
                rules.is_some_and(|rules| rules.ports.iter().any(|port| port.endpoints.leads_to(&key)))
            });
            leads == (one.right == 2)
        }
        PredictionKind::Restarts => {
            let now = pod(timeline, &name, one.known);
            let restarts = |pod: Option<&Pod>| pod.map_or(0, |pod| pod_columns(pod).restarts);
            let is_again = restarts(now) > restarts(pod(timeline, &name, one.at));
            is_again == (one.right == 0)
        }
        PredictionKind::Successor => {
            let Some(was) = pod(timeline, &name, one.at) else { return false };
            let owner = was.metadata.controller().map(|owner| owner.uid.clone());
            let story = timeline.story();
            let until = story.chapters[story.beats[one.beat].chapter].to;
            let next = history.records_within(one.at, until).iter().find_map(|record| match &record.fact {
                Fact::Object { change: Change::Added, object } if object.kind() == Kind::Pod => {
                    let is_of = owner.is_some()
                        && object.meta().controller().map(|owner| &owner.uid) == owner.as_ref();
                    is_of.then(|| object.meta().name.clone())
                }
                _ => None,
            });
            match next {
                None => one.right == 0,
                Some(next) if *next == *name => one.right == 2,
                Some(_) => one.right == 1,
            }
        }
        PredictionKind::Node => {
            // It may be made only in the step itself.
            let later = timeline.at(one.known);
            let key = later.objects(Kind::Pod, None).find(|object| *object.meta().name == *name);
            let Some(key) = key.map(|object| object.key()) else { return false };
            let bound = history.versions(&RowKey::Object(key)).iter().find_map(|version| {
                match &history.record(version.record)?.fact {
                    Fact::Object { object, .. } => {
                        let node = &object.get::<Pod>()?.spec.node_name;
                        (!node.is_empty()).then(|| node.to_string())
                    }
                    _ => None,
                }
            });
            let chosen = arg(one, Some(one.right), "node");
            let is_unbound = pod(timeline, &name, view.at()).is_some_and(|pod| pod.spec.node_name.is_empty());
            if chosen.is_empty() { is_unbound } else { bound.is_some_and(|node| node == chosen) }
        }
        PredictionKind::Status => {
            let to = timeline.story().beats[one.beat].to;
            pod(timeline, &name, to)
                .is_some_and(|pod| *pod_columns(pod).status == *arg(one, Some(one.right), "word"))
        }
        // No run gives it.
        PredictionKind::Own => false,
    }
}

/// What a question says, with its answer.
fn said(one: &Prediction, language: Language) -> String {
    let say = |sentence: &podium::timeline::Sentence| text(language, sentence.id, &sentence.args);
    let right = &one.choices[one.right];
    format!("{} [{}: {}]", say(&one.ask), say(&right.say), say(&right.why))
}

/// Whether a message is missing in a text, or an argument of one.
fn is_unread(text: &str) -> bool {
    let is_name = |part: &str| {
        part.split_once('}')
            .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()))
    };
    text.contains("[predict.") || text.split('{').skip(1).any(is_name)
}

/// Holds every question of a run to what follows; gives how many of each kind there are.
fn hold(name: &str, timeline: &Timeline, wrong: &mut Vec<String>) -> BTreeMap<PredictionKind, usize> {
    let mut counts = BTreeMap::new();
    for beat in &timeline.story().beats {
        for one in before(timeline, beat) {
            *counts.entry(one.kind).or_insert(0) += 1;
            let what = format!("{name} beat {}: {}", one.beat, said(&one, Language::En));
            if !borne_out(timeline, &one) {
                wrong.push(format!("not borne out: {what}"));
            }
            if one.known <= one.at || one.known > timeline.story().end() {
                wrong.push(format!("asked when it is known, or never known: {what}"));
            }
            for language in Language::ALL {
                let mut choices: Vec<String> = Vec::new();
                for choice in &one.choices {
                    let say =
                        |sentence: &podium::timeline::Sentence| text(*language, sentence.id, &sentence.args);
                    let (said, why) = (say(&choice.say), say(&choice.why));
                    if is_unread(&said) || is_unread(&why) {
                        wrong.push(format!("unread: {said} {why}: {what}"));
                    }
                    if choices.contains(&said) {
                        wrong.push(format!("two choices are the same: {said}: {what}"));
                    }
                    choices.push(said);
                }
            }
        }
    }
    let asked = of_themselves(timeline);
    for pair in asked.windows(2) {
        if pair[1].beat - pair[0].beat < 6 || pair[0].kind == pair[1].kind {
            wrong.push(format!("{name}: too near, or the same again: {} {}", pair[0].beat, pair[1].beat));
        }
    }
    counts
}

#[test]
fn every_question_of_the_examples_is_borne_out() {
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for each in examples::ALL {
        asked += hold(each.id, example(each.id).timeline(), &mut wrong).values().sum::<usize>();
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
    assert!(asked > examples::ALL.len(), "{asked}");
}

#[test]
#[ignore = "goes through all recordings, which takes minutes: cargo test --bin podium-tool predictions -- --ignored"]
fn every_question_of_the_examples_and_the_recordings_is_borne_out() {
    let (mut wrong, mut counts) = (Vec::new(), BTreeMap::<PredictionKind, usize>::new());
    let mut count = |more: BTreeMap<PredictionKind, usize>| {
        more.into_iter().for_each(|(kind, more)| *counts.entry(kind).or_default() += more);
    };
    for each in examples::ALL {
        count(hold(each.id, example(each.id).timeline(), &mut wrong));
    }
    for scenario in truth::scenarios(Path::new(truth::OWN)).expect("they are there") {
        let recording = Recording::read(&scenario).expect("it can be read");
        count(hold(&recording.name, &play::timeline(&recording, 1), &mut wrong));
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
    let is_made = |kind: &&PredictionKind| **kind != PredictionKind::Own;
    let missing: Vec<_> =
        PredictionKind::ALL.iter().filter(is_made).filter(|kind| !counts.contains_key(kind)).collect();
    assert!(missing.is_empty(), "never asked: {missing:?} of {counts:?}");
}

#[test]
fn what_the_examples_ask() {
    let mut out = String::new();
    for each in examples::ALL {
        let session = example(each.id);
        for one in of_themselves(session.timeline()) {
            _ = writeln!(out, "{} {} {}: {}", each.id, one.beat, one.kind, said(&one, Language::En));
        }
    }
    expect![[r#"
        phases 2 node: Pod waits has no node yet. Where does the scheduler put it? [Nowhere: it stays Pending: No node is left for waits. node-1 falls out at the filter NodeAffinity: node(s) didn't match Pod's node affinity/selector]
        phases 13 restarts: work in Pod again-and-again ends in a moment, with exit code 1. What follows? [It is started again in the same Pod: restartPolicy is Always, so the kubelet starts the container again. The Pod stays: its name, its IP, its pause.]
        phases 22 status: What does kubectl get pods print under STATUS of ends-well after the next step? [Completed: Completed. STATUS is no field: it is made of the phase, of what the containers report and of the deletion. The phase is Running.]
        phases 32 restarts: work in Pod again-and-again ends in a moment, with exit code 1. What follows? [It is started again in the same Pod: restartPolicy is Always, so the kubelet starts the container again. The Pod stays: its name, its IP, its pause.]
        phases 39 status: What does kubectl get pods print under STATUS of again-and-again after the next step? [CrashLoopBackOff: CrashLoopBackOff. STATUS is no field: it is made of the phase, of what the containers report and of the deletion. The phase is Running.]
        lost-node 4 node: Pod web-7f667f98cd-9s7nw has no node yet. Where does the scheduler put it? [On node-1: Both fit. node-1 has the higher score, 597 against 526 for node-2; most of it comes from PodTopologySpread.]
        rollout-loses 21 lost: Requests to web go on during the whole rollout. How many of them fail? [6 to 20: 10 of 279 requests failed: 3 refused, 1 cut off in the middle of an answer, 6 without any answer. Rules still named a Pod that served no more.]
        rollout-loses 32 goes-first: The ReplicaSet web-6bd476c7f5 has 3 Pods and is to have 2. Which of these goes first? [web-6bd476c7f5-r4tdc on node-2: web-6bd476c7f5-r4tdc has been ready for the least time. All else being equal, the youngest goes first.]
        rollout-loses 39 ends: web in Pod web-6bd476c7f5-r4tdc is about to get SIGTERM. How does it end? [It ends at once: web ended 1 ms after SIGTERM, with exit code 0. Whatever it was doing then was cut off.]
        rollout-loses 52 reached: Pod web-6bd476c7f5-75f5t is being deleted, and web has it as an endpoint. Does web still send requests to it? [Yes, even after its container has ended: A rule named it until 1.1 s after the deletion. Its container had ended after 138 ms: a request in between fails.]
        rollout-loses 60 ends: web in Pod web-6bd476c7f5-75f5t is about to get SIGTERM. How does it end? [It ends at once: web ended 1 ms after SIGTERM, with exit code 0. Whatever it was doing then was cut off.]
        rollout-loses 70 reached: Pod web-6bd476c7f5-x9fjn is being deleted, and web has it as an endpoint. Does web still send requests to it? [Yes, even after its container has ended: A rule named it until 312 ms after the deletion. Its container had ended after 17 ms: a request in between fails.]
        rollout-keeps 21 lost: Requests to web go on during the whole rollout. How many of them fail? [None: All 279 requests were answered. None of them came to a Pod that served no more.]
        rollout-keeps 31 goes-first: The ReplicaSet web-6498b679ff has 3 Pods and is to have 2. Which of these goes first? [web-6498b679ff-6k2qt on node-2: web-6498b679ff-6k2qt has been ready for the least time. All else being equal, the youngest goes first.]
        rollout-keeps 48 reached: Pod web-6498b679ff-fnmj7 is being deleted, and web has it as an endpoint. Does web still send requests to it? [Yes, for a moment, while its container still runs: The last rule that named it was gone 1.1 s after the deletion. Its container ended after 5.1 s, so somebody was there to answer.]
        rollout-keeps 54 node: Pod web-6d549cccc9-r2dll has no node yet. Where does the scheduler put it? [On node-1: Both fit. node-1 has the higher score, 591 against 588 for node-2; most of it comes from NodeResourcesFit.]
        rollout-keeps 63 reached: Pod web-6498b679ff-96bv6 is being deleted, and web has it as an endpoint. Does web still send requests to it? [Yes, for a moment, while its container still runs: The last rule that named it was gone 359 ms after the deletion. Its container ended after 5 s, so somebody was there to answer.]
        rollout-keeps 70 ends: web in Pod web-6498b679ff-6k2qt is about to get SIGTERM. How does it end? [It ends at once: web ended 1 ms after SIGTERM, with exit code 0. Whatever it was doing then was cut off.]
        ends-at-once 16 lost: Requests to web go on while this happens. How many of them fail? [One to 5: One of 219 requests failed: 0 refused, 1 cut off in the middle of an answer, 0 without any answer. Rules still named a Pod that served no more.]
        drains 16 lost: Requests to web go on while this happens. How many of them fail? [None: All 219 requests were answered. None of them came to a Pod that served no more.]
        ignores 16 lost: Requests to web go on while this happens. How many of them fail? [None: All 219 requests were answered. None of them came to a Pod that served no more.]
        pre-stop 16 lost: Requests to web go on while this happens. How many of them fail? [None: All 219 requests were answered. None of them came to a Pod that served no more.]
        pre-stop 22 ends: web in Pod web-a is about to get SIGTERM. How does it end? [It ends at once: web ended 1 ms after SIGTERM, with exit code 0. Whatever it was doing then was cut off.]
    "#]].assert_eq(&out);
}
