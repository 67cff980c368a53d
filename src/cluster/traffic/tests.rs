//! Clients during a rollout, on kept connections, from a Pod, through a load balancer.

use super::{Client, LoadBalancer, Outcome, RequestRow, Sender};
use crate::api::{Kind, ObjectKey};
use crate::cluster::Cluster;
use crate::cluster::event::Caller;
use crate::cluster::fault::Fault;
use crate::cluster::record::{Actor, Fact, NodeId};
use crate::cluster::request::{PatchKind, Request, Verb};
use crate::cluster::setup::{Registry, Setup};
use crate::cluster::testing::create_request;
use crate::cluster::time::{SECOND, SimTime};
use crate::value::json;
use std::rc::Rc;

const WEB: &str = "podium/web:1.0";

fn key(kind: Kind, name: &str) -> ObjectKey {
    ObjectKey::new(kind, "default", name)
}

/// A cluster with a Deployment of web servers behind a Service, both with something more in their specs.
struct Site {
    cluster: Cluster,
    requests: Vec<Rc<RequestRow>>,
}

impl Site {
    fn new(seed: u64, replicas: u32, env: &str, container: &str, service: &str) -> Self {
        let images = vec![WEB.into(), "podium/web:2.0".into()];
        let setup = Setup { registry: Registry::Closed(images.clone()), images, ..Setup::with_seed(seed) };
        let mut site = Self { cluster: Cluster::new(&setup), requests: Vec::new() };
        let deployment = format!(
            r#"{{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {{"name": "web", "namespace": "default"}},
            "spec": {{"replicas": {replicas}, "selector": {{"matchLabels": {{"app": "web"}}}}, "template": {{"metadata": {{"labels": {{"app": "web"}}}},
            "spec": {{"containers": [{{"name": "web", "image": "{WEB}", "env": [{{"name": "REQUEST_MS", "value": "50"}}{env}],
            "readinessProbe": {{"httpGet": {{"path": "/ready", "port": 8080}}, "periodSeconds": 1}}{container}}}]}}}}}}}}"#
        );
        let service = format!(
            r#"{{"apiVersion": "v1", "kind": "Service", "metadata": {{"name": "web", "namespace": "default"}},
            "spec": {{"selector": {{"app": "web"}}, "ports": [{{"port": 80, "targetPort": 8080}}]{service}}}}}"#
        );
        site.send(create_request(key(Kind::Deployment, "web"), &deployment));
        site.send(create_request(key(Kind::Service, "web"), &service));
        site.run_until(5);
        site
    }
    fn send(&mut self, request: Request) {
        let caller = Caller { actor: Actor::Person, task: 0, call: Some(0) };
        self.cluster.send(caller, request, None);
    }
    fn run_until(&mut self, second: u64) {
        let at = SimTime(second * SECOND);
        while self.cluster.next_time().is_some_and(|next| next <= at) {
            self.cluster.step();
        }
        for record in self.cluster.take_records() {
            if let Fact::Request(_, row) = record.fact
                && row.ended.is_some()
            {
                self.requests.push(row);
            }
        }
    }
    fn client(&mut self, from: Sender, seconds: u64, connections: u32) {
        let service = key(Kind::Service, "web");
        let (lasts, timeout) = (seconds * SECOND, 3 * SECOND);
        self.cluster.send_requests(Client {
            service,
            port: 80,
            from,
            per_second: 100,
            lasts,
            timeout,
            connections,
        });
    }
    fn change(&mut self, kind: Kind, name: &str, change: &str) {
        let verb = Verb::Patch(PatchKind::Strategic, json::parse(change).expect("JSON"));
        self.send(Request::new(verb, key(kind, name)));
    }
    /// A rollout to the next image.
    fn roll_out(&mut self) {
        self.change(
            Kind::Deployment,
            "web",
            r#"{"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "podium/web:2.0"}]}}}}"#,
        );
    }
    /// How many requests were refused, timed out and were cut off, and how many there were.
    fn counts(&self) -> [usize; 4] {
        let count = |is: fn(&Outcome) -> bool| {
            self.requests
                .iter()
                .filter(|row| row.ended.as_ref().is_some_and(|(_, outcome)| is(outcome)))
                .count()
        };
        [
            count(|outcome| *outcome == Outcome::Refused),
            count(|outcome| *outcome == Outcome::TimedOut),
            count(|outcome| *outcome == Outcome::CutOff),
            self.requests.len(),
        ]
    }
    /// The Pods that answered, each once.
    fn pods(&self) -> std::collections::BTreeSet<&str> {
        self.requests.iter().filter_map(|row| Some(&*row.endpoint.as_ref()?.pod.name)).collect()
    }
}

/// A rollout under load, as the recordings have it: what fails, of 2,500 requests.
fn rollout(seed: u64, env: &str, container: &str) -> [usize; 4] {
    let mut site = Site::new(seed, 4, env, container, "");
    site.client(Sender::Node(NodeId(0)), 25, 0);
    site.run_until(8);
    site.roll_out();
    site.run_until(40);
    site.counts()
}

#[test]
fn a_rollout_fails_requests_where_servers_end_at_once() {
    let (mut sums, mut within) = ([0; 3], 0);
    for seed in 1..=10 {
        let [refused, timed_out, cut_off, all] = rollout(seed, "", "");
        assert_eq!(all, 2_500, "seed {seed}");
        let failed = refused + timed_out + cut_off;
        assert!((5..=110).contains(&failed), "seed {seed}: {refused} + {timed_out} + {cut_off}");
        within += usize::from((15..=90).contains(&failed));
        for (sum, count) in sums.iter_mut().zip([refused, timed_out, cut_off]) {
            *sum += count;
        }
    }
    assert!(within >= 8, "most seeds are near the recording: {within} of 10");
    let [refused, timed_out, cut_off] = sums;
    // Refused are those that come between a server's end and that of its address, about a fifth of a second for each
    // Pod. Those after it wait in vain until the rules are written, which takes up to a second: how many these are is
    // a matter of when in that second the Pod ends.
    assert!(refused * 2 > timed_out && timed_out > cut_off && cut_off > 0, "{sums:?}");
}

#[test]
fn a_rollout_fails_no_request_where_servers_wait_or_drain() {
    for seed in 1..=2 {
        let waits = r#", "lifecycle": {"preStop": {"sleep": {"seconds": 5}}}"#;
        assert_eq!(rollout(seed, "", waits), [0, 0, 0, 2_500], "seed {seed}");
        let drains = r#", {"name": "GRACEFUL_MS", "value": "3000"}"#;
        assert_eq!(rollout(seed, drains, ""), [0, 0, 0, 2_500], "seed {seed}");
    }
}

#[test]
fn a_kept_connection_stays_where_it_leads() {
    let mut site = Site::new(1, 3, "", "", "");
    site.client(Sender::Node(NodeId(0)), 3, 1);
    site.run_until(9);
    assert_eq!((site.counts(), site.pods().len()), ([0, 0, 0, 300], 1));
    site.client(Sender::Node(NodeId(0)), 3, 0);
    site.run_until(13);
    assert_eq!(site.pods().len(), 3);
}

#[test]
fn session_affinity_keeps_a_client_on_its_endpoint() {
    let mut site = Site::new(1, 3, "", "", r#", "sessionAffinity": "ClientIP""#);
    site.client(Sender::Node(NodeId(1)), 3, 0);
    site.run_until(9);
    assert_eq!((site.counts(), site.pods().len()), ([0, 0, 0, 300], 1));
}

#[test]
fn a_client_in_a_pod_goes_by_the_rules_of_its_node() {
    let mut site = Site::new(1, 1, "", "", "");
    let pod = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one", "namespace": "default"}, "spec": {"nodeName": "node-2", "containers": [{"name": "c", "image": "podium/web:1.0"}]}}"#;
    site.send(create_request(key(Kind::Pod, "one"), pod));
    site.run_until(8);
    site.client(Sender::Pod(key(Kind::Pod, "one")), 2, 0);
    site.run_until(12);
    assert_eq!(site.counts(), [0, 0, 0, 200]);
    assert!(site.requests.iter().all(|row| row.from == NodeId(1)));
}

#[test]
fn a_load_balancer_sends_to_a_node_without_endpoints_until_it_has_noticed() {
    let service = r#", "type": "NodePort", "externalTrafficPolicy": "Local""#;
    let mut site = Site::new(1, 1, "", "", service);
    let balancer = LoadBalancer { interval: 2 * SECOND, threshold: 2, lag: SECOND };
    site.client(Sender::LoadBalancer(balancer), 20, 0);
    site.run_until(7);
    let [refused, timed_out, cut_off, all] = site.counts();
    assert!(refused + timed_out + cut_off == 0 && all > 100, "only the node with the Pod is asked");
    // The only Pod goes: its node drops or rejects what still comes, until another Pod is ready.
    site.change(Kind::Deployment, "web", r#"{"spec": {"replicas": 0}}"#);
    site.run_until(16);
    let [refused, timed_out, _, _] = site.counts();
    assert!(refused > 100 && timed_out < refused, "{refused} refused, {timed_out} timed out");
}

#[test]
fn a_kept_connection_is_lost_with_the_node_that_it_goes_through() {
    let mut site = Site::new(1, 1, "", "", r#", "type": "NodePort""#);
    let balancer = LoadBalancer { interval: SECOND, threshold: 2, lag: 0 };
    site.client(Sender::LoadBalancer(balancer), 20, 6);
    site.run_until(7);
    assert_eq!(site.counts()[..3], [0, 0, 0]);
    let pod = site.requests[0].endpoint.as_ref().expect("an endpoint").pod.clone();
    let serves = |id: NodeId| site.cluster.nodes[usize::from(id.0)].runtime.address_of_pod(&pod).is_some();
    let through = site.requests.iter().map(|row| row.from).find(|node| !serves(*node));
    let through = through.expect("a connection through a node without the Pod");
    site.cluster.fault(&Fault::NodeDies(through));
    site.run_until(30);
    let lost = |row: &&Rc<RequestRow>| matches!(row.ended, Some((_, Outcome::TimedOut)));
    assert!(site.requests.iter().filter(lost).all(|row| row.from == through && row.endpoint.is_some()));
    let since = site.requests.iter().filter(|row| row.from == through).map(|row| row.sent);
    let (last, failed) = (since.max().expect("some"), site.requests.iter().filter(lost).count());
    assert!(failed > 0 && last < SimTime(11 * SECOND), "{failed} fail, the last at {last:?}");
}

#[test]
fn a_client_that_has_ended_is_forgotten() {
    let mut site = Site::new(
        1,
        2,
        "",
        "",
        r#", "sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 2}}"#,
    );
    let traffic = |site: &Site| {
        let traffic = &site.cluster.traffic;
        [traffic.clients.len(), traffic.open.len(), traffic.kept.len(), traffic.affine.len()]
    };
    site.client(Sender::Node(NodeId(0)), 2, 3);
    site.run_until(6);
    assert_eq!(traffic(&site)[2..], [3, 1]);
    site.run_until(10);
    // Another client from the node would still go to the same endpoint.
    assert_eq!(traffic(&site)[..3], [0, 0, 0]);
    site.client(Sender::Node(NodeId(1)), 3, 0);
    site.run_until(15);
    assert_eq!(traffic(&site), [0, 0, 0, 1]);
}

#[test]
fn nothing_goes_through_a_node_without_power_and_a_load_balancer_takes_it_out() {
    let mut site = Site::new(3, 4, "", "", r#", "type": "LoadBalancer""#);
    let balancer = LoadBalancer { interval: SECOND, threshold: 2, lag: 0 };
    site.client(Sender::LoadBalancer(balancer), 20, 0);
    site.client(Sender::Node(NodeId(0)), 20, 0);
    site.run_until(10);
    site.cluster.fault(&Fault::NodeDies(NodeId(0)));
    site.run_until(40);
    let through = site.requests.iter().filter(|row| row.from == NodeId(0) && row.sent > SimTime(10 * SECOND));
    let through: Vec<_> = through.collect();
    assert!(!through.is_empty() && through.iter().all(|row| row.client == 0 && row.endpoint.is_none()));
    assert!(through.iter().all(|row| matches!(row.ended, Some((_, Outcome::TimedOut)))), "{through:?}");
    assert!(through.iter().all(|row| row.sent < SimTime(13 * SECOND)), "{through:?}");
}
