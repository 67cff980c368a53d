//! What breaks and is mended, as a watcher of nodes, Pods and Events sees it.

use super::fault::{Fault, RegistryState, Shortage};
use super::record::{Change, Fact, NodeId};
use super::request::Request;
use super::testing::{Act, Test, create_request};
use super::time::{SECOND, SimTime};
use crate::api::conditions::find;
use crate::api::objects::{Event, Node, Pod};
use crate::api::{Kind, Object, ObjectKey};
use expect_test::{Expect, expect};
use std::fmt::Write;

/// A Pod on a node that stays for a while after that is lost.
fn pod(name: &str, node: &str, image: &str) -> String {
    format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}"}},"spec":{{"nodeName":"{node}",
        "tolerations":[{{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":20}}],
        "containers":[{{"name":"web","image":"{image}"}}]}}}}"#
    )
}

fn create(test: &mut Test, name: &str, node: &str, image: &str) {
    let key = ObjectKey::new(Kind::Pod, "default", name);
    test.ask(create_request(key, &pod(name, node, image))).expect("created");
}

fn node_line(node: &Node) -> String {
    let status = |kind: &str| {
        let status = find(&node.status.conditions, kind).and_then(|condition| condition.status);
        status.map_or("-", |status| status.as_str())
    };
    let mut line = format!("Ready={}", status("Ready"));
    for taint in &node.spec.taints {
        let key = taint.key.rsplit('/').next().unwrap_or_default();
        _ = write!(line, " {key}:{}", taint.effect);
    }
    line
}

fn pod_line(pod: &Pod) -> String {
    let mut line = pod.status.phase.map_or("-", |phase| phase.as_str()).to_string();
    for kind in ["Ready", "DisruptionTarget"] {
        if let Some(condition) = find(&pod.status.conditions, kind) {
            let status = condition.status.map_or("-", |status| status.as_str());
            _ = write!(line, " {kind}={status}");
        }
    }
    for status in &pod.status.container_statuses {
        _ = write!(line, " restarts={}", status.restart_count);
    }
    if pod.metadata.is_terminating() {
        line.push_str(" terminating");
    }
    line
}

/// What changed in nodes and Pods, and what was said of them, from a second on; seconds are cut.
fn story(test: &Test, from: u64) -> String {
    let mut out = String::new();
    let mut last = std::collections::BTreeMap::new();
    for record in test.records() {
        let Fact::Object { change, object } = &record.fact else { continue };
        let line = match object {
            Object::Event(event) => event_line(event),
            _ if *change == Change::Deleted => "deleted".into(),
            Object::Node(node) => node_line(node),
            Object::Pod(pod) => pod_line(pod),
            _ => continue,
        };
        let name = match object {
            Object::Event(event) => event.involved_object.name.clone(),
            _ => object.meta().name.clone(),
        };
        let is_new = matches!(object, Object::Event(_))
            || last.insert(object.key(), line.clone()).as_ref() != Some(&line);
        if is_new && record.time >= SimTime(from * SECOND) {
            _ = writeln!(out, "{} {name} {line}", record.time.0 / SECOND);
        }
    }
    out
}

fn event_line(event: &Event) -> String {
    format!("says {}: {}", event.reason, event.message)
}

/// Two Pods on two nodes; each fault at its second; what is seen from the first one on.
fn check(faults: &[(u64, Fault)], until: u64, expect: Expect) {
    let mut test = Test::new();
    create(&mut test, "a", "node-1", "nginx:1.25");
    create(&mut test, "b", "node-2", "nginx:1.25");
    for (second, fault) in faults {
        test.run_until(SimTime(second * SECOND));
        test.act(Act::Fault(fault.clone()));
    }
    test.run_until(SimTime(until * SECOND));
    expect.assert_eq(&story(&test, faults[0].0));
}

const NODE: NodeId = NodeId(1);

#[test]
fn a_node_behind_a_partition_is_given_up_and_comes_back() {
    check(
        &[(10, Fault::Partition(NODE)), (90, Fault::PartitionEnds(NODE))],
        120,
        expect![[r#"
            57 node-2 Ready=Unknown
            57 b Running Ready=False restarts=0
            57 node-2 Ready=Unknown unreachable:NoSchedule
            57 node-2 says NodeNotReady: Node node-2 status is now: NodeNotReady
            57 b says NodeNotReady: Node is not ready
            57 node-2 Ready=Unknown unreachable:NoSchedule unreachable:NoExecute
            77 b Running Ready=False DisruptionTarget=True restarts=0
            77 b says TaintManagerEviction: Marking for deletion Pod default/b
            77 b Running Ready=False DisruptionTarget=True restarts=0 terminating
            91 b says Killing: Stopping container web
            91 b Running Ready=True DisruptionTarget=True restarts=0 terminating
            91 b Succeeded Ready=False DisruptionTarget=True restarts=0 terminating
            92 b deleted
            99 node-2 Ready=True unreachable:NoSchedule unreachable:NoExecute
            99 node-2 says NodeHasSufficientMemory: Node node-2 status is now: NodeHasSufficientMemory
            99 node-2 Ready=True unreachable:NoExecute
            99 node-2 says NodeHasNoDiskPressure: Node node-2 status is now: NodeHasNoDiskPressure
            99 node-2 says NodeHasSufficientPID: Node node-2 status is now: NodeHasSufficientPID
            99 node-2 says NodeReady: Node node-2 status is now: NodeReady
            102 node-2 Ready=True
        "#]],
    );
}

#[test]
fn a_node_dies_and_boots_again() {
    check(
        &[(10, Fault::NodeDies(NODE)), (30, Fault::NodeReturns(NODE))],
        60,
        expect![[r#"
              30 node-2 says Starting: Starting kubelet.
              30 node-2 says NodeAllocatableEnforced: Updated Node Allocatable limit across pods
              30 b Running Ready=False restarts=0
              30 b says SandboxChanged: Pod sandbox changed, it will be killed and re-created.
              30 node-2 says Rebooted: Node node-2 has been rebooted, boot id: 4d53254a-94e9-4e3d-8a95-29d31c7a9aa6
              30 b says Pulled: Container image "nginx:1.25" already present on machine and can be accessed by the pod
              30 b says Created: Container created
              30 b says Started: Container started
              30 b Running Ready=True restarts=1
        "#]],
    );
}

#[test]
fn without_any_ready_node_no_pod_is_given_up() {
    check(
        &[(10, Fault::Partition(NodeId(0))), (10, Fault::Partition(NODE))],
        120,
        expect![[r#"
              57 node-2 Ready=Unknown
              57 b Running Ready=False restarts=0
              57 node-2 Ready=Unknown unreachable:NoSchedule
              57 node-2 says NodeNotReady: Node node-2 status is now: NodeNotReady
              57 b says NodeNotReady: Node is not ready
              57 node-2 Ready=Unknown unreachable:NoSchedule unreachable:NoExecute
              62 node-1 Ready=Unknown
              62 node-2 Ready=Unknown unreachable:NoSchedule
              62 a Running Ready=False restarts=0
              62 node-1 Ready=Unknown unreachable:NoSchedule
              62 node-1 says NodeNotReady: Node node-1 status is now: NodeNotReady
              62 b says TaintManagerEviction: Cancelling deletion of Pod default/b
              62 a says NodeNotReady: Node is not ready
        "#]],
    );
}

#[test]
fn an_api_server_that_is_down_refuses_and_is_found_again() {
    let mut test = Test::new();
    create(&mut test, "a", "node-1", "nginx:1.25");
    test.run_until(SimTime(10 * SECOND));
    test.act(Act::Fault(Fault::ApiServerStops));
    let key = ObjectKey::new(Kind::Pod, "default", "b");
    let refusal = test.refusal(create_request(key, &pod("b", "node-2", "nginx:1.25")));
    assert_eq!(refusal, "dial tcp 172.30.0.10:6443: connect: connection refused");
    // What happens meanwhile is written once the API server is there again.
    let killed = Fault::KillContainer(ObjectKey::new(Kind::Pod, "default", "a"), "web".into());
    test.act(Act::Fault(killed));
    test.run_until(SimTime(20 * SECOND));
    test.act(Act::Fault(Fault::ApiServerStarts));
    test.run_until(SimTime(45 * SECOND));
    expect![[r#"
          20 a says Pulled: Container image "nginx:1.25" already present on machine and can be accessed by the pod
          20 a says Created: Container created
          20 a says Started: Container started
          26 a Running Ready=True restarts=1
    "#]].assert_eq(&story(&test, 10));
}

#[test]
fn a_registry_that_does_not_answer_is_asked_again() {
    let mut test = Test::new();
    test.act(Act::Fault(Fault::Registry(RegistryState::Down)));
    create(&mut test, "a", "node-1", "redis:7");
    test.run_until(SimTime(40 * SECOND));
    test.act(Act::Fault(Fault::Registry(RegistryState::Up)));
    test.run_until(SimTime(60 * SECOND));
    expect![[r#"
        0 node-1 Ready=True
        0 node-2 Ready=True
        0 a Pending
        0 a Pending Ready=False restarts=0
        0 a says Pulling: Pulling image "redis:7"
        30 a says Failed: Failed to pull image "redis:7": rpc error: code = Unknown desc = failed to pull and unpack image "docker.io/library/redis:7": failed to resolve image: failed to do request: Head "https://registry-1.docker.io/v2/library/redis/manifests/7": dial tcp: lookup registry-1.docker.io: i/o timeout
        30 a says Failed: Error: ErrImagePull
        30 a says BackOff: Back-off pulling image "redis:7"
        30 a says Failed: Error: ImagePullBackOff
        43 a says Pulling: Pulling image "redis:7"
        44 a says Pulled: Successfully pulled image "redis:7" in 400ms (400ms including waiting). Image size: 5931275 bytes.
        44 a says Created: Container created
        44 a says Started: Container started
        44 a Running Ready=True restarts=0
    "#]].assert_eq(&story(&test, 0));
}

/// Pods on the first node: two that ask for nothing, one that asks for more than it uses, one that is critical. Then
/// a shortage, one more Pod, its end.
fn check_shortage(shortage: Shortage, expect: Expect) {
    let mut test = Test::new();
    let asks = r#""resources":{"requests":{"memory":"64Mi","ephemeral-storage":"1Gi"}},"name":"web""#;
    let critical = r#""priorityClassName":"system-node-critical","nodeName""#;
    let changes = [
        ("one", "", ""),
        ("two", "", ""),
        ("asks", r#""name":"web""#, asks),
        ("critical", r#""nodeName""#, critical),
    ];
    for (name, from, to) in changes {
        let plain = pod(name, "node-1", "nginx:1.25");
        let text = if from.is_empty() { plain } else { plain.replace(from, to) };
        test.ask(create_request(ObjectKey::new(Kind::Pod, "default", name), &text)).expect("created");
    }
    test.run_until(SimTime(10 * SECOND));
    test.act(Act::Fault(Fault::Shortage(NodeId(0), shortage)));
    test.run_until(SimTime(60 * SECOND));
    create(&mut test, "late", "node-1", "nginx:1.25");
    test.run_until(SimTime(70 * SECOND));
    test.act(Act::Fault(Fault::ShortageEnds(NodeId(0), shortage)));
    test.run_until(SimTime(400 * SECOND));
    expect.assert_eq(&story(&test, 10));
}

#[test]
fn a_kubelet_short_of_memory_evicts() {
    check_shortage(
        Shortage::Memory,
        expect![[r#"
            18 node-1 says EvictionThresholdMet: Attempting to reclaim memory
            18 one says Evicted: The node was low on resource: memory. Threshold quantity: 100Mi, available: 68Mi. Container web was using 20456Ki, request is 0, has larger consumption of memory. 
            19 one says Killing: Stopping container web
            19 one Running Ready=False restarts=0
            20 one Failed Ready=False DisruptionTarget=True restarts=0
            20 node-1 says EvictionThresholdMet: Attempting to reclaim memory
            20 two says Evicted: The node was low on resource: memory. Threshold quantity: 100Mi, available: 90088Ki. Container web was using 18168Ki, request is 0, has larger consumption of memory. 
            21 two says Killing: Stopping container web
            21 two Running Ready=False restarts=0
            22 two Failed Ready=False DisruptionTarget=True restarts=0
            24 node-1 says NodeHasInsufficientMemory: Node node-1 status is now: NodeHasInsufficientMemory
            24 node-1 Ready=True memory-pressure:NoSchedule
            60 late Pending
            60 late says Evicted: The node had condition: [MemoryPressure]. 
            60 late Failed
            330 node-1 says NodeHasSufficientMemory: Node node-1 status is now: NodeHasSufficientMemory
            330 node-1 Ready=True
        "#]],
    );
}

#[test]
fn a_kubelet_short_of_disk_evicts() {
    check_shortage(
        Shortage::Disk,
        expect![[r#"
            18 node-1 says EvictionThresholdMet: Attempting to reclaim ephemeral-storage
            18 one says Evicted: The node was low on resource: ephemeral-storage. Threshold quantity: 10737418400, available: 9472Mi. Container web was using 32Ki, request is 0, has larger consumption of ephemeral-storage. 
            19 one says Killing: Stopping container web
            19 one Running Ready=False restarts=0
            20 one Failed Ready=False DisruptionTarget=True restarts=0
            20 node-1 says EvictionThresholdMet: Attempting to reclaim ephemeral-storage
            20 two says Evicted: The node was low on resource: ephemeral-storage. Threshold quantity: 10737418400, available: 9699360Ki. Container web was using 32Ki, request is 0, has larger consumption of ephemeral-storage. 
            21 two says Killing: Stopping container web
            21 two Running Ready=False restarts=0
            22 two Failed Ready=False DisruptionTarget=True restarts=0
            22 node-1 says EvictionThresholdMet: Attempting to reclaim ephemeral-storage
            22 asks says Evicted: The node was low on resource: ephemeral-storage. Threshold quantity: 10737418400, available: 9699392Ki. 
            23 asks says Killing: Stopping container web
            23 asks Running Ready=False restarts=0
            24 asks Failed Ready=False DisruptionTarget=True restarts=0
            24 node-1 says NodeHasDiskPressure: Node node-1 status is now: NodeHasDiskPressure
            24 node-1 Ready=True disk-pressure:NoSchedule
            24 node-1 says EvictionThresholdMet: Attempting to reclaim ephemeral-storage
            34 node-1 says EvictionThresholdMet: Attempting to reclaim ephemeral-storage
            44 node-1 says EvictionThresholdMet: Attempting to reclaim ephemeral-storage
            54 node-1 says EvictionThresholdMet: Attempting to reclaim ephemeral-storage
            60 late Pending
            60 late says Evicted: The node had condition: [DiskPressure]. 
            60 late Failed
            64 node-1 says EvictionThresholdMet: Attempting to reclaim ephemeral-storage
            371 node-1 says NodeHasNoDiskPressure: Node node-1 status is now: NodeHasNoDiskPressure
            371 node-1 Ready=True
        "#]],
    );
}

#[test]
fn a_node_document_adds_a_machine_and_its_deletion_ends_its_pods() {
    let mut test = Test::new();
    let key = ObjectKey::new(Kind::Node, "", "big");
    let node =
        r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"big"},"status":{"capacity":{"cpu":"16"}}}"#;
    test.ask(create_request(key.clone(), node)).expect("created");
    test.run_until(SimTime(8 * SECOND));
    create(&mut test, "a", "big", "nginx:1.25");
    test.run_until(SimTime(12 * SECOND));
    let cpu = |test: &Test| {
        let node = test.object(&key).and_then(|object| object.get::<Node>().cloned());
        node.and_then(|node| node.status.allocatable.get("cpu").cloned())
    };
    assert_eq!(cpu(&test).as_deref(), Some("16"));
    test.delete(key.clone(), super::request::Propagation::Background);
    test.run_until(SimTime(90 * SECOND));
    expect![[r#"
        0 node-1 Ready=True
        0 node-2 Ready=True
        0 big Ready=- not-ready:NoSchedule
        0 big says Starting: Starting kubelet.
        0 big says NodeAllocatableEnforced: Updated Node Allocatable limit across pods
        0 big Ready=-
        0 big Ready=True
        0 big says NodeHasSufficientMemory: Node big status is now: NodeHasSufficientMemory
        0 big says NodeHasNoDiskPressure: Node big status is now: NodeHasNoDiskPressure
        0 big says NodeHasSufficientPID: Node big status is now: NodeHasSufficientPID
        2 big says RegisteredNode: Node big event: Registered Node big in Controller
        8 a Pending
        8 a Pending Ready=False restarts=0
        8 a says Pulling: Pulling image "nginx:1.25"
        8 a says Pulled: Successfully pulled image "nginx:1.25" in 400ms (400ms including waiting). Image size: 5938603 bytes.
        8 a says Created: Container created
        9 a says Started: Container started
        9 a Running Ready=True restarts=0
        12 big deleted
        12 big deleted
        12 big says RemovingNode: Node big event: Removing Node big from Controller
        70 a Failed Ready=True DisruptionTarget=True restarts=0
        70 a Failed Ready=True DisruptionTarget=True restarts=0 terminating
        70 a deleted
        70 a says Killing: Stopping container web
    "#]].assert_eq(&story(&test, 0));
}

/// What a Pod's container on a node prints of its environment.
fn api_variables(test: &mut Test, name: &str, node: &str) -> Vec<String> {
    let key = ObjectKey::new(Kind::Pod, "default", name);
    let pod = format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}"}},"spec":{{"nodeName":"{node}","containers":[
        {{"name":"web","image":"busybox","command":["sh","-c","echo $KUBERNETES_SERVICE_HOST $SHOP_SERVICE_HOST"]}}]}}}}"#
    );
    test.ask(create_request(key, &pod)).expect("created");
    test.run_until(SimTime(test.cluster.now().0 + 5 * SECOND));
    test.log(name, "web")
}

#[test]
fn pods_of_added_and_booted_nodes_know_the_services() {
    let mut test = Test::new();
    test.create("apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {clusterIP: 10.96.7.7, ports: [{port: 80}]}");
    test.run_until(SimTime(SECOND));
    let big = ObjectKey::new(Kind::Node, "", "big");
    let node = r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"big"}}"#;
    test.ask(create_request(big, node)).expect("created");
    test.run_until(SimTime(10 * SECOND));
    assert_eq!(api_variables(&mut test, "a", "big"), ["10.96.0.1 10.96.7.7"]);
    test.act(Act::Fault(Fault::NodeDies(NODE)));
    test.act(Act::Fault(Fault::NodeReturns(NODE)));
    test.run_until(SimTime(20 * SECOND));
    assert_eq!(api_variables(&mut test, "b", "node-2"), ["10.96.0.1 10.96.7.7"]);
}

#[test]
fn a_node_that_boots_behind_a_partition_hears_of_nothing_until_that_ends() {
    check(
        &[
            (10, Fault::Partition(NODE)),
            (12, Fault::NodeDies(NODE)),
            (14, Fault::NodeReturns(NODE)),
            (24, Fault::PartitionEnds(NODE)),
        ],
        40,
        expect![[r#"
            25 node-2 says Starting: Starting kubelet.
            25 node-2 says NodeAllocatableEnforced: Updated Node Allocatable limit across pods
            25 b Running Ready=False restarts=0
            25 b says SandboxChanged: Pod sandbox changed, it will be killed and re-created.
            25 node-2 says Rebooted: Node node-2 has been rebooted, boot id: 4d53254a-94e9-4e3d-8a95-29d31c7a9aa6
            25 b says Pulled: Container image "nginx:1.25" already present on machine and can be accessed by the pod
            25 b says Created: Container created
            25 b says Started: Container started
            25 b Running Ready=True restarts=1
        "#]],
    );
}

#[test]
fn a_dry_run_adds_no_machine_and_an_address_in_use_is_given_to_none() {
    let mut test = Test::new();
    let create = |name: &str| {
        let node = format!(
            r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"{name}"}},"spec":{{"podCIDR":"10.244.1.128/25","podCIDRs":["10.244.1.128/25"]}},
            "status":{{"addresses":[{{"type":"InternalIP","address":"172.30.0.11"}}]}}}}"#
        );
        create_request(ObjectKey::new(Kind::Node, "", name), &node)
    };
    test.ask(Request { dry_run: true, ..create("tried") }).expect("could be created");
    assert_eq!(test.cluster.node_names().len(), 2);
    test.ask(create("big")).expect("created");
    let setup = test.cluster.nodes[2].kubelet.setup();
    assert_eq!((&*setup.pod_cidr, &*setup.address), ("10.244.3.0/24", "172.30.0.13"));
}

#[test]
fn a_lease_is_listed_as_it_is_got_and_goes_with_its_node() {
    let mut test = Test::new();
    test.run_until(SimTime(30 * SECOND));
    let key = ObjectKey::new(Kind::Lease, "kube-node-lease", "node-2");
    let listed = |test: &Test| -> Vec<Object> {
        test.cluster.server.store.list(Kind::Lease, Some("kube-node-lease")).cloned().collect()
    };
    assert_eq!(listed(&test).len(), 2);
    assert_eq!(listed(&test).get(1), test.object(&key));
    test.delete(ObjectKey::new(Kind::Node, "", "node-2"), super::request::Propagation::Background);
    test.run_until(SimTime(60 * SECOND));
    assert_eq!(listed(&test).len(), 1);
    assert_eq!(test.object(&key), None);
}
