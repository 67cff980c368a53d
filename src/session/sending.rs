//! Requests that somebody lets a client send to a Service: from a node, and where the Service has a port on the nodes through a
//! load balancer outside the cluster. Each is an act with the command that it is.

use crate::api::conditions::is_node_ready;
use crate::api::objects::{Service, ServicePort};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::time::{Micros, SECOND};
use crate::cluster::traffic::{Client, LoadBalancer, Sender};
use crate::msg;
use crate::timeline::View;
use crate::value::Str;

/// A client that can be let go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// The act.
    pub client: Client,
    /// The message that names it, which is told of `count` requests a second and of how many `seconds`.
    pub name: &'static str,
    /// The machine that it is on.
    pub on: Str,
    /// What somebody would type there.
    pub command: String,
}

/// As many requests a second, for as many seconds: long enough for a rollout of some Pods.
pub const RATE: u32 = 50;
/// How long it sends, in seconds.
pub const SECONDS: u32 = 30;
/// How long a request waits for its answer.
const TIMEOUT: Micros = 3 * SECOND;
/// A load balancer as clouds have them: it asks every ten seconds and believes two answers.
const LOAD_BALANCER: LoadBalancer = LoadBalancer { interval: 10 * SECOND, threshold: 2, lag: 5 * SECOND };

/// Who can send to a Service, at a moment; nobody where it has no port or no address to send to.
pub fn of_service(view: View, service: &Service) -> Vec<Sending> {
    let address = &*service.spec.cluster_ip;
    let is_sent_to = |port: &&ServicePort| !matches!(&*port.protocol, "UDP" | "SCTP");
    let Some(port) = service.spec.ports.iter().find(is_sent_to) else { return Vec::new() };
    let Ok(number) = u16::try_from(port.port) else { return Vec::new() };
    if matches!(address, "" | "None") {
        return Vec::new();
    }
    let meta = &service.metadata;
    let client = |from| Client {
        service: ObjectKey::new(Kind::Service, meta.namespace.clone(), meta.name.clone()),
        port: number,
        from,
        per_second: RATE,
        lasts: Micros::from(SECONDS) * SECOND,
        timeout: TIMEOUT,
        connections: 0,
    };
    let command = |to: String| {
        format!(
            "echo GET http://{to}/ | vegeta attack -rate={RATE} -duration={SECONDS}s -timeout=3s -keepalive=false"
        )
    };
    // From the first node that answers.
    let is_well = |node: &&Object| matches!(node, Object::Node(node) if is_node_ready(node));
    let node = view.objects(Kind::Node, None).filter(is_well).find_map(|node| view.node(&node.meta().name));
    let mut sendings: Vec<Sending> = node
        .map(|node| Sending {
            client: client(Sender::Node(node)),
            name: msg!("sending.from-node"),
            on: view.node_name(node).into(),
            command: command(format!("{address}:{number}")),
        })
        .into_iter()
        .collect();
    if port.node_port > 0 {
        sendings.push(Sending {
            client: client(Sender::LoadBalancer(LOAD_BALANCER)),
            name: msg!("sending.balanced"),
            on: "client".into(),
            command: command(format!("{}.example", meta.name)),
        });
    }
    sendings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::setup::Setup;
    use crate::cluster::traffic::Outcome;
    use crate::session::{Action, File, Session};

    #[test]
    fn a_service_of_ones_own_is_sent_requests_that_are_all_served() {
        let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 2\n  selector: {matchLabels: {app: web}}\n  \
            template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: c, image: nginx}]}\n---\napiVersion: v1\nkind: \
            Service\nmetadata: {name: web}\nspec: {type: NodePort, selector: {app: web}, ports: [{port: 80}]}\n---\napiVersion: v1\nkind: \
            Service\nmetadata: {name: headless}\nspec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}\n";
        let file = File { name: "web.yaml".into(), text: text.into() };
        let mut session = Session::new(Setup::with_seed(1), "default", vec![file]);
        let run = |session: &mut Session| {
            while session.run(session.at(), 10_000).0 {}
            session.show(session.timeline().history().end());
        };
        session.apply(Action::Apply);
        run(&mut session);
        let of = |session: &Session, name: &str| {
            let view = session.timeline().at(session.at());
            of_service(view, view.get::<Service>("default", name).expect("a Service"))
        };
        assert_eq!(of(&session, "headless"), []);
        let sendings = of(&session, "web");
        let names: Vec<_> = sendings.iter().map(|sending| sending.name).collect();
        assert_eq!(names, ["sending.from-node", "sending.balanced"]);
        for sending in sendings {
            session.apply(Action::Requests(sending.client));
            run(&mut session);
        }
        let view = session.timeline().at(session.at());
        let sent = view.requests_within(view.at().0);
        let ended: Vec<&Outcome> = sent.filter_map(|(_, row)| Some(&row.ended.as_ref()?.1)).collect();
        assert_eq!(ended.len(), 2 * (RATE * SECONDS) as usize);
        assert!(ended.iter().all(|outcome| matches!(outcome, Outcome::Served(200))), "{ended:?}");
    }
}
