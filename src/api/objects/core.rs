//! Namespace, Node, Service, Endpoints, EndpointSlice, ConfigMap, Secret, ServiceAccount, Event.

use super::meta::{Condition, Labels, ObjectMeta, ObjectReference};
use crate::typed;
use crate::value::{Str, Value};
use std::rc::Rc;

typed! {
    /// A Namespace of the cluster (not a Linux namespace).
    pub struct Namespace {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// Finalizers of its own.
        spec: "spec" => NamespaceSpec,
        /// Phase and conditions.
        status: "status" => NamespaceStatus,
    }
    /// What must be gone before a Namespace is.
    pub struct NamespaceSpec { /// `kubernetes`.
        finalizers: "finalizers" => Vec<Str>, }
    /// `Active` or `Terminating`.
    pub struct NamespaceStatus {
        /// Its phase.
        phase: "phase" => Str,
        /// What deletion still waits for.
        conditions: "conditions" => Vec<Condition>,
    }

    /// A machine.
    pub struct Node {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// Pod range, taints.
        spec: "spec" => NodeSpec,
        /// Capacity, conditions, addresses.
        status: "status" => NodeStatus,
    }
    /// A Node's spec.
    pub struct NodeSpec {
        /// The range that its Pods' addresses come from.
        pod_cidr: "podCIDR" => Str,
        /// The same as a list.
        pod_cidrs: "podCIDRs" => Vec<Str>,
        /// Cordoned.
        unschedulable: "unschedulable" => bool,
        /// What Pods must tolerate.
        taints: "taints" => Vec<Taint>,
    }
    /// A taint.
    pub struct Taint {
        /// Key.
        key: "key" => Str,
        /// Value.
        value: "value" => Str,
        /// `NoSchedule`, `PreferNoSchedule`, `NoExecute`.
        effect: "effect" => Str,
        /// When a NoExecute taint was added.
        time_added: "timeAdded" => Option<Str>,
    }
    /// A Node's status.
    pub struct NodeStatus {
        /// cpu, memory, pods, ...
        capacity: "capacity" => Labels,
        /// What Pods may ask for.
        allocatable: "allocatable" => Labels,
        /// Ready and the pressures.
        conditions: "conditions" => Vec<Condition>,
        /// InternalIP, Hostname.
        addresses: "addresses" => Vec<NodeAddress>,
        /// Its kernel, its runtime, its kubelet.
        node_info: "nodeInfo" => Option<Value>,
        /// The images that it has.
        images: "images" => Rc<Vec<ContainerImage>>,
    }
    /// An image on a node.
    pub struct ContainerImage {
        /// What it is called.
        names: "names" => Vec<Str>,
        /// Its size.
        size_bytes: "sizeBytes" => i64,
    }
    /// One address.
    pub struct NodeAddress { /// Its type.
        kind: "type" => Str, /// The address.
        address: "address" => Str, }

    /// A Service.
    pub struct Service {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// What it selects and offers.
        spec: "spec" => ServiceSpec,
        /// Its load balancer.
        status: "status" => Value,
    }
    /// A Service's spec.
    pub struct ServiceSpec {
        /// Ports that it offers.
        ports: "ports" => Vec<ServicePort>,
        /// Labels of the Pods behind it.
        selector: "selector" => Labels,
        /// Its address; `None` for a headless one.
        cluster_ip: "clusterIP" => Str,
        /// The same as a list.
        cluster_ips: "clusterIPs" => Vec<Str>,
        /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`.
        kind: "type" => Str,
        /// Further addresses.
        external_ips: "externalIPs" => Vec<Str>,
        /// The name that an ExternalName Service stands for.
        external_name: "externalName" => Str,
        /// `None` or `ClientIP`.
        session_affinity: "sessionAffinity" => Str,
        /// `IPv4`.
        ip_families: "ipFamilies" => Vec<Str>,
        /// `SingleStack`.
        ip_family_policy: "ipFamilyPolicy" => Str,
        /// `Cluster` or `Local`.
        internal_traffic_policy: "internalTrafficPolicy" => Str,
        /// `Cluster` or `Local`.
        external_traffic_policy: "externalTrafficPolicy" => Str,
        /// Whether addresses of Pods that are not ready count.
        publish_not_ready_addresses: "publishNotReadyAddresses" => bool,
    }
    /// One port of a Service.
    pub struct ServicePort {
        /// Its name.
        name: "name" => Str,
        /// `TCP`, `UDP`, `SCTP`.
        protocol: "protocol" => Str,
        /// The port on the Service's address.
        port: "port" => i32,
        /// The port on the Pod, by number or name.
        target_port: "targetPort" => Value,
        /// The port on every node.
        node_port: "nodePort" => i32,
    }

    /// The deprecated mirror of EndpointSlices.
    pub struct Endpoints {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// Addresses with their ports.
        subsets: "subsets" => Vec<Value>,
    }

    /// Endpoints of a Service.
    pub struct EndpointSlice {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// `IPv4`.
        address_type: "addressType" => Str,
        /// At most 100.
        endpoints: "endpoints" always => Rc<Vec<Rc<Endpoint>>>,
        /// Ports that all of them have.
        ports: "ports" always => Vec<EndpointPort>,
    }
    /// One endpoint.
    pub struct Endpoint {
        /// Its address.
        addresses: "addresses" => Vec<Str>,
        /// Whether it is ready, serves, terminates.
        conditions: "conditions" always => EndpointConditions,
        /// The name of its own that it has behind the Service.
        hostname: "hostname" => Str,
        /// The Pod.
        target_ref: "targetRef" => Option<ObjectReference>,
        /// Where it runs.
        node_name: "nodeName" => Str,
    }
    /// The three conditions of an endpoint.
    pub struct EndpointConditions {
        /// Ready and not terminating.
        ready: "ready" => Option<bool>,
        /// Ready, terminating or not.
        serving: "serving" => Option<bool>,
        /// Being deleted.
        terminating: "terminating" => Option<bool>,
    }
    /// One port of a slice.
    pub struct EndpointPort {
        /// The Service port's name.
        name: "name" always => Str,
        /// Its protocol.
        protocol: "protocol" => Str,
        /// The port on the Pod.
        port: "port" => Option<i32>,
    }

    /// A ConfigMap.
    pub struct ConfigMap {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// Text by key.
        data: "data" => Labels,
        /// Bytes in base64 by key.
        binary_data: "binaryData" => Labels,
        /// Whether it may change.
        immutable: "immutable" => Option<bool>,
    }
    /// A Secret.
    pub struct Secret {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// `Opaque`, ...
        kind: "type" => Str,
        /// Bytes in base64 by key.
        data: "data" => Labels,
        /// Text by key, which the server moves to `data`.
        string_data: "stringData" => Labels,
        /// Whether it may change.
        immutable: "immutable" => Option<bool>,
    }
    /// A ServiceAccount.
    pub struct ServiceAccount {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
    }

    /// An Event of the cluster, as the recorder writes it.
    pub struct Event {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// What it is about.
        involved_object: "involvedObject" => ObjectReference,
        /// One word.
        reason: "reason" => Str,
        /// A sentence.
        message: "message" => Str,
        /// Who says so, where it is a component of the old recorder.
        source: "source" always => Labels,
        /// First seen.
        first_timestamp: "firstTimestamp" always => Option<Str>,
        /// Last seen.
        last_timestamp: "lastTimestamp" always => Option<Str>,
        /// How often.
        count: "count" => i32,
        /// `Normal` or `Warning`.
        kind: "type" => Str,
        /// First seen, of the new recorder, in microseconds.
        event_time: "eventTime" always => Option<Str>,
        /// What was done, of the new recorder.
        action: "action" => Str,
        /// Who says so.
        reporting_component: "reportingComponent" always => Str,
        /// Which instance of it.
        reporting_instance: "reportingInstance" always => Str,
    }
}
