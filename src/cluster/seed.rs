//! The cluster as it is before anybody does anything: nodes, Namespaces, ServiceAccounts, `kubernetes`.

use super::apiserver::addresses::ServiceRange;
use super::apiserver::{ApiServer, Settings, admission};
use super::controllers::ControllerManager;
use super::controllers::root_ca::root_ca;
use super::engine::Engine;
use super::kubelet::Kubelet;
use super::proxy::KubeProxy;
use super::record::{Actor, NodeId};
use super::runtime::Runtime;
use super::scheduler::Scheduler;
use super::setup::{NodeSetup, Setup};
use super::store::{Scope, Store};
use super::traffic::Traffic;
use super::{Cluster, Node};
use crate::api::objects::{
    Condition, ConditionStatus, Labels, Namespace, NamespaceSpec, NamespaceStatus, Node as NodeObject,
    NodeAddress, NodeSpec, NodeStatus, ObjectMeta, ServiceAccount,
};
use crate::api::{Kind, Object};
use crate::value::Str;
use std::rc::Rc;

pub(super) fn cluster(setup: &Setup) -> Cluster {
    let mut engine = Engine::new(setup.seed, setup.wall);
    let services = ServiceRange::parse(&setup.service_cidr).unwrap_or_default();
    let mut server = ApiServer {
        store: Store::default(),
        settings: Settings { services, token_volume: admission::token_volume() },
    };
    for name in ["default", "kube-node-lease", "kube-public", "kube-system"]
        .into_iter()
        .chain(setup.namespaces.iter().map(|name| &**name))
    {
        server.seed(&mut engine, namespace(name));
        server.seed(
            &mut engine,
            ServiceAccount { metadata: meta("default", name), ..ServiceAccount::default() }.into(),
        );
        server.seed(&mut engine, root_ca(name).into());
    }
    for node in &setup.nodes {
        let now = engine.wall.rfc3339(engine.now);
        server.seed(&mut engine, node_object(node, &now));
    }
    let mut manager = ControllerManager::default();
    manager.start(&mut engine, &mut server);
    for kind in [Kind::Pod, Kind::Node] {
        server.store.watch(Actor::Scheduler, Scope::all(kind));
    }
    let registry = Rc::new(setup.registry.clone());
    let nodes = setup
        .nodes
        .iter()
        .enumerate()
        .map(|(i, node)| {
            let id = NodeId(i as u16);
            server.store.watch(
                Actor::Kubelet(id),
                Scope { node_name: Some(node.name.clone()), ..Scope::all(Kind::Pod) },
            );
            for kind in [Kind::Service, Kind::EndpointSlice] {
                server.store.watch(Actor::KubeProxy(id), Scope::all(kind));
            }
            let mut runtime = Runtime::new(id, node, registry.clone());
            for image in &setup.images {
                runtime.seed_image(&engine, image);
            }
            Node {
                name: node.name.clone(),
                kubelet: Kubelet::new(id, node, &engine),
                runtime,
                proxy: KubeProxy::new(id),
            }
        })
        .collect();
    let mut scheduler = Scheduler::default();
    scheduler
        .start(server.store.list(Kind::Node, None).filter_map(|object| object.get::<NodeObject>().cloned()));
    Cluster { engine, server, manager, scheduler, nodes, traffic: Traffic::default(), told: Vec::new() }
}

fn meta(name: &str, namespace: &str) -> Rc<ObjectMeta> {
    Rc::new(ObjectMeta { name: name.into(), namespace: namespace.into(), ..ObjectMeta::default() })
}

fn namespace(name: &str) -> Object {
    let labels = Labels::from([("kubernetes.io/metadata.name".into(), name.into())]);
    Namespace {
        metadata: Rc::new(ObjectMeta { name: name.into(), labels, ..ObjectMeta::default() }),
        spec: NamespaceSpec { finalizers: vec!["kubernetes".into()], ..NamespaceSpec::default() },
        status: NamespaceStatus { phase: "Active".into(), ..NamespaceStatus::default() },
        ..Namespace::default()
    }
    .into()
}

fn node_object(node: &NodeSetup, now: &Str) -> Object {
    let labels = [
        ("kubernetes.io/arch", "amd64"),
        ("kubernetes.io/hostname", &node.name),
        ("kubernetes.io/os", "linux"),
    ];
    let quantities: Labels = [
        ("cpu", node.cpu.to_string()),
        ("memory", node.memory.to_string()),
        ("pods", node.pods.to_string()),
        ("ephemeral-storage", "100Gi".into()),
    ]
    .map(|(key, value)| (Str::from(key), Str::from(value)))
    .into();
    let condition = |kind: &str, status, reason: &str, message: &str| Condition {
        kind: kind.into(),
        status: Some(status),
        reason: reason.into(),
        message: message.into(),
        last_heartbeat_time: Some(now.clone()),
        last_transition_time: Some(now.clone()),
        ..Condition::default()
    };
    use ConditionStatus::{False, True};
    NodeObject {
        metadata: Rc::new(ObjectMeta {
            name: node.name.clone(),
            labels: labels.map(|(key, value)| (Str::from(key), Str::from(value))).into(),
            ..ObjectMeta::default()
        }),
        spec: NodeSpec {
            pod_cidr: node.pod_cidr.clone(),
            pod_cidrs: vec![node.pod_cidr.clone()],
            ..NodeSpec::default()
        },
        status: NodeStatus {
            capacity: quantities.clone(),
            allocatable: quantities,
            conditions: vec![
                condition(
                    "MemoryPressure",
                    False,
                    "KubeletHasSufficientMemory",
                    "kubelet has sufficient memory available",
                ),
                condition("DiskPressure", False, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                condition(
                    "PIDPressure",
                    False,
                    "KubeletHasSufficientPID",
                    "kubelet has sufficient PID available",
                ),
                condition("Ready", True, "KubeletReady", "kubelet is posting ready status"),
            ],
            addresses: [("InternalIP", &node.address), ("Hostname", &node.name)]
                .map(|(kind, address)| NodeAddress {
                    kind: kind.into(),
                    address: address.clone(),
                    ..NodeAddress::default()
                })
                .into(),
            ..NodeStatus::default()
        },
        ..NodeObject::default()
    }
    .into()
}
