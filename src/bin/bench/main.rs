//! Measures the simulation, natively and in WebAssembly alike: `podium-bench WHAT PODS NODES`.
//!
//! It prints one line of JSON; `cargo xtask bench` makes a table of many.

// A tool reads clocks and arguments; the library does not.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod page;
mod text;

use podium::api::conditions::is_pod_ready;
use podium::api::{Kind, Object, ObjectKey};
use podium::cluster::Cluster;
use podium::cluster::event::Caller;
use podium::cluster::record::{Actor, Fact, Record};
use podium::cluster::request::{Body, Request, Verb};
use podium::cluster::setup::{NodeSetup, Setup};
use podium::cluster::time::SimTime;
use podium::timeline::History;
use podium::value::json;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

/// How many events happen before their records are taken.
const AT_ONCE: u32 = 200;

/// What was measured.
type Measured = Vec<(&'static str, f64)>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, pods, nodes] = arguments.as_slice() else { return usage() };
    let (Ok(pods), Ok(nodes)) = (pods.parse(), nodes.parse()) else { return usage() };
    let measured = match what.as_str() {
        "cluster" => cluster(pods, nodes, false),
        "states" => cluster(pods, nodes, true),
        "page" => page::page(&text::deployment(pods), pods, nodes),
        "service" => page::page(&text::with_service(pods), pods, nodes),
        "workloads" => page::page(&text::deployments(pods / 3), pods, nodes),
        "scenes" => page::scenes(pods, nodes),
        "read" => page::read(&text::deployments(pods)),
        "keys" => page::keys(&text::deployments(pods)),
        "text" => {
            print!("{}", text::deployments(pods));
            return ExitCode::SUCCESS;
        }
        _ => return usage(),
    };
    let fields: Vec<String> = measured.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    println!("{{\"pods\":{pods},\"nodes\":{nodes},{}}}", fields.join(","));
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!(
        "podium-bench cluster PODS NODES   a Deployment to all Pods Ready, all records kept
podium-bench states PODS NODES    the same; then the states at many times
podium-bench page PODS NODES      the same from a pasted text, by the session as the page plays it
podium-bench service PODS NODES   the same behind a Service
podium-bench workloads PODS NODES the same with three Pods in each Deployment
podium-bench scenes PODS NODES    the same; then every view of it at many times
podium-bench read N 1             a text of N Deployments read and checked
podium-bench keys N 1             the same text read again after each key
podium-bench text N 1             prints that text"
    );
    ExitCode::from(2)
}

/// The milliseconds that this process has had of a processor; where the machine does not tell, those that have passed.
fn cpu_millis(begun: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/self/schedstat").ok();
    let nanos = told.and_then(|told| told.split_whitespace().next()?.parse::<f64>().ok());
    nanos.map_or_else(|| begun.elapsed().as_secs_f64() * 1e3, |nanos| nanos / 1e6)
}

/// The most memory that this process has had, in bytes; 0 where the machine does not tell.
fn peak_bytes() -> f64 {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).map_or(0.0, |kib| kib * 1024.0)
}

fn setup(nodes: u32) -> Setup {
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
    setup
}

/// Takes note of the Pods that have become Ready.
fn note_ready(record: &Record, ready: &mut BTreeSet<podium::value::Str>) {
    if let Fact::Object { object: Object::Pod(pod), .. } = &record.fact
        && is_pod_ready(pod)
    {
        ready.insert(pod.metadata.name.clone());
    }
}

/// A Deployment until all its Pods are Ready, all records kept; then the states at many times, where that is asked.
fn cluster(pods: u32, nodes: u32, looks_up: bool) -> Measured {
    let Ok(value) = json::parse(&text::deployment(pods)) else { return Measured::new() };
    let before = peak_bytes();
    let begun = Instant::now();
    let cpu = cpu_millis(begun);
    let mut cluster = Cluster::new(&setup(nodes));
    let key = ObjectKey::new(Kind::Deployment, "default", "web");
    let caller = Caller { actor: Actor::Person, task: 0, call: None };
    cluster.send(caller, Request::new(Verb::Create(Body::Value(value)), key), None);
    let (mut ready, mut events, mut records) = (BTreeSet::new(), 0u32, Vec::new());
    while ready.len() < pods as usize {
        // The page takes records in portions too.
        for _ in 0..AT_ONCE {
            events += u32::from(cluster.step());
        }
        let taken = cluster.take_records();
        if taken.is_empty() {
            break;
        }
        taken.iter().for_each(|record| note_ready(record, &mut ready));
        records.extend(taken);
    }
    let (millis, cpu, peak) = (begun.elapsed().as_secs_f64() * 1e3, cpu_millis(begun) - cpu, peak_bytes());
    let (count, seconds) = (records.len(), cluster.now().as_seconds());
    let mut measured = vec![
        ("ready", ready.len() as f64),
        ("millis", millis),
        ("cpuMillis", cpu),
        ("seconds", seconds),
        ("events", events.into()),
        ("records", count as f64),
        ("recordBytes", (peak - before) / count as f64),
        ("peakBytes", peak),
    ];
    if looks_up {
        measured.extend(look_up(records, &cluster));
    } else {
        std::mem::forget(records);
    }
    // Nothing of it is taken down: the process ends here.
    std::mem::forget((cluster, ready));
    measured
}

/// How long the state at a time takes: every Pod, and what is inside of each.
fn look_up(records: Vec<Record>, cluster: &Cluster) -> Measured {
    const TIMES: u64 = 50;
    let end = records.last().map_or(SimTime::ZERO, |record| record.time);
    let begun = Instant::now();
    let mut history = History::new(cluster.node_names());
    history.extend(records);
    let history_millis = begun.elapsed().as_secs_f64() * 1e3;
    let (mut worst, mut sum, mut seen) = (0f64, 0f64, 0usize);
    for n in 1..=TIMES {
        let at = SimTime(end.0 * n / TIMES);
        let begun = Instant::now();
        let view = history.at(at);
        seen += view.objects(Kind::Pod, None).count() + view.messages().count();
        let millis = begun.elapsed().as_secs_f64() * 1e3;
        (worst, sum) = (worst.max(millis), sum + millis);
    }
    std::mem::forget(history);
    vec![
        ("historyMillis", history_millis),
        ("lookUpMillis", sum / TIMES as f64),
        ("worstLookUpMillis", worst),
        ("seen", seen as f64),
    ]
}
