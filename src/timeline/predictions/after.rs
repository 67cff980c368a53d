//! What comes after an end: a container's, a Pod's, and what kubectl prints then.

use super::{About, Choice, MOST_CHOICES, Prediction, PredictionKind, choices};
use crate::api::conditions::is_pod_terminal;
use crate::api::objects::{Pod, PodPhase, RestartPolicy};
use crate::api::pod_columns::pod_columns;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Change, Fact};
use crate::cluster::runtime::ContainerPhase;
use crate::cluster::time::SimTime;
use crate::manifest::Arg;
use crate::msg;
use crate::timeline::{RowKey, Sentence};
use crate::value::Str;

/// The next Pod that is made for the same owner after a moment, with when that is.
fn next_of<'a>(about: &About<'a>, pod: &Pod, after: SimTime, until: SimTime) -> Option<(SimTime, &'a Str)> {
    let owner = &pod.metadata.controller()?.uid;
    about.history.records_within(after, until).iter().find_map(|record| match &record.fact {
        Fact::Object { change: Change::Added, object: Object::Pod(new) }
            if new.metadata.controller().is_some_and(|other| other.uid == *owner) =>
        {
            Some((record.time, &new.metadata.name))
        }
        _ => None,
    })
}

pub(super) fn restarts(about: &About) -> Option<Prediction> {
    if !about.is(&[msg!("say.container-died"), msg!("say.container-out-of-memory")]) {
        return None;
    }
    let (died, row, code) = about.records().find_map(|record| match &record.fact {
        Fact::Container(_, Some(row)) => match row.state {
            ContainerPhase::Exited { code, .. } => Some((record.time, row, code)),
            _ => None,
        },
        _ => None,
    })?;
    // What is asked is what becomes of the container: without `pause` the sandbox is another one, too.
    if !about.history.at(died).sandbox(row.sandbox).is_some_and(|sandbox| sandbox.ready) {
        return None;
    }
    let view = about.view();
    let pod = view.get::<Pod>(&row.pod.namespace, &row.pod.name)?;
    let count = |pod: &Pod| {
        let all = pod.status.container_statuses.iter().chain(&pod.status.init_container_statuses);
        all.filter(|status| status.name == row.name).map(|status| status.restart_count).sum::<i32>()
    };
    let before = count(pod);
    let mut outcome = None;
    for record in about.later(&RowKey::Object(row.pod.clone())) {
        let Fact::Object { object: Object::Pod(now), change } = &record.fact else { continue };
        if now.metadata.uid != pod.metadata.uid || *change == Change::Deleted || now.metadata.is_terminating()
        {
            break;
        }
        if count(now) > before {
            outcome = Some((record.time, 0));
            break;
        }
        if is_pod_terminal(now) {
            let next = next_of(about, pod, died, about.story.end());
            outcome = match next {
                Some((made, _)) => Some((made, 1)),
                None if about.story.is_whole => Some((record.time, 2)),
                None => None,
            };
            break;
        }
    }
    let (known, right) = outcome?;
    let policy = pod.spec.restart_policy.unwrap_or(RestartPolicy::Always);
    let args = [
        ("container", (&row.name).into()),
        ("pod", (&row.pod.name).into()),
        ("code", i64::from(code).into()),
        ("policy", policy.as_str().into()),
    ];
    let why = [
        msg!("predict.restarts-same-why"),
        msg!("predict.restarts-other-why"),
        msg!("predict.restarts-none-why"),
    ];
    let say = [
        (msg!("predict.restarts-same"), msg!("predict.restarts-same-wrong")),
        (msg!("predict.restarts-other"), msg!("predict.restarts-other-wrong")),
        (msg!("predict.restarts-none"), msg!("predict.restarts-none-wrong")),
    ];
    let choices = choices(say, right, Sentence::new(why[right], args.clone()), &args);
    let ask = Sentence::new(msg!("predict.restarts"), args);
    about.prediction(PredictionKind::Restarts, known, ask, choices, right)
}

/// What takes a Pod away.
const DELETED: [&str; 7] = [
    msg!("say.delete-requested"),
    msg!("say.forced"),
    msg!("say.finished-removed"),
    msg!("say.unscheduled-removed"),
    msg!("say.asked-at-once"),
    msg!("say.own-grace-none"),
    msg!("say.taint-evicts"),
];

pub(super) fn successor(about: &About) -> Option<Prediction> {
    if !about.is(&DELETED) {
        return None;
    }
    let marked = about.marked();
    let [first] = marked.as_slice() else { return None };
    let end = about.chapter_end()?;
    let next = next_of(about, first.pod, about.beat.from, end);
    let gone = about.later(&RowKey::Object(first.key.clone())).find_map(|record| match &record.fact {
        Fact::Object { change: Change::Deleted, .. } => Some(record.time),
        _ => None,
    });
    let owner = first.pod.metadata.controller();
    let (known, right, why) = match (next, owner) {
        (Some((made, name)), _) if *name == first.key.name => (made, 2, msg!("predict.successor-same-why")),
        (Some((made, _)), _) => (made, 1, msg!("predict.successor-other-why")),
        (None, None) => (gone?, 0, msg!("predict.successor-bare-why")),
        // Its owner goes too, or has no more use for it.
        (None, Some(_)) => (gone?, 0, msg!("predict.successor-none-why")),
    };
    let args = [
        ("pod", Arg::from(&first.key.name)),
        ("kind", owner.map_or(Arg::from(""), |owner| (&owner.kind).into())),
        ("owner", owner.map_or(Arg::from(""), |owner| (&owner.name).into())),
        ("next", next.map_or(Arg::from(""), |(_, name)| name.into())),
    ];
    let say = [
        (msg!("predict.successor-none"), msg!("predict.successor-none-wrong")),
        (msg!("predict.successor-other"), msg!("predict.successor-other-wrong")),
        (msg!("predict.successor-same"), msg!("predict.successor-same-wrong")),
    ];
    let choices = choices(say, right, Sentence::new(why, args.clone()), &args);
    let ask = Sentence::new(msg!("predict.successor"), args);
    about.prediction(PredictionKind::Successor, known, ask, choices, right)
}

/// Steps after which kubectl prints what is no phase.
const STATUS: [&str; 12] = [
    msg!("say.delete-requested"),
    msg!("say.back-off-shown"),
    msg!("say.image-failed"),
    msg!("say.image-tag-unknown"),
    msg!("say.pod-succeeded"),
    msg!("say.pod-failed"),
    msg!("say.init-container-started"),
    msg!("say.init-container-done"),
    msg!("say.container-died"),
    msg!("say.container-out-of-memory"),
    msg!("say.pod-evicted"),
    msg!("say.pause-ended"),
];

pub(super) fn status(about: &About) -> Option<Prediction> {
    if !about.is(&STATUS) {
        return None;
    }
    let (view, later) = (about.view(), about.history.at(about.beat.to));
    let pod_of = |subject: &RowKey| match subject {
        RowKey::Object(key) if key.kind == Kind::Pod => Some(key.clone()),
        RowKey::Container(id) => Some(view.container(*id)?.pod.clone()),
        RowKey::Sandbox(id) => Some(view.sandbox(*id)?.pod.clone()),
        _ => None,
    };
    let key: ObjectKey = about.beat.subjects.iter().find_map(pod_of)?;
    let was = view.get::<Pod>(&key.namespace, &key.name)?;
    let is = later.get::<Pod>(&key.namespace, &key.name)?;
    let (before, after) = (pod_columns(was).status, pod_columns(is).status);
    let phase = Str::from(is.status.phase.unwrap_or(PodPhase::Pending).as_str());
    if before == after || after == phase {
        return None;
    }
    // The phase, what it prints now, and words that others take for it.
    let likely = match &*after {
        "Terminating" => ["Terminated", "Deleted"],
        "CrashLoopBackOff" => ["Failed", "Error"],
        "ErrImagePull" | "ImagePullBackOff" => ["Failed", "ErrImagePull"],
        "Completed" => ["Terminated", "Succeeded"],
        _ => ["Failed", "CrashLoopBackOff"],
    };
    let mut words: Vec<Str> = vec![after.clone(), phase.clone(), before.clone()];
    words.extend(likely.map(Str::from));
    let mut shown: Vec<Str> = Vec::new();
    for word in words {
        if !shown.contains(&word) && shown.len() < MOST_CHOICES {
            shown.push(word);
        }
    }
    shown.sort();
    let right = shown.iter().position(|word| *word == after)?;
    let args = |word: &Str| {
        [
            ("pod", Arg::from(&key.name)),
            ("word", word.into()),
            ("status", (&after).into()),
            ("phase", (&phase).into()),
        ]
    };
    let choices = shown
        .iter()
        .enumerate()
        .map(|(place, word)| Choice {
            say: Sentence::new(msg!("predict.status-word"), args(word)),
            why: Sentence::new(
                match word {
                    _ if place == right && after == "Terminating".into() => {
                        msg!("predict.status-terminating-why")
                    }
                    _ if place == right => msg!("predict.status-why"),
                    word if *word == phase => msg!("predict.status-phase-wrong"),
                    word if *word == before => msg!("predict.status-before-wrong"),
                    _ => msg!("predict.status-wrong"),
                },
                args(word),
            ),
        })
        .collect();
    let known = about
        .later(&RowKey::Object(key.clone()))
        .find(|record| match &record.fact {
            Fact::Object { object: Object::Pod(pod), .. } => pod_columns(pod).status == after,
            _ => false,
        })
        .map(|record| record.time)?;
    let ask = Sentence::new(msg!("predict.status"), args(&after));
    about.prediction(PredictionKind::Status, known, ask, choices, right)
}
