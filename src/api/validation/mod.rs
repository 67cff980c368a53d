//! The API server's validation: every error of an object that decodes, in upstream's order and words (upstream:
//! `pkg/apis/*/validation`, `apimachinery/pkg/api/validation`).
//!
//! What many structs have alike stands in a table (`shapes.txt`), what looks at several fields is code, a file for each
//! of upstream's packages. Objects are looked at with their defaults filled in. What only the cluster can tell is not
//! here, nor what compares with an older version of the object.

mod affinity;
mod apps;
mod at;
mod autoscaling;
mod batch;
mod certificates;
mod container;
mod core;
mod defaults;
mod definitions;
mod devices;
mod ephemeral;
mod errors;
mod flowcontrol;
mod formats;
mod meta;
mod networking;
mod pod;
mod policies;
mod rbac;
mod resources;
mod security;
mod service;
mod shapes;
mod storage;
mod structural;
#[cfg(test)]
mod tests;
mod volumes;
mod warnings;
mod webhooks;

use super::field_error::FieldError;
use super::kinds::Kind;
use crate::schema::Definition;
use crate::value::Value;
use at::At;
use errors::Errors;

pub(crate) use warnings::{warnings, warnings_on_update};

/// What is wrong with an object of a kind, as it came.
pub(crate) fn errors(
    kind: Option<Kind>,
    name: &str,
    definition: &'static Definition,
    object: &Value,
) -> Vec<FieldError> {
    let object = defaults::filled(name, definition, object);
    let root = At::root(&object);
    let mut errors = Errors::default();
    let Some(kind) = kind else { return Vec::new() };
    meta::object(kind, &root, &mut errors);
    of_kind(kind, &root, &mut errors);
    errors.finish()
}

/// What is wrong with what is a kind's own.
fn of_kind(kind: Kind, root: &At, errors: &mut Errors) {
    let spec = root.field("spec");
    match kind {
        Kind::Pod => pod::pod(root, errors),
        Kind::PodTemplate => pod::template(&root.field("template"), errors),
        Kind::Deployment => apps::deployment(&spec, errors),
        Kind::ReplicaSet => apps::replica_set(&spec, errors),
        Kind::StatefulSet => apps::stateful_set(&spec, errors),
        Kind::DaemonSet => apps::daemon_set(&spec, errors),
        Kind::ReplicationController => apps::replication_controller(&spec, errors),
        Kind::Job => batch::job(root, errors),
        Kind::CronJob => batch::cron_job(root, errors),
        Kind::Service => service::service(root, errors),
        Kind::Endpoints => service::endpoints(root, errors),
        Kind::EndpointSlice => service::endpoint_slice(root, errors),
        Kind::Ingress => networking::ingress(root, errors),
        Kind::IngressClass => networking::ingress_class(&spec, errors),
        Kind::NetworkPolicy => networking::network_policy(&spec, errors),
        Kind::HorizontalPodAutoscaler => autoscaling::autoscaler(&spec, errors),
        Kind::PodDisruptionBudget => autoscaling::budget(&spec, errors),
        Kind::Role | Kind::ClusterRole => rbac::role(kind == Kind::Role, root, errors),
        Kind::RoleBinding | Kind::ClusterRoleBinding => {
            rbac::binding(kind == Kind::RoleBinding, root, errors)
        }
        Kind::ConfigMap => core::config_map(root, errors),
        Kind::Secret => core::secret(root, errors),
        Kind::Event => core::event(root, errors),
        Kind::Namespace => core::namespace(root, errors),
        Kind::Node => core::node(root, errors),
        Kind::LimitRange => core::limit_range(&spec, errors),
        Kind::ResourceQuota => core::resource_quota(&spec, errors),
        Kind::PriorityClass => core::priority_class(root, errors),
        Kind::PersistentVolume => volumes::persistent_volume(root, errors),
        Kind::PersistentVolumeClaim => storage::claim_spec(&spec, true, errors),
        Kind::StorageClass => storage::storage_class(root, errors),
        Kind::CSIDriver => storage::csi_driver(&spec, errors),
        Kind::CSINode => storage::csi_node(&spec, errors),
        Kind::VolumeAttachment => storage::attachment(&spec, errors),
        Kind::RuntimeClass => core::runtime_class(root, errors),
        Kind::Lease => shapes::check("LeaseSpec", &spec, errors),
        Kind::ValidatingWebhookConfiguration | Kind::MutatingWebhookConfiguration => {
            webhooks::configuration(kind == Kind::MutatingWebhookConfiguration, root, errors);
        }
        Kind::ValidatingAdmissionPolicy | Kind::MutatingAdmissionPolicy => {
            policies::policy(kind == Kind::MutatingAdmissionPolicy, &spec, errors);
        }
        Kind::ValidatingAdmissionPolicyBinding | Kind::MutatingAdmissionPolicyBinding => {
            policies::binding(kind == Kind::MutatingAdmissionPolicyBinding, &spec, errors);
        }
        Kind::CertificateSigningRequest => certificates::request(&spec, errors),
        Kind::FlowSchema => flowcontrol::schema(root, errors),
        Kind::PriorityLevelConfiguration => flowcontrol::level(root, errors),
        Kind::CSIStorageCapacity => storage::capacity(root, errors),
        Kind::VolumeAttributesClass => storage::attributes_class(root, errors),
        Kind::IPAddress => networking::ip_address(root, errors),
        Kind::ServiceCIDR => networking::service_cidr(&spec, errors),
        Kind::ControllerRevision => apps::controller_revision(root, errors),
        Kind::APIService => webhooks::api_service(root, errors),
        Kind::ResourceClaim => devices::claim(&spec, errors),
        Kind::ResourceClaimTemplate => devices::claim_template(&spec, errors),
        Kind::DeviceClass => devices::class(&spec, errors),
        Kind::ResourceSlice => devices::slice(&spec, errors),
        Kind::CustomResourceDefinition => definitions::definition(root, errors),
        _ => {}
    }
}
