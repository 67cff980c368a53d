//! What a name of chance stands for: the nth object that its owner made. In a run that goes otherwise the same object is called
//! otherwise, and what was done with it by its name is done with it by the name that it has there.

use super::line::Acted;
use super::run::Act;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::fault::Fault;
use crate::cluster::record::{Change, Fact, Record};
use crate::cluster::traffic::Sender;
use crate::value::Str;
use std::collections::BTreeMap;

/// Who made objects whose names begin alike: a controller for their owner, or a person by a `generateName`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Maker {
    owner: Option<ObjectKey>,
    kind: Kind,
    namespace: Str,
    /// What the names begin with, without the owner's.
    stem: Str,
}

/// One step of the way to an object: the nth of this kind that is made so.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Nth {
    kind: Kind,
    stem: Str,
    nth: usize,
}

/// The way to an object whose name is chance, from an owner that is called alike in every run; without one, from a person.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Way {
    owner: Option<ObjectKey>,
    namespace: Str,
    steps: Vec<Nth>,
}

/// The objects of a run whose names are chance, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub(super) struct Made {
    by: BTreeMap<Maker, Vec<ObjectKey>>,
    known: BTreeMap<ObjectKey, (Maker, usize)>,
    /// Whose a name is; in several Namespaces objects may share it.
    names: BTreeMap<Str, Vec<ObjectKey>>,
}

impl Made {
    /// Those of these records.
    pub(super) fn of(records: &[Record]) -> Self {
        let mut made = Self::default();
        records.iter().for_each(|record| made.hear(record));
        made
    }
    /// Hears what happened next.
    pub(super) fn hear(&mut self, record: &Record) {
        if let Fact::Object { change: Change::Added, object } = &record.fact
            && let Some(maker) = maker(object)
        {
            let (key, all) = (object.key(), self.by.entry(maker.clone()).or_default());
            self.known.insert(key.clone(), (maker, all.len()));
            self.names.entry(key.name.clone()).or_default().push(key.clone());
            all.push(key);
        }
    }
    /// Whose name a word of a line is: of the object in a Namespace that the line names too, else in the one where commands go,
    /// else of the last.
    fn named(&self, word: &str, line: &str, namespace: &str) -> Option<&ObjectKey> {
        let keys = self.names.get(word)?;
        let is_told =
            |key: &&ObjectKey| line.split(|letter| !is_of_name(letter)).any(|word| *word == *key.namespace);
        let is_here = |key: &&ObjectKey| *key.namespace == *namespace;
        keys.iter().rfind(is_told).or_else(|| keys.iter().rfind(is_here)).or(keys.last())
    }
    fn way(&self, key: &ObjectKey) -> Option<Way> {
        let (maker, nth) = self.known.get(key)?;
        let above = maker.owner.as_ref().and_then(|owner| self.way(owner));
        let (owner, namespace) = (maker.owner.clone(), maker.namespace.clone());
        let mut way = above.unwrap_or(Way { owner, namespace, steps: Vec::new() });
        way.steps.push(Nth { kind: maker.kind, stem: maker.stem.clone(), nth: *nth });
        Some(way)
    }
    fn find(&self, way: &Way) -> Option<ObjectKey> {
        let mut owner = way.owner.clone();
        for Nth { kind, stem, nth } in &way.steps {
            let (kind, namespace, stem) = (*kind, way.namespace.clone(), stem.clone());
            let maker = Maker { owner, kind, namespace, stem };
            owner = Some(self.by.get(&maker)?.get(*nth)?.clone());
        }
        owner
    }
}

/// Who made an object, where its name is chance.
fn maker(object: &Object) -> Option<Maker> {
    let (kind, meta) = (object.kind(), object.meta());
    let owner = meta.controller();
    let is_hashed = matches!(kind, Kind::ReplicaSet | Kind::ControllerRevision) && owner.is_some();
    let is_numbered = owner.is_some_and(|owner| &*owner.kind == "StatefulSet") && kind == Kind::Pod;
    let begins = match &*meta.generate_name {
        "" if is_hashed => "",
        "" => return None,
        _ if is_numbered => return None,
        begins => begins,
    };
    let stem = owner.map_or(begins, |owner| begins.strip_prefix(&*owner.name).unwrap_or(begins)).into();
    let owner = owner.and_then(|owner| {
        let kind = Kind::of(&owner.api_version, &owner.kind)?;
        Some(ObjectKey::new(kind, meta.namespace.clone(), owner.name.clone()))
    });
    Some(Maker { owner, kind, namespace: meta.namespace.clone(), stem })
}

/// What is done in a run, and what the names of chance in it stood for where it was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StandsFor(BTreeMap<usize, BTreeMap<Str, Way>>);

impl StandsFor {
    /// What they stand for in the run that these records are of, whose commands go to a Namespace.
    pub(super) fn new(acts: &[Acted], records: &[Record], namespace: &str) -> Self {
        let mut made = Made::default();
        let mut heard = 0;
        let mut of_acts = BTreeMap::new();
        for (place, acted) in acts.iter().enumerate() {
            if matches!(acted.act, Act::File(..)) {
                continue;
            }
            let until = records.partition_point(|record| record.time <= acted.at).max(heard);
            records[heard..until].iter().for_each(|record| made.hear(record));
            heard = until;
            let mut ways = BTreeMap::new();
            let line = if let Act::Command(line) = &acted.act { line } else { "" };
            // Nothing is put in the place of a name while it is only looked for.
            _ = with_names(&acted.act, &mut |named| {
                let key = match named {
                    Named::Key(key) => key,
                    Named::Word(word) => made.named(word, line, namespace)?,
                };
                ways.insert(key.name.clone(), made.way(key)?);
                None
            });
            if !ways.is_empty() {
                of_acts.insert(place, ways);
            }
        }
        Self(of_acts)
    }
    /// Whether there are any.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Whether an act names what is called by chance.
    pub(super) fn is_in(&self, place: usize) -> bool {
        self.0.contains_key(&place)
    }
    /// An act as it is done in a run in which this was made so far, and whether all that it names is there. What is not there keeps
    /// its name.
    pub(super) fn act(&self, place: usize, act: &Act, made: &Made) -> (Act, bool) {
        let Some(ways) = self.0.get(&place) else { return (act.clone(), true) };
        let mut is_there = true;
        let act = with_names(act, &mut |named| {
            let found = made.find(ways.get(named.name())?);
            is_there &= found.is_some();
            found.map(|key| key.name)
        });
        (act, is_there)
    }
}

/// A name in an act: an object's, or a word of a line that may be one.
enum Named<'a> {
    Key(&'a ObjectKey),
    Word(&'a str),
}

impl Named<'_> {
    fn name(&self) -> &str {
        match self {
            Named::Key(key) => &key.name,
            Named::Word(word) => word,
        }
    }
}

/// An act with other names, where `other` gives one.
fn with_names(act: &Act, other: &mut dyn FnMut(Named) -> Option<Str>) -> Act {
    let mut named = |key: &ObjectKey| {
        let name = other(Named::Key(key)).unwrap_or_else(|| key.name.clone());
        ObjectKey { name, ..key.clone() }
    };
    match act {
        Act::Fault(Fault::KillContainer(pod, container)) => {
            Act::Fault(Fault::KillContainer(named(pod), container.clone()))
        }
        Act::Fault(Fault::KillPause(pod)) => Act::Fault(Fault::KillPause(named(pod))),
        Act::Requests(client) => {
            let mut client = client.clone();
            if let Sender::Pod(pod) = &mut client.from {
                *pod = named(pod);
            }
            Act::Requests(client)
        }
        Act::Command(line) => Act::Command(words(line, &mut |word| other(Named::Word(word)))),
        Act::Interrupt(_) | Act::Fault(_) | Act::File(..) => act.clone(),
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '.'
}

/// A line with other words, where `other` gives one. What is between words stays.
fn words(line: &str, other: &mut dyn FnMut(&str) -> Option<Str>) -> Str {
    let mut out = String::new();
    for piece in line.split_inclusive(|letter| !is_of_name(letter)) {
        let (word, end) = piece.split_at(piece.trim_end_matches(|letter| !is_of_name(letter)).len());
        out.push_str(other(word).as_deref().unwrap_or(word));
        out.push_str(end);
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::setup::Setup;
    use crate::cluster::time::{MILLI, SimTime};
    use crate::timeline::{Run, Start, Timeline};

    fn web(image: &str) -> Str {
        format!(
            "
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: web, image: '{image}'}}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: db}}
spec:
  serviceName: db
  selector: {{matchLabels: {{app: db}}}}
  template:
    metadata: {{labels: {{app: db}}}}
    spec: {{containers: [{{name: db, image: '{image}'}}]}}
"
        )
        .into()
    }

    /// The records of a run in which an image is applied, and changed after five seconds.
    fn run(image: &str, seed: u64) -> Vec<Record> {
        let files = [("web.yaml".into(), web(image)), ("new.yaml".into(), web("nginx:1.29"))].into();
        let mut run = Run::new(&Setup::with_seed(seed), "default", files);
        for (seconds, line) in [(0, "kubectl apply -f web.yaml"), (5, "kubectl apply -f new.yaml")] {
            run.advance(SimTime::millis(seconds * 1_000), usize::MAX);
            run.act(Act::Command(line.into()));
        }
        run.advance(SimTime::millis(30_000), usize::MAX);
        run.take_records()
    }

    fn pods(made: &Made) -> Vec<&ObjectKey> {
        made.known.keys().filter(|key| key.kind == Kind::Pod).collect()
    }

    #[test]
    fn what_is_made_by_chance_is_found_where_it_is_called_otherwise() {
        let [own, other] =
            [("nginx:1.25", 1), ("nginx:1.27", 2)].map(|(image, seed)| Made::of(&run(image, seed)));
        let mut found = Vec::new();
        for key in pods(&own) {
            let way = own.way(key).expect("a way");
            assert_eq!(own.find(&way).as_ref(), Some(key));
            let there = other.find(&way).expect("as many are made there");
            assert_ne!(there.name, key.name);
            let steps: Vec<_> = way.steps.iter().map(|nth| (nth.kind, &*nth.stem, nth.nth)).collect();
            let owner = way.owner.as_ref().map(|owner| (owner.kind, &*owner.name));
            assert_eq!(owner, Some((Kind::Deployment, "web")), "what is numbered is called alike everywhere");
            assert_eq!(steps[0].0, Kind::ReplicaSet);
            found.push(there);
        }
        found.sort();
        assert_eq!(found.iter().collect::<Vec<_>>(), pods(&other), "each is the same as one other");
        assert_eq!(found.len(), 6);
    }

    #[test]
    fn a_line_keeps_all_but_the_names() {
        let mut seen = Vec::new();
        let line = "kubectl delete pod/web-1-x,web-2 -n shop --grace-period=0; echo \"web-1-x\"";
        let other = words(line, &mut |word| {
            seen.push(word.to_owned());
            (word == "web-1-x").then(|| "web-9-y".into())
        });
        assert_eq!(&*other, "kubectl delete pod/web-9-y,web-2 -n shop --grace-period=0; echo \"web-9-y\"");
        assert!(seen.contains(&"--grace-period".to_owned()));
    }

    #[test]
    fn a_name_that_namespaces_share_is_that_of_the_one_that_is_meant() {
        let in_shop = "kubectl create namespace shop; kubectl apply -n shop -f web.yaml";
        let files = [("web.yaml".into(), web("nginx:1.27"))].into();
        let mut run = Run::new(&Setup::with_seed(1), "default", files);
        for line in ["kubectl apply -f web.yaml"].into_iter().chain(in_shop.split("; ")) {
            run.act(Act::Command(line.into()));
            run.advance(SimTime(run.now().0 + 10_000 * MILLI), usize::MAX);
        }
        let made = Made::of(&run.take_records());
        let shared = made.known.keys().find(|key| key.kind == Kind::ReplicaSet).expect("a ReplicaSet");
        for (line, namespace, expected) in [
            ("delete rs {} -n shop", "default", "shop"),
            ("delete rs {} --namespace=default", "shop", "default"),
            ("delete rs {}", "default", "default"),
            ("delete rs {}", "shop", "shop"),
            ("delete rs {}", "elsewhere", "shop"),
        ] {
            let line = line.replace("{}", &shared.name);
            let found = made.named(&shared.name, &line, namespace).expect("it is known");
            assert_eq!((&*found.namespace, &found.name), (expected, &shared.name), "{line} in {namespace}");
        }
    }

    #[test]
    fn what_is_not_there_keeps_its_name() {
        let records = run("nginx:1.25", 1);
        let made = Made::of(&records);
        let last = pods(&made).into_iter().next_back().expect("a Pod").clone();
        let acted = |act| Acted { at: SimTime(30_000 * MILLI), act };
        let acts = [
            acted(Act::Command(format!("kubectl delete pod {}", last.name).into())),
            acted(Act::Fault(Fault::KillPause(last.clone()))),
            acted(Act::Command("kubectl delete pod db-0".into())),
        ];
        let stands_for = StandsFor::new(&acts, &records, "default");
        assert_eq!([0, 1, 2].map(|place| stands_for.is_in(place)), [true, true, false]);
        let nothing = Made::default();
        for (place, acted) in acts.iter().enumerate() {
            assert_eq!(stands_for.act(place, &acted.act, &made), (acted.act.clone(), true));
            assert_eq!(stands_for.act(place, &acted.act, &nothing), (acted.act.clone(), place == 2));
        }
        let other = Made::of(&run("nginx:1.27", 2));
        let (Act::Fault(Fault::KillPause(pod)), true) = stands_for.act(1, &acts[1].act, &other) else {
            panic!("it is there");
        };
        assert!(other.known.contains_key(&pod), "{pod:?}");
    }

    #[test]
    fn a_run_is_compared_by_what_names_stand_for() {
        let start = |image: &str| Start {
            setup: Setup::with_seed(1),
            namespace: "default".into(),
            files: [("web.yaml".into(), web(image))].into(),
        };
        let apply = Acted { at: SimTime::ZERO, act: Act::Command("kubectl apply -f web.yaml".into()) };
        let mut own = Timeline::restore(start("nginx:1.25"), vec![(vec![apply], None)], 0);
        while own.record(SimTime::ZERO, 10_000) {}
        let name = Made::of(own.history().records()).names.keys().next_back().expect("a Pod").clone();
        own.act(SimTime::millis(9_000), Act::Command(format!("kubectl delete pod {name}").into()));
        let stands_for = StandsFor::new(own.acts(), own.history().records(), "default");
        let mut other = Timeline::again(start("nginx:1.27"), own.acts().to_vec(), stands_for);
        while other.record(SimTime::ZERO, 10_000) {}
        assert!(other.missed().is_empty());
        let command = other.at(SimTime::millis(9_000)).commands().last().map(|command| command.line.clone());
        assert!(command.is_some_and(|line| !line.contains(&*name)));
        let is_gone = |record: &Record| matches!(&record.fact, Fact::Object { change: Change::Deleted, .. });
        assert!(other.history().records().iter().any(is_gone), "one is deleted there, too");
    }
}
