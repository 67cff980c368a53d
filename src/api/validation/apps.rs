//! Workloads that run for ever (upstream: pkg/apis/apps/validation, ValidateReplicationControllerSpec).

use super::at::At;
use super::errors::Errors;
use super::{formats, meta, pod, storage, volumes};
use crate::api::field_error::FieldError;
use crate::api::names::label_errors;
use crate::value::Value;

const MISMATCH: &str = "`selector` does not match template `labels`";

/// The selector of a workload and the labels of its template. `of` is how upstream calls the workload where its selector
/// is empty.
fn selector_and_template(
    at: &At,
    of: &str,
    kind: &str,
    invalid: &str,
    template: &Value,
    errors: &mut Errors,
) {
    let selector = at.field("selector");
    if selector.is_there() {
        meta::selector(&selector, errors);
        if meta::is_empty(&selector) {
            let why = format!("empty selector is invalid for {of}");
            errors.invalid_struct(&selector, "LabelSelector", why);
        }
    } else {
        errors.required(&selector, "");
    }
    let holder = Holder::new(at, template);
    let template = holder.template();
    let metadata = template.field("metadata");
    let labels = metadata.field("labels");
    match meta::matches(&selector, &labels) {
        None => return errors.invalid_struct(&selector, "LabelSelector", invalid),
        Some(is_match) => {
            let chooses_all = selector.is_there() && meta::is_empty(&selector);
            if !is_match && !chooses_all {
                errors.push(FieldError::invalid(labels.path(), meta::printed(&labels), MISMATCH));
            }
        }
    }
    pod::template(&template, errors);
    for_ever(&template, kind, errors);
}

/// A template that need not be the one of the object.
struct Holder<'a> {
    spec: At<'a>,
    value: Value,
}

impl<'a> Holder<'a> {
    fn new(spec: &At<'a>, template: &Value) -> Self {
        Self { spec: *spec, value: template.clone() }
    }
    fn template(&self) -> At<'_> {
        self.spec.field("template").with(&self.value)
    }
}

/// Pods that are replaced when they end.
fn for_ever(template: &At, kind: &str, errors: &mut Errors) {
    let spec = template.field("spec");
    let policy = spec.field("restartPolicy");
    if policy.is_there() && policy.text() != "Always" {
        errors.unsupported(&policy, &["Always"]);
    }
    let deadline = spec.field("activeDeadlineSeconds");
    if deadline.is_there() {
        errors.forbidden(&deadline, &format!("activeDeadlineSeconds in {kind} is not Supported"));
    }
}

/// A Deployment.
pub(super) fn deployment(at: &At, errors: &mut Errors) {
    errors.not_negative(&at.field("replicas"));
    let template = at.field("template").value.clone();
    selector_and_template(at, "deployment", "ReplicaSet", "invalid label selector", &template, errors);
    let strategy = at.field("strategy");
    let rolling = strategy.field("rollingUpdate");
    match strategy.str("type") {
        "Recreate" if rolling.is_there() => {
            errors.forbidden(&rolling, "may not be specified when strategy `type` is 'Recreate'");
        }
        "Recreate" => {}
        "RollingUpdate" => {
            let (surge, unavailable) = (rolling.field("maxSurge"), rolling.field("maxUnavailable"));
            share(&unavailable, errors);
            share(&surge, errors);
            if number(&surge) == 0 && number(&unavailable) == 0 {
                errors.invalid(&unavailable, "may not be 0 when `maxSurge` is 0");
            }
            not_above_all(&unavailable, errors);
        }
        _ if strategy.is_there() => {
            let printed = crate::api::internal::compact("DeploymentStrategy", strategy.value);
            let error = FieldError::unsupported(strategy.path(), Value::Null, &["Recreate", "RollingUpdate"]);
            errors.push(error.with_value(printed));
        }
        _ => {}
    }
    errors.not_negative(&at.field("minReadySeconds"));
    errors.not_negative(&at.field("revisionHistoryLimit"));
    let deadline = at.field("progressDeadlineSeconds");
    errors.not_negative(&deadline);
    if deadline.value.as_int().is_some_and(|seconds| seconds <= at.int("minReadySeconds").unwrap_or(0)) {
        errors.invalid(&deadline, "must be greater than minReadySeconds");
    }
}

/// A ReplicaSet.
pub(super) fn replica_set(at: &At, errors: &mut Errors) {
    errors.not_negative(&at.field("replicas"));
    errors.not_negative(&at.field("minReadySeconds"));
    let template = at.field("template").value.clone();
    selector_and_template(at, "deployment", "ReplicaSet", "invalid label selector", &template, errors);
}

/// A StatefulSet.
pub(super) fn stateful_set(at: &At, errors: &mut Errors) {
    let policy = at.field("podManagementPolicy");
    if policy.is_there() && !matches!(policy.text(), "OrderedReady" | "Parallel") {
        errors.invalid(&policy, "must be 'OrderedReady' or 'Parallel'");
    }
    let strategy = at.field("updateStrategy");
    let rolling = strategy.field("rollingUpdate");
    match strategy.str("type") {
        "OnDelete" if rolling.is_there() => {
            let of = "RollingUpdateStatefulSetStrategy";
            errors.invalid_struct(&rolling, of, "only allowed for updateStrategy 'RollingUpdate'");
        }
        "OnDelete" => {}
        "RollingUpdate" => {
            errors.not_negative(&rolling.field("partition"));
            let unavailable = rolling.field("maxUnavailable");
            if unavailable.is_there() {
                share(&unavailable, errors);
                if number(&unavailable) == 0 {
                    errors.invalid(&unavailable, "cannot be 0");
                }
                not_above_all(&unavailable, errors);
            }
        }
        _ if strategy.is_there() => {
            errors.invalid_struct(
                &strategy,
                "StatefulSetUpdateStrategy",
                "must be 'RollingUpdate' or 'OnDelete'",
            );
        }
        _ => {}
    }
    let retention = at.field("persistentVolumeClaimRetentionPolicy");
    for name in ["whenDeleted", "whenScaled"] {
        errors.one_of(&retention.field(name), &["Retain", "Delete"]);
    }
    let claims = at.field("volumeClaimTemplates");
    for claim in claims.items() {
        storage::claim_spec(&claim.field("spec"), false, errors);
    }
    errors.not_negative(&at.field("replicas"));
    errors.not_negative(&at.field("minReadySeconds"));
    let ordinals = at.field("ordinals");
    let start = ordinals.field("start");
    if start.value.as_int().is_some_and(|start| start < 0) {
        errors.invalid(&start, "must be greater than or equal to 0");
    }
    let service = at.field("serviceName");
    if !service.is_empty() {
        errors.names(&service, label_errors(service.text()));
    }
    let mut template = volumes::with_claims(at.field("template").value, &claims);
    for name in ["hostname", "subdomain"] {
        if template.at(&["spec", name]).is_some() {
            template.set(&["spec", name], "");
        }
    }
    selector_and_template(at, "statefulset", "StatefulSet", "", &template, errors);
}

/// A DaemonSet.
pub(super) fn daemon_set(at: &At, errors: &mut Errors) {
    let (selector, template) = (at.field("selector"), at.field("template"));
    let metadata = template.field("metadata");
    let labels = metadata.field("labels");
    if selector.is_there() {
        meta::selector(&selector, errors);
    }
    if meta::matches(&selector, &labels) == Some(false) {
        errors.push(FieldError::invalid(labels.path(), meta::printed(&labels), MISMATCH));
    }
    if selector.is_there() && meta::is_empty(&selector) {
        errors.invalid_struct(&selector, "LabelSelector", "empty selector is invalid for daemonset");
    }
    pod::template(&template, errors);
    for_ever(&template, "DaemonSet", errors);
    errors.not_negative(&at.field("minReadySeconds"));
    let strategy = at.field("updateStrategy");
    let rolling = strategy.field("rollingUpdate");
    match strategy.str("type") {
        "OnDelete" => {}
        "RollingUpdate" => {
            let (surge, unavailable) = (rolling.field("maxSurge"), rolling.field("maxUnavailable"));
            share(&unavailable, errors);
            share(&surge, errors);
            not_above_all(&unavailable, errors);
            not_above_all(&surge, errors);
            match (number(&unavailable) != 0, number(&surge) != 0) {
                (true, true) => errors.invalid(&surge, "may not be set when maxUnavailable is non-zero"),
                (false, false) => errors.required(&unavailable, "cannot be 0 when maxSurge is 0"),
                _ => {}
            }
        }
        _ if strategy.is_there() => {
            let printed = crate::api::internal::compact("DaemonSetUpdateStrategy", strategy.value);
            let error = FieldError::unsupported(strategy.path(), Value::Null, &["RollingUpdate", "OnDelete"]);
            errors.push(error.with_value(printed));
        }
        _ => {}
    }
    errors.not_negative(&at.field("revisionHistoryLimit"));
}

/// A ReplicationController.
pub(super) fn replication_controller(at: &At, errors: &mut Errors) {
    let (selector, template) = (at.field("selector"), at.field("template"));
    let metadata = template.field("metadata");
    let labels = metadata.field("labels");
    for name in ["replicas", "minReadySeconds"] {
        let field = at.field(name);
        if let Some(number) = field.value.as_int().filter(|number| *number < 0) {
            errors.push_late(FieldError::invalid(field.path(), number, "must be greater than or equal to 0"));
        }
    }
    if !template.is_there() {
        errors.required(&selector, "");
        return errors.required(&template, "");
    }
    // Without a selector the labels of the template are it.
    let chosen = if selector.is_empty() { &labels } else { &selector };
    if chosen.is_empty() {
        errors.required(&selector, "");
    }
    let own = meta::of(&labels);
    if !meta::of(chosen).iter().all(|(key, value)| own.get(key) == Some(value)) {
        errors.push(FieldError::invalid(labels.path(), meta::printed(&labels), MISMATCH));
    }
    pod::template(&template, errors);
    for_ever(&template, "ReplicationController", errors);
}

/// A number that is not negative, or a share.
pub(super) fn share(at: &At, errors: &mut Errors) {
    match at.value {
        Value::String(text) => {
            errors.names(at, formats::percent(text).map(str::to_owned).into_iter().collect())
        }
        _ => errors.not_negative(at),
    }
}

/// At most all.
pub(super) fn not_above_all(at: &At, errors: &mut Errors) {
    if formats::percent_value(at.text()).is_some_and(|percent| percent > 100) {
        errors.invalid(at, "must not be greater than 100%");
    }
}

/// The number or the percentage.
fn number(at: &At) -> i64 {
    at.value
        .as_int()
        .or_else(|| formats::percent_value(at.text()))
        .or_else(|| at.text().parse().ok())
        .unwrap_or(0)
}

/// What a StatefulSet or DaemonSet was like.
pub(super) fn controller_revision(root: &At, errors: &mut Errors) {
    errors.not_negative(&root.field("revision"));
    let data = root.field("data");
    if !data.is_there() {
        errors.required(&data, "data is mandatory");
    } else if data.value.as_object().is_none() {
        errors.required(&data, "data must be a valid JSON object");
    }
}
