//! Job and CronJob.

use super::meta::{Condition, LabelSelector, ObjectMeta, ObjectReference};
use super::pod::PodTemplateSpec;
use crate::api::check::quoted;
use crate::value::Str;
use crate::{typed, words_enum};
use std::rc::Rc;

typed! {
    /// A Job: Pods that run until enough of them have ended well.
    pub struct Job {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// What is wanted.
        spec: "spec" => Rc<JobSpec>,
        /// What is.
        status: "status" always => JobStatus,
    }
    /// A Job's spec.
    pub struct JobSpec {
        /// How many Pods run at once, at most.
        parallelism: "parallelism" => Option<i32>,
        /// How many must end well; none where any one is enough.
        completions: "completions" => Option<i32>,
        /// How long it may be active, in seconds.
        active_deadline_seconds: "activeDeadlineSeconds" => Option<i64>,
        /// What failed Pods mean.
        pod_failure_policy: "podFailurePolicy" => Option<PodFailurePolicy>,
        /// When an Indexed Job has succeeded before all indexes have.
        success_policy: "successPolicy" => Option<SuccessPolicy>,
        /// How many failures are borne.
        backoff_limit: "backoffLimit" => Option<i32>,
        /// How many failures of each index are borne.
        backoff_limit_per_index: "backoffLimitPerIndex" => Option<i32>,
        /// How many failed indexes are borne.
        max_failed_indexes: "maxFailedIndexes" => Option<i32>,
        /// Which Pods are its own.
        selector: "selector" => Option<LabelSelector>,
        /// Whether the selector is the user's, not the server's.
        manual_selector: "manualSelector" => Option<bool>,
        /// What its Pods look like.
        template: "template" => Rc<PodTemplateSpec>,
        /// After how many seconds it is deleted once it has finished.
        ttl_seconds_after_finished: "ttlSecondsAfterFinished" => Option<i32>,
        /// Whether each Pod has an index.
        completion_mode: "completionMode" => Option<CompletionMode>,
        /// Whether it stands still.
        suspend: "suspend" => Option<bool>,
        /// Whether a Pod is replaced while it still terminates.
        pod_replacement_policy: "podReplacementPolicy" => Option<PodReplacementPolicy>,
        /// Which controller it belongs to, where that is not the built-in one.
        managed_by: "managedBy" => Option<Str>,
    }
    /// What failed Pods mean: the first rule that matches says it.
    pub struct PodFailurePolicy { /// The rules.
        rules: "rules" => Vec<PodFailurePolicyRule>, }
    /// One rule about failed Pods.
    pub struct PodFailurePolicyRule {
        /// What follows.
        action: "action" => Option<PodFailurePolicyAction>,
        /// Exit codes that it is about.
        on_exit_codes: "onExitCodes" => Option<PodFailurePolicyOnExitCodes>,
        /// Conditions that it is about.
        on_pod_conditions: "onPodConditions" => Vec<PodFailurePolicyOnPodConditions>,
    }
    /// Exit codes of a container.
    pub struct PodFailurePolicyOnExitCodes {
        /// The container; any where there is none.
        container_name: "containerName" => Option<Str>,
        /// `In` or `NotIn`.
        operator: "operator" => Str,
        /// The codes.
        values: "values" => Vec<i32>,
    }
    /// A condition of a Pod.
    pub struct PodFailurePolicyOnPodConditions {
        /// Its type.
        kind: "type" => Str,
        /// Its status.
        status: "status" => Str,
    }
    /// When an Indexed Job has succeeded: one rule that is met is enough.
    pub struct SuccessPolicy { /// The rules.
        rules: "rules" => Vec<SuccessPolicyRule>, }
    /// One rule about succeeded indexes.
    pub struct SuccessPolicyRule {
        /// Those that count, as `1,3-5`; all where there are none.
        succeeded_indexes: "succeededIndexes" => Option<Str>,
        /// How many of them.
        succeeded_count: "succeededCount" => Option<i32>,
    }
    /// A Job's status.
    pub struct JobStatus {
        /// Suspended, SuccessCriteriaMet, FailureTarget, Complete, Failed.
        conditions: "conditions" => Vec<Condition>,
        /// When its controller took it up, or resumed it.
        start_time: "startTime" => Option<Str>,
        /// When it was complete.
        completion_time: "completionTime" => Option<Str>,
        /// Pods that have not ended and are not being deleted.
        active: "active" => i32,
        /// Pods that ended well.
        succeeded: "succeeded" => i32,
        /// Pods that failed.
        failed: "failed" => i32,
        /// Pods that are being deleted and have not ended.
        terminating: "terminating" => Option<i32>,
        /// Indexes that succeeded, as `1,3-5`.
        completed_indexes: "completedIndexes" => Str,
        /// Indexes that failed for good.
        failed_indexes: "failedIndexes" => Option<Str>,
        /// Pods that have ended and are not counted yet.
        uncounted_terminated_pods: "uncountedTerminatedPods" => Option<UncountedTerminatedPods>,
        /// Active Pods that are ready.
        ready: "ready" => Option<i32>,
    }
    /// Pods by their uid that have ended and still hold the Job's finalizer.
    pub struct UncountedTerminatedPods {
        /// Those that ended well.
        succeeded: "succeeded" => Vec<Str>,
        /// Those that failed.
        failed: "failed" => Vec<Str>,
    }

    /// A CronJob: makes a Job at each time of its schedule.
    pub struct CronJob {
        /// Metadata.
        metadata: "metadata" => Rc<ObjectMeta>,
        /// What is wanted.
        spec: "spec" => Rc<CronJobSpec>,
        /// What is.
        status: "status" always => CronJobStatus,
    }
    /// A CronJob's spec.
    pub struct CronJobSpec {
        /// When, in the words of cron.
        schedule: "schedule" => Str,
        /// Whose clock; the controller's, which is UTC, where there is none.
        time_zone: "timeZone" => Option<Str>,
        /// How late a Job may still begin, in seconds.
        starting_deadline_seconds: "startingDeadlineSeconds" => Option<i64>,
        /// What happens while the last Job still runs.
        concurrency_policy: "concurrencyPolicy" => Option<ConcurrencyPolicy>,
        /// Whether no more Jobs are made.
        suspend: "suspend" => Option<bool>,
        /// What its Jobs look like.
        job_template: "jobTemplate" => Rc<JobTemplateSpec>,
        /// How many complete Jobs are kept.
        successful_jobs_history_limit: "successfulJobsHistoryLimit" => Option<i32>,
        /// How many failed Jobs are kept.
        failed_jobs_history_limit: "failedJobsHistoryLimit" => Option<i32>,
    }
    /// What a CronJob's Jobs look like.
    pub struct JobTemplateSpec {
        /// Their labels and annotations.
        metadata: "metadata" always => Rc<ObjectMeta>,
        /// Their spec.
        spec: "spec" => Rc<JobSpec>,
    }
    /// A CronJob's status.
    pub struct CronJobStatus {
        /// Its Jobs that have not finished.
        active: "active" => Vec<ObjectReference>,
        /// The scheduled time of its last Job.
        last_schedule_time: "lastScheduleTime" => Option<Str>,
        /// When its last complete Job was complete.
        last_successful_time: "lastSuccessfulTime" => Option<Str>,
    }
}

words_enum! {
    /// Whether each Pod of a Job has an index.
    pub enum CompletionMode {
        /// None has.
        NonIndexed = "NonIndexed",
        /// Each has one of 0 to completions - 1.
        Indexed = "Indexed",
    }
    /// When a Pod of a Job is replaced.
    pub enum PodReplacementPolicy {
        /// As soon as it terminates or has failed.
        TerminatingOrFailed = "TerminatingOrFailed",
        /// Only when it has failed.
        Failed = "Failed",
    }
    /// What a failed Pod leads to.
    pub enum PodFailurePolicyAction {
        /// Its Job fails.
        FailJob = "FailJob",
        /// Its index fails.
        FailIndex = "FailIndex",
        /// It does not count.
        Ignore = "Ignore",
        /// It counts as ever.
        Count = "Count",
    }
    /// What a CronJob does while its last Job still runs.
    pub enum ConcurrencyPolicy {
        /// It makes the next one too.
        Allow = "Allow",
        /// It leaves the next one out.
        Forbid = "Forbid",
        /// It deletes the last one.
        Replace = "Replace",
    }
}

impl PodFailurePolicy {
    /// As Go prints the struct of the server's own version.
    pub fn as_go(&self) -> String {
        let rules = self.rules.iter().map(|rule| {
            let codes = rule.on_exit_codes.as_ref().map_or("null".to_owned(), |codes| {
                let name = codes.container_name.as_deref().map_or("null".to_owned(), quoted);
                let values = codes.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
                let operator = quoted(&codes.operator);
                format!("{{\"ContainerName\":{name},\"Operator\":{operator},\"Values\":[{values}]}}")
            });
            let conditions = rule.on_pod_conditions.iter().map(|pattern| {
                format!("{{\"Type\":{},\"Status\":{}}}", quoted(&pattern.kind), quoted(&pattern.status))
            });
            let conditions = match conditions.collect::<Vec<_>>() {
                none if none.is_empty() => "null".to_owned(),
                some => format!("[{}]", some.join(",")),
            };
            let action = quoted(rule.action.map(PodFailurePolicyAction::as_str).unwrap_or_default());
            format!("{{\"Action\":{action},\"OnExitCodes\":{codes},\"OnPodConditions\":{conditions}}}")
        });
        format!("{{\"Rules\":[{}]}}", rules.collect::<Vec<_>>().join(","))
    }
}

impl SuccessPolicy {
    /// As Go prints the struct of the server's own version.
    pub fn as_go(&self) -> String {
        let rules = self.rules.iter().map(|rule| {
            let indexes = rule.succeeded_indexes.as_deref().map_or("null".to_owned(), quoted);
            let count = rule.succeeded_count.map_or("null".to_owned(), |count| count.to_string());
            format!("{{\"SucceededIndexes\":{indexes},\"SucceededCount\":{count}}}")
        });
        format!("{{\"Rules\":[{}]}}", rules.collect::<Vec<_>>().join(","))
    }
}
