//! What is drawn of a Pod that is deleted while it comes up.

use super::super::testing::{SIZES, check_fit};
use super::begun;
use super::facts::Facts;
use super::tests::{QUICK, WIDE, deployment, scene};
use crate::api::objects::Pod;
use crate::api::{Kind, ObjectKey};
use crate::cluster::record::{Fact, Record};
use crate::cluster::runtime::{ContainerId, ContainerPhase};
use crate::cluster::setup::Setup;
use crate::cluster::time::{SECOND, SimTime};
use crate::scene::shape::Target;
use crate::timeline::{Act, RowKey, Start, Timeline};
use crate::words::Language;

/// A Pod that is deleted while its image is pulled: what starts and ends of it later is told, and so it is drawn.
#[test]
fn what_starts_after_the_deletion_is_drawn() {
    let files = [("app.yaml".into(), deployment(QUICK, 2).into())].into();
    let start = Start { setup: Setup::with_seed(1), namespace: "default".into(), files };
    let mut timeline = Timeline::new(start);
    timeline.act(SimTime::ZERO, Act::Command("kubectl apply -f app.yaml".into()));
    while timeline.record(SimTime::millis(60_000), 10_000) {}
    let records = timeline.history().records();
    let started = |record: &&Record| match &record.fact {
        Fact::Container(_, Some(row)) => matches!(row.state, ContainerPhase::Running { .. }),
        _ => false,
    };
    let started = records.iter().find(started).expect("a container starts").time;
    let (mut drawn, mut endpoints) = (0, 0);
    for before in [400, 300, 200, 100, 60, 30, 10] {
        let at = SimTime(started.0 - before * 1_000);
        let mut timeline = timeline.clone();
        let pods: Vec<_> = timeline.at(at).all::<Pod>().map(|pod| pod.metadata.name.clone()).collect();
        for pod in &pods {
            timeline.act(at, Act::Command(format!("kubectl delete pod {pod} --wait=false").into()));
        }
        while timeline.record(SimTime::millis(120_000), 10_000) {}
        let view = timeline.at(SimTime(at.0 + SECOND));
        for pod in &pods {
            let chosen = Target::Object(ObjectKey::new(Kind::Pod, "default", pod.clone()));
            let begun = begun::find(view, Some(&chosen)).expect("it is being deleted");
            let facts = Facts::new(view, begun);
            let is_its = |id: &ContainerId| facts.containers.iter().any(|container| container.id == *id);
            for sandbox in timeline.history().sandboxes_of(&begun.pod.metadata.uid) {
                for id in timeline.history().containers_of(*sandbox) {
                    let signals = timeline.history().versions(&RowKey::Signals(*id)).len();
                    assert!(signals == 0 || is_its(id), "{before} ms before, {id:?} gets a signal");
                    drawn += signals;
                }
            }
            endpoints += facts.slices.iter().filter(|change| change.conditions.is_none()).count();
        }
        for size in [WIDE, SIZES[1]] {
            for tenth in 0..=10 {
                let at = SimTime(at.0 + tenth * 300_000);
                check_fit(
                    &scene(&timeline, at, size, Language::Ko, None),
                    &format!("{before} ms before, at {at:?}"),
                );
            }
        }
    }
    assert!(drawn > 0 && endpoints > 0, "{drawn} signals, {endpoints} endpoints taken out");
}
