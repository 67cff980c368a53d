//! Images without a tag, or with `latest`: which program they are is decided anew at each start.

use super::{Check, MAKERS, Rule};
use crate::api::objects::PullPolicy;
use crate::api::subject::Findings;
use crate::api::world::{World, Written};
use crate::manifest::{Diagnostic, Severity};
use crate::msg;

pub(super) const RULE: Rule = Rule { check: Check::Among(MAKERS, check) };

fn check(_: &World, written: &Written, findings: &mut Findings) {
    for (at, container) in written.containers() {
        let image = &*container.image;
        let Some(node) = at.node.get("image").filter(|_| !image.is_empty() && !image.contains('@')) else {
            continue;
        };
        let last = image.rsplit('/').next().unwrap_or(image);
        let tag = last.split_once(':').map_or("latest", |(_, tag)| tag);
        if tag != "latest" {
            continue;
        }
        let consequence = match container.image_pull_policy {
            None | Some(PullPolicy::Always) => msg!("image-pulled-each-time"),
            Some(PullPolicy::IfNotPresent) => msg!("image-kept-by-nodes"),
            // That it is never pulled is told already.
            Some(_) => continue,
        };
        let code = if last.contains(':') { msg!("image-latest") } else { msg!("image-without-tag") };
        let diagnostic =
            Diagnostic::new(code, Severity::Hint, node.span).arg("image", image).consequence(consequence);
        written.tell(diagnostic, findings);
    }
}
