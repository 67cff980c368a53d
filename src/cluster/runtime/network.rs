//! What a process sees of its Pod's network: its interfaces, `/etc/hosts`, `/etc/resolv.conf`
//! (upstream: managedHostsFileContent in pkg/kubelet/kubelet_pods.go, pkg/kubelet/network/dns).

use super::Runtime;
use crate::api::objects::Pod;
use crate::cluster::chance::stable_hash;
use crate::cluster::dns::{CLUSTER_DNS, CLUSTER_DOMAIN, search};
use crate::value::{Str, Value};
use std::fmt::Write;

impl Runtime {
    fn pod_of(&self, pid: u32) -> Option<&Pod> {
        Some(&self.container_of(pid)?.pod)
    }
    /// `/etc/hosts`, as the kubelet writes it; that of the node for a Pod in the node's own network.
    pub(super) fn etc_hosts(&self, pid: u32) -> Option<Str> {
        let pod = self.pod_of(pid)?;
        let mut out = String::new();
        if pod.spec.host_network {
            out.push_str("# Kubernetes-managed hosts file (host network).\n127.0.0.1\tlocalhost\n");
        } else {
            out.push_str("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n");
            out.push_str("::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n");
            out.push_str("fe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n");
            let (address, host) = (self.address_of(pid)?, self.hostname_of(pid));
            let subdomain = &pod.spec.subdomain;
            if subdomain.is_empty() {
                _ = writeln!(out, "{address}\t{host}");
            } else {
                let domain = format!("{subdomain}.{}.svc.{CLUSTER_DOMAIN}", pod.metadata.namespace);
                _ = writeln!(out, "{address}\t{host}.{domain}\t{host}");
            }
        }
        let aliases = pod.spec.extra.as_ref().and_then(|extra| extra.get("hostAliases"));
        let aliases = aliases.and_then(Value::as_array).unwrap_or_default();
        if !aliases.is_empty() {
            out.push_str("\n# Entries added by HostAliases.\n");
        }
        for alias in aliases {
            let names = alias.get("hostnames").and_then(Value::as_array).unwrap_or_default();
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            let address = alias.get("ip").and_then(Value::as_str).unwrap_or_default();
            _ = writeln!(out, "{address}\t{}", names.join("\t"));
        }
        Some(out.into())
    }
    /// `/etc/resolv.conf`: the cluster's names first, where the Pod's DNS policy says so.
    pub(super) fn resolv_conf(&self, pid: u32) -> Option<Str> {
        self.pod_of(pid)?;
        let Some(namespace) = self.asks_cluster_names(pid) else {
            return Some("nameserver 127.0.0.53\n".into());
        };
        let search = search(&namespace).join(" ");
        Some(format!("search {search}\nnameserver {CLUSTER_DNS}\noptions ndots:5\n").into())
    }
    /// The Namespace whose names come first; none where the Pod's DNS policy does not ask the cluster for names.
    pub(super) fn asks_cluster_names(&self, pid: u32) -> Option<Str> {
        let pod = self.pod_of(pid)?;
        let asks = match &*pod.spec.dns_policy {
            "ClusterFirst" => !pod.spec.host_network,
            policy => policy == "ClusterFirstWithHostNet",
        };
        asks.then(|| pod.metadata.namespace.clone())
    }
    /// `ip addr`: the loopback and the Pod's own end of its pair, as busybox prints them.
    pub(super) fn ip_addr(&self, pid: u32) -> Option<String> {
        let pod = self.pod_of(pid)?;
        let process = self.processes.get(&pid)?;
        let forever = "       valid_lft forever preferred_lft forever\n";
        let mut out = format!(
            "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000\n    \
             link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n{forever}    \
             inet6 ::1/128 scope host \n{forever}"
        );
        let hash = stable_hash(0, &(process.row.namespaces.net.0, &self.name));
        let mac: Vec<String> = (1..6).map(|place| format!("{:02x}", (hash >> (8 * place)) & 0xff)).collect();
        // A locally administered address, and what IPv6 makes of it.
        let first = (hash & 0xfc) | 2;
        let own = format!("{first:02x}:{}", mac.join(":"));
        let local = format!("fe80::{:x}{}:{}ff:fe{}:{}{}", first ^ 2, mac[0], mac[1], mac[2], mac[3], mac[4]);
        let (peer, address, queue) = if pod.spec.host_network {
            (6, format!("{}/24 scope global eth0", self.host_address), "qlen 1000")
        } else {
            let address = self.address_of(pid)?;
            let broadcast = address.rsplit_once('.').map_or("", |(net, _)| net);
            (
                process.row.sandbox.number + 5,
                format!("{address}/24 brd {broadcast}.255 scope global eth0"),
                "",
            )
        };
        _ = write!(
            out,
            "2: eth0@if{peer}: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue {queue}\n    \
             link/ether {own} brd ff:ff:ff:ff:ff:ff\n    inet {address}\n{forever}    inet6 {local}/64 scope link \n{forever}"
        );
        Some(out)
    }
}
