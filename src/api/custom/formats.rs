//! The forms of texts that a schema may name (upstream: `kube-openapi/pkg/validation/strfmt`). A form that is not known here
//! refuses nothing, as an unknown one refuses nothing there.

use crate::api::go;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether a text is of a form.
pub(super) fn is_of(format: &str, text: &str) -> bool {
    match format.replace('-', "").as_str() {
        "datetime" => go::check_time(text, false).is_ok(),
        "date" => go::check_time(&format!("{text}T00:00:00Z"), false).is_ok(),
        "byte" => go::check_base64(text).is_ok(),
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "cidr" => is_network(text),
        "uuid" => is_uuid(text),
        _ => true,
    }
}

fn is_network(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let within = |most: u8| bits.parse::<u8>().is_ok_and(|bits| bits <= most);
    (address.parse::<Ipv4Addr>().is_ok() && within(32))
        || (address.parse::<Ipv6Addr>().is_ok() && within(128))
}

fn is_uuid(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_hexdigit).count();
    let dashes = text.bytes().filter(|byte| *byte == b'-').count();
    digits == 32 && digits + dashes == text.len() && dashes <= 4
}
