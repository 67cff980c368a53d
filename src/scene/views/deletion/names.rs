//! What lanes and processes are called, for those who see the stage and for those who do not.

use super::super::Stage;
use super::facts::{ContainerEnd, Facts, Who};
use crate::cluster::record::Actor;
use crate::manifest::Arg;
use crate::msg;
use crate::scene::tokens::Hue;

/// The hue of a lane: its branch of the deletion, where it is in one.
pub(super) fn hue(who: Who) -> Hue {
    match who {
        Who::Requester => Hue::Plain,
        Who::ApiServer | Who::Etcd => Hue::Server,
        Who::Slices | Who::Proxy(_) => Hue::BranchB,
        Who::Kubelet | Who::Container(_) | Who::Pause => Hue::BranchA,
        Who::Requests => Hue::Service,
    }
}

/// The name of the EndpointSlice controller's lane on a phone.
pub(super) const SLICES_SHORT: &str = "EndpointSlice";
/// What else names a lane where there is no room, or no node and no container yet.
pub(super) const PROXY: &str = "kube-proxy";
pub(super) const KUBELET: &str = "kubelet";
pub(super) const FIRST_PROCESS: &str = "PID 1";

/// The name of a lane.
pub(super) fn who(stage: &Stage, facts: &Facts, who: Who) -> String {
    match who {
        Who::Requester => match facts.begun.asked.map(|asked| asked.actor) {
            Some(Actor::Controller(name)) => name.as_str().to_owned(),
            _ => stage.say(msg!("scene.lane-kubectl"), &[]),
        },
        Who::ApiServer => stage.say(msg!("scene.lane-api-server"), &[]),
        Who::Etcd => stage.say(msg!("scene.lane-etcd"), &[]),
        Who::Slices => stage.say(msg!("scene.lane-endpoint-slice"), &[]),
        Who::Proxy(node) => {
            stage.say(msg!("scene.lane-kube-proxy"), &[("node", stage.view.node_name(node).into())])
        }
        Who::Kubelet => {
            let node = facts.node.map_or("", |node| stage.view.node_name(node));
            stage.say(msg!("scene.lane-kubelet"), &[("node", node.into())])
        }
        Who::Container(place) => {
            let name = facts.containers.get(place).map_or("", |container| &*container.name);
            stage.say(msg!("scene.lane-container"), &[("container", name.into())])
        }
        Who::Pause => stage.say(msg!("scene.lane-pause"), &[]),
        Who::Requests => stage.say(msg!("scene.lane-requests"), &[]),
    }
}

/// A container's end in words: its hook, its signals, its exit code.
pub(super) fn container(stage: &Stage, container: &ContainerEnd) -> String {
    let mut parts =
        vec![stage.say(msg!("scene.lane-container"), &[("container", (&*container.name).into())])];
    if container.hook.is_some() {
        parts.push(stage.say(msg!("scene.pre-stop"), &[]));
    }
    parts.extend(container.signals.iter().map(|(_, _, signal)| (*signal).to_owned()));
    if let Some((ended, code)) = container.ended {
        let took = container.asked().map(|(at, _)| at).or(container.killed()).unwrap_or(ended);
        let args = [("code", Arg::Number(code.into())), ("took", Arg::Millis(ended.since(took) / 1_000))];
        parts.push(stage.say(msg!("scene.container-ended"), &args));
    }
    parts.join(", ")
}
