//! Makes the ServiceAccount `default` in every Namespace
//! (upstream: pkg/controller/serviceaccount/serviceaccounts_controller.go).

use super::{Controller, Outcome, WorkQueue};
use crate::api::objects::{Namespace, ObjectMeta, ServiceAccount};
use crate::api::{Kind, ObjectKey};
use crate::cluster::informer::{Cache, Heard};
use crate::cluster::record::ControllerName;
use crate::cluster::request::Request;
use crate::cluster::task::{Ask, Suspended};
use std::rc::Rc;

/// The controller.
#[derive(Clone, Debug, Default)]
pub struct ServiceAccountController;

impl Controller for ServiceAccountController {
    const NAME: ControllerName = ControllerName::ServiceAccount;
    const WATCHES: &'static [Kind] = &[Kind::Namespace, Kind::ServiceAccount];
    const WORKERS: usize = 1;
    /// The Namespace that lacks its account.
    type Input = Rc<Namespace>;

    fn on_change(&mut self, heard: &Heard, _: &Cache, queue: &mut WorkQueue) {
        let meta = heard.object.meta();
        let namespace = if heard.object.kind() == Kind::Namespace { &meta.name } else { &meta.namespace };
        queue.add(ObjectKey::new(Kind::Namespace, "", namespace.clone()));
    }
    fn gather(&mut self, key: &ObjectKey, cache: &Cache) -> Option<Rc<Namespace>> {
        let namespace = cache.typed::<Namespace>("", &key.name)?;
        let is_missing = cache.typed::<ServiceAccount>(&key.name, "default").is_none();
        (is_missing && !namespace.metadata.is_terminating()).then(|| namespace.clone())
    }
    fn sync(&mut self, key: &ObjectKey, _: &Rc<Namespace>, ask: &mut Ask) -> Result<Outcome, Suspended> {
        let metadata = ObjectMeta { name: "default".into(), namespace: key.name.clone(), ..ObjectMeta::default() };
        let account = ServiceAccount { metadata: Rc::new(metadata), ..ServiceAccount::default() };
        Ok(if ask.api(Request::create(account))?.is_ok() { Outcome::Done } else { Outcome::Retry })
    }
}
