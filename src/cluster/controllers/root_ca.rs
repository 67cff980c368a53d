//! Makes the ConfigMap `kube-root-ca.crt` in every Namespace
//! (upstream: pkg/controller/certificates/rootcacertpublisher).

use super::{Controller, Outcome, WorkQueue};
use crate::api::objects::{ConfigMap, Labels, Namespace, ObjectMeta};
use crate::api::{Kind, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::ControllerName;
use crate::cluster::request::Request;
use crate::cluster::task::{Ask, Suspended};
use std::rc::Rc;

/// The ConfigMap's name.
pub const NAME: &str = "kube-root-ca.crt";

/// The publisher.
#[derive(Clone, Debug, Default)]
pub struct RootCaPublisher;

impl Controller for RootCaPublisher {
    const NAME: ControllerName = ControllerName::RootCa;
    const WATCHES: &'static [Kind] = &[Kind::Namespace, Kind::ConfigMap];
    const WORKERS: usize = 1;
    type Input = ();

    fn on_change(&mut self, heard: &Heard, _: &Cache, queue: &mut WorkQueue) {
        let meta = heard.object.meta();
        match heard.object.kind() {
            Kind::Namespace => queue.add(ObjectKey::new(Kind::Namespace, "", meta.name.clone())),
            _ if &*meta.name == NAME => queue.add(ObjectKey::new(Kind::Namespace, "", meta.namespace.clone())),
            _ => {}
        }
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<()> {
        let namespace = cache.typed::<Namespace>("", &key.name)?;
        let is_missing = cache.typed::<ConfigMap>(&key.name, NAME).is_none();
        (is_missing && !namespace.metadata.is_terminating()).then_some(())
    }
    fn sync(&mut self, key: &ObjectKey, (): &(), ask: &mut Ask) -> Result<Outcome, Suspended> {
        Ok(if ask.api(Request::create(root_ca(&key.name)))?.is_ok() { Outcome::Done } else { Outcome::Retry })
    }
}

/// The ConfigMap. Its certificate is not that of any cluster.
pub fn root_ca(namespace: &str) -> ConfigMap {
    let certificate = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
    let metadata = ObjectMeta {
        name: NAME.into(),
        namespace: namespace.into(),
        annotations: Labels::from([(
            "kubernetes.io/description".into(),
            "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.".into(),
        )]),
        ..ObjectMeta::default()
    };
    ConfigMap {
        metadata: Rc::new(metadata),
        data: Labels::from([("ca.crt".into(), certificate.into())]),
        ..ConfigMap::default()
    }
}
