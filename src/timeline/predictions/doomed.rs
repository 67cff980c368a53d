//! Which Pod a ReplicaSet deletes: the controller's ranking, where it decides.

use super::{About, Choice, MOST_CHOICES, Prediction, PredictionKind};
use crate::api::Kind;
use crate::api::conditions::is_pod_active;
use crate::api::objects::Pod;
use crate::cluster::controllers::replica_set::ranking::{Criterion, decide, pods_to_delete};
use crate::cluster::record::{Actor, ControllerName};
use crate::msg;
use crate::timeline::Sentence;
use crate::value::Str;
use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) fn goes_first(about: &About) -> Option<Prediction> {
    let marked = about.marked();
    let first = marked.first()?;
    if first.record.actor != Actor::Controller(ControllerName::ReplicaSet)
        && !about.is(&[msg!("say.pods-removed")])
    {
        return None;
    }
    let view = about.view();
    let owner =
        first.pod.metadata.controller().filter(|owner| *owner.kind == *Kind::ReplicaSet.info().name)?;
    let set = view.object(&crate::api::ObjectKey::new(
        Kind::ReplicaSet,
        &*first.pod.metadata.namespace,
        &*owner.name,
    ))?;
    let active_of = |uid: &str| {
        let pods = view.owned_by(uid).filter_map(|object| object.get::<Pod>());
        pods.filter(|pod| is_pod_active(pod)).collect::<Vec<&Rc<Pod>>>()
    };
    let active = active_of(&owner.uid);
    let doomed: Vec<&Str> = marked.iter().map(|marked| &marked.key.name).collect();
    if doomed.len() >= active.len() {
        return None;
    }
    let mut nodes: BTreeMap<Str, usize> = BTreeMap::new();
    if let Some(deployment) = set.meta().controller() {
        let siblings = view.owned_by(&deployment.uid).filter(|sibling| sibling.kind() == Kind::ReplicaSet);
        for pod in siblings.flat_map(|sibling| active_of(&sibling.meta().uid)) {
            *nodes.entry(pod.spec.node_name.clone()).or_default() += 1;
        }
    }
    let now = about.timeline.start().setup.wall.start_unix_micros + first.record.time.0;
    // What the controller saw may be a little older: where its choice is not this one, it cannot be explained.
    let ranked = pods_to_delete(&active, &nodes, active.len() - 1, now);
    let chosen = ranked.get(..doomed.len())?;
    if !chosen.iter().all(|pod| doomed.contains(&&pod.metadata.name)) {
        return None;
    }
    let rank = |pod: &Pod| nodes.get(&pod.spec.node_name).copied().unwrap_or(0);
    let goes = *chosen.first()?;
    let decides = |stays: &Rc<Pod>| decide(goes, stays, (rank(goes), rank(stays)), now).map(|(by, _)| by);
    let mut stay: Vec<(&Rc<Pod>, Criterion)> = active
        .iter()
        .filter(|pod| !doomed.contains(&&pod.metadata.name))
        .filter_map(|pod| Some((*pod, decides(pod)?)))
        // Chance decides nothing that could be known.
        .filter(|(_, by)| *by != Criterion::Uid)
        .collect();
    stay.truncate(MOST_CHOICES - 1);
    let (_, by) = stay.first()?;
    let args = |pod: &Pod| {
        [
            ("pod", (&pod.metadata.name).into()),
            ("node", (&pod.spec.node_name).into()),
            ("count", rank(pod).into()),
            ("replica_set", (&owner.name).into()),
        ]
    };
    let mut choices: Vec<(&Str, Choice)> = stay
        .iter()
        .map(|(pod, _)| {
            let say = Sentence::new(msg!("predict.pod"), args(pod));
            (&pod.metadata.name, Choice { say, why: Sentence::new(msg!("predict.goes-later"), args(pod)) })
        })
        .collect();
    let why = match by {
        Criterion::Unassigned => msg!("predict.goes-unassigned"),
        Criterion::Phase => msg!("predict.goes-phase"),
        Criterion::Ready => msg!("predict.goes-unready"),
        Criterion::Cost => msg!("predict.goes-cost"),
        Criterion::Crowded => msg!("predict.goes-crowded"),
        Criterion::ReadyFor => msg!("predict.goes-ready-for"),
        Criterion::Restarts => msg!("predict.goes-restarts"),
        Criterion::Age => msg!("predict.goes-age"),
        Criterion::Uid => return None,
    };
    let say = Sentence::new(msg!("predict.pod"), args(goes));
    choices.push((&goes.metadata.name, Choice { say, why: Sentence::new(why, args(goes)) }));
    choices.sort_by_key(|(name, _)| *name);
    let right = choices.iter().position(|(name, _)| **name == goes.metadata.name)?;
    let ask = [
        ("replica_set", (&owner.name).into()),
        ("seen", active.len().into()),
        ("wanted", (active.len() - doomed.len()).into()),
        ("count", doomed.len().into()),
    ];
    let choices = choices.into_iter().map(|(_, choice)| choice).collect();
    let known = first.record.time;
    about.prediction(
        PredictionKind::GoesFirst,
        known,
        Sentence::new(msg!("predict.goes-first"), ask),
        choices,
        right,
    )
}
