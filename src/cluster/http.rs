//! A request as HTTP: its method, its path with what is asked in it, and the status of an answer that refuses
//! nothing. Nothing here goes over a wire: it is what `kubectl -v=6` shows.

use super::request::{Body, Filter, Request, Subresource, Verb};
use std::fmt::Write;

/// How many objects kubectl asks for at once.
const CHUNK: &str = "500";

impl Subresource {
    /// Its part of a path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Status => "/status",
            Self::Scale => "/scale",
            Self::Binding => "/binding",
            Self::Eviction => "/eviction",
            Self::Finalize => "/finalize",
            Self::EphemeralContainers => "/ephemeralcontainers",
            Self::Resize => "/resize",
            Self::Log => "/log",
            Self::Exec => "/exec",
        }
    }
}

impl Request {
    /// Its method, and its path with the query.
    pub fn http(&self) -> (&'static str, String) {
        let mut query = Vec::new();
        let method = match &self.verb {
            Verb::Raw(method, path) => return (method, path.to_string()),
            Verb::Get => "GET",
            Verb::List(filter) => {
                selectors(filter, &mut query);
                query.push(("limit", CHUNK.to_owned()));
                "GET"
            }
            Verb::Watch(filter, _) => {
                query.push(("allowWatchBookmarks", "true".to_owned()));
                selectors(filter, &mut query);
                query.push(("watch", "true".to_owned()));
                "GET"
            }
            Verb::Create(body) => {
                self.writes(&mut query, matches!(body, Body::Value(_)));
                "POST"
            }
            Verb::Update(body) => {
                self.writes(&mut query, matches!(body, Body::Value(_)));
                "PUT"
            }
            Verb::Patch(..) => {
                self.writes(&mut query, false);
                "PATCH"
            }
            Verb::Apply(_, force) => {
                self.writes(&mut query, true);
                query.push(("force", force.to_string()));
                "PATCH"
            }
            Verb::Delete(_) => {
                self.writes(&mut query, false);
                "DELETE"
            }
            Verb::DeleteCollection(filter, _) => {
                selectors(filter, &mut query);
                "DELETE"
            }
            Verb::Connect(connect) => {
                query.extend(connect.command.iter().map(|word| ("command", word.to_string())));
                query.push(("container", connect.container.to_string()));
                if self.subresource == Subresource::Exec {
                    query.extend(["stderr", "stdout"].map(|stream| (stream, "true".to_owned())));
                }
                if connect.previous {
                    query.push(("previous", "true".to_owned()));
                }
                query.extend(connect.tail.map(|tail| ("tailLines", tail.to_string())));
                "GET"
            }
        };
        let mut path = self.path();
        for (i, (key, value)) in query.iter().enumerate() {
            _ = write!(path, "{}{key}={}", if i == 0 { '?' } else { '&' }, escaped(value));
        }
        (method, path)
    }
    /// The path of what it is about. What is made or listed has no name in it.
    fn path(&self) -> String {
        let info = self.key.kind.info();
        let mut path = if info.group.is_empty() {
            format!("/api/{}", info.version)
        } else {
            format!("/apis/{}/{}", info.group, info.version)
        };
        if info.namespaced && !self.key.namespace.is_empty() {
            _ = write!(path, "/namespaces/{}", self.key.namespace);
        }
        _ = write!(path, "/{}", info.plural);
        let is_new = matches!(self.verb, Verb::Create(_)) && self.subresource == Subresource::None;
        let is_several = matches!(self.verb, Verb::List(_) | Verb::Watch(..) | Verb::DeleteCollection(..));
        if !(is_new || is_several || self.key.name.is_empty()) {
            _ = write!(path, "/{}", self.key.name);
        }
        path + self.subresource.path()
    }
    fn writes(&self, query: &mut Vec<(&'static str, String)>, is_checked: bool) {
        if self.dry_run {
            query.push(("dryRun", "All".to_owned()));
        }
        query.extend(self.field_manager.iter().map(|manager| ("fieldManager", manager.to_string())));
        if is_checked && self.field_manager.is_some() {
            query.push(("fieldValidation", "Strict".to_owned()));
        }
    }
    /// The status of an answer that refuses nothing.
    pub fn success(&self) -> u16 {
        match self.verb {
            Verb::Create(_) | Verb::Raw("POST", _) => 201,
            Verb::Connect(_) if matches!(self.subresource, Subresource::Exec) => 101,
            _ => 200,
        }
    }
}

fn selectors(filter: &Filter, query: &mut Vec<(&'static str, String)>) {
    for (name, selector) in [("fieldSelector", &filter.fields), ("labelSelector", &filter.labels)] {
        if !selector.is_empty() {
            query.push((name, selector.to_string()));
        }
    }
}

/// As Go's `url.QueryEscape`.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => _ = write!(out, "%{byte:02X}"),
        }
    }
    out
}
