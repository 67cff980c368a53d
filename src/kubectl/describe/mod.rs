//! `kubectl describe`: an object told in lines (upstream: kubectl `describe/describe.go`). A kind is a function
//! and a line in the list; the others are told field by field.

mod access;
mod batch;
mod container;
mod core;
mod network;
mod pod;
mod policy;
mod services;
mod storage;
mod volumes;
mod workloads;

use super::command::{Kubectl, Outcome};
use super::fields::{list, name, number, pairs, plain, text};
use super::print::{age, tabs};
use super::resources::Info;
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::{Filter, Request};
use crate::cluster::time::{parse_rfc3339, rfc1123z};
use crate::value::Value;

pub(crate) use workloads::pod_template;

/// Lines in columns.
#[derive(Debug, Default)]
pub(crate) struct Text {
    /// Texts whose columns have nothing to do with one another; the last one is being written.
    parts: Vec<String>,
}

impl Text {
    /// Writes a line, two blanks further in for each level.
    pub(crate) fn line(&mut self, level: usize, line: impl AsRef<str>) {
        self.piece(&"  ".repeat(level));
        self.piece(line.as_ref());
        self.piece("\n");
    }
    /// Writes a piece of a line.
    fn piece(&mut self, piece: &str) {
        if self.parts.is_empty() {
            self.parts.push(String::new());
        }
        if let Some(part) = self.parts.last_mut() {
            part.push_str(piece);
        }
    }
    /// The columns begin anew.
    fn part(&mut self) {
        self.parts.push(String::new());
    }
    /// The lines as they were written, with tabs.
    pub(crate) fn raw(&self) -> String {
        self.parts.concat()
    }
    /// The lines in columns.
    fn aligned(&self) -> String {
        self.parts.iter().map(|part| tabs::align(part, 0, 2)).collect()
    }
    /// Several entries under one title: the first behind it, the others below.
    fn entries(&mut self, title: &str, entries: &[String]) {
        match entries.split_first() {
            None => self.line(0, format!("{title}:\t<none>")),
            Some((first, others)) => {
                self.line(0, format!("{title}:\t{first}"));
                others.iter().for_each(|entry| self.line(0, format!("\t{entry}")));
            }
        }
    }
    /// Labels of an object, or of a part of it.
    fn labels(&mut self, title: &str, value: &Value, path: &[&str]) {
        let all = pairs(value, path);
        let all = all.iter().map(|(key, value)| format!("{key}={}", plain(value)));
        self.entries(title, &all.collect::<Vec<_>>());
    }
    /// Annotations, but for what `kubectl apply` keeps there. Long ones stand below their keys.
    fn annotations(&mut self, title: &str, value: &Value) {
        const LONGEST: usize = 140;
        let mut entries = Vec::new();
        for (key, value) in pairs(value, &["metadata", "annotations"]) {
            if &**key == crate::kubectl::verbs::LAST_APPLIED {
                continue;
            }
            let value = value.as_str().unwrap_or_default();
            let value = value.strip_suffix('\n').unwrap_or(value);
            if value.len() + key.len() + 2 <= LONGEST && !value.contains('\n') {
                entries.push(format!("{key}: {value}"));
                continue;
            }
            entries.push(format!("{key}:"));
            for line in value.split('\n') {
                let short: String = line.chars().take(LONGEST - 2).collect();
                let dots = if short.len() < line.len() { "..." } else { "" };
                entries.push(format!("  {short}{dots}"));
            }
        }
        self.entries(title, &entries);
    }
    /// What an object begins with.
    fn head(&mut self, value: &Value) {
        self.line(0, format!("Name:\t{}", name(value)));
        self.line(0, format!("Namespace:\t{}", text(value, &["metadata", "namespace"])));
    }
    /// Labels and annotations of an object.
    fn labels_and_annotations(&mut self, value: &Value) {
        self.labels("Labels", value, &["metadata", "labels"]);
        self.annotations("Annotations", value);
    }
    /// Events; `now` in microseconds since 1970.
    fn events(&mut self, events: Option<Vec<Value>>, now: u64) {
        let Some(mut events) = events else { return };
        if events.is_empty() {
            return self.line(0, "Events:\t<none>");
        }
        self.part();
        events.sort_by(|a, b| text(a, &["lastTimestamp"]).cmp(text(b, &["lastTimestamp"])));
        self.line(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage");
        self.line(1, "----\t------\t----\t----\t-------");
        for event in &events {
            let since = |field| age::since(text(event, &[field]), now);
            let first = if text(event, &["eventTime"]).is_empty() { "firstTimestamp" } else { "eventTime" };
            let count = number(event, &["count"]);
            let interval = if event.get("series").is_some() {
                let last = age::since(text(event, &["series", "lastObservedTime"]), now);
                format!("{last} (x{} over {})", number(event, &["series", "count"]), since(first))
            } else if count > 1 {
                format!("{} (x{count} over {})", since("lastTimestamp"), since(first))
            } else {
                since(first)
            };
            let from = match text(event, &["source", "component"]) {
                "" => text(event, &["reportingComponent"]),
                component => component,
            };
            let message = text(event, &["message"]).trim();
            let place = match text(event, &["involvedObject", "fieldPath"]) {
                "" => String::new(),
                path => format!("{path}: "),
            };
            let (kind, reason) = (text(event, &["type"]), text(event, &["reason"]));
            self.line(1, format!("{kind}\t{reason}\t{interval}\t{from}\t{place}{message}"));
        }
    }
}

/// A time as Go's RFC1123Z: `Mon, 23 Nov 2026 18:32:33 +0000`.
fn time(text: &str) -> String {
    parse_rfc3339(text).map_or_else(|| "Mon, 01 Jan 0001 00:00:00 +0000".into(), rfc1123z)
}

/// The owner that manages an object, as `ReplicaSet/web-1`.
fn controller(value: &Value) -> Option<String> {
    list(value, &["metadata", "ownerReferences"])
        .iter()
        .find(|owner| owner.get("controller").and_then(Value::as_bool) == Some(true))
        .map(|owner| format!("{}/{}", text(owner, &["kind"]), text(owner, &["name"])))
}

/// Conditions of a workload.
fn conditions(out: &mut Text, value: &Value) {
    let conditions = list(value, &["status", "conditions"]);
    if conditions.is_empty() {
        return;
    }
    out.line(0, "Conditions:\n  Type\tStatus\tReason");
    out.line(1, "----\t------\t------");
    for condition in conditions {
        let [kind, status, reason] = ["type", "status", "reason"].map(|field| text(condition, &[field]));
        out.line(1, format!("{kind} \t{status}\t{reason}"));
    }
}

/// An object of a kind that has no lines of its own: every field.
fn generic(out: &mut Text, value: &Value) {
    out.head(value);
    out.labels_and_annotations(value);
    content(out, 0, value, "");
}

fn content(out: &mut Text, level: usize, value: &Value, path: &str) {
    const TOLD: [&str; 5] = [
        ".metadata.name",
        ".metadata.namespace",
        ".metadata.labels",
        ".metadata.annotations",
        ".metadata.managedFields",
    ];
    for (key, value) in pairs(value, &[]) {
        let path = format!("{path}.{key}");
        if TOLD.contains(&&*path) {
            continue;
        }
        let title = title(key);
        match value {
            Value::Object(_) => {
                out.line(level, format!("{title}:"));
                content(out, level + 1, value, &path);
            }
            Value::Array(items) => {
                out.line(level, format!("{title}:"));
                for item in items.iter() {
                    match item {
                        Value::Object(_) => content(out, level + 1, item, &path),
                        item => out.line(level + 1, plain(item)),
                    }
                }
            }
            value => out.line(level, format!("{title}:\t{}", plain(value))),
        }
    }
}

/// A label selector as text: `app=web,tier in (a,b)`; `<none>` where it selects all.
fn selector_text(selector: &Value) -> String {
    let told = super::verbs::selector_at(selector, &[]);
    if told.is_empty() { "<none>".to_owned() } else { told }
}

/// `creationTimestamp` as `Creation Timestamp`, `uid` as `UID`.
fn title(key: &str) -> String {
    if !key.chars().all(|c| c.is_alphabetic() || c == '-') {
        return key.to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    let mut was_upper = true;
    for c in key.chars() {
        let is_new = words.is_empty() || (c.is_uppercase() && !was_upper);
        if is_new {
            words.push(String::new());
        }
        was_upper = c.is_uppercase();
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    let titled = words.iter().map(|word| match &*word.to_uppercase() {
        upper @ ("API" | "URL" | "UID" | "GUID") => upper.to_owned(),
        _ => {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
                .unwrap_or_default()
        }
    });
    titled.collect::<Vec<_>>().join(" ")
}

impl Kubectl<'_, '_> {
    /// Tells an object that has been read. More is asked for where its kind needs more.
    pub(crate) fn describe(&mut self, info: &Info, value: &Value, shows_events: bool) -> Outcome<String> {
        let mut out = Text::default();
        match info.kind {
            Kind::Pod => pod::describe(&mut out, value, self.shell.ask.unix_micros()),
            Kind::Deployment => {
                let events = if shows_events { Some(self.events_about(info, value)?) } else { None };
                let sets = self.owned(Kind::ReplicaSet, value)?;
                workloads::deployment(&mut out, value, &sets);
                out.events(events, self.shell.ask.unix_micros());
                return Ok(out.aligned());
            }
            Kind::ReplicaSet | Kind::ReplicationController => {
                let pods = self.owned(Kind::Pod, value)?;
                workloads::replica_set(&mut out, value, &pods);
            }
            Kind::Job => batch::job(&mut out, value),
            Kind::CronJob => batch::cron_job(&mut out, value),
            Kind::StatefulSet => {
                let pods = self.owned(Kind::Pod, value)?;
                workloads::stateful_set(&mut out, value, &pods);
            }
            Kind::DaemonSet => {
                let pods = self.owned(Kind::Pod, value)?;
                workloads::daemon_set(&mut out, value, &pods);
            }
            Kind::Service => {
                let labels = format!("kubernetes.io/service-name={}", info.name);
                let filter = Filter { labels: labels.into(), ..Filter::default() };
                let slices = self.list(Kind::EndpointSlice, info.namespace.clone(), filter)?;
                services::service(&mut out, value, &slices.unwrap_or_default());
            }
            Kind::EndpointSlice => services::endpoint_slice(&mut out, value),
            Kind::Namespace => {
                core::namespace(&mut out, value);
                let of = |kubectl: &mut Self, kind| kubectl.list(kind, info.name.clone(), Filter::default());
                let (quotas, ranges) = (of(self, Kind::ResourceQuota)?, of(self, Kind::LimitRange)?);
                policy::of_namespace(&mut out, &quotas.unwrap_or_default(), &ranges.unwrap_or_default());
            }
            Kind::PersistentVolume => storage::volume(&mut out, value, self.shell.ask.unix_micros()),
            Kind::PersistentVolumeClaim => {
                let pods = self.list(Kind::Pod, info.namespace.clone(), Filter::default())?;
                let now = self.shell.ask.unix_micros();
                storage::claim(&mut out, value, &pods.unwrap_or_default(), now);
            }
            Kind::StorageClass => storage::storage_class(&mut out, value),
            Kind::ResourceQuota => policy::quota(&mut out, value),
            Kind::LimitRange => policy::limit_range(&mut out, value),
            Kind::PodDisruptionBudget => policy::budget(&mut out, value),
            Kind::HorizontalPodAutoscaler => policy::autoscaler(&mut out, value),
            Kind::ConfigMap => core::config_map(&mut out, value),
            Kind::Secret => core::secret(&mut out, value),
            Kind::ServiceAccount => access::service_account(&mut out, value),
            Kind::Role | Kind::ClusterRole => access::role(&mut out, value),
            Kind::RoleBinding | Kind::ClusterRoleBinding => access::role_binding(&mut out, value),
            Kind::PriorityClass => access::priority_class(&mut out, value),
            Kind::Ingress => {
                let behind = self.behind(info, value)?;
                network::ingress(&mut out, value, &behind);
            }
            Kind::IngressClass => network::ingress_class(&mut out, value),
            Kind::NetworkPolicy => network::network_policy(&mut out, value),
            Kind::Endpoints => network::endpoints(&mut out, value),
            Kind::Node => return self.describe_node(info, value, shows_events),
            _ => generic(&mut out, value),
        }
        let has_events = shows_events
            && !matches!(
                info.kind,
                Kind::Namespace
                    | Kind::Secret
                    | Kind::ResourceQuota
                    | Kind::LimitRange
                    | Kind::NetworkPolicy
                    | Kind::Role
                    | Kind::ClusterRole
                    | Kind::RoleBinding
                    | Kind::ClusterRoleBinding
            );
        let events = if has_events { Some(self.events_about(info, value)?) } else { None };
        out.events(events, self.shell.ask.unix_micros());
        Ok(out.aligned())
    }
    /// What stands behind each backend of an Ingress, in their order.
    fn behind(&mut self, info: &Info, ingress: &Value) -> Outcome<Vec<network::Behind>> {
        let mut all = Vec::new();
        for backend in network::backends(ingress) {
            let Some(service) = backend.get("service") else {
                all.push(Ok(String::new()));
                continue;
            };
            let name = text(service, &["name"]);
            let labels = format!("kubernetes.io/service-name={name}");
            let filter = Filter { labels: labels.into(), ..Filter::default() };
            let slices = self.list(Kind::EndpointSlice, info.namespace.clone(), filter)?;
            let key = ObjectKey::new(Kind::Service, info.namespace.clone(), name);
            let found = self.ask_object(Request::get(key))?;
            all.push(match (slices, found) {
                (Ok(slices), Ok(found)) => {
                    let port = service.get("port").unwrap_or(service);
                    Ok(services::endpoints_behind(&found, port, &slices))
                }
                (Err(status), _) | (_, Err(status)) => Err(status.message.clone()),
            });
        }
        Ok(all)
    }
    /// A Node: its Pods, its Events and its lease are asked for.
    fn describe_node(&mut self, info: &Info, value: &Value, shows_events: bool) -> Outcome<String> {
        let fields = format!("spec.nodeName={},status.phase!=Succeeded,status.phase!=Failed", info.name);
        let pods = self.list(Kind::Pod, "".into(), Filter { fields: fields.into(), ..Filter::default() })?;
        let mut events = None;
        if shows_events {
            // A Node's Events are told under its uid by controllers, and under its name by its kubelet.
            let mut all = self.events_under(info, text(value, &["metadata", "uid"]))?;
            all.extend(self.events_under(info, &info.name)?);
            events = Some(all);
        }
        let fields = format!("spec.nodeName={}", info.name);
        let filter = Filter { fields: fields.into(), ..Filter::default() };
        _ = self.list(Kind::ResourceSlice, "".into(), filter)?;
        let lease = ObjectKey::new(Kind::Lease, "kube-node-lease", info.name.clone());
        let lease = self.ask_object(Request::get(lease))?;
        let lease = lease.as_ref().map_err(|status| &*status.message);
        let mut out = Text::default();
        let now = self.shell.ask.unix_micros();
        core::node(&mut out, value, lease, &pods.unwrap_or_default(), now);
        out.events(events, now);
        Ok(out.aligned())
    }
    /// The objects of a kind that a workload's selector matches and that it owns.
    fn owned(&mut self, kind: Kind, owner: &Value) -> Outcome<Vec<Value>> {
        let labels = super::verbs::selector(owner).into();
        let namespace = text(owner, &["metadata", "namespace"]).into();
        let all = self.list(kind, namespace, Filter { labels, ..Filter::default() })?.unwrap_or_default();
        let uid = text(owner, &["metadata", "uid"]);
        let is_own = |value: &Value| {
            list(value, &["metadata", "ownerReferences"]).iter().any(|owner| text(owner, &["uid"]) == uid)
        };
        Ok(all.into_iter().filter(is_own).collect())
    }
    fn events_about(&mut self, info: &Info, value: &Value) -> Outcome<Vec<Value>> {
        self.events_under(info, text(value, &["metadata", "uid"]))
    }
    /// The Events about an object that name this uid.
    fn events_under(&mut self, info: &Info, uid: &str) -> Outcome<Vec<Value>> {
        let Info { name, namespace, kind, .. } = info;
        let kind = if *kind == Kind::Pod { String::new() } else { format!("involvedObject.kind={kind},") };
        let about = format!("involvedObject.name={name},involvedObject.namespace={namespace}");
        let fields = format!("{kind}{about},involvedObject.uid={uid}");
        let filter = Filter { fields: fields.into(), ..Filter::default() };
        let namespace = namespace.clone();
        Ok(self.list(Kind::Event, namespace, filter)?.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_get_titles() {
        for (key, expected) in [
            ("creationTimestamp", "Creation Timestamp"),
            ("uid", "UID"),
            ("apiVersion", "API Version"),
            ("clusterIP", "Cluster IP"),
            ("app.kubernetes.io/name", "app.kubernetes.io/name"),
        ] {
            assert_eq!(title(key), expected);
        }
    }

    #[test]
    fn times_read_as_go_prints_them() {
        assert_eq!(time("2026-11-23T18:32:33Z"), "Mon, 23 Nov 2026 18:32:33 +0000");
    }
}
