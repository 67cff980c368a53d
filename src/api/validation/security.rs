//! Security contexts, operating systems (upstream: ValidateSecurityContext, validatePodSpecSecurityContext, validateOS).

use super::at::At;
use super::errors::Errors;
use super::pod::Whole;
use super::{formats, shapes};
use crate::api::names::subdomain_errors;
use std::collections::BTreeSet;

const LISTS: &[&str] = &["initContainers", "containers"];
const PROFILES: &[&str] = &["Localhost", "RuntimeDefault", "Unconfined"];
const OF_POD_ON_LINUX: &[&str] = &[
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "seLinuxChangePolicy",
];
const OF_CONTAINER_ON_LINUX: &[&str] = &[
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
];

/// A container's.
pub(super) fn of_container(at: &At, whole: &Whole, errors: &mut Errors) {
    if !at.is_there() {
        return;
    }
    shapes::check("PodSecurityContext", at, errors);
    let mount = at.field("procMount");
    errors.one_of(&mount, &["Default", "Unmasked"]);
    if whole.has_host_users && mount.text() == "Unmasked" {
        errors.invalid(&mount, "`hostUsers` must be false to use `Unmasked`");
    }
    seccomp(&at.field("seccompProfile"), errors);
    if at.has("allowPrivilegeEscalation") && !at.is("allowPrivilegeEscalation") {
        if at.is("privileged") {
            let why = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
            errors.invalid_struct(at, "SecurityContext", why);
        }
        let capabilities = at.field("capabilities");
        if capabilities.field("add").list().iter().any(|one| one.as_str() == Some("CAP_SYS_ADMIN")) {
            let why = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
            errors.invalid_struct(at, "SecurityContext", why);
        }
    }
    windows(&at.field("windowsOptions"), errors);
    app_armor(&at.field("appArmorProfile"), errors);
}

/// A Pod's.
pub(super) fn of_pod(at: &At, spec: &At, errors: &mut Errors) {
    if !at.is_there() {
        return;
    }
    shapes::check("PodSecurityContext", at, errors);
    for group in at.field("supplementalGroups").items() {
        errors.range(&group, 0, i64::from(i32::MAX));
    }
    sysctls(&at.field("sysctls"), spec, errors);
    errors.one_of(&at.field("fsGroupChangePolicy"), &["Always", "OnRootMismatch"]);
    seccomp(&at.field("seccompProfile"), errors);
    windows(&at.field("windowsOptions"), errors);
    app_armor(&at.field("appArmorProfile"), errors);
    errors.one_of(&at.field("supplementalGroupsPolicy"), &["Merge", "Strict"]);
    errors.one_of(&at.field("seLinuxChangePolicy"), &["MountOption", "Recursive"]);
}

fn sysctls(at: &At, spec: &At, errors: &mut Errors) {
    const REGEX: &str = "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
    let mut seen = BTreeSet::new();
    for sysctl in at.items() {
        let field = sysctl.field("name");
        let name = field.text();
        let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_part = |part: &str| {
            let bytes = part.as_bytes();
            bytes.first().is_some_and(plain)
                && bytes.last().is_some_and(plain)
                && bytes.iter().all(|byte| plain(byte) || matches!(byte, b'-' | b'_'))
        };
        if name.is_empty() {
            errors.required(&field, "");
        } else if name.len() > 253 || !name.split(['.', '/']).all(is_part) {
            errors.invalid(&field, REGEX);
        } else if seen.contains(name) {
            errors.duplicate(&field, name);
        }
        let dotted = name.replace('/', ".");
        let is_ipc = ["kernel.shm", "kernel.msg", "fs.mqueue."].iter().any(|start| dotted.starts_with(start))
            || dotted == "kernel.sem";
        if spec.is("hostNetwork") && dotted.starts_with("net.") {
            errors.invalid(&field, "may not be specified when 'hostNetwork' is true");
        } else if spec.is("hostIPC") && is_ipc {
            errors.invalid(&field, "may not be specified when 'hostIPC' is true");
        }
        seen.insert(sysctl.str("name"));
    }
}

fn seccomp(at: &At, errors: &mut Errors) {
    if !at.is_there() {
        return;
    }
    let (kind, profile) = (at.field("type"), at.field("localhostProfile"));
    match kind.text() {
        "" => errors.required(&kind, "type is required when seccompProfile is set"),
        _ => errors.one_of(&kind, PROFILES),
    }
    if kind.text() != "Localhost" {
        if profile.is_there() {
            let printed = crate::api::internal::compact("SeccompProfile", at.value);
            let error = crate::api::FieldError::invalid(
                profile.path(),
                crate::value::Value::Null,
                "can only be set when seccomp type is Localhost",
            );
            errors.push(error.with_value(printed));
        }
    } else if profile.is_there() {
        errors.names(&profile, formats::descending(profile.text()));
    } else {
        errors.required(&profile, "must be set when seccomp type is Localhost");
    }
}

fn app_armor(at: &At, errors: &mut Errors) {
    if !at.is_there() {
        return;
    }
    let (kind, profile) = (at.field("type"), at.field("localhostProfile"));
    let missing = "must be set when AppArmor type is Localhost";
    match kind.text() {
        "Localhost" if !profile.is_there() => errors.required(&profile, missing),
        "Localhost" if profile.text().trim() != profile.text() => {
            errors.invalid(&profile, "must not be padded with whitespace");
        }
        "Localhost" if profile.text().is_empty() => errors.required(&profile, missing),
        "Localhost" => {}
        "RuntimeDefault" | "Unconfined" if profile.is_there() => {
            errors.invalid(&profile, "can only be set when AppArmor type is Localhost");
        }
        "RuntimeDefault" | "Unconfined" => {}
        "" => errors.required(&kind, "type is required when appArmorProfile is set"),
        _ => errors.unsupported(&kind, PROFILES),
    }
}

fn windows(at: &At, errors: &mut Errors) {
    let spec_name = at.field("gmsaCredentialSpecName");
    if spec_name.is_there() {
        errors.names(&spec_name, subdomain_errors(spec_name.text()));
    }
    let spec = at.field("gmsaCredentialSpec");
    if spec.is_there() && spec.is_empty() {
        errors.invalid(&spec, "gmsaCredentialSpec cannot be an empty string");
    } else if spec.text().len() > 64 << 10 {
        errors.invalid(&spec, "gmsaCredentialSpec size must be under 64 KiB");
    }
    let user = at.field("runAsUserName");
    if !user.is_there() {
        return;
    }
    let (domain, name) = user.text().split_once('\\').unwrap_or(("", user.text()));
    let why = match () {
        () if user.is_empty() => "runAsUserName cannot be an empty string",
        () if user.text().chars().any(char::is_control) => "runAsUserName cannot contain control characters",
        () if name.contains('\\') => "runAsUserName cannot contain more than one backslash",
        () if domain.len() >= 256 => "runAsUserName's Domain length must be under 256 characters",
        () if name.is_empty() => "runAsUserName's User cannot be empty",
        () if name.len() > 104 => "runAsUserName's User length must not be longer than 104 characters",
        () if name.chars().all(|c| matches!(c, '.' | ' ')) => {
            "runAsUserName's User cannot contain only periods or spaces"
        }
        () if name.contains(|c| "\"/\\:;|=,+*?<>@[]".contains(c)) => {
            "runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]"
        }
        () => return,
    };
    errors.invalid(&user, why);
}

/// Containers that are processes of a Windows host.
pub(super) fn host_processes(spec: &At, errors: &mut Errors) {
    let of_pod =
        spec.value.at(&["securityContext", "windowsOptions", "hostProcess"]).and_then(|it| it.as_bool());
    let (mut all, mut hosts) = (0, 0);
    for list in LISTS {
        for container in spec.field(list).items() {
            all += 1;
            let own = container.value.at(&["securityContext", "windowsOptions", "hostProcess"]);
            let own = own.and_then(|it| it.as_bool());
            if let (Some(of_pod), Some(own)) = (of_pod, own)
                && of_pod != own
            {
                let place = format!("{}.securityContext.windowsOptions.hostProcess", container.path());
                let why =
                    format!("pod hostProcess value must be identical if both are specified, was {of_pod}");
                errors.push(crate::api::FieldError::invalid(place, own, why));
            }
            hosts += usize::from(own.or(of_pod) == Some(true));
        }
    }
    if hosts > 0 && hosts != all {
        let why =
            "If pod contains any hostProcess containers then all containers must be HostProcess containers";
        errors.invalid_as(spec, "", why);
    }
    if hosts > 0 && !spec.is("hostNetwork") {
        let why = "hostNetwork must be true if pod contains any hostProcess containers";
        errors.invalid_as(&spec.field("hostNetwork"), false, why);
    }
}

/// What an operating system does not have.
pub(super) fn os(spec: &At, errors: &mut Errors) {
    let os = spec.field("os");
    let context = spec.field("securityContext");
    let contexts = |f: &mut dyn FnMut(&At)| {
        for list in LISTS {
            spec.field(list).items().for_each(|container| f(&container.field("securityContext")));
        }
    };
    match os.str("name") {
        "" => errors.required(&os.field("name"), ""),
        "linux" => {
            let why = "windows options cannot be set for a linux pod";
            let mut look = |at: &At| {
                if at.has("windowsOptions") {
                    errors.forbidden(&at.field("windowsOptions"), why);
                }
            };
            look(&context);
            contexts(&mut look);
        }
        "windows" => {
            let why = "cannot be set for a windows pod";
            let mut look = |at: &At, names: &[&str]| {
                for name in names.iter().filter(|name| at.has(name)) {
                    errors.forbidden(&at.field(name), why);
                }
            };
            look(&context, OF_POD_ON_LINUX);
            for (name, is_plain) in
                [("hostUsers", false), ("hostPID", true), ("hostIPC", true), ("shareProcessNamespace", false)]
            {
                if spec.has(name) && (!is_plain || spec.is(name)) {
                    look(spec, &[name]);
                }
            }
            contexts(&mut |at| look(at, OF_CONTAINER_ON_LINUX));
        }
        other => {
            let error = crate::api::FieldError::unsupported(os.path(), other, &["linux", "windows"]);
            errors.push(error);
        }
    }
}
