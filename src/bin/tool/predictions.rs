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
    let before = timeline.at(one.at);
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
            let codes =
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
            (codes.last() == Some(137)) == (one.right == 2)
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
            let service = ObjectKey::new(Kind::Service, &*key.namespace, &arg(one, None, "service"));
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
            let was = pod(timeline, &name, one.at).expect("it is there");
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
            let key = before.objects(Kind::Pod, None).find(|object| *object.meta().name == *name);
            let key = key.map(|object| object.key()).expect("it is there");
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
    let missing: Vec<_> = PredictionKind::ALL.iter().filter(|kind| !counts.contains_key(kind)).collect();
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
    expect![[r#""#]].assert_eq(&out);
}
