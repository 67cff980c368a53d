//! `kubectl create` of a kind by its flags.

use super::Terminal;
use expect_test::expect;

#[test]
fn a_kind_is_made_by_flags() {
    let commands = [
        "job hello --image=busybox -- echo hi",
        "cronjob tick --image=busybox --schedule=@daily --restart=Never",
        "service clusterip web --tcp=80:8080 --tcp=443",
        "service nodeport web --tcp=80 --node-port=30080",
        "service externalname web --external-name=example.com",
        "service clusterip web --clusterip=None",
        "quota q --hard=cpu=1,memory=1G,pods=2",
        "quota q --hard=pods=2 --scopes=BestEffort",
        "role r --verb=get,list --resource=pods,deploy",
        "clusterrole r --verb=get --non-resource-url=/metrics",
        "clusterrole r --aggregation-rule=a=b",
        "rolebinding rb --role=r --serviceaccount=default:bot",
        "clusterrolebinding rb --clusterrole=admin --user=jane --group=ops",
        "ingress i --class=nginx '--rule=foo.com/*=svc:80,tls=my-cert'",
        "ingress i --default-backend=svc:http",
        "pdb p --selector=app=web --max-unavailable=50%",
        "priorityclass hi --value=1000 --description=high",
        "serviceaccount bot",
        "secret docker-registry d --docker-username=u --docker-password=p",
    ];
    let lines: Vec<String> = commands
        .iter()
        .map(|command| {
            format!("kubectl create {command} --dry-run=client -o yaml")
                .replace(" -- echo hi --dry-run=client -o yaml", " --dry-run=client -o yaml -- echo hi")
        })
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    Terminal::new(&[]).check(&lines, expect![[r#"
        $ kubectl create job hello --image=busybox --dry-run=client -o yaml -- echo hi
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: hello
        spec:
          template:
            metadata: {}
            spec:
              containers:
              - command:
                - echo
                - hi
                image: busybox
                name: hello
                resources: {}
              restartPolicy: Never
        status: {}
        $ kubectl create cronjob tick --image=busybox --schedule=@daily --restart=Never --dry-run=client -o yaml
        apiVersion: batch/v1
        kind: CronJob
        metadata:
          name: tick
        spec:
          jobTemplate:
            metadata:
              name: tick
            spec:
              template:
                metadata: {}
                spec:
                  containers:
                  - image: busybox
                    name: tick
                    resources: {}
                  restartPolicy: Never
          schedule: '@daily'
        status: {}
        $ kubectl create service clusterip web --tcp=80:8080 --tcp=443 --dry-run=client -o yaml
        apiVersion: v1
        kind: Service
        metadata:
          labels:
            app: web
          name: web
        spec:
          ports:
          - name: 80-8080
            port: 80
            protocol: TCP
            targetPort: 8080
          - name: "443"
            port: 443
            protocol: TCP
            targetPort: 443
          selector:
            app: web
          type: ClusterIP
        status:
          loadBalancer: {}
        $ kubectl create service nodeport web --tcp=80 --node-port=30080 --dry-run=client -o yaml
        apiVersion: v1
        kind: Service
        metadata:
          labels:
            app: web
          name: web
        spec:
          ports:
          - name: "80"
            nodePort: 30080
            port: 80
            protocol: TCP
            targetPort: 80
          selector:
            app: web
          type: NodePort
        status:
          loadBalancer: {}
        $ kubectl create service externalname web --external-name=example.com --dry-run=client -o yaml
        apiVersion: v1
        kind: Service
        metadata:
          labels:
            app: web
          name: web
        spec:
          externalName: example.com
          selector:
            app: web
          type: ExternalName
        status:
          loadBalancer: {}
        $ kubectl create service clusterip web --clusterip=None --dry-run=client -o yaml
        apiVersion: v1
        kind: Service
        metadata:
          labels:
            app: web
          name: web
        spec:
          clusterIP: None
          selector:
            app: web
          type: ClusterIP
        status:
          loadBalancer: {}
        $ kubectl create quota q --hard=cpu=1,memory=1G,pods=2 --dry-run=client -o yaml
        apiVersion: v1
        kind: ResourceQuota
        metadata:
          name: q
        spec:
          hard:
            cpu: "1"
            memory: 1G
            pods: "2"
        status: {}
        $ kubectl create quota q --hard=pods=2 --scopes=BestEffort --dry-run=client -o yaml
        apiVersion: v1
        kind: ResourceQuota
        metadata:
          name: q
        spec:
          hard:
            pods: "2"
          scopes:
          - BestEffort
        status: {}
        $ kubectl create role r --verb=get,list --resource=pods,deploy --dry-run=client -o yaml
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata:
          name: r
        rules:
        - apiGroups:
          - ""
          resources:
          - pods
          verbs:
          - get
          - list
        - apiGroups:
          - apps
          resources:
          - deployments
          verbs:
          - get
          - list
        $ kubectl create clusterrole r --verb=get --non-resource-url=/metrics --dry-run=client -o yaml
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata:
          name: r
        rules:
        - nonResourceURLs:
          - /metrics
          verbs:
          - get
        $ kubectl create clusterrole r --aggregation-rule=a=b --dry-run=client -o yaml
        aggregationRule:
          clusterRoleSelectors:
          - matchLabels:
              a: b
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata:
          name: r
        rules: null
        $ kubectl create rolebinding rb --role=r --serviceaccount=default:bot --dry-run=client -o yaml
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata:
          name: rb
        roleRef:
          apiGroup: rbac.authorization.k8s.io
          kind: Role
          name: r
        subjects:
        - kind: ServiceAccount
          name: bot
          namespace: default
        $ kubectl create clusterrolebinding rb --clusterrole=admin --user=jane --group=ops --dry-run=client -o yaml
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata:
          name: rb
        roleRef:
          apiGroup: rbac.authorization.k8s.io
          kind: ClusterRole
          name: admin
        subjects:
        - apiGroup: rbac.authorization.k8s.io
          kind: User
          name: jane
        - apiGroup: rbac.authorization.k8s.io
          kind: Group
          name: ops
        $ kubectl create ingress i --class=nginx '--rule=foo.com/*=svc:80,tls=my-cert' --dry-run=client -o yaml
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: i
        spec:
          ingressClassName: nginx
          rules:
          - host: foo.com
            http:
              paths:
              - backend:
                  service:
                    name: svc
                    port:
                      number: 80
                path: /
                pathType: Prefix
          tls:
          - hosts:
            - foo.com
            secretName: my-cert
        status:
          loadBalancer: {}
        $ kubectl create ingress i --default-backend=svc:http --dry-run=client -o yaml
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: i
        spec:
          defaultBackend:
            service:
              name: svc
              port:
                name: http
        status:
          loadBalancer: {}
        $ kubectl create pdb p --selector=app=web --max-unavailable=50% --dry-run=client -o yaml
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata:
          name: p
        spec:
          maxUnavailable: 50%
          selector:
            matchLabels:
              app: web
        status:
          currentHealthy: 0
          desiredHealthy: 0
          disruptionsAllowed: 0
          expectedPods: 0
        $ kubectl create priorityclass hi --value=1000 --description=high --dry-run=client -o yaml
        apiVersion: scheduling.k8s.io/v1
        description: high
        kind: PriorityClass
        metadata:
          name: hi
        preemptionPolicy: PreemptLowerPriority
        value: 1000
        $ kubectl create serviceaccount bot --dry-run=client -o yaml
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: bot
        $ kubectl create secret docker-registry d --docker-username=u --docker-password=p --dry-run=client -o yaml
        apiVersion: v1
        data:
          .dockerconfigjson: eyJhdXRocyI6eyJodHRwczovL2luZGV4LmRvY2tlci5pby92MS8iOnsidXNlcm5hbWUiOiJ1IiwicGFzc3dvcmQiOiJwIiwiYXV0aCI6ImRUcHcifX19
        kind: Secret
        metadata:
          name: d
        type: kubernetes.io/dockerconfigjson
    "#]]);
}

#[test]
fn what_is_missing_is_said() {
    Terminal::new(&[("tls.crt", "nothing")]).check(
        &[
            "kubectl create job hello",
            "kubectl create cronjob tick --image=busybox",
            "kubectl create service clusterip web",
            "kubectl create role r --verb=get",
            "kubectl create role r --resource=pods",
            "kubectl create rolebinding rb",
            "kubectl create rolebinding rb --role=r --serviceaccount=bot",
            "kubectl create ingress i",
            "kubectl create ingress i --rule=foo",
            "kubectl create pdb p --selector=a=b",
            "kubectl create quota q --hard=cpu",
            "kubectl create secret tls t --cert=tls.crt --key=tls.crt",
            "kubectl create token nosuch",
            "kubectl create sa bot",
            "kubectl create sa bot",
            "kubectl create cronjob tick --image=busybox:1.36 '--schedule=* * * * *'",
            "kubectl create job manual --from=cronjob/tick",
        ],
        expect![[r#"
            $ kubectl create job hello
            ! error: either --image or --from must be specified
            = 1
            $ kubectl create cronjob tick --image=busybox
            ! error: required flag(s) "schedule" not set
            = 1
            $ kubectl create service clusterip web
            ! error: at least one tcp port specifier must be provided
            = 1
            $ kubectl create role r --verb=get
            ! error: at least one resource must be specified
            = 1
            $ kubectl create role r --resource=pods
            ! error: at least one verb must be specified
            = 1
            $ kubectl create rolebinding rb
            ! error: exactly one of clusterrole or role must be specified
            = 1
            $ kubectl create rolebinding rb --role=r --serviceaccount=bot
            ! error: serviceaccount must be <namespace>:<name>
            = 1
            $ kubectl create ingress i
            ! error: not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)
            = 1
            $ kubectl create ingress i --rule=foo
            ! error: rule foo is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]
            = 1
            $ kubectl create pdb p --selector=a=b
            ! error: one of min-available or max-unavailable must be specified
            = 1
            $ kubectl create quota q --hard=cpu
            ! error: Invalid argument syntax cpu, expected <resource>=<value>
            = 1
            $ kubectl create secret tls t --cert=tls.crt --key=tls.crt
            ! error: tls: failed to find any PEM data in certificate input
            = 1
            $ kubectl create token nosuch
            ! error: failed to create token: serviceaccounts "nosuch" not found
            = 1
            $ kubectl create sa bot
            serviceaccount/bot created
            $ kubectl create sa bot
            ! error: failed to create serviceaccount: serviceaccounts "bot" already exists
            = 1
            $ kubectl create cronjob tick --image=busybox:1.36 '--schedule=* * * * *'
            cronjob.batch/tick created
            $ kubectl create job manual --from=cronjob/tick
            job.batch/manual created
        "#]],
    );
}
