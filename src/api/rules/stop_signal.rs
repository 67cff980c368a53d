//! How a Pod ends: a first process that does not hear SIGTERM, and a grace period of nothing.

use super::{Check, MAKERS, Rule};
use crate::api::kinds::Kind;
use crate::api::objects::Container;
use crate::api::programs::{Known, known};
use crate::api::subject::Findings;
use crate::api::world::{World, Written, place_of};
use crate::manifest::{Arg, Diagnostic, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(MAKERS, check) };

/// The grace period of a Pod that names none, in seconds.
const DEFAULT: i64 = 30;
/// Waiting so long is not felt.
const SHORT: i64 = 5;

fn check(_: &World, written: &Written, findings: &mut Findings) {
    let Some(spec) = written.pod_spec() else { return };
    let grace = spec.termination_grace_period_seconds.unwrap_or(DEFAULT);
    if grace == 0 {
        let Some(node) = written.in_pod_spec(&["terminationGracePeriodSeconds"]) else { return };
        let diagnostic = Diagnostic::new(msg!("grace-of-nothing"), Severity::Hint, node.span)
            .consequence(msg!("killed-without-warning"));
        return written.tell(diagnostic, findings);
    }
    // Where the first process is the Pod's pause, others end on any signal.
    let ends = matches!(written.object.kind(), Kind::Job | Kind::CronJob);
    if ends || grace <= SHORT || spec.share_process_namespace == Some(true) || spec.host_pid {
        return;
    }
    for (at, container) in written.containers() {
        let signal = container.lifecycle.as_ref().map_or("", |lifecycle| &lifecycle.stop_signal);
        if at.init || signal == "SIGKILL" || !is_deaf(container) {
            continue;
        }
        let diagnostic = Diagnostic::new(
            msg!("signal-not-heard"),
            Severity::Hint,
            place_of(at.node, &["command", "args"]),
        )
        .arg("container", &container.name)
        .arg("grace", Arg::Millis(u64::try_from(grace).unwrap_or(0).saturating_mul(1000)))
        .consequence(msg!("pod-ends-late"));
        written.tell(diagnostic, findings);
    }
}

/// Whether the first process is a shell or a tool that only waits. The kernel gives the first process no signal that it has
/// not asked for.
fn is_deaf(container: &Container) -> bool {
    let words: Vec<&str> = container.command.iter().chain(&container.args).map(|word| &**word).collect();
    let first = words.first().and_then(|word| word.rsplit('/').next());
    let waits = matches!(known(container), Known::Endless)
        || matches!(known(container), Known::Sleeps(seconds) if seconds > DEFAULT);
    match first {
        Some("sleep" | "tail") => waits,
        Some("sh" | "bash" | "ash") => {
            let script = words.iter().skip(2).copied().collect::<Vec<_>>().join(" ");
            waits && !script.contains("trap ") && !script.contains("exec ")
        }
        _ => false,
    }
}
