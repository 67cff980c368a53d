//! Measures the simulation: a Deployment to all Pods Ready, all records kept.

use podium::api::conditions::is_pod_ready;
use podium::api::{Kind, Object, ObjectKey};
use podium::cluster::Cluster;
use podium::cluster::event::Caller;
use podium::cluster::record::{Actor, Fact};
use podium::cluster::request::{Body, Request, Verb};
use podium::cluster::setup::{NodeSetup, Setup};
use podium::value::json;
use std::collections::BTreeSet;
use std::time::Instant;

/// One size: so many Pods on so many nodes.
const SIZES: &[(u32, u32)] = &[(100, 1), (300, 3), (500, 5), (1_000, 10), (10_000, 200)];

/// Prints a table: how long each size takes, in real and in simulated time.
pub(crate) fn run() {
    println!("| Pods | nodes | milliseconds | simulated seconds | events | records | microseconds a Pod |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (pods, nodes) in SIZES {
        let begun = Instant::now();
        let (seconds, events, records) = play(*pods, *nodes);
        let millis = begun.elapsed().as_secs_f64() * 1e3;
        println!(
            "| {pods} | {nodes} | {millis:.1} | {seconds:.1} | {events} | {records} | {:.1} |",
            millis * 1e3 / f64::from(*pods)
        );
    }
}

/// Plays a Deployment until all its Pods are Ready. Gives the simulated seconds, events and records.
fn play(pods: u32, nodes: u32) -> (f64, usize, usize) {
    let mut setup = Setup::with_seed(1);
    setup.nodes = (1..=nodes)
        .map(|n| NodeSetup {
            name: format!("node-{n}").into(),
            address: format!("172.30.{}.{}", n / 250, n % 250 + 1).into(),
            pod_cidr: format!("10.{}.{}.0/24", 100 + n / 250, n % 250).into(),
            cpu: 32,
            ..setup.nodes[0].clone()
        })
        .collect();
    let mut cluster = Cluster::new(&setup);
    let text = format!(
        r#"{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"web","namespace":"default"}},"spec":{{"replicas":{pods},
        "selector":{{"matchLabels":{{"app":"web"}}}},"template":{{"metadata":{{"labels":{{"app":"web"}}}},"spec":{{"containers":[
        {{"name":"web","image":"nginx:1.25","ports":[{{"containerPort":80}}]}}]}}}}}}}}"#
    );
    let Ok(value) = json::parse(&text) else { return (0.0, 0, 0) };
    let key = ObjectKey::new(Kind::Deployment, "default", "web");
    let caller = Caller { actor: Actor::Person, task: 0, call: None };
    cluster.send(caller, Request::new(Verb::Create(Body::Value(value)), key), None);
    let (mut ready, mut events, mut records) = (BTreeSet::new(), 0, Vec::new());
    while ready.len() < pods as usize && cluster.step() {
        events += 1;
        for record in cluster.take_records() {
            if let Fact::Object { object: Object::Pod(pod), .. } = &record.fact
                && is_pod_ready(pod)
            {
                ready.insert(pod.metadata.name.clone());
            }
            records.push(record);
        }
    }
    (cluster.now().as_seconds(), events, records.len())
}
