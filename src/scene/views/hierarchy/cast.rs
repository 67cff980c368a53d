//! Who is on the stage: the objects of a chapter, whom they belong to, and the place that each Pod keeps.
//!
//! A Pod takes the lowest free slot of its owner when it is made, and keeps it until it is gone. In a crowd that is its
//! place; few Pods stand together in the order in which they came. Room is made just before somebody comes and closed just
//! after somebody has gone ([`Reach::Now`]); how large all are drawn is decided for the whole chapter ([`Reach::Chapter`]).

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::Stage;
use super::super::objects::{Life, lives};
use super::super::silence::silent;
use super::fronts::{Front, Slices};
use super::uses::{User, Uses};
use crate::api::labels::Selector;
use crate::api::objects::{CronJob, Deployment, Labels, Pod, PodSpec, Service};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::time::{MILLI, Micros, SimTime};
use crate::scene::shape::Target;
use crate::timeline::StageTime;
use crate::value::Str;

/// The annotation with the number of a rollout.
pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";

/// For whom there is a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// For all that the chapter brings.
    Chapter,
    /// For those that are there, and a moment before and after. What is made from nothing in this chapter has its places from
    /// the beginning: it grows where it will stand.
    Now,
}

/// How long before somebody comes there is a place, and how long after somebody has gone, on the stage.
const MOMENT: Micros = 450 * MILLI;
/// Up to so many Pods of an owner stand together; in a larger crowd each keeps its place.
const TOGETHER: usize = 24;

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

/// A Namespace with what is in it. What is of the whole cluster has one without a name.
#[derive(Debug)]
pub(super) struct Home<'a> {
    pub(super) name: Str,
    /// The Namespace itself; none where it is not there.
    pub(super) now: Option<&'a Object>,
    pub(super) groups: Vec<Group<'a>>,
    /// The Services that find nobody.
    pub(super) services: Vec<Front<'a>>,
    /// What owns no Pods.
    pub(super) plains: Vec<Plain<'a>>,
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

/// The Pods of one who makes them, or of nobody.
#[derive(Debug)]
pub(super) struct Branch<'a> {
    pub(super) set: Option<Maker<'a>>,
    /// The Pods that are there, each with its slot.
    pub(super) pods: Vec<(usize, &'a Rc<Pod>)>,
    /// How many slots there are.
    pub(super) slots: usize,
    /// How many images a Pod's card shows at most.
    pub(super) images: usize,
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

impl Home<'_> {
    /// How many cards belong to no workload.
    pub(super) fn rest(&self) -> usize {
        self.services.len() + self.plains.len()
    }
}

impl Group<'_> {
    /// Whether it is one of somebody who makes those that make Pods.
    pub(super) fn has_head(&self) -> bool {
        self.deployment.is_some() || self.cron_job.is_some()
    }
    /// Whether that one is there.
    pub(super) fn is_head_there(&self) -> bool {
        self.deployment.as_ref().is_some_and(|place| place.now.is_some())
            || self.cron_job.as_ref().is_some_and(|place| place.now.is_some())
    }
}

impl Branch<'_> {
    /// The number of the ReplicaSet's rollout.
    pub(super) fn revision(&self) -> Option<&str> {
        let set = self.set.as_ref()?;
        set.now.unwrap_or(set.first).meta().annotations.get(REVISION).map(|revision| &**revision)
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
        let mut slices = Slices::new(stage.view, &times);
        let is_front_chosen = |service: &Object| {
            let is_of = |target: &Target| match target {
                Target::Object(key) => slices.has(key, service.meta()),
                _ => false,
            };
            is_chosen(service) || stage.selection.is_some_and(is_of)
        };
        let services: Vec<Life> = on_stage(Kind::Service)
            .into_iter()
            .filter(|life| !life.is_from_the_start() || is_front_chosen(life.first))
            .collect();
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
            for pod in siblings.iter().filter(|life| life.touches(chapter)) {
                let Some(pod) = pod.first.get::<Pod>() else { continue };
                if !services.is_empty() {
                    pod_labels.push((owner.clone(), &pod.metadata.labels, &pod.metadata.namespace));
                }
                if owner.is_none() {
                    used.note(&pod.metadata, Kind::Pod, &pod.spec);
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
            used.note(meta, Kind::Deployment, spec);
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
                used.note(&job.metadata, Kind::CronJob, &job.spec.job_template.spec.template.spec);
            }
            since.entry(key.clone()).or_insert(life.from);
            group_of.insert(key.clone(), groups.len());
            let cron_job =
                Plain { first: life.first, now: life.now, used_by: Vec::new(), wide: OnceCell::new() };
            let group = Group { cron_job: Some(cron_job), ..Group::default() };
            groups.push((key.namespace.clone(), Some(key), group));
        }
        let mut branch_groups: BTreeMap<ObjectKey, usize> = BTreeMap::new();
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
            let owner = owner(life.first);
            let place = owner.as_ref().and_then(|owner| group_of.get(owner)).copied();
            let place = place.unwrap_or_else(|| {
                if let Some(spec) =
                    template(set.first).filter(|_| owner.is_none_or(|owner| !group_of.contains_key(&owner)))
                {
                    used.note(set.first.meta(), key.kind, spec);
                }
                groups.push((key.namespace.clone(), Some(key.clone()), Group::default()));
                group_of.insert(key.clone(), groups.len() - 1);
                groups.len() - 1
            });
            let pods = pods.remove(&Some(key.clone())).unwrap_or_default();
            branch_groups.insert(key, place);
            let branch = branch(Some(set), pods, &times, life.from);
            groups[place].2.branches.push(branch);
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
        for kind in Kind::all().filter(|kind| is_plain(*kind)).chain(stage.view.history().custom_kinds()) {
            for life in on_stage(kind) {
                let key = used_as(life.now.unwrap_or(life.first));
                let used_by = used.users_of(&key);
                let is_kept = match kind {
                    Kind::ConfigMap
                    | Kind::Secret
                    | Kind::ServiceAccount
                    | Kind::PersistentVolumeClaim
                    | Kind::PersistentVolume => !used_by.is_empty() || is_chosen(life.first),
                    _ => !life.is_from_the_start() || is_chosen(life.first),
                };
                if is_kept {
                    let namespace = &life.first.meta().namespace;
                    homes.of(namespace).plains.push(Plain {
                        first: life.first,
                        now: life.now,
                        used_by,
                        wide: OnceCell::new(),
                    });
                }
            }
        }
        for life in slices.rest() {
            let plain =
                Plain { first: life.first, now: life.now, used_by: Vec::new(), wide: OnceCell::new() };
            homes.of(&life.first.meta().namespace).plains.push(plain);
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

/// The object that others name where they use this one: a volume is used by way of its claim.
fn used_as(object: &Object) -> ObjectKey {
    match object {
        Object::PersistentVolume(volume) => match &volume.spec.claim_ref {
            Some(claim) => {
                ObjectKey::new(Kind::PersistentVolumeClaim, claim.namespace.clone(), claim.name.clone())
            }
            None => object.key(),
        },
        _ => object.key(),
    }
}

/// The times that decide who has a place.
pub(super) struct Times {
    pub(super) chapter: [SimTime; 2],
    /// Who is there within this has a place.
    reach: [SimTime; 2],
}

impl Times {
    fn new(stage: &Stage, reach: Reach) -> Self {
        let chapter = stage.chapter();
        let (at, tempo) = (stage.view.at(), &stage.story.tempo);
        let moment = |stage: u64| tempo.sim(StageTime(stage));
        let reach = match reach {
            Reach::Chapter => chapter,
            Reach::Now => [
                moment(stage.at.0.saturating_sub(MOMENT)).clamp(chapter[0], at.max(chapter[0])),
                moment(stage.at.0 + MOMENT).clamp(at, chapter[1].max(at)),
            ],
        };
        Self { chapter, reach }
    }
}

/// Whether a ReplicaSet comes to a Deployment that was there before the chapter, and has not come yet.
fn is_added(since: &BTreeMap<ObjectKey, SimTime>, life: &Life, times: &Times) -> bool {
    let owner = owner(life.first);
    let is_old = owner.is_some_and(|owner| since.get(&owner).is_some_and(|from| *from < times.chapter[0]));
    is_old && !life.touches(times.reach)
}

/// The Pods of one who was made at `made`, or of nobody.
fn branch<'a>(set: Option<Maker<'a>>, lives: Vec<Life<'a>>, times: &Times, made: SimTime) -> Branch<'a> {
    let mut free: BTreeSet<usize> = BTreeSet::new();
    let mut taken: BTreeSet<(SimTime, usize)> = BTreeSet::new();
    let mut branch = Branch { set, pods: Vec::new(), slots: 0, images: 1 };
    let mut next = 0;
    // Those that have a place, and for how many of them there is one at once in the chapter.
    let mut placed: Vec<(usize, Life<'a>)> = Vec::new();
    let mut most = 0;
    for life in lives {
        while let Some((until, slot)) = taken.first().copied().filter(|(until, _)| *until <= life.from) {
            taken.remove(&(until, slot));
            free.insert(slot);
        }
        let slot = free.pop_first().unwrap_or_else(|| {
            next += 1;
            next - 1
        });
        if life.until < SimTime::NEVER {
            taken.insert((life.until, slot));
        }
        if !life.touches(times.chapter) {
            continue;
        }
        most = most.max(slot + 1);
        if let Some(pod) = life.first.get::<Pod>() {
            branch.images = branch.images.max(images(&pod.spec).count().min(MOST_IMAGES));
        }
        if life.touches(times.reach) {
            placed.push((slot, life));
        }
    }
    let is_crowd = most > TOGETHER;
    // Of an owner that is new in this chapter, the first Pods find their places.
    let is_new = made >= times.chapter[0] && branch.set.is_some();
    branch.slots = match placed.len() {
        _ if is_crowd || times.reach == times.chapter => most,
        0 if is_new => most,
        there => there,
    };
    for (rank, (slot, life)) in placed.into_iter().enumerate() {
        if let Some(pod) = life.now.and_then(Object::get::<Pod>) {
            let place = if is_crowd || times.reach == times.chapter { slot } else { rank };
            branch.pods.push((place, pod));
        }
    }
    branch.pods.sort_by_key(|(slot, _)| *slot);
    branch
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

/// The Namespaces as they are found.
#[derive(Default)]
struct Homes<'a>(Vec<Home<'a>>);

impl<'a> Homes<'a> {
    fn add(&mut self, life: &Life<'a>) {
        let name = life.first.meta().name.clone();
        let is_new = !life.is_from_the_start();
        match self.0.iter_mut().find(|home| home.name == name) {
            Some(home) => home.now = life.now.or(home.now),
            // Kubernetes' own are there only with what somebody put into them.
            None if is_new || life.now.is_some() => {
                self.0.push(Home {
                    name,
                    now: life.now,
                    groups: Vec::new(),
                    services: Vec::new(),
                    plains: Vec::new(),
                });
            }
            None => {}
        }
    }
    fn of(&mut self, name: &str) -> &mut Home<'a> {
        let place = self.0.iter().position(|home| *home.name == *name).unwrap_or_else(|| {
            self.0.push(Home {
                name: name.into(),
                now: None,
                groups: Vec::new(),
                services: Vec::new(),
                plains: Vec::new(),
            });
            self.0.len() - 1
        });
        &mut self.0[place]
    }
    /// Those that somebody made or put something into; what is of the whole cluster comes last.
    fn finish(self) -> Vec<Home<'a>> {
        let mut homes: Vec<Home<'a>> = self.0;
        homes.retain(|home| {
            let own = matches!(&*home.name, "default" | "kube-system" | "kube-public" | "kube-node-lease");
            !home.groups.is_empty() || home.rest() > 0 || (!own && !home.name.is_empty())
        });
        homes.sort_by_key(|home| home.name.is_empty());
        homes
    }
}
