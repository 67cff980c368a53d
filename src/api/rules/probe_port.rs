//! Probes that ask a port which their container does not list, and a liveness probe that kills what only should wait.

use super::{Check, MAKERS, Rule};
use crate::api::objects::{Container, Probe};
use crate::api::programs::{Known, known};
use crate::api::subject::Findings;
use crate::api::world::{World, Written, place_of};
use crate::manifest::{Arg, Diagnostic, Node, NodeKind, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(MAKERS, check) };

fn check(_: &World, written: &Written, findings: &mut Findings) {
    let Some(spec) = written.pod_spec() else { return };
    // Containers of a Pod share one network: a port that any of them has is there.
    let listed: Vec<i64> = spec
        .containers
        .iter()
        .chain(&spec.init_containers)
        .flat_map(|container| &container.ports)
        .map(|port| i64::from(port.container_port))
        .collect();
    for (at, container) in written.containers() {
        for field in ["startupProbe", "readinessProbe", "livenessProbe"] {
            let Some(probe) = at.node.get(field) else { continue };
            let Some((node, port)) = port(probe) else { continue };
            if container.ports.is_empty() || listed.contains(&port) {
                continue;
            }
            // What a known server listens on is known.
            let is_certain = known(container) == Known::Server && container.volume_mounts.is_empty();
            let severity = if is_certain { Severity::Warning } else { Severity::Hint };
            let diagnostic = Diagnostic::new(msg!("probe-port-unlisted"), severity, node.span)
                .arg("probe", field)
                .arg("port", port)
                .arg("container", &container.name)
                .consequence(msg!("probe-is-refused"));
            written.tell(diagnostic, findings);
        }
        liveness(written, at.node, container, findings);
    }
}

fn port(probe: &Node) -> Option<(&Node, i64)> {
    let handler = ["httpGet", "tcpSocket", "grpc"].into_iter().find_map(|handler| probe.get(handler))?;
    if handler.get("host").is_some() {
        return None;
    }
    let node = handler.get("port")?;
    let NodeKind::Int(port) = node.kind else { return None };
    Some((node, port))
}

/// A probe that asks what another asks, and after as little.
fn liveness(written: &Written, node: &Node, container: &Container, findings: &mut Findings) {
    let (Some(live), Some(ready)) = (&container.liveness_probe, &container.readiness_probe) else { return };
    let patience = patience(live);
    if container.startup_probe.is_some() || !asks_the_same(live, ready) || patience > 60 {
        return;
    }
    let diagnostic =
        Diagnostic::new(msg!("liveness-as-readiness"), Severity::Hint, place_of(node, &["livenessProbe"]))
            .arg("container", &container.name)
            .arg("patience", Arg::Millis(u64::try_from(patience).unwrap_or(0).saturating_mul(1000)))
            .consequence(msg!("slow-program-is-killed"));
    written.tell(diagnostic, findings);
}

fn asks_the_same(a: &Probe, b: &Probe) -> bool {
    (&a.exec, &a.http_get, &a.tcp_socket, &a.grpc) == (&b.exec, &b.http_get, &b.tcp_socket, &b.grpc)
}

/// How long after the start it first may have the container killed, in seconds.
fn patience(probe: &Probe) -> i64 {
    let or = |value: i32, default: i32| i64::from(if value > 0 { value } else { default });
    let rounds = or(probe.failure_threshold, 3) - 1;
    i64::from(probe.initial_delay_seconds) + rounds * or(probe.period_seconds, 10)
}
