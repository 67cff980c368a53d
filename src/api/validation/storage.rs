//! Claims, classes and drivers of storage (upstream: ValidatePersistentVolumeClaimSpec, pkg/apis/storage/validation).

use super::at::At;
use super::errors::Errors;
use super::{affinity, formats, meta, resources, volumes};
use crate::api::field_error::FieldError;
use crate::api::names::{label_errors, label_key_errors, subdomain_errors};
use crate::value::Value;
use std::collections::BTreeSet;

const MODES: &[&str] = &["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/// Modes of access that something has.
pub(super) fn access_modes(at: &At, missing: &str, errors: &mut Errors) {
    let modes = at.field("accessModes");
    if modes.is_empty() {
        errors.required(&modes, missing);
    }
    if !missing.is_empty() {
        meta::selector(&at.field("selector"), errors);
    }
    let (mut of_pod, mut others) = (false, false);
    for mode in modes.items() {
        let text = mode.text();
        if !MODES.contains(&text) {
            errors.push(FieldError::unsupported(modes.path(), text, MODES));
        } else if text == "ReadWriteOncePod" {
            of_pod = true;
        } else {
            others = true;
        }
    }
    if of_pod && others {
        errors.forbidden(&modes, "may not use ReadWriteOncePod with other access modes");
    }
}

/// What a claim wants. `is_alone` where it is no template.
pub(super) fn claim_spec(at: &At, is_alone: bool, errors: &mut Errors) {
    access_modes(at, "at least 1 access mode is required", errors);
    let wanted = at.field("resources");
    let requests = wanted.field("requests");
    let storage = requests.key("storage");
    let place = wanted.key("storage");
    let amount = resources::amount(storage.value);
    if !storage.is_there() {
        errors.required(&place, "");
    } else if amount.is_zero() || amount.is_negative() {
        errors.invalid_as(&place, amount.to_string(), "must be greater than zero");
    }
    let class = at.field("storageClassName");
    if !class.is_empty() {
        errors.names(&class, subdomain_errors(class.text()));
    }
    errors.one_of(&at.field("volumeMode"), &["Block", "Filesystem"]);
    let (source, reference) = (at.field("dataSource"), at.field("dataSourceRef"));
    // What a claim's source cannot be is taken away before (upstream: EnforceDataSourceBackwardsCompatibility).
    let is_known = matches!(
        (source.str("apiGroup"), source.str("kind")),
        ("", "PersistentVolumeClaim") | ("snapshot.storage.k8s.io", "VolumeSnapshot")
    );
    let source = if is_alone && !is_known { source.with(&Value::Null) } else { source };
    for given in [&source, &reference].into_iter().filter(|given| given.is_there()) {
        data_source(given, errors);
    }
    let namespace = reference.field("namespace");
    if !namespace.is_empty() {
        errors.names(&namespace, label_errors(namespace.text()));
        if source.is_there() {
            let why = "may not be specified when dataSourceRef.namespace is specified";
            errors.invalid_as(at, source.path(), why);
        }
    } else if source.is_there() && reference.is_there() {
        let same = |name: &str| source.str(name) == reference.str(name);
        if !["kind", "name", "apiGroup"].into_iter().all(same) {
            errors.invalid_as(at, source.path(), "must match dataSourceRef");
        }
    }
    let attributes = at.field("volumeAttributesClassName");
    if !attributes.is_empty() {
        errors.names(&attributes, subdomain_errors(attributes.text()));
    }
}

fn data_source(at: &At, errors: &mut Errors) {
    for name in ["name", "kind"] {
        let field = at.field(name);
        if field.is_empty() {
            errors.required(&field, "");
        }
    }
    let group = at.field("apiGroup");
    if group.is_empty() {
        let kind = at.str("kind");
        if kind != "PersistentVolumeClaim" {
            let why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
            errors.invalid_as(at, kind, why);
        }
    } else {
        errors.names(&group, subdomain_errors(group.text()));
    }
}

/// A StorageClass.
pub(super) fn storage_class(root: &At, errors: &mut Errors) {
    let provisioner = root.field("provisioner");
    match provisioner.text() {
        "" => errors.required_late(&provisioner),
        text => errors.names(&provisioner, formats::qualified_lower(text)),
    }
    let parameters = root.field("parameters");
    for (key, _) in parameters.entries().into_iter().filter(|(key, _)| key.is_empty()) {
        errors.invalid_as(&parameters, key, "field can not be empty.");
    }
    let policy = root.field("reclaimPolicy");
    if !policy.is_empty() {
        errors.one_of(&policy, &["Delete", "Retain"]);
    }
    errors.one_of(&root.field("volumeBindingMode"), &["Immediate", "WaitForFirstConsumer"]);
    affinity::topologies(&root.field("allowedTopologies"), errors);
}

/// A CSIDriver.
pub(super) fn csi_driver(at: &At, errors: &mut Errors) {
    errors.one_of(&at.field("fsGroupPolicy"), &["File", "None", "ReadWriteOnceWithFSType"]);
    let mut seen = BTreeSet::new();
    for request in at.field("tokenRequests").items() {
        let audience = request.field("audience");
        if !seen.insert(request.str("audience").to_owned()) {
            errors.duplicate(&audience, audience.text());
            continue;
        }
        let expiration = request.field("expirationSeconds");
        let seconds = expiration.value.as_int().unwrap_or(600);
        if seconds < 600 {
            errors.invalid(&expiration, "may not specify a duration less than 10 minutes");
        }
        if seconds > 1 << 32 {
            errors.invalid(&expiration, "may not specify a duration larger than 2^32 seconds");
        }
    }
    let modes = at.field("volumeLifecycleModes");
    for mode in modes.items().filter(|mode| !matches!(mode.text(), "Persistent" | "Ephemeral")) {
        errors.push(FieldError::unsupported(modes.path(), mode.text(), &["Persistent", "Ephemeral"]));
    }
    let period = at.field("nodeAllocatableUpdatePeriodSeconds");
    if period.value.as_int().is_some_and(|seconds| seconds < 10) {
        errors.invalid(&period, "must be greater than or equal to 10 seconds");
    }
    let in_secrets = at.field("serviceAccountTokenInSecrets");
    if in_secrets.is_there() && at.field("tokenRequests").is_empty() {
        errors.invalid(&in_secrets, "serviceAccountTokenInSecrets is set but no tokenRequests are specified");
    }
}

/// A CSINode.
pub(super) fn csi_node(at: &At, errors: &mut Errors) {
    let mut names = BTreeSet::new();
    for driver in at.field("drivers").items() {
        let (name, id) = (driver.field("name"), driver.field("nodeID"));
        volumes::driver(&name, errors);
        if id.is_empty() {
            errors.required(&id, "");
        }
        if id.text().len() > 256 {
            errors.invalid(&id, "must be 256 characters or less");
        }
        let allocatable = driver.field("allocatable");
        errors.not_negative(&allocatable.field("count"));
        if !names.insert(driver.str("name").to_owned()) {
            errors.duplicate(&name, name.text());
        }
        let mut keys = BTreeSet::new();
        for key in driver.field("topologyKeys").list() {
            let key = key.as_str().unwrap_or("");
            if key.is_empty() {
                errors.required(&driver, "");
            }
            if !keys.insert(key.to_owned()) {
                errors.duplicate(&driver, key);
            }
            for why in label_key_errors(key) {
                errors.invalid_as(&driver, key, why);
            }
        }
    }
}

/// A VolumeAttachment.
pub(super) fn attachment(at: &At, errors: &mut Errors) {
    let (attacher, source, node) = (at.field("attacher"), at.field("source"), at.field("nodeName"));
    if attacher.is_empty() {
        errors.required_late(&attacher);
    } else {
        for why in formats::lower_subdomain(attacher.text()) {
            errors.push_late(FieldError::invalid(attacher.path(), attacher.text(), why));
        }
    }
    let (inline, name) = (source.field("inlineVolumeSpec"), source.field("persistentVolumeName"));
    const ONE: &str = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
    match (inline.is_there(), name.is_there()) {
        (false, false) => errors.required(&source, ONE),
        (true, true) => errors.forbidden(&source, ONE),
        (false, true) if name.is_empty() => {
            errors.required(&name, "must specify non empty persistentVolumeName");
        }
        _ => {}
    }
    errors.names(&node, subdomain_errors(node.text()));
    if name.is_there() {
        errors.names(&name, subdomain_errors(name.text()));
    }
}

/// How much room a storage system has left.
pub(super) fn capacity(root: &At, errors: &mut Errors) {
    super::meta::selector(&root.field("nodeTopology"), errors);
    let class = root.field("storageClassName");
    let whys = crate::api::names::subdomain_errors(class.text());
    errors.names(&class, whys);
}

/// A class of what a volume can be changed in.
pub(super) fn attributes_class(root: &At, errors: &mut Errors) {
    let driver = root.field("driverName");
    if driver.is_empty() {
        errors.required(&driver, "");
    } else {
        errors.names(&driver, formats::qualified_lower(driver.text()));
    }
    let parameters = root.field("parameters");
    if parameters.is_empty() {
        errors.required(&parameters, "must contain at least one key/value pair");
    }
    for (key, _) in parameters.entries() {
        if key.is_empty() {
            errors.invalid_as(&parameters, key, "field can not be empty.");
        }
    }
}
