//! Containers, of a Pod with their states or of a template without.

use super::{Text, time};
use crate::api::quantity::Quantity;
use crate::kubectl::fields::{is, list, number, pairs, plain, text};
use crate::value::Value;

/// The containers of a list. `statuses` are none for a template, whose lines stand one blank further in.
pub(super) fn containers(out: &mut Text, title: &str, containers: &[Value], pod: Option<(&Value, &[Value])>) {
    let space = if pod.is_some() { "" } else { "  " };
    let none = if containers.is_empty() { " <none>" } else { "" };
    out.line(0, format!("{space}{title}:{none}"));
    let indent = if pod.is_some() { "" } else { " " };
    for container in containers {
        let name = text(container, &["name"]);
        let status = pod.and_then(|(_, all)| all.iter().find(|status| text(status, &["name"]) == name));
        out.line(1, format!("{indent}{name}:"));
        if let Some(status) = status {
            out.line(2, format!("Container ID:\t{}", text(status, &["containerID"])));
        }
        out.line(2, format!("Image:\t{}", text(container, &["image"])));
        if let Some(status) = status {
            out.line(2, format!("Image ID:\t{}", text(status, &["imageID"])));
        }
        ports(out, container);
        for (field, title) in [("command", "Command"), ("args", "Args")] {
            let words = list(container, &[field]);
            if !words.is_empty() {
                out.line(2, format!("{title}:"));
                let lines = words.iter().filter_map(Value::as_str).flat_map(|word| word.split('\n'));
                lines.for_each(|line| out.line(3, line));
            }
        }
        if let Some(status) = status {
            state(out, "State", status.get("state").unwrap_or(&Value::Null));
            let last = status.get("lastState").unwrap_or(&Value::Null);
            if last.get("terminated").is_some() {
                state(out, "Last State", last);
            }
            let ready = if is(status, &["ready"]) { "True" } else { "False" };
            out.line(2, format!("Ready:\t{ready}"));
            out.line(2, format!("Restart Count:\t{}", number(status, &["restartCount"])));
        }
        for (field, title) in [("limits", "Limits"), ("requests", "Requests")] {
            let all = pairs(container, &["resources", field]);
            if !all.is_empty() {
                out.line(2, format!("{title}:"));
                all.iter().for_each(|(name, amount)| out.line(3, format!("{name}:\t{}", plain(amount))));
            }
        }
        let probes =
            [("livenessProbe", "Liveness"), ("readinessProbe", "Readiness"), ("startupProbe", "Startup")];
        for (field, title) in probes {
            if let Some(probe) = container.get(field) {
                out.line(2, format!("{title}:\t{}", describe_probe(probe)));
            }
        }
        environment(out, container, pod.map(|(pod, _)| pod));
        mounts(out, container);
    }
}

fn ports(out: &mut Text, container: &Value) {
    let all = list(container, &["ports"]);
    let joined = |field: &str| {
        let one = |port: &Value| {
            let protocol = match text(port, &["protocol"]) {
                "" => "TCP",
                protocol => protocol,
            };
            let named = match text(port, &["name"]) {
                "" => String::new(),
                name => format!(" ({name})"),
            };
            format!("{}/{protocol}{named}", number(port, &[field]))
        };
        all.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    for (field, title) in [("containerPort", "Port"), ("hostPort", "Host Port")] {
        let ports = joined(field);
        let plural = if ports.contains(',') { "s" } else { "" };
        out.line(2, format!("{title}{plural}:\t{}", if ports.is_empty() { "<none>" } else { &ports }));
    }
}

fn state(out: &mut Text, title: &str, state: &Value) {
    if let Some(running) = state.get("running") {
        out.line(2, format!("{title}:\tRunning"));
        out.line(3, format!("Started:\t{}", time(text(running, &["startedAt"]))));
    } else if let Some(ended) = state.get("terminated") {
        out.line(2, format!("{title}:\tTerminated"));
        for (field, title) in [("reason", "Reason"), ("message", "Message")] {
            match text(ended, &[field]) {
                "" => {}
                text => out.line(3, format!("{title}:\t{text}")),
            }
        }
        out.line(3, format!("Exit Code:\t{}", number(ended, &["exitCode"])));
        if number(ended, &["signal"]) > 0 {
            out.line(3, format!("Signal:\t{}", number(ended, &["signal"])));
        }
        out.line(3, format!("Started:\t{}", time(text(ended, &["startedAt"]))));
        out.line(3, format!("Finished:\t{}", time(text(ended, &["finishedAt"]))));
    } else {
        out.line(2, format!("{title}:\tWaiting"));
        match text(state, &["waiting", "reason"]) {
            "" => {}
            reason => out.line(3, format!("Reason:\t{reason}")),
        }
    }
}

fn describe_probe(probe: &Value) -> String {
    let number = |field| number(probe, &[field]);
    let attributes = format!(
        "delay={}s timeout={}s period={}s successThreshold={} failureThreshold={}",
        number("initialDelaySeconds"),
        number("timeoutSeconds"),
        number("periodSeconds"),
        number("successThreshold"),
        number("failureThreshold")
    );
    let port = |handler: &Value| handler.get("port").map(plain).unwrap_or_default();
    if let Some(exec) = probe.get("exec") {
        let words: Vec<&str> = list(exec, &["command"]).iter().filter_map(Value::as_str).collect();
        format!("exec [{}] {attributes}", words.join(" "))
    } else if let Some(get) = probe.get("httpGet") {
        let scheme = text(get, &["scheme"]).to_ascii_lowercase();
        let path = text(get, &["path"]);
        format!("http-get {scheme}://{}:{}{path} {attributes}", text(get, &["host"]), port(get))
    } else if let Some(socket) = probe.get("tcpSocket") {
        format!("tcp-socket {}:{} {attributes}", text(socket, &["host"]), port(socket))
    } else if let Some(grpc) = probe.get("grpc") {
        format!("grpc <pod>:{} {} {attributes}", port(grpc), text(grpc, &["service"]))
    } else {
        format!("unknown {attributes}")
    }
}

fn environment(out: &mut Text, container: &Value, pod: Option<&Value>) {
    let from = list(container, &["envFrom"]);
    if !from.is_empty() {
        out.line(2, "Environment Variables from:");
    }
    for source in from {
        let (kind, of) = match (source.get("configMapRef"), source.get("secretRef")) {
            (Some(of), _) => ("ConfigMap", of),
            (None, Some(of)) => ("Secret", of),
            (None, None) => continue,
        };
        let prefix = match text(source, &["prefix"]) {
            "" => String::new(),
            prefix => format!(" with prefix '{prefix}'"),
        };
        out.line(3, format!("{}\t{kind}{prefix}\tOptional: {}", text(of, &["name"]), is(of, &["optional"])));
    }
    let all = list(container, &["env"]);
    out.line(2, if all.is_empty() { "Environment:\t<none>" } else { "Environment:" });
    for variable in all {
        let name = text(variable, &["name"]);
        let of = |field| variable.at(&["valueFrom", field]);
        if let Some(field) = of("fieldRef") {
            let path = text(field, &["fieldPath"]);
            let steps: Vec<&str> = path.split('.').collect();
            // Of the spec kubectl knows only two fields (upstream: `fieldpath.ExtractFieldPathAsString`).
            let is_known = !path.starts_with("spec.");
            let pod = pod.filter(|_| is_known);
            let found = pod.and_then(|pod| pod.at(&steps)).map(plain).unwrap_or_default();
            out.line(3, format!("{name}:\t{found} ({}:{path})", text(field, &["apiVersion"])));
        } else if let Some(field) = of("resourceFieldRef") {
            let resource = text(field, &["resource"]);
            let (part, name_of) = resource.split_once('.').unwrap_or((resource, ""));
            let found = container.at(&["resources", part, name_of]).map(plain);
            // Divided by one, and rounded up (upstream: `resource.ExtractContainerResourceValue`).
            let found =
                found.and_then(|text| Quantity::parse(&text).ok()).map(|amount| amount.value().to_string());
            out.line(3, format!("{name}:\t{} ({resource})", found.unwrap_or("node allocatable".into())));
        } else if let Some(key) = of("secretKeyRef") {
            let (key_name, of) = (text(key, &["key"]), text(key, &["name"]));
            let optional = is(key, &["optional"]);
            out.line(
                3,
                format!("{name}:\t<set to the key '{key_name}' in secret '{of}'>\tOptional: {optional}"),
            );
        } else if let Some(key) = of("configMapKeyRef") {
            let (key_name, of) = (text(key, &["key"]), text(key, &["name"]));
            let optional = is(key, &["optional"]);
            out.line(
                3,
                format!("{name}:\t<set to the key '{key_name}' of config map '{of}'>\tOptional: {optional}"),
            );
        } else {
            for (i, line) in text(variable, &["value"]).split('\n').enumerate() {
                out.line(3, if i == 0 { format!("{name}:\t{line}") } else { format!("\t{line}") });
            }
        }
    }
}

fn mounts(out: &mut Text, container: &Value) {
    let mut all: Vec<&Value> = list(container, &["volumeMounts"]).iter().collect();
    out.line(2, if all.is_empty() { "Mounts:\t<none>" } else { "Mounts:" });
    all.sort_by(|a, b| text(a, &["mountPath"]).cmp(text(b, &["mountPath"])));
    for mount in all {
        let flags = if is(mount, &["readOnly"]) { "ro" } else { "rw" };
        let path = match text(mount, &["subPath"]) {
            "" => String::new(),
            path => format!(",path=\"{path}\""),
        };
        out.line(
            3,
            format!("{} from {} ({flags}{path})", text(mount, &["mountPath"]), text(mount, &["name"])),
        );
    }
}
