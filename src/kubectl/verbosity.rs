//! `-v=6` and more: the requests that a command makes, as kubectl logs them (upstream: klog's lines, and client-go
//! `transport.debuggingRoundTripper`).

use super::command::Kubectl;
use crate::cluster::outage::API_SERVER;
use crate::cluster::request::{ApiResult, Body, PatchKind, Reason, Reply, Request, Verb};
use crate::cluster::time::{MILLI, SimTime};
use crate::value::{Str, Value, json};

/// From this level on the requests are told.
const URLS: i64 = 6;
/// From this level on also their headers.
const HEADERS: i64 = 7;
/// From this level on also what they carry.
const BODIES: i64 = 8;
/// So much of a body is told at `BODIES`, and at the level above.
const LONGEST: [usize; 2] = [1_024, 10_240];

/// The words of HTTP for a status.
fn reason(code: u16) -> &'static str {
    match code {
        101 => "Switching Protocols",
        200 => "OK",
        201 => "Created",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        410 => "Gone",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Internal Server Error",
    }
}

/// What a kind of patch is called in a content type.
fn patch(kind: PatchKind) -> &'static str {
    match kind {
        PatchKind::Json => "json-patch",
        PatchKind::Merge => "merge-patch",
        PatchKind::Strategic => "strategic-merge-patch",
    }
}

/// What a request carries to the server.
fn body(request: &Request) -> Option<Value> {
    match &request.verb {
        Verb::Create(body) | Verb::Update(body) => match body {
            Body::Value(value) => Some(value.clone()),
            Body::Typed(object) => Some(object.encode()),
        },
        Verb::Patch(_, value) | Verb::Apply(value, _) => Some(value.clone()),
        _ => None,
    }
}

impl Kubectl<'_, '_> {
    /// How much is logged.
    pub(crate) fn verbosity(&self) -> i64 {
        self.arguments.number("v").unwrap_or(0)
    }
    /// Writes a line of the log.
    fn log(&mut self, place: &str, text: &str) {
        let at = self.shell.ask.wall().calendar(self.shell.ask.now());
        let ((_, month, day), (hour, minute, second)) = (at.date, at.time);
        // The process's own number.
        let pid = 2_000 + self.shell.environment.chance % 30_000;
        let micros = at.micros;
        let clock = format!("{month:02}{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06}");
        self.complain(&format!("I{clock} {pid:7} {place}] {text}"));
    }
    /// Says where the configuration came from, as each command begins.
    pub(crate) fn log_start(&mut self) {
        if self.verbosity() >= URLS {
            self.log("loader.go:408", "Config loaded from file:  /home/podium/.kube/config");
        }
    }
    /// Says what is asked, before the answer.
    pub(crate) fn log_request(&mut self, request: &Request) {
        let level = self.verbosity();
        if level >= BODIES
            && let Some(body) = body(request)
        {
            self.log_body("request.go:896", "Request Body", &json::compact(&body));
        }
        if level >= HEADERS {
            let (method, path) = request.http();
            let output = self.arguments.text("output").map_or("", |output| output);
            let is_table = self.verb.name == "get" && matches!(output, "" | "wide");
            let accept = if is_table {
                "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
            } else {
                "application/json"
            };
            let sends = match (&request.verb, body(request)) {
                (Verb::Patch(kind, _), _) => format!("\tContent-Type: application/{}+json\n", patch(*kind)),
                (Verb::Apply(..), _) => "\tContent-Type: application/apply-patch+yaml\n".to_owned(),
                (_, Some(_)) => "\tContent-Type: application/json\n".to_owned(),
                _ => String::new(),
            };
            let agent = "kubectl/v1.37.2 (linux/amd64)";
            let text = format!(
                "\"Request\" verb=\"{method}\" url=\"https://{API_SERVER}{path}\" headers=<\n\tAccept: {accept}\n{sends}\tUser-Agent: {agent}\n >"
            );
            self.log("round_trippers.go:527", &text);
        }
    }
    /// Says what was answered to a request that set out then.
    pub(crate) fn log_response(&mut self, request: &Request, begun: SimTime, result: &ApiResult) {
        let level = self.verbosity();
        let (method, path) = request.http();
        let code = match result {
            Ok(_) => Some(request.success()),
            // Nothing but a server that is down refuses with this reason.
            Err(status) if status.reason == Reason::ServiceUnavailable => None,
            Err(status) => Some(status.reason.code()),
        };
        let status = code.map_or_else(String::new, |code| format!("{code} {}", reason(code)));
        let milliseconds = self.shell.ask.now().since(begun) / MILLI;
        let url = if level >= HEADERS {
            String::new()
        } else {
            format!("verb=\"{method}\" url=\"https://{API_SERVER}{path}\" ")
        };
        let headers = if level >= BODIES && code.is_some() {
            "headers=<\n\tCache-Control: no-cache, private\n\tContent-Type: application/json\n > "
        } else {
            ""
        };
        let text = format!("\"Response\" {url}status=\"{status}\" {headers}milliseconds={milliseconds}");
        self.log("round_trippers.go:632", &text);
        if level >= BODIES
            && let Ok(Reply::Object(object)) = result
        {
            self.log_body("request.go:1208", "Response Body", &json::compact(&object.encode()));
        }
    }
    fn log_body(&mut self, place: &str, title: &str, body: &str) {
        let longest = match self.verbosity() {
            BODIES => LONGEST[0],
            9 => LONGEST[1],
            _ => usize::MAX,
        };
        let shown: String = body.chars().take(longest).collect();
        let left = body.len() - shown.len();
        let more = if left > 0 { format!(" [truncated {left} chars]") } else { String::new() };
        let quoted = json::compact(&Value::from(Str::from(shown + &more)));
        self.log(place, &format!("{title:?} body={quoted}"));
    }
}
