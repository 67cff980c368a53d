//! What can be broken at a moment, and what is broken and can be mended. Each is an act with the command that it is: what
//! somebody would type on the machine where it happens.

use super::Session;
use crate::api::objects::Pod;
use crate::api::{ObjectKey, tags};
use crate::cluster::fault::{Fault, RegistryState, Shortage};
use crate::cluster::record::NodeId;
use crate::cluster::runtime::ContainerPhase;
use crate::cluster::time::SimTime;
use crate::manifest::Arg;
use crate::msg;
use crate::timeline::{Act, View};
use crate::value::Str;
use std::collections::BTreeSet;

/// Something to break or to mend.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// The act.
    pub fault: Fault,
    /// The message that names it.
    pub name: &'static str,
    /// What the message is told of.
    pub args: Vec<(&'static str, Arg)>,
    /// The machine that it is done on.
    pub on: Str,
    /// What somebody would type there.
    pub command: String,
    /// Whether it mends what is broken.
    pub mends: bool,
}

impl Deed {
    fn new(fault: Fault, name: &'static str, on: &str, command: impl Into<String>) -> Self {
        Self { fault, name, args: Vec::new(), on: on.into(), command: command.into(), mends: false }
    }
    fn arg(mut self, name: &'static str, value: &Str) -> Self {
        self.args.push((name, Arg::Text(value.clone())));
        self
    }
    fn mending(self) -> Self {
        Self { mends: true, ..self }
    }
}

/// Where the API server runs, and where images come from.
const CONTROL_PLANE: &str = "control-plane";
const REGISTRY: &str = "registry";

/// What the faults up to a moment have left broken.
struct Broken<'a>(Vec<&'a Fault>);

impl<'a> Broken<'a> {
    fn at(session: &'a Session, at: SimTime) -> Self {
        let acts = session.timeline().acts().iter().filter(|acted| acted.at <= at);
        Self(
            acts.filter_map(|acted| match &acted.act {
                Act::Fault(fault) => Some(fault),
                _ => None,
            })
            .collect(),
        )
    }
    /// Whether `breaks` came after `mends`.
    fn is(&self, breaks: &Fault, mends: &Fault) -> bool {
        self.0
            .iter()
            .rev()
            .find(|fault| **fault == breaks || **fault == mends)
            .is_some_and(|fault| *fault == breaks)
    }
    /// One of a pair: what breaks it, or where that is done, what mends it.
    fn pair(&self, breaks: Deed, mends: Deed) -> Deed {
        if self.is(&breaks.fault, &mends.fault) { mends.mending() } else { breaks }
    }
    fn registry(&self) -> RegistryState {
        let state = self.0.iter().rev().find_map(|fault| match fault {
            Fault::Registry(state) => Some(*state),
            _ => None,
        });
        state.unwrap_or(RegistryState::Up)
    }
}

/// What can be done to the processes of a Pod, at a moment.
pub fn of_pod(view: View, pod: &Pod) -> Vec<Deed> {
    let meta = &pod.metadata;
    let key = ObjectKey::new(crate::api::Kind::Pod, meta.namespace.clone(), meta.name.clone());
    let Some((id, sandbox)) = view.sandboxes_of(pod).filter(|(_, sandbox)| sandbox.ready).last() else {
        return Vec::new();
    };
    let node = &pod.spec.node_name;
    let mut deeds: Vec<Deed> = view
        .containers_in(id)
        .filter_map(|(_, row)| match row.state {
            ContainerPhase::Running { pid, .. } => {
                let fault = Fault::KillContainer(key.clone(), row.name.clone());
                let deed = Deed::new(fault, msg!("page.kill-container"), node, format!("kill -9 {pid}"));
                Some(deed.arg("container", &row.name))
            }
            _ => None,
        })
        .collect();
    let pause = format!("kill -9 {}", sandbox.pause_pid);
    deeds.push(Deed::new(Fault::KillPause(key), msg!("page.kill-pause"), node, pause));
    deeds
}

/// What can be done to a node.
pub fn of_node(session: &Session, at: SimTime, node: NodeId) -> Vec<Deed> {
    let broken = Broken::at(session, at);
    let [kubelet, power, others @ ..] = pairs_of_node(node, session.timeline().at(at).node_name(node));
    let is_off = broken.is(&power[0].fault, &power[1].fault);
    let pairs = if is_off { vec![power] } else { [kubelet, power].into_iter().chain(others).collect() };
    pairs.into_iter().map(|[breaks, mends]| broken.pair(breaks, mends)).collect()
}

/// What breaks a node, each with what mends it: its kubelet, its power, and the rest.
fn pairs_of_node(node: NodeId, name: &str) -> [[Deed; 2]; 6] {
    let deed = |fault: Fault, id, command: &str| Deed::new(fault, id, name, command);
    let cut = format!("OUTPUT -d {CONTROL_PLANE} -j DROP");
    let [memory, disk] = [Shortage::Memory, Shortage::Disk]
        .map(|of| (Fault::Shortage(node, of), Fault::ShortageEnds(node, of)));
    [
        [
            deed(Fault::KubeletStops(node), msg!("page.kubelet-stops"), "systemctl stop kubelet"),
            deed(Fault::KubeletResumes(node), msg!("page.kubelet-resumes"), "systemctl start kubelet"),
        ],
        [
            deed(Fault::NodeDies(node), msg!("page.node-dies"), "poweroff -ff"),
            deed(Fault::NodeReturns(node), msg!("page.node-returns"), "power on"),
        ],
        [
            deed(Fault::Partition(node), msg!("page.partition"), &format!("iptables -I {cut}")),
            deed(Fault::PartitionEnds(node), msg!("page.partition-ends"), &format!("iptables -D {cut}")),
        ],
        [
            deed(Fault::ProxySlow(node), msg!("page.proxy-slow"), "cpulimit -l 1 -e kube-proxy"),
            deed(Fault::ProxyMended(node), msg!("page.proxy-mended"), "pkill cpulimit"),
        ],
        [
            deed(memory.0, msg!("page.memory-short"), "stress-ng --vm 1 --vm-bytes 95%"),
            deed(memory.1, msg!("page.memory-enough"), "pkill stress-ng"),
        ],
        [
            deed(disk.0, msg!("page.disk-short"), "fallocate -l 95G /var/full"),
            deed(disk.1, msg!("page.disk-enough"), "rm /var/full"),
        ],
    ]
}

/// What can be done to the control plane and to the registry.
pub fn of_cluster(session: &Session, at: SimTime) -> Vec<Deed> {
    let broken = Broken::at(session, at);
    let [breaks, mends] = api_server();
    let mut deeds = vec![broken.pair(breaks, mends)];
    let was = broken.registry();
    match was {
        RegistryState::Up => {
            deeds.extend([RegistryState::Down, RegistryState::Slow].map(|state| registry(was, state)));
        }
        _ => deeds.push(registry(was, RegistryState::Up)),
    }
    let images: BTreeSet<Str> = session
        .timeline()
        .at(at)
        .all::<Pod>()
        .flat_map(|pod| pod.spec.init_containers.iter().chain(&pod.spec.containers))
        .map(|container| container.image.clone())
        .collect();
    // One that cannot be pulled is what somebody looks for here.
    let (missing, there): (Vec<Str>, Vec<Str>) =
        images.into_iter().partition(|image| tags::is_missing(image));
    deeds.extend(missing.into_iter().chain(there).take(MOST_IMAGES).map(|image| {
        let [gone, back] = of_image(&image);
        let never_there = tags::is_missing(&image) && !broken.0.contains(&&back.fault);
        if never_there {
            Deed { name: msg!("page.image-put"), ..back }.mending()
        } else {
            broken.pair(gone, back)
        }
    }));
    deeds
}

/// What takes the API server away, and what brings it back.
fn api_server() -> [Deed; 2] {
    let manifests = "/etc/kubernetes/manifests";
    [
        Deed::new(
            Fault::ApiServerStops,
            msg!("page.api-server-stops"),
            CONTROL_PLANE,
            format!("mv {manifests}/kube-apiserver.yaml /etc/kubernetes/"),
        ),
        Deed::new(
            Fault::ApiServerStarts,
            msg!("page.api-server-starts"),
            CONTROL_PLANE,
            format!("mv /etc/kubernetes/kube-apiserver.yaml {manifests}/"),
        ),
    ]
}

/// What brings the registry from one state to another.
fn registry(was: RegistryState, becomes: RegistryState) -> Deed {
    let (name, command) = match (was, becomes) {
        (_, RegistryState::Down) => (msg!("page.registry-down"), "systemctl stop registry"),
        (_, RegistryState::Slow) => {
            (msg!("page.registry-slow"), "tc qdisc add dev eth0 root netem rate 1mbit")
        }
        (RegistryState::Slow, RegistryState::Up) => (msg!("page.registry-up"), "tc qdisc del dev eth0 root"),
        (_, RegistryState::Up) => (msg!("page.registry-up"), "systemctl start registry"),
    };
    let deed = Deed::new(Fault::Registry(becomes), name, REGISTRY, command);
    if becomes == RegistryState::Up { deed.mending() } else { deed }
}

/// What takes an image out of the registry, and what puts it there.
fn of_image(image: &Str) -> [Deed; 2] {
    [
        Deed::new(
            Fault::ImageGone(image.clone()),
            msg!("page.image-gone"),
            REGISTRY,
            format!("crane delete {image}"),
        )
        .arg("image", image),
        Deed::new(
            Fault::ImageBack(image.clone()),
            msg!("page.image-back"),
            REGISTRY,
            format!("crane push {image}"),
        )
        .arg("image", image),
    ]
}

/// Where a fault that was done at a moment is done, and what somebody types there; none where what it was done to was not there.
pub fn typed(session: &Session, at: SimTime, fault: &Fault) -> Option<(Str, String)> {
    let before = SimTime(at.0.saturating_sub(1));
    let view = session.timeline().at(before);
    let deeds = match fault {
        Fault::KillContainer(pod, _) | Fault::KillPause(pod) => of_pod(view, view.object(pod)?.get::<Pod>()?),
        Fault::KubeletStops(node)
        | Fault::KubeletResumes(node)
        | Fault::NodeDies(node)
        | Fault::NodeReturns(node)
        | Fault::Partition(node)
        | Fault::PartitionEnds(node)
        | Fault::ProxySlow(node)
        | Fault::ProxyMended(node)
        | Fault::Shortage(node, _)
        | Fault::ShortageEnds(node, _) => {
            pairs_of_node(*node, view.node_name(*node)).into_iter().flatten().collect()
        }
        Fault::ApiServerStops | Fault::ApiServerStarts => api_server().into(),
        Fault::ImageGone(image) | Fault::ImageBack(image) => of_image(image).into(),
        Fault::Registry(state) => vec![registry(Broken::at(session, before).registry(), *state)],
    };
    let deed = deeds.into_iter().find(|deed| deed.fault == *fault)?;
    Some((deed.on, deed.command))
}

/// So many images are offered at most.
const MOST_IMAGES: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Action;

    fn session() -> Session {
        let mut session = Session::default();
        session.apply(Action::LoadExample("deployment"));
        while session.run(session.at(), 10_000).0 {}
        session.show(session.timeline().history().end());
        session
    }

    fn names(deeds: &[Deed]) -> Vec<&'static str> {
        deeds.iter().map(|deed| deed.name).collect()
    }

    #[test]
    fn what_is_broken_can_be_mended_and_nothing_else() {
        let mut session = session();
        let node = NodeId(0);
        assert_eq!(of_node(&session, session.at(), node).iter().filter(|deed| deed.mends).count(), 0);
        for breaks in 0..6 {
            let deed = of_node(&session, session.at(), node).swap_remove(breaks);
            session.apply(Action::Fault(deed.fault.clone()));
            let mends: Vec<Deed> =
                of_node(&session, session.at(), node).into_iter().filter(|deed| deed.mends).collect();
            assert_eq!(mends.len(), 1, "{}: {:?}", deed.name, names(&mends));
            session.apply(Action::Fault(mends[0].fault.clone()));
            assert!(of_node(&session, session.at(), node).iter().all(|deed| !deed.mends));
        }
        // Before it was done, it was not done.
        assert!(of_node(&session, SimTime::ZERO, node).iter().all(|deed| !deed.mends));
    }

    #[test]
    fn an_image_that_is_taken_as_missing_is_offered_first_and_put_there() {
        let mut session = session();
        for line in [
            "kubectl create deployment slip --image=nginx:1.161",
            "kubectl create deployment app --image=a/b",
        ] {
            session.apply(Action::Command(line.into()));
            while session.run(session.at(), 10_000).0 {}
            session.show(session.timeline().history().end());
        }
        let of_images = |session: &Session| -> Vec<(&'static str, bool, String)> {
            let deeds = of_cluster(session, session.at()).into_iter();
            let deeds = deeds.filter(|deed| deed.name.starts_with("page.image"));
            deeds.map(|deed| (deed.name, deed.mends, deed.command)).collect()
        };
        let first = of_images(&session).swap_remove(0);
        assert_eq!(first, ("page.image-put", true, "crane push nginx:1.161".to_owned()));
        session.apply(Action::Fault(Fault::ImageBack("nginx:1.161".into())));
        assert_eq!(
            of_images(&session).swap_remove(0),
            ("page.image-gone", false, "crane delete nginx:1.161".to_owned())
        );
        session.apply(Action::Fault(Fault::ImageGone("nginx:1.161".into())));
        assert_eq!(of_images(&session).swap_remove(0).0, "page.image-back");
    }

    #[test]
    fn processes_that_run_can_be_killed() {
        let session = session();
        let view = session.timeline().at(session.at());
        let pod = view.all::<Pod>().next().expect("a Pod").clone();
        let deeds = of_pod(view, &pod);
        assert_eq!(names(&deeds), ["page.kill-container", "page.kill-pause"]);
        assert!(
            deeds.iter().all(|deed| deed.command.starts_with("kill -9 ") && deed.on == pod.spec.node_name)
        );
        assert!(of_pod(session.timeline().at(SimTime::ZERO), &pod).is_empty());
        assert!(names(&of_cluster(&session, session.at())).contains(&"page.image-gone"));
    }
}
