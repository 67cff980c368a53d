//! Requests to the API server, which is at the root of the page's own origin.

use gloo::net::http::{Method, RequestBuilder};
use podium::recording::asked::Sent;

/// An answer: its status and its body. None where nobody answered.
pub(super) type Answer = Option<(u16, String)>;

/// Reads what is there.
pub(super) async fn get(path: &str) -> Answer {
    let answer = RequestBuilder::new(path).header("Accept", "application/json").send().await.ok()?;
    Some((answer.status(), answer.text().await.ok()?))
}

/// Sends a request.
pub(super) async fn send(sent: &Sent) -> Answer {
    let method = match sent.method {
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        _ => Method::GET,
    };
    let request = RequestBuilder::new(&sent.path).method(method).header("Accept", "application/json");
    let answer = match &sent.body {
        Some(body) => {
            request.header("Content-Type", sent.content_type).body(body.as_str()).ok()?.send().await
        }
        None => request.send().await,
    };
    let answer = answer.ok()?;
    Some((answer.status(), answer.text().await.ok()?))
}

/// Where watches are asked for.
pub(super) fn socket_address(path: &str) -> Option<String> {
    let location = gloo::utils::window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}{path}", location.host().ok()?))
}
