//! The session as a versioned log, to be kept, shared and played again.

use super::{File, MOST_PLACED, Session, ViewName};
use crate::api::{Kind, ObjectKey};
use crate::cluster::fault::{Fault, RegistryState, Shortage};
use crate::cluster::record::{ClientId, NodeId};
use crate::cluster::setup::{NodeSetup, Registry, Setup};
use crate::cluster::time::{SimTime, WallClock};
use crate::cluster::traffic::{Client, LoadBalancer, Sender};
use crate::msg;
use crate::timeline::compare::{Against, Difference};
use crate::timeline::predictions::{Own, Placed, PredictionKind, Wanted};
use crate::timeline::{Act, Acted, Origin, Start, Timeline};
use crate::value::{Map, Str, Value, json};

/// The version of the log. An older one is always read.
pub const VERSION: i64 = 1;

/// The latest moment that is read, in microseconds: what is to be shown is recorded up to there, as far as a run holds it
/// (`MOST_RECORDS`). A year of a cluster that does little is soon played.
const LATEST: u64 = 366 * 24 * 3_600 * 1_000_000;

/// How many requests a second are read of a client.
const MOST_REQUESTS: u32 = 10_000;

/// How many nodes are read.
const NODES: usize = 1_000;

/// Why a log cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// It is no log of this program.
    Broken,
    /// It was written by a newer version.
    Newer,
}

impl LoadError {
    /// The message that tells it.
    pub fn message(self) -> &'static str {
        match self {
            Self::Broken => msg!("page.session-broken"),
            Self::Newer => msg!("page.session-newer"),
        }
    }
}

fn object(pairs: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::from(pairs.into_iter().map(|(key, value)| (Str::from(key), value)).collect::<Map>())
}

fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::from(items.into_iter().collect::<Vec<_>>())
}

fn number(n: u64) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

fn text(value: &Value, key: &str) -> Option<Str> {
    value.get(key)?.as_str().map(Str::from)
}

fn whole<N: TryFrom<i64>>(value: &Value, key: &str) -> Option<N> {
    N::try_from(value.get(key)?.as_int()?).ok()
}

fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).unwrap_or_default()
}

/// What of a log is written otherwise than it was typed.
pub(super) struct Mask<'a> {
    /// The text of a file, by its name.
    pub(super) text: &'a dyn Fn(&str, &str) -> String,
    /// A command.
    pub(super) command: &'a dyn Fn(&str) -> String,
}

impl Session {
    /// Writes the log.
    pub fn to_json(&self) -> String {
        self.to_log(&Mask { text: &|_, text| text.to_owned(), command: &str::to_owned })
    }
    pub(super) fn to_log(&self, mask: &Mask) -> String {
        let (timeline, at, view, selected) = self.own();
        let files = self.files.iter().map(|file| {
            object([("name", file.name.clone().into()), ("text", (mask.text)(&file.name, &file.text).into())])
        });
        let branches = (0..timeline.branches()).map(|branch| {
            let mut out = Map::new();
            let mut acts = timeline.acts_of(branch);
            if let Some(origin) = timeline.origin(branch) {
                acts = &acts[shared(timeline.acts_of(origin.branch), origin.at)..];
                out.push(
                    "from",
                    object([("branch", number(origin.branch as u64)), ("at", number(origin.at.0))]),
                );
            }
            if let Some(name) = timeline.name(branch) {
                out.push("name", name.clone());
            }
            out.push("shown", number(timeline.shown_of(branch).0));
            out.push("acts", list(acts.iter().map(|act| acted(act, mask))));
            Value::from(out)
        });
        let mut log = Map::new();
        log.push("podium", VERSION);
        log.push("files", list(files));
        log.push("open", number(self.open as u64));
        log.push("setup", setup(&timeline.start().setup));
        log.push("namespace", timeline.start().namespace.clone());
        log.push("branches", list(branches));
        log.push("branch", number(timeline.current() as u64));
        log.push("at", number(at.0));
        log.push("view", view.as_str());
        if let Some(key) = selected {
            log.push("selected", key_value(key));
        }
        if let Some(against) = self.against {
            log.push("against", against_value(against));
        }
        if !self.placed.is_empty() {
            log.push("asks", list(self.placed.iter().map(placed)));
        }
        json::compact(&Value::from(log))
    }
    /// Reads a log. Nothing is recorded yet: `run` does that.
    ///
    /// # Errors
    /// Where it is no log, or of a newer version.
    pub fn from_json(log: &str) -> Result<Session, LoadError> {
        let log = json::parse(log).map_err(|_| LoadError::Broken)?;
        match whole::<i64>(&log, "podium") {
            Some(version) if version > VERSION => Err(LoadError::Newer),
            Some(1..) => read(&log).ok_or(LoadError::Broken),
            _ => Err(LoadError::Broken),
        }
    }
}

fn read(log: &Value) -> Option<Session> {
    let files = items(log, "files")
        .iter()
        .map(|file| Some(File { name: text(file, "name")?, text: text(file, "text")? }));
    let files = files.collect::<Option<Vec<_>>>()?;
    let setup = read_setup(log.get("setup")?)?;
    let namespace = text(log, "namespace")?;
    let (mut branches, mut shown) = (Vec::new(), Vec::new());
    for branch in items(log, "branches") {
        branches.push(read_branch(branch, &branches)?);
        shown.push(SimTime(whole::<u64>(branch, "shown")?.min(LATEST)));
    }
    let mut session = Session::new(setup.clone(), &namespace, files);
    session.open = whole::<usize>(log, "open")?.min(session.files.len() - 1);
    let start = Start { setup, namespace, files: Default::default() };
    session.timeline = Timeline::restore(start, branches, whole(log, "branch")?);
    session.timeline.show_all(&shown);
    for (branch, name) in
        items(log, "branches").iter().enumerate().filter_map(|(n, b)| Some((n, text(b, "name")?)))
    {
        session.timeline.rename(branch, &name);
    }
    session.at = SimTime(whole::<u64>(log, "at")?.min(LATEST));
    let view = log.get("view")?.as_str()?;
    session.view =
        ViewName::ALL.iter().copied().find(|name| name.as_str() == view).unwrap_or(ViewName::Hierarchy);
    session.selected = log.get("selected").and_then(read_key);
    session.against = log.get("against").and_then(read_against);
    session.placed = items(log, "asks").iter().take(MOST_PLACED).filter_map(read_placed).collect();
    session.placed.sort_by_key(|placed| placed.at);
    Some(session)
}

/// A difference is a word, a branch its place.
fn against_value(against: Against) -> Value {
    match against {
        Against::Difference(difference) => difference.as_str().into(),
        Against::Branch(branch) => number(branch as u64),
    }
}

/// A difference that is not known is left out: a newer version knows it.
fn read_against(value: &Value) -> Option<Against> {
    let Some(word) = value.as_str() else {
        return Some(Against::Branch(usize::try_from(value.as_int()?).ok()?));
    };
    let known = Difference::ALL.iter().copied().find(|difference| difference.as_str() == word);
    known.map(Against::Difference)
}

fn placed(placed: &Placed) -> Value {
    let at = ("at", number(placed.at.0));
    match &placed.what {
        Wanted::Nothing => object([at, ("kind", Value::Null)]),
        Wanted::Made(kind) => object([at, ("kind", kind.as_str().into())]),
        Wanted::Own(own) => object([
            at,
            ("kind", PredictionKind::Own.as_str().into()),
            ("ask", own.ask.clone().into()),
            (
                "choices",
                own.choices.iter().map(|choice| Value::from(choice.clone())).collect::<Vec<_>>().into(),
            ),
            ("right", number(own.right as u64)),
            ("why", own.why.clone().into()),
        ]),
    }
}

/// A question of a kind that is not known is left out: a newer version knows it.
fn read_placed(value: &Value) -> Option<Placed> {
    let what = match value.get("kind")? {
        Value::Null => Wanted::Nothing,
        kind => match PredictionKind::named(kind.as_str()?)? {
            PredictionKind::Own => Wanted::Own(read_own(value)?),
            kind => Wanted::Made(kind),
        },
    };
    Some(Placed { at: SimTime(whole(value, "at")?), what })
}

fn read_own(value: &Value) -> Option<Own> {
    let choices = items(value, "choices").iter().map(|choice| choice.as_str().map(Str::from));
    let choices = choices.collect::<Option<Vec<Str>>>()?;
    let right = whole(value, "right")?;
    Own { ask: text(value, "ask")?, choices, right, why: text(value, "why").unwrap_or_default() }.whole()
}

/// How many of a branch's acts another one has that began in it at a time. They are kept once.
fn shared(acts: &[Acted], at: SimTime) -> usize {
    acts.partition_point(|acted| acted.at <= at)
}

type Branch = (Vec<Acted>, Option<Origin>);

/// A branch, after those that it may have begun in.
fn read_branch(branch: &Value, before: &[Branch]) -> Option<Branch> {
    let (mut acts, mut origin) = (Vec::new(), None);
    if let Some(from) = branch.get("from") {
        let from = Origin { branch: whole(from, "branch")?, at: SimTime(whole(from, "at")?) };
        let (earlier, _) = before.get(from.branch)?;
        acts.extend_from_slice(&earlier[..shared(earlier, from.at)]);
        origin = Some(from);
    }
    let mut last = origin.map_or(SimTime::ZERO, |origin| origin.at);
    for act in items(branch, "acts") {
        let acted = read_acted(act).filter(|acted| acted.at >= last)?;
        last = acted.at;
        acts.push(acted);
    }
    Some((acts, origin))
}

fn setup(setup: &Setup) -> Value {
    let nodes = setup.nodes.iter().map(|node| {
        object([
            ("name", node.name.clone().into()),
            ("address", node.address.clone().into()),
            ("podCIDR", node.pod_cidr.clone().into()),
            ("cpu", number(node.cpu.into())),
            ("memory", node.memory.clone().into()),
            ("pods", number(node.pods.into())),
        ])
    });
    let mut out = Map::new();
    // All 64 bits are kept as text: JSON's numbers have fewer.
    out.push("seed", setup.seed.to_string());
    out.push("start", number(setup.wall.start_unix_micros));
    out.push("nodes", list(nodes));
    if let Registry::Closed(images) = &setup.registry {
        out.push("images", list(images.iter().cloned().map(Value::from)));
    }
    if !setup.images.is_empty() {
        out.push("nodeImages", list(setup.images.iter().cloned().map(Value::from)));
    }
    out.push("namespaces", list(setup.namespaces.iter().cloned().map(Value::from)));
    out.push("serviceCIDR", setup.service_cidr.clone());
    Value::from(out)
}

fn read_setup(value: &Value) -> Option<Setup> {
    let node = |node: &Value| {
        Some(NodeSetup {
            name: text(node, "name")?,
            address: text(node, "address")?,
            pod_cidr: text(node, "podCIDR")?,
            cpu: whole(node, "cpu")?,
            memory: text(node, "memory")?,
            pods: whole(node, "pods")?,
        })
    };
    let texts = |key: &str| {
        items(value, key).iter().map(|item| item.as_str().map(Str::from)).collect::<Option<Vec<_>>>()
    };
    Some(Setup {
        seed: value.get("seed")?.as_str()?.parse().ok()?,
        wall: WallClock { start_unix_micros: whole(value, "start")? },
        nodes: items(value, "nodes").iter().take(NODES).map(node).collect::<Option<Vec<_>>>()?,
        registry: if value.get("images").is_some() {
            Registry::Closed(texts("images")?)
        } else {
            Registry::Open
        },
        images: texts("nodeImages")?,
        namespaces: texts("namespaces")?,
        service_cidr: text(value, "serviceCIDR")?,
        has_dns: true,
    })
}

fn key_value(key: &ObjectKey) -> Value {
    object([
        ("kind", key.kind.info().name.into()),
        ("namespace", key.namespace.clone().into()),
        ("name", key.name.clone().into()),
    ])
}

fn read_key(value: &Value) -> Option<ObjectKey> {
    Some(ObjectKey::new(
        Kind::named(value.get("kind")?.as_str()?)?,
        text(value, "namespace")?,
        text(value, "name")?,
    ))
}

fn acted(acted: &Acted, mask: &Mask) -> Value {
    let what = match &acted.act {
        Act::Command(line) => ("command", (mask.command)(line).into()),
        Act::Interrupt(client) => ("interrupt", number(client.0.into())),
        Act::File(name, content) => (
            "file",
            object([
                ("name", name.clone().into()),
                ("text", content.as_deref().map_or(Value::Null, |text| (mask.text)(name, text).into())),
            ]),
        ),
        Act::Fault(fault) => ("fault", fault_value(fault)),
        Act::Requests(client) => ("requests", requests(client)),
    };
    object([("at", number(acted.at.0)), what])
}

fn read_acted(value: &Value) -> Option<Acted> {
    let at = SimTime(whole(value, "at")?);
    let act = if let Some(line) = text(value, "command") {
        Act::Command(line)
    } else if let Some(client) = whole(value, "interrupt") {
        Act::Interrupt(ClientId(client))
    } else if let Some(file) = value.get("file") {
        Act::File(text(file, "name")?, text(file, "text"))
    } else if let Some(fault) = value.get("fault") {
        Act::Fault(read_fault(fault)?)
    } else {
        Act::Requests(read_requests(value.get("requests")?)?)
    };
    Some(Acted { at, act })
}

/// Faults of a node, by the key that they stand under.
const NODE_FAULTS: [(&str, fn(NodeId) -> Fault); 8] = [
    ("kubeletStops", Fault::KubeletStops),
    ("kubeletResumes", Fault::KubeletResumes),
    ("nodeDies", Fault::NodeDies),
    ("nodeReturns", Fault::NodeReturns),
    ("partition", Fault::Partition),
    ("partitionEnds", Fault::PartitionEnds),
    ("proxySlow", Fault::ProxySlow),
    ("proxyMended", Fault::ProxyMended),
];

/// Shortages of a node, by the key that they stand under.
const SHORTAGES: [(&str, fn(NodeId, Shortage) -> Fault); 2] =
    [("shortage", Fault::Shortage), ("shortageEnds", Fault::ShortageEnds)];

fn shortage_value(key: &'static str, node: NodeId, what: Shortage) -> Value {
    object([(key, what.as_str().into()), ("node", number(node.0.into()))])
}

fn fault_value(fault: &Fault) -> Value {
    match fault {
        Fault::KillContainer(pod, container) => {
            object([("killContainer", key_value(pod)), ("container", container.clone().into())])
        }
        Fault::KillPause(pod) => object([("killPause", key_value(pod))]),
        Fault::ImageGone(image) => object([("imageGone", image.clone().into())]),
        Fault::ImageBack(image) => object([("imageBack", image.clone().into())]),
        Fault::Registry(state) => object([("registry", state.as_str().into())]),
        Fault::Shortage(node, what) => shortage_value("shortage", *node, *what),
        Fault::ShortageEnds(node, what) => shortage_value("shortageEnds", *node, *what),
        Fault::ApiServerStops => object([("apiServer", "stops".into())]),
        Fault::ApiServerStarts => object([("apiServer", "starts".into())]),
        Fault::KubeletStops(node)
        | Fault::KubeletResumes(node)
        | Fault::NodeDies(node)
        | Fault::NodeReturns(node)
        | Fault::Partition(node)
        | Fault::PartitionEnds(node)
        | Fault::ProxySlow(node)
        | Fault::ProxyMended(node) => {
            let key = NODE_FAULTS.iter().find(|(_, make)| make(*node) == *fault).map_or("", |(key, _)| key);
            object([(key, number(node.0.into()))])
        }
    }
}

fn read_fault(value: &Value) -> Option<Fault> {
    if let Some(pod) = value.get("killContainer") {
        return Some(Fault::KillContainer(read_key(pod)?, text(value, "container")?));
    }
    if let Some(pod) = value.get("killPause") {
        return Some(Fault::KillPause(read_key(pod)?));
    }
    if let Some(image) = text(value, "imageGone") {
        return Some(Fault::ImageGone(image));
    }
    if let Some(image) = text(value, "imageBack") {
        return Some(Fault::ImageBack(image));
    }
    if let Some(state) = text(value, "registry") {
        let state = RegistryState::ALL.iter().copied().find(|known| known.as_str() == &*state)?;
        return Some(Fault::Registry(state));
    }
    for (key, make) in SHORTAGES {
        if let Some(what) = text(value, key) {
            let what = Shortage::ALL.iter().copied().find(|known| known.as_str() == &*what)?;
            return Some(make(NodeId(whole(value, "node")?), what));
        }
    }
    match value.get("apiServer").and_then(Value::as_str) {
        Some("stops") => return Some(Fault::ApiServerStops),
        Some("starts") => return Some(Fault::ApiServerStarts),
        Some(_) => return None,
        None => {}
    }
    NODE_FAULTS.iter().find_map(|(key, make)| Some(make(NodeId(whole(value, key)?))))
}

fn requests(client: &Client) -> Value {
    let mut out = Map::new();
    out.push("service", key_value(&client.service));
    out.push("port", number(client.port.into()));
    match &client.from {
        Sender::Node(node) => out.push("node", number(node.0.into())),
        Sender::Pod(pod) => out.push("pod", key_value(pod)),
        Sender::LoadBalancer(balancer) => out.push(
            "loadBalancer",
            object([
                ("interval", number(balancer.interval)),
                ("threshold", number(balancer.threshold.into())),
                ("lag", number(balancer.lag)),
            ]),
        ),
    }
    out.push("perSecond", number(client.per_second.into()));
    out.push("lasts", number(client.lasts));
    out.push("timeout", number(client.timeout));
    if client.connections > 0 {
        out.push("connections", number(client.connections.into()));
    }
    Value::from(out)
}

fn read_sender(value: &Value) -> Option<Sender> {
    if let Some(pod) = value.get("pod") {
        return Some(Sender::Pod(read_key(pod)?));
    }
    if let Some(balancer) = value.get("loadBalancer") {
        return Some(Sender::LoadBalancer(LoadBalancer {
            interval: whole(balancer, "interval")?,
            threshold: whole(balancer, "threshold")?,
            lag: whole(balancer, "lag")?,
        }));
    }
    Some(Sender::Node(NodeId(whole(value, "node")?)))
}

fn read_requests(value: &Value) -> Option<Client> {
    let client = Client {
        service: read_key(value.get("service")?)?,
        port: whole(value, "port")?,
        from: read_sender(value)?,
        per_second: whole::<u32>(value, "perSecond")?.min(MOST_REQUESTS),
        lasts: whole::<u64>(value, "lasts")?.min(LATEST),
        timeout: whole(value, "timeout")?,
        connections: whole(value, "connections").unwrap_or(0),
    };
    (client.per_second > 0).then_some(client)
}
