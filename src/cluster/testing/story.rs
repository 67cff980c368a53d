//! The story of some kinds of object, version by version, with short names for what the cluster names itself.

use super::Test;
use crate::api::objects::{
    Condition, ConditionStatus, CronJob, Deployment, EndpointSlice, Job, Namespace, ObjectMeta,
    OwnerReference, Pod, ReplicaSet,
};
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::record::{Change, Fact};
use crate::cluster::request::{
    ApiResult, Body, DeleteOptions, PatchKind, Propagation, Request, Subresource, Verb,
};
use crate::cluster::time::SimTime;
use crate::cluster::{Told, task::Answer};
use crate::value::{Str, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The short names: `web-A` for the first ReplicaSet of `web`, `web-A-1` for its first Pod, `web-1` for a slice.
#[derive(Default)]
struct Names {
    short: BTreeMap<Str, String>,
    counts: BTreeMap<String, u32>,
}

impl Names {
    fn learn(&mut self, object: &Object) {
        let meta = object.meta();
        if self.short.contains_key(&meta.name) {
            return;
        }
        let owner = meta.controller().map(|owner| self.of(&owner.name));
        let hash = meta.labels.get("pod-template-hash").is_some_and(|hash| meta.name.ends_with(&**hash));
        let parent = match owner {
            Some(owner) => owner,
            None if hash => meta.name.rsplit_once('-').map_or(String::new(), |(name, _)| name.into()),
            None => return,
        };
        let count = self.counts.entry(format!("{} {parent}", object.kind())).or_default();
        *count += 1;
        let end = match object {
            Object::ReplicaSet(_) => char::from(b'A' + (*count - 1) as u8).to_string(),
            _ => count.to_string(),
        };
        self.short.insert(meta.name.clone(), format!("{parent}-{end}"));
    }
    fn of(&self, name: &str) -> String {
        self.short.get(name).cloned().unwrap_or_else(|| name.into())
    }
    /// A sentence with all names in it short, the longest first.
    fn within(&self, text: &str) -> String {
        let mut names: Vec<_> = self.short.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        names.iter().fold(text.to_string(), |text, (name, short)| text.replace(&***name, short))
    }
}

impl Test {
    /// The versions of objects of these kinds, from a time on, one a line.
    pub(crate) fn story(&self, kinds: &[Kind], from: SimTime) -> String {
        let mut names = Names::default();
        let mut text = String::new();
        for record in self.records() {
            let Fact::Object { change, object } = &record.fact else { continue };
            names.learn(object);
            if record.time < from || !kinds.contains(&object.kind()) {
                continue;
            }
            let name = names.of(&object.meta().name);
            let kind = object.kind().info().short.first().unwrap_or(&object.kind().info().plural);
            let line = match object {
                Object::Event(event) => {
                    let times = if event.count > 1 { format!(" x{}", event.count) } else { String::new() };
                    let about = names.of(&event.involved_object.name);
                    let message = names.within(&event.message);
                    _ = writeln!(
                        text,
                        "{:8.3} {about} says {}{times}: {message}",
                        record.time.as_seconds(),
                        event.reason
                    );
                    continue;
                }
                Object::Deployment(deployment) => names.within(&deployment_line(deployment)),
                Object::ReplicaSet(set) => replica_set_line(set, &names),
                Object::Pod(pod) => pod_line(pod, &names),
                Object::EndpointSlice(slice) => slice_line(slice, &names),
                Object::Namespace(namespace) => namespace_line(namespace),
                Object::Job(job) => job_line(job),
                Object::CronJob(cron_job) => cron_job_line(cron_job),
                _ => String::new(),
            };
            let line = if *change == Change::Deleted { String::new() } else { line };
            let line = format!("{:8.3} {} {kind}/{name} {line}", record.time.as_seconds(), change.as_str());
            _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }
    /// What has this short name now.
    pub(crate) fn named(&self, short: &str) -> ObjectKey {
        let mut names = Names::default();
        let mut found = None;
        for record in self.records() {
            let Fact::Object { object, .. } = &record.fact else { continue };
            names.learn(object);
            if names.of(&object.meta().name) == short && object.kind() != Kind::Event {
                found = Some(object.key());
            }
        }
        found.unwrap_or_else(|| panic!("nothing is named {short}"))
    }
    /// The newest state of an object as the API has it.
    pub(crate) fn object(&self, key: &ObjectKey) -> Option<&Object> {
        self.cluster.server.store.get(key)
    }
    /// Asks, runs until the answer is there and gives it.
    #[track_caller]
    pub(crate) fn ask(&mut self, request: Request) -> ApiResult {
        self.told();
        self.send(request);
        loop {
            self.gather();
            for told in self.told() {
                if let Told::Answer(_, answered) = told
                    && let Answer::Api(response) = answered.answer
                {
                    return response.result;
                }
            }
            assert!(self.cluster.step(), "no answer comes");
        }
    }
    /// The same, where only the error counts, in its words.
    #[track_caller]
    pub(crate) fn refusal(&mut self, request: Request) -> String {
        self.ask(request).map_or_else(|error| error.message.clone(), |_| "done".into())
    }
    /// Deletes an object, with what happens to what it owns.
    pub(crate) fn delete(&mut self, key: ObjectKey, propagation: Propagation) {
        let options = DeleteOptions { propagation: Some(propagation), ..DeleteOptions::default() };
        self.send(Request::delete(key, options));
    }
    /// Merges a JSON text into an object.
    pub(crate) fn patch(&mut self, key: ObjectKey, patch: &str) {
        self.send(patch_request(key, patch));
    }
    /// `kubectl scale`
    pub(crate) fn scale(&mut self, deployment: &str, replicas: i64) {
        let mut scale = Value::object();
        scale.set(&["spec", "replicas"], replicas);
        let key = ObjectKey::new(Kind::Deployment, "default", deployment);
        self.send(Request::new(Verb::Patch(PatchKind::Merge, scale), key).at(Subresource::Scale));
    }
    /// `kubectl set image deployment/NAME web=IMAGE`
    pub(crate) fn set_image(&mut self, deployment: &str, image: &str) {
        let patch = format!(
            r#"{{"spec":{{"template":{{"spec":{{"containers":[{{"name":"web","image":"{image}"}}]}}}}}}}}"#
        );
        let key = ObjectKey::new(Kind::Deployment, "default", deployment);
        let patch = json::parse(&patch).expect("valid");
        self.send(Request::new(Verb::Patch(PatchKind::Strategic, patch), key));
    }
}

/// The request that merges a JSON text into an object.
pub(crate) fn patch_request(key: ObjectKey, patch: &str) -> Request {
    Request::new(Verb::Patch(PatchKind::Merge, json::parse(patch).expect("valid")), key)
}

/// The request that creates an object of a JSON text.
pub(crate) fn create_request(key: ObjectKey, object: &str) -> Request {
    Request::new(Verb::Create(Body::Value(json::parse(object).expect("valid"))), key)
}

fn conditions(list: &[Condition]) -> String {
    let one = |condition: &Condition| {
        let sign = match condition.status {
            Some(ConditionStatus::True) => '+',
            Some(ConditionStatus::False) => '-',
            _ => '?',
        };
        format!("{}{sign}{}", condition.kind, condition.reason)
    };
    list.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn count(text: &mut String, name: &str, n: i32) {
    if n != 0 {
        _ = write!(text, " {name} {n}");
    }
}

fn note(meta: &ObjectMeta, key: &str) -> String {
    meta.annotations.get(&*format!("deployment.kubernetes.io/{key}")).map_or("-".into(), ToString::to_string)
}

fn ending(meta: &ObjectMeta) -> String {
    if meta.is_terminating() {
        format!(" terminating [{}]", meta.finalizers.join(" "))
    } else {
        String::new()
    }
}

fn owner(owners: &[OwnerReference], names: &Names) -> String {
    if owners.is_empty() {
        return " of nobody".into();
    }
    let owners: Vec<String> = owners.iter().map(|owner| names.of(&owner.name)).collect();
    format!(" of {}", owners.join(" and "))
}

/// The counts that are not 0, and what waits to be counted.
fn job_line(job: &Job) -> String {
    let status = &job.status;
    let uncounted = status.uncounted_terminated_pods.clone().unwrap_or_default();
    let counts = [
        ("active", status.active),
        ("ready", status.ready.unwrap_or(0)),
        ("terminating", status.terminating.unwrap_or(0)),
        ("uncounted", (uncounted.succeeded.len() + uncounted.failed.len()) as i32),
        ("succeeded", status.succeeded),
        ("failed", status.failed),
    ];
    let mut parts: Vec<String> =
        counts.iter().filter(|(_, n)| *n > 0).map(|(name, n)| format!("{n} {name}")).collect();
    let indexes =
        [("completed", Some(&status.completed_indexes)), ("failed", status.failed_indexes.as_ref())];
    let indexes =
        indexes.into_iter().filter_map(|(name, text)| Some((name, text.filter(|text| !text.is_empty())?)));
    parts.extend(indexes.map(|(name, text)| format!("{name} {text}")));
    parts.extend(Some(conditions(&status.conditions)).filter(|text| !text.is_empty()));
    parts.join(", ")
}

fn cron_job_line(cron_job: &CronJob) -> String {
    let status = &cron_job.status;
    let active: Vec<&str> = status.active.iter().map(|job| &*job.name).collect();
    let time =
        |time: &Option<Str>| time.as_deref().and_then(|text| text.get(11..16)).unwrap_or("never").to_owned();
    let (last, good) = (time(&status.last_schedule_time), time(&status.last_successful_time));
    format!("active [{}], scheduled {last}, successful {good}", active.join(" "))
}

fn deployment_line(deployment: &Deployment) -> String {
    let (meta, status) = (&deployment.metadata, &deployment.status);
    let mut text = format!(
        "gen {} wants {} rev {}{}; seen {}",
        meta.generation,
        deployment.spec.replicas.unwrap_or(-1),
        note(meta, "revision"),
        ending(meta),
        status.observed_generation
    );
    for (name, n) in [
        ("has", status.replicas),
        ("updated", status.updated_replicas),
        ("ready", status.ready_replicas),
        ("available", status.available_replicas),
        ("unavailable", status.unavailable_replicas),
        ("terminating", status.terminating_replicas.unwrap_or(0)),
    ] {
        count(&mut text, name, n);
    }
    _ = write!(text, " {}", conditions(&status.conditions));
    text
}

fn replica_set_line(set: &ReplicaSet, names: &Names) -> String {
    let (meta, status) = (&set.metadata, &set.status);
    let mut text = format!(
        "gen {} wants {} ({} of {}) rev {}{}{}; seen {} has {}",
        meta.generation,
        set.spec.replicas.unwrap_or(-1),
        note(meta, "desired-replicas"),
        note(meta, "max-replicas"),
        note(meta, "revision"),
        owner(&meta.owner_references, names),
        ending(meta),
        status.observed_generation,
        status.replicas,
    );
    for (name, n) in [
        ("ready", status.ready_replicas),
        ("available", status.available_replicas),
        ("terminating", status.terminating_replicas.unwrap_or(0)),
    ] {
        count(&mut text, name, n);
    }
    if !status.conditions.is_empty() {
        _ = write!(text, " {}", conditions(&status.conditions));
    }
    text
}

fn pod_line(pod: &Pod, names: &Names) -> String {
    let mut text = pod.status.phase.map_or("-", |phase| phase.as_str()).to_string();
    if !pod.spec.node_name.is_empty() {
        _ = write!(text, " on {}", pod.spec.node_name);
    }
    text.push_str(&owner(&pod.metadata.owner_references, names));
    if crate::api::conditions::is_pod_ready(pod) {
        text.push_str(" ready");
    }
    if let Some(grace) = pod.metadata.deletion_grace_period_seconds {
        _ = write!(text, " grace {grace}{}", ending(&pod.metadata));
    }
    text
}

fn slice_line(slice: &EndpointSlice, names: &Names) -> String {
    let mut text = format!("gen {}", slice.metadata.generation);
    for endpoint in slice.endpoints.iter() {
        let name = endpoint.target_ref.as_ref().map_or(String::new(), |target| names.of(&target.name));
        let conditions = &endpoint.conditions;
        _ = write!(text, " {name}[");
        for (name, is) in [
            ("ready", conditions.ready),
            ("serving", conditions.serving),
            ("terminating", conditions.terminating),
        ] {
            if is == Some(true) {
                _ = write!(text, "{name} ");
            }
        }
        text.truncate(text.trim_end().len());
        text.push(']');
    }
    for port in &slice.ports {
        _ = write!(text, " :{}", port.port.unwrap_or(0));
    }
    text
}

fn namespace_line(namespace: &Namespace) -> String {
    format!("{} {}", namespace.status.phase, conditions(&namespace.status.conditions))
}
