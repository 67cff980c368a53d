//! The table of kinds: what `kubectl api-resources` knows of each.

use super::custom::kind::CustomKind;
use crate::value::Str;
use crate::value::stored::{Reader, Stored, Writer};
use std::fmt;

macro_rules! kinds {
    ($( $kind:ident $group:literal $version:literal $plural:literal $short:tt $scope:ident $set:ident; )+) => {
        /// A kind: a built-in one, or one that a CustomResourceDefinition has made. In the order of `kubectl
        /// api-resources`: by group, then by plural; the custom ones come last.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs)]
        pub enum Kind { $( $kind, )+ Custom(CustomKind) }
        /// The built-in kinds as numbers: their places in the table.
        #[derive(Clone, Copy)]
        enum Place { $( $kind ),+ }
        const TABLE: &[KindInfo] = &[ $( KindInfo {
            kind: Kind::$kind, name: stringify!($kind), group: $group, version: $version, plural: $plural,
            short: &$short, namespaced: kinds!(@scope $scope), in_all: kinds!(@set $set),
        } ),+ ];

        impl Kind {
            /// Its row.
            pub fn info(self) -> &'static KindInfo {
                let place = match self { $( Kind::$kind => Place::$kind, )+ Kind::Custom(kind) => return kind.info() };
                &TABLE[place as usize]
            }
        }
    };
    (@scope ns) => { true }; (@scope cluster) => { false };
    (@set all) => { true }; (@set no) => { false };
}

/// One row of the table.
#[derive(Debug)]
pub struct KindInfo {
    /// The kind itself.
    pub kind: Kind,
    /// As in `kind:`.
    pub name: &'static str,
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version that the cluster prefers. Of a custom kind it may change.
    pub version: &'static str,
    /// The resource's name in URLs and in kubectl.
    pub plural: &'static str,
    /// Short names.
    pub short: &'static [&'static str],
    /// Whether its objects live in a Namespace.
    pub namespaced: bool,
    /// Whether `kubectl get all` shows it.
    pub in_all: bool,
}

kinds! {
    Binding "" "v1" "bindings" [] ns no;
    ConfigMap "" "v1" "configmaps" ["cm"] ns no;
    Endpoints "" "v1" "endpoints" ["ep"] ns no;
    Event "" "v1" "events" ["ev"] ns no;
    LimitRange "" "v1" "limitranges" ["limits"] ns no;
    Namespace "" "v1" "namespaces" ["ns"] cluster no;
    Node "" "v1" "nodes" ["no"] cluster no;
    PersistentVolumeClaim "" "v1" "persistentvolumeclaims" ["pvc"] ns no;
    PersistentVolume "" "v1" "persistentvolumes" ["pv"] cluster no;
    Pod "" "v1" "pods" ["po"] ns all;
    PodTemplate "" "v1" "podtemplates" [] ns no;
    ReplicationController "" "v1" "replicationcontrollers" ["rc"] ns all;
    ResourceQuota "" "v1" "resourcequotas" ["quota"] ns no;
    Secret "" "v1" "secrets" [] ns no;
    ServiceAccount "" "v1" "serviceaccounts" ["sa"] ns no;
    Service "" "v1" "services" ["svc"] ns all;
    MutatingAdmissionPolicy "admissionregistration.k8s.io" "v1" "mutatingadmissionpolicies" [] cluster no;
    MutatingAdmissionPolicyBinding "admissionregistration.k8s.io" "v1" "mutatingadmissionpolicybindings" [] cluster no;
    MutatingWebhookConfiguration "admissionregistration.k8s.io" "v1" "mutatingwebhookconfigurations" [] cluster no;
    ValidatingAdmissionPolicy "admissionregistration.k8s.io" "v1" "validatingadmissionpolicies" [] cluster no;
    ValidatingAdmissionPolicyBinding "admissionregistration.k8s.io" "v1" "validatingadmissionpolicybindings" [] cluster no;
    ValidatingWebhookConfiguration "admissionregistration.k8s.io" "v1" "validatingwebhookconfigurations" [] cluster no;
    CustomResourceDefinition "apiextensions.k8s.io" "v1" "customresourcedefinitions" ["crd", "crds"] cluster no;
    APIService "apiregistration.k8s.io" "v1" "apiservices" [] cluster no;
    ControllerRevision "apps" "v1" "controllerrevisions" [] ns no;
    DaemonSet "apps" "v1" "daemonsets" ["ds"] ns all;
    Deployment "apps" "v1" "deployments" ["deploy"] ns all;
    ReplicaSet "apps" "v1" "replicasets" ["rs"] ns all;
    StatefulSet "apps" "v1" "statefulsets" ["sts"] ns all;
    HorizontalPodAutoscaler "autoscaling" "v2" "horizontalpodautoscalers" ["hpa"] ns all;
    CronJob "batch" "v1" "cronjobs" ["cj"] ns all;
    Job "batch" "v1" "jobs" [] ns all;
    CertificateSigningRequest "certificates.k8s.io" "v1" "certificatesigningrequests" ["csr"] cluster no;
    Lease "coordination.k8s.io" "v1" "leases" [] ns no;
    EndpointSlice "discovery.k8s.io" "v1" "endpointslices" [] ns no;
    FlowSchema "flowcontrol.apiserver.k8s.io" "v1" "flowschemas" [] cluster no;
    PriorityLevelConfiguration "flowcontrol.apiserver.k8s.io" "v1" "prioritylevelconfigurations" [] cluster no;
    IngressClass "networking.k8s.io" "v1" "ingressclasses" [] cluster no;
    Ingress "networking.k8s.io" "v1" "ingresses" ["ing"] ns no;
    IPAddress "networking.k8s.io" "v1" "ipaddresses" ["ip"] cluster no;
    NetworkPolicy "networking.k8s.io" "v1" "networkpolicies" ["netpol"] ns no;
    ServiceCIDR "networking.k8s.io" "v1" "servicecidrs" [] cluster no;
    RuntimeClass "node.k8s.io" "v1" "runtimeclasses" [] cluster no;
    PodDisruptionBudget "policy" "v1" "poddisruptionbudgets" ["pdb"] ns no;
    ClusterRoleBinding "rbac.authorization.k8s.io" "v1" "clusterrolebindings" [] cluster no;
    ClusterRole "rbac.authorization.k8s.io" "v1" "clusterroles" [] cluster no;
    RoleBinding "rbac.authorization.k8s.io" "v1" "rolebindings" [] ns no;
    Role "rbac.authorization.k8s.io" "v1" "roles" [] ns no;
    DeviceClass "resource.k8s.io" "v1" "deviceclasses" [] cluster no;
    ResourceClaim "resource.k8s.io" "v1" "resourceclaims" [] ns no;
    ResourceClaimTemplate "resource.k8s.io" "v1" "resourceclaimtemplates" [] ns no;
    ResourceSlice "resource.k8s.io" "v1" "resourceslices" [] cluster no;
    PriorityClass "scheduling.k8s.io" "v1" "priorityclasses" ["pc"] cluster no;
    CSIDriver "storage.k8s.io" "v1" "csidrivers" [] cluster no;
    CSINode "storage.k8s.io" "v1" "csinodes" [] cluster no;
    CSIStorageCapacity "storage.k8s.io" "v1" "csistoragecapacities" [] ns no;
    StorageClass "storage.k8s.io" "v1" "storageclasses" ["sc"] cluster no;
    VolumeAttachment "storage.k8s.io" "v1" "volumeattachments" [] cluster no;
    VolumeAttributesClass "storage.k8s.io" "v1" "volumeattributesclasses" ["vac"] cluster no;
}

/// By its name, not by its place in the table: a kind more changes no other's hash.
impl std::hash::Hash for Kind {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.info().name.hash(state);
    }
}

impl Kind {
    /// The first in the order of the table.
    pub const fn first() -> Self {
        TABLE[0].kind
    }
    /// Every built-in kind, in the order of the table.
    pub fn all() -> impl Iterator<Item = Kind> {
        TABLE.iter().map(|info| info.kind)
    }
    /// As in `apiVersion:`, in the version that the cluster prefers.
    pub fn api_version(self) -> String {
        let info = self.info();
        if info.group.is_empty() { info.version.into() } else { format!("{}/{}", info.group, info.version) }
    }
    /// Whether a CustomResourceDefinition has made it.
    pub fn is_custom(self) -> bool {
        matches!(self, Self::Custom(_))
    }
    /// The built-in kind that an object with these two lines is of, whatever the version.
    pub fn of(api_version: &str, kind: &str) -> Option<Kind> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        TABLE.iter().find(|info| info.name == kind && info.group == group).map(|info| info.kind)
    }
    /// As discovery lets kubectl find it: the name as it is, or all of it in small letters.
    pub fn discovered(api_version: &str, kind: &str) -> Option<Kind> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let is_it = |name: &str| {
            let small = name.bytes().map(|byte| byte.to_ascii_lowercase());
            name == kind || small.eq(kind.bytes())
        };
        let found = TABLE.iter().find(|info| info.group == group && is_it(info.name)).map(|info| info.kind);
        found.filter(|kind| kind.is_served(api_version))
    }
    /// Whether the cluster serves the kind in this version: beta versions are off in a cluster as it comes.
    pub fn is_served(self, api_version: &str) -> bool {
        let info = self.info();
        let (_, version) = api_version.split_once('/').unwrap_or(("", api_version));
        version == info.version || (self == Kind::HorizontalPodAutoscaler && version == "v1")
    }
    /// Whether an object with these two lines is of this kind, whatever the version.
    pub fn is(self, api_version: &str, kind: &str) -> bool {
        let info = self.info();
        info.name == kind && info.group == api_version.split_once('/').map_or("", |(group, _)| group)
    }
    /// The kind of this name in any group.
    pub fn named(kind: &str) -> Option<Kind> {
        TABLE.iter().find(|info| info.name == kind).map(|info| info.kind)
    }
    /// The kind that kubectl means by `word`: plural, singular, short name or `plural.group`, in any case of letters.
    pub fn from_resource(word: &str) -> Option<Kind> {
        let word = word.to_ascii_lowercase();
        let (name, group) = word.split_once('.').map_or((&*word, None), |(name, group)| (name, Some(group)));
        let matches = |info: &&KindInfo| {
            (info.plural == name || info.name.to_ascii_lowercase() == name || info.short.contains(&name))
                && group.is_none_or(|group| {
                    group == info.group
                        || group
                            .strip_prefix(info.version)
                            .is_some_and(|rest| rest == format!(".{}", info.group))
                })
        };
        TABLE.iter().find(matches).map(|info| info.kind)
    }
    /// `pods`, `deployments.apps`: as error messages and kubectl's output name the resource.
    pub fn resource(self) -> String {
        let info = self.info();
        if info.group.is_empty() { info.plural.into() } else { format!("{}.{}", info.plural, info.group) }
    }
    /// `pod`, `deployment.apps`: as kubectl's answers name the object.
    pub fn singular(self) -> String {
        let info = self.info();
        let name = info.name.to_ascii_lowercase();
        if info.group.is_empty() { name } else { format!("{name}.{}", info.group) }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.info().name)
    }
}

/// What an object is called in the cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    /// Its kind.
    pub kind: Kind,
    /// Its Namespace; empty for kinds of the whole cluster.
    pub namespace: Str,
    /// Its name.
    pub name: Str,
}

crate::stored! {
    struct ObjectKey { kind, namespace, name };
}

impl Stored for Kind {
    fn write(&self, to: &mut Writer) {
        // What is stored was made before anybody could define a kind.
        let place = TABLE.iter().position(|info| info.kind == *self).unwrap_or(TABLE.len());
        to.number(place as u64);
    }
    fn read(from: &mut Reader) -> Option<Self> {
        TABLE.get(from.number()? as usize).map(|info| info.kind)
    }
}

impl ObjectKey {
    /// A key; the Namespace of a kind of the whole cluster is dropped.
    pub fn new(kind: Kind, namespace: impl Into<Str>, name: impl Into<Str>) -> Self {
        let namespace = if kind.info().namespaced { namespace.into() } else { Str::default() };
        Self { kind, namespace, name: name.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_indexed_by_the_enum() {
        for kind in Kind::all() {
            assert_eq!(kind.info().kind, kind);
        }
    }

    #[test]
    fn kubectl_words_name_kinds() {
        for (word, kind) in [
            ("po", Kind::Pod),
            ("pods", Kind::Pod),
            ("Deployment", Kind::Deployment),
            ("deployments.apps", Kind::Deployment),
            ("deployments.v1.apps", Kind::Deployment),
            ("svc", Kind::Service),
            ("ev", Kind::Event),
        ] {
            assert_eq!(Kind::from_resource(word), Some(kind), "{word}");
        }
        assert_eq!(Kind::from_resource("deployments.extensions"), None);
        assert_eq!(Kind::of("apps/v1", "Pod"), None);
    }
}
