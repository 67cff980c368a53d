//! Volumes of Pods and PersistentVolumes (upstream: ValidateVolumes, ValidatePersistentVolumeSpec).

use super::at::At;
use super::errors::Errors;
use super::{affinity, container, formats, meta, resources, shapes, storage};
use crate::api::field_error::FieldError;
use crate::api::names::{label_errors, subdomain_errors};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};

const MORE_THAN_ONE: &str = "may not specify more than 1 volume type";
/// What a Pod's volume can be, in upstream's order, with the struct of the table where there is one.
const SOURCES: &[(&str, &str)] = &[
    ("emptyDir", ""),
    ("hostPath", ""),
    ("gitRepo", "GitRepoVolumeSource"),
    ("gcePersistentDisk", "GCEPersistentDiskVolumeSource"),
    ("awsElasticBlockStore", "AWSElasticBlockStoreVolumeSource"),
    ("secret", "SecretVolumeSource"),
    ("nfs", ""),
    ("iscsi", ""),
    ("glusterfs", "GlusterfsVolumeSource"),
    ("flocker", ""),
    ("persistentVolumeClaim", "PersistentVolumeClaimVolumeSource"),
    ("rbd", "RBDVolumeSource"),
    ("cinder", "CinderVolumeSource"),
    ("cephfs", "CephFSVolumeSource"),
    ("quobyte", ""),
    ("downwardAPI", ""),
    ("fc", ""),
    ("flexVolume", "FlexVolumeSource"),
    ("configMap", "ConfigMapVolumeSource"),
    ("azureFile", "AzureFileVolumeSource"),
    ("vsphereVolume", "VsphereVirtualDiskVolumeSource"),
    ("photonPersistentDisk", "PhotonPersistentDiskVolumeSource"),
    ("portworxVolume", "PortworxVolumeSource"),
    ("azureDisk", "AzureDiskVolumeSource"),
    ("storageos", "StorageOSVolumeSource"),
    ("projected", ""),
    ("scaleIO", "ScaleIOVolumeSource"),
    ("csi", ""),
    ("ephemeral", ""),
    ("image", "ImageVolumeSource"),
];
/// What a PersistentVolume can be.
const PERSISTENT: &[(&str, &str)] = &[
    ("hostPath", ""),
    ("gcePersistentDisk", "GCEPersistentDiskVolumeSource"),
    ("awsElasticBlockStore", "AWSElasticBlockStoreVolumeSource"),
    ("glusterfs", "GlusterfsVolumeSource"),
    ("flocker", ""),
    ("nfs", ""),
    ("rbd", "RBDVolumeSource"),
    ("quobyte", ""),
    ("cephfs", "CephFSVolumeSource"),
    ("iscsi", ""),
    ("cinder", "CinderPersistentVolumeSource"),
    ("fc", ""),
    ("flexVolume", "FlexVolumeSource"),
    ("azureFile", "AzureFilePersistentVolumeSource"),
    ("vsphereVolume", "VsphereVirtualDiskVolumeSource"),
    ("photonPersistentDisk", "PhotonPersistentDiskVolumeSource"),
    ("portworxVolume", "PortworxVolumeSource"),
    ("azureDisk", "AzureDiskVolumeSource"),
    ("scaleIO", "ScaleIOVolumeSource"),
    ("local", ""),
    ("storageos", "StorageOSPersistentVolumeSource"),
    ("csi", ""),
];
/// Upstream writes some places differently.
const PLACES: &[(&str, &str)] = &[("gcePersistentDisk", "persistentDisk")];
const PLACES_OF_MORE: &[(&str, &str)] = &[("cephfs", "cephFS"), ("downwardAPI", "downwarAPI")];

/// The volumes of a Pod in which nothing is wrong, by name, each with whether it is a claim.
pub(super) struct Volumes(BTreeMap<String, bool>);

impl Volumes {
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
    pub(super) fn is_claim(&self, name: &str) -> Option<bool> {
        self.0.get(name).copied()
    }
}

/// The volumes of a Pod of this name.
pub(super) fn of_pod(at: &At, pod: &str, errors: &mut Errors) -> Volumes {
    let mut good = BTreeMap::new();
    let mut made = BTreeSet::new();
    for volume in at.items().filter(|volume| volume.has("ephemeral") && !pod.is_empty()) {
        made.insert(format!("{pod}-{}", volume.str("name")));
    }
    for volume in at.items() {
        let before = errors.len();
        source(&volume, pod, errors);
        let name = volume.field("name");
        match name.text() {
            "" => errors.required(&name, ""),
            text => errors.names(&name, label_errors(text)),
        }
        if good.contains_key(name.text()) {
            errors.duplicate(&name, name.text());
        }
        if errors.len() == before {
            let is_claim = volume.has("persistentVolumeClaim") || volume.has("ephemeral");
            good.insert(name.text().to_owned(), is_claim);
        }
        let claim = volume.field("persistentVolumeClaim");
        if made.contains(claim.str("claimName")) {
            let why = "must not reference a PVC that gets created for an ephemeral volume";
            errors.invalid(&claim.field("claimName"), why);
        }
    }
    Volumes(good)
}

/// Adds the volumes that a StatefulSet makes of its claims.
pub(super) fn with_claims(value: &Value, claims: &At) -> Value {
    let names: BTreeSet<&str> =
        claims.items().filter_map(|claim| claim.value.at(&["metadata", "name"])?.as_str()).collect();
    if names.is_empty() {
        return value.clone();
    }
    let mut volumes: Vec<Value> = Vec::new();
    for name in &names {
        let mut volume = Value::object();
        volume.set(&["name"], *name);
        volume.set(&["persistentVolumeClaim", "claimName"], *name);
        volumes.push(volume);
    }
    let own = value.at(&["spec", "volumes"]).and_then(Value::as_array).unwrap_or_default();
    let is_other = |volume: &&Value| {
        !volume.get("name").and_then(Value::as_str).is_some_and(|name| names.contains(name))
    };
    volumes.extend(own.iter().filter(is_other).cloned());
    let mut value = value.clone();
    value.set(&["spec", "volumes"], volumes);
    value
}

/// What stands at another place in upstream's words.
fn place<'s>(at: &'s At<'s>, name: &'s str, places: &[(&str, &'static str)]) -> At<'s> {
    let at = at.field(name);
    match places.iter().find(|(of, _)| *of == name) {
        Some((_, other)) => at.named(other),
        None => at,
    }
}

fn source(volume: &At, pod: &str, errors: &mut Errors) {
    let mut count = 0;
    for (name, shape) in SOURCES {
        if !volume.has(name) {
            continue;
        }
        if count > 0 {
            errors.forbidden(&place(volume, name, PLACES_OF_MORE), MORE_THAN_ONE);
        } else {
            count += 1;
            one(&place(volume, name, PLACES), name, shape, errors);
        }
        if *name == "iscsi" && volume.field("iscsi").has("initiatorName") {
            let title = format!("{}:{}", volume.str("name"), volume.field("iscsi").str("targetPortal"));
            if title.len() > 64 {
                errors.invalid(&volume.field("name"), TOO_LONG);
            }
        }
        if *name == "ephemeral" && !pod.is_empty() && !volume.str("name").is_empty() {
            let claim = format!("{pod}-{}", volume.str("name"));
            for why in subdomain_errors(&claim) {
                let claim = crate::api::check::quoted(&claim);
                errors.invalid(&volume.field("name"), format!("PVC name {claim}: {why}"));
            }
        }
    }
    // A volume that is null is one without a name, and defaults to an emptyDir.
    if count == 0 && volume.is_there() {
        errors.required(volume, "must specify a volume type");
    }
}

const TOO_LONG: &str = "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";

/// What a volume is.
fn one(at: &At, name: &str, shape: &str, errors: &mut Errors) {
    if !shape.is_empty() {
        shapes::check(shape, at, errors);
    }
    match name {
        "emptyDir" => empty_dir(at, errors),
        "hostPath" => host_path(at, errors),
        "nfs" => {
            shapes::check("NFSVolumeSource", at, errors);
            let path = at.field("path");
            if !path.text().starts_with('/') {
                errors.invalid(&path, "must be an absolute path");
            }
        }
        "iscsi" => iscsi(at, errors),
        "flocker" => flocker(at, errors),
        "quobyte" => quobyte(at, errors),
        "downwardAPI" => downward(at, errors),
        "fc" => fibre_channel(at, errors),
        "flexVolume" => {
            for (key, option) in at.field("options").entries() {
                let namespace = format!(".{}", key.split('/').next().unwrap_or("").to_lowercase());
                if namespace.ends_with(".kubernetes.io") || namespace.ends_with(".k8s.io") {
                    errors.invalid_as(&option, key, "kubernetes.io and k8s.io namespaces are reserved");
                }
            }
        }
        "azureDisk" => azure_disk(at, errors),
        "projected" => projected(at, errors),
        "csi" => csi(at, errors),
        "ephemeral" => {
            let template = at.field("volumeClaimTemplate");
            if !template.is_there() {
                return errors.required(&template, "");
            }
            let metadata = template.field("metadata");
            meta::nothing_but_words(&metadata, errors);
            meta::annotations(&metadata.field("annotations"), errors);
            meta::labels(&metadata.field("labels"), errors);
            storage::claim_spec(&template.field("spec"), false, errors);
        }
        "image" => errors.one_of(&at.field("pullPolicy"), &["Always", "IfNotPresent", "Never"]),
        "local" => {
            let path = at.field("path");
            match path.text() {
                "" => errors.required(&path, ""),
                text => {
                    errors.names(&path, formats::no_backsteps(text).map(str::to_owned).into_iter().collect())
                }
            }
        }
        _ => {}
    }
}

fn empty_dir(at: &At, errors: &mut Errors) {
    let size = at.field("sizeLimit");
    if size.is_there() && resources::amount(size.value).is_negative() {
        errors.forbidden(&size, "SizeLimit field must be a valid resource quantity");
    }
}

fn host_path(at: &At, errors: &mut Errors) {
    const TYPES: &[&str] = &[
        "",
        "BlockDevice",
        "CharDevice",
        "Directory",
        "DirectoryOrCreate",
        "File",
        "FileOrCreate",
        "Socket",
    ];
    let path = at.field("path");
    if path.is_empty() {
        return errors.required(&path, "");
    }
    errors.names(&path, formats::no_backsteps(path.text()).map(str::to_owned).into_iter().collect());
    errors.one_of(&at.field("type"), TYPES);
}

fn iscsi(at: &At, errors: &mut Errors) {
    let (portal, iqn) = (at.field("targetPortal"), at.field("iqn"));
    if portal.is_empty() {
        errors.required(&portal, "");
    }
    let starts = |text: &str| ["iqn", "eui", "naa"].iter().any(|start| text.starts_with(start));
    if iqn.is_empty() {
        errors.required(&iqn, "");
    } else if !starts(iqn.text()) {
        errors.invalid(&iqn, "must be valid format starting with iqn, eui, or naa");
    } else if !is_iqn(iqn.text()) {
        errors.invalid(&iqn, "must be valid format");
    }
    let lun = at.field("lun");
    if lun.is_there() {
        errors.range(&lun, 0, 255);
    }
    let secret = at.field("secretRef");
    if (at.is("chapAuthDiscovery") || at.is("chapAuthSession")) && !secret.is_there() {
        errors.required(&secret, "");
    }
}

/// The name of an iSCSI target.
fn is_iqn(text: &str) -> bool {
    let hex = |text: &str, lengths: &[usize]| {
        lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    if let Some(rest) = text.strip_prefix("eui.") {
        return hex(rest, &[16]);
    }
    if let Some(rest) = text.strip_prefix("naa.") {
        return hex(rest, &[16, 32]);
    }
    let Some(rest) = text.strip_prefix("iqn.") else { return false };
    let Some((date, name)) = rest.split_once('.') else { return false };
    let is_date = date.len() == 7
        && date
            .bytes()
            .enumerate()
            .all(|(i, byte)| if i == 4 { byte == b'-' } else { byte.is_ascii_digit() });
    let domain = name.split(':').next().unwrap_or("");
    is_date && !domain.is_empty() && !text.contains(char::is_whitespace)
}

fn flocker(at: &At, errors: &mut Errors) {
    let (name, uuid) = (at.field("datasetName"), at.field("datasetUUID"));
    match (name.is_empty(), uuid.is_empty()) {
        (true, true) => errors.required(at, "one of datasetName and datasetUUID is required"),
        (false, false) => {
            errors.invalid_as(
                at,
                "resource",
                "datasetName and datasetUUID can not be specified simultaneously",
            );
        }
        _ => {}
    }
    if name.text().contains('/') {
        errors.invalid(&name, "must not contain '/'");
    }
}

fn quobyte(at: &At, errors: &mut Errors) {
    const PAIRS: &str = "must be a host:port pair or multiple pairs separated by commas";
    let (registry, volume) = (at.field("registry"), at.field("volume"));
    if registry.is_empty() {
        errors.required(&registry, PAIRS);
    } else if at.str("tenant").len() >= 65 {
        errors.required(&at.field("tenant"), "must be a UUID and may not exceed a length of 64 characters");
    } else {
        for _ in registry.text().split(',').filter(|pair| pair.matches(':').count() != 1) {
            errors.invalid(&registry, PAIRS);
        }
    }
    if volume.is_empty() {
        errors.required(&volume, "");
    }
}

fn fibre_channel(at: &At, errors: &mut Errors) {
    let (names, ids) = (at.field("targetWWNs"), at.field("wwids"));
    if names.is_empty() && ids.is_empty() {
        errors.required(&names, "must specify either targetWWNs or wwids, but not both");
    }
    if !names.is_empty() && !ids.is_empty() {
        errors.invalid(&names, "targetWWNs and wwids can not be specified simultaneously");
    }
    let lun = at.field("lun");
    if !names.is_empty() {
        match lun.is_there() {
            true => errors.range(&lun, 0, 255),
            false => errors.required(&lun, "lun is required if targetWWNs is specified"),
        }
    }
}

fn azure_disk(at: &At, errors: &mut Errors) {
    let (kind, uri) = (at.str("kind"), at.field("diskURI"));
    if kind == "Managed" && !uri.text().starts_with("/subscriptions/") {
        const PATH: &str =
            "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
        errors.unsupported(&uri, &[PATH]);
    } else if !matches!(kind, "" | "Managed") && !uri.text().starts_with("https://") {
        errors.unsupported(
            &uri,
            &["https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"],
        );
    }
}

fn file_mode(at: &At, errors: &mut Errors) {
    if at.value.as_int().is_some_and(|mode| !(0..=0o777).contains(&mode)) {
        errors.invalid(at, "must be a number between 0 and 0777 (octal), both inclusive");
    }
}

fn downward(at: &At, errors: &mut Errors) {
    file_mode(&at.field("defaultMode"), errors);
    for file in at.field("items").list() {
        // Upstream does not say which.
        let file = At::root(file);
        downward_file(at, &file, errors);
    }
}

/// A file with a field of the Pod. Its errors stand at `place`.
fn downward_file(place: &At, file: &At, errors: &mut Errors) {
    let path = file.str("path");
    let at = |name: &str| format!("{}.{name}", place.path());
    if path.is_empty() {
        errors.push(FieldError::required(at("path"), ""));
    }
    for why in formats::local_path(path) {
        errors.push(FieldError::invalid(at("path"), path, why));
    }
    let mut inner = Errors::default();
    let (field, resource) = (file.field("fieldRef"), file.field("resourceFieldRef"));
    if field.is_there() {
        container::field_selector(&field, container::OF_POD_IN_FILE, &mut inner);
    } else if resource.is_there() {
        container::resource_selector(&resource, true, &mut inner);
    }
    for error in inner.finish() {
        let path = at(&error.path);
        errors.push(FieldError { path, ..error });
    }
    match (field.is_there(), resource.is_there()) {
        (true, true) => {
            let why = "fieldRef and resourceFieldRef can not be specified simultaneously";
            errors.invalid_as(place, "resource", why);
        }
        (false, false) => errors.required(place, "one of fieldRef and resourceFieldRef is required"),
        _ => {}
    }
    if let Some(mode) = file.int("mode").filter(|mode| !(0..=0o777).contains(mode)) {
        let why = "must be a number between 0 and 0777 (octal), both inclusive";
        errors.push(FieldError::invalid(at("mode"), mode, why));
    }
}

fn projected(at: &At, errors: &mut Errors) {
    file_mode(&at.field("defaultMode"), errors);
    let mut paths = BTreeSet::new();
    for source in at.field("sources").items() {
        let mut count = 0;
        for name in ["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle"] {
            let given = source.field(name);
            if !given.is_there() {
                continue;
            }
            count += 1;
            if matches!(name, "secret" | "configMap") && given.field("name").is_empty() {
                errors.required(&given.field("name"), "");
            }
            for item in given.field("items").items() {
                let path = item.str("path");
                if name == "downwardAPI" {
                    downward_file(&given, &At::root(item.value), errors);
                } else {
                    shapes::check("KeyToPath", &item, errors);
                }
                if !path.is_empty() && !paths.insert(path.to_owned()) {
                    let of = if name == "downwardAPI" { path } else { given.str("name") };
                    errors.invalid_as(at, of, "conflicting duplicate paths");
                }
            }
            if name == "serviceAccountToken" {
                token(at, &given, errors);
            }
        }
        if count > 1 {
            errors.forbidden(&source, "may not specify more than 1 volume type per source");
        }
    }
}

fn token(volume: &At, at: &At, errors: &mut Errors) {
    let expiration = at.field("expirationSeconds");
    let seconds = expiration.value.as_int().unwrap_or(3_600);
    if seconds < 600 {
        errors.invalid(&expiration, "may not specify a duration less than 10 minutes");
    }
    if seconds > 1 << 32 {
        errors.invalid(&expiration, "may not specify a duration larger than 2^32 seconds");
    }
    let path = at.str("path");
    let place = volume.field("path");
    if path.is_empty() {
        errors.required(&place, "");
    }
    for why in formats::local_path(path) {
        errors.invalid_as(&place, path, why);
    }
}

fn csi(at: &At, errors: &mut Errors) {
    driver(&at.field("driver"), errors);
    let secret = at.field("nodePublishSecretRef");
    let is_persistent = at.has("volumeHandle");
    if secret.is_there() && !is_persistent {
        let name = secret.field("name");
        match name.text() {
            "" => errors.required(&name, ""),
            text => {
                for why in subdomain_errors(text) {
                    errors.invalid_as(&at.field("name"), text, why);
                }
            }
        }
    }
}

/// The name of a CSI driver.
pub(super) fn driver(at: &At, errors: &mut Errors) {
    if at.is_empty() {
        return errors.required(at, "");
    }
    if at.text().len() > 63 {
        errors.push(FieldError::too_long(at.path(), 63));
    }
    errors.names(at, formats::lower_subdomain(at.text()));
}

/// A PersistentVolume.
pub(super) fn persistent_volume(root: &At, errors: &mut Errors) {
    let at = root.field("spec");
    storage::access_modes(&at, "", errors);
    let capacity = at.field("capacity");
    if capacity.is_empty() {
        errors.required(&capacity, "");
    }
    if !capacity.has("storage") || capacity.value.as_object().is_some_and(|map| map.len() > 1) {
        let value = capacity.value.clone();
        errors.push(FieldError::unsupported(capacity.path(), value, &["storage"]));
    }
    for (_, amount) in capacity.entries() {
        let value = resources::amount(amount.value);
        if value.is_negative() {
            errors.invalid_as(&amount, value.value(), "must be a valid resource quantity");
        }
        if value.is_negative() || value.is_zero() {
            errors.invalid_as(&amount, value.to_string(), "must be greater than zero");
        }
    }
    let policy = at.field("persistentVolumeReclaimPolicy");
    errors.one_of(&policy, &["Delete", "Recycle", "Retain"]);
    let affinity = at.field("nodeAffinity");
    if affinity.is_there() {
        let required = affinity.field("required");
        match required.is_there() {
            true => affinity::node_selector(&required, errors),
            false => errors.required(&required, "must specify required node constraints"),
        }
    }
    let mut count = 0;
    for (name, shape) in PERSISTENT {
        if !at.has(name) {
            continue;
        }
        if count > 0 && *name != "flexVolume" {
            errors.forbidden(&place(&at, name, PLACES_OF_MORE), MORE_THAN_ONE);
            continue;
        }
        count += 1;
        one(&place(&at, name, PLACES), name, shape, errors);
        match *name {
            "local" if !affinity.is_there() => {
                errors.required(&affinity, "Local volume requires node affinity");
            }
            "csi" => persistent_csi(&at.field("csi"), errors),
            _ => {}
        }
    }
    if count == 0 {
        errors.required(&at, "must specify a volume type");
    }
    let path = at.field("hostPath");
    if path.is_there() && policy.text() == "Recycle" && path.str("path").trim_end_matches('/').is_empty() {
        errors.forbidden(&policy, "may not be 'recycle' for a hostPath mount of '/'");
    }
    let class = at.field("storageClassName");
    if !class.is_empty() {
        errors.names(&class, subdomain_errors(class.text()));
    }
    errors.one_of(&at.field("volumeMode"), &["Block", "Filesystem"]);
    let attributes = at.field("volumeAttributesClassName");
    if attributes.is_there() {
        match attributes.text() {
            "" => errors.required(&attributes, "an empty string is disallowed"),
            text => errors.names(&attributes, subdomain_errors(text)),
        }
        if !at.has("csi") {
            errors.required(&at.field("csi"), "has to be specified when using volumeAttributesClassName");
        }
    }
}

fn persistent_csi(at: &At, errors: &mut Errors) {
    if at.field("volumeHandle").is_empty() {
        errors.required(&at.field("volumeHandle"), "");
    }
    for name in [
        "controllerPublishSecretRef",
        "controllerExpandSecretRef",
        "nodePublishSecretRef",
        "nodeExpandSecretRef",
    ] {
        let secret = at.field(name);
        if secret.is_there() {
            shapes::check("PVSecretReference", &secret, errors);
        }
    }
}
