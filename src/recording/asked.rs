//! What kubectl asks of a real API server: its requests as they go over the wire, and what comes back as kubectl reads it.

use super::text;
use crate::api::{Kind, Object};
use crate::cluster::request::{
    ApiResult, Body, DeleteOptions, PatchKind, Propagation, Reason, Reply, Request, Response, ScaleReply,
    Status, Subresource, Verb,
};
use crate::value::{Map, Value, json};
use std::rc::Rc;

/// A request as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// The path with the query.
    pub path: String,
    /// What the body is.
    pub content_type: &'static str,
    /// The body; none where it is only read.
    pub body: Option<String>,
}

/// The commands that are carried out in a real cluster as kubectl does: what they print is all from the cluster's answers.
const LIVE: &[&str] = &[
    "annotate", "apply", "cordon", "create", "delete", "describe", "diff", "events", "get", "label", "patch",
    "rollout", "scale", "set", "taint", "uncordon",
];

/// The first word of a line that cannot be done in a real cluster from here; none where all of it can.
pub fn not_live(line: &str) -> Option<&str> {
    let mut words =
        line.split(|c: char| c.is_whitespace() || ";|&()`".contains(c)).filter(|word| !word.is_empty());
    let first = words.next()?;
    if !is_kubectl(first) {
        return Some(first);
    }
    let mut expected = true;
    while let Some(word) = words.next() {
        if is_kubectl(word) {
            expected = true;
        } else if expected && matches!(word, "-n" | "--namespace") {
            words.next();
        } else if expected && !word.starts_with('-') {
            if !LIVE.contains(&word) {
                return Some(word);
            }
            expected = false;
        }
    }
    None
}

fn is_kubectl(word: &str) -> bool {
    matches!(word, "kubectl" | "k")
}

/// What goes over the wire; none where it is no request and answer: watches, logs that follow, commands in containers.
pub fn sent(request: &Request) -> Option<Sent> {
    let (method, path) = request.http();
    let (content_type, body) = match &request.verb {
        Verb::Watch(..) | Verb::Connect(_) | Verb::Raw(..) => return None,
        Verb::Get | Verb::List(_) => ("", None),
        Verb::Create(body) | Verb::Update(body) => {
            let body = match body {
                Body::Value(value) => value.clone(),
                Body::Typed(object) => object.encode(),
            };
            ("application/json", Some(body))
        }
        Verb::Patch(kind, patch) => {
            let kind = match kind {
                PatchKind::Json => "application/json-patch+json",
                PatchKind::Merge => "application/merge-patch+json",
                PatchKind::Strategic => "application/strategic-merge-patch+json",
            };
            (kind, Some(patch.clone()))
        }
        // JSON is YAML.
        Verb::Apply(object, _) => ("application/apply-patch+yaml", Some(object.clone())),
        Verb::Delete(options) | Verb::DeleteCollection(_, options) => {
            ("application/json", Some(deletion(options, request.dry_run)))
        }
    };
    Some(Sent { method, path, content_type, body: body.map(|body| json::compact_in_order(&body)) })
}

/// The options of a deletion. Where they are in the body, the API server does not look for them in the address: what is only
/// tried has to say so here.
fn deletion(options: &DeleteOptions, dry_run: bool) -> Value {
    let mut out = Map::new();
    out.push("apiVersion", "v1");
    out.push("kind", "DeleteOptions");
    if dry_run {
        out.push("dryRun", Value::from(vec![Value::from("All")]));
    }
    if let Some(seconds) = options.grace_period_seconds {
        out.push("gracePeriodSeconds", Value::Int(seconds));
    }
    if let Some(propagation) = options.propagation {
        out.push(
            "propagationPolicy",
            match propagation {
                Propagation::Background => "Background",
                Propagation::Foreground => "Foreground",
                Propagation::Orphan => "Orphan",
            },
        );
    }
    let mut only = Map::new();
    for (key, value) in [("uid", &options.uid), ("resourceVersion", &options.resource_version)] {
        if let Some(value) = value {
            only.push(key, value.clone());
        }
    }
    if !only.is_empty() {
        out.push("preconditions", Value::from(only));
    }
    Value::from(out)
}

/// What kubectl reads of an answer: its status of HTTP, and its body.
pub fn answered(request: &Request, code: u16, body: &str) -> Response {
    Response { result: result(request, code, body), warnings: Vec::new() }
}

fn result(request: &Request, code: u16, body: &str) -> ApiResult {
    let unreadable =
        |why: &str| Status::new(Reason::InternalError, format!("the answer cannot be read: {why}"));
    let Ok(value) = json::parse(body) else {
        let words = body.lines().next().unwrap_or_default().trim();
        return Err(match code {
            200..300 => unreadable(words),
            _ => Status::new(reason("", code), format!("an error on the server (\"{words}\", {code})")),
        });
    };
    let is_status = text(&value, "kind") == "Status";
    if !(200..300).contains(&code) || is_status && text(&value, "status") == "Failure" {
        return Err(failure(&value, code));
    }
    if is_status {
        return Ok(Reply::Success);
    }
    let read = |kind: Kind, value: &Value| {
        Object::decode(kind, value).map_err(|why| unreadable(&format!("{why:?}")))
    };
    let kind = request.key.kind;
    match (&request.verb, request.subresource) {
        (Verb::List(_), _) => {
            let items = value.get("items").and_then(Value::as_array).unwrap_or_default();
            let revision = value.at(&["metadata", "resourceVersion"]).and_then(Value::as_str);
            let revision = revision.and_then(|revision| revision.parse().ok()).unwrap_or(0);
            let objects: Result<_, _> =
                items.iter().map(|item| read(kind, &super::live::whole(kind, item))).collect();
            Ok(Reply::List(objects?, revision))
        }
        (_, Subresource::Scale) => {
            let number =
                |path: &[&str]| value.at(path).and_then(Value::as_int).and_then(|n| i32::try_from(n).ok());
            let mut of = Value::object();
            of.set(&["metadata"], value.get("metadata").cloned().unwrap_or_default());
            let selector = value.at(&["status", "selector"]).and_then(Value::as_str).unwrap_or_default();
            Ok(Reply::Scale(Box::new(ScaleReply {
                spec: number(&["spec", "replicas"]).unwrap_or(0),
                status: number(&["status", "replicas"]).unwrap_or(0),
                selector: selector.into(),
                of: read(kind, &super::live::whole(kind, &of))?,
            })))
        }
        _ => {
            // What is answered may be of another kind than what was asked about, as an eviction's is.
            let kind = Kind::of(text(&value, "apiVersion"), text(&value, "kind")).unwrap_or(kind);
            read(kind, &value).map(Reply::Object)
        }
    }
}

fn failure(status: &Value, code: u16) -> Rc<Status> {
    let causes = status.at(&["details", "causes"]).and_then(Value::as_array).unwrap_or_default();
    let causes = causes.iter().map(|cause| match text(cause, "field") {
        "" => text(cause, "message").to_owned(),
        field => format!("{field}: {}", text(cause, "message")),
    });
    let code =
        status.get("code").and_then(Value::as_int).and_then(|code| u16::try_from(code).ok()).unwrap_or(code);
    Rc::new(Status {
        reason: reason(text(status, "reason"), code),
        message: text(status, "message").to_owned(),
        causes: causes.collect(),
    })
}

fn reason(word: &str, code: u16) -> Reason {
    let reasons = [
        Reason::BadRequest,
        Reason::Forbidden,
        Reason::NotFound,
        Reason::MethodNotAllowed,
        Reason::AlreadyExists,
        Reason::Conflict,
        Reason::Invalid,
        Reason::TooManyRequests,
        Reason::InternalError,
        Reason::ServiceUnavailable,
        Reason::Timeout,
    ];
    let named = reasons.iter().find(|reason| reason.as_str() == word);
    *named.or_else(|| reasons.iter().find(|reason| reason.code() == code)).unwrap_or(&Reason::InternalError)
}

/// The request that asks for the next page of a list; none where this one is whole.
pub fn next_page(sent: &Sent, body: &str) -> Option<Sent> {
    let list = json::parse(body).ok()?;
    let from = list.at(&["metadata", "continue"]).and_then(Value::as_str).filter(|from| !from.is_empty())?;
    let path = sent.path.split("&continue=").next().unwrap_or_default();
    Some(Sent { path: format!("{path}&continue={from}"), ..sent.clone() })
}

/// Lists as one.
pub fn joined(bodies: &[String]) -> String {
    let (Some(last), true) = (bodies.last(), bodies.len() > 1) else { return bodies.concat() };
    let lists: Vec<Value> = bodies.iter().filter_map(|body| json::parse(body).ok()).collect();
    let items: Vec<Value> = lists
        .iter()
        .flat_map(|list| list.get("items").and_then(Value::as_array).unwrap_or_default())
        .cloned()
        .collect();
    let mut whole = json::parse(last).unwrap_or_default();
    whole.set(&["items"], Value::from(items));
    json::compact_in_order(&whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ObjectKey;
    use crate::cluster::request::Filter;

    #[test]
    fn requests_go_over_the_wire_as_kubectl_sends_them() {
        let pod = || ObjectKey::new(Kind::Pod, "shop", "web-1");
        let options =
            DeleteOptions { propagation: Some(Propagation::Background), ..DeleteOptions::default() };
        let web = ObjectKey::new(Kind::Deployment, "shop", "web");
        let mut scale = Request::new(
            Verb::Patch(PatchKind::Merge, json::parse(r#"{"spec":{"replicas":3}}"#).expect("JSON")),
            web,
        )
        .at(Subresource::Scale);
        scale.field_manager = None;
        let mut tried = Request::delete(pod(), DeleteOptions::default());
        tried.dry_run = true;
        for (request, expected) in [
            (
                tried,
                r#"DELETE /api/v1/namespaces/shop/pods/web-1?dryRun=All application/json {"apiVersion":"v1","kind":"DeleteOptions","dryRun":["All"]}"#,
            ),
            (Request::get(pod()), "GET /api/v1/namespaces/shop/pods/web-1  -"),
            (
                Request::delete(pod(), options),
                r#"DELETE /api/v1/namespaces/shop/pods/web-1 application/json {"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background"}"#,
            ),
            (
                scale,
                r#"PATCH /apis/apps/v1/namespaces/shop/deployments/web/scale application/merge-patch+json {"spec":{"replicas":3}}"#,
            ),
        ] {
            let sent = sent(&request).expect("it can be sent");
            let body = sent.body.as_deref().unwrap_or("-");
            assert_eq!(format!("{} {} {} {body}", sent.method, sent.path, sent.content_type), expected);
        }
        assert_eq!(sent(&Request::new(Verb::Watch(Filter::default(), 0), pod())), None);
    }

    #[test]
    fn answers_are_read_as_kubectl_reads_them() {
        let request = Request::get(ObjectKey::new(Kind::Pod, "shop", "web-1"));
        let told = |code, body: &str| match answered(&request, code, body).result {
            Ok(Reply::Object(object)) => format!("object {}", object.meta().name),
            Ok(Reply::Success) => "success".to_owned(),
            Ok(_) => "other".to_owned(),
            Err(status) => format!("{:?} {}", status.reason, status.message),
        };
        for (code, body, expected) in [
            (200, r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web-1"}}"#, "object web-1"),
            (200, r#"{"kind":"Status","apiVersion":"v1","status":"Success"}"#, "success"),
            (
                404,
                r#"{"kind":"Status","status":"Failure","message":"pods \"web-1\" not found","reason":"NotFound","code":404}"#,
                "NotFound pods \"web-1\" not found",
            ),
            (403, "Forbidden", "Forbidden an error on the server (\"Forbidden\", 403)"),
            (200, "<html>", "InternalError the answer cannot be read: <html>"),
        ] {
            assert_eq!(told(code, body), expected);
        }
    }

    #[test]
    fn what_cannot_be_done_in_a_real_cluster_from_here_is_named() {
        for (line, expected) in [
            ("kubectl get pods -n shop", None),
            ("kubectl -n shop delete pod a && kubectl get po | grep b", None),
            ("kubectl delete pod a -n shop && kubectl get po | grep b", None),
            ("kubectl exec -it a -- sh", Some("exec")),
            ("kubectl get po; kubectl logs a", Some("logs")),
            ("ls", Some("ls")),
        ] {
            assert_eq!(not_live(line), expected, "{line}");
        }
    }

    #[test]
    fn pages_of_a_list_are_joined() {
        let first =
            Sent { method: "GET", path: "/api/v1/pods?limit=500".into(), content_type: "", body: None };
        let page = |from: &str, name: &str| {
            format!(r#"{{"metadata":{{"continue":"{from}"}},"items":[{{"metadata":{{"name":"{name}"}}}}]}}"#)
        };
        let next = next_page(&first, &page("x", "a")).expect("there is more");
        assert_eq!(next.path, "/api/v1/pods?limit=500&continue=x");
        assert_eq!(next_page(&next, &page("", "b")), None);
        assert!(
            joined(&[page("x", "a"), page("", "b")])
                .contains(r#""items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]"#)
        );
    }
}
