//! What in a container is not what it looks like: a file that becomes a folder, a password for all to read, an image that
//! is never fetched, a user that may not be root.

use super::{Check, MAKERS, Rule};
use crate::api::objects::{Container, PodSpec, PullPolicy};
use crate::api::programs::official;
use crate::api::subject::Findings;
use crate::api::world::{World, Written, place_of};
use crate::manifest::{Diagnostic, Node, Severity};
use crate::msg;
use crate::value::Value;

pub(super) const RULE: Rule = Rule { check: Check::Among(MAKERS, check) };

/// Endings that folders do not have.
const FILES: &[&str] = &[
    "cnf",
    "conf",
    "crt",
    "env",
    "html",
    "ini",
    "js",
    "json",
    "key",
    "pem",
    "properties",
    "py",
    "sh",
    "sql",
    "toml",
    "txt",
    "xml",
    "yaml",
    "yml",
];
/// Ends of the names of variables that hold a secret.
const SECRETS: &[&str] =
    &["PASSWORD", "PASSWD", "PASSPHRASE", "TOKEN", "API_KEY", "APIKEY", "SECRET", "SECRET_KEY"];
/// Images whose program starts as root.
const OF_ROOT: &[&str] = &[
    "alpine", "busybox", "centos", "debian", "fedora", "httpd", "mariadb", "mongo", "mysql", "nginx",
    "postgres", "redis", "ubuntu",
];

fn check(_: &World, written: &Written, findings: &mut Findings) {
    let Some(spec) = written.pod_spec() else { return };
    for (at, container) in written.containers() {
        mounts(written, spec, at.node, container, findings);
        variables(written, at.node, container, findings);
        if container.image_pull_policy == Some(PullPolicy::Never) {
            let diagnostic = Diagnostic::new(
                msg!("image-never-pulled"),
                Severity::Hint,
                place_of(at.node, &["imagePullPolicy"]),
            )
            .arg("image", &container.image)
            .consequence(msg!("image-has-to-be-there"));
            written.tell(diagnostic, findings);
        }
        user(written, spec, at.node, container, findings);
    }
}

/// A volume of files is mounted as a folder, whatever its path looks like.
fn mounts(written: &Written, spec: &PodSpec, node: &Node, container: &Container, findings: &mut Findings) {
    let nodes = node.get("volumeMounts").map(Node::items).unwrap_or_default();
    for (mount, node) in container.volume_mounts.iter().zip(nodes) {
        let volume = spec.volumes.iter().find(|volume| volume.name == mount.name);
        let is_files = volume.is_some_and(|volume| volume.config_map.is_some() || volume.secret.is_some());
        let last = mount.mount_path.rsplit('/').next().unwrap_or("");
        let is_file = last.rsplit_once('.').is_some_and(|(_, end)| FILES.contains(&end));
        let by_part = node.get("subPath").or_else(|| node.get("subPathExpr")).is_some();
        if !is_files || !is_file || by_part {
            continue;
        }
        let diagnostic =
            Diagnostic::new(msg!("file-is-folder"), Severity::Hint, place_of(node, &["mountPath"]))
                .arg("path", &mount.mount_path)
                .arg("file", last)
                .consequence(msg!("mounted-as-folder"));
        written.tell(diagnostic, findings);
    }
}

fn variables(written: &Written, node: &Node, container: &Container, findings: &mut Findings) {
    let nodes = node.get("env").map(Node::items).unwrap_or_default();
    for (variable, node) in container.env.iter().zip(nodes) {
        let name = variable.name.to_ascii_uppercase();
        let is_secret = SECRETS.iter().any(|end| name.ends_with(end)) && !name.starts_with("ALLOW");
        let value = &*variable.value;
        // What is put in from elsewhere, and what only switches something, tells nobody anything.
        let tells = !value.is_empty()
            && !value.contains("$(")
            && !matches!(value, "true" | "false" | "yes" | "no" | "0" | "1");
        if !is_secret || !tells {
            continue;
        }
        let diagnostic =
            Diagnostic::new(msg!("password-in-plain"), Severity::Hint, place_of(node, &["value"]))
                .arg("name", &variable.name)
                .consequence(msg!("everyone-reads-it"));
        written.tell(diagnostic, findings);
    }
}

/// `runAsNonRoot` with an image that starts as root.
fn user(written: &Written, spec: &PodSpec, node: &Node, container: &Container, findings: &mut Findings) {
    let of = |context: &Option<Value>, field: &str| {
        context.as_ref().and_then(|context| context.get(field).cloned())
    };
    let both =
        |field: &str| of(&container.security_context, field).or_else(|| of(&spec.security_context, field));
    let is_root = official(&container.image).is_some_and(|image| OF_ROOT.contains(&image));
    if both("runAsNonRoot") != Some(Value::Bool(true)) || both("runAsUser").is_some() || !is_root {
        return;
    }
    let diagnostic =
        Diagnostic::new(msg!("image-runs-as-root"), Severity::Warning, place_of(node, &["image"]))
            .arg("image", &container.image)
            .consequence(msg!("root-is-refused"));
    written.tell(diagnostic, findings);
}
