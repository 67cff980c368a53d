//! Stories in which something breaks, or ends otherwise than by its kubelet: what is told has to be so then, too.

use super::tests::{DEPLOYMENT, SERVICE, told};
use crate::api::{Kind, ObjectKey};
use crate::cluster::fault::Fault;
use crate::cluster::record::NodeId;
use crate::cluster::setup::Setup;
use crate::cluster::time::{SECOND, SimTime};
use crate::cluster::traffic::{Client, LoadBalancer, Sender};
use crate::timeline::{Act, Start, Timeline};
use expect_test::{Expect, expect};

const NODE: NodeId = NodeId(0);

fn acted(yaml: &str, acts: Vec<(u64, Act)>, seconds: u64) -> Timeline {
    acted_with(1, yaml, acts, seconds)
}

/// Applies this with a seed, does more at its seconds, and records so many seconds.
pub(super) fn acted_with(seed: u64, yaml: &str, acts: Vec<(u64, Act)>, seconds: u64) -> Timeline {
    let files = [("app.yaml".into(), yaml.into())].into();
    let start = Start { setup: Setup::with_seed(seed), namespace: "default".into(), files };
    let mut timeline = Timeline::new(start);
    for (at, act) in std::iter::once((0, command("kubectl apply -f app.yaml"))).chain(acts) {
        let at = SimTime(at * SECOND);
        while timeline.record(at, 10_000) {}
        timeline.show(at);
        timeline.act(at, act);
    }
    while timeline.record(SimTime(seconds * SECOND), 10_000) {}
    timeline
}

pub(super) fn command(line: &str) -> Act {
    Act::Command(line.into())
}

fn pod(name: &str, app: &str, spec: &str) -> String {
    let labels = format!("labels: {{app: {app}}}");
    format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, {labels}}}\nspec: {{{spec}}}\n")
}

/// What is told after what is applied has come to rest.
#[track_caller]
fn check(timeline: &Timeline, expect: Expect) {
    let told = told(timeline.story());
    let after = told.split("\n# ").skip(1).map(|chapter| format!("# {chapter}\n")).collect::<String>();
    expect.assert_eq(&after);
}

const WEB: &str = "containers: [{name: web, image: 'nginx:1.25'}]";
const DRAINS: &str = "nodeName: node-1, containers: [{name: web, image: 'nginx:1.25', env: [{name: GRACEFUL_MS, value: '3000'}]}]";
const ONCE: &str = "restartPolicy: Never, nodeName: node-1, containers: [{name: main, image: 'busybox:1.36', command: [sleep, '1']}]";

#[test]
fn without_pause_the_ip_does_not_stay() {
    for (spec, expect) in [
        (
            WEB.to_owned(),
            expect![[r#"
            # Something breaks
               Somebody kills pause in Pod b.
               pause of Pod b is gone, and its Linux namespaces with it. The kubelet builds the Pod's sandbox anew.
               web in Pod b has ended with exit code 0. pause is gone, and the IP with it. The Pod stays as an object: its name, node and volumes.
               pause starts first in Pod b. It holds the Linux namespaces net, ipc and uts, and sleeps.
               The kubelet starts web again inside the same Pod. That is restart 1.
            # Something breaks
               Somebody kills the first process of web in Pod b.
               web in Pod b has ended with exit code 137. The Pod stays: its name, IP and pause too.
               The kubelet starts web again inside the same Pod. That is restart 2.
               Every container of Pod b is ready, so its condition Ready is True.

        "#]],
        ),
        (
            format!("hostNetwork: true, {WEB}"),
            expect![[r#"
            # Something breaks
               Somebody kills pause in Pod b.
               pause of Pod b is gone, and its Linux namespaces with it. The kubelet builds the Pod's sandbox anew.
               web in Pod b has ended with exit code 0. pause is gone. The Pod stays as an object: its name, node and volumes. Its IP is the node's.
               pause starts first in Pod b. It holds the Linux namespaces net, ipc and uts, and sleeps.
               The kubelet starts web again inside the same Pod. That is restart 1.
            # Something breaks
               Somebody kills the first process of web in Pod b.
               web in Pod b has ended with exit code 137. The Pod stays: its name, IP and pause too.
               The kubelet starts web again inside the same Pod. That is restart 2.
               Every container of Pod b is ready, so its condition Ready is True.

        "#]],
        ),
        (
            format!("restartPolicy: Never, {WEB}"),
            expect![[r#"
            # Something breaks
               Somebody kills pause in Pod b.
               pause of Pod b is gone, and its Linux namespaces with it. The kubelet ends what is left of the Pod, and builds no new sandbox.
               Every container of Pod b has ended with exit code 0: its phase is Succeeded.
            # Something breaks
               Somebody kills the first process of web in Pod b.

        "#]],
        ),
    ] {
        let pause = Fault::KillPause(ObjectKey::new(Kind::Pod, "default", "b"));
        let container = Fault::KillContainer(ObjectKey::new(Kind::Pod, "default", "b"), "web".into());
        let acts = vec![(20, Act::Fault(pause)), (40, Act::Fault(container))];
        check(&acted(&pod("b", "b", &spec), acts, 60), expect);
    }
}

#[test]
fn what_is_removed_at_once_says_why() {
    let held =
        pod("held", "held", WEB).replace("{name: held,", "{name: held, finalizers: [example.com/hold],");
    let yaml = [
        pod("once", "once", ONCE),
        pod("nowhere", "nowhere", &format!("nodeSelector: {{disk: none}}, {WEB}")),
        pod("hasty", "hasty", &format!("terminationGracePeriodSeconds: 0, {WEB}")),
        pod("forced", "forced", WEB),
        held,
    ];
    let acts = vec![
        (20, command("kubectl delete pod once")),
        (30, command("kubectl delete pod nowhere")),
        (40, command("kubectl delete pod hasty --wait=false")),
        (50, command("kubectl delete pod forced --force --wait=false")),
        (60, command("kubectl delete pod held --wait=false")),
        (70, Act::File("held.yaml".into(), Some(pod("held", "held", WEB).into()))),
        (70, command("kubectl apply -f held.yaml")),
    ];
    check(
        &acted(&yaml.concat(), acts, 90),
        expect![[r#"
            # once is deleted
               kubectl delete pod once goes to the API server.
            1  Pod once has finished, so there is nothing to wait for: the API server sets its grace period to 0 and removes it at once.
            # nowhere is deleted
               kubectl delete pod nowhere goes to the API server.
            1  Pod nowhere never got a node, so no kubelet has anything to end: the API server sets its grace period to 0 and removes it at once.
            # hasty is deleted
               kubectl delete pod hasty --wait=false goes to the API server.
            1  Pod hasty has terminationGracePeriodSeconds 0: the API server removes it at once, and does not wait for its kubelet.
            2  The kubelet of its node learns that Pod hasty is to end. No Service has it as an endpoint, so steps 3 and 4 fall away for it.
            5A The kubelet has its container runtime send SIGQUIT to PID 1 of web. The API server sends no signal.
            6A web ends at once on SIGQUIT, with exit code 0.
             A No container is left, so pause ends too. The Linux namespaces of Pod hasty go with it.
            # forced is deleted
               kubectl delete pod forced --force --wait=false goes to the API server.
            1  With --force the API server removes Pod forced at once, and does not wait for its kubelet.
            2  The kubelet of its node learns that Pod forced is to end. No Service has it as an endpoint, so steps 3 and 4 fall away for it.
            5A The kubelet has its container runtime send SIGQUIT to PID 1 of web. The API server sends no signal.
            6A web ends at once on SIGQUIT, with exit code 0.
             A No container is left, so pause ends too. The Linux namespaces of Pod forced go with it.
            # held is deleted
               kubectl delete pod held --wait=false goes to the API server.
            1  The API server does not remove Pod held. It writes a deletionTimestamp and a grace period of 30 s into it.
            2  The kubelet of its node learns that Pod held is to end. No Service has it as an endpoint, so steps 3 and 4 fall away for it.
            5A The kubelet has its container runtime send SIGQUIT to PID 1 of web. The API server sends no signal.
            6A web ends at once on SIGQUIT, with exit code 0.
             A No container is left, so pause ends too. The Linux namespaces of Pod held go with it.
            # Apply held.yaml
               kubectl reads held.yaml and sends one object to the API server.
               The last finalizer is taken off Pod held. Nothing else holds it, so it is gone from etcd.

        "#]],
    );
    let job = "
apiVersion: batch/v1
kind: Job
metadata: {name: sum}
spec:
  completions: 2
  parallelism: 2
  template:
    spec: {restartPolicy: Never, containers: [{name: main, image: 'busybox:1.36', command: [sleep, '2']}]}
";
    check(
        &acted(job, vec![(20, command("kubectl delete job sum"))], 60),
        expect![[r#"
        # sum is deleted
           kubectl delete job sum goes to the API server.
           The Job sum is deleted. The garbage collector will delete what it owned.
        1  2 Pods have finished, so there is nothing to wait for: the API server sets their grace period to 0 and removes them at once.

    "#]],
    );
}

#[test]
fn finalizers_hold_what_is_given_no_time() {
    let names = ["once", "nowhere", "forced"];
    let nowhere = format!("nodeSelector: {{disk: none}}, {WEB}");
    let free: String =
        names.iter().zip([ONCE, &*nowhere, WEB]).map(|(name, spec)| pod(name, name, spec)).collect();
    let held = free.replace("labels:", "finalizers: [example.com/hold], labels:");
    let acts = vec![
        (20, command("kubectl delete pod once nowhere --wait=false")),
        (30, command("kubectl delete pod forced --force --wait=false")),
        (60, Act::File("free.yaml".into(), Some(free.into()))),
        (60, command("kubectl apply -f free.yaml")),
    ];
    check(
        &acted(&held, acts, 80),
        expect![[r#"
            # kubectl delete pod once nowhere --wait=false
               kubectl delete pod once nowhere --wait=false goes to the API server.
               The API server keeps 2 objects for now, and only marks them as deleted: their finalizers come first.
            # forced is deleted
               kubectl delete pod forced --force --wait=false goes to the API server.
               The API server keeps the Pod forced for now, and only marks it as deleted: its finalizers come first (example.com/hold).
            2  The kubelet of its node learns that Pod forced is to end. No Service has it as an endpoint, so steps 3 and 4 fall away for it.
            5A The kubelet has its container runtime send SIGQUIT to PID 1 of web. The API server sends no signal.
            6A web ends at once on SIGQUIT, with exit code 0.
             A No container is left, so pause ends too. The Linux namespaces of Pod forced go with it.
            # Apply free.yaml
               kubectl reads free.yaml and sends 3 objects to the API server.
               The last finalizers are taken off 3 Pods. Nothing else holds them, so they are gone from etcd.

        "#]],
    );
}

#[test]
fn a_kubelet_that_hears_nothing_learns_of_no_deletion() {
    let yaml = [SERVICE.to_owned(), pod("bare", "bare", DRAINS), pod("three", "web", DRAINS)].concat();
    for (broken, mended, expect) in [
        (
            Fault::NodeDies(NODE),
            Fault::NodeReturns(NODE),
            expect![[r#"
                # Something breaks
                   node-1 loses its power. Everything on it ends, and nobody is told.
                # kubectl delete pod bare three --wait=false
                   kubectl delete pod bare three --wait=false goes to the API server.
                1  The API server does not remove the 2 Pods. It writes a deletionTimestamp into each.
                2  The EndpointSlice controller learns of it. The kubelet on node-1 learns nothing: the node has no power. 2 Pods stay Terminating until it is back, or somebody uses --force.
                3B The EndpointSlice controller keeps the endpoint of Pod three, and marks it: ready is false, terminating is true.
                4B kube-proxy takes the Pods that are being deleted out of the rules for web. New requests no longer reach them.
                # three is deleted
                   kubectl delete pod three --force --wait=false goes to the API server.
                   Pod three was Terminating already. With --force the API server removes it now, and waits for its kubelet no longer.
                3B The EndpointSlice controller takes the endpoint of Pod three out.
                # Something is mended
                   node-1 boots again. Its kubelet and its kube-proxy begin anew.
                3B The EndpointSlice controller takes the endpoint of Pod one out.
                   pause starts first in Pod one. It holds the Linux namespaces net, ipc and uts, and sleeps.
                   The kubelet starts web again inside the same Pod. That is restart 1.
                   Every container of Pod one is ready, so its condition Ready is True.
                 A The kubelet asks for the last deletion. Pod bare is gone from etcd now, and no controller makes another.
                   The EndpointSlice controller adds Pod one to the endpoints of web.
                   kube-proxy on every node writes rules: requests to web now go to one of 2 Pods.

            "#]],
        ),
        (
            Fault::KubeletStops(NODE),
            Fault::KubeletResumes(NODE),
            expect![[r#"
                # Something breaks
                   The kubelet on node-1 falls silent. Its containers run on.
                # kubectl delete pod bare three --wait=false
                   kubectl delete pod bare three --wait=false goes to the API server.
                1  The API server does not remove the 2 Pods. It writes a deletionTimestamp into each.
                2  The EndpointSlice controller learns of it. The kubelet on node-1 is silent and ends nothing. 2 Pods stay Terminating until it is back, or somebody uses --force.
                3B The EndpointSlice controller keeps the endpoint of Pod three, and marks it: ready is false, terminating is true.
                4B kube-proxy takes the Pods that are being deleted out of the rules for web. New requests no longer reach them.
                # three is deleted
                   kubectl delete pod three --force --wait=false goes to the API server.
                   Pod three was Terminating already. With --force the API server removes it now, and waits for its kubelet no longer.
                3B The EndpointSlice controller takes the endpoint of Pod three out.
                # Something is mended
                   The kubelet on node-1 is back.
                5A The kubelets have their container runtimes send SIGQUIT to PID 1 of 2 containers. The API server sends no signal.
                6A web does not end on SIGQUIT, and goes on until the grace period is over.
                7A The grace period is over. web gets SIGKILL, which no process can ignore.
                6A web has got SIGQUIT and does not end at once: it may finish what it has begun. When it has, 27 s of the grace period are left.
                 A web has ended with exit code 0.
                 A No container is left in 2 Pods, so pause ends there too. Their Linux namespaces go with it.
                 A The kubelet asks for the last deletion. Pod bare is gone from etcd now, and no controller makes another.

            "#]],
        ),
        (
            Fault::Partition(NODE),
            Fault::PartitionEnds(NODE),
            expect![[r#"
                # Something breaks
                   node-1 and the control plane no longer reach each other. Its containers run on.
                # kubectl delete pod bare three --wait=false
                   kubectl delete pod bare three --wait=false goes to the API server.
                1  The API server does not remove the 2 Pods. It writes a deletionTimestamp into each.
                2  The EndpointSlice controller learns of it. Nothing reaches the kubelet on node-1, so the containers run on. 2 Pods stay Terminating until it does, or somebody uses --force.
                3B The EndpointSlice controller keeps the endpoint of Pod three, and marks it: ready is false, terminating is true.
                4B kube-proxy takes the Pods that are being deleted out of the rules for web. New requests no longer reach them.
                # three is deleted
                   kubectl delete pod three --force --wait=false goes to the API server.
                   Pod three was Terminating already. With --force the API server removes it now, and waits for its kubelet no longer.
                3B The EndpointSlice controller takes the endpoint of Pod three out.
                # Something is mended
                   node-1 and the control plane reach each other again.
                5A The kubelets have their container runtimes send SIGQUIT to PID 1 of 2 containers. The API server sends no signal.
                4B kube-proxy takes the Pods that are being deleted out of the rules for web. New requests no longer reach them.
                6A web does not end on SIGQUIT, and goes on until the grace period is over.
                7A The grace period is over. web gets SIGKILL, which no process can ignore.
                6A web has got SIGQUIT and does not end at once: it may finish what it has begun. When it has, 27 s of the grace period are left.
                 A web has ended with exit code 0.
                 A No container is left in 2 Pods, so pause ends there too. Their Linux namespaces go with it.
                 A The kubelet asks for the last deletion. Pod bare is gone from etcd now, and no controller makes another.

            "#]],
        ),
    ] {
        let acts = vec![
            (20, Act::Fault(broken)),
            (25, command("kubectl delete pod bare three --wait=false")),
            (40, command("kubectl delete pod three --force --wait=false")),
            (60, Act::Fault(mended)),
        ];
        check(&acted(&yaml, acts, 100), expect);
    }
}

#[test]
fn a_node_that_is_silent_for_two_reasons_is_heard_again_when_both_are_over() {
    let yaml = pod("bare", "bare", DRAINS);
    let acts = vec![
        (20, Act::Fault(Fault::Partition(NODE))),
        (22, Act::Fault(Fault::KubeletStops(NODE))),
        (24, Act::Fault(Fault::PartitionEnds(NODE))),
        (30, command("kubectl delete pod bare --wait=false")),
        (50, Act::Fault(Fault::KubeletResumes(NODE))),
    ];
    check(
        &acted(&yaml, acts, 60),
        expect![[r#"
            # Something breaks
               node-1 and the control plane no longer reach each other. Its containers run on.
            # Something breaks
               The kubelet on node-1 falls silent. Its containers run on.
            # Something is mended
               node-1 and the control plane reach each other again.
            # bare is deleted
               kubectl delete pod bare --wait=false goes to the API server.
            1  The API server does not remove Pod bare. It writes a deletionTimestamp and a grace period of 30 s into it.
            2  The kubelet on node-1 is silent and ends nothing. Pod bare stays Terminating until it is back, or somebody uses --force.
            # Something is mended
               The kubelet on node-1 is back.
            5A The kubelet has its container runtime send SIGQUIT to PID 1 of web. The API server sends no signal.
            6A web has got SIGQUIT and does not end at once: it may finish what it has begun. When it has, 27 s of the grace period are left.
             A web has ended with exit code 0.
             A No container is left, so pause ends too. The Linux namespaces of Pod bare go with it.
             A The kubelet asks for the last deletion. Pod bare is gone from etcd now, and no controller makes another.

        "#]],
    );
}

#[test]
fn requests_that_fail_in_an_outage_are_told_and_when_they_are_answered_again() {
    let shop = "---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
";
    let balancer = LoadBalancer { interval: 10 * SECOND, threshold: 3, lag: 0 };
    let client = |from, lasts| {
        let service = ObjectKey::new(Kind::Service, "default", "shop");
        let (lasts, timeout) = (lasts * SECOND, SECOND);
        Act::Requests(Client { service, port: 80, from, per_second: 50, lasts, timeout, connections: 0 })
    };
    let yaml = DEPLOYMENT.replace("replicas: 3", "replicas: 4") + shop + &pod("once", "once", ONCE);
    let dies = || (25, Act::Fault(Fault::NodeDies(NODE)));
    let short = vec![(20, client(Sender::LoadBalancer(balancer), 30)), dies()];
    check(
        &acted(&yaml, short, 70),
        expect![[r#"
            # Requests to shop
               A client outside the cluster sends 50 requests a second to shop through a load balancer.
               A request to shop goes to Pod web-74c8c867c7-zmdwv, which answers.
            # Something breaks
               node-1 loses its power. Everything on it ends, and nobody is told.
               A request to shop goes to Pod web-74c8c867c7-zmdwv, which answers.
               A request to shop is sent to node-1. It has no power, so no answer comes.
               926 more requests to shop were sent to a node without power, and got no answer.
               The control plane has heard nothing from the kubelet on node-1 for too long. The condition Ready of the node is Unknown now.
               Nobody knows how the Pods on node-1 are, so the condition Ready of 2 of them is set to False.
               The EndpointSlice controller marks 2 Pods as not ready among the endpoints of shop.
               kube-proxy on node-2 writes rules: requests to shop now go to one of 2 Pods.
            1  Pod once has finished, so there is nothing to wait for: the API server sets its grace period to 0 and removes it at once.
            1  The Pods on node-1 do not tolerate its taint any longer, so 2 of them are deleted.
            2  The EndpointSlice controller learns of it. The kubelet on node-1 learns nothing: the node has no power. 2 Pods stay Terminating until it is back, or somebody uses --force.
            3B The EndpointSlice controller keeps the 2 endpoints, and marks them: ready is false, terminating is true.
               The ReplicaSet web-74c8c867c7 wants 4 Pods and sees 2, so its controller makes 2.
               The scheduler gives each of the 2 Pods a node. It starts nothing itself.
               Each kubelet watches for Pods with its name, and finds 2 of them.
               pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
               2 containers start and join the Linux namespaces that pause holds.
               2 Pods get ready, and the condition Ready becomes True.
               The EndpointSlice controller adds 2 Pods to the endpoints of shop.
               The Deployment web has all it asks for: 4 Pods are ready.
               kube-proxy on node-2 writes rules: requests to shop now go to one of 4 Pods.

        "#]],
    );
    let long = vec![(20, client(Sender::Node(NodeId(1)), 100)), dies()];
    check(
        &acted(&yaml, long, 500),
        expect![[r#"
            # Requests to shop
               A client on node-2 sends 50 requests a second to shop.
               A request to shop goes to Pod web-74c8c867c7-zmdwv, which answers.
            # Something breaks
               node-1 loses its power. Everything on it ends, and nobody is told.
               A request to shop goes to Pod web-74c8c867c7-zmdwv, which answers.
               A request to shop goes to Pod web-74c8c867c7-dzxkw on node-1. It has no power, so no answer comes.
               The control plane has heard nothing from the kubelet on node-1 for too long. The condition Ready of the node is Unknown now.
               Nobody knows how the Pods on node-1 are, so the condition Ready of 2 of them is set to False.
               The EndpointSlice controller marks 2 Pods as not ready among the endpoints of shop.
               kube-proxy on node-2 writes rules: requests to shop now go to one of 2 Pods.
               1203 more requests to shop were sent to a node without power, and got no answer. Now requests are answered again.
            1  Pod once has finished, so there is nothing to wait for: the API server sets its grace period to 0 and removes it at once.
            1  The Pods on node-1 do not tolerate its taint any longer, so 2 of them are deleted.
            2  The EndpointSlice controller learns of it. The kubelet on node-1 learns nothing: the node has no power. 2 Pods stay Terminating until it is back, or somebody uses --force.
            3B The EndpointSlice controller keeps the 2 endpoints, and marks them: ready is false, terminating is true.
               The ReplicaSet web-74c8c867c7 wants 4 Pods and sees 2, so its controller makes 2.
               The scheduler gives each of the 2 Pods a node. It starts nothing itself.
               Each kubelet watches for Pods with its name, and finds 2 of them.
               pause starts first in each Pod. It holds the Linux namespaces net, ipc and uts, and sleeps.
               2 containers start and join the Linux namespaces that pause holds.
               2 Pods get ready, and the condition Ready becomes True.
               The EndpointSlice controller adds 2 Pods to the endpoints of shop.
               The Deployment web has all it asks for: 4 Pods are ready.
               kube-proxy on node-2 writes rules: requests to shop now go to one of 4 Pods.

        "#]],
    );
    // All of them fail: there is no Pod any more, and then there is.
    let none = vec![
        (20, client(Sender::Node(NodeId(1)), 60)),
        (25, command("kubectl scale deployment web --replicas=0")),
        (45, command("kubectl scale deployment web --replicas=1")),
    ];
    check(
        &acted(&yaml, none, 90),
        expect![[r#"
            # Requests to shop
               A client on node-2 sends 50 requests a second to shop.
               A request to shop goes to Pod web-74c8c867c7-zmdwv, which answers.
            # web from 4 to 0
               A request to shop goes to Pod web-74c8c867c7-zmdwv, which answers.
               kubectl scale deployment web --replicas=0 goes to the API server.
               Deployment web is to have 0 replicas instead of 4.
            1  The ReplicaSet web-74c8c867c7 wants no Pod and sees 4, so its controller deletes 4.
            2  The kubelet and the EndpointSlice controller learn of it at the same time. Neither waits for the other.
            3B The EndpointSlice controller keeps the 4 endpoints, and marks them: ready is false, terminating is true.
            5A The kubelets have their container runtimes send SIGQUIT to PID 1 of 4 containers. The API server sends no signal.
            6A 4 containers end at once on SIGQUIT.
             A No container is left in 3 Pods, so pause ends there too. Their Linux namespaces go with it.
             A The kubelet asks for the last deletion, with a grace period of 0. Now Pod web-74c8c867c7-sj857 is gone from etcd.
             A No container is left, so pause ends too. The Linux namespaces of Pod web-74c8c867c7-rnxc6 go with it.
            3B The EndpointSlice controller takes 4 endpoints out.
               The Service shop selects no Pod that is ready, so its requests are refused.
            4B kube-proxy takes the Pods that are being deleted out of the rules for shop. New requests no longer reach them.
             A The kubelets ask for the last deletion. Now 3 Pods are gone from etcd.
               52 requests went to a Pod that was ending, before the rules were changed.
               942 more requests to shop were refused, as none of its Pods was ready.
            # web from 0 to 1
               kubectl scale deployment web --replicas=1 goes to the API server.
               Deployment web is to have one replica instead of 0.
               The ReplicaSet web-74c8c867c7 wants one Pod and sees none, so its controller makes one.
               The scheduler looks at each node and writes node-1 into Pod web-74c8c867c7-bhdtk. It starts nothing itself.
               The kubelet on node-1 watches for Pods with its name, and finds Pod web-74c8c867c7-bhdtk.
               pause starts first in Pod web-74c8c867c7-bhdtk. It holds the Linux namespaces net, ipc and uts, and sleeps.
               The container web starts and joins the Linux namespaces that pause holds.
               Every container of Pod web-74c8c867c7-bhdtk is ready, so its condition Ready is True.
               The EndpointSlice controller adds Pod web-74c8c867c7-bhdtk to the endpoints of shop.
               The Deployment web has all it asks for: one Pod is ready.
               kube-proxy on every node writes rules: requests to shop now go to one Pod.
               A request to shop goes to Pod web-74c8c867c7-bhdtk, which answers.
               44 more requests to shop were refused, as none of its Pods was ready. Now requests are answered again.

        "#]],
    );
    let wrong = yaml.replace("ports: [{port: 80}]", "ports: [{port: 80, targetPort: 81}]");
    check(
        &acted(&wrong, vec![(20, client(Sender::Node(NODE), 5))], 40),
        expect![[r#"
        # Requests to shop
           A client on node-1 sends 50 requests a second to shop.
           A request to shop goes to Pod web-74c8c867c7-zmdwv, where nothing listens on port 81: it is refused.
           249 more requests to shop were refused: nothing listened.

    "#]],
    );
}

#[test]
fn requests_are_not_answered_again_while_some_of_them_fail() {
    let idle = "containers: [{name: main, image: 'busybox:1.36', command: [sleep, '1000']}]";
    let yaml = [SERVICE.to_owned(), pod("idle", "web", idle)].concat();
    let service = ObjectKey::new(Kind::Service, "default", "web");
    let (from, lasts, timeout) = (Sender::Node(NODE), 30 * SECOND, SECOND);
    let client = Client { service, port: 80, from, per_second: 20, lasts, timeout, connections: 0 };
    let acts = vec![(20, Act::Requests(client)), (30, command("kubectl label pod idle a=b"))];
    check(
        &acted(&yaml, acts, 60),
        expect![[r#"
            # Requests to web
               A client on node-1 sends 20 requests a second to web.
               A request to web goes to Pod two, which answers.
               A request to web goes to Pod idle, where nothing listens on port 80: it is refused.
               69 more requests to web were refused: nothing listened.
            # kubectl label pod idle a=b
               A request to web goes to Pod two, which answers.
               kubectl label pod idle a=b goes to the API server.
               The API server takes the change to Pod idle, and etcd stores it.
               142 more requests to web were refused: nothing listened.

        "#]],
    );
}

#[test]
fn what_ends_of_a_pod_that_is_gone_is_not_told_of_the_one_that_has_its_name_now() {
    let set = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: 'nginx:1.25'}]}
";
    // The first Pod runs there.
    let node = NodeId(1);
    let acts = vec![
        (20, Act::Fault(Fault::KubeletStops(node))),
        (90, command("kubectl delete pod db-0 --force --wait=false")),
        (120, Act::Fault(Fault::KubeletResumes(node))),
    ];
    check(
        &acted(set, acts, 150),
        expect![[r#"
            # Something breaks
               The kubelet on node-2 falls silent. Its containers run on.
               The control plane has heard nothing from the kubelet on node-2 for too long. The condition Ready of the node is Unknown now.
               Nobody knows how the Pods on node-2 are, so the condition Ready of one of them is set to False.
            # db-0 is deleted
               kubectl delete pod db-0 --force --wait=false goes to the API server.
            1  With --force the API server removes Pod db-0 at once, and does not wait for its kubelet.
               The StatefulSet db makes its Pods in their order, each with a name that stays. Now it is db-0.
               The scheduler looks at each node and writes node-1 into Pod db-0. It starts nothing itself.
               The kubelet on node-1 watches for Pods with its name, and finds Pod db-0.
               pause starts first in Pod db-0. It holds the Linux namespaces net, ipc and uts, and sleeps.
               node-1 does not have the image nginx:1.25 yet, so its container runtime pulls it.
               The container db starts and joins the Linux namespaces that pause holds.
               Every container of Pod db-0 is ready, so its condition Ready is True.
               The Pod of the StatefulSet db is ready. Its name stays, whatever happens to it.
            # Something is mended
               The kubelet on node-2 is back.
               The kubelet on node-2 reports again: the condition Ready of the node is True.

        "#]],
    );
}
