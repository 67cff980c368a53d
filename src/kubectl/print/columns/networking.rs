//! Ingresses, what may reach what, and leases.

use super::{ALWAYS, Columns, created, or_none};
use crate::kubectl::fields::{list, name, pairs, text};
use crate::value::Value;

pub(super) const INGRESS: Columns = Columns {
    titles: &[
        ("NAME", ALWAYS),
        ("CLASS", ALWAYS),
        ("HOSTS", ALWAYS),
        ("ADDRESS", ALWAYS),
        ("PORTS", ALWAYS),
        ("AGE", ALWAYS),
    ],
    row: |value, now| {
        let addresses = list(value, &["status", "loadBalancer", "ingress"]).iter();
        let addresses = addresses.map(|ingress| match text(ingress, &["ip"]) {
            "" => text(ingress, &["hostname"]),
            ip => ip,
        });
        let is_encrypted = !list(value, &["spec", "tls"]).is_empty();
        vec![
            name(value).into(),
            or_none(text(value, &["spec", "ingressClassName"])),
            hosts(list(value, &["spec", "rules"])),
            addresses.collect::<Vec<_>>().join(","),
            if is_encrypted { "80, 443" } else { "80" }.into(),
            created(value, now),
        ]
    },
};

/// The hosts of rules, three at most (upstream: formatHosts).
fn hosts(rules: &[Value]) -> String {
    let (mut named, mut is_more) = (Vec::new(), false);
    for rule in rules {
        is_more |= named.len() == 3;
        let host = text(rule, &["host"]);
        if !host.is_empty() && !is_more {
            named.push(host);
        }
    }
    match named.len() {
        0 => "*".into(),
        _ if is_more => format!("{} + {} more...", named.join(","), rules.len() - 3),
        _ => named.join(","),
    }
}

pub(super) const NETWORK_POLICY: Columns = Columns {
    titles: &[("NAME", ALWAYS), ("POD-SELECTOR", ALWAYS), ("AGE", ALWAYS)],
    row: |value, now| {
        vec![name(value).into(), selector(value, &["spec", "podSelector"]), created(value, now)]
    },
};

/// A selector as one line (upstream: FormatLabelSelector). It is printed as it is written: `Selector` no longer knows whether a
/// single value stood in a list.
fn selector(value: &Value, path: &[&str]) -> String {
    let at = |field| [path, &[field]].concat();
    let equal = pairs(value, &at("matchLabels")).into_iter();
    let equal = equal.map(|(key, value)| (&**key, format!("{key}={}", value.as_str().unwrap_or_default())));
    let further = list(value, &at("matchExpressions")).iter().map(|wanted| {
        let key = text(wanted, &["key"]);
        let mut values: Vec<&str> = list(wanted, &["values"]).iter().filter_map(Value::as_str).collect();
        values.sort_unstable();
        let told = match text(wanted, &["operator"]) {
            "In" => format!("{key} in ({})", values.join(",")),
            "NotIn" => format!("{key} notin ({})", values.join(",")),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_owned(),
        };
        (key, told)
    });
    let mut all: Vec<(&str, String)> = equal.chain(further).collect();
    all.sort_by_key(|(key, _)| *key);
    or_none(&all.into_iter().map(|(_, told)| told).collect::<Vec<_>>().join(","))
}

pub(super) const LEASE: Columns = Columns {
    titles: &[("NAME", ALWAYS), ("HOLDER", ALWAYS), ("AGE", ALWAYS)],
    row: |value, now| {
        vec![name(value).into(), text(value, &["spec", "holderIdentity"]).into(), created(value, now)]
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    #[test]
    fn more_than_three_hosts_are_counted() {
        let hosts_of = |text: &str| hosts(list(&json::parse(text).expect("JSON"), &["rules"]));
        assert_eq!(hosts_of(r#"{"rules":[{"http":{}}]}"#), "*");
        assert_eq!(hosts_of(r#"{"rules":[{"host":"a"},{"host":"b"}]}"#), "a,b");
        let more = r#"{"rules":[{"host":"a"},{"host":"b"},{"host":"c"},{"http":{}}]}"#;
        assert_eq!(hosts_of(more), "a,b,c + 1 more...");
        let many = r#"{"rules":[{"host":"a"},{"host":"b"},{"host":"c"},{"host":"d"},{"host":"e"}]}"#;
        assert_eq!(hosts_of(many), "a,b,c + 2 more...");
    }

    #[test]
    fn a_selector_is_one_line() {
        let of = |text: &str| selector(&json::parse(text).expect("JSON"), &["s"]);
        assert_eq!(of(r#"{"s":{}}"#), "<none>");
        let both = r#"{"s":{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"x","operator":"In","values":["v","u"]},{"key":"y","operator":"DoesNotExist"}]}}"#;
        assert_eq!(of(both), "a=b,x in (u,v),!y");
        let other = r#"{"s":{"matchLabels":{"x":"y"},"matchExpressions":[{"key":"a","operator":"Exists"}]}}"#;
        assert_eq!(of(other), "a,x=y");
    }
}
