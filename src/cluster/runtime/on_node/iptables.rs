//! `iptables-save`: what kube-proxy has written on the node (upstream: pkg/proxy/iptables/proxier.go).

use super::{Printed, Runtime};
use crate::cluster::proxy::{KubeProxy, PortRules, RuleEndpoints, ServiceRules};
use crate::cluster::sha256::digest;
use crate::cluster::time::SECOND;
use std::fmt::Write;

/// Chains that kube-proxy has in each table, and where they are come to from.
const FILTER_JUMPS: &[&str] = &[
    "-A INPUT -m conntrack --ctstate NEW -m comment --comment \"kubernetes load balancer firewall\" -j KUBE-PROXY-FIREWALL",
    "-A INPUT -m comment --comment \"kubernetes health check service ports\" -j KUBE-NODEPORTS",
    "-A INPUT -m conntrack --ctstate NEW -m comment --comment \"kubernetes externally-visible service portals\" -j KUBE-EXTERNAL-SERVICES",
    "-A INPUT -j KUBE-FIREWALL",
    "-A FORWARD -m conntrack --ctstate NEW -m comment --comment \"kubernetes load balancer firewall\" -j KUBE-PROXY-FIREWALL",
    "-A FORWARD -m comment --comment \"kubernetes forwarding rules\" -j KUBE-FORWARD",
    "-A FORWARD -m conntrack --ctstate NEW -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES",
    "-A FORWARD -m conntrack --ctstate NEW -m comment --comment \"kubernetes externally-visible service portals\" -j KUBE-EXTERNAL-SERVICES",
    "-A OUTPUT -m conntrack --ctstate NEW -m comment --comment \"kubernetes load balancer firewall\" -j KUBE-PROXY-FIREWALL",
    "-A OUTPUT -m conntrack --ctstate NEW -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES",
    "-A OUTPUT -j KUBE-FIREWALL",
    "-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment \"block incoming localnet connections\" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP",
    "-A KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name ct_state_invalid_dropped_pkts -j DROP",
    "-A KUBE-FORWARD -m comment --comment \"kubernetes forwarding rules\" -m mark --mark 0x4000/0x4000 -j ACCEPT",
    "-A KUBE-FORWARD -m comment --comment \"kubernetes forwarding conntrack rule\" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
];
const NAT_JUMPS: &[&str] = &[
    "-A PREROUTING -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES",
    "-A OUTPUT -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES",
    "-A POSTROUTING -m comment --comment \"kubernetes postrouting rules\" -j KUBE-POSTROUTING",
    "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000",
    "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
    "-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0",
    "-A KUBE-POSTROUTING -m comment --comment \"kubernetes service traffic requiring SNAT\" -j MASQUERADE --random-fully",
];
const NAT_CHAINS: &[&str] = &[
    "KUBE-KUBELET-CANARY",
    "KUBE-MARK-MASQ",
    "KUBE-NODEPORTS",
    "KUBE-POSTROUTING",
    "KUBE-PROXY-CANARY",
    "KUBE-SERVICES",
];
const FILTER_CHAINS: &[&str] = &[
    "KUBE-EXTERNAL-SERVICES",
    "KUBE-FIREWALL",
    "KUBE-FORWARD",
    "KUBE-KUBELET-CANARY",
    "KUBE-NODEPORTS",
    "KUBE-PROXY-CANARY",
    "KUBE-PROXY-FIREWALL",
    "KUBE-SERVICES",
];

/// The rules of both tables.
#[derive(Debug, Default)]
struct Rules {
    /// Chains of Services and endpoints.
    chains: Vec<String>,
    nat: Vec<String>,
    filter: Vec<String>,
}

impl Runtime {
    pub(super) fn iptables_save(&self, proxy: &KubeProxy, arguments: &[&str]) -> Printed {
        let only = match arguments {
            [] => None,
            ["-t", table @ ("nat" | "filter")] => Some(*table),
            ["-t", other] => {
                let why = format!("iptables-save: can't initialize iptables table `{other}'\n");
                return Printed::failed(why, 1);
            }
            _ => return Printed::failed("iptables-save: only -t nat and -t filter are known here\n", 1),
        };
        let mut rules = Rules::default();
        for (service, of_service) in proxy.all_rules() {
            for port in &of_service.ports {
                let colon = if port.name.is_empty() { "" } else { ":" };
                let name = format!("{}/{}{colon}{}", service.namespace, service.name, port.name);
                rules.add(&name, of_service, port, &self.addresses.whole());
            }
        }
        let last = "-A KUBE-SERVICES -m comment --comment \"kubernetes service nodeports; NOTE: this must be the last \
                    rule in this chain\" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS";
        rules.nat.push(last.to_owned());
        rules.nat.sort_by_key(|rule| rule.split(' ').nth(1).map(str::to_owned));
        rules.chains.sort();
        let mut out = String::new();
        let mut table = |name: &str, own: &[&str], chains: &[&str], jumps: &[&str], rules: &Rules| {
            if only.is_some_and(|only| only != name) {
                return;
            }
            _ = writeln!(out, "*{name}");
            own.iter().for_each(|chain| _ = writeln!(out, ":{chain} ACCEPT [0:0]"));
            let (more, behind): (&[String], _) =
                if name == "nat" { (&rules.chains, &rules.nat) } else { (&[], &rules.filter) };
            let mut all: Vec<&str> =
                chains.iter().copied().chain(more.iter().map(|chain| &**chain)).collect();
            all.sort_unstable();
            all.iter().for_each(|chain| _ = writeln!(out, ":{chain} - [0:0]"));
            jumps.iter().for_each(|rule| _ = writeln!(out, "{rule}"));
            behind.iter().for_each(|rule| _ = writeln!(out, "{rule}"));
            out.push_str("COMMIT\n");
        };
        table("filter", &["INPUT", "FORWARD", "OUTPUT"], FILTER_CHAINS, FILTER_JUMPS, &rules);
        table("nat", &["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"], NAT_CHAINS, NAT_JUMPS, &rules);
        Printed::out(out)
    }
}

impl Rules {
    fn add(&mut self, name: &str, service: &ServiceRules, port: &PortRules, pods: &str) {
        let (ip, number) = (&service.cluster_ip, port.port);
        let to = |what: &str| {
            format!("-d {ip}/32 -p tcp -m comment --comment \"{name} {what}\" -m tcp --dport {number}")
        };
        if port.endpoints.is_empty() {
            let (why, end) = if port.has_others {
                ("has no local endpoints", "DROP")
            } else {
                ("has no endpoints", "REJECT --reject-with icmp-port-unreachable")
            };
            self.filter.push(format!("-A KUBE-SERVICES {} -j {end}", to(why)));
            if port.node_port != 0 {
                self.filter.push(format!(
                    "-A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment \"{name} {why}\" -m addrtype --dst-type LOCAL \
                     -m tcp --dport {} -j {end}",
                    port.node_port
                ));
            }
            return;
        }
        let hash = short_name(&format!("{name}tcp"));
        let chain = format!("KUBE-SVC-{hash}");
        self.nat.push(format!("-A KUBE-SERVICES {} -j {chain}", to("cluster IP")));
        self.nat.push(format!("-A {chain} ! -s {pods} {} -j KUBE-MARK-MASQ", to("cluster IP")));
        self.endpoints(name, &chain, service, &port.endpoints);
        self.chains.push(chain.clone());
        if port.node_port != 0 {
            let external = format!("KUBE-EXT-{hash}");
            self.nat.push(format!(
                "-A KUBE-NODEPORTS -p tcp -m comment --comment \"{name}\" -m tcp --dport {} -j {external}",
                port.node_port
            ));
            if port.external == port.endpoints {
                let comment = format!("masquerade traffic for {name} external destinations");
                self.nat.push(format!("-A {external} -m comment --comment \"{comment}\" -j KUBE-MARK-MASQ"));
                self.nat.push(format!("-A {external} -j {chain}"));
            } else {
                let local = format!("KUBE-SVL-{hash}");
                self.nat.push(format!(
                    "-A {external} -s {pods} -m comment --comment \"pod traffic for {name} external destinations\" -j {chain}"
                ));
                self.nat.push(format!("-A {external} -j {local}"));
                if port.external.is_empty() {
                    let comment = format!("{name} has no local endpoints");
                    self.nat.push(format!("-A {local} -m comment --comment \"{comment}\" -j KUBE-MARK-DROP"));
                }
                self.endpoints(name, &local, service, &port.external);
                self.chains.push(local);
            }
            self.chains.push(external);
        }
    }
    /// Each endpoint with an equal chance, and where it leads.
    fn endpoints(&mut self, name: &str, chain: &str, service: &ServiceRules, endpoints: &RuleEndpoints) {
        let targets: Vec<(String, String)> = endpoints
            .iter()
            .map(|to| {
                let target = format!("{}:{}", to.ip, to.port);
                (format!("KUBE-SEP-{}", short_name(&format!("{name}tcp{target}"))), target)
            })
            .collect();
        if let Some(affinity) = service.affinity {
            for (own, target) in &targets {
                let seconds = affinity / SECOND;
                self.nat.push(format!(
                    "-A {chain} -m comment --comment \"{name} -> {target}\" -m recent --rcheck --seconds {seconds} --reap \
                     --name {own} --mask 255.255.255.255 --rsource -j {own}"
                ));
            }
        }
        for (place, (own, target)) in targets.iter().enumerate() {
            let left = (targets.len() - place) as u64;
            // The kernel keeps a probability in 31 bits.
            let chance = ((1_u64 << 31) + left / 2) / left;
            let billionths = (u128::from(chance) * 100_000_000_000 + (1 << 30)) >> 31;
            let statistic = if left == 1 {
                String::new()
            } else {
                format!(" -m statistic --mode random --probability 0.{billionths:011}")
            };
            self.nat
                .push(format!("-A {chain} -m comment --comment \"{name} -> {target}\"{statistic} -j {own}"));
            if self.chains.contains(own) {
                continue;
            }
            let ip = target.split(':').next().unwrap_or_default();
            self.nat.push(format!("-A {own} -s {ip}/32 -m comment --comment \"{name}\" -j KUBE-MARK-MASQ"));
            let recent = match service.affinity {
                Some(_) => format!(" -m recent --set --name {own} --mask 255.255.255.255 --rsource"),
                None => String::new(),
            };
            self.nat.push(format!(
                "-A {own} -p tcp -m comment --comment \"{name}\"{recent} -m tcp -j DNAT --to-destination {target}"
            ));
            self.chains.push(own.clone());
        }
    }
}

/// The first sixteen letters of a text's digest in base 32 (upstream: `portProtoHash` in pkg/proxy/iptables).
fn short_name(text: &str) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digest = digest(text.as_bytes());
    let bits = digest[..10].iter().fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
    (0..16).rev().map(|place| char::from(LETTERS[((bits >> (5 * place)) & 31) as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_are_called_as_the_recorded_ones() {
        let service = "23-service-and-iptables/webtcp";
        assert_eq!(short_name(service), "SVETUDKIEATXAGIK");
        assert_eq!(short_name(&format!("{service}10.244.1.139:80")), "MGGXMJEHVAYPHRMG");
    }
}
