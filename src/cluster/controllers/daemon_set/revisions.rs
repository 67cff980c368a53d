//! A DaemonSet's ControllerRevisions: one for each template that it had
//! (upstream: constructHistory and cleanupHistory in pkg/controller/daemon/update.go).

use super::Input;
use super::template::HASH_LABEL;
use crate::api::labels::Selector;
use crate::api::objects::{ControllerRevision, DaemonSet, ObjectMeta, Pod};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::controllers::history;
use crate::cluster::controllers::ownership::{claim_all, controller_reference};
use crate::cluster::controllers::stop::Stop;
use crate::cluster::controllers::template_hash::template_hash;
use crate::cluster::request::{PatchKind, Reason, Reply, Request, Verb};
use crate::cluster::task::Ask;
use crate::value::{Str, Value};
use std::collections::BTreeSet;
use std::rc::Rc;

type Revision = Rc<ControllerRevision>;

fn revision(reply: &Reply) -> Result<Revision, Stop> {
    let revision = reply.object().and_then(|object| object.get::<ControllerRevision>());
    revision.cloned().ok_or_else(|| Stop::because("the server gave no ControllerRevision"))
}

fn hash_of(revision: &ControllerRevision) -> Str {
    revision.metadata.labels.get(HASH_LABEL).cloned().unwrap_or_default()
}

/// Finds the revision of the template or makes it, and gives its hash and the old revisions.
pub(super) fn construct_history(
    ask: &mut Ask,
    input: &Input,
    owner: &Object,
    selector: &Selector,
) -> Result<(Str, Vec<Revision>), Stop> {
    let set = &input.set;
    let claimed = claim_all(ask, owner, selector, &input.revisions)?;
    let data = history::patch_of(&set.spec.template);
    let (mut current, mut old) = (Vec::new(), Vec::new());
    for known in claimed.iter().filter_map(|object| object.get::<ControllerRevision>()) {
        let mut known = known.clone();
        if !known.metadata.labels.contains_key(HASH_LABEL) {
            let mut labelled = ControllerRevision::clone(&known);
            let meta = Rc::make_mut(&mut labelled.metadata);
            meta.labels.insert(HASH_LABEL.into(), meta.name.clone());
            known = revision(&ask.api(Request::update(labelled))??)?;
        }
        if known.data == data { current.push(known) } else { old.push(known) }
    }
    let number = old.iter().map(|old| old.revision).max().unwrap_or(0) + 1;
    if current.is_empty() {
        let made = snapshot(ask, set, owner, data, number)?;
        return Ok((hash_of(&made), old));
    }
    let kept = keep_one(ask, input, owner, selector, &current)?;
    if kept.revision < number {
        ask.api(Request::update(ControllerRevision {
            revision: number,
            ..ControllerRevision::clone(&kept)
        }))??;
    }
    Ok((hash_of(&kept), old))
}

/// Of several revisions of the same template the newest is kept, and the Pods are labelled as its own.
fn keep_one(
    ask: &mut Ask,
    input: &Input,
    owner: &Object,
    selector: &Selector,
    current: &[Revision],
) -> Result<Revision, Stop> {
    let Some(kept) = current.iter().max_by_key(|revision| revision.revision).cloned() else {
        return Err(Stop::because("no revision of the template"));
    };
    if current.len() == 1 {
        return Ok(kept);
    }
    let hash = hash_of(&kept);
    let pods = claim_all(ask, owner, selector, &input.candidates)?;
    for pod in pods.iter().filter_map(|object| object.get::<Pod>()) {
        if pod.metadata.labels.get(HASH_LABEL) != Some(&hash) {
            let mut patch = Value::object();
            patch.set(&["metadata", "labels", HASH_LABEL], hash.clone());
            let key = Object::Pod(pod.clone()).key();
            ask.api(Request::new(Verb::Patch(PatchKind::Merge, patch), key))??;
        }
    }
    for other in current.iter().filter(|other| other.metadata.name != kept.metadata.name) {
        history::delete(ask, other)?;
    }
    Ok(kept)
}

/// Makes the revision of the template. Where its name is taken by another template's, the collision is counted, and
/// the next sync tries another name.
fn snapshot(
    ask: &mut Ask,
    set: &Rc<DaemonSet>,
    owner: &Object,
    data: Value,
    number: i64,
) -> Result<Revision, Stop> {
    let template = &set.spec.template;
    let hash: Str = template_hash(template, set.status.collision_count).into();
    let mut labels = template.metadata.labels.clone();
    labels.insert(HASH_LABEL.into(), hash.clone());
    let meta = &set.metadata;
    let metadata = ObjectMeta {
        name: format!("{}-{hash}", meta.name).into(),
        namespace: meta.namespace.clone(),
        labels,
        annotations: meta.annotations.clone(),
        owner_references: vec![controller_reference(owner)],
        ..ObjectMeta::default()
    };
    let key = ObjectKey::new(Kind::ControllerRevision, metadata.namespace.clone(), metadata.name.clone());
    let new =
        ControllerRevision { metadata: Rc::new(metadata), data, revision: number, ..Default::default() };
    let taken = match ask.api(Request::create(new.clone()))? {
        Err(error) if error.reason == Reason::AlreadyExists => error,
        answer => return revision(&answer?),
    };
    let there = revision(&ask.api(Request::get(key))??)?;
    if there.data == new.data {
        return Ok(there);
    }
    let reply = ask.api(Request::get(owner.key()))??;
    let fresh = reply.object().and_then(|object| object.get::<DaemonSet>()).unwrap_or(set);
    if fresh.status.collision_count != set.status.collision_count {
        return Err(Stop::because("found a stale collision count; will retry until it is updated"));
    }
    let mut fresh = DaemonSet::clone(fresh);
    *fresh.status.collision_count.get_or_insert(0) += 1;
    ask.api(Request::update_status(fresh))??;
    Err(taken.into())
}

/// Deletes the oldest revisions beyond the limit of which no Pod is.
pub(super) fn clean_up(
    ask: &mut Ask,
    set: &DaemonSet,
    old: &[Revision],
    live: &BTreeSet<&Str>,
) -> Result<(), Stop> {
    let limit = usize::try_from(set.spec.revision_history_limit.unwrap_or(10)).unwrap_or(0);
    let surplus = old.len().saturating_sub(limit);
    let mut sorted = old.to_vec();
    history::sort(&mut sorted);
    for revision in sorted.iter().filter(|revision| !live.contains(&hash_of(revision))).take(surplus) {
        history::delete(ask, revision)?;
    }
    Ok(())
}
