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

/// How requests are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// So many a second.
    pub per_second: u32,
    /// For so many seconds.
    pub seconds: u32,
}

impl Pace {
    /// How many a second somebody can choose.
    pub const RATES: [u32; 4] = [1, 10, 50, 100];
    /// For how many seconds.
    pub const LENGTHS: [u32; 4] = [10, 30, 60, 300];
}

/// Long enough for a rollout of some Pods.
impl Default for Pace {
    fn default() -> Self {
        Self { per_second: 50, seconds: 30 }
    }
}

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

/// So many nodes are offered to send from.
const MOST_NODES: usize = 8;
/// How long a request waits for its answer.
const TIMEOUT: Micros = 3 * SECOND;
/// A load balancer as clouds have them: it asks every ten seconds and believes two answers.
const LOAD_BALANCER: LoadBalancer = LoadBalancer { interval: 10 * SECOND, threshold: 2, lag: 5 * SECOND };

/// Who can send to a Service, at a moment: each node that answers, and where the Service has a port on the nodes a load balancer
/// too.
///
/// # Errors
/// Where nobody can: the message that says why, which is told of the `service`.
pub fn of_service(view: View, service: &Service, pace: Pace) -> Result<Vec<Sending>, &'static str> {
    match &*service.spec.cluster_ip {
        "None" => return Err(msg!("sending.headless")),
        "" => return Err(msg!("sending.no-address")),
        _ => {}
    }
    let is_sent_to = |port: &&ServicePort| !matches!(&*port.protocol, "UDP" | "SCTP");
    let port = service.spec.ports.iter().find(is_sent_to).ok_or(msg!("sending.no-port"))?;
    let number = u16::try_from(port.port).map_err(|_| msg!("sending.no-port"))?;
    let Pace { per_second, seconds } = pace;
    let meta = &service.metadata;
    let client = |from| Client {
        service: ObjectKey::new(Kind::Service, meta.namespace.clone(), meta.name.clone()),
        port: number,
        from,
        per_second,
        lasts: Micros::from(seconds) * SECOND,
        timeout: TIMEOUT,
        connections: 0,
    };
    let is_well = |node: &&Object| matches!(node, Object::Node(node) if is_node_ready(node));
    let nodes =
        view.objects(Kind::Node, None).filter(is_well).filter_map(|node| view.node(&node.meta().name));
    let mut sendings: Vec<(Client, &'static str)> =
        nodes.take(MOST_NODES).map(|node| (client(Sender::Node(node)), msg!("sending.from-node"))).collect();
    if port.node_port > 0 {
        sendings.push((client(Sender::LoadBalancer(LOAD_BALANCER)), msg!("sending.balanced")));
    }
    let sending = |(client, name)| {
        let (on, command) = typed(view, &client);
        Sending { client, name, on, command }
    };
    if sendings.is_empty() {
        Err(msg!("sending.no-node"))
    } else {
        Ok(sendings.into_iter().map(sending).collect())
    }
}

/// The machine that a client is on, and what somebody would type there.
pub fn typed(view: View, client: &Client) -> (Str, String) {
    let Client { service, port, per_second, connections, .. } = client;
    let inside = || {
        let found = view.object(service).and_then(|object| object.get::<Service>());
        let address = found.map_or(&*service.name, |service| &*service.spec.cluster_ip);
        format!("{address}:{port}")
    };
    let (on, to) = match &client.from {
        Sender::LoadBalancer(_) => ("client".into(), format!("{}.example", service.name)),
        Sender::Node(node) => (view.node_name(*node).into(), inside()),
        Sender::Pod(pod) => (pod.name.clone(), inside()),
    };
    let [seconds, timeout] = [client.lasts, client.timeout].map(|time| time / SECOND);
    let kept = match connections {
        0 => "-keepalive=false".to_owned(),
        connections => format!("-connections={connections}"),
    };
    (
        on,
        format!(
            "echo GET http://{to}/ | vegeta attack -rate={per_second} -duration={seconds}s -timeout={timeout}s {kept}"
        ),
    )
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
            Service\nmetadata: {name: headless}\nspec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}\n---\napiVersion: v1\nkind: \
            Service\nmetadata: {name: names}\nspec: {selector: {app: web}, ports: [{port: 53, protocol: UDP}]}\n---\napiVersion: v1\nkind: \
            Service\nmetadata: {name: elsewhere}\nspec: {type: ExternalName, externalName: db.example.com}\n";
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
            of_service(view, view.get::<Service>("default", name).expect("a Service"), Pace::default())
        };
        assert_eq!(of(&session, "headless"), Err("sending.headless"));
        assert_eq!(of(&session, "names"), Err("sending.no-port"));
        assert_eq!(of(&session, "elsewhere"), Err("sending.no-address"));
        let sendings = of(&session, "web").expect("it can be sent to");
        let from: Vec<_> = sendings.iter().map(|sending| &*sending.on).collect();
        assert_eq!(from, ["node-1", "node-2", "client"]);
        for sending in &sendings[1..] {
            session.apply(Action::Requests(sending.client.clone()));
            run(&mut session);
        }
        let view = session.timeline().at(session.at());
        let sent = view.requests_within(view.at().0);
        let ended: Vec<&Outcome> = sent.filter_map(|(_, row)| Some(&row.ended.as_ref()?.1)).collect();
        assert_eq!(ended.len(), 2 * 50 * 30);
        assert!(ended.iter().all(|outcome| matches!(outcome, Outcome::Served(200))), "{ended:?}");
    }
}
