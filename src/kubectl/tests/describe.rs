//! `kubectl describe` of kinds that are told in words of their own.

use super::Terminal;
use expect_test::expect;

const POLICY: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: few}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - podSelector: {matchLabels: {app: api}}
    - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}
    ports: [{port: 80}, {port: 8000, endPort: 8010, protocol: UDP}]
  - {}
";

#[test]
fn access_is_told() {
    Terminal::new(&[]).check(
        &[
            "kubectl create role r --verb=get,list --resource=pods,deployments.apps/scale --resource-name=x",
            "kubectl describe role r",
            "kubectl create clusterrole c --verb=get --non-resource-url=/healthz,/logs",
            "kubectl describe clusterrole c",
            "kubectl create rolebinding rb --role=r --user=me --serviceaccount=shop:default",
            "kubectl describe rolebinding rb",
            "kubectl describe sa default",
            "kubectl create priorityclass p --value=3",
            "kubectl describe pc p",
        ],
        expect![[r#"
            $ kubectl create role r --verb=get,list --resource=pods,deployments.apps/scale --resource-name=x
            role.rbac.authorization.k8s.io/r created
            $ kubectl describe role r
            Name:         r
            Labels:       <none>
            Annotations:  <none>
            PolicyRule:
              Resources               Non-Resource URLs  Resource Names  Verbs
              ---------               -----------------  --------------  -----
              pods                    []                 [x]             [get list]
              deployments.apps/scale  []                 [x]             [get list]
            $ kubectl create clusterrole c --verb=get --non-resource-url=/healthz,/logs
            clusterrole.rbac.authorization.k8s.io/c created
            $ kubectl describe clusterrole c
            Name:         c
            Labels:       <none>
            Annotations:  <none>
            PolicyRule:
              Resources  Non-Resource URLs  Resource Names  Verbs
              ---------  -----------------  --------------  -----
                         [/healthz]         []              [get]
                         [/logs]            []              [get]
            $ kubectl create rolebinding rb --role=r --user=me --serviceaccount=shop:default
            rolebinding.rbac.authorization.k8s.io/rb created
            $ kubectl describe rolebinding rb
            Name:         rb
            Labels:       <none>
            Annotations:  <none>
            Role:
              Kind:  Role
              Name:  r
            Subjects:
              Kind            Name     Namespace
              ----            ----     ---------
              User            me       
              ServiceAccount  default  shop
            $ kubectl describe sa default
            Name:                default
            Namespace:           shop
            Labels:              <none>
            Annotations:         <none>
            Image pull secrets:  <none>
            Events:              <none>
            $ kubectl create priorityclass p --value=3
            priorityclass.scheduling.k8s.io/p created
            $ kubectl describe pc p
            Name:              p
            Value:             3
            GlobalDefault:     false
            PreemptionPolicy:  PreemptLowerPriority
            Description:       
            Annotations:       <none>
            Events:            <none>
        "#]],
    );
}

#[test]
fn networks_are_told() {
    Terminal::new(&[("policy.yaml", POLICY)]).check(
        &[
            "kubectl create ingress i --rule=foo.com/bar=web:80,tls=my --default-backend=none:http",
            "kubectl create deploy web --image=nginx --port=80; kubectl expose deploy web; sleep 5",
            "kubectl describe ingress i",
            "kubectl describe ep web | grep -v last-change",
            "kubectl apply -f policy.yaml",
            "kubectl describe netpol few | grep -v Created",
        ],
        expect![[r#"
            $ kubectl create ingress i --rule=foo.com/bar=web:80,tls=my --default-backend=none:http
            ingress.networking.k8s.io/i created
            $ kubectl create deploy web --image=nginx --port=80; kubectl expose deploy web; sleep 5
            deployment.apps/web created
            service/web exposed
            $ kubectl describe ingress i
            Name:             i
            Labels:           <none>
            Namespace:        shop
            Address:          
            Ingress Class:    <none>
            Default backend:  none:http (<error: services "none" not found>)
            TLS:
              my terminates foo.com
            Rules:
              Host        Path  Backends
              ----        ----  --------
              foo.com     
                          /bar   web:80 (10.244.1.2:80)
            Annotations:  <none>
            Events:       <none>
            $ kubectl describe ep web | grep -v last-change
            ! Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice
            Name:         web
            Namespace:    shop
            Labels:       app=web
                          endpoints.kubernetes.io/managed-by=endpoint-controller
            Subsets:
              Addresses:          10.244.1.2
              NotReadyAddresses:  <none>
              Ports:
                Name     Port  Protocol
                ----     ----  --------
                <unset>  80    TCP

            Events:  <none>
            $ kubectl apply -f policy.yaml
            networkpolicy.networking.k8s.io/few created
            $ kubectl describe netpol few | grep -v Created
            Name:         few
            Namespace:    shop
            Labels:       <none>
            Annotations:  <none>
            Spec:
              PodSelector:     app=web
              Allowing ingress traffic:
                To Port: 80/TCP
                To Port Range: 8000-8010/UDP
                From:
                  PodSelector: app=api
                From:
                  IPBlock:
                    CIDR: 10.0.0.0/8
                    Except: 10.1.0.0/16
                ----------
                To Port: <any> (traffic allowed to all ports)
                From: <any> (traffic not restricted by source)
              Allowing egress traffic:
                <none> (Selected pods are isolated for egress connectivity)
              Policy Types: Ingress, Egress
        "#]],
    );
}

const PODS: &str = "
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  nodeName: node-1
  containers: [{name: web, image: nginx, resources: {requests: {cpu: 100m, memory: 64Mi}}}]
  initContainers:
  - {name: first, image: busybox, command: ['true'], resources: {requests: {cpu: 300m}}}
  - {name: beside, image: nginx, restartPolicy: Always, resources: {requests: {memory: 64Mi}}}
";

#[test]
fn a_node_tells_its_lease_and_what_its_pods_ask_for() {
    Terminal::new(&[("pods.yaml", PODS)]).check(
        &[
            "kubectl apply -f pods.yaml; sleep 5",
            "kubectl describe node node-1 | grep -A3 Lease",
            "kubectl describe node node-1 | sed -n '/Non-term/,$p'",
        ],
        expect![[r#"
            $ kubectl apply -f pods.yaml; sleep 5
            pod/a created
            $ kubectl describe node node-1 | grep -A3 Lease
            Lease:
              HolderIdentity:  node-1
              AcquireTime:     <unset>
              RenewTime:       Tue, 24 Nov 2026 12:00:00 +0000
            $ kubectl describe node node-1 | sed -n '/Non-term/,$p'
            Non-terminated Pods:          (1 in total)
              Namespace                   Name    CPU Requests  CPU Limits  Memory Requests  Memory Limits  Age
              ---------                   ----    ------------  ----------  ---------------  -------------  ---
              shop                        a       300m (15%)    0 (0%)      128Mi (0%)       0 (0%)         5s
            Allocated resources:
              (Total limits may be over 100 percent, i.e., overcommitted.)
              Resource           Requests    Limits
              --------           --------    ------
              cpu                300m (15%)  0 (0%)
              memory             128Mi (0%)  0 (0%)
              ephemeral-storage  0 (0%)      0 (0%)
              hugepages-1Gi      0 (0%)      0 (0%)
              hugepages-2Mi      0 (0%)      0 (0%)
            Events:              <none>
        "#]],
    );
}
