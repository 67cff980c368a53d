//! Ports of the node that Pods take (upstream: plugins/nodeports).

use super::super::node_info::NodeInfo;
use super::super::status::{Plugin, Status};
use super::Cycle;

pub(super) fn filter(cycle: &Cycle, node: &NodeInfo) -> Result<(), Status> {
    if cycle.pod.host_ports.iter().any(|port| node.is_taken(port)) {
        let reason = "node(s) didn't have free ports for the requested pod ports";
        return Err(Status::unschedulable(Plugin::NodePorts, reason));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{cache_of, filter_all, node, pod_with};

    #[test]
    fn a_port_of_a_node_is_taken_once() {
        let port = |ports: &str| format!("containers: [{{ports: [{ports}]}}]");
        let there = pod_with(
            "a",
            "{}",
            &format!("nodeName: node-1\n{}", port("{containerPort: 80, hostPort: 8080, protocol: TCP}")),
        );
        let mut cache = cache_of(&[there], &[node("node-1", "{}"), node("node-2", "{}")]);
        let taken = "node(s) didn't have free ports for the requested pod ports";
        for (ports, expected) in [
            ("{containerPort: 81, hostPort: 8080, protocol: TCP}", taken),
            ("{containerPort: 80, hostPort: 8081, protocol: TCP}", "-"),
            ("{containerPort: 80, hostPort: 8080, protocol: UDP}", "-"),
            ("{containerPort: 80, hostPort: 8080, protocol: TCP, hostIP: 127.0.0.1}", taken),
            ("{containerPort: 80, protocol: TCP}", "-"),
        ] {
            assert_eq!(filter_all(&mut cache, &port(ports)), format!("{expected} | -"), "{ports}");
        }
        let sidecar = "initContainers: [{restartPolicy: Always, ports: [{containerPort: 80, hostPort: 8080}]}]\ncontainers: [{}]";
        assert_eq!(filter_all(&mut cache, sidecar), format!("{taken} | -"));
        let init = "initContainers: [{ports: [{containerPort: 80, hostPort: 8080}]}]\ncontainers: [{}]";
        assert_eq!(filter_all(&mut cache, init), "- | -");
    }
}
