//! However many Pods there are, no view draws more shapes than a stage takes.

use super::testing::SIZES;
use super::{Stage, all};
use crate::api::objects::{
    Container, Endpoint, EndpointConditions, EndpointSlice, Node, ObjectMeta, ObjectReference,
    OwnerReference, Pod, PodPhase, PodSpec, PodStatus, ReplicaSet, ReplicaSetSpec,
};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Actor, Change, Fact, Record, RecordId};
use crate::cluster::setup::Setup;
use crate::cluster::testing::requests_to_web;
use crate::cluster::time::{SECOND, SimTime};
use crate::scene::fit::{Wrong, faults};
use crate::scene::shape::Target;
use crate::timeline::compare::Comparison;
use crate::timeline::{Act, Acted, History, StageTime, Start, Story, Timeline};
use crate::words::Language;
use std::rc::Rc;

/// How many there are.
const NODES: usize = 200;
const SETS: usize = 20;
const PODS: usize = 12_000;
/// How many endpoints a slice has.
const IN_SLICE: usize = 100;

/// Two Pods behind a Service; requests come to them, and one is deleted.
fn deletion() -> Timeline {
    let acts = vec![
        (0, Act::File("web.yaml".into(), Some(include_str!("../../session/examples/drains.yaml").into()))),
        (0, Act::Command("kubectl apply -f web.yaml".into())),
        (6_000, Act::Requests(requests_to_web(20, 14 * SECOND, 2 * SECOND))),
        (9_000, Act::Command("kubectl delete pod web-a".into())),
    ];
    let acts = acts.into_iter().map(|(at, act)| Acted { at: SimTime::millis(at), act }).collect();
    let start = Start { setup: Setup::with_seed(1), namespace: "default".into(), files: Default::default() };
    let mut timeline = Timeline::restore(start, vec![(acts, None)], 0);
    while timeline.record(SimTime::ZERO, 10_000) {}
    timeline
}

fn meta(name: String, label: &str, value: &str) -> ObjectMeta {
    ObjectMeta {
        uid: name.as_str().into(),
        name: name.into(),
        namespace: "default".into(),
        labels: [(label.into(), value.into())].into_iter().collect(),
        ..ObjectMeta::default()
    }
}

/// Nodes, ReplicaSets, their Pods, and the slices that list these for the Service `web`.
fn crowd() -> Vec<Object> {
    let mut objects: Vec<Object> = Vec::new();
    for node in 0..NODES {
        let metadata = ObjectMeta { name: format!("crowded-{node}").into(), ..ObjectMeta::default() };
        objects.push(Node { metadata: Rc::new(metadata), ..Node::default() }.into());
    }
    for set in 0..SETS {
        let replicas = i32::try_from(PODS / SETS).ok();
        let spec = Rc::new(ReplicaSetSpec { replicas, ..ReplicaSetSpec::default() });
        let metadata = Rc::new(meta(format!("set-{set}"), "app", "web"));
        objects.push(ReplicaSet { metadata, spec, ..ReplicaSet::default() }.into());
    }
    let containers =
        vec![Container { name: "web".into(), image: "podium/web:1.0".into(), ..Container::default() }];
    for pod in 0..PODS {
        let set = format!("set-{}", pod % SETS);
        let owner = OwnerReference {
            kind: "ReplicaSet".into(),
            name: set.as_str().into(),
            uid: set.as_str().into(),
            controller: Some(true),
            ..OwnerReference::default()
        };
        let metadata =
            ObjectMeta { owner_references: vec![owner], ..meta(format!("{set}-{pod}"), "app", "web") };
        let spec = PodSpec {
            node_name: format!("crowded-{}", pod % NODES).into(),
            containers: containers.clone(),
            ..PodSpec::default()
        };
        let phase = Some([PodPhase::Running, PodPhase::Pending, PodPhase::Failed][pod % 3]);
        let status = PodStatus { phase, ..PodStatus::default() };
        let (metadata, spec, status) = (Rc::new(metadata), Rc::new(spec), Rc::new(status));
        objects.push(Pod { metadata, spec, status, ..Pod::default() }.into());
    }
    for slice in 0..PODS / IN_SLICE {
        let endpoint = |pod: usize| {
            let name = format!("set-{}-{pod}", pod % SETS);
            let target =
                ObjectReference { kind: "Pod".into(), name: name.into(), ..ObjectReference::default() };
            let conditions =
                EndpointConditions { ready: Some(pod.is_multiple_of(3)), ..EndpointConditions::default() };
            let addresses = vec![format!("10.244.{}.{}", pod / 250, pod % 250).into()];
            Rc::new(Endpoint { addresses, conditions, target_ref: Some(target), ..Endpoint::default() })
        };
        let endpoints = Rc::new((slice * IN_SLICE..(slice + 1) * IN_SLICE).map(endpoint).collect());
        let metadata = Rc::new(meta(format!("web-crowd-{slice}"), "kubernetes.io/service-name", "web"));
        objects.push(EndpointSlice { metadata, endpoints, ..EndpointSlice::default() }.into());
    }
    objects
}

/// A run whose cluster has all these already when it begins.
fn crowded(timeline: &Timeline) -> History {
    let mut history = History::new(vec!["node-1".into(), "node-2".into()]);
    let objects = crowd();
    let later = u32::try_from(objects.len()).expect("few");
    history.extend((0..).zip(objects).map(|(id, object)| Record {
        id: RecordId(id),
        time: SimTime::ZERO,
        actor: Actor::ApiServer,
        cause: None,
        fact: Fact::Object { change: Change::Added, object },
    }));
    let moved = |id: RecordId| RecordId(id.0 + later);
    history.extend(timeline.history().records().iter().cloned().map(|record| Record {
        id: moved(record.id),
        cause: record.cause.map(moved),
        ..record
    }));
    history
}

#[test]
fn no_view_draws_more_than_a_stage_takes() {
    let timeline = deletion();
    let history = crowded(&timeline);
    let mut compare = Comparison::new(&timeline, None).expect("something can differ");
    while !compare.is_recorded() {
        compare.run(SimTime::ZERO, 10_000);
    }
    // The views of one Pod are about the one that is deleted.
    let chosen = Target::Object(ObjectKey::new(Kind::Pod, "default", "web-a"));
    for entry in all() {
        for size in SIZES {
            let scene = (entry.draw)(&Stage {
                view: history.at(SimTime::millis(9_500)),
                story: &Story::default(),
                at: StageTime(0),
                size,
                selection: Some(&chosen),
                language: Language::En,
                compare: Some(&compare),
            });
            assert!(scene.count() > 50, "{} draws {} shapes", entry.id, scene.count());
            let too_many = faults(&scene).into_iter().find(|fault| fault.wrong == Wrong::Shapes);
            assert_eq!(too_many, None, "{} on {}", entry.id, size[0]);
        }
    }
}
