//! The environment of a container: its variables, those of ConfigMaps and Secrets, what it is told of its Pod
//! (upstream: makeEnvironmentVariables in pkg/kubelet/kubelet_pods.go).

use super::Kubelet;
use super::admission::Amounts;
use crate::api::objects::{ConfigMap, Container, Labels, Pod, Secret, Service, ServicePort};
use crate::api::quantity::Quantity;
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::Request;
use crate::cluster::task::{Ask, Suspended};
use crate::value::{Str, Value};

/// What a ConfigMap or a Secret holds, or why it cannot be had.
pub(super) type Data = Result<Labels, String>;

/// The text of base64; what is none is left out.
fn decode_base64(text: &str) -> Str {
    let value = |b: u8| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bits, mut count, mut out) = (0u32, 0, Vec::new());
    for digit in text.bytes().filter_map(value) {
        bits = (bits << 6) | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    String::from_utf8_lossy(&out).into_owned().into()
}

/// Reads a ConfigMap.
pub(super) fn config_map(pod: &Pod, name: &str, ask: &mut Ask) -> Result<Data, Suspended> {
    let key = ObjectKey::new(Kind::ConfigMap, pod.metadata.namespace.clone(), name);
    let reply = ask.api(Request::get(key))?;
    let found =
        reply.ok().and_then(|reply| reply.object().and_then(|object| object.get::<ConfigMap>().cloned()));
    Ok(found.map(|map| map.data.clone()).ok_or_else(|| format!("configmap {name:?} not found")))
}

/// Reads a Secret.
pub(super) fn secret(pod: &Pod, name: &str, ask: &mut Ask) -> Result<Data, Suspended> {
    let key = ObjectKey::new(Kind::Secret, pod.metadata.namespace.clone(), name);
    let reply = ask.api(Request::get(key))?;
    let found =
        reply.ok().and_then(|reply| reply.object().and_then(|object| object.get::<Secret>().cloned()));
    let decoded =
        |secret: &Secret| secret.data.iter().map(|(key, text)| (key.clone(), decode_base64(text))).collect();
    Ok(found.map(|secret| decoded(&secret)).ok_or_else(|| format!("secret {name:?} not found")))
}

fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    value.at(path).and_then(Value::as_str).unwrap_or_default()
}

fn is_optional(value: &Value) -> bool {
    value.get("optional").and_then(Value::as_bool).unwrap_or(false)
}

/// Puts the values of earlier variables for `$(NAME)`; `$$` is a `$`.
fn expand(text: &Str, known: &[(Str, Str)]) -> Str {
    if !text.contains('$') {
        return text.clone();
    }
    let (mut out, mut rest) = (String::new(), &**text);
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let name = after.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((name, after)) = name {
            match known.iter().rev().find(|(key, _)| &**key == name) {
                Some((_, value)) => out.push_str(value),
                None => out.push_str(&format!("$({name})")),
            }
            rest = after;
        } else {
            out.push('$');
            rest = after;
        }
    }
    out.push_str(rest);
    out.into()
}

impl Kubelet {
    /// The environment of a container, or why it cannot be made.
    pub(super) fn environment(
        &self,
        pod: &Pod,
        container: &Container,
        ip: &Str,
        ask: &mut Ask,
    ) -> Result<Result<Vec<(Str, Str)>, String>, Suspended> {
        let mut out: Vec<(Str, Str)> = Vec::with_capacity(container.env.len() + self.api_variables.len());
        for source in &container.env_from {
            let (reference, is_secret) = match (source.get("configMapRef"), source.get("secretRef")) {
                (Some(reference), _) => (reference, false),
                (None, Some(reference)) => (reference, true),
                (None, None) => continue,
            };
            let name = text(reference, &["name"]);
            let data = if is_secret { secret(pod, name, ask)? } else { config_map(pod, name, ask)? };
            match data {
                Ok(data) => {
                    let prefix = text(source, &["prefix"]);
                    out.extend(data.into_iter().map(|(key, value)| (format!("{prefix}{key}").into(), value)));
                }
                Err(_) if is_optional(reference) => {}
                Err(why) => return Ok(Err(why)),
            }
        }
        for variable in &container.env {
            let value = match &variable.value_from {
                None => Some(expand(&variable.value, &out)),
                Some(from) => match self.value_from(pod, container, from, ip, ask)? {
                    Ok(value) => value,
                    Err(why) => return Ok(Err(why)),
                },
            };
            if let Some(value) = value {
                out.push((variable.name.clone(), value));
            }
        }
        let own = out.len();
        for (name, value) in self.services_of(pod) {
            if !out[..own].iter().any(|(other, _)| other == name) {
                out.push((name.clone(), value.clone()));
            }
        }
        Ok(Ok(out))
    }
    /// A variable's value from elsewhere; none where an optional source lacks it.
    fn value_from(
        &self,
        pod: &Pod,
        container: &Container,
        from: &Value,
        ip: &Str,
        ask: &mut Ask,
    ) -> Result<Result<Option<Str>, String>, Suspended> {
        for (field, what) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
            let Some(reference) = from.get(field) else { continue };
            let (name, key) = (text(reference, &["name"]), text(reference, &["key"]));
            let data = if what == "Secret" { secret(pod, name, ask)? } else { config_map(pod, name, ask)? };
            return Ok(match data {
                Ok(data) if data.contains_key(key) => Ok(data.get(key).cloned()),
                _ if is_optional(reference) => Ok(None),
                Ok(_) => Err(format!("couldn't find key {key} in {what} {}/{name}", pod.metadata.namespace)),
                Err(why) => Err(why),
            });
        }
        if let Some(reference) = from.get("resourceFieldRef") {
            return Ok(Ok(Some(resource(container, reference, &self.allocatable))));
        }
        Ok(Ok(Some(self.field(pod, text(from, &["fieldRef", "fieldPath"]), ip))))
    }
    /// A field of the Pod that its containers may be told.
    pub(super) fn field(&self, pod: &Pod, path: &str, ip: &Str) -> Str {
        let meta = &pod.metadata;
        let keyed = |field: &str| path.strip_prefix(field)?.strip_prefix("['")?.strip_suffix("']");
        if let Some(key) = keyed("metadata.labels") {
            return meta.labels.get(key).cloned().unwrap_or_default();
        }
        if let Some(key) = keyed("metadata.annotations") {
            return meta.annotations.get(key).cloned().unwrap_or_default();
        }
        match path {
            "metadata.labels" => format_map(&meta.labels),
            "metadata.annotations" => format_map(&meta.annotations),
            "metadata.name" => meta.name.clone(),
            "metadata.namespace" => meta.namespace.clone(),
            "metadata.uid" => meta.uid.clone(),
            "spec.nodeName" => pod.spec.node_name.clone(),
            "spec.serviceAccountName" => pod.spec.service_account_name.clone(),
            "status.hostIP" | "status.hostIPs" => self.address.clone(),
            "status.podIP" | "status.podIPs" if !ip.is_empty() => ip.clone(),
            "status.podIP" | "status.podIPs" => self.address.clone(),
            _ => Str::default(),
        }
    }
}

/// Labels or annotations, a line each (upstream: fieldpath.FormatMap).
fn format_map(map: &Labels) -> Str {
    let lines: Vec<String> = map.iter().map(|(key, value)| format!("{key}={:?}", &**value)).collect();
    lines.join("\n").into()
}

/// A container's own request or limit in units of its divisor, rounded up; what it does not say is 0 or what the node
/// has (upstream: ExtractContainerResourceValue).
pub(super) fn resource(container: &Container, reference: &Value, allocatable: &Amounts) -> Str {
    let named = text(reference, &["resource"]);
    let (list, name) = named.split_once('.').unwrap_or((named, ""));
    let resources = container.resources.as_ref();
    let found = resources.and_then(|resources| match list {
        "limits" => resources.limits.get(name),
        _ => resources.requests.get(name),
    });
    let of_node = |of: usize| if list == "limits" { allocatable[of] } else { 0 };
    let divisor = reference.get("divisor").and_then(|divisor| match divisor.as_int() {
        Some(number) => Some(Quantity::units(number)),
        None => Quantity::parse(divisor.as_str()?).ok(),
    });
    let divisor = divisor.filter(|divisor| !divisor.is_zero()).unwrap_or(Quantity::units(1));
    let quantity = found.and_then(|quantity| Quantity::parse(quantity).ok());
    let (amount, unit) = if name == "cpu" {
        (quantity.map_or_else(|| of_node(0), Quantity::milli_value), divisor.milli_value())
    } else {
        let of = if name == "memory" { 1 } else { 2 };
        (quantity.map_or_else(|| of_node(of), Quantity::value), divisor.value())
    };
    let unit = unit.max(1);
    (amount / unit + i64::from(amount % unit > 0)).to_string().into()
}

/// The variables that tell of a Service (upstream: pkg/kubelet/envvars).
fn variables_of(name: &str, address: &str, ports: &[(Str, Str, i32)], out: &mut Vec<(Str, Str)>) {
    let upper = |text: &str| text.replace('-', "_").to_uppercase();
    let prefix = upper(name);
    let mut put = |name: String, value: String| out.push((name.into(), value.into()));
    put(format!("{prefix}_SERVICE_HOST"), address.into());
    if let Some((_, _, first)) = ports.first() {
        put(format!("{prefix}_SERVICE_PORT"), first.to_string());
    }
    for (name, _, port) in ports.iter().filter(|(name, ..)| !name.is_empty()) {
        put(format!("{prefix}_SERVICE_PORT_{}", upper(name)), port.to_string());
    }
    for (place, (_, protocol, port)) in ports.iter().enumerate() {
        let (lower, url) = (protocol.to_lowercase(), format!("{address}:{port}"));
        if place == 0 {
            put(format!("{prefix}_PORT"), format!("{lower}://{url}"));
        }
        let of_port = format!("{prefix}_PORT_{port}_{protocol}");
        put(of_port.clone(), format!("{lower}://{url}"));
        put(format!("{of_port}_PROTO"), lower);
        put(format!("{of_port}_PORT"), port.to_string());
        put(format!("{of_port}_ADDR"), address.into());
    }
}

/// The variables that tell of a Service; of one without an address none.
pub(super) fn service_variables(service: &Service) -> Vec<(Str, Str)> {
    let (mut out, spec) = (Vec::new(), &service.spec);
    if !spec.cluster_ip.is_empty() && &*spec.cluster_ip != "None" {
        let port = |port: &ServicePort| (port.name.clone(), port.protocol.clone(), port.port);
        let ports: Vec<(Str, Str, i32)> = spec.ports.iter().map(port).collect();
        variables_of(&service.metadata.name, &spec.cluster_ip, &ports, &mut out);
    }
    out
}

/// Those that tell of the API server's own Service.
pub(super) fn api_variables(address: &str) -> Vec<(Str, Str)> {
    let mut out = Vec::new();
    variables_of("kubernetes", address, &[("https".into(), "TCP".into(), 443)], &mut out);
    out
}

impl Kubelet {
    /// What a Pod is told of the Services of its Namespace, and of the API server's own
    /// (upstream: getServiceEnvVarMap).
    fn services_of<'a>(&'a self, pod: &'a Pod) -> impl Iterator<Item = &'a (Str, Str)> {
        let namespace = &pod.metadata.namespace;
        let from = ObjectKey::new(Kind::Service, namespace.clone(), "");
        let has_links = pod.spec.enable_service_links != Some(false);
        let own =
            self.services.range(from..).take_while(move |(key, _)| has_links && key.namespace == *namespace);
        self.api_variables.iter().chain(own.flat_map(|(_, variables)| variables.iter()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_stand_in_later_ones() {
        let known = [("A".into(), "x".into())];
        for (text, expected) in [("$(A)-$(B)", "x-$(B)"), ("$$(A) $", "$(A) $"), ("plain", "plain")] {
            assert_eq!(&*expand(&text.into(), &known), expected, "{text}");
        }
        assert_eq!(&*decode_base64("aGVsbG8="), "hello");
    }

    #[test]
    fn amounts_are_rounded_up_whatever_their_size() {
        let mut container = Container::default();
        let mut reference = Value::object();
        reference.set(&["resource"], "limits.memory");
        for (limit, divisor, expected) in [
            ("10E", "1", "9223372036854775807"),
            ("10E", "8Ei", "1"),
            ("1025", "1Ki", "2"),
            ("0", "1Ki", "0"),
        ] {
            let limits = crate::api::objects::Labels::from([("memory".into(), limit.into())]);
            container.resources =
                Some(crate::api::objects::ResourceRequirements { limits, ..Default::default() });
            reference.set(&["divisor"], divisor);
            assert_eq!(
                &*resource(&container, &reference, &Amounts::default()),
                expected,
                "{limit} by {divisor}"
            );
        }
    }
}
