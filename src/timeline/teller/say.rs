//! The sentences: which message tells a group of moments, and of what.

use super::step::{AtOnce, Class, Step};
use super::{Args, Begun, Group};
use crate::api::{Kind, ObjectKey};
use crate::cluster::fault::{Fault, RegistryState, Shortage};
use crate::cluster::record::ClientId;
use crate::cluster::time::MILLI;
use crate::cluster::traffic::Outcome;
use crate::manifest::Arg;
use crate::msg;
use crate::timeline::beats::Sentence;
use crate::timeline::compare::only_reads;
use crate::timeline::history::History;
use crate::timeline::row::RowKey;
use crate::timeline::run::Act;
use crate::timeline::view::CommandView;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// So many objects are counted while they come.
const FEW: usize = 8;

/// The message that tells what broke.
pub(super) fn fault(fault: &Fault) -> &'static str {
    match fault {
        Fault::KillContainer(..) => msg!("say.fault-container"),
        Fault::KillPause(_) => msg!("say.fault-pause"),
        Fault::KubeletStops(_) => msg!("say.fault-kubelet"),
        Fault::KubeletResumes(_) => msg!("say.fault-kubelet-mended"),
        Fault::NodeDies(_) => msg!("say.fault-node"),
        Fault::NodeReturns(_) => msg!("say.fault-node-mended"),
        Fault::Partition(_) => msg!("say.fault-partition"),
        Fault::PartitionEnds(_) => msg!("say.fault-partition-mended"),
        Fault::ProxySlow(_) => msg!("say.fault-proxy"),
        Fault::ProxyMended(_) => msg!("say.fault-proxy-mended"),
        Fault::Shortage(_, Shortage::Memory) => msg!("say.fault-memory"),
        Fault::Shortage(_, Shortage::Disk) => msg!("say.fault-disk"),
        Fault::ShortageEnds(_, Shortage::Memory) => msg!("say.fault-memory-mended"),
        Fault::ShortageEnds(_, Shortage::Disk) => msg!("say.fault-disk-mended"),
        Fault::ApiServerStops => msg!("say.fault-api-server"),
        Fault::ApiServerStarts => msg!("say.fault-api-server-mended"),
        Fault::ImageGone(_) => msg!("say.fault-image"),
        Fault::ImageBack(_) => msg!("say.fault-image-mended"),
        Fault::Registry(RegistryState::Down) => msg!("say.fault-registry"),
        Fault::Registry(RegistryState::Slow) => msg!("say.fault-registry-slow"),
        Fault::Registry(RegistryState::Up) => msg!("say.fault-registry-mended"),
    }
}

/// The message that tells how a request to a Pod failed that is being deleted.
pub(super) fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::TimedOut => msg!("say.request-timed-out"),
        Outcome::CutOff => msg!("say.request-cut"),
        Outcome::Refused | Outcome::Served(_) => msg!("say.request-refused"),
    }
}

/// The messages that tell why a Pod, or several, are removed at once.
fn at_once(why: AtOnce) -> [&'static str; 2] {
    match why {
        AtOnce::Finished => [msg!("say.finished-removed"), msg!("say.finished-removed-many")],
        AtOnce::NoNode => [msg!("say.unscheduled-removed"), msg!("say.unscheduled-removed-many")],
        AtOnce::Forced => [msg!("say.forced"), msg!("say.forced-many")],
        AtOnce::Asked => [msg!("say.asked-at-once"), msg!("say.asked-at-once-many")],
        AtOnce::Own => [msg!("say.own-grace-none"), msg!("say.own-grace-none-many")],
    }
}

/// The files that an `apply` takes, as typed, joined by commas; none for another command.
pub(super) fn files_of(line: &str) -> Option<String> {
    let mut words = line.split_whitespace().skip_while(|word| *word != "apply").skip(1);
    let mut files = Vec::new();
    while let Some(word) = words.next() {
        if word == "-f" || word == "--filename" {
            files.extend(words.next());
        } else if let Some(file) = word.strip_prefix("--filename=").or_else(|| word.strip_prefix("-f=")) {
            files.push(file);
        }
    }
    (!files.is_empty()).then(|| files.join(", "))
}

/// The command that a client runs.
fn line_of(history: &History, group: &Group) -> crate::value::Str {
    let (Step::Sent(client) | Step::Failed(client) | Step::Unchanged(client)) = group.step else {
        return "".into();
    };
    history.at(history.end()).command(client).map_or_else(|| "".into(), |command| command.line.clone())
}

impl Group {
    /// The message, told of the first moment.
    fn one(&self, id: &'static str) -> Sentence {
        Sentence { id, args: self.args.clone() }
    }
    /// The message, told of the last moment.
    fn last(&self, id: &'static str) -> Sentence {
        Sentence { id, args: self.last_args.clone() }
    }
    /// The message, told of the first moment, and of how many it happens to.
    fn counted(&self, id: &'static str) -> Sentence {
        let mut sentence = self.one(id);
        sentence.args.retain(|(name, _)| *name != "count");
        sentence.args.push(("count", self.subjects.len().into()));
        sentence
    }
    /// One message where it happens to one, another where it happens to several.
    fn by_number(&self, one: &'static str, several: &'static str) -> Sentence {
        if self.subjects.len() == 1 { self.one(one) } else { self.counted(several) }
    }
    /// The Pods that it happens to.
    fn pods(&self, history: &History) -> usize {
        let view = history.at(self.last);
        let pods: BTreeSet<ObjectKey> = self
            .subjects
            .iter()
            .filter_map(|subject| match subject {
                RowKey::Container(id) => Some(view.container(*id)?.pod.clone()),
                RowKey::Sandbox(id) => Some(view.sandbox(*id)?.pod.clone()),
                RowKey::Object(key) if key.kind == Kind::Pod => Some(key.clone()),
                _ => None,
            })
            .collect();
        pods.len()
    }
    /// Whether it happens on every node.
    fn is_everywhere(&self, history: &History) -> bool {
        let nodes = self.subjects.iter().filter_map(|subject| match subject {
            RowKey::Rules(node, _) => Some(*node),
            _ => None,
        });
        nodes.collect::<BTreeSet<_>>().len() == history.nodes().len()
    }
}

/// What is said of a group.
pub(super) fn sentence(history: &History, group: &Group) -> Sentence {
    let mut sentence = match group.crowd {
        Some(message) => group.counted(message),
        None => told(history, group),
    };
    if matches!(group.step, Step::Signalled(_) | Step::EndsAtOnce(_) | Step::Drains(_) | Step::Ignores(_)) {
        name_signals(history, group, &mut sentence.args);
    }
    sentence
}

/// The stop signals that the containers of a group got, which need not be the same, and how many sorts there are.
fn name_signals(history: &History, group: &Group, args: &mut Args) {
    let view = history.at(group.last);
    let mut signals: Vec<&'static str> = Vec::new();
    for subject in group.subjects.iter() {
        let RowKey::Container(id) = subject else { continue };
        let stop = view.signals(*id).map(|(_, signal)| signal).filter(|signal| *signal != "SIGKILL").last();
        signals.extend(stop.filter(|stop| !signals.contains(stop)));
    }
    if signals.len() > 1 {
        args.retain(|(name, _)| *name != "signal");
        args.push(("signal", signals.join(", ").into()));
    }
    args.push(("kinds", signals.len().max(1).into()));
}

/// Whether a command has waited for something until its own time was over.
pub(super) fn gave_up(command: &CommandView) -> bool {
    const TOLD: [&str; 2] = ["timed out waiting for the condition", "global timeout reached"];
    command.printed().any(|(is_error, text)| is_error && TOLD.iter().any(|told| text.contains(told)))
}

/// What is said of a command that has not done what it was to do.
fn failed(history: &History, group: &Group, client: ClientId) -> Sentence {
    let mut sentence = group.one(msg!("say.command-failed"));
    let view = history.at(group.last);
    let Some((command, (ended, code))) =
        view.command(client).and_then(|command| Some((command, command.ended?)))
    else {
        return sentence;
    };
    if gave_up(&command) && !command.line.contains([';', '|', '&']) {
        let millis = ended.since(command.began) / MILLI;
        let whole = if millis < 1_000 { millis } else { millis / 1_000 * 1_000 };
        sentence.id = msg!("say.command-gave-up");
        sentence.args.push(("waited", Arg::Millis(whole)));
    } else if only_reads(command.line) {
        sentence.id = msg!("say.command-ended-badly");
        sentence.args.push(("code", i64::from(code).into()));
    }
    sentence
}

fn told(history: &History, group: &Group) -> Sentence {
    match &group.step {
        Step::Sent(client) => {
            let line = line_of(history, group);
            let has_ended =
                history.at(history.end()).command(*client).is_some_and(|command| command.ended.is_some());
            match files_of(&line) {
                // How many they are is told once it is known.
                Some(file) if group.subjects.len() > FEW && !has_ended => {
                    Sentence::new(msg!("say.apply-sends"), [("file", file.into())])
                }
                Some(file) => Sentence::new(
                    msg!("say.apply-sent"),
                    [("file", file.into()), ("count", group.subjects.len().into())],
                ),
                None => Sentence::new(msg!("say.command-sent"), [("command", (&line).into())]),
            }
        }
        Step::Failed(client) => failed(history, group, *client),
        Step::Unchanged(_) => {
            let file = files_of(&line_of(history, group)).unwrap_or_default();
            Sentence::new(msg!("say.unchanged"), [("file", file.into())])
        }
        // More may come yet: how many they are is told once it is known.
        Step::Created(..)
            if group.subjects.len() > FEW && history.end().since(group.last) <= group.step.window() =>
        {
            group.one(msg!("say.objects-being-created"))
        }
        Step::Created(_, Class::Namespace) => {
            group.by_number(msg!("say.namespace-created"), msg!("say.objects-created"))
        }
        Step::Created(_, Class::Service) => {
            group.by_number(msg!("say.service-created"), msg!("say.objects-created"))
        }
        Step::Created(_, Class::Headless) => {
            group.by_number(msg!("say.service-headless-created"), msg!("say.objects-created"))
        }
        Step::Created(_, Class::Alias) => {
            group.by_number(msg!("say.service-alias-created"), msg!("say.objects-created"))
        }
        Step::Created(_, Class::Pod) => group.by_number(msg!("say.pod-created"), msg!("say.objects-created")),
        Step::Created(_, Class::Other) => {
            group.by_number(msg!("say.object-created"), msg!("say.objects-created"))
        }
        Step::Changed(_) => group.by_number(msg!("say.object-changed"), msg!("say.objects-changed")),
        Step::Scaled(_) => group.one(msg!("say.scaled")),
        Step::Refused(_) => group.one(msg!("say.object-refused")),
        Step::EvictionRefused(..) => group.one(msg!("say.eviction-refused")),
        Step::Missing(_) => group.one(msg!("say.object-missing")),
        Step::Removed(_) => group.by_number(msg!("say.object-deleted"), msg!("say.objects-deleted")),
        Step::OwnerRemoved(_) => group.one(msg!("say.owner-deleted")),
        Step::Held(_) => group.by_number(msg!("say.object-held"), msg!("say.objects-held")),
        Step::Fault(id) => group.one(id),
        Step::Limit(_) => group.one(msg!("say.limit")),
        Step::ClientBegins => group.one(msg!("say.client-begins")),
        Step::ClientBeginsOutside => group.one(msg!("say.client-begins-outside")),

        Step::ReplicaSetMade(_) => group.one(msg!("say.replica-set-created")),
        Step::RolloutBegins(_) => group.one(msg!("say.rollout-started")),
        Step::RolledBack(_) => group.one(msg!("say.rollout-undo")),
        Step::Grows(_) => grown(group, msg!("say.rollout-up")),
        Step::Shrinks(_) => grown(group, msg!("say.rollout-down")),
        Step::PodsMade(_) => wanted(group, 1, msg!("say.pods-created"), msg!("say.pods-created-apart")),
        Step::PodsRemoved(_) => wanted(group, -1, msg!("say.pods-removed"), msg!("say.pods-removed-apart")),
        Step::Replaced(_) if group.subjects.len() == 1 => group.one(msg!("say.replaced")),
        Step::Replaced(_) => wanted(group, 1, msg!("say.pods-created"), msg!("say.pods-created-apart")),
        Step::JobPodsMade(_) => group.counted(msg!("say.job-pods-created")),
        Step::JobRetries(_) => group.counted(msg!("say.job-retries")),
        Step::JobSuspended(_) => group.one(msg!("say.job-suspended")),
        Step::JobComplete(_) => group.one(msg!("say.job-complete")),
        Step::JobFails(_) => group.one(msg!("say.job-failed")),
        Step::CronJobForgets(_) => {
            group.by_number(msg!("say.cron-job-forgets"), msg!("say.cron-job-forgets-many"))
        }
        Step::StatefulSetMakes(_) => {
            group.by_number(msg!("say.stateful-set-makes"), msg!("say.stateful-set-makes-many"))
        }
        Step::StatefulSetRemoves(_) => {
            group.by_number(msg!("say.stateful-set-removes"), msg!("say.stateful-set-removes-many"))
        }
        Step::StatefulSetReady(_) => group.last(msg!("say.stateful-set-ready")),
        Step::DaemonSetMakes(_) => group.counted(msg!("say.daemon-set-makes")),
        Step::DaemonSetRemoves(_) => group.counted(msg!("say.daemon-set-removes")),
        Step::DaemonSetReady(_) => group.last(msg!("say.daemon-set-ready")),
        Step::BudgetCounted(_) => group.last(msg!("say.budget-counted")),
        Step::NodeUnheard(_) => group.one(msg!("say.node-unheard")),
        Step::NodeHeard(_) => group.one(msg!("say.node-heard")),
        Step::Unheard(_) => group.counted(msg!("say.pods-unheard")),
        Step::NodePressed(_) => group.one(msg!("say.node-pressed")),
        Step::TaintEvicts(_) => group.counted(msg!("say.taint-evicts")),
        Step::CronJobMakes(_) => group.last(msg!("say.cron-job-made")),
        Step::CronJobMakesLate(_) => group.last(msg!("say.cron-job-made-late")),
        Step::CronJobWaits(_) => group.last(msg!("say.cron-job-waits")),
        Step::Adopts(_) => group.one(msg!("say.replica-set-adopted")),
        Step::NamespaceHeld(_) => group.last(msg!("say.namespace-held")),
        Step::NotBound(_) => group.one(msg!("say.pod-not-bound")),
        Step::AwaitsProvisioner(_) => group.one(msg!("say.claim-awaits-provisioner")),
        Step::Available(_) => group.one(msg!("say.deployment-available")),
        Step::Stalls(_) => group.one(msg!("say.rollout-stalls")),
        Step::RolledOut(_) => group.last(msg!("say.rollout-done")),
        Step::Cordons(_, true) => group.one(msg!("say.node-cordoned")),
        Step::Cordons(_, false) => group.one(msg!("say.node-uncordoned")),
        Step::DependentsMarked => group.counted(msg!("say.dependents-marked")),
        Step::Orphaned => group.counted(msg!("say.dependents-orphaned")),
        Step::Dependents => group.counted(msg!("say.dependents-deleted")),
        Step::OwnersGo => group.counted(msg!("say.owners-go")),
        Step::NamespaceEnds => group.one(msg!("say.namespace-terminating")),
        Step::NamespaceGone => group.one(msg!("say.namespace-gone")),
        Step::ClaimBound(_) => group.one(msg!("say.claim-bound")),
        Step::VolumeReleased => group.one(msg!("say.volume-released")),
        Step::Autoscaled => group.one(msg!("say.autoscaled")),

        Step::Scheduled(_) => group.by_number(msg!("say.pod-scheduled"), msg!("say.pods-scheduled")),
        Step::Unschedulable(_) => {
            group.by_number(msg!("say.pod-unschedulable"), msg!("say.pods-unschedulable"))
        }
        Step::AwaitsVolume(_) => {
            group.by_number(msg!("say.pod-awaits-volume"), msg!("say.pods-await-volumes"))
        }
        Step::AwaitsClaim(_) => group.by_number(msg!("say.pod-awaits-claim"), msg!("say.pods-await-claims")),
        Step::Found(_) => group.by_number(msg!("say.kubelet-told"), msg!("say.kubelets-told")),
        Step::PauseStarts(_) => group.by_number(msg!("say.pause-started"), msg!("say.pauses-started")),
        Step::Pulling(_) => group.by_number(msg!("say.image-pulling"), msg!("say.image-pulling-everywhere")),
        Step::AsksAgain(_) => group.by_number(msg!("say.image-asked"), msg!("say.image-asked-everywhere")),
        Step::PullFails(..) => group.one(msg!("say.image-failed")),
        Step::PodsRefused(_) => group.one(msg!("say.pods-refused")),
        Step::Unmounted(_) => group.counted(msg!("say.pod-unmounted")),
        Step::Unmade(..) => group.counted(msg!("say.container-unmade")),
        Step::Unstarted(..) => group.counted(msg!("say.container-unstarted")),
        Step::ProbeFails(_, _, id) => group.counted(id),
        Step::ProbeKills(..) => group.one(msg!("say.probe-kills")),
        Step::TagUnknown(..) => group.one(msg!("say.image-tag-unknown")),
        Step::InitStarts(..) => group.one(msg!("say.init-container-started")),
        Step::InitEnds(..) => group.one(msg!("say.init-container-done")),
        Step::ContainersStart(_) => {
            group.by_number(msg!("say.container-started"), msg!("say.containers-started"))
        }
        Step::Runs(_) => group.by_number(msg!("say.pod-running"), msg!("say.pods-running")),
        Step::Ready(_) => group.by_number(msg!("say.pod-ready"), msg!("say.pods-ready")),
        Step::NotReady(_) => group.by_number(msg!("say.pod-not-ready"), msg!("say.pods-not-ready")),
        Step::Succeeded(_) => group.by_number(msg!("say.pod-succeeded"), msg!("say.pods-succeeded")),
        Step::Evicted(_) => group.by_number(msg!("say.pod-evicted"), msg!("say.pods-evicted")),
        Step::EndsBadly(_) => group.by_number(msg!("say.pod-failed"), msg!("say.pods-failed")),

        Step::SliceMade(_) if group.args.contains(&("found", Arg::Number(0))) => {
            group.one(msg!("say.slice-selects-nothing"))
        }
        Step::SliceMade(_) if group.args.contains(&("found", Arg::Number(1))) => {
            group.one(msg!("say.slice-empty"))
        }
        Step::SliceMade(_) => group.one(msg!("say.slice-created")),
        Step::EndpointsAdded(..) => group.by_number(msg!("say.endpoint-added"), msg!("say.endpoints-added")),
        Step::EndpointsUnready(..) => {
            group.by_number(msg!("say.endpoint-not-ready"), msg!("say.endpoints-not-ready"))
        }
        Step::RulesWritten(..) if group.is_everywhere(history) => {
            group.last(msg!("say.rules-written-everywhere"))
        }
        Step::RulesWritten(..) => group.last(msg!("say.rules-written")),
        Step::RulesGone(_) => group.one(msg!("say.rules-gone")),
        Step::Answered(_) => group.one(msg!("say.request-answered")),
        Step::RequestFails(_, id) => group.one(id),
        Step::MoreFail(_, id) => {
            let mut sentence = group.counted(id);
            let is_again = group.last_args.iter().any(|(name, _)| *name == "again");
            sentence.args.push(("again", Arg::Number(is_again.into())));
            sentence
        }
        Step::RequestsFail(..) => match group.args.iter().find(|(name, _)| *name == "outcome") {
            Some((_, Arg::Message(id))) if group.subjects.len() == 1 => group.one(id),
            _ => group.counted(msg!("say.requests-failed")),
        },

        Step::WasThere => group.counted(msg!("say.recorded-there")),
        Step::Warned(..) => group.by_number(msg!("say.recorded-warning"), msg!("say.recorded-warnings")),

        step => deletion(history, group, step),
    }
}

/// What is said of the steps of a deletion, and of a container's life inside its Pod.
fn deletion(history: &History, group: &Group, step: &Step) -> Sentence {
    let is_one_pod = group.pods(history) <= 1;
    let container_or =
        |one, several| if group.subjects.len() == 1 { group.one(one) } else { group.counted(several) };
    match step {
        Step::Deleted(_) => group.by_number(msg!("say.delete-requested"), msg!("say.delete-requested-many")),
        Step::Forced(_, why) => {
            let [one, several] = at_once(*why);
            group.by_number(one, several)
        }
        Step::ForcedLater(_, AtOnce::Forced) => {
            group.by_number(msg!("say.forced-later"), msg!("say.forced-later-many"))
        }
        Step::ForcedLater(..) => group.by_number(msg!("say.asked-later"), msg!("say.asked-later-many")),
        Step::Released(_) => group.by_number(msg!("say.pod-released"), msg!("say.pods-released")),
        Step::NotTold(_, _, id) => {
            // Some of them may be endpoints, and others not.
            let is_endpoint = ("slices", Arg::Number(1));
            let is_any = [&group.args, &group.last_args].iter().any(|args| args.contains(&is_endpoint));
            let mut sentence = group.counted(id);
            sentence.args.retain(|(name, _)| *name != "slices");
            sentence.args.push(("slices", Arg::Number(is_any.into())));
            sentence
        }
        Step::Told(_, true) => group.one(msg!("say.both-told")),
        Step::Told(_, false) if is_one_pod => group.one(msg!("say.kubelet-told-of-deletion")),
        Step::Told(_, false) => group.counted(msg!("say.kubelets-told-of-deletion")),
        Step::EndpointsEnding(..) => {
            group.by_number(msg!("say.endpoint-terminating"), msg!("say.endpoints-terminating"))
        }
        Step::EndpointsOut(..) => {
            group.by_number(msg!("say.endpoint-removed"), msg!("say.endpoints-removed"))
        }
        Step::RulesLessen(..) if !group.args.contains(&("deleted", Arg::Number(1))) => {
            group.one(msg!("say.rules-removed-many"))
        }
        Step::RulesLessen(..) if group.is_everywhere(history) => {
            group.one(msg!("say.rules-removed-everywhere"))
        }
        Step::RulesLessen(..) => group.one(msg!("say.rules-removed")),
        Step::HookBegins(_) => container_or(msg!("say.pre-stop-begins"), msg!("say.pre-stops-begin")),
        Step::HookEnds(_) => container_or(msg!("say.pre-stop-ends"), msg!("say.pre-stops-end")),
        Step::HookOverruns(_) => group.one(msg!("say.pre-stop-overruns")),
        Step::Signalled(_) => container_or(msg!("say.signal-sent"), msg!("say.signals-sent")),
        Step::EndsAtOnce(_) => container_or(msg!("say.ends-at-once"), msg!("say.containers-end-at-once")),
        Step::Drains(_) => container_or(msg!("say.draining"), msg!("say.containers-drain")),
        Step::Ignores(_) => container_or(msg!("say.signal-ignored"), msg!("say.signals-ignored")),
        Step::Ended(_) => container_or(msg!("say.container-ended"), msg!("say.containers-ended")),
        Step::Killed(_) => container_or(msg!("say.killed"), msg!("say.containers-killed")),
        Step::PauseEnds(_) | Step::SandboxEnds(_) => {
            group.by_number(msg!("say.pause-ended"), msg!("say.pauses-ended"))
        }
        Step::Gone(_) => {
            let is_owned = group.args.contains(&("owned", Arg::Number(1)));
            match (is_one_pod, is_owned) {
                (true, true) => group.one(msg!("say.pod-gone")),
                (true, false) => group.one(msg!("say.pod-gone-for-good")),
                (false, _) => group.counted(msg!("say.pods-gone")),
            }
        }
        Step::ContainerDies(..) => group.last(msg!("say.container-died")),
        Step::OutOfMemory(..) => group.last(msg!("say.container-out-of-memory")),
        Step::Restarted(..) => group.last(msg!("say.container-restarted")),
        Step::ResizeBegins(_) => group.one(msg!("say.resize-begins")),
        Step::ResizeWaits(_) => group.one(msg!("say.resize-waits")),
        Step::ResizeEnds(_) => group.one(msg!("say.resize-ends")),
        Step::NotSimulated(..) => group.one(msg!("say.not-simulated")),
        Step::BacksOff(..) if group.last_args.iter().any(|(name, _)| *name == "delay") => {
            group.last(msg!("say.back-off"))
        }
        Step::BacksOff(..) => group.last(msg!("say.back-off-recorded")),
        Step::BackOffShown(..) => group.last(msg!("say.back-off-shown")),
        _ if group.args.contains(&("last", Arg::Number(1))) => group.one(msg!("say.pause-died-for-good")),
        _ => group.one(msg!("say.pause-died")),
    }
}

/// What a ReplicaSet makes (1) or deletes (-1): of what it saw at first, for what it wants at last. Where others have come or gone
/// meanwhile what it saw at first does not lead to that, and `apart` leaves it out.
fn wanted(group: &Group, sign: i64, id: &'static str, apart: &'static str) -> Sentence {
    let mut sentence = group.counted(id);
    sentence.args.retain(|(name, _)| *name != "wanted");
    sentence.args.extend(group.last_args.iter().find(|(name, _)| *name == "wanted").cloned());
    let number = |name: &str| match sentence.args.iter().find(|(other, _)| *other == name) {
        Some((_, Arg::Number(number))) => *number,
        _ => 0,
    };
    if number("seen") + sign * number("count") != number("wanted") {
        sentence.id = apart;
    }
    sentence
}

/// A ReplicaSet that is scaled: from what it had at first to what it has at last.
fn grown(group: &Group, id: &'static str) -> Sentence {
    let mut sentence = group.last(id);
    sentence.args.retain(|(name, _)| *name != "from");
    sentence.args.extend(group.args.iter().find(|(name, _)| *name == "from").cloned());
    sentence
}

/// What a chapter is called.
pub(super) fn title(begun: &Begun, groups: &[Cow<Group>]) -> Sentence {
    let line = match &begun.act {
        None if begun.is_recorded => "",
        None if begun.goes_on => return Sentence::new(msg!("chapter.goes-on"), []),
        None | Some(Act::File(..) | Act::Interrupt(_)) => return Sentence::new(msg!("chapter.start"), []),
        Some(Act::Fault(broken)) => {
            let is_mended = fault(broken).ends_with("-mended");
            let id = if is_mended { msg!("chapter.mended") } else { msg!("chapter.fault") };
            return Sentence::new(id, []);
        }
        Some(Act::Requests(client)) => {
            return Sentence::new(msg!("chapter.requests"), [("service", (&client.service.name).into())]);
        }
        Some(Act::Command(line)) => line,
    };
    if let Some(file) = files_of(line) {
        return Sentence::new(msg!("chapter.apply"), [("file", file.into())]);
    }
    let named = |group: &Group, id, from: &str| {
        let mut args: Args = group.args.iter().filter(|(name, _)| *name != "name").cloned().collect();
        args.extend(
            group.args.iter().find(|(name, _)| *name == from).map(|(_, value)| ("name", value.clone())),
        );
        Sentence { id, args }
    };
    let found = groups.iter().find_map(|group| match &group.step {
        Step::Scaled(_) => Some(named(group, msg!("chapter.scale"), "name")),
        Step::RolloutBegins(_) => Some(named(group, msg!("chapter.rollout"), "deployment")),
        Step::RolledBack(_) => Some(named(group, msg!("chapter.undo"), "deployment")),
        _ if group.subjects.len() > 1 => None,
        Step::Created(_, Class::Pod) => Some(named(group, msg!("chapter.create"), "pod")),
        Step::Created(_, Class::Service | Class::Headless | Class::Alias) => {
            Some(named(group, msg!("chapter.service"), "service"))
        }
        Step::Created(..) => Some(named(group, msg!("chapter.create"), "name")),
        Step::Deleted(_) | Step::Forced(..) | Step::ForcedLater(..) => {
            Some(named(group, msg!("chapter.delete"), "pod"))
        }
        Step::Removed(_) | Step::OwnerRemoved(_) | Step::Held(_) => {
            Some(named(group, msg!("chapter.delete"), "name"))
        }
        _ => None,
    });
    found.unwrap_or_else(|| match begun.is_recorded {
        true => Sentence::new(msg!("chapter.recorded"), []),
        false => Sentence::new(msg!("chapter.command"), [("command", line.into())]),
    })
}
