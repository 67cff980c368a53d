//! Requests for certificates (upstream: pkg/apis/certificates/validation). What the request itself asks for is not read.

use super::at::At;
use super::errors::Errors;
use crate::api::field_error::FieldError;
use crate::api::names::subdomain_errors;
use crate::value::Value;

const USAGES: &[&str] = &[
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
];

/// `-----BEGIN CERTIFICATE REQUEST` in base64.
const BEGIN: &str = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNU";

/// A request's spec.
pub(super) fn request(spec: &At, errors: &mut Errors) {
    let request = spec.field("request");
    if !request.text().starts_with(BEGIN) {
        // Bytes that are not there are printed as null.
        let why = "PEM block type must be CERTIFICATE REQUEST";
        errors.push(FieldError::invalid(request.path(), request.value.clone(), why));
    }
    let usages = spec.field("usages");
    if usages.is_empty() {
        errors.required(&usages, "");
    }
    for usage in usages.items().filter(|usage| !USAGES.contains(&usage.text())) {
        errors.unsupported(&usage, USAGES);
    }
    for (i, usage) in usages.items().enumerate() {
        if usages.list()[..i].contains(usage.value) {
            errors.duplicate(&usage, usage.value.clone());
        }
    }
    signer(&spec.field("signerName"), errors);
    let seconds = spec.field("expirationSeconds");
    if seconds.value.as_int().is_some_and(|seconds| seconds < 600) {
        errors.invalid(&seconds, "may not specify a duration less than 600 seconds (10 minutes)");
    }
}

/// `example.com/name`
fn signer(at: &At, errors: &mut Errors) {
    if at.is_empty() {
        return errors.required(at, "");
    }
    if at.text() == "kubernetes.io/legacy-unknown" {
        return errors.invalid(at, "the legacy signerName is not allowed via this API version");
    }
    let Some((domain, path)) = at.text().split_once('/').filter(|(_, path)| !path.contains('/')) else {
        return errors
            .invalid(at, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
    };
    for why in subdomain_errors(domain) {
        errors.invalid_as(at, domain, format!("validating label \"{domain}\": {why}"));
    }
    if !domain.contains('.') {
        errors.invalid_as(
            at,
            Value::from(domain),
            "should be a domain with at least two segments separated by dots",
        );
    }
    for why in subdomain_errors(path) {
        errors.invalid_as(at, path, format!("validating label \"{path}\": {why}"));
    }
}
