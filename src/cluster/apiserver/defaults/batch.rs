//! Defaults of Jobs and CronJobs, and the selector that the server makes
//! (upstream: pkg/apis/batch/v1/defaults.go, pkg/registry/batch/job/strategy.go).

use super::pod_spec;
use crate::api::objects::{
    CompletionMode, ConcurrencyPolicy, CronJob, Job, JobSpec, LabelSelector, PodReplacementPolicy,
};
use std::rc::Rc;

/// The labels that a Job gives its Pods, the old name before the new.
const CONTROLLER_UID: [&str; 2] = ["controller-uid", "batch.kubernetes.io/controller-uid"];
const JOB_NAME: [&str; 2] = ["job-name", "batch.kubernetes.io/job-name"];

/// Fills in what a Job left open.
pub(super) fn job(job: &mut Job) {
    let spec = Rc::make_mut(&mut job.spec);
    if spec.completions.is_none() && spec.parallelism.is_none() {
        spec.completions = Some(1);
    }
    spec.parallelism.get_or_insert(1);
    let borne = if spec.backoff_limit_per_index.is_some() { i32::MAX } else { 6 };
    spec.backoff_limit.get_or_insert(borne);
    spec.completion_mode.get_or_insert(CompletionMode::NonIndexed);
    spec.suspend.get_or_insert(false);
    let replaced = match spec.pod_failure_policy {
        Some(_) => PodReplacementPolicy::Failed,
        None => PodReplacementPolicy::TerminatingOrFailed,
    };
    spec.pod_replacement_policy.get_or_insert(replaced);
    spec.manual_selector.get_or_insert(false);
    job_template(spec);
    if job.metadata.labels.is_empty() {
        let labels = &job.spec.template.metadata.labels;
        if !labels.is_empty() {
            Rc::make_mut(&mut job.metadata).labels = labels.clone();
        }
    }
}

/// Fills in what a CronJob left open: of its Jobs only what their Pods' templates leave open.
pub(super) fn cron_job(cron_job: &mut CronJob) {
    let spec = Rc::make_mut(&mut cron_job.spec);
    spec.concurrency_policy.get_or_insert(ConcurrencyPolicy::Allow);
    spec.suspend.get_or_insert(false);
    spec.successful_jobs_history_limit.get_or_insert(3);
    spec.failed_jobs_history_limit.get_or_insert(1);
    job_template(Rc::make_mut(&mut Rc::make_mut(&mut spec.job_template).spec));
}

fn job_template(spec: &mut JobSpec) {
    for rule in spec.pod_failure_policy.iter_mut().flat_map(|policy| &mut policy.rules) {
        for pattern in &mut rule.on_pod_conditions {
            super::or(&mut pattern.status, "True");
        }
    }
    pod_spec(Rc::make_mut(&mut Rc::make_mut(&mut spec.template).spec));
}

/// Gives a new Job the selector of its own Pods, and these the labels for it, where the user makes none himself.
pub(super) fn generate_selector(job: &mut Job) {
    let (uid, name) = (job.metadata.uid.clone(), job.metadata.name.clone());
    let spec = Rc::make_mut(&mut job.spec);
    if spec.manual_selector == Some(true) {
        return;
    }
    let labels = &mut Rc::make_mut(&mut Rc::make_mut(&mut spec.template).metadata).labels;
    for key in JOB_NAME {
        labels.entry(key.into()).or_insert_with(|| name.clone());
    }
    for key in CONTROLLER_UID {
        labels.entry(key.into()).or_insert_with(|| uid.clone());
    }
    let selector = spec.selector.get_or_insert_with(LabelSelector::default);
    selector.match_labels.entry(CONTROLLER_UID[1].into()).or_insert(uid);
}
