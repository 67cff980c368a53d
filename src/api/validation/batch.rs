//! Jobs and CronJobs (upstream: pkg/apis/batch/validation).

use super::at::At;
use super::errors::Errors;
use super::{formats, meta, pod};
use crate::api::check::quoted;
use crate::api::cron::Schedule;
use crate::api::field_error::FieldError;
use crate::api::names::{label_errors, label_key_errors};
use crate::api::time_zones::TimeZone;
use std::collections::BTreeSet;

/// Bounds of Indexed Jobs.
const MOST_AT_ONCE: i64 = 100_000;
const MOST_WITH_MANY: i64 = 10_000;
const MISMATCH: &str = "`selector` does not match template `labels`";

/// A Job.
pub(super) fn job(root: &At, errors: &mut Errors) {
    let (metadata, spec) = (root.field("metadata"), root.field("spec"));
    let (uid, name) = (metadata.str("uid"), metadata.str("name"));
    let is_manual = spec.is("manualSelector");
    let (selector, template) = (spec.field("selector"), spec.field("template"));
    let template_metadata = template.field("metadata");
    let labels = template_metadata.field("labels");
    // Before the server has seen it, its uid is not known yet.
    if !is_manual && selector.is_there() {
        let mut expected = crate::api::objects::Labels::new();
        for (key, value) in [
            ("controller-uid", uid),
            ("job-name", name),
            ("batch.kubernetes.io/controller-uid", uid),
            ("batch.kubernetes.io/job-name", name),
        ] {
            expected.insert(key.into(), value.into());
            let place = labels.key(key);
            let must = format!("must be '{value}'");
            if !place.is_there() {
                if !uid.is_empty() {
                    errors.required(&place, &must);
                }
            } else if place.text() != value {
                errors.invalid_as(&place, labels.value.clone(), must);
            }
        }
        if meta::parsed(&selector).is_some_and(|selector| !selector.matches(&expected)) {
            errors.invalid_struct(&selector, "LabelSelector", "`selector` not auto-generated");
        }
    }
    job_spec(&spec, errors);
    let is_known = is_manual || !uid.is_empty();
    if selector.is_there() {
        meta::selector(&selector, errors);
    } else if is_known {
        errors.required(&selector, "");
    }
    if is_known && meta::matches(&selector, &labels) == Some(false) {
        errors.push(FieldError::invalid(labels.path(), meta::printed(&labels), MISMATCH));
    }
    if let Some(completions) = spec.int("completions").filter(|count| *count > 0 && is_indexed(&spec)) {
        let host = format!("{name}-{}", completions - 1);
        if !name.is_empty() && !label_errors(&host).is_empty() {
            let why = format!("will not able to create pod with invalid DNS label: {host}");
            errors.invalid(&metadata.field("name"), why);
        }
    }
}

/// A CronJob.
pub(super) fn cron_job(root: &At, errors: &mut Errors) {
    let spec = root.field("spec");
    let schedule = spec.field("schedule");
    if schedule.is_empty() {
        errors.required_late(&schedule);
    } else {
        if let Err(why) = Schedule::parse(schedule.text()) {
            errors.invalid(&schedule, why);
        }
        if schedule.text().contains("TZ") {
            errors.invalid(&schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
        }
    }
    errors.not_negative(&spec.field("startingDeadlineSeconds"));
    time_zone(&spec.field("timeZone"), errors);
    errors.one_of(&spec.field("concurrencyPolicy"), &["Allow", "Forbid", "Replace"]);
    let template = spec.field("jobTemplate");
    let inner = template.field("spec");
    job_spec(&inner, errors);
    let selector = inner.field("selector");
    if selector.is_there() {
        errors.invalid_struct(&selector, "LabelSelector", "`selector` will be auto-generated");
    }
    if inner.is("manualSelector") {
        errors.unsupported(&inner.field("manualSelector"), &["nil", "false"]);
    }
    errors.not_negative(&spec.field("successfulJobsHistoryLimit"));
    errors.not_negative(&spec.field("failedJobsHistoryLimit"));
    let metadata = root.field("metadata");
    if metadata.str("name").len() > 52 {
        errors.invalid(&metadata.field("name"), "must be no more than 52 characters");
    }
}

fn time_zone(at: &At, errors: &mut Errors) {
    if !at.is_there() {
        return;
    }
    let zone = at.text();
    if zone.is_empty() {
        return errors.invalid(at, "timeZone must be nil or non-empty string");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_+".contains(c);
    let is_part = |part: &str| {
        !matches!(part, "" | "." | "..")
            && !part.starts_with('-')
            && part.len() <= 14
            && part.chars().all(plain)
    };
    let unknown = format!("unknown time zone {zone}");
    if !zone.split('/').all(is_part) {
        return errors.invalid(at, unknown);
    }
    if zone.eq_ignore_ascii_case("local") {
        errors.invalid(
            at,
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
        );
        if zone == "Local" {
            return;
        }
    }
    if TimeZone::named(zone).is_none() {
        errors.invalid(at, unknown);
    }
}

fn is_indexed(at: &At) -> bool {
    at.str("completionMode") == "Indexed"
}

fn job_spec(at: &At, errors: &mut Errors) {
    for name in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        errors.not_negative(&at.field(name));
    }
    if at.has("maxFailedIndexes") && !at.has("backoffLimitPerIndex") {
        let place = at.field("backoffLimitPerIndex").path();
        errors.push_late(FieldError::required(place, "when `maxFailedIndexes` is specified"));
    }
    let manager = at.field("managedBy");
    if manager.is_there() {
        if manager.is_empty() {
            errors.required(&manager, "");
        } else {
            for (value, why) in formats::domain_path(manager.text()) {
                errors.invalid_as(&manager, value, why);
            }
        }
        if manager.text().len() > 63 {
            errors.push(FieldError::too_long(manager.path(), 63));
        }
    }
    errors.one_of(&at.field("completionMode"), &["NonIndexed", "Indexed"]);
    if is_indexed(at) {
        indexed(at, errors);
    } else if matches!(at.str("completionMode"), "" | "NonIndexed") {
        for name in ["backoffLimitPerIndex", "maxFailedIndexes"] {
            if at.has(name) {
                errors.invalid(&at.field(name), "requires indexed completion mode");
            }
        }
    }
    failure_policy(at, errors);
    let success = at.field("successPolicy");
    if success.is_there() {
        if is_indexed(at) {
            success_policy(at, &success, errors);
        } else {
            errors.invalid_struct(&success, "SuccessPolicy", "requires indexed completion mode");
        }
    }
    let has_failure_policy = at.has("podFailurePolicy");
    let replacement = at.field("podReplacementPolicy");
    match has_failure_policy {
        true => errors.one_of(&replacement, &["Failed"]),
        false => errors.one_of(&replacement, &["Failed", "TerminatingOrFailed"]),
    }
    let template = at.field("template");
    pod::template(&template, errors);
    let pod = template.field("spec");
    let policy = pod.field("restartPolicy");
    match policy.text() {
        "Always" | "" => errors.required(&policy, "valid values: \"OnFailure\", \"Never\""),
        "OnFailure" if has_failure_policy => {
            errors.invalid(&policy, "only \"Never\" is supported when podFailurePolicy is specified");
        }
        "OnFailure" | "Never" => {}
        _ => errors.unsupported(&policy, &["OnFailure", "Never"]),
    }
}

fn indexed(at: &At, errors: &mut Errors) {
    let (completions, most) = (at.int("completions"), at.field("maxFailedIndexes"));
    let parallelism = at.field("parallelism");
    let (at_once, failed) = (parallelism.value.as_int(), most.value.as_int());
    if completions.is_none() {
        errors.required(&at.field("completions"), "when completion mode is Indexed");
    }
    if at_once.is_some_and(|count| count > MOST_AT_ONCE) {
        let why = format!("must be less than or equal to {MOST_AT_ONCE} when completion mode is Indexed");
        errors.invalid(&parallelism, why);
    }
    if let (Some(failed), Some(completions)) = (failed, completions)
        && failed > completions
    {
        errors.invalid(&most, "must be less than or equal to completions");
    }
    if failed.is_some_and(|count| count > MOST_AT_ONCE) {
        errors.invalid(&most, format!("must be less than or equal to {MOST_AT_ONCE}"));
    }
    if completions.is_some_and(|count| count > MOST_AT_ONCE) && at.has("backoffLimitPerIndex") {
        let why = format!(
            "must be less than or equal to {MOST_WITH_MANY} when completions are above {MOST_AT_ONCE} and used with backoff limit per index"
        );
        if failed.is_none() {
            errors.required(&most, &format!("must be specified when completions is above {MOST_AT_ONCE}"));
        }
        for field in [&parallelism, &most] {
            if field.value.as_int().is_some_and(|count| count > MOST_WITH_MANY) {
                errors.invalid(field, why.clone());
            }
        }
    }
}

fn failure_policy(at: &At, errors: &mut Errors) {
    const ACTIONS: &[&str] = &["Count", "FailIndex", "FailJob", "Ignore"];
    let policy = at.field("podFailurePolicy");
    let rules = policy.field("rules");
    errors.too_many(&rules, 20);
    let template = at.field("template");
    let pod = template.field("spec");
    let mut names = BTreeSet::new();
    for list in ["containers", "initContainers"] {
        names.extend(pod.field(list).items().map(|one| one.str("name").to_owned()));
    }
    for rule in rules.items() {
        let action = rule.field("action");
        match action.text() {
            "" => errors.required(&action, "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]"),
            "FailIndex" if !at.has("backoffLimitPerIndex") => {
                errors.invalid(&action, "requires the backoffLimitPerIndex to be set");
            }
            text if !ACTIONS.contains(&text) => errors.unsupported(&action, ACTIONS),
            _ => {}
        }
        let (codes, conditions) = (rule.field("onExitCodes"), rule.field("onPodConditions"));
        if codes.is_there() {
            exit_codes(&codes, &names, errors);
        }
        errors.too_many(&conditions, 20);
        for condition in conditions.items() {
            let (kind, status) = (condition.field("type"), condition.field("status"));
            errors.names(&kind, label_key_errors(kind.text()));
            match status.text() {
                "" => errors.required(&status, "valid values: [\"False\" \"True\" \"Unknown\"]"),
                _ => errors.one_of(&status, &["False", "True", "Unknown"]),
            }
        }
        let why = match (codes.is_there(), !conditions.is_empty()) {
            (true, true) => "specifying both OnExitCodes and OnPodConditions is not supported",
            (false, false) => "specifying one of OnExitCodes and OnPodConditions is required",
            _ => continue,
        };
        errors.push(FieldError::other(rule.path(), format!("Invalid value: {why}")));
    }
}

fn exit_codes(at: &At, names: &BTreeSet<String>, errors: &mut Errors) {
    let (operator, container, values) = (at.field("operator"), at.field("containerName"), at.field("values"));
    match operator.text() {
        "" => errors.required(&operator, "valid values: [\"In\" \"NotIn\"]"),
        _ => errors.one_of(&operator, &["In", "NotIn"]),
    }
    if container.is_there() && !names.contains(container.text()) {
        let why = "must be one of the container or initContainer names in the pod template";
        errors.invalid(&container, why);
    }
    if values.is_empty() {
        errors.invalid_as(&values, values.value.clone(), "at least one value is required");
    }
    errors.too_many(&values, 255);
    let mut seen = BTreeSet::new();
    let mut last = i64::MIN;
    let mut is_ordered = true;
    for value in values.items() {
        let code = value.value.as_int().unwrap_or(0);
        if operator.text() == "In" && code == 0 {
            errors.invalid(&value, "must not be 0 for the In operator");
        }
        if !seen.insert(code) {
            errors.duplicate(&value, code);
        }
        is_ordered &= last <= code;
        last = code;
    }
    if !is_ordered {
        errors.invalid(&values, "must be ordered");
    }
}

fn success_policy(job: &At, at: &At, errors: &mut Errors) {
    let completions = job.int("completions").unwrap_or(0);
    let rules = at.field("rules");
    if rules.is_empty() {
        errors.required(&rules, "at least one rules must be specified when the successPolicy is specified");
    }
    errors.too_many(&rules, 20);
    for rule in rules.items() {
        let (count, indexes) = (rule.field("succeededCount"), rule.field("succeededIndexes"));
        if !count.is_there() && !indexes.is_there() {
            errors.required(&rule, "at least one of succeededCount or succeededIndexes must be specified");
        }
        let mut total = 0;
        if indexes.is_there() {
            match index_count(indexes.text(), completions) {
                Ok(number) => total = number,
                Err(why) => errors.invalid(&indexes, format!("error parsing succeededIndexes: {why}")),
            }
        }
        let Some(number) = count.value.as_int() else { continue };
        errors.not_negative(&count);
        if number > completions {
            let why =
                format!("must be less than or equal to {completions} (the number of specified completions)");
            errors.invalid(&count, why);
        }
        if indexes.is_there() && number > total {
            let why = format!(
                "must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
            );
            errors.invalid(&count, why);
        }
    }
}

/// How many indexes `1,3-5` names.
fn index_count(text: &str, completions: i64) -> Result<i64, String> {
    if text.is_empty() {
        return Ok(0);
    }
    let number = |part: &str| {
        let number = part.parse::<i64>();
        let number =
            number.map_err(|_| format!("cannot convert string to integer for index: {}", quoted(part)))?;
        if number >= completions { Err(format!("too large index: {}", quoted(part))) } else { Ok(number) }
    };
    let (mut total, mut last) = (0, None);
    for piece in text.split(',') {
        let parts: Vec<&str> = piece.split('-').collect();
        let (first, end) = match parts.as_slice() {
            [one] => (number(one)?, number(one)?),
            [first, end] => (number(first)?, number(end)?),
            _ => {
                let piece = quoted(piece);
                return Err(format!(
                    "the fragment {piece} violates the requirement that an index interval can have at most two parts separated by '-'"
                ));
            }
        };
        if parts.len() == 2 && first >= end {
            return Err(format!("non-increasing order, previous: {first}, current: {end}"));
        }
        if let Some(last) = last.filter(|last| *last >= first) {
            return Err(format!("non-increasing order, previous: {last}, current: {first}"));
        }
        total += end - first + 1;
        last = Some(end);
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::index_count;

    #[test]
    fn indexes_are_counted() {
        assert_eq!(index_count("0,2-4", 5), Ok(4));
        assert_eq!(index_count("1-0", 5), Err("non-increasing order, previous: 1, current: 0".into()));
        assert_eq!(index_count("7", 5), Err("too large index: \"7\"".into()));
        assert_eq!(index_count("x", 5), Err("cannot convert string to integer for index: \"x\"".into()));
    }
}
