//! The cluster as it is before anybody does anything: nodes, Namespaces, ServiceAccounts, `kubernetes`.

use super::apiserver::addresses::ServiceRange;
use super::apiserver::{ApiServer, Settings, admission};
use super::controllers::ControllerManager;
use super::controllers::endpoint_slice::SERVICE_NAME;
use super::controllers::root_ca::root_ca;
use super::engine::Engine;
use super::kubelet::node_status::{base_status, initial_node};
use super::machine::Begun;
use super::outage::{API_SERVER, Outage};
use super::record::{Actor, NodeId};
use super::scheduler::Scheduler;
use super::setup::{NodeSetup, Setup};
use super::store::Scope;
use super::traffic::Traffic;
use super::{Cluster, Node};
use crate::api::objects::{
    Condition, ConditionStatus, ContainerImage, Endpoint, EndpointConditions, EndpointPort, EndpointSlice,
    Endpoints, Labels, Namespace, NamespaceSpec, NamespaceStatus, Node as NodeObject, NodeStatus, ObjectMeta,
    Service, ServiceAccount, ServicePort, ServiceSpec,
};
use crate::api::{Kind, Object, ObjectKey};
use crate::value::{Str, Value, json};
use std::rc::Rc;

/// The Service of the API server in the Namespace `default`.
pub(super) const API_SERVICE: &str = "kubernetes";

/// Whether this is that Service, or says where it leads.
pub(crate) fn is_own_service(key: &ObjectKey) -> bool {
    matches!(key.kind, Kind::Service | Kind::Endpoints | Kind::EndpointSlice)
        && (&*key.namespace, &*key.name) == ("default", API_SERVICE)
}

pub(super) fn cluster(setup: &Setup) -> Cluster {
    let mut engine = Engine::new(setup.seed, setup.wall);
    let services = ServiceRange::parse(&setup.service_cidr).unwrap_or_default();
    let settings = Settings { services, token_volume: admission::token_volume() };
    let mut server = ApiServer::new(settings);
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
    for class in super::apiserver::priority::system_classes() {
        server.seed(&mut engine, class.into());
    }
    for object in own_service(services) {
        server.seed(&mut engine, object);
    }
    let registry = Rc::new(setup.registry.clone());
    let mut nodes = Vec::new();
    for (place, node) in setup.nodes.iter().enumerate() {
        let machine = Node::new(&engine, NodeId(place as u16), node, &registry, &setup.images);
        let now = engine.wall.rfc3339(engine.now);
        let object = node_object(node, machine.runtime.image_list(), &now);
        server.seed(&mut engine, object);
        nodes.push(machine);
    }
    for node in &mut nodes {
        node.bring_up(&mut engine, &mut server, Begun::LongAgo, None);
        server.renew_lease(&mut engine, &node.name);
    }
    let mut manager = ControllerManager::default();
    manager.start(&mut engine, &mut server);
    for node in &nodes {
        let key = ObjectKey::new(Kind::Node, "", node.name.clone());
        let Some(object) = server.store.get(&key).and_then(|object| object.get::<NodeObject>()).cloned()
        else {
            continue;
        };
        let now = engine.now;
        manager.node_lifecycle(&mut engine, |controller| {
            controller.know(&node.name, &object.metadata.uid);
            controller.renewed(&node.name, now);
        });
    }
    for kind in super::scheduler::WATCHES {
        server.store.watch(Actor::Scheduler, Scope::all(*kind));
    }
    let mut scheduler = Scheduler::default();
    for (place, node) in nodes.iter().enumerate() {
        scheduler.know_machine(&node.name, NodeId(place as u16));
    }
    scheduler.start(server.store.all());
    Cluster {
        engine,
        server,
        manager,
        scheduler,
        nodes,
        traffic: Traffic::default(),
        outage: Outage::default(),
        has_dns: setup.has_dns,
        registry,
        images: Rc::new(setup.images.clone()),
        told: Vec::new(),
    }
}

fn meta(name: &str, namespace: &str) -> Rc<ObjectMeta> {
    Rc::new(ObjectMeta { name: name.into(), namespace: namespace.into(), ..ObjectMeta::default() })
}

/// The Service of the API server itself, and where it leads
/// (upstream: pkg/controlplane/controller/kubernetesservice, pkg/controlplane/reconcilers).
pub(super) fn own_service(services: ServiceRange) -> [Object; 3] {
    let named = |labels: &[(&str, &str)]| {
        let labels: Labels = labels.iter().map(|&(key, value)| (Str::from(key), Str::from(value))).collect();
        Rc::new(ObjectMeta { labels, ..ObjectMeta::clone(&meta(API_SERVICE, "default")) })
    };
    let (host, port) = API_SERVER.split_once(':').unwrap_or((API_SERVER, ""));
    let (host, port) = (Str::from(host), port.parse::<i32>().unwrap_or(0));
    let (https, tcp, ip) = (Str::from("https"), Str::from("TCP"), services.first());
    let service = Service {
        metadata: named(&[("component", "apiserver"), ("provider", "kubernetes")]),
        spec: ServiceSpec {
            ports: vec![ServicePort {
                name: https.clone(),
                protocol: tcp.clone(),
                port: 443,
                target_port: Value::Int(port.into()),
                ..ServicePort::default()
            }],
            cluster_ip: ip.clone(),
            cluster_ips: vec![ip],
            kind: "ClusterIP".into(),
            session_affinity: "None".into(),
            ip_families: vec!["IPv4".into()],
            ip_family_policy: "SingleStack".into(),
            internal_traffic_policy: "Cluster".into(),
            ..ServiceSpec::default()
        },
        ..Service::default()
    };
    let subset = format!(
        r#"{{"addresses":[{{"ip":"{host}"}}],"ports":[{{"name":"{https}","port":{port},"protocol":"{tcp}"}}]}}"#
    );
    let endpoints = Endpoints {
        metadata: named(&[("endpointslice.kubernetes.io/skip-mirror", "true")]),
        subsets: json::parse(&subset).into_iter().collect(),
        ..Endpoints::default()
    };
    let conditions = EndpointConditions { ready: Some(true), ..EndpointConditions::default() };
    let endpoint = Endpoint { addresses: vec![host], conditions, ..Endpoint::default() };
    let slice = EndpointSlice {
        metadata: named(&[(SERVICE_NAME, API_SERVICE)]),
        address_type: "IPv4".into(),
        endpoints: Rc::new(vec![Rc::new(endpoint)]),
        ports: vec![EndpointPort { name: https, protocol: tcp, port: Some(port), ..EndpointPort::default() }],
        ..EndpointSlice::default()
    };
    [service.into(), endpoints.into(), slice.into()]
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

/// The Node of a machine that has been there for a while.
fn node_object(node: &NodeSetup, images: Rc<Vec<ContainerImage>>, now: &Str) -> Object {
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
    let conditions = vec![
        condition(
            "MemoryPressure",
            False,
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
        ),
        condition("DiskPressure", False, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        condition("PIDPressure", False, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        condition("Ready", True, "KubeletReady", "kubelet is posting ready status"),
    ];
    let mut object = initial_node(node);
    object.spec.pod_cidr = node.pod_cidr.clone();
    object.spec.pod_cidrs = vec![node.pod_cidr.clone()];
    object.status = NodeStatus { conditions, images, ..base_status(node, 0) };
    object.into()
}
