//! Containers (upstream: validateContainers and what it calls).

use super::at::At;
use super::errors::Errors;
use super::volumes::Volumes;
use super::{formats, pod::Whole, resources, security, shapes};
use crate::api::field_error::FieldError;
use crate::api::names::{
    config_key_errors, label_errors, label_key_errors, port_name_errors, subdomain_errors,
};
use crate::value::Value;
use std::collections::BTreeSet;

const PROTOCOLS: &[&str] = &["SCTP", "TCP", "UDP"];
/// What an environment variable can take of its Pod.
const OF_POD: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// What a file can take of its Pod.
pub(super) const OF_POD_IN_FILE: &[&str] =
    &["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
const OF_CONTAINER: &[&str] = &[
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];
const MODES_OF_SIZE: &str = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";

/// All containers of a Pod that are neither init nor ephemeral.
pub(super) fn containers(at: &At, whole: &Whole, volumes: &Volumes, errors: &mut Errors) {
    if at.is_empty() {
        return errors.required(at, "");
    }
    let mut names = BTreeSet::new();
    for container in at.items() {
        common(&container, whole, volumes, errors);
        if !names.insert(container.str("name")) {
            errors.duplicate(&container.field("name"), container.str("name"));
        }
        hooks_and_probes(&container, whole, errors);
        restart_policy(&container, errors);
    }
    host_ports(at, at.items(), errors);
}

/// The init containers, which may not be called as another container is.
pub(super) fn init_containers(at: &At, others: &At, whole: &Whole, volumes: &Volumes, errors: &mut Errors) {
    let mut names: BTreeSet<&str> =
        others.list().iter().filter_map(|one| one.get("name")?.as_str()).collect();
    for container in at.items() {
        common(&container, whole, volumes, errors);
        if container.has("restartPolicy") {
            restart_policy(&container, errors);
        } else if !container.field("restartPolicyRules").is_empty() {
            let field = container.field("restartPolicy");
            errors.required(&field, "must specify restartPolicy when restart rules are used");
        }
        let name = container.str("name");
        if names.contains(name) {
            errors.duplicate(&container.field("name"), name);
        } else if !name.is_empty() {
            names.insert(name);
        }
        host_ports(at, std::iter::once(container), errors);
        let is_sidecar = container.str("restartPolicy") == "Always";
        if is_sidecar {
            hooks_and_probes(&container, whole, errors);
            continue;
        }
        for name in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
            let field = container.field(name);
            if field.is_there() {
                errors.forbidden(&field, "may not be set for init containers without restartPolicy=Always");
            }
        }
        for (i, policy) in container.field("resizePolicy").items().enumerate() {
            if policy.str("restartPolicy") == "RestartContainer" {
                let place = format!("{}.resizePolicy[{i}].restartPolicy", container.path());
                let why = "must not be set to 'RestartContainer' for non-sidecar initContainers";
                errors.push(FieldError::invalid(place, "RestartContainer", why));
            }
        }
    }
}

/// What every container has.
pub(super) fn common(at: &At, whole: &Whole, volumes: &Volumes, errors: &mut Errors) {
    let name = at.field("name");
    match name.text() {
        "" => errors.required(&name, ""),
        text => errors.names(&name, label_errors(text)),
    }
    let image = at.field("image");
    if image.is_empty() {
        errors.required(&image, "");
    }
    errors.one_of(&at.field("terminationMessagePolicy"), &["File", "FallbackToLogsOnError"]);
    ports(&at.field("ports"), errors);
    environment(&at.field("env"), errors);
    sources(&at.field("envFrom"), errors);
    mounts(at, volumes, errors);
    devices(at, volumes, errors);
    errors.one_of(&at.field("imagePullPolicy"), &["Always", "IfNotPresent", "Never"]);
    resources::requirements(&at.field("resources"), false, &whole.claims, errors);
    resize_policy(&at.field("resizePolicy"), whole, errors);
    security::of_container(&at.field("securityContext"), whole, errors);
}

fn ports(at: &At, errors: &mut Errors) {
    let mut names = BTreeSet::new();
    for port in at.items() {
        let name = port.field("name");
        if !name.is_empty() {
            let whys = port_name_errors(name.text());
            if whys.is_empty() && !names.insert(port.str("name").to_owned()) {
                errors.duplicate(&name, name.text());
            }
            errors.names(&name, whys);
        }
        let number = port.field("containerPort");
        match number.value.as_int().unwrap_or(0) {
            0 => errors.required(&number, ""),
            _ => errors.range(&number, 1, 65_535),
        }
        let host = port.field("hostPort");
        if host.value.as_int().unwrap_or(0) != 0 {
            errors.range(&host, 1, 65_535);
        }
        errors.one_of(&port.field("protocol"), PROTOCOLS);
    }
}

/// A port of the node that two containers want.
fn host_ports<'a>(_list: &At, containers: impl Iterator<Item = At<'a>>, errors: &mut Errors) {
    let mut taken = BTreeSet::new();
    for container in containers {
        for port in container.field("ports").items() {
            let number = port.int("hostPort").unwrap_or(0);
            if number == 0 {
                continue;
            }
            let title = format!("{}/{}/{number}", port.str("protocol"), port.str("hostIP"));
            if !taken.insert(title.clone()) {
                errors.duplicate(&port.field("hostPort"), title);
            }
        }
    }
}

fn environment(at: &At, errors: &mut Errors) {
    for variable in at.items() {
        let name = variable.field("name");
        match name.text() {
            "" => errors.required(&name, ""),
            text => errors.names(&name, formats::variable(text)),
        }
        let from = variable.field("valueFrom");
        if !from.is_there() {
            continue;
        }
        let mut sources = 0;
        for name in ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"] {
            let source = from.field(name);
            if !source.is_there() {
                continue;
            }
            sources += 1;
            match name {
                "fieldRef" => field_selector(&source, OF_POD, errors),
                "resourceFieldRef" => resource_selector(&source, false, errors),
                "fileKeyRef" => shapes::check("FileKeySelector", &source, errors),
                _ => key_selector(&source, errors),
            }
        }
        if sources == 0 {
            let why = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
            errors.invalid_as(&from, "", why);
        } else if !variable.field("value").is_empty() {
            errors.invalid_as(&from, "", "may not be specified when `value` is not empty");
        } else if sources > 1 {
            errors.invalid_as(&from, "", "may not have more than one field specified at a time");
        }
    }
}

fn key_selector(at: &At, errors: &mut Errors) {
    let (name, key) = (at.field("name"), at.field("key"));
    errors.names(&name, subdomain_errors(name.text()));
    match key.text() {
        "" => errors.required(&key, ""),
        text => errors.names(&key, config_key_errors(text)),
    }
}

/// A field of the Pod.
pub(super) fn field_selector(at: &At, known: &'static [&'static str], errors: &mut Errors) {
    let (version, field) = (at.field("apiVersion"), at.field("fieldPath"));
    if version.is_empty() {
        return errors.required(&version, "");
    }
    if field.is_empty() {
        return errors.required(&field, "");
    }
    let path = field.text();
    let (label, subscript) = match path.strip_suffix("']").and_then(|path| path.split_once("['")) {
        Some((path, key)) => (path, Some(key)),
        None => (path, None),
    };
    const CONVERTED: &[&str] = &["spec.restartPolicy", "spec.schedulerName", "status.phase"];
    let is_subscripted = matches!(label, "metadata.annotations" | "metadata.labels");
    let is_field = OF_POD.contains(&label) || OF_POD_IN_FILE.contains(&label) || CONVERTED.contains(&label);
    let why = match subscript {
        _ if version.text() != "v1" => Some(format!("unsupported pod version: {}", version.text())),
        Some(_) if !is_subscripted => Some(format!("field label does not support subscript: {path}")),
        None if !is_field => Some(format!("field label not supported: {path}")),
        _ => None,
    };
    if let Some(why) = why {
        return errors.invalid(&field, format!("error converting fieldPath: {why}"));
    }
    match subscript {
        Some(key) if label == "metadata.annotations" => {
            for why in label_key_errors(&key.to_lowercase()) {
                errors.invalid_as(at, key.to_lowercase(), why);
            }
        }
        Some(key) => {
            for why in label_key_errors(key) {
                errors.invalid_as(at, key, why);
            }
        }
        None if !known.contains(&label) => errors.unsupported(&field, known),
        None => {}
    }
}

/// A request or limit of a container.
pub(super) fn resource_selector(at: &At, in_file: bool, errors: &mut Errors) {
    let resource = at.field("resource");
    let name = resource.text();
    let is_huge = name.starts_with("requests.hugepages-") || name.starts_with("limits.hugepages-");
    if in_file && at.field("containerName").is_empty() {
        errors.required(&at.field("containerName"), "");
    } else if name.is_empty() {
        errors.required(&resource, "");
    } else if !OF_CONTAINER.contains(&name) && !is_huge {
        errors.unsupported(&resource, OF_CONTAINER);
    }
    let divisor = at.field("divisor");
    let amount = resources::amount(divisor.value);
    if !divisor.is_there() || amount.is_zero() {
        return;
    }
    let text = amount.to_string();
    let kind = match name {
        "limits.cpu" | "requests.cpu" => {
            if !matches!(&*text, "1m" | "1") {
                let why = "only divisor's values 1m and 1 are supported with the cpu resource";
                errors.invalid_as(&divisor, name, why);
            }
            return;
        }
        "limits.memory" | "requests.memory" => "memory",
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => "local ephemeral storage",
        _ if is_huge => "hugepages",
        _ => return,
    };
    if !MODES_OF_SIZE.split(", ").any(|one| one == text) {
        let why = format!("only divisor's values {MODES_OF_SIZE} are supported with the {kind} resource");
        errors.invalid_as(&divisor, name, why);
    }
}

fn sources(at: &At, errors: &mut Errors) {
    for source in at.items() {
        let prefix = source.field("prefix");
        if !prefix.is_empty() {
            errors.names(&prefix, formats::variable(prefix.text()));
        }
        let mut count = 0;
        for name in ["configMapRef", "secretRef"] {
            let reference = source.field(name);
            if !reference.is_there() {
                continue;
            }
            count += 1;
            let name = reference.field("name");
            match name.text() {
                "" => errors.required(&name, ""),
                text => {
                    let masked =
                        text.strip_suffix('-').map_or_else(|| text.to_owned(), |rest| format!("{rest}a"));
                    errors.names(&name, subdomain_errors(&masked));
                }
            }
        }
        match count {
            0 => errors.invalid_as(at, "", "must specify one of: `configMapRef` or `secretRef`"),
            1 => {}
            _ => errors.invalid_as(at, "", "may not have more than one field specified at a time"),
        }
    }
}

fn mounts(container: &At, volumes: &Volumes, errors: &mut Errors) {
    let (at, devices) = (container.field("volumeMounts"), container.field("volumeDevices"));
    let mut points = BTreeSet::new();
    for mount in at.items() {
        let (name, path) = (mount.field("name"), mount.field("mountPath"));
        if name.is_empty() {
            errors.required(&name, "");
        }
        if !volumes.has(name.text()) {
            errors.not_found(&name);
        }
        if path.is_empty() {
            errors.required(&path, "");
        }
        if !points.insert(mount.str("mountPath")) {
            errors.invalid(&path, "must be unique");
        }
        if devices.items().any(|device| device.str("name") == name.text()) {
            errors.invalid(&name, "must not already exist in volumeDevices");
        }
        if devices.items().any(|device| device.str("devicePath") == path.text()) {
            errors.invalid(&path, "must not already exist as a path in volumeDevices");
        }
        let (sub, expression) = (mount.field("subPath"), mount.field("subPathExpr"));
        if !sub.is_empty() {
            for why in formats::descending(sub.text()) {
                errors.invalid_as(&at.field("subPath"), sub.text(), why);
            }
        }
        if !expression.is_empty() {
            if !sub.is_empty() {
                errors.invalid(&expression, "subPathExpr and subPath are mutually exclusive");
            }
            for why in formats::descending(expression.text()) {
                errors.invalid_as(&at.field("subPathExpr"), expression.text(), why);
            }
        }
        propagation(&at, &mount, container, errors);
    }
}

/// How mounts are told on. Upstream says all this of the list.
fn propagation(at: &At, mount: &At, container: &At, errors: &mut Errors) {
    const PROPAGATIONS: &[&str] = &["Bidirectional", "HostToContainer", "None"];
    const RECURSIVE: &[&str] = &["Disabled", "Enabled", "IfPossible"];
    let given = mount.str("mountPropagation");
    let place = format!("{}.mountPropagation", at.path());
    if mount.has("mountPropagation") && !PROPAGATIONS.contains(&given) {
        errors.push(FieldError::unsupported(&*place, given, PROPAGATIONS));
    }
    if given == "Bidirectional" && !container.field("securityContext").is("privileged") {
        let why = "Bidirectional mount propagation is available only to privileged containers";
        errors.push(FieldError::forbidden(place, why));
    }
    let place = format!("{}.recursiveReadOnly", at.path());
    match mount.str("recursiveReadOnly") {
        "" if !mount.has("recursiveReadOnly") => {}
        "Disabled" => {}
        "Enabled" | "IfPossible" => {
            if !mount.is("readOnly") {
                errors.push(FieldError::forbidden(&*place, "may only be specified when readOnly is true"));
            }
            if !matches!(given, "" | "None") {
                let why = "may only be specified when mountPropagation is None or not specified";
                errors.push(FieldError::forbidden(place, why));
            }
        }
        other => errors.push(FieldError::unsupported(place, other, RECURSIVE)),
    }
}

fn devices(container: &At, volumes: &Volumes, errors: &mut Errors) {
    let mounts = container.field("volumeMounts");
    let (mut names, mut paths) = (BTreeSet::new(), BTreeSet::new());
    for device in container.field("volumeDevices").items() {
        let (name, path) = (device.field("name"), device.field("devicePath"));
        if name.is_empty() {
            errors.required(&name, "");
        }
        if names.contains(device.str("name")) {
            errors.invalid(&name, "must be unique");
        }
        match volumes.is_claim(name.text()) {
            Some(true) => {}
            Some(false) => {
                let why =
                    "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                errors.invalid(&name, why);
            }
            None => errors.not_found(&name),
        }
        if path.is_empty() {
            errors.required(&path, "");
        }
        if paths.contains(device.str("devicePath")) {
            errors.invalid(&path, "must be unique");
        }
        if formats::no_backsteps(path.text()).is_some() {
            errors.invalid(&path, "can not contain backsteps ('..')");
        } else {
            paths.insert(device.str("devicePath"));
        }
        if mounts.items().any(|mount| mount.str("name") == name.text()) {
            errors.invalid(&name, "must not already exist in volumeMounts");
        }
        if mounts.items().any(|mount| mount.str("mountPath") == path.text()) {
            errors.invalid(&path, "must not already exist as a path in volumeMounts");
        }
        if !name.is_empty() {
            names.insert(device.str("name"));
        }
    }
}

fn resize_policy(at: &At, whole: &Whole, errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for policy in at.items() {
        let (resource, restart) = (policy.str("resourceName"), policy.str("restartPolicy"));
        if !seen.insert(resource) {
            errors.duplicate(&policy, resource);
        }
        for (given, known) in
            [(resource, &["cpu", "memory"]), (restart, &["NotRequired", "RestartContainer"])]
        {
            if given.is_empty() {
                errors.required(at, "");
            } else if !known.contains(&given) {
                errors.push(FieldError::unsupported(at.path(), given, known));
            }
        }
        if whole.restart_policy == "Never" && restart != "NotRequired" {
            let why = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
            errors.invalid_as(at, restart, why);
        }
    }
}

fn restart_policy(at: &At, errors: &mut Errors) {
    let rules = at.field("restartPolicyRules");
    let policy = at.field("restartPolicy");
    if !policy.is_there() && !rules.is_empty() {
        errors.required(&policy, "must specify restartPolicy when restart rules are used");
    }
    errors.one_of(&policy, &["Always", "Never", "OnFailure"]);
    errors.too_many(&rules, 20);
    for rule in rules.items() {
        let (action, codes) = (rule.field("action"), rule.field("exitCodes"));
        if !matches!(action.text(), "Restart" | "RestartAllContainers") {
            errors.unsupported(&action, &["Restart", "RestartAllContainers"]);
        }
        if codes.is_there() {
            let operator = codes.field("operator");
            if !matches!(operator.text(), "In" | "NotIn") {
                errors.unsupported(&operator, &["In", "NotIn"]);
            }
            errors.too_many(&codes.field("values"), 255);
        } else {
            errors.required(&codes, "must be specified");
        }
    }
}

fn hooks_and_probes(at: &At, whole: &Whole, errors: &mut Errors) {
    let lifecycle = at.field("lifecycle");
    for name in ["postStart", "preStop"] {
        let hook = lifecycle.field(name);
        if hook.is_there() {
            handler(&hook, &["exec", "httpGet", "tcpSocket", "sleep"], whole, errors);
        }
    }
    let signal = lifecycle.field("stopSignal");
    if signal.is_there() {
        if whole.os.is_empty() {
            errors.forbidden(&signal, "may not be set for containers with empty `spec.os.name`");
        } else if whole.os == "windows" && !matches!(signal.text(), "SIGKILL" | "SIGTERM") {
            errors.unsupported(&signal, &["SIGKILL", "SIGTERM"]);
        } else if whole.os == "linux" {
            let known =
                crate::schema::Schema::definition("core.v1.Lifecycle").and_then(|it| it.field("stopSignal"));
            errors.one_of(&signal, known.map_or(&[], |field| field.enum_values));
        }
    }
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let probe = at.field(name);
        if !probe.is_there() {
            continue;
        }
        handler(&probe, &["exec", "httpGet", "tcpSocket", "grpc"], whole, errors);
        for field in
            ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
        {
            errors.not_negative(&probe.field(field));
        }
        let grace = probe.field("terminationGracePeriodSeconds");
        if grace.value.as_int().is_some_and(|seconds| seconds <= 0) {
            errors.invalid(&grace, "must be greater than 0");
        }
        if name == "readinessProbe" {
            if grace.is_there() {
                errors.invalid(&grace, "must not be set for readinessProbes");
            }
        } else if probe.int("successThreshold").is_some_and(|times| times != 1) {
            errors.invalid(&probe.field("successThreshold"), "must be 1");
        }
    }
}

fn handler(at: &At, kinds: &[&str], whole: &Whole, errors: &mut Errors) {
    let mut count = 0;
    for kind in kinds {
        let action = at.field(kind);
        if !action.is_there() {
            continue;
        }
        if count > 0 {
            errors.forbidden(&action, "may not specify more than 1 handler type");
            continue;
        }
        count += 1;
        match *kind {
            "exec" if action.field("command").is_empty() => errors.required(&action.field("command"), ""),
            "httpGet" => http_get(&action, errors),
            "tcpSocket" => port_or_name(&action.field("port"), errors),
            "grpc" => {
                errors.range(&action.field("port"), 1, 65_535);
                errors.one_of(&action.field("mode"), &["Plaintext", "TLS"]);
            }
            "sleep" => {
                let seconds = action.int("seconds").unwrap_or(0);
                if whole.grace.is_some_and(|grace| seconds < 0 || seconds > grace) {
                    let grace = whole.grace.unwrap_or(0);
                    let why =
                        format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})");
                    errors.invalid_as(&action, seconds, why);
                }
            }
            _ => {}
        }
    }
    if count == 0 {
        errors.required(at, "must specify a handler type");
    }
}

fn http_get(at: &At, errors: &mut Errors) {
    let path = at.field("path");
    if path.is_empty() {
        errors.required(&path, "");
    }
    port_or_name(&at.field("port"), errors);
    let scheme = at.field("scheme");
    errors.one_of(&scheme, &["HTTP", "HTTPS"]);
    let headers = at.field("httpHeaders");
    for header in headers.items() {
        let name = header.str("name");
        for why in formats::header(name) {
            errors.invalid_as(&headers, name, why);
        }
    }
    let protocol = at.field("protocol");
    errors.one_of(&protocol, &["HTTP1", "HTTP2"]);
    if protocol.text() == "HTTP2" {
        if scheme.text() != "HTTP" {
            errors.invalid(&protocol, "is only supported with HTTP (H2C)");
        } else if !at.field("host").is_empty() {
            errors.invalid(&at.field("host"), "must be empty when `protocol` is \"HTTP2\"");
        }
    }
}

/// A port by its number or its name.
pub(super) fn port_or_name(at: &At, errors: &mut Errors) {
    match at.value {
        Value::String(name) => errors.names(at, port_name_errors(name)),
        _ => errors.range(at, 1, 65_535),
    }
}
