//! Where a recording first differs from the simulation of the same manifests.
//!
//! The two are held against each other lane by lane: what one thing went through, in order, without the times. Compared are
//! whether objects are there, and of them what an engineer asks for: deletion, node, containers, phase, conditions, readiness,
//! restarts, labels of Pods, taints, endpoints. Events, counts in a status and messages are not, for a real
//! cluster races. Of things that are called the same, as the Pods of a ReplicaSet, each is held against the one that came at about
//! the same time and is most like it. What is masked stands in `names` and `mask`.

use super::lanes::{Lanes, Passage};
use super::{Recording, Source, moment};
use crate::api::{Kind, ObjectKey};
use crate::cluster::time::SimTime;
use crate::manifest::Arg;
use crate::msg;
use crate::timeline::Sentence;
use crate::value::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// So many seconds one of the two may be late, or so much of the time that has passed.
const SECONDS_OFF: f64 = 2.0;
const SHARE_OFF: f64 = 0.15;

/// What came of the comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Nothing in the recording says what to simulate: whatever it shows has an owner that it does not show.
    NoManifests,
    /// The two agree in all lanes: so many.
    Same(usize),
    /// They differ.
    Differs(Difference),
}

/// The first difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// When the recording shows it.
    pub at: SimTime,
    /// What it is about, where that is in the recording.
    pub object: Option<ObjectKey>,
    /// How it is told.
    pub say: Sentence,
    /// Lanes that agree, of all.
    pub agree: usize,
    /// All lanes that were compared.
    pub all: usize,
}

/// What of a lane is compared, and how much it says: the less the number, the more. None for a lane that is not compared.
fn rank(kind: &str, what: &str) -> Option<usize> {
    let part = what.split(' ').next().unwrap_or_default();
    let parts: &[&str] = match kind {
        "events" | "commands" | "controllerrevisions" | "serviceaccounts" | "resourcequotas" => return None,
        "nodes" => &["life", "condition", "unschedulable", "taints"],
        "endpoint" => &["conditions"],
        "services" => &["life", "deletion", "spec"],
        "pods" => {
            &["life", "deletion", "placed", "container", "phase", "condition", "restarts", "ready", "labels"]
        }
        _ => &["life", "deletion", "phase", "condition"],
    };
    // The other conditions of a Pod follow from what its containers do; those of a node are its kubelet's alone.
    let conditions: &[&str] = match kind {
        "nodes" => &["Ready"],
        "pods" => &["Ready", "PodScheduled", "DisruptionTarget"],
        _ => &["Available", "Progressing", "ReplicaFailure", "Complete", "Failed", "Suspended"],
    };
    if part == "condition" && !conditions.iter().any(|known| what.ends_with(&format!(" {known}"))) {
        return None;
    }
    parts.iter().position(|known| *known == part)
}

/// What is compared of a value: of a condition its status, of a container's state what it is, why, and its exit code.
fn kept(what: &str, value: &Value) -> Value {
    let first = |count: usize| {
        let parts = value.as_array().unwrap_or_default();
        Value::from(parts.iter().take(count).cloned().collect::<Vec<_>>())
    };
    match what.split(' ').next() {
        Some("condition") => first(1),
        Some("container") => first(3),
        _ => value.clone(),
    }
}

/// What a watcher may see or not, as it comes: it lasts no longer than a write.
fn passes_by(what: &str, value: &Value) -> bool {
    let part = |place: usize| value.as_array().and_then(|parts| parts.get(place)).and_then(Value::as_str);
    what.starts_with("container ")
        && part(0) == Some("waiting")
        && matches!(part(1), None | Some("ContainerCreating" | "PodInitializing"))
}

/// What a thing has of which nothing needs to be said: a lane that never says more is left out.
fn says_nothing(what: &str, value: &Value) -> bool {
    match what {
        "life" => value.as_str() == Some("there"),
        "deletion" => value.is_null(),
        "unschedulable" => value.as_bool() == Some(false),
        "taints" => value.as_array().is_some_and(<[Value]>::is_empty),
        _ => false,
    }
}

/// What one lane went through, as it is compared.
type Way = Vec<(f64, Value)>;

/// All that one thing went through.
#[derive(Clone, Debug, Default)]
struct Thing {
    /// Its Namespace and its name.
    of: (String, String),
    /// When it is seen first, in seconds.
    since: f64,
    ways: BTreeMap<String, Way>,
}

/// The things of a run, by their kind and by what they are called in every run.
type Things = BTreeMap<(String, String), Vec<Thing>>;

fn things(lanes: Lanes, only_last: bool) -> Things {
    let mut by_name: BTreeMap<(String, String, (String, String)), Thing> = BTreeMap::new();
    for ((kind, canonical, what), passages) in lanes {
        if rank(&kind, &what).is_none() {
            continue;
        }
        for Passage { seen, of, .. } in passages {
            let mut way: Way = seen.iter().map(|(t, value)| (*t, kept(&what, value))).collect();
            way.retain(|(_, value)| !passes_by(&what, value));
            way.dedup_by(|later, earlier| later.1 == earlier.1);
            if way.first().is_some_and(|(_, value)| says_nothing(&what, value)) {
                way.remove(0);
            }
            if only_last {
                way = way.pop().into_iter().collect();
            }
            let Some((since, _)) = seen.first() else { continue };
            let thing = by_name
                .entry((kind.clone(), canonical.clone(), of.clone()))
                .or_insert_with(|| Thing { of: of.clone(), since: *since, ways: BTreeMap::new() });
            thing.since = thing.since.min(*since);
            thing.ways.insert(what.clone(), way);
        }
    }
    let mut things = Things::new();
    for ((kind, canonical, _), thing) in by_name {
        things.entry((kind, canonical)).or_default().push(thing);
    }
    things.values_mut().for_each(|list| list.sort_by(|a, b| a.since.total_cmp(&b.since)));
    things
}

struct Found {
    at: f64,
    rank: usize,
    kind: String,
    /// What it is called in every run.
    canonical: String,
    what: String,
    of: Option<(String, String)>,
    recorded: Option<Value>,
    simulated: Option<Value>,
}

fn slack(t: f64) -> f64 {
    SECONDS_OFF.max(SHARE_OFF * t)
}

/// Holds a recording against its simulation.
struct Comparer<'a> {
    /// Until when, in seconds.
    end: f64,
    /// What was there before the recording began, by Namespace and name: its past is not compared.
    old: &'a BTreeSet<(String, String)>,
    is_look: bool,
    agree: usize,
    all: usize,
    found: Vec<Found>,
}

/// Holds the lanes of a recording against those of its simulation, until `end` seconds. `old` is what was there before the
/// recording began, by Namespace and name.
pub(super) fn compare(
    recording: &Recording,
    [recorded, simulated]: [Lanes; 2],
    end: f64,
    old: &BTreeSet<(String, String)>,
) -> Outcome {
    let is_look = recording.source == Source::Look;
    let mut comparer = Comparer { end, old, is_look, agree: 0, all: 0, found: Vec::new() };
    let (recorded, mut simulated) = (things(recorded, is_look), things(simulated, is_look));
    for (name, theirs) in recorded {
        let ours = simulated.remove(&name).unwrap_or_default();
        comparer.siblings(&name, theirs, ours);
    }
    for (name, ours) in simulated {
        comparer.siblings(&name, Vec::new(), ours);
    }
    let Comparer { agree, all, mut found, .. } = comparer;
    found.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.rank.cmp(&b.rank)).then(a.canonical.cmp(&b.canonical)));
    match found.into_iter().next() {
        None => Outcome::Same(all),
        Some(first) => {
            let object = object(&first);
            let say = sentence(&first, object.as_ref());
            Outcome::Differs(Difference { at: moment(first.at).min(recording.end), object, say, agree, all })
        }
    }
}

impl Comparer<'_> {
    /// Things that are called the same: each is held against the one that came at about the same time and is most like it.
    fn siblings(&mut self, name: &(String, String), theirs: Vec<Thing>, mut ours: Vec<Thing>) {
        let is_old = |thing: &Thing| self.old.contains(&thing.of);
        let has_past = theirs.iter().any(is_old);
        for thing in theirs {
            let is_near = |other: &Thing| {
                self.is_look || has_past || (thing.since - other.since).abs() <= slack(thing.since)
            };
            let like = |other: &Thing| {
                let same = thing
                    .ways
                    .iter()
                    .filter(|(what, way)| other.ways.get(*what).is_some_and(|other| is_same(way, other)));
                (other.of == thing.of, same.count())
            };
            let candidates =
                (0..ours.len()).filter(|place| ours[*place].of == thing.of || is_near(&ours[*place]));
            let best = candidates.max_by_key(|place| (like(&ours[*place]), std::cmp::Reverse(*place)));
            let past = is_old(&thing);
            match best.map(|place| ours.remove(place)) {
                Some(other) => self.pair(name, &thing, &other, past),
                None => {
                    self.all += thing.ways.len();
                    let is_late = thing.since + slack(thing.since) > self.end && !self.is_look;
                    if !past && !is_late && name.0 != "endpoint" {
                        self.find(name, "life", Some(&thing), thing.since, Some(Value::from("there")), None);
                    }
                }
            }
        }
        // What is there from the beginning nobody has made.
        for other in ours.into_iter().filter(|other| other.since > 0.0) {
            self.all += other.ways.len();
            // That something does not come is seen once it is late.
            let late = other.since + slack(other.since);
            if late <= self.end && !has_past && name.0 != "endpoint" && !self.is_look {
                self.find(name, "life", None, late, None, Some(Value::from("there")));
            }
        }
    }
    fn find(
        &mut self,
        (kind, canonical): &(String, String),
        what: &str,
        thing: Option<&Thing>,
        at: f64,
        recorded: Option<Value>,
        simulated: Option<Value>,
    ) {
        self.found.push(Found {
            at,
            rank: rank(kind, what).unwrap_or(usize::MAX),
            kind: kind.clone(),
            canonical: canonical.clone(),
            what: what.to_owned(),
            of: thing.map(|thing| thing.of.clone()),
            recorded,
            simulated,
        });
    }
    /// Each lane of two things that stand for each other.
    fn pair(&mut self, name: &(String, String), thing: &Thing, other: &Thing, past: bool) {
        let whats: BTreeSet<&String> = thing.ways.keys().chain(other.ways.keys()).collect();
        let nothing = Way::new();
        for what in whats {
            self.all += 1;
            let (theirs, ours) = (thing.ways.get(what), other.ways.get(what));
            let (theirs, ours) = (theirs.unwrap_or(&nothing), ours.unwrap_or(&nothing));
            let place = common(theirs, ours);
            // How often something was started before anybody watched is not known to the simulation.
            let is_past = past && place == 0 && matches!(what.split(' ').next(), Some("restarts" | "labels"));
            let (recorded, simulated) = (theirs.get(place), ours.get(place));
            let at = match (recorded, simulated) {
                (None, None) => None,
                _ if is_past => None,
                // One of the two may not have come so far.
                (Some((t, _)), None) | (None, Some((t, _))) if *t + slack(*t) > self.end && !self.is_look => {
                    None
                }
                // Of a look only what it came to is compared: that is otherwise once both have come to it.
                (Some((t, _)), Some((ours, _))) if self.is_look => Some(t.max(*ours).min(self.end)),
                (Some((t, _)), _) => Some(*t),
                // That something does not come is seen once it is late.
                (None, Some((t, _))) => Some((*t + slack(*t)).min(self.end)),
            };
            match at {
                None => self.agree += 1,
                Some(at) => {
                    let value = |seen: Option<&(f64, Value)>| seen.map(|(_, value)| value.clone());
                    self.find(name, what, Some(thing), at, value(recorded), value(simulated));
                }
            }
        }
    }
}

fn is_same(one: &Way, other: &Way) -> bool {
    one.len() == other.len() && common(one, other) == one.len()
}

/// How much of the two is the same at their beginning.
fn common(one: &Way, other: &Way) -> usize {
    one.iter().zip(other).take_while(|((_, a), (_, b))| a == b).count()
}

/// The object of a difference, where the recording has it.
fn object(found: &Found) -> Option<ObjectKey> {
    let (namespace, name) = found.of.clone()?;
    let resource = if found.kind == "endpoint" { "pods" } else { &*found.kind };
    Some(ObjectKey::new(Kind::from_resource(resource)?, namespace, name))
}

/// A value as it is told: the parts that are there.
fn told(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        Value::Array(parts) => {
            let parts: Vec<String> = parts.iter().filter(|part| !part.is_null()).map(told).collect();
            parts.join(" · ")
        }
        Value::Null => "-".to_owned(),
        other => json::compact(other),
    }
}

/// The conditions of an endpoint, with their names.
fn endpoint(value: &Value) -> String {
    let parts = value.as_array().unwrap_or_default().iter();
    let named = ["ready", "serving", "terminating"].iter().zip(parts).filter(|(_, part)| !part.is_null());
    named.map(|(name, part)| format!("{name}: {}", told(part))).collect::<Vec<_>>().join(", ")
}

/// One sentence that tells it.
fn sentence(found: &Found, object: Option<&ObjectKey>) -> Sentence {
    let Found { kind: resource, canonical, what, .. } = found;
    let kind =
        if resource == "endpoint" { Kind::Pod } else { Kind::from_resource(resource).unwrap_or(Kind::Pod) };
    // What only the simulation has bears the name of its owner.
    let name =
        object.map_or_else(|| canonical.split('~').next().unwrap_or_default().into(), |key| key.name.clone());
    let mut args: BTreeMap<&'static str, Arg> =
        [("kind", Arg::from(kind.info().name)), ("name", Arg::Text(name))].into();
    let value = |value: &Option<Value>| {
        let told =
            value.as_ref().map(|value| if resource == "endpoint" { endpoint(value) } else { told(value) });
        told.filter(|text| !text.is_empty())
    };
    let (recorded, simulated) = (value(&found.recorded), value(&found.simulated));
    let id = match (&**what, &recorded, &simulated) {
        ("life", Some(life), _) if life == "deleted" => msg!("recorded.differs-deleted"),
        ("life", Some(_), _) => msg!("recorded.differs-more"),
        ("life", None, Some(life)) if life == "deleted" => msg!("recorded.differs-stays"),
        ("life", None, _) => msg!("recorded.differs-less"),
        ("deletion", Some(_), _) => msg!("recorded.differs-deletion"),
        ("deletion", None, _) => msg!("recorded.differs-kept"),
        ("placed", Some(placed), _) if placed == "true" => msg!("recorded.differs-placed"),
        ("placed", ..) => msg!("recorded.differs-unplaced"),
        (_, Some(_), Some(_)) => msg!("recorded.differs-values"),
        (_, Some(_), None) => msg!("recorded.differs-recorded"),
        (_, None, _) => msg!("recorded.differs-simulated"),
    };
    let what = match what.split_once(' ') {
        _ if resource == "endpoint" => "EndpointSlice".to_owned(),
        Some(("restarts", container)) => format!("restartCount {container}"),
        _ => what.clone(),
    };
    args.insert("what", what.as_str().into());
    args.extend(recorded.map(|text| ("recorded", Arg::from(text.as_str()))));
    args.extend(simulated.map(|text| ("simulated", Arg::from(text.as_str()))));
    Sentence::new(id, args)
}
