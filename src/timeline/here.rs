//! Where a term is in the run: the objects of a kind by their names, else the view that shows it.

use super::beats::Sentence;
use super::view::View;
use crate::api::Kind;
use crate::manifest::Arg;
use crate::msg;

/// How many names are told.
const NAMES: usize = 3;

/// Where what a term means is at a moment. `term` is its message.
pub fn here(view: View, term: &str) -> Option<Sentence> {
    let name = term.strip_prefix("term.")?;
    if matches!(
        name,
        "event" | "manifest" | "resource-version" | "spec" | "status" | "label" | "owner-reference"
    ) {
        return Some(Sentence::new(msg!("here.inspector"), []));
    }
    if let Some(kind) = kind(name) {
        let names: Vec<&str> = view.objects(kind, None).map(|object| &*object.meta().name).collect();
        let list = names.iter().take(NAMES).copied().collect::<Vec<_>>().join(", ");
        let more = names.len().saturating_sub(NAMES);
        return Some(match (names.len(), more) {
            (0, _) => Sentence::new(msg!("here.none"), []),
            (_, 0) => Sentence::new(msg!("here.all"), [("list", list.into())]),
            _ => Sentence::new(msg!("here.more"), [("list", list.into()), ("count", more.into())]),
        });
    }
    let shown = match name {
        "container" | "pause" | "sandbox" | "linux-namespace" | "net" | "ipc" | "uts" | "pid" | "mnt"
        | "image" | "container-runtime" | "init-container" | "sidecar" => msg!("page.view-pod"),
        "phase"
        | "condition"
        | "status-column"
        | "readiness-probe"
        | "crash-loop-back-off"
        | "exit-code"
        | "pending"
        | "running"
        | "succeeded"
        | "failed"
        | "unknown"
        | "terminating"
        | "container-creating"
        | "err-image-pull"
        | "image-pull-back-off"
        | "oom-killed"
        | "pod-scheduled"
        | "pod-ready-to-start-containers"
        | "initialized"
        | "containers-ready"
        | "ready" => msg!("page.view-life"),
        "signal" | "sigterm" | "sigquit" | "sigkill" | "grace-period" | "pre-stop" | "deletion-timestamp"
        | "finalizer" => {
            msg!("page.view-deletion")
        }
        "control-plane"
        | "api-server"
        | "etcd"
        | "controller"
        | "garbage-collector"
        | "scheduler"
        | "kubelet"
        | "kube-proxy"
        | "iptables"
        | "watch"
        | "registry"
        | "taint"
        | "eviction"
        | "endpoint"
        | "chain-services"
        | "chain-svc"
        | "chain-sep"
        | "node-resources-fit"
        | "taint-toleration"
        | "node-affinity"
        | "node-unschedulable"
        | "node-ports"
        | "inter-pod-affinity"
        | "pod-topology-spread"
        | "volume-binding" => {
            msg!("page.view-cluster")
        }
        "object" | "selector" | "revision" | "rolling-update" | "max-surge" | "max-unavailable"
        | "pod-template-hash" => msg!("page.view-hierarchy"),
        _ => return None,
    };
    Some(Sentence::new(msg!("here.view"), [("view", Arg::Message(shown))]))
}

/// The kind of a term: `replica-set` is ReplicaSet.
fn kind(term: &str) -> Option<Kind> {
    let name: String = term
        .split('-')
        .map(|word| {
            word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect::<String>()
        })
        .collect();
    Kind::named(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::History;
    use crate::words::ids;

    #[test]
    fn every_term_that_is_asked_says_where_it_is() {
        let history = History::new(Vec::new());
        let view = history.at(crate::cluster::time::SimTime::ZERO);
        assert_eq!(kind("replica-set"), Some(Kind::ReplicaSet));
        assert_eq!(here(view, "term.replica-set").map(|said| said.id), Some("here.none"));
        assert_eq!(here(view, "term.etcd").map(|said| said.id), Some("here.view"));
        let silent: Vec<&str> = ids("term.").filter(|id| here(view, id).is_none()).collect();
        assert_eq!(silent, Vec::<&str>::new(), "these are nowhere");
    }
}
