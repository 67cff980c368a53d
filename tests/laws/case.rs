//! A random session: manifests, commands and faults at times of chance, then everything is mended, then time.

use crate::draw::Draw;
use crate::manifests::{LATE, Workload, workload};
use podium::api::{Kind, ObjectKey};
use podium::cluster::fault::{Fault, RegistryState};
use podium::cluster::record::NodeId;
use podium::cluster::setup::Setup;
use podium::cluster::time::{MILLI, SECOND, SimTime};
use podium::kubectl::Files;
use podium::timeline::{Act, Acted, History, Run, Start};

/// Until when there are commands and faults.
const CALM: SimTime = SimTime(120 * SECOND);
/// How long everything may take then: back-offs of five minutes, the grace of Pods that are told to end.
const END: SimTime = SimTime(1_000 * SECOND);
const NODES: u64 = 2;

/// What a session may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Workloads are applied and rolled out, nothing else.
    Rollouts,
    /// Commands of all sorts.
    Commands,
    /// Faults as well.
    Faults,
}

/// A session.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) seed: u64,
    pub(crate) mood: Mood,
    pub(crate) start: Start,
    /// What is done, in order of time.
    pub(crate) acts: Vec<Acted>,
}

impl Case {
    /// The session of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let draw = Draw::new(seed);
        let mood = match draw.below("mood", 4) {
            0 => Mood::Rollouts,
            1 => Mood::Commands,
            _ => Mood::Faults,
        };
        let count = draw.below("workloads", 4) + 1;
        let workloads: Vec<Workload> =
            (0..count).map(|n| workload(draw.of("workload", n), format!("w{n}"))).collect();
        let files: Files = workloads
            .iter()
            .map(|workload| (workload.file().into(), workload.text.as_str().into()))
            .collect();
        let mut acts = Vec::new();
        for (n, workload) in workloads.iter().enumerate() {
            let at = SimTime(draw.of("apply", n as u64).below("at", 8_000) * MILLI + MILLI);
            acts.push(command(at, format!("kubectl apply -f {}", workload.file())));
        }
        for n in 0..draw.below("commands", 10) {
            let draw = draw.of("command", n);
            let line = line(draw, mood, &workloads[draw.below("workload", count) as usize]);
            acts.push(command(time(draw), line));
        }
        if mood == Mood::Faults {
            for n in 0..draw.below("faults", 6) + 1 {
                let draw = draw.of("fault", n);
                fault(draw, &workloads[draw.below("workload", count) as usize], &mut acts);
            }
        }
        acts.sort_by_key(|acted| acted.at);
        let start = Start { setup: Setup::with_seed(seed), namespace: "default".into(), files };
        Self { seed, mood, start, acts }
    }
    /// What is done, and what mends everything after it.
    pub(crate) fn all(&self) -> Vec<Acted> {
        let mut acts = self.acts.clone();
        let faults =
            |node| [Fault::NodeReturns(node), Fault::PartitionEnds(node), Fault::KubeletResumes(node)];
        let nodes = (0..NODES as u16).map(NodeId);
        let mut mend = vec![Fault::ApiServerStarts, Fault::Registry(RegistryState::Up)];
        mend.extend(nodes.clone().flat_map(faults));
        mend.extend(nodes.map(Fault::ProxyMended));
        mend.extend(acts.iter().filter_map(|acted| match &acted.act {
            Act::Fault(Fault::ImageGone(image)) => Some(Fault::ImageBack(image.clone())),
            _ => None,
        }));
        acts.extend(mend.into_iter().map(|fault| Acted { at: CALM, act: Act::Fault(fault) }));
        let later = SimTime(CALM.0 + 5 * SECOND);
        acts.push(command(later, format!("kubectl create configmap {LATE} --from-literal=color=blue")));
        acts.push(command(later, "kubectl uncordon node-1 node-2".into()));
        acts
    }
    /// Plays it to a time, as one who only runs.
    pub(crate) fn run_to(&self, acts: &[Acted], at: SimTime) -> (Run, History) {
        let Start { setup, namespace, files } = self.start.clone();
        let mut run = Run::new(&setup, namespace, files);
        let mut history = History::new(run.cluster().node_names());
        for acted in acts.iter().filter(|acted| acted.at <= at) {
            run.advance(acted.at, usize::MAX);
            run.act(acted.act.clone());
        }
        run.advance(at, usize::MAX);
        history.extend(run.take_records());
        (run, history)
    }
    /// Plays it to its end.
    pub(crate) fn play(&self) -> History {
        self.run_to(&self.all(), END).1
    }
    /// The same with fewer acts.
    pub(crate) fn with(&self, acts: Vec<Acted>) -> Self {
        Self { acts, ..self.clone() }
    }
    /// As a person reads it: the files and what is done.
    pub(crate) fn told(&self) -> String {
        let mut out = String::new();
        for Acted { at, act } in &self.acts {
            match act {
                Act::Command(line) => out += &format!("  {:>7} ms  {line}\n", at.0 / MILLI),
                other => out += &format!("  {:>7} ms  {other:?}\n", at.0 / MILLI),
            }
        }
        let is_used = |name: &str| out.contains(name);
        let files = self.start.files.iter().filter(|(name, _)| is_used(name));
        let files: String = files.map(|(name, text)| format!("{name}:\n{text}")).collect();
        format!("{out}{files}")
    }
}

fn command(at: SimTime, line: String) -> Acted {
    Acted { at, act: Act::Command(line.into()) }
}

fn time(draw: Draw) -> SimTime {
    SimTime((draw.below("at", CALM.0 / SECOND - 12) + 10) * SECOND + draw.below("millis", 1_000) * MILLI)
}

/// A command about a workload.
fn line(draw: Draw, mood: Mood, workload: &Workload) -> String {
    let target = workload.target();
    let image = draw.pick("image", workload.images);
    let set_image = format!("kubectl set image {target} main={image}");
    if mood == Mood::Rollouts {
        return match draw.below("what", 4) {
            0 => format!("kubectl rollout restart {target}"),
            1 => format!("kubectl rollout undo {target}"),
            _ => set_image,
        };
    }
    let node = draw.below("node", NODES) + 1;
    let name = &workload.name;
    match draw.below("what", 16) {
        0..3 => format!("kubectl scale {target} --replicas={}", draw.below("replicas", 7)),
        3 | 4 => set_image,
        5 => format!("kubectl rollout restart {target}"),
        6 => format!("kubectl rollout undo {target}"),
        7 => format!("kubectl delete pod -l app={name} --wait=false"),
        8 => format!("kubectl delete pod -l app={name} --force --grace-period=0"),
        9 => {
            let cascade = draw.pick("cascade", &["background", "foreground", "orphan"]);
            format!("kubectl delete {target} --cascade={cascade} --wait=false")
        }
        10 | 11 => format!("kubectl apply -f {}", workload.file()),
        12 => format!("kubectl cordon node-{node}"),
        13 => format!("kubectl uncordon node-{node}"),
        14 => format!(
            "kubectl drain node-{node} --ignore-daemonsets --force --delete-emptydir-data --timeout=30s"
        ),
        _ => format!("kubectl delete pod {name}-0 --wait=false"),
    }
}

/// Something breaks, and is mended a while later.
fn fault(draw: Draw, workload: &Workload, acts: &mut Vec<Acted>) {
    let node = NodeId(draw.below("node", NODES) as u16);
    let image = draw.pick("image", workload.images);
    let pod = ObjectKey::new(Kind::Pod, "default", format!("{}-0", workload.name));
    let pair = match draw.below("what", 9) {
        0 => (Fault::KillContainer(pod, "main".into()), None),
        1 => (Fault::KillPause(pod), None),
        2 => (Fault::KubeletStops(node), Some(Fault::KubeletResumes(node))),
        3 | 4 => (Fault::NodeDies(node), Some(Fault::NodeReturns(node))),
        5 => (Fault::Partition(node), Some(Fault::PartitionEnds(node))),
        6 => (Fault::ApiServerStops, Some(Fault::ApiServerStarts)),
        7 => (Fault::ImageGone(image.into()), Some(Fault::ImageBack(image.into()))),
        _ => (
            Fault::Registry(*draw.pick("registry", &[&RegistryState::Slow, &RegistryState::Down])),
            Some(Fault::Registry(RegistryState::Up)),
        ),
    };
    let at = time(draw);
    let after = draw.below("after", 70) * SECOND + 137 * MILLI;
    acts.push(Acted { at, act: Act::Fault(pair.0) });
    let mended = at + after;
    if let Some(mend) = pair.1
        && mended < CALM
    {
        acts.push(Acted { at: mended, act: Act::Fault(mend) });
    }
}
