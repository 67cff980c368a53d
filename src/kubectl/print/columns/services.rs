//! Services and their endpoints.

use super::{ALWAYS, Columns, WIDE, at_most_three, created, labels, or_none};
use crate::kubectl::fields::{list, name, number, text};
use crate::value::Value;

pub(super) const SERVICE: Columns = Columns {
    titles: &[
        ("NAME", ALWAYS),
        ("TYPE", ALWAYS),
        ("CLUSTER-IP", ALWAYS),
        ("EXTERNAL-IP", ALWAYS),
        ("PORT(S)", ALWAYS),
        ("AGE", ALWAYS),
        ("SELECTOR", WIDE),
    ],
    row: |value, now| {
        vec![
            name(value).into(),
            text(value, &["spec", "type"]).into(),
            or_none(text(value, &["spec", "clusterIP"])),
            external(value),
            ports(value),
            created(value, now),
            labels(value, &["spec", "selector"]),
        ]
    },
};

/// Addresses that lead to a Service from outside.
fn external(value: &Value) -> String {
    let own: Vec<&str> = list(value, &["spec", "externalIPs"]).iter().filter_map(Value::as_str).collect();
    match text(value, &["spec", "type"]) {
        "ExternalName" => text(value, &["spec", "externalName"]).into(),
        "LoadBalancer" => {
            let given =
                list(value, &["status", "loadBalancer", "ingress"]).iter().map(|ingress| {
                    match text(ingress, &["ip"]) {
                        "" => text(ingress, &["hostname"]),
                        ip => ip,
                    }
                });
            let all: Vec<&str> = given.chain(own).collect();
            if all.is_empty() { "<pending>".into() } else { all.join(",") }
        }
        _ => or_none(&own.join(",")),
    }
}

fn ports(value: &Value) -> String {
    let port = |port: &Value| {
        let (number, node) = (number(port, &["port"]), number(port, &["nodePort"]));
        let protocol = text(port, &["protocol"]);
        if node > 0 { format!("{number}:{node}/{protocol}") } else { format!("{number}/{protocol}") }
    };
    or_none(&list(value, &["spec", "ports"]).iter().map(port).collect::<Vec<_>>().join(","))
}

pub(super) const ENDPOINTS: Columns = Columns {
    titles: &[("NAME", ALWAYS), ("ENDPOINTS", ALWAYS), ("AGE", ALWAYS)],
    row: |value, now| {
        let (mut all, subsets) = (Vec::new(), list(value, &["subsets"]));
        // Where there are addresses and none is ready, nothing is printed.
        let empty = if subsets.is_empty() { "<none>" } else { "" };
        for subset in subsets {
            let addresses = list(subset, &["addresses"]);
            let ports = list(subset, &["ports"]);
            if ports.is_empty() {
                all.extend(addresses.iter().map(|address| text(address, &["ip"]).to_owned()));
            }
            for port in ports {
                let of = |address| format!("{}:{}", text(address, &["ip"]), number(port, &["port"]));
                all.extend(addresses.iter().map(of));
            }
        }
        vec![name(value).into(), at_most_three(&all, empty), created(value, now)]
    },
};

pub(super) const ENDPOINT_SLICE: Columns = Columns {
    titles: &[
        ("NAME", ALWAYS),
        ("ADDRESSTYPE", ALWAYS),
        ("PORTS", ALWAYS),
        ("ENDPOINTS", ALWAYS),
        ("AGE", ALWAYS),
    ],
    row: |value, now| {
        let port =
            |port: &Value| port.get("port").and_then(Value::as_int).map_or("*".into(), |n| n.to_string());
        let ports: Vec<String> = list(value, &["ports"]).iter().map(port).collect();
        let addresses: Vec<String> = list(value, &["endpoints"])
            .iter()
            .flat_map(|endpoint| list(endpoint, &["addresses"]))
            .map(|address| address.as_str().unwrap_or_default().to_owned())
            .collect();
        vec![
            name(value).into(),
            text(value, &["addressType"]).into(),
            at_most_three(&ports, "<unset>"),
            at_most_three(&addresses, "<unset>"),
            created(value, now),
        ]
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json;

    #[test]
    fn endpoints_that_are_not_ready_leave_their_column_empty() {
        let printed = |subsets: &str| {
            let text = format!(r#"{{"metadata": {{"name": "web"}}, "subsets": {subsets}}}"#);
            (ENDPOINTS.row)(&json::parse(&text).expect("JSON"), 0)[1].clone()
        };
        let port = r#""ports": [{"port": 80}]"#;
        assert_eq!(printed("[]"), "<none>");
        let unready = format!(r#"[{{"notReadyAddresses": [{{"ip": "10.244.1.2"}}], {port}}}]"#);
        assert_eq!(printed(&unready), "");
        let ready = format!(r#"[{{"addresses": [{{"ip": "10.244.1.2"}}], {port}}}]"#);
        assert_eq!(printed(&ready), "10.244.1.2:80");
    }
}
