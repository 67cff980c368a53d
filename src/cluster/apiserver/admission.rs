//! Admission: what must exist, and what is added on the way in.

use super::{ApiServer, priority};
use crate::api::objects::{Container, Pod, PodSpec, ServiceAccount, Toleration, Volume, VolumeMount};
use crate::api::taints;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::chance::suffix;
use crate::cluster::engine::Engine;
use crate::cluster::request::Status;
use crate::value::{Str, Value, json};
use std::rc::Rc;

/// Where the account's token appears in every container.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Admits a new object, or says why not.
pub fn on_create(server: &ApiServer, engine: &mut Engine, object: &mut Object) -> Result<(), Rc<Status>> {
    let key = object.key();
    if key.kind.info().namespaced {
        match server.namespace_of(&key) {
            None => {
                return Err(Status::not_found(&ObjectKey::new(Kind::Namespace, "", key.namespace.clone())));
            }
            Some(namespace) if namespace.metadata.is_terminating() => {
                return Err(Status::namespace_terminating(&key));
            }
            Some(_) => {}
        }
    }
    if let Object::Node(node) = object {
        // A new node takes no Pods before its kubelet says that it is ready (upstream: plugin/pkg/admission/nodetaint).
        let taints = &mut Rc::make_mut(node).spec.taints;
        if !taints::has(taints, taints::NOT_READY, taints::NO_SCHEDULE) {
            taints.push(taints::taint(taints::NOT_READY, taints::NO_SCHEDULE));
        }
    }
    if let Object::Pod(pod) = object {
        super::limit_ranger::mutate(server, Rc::make_mut(pod));
        service_account(server, engine, &key, Rc::make_mut(pod))?;
        let spec = Rc::make_mut(&mut Rc::make_mut(pod).spec);
        priority::admit(server, &key, spec)?;
        tolerate(spec, "node.kubernetes.io/not-ready");
        tolerate(spec, "node.kubernetes.io/unreachable");
    }
    super::storage::admit(server, engine, object);
    priority::only_one_default(server, object)
}

/// What admission gives a Pod that is written again (upstream: the plugins Priority and
/// DefaultTolerationSeconds): the priority that it has, and the tolerations that every Pod has.
pub fn on_update(old: &Object, new: &mut Object) {
    let (Object::Pod(old), Object::Pod(new)) = (old, new) else { return };
    if old.spec == new.spec {
        return;
    }
    let spec = Rc::make_mut(&mut Rc::make_mut(new).spec);
    spec.priority = spec.priority.or(old.spec.priority);
    if spec.preemption_policy.is_empty() {
        spec.preemption_policy = old.spec.preemption_policy.clone();
    }
    tolerate(spec, "node.kubernetes.io/not-ready");
    tolerate(spec, "node.kubernetes.io/unreachable");
}

/// Gives a Pod its account and the account's token (upstream: plugin/pkg/admission/serviceaccount).
fn service_account(
    server: &ApiServer,
    engine: &mut Engine,
    key: &ObjectKey,
    pod: &mut Pod,
) -> Result<(), Rc<Status>> {
    let spec = Rc::make_mut(&mut pod.spec);
    if spec.service_account_name.is_empty() {
        spec.service_account_name = "default".into();
    }
    spec.service_account = spec.service_account_name.clone();
    let account =
        ObjectKey::new(Kind::ServiceAccount, key.namespace.clone(), spec.service_account_name.clone());
    if server.store.get(&account).and_then(|object| object.get::<ServiceAccount>()).is_none() {
        let why = format!(
            "error looking up service account {}/{}: serviceaccount \"{}\" not found",
            key.namespace, account.name, account.name
        );
        return Err(Status::forbidden(key, &why));
    }
    if spec.automount_service_account_token == Some(false) {
        return Ok(());
    }
    // A container that mounts something there itself keeps that.
    let lacks_token = |container: &&mut Container| {
        !container.volume_mounts.iter().any(|mount| &*mount.mount_path == TOKEN_PATH)
    };
    let mut lacking: Vec<&mut Container> =
        spec.init_containers.iter_mut().chain(&mut spec.containers).filter(lacks_token).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let name: Str = format!("kube-api-access-{}", suffix(engine.chance.draw(("token", key)), 5)).into();
    for container in &mut lacking {
        container.volume_mounts.push(VolumeMount {
            name: name.clone(),
            read_only: true,
            mount_path: TOKEN_PATH.into(),
            ..VolumeMount::default()
        });
    }
    spec.volumes.push(Volume {
        name,
        projected: Some(server.settings.token_volume.clone()),
        ..Volume::default()
    });
    Ok(())
}

/// What the volume with an account's token holds.
pub fn token_volume() -> Value {
    const SOURCE: &str = r#"{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},
        {"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}},
        {"downwardAPI":{"items":[{"path":"namespace","fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}],
        "defaultMode":420}"#;
    json::parse(SOURCE).unwrap_or_default()
}

/// A Pod stays for five minutes on a node that is not well (upstream: DefaultTolerationSeconds).
fn tolerate(spec: &mut PodSpec, taint: &str) {
    let is_tolerated = |toleration: &Toleration| {
        (&*toleration.key == taint || toleration.key.is_empty())
            && matches!(&*toleration.effect, "NoExecute" | "")
    };
    if !spec.tolerations.iter().any(is_tolerated) {
        spec.tolerations.push(Toleration {
            key: taint.into(),
            operator: "Exists".into(),
            effect: "NoExecute".into(),
            toleration_seconds: Some(300),
            ..Toleration::default()
        });
    }
}
