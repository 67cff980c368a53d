//! What may not change when an object is written again, in the API server's words (upstream: the
//! `Validate...Update` functions of `pkg/apis/*/validation`). Both objects are as they are stored, defaults filled
//! in.

use super::field_error::FieldError;
use super::internal;
use super::kinds::Kind;
use super::quantity::Quantity;
use crate::value::{Map, Value, json};

mod pod;
#[cfg(test)]
mod tests;

/// What a field that may not change is told.
const IMMUTABLE: &str = "field is immutable";

/// How a value is printed.
#[derive(Clone, Copy)]
enum As {
    /// As it stands.
    Plain,
    /// As an internal struct.
    One(&'static str),
    /// As a list of them.
    List(&'static str),
}

/// Fields that may not change, of every kind that has some besides those below.
const FIXED: &[(Kind, &[&str], As)] = &[
    (Kind::Deployment, &["spec", "selector"], As::One("LabelSelector")),
    (Kind::ReplicaSet, &["spec", "selector"], As::One("LabelSelector")),
    (Kind::DaemonSet, &["spec", "selector"], As::One("LabelSelector")),
    (Kind::StatefulSet, &["spec", "selector"], As::One("LabelSelector")),
    (Kind::StatefulSet, &["spec", "volumeClaimTemplates"], As::List("PersistentVolumeClaim")),
    (Kind::StatefulSet, &["spec", "serviceName"], As::Plain),
    (Kind::StatefulSet, &["spec", "podManagementPolicy"], As::Plain),
    (Kind::Job, &["spec", "selector"], As::One("LabelSelector")),
    (Kind::Job, &["spec", "completionMode"], As::Plain),
    (Kind::Job, &["spec", "podFailurePolicy"], As::One("PodFailurePolicy")),
    (Kind::Job, &["spec", "backoffLimitPerIndex"], As::Plain),
    (Kind::Job, &["spec", "managedBy"], As::Plain),
    (Kind::Job, &["spec", "successPolicy"], As::One("SuccessPolicy")),
    (Kind::Secret, &["type"], As::Plain),
    (Kind::PriorityClass, &["preemptionPolicy"], As::Plain),
    (Kind::StorageClass, &["parameters"], As::Plain),
    (Kind::StorageClass, &["provisioner"], As::Plain),
    (Kind::StorageClass, &["reclaimPolicy"], As::Plain),
    (Kind::StorageClass, &["volumeBindingMode"], As::Plain),
    (Kind::RuntimeClass, &["handler"], As::Plain),
    (Kind::IngressClass, &["spec", "controller"], As::Plain),
    (Kind::EndpointSlice, &["addressType"], As::Plain),
    (Kind::ControllerRevision, &["data"], As::Plain),
    (Kind::RoleBinding, &["roleRef"], As::One("RoleRef")),
    (Kind::ClusterRoleBinding, &["roleRef"], As::One("RoleRef")),
];

/// The errors of a change.
pub fn update_errors(kind: Kind, old: &Value, new: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    metadata(old, new, &mut errors);
    match kind {
        Kind::Pod => pod::update(old, new, &mut errors),
        Kind::Service => service(old, new, &mut errors),
        Kind::ConfigMap => content(&["data", "binaryData"], old, new, &mut errors),
        Kind::PersistentVolume => volume(old, new, &mut errors),
        Kind::PersistentVolumeClaim => claim(old, new, &mut errors),
        Kind::PriorityClass if old.get("value") != new.get("value") => {
            errors.push(FieldError::forbidden("value", "may not be changed in an update."));
        }
        Kind::ResourceQuota => scopes(old, new, &mut errors),
        Kind::Node => node(old, new, &mut errors),
        Kind::Job => completions(old, new, &mut errors),
        Kind::CustomResourceDefinition => definition(old, new, &mut errors),
        _ => {}
    }
    for (_, path, printed) in FIXED.iter().filter(|(of, ..)| *of == kind) {
        fixed(path, *printed, old, new, &mut errors);
        if kind == Kind::Job && path[1] == "selector" {
            template(old, new, &mut errors);
        }
    }
    if kind == Kind::Secret {
        content(&["data"], old, new, &mut errors);
    }
    errors
}

/// The errors of a change of a Pod's ephemeral containers, after what is wrong with it as it is to be.
pub fn ephemeral_errors(old: &Value, new: &Value, mut errors: Vec<FieldError>) -> Vec<FieldError> {
    pod::ephemeral(old, new, &mut errors);
    errors
}

/// The errors of a change of what a Pod's containers may use, after what is wrong with it as it is to be.
pub fn resize_errors(old: &Value, new: &Value, mut errors: Vec<FieldError>) -> Vec<FieldError> {
    pod::resize(old, new, &mut errors);
    errors
}

/// Whether two values are the same; what is empty is as good as not there.
fn is_same(old: Option<&Value>, new: Option<&Value>) -> bool {
    let is_empty = |value: &&Value| match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    old.filter(|value| !is_empty(value)) == new.filter(|value| !is_empty(value))
}

fn fixed(path: &[&str], printed: As, old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    let (was, is) = (old.at(path), new.at(path));
    if !is_same(was, is) {
        errors.push(immutable(&path.join("."), printed, is));
    }
}

fn immutable(path: &str, printed: As, value: Option<&Value>) -> FieldError {
    let value = value.cloned().unwrap_or_default();
    let text = match printed {
        As::One(of) if !value.is_null() => Some(internal::compact(of, &value)),
        As::List(of) if !value.is_null() => {
            Some(internal::compact_list(of, value.as_array().unwrap_or_default()))
        }
        _ => None,
    };
    let error = FieldError::invalid(path, value, IMMUTABLE);
    text.map_or_else(|| error.clone(), |text| error.clone().with_value(text))
}

fn texts(value: &Value, path: &[&str]) -> Vec<String> {
    let items = value.at(path).and_then(Value::as_array).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    value.at(path).and_then(Value::as_str).unwrap_or_default()
}

/// What holds of every object (upstream: ValidateObjectMetaAccessorUpdate).
fn metadata(old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    let path = ["metadata", "finalizers"];
    if old.at(&["metadata", "deletionTimestamp"]).is_some() {
        let was = texts(old, &path);
        let added: Vec<String> = texts(new, &path).into_iter().filter(|one| !was.contains(one)).collect();
        if !added.is_empty() {
            let quoted: Vec<String> = added.iter().map(|one| super::check::quoted(one)).collect();
            errors.push(FieldError::forbidden(
                "metadata.finalizers",
                format!(
                    "no new finalizers can be added if the object is being deleted, found new finalizers \
                     []string{{{}}}",
                    quoted.join(", ")
                ),
            ));
        }
    }
    for field in ["name", "namespace", "uid"] {
        fixed(&["metadata", field], As::Plain, old, new, errors);
    }
}

/// The data of a ConfigMap or a Secret that says of itself that it does not change.
fn content(fields: &[&str], old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    const WHY: &str = "field is immutable when `immutable` is set";
    let is_immutable = |value: &Value| value.get("immutable").and_then(Value::as_bool) == Some(true);
    if !is_immutable(old) {
        return;
    }
    if !is_immutable(new) {
        errors.push(FieldError::forbidden("immutable", WHY));
    }
    for field in fields {
        if !is_same(old.get(field), new.get(field)) {
            errors.push(FieldError::forbidden(*field, WHY));
        }
    }
}

/// A Service keeps its addresses, and as a load balancer its class (upstream: ValidateServiceUpdate).
fn service(old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    let kind = |value| text(value, &["spec", "type"]);
    let is_external = kind(old) == "ExternalName" || kind(new) == "ExternalName";
    let is_headless = |value| texts(value, &["spec", "clusterIPs"]).first().is_some_and(|ip| ip == "None");
    let stays_headless = is_headless(old) && is_headless(new);
    if !is_external && !stays_headless {
        primary("clusterIP", "clusterIPs", old, new, errors);
    }
    if !is_external && !is_headless(old) && !is_headless(new) {
        primary("ipFamily", "ipFamilies", old, new, errors);
    }
    let class = ["spec", "loadBalancerClass"];
    let balances = kind(old) == "LoadBalancer" && kind(new) == "LoadBalancer";
    if balances && old.at(&class) != new.at(&class) {
        let value = new.at(&class).cloned().unwrap_or_default();
        errors.push(FieldError::invalid(class.join("."), value, "may not change once set"));
    }
}

/// The first of a Service's addresses, or families of them, stays.
fn primary(one: &str, list: &str, old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    let (was, is) = (texts(old, &["spec", list]), texts(new, &["spec", list]));
    let value = |values: &[String]| Value::from(values.iter().cloned().map(Value::from).collect::<Vec<_>>());
    let path = |place: usize| format!("spec.{list}[{place}]");
    if is.is_empty() && !was.is_empty() {
        let why = format!("primary {one} can not be unset");
        errors.push(FieldError::invalid(path(0), value(&is), why).with_value("null".into()));
        return;
    }
    let compared = if was.len() == is.len() { was.len() } else { 1 };
    for place in (0..compared).filter(|place| was.get(*place).is_some_and(|was| is.get(*place) != Some(was)))
    {
        let place = if one == "ipFamily" { 0 } else { place };
        errors.push(FieldError::invalid(path(place), value(&is), "may not change once set"));
    }
    let policy = ["spec", "ipFamilyPolicy"];
    if was.len() > is.len() && is.len() == 1 && text(new, &policy) != "SingleStack" {
        let why = format!("must be set to 'SingleStack' when releasing the secondary {one}");
        errors.push(FieldError::invalid(policy.join("."), new.at(&policy).cloned().unwrap_or_default(), why));
    }
}

/// A Job's completions change only with its parallelism, and only where it is indexed.
fn completions(old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    let path = ["spec", "completions"];
    if text(new, &["spec", "completionMode"]) != "Indexed" {
        return fixed(&path, As::Plain, old, new, errors);
    }
    let wanted = new.at(&path).filter(|wanted| !wanted.is_null());
    if let Some(wanted) = wanted.filter(|wanted| Some(*wanted) != old.at(&path))
        && Some(wanted) != new.at(&["spec", "parallelism"])
    {
        let why = "can only be modified in tandem with spec.parallelism";
        errors.push(FieldError::invalid("spec.completions", wanted.clone(), why));
    }
}

/// A Job's template changes only while it is suspended and has not begun, and then only where it says where its
/// Pods may run (upstream: validatePodTemplateUpdate and jobStrategy).
fn template(old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    let path = ["spec", "template"];
    let is = new.at(&path).cloned().unwrap_or_default();
    let mut was = old.at(&path).cloned().unwrap_or_default();
    let is_suspended = old.at(&["spec", "suspend"]).and_then(Value::as_bool) == Some(true);
    if is_suspended && old.at(&["status", "startTime"]).is_none() {
        const FREE: [&[&str]; 6] = [
            &["spec", "nodeSelector"],
            &["spec", "tolerations"],
            &["spec", "schedulingGates"],
            &["spec", "affinity", "nodeAffinity"],
            &["metadata", "annotations"],
            &["metadata", "labels"],
        ];
        for path in FREE {
            if !is_same(was.at(path), is.at(path)) {
                put(&mut was, path, is.at(path));
            }
        }
    }
    if !is_same(Some(&was), Some(&is)) {
        errors.push(immutable("spec.template", As::One("PodTemplateSpec"), Some(&is)));
    }
}

/// Puts a value at a path, or takes away what is there.
fn put(at: &mut Value, path: &[&str], value: Option<&Value>) {
    match (value, path) {
        (Some(value), _) => at.set(path, value.clone()),
        (None, [before @ .., last]) => {
            let mut parent = at.at(before).cloned().unwrap_or_else(Value::object);
            parent.make_object().remove(last);
            match before {
                [] => *at = parent,
                before => at.set(before, parent),
            }
        }
        (None, []) => {}
    }
}

/// A definition keeps its group and its plural, and once it is established its scope and its kind (upstream:
/// validateCustomResourceDefinitionSpecUpdate, requireImmutableNames).
fn definition(old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    let conditions = old.at(&["status", "conditions"]).and_then(Value::as_array).unwrap_or_default();
    let is = |condition: &Value, key: &str, word: &str| text(condition, &[key]) == word;
    let is_established = conditions
        .iter()
        .any(|condition| is(condition, "type", "Established") && is(condition, "status", "True"));
    if is_established {
        fixed(&["spec", "scope"], As::Plain, old, new, errors);
        fixed(&["spec", "names", "kind"], As::Plain, old, new, errors);
    }
    fixed(&["spec", "group"], As::Plain, old, new, errors);
    fixed(&["spec", "names", "plural"], As::Plain, old, new, errors);
}

fn scopes(old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    let path = ["spec", "scopes"];
    let sorted = |value| {
        let mut scopes = texts(value, &path);
        scopes.sort();
        scopes.dedup();
        scopes
    };
    if sorted(old) != sorted(new) {
        errors.push(immutable("spec.scopes", As::Plain, new.at(&path)));
    }
}

fn node(old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    let ranges = ["spec", "podCIDRs"];
    if !texts(old, &ranges).is_empty() && old.at(&ranges) != new.at(&ranges) {
        let why = "node updates may not change podCIDR except from \"\" to valid";
        errors.push(FieldError::forbidden("spec.podCIDRs", why));
    }
    let id = ["spec", "providerID"];
    let why = match (text(old, &id), text(new, &id)) {
        ("", _) => return,
        (_, "") => "field cannot be cleared once set",
        (was, is) if was != is => "field cannot be modified once set",
        _ => return,
    };
    errors.push(FieldError::invalid("spec.providerID", Value::Null, why));
}

fn volume(old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    /// What of the spec is not the source.
    const OTHERS: [&str; 9] = [
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeAttributesClassName",
        "volumeMode",
    ];
    let source = |value: &Value| {
        let spec = value.get("spec").and_then(Value::as_object).cloned().unwrap_or_default();
        let source = spec.iter().filter(|(key, _)| !OTHERS.contains(&&***key));
        Value::from(source.map(|(key, value)| (key.clone(), value.clone())).collect::<Map>())
    };
    let (was, is) = (source(old), source(new));
    if was != is {
        let diff = internal::diff("PersistentVolumeSource", &was, &is);
        let why = format!("spec.persistentvolumesource is immutable after creation\n{diff}");
        errors.push(FieldError::forbidden("spec.persistentvolumesource", why));
    }
    mode(old, new, errors);
}

fn mode(old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    let path = ["spec", "volumeMode"];
    if !is_same(old.at(&path), new.at(&path)) {
        errors.push(immutable("volumeMode", As::Plain, new.at(&path)));
    }
}

/// A claim keeps its spec; one that is bound may ask for more (upstream: ValidatePersistentVolumeClaimUpdate).
fn claim(old: &Value, new: &Value, errors: &mut Vec<FieldError>) {
    let spec = |value: &Value| value.get("spec").cloned().unwrap_or_default();
    let (mut was, mut is) = (spec(old), spec(new));
    if text(&was, &["volumeName"]).is_empty() {
        put(&mut was, &["volumeName"], is.at(&["volumeName"]).cloned().as_ref());
    }
    if was.get("storageClassName").is_none() {
        put(&mut is, &["storageClassName"], None);
    }
    let size = ["resources", "requests", "storage"];
    if text(new, &["status", "phase"]) == "Bound" {
        for path in [&size[..], &["volumeAttributesClassName"]] {
            put(&mut is, path, was.at(path).cloned().as_ref());
        }
    }
    if !is_same(Some(&was), Some(&is)) {
        let diff = internal::diff("PersistentVolumeClaimSpec", &was, &is);
        errors.push(FieldError::forbidden(
            "spec",
            format!(
                "spec is immutable after creation except resources.requests and volumeAttributesClassName for \
                 bound claims\n{diff}"
            ),
        ));
    }
    let amount = |value: &Value, path: &[&str]| {
        let text = value.at(path).map(|value| match value {
            Value::String(text) => text.to_string(),
            other => json::compact(other),
        });
        Quantity::parse(&text?).ok()
    };
    let path = ["spec", "resources", "requests", "storage"];
    let held = amount(old, &["status", "capacity", "storage"]);
    let (before, now) = (amount(old, &path), amount(new, &path));
    let is_less = now.as_ref().zip(before.as_ref()).is_some_and(|(now, before)| now < before);
    if is_less && now.zip(held).is_some_and(|(now, held)| now <= held) {
        errors.push(FieldError::forbidden(path.join("."), "field can not be less than status.capacity"));
    }
    mode(old, new, errors);
}
