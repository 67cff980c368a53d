//! Makes and deletes the Pods of ReplicaSets (upstream: pkg/controller/replicaset/replica_set.go).

pub mod ranking;
mod status;

use super::availability::availability_wait;
use super::expectations::Expectations;
use super::ownership::{claim_all, resolve};
use super::pod_control::{pod_from_template, say_created, say_deleted};
use super::stop::Stop;
use super::{Controller, Outcome, WorkQueue};
use crate::api::conditions::{is_pod_active, is_pod_ready};
use crate::api::labels::Selector;
use crate::api::objects::{Labels, Pod, ReplicaSet, ReplicaSetStatus};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::{Change, ControllerName};
use crate::cluster::request::{DeleteOptions, Reason, Request, Status};
use crate::cluster::tally::PodCounts;
use crate::cluster::task::{Ask, Suspended};
use crate::cluster::time::SECOND;
use crate::value::Str;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::rc::Rc;

/// At most so many Pods are made or deleted in one sync.
const BURST_REPLICAS: usize = 500;

/// What a controller of replicas works on: ReplicaSets, or what is seen as such (upstream: NewBaseController).
pub trait Replicas: Clone + Debug + Default {
    /// The kind.
    const KIND: Kind;
    /// The controller's name.
    const NAME: ControllerName;
    /// What its Events say that they come from.
    const COMPONENT: &'static str = Self::NAME.as_str();
    /// What it hears of.
    const WATCHES: &'static [Kind];
    /// Whose own writes it waits to hear of.
    const OWN_WRITES: &'static [Kind];
    /// Whether its status says how many Pods terminate.
    const COUNTS_TERMINATING: bool;
    /// The object as a ReplicaSet; none for one of another kind.
    fn view(object: &Object) -> Option<Rc<ReplicaSet>>;
    /// The object with another status.
    fn with_status(object: &Object, status: &ReplicaSetStatus) -> Object;
}

/// ReplicaSets themselves.
#[derive(Clone, Debug, Default)]
pub struct ReplicaSets;

impl Replicas for ReplicaSets {
    const KIND: Kind = Kind::ReplicaSet;
    const NAME: ControllerName = ControllerName::ReplicaSet;
    const WATCHES: &'static [Kind] = &[Kind::ReplicaSet, Kind::Pod];
    const OWN_WRITES: &'static [Kind] = Self::WATCHES;
    const COUNTS_TERMINATING: bool = true;
    fn view(object: &Object) -> Option<Rc<ReplicaSet>> {
        object.get::<ReplicaSet>().cloned()
    }
    fn with_status(object: &Object, status: &ReplicaSetStatus) -> Object {
        let mut object = object.clone();
        if let Object::ReplicaSet(set) = &mut object {
            Rc::<ReplicaSet>::make_mut(set).status = status.clone();
        }
        object
    }
}

/// The controller.
pub type ReplicaSetController = BaseController<ReplicaSets>;

/// A controller of replicas.
#[derive(Clone, Debug, Default)]
pub struct BaseController<R> {
    expectations: Expectations,
    of: PhantomData<R>,
}

/// What a sync reads.
#[derive(Clone, Debug)]
pub struct Input {
    owner: Object,
    /// The owner as a ReplicaSet.
    replica_set: Rc<ReplicaSet>,
    selector: Selector,
    pods: Pods,
    /// Whether everything asked for before was heard of.
    needs_sync: bool,
}

/// What a sync sees of its Pods.
#[derive(Clone, Debug)]
enum Pods {
    /// All are as the selector wants them, and none is to be chosen: their numbers are enough.
    Counted(status::Counts),
    /// Those that it manages or might take up; and for the ranking of what is deleted, how many active Pods of
    /// its own and of its related ReplicaSets each node has.
    Listed(Vec<Object>, BTreeMap<Str, usize>),
}

impl<R: Replicas> Controller for BaseController<R> {
    const NAME: ControllerName = R::NAME;
    const COMPONENT: &'static str = R::COMPONENT;
    const WATCHES: &'static [Kind] = R::WATCHES;
    const OWN_WRITES: &'static [Kind] = R::OWN_WRITES;
    type Input = Input;

    fn on_change(&mut self, heard: &Heard, cache: &Cache, queue: &mut WorkQueue) {
        match &heard.object {
            Object::Pod(pod) => self.on_pod(heard, pod, cache, queue),
            object if object.kind() == R::KIND => {
                let key = heard.object.key();
                if heard.change == Change::Deleted {
                    self.expectations.forget(&key);
                }
                queue.add(key);
            }
            _ => {}
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Input> {
        let owner = cache.get(key)?.clone();
        let replica_set = R::view(&owner)?;
        let selector = Selector::from_label_selector(&replica_set.spec.selector).ok()?;
        let needs_sync = self.expectations.are_satisfied(key) && !replica_set.metadata.is_terminating();
        let pods = match count(&replica_set, &selector, key, cache) {
            Some(counts) if !needs_sync || counts.pods.active <= wanted(&replica_set) => {
                Pods::Counted(counts)
            }
            _ => list::<R>(&replica_set, cache),
        };
        Some(Input { owner, replica_set, selector, pods, needs_sync })
    }
    fn sync(&mut self, key: &ObjectKey, input: &Input, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let (owner, replica_set) = (&input.owner, &input.replica_set);
        let (mut error, mut wait) = (None, None);
        let counts = match &input.pods {
            Pods::Counted(counts) => {
                if input.needs_sync {
                    error = self.create_missing(key, owner, replica_set, counts.pods.active, ask)?;
                }
                *counts
            }
            Pods::Listed(candidates, nodes) => {
                // What ends or has ended is neither taken up nor let go.
                let (active, others): (Vec<Object>, Vec<Object>) =
                    candidates.iter().cloned().partition(is_active);
                let claimed = match claim_all(ask, owner, &input.selector, &active) {
                    Ok(claimed) => claimed,
                    Err(Stop::Suspended) => return Err(Suspended),
                    Err(Stop::Failed(_)) => return Ok(Outcome::Retry),
                };
                let is_own = |object: &&Object| {
                    let owner = object.meta().controller();
                    owner.is_some_and(|owner| owner.uid == replica_set.metadata.uid)
                        && input.selector.matches(&object.meta().labels)
                };
                let all = claimed.iter().chain(others.iter().filter(is_own));
                let pods: Vec<Rc<Pod>> = all.filter_map(|object| object.get::<Pod>().cloned()).collect();
                if replica_set.spec.min_ready_seconds > 0 {
                    wait =
                        Some(availability_wait(&pods, replica_set.spec.min_ready_seconds, ask.unix_micros()));
                }
                if input.needs_sync {
                    error = self.manage_replicas(key, input, &pods, nodes, ask)?;
                }
                status::count(replica_set, &pods, ask.unix_micros())
            }
        };
        let mut new = status::calculate_status(replica_set, &counts, error.as_deref(), ask);
        if !R::COUNTS_TERMINATING {
            new.terminating_replicas = None;
        }
        let Some(updated) = status::update_replica_set_status::<R>(ask, owner, new)? else {
            return Ok(Outcome::Retry);
        };
        if error.is_some() {
            return Ok(Outcome::Retry);
        }
        let waits = updated.status.ready_replicas != updated.status.available_replicas;
        Ok(wait.filter(|_| waits).map_or(Outcome::Done, Outcome::After))
    }
}

impl<R: Replicas> BaseController<R> {
    fn on_pod(&mut self, heard: &Heard, pod: &Rc<Pod>, cache: &Cache, queue: &mut WorkQueue) {
        let (key, meta) = (heard.object.key(), &pod.metadata);
        let owner = resolve(R::KIND, meta, cache);
        let old = heard.old.as_ref().map(Object::meta);
        if heard.change == Change::Deleted || meta.is_terminating() {
            if let Some(owner) = owner {
                self.expectations.deletion_observed(&owner, &key);
                queue.add(owner);
            }
            return;
        }
        if let Some(old) = old
            && old.controller() != meta.controller()
            && let Some(was) = resolve(R::KIND, old, cache)
        {
            queue.add(was);
        }
        match owner {
            Some(owner) => {
                if heard.change == Change::Added {
                    self.expectations.creation_observed(&owner);
                }
                let became_ready =
                    heard.old.as_ref().and_then(|old| old.get::<Pod>()).is_some_and(|old| !is_pod_ready(old))
                        && is_pod_ready(pod);
                let wait =
                    cache.get(&owner).and_then(R::view).map_or(0, |set| set.spec.min_ready_seconds);
                if became_ready && wait > 0 {
                    queue.add_after(owner.clone(), wait as u64 * SECOND);
                }
                queue.add(owner);
            }
            None if meta.controller().is_none() => {
                let has_changed =
                    old.is_none_or(|old| old.labels != meta.labels || old.controller() != meta.controller());
                if has_changed {
                    let mut matching: Vec<ObjectKey> = Vec::new();
                    for replica_set in cache.list(R::KIND, Some(&meta.namespace)).filter_map(R::view) {
                        let selector = Selector::from_label_selector(&replica_set.spec.selector);
                        if selector
                            .is_ok_and(|selector| !selector.is_everything() && selector.matches(&meta.labels))
                        {
                            matching.push(ObjectKey::new(
                                R::KIND,
                                meta.namespace.clone(),
                                replica_set.metadata.name.clone(),
                            ));
                        }
                    }
                    matching.into_iter().for_each(|key| queue.add(key));
                }
            }
            None => {}
        }
    }
    /// Makes what is missing or deletes what is too much. Gives the first error.
    fn manage_replicas(
        &mut self,
        key: &ObjectKey,
        input: &Input,
        pods: &[Rc<Pod>],
        nodes: &BTreeMap<Str, usize>,
        ask: &mut Ask,
    ) -> Result<Option<String>, Suspended> {
        let (owner, replica_set) = (&input.owner, &input.replica_set);
        let active: Vec<&Rc<Pod>> = pods.iter().filter(|pod| is_pod_active(pod)).collect();
        let surplus = active.len().saturating_sub(wanted(replica_set) as usize).min(BURST_REPLICAS);
        if surplus == 0 {
            return self.create_missing(key, owner, replica_set, active.len() as i32, ask);
        }
        let doomed = ranking::pods_to_delete(&active, nodes, surplus, ask.unix_micros());
        let keys: Vec<ObjectKey> = doomed.iter().map(|pod| Object::Pod((*pod).clone()).key()).collect();
        if ask.once() {
            self.expectations.expect_deletions(key, keys.clone());
        }
        let requests =
            keys.iter().map(|key| Request::delete(key.clone(), DeleteOptions::default())).collect();
        let answers = ask.api_all(requests)?;
        let mut first = None;
        for (answer, pod) in answers.iter().zip(&keys) {
            say_deleted(ask, owner, &pod.name, answer);
            match answer {
                Ok(_) => {}
                Err(error) => {
                    if ask.once() {
                        self.expectations.deletion_observed(key, pod);
                    }
                    if error.reason != Reason::NotFound {
                        first.get_or_insert_with(|| format!("unable to delete pods: {}", error.message));
                    }
                }
            }
        }
        Ok(first)
    }
    /// Makes what is missing. Gives the first error.
    fn create_missing(
        &mut self,
        key: &ObjectKey,
        owner: &Object,
        replica_set: &Rc<ReplicaSet>,
        active: i32,
        ask: &mut Ask,
    ) -> Result<Option<String>, Suspended> {
        let missing = (wanted(replica_set) - active).max(0) as usize;
        if missing == 0 {
            Ok(None)
        } else {
            self.create_pods(key, owner, replica_set, missing.min(BURST_REPLICAS), ask)
        }
    }
    /// Makes Pods in batches of 1, 2, 4 ...: if the first fails, not all are tried.
    fn create_pods(
        &mut self,
        key: &ObjectKey,
        owner: &Object,
        replica_set: &Rc<ReplicaSet>,
        missing: usize,
        ask: &mut Ask,
    ) -> Result<Option<String>, Suspended> {
        if ask.once() {
            self.expectations.expect_creations(key, missing);
        }
        let pod = pod_from_template(owner, &replica_set.spec.template);
        let (mut left, mut batch) = (missing, 1);
        while left > 0 {
            let count = batch.min(left);
            let answers = ask.api_all_with(|| (0..count).map(|_| Request::create(pod.clone())).collect())?;
            let mut first: Option<Rc<Status>> = None;
            for answer in &answers {
                say_created(ask, owner, answer);
                // Where everything in the Namespace goes, nothing is to be tried again.
                if let Err(error) = answer
                    && !error.is_namespace_terminating()
                {
                    if ask.once() {
                        self.expectations.creation_observed(key);
                    }
                    first.get_or_insert_with(|| error.clone());
                }
            }
            left -= count;
            if let Some(error) = first {
                if ask.once() {
                    (0..left).for_each(|_| self.expectations.creation_observed(key));
                }
                return Ok(Some(error.message.clone()));
            }
            batch *= 2;
        }
        Ok(None)
    }
}

/// How many Pods it wants.
fn wanted(replica_set: &ReplicaSet) -> i32 {
    replica_set.spec.replicas.unwrap_or(1).max(0)
}

/// The numbers of its Pods; none where numbers are not enough: where one is to be taken up or let go of, or where
/// it matters since when each is ready.
fn count(
    replica_set: &ReplicaSet,
    selector: &Selector,
    key: &ObjectKey,
    cache: &Cache,
) -> Option<status::Counts> {
    if replica_set.spec.min_ready_seconds > 0 {
        return None;
    }
    let may_adopt =
        |(labels, counts): (&Labels, &PodCounts)| counts.all > counts.leaving && selector.matches(labels);
    if cache.count_orphans(&key.namespace).is_some_and(|orphans| orphans.by_labels().any(may_adopt)) {
        return None;
    }
    let Some(own) = cache.count_controlled_by(&replica_set.metadata.uid) else {
        return Some(status::Counts::default());
    };
    let mut counts = status::Counts::default();
    for (labels, pods) in own.by_labels() {
        if !selector.matches(labels) {
            if pods.active > 0 {
                return None;
            }
            // What ends is not let go any more, and does not count.
            continue;
        }
        counts.pods.add(pods);
        if status::is_fully_labeled(replica_set, labels) {
            counts.fully_labeled += pods.active;
        }
    }
    counts.available = counts.pods.ready;
    Some(counts)
}

fn is_active(object: &Object) -> bool {
    object.get::<Pod>().is_some_and(|pod| is_pod_active(pod))
}

/// Its Pods one by one, and those that it might take up.
fn list<R: Replicas>(replica_set: &ReplicaSet, cache: &Cache) -> Pods {
    let candidates = cache.candidates(&replica_set.metadata, Kind::Pod).cloned().collect();
    let mut nodes = BTreeMap::new();
    if let Some(owner) = replica_set.metadata.controller() {
        let siblings = cache.controlled_by(&owner.uid).filter(|sibling| sibling.kind() == R::KIND);
        let related = siblings
            .flat_map(|sibling| cache.controlled_by(&sibling.meta().uid))
            .filter_map(|object| object.get::<Pod>());
        for pod in related.filter(|pod| is_pod_active(pod)) {
            *nodes.entry(pod.spec.node_name.clone()).or_default() += 1;
        }
    }
    Pods::Listed(candidates, nodes)
}
