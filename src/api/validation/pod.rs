//! Pods and templates of Pods (upstream: ValidatePodSpec and what it calls).

use super::at::At;
use super::errors::Errors;
use super::{affinity, container, ephemeral, formats, meta, resources, security, volumes};
use crate::api::field_error::FieldError;
use crate::api::names::{label_errors, label_key_errors, label_value_errors, subdomain_errors};
use crate::api::quantity::Quantity;
use std::collections::{BTreeMap, BTreeSet};

/// What a container looks up in its Pod.
pub(super) struct Whole<'a> {
    pub(super) restart_policy: &'a str,
    pub(super) os: &'a str,
    pub(super) grace: Option<i64>,
    pub(super) has_host_users: bool,
    /// The names of its claims of devices.
    pub(super) claims: BTreeSet<&'a str>,
}

/// A Pod of its own.
pub(super) fn pod(root: &At, errors: &mut Errors) {
    let (metadata, spec) = (root.field("metadata"), root.field("spec"));
    specific_annotations(&metadata.field("annotations"), &spec, errors);
    self::spec(&spec, metadata.str("name"), true, errors);
    if spec.field("serviceAccountName").is_empty() && metadata.has("uid") {
        for volume in spec.field("volumes").items() {
            for source in volume.field("projected").field("sources").items() {
                let token = source.field("serviceAccountToken");
                if token.is_there() {
                    errors.forbidden(&token, "must not be specified when serviceAccountName is not set");
                }
            }
        }
    }
    for list in ["containers", "initContainers"] {
        for container in spec.field(list).items() {
            let image = container.field("image");
            if image.text().trim() != image.text() {
                errors.invalid(&image, "must not have leading or trailing whitespace");
            }
        }
    }
    // What has been stored has a version.
    if !spec.field("ephemeralContainers").is_empty() && !metadata.has("resourceVersion") {
        errors.forbidden(&spec.field("ephemeralContainers"), "cannot be set on create");
    }
    if !spec.field("nodeName").is_empty() && !spec.field("schedulingGates").is_empty() {
        errors
            .forbidden(&spec.field("nodeName"), "cannot be set until all schedulingGates have been cleared");
    }
}

/// A template of Pods.
pub(super) fn template(at: &At, errors: &mut Errors) {
    let (metadata, spec) = (at.field("metadata"), at.field("spec"));
    // Upstream says of the template what is its metadata's.
    let (labels, annotations) = (metadata.field("labels"), metadata.field("annotations"));
    for (key, value) in labels.entries() {
        for why in label_key_errors(key) {
            errors.invalid_as(&at.field("labels"), key, why);
        }
        for why in label_value_errors(value.text()) {
            errors.invalid_as(&at.field("labels"), value.text(), why);
        }
    }
    for (key, _) in annotations.entries() {
        for why in label_key_errors(&key.to_lowercase()) {
            errors.invalid_as(&at.field("annotations"), key, why);
        }
    }
    specific_annotations(&at.field("annotations").with(annotations.value), &spec, errors);
    self::spec(&spec, "", false, errors);
    if !spec.field("ephemeralContainers").is_empty() {
        errors.forbidden(
            &spec.field("ephemeralContainers"),
            "ephemeral containers not allowed in pod template",
        );
    }
}

/// Annotations that mean something.
fn specific_annotations(at: &At, spec: &At, errors: &mut Errors) {
    const MIRROR: &str = "kubernetes.io/config.mirror";
    const COST: &str = "controller.kubernetes.io/pod-deletion-cost";
    if at.has(MIRROR) && spec.field("nodeName").is_empty() {
        errors.invalid(&at.key(MIRROR), "must set spec.nodeName if mirror pod annotation is set");
    }
    let cost = at.key(COST);
    if cost.is_there() {
        let text = cost.text();
        let is_odd =
            text.starts_with('+') || (text.len() > 1 && text.trim_start_matches('-').starts_with('0'));
        if text.parse::<i32>().is_err() || is_odd {
            errors.invalid(&cost, "must be a 32bit integer");
        }
    }
    for (key, profile) in at.entries() {
        if key == "seccomp.security.alpha.kubernetes.io/pod"
            || key.starts_with("container.seccomp.security.alpha.kubernetes.io/")
        {
            seccomp_profile(&at.field(key), profile.text(), errors);
        }
    }
    for (key, profile) in at.entries() {
        let Some(name) = key.strip_prefix("container.apparmor.security.beta.kubernetes.io/") else {
            continue;
        };
        let lists = ["initContainers", "containers", "ephemeralContainers"];
        let is_known = lists.iter().any(|list| spec.field(list).items().any(|one| one.str("name") == name));
        if !is_known {
            errors.invalid_as(&profile, name, "container not found");
        }
        let text = profile.text();
        if !matches!(text, "" | "runtime/default" | "unconfined") && !text.starts_with("localhost/") {
            errors.invalid(
                &profile,
                format!("invalid AppArmor profile name: {}", crate::api::check::quoted(text)),
            );
        }
    }
}

/// A profile as annotations name it (upstream: ValidateSeccompProfile).
fn seccomp_profile(at: &At, profile: &str, errors: &mut Errors) {
    match profile.strip_prefix("localhost/") {
        Some(path) => {
            for why in super::formats::descending(path) {
                errors.invalid_as(at, path, why);
            }
        }
        None if matches!(profile, "runtime/default" | "docker/default" | "unconfined") => {}
        None => errors.invalid_as(at, profile, "must be a valid seccomp profile"),
    }
}

/// What a Pod is made of. `is_pod` where it is no template.
fn spec(at: &At, name: &str, is_pod: bool, errors: &mut Errors) {
    let volumes = volumes::of_pod(&at.field("volumes"), name, errors);
    let claims_at = at.field("resourceClaims");
    let claims: BTreeSet<&str> =
        claims_at.list().iter().filter_map(|one| one.get("name")?.as_str()).collect();
    resource_claims(&claims_at, errors);
    let os = at.field("os");
    let whole = Whole {
        restart_policy: at.str("restartPolicy"),
        os: os.str("name"),
        grace: at.int("terminationGracePeriodSeconds"),
        has_host_users: !at.has("hostUsers") || at.is("hostUsers"),
        claims,
    };
    let (containers, inits) = (at.field("containers"), at.field("initContainers"));
    container::containers(&containers, &whole, &volumes, errors);
    container::init_containers(&inits, &containers, &whole, &volumes, errors);
    ephemeral::containers(at, &whole, &volumes, errors);
    pod_resources(at, &whole, errors);
    host_network(at, is_pod, errors);
    errors.one_of(&at.field("restartPolicy"), &["Always", "OnFailure", "Never"]);
    const DNS: &[&str] = &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    errors.one_of(&at.field("dnsPolicy"), DNS);
    meta::labels(&at.field("nodeSelector"), errors);
    security::of_pod(&at.field("securityContext"), at, errors);
    if at.is("shareProcessNamespace") && at.is("hostPID") {
        let why = "ShareProcessNamespace and HostPID cannot both be enabled";
        errors.invalid(&at.field("shareProcessNamespace"), why);
    }
    affinity::affinity(&at.field("affinity"), errors);
    dns_config(at, errors);
    for gate in at.field("readinessGates").items() {
        let kind = gate.field("conditionType");
        for why in label_key_errors(kind.text()) {
            errors.invalid(&kind, why);
        }
    }
    let mut gates = BTreeSet::new();
    for gate in at.field("schedulingGates").items() {
        let name = gate.str("name");
        for why in label_key_errors(name) {
            errors.invalid_as(&gate, name, why);
        }
        if !gates.insert(name) {
            errors.duplicate(&gate, name);
        }
    }
    affinity::spread(&at.field("topologySpreadConstraints"), errors);
    security::host_processes(at, errors);
    host_users(at, &whole, errors);
    host_name(at, errors);
    names(at, errors);
    if os.is_there() {
        security::os(at, errors);
    }
    let group = at.field("schedulingGroup");
    if group.is_there() {
        let name = group.field("podGroupName");
        match name.is_there() {
            true => errors.names(&name, subdomain_errors(name.text())),
            false => errors.push(FieldError::invalid(
                name.path(),
                crate::value::Value::Null,
                "must specify one of: `podGroupName`",
            )),
        }
    }
    file_keys(at, errors);
}

/// The plain fields at the end.
fn names(at: &At, errors: &mut Errors) {
    let account = at.field("serviceAccountName");
    if !account.is_empty() {
        errors.names(&account, subdomain_errors(account.text()));
    }
    let (old, new) = (at.str("serviceAccount"), account.text());
    if !old.is_empty() && !new.is_empty() && old != new {
        let why = format!("must be the same as serviceAccountName: {}", crate::api::check::quoted(new));
        errors.invalid_as(&at.field("deprecatedServiceAccount"), old, why);
    }
    let node = at.field("nodeName");
    if !node.is_empty() {
        errors.names(&node, subdomain_errors(node.text()));
    }
    let deadline = at.field("activeDeadlineSeconds");
    if deadline.is_there() {
        errors.range(&deadline, 1, i64::from(i32::MAX));
    }
    for name in ["hostname", "subdomain"] {
        let field = at.field(name);
        if !field.is_empty() {
            errors.names(&field, label_errors(field.text()));
        }
    }
    affinity::tolerations(&at.field("tolerations"), errors);
    for alias in at.field("hostAliases").items() {
        let ip = alias.field("ip");
        for why in formats::ip(ip.text()) {
            errors.invalid(&ip, why);
        }
        for host in alias.field("hostnames").items() {
            errors.names(&host, subdomain_errors(host.text()));
        }
    }
    let class = at.field("priorityClassName");
    if !class.is_empty() {
        errors.names(&class, subdomain_errors(class.text()));
    }
    let runtime = at.field("runtimeClassName");
    if runtime.is_there() {
        errors.names(&runtime, subdomain_errors(runtime.text()));
    }
    errors.one_of(&at.field("preemptionPolicy"), &["PreemptLowerPriority", "Never"]);
    let overhead = at.field("overhead");
    for (name, amount) in overhead.entries() {
        let place = overhead.field("limits");
        let place = place.key(name);
        resources::container_name(&place, name, errors);
        if resources::amount(amount.value).is_negative() {
            errors.invalid_as(&place, amount.text(), "must be greater than or equal to 0");
        }
    }
}

fn resource_claims(at: &At, errors: &mut Errors) {
    let mut seen = BTreeSet::new();
    for claim in at.items() {
        let name = claim.field("name");
        if name.is_empty() {
            errors.required(&name, "");
        } else if !seen.insert(claim.str("name").to_owned()) {
            errors.duplicate(&name, name.text());
        } else {
            errors.names(&name, label_errors(name.text()));
        }
        let (by_name, by_template) =
            (claim.field("resourceClaimName"), claim.field("resourceClaimTemplateName"));
        let why = match (by_name.is_there(), by_template.is_there()) {
            (true, true) => {
                "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            }
            (false, false) => "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`",
            _ => "",
        };
        if !why.is_empty() {
            errors.invalid_struct(&claim, "PodResourceClaim", why);
        }
        for field in [by_name, by_template] {
            if field.is_there() {
                errors.names(&field, subdomain_errors(field.text()));
            }
        }
    }
}

/// What all containers may have together.
fn pod_resources(at: &At, whole: &Whole, errors: &mut Errors) {
    let given = at.field("resources");
    if !given.is_there() {
        return;
    }
    if whole.os == "windows" {
        return errors.forbidden(&given, "may not be set for a windows pod");
    }
    if given.has("claims") {
        errors.forbidden(&given.field("claims"), "claims may not be set for Resources at pod-level");
    }
    resources::requirements(&given, true, &whole.claims, errors);
    let (requests, limits) = (given.field("requests"), given.field("limits"));
    let mut sums: BTreeMap<&str, Quantity> = BTreeMap::new();
    let containers = at.field("containers");
    for container in containers.list() {
        let asked = container.at(&["resources", "requests"]).and_then(crate::value::Value::as_object);
        for (name, amount) in asked.into_iter().flat_map(crate::value::Map::iter) {
            let sum = sums.entry(&**name).or_default();
            *sum = *sum + resources::amount(amount);
        }
    }
    for (name, sum) in sums {
        let request = requests.key(name);
        if request.is_there() && sum > resources::amount(request.value) {
            let why = format!("must be greater than or equal to aggregate container requests of {sum}");
            errors.invalid_as(&request, resources::amount(request.value).to_string(), why);
        }
    }
    for (i, container) in containers.items().enumerate() {
        for (name, limit) in container.field("resources").field("limits").entries() {
            let (own, most) = (resources::amount(limit.value), limits.key(name));
            if most.is_there() && own > resources::amount(most.value) {
                let path = format!("{}.containers[{i}][{name}].limits", given.path());
                let why =
                    format!("must be less than or equal to pod limits of {}", resources::amount(most.value));
                errors.push(FieldError::invalid(path, own.to_string(), why));
            }
        }
    }
}

fn host_network(at: &At, is_pod: bool, errors: &mut Errors) {
    if !at.is("hostNetwork") {
        return;
    }
    for container in at.field("containers").items() {
        for port in container.field("ports").items() {
            let (host, own) = (port.int("hostPort").unwrap_or(0), port.int("containerPort").unwrap_or(0));
            if (is_pod || host != 0) && host != own {
                let why = "must match `containerPort` when `hostNetwork` is true";
                errors.invalid_as(&port.field("hostPort"), host, why);
            }
        }
    }
}

fn dns_config(at: &At, errors: &mut Errors) {
    let config = at.field("dnsConfig");
    let servers = config.field("nameservers");
    if at.str("dnsPolicy") == "None" {
        if !config.is_there() {
            return errors.required(&config, "must provide `dnsConfig` when `dnsPolicy` is None");
        }
        if servers.is_empty() {
            let why = "must provide at least one DNS nameserver when `dnsPolicy` is None";
            return errors.required(&servers, why);
        }
    }
    if servers.list().len() > 3 {
        errors.invalid(&servers, "must not have more than 3 nameservers");
    }
    for server in servers.items() {
        for why in formats::ip(server.text()) {
            errors.invalid(&server, why);
        }
    }
    let searches = config.field("searches");
    if searches.list().len() > 32 {
        errors.invalid(&searches, "must not have more than 32 search paths");
    }
    let length: usize = searches.items().map(|search| search.text().len() + 1).sum();
    if length > 2_049 {
        errors.invalid(
            &searches,
            "must not have more than 2048 characters (including spaces) in the search list",
        );
    }
    for search in searches.items().filter(|search| search.text() != ".") {
        let text = search.text().strip_suffix('.').unwrap_or(search.text());
        for why in formats::search_domain(text) {
            errors.invalid_as(&search, text, why);
        }
    }
    for option in config.field("options").items() {
        if option.field("name").is_empty() {
            errors.required(&option, "must not be empty");
        }
    }
}

fn host_users(at: &At, whole: &Whole, errors: &mut Errors) {
    if whole.has_host_users {
        return;
    }
    let why = "when `hostUsers` is false";
    for (field, place) in [("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")] {
        if at.is(field) {
            errors.forbidden(&at.field(place), why);
        }
    }
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        for container in at.field(list).items() {
            let devices = container.field("volumeDevices");
            if !devices.is_empty() {
                errors.forbidden(&devices, why);
            }
        }
    }
}

fn host_name(at: &At, errors: &mut Errors) {
    let name = at.field("hostnameOverride");
    if !name.is_there() {
        return;
    }
    if at.is("setHostnameAsFQDN") {
        errors.forbidden(&name, "may not be specified when setHostnameAsFQDN is true");
    }
    if at.is("hostNetwork") {
        errors.forbidden(&name, "may not be specified when hostNetwork is true");
    }
    if name.text().len() > 64 {
        errors.push(FieldError::too_long(name.path(), 64));
    }
    errors.names(&name, subdomain_errors(name.text()));
}

/// Files with variables lie in empty directories.
fn file_keys(at: &At, errors: &mut Errors) {
    let volumes = at.field("volumes");
    for list in ["initContainers", "containers"] {
        for container in at.field(list).items() {
            for variable in container.field("env").items() {
                let from = variable.field("valueFrom");
                let file = from.field("fileKeyRef");
                if !file.is_there() {
                    continue;
                }
                let name = file.field("volumeName");
                match volumes
                    .list()
                    .iter()
                    .find(|one| one.get("name").and_then(|it| it.as_str()) == Some(name.text()))
                {
                    None => errors.not_found(&name),
                    Some(volume) if volume.get("emptyDir").is_none() => {
                        errors.invalid(&name, "referenced volume must be of type emptyDir");
                    }
                    Some(_) => {}
                }
            }
        }
    }
}
