//! The same manifests, simulated: what nobody owns is made when it was seen first, and changed and deleted as it was seen to be.
//! What has an owner is the simulation's own to make.

use super::difference::{Outcome, compare};
use super::lanes::Cutter;
use super::names::Names;
use super::{Recording, Source, WatchEvent, controller, moment, text};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Change, Fact};
use crate::cluster::setup::{NodeSetup, Setup};
use crate::cluster::time::{MILLI, Micros, SECOND, SimTime};
use crate::kubectl::Files;
use crate::timeline::{Act, Run};
use crate::value::{Str, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How long before the recording's beginning the simulation begins, where something was there already: so long until it stands.
const LEAD: Micros = 180 * SECOND;
/// How much of a recording is simulated at most, and of one look: what came of it is there by then.
const LONGEST: Micros = 2 * 3_600 * SECOND;
const LONGEST_LOOK: Micros = 1_800 * SECOND;
/// What was given within this is given by one command.
const TOGETHER: Micros = 500 * MILLI;
/// An object that is older than this when it is seen first, in seconds, was there before.
const NEW_WITHIN: f64 = 2.0;

/// Something that is done in the simulation.
#[derive(Clone, Debug)]
struct Deed {
    at: SimTime,
    acts: Vec<Act>,
}

#[derive(Debug)]
enum Phase {
    Runs(Box<Run>),
    /// The recorded events and the simulated ones are cut into lanes.
    Cuts {
        recorded: Box<Cutter>,
        simulated: Box<Cutter>,
        next: usize,
    },
    Done(Outcome),
}

/// Simulates what a recording shows, a little at a time, and says where the two differ first.
#[derive(Debug)]
pub struct Again {
    recording: Rc<Recording>,
    deeds: Vec<Deed>,
    done: usize,
    /// The simulated time at which the recording begins, and the one at which it ends.
    begins: SimTime,
    ends: SimTime,
    resources: BTreeSet<String>,
    namespaces: BTreeSet<Str>,
    /// What is there when the recording begins.
    there: BTreeMap<ObjectKey, Value>,
    watch: Vec<WatchEvent>,
    /// What the simulation refused, and why.
    refused: Vec<Str>,
    phase: Phase,
}

impl Again {
    /// The simulation of a recording, of which nothing has run yet.
    pub fn new(recording: Rc<Recording>) -> Self {
        let has_past = recording.watch.iter().any(|event| was_there(&recording, event));
        let lead = if has_past { LEAD } else { 0 };
        let longest = if recording.source == Source::Look { LONGEST_LOOK } else { LONGEST };
        let begins = SimTime(lead);
        let ends = begins + recording.end.0.min(longest);
        let deeds = deeds(&recording, begins);
        let mut namespaces = BTreeSet::new();
        let mut resources = BTreeSet::new();
        for event in &recording.watch {
            resources.insert(event.resource.clone());
            namespaces.insert(Str::from(namespace(&event.object)));
        }
        let setup = setup(&recording, &namespaces, has_past);
        let mut again = Self {
            deeds,
            done: 0,
            begins,
            ends,
            resources,
            namespaces,
            there: BTreeMap::new(),
            watch: Vec::new(),
            refused: Vec::new(),
            phase: Phase::Runs(Box::new(Run::new(&setup, recording.namespace(), Files::new()))),
            recording,
        };
        if again.deeds.is_empty() {
            again.phase = Phase::Done(Outcome::NoManifests);
        }
        again
    }
    /// What came of it, once it is known.
    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.phase {
            Phase::Done(outcome) => Some(outcome),
            _ => None,
        }
    }
    /// What of the manifests the simulation refused, in the API server's words.
    pub fn refused(&self) -> &[Str] {
        &self.refused
    }
    /// Whether the whole recording was compared, and not only its beginning.
    pub fn is_whole(&self) -> bool {
        self.ends.since(self.begins) >= self.recording.end.0
    }
    /// Goes on: at most `budget` events. True while there is more to be done.
    pub fn run(&mut self, budget: usize) -> bool {
        match std::mem::replace(&mut self.phase, Phase::Done(Outcome::NoManifests)) {
            Phase::Runs(mut run) => {
                let is_over = self.advance(&mut run, budget);
                self.phase = if is_over { self.cut() } else { Phase::Runs(run) };
                true
            }
            Phase::Cuts { mut recorded, mut simulated, mut next } => {
                let watch = &self.recording.watch;
                let end = next + budget.max(1);
                while next < end && next < watch.len().max(self.watch.len()) {
                    if let Some(event) = watch.get(next) {
                        recorded.event(event);
                    }
                    if let Some(event) = self.watch.get(next) {
                        simulated.event(event);
                    }
                    next += 1;
                }
                if next < watch.len().max(self.watch.len()) {
                    self.phase = Phase::Cuts { recorded, simulated, next };
                    return true;
                }
                let lanes = [recorded.finish(&[], &[]), simulated.finish(&[], &[])];
                let end = self.ends.since(self.begins) as f64 / SECOND as f64;
                self.phase = Phase::Done(compare(&self.recording, lanes, end, &self.old()));
                false
            }
            done @ Phase::Done(_) => {
                self.phase = done;
                false
            }
        }
    }
    /// The names of what was there before the recording began, by Namespace.
    fn old(&self) -> BTreeSet<(String, String)> {
        let old = self.recording.watch.iter().filter(|event| was_there(&self.recording, event));
        let name = |event: &WatchEvent| {
            event.object.get("metadata").map_or("", |meta| text(meta, "name")).to_owned()
        };
        old.map(|event| (namespace(&event.object).to_owned(), name(event))).collect()
    }
    fn advance(&mut self, run: &mut Run, budget: usize) -> bool {
        let until = self.deeds.get(self.done).map_or(self.ends, |deed| deed.at.min(self.ends));
        let went = run.advance(until, budget);
        if went < budget {
            match self.deeds.get(self.done).filter(|deed| deed.at <= until) {
                Some(deed) => {
                    for act in deed.acts.clone() {
                        run.act(act);
                    }
                    self.done += 1;
                }
                None => {
                    self.take(run);
                    return true;
                }
            }
        }
        self.take(run);
        false
    }
    fn take(&mut self, run: &mut Run) {
        for record in run.take_records() {
            let (change, object) = match record.fact {
                Fact::Object { change, object } => (change, object),
                Fact::CommandPrints(_, true, text)
                    if text.starts_with("Error") || text.starts_with("error") =>
                {
                    self.refused.push(text.trim().into());
                    continue;
                }
                _ => continue,
            };
            let kind = object.kind();
            let is_ours = self.resources.contains(kind.info().plural)
                && (object.meta().namespace.is_empty() || self.namespaces.contains(&object.meta().namespace));
            if !is_ours || record.time > self.ends {
                continue;
            }
            if record.time <= self.begins && self.begins > SimTime::ZERO {
                match change {
                    Change::Deleted => _ = self.there.remove(&object.key()),
                    Change::Added | Change::Modified => _ = self.there.insert(object.key(), object.encode()),
                }
                continue;
            }
            self.watch.push(WatchEvent {
                t: record.time.since(self.begins) as f64 / SECOND as f64,
                event: change.as_str().to_owned(),
                resource: kind.info().plural.to_owned(),
                object: object.encode(),
            });
        }
    }
    /// What ran becomes lanes: what was there at the recording's beginning is seen first.
    fn cut(&mut self) -> Phase {
        let there = std::mem::take(&mut self.there).into_iter().map(|(key, object)| WatchEvent {
            t: 0.0,
            event: Change::Added.as_str().to_owned(),
            resource: key.kind.info().plural.to_owned(),
            object,
        });
        self.watch.splice(0..0, there);
        Phase::Cuts {
            recorded: Box::new(Cutter::new(Names::of(&self.recording.watch))),
            simulated: Box::new(Cutter::new(Names::of(&self.watch))),
            next: 0,
        }
    }
}

fn namespace(object: &Value) -> &str {
    object.get("metadata").map_or("", |meta| text(meta, "namespace"))
}

/// Whether an object was there before the recording began. Of a look everything is seen when it was made.
pub(super) fn was_there(recording: &Recording, event: &WatchEvent) -> bool {
    let created = super::times::created(&event.object);
    recording.source == Source::Timed
        && event.resource != "events"
        && created.is_some_and(|created| {
            (recording.wall.start_unix_micros as f64 - created as f64) / SECOND as f64 > NEW_WITHIN
        })
}

/// The cluster that it ran in, as far as it tells.
fn setup(recording: &Recording, namespaces: &BTreeSet<Str>, has_past: bool) -> Setup {
    let mut setup = Setup { wall: recording.wall, ..Setup::with_seed(1) };
    let lead = if has_past { LEAD } else { 0 };
    setup.wall.start_unix_micros = setup.wall.start_unix_micros.saturating_sub(lead);
    if !recording.nodes.is_empty() {
        let nodes = recording.nodes.iter().enumerate();
        setup.nodes = nodes.map(|(place, name)| NodeSetup::named(name.clone(), place + 1)).collect();
        let services = crate::cluster::apiserver::addresses::ServiceRange::parse(&setup.service_cidr);
        let seen = |name: &Str| {
            let of_node = |event: &&WatchEvent| {
                event.resource == "nodes"
                    && event.object.get("metadata").is_some_and(|meta| text(meta, "name") == &**name)
            };
            let event = recording.watch.iter().find(of_node)?;
            Object::decode(Kind::Node, &event.object).ok()?.get::<crate::api::objects::Node>().cloned()
        };
        if let Some(services) = services {
            let mut known = Vec::new();
            for place in 0..setup.nodes.len() {
                let node = match seen(&setup.nodes[place].name) {
                    Some(node) => NodeSetup::of(&node, &known, services),
                    None => setup.nodes[place].clone(),
                };
                known.push(Rc::new(node.clone()));
                setup.nodes[place] = node;
            }
        }
    }
    // Those that were made while somebody watched are made again.
    let made =
        recording.watch.iter().filter(|event| event.resource == "namespaces" && event.event == "ADDED");
    let made: BTreeSet<&str> = made
        .filter(|event| !was_there(recording, event))
        .map(|event| event.object.get("metadata").map_or("", |meta| text(meta, "name")))
        .collect();
    const OWN: [&str; 5] = ["", "default", "kube-system", "kube-public", "kube-node-lease"];
    let there = namespaces.iter().filter(|name| !OWN.contains(&&***name) && !made.contains(&***name));
    setup.namespaces = there.cloned().collect();
    setup
}

/// What the simulation is made of: each object that nobody owns, when it was seen first, changed, and deleted.
fn deeds(recording: &Recording, begins: SimTime) -> Vec<Deed> {
    let mut known: BTreeMap<(String, String, String), Value> = BTreeMap::new();
    let mut ending = BTreeSet::new();
    let mut deeds = Vec::new();
    // What was there is made one after the other, so that the order is the recorded one.
    let mut early = 0;
    for event in &recording.watch {
        let object = &event.object;
        let Some(kind) = Kind::of(text(object, "apiVersion"), text(object, "kind")) else { continue };
        if !is_given(kind, object) {
            continue;
        }
        let meta = |key| object.get("metadata").map_or("", |meta| text(meta, key));
        let key = (event.resource.clone(), meta("namespace").to_owned(), meta("name").to_owned());
        let at = begins + moment(event.t).0;
        let is_ending = event.event == "DELETED" || !meta("deletionTimestamp").is_empty();
        if is_ending {
            if known.contains_key(&key) && ending.insert(key.clone()) {
                deeds.push(Deed { at, acts: vec![Act::Command(delete(kind, object).into())] });
            }
            if event.event == "DELETED" {
                known.remove(&key);
                ending.remove(&key);
            }
            continue;
        }
        let manifest = manifest(kind, object);
        if known.get(&key) == Some(&manifest) {
            continue;
        }
        let file: Str = format!("recorded/{}-{}-{}.json", key.0, key.1, key.2).into();
        let mut given = manifest.clone();
        let is_old = known.insert(key, manifest).is_none() && was_there(recording, event);
        // A Pod that was made with a node has it from somebody; later it has it from the scheduler.
        if let (Kind::Pod, Source::Timed, "ADDED", false, Some(node)) =
            (kind, recording.source, &*event.event, is_old, object.at(&["spec", "nodeName"]))
        {
            given.set(&["spec", "nodeName"], node.clone());
        }
        let text: Str = json::pretty(&given).into();
        let at = if is_old {
            early += 1;
            SimTime(early * 50 * MILLI).min(begins)
        } else {
            at
        };
        deeds.push(Deed { at, acts: vec![Act::File(file, Some(text))] });
    }
    deeds.sort_by_key(|deed| deed.at);
    together(deeds)
}

/// What was given one after the other is given by one command, in that order: what is in a Namespace comes after it.
fn together(deeds: Vec<Deed>) -> Vec<Deed> {
    let mut all: Vec<Deed> = Vec::new();
    for deed in deeds {
        let is_file = matches!(deed.acts.first(), Some(Act::File(..)));
        match all.last_mut() {
            Some(last)
                if is_file
                    && matches!(last.acts.first(), Some(Act::File(..)))
                    && deed.at.since(last.at) <= TOGETHER
                    // The same object twice is two acts.
                    && !last.acts.iter().any(|act| is_same_file(act, &deed.acts[0])) =>
            {
                last.acts.extend(deed.acts);
            }
            _ => all.push(deed),
        }
    }
    for deed in &mut all {
        let files = deed.acts.iter().filter_map(|act| match act {
            Act::File(name, _) => Some(format!(" -f '{name}'")),
            _ => None,
        });
        let files: String = files.collect();
        if !files.is_empty() {
            deed.acts.push(Act::Command(format!("kubectl apply{files}").into()));
        }
    }
    all
}

fn is_same_file(one: &Act, other: &Act) -> bool {
    matches!((one, other), (Act::File(one, _), Act::File(other, _)) if one == other)
}

/// Whether somebody gave an object to the cluster, so that it is given again: what has an owner, and what the control plane
/// writes by itself, is not.
fn is_given(kind: Kind, object: &Value) -> bool {
    let name = object.get("metadata").map_or("", |meta| text(meta, "name"));
    let is_own = match kind {
        Kind::Event
        | Kind::Lease
        | Kind::Node
        | Kind::Endpoints
        | Kind::EndpointSlice
        | Kind::ControllerRevision => true,
        Kind::ServiceAccount => name == "default",
        Kind::ConfigMap => name == "kube-root-ca.crt",
        Kind::Namespace => matches!(name, "default" | "kube-system" | "kube-public" | "kube-node-lease"),
        Kind::Service => name == "kubernetes",
        _ => false,
    };
    let owners = object.at(&["metadata", "ownerReferences"]).and_then(Value::as_array);
    !is_own && controller(object).is_none() && owners.is_none_or(<[Value]>::is_empty)
}

/// What somebody would have written: without what the cluster adds.
fn manifest(kind: Kind, object: &Value) -> Value {
    let mut out = object.clone();
    let map = out.make_object();
    map.remove("status");
    let mut meta = map.remove("metadata").unwrap_or_default();
    let inner = meta.make_object();
    for key in [
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "generation",
        "managedFields",
        "selfLink",
        "finalizers",
        "ownerReferences",
        "generateName",
    ] {
        inner.remove(key);
    }
    if let Some(mut notes) = inner.remove("annotations") {
        let notes_map = notes.make_object();
        for key in [
            "deployment.kubernetes.io/revision",
            "kubectl.kubernetes.io/last-applied-configuration",
            "pv.kubernetes.io/bind-completed",
            "pv.kubernetes.io/bound-by-controller",
        ] {
            notes_map.remove(key);
        }
        if !notes_map.is_empty() {
            inner.insert("annotations", notes);
        }
    }
    out.set(&["metadata"], meta);
    if let Some(mut spec) = out.get("spec").cloned() {
        let inner = spec.make_object();
        match kind {
            Kind::Pod => {
                inner.remove("nodeName");
                without_token(inner);
            }
            Kind::Service if inner.get("clusterIP").and_then(Value::as_str) != Some("None") => {
                for key in ["clusterIP", "clusterIPs"] {
                    inner.remove(key);
                }
            }
            Kind::Job if inner.get("manualSelector").and_then(Value::as_bool) != Some(true) => {
                inner.remove("selector");
                without_own_labels(inner);
            }
            Kind::PersistentVolumeClaim => _ = inner.remove("volumeName"),
            Kind::PersistentVolume => _ = inner.remove("claimRef"),
            Kind::Namespace => _ = inner.remove("finalizers"),
            _ => {}
        }
        out.set(&["spec"], spec);
    }
    out
}

/// Without the labels by which a Job knows its Pods: it makes them itself.
fn without_own_labels(spec: &mut crate::value::Map) {
    const OWN: [&str; 4] =
        ["controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"];
    if let Some(mut template) = spec.get("template").cloned() {
        if let Some(mut labels) = template.at(&["metadata", "labels"]).cloned() {
            for label in OWN {
                labels.make_object().remove(label);
            }
            template.set(&["metadata", "labels"], labels);
        }
        spec.insert("template", template);
    }
}

/// Without the token's volume, which admission adds to each Pod.
fn without_token(spec: &mut crate::value::Map) {
    let is_token = |item: &Value| text(item, "name").starts_with("kube-api-access-");
    let kept = |list: &Value| -> Value {
        let items = list.as_array().unwrap_or_default().iter();
        Value::from(items.filter(|item| !is_token(item)).cloned().collect::<Vec<_>>())
    };
    if let Some(volumes) = spec.get("volumes").map(&kept) {
        spec.insert("volumes", volumes);
    }
    for list in ["initContainers", "containers"] {
        let Some(containers) = spec.get(list).and_then(Value::as_array) else { continue };
        let without = containers.iter().map(|container| {
            let mut container = container.clone();
            if let Some(mounts) = container.get("volumeMounts").map(&kept) {
                container.set(&["volumeMounts"], mounts);
            }
            container
        });
        let without: Vec<Value> = without.collect();
        spec.insert(list, Value::from(without));
    }
}

/// The command that deletes as it was deleted.
fn delete(kind: Kind, object: &Value) -> String {
    let meta = |key| object.get("metadata").map_or("", |meta| text(meta, key));
    let mut line = format!("kubectl delete {} {} --wait=false", kind.resource(), meta("name"));
    if !meta("namespace").is_empty() {
        line += &format!(" -n {}", meta("namespace"));
    }
    let grace = object.at(&["metadata", "deletionGracePeriodSeconds"]).and_then(Value::as_int);
    if let (Kind::Pod, Some(grace)) = (kind, grace.filter(|grace| *grace > 0)) {
        line += &format!(" --grace-period={grace}");
    }
    let finalizers = object.at(&["metadata", "finalizers"]).and_then(Value::as_array).unwrap_or_default();
    for (finalizer, cascade) in [("foregroundDeletion", "foreground"), ("orphan", "orphan")] {
        if finalizers.iter().any(|held| held.as_str() == Some(finalizer)) {
            line += &format!(" --cascade={cascade}");
        }
    }
    line
}
