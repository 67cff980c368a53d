//! `node NODE -- COMMAND`: what somebody sees who is logged in on a node.

use super::Terminal;
use expect_test::expect;

const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: two}
spec:
  nodeName: node-1
  hostNetwork: true
  shareProcessNamespace: true
  containers:
  - {name: one, image: 'busybox:1.36', command: [sleep, '100']}
  - {name: two, image: 'busybox:1.36', command: [sleep, '200']}
";

#[test]
fn a_node_shows_what_its_namespaces_and_its_runtime_hold() {
    Terminal::new(&[("pod.yaml", POD)]).check(
        &[
            "kubectl apply -f pod.yaml; sleep 5",
            "node node-1 -- lsns -t pid",
            "node node-1 -- lsns -t net | awk '{print $2, $3}'",
            "node node-1 -- ps -ef | grep -c sleep",
            "node node-1 -- crictl ps | awk '{print $2, $6, $7, $8}'",
            "node node-1 -- crictl inspectp $(node node-1 -- crictl pods | awk 'NR==2{print $1}') | grep -A4 options",
            "node node-1 -- lsns -t x",
            "node node-2 -- lsns -t ipc | wc -l",
            "node node-9 -- ps",
            "node node-1",
        ],
        expect![[r#"
            $ kubectl apply -f pod.yaml; sleep 5
            pod/two created
            $ node node-1 -- lsns -t pid
                    NS TYPE   NPROCS   PID USER  COMMAND
            4026531836 pid         5     1 root  /sbin/init
            4026532302 pid         3  1855 65535 /pause
            $ node node-1 -- lsns -t net | awk '{print $2, $3}'
            TYPE NPROCS
            net 8
            $ node node-1 -- ps -ef | grep -c sleep
            2
            $ node node-1 -- crictl ps | awk '{print $2, $6, $7, $8}'
            IMAGE ATTEMPT POD ID
            busybox:1.36 Running two 0
            busybox:1.36 Running one 0
            $ node node-1 -- crictl inspectp $(node node-1 -- crictl pods | awk 'NR==2{print $1}') | grep -A4 options
                    "options": {
                      "ipc": "POD",
                      "network": "NODE",
                      "pid": "POD"
                    }
            $ node node-1 -- lsns -t x
            ! lsns: unknown namespace type: x
            = 1
            $ node node-2 -- lsns -t ipc | wc -l
            2
            $ node node-9 -- ps
            ! podium: there is no node node-9
            = 255
            $ node node-1
            ! Usage: node NODE -- COMMAND
            = 1
        "#]],
    );
}

#[test]
fn a_node_shows_the_rules_of_a_service() {
    let mut terminal = Terminal::new(&[]);
    terminal.run("kubectl create service clusterip none --tcp=80; kubectl create deploy web --image=nginx --replicas=2");
    terminal.run("kubectl expose deploy web --port=80; kubectl rollout status deploy/web; sleep 5");
    terminal.check(
        &[
            "node node-1 -- iptables-save -t nat | grep -c 'A KUBE-SVC.*shop/web -> '",
            "node node-1 -- iptables-save -t nat | grep -c 'probability 0.50000000000 -j KUBE-SEP'",
            "node node-1 -- iptables-save -t nat | grep -c 'j DNAT --to-destination 10.244.*:80'",
            "node node-1 -- iptables-save -t filter | grep -c 'shop/none:80 has no endpoints.*REJECT'",
            "node node-1 -- iptables-save -t raw",
        ],
        expect![[r#"
            $ node node-1 -- iptables-save -t nat | grep -c 'A KUBE-SVC.*shop/web -> '
            2
            $ node node-1 -- iptables-save -t nat | grep -c 'probability 0.50000000000 -j KUBE-SEP'
            1
            $ node node-1 -- iptables-save -t nat | grep -c 'j DNAT --to-destination 10.244.*:80'
            2
            $ node node-1 -- iptables-save -t filter | grep -c 'shop/none:80 has no endpoints.*REJECT'
            1
            $ node node-1 -- iptables-save -t raw
            ! iptables-save: can't initialize iptables table `raw'
            = 1
        "#]],
    );
}
