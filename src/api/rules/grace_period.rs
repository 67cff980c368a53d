//! A preStop hook that takes longer than the grace period, which it spends.

use super::{Check, Rule};
use crate::api::subject::{ContainerAt, Findings, Subject};
use crate::manifest::{Arg, Diagnostic, Node, NodeKind, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

/// The grace period of a Pod that names none, in seconds.
const DEFAULT: i64 = 30;

fn check(subject: &Subject, findings: &mut Findings) {
    let Some(template) = subject.template() else { return };
    let grace = template.spec().and_then(|spec| spec.get("terminationGracePeriodSeconds"));
    let grace = match grace.map(|node| &node.kind) {
        Some(NodeKind::Int(seconds)) => *seconds,
        _ => DEFAULT,
    };
    for container in template.containers() {
        let Some((node, hook)) = hook(&container) else { continue };
        if hook >= grace && grace > 0 {
            let diagnostic =
                Diagnostic::new(msg!("grace-shorter-than-pre-stop"), Severity::Warning, node.span)
                    .arg("hook", seconds(hook))
                    .arg("grace", seconds(grace))
                    .consequence(msg!("hook-is-cut"));
            findings.report(subject.place, diagnostic);
        }
    }
}

fn seconds(seconds: i64) -> Arg {
    Arg::Millis(u64::try_from(seconds).unwrap_or(0).saturating_mul(1000))
}

/// How long the hook sleeps, in seconds, and what says so.
fn hook<'a>(container: &ContainerAt<'a>) -> Option<(&'a Node, i64)> {
    let hook = container.node.get("lifecycle")?.get("preStop")?;
    if let Some(node) = hook.get("sleep").and_then(|sleep| sleep.get("seconds")) {
        let NodeKind::Int(seconds) = node.kind else { return None };
        return Some((node, seconds));
    }
    let command = hook.get("exec")?.get("command")?;
    let words: Vec<&str> = command.items().iter().filter_map(Node::as_str).collect();
    let line = match words.as_slice() {
        ["sleep" | "/bin/sleep", seconds] => {
            return Some((command, seconds.trim_end_matches('s').parse().ok()?));
        }
        [_, "-c", line] => line,
        _ => return None,
    };
    // Of a line for the shell, what it sleeps in all; what else it does takes its time on top.
    let sleeps = line.split([';', '&', '|', '\n']).filter_map(|part| part.trim().strip_prefix("sleep "));
    let total: i64 =
        sleeps.filter_map(|seconds| seconds.trim().trim_end_matches('s').parse::<i64>().ok()).sum();
    (total > 0).then_some((command, total))
}
