//! What a profile of `kubectl debug` sets (upstream: kubectl `cmd/debug/profiles.go`).

use super::container_named;
use crate::kubectl::fields::object;
use crate::kubectl::flags::Arguments;
use crate::value::Value;

/// How it is looked into something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// By an ephemeral container.
    Ephemeral,
    /// By a copy of the Pod.
    Copy,
    /// By a Pod on the node.
    Node,
}

/// What a container may do to look around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    Legacy,
    General,
    Baseline,
    Restricted,
    Netadmin,
    Sysadmin,
}

impl Profile {
    /// The profile of a name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "legacy" => Self::Legacy,
            "general" => Self::General,
            "baseline" => Self::Baseline,
            "restricted" => Self::Restricted,
            "netadmin" => Self::Netadmin,
            "sysadmin" => Self::Sysadmin,
            _ => return None,
        })
    }
    /// Fits a Pod and its container of this name to the profile.
    pub(super) fn apply(self, pod: &mut Value, name: &str, style: Style, keep: &Arguments) {
        if matches!(self, Self::Baseline | Self::Restricted) || (self, style) == (Self::General, Style::Node)
        {
            secure(pod, name, |context| *context = Value::Null);
        }
        match (self, style) {
            (Self::General, Style::Ephemeral | Style::Copy) => capability(pod, name, "SYS_PTRACE"),
            (Self::Netadmin, _) => {
                capability(pod, name, "NET_ADMIN");
                capability(pod, name, "NET_RAW");
            }
            (Self::Sysadmin, _) => secure(pod, name, |context| context.set(&["privileged"], true)),
            (Self::Restricted, _) => secure(pod, name, |context| {
                context.set(&["runAsNonRoot"], true);
                context.set(&["capabilities", "drop"], vec![Value::from("ALL")]);
                context.set(&["allowPrivilegeEscalation"], false);
                context.set(&["seccompProfile", "type"], "RuntimeDefault");
            }),
            _ => {}
        }
        match style {
            Style::Ephemeral => {}
            Style::Copy if self == Self::Legacy => remove(pod, &["metadata"], "labels"),
            Style::Copy => as_kept(pod, keep),
            Style::Node => {
                if matches!(self, Self::Legacy | Self::General | Self::Sysadmin) {
                    mount_root(pod, name);
                }
                if !matches!(self, Self::Baseline | Self::Restricted) {
                    for field in ["hostNetwork", "hostPID", "hostIPC"] {
                        pod.set(&["spec", field], true);
                    }
                }
            }
        }
    }
}

/// Leaves of a copy only what is to be kept, and lets its containers see each other's processes where the Pod said nothing
/// of that.
fn as_kept(pod: &mut Value, keep: &Arguments) {
    for (flag, field) in [("keep-labels", "labels"), ("keep-annotations", "annotations")] {
        if !keep.is(flag) {
            remove(pod, &["metadata"], field);
        }
    }
    let probes = [
        ("keep-liveness", "livenessProbe"),
        ("keep-readiness", "readinessProbe"),
        ("keep-startup", "startupProbe"),
    ];
    let mut containers =
        pod.at(&["spec", "containers"]).and_then(Value::as_array).unwrap_or_default().to_vec();
    for container in &mut containers {
        for (_, field) in probes.iter().filter(|(flag, _)| !keep.is(flag)) {
            container.make_object().remove(field);
        }
    }
    pod.set(&["spec", "containers"], containers);
    if !keep.is_not_off("keep-init-containers") {
        remove(pod, &["spec"], "initContainers");
    }
    if pod.at(&["spec", "shareProcessNamespace"]).is_none() {
        pod.set(&["spec", "shareProcessNamespace"], true);
    }
}

/// Takes a field out of the object at a path.
pub(super) fn remove(value: &mut Value, path: &[&str], field: &str) {
    let mut inner = value.at(path).cloned().unwrap_or_default();
    if inner.as_object().is_some_and(|map| map.contains_key(field)) {
        inner.make_object().remove(field);
        value.set(path, inner);
    }
}

/// Changes the securityContext of a container; `null` takes it out.
fn secure(pod: &mut Value, name: &str, change: impl FnOnce(&mut Value)) {
    container_named(pod, name, |container| {
        let mut context = container.get("securityContext").cloned().unwrap_or_else(Value::object);
        change(&mut context);
        container.make_object().remove("securityContext");
        if !context.is_null() {
            container.set(&["securityContext"], context);
        }
    });
}

fn capability(pod: &mut Value, name: &str, capability: &str) {
    secure(pod, name, |context| {
        let added = ["capabilities", "add"];
        let mut all = context.at(&added).and_then(Value::as_array).unwrap_or_default().to_vec();
        all.push(capability.into());
        context.set(&added, all);
    });
}

/// Mounts the root of the node's own files at `/host`.
fn mount_root(pod: &mut Value, name: &str) {
    const VOLUME: &str = "host-root";
    let volume = object([("name", Value::from(VOLUME)), ("hostPath", object([("path", "/")]))]);
    pod.set(&["spec", "volumes"], vec![volume]);
    container_named(pod, name, |container| {
        let mount = object([("mountPath", "/host"), ("name", VOLUME)]);
        container.set(&["volumeMounts"], vec![mount]);
    });
}
