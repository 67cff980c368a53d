//! Roles and who has them (upstream: pkg/apis/rbac/validation).

use super::at::At;
use super::errors::Errors;
use super::meta;
use crate::api::field_error::FieldError;
use crate::api::names::{path_segment_errors, subdomain_errors};
use crate::value::Value;

const GROUP: &str = "rbac.authorization.k8s.io";

/// A Role, or a ClusterRole.
pub(super) fn role(is_namespaced: bool, root: &At, errors: &mut Errors) {
    for rule in root.field("rules").items() {
        let verbs = rule.field("verbs");
        if verbs.is_empty() {
            errors.required_late(&verbs);
        }
        let (urls, groups) = (rule.field("nonResourceURLs"), rule.field("apiGroups"));
        let resources = rule.field("resources");
        if !urls.is_empty() {
            if is_namespaced {
                errors.invalid(&urls, "namespaced rules cannot apply to non-resource URLs");
            }
            if !groups.is_empty() || !resources.is_empty() || !rule.field("resourceNames").is_empty() {
                errors.invalid(&urls, "rules cannot apply to both regular resources and non-resource URLs");
            }
            continue;
        }
        if groups.is_empty() {
            errors.required(&groups, "resource rules must supply at least one api group");
        }
        if resources.is_empty() {
            errors.required(&resources, "resource rules must supply at least one resource");
        }
    }
    let aggregation = root.field("aggregationRule");
    if aggregation.is_there() && !is_namespaced {
        let selectors = aggregation.field("clusterRoleSelectors");
        if selectors.is_empty() {
            let why = "at least one clusterRoleSelector required if aggregationRule is non-nil";
            errors.required(&selectors, why);
        }
        for selector in selectors.items() {
            let before = errors.len();
            meta::selector(&selector, errors);
            if errors.len() > before {
                errors.invalid_as(&selector, Value::Null, "invalid label selector.");
            }
        }
    }
}

/// A RoleBinding, or a ClusterRoleBinding.
pub(super) fn binding(is_namespaced: bool, root: &At, errors: &mut Errors) {
    let role = root.field("roleRef");
    let group = role.field("apiGroup");
    if group.is_there() && group.text() != GROUP {
        errors.unsupported(&group, &[GROUP]);
    }
    let kinds: &[&str] = if is_namespaced { &["Role", "ClusterRole"] } else { &["ClusterRole"] };
    if !kinds.contains(&role.str("kind")) {
        let known: &[&'static str] = if is_namespaced { &["Role", "ClusterRole"] } else { &["ClusterRole"] };
        errors.unsupported(&role.field("kind"), known);
    }
    let mut late = Vec::new();
    let name = role.field("name");
    match name.text() {
        "" => late.push(name.path()),
        text => errors.names(&name, path_segment_errors(text)),
    }
    for subject in root.field("subjects").items() {
        let (name, group) = (subject.field("name"), subject.field("apiGroup"));
        if name.is_empty() {
            errors.required_late(&name);
        }
        match subject.str("kind") {
            "ServiceAccount" => {
                if !name.is_empty() {
                    errors.names(&name, subdomain_errors(name.text()));
                }
                if !group.is_empty() {
                    errors.unsupported(&group, &[""]);
                }
                if !is_namespaced && subject.field("namespace").is_empty() {
                    errors.required(&subject.field("namespace"), "");
                }
            }
            "User" | "Group" => {
                if group.is_there() && group.text() != GROUP {
                    errors.unsupported(&group, &[GROUP]);
                }
            }
            _ => errors.unsupported(&subject.field("kind"), &["ServiceAccount", "User", "Group"]),
        }
    }
    // The subjects stand before the role in the struct.
    for path in late {
        errors.push_late(FieldError::required(path, ""));
    }
}
