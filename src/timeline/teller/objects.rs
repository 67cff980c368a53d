//! The moments of objects: what a person changes, and what controllers make of it.

use super::step::{Class, Step};
use super::{Args, Moment, Teller};
use crate::api::conditions::{
    find, is_deployment_completed, is_deployment_stuck, is_job_complete, is_job_failed, is_pod_terminal,
    is_true,
};
use crate::api::objects::{
    Deployment, Endpoint, EndpointSlice, HorizontalPodAutoscaler, Job, Namespace, ObjectMeta, Pod,
    ReplicaSet, Service, Simulated,
};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Actor, Change, ControllerName, Fact, Message, MessageKind, Record};
use crate::cluster::request::{Request, Verb};
use crate::cluster::time::{Micros, SECOND, parse_rfc3339};
use crate::manifest::Arg;
use crate::timeline::history::History;
use crate::timeline::row::RowKey;
use crate::value::Str;
use std::rc::Rc;

/// The annotation in which a ReplicaSet has its place in its Deployment's history.
const REVISION: &str = "deployment.kubernetes.io/revision";
/// A Job that its CronJob makes so long after its time, in microseconds, was held back.
const LATE: Micros = 2 * SECOND;

/// The finalizer of an owner that waits for its dependents.
const FOREGROUND: &str = "foregroundDeletion";
/// The label that names an EndpointSlice's Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

pub(super) fn number(n: impl TryInto<i64>) -> Arg {
    Arg::Number(n.try_into().unwrap_or(i64::MAX))
}

pub(super) fn text(text: &Str) -> Arg {
    Arg::Text(text.clone())
}

pub(super) fn kind_name(key: &ObjectKey) -> Args {
    vec![("kind", key.kind.info().name.into()), ("name", text(&key.name))]
}

/// An object that finalizers hold, and they.
pub(super) fn held(key: &ObjectKey, meta: &ObjectMeta) -> Args {
    let mut args = kind_name(key);
    let finalizers: Vec<&str> = meta.finalizers.iter().map(|held| &**held).collect();
    args.push(("finalizers", finalizers.join(", ").as_str().into()));
    args
}

pub(super) fn is_person(actor: Actor) -> bool {
    matches!(actor, Actor::Kubectl(_) | Actor::Person)
}

/// The request that a change came from, at once or by another change of the same object, and who sent it.
pub(super) fn request_of<'a>(history: &'a History, record: &Record) -> Option<(Actor, &'a Request)> {
    history.causes(record.cause?).take(3).find_map(|sent| match &sent.fact {
        Fact::Message(Message { kind: MessageKind::Request(request), .. }) => Some((sent.actor, &**request)),
        _ => None,
    })
}

/// The object as it was before this record.
fn before<'a>(history: &'a History, record: &Record, key: &ObjectKey) -> Option<&'a Object> {
    let versions = history.versions(&RowKey::Object(key.clone()));
    let place = versions.partition_point(|version| version.record < record.id).checked_sub(1)?;
    match &history.record(versions.get(place)?.record)?.fact {
        Fact::Object { change: Change::Added | Change::Modified, object } => Some(object),
        _ => None,
    }
}

/// Whether a node is cordoned now, or no longer is.
fn cordons(old: Option<&Object>, new: &Object) -> Option<bool> {
    let is_cordoned = |object: &Object| match object {
        Object::Node(node) => Some(node.spec.unschedulable),
        _ => None,
    };
    is_cordoned(new).filter(|now| old.and_then(is_cordoned) == Some(!now))
}

fn revision(meta: &ObjectMeta) -> i64 {
    meta.annotations.get(REVISION).and_then(|revision| revision.parse().ok()).unwrap_or(0)
}

pub(super) fn owner_key(meta: &ObjectMeta, kind: Kind) -> Option<ObjectKey> {
    let owner = meta.controller().filter(|owner| *owner.kind == *kind.info().name)?;
    Some(ObjectKey::new(kind, meta.namespace.clone(), owner.name.clone()))
}

/// A change of an object, with what is known of it.
pub(super) struct Seen<'a> {
    pub(super) history: &'a History,
    pub(super) record: &'a Record,
    /// Who asked for it.
    pub(super) actor: Actor,
    /// Whether a deletion was asked for.
    pub(super) is_deletion: bool,
    pub(super) change: Change,
    pub(super) key: ObjectKey,
    /// The object as it was before.
    pub(super) old: Option<&'a Object>,
}

impl<'a> Seen<'a> {
    /// The object as it was before.
    pub(super) fn old<T: Simulated>(&self) -> Option<&'a Rc<T>> {
        self.old?.get::<T>()
    }
    /// A moment of it, now.
    pub(super) fn moment(&self, step: Step, args: impl IntoIterator<Item = (&'static str, Arg)>) -> Moment {
        Moment::new(step, self.record.time, self.key.clone(), args)
    }
}

impl Teller {
    pub(super) fn object(&mut self, history: &History, record: &Record, change: Change, object: &Object) {
        let (actor, is_deletion) = match request_of(history, record) {
            Some((actor, request)) => (actor, matches!(request.verb, Verb::Delete(_))),
            None if self.is_recorded => (record.actor, object.meta().is_terminating()),
            None => return,
        };
        if let Actor::Kubectl(client) = actor {
            self.memory.commands.entry(client).or_default().has_changed = true;
        }
        let key = object.key();
        let old = before(history, record, &key);
        let seen = Seen { history, record, actor, is_deletion, change, key, old };
        if self.is_recorded && self.recorded_object(&seen, object) {
            return;
        }
        match (object, change) {
            (Object::Event(event), Change::Added | Change::Modified) => {
                self.event(history, record, event);
                if !self.is_recorded {
                    self.trouble(history, record, event);
                }
            }
            (Object::Pod(pod), Change::Added) => self.pod_added(&seen, pod),
            (Object::Pod(pod), Change::Modified) => self.pod_modified(&seen, pod),
            (Object::Pod(pod), Change::Deleted) => self.pod_deleted(&seen, pod),
            (_, Change::Deleted) if actor == Actor::Controller(ControllerName::GarbageCollector) => {
                // One that was being deleted waited for its dependents to be deleted, or to be let go.
                let has_waited = old.is_some_and(|old| old.meta().is_terminating());
                let step = if has_waited { Step::OwnersGo } else { Step::Dependents };
                self.tell(record, seen.moment(step, []));
            }
            (Object::Job(job), Change::Deleted) if actor == Actor::Controller(ControllerName::CronJob) => {
                self.job_forgotten(&seen, job);
            }
            (Object::Namespace(_), Change::Deleted) => {
                self.tell(record, seen.moment(Step::NamespaceGone, [("namespace", text(&seen.key.name))]));
            }
            (Object::Namespace(namespace), Change::Modified)
                if namespace.metadata.is_terminating()
                    && old.is_some_and(|old| !old.meta().is_terminating()) =>
            {
                self.tell(record, seen.moment(Step::NamespaceEnds, [("namespace", text(&seen.key.name))]));
            }
            (Object::Namespace(namespace), Change::Modified) if !is_person(actor) => {
                self.namespace_held(&seen, namespace);
            }
            _ if is_person(actor) => self.by_person(&seen, object),
            (_, Change::Modified)
                if actor == Actor::Controller(ControllerName::GarbageCollector)
                    && object.meta().is_terminating()
                    && old.is_some_and(|old| !old.meta().is_terminating()) =>
            {
                let waits = object.meta().finalizers.iter().any(|held| &**held == FOREGROUND);
                let (step, args) = match waits {
                    true => (Step::DependentsMarked, Args::new()),
                    false => (Step::Held(actor), held(&seen.key, object.meta())),
                };
                self.tell(record, seen.moment(step, args));
            }
            (_, Change::Modified)
                if actor == Actor::Controller(ControllerName::GarbageCollector)
                    && !object.meta().is_terminating()
                    && old.is_some_and(|old| {
                        old.meta().owner_references.len() > object.meta().owner_references.len()
                    }) =>
            {
                self.tell(record, seen.moment(Step::Orphaned, []));
            }
            // What is being deleted is not said to have all that it asks for.
            (
                Object::Deployment(_)
                | Object::StatefulSet(_)
                | Object::DaemonSet(_)
                | Object::PodDisruptionBudget(_),
                Change::Modified,
            ) if object.meta().is_terminating() => {}
            (Object::ReplicaSet(set), Change::Added | Change::Modified) => self.replica_set(&seen, set),
            (Object::PersistentVolumeClaim(_) | Object::PersistentVolume(_), Change::Modified) => {
                self.storage(&seen, object);
            }
            (Object::HorizontalPodAutoscaler(autoscaler), Change::Modified) => {
                self.autoscaled(&seen, autoscaler)
            }
            (Object::Deployment(deployment), Change::Modified) => self.deployment_status(&seen, deployment),
            (Object::EndpointSlice(slice), Change::Added | Change::Modified) => self.slice(&seen, slice),
            (Object::StatefulSet(set), Change::Modified) => self.stateful_set_status(&seen, set),
            (Object::DaemonSet(set), Change::Modified) => self.daemon_set_status(&seen, set),
            (Object::PodDisruptionBudget(budget), Change::Modified) => self.budget_status(&seen, budget),
            (Object::Node(node), Change::Modified) => self.node_status(&seen, node),
            (Object::Job(job), Change::Added) => self.job_made(&seen, job),
            (Object::Job(job), Change::Modified) => self.job_status(&seen, job),
            _ => {}
        }
    }

    /// A claim has got its volume, or a volume has lost its claim.
    fn storage(&mut self, seen: &Seen, object: &Object) {
        let phase = |object: &Object| match object {
            Object::PersistentVolumeClaim(claim) => claim.status.phase.clone(),
            Object::PersistentVolume(volume) => volume.status.phase.clone(),
            _ => Str::default(),
        };
        let now = phase(object);
        if seen.old.is_none_or(|old| phase(old) == now) {
            return;
        }
        match object {
            Object::PersistentVolumeClaim(claim) if &*now == "Bound" => {
                let args = [("claim", text(&seen.key.name)), ("volume", text(&claim.spec.volume_name))];
                self.tell(seen.record, seen.moment(Step::ClaimBound(seen.key.clone()), args));
            }
            Object::PersistentVolume(_) if &*now == "Released" => {
                let args = [("volume", text(&seen.key.name))];
                self.tell(seen.record, seen.moment(Step::VolumeReleased, args));
            }
            _ => {}
        }
    }

    /// An autoscaler has brought its target back into its bounds.
    fn autoscaled(&mut self, seen: &Seen, autoscaler: &HorizontalPodAutoscaler) {
        let (target, status) = (&autoscaler.spec.scale_target_ref, &autoscaler.status);
        let old = seen.old::<HorizontalPodAutoscaler>();
        if status.current_replicas != status.desired_replicas
            && old.is_some_and(|old| old.status.last_scale_time != status.last_scale_time)
        {
            let args = [
                ("autoscaler", text(&seen.key.name)),
                ("target", text(&target.name)),
                ("from", i64::from(status.current_replicas).into()),
                ("to", i64::from(status.desired_replicas).into()),
            ];
            self.tell(seen.record, seen.moment(Step::Autoscaled, args));
        }
    }

    /// What a person's request has made of an object that is no Pod.
    fn by_person(&mut self, seen: &Seen, object: &Object) {
        let &Seen { history, record, actor, ref key, .. } = seen;
        let (step, args) = match seen.change {
            Change::Added => {
                let class = match object {
                    Object::Namespace(_) => Class::Namespace,
                    Object::Service(service) if service.spec.cluster_ip.is_empty() => Class::Alias,
                    Object::Service(service) if &*service.spec.cluster_ip == "None" => Class::Headless,
                    Object::Service(_) => Class::Service,
                    _ => Class::Other,
                };
                let mut args = kind_name(key);
                args.push(("namespace", text(&key.name)));
                if let Object::Service(service) = object {
                    args.extend([
                        ("service", text(&key.name)),
                        ("ip", text(&service.spec.cluster_ip)),
                        ("host", text(&service.spec.external_name)),
                    ]);
                }
                (Step::Created(actor, class), args)
            }
            Change::Deleted => {
                let has_dependents = history.at(record.time).owned_by(&object.meta().uid).next().is_some();
                let step = if has_dependents { Step::OwnerRemoved(actor) } else { Step::Removed(actor) };
                (step, kind_name(key))
            }
            Change::Modified if seen.is_deletion => (Step::Held(actor), held(&seen.key, object.meta())),
            Change::Modified => match (seen.old.and_then(replicas), replicas(object)) {
                (Some(from), Some(to)) if from != to => {
                    let mut args = kind_name(key);
                    args.extend([("from", number(from)), ("to", number(to))]);
                    (Step::Scaled(actor), args)
                }
                _ => match cordons(seen.old, object) {
                    Some(is_cordoned) => {
                        (Step::Cordons(key.name.clone(), is_cordoned), vec![("node", text(&key.name))])
                    }
                    None => (Step::Changed(actor), kind_name(key)),
                },
            },
        };
        if let Object::ReplicaSet(set) = object {
            self.remember_wanted(key, set);
        }
        self.tell(record, seen.moment(step, args));
    }

    pub(super) fn remember_wanted(&mut self, key: &ObjectKey, set: &ReplicaSet) {
        let memory = self.memory.replica_sets.entry(key.clone()).or_default();
        let wanted = set.spec.replicas.unwrap_or(1);
        if memory.wanted != wanted {
            (memory.wanted, memory.was_full) = (wanted, memory.active >= wanted);
        }
    }

    fn replica_set(&mut self, seen: &Seen, set: &ReplicaSet) {
        let &Seen { history, record, actor, ref key, .. } = seen;
        self.remember_wanted(key, set);
        let Some(deployment) = owner_key(&set.metadata, Kind::Deployment) else { return };
        if actor != Actor::Controller(ControllerName::Deployment) {
            return;
        }
        let old = seen.old::<ReplicaSet>();
        if old.is_some_and(|old| old.metadata.controller().is_none()) {
            let args = [("deployment", text(&deployment.name)), ("replica_set", text(&key.name))];
            self.tell(record, seen.moment(Step::Adopts(deployment), args));
            return;
        }
        let wanted = set.spec.replicas.unwrap_or(1);
        let owner = set.metadata.controller().map_or("", |owner| &*owner.uid);
        let has_others = history.at(record.time).owned_by(owner).any(|other| other.key() != *key);
        let step = match old {
            None if has_others => Step::RolloutBegins(deployment.clone()),
            None => Step::ReplicaSetMade(deployment.clone()),
            Some(old) if revision(&old.metadata) < revision(&set.metadata) && has_others => {
                Step::RolledBack(deployment.clone())
            }
            Some(old) if !has_others || old.spec.replicas == set.spec.replicas => return,
            Some(old) if old.spec.replicas.unwrap_or(1) < wanted => Step::Grows(key.clone()),
            Some(_) => Step::Shrinks(key.clone()),
        };
        let from = old.map_or(0, |old| old.spec.replicas.unwrap_or(1));
        let args = [
            ("deployment", text(&deployment.name)),
            ("replica_set", text(&key.name)),
            ("count", number(wanted)),
            ("from", number(from)),
            ("to", number(wanted)),
            ("revision", number(old.map_or(revision(&set.metadata), |old| revision(&old.metadata)))),
        ];
        self.tell(record, seen.moment(step, args));
    }

    fn deployment_status(&mut self, seen: &Seen, deployment: &Deployment) {
        let (key, old) = (&seen.key, seen.old::<Deployment>());
        let wanted = deployment.spec.replicas.unwrap_or(1);
        if is_deployment_stuck(deployment) && old.is_some_and(|old| !is_deployment_stuck(old)) {
            let seconds = deployment.spec.progress_deadline_seconds.unwrap_or(600);
            let deadline = u64::try_from(seconds).unwrap_or(0).saturating_mul(1_000);
            let args = [("deployment", text(&key.name)), ("deadline", Arg::Millis(deadline))];
            self.tell(seen.record, seen.moment(Step::Stalls(key.clone()), args));
        }
        let is_done = |deployment: &Deployment| is_deployment_completed(deployment);
        if wanted == 0 || !is_done(deployment) || old.is_none_or(|old| is_done(old)) {
            return;
        }
        let has_rolled = [Step::RolloutBegins(key.clone()), Step::RolledBack(key.clone())];
        let step = if has_rolled.iter().any(|step| self.is_told(step)) {
            Step::RolledOut(key.clone())
        } else {
            Step::Available(key.clone())
        };
        let args = [
            ("deployment", text(&key.name)),
            ("count", number(wanted)),
            ("revision", number(revision(&deployment.metadata))),
        ];
        self.tell(seen.record, seen.moment(step, args));
    }

    /// What is in a Namespace that ends is held: nobody here takes it on.
    fn namespace_held(&mut self, seen: &Seen, namespace: &Namespace) {
        const HELD: &str = "NamespaceFinalizersRemaining";
        let is_held = |namespace: &Namespace| is_true(&namespace.status.conditions, HELD);
        if !is_held(namespace) || seen.old::<Namespace>().is_some_and(|old| is_held(old)) {
            return;
        }
        let message = find(&namespace.status.conditions, HELD).map_or("", |held| &*held.message);
        let why = message.split_once("remaining: ").map_or(message, |(_, why)| why);
        let args = [("namespace", text(&seen.key.name)), ("why", why.into())];
        self.tell(seen.record, seen.moment(Step::NamespaceHeld(seen.key.name.clone()), args));
    }

    fn job_made(&mut self, seen: &Seen, job: &Job) {
        let Some(cron_job) = owner_key(&job.metadata, Kind::CronJob) else { return };
        let args = [("cron_job", text(&cron_job.name)), ("job", text(&seen.key.name))];
        // Its name ends with the minute that it was due at.
        let due = seen.key.name.rsplit_once('-').and_then(|(_, minute)| minute.parse::<u64>().ok());
        let made = parse_rfc3339(&job.metadata.creation_timestamp);
        let is_late = due
            .zip(made)
            .is_some_and(|(due, made)| made > due.saturating_mul(60 * SECOND).saturating_add(LATE));
        let step = if is_late { Step::CronJobMakesLate(cron_job) } else { Step::CronJobMakes(cron_job) };
        self.tell(seen.record, seen.moment(step, args));
    }

    /// A Job that is over, or that stands still.
    fn job_status(&mut self, seen: &Seen, job: &Job) {
        let (key, old) = (&seen.key, seen.old::<Job>());
        let is_new = |test: fn(&Job) -> bool| test(job) && old.is_some_and(|old| !test(old));
        let suspended: fn(&Job) -> bool = |job| is_true(&job.status.conditions, "Suspended");
        let mut args = vec![("job", text(&key.name)), ("count", number(job.status.succeeded))];
        let step = if is_new(is_job_complete) {
            Step::JobComplete(key.clone())
        } else if is_new(is_job_failed) {
            let reason = find(&job.status.conditions, "Failed").map(|failed| text(&failed.reason));
            args.push(("reason", reason.unwrap_or_else(|| "Failed".into())));
            Step::JobFails(key.clone())
        } else if is_new(suspended) {
            Step::JobSuspended(key.clone())
        } else {
            return;
        };
        self.tell(seen.record, seen.moment(step, args));
    }

    fn slice(&mut self, seen: &Seen, slice: &EndpointSlice) {
        let &Seen { record, ref key, .. } = seen;
        let old = seen.old::<EndpointSlice>();
        let name = slice.metadata.labels.get(SERVICE_NAME).cloned().unwrap_or_default();
        let service = ObjectKey::new(Kind::Service, key.namespace.clone(), name);
        let about = |pod: &ObjectKey| vec![("service", text(&service.name)), ("pod", text(&pod.name))];
        if seen.change == Change::Added {
            let mut args = vec![("service", text(&service.name))];
            if slice.endpoints.is_empty() {
                args.extend(selects_some(seen, &service).map(|some| ("found", number(some))));
            }
            self.tell(record, seen.moment(Step::SliceMade(service.clone()), args));
        }
        fn name_of(endpoint: &Rc<Endpoint>) -> Option<&Str> {
            endpoint.target_ref.as_ref().map(|target| &target.name)
        }
        // The first of those that are about the same Pod counts.
        fn by_pod(endpoints: &[Rc<Endpoint>]) -> Vec<(&Str, &Endpoint)> {
            let named = endpoints.iter().filter_map(|endpoint| Some((name_of(endpoint)?, &**endpoint)));
            let mut sorted: Vec<_> = named.collect();
            sorted.sort_by_key(|(name, _)| *name);
            sorted.dedup_by_key(|(name, _)| *name);
            sorted
        }
        fn find<'a>(sorted: &[(&Str, &'a Endpoint)], name: &Str) -> Option<&'a Endpoint> {
            sorted.binary_search_by_key(&name, |(other, _)| *other).ok().map(|at| sorted[at].1)
        }
        let pod_named = |name: &Str| ObjectKey::new(Kind::Pod, key.namespace.clone(), name.clone());
        let before: &[Rc<Endpoint>] = old.map_or(&[], |old| &old.endpoints);
        let (was_there, is_there) = (by_pod(before), by_pod(&slice.endpoints));
        for endpoint in slice.endpoints.iter() {
            let Some(name) = name_of(endpoint) else { continue };
            let (was, pod) = (find(&was_there, name), pod_named(name));
            let (is_ready, was_ready) = (ready(endpoint), was.is_some_and(ready));
            let (ends, ended) = (terminating(endpoint), was.is_some_and(terminating));
            let step = if is_ready && !was_ready {
                Step::EndpointsAdded(service.clone(), self.memory.cohort(&pod))
            } else if ends && !ended && was.is_some() {
                let deletion = self.memory.deletion(&pod);
                Step::EndpointsEnding(service.clone(), deletion.map_or(0, |deletion| deletion.cohort))
            } else if was_ready && !is_ready && !ends {
                Step::EndpointsUnready(service.clone(), self.memory.cohort(&pod))
            } else {
                continue;
            };
            let args = about(&pod);
            self.tell(record, Moment::new(step, record.time, pod, args));
        }
        for name in before.iter().filter_map(name_of) {
            if find(&is_there, name).is_none() {
                let pod = pod_named(name);
                let cohort =
                    self.memory.deletion(&pod).map_or(self.memory.cohort(&pod), |deletion| deletion.cohort);
                let args = about(&pod);
                let step = Step::EndpointsOut(service.clone(), cohort);
                self.tell(record, Moment::new(step, record.time, pod, args));
            }
        }
    }
}

/// Whether a Pod that has not ended for good has the labels that a Service selects; none where the Service is not known.
fn selects_some(seen: &Seen, service: &ObjectKey) -> Option<bool> {
    let view = seen.history.at(seen.record.time);
    let service = view.get::<Service>(&service.namespace, &service.name)?;
    let is_selected = |pod: &Pod| {
        let mut wanted = service.spec.selector.iter();
        !is_pod_terminal(pod) && wanted.all(|(key, value)| pod.metadata.labels.get(key) == Some(value))
    };
    let pods = view.objects(Kind::Pod, Some(&service.metadata.namespace));
    Some(pods.filter_map(|pod| pod.get::<Pod>()).any(|pod| is_selected(pod)))
}

fn replicas(object: &Object) -> Option<i32> {
    match object {
        Object::Deployment(deployment) => Some(deployment.spec.replicas.unwrap_or(1)),
        Object::ReplicaSet(set) => Some(set.spec.replicas.unwrap_or(1)),
        Object::StatefulSet(set) => Some(set.spec.replicas.unwrap_or(1)),
        _ => None,
    }
}

fn ready(endpoint: &Endpoint) -> bool {
    endpoint.conditions.ready == Some(true)
}

fn terminating(endpoint: &Endpoint) -> bool {
    endpoint.conditions.terminating == Some(true)
}
