//! What the API server's decoder is made of where its words show it: Go's names of types, and structs that Go
//! embeds and JSON does not see.
//!
//! The OpenAPI definitions, and so the schema, know neither.

use crate::schema::{Definition, Field, Type};

/// The Go struct that is embedded in `owner` and has `field`: Go 1.24 and later print it in the path.
pub(crate) fn embedded(owner: &Definition, field: &str) -> Option<&'static str> {
    if owner.go_group() == "resource" {
        let config = matches!(
            owner.name,
            "DeviceClaimConfiguration" | "DeviceClassConfiguration" | "DeviceAllocationConfiguration"
        );
        return (config && field == "opaque").then_some("DeviceConfiguration");
    }
    let is_rule = matches!(field, "apiGroups" | "apiVersions" | "resources" | "scope");
    match (owner.go_group(), owner.name) {
        ("admissionregistration", "RuleWithOperations") => return is_rule.then_some("Rule"),
        ("admissionregistration", "NamedRuleWithOperations") if is_rule => {
            return Some("RuleWithOperations.Rule");
        }
        ("admissionregistration", "NamedRuleWithOperations") => {
            return (field == "operations").then_some("RuleWithOperations");
        }
        ("networking", "IngressRule") => return (field == "http").then_some("IngressRuleValue"),
        ("core", _) => {}
        _ => return None,
    }
    match owner.name {
        "Volume" => (field != "name").then_some("VolumeSource"),
        "Probe" => matches!(field, "exec" | "grpc" | "httpGet" | "tcpSocket").then_some("ProbeHandler"),
        "EphemeralContainer" => (field != "targetContainerName").then_some("EphemeralContainerCommon"),
        "PersistentVolumeSpec" => (!matches!(
            field,
            "accessModes"
                | "capacity"
                | "claimRef"
                | "mountOptions"
                | "nodeAffinity"
                | "persistentVolumeReclaimPolicy"
                | "storageClassName"
                | "volumeAttributesClassName"
                | "volumeMode"
        ))
        .then_some("PersistentVolumeSource"),
        "ConfigMapEnvSource"
        | "ConfigMapKeySelector"
        | "ConfigMapProjection"
        | "ConfigMapVolumeSource"
        | "SecretEnvSource"
        | "SecretKeySelector"
        | "SecretProjection" => (field == "name").then_some("LocalObjectReference"),
        _ => None,
    }
}

/// Go's name of a field's type: for many strings and maps a name of its own.
pub(crate) fn type_name(owner: &Definition, field: &Field) -> String {
    named(owner, field.name).map_or_else(|| field.ty.go_name(), str::to_owned)
}

/// Go's name of what a field's list or map holds.
pub(crate) fn inner_type_name(owner: &Definition, field: &Field, inner: &Type) -> String {
    let outer = named(owner, field.name);
    outer.and_then(|name| name.strip_prefix("[]")).map_or_else(|| inner.go_name(), str::to_owned)
}

/// Those names of types, group by group, each with the fields that have it.
const NAMES: &str = include_str!("go_types.txt");

fn named(owner: &Definition, field: &str) -> Option<&'static str> {
    let group = owner.go_group();
    NAMES.lines().find_map(|line| {
        let mut words = line.split(' ');
        let name = words.next().filter(|written| *written == group).and_then(|_| words.next())?;
        let is_it = |place: &str| place.split_once('.') == Some((owner.name, field));
        words.any(is_it).then_some(name)
    })
}

/// The error of Go's `base64.StdEncoding` on a text, without which it is base64. Line breaks do not count.
///
/// # Errors
/// The byte at which Go gives up.
pub(crate) fn check_base64(text: &str) -> Result<(), usize> {
    let bytes = text.as_bytes();
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let mut at = 0;
    loop {
        // One group of four.
        for place in 0..4 {
            while bytes.get(at).is_some_and(is_break) {
                at += 1;
            }
            let Some(byte) = bytes.get(at) else {
                return if place == 0 { Ok(()) } else { Err(at - place) };
            };
            at += 1;
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {}
                b'=' => return check_padding(bytes, at, place),
                _ => return Err(at - 1),
            }
        }
    }
}

/// After the first `=`, which stood at `place` of its group and before `at`.
fn check_padding(bytes: &[u8], mut at: usize, place: usize) -> Result<(), usize> {
    let skip_breaks = |mut at: usize| {
        while matches!(bytes.get(at), Some(b'\n' | b'\r')) {
            at += 1;
        }
        at
    };
    match place {
        0 | 1 => return Err(at - 1),
        2 => {
            at = skip_breaks(at);
            match bytes.get(at) {
                None => return Err(bytes.len()),
                Some(b'=') => at += 1,
                Some(_) => return Err(at - 1),
            }
        }
        _ => {}
    }
    at = skip_breaks(at);
    if at < bytes.len() { Err(at) } else { Ok(()) }
}

/// The error of Go's `time.Parse` on a text that is no RFC 3339 time; one with millionths of a second has six digits
/// of them.
///
/// # Errors
/// What Go says.
pub(crate) fn check_time(text: &str, is_micro: bool) -> Result<(), String> {
    const MICROS: &str = ".000000";
    let layout = format!("2006-01-02T15:04:05{}Z07:00", if is_micro { MICROS } else { "" });
    let fail = |rest: &str, element: &str| {
        Err(format!("parsing time \"{text}\" as \"{layout}\": cannot parse \"{rest}\" as \"{element}\""))
    };
    let range = |what: &str| Err(format!("parsing time \"{text}\": {what} out of range"));
    let mut rest = text;
    let mut numbers = [0_u32; 6];
    let elements =
        [("2006", 4, "-"), ("01", 2, "-"), ("02", 2, "T"), ("15", 2, ":"), ("04", 2, ":"), ("05", 2, "")];
    for (number, (element, width, literal)) in numbers.iter_mut().zip(elements) {
        let digits = rest.get(..width).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let Some(digits) = digits else { return fail(rest, element) };
        *number = digits.parse().unwrap_or(0);
        rest = &rest[width..];
        match rest.strip_prefix(literal) {
            Some(after) => rest = after,
            None => return fail(rest, literal),
        }
    }
    if is_micro {
        let is_digit = |c: char| c.is_ascii_digit();
        let fraction = rest.strip_prefix(['.', ',']).and_then(|digits| digits.get(..MICROS.len() - 1));
        match fraction {
            Some(digits) if digits.chars().all(is_digit) => rest = &rest[MICROS.len()..],
            _ => return fail(rest, MICROS),
        }
    } else if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let after = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        if after.len() < fraction.len() {
            rest = after;
        }
    }
    let is_zone = |zone: &str| {
        zone.len() == 6
            && zone.starts_with(['+', '-'])
            && zone
                .bytes()
                .enumerate()
                .all(|(i, byte)| if i == 3 { byte == b':' } else { i == 0 || byte.is_ascii_digit() })
    };
    if rest != "Z" && !is_zone(rest) {
        return match rest.strip_prefix('Z') {
            Some(extra) => Err(format!("parsing time \"{text}\": extra text: \"{extra}\"")),
            None => fail(rest, "Z07:00"),
        };
    }
    let [year, month, day, hour, minute, second] = numbers;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    match () {
        () if !(1..=12).contains(&month) => range("month"),
        () if hour > 23 => range("hour"),
        () if minute > 59 => range("minute"),
        () if second > 59 => range("second"),
        () if day < 1 || day > days => range("day"),
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_refused_where_go_refuses_it() {
        for (text, expected) in [
            ("", Ok(())),
            ("YQ==", Ok(())),
            ("YWI=", Ok(())),
            ("YWJj\nYWJj\n", Ok(())),
            ("not base64!", Err(3)),
            ("hunter2!", Err(7)),
            ("YQ", Err(0)),
            ("YWJjYQ", Err(4)),
            ("YQ=", Err(3)),
            ("YQ=x", Err(2)),
            ("YQ==YQ==", Err(4)),
            ("=", Err(0)),
        ] {
            assert_eq!(check_base64(text), expected, "{text:?}");
        }
    }

    #[test]
    fn times_are_refused_as_go_refuses_them() {
        for text in ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123456Z", "2024-02-29T23:59:59+09:00"] {
            assert_eq!(check_time(text, false), Ok(()), "{text}");
        }
        for (text, why) in [
            (
                "yesterday",
                "parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"yesterday\" as \"2006\"",
            ),
            (
                "2026-01-01",
                "parsing time \"2026-01-01\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"T\"",
            ),
            ("2026-02-29T00:00:00Z", "parsing time \"2026-02-29T00:00:00Z\": day out of range"),
            (
                "2026-01-01T00:00:00",
                "parsing time \"2026-01-01T00:00:00\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"Z07:00\"",
            ),
        ] {
            assert_eq!(check_time(text, false), Err(why.to_owned()), "{text}");
        }
        assert_eq!(check_time("2026-01-01T00:00:00.123456Z", true), Ok(()));
        let why = "parsing time \"2026-01-01T00:00:00Z\" as \"2006-01-02T15:04:05.000000Z07:00\": \
                   cannot parse \"Z\" as \".000000\"";
        assert_eq!(check_time("2026-01-01T00:00:00Z", true), Err(why.to_owned()));
    }
}
