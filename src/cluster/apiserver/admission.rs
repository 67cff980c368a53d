//! Admission: what must exist, and what is added on the way in.

use super::ApiServer;
use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::engine::Engine;
use crate::cluster::request::Status;
use std::rc::Rc;

/// Admits a new object, or says why not.
pub fn on_create(server: &ApiServer, engine: &mut Engine, object: &mut Object) -> Result<(), Rc<Status>> {
    _ = engine;
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
    Ok(())
}

/// Admits a changed object, or says why not.
pub fn on_update(
    server: &ApiServer,
    engine: &mut Engine,
    old: &Object,
    new: &mut Object,
) -> Result<(), Rc<Status>> {
    _ = (server, engine, old, new);
    Ok(())
}
