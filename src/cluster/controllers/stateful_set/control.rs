//! Bringing a StatefulSet's Pods to what is wanted, one after the other or all together
//! (upstream: pkg/controller/statefulset/stateful_set_control.go).

use super::revisions::Revisions;
use super::status::{calculate_status, is_created, is_running_and_ready};
use super::{Sync, identity};
use crate::api::conditions::{is_pod_in_phase, is_pod_terminal};
use crate::api::objects::{
    ControllerRevision, Pod, PodPhase, PodTemplateSpec, StatefulSet, StatefulSetStatus,
};
use crate::cluster::controllers::availability::is_pod_available;
use crate::cluster::controllers::history;
use crate::cluster::controllers::stop::Stop;
use std::rc::Rc;

/// At most so many Pods are worked on at once.
const MAX_BATCH_SIZE: usize = 500;

/// Whether a step lets the next one follow in this sync.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    GoesOn,
    Ends,
}

impl Sync<'_, '_> {
    /// Brings the StatefulSet nearer to what is wanted, and gives its status.
    pub(super) fn update_stateful_set(
        &mut self,
        pods: &[Rc<Pod>],
        revisions: &[Rc<ControllerRevision>],
    ) -> Result<StatefulSetStatus, Stop> {
        let mut sorted = revisions.to_vec();
        history::sort(&mut sorted);
        let now = self.ask.unix_micros();
        let revisions = self.revisions(&sorted)?;
        let Revisions { current, update, collision_count } = &revisions;
        let mut status = calculate_status(&self.set, pods, current, update, *collision_count, now);
        let result = match self.bring_nearer(pods, &revisions, now, &mut status) {
            Err(Stop::Suspended) => return Err(Stop::Suspended),
            result => result,
        };
        // A failure does not keep the status from being told.
        let written = self.update_status(status);
        if matches!(written, Err(Stop::Suspended)) {
            return written;
        }
        self.truncate_history(pods, &sorted, &revisions)?;
        result?;
        written
    }
    fn bring_nearer(
        &mut self,
        pods: &[Rc<Pod>],
        revisions: &Revisions,
        now: u64,
        status: &mut StatefulSetStatus,
    ) -> Result<(), Stop> {
        if self.set.metadata.is_terminating() {
            return Ok(());
        }
        let set = self.set.clone();
        let wanted = identity::ordinals(&set);
        let ordinal = |pod: &Pod| identity::ordinal_of(&set, &pod.metadata.name);
        let (kept, mut condemned): (Vec<Rc<Pod>>, Vec<Rc<Pod>>) =
            pods.iter().cloned().partition(|pod| ordinal(pod).is_some_and(|at| wanted.contains(&at)));
        let templates = Templates::of(&set, revisions);
        let replicas: Vec<Rc<Pod>> = wanted
            .map(|at| match kept.iter().find(|pod| ordinal(pod) == Some(at)) {
                Some(pod) => pod.clone(),
                None => Rc::new(self.planned(&templates, revisions, at)),
            })
            .collect();
        condemned.sort_by_key(|pod| std::cmp::Reverse(ordinal(pod)));
        if self.in_order(&replicas, |sync, batch| sync.process_replicas(batch, now))? == Step::Ends {
            return Ok(());
        }
        for pod in &condemned {
            if !self.claims_match(pod)
                && let Some(why) = self.update_claims(pod)?
            {
                return Err(Stop::because(why));
            }
        }
        let is_missing = |pod: &&Rc<Pod>| !self.is_available(pod, now) || pod.metadata.is_terminating();
        let first_missing = replicas.iter().chain(condemned.iter().rev()).find(is_missing).cloned();
        let process =
            |sync: &mut Self, batch: &[Rc<Pod>]| sync.process_condemned(batch, first_missing.as_ref(), now);
        if self.in_order(&condemned, process)? == Step::Ends || &*set.spec.update_strategy.kind == "OnDelete"
        {
            return Ok(());
        }
        self.roll(&replicas, &revisions.update.metadata.name, now, status)
    }
    fn is_available(&self, pod: &Pod, now: u64) -> bool {
        is_pod_available(pod, self.set.spec.min_ready_seconds, now)
    }
    fn is_monotonic(&self) -> bool {
        &*self.set.spec.pod_management_policy != "Parallel"
    }
    /// A Pod that does not exist yet, of the revision that its number has.
    fn planned(&self, templates: &Templates, revisions: &Revisions, ordinal: i32) -> Pod {
        let set = &self.set;
        let below = match &set.spec.update_strategy.rolling_update {
            Some(rolling) => rolling.partition.unwrap_or(0),
            None if &*set.spec.update_strategy.kind == "RollingUpdate" => set.status.current_replicas,
            None => 0,
        };
        let (template, revision) = if ordinal < identity::start(set) + below {
            (&templates.current, &revisions.current)
        } else {
            (&templates.update, &revisions.update)
        };
        identity::new_pod(set, &self.owner, template, &revision.metadata.name, ordinal)
    }
    /// Works on Pods one after the other, each only when the one before lets it; or, where the policy is
    /// `Parallel`, on 1, 2, 4 ... at once, until one fails.
    fn in_order(
        &mut self,
        pods: &[Rc<Pod>],
        work: impl Fn(&mut Self, &[Rc<Pod>]) -> Result<Step, Stop>,
    ) -> Result<Step, Stop> {
        if self.is_monotonic() {
            for pod in pods {
                if work(self, std::slice::from_ref(pod))? == Step::Ends {
                    return Ok(Step::Ends);
                }
            }
            return Ok(Step::GoesOn);
        }
        let (mut rest, mut size) = (pods, 1);
        while !rest.is_empty() {
            let (batch, after) = rest.split_at(size.min(rest.len()));
            work(self, batch)?;
            (rest, size) = (after, (2 * size).min(MAX_BATCH_SIZE));
        }
        Ok(Step::GoesOn)
    }
    /// Makes Pods that are missing, deletes those that have ended, and mends those that are there.
    fn process_replicas(&mut self, batch: &[Rc<Pod>], now: u64) -> Result<Step, Stop> {
        let of = |test: &dyn Fn(&Rc<Pod>) -> bool| {
            batch.iter().filter(|pod| test(pod)).cloned().collect::<Vec<_>>()
        };
        let is_monotonic = self.is_monotonic();
        let ended = of(&|pod| is_pod_terminal(pod));
        let leaving: Vec<_> = ended.iter().filter(|pod| !pod.metadata.is_terminating()).cloned().collect();
        let missing = of(&|pod| !is_created(pod) && !self.has_stale_claim(pod));
        let mut failure = self.delete_pods(&leaving)?;
        failure = failure.or(if missing.is_empty() { None } else { self.create_pods(&missing)? });
        let there = of(&|pod| is_created(pod) && !is_pod_terminal(pod));
        let pending: Vec<_> =
            there.iter().filter(|pod| is_pod_in_phase(pod, PodPhase::Pending)).cloned().collect();
        failure = failure.or(self.create_missing_claims(&pending)?);
        if let Some(failure) = failure {
            return Err(failure);
        }
        if is_monotonic && (there.is_empty() || there.iter().any(|pod| !self.lets_next_follow(pod, now))) {
            return Ok(Step::Ends);
        }
        for pod in &there {
            let matches = identity::identity_matches(&self.set, pod)
                && identity::storage_matches(&self.set, pod)
                && self.claims_match(pod);
            if !matches {
                self.update_pod(pod)?;
            }
        }
        Ok(Step::GoesOn)
    }
    /// Whether the next Pod in order may be worked on.
    fn lets_next_follow(&self, pod: &Pod, now: u64) -> bool {
        !pod.metadata.is_terminating() && is_running_and_ready(pod) && self.is_available(pod, now)
    }
    /// Deletes Pods that are not wanted any more. One after the other, each waits until all before it are well.
    fn process_condemned(
        &mut self,
        batch: &[Rc<Pod>],
        first_missing: Option<&Rc<Pod>>,
        now: u64,
    ) -> Result<Step, Stop> {
        let is_first =
            |pod: &Rc<Pod>| first_missing.is_some_and(|first| first.metadata.name == pod.metadata.name);
        if self.is_monotonic()
            && batch.iter().any(|pod| {
                pod.metadata.is_terminating() || (!is_first(pod) && !self.lets_next_follow(pod, now))
            })
        {
            return Ok(Step::Ends);
        }
        let going: Vec<_> = batch.iter().filter(|pod| !pod.metadata.is_terminating()).cloned().collect();
        self.delete_pods(&going)?.map_or(Ok(Step::Ends), Err)
    }
}

/// The templates of the two revisions.
struct Templates {
    current: PodTemplateSpec,
    update: PodTemplateSpec,
}

impl Templates {
    fn of(set: &StatefulSet, revisions: &Revisions) -> Self {
        let template = |revision| {
            history::template_of(revision).unwrap_or_else(|| PodTemplateSpec::clone(&set.spec.template))
        };
        Self { current: template(&revisions.current), update: template(&revisions.update) }
    }
}
