//! Indexes of Indexed Jobs (upstream: pkg/controller/job/indexed_job_utils.go).

use super::pod_failure_policy::match_pod_failure_policy;
use super::{Context, has_tracking_finalizer, is_pod_failed};
use crate::api::conditions::is_pod_terminal;
use crate::api::objects::{CompletionMode, Container, EnvVar, Job, Labels, Pod, PodFailurePolicyAction, PodPhase, PodSpec};
use crate::value::{Str, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

/// Annotation and label: the Pod's index.
pub(super) const COMPLETION_INDEX: &str = "batch.kubernetes.io/job-completion-index";
/// Annotation: how many Pods of the index failed before this one.
const FAILURE_COUNT: &str = "batch.kubernetes.io/job-index-failure-count";
/// Annotation: how many of them did not count.
const IGNORED_FAILURE_COUNT: &str = "batch.kubernetes.io/job-index-ignored-failure-count";
/// A generated name begins with at most so many letters (upstream: names.MaxGeneratedNameLength).
const LONGEST_PREFIX: usize = 58;

/// Numbers in order, as first and last of each run: `1,3-5`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cluster::controllers) struct Intervals(pub(super) Vec<(i32, i32)>);

impl Intervals {
    /// Reads `1,3-5`; what is past the completions is left out.
    pub(super) fn parse(text: &str, completions: i32) -> Self {
        let mut out: Vec<(i32, i32)> = Vec::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (Ok(first), Ok(last)) = (first.parse::<i32>(), last.parse::<i32>()) else { continue };
            if first >= completions {
                break;
            }
            let last = last.min(completions - 1);
            match out.last_mut() {
                Some(before) if before.1 == first - 1 => before.1 = last,
                _ => out.push((first, last)),
            }
        }
        Self(out)
    }
    /// With these too, which are in order.
    pub(super) fn with(&self, indexes: impl IntoIterator<Item = i32>) -> Self {
        self.merge(&Self(indexes.into_iter().map(|index| (index, index)).collect()))
    }
    /// Both together.
    pub(super) fn merge(&self, other: &Self) -> Self {
        let mut all: Vec<(i32, i32)> = self.0.iter().chain(&other.0).copied().collect();
        all.sort_unstable();
        let mut out: Vec<(i32, i32)> = Vec::new();
        for (first, last) in all {
            match out.last_mut() {
                Some(before) if first <= before.1 + 1 => before.1 = before.1.max(last),
                _ => out.push((first, last)),
            }
        }
        Self(out)
    }
    /// How many.
    pub(super) fn total(&self) -> i32 {
        self.0.iter().map(|(first, last)| last - first + 1).sum()
    }
    /// Whether a number is among them.
    pub(super) fn has(&self, index: i32) -> bool {
        let at = self.0.partition_point(|(_, last)| *last < index);
        self.0.get(at).is_some_and(|(first, _)| *first <= index)
    }
}

impl fmt::Display for Intervals {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (at, (first, last)) in self.0.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            match last - first {
                0 => write!(f, "{comma}{first}")?,
                1 => write!(f, "{comma}{first},{last}")?,
                _ => write!(f, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

/// Whether each Pod of the Job has an index.
pub(super) fn is_indexed(job: &Job) -> bool {
    job.spec.completion_mode == Some(CompletionMode::Indexed)
}

/// The Pod's index; none where it has no valid one.
pub(super) fn completion_index(pod: &Pod) -> Option<i32> {
    pod.metadata.annotations.get(COMPLETION_INDEX)?.parse().ok().filter(|index| *index >= 0)
}

/// The Pod's index where it is one of the Job's.
fn valid_index(pod: &Pod, completions: i32) -> Option<i32> {
    completion_index(pod).filter(|index| *index < completions)
}

/// What had succeeded before, and what has now.
pub(super) fn calculate_succeeded_indexes(job: &Job, pods: &[Rc<Pod>]) -> (Intervals, Intervals) {
    let completions = job.spec.completions.unwrap_or(0);
    let before = Intervals::parse(&job.status.completed_indexes, completions);
    let is_new = |pod: &&Rc<Pod>| pod.status.phase == Some(PodPhase::Succeeded) && has_tracking_finalizer(pod);
    let new: BTreeSet<i32> = pods.iter().filter(is_new).filter_map(|pod| valid_index(pod, completions)).collect();
    let now = before.with(new);
    (before, now)
}

/// What has failed for good.
pub(super) fn calculate_failed_indexes(job: &Job, pods: &[Rc<Pod>]) -> Intervals {
    let completions = job.spec.completions.unwrap_or(0);
    let before = Intervals::parse(job.status.failed_indexes.as_deref().unwrap_or_default(), completions);
    let is_new = |pod: &&Rc<Pod>| has_tracking_finalizer(pod) && is_index_failed(job, pod);
    before.with(pods.iter().filter(is_new).filter_map(|pod| valid_index(pod, completions)).collect::<BTreeSet<i32>>())
}

fn is_index_failed(job: &Job, pod: &Pod) -> bool {
    if !is_pod_failed(pod, job) {
        return false;
    }
    let matched = match_pod_failure_policy(job.spec.pod_failure_policy.as_ref(), pod);
    matched.action == Some(PodFailurePolicyAction::FailIndex)
        || (matched.counts && count(pod, FAILURE_COUNT) >= job.spec.backoff_limit_per_index.unwrap_or(0))
}

/// The first indexes that need a Pod.
pub(super) fn first_pending_indexes(context: &Context, count: usize, completions: i32) -> Vec<i32> {
    let indexes = |pods: &mut dyn Iterator<Item = &Rc<Pod>>| pods.filter_map(|pod| completion_index(pod)).collect::<BTreeSet<i32>>();
    let mut taken = context.succeeded_indexes.with(indexes(&mut context.active.iter()));
    if super::only_replaces_failed(&context.job) {
        let terminating = |pod: &&Rc<Pod>| pod.metadata.is_terminating() && !is_pod_terminal(pod);
        taken = taken.with(indexes(&mut context.pods.iter().filter(terminating)));
    }
    if let Some(failed) = &context.failed_indexes {
        taken = taken.merge(failed);
    }
    let (mut out, mut candidate) = (Vec::new(), 0);
    for (first, last) in taken.0.iter().copied().chain([(completions, completions)]) {
        while candidate < first.min(completions) && out.len() < count {
            out.push(candidate);
            candidate += 1;
        }
        candidate = candidate.max(last + 1);
    }
    out
}

/// Failed Pods that stay until another of their index takes their count over.
pub(super) fn pods_with_delayed_deletion(context: &Context) -> BTreeMap<i32, Rc<Pod>> {
    let completions = context.job.spec.completions.unwrap_or(0);
    let active: BTreeSet<i32> = context.active.iter().filter_map(|pod| completion_index(pod)).collect();
    let mut out: BTreeMap<i32, Rc<Pod>> = BTreeMap::new();
    for pod in &context.pods {
        let is_valid = has_tracking_finalizer(pod) && !context.expected_removals.contains(&pod.metadata.uid);
        let Some(index) = valid_index(pod, completions).filter(|_| is_valid && is_pod_failed(pod, &context.job)) else { continue };
        let is_over = context.succeeded_indexes.has(index)
            || context.failed_indexes.as_ref().is_some_and(|failed| failed.has(index))
            || active.contains(&index);
        if is_over {
            continue;
        }
        let is_later = out.get(&index).is_none_or(|last| {
            absolute_failure_count(last) <= absolute_failure_count(pod) && super::backoff::finished_time(pod) >= super::backoff::finished_time(last)
        });
        if is_later {
            out.insert(index, pod.clone());
        }
    }
    out
}

fn count(pod: &Pod, annotation: &str) -> i32 {
    pod.metadata.annotations.get(annotation).and_then(|text| text.parse().ok()).filter(|count| *count >= 0).unwrap_or(0)
}

/// How many Pods of the index failed before this one, counted or not.
pub(super) fn absolute_failure_count(pod: &Pod) -> i32 {
    count(pod, FAILURE_COUNT) + count(pod, IGNORED_FAILURE_COUNT)
}

/// Notes on a new Pod how often its index has failed.
pub(super) fn add_failure_counts(annotations: &mut Labels, job: &Job, replaced: Option<&Rc<Pod>>) {
    let (mut failed, mut ignored) = (0, 0);
    if let Some(pod) = replaced {
        (failed, ignored) = (count(pod, FAILURE_COUNT), count(pod, IGNORED_FAILURE_COUNT));
        if match_pod_failure_policy(job.spec.pod_failure_policy.as_ref(), pod).counts {
            failed += 1;
        } else {
            ignored += 1;
        }
    }
    annotations.insert(FAILURE_COUNT.into(), failed.to_string().into());
    if ignored > 0 {
        annotations.insert(IGNORED_FAILURE_COUNT.into(), ignored.to_string().into());
    }
}

/// Tells the containers their index, each but those that have a variable of this name.
pub(super) fn add_index_variables(spec: &mut PodSpec) {
    let tell = |container: &mut Container| {
        const NAME: &str = "JOB_COMPLETION_INDEX";
        if container.env.iter().any(|variable| &*variable.name == NAME) {
            return;
        }
        let mut source = Value::object();
        source.set(&["fieldRef", "apiVersion"], "v1");
        source.set(&["fieldRef", "fieldPath"], format!("metadata.labels['{COMPLETION_INDEX}']"));
        container.env.push(EnvVar { name: NAME.into(), value_from: Some(source), ..EnvVar::default() });
    };
    spec.init_containers.iter_mut().chain(&mut spec.containers).for_each(tell);
}

/// What a Pod's generated name begins with.
pub(super) fn generate_name(job: &str, index: i32) -> Str {
    let suffix = format!("-{index}-");
    let kept = job.floor_char_boundary(LONGEST_PREFIX.saturating_sub(suffix.len()));
    format!("{}{suffix}", &job[..kept]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_read_merged_and_written() {
        for (text, completions, written, total) in [
            ("", 5, "", 0),
            ("0,1", 5, "0,1", 2),
            ("0,1,2", 5, "0-2", 3),
            ("1,3-5,9", 10, "1,3-5,9", 5),
            ("1,3-8", 5, "1,3,4", 3),
            ("7", 5, "", 0),
            ("x,2", 5, "2", 1),
        ] {
            let intervals = Intervals::parse(text, completions);
            assert_eq!((intervals.to_string().as_str(), intervals.total()), (written, total), "{text}");
        }
        let some = Intervals::parse("1,3-5", 10);
        assert_eq!(some.with([0, 2, 8]).to_string(), "0-5,8");
        assert_eq!(some.merge(&Intervals::parse("4-7", 10)).to_string(), "1,3-7");
        assert!(some.has(4) && some.has(1) && !some.has(2) && !some.has(6));
    }

    #[test]
    fn a_long_name_is_cut_before_the_index() {
        assert_eq!(&*generate_name("sum", 3), "sum-3-");
        let name = generate_name(&"a".repeat(63), 12);
        assert_eq!((name.len(), name.ends_with("a-12-")), (58, true));
        // What no letter of a name could be is cut between letters all the same.
        assert_eq!(&*generate_name(&"가".repeat(30), 1), format!("{}-1-", "가".repeat(18)));
    }
}
