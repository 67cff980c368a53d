//! What texts may look like, beyond names and labels (upstream: apimachinery `util/validation`).

use crate::api::names::{label_key_errors, subdomain_errors};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const PORTS: &str = "must be between 1 and 65535, inclusive";
const PERCENT: &str = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const VARIABLE: &str =
    "a valid environment variable name must consist only of printable ASCII characters other than '='";
const HEADER: &str = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
const WILDCARD: &str = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const UNDERSCORES: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";

/// A port's number.
pub(super) fn port(number: i64) -> Option<&'static str> {
    (!(1..=65_535).contains(&number)).then_some(PORTS)
}

/// A percentage.
pub(super) fn percent(text: &str) -> Option<&'static str> {
    percent_value(text).is_none().then_some(PERCENT)
}

/// How many of a hundred, where the text is a percentage.
pub(super) fn percent_value(text: &str) -> Option<i64> {
    let digits = text.strip_suffix('%').filter(|digits| !digits.is_empty())?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().unwrap_or(i64::MAX))
}

/// The name of an environment variable.
pub(super) fn variable(text: &str) -> Vec<String> {
    let is_wrong = text.chars().any(|c| !(' '..='~').contains(&c) || c == '=');
    let empty = text.is_empty().then(|| "environment variable name must be non-empty".to_owned());
    empty.into_iter().chain(is_wrong.then(|| VARIABLE.to_owned())).collect()
}

/// The name of a header.
pub(super) fn header(text: &str) -> Vec<String> {
    let is_right = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_right { Vec::new() } else { vec![HEADER.to_owned()] }
}

/// `*.example.com`
pub(super) fn wildcard(text: &str) -> Vec<String> {
    let is_right = text.strip_prefix("*.").is_some_and(|rest| subdomain_errors(rest).is_empty());
    if is_right { Vec::new() } else { vec![WILDCARD.to_owned()] }
}

/// A domain to look names up in.
pub(super) fn search_domain(text: &str) -> Vec<String> {
    let label = |label: &str| {
        let label = label.strip_prefix('_').unwrap_or(label);
        let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = label.as_bytes();
        bytes.first().is_some_and(plain)
            && bytes.last().is_some_and(plain)
            && bytes.iter().all(|byte| plain(byte) || matches!(byte, b'-' | b'_'))
    };
    let mut errors = Vec::new();
    if text.len() > 253 {
        errors.push("must be no more than 253 characters".to_owned());
    }
    if !text.split('.').all(label) {
        errors.push(UNDERSCORES.to_owned());
    }
    errors
}

/// A key with a domain before it, in small letters or not.
pub(super) fn qualified_lower(text: &str) -> Vec<String> {
    label_key_errors(&text.to_lowercase())
}

/// `example.com/name`; the wrong part and why.
pub(super) fn domain_path(text: &str) -> Vec<(String, String)> {
    match text.split_once('/') {
        Some((domain, path)) if !domain.is_empty() && !path.is_empty() => {
            let mut errors: Vec<_> =
                subdomain_errors(domain).into_iter().map(|why| (domain.to_owned(), why)).collect();
            let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~%!$&'()*+,;=:".contains(c);
            if !path.chars().all(plain) {
                let why = "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')";
                errors.push((path.to_owned(), why.to_owned()));
            }
            errors
        }
        _ => {
            vec![(text.to_owned(), "must be a domain-prefixed path (such as \"acme.io/foo\")".to_owned())]
        }
    }
}

/// The name of a driver.
pub(super) fn lower_subdomain(text: &str) -> Vec<String> {
    subdomain_errors(&text.to_lowercase())
}

/// Upstream's parser takes leading zeros for decimal digits.
fn sloppy(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        return text.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    }
    let mut parts = [0_u8; 4];
    let mut count = 0;
    for part in text.split('.') {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        *parts.get_mut(count)? =
            part.parse::<u32>().ok().filter(|_| digits).and_then(|part| part.try_into().ok())?;
        count += 1;
    }
    (count == 4).then(|| IpAddr::V4(Ipv4Addr::from(parts)))
}

/// The errors of an address.
pub(super) fn ip(text: &str) -> Vec<&'static str> {
    let Some(address) = sloppy(text) else {
        return vec!["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];
    };
    let mut errors = Vec::new();
    if text.parse::<IpAddr>().is_err() {
        errors.push("must not have leading 0s");
    }
    if matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some()) {
        errors.push("must not be an IPv4-mapped IPv6 address");
    }
    errors
}

/// Whether a text is an address, as Go's sloppy parser sees it.
pub(super) fn is_ip(text: &str) -> bool {
    sloppy(text).is_some()
}

/// Whether a text is an address with colons.
pub(super) fn is_ipv6(text: &str) -> bool {
    matches!(sloppy(text), Some(IpAddr::V6(_)))
}

/// Why a Service cannot send to an address.
pub(super) fn endpoint_ip(text: &str) -> Vec<String> {
    let Some(address) = sloppy(text) else { return vec!["must be a valid IP address".to_owned()] };
    let (link_local, link_multicast) = match address {
        IpAddr::V4(address) => (address.is_link_local(), address.octets()[..3] == [224, 0, 0]),
        IpAddr::V6(address) => (address.segments()[0] & 0xffc0 == 0xfe80, address.segments()[0] == 0xff02),
    };
    let mut errors = Vec::new();
    let mut error = |wrong: bool, why: &str| errors.extend(wrong.then(|| why.to_owned()));
    error(address.is_unspecified(), &format!("may not be unspecified ({text})"));
    error(address.is_loopback(), "may not be in the loopback range (127.0.0.0/8, ::1/128)");
    error(link_local, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
    error(link_multicast, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
    errors
}

/// A range of addresses: its first address as a number, and its length.
pub(super) fn cidr_parts(text: &str) -> Option<(bool, u128, u32)> {
    let (address, length) = text.split_once('/')?;
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    let length: u32 = length.parse().ok().filter(|_| digits)?;
    match sloppy(address)? {
        IpAddr::V4(address) if length <= 32 => Some((false, u128::from(address.to_bits()), length)),
        IpAddr::V6(address) if length <= 128 => Some((true, address.to_bits(), length)),
        _ => None,
    }
}

/// The part of an address that a range of this length has.
pub(super) fn masked(is_v6: bool, bits: u128, length: u32) -> u128 {
    let rest = if is_v6 { 128 } else { 32 } - length;
    bits.checked_shr(rest).unwrap_or(0).checked_shl(rest).unwrap_or(0)
}

/// The error of a range of addresses.
pub(super) fn cidr(text: &str) -> Option<&'static str> {
    let Some((is_v6, bits, length)) = cidr_parts(text) else {
        return Some("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
    };
    let (address, digits) = text.split_once('/')?;
    if address.parse::<IpAddr>().is_err() || (digits.len() > 1 && digits.starts_with('0')) {
        return Some("must not have leading 0s in IP or prefix length");
    }
    if is_v6 && bits >> 32 == 0xffff {
        return Some("must not have an IPv4-mapped IPv6 address");
    }
    (masked(is_v6, bits, length) != bits).then_some("must not have bits set beyond the prefix length")
}

/// A path that stays where it is.
pub(super) fn no_backsteps(path: &str) -> Option<&'static str> {
    path.split('/').any(|part| part == "..").then_some("must not contain '..'")
}

/// A path that goes down from where it is.
pub(super) fn descending(path: &str) -> Vec<String> {
    let absolute = path.starts_with('/').then_some("must be a relative path");
    absolute.into_iter().chain(no_backsteps(path)).map(str::to_owned).collect()
}

/// A path to a file in a volume.
pub(super) fn local_path(path: &str) -> Vec<String> {
    let mut errors = descending(path);
    if path.starts_with("..") && !path.starts_with("../") {
        errors.push("must not start with '..'".to_owned());
    }
    errors
}
