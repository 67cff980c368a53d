//! Programs that end though their Pod starts them again and again, and programs that never end though something waits
//! for that.

use super::{Check, MAKERS, Rule, SERVERS};
use crate::api::kinds::Kind;
use crate::api::objects::{Container, RestartPolicy};
use crate::api::programs::{Known, known};
use crate::api::subject::Findings;
use crate::api::world::{World, Written, place_of};
use crate::manifest::{Diagnostic, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(MAKERS, check) };

fn check(_: &World, written: &Written, findings: &mut Findings) {
    let Some(spec) = written.pod_spec() else { return };
    let again = matches!(spec.restart_policy, None | Some(RestartPolicy::Always));
    let goes_on = again && (SERVERS.contains(&written.object.kind()) || written.object.kind() == Kind::Pod);
    let is_job = matches!(written.object.kind(), Kind::Job | Kind::CronJob);
    for (at, container) in written.containers() {
        let is_sidecar = container.restart_policy == Some(RestartPolicy::Always);
        let (code, consequence) = match (known(container), at.init && !is_sidecar) {
            (Known::EndsAtOnce, false) if goes_on && !at.init => {
                (msg!("program-ends-at-once"), msg!("program-is-restarted"))
            }
            (Known::Endless | Known::Server, true) => {
                (msg!("init-container-never-ends"), msg!("others-never-start"))
            }
            (Known::Endless | Known::Server, false) if is_job && !at.init => match spec.containers.len() {
                1 => (msg!("job-never-ends"), msg!("job-stays-active")),
                _ => (msg!("sidecar-keeps-job"), msg!("job-stays-active")),
            },
            _ => continue,
        };
        let diagnostic =
            Diagnostic::new(code, Severity::Warning, place_of(at.node, &["command", "args", "image"]))
                .arg("container", &container.name)
                .arg("program", program(container))
                .consequence(consequence);
        written.tell(diagnostic, findings);
    }
}

/// What of it is to be shown.
fn program(container: &Container) -> String {
    match container.command.iter().chain(&container.args).next() {
        None => container.image.to_string(),
        Some(_) => {
            let words: Vec<&str> =
                container.command.iter().chain(&container.args).map(|word| &**word).collect();
            let line = words.join(" ");
            let line = line.lines().next().unwrap_or("").to_owned();
            if line.chars().count() > 40 { line.chars().take(39).chain(['…']).collect() } else { line }
        }
    }
}
