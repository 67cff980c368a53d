//! The values that strings take, which the OpenAPI definitions do not list.
//!
//! Kept by hand from Kubernetes' Go types and from the answers of its API server 1.37, in the server's order
//! where an answer shows it. Only closed sets are here: what the server would refuse, and phases that it alone
//! writes. A set that is open (condition types, signer names, resource names) is not.

/// The values of each field, for every version of its group, sorted by group and definition.
type Row = (&'static str, &'static str, &'static [(&'static str, &'static [&'static str])]);

/// The values of a field, none if any string goes or it is not known.
pub(super) fn of(group: &str, definition: &str, field: &str) -> &'static [&'static str] {
    let Ok(row) = ENUMS.binary_search_by(|row| (row.0, row.1).cmp(&(group, definition))) else { return &[] };
    ENUMS[row].2.iter().find(|(name, _)| *name == field).map_or(&[], |(_, values)| values)
}

const ACCESS_MODE: &[&str] = &["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const CONDITION_STATUS: &[&str] = &["False", "True", "Unknown"];
const DEVICE_ALLOCATION_MODE: &[&str] = &["All", "ExactCount"];
const DEVICE_CONFIGURATION_SOURCE: &[&str] = &["FromClaim", "FromClass"];
const DEVICE_TAINT_EFFECT: &[&str] = &["NoExecute", "NoSchedule", "None"];
const FAILURE_POLICY: &[&str] = &["Fail", "Ignore"];
const IP_FAMILY: &[&str] = &["IPv4", "IPv6"];
const MATCH_POLICY: &[&str] = &["Equivalent", "Exact"];
const METRIC_SOURCE_TYPE: &[&str] = &["ContainerResource", "External", "Object", "Pods", "Resource"];
const NODE_INCLUSION_POLICY: &[&str] = &["Honor", "Ignore"];
const PREEMPTION_POLICY: &[&str] = &["Never", "PreemptLowerPriority"];
const PROTOCOL: &[&str] = &["SCTP", "TCP", "UDP"];
const PULL_POLICY: &[&str] = &["Always", "IfNotPresent", "Never"];
const QUOTA_SCOPE: &[&str] = &[
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "PriorityClass",
    "Terminating",
    "VolumeAttributesClass",
];
const RECLAIM_POLICY: &[&str] = &["Delete", "Recycle", "Retain"];
const REINVOCATION_POLICY: &[&str] = &["IfNeeded", "Never"];
const RESTART_POLICY: &[&str] = &["Always", "OnFailure", "Never"];
const RULE_OPERATIONS: &[&str] = &["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const RULE_SCOPE: &[&str] = &["*", "Cluster", "Namespaced"];
const SELECTOR_OPERATOR: &[&str] = &["DoesNotExist", "Exists", "In", "NotIn"];
const SIDE_EFFECTS: &[&str] = &["None", "NoneOnDryRun", "Some", "Unknown"];
const STATEFUL_SET_CLAIM_POLICY: &[&str] = &["Delete", "Retain"];
const SCALE_IO_STORAGE_MODE: &[&str] = &["ThickProvisioned", "ThinProvisioned"];
const TAINT_EFFECT: &[&str] = &["NoSchedule", "PreferNoSchedule", "NoExecute"];
const TERMINATION_MESSAGE_POLICY: &[&str] = &["FallbackToLogsOnError", "File"];
const TRAFFIC_POLICY: &[&str] = &["Cluster", "Local"];
const VOLUME_MODE: &[&str] = &["Block", "Filesystem"];
const RUN_PROFILE: &[&str] = &["Localhost", "RuntimeDefault", "Unconfined"];

#[rustfmt::skip]
const SIGNAL: &[&str] = &[
    "SIGABRT", "SIGALRM", "SIGBUS", "SIGCHLD", "SIGCLD", "SIGCONT", "SIGFPE", "SIGHUP", "SIGILL", "SIGINT",
    "SIGIO", "SIGIOT", "SIGKILL", "SIGPIPE", "SIGPOLL", "SIGPROF", "SIGPWR", "SIGQUIT", "SIGRTMAX",
    "SIGRTMAX-1", "SIGRTMAX-10", "SIGRTMAX-11", "SIGRTMAX-12", "SIGRTMAX-13", "SIGRTMAX-14", "SIGRTMAX-2",
    "SIGRTMAX-3", "SIGRTMAX-4", "SIGRTMAX-5", "SIGRTMAX-6", "SIGRTMAX-7", "SIGRTMAX-8", "SIGRTMAX-9",
    "SIGRTMIN", "SIGRTMIN+1", "SIGRTMIN+10", "SIGRTMIN+11", "SIGRTMIN+12", "SIGRTMIN+13", "SIGRTMIN+14",
    "SIGRTMIN+15", "SIGRTMIN+2", "SIGRTMIN+3", "SIGRTMIN+4", "SIGRTMIN+5", "SIGRTMIN+6", "SIGRTMIN+7",
    "SIGRTMIN+8", "SIGRTMIN+9", "SIGSEGV", "SIGSTKFLT", "SIGSTOP", "SIGSYS", "SIGTERM", "SIGTRAP", "SIGTSTP",
    "SIGTTIN", "SIGTTOU", "SIGURG", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ",
];

#[rustfmt::skip]
const CERTIFICATE_USAGE: &[&str] = &[
    "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment",
    "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system",
    "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc",
    "ocsp signing", "s/mime", "server auth", "signing", "timestamping",
];

/// The fields of containers, and of ephemeral containers, which are the same with another definition.
const CONTAINER: &[(&str, &[&str])] = &[
    ("imagePullPolicy", PULL_POLICY),
    ("restartPolicy", RESTART_POLICY),
    ("terminationMessagePolicy", TERMINATION_MESSAGE_POLICY),
];

#[rustfmt::skip]
const ENUMS: &[Row] = &[
    ("admissionregistration", "MatchResources", &[("matchPolicy", MATCH_POLICY)]),
    ("admissionregistration", "MutatingAdmissionPolicySpec", &[
        ("failurePolicy", FAILURE_POLICY), ("reinvocationPolicy", REINVOCATION_POLICY),
    ]),
    ("admissionregistration", "MutatingWebhook", &[
        ("failurePolicy", FAILURE_POLICY), ("matchPolicy", MATCH_POLICY),
        ("reinvocationPolicy", REINVOCATION_POLICY), ("sideEffects", SIDE_EFFECTS),
    ]),
    ("admissionregistration", "Mutation", &[("patchType", &["ApplyConfiguration", "JSONPatch"])]),
    ("admissionregistration", "NamedRuleWithOperations", &[
        ("operations", RULE_OPERATIONS), ("scope", RULE_SCOPE),
    ]),
    ("admissionregistration", "ParamRef", &[("parameterNotFoundAction", &["Allow", "Deny"])]),
    ("admissionregistration", "RuleWithOperations", &[("operations", RULE_OPERATIONS), ("scope", RULE_SCOPE)]),
    ("admissionregistration", "ValidatingAdmissionPolicyBindingSpec", &[
        ("validationActions", &["Audit", "Deny", "Warn"]),
    ]),
    ("admissionregistration", "ValidatingAdmissionPolicySpec", &[("failurePolicy", FAILURE_POLICY)]),
    ("admissionregistration", "ValidatingWebhook", &[
        ("failurePolicy", FAILURE_POLICY), ("matchPolicy", MATCH_POLICY), ("sideEffects", SIDE_EFFECTS),
    ]),
    ("admissionregistration", "Validation", &[
        ("reason", &["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"]),
    ]),
    ("apiextensions", "CustomResourceConversion", &[("strategy", &["None", "Webhook"])]),
    ("apiextensions", "CustomResourceDefinitionSpec", &[("scope", &["Cluster", "Namespaced"])]),
    ("apiextensions", "JSONSchemaProps", &[
        ("x-kubernetes-list-type", &["atomic", "map", "set"]),
        ("x-kubernetes-map-type", &["atomic", "granular"]),
    ]),
    ("apiextensions", "ValidationRule", &[
        ("reason", &["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"]),
    ]),
    ("apps", "DaemonSetUpdateStrategy", &[("type", &["OnDelete", "RollingUpdate"])]),
    ("apps", "DeploymentStrategy", &[("type", &["Recreate", "RollingUpdate"])]),
    ("apps", "StatefulSetPersistentVolumeClaimRetentionPolicy", &[
        ("whenDeleted", STATEFUL_SET_CLAIM_POLICY), ("whenScaled", STATEFUL_SET_CLAIM_POLICY),
    ]),
    ("apps", "StatefulSetSpec", &[("podManagementPolicy", &["OrderedReady", "Parallel"])]),
    ("apps", "StatefulSetUpdateStrategy", &[("type", &["OnDelete", "RollingUpdate"])]),
    ("autoscaling", "HPAScalingPolicy", &[("type", &["Percent", "Pods"])]),
    ("autoscaling", "HPAScalingRules", &[("selectPolicy", &["Disabled", "Max", "Min"])]),
    ("autoscaling", "MetricSpec", &[("type", METRIC_SOURCE_TYPE)]),
    ("autoscaling", "MetricStatus", &[("type", METRIC_SOURCE_TYPE)]),
    ("autoscaling", "MetricTarget", &[("type", &["AverageValue", "Utilization", "Value"])]),
    ("batch", "CronJobSpec", &[("concurrencyPolicy", &["Allow", "Forbid", "Replace"])]),
    ("batch", "JobSpec", &[
        ("completionMode", &["Indexed", "NonIndexed"]),
        ("podReplacementPolicy", &["Failed", "TerminatingOrFailed"]),
    ]),
    ("batch", "PodFailurePolicyOnExitCodesRequirement", &[("operator", &["In", "NotIn"])]),
    ("batch", "PodFailurePolicyOnPodConditionsPattern", &[("status", CONDITION_STATUS)]),
    ("batch", "PodFailurePolicyRule", &[("action", &["Count", "FailIndex", "FailJob", "Ignore"])]),
    ("certificates", "CertificateSigningRequestCondition", &[("status", CONDITION_STATUS)]),
    ("certificates", "CertificateSigningRequestSpec", &[("usages", CERTIFICATE_USAGE)]),
    ("core", "AppArmorProfile", &[("type", RUN_PROFILE)]),
    ("core", "AzureDiskVolumeSource", &[
        ("cachingMode", &["None", "ReadOnly", "ReadWrite"]), ("kind", &["Dedicated", "Managed", "Shared"]),
    ]),
    ("core", "Container", CONTAINER),
    ("core", "ContainerPort", &[("protocol", PROTOCOL)]),
    ("core", "ContainerResizePolicy", &[
        ("resourceName", &["cpu", "memory"]), ("restartPolicy", &["NotRequired", "RestartContainer"]),
    ]),
    ("core", "ContainerRestartRule", &[("action", &["Restart"])]),
    ("core", "ContainerRestartRuleOnExitCodes", &[("operator", &["In", "NotIn"])]),
    ("core", "ContainerStatus", &[("stopSignal", SIGNAL)]),
    ("core", "EndpointPort", &[("protocol", PROTOCOL)]),
    ("core", "EphemeralContainer", CONTAINER),
    ("core", "HTTPGetAction", &[("scheme", &["HTTP", "HTTPS"])]),
    ("core", "HostPathVolumeSource", &[
        ("type", &[
            "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
        ]),
    ]),
    ("core", "ImageVolumeSource", &[("pullPolicy", PULL_POLICY)]),
    ("core", "Lifecycle", &[("stopSignal", SIGNAL)]),
    ("core", "LoadBalancerIngress", &[("ipMode", &["Proxy", "VIP"])]),
    ("core", "ModifyVolumeStatus", &[("status", &["InProgress", "Infeasible", "Pending"])]),
    ("core", "NamespaceStatus", &[("phase", &["Active", "Terminating"])]),
    ("core", "NodeSelectorRequirement", &[
        ("operator", &["DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"]),
    ]),
    ("core", "PersistentVolumeClaimSpec", &[("accessModes", ACCESS_MODE), ("volumeMode", VOLUME_MODE)]),
    ("core", "PersistentVolumeClaimStatus", &[
        ("accessModes", ACCESS_MODE), ("phase", &["Bound", "Lost", "Pending"]),
    ]),
    ("core", "PersistentVolumeSpec", &[
        ("accessModes", ACCESS_MODE), ("persistentVolumeReclaimPolicy", RECLAIM_POLICY),
        ("volumeMode", VOLUME_MODE),
    ]),
    ("core", "PersistentVolumeStatus", &[("phase", &["Available", "Bound", "Failed", "Pending", "Released"])]),
    ("core", "PodCertificateProjection", &[
        ("keyType", &["ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519", "RSA3072", "RSA4096"]),
    ]),
    ("core", "PodOS", &[("name", &["linux", "windows"])]),
    ("core", "PodSecurityContext", &[
        ("fsGroupChangePolicy", &["Always", "OnRootMismatch"]),
        ("seLinuxChangePolicy", &["MountOption", "Recursive"]),
        ("supplementalGroupsPolicy", &["Merge", "Strict"]),
    ]),
    ("core", "PodSpec", &[
        ("dnsPolicy", &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"]),
        ("preemptionPolicy", PREEMPTION_POLICY),
        ("restartPolicy", RESTART_POLICY),
    ]),
    ("core", "PodStatus", &[
        ("phase", &["Failed", "Pending", "Running", "Succeeded", "Unknown"]),
        ("qosClass", &["BestEffort", "Burstable", "Guaranteed"]),
    ]),
    ("core", "PortStatus", &[("protocol", PROTOCOL)]),
    ("core", "ResourceQuotaSpec", &[("scopes", QUOTA_SCOPE)]),
    ("core", "ScaleIOPersistentVolumeSource", &[("storageMode", SCALE_IO_STORAGE_MODE)]),
    ("core", "ScaleIOVolumeSource", &[("storageMode", SCALE_IO_STORAGE_MODE)]),
    ("core", "ScopedResourceSelectorRequirement", &[
        ("operator", SELECTOR_OPERATOR), ("scopeName", QUOTA_SCOPE),
    ]),
    ("core", "SeccompProfile", &[("type", RUN_PROFILE)]),
    ("core", "SecurityContext", &[("procMount", &["Default", "Unmasked"])]),
    ("core", "ServicePort", &[("protocol", PROTOCOL)]),
    ("core", "ServiceSpec", &[
        ("externalTrafficPolicy", TRAFFIC_POLICY),
        ("internalTrafficPolicy", TRAFFIC_POLICY),
        ("ipFamilies", IP_FAMILY),
        ("ipFamilyPolicy", &["PreferDualStack", "RequireDualStack", "SingleStack"]),
        ("sessionAffinity", &["ClientIP", "None"]),
        ("trafficDistribution", &["PreferClose", "PreferSameNode", "PreferSameZone"]),
        ("type", &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]),
    ]),
    ("core", "Taint", &[("effect", TAINT_EFFECT)]),
    // Gt and Lt, which OpenAPI's descriptions mention, are behind a feature gate that is off.
    ("core", "Toleration", &[("effect", TAINT_EFFECT), ("operator", &["Equal", "Exists"])]),
    ("core", "TopologySpreadConstraint", &[
        ("nodeAffinityPolicy", NODE_INCLUSION_POLICY), ("nodeTaintsPolicy", NODE_INCLUSION_POLICY),
        ("whenUnsatisfiable", &["DoNotSchedule", "ScheduleAnyway"]),
    ]),
    ("core", "VolumeMount", &[
        ("mountPropagation", &["Bidirectional", "HostToContainer", "None"]),
        ("recursiveReadOnly", &["Disabled", "Enabled", "IfPossible"]),
    ]),
    ("discovery", "EndpointPort", &[("protocol", PROTOCOL)]),
    ("discovery", "EndpointSlice", &[("addressType", &["FQDN", "IPv4", "IPv6"])]),
    ("flowcontrol", "FlowDistinguisherMethod", &[("type", &["ByNamespace", "ByUser"])]),
    ("flowcontrol", "LimitResponse", &[("type", &["Queue", "Reject"])]),
    ("flowcontrol", "PriorityLevelConfigurationSpec", &[("type", &["Exempt", "Limited"])]),
    ("flowcontrol", "Subject", &[("kind", &["Group", "ServiceAccount", "User"])]),
    ("meta", "Condition", &[("status", CONDITION_STATUS)]),
    ("meta", "DeleteOptions", &[
        ("dryRun", &["All"]), ("propagationPolicy", &["Background", "Foreground", "Orphan"]),
    ]),
    ("meta", "FieldSelectorRequirement", &[("operator", SELECTOR_OPERATOR)]),
    ("meta", "LabelSelectorRequirement", &[("operator", SELECTOR_OPERATOR)]),
    ("meta", "ManagedFieldsEntry", &[("operation", &["Apply", "Update"])]),
    ("networking", "HTTPIngressPath", &[("pathType", &["Exact", "ImplementationSpecific", "Prefix"])]),
    ("networking", "IngressClassParametersReference", &[("scope", &["Cluster", "Namespace"])]),
    ("networking", "IngressPortStatus", &[("protocol", PROTOCOL)]),
    ("networking", "NetworkPolicyPort", &[("protocol", PROTOCOL)]),
    ("networking", "NetworkPolicySpec", &[("policyTypes", &["Ingress", "Egress"])]),
    ("policy", "PodDisruptionBudgetSpec", &[
        ("unhealthyPodEvictionPolicy", &["AlwaysAllow", "IfHealthyBudget"]),
    ]),
    ("rbac", "RoleRef", &[("apiGroup", &["rbac.authorization.k8s.io"]), ("kind", &["Role", "ClusterRole"])]),
    ("rbac", "Subject", &[("kind", &["Group", "ServiceAccount", "User"])]),
    ("resource", "DeviceAllocationConfiguration", &[("source", DEVICE_CONFIGURATION_SOURCE)]),
    ("resource", "DeviceRequest", &[("allocationMode", DEVICE_ALLOCATION_MODE)]),
    ("resource", "DeviceSubRequest", &[("allocationMode", DEVICE_ALLOCATION_MODE)]),
    ("resource", "DeviceTaint", &[("effect", DEVICE_TAINT_EFFECT)]),
    ("resource", "DeviceToleration", &[("effect", DEVICE_TAINT_EFFECT), ("operator", &["Equal", "Exists"])]),
    ("resource", "ExactDeviceRequest", &[("allocationMode", DEVICE_ALLOCATION_MODE)]),
    ("resource", "ResourceSliceSpec", &[
        ("skipNodeOperations", &["*", "NodePrepareResources", "NodeUnprepareResources"]),
    ]),
    ("scheduling", "PriorityClass", &[("preemptionPolicy", PREEMPTION_POLICY)]),
    ("storage", "CSIDriverSpec", &[
        ("fsGroupPolicy", &["File", "None", "ReadWriteOnceWithFSType"]),
        ("volumeLifecycleModes", &["Ephemeral", "Persistent"]),
    ]),
    ("storage", "StorageClass", &[
        ("reclaimPolicy", RECLAIM_POLICY), ("volumeBindingMode", &["Immediate", "WaitForFirstConsumer"]),
    ]),
];

#[cfg(test)]
mod tests {
    use super::super::{Schema, Type};
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_strings_that_exist() {
        assert!(ENUMS.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)), "the binary search needs the order");
        for (group, name, fields) in ENUMS {
            let versions: Vec<_> = Schema::definitions()
                .iter()
                .filter(|definition| (definition.go_group(), definition.name) == (group, name))
                .collect();
            for (field, values) in *fields {
                // A later version may have gained the field.
                let found = versions.iter().find_map(|definition| definition.field(field));
                let found = found.unwrap_or_else(|| panic!("no {group} {name}.{field}"));
                assert_eq!(found.enum_values, *values, "{name}.{field}");
                let ty = found.ty.inner().unwrap_or(&found.ty);
                assert_eq!(*ty, Type::String, "{name}.{field}");
            }
        }
    }

    #[test]
    fn values_are_in_the_order_in_which_the_server_lists_them() {
        for (group, definition, field, expected) in [
            ("core", "PodSpec", "restartPolicy", r#""Always", "OnFailure", "Never""#),
            (
                "core",
                "PodSpec",
                "dnsPolicy",
                r#""ClusterFirstWithHostNet", "ClusterFirst", "Default", "None""#,
            ),
            ("core", "ServiceSpec", "type", r#""ClusterIP", "ExternalName", "LoadBalancer", "NodePort""#),
            ("core", "Toleration", "operator", r#""Equal", "Exists""#),
            ("networking", "NetworkPolicySpec", "policyTypes", r#""Ingress", "Egress""#),
            ("rbac", "RoleRef", "kind", r#""Role", "ClusterRole""#),
        ] {
            let listed: Vec<_> =
                of(group, definition, field).iter().map(|value| format!("{value:?}")).collect();
            assert_eq!(listed.join(", "), expected, "{definition}.{field}");
        }
    }
}
