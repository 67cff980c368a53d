//! Volumes that outlive a Pod: folders of the node, by their path or through a claim that is bound to one
//! (upstream: pkg/kubelet/volumemanager/populator, pkg/volume/hostpath, pkg/volume/local).

use super::Kubelet;
use crate::api::objects::{Node, NodeSelector, PersistentVolume, PersistentVolumeClaim, Pod, Volume};
use crate::api::scheduling::node_selector_matches;
use crate::api::{Kind, ObjectKey};
use crate::cluster::request::Request;
use crate::cluster::runtime::Runtime;
use crate::cluster::task::{Ask, Suspended};
use crate::value::typed::Typed;
use crate::value::{Str, Value};

/// The folder of the node that a volume is, none where it is something else; or the sentence why it cannot be had.
type Found = Result<Result<Option<Str>, String>, Suspended>;

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

impl Kubelet {
    /// Looks for the folder that a volume is.
    pub(super) fn folder_of(&self, runtime: &Runtime, pod: &Pod, volume: &Volume, ask: &mut Ask) -> Found {
        if let Some(source) = &volume.host_path {
            return Ok(host_path(runtime, &volume.name, source).map(Some));
        }
        let Some(source) = &volume.persistent_volume_claim else { return Ok(Ok(None)) };
        let claim = word(source, "claimName");
        let failed = |why: String| {
            let (name, namespace) = (&volume.name, &pod.metadata.namespace);
            Ok(Err(format!(
                "Unable to attach or mount volumes: unmounted volumes=[{name}], unattached volumes=[], failed to process volumes=[{name}]: error processing PVC {namespace}/{claim}: {why}"
            )))
        };
        let key = ObjectKey::new(Kind::PersistentVolumeClaim, pod.metadata.namespace.clone(), claim);
        let found = match ask.api(Request::get(key))? {
            Ok(reply) => reply.object().and_then(|object| object.get::<PersistentVolumeClaim>().cloned()),
            Err(error) => return failed(format!("failed to fetch PVC from API server: {}", error.message)),
        };
        let Some(found) = found else { return Ok(Ok(None)) };
        if found.metadata.is_terminating() {
            return failed("PVC is being deleted".into());
        }
        if &*found.status.phase != "Bound" || found.spec.volume_name.is_empty() {
            return failed("PVC is not bound".into());
        }
        let name = &found.spec.volume_name;
        let bound = match ask.api(Request::get(ObjectKey::new(Kind::PersistentVolume, "", name.clone())))? {
            Ok(reply) => reply.object().and_then(|object| object.get::<PersistentVolume>().cloned()),
            Err(error) => {
                return failed(format!("failed to fetch PV {name} from API server: {}", error.message));
            }
        };
        let Some(bound) = bound else { return Ok(Ok(None)) };
        if !reaches(&bound, &pod.spec.node_name, ask)? {
            return Ok(Err(format!(
                "MountVolume.NodeAffinity check failed for volume \"{name}\" : no matching NodeSelectorTerms"
            )));
        }
        Ok(source_of(runtime, &bound).map(Some))
    }
}

/// Whether a volume can be reached from a node.
fn reaches(volume: &PersistentVolume, node: &Str, ask: &mut Ask) -> Result<bool, Suspended> {
    let required = volume.spec.node_affinity.as_ref().and_then(|affinity| affinity.get("required"));
    let Some(selector) = required.and_then(|required| NodeSelector::decode(required).ok()) else {
        return Ok(true);
    };
    let found = ask.api(Request::get(ObjectKey::new(Kind::Node, "", node.clone())))?;
    let found = found.ok().and_then(|reply| reply.object()?.get::<Node>().cloned());
    Ok(found.is_none_or(|node| node_selector_matches(&selector, &node)))
}

/// A folder of the node, where it is what its type says.
fn host_path(runtime: &Runtime, name: &str, source: &Value) -> Result<Str, String> {
    let path = word(source, "path");
    let failed = |what: &str| {
        Err(format!(
            "MountVolume.SetUp failed for volume \"{name}\" : hostPath type check failed: {path} is not a {what}"
        ))
    };
    match word(source, "type") {
        "Directory" if !runtime.has_folder(path) => failed("directory"),
        "File" => failed("file"),
        "Socket" => failed("socket file"),
        "CharDevice" => failed("character device"),
        "BlockDevice" => failed("block device"),
        _ => Ok(path.into()),
    }
}

/// The folder that a volume lies in; what lies elsewhere nobody serves.
fn source_of(runtime: &Runtime, volume: &PersistentVolume) -> Result<Str, String> {
    let (name, spec) = (&volume.metadata.name, &volume.spec);
    if let Some(source) = &spec.host_path {
        return host_path(runtime, name, source);
    }
    if let Some(source) = &spec.local {
        let path = word(source, "path");
        return if runtime.has_folder(path) {
            Ok(path.into())
        } else {
            Err(format!(
                "MountVolume.NewMounter initialization failed for volume \"{name}\" : path \"{path}\" does not exist"
            ))
        };
    }
    if let Some(source) = &spec.csi {
        let driver = word(source, "driver");
        return Err(format!(
            "MountVolume.MountDevice failed for volume \"{name}\" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name {driver} not found in the list of registered CSI drivers"
        ));
    }
    Err(format!("MountVolume.SetUp failed for volume \"{name}\" : mount failed: exit status 32"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::request::Propagation;
    use crate::cluster::testing::{Test, create_request};
    use crate::cluster::time::SimTime;

    const DISK: &str = r#"{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"disk"},"spec":{"capacity":{"storage":"1Gi"},
        "accessModes":["ReadWriteOnce"],"SOURCE":{"path":"/mnt/disk"},
        "nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"In","values":["node-1"]}]}]}}}}"#;
    const CLAIM: &str = r#"{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],
        "resources":{"requests":{"storage":"1Gi"}}}}"#;
    const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"NAME"},"spec":{"nodeName":"NODE","restartPolicy":"Never",
        "volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"data"}}],
        "containers":[{"name":"main","image":"busybox:1.36","command":["sh","-c","COMMAND"],"volumeMounts":[{"name":"data","mountPath":"/data"}]}]}}"#;

    fn create(test: &mut Test, kind: Kind, name: &str, text: &str) {
        test.ask(create_request(ObjectKey::new(kind, "default", name.to_string()), text)).expect("created");
    }

    fn pod(test: &mut Test, name: &str, node: &str, command: &str) {
        let text = POD.replace("NAME", name).replace("NODE", node).replace("COMMAND", command);
        create(test, Kind::Pod, name, &text);
    }

    #[test]
    fn what_one_pod_writes_the_next_one_reads() {
        let mut test = Test::new();
        create(&mut test, Kind::PersistentVolume, "disk", &DISK.replace("SOURCE", "hostPath"));
        create(&mut test, Kind::PersistentVolumeClaim, "data", CLAIM);
        test.run_until(SimTime::millis(16_000));
        pod(&mut test, "writer", "node-1", "echo kept > /data/file");
        test.run_until(SimTime::millis(20_000));
        test.delete(ObjectKey::new(Kind::Pod, "default", "writer"), Propagation::Background);
        test.run_until(SimTime::millis(24_000));
        pod(&mut test, "reader", "node-1", "cat /data/file");
        pod(&mut test, "elsewhere", "node-2", "cat /data/file");
        test.run_until(SimTime::millis(30_000));
        assert_eq!(test.log("reader", "main"), ["kept"]);
        let story = test.story(&[Kind::Event], SimTime::ZERO);
        let said = "elsewhere says FailedMount: MountVolume.NodeAffinity check failed for volume \"disk\" : no matching NodeSelectorTerms";
        assert!(story.contains(said), "{story}");
    }

    #[test]
    fn a_pod_says_what_it_lacks() {
        let mut test = Test::new();
        pod(&mut test, "early", "node-1", "true");
        test.run_until(SimTime::millis(2_000));
        create(&mut test, Kind::PersistentVolumeClaim, "data", CLAIM);
        test.run_until(SimTime::millis(4_000));
        create(&mut test, Kind::PersistentVolume, "disk", &DISK.replace("SOURCE", "local"));
        test.run_until(SimTime::millis(60_000));
        let story = test.story(&[Kind::Event], SimTime::ZERO);
        for said in [
            "failed to process volumes=[data]: error processing PVC default/data: failed to fetch PVC from API server: persistentvolumeclaims \"data\" not found",
            "failed to process volumes=[data]: error processing PVC default/data: PVC is not bound",
            "MountVolume.NewMounter initialization failed for volume \"disk\" : path \"/mnt/disk\" does not exist",
        ] {
            assert!(story.contains(said), "{said}: {story}");
        }
    }
}
