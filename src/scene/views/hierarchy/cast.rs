//! Who is on the stage: the objects of a chapter, and whom they belong to.

use super::super::Stage;
use super::super::objects::{Life, lives};
use super::super::silence::silent;
use super::claims::{Folded, folded, used_as};
use super::fronts::{Front, Slices};
use super::homes::{Home, Homes};
use super::slots::{Branch, Reach, Times, branch};
use super::uses::{User, Uses};
use crate::api::labels::Selector;
use crate::api::objects::{CronJob, Deployment, Labels, Pod, PodSpec, Service, StatefulSet};
use crate::api::volumes::claims_of;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::time::SimTime;
use crate::scene::shape::Target;
use crate::value::Str;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The annotation with the number of a rollout.
pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";

/// What is on the stage, by Namespace.
#[derive(Debug)]
pub(super) struct Cast<'a> {
    /// In the order in which they came.
    pub(super) namespaces: Vec<Home<'a>>,
    /// Whether anything is broken in the run.
    pub(super) has_faults: bool,
    /// The nodes that are silent now.
    pub(super) silent: Vec<&'a str>,
}

/// A workload with what hangs below it, or the Pods that belong to nobody.
#[derive(Debug, Default)]
pub(super) struct Group<'a> {
    /// Of the workload; none for what belongs to nobody.
    pub(super) deployment: Option<Reserved<'a, Deployment>>,
    /// The CronJob whose Jobs these are.
    pub(super) cron_job: Option<Plain<'a>>,
    pub(super) branches: Vec<Branch<'a>>,
    pub(super) services: Vec<Front<'a>>,
}

/// A typed object with its place: it is there, or will be, or was.
#[derive(Debug)]
pub(super) struct Reserved<'a, T> {
    /// Its first state, which its size is taken from.
    pub(super) first: &'a Rc<T>,
    /// Its state, where it is there.
    pub(super) now: Option<&'a Rc<T>>,
    /// The width of its card, once that was asked for: many places are tried.
    pub(super) wide: OnceCell<f32>,
}

/// What makes Pods itself, with its place: a ReplicaSet, a StatefulSet, a DaemonSet, a Job.
#[derive(Debug)]
pub(super) struct Maker<'a> {
    /// Its first state, which its size is taken from.
    pub(super) first: &'a Object,
    /// Its state, where it is there.
    pub(super) now: Option<&'a Object>,
    /// The width of its card, once that was asked for: many places are tried.
    pub(super) wide: OnceCell<f32>,
}

/// The kinds whose objects make Pods. Those of a Deployment stand below it.
const MAKERS: [Kind; 5] =
    [Kind::ReplicaSet, Kind::StatefulSet, Kind::DaemonSet, Kind::Job, Kind::ReplicationController];

/// What the Pods are made from.
pub(super) fn template(maker: &Object) -> Option<&PodSpec> {
    match maker {
        Object::ReplicaSet(set) => Some(&set.spec.template.spec),
        Object::StatefulSet(set) => Some(&set.spec.template.spec),
        Object::DaemonSet(set) => Some(&set.spec.template.spec),
        Object::Job(job) => Some(&job.spec.template.spec),
        Object::ReplicationController(set) => Some(&set.spec.template.spec),
        _ => None,
    }
}

/// An object that owns no Pods.
#[derive(Debug)]
pub(super) struct Plain<'a> {
    pub(super) first: &'a Object,
    pub(super) now: Option<&'a Object>,
    /// The workloads and Pods that use it.
    pub(super) used_by: Vec<User>,
    /// The width of its card, once that was asked for: many places are tried.
    pub(super) wide: OnceCell<f32>,
}

impl Group<'_> {
    /// Of the Jobs that a CronJob makes without end, room is made for as many as it keeps: the newest, of which so many have begun.
    fn keep_newest(&mut self, begun: usize) {
        let Some(job) = self.cron_job.as_ref().and_then(|job| job.now.unwrap_or(job.first).get::<CronJob>())
        else {
            return;
        };
        let limit = |limit: Option<i32>, usual| usize::try_from(limit.unwrap_or(usual)).unwrap_or(0);
        let (succeeded, failed) =
            (&job.spec.successful_jobs_history_limit, &job.spec.failed_jobs_history_limit);
        let most = limit(*succeeded, 3).saturating_add(limit(*failed, 1)).saturating_add(1);
        let end = begun.max(most).min(self.branches.len());
        let mut place = 0_usize..;
        self.branches.retain(|branch| {
            let is_new = place.next().is_some_and(|place| place.saturating_add(most) >= end && place < end);
            is_new || !branch.pods.is_empty() || branch.set.as_ref().is_some_and(|set| set.now.is_some())
        });
    }
    /// Whether it is one of somebody who makes those that make Pods.
    pub(super) fn has_head(&self) -> bool {
        self.deployment.is_some() || self.cron_job.is_some()
    }
    /// Whether that one is there.
    pub(super) fn is_head_there(&self) -> bool {
        self.deployment.as_ref().is_some_and(|place| place.now.is_some())
            || self.cron_job.as_ref().is_some_and(|place| place.now.is_some())
    }
    /// Whether it is of Pods that nobody made.
    pub(super) fn is_loose(&self) -> bool {
        !self.has_head()
            && !self.branches.is_empty()
            && self.branches.iter().all(|branch| branch.set.is_none())
    }
}

/// Images that a Pod's card shows at most.
pub(super) const MOST_IMAGES: usize = 3;

/// The images of the containers that run side by side in a Pod.
pub(super) fn images(spec: &PodSpec) -> impl Iterator<Item = &Str> {
    let sidecars = spec.init_containers.iter().filter(|container| container.restart_policy.is_some());
    sidecars.chain(&spec.containers).map(|container| &container.image)
}

/// Whom an object belongs to, by kind and name.
fn owner(object: &Object) -> Option<ObjectKey> {
    let meta = object.meta();
    let owner = meta.controller()?;
    Some(ObjectKey::new(Kind::named(&owner.kind)?, meta.namespace.clone(), owner.name.clone()))
}

pub(super) fn reserved<'a, T: crate::api::objects::Simulated>(life: &Life<'a>) -> Option<Reserved<'a, T>> {
    Some(Reserved {
        first: life.first.get::<T>()?,
        now: life.now.and_then(Object::get::<T>),
        wide: OnceCell::new(),
    })
}

fn plain<'a>(life: &Life<'a>) -> Plain<'a> {
    Plain { first: life.first, now: life.now, used_by: Vec::new(), wide: OnceCell::new() }
}

/// The Pods of an owner, in the order in which they were made.
type Pods<'a> = BTreeMap<Option<ObjectKey>, Vec<Life<'a>>>;

impl<'a> Cast<'a> {
    /// Who is on the stage.
    pub(super) fn new(stage: &Stage<'a>, reach: Reach) -> Self {
        let times = Times::new(stage, reach);
        let chapter = times.chapter;
        let on_stage = |kind| {
            let mut lives = lives(stage.view, kind);
            lives.retain(|life| life.touches(chapter));
            lives.sort_by_key(|life| life.from);
            lives
        };
        let is_chosen =
            |object: &Object| matches!(stage.selection, Some(Target::Object(key)) if *key == object.key());
        let mut homes = Homes::default();
        for life in on_stage(Kind::Namespace) {
            homes.add(&life);
        }
        let mut pods = Pods::new();
        let mut pod_labels: Vec<(Option<ObjectKey>, &'a Labels, &Str)> = Vec::new();
        let mut used = Uses::default();
        let mut with_claims: Vec<(&'a Pod, Option<ObjectKey>, bool)> = Vec::new();
        let mut slices = Slices::new(stage.view, &times);
        let is_front_chosen = |service: &Object| {
            let is_of = |target: &Target| match target {
                Target::Object(key) => slices.has(key, service.meta()),
                _ => false,
            };
            is_chosen(service) || stage.selection.is_some_and(is_of)
        };
        // The cluster's own are looked at when somebody asks for them.
        let (services, own_services): (Vec<Life>, Vec<Life>) = on_stage(Kind::Service)
            .into_iter()
            .partition(|life| !life.is_from_the_start() || is_front_chosen(life.first));
        let mut all_pods = lives(stage.view, Kind::Pod);
        all_pods.sort_by_key(|life| life.from);
        // Those that came one after the other mostly have one owner, who is looked up once.
        let are_siblings = |a: &Life, b: &Life| {
            let [a, b] = [a, b].map(|life| life.now.unwrap_or(life.first).meta());
            a.namespace == b.namespace && a.controller() == b.controller()
        };
        for siblings in all_pods.chunk_by(are_siblings) {
            let owner = owner(siblings[0].now.unwrap_or(siblings[0].first));
            // What it uses is looked up only where it is on the stage; its slot is taken anyway.
            for life in siblings.iter().filter(|life| life.touches(chapter)) {
                let Some(pod) = life.first.get::<Pod>() else { continue };
                if !services.is_empty() {
                    pod_labels.push((owner.clone(), &pod.metadata.labels, &pod.metadata.namespace));
                }
                if owner.is_none() {
                    used.note(&pod.metadata, Kind::Pod, &pod.spec, life.now.is_some());
                }
                if claims_of(pod).next().is_some() {
                    with_claims.push((pod, owner.clone(), life.now.is_some()));
                }
            }
            pods.entry(owner).or_default().extend_from_slice(siblings);
        }
        let mut groups: Vec<(Str, Option<ObjectKey>, Group<'a>)> = Vec::new();
        // Where the group of a workload is, and since when its first Deployment is there: there may be thousands.
        let mut group_of: BTreeMap<ObjectKey, usize> = BTreeMap::new();
        let mut since: BTreeMap<ObjectKey, SimTime> = BTreeMap::new();
        let sets = MAKERS.into_iter().flat_map(&on_stage);
        let deployments = on_stage(Kind::Deployment);
        for life in &deployments {
            let Some(deployment) = reserved::<Deployment>(life) else { continue };
            let meta = &deployment.first.metadata;
            let spec = &deployment.now.unwrap_or(deployment.first).spec.template.spec;
            used.note(meta, Kind::Deployment, spec, life.now.is_some());
            let key = life.first.key();
            since.entry(key.clone()).or_insert(life.from);
            if group_of.contains_key(&key) {
                continue;
            }
            group_of.insert(key.clone(), groups.len());
            let group = Group { deployment: Some(deployment), ..Group::default() };
            groups.push((key.namespace.clone(), Some(key), group));
        }
        for life in on_stage(Kind::CronJob) {
            let key = life.first.key();
            if group_of.contains_key(&key) || life.is_from_the_start() && !is_chosen(life.first) {
                continue;
            }
            if let Some(job) = life.now.unwrap_or(life.first).get::<CronJob>() {
                let spec = &job.spec.job_template.spec.template.spec;
                used.note(&job.metadata, Kind::CronJob, spec, life.now.is_some());
            }
            since.entry(key.clone()).or_insert(life.from);
            group_of.insert(key.clone(), groups.len());
            let group = Group { cron_job: Some(plain(&life)), ..Group::default() };
            groups.push((key.namespace.clone(), Some(key), group));
        }
        let mut branch_groups: BTreeMap<ObjectKey, usize> = BTreeMap::new();
        // How many branches of a group have begun by now.
        let mut begun: BTreeMap<usize, usize> = BTreeMap::new();
        for life in sets {
            let key = life.first.key();
            // The cluster's own are looked at when somebody asks for them.
            if life.is_from_the_start() && !is_chosen(life.first) {
                continue;
            }
            // Beside older ones it has a place once it comes.
            if is_added(&since, &life, &times) {
                continue;
            }
            let set = Maker { first: life.first, now: life.now, wide: OnceCell::new() };
            let owner = owner(life.first);
            let head = owner.as_ref().and_then(|owner| group_of.get(owner)).copied();
            let latest = life.now.unwrap_or(life.first);
            if let Some(spec) = template(latest).filter(|_| head.is_none()) {
                used.note(latest.meta(), key.kind, spec, life.now.is_some());
            }
            if let Some(set) = latest.get::<StatefulSet>() {
                used.note_templates(set);
            }
            if let Some(group) = branch_groups.get(&key) {
                // The same name in another life: where it is there now, that one is shown.
                let branches = &mut groups[*group].2.branches;
                let same = branches
                    .iter_mut()
                    .find(|branch| branch.set.as_ref().is_some_and(|other| other.first.key() == key));
                if let Some(same) = same.filter(|_| set.now.is_some()) {
                    same.set = Some(set);
                }
                continue;
            }
            let place = head.unwrap_or_else(|| {
                groups.push((key.namespace.clone(), Some(key.clone()), Group::default()));
                group_of.insert(key.clone(), groups.len() - 1);
                groups.len() - 1
            });
            let pods = pods.remove(&Some(key.clone())).unwrap_or_default();
            branch_groups.insert(key, place);
            *begun.entry(place).or_default() += usize::from(life.from <= stage.view.at());
            let branch = branch(Some(set), pods, &times, life.from);
            groups[place].2.branches.push(branch);
        }
        for (place, begun) in begun {
            groups[place].2.keep_newest(begun);
        }
        for (pod, owner, is_there) in with_claims {
            used.note_claims(pod, owner.as_ref(), is_there);
        }
        // What is left belongs to nobody, or to somebody who is not drawn.
        let mut loose: BTreeMap<Str, Vec<Life<'a>>> = BTreeMap::new();
        for life in pods.into_values().flatten() {
            loose.entry(life.first.meta().namespace.clone()).or_default().push(life);
        }
        for (namespace, mut lives) in loose {
            lives.sort_by_key(|life| life.from);
            let branch = branch(None, lives, &times, SimTime::ZERO);
            if branch.slots > 0 {
                let group = Group { branches: vec![branch], ..Group::default() };
                groups.push((namespace, None, group));
            }
        }
        for life in services {
            let Some(front) = slices.front(&life) else { continue };
            let service = &front.service;
            let home = home_of(service.now.unwrap_or(service.first), &groups, &branch_groups, &pod_labels);
            match home {
                Some(place) => groups[place].2.services.push(front),
                None => homes.of(&service.first.metadata.namespace).services.push(front),
            }
        }
        for (namespace, _, group) in groups {
            homes.of(&namespace).groups.push(group);
        }
        let folded = folded(&on_stage(Kind::PersistentVolumeClaim), &used);
        for kind in Kind::all().filter(|kind| is_plain(*kind)).chain(stage.view.history().custom_kinds()) {
            for life in on_stage(kind) {
                let key = used_as(life.now.unwrap_or(life.first));
                let used_by = used.users_of(&key);
                let is_kept = match kind {
                    _ if is_chosen(life.first) => true,
                    Kind::ConfigMap | Kind::Secret | Kind::ServiceAccount => !used_by.is_empty(),
                    Kind::PersistentVolumeClaim | Kind::PersistentVolume => {
                        !used_by.is_empty() || used.maker_of(&key).is_some()
                    }
                    _ => !life.is_from_the_start(),
                };
                let namespace = &life.first.meta().namespace;
                if folded.contains(&key) && !is_chosen(life.first) {
                    homes.of(namespace).folded.get_or_insert(Folded::of(kind)).add(&life);
                } else if is_kept {
                    homes.of(namespace).plains.push(Plain { used_by, ..plain(&life) });
                }
            }
        }
        for life in slices.rest(&own_services, is_chosen) {
            homes.of(&life.first.meta().namespace).plains.push(plain(&life));
        }
        let has_faults = stage.view.history().faults().next().is_some();
        Cast { namespaces: homes.finish(), has_faults, silent: silent(stage.view) }
    }
}

/// Whether objects of a kind are drawn as cards that own nothing.
fn is_plain(kind: Kind) -> bool {
    !Object::is_simulated(kind) && kind != Kind::Lease
        || matches!(
            kind,
            Kind::ConfigMap
                | Kind::Secret
                | Kind::ServiceAccount
                | Kind::PersistentVolumeClaim
                | Kind::PersistentVolume
                | Kind::ResourceQuota
        )
}

/// Whether a ReplicaSet comes to a Deployment that was there before the chapter, and has not come yet.
fn is_added(since: &BTreeMap<ObjectKey, SimTime>, life: &Life, times: &Times) -> bool {
    let owner = owner(life.first);
    let is_old = owner.is_some_and(|owner| since.get(&owner).is_some_and(|from| *from < times.chapter[0]));
    is_old && !life.touches(times.reach)
}

/// The group that a Service stands below: the one that most of the Pods are in that it selects.
fn home_of(
    service: &Service,
    groups: &[(Str, Option<ObjectKey>, Group)],
    branch_groups: &BTreeMap<ObjectKey, usize>,
    pods: &[(Option<ObjectKey>, &Labels, &Str)],
) -> Option<usize> {
    if service.spec.selector.is_empty() {
        return None;
    }
    let selector = Selector::from_labels(&service.spec.selector);
    let namespace = &service.metadata.namespace;
    let mut counts = vec![0; groups.len()];
    for (owner, labels, pod_namespace) in pods {
        if *pod_namespace != namespace || !selector.matches(labels) {
            continue;
        }
        let place = owner.as_ref().and_then(|owner| branch_groups.get(owner)).copied();
        let loose = || groups.iter().position(|(other, key, _)| key.is_none() && other == namespace);
        if let Some(place) = place.or_else(loose) {
            counts[place] += 1;
        }
    }
    // A workload whose Pods are not there yet is known by its template.
    for (place, (other, _, group)) in groups.iter().enumerate() {
        if let Some(deployment) = group.deployment.as_ref().filter(|_| other == namespace)
            && counts[place] == 0
            && selector.matches(&deployment.first.spec.template.metadata.labels)
        {
            counts[place] = 1;
        }
    }
    let most = counts.iter().copied().max().filter(|most| *most > 0)?;
    counts.iter().position(|count| *count == most)
}
