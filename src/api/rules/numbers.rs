//! Numbers below or above what they can be.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::subject::{Findings, Place, Subject};
use crate::manifest::{Diagnostic, NodeKind, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Field(check) };

/// Fields that cannot be negative, by their definition.
const NOT_NEGATIVE: &[(&str, &[&str])] = &[
    ("CronJobSpec", &["failedJobsHistoryLimit", "startingDeadlineSeconds", "successfulJobsHistoryLimit"]),
    ("DaemonSetSpec", &["minReadySeconds", "revisionHistoryLimit"]),
    ("DeploymentSpec", &["minReadySeconds", "progressDeadlineSeconds", "replicas", "revisionHistoryLimit"]),
    (
        "JobSpec",
        &[
            "activeDeadlineSeconds",
            "backoffLimit",
            "backoffLimitPerIndex",
            "completions",
            "maxFailedIndexes",
            "parallelism",
            "ttlSecondsAfterFinished",
        ],
    ),
    (
        "Probe",
        &["failureThreshold", "initialDelaySeconds", "periodSeconds", "successThreshold", "timeoutSeconds"],
    ),
    ("ReplicaSetSpec", &["minReadySeconds", "replicas"]),
    ("ReplicationControllerSpec", &["minReadySeconds", "replicas"]),
    ("StatefulSetSpec", &["minReadySeconds", "replicas", "revisionHistoryLimit"]),
    ("SuccessPolicyRule", &["succeededCount"]),
];

/// Fields with a least and a most.
const RANGES: &[(&str, &str, i64, i64)] = &[("PodSpec", "activeDeadlineSeconds", 1, 2_147_483_647)];

fn check(subject: &Subject, place: &Place, findings: &mut Findings) {
    let NodeKind::Int(number) = place.node.kind else { return };
    let (owner, field) = (place.owner.name, place.field.name);
    let negative =
        number < 0 && NOT_NEGATIVE.iter().any(|(name, fields)| *name == owner && fields.contains(&field));
    if negative {
        let diagnostic = Diagnostic::new(msg!("below-least"), Severity::Error, place.node.span)
            .arg("field", field)
            .arg("value", number)
            .arg("least", 0_i64);
        let error = FieldError::invalid(place.path.to_string(), number, "must be greater than or equal to 0");
        findings.invalid(subject.place, diagnostic, error);
    }
    for (_, _, least, most) in RANGES.iter().filter(|range| (range.0, range.1) == (owner, field)) {
        if !(*least..=*most).contains(&number) {
            let diagnostic = Diagnostic::new(msg!("out-of-range"), Severity::Error, place.node.span)
                .arg("field", field)
                .arg("value", number)
                .arg("least", *least)
                .arg("most", *most);
            let why = format!("must be between {least} and {most}, inclusive");
            findings.invalid(
                subject.place,
                diagnostic,
                FieldError::invalid(place.path.to_string(), number, why),
            );
        }
    }
}
