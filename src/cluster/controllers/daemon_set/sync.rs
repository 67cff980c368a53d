//! A sync of a DaemonSet, step by step: its revisions, its Pods, an update, old revisions, the status. Whenever a step
//! has asked for something, the next one looks at the cache again, as upstream's does
//! (upstream: syncDaemonSet in pkg/controller/daemon/daemon_controller.go).

use super::placement::{Plan, View, by_node};
use super::template::{HASH_LABEL, daemon_spec, new_pod};
use super::{BackOff, DaemonSetController, Input, update};
use crate::api::labels::Selector;
use crate::api::objects::{ControllerRevision, DaemonSet, Pod};
use crate::api::{Object, ObjectKey};
use crate::cluster::controllers::Outcome;
use crate::cluster::controllers::ownership::claim_all;
use crate::cluster::controllers::pod_control::{say_created, say_deleted};
use crate::cluster::controllers::stop::Stop;
use crate::cluster::recorder::EventNote;
use crate::cluster::request::{DeleteOptions, Reason, Request};
use crate::cluster::task::Ask;
use crate::cluster::time::Micros;
use crate::value::Str;
use std::rc::Rc;

/// At most so many Pods are made, and so many deleted, in one sync.
const BURST_REPLICAS: usize = 250;

/// How far a sync is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Makes what is missing, deletes what is too much.
    Manage,
    /// Replaces Pods of old templates.
    Update,
    /// Deletes old revisions.
    CleanUp,
    /// Tells how many there are.
    Status,
}

/// A sync that goes on with a fresh look at the cache.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    /// The DaemonSet as it was when the sync began.
    pub(super) set: Rc<DaemonSet>,
    step: Step,
    /// The hash of its template.
    hash: Str,
    /// Its old revisions.
    old: Vec<Rc<ControllerRevision>>,
    /// Whether a step has failed.
    has_failed: bool,
    /// Whether all steps were taken: then the status says that this generation was seen.
    is_whole: bool,
    /// When to look again.
    again: Option<Micros>,
}

impl DaemonSetController {
    pub(super) fn sync_daemon_set(
        &mut self,
        key: &ObjectKey,
        input: &Input,
        ask: &mut Ask,
    ) -> Result<Outcome, Stop> {
        let began = ask.now();
        let owner = Object::DaemonSet(input.set.clone());
        let Ok(selector) = Selector::from_label_selector(&input.set.spec.selector) else {
            return Ok(Outcome::Done);
        };
        let mut progress = match &input.progress {
            Some(progress) => progress.clone(),
            None if selector.is_everything() => {
                let why = "This daemon set is selecting all pods. A non-empty selector is required.";
                ask.event(EventNote::warning(&owner, "SelectingAll", why));
                return Ok(Outcome::Done);
            }
            None if input.set.metadata.is_terminating() => return Ok(Outcome::Done),
            None => {
                let (hash, old) = super::revisions::construct_history(ask, input, &owner, &selector)?;
                let set = input.set.clone();
                Progress {
                    set,
                    step: Step::Manage,
                    hash,
                    old,
                    has_failed: false,
                    is_whole: true,
                    again: None,
                }
            }
        };
        loop {
            if ask.now() > began {
                if ask.once() {
                    self.progress.insert(key.clone(), progress);
                }
                return Ok(Outcome::GoesOn);
            }
            if progress.step == Step::Manage && !input.is_satisfied {
                progress.is_whole = false;
                progress.step = Step::Status;
            }
            let claimed = claim_all(ask, &owner, &selector, &input.candidates);
            if let Err(Stop::Suspended) = claimed {
                return Err(Stop::Suspended);
            }
            if progress.step == Step::Status {
                return super::status::update_status(ask, input, &progress, claimed?);
            }
            let result = match claimed {
                Ok(claimed) => self.take_step(key, input, &claimed, &mut progress, ask),
                Err(failure) => Err(failure),
            };
            progress.step = match (result, progress.step) {
                (Err(Stop::Suspended), _) => return Err(Stop::Suspended),
                (Err(Stop::Failed(_)), _) => {
                    progress.has_failed = true;
                    Step::Status
                }
                (Ok(()), Step::Manage) => Step::Update,
                (Ok(()), Step::Update) => Step::CleanUp,
                (Ok(()), Step::CleanUp | Step::Status) => Step::Status,
            };
        }
    }
    fn take_step(
        &mut self,
        key: &ObjectKey,
        input: &Input,
        claimed: &[Object],
        progress: &mut Progress,
        ask: &mut Ask,
    ) -> Result<(), Stop> {
        let pods: Vec<Rc<Pod>> = claimed.iter().filter_map(|object| object.get::<Pod>().cloned()).collect();
        let spec = daemon_spec(&input.set.spec.template);
        let view = View {
            set: &input.set,
            hash: &progress.hash,
            spec: &spec,
            failing: &input.failing,
            now: ask.now(),
            unix_now: ask.unix_micros(),
        };
        match progress.step {
            Step::Manage => {
                let plan = view.plan(&input.nodes, &by_node(&pods));
                progress.again = plan.again;
                self.note_failing(key, input, &plan, ask);
                self.sync_nodes(key, input, &progress.hash, &plan.pods, &plan.nodes, ask)
            }
            Step::Update if input.is_satisfied && update::is_rolling(&input.set) => {
                let update = update::rolling_update(&view, &input.nodes, &by_node(&pods));
                self.sync_nodes(key, input, &progress.hash, &update.pods, &update.nodes, ask)
            }
            Step::CleanUp => {
                let live = pods.iter().filter_map(|pod| pod.metadata.labels.get(HASH_LABEL));
                super::revisions::clean_up(ask, &input.set, &progress.old, &live.collect())
            }
            Step::Update | Step::Status => Ok(()),
        }
    }
    /// Says which Pods have ended, and leaves the next that fail alone for longer.
    fn note_failing(&mut self, key: &ObjectKey, input: &Input, plan: &Plan, ask: &mut Ask) {
        let owner = Object::DaemonSet(input.set.clone());
        for pod in &plan.ended {
            let (namespace, name) = (&pod.metadata.namespace, &pod.metadata.name);
            let has_failed =
                crate::api::conditions::is_pod_in_phase(pod, crate::api::objects::PodPhase::Failed);
            ask.event(if has_failed {
                let node = super::template::target_node(pod).map_or("", |node| node);
                let what =
                    format!("Found failed daemon pod {namespace}/{name} on node {node}, will try to kill it");
                EventNote::warning(&owner, "FailedDaemonPod", what)
            } else {
                let node = super::template::target_node(pod).map_or("", |node| node);
                let what = format!(
                    "Found succeeded daemon pod {namespace}/{name} on node {node}, will try to delete it"
                );
                EventNote::normal(&owner, "SucceededDaemonPod", what)
            });
        }
        if !plan.failing.is_empty() && ask.once() {
            let generation = input.set.status.observed_generation;
            let failing = self.failing.entry(key.clone()).or_default();
            for (node, wait) in &plan.failing {
                failing.insert(node.clone(), BackOff { generation, wait: *wait, since: ask.now() });
            }
        }
    }
    /// Makes Pods for nodes in batches of 1, 2, 4 ..., and deletes Pods.
    fn sync_nodes(
        &mut self,
        key: &ObjectKey,
        input: &Input,
        hash: &str,
        pods: &[Rc<Pod>],
        nodes: &[Str],
        ask: &mut Ask,
    ) -> Result<(), Stop> {
        let (pods, nodes) =
            (&pods[..pods.len().min(BURST_REPLICAS)], &nodes[..nodes.len().min(BURST_REPLICAS)]);
        let doomed: Vec<ObjectKey> = pods.iter().map(|pod| Object::from(pod.clone()).key()).collect();
        if ask.once() {
            self.expectations.expect(key, nodes.len(), doomed.clone());
        }
        let owner = Object::DaemonSet(input.set.clone());
        let mut failure: Option<Stop> = None;
        let (mut rest, mut size) = (nodes, 1);
        while !rest.is_empty() {
            let (batch, after) = rest.split_at(size.min(rest.len()));
            let requests =
                batch.iter().map(|node| Request::create(new_pod(&input.set, hash, node))).collect();
            for answer in ask.api_all(requests)? {
                say_created(ask, &owner, &answer);
                // Where everything in the Namespace goes, nothing is to be tried again.
                if let Err(error) = answer
                    && !error.is_namespace_terminating()
                {
                    if ask.once() {
                        self.expectations.creation_observed(key);
                    }
                    failure.get_or_insert(error.into());
                }
            }
            if failure.is_some() && !after.is_empty() {
                if ask.once() {
                    after.iter().for_each(|_| self.expectations.creation_observed(key));
                }
                break;
            }
            (rest, size) = (after, 2 * size);
        }
        if doomed.is_empty() {
            return failure.map_or(Ok(()), Err);
        }
        let requests =
            doomed.iter().map(|pod| Request::delete(pod.clone(), DeleteOptions::default())).collect();
        for (pod, answer) in doomed.iter().zip(ask.api_all(requests)?) {
            say_deleted(ask, &owner, &pod.name, &answer);
            let Err(error) = answer else { continue };
            if ask.once() {
                self.expectations.deletion_observed(key, pod);
            }
            if error.reason != Reason::NotFound {
                failure.get_or_insert(error.into());
            }
        }
        failure.map_or(Ok(()), Err)
    }
}

impl Progress {
    pub(super) fn hash(&self) -> &str {
        &self.hash
    }
    /// Whether the status says that this generation was seen.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }
    /// What the sync comes to once its status is written.
    pub(super) fn outcome(&self, wait: Option<Micros>) -> Outcome {
        match (self.has_failed, self.again.into_iter().chain(wait).min()) {
            (true, _) => Outcome::Retry,
            (false, Some(micros)) => Outcome::After(micros),
            (false, None) => Outcome::Done,
        }
    }
}
