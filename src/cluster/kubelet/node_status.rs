//! What a kubelet says of its node: its status, and that it is there
//! (upstream: pkg/kubelet/kubelet_node_status.go, pkg/kubelet/nodestatus/setters.go).

use super::{Kubelet, Timer};
use crate::api::conditions::find;
use crate::api::objects::{
    Condition, ConditionStatus, Labels, Node, NodeAddress, NodeStatus, ObjectMeta, ObjectReference,
};
use crate::api::{Kind, ObjectKey};
use crate::cluster::engine::Engine;
use crate::cluster::event::{Caller, Event};
use crate::cluster::recorder::EventNote;
use crate::cluster::request::{PatchKind, Request, Subresource, Verb};
use crate::cluster::runtime::Runtime;
use crate::cluster::setup::NodeSetup;
use crate::cluster::time::{MILLI, Micros, SECOND, SimTime, go_duration};
use crate::value::typed::Typed;
use crate::value::{Map, Str, Value, json};
use std::rc::Rc;

/// How often a kubelet looks whether its node's status has changed (upstream: nodeStatusUpdateFrequency), and
/// how often it renews its lease; each a little later by chance (upstream: wait.JitterUntil with 0.04).
pub(in crate::cluster) const FREQUENCY: Micros = 10 * SECOND;
const JITTER: Micros = FREQUENCY / 25;
/// How often it writes a status that has not changed (upstream: nodeStatusReportFrequency).
const REPORT_FREQUENCY: Micros = 300 * SECOND;
/// After so long without a look at the runtime it is not ready (upstream: genericPlegRelistThreshold).
const RELIST_THRESHOLD: Micros = 180 * SECOND;
/// How long a kubelet needs after its start until it says something of its node.
const STARTS_IN: Micros = 400 * MILLI;
/// The answers that it waits for.
const REPORTED: u32 = 3;

/// What a node is short of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pressure {
    pub(super) memory: bool,
    pub(super) disk: bool,
}

/// What a kubelet knows of its node and has said of it.
#[derive(Clone, Debug)]
pub(super) struct NodeReport {
    pub(super) setup: Rc<NodeSetup>,
    /// The Node as its watch told it last; none where it does not exist.
    pub(super) node: Option<Rc<Node>>,
    /// When it looks next.
    next: SimTime,
    /// When its lease is renewed next.
    pub(super) next_lease: SimTime,
    /// When the status is written though it has not changed.
    due: SimTime,
    is_busy: bool,
    /// How many images had come when it last wrote them.
    images: u64,
    unschedulable: bool,
    pub(super) pressure: Pressure,
    /// For how long it has not looked at its runtime, where that is too long.
    pub(super) blind_for: Option<Micros>,
    /// How often the node has booted since the run began, and whether it has not said so yet.
    pub(super) boots: u64,
    is_new_boot: bool,
}

impl NodeReport {
    pub(super) fn new(setup: &NodeSetup) -> Self {
        Self {
            setup: Rc::new(setup.clone()),
            node: None,
            next: SimTime::NEVER,
            next_lease: SimTime::NEVER,
            due: SimTime::ZERO,
            is_busy: false,
            images: 0,
            unschedulable: false,
            pressure: Pressure::default(),
            blind_for: None,
            boots: 0,
            is_new_boot: false,
        }
    }
}

/// A pressure's condition: its type, then status, reason, message and Event without it and with it.
struct PressureWords {
    kind: &'static str,
    without: (&'static str, &'static str, &'static str),
    with: (&'static str, &'static str, &'static str),
}

const PRESSURES: [PressureWords; 3] = [
    PressureWords {
        kind: "MemoryPressure",
        without: (
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
            "NodeHasSufficientMemory",
        ),
        with: (
            "KubeletHasInsufficientMemory",
            "kubelet has insufficient memory available",
            "NodeHasInsufficientMemory",
        ),
    },
    PressureWords {
        kind: "DiskPressure",
        without: ("KubeletHasNoDiskPressure", "kubelet has no disk pressure", "NodeHasNoDiskPressure"),
        with: ("KubeletHasDiskPressure", "kubelet has disk pressure", "NodeHasDiskPressure"),
    },
    PressureWords {
        kind: "PIDPressure",
        without: ("KubeletHasSufficientPID", "kubelet has sufficient PID available", "NodeHasSufficientPID"),
        with: (
            "KubeletHasInsufficientPID",
            "kubelet has insufficient PID available",
            "NodeHasInsufficientPID",
        ),
    },
];

impl Kubelet {
    /// The machine that it runs on.
    pub(in crate::cluster) fn setup(&self) -> &Rc<NodeSetup> {
        &self.report.setup
    }
    /// Begins to say that it is there, each at a moment of its own, as if it had done so long before.
    pub(in crate::cluster) fn start_reporting(&mut self, engine: &mut Engine, runtime: &Runtime) {
        let phase = |what: &str, span: Micros| engine.chance.fixed((self.node, what)) % span;
        let (status, lease) = (phase("node status", FREQUENCY), phase("lease", FREQUENCY));
        self.report.due = engine.now + phase("node report", REPORT_FREQUENCY);
        self.report.images = runtime.images_revision();
        self.plan_status(engine, status);
        self.plan_lease(engine, lease, true);
    }
    /// It has just begun, on a node that booted or is new. It says so, and what there is of its node.
    pub(in crate::cluster) fn come_up(
        &mut self,
        engine: &mut Engine,
        runtime: &Runtime,
        node: Option<Rc<Node>>,
    ) {
        self.start_reporting(engine, runtime);
        self.begin_monitor(engine);
        self.report.is_new_boot = true;
        let Some(node) = node else { return };
        self.say(engine, &node, false, "Starting", "Starting kubelet.".into());
        let message = "Updated Node Allocatable limit across pods".into();
        self.say(engine, &node, false, "NodeAllocatableEnforced", message);
        self.register(engine, &node);
        self.know_node(node);
        self.plan_status(engine, STARTS_IN);
        self.plan_lease(engine, STARTS_IN, true);
    }
    /// Writes the labels and annotations that its Node lacks (upstream: tryRegisterWithAPIServer, updateDefaultLabels).
    fn register(&mut self, engine: &mut Engine, node: &Node) {
        let wanted = initial_node(&self.report.setup);
        let (meta, own) = (&node.metadata, &wanted.metadata);
        let mut patch = Value::object();
        let mut is_needed = false;
        for (field, has, wants) in
            [("labels", &meta.labels, &own.labels), ("annotations", &meta.annotations, &own.annotations)]
        {
            for (key, value) in wants.iter().filter(|(key, _)| !has.contains_key(*key)) {
                patch.set(&["metadata", field, key], value.clone());
                is_needed = true;
            }
        }
        if is_needed {
            let key = ObjectKey::new(Kind::Node, "", meta.name.clone());
            let caller = Caller { actor: self.actor(), task: super::STATUS_TASK, call: None };
            engine.send(caller, Request::new(Verb::Patch(PatchKind::Strategic, patch), key), None);
        }
    }
    /// What it knows of its Node at the beginning.
    pub(in crate::cluster) fn know_node(&mut self, node: Rc<Node>) {
        self.report.unschedulable = node.spec.unschedulable;
        self.report.node = Some(node);
    }
    fn plan_status(&mut self, engine: &mut Engine, after: Micros) {
        self.report.next = engine.now + after;
        engine.schedule(self.report.next, Event::Kubelet(self.node, Timer::NodeStatus));
    }
    /// Plans the next renewal of its lease; false where something will come of it that it is missed.
    pub(in crate::cluster) fn plan_lease(&mut self, engine: &mut Engine, after: Micros, is_idle: bool) {
        self.report.next_lease = engine.now + after;
        engine.schedule(self.report.next_lease, Event::Kubelet(self.node, Timer::Lease(is_idle)));
    }
    /// When the lease is to be renewed after this time.
    pub(in crate::cluster) fn lease_period(&self, engine: &mut Engine) -> Micros {
        FREQUENCY + engine.jitter(JITTER, (self.node, "lease"))
    }
    /// Whether its lease is due now: one that was planned twice is renewed once.
    pub(in crate::cluster) fn is_lease_due(&self, now: SimTime) -> bool {
        self.report.next_lease == now
    }
    /// That its lease will be missed keeps the run from being quiet.
    pub(in crate::cluster) fn expect_missed_lease(&mut self, engine: &mut Engine) {
        let at = self.report.next_lease;
        if at != SimTime::NEVER {
            engine.schedule(at, Event::Kubelet(self.node, Timer::Lease(false)));
        }
    }
    /// Looks at once, and renews its lease: it was held up for longer than it waits.
    pub(in crate::cluster) fn report_now(&mut self, engine: &mut Engine) {
        self.plan_status(engine, 0);
        self.plan_lease(engine, 0, true);
    }
    /// It has not looked at its runtime for so long: true where that is too long, which it says once.
    pub(super) fn wakes_after(&mut self, span: Micros) -> bool {
        self.report.blind_for = (span > RELIST_THRESHOLD).then_some(span);
        self.report.blind_for.is_some()
    }
    /// Its watch tells of its Node.
    pub(super) fn handle_node(&mut self, engine: &mut Engine, node: Option<Rc<Node>>) {
        if let Some(node) = node.as_ref().filter(|_| self.report.node.is_none()) {
            self.register(engine, node);
        }
        self.report.node = node;
    }
    /// It looks whether there is something to say of its node (upstream: syncNodeStatus).
    pub(super) fn sync_node_status(&mut self, engine: &mut Engine, runtime: &Runtime) {
        if self.report.next != engine.now {
            return;
        }
        let period = FREQUENCY + engine.jitter(JITTER, (self.node, "status period"));
        self.plan_status(engine, period);
        let Some(node) = self.report.node.clone().filter(|_| !self.report.is_busy) else { return };
        let is_changed = self.has_changed(&node, runtime);
        if !is_changed && engine.now < self.report.due {
            return;
        }
        let new = self.new_status(engine, &node, runtime);
        self.report.blind_for = None;
        self.report.due = engine.now
            + if is_changed {
                // So that not all nodes that have changed together report together from now on.
                REPORT_FREQUENCY / 2 + engine.jitter(REPORT_FREQUENCY, (self.node, "report"))
            } else {
                REPORT_FREQUENCY
            };
        let key = ObjectKey::new(Kind::Node, "", node.metadata.name.clone());
        let patch = status_patch(&node.status, &new);
        let request = Request::new(Verb::Patch(PatchKind::Strategic, patch), key).at(Subresource::Status);
        let caller = Caller { actor: self.actor(), task: super::STATUS_TASK, call: Some(REPORTED) };
        self.report.is_busy = true;
        self.report.images = runtime.images_revision();
        engine.send(caller, request, None);
    }
    /// Whether an answer is that to a report, which it takes.
    pub(super) fn takes_report(&mut self, call: u32, is_written: bool) -> bool {
        if call == REPORTED {
            self.report.is_busy = false;
            if !is_written {
                self.report.due = SimTime::ZERO;
            }
        }
        call == REPORTED
    }
    fn has_changed(&self, node: &Node, runtime: &Runtime) -> bool {
        let is = |kind: &str, status| {
            find(&node.status.conditions, kind).is_some_and(|condition| condition.status == Some(status))
        };
        let is_ready = self.report.blind_for.is_none();
        self.report.is_new_boot
            || self.report.images != runtime.images_revision()
            || self.report.unschedulable != node.spec.unschedulable
            || !is("Ready", status_of(is_ready))
            || !self.says_pressure(node)
            || node.status.capacity.is_empty()
    }
    /// Whether a Node's conditions say what its machine is short of.
    fn says_pressure(&self, node: &Node) -> bool {
        let pressure = self.report.pressure;
        let wants =
            [(pressure.memory, "MemoryPressure"), (pressure.disk, "DiskPressure"), (false, "PIDPressure")];
        wants.iter().all(|(holds, kind)| {
            let found = find(&node.status.conditions, kind);
            found.is_some_and(|condition| condition.status == Some(status_of(*holds)))
        })
    }
    /// Whether the API has been told what the node is short of.
    pub(super) fn has_told_pressure(&self) -> bool {
        self.report.node.as_ref().is_none_or(|node| self.says_pressure(node))
    }
    /// The status as it is now, made of the one before; what has changed is said in Events.
    fn new_status(&mut self, engine: &mut Engine, node: &Node, runtime: &Runtime) -> NodeStatus {
        let now = engine.wall.rfc3339(engine.now);
        let mut status =
            NodeStatus { conditions: node.status.conditions.clone(), ..self.static_status(runtime) };
        let pressure = self.report.pressure;
        for (words, holds) in PRESSURES.iter().zip([pressure.memory, pressure.disk, false]) {
            let place = status.conditions.iter().position(|condition| &*condition.kind == words.kind);
            let place = place.unwrap_or_else(|| {
                let kind = words.kind.into();
                status.conditions.push(Condition { kind, ..Condition::default() });
                status.conditions.len() - 1
            });
            let condition = &mut status.conditions[place];
            condition.last_heartbeat_time = Some(now.clone());
            if condition.status != Some(status_of(holds)) {
                let (reason, message, event) = if holds { words.with } else { words.without };
                condition.status = Some(status_of(holds));
                condition.reason = reason.into();
                condition.message = message.into();
                condition.last_transition_time = Some(now.clone());
                self.say_of_node(engine, node, event);
            }
        }
        let ready = self.ready_condition(&now);
        match status.conditions.iter_mut().find(|condition| &*condition.kind == "Ready") {
            Some(old) if old.status == ready.status => {
                *old = Condition { last_transition_time: old.last_transition_time.clone(), ..ready };
            }
            Some(old) => {
                let event = if self.report.blind_for.is_none() { "NodeReady" } else { "NodeNotReady" };
                *old = ready;
                self.say_of_node(engine, node, event);
            }
            None => status.conditions.push(ready),
        }
        if std::mem::take(&mut self.report.is_new_boot) && self.report.boots > 0 {
            let name = &node.metadata.name;
            let boot = boot_id(&self.report.setup, self.report.boots);
            let message = format!("Node {name} has been rebooted, boot id: {boot}");
            self.say(engine, node, true, "Rebooted", message);
        }
        if self.report.unschedulable != node.spec.unschedulable {
            self.report.unschedulable = node.spec.unschedulable;
            let event = if node.spec.unschedulable { "NodeNotSchedulable" } else { "NodeSchedulable" };
            self.say_of_node(engine, node, event);
        }
        status
    }
    fn ready_condition(&self, now: &Str) -> Condition {
        let (status, reason, message) = match self.report.blind_for {
            None => (ConditionStatus::True, "KubeletReady", "kubelet is posting ready status".to_owned()),
            Some(blind) => {
                let (seen, threshold) = (go_duration(blind), go_duration(RELIST_THRESHOLD));
                let message = format!(
                    "PLEG is not healthy: pleg was last seen active {seen} ago; threshold is {threshold}"
                );
                (ConditionStatus::False, "KubeletNotReady", message)
            }
        };
        Condition {
            kind: "Ready".into(),
            status: Some(status),
            reason: reason.into(),
            message: message.into(),
            last_heartbeat_time: Some(now.clone()),
            last_transition_time: Some(now.clone()),
            ..Condition::default()
        }
    }
    fn say_of_node(&mut self, engine: &mut Engine, node: &Node, reason: &'static str) {
        let message = format!("Node {} status is now: {reason}", node.metadata.name);
        self.say(engine, node, false, reason, message);
    }
    pub(super) fn say(
        &mut self,
        engine: &mut Engine,
        node: &Node,
        warning: bool,
        reason: &'static str,
        message: String,
    ) {
        let note = EventNote { about: node_reference(node), warning, reason, message, action: "" };
        self.write_event(engine, note, None);
    }
    /// All of the status but its conditions.
    fn static_status(&self, runtime: &Runtime) -> NodeStatus {
        NodeStatus { images: runtime.image_list(), ..base_status(&self.report.setup, self.report.boots) }
    }
}

/// What a kubelet's Events about its node point at.
fn node_reference(node: &Node) -> ObjectReference {
    ObjectReference {
        kind: "Node".into(),
        name: node.metadata.name.clone(),
        uid: node.metadata.uid.clone(),
        api_version: "v1".into(),
        ..ObjectReference::default()
    }
}

fn status_of(holds: bool) -> ConditionStatus {
    if holds { ConditionStatus::True } else { ConditionStatus::False }
}

/// What changes a status into another one: only the fields that differ, the conditions by their types.
fn status_patch(old: &NodeStatus, new: &NodeStatus) -> Value {
    let (before, after) = (old.encode(), new.encode());
    let mut status = Map::new();
    for (key, value) in after.as_object().into_iter().flat_map(Map::iter) {
        if &**key != "conditions" && before.get(key) != Some(value) {
            status.insert(key.clone(), value.clone());
        }
    }
    let conditions = new.conditions.iter().map(|condition| {
        let old = find(&old.conditions, &condition.kind).map(Typed::encode);
        let mut changed = Map::new();
        changed.push("type", condition.kind.clone());
        if let Value::Object(fields) = condition.encode() {
            for (key, value) in fields.iter() {
                if old.as_ref().and_then(|old| old.get(key)) != Some(value) && &**key != "type" {
                    changed.push(key.clone(), value.clone());
                }
            }
        }
        Value::from(changed)
    });
    status.insert("conditions", Value::from(conditions.collect::<Vec<_>>()));
    let mut patch = Map::new();
    patch.push("status", status);
    Value::from(patch)
}

/// What tells a node's boots apart.
fn boot_id(setup: &NodeSetup, boots: u64) -> Str {
    let bits = crate::cluster::chance::stable_hash(0, &("boot", &setup.name, boots));
    crate::cluster::chance::uuid(bits, bits.rotate_left(17))
}

/// The Node that a kubelet registers, without its status (upstream: initialNode).
pub(in crate::cluster) fn initial_node(setup: &NodeSetup) -> Node {
    let labels: Labels = [
        ("beta.kubernetes.io/arch", "amd64"),
        ("beta.kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", "amd64"),
        ("kubernetes.io/hostname", &setup.name),
        ("kubernetes.io/os", "linux"),
    ]
    .map(|(key, value)| (Str::from(key), Str::from(value)))
    .into();
    let annotations: Labels = [
        ("node.alpha.kubernetes.io/ttl", "0"),
        ("volumes.kubernetes.io/controller-managed-attach-detach", "true"),
    ]
    .map(|(key, value)| (Str::from(key), Str::from(value)))
    .into();
    let metadata = ObjectMeta { name: setup.name.clone(), labels, annotations, ..ObjectMeta::default() };
    Node { metadata: Rc::new(metadata), ..Node::default() }
}

/// A machine as its kubelet finds it: what it has, what it runs, where it is.
pub(in crate::cluster) fn base_status(setup: &NodeSetup, boots: u64) -> NodeStatus {
    const MACHINE: &str = r#"{"daemonEndpoints":{"kubeletEndpoint":{"Port":10250}},
        "runtimeHandlers":[{"name":"","features":{"recursiveReadOnlyMounts":true,"userNamespaces":false}},
            {"name":"runc","features":{"recursiveReadOnlyMounts":true,"userNamespaces":false}}],
        "features":{"supplementalGroupsPolicy":true},
        "declaredFeatures":["ExtendWebSocketsToKubelet","InPlacePodLevelResourcesVerticalScaling",
            "InPlacePodVerticalScalingInitContainers","RestartAllContainersOnContainerExits"]}"#;
    let extra = json::parse(MACHINE).ok().and_then(|machine| machine.as_object().cloned());
    let id = crate::cluster::chance::stable_hash(0, &("machine", &setup.name));
    let mut info = Value::object();
    let machine_id = format!("{id:016x}{:016x}", !id);
    for (key, value) in [
        ("machineID", &*machine_id),
        ("systemUUID", &*machine_id),
        ("bootID", &*boot_id(setup, boots)),
        ("kernelVersion", "6.12.48"),
        ("osImage", "Debian GNU/Linux 12 (bookworm)"),
        ("containerRuntimeVersion", "containerd://2.2.9"),
        ("kubeletVersion", "v1.37.2"),
        ("kubeProxyVersion", ""),
        ("operatingSystem", "linux"),
        ("architecture", "amd64"),
    ] {
        info.set(&[key], value);
    }
    info.set(&["runningInUserNamespace"], false);
    NodeStatus {
        capacity: setup.capacity(),
        allocatable: setup.allocatable(),
        addresses: [("InternalIP", &setup.address), ("Hostname", &setup.name)]
            .map(|(kind, address)| NodeAddress {
                kind: kind.into(),
                address: address.clone(),
                ..NodeAddress::default()
            })
            .into(),
        node_info: Some(info),
        extra: extra.map(Rc::new),
        ..NodeStatus::default()
    }
}
