//! `kubectl get --raw`: a path of the server, and what it answers there.

use crate::api::{Kind, Object, ObjectKey};
use crate::cluster::request::{Filter, Reply, Request, Verb as Asked};
use crate::kubectl::command::{Kubectl, Outcome, Problem};
use crate::value::{Map, Value, json};

/// Prints what stands at a path.
pub(super) fn get(kubectl: &mut Kubectl, path: &str) -> Outcome {
    if !kubectl.arguments.words.is_empty() {
        return Err(kubectl.fail("arguments may not be passed when --raw is specified".to_owned()));
    }
    let place = path;
    let parts: Vec<&str> = place.split('/').filter(|part| !part.is_empty()).collect();
    if let ["healthz" | "livez" | "readyz"] = parts[..] {
        kubectl.raw("GET", path.to_owned())?;
        kubectl.print("ok");
        return Ok(());
    }
    let Some((kind, namespace, name)) = object(&parts).filter(|_| !path.contains('?')) else {
        return Err(kubectl.not_here(&format!("get --raw {path}")));
    };
    let key = ObjectKey::new(kind, namespace, name);
    let asked = if name.is_empty() { Asked::List(Filter::default()) } else { Asked::Get };
    let value = match kubectl.ask(Request::new(asked, key))? {
        Ok(Reply::Object(object)) => object.encode(),
        Ok(Reply::List(objects, revision)) => list(kind, &objects, revision),
        Ok(_) => return Ok(()),
        Err(status) => return Err(kubectl.fail(Problem::from(status))),
    };
    kubectl.print(&json::compact_in_order(&value));
    Ok(())
}

/// The kind, the Namespace and the name that a path leads to; without a name a list.
fn object<'p>(parts: &[&'p str]) -> Option<(Kind, &'p str, &'p str)> {
    let (api_version, rest) = match parts {
        ["api", version, rest @ ..] => ((*version).to_owned(), rest),
        ["apis", group, version, rest @ ..] => (format!("{group}/{version}"), rest),
        _ => return None,
    };
    let (namespace, plural, name) = match *rest {
        ["namespaces", namespace, plural] => (namespace, plural, ""),
        ["namespaces", namespace, plural, name] => (namespace, plural, name),
        [plural] => ("", plural, ""),
        [plural, name] => ("", plural, name),
        _ => return None,
    };
    let kind = Kind::all().find(|kind| kind.info().plural == plural && kind.api_version() == api_version)?;
    Some((kind, namespace, name))
}

/// A list as the server writes it: its items do not say what they are.
fn list(kind: Kind, objects: &[Object], revision: u64) -> Value {
    let bare = |object: &Object| {
        let mut value = object.encode();
        value.make_object().remove("kind");
        value.make_object().remove("apiVersion");
        value
    };
    let mut out = Map::new();
    out.push("kind", format!("{}List", kind.info().name));
    out.push("apiVersion", kind.api_version());
    out.push("metadata", crate::kubectl::fields::object([("resourceVersion", revision.to_string())]));
    out.push("items", objects.iter().map(bare).collect::<Vec<_>>());
    Value::from(out)
}
