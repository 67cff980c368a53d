//! `kubectl version`.

use super::Verb;
use crate::kubectl::command::{Kubectl, Outcome};

/// The version of kubectl and of the cluster.
const VERSION: &str = "v1.37.2";

pub(super) const VERB: Verb = Verb { name: "version", aliases: &[], run };

fn run(kubectl: &mut Kubectl) -> Outcome {
    kubectl.print(&format!("Client Version: {VERSION}\nKustomize Version: v5.8.1\n"));
    if !kubectl.arguments.is("client") {
        kubectl.raw("GET", "/version?timeout=32s".to_owned())?;
        kubectl.line(&format!("Server Version: {VERSION}"));
    }
    Ok(())
}
