//! What the committed data holds.

use super::*;
use expect_test::expect;
use std::fmt::Write;

#[track_caller]
fn definition(short_name: &str) -> &'static Definition {
    Schema::definition(short_name).unwrap_or_else(|| panic!("no definition {short_name}"))
}

/// A definition as a table: everything that is known of each field.
fn table(definition: &Definition) -> String {
    let mut out = format!("{definition}{}\n", if definition.atomic { " atomic" } else { "" });
    for field in &definition.fields {
        let _ = write!(out, "{}: {}", field.name, field.ty.go_name());
        let words =
            [(field.required, " required"), (field.deprecated, " deprecated"), (field.atomic, " atomic")];
        words.iter().filter(|(is, _)| *is).for_each(|(_, word)| out.push_str(word));
        if let Some(list_type) = field.list_type {
            let _ = write!(out, " {list_type:?} {:?}", field.list_map_keys);
        }
        if let Some(strategy) = field.patch_strategy {
            let _ = write!(out, " {strategy:?} {}", field.patch_merge_key.unwrap_or("-"));
        }
        if !field.enum_values.is_empty() {
            let _ = write!(out, " one of {}", field.enum_values.join(" "));
        }
        out.push('\n');
    }
    out
}

#[test]
fn the_common_kinds_are_there() {
    for (api_version, kinds) in [
        ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration ValidatingWebhookConfiguration"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ("apiregistration.k8s.io/v1", "APIService"),
        ("apps/v1", "ControllerRevision DaemonSet Deployment DeploymentList ReplicaSet StatefulSet"),
        ("autoscaling/v1", "HorizontalPodAutoscaler Scale"),
        ("autoscaling/v2", "HorizontalPodAutoscaler"),
        ("batch/v1", "CronJob Job"),
        ("certificates.k8s.io/v1", "CertificateSigningRequest"),
        ("coordination.k8s.io/v1", "Lease"),
        ("discovery.k8s.io/v1", "EndpointSlice"),
        ("events.k8s.io/v1", "Event"),
        ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema PriorityLevelConfiguration"),
        ("networking.k8s.io/v1", "Ingress IngressClass NetworkPolicy"),
        ("node.k8s.io/v1", "RuntimeClass"),
        ("policy/v1", "Eviction PodDisruptionBudget"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole ClusterRoleBinding Role RoleBinding"),
        ("resource.k8s.io/v1", "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice"),
        ("scheduling.k8s.io/v1", "PriorityClass"),
        ("storage.k8s.io/v1", "CSIDriver CSINode StorageClass VolumeAttachment"),
        ("v1", "Binding ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume"),
        ("v1", "PersistentVolumeClaim Pod PodList PodTemplate ReplicationController ResourceQuota"),
        ("v1", "Secret Service ServiceAccount"),
    ] {
        for kind in kinds.split(' ') {
            let found =
                Schema::lookup(api_version, kind).unwrap_or_else(|| panic!("no {api_version} {kind}"));
            assert_eq!(found.name, kind);
            let metadata = found.field("metadata").map(|field| field.ty.to_string());
            let expected = if kind.ends_with("List") { "ListMeta" } else { "ObjectMeta" };
            assert_eq!(metadata.as_deref(), Some(expected), "{kind}");
        }
    }
}

#[test]
fn what_is_no_built_in_kind_is_not_found() {
    for (api_version, kind) in [
        ("extensions/v1beta1", "Deployment"),
        ("v1", "Deployment"),
        ("apps/v1", "deployment"),
        ("v1", "List"),
        ("v1", "DeleteOptions"),
        ("v1", "Container"),
        ("", ""),
    ] {
        assert_eq!(Schema::lookup(api_version, kind), None, "{api_version} {kind}");
    }
}

#[test]
fn a_kind_tells_its_versions_the_stable_ones_first() {
    let versions = |kind| Schema::kinds_named(kind).map(|kind| kind.api_version).collect::<Vec<_>>();
    assert_eq!(versions("HorizontalPodAutoscaler"), ["autoscaling/v2", "autoscaling/v1"]);
    assert_eq!(versions("Event"), ["v1", "events.k8s.io/v1"]);
    let resource = ["resource.k8s.io/v1", "resource.k8s.io/v1beta2", "resource.k8s.io/v1beta1"];
    assert_eq!(versions("ResourceClaim"), resource);
    assert_eq!(versions("Deloyment"), [] as [&str; 0]);
    let kind = Schema::kinds_named("Deployment").next().expect("there is one");
    assert_eq!((kind.group(), kind.version()), ("apps", "v1"));
    let kind = Schema::kinds_named("Pod").next().expect("there is one");
    assert_eq!((kind.group(), kind.version()), ("", "v1"));
}

#[test]
fn kinds_and_definitions_are_whole() {
    expect!["197 kinds, 842 definitions, 3378 fields"].assert_eq(&format!(
        "{} kinds, {} definitions, {} fields",
        Schema::kinds().len(),
        Schema::definitions().len(),
        Schema::definitions().iter().map(|definition| definition.fields.len()).sum::<usize>(),
    ));
}

#[test]
fn the_common_part_is_a_part_of_the_whole() {
    let common = Schema::common();
    assert!(common.kinds.len() > 10 && common.kinds.len() < Schema::kinds().len());
    for kind in &common.kinds {
        let same = Schema::kinds_named(kind.kind).find(|whole| whole.api_version == kind.api_version);
        assert_eq!(same.map(|whole| whole.definition.get()), Some(kind.definition.get()));
    }
    // Everything of a definition, with the names of what it refers to.
    let all_of = |definition: &Definition| {
        let fields = definition.fields.iter().map(|field| {
            let of = field.ty.definition().map(ToString::to_string);
            (Field { ty: Type::Any, ..field.clone() }, field.ty.go_name(), of)
        });
        (definition.to_string(), definition.atomic, definition.deprecated, fields.collect::<Vec<_>>())
    };
    for definition in &common.definitions {
        let whole =
            Schema::definitions().iter().find(|whole| *whole == definition).expect("it is in the whole");
        assert_eq!(all_of(definition), all_of(whole));
    }
}

#[test]
fn every_kind_and_every_type_leads_to_its_own_definition() {
    for kind in Schema::kinds() {
        assert_eq!(kind.definition.name, kind.kind);
        assert!(kind.definition.version() == kind.version(), "{kind:?}");
    }
    let names: Vec<_> = Schema::definitions().iter().map(|found| (found.package, found.name)).collect();
    assert!(names.is_sorted(), "the places of definitions are counted in this order");
    for found in Schema::definitions() {
        assert_eq!(Schema::definition(&found.to_string()), Some(found));
    }
}

#[test]
fn the_fields_of_a_container() {
    expect![[r#"
        core.v1.Container
        args: []string Atomic []
        command: []string Atomic []
        env: []v1.EnvVar Map ["name"] Merge name
        envFrom: []v1.EnvFromSource Atomic []
        image: string
        imagePullPolicy: string one of Always IfNotPresent Never
        lifecycle: v1.Lifecycle
        livenessProbe: v1.Probe
        name: string required
        ports: []v1.ContainerPort Map ["containerPort", "protocol"] Merge containerPort
        readinessProbe: v1.Probe
        resizePolicy: []v1.ContainerResizePolicy Atomic []
        resources: v1.ResourceRequirements
        restartPolicy: string one of Always OnFailure Never
        restartPolicyRules: []v1.ContainerRestartRule Atomic []
        securityContext: v1.SecurityContext
        startupProbe: v1.Probe
        stdin: bool
        stdinOnce: bool
        terminationMessagePath: string
        terminationMessagePolicy: string one of FallbackToLogsOnError File
        tty: bool
        volumeDevices: []v1.VolumeDevice Map ["devicePath"] Merge devicePath
        volumeMounts: []v1.VolumeMount Map ["mountPath"] Merge mountPath
        workingDir: string
    "#]]
    .assert_eq(&table(definition("core.v1.Container")));
}

#[test]
fn the_fields_of_a_deployment() {
    let mut out = table(definition("apps.v1.Deployment"));
    out.push_str(&table(definition("apps.v1.DeploymentSpec")));
    out.push_str(&table(definition("apps.v1.DeploymentStrategy")));
    expect![[r#"
        apps.v1.Deployment
        apiVersion: string
        kind: string
        metadata: v1.ObjectMeta
        spec: v1.DeploymentSpec required
        status: v1.DeploymentStatus
        apps.v1.DeploymentSpec
        minReadySeconds: int32
        paused: bool
        progressDeadlineSeconds: int32
        replicas: int32
        revisionHistoryLimit: int32
        selector: v1.LabelSelector required
        strategy: v1.DeploymentStrategy RetainKeys -
        template: v1.PodTemplateSpec required
        apps.v1.DeploymentStrategy
        rollingUpdate: v1.RollingUpdateDeployment
        type: string one of Recreate RollingUpdate
    "#]]
    .assert_eq(&out);
}

#[test]
fn the_fields_of_a_service() {
    let mut out = table(definition("core.v1.ServiceSpec"));
    out.push_str(&table(definition("core.v1.ServicePort")));
    expect![[r#"
        core.v1.ServiceSpec
        allocateLoadBalancerNodePorts: bool
        clusterIP: string
        clusterIPs: []string Atomic []
        externalIPs: []string Atomic []
        externalName: string
        externalTrafficPolicy: string one of Cluster Local
        healthCheckNodePort: int32
        internalTrafficPolicy: string one of Cluster Local
        ipFamilies: []string Atomic [] one of IPv4 IPv6
        ipFamilyPolicy: string one of PreferDualStack RequireDualStack SingleStack
        loadBalancerClass: string
        loadBalancerIP: string deprecated
        loadBalancerSourceRanges: []string Atomic []
        ports: []v1.ServicePort Map ["port", "protocol"] Merge port
        publishNotReadyAddresses: bool
        selector: map[string]string atomic
        sessionAffinity: string one of ClientIP None
        sessionAffinityConfig: v1.SessionAffinityConfig
        trafficDistribution: string one of PreferClose PreferSameNode PreferSameZone
        type: string one of ClusterIP ExternalName LoadBalancer NodePort
        core.v1.ServicePort
        appProtocol: string
        name: string
        nodePort: int32
        port: int32 required
        protocol: string one of SCTP TCP UDP
        targetPort: intstr.IntOrString
    "#]]
    .assert_eq(&out);
}

#[test]
fn the_fields_of_metadata_and_selectors() {
    let mut out = table(definition("meta.v1.ObjectMeta"));
    out.push_str(&table(definition("meta.v1.LabelSelector")));
    out.push_str(&table(definition("core.v1.Secret")));
    expect![[r#"
        meta.v1.ObjectMeta
        annotations: map[string]string
        creationTimestamp: v1.Time
        deletionGracePeriodSeconds: int64
        deletionTimestamp: v1.Time
        finalizers: []string Set [] Merge -
        generateName: string
        generation: int64
        labels: map[string]string
        managedFields: []v1.ManagedFieldsEntry Atomic []
        name: string
        namespace: string
        ownerReferences: []v1.OwnerReference Map ["uid"] Merge uid
        resourceVersion: string
        selfLink: string deprecated
        uid: string
        meta.v1.LabelSelector atomic
        matchExpressions: []v1.LabelSelectorRequirement Atomic []
        matchLabels: map[string]string
        core.v1.Secret
        apiVersion: string
        data: map[string][]uint8
        immutable: bool
        kind: string
        metadata: v1.ObjectMeta
        stringData: map[string]string
        type: string
    "#]]
    .assert_eq(&out);
}

#[test]
fn types_print_as_kubectl_explain_and_as_go_print_them() {
    for (owner, field, explained, go) in [
        ("core.v1.PodSpec", "containers", "[]Container", "[]v1.Container"),
        ("core.v1.PodSpec", "nodeSelector", "map[string]string", "map[string]string"),
        ("core.v1.PodSpec", "overhead", "map[string]Quantity", "map[string]resource.Quantity"),
        ("core.v1.PodSpec", "hostNetwork", "boolean", "bool"),
        ("core.v1.PodSpec", "terminationGracePeriodSeconds", "integer", "int64"),
        ("core.v1.ServicePort", "port", "integer", "int32"),
        ("core.v1.ServicePort", "targetPort", "IntOrString", "intstr.IntOrString"),
        ("core.v1.Secret", "data", "map[string]string", "map[string][]uint8"),
        ("apps.v1.DeploymentSpec", "strategy", "DeploymentStrategy", "v1.DeploymentStrategy"),
        ("meta.v1.ObjectMeta", "creationTimestamp", "string", "v1.Time"),
    ] {
        let ty = &definition(owner).field(field).unwrap_or_else(|| panic!("no {owner}.{field}")).ty;
        assert_eq!(ty.to_string(), explained, "{owner}.{field}");
        assert_eq!(ty.go_name(), go, "{owner}.{field}");
    }
}

#[test]
fn every_use_of_a_type_is_recognised() {
    let mut seen: Vec<String> = Vec::new();
    for field in Schema::definitions().iter().flat_map(|found| &found.fields) {
        let mut ty = &field.ty;
        while let Some(inner) = ty.inner() {
            ty = inner;
        }
        let name = match ty {
            Type::Object(_) => "Object".to_owned(),
            other => format!("{other:?}"),
        };
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen.sort();
    assert_eq!(
        seen.join(" "),
        "Any Boolean Bytes IntOrString Integer(Int32) Integer(Int64) MicroTime Number Object Quantity \
         RawExtension String Time"
    );
}

#[test]
fn the_data_is_small() {
    // All of it is part of the first load; brotli makes 13.4 kB of 97 kB.
    let size = decode::DATA.len();
    println!("the schema's data is {size} bytes");
    assert!(size <= 100_000, "the schema's data has grown to {size} bytes");
}
