//! How many requests fail, and how long a Service still sends some to a Pod that is deleted.

use super::{About, Choice, Prediction, PredictionKind, choices, span};
use crate::api::objects::Service;
use crate::api::{Kind, ObjectKey};
use crate::cluster::proxy::ServiceRules;
use crate::cluster::record::{Fact, NodeId};
use crate::cluster::time::SimTime;
use crate::cluster::traffic::Outcome;
use crate::msg;
use crate::timeline::{RowKey, Sentence};

/// What takes Pods away from a Service.
const BEGINS: [&str; 6] = [
    msg!("say.delete-requested"),
    msg!("say.delete-requested-many"),
    msg!("say.rollout-started"),
    msg!("say.pods-removed"),
    msg!("say.fault-node"),
    msg!("say.fault-container"),
];
/// Fewer requests than these say nothing.
const FEW: usize = 10;
/// A handful, and some.
const BOUNDS: [usize; 2] = [5, 20];

pub(super) fn lost(about: &About) -> Option<Prediction> {
    let is_begin = |id: &str| BEGINS.contains(&id);
    let chapter = about.story.chapters.get(about.beat.chapter)?;
    let first = about.story.beats.get(chapter.beats.clone())?.iter().find(|beat| is_begin(beat.say.id))?;
    let end = about.chapter_end().filter(|_| first.index == about.beat.index)?;
    let view = about.history.at(end);
    // Those that are sent before the next act; what came of the last of them may be known later.
    let known = about.history.at(about.story.end());
    let (mut total, mut lost) = (0_usize, [0_usize; 4]);
    let (mut service, mut last) = (None, end);
    for (number, _) in view.requests_within(end.since(about.beat.from)) {
        let row = known.request(number)?;
        if row.sent <= about.beat.from {
            continue;
        }
        let (ended, outcome) = row.ended.as_ref()?;
        total += 1;
        last = last.max(*ended);
        service = Some(&row.service);
        match (outcome, &row.endpoint) {
            (Outcome::Served(_), _) => {}
            (_, None) => lost[0] += 1,
            (Outcome::Refused, _) => lost[1] += 1,
            (Outcome::CutOff, _) => lost[2] += 1,
            (Outcome::TimedOut, _) => lost[3] += 1,
        }
    }
    let failed: usize = lost.iter().sum();
    if total < FEW {
        return None;
    }
    let args = [
        ("service", (&service?.name).into()),
        ("count", failed.into()),
        ("total", total.into()),
        ("few", BOUNDS[0].into()),
        ("more", (BOUNDS[0] + 1).into()),
        ("many", BOUNDS[1].into()),
        ("refused", lost[1].into()),
        ("cut", lost[2].into()),
        ("silent", lost[3].into()),
    ];
    let why = match failed {
        0 => msg!("predict.lost-none-why"),
        _ if lost[0] == failed => msg!("predict.lost-nowhere-why"),
        _ => msg!("predict.lost-why"),
    };
    let right = match failed {
        0 => 0,
        some if some <= BOUNDS[0] => 1,
        some if some <= BOUNDS[1] => 2,
        _ => 3,
    };
    let wrong = msg!("predict.lost-were");
    let say = [
        (msg!("predict.lost-none"), if failed == 0 { wrong } else { msg!("predict.lost-some-wrong") }),
        (msg!("predict.lost-few"), wrong),
        (msg!("predict.lost-some"), wrong),
        (msg!("predict.lost-many"), wrong),
    ];
    let choices = choices(say, right, Sentence::new(why, args.clone()), &args);
    let ask = match about.beat.say.id {
        "say.rollout-started" => msg!("predict.lost-rollout"),
        _ => msg!("predict.lost"),
    };
    about.prediction(PredictionKind::Lost, last, Sentence::new(ask, args), choices, right)
}

/// Whether rules lead to a Pod.
fn leads(rules: &ServiceRules, pod: &ObjectKey) -> bool {
    rules.ports.iter().any(|port| port.endpoints.leads_to(pod) || port.external.leads_to(pod))
}

pub(super) fn reached(about: &About) -> Option<Prediction> {
    let marked = about.marked();
    let first = marked.first()?;
    let view = about.view();
    let end = about.end_of(about.only_container(first.pod)?)?;
    let services = view.all::<Service>().filter(|service| service.metadata.namespace == first.key.namespace);
    let nodes = 0..about.history.nodes().len();
    // Until when a kube-proxy somewhere still has it.
    let mut until: Option<(SimTime, ObjectKey)> = None;
    for service in services {
        let key = ObjectKey::new(Kind::Service, &*service.metadata.namespace, &*service.metadata.name);
        for node in nodes.clone().map(|node| NodeId(node as u16)) {
            if !view.rules(node, &key).is_some_and(|rules| leads(rules, &first.key)) {
                continue;
            }
            let without = about.later(&RowKey::Rules(node, key.clone())).find(|record| {
                matches!(&record.fact, Fact::Rules(_, _, rules) if !rules.as_ref().is_some_and(|rules| leads(rules, &first.key)))
            })?;
            if until.as_ref().is_none_or(|(until, _)| *until < without.time) {
                until = Some((without.time, key.clone()));
            }
        }
    }
    let (until, service) = until?;
    let deleted = first.record.time;
    let right = match until {
        until if until <= deleted => return None,
        until if until < end.at => 1,
        _ => 2,
    };
    let args = [
        ("pod", (&first.key.name).into()),
        ("service", (&service.name).into()),
        ("rules", span(until.since(deleted))),
        ("ended", span(end.at.since(deleted))),
    ];
    let why = if right == 1 { msg!("predict.reached-while-why") } else { msg!("predict.reached-after-why") };
    let say = [
        (msg!("predict.reached-no"), msg!("predict.reached-no-wrong")),
        (msg!("predict.reached-while"), msg!("predict.reached-while-wrong")),
        (msg!("predict.reached-after"), msg!("predict.reached-after-wrong")),
    ];
    let choices: Vec<Choice> = choices(say, right, Sentence::new(why, args.clone()), &args);
    let ask = Sentence::new(msg!("predict.reached"), args);
    about.prediction(PredictionKind::Reached, until.max(end.at), ask, choices, right)
}
