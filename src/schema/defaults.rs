//! What a field is when it is absent.
//!
//! Kept by hand from the defaulting of Kubernetes 1.37 (`pkg/apis/*/v1/defaults.go`, the `+default` markers of
//! its types, its admission plugins) and from what a 1.37 cluster stored. It is data: the API server's
//! defaulting in the simulation is written in code, and this says what a hover or a question can quote.

/// What an absent field becomes or means, under some conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldDefault {
    /// What it is then.
    pub value: DefaultValue,
    /// All of these must hold. None: always.
    pub when: &'static [When],
    /// Who writes it.
    pub by: By,
}

/// The value of an absent field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultValue {
    /// This, as JSON: `30`, `"TCP"`, `{}`. The defaults of an object's own fields apply in it.
    Json(&'static str),
    /// The value of this field beside it.
    SameAs(&'static str),
}

/// A condition of a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The field beside it has, after its own default, one of these values.
    Is(&'static str, &'static [&'static str]),
    /// None of the fields beside it was given.
    NoneOf(&'static [&'static str]),
    /// At least one of the fields beside it was given.
    AnyOf(&'static [&'static str]),
    /// The image beside it has the tag `latest`, or neither tag nor digest.
    LatestTag,
    /// The image beside it has another tag or a digest.
    OtherTag,
    /// The whole object is of this kind: templates inside other kinds do not get the default.
    In(&'static str),
    /// The Pod is on its host's network.
    HostNetwork,
}

/// Where the default comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The API server writes it while it decodes the object.
    Defaulting,
    /// An admission plugin or the storage of the kind writes it after that.
    Admission,
    /// Nobody writes it: that the field is absent means this.
    Absence,
}

/// The defaults of a definition's fields in every version of its group, none where none are known.
pub(super) fn of(group: &str, definition: &str) -> &'static [(&'static str, &'static [FieldDefault])] {
    let row = DEFAULTS.binary_search_by(|row| (row.0, row.1).cmp(&(group, definition)));
    row.map_or(&[], |row| DEFAULTS[row].2)
}

/// The defaults of each field, for every version of its group, sorted by group and definition.
type Row = (&'static str, &'static str, &'static [(&'static str, &'static [FieldDefault])]);

const fn written(json: &'static str) -> FieldDefault {
    FieldDefault { value: DefaultValue::Json(json), when: &[], by: By::Defaulting }
}

const fn same_as(field: &'static str) -> FieldDefault {
    FieldDefault { value: DefaultValue::SameAs(field), when: &[], by: By::Defaulting }
}

const fn admitted(json: &'static str) -> FieldDefault {
    FieldDefault { value: DefaultValue::Json(json), when: &[], by: By::Admission }
}

const fn means(json: &'static str) -> FieldDefault {
    FieldDefault { value: DefaultValue::Json(json), when: &[], by: By::Absence }
}

impl FieldDefault {
    const fn when(self, when: &'static [When]) -> FieldDefault {
        FieldDefault { when, ..self }
    }
}

const PULL_POLICY: &[FieldDefault] =
    &[written(r#""Always""#).when(&[When::LatestTag]), written(r#""IfNotPresent""#).when(&[When::OtherTag])];

/// The fields of containers, and of ephemeral containers, which are the same with another definition.
const CONTAINER: &[(&str, &[FieldDefault])] = &[
    ("imagePullPolicy", PULL_POLICY),
    ("resources", &[written("{}")]),
    ("stdin", &[means("false")]),
    ("stdinOnce", &[means("false")]),
    ("terminationMessagePath", &[written(r#""/dev/termination-log""#)]),
    ("terminationMessagePolicy", &[written(r#""File""#)]),
    ("tty", &[means("false")]),
];

/// Modes are decimal in JSON: 420 is 0644.
const DEFAULT_MODE: &[(&str, &[FieldDefault])] = &[("defaultMode", &[written("420")])];
const ISCSI: &[(&str, &[FieldDefault])] = &[("iscsiInterface", &[written(r#""default""#)])];
const RBD: &[(&str, &[FieldDefault])] = &[
    ("keyring", &[written(r#""/etc/ceph/keyring""#)]),
    ("pool", &[written(r#""rbd""#)]),
    ("user", &[written(r#""admin""#)]),
];
const SCALE_IO: &[(&str, &[FieldDefault])] =
    &[("fsType", &[written(r#""xfs""#)]), ("storageMode", &[written(r#""ThinProvisioned""#)])];

const WEBHOOK_PORT: &[(&str, &[FieldDefault])] = &[("port", &[written("443")])];
const RULE: &[(&str, &[FieldDefault])] = &[("scope", &[written(r#""*""#)])];
const DEVICE_REQUEST: &[(&str, &[FieldDefault])] = &[
    ("allocationMode", &[written(r#""ExactCount""#)]),
    ("count", &[written("1").when(&[When::Is("allocationMode", &["ExactCount"])])]),
];

/// What a volume can be; one that is nothing is an emptyDir.
const VOLUME_SOURCES: &[&str] = &[
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "gitRepo",
    "glusterfs",
    "hostPath",
    "image",
    "iscsi",
    "nfs",
    "persistentVolumeClaim",
    "photonPersistentDisk",
    "portworxVolume",
    "projected",
    "quobyte",
    "rbd",
    "scaleIO",
    "secret",
    "storageos",
    "vsphereVolume",
];

const IN_JOB: When = When::In("Job");
const IN_POD: When = When::In("Pod");
const ROLLING: When = When::Is("type", &["RollingUpdate"]);
const EXTERNAL: When = When::Is("type", &["LoadBalancer", "NodePort"]);
const WITH_CLUSTER_IP: When = When::Is("type", &["ClusterIP", "LoadBalancer", "NodePort"]);
const BALANCED: When = When::Is("type", &["LoadBalancer"]);

#[rustfmt::skip]
const DEFAULTS: &[Row] = &[
    ("admissionregistration", "MatchResources", &[
        ("matchPolicy", &[written(r#""Equivalent""#)]),
        ("namespaceSelector", &[written("{}")]),
        ("objectSelector", &[written("{}")]),
    ]),
    ("admissionregistration", "MutatingAdmissionPolicySpec", &[("failurePolicy", &[written(r#""Fail""#)])]),
    ("admissionregistration", "MutatingWebhook", &[
        ("failurePolicy", &[written(r#""Fail""#)]),
        ("matchPolicy", &[written(r#""Equivalent""#)]),
        ("namespaceSelector", &[written("{}")]),
        ("objectSelector", &[written("{}")]),
        ("reinvocationPolicy", &[written(r#""Never""#)]),
        ("timeoutSeconds", &[written("10")]),
    ]),
    ("admissionregistration", "NamedRuleWithOperations", RULE),
    ("admissionregistration", "RuleWithOperations", RULE),
    ("admissionregistration", "ServiceReference", WEBHOOK_PORT),
    ("admissionregistration", "ValidatingAdmissionPolicySpec", &[("failurePolicy", &[written(r#""Fail""#)])]),
    ("admissionregistration", "ValidatingWebhook", &[
        ("failurePolicy", &[written(r#""Fail""#)]),
        ("matchPolicy", &[written(r#""Equivalent""#)]),
        ("namespaceSelector", &[written("{}")]),
        ("objectSelector", &[written("{}")]),
        ("timeoutSeconds", &[written("10")]),
    ]),
    ("apiextensions", "CustomResourceDefinitionSpec", &[("conversion", &[written(r#"{"strategy":"None"}"#)])]),
    ("apiextensions", "ServiceReference", WEBHOOK_PORT),
    ("apps", "DaemonSetSpec", &[
        ("minReadySeconds", &[means("0")]),
        ("revisionHistoryLimit", &[written("10")]),
        ("updateStrategy", &[written("{}")]),
    ]),
    ("apps", "DaemonSetUpdateStrategy", &[
        ("rollingUpdate", &[written("{}").when(&[ROLLING])]),
        ("type", &[written(r#""RollingUpdate""#)]),
    ]),
    ("apps", "DeploymentSpec", &[
        ("minReadySeconds", &[means("0")]),
        ("paused", &[means("false")]),
        ("progressDeadlineSeconds", &[written("600")]),
        ("replicas", &[written("1")]),
        ("revisionHistoryLimit", &[written("10")]),
        ("strategy", &[written("{}")]),
    ]),
    ("apps", "DeploymentStrategy", &[
        ("rollingUpdate", &[written("{}").when(&[ROLLING])]),
        ("type", &[written(r#""RollingUpdate""#)]),
    ]),
    ("apps", "ReplicaSetSpec", &[("minReadySeconds", &[means("0")]), ("replicas", &[written("1")])]),
    ("apps", "RollingUpdateDaemonSet", &[("maxSurge", &[written("0")]), ("maxUnavailable", &[written("1")])]),
    ("apps", "RollingUpdateDeployment", &[
        ("maxSurge", &[written(r#""25%""#)]),
        ("maxUnavailable", &[written(r#""25%""#)]),
    ]),
    ("apps", "RollingUpdateStatefulSetStrategy", &[
        ("maxUnavailable", &[written("1")]),
        ("partition", &[written("0")]),
    ]),
    ("apps", "StatefulSetOrdinals", &[("start", &[means("0")])]),
    ("apps", "StatefulSetPersistentVolumeClaimRetentionPolicy", &[
        ("whenDeleted", &[written(r#""Retain""#)]),
        ("whenScaled", &[written(r#""Retain""#)]),
    ]),
    ("apps", "StatefulSetSpec", &[
        ("minReadySeconds", &[means("0")]),
        ("persistentVolumeClaimRetentionPolicy", &[written("{}")]),
        ("podManagementPolicy", &[written(r#""OrderedReady""#)]),
        ("replicas", &[written("1")]),
        ("revisionHistoryLimit", &[written("10")]),
        ("updateStrategy", &[written("{}")]),
    ]),
    ("apps", "StatefulSetUpdateStrategy", &[
        // With the type given, rollingUpdate stays away.
        ("rollingUpdate", &[written("{}").when(&[When::NoneOf(&["type"])])]),
        ("type", &[written(r#""RollingUpdate""#)]),
    ]),
    ("autoscaling", "HPAScalingRules", &[("selectPolicy", &[written(r#""Max""#)])]),
    ("autoscaling", "HorizontalPodAutoscalerBehavior", &[
        ("scaleDown", &[written(
            r#"{"policies":[{"type":"Percent","value":100,"periodSeconds":15}],"selectPolicy":"Max"}"#,
        )]),
        ("scaleUp", &[written(concat!(
            r#"{"policies":[{"type":"Pods","value":4,"periodSeconds":15},"#,
            r#"{"type":"Percent","value":100,"periodSeconds":15}],"#,
            r#""selectPolicy":"Max","stabilizationWindowSeconds":0}"#,
        ))]),
    ]),
    ("autoscaling", "HorizontalPodAutoscalerSpec", &[
        ("metrics", &[written(concat!(
            r#"[{"type":"Resource","resource":{"name":"cpu","#,
            r#""target":{"type":"Utilization","averageUtilization":80}}}]"#,
        ))]),
        ("minReplicas", &[written("1")]),
    ]),
    ("batch", "CronJobSpec", &[
        ("concurrencyPolicy", &[written(r#""Allow""#)]),
        ("failedJobsHistoryLimit", &[written("1")]),
        ("successfulJobsHistoryLimit", &[written("3")]),
        ("suspend", &[written("false")]),
    ]),
    ("batch", "JobSpec", &[
        ("backoffLimit", &[
            written("6").when(&[IN_JOB, When::NoneOf(&["backoffLimitPerIndex"])]),
            written("2147483647").when(&[IN_JOB, When::AnyOf(&["backoffLimitPerIndex"])]),
        ]),
        ("completionMode", &[written(r#""NonIndexed""#).when(&[IN_JOB])]),
        ("completions", &[written("1").when(&[IN_JOB, When::NoneOf(&["completions", "parallelism"])])]),
        ("manualSelector", &[admitted("false").when(&[IN_JOB])]),
        ("parallelism", &[written("1").when(&[IN_JOB])]),
        ("podReplacementPolicy", &[
            written(r#""TerminatingOrFailed""#).when(&[IN_JOB, When::NoneOf(&["podFailurePolicy"])]),
            written(r#""Failed""#).when(&[IN_JOB, When::AnyOf(&["podFailurePolicy"])]),
        ]),
        ("suspend", &[written("false").when(&[IN_JOB])]),
    ]),
    ("batch", "PodFailurePolicyOnPodConditionsPattern", &[("status", &[written(r#""True""#).when(&[IN_JOB])])]),
    ("core", "AzureDiskVolumeSource", &[
        ("cachingMode", &[written(r#""ReadWrite""#)]),
        ("fsType", &[written(r#""ext4""#)]),
        ("kind", &[written(r#""Shared""#)]),
        ("readOnly", &[written("false")]),
    ]),
    ("core", "ClientIPConfig", &[("timeoutSeconds", &[written("10800")])]),
    ("core", "ConfigMap", &[("immutable", &[means("false")])]),
    ("core", "ConfigMapEnvSource", &[("optional", &[means("false")])]),
    ("core", "ConfigMapKeySelector", &[("optional", &[means("false")])]),
    ("core", "ConfigMapProjection", &[("optional", &[means("false")])]),
    ("core", "ConfigMapVolumeSource", &[("defaultMode", &[written("420")]), ("optional", &[means("false")])]),
    ("core", "Container", CONTAINER),
    ("core", "ContainerPort", &[
        ("hostPort", &[same_as("containerPort").when(&[IN_POD, When::HostNetwork])]),
        ("protocol", &[written(r#""TCP""#)]),
    ]),
    ("core", "DownwardAPIVolumeSource", DEFAULT_MODE),
    ("core", "EmptyDirVolumeSource", &[("medium", &[means(r#""""#)])]),
    ("core", "EndpointPort", &[("protocol", &[written(r#""TCP""#)])]),
    ("core", "EnvVar", &[("value", &[means(r#""""#)])]),
    ("core", "EphemeralContainer", CONTAINER),
    ("core", "GRPCAction", &[("service", &[written(r#""""#)])]),
    ("core", "HTTPGetAction", &[("path", &[written(r#""/""#)]), ("scheme", &[written(r#""HTTP""#)])]),
    ("core", "HostPathVolumeSource", &[("type", &[written(r#""""#)])]),
    ("core", "ISCSIPersistentVolumeSource", ISCSI),
    ("core", "ISCSIVolumeSource", ISCSI),
    ("core", "ImageVolumeSource", &[("pullPolicy", PULL_POLICY)]),
    ("core", "NamespaceSpec", &[("finalizers", &[admitted(r#"["kubernetes"]"#)])]),
    ("core", "ObjectFieldSelector", &[("apiVersion", &[written(r#""v1""#)])]),
    ("core", "PersistentVolumeClaimSpec", &[("volumeMode", &[written(r#""Filesystem""#)])]),
    ("core", "PersistentVolumeClaimVolumeSource", &[("readOnly", &[means("false")])]),
    ("core", "PersistentVolumeSpec", &[
        ("persistentVolumeReclaimPolicy", &[written(r#""Retain""#)]),
        ("volumeMode", &[written(r#""Filesystem""#)]),
    ]),
    ("core", "PodSecurityContext", &[
        ("fsGroupChangePolicy", &[means(r#""Always""#)]),
        ("supplementalGroupsPolicy", &[means(r#""Merge""#)]),
    ]),
    ("core", "PodSpec", &[
        ("automountServiceAccountToken", &[means("true")]),
        ("dnsPolicy", &[written(r#""ClusterFirst""#)]),
        ("enableServiceLinks", &[written("true").when(&[IN_POD])]),
        ("hostIPC", &[means("false")]),
        ("hostNetwork", &[means("false")]),
        ("hostPID", &[means("false")]),
        ("hostUsers", &[means("true")]),
        ("preemptionPolicy", &[
            admitted(r#""PreemptLowerPriority""#).when(&[IN_POD, When::NoneOf(&["priorityClassName"])]),
        ]),
        ("priority", &[admitted("0").when(&[IN_POD, When::NoneOf(&["priorityClassName"])])]),
        ("restartPolicy", &[written(r#""Always""#)]),
        ("schedulerName", &[written(r#""default-scheduler""#)]),
        ("securityContext", &[written("{}")]),
        ("serviceAccount", &[same_as("serviceAccountName")]),
        ("serviceAccountName", &[admitted(r#""default""#).when(&[IN_POD])]),
        ("setHostnameAsFQDN", &[means("false")]),
        ("shareProcessNamespace", &[means("false")]),
        ("terminationGracePeriodSeconds", &[written("30")]),
        ("tolerations", &[admitted(concat!(
            r#"[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","#,
            r#""tolerationSeconds":300},{"key":"node.kubernetes.io/unreachable","operator":"Exists","#,
            r#""effect":"NoExecute","tolerationSeconds":300}]"#,
        )).when(&[IN_POD])]),
    ]),
    ("core", "Probe", &[
        ("failureThreshold", &[written("3")]),
        ("initialDelaySeconds", &[means("0")]),
        ("periodSeconds", &[written("10")]),
        ("successThreshold", &[written("1")]),
        ("timeoutSeconds", &[written("1")]),
    ]),
    ("core", "ProjectedVolumeSource", DEFAULT_MODE),
    ("core", "RBDPersistentVolumeSource", RBD),
    ("core", "RBDVolumeSource", RBD),
    ("core", "ReplicationControllerSpec", &[("minReadySeconds", &[means("0")]), ("replicas", &[written("1")])]),
    ("core", "ResourceFieldSelector", &[("divisor", &[means(r#""1""#)])]),
    // Each resource for itself: a request that is not given is the limit.
    ("core", "ResourceRequirements", &[("requests", &[same_as("limits").when(&[IN_POD])])]),
    ("core", "ScaleIOPersistentVolumeSource", SCALE_IO),
    ("core", "ScaleIOVolumeSource", SCALE_IO),
    ("core", "Secret", &[("immutable", &[means("false")]), ("type", &[written(r#""Opaque""#)])]),
    ("core", "SecretEnvSource", &[("optional", &[means("false")])]),
    ("core", "SecretKeySelector", &[("optional", &[means("false")])]),
    ("core", "SecretProjection", &[("optional", &[means("false")])]),
    ("core", "SecretVolumeSource", &[("defaultMode", &[written("420")]), ("optional", &[means("false")])]),
    ("core", "SecurityContext", &[
        ("privileged", &[means("false")]),
        ("procMount", &[means(r#""Default""#)]),
        ("readOnlyRootFilesystem", &[means("false")]),
        ("runAsNonRoot", &[means("false")]),
    ]),
    ("core", "ServiceAccount", &[("automountServiceAccountToken", &[means("true")])]),
    ("core", "ServiceAccountTokenProjection", &[("expirationSeconds", &[written("3600")])]),
    ("core", "ServicePort", &[("protocol", &[written(r#""TCP""#)]), ("targetPort", &[same_as("port")])]),
    ("core", "ServiceSpec", &[
        ("allocateLoadBalancerNodePorts", &[written("true").when(&[BALANCED])]),
        ("externalTrafficPolicy", &[written(r#""Cluster""#).when(&[EXTERNAL])]),
        ("internalTrafficPolicy", &[written(r#""Cluster""#).when(&[WITH_CLUSTER_IP])]),
        ("ipFamilyPolicy", &[admitted(r#""SingleStack""#).when(&[WITH_CLUSTER_IP])]),
        ("publishNotReadyAddresses", &[means("false")]),
        ("sessionAffinity", &[written(r#""None""#)]),
        ("sessionAffinityConfig", &[
            written(r#"{"clientIP":{"timeoutSeconds":10800}}"#).when(&[When::Is("sessionAffinity", &["ClientIP"])]),
        ]),
        ("type", &[written(r#""ClusterIP""#)]),
    ]),
    ("core", "Toleration", &[("operator", &[means(r#""Equal""#)])]),
    ("core", "TopologySpreadConstraint", &[
        ("minDomains", &[means("1")]),
        ("nodeAffinityPolicy", &[means(r#""Honor""#)]),
        ("nodeTaintsPolicy", &[means(r#""Ignore""#)]),
    ]),
    ("core", "Volume", &[("emptyDir", &[written("{}").when(&[When::NoneOf(VOLUME_SOURCES)])])]),
    ("core", "VolumeMount", &[
        ("mountPropagation", &[means(r#""None""#)]),
        ("readOnly", &[means("false")]),
        ("recursiveReadOnly", &[means(r#""Disabled""#)]),
        ("subPath", &[means(r#""""#)]),
    ]),
    ("discovery", "EndpointConditions", &[("ready", &[means("true")]), ("terminating", &[means("false")])]),
    ("discovery", "EndpointPort", &[("name", &[written(r#""""#)]), ("protocol", &[written(r#""TCP""#)])]),
    ("flowcontrol", "ExemptPriorityLevelConfiguration", &[
        ("lendablePercent", &[written("0")]),
        ("nominalConcurrencyShares", &[written("0")]),
    ]),
    ("flowcontrol", "FlowSchemaSpec", &[("matchingPrecedence", &[written("1000")])]),
    ("flowcontrol", "LimitedPriorityLevelConfiguration", &[
        ("lendablePercent", &[written("0")]),
        ("nominalConcurrencyShares", &[written("30")]),
    ]),
    ("flowcontrol", "QueuingConfiguration", &[
        ("handSize", &[written("8")]),
        ("queueLengthLimit", &[written("50")]),
        ("queues", &[written("64")]),
    ]),
    ("networking", "IngressClassParametersReference", &[("scope", &[written(r#""Cluster""#)])]),
    ("networking", "NetworkPolicyPort", &[("protocol", &[written(r#""TCP""#)])]),
    ("networking", "NetworkPolicySpec", &[
        ("policyTypes", &[
            written(r#"["Ingress"]"#).when(&[When::NoneOf(&["egress"])]),
            written(r#"["Ingress","Egress"]"#).when(&[When::AnyOf(&["egress"])]),
        ]),
    ]),
    ("policy", "PodDisruptionBudgetSpec", &[("unhealthyPodEvictionPolicy", &[means(r#""IfHealthyBudget""#)])]),
    ("rbac", "RoleRef", &[("apiGroup", &[written(r#""rbac.authorization.k8s.io""#)])]),
    ("rbac", "Subject", &[
        ("apiGroup", &[written(r#""rbac.authorization.k8s.io""#).when(&[When::Is("kind", &["Group", "User"])])]),
    ]),
    ("resource", "DeviceRequest", DEVICE_REQUEST),
    ("resource", "DeviceSubRequest", DEVICE_REQUEST),
    ("resource", "DeviceToleration", &[("operator", &[written(r#""Equal""#)])]),
    ("resource", "ExactDeviceRequest", DEVICE_REQUEST),
    ("scheduling", "PriorityClass", &[
        ("globalDefault", &[means("false")]),
        ("preemptionPolicy", &[written(r#""PreemptLowerPriority""#)]),
    ]),
    ("storage", "CSIDriverSpec", &[
        ("attachRequired", &[written("true")]),
        ("fsGroupPolicy", &[written(r#""ReadWriteOnceWithFSType""#)]),
        ("podInfoOnMount", &[written("false")]),
        ("requiresRepublish", &[written("false")]),
        ("storageCapacity", &[written("false")]),
        ("volumeLifecycleModes", &[written(r#"["Persistent"]"#)]),
    ]),
    ("storage", "StorageClass", &[
        ("allowVolumeExpansion", &[means("false")]),
        ("reclaimPolicy", &[written(r#""Delete""#)]),
        ("volumeBindingMode", &[written(r#""Immediate""#)]),
    ]),
];

#[cfg(test)]
mod tests {
    use super::super::{Definition, Schema, Type};
    use super::*;
    use serde_json::Value;

    /// The definition of the newest version that has the field.
    #[track_caller]
    fn definition(group: &str, name: &str, field: &str) -> &'static Definition {
        let found = Schema::definitions().iter().find(|definition| {
            (definition.go_group(), definition.name) == (group, name) && definition.field(field).is_some()
        });
        found.unwrap_or_else(|| panic!("no {group} {name}.{field}"))
    }

    #[test]
    fn the_table_is_sorted_and_names_fields_that_exist() {
        assert!(DEFAULTS.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)), "the binary search needs the order");
        for (group, name, fields) in DEFAULTS {
            for (field, defaults) in *fields {
                let definition = definition(group, name, field);
                assert_eq!(definition.defaults(field), *defaults, "{name}.{field}");
                for default in *defaults {
                    let beside = |other: &str| {
                        definition.field(other).unwrap_or_else(|| panic!("no {other} beside {name}.{field}"))
                    };
                    if let DefaultValue::SameAs(other) = default.value {
                        beside(other);
                    }
                    for when in default.when {
                        match when {
                            When::Is(other, values) => {
                                let known = beside(other).enum_values;
                                assert!(
                                    values.iter().all(|value| known.contains(value)),
                                    "{name}.{field} {when:?}"
                                );
                            }
                            When::NoneOf(others) | When::AnyOf(others) => {
                                others.iter().for_each(|other| _ = beside(other));
                            }
                            When::In(kind) => assert!(Schema::kinds_named(kind).next().is_some(), "{kind}"),
                            When::LatestTag | When::OtherTag | When::HostNetwork => {}
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_default_is_of_its_field_s_type_and_one_of_its_values() {
        for (group, name, fields) in DEFAULTS {
            for (field, defaults) in *fields {
                let field = definition(group, name, field).field(field).expect("found just now");
                for default in *defaults {
                    let DefaultValue::Json(json) = default.value else { continue };
                    let value: Value =
                        serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"));
                    let fits = match &field.ty {
                        Type::String => value.is_string(),
                        Type::Integer(_) => value.is_i64(),
                        Type::Boolean => value.is_boolean(),
                        Type::Array(_) => value.is_array(),
                        Type::Object(_) => value.is_object(),
                        Type::IntOrString | Type::Quantity => value.is_i64() || value.is_string(),
                        _ => false,
                    };
                    assert!(fits, "{name}.{}: {json} is no {}", field.name, field.ty);
                    let listed: Vec<&str> = match &value {
                        Value::String(text) => vec![text],
                        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
                        _ => vec![],
                    };
                    let known = field.enum_values;
                    let among = known.is_empty() || listed.iter().all(|value| known.contains(value));
                    assert!(among, "{name}.{}: {json}", field.name);
                }
            }
        }
    }

    #[test]
    fn every_source_of_a_volume_is_known() {
        let volume = definition("core", "Volume", "name");
        let sources: Vec<_> = volume.field_names().filter(|name| *name != "name").collect();
        assert_eq!(VOLUME_SOURCES, sources);
    }
}
