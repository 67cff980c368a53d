//! What belongs to one type of Service only.

use super::{Check, Rule};
use crate::api::field_error::FieldError;
use crate::api::kinds::Kind;
use crate::api::names::subdomain_errors;
use crate::api::subject::{Findings, Subject};
use crate::manifest::{Diagnostic, Node, Severity};
use crate::msg;
use std::net::IpAddr;

pub(super) const RULE: Rule = Rule { check: Check::Object(check) };

fn check(subject: &Subject, findings: &mut Findings) {
    let Some(spec) = subject.get(&["spec"]).filter(|_| subject.is(Kind::Service)) else { return };
    let field =
        |name: &str| Some((spec.get(name)?, spec.get(name)?.as_str().filter(|text| !text.is_empty())?));
    let kind = field("type").map_or("ClusterIP", |(_, text)| text);
    if let Some((node, address)) =
        field("clusterIP").filter(|(_, address)| *address != "None" && kind != "ExternalName")
        && address.parse::<IpAddr>().is_err()
    {
        let diagnostic = wrong(msg!("invalid-address"), node, address);
        let why = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        findings.invalid(subject.place, diagnostic, FieldError::invalid("spec.clusterIPs[0]", address, why));
    }
    if let Some((node, name)) = field("externalName").filter(|_| kind == "ExternalName")
        && let Some(why) = subdomain_errors(name.trim_end_matches('.')).into_iter().next()
    {
        let diagnostic = wrong(msg!("invalid-host-name"), node, name);
        findings.invalid(subject.place, diagnostic, FieldError::invalid("spec.externalName", name, why));
    }
    let external_addresses = spec.get("externalIPs").is_some_and(|node| !node.items().is_empty());
    if let Some((node, policy)) = field("externalTrafficPolicy")
        && kind == "ClusterIP"
        && !external_addresses
    {
        let diagnostic = wrong(msg!("traffic-policy-of-cluster-ip"), node, policy);
        let why = "may only be set for externally-accessible services";
        findings.invalid(
            subject.place,
            diagnostic,
            FieldError::invalid("spec.externalTrafficPolicy", policy, why),
        );
    }
}

fn wrong(code: &'static str, node: &Node, value: &str) -> Diagnostic {
    Diagnostic::new(code, Severity::Error, node.span).arg("value", value)
}
